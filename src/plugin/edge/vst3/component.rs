//! A wrapper around a plugin of the framework, which a VST3 host gets in its place.
//!
//! Panics of the framework are caught here and returned as errors.

use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nice_plug::wrapper::vst3::Wrapper;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::ChannelContext::{IInfoListener, IInfoListenerTrait};
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    AudioBusBuffers, BusDirection, BusInfo, CString, CtrlNumber, IAttributeList, IAudioProcessor,
    IAudioProcessorTrait, IComponent, IComponentHandler, IComponentTrait, IEditController,
    IEditControllerTrait, IEventList, IMidiMapping, IMidiMappingTrait, INoteExpressionController,
    INoteExpressionControllerTrait, IProcessContextRequirements, IProcessContextRequirementsTrait, IUnitInfo,
    IUnitInfoTrait, IoMode, MediaType, NoteExpressionTypeID, NoteExpressionTypeInfo, NoteExpressionValue,
    ParamID, ParamValue, ParameterInfo, ProcessData, ProcessSetup, ProgramListID, ProgramListInfo,
    RoutingInfo, SpeakerArrangement, String128, TChar, UnitID, UnitInfo, kRootUnitId,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    FIDString, FUnknown, IBStream, IPlugView, IPluginBaseTrait, TBool, TUID, int16, int32, kInternalError,
    kInvalidArgument, kNotInitialized, kResultFalse, kResultOk, tresult, uint32,
};
use nice_plug::wrapper::vst3::vst3::{Class, ComRef, ComWrapper};

use super::super::link::{self, Link};
use super::super::outlets::{Outlets, silence_all};
use super::super::sane;
use super::caught::caught;
use super::controllers::{N_CHANNELS, N_CONTROLLERS};
use super::events::Events;
use super::notifier::{Notifier, Place};
use super::stream::Stream;
use crate::plugin::{Descant, user};

/// The symbolic size of a sample of single precision; double precision is 1.
const SINGLE: int32 = 0;

/// More busses than any host has; a larger number is invalid.
const MAX_BUSSES: int32 = 256;

/// A wrapper around one plugin of the framework.
pub struct Component {
    inner: Wrapper<Descant>,
    link: Arc<Link>,
    notifier: Arc<Notifier>,
    /// The timer in the host's event loop.
    place: Mutex<Option<Place>>,
    events: ComWrapper<Events>,
    /// The longest block that was set up, in samples; 0 before the setup.
    max_block: AtomicI32,
    is_active: AtomicBool,
    /// Locked while a block is processed.
    outlets: Mutex<Outlets>,
}

impl Class for Component {
    type Interfaces = (
        IComponent,
        IEditController,
        IAudioProcessor,
        IMidiMapping,
        INoteExpressionController,
        IProcessContextRequirements,
        IUnitInfo,
        IInfoListener,
    );
}

impl Component {
    /// A new plugin.
    pub fn create() -> Option<ComWrapper<Self>> {
        let (inner, link) = link::born(Wrapper::<Descant>::new)?;
        link.params.bindings.0.list_all(user::lists_all_controllers());
        let notifier = Arc::new(Notifier::new(Arc::clone(&link.params)));
        link.set_notifier({
            let notifier = Arc::clone(&notifier);
            Box::new(move || notifier.notify())
        });
        Some(ComWrapper::new(Self {
            inner,
            link,
            notifier,
            place: Mutex::default(),
            events: ComWrapper::new(Events::default()),
            max_block: AtomicI32::new(0),
            is_active: AtomicBool::new(false),
            outlets: Mutex::new(Outlets::new(0)),
        }))
    }

    /// The result of `call`, or an error if it panics. Then notifies the host of changes. Main thread only.
    fn on_main_thread(&self, call: impl FnOnce() -> tresult) -> tresult {
        let result = caught(call);
        caught(|| self.notifier.notify());
        result.unwrap_or(kInternalError)
    }

    /// The framework's own parameters, without controllers.
    fn n_own_params(&self) -> u32 {
        // SAFETY: it takes nothing.
        let n = unsafe { self.inner.getParameterCount() };
        u32::try_from(n).unwrap_or(0).saturating_sub(N_CHANNELS * N_CONTROLLERS)
    }

