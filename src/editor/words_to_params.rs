//! Words as changes of parameters, so that the knobs move and the user learns what words mean.

use nice_plug::prelude::{Enum, Param};

use crate::music::measure::PartControl;
use crate::music::{Meter, Part};
use crate::params::choice::{
    EndingChoice, MeterChoice, ModeChoice, StyleChoice, TempoSourceChoice, TonicChoice,
};
use crate::params::text::whole;
use crate::params::{DescantParams, ParamId, PartParam};
use crate::player::Tempi;
use crate::words::{Level, Unknown, Words};

/// Parameters with the place in their range that they are to have, `0.0..=1.0`.
pub type Edits = Vec<(ParamId, f32)>;

/// What `words` change, where `tempi` come from outside, and what they ask for that no parameter stands for.
pub fn edits(words: &Words, params: &DescantParams, tempi: &Tempi) -> (Edits, Vec<Unknown>) {
    let (composing, playing) = (&params.composing, &params.playing);
    let mut edits = Edits::new();
    let percent = |share: f32| whole(share * 100.0);
    if let Some(style) = words.style {
        edits.push((ParamId::Style, composing.style.preview_normalized(StyleChoice(Some(style)))));
    }
    if let Some(valence) = words.valence {
        edits.push((ParamId::Valence, composing.valence.preview_normalized(percent(valence))));
    }
    if let Some(arousal) = words.arousal {
        edits.push((ParamId::Arousal, composing.arousal.preview_normalized(percent(arousal))));
    }
    if let Some(tonic) = words.tonic {
        edits.push((ParamId::Tonic, composing.tonic.preview_normalized(TonicChoice(Some(tonic)))));
    }
    if let Some(mode) = words.mode {
        edits.push((ParamId::Mode, composing.mode.preview_normalized(ModeChoice(Some(mode)))));
    }
    if let Some(tempo) = words.tempo {
        edits.push((ParamId::Tempo, playing.tempo.preview_normalized(tempo)));
        if !params.is_on_host_beats(tempi) {
            // Who names a tempo wants it, whatever the host is set to.
            let own = playing.tempo_source.preview_normalized(TempoSourceChoice::Own);
            edits.push((ParamId::TempoSource, own));
        }
    }
    if let Some(meter) = words.meter {
        edits.push((ParamId::Meter, meter_place(meter)));
    }
    if let Some(n_bars) = words.n_bars {
        let n_bars = i32::try_from(n_bars).unwrap_or(i32::MAX);
        edits.push((ParamId::Bars, composing.bars.preview_normalized(n_bars)));
    }
    if let Some(percent) = words.performance {
        let place = playing.performance.preview_normalized(i32::from(percent));
        edits.push((ParamId::Performance, place));
    }
    if let Some(ending) = words.ending {
        edits.push((ParamId::Ending, composing.ending.preview_normalized(EndingChoice::of(ending))));
    }
    let are_on: Vec<Part> = Part::ALL.into_iter().filter(|part| params.part(*part).on.value()).collect();
    let wanted = words.parts(&are_on);
    for part in Part::ALL {
        if wanted.contains(&part) != are_on.contains(&part) {
            let place = if wanted.contains(&part) { 1.0 } else { 0.0 };
            edits.push((ParamId::Part(part, PartParam::On), place));
        }
    }
    let mut unknown = Vec::new();
    for level in &words.levels {
        match level_place(level, params) {
            Some(edit) => edits.push(edit),
            None => unknown.push(without_knob(level)),
        }
    }
    (edits, unknown)
}

/// The parameter for a level, and its place.
fn level_place(level: &Level, params: &DescantParams) -> Option<(ParamId, f32)> {
    let composing = &params.composing;
    let percent = whole(level.value * 100.0);
    let (id, place) = match (level.part, level.control) {
        (None, PartControl::Density) => (ParamId::Density, composing.density.preview_normalized(percent)),
        (None, PartControl::Syncopation) => {
            (ParamId::Syncopation, composing.syncopation.preview_normalized(percent))
        }
        (None, PartControl::Register) => (ParamId::Register, composing.register.preview_normalized(percent)),
        (None, PartControl::Leaps) => (ParamId::Leaps, composing.leaps.preview_normalized(percent)),
        (None, PartControl::Rests) => (ParamId::Rests, composing.rests.preview_normalized(percent)),
        (Some(part), PartControl::Density) => {
            // A part's density is told from that of all parts, of which auto is the middle.
            let of_all = composing.density.value();
            let from = if of_all < 0 { 50 } else { of_all };
            let density = &params.part(part).density;
            (ParamId::Part(part, PartParam::Density), density.preview_normalized(percent - from))
        }
        _ => return None,
    };
    Some((id, place.clamp(0.0, 1.0)))
}

