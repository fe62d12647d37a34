//! A small CLAP host: one instance, its parameters and state, and blocks played on a scripted transport.
//!
//! # Threads
//!
//! The thread that makes a [`ClapHost`] is its main thread and, unless it is [lent](ClapHost::lend_processor), its audio
//! thread.

use std::ffi::CString;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use clack_extensions::params::{HostParams, HostParamsImplMainThread, HostParamsImplShared};
use clack_extensions::params::{ParamClearFlags, ParamRescanFlags, PluginParams};
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::{HostState, HostStateImpl, PluginState};
use clack_host::events::event_types::{ParamValueEvent, TransportEvent, TransportFlags};
use clack_host::events::io::{OutputEventBuffer, TryPushError};
use clack_host::events::spaces::CoreEventSpace;
use clack_host::events::{EventFlags, EventHeader};
use clack_host::prelude::*;
use clack_host::utils::{BeatTime, SecondsTime};

use crate::bundles;
use crate::host::Host;
use crate::recording::{Action, NoteEvent, Recording};
use crate::stopwatch::Stopwatch;
use crate::stored::Stored;
use crate::transport::Transport;

/// The most samples of a block.
pub const MAX_BLOCK: u32 = 8192;

/// The host, as the plugin sees it.
pub struct Handlers;

impl HostHandlers for Handlers {
    type Shared<'a> = Shared;
    type MainThread<'a> = MainThread;
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, _shared: &Shared) {
        builder.register::<HostParams>().register::<HostState>();
    }
}

/// What the plugin has reported to the host.
#[derive(Default)]
struct Reported {
    /// How often there was something to save.
    n_marks: AtomicU32,
    /// Whether it asked to be called on the main thread, and was not yet.
    wants_callback: AtomicBool,
}

/// Answers from any thread.
pub struct Shared(Arc<Reported>);

impl SharedHandler<'_> for Shared {
    fn request_restart(&self) {}
    fn request_process(&self) {}
    fn request_callback(&self) {
        self.0.wants_callback.store(true, Ordering::Release);
    }
}

impl HostParamsImplShared for Shared {
    fn request_flush(&self) {}
}

/// Answers on the main thread.
pub struct MainThread(Arc<Reported>);

impl MainThreadHandler<'_> for MainThread {}

impl HostParamsImplMainThread for MainThread {
    fn rescan(&self, _flags: ParamRescanFlags) {}
    fn clear(&self, _param: ClapId, _flags: ParamClearFlags) {}
}

impl HostStateImpl for MainThread {
    fn mark_dirty(&self) {
        self.0.n_marks.fetch_add(1, Ordering::AcqRel);
    }
}

/// The bundle's library, and how much work it was to load it and to read what is in it.
pub fn library() -> &'static (PluginEntry, Duration) {
    static LIBRARY: LazyLock<(PluginEntry, Duration)> = LazyLock::new(|| {
        let path = bundles::clap();
        let stopwatch = Stopwatch::start();
        #[expect(unsafe_code, reason = "a library is code that is run")]
        // SAFETY: the bundle is our own, built from this repository, and keeps to CLAP.
        let entry = unsafe { PluginEntry::load(path) }.expect("the bundle is a CLAP library");
        let factory = entry.get_plugin_factory().expect("it has plugins");
        assert_eq!(factory.plugin_descriptors().len(), 1, "of which there is one");
        (entry, stopwatch.elapsed())
    });
    &LIBRARY
}

/// What plays: lent to an audio thread or used here.
pub type Processor = StartedPluginAudioProcessor<Handlers>;

/// An instance in a host.
pub struct ClapHost {
    instance: PluginInstance<Handlers>,
    reported: Arc<Reported>,
    processor: Option<Processor>,
    rate: f64,
    /// Time of the next block.
    pub transport: Transport,
    /// Everything since the recording began.
    pub recording: Recording,
    /// Whether the host says anything about time.
    pub has_transport: bool,
    /// How many events the host takes of a block.
    pub room: usize,
    /// What the next block gets, in order of time.
    inputs: EventBuffer,
}

