//! Who may import whom: imports point inwards only.
//!
//! The source is scanned as text, with comments and strings taken out: `crate::x`, `crate::{x, y}`, a `super` that reaches
//! the crate root, and the external crates that only some modules may name. Unit tests inside a module keep to the same
//! rules; a test that needs more belongs here. A new edge is a change of these tables, in the same commit, with a reason.

use super::source::{Token, code_only, is_word, rust_files, tokens};
use super::{project, read};

/// Each module and those it may import, itself aside. A module may only import modules further up.
const MODULES: &[(&str, &[&str])] = &[
    // Writing a file without losing another is everybody's who writes.
    ("files", &[]),
    ("music", &[]),
    // The editor and pictures of phrases look alike.
    ("look", &["music"]),
    ("smf", &["music"]),
    ("token", &["music"]),
    ("words", &["music", "token"]),
    ("session", &["music", "token"]),
    ("preset", &["files", "music", "token", "session"]),
    // Words and presets turn the same knobs, from which the plugin and the command line make their tasks.
    ("knobs", &["music", "token", "words", "session", "preset"]),
    ("model", &[]),
    // Models are read from folders that users put there.
    ("compose", &["files", "music", "token", "session", "model"]),
    ("player", &["music"]),
    ("synth", &["music", "player"]),
    // The worker holds the network that `compose` borrows.
    ("worker", &["music", "token", "session", "model", "compose", "player"]),
    // The parameters are the knobs of composing and the player's settings, for a host to automate, and store the worker's shared
    // state, with words that say what no knob holds.
    ("params", &["music", "token", "words", "session", "preset", "knobs", "player", "synth", "worker"]),
    (
        "editor",
        &[
            "music", "look", "smf", "token", "words", "session", "preset", "knobs", "player", "worker",
            "params",
        ],
    ),
    (
        "plugin",
        &[
            "files", "music", "smf", "token", "words", "session", "preset", "model", "compose", "player",
            "synth", "worker", "params", "editor",
        ],
    ),
    // What poses training tasks stands apart from who reads folders of files: the plugin may pose its user's own.
    ("training", &["music", "smf", "token"]),
    // The fingerprints of a corpus are in the form that `compose` reads.
    ("corpus", &["files", "music", "smf", "token", "compose", "training"]),
    ("eval", &["music", "smf", "token", "session", "model", "compose", "training", "corpus"]),
    ("roll", &["music", "look"]),
];

/// External crates that only some modules may name; `bin` is the programs under `src/bin`.
const OWNED_CRATES: &[(&str, &[&str])] = &[
    // Others make folders for tests.
    ("tempfile", &["files", "preset", "plugin", "corpus", "eval"]),
    ("known_folders", &["files"]),
    ("bzip2", &["session"]),
    ("flate2", &["session"]),
    ("base64", &["session"]),
    ("serde_ignored", &["session"]),
    ("midly", &["smf"]),
    ("candle_core", &["model"]),
    ("candle_nn", &["model"]),
    ("safetensors", &["model"]),
    ("half", &["model"]),
    ("pulp", &["model"]),
    ("xorf", &["compose"]),
    ("rtrb", &["player"]),
    ("fundsp", &["synth"]),
    ("crossbeam_channel", &["worker"]),
    ("parking_lot", &["worker", "params"]),
    ("nice_plug", &["params", "editor", "plugin"]),
    ("clap_sys", &["plugin"]),
    ("x11rb", &["editor"]),
    ("raw_window_handle", &["editor"]),
    ("signal_hook", &["plugin"]),
    ("nice_plug_egui", &["editor"]),
    ("egui", &["editor"]),
    ("csv", &["corpus"]),
    // Presets are files that people write, as textures are.
    ("toml", &["preset", "corpus"]),
    ("fastrand", &["training", "corpus", "eval"]),
    ("png", &["roll"]),
    ("tiny_skia", &["roll"]),
    ("skrifa", &["roll"]),
    // Settings of a task are also flags, parsed by the same names.
    ("clap", &["session", "bin"]),
    ("indicatif", &["bin"]),
    ("hound", &["bin"]),
    ("anyhow", &["bin"]),
];

/// External crates that any module may name: data, errors, hashes and words, nothing with a machine behind it.
const COMMON_CRATES: &[&str] = &["serde", "serde_json", "thiserror", "sha2", "strsim"];

