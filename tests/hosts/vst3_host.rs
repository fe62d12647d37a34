//! A small VST3 host, as `clap_host` is one of CLAP.
//!
//! The plugin gets the transport that the host library supports: playing, tempo, meter and position. The library (0.10)
//! fills in the process context by itself and has no word for its cycle, nor for where a bar began; so a loop comes to the
//! plugin as a jump between blocks, unannounced, as from the hosts that do the same.

use vst3_host::audio::AudioBuffers;
use vst3_host::midi::{OutputEvent, PluginEventData};
use vst3_host::{Plugin, Vst3Host as Loader};

use crate::bundles;
use crate::clap_host::{MAX_BLOCK, clap_id};
use crate::host::Host;
use crate::recording::{Action, NoteEvent, Recording};
use crate::stored::Stored;
use crate::transport::Transport;

/// What the host library puts before a component's state: a name, a version and two lengths.
const ENVELOPE_LENGTH: usize = 28;

/// An instance in a host.
pub struct Vst3Host {
    /// The instance.
    pub plugin: Plugin,
    transport: Transport,
    recording: Recording,
}

impl Vst3Host {
    /// An instance at 48 kHz without any take that does not process.
    pub fn stopped() -> Self {
        let mut host = Self::fresh();
        let empty = host.save().without_takes();
        host.load(&empty);
        host
    }

    /// An instance at 48 kHz as it is when it is made, which does not process.
    pub fn fresh() -> Self {
        let max_block = usize::try_from(MAX_BLOCK).expect("a block fits into memory");
        let mut loader =
            Loader::builder().sample_rate(48_000.0).block_size(max_block).build().expect("a host");
        let plugin = loader.load_plugin(bundles::path("Descant.vst3")).expect("the bundle is a VST3");
        Self { plugin, transport: Transport::default(), recording: Recording::default() }
    }

    /// An instance that processes, without any take.
    pub fn started() -> Self {
        let mut host = Self::stopped();
        host.plugin.start_processing().expect("it starts");
        host
    }

    /// Deactivates and activates again, at `rate` hertz.
    pub fn restart(&mut self, rate: f64) {
        let max_block = self.plugin.block_size();
        self.plugin.stop_processing().expect("it stops");
        self.plugin.reconfigure(rate, max_block).expect("any rate will do");
        self.plugin.start_processing().expect("it starts");
    }

    /// Sets the parameter `id` at the start of the next block: `value` in `0.0..=1.0` of its range.
    pub fn set(&mut self, id: &str, value: f64) {
        self.plugin.set_parameter_at(clap_id(id).get(), value, 0).expect("the parameter is there");
    }

    /// The events of the last block, timed from its start.
    fn take_events(&self) -> Vec<NoteEvent> {
        self.plugin.take_output_events().iter().filter_map(note_event).collect()
    }
}

impl Host for Vst3Host {
    fn run_block(&mut self, n_samples: u32) {
        let n_frames = usize::try_from(n_samples).expect("a block fits into memory");
        let mut buffers = AudioBuffers::new(0, 2, n_frames, self.rate());
        let Transport { is_playing, tempo, beat, meter: (n_beats, unit), .. } = self.transport;
        self.plugin.set_playing(is_playing).expect("a transport");
        self.plugin.set_tempo(tempo).expect("a tempo");
        self.plugin.set_time_signature(n_beats.into(), unit.into()).expect("a meter");
        let position = vst3_host::TransportPosition { samples: 0, quarter_notes: beat };
        self.plugin.set_transport_position(position).expect("a position");
        self.plugin.process_audio(&mut buffers).expect("a block is played");
        let events = self.take_events();
        self.recording.push_block(n_samples, &events, &buffers.outputs[0], &buffers.outputs[1]);
        self.transport.advance(n_samples, self.rate());
    }

    fn switch(&mut self, id: &str, is_on: bool) {
        self.set(id, if is_on { 1.0 } else { 0.0 });
    }

    fn save(&mut self) -> Stored {
        let bytes = self.plugin.save_state().expect("a state can be stored at any time");
        let length: [u8; 4] = bytes[20..24].try_into().expect("four bytes");
        let length = usize::try_from(u32::from_le_bytes(length)).expect("it fits into memory");
        let json = &bytes[ENVELOPE_LENGTH..ENVELOPE_LENGTH + length];
        Stored(serde_json::from_slice(json).expect("a state is JSON"))
    }

    fn load(&mut self, state: &Stored) {
        self.plugin.load_state(state.0.to_string().as_bytes()).expect("a good state is taken");
    }

    fn rate(&self) -> f64 {
        self.plugin.sample_rate()
    }

    fn transport(&mut self) -> &mut Transport {
        &mut self.transport
    }

    fn recording(&mut self) -> &mut Recording {
        &mut self.recording
    }
}

/// The note of an event; `None` for a controller.
fn note_event(event: &OutputEvent) -> Option<NoteEvent> {
    let (action, channel, pitch, note_id) = match event.data {
        PluginEventData::NoteOn { channel, pitch, velocity, note_id, .. } => {
            (Action::On(to_velocity(velocity)), channel, pitch, note_id)
        }
        PluginEventData::NoteOff { channel, pitch, note_id, .. } => (Action::Off, channel, pitch, note_id),
        PluginEventData::LegacyMidiCcOut { .. } => return None,
        ref other => panic!("no host expects {other:?}"),
    };
    let small = |number: i16| u8::try_from(number).expect("channel and key are given");
    Some(NoteEvent {
        at: u64::try_from(event.sample_offset).expect("events are in the block"),
        action,
        channel: small(channel),
        key: small(pitch),
        note_id,
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held inside 0 to 127")]
fn to_velocity(velocity: f32) -> u8 {
    (velocity * 127.0).round().clamp(0.0, 127.0) as u8
}
