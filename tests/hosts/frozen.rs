//! States stored by hosts with each released version, which must load unchanged for ever.
//!
//! `DESCANT_FREEZE=1 cargo test -p descant-hosts-tests frozen` writes those of the version at hand, which is to be done
//! once, before it is released; see `ORIGIN.md` in their folder.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Once};

use descant::music::{
    Chord, ChordQuality, ChordSpan, Frame, Key, Meter, Note, Part, Phrase, Pitch, PitchClass, Progression,
    TickDuration, TickInstant,
};
use descant::session::{
    Alteration, Around, Edit, HistoryStep, NoteName, Occasion, PlanRule, Project, Receipt, Rules, Sampling,
    ScaleRule, SilenceRule, Take, Task, TaskSettings, VoicingRule,
};
use serde_json::{Value, json};

use crate::bundles;
use crate::clap_describing::{Param, params};
use crate::clap_host::{ClapHost, clap_id};
use crate::host::Host;
use crate::stored::Stored;
use crate::vst3_host::Vst3Host;

/// Versions whose states are kept, oldest first.
const VERSIONS: [&str; 1] = ["0.1.0"];

fn path(version: &str, ending: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../data/state");
    folder.join(format!("host-{version}.{ending}"))
}

/// The settings of the frozen states' takes.
fn settings() -> TaskSettings {
    let rules = Rules {
        scale: ScaleRule::Strict,
        voicing: VoicingRule::Free,
        silence: SilenceRule::Any,
        widest_leap: None,
        ..Rules::default()
    };
    let sampling = Sampling { temperature: 0.92, top_k: 0, top_p: 0.93, around: Around::Network };
    TaskSettings { rules, sampling, plan: PlanRule::Free, ..TaskSettings::default() }
}

/// The project that is stored in every one: takes of a bar, the second one playing, with slots, a lock, a preset and a
/// history of two steps.
fn project() -> Project {
    let frame = Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 96.5);
    let task = Task::generate(frame, &[Part::Melody, Part::Bass], settings()).unwrap();
    let take = |idx, melody: &[(u32, u8)]| {
        let chords = Progression::new(vec![ChordSpan {
            onset: TickInstant(0),
            duration: TickDuration(3840),
            chord: Some(Chord::new(PitchClass::new(9), ChordQuality::MinorSeventh)),
        }]);
        let note = |onset, key: u8, velocity| {
            Note::new(TickInstant(onset), TickDuration(480), Pitch::new(key).unwrap(), velocity)
        };
        let mut parts: [Vec<Note>; 5] = Default::default();
        parts[Part::Melody.index()] = melody.iter().map(|(onset, key)| note(*onset, *key, 90)).collect();
        parts[Part::Bass.index()] = vec![note(0, 33, 101)];
        let mut receipt = Receipt::new("model", 11, idx, &task);
        (receipt.engine, receipt.vocab_hash) = ("0.1.0".to_owned(), "vocabulary".to_owned());
        let remarks = vec![format!("take {idx}")];
        Take { phrase: Arc::new(Phrase::new(frame, chords, parts).unwrap()), receipt, remarks }
    };
    let mut project = Project::default();
    project.window = Some((1200.0, 800.0));
    project.preset = Some("Late-night keys".to_owned());
    let takes = [take(0, &[(0, 76), (960, 72)]), take(1, &[(480, 74)]), take(2, &[(0, 71), (1920, 69)])];
    project.takes.add(Occasion::Requested, None, takes);
    project.takes.put_in_slot(0, 11);
    project.takes.put_in_slot(2, 3);
    project.edit(|project| project.takes.select(1));
    let note = NoteName { part: Part::Melody, onset: TickInstant(480), pitch: Pitch::clamped(74) };
    project.edit_notes(2, &Edit::Alter(vec![note], Alteration::Lock(true))).unwrap();
    project
}

