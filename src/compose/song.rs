//! Song forms: sections composed one after the other, each with the music before it as context.
//!
//! A repeated section is a copy. A variation keeps most notes of its section, chosen by seed, and ends differently. A
//! contrasting section continues from the one before it and lifts (`lift`). An intro and a break are thin: only the
//! chord track, or whichever of chords, arpeggio and bass there are. Variations and contrasts are checked by their
//! [`similarity`], and drawn again if they fail.
//!
//! Every section but the last ends with a drum fill and leads on; the last has the ending of the task's settings. If
//! the last is a copy or a variation, its last bars are composed anew for that.

mod lift;

use std::ops::{ControlFlow, Range, RangeInclusive};
use std::sync::Arc;

use super::{ComposeError, Model, Progress, compose};
use crate::music::analysis::similarity;
use crate::music::ending::Ending;
use crate::music::{Cell, Cells, Frame, Note, Part, Phrase, Progression, TickInstant};
use crate::session::form::Step;
use crate::session::{
    Form, Job, Keep, Origin, PlanRule, Receipt, Song, SongSection, Take, Task, TaskSettings, Variation,
};
use crate::token::Harmony;

/// Most draws of a section.
const MAX_DRAWS: u32 = 5;

/// Allowed likeness of a variation to its section: below it would be another section, above a copy.
pub const VARIATION_LIKENESS: RangeInclusive<f32> = 0.4..=0.95;

/// Largest likeness of a contrasting section to the first, without bass and drums, if there is no variation to compare
/// with.
pub const MAX_CONTRAST_LIKENESS: f32 = 0.5;

/// Share of a section's notes that its variation composes anew, outside the ending.
const VARIED_SHARE: f32 = 0.5;

/// Change of the melody's density in a contrasting section, on the scale `0.0..=1.0`.
const CONTRAST: f32 = 0.2;

/// Bars at the end of the last section that are composed anew for its close.
const CLOSING_BARS: u32 = 2;

/// The parts of an intro and a break, as far as the song has them.
const THIN: [Part; 3] = [Part::Chords, Part::Arpeggio, Part::Bass];

/// A song to compose.
#[derive(Debug, Clone, PartialEq)]
pub struct SongTask {
    /// Sections in order.
    pub form: Form,
    /// Meter, key, tempo and the bars of one section.
    pub section: Frame,
    /// Parts of all sections.
    pub parts: Vec<Part>,
    /// Settings of all sections; given chords are those of one section, and the ending is that of the last.
    pub settings: TaskSettings,
}

/// Progress of a song.
#[derive(Debug, Clone, Copy)]
pub struct SongProgress<'a> {
    /// Number of bars begun.
    pub n_bars: usize,
    /// Number of bars in the song.
    pub n_bars_total: usize,
    /// The finished sections, joined.
    pub finished: Option<&'a Phrase>,
    /// Progress of the current section, which may be drawn again.
    pub section: &'a Progress<'a>,
}

impl SongProgress<'_> {
    /// The finished sections, followed by silence for those to come; `None` before the first is finished.
    pub fn phrase(&self) -> Option<Phrase> {
        let finished = self.finished?;
        let n_bars = u32::try_from(self.n_bars_total).ok()?;
        let frame = Frame { n_bars, ..*finished.frame() };
        Phrase::new(frame, finished.progression().clone(), finished.to_parts()).ok()
    }
}

/// Composes takes `takes` of a song, one after the other.
///
/// # Errors
///
/// As [`compose`], and for sections that are not valid tasks.
pub fn compose_song(
    model: &Model,
    task: &SongTask,
    seed: u64,
    takes: Range<u32>,
    mut progress: impl FnMut(&SongProgress) -> ControlFlow<()>,
) -> Result<Vec<Take>, ComposeError> {
    takes.map(|take| Composer::new(model, task, seed, take).compose(&mut progress)).collect()
}

