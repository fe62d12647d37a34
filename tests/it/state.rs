//! Stored projects: those of every version load, and damaged or later ones are refused and kept as they are.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use descant::music::{
    Chord, ChordQuality, ChordSpan, Frame, Key, Meter, Note, Part, Phrase, Pitch, PitchClass, Progression,
    TickDuration, TickInstant,
};
use descant::session::{
    Around, Occasion, PlanRule, Project, Receipt, Rules, Sampling, ScaleRule, SilenceRule, StateError, Take,
    Takes, Task, TaskSettings, VoicingRule,
};
use descant::smf;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{read, root};

/// The stored project of each format, with what is stored in it today.
const FORMATS: [(u64, &str); 5] = [
    (1, "tests/data/state/format-1.json"),
    (2, "tests/data/state/format-2.json"),
    (3, "tests/data/state/format-3.json"),
    (4, "tests/data/state/format-4.json"),
    (5, "tests/data/state/format-5.json"),
];

/// The readable one of them.
const READABLE: &str = FORMATS[3].1;

/// The settings of the fixtures' takes.
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

/// The project that the fixtures contain.
fn expected() -> Project {
    let frame = Frame { has_pickup: true, ..Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 96.5) };
    let chords = Progression::new(vec![ChordSpan {
        onset: TickInstant(0),
        duration: TickDuration(7680),
        chord: Some(Chord::new(PitchClass::new(9), ChordQuality::MinorSeventh)),
    }]);
    let mut parts: [Vec<Note>; 5] = Default::default();
    for (part, onset, pitch) in
        [(Part::Melody, 480, 76), (Part::Melody, 5000, 74), (Part::Bass, 0, 33), (Part::Drums, 0, 36)]
    {
        let note = Note::new(TickInstant(onset), TickDuration(240), Pitch::clamped(pitch), 90);
        parts[part.index()].push(note);
    }
    let phrase = Phrase::new(frame, chords, parts).unwrap();
    let task = Task::generate(frame, &[Part::Melody, Part::Bass], settings()).unwrap();
    let take = |idx, phrase: &Phrase| {
        let mut receipt = Receipt::new("model", 11, idx, &task);
        // Those of the program that wrote the fixture.
        (receipt.engine, receipt.vocab_hash) = ("0.1.0".to_owned(), "vocabulary".to_owned());
        let remarks = vec!["frozen bass in bars 1-2".to_owned()];
        Take { phrase: Arc::new(phrase.clone()), receipt, remarks }
    };
    let empty = Phrase::empty(frame).unwrap();
    let mut parts = phrase.to_parts();
    parts[Part::Melody.index()][0].locked = true;
    let locked = Phrase::new(frame, phrase.progression().clone(), parts).unwrap();
    let mut project = Project::default();
    project.window = Some((1200.0, 800.0));
    project.takes.add(Occasion::Requested, None, [take(0, &locked), take(1, &empty), take(2, &phrase)]);
    project
}

fn load(text: &str) -> Project {
    Project::from_text(text)
}

