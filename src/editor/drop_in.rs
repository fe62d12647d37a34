//! Takes files that are dropped on the editor's window.
//!
//! The framework's window takes part in drags on X11 and drops what it gets: egui-baseview (0.9) passes nothing on. So a
//! window of our own, which is not shown, is named as the proxy of the editor's window, and gets its messages. On Windows
//! and macOS nothing can be dropped.
//!
//! # Threads
//!
//! The proxy is served by a thread of its own with its own connection. It ends with the editor's window, and is joined
//! when the window opens again or the editor is dropped.

#[cfg(all(test, target_os = "linux"))]
mod tests;

mod watch;

#[cfg(target_os = "linux")]
mod x11;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;

use nice_plug_egui::{Frame, RepaintNotifier};

use watch::Watch;

#[cfg(target_os = "linux")]
use super::x11_window;

/// The files that are dropped on a window.
#[derive(Debug, Default)]
pub struct DropIn {
    watch: Arc<Watch>,
    dropped: Option<Receiver<Vec<PathBuf>>>,
    thread: Option<JoinHandle<()>>,
}

impl DropIn {
    /// Begins to watch the window of `frame`, which was just made. `repaint` is notified of whatever happens.
    #[cfg(target_os = "linux")]
    pub fn watch(frame: &Frame, repaint: RepaintNotifier) -> Self {
        x11_window::id_of(frame).map(|window| Self::watch_window(window, repaint)).unwrap_or_default()
    }

    /// Nothing can be dropped on this system.
    #[cfg(not(target_os = "linux"))]
    pub fn watch(_frame: &Frame, _repaint: RepaintNotifier) -> Self {
        Self::default()
    }

    /// As [`Self::watch`], for the window with this X11 id.
    #[cfg(target_os = "linux")]
    fn watch_window(window: u32, repaint: RepaintNotifier) -> Self {
        let (tell, dropped) = std::sync::mpsc::channel();
        let watch = Arc::new(Watch::default());
        let serve = {
            let watch = Arc::clone(&watch);
            move || x11::serve(window, &watch, &tell, &repaint)
        };
        // If no thread starts, drops are ignored as they would be without this.
        let thread = std::thread::Builder::new().name("descant-drop-in".to_owned()).spawn(serve).ok();
        Self { watch, dropped: Some(dropped), thread }
    }

    /// Whether files are held above the window.
    pub fn is_above(&self) -> bool {
        self.watch.is_above.load(Ordering::Relaxed)
    }

    /// The files that were dropped since the last call.
    pub fn take(&self) -> Vec<PathBuf> {
        self.dropped.iter().flat_map(Receiver::try_iter).flatten().collect()
    }
}

impl Drop for DropIn {
    fn drop(&mut self) {
        self.watch.has_ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A watch that panicked has ended as well.
            let _ = thread.join();
        }
    }
}