/// Composes `song` again from its receipts.
///
/// # Errors
///
/// As [`compose`].
pub fn replay_song(model: &Model, song: &Song) -> Result<Phrase, ComposeError> {
    let mut sections: Vec<Phrase> = Vec::new();
    for section in &song.sections {
        let phrase = match &section.origin {
            Origin::Copy(of) => sections.get(*of).cloned(),
            Origin::Composed(receipt) => {
                let draft = [&**receipt];
                let composed =
                    compose(model, &receipt.task, receipt.seed, draft, |_| ControlFlow::Continue(()))?;
                composed.first().map(|take| ending(&take.phrase, song.section_bars)).transpose()?
            }
        };
        sections.extend(phrase);
    }
    joined(&lift::louder(sections, &song.sections)?)
}

struct Composer<'a> {
    model: &'a Model,
    task: &'a SongTask,
    seed: u64,
    /// Index of the first draw of each section.
    first_draw: u32,
    sections: Vec<Phrase>,
    made: Vec<SongSection>,
}

/// One draw of a section.
struct Draw {
    phrase: Phrase,
    receipt: Receipt,
    likeness: Option<f32>,
}

impl<'a> Composer<'a> {
    fn new(model: &'a Model, task: &'a SongTask, seed: u64, take: u32) -> Self {
        let first_draw = take.saturating_mul(MAX_DRAWS);
        Self { model, task, seed, first_draw, sections: Vec::new(), made: Vec::new() }
    }

    fn compose(
        mut self,
        progress: &mut impl FnMut(&SongProgress) -> ControlFlow<()>,
    ) -> Result<Take, ComposeError> {
        let steps = self.task.form.steps();
        for (step, name) in steps.iter().zip(self.task.form.sections()) {
            let (phrase, origin, likeness) = match *step {
                Step::Copy(of) if !self.closes() => {
                    (self.sections[of].clone(), Origin::Copy(of), self.made[of].likeness)
                }
                step => {
                    let draw = self.best_draw(step, &steps, progress)?;
                    (draw.phrase, Origin::Composed(Box::new(draw.receipt)), draw.likeness)
                }
            };
            let louder = match *step {
                Step::Copy(of) | Step::Vary(of) => self.made[of].louder,
                Step::Contrast(with) => lift::loudness(&self.sections[with], &phrase),
                Step::Compose | Step::Thin | Step::End => 0,
            };
            self.sections.push(phrase);
            self.made.push(SongSection { name: name.to_string(), origin, likeness, louder });
        }
        let phrase = Arc::new(joined(&lift::louder(self.sections, &self.made)?)?);
        let song = Song { section_bars: self.task.section.n_bars, sections: self.made };
        let task = song.sections.iter().find_map(|section| match &section.origin {
            Origin::Composed(receipt) => Some(receipt.task.clone()),
            Origin::Copy(_) => None,
        });
        let task = task.ok_or(ComposeError::NoChoice)?;
        let receipt = self.model.receipt(self.seed, self.first_draw, &task);
        Ok(Take { phrase, receipt: Receipt { song: Some(song), ..receipt }, remarks: Vec::new() })
    }

    /// Whether the current section is the last and has an ending of its own.
    fn closes(&self) -> bool {
        self.is_last() && !matches!(self.task.settings.ending, Ending::Any | Ending::Loop)
    }

    fn is_last(&self) -> bool {
        self.sections.len() + 1 == self.task.form.sections().len()
    }

    /// The first draw of a section whose likeness to its model is as wanted, else the one that comes closest.
    fn best_draw(
        &self,
        step: Step,
        steps: &[Step],
        progress: &mut impl FnMut(&SongProgress) -> ControlFlow<()>,
    ) -> Result<Draw, ComposeError> {
        let wanted = self.wanted_likeness(step, steps);
        let mut best: Option<(f32, Draw)> = None;
        for attempt in 0..MAX_DRAWS {
            let last = best.as_ref().and_then(|(_, draw)| draw.likeness);
            let draw = self.draw(step, attempt, last, progress)?;
            let unlike = draw.likeness.map_or(0.0, |got| (wanted.start() - got).max(got - wanted.end()));
            let miss = match step {
                Step::Contrast(with) => unlike.max(lift::lacking(&self.sections[with], &draw.phrase)),
                _ => unlike,
            };
            let is_better = best.as_ref().is_none_or(|(least, _)| miss < *least);
            if miss <= 0.0 {
                return Ok(draw);
            }
            if is_better {
                best = Some((miss, draw));
            }
        }
        best.map(|(_, draw)| draw).ok_or(ComposeError::NoChoice)
    }

