//! Checks the output files of a command against its inputs and existing files before anything is composed.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use descant::files::Identity;

use crate::manner::{Manner, is_there};

/// Checks that `outputs` are distinct from `inputs` and from each other, and do not exist unless --force is given.
pub fn settle<'a>(
    outputs: impl IntoIterator<Item = &'a Path>,
    inputs: &[&Path],
    manner: Manner,
) -> anyhow::Result<()> {
    let files = inputs.iter().copied().filter(|path| path.is_file());
    let inputs: HashMap<Identity, &Path> =
        files.filter_map(|path| Some((Identity::of(path).ok()?, path))).collect();
    let mut seen = HashSet::new();
    for path in outputs {
        if is_stream(path) {
            continue;
        }
        if path.is_dir() {
            bail!("{} is a folder; give the name of a file in it", path.display());
        }
        let identity = Identity::of(path)
            .with_context(|| format!("cannot write {}; check the folder", path.display()))?;
        if let Some(input) = inputs.get(&identity) {
            let (path, input) = (path.display(), input.display());
            bail!("{input} would be overwritten by {path}, which is the same file; give another name");
        }
        if !seen.insert(identity) {
            bail!("{} would be written twice; give every output a name of its own", path.display());
        }
        if !manner.force && is_taken(path) {
            return Err(is_there(path));
        }
    }
    Ok(())
}

/// `path` for take 0; `name-2.ext` for take 1, and so on.
pub fn numbered(path: &Path, idx: usize) -> PathBuf {
    if idx == 0 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension =
        path.extension().map(|extension| format!(".{}", extension.to_string_lossy())).unwrap_or_default();
    path.with_file_name(format!("{stem}-{}{extension}", idx + 1))
}

/// The first `n` unused names in the numbering of `path`.
pub fn free(path: &Path, n: usize) -> Vec<PathBuf> {
    (0..).map(|idx| numbered(path, idx)).filter(|path| !is_taken(path)).take(n).collect()
}

/// Whether the path exists, even as a dangling link.
fn is_taken(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether the path is a pipe or a device, so that writing overwrites nothing.
fn is_stream(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}
