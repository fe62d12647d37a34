//! A CLAP host for benchmarks, which allocates nothing while a block is timed.

use std::ffi::CStr;
use std::path::{Path, PathBuf};

use clack_host::events::event_types::{ParamValueEvent, TransportEvent, TransportFlags};
use clack_host::events::spaces::CoreEventSpace;
use clack_host::events::{EventFlags, EventHeader};
use clack_host::prelude::*;
use clack_host::utils::{BeatTime, SecondsTime};

/// Hertz.
pub const RATE: f64 = 48_000.0;
const TEMPO: f64 = 120.0;

/// The library of the plugin that does nothing, built for release.
pub fn empty_library() -> PathBuf {
    let library = if cfg!(windows) {
        "descant_empty.dll"
    } else if cfg!(target_os = "macos") {
        "libdescant_empty.dylib"
    } else {
        "libdescant_empty.so"
    };
    target().join("release").join(library)
}

struct Shared;

impl SharedHandler<'_> for Shared {
    fn request_restart(&self) {}
    fn request_process(&self) {}
    fn request_callback(&self) {}
}

struct Handlers;

impl HostHandlers for Handlers {
    type Shared<'a> = Shared;
    type MainThread<'a> = ();
    type AudioProcessor<'a> = ();
}

/// A plugin in a host that reuses all it needs for a block.
pub struct Rig {
    processor: StartedPluginAudioProcessor<Handlers>,
    _instance: PluginInstance<Handlers>,
    ports: AudioPorts,
    sound: [Vec<f32>; 2],
    events: EventBuffer,
    beat: f64,
}

impl Rig {
    pub fn new(library: &Path, id: &CStr, n_samples: usize) -> Self {
        assert!(library.exists(), "{} is missing; see the head of this file", library.display());
        #[expect(unsafe_code, reason = "a library is code that is run")]
        // SAFETY: both libraries are built from this repository and keep to CLAP.
        let entry = unsafe { PluginEntry::load(library) }.unwrap();
        let info = HostInfo::new("Descant's benchmarks", "Descant", "", "1").unwrap();
        let mut instance = PluginInstance::new(|()| Shared, |_| (), &entry, id, &info).unwrap();
        let max_frames_count = u32::try_from(n_samples).unwrap();
        let config = PluginAudioConfiguration { sample_rate: RATE, min_frames_count: 1, max_frames_count };
        let processor = instance.activate(|_, _| (), config).unwrap().start_processing().unwrap();
        Self {
            processor,
            _instance: instance,
            ports: AudioPorts::with_capacity(2, 1),
            sound: [vec![0.0; n_samples], vec![0.0; n_samples]],
            events: EventBuffer::with_capacity(1024),
            beat: 0.0,
        }
    }

    /// Plays a block with changes of parameters; returns how many notes began in it.
    pub fn play(&mut self, changes: &[(&str, f64)]) -> usize {
        let n_samples = self.sound[0].len();
        let changes: Vec<ParamValueEvent> = changes
            .iter()
            .map(|(id, value)| ParamValueEvent::new(0, clap_id(id), Pckn::match_all(), *value))
            .collect();
        let transport = transport_at(self.beat);
        let mut output = self.ports.with_output_buffers([AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(self.sound.iter_mut().map(Vec::as_mut_slice)),
        }]);
        self.events.clear();
        self.processor
            .process(
                &InputAudioBuffers::empty(),
                &mut output,
                &InputEvents::from_buffer(&changes),
                &mut self.events.as_output(),
                None,
                Some(&transport),
            )
            .unwrap();
        self.beat += f64::from(u32::try_from(n_samples).unwrap()) * TEMPO / 60.0 / RATE;
        let is_on = |event: &&UnknownEvent| matches!(event.as_core_event(), Some(CoreEventSpace::NoteOn(_)));
        self.events.iter().filter(is_on).count()
    }
}

/// The number that the framework makes of a parameter's id.
fn clap_id(id: &str) -> ClapId {
    let hash = id.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    ClapId::new(hash & 0x7fff_ffff)
}

fn transport_at(beat: f64) -> TransportEvent {
    TransportEvent {
        header: EventHeader::new_core(0, EventFlags::empty()),
        flags: TransportFlags::IS_PLAYING | TransportFlags::HAS_TEMPO | TransportFlags::HAS_BEATS_TIMELINE,
        song_pos_beats: BeatTime::from_float(beat),
        song_pos_seconds: SecondsTime::from_float(beat * 60.0 / TEMPO),
        tempo: TEMPO,
        tempo_inc: 0.0,
        loop_start_beats: BeatTime::from_int(0),
        loop_end_beats: BeatTime::from_int(0),
        loop_start_seconds: SecondsTime::from_int(0),
        loop_end_seconds: SecondsTime::from_int(0),
        bar_start: BeatTime::from_float((beat / 4.0).floor() * 4.0),
        bar_number: 0,
        time_signature_numerator: 4,
        time_signature_denominator: 4,
    }
}

fn target() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.join(std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from))
}