/// The bindings of keys and controllers in every frozen state.
fn bindings() -> Value {
    json!({"generate": "cc 20", "hold": "cc 66", "slot 4": "key 30"})
}

/// A value that is not the first one, and in the middle of the range where there is one.
fn other(param: &Param) -> (clack_host::prelude::ClapId, f64) {
    let Param { id, min, max, default, is_stepped, .. } = *param;
    let value = min + 0.6 * (max - min);
    let value = if is_stepped { value.round() } else { value };
    let end = if default == max { min } else { max };
    (id, if (value - default).abs() < 0.01 * (max - min) { end } else { value })
}

/// Writes the states of the version at hand: every parameter at another value than the first.
fn freeze(version: &str) {
    let mut host = ClapHost::inactive();
    let mut state = host.save().with_project_text(&project().to_text());
    state.0["fields"]["midi"] = bindings().to_string().into();
    host.load(&state);
    let values: Vec<_> = params(&mut host).iter().map(other).collect();
    host.flush(&values);
    let mut vst3 = Vst3Host::stopped();
    vst3.load(&host.save());
    let words = bundles::param_ids().into_iter().map(|id| format!("{id}\t{}\n", host.text(id)));
    std::fs::write(path(version, "txt"), words.collect::<String>()).unwrap();
    std::fs::write(path(version, "clap"), host.save_bytes()).unwrap();
    std::fs::write(path(version, "vst3"), vst3.plugin.save_state().unwrap()).unwrap();
}

