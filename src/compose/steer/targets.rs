//! What each part should have: what was asked, and for the rest what the same seed gives when nothing is asked.
//!
//! A knob should move what it names and nothing else. So a task with settings is composed twice: first freely, as if no
//! part control and no mood were asked; that phrase is the *reference*. Then the parts that something is asked of are
//! composed again, under the chords and beside the other parts of the reference, with what it has of every control as
//! the aim where nothing is asked.

use super::part::Aims;
use crate::music::measure::{Mood, PartControl, PartMeasures, measure_mood, measure_part, raw_quantity};
use crate::music::{Cells, Part, Phrase};
use crate::session::{TakeTargets, Task};
use crate::token::prompt::PromptError;
use crate::token::{Controls, Harmony, Prompt};

/// What is composed the second time.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The request to the network.
    pub prompt: Prompt,
    /// What is aimed at, indexed by `[part_idx]`.
    pub aims: [Aims; 5],
    /// How much brighter than the reference it should be, in the units of the valence score; 0 if nothing is asked.
    pub brightening: f64,
}

/// Whether anything is asked that steering can bring about.
pub fn asks(task: &Task) -> bool {
    let controls = &task.controls;
    controls.valence.is_some()
        || controls.arousal.is_some()
        || Part::ALL.into_iter().any(|part| asks_of(task, part))
}

/// Whether a control of `part` is asked, and it is composed.
fn asks_of(task: &Task, part: Part) -> bool {
    task.controls.parts[part.index()].iter().any(Option::is_some)
        && task.compose.iter().any(|cell| cell.part == part)
}

/// `task` with neither part controls nor mood.
pub fn free(task: &Task) -> Task {
    let controls =
        Controls { valence: None, arousal: None, parts: Default::default(), ..task.controls.clone() };
    Task { controls, ..task.clone() }
}

impl Plan {
    /// What to compose of `task` after `reference`, a take of [`free`] of it. Parts that nothing is asked of stay as they
    /// are in the reference, unless the network has no room to hear them beside the others: `fits` says so.
    ///
    /// # Errors
    ///
    /// As [`Prompt::new`].
    pub fn new(task: &Task, reference: &Phrase, fits: impl Fn(&Prompt) -> bool) -> Result<Self, PromptError> {
        let asks_mood = task.controls.valence.is_some() || task.controls.arousal.is_some();
        let asked: Cells =
            task.compose.iter().copied().filter(|cell| asks_mood || asks_of(task, cell.part)).collect();
        // What is kept of notes belongs to all the cells of the task.
        if task.skeleton().cells().is_empty() {
            let plan = Self::of_cells(task, reference, &asked, |controls, harmony| {
                Prompt::new(reference, asked.clone(), controls, harmony)
            })?;
            if fits(&plan.prompt) {
                return Ok(plan);
            }
        }
        Self::of_cells(task, reference, &task.compose, |controls, harmony| {
            let mut prompt = task.prompt()?;
            (prompt.controls, prompt.harmony) = (controls, harmony);
            Ok(prompt)
        })
    }

    /// What to compose of `prompt`, in which nothing is asked that can be steered, after `ideas`; `None` if there are none.
    pub fn of_ideas(prompt: &Prompt, ideas: &TakeTargets) -> Option<Self> {
        if ideas.is_empty() {
            return None;
        }
        let mut prompt = prompt.clone();
        prompt.controls = ideas.fill(&prompt.controls);
        let aims = Part::ALL.map(|part| {
            let ideas = &prompt.controls.parts[part.index()];
            let raw =
                |control: PartControl| ideas[control.index()].map(|value| raw_quantity(part, control, value));
            let mut aims = PartControl::ALL.map(raw);
            give_way(part, ideas, &mut aims);
            aims
        });
        Some(Self { prompt, aims, brightening: 0.0 })
    }

    fn of_cells(
        task: &Task,
        reference: &Phrase,
        compose: &Cells,
        prompt: impl FnOnce(Controls, Harmony) -> Result<Prompt, PromptError>,
    ) -> Result<Self, PromptError> {
        let controls = &task.controls;
        let harmony = match &task.harmony {
            Harmony::Composed => Harmony::Given(reference.progression().clone()),
            given_or_off => given_or_off.clone(),
        };
        let measures = Part::ALL.map(|part| {
            let bars: Vec<u32> =
                compose.iter().filter(|cell| cell.part == part).map(|cell| cell.bar).collect();
            measure_part(reference, part, &bars)
        });
        let mood = measure_mood(reference);
        let plays_on = Part::ALL.map(|part| task.plays_on(part));
        let (aims, brightening) = aims(controls, &measures, mood, plays_on);
        let told = told(controls, &measures, mood);
        Ok(Self { prompt: prompt(told, harmony)?, aims, brightening })
    }
}

/// What the network is told: what is asked, and what the reference has of the rest.
fn told(controls: &Controls, measures: &[Option<PartMeasures>; 5], mood: Option<Mood>) -> Controls {
    let mut told = controls.clone();
    told.valence = controls.valence.or(mood.map(|mood| mood.valence));
    told.arousal = controls.arousal.or(mood.map(|mood| mood.arousal));
    for part in Part::ALL {
        for control in PartControl::ALL {
            let measured = measures[part.index()].map(|measures| measures.get(control));
            told.set_part(part, control, controls.part(part, control).or(measured));
        }
    }
    told
}

