//! Invalid calls of a CLAP host: none crashes, and the next valid call works. Without the edge most of these would
//! crash this process.

#![expect(unsafe_code, reason = "what is said to a library is not checked")]

use std::ffi::c_void;
use std::mem::{size_of, zeroed};
use std::ptr;

use clap_sys::audio_buffer::clap_audio_buffer;
use clap_sys::events::{
    CLAP_EVENT_MIDI, CLAP_EVENT_MIDI_SYSEX, CLAP_EVENT_NOTE_ON, CLAP_EVENT_PARAM_VALUE, CLAP_EVENT_TRANSPORT,
    CLAP_TRANSPORT_HAS_TEMPO, clap_event_header, clap_event_midi, clap_event_midi_sysex, clap_event_note,
    clap_event_param_value, clap_event_transport, clap_input_events, clap_output_events,
};
use clap_sys::ext::audio_ports::{CLAP_EXT_AUDIO_PORTS, clap_plugin_audio_ports};
use clap_sys::ext::gui::{CLAP_EXT_GUI, CLAP_WINDOW_API_X11, clap_plugin_gui};
use clap_sys::ext::note_ports::{CLAP_EXT_NOTE_PORTS, clap_plugin_note_ports};
use clap_sys::ext::params::{CLAP_EXT_PARAMS, clap_param_info, clap_plugin_params};
use clap_sys::ext::remote_controls::{CLAP_EXT_REMOTE_CONTROLS, clap_plugin_remote_controls};
use clap_sys::ext::state::{CLAP_EXT_STATE, clap_plugin_state};
use clap_sys::process::{CLAP_PROCESS_ERROR, clap_process, clap_process_status};
use clap_sys::stream::{clap_istream, clap_ostream};

use crate::clap_host::clap_id;
use crate::clap_raw::{ID, OUTBOX, Raw, RawEvents, RawHost, factory};

/// What is in a channel before.
const RUBBISH: f32 = 9.0;

/// A block to play.
struct Block {
    channels: Vec<Vec<f32>>,
    process: clap_process,
}

impl Block {
    /// Of `n_frames`, with no port yet and silence.
    fn new(n_frames: u32) -> Self {
        // SAFETY: numbers and pointers may all be zero.
        let process = clap_process { frames_count: n_frames, ..unsafe { zeroed() } };
        Self { channels: Vec::new(), process }
    }

    /// Plays with one port of `n_channels`.
    fn play_on(&mut self, raw: &Raw, n_channels: usize) -> clap_process_status {
        let n_frames = usize::try_from(self.process.frames_count).unwrap();
        self.channels = vec![vec![RUBBISH; n_frames]; n_channels];
        let mut pointers: Vec<*mut f32> =
            self.channels.iter_mut().map(|channel| channel.as_mut_ptr()).collect();
        let mut port = port(pointers.as_mut_ptr(), n_channels);
        (self.process.audio_outputs, self.process.audio_outputs_count) = (&raw mut port, 1);
        self.play(raw)
    }

    /// Plays it as it is.
    fn play(&self, raw: &Raw) -> clap_process_status {
        // SAFETY: that is what is tried.
        unsafe { raw.face().process.unwrap()(raw.plugin, &raw const self.process) }
    }

    /// Plays `events` on two channels; they have to be played.
    fn play_events(&mut self, raw: &Raw, events: Vec<*const clap_event_header>) {
        let events = RawEvents(events);
        let list = events.list();
        self.process.in_events = &raw const list;
        assert_ne!(self.play_on(raw, 2), CLAP_PROCESS_ERROR);
        assert!(self.channels.iter().flatten().all(|sample| *sample != RUBBISH), "all of it is written");
        self.process.in_events = ptr::null();
    }
}

fn port(channels: *mut *mut f32, n_channels: usize) -> clap_audio_buffer {
    clap_audio_buffer {
        data32: channels,
        data64: ptr::null_mut(),
        channel_count: u32::try_from(n_channels).unwrap(),
        latency: 0,
        constant_mask: 0,
    }
}