    /// Waits until no block is processed.
    fn outlets(&self) -> MutexGuard<'_, Outlets> {
        self.outlets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// *Real-time:* wait-free, no allocation.
    fn play(&self, given: &ProcessData) -> tresult {
        let max_block = self.max_block.load(Ordering::Acquire);
        if max_block == 0 || given.symbolicSampleSize != SINGLE {
            return kNotInitialized;
        }
        let Ok(mut outlets) = self.outlets.try_lock() else { return kResultFalse };
        let Ok(n_samples) = usize::try_from(given.numSamples) else { return kInvalidArgument };
        let mut block = ProcessData { numInputs: 0, inputs: ptr::null_mut(), ..*given };
        let mut output = None;
        match busses(given) {
            // Nothing is played, but parameters are set; so hosts do it between blocks.
            [] => (block.numOutputs, block.outputs) = (0, ptr::null_mut()),
            [main, others @ ..] => {
                // SAFETY: every bus has channels of single precision, as it was looked at.
                let channels = unsafe { main.__field0.channelBuffers32 };
                let n_channels = usize::try_from(main.numChannels).unwrap_or(0);
                silence(others, given);
                if channels.is_null() || n_channels == 0 {
                    (block.numOutputs, block.outputs) = (0, ptr::null_mut());
                } else {
                    // SAFETY: a host gives as many channels as it says, or null, and as many samples as the block has.
                    let connected = unsafe { outlets.connect(channels, n_channels, n_samples) };
                    let Some(connected) = connected else { return kInvalidArgument };
                    let mut bus = AudioBusBuffers { numChannels: 2, ..*main };
                    bus.__field0.channelBuffers32 = connected.as_mut_ptr();
                    block.numOutputs = 1;
                    block.outputs = ptr::from_mut(output.insert(bus));
                }
            }
        }
        if !self.is_active.load(Ordering::Acquire) {
            // There is nothing to play with.
            silence(busses(given), given);
            (block.numSamples, block.numOutputs, block.outputs) = (0, 0, ptr::null_mut());
        }
        if !given.inputEvents.is_null()
            && let Some(events) = self.events.as_com_ref::<IEventList>()
        {
            self.events.set(given.inputEvents, given.numSamples);
            block.inputEvents = events.as_ptr();
        }
        // SAFETY: all that the block points to was looked at.
        let result = caught(|| unsafe { self.inner.process(&raw mut block) });
        self.events.set(ptr::null_mut(), 0);
        result.unwrap_or(kInternalError)
    }
}

impl Drop for Component {
    fn drop(&mut self) {
        // From here on the host is not called any more.
        self.link.close();
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.notifier.set_handler(None);
    }
}

/// The output busses of a block.
fn busses(given: &ProcessData) -> &[AudioBusBuffers] {
    let (first, n_busses) = (given.outputs, given.numOutputs);
    let is_there = !first.is_null() && first.is_aligned() && (1..=MAX_BUSSES).contains(&n_busses);
    match usize::try_from(n_busses) {
        // SAFETY: a host gives as many as it says; what is null or misaligned was seen to.
        Ok(n_busses) if is_there => unsafe { std::slice::from_raw_parts(first, n_busses) },
        _ => &[],
    }
}

/// Writes silence to all channels of `busses`.
fn silence(busses: &[AudioBusBuffers], given: &ProcessData) {
    let n_samples = usize::try_from(given.numSamples).unwrap_or(0);
    for bus in busses {
        let n_channels = usize::try_from(bus.numChannels).unwrap_or(0);
        // SAFETY: a host gives as many channels as it says, or null, and as many samples, of the precision that it says.
        unsafe {
            if given.symbolicSampleSize == SINGLE {
                silence_all(bus.__field0.channelBuffers32, n_channels, n_samples);
            } else {
                silence_all(bus.__field0.channelBuffers64, n_channels, n_samples);
            }
        }
    }
}

