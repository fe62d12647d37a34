//! `cargo xtask test`: all checks of a change.
//!
//! The cheap steps come first. All of them build the same profile with the same flags, so that the lints, the documentation
//! and the single features share one check of the dependencies, and only the tests compile them in full: once, command line,
//! plugin and drawn editor together. The bundles with their hosts come last.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::process::{self, cargo};
use crate::system;

/// The test package that loads the bundles into hosts.
const HOSTS: &str = "descant-hosts-tests";

/// One thing to check.
struct Step {
    name: String,
    command: Command,
    /// The program that it needs, if it is not part of the toolchain.
    tool: Option<Tool>,
}

/// An optional program; without it the step is skipped.
struct Tool {
    program: &'static str,
    /// The command that installs it.
    install: &'static str,
}

const CARGO_DENY: Tool = Tool { program: "cargo-deny", install: "cargo install cargo-deny --locked" };

impl Step {
    /// The reason to skip the step, if there is one.
    fn why_skipped(&self, is_on_path: impl Fn(&str) -> bool) -> Option<String> {
        let Tool { program, install } = self.tool.as_ref().filter(|tool| !is_on_path(tool.program))?;
        Some(format!("skipped, since {program} is not installed; to have it: {install}"))
    }
}

/// Runs all steps in order; skips those whose tool is missing and stops at the first failure.
pub fn run(args: &[String]) -> Result<()> {
    ensure!(args.is_empty(), "`test` takes no arguments; for a single test use `cargo test NAME`");
    system::install_missing(system::For::Tests)?;
    let steps = steps(&features(&process::root()?)?);
    let n_steps = steps.len();
    let started = Instant::now();
    let mut n_passed = 0;
    for (idx, mut step) in steps.into_iter().enumerate() {
        let number = idx + 1;
        if let Some(reason) = step.why_skipped(process::is_on_path) {
            println!("[{number}/{n_steps}] {}: {reason}", step.name);
            continue;
        }
        let Step { name, command, .. } = &mut step;
        println!("[{number}/{n_steps}] {name}: {}", process::shown(command));
        let step_started = Instant::now();
        process::run(command).with_context(|| format!("step {number} of {n_steps}, {name}, failed"))?;
        println!("[{number}/{n_steps}] {name}: passed in {:.1} s", step_started.elapsed().as_secs_f64());
        n_passed += 1;
    }
    println!("{}", summary(n_passed, n_steps, started.elapsed().as_secs_f64()));
    Ok(())
}

fn summary(n_passed: usize, n_steps: usize, seconds: f64) -> String {
    let skipped = match n_steps - n_passed {
        0 => String::new(),
        n_skipped => format!(", {n_skipped} skipped,"),
    };
    format!("{n_passed} of {n_steps} steps passed{skipped} in {seconds:.0} s")
}

fn steps(features: &[String]) -> Vec<Step> {
    let step = |name: &str, args: &[&str]| Step { name: name.to_owned(), command: cargo(args), tool: None };
    // Advisories are not asked for: that needs the network, and they change while the code does not. CI asks for them.
    let deny = ["deny", "--log-level", "error", "check", "licenses", "bans", "sources"];
    let mut docs = step("docs", &["doc", "--workspace", "--no-deps"]);
    docs.command.env("RUSTDOCFLAGS", "-D warnings");
    let mut steps = vec![
        step("format", &["fmt", "--all", "--check"]),
        Step { tool: Some(CARGO_DENY), ..step("dependencies", &deny) },
        step("lints", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        docs,
        step("default features", &["check", "--tests"]),
        step("no features", &["check", "--no-default-features"]),
    ];
    for feature in features {
        let args = ["check", "--no-default-features", "--features", feature];
        steps.push(step(&format!("feature {feature} alone"), &args));
    }
    steps.extend([
        // The examples in the docs and the drawn editor are among them.
        step("tests", &["test", "--workspace", "--exclude", HOSTS, "--features", "descant/plugin"]),
        step("bundle", &["xtask", "bundle", "--checked"]),
        step("hosts", &["test", "-p", HOSTS]),
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
    fn a_step_whose_tool_is_missing_is_skipped_and_says_so() {
        let steps = steps(&[]);
        let skipped = |is_on_path: bool| -> Vec<String> {
            steps
                .iter()
                .filter_map(|step| Some(format!("{}: {}", step.name, step.why_skipped(|_| is_on_path)?)))
                .collect()
        };
        assert_eq!(
            skipped(false),
            [
                "dependencies: skipped, since cargo-deny is not installed; to have it: cargo install cargo-deny --locked"
            ]
        );
        assert!(skipped(true).is_empty());
        assert_eq!(summary(11, 12, 9.6), "11 of 12 steps passed, 1 skipped, in 10 s");
        assert_eq!(summary(12, 12, 9.6), "12 of 12 steps passed in 10 s");
    }

    #[test]
    fn dependencies_are_checked_without_the_network_s_advisories() {
        let steps = steps(&[]);
        let step = steps.iter().find(|step| step.name == "dependencies").unwrap();
        assert_eq!(process::shown(&step.command), "cargo deny --log-level error check licenses bans sources");
    }

    #[test]
    fn every_feature_is_checked_alone() {
        let names: Vec<_> =
            steps(&["model".to_owned(), "synth".to_owned()]).into_iter().map(|step| step.name).collect();
        assert_eq!(
            names,
            [
                "format",
                "dependencies",
                "lints",
                "docs",
                "default features",
                "no features",
                "feature model alone",
                "feature synth alone",
                "tests",
                "bundle",
                "hosts"
            ]
        );
    }
}