impl ClapHost {
    /// An instance without any take that is not active.
    pub fn inactive() -> Self {
        let mut host = Self::fresh();
        let empty = host.save().without_takes();
        host.load(&empty);
        host
    }

    /// An instance as it is when it is made, not active.
    pub fn fresh() -> Self {
        let info = HostInfo::new("Descant's tests", "Descant", "", "1").expect("no zero bytes");
        let reported = Arc::<Reported>::default();
        let (shared, main) = (Arc::clone(&reported), Arc::clone(&reported));
        let id = c"free.descant.descant";
        let instance =
            PluginInstance::new(|()| Shared(shared), |_| MainThread(main), &library().0, id, &info)
                .expect("the plugin can be made");
        Self {
            instance,
            reported,
            processor: None,
            rate: 48_000.0,
            transport: Transport::default(),
            recording: Recording::default(),
            has_transport: true,
            room: usize::MAX,
            inputs: EventBuffer::new(),
        }
    }

    /// An active instance at 48 kHz, without any take.
    pub fn active() -> Self {
        let mut host = Self::inactive();
        host.activate(48_000.0);
        host
    }

    /// An active instance with a stored state, run until the restored phrase sounds.
    pub fn restored(state: &Stored) -> Self {
        let mut host = Self::active();
        host.load(state);
        host.wait_until_sounding();
        host
    }

    /// Activates at `rate` hertz and starts processing.
    pub fn activate(&mut self, rate: f64) {
        let config =
            PluginAudioConfiguration { sample_rate: rate, min_frames_count: 1, max_frames_count: MAX_BLOCK };
        let stopped = self.instance.activate(|_, _| (), config).expect("the plugin activates");
        self.processor = Some(stopped.start_processing().expect("the plugin starts"));
        self.rate = rate;
    }

    /// Stops processing and deactivates, if active.
    pub fn deactivate(&mut self) {
        if let Some(processor) = self.processor.take() {
            self.instance.deactivate(processor.stop_processing());
        }
    }

    /// Has the plugin clear what it keeps from block to block, as hosts do between jumps and renders.
    pub fn reset(&mut self) {
        self.processor.as_mut().expect("active").reset();
    }

    /// The running half, for an audio thread; to be given back.
    pub fn lend_processor(&mut self) -> Processor {
        self.processor.take().expect("active")
    }

    /// Takes the running half back.
    pub fn take_back(&mut self, processor: Processor) {
        self.processor = Some(processor);
    }

