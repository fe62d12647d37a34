//! Stores the session of the standalone program, the state that a host would store, in a file of the user's data
//! folder.
//!
//! # Format
//!
//! The JSON that the framework gives to hosts: the version, the parameters by id, and the fields, one of which is the
//! project.
//!
//! # Files
//!
//! The first window uses `session.json`, a second one `session-window-2.json`, and so on. Each is locked while open;
//! the system releases the lock with the process. *New session* renames the old one to `session-1.json` and so on, and
//! an unreadable one becomes `session-unread-1.json`. Only the open session is ever overwritten.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use nice_plug::prelude::PluginState;

use super::super::starter;
use crate::editor::RepaintNotifier;
use crate::files;
use crate::params::DescantParams;
use crate::worker::{Report, Shared, Tone};

/// The interval between checks for changes.
const INTERVAL: Duration = Duration::from_millis(1000);

/// The time for the window to close when the system asks the program to end.
#[cfg(all(unix, feature = "standalone"))]
const MAX_CLOSING: Duration = Duration::from_secs(3);

/// The largest file that is read.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The largest number of renamed sessions of a kind.
const MAX_SESSIONS: u32 = 100_000;

/// The largest number of windows with a session at a time.
const MAX_WINDOWS: u32 = 99;

/// Whether the system has asked the program to end.
pub static IS_ENDING: AtomicBool = AtomicBool::new(false);

/// The session of a window.
pub struct Keeper {
    params: Arc<DescantParams>,
    shared: Arc<Shared>,
    path: PathBuf,
    /// The lock of the session, held while it is open.
    _lock: File,
    kept: Mutex<Kept>,
    /// Whether a failure to write was reported.
    has_reported: AtomicBool,
}

/// The last written contents of the file.
#[derive(Debug, Default)]
struct Kept {
    /// The mark at the time of writing.
    mark: Option<Mark>,
    bytes: Vec<u8>,
}

/// A cheap summary of the state that differs after each change, without serialising the project.
#[derive(Debug, PartialEq)]
struct Mark {
    n_changes: u64,
    n_bindings: u32,
    /// The normalised values of all parameters, in order of their ids.
    params: Vec<f32>,
}

impl Keeper {
    /// Opens the session `name`, or the window's default, and restores it to `params` and `shared`, which are fresh.
    /// Returns a message for the user, if there is one.
    ///
    /// # Errors
    ///
    /// The folder cannot be created or used, or the session is open in another window.
    pub fn open(
        folder: &Path,
        name: Option<&str>,
        params: Arc<DescantParams>,
        shared: Arc<Shared>,
    ) -> io::Result<(Self, Option<String>)> {
        fs::create_dir_all(folder)?;
        let (name, lock) = lock(folder, name)?;
        let path = folder.join(format!("{name}.json"));
        let keeper = Self {
            params,
            shared,
            path,
            _lock: lock,
            kept: Mutex::default(),
            has_reported: AtomicBool::new(false),
        };
        let remark = keeper.read()?;
        Ok((keeper, remark))
    }

