//! Jobs: a task, and how its takes become phrases of the user's.

use std::collections::HashSet;

use super::{Keep, PlanRule, Task, TaskError, TaskKind, TaskSettings};
use crate::music::{Cell, Cells, Frame, Note, Part, Phrase, PhraseError};
use crate::token::Harmony;

/// A task and the phrase that its takes are merged into.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// The cells to compose, and their context.
    pub task: Task,
    /// The phrase that a take is merged into; `None` if a take is a phrase of its own.
    whole: Option<Phrase>,
    /// Bars at the end of a take that are the answer, cut off as a phrase of its own.
    n_answer_bars: Option<u32>,
    /// Notes locked only for this task, as part, onset in ticks and pitch.
    held: HashSet<(Part, u32, u8)>,
}

/// How a phrase is varied.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Variation {
    /// Share of the notes composed anew, `0.0..=1.0`; at least one note, if any is unlocked.
    pub share: f32,
    /// What those notes keep.
    pub keep: Keep,
    /// Bars at the end in which every note is composed anew.
    pub n_ending_bars: u32,
}

impl Variation {
    /// A variation of `share` of the notes, anywhere, that keep `keep`.
    pub const fn new(share: f32, keep: Keep) -> Self {
        Self { share, keep, n_ending_bars: 0 }
    }
}

impl Job {
    /// A new phrase of `parts`.
    ///
    /// # Errors
    ///
    /// As [`Task::generate`].
    pub fn generate(frame: Frame, parts: &[Part], settings: TaskSettings) -> Result<Self, TaskError> {
        Ok(Self {
            task: Task::generate(frame, parts, settings)?,
            whole: None,
            n_answer_bars: None,
            held: HashSet::new(),
        })
    }

    /// Adds `n_bars` bars after `phrase`, at most [`Task::MAX_ADDED_BARS`], of the parts that it has.
    ///
    /// # Errors
    ///
    /// As [`Task::continue_by`].
    pub fn continue_by(phrase: &Phrase, n_bars: u32, settings: TaskSettings) -> Result<Self, TaskError> {
        let parts: Vec<Part> = phrase.parts().collect();
        let task = Task::continue_by(phrase, n_bars.min(Task::MAX_ADDED_BARS), &parts, settings)?;
        Ok(Self { task, whole: Some(phrase.clone()), n_answer_bars: None, held: HashSet::new() })
    }

    /// An answer of `n_bars` bars of `parts`, at most [`Task::MAX_ADDED_BARS`], to the end of `call`, as a phrase of
    /// its own.
    ///
    /// # Errors
    ///
    /// As [`Task::respond`].
    pub fn respond(
        call: &Phrase,
        n_bars: u32,
        parts: &[Part],
        settings: TaskSettings,
    ) -> Result<Self, TaskError> {
        let n_bars = n_bars.min(Task::MAX_ADDED_BARS);
        let task = Task::respond(call, n_bars, parts, settings)?;
        Ok(Self { task, whole: None, n_answer_bars: Some(n_bars), held: HashSet::new() })
    }

    /// Adds those of `parts` that were not played to the last bars of `played`.
    ///
    /// # Errors
    ///
    /// As [`Task::accompany`].
    pub fn accompany(played: &Phrase, parts: &[Part], settings: TaskSettings) -> Result<Self, TaskError> {
        let task = Task::accompany(played, Task::MAX_BARS, parts, settings)?;
        Ok(Self { task, whole: Some(played.clone()), n_answer_bars: None, held: HashSet::new() })
    }

    /// Composes some notes of `phrase` anew, chosen by `seed`, under the phrase's chords. The other notes and all
    /// locked ones stay. In a phrase longer than [`Task::MAX_BARS`] only the last bars are varied.
    ///
    /// # Errors
    ///
    /// As [`Task::recompose`]; a phrase without notes counts as nothing selected.
    pub fn vary(
        phrase: &Phrase,
        variation: Variation,
        seed: u64,
        settings: TaskSettings,
    ) -> Result<Self, TaskError> {
        let n_total = phrase.frame().n_bars_total();
        let first = n_total.saturating_sub(Task::MAX_BARS);
        let every_cell: Cells =
            (first..n_total).flat_map(|bar| phrase.parts().map(move |part| Cell { bar, part })).collect();
        Self::vary_cells(phrase, &every_cell, variation, seed, settings)
    }

