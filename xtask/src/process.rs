//! Runs other programs in the repository root and says how to repeat what failed.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The repository root. Asked at run time, since one build of this program may serve several checkouts.
pub fn root() -> Result<PathBuf> {
    let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR").context("start this with `cargo xtask`")?;
    let manifest_dir = PathBuf::from(manifest_dir);
    Ok(manifest_dir.parent().context("xtask has no parent folder")?.to_path_buf())
}

/// Where build output goes: `CARGO_TARGET_DIR`, or `target` in the repository root.
pub fn target_dir() -> Result<PathBuf> {
    let dir = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    Ok(root()?.join(dir))
}

/// `cargo ARGS`. Its `RUSTFLAGS` are left as they are, so that the steps of a command share what they build.
pub fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(args);
    command
}

/// Runs `command` in the repository root, its output going to the terminal.
///
/// # Errors
///
/// The program is missing, or did not succeed; the message holds the line to repeat it with.
pub fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    let status =
        command.current_dir(root()?).status().with_context(|| format!("could not start `{line}`"))?;
    if !status.success() {
        bail!("{status}; to repeat it:\n  {line}");
    }
    Ok(())
}

/// Whether `program` is in one of the folders of `PATH`.
pub fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let file_name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path).any(|folder| folder.join(&file_name).is_file())
}

/// Whether a window can be opened.
pub fn has_display() -> bool {
    cfg!(any(target_os = "windows", target_os = "macos"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|name| !name.is_empty()))
}

/// `command` as one would type it, with the variables that it sets.
pub fn shown(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| {
        Some(format!("{}={}", name.to_string_lossy(), quoted(&value?.to_string_lossy())))
    });
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words = words.map(|word| quoted(&word.to_string_lossy()));
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    if word.is_empty() || word.contains(char::is_whitespace) {
        format!("\"{word}\"")
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;

    #[test]
    fn shows_a_command_as_typed() {
        let mut docs = cargo(&["doc", "--no-deps"]);
        docs.env("RUSTDOCFLAGS", "-D warnings");
        for (command, expected) in [
            (docs, r#"RUSTDOCFLAGS="-D warnings" cargo doc --no-deps"#),
            (cargo(&["run", "--", "compose", "dark lo-fi"]), r#"cargo run -- compose "dark lo-fi""#),
        ] {
            assert_eq!(shown(&command), expected);
        }
    }

    #[test]
    fn a_failure_says_how_to_repeat_it() {
        let mut command = cargo(&["no-such-command"]);
        let error = run(command.stderr(Stdio::null())).unwrap_err().to_string();
        assert!(error.ends_with("to repeat it:\n  cargo no-such-command"), "{error}");
    }

    #[test]
    fn finds_programs() {
        assert!(is_on_path("cargo"));
        assert!(!is_on_path("no-such-program"));
    }
}