    /// Restores parameters and project from the file; returns a message for the user, if there is one. A file that this
    /// version cannot read completely is kept under another name.
    ///
    /// # Errors
    ///
    /// The unreadable file cannot be renamed, so that the session must not replace it.
    fn read(&self) -> io::Result<Option<String>> {
        let found = match files::read(&self.path, MAX_BYTES) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => Err(error.to_string()),
            Ok(bytes) => serde_json::from_slice::<PluginState>(&bytes).map_err(|error| error.to_string()),
        };
        let why = match found {
            Ok(mut state) => {
                let is_newer = is_newer(&state.version);
                self.params.complete(&mut state);
                self.params.take_state(&state);
                let why = self.shared.with_project(|project| project.error().map(ToString::to_string));
                if why.is_some() {
                    // The project stays in the file; the session continues with the initial one.
                    self.shared.restore(starter::project());
                }
                match why {
                    None if is_newer => format!("it was stored by Descant {}", state.version),
                    None => return Ok(None),
                    Some(why) => why,
                }
            }
            Err(why) => why,
        };
        let name = self.put_aside_as("unread").map_err(io::Error::other)?;
        Ok(Some(format!("your last session could not be read whole ({why}); it is kept as {name}")))
    }

    /// Writes the session if it differs from what was written last.
    ///
    /// # Errors
    ///
    /// The file cannot be written; the old one is intact.
    pub fn save(&self) -> io::Result<()> {
        self.save_under(&mut self.kept(), None)
    }

    fn save_under(&self, kept: &mut MutexGuard<'_, Kept>, mark: Option<Mark>) -> io::Result<()> {
        let bytes = serde_json::to_vec(&self.params.to_state())?;
        if bytes != kept.bytes || !self.path.exists() {
            files::replace(&self.path, &bytes)?;
            kept.bytes = bytes;
        }
        kept.mark = mark;
        Ok(())
    }

    /// Writes the session if its mark changed. Repeated failures are reported once.
    fn save_if_changed(&self) {
        let mut kept = self.kept();
        let mark = Mark {
            n_changes: self.shared.n_changes(),
            n_bindings: self.params.bindings.0.n_changes(),
            params: self.params.by_id().into_values().map(|id| self.params.setting(id).normalized).collect(),
        };
        if kept.mark.as_ref() == Some(&mark) {
            return;
        }
        let saved = self.save_under(&mut kept, Some(mark));
        drop(kept);
        match saved {
            Ok(()) => self.has_reported.store(false, Ordering::Relaxed),
            Err(error) if !self.has_reported.swap(true, Ordering::Relaxed) => self.shared.report(Report {
                text: format!(
                    "your session cannot be kept in {} ({error}); make room there, or export what you want to keep",
                    self.path.display()
                ),
                tone: Tone::Problem,
                duration: None,
            }),
            Err(_) => {}
        }
    }

    /// Writes the session at the end; returns whether that succeeded.
    pub fn close(&self) -> bool {
        self.save().is_ok()
    }

    /// Renames the stored session, so that a new one can begin; returns the new name.
    ///
    /// # Errors
    ///
    /// The reason as a message for the user.
    pub fn put_aside(&self) -> Result<String, String> {
        self.save().map_err(|error| self.failed(&error))?;
        self.put_aside_as("")
    }

    /// Renames the file to `session-KIND-N.json`, the lowest number that is free.
    fn put_aside_as(&self, kind: &str) -> Result<String, String> {
        let mut kept = self.kept();
        let dash = if kind.is_empty() { "" } else { "-" };
        let names = (1..=MAX_SESSIONS).map(|number| format!("session-{kind}{dash}{number}.json"));
        let name = files::set_aside(&self.path, names).map_err(|error| self.failed(&error))?;
        *kept = Kept::default();
        name.ok_or_else(|| "there are too many sessions; move some away".to_owned())
    }

    fn failed(&self, error: &io::Error) -> String {
        format!(
            "the session in {} cannot be put aside ({error}); make room there and try again",
            self.path.display()
        )
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // After a panic while writing, the file is at worst written once more.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the thread that saves changes of the session while `keeper` exists, and once more when the system asks the
/// program to end.
pub fn keep(keeper: &Arc<Keeper>, repaint: &RepaintNotifier) {
    let weak = Arc::downgrade(keeper);
    let begun = std::thread::Builder::new().name("descant-session".to_owned()).spawn(move || {
        while let Some(keeper) = weak.upgrade() {
            keeper.save_if_changed();
            drop(keeper);
            std::thread::sleep(INTERVAL);
        }
    });
    if begun.is_err() {
        keeper.shared.report(Report {
            text: "your session is kept only when you close the window: the system gives no thread"
                .to_owned(),
            tone: Tone::Problem,
            duration: None,
        });
    }
    end_when_asked(Arc::downgrade(keeper), repaint.clone());
}

/// Handles the system's request to end: the session is written, and the window closes.
#[cfg(all(unix, feature = "standalone"))]
fn end_when_asked(keeper: Weak<Keeper>, repaint: RepaintNotifier) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let thread = std::thread::Builder::new().name("descant-signals".to_owned());
    // Without it the session is as new as the last second.
    let _ = thread.spawn(move || {
        let Ok(mut signals) = Signals::new([SIGTERM, SIGINT, SIGHUP]) else { return };
        if signals.forever().next().is_none() {
            return;
        }
        if let Some(keeper) = keeper.upgrade() {
            keeper.close();
        }
        IS_ENDING.store(true, Ordering::Relaxed);
        repaint.request_repaint();
        std::thread::sleep(MAX_CLOSING);
        // A window that does not draw does not close either.
        std::process::exit(0);
    });
}