    /// As [`Self::vary`], in `cells` only, which must lie within [`Task::MAX_BARS`] bars.
    ///
    /// # Errors
    ///
    /// As [`Task::recompose`]; cells without notes count as nothing selected.
    pub fn vary_cells(
        phrase: &Phrase,
        cells: &Cells,
        Variation { share, keep, n_ending_bars }: Variation,
        seed: u64,
        settings: TaskSettings,
    ) -> Result<Self, TaskError> {
        let cell_of = |part: Part, note: &Note| Cell { bar: phrase.frame().bar_of(note.onset), part };
        let is_free = |part: Part, note: &Note| !note.locked && cells.contains(&cell_of(part, note));
        let mut free: Vec<(u64, Part, Note)> = phrase
            .all_notes()
            .filter(|(part, note)| is_free(*part, note))
            .map(|(part, note)| (lot(seed, part, note), part, *note))
            .collect();
        free.sort_by_key(|(lot, part, note)| (*lot, *part, note.onset, note.pitch));
        let ending = phrase.frame().n_bars_total().saturating_sub(n_ending_bars);
        let (of_ending, mut free): (Vec<_>, Vec<_>) =
            free.into_iter().partition(|(_, _, note)| phrase.frame().bar_of(note.onset) >= ending);
        let kept = free.split_off(share_of(free.len(), share));
        free.extend(of_ending);
        let cells: Cells = free.iter().map(|(_, part, note)| cell_of(*part, note)).collect();
        let held: HashSet<_> = kept.iter().map(|(_, part, note)| place(*part, note)).collect();
        let locked = relocked(phrase, |part, note| note.locked || held.contains(&place(part, note)))?;
        let harmony = if phrase.progression().is_empty() {
            Harmony::Off
        } else {
            Harmony::Given(phrase.progression().clone())
        };
        let task = Task::recompose(&locked, &cells, TaskSettings { harmony, ..settings })?.keeping(keep);
        // Most notes of a variation stay, so it repeats itself without a plan.
        let task = Task { kind: TaskKind::Vary, plan: PlanRule::Free, ..task };
        Ok(Self { task, whole: Some(locked), n_answer_bars: None, held })
    }

    /// A job whose takes are merged into `whole`.
    pub fn within(whole: Phrase, task: Task) -> Self {
        Self { task, whole: Some(whole), n_answer_bars: None, held: HashSet::new() }
    }

    /// Composes `cells` of `phrase` anew, except locked notes, under the phrase's chords.
    ///
    /// # Errors
    ///
    /// As [`Task::recompose`].
    pub fn recompose(phrase: &Phrase, cells: &Cells, settings: TaskSettings) -> Result<Self, TaskError> {
        let harmony = match settings.harmony {
            Harmony::Composed if !phrase.progression().is_empty() => {
                Harmony::Given(phrase.progression().clone())
            }
            other => other,
        };
        let task = Task::recompose(phrase, cells, TaskSettings { harmony, ..settings })?;
        Ok(Self::within(phrase.clone(), task))
    }

    /// Merges a take of the task into its phrase; locks set only for the task are kept.
    ///
    /// # Errors
    ///
    /// The result would have too many bars.
    pub fn merged(&self, take: &Phrase) -> Result<Phrase, PhraseError> {
        self.whole.as_ref().map_or_else(|| Ok(take.clone()), |whole| self.task.merge_into(whole, take))
    }

    /// Turns a take of the task, finished or not, into a phrase of the user's.
    ///
    /// # Errors
    ///
    /// The result would have too many bars.
    pub fn finish(&self, take: &Phrase) -> Result<Phrase, PhraseError> {
        if let Some(n_bars) = self.n_answer_bars {
            return take.window(take.frame().n_bars_total().saturating_sub(n_bars), n_bars);
        }
        let merged = self.merged(take)?;
        if self.held.is_empty() {
            return Ok(merged);
        }
        relocked(&merged, |part, note| note.locked && !self.held.contains(&place(part, note)))
    }
}

