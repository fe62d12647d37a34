//! Models in folders: files that they lack are taken from the shipped model, and invalid ones are reported.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use descant::compose::library::{self, OPTIONAL, shipped};
use descant::compose::{self, Draft, LibraryError, Model};
use descant::music::{Frame, Key, Meter, Part};
use descant::player::{Cause, Clip};
use descant::session::{Occasion, Project, Receipt, Take, Task, TaskSettings};
use descant::token::{Controls, Style};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::root;

/// A folder of models with one that has the files of the shipped model, all of them.
fn shelf(name: &str) -> (TempDir, PathBuf) {
    let shelf = tempfile::tempdir().unwrap();
    let folder = shelf.path().join(name);
    fs::create_dir(&folder).unwrap();
    for file in OPTIONAL.into_iter().chain(["config.json", "model.safetensors"]) {
        let from = match file {
            "vocabulary.json" => root().join("assets").join(file),
            _ => root().join("models/descant-1").join(file),
        };
        fs::copy(from, folder.join(file)).unwrap();
    }
    (shelf, folder)
}

/// Changes the weights a little: every seventh number by some hundredths of itself.
fn retrain(folder: &Path) {
    let path = folder.join("model.safetensors");
    let mut bytes = fs::read(&path).unwrap();
    let header = usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap() + 8;
    bytes[header..].iter_mut().step_by(14).for_each(|low| *low ^= 0x40);
    fs::write(&path, bytes).unwrap();
}

/// Changes one of the folder's files of JSON.
fn edit(folder: &Path, file: &str, change: impl FnOnce(&mut Value)) {
    let path = folder.join(file);
    let mut json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut json);
    fs::write(path, json.to_string()).unwrap();
}

fn take(model: &Model) -> Take {
    let controls = Controls { style: Some(Style::Pop), ..Controls::default() };
    let frame = Frame::new(Meter::COMMON, 4, Key::C_MAJOR, 100.0);
    let settings = TaskSettings { controls, ..TaskSettings::default() };
    let task = Task::generate(frame, &[Part::Bass, Part::Chords, Part::Melody], settings).unwrap();
    compose::best_of(model, &task, 3, 1, &[], |_| ControlFlow::Continue(())).unwrap().remove(0)
}

fn refusal(folder: &Path) -> String {
    Model::from_folder(folder).unwrap_err().to_string()
}

#[test]
fn a_folder_with_all_that_ships_composes_what_ships() {
    let (_shelf, folder) = shelf("twin");
    let (twin, own) = (Model::from_folder(&folder).unwrap(), Model::shipped().unwrap());
    assert_eq!((twin.name(), own.name()), (Some("twin"), None));
    assert_eq!((twin.note(), own.note()), (None, None));
    let (by_twin, by_own) = (take(&twin), take(&own));
    assert_eq!(by_twin.phrase, by_own.phrase);
    assert_eq!(by_twin.receipt, Receipt { model: Some("twin".to_owned()), ..by_own.receipt });
}

#[test]
fn another_model_composes_other_notes_and_its_receipt_names_it() {
    let (shelf, folder) = shelf("other");
    retrain(&folder);
    assert_eq!(library::names(shelf.path()), ["other"]);
    let other = Model::named("other", shelf.path()).unwrap();
    let (by_other, by_own) = (take(&other), take(&Model::shipped().unwrap()));
    assert_ne!(by_other.phrase, by_own.phrase);
    let receipt = Receipt::from_json(&by_other.receipt.to_json()).unwrap();
    assert_eq!(receipt.model.as_deref(), Some("other"));
    assert_eq!(receipt.model_hash, other.network().model_hash());
    assert_ne!(receipt.model_hash, by_own.receipt.model_hash);
    let again = compose::compose(&other, &receipt.task, receipt.seed, [Draft::from(&receipt)], |_| {
        ControlFlow::Continue(())
    });
    assert_eq!(again.unwrap()[0].phrase, by_other.phrase);
}

#[test]
fn what_a_folder_brings_is_what_counts() {
    let (_shelf, folder) = shelf("own");
    let before = take(&Model::from_folder(&folder).unwrap());
    edit(&folder, "decoding.json", |table| {
        let streams = table["all"]["streams"].as_array_mut().unwrap();
        streams
            .iter_mut()
            .flat_map(|slots| slots.as_array_mut().unwrap())
            .for_each(|spread| *spread = json!([0.5, 0.9]));
        table["styles"] = json!({});
    });
    edit(&folder, "vocabulary.json", |table| table["styles"] = json!({}));
    let own = Model::from_folder(&folder).unwrap();
    let after = take(&own);
    let spread = after.receipt.task.decoding.unwrap().streams[0][0];
    assert_eq!((spread.temperature, spread.top_p), (0.5, 0.9));
    assert!(after.receipt.task.vocabulary.is_empty() && !before.receipt.task.vocabulary.is_empty());
    assert_ne!(after.phrase, before.phrase);
}