impl IPluginBaseTrait for Component {
    unsafe fn initialize(&self, context: *mut FUnknown) -> tresult {
        self.notifier.is_on_main_thread();
        let take = || {
            // SAFETY: a host gives an object of its own, or null.
            let place = unsafe { Place::take(context, &self.notifier) };
            *self.place.lock().unwrap_or_else(PoisonError::into_inner) = place;
            // SAFETY: as above.
            unsafe { self.inner.initialize(context) }
        };
        caught(take).unwrap_or(kInternalError)
    }

    unsafe fn terminate(&self) -> tresult {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = None;
        // SAFETY: it takes nothing.
        caught(|| unsafe { self.inner.terminate() }).unwrap_or(kInternalError)
    }
}

impl IComponentTrait for Component {
    unsafe fn getControllerClassId(&self, id: *mut TUID) -> tresult {
        // SAFETY: handed on as it came.
        unsafe { self.inner.getControllerClassId(id) }
    }

    unsafe fn setIoMode(&self, mode: IoMode) -> tresult {
        // SAFETY: handed on as it came.
        unsafe { self.inner.setIoMode(mode) }
    }

    unsafe fn getBusCount(&self, media: MediaType, direction: BusDirection) -> int32 {
        // SAFETY: handed on as it came.
        caught(|| unsafe { self.inner.getBusCount(media, direction) }).unwrap_or(0)
    }

    unsafe fn getBusInfo(
        &self,
        media: MediaType,
        direction: BusDirection,
        idx: int32,
        info: *mut BusInfo,
    ) -> tresult {
        if idx < 0 {
            return kInvalidArgument;
        }
        // SAFETY: null is looked for behind it.
        caught(|| unsafe { self.inner.getBusInfo(media, direction, idx, info) }).unwrap_or(kInternalError)
    }

    unsafe fn getRoutingInfo(&self, input: *mut RoutingInfo, output: *mut RoutingInfo) -> tresult {
        // SAFETY: null is looked for behind it.
        caught(|| unsafe { self.inner.getRoutingInfo(input, output) }).unwrap_or(kInternalError)
    }

    unsafe fn activateBus(
        &self,
        media: MediaType,
        direction: BusDirection,
        idx: int32,
        state: TBool,
    ) -> tresult {
        // SAFETY: handed on as it came.
        caught(|| unsafe { self.inner.activateBus(media, direction, idx, state) }).unwrap_or(kInternalError)
    }

    unsafe fn setActive(&self, state: TBool) -> tresult {
        if state == 0 {
            self.is_active.store(false, Ordering::Release);
            drop(self.outlets());
            // SAFETY: handed on as it came.
            return self.on_main_thread(|| unsafe { self.inner.setActive(state) });
        }
        let max_block = u32::try_from(self.max_block.load(Ordering::Acquire)).unwrap_or(0);
        if max_block == 0 {
            return kResultFalse;
        }
        *self.outlets() = Outlets::new(max_block);
        // SAFETY: handed on as it came.
        let result = self.on_main_thread(|| unsafe { self.inner.setActive(state) });
        self.is_active.store(result == kResultOk, Ordering::Release);
        result
    }

    unsafe fn setState(&self, stream: *mut IBStream) -> tresult {
        // SAFETY: a host gives a stream, or null.
        let Some(stream) = (unsafe { Stream::new(stream) }) else { return kInvalidArgument };
        let Some(front) = stream.as_com_ref::<IBStream>() else { return kInternalError };
        // SAFETY: the stream is there, and says what is so.
        self.on_main_thread(|| unsafe { IComponentTrait::setState(&self.inner, front.as_ptr()) })
    }

    unsafe fn getState(&self, stream: *mut IBStream) -> tresult {
        // SAFETY: a host gives a stream, or null.
        let Some(stream) = (unsafe { Stream::new(stream) }) else { return kInvalidArgument };
        let Some(front) = stream.as_com_ref::<IBStream>() else { return kInternalError };
        // SAFETY: the stream is there, and says what is so.
        let result =
            self.on_main_thread(|| unsafe { IComponentTrait::getState(&self.inner, front.as_ptr()) });
        if stream.has_failed() { kResultFalse } else { result }
    }
}