    /// The wanted likeness of a section to its model, given the sections composed before it.
    fn wanted_likeness(&self, step: Step, steps: &[Step]) -> RangeInclusive<f32> {
        let likenesses = |is_kin: fn(&Step) -> bool| {
            steps
                .iter()
                .zip(&self.made)
                .filter(move |(step, _)| is_kin(step))
                .filter_map(|(_, made)| made.likeness)
        };
        match step {
            Step::Vary(_) => {
                let contrasts = likenesses(|step| matches!(step, Step::Contrast(_)));
                let (least, most) = VARIATION_LIKENESS.into_inner();
                contrasts.fold(least, f32::max)..=most
            }
            Step::Contrast(_) => {
                let variations = likenesses(|step| matches!(step, Step::Vary(_)));
                0.0..=variations.fold(MAX_CONTRAST_LIKENESS, f32::min)
            }
            Step::Compose | Step::Copy(_) | Step::Thin | Step::End => 0.0..=1.0,
        }
    }

    /// Composes the current section by `step`, at attempt `attempt`; `last` is the likeness of the attempt before.
    fn draw(
        &self,
        step: Step,
        attempt: u32,
        last: Option<f32>,
        progress: &mut impl FnMut(&SongProgress) -> ControlFlow<()>,
    ) -> Result<Draw, ComposeError> {
        let finished = if self.sections.is_empty() { None } else { Some(joined(&self.sections)?) };
        let n_bars = self.task.section.n_bars;
        let (task, likened) = self.step_task(step, attempt, last, finished.as_ref())?;
        let fill = (!self.is_last()).then(|| task.base.frame().n_bars_total() - 1);
        let task = self.model.fitted(Task { fill, ..task });
        let draw = self.first_draw + attempt;
        let n_before = usize::try_from(n_bars).unwrap_or(0) * self.sections.len();
        let n_bars_total = usize::try_from(n_bars).unwrap_or(0) * self.task.form.sections().len();
        let takes = compose(self.model, &task, self.seed, draw..draw + 1, |section| {
            let n_bars = n_before + section.n_bars;
            progress(&SongProgress { n_bars, n_bars_total, finished: finished.as_ref(), section })
        })?;
        let take = takes.into_iter().next().ok_or(ComposeError::NoChoice)?;
        let phrase = ending(&take.phrase, n_bars)?;
        let likeness = likened.map(|other| match step {
            Step::Contrast(_) => similarity(&lift::foreground(other), &lift::foreground(&phrase)),
            _ => similarity(other, &phrase),
        });
        Ok(Draw { phrase, receipt: take.receipt, likeness })
    }

    /// The settings of the current section: the song's ending applies to the last one only.
    fn section_settings(&self) -> TaskSettings {
        let settings = self.task.settings.clone();
        match (self.is_last(), settings.ending) {
            (true, _) | (false, Ending::Any) => settings,
            (false, _) => TaskSettings { ending: Ending::Loop, ..settings },
        }
    }

