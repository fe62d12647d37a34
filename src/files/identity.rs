//! Identifies files, so that two paths to the same file compare equal.

use std::fs;
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};

/// The identity of a file: equal for all links and spellings that lead to it.
///
/// An existing file is identified by device and inode number, so that hard links, symbolic links and, on file systems
/// that ignore case, names in another case are one file. A file that does not exist yet is identified by its folder and
/// its name in lower case: whether the file system distinguishes two such names is known only later.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity(Known);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Known {
    /// Device and inode number.
    #[cfg(unix)]
    Number(u64, u64),
    /// The path without links, in lower case.
    Path(PathBuf),
}

impl Identity {
    /// The identity of the file at `path`, which need not exist; its folder must.
    ///
    /// # Errors
    ///
    /// The system's error, such as for a folder that does not exist.
    pub fn of(path: &Path) -> Result<Self> {
        match fs::metadata(path) {
            #[cfg(unix)]
            Ok(metadata) => {
                use std::os::unix::fs::MetadataExt;
                Ok(Self(Known::Number(metadata.dev(), metadata.ino())))
            }
            #[cfg(not(unix))]
            Ok(_) => Ok(Self(Known::Path(in_lower_case(&fs::canonicalize(path)?)))),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let path = super::end_of_links(path);
                let name = path.file_name().unwrap_or_default();
                let folder = fs::canonicalize(super::folder_of(&path))?;
                Ok(Self(Known::Path(in_lower_case(&folder.join(name)))))
            }
            Err(error) => Err(error),
        }
    }
}

fn in_lower_case(path: &Path) -> PathBuf {
    path.to_string_lossy().to_lowercase().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_is_known_by_all_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let in_folder = |name: &str| folder.path().join(name);
        fs::write(in_folder("a.mid"), "a").unwrap();
        fs::write(in_folder("b.mid"), "b").unwrap();
        fs::create_dir(in_folder("below")).unwrap();
        fs::hard_link(in_folder("a.mid"), in_folder("below/hard.mid")).unwrap();
        let is_same =
            |a: &str, b: &str| Identity::of(&in_folder(a)).unwrap() == Identity::of(&in_folder(b)).unwrap();
        assert!(is_same("a.mid", "below/../a.mid"));
        assert!(!is_same("a.mid", "b.mid"));
        assert!(is_same("new.mid", "below/../NEW.mid"), "where names of any case are one, these are");
        assert!(!is_same("new.mid", "below/new.mid"));
        assert!(Identity::of(&in_folder("nowhere/new.mid")).is_err());
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("../a.mid", in_folder("below/soft.mid")).unwrap();
            std::os::unix::fs::symlink("new.mid", in_folder("ahead.mid")).unwrap();
            assert!(is_same("a.mid", "below/hard.mid") && is_same("below/soft.mid", "below/hard.mid"));
            assert!(is_same("ahead.mid", "new.mid"));
        }
    }
}
