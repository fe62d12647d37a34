//! Excerpts: a part or some bars of a phrase, to leave as a file of their own.

use crate::music::{Frame, Note, Part, Phrase, TickDuration, TickInstant};

/// A part, or some bars, or both, of a phrase; by default all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// The part; `None` for every part.
    pub part: Option<Part>,
    /// The bars; `None` for all.
    pub bars: Option<Bars>,
}

/// Consecutive bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bars {
    /// Index of the first, the pickup included.
    pub first: u32,
    /// How many, at least one.
    pub n_bars: u32,
}

impl Excerpt {
    /// Whether it is the whole phrase.
    pub fn is_whole(&self) -> bool {
        *self == Self::default()
    }

    /// `phrase` without the notes that are not in the excerpt; those that are stay where they are.
    pub fn written(&self, phrase: &Phrase) -> Phrase {
        let Stretch { start, end } = self.stretch(phrase.frame());
        self.mapped(phrase, |note| (start <= note.onset && note.onset < end).then_some(note))
    }

    /// The bars of the excerpt as a phrase of their own. `played` is what [`Self::written`] gave, as it is performed: a
    /// note that the performance moved across the edge of these bars is moved back to it.
    pub fn cut(&self, played: &Phrase) -> Phrase {
        let frame = played.frame();
        let Some(Bars { first, n_bars }) = self.bars.filter(|bars| bars.first < frame.n_bars_total()) else {
            return played.clone();
        };
        let Stretch { start, end } = self.stretch(frame);
        let last = TickInstant(end.0.saturating_sub(1));
        let moved = self.mapped(played, |note| {
            let onset = note.onset.clamp(start, last);
            let duration = TickDuration(note.end().since(onset).0.max(1));
            Some(Note { onset, duration, ..note })
        });
        moved.window(first, n_bars).unwrap_or(moved)
    }

    /// Moves `marks` of a phrase of `frame` as [`Self::cut`] moves notes; those outside of the bars are left out.
    pub fn cut_marks(
        &self,
        frame: &Frame,
        mut marks: Vec<(TickInstant, String)>,
    ) -> Vec<(TickInstant, String)> {
        let Stretch { start, end } = self.stretch(frame);
        marks.retain(|(at, _)| (start..end).contains(at));
        marks.into_iter().map(|(at, name)| (TickInstant::ZERO + at.since(start), name)).collect()
    }

    /// What it is of a phrase of `frame`: "melody, bars 3-4", "all parts", "all parts, bar 3".
    pub fn describe(&self, frame: &Frame) -> String {
        [Some(self.part_name()), self.bar_numbers(frame)].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// "melody" or "all parts".
    pub fn part_name(&self) -> String {
        self.part.map_or_else(|| "all parts".to_owned(), |part| part.name().to_owned())
    }

    /// "bars 3-4"; `None` if it is all of them.
    pub fn bar_numbers(&self, frame: &Frame) -> Option<String> {
        let Bars { first, n_bars } = self.bars?;
        let last = first.saturating_add(n_bars.max(1) - 1).min(frame.n_bars_total().saturating_sub(1));
        Some(frame.bars_in_words(first, last.max(first)))
    }

    /// The notes of the excerpt's parts, each as `map` has it, in the same frame.
    fn mapped(&self, phrase: &Phrase, map: impl Fn(Note) -> Option<Note>) -> Phrase {
        let is_meant = |part: Part| self.part.is_none_or(|meant| meant == part);
        let parts = Part::ALL.map(|part| {
            let notes = phrase.notes(part).iter().filter(|_| is_meant(part));
            notes.filter_map(|note| map(*note)).collect()
        });
        let mapped = Phrase::repaired(*phrase.frame(), phrase.progression().clone(), parts);
        mapped.map_or_else(|_| phrase.clone(), |(mapped, _)| mapped)
    }

    fn stretch(&self, frame: &Frame) -> Stretch {
        let Some(Bars { first, n_bars }) = self.bars else {
            return Stretch { start: TickInstant::ZERO, end: frame.end() };
        };
        let n_total = frame.n_bars_total();
        let end = first.saturating_add(n_bars.max(1)).min(n_total);
        Stretch { start: frame.bar_start(first.min(n_total)), end: frame.bar_start(end) }
    }
}

/// The time from `start` to before `end`.
struct Stretch {
    start: TickInstant,
    end: TickInstant,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Key, Meter, PPQ, Pitch, Progression};

    const BAR: u32 = 4 * PPQ;

    fn phrase() -> Phrase {
        let note = |onset: u32| Note::new(TickInstant(onset), TickDuration(PPQ), Pitch::clamped(60), 80);
        let mut parts: [Vec<Note>; 5] = Default::default();
        for part in [Part::Melody, Part::Bass] {
            parts[part.index()] = (0..4).map(|bar| note(bar * BAR)).collect();
        }
        let frame = Frame::new(Meter::COMMON, 4, Key::C_MAJOR, 100.0);
        Phrase::new(frame, Progression::default(), parts).unwrap()
    }

    fn onsets(phrase: &Phrase, part: Part) -> Vec<u32> {
        phrase.notes(part).iter().map(|note| note.onset.0).collect()
    }

    #[test]
    fn the_whole_is_the_phrase() {
        let (whole, phrase) = (Excerpt::default(), phrase());
        assert_eq!(whole.cut(&whole.written(&phrase)), phrase);
        assert_eq!(whole.describe(phrase.frame()), "all parts");
    }

    #[test]
    fn bars_of_a_part_are_a_phrase_of_their_own() {
        let phrase = phrase();
        let excerpt = Excerpt { part: Some(Part::Melody), bars: Some(Bars { first: 1, n_bars: 2 }) };
        let written = excerpt.written(&phrase);
        assert_eq!(
            (onsets(&written, Part::Melody), onsets(&written, Part::Bass)),
            (vec![BAR, 2 * BAR], vec![])
        );
        let cut = excerpt.cut(&written);
        assert_eq!((onsets(&cut, Part::Melody), cut.frame().n_bars), (vec![0, BAR], 2));
        assert_eq!(excerpt.describe(phrase.frame()), "melody, bars 2-3");
        let marks = [0, BAR, 3 * BAR].map(|at| (TickInstant(at), "A".to_owned()));
        assert_eq!(excerpt.cut_marks(phrase.frame(), marks.to_vec()), [(TickInstant(0), "A".to_owned())]);
    }

    #[test]
    fn what_the_performance_moves_across_the_edge_stays() {
        let excerpt = Excerpt { part: None, bars: Some(Bars { first: 1, n_bars: 1 }) };
        let note = |onset: u32| {
            Note::new(
                TickInstant(onset),
                TickDuration(PPQ),
                Pitch::clamped(if onset < BAR { 40 } else { 41 }),
                80,
            )
        };
        let mut parts: [Vec<Note>; 5] = Default::default();
        parts[Part::Bass.index()] = vec![note(BAR - 5), note(2 * BAR + 3)];
        let played = Phrase::new(*phrase().frame(), Progression::default(), parts).unwrap();
        assert_eq!(onsets(&excerpt.cut(&played), Part::Bass), [0, BAR - 1]);
    }

    #[test]
    fn bars_that_are_gone_are_none() {
        let phrase = phrase();
        let excerpt = Excerpt { part: None, bars: Some(Bars { first: 9, n_bars: u32::MAX }) };
        assert_eq!(excerpt.written(&phrase).all_notes().count(), 0);
        assert_eq!(excerpt.describe(phrase.frame()), "all parts, bar 10");
        assert_eq!(excerpt.cut(&phrase), phrase);
    }
}