    /// The task of the current section, which follows what is `finished`, and the section that its likeness is measured
    /// to.
    fn step_task(
        &self,
        step: Step,
        attempt: u32,
        last: Option<f32>,
        finished: Option<&Phrase>,
    ) -> Result<(Task, Option<&Phrase>), ComposeError> {
        let SongTask { section, parts, .. } = self.task;
        let (n_bars, settings) = (section.n_bars, self.section_settings());
        let follow = |parts: &[Part], settings: TaskSettings| match finished {
            Some(finished) if n_bars <= Task::MAX_ADDED_BARS => {
                let settings = TaskSettings { harmony: after(finished, &settings.harmony), ..settings };
                Task::continue_by(finished, n_bars, parts, settings)
            }
            _ => Task::generate(*section, parts, settings),
        };
        let first_bar = n_bars * u32::try_from(self.sections.len()).unwrap_or(0);
        Ok(match step {
            Step::Vary(of) => {
                let (phrase, change) = (&self.sections[of], 0.1 * f32_of(attempt));
                let is_too_like = last.is_none_or(|last| last > *VARIATION_LIKENESS.end());
                let share = VARIED_SHARE + if is_too_like { change } else { -change };
                let variation = Variation {
                    share: share.max(0.05),
                    keep: Keep::Nothing,
                    n_ending_bars: n_bars.div_ceil(4),
                };
                let seed = self.seed.wrapping_add(u64::from(self.first_draw + attempt));
                let phrase = &lift::led_to(phrase, settings.ending)?;
                let task = Job::vary(phrase, variation, seed, settings)?.task;
                (Task { first_bar, ..task }, Some(&self.sections[of]))
            }
            Step::Copy(of) => {
                let phrase = &self.sections[of];
                let n_closing = CLOSING_BARS.min(n_bars);
                let cells: Cells = (n_bars - n_closing..n_bars)
                    .flat_map(|bar| phrase.parts().map(move |part| Cell { bar, part }))
                    .collect();
                (Task { first_bar, ..Task::recompose(phrase, &cells, settings)? }, Some(phrase))
            }
            Step::Contrast(with) => {
                let model = &self.sections[with];
                let controls = lift::controls(model, &settings.controls, CONTRAST + 0.05 * f32_of(attempt));
                // A contrast repeats only its own bars.
                let plan = if settings.plan == PlanRule::Counted { PlanRule::Apart } else { settings.plan };
                (follow(parts, TaskSettings { controls, plan, ..settings })?, Some(model))
            }
            Step::Thin => {
                let thin: Vec<Part> = THIN.into_iter().filter(|part| parts.contains(part)).collect();
                let mut task = follow(if thin.is_empty() { parts } else { &thin }, settings)?;
                if parts.contains(&Part::Drums) {
                    let bar = task.base.frame().n_bars_total() - 1;
                    task.compose.insert(Cell { bar, part: Part::Drums });
                }
                (task, None)
            }
            Step::Compose | Step::End => (follow(parts, settings)?, None),
        })
    }
}

/// Given chords of a section, moved to after what is `finished`.
fn after(finished: &Phrase, harmony: &Harmony) -> Harmony {
    match harmony {
        Harmony::Given(chords) => {
            let all = Progression::new(
                [finished.progression().spans(), chords.later(finished.frame().duration()).spans()].concat(),
            );
            Harmony::Given(all)
        }
        other => other.clone(),
    }
}

/// The last `n_bars` bars, with nothing locked: a task's locks are not the user's.
fn ending(phrase: &Phrase, n_bars: u32) -> Result<Phrase, ComposeError> {
    let first = phrase.frame().n_bars_total().saturating_sub(n_bars);
    let last = phrase.window(first, n_bars)?;
    let parts =
        last.to_parts().map(|notes| notes.into_iter().map(|note| Note { locked: false, ..note }).collect());
    Ok(Phrase::new(*last.frame(), last.progression().clone(), parts)?)
}

/// Joins the sections.
fn joined(sections: &[Phrase]) -> Result<Phrase, ComposeError> {
    let first = sections.first().ok_or(ComposeError::NoChoice)?;
    let n_bars = sections.iter().map(|section| section.frame().n_bars).sum();
    let frame = Frame { n_bars, ..*first.frame() };
    let mut parts: [Vec<Note>; 5] = Default::default();
    let mut spans = Vec::new();
    let mut bar = 0;
    for section in sections {
        let offset = frame.bar_start(bar).since(TickInstant::ZERO);
        for part in Part::ALL {
            let moved = section.notes(part).iter().map(|note| Note { onset: note.onset + offset, ..*note });
            parts[part.index()].extend(moved);
        }
        spans.extend_from_slice(section.progression().later(offset).spans());
        bar += section.frame().n_bars;
    }
    Ok(Phrase::new(frame, Progression::new(spans), parts)?)
}

#[expect(clippy::cast_precision_loss, reason = "a handful of draws")]
const fn f32_of(n: u32) -> f32 {
    n as f32
}
