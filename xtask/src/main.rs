//! The project's own commands, run as `cargo xtask COMMAND`.
//!
//! Every command longer than one line lives here, so that it is the same on every system and in CI. This file finds the
//! command; each command is one module.

#![expect(clippy::print_stdout, reason = "a command line reports to the terminal")]

mod bundle;
mod compare;
mod play;
mod process;
mod system;
mod test;
mod train_check;
mod validate;

use std::process::ExitCode;

use anyhow::{Result, bail};

/// One command of this program.
struct Command {
    name: &'static str,
    /// One line for the help.
    about: &'static str,
    /// Runs the command with the arguments after its name.
    run: fn(&[String]) -> Result<()>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "play",
        about: "install what is missing, build, compose a phrase to listen to, bundle, open [WORDS: what to compose]",
        run: play::run,
    },
    Command {
        name: "test",
        about: "everything that CI runs: format, lints, docs, features, tests",
        run: test::run,
    },
    Command {
        name: "bundle",
        about: "build Descant.clap and Descant.vst3 into target/bundled [--checked: debug, for tests]",
        run: bundle::run,
    },
    Command {
        name: "install",
        about: "build the bundles and copy them to where your hosts look",
        run: bundle::install,
    },
    Command {
        name: "validate",
        about: "bundles and standalone in validators and hosts that are installed; not part of CI [NAMES: only these]",
        run: validate::run,
    },
    Command {
        name: "compare",
        about: "whether two builds of descant-cli write the same bytes in 200 calls [BEFORE AFTER: programs]",
        run: compare::run,
    },
    Command {
        name: "train-check",
        about: "train for a few steps in two processes, in a Python environment under target/; not part of CI",
        run: train_check::run,
    },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Result<()> {
    let Some((name, rest)) = args.split_first() else { bail!("which command?\n\n{}", help()) };
    let wants_help = |arg: &String| matches!(arg.as_str(), "help" | "--help" | "-h");
    if wants_help(name) || rest.iter().any(wants_help) {
        println!("{}", help());
        return Ok(());
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        bail!("there is no command `{name}`; did you mean `{}`?\n\n{}", nearest(name), help());
    };
    (command.run)(rest)
}

fn help() -> String {
    let mut text = String::from("Usage: cargo xtask COMMAND\n\nCommands:");
    for command in COMMANDS {
        text.push_str(&format!("\n  {:<13} {}", command.name, command.about));
    }
    text
}

/// The command that `name` begins, else the one whose name takes the fewest edits to reach from it.
fn nearest(name: &str) -> &'static str {
    let names = COMMANDS.iter().map(|command| command.name);
    names
        .min_by_key(|known| (!known.starts_with(name), strsim::damerau_levenshtein(name, known)))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_command_is_answered_with_the_nearest() {
        for (typed, meant) in
            [("plya", "play"), ("tests", "test"), ("train", "train-check"), ("traincheck", "train-check")]
        {
            let error = dispatch(&[typed.to_owned()]).unwrap_err().to_string();
            assert!(error.contains(&format!("did you mean `{meant}`")), "{typed}: {error}");
        }
    }

    #[test]
    fn the_help_names_every_command() {
        assert!(COMMANDS.iter().all(|command| help().contains(&format!("\n  {} ", command.name))));
    }
}