/// A level that the words know and the knobs do not.
fn without_knob(level: &Level) -> Unknown {
    let part = level.part.map(|part| format!("{part} ")).unwrap_or_default();
    let nearest = match level.control {
        PartControl::Density => "density",
        PartControl::Syncopation | PartControl::Polyphony => "complexity",
        PartControl::Register | PartControl::Range => "register",
        PartControl::Leaps => "leaps",
        PartControl::Rests => "rests",
    };
    Unknown { words: format!("{part}{}", level.control.name()), nearest: Some(nearest.to_owned()) }
}

fn meter_place(meter: Meter) -> f32 {
    let n_steps = u16::try_from(MeterChoice::variants().len() - 1).unwrap_or(1);
    f32::from(u16::try_from(meter.index()).unwrap_or(0)) / f32::from(n_steps)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::words::read;

    fn texts(words: &str) -> Vec<(ParamId, String)> {
        texts_with(words, &Tempi::default())
    }

    fn texts_with(words: &str, tempi: &Tempi) -> Vec<(ParamId, String)> {
        let params = DescantParams::new(Arc::default());
        struct Text(f32);
        impl crate::params::ParamVisitor for Text {
            type Output = String;
            fn visit<P: Param>(self, param: &P) -> String {
                param.normalized_value_to_string(self.0, true)
            }
        }
        let (edits, _) = edits(&read(words), &params, tempi);
        edits.into_iter().map(|(id, place)| (id, params.visit(id, Text(place)))).collect()
    }

    #[test]
    fn words_move_the_knobs_that_they_name() {
        let moved = texts("lo-fi in D minor, 82 bpm, 3/4, 4 bars, no drums");
        for (id, expected) in [
            (ParamId::Style, "Lo-fi"),
            (ParamId::Tonic, "D"),
            (ParamId::Mode, "Minor"),
            (ParamId::Tempo, "82 BPM"),
            (ParamId::TempoSource, "Own"),
            (ParamId::Meter, "3/4"),
            (ParamId::Bars, "4 bars"),
        ] {
            assert!(moved.contains(&(id, expected.to_owned())), "{id:?} {expected} in {moved:?}");
        }
        let drums = moved.iter().find(|(id, _)| *id == ParamId::Part(Part::Drums, PartParam::On));
        assert!(drums.is_some() && moved.len() == 8, "{moved:?}");
    }

    #[test]
    fn an_ending_in_words_moves_its_menu() {
        for (words, expected) in
            [("an ending", "Close"), ("half cadence", "Open"), ("open ended", "Open"), ("looping", "Loop")]
        {
            assert_eq!(texts(words), [(ParamId::Ending, expected.to_owned())], "{words}");
        }
    }

    #[test]
    fn a_busy_bass_is_told_from_the_middle() {
        let moved = texts("busy bass");
        let [(id, text)] = &moved[..] else { panic!("{moved:?}") };
        assert_eq!(*id, ParamId::Part(Part::Bass, PartParam::Density));
        assert!(text.starts_with('+'), "{text}");
    }

    /// On the host's beats a tempo of one's own would not be heard: it is offered, not set.
    #[test]
    fn words_choose_no_tempo_source_that_would_not_act() {
        let bound = Tempi { has_transport: true, host: Some(120.0), clock: None };
        assert_eq!(texts_with("82 bpm", &bound), [(ParamId::Tempo, "82 BPM".to_owned())]);
        let of_both = [(ParamId::Tempo, "82 BPM".to_owned()), (ParamId::TempoSource, "Own".to_owned())];
        assert_eq!(texts("82 bpm"), of_both);
    }

    #[test]
    fn nothing_said_moves_nothing() {
        assert_eq!(texts(""), []);
    }
}