/// The header of an event of type `T`.
fn header<T>(kind: u16, time: u32) -> clap_event_header {
    let size = u32::try_from(size_of::<T>()).unwrap();
    clap_event_header { size, time, space_id: 0, type_: kind, flags: 0 }
}

fn note_on(time: u32, key: i16) -> clap_event_note {
    clap_event_note {
        header: header::<clap_event_note>(CLAP_EVENT_NOTE_ON, time),
        note_id: -1,
        port_index: 0,
        channel: 0,
        key,
        velocity: 0.8,
    }
}

fn tempo(time: u32, tempo: f64) -> clap_event_transport {
    // SAFETY: numbers may all be zero.
    let still: clap_event_transport = unsafe { zeroed() };
    let header = header::<clap_event_transport>(CLAP_EVENT_TRANSPORT, time);
    clap_event_transport { header, flags: CLAP_TRANSPORT_HAS_TEMPO, tempo, ..still }
}

/// A plugin that is still of use.
fn check_alive(raw: &Raw) {
    let mut block = Block::new(256);
    assert_ne!(block.play_on(raw, 2), CLAP_PROCESS_ERROR);
    assert!(block.channels.iter().flatten().all(|sample| sample.is_finite() && *sample != RUBBISH));
}

#[test]
fn a_factory_is_asked_for_nonsense() {
    let factory = factory();
    let host = RawHost::without_functions();
    // SAFETY: that is what is tried.
    unsafe {
        let create = factory.create_plugin.unwrap();
        assert!(create(factory, ptr::null(), ID.as_ptr()).is_null());
        assert!(create(factory, &raw const host.face, ptr::null()).is_null());
        assert!(create(factory, &raw const host.face, c"another".as_ptr()).is_null());
        assert_eq!(factory.get_plugin_count.unwrap()(factory), 1);
        assert!(factory.get_plugin_descriptor.unwrap()(factory, 1).is_null());
        assert!(factory.get_plugin_descriptor.unwrap()(factory, u32::MAX).is_null());
    }
}

#[test]
fn a_host_without_functions_is_played_for() {
    let raw = Raw::started(RawHost::without_functions());
    let value = clap_event_param_value {
        header: header::<clap_event_param_value>(CLAP_EVENT_PARAM_VALUE, 0),
        param_id: clap_id("swing").get(),
        cookie: ptr::null_mut(),
        note_id: -1,
        port_index: -1,
        channel: -1,
        key: -1,
        value: 0.7,
    };
    Block::new(64).play_events(&raw, vec![&raw const value.header]);
    // SAFETY: as CLAP has it.
    unsafe { raw.face().on_main_thread.unwrap()(raw.plugin) };
    check_alive(&raw);
}

#[test]
fn an_output_port_of_any_width_is_played_into() {
    let raw = Raw::started(RawHost::without_functions());
    for n_channels in [0, 1, 2, 3, 8, 64] {
        let mut block = Block::new(512);
        assert_ne!(block.play_on(&raw, n_channels), CLAP_PROCESS_ERROR, "{n_channels} channels");
        for channel in &block.channels {
            assert!(channel.iter().all(|sample| *sample != RUBBISH), "{n_channels} channels");
        }
        assert!(
            block.channels.iter().skip(2).flatten().all(|sample| *sample == 0.0),
            "{n_channels} channels"
        );
    }
    // No ports; ports that are null; channels that are null; one channel twice; doubles, of which we have none.
    assert_ne!(Block::new(512).play(&raw), CLAP_PROCESS_ERROR);
    let mut block = Block::new(512);
    block.process.audio_outputs_count = 3;
    assert_ne!(block.play(&raw), CLAP_PROCESS_ERROR);
    for channels in [None, Some([false, false]), Some([true, false]), Some([false, true]), Some([true, true])]
    {
        let mut sound = [RUBBISH; 512];
        let mut pointers = channels
            .unwrap_or_default()
            .map(|is_there| if is_there { sound.as_mut_ptr() } else { ptr::null_mut() });
        let mut port = port(if channels.is_some() { pointers.as_mut_ptr() } else { ptr::null_mut() }, 2);
        (block.process.audio_outputs, block.process.audio_outputs_count) = (&raw mut port, 1);
        assert_ne!(block.play(&raw), CLAP_PROCESS_ERROR, "{channels:?}");
    }
    let mut sound = [f64::from(RUBBISH); 512];
    let mut pointers = [sound.as_mut_ptr(); 1];
    let mut port = port(ptr::null_mut(), 1);
    port.data64 = pointers.as_mut_ptr();
    (block.process.audio_outputs, block.process.audio_outputs_count) = (&raw mut port, 1);
    assert_ne!(block.play(&raw), CLAP_PROCESS_ERROR);
    assert_eq!(sound, [0.0; 512]);
    check_alive(&raw);
}

