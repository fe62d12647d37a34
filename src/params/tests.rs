use std::collections::BTreeSet;
use std::sync::Arc;

use nice_plug::prelude::{Enum, Param, Params, PluginState};
use proptest::prelude::*;

use super::choice::{FormChoice, GrooveChoice, MeterChoice, ModeChoice, StyleChoice, TonicChoice};
use super::*;
use crate::knobs::{Dial, Knobs};
use crate::music::{Meter, Mode, Part};
use crate::player::Quantum;
use crate::preset::Preset;
use crate::token::Style;
use crate::worker::Shared;

/// Ids in the order of their parameters: never edit a line, only add.
const IDS: &str = include_str!("ids.txt");

fn ids() -> Vec<String> {
    DescantParams::new(Arc::default()).param_map().into_iter().map(|(id, ..)| id).collect()
}

#[test]
fn ids_are_for_ever() {
    let (now, known) = (ids(), IDS.lines().collect::<Vec<_>>());
    let lost: Vec<_> = known.iter().filter(|id| !now.iter().any(|now| now == *id)).collect();
    let new: Vec<_> = now.iter().filter(|id| !known.contains(&id.as_str())).collect();
    assert!(lost.is_empty(), "projects name these: {lost:?}");
    assert!(new.is_empty(), "add to src/params/ids.txt: {new:?}");
}

#[test]
fn what_an_older_state_does_not_name_is_at_its_first_value() {
    let stored = r#"{"params":{"swing":{"f32":58.0},"keytrig":{"i32":1}},"fields":{}}"#;
    let mut state: PluginState = serde_json::from_str(stored).unwrap();
    DescantParams::new(Arc::default()).complete(&mut state);
    let completed = serde_json::to_value(&state).unwrap();
    let params = &completed["params"];
    assert_eq!(params.as_object().unwrap().len(), ids().len());
    for (id, value) in [
        ("swing", serde_json::json!({"f32": 58.0})),
        ("keytrig", serde_json::json!({"i32": 1})),
        ("commit", serde_json::json!({"f32": 1.0})),
        ("keydyn", serde_json::json!({"i32": 50})),
        ("accent", serde_json::json!({"i32": 0})),
        ("notelen", serde_json::json!({"i32": 100})),
        ("groove", serde_json::json!({"i32": 0})),
        ("groovamt", serde_json::json!({"i32": 100})),
        ("density", serde_json::json!({"i32": text::AUTO})),
        ("meter", serde_json::json!({"i32": MeterChoice::default().to_index()})),
        ("quantum", serde_json::json!({"i32": Quantum::default().to_index()})),
        ("bass_on", serde_json::json!({"bool": true})),
        ("generate", serde_json::json!({"bool": false})),
    ] {
        assert_eq!(params[id], value, "{id}");
    }
}

#[test]
fn what_is_stored_of_parameters_comes_back() {
    let params = DescantParams::new(Arc::default());
    let first = params.to_state();
    assert_eq!(first.params.len(), ids().len());
    for (id, text) in
        [(ParamId::Tempo, "82"), (ParamId::Style, "Lo-fi"), (ParamId::Bars, "3"), (ParamId::Play, "Off")]
    {
        let place = params.visit(id, Reading(text)).unwrap();
        params.put_at(id, place);
    }
    let stored = serde_json::to_string(&params.to_state()).unwrap();
    let other = DescantParams::new(Arc::default());
    other.take_state(&serde_json::from_str(&stored).unwrap());
    assert_eq!(serde_json::to_string(&other.to_state()).unwrap(), stored);
    let text = |id| other.setting(id).text;
    assert_eq!([text(ParamId::Tempo), text(ParamId::Style)], ["82 BPM", "Lo-fi"]);
    assert_eq!(other.composing.bars.value(), 3);
    assert!(!other.playing.play.value());
    other.take_state(&first);
    assert_eq!(serde_json::to_string(&other.to_state()).unwrap(), serde_json::to_string(&first).unwrap());
    // Values of another kind, and places out of range, do no harm.
    let odd = r#"{"params":{"tempo":{"bool":true},"bars":{"i32":999},"style":{"i32":-4},"swing":{"f32":1e30}},"fields":{}}"#;
    other.take_state(&serde_json::from_str(odd).unwrap());
    assert_eq!([text(ParamId::Tempo), text(ParamId::Style)], ["100 BPM", "Auto"]);
    assert_eq!(other.composing.bars.value(), 16);
}

