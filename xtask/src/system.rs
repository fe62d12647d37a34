//! What the build needs from the system's package manager, and how it gets there.
//!
//! Packages are installed on Debian and its relatives only, and without asking only for root. Anybody else is told the
//! command.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process;

/// A system package that the build or the program needs, under its Debian name.
struct SystemPackage {
    name: &'static str,
    /// What needs it.
    why: &'static str,
    /// Whether it, or something that serves as well, is there.
    is_present: fn() -> bool,
}

const PACKAGES: &[SystemPackage] = &[SystemPackage {
    name: "build-essential",
    why: "rustc links with `cc`",
    is_present: || process::is_on_path("cc"),
}];

/// Sees to it that every needed package is there.
///
/// # Errors
///
/// A package is missing and could not be installed; the message holds the command to do it by hand.
pub fn install_missing() -> Result<()> {
    if !cfg!(target_os = "linux") {
        println!("    nothing to install on this system: the compiler's own tools are enough");
        return Ok(());
    }
    let missing: Vec<_> = PACKAGES.iter().filter(|package| !(package.is_present)()).collect();
    if missing.is_empty() {
        println!("    all there");
        return Ok(());
    }
    for package in &missing {
        println!("    missing: {} ({})", package.name, package.why);
    }
    let names: Vec<_> = missing.iter().map(|package| package.name).collect();
    if !process::is_on_path("apt-get") {
        println!("    going on without: install your system's equivalent if the build stops");
        return Ok(());
    }
    let by_hand = format!("sudo apt-get update && sudo apt-get install -y {}", names.join(" "));
    if !is_root()? {
        bail!("system packages are missing; install them with\n  {by_hand}\nand start this again");
    }
    // Lists that could not be refreshed may still serve; if they do not, the installation says so.
    if let Err(error) = process::run(&mut apt_get(&["update"])) {
        println!("    going on with the package lists at hand: {error:#}");
    }
    process::run(apt_get(&["install", "-y", "--no-install-recommends"]).args(&names))
        .with_context(|| format!("could not install {}", names.join(" ")))
}

fn apt_get(args: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root() -> Result<bool> {
    let output =
        Command::new("id").arg("-u").stderr(Stdio::inherit()).output().context("could not start `id -u`")?;
    Ok(output.stdout.trim_ascii() == b"0")
}