#[cfg(not(all(unix, feature = "standalone")))]
fn end_when_asked(_keeper: Weak<Keeper>, _repaint: RepaintNotifier) {}

/// Locks the session `name`, or the first that no other window holds; returns its name and lock.
fn lock(folder: &Path, name: Option<&str>) -> io::Result<(String, File)> {
    let try_lock = |name: &str| -> io::Result<Option<File>> {
        let file = files::open_lock(&folder.join(format!("{name}.lock")))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    };
    if let Some(name) = name {
        // Only the file stem counts, so that it is a file of this folder.
        let name = Path::new(name).file_stem().and_then(|stem| stem.to_str()).unwrap_or("session");
        if !name.starts_with("session") {
            // The folder holds other files of the user's.
            let why = format!("{name} is no session: their names begin with \"session\"");
            return Err(io::Error::new(ErrorKind::InvalidInput, why));
        }
        let lock = try_lock(name)?;
        let busy = || io::Error::other(format!("the session {name} is open in another window"));
        return lock.map(|lock| (name.to_owned(), lock)).ok_or_else(busy);
    }
    for window in 1..=MAX_WINDOWS {
        let name = if window == 1 { "session".to_owned() } else { format!("session-window-{window}") };
        if let Some(lock) = try_lock(&name)? {
            return Ok((name, lock));
        }
    }
    Err(io::Error::other("too many windows are open"))
}

