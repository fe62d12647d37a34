//! Recognises which bars of a part restate an earlier bar, and how.
//!
//! Bars are compared by pitches and by onsets on sixteenths and eighth triplets, without velocities and durations. Of
//! several earlier bars that fit equally well the one four, eight, two or one bar before is taken, in that order.

use std::fmt;
use std::str::FromStr;

use super::super::phrase::{Cell, Part, Phrase};
use super::super::time::{TickDuration, TickInstant};

/// How a bar relates to those before it. The number is the index of the bar that it restates, lower than its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// It restates none, or is silent.
    New,
    /// The same notes.
    Same(u32),
    /// The same notes in the first half, others in the second.
    Head(u32),
    /// The same rhythm and contour, moved up or down.
    Moved(u32),
    /// The same rhythm with other pitches.
    Rhythm(u32),
}

impl Act {
    /// The bar that is restated.
    pub const fn source(self) -> Option<u32> {
        match self {
            Self::New => None,
            Self::Same(bar) | Self::Head(bar) | Self::Moved(bar) | Self::Rhythm(bar) => Some(bar),
        }
    }

    /// The same act with `bar` as its source.
    #[must_use]
    pub const fn of(self, bar: u32) -> Self {
        match self {
            Self::New => Self::New,
            Self::Same(_) => Self::Same(bar),
            Self::Head(_) => Self::Head(bar),
            Self::Moved(_) => Self::Moved(bar),
            Self::Rhythm(_) => Self::Rhythm(bar),
        }
    }

    /// The sign that is written before the number of the source.
    const fn sign(self) -> char {
        match self {
            Self::New => '-',
            Self::Same(_) => '=',
            Self::Head(_) => '<',
            Self::Moved(_) => '^',
            Self::Rhythm(_) => '~',
        }
    }
}

/// The acts of a part, a bar each. Every source is an earlier bar.
///
/// As text: `-` new, `=1` the same as bar 1, `<1` its head, `^1` moved, `~1` its rhythm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Acts(Vec<Act>);

impl Acts {
    /// The acts of the bars of `part` in `phrase`, the pickup included.
    pub fn of(phrase: &Phrase, part: Part) -> Self {
        let bars: Vec<Bar> =
            (0..phrase.frame().n_bars_total()).map(|bar| Bar::of(phrase, Cell { bar, part })).collect();
        let act = |idx: usize| {
            let sources = by_preference(idx);
            let found = |compare: fn(&Bar, &Bar) -> bool| {
                sources.iter().copied().find(|&source| compare(&bars[idx], &bars[source])).map(to_u32)
            };
            found(Bar::is_same)
                .map(Act::Same)
                .or_else(|| found(Bar::is_moved).map(Act::Moved))
                .or_else(|| found(Bar::has_head).map(Act::Head))
                .or_else(|| found(Bar::has_rhythm).map(Act::Rhythm))
                .unwrap_or(Act::New)
        };
        Self((0..bars.len()).map(act).collect())
    }

    /// The acts of the bars of `phrase` by their chords, compared by root and third at the start and in the middle of
    /// the bar: only [`Act::Same`] and [`Act::New`].
    pub fn of_harmony(phrase: &Phrase) -> Self {
        let frame = phrase.frame();
        let half = TickDuration(frame.meter.bar_duration().0 / 2);
        let chord = |at: TickInstant| {
            let chord = phrase.progression().at(at)?.chord?;
            Some((chord.root, chord.quality.is_minor()))
        };
        let bars: Vec<_> = (0..frame.n_bars_total())
            .map(|bar| (chord(frame.bar_start(bar)), chord(frame.bar_start(bar) + half)))
            .collect();
        let act = |idx: usize| {
            let is_same = |source: &usize| bars[idx].0.is_some() && bars[*source] == bars[idx];
            by_preference(idx).into_iter().find(is_same).map_or(Act::New, |source| Act::Same(to_u32(source)))
        };
        Self((0..bars.len()).map(act).collect())
    }

    /// The acts, indexed by `[bar_idx]`.
    pub fn as_slice(&self) -> &[Act] {
        &self.0
    }

    /// The acts of the bars from `first` on; those with an earlier source become [`Act::New`].
    #[must_use]
    pub fn from_bar(&self, first: u32) -> Self {
        let moved = |act: &Act| match act.source().map(|source| source.checked_sub(first)) {
            Some(Some(source)) => act.of(source),
            _ => Act::New,
        };
        Self(self.0.iter().skip(usize::try_from(first).unwrap_or(usize::MAX)).map(moved).collect())
    }
}