fn store(project: &Project) -> String {
    project.to_text()
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn every_format_has_a_fixture() {
    let known: Vec<u64> = FORMATS.iter().map(|(format, _)| *format).collect();
    assert_eq!(known, (1..=Project::FORMAT).collect::<Vec<_>>());
    let stored: BTreeSet<_> = std::fs::read_dir(root().join("tests/data/state"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("format-"))
        .collect();
    let named = FORMATS.map(|(_, path)| path.rsplit('/').next().unwrap().to_owned());
    assert_eq!(stored, named.into());
}

#[test]
fn every_format_loads_to_the_same_project() {
    for (format, path) in FORMATS {
        let text = read(path);
        assert_eq!(json_of(&text)["format"], format);
        let project = load(&text);
        assert_eq!(project.error(), None, "{path}");
        assert_eq!(project, expected(), "{path}");
        let stored = store(&project);
        assert_eq!(load(&stored), project, "{path}");
    }
    assert_eq!(json_of(&read(READABLE)), json_of(&store(&expected())), "the present format is as it was");
}

/// An hour of work: as many takes as are kept, of 8 and 16 bars and all five parts, as the shipped model composed them.
#[test]
fn a_full_project_is_stored_in_few_bytes() {
    let mut paths: Vec<_> = std::fs::read_dir(root().join("assets/examples"))
        .unwrap()
        .flat_map(|style| std::fs::read_dir(style.unwrap().path()).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "mid"))
        .collect();
    paths.sort();
    let examples: Vec<Take> = paths.iter().step_by(paths.len() / 128).map(|path| example(path)).collect();
    let mut project = Project::default();
    for (idx, take) in examples.iter().enumerate().take(Takes::MAX_ENTRIES) {
        let phrase = Arc::new(full(&take.phrase, &examples[examples.len() - 1 - idx].phrase, idx % 2 == 1));
        project
            .edit(|project| project.takes.add(Occasion::Requested, None, [Take { phrase, ..take.clone() }]));
        let slot_idx = idx % Takes::N_SLOTS;
        project.edit(|project| project.takes.put_in_slot(idx, slot_idx));
    }
    assert_eq!(project.takes.entries().len(), Takes::MAX_ENTRIES);
    let start = std::time::Instant::now();
    let text = store(&project);
    let stored_in = start.elapsed();
    let start = std::time::Instant::now();
    let again = load(&text);
    let loaded_in = start.elapsed();
    let n_notes: usize =
        project.takes.entries().iter().map(|entry| entry.take.phrase.all_notes().count()).sum();
    let n_bytes_plain = project.to_json().len();
    println!(
        "{n_notes} notes: {n_bytes_plain} bytes as JSON, {} stored, in {stored_in:?}, loaded in {loaded_in:?}",
        text.len()
    );
    assert!(n_bytes_plain > 1_700_000, "{n_bytes_plain} bytes are no hour of work");
    assert!(text.len() <= 150_000, "{} bytes for {n_notes} notes", text.len());
    assert_eq!(again, project);
    assert_eq!(store(&again), text);
    assert_eq!(load(&project.to_json()), project);
}

/// An example as a take.
fn example(path: &Path) -> Take {
    let score = smf::read(&std::fs::read(path).unwrap()).unwrap();
    let receipt = score.texts().find(|text| text.starts_with(Receipt::TEXT_PREFIX)).unwrap();
    let (phrase, _) = score.to_phrase(|_| Key::C_MAJOR).unwrap();
    let remarks = vec!["melody and bass leave each other little room".to_owned()];
    Take { phrase: Arc::new(phrase), receipt: Receipt::from_json(&receipt).unwrap(), remarks }
}

/// `phrase` with all five parts, those that it lacks from `other`, which also follows it if `is_long`.
fn full(phrase: &Phrase, other: &Phrase, is_long: bool) -> Phrase {
    let frame = Frame { n_bars: if is_long { 16 } else { 8 }, ..*phrase.frame() };
    let half = TickDuration(frame.meter.bar_duration().0 * 8);
    let parts = Part::ALL.map(|part| {
        let own = phrase.notes(part);
        let own = if own.is_empty() { other.notes(Part::Chords) } else { own };
        let later = other.notes(if part == Part::Arpeggio { Part::Melody } else { part });
        let later = later.iter().map(|note| Note { onset: note.onset + half, ..*note });
        own.iter().copied().filter(|note| note.onset < TickInstant::ZERO + half).chain(later).collect()
    });
    Phrase::repaired(frame, phrase.progression().clone(), parts).unwrap().0
}

/// Checks that `json` is refused with a next step in the message, and stored again unchanged.
fn check_refused(json: &Value, words: &str) {
    let text = json.to_string();
    let project = load(&text);
    let error = project.error().map(StateError::to_string).unwrap_or_default();
    assert!(error.contains(words) && error.contains("until you compose"), "{error:?} lacks {words:?}");
    assert_eq!(project.takes.entries(), []);
    assert_eq!(store(&project), text);
}

#[test]
fn later_and_damaged_projects_are_refused_and_kept() {
    let good = json_of(&read(READABLE));
    let later = json!(Project::FORMAT + 1);
    let phrase = "/takes/entries/0/take/phrase";
    for (pointer, value, words) in [
        ("/format", later, "install it"),
        ("/format", json!(-1), "damaged"),
        ("/format", json!("1"), "damaged"),
        // A number that is read a last place off unless it is read with care.
        ("/format", json!(-6.331_327_512_014_588e-254), "damaged"),
        ("/takes", json!(7), "damaged"),
        ("/takes/current", json!(3), "take 3 is chosen, but there are 3"),
        ("/takes/entries/1/number", json!(1), "out of order"),
        ("/takes/n_made", json!(u64::MAX), "damaged"),
        ("/window", json!("wide"), "damaged"),
        ("/window", json!([1e39, 800.0]), "too large"),
        ("/takes/entries/0/take/receipt/task/sampling/temperature", json!(1e155), "too large"),
        (&format!("{phrase}/frame/n_bars"), json!(5000), "1 to 4096 bars"),
        (&format!("{phrase}/frame/tempo"), json!(0), "between 20 and 400"),
        (&format!("{phrase}/frame/meter"), json!("99/1"), "damaged"),
        (&format!("{phrase}/parts/4/0/pitch"), json!(128), "damaged"),
        (&format!("{phrase}/parts/4/0/velocity"), json!(0), "empty, silent or outside"),
        (&format!("{phrase}/parts/4/0/onset"), json!(u32::MAX), "empty, silent or outside"),
        (&format!("{phrase}/parts/4/0/duration"), json!(u32::MAX), "empty, silent or outside"),
    ] {
        let mut json = good.clone();
        let Some(slot) = json.pointer_mut(pointer) else { panic!("{pointer} is not in the fixture") };
        *slot = value;
        check_refused(&json, words);
    }
    // More takes and slots than are kept, and a field of a take that a later version would have to know.
    let mut many = good.clone();
    let entry = good["takes"]["entries"][0].clone();
    let numbered = |number: u64| {
        let mut entry = entry.clone();
        entry["number"] = number.into();
        entry
    };
    many["takes"]["entries"] = (1..=65).map(numbered).collect();
    check_refused(&many, "65 takes, of at most 64");
    let mut slots = good.clone();
    slots["takes"]["slots"] = vec![Value::Null; 13].into();
    check_refused(&slots, "13 slots, of at most 12");
    let mut odd = good;
    odd["takes"]["entries"][0]["take"]["colour"] = "amber".into();
    check_refused(&odd, "takes.entries.0.take.colour, which this version does not know");
}

/// Difficult JSON texts, anywhere in a project and around it.
#[test]
fn what_is_hard_to_read_is_kept_to_the_byte() {
    let good = read(READABLE);
    let deep = format!("{}0{}", "[".repeat(100_000), "]".repeat(100_000));
    for odd in [&deep, "1e400", "-1e400", r#""\ud800""#, r#"{"a":1,"a":2}"#, "\u{0}", "]"] {
        for text in [
            odd.to_owned(),
            good.replacen("\"n_made\"", &format!("\"odd\":{odd},\"n_made\""), 1),
            good.replacen("\"tempo\":", &format!("\"odd\":{odd},\"tempo\":"), 1),
            good.replacen("\"window\"", &format!("\"format\":{odd},\"window\""), 1),
            format!("{good}{odd}"),
        ] {
            let project = load(&text);
            assert!(project.error().is_some(), "{odd:.20} was read");
            assert!(store(&project) == text, "{odd:.20} is not kept");
        }
        let text = good.replacen("\"takes\"", &format!("\"odd\":{odd},\"takes\""), 1);
        let project = load(&text);
        let stored = store(&project);
        let is_kept = load(&stored).to_json().contains(&format!("\"odd\":{odd}"));
        assert!(is_kept || stored == text, "{odd:.20} is lost");
    }
}

/// A packed project that is damaged anywhere but in its padding is recognised as damaged.
#[test]
fn damaged_packed_projects_are_kept() {
    let texts: Vec<String> = FORMATS.iter().map(|(_, path)| read(path)).collect();
    let packed = texts.iter().filter(|text| text.contains("packed"));
    packed.for_each(|text| check_damage_is_kept(text.trim_end()));
}

/// Checks that a changed byte of `good` either changes nothing or makes the project unreadable, which is then kept
/// unchanged.
fn check_damage_is_kept(good: &str) {
    let whole = load(good);
    for place in (0..good.len()).step_by(7) {
        let mut bytes = good.as_bytes().to_vec();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let text = String::from_utf8(bytes).unwrap();
        let project = load(&text);
        // Unused bits may have any value.
        let is_sound = project.error().is_none() && project == whole;
        let is_kept = project.error().is_some() && store(&project) == text;
        assert!(is_sound || is_kept, "byte {place}");
        let cut = &good[..place];
        assert_eq!(store(&load(cut)), cut);
    }
}

/// A small file that claims to be large is refused, and reading a large one stops before it is in memory twice.
#[test]
#[cfg(target_os = "linux")]
fn a_hostile_project_takes_little_memory() {
    let zeros = format!(r#"{{"format":1,"takes":{{"entries":[{}0]}}}}"#, "0,".repeat(8_000_000));
    let nulls = format!(r#"{{"format":1,"takes":{{"slots":[{}null]}}}}"#, "null,".repeat(3_000_000));
    let others = format!(r#"{{"format":1,"odd":[{}0]}}"#, "0,".repeat(8_000_000));
    let history = format!(r#"{{"format":1,"history":{{"past":[{}0]}}}}"#, "0,".repeat(8_000_000));
    let fifty_megabytes = format!(r#"{{"format":1,"takes":[{}0]}}"#, "0,".repeat(25_000_000));
    let before = peak_bytes();
    for text in [zeros, nulls, others, history, fifty_megabytes] {
        let project = load(&text);
        assert!(project.error().is_some() || project.takes.entries().is_empty());
    }
    let taken = peak_bytes() - before;
    assert!(taken < 400 << 20, "{taken} bytes");
}

/// The most memory that this process ever had, in bytes.
#[cfg(target_os = "linux")]
fn peak_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// As many cases as `PROPTEST_CASES` says, and `n_cases` where it says nothing.
fn config(n_cases: u32) -> ProptestConfig {
    let is_said = std::env::var_os("PROPTEST_CASES").is_some();
    if is_said { ProptestConfig::default() } else { ProptestConfig::with_cases(n_cases) }
}

/// One way to damage a text.
#[derive(Debug, Clone)]
enum Damage {
    Cut(prop::sample::Index),
    Flip(prop::sample::Index, u8),
    /// The bytes between two places, again at a third.
    Splice(prop::sample::Index, prop::sample::Index, prop::sample::Index),
    Insert(prop::sample::Index, String),
    /// The value at the numbered place of the tree.
    Replace(prop::sample::Index, Value),
    Remove(prop::sample::Index),
}

fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_u64..8).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec![0_u64, 127, 128, 4096, 4097, u64::from(u32::MAX), 1 << 40])
            .prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!([])),
        Just(json!({})),
        prop::sample::select(vec![0_usize, 1, 100_000]).prop_map(|n| Value::from("x".repeat(n))),
        (1_usize..100).prop_map(|n| (0..n).fold(Value::Null, |inner, _| json!([inner]))),
    ]
}

fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(r#""format":1,"#.to_owned()),
        Just(r#""takes":{},"#.to_owned()),
        Just("1e999".to_owned()),
        Just("9".repeat(400)),
        (1_usize..20_000).prop_map(|n| "[".repeat(n)),
        (1_usize..20_000).prop_map(|n| r#"{"a":"#.repeat(n)),
        ".{0,8}",
    ]
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        1 => at().prop_map(Damage::Cut),
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        1 => (at(), at(), at()).prop_map(|(from, to, at)| Damage::Splice(from, to, at)),
        1 => (at(), odd_text()).prop_map(|(at, text)| Damage::Insert(at, text)),
        6 => (at(), odd_value()).prop_map(|(at, value)| Damage::Replace(at, value)),
        1 => at().prop_map(Damage::Remove),
    ]
}

impl Damage {
    fn done_to(self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        let n_bytes = bytes.len().max(1);
        match self {
            Self::Cut(at) => bytes.truncate(at.index(n_bytes)),
            Self::Flip(at, byte) => {
                if let Some(slot) = bytes.get_mut(at.index(n_bytes)) {
                    *slot = byte;
                }
            }
            Self::Splice(from, to, at) => {
                let (from, to) = (from.index(n_bytes).min(bytes.len()), to.index(n_bytes).min(bytes.len()));
                let copied = bytes[from.min(to)..from.max(to)].to_vec();
                let at = at.index(n_bytes).min(bytes.len());
                bytes.splice(at..at, copied);
            }
            Self::Insert(at, text) => {
                let at = at.index(n_bytes).min(bytes.len());
                bytes.splice(at..at, text.into_bytes());
            }
            Self::Replace(at, value) => return changed(text, at, |slot| *slot = value),
            Self::Remove(at) => {
                return changed(text, at, |slot| match slot {
                    Value::Array(values) => drop(values.pop()),
                    Value::Object(fields) => {
                        let last = fields.keys().next_back().cloned();
                        last.into_iter().for_each(|name| drop(fields.remove(&name)));
                    }
                    other => *other = Value::Null,
                });
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// `text` with the value at one place of its tree changed, if it is JSON at all.
fn changed(text: &str, at: prop::sample::Index, change: impl FnOnce(&mut Value)) -> String {
    let Ok(mut json) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    let mut pointers = Vec::new();
    list(&json, String::new(), &mut pointers);
    let pointer = at.get(&pointers).clone();
    if let Some(slot) = json.pointer_mut(&pointer) {
        change(slot);
    }
    json.to_string()
}

/// The place of every value inside `json`.
fn list(json: &Value, at: String, pointers: &mut Vec<String>) {
    match json {
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(idx, value)| list(value, format!("{at}/{idx}"), pointers))
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| list(value, format!("{at}/{name}"), pointers))
        }
        _ => {}
    }
    pointers.push(at);
}

/// Checks the invariants of a phrase.
fn check_phrase(phrase: &Phrase) {
    let parts = phrase.to_parts();
    assert_eq!(&Phrase::new(*phrase.frame(), phrase.progression().clone(), parts).unwrap(), phrase);
}

proptest! {
    #![proptest_config(config(256))]

    /// A damaged project is refused and kept byte for byte, or loads and is stored again unchanged.
    #[test]
    fn no_damage_to_a_project_panics_or_loses_anything(
        damages in prop::collection::vec(damage(), 1..5),
        is_packed in any::<bool>(),
    ) {
        let good = read(FORMATS[usize::from(is_packed)].1);
        let text = damages.into_iter().fold(good, |text, damage| damage.done_to(&text));
        let project = load(&text);
        if let Some(error) = project.error() {
            prop_assert!(error.to_string().contains("until you compose"));
            prop_assert_eq!(store(&project), text);
        } else {
            project.takes.entries().iter().for_each(|entry| check_phrase(&entry.take.phrase));
            prop_assert!(project.takes.current_idx().is_none_or(|idx| idx < project.takes.entries().len()));
            let stored = store(&project);
            prop_assert_eq!(store(&load(&stored)), stored);
            prop_assert_eq!(&load(&project.to_json()), &project);
        }
    }
}
