//! The entry point for CLAP hosts.

#![expect(unsafe_code, reason = "CLAP is an interface in C")]

mod calls;

mod events;

mod host;

mod instance;

mod params;

mod pointers;

mod state;

mod window;

use std::ffi::{c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::OnceLock;

use nice_plug::wrapper::clap::{
    CLAP_PLUGIN_FACTORY_ID, CLAP_VERSION, PluginDescriptor, clap_host, clap_plugin, clap_plugin_descriptor,
    clap_plugin_entry, clap_plugin_factory,
};
use nice_plug::wrapper::setup_logger;

use super::super::Descant;
use pointers::text;

/// The CLAP plugin's entry point.
#[unsafe(no_mangle)]
#[used]
pub static clap_entry: clap_plugin_entry = clap_plugin_entry {
    clap_version: CLAP_VERSION,
    init: Some(init),
    deinit: Some(deinit),
    get_factory: Some(get_factory),
};

static FACTORY: clap_plugin_factory = clap_plugin_factory {
    get_plugin_count: Some(get_plugin_count),
    get_plugin_descriptor: Some(get_plugin_descriptor),
    create_plugin: Some(create_plugin),
};

fn descriptor() -> &'static PluginDescriptor {
    static DESCRIPTOR: OnceLock<PluginDescriptor> = OnceLock::new();
    DESCRIPTOR.get_or_init(PluginDescriptor::for_plugin::<Descant>)
}

unsafe extern "C" fn init(_plugin_path: *const c_char) -> bool {
    catch_unwind(setup_logger::<Descant>).is_ok()
}

unsafe extern "C" fn deinit() {}

unsafe extern "C" fn get_factory(id: *const c_char) -> *const c_void {
    // SAFETY: hosts give a text, or nothing.
    match unsafe { text(id) } {
        Some(id) if id == CLAP_PLUGIN_FACTORY_ID => (&raw const FACTORY).cast(),
        _ => ptr::null(),
    }
}

unsafe extern "C" fn get_plugin_count(_factory: *const clap_plugin_factory) -> u32 {
    1
}

unsafe extern "C" fn get_plugin_descriptor(
    _factory: *const clap_plugin_factory,
    index: u32,
) -> *const clap_plugin_descriptor {
    if index == 0 { descriptor().clap_plugin_descriptor() } else { ptr::null() }
}

unsafe extern "C" fn create_plugin(
    _factory: *const clap_plugin_factory,
    host: *const clap_host,
    id: *const c_char,
) -> *const clap_plugin {
    // SAFETY: hosts give a text, or nothing.
    let is_ours = unsafe { text(id) }.is_some_and(|id| id == descriptor().clap_id());
    if !is_ours || host.is_null() || !host.is_aligned() {
        return ptr::null();
    }
    // SAFETY: the host is there, and stays until it has had the plugin destroyed.
    let make = AssertUnwindSafe(|| unsafe { calls::create(host) });
    catch_unwind(make).unwrap_or(ptr::null())
}