/// Whether `version` is later than this one.
fn is_newer(version: &str) -> bool {
    let numbers = |version: &str| -> Vec<u64> {
        version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
    };
    numbers(version) > numbers(env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    use nice_plug::plugin::ParamValue;

    use super::*;
    use crate::params::ParamId;
    use crate::session::Project;

    /// A window with its session in `folder`, and what was said at its start.
    fn open(folder: &Path, name: Option<&str>) -> (Keeper, Option<String>) {
        let shared = Arc::new(Shared::default());
        let params = Arc::new(DescantParams::new(Arc::clone(&shared)));
        shared.restore(starter::project());
        Keeper::open(folder, name, params, shared).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| !name.ends_with(".lock"));
        names.sort();
        names
    }

    fn n_takes(keeper: &Keeper) -> usize {
        keeper.shared.with_project(|project| project.takes.entries().len())
    }

    /// A take more.
    fn compose(keeper: &Keeper) {
        keeper.shared.edit(|project| {
            let take = project.takes.entries()[0].take.clone();
            project.takes.add(crate::session::Occasion::Requested, None, [take]);
        });
    }

    #[test]
    fn what_a_window_held_is_there_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let (window, said) = open(folder.path(), None);
        assert_eq!((n_takes(&window), said), (1, None));
        window.params.put(ParamId::Tempo, &ParamValue::F32(82.0));
        compose(&window);
        window.save_if_changed();
        // Killed: what comes now is as new as the last time that it was looked.
        drop(window);
        let (window, said) = open(folder.path(), None);
        assert_eq!((n_takes(&window), window.params.playing.tempo.value(), said), (2, 82.0, None));
        compose(&window);
        assert!(window.close());
        drop(window);
        let (window, _) = open(folder.path(), None);
        assert_eq!(n_takes(&window), 3);
        assert_eq!(names(folder.path()), ["session.json"]);
    }

    #[test]
    fn it_is_written_when_something_has_changed_and_only_then() {
        let folder = tempfile::tempdir().unwrap();
        let (window, _) = open(folder.path(), None);
        let written = || fs::metadata(&window.path).unwrap().modified().unwrap();
        window.save_if_changed();
        let first = written();
        window.save_if_changed();
        assert_eq!(written(), first);
        for change in [compose, |window: &Keeper| window.params.put(ParamId::Tempo, &ParamValue::F32(90.0))] {
            let before = fs::read(&window.path).unwrap();
            change(&window);
            window.save_if_changed();
            assert_ne!(fs::read(&window.path).unwrap(), before);
        }
    }

    #[test]
    fn two_windows_keep_a_session_each() {
        let folder = tempfile::tempdir().unwrap();
        let (first, _) = open(folder.path(), None);
        let (second, _) = open(folder.path(), None);
        compose(&first);
        compose(&second);
        compose(&second);
        assert!(first.close() && second.close());
        assert_eq!(names(folder.path()), ["session-window-2.json", "session.json"]);
        drop(first);
        let (third, _) = open(folder.path(), None);
        assert_eq!(n_takes(&third), 2, "the first window's, which is closed");
        let busy = Keeper::open(
            folder.path(),
            Some("session"),
            Arc::clone(&third.params),
            Arc::clone(&third.shared),
        );
        assert!(busy.err().unwrap().to_string().contains("open in another window"));
    }

    #[test]
    fn a_new_session_keeps_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let (window, _) = open(folder.path(), None);
        for number in 1..=2 {
            compose(&window);
            assert_eq!(window.put_aside(), Ok(format!("session-{number}.json")));
            window.shared.restore(starter::project());
            window.save_if_changed();
        }
        assert_eq!(names(folder.path()), ["session-1.json", "session-2.json", "session.json"]);
        drop(window);
        let (kept, said) = open(folder.path(), Some("session-1.json"));
        assert_eq!((n_takes(&kept), said), (2, None));
        assert_eq!(n_takes(&open(folder.path(), None).0), 1);
    }

    #[test]
    fn what_cannot_be_read_is_kept_and_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("session.json");
        let (window, _) = open(folder.path(), None);
        let mut newer = serde_json::to_value(window.params.to_state()).unwrap();
        newer["version"] = "99.0.0".into();
        let mut damaged = newer.clone();
        damaged["version"] = env!("CARGO_PKG_VERSION").into();
        damaged["fields"]["project"] = r#"{"format":1,"takes":{"entries":7}}"#.into();
        let mut later_project = damaged.clone();
        later_project["fields"]["project"] = r#"{"format":99}"#.into();
        drop(window);
        let contents = [
            "",
            "no session at all",
            r#"{"params":7}"#,
            &newer.to_string(),
            &damaged.to_string(),
            &later_project.to_string(),
        ];
        for (number, content) in (1..).zip(contents) {
            fs::write(&path, content).unwrap();
            let (window, said) = open(folder.path(), None);
            let name = format!("session-unread-{number}.json");
            assert!(said.is_some_and(|said| said.contains(&name)), "{content}");
            assert_eq!(n_takes(&window), 1, "{content}");
            window.save_if_changed();
            assert!(window.close());
            assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), content);
            let project: PluginState = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            let project = Project::from_text(&project.fields["project"]);
            assert_eq!((project.error(), project.takes.entries().len()), (None, 1), "{content}");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_said_once_and_the_session_plays_on() {
        let folder = tempfile::tempdir().unwrap();
        let (window, _) = open(folder.path(), None);
        // A folder in place of the temporary file.
        fs::create_dir(folder.path().join("session.json")).unwrap();
        fs::write(folder.path().join("session.json/full"), "").unwrap();
        window.save_if_changed();
        let said = window.shared.status().report.unwrap();
        assert!(said.text.contains("cannot be kept") && said.tone == Tone::Problem, "{said:?}");
        window.shared.report(Report { text: "another".to_owned(), tone: Tone::Done, duration: None });
        compose(&window);
        window.save_if_changed();
        assert_eq!(window.shared.status().report.unwrap().text, "another");
        assert!(!window.close());
    }
}
