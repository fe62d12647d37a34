//! A wrapper around a CLAP host, which the framework gets in its place. It forwards calls to the real host, and has a
//! default where that lacks a function.
//!
//! The framework panics if a function of the host is null, and if a window opens in a host without the extension for
//! it.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use clap_sys::ext::gui::{CLAP_EXT_GUI, clap_host_gui};
use clap_sys::ext::latency::{CLAP_EXT_LATENCY, clap_host_latency};
use clap_sys::ext::params::{
    CLAP_EXT_PARAMS, clap_host_params, clap_param_clear_flags, clap_param_rescan_flags,
};
use clap_sys::ext::state::{CLAP_EXT_STATE, clap_host_state};
use clap_sys::ext::thread_check::{CLAP_EXT_THREAD_CHECK, clap_host_thread_check};
use clap_sys::ext::track_info::{CLAP_EXT_TRACK_INFO, clap_host_track_info, clap_track_info};
use clap_sys::id::clap_id;
use nice_plug::wrapper::clap::clap_host;

use super::super::threads;
use super::pointers::{at, text};

/// A wrapper around a host.
#[repr(C)]
pub struct Host {
    /// The host as the framework sees it. It is the first field, so that a pointer to it is a pointer to the wrapper.
    pub face: clap_host,
    real: *const clap_host,
    gui: AtomicPtr<clap_host_gui>,
    latency: AtomicPtr<clap_host_latency>,
    params: AtomicPtr<clap_host_params>,
    state: AtomicPtr<clap_host_state>,
    thread_check: AtomicPtr<clap_host_thread_check>,
    track_info: AtomicPtr<clap_host_track_info>,
    /// The [mark](threads::here) of the thread that made the plugin.
    main_thread: usize,
    /// The mark of the thread that opened the window; 0 without a window.
    pub window_thread: AtomicUsize,
}

static GUI: clap_host_gui = clap_host_gui {
    resize_hints_changed: Some(gui_resize_hints_changed),
    request_resize: Some(gui_request_resize),
    request_show: Some(gui_request_show),
    request_hide: Some(gui_request_hide),
    closed: Some(gui_closed),
};

static LATENCY: clap_host_latency = clap_host_latency { changed: Some(latency_changed) };

static PARAMS: clap_host_params = clap_host_params {
    rescan: Some(params_rescan),
    clear: Some(params_clear),
    request_flush: Some(params_request_flush),
};

static THREAD_CHECK: clap_host_thread_check =
    clap_host_thread_check { is_main_thread: Some(is_main_thread), is_audio_thread: Some(is_audio_thread) };

static TRACK_INFO: clap_host_track_info = clap_host_track_info { get: Some(track_info_get) };

impl Host {
    /// Wraps `real`.
    ///
    /// # Safety
    ///
    /// `real` points to a host that is there for as long as this is.
    pub unsafe fn new(real: *const clap_host) -> Box<Self> {
        // SAFETY: as the caller says.
        let face = clap_host {
            get_extension: Some(get_extension),
            request_restart: Some(request_restart),
            request_process: Some(request_process),
            request_callback: Some(request_callback),
            ..unsafe { *real }
        };
        Box::new(Self {
            face,
            real,
            gui: AtomicPtr::default(),
            latency: AtomicPtr::default(),
            params: AtomicPtr::default(),
            state: AtomicPtr::default(),
            thread_check: AtomicPtr::default(),
            track_info: AtomicPtr::default(),
            main_thread: threads::here(),
            window_thread: AtomicUsize::new(0),
        })
    }