impl IEditControllerTrait for Component {
    unsafe fn setComponentState(&self, stream: *mut IBStream) -> tresult {
        // SAFETY: it is not looked at.
        self.on_main_thread(|| unsafe { self.inner.setComponentState(stream) })
    }

    unsafe fn setState(&self, stream: *mut IBStream) -> tresult {
        // SAFETY: it is not looked at.
        self.on_main_thread(|| unsafe { IEditControllerTrait::setState(&self.inner, stream) })
    }

    unsafe fn getState(&self, stream: *mut IBStream) -> tresult {
        // SAFETY: it is not looked at.
        self.on_main_thread(|| unsafe { IEditControllerTrait::getState(&self.inner, stream) })
    }

    unsafe fn getParameterCount(&self) -> int32 {
        self.notifier.was_asked.store(true, Ordering::Release);
        let n_params = self.n_own_params() + self.notifier.controllers.n_params();
        int32::try_from(n_params).unwrap_or(0)
    }

    unsafe fn getParameterInfo(&self, idx: int32, info: *mut ParameterInfo) -> tresult {
        let Ok(idx) = u32::try_from(idx) else { return kInvalidArgument };
        let n_own = self.n_own_params();
        let place = match idx.checked_sub(n_own) {
            None => Some(idx),
            Some(idx) => self.notifier.controllers.place(idx).map(|place| n_own + place),
        };
        let Some(place) = place.and_then(|place| int32::try_from(place).ok()) else {
            return kInvalidArgument;
        };
        // SAFETY: the place is one; null is looked for behind it.
        caught(|| unsafe { self.inner.getParameterInfo(place, info) }).unwrap_or(kInternalError)
    }

    unsafe fn getParamStringByValue(
        &self,
        id: ParamID,
        value: ParamValue,
        string: *mut String128,
    ) -> tresult {
        if !value.is_finite() {
            return kInvalidArgument;
        }
        // SAFETY: null is looked for behind it.
        self.on_main_thread(|| unsafe { self.inner.getParamStringByValue(id, value, string) })
    }

    unsafe fn getParamValueByString(
        &self,
        id: ParamID,
        string: *mut TChar,
        value: *mut ParamValue,
    ) -> tresult {
        // SAFETY: null is looked for behind it.
        self.on_main_thread(|| unsafe { self.inner.getParamValueByString(id, string, value) })
    }

    unsafe fn normalizedParamToPlain(&self, id: ParamID, value: ParamValue) -> ParamValue {
        // SAFETY: handed on as it came.
        caught(|| unsafe { self.inner.normalizedParamToPlain(id, value) }).unwrap_or(value)
    }

    unsafe fn plainParamToNormalized(&self, id: ParamID, value: ParamValue) -> ParamValue {
        // SAFETY: handed on as it came.
        caught(|| unsafe { self.inner.plainParamToNormalized(id, value) }).unwrap_or(value)
    }

    unsafe fn getParamNormalized(&self, id: ParamID) -> ParamValue {
        caught(|| self.notifier.notify());
        // SAFETY: handed on as it came.
        caught(|| unsafe { self.inner.getParamNormalized(id) }).unwrap_or(0.0)
    }

    unsafe fn setParamNormalized(&self, id: ParamID, value: ParamValue) -> tresult {
        // SAFETY: handed on as it came.
        self.on_main_thread(|| unsafe { self.inner.setParamNormalized(id, value) })
    }

    unsafe fn setComponentHandler(&self, handler: *mut IComponentHandler) -> tresult {
        // SAFETY: a host gives a handler, or null.
        self.notifier.set_handler(unsafe { ComRef::from_raw(handler) }.map(|handler| handler.to_com_ptr()));
        // SAFETY: as above.
        self.on_main_thread(|| unsafe { self.inner.setComponentHandler(handler) })
    }

    unsafe fn createView(&self, name: FIDString) -> *mut IPlugView {
        // SAFETY: it is not looked at.
        caught(|| unsafe { self.inner.createView(name) }).unwrap_or(ptr::null_mut())
    }
}