/// `share` of `n_notes` notes, at least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of a number of notes"
)]
fn share_of(n_notes: usize, share: f32) -> usize {
    ((n_notes as f32 * share).round() as usize).clamp(n_notes.min(1), n_notes)
}

fn place(part: Part, note: &Note) -> (Part, u32, u8) {
    (part, note.onset.0, note.pitch.number())
}

/// `phrase` with the locks that `is_locked` gives.
fn relocked(phrase: &Phrase, is_locked: impl Fn(Part, &Note) -> bool) -> Result<Phrase, PhraseError> {
    let mut parts = phrase.to_parts();
    for part in Part::ALL {
        for note in &mut parts[part.index()] {
            note.locked = is_locked(part, note);
        }
    }
    Phrase::new(*phrase.frame(), phrase.progression().clone(), parts)
}

/// A pseudo-random number that orders notes.
///
/// # Source
///
/// The finaliser of SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
fn lot(seed: u64, part: Part, note: &Note) -> u64 {
    let which = (u64::from(note.onset.0) << 16) | (u64::from(note.pitch.number()) << 4);
    let mut x = seed ^ (which + part as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Key, Meter, Pitch, Progression, TickDuration, TickInstant};

    fn phrase(n_bars: u32) -> Phrase {
        let frame = Frame::new(Meter::COMMON, n_bars, Key::C_MAJOR, 100.0);
        let note = |idx: u32, pitch: i32| {
            let mut note = Note::new(TickInstant(idx * 960), TickDuration(480), Pitch::clamped(pitch), 90);
            note.locked = idx == 0;
            note
        };
        let melody = (0..4 * n_bars).map(|idx| note(idx, 60 + i32::try_from(idx % 7).unwrap())).collect();
        let parts = [Vec::new(), Vec::new(), Vec::new(), Vec::new(), melody];
        Phrase::new(frame, Progression::default(), parts).unwrap()
    }

    #[test]
    fn varying_composes_the_share_and_keeps_the_rest() {
        for (n_bars, share, n_varied) in [(4, 0.2, 3), (4, 1.0, 15), (4, 0.0, 1), (20, 0.5, 32)] {
            let phrase = phrase(n_bars);
            let job =
                Job::vary(&phrase, Variation::new(share, Keep::Nothing), 7, TaskSettings::default()).unwrap();
            let base = &job.task.base;
            let n_open = base.notes(Part::Melody).iter().filter(|note| !note.locked).count();
            assert_eq!(n_open, n_varied, "{n_bars} bars, {share}");
            // An empty take leaves the notes that were held, with the locks that the user set.
            let empty = Phrase::empty(*base.frame()).unwrap();
            let left = job.finish(&empty).unwrap();
            let kept = left.notes(Part::Melody);
            assert!(kept.iter().all(|note| phrase.notes(Part::Melody).contains(note)));
            assert!(kept.len() >= phrase.notes(Part::Melody).len() - n_varied, "{n_bars} bars, {share}");
        }
    }

    #[test]
    fn the_seed_chooses_what_varies() {
        let phrase = phrase(4);
        let task = |seed| {
            Job::vary(&phrase, Variation::new(0.3, Keep::Pitches), seed, TaskSettings::default())
                .unwrap()
                .task
        };
        assert_eq!(task(1), task(1));
        assert_ne!(task(1), task(2));
    }

    #[test]
    fn a_phrase_without_notes_cannot_vary() {
        let empty = Phrase::empty(*phrase(2).frame()).unwrap();
        assert!(Job::vary(&empty, Variation::new(0.5, Keep::Nothing), 1, TaskSettings::default()).is_err());
    }

    #[test]
    fn continuing_lengthens() {
        let phrase = phrase(4);
        let job = Job::continue_by(&phrase, 4, TaskSettings::default()).unwrap();
        let grown = job.finish(&Phrase::empty(*job.task.base.frame()).unwrap()).unwrap();
        assert_eq!(grown.frame().n_bars, 8);
        assert_eq!(grown.notes(Part::Melody), phrase.notes(Part::Melody));
    }
}
