//! Paths of the bundles and of the fixtures that they are compared with.

use std::path::{Path, PathBuf};

/// Path of a bundle that was built.
///
/// # Panics
///
/// It is not there.
pub fn path(name: &str) -> PathBuf {
    let path = folder().join(name);
    assert!(path.exists(), "{} is missing; build them first: cargo xtask bundle --checked", path.display());
    path
}

/// The library in the VST3 bundle or the CLAP bundle itself: what a host maps into memory.
pub fn clap() -> PathBuf {
    let path = path("Descant.clap");
    // On macOS a bundle is a folder.
    if path.is_dir() { path.join("Contents/MacOS/Descant") } else { path }
}

/// The ids of all parameters, one test fixture for the source and for the bundles.
pub fn param_ids() -> Vec<&'static str> {
    include_str!("../../src/params/ids.txt").lines().filter(|line| !line.is_empty()).collect()
}

fn folder() -> PathBuf {
    if let Some(folder) = std::env::var_os("DESCANT_BUNDLES") {
        return folder.into();
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    root.join(target).join("bundled")
}