impl IAudioProcessorTrait for Component {
    /// Hosts pass null where there is no bus.
    unsafe fn setBusArrangements(
        &self,
        inputs: *mut SpeakerArrangement,
        n_inputs: int32,
        outputs: *mut SpeakerArrangement,
        n_outputs: int32,
    ) -> tresult {
        let mut none: SpeakerArrangement = 0;
        let there = |given: *mut SpeakerArrangement, n: int32| match n {
            0 => Some(ptr::null_mut()),
            1..=MAX_BUSSES if !given.is_null() => Some(given),
            _ => None,
        };
        let (Some(inputs), Some(outputs)) = (there(inputs, n_inputs), there(outputs, n_outputs)) else {
            return kInvalidArgument;
        };
        let none = &raw mut none;
        let [inputs, outputs] = [inputs, outputs].map(|given| if given.is_null() { none } else { given });
        // SAFETY: there are as many as it says, or one that nobody has.
        let call = || unsafe { self.inner.setBusArrangements(inputs, n_inputs, outputs, n_outputs) };
        caught(call).unwrap_or(kInternalError)
    }

    unsafe fn getBusArrangement(
        &self,
        direction: BusDirection,
        idx: int32,
        found: *mut SpeakerArrangement,
    ) -> tresult {
        if idx < 0 {
            return kInvalidArgument;
        }
        // SAFETY: null is looked for behind it.
        caught(|| unsafe { self.inner.getBusArrangement(direction, idx, found) }).unwrap_or(kInternalError)
    }

    unsafe fn canProcessSampleSize(&self, size: int32) -> tresult {
        // SAFETY: handed on as it came.
        unsafe { self.inner.canProcessSampleSize(size) }
    }

    unsafe fn getLatencySamples(&self) -> uint32 {
        // SAFETY: it takes nothing.
        unsafe { self.inner.getLatencySamples() }
    }

    unsafe fn setupProcessing(&self, setup: *mut ProcessSetup) -> tresult {
        if setup.is_null() || !setup.is_aligned() {
            return kInvalidArgument;
        }
        // SAFETY: what is null or misaligned was seen to.
        let given = unsafe { *setup };
        let max_block = u32::try_from(given.maxSamplesPerBlock).unwrap_or(0);
        if !sane::is_setup(given.sampleRate, max_block) || given.symbolicSampleSize != SINGLE {
            return kResultFalse;
        }
        // SAFETY: it was looked at.
        let result = caught(|| unsafe { self.inner.setupProcessing(setup) }).unwrap_or(kInternalError);
        if result == kResultOk {
            self.max_block.store(given.maxSamplesPerBlock, Ordering::Release);
        }
        result
    }

    unsafe fn setProcessing(&self, state: TBool) -> tresult {
        // SAFETY: handed on as it came.
        caught(|| unsafe { self.inner.setProcessing(state) }).unwrap_or(kInternalError)
    }

    /// *Real-time:* wait-free, no allocation.
    unsafe fn process(&self, data: *mut ProcessData) -> tresult {
        if data.is_null() || !data.is_aligned() {
            return kInvalidArgument;
        }
        // SAFETY: what is null or misaligned was seen to.
        let given = unsafe { &*data };
        let result = self.play(given);
        if result != kResultOk {
            silence(busses(given), given);
        }
        result
    }

    unsafe fn getTailSamples(&self) -> uint32 {
        // SAFETY: it takes nothing.
        unsafe { self.inner.getTailSamples() }
    }
}

impl IMidiMappingTrait for Component {
    unsafe fn getMidiControllerAssignment(
        &self,
        bus_idx: int32,
        channel: int16,
        controller: CtrlNumber,
        id: *mut ParamID,
    ) -> tresult {
        let is_listed =
            u32::try_from(controller).is_ok_and(|controller| self.notifier.controllers.lists(controller));
        if !is_listed {
            return kResultFalse;
        }
        // SAFETY: null is looked for behind it.
        unsafe { self.inner.getMidiControllerAssignment(bus_idx, channel, controller, id) }
    }
}

