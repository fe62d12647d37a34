//! Continuous integration is pinned: actions by their commit, one compiler, tools by their version, and no more rights
//! than a job needs. A tag can be moved to other code; a commit cannot.
//!
//! The workflows are read as text, line by line.

use super::project::files;
use super::read;

const FOLDER: &str = ".github/workflows/";

/// The jobs that may write: workflow, right, and why.
const RIGHTS: &[(&str, &str, &str)] = &[
    ("release.yml", "contents: write", "makes the release"),
    ("release.yml", "id-token: write", "signs the provenance"),
    ("release.yml", "attestations: write", "stores the provenance"),
];

/// Name and text of each workflow.
fn workflows() -> Vec<(String, String)> {
    let files = files();
    let names = files.iter().filter_map(|path| path.strip_prefix(FOLDER));
    let found: Vec<_> = names.map(|name| (name.to_owned(), read(&format!("{FOLDER}{name}")))).collect();
    assert!(found.len() >= 3, "{} workflows in {FOLDER}", found.len());
    found
}

/// What follows `key` on the lines that begin with it, list marks aside.
fn values<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let lines = text.lines().map(|line| line.trim_start().trim_start_matches("- "));
    lines.filter_map(|line| Some(line.strip_prefix(key)?.trim())).collect()
}

/// Whether an action is named by its commit, with its version in a comment.
fn is_pinned(action: &str) -> bool {
    let Some((name, version)) = action.split_once(" # v") else { return false };
    let Some((path, commit)) = name.split_once('@') else { return false };
    let is_commit = commit.len() == 40 && commit.chars().all(|digit| "0123456789abcdef".contains(digit));
    let numbers: Vec<_> = version.split('.').map(str::parse::<u32>).collect();
    path.contains('/') && is_commit && numbers.len() == 3 && numbers.iter().all(Result::is_ok)
}

#[test]
fn actions_are_named_by_commit() {
    for (name, text) in workflows() {
        let actions = values(&text, "uses:");
        assert!(!actions.is_empty(), "{name} checks nothing out");
        for action in actions {
            assert!(is_pinned(action), "{name}: name {action} by its commit: OWNER/NAME@COMMIT # vX.Y.Z");
        }
    }
}

#[test]
fn an_action_is_one_commit_everywhere() {
    let workflows = workflows();
    let mut actions: Vec<_> = workflows.iter().flat_map(|(_, text)| values(text, "uses:")).collect();
    actions.sort_unstable();
    actions.dedup();
    let names: Vec<_> = actions.iter().map(|action| action.split('@').next().unwrap()).collect();
    for (idx, name) in names.iter().enumerate() {
        assert!(!names[idx + 1..].contains(name), "{name} is named by two commits: {actions:?}");
    }
}

#[test]
fn one_compiler_builds_everything_and_is_no_older_than_promised() {
    let workflows = workflows();
    let pins = workflows.iter().map(|(name, text)| (name, values(text, "RUSTUP_TOOLCHAIN:")));
    let pins: Vec<_> = pins.collect();
    let numbers = |version: &str| -> Vec<u32> {
        version.trim_matches('"').split('.').map(|number| number.parse().unwrap()).collect()
    };
    for (name, pin) in &pins {
        assert_eq!(pin.len(), 1, "{name} has to name its compiler once, in RUSTUP_TOOLCHAIN");
        assert_eq!(pin, &pins[0].1, "{name} names another compiler than {}", pins[0].0);
        assert_eq!(numbers(pin[0]).len(), 3, "{name}: name the compiler by three numbers");
    }
    let manifest = read("Cargo.toml");
    let least = values(&manifest, "rust-version = ")[0];
    assert!(numbers(least) <= numbers(pins[0].1[0]), "CI is older than rust-version {least}");
    for (name, text) in &workflows {
        let lines =
            text.lines().filter(|line| !line.trim_start().starts_with('#') && line.contains("rustup "));
        for line in lines {
            assert!(line.contains("RUSTUP_TOOLCHAIN"), "{name} takes a compiler that moves: {line}");
        }
    }
}

#[test]
fn tools_are_installed_by_version_and_as_locked() {
    for (name, text) in workflows() {
        for line in text.lines().filter(|line| line.contains("cargo install ")) {
            let is_exact = line.contains("--locked") && line.contains('@');
            assert!(is_exact, "{name}: cargo install NAME@VERSION --locked instead of {line}");
        }
    }
}

#[test]
fn jobs_may_write_only_what_they_have_to() {
    for (name, text) in workflows() {
        assert!(
            text.contains("\npermissions:\n  contents: read\n\n"),
            "{name}: read only, unless a job needs more"
        );
        let rights = text
            .lines()
            .map(str::trim)
            .filter(|line| line.ends_with(": write") || *line == "permissions: write-all");
        for right in rights {
            let is_known = RIGHTS.iter().any(|(workflow, known, _)| *workflow == name && *known == right);
            assert!(is_known, "{name}: {right} is not among the rights that have a reason");
        }
        let (checkouts, kept) =
            (text.matches("actions/checkout@").count(), text.matches("persist-credentials: false").count());
        assert_eq!(
            checkouts, kept,
            "{name}: a checkout leaves its token where every build script can read it"
        );
    }
}

#[test]
fn pins_are_distinguished_from_tags() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    for (action, expected) in [
        (format!("a/b@{commit} # v1.2.3"), true),
        (format!("a/b/c@{commit} # v1.2.3"), true),
        (format!("a/b@{commit} # v1"), false),
        (format!("a/b@{commit}"), false),
        ("a/b@v4".to_owned(), false),
        ("a/b@v4 # v4.0.0".to_owned(), false),
        (format!("a/b@{} # v1.2.3", &commit[1..]), false),
        (format!("b@{commit} # v1.2.3"), false),
    ] {
        assert_eq!(is_pinned(&action), expected, "{action}");
    }
}
