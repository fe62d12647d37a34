//! Measures a take in units of the parameters, for display next to the values asked: the inverse of
//! [`task_settings`](super::task_settings).

use std::collections::BTreeMap;

use super::{ParamId, PartParam};
use crate::knobs::Dial;
use crate::music::Part;
use crate::music::measure::{PartControl, PartMeasures, measure_mood, measure_part};
use crate::session::{Take, TaskKind};

/// The value asked and the value measured of one parameter of a take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// The value asked, `0.0..=1.0`; `None` is auto.
    pub asked: Option<f32>,
    /// The value measured, `0.0..=1.0`.
    pub got: f32,
}

/// The values asked and measured of every parameter that can be measured in `take`. A knob has the mean over the parts
/// that it applies to. Parts are measured over the composed cells, in a song form over the first section. The mood is
/// measured over a whole phrase, so only a new phrase has it.
pub fn outcomes(take: &Take) -> BTreeMap<ParamId, Outcome> {
    let controls = &take.receipt.task.controls;
    let mut outcomes = BTreeMap::new();
    let is_new = take.receipt.task.kind == TaskKind::Generate && take.receipt.song.is_none();
    if let Some(mood) = measure_mood(&take.phrase).filter(|_| is_new) {
        outcomes.insert(ParamId::Valence, Outcome { asked: controls.valence, got: mood.valence });
        outcomes.insert(ParamId::Arousal, Outcome { asked: controls.arousal, got: mood.arousal });
    }
    let parts: Vec<(Part, PartMeasures)> =
        Part::ALL.into_iter().filter_map(|part| Some((part, measured(take, part)?))).collect();
    for &(part, measures) in &parts {
        let asked = controls.part(part, PartControl::Density);
        let got = measures.get(PartControl::Density);
        outcomes.insert(ParamId::Part(part, PartParam::Density), Outcome { asked, got });
    }
    for control in PartControl::ALL {
        let Some(dial) = Dial::of(control) else { continue };
        // Register and leaps mean nothing for drums.
        let is_meant =
            |part: Part| !part.is_drums() || !matches!(control, PartControl::Register | PartControl::Leaps);
        let spoken_for = || parts.iter().filter(|(part, _)| is_meant(*part));
        let asked: Option<Vec<f32>> = spoken_for().map(|(part, _)| controls.part(*part, control)).collect();
        let got: Vec<f32> = spoken_for().map(|(_, measures)| measures.get(control)).collect();
        if let Some(got) = mean(&got) {
            outcomes.insert(ParamId::of_dial(dial), Outcome { asked: asked.as_deref().and_then(mean), got });
        }
    }
    outcomes
}

/// The measures of `part` over its composed cells; `None` if it has none.
fn measured(take: &Take, part: Part) -> Option<PartMeasures> {
    let task = &take.receipt.task;
    let n_bars = take.phrase.frame().n_bars_total();
    // A take of Respond has only the last bars of its base, the answer.
    let n_context = match task.kind {
        TaskKind::Respond => task.base.frame().n_bars_total().saturating_sub(n_bars) + task.first_bar,
        _ => 0,
    };
    let cells = task.cells_in_whole();
    let of_part = cells.iter().filter(|cell| cell.part == part);
    let bars: Vec<u32> = of_part.filter_map(|cell| cell.bar.checked_sub(n_context)).collect();
    measure_part(&take.phrase, part, &bars)
}

