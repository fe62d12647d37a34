//! Rules about the repository itself: the place and origin of files, and the licences of dependencies.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{read, root};

/// The entries allowed at the top, dot-files aside.
const TOP_LEVEL: &[&str] = &[
    "Cargo.toml",
    "bundler.toml",
    "README.md",
    "src",
    "xtask",
    "assets",
    "models",
    "tests",
    "LICENSE",
    "CHANGELOG.md",
    "Cargo.lock",
];

/// The entries required at the top.
const TOP_LEVEL_NEEDED: &[&str] =
    &["Cargo.toml", "README.md", "src", "xtask", "tests", "LICENSE", "CHANGELOG.md", "Cargo.lock"];

/// The folders of `models` that hold no model.
const NOT_MODELS: &[&str] = &["training", "textures"];

/// The files that every model ships.
const MODEL_FILES: &[&str] =
    &["config.json", "model.safetensors", "stats.json", "fingerprints.bin", "MODEL.md", "EVALUATION.md"];

/// The folders whose files come from elsewhere: fixtures and fonts.
const FOREIGN: &[&str] = &["tests/data/", "assets/fonts/"];

/// The largest font or picture, in bytes: every clone carries every version of it for ever.
const MAX_BINARY_BYTES: u64 = 400_000;

/// The longest source file that needs no reason, in bytes.
const MAX_SOURCE_BYTES: usize = 24_000;

#[test]
fn the_top_level_holds_what_belongs_there() {
    let found: BTreeSet<String> = files().iter().map(|path| first_folder(path).to_owned()).collect();
    for name in &found {
        let known = name.starts_with('.') || TOP_LEVEL.contains(&name.as_str());
        assert!(known, "{name} does not belong at the top level");
    }
    for name in TOP_LEVEL_NEEDED {
        assert!(found.contains(*name), "{name} is missing");
    }
}

#[test]
fn fixtures_and_fonts_say_where_they_come_from() {
    let files = files();
    let is_foreign = |path: &&String| FOREIGN.iter().any(|folder| path.starts_with(folder));
    for path in files.iter().filter(is_foreign) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let origin = format!("{folder}/ORIGIN.md");
        assert!(
            files.contains(&origin),
            "{path}: say in {origin} where it comes from and under which licence"
        );
    }
}

#[test]
fn fonts_and_pictures_are_small() {
    for path in files().iter().filter(|path| path.ends_with(".otf") || path.ends_with(".png")) {
        let n_bytes = std::fs::metadata(root().join(path)).unwrap().len();
        assert!(n_bytes <= MAX_BINARY_BYTES, "{path} has {n_bytes} bytes: leave out what it need not show");
    }
}

#[test]
fn models_are_complete() {
    let files = files();
    let in_models = files.iter().filter_map(|path| path.strip_prefix("models/"));
    let names: BTreeSet<&str> = in_models.filter(|path| path.contains('/')).map(first_folder).collect();
    for name in names.iter().filter(|name| !NOT_MODELS.contains(name)) {
        for file_name in MODEL_FILES {
            let path = format!("models/{name}/{file_name}");
            assert!(files.contains(&path), "{path} is missing");
        }
    }
}

#[test]
fn long_source_files_say_why() {
    for path in files().iter().filter(|path| path.starts_with("src/") && path.ends_with(".rs")) {
        let source = read(path);
        let docs = source.lines().take_while(|line| line.starts_with("//!"));
        let says_why = docs.into_iter().any(|line| line.contains("Longer than"));
        assert!(
            source.len() <= MAX_SOURCE_BYTES || says_why,
            "{path} has {} bytes: split it, or say in its module docs why it is \"Longer than\" others",
            source.len()
        );
    }
}

