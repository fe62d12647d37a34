//! Steering of the pitch slot by mood: major or minor degrees, smooth or rough intervals.

use super::choices::Choices;
use crate::music::measure::{brightness, roughness};
use crate::music::{Frame, Part, Phrase, PitchClass};

/// How much brighter a phrase should become, and the sounding tones that a note may be rough against.
#[derive(Debug, Clone)]
pub struct Colour {
    /// Nats for a note of the highest brightness.
    gain: f64,
    tonic: PitchClass,
    /// Onset and end, in steps from the start of the phrase, and pitch of all tones.
    tones: Vec<(u32, u32, u8)>,
}

/// Nats for each missing unit of the valence score.
const GAIN: f64 = 5.0;

/// Most nats either way.
const MOST: f64 = 4.0;

impl Colour {
    /// `brightening` — wanted change of the valence score. Starts with the tones of `given`.
    pub fn new(brightening: f64, frame: &Frame, given: &Phrase) -> Self {
        let pitched = given.all_notes().filter(|(part, _)| !part.is_drums());
        let tone = |(_, note): (Part, &crate::music::Note)| {
            (note.onset.to_nearest_step(), note.end().to_nearest_step(), note.pitch.number())
        };
        Self {
            gain: (GAIN * brightening).clamp(-MOST, MOST),
            tonic: frame.key.tonic,
            tones: pitched.map(tone).collect(),
        }
    }

    /// Adds a tone.
    pub fn add(&mut self, onset: u32, end: u32, pitch: u8) {
        self.tones.push((onset, end, pitch));
    }

    /// Adjusts the draw of a pitch at `step`, counted from the start of the phrase.
    pub fn lean(&self, step: u32, pitches: &[u8], choices: &mut Choices) {
        if self.gain == 0.0 {
            return;
        }
        let sounding: Vec<u8> = self
            .tones
            .iter()
            .filter(|(onset, end, _)| *onset <= step && step < *end)
            .map(|(_, _, pitch)| *pitch)
            .collect();
        let n_sounding = f64::from(u32::try_from(sounding.len().max(1)).unwrap_or(u32::MAX));
        let features: Vec<f64> = pitches
            .iter()
            .map(|&pitch| {
                let degree = PitchClass::new(pitch % 12).above(self.tonic);
                let rough: f64 = sounding.iter().map(|other| roughness(pitch.abs_diff(*other))).sum();
                brightness(degree) - rough / n_sounding
            })
            .collect();
        choices.lean(&features, self.gain);
    }
}
