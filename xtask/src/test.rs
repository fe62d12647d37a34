//! `cargo xtask test`: all that must hold before a change goes in.
//!
//! The cheap steps come first. All of them build the same profile with the same flags, so that the lints, the documentation
//! and the single features share one check of the dependencies, and only the tests compile them in full. What is slow to
//! build, the bundles with their hosts and the drawn editor, comes last.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::process::{self, cargo};
use crate::system;

/// The package that presses and draws the editor.
const EDITOR: &str = "descant-editor-tests";

/// The package that loads the bundles into hosts.
const HOSTS: &str = "descant-hosts-tests";

/// One thing to check.
struct Step {
    name: String,
    command: Command,
}

/// Runs every step in order; stops at the first that fails.
pub fn run(args: &[String]) -> Result<()> {
    ensure!(args.is_empty(), "`test` takes no arguments; for a single test use `cargo test NAME`");
    system::install_missing(system::For::Tests)?;
    let steps = steps(&features(&process::root()?)?);
    let n_steps = steps.len();
    let started = Instant::now();
    for (idx, Step { name, mut command }) in steps.into_iter().enumerate() {
        let number = idx + 1;
        println!("[{number}/{n_steps}] {name}: {}", process::shown(&command));
        let step_started = Instant::now();
        process::run(&mut command).with_context(|| format!("step {number} of {n_steps}, {name}, failed"))?;
        println!("[{number}/{n_steps}] {name}: passed in {:.1} s", step_started.elapsed().as_secs_f64());
    }
    println!("{n_steps} of {n_steps} steps passed in {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

fn steps(features: &[String]) -> Vec<Step> {
    let step = |name: &str, args: &[&str]| Step { name: name.to_owned(), command: cargo(args) };
    let mut docs = step("docs", &["doc", "--workspace", "--no-deps"]);
    docs.command.env("RUSTDOCFLAGS", "-D warnings");
    let mut steps = vec![
        step("format", &["fmt", "--all", "--check"]),
        step("lints", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        docs,
        step("no features", &["check", "--no-default-features"]),
    ];
    for feature in features {
        let args = ["check", "--no-default-features", "--features", feature];
        steps.push(step(&format!("feature {feature} alone"), &args));
    }
    steps.extend([
        step("tests", &["test", "--workspace", "--exclude", EDITOR, "--exclude", HOSTS]),
        step("tests of the plugin", &["test", "--no-default-features", "--features", "plugin", "--lib"]),
        step("bundle", &["xtask", "bundle", "--checked"]),
        step("hosts", &["test", "-p", HOSTS]),
        step("editor", &["test", "-p", EDITOR]),
    ]);
    steps
}

/// The package's features but for `default`, as Cargo.toml lists them.
fn features(root: &Path) -> Result<Vec<String>> {
    let path = root.join("Cargo.toml");
    let manifest =
        std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
    let features = feature_names(&manifest);
    if features.is_empty() {
        bail!("found no features in {}", path.display());
    }
    Ok(features)
}

fn feature_names(manifest: &str) -> Vec<String> {
    let section = manifest.lines().map(str::trim).skip_while(|line| *line != "[features]").skip(1);
    section
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned()))
        .filter(|name| name != "default")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_features_of_a_manifest() {
        for (manifest, expected) in [
            ("[package]\nname = \"a\"\n", &[][..]),
            (
                "[features]\ndefault = [\"b\"]\n# Why = this.\nb = []\nc-d = [\n    \"b\",\n]\n\n[dependencies]\ne = \"1\"\n",
                &["b", "c-d"],
            ),
        ] {
            assert_eq!(feature_names(manifest), expected, "{manifest}");
        }
    }

    #[test]
    fn every_feature_is_checked_alone() {
        let names: Vec<_> =
            steps(&["model".to_owned(), "synth".to_owned()]).into_iter().map(|step| step.name).collect();
        assert_eq!(
            names,
            [
                "format",
                "lints",
                "docs",
                "no features",
                "feature model alone",
                "feature synth alone",
                "tests",
                "tests of the plugin",
                "bundle",
                "hosts",
                "editor"
            ]
        );
    }
}