#[test]
fn a_block_of_no_length_or_more_than_was_said_is_played() {
    let raw = Raw::started(RawHost::without_functions());
    for n_frames in [0, 1, 513, 8192, 100_000] {
        let mut block = Block::new(n_frames);
        assert_ne!(block.play_on(&raw, 2), CLAP_PROCESS_ERROR, "{n_frames} samples");
        assert!(block.channels.iter().flatten().all(|sample| *sample != RUBBISH), "{n_frames} samples");
        // Too long for what has to be made up: refused, and silent.
        block.play_on(&raw, 1);
        assert!(block.channels.iter().flatten().all(|sample| *sample != RUBBISH), "{n_frames} samples");
    }
    let block = Block::new(u32::MAX);
    assert_eq!(block.play(&raw), CLAP_PROCESS_ERROR);
    check_alive(&raw);
}

#[test]
fn who_plays_too_early_or_too_late_gets_an_error_and_silence() {
    let check = |raw: &Raw| {
        let mut block = Block::new(256);
        assert_eq!(block.play_on(raw, 2), CLAP_PROCESS_ERROR);
        assert!(block.channels.iter().flatten().all(|sample| *sample == 0.0));
        // SAFETY: that is what is tried.
        unsafe {
            assert!(!raw.face().start_processing.unwrap()(raw.plugin));
            raw.face().stop_processing.unwrap()(raw.plugin);
            raw.face().reset.unwrap()(raw.plugin);
            raw.face().deactivate.unwrap()(raw.plugin);
            assert_eq!(raw.face().process.unwrap()(raw.plugin, ptr::null()), CLAP_PROCESS_ERROR);
        }
    };
    check(&Raw::new(RawHost::with_state()));
    let raw = Raw::initialised(RawHost::with_state());
    check(&raw);
    // SAFETY: as CLAP has it, but for a second `init`, no start, a second activation and deactivation.
    unsafe {
        assert!(raw.face().activate.unwrap()(raw.plugin, 48_000.0, 1, 512));
        assert!(raw.face().init.unwrap()(raw.plugin));
        check_alive(&raw);
        assert!(raw.face().activate.unwrap()(raw.plugin, 44_100.0, 1, 64));
        check_alive(&raw);
        raw.face().deactivate.unwrap()(raw.plugin);
        check(&raw);
        assert!(raw.face().activate.unwrap()(raw.plugin, 48_000.0, 1, 512));
    }
    // It is destroyed while it is active.
    check_alive(&raw);
}

#[test]
fn what_is_no_plugin_is_left_alone() {
    let raw = Raw::started(RawHost::with_state());
    let (face, none) = (raw.face(), ptr::null());
    // SAFETY: that is what is tried.
    unsafe {
        assert!(!face.init.unwrap()(none));
        assert!(!face.activate.unwrap()(none, 48_000.0, 1, 512));
        assert!(!face.start_processing.unwrap()(none));
        face.stop_processing.unwrap()(none);
        face.reset.unwrap()(none);
        face.deactivate.unwrap()(none);
        face.on_main_thread.unwrap()(none);
        face.destroy.unwrap()(none);
        assert!(face.get_extension.unwrap()(none, CLAP_EXT_STATE.as_ptr()).is_null());
        assert!(face.get_extension.unwrap()(raw.plugin, ptr::null()).is_null());
        assert_eq!(face.process.unwrap()(none, &Block::new(1).process), CLAP_PROCESS_ERROR);
    }
    check_alive(&raw);
}

