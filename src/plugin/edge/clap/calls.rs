//! The functions of a CLAP plugin, from creation to destruction.
//!
//! # Threads
//!
//! As CLAP requires: start, stop, reset and process run on the host's audio thread, all else on its main thread. A call
//! on the wrong thread waits or returns an error.

use std::ffi::{c_char, c_void};
use std::mem::size_of;
use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use clap_sys::audio_buffer::clap_audio_buffer;
use clap_sys::events::clap_event_transport;
use clap_sys::ext::gui::{CLAP_EXT_GUI, clap_plugin_gui};
use clap_sys::ext::note_ports::{CLAP_EXT_NOTE_PORTS, clap_plugin_note_ports};
use clap_sys::ext::params::{CLAP_EXT_PARAMS, clap_plugin_params};
use clap_sys::ext::state::{CLAP_EXT_STATE, clap_plugin_state};
use clap_sys::process::{CLAP_PROCESS_ERROR, clap_process, clap_process_status};
use nice_plug::wrapper::clap::{Wrapper, clap_host, clap_plugin};

use super::super::link;
use super::super::outlets::{Outlets, silence_all};
use super::super::sane;
use super::events::{InFront, Refused, outbox};
use super::host::Host;
use super::instance::{Instance, forward};
use super::pointers::{at, text};
use super::{params, state, window};
use crate::plugin::Descant;

/// More ports than any host has; a larger number is invalid.
const MAX_PORTS: u32 = 256;

/// Creates a plugin for the host at `real`; null if the framework creates none.
///
/// # Safety
///
/// `real` points to a host that is there until it has had the plugin destroyed.
pub unsafe fn create(real: *const clap_host) -> *const clap_plugin {
    // SAFETY: as the caller says; the framework's plugin goes before the host in front of it does.
    let host = unsafe { Host::new(real) };
    let face = ptr::from_ref(&*host).cast::<clap_host>();
    // SAFETY: as above.
    let born = link::born(|| unsafe { Wrapper::<Descant>::new(face) });
    let Some((wrapper, link)) = born else { return ptr::null() };
    // Released when the framework destroys the plugin. SAFETY: that is not before the host has us destroyed.
    let inner_plugin = unsafe { &*Arc::into_raw(wrapper) }.clap_plugin.as_ptr();
    // SAFETY: nobody else has it yet.
    let inner = unsafe { *inner_plugin };
    let extension =
        |id: &std::ffi::CStr| forward!(inner.get_extension, ptr::null(), inner_plugin, id.as_ptr());
    // SAFETY: the framework gives what the id names, for as long as the plugin is there.
    let extensions = unsafe {
        (
            at(extension(CLAP_EXT_PARAMS).cast::<clap_plugin_params>()),
            at(extension(CLAP_EXT_NOTE_PORTS).cast::<clap_plugin_note_ports>()),
            at(extension(CLAP_EXT_STATE).cast::<clap_plugin_state>()),
            at(extension(CLAP_EXT_GUI).cast::<clap_plugin_gui>()),
        )
    };
    let (Some(inner_params), Some(inner_note_ports), Some(inner_state), Some(inner_gui)) = extensions else {
        forward!(inner.destroy, (), inner_plugin);
        return ptr::null();
    };
    let instance = Box::new(Instance {
        face: clap_plugin {
            init: Some(init),
            destroy: Some(destroy),
            activate: Some(activate),
            deactivate: Some(deactivate),
            start_processing: Some(start_processing),
            stop_processing: Some(stop_processing),
            reset: Some(reset),
            process: Some(process),
            get_extension: Some(get_extension),
            on_main_thread: Some(on_main_thread),
            ..inner
        },
        inner,
        params: params::params(inner_params),
        note_ports: params::note_ports(inner_note_ports),
        inner_params: *inner_params,
        inner_note_ports: *inner_note_ports,
        inner_state: *inner_state,
        inner_gui: *inner_gui,
        host,
        link,
        is_initialised: AtomicBool::new(false),
        is_active: AtomicBool::new(false),
        outlets: Mutex::new(Outlets::new(0)),
    });
    Box::into_raw(instance).cast_const().cast()
}

unsafe extern "C" fn init(plugin: *const clap_plugin) -> bool {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else { return false };
    if instance.is_initialised() {
        return true;
    }
    instance.host.look_up();
    let is_initialised = forward!(instance.inner.init, false, plugin);
    instance.is_initialised.store(is_initialised, Ordering::Release);
    is_initialised
}

