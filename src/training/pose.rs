//! Poses tasks on phrases: which cells are given, which are composed, with which controls.

use fastrand::Rng;

use crate::music::measure::{PartControl, measure_mood, measure_part};
use crate::music::{Cell, Cells, Part, Phrase};
use crate::token::prompt::PromptError;
use crate::token::{Controls, Harmony, Prompt, SkeletonNote, Style};

/// A kind of task: which cells are given and which are composed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Task {
    /// Everything, from nothing.
    Generate,
    /// One part, with the others given.
    AddPart,
    /// The last bars, with the first given.
    Continue,
    /// Some cells, with the others given.
    Recompose,
    /// Some cells, with some of their notes locked.
    Locked,
    /// Some cells, with their rhythm or pitches known.
    Skeleton,
}

impl Task {
    /// Every task; the place is the task's index.
    pub const ALL: [Self; 6] =
        [Self::Generate, Self::AddPart, Self::Continue, Self::Recompose, Self::Locked, Self::Skeleton];

    /// The place in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Lower-case English name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Generate => "generate",
            Self::AddPart => "add part",
            Self::Continue => "continue",
            Self::Recompose => "recompose",
            Self::Locked => "locked",
            Self::Skeleton => "skeleton",
        }
    }

    /// Draws a task that suits `phrase`; about half of the tasks are Generate.
    pub fn draw(phrase: &Phrase, rng: &mut Rng) -> Self {
        let n_parts = phrase.parts().count();
        match rng.u32(0..100) {
            0..45 => Self::Generate,
            45..58 if n_parts > 1 => Self::AddPart,
            58..71 if phrase.frame().n_bars_total() > 1 => Self::Continue,
            71..81 => Self::Recompose,
            81..91 => Self::Locked,
            91..100 => Self::Skeleton,
            _ => Self::Recompose,
        }
    }
}

/// The headline task of a phrase, on which losses are reported: everything from nothing, controls auto, no chord
/// symbols.
///
/// # Errors
///
/// A phrase too long for a prompt.
pub fn headline(phrase: &Phrase) -> Result<Prompt, PromptError> {
    Prompt::new(phrase, all_cells(phrase), Controls::default(), Harmony::Off)
}

/// Poses `task` on `phrase`, with the controls that were measured on it dropped at random, and chord symbols kept with
/// probability `chord_confidence`.
///
/// `style` — one of the phrase's, in the prompt unless it is dropped.
///
/// # Errors
///
/// A phrase too long for a prompt.
pub fn pose(
    task: Task,
    phrase: &Phrase,
    style: Option<Style>,
    chord_confidence: f32,
    rng: &mut Rng,
) -> Result<Prompt, PromptError> {
    let has_chords = !phrase.progression().is_empty() && rng.f32() < 0.6 * chord_confidence;
    let harmony = if has_chords { Harmony::Composed } else { Harmony::Off };
    let compose = cells_of(task, phrase, rng);
    let phrase = match task {
        Task::Locked => lock_some(phrase, &compose, rng),
        _ => phrase.clone(),
    };
    let controls = controls(&phrase, &compose, style, rng);
    let mut prompt = Prompt::new(&phrase, compose, controls, harmony)?;
    if task == Task::Skeleton {
        prompt.skeleton = skeleton(&phrase, prompt.compose(), rng);
    }
    Ok(prompt)
}

fn all_cells(phrase: &Phrase) -> Cells {
    let bars = 0..phrase.frame().n_bars_total();
    bars.flat_map(|bar| phrase.parts().map(move |part| Cell { bar, part })).collect()
}

