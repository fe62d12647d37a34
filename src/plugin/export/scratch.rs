//! A folder of this instance for files that are dragged out of its window.
//!
//! It lies among the system's temporary files, is made with the first file, and goes when the instance does: the program
//! that a file was dragged into has copied it by then. What a crash left behind is removed when another instance makes its
//! folder, once it is [`MAX_AGE`] old.

use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::new_file::write_new_in;

/// What the name of every such folder begins with.
const PREFIX: &str = "descant-drag-";

/// The age from which a folder counts as left behind: longer than any session, so that no file of an instance that runs
/// is removed.
const MAX_AGE: Duration = Duration::from_secs(8 * 24 * 3600);

/// The folder, once there is a file in it.
#[derive(Debug, Default)]
pub struct Scratch(Mutex<Option<TempDir>>);

impl Scratch {
    /// Writes a new file called `name`, or like it; returns its path.
    ///
    /// # Errors
    ///
    /// A message for the user.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, String> {
        let mut folder = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = match &mut *folder {
            Some(folder) => folder,
            none => none.insert(new_folder(&std::env::temp_dir())?),
        };
        write_new_in(folder.path(), name, bytes)
    }
}

/// A new folder in `temporary`, whose old ones of other instances are removed.
fn new_folder(temporary: &Path) -> Result<TempDir, String> {
    remove_old(temporary, SystemTime::now());
    tempfile::Builder::new().prefix(PREFIX).tempdir_in(temporary).map_err(|error| {
        format!("cannot make a folder in {} ({error}); make room there, or use Export", temporary.display())
    })
}

/// Removes the folders that are too old at the time `now`; one that cannot be removed, as another user's, stays.
fn remove_old(temporary: &Path, now: SystemTime) {
    let Ok(entries) = fs::read_dir(temporary) else { return };
    let is_old = |entry: &DirEntry| {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        // Of a link this is the link's own type.
        let is_folder = is_ours && entry.file_type().is_ok_and(|kind| kind.is_dir());
        let modified = || entry.metadata().and_then(|metadata| metadata.modified()).ok();
        is_folder && modified().and_then(|at| now.duration_since(at).ok()).is_some_and(|age| age > MAX_AGE)
    };
    for entry in entries.flatten().filter(is_old) {
        let _ = fs::remove_dir_all(entry.path());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_one_name_are_kept_side_by_side_until_the_end() {
        let scratch = Scratch::default();
        let [first, second] = [(); 2].map(|()| scratch.write("a", b"1").unwrap());
        assert_ne!(first, second);
        assert!(second.to_string_lossy().ends_with("a (2).mid"));
        drop(scratch);
        assert!(!first.exists() && !first.parent().unwrap().exists());
    }

    #[test]
    fn only_old_folders_of_ours_are_removed() {
        let temporary = tempfile::tempdir().unwrap();
        let [ours, others] = ["descant-drag-x", "other"].map(|name| temporary.path().join(name));
        [&ours, &others].into_iter().for_each(|folder| fs::create_dir(folder).unwrap());
        fs::write(ours.join("a.mid"), "").unwrap();
        remove_old(temporary.path(), SystemTime::now());
        assert!(ours.exists());
        remove_old(temporary.path(), SystemTime::now() + MAX_AGE + Duration::from_secs(60));
        assert!(!ours.exists() && others.exists());
    }
}
