//! `cargo xtask validate`: runs the bundles and the standalone in other people's hosts and validators, as far as
//! installed.
//!
//! Nothing is installed: missing programs are named, with the way to get them. CI skips it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::bundle::{self, Profile};
use crate::process::{self, cargo};
use crate::system;

/// The tests' own scripts, from the repository root.
const SCRIPTS: &str = "tests/hosts";

/// A check by one program.
struct Check {
    name: &'static str,
    /// How to install its requirements.
    hint: &'static str,
    /// The program that runs the check, if all requirements are installed.
    find: fn() -> Option<PathBuf>,
    run: fn(&Subject) -> Result<()>,
}

/// The arguments of a check.
struct Subject {
    /// The program that was found.
    program: PathBuf,
    /// The folder of the bundles.
    bundles: PathBuf,
}

const CHECKS: &[Check] = &[
    Check {
        name: "clap-validator",
        hint: "build github.com/free-audio/clap-validator; put it on PATH or into CLAP_VALIDATOR",
        find: || program("CLAP_VALIDATOR", &["clap-validator"]),
        run: |subject| subject.run([OsStr::new("validate"), subject.clap().as_os_str()]),
    },
    Check {
        name: "vst3-validator",
        hint: "build `validator` of github.com/steinbergmedia/vst3sdk; put it on PATH or into VST3_VALIDATOR",
        find: || program("VST3_VALIDATOR", &["validator"]),
        run: |subject| subject.run([subject.vst3()]),
    },
    Check {
        name: "pluginval",
        hint: "get it from github.com/Tracktion/pluginval/releases; put it on PATH or into PLUGINVAL",
        find: || program("PLUGINVAL", &["pluginval"]),
        run: pluginval,
    },
    Check {
        name: "ardour",
        hint: "install Ardour 7 (`apt install ardour`); its `ardour7-lua` on PATH or in ARDOUR_LUA, and Python 3",
        find: || python("json").and_then(|_| program("ARDOUR_LUA", &["ardour7-lua"])),
        run: ardour,
    },
    Check {
        name: "pedalboard",
        hint: "`pip install pedalboard==0.9.26` into the Python on PATH or in DESCANT_PYTHON",
        find: || python("pedalboard"),
        run: |subject| subject.run(subject.python_host("pedalboard")),
    },
    Check {
        name: "dawdreamer",
        hint: "`pip install dawdreamer==0.9.0` into the Python on PATH or in DESCANT_PYTHON",
        find: || python("dawdreamer"),
        run: |subject| subject.run(subject.python_host("dawdreamer")),
    },
    Check {
        name: "jack",
        hint: "`apt install jackd2 xvfb xdotool`, and `pip install JACK-Client==0.5.7` as above",
        find: || python("jack").filter(|_| process::is_on_path("jackd")),
        run: jack,
    },
];

/// Runs those of the checks in `args`, or of all, whose requirements are installed; prints the results.
pub fn run(args: &[String]) -> Result<()> {
    if let Some(unknown) = args.iter().find(|arg| !CHECKS.iter().any(|check| check.name == **arg)) {
        let names: Vec<_> = CHECKS.iter().map(|check| check.name).collect();
        bail!("there is no check `{unknown}`, only {}", names.join(", "));
    }
    let wanted = CHECKS.iter().filter(|check| args.is_empty() || args.iter().any(|arg| arg == check.name));
    let found: Vec<_> = wanted.map(|check| (check, (check.find)())).collect();
    let bundles =
        if found.iter().any(|(_, program)| program.is_some()) { bundles()? } else { PathBuf::new() };
    let mut rows = Vec::new();
    for (check, program) in found {
        let Some(program) = program else {
            rows.push((check.name, Outcome::Missing(check.hint)));
            continue;
        };
        println!("\n== {}: {}", check.name, program.display());
        let started = Instant::now();
        let outcome = match (check.run)(&Subject { program, bundles: bundles.clone() }) {
            Ok(()) => Outcome::Passed(started.elapsed()),
            Err(error) => Outcome::Failed(format!("{error:#}")),
        };
        rows.push((check.name, outcome));
    }
    println!("\n{}", table(&rows));
    let n = |is_so: fn(&Outcome) -> bool| rows.iter().filter(|(_, outcome)| is_so(outcome)).count();
    let n_failed = n(|outcome| matches!(outcome, Outcome::Failed(_)));
    ensure!(n_failed == 0, "{n_failed} failed");
    ensure!(n(|outcome| matches!(outcome, Outcome::Passed(_))) > 0, "nothing was there to run");
    Ok(())
}

/// The result of a check.
enum Outcome {
    Passed(Duration),
    Failed(String),
    /// Not run; how to get what it needs.
    Missing(&'static str),
}

/// One line for each check.
fn table(rows: &[(&str, Outcome)]) -> String {
    let rows = rows.iter().map(|(name, outcome)| {
        let outcome = match outcome {
            Outcome::Passed(took) => format!("passed   in {:.0} s", took.as_secs_f64()),
            Outcome::Failed(why) => format!("FAILED   {}", why.replace('\n', "\n                         ")),
            Outcome::Missing(hint) => format!("not run  {hint}"),
        };
        format!("{name:<15} {outcome}")
    });
    rows.collect::<Vec<_>>().join("\n")
}

impl Subject {
    fn clap(&self) -> PathBuf {
        self.bundles.join("Descant.clap")
    }