impl fmt::Display for Acts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, act) in self.0.iter().enumerate() {
            let space = if idx > 0 { " " } else { "" };
            match act.source() {
                Some(source) => write!(f, "{space}{}{}", act.sign(), source + 1)?,
                None => write!(f, "{space}{}", act.sign())?,
            }
        }
        Ok(())
    }
}

/// Text that is no list of acts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no plan of bars: write `-`, or one of = < ^ ~ with the number of an earlier bar, for each bar"
)]
pub struct UnknownActs(pub String);

impl FromStr for Acts {
    type Err = UnknownActs;

    fn from_str(text: &str) -> Result<Self, UnknownActs> {
        let unknown = || UnknownActs(text.to_owned());
        let act = |(idx, word): (usize, &str)| {
            if word == "-" {
                return Ok(Act::New);
            }
            let mut letters = word.chars();
            let kinds = [Act::Same(0), Act::Head(0), Act::Moved(0), Act::Rhythm(0)];
            let kind = letters.next().and_then(|sign| kinds.into_iter().find(|kind| kind.sign() == sign));
            let number: Option<usize> = letters.as_str().parse().ok();
            let (kind, number) = kind.zip(number).ok_or_else(unknown)?;
            let source = number.checked_sub(1).filter(|source| *source < idx).ok_or_else(unknown)?;
            Ok(kind.of(to_u32(source)))
        };
        text.split_whitespace().enumerate().map(act).collect::<Result<Vec<Act>, _>>().map(Self)
    }
}

/// Bars that may be the source of bar `idx`, the likeliest first.
fn by_preference(idx: usize) -> Vec<usize> {
    let usual = [4, 8, 2, 1];
    let others = (1..=idx).filter(|lag| !usual.contains(lag));
    usual.into_iter().chain(others).filter_map(|lag| idx.checked_sub(lag)).collect()
}

/// What one part plays in one bar: places and pitches, ascending.
struct Bar {
    part: Part,
    half: u32,
    notes: Vec<(u32, u8)>,
}

impl Bar {
    fn of(phrase: &Phrase, cell: Cell) -> Self {
        let frame = phrase.frame();
        let start = TickDuration(frame.bar_start(cell.bar).0);
        let bar_steps = frame.meter.bar_steps();
        let place = |onset: TickInstant| {
            // An onset that rounds to the next bar counts as the last step of this one.
            nearest_place((onset - start).to_nearest_step().min(bar_steps - 1))
        };
        let pitch = |key: u8| if cell.part.is_drums() { instrument(key) } else { key };
        let mut notes: Vec<(u32, u8)> =
            phrase.cell(cell).iter().map(|note| (place(note.onset), pitch(note.pitch.number()))).collect();
        notes.sort_unstable();
        notes.dedup();
        Self { part: cell.part, half: bar_steps / 2, notes }
    }

    fn is_same(&self, other: &Self) -> bool {
        !self.notes.is_empty() && self.notes == other.notes
    }

    fn is_moved(&self, other: &Self) -> bool {
        let fewest = if self.part == Part::Bass { 1 } else { 2 };
        if self.part.is_drums() || self.notes.len() != other.notes.len() || self.notes.len() < fewest {
            return false;
        }
        let pairs = || self.notes.iter().zip(&other.notes);
        let moves = || pairs().map(|(one, other)| i32::from(one.1) - i32::from(other.1));
        let (lowest, highest) = (moves().min().unwrap_or(0), moves().max().unwrap_or(0));
        // Inside a scale the semitones of a move differ by one, and those of a chord's voices by more.
        let most = if self.part == Part::Chords { 2 } else { 1 };
        pairs().all(|(one, other)| one.0 == other.0) && highest - lowest <= most && moves().any(|by| by != 0)
    }

    fn has_head(&self, other: &Self) -> bool {
        let fewest = if self.part.is_drums() { 3 } else { 2 };
        let head = |bar: &Self| bar.notes.partition_point(|note| note.0 < bar.half);
        let (one, two) = (head(self), head(other));
        one >= fewest && self.notes[..one] == other.notes[..two]
    }

    fn has_rhythm(&self, other: &Self) -> bool {
        let places = |bar: &Self| {
            let mut places: Vec<u32> = bar.notes.iter().map(|note| note.0).collect();
            places.dedup();
            places
        };
        !self.part.is_drums() && !self.notes.is_empty() && places(self) == places(other)
    }
}

