//! An open window that, when dropped, waits until its thread has ended and freed everything.
//!
//! On X11 baseview (0.4.2) draws on a thread of the window's own. It ends that thread when its window is dropped, but
//! gives up waiting if the thread stops listening just then; the thread then frees its drawing resources later. A host
//! that unloads the plugin next would remove the code that the thread still runs. So the thread itself signals here when
//! it ends; only the standard library's end of a thread runs after that. A window that could not be opened has drawn
//! nothing, and is not waited for.

use std::cell::RefCell;
use std::convert::Infallible;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use nice_plug::editor::dpi::NativeSize;
use nice_plug::editor::{EditorHandle, Modifiers, ParentWindowHandle, VirtualKeyCode};
use nice_plug_egui::EguiEditorHandle;

type Window = <EguiEditorHandle as EditorHandle>::Window;
type Failure = <EguiEditorHandle as EditorHandle>::Error;

thread_local! {
    /// The token that this thread drops when it ends, after its drawing resources.
    static TOKEN: RefCell<Option<Sender<Infallible>>> = const { RefCell::new(None) };
}

/// Hands a token to the thread of a window that is being made.
#[derive(Debug, Default)]
pub struct Usher(Mutex<Option<Sender<Infallible>>>);

impl Usher {
    /// Makes a window by `make`, which calls [`Self::enter`] on the window's thread; returns the window, and a guard that
    /// waits for the end of that thread.
    pub fn lead_in<T>(&self, make: impl FnOnce() -> T) -> (T, ThreadEnd) {
        let (token, end) = channel();
        self.hold(Some(token));
        let made = make();
        // Without a thread of its own nobody took the token.
        self.hold(None);
        (made, ThreadEnd(end))
    }

    /// Gives the token to the calling thread, the window's, until that ends. On systems other than Linux the host's own
    /// thread draws, which is not waited for.
    pub fn enter(&self) {
        if cfg!(target_os = "linux") {
            TOKEN.set(self.hold(None));
        }
    }

    /// Replaces the held token with `token`; returns the old one.
    fn hold(&self, token: Option<Sender<Infallible>>) -> Option<Sender<Infallible>> {
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), token)
    }
}

/// A guard that, when dropped, waits until the thread of a window has ended.
#[derive(Debug)]
pub struct ThreadEnd(Receiver<Infallible>);

impl Drop for ThreadEnd {
    fn drop(&mut self) {
        // Nothing is ever sent: the channel closes with the thread.
        let Err(_ended) = self.0.recv();
    }
}

/// A window of the framework's with its thread. The fields are dropped in the order of closing.
pub struct OpenWindow {
    window: Window,
    thread: ThreadEnd,
}

impl OpenWindow {
    /// Pairs `window` with the guard for the thread that it draws on.
    pub const fn new(window: Window, thread: ThreadEnd) -> Self {
        Self { window, thread }
    }
}

/// The host's handle on an open window, passed on to the framework.
pub struct Handle(pub EguiEditorHandle);

impl EditorHandle for Handle {
    type Window = OpenWindow;
    type Error = Failure;

    fn run_until_closed(OpenWindow { window, thread }: OpenWindow) -> Result<(), Failure> {
        let outcome = EguiEditorHandle::run_until_closed(window);
        drop(thread);
        outcome
    }

    fn set_parent(&self, parent: ParentWindowHandle, open: &OpenWindow) -> Result<(), Failure> {
        self.0.set_parent(parent, &open.window)
    }

    fn show(&self, open: &OpenWindow) -> Result<(), Failure> {
        self.0.show(&open.window)
    }

    fn hide(&self, open: &OpenWindow) -> Result<(), Failure> {
        self.0.hide(&open.window)
    }

    fn set_size(&self, size: NativeSize<u32>, open: &OpenWindow) -> Result<(), Failure> {
        self.0.set_size(size, &open.window)
    }

    fn host_main_thread_callback(&self, open: &OpenWindow) {
        self.0.host_main_thread_callback(&open.window);
    }

    fn adjust_size(&self, size: NativeSize<u32>, open: &OpenWindow) -> Option<NativeSize<u32>> {
        self.0.adjust_size(size, &open.window)
    }

    fn set_fallback_scale_factor(&self, factor: f64, open: &OpenWindow) -> Result<(), Failure> {
        self.0.set_fallback_scale_factor(factor, &open.window)
    }

    fn on_virtual_key_from_host(&self, key: VirtualKeyCode, is_down: bool, modifiers: Modifiers) -> bool {
        self.0.on_virtual_key_from_host(key, is_down, modifiers)
    }

    fn state_changed(&self) {
        self.0.state_changed();
    }

    fn param_value_changed(&self, id: &str, normalized: f32) {
        self.0.param_value_changed(id, normalized);
    }

    fn param_modulation_changed(&self, id: &str, offset: f32) {
        self.0.param_modulation_changed(id, offset);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_thread_that_nobody_joins_is_waited_for() {
        let (usher, has_ended) = (Arc::new(Usher::default()), Arc::new(AtomicBool::new(false)));
        let (enter, ended) = (Arc::clone(&usher), Arc::clone(&has_ended));
        let ((close, entered), end) = usher.lead_in(|| {
            let ((close, closing), (entered, enters)) = (channel::<()>(), channel());
            let window = move || {
                enter.enter();
                entered.send(()).unwrap();
                let _ = closing.recv();
                // Long enough that a missing wait fails the test.
                thread::sleep(Duration::from_millis(50));
                ended.store(true, Ordering::Relaxed);
            };
            thread::Builder::new().name("window".to_owned()).spawn(window).unwrap();
            (close, enters.recv())
        });
        entered.unwrap();
        drop(close);
        drop(end);
        assert!(has_ended.load(Ordering::Relaxed));
    }

    #[test]
    fn where_no_thread_is_made_none_is_waited_for() {
        let ((), end) = Usher::default().lead_in(|| ());
        drop(end);
    }
}
