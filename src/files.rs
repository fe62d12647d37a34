//! Reads and writes the user's files so that no failure loses what a file held before.
//!
//! Bytes go to a temporary file in the folder of the target, are synced, and the file is renamed to the target only when it
//! is complete. So after a full disk, a crash or a kill the old file is still whole. Every file that a user could lose is
//! written through this module.
//!
//! # Limits
//!
//! A kill may leave a temporary file behind: `.descant-`, six letters or digits, `.part`. An error leaves none.

pub mod folders;
mod identity;

use std::fs::{self, File, Metadata};
use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

pub use identity::Identity;

/// Writes `bytes` as the file at `path`, replacing any file there. Its permissions stay, a link stays a link, and a pipe
/// or a device is written into.
///
/// # Errors
///
/// The system's error; the old file is unchanged then.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let before = match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => return write_into(path, &metadata, bytes),
        Ok(metadata) if metadata.permissions().readonly() => {
            return Err(Error::new(ErrorKind::PermissionDenied, "the file may only be read"));
        }
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let target = match before {
        Some(_) => fs::canonicalize(path)?,
        None => end_of_links(path),
    };
    let mut file = written_next_to(&target, bytes)?;
    if let Some(before) = before {
        file.as_file_mut().set_permissions(before.permissions())?;
    }
    file.persist(&target)?;
    sync_folder_of(&target);
    Ok(())
}

/// Writes `bytes` as a new file at `path`, and never over an existing one. A pipe or a device is written into.
///
/// # Errors
///
/// [`ErrorKind::AlreadyExists`]: the file there is unchanged, and another name may be tried. Otherwise the system's error;
/// no file is left behind then.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    match fs::symlink_metadata(path) {
        // A dangling link counts as an existing file: it may be the user's.
        Ok(_) => match fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() && !metadata.is_dir() => write_into(path, &metadata, bytes),
            _ => Err(ErrorKind::AlreadyExists.into()),
        },
        Err(_) => {
            let file = written_next_to(path, bytes)?;
            match file.persist_noclobber(path) {
                Ok(_) => {}
                Err(failed) if failed.error.kind() == ErrorKind::AlreadyExists => return Err(failed.error),
                // A file system with neither links nor a rename that spares what is there, such as FAT.
                Err(failed) => {
                    File::create_new(path)?;
                    if let Err(failed) = failed.file.persist(path) {
                        // The empty file that reserved the name; if it cannot be removed, it does no harm.
                        let _ = fs::remove_file(path);
                        return Err(failed.error);
                    }
                }
            }
            sync_folder_of(path);
            Ok(())
        }
    }
}