    /// What a host asks on its main thread.
    pub fn handle(&mut self) -> PluginMainThreadHandle<'_> {
        self.instance.plugin_handle()
    }

    /// An extension that the plugin must have.
    pub fn extension<E>(&self) -> E
    where
        E: clack_host::extensions::prelude::Extension<
                ExtensionSide = clack_host::extensions::prelude::PluginExtensionSide,
            >,
    {
        self.instance.plugin_shared_handle().get_extension().expect("the plugin has the extension")
    }

    /// Sets whether the next activation renders faster than time.
    pub fn set_render_mode(&mut self, mode: RenderMode) {
        let render: PluginRender = self.extension();
        render.set(&self.handle(), mode).expect("both modes are known");
    }

    /// The state as a host stores it.
    pub fn save_bytes(&mut self) -> Vec<u8> {
        let extension: PluginState = self.extension();
        let mut bytes = Vec::new();
        extension.save(&self.handle(), &mut bytes).expect("a state can be stored at any time");
        bytes
    }

    /// Loads what a host has stored; whether the plugin took it.
    pub fn load_bytes(&mut self, mut bytes: &[u8]) -> bool {
        let extension: PluginState = self.extension();
        extension.load(&self.handle(), &mut bytes).is_ok()
    }

    /// The value of the parameter `id` as the plugin words it.
    pub fn text(&mut self, id: &str) -> String {
        let params: PluginParams = self.extension();
        let handle = self.handle();
        let value = params.get_value(&handle, clap_id(id)).expect("the parameter has a value");
        let mut buffer = [0; 256];
        let text = params.value_to_text(&handle, clap_id(id), value, &mut buffer).expect("it has words");
        String::from_utf8_lossy(text).into_owned()
    }

    /// Sets parameters to `values` while the plugin is inactive.
    pub fn flush(&mut self, values: &[(ClapId, f64)]) {
        let params: PluginParams = self.extension();
        let changes: Vec<ParamValueEvent> = values
            .iter()
            .map(|(id, value)| ParamValueEvent::new(0, *id, Pckn::match_all(), *value))
            .collect();
        let mut handle = self.instance.inactive_plugin_handle().expect("inactive");
        params.flush(&mut handle, &InputEvents::from_buffer(&changes), &mut OutputEvents::void());
    }

    /// Sets the parameter `id` at the start of the next block, in the plugin's words, as an automation lane does.
    pub fn set(&mut self, id: &str, text: &str) {
        self.set_at(0, id, text);
    }

    /// As [`Self::set`], at the sample `offset`.
    pub fn set_at(&mut self, offset: u32, id: &str, text: &str) {
        let params: PluginParams = self.extension();
        let text = CString::new(text).expect("no zero bytes");
        let value = params.text_to_value(&self.handle(), clap_id(id), &text).expect("the text is a value");
        self.inputs.push(&ParamValueEvent::new(offset, clap_id(id), Pckn::match_all(), value));
    }

    /// How often the plugin said that there is something to save.
    pub fn n_marks(&self) -> u32 {
        self.reported.n_marks.load(Ordering::Acquire)
    }

    /// Calls the plugin on the main thread, if it asked for that.
    pub fn call_back(&mut self) {
        if self.reported.wants_callback.swap(false, Ordering::AcqRel) {
            self.instance.call_on_main_thread_callback();
        }
    }

    /// Gives the next block an event, not before those that it has.
    pub fn send(&mut self, event: &(impl AsRef<UnknownEvent> + ?Sized)) {
        self.inputs.push(event);
    }
}

impl Host for ClapHost {
    fn run_block(&mut self, n_samples: u32) {
        let mut processor = self.processor.take().expect("active");
        let transport = self.has_transport.then_some(&self.transport);
        let block = process(&mut processor, transport, &self.inputs, n_samples, self.room);
        self.processor = Some(processor);
        self.inputs.clear();
        let (start, n_before) = (self.recording.n_samples(), self.recording.events.len());
        let messages = block.messages.iter().map(|(at, n, bytes)| (start + at, n_before + n, *bytes));
        self.recording.messages.extend(messages);
        self.recording.push_block(n_samples, &block.events, &block.sound[0], &block.sound[1]);
        self.transport.advance(n_samples, self.rate);
    }

    fn switch(&mut self, id: &str, is_on: bool) {
        self.set(id, if is_on { "On" } else { "Off" });
    }

    fn save(&mut self) -> Stored {
        Stored::read(&self.save_bytes())
    }

    fn load(&mut self, state: &Stored) {
        assert!(self.load_bytes(&state.to_bytes()), "a good state is taken");
    }

    fn rate(&self) -> f64 {
        self.rate
    }

    fn transport(&mut self) -> &mut Transport {
        &mut self.transport
    }

    fn recording(&mut self) -> &mut Recording {
        &mut self.recording
    }
}

impl Drop for ClapHost {
    fn drop(&mut self) {
        self.deactivate();
    }
}

/// What came out of one block, timed from its start.
pub struct Block {
    pub events: Vec<NoteEvent>,
    /// Other MIDI messages, each with the notes of the block before it.
    pub messages: Vec<(u64, usize, [u8; 3])>,
    pub sound: [Vec<f32>; 2],
}

/// Takes so many events, and refuses what comes after.
struct Outbox {
    events: EventBuffer,
    room: usize,
}

impl OutputEventBuffer for Outbox {
    fn try_push(&mut self, event: &UnknownEvent) -> Result<(), TryPushError> {
        self.room = self.room.checked_sub(1).ok_or_else(TryPushError::new)?;
        self.events.push(event);
        Ok(())
    }
}