fn aims(
    controls: &Controls,
    measures: &[Option<PartMeasures>; 5],
    mood: Option<Mood>,
    plays_on: [bool; 5],
) -> ([Aims; 5], f64) {
    let change = |asked: Option<f32>, had: Option<f32>| {
        asked.zip(had).map_or(0.0, |(asked, had)| score(asked) - score(had))
    };
    let livelier = change(controls.arousal, mood.map(|mood| mood.arousal));
    let brighter = change(controls.valence, mood.map(|mood| mood.valence));
    // Half an octave of onsets is one of the arousal score's halves. Where the reference is beyond what is asked, more is
    // still more.
    let of_itself = controls.arousal.map_or(0.0, |asked| f64::from(asked) - 0.5);
    let faster = |part: Part| {
        let octaves = if of_itself < 0.0 && plays_on[part.index()] { OF_ITSELF_CALM } else { OF_ITSELF };
        ((2.0 * livelier).clamp(SLOWER, FASTER) + octaves * of_itself).exp2()
    };
    let higher = (brighter * 24.0).clamp(-HIGHEST, HIGHEST);
    let aims = Part::ALL.map(|part| {
        // A mood alone leaves a part its own figures; who turns a knob of it wants the other knobs to stay.
        let holds = controls.parts[part.index()].iter().any(Option::is_some);
        let mut aims = PartControl::ALL.map(|control| {
            let asked = controls.part(part, control);
            let measured = measures[part.index()].map(|measures| measures.get(control));
            let raw = |value| raw_quantity(part, control, value);
            match (asked, control) {
                (Some(value), _) => Some(raw(value)),
                // A part that the reference leaves empty has the usual number of notes.
                (None, PartControl::Density) if holds || controls.arousal.is_some() => {
                    Some(raw(measured.unwrap_or(0.5)) * faster(part))
                }
                // Fewer notes are longer ones where silence is not what calms.
                (None, PartControl::Rests)
                    if !part.is_drums()
                        && plays_on[part.index()]
                        && controls.arousal.is_some_and(is_calm) =>
                {
                    Some(raw(measured.unwrap_or(0.5)))
                }
                (None, PartControl::Register)
                    if !part.is_drums() && (holds || controls.valence.is_some()) =>
                {
                    measured.map(|value| raw(value) + higher)
                }
                (None, _) if holds => measured.map(raw),
                (None, _) => None,
            }
        });
        give_way(part, &controls.parts[part.index()], &mut aims);
        aims
    });
    (aims, brighter)
}

/// Moves what was not asked to where what was asked is possible.
fn give_way(part: Part, asked: &[Option<f32>; 7], aims: &mut Aims) {
    let is_asked = |control: PartControl| asked[control.index()].is_some();
    let mut hold = |control: PartControl, low: f64, high: f64| {
        if let Some(aim) = aims[control.index()].as_mut().filter(|_| !is_asked(control)) {
            *aim = aim.clamp(low, high.max(low));
        }
    };
    let raw = |control: PartControl| asked[control.index()].map(|value| raw_quantity(part, control, value));
    // Onsets have room where something sounds; hits that sound half a beat each fill it when they are evenly spread.
    let (fewest, most) = if part.is_drums() { (2.0, 2.2) } else { (0.0, 3.2) };
    if let Some(rests) = raw(PartControl::Rests) {
        let free = if part.is_drums() { 40.0 * (0.1 - rests).max(0.0) } else { 0.0 };
        hold(PartControl::Density, fewest * (1.0 - rests), most * (1.0 - rests) + free);
    }
    if let Some(density) = raw(PartControl::Density) {
        let least = if part.is_drums() { 1.0 - density / fewest } else { 0.0 };
        hold(PartControl::Rests, least.max(0.0), (1.0 - density / 3.2).max(0.0));
    }
    if let Some(range) = raw(PartControl::Range).filter(|_| !part.is_drums()) {
        // A few notes cannot go far by steps, and none can leap in a narrow range.
        let (least, most) = (if range > 9.0 { 0.25 } else { 0.0 }, if range < 4.0 { 0.5 } else { 1.0 });
        hold(PartControl::Leaps, least, most);
    }
    if let Some(leaps) = raw(PartControl::Leaps).filter(|_| !part.is_drums()) {
        hold(PartControl::Range, 4.0 + 6.0 * leaps, f64::INFINITY);
    }
}

/// Whether `arousal` asks for fewer notes than usual.
const fn is_calm(arousal: f32) -> bool {
    arousal < 0.5
}

/// Most semitones that the mood moves a part.
const HIGHEST: f64 = 3.0;

/// Least and most octaves of notes beyond those of the reference that the mood asks for to become what was asked.
const SLOWER: f64 = -0.5;
const FASTER: f64 = 0.6;

/// Octaves of notes between the calmest and the most energetic mood, whatever the reference is like.
const OF_ITSELF: f64 = 2.4;

/// The same below the middle for parts that may not fall silent: their notes are longer too.
const OF_ITSELF_CALM: f64 = 1.6;

/// The score that a measure of mood was squashed from.
fn score(value: f32) -> f64 {
    (2.0 * f64::from(value.clamp(0.02, 0.98)) - 1.0).atanh()
}