/// The place on sixteenths or eighth triplets nearest to step `step`, the earlier on a tie.
fn nearest_place(step: u32) -> u32 {
    let is_place = |step: &u32| step.is_multiple_of(3) || step.is_multiple_of(4);
    [step, step.saturating_sub(1), step + 1].into_iter().find(is_place).unwrap_or(step)
}

/// The instrument of a General MIDI percussion key, as the lowest key that sounds like it.
const fn instrument(key: u8) -> u8 {
    match key {
        35 | 36 => 35,
        37..=40 => 37,
        42 | 44 => 42,
        41 | 43 | 45 | 47 | 48 | 50 => 41,
        49 | 52 | 55 | 57 => 49,
        51 | 53 | 59 => 51,
        other => other,
    }
}

fn to_u32(idx: usize) -> u32 {
    u32::try_from(idx).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Frame, Key, Meter, Note, Pitch, Progression};

    /// A part as bars of (sixteenth, pitch).
    fn acts(part: Part, bars: &[&[(u32, i32)]]) -> String {
        let frame = Frame::new(Meter::COMMON, to_u32(bars.len()), Key::C_MAJOR, 100.0);
        let mut parts: [Vec<Note>; 5] = Default::default();
        for (bar, line) in (0..).zip(bars) {
            parts[part.index()].extend(line.iter().map(|&(sixteenth, pitch)| {
                let onset = frame.bar_start(bar) + TickDuration::from_steps(3 * sixteenth);
                Note::new(onset, TickDuration::from_steps(2), Pitch::clamped(pitch), 80)
            }));
        }
        Acts::of(&Phrase::new(frame, Progression::default(), parts).unwrap(), part).to_string()
    }

    #[test]
    fn acts_are_recognised_by_what_a_bar_restates() {
        let motif: &[(u32, i32)] = &[(0, 60), (4, 62), (8, 64), (12, 60)];
        let tail: &[(u32, i32)] = &[(0, 60), (4, 62), (9, 67), (13, 65)];
        let up: &[(u32, i32)] = &[(0, 62), (4, 64), (8, 65), (12, 62)];
        let other: &[(u32, i32)] = &[(0, 72), (4, 60), (8, 71), (12, 60)];
        let free: &[(u32, i32)] = &[(2, 72), (6, 60)];
        assert_eq!(acts(Part::Melody, &[motif, tail, up, free]), "- <1 ^1 -");
        assert_eq!(acts(Part::Melody, &[motif, free, other, &[], motif, free]), "- - ~1 - =1 =2");
        assert_eq!(acts(Part::Melody, &[&[], &[]]), "- -", "silence takes up nothing");
        let beat: &[(u32, i32)] = &[(0, 36), (4, 38), (8, 36), (12, 38)];
        let fill: &[(u32, i32)] = &[(0, 35), (4, 40), (6, 36), (8, 45), (10, 43), (12, 41)];
        let rest: &[(u32, i32)] = &[(0, 36), (4, 38), (6, 36), (12, 38)];
        assert_eq!(acts(Part::Drums, &[beat, beat, fill, rest]), "- =1 - <3");
    }

    #[test]
    fn the_usual_distance_comes_first() {
        let one: &[(u32, i32)] = &[(0, 60), (4, 62)];
        assert_eq!(acts(Part::Melody, &[one; 6]), "- =1 =1 =2 =1 =2");
    }

    #[test]
    fn chords_come_back_whatever_their_colour() {
        let frame = Frame::new(Meter::COMMON, 6, Key::C_MAJOR, 100.0);
        let chords = Progression::parse("C | F G | Am | C7 | F G7 | N.C.", Meter::COMMON, 6).unwrap();
        let phrase = Phrase::new(frame, chords, Default::default()).unwrap();
        assert_eq!(Acts::of_harmony(&phrase).to_string(), "- - - =1 =2 -");
    }

    #[test]
    fn acts_read_what_they_write_and_no_source_is_late() {
        for text in ["- =1 <2 ^1 ~4", "", "-"] {
            assert_eq!(text.parse::<Acts>().unwrap().to_string(), text);
        }
        for text in ["=1", "- =2", "- =0", "- ?1", "- =x", "- 1"] {
            assert!(text.parse::<Acts>().is_err(), "{text}");
        }
        let acts: Acts = "- =1 ~2 =1".parse().unwrap();
        assert_eq!(acts.from_bar(1).to_string(), "- ~1 -");
    }
}