#[test]
fn every_parameter_can_be_named() {
    let params = DescantParams::new(Arc::default());
    struct Name;
    impl ParamVisitor for Name {
        type Output = String;
        fn visit<P: Param>(self, param: &P) -> String {
            param.name().to_owned()
        }
    }
    let names: BTreeSet<String> = ParamId::all().map(|id| params.visit(id, Name)).collect();
    assert_eq!(names.len(), ids().len(), "{names:?}");
    assert_eq!(params.by_id().len(), ids().len());
    assert_eq!(params.by_id()["chords_octave"], ParamId::Part(Part::Chords, PartParam::Octave));
}

#[test]
fn choices_follow_the_tables_of_music() {
    let styles: Vec<String> = StyleChoice::variants()[1..].iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(styles, Style::ALL.map(|style| style.name().to_owned()));
    let modes: Vec<String> = ModeChoice::variants()[1..].iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(modes, Mode::ALL.map(|mode| mode.name().to_owned()));
    let meters: Vec<String> = Meter::all().map(|meter| meter.to_string()).collect();
    assert_eq!(MeterChoice::variants(), meters);
    for index in 0..StyleChoice::variants().len() {
        assert_eq!(StyleChoice::from_index(index).to_index(), index);
    }
    for index in 0..TonicChoice::variants().len() {
        assert_eq!(TonicChoice::from_index(index).to_index(), index);
    }
}

#[test]
fn grooves_are_listed_in_order() {
    let in_order: Vec<_> = (0..GrooveChoice::variants().len()).map(GrooveChoice::from_index).collect();
    assert_eq!(in_order, GrooveChoice::ALL);
}

#[test]
fn every_form_on_offer_is_one() {
    for index in 0..FormChoice::variants().len() {
        let choice = FormChoice::from_index(index);
        assert_eq!(choice.form().is_none(), choice == FormChoice::Phrase, "{choice:?}");
    }
}

struct RoundTrip(f32);

impl ParamVisitor for RoundTrip {
    type Output = (String, f32, Option<f32>);

    fn visit<P: Param>(self, param: &P) -> Self::Output {
        let snapped = param.preview_normalized(param.preview_plain(self.0));
        let text = param.normalized_value_to_string(snapped, true);
        let back = param.string_to_normalized_value(&text);
        (text, snapped, back)
    }
}

proptest! {
    #[test]
    fn text_can_be_read_back(place in 0.0_f32..=1.0) {
        let params = DescantParams::new(Arc::default());
        for id in ParamId::all() {
            let (text, snapped, back) = params.visit(id, RoundTrip(place));
            let Some(back) = back else { panic!("{id:?}: {text:?} cannot be read") };
            prop_assert!((back - snapped).abs() < 2e-3, "{id:?}: {text:?} is {back}, not {snapped}");
        }
    }
}

struct Reading<'a>(&'a str);

impl ParamVisitor for Reading<'_> {
    type Output = Option<f32>;

    fn visit<P: Param>(self, param: &P) -> Option<f32> {
        param.string_to_normalized_value(self.0)
    }
}

/// Parameters that each stand somewhere in their range.
fn anywhere(mut place: f32) -> DescantParams {
    let params = DescantParams::new(Arc::default());
    for id in ParamId::all().filter(|id| !id.is_command()) {
        place = (place + 0.618_034).fract();
        params.put_at(id, place);
    }
    params
}

proptest! {
    #[test]
    fn knobs_stand_where_their_parameters_do_and_back(place in 0.0_f32..1.0) {
        let params = anywhere(place);
        for (id, back) in params.places(&params.knobs()) {
            let setting = params.setting(id);
            prop_assert!((setting.normalized - back).abs() < 1e-5, "{id:?}: {back} is not {setting:?}");
        }
    }

    /// Presets are read by parameters in the plugin, and by knobs on the command line.
    #[test]
    fn what_parameters_show_turns_knobs_as_they_do(place in 0.0_f32..1.0) {
        let params = anywhere(place);
        let values = params.by_id().into_iter().map(|(name, id)| (name, params.setting(id).text)).collect();
        let (knobs, remarks) = Knobs::of_preset(&Preset { values, ..Preset::default() });
        prop_assert_eq!(remarks, Vec::<String>::new());
        // A tempo is shown in tenths, which is not to the last bit what the parameter has.
        let shown = params.knobs();
        prop_assert!((knobs.tempo.unwrap() - shown.tempo.unwrap()).abs() < 1e-3);
        prop_assert_eq!(Knobs { tempo: None, ..knobs }, Knobs { tempo: None, ..shown });
    }
}

