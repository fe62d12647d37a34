//! A VST3 host is notified of unsaved changes while no window is open.

#![expect(unsafe_code, reason = "what is said to a library is not checked")]

use std::ffi::c_void;
use std::mem::zeroed;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use vst3::Steinberg::Vst::{
    AudioBusBuffers, IAudioProcessorTrait, IComponentTrait, IEditControllerTrait, IParamValueQueue,
    IParamValueQueueTrait, IParameterChanges, IParameterChangesTrait, ParamID, ParamValue, ProcessData,
};
use vst3::Steinberg::{IBStream, IBStreamTrait, int32, int64, kResultFalse, kResultOk, tresult};
use vst3::{Class, ComWrapper};

use crate::clap_host::clap_id;
use crate::host::HANG;
use crate::stored::{Stored, composed};
use crate::vst3_raw::{Handler, OldHandler, Raw, RunLoop};

/// A stream in memory.
#[derive(Default)]
struct Memory(Mutex<(Vec<u8>, usize)>);

impl Class for Memory {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Memory {
    unsafe fn read(&self, room: *mut c_void, n_asked: int32, n_done: *mut int32) -> tresult {
        let (bytes, place) = &mut *self.0.lock().unwrap();
        let n = usize::try_from(n_asked).unwrap().min(bytes.len() - *place);
        // SAFETY: there is room for as many as were asked for, and for a number.
        unsafe {
            room.cast::<u8>().copy_from(bytes[*place..].as_ptr(), n);
            n_done.write(i32::try_from(n).unwrap());
        }
        *place += n;
        kResultOk
    }

    unsafe fn write(&self, from: *mut c_void, n_asked: int32, n_done: *mut int32) -> tresult {
        let n = usize::try_from(n_asked).unwrap();
        // SAFETY: there are so many, and room for a number.
        unsafe {
            self.0.lock().unwrap().0.extend(std::slice::from_raw_parts(from.cast::<u8>(), n));
            n_done.write(n_asked);
        }
        kResultOk
    }

    unsafe fn seek(&self, place: int64, mode: int32, result: *mut int64) -> tresult {
        let (bytes, now) = &mut *self.0.lock().unwrap();
        let base = match mode {
            0 => 0,
            1 => i64::try_from(*now).unwrap(),
            _ => i64::try_from(bytes.len()).unwrap(),
        };
        *now = usize::try_from(base + place).unwrap();
        if !result.is_null() {
            // SAFETY: there is room for a number.
            unsafe { result.write(base + place) };
        }
        kResultOk
    }

    unsafe fn tell(&self, place: *mut int64) -> tresult {
        // SAFETY: there is room for a number.
        unsafe { place.write(i64::try_from(self.0.lock().unwrap().1).unwrap()) };
        kResultOk
    }
}

/// Loads `state`.
pub fn load(raw: &Raw, state: &Stored) {
    let stream = ComWrapper::new(Memory(Mutex::new((state.0.to_string().into_bytes(), 0))));
    // SAFETY: as VST3 has it.
    let result = unsafe { raw.component.setState(stream.as_com_ref::<IBStream>().unwrap().as_ptr()) };
    assert_eq!(result, kResultOk);
}

/// The state as a host would store it now.
fn save(raw: &Raw) -> Stored {
    let stream = ComWrapper::new(Memory::default());
    // SAFETY: as VST3 has it.
    let result = unsafe { raw.component.getState(stream.as_com_ref::<IBStream>().unwrap().as_ptr()) };
    assert_eq!(result, kResultOk);
    Stored(serde_json::from_slice(&stream.0.lock().unwrap().0).expect("a state is JSON"))
}

/// One parameter, at one value from the start of a block.
struct Change(ParamID, ParamValue);

impl Class for Change {
    type Interfaces = (IParameterChanges, IParamValueQueue);
}

impl IParameterChangesTrait for Change {
    unsafe fn getParameterCount(&self) -> int32 {
        1
    }

    unsafe fn getParameterData(&self, _idx: int32) -> *mut IParamValueQueue {
        std::ptr::null_mut()
    }

    unsafe fn addParameterData(&self, _id: *const ParamID, _idx: *mut int32) -> *mut IParamValueQueue {
        std::ptr::null_mut()
    }
}

impl IParamValueQueueTrait for Change {
    unsafe fn getParameterId(&self) -> ParamID {
        self.0
    }

    unsafe fn getPointCount(&self) -> int32 {
        1
    }

    unsafe fn getPoint(&self, _idx: int32, offset: *mut int32, value: *mut ParamValue) -> tresult {
        // SAFETY: there is room for both.
        unsafe {
            offset.write(0);
            value.write(self.1);
        }
        kResultOk
    }

    unsafe fn addPoint(&self, _offset: int32, _value: ParamValue, _idx: *mut int32) -> tresult {
        kResultFalse
    }
}

/// The changes of a block: what `Change` says.
struct Changes(ComWrapper<Change>);

impl Class for Changes {
    type Interfaces = (IParameterChanges,);
}

impl IParameterChangesTrait for Changes {
    unsafe fn getParameterCount(&self) -> int32 {
        1
    }