#[test]
fn activation_with_rates_and_blocks_that_cannot_be_is_refused() {
    let raw = Raw::initialised(RawHost::with_state());
    let activate = raw.face().activate.unwrap();
    for (rate, max_frames) in [
        (0.0, 512),
        (-48_000.0, 512),
        (f64::NAN, 512),
        (f64::INFINITY, 512),
        (f64::NEG_INFINITY, 512),
        (1e300, 512),
        (48_000.0, 0),
        (48_000.0, u32::MAX),
    ] {
        // SAFETY: that is what is tried.
        assert!(!unsafe { activate(raw.plugin, rate, 1, max_frames) }, "{rate} {max_frames}");
    }
    for rate in [100.0, 1000.0, 44_100.0, 768_000.0] {
        // SAFETY: as CLAP has it.
        unsafe {
            assert!(activate(raw.plugin, rate, 1, 512), "{rate}");
            check_alive(&raw);
            raw.face().deactivate.unwrap()(raw.plugin);
        }
    }
}

#[test]
fn invalid_events_are_skipped_and_the_others_handled() {
    let raw = Raw::started(RawHost::without_functions());
    let mut block = Block::new(256);
    let on = note_on(3, 60);
    let small = clap_event_header { size: 16, ..on.header };
    let none = clap_event_header { size: 0, ..on.header };
    let foreign = clap_event_header { space_id: 77, type_: 3, ..on.header };
    let unknown = clap_event_header { type_: 999, ..on.header };
    let sysex = |buffer: *const u8, size| clap_event_midi_sysex {
        header: header::<clap_event_midi_sysex>(CLAP_EVENT_MIDI_SYSEX, 5),
        port_index: 0,
        buffer,
        size,
    };
    let bytes = [0xf0, 1, 2, 0xf7];
    let exclusive =
        [sysex(ptr::null(), 0), sysex(ptr::null(), 4), sysex(bytes.as_ptr(), 0), sysex(bytes.as_ptr(), 4)];
    let midi = [[0x90, 200, 255], [0xff; 3], [0; 3], [0xb0, 255, 255], [0xc0, 255, 0]].map(|data| {
        clap_event_midi { header: header::<clap_event_midi>(CLAP_EVENT_MIDI, 6), port_index: 9, data }
    });
    let odd = [(-7, 300, 300), (i32::MAX, i16::MAX, i16::MIN)]
        .map(|(note_id, channel, key)| clap_event_note { note_id, channel, key, velocity: f64::NAN, ..on });
    let late = [note_on(256, 61), note_on(u32::MAX, 62)];
    let mut events: Vec<*const clap_event_header> = vec![
        ptr::null(),
        &raw const small,
        &raw const none,
        &raw const foreign,
        &raw const unknown,
        &raw const on.header,
    ];
    events.extend(exclusive.iter().map(|event| &raw const event.header));
    events.extend(midi.iter().map(|event| &raw const event.header));
    events.extend(odd.iter().chain(&late).map(|event| &raw const event.header));
    block.play_events(&raw, events.clone());
    // The same between blocks, and lists that are none.
    let params: &clap_plugin_params = raw.extension(CLAP_EXT_PARAMS);
    let flush = params.flush.unwrap();
    let events = RawEvents(events);
    let (list, empty) = (events.list(), clap_input_events { ctx: ptr::null_mut(), size: None, get: None });
    let deaf = clap_output_events { ctx: ptr::null_mut(), try_push: None };
    for inputs in [&raw const list, &raw const empty, ptr::null()] {
        for outputs in [&raw const OUTBOX, &raw const deaf, ptr::null()] {
            // SAFETY: that is what is tried.
            unsafe { flush(raw.plugin, inputs, outputs) };
            (block.process.in_events, block.process.out_events) = (inputs, outputs);
            assert_ne!(block.play_on(&raw, 2), CLAP_PROCESS_ERROR);
        }
    }
    check_alive(&raw);
}