/// Renames the file at `path`, inside its folder, to the first of `names` that is free; returns that name, `None` if all
/// are taken.
///
/// # Errors
///
/// The system's error; the file keeps its name then.
pub fn set_aside(path: &Path, names: impl IntoIterator<Item = String>) -> Result<Option<String>> {
    for name in names {
        let target = path.with_file_name(&name);
        match File::create_new(&target) {
            // The empty file reserves the name until the rename.
            Ok(_) => {
                if let Err(error) = fs::rename(path, &target) {
                    let _ = fs::remove_file(&target);
                    return Err(error);
                }
                sync_folder_of(path);
                return Ok(Some(name));
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Opens the file at `path` as a lock file, creating it if needed. Its contents are neither read nor written.
///
/// # Errors
///
/// The system's error.
pub fn open_lock(path: &Path) -> Result<File> {
    File::options().create(true).append(true).open(path)
}

/// Reads the file at `path`, of at most `max_bytes`. Only a regular file is opened: a pipe could block, and a device may
/// have no end.
///
/// # Errors
///
/// [`ErrorKind::FileTooLarge`]; [`ErrorKind::InvalidInput`] for anything but a regular file; or the system's error.
pub fn read(path: &Path, max_bytes: u64) -> Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is not a regular file"));
    }
    read_stream(path, max_bytes)
}

/// Reads at most `max_bytes` from `path`, a file or a pipe; for paths that the user named as input.
///
/// # Errors
///
/// [`ErrorKind::FileTooLarge`], or the system's error.
pub fn read_stream(path: &Path, max_bytes: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|n_bytes| n_bytes > max_bytes) {
        let why = format!("it is longer than the {max_bytes} B that are read");
        return Err(Error::new(ErrorKind::FileTooLarge, why));
    }
    Ok(bytes)
}

/// Writes into an existing pipe or device; a folder is an error.
fn write_into(path: &Path, metadata: &Metadata, bytes: &[u8]) -> Result<()> {
    if metadata.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let mut stream = File::options().write(true).open(path)?;
    stream.write_all(bytes)?;
    stream.flush()
}

/// Writes `bytes` to a temporary file in the folder of `target` and syncs it.
fn written_next_to(target: &Path, bytes: &[u8]) -> Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".descant-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The permissions of any new file, before the user's mask.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder_of(target))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// The path at which a new file written to `path` appears: the target of a dangling link, else `path` itself.
fn end_of_links(path: &Path) -> PathBuf {
    match fs::read_link(path) {
        Ok(target) => folder_of(path).join(target),
        Err(_) => path.to_owned(),
    }
}

/// Syncs the folder of `path`, so that a new name survives a crash of the system. Errors are ignored: the file is written.
fn sync_folder_of(path: &Path) {
    if cfg!(unix) {
        let _ = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
    }
}

/// The folder that `path` lies in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_file_never_takes_the_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mid");
        write_new(&path, b"first").unwrap();
        assert_eq!(write_new(&path, b"second").unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        let below = folder.path().join("below");
        fs::create_dir(&below).unwrap();
        assert_eq!(write_new(&below, b"x").unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(replace(&below, b"x").unwrap_err().kind(), ErrorKind::IsADirectory);
        assert!(write_new(&folder.path().join("nowhere/b.mid"), b"x").is_err());
        assert_eq!(names(folder.path()), ["a.mid", "below"]);
    }

    #[test]
    fn a_file_that_is_set_aside_takes_no_name_that_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mid");
        let aside = || set_aside(&path, (1..=2).map(|number| format!("a-{number}.mid")));
        assert_eq!(aside().unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(names(folder.path()), [""; 0], "nothing is left of a try");
        for (text, expected) in [(b"1", Some("a-1.mid")), (b"2", Some("a-2.mid")), (b"3", None)] {
            replace(&path, text).unwrap();
            assert_eq!(aside().unwrap().as_deref(), expected);
        }
        assert_eq!(names(folder.path()), ["a-1.mid", "a-2.mid", "a.mid"]);
        assert_eq!(fs::read(folder.path().join("a-1.mid")).unwrap(), b"1");
    }

    #[test]
    fn only_files_of_a_fair_size_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        replace(&path, b"12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert_eq!(read(&path, 4).unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert_eq!(read(folder.path(), 4).unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = tempfile::tempdir().unwrap();
        let in_folder = |name: &str| folder.path().join(name);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let plain = in_folder("plain");
        fs::write(&plain, "").unwrap();

        let path = in_folder("a");
        write_new(&path, b"1").unwrap();
        assert_eq!(mode(&path), mode(&plain), "a new file has the permissions that others have");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("a", in_folder("link")).unwrap();
        replace(&in_folder("link"), b"2").unwrap();
        assert!(fs::symlink_metadata(in_folder("link")).unwrap().is_symlink());
        assert_eq!((fs::read(&path).unwrap(), mode(&path)), (b"2".to_vec(), 0o640));

        symlink("not-yet", in_folder("ahead")).unwrap();
        assert_eq!(write_new(&in_folder("ahead"), b"3").unwrap_err().kind(), ErrorKind::AlreadyExists);
        replace(&in_folder("ahead"), b"3").unwrap();
        assert_eq!(fs::read(in_folder("not-yet")).unwrap(), b"3");

        fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
        assert_eq!(replace(&path, b"4").unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert_eq!(fs::read(&path).unwrap(), b"2");
        assert_eq!(names(folder.path()), ["a", "ahead", "link", "not-yet", "plain"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_are_written_into_and_stay() {
        use std::os::unix::fs::FileTypeExt;

        for write in [replace, write_new] {
            write(Path::new("/dev/null"), b"gone").unwrap();
            assert_eq!(write(Path::new("/dev/full"), b"1").unwrap_err().kind(), ErrorKind::StorageFull);
        }
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    }
}