    unsafe fn getParameterData(&self, _idx: int32) -> *mut IParamValueQueue {
        self.0.as_com_ref::<IParamValueQueue>().unwrap().as_ptr()
    }

    unsafe fn addParameterData(&self, _id: *const ParamID, _idx: *mut int32) -> *mut IParamValueQueue {
        std::ptr::null_mut()
    }
}

/// Plays a block of 480 samples in which the parameter `id` is set to `value`.
fn play(raw: &Raw, id: &str, value: f64) {
    let mut sound = [[0.0_f32; 480]; 2];
    let [left, right] = &mut sound;
    let mut channels = [left.as_mut_ptr(), right.as_mut_ptr()];
    let changes = ComWrapper::new(Changes(ComWrapper::new(Change(clap_id(id).get(), value))));
    // SAFETY: numbers and pointers may all be zero; what is filled in is there for the block.
    unsafe {
        let mut bus: AudioBusBuffers = zeroed();
        bus.numChannels = 2;
        bus.__field0.channelBuffers32 = channels.as_mut_ptr();
        let mut data: ProcessData = zeroed();
        (data.numSamples, data.numOutputs, data.outputs) = (480, 1, &raw mut bus);
        data.inputParameterChanges = changes.as_com_ref::<IParameterChanges>().unwrap().as_ptr();
        assert_eq!(raw.processor.process(&raw mut data), kResultOk);
    }
    std::thread::sleep(Duration::from_millis(10));
}

/// Chooses the next take and plays until `is_notified`, with `on_main_thread` done between blocks as a host does it.
fn play_until(raw: &Raw, is_notified: impl Fn() -> bool, on_main_thread: impl Fn()) {
    let started = Instant::now();
    play(raw, "nexttake", 1.0);
    while !is_notified() {
        assert!(started.elapsed() < HANG, "the host is not notified");
        play(raw, "nexttake", 0.0);
        on_main_thread();
    }
}

/// Has the plugin asked for a value, as a host with a list of parameters does.
fn look(raw: &Raw) {
    // SAFETY: as VST3 has it.
    unsafe { raw.controller.getParamNormalized(clap_id("swing").get()) };
}

#[test]
fn a_host_that_reads_a_parameter_is_notified_of_each_change() {
    let handler = ComWrapper::new(Handler::default());
    let raw = Raw::initialised(None);
    raw.set_handler(&handler);
    load(&raw, &composed());
    raw.start();
    for _ in 0..20 {
        play(&raw, "swing", 0.0);
        look(&raw);
    }
    assert_eq!(handler.n_marks.load(Ordering::Acquire), 0, "loading is no change");
    // There are three takes, and the first is chosen.
    for n in 1..=2 {
        let chosen = save(&raw).project().takes.current_idx();
        play_until(&raw, || handler.n_marks.load(Ordering::Acquire) >= n, || look(&raw));
        assert_ne!(save(&raw).project().takes.current_idx(), chosen);
    }
    let n_marks = handler.n_marks.load(Ordering::Acquire);
    for _ in 0..20 {
        play(&raw, "nexttake", 0.0);
        look(&raw);
    }
    assert_eq!(handler.n_marks.load(Ordering::Acquire), n_marks, "once for each change");
    assert_eq!(handler.n_edits.load(Ordering::Acquire), 0);
}

#[test]
fn a_host_that_lends_out_its_loop_is_notified_there() {
    let (handler, host_loop) = (ComWrapper::new(Handler::default()), ComWrapper::new(RunLoop::default()));
    let raw = Raw::initialised(Some(&host_loop));
    raw.set_handler(&handler);
    load(&raw, &composed());
    raw.start();
    let run = || assert_eq!(host_loop.run(), 1);
    play_until(&raw, || handler.n_marks.load(Ordering::Acquire) > 0, run);
    drop(raw);
    assert_eq!(host_loop.run(), 0, "it leaves the loop");
}

#[test]
fn a_host_of_the_first_version_sees_a_parameter_move() {
    let handler = ComWrapper::new(OldHandler::default());
    let raw = Raw::initialised(None);
    raw.set_handler(&handler);
    load(&raw, &composed());
    raw.start();
    play_until(&raw, || handler.0.n_edits.load(Ordering::Acquire) > 0, || look(&raw));
}

#[test]
fn another_thread_than_the_main_one_tells_nothing() {
    let handler = ComWrapper::new(Handler::default());
    let raw = Raw::initialised(None);
    raw.set_handler(&handler);
    load(&raw, &composed());
    raw.start();
    play(&raw, "nexttake", 1.0);
    let started = Instant::now();
    let chosen = composed().project().takes.current_idx();
    // What a save shows is there; the host is notified after it, on its main thread.
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..50 {
                play(&raw, "nexttake", 0.0);
                look(&raw);
            }
        });
    });
    assert_eq!(handler.n_marks.load(Ordering::Acquire), 0, "that thread may not speak to the host");
    while save(&raw).project().takes.current_idx() == chosen {
        assert!(started.elapsed() < HANG);
        play(&raw, "nexttake", 0.0);
    }
    look(&raw);
    assert!(handler.n_marks.load(Ordering::Acquire) > 0);
}