#[test]
fn time_that_changes_outside_the_block_or_backwards_is_no_reason_to_play_there() {
    let raw = Raw::started(RawHost::without_functions());
    let mut block = Block::new(256);
    let (on, early) = (note_on(100, 60), note_on(2, 61));
    for times in
        [&[256][..], &[1 << 20], &[u32::MAX], &[100, 50], &[100, 100, 256], &[255, 0, 300], &[10, 20, 30]]
    {
        let changes: Vec<clap_event_transport> = times.iter().map(|time| tempo(*time, 90.0)).collect();
        let mut events: Vec<*const clap_event_header> = vec![&raw const on.header];
        events.extend(changes.iter().map(|event| &raw const event.header));
        // Events that come too late in the list: they belong to a part of the block that was played.
        events.extend([&raw const early.header, &raw const on.header]);
        block.play_events(&raw, events);
    }
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e300] {
        let change = tempo(0, wrong);
        block.process.transport = &raw const change;
        assert_ne!(block.play_on(&raw, 2), CLAP_PROCESS_ERROR);
    }
    // Shorter than it says it is.
    let short = clap_event_header { size: 16, ..tempo(0, 120.0).header };
    block.process.transport = (&raw const short).cast();
    assert_ne!(block.play_on(&raw, 2), CLAP_PROCESS_ERROR);
    check_alive(&raw);
}

#[test]
fn parameters_and_ports_are_asked_for_nonsense() {
    let raw = Raw::started(RawHost::with_state());
    let params: &clap_plugin_params = raw.extension(CLAP_EXT_PARAMS);
    let notes: &clap_plugin_note_ports = raw.extension(CLAP_EXT_NOTE_PORTS);
    let sound: &clap_plugin_audio_ports = raw.extension(CLAP_EXT_AUDIO_PORTS);
    let pages: &clap_plugin_remote_controls = raw.extension(CLAP_EXT_REMOTE_CONTROLS);
    let swing = clap_id("swing").get();
    let mut text = [0; 64];
    let mut number = 0.0;
    // SAFETY: that is what is tried.
    unsafe {
        let mut info: clap_param_info = zeroed();
        let n = params.count.unwrap()(raw.plugin);
        assert_eq!(usize::try_from(n).unwrap(), crate::bundles::param_ids().len());
        assert!(params.get_info.unwrap()(raw.plugin, n - 1, &raw mut info));
        for idx in [n, n + 1, u32::MAX] {
            assert!(!params.get_info.unwrap()(raw.plugin, idx, &raw mut info), "{idx}");
        }
        assert!(!params.get_info.unwrap()(raw.plugin, 0, ptr::null_mut()));
        assert!(!params.get_value.unwrap()(raw.plugin, 0, &raw mut number));
        assert!(!params.get_value.unwrap()(raw.plugin, swing, ptr::null_mut()));
        let to_text = params.value_to_text.unwrap();
        for value in [f64::NAN, f64::INFINITY] {
            assert!(!to_text(raw.plugin, swing, value, text.as_mut_ptr(), 64));
        }
        assert!(!to_text(raw.plugin, swing, 0.5, ptr::null_mut(), 64));
        assert!(!to_text(raw.plugin, swing, 0.5, text.as_mut_ptr(), 0));
        for id in crate::bundles::param_ids() {
            for value in [-1e30, 1e30, 1e300] {
                to_text(raw.plugin, clap_id(id).get(), value, text.as_mut_ptr(), 1);
            }
        }
        let from_text = params.text_to_value.unwrap();
        assert!(!from_text(raw.plugin, swing, ptr::null(), &raw mut number));
        assert!(!from_text(raw.plugin, swing, c"50 %".as_ptr(), ptr::null_mut()));
        for is_input in [false, true] {
            assert!(!notes.get.unwrap()(raw.plugin, 0, is_input, ptr::null_mut()));
            assert!(!sound.get.unwrap()(raw.plugin, 0, is_input, ptr::null_mut()));
        }
        assert!(!pages.get.unwrap()(raw.plugin, 0, ptr::null_mut()));
        assert!(!pages.get.unwrap()(raw.plugin, u32::MAX, &mut zeroed()));
    }
    check_alive(&raw);
}