unsafe extern "C" fn destroy(plugin: *const clap_plugin) {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else { return };
    // From here on only this thread calls the host.
    instance.link.close();
    if instance.host.window_thread.load(Ordering::Acquire) != 0 {
        if !instance.host.may_touch_window() {
            // The window belongs to another thread, which alone can close it. It stays, and the plugin with it.
            return;
        }
        forward!(instance.inner_gui.destroy, (), plugin);
    }
    drop(instance.outlets());
    forward!(instance.inner.destroy, (), plugin);
    // SAFETY: it came out of a box, and the host has no more to do with it.
    drop(unsafe { Box::from_raw(plugin.cast_mut().cast::<Instance>()) });
}

unsafe extern "C" fn activate(
    plugin: *const clap_plugin,
    rate: f64,
    min_frames: u32,
    max_frames: u32,
) -> bool {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else { return false };
    if !instance.is_initialised() || !sane::is_setup(rate, max_frames) {
        return false;
    }
    *instance.outlets() = Outlets::new(max_frames);
    let is_active = forward!(instance.inner.activate, false, plugin, rate, min_frames, max_frames);
    instance.is_active.store(is_active, Ordering::Release);
    is_active
}

unsafe extern "C" fn deactivate(plugin: *const clap_plugin) {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else { return };
    if instance.is_active.swap(false, Ordering::AcqRel) {
        drop(instance.outlets());
        forward!(instance.inner.deactivate, (), plugin);
    }
}

unsafe extern "C" fn start_processing(plugin: *const clap_plugin) -> bool {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else { return false };
    instance.is_active() && forward!(instance.inner.start_processing, false, plugin)
}

unsafe extern "C" fn stop_processing(plugin: *const clap_plugin) {
    // SAFETY: hosts call with the plugin that they were given.
    if let Some(instance) = (unsafe { Instance::of(plugin) }).filter(|instance| instance.is_active()) {
        forward!(instance.inner.stop_processing, (), plugin);
    }
}

unsafe extern "C" fn reset(plugin: *const clap_plugin) {
    // SAFETY: hosts call with the plugin that they were given.
    if let Some(instance) = (unsafe { Instance::of(plugin) }).filter(|instance| instance.is_active()) {
        forward!(instance.inner.reset, (), plugin);
    }
}

/// *Real-time:* wait-free, no allocation.
unsafe extern "C" fn process(plugin: *const clap_plugin, given: *const clap_process) -> clap_process_status {
    // SAFETY: hosts call with the plugin that they were given, and with a block, or nothing.
    let (Some(instance), Some(given)) = (unsafe { Instance::of(plugin) }, unsafe { at(given) }) else {
        return CLAP_PROCESS_ERROR;
    };
    let status = play(instance, plugin, given);
    if status == CLAP_PROCESS_ERROR {
        silence(ports(given), given.frames_count);
    }
    status
}

/// *Real-time:* wait-free, no allocation.
fn play(instance: &Instance, plugin: *const clap_plugin, given: &clap_process) -> clap_process_status {
    let is_long = !sane::is_setup(48_000.0, given.frames_count.max(1));
    let (false, true, Ok(mut outlets)) = (is_long, instance.is_active(), instance.outlets.try_lock()) else {
        return CLAP_PROCESS_ERROR;
    };
    let Ok(n_frames) = usize::try_from(given.frames_count) else { return CLAP_PROCESS_ERROR };
    let (main, others) = match ports(given) {
        [main, others @ ..] => (Some(main), others),
        [] => (None, &[][..]),
    };
    let port = main.filter(|port| !port.data32.is_null());
    let (channels, n_channels) = port.map_or((ptr::null_mut(), 0), |port| (port.data32, port.channel_count));
    let n_channels = usize::try_from(n_channels).unwrap_or(usize::MAX);
    // SAFETY: a host gives as many channels as it says, or null, and as many samples as the block has.
    let connected = unsafe { outlets.connect(channels, n_channels, n_frames) };
    let Some(channels) = connected else { return CLAP_PROCESS_ERROR };
    if port.is_none() {
        // It has no channels, or those of a precision that we do not play in.
        silence(main.map_or(&[], slice::from_ref), given.frames_count);
    }
    silence(others, given.frames_count);
    let mut output = clap_audio_buffer {
        data32: channels.as_mut_ptr(),
        data64: ptr::null_mut(),
        channel_count: 2,
        latency: 0,
        constant_mask: 0,
    };
    // SAFETY: a host gives a list, or null, which stays there for the block.
    let front = unsafe { InFront::new(given.in_events, given.frames_count, Refused::Null) };
    let list = front.as_ref().map(InFront::list);
    let block = clap_process {
        steady_time: given.steady_time,
        frames_count: given.frames_count,
        // SAFETY: a host gives where it is, or null.
        transport: unsafe { transport(given.transport) },
        audio_inputs: ptr::null(),
        audio_outputs: &raw mut output,
        audio_inputs_count: 0,
        audio_outputs_count: 1,
        in_events: list.as_ref().map_or(ptr::null(), ptr::from_ref),
        // SAFETY: a host gives a list, or null.
        out_events: unsafe { outbox(given.out_events) },
    };
    forward!(instance.inner.process, CLAP_PROCESS_ERROR, plugin, &raw const block)
}

