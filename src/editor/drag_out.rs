//! Drags a file out of the editor's window into another program.
//!
//! # Threads
//!
//! On X11 a drag is a thread of its own with its own connection, since the framework's window knows nothing of drags out
//! of it. It ends with the drag, in bounded time after the button is released whatever the other program does, and is
//! joined when the editor is dropped. On Windows and macOS there is no dragging out yet.

mod outcome;

#[cfg(target_os = "linux")]
mod x11;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::thread::JoinHandle;

use nice_plug_egui::{Frame, RepaintNotifier};

pub use outcome::Outcome;

#[cfg(target_os = "linux")]
use super::x11_window;

/// Whether files can be dragged out on this system.
pub const IS_AVAILABLE: bool = cfg!(target_os = "linux");

/// The drags out of a window, one at a time.
#[derive(Debug, Default)]
pub struct DragOut {
    /// The window's X11 id; files are not dropped on it.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only X11 needs it"))]
    window: Option<u32>,
    under_way: Option<Drag>,
}

/// A drag under way.
#[derive(Debug)]
struct Drag {
    /// The file's name.
    name: String,
    is_cancelled: Arc<AtomicBool>,
    outcome: Receiver<Outcome>,
    thread: Option<JoinHandle<()>>,
}

impl DragOut {
    /// For drags out of the window of `frame`.
    pub fn of(frame: &Frame) -> Self {
        #[cfg(target_os = "linux")]
        let window = x11_window::id_of(frame);
        #[cfg(not(target_os = "linux"))]
        let (window, _) = (None, frame);
        Self::of_window(window)
    }

    /// For drags out of the window with this X11 id.
    pub const fn of_window(window: Option<u32>) -> Self {
        Self { window, under_way: None }
    }

    /// Whether a drag is under way, so that no other can begin.
    pub const fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// Begins to drag the file at `path`, while the mouse button is held. `repaint` is notified of its end.
    ///
    /// # Errors
    ///
    /// A message for the user.
    #[cfg(target_os = "linux")]
    pub fn begin(&mut self, path: PathBuf, repaint: RepaintNotifier) -> Result<(), String> {
        let window = self.window.ok_or("the window cannot be dragged from; use Export")?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let is_cancelled = Arc::new(AtomicBool::new(false));
        let (tell, outcome) = std::sync::mpsc::channel();
        let is_called_off = Arc::clone(&is_cancelled);
        let drag = move || {
            // An editor that was closed meanwhile hears of it no more.
            let _ = tell.send(x11::drag(window, &path, &is_called_off));
            repaint.request_repaint();
        };
        let thread = std::thread::Builder::new().name("descant-drag-out".to_owned()).spawn(drag);
        let thread = thread.map_err(|error| format!("the system gives no thread ({error}); use Export"))?;
        self.under_way = Some(Drag { name, is_cancelled, outcome, thread: Some(thread) });
        Ok(())
    }

    /// Always an error: files are not dragged out on this system.
    ///
    /// # Errors
    ///
    /// A message for the user.
    #[cfg(not(target_os = "linux"))]
    pub fn begin(&mut self, _path: PathBuf, _repaint: RepaintNotifier) -> Result<(), String> {
        Err("files cannot be dragged out on this system yet; use Export".to_owned())
    }

    /// The name of the file and the outcome of a drag that ended since the last call.
    pub fn take_outcome(&mut self) -> Option<(String, Outcome)> {
        let outcome = match self.under_way.as_ref()?.outcome.try_recv() {
            Ok(outcome) => outcome,
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Outcome::Failed("it broke off; use Export".to_owned()),
        };
        self.under_way.take().map(|drag| (drag.name.clone(), outcome))
    }
}

impl Drop for Drag {
    fn drop(&mut self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A drag that panicked has ended as well.
            let _ = thread.join();
        }
    }
}