    /// Queries the host's extensions. Allowed only from the plugin's initialisation on.
    pub fn look_up(&self) {
        self.gui.store(self.extension(CLAP_EXT_GUI), Ordering::Release);
        self.latency.store(self.extension(CLAP_EXT_LATENCY), Ordering::Release);
        self.params.store(self.extension(CLAP_EXT_PARAMS), Ordering::Release);
        self.state.store(self.extension(CLAP_EXT_STATE), Ordering::Release);
        self.thread_check.store(self.extension(CLAP_EXT_THREAD_CHECK), Ordering::Release);
        self.track_info.store(self.extension(CLAP_EXT_TRACK_INFO), Ordering::Release);
    }

    /// Whether the host can be notified of unsaved changes.
    pub fn has_state(&self) -> bool {
        loaded(&self.state).is_some_and(|state| state.mark_dirty.is_some())
    }

    /// Notifies the host of unsaved changes. Main thread only.
    pub fn mark_dirty(&self) {
        if let Some(mark_dirty) = loaded(&self.state).and_then(|state| state.mark_dirty) {
            // SAFETY: a function of the host's, called with that host on its main thread.
            unsafe { mark_dirty(self.real) };
        }
    }

    /// Whether this thread may use the window: there is none, or this thread opened it.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn may_touch_window(&self) -> bool {
        [0, threads::here()].contains(&self.window_thread.load(Ordering::Acquire))
    }

    fn extension<T>(&self, id: &CStr) -> *mut T {
        // SAFETY: the host is there, as `new` requires.
        let get = unsafe { &*self.real }.get_extension;
        // SAFETY: a function of the host's, called with that host.
        let found = get.map_or(ptr::null(), |get| unsafe { get(self.real, id.as_ptr()) });
        found.cast_mut().cast()
    }

    fn real(&self) -> &clap_host {
        // SAFETY: the host is there, as `new` requires.
        unsafe { &*self.real }
    }
}

/// The extension found by the query; `None` if the host has none.
fn loaded<T>(extension: &AtomicPtr<T>) -> Option<&T> {
    // SAFETY: what hosts give stays there as long as they do, and nobody changes it.
    unsafe { at(extension.load(Ordering::Acquire)) }
}

/// The wrapper that `face` belongs to.
///
/// # Safety
///
/// `face` is the face of a [`Host`], as the framework was given it.
unsafe fn behind<'a>(face: *const clap_host) -> &'a Host {
    // SAFETY: the face comes first in it, and the framework got its pointer from the whole of it.
    unsafe { &*face.cast() }
}

unsafe extern "C" fn get_extension(face: *const clap_host, id: *const c_char) -> *const c_void {
    // SAFETY: the framework calls with the face that it was given, and with texts.
    let (host, Some(id)) = (unsafe { behind(face) }, (unsafe { text(id) })) else { return ptr::null() };
    if id == CLAP_EXT_GUI {
        (&raw const GUI).cast()
    } else if id == CLAP_EXT_THREAD_CHECK {
        (&raw const THREAD_CHECK).cast()
    } else if id == CLAP_EXT_PARAMS {
        (&raw const PARAMS).cast()
    } else if id == CLAP_EXT_LATENCY && loaded(&host.latency).is_some() {
        (&raw const LATENCY).cast()
    } else if id == CLAP_EXT_TRACK_INFO && loaded(&host.track_info).is_some() {
        (&raw const TRACK_INFO).cast()
    } else {
        ptr::null()
    }
}

/// Calls a function of the host, if it is not null, with the host and `arguments`.
macro_rules! ask {
    ($function:expr, $host:expr, $default:expr $(, $argument:expr)*) => {
        match $function {
            // SAFETY: a function of the host's, called with that host as the framework calls it.
            Some(function) => unsafe { function($host.real $(, $argument)*) },
            None => $default,
        }
    };
}

unsafe extern "C" fn request_restart(face: *const clap_host) {
    // SAFETY: the framework calls with the face that it was given.
    let host = unsafe { behind(face) };
    ask!(host.real().request_restart, host, ());
}

unsafe extern "C" fn request_process(face: *const clap_host) {
    // SAFETY: the framework calls with the face that it was given.
    let host = unsafe { behind(face) };
    ask!(host.real().request_process, host, ());
}

