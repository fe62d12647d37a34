//! The plugin's functions on the audio thread use the audio thread's half only.

use super::read;
use super::source::{Token, code_only, tokens};

/// The functions of the plugin that hosts call on their audio thread.
const OF_AUDIO_THREAD: [&str; 2] = ["reset", "process"];

/// Types with a lock, which the audio thread's half must not name.
const LOCKED: [&str; 6] = ["Shared", "DescantParams", "TaskBuilder", "Link", "Mutex", "Worker"];

/// The fields of `self` that the function `name` of `source` names.
fn fields(source: &str, name: &str) -> Vec<String> {
    let code = code_only(source);
    let tokens: Vec<Token> = tokens(&code);
    let is_named = |pair: &[Token]| pair[0].text == "fn" && pair[1].text == name;
    let start = tokens.windows(2).position(is_named).unwrap_or_else(|| panic!("there is no `{name}`"));
    let mut depth = 0;
    let body = tokens[start..].iter().skip_while(|token| token.text != "{").take_while(|token| {
        depth += match token.text {
            "{" => 1,
            "}" => -1,
            _ => 0,
        };
        depth > 0
    });
    let body: Vec<&str> = body.map(|token| token.text).collect();
    // `self` without a field is named `self`.
    let field = |words: &[&str]| match words {
        ["self", ".", field] => Some((*field).to_owned()),
        ["self", ..] => Some("self".to_owned()),
        _ => None,
    };
    body.windows(3).filter_map(field).collect()
}

#[test]
fn the_audio_thread_reaches_its_own_half_alone() {
    let plugin = read("src/plugin.rs");
    for name in OF_AUDIO_THREAD {
        let fields = fields(&plugin, name);
        assert!(!fields.is_empty() && fields.iter().all(|field| field == "audio"), "{name}: {fields:?}");
    }
}

#[test]
fn the_audio_threads_half_names_nothing_with_a_lock() {
    let code = code_only(&read("src/plugin/audio_processor.rs"));
    let found: Vec<String> = tokens(&code)
        .iter()
        .filter(|token| LOCKED.contains(&token.text))
        .map(|token| format!("{}: {}", token.line, token.text))
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn fields_are_found_where_they_are_named() {
    let source = "fn other(&self) { self.a } fn process(&mut self) { if self.b() { f(self, 1); } // self.c\n } fn d() {}";
    assert_eq!(fields(source, "process"), ["b", "self"]);
    assert_eq!(fields(source, "other"), ["a"]);
}