#[test]
fn the_table_points_inwards() {
    for (idx, (module, imports)) in MODULES.iter().enumerate() {
        let above = &MODULES[..idx];
        for import in *imports {
            assert!(
                above.iter().any(|(name, _)| name == import),
                "{module} imports {import}, which is not above it"
            );
        }
    }
}

#[test]
fn every_module_is_in_the_table() {
    for path in rust_files() {
        let owner = owner(&path);
        let known = ["lib", "bin"].contains(&owner) || MODULES.iter().any(|(name, _)| *name == owner);
        assert!(known, "src/{path}: `{owner}` has no row in MODULES");
    }
}

#[test]
fn the_crate_docs_list_every_module() {
    let source = read("src/lib.rs");
    for module in source.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')) {
        assert!(
            source.contains(&format!("\n//! | `{module}` |")),
            "src/lib.rs: `{module}` is not in the list of modules"
        );
    }
}

#[test]
fn no_module_imports_what_it_may_not() {
    let found: Vec<String> =
        rust_files().iter().flat_map(|path| violations(path, &read(&format!("src/{path}")))).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_dependency_is_owned_or_common() {
    for name in project::dependencies(&read("Cargo.toml"), "dependencies") {
        let name = name.replace('-', "_");
        let known =
            COMMON_CRATES.contains(&name.as_str()) || OWNED_CRATES.iter().any(|(owned, _)| *owned == name);
        assert!(known, "{name}: say in OWNED_CRATES or COMMON_CRATES who may name it");
    }
}

/// The module that a file of `src` belongs to: `player/clip.rs` → `player`.
fn owner(path: &str) -> &str {
    let first = path.split('/').next().unwrap_or(path);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// What `source`, the file of `src` at `path`, imports against the tables: one message each.
fn violations(path: &str, source: &str) -> Vec<String> {
    let owner = owner(path);
    let allowed = MODULES.iter().find(|(name, _)| *name == owner).map(|(_, imports)| *imports);
    let mut found = Vec::new();
    for Import { line, target } in imports(path, source) {
        match target {
            Target::Module(name) => {
                // `lib.rs` names what it likes; a program is a crate of its own.
                let Some(allowed) = allowed else { continue };
                if name != owner && !allowed.contains(&name.as_str()) {
                    found.push(format!("src/{path}:{line}: `{owner}` may not import `crate::{name}`"));
                }
            }
            Target::Crate(name) => {
                let owners = OWNED_CRATES.iter().find(|(owned, _)| *owned == name).map(|(_, owners)| *owners);
                if owners.is_some_and(|owners| !owners.contains(&owner)) {
                    found.push(format!("src/{path}:{line}: `{owner}` may not name the crate `{name}`"));
                }
            }
        }
    }
    found
}

struct Import {
    /// Counted from 1.
    line: usize,
    target: Target,
}

enum Target {
    /// The first word after the crate root.
    Module(String),
    /// An external crate of the tables.
    Crate(String),
}

/// The paths in `source` that leave its module.
fn imports(path: &str, source: &str) -> Vec<Import> {
    let code = code_only(source);
    let tokens = tokens(&code);
    let text = |idx: usize| tokens.get(idx).map_or("", |token| token.text);
    let before = |idx: usize, back: usize| idx.checked_sub(back).map_or("", text);

    let file_depth = path.split('/').count();
    let mut brace_depth = 0_usize;
    // The brace depths at which the inline modules around the current place began.
    let mut inline_modules: Vec<usize> = Vec::new();
    let mut found = Vec::new();
    for (idx, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => {
                if before(idx, 2) == "mod" {
                    inline_modules.push(brace_depth);
                }
                brace_depth += 1;
            }
            "}" => {
                brace_depth = brace_depth.saturating_sub(1);
                inline_modules.pop_if(|began| *began == brace_depth);
            }
            "crate" if text(idx + 1) == "::" => found.extend(first_words(&tokens, idx + 2)),
            "super" if before(idx, 2) != "super" => {
                let n_supers = (0..).take_while(|step| text(idx + 2 * step) == "super").count();
                if n_supers == file_depth + inline_modules.len() {
                    found.extend(first_words(&tokens, idx + 2 * n_supers));
                }
            }
            name => {
                let follows_path = before(idx, 1) == "::";
                let begin = if follows_path { before(idx, 2) } else { before(idx, 1) };
                let begins = ["use", "crate"].contains(&begin) || text(idx + 1) == "::";
                let continues = follows_path && begin != "use" && begin.ends_with(is_word);
                if begins && !continues && OWNED_CRATES.iter().any(|(owned, _)| *owned == name) {
                    found.push(Import { line: token.line, target: Target::Crate(name.to_owned()) });
                }
            }
        }
    }
    found
}

/// The modules named by what follows `crate::` at `start`: a path, or a group of paths in braces.
fn first_words(tokens: &[Token], start: usize) -> Vec<Import> {
    let module = |token: &Token| Import { line: token.line, target: Target::Module(token.text.to_owned()) };
    let Some(first) = tokens.get(start) else { return Vec::new() };
    if first.text != "{" {
        return vec![module(first)];
    }
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut begins = false;
    for token in &tokens[start..] {
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," | "self" => {}
            _ if depth == 1 && begins => found.push(module(token)),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        begins = ["{", ","].contains(&token.text);
    }
    found
}

/// Holds the violations in `source`, as if it were the file of `src` at `path`, to a part of each message.
fn check(path: &str, source: &str, expected: &[&str]) {
    let found = violations(path, source);
    let matches = found.len() == expected.len()
        && found.iter().zip(expected).all(|(message, part)| message.contains(part));
    assert!(matches, "src/{path}\n{source}\nexpected {expected:?}, found {found:?}");
}

#[test]
fn the_checker_finds_a_forbidden_module() {
    check(
        "music/time.rs",
        "use std::fmt;\n\nuse crate::token::Vocab;\n",
        &["src/music/time.rs:3: `music` may not import `crate::token`"],
    );
    check("smf.rs", "use crate::{\n    music::{Note, time::PPQ},\n    words,\n};", &["smf.rs:3"]);
    check("model.rs", "fn f() { crate::music::time::PPQ }", &["`crate::music`"]);
    check("token.rs", "use super::smf::read;", &["`crate::smf`"]);
    check("token/vocab.rs", "use super::super::{music, smf};", &["`crate::smf`"]);
    check(
        "token.rs",
        "mod tests {\n    fn f() {}\n    use super::super::smf;\n}\nuse super::words;",
        &["token.rs:3", "token.rs:5"],
    );
    check("words.rs", "pub use crate::token_stream::*;", &["`crate::token_stream`"]);
    check(
        "words.rs",
        "let lifetime: &'a str = \"\\\"\"; crate::smf::read('\"', crate::model::Model)",
        &["`crate::smf`", "`crate::model`"],
    );
}

#[test]
fn the_checker_finds_a_forbidden_crate() {
    check("token.rs", "use midly::Smf;", &["src/token.rs:1: `token` may not name the crate `midly`"]);
    check("token.rs", "use ::midly as m;\nfn f(x: candle_core::Tensor) {}", &["`midly`", "`candle_core`"]);
    check("roll.rs", "#[derive(clap::Parser)]", &["`clap`"]);
    check("bin/cli.rs", "use candle_core::Tensor;", &["`bin` may not name the crate `candle_core`"]);
}

#[test]
fn the_checker_lets_the_rest_be() {
    check(
        "music/time.rs",
        "use crate::music::pitch::Pitch;\nuse super::pitch;\nmod tests { use super::*; }",
        &[],
    );
    check("compose.rs", "use crate::{model::{self, config}, music, token::{vocab, prompt}};", &[]);
    check(
        "music.rs",
        "//! See `crate::smf`.\n/* use crate::smf; /* nested */ midly:: */\nlet x = \"use crate::smf;\";",
        &[],
    );
    check(
        "music.rs",
        "let x = r#\"a \"quoted\" crate::smf\"#; let y = 'a'; let z = '\\''; // crate::smf\n",
        &[],
    );
    check("smf.rs", "use midly::Smf;\nuse crate::music::Phrase;\npub(crate) fn f() {}", &[]);
    check("music.rs", "let half = 1; let png = self.png; crate::music::half::f();", &[]);
    check("lib.rs", "pub use crate::plugin::Plugin;", &[]);
    check("bin/cli.rs", "use clap::Parser;\nuse descant::compose;\nuse crate::arguments::Arguments;", &[]);
}
