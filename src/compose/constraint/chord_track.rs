//! The chord track as far as it is written: the chords that were given, and those composed so far.

use super::Place;
use crate::music::{Chord, ChordSpan, PitchClass, TickDuration, TickInstant};
use crate::token::{Harmony, Prompt, Symbol, Token};

/// See the module.
#[derive(Debug, Clone)]
pub struct ChordTrack {
    /// Composed ones come last.
    spans: Vec<ChordSpan>,
}

impl ChordTrack {
    /// The chords that `prompt` gives.
    pub fn new(prompt: &Prompt) -> Self {
        let given = match &prompt.harmony {
            Harmony::Given(progression) => progression,
            Harmony::Off | Harmony::Composed => prompt.given().progression(),
        };
        Self { spans: given.spans().to_vec() }
    }

    /// All chords, in the order in which they were written. Where two sound at once the later one counts.
    pub fn spans(&self) -> &[ChordSpan] {
        &self.spans
    }

    /// The chord that sounds at `at`, with its span.
    pub fn at(&self, at: TickInstant) -> Option<(Chord, &ChordSpan)> {
        let sounds = |span: &&ChordSpan| span.onset <= at && at < span.end();
        let span = self.spans.iter().rev().find(sounds)?;
        Some((span.chord?, span))
    }

    /// The chord that began last before `at`.
    pub fn before(&self, at: TickInstant) -> Option<Chord> {
        self.spans.iter().filter(|span| span.onset < at).max_by_key(|span| span.onset)?.chord
    }

    /// Takes note of the token that was written at `place`.
    pub fn step(&mut self, place: &Place, token: Token) {
        let Some(bar) = place.grammar.harmony_bar() else { return };
        let in_key = |above: PitchClass| above.up(place.frame.key.tonic.number());
        match Symbol::from_token(token) {
            Some(Symbol::Chord { position, chord, duration }) => self.spans.push(ChordSpan {
                onset: place.frame.bar_start(bar) + TickDuration::from_steps(position),
                duration: TickDuration::from_steps(duration.unwrap_or(0)),
                chord: chord.map(|(root, quality)| Chord::new(in_key(root), quality)),
            }),
            Some(Symbol::Slash(bass)) => {
                if let Some(chord) = self.spans.last_mut().and_then(|span| span.chord.as_mut()) {
                    chord.bass = in_key(bass);
                }
            }
            _ => {}
        }
    }
}
