//! Makes an X11 window draw its first frame when the first request for one was lost.
//!
//! On X11 baseview (0.4.2) draws when the server answers a request for the next frame, and sends no other request until
//! that answer is there. It listens for answers only once its window is shown. A request that left before, as
//! egui-baseview's timer sends one 16 ms after the window was made, gets no answer; so a window that a host shows later
//! than that, as on a busy machine, stayed grey. The server sends the answer to all clients that listen to the window,
//! whichever of them asked. So this module repeats the first request until a frame is drawn.
//!
//! # Threads
//!
//! The watch is a thread of its own, since no code of the window runs before its first frame. It ends with that frame or
//! with the window, and is joined when the window opens again or the editor is dropped: a host may unload the plugin's
//! code after that. The join lasts as long as the server takes to answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use nice_plug_egui::Frame;

#[cfg(target_os = "linux")]
use super::x11_window;

/// Repeats the request for the first frame of a window until that is drawn.
#[derive(Debug, Default)]
pub struct FirstFrame {
    is_drawn: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl FirstFrame {
    /// Begins to watch the window of `frame`, which was just made.
    pub fn watch(frame: &Frame) -> Self {
        #[cfg_attr(not(target_os = "linux"), expect(unused_mut, reason = "only X11 loses requests"))]
        let mut watch = Self::default();
        #[cfg(target_os = "linux")]
        if let Some(window) = x11_window::id_of(frame) {
            let is_drawn = Arc::clone(&watch.is_drawn);
            let thread = std::thread::Builder::new().name("descant-first-frame".to_owned());
            // If no thread starts, the window works as it would without this watch.
            watch.thread = thread.spawn(move || present::ask_until(&is_drawn, window)).ok();
        }
        #[cfg(not(target_os = "linux"))]
        let _ = frame;
        watch
    }

    /// Notes that the window draws, which ends the watch.
    pub fn tell_drawn(&self) {
        self.is_drawn.store(true, Ordering::Relaxed);
    }

    /// Ends the watch.
    fn end(&mut self) {
        self.tell_drawn();
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A watch that panicked has ended as well.
            let _ = thread.join();
        }
    }
}

impl Drop for FirstFrame {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(target_os = "linux")]
mod present {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread::park_timeout;
    use std::time::Duration;

    use x11rb::protocol::present::ConnectionExt;

    /// Time between requests: long enough for a window that works to have drawn.
    const INTERVAL: Duration = Duration::from_millis(100);

    /// The number that baseview gives its first request.
    const FIRST_SERIAL: u32 = 0;

    /// Requests a frame of `window` until it is drawn or the window is gone.
    pub fn ask_until(is_drawn: &AtomicBool, window: u32) {
        park_timeout(INTERVAL);
        if is_drawn.load(Ordering::Relaxed) {
            return;
        }
        let Ok((connection, _)) = x11rb::connect(None) else { return };
        while !is_drawn.load(Ordering::Relaxed) {
            let asked = connection.present_notify_msc(window, FIRST_SERIAL, 0, 1, 0);
            if asked.map_or(true, |asked| asked.check().is_err()) {
                return;
            }
            park_timeout(INTERVAL);
        }
    }
}