#[test]
fn plans_and_progressions_of_a_folder_are_followed() {
    let (_shelf, folder) = shelf("own");
    let before = take(&Model::from_folder(&folder).unwrap()).phrase;
    for file in ["plans.json", "progressions.json"] {
        let kept = fs::read(folder.join(file)).unwrap();
        edit(&folder, file, |table| table["groups"] = json!({}));
        assert_ne!(take(&Model::from_folder(&folder).unwrap()).phrase, before, "{file}");
        fs::write(folder.join(file), kept).unwrap();
    }
}

#[test]
fn what_a_folder_lacks_is_the_shipped_models_and_said() {
    let (_shelf, folder) = shelf("bare");
    for file in OPTIONAL {
        fs::remove_file(folder.join(file)).unwrap();
    }
    let bare = Model::from_folder(&folder).unwrap();
    let note = bare.note().unwrap();
    assert!(
        note.starts_with("bare has no stats.json, styles.json,") && note.contains("plans.json"),
        "{note}"
    );
    assert!(note.contains("decoding.json, vocabulary.json: Descant's own data stand in"), "{note}");
    assert!(note.contains("no fingerprints.bin"), "{note}");
    assert!(note.contains("no discriminator.json: its phrases are not ranked"), "{note}");
    assert!(bare.discriminator().is_none(), "what tells its phrases from real ones is another model's");
    assert!(bare.fingerprints().is_none(), "what was learned by heart is another model's");
    assert_eq!(bare.repertoire(), shipped::repertoire());
    assert_eq!(take(&bare).phrase, take(&Model::shipped().unwrap()).phrase);
    // A card of styles without the statistics that it is of says nothing.
    fs::write(folder.join("styles.json"), "nonsense").unwrap();
    assert!(Model::from_folder(&folder).is_ok());
}

#[test]
fn a_folder_that_is_refused_says_why_and_what_to_do() {
    let (shelf, folder) = shelf("broken");
    for file in OPTIONAL.into_iter().filter(|file| *file != "styles.json") {
        let kept = fs::read(folder.join(file)).unwrap();
        fs::write(folder.join(file), b"{\"nonsense\": 0}").unwrap();
        let why = refusal(&folder);
        assert!(why.contains(file) && why.contains("install the model again"), "{why}");
        fs::write(folder.join(file), kept).unwrap();
    }
    for file in ["model.safetensors", "config.json"] {
        let kept = fs::read(folder.join(file)).unwrap();
        fs::remove_file(folder.join(file)).unwrap();
        let why = refusal(&folder);
        assert!(why.contains(file) && why.contains("the model's folder is complete"), "{why}");
        fs::write(folder.join(file), kept).unwrap();
    }
    edit(&folder, "config.json", |config| config["kind"] = json!("chord-diffuser"));
    assert!(refusal(&folder).contains("a chord-diffuser, and this version runs: phrase-transformer"));
    edit(&folder, "config.json", |config| config["kind"] = json!("phrase-transformer"));
    edit(&folder, "config.json", |config| config["vocab_hash"] = json!("ffff"));
    assert!(refusal(&folder).contains("another vocabulary (ffff"));
    for name in ["gone", "", ".", "..", "../broken", "/"] {
        let refused = Model::named(name, shelf.path()).unwrap_err();
        assert!(matches!(refused, LibraryError::Unknown { .. }), "{name}: {refused}");
    }
}

/// A configuration may say anything: what it says is compared with the file before memory is taken for it.
#[test]
fn a_config_takes_no_memory_on_its_word() {
    let (_shelf, folder) = shelf("huge");
    let config = fs::read_to_string(folder.join("config.json")).unwrap();
    for (name, value, expect) in [
        ("context_len", json!(65536), "keys and values"),
        ("context_len", json!(u64::MAX), "context_len"),
        ("n_layers", json!(64), "no tensor layers.8."),
        ("n_kv_heads", json!(6), "shape"),
        ("width", json!(4096), "shape"),
        ("width", json!(1.0e300), "invalid type"),
        ("hidden", json!(16384), "shape"),
        ("slots", json!([65536, 65536, 65536, 65536]), "shape"),
        ("name", json!("n".repeat(10_000)), "the name"),
    ] {
        edit(&folder, "config.json", |config| config[name] = value.clone());
        let why = refusal(&folder);
        assert!(why.contains(expect) && why.len() < 300, "{name} {value}: {why}");
        fs::write(folder.join("config.json"), &config).unwrap();
    }
    // A file that is longer than any configuration is not read to its end.
    fs::write(folder.join("config.json"), vec![b' '; 100_000]).unwrap();
    assert!(refusal(&folder).contains("longer than"));
}

#[test]
fn a_take_of_a_model_that_is_gone_is_kept_and_played() {
    let (shelf, folder) = shelf("gone");
    retrain(&folder);
    let take = take(&Model::from_folder(&folder).unwrap());
    drop(shelf);
    let mut project = Project::default();
    project.takes.add(Occasion::Requested, None, [take.clone()]);
    let restored = Project::from_text(&project.to_text());
    assert_eq!(restored.takes.current().unwrap().take, take);
    assert_eq!(take.receipt.model.as_deref(), Some("gone"));
    assert!(!Clip::new(1, Cause::Chosen, &take.phrase).notes().is_empty());
}
