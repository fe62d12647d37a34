//! Notes, parts, cells and phrases.
//!
//! # Invariants
//!
//! A [`Phrase`] holds its notes sorted by onset then pitch; two notes of one part and pitch never overlap; every
//! note starts and ends inside the phrase. Only [`Phrase::new`] and [`Phrase::repaired`] make one, so no other code
//! checks.

mod stored;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::count::{counted, numbered};
use super::nuance::Nuance;
use super::pitch::Pitch;
use super::progression::Progression;
use super::scale::Key;
use super::time::{Meter, TickDuration, TickInstant};

pub use stored::NoteColumns;

/// One instrument's line: the five Descant composes for.
///
/// The order is that of the token stream inside a bar: each part is composed with those before it as context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Percussion by General MIDI keys.
    Drums,
    /// The lowest voice.
    Bass,
    /// Accompanying harmony.
    Chords,
    /// Broken chords.
    Arpeggio,
    /// The leading voice.
    Melody,
}

impl Part {
    /// Every part in stream order.
    pub const ALL: [Self; 5] = [Self::Drums, Self::Bass, Self::Chords, Self::Arpeggio, Self::Melody];

    /// The place in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Lower-case English name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Drums => "drums",
            Self::Bass => "bass",
            Self::Chords => "chords",
            Self::Arpeggio => "arpeggio",
            Self::Melody => "melody",
        }
    }

    /// The default MIDI channel, `0..=15`: drums have General MIDI's tenth, 9.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn usual_channel(self) -> u8 {
        match self {
            Self::Melody => 0,
            Self::Chords => 1,
            Self::Bass => 2,
            Self::Arpeggio => 3,
            Self::Drums => 9,
        }
    }

    /// Whether pitches are General MIDI percussion keys rather than tones.
    pub const fn is_drums(self) -> bool {
        matches!(self, Self::Drums)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Text that names no part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a part; did you mean {1:?}? the parts are melody, chords, bass, arpeggio and drums")]
pub struct UnknownPart(pub String, pub &'static str);

impl FromStr for Part {
    type Err = UnknownPart;

    fn from_str(text: &str) -> Result<Self, UnknownPart> {
        let lower = text.trim().to_lowercase();
        if lower == "arp" {
            return Ok(Self::Arpeggio);
        }
        let distance = |part: &Self| strsim::damerau_levenshtein(part.name(), &lower);
        let nearest = Self::ALL.into_iter().min_by_key(distance).unwrap_or(Self::Melody);
        if nearest.name() == lower { Ok(nearest) } else { Err(UnknownPart(text.to_owned(), nearest.name())) }
    }
}

/// A note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Note {
    /// Start, in ticks from the start of the phrase.
    pub onset: TickInstant,
    /// Length, at least one tick.
    pub duration: TickDuration,
    /// MIDI note number; in the drums part a General MIDI percussion key.
    pub pitch: Pitch,
    /// MIDI velocity, `1..=127`.
    pub velocity: u8,
    /// Whether re-composing must leave the note as it is.
    #[serde(default)]
    pub locked: bool,
    /// How the performance differs from what is written.
    #[serde(default, skip_serializing_if = "Nuance::is_none")]
    pub nuance: Nuance,
}

impl Note {
    /// An unlocked note.
    pub const fn new(onset: TickInstant, duration: TickDuration, pitch: Pitch, velocity: u8) -> Self {
        Self { onset, duration, pitch, velocity, locked: false, nuance: Nuance::NONE }
    }

    /// Where it ends.
    pub fn end(&self) -> TickInstant {
        self.onset + self.duration
    }

    /// The note shortened so that it does not overlap `kept` notes of its pitch; `None` if it begins inside one.
    pub fn yielding_to(self, kept: &[Self]) -> Option<Self> {
        kept.iter().filter(|other| other.pitch == self.pitch).try_fold(self, |note, other| {
            if note.onset >= other.end() || note.end() <= other.onset {
                Some(note)
            } else if note.onset < other.onset {
                Some(Self { duration: other.onset.since(note.onset), ..note })
            } else {
                None
            }
        })
    }
}

/// One part in one bar: the unit that is given or composed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cell {
    /// Bar index from 0, the pickup included.
    pub bar: u32,
    /// The part.
    pub part: Part,
}

/// A set of cells in stream order.
pub type Cells = BTreeSet<Cell>;