    fn vst3(&self) -> PathBuf {
        self.bundles.join("Descant.vst3")
    }

    /// Runs the program with `args`.
    fn run<Arg: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = Arg>) -> Result<()> {
        process::run(Command::new(&self.program).args(args))
    }

    /// What Python is to run for the host `name`.
    fn python_host(&self, name: &str) -> [PathBuf; 3] {
        [PathBuf::from(SCRIPTS).join("python_hosts.py"), self.bundles.clone(), name.into()]
    }
}

/// The folder of the bundles: that in `DESCANT_BUNDLES`, or of a release build.
fn bundles() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("DESCANT_BUNDLES") {
        return Ok(process::root()?.join(folder));
    }
    system::install_missing(system::For::Plugin)?;
    bundle::bundle(Profile::Release, &["plugin"], &[])?;
    Ok(process::target_dir()?.join("bundled"))
}

/// The program that the environment variable names, else the first of `names` that is on the path.
fn program(variable: &str, names: &[&str]) -> Option<PathBuf> {
    let on_path = || names.iter().find(|name| process::is_on_path(name)).map(PathBuf::from);
    std::env::var_os(variable).map(PathBuf::from).or_else(on_path)
}

/// A Python that has `module`.
fn python(module: &str) -> Option<PathBuf> {
    let python = program("DESCANT_PYTHON", &["python3", "python"])?;
    let mut import = Command::new(&python);
    import.args(["-c", &format!("import {module}")]).stdout(Stdio::null()).stderr(Stdio::null());
    import.status().is_ok_and(|status| status.success()).then_some(python)
}

/// The strictest of its levels, with the editor where there is a display or one out of sight can be had.
fn pluginval(subject: &Subject) -> Result<()> {
    let mut command = if process::has_display() || !process::is_on_path("xvfb-run") {
        Command::new(&subject.program)
    } else {
        let mut hidden = Command::new("xvfb-run");
        hidden.arg("-a").arg(&subject.program);
        hidden
    };
    if !process::has_display() && !process::is_on_path("xvfb-run") {
        command.arg("--skip-gui-tests");
    }
    process::run(command.args(["--strictness-level", "10", "--validate"]).arg(subject.vst3()))
}

/// Plays and records, opens the session again, plays and records once more, and compares. In a home folder of its own, so
/// that the user's plugins and Ardour's settings stay as they are.
fn ardour(subject: &Subject) -> Result<()> {
    let folder = process::target_dir()?.join("validate");
    let (home, session) = (folder.join("home"), folder.join("session"));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("could not remove {}", folder.display()))?;
    }
    let installed = home.join(".vst3/Descant.vst3");
    bundle::replace(&subject.vst3(), &installed)
        .with_context(|| format!("could not copy to {}", installed.display()))?;
    let at_home = |program: &OsStr| {
        let mut command = Command::new(program);
        command.env("HOME", &home).env_remove("XDG_CONFIG_HOME").env_remove("XDG_CACHE_HOME");
        command
    };
    // Ardour takes what is not older than its scan, in whole seconds, for changed.
    std::thread::sleep(Duration::from_millis(1100));
    let libraries = std::env::var_os("ARDOUR_LIBRARIES").unwrap_or_else(|| "/usr/lib/ardour7".into());
    let scanner = Path::new(&libraries).join("ardour-vst3-scanner");
    process::run(at_home(scanner.as_os_str()).env("LD_LIBRARY_PATH", &libraries).arg("-f").arg(&installed))?;
    let script = |name: &str| Path::new(SCRIPTS).join(name);
    for mode in ["create", "reopen"] {
        let mut run = at_home(subject.program.as_os_str());
        process::run(run.arg(script("ardour.lua")).arg(&session).arg(mode))?;
    }
    let python = python("json").context("Python 3 is not on the path")?;
    process::run(Command::new(python).arg(script("ardour.py")).arg(&session))
}

/// Builds the standalone and runs it on its own JACK server.
fn jack(subject: &Subject) -> Result<()> {
    system::install_missing(system::For::Standalone)?;
    let flags = ["--release", "--no-default-features", "--features", "standalone", "--bin", "descant"];
    process::run(cargo(&["build"]).args(flags))?;
    let standalone = process::target_dir()?.join("release/descant");
    subject.run([Path::new(SCRIPTS).join("standalone_jack.py"), standalone])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_failed_is_said_with_its_reason() {
        let rows = [
            ("one", Outcome::Passed(Duration::from_secs(61))),
            ("two", Outcome::Failed("exit status: 1".to_owned())),
            ("three", Outcome::Missing("install it")),
        ];
        let lines = [
            "one             passed   in 61 s",
            "two             FAILED   exit status: 1",
            "three           not run  install it",
        ];
        assert_eq!(table(&rows), lines.join("\n"));
    }

    #[test]
    fn an_unknown_check_runs_nothing() {
        let error = run(&["pluginvall".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("no check `pluginvall`") && error.contains("pluginval,"), "{error}");
    }

    #[test]
    fn the_scripts_are_there() {
        for name in ["ardour.lua", "ardour.py", "python_hosts.py", "standalone_jack.py"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(SCRIPTS).join(name);
            assert!(path.exists(), "{}", path.display());
        }
    }
}
