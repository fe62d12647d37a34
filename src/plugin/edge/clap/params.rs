//! Checked wrappers around the framework's extensions for parameters and note ports.

use std::ffi::c_char;

use clap_sys::events::{clap_input_events, clap_output_events};
use clap_sys::ext::note_ports::{clap_note_port_info, clap_plugin_note_ports};
use clap_sys::ext::params::{clap_param_info, clap_plugin_params};
use clap_sys::id::clap_id;
use nice_plug::wrapper::clap::clap_plugin;

use super::events::{InFront, Refused, outbox};
use super::instance::{Instance, forward};
use super::pointers::text;

/// Wraps the framework's `inner`.
pub const fn params(inner: &clap_plugin_params) -> clap_plugin_params {
    clap_plugin_params {
        get_info: Some(get_info),
        value_to_text: Some(value_to_text),
        text_to_value: Some(text_to_value),
        flush: Some(flush),
        ..*inner
    }
}

/// Wraps the framework's `inner`.
pub const fn note_ports(inner: &clap_plugin_note_ports) -> clap_plugin_note_ports {
    clap_plugin_note_ports { get: Some(note_port), ..*inner }
}

/// The framework accepts an index one past the end.
unsafe extern "C" fn get_info(plugin: *const clap_plugin, idx: u32, info: *mut clap_param_info) -> bool {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else { return false };
    let inner = &instance.inner_params;
    let n = forward!(inner.count, 0, plugin);
    idx < n && !info.is_null() && info.is_aligned() && forward!(inner.get_info, false, plugin, idx, info)
}

unsafe extern "C" fn value_to_text(
    plugin: *const clap_plugin,
    id: clap_id,
    value: f64,
    display: *mut c_char,
    size: u32,
) -> bool {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else { return false };
    value.is_finite()
        && !display.is_null()
        && size > 0
        && forward!(instance.inner_params.value_to_text, false, plugin, id, value, display, size)
}

unsafe extern "C" fn text_to_value(
    plugin: *const clap_plugin,
    id: clap_id,
    display: *const c_char,
    value: *mut f64,
) -> bool {
    // SAFETY: hosts call with the plugin that they were given, and with a text, or nothing.
    let (instance, display_text) = unsafe { (Instance::of(plugin), text(display)) };
    let (Some(instance), Some(_)) = (instance, display_text) else { return false };
    forward!(instance.inner_params.text_to_value, false, plugin, id, display, value)
}

unsafe extern "C" fn flush(
    plugin: *const clap_plugin,
    inputs: *const clap_input_events,
    outputs: *const clap_output_events,
) {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else { return };
    // SAFETY: hosts give lists, or nothing, which stay there for as long as the call takes.
    let (front, outputs) = unsafe { (InFront::new(inputs, 1, Refused::Unknown), outbox(outputs)) };
    let list = front.as_ref().map(InFront::list);
    let inputs = list.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    forward!(instance.inner_params.flush, (), plugin, inputs, outputs);
}

/// The framework does not check for a null pointer.
unsafe extern "C" fn note_port(
    plugin: *const clap_plugin,
    idx: u32,
    is_input: bool,
    info: *mut clap_note_port_info,
) -> bool {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else { return false };
    !info.is_null()
        && info.is_aligned()
        && forward!(instance.inner_note_ports.get, false, plugin, idx, is_input, info)
}