unsafe extern "C" fn request_callback(face: *const clap_host) {
    // SAFETY: the framework calls with the face that it was given.
    let host = unsafe { behind(face) };
    ask!(host.real().request_callback, host, ());
}

unsafe extern "C" fn gui_resize_hints_changed(face: *const clap_host) {
    // SAFETY: the framework calls with the face that it was given.
    let host = unsafe { behind(face) };
    ask!(loaded(&host.gui).and_then(|gui| gui.resize_hints_changed), host, ());
}

unsafe extern "C" fn gui_request_resize(face: *const clap_host, width: u32, height: u32) -> bool {
    // SAFETY: the framework calls with the face that it was given.
    let host = unsafe { behind(face) };
    ask!(loaded(&host.gui).and_then(|gui| gui.request_resize), host, false, width, height)
}

unsafe extern "C" fn gui_request_show(face: *const clap_host) -> bool {
    // SAFETY: the framework calls with the face that it was given.
    let host = unsafe { behind(face) };
    ask!(loaded(&host.gui).and_then(|gui| gui.request_show), host, false)
}

unsafe extern "C" fn gui_request_hide(face: *const clap_host) -> bool {
    // SAFETY: the framework calls with the face that it was given.
    let host = unsafe { behind(face) };
    ask!(loaded(&host.gui).and_then(|gui| gui.request_hide), host, false)
}

unsafe extern "C" fn gui_closed(face: *const clap_host, was_destroyed: bool) {
    // SAFETY: the framework calls with the face that it was given.
    let host = unsafe { behind(face) };
    ask!(loaded(&host.gui).and_then(|gui| gui.closed), host, (), was_destroyed);
}

unsafe extern "C" fn latency_changed(face: *const clap_host) {
    // SAFETY: the framework calls with the face that it was given.
    let host = unsafe { behind(face) };
    ask!(loaded(&host.latency).and_then(|latency| latency.changed), host, ());
}

unsafe extern "C" fn params_rescan(face: *const clap_host, flags: clap_param_rescan_flags) {
    // SAFETY: the framework calls with the face that it was given.
    let host = unsafe { behind(face) };
    ask!(loaded(&host.params).and_then(|params| params.rescan), host, (), flags);
}

unsafe extern "C" fn params_clear(face: *const clap_host, id: clap_id, flags: clap_param_clear_flags) {
    // SAFETY: the framework calls with the face that it was given.
    let host = unsafe { behind(face) };
    ask!(loaded(&host.params).and_then(|params| params.clear), host, (), id, flags);
}

unsafe extern "C" fn params_request_flush(face: *const clap_host) {
    // SAFETY: the framework calls with the face that it was given.
    let host = unsafe { behind(face) };
    ask!(loaded(&host.params).and_then(|params| params.request_flush), host, ());
}

/// Called on any thread, the audio thread among them.
unsafe extern "C" fn is_main_thread(face: *const clap_host) -> bool {
    // SAFETY: the framework calls with the face that it was given.
    let host = unsafe { behind(face) };
    // The callback on the main thread may use the window.
    host.may_touch_window()
        && ask!(
            loaded(&host.thread_check).and_then(|check| check.is_main_thread),
            host,
            threads::here() == host.main_thread
        )
}

unsafe extern "C" fn is_audio_thread(face: *const clap_host) -> bool {
    // SAFETY: the framework calls with the face that it was given.
    let host = unsafe { behind(face) };
    ask!(loaded(&host.thread_check).and_then(|check| check.is_audio_thread), host, false)
}

unsafe extern "C" fn track_info_get(face: *const clap_host, info: *mut clap_track_info) -> bool {
    // SAFETY: the framework calls with the face that it was given.
    let host = unsafe { behind(face) };
    ask!(loaded(&host.track_info).and_then(|track_info| track_info.get), host, false, info)
}