/// What writes a file in one step may leave half of it, and takes the place of what was there.
#[test]
fn files_are_written_in_one_way() {
    let ways = [
        "fs::write(",
        "File::create(",
        "File::create_new(",
        "OpenOptions",
        "File::options(",
        "fs::rename(",
        "fs::copy(",
    ];
    for path in files().iter().filter(|path| path.starts_with("src/") && path.ends_with(".rs")) {
        let source = read(path);
        let shipped = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        for way in ways.iter().filter(|way| shipped.contains(**way)) {
            assert!(path == "src/files.rs", "{path} uses {way}: write through `files`, which loses nothing");
        }
    }
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    for path in files() {
        // What is not text is data.
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else { continue };
        for (line_idx, line) in text.lines().enumerate() {
            assert!(!names_a_machine_path(line), "{path}:{}: a path of one machine: {line}", line_idx + 1);
        }
    }
}

#[test]
fn every_dependency_has_its_reason_above_it() {
    for path in ["Cargo.toml", "xtask/Cargo.toml", "tests/editor/Cargo.toml", "tests/fuzz/Cargo.toml"] {
        let manifest = read(path);
        let bare = dependencies_without_reason(&manifest);
        assert!(bare.is_empty(), "{path}: say in a comment above each why it is there: {bare:?}");
    }
}

/// Every package of Cargo.lock that any system builds has a licence that `.deny.toml` allows.
#[test]
fn licences_are_allowed() {
    let deny = read(".deny.toml");
    let allowed = allowed_licences(&deny);
    let metadata = cargo_metadata();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 10, "cargo knows of {} packages only", packages.len());
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or_else(|| panic!("{name} names no licence"));
        assert!(
            is_allowed(licence, &allowed),
            "{name} is licensed under {licence}, which .deny.toml does not allow"
        );
    }
}

/// The files of the repository, as paths from its root with `/`: those that git tracks, or all of them without git.
pub fn files() -> Vec<String> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    let listed = listed.map(|output| output.stdout).unwrap_or_default();
    let tracked: Vec<String> = listed
        .split(|byte| *byte == 0)
        .filter_map(|path| String::from_utf8(path.to_vec()).ok())
        .filter(|path| !path.is_empty() && root().join(path).is_file())
        .collect();
    if !tracked.is_empty() {
        return tracked;
    }
    let mut found = Vec::new();
    walk(root(), "", &mut found);
    found
}

/// Adds the files below `folder` to `found`, but for what building, running and training leave there.
fn walk(folder: &Path, prefix: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let is_left_over = ["target", ".git", "shards", "artifacts", "__pycache__"].contains(&name.as_str());
        if is_left_over || name.starts_with("phrase.") || name.starts_with("phrase-") {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), &format!("{path}/"), found);
        } else {
            found.push(path);
        }
    }
}

fn first_folder(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

/// Whether `line` holds an absolute path under a folder where only one machine has it. An address or a relative path is none.
fn names_a_machine_path(line: &str) -> bool {
    let continues = |character: char| character.is_alphanumeric() || "_.-~}".contains(character);
    ["work", "root", "home"].iter().any(|folder| {
        let needle = format!("/{folder}/");
        line.match_indices(&needle).any(|(idx, _)| !line[..idx].ends_with(continues))
    })
}

/// The dependencies of a manifest's `section`.
pub fn dependencies(manifest: &str, section: &str) -> Vec<String> {
    let header = format!("[{section}]");
    let lines = manifest.lines().skip_while(|line| *line != header).skip(1);
    lines.take_while(|line| !line.starts_with('[')).filter_map(|line| key(line).map(str::to_owned)).collect()
}

/// The dependencies of a manifest that no comment precedes.
fn dependencies_without_reason(manifest: &str) -> Vec<&str> {
    let mut bare = Vec::new();
    let mut is_in_dependencies = false;
    let mut above = "";
    for line in manifest.lines() {
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_end_matches(']');
            is_in_dependencies = header.ends_with("dependencies");
            if header.contains("dependencies.") && !above.starts_with('#') {
                bare.push(header);
            }
        } else if let Some(name) = key(line).filter(|_| is_in_dependencies && !above.starts_with('#')) {
            bare.push(name);
        }
        above = line;
    }
    bare
}