/// The header of a phrase: everything but its notes and chords.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Time signature.
    pub meter: Meter,
    /// Bars, without the pickup, `1..=`[`Frame::MAX_BARS`].
    pub n_bars: u32,
    /// Whether a pickup bar stands before the first counted bar.
    pub has_pickup: bool,
    /// Tonic and mode.
    pub key: Key,
    /// Beats (quarter notes) per minute, `20.0..=400.0`.
    pub tempo: f32,
}

impl Frame {
    /// Most bars of a phrase; files that are longer are read up to here.
    pub const MAX_BARS: u32 = 4096;

    /// A frame of `n_bars` bars without a pickup.
    pub const fn new(meter: Meter, n_bars: u32, key: Key, tempo: f32) -> Self {
        Self { meter, n_bars, has_pickup: false, key, tempo }
    }

    /// Bars with the pickup.
    pub const fn n_bars_total(&self) -> u32 {
        self.n_bars + self.has_pickup as u32
    }

    /// Length with the pickup.
    pub const fn duration(&self) -> TickDuration {
        TickDuration(self.meter.bar_duration().0 * self.n_bars_total())
    }

    /// Where the phrase ends.
    pub const fn end(&self) -> TickInstant {
        TickInstant(self.duration().0)
    }

    /// Where bar `bar_idx` (the pickup included) begins.
    pub const fn bar_start(&self, bar_idx: u32) -> TickInstant {
        TickInstant(self.meter.bar_duration().0 * bar_idx)
    }

    /// The bar that holds `at`.
    pub const fn bar_of(&self, at: TickInstant) -> u32 {
        at.0 / self.meter.bar_duration().0
    }

    /// What musicians call bar `bar_idx`: counted from 1, the pickup being 0.
    pub const fn bar_number(&self, bar_idx: u32) -> u32 {
        bar_idx + 1 - self.has_pickup as u32
    }

    /// The bars from index `first` to index `last` in words: "bar 3", "bars 3-4".
    pub fn bars_in_words(&self, first: u32, last: u32) -> String {
        numbered("bar", self.bar_number(first), self.bar_number(last))
    }

    /// The bar that musicians call `number`, if the phrase has it.
    pub fn bar_idx(&self, number: u32) -> Option<u32> {
        let idx = (number + u32::from(self.has_pickup)).checked_sub(1)?;
        (idx < self.n_bars_total()).then_some(idx)
    }

    /// The stretches of time that the bars of `cells` fill, ascending; bars side by side are one stretch.
    pub fn stretches(&self, cells: &Cells) -> Vec<std::ops::Range<TickInstant>> {
        let mut stretches: Vec<std::ops::Range<TickInstant>> = Vec::new();
        for cell in cells {
            let (start, end) = (self.bar_start(cell.bar), self.bar_start(cell.bar + 1));
            match stretches.last_mut() {
                Some(last) if last.end >= start => last.end = last.end.max(end),
                _ => stretches.push(start..end),
            }
        }
        stretches
    }

    fn check(&self) -> Result<(), PhraseError> {
        if !(1..=Self::MAX_BARS).contains(&self.n_bars) {
            return Err(PhraseError::Bars(self.n_bars));
        }
        if !(20.0..=400.0).contains(&self.tempo) {
            return Err(PhraseError::Tempo(self.tempo));
        }
        Ok(())
    }
}

/// Why notes and a frame do not form a phrase.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PhraseError {
    /// No bars, or more than a phrase may have.
    #[error("a phrase has 1 to {}, not {got}", counted(Frame::MAX_BARS, "bar"), got = .0)]
    Bars(u32),
    /// A tempo out of range or not a number.
    #[error("the tempo must be between 20 and 400 beats per minute, not {0}")]
    Tempo(f32),
    /// A note that is outside the phrase, empty, or silent.
    #[error("the {0} note at tick {at} is empty, silent or outside the phrase; let Phrase::repaired trim it", at = .1.onset.0)]
    Note(Part, Note),
    /// Two notes of one pitch that overlap.
    #[error("two notes of the {0} at pitch {pitch} overlap at tick {at}; let Phrase::repaired shorten the first", pitch = .1.pitch, at = .1.onset.0)]
    Overlap(Part, Note),
}

/// What the user generates: notes of up to five parts, with a frame and a chord track.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase {
    frame: Frame,
    progression: Progression,
    /// Indexed by `[part_idx]`; sorted.
    parts: [Vec<Note>; 5],
}

impl Phrase {
    /// An empty phrase.
    ///
    /// # Errors
    ///
    /// A frame with no or too many bars, or a tempo out of range.
    pub fn empty(frame: Frame) -> Result<Self, PhraseError> {
        Self::new(frame, Progression::default(), Default::default())
    }