/// Plays one block, of which the host takes the first `room` events; for audio threads.
pub fn process(
    processor: &mut Processor,
    transport: Option<&Transport>,
    inputs: &EventBuffer,
    n_samples: u32,
    room: usize,
) -> Block {
    let n_frames = usize::try_from(n_samples).expect("a block fits into memory");
    // Rubbish, so that silence has to be written.
    let mut sound = [vec![9.0_f32; n_frames], vec![9.0_f32; n_frames]];
    let mut ports = AudioPorts::with_capacity(2, 1);
    let mut output = ports.with_output_buffers([AudioPortBuffer {
        latency: 0,
        channels: AudioPortBufferType::f32_output_only(sound.iter_mut().map(Vec::as_mut_slice)),
    }]);
    let mut outbox = Outbox { events: EventBuffer::with_capacity(1024), room };
    processor
        .process(
            &InputAudioBuffers::empty(),
            &mut output,
            &inputs.as_input(),
            &mut OutputEvents::from_buffer(&mut outbox),
            None,
            transport.map(transport_event).as_ref(),
        )
        .expect("a block is played");
    let mut block = Block { events: Vec::new(), messages: Vec::new(), sound };
    let mut last = 0;
    for event in &outbox.events {
        assert!(event.header().time() >= last, "events in order of time");
        last = event.header().time();
        if let Some(CoreEventSpace::Midi(message)) = event.as_core_event() {
            block.messages.push((last.into(), block.events.len(), message.data()));
        } else {
            block.events.extend(note_event(event));
        }
    }
    block
}

/// The number that stands for the parameter `id`: the framework's hash of it. Projects and automation are kept by it.
pub fn clap_id(id: &str) -> ClapId {
    let hash = id.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    ClapId::new(hash & 0x7fff_ffff)
}

fn note_event(event: &UnknownEvent) -> Option<NoteEvent> {
    let (time, pckn, action) = match event.as_core_event()? {
        CoreEventSpace::NoteOn(on) => (on.header().time(), on.pckn(), Action::On(to_velocity(on.velocity()))),
        CoreEventSpace::NoteOff(off) => (off.header().time(), off.pckn(), Action::Off),
        // Automation that the plugin writes.
        CoreEventSpace::ParamValue(_)
        | CoreEventSpace::ParamGestureBegin(_)
        | CoreEventSpace::ParamGestureEnd(_) => return None,
        other => panic!("no host expects {other:?}"),
    };
    let small = |number: i16| u8::try_from(number).expect("channel and key are given");
    Some(NoteEvent {
        at: time.into(),
        action,
        channel: small(pckn.raw_channel()),
        key: small(pckn.raw_key()),
        note_id: pckn.raw_note_id(),
    })
}

fn transport_event(transport: &Transport) -> TransportEvent {
    let mut flags =
        TransportFlags::HAS_TEMPO | TransportFlags::HAS_BEATS_TIMELINE | TransportFlags::HAS_TIME_SIGNATURE;
    flags.set(TransportFlags::IS_PLAYING, transport.is_playing);
    flags.set(TransportFlags::IS_LOOP_ACTIVE, transport.loop_range.is_some());
    let (loop_start, loop_end) = transport.loop_range.unwrap_or_default();
    TransportEvent {
        header: EventHeader::new_core(0, EventFlags::empty()),
        flags,
        song_pos_beats: BeatTime::from_float(transport.beat),
        song_pos_seconds: SecondsTime::from_float(0.0),
        tempo: transport.tempo,
        tempo_inc: transport.tempo_step,
        loop_start_beats: BeatTime::from_float(loop_start),
        loop_end_beats: BeatTime::from_float(loop_end),
        loop_start_seconds: SecondsTime::from_float(0.0),
        loop_end_seconds: SecondsTime::from_float(0.0),
        bar_start: BeatTime::from_float(transport.bar_start()),
        bar_number: 0,
        time_signature_numerator: transport.meter.0,
        time_signature_denominator: transport.meter.1,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held inside 0 to 127")]
fn to_velocity(velocity: f64) -> u8 {
    (velocity * 127.0).round().clamp(0.0, 127.0) as u8
}
