//! Invalid calls of a VST3 host: none crashes, and the next valid call works. Without the edge most of these would
//! crash this process.

#![expect(unsafe_code, reason = "what is said to a library is not checked")]

use std::ffi::c_void;
use std::mem::zeroed;
use std::ptr;

use vst3::Steinberg::Vst::{
    AudioBusBuffers, Event, IAudioProcessorTrait, IComponent, IComponentTrait, IEditControllerTrait,
    IEventList, IEventListTrait, IMidiMapping, IMidiMappingTrait, IUnitInfo, IUnitInfoTrait, ProcessData,
};
use vst3::Steinberg::{
    IBStream, IBStreamTrait, IPluginFactoryTrait, int32, int64, kInvalidArgument, kResultFalse, kResultOk,
    tresult,
};
use vst3::{Class, ComWrapper, Interface};

use crate::clap_host::clap_id;
use crate::vst3_raw::{CLASS, Raw, factory};

/// What is in a channel before.
const RUBBISH: f32 = 9.0;

/// A block of `n_samples` with nothing in it.
fn block(n_samples: i32) -> ProcessData {
    // SAFETY: numbers and pointers may all be zero.
    ProcessData { numSamples: n_samples, ..unsafe { zeroed() } }
}

/// Plays `data` on one bus of `n_channels`; what came of it, and what is in the channels.
fn play_on(raw: &Raw, data: &ProcessData, n_channels: usize) -> (tresult, Vec<Vec<f32>>) {
    let n_samples = usize::try_from(data.numSamples).unwrap_or(0);
    let mut channels = vec![vec![RUBBISH; n_samples]; n_channels];
    let mut pointers: Vec<*mut f32> = channels.iter_mut().map(|channel| channel.as_mut_ptr()).collect();
    // SAFETY: numbers and pointers may all be zero.
    let mut bus: AudioBusBuffers = unsafe { zeroed() };
    bus.numChannels = i32::try_from(n_channels).unwrap();
    bus.__field0.channelBuffers32 = pointers.as_mut_ptr();
    let data = ProcessData { numOutputs: 1, outputs: &raw mut bus, ..*data };
    (play(raw, &data), channels)
}

fn play(raw: &Raw, data: &ProcessData) -> tresult {
    // SAFETY: that is what is tried.
    unsafe { raw.processor.process(ptr::from_ref(data).cast_mut()) }
}

/// A plugin that is still of use.
fn check_alive(raw: &Raw) {
    let (result, channels) = play_on(raw, &block(256), 2);
    assert_eq!(result, kResultOk);
    assert!(channels.iter().flatten().all(|sample| sample.is_finite() && *sample != RUBBISH));
}

#[test]
fn a_factory_is_asked_for_nonsense() {
    let factory = factory();
    let mut object = ptr::null_mut::<c_void>();
    let (class, interface) = (CLASS.as_ptr().cast(), IComponent::IID.as_ptr().cast());
    // SAFETY: that is what is tried.
    unsafe {
        assert_eq!(factory.createInstance(ptr::null(), interface, &raw mut object), kInvalidArgument);
        assert_eq!(factory.createInstance(class, ptr::null(), &raw mut object), kInvalidArgument);
        assert_eq!(factory.createInstance(class, interface, ptr::null_mut()), kInvalidArgument);
        assert_ne!(factory.createInstance([7_u8; 16].as_ptr().cast(), interface, &raw mut object), kResultOk);
        assert_ne!(factory.createInstance(class, [7_u8; 16].as_ptr().cast(), &raw mut object), kResultOk);
        assert_eq!(factory.getFactoryInfo(ptr::null_mut()), kInvalidArgument);
        assert_eq!(factory.getClassInfo(0, ptr::null_mut()), kInvalidArgument);
        for idx in [-1, 1, i32::MAX, i32::MIN] {
            assert_eq!(factory.getClassInfo(idx, &mut zeroed()), kInvalidArgument);
        }
    }
    assert!(object.is_null());
}

