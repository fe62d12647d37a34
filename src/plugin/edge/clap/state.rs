//! A checked wrapper around the framework's extension for state.
//!
//! The framework trusts a stream that claims to have read more bytes than fit into the buffer.

use std::ffi::c_void;
use std::ptr;

use clap_sys::ext::state::clap_plugin_state;
use clap_sys::stream::{clap_istream, clap_ostream};
use nice_plug::wrapper::clap::clap_plugin;

use super::instance::{Instance, forward};
use super::pointers::at;

/// Wraps the framework's extension.
pub static STATE: clap_plugin_state = clap_plugin_state { save: Some(save), load: Some(load) };

unsafe extern "C" fn save(plugin: *const clap_plugin, stream: *const clap_ostream) -> bool {
    // SAFETY: hosts call with the plugin that they were given, and with a stream, or nothing.
    let (instance, stream) = unsafe { (Instance::of(plugin), at(stream)) };
    let (Some(instance), Some(given)) = (instance, stream) else { return false };
    let front = clap_ostream { ctx: ptr::from_ref(given).cast_mut().cast(), write: Some(write) };
    forward!(instance.inner_state.save, false, plugin, &raw const front)
}

unsafe extern "C" fn load(plugin: *const clap_plugin, stream: *const clap_istream) -> bool {
    // SAFETY: hosts call with the plugin that they were given, and with a stream, or nothing.
    let (instance, stream) = unsafe { (Instance::of(plugin), at(stream)) };
    let (Some(instance), Some(given)) = (instance, stream) else { return false };
    let front = clap_istream { ctx: ptr::from_ref(given).cast_mut().cast(), read: Some(read) };
    forward!(instance.inner_state.load, false, plugin, &raw const front)
}

unsafe extern "C" fn write(front: *const clap_ostream, bytes: *const c_void, n_bytes: u64) -> i64 {
    // SAFETY: the framework calls with the stream of `save`, which has the host's behind it.
    let given = unsafe { (*front).ctx }.cast::<clap_ostream>();
    // SAFETY: as above.
    let Some(write) = (unsafe { &*given }).write else { return -1 };
    // SAFETY: a function of the host's stream, called with that stream.
    sound(unsafe { write(given, bytes, n_bytes) }, n_bytes)
}

unsafe extern "C" fn read(front: *const clap_istream, room: *mut c_void, n_bytes: u64) -> i64 {
    // SAFETY: the framework calls with the stream of `load`, which has the host's behind it.
    let given = unsafe { (*front).ctx }.cast::<clap_istream>();
    // SAFETY: as above.
    let Some(read) = (unsafe { &*given }).read else { return -1 };
    // SAFETY: a function of the host's stream, called with that stream.
    sound(unsafe { read(given, room, n_bytes) }, n_bytes)
}

/// `n`, the bytes that a stream claims to have handled; an error if it exceeds `n_asked`.
fn sound(n: i64, n_asked: u64) -> i64 {
    if u64::try_from(n).is_ok_and(|n| n <= n_asked) { n } else { -1 }
}