#[test]
fn every_dial_has_a_parameter_of_its_id() {
    let by_id = DescantParams::new(Arc::default()).by_id();
    for dial in Dial::ALL {
        assert_eq!(by_id.get(dial.id()), Some(&ParamId::of_dial(dial)));
    }
}

#[test]
fn whatever_is_shown_with_a_name_says_what_it_does() {
    for (id, label, caption, ..) in table::SHOWN {
        let about = id.about();
        assert!(!about.is_empty() && !about.contains("  ") && about.trim() == about, "{id:?}: {about:?}");
        assert!(!label.is_empty() && !caption.is_empty(), "{id:?}");
        assert_eq!(table::SHOWN.iter().filter(|(_, other, ..)| other == label).count(), 1, "{label}");
    }
}

#[test]
fn numbers_far_out_of_range_are_its_ends() {
    let params = DescantParams::new(Arc::default());
    for id in ParamId::all().filter(|id| params.setting(*id).n_steps != Some(1)) {
        for text in ["99999999999999999999", "-99999999999999999999", "-2147483648", "2147483647"] {
            let read = params.visit(id, Reading(text));
            // Per cents that may be auto stop short of it, at none.
            let is_end = |place| if text.starts_with('-') { place < 0.01 } else { place == 1.0 };
            assert!(read.is_none_or(is_end), "{id:?}: {text} is {read:?}");
        }
    }
}

#[test]
fn what_people_type_is_understood() {
    let pan = |text| text::from_pan()(text);
    assert_eq!([pan("C"), pan("30 L"), pan("R30"), pan("-12")], [Some(0), Some(-30), Some(30), Some(-12)]);
    assert_eq!(text::from_auto_percent()("AUTO"), Some(text::AUTO));
    assert_eq!(text::from_auto_percent()("45"), Some(45));
    assert_eq!(text::from_decibels()("-3,5 dB"), Some(-3.5));
    assert_eq!(text::from_decibels()("off"), Some(SILENCE_DB));
    assert_eq!(text::from_number()("fast"), None);
}

#[test]
fn untouched_parameters_leave_the_music_to_the_model() {
    let brief = DescantParams::new(Arc::default()).brief(90.0);
    let controls = &brief.settings.controls;
    assert!(controls.style.is_none() && controls.valence.is_none() && controls.arousal.is_none());
    assert!(controls.parts.iter().flatten().all(Option::is_none));
    assert_eq!(brief.settings.sampling, crate::session::Sampling::default());
    assert_eq!((brief.frame.n_bars, brief.frame.tempo), (8, 90.0));
    assert_eq!(brief.parts, [Part::Drums, Part::Bass, Part::Chords, Part::Melody]);
}

#[test]
fn what_is_edited_or_learnt_is_news_once_and_what_is_restored_is_none() {
    let shared = Arc::<Shared>::default();
    let params = DescantParams::new(Arc::clone(&shared));
    assert!(!params.take_news());
    shared.edit(|project| project.preset = Some("Bridge".to_owned()));
    assert!(params.take_news() && !params.take_news());
    params.bindings.0.learn(Learnable::Hold);
    assert!(!params.take_news(), "nothing is learnt yet");
    params.bindings.0.receive(Control::Controller(20), true);
    assert!(params.take_news() && !params.take_news());
    params.bindings.0.forget(Learnable::Hold);
    assert!(params.take_news() && !params.take_news());
    let n_changes = params.n_changes();
    let state = [("project", "{}"), ("midi", r#"{"hold":"cc 20"}"#)];
    params.deserialize_fields(&state.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
    assert!(!params.take_news() && params.n_changes() == n_changes);
}