    /// A phrase of notes that meet the invariants but for their order, which does not matter.
    ///
    /// `parts` — indexed by `[part_idx]`.
    ///
    /// # Errors
    ///
    /// The first invariant that the frame or the notes break.
    pub fn new(frame: Frame, progression: Progression, parts: [Vec<Note>; 5]) -> Result<Self, PhraseError> {
        frame.check()?;
        let mut phrase = Self { frame, progression, parts };
        for part in Part::ALL {
            let notes = &mut phrase.parts[part.index()];
            sort(notes);
            for note in notes.iter() {
                if note.duration.0 == 0 || note.end() > frame.end() || !(1..=127).contains(&note.velocity) {
                    return Err(PhraseError::Note(part, *note));
                }
            }
            if let Some(note) = first_overlap(notes) {
                return Err(PhraseError::Overlap(part, note));
            }
        }
        Ok(phrase)
    }

    /// A phrase of any notes: those outside are dropped, long ones are trimmed to the phrase, a note whose pitch is
    /// retriggered while it sounds is cut there, and doubled notes become one (the locked, else the longer). Also
    /// returns how many notes were changed or dropped.
    ///
    /// # Errors
    ///
    /// Only those of the frame.
    pub fn repaired(
        frame: Frame,
        progression: Progression,
        mut parts: [Vec<Note>; 5],
    ) -> Result<(Self, usize), PhraseError> {
        frame.check()?;
        let mut n_repairs = 0;
        for notes in &mut parts {
            let before = notes.len();
            notes.retain(|note| note.onset < frame.end());
            for note in notes.iter_mut() {
                let mut mended = *note;
                mended.duration = note.duration.max(TickDuration(1)).min(frame.end().since(note.onset));
                mended.velocity = note.velocity.clamp(1, 127);
                n_repairs += usize::from(mended != *note);
                *note = mended;
            }
            sort(notes);
            let mut last_of_pitch: [Option<usize>; 128] = [None; 128];
            let mut kept: Vec<Note> = Vec::with_capacity(notes.len());
            for note in notes.iter() {
                let last = &mut last_of_pitch[usize::from(note.pitch.number())];
                if let Some(earlier) = last.and_then(|idx| kept.get_mut(idx)) {
                    if earlier.onset == note.onset {
                        continue;
                    }
                    if earlier.end() > note.onset {
                        earlier.duration = note.onset.since(earlier.onset);
                        n_repairs += 1;
                    }
                }
                *last = Some(kept.len());
                kept.push(*note);
            }
            n_repairs += before - kept.len();
            *notes = kept;
        }
        Ok((Self { frame, progression, parts }, n_repairs))
    }

    /// Meter, length, key and tempo.
    pub const fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The chord track; empty where no harmony is stated.
    pub const fn progression(&self) -> &Progression {
        &self.progression
    }

    /// The same phrase with another chord track.
    #[must_use]
    pub fn with_progression(mut self, progression: Progression) -> Self {
        self.progression = progression;
        self
    }

    /// The same notes read in another key.
    #[must_use]
    pub const fn in_key(mut self, key: Key) -> Self {
        self.frame.key = key;
        self
    }

    /// The notes of `part`, sorted by onset then pitch.
    pub fn notes(&self, part: Part) -> &[Note] {
        &self.parts[part.index()]
    }

    /// All notes, part by part.
    pub fn all_notes(&self) -> impl Iterator<Item = (Part, &Note)> {
        Part::ALL.into_iter().flat_map(|part| self.notes(part).iter().map(move |note| (part, note)))
    }

    /// The percussion keys that the drums play, highest first.
    pub fn drum_keys(&self) -> Vec<Pitch> {
        let mut keys: Vec<Pitch> = self.notes(Part::Drums).iter().map(|note| note.pitch).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.reverse();
        keys
    }

    /// A copy of the notes, indexed by `[part_idx]`, to edit and build a new phrase from.
    pub fn to_parts(&self) -> [Vec<Note>; 5] {
        self.parts.clone()
    }

    /// The parts that have notes, in stream order.
    pub fn parts(&self) -> impl Iterator<Item = Part> {
        Part::ALL.into_iter().filter(|&part| !self.notes(part).is_empty())
    }

    /// The notes that start in `cell`.
    pub fn cell(&self, cell: Cell) -> &[Note] {
        let notes = self.notes(cell.part);
        let (start, end) = (self.frame.bar_start(cell.bar), self.frame.bar_start(cell.bar + 1));
        let first = notes.partition_point(|note| note.onset < start);
        let last = notes.partition_point(|note| note.onset < end);
        &notes[first..last]
    }