fn mean(values: &[f32]) -> Option<f32> {
    let n = u16::try_from(values.len()).ok().filter(|n| *n > 0)?;
    Some(values.iter().sum::<f32>() / f32::from(n))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::music::time::{TICKS_PER_STEP, TickDuration, TickInstant};
    use crate::music::{Cell, Frame, Key, Meter, Note, Phrase, Pitch, Progression};
    use crate::session::{Receipt, Task, TaskSettings};
    use crate::token::Controls;

    #[test]
    fn a_knob_has_the_mean_of_its_parts_and_only_of_those_composed() {
        let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 100.0);
        let note = |step: u32, key| {
            let (at, length) = (step * TICKS_PER_STEP, 6 * TICKS_PER_STEP);
            Note::new(TickInstant(at), TickDuration(length), Pitch::new(key).unwrap(), 90)
        };
        let mut parts: [Vec<Note>; 5] = Default::default();
        parts[Part::Bass.index()] = (0..2).map(|beat| note(beat * 48, 40)).collect();
        parts[Part::Melody.index()] = (0..16).map(|eighth| note(eighth * 6, 72)).collect();
        let phrase = Arc::new(Phrase::new(frame, Progression::default(), parts).unwrap());
        let mut controls = Controls::default();
        controls.set_part(Part::Bass, PartControl::Density, Some(0.2));
        controls.set_part(Part::Melody, PartControl::Density, Some(0.6));
        controls.set_part(Part::Bass, PartControl::Rests, Some(0.5));
        let settings = TaskSettings { controls, ..TaskSettings::default() };
        let task = Task::generate(frame, &[Part::Bass, Part::Melody], settings).unwrap();
        let take = Take { phrase, receipt: Receipt::new("model", 1, 0, &task), remarks: Vec::new() };

        let outcomes = outcomes(&take);
        let density = outcomes[&ParamId::Density];
        let of = |part| outcomes[&ParamId::Part(part, PartParam::Density)];
        assert!((density.asked.unwrap() - 0.4).abs() < 1e-6);
        assert!((density.got - (of(Part::Bass).got + of(Part::Melody).got) / 2.0).abs() < 1e-6);
        assert!(of(Part::Melody).got > of(Part::Bass).got + 0.3);
        assert_eq!(of(Part::Melody).asked, Some(0.6));
        assert_eq!(outcomes[&ParamId::Rests].asked, None, "asked of one part, not of the other");
        assert!(!outcomes.contains_key(&ParamId::Part(Part::Drums, PartParam::Density)));
        assert!(!outcomes.contains_key(&ParamId::Tempo));
    }

    #[test]
    fn of_bars_that_were_added_or_answered_only_those_are_measured() {
        let frame = Frame::new(Meter::COMMON, 4, Key::C_MAJOR, 100.0);
        let note = |step: u32| {
            let (at, length) = (step * TICKS_PER_STEP, 6 * TICKS_PER_STEP);
            Note::new(TickInstant(at), TickDuration(length), Pitch::new(72).unwrap(), 90)
        };
        let mut parts: [Vec<Note>; 5] = Default::default();
        // Eighths in two bars, then whole bars.
        parts[Part::Melody.index()] =
            (0..16).map(|eighth| note(eighth * 6)).chain([note(96), note(144)]).collect();
        let whole = Phrase::new(frame, Progression::default(), parts).unwrap();
        let settings = TaskSettings::default();
        let mut task = Task::generate(Frame { n_bars: 2, ..frame }, &[Part::Melody], settings).unwrap();
        (task.kind, task.first_bar) = (TaskKind::Continue, 2);
        let take = |task: &Task, phrase: &Phrase| {
            let phrase = Arc::new(phrase.clone());
            outcomes(&Take { phrase, receipt: Receipt::new("model", 1, 0, task), remarks: Vec::new() })
        };
        let added = measure_part(&whole, Part::Melody, &[2, 3]).unwrap().get(PartControl::Density);
        assert_eq!(take(&task, &whole)[&ParamId::Density].got, added);
        assert!(!take(&task, &whole).contains_key(&ParamId::Valence));
        task.kind = TaskKind::Respond;
        task.base = whole.clone();
        task.compose = task.compose.iter().map(|cell| Cell { bar: cell.bar + 2, ..*cell }).collect();
        let answer = whole.window(2, 2).unwrap();
        assert_eq!(take(&task, &answer)[&ParamId::Density].got, added);
    }
}
