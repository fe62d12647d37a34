//! A checked wrapper around the framework's extension for the window.
//!
//! The framework panics if another thread uses the window than the one that opened it, and reads null pointers.

use std::ffi::c_char;
use std::sync::atomic::Ordering;

use clap_sys::ext::gui::{CLAP_WINDOW_API_X11, clap_gui_resize_hints, clap_plugin_gui, clap_window};
use nice_plug::wrapper::clap::clap_plugin;

use super::super::{sane, threads};
use super::instance::{Instance, forward};
use super::pointers::{at, text};

/// Wraps the framework's extension.
pub static GUI: clap_plugin_gui = clap_plugin_gui {
    is_api_supported: Some(is_api_supported),
    get_preferred_api: Some(get_preferred_api),
    create: Some(create),
    destroy: Some(destroy),
    set_scale: Some(set_scale),
    get_size: Some(get_size),
    can_resize: Some(can_resize),
    get_resize_hints: Some(get_resize_hints),
    adjust_size: Some(adjust_size),
    set_size: Some(set_size),
    set_parent: Some(set_parent),
    set_transient: Some(set_transient),
    suggest_title: Some(suggest_title),
    show: Some(show),
    hide: Some(hide),
};

/// The wrapper that `plugin` points to, if this thread may use its window.
///
/// # Safety
///
/// `plugin` is null, or was given to the host and not destroyed yet.
unsafe fn here<'a>(plugin: *const clap_plugin) -> Option<&'a Instance> {
    // SAFETY: as the caller says.
    unsafe { Instance::of(plugin) }.filter(|instance| instance.host.may_touch_window())
}

unsafe extern "C" fn is_api_supported(
    plugin: *const clap_plugin,
    api: *const c_char,
    is_floating: bool,
) -> bool {
    // SAFETY: hosts call with the plugin that they were given, and with a text, or nothing.
    let (instance, api_text) = unsafe { (Instance::of(plugin), text(api)) };
    let (Some(instance), Some(_)) = (instance, api_text) else { return false };
    forward!(instance.inner_gui.is_api_supported, false, plugin, api, is_floating)
}

unsafe extern "C" fn get_preferred_api(
    plugin: *const clap_plugin,
    api: *mut *const c_char,
    is_floating: *mut bool,
) -> bool {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else { return false };
    forward!(instance.inner_gui.get_preferred_api, false, plugin, api, is_floating)
}

unsafe extern "C" fn create(plugin: *const clap_plugin, api: *const c_char, is_floating: bool) -> bool {
    // SAFETY: hosts call with the plugin that they were given, and with a text, or nothing.
    let (instance, is_known) = unsafe { (here(plugin), is_api_supported(plugin, api, is_floating)) };
    let Some(instance) = instance.filter(|instance| is_known && instance.is_initialised()) else {
        return false;
    };
    let is_open = forward!(instance.inner_gui.create, false, plugin, api, is_floating);
    if is_open {
        instance.host.window_thread.store(threads::here(), Ordering::Release);
    }
    is_open
}

unsafe extern "C" fn destroy(plugin: *const clap_plugin) {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { here(plugin) }) else { return };
    forward!(instance.inner_gui.destroy, (), plugin);
    instance.host.window_thread.store(0, Ordering::Release);
}

unsafe extern "C" fn set_scale(plugin: *const clap_plugin, scale: f64) -> bool {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { here(plugin) }) else { return false };
    sane::is_scale(scale) && forward!(instance.inner_gui.set_scale, false, plugin, scale)
}

unsafe extern "C" fn get_size(plugin: *const clap_plugin, width: *mut u32, height: *mut u32) -> bool {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else { return false };
    forward!(instance.inner_gui.get_size, false, plugin, width, height)
}

unsafe extern "C" fn can_resize(plugin: *const clap_plugin) -> bool {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else { return false };
    forward!(instance.inner_gui.can_resize, false, plugin)
}

unsafe extern "C" fn get_resize_hints(plugin: *const clap_plugin, hints: *mut clap_gui_resize_hints) -> bool {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else { return false };
    forward!(instance.inner_gui.get_resize_hints, false, plugin, hints)
}

unsafe extern "C" fn adjust_size(plugin: *const clap_plugin, width: *mut u32, height: *mut u32) -> bool {
    // SAFETY: hosts call with the plugin that they were given, and with numbers, or nothing.
    let (instance, size) = unsafe { (here(plugin), (at(width).copied(), at(height).copied())) };
    let (Some(instance), (Some(given_width), Some(given_height))) = (instance, size) else { return false };
    sane::is_window(given_width, given_height)
        && forward!(instance.inner_gui.adjust_size, false, plugin, width, height)
}

unsafe extern "C" fn set_size(plugin: *const clap_plugin, width: u32, height: u32) -> bool {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { here(plugin) }) else { return false };
    sane::is_window(width, height) && forward!(instance.inner_gui.set_size, false, plugin, width, height)
}

unsafe extern "C" fn set_parent(plugin: *const clap_plugin, window: *const clap_window) -> bool {
    // SAFETY: hosts call with the plugin that they were given, and with a window, or nothing.
    let (instance, given) = unsafe { (here(plugin), at(window)) };
    let (Some(instance), Some(given)) = (instance, given) else { return false };
    // SAFETY: a window names the system that it is of.
    let is_known = unsafe { is_api_supported(plugin, given.api, false) };
    // SAFETY: as above.
    let is_x11 = unsafe { text(given.api) }.is_some_and(|api| api == CLAP_WINDOW_API_X11);
    // SAFETY: the system says which of them it is.
    let is_there = unsafe { if is_x11 { given.specific.x11 != 0 } else { !given.specific.ptr.is_null() } };
    is_known && is_there && forward!(instance.inner_gui.set_parent, false, plugin, window)
}

unsafe extern "C" fn set_transient(_plugin: *const clap_plugin, _window: *const clap_window) -> bool {
    // This call is for floating windows.
    false
}

unsafe extern "C" fn suggest_title(_plugin: *const clap_plugin, _title: *const c_char) {}

unsafe extern "C" fn show(plugin: *const clap_plugin) -> bool {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { here(plugin) }) else { return false };
    forward!(instance.inner_gui.show, false, plugin)
}

unsafe extern "C" fn hide(plugin: *const clap_plugin) -> bool {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { here(plugin) }) else { return false };
    forward!(instance.inner_gui.hide, false, plugin)
}