fn cells_of(task: Task, phrase: &Phrase, rng: &mut Rng) -> Cells {
    let n_bars = phrase.frame().n_bars_total();
    let parts: Vec<Part> = phrase.parts().collect();
    let some_parts = |rng: &mut Rng| -> Vec<Part> {
        let all = rng.f32() < 0.4;
        let one = rng.choice(&parts).copied();
        parts.iter().copied().filter(|&part| all || Some(part) == one || rng.f32() < 0.25).collect()
    };
    let stretch = |from: u32, to: u32, parts: &[Part]| -> Cells {
        (from..to).flat_map(|bar| parts.iter().map(move |&part| Cell { bar, part })).collect()
    };
    match task {
        Task::Generate => all_cells(phrase),
        Task::AddPart => {
            let added = rng.choice(&parts).copied();
            let also = rng.f32() < 0.3;
            let second = rng.choice(&parts).copied().filter(|_| also && parts.len() > 2);
            let composed: Vec<Part> =
                parts.iter().copied().filter(|&part| Some(part) == added || Some(part) == second).collect();
            stretch(0, n_bars, &composed)
        }
        Task::Continue => stretch(rng.u32(1..n_bars.max(2)), n_bars, &parts),
        Task::Recompose | Task::Locked | Task::Skeleton => {
            let composed = some_parts(rng);
            let from = rng.u32(0..n_bars);
            let longest = (n_bars - from).min(4);
            let mut cells = stretch(from, from + rng.u32(1..=longest), &composed);
            if rng.f32() < 0.2 {
                // Scattered cells.
                cells = all_cells(phrase).into_iter().filter(|_| rng.f32() < 0.3).collect();
                cells.extend(rng.choice(all_cells(phrase)));
            }
            cells
        }
    }
}

fn lock_some(phrase: &Phrase, compose: &Cells, rng: &mut Rng) -> Phrase {
    let share = rng.f32() * 0.8;
    let mut parts = phrase.to_parts();
    for part in Part::ALL {
        for note in &mut parts[part.index()] {
            let cell = Cell { bar: phrase.frame().bar_of(note.onset), part };
            note.locked = compose.contains(&cell) && rng.f32() < share;
        }
    }
    Phrase::new(*phrase.frame(), phrase.progression().clone(), parts).expect("locks do not break a phrase")
}

/// Keep-rhythm (position and duration known, sometimes position alone) or keep-pitches, one for the whole example;
/// one note in ten is left out of the skeleton.
fn skeleton(phrase: &Phrase, compose: &Cells, rng: &mut Rng) -> Vec<SkeletonNote> {
    let keeps_rhythm = rng.f32() < 0.6;
    let keeps_duration = rng.f32() < 0.7;
    let mut notes = Vec::new();
    for &cell in compose {
        for note in phrase.cell(cell) {
            if rng.f32() < 0.1 {
                continue;
            }
            let has_duration = keeps_rhythm && keeps_duration && !cell.part.is_drums();
            notes.push(SkeletonNote {
                cell,
                onset: keeps_rhythm.then_some(note.onset),
                pitch: (!keeps_rhythm).then_some(note.pitch),
                duration: has_duration.then_some(note.duration),
            });
        }
    }
    notes
}

/// The controls measured on the cells to compose. In a quarter of the examples all are dropped, else each is dropped
/// with a probability drawn once, a third on average.
fn controls(phrase: &Phrase, compose: &Cells, style: Option<Style>, rng: &mut Rng) -> Controls {
    let tells_style = rng.f32() < 0.85;
    let style = style.filter(|_| tells_style);
    let tells_frame = rng.f32() < 0.6;
    if rng.f32() < 0.25 {
        return Controls { style, tells_frame, ..Controls::default() };
    }
    let parts = Part::ALL.map(|part| {
        let bars: Vec<u32> = compose.iter().filter(|cell| cell.part == part).map(|cell| cell.bar).collect();
        measure_part(phrase, part, &bars)
    });
    let mut controls = Controls::from_measures(style, measure_mood(phrase), &parts);
    controls.tells_frame = tells_frame;
    let dropped = rng.f32().powi(2);
    if rng.f32() < dropped {
        (controls.valence, controls.arousal) = (None, None);
    }
    for part in Part::ALL {
        for control in PartControl::ALL {
            if rng.f32() < dropped {
                controls.set_part(part, control, None);
            }
        }
    }
    controls
}
