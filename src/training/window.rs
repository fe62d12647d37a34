//! Cuts a file into windows of a few bars, each with its own key.

use std::ops::RangeInclusive;

use fastrand::Rng;

use crate::music::analysis::{recognise_chords, settle_key};
use crate::music::{Key, Phrase, Progression};
use crate::smf::{self, Score, SmfError};

/// Bars of the windows on which losses are reported.
pub const HEADLINE_BARS: u32 = 8;

/// Bars of random windows.
pub const BARS: RangeInclusive<u32> = 1..=16;

/// Fewest notes of a window; with fewer it is a rest or an end.
const FEWEST_NOTES: usize = 4;

/// A file as phrases, one for each stretch of one meter.
#[derive(Debug, Clone)]
pub struct Piece {
    phrases: Vec<Phrase>,
    /// The key of the whole piece, if it is known.
    key: Option<Key>,
    /// Notes of the file.
    pub n_notes: usize,
    /// Notes that no window holds, such as those in unsupported meters, or doubled ones.
    pub n_lost_notes: usize,
    /// Faults of the file that were repaired while reading.
    pub warnings: Vec<smf::Warning>,
}

/// A few bars of a piece.
#[derive(Debug, Clone)]
pub struct Window {
    /// The notes, in the key of the window, with chord symbols.
    pub phrase: Phrase,
    /// Confidence of the chord symbols, `0.0..=1.0`; 1 if the file states them.
    pub chord_confidence: f32,
}

impl Piece {
    /// Reads a MIDI file. `key` — the key if it is known from elsewhere than the file.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or has no bar in a meter that Descant knows.
    pub fn read(bytes: &[u8], key: Option<Key>) -> Result<Self, SmfError> {
        let score = smf::read(bytes)?;
        let phrases = phrases(&score)?;
        let n_notes = score.n_notes();
        let n_kept: usize = phrases.iter().map(|phrase| phrase.all_notes().count()).sum();
        let key = key.or_else(|| score.key_at(crate::music::TickInstant::ZERO));
        Ok(Self {
            phrases,
            key,
            n_notes,
            n_lost_notes: n_notes.saturating_sub(n_kept),
            warnings: score.warnings,
        })
    }

    /// Its stretches of one meter.
    pub fn phrases(&self) -> &[Phrase] {
        &self.phrases
    }

    /// Windows of [`HEADLINE_BARS`] bars, one after another, at most `n_most` of them spread over the piece. A stretch
    /// that is shorter, such as a drum loop, is one window.
    pub fn headline_windows(&self, n_most: usize) -> Vec<Window> {
        let places: Vec<(&Phrase, u32)> = self
            .phrases
            .iter()
            .flat_map(|phrase| {
                let pickup = u32::from(phrase.frame().has_pickup);
                let n_windows = (phrase.frame().n_bars / HEADLINE_BARS).max(1);
                (0..n_windows).map(move |idx| (phrase, pickup + idx * HEADLINE_BARS))
            })
            .collect();
        let n_taken = places.len().min(n_most);
        (0..n_taken)
            .map(|idx| places[idx * places.len() / n_taken])
            .filter_map(|(phrase, first)| self.window(phrase, first, HEADLINE_BARS))
            .collect()
    }

    /// Windows of `n_bars` bars, one after another; the last of a stretch may be shorter.
    pub fn windows(&self, n_bars: u32) -> Vec<Window> {
        let starts = self.phrases.iter().flat_map(|phrase| {
            let pickup = u32::from(phrase.frame().has_pickup);
            let starts = (0..phrase.frame().n_bars.div_ceil(n_bars)).map(move |idx| pickup + idx * n_bars);
            starts.map(move |first| (phrase, first))
        });
        starts.filter_map(|(phrase, first)| self.window(phrase, first, n_bars)).collect()
    }

    /// Windows of random lengths that together cover the piece once, from a random start.
    pub fn random_windows(&self, rng: &mut Rng) -> Vec<Window> {
        let mut windows = Vec::new();
        for phrase in &self.phrases {
            let n_total = phrase.frame().n_bars_total();
            let mut first = if n_total > HEADLINE_BARS { rng.u32(0..HEADLINE_BARS) } else { 0 };
            if rng.bool() {
                first = 0;
            }
            while first < n_total {
                let n_bars = match rng.u32(0..100) {
                    0..60 => HEADLINE_BARS,
                    60..75 => 4,
                    75..85 => 16,
                    _ => rng.u32(BARS),
                };
                windows.extend(self.window(phrase, first, n_bars));
                first += n_bars;
            }
        }
        windows
    }

    fn window(&self, phrase: &Phrase, first: u32, n_bars: u32) -> Option<Window> {
        let window = phrase.window(first, n_bars).ok()?;
        if window.all_notes().count() < FEWEST_NOTES {
            return None;
        }
        let key = settle_key(&window, self.key);
        let window = window.in_key(key);
        if !window.progression().is_empty() {
            return Some(Window { phrase: window, chord_confidence: 1.0 });
        }
        let chords = recognise_chords(&window);
        let n_chords = chords.iter().map(|_| 1.0).sum::<f32>();
        let chord_confidence = chords.iter().map(|chord| chord.confidence).sum::<f32>() / n_chords.max(1.0);
        let progression = Progression::new(chords.into_iter().map(|chord| chord.span).collect());
        Some(Window { phrase: window.with_progression(progression), chord_confidence })
    }
}

fn phrases(score: &Score) -> Result<Vec<Phrase>, SmfError> {
    let segments = score.segments();
    if segments.is_empty() {
        let meters = score.meters.iter().map(|mark| format!("{}/{}", mark.numerator, mark.denominator()));
        return Err(SmfError::Meter(meters.collect::<Vec<_>>().join(", ")));
    }
    segments.iter().map(|segment| Ok(score.phrase(segment, segment.key.unwrap_or(Key::C_MAJOR))?.0)).collect()
}