    /// Bars `first..first + n_bars` as a phrase of their own; notes that begin there and chords are trimmed to it. The
    /// pickup flag stays if `first` is the pickup.
    ///
    /// # Errors
    ///
    /// A window that has no bar inside the phrase.
    pub fn window(&self, first: u32, n_bars: u32) -> Result<Self, PhraseError> {
        let keeps_pickup = self.frame.has_pickup && first == 0;
        let n_total = n_bars.min(self.frame.n_bars_total().saturating_sub(first));
        let frame = Frame {
            n_bars: n_total.saturating_sub(u32::from(keeps_pickup)),
            has_pickup: keeps_pickup,
            ..self.frame
        };
        frame.check()?;
        let start = self.frame.bar_start(first);
        let moved = |onset: TickInstant| TickInstant(onset.0 - start.0);
        let parts = Part::ALL.map(|part| {
            let notes = self.notes(part);
            let from = notes.partition_point(|note| note.onset < start);
            notes[from..].iter().map(|note| Note { onset: moved(note.onset), ..*note }).collect()
        });
        let progression = self.progression.window(start, start + frame.duration());
        Ok(Self::repaired(frame, progression, parts)?.0)
    }
}

/// Sorts by onset, then pitch; of doubled notes the locked, then the longer comes first, since the first is kept.
fn sort(notes: &mut [Note]) {
    notes.sort_by_key(|note| {
        (note.onset, note.pitch, !note.locked, std::cmp::Reverse(note.duration), note.velocity)
    });
}

/// The first note of sorted `notes` that starts while its pitch still sounds.
fn first_overlap(notes: &[Note]) -> Option<Note> {
    let mut ends = [TickInstant::ZERO; 128];
    notes.iter().copied().find(|note| {
        let end = &mut ends[usize::from(note.pitch.number())];
        let overlaps = *end > note.onset;
        *end = note.end();
        overlaps
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(onset: u32, duration: u32, pitch: i32) -> Note {
        Note::new(TickInstant(onset), TickDuration(duration), Pitch::clamped(pitch), 80)
    }

    fn frame() -> Frame {
        Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 120.0)
    }

    fn melody(notes: Vec<Note>) -> [Vec<Note>; 5] {
        [vec![], vec![], vec![], vec![], notes]
    }

    #[test]
    fn new_refuses_what_repaired_mends() {
        let bad: [(Vec<Note>, usize); 5] = [
            (vec![note(0, 500, 60), note(400, 100, 60)], 2),
            (vec![note(7000, 5000, 60)], 1),
            (vec![note(9000, 10, 60)], 0),
            (vec![note(0, 0, 60)], 1),
            (vec![note(0, 100, 60), note(0, 300, 60)], 1),
        ];
        for (notes, n_kept) in bad {
            assert!(Phrase::new(frame(), Progression::default(), melody(notes.clone())).is_err());
            let (mended, n_repairs) =
                Phrase::repaired(frame(), Progression::default(), melody(notes)).unwrap();
            assert_eq!(mended.notes(Part::Melody).len(), n_kept);
            assert!(n_repairs > 0);
            assert_eq!(Phrase::new(frame(), Progression::default(), mended.to_parts()), Ok(mended));
        }
    }

    #[test]
    fn frames_are_checked() {
        for broken in [
            Frame { n_bars: 0, ..frame() },
            Frame { tempo: f32::NAN, ..frame() },
            Frame { tempo: 5.0, ..frame() },
        ] {
            assert!(Phrase::empty(broken).is_err());
        }
    }

    #[test]
    fn a_window_moves_its_notes_to_its_start() {
        let notes = melody(vec![note(0, 100, 60), note(3840, 7000 - 3840, 62)]);
        let phrase = Phrase::new(frame(), Progression::default(), notes).unwrap();
        let second = phrase.window(1, 1).unwrap();
        assert_eq!(second.notes(Part::Melody), [note(0, 7000 - 3840, 62)]);
        assert_eq!(phrase.cell(Cell { bar: 1, part: Part::Melody }), [note(3840, 7000 - 3840, 62)]);
        assert!(phrase.window(2, 1).is_err());
    }

    #[test]
    fn phrases_survive_json() {
        let phrase = Phrase::new(frame(), Progression::default(), melody(vec![note(0, 100, 60)])).unwrap();
        let json = serde_json::to_string(&phrase).unwrap();
        assert_eq!(serde_json::from_str::<Phrase>(&json).unwrap(), phrase);
        assert!(serde_json::from_str::<Phrase>(&json.replace("\"n_bars\":2", "\"n_bars\":0")).is_err());
    }
}