#[test]
fn an_output_bus_of_any_width_is_played_into() {
    let raw = Raw::started();
    for n_channels in [0, 1, 2, 3, 8, 64] {
        let (result, channels) = play_on(&raw, &block(512), n_channels);
        assert_eq!(result, kResultOk, "{n_channels} channels");
        assert!(channels.iter().flatten().all(|sample| *sample != RUBBISH), "{n_channels} channels");
        assert!(channels.iter().skip(2).flatten().all(|sample| *sample == 0.0), "{n_channels} channels");
    }
    for (n_outputs, n_channels) in [(0, 2), (-3, 2), (1, -2), (1, 2), (i32::MAX, 2), (1, i32::MAX)] {
        // SAFETY: numbers and pointers may all be zero.
        let mut bus: AudioBusBuffers = unsafe { zeroed() };
        bus.numChannels = n_channels;
        for outputs in [ptr::null_mut(), &raw mut bus] {
            play(&raw, &ProcessData { numOutputs: n_outputs, outputs, ..block(64) });
        }
    }
    // Channels that are null, and one twice.
    for is_there in [[false, false], [true, false], [false, true], [true, true]] {
        let mut sound = [RUBBISH; 512];
        let mut pointers =
            is_there.map(|is_there| if is_there { sound.as_mut_ptr() } else { ptr::null_mut() });
        // SAFETY: numbers and pointers may all be zero.
        let mut bus: AudioBusBuffers = unsafe { zeroed() };
        bus.numChannels = 2;
        bus.__field0.channelBuffers32 = pointers.as_mut_ptr();
        assert_eq!(
            play(&raw, &ProcessData { numOutputs: 1, outputs: &raw mut bus, ..block(512) }),
            kResultOk
        );
    }
    check_alive(&raw);
}

#[test]
fn processing_too_early_or_too_late_gives_silence() {
    let is_silent = |raw: &Raw| {
        let (_, channels) = play_on(raw, &block(256), 2);
        channels.iter().flatten().all(|sample| *sample == 0.0)
    };
    let raw = Raw::new();
    assert!(is_silent(&raw));
    // SAFETY: that is what is tried.
    unsafe {
        raw.processor.setProcessing(1);
        assert!(is_silent(&raw));
        assert_ne!(raw.component.setActive(1), kResultOk);
        assert!(is_silent(&raw));
    }
    let raw = Raw::initialised(None);
    assert_eq!(raw.set_up(48_000.0, 512, 0), kResultOk);
    assert!(is_silent(&raw));
    // SAFETY: as VST3 has it, but for no start.
    unsafe {
        assert_eq!(raw.component.setActive(1), kResultOk);
        check_alive(&raw);
        assert_eq!(raw.component.setActive(1), kResultOk);
        check_alive(&raw);
        raw.component.setActive(0);
        assert!(is_silent(&raw));
        assert_eq!(raw.processor.process(ptr::null_mut()), kInvalidArgument);
    }
}

#[test]
fn blocks_of_odd_lengths_are_played_or_refused() {
    let raw = Raw::started();
    for n_samples in [0, 1, 513, 100_000] {
        let (result, channels) = play_on(&raw, &block(n_samples), 2);
        assert_eq!(result, kResultOk, "{n_samples} samples");
        assert!(channels.iter().flatten().all(|sample| *sample != RUBBISH), "{n_samples} samples");
    }
    for n_samples in [-1, i32::MIN] {
        assert_eq!(play_on(&raw, &block(n_samples), 2).0, kInvalidArgument, "{n_samples} samples");
    }
    // Doubles, of which we have said that we do not play in them.
    let mut sound = [f64::from(RUBBISH); 64];
    let mut pointers = [sound.as_mut_ptr()];
    // SAFETY: numbers and pointers may all be zero.
    let mut bus: AudioBusBuffers = unsafe { zeroed() };
    bus.numChannels = 1;
    bus.__field0.channelBuffers64 = pointers.as_mut_ptr();
    let data = ProcessData { symbolicSampleSize: 1, numOutputs: 1, outputs: &raw mut bus, ..block(64) };
    assert_ne!(play(&raw, &data), kResultOk);
    assert_eq!(sound, [0.0; 64]);
    check_alive(&raw);
}

#[test]
fn setups_that_cannot_be_are_refused() {
    let raw = Raw::initialised(None);
    for (rate, max_block, sample_size) in [
        (0.0, 512, 0),
        (-48_000.0, 512, 0),
        (f64::NAN, 512, 0),
        (f64::INFINITY, 512, 0),
        (48_000.0, 0, 0),
        (48_000.0, -512, 0),
        (48_000.0, i32::MAX, 0),
        (48_000.0, 512, 1),
    ] {
        assert_ne!(raw.set_up(rate, max_block, sample_size), kResultOk, "{rate} {max_block} {sample_size}");
        // SAFETY: that is what is tried.
        assert_ne!(unsafe { raw.component.setActive(1) }, kResultOk, "{rate} {max_block} {sample_size}");
    }
    // SAFETY: that is what is tried.
    assert_ne!(unsafe { raw.processor.setupProcessing(ptr::null_mut()) }, kResultOk);
    raw.start();
    check_alive(&raw);
}

