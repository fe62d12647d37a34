//! Installs the system packages that the build needs.
//!
//! Packages are installed on Debian and its derivatives only, and only by root. Otherwise the error holds the command.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process;

/// The purpose of the packages; each includes the needs of those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum For {
    /// Building the command line.
    CommandLine,
    /// Building the plugin.
    Plugin,
    /// Building the plugin as a program of its own, and opening it.
    Standalone,
    /// All tests.
    Tests,
}

/// A system package that the build or the program needs, under its Debian name.
struct SystemPackage {
    name: &'static str,
    /// The reason, for messages.
    why: &'static str,
    /// The first purpose that needs it.
    needed_for: For,
    /// Whether the package or an equivalent is installed.
    is_present: fn() -> bool,
}

const PACKAGES: &[SystemPackage] = &[
    SystemPackage {
        name: "build-essential",
        why: "rustc links with `cc`",
        needed_for: For::CommandLine,
        is_present: || process::is_on_path("cc"),
    },
    SystemPackage {
        name: "pkg-config",
        why: "finds ALSA and JACK",
        needed_for: For::Standalone,
        is_present: || process::is_on_path("pkg-config"),
    },
    SystemPackage {
        name: "libasound2-dev",
        why: "sound and MIDI by ALSA",
        needed_for: For::Standalone,
        is_present: || pkg_config_knows("alsa"),
    },
    SystemPackage {
        name: "libjack-jackd2-dev",
        why: "sound and MIDI by JACK",
        needed_for: For::Standalone,
        is_present: || pkg_config_knows("jack"),
    },
    SystemPackage {
        name: "libx11-xcb1",
        why: "the window",
        needed_for: For::Standalone,
        is_present: || can_be_loaded("libX11-xcb.so.1"),
    },
    SystemPackage {
        name: "libxcb-xkb1",
        why: "keys in the window",
        needed_for: For::Standalone,
        is_present: || can_be_loaded("libxcb-xkb.so.1"),
    },
    SystemPackage {
        name: "libxkbcommon-x11-0",
        why: "keys in the window",
        needed_for: For::Standalone,
        is_present: || can_be_loaded("libxkbcommon-x11.so.0"),
    },
    SystemPackage {
        name: "libegl1",
        why: "drawing in the window",
        needed_for: For::Standalone,
        is_present: || can_be_loaded("libEGL.so.1"),
    },
    SystemPackage {
        name: "libgl1-mesa-dri",
        why: "drawing without a graphics card",
        needed_for: For::Standalone,
        is_present: || can_be_loaded("libEGL_mesa.so.0"),
    },
    SystemPackage {
        name: "mesa-vulkan-drivers",
        why: "the tests draw the editor without a window",
        needed_for: For::Tests,
        is_present: || {
            let folders = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
            folders
                .iter()
                .any(|folder| Path::new(folder).read_dir().is_ok_and(|mut files| files.next().is_some()))
        },
    },
];

/// Installs the missing packages that `purpose` needs.
///
/// # Errors
///
/// A package is missing and could not be installed; the message holds the command to do it by hand.
pub fn install_missing(purpose: For) -> Result<()> {
    if !cfg!(target_os = "linux") {
        println!("    nothing to install on this system: the compiler's own tools are enough");
        return Ok(());
    }
    let missing: Vec<_> =
        PACKAGES.iter().filter(|package| package.needed_for <= purpose && !(package.is_present)()).collect();
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

/// Whether headers and library `name` can be built against.
fn pkg_config_knows(name: &str) -> bool {
    Command::new("pkg-config").args(["--exists", name]).status().is_ok_and(|status| status.success())
}

/// Whether a program finds the shared library `file_name` when it runs.
fn can_be_loaded(file_name: &str) -> bool {
    let ldconfig = ["ldconfig", "/sbin/ldconfig"]
        .into_iter()
        .find_map(|program| Command::new(program).arg("-p").stderr(Stdio::null()).output().ok());
    ldconfig.is_some_and(|output| String::from_utf8_lossy(&output.stdout).contains(file_name))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_purposes_need_more() {
        let n_packages = |purpose| PACKAGES.iter().filter(|package| package.needed_for <= purpose).count();
        let purposes = [For::CommandLine, For::Plugin, For::Standalone, For::Tests];
        assert!(purposes.map(n_packages).is_sorted());
        assert_eq!(n_packages(For::Tests), PACKAGES.len());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn libraries_are_found() {
        assert!(can_be_loaded("libc.so.6"));
        assert!(!can_be_loaded("libno-such-thing.so.7"));
    }
}
