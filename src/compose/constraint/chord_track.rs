//! The chord track of an unfinished body: given chords, and those composed so far.

use super::Place;
use crate::music::{Chord, ChordSpan, PitchClass, TickDuration, TickInstant};
use crate::token::{Harmony, Prompt, Symbol, Token};

/// The chords of an unfinished body.
#[derive(Debug, Clone)]
pub struct ChordTrack {
    /// In this order: given chords that are replaced, other given ones, composed ones.
    spans: Vec<ChordSpan>,
    n_replaced: usize,
}

impl ChordTrack {
    /// The chords that `prompt` gives.
    pub fn new(prompt: &Prompt) -> Self {
        let given = prompt.given_progression().spans();
        let is_replaced = |span: &&ChordSpan| {
            let bar = prompt.frame().bar_of(span.onset);
            prompt.harmony == Harmony::Composed && prompt.compose().iter().any(|cell| cell.bar == bar)
        };
        let (mut spans, kept): (Vec<ChordSpan>, Vec<ChordSpan>) = given.iter().partition(is_replaced);
        let n_replaced = spans.len();
        spans.extend(kept);
        Self { spans, n_replaced }
    }

    /// All chords; where two overlap, the later one of the list counts.
    pub fn spans(&self) -> &[ChordSpan] {
        &self.spans
    }

    /// The chord that sounds at `at`, with its span; `None` also where a span has no chord.
    pub fn at(&self, at: TickInstant) -> Option<(Chord, &ChordSpan)> {
        let sounds = |span: &&ChordSpan| span.onset <= at && at < span.end();
        let span = self.spans.iter().rev().find(sounds)?;
        Some((span.chord?, span))
    }

    /// The last chord that begins before `at`, among those that stay and those composed; spans without a chord are
    /// skipped.
    pub fn before(&self, at: TickInstant) -> Option<Chord> {
        let earlier =
            self.spans[self.n_replaced..].iter().filter(|span| span.onset < at && span.chord.is_some());
        earlier.max_by_key(|span| span.onset)?.chord
    }

    /// Updates the state by the token that was written at `place`.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Cell, Cells, Frame, Key, Meter, Part, Phrase, Progression};
    use crate::token::{Controls, Grammar};

    fn span(beat: u32, n_beats: u32, chord: Option<&str>) -> ChordSpan {
        let chord = chord.map(|chord| chord.parse().unwrap());
        ChordSpan { onset: TickInstant(beat * 960), duration: TickDuration(n_beats * 960), chord }
    }

    #[test]
    fn what_is_composed_anew_is_no_chord_before() {
        let frame = Frame::new(Meter::COMMON, 3, Key::C_MAJOR, 100.0);
        let given = Progression::new(vec![
            span(0, 4, Some("C")),
            span(4, 2, Some("F")),
            span(6, 2, Some("G")),
            span(8, 4, Some("Am")),
        ]);
        let phrase = Phrase::new(frame, given, Default::default()).unwrap();
        let compose: Cells = [Cell { bar: 1, part: Part::Bass }].into_iter().collect();
        let prompt = Prompt::new(&phrase, compose, Controls::default(), Harmony::Composed).unwrap();
        let mut chords = ChordTrack::new(&prompt);
        let name = |chord: Option<Chord>| chord.map(|chord| chord.to_string());
        let at = |beat: u32| TickInstant(beat * 960);
        assert_eq!(name(chords.before(at(8))).as_deref(), Some("C"), "F and G are composed anew");
        let mut grammar = Grammar::new(&prompt.plan());
        while grammar.harmony_bar() != Some(1) {
            grammar.advance(grammar.next_header().unwrap().to_owned());
        }
        let place = Place { frame: &frame, grammar: &grammar, before: &[] };
        let dm = Symbol::Chord {
            position: 0,
            chord: Some((PitchClass::new(2), crate::music::ChordQuality::Minor)),
            duration: Some(48),
        };
        chords.step(&place, dm.to_token());
        chords.step(&place, Symbol::Slash(PitchClass::new(5)).to_token());
        assert_eq!(name(chords.before(at(8))).as_deref(), Some("Dm/F"));
        assert_eq!(name(chords.at(at(6)).map(|(chord, _)| chord)).as_deref(), Some("Dm/F"));
        assert_eq!(name(chords.before(at(12))).as_deref(), Some("Am"));
        let none = Symbol::Chord { position: 0, chord: None, duration: Some(48) };
        chords.step(&place, none.to_token());
        assert_eq!(chords.at(at(6)), None);
        assert_eq!(name(chords.before(at(8))).as_deref(), Some("Dm/F"), "silence is no chord");
    }
}