#[test]
fn busses_are_arranged_in_odd_ways() {
    let raw = Raw::initialised(None);
    let mut stereo = 3;
    let mut many = [3_u64; 4];
    let (none, one) = (ptr::null_mut(), &raw mut stereo);
    // SAFETY: that is what is tried.
    unsafe {
        let arrange = |inputs, n_inputs, outputs, n_outputs| {
            raw.processor.setBusArrangements(inputs, n_inputs, outputs, n_outputs)
        };
        // No input is what we have; some hosts give null for it.
        assert_eq!(arrange(none, 0, one, 1), kResultOk);
        assert_eq!(arrange(one, 0, one, 1), kResultOk);
        for (inputs, n_inputs, outputs, n_outputs) in [
            (none, 1, one, 1),
            (none, 0, none, 1),
            (none, 0, none, 0),
            (none, -1, one, 1),
            (one, 1, one, 1),
            (none, 0, one, -1),
            (none, 0, one, i32::MAX),
            (none, 0, many.as_mut_ptr(), 4),
            (none, i32::MIN, none, i32::MIN),
        ] {
            assert_ne!(arrange(inputs, n_inputs, outputs, n_outputs), kResultOk, "{n_inputs} {n_outputs}");
        }
        for (direction, idx) in [(0, 0), (1, 1), (1, -1), (1, i32::MIN), (7, 0), (1, i32::MAX)] {
            assert_ne!(raw.processor.getBusArrangement(direction, idx, one), kResultOk, "{direction} {idx}");
            for media in [0, 7] {
                assert_ne!(raw.component.getBusInfo(media, direction, idx, &mut zeroed()), kResultOk);
            }
        }
        assert_ne!(raw.processor.getBusArrangement(1, 0, ptr::null_mut()), kResultOk);
        assert_ne!(raw.component.getBusInfo(0, 1, 0, ptr::null_mut()), kResultOk);
        assert_ne!(raw.component.getRoutingInfo(ptr::null_mut(), ptr::null_mut()), kResultOk);
        assert_eq!(raw.component.getBusCount(9, 9), 0);
    }
    raw.start();
    check_alive(&raw);
}

/// A list of events that is not what it says.
struct Events {
    events: Vec<Event>,
    n_said: int32,
}

impl Class for Events {
    type Interfaces = (IEventList,);
}

impl IEventListTrait for Events {
    unsafe fn getEventCount(&self) -> int32 {
        self.n_said
    }

    unsafe fn getEvent(&self, idx: int32, event: *mut Event) -> tresult {
        let found = usize::try_from(idx).ok().and_then(|idx| self.events.get(idx));
        let Some(found) = found else { return kResultFalse };
        // SAFETY: the plugin has room for an event.
        unsafe { event.write(*found) };
        kResultOk
    }

    unsafe fn addEvent(&self, _event: *mut Event) -> tresult {
        kResultFalse
    }
}