/// A stream that says it has done `n` bytes more than it was asked for.
unsafe extern "C" fn read_more(_: *const clap_istream, room: *mut c_void, n_bytes: u64) -> i64 {
    // SAFETY: there is room for so many.
    unsafe { room.cast::<u8>().write_bytes(0, usize::try_from(n_bytes).unwrap()) };
    i64::try_from(n_bytes).unwrap() + 1_000_000
}

unsafe extern "C" fn read_failing(_: *const clap_istream, _: *mut c_void, _: u64) -> i64 {
    i64::MIN
}

unsafe extern "C" fn write_more(_: *const clap_ostream, _: *const c_void, n_bytes: u64) -> i64 {
    i64::try_from(n_bytes).unwrap() + 1
}

#[test]
fn streams_that_lie_are_not_believed() {
    let raw = Raw::started(RawHost::with_state());
    let state: &clap_plugin_state = raw.extension(CLAP_EXT_STATE);
    let ctx = ptr::null_mut();
    // SAFETY: that is what is tried.
    unsafe {
        assert!(!state.load.unwrap()(raw.plugin, ptr::null()));
        assert!(!state.save.unwrap()(raw.plugin, ptr::null()));
        for read in [None, Some(read_more as _), Some(read_failing as _)] {
            assert!(!state.load.unwrap()(raw.plugin, &clap_istream { ctx, read }));
        }
        for write in [None, Some(write_more as _)] {
            assert!(!state.save.unwrap()(raw.plugin, &clap_ostream { ctx, write }));
        }
    }
    check_alive(&raw);
}

#[test]
fn a_window_in_a_host_that_knows_none() {
    let raw = Raw::started(RawHost::without_functions());
    let gui: &clap_plugin_gui = raw.extension(CLAP_EXT_GUI);
    let (mut width, mut height) = (0, 0);
    // SAFETY: that is what is tried.
    unsafe {
        for plugin in [raw.plugin, ptr::null()] {
            assert!(!gui.is_api_supported.unwrap()(plugin, ptr::null(), false));
            assert!(!gui.create.unwrap()(plugin, ptr::null(), false));
            assert!(!gui.create.unwrap()(plugin, c"another".as_ptr(), false));
            assert!(!gui.create.unwrap()(plugin, CLAP_WINDOW_API_X11.as_ptr(), true));
            assert!(!gui.set_parent.unwrap()(plugin, ptr::null()));
            assert!(!gui.get_size.unwrap()(plugin, ptr::null_mut(), ptr::null_mut()));
            assert!(!gui.adjust_size.unwrap()(plugin, ptr::null_mut(), ptr::null_mut()));
            assert!(!gui.adjust_size.unwrap()(plugin, &raw mut width, &raw mut height));
            assert!(!gui.get_resize_hints.unwrap()(plugin, ptr::null_mut()));
            assert!(!gui.get_preferred_api.unwrap()(plugin, ptr::null_mut(), ptr::null_mut()));
            for scale in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
                assert!(!gui.set_scale.unwrap()(plugin, scale));
            }
            for (width, height) in [(0, 0), (0, 600), (u32::MAX, 600)] {
                assert!(!gui.set_size.unwrap()(plugin, width, height));
            }
            assert!(!gui.show.unwrap()(plugin));
            assert!(!gui.hide.unwrap()(plugin));
            gui.destroy.unwrap()(plugin);
        }
        // There may be no screen; then it says so.
        let is_open = gui.create.unwrap()(raw.plugin, CLAP_WINDOW_API_X11.as_ptr(), false);
        assert!(!gui.create.unwrap()(raw.plugin, CLAP_WINDOW_API_X11.as_ptr(), false) || !is_open);
        gui.destroy.unwrap()(raw.plugin);
    }
    check_alive(&raw);
    // Before it was initialised.
    let raw = Raw::new(RawHost::with_state());
    let gui: &clap_plugin_gui = raw.extension(CLAP_EXT_GUI);
    // SAFETY: that is what is tried.
    assert!(!unsafe { gui.create.unwrap()(raw.plugin, CLAP_WINDOW_API_X11.as_ptr(), false) });
}
