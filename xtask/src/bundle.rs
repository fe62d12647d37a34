//! `cargo xtask bundle` and `cargo xtask install`: builds and installs the plugin's bundles.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::process;
use crate::system;

/// The name of the bundles, in `target/bundled` and in the plugin folders.
const BUNDLES: [&str; 2] = ["Descant.clap", "Descant.vst3"];

/// The build profile of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Optimised, for users.
    Release,
    /// A debug build that aborts if its audio thread allocates.
    Checked,
}

/// Builds the bundles; `args` may hold `--checked`, or a target such as `--target x86_64-pc-windows-gnu`.
pub fn run(args: &[String]) -> Result<()> {
    system::install_missing(system::For::Plugin)?;
    let is_checked = args.iter().any(|arg| arg == "--checked");
    let profile = if is_checked { Profile::Checked } else { Profile::Release };
    let others: Vec<&str> = args.iter().map(String::as_str).filter(|arg| *arg != "--checked").collect();
    for path in bundle(profile, &["plugin"], &others)? {
        println!("{}  {:.1} MB", path.display(), megabytes(n_bytes(&path)?));
    }
    Ok(())
}

/// Builds the bundles of `profile` with `features`; returns their folder.
pub fn bundle(profile: Profile, features: &[&str], cargo_args: &[&str]) -> Result<Vec<PathBuf>> {
    let mut features = features.join(",");
    let mut args = vec!["bundle", "descant", "--no-default-features"];
    match profile {
        Profile::Release => args.push("--release"),
        Profile::Checked => features.push_str(",checked"),
    }
    args.extend(["--features", &features]);
    args.extend(cargo_args);
    nice_plug_xtask::main_with_args("cargo xtask", args.into_iter().map(str::to_owned))?;
    let folder = process::target_dir()?.join("bundled");
    Ok(BUNDLES.iter().map(|name| folder.join(name)).collect())
}

/// Builds the bundles and copies them to the user's plugin folders.
pub fn install(args: &[String]) -> Result<()> {
    ensure!(args.is_empty(), "`install` takes no arguments");
    system::install_missing(system::For::Plugin)?;
    for path in bundle(Profile::Release, &["plugin"], &[])? {
        let name = path.file_name().context("a bundle has a name")?;
        let folder = host_folder(&path)?;
        std::fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
        let target = folder.join(name);
        replace(&path, &target).with_context(|| {
            format!("could not copy to {}; close the hosts that use it and try again", target.display())
        })?;
        println!("installed {}", target.display());
    }
    println!("have your host look for new plugins; Descant is an instrument");
    Ok(())
}

/// The folder of the user's own plugins of the format of `bundle`.
fn host_folder(bundle: &Path) -> Result<PathBuf> {
    let is_clap = bundle.extension().is_some_and(|extension| extension == "clap");
    let variable = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .with_context(|| format!("the environment variable {name} is not set"))
    };
    if cfg!(target_os = "windows") {
        let common = variable("LOCALAPPDATA")?.join("Programs").join("Common");
        return Ok(common.join(if is_clap { "CLAP" } else { "VST3" }));
    }
    let home = variable("HOME")?;
    Ok(if cfg!(target_os = "macos") {
        home.join("Library/Audio/Plug-Ins").join(if is_clap { "CLAP" } else { "VST3" })
    } else {
        home.join(if is_clap { ".clap" } else { ".vst3" })
    })
}

/// Replaces `to` by a copy of the file or folder `from`.
pub fn replace(from: &Path, to: &Path) -> Result<()> {
    if to.is_dir() {
        std::fs::remove_dir_all(to)?;
    } else if to.exists() {
        // A host may still have the old file open: a new one is made instead of writing into it.
        std::fs::remove_file(to)?;
    }
    if !from.is_dir() {
        std::fs::copy(from, to)?;
        return Ok(());
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        replace(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// The size of a file, or of all files of a folder.
fn n_bytes(path: &Path) -> Result<u64> {
    if !path.exists() {
        bail!("{} was not built", path.display());
    }
    if path.is_file() {
        return Ok(std::fs::metadata(path)?.len());
    }
    std::fs::read_dir(path)?.map(|entry| n_bytes(&entry?.path())).sum()
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn megabytes(n_bytes: u64) -> f64 {
    n_bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_replaces_the_one_before_with_all_that_is_in_it() {
        let folder = std::env::temp_dir().join(format!("descant-install-{}", std::process::id()));
        let (from, to) = (folder.join("built/Descant.vst3"), folder.join("hosts/Descant.vst3"));
        std::fs::create_dir_all(from.join("Contents/x86_64-linux")).unwrap();
        std::fs::write(from.join("Contents/x86_64-linux/Descant.so"), "new").unwrap();
        std::fs::create_dir_all(&to).unwrap();
        std::fs::write(to.join("stale"), "old").unwrap();
        replace(&from, &to).unwrap();
        assert_eq!(std::fs::read_to_string(to.join("Contents/x86_64-linux/Descant.so")).unwrap(), "new");
        assert!(!to.join("stale").exists());
        assert_eq!(n_bytes(&to).unwrap(), 3);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
