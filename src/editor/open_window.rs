//! An open window, whose thread has let go of everything once it is dropped.
//!
//! On X11 baseview (0.4.2) draws on a thread of the window's own. It ends that thread when its window is dropped, but gives
//! up waiting where the thread stops listening just then; what the thread drew with is let go after that. A host that
//! removes the plugin next would take the code away from under the thread. So the thread itself says here when it ends. What runs in
//! it after that is the end of a thread as the standard library has it. A window that could not be opened at all has drawn
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
    /// What this thread drops when it ends, after all that it has drawn with.
    static TOKEN: RefCell<Option<Sender<Infallible>>> = const { RefCell::new(None) };
}

/// Hands a token to the thread of a window that is being made.
#[derive(Debug, Default)]
pub struct Usher(Mutex<Option<Sender<Infallible>>>);

impl Usher {
    /// Makes a window by `make`, which calls [`Self::enter`] on the window's thread; what it made, and the end of that
    /// thread.
    pub fn lead_in<T>(&self, make: impl FnOnce() -> T) -> (T, ThreadEnd) {
        let (token, end) = channel();
        self.hold(Some(token));
        let made = make();
        // Where there is no thread of its own nobody took it.
        self.hold(None);
        (made, ThreadEnd(end))
    }

    /// This thread is the window's: it keeps the token until it ends. On other systems than Linux the host's own thread
    /// draws, which is not waited for.
    pub fn enter(&self) {
        if cfg!(target_os = "linux") {
            TOKEN.set(self.hold(None));
        }
    }

    /// Puts `token` in place of what is held, and gives that back.
    fn hold(&self, token: Option<Sender<Infallible>>) -> Option<Sender<Infallible>> {
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), token)
    }
}

/// Dropped, this waits until the thread of a window has ended.
#[derive(Debug)]
pub struct ThreadEnd(Receiver<Infallible>);

impl Drop for ThreadEnd {
    fn drop(&mut self) {
        // Nothing is ever sent: the channel closes with the thread.
        let Err(_ended) = self.0.recv();
    }
}

/// A window of the framework's with its thread. The order of the fields is that of closing.
pub struct OpenWindow {
    window: Window,
    thread: ThreadEnd,
}

impl OpenWindow {
    /// `window`, which draws on the thread that ends with `thread`.
    pub const fn new(window: Window, thread: ThreadEnd) -> Self {
        Self { window, thread }
    }
}

/// What the host does with an open window: the framework does it.
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
        let (usher, has_let_go) = (Arc::new(Usher::default()), Arc::new(AtomicBool::new(false)));
        let (enter, let_go) = (Arc::clone(&usher), Arc::clone(&has_let_go));
        let ((close, entered), end) = usher.lead_in(|| {
            let ((close, closing), (entered, enters)) = (channel::<()>(), channel());
            let window = move || {
                enter.enter();
                entered.send(()).unwrap();
                let _ = closing.recv();
                // Long enough for whoever does not wait to be found out.
                thread::sleep(Duration::from_millis(50));
                let_go.store(true, Ordering::Relaxed);
            };
            thread::Builder::new().name("window".to_owned()).spawn(window).unwrap();
            (close, enters.recv())
        });
        entered.unwrap();
        drop(close);
        drop(end);
        assert!(has_let_go.load(Ordering::Relaxed));
    }

    #[test]
    fn where_no_thread_is_made_none_is_waited_for() {
        let ((), end) = Usher::default().lead_in(|| ());
        drop(end);
    }
}
