//! Writes a new file under a name that is free.

use std::path::{Path, PathBuf};

use crate::files;

/// Writes a new file called `name`, or like it if there is one of that name: another project may have exported a take of
/// the same number. Makes `folder` if it is missing. Returns the path.
///
/// # Errors
///
/// A message for the user.
pub fn write_new_in(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, String> {
    let failed = |error: std::io::Error| {
        format!(
            "cannot write to {} ({error}); make room or give yourself the right to write there",
            folder.display()
        )
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    for copy in 1.. {
        let suffix = if copy == 1 { String::new() } else { format!(" ({copy})") };
        let path = folder.join(format!("{name}{suffix}.mid"));
        match files::write_new(&path, bytes) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Err("there are too many files of this name; move some away".to_owned())
}