#[test]
fn events_that_are_none_are_left_out() {
    let raw = Raw::started();
    // SAFETY: numbers and pointers may all be zero.
    let nothing: Event = unsafe { zeroed() };
    let on = |velocity: f32, offset: i32, pitch: i16| {
        let mut event = Event { sampleOffset: offset, ..nothing };
        event.__field0.noteOn.velocity = velocity;
        event.__field0.noteOn.pitch = pitch;
        event
    };
    let exclusive = |bytes: *const u8, size: u32| {
        let mut event = Event { r#type: 2, ..nothing };
        event.__field0.data = vst3::Steinberg::Vst::DataEvent { size, r#type: 0, bytes };
        event
    };
    let bytes = [0xf0, 1, 2, 0xf7];
    let events = vec![
        on(0.8, 0, 60),
        on(f32::NAN, -5, -1),
        on(0.8, i32::MAX, i16::MAX),
        on(0.8, i32::MIN, 128),
        exclusive(ptr::null(), 0),
        exclusive(ptr::null(), 4),
        exclusive(bytes.as_ptr(), 4),
        Event { r#type: 999, ..nothing },
    ];
    for n_said in [8, 20, 0, -1] {
        let list = ComWrapper::new(Events { events: events.clone(), n_said });
        let inputs = list.as_com_ref::<IEventList>().unwrap().as_ptr();
        let (result, _) = play_on(&raw, &ProcessData { inputEvents: inputs, ..block(64) }, 2);
        assert_eq!(result, kResultOk, "{n_said}");
        play(&raw, &ProcessData { inputEvents: inputs, ..block(0) });
    }
    check_alive(&raw);
}

/// A stream that lies.
struct Liar {
    /// How far it says it goes.
    length: int64,
    /// How much it says it has done of what it was asked for.
    n_done: fn(int32) -> int32,
}

impl Class for Liar {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Liar {
    unsafe fn read(&self, _room: *mut c_void, n_asked: int32, n_done: *mut int32) -> tresult {
        if !n_done.is_null() {
            // SAFETY: there is room for a number.
            unsafe { n_done.write((self.n_done)(n_asked)) };
        }
        kResultOk
    }

    unsafe fn write(&self, _bytes: *mut c_void, n_asked: int32, n_done: *mut int32) -> tresult {
        // SAFETY: the same for both.
        unsafe { self.read(ptr::null_mut(), n_asked, n_done) };
        kResultFalse
    }

    unsafe fn seek(&self, _place: int64, _mode: int32, _result: *mut int64) -> tresult {
        kResultOk
    }

    unsafe fn tell(&self, place: *mut int64) -> tresult {
        // SAFETY: there is room for a number.
        unsafe { place.write(-self.length) };
        kResultOk
    }
}

#[test]
fn streams_that_lie_are_not_believed() {
    let raw = Raw::started();
    // SAFETY: that is what is tried.
    unsafe {
        assert_ne!(raw.component.setState(ptr::null_mut()), kResultOk);
        assert_ne!(raw.component.getState(ptr::null_mut()), kResultOk);
    }
    let lies: [fn(int32) -> int32; 4] = [|_| -1, |_| i32::MAX, |n| n + 1000, |_| 0];
    for length in [0, 100, -1, i64::MAX, i64::MIN + 1, 1 << 31] {
        for n_done in lies {
            let stream = ComWrapper::new(Liar { length, n_done });
            let stream = stream.as_com_ref::<IBStream>().unwrap().as_ptr();
            // SAFETY: that is what is tried.
            unsafe {
                assert_ne!(raw.component.setState(stream), kResultOk, "{length}");
                assert_ne!(raw.component.getState(stream), kResultOk, "what is not written is not stored");
            }
        }
    }
    check_alive(&raw);
}

#[test]
fn parameters_are_asked_for_nonsense() {
    let raw = Raw::started();
    let mapping = raw.component.cast::<IMidiMapping>().unwrap();
    let units = raw.component.cast::<IUnitInfo>().unwrap();
    let mut text = [0; 128];
    let mut number = 0.0;
    let mut id = 0;
    // SAFETY: that is what is tried.
    unsafe {
        let n = raw.controller.getParameterCount();
        assert_eq!(raw.controller.getParameterInfo(n - 1, &mut zeroed()), kResultOk);
        for idx in [n, n + 1, -1, i32::MIN, i32::MAX] {
            assert_ne!(raw.controller.getParameterInfo(idx, &mut zeroed()), kResultOk, "{idx}");
            assert_ne!(units.getUnitInfo(idx, &mut zeroed()), kResultOk, "{idx}");
        }
        assert_ne!(raw.controller.getParameterInfo(0, ptr::null_mut()), kResultOk);
        for name in crate::bundles::param_ids() {
            let id = clap_id(name).get();
            for value in [f64::NAN, f64::INFINITY, -1e30, 1e30, 1e300] {
                raw.controller.getParamStringByValue(id, value, &raw mut text);
                raw.controller.normalizedParamToPlain(id, value);
                raw.controller.plainParamToNormalized(id, value);
                raw.controller.setParamNormalized(id, value);
            }
            assert_ne!(raw.controller.getParamStringByValue(id, 0.5, ptr::null_mut()), kResultOk);
            assert_ne!(raw.controller.getParamValueByString(id, ptr::null_mut(), &raw mut number), kResultOk);
        }
        raw.controller.getParamNormalized(u32::MAX);
        for (bus, channel, controller) in
            [(0, -1, 1), (0, 16, 1), (1, 0, 1), (0, 0, -1), (0, 0, i16::MAX), (-1, 0, 1)]
        {
            assert_ne!(mapping.getMidiControllerAssignment(bus, channel, controller, &raw mut id), kResultOk);
        }
        assert_ne!(mapping.getMidiControllerAssignment(0, 0, 1, ptr::null_mut()), kResultOk);
        raw.controller.setComponentHandler(ptr::null_mut());
    }
    check_alive(&raw);
}