/// `given` if its size is valid; null otherwise.
///
/// # Safety
///
/// `given` is null, or misaligned, or points to the header of an event.
unsafe fn transport(given: *const clap_event_transport) -> *const clap_event_transport {
    // SAFETY: as the caller says.
    let header = unsafe { at(given.cast::<clap_sys::events::clap_event_header>()) };
    let n_bytes = header.and_then(|header| usize::try_from(header.size).ok()).unwrap_or(0);
    if n_bytes >= size_of::<clap_event_transport>() && given.is_aligned() { given } else { ptr::null() }
}

/// The output ports of a block.
fn ports(given: &clap_process) -> &[clap_audio_buffer] {
    let (first, n_ports) = (given.audio_outputs, given.audio_outputs_count);
    let n_ports = if first.is_null() || !first.is_aligned() || n_ports > MAX_PORTS { 0 } else { n_ports };
    match usize::try_from(n_ports) {
        // SAFETY: a host gives as many as it says; what is null or misaligned was seen to.
        Ok(n_ports) if n_ports > 0 => unsafe { slice::from_raw_parts(first, n_ports) },
        _ => &[],
    }
}

/// Writes silence to all channels of `ports`.
fn silence(ports: &[clap_audio_buffer], n_frames: u32) {
    if !sane::is_setup(48_000.0, n_frames) {
        return;
    }
    let n_frames = usize::try_from(n_frames).unwrap_or(0);
    for port in ports {
        let n_channels = usize::try_from(port.channel_count).unwrap_or(usize::MAX);
        // SAFETY: a host gives as many channels as it says, or null, and as many samples as the block has.
        unsafe {
            if port.data32.is_null() {
                silence_all(port.data64, n_channels, n_frames);
            } else {
                silence_all(port.data32, n_channels, n_frames);
            }
        }
    }
}

unsafe extern "C" fn get_extension(plugin: *const clap_plugin, id: *const c_char) -> *const c_void {
    // SAFETY: hosts call with the plugin that they were given, and with a text, or nothing.
    let (Some(instance), Some(id_text)) = (unsafe { Instance::of(plugin) }, unsafe { text(id) }) else {
        return ptr::null();
    };
    if id_text == CLAP_EXT_PARAMS {
        (&raw const instance.params).cast()
    } else if id_text == CLAP_EXT_NOTE_PORTS {
        (&raw const instance.note_ports).cast()
    } else if id_text == CLAP_EXT_STATE {
        (&raw const state::STATE).cast()
    } else if id_text == CLAP_EXT_GUI {
        (&raw const window::GUI).cast()
    } else {
        // The rest looks at what it is given.
        forward!(instance.inner.get_extension, ptr::null(), plugin, id)
    }
}

unsafe extern "C" fn on_main_thread(plugin: *const clap_plugin) {
    // SAFETY: hosts call with the plugin that they were given.
    let Some(instance) = (unsafe { Instance::of(plugin) }) else { return };
    if !instance.host.may_touch_window() {
        return;
    }
    forward!(instance.inner.on_main_thread, (), plugin);
    // Where the host cannot be notified, the editor does it, once it is open.
    if instance.host.has_state() && instance.link.params.take_news() {
        instance.host.mark_dirty();
    }
}
