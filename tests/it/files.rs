//! Files that are written while the disk is full or the program is killed.

#![cfg(unix)]

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use descant::files;

/// Names the file that the child writes; without it the child is a test that does nothing.
const TARGET: &str = "DESCANT_TEST_TARGET";

/// What the child does with it.
const DEED: &str = "DESCANT_TEST_DEED";

/// More than a child under a limit may write.
const N_BYTES: usize = 4 << 20;

/// Not a test by itself: what the others run in a process of its own.
#[test]
fn child() {
    let Some(target) = std::env::var_os(TARGET).map(PathBuf::from) else { return };
    let new = |fill: u8| vec![fill; N_BYTES];
    match std::env::var(DEED).unwrap().as_str() {
        "replace" => {
            let kind = files::replace(&target, &new(b'n')).unwrap_err().kind();
            assert_eq!(kind, ErrorKind::FileTooLarge);
        }
        "new" => {
            let kind = files::write_new(&target, &new(b'n')).unwrap_err().kind();
            assert_eq!(kind, ErrorKind::FileTooLarge);
        }
        "for ever" => {
            for fill in (b'a'..=b'z').cycle() {
                files::replace(&target, &new(fill)).unwrap();
            }
        }
        deed => panic!("{deed}"),
    }
}

/// This program as a child that does `deed` with `target`, after `limit`, a command of the shell.
fn start(limit: &str, deed: &str, target: &Path) -> Child {
    Command::new("sh")
        .args(["-c", &format!("{limit} exec \"$0\" files::child --exact")])
        .arg(std::env::current_exe().unwrap())
        .env(DEED, deed)
        .env(TARGET, target)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn is_old(target: &Path) -> bool {
    std::fs::read(target).unwrap() == b"old"
}

fn n_files(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

/// A disk that takes no more than some kilobytes: what is there stays, and nothing else is left in the folder.
#[test]
fn a_full_disk_leaves_the_old_file_whole() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("song.mid");
    std::fs::write(&target, "old").unwrap();
    // A write beyond the limit is an error, as on a full disk, once its signal is ignored.
    let limit = "ulimit -f 64; trap '' XFSZ;";
    assert!(start(limit, "replace", &target).wait().unwrap().success());
    assert!(is_old(&target));
    assert_eq!(n_files(folder.path()), 1);

    let new = folder.path().join("new.mid");
    assert!(start(limit, "new", &new).wait().unwrap().success());
    assert!(!new.exists());
    assert_eq!(n_files(folder.path()), 1);
}

/// The system kills the child by its signal at the very write that is too much.
#[test]
fn a_kill_in_the_midst_of_a_write_leaves_the_old_file_whole() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("song.mid");
    std::fs::write(&target, "old").unwrap();
    let ended = start("ulimit -f 64; ulimit -c 0;", "replace", &target).wait().unwrap();
    assert_eq!(ended.code(), None, "it was killed");
    assert!(is_old(&target));
}

#[test]
fn a_kill_at_any_moment_leaves_a_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("song.mid");
    files::replace(&target, &vec![b'0'; N_BYTES]).unwrap();
    let mut seen = Vec::new();
    for round in 0..12 {
        let mut child = start("", "for ever", &target);
        std::thread::sleep(Duration::from_millis(100 + 37 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let bytes = std::fs::read(&target).unwrap();
        assert_eq!(bytes.len(), N_BYTES);
        assert!(bytes.iter().all(|byte| *byte == bytes[0]), "half of it is another's");
        seen.push(bytes[0]);
    }
    assert!(seen.iter().any(|fill| *fill != b'0'), "no child came to writing: {seen:?}");
}
