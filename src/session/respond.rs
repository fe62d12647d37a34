//! Responses to what was played: an answer to a call, or an accompaniment.
//!
//! An answer has its call as context, is asked for the call's measures, and repeats its chords; it closes on the tonic.
//! An accompaniment follows the chords recognised in what was played.

use super::{Task, TaskError, TaskKind, TaskSettings};
use crate::music::analysis::harmony;
use crate::music::measure::{measure_mood, measure_part};
use crate::music::{
    Cell, Cells, Chord, ChordQuality, ChordSpan, Frame, Part, Phrase, Progression, TickInstant,
};
use crate::token::{Controls, Harmony};

impl Task {
    /// Composes `n_bars` bars of `parts` as an answer to the end of `call`. Controls that are not set are those
    /// measured in the call. If no chords are given, they are those of the call's last `n_bars` bars (recognised where
    /// none are written), except in the last bar, which closes. Given chords are positioned in `call` and continue
    /// after its end.
    ///
    /// # Errors
    ///
    /// As [`Self::continue_by`].
    pub fn respond(
        call: &Phrase,
        n_bars: u32,
        parts: &[Part],
        settings: TaskSettings,
    ) -> Result<Self, TaskError> {
        let call = call.clone().with_progression(harmony(call));
        let controls = as_played(&call, parts, &settings.controls);
        let harmony = match settings.harmony {
            Harmony::Composed => Harmony::Given(call_and_answer(&call, n_bars)),
            other => other,
        };
        let task = Self::continue_by(&call, n_bars, parts, TaskSettings { controls, harmony, ..settings })?;
        Ok(Self { kind: TaskKind::Respond, ..task })
    }

    /// Composes `parts` for the last `n_bars` bars of `played`, at most [`Task::MAX_BARS`], under the chords recognised
    /// in them. Parts that were played there are left alone.
    ///
    /// # Errors
    ///
    /// As [`Self::recompose`]; [`TaskError::NoParts`] if no part is left to compose.
    pub fn accompany(
        played: &Phrase,
        n_bars: u32,
        parts: &[Part],
        settings: TaskSettings,
    ) -> Result<Self, TaskError> {
        let recognised = harmony(played);
        let played = played.clone().with_progression(recognised.clone());
        let n_total = played.frame().n_bars_total();
        let bars = n_total.saturating_sub(n_bars.min(Self::MAX_BARS))..n_total;
        let is_played = |part| bars.clone().any(|bar| !played.cell(Cell { bar, part }).is_empty());
        let added = parts.iter().copied().filter(|part| !is_played(*part));
        let cells: Cells = added.flat_map(|part| bars.clone().map(move |bar| Cell { bar, part })).collect();
        if cells.is_empty() {
            return Err(TaskError::NoParts);
        }
        let harmony = match settings.harmony {
            Harmony::Composed if !recognised.is_empty() => Harmony::Given(recognised),
            other => other,
        };
        let task = Self::recompose(&played, &cells, TaskSettings { harmony, ..settings })?;
        Ok(Self { kind: TaskKind::Accompany, ..task })
    }
}

/// `asked`, filled up with what is measured in the part of `call` that is given as context.
fn as_played(call: &Phrase, parts: &[Part], asked: &Controls) -> Controls {
    let n_total = call.frame().n_bars_total();
    let bars: Vec<u32> = (n_total.saturating_sub(Task::MAX_BARS)..n_total).collect();
    let measures =
        Part::ALL.map(|part| parts.contains(&part).then(|| measure_part(call, part, &bars)).flatten());
    let measured = Controls::from_measures(asked.style, measure_mood(call), &measures);
    let mut controls = asked.clone();
    controls.valence = asked.valence.or(measured.valence);
    controls.arousal = asked.arousal.or(measured.arousal);
    for (asked, measured) in controls.parts.iter_mut().flatten().zip(measured.parts.iter().flatten()) {
        *asked = asked.or(*measured);
    }
    controls
}