/// The key that a line of TOML sets at its very beginning.
fn key(line: &str) -> Option<&str> {
    let name = line.split_once('=')?.0.trim_end();
    let is_key = !name.is_empty()
        && name.chars().all(|character| character.is_alphanumeric() || "-_.".contains(character));
    is_key.then_some(name)
}

/// The packages that the program and its tests are built from, with every feature, on any system; on this one alone where
/// the packages of the others are neither at hand nor to be had.
fn cargo_metadata() -> Value {
    let metadata = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        command.args(["metadata", "--format-version", "1", "--locked", "--all-features"]).args(args);
        command.current_dir(root()).output().unwrap()
    };
    let mut found = metadata(&[]);
    if !found.status.success() {
        eprintln!("only this system's packages are looked at: {}", String::from_utf8_lossy(&found.stderr));
        let rustc = Command::new("rustc").arg("-vV").output().unwrap();
        let rustc = String::from_utf8(rustc.stdout).unwrap();
        let host = rustc.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
        found = metadata(&["--offline", "--filter-platform", host]);
    }
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    serde_json::from_slice(&found.stdout).unwrap()
}

/// The quoted words between `allow = [` and `]`.
fn allowed_licences(deny: &str) -> Vec<&str> {
    let (_, list) = deny.split_once("\nallow = [").expect(".deny.toml has a list of allowed licences");
    let (list, _) = list.split_once(']').expect("the list ends");
    list.split('"').skip(1).step_by(2).collect()
}

/// Whether a licence expression (SPDX, or the old form with a slash for OR) can be met from `allowed`.
fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let is_met = either(&mut words, allowed);
    is_met && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(words: &mut Words, allowed: &[&str]) -> bool {
    let mut is_met = both(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        is_met |= both(words, allowed);
    }
    is_met
}

fn both(words: &mut Words, allowed: &[&str]) -> bool {
    let mut is_met = licence(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        is_met &= licence(words, allowed);
    }
    is_met
}

fn licence(words: &mut Words, allowed: &[&str]) -> bool {
    let Some(name) = words.next() else { return false };
    if name == "(" {
        let is_met = either(words, allowed);
        return words.next() == Some(")") && is_met;
    }
    if words.next_if_eq(&"WITH").is_some() {
        let exception = words.next().unwrap_or_default();
        return allowed.contains(&format!("{name} WITH {exception}").as_str());
    }
    allowed.contains(&name)
}

#[test]
fn licence_expressions_are_understood() {
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("MIT/GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND ISC", true),
        ("MIT OR GPL-3.0 AND LGPL-2.1", true),
        ("(MIT OR GPL-3.0) AND LGPL-2.1", false),
        ("GPL-2.0 WITH Classpath-exception-2.0 OR MIT", true),
        ("MIT WITH Surprise", false),
        ("MIT ISC", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression, &["MIT", "ISC"]), expected, "{expression}");
    }
}

#[test]
fn machine_paths_are_distinguished_from_others() {
    for (folder, before, expected) in [
        ("work", "cd ", true),
        ("root", "\"", true),
        ("home", "", true),
        ("home", "https://example.org", false),
        ("work", "..", false),
        ("work", "tests", false),
    ] {
        let line = format!("{before}/{folder}/x");
        assert_eq!(names_a_machine_path(&line), expected, "{line}");
    }
}

#[test]
fn a_bare_dependency_is_found() {
    let manifest = "[package]\nname = \"a\"\n[dependencies]\n# Why.\nb = \"1\"\nc = { version = \"1\", features = [\n    \"x\",\n] }\n\
                    [dev-dependencies.d]\nversion = \"1\"\n# Why.\n[dependencies.e]\nversion = \"1\"\n[features]\nf = []\n";
    assert_eq!(dependencies_without_reason(manifest), ["c", "dev-dependencies.d"]);
    assert_eq!(dependencies(manifest, "dependencies"), ["b", "c"]);
}