impl INoteExpressionControllerTrait for Component {
    unsafe fn getNoteExpressionCount(&self, bus_idx: int32, channel: int16) -> int32 {
        // SAFETY: handed on as it came.
        unsafe { self.inner.getNoteExpressionCount(bus_idx, channel) }
    }

    unsafe fn getNoteExpressionInfo(
        &self,
        bus_idx: int32,
        channel: int16,
        idx: int32,
        info: *mut NoteExpressionTypeInfo,
    ) -> tresult {
        // SAFETY: null is looked for behind it.
        let call = || unsafe { self.inner.getNoteExpressionInfo(bus_idx, channel, idx, info) };
        caught(call).unwrap_or(kInternalError)
    }

    unsafe fn getNoteExpressionStringByValue(
        &self,
        bus_idx: int32,
        channel: int16,
        id: NoteExpressionTypeID,
        value: NoteExpressionValue,
        string: *mut String128,
    ) -> tresult {
        // SAFETY: it is not looked at.
        unsafe { self.inner.getNoteExpressionStringByValue(bus_idx, channel, id, value, string) }
    }

    unsafe fn getNoteExpressionValueByString(
        &self,
        bus_idx: int32,
        channel: int16,
        id: NoteExpressionTypeID,
        string: *const TChar,
        value: *mut NoteExpressionValue,
    ) -> tresult {
        // SAFETY: it is not looked at.
        unsafe { self.inner.getNoteExpressionValueByString(bus_idx, channel, id, string, value) }
    }
}

impl IProcessContextRequirementsTrait for Component {
    unsafe fn getProcessContextRequirements(&self) -> uint32 {
        // SAFETY: it takes nothing.
        unsafe { self.inner.getProcessContextRequirements() }
    }
}

impl IUnitInfoTrait for Component {
    unsafe fn getUnitCount(&self) -> int32 {
        // SAFETY: it takes nothing.
        unsafe { self.inner.getUnitCount() }
    }

    unsafe fn getUnitInfo(&self, idx: int32, info: *mut UnitInfo) -> tresult {
        if idx < 0 {
            return kInvalidArgument;
        }
        // SAFETY: null is looked for behind it.
        caught(|| unsafe { self.inner.getUnitInfo(idx, info) }).unwrap_or(kInternalError)
    }

    unsafe fn getProgramListCount(&self) -> int32 {
        0
    }

    unsafe fn getProgramListInfo(&self, _idx: int32, _info: *mut ProgramListInfo) -> tresult {
        kInvalidArgument
    }

    unsafe fn getProgramName(&self, _list: ProgramListID, _idx: int32, _name: *mut String128) -> tresult {
        kInvalidArgument
    }

    unsafe fn getProgramInfo(
        &self,
        _list: ProgramListID,
        _idx: int32,
        _attribute: CString,
        _value: *mut String128,
    ) -> tresult {
        kInvalidArgument
    }

    unsafe fn hasProgramPitchNames(&self, _list: ProgramListID, _idx: int32) -> tresult {
        kInvalidArgument
    }

    unsafe fn getProgramPitchName(
        &self,
        _list: ProgramListID,
        _idx: int32,
        _pitch: int16,
        _name: *mut String128,
    ) -> tresult {
        kInvalidArgument
    }

    unsafe fn getSelectedUnit(&self) -> UnitID {
        kRootUnitId
    }

    unsafe fn selectUnit(&self, _id: UnitID) -> tresult {
        kResultFalse
    }

    unsafe fn getUnitByBus(
        &self,
        _media: MediaType,
        _direction: BusDirection,
        _bus_idx: int32,
        _channel: int32,
        _id: *mut UnitID,
    ) -> tresult {
        kResultFalse
    }

    unsafe fn setUnitProgramData(&self, _list_or_unit: int32, _idx: int32, _data: *mut IBStream) -> tresult {
        kInvalidArgument
    }
}

impl IInfoListenerTrait for Component {
    unsafe fn setChannelContextInfos(&self, list: *mut IAttributeList) -> tresult {
        // SAFETY: null is looked for behind it.
        self.on_main_thread(|| unsafe { self.inner.setChannelContextInfos(list) })
    }
}