/// The chords of `call`, followed by those of its last `n_bars` bars with the tonic in the last bar.
fn call_and_answer(call: &Phrase, n_bars: u32) -> Progression {
    let frame = call.frame();
    let n_context = n_bars.min(frame.n_bars_total());
    let last = frame.n_bars_total() - n_context;
    let again = call.progression().window(frame.bar_start(last), frame.end());
    let answer = Frame { n_bars, has_pickup: false, ..*frame };
    let mut spans = Vec::new();
    for repeat in 0..n_bars.div_ceil(n_context) {
        let later = again.later(answer.bar_start(repeat * n_context).since(TickInstant::ZERO));
        spans.extend_from_slice(later.window(TickInstant::ZERO, answer.end()).spans());
    }
    let close = answer.bar_start(n_bars.saturating_sub(1));
    let third = if frame.key.mode.is_minor() { ChordQuality::Minor } else { ChordQuality::Major };
    let tonic = ChordSpan {
        onset: close,
        duration: answer.end().since(close),
        chord: Some(Chord::new(frame.key.tonic, third)),
    };
    let closed = Progression::new(spans).spliced(&Progression::new(vec![tonic]), &[close..answer.end()]);
    call.progression().spliced(&closed.later(frame.duration()), &[frame.end()..TickInstant(u32::MAX)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::measure::PartControl;
    use crate::music::{Key, Meter, Note, Pitch, TickDuration};

    /// Four bars: a melody of broken triads.
    fn call() -> Phrase {
        let frame = Frame::new(Meter::COMMON, 4, Key::C_MAJOR, 100.0);
        let line = [60, 64, 67, 64, 57, 60, 64, 60, 53, 57, 60, 57, 55, 59, 62, 67];
        let note = |(idx, pitch): (u32, i32)| {
            Note::new(TickInstant(idx * 960), TickDuration(900), Pitch::clamped(pitch), 90)
        };
        let melody = (0..).zip(line).map(note).collect();
        Phrase::new(frame, Progression::default(), [vec![], vec![], vec![], vec![], melody]).unwrap()
    }

    fn given(task: &Task) -> Vec<String> {
        let Harmony::Given(progression) = &task.harmony else { panic!("no chords") };
        let spans = progression.spans().iter();
        spans.map(|span| format!("{}:{}", span.onset.0 / 3840, span.chord.unwrap())).collect()
    }

    #[test]
    fn an_answer_has_the_chords_of_its_call_and_closes() {
        let task = Task::respond(&call(), 4, &[Part::Melody], TaskSettings::default()).unwrap();
        assert_eq!(task.kind, TaskKind::Respond);
        assert_eq!(given(&task), ["0:C", "2:F", "3:G", "4:C", "6:F", "7:C"]);
        let longer = Task::respond(&call(), 6, &[Part::Melody], TaskSettings::default()).unwrap();
        assert_eq!(given(&longer)[3..], ["4:C", "6:F", "7:G", "8:C", "9:C"]);
        assert!(Task::respond(&call(), 13, &[Part::Melody], TaskSettings::default()).is_err());
    }

    #[test]
    fn an_answer_is_asked_for_what_the_call_has_unless_set() {
        let mut settings = TaskSettings::default();
        settings.controls.set_part(Part::Melody, PartControl::Density, Some(0.9));
        let task = Task::respond(&call(), 2, &[Part::Melody, Part::Bass], settings).unwrap();
        let measured = measure_part(&call(), Part::Melody, &[0, 1, 2, 3]).unwrap();
        for control in PartControl::ALL {
            let expected = if control == PartControl::Density { 0.9 } else { measured.get(control) };
            assert_eq!(task.controls.part(Part::Melody, control), Some(expected), "{control:?}");
            assert_eq!(task.controls.part(Part::Bass, control), None, "{control:?}");
        }
    }

    #[test]
    fn an_accompaniment_leaves_what_was_played() {
        let task = Task::accompany(&call(), 4, &[Part::Melody, Part::Bass], TaskSettings::default()).unwrap();
        assert!(task.compose.iter().all(|cell| cell.part == Part::Bass));
        assert_eq!(given(&task), ["0:C", "2:F", "3:G"]);
        assert_eq!(task.prompt().unwrap().given().notes(Part::Melody), call().notes(Part::Melody));
        assert!(Task::accompany(&call(), 4, &[Part::Melody], TaskSettings::default()).is_err());
    }
}