fn read(version: &str, ending: &str) -> Vec<u8> {
    static FROZEN: Once = Once::new();
    FROZEN.call_once(|| {
        if std::env::var_os("DESCANT_FREEZE").is_some() {
            freeze(env!("CARGO_PKG_VERSION"));
        }
    });
    let path = path(version, ending);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Parameters in words, by id, as the user saw them when the state was stored.
fn words(version: &str) -> BTreeMap<String, String> {
    let text = String::from_utf8(read(version, "txt")).unwrap();
    let line = |line: &str| {
        let (id, words) = line.split_once('\t').unwrap();
        (id.to_owned(), words.to_owned())
    };
    text.lines().map(line).collect()
}

/// Each parameter of the bundle at hand in words: those of a state, and those at their first values that it knows nothing of.
fn expected_words(version: &str) -> BTreeMap<String, String> {
    let mut fresh = ClapHost::inactive();
    let first = bundles::param_ids().into_iter().map(|id| (id.to_owned(), fresh.text(id)));
    let mut expected: BTreeMap<String, String> = first.collect();
    expected.extend(words(version));
    expected
}

fn found_words(host: &mut ClapHost) -> BTreeMap<String, String> {
    bundles::param_ids().into_iter().map(|id| (id.to_owned(), host.text(id))).collect()
}

/// What is stored of `project`, without what older versions did not know of steps that can be undone: names, and notes.
fn unnamed(project: &Project) -> Value {
    let mut json: Value = serde_json::from_str(&project.to_json()).unwrap();
    for step in json["history"]["past"].as_array_mut().unwrap() {
        let step = step.as_object_mut().unwrap();
        for field in ["name", "notes"] {
            step.remove(field);
        }
    }
    json
}

/// Compares what a host would store now with what every frozen state holds besides its parameters.
fn check_fields(host: &mut impl Host, version: &str) {
    let state = host.save();
    assert_eq!(unnamed(&state.project()), unnamed(&project()), "{version}");
    let stored: Value = serde_json::from_str(state.0["fields"]["midi"].as_str().unwrap()).unwrap();
    assert_eq!(stored, bindings(), "{version}");
    // And what can be undone and lies in slots is of use.
    let mut project = state.project();
    let number = |project: &Project| project.takes.current().map(|entry| entry.number);
    let in_slot = |slot| project.takes.in_slot(slot).map(|entry| entry.number);
    assert_eq!([0, 3, 11].map(in_slot), [None, Some(3), Some(1)], "{version}");
    assert_eq!(number(&project), Some(2), "{version}");
    let undone: Vec<_> = std::iter::from_fn(|| project.undo()).collect();
    assert!(undone.len() == 2 && undone.iter().all(HistoryStep::moves_takes), "{version}");
    assert_eq!(number(&project), Some(1), "{version}");
}

#[test]
fn the_version_at_hand_is_frozen() {
    let version = env!("CARGO_PKG_VERSION");
    assert!(VERSIONS.contains(&version), "name {version} in VERSIONS and freeze its states");
    let mut fresh = ClapHost::inactive();
    for (id, words) in words(version) {
        assert_ne!(fresh.text(&id), words, "{id} at its first value shows nothing");
    }
}

#[test]
fn a_clap_state_of_each_version_loads_as_it_was() {
    for version in VERSIONS {
        let mut host = ClapHost::inactive();
        assert!(host.load_bytes(&read(version, "clap")), "{version}");
        assert_eq!(found_words(&mut host), expected_words(version), "{version}");
        check_fields(&mut host, version);
        // What is stored now loads to the same.
        let mut again = ClapHost::inactive();
        again.load(&host.save());
        assert_eq!(again.save(), host.save(), "{version}");
    }
}

#[test]
fn a_vst3_state_of_each_version_loads_as_it_was() {
    for version in VERSIONS {
        let mut host = Vst3Host::stopped();
        host.plugin.load_state(&read(version, "vst3")).unwrap();
        let expected = expected_words(version);
        for (id, words) in &expected {
            let id_number = clap_id(id).get();
            let value = host.plugin.get_parameter(id_number).unwrap();
            let found = host.plugin.format_parameter(id_number, value).unwrap();
            // VST3 hosts write the unit by themselves.
            assert!(words.starts_with(&found), "{version}: {id} is {found:?}, not {words:?}");
        }
        check_fields(&mut host, version);
        // In CLAP it is the same state.
        let mut other = ClapHost::inactive();
        other.load(&host.save());
        assert_eq!(found_words(&mut other), expected, "{version}");
    }
}

#[test]
fn what_an_older_version_did_not_store_is_as_at_first() {
    let mut fresh = ClapHost::inactive();
    let ids = bundles::param_ids();
    for version in VERSIONS {
        let whole = Stored::read(&read(version, "clap"));
        let words = expected_words(version);
        // As if every other parameter were newer, and then the others.
        for rest in 0..2 {
            let mut older = whole.clone();
            let is_newer = |idx: usize| idx % 2 == rest;
            let params = older.0["params"].as_object_mut().unwrap();
            ids.iter()
                .enumerate()
                .filter(|(idx, _)| is_newer(*idx))
                .for_each(|(_, id)| drop(params.remove(*id)));
            older.0["fields"].as_object_mut().unwrap().remove("midi");
            let mut project = older.project_json();
            let fields = project.as_object_mut().unwrap();
            ["preset", "history", "window"].into_iter().for_each(|field| drop(fields.remove(field)));
            project["takes"].as_object_mut().unwrap().remove("slots");
            let older = older.with_project_json(&project);
            // In a new instance, and over another project.
            for is_over_another in [false, true] {
                let mut host = ClapHost::inactive();
                if is_over_another {
                    host.load(&whole);
                }
                host.load(&older);
                for (idx, id) in ids.iter().enumerate() {
                    let expected = if is_newer(idx) { fresh.text(id) } else { words[*id].clone() };
                    assert_eq!(host.text(id), expected, "{version}: {id}, over another: {is_over_another}");
                }
                assert_eq!(host.save().0["fields"]["midi"], "{}");
                let found = host.project();
                assert_eq!(found.takes.entries(), self::project().takes.entries());
                assert_eq!((found.preset.as_ref(), found.window), (None, None));
                assert_eq!(found.takes.in_slot(11), None);
            }
        }
    }
}
