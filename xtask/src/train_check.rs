//! `cargo xtask train-check`: the training recipe on two processes.
//!
//! CI leaves it out, since PyTorch is a download many times the size of everything else.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process;

/// The recipe's folder, from the repository root.
const RECIPE: &str = "models/training";

/// Makes a Python environment under the target folder, fills it, and trains for a few steps in two processes.
pub fn run(args: &[String]) -> Result<()> {
    ensure!(args.is_empty(), "`train-check` takes no arguments");
    let system_python = ["python3", "python"].into_iter().find(|name| process::is_on_path(name));
    let system_python =
        system_python.context("Python 3 is not on the path; install it with its venv module")?;
    let environment = process::target_dir()?.join("train-check");
    let python = environment
        .join(if cfg!(windows) { r"Scripts\python.exe" } else { "bin/python" })
        .display()
        .to_string();
    let requirements = format!("{RECIPE}/requirements.txt");
    let test = format!("{RECIPE}/test_training.py");

    println!("[1/3] Python environment in {}", environment.display());
    process::run(Command::new(system_python).args(["-m", "venv"]).arg(&environment))?;
    println!("[2/3] installing {requirements}");
    process::run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r", &requirements]))?;
    println!("[3/3] training in two processes");
    process::run(Command::new(&python).args([test.as_str(), "--ddp"]))?;
    println!("two processes train as one");
    Ok(())
}
