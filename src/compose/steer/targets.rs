//! Targets of each part: the asked controls, and otherwise what the same seed gives when nothing is asked.
//!
//! A knob should move what it names and nothing else. So a task with part controls or a mood is composed twice. The
//! first pass, with none of them, gives the *reference*. Then the parts with asked controls are composed again, with
//! the chords and the other parts of the reference as context; for controls that are not asked, the measures of the
//! reference are the targets.

use super::part::Aims;
use crate::music::measure::{Mood, PartControl, PartMeasures, measure_mood, measure_part, raw_quantity};
use crate::music::{Cells, Part, Phrase};
use crate::session::{TakeTargets, Task};
use crate::token::prompt::PromptError;
use crate::token::{Controls, Harmony, Prompt};

/// The second pass.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The prompt for the network.
    pub prompt: Prompt,
    /// Targets, indexed by `[part_idx]`.
    pub aims: [Aims; 5],
    /// Wanted change of the valence score from the reference; 0 if no mood is asked.
    pub brightening: f64,
}

/// Whether anything is asked that steering can achieve.
pub fn asks(task: &Task) -> bool {
    let controls = &task.controls;
    controls.valence.is_some()
        || controls.arousal.is_some()
        || Part::ALL.into_iter().any(|part| asks_of(task, part))
}

/// Whether `part` is composed and a control of it is asked.
fn asks_of(task: &Task, part: Part) -> bool {
    task.controls.parts[part.index()].iter().any(Option::is_some)
        && task.compose.iter().any(|cell| cell.part == part)
}

/// `task` without part controls and mood.
pub fn free(task: &Task) -> Task {
    let controls =
        Controls { valence: None, arousal: None, parts: Default::default(), ..task.controls.clone() };
    Task { controls, ..task.clone() }
}

impl Plan {
    /// The second pass of `task` after `reference`, a take of its [`free`] version. Parts without asked controls stay
    /// as in the reference, unless `fits` says that the prompt with them is too long for the network.
    ///
    /// # Errors
    ///
    /// As [`Prompt::new`].
    pub fn new(task: &Task, reference: &Phrase, fits: impl Fn(&Prompt) -> bool) -> Result<Self, PromptError> {
        let asks_mood = task.controls.valence.is_some() || task.controls.arousal.is_some();
        let asked: Cells =
            task.compose.iter().copied().filter(|cell| asks_mood || asks_of(task, cell.part)).collect();
        // Kept notes concern all cells of the task.
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

    /// A pass that composes `prompt`, in which no control is asked that can be steered, towards `ideas`; `None` if
    /// there are none.
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
        let asked = prefix_controls(controls, &measures, mood);
        Ok(Self { prompt: prompt(asked, harmony)?, aims, brightening })
    }
}

/// The controls in the prefix: those asked, and the measures of the reference for the rest.
fn prefix_controls(
    controls: &Controls,
    measures: &[Option<PartMeasures>; 5],
    mood: Option<Mood>,
) -> Controls {
    let mut asked = controls.clone();
    asked.valence = controls.valence.or(mood.map(|mood| mood.valence));
    asked.arousal = controls.arousal.or(mood.map(|mood| mood.arousal));
    for part in Part::ALL {
        for control in PartControl::ALL {
            let measured = measures[part.index()].map(|measures| measures.get(control));
            asked.set_part(part, control, controls.part(part, control).or(measured));
        }
    }
    asked
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
    // Half an octave of onsets moves the arousal score by a half. If the reference is already beyond what is asked,
    // asking for more still gives more.
    let of_itself = controls.arousal.map_or(0.0, |asked| f64::from(asked) - 0.5);
    let faster = |part: Part| {
        let octaves = if of_itself < 0.0 && plays_on[part.index()] { OF_ITSELF_CALM } else { OF_ITSELF };
        ((2.0 * livelier).clamp(SLOWER, FASTER) + octaves * of_itself).exp2()
    };
    let higher = (brighter * 24.0).clamp(-HIGHEST, HIGHEST);
    let aims = Part::ALL.map(|part| {
        // A mood alone leaves a part's figures free; if one of the part's knobs is turned, its other controls are held.
        let holds = controls.parts[part.index()].iter().any(Option::is_some);
        let mut aims = PartControl::ALL.map(|control| {
            let asked = controls.part(part, control);
            let measured = measures[part.index()].map(|measures| measures.get(control));
            let raw = |value| raw_quantity(part, control, value);
            match (asked, control) {
                (Some(value), _) => Some(raw(value)),
                // A part that is empty in the reference gets the usual number of notes.
                (None, PartControl::Density) if holds || controls.arousal.is_some() => {
                    Some(raw(measured.unwrap_or(0.5)) * faster(part))
                }
                // Fewer notes are longer ones, unless silence makes the mood calm.
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

/// Clamps the targets that were not asked so that the asked ones can be reached.
fn give_way(part: Part, asked: &[Option<f32>; 7], aims: &mut Aims) {
    let is_asked = |control: PartControl| asked[control.index()].is_some();
    let mut hold = |control: PartControl, low: f64, high: f64| {
        if let Some(aim) = aims[control.index()].as_mut().filter(|_| !is_asked(control)) {
            *aim = aim.clamp(low, high.max(low));
        }
    };
    let raw = |control: PartControl| asked[control.index()].map(|value| raw_quantity(part, control, value));
    // Onsets have room where something sounds; drum hits, which sound for half a beat each, fill it when evenly spread.
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
        // A few notes cannot go far by steps, and cannot leap in a narrow range.
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

/// Range of the change in density that a mood may ask for, in octaves of the reference's onsets.
const SLOWER: f64 = -0.5;
const FASTER: f64 = 0.6;

/// Octaves of onsets between the calmest and the most energetic mood, whatever the reference.
const OF_ITSELF: f64 = 2.4;

/// The same below the middle, for parts that must not be silent, since their notes get longer too.
const OF_ITSELF_CALM: f64 = 1.6;

/// The score from which a measure of mood was squashed.
fn score(value: f32) -> f64 {
    (2.0 * f64::from(value.clamp(0.02, 0.98)) - 1.0).atanh()
}
