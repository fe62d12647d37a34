//! The editor's window as X11 numbers it.

use nice_plug_egui::Frame;
use raw_window_handle::{HasWindowHandle, RawWindowHandle};

/// The X11 id of the window of `frame`.
pub fn id_of(frame: &Frame) -> Option<u32> {
    match frame.baseview_window().window_handle().ok()?.as_raw() {
        RawWindowHandle::Xlib(handle) => u32::try_from(handle.window).ok(),
        RawWindowHandle::Xcb(handle) => Some(handle.window.get()),
        _ => None,
    }
}
