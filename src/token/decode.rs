//! Decodes tokens to a phrase. Decoding never fails: invalid tokens are left out and reported.

use super::vocab::{Symbol, Token, Tone, band_velocity};
use crate::music::{
    Chord, ChordSpan, Frame, Key, Note, Part, Phrase, Pitch, Progression, TickDuration, TickInstant,
};

/// A fault of a body that was repaired. The number is the index of the token in the body, unless the variant documents
/// another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// The token is no symbol that a body may have, and was left out.
    Meaningless(usize),
    /// The token belongs to no bar or cell of the phrase, and was left out.
    Misplaced(usize),
    /// The token is a note or chord with a required value unknown, and was left out.
    Incomplete(usize),
    /// This number of notes was trimmed, cut or merged.
    Trimmed(usize),
}

/// Length of a decoded percussion note, in grid steps: a sixteenth.
const DRUM_STEPS: u32 = 3;

/// Velocity of a decoded note whose band is unknown.
const DEFAULT_VELOCITY: u8 = 88;

/// Decodes the notes and chords of `body` to a phrase with the frame of `given`; the notes of `given` are not in it.
///
/// Any ids give a phrase. The repairs are in the order of the body.
pub fn decode(body: &[Token], given: &Phrase) -> (Phrase, Vec<Repair>) {
    let frame = given.frame();
    let mut decoder = Decoder { frame, bar: None, part: None, parts: Default::default(), spans: Vec::new() };
    let mut repairs = Vec::new();
    for (place, &token) in body.iter().enumerate() {
        match Symbol::from_token(token) {
            None => repairs.push(Repair::Meaningless(place)),
            Some(Symbol::End) => break,
            Some(symbol) => repairs.extend(decoder.take(symbol, place).err()),
        }
    }
    let progression = Progression::new(decoder.spans);
    let (phrase, n_trimmed) =
        Phrase::repaired(*frame, progression, decoder.parts).expect("the frame of a phrase is valid");
    if n_trimmed > 0 {
        repairs.push(Repair::Trimmed(n_trimmed));
    }
    (phrase, repairs)
}

struct Decoder<'a> {
    frame: &'a Frame,
    bar: Option<u32>,
    part: Option<Part>,
    parts: [Vec<Note>; 5],
    spans: Vec<ChordSpan>,
}

impl Decoder<'_> {
    fn take(&mut self, symbol: Symbol, place: usize) -> Result<(), Repair> {
        match symbol {
            Symbol::Bar { number, .. } | Symbol::Open { number, .. } => {
                self.bar = self.frame.bar_idx(number);
                self.part = None;
                self.bar.map(|_| ()).ok_or(Repair::Misplaced(place))
            }
            Symbol::Cell { part, .. } => {
                self.part = self.bar.map(|_| part);
                self.part.map(|_| ()).ok_or(Repair::Misplaced(place))
            }
            Symbol::Chord { position, chord, duration } => {
                let onset = self.onset(position).ok_or(Repair::Misplaced(place))?;
                let steps = duration.ok_or(Repair::Incomplete(place))?;
                let duration = TickDuration::from_steps(steps).min(self.frame.end().since(onset));
                let tonic = self.frame.key.tonic;
                let chord = chord.map(|(root, quality)| Chord::new(root.up(tonic.number()), quality));
                self.spans.push(ChordSpan { onset, duration, chord });
                Ok(())
            }
            Symbol::Slash(bass) => {
                let last = self.spans.last_mut().and_then(|span| span.chord.as_mut());
                last.ok_or(Repair::Misplaced(place))?.bass = bass.up(self.frame.key.tonic.number());
                Ok(())
            }
            Symbol::Note { position, tone, duration, velocity } => {
                let part = self.part.ok_or(Repair::Misplaced(place))?;
                let (position, tone) = position.zip(tone).ok_or(Repair::Incomplete(place))?;
                let onset = self.onset(position).ok_or(Repair::Misplaced(place))?;
                let (pitch, steps) = match tone {
                    Tone::Drum(key) if part.is_drums() => (Pitch::new(key), Some(DRUM_STEPS)),
                    Tone::Pitched(relative) if !part.is_drums() => {
                        (to_pitch(self.frame.key, relative), duration)
                    }
                    _ => return Err(Repair::Misplaced(place)),
                };
                let (pitch, steps) = pitch.zip(steps).ok_or(Repair::Incomplete(place))?;
                let velocity = velocity.map_or(DEFAULT_VELOCITY, band_velocity);
                let duration = TickDuration::from_steps(steps);
                self.parts[part.index()].push(Note::new(onset, duration, pitch, velocity));
                Ok(())
            }
            _ => Err(Repair::Misplaced(place)),
        }
    }

    fn onset(&self, position: u32) -> Option<TickInstant> {
        let bar = self.bar.filter(|_| position < self.frame.meter.bar_steps())?;
        Some(self.frame.bar_start(bar) + TickDuration::from_steps(position))
    }
}

/// The pitch whose MIDI note number is `relative` after the tonic is moved to C; `None` outside MIDI's range.
pub fn to_pitch(key: Key, relative: i16) -> Option<Pitch> {
    u8::try_from(i32::from(relative) - key.shift_to_c()).ok().and_then(Pitch::new)
}
