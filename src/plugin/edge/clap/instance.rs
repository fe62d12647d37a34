//! A wrapper around a plugin of the framework, which a CLAP host gets in its place.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clap_sys::ext::gui::clap_plugin_gui;
use clap_sys::ext::note_ports::clap_plugin_note_ports;
use clap_sys::ext::params::clap_plugin_params;
use clap_sys::ext::state::clap_plugin_state;
use nice_plug::wrapper::clap::clap_plugin;

use super::super::link::Link;
use super::super::outlets::Outlets;
use super::host::Host;
use super::pointers::at;

/// Calls a function of the framework's plugin (none is null) with the plugin as the host gave it and validated
/// arguments.
macro_rules! forward {
    ($function:expr, $default:expr $(, $argument:expr)*) => {
        match $function {
            // SAFETY: the plugin is the host's to call, has the framework's data, and what it gave was looked at.
            Some(function) => unsafe { function($($argument),*) },
            None => $default,
        }
    };
}

pub(super) use forward;

/// A wrapper around one plugin of the framework.
#[repr(C)]
pub struct Instance {
    /// The plugin as the host sees it. It is the first field, so that a pointer to it is a pointer to the wrapper. Its
    /// data pointer is the framework's, by which the framework's functions identify the plugin.
    pub(super) face: clap_plugin,
    pub(super) inner: clap_plugin,
    pub(super) params: clap_plugin_params,
    pub(super) note_ports: clap_plugin_note_ports,
    pub(super) inner_params: clap_plugin_params,
    pub(super) inner_note_ports: clap_plugin_note_ports,
    pub(super) inner_state: clap_plugin_state,
    pub(super) inner_gui: clap_plugin_gui,
    pub(super) host: Box<Host>,
    pub(super) link: Arc<Link>,
    pub(super) is_initialised: AtomicBool,
    pub(super) is_active: AtomicBool,
    /// Locked while a block is processed.
    pub(super) outlets: Mutex<Outlets>,
}

impl Instance {
    /// The wrapper that `plugin` points to; `None` for null.
    ///
    /// # Safety
    ///
    /// `plugin` is null, or was given to the host by [`create`](super::calls::create) and not destroyed yet.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub unsafe fn of<'a>(plugin: *const clap_plugin) -> Option<&'a Self> {
        // SAFETY: as the caller says; the face comes first in it, and the host got its pointer from the whole of it.
        unsafe { at(plugin.cast::<Self>()) }
    }

    /// Whether the host has initialised the plugin.
    pub fn is_initialised(&self) -> bool {
        self.is_initialised.load(Ordering::Acquire)
    }

    pub fn is_active(&self) -> bool {
        self.is_active.load(Ordering::Acquire)
    }

    /// Waits until no block is processed.
    pub fn outlets(&self) -> MutexGuard<'_, Outlets> {
        self.outlets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
