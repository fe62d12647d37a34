//! A plugin as a CLAP host holds it, in front of the framework's.

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

/// Calls a function of the framework's, which all are there, with the plugin as the host gave it and sound arguments.
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

/// In front of one of the framework's plugins.
#[repr(C)]
pub struct Instance {
    /// What the host has a pointer to. It comes first: so that is a pointer to all of this, too. Its data are the
    /// framework's, whose functions know the plugin by these alone.
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
    /// Taken for as long as a block is played.
    pub(super) outlets: Mutex<Outlets>,
}

impl Instance {
    /// The instance behind `plugin`; `None` if there is none.
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

    /// Whether the host has had it initialised.
    pub fn is_initialised(&self) -> bool {
        self.is_initialised.load(Ordering::Acquire)
    }

    pub fn is_active(&self) -> bool {
        self.is_active.load(Ordering::Acquire)
    }

    /// Waits until no block is played.
    pub fn outlets(&self) -> MutexGuard<'_, Outlets> {
        self.outlets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
