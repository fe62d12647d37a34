//! Descant as a plugin: an instrument with notes in, notes out and a preview synth.
//!
//! This is glue. Parameters, transport and note events are turned into our own types at this edge; composing, playing
//! and drawing are done elsewhere and know no host.
//!
//! # Threads
//!
//! The host creates [`Descant`] on its main thread and then lends it to its audio thread; while that runs, the main thread
//! has the editor only. What both need is shared: parameters and [`Monitor`] as atomics, [`Triggers`] without waiting,
//! [`Shared`] by locks that the audio thread never takes.

mod passthrough;

mod task_builder;

mod midi_input;

mod edge;

mod events;

mod export;

mod grooves;

mod models;

mod output_queue;

mod render_detector;

mod remote_controls;

mod programs;

mod settings;

pub mod standalone;

mod starter;

mod edge_detector;

mod user;

use std::sync::Arc;
use std::time::{Duration, Instant};

use nice_plug::prelude::{
    ActivateContext, AsyncExecutor, AudioIOLayout, AuxiliaryBuffers, Buffer, BufferConfig, ClapFeature,
    ClapPlugin, MidiConfig, NonZeroU32, NoteEvent, Params, Plugin, PluginApi, PluginState, ProcessContext,
    ProcessMode, ProcessStatus, RemoteControlsContext, TaskExecutor, Transport, Vst3Plugin, Vst3SubCategory,
};

use crate::editor::{self, DescantEditor, Surroundings};
use crate::music::{Part, TickDuration};
use crate::params::DescantParams;
use crate::player::{Action, InputEvent, Message, Monitor, Player, Settings, clip_channel};
use crate::session::{Choice, Command};
use crate::synth::Synth;
use crate::worker::{Callbacks, Report, Request, Requests, Shared, Tone, Trigger, Triggers, Worker};
use edge::link::Link;
use edge_detector::Switches;
use grooves::Grooves;
use midi_input::{Controls, InputRoute, RealTime};
use output_queue::Outbox;
use passthrough::Beside;
use programs::Programs;
use render_detector::{Course, Pace, Rendered};
use settings::{Bars, Heard, Preview};

pub use task_builder::TaskBuilder;

/// Most note events of a block that are looked at.
const MAX_INPUTS: usize = 1024;

/// Events that the framework has room for: when a VST3 host sets every parameter at once, as on loading, each of the hidden
/// ones that controllers come as is an event.
const EVENT_CAPACITY: usize = 16 * 130 + MAX_INPUTS;

/// More controllers at one sample, and nobody has moved them: no cable carries so many.
const MAX_AT_ONCE: usize = 100;

/// Most events that leave in a block beside the player's notes: what is passed through, programs and pedals.
const MAX_BESIDE: usize = EVENT_CAPACITY + programs::MAX_DUE + 3 * 16;

/// An instance of the plugin.
pub struct Descant {
    params: Arc<DescantParams>,
    triggers: Arc<Triggers>,
    monitor: Arc<Monitor>,
    shared: Arc<Shared>,
    task_builder: Arc<TaskBuilder>,
    repaint: editor::RepaintNotifier,
    /// Missing if the system gave no thread; the editor says so.
    worker: Option<Worker>,
    player: Player,
    /// Made on activation, when the sample rate is known.
    synth: Option<Synth>,
    preview: Preview,
    controls: Controls,
    /// The player's events of the block under way.
    inputs: Vec<InputEvent>,
    /// What leaves in the block beside the player's notes, in order.
    beside: Vec<Beside>,
    /// Keys whose notes the host cuts short in the block, one bit for each.
    choked: u128,
    programs: Programs,
    outbox: Outbox,
    switches: Switches,
    grooves: Grooves,
    rendered: Arc<Rendered>,
    course: Course,
    link: Arc<Link>,
    /// Hertz.
    sample_rate: f32,
    /// Whether the host said that it renders faster than time.
    is_offline: bool,
    /// Whether there is no host.
    is_standalone: bool,
}

impl Default for Descant {
    fn default() -> Self {
        let shared = Arc::new(Shared::default());
        let params = Arc::new(DescantParams::new(Arc::clone(&shared)));
        let (triggers, monitor) = (Arc::new(Triggers::default()), Arc::new(Monitor::new()));
        let task_builder = Arc::new(TaskBuilder::new(Arc::clone(&params), Arc::clone(&monitor)));
        let repaint = editor::RepaintNotifier::new();
        shared.restore(starter::project());
        let is_standalone = standalone::open_session(&params, &shared, &repaint);
        let (clips, receiver) = clip_channel();
        let rendered = Arc::<Rendered>::default();
        let link = Link::new(Arc::clone(&params));
        let callbacks = Callbacks {
            load: Box::new(models::load),
            judges: Box::new(|model, task, entries| {
                model.judges(task, entries.iter().map(|entry| (entry.number, &entry.take)))
            }),
            brief: {
                let task_builder = Arc::clone(&task_builder);
                Box::new(move |model, ask, phrase, seed| task_builder.job(model, ask, phrase, seed))
            },
            changed: {
                let repaint = repaint.clone();
                Box::new(move || repaint.request_repaint())
            },
            pace: {
                let (mut pace, link) = (Pace::new(Arc::clone(&rendered)), Arc::clone(&link));
                Box::new(move || {
                    // The pace is asked for often.
                    link.look();
                    pace.look(Instant::now())
                })
            },
        };
        let worker = Worker::start(Arc::clone(&shared), Arc::clone(&triggers), callbacks, clips);
        if let Err(error) = &worker {
            shared.report(Report {
                text: format!(
                    "cannot compose: the system gives no thread ({error}); close other programs and reload"
                ),
                tone: Tone::Problem,
                duration: None,
            });
        }
        Self {
            controls: Controls::new(Arc::clone(&params.bindings.0)),
            params,
            triggers,
            shared,
            task_builder,
            repaint,
            worker: worker.ok(),
            player: Player::new(receiver, Arc::clone(&monitor)),
            monitor,
            synth: None,
            preview: Preview::default(),
            inputs: Vec::with_capacity(MAX_INPUTS),
            beside: Vec::with_capacity(MAX_BESIDE),
            choked: 0,
            programs: Programs::default(),
            outbox: Outbox::new(),
            switches: Switches::default(),
            grooves: Grooves::shipped(),
            rendered,
            course: Course::default(),
            link,
            sample_rate: 48_000.0,
            is_offline: false,
            is_standalone,
        }
    }
}

impl Plugin for Descant {
    const NAME: &'static str = "Descant";
    const VENDOR: &'static str = "Descant";
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] =
        &[AudioIOLayout { main_output_channels: NonZeroU32::new(2), ..AudioIOLayout::const_default() }];

    // Controllers come to a VST3 as two thousand hidden parameters: that is how hosts know them.
    const MIDI_INPUT: MidiConfig = MidiConfig::MidiCCs;
    const MIDI_OUTPUT: MidiConfig = MidiConfig::MidiCCs;
    const INPUT_EVENT_CAPACITY: usize = EVENT_CAPACITY;

    type Editor = DescantEditor;
    type SysExMessage = RealTime;
    type BackgroundTask = ();

    fn params(&self) -> Arc<dyn Params> {
        Arc::clone(&self.params) as Arc<dyn Params>
    }

    fn filter_state(state: &mut PluginState) {
        DescantParams::new(Arc::default()).complete(state);
    }

    fn task_executor(&mut self) -> TaskExecutor<Self> {
        let link = Arc::clone(&self.link);
        Box::new(move |()| link.tell())
    }

    fn editor(&mut self, executor: AsyncExecutor<Self>) -> Option<DescantEditor> {
        self.link.open(Box::new(move || executor.execute_gui(())));
        DescantEditor::new(Surroundings {
            params: Arc::clone(&self.params),
            shared: Arc::clone(&self.shared),
            monitor: Arc::clone(&self.monitor),
            requests: self.worker.as_ref().map_or_else(Requests::to_nobody, Worker::requests),
            styles: models::first_styles(),
            repaint: self.repaint.clone(),
            export: export::as_heard(&self.params, self.grooves),
            keep_listing: user::keep_listing,
            list_models: models::names,
            keep_model: user::keep_model,
            standalone: standalone::for_editor(&self.shared),
        })
    }

    fn activate(
        &mut self,
        _layout: &AudioIOLayout,
        config: &BufferConfig,
        context: &mut impl ActivateContext<Self>,
    ) -> bool {
        let is_told_late = context.plugin_api() == PluginApi::Vst3;
        self.is_offline = config.process_mode == ProcessMode::Offline && !is_told_late;
        if is_told_late {
            self.rendered.watch();
        } else {
            self.rendered.tell(self.is_offline);
        }
        self.course = Course::default();
        self.sample_rate = config.sample_rate;
        self.player.set_sample_rate(config.sample_rate);
        self.synth = Some(Synth::new(config.sample_rate));
        self.preview = Preview::default();
        self.controls.reset();
        self.programs.start(config.sample_rate);
        let (before, now) = (self.switches, Switches::read(&self.params, &self.shared));
        // A slot that was set meanwhile is still to be chosen, unless the project was stored with it.
        let slot = if now.n_restores == before.n_restores { before.slot } else { now.slot };
        self.switches = Switches { slot, ..now };
        // Who renders faster than time has no later block to play a stored phrase in than the first, be it loaded before
        // or after.
        self.shared.set_restore_timeout(if self.is_offline { Shared::MAX_TAKE_OVER } else { Duration::ZERO });
        if let Some(worker) = &self.worker {
            if self.is_offline {
                // What is rendered is what is there: nothing is composed, so that no model has to be read meanwhile.
                let n_cancelled = self.shared.n_cancelled();
                worker.requests().send(Request::Suspend);
                self.shared.wait_until_cancelled(n_cancelled, Shared::MAX_TAKE_OVER);
            } else {
                worker.requests().send(Request::Prepare);
            }
            // Should it take that long after all, the phrase begins when it is there.
            self.shared.wait_until_taken_over(Shared::MAX_TAKE_OVER);
        }
        if let Some(remark) = standalone::take_remark() {
            self.shared.report(remark);
        }
        true
    }

    /// *Real-time:* wait-free, no allocation.
    fn reset(&mut self) {
        self.player.reset();
        if let Some(synth) = &mut self.synth {
            synth.reset();
        }
    }

    /// *Real-time:* wait-free, no allocation.
    fn process(
        &mut self,
        buffer: &mut Buffer,
        _aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        let Ok(n_samples) = u32::try_from(buffer.samples()) else {
            return ProcessStatus::Error("blocks of more than four billion samples are not played");
        };
        let [left, right] = buffer.as_slice() else {
            return ProcessStatus::Error("the output has to be stereo");
        };
        self.rendered.add(n_samples, self.sample_rate);
        self.inputs.clear();
        self.beside.clear();
        self.choked = 0;
        // What is set from here on counts more than what was sent.
        self.player.receive();
        let settings = self.settings(context.transport());
        self.act_on_switches(&settings);
        self.hear(context, &settings);
        self.programs.advance(n_samples);
        let mut host = events::host_time(context.transport());
        if self.is_standalone {
            host = events::time_without_host(host, &settings);
        }
        if self.course.has_jumped(&host, f64::from(n_samples) / f64::from(self.sample_rate.max(1.0))) {
            self.rendered.jump();
        }
        if settings.is_offline {
            // A render goes straight on, whatever the loop was set to.
            host.loop_range = None;
        }
        let (was_playing, n_passes) = (self.monitor.is_playing(), self.monitor.n_passes());
        let played = self.player.process(&host, &settings, &self.inputs, n_samples);
        if self.monitor.is_playing() != was_playing {
            // While nothing moves, the editor sleeps.
            self.repaint.request_repaint();
        }
        if let Some(synth) = &mut self.synth {
            let heard = Heard { played, beside: &self.beside, choked: self.choked };
            self.preview.render(synth, &self.params, heard, left, right);
        }
        // Note-offs that the host had no room for go first.
        self.outbox.send_kept(|off| context.try_send_event(events::to_host(off)).is_ok());
        let mut beside = self.beside.drain(..).peekable();
        for event in played {
            while let Some(beside) = beside.next_if(|beside| beside.precedes(event)) {
                // What is lost is a controller's step.
                let _ = context.try_send_event(beside.event);
            }
            self.outbox.send(event, |event| context.try_send_event(events::to_host(event)).is_ok());
        }
        for beside in beside {
            let _ = context.try_send_event(beside.event);
        }
        if let Some(slot_idx) = self.player.take_slot_asked() {
            self.raise(Trigger::Choose(Choice::Slot(slot_idx)));
        }
        let begins = self.monitor.n_passes() != n_passes && self.monitor.pending_id().is_none();
        if begins && self.params.playing.evolve.value() {
            self.raise(Trigger::Evolve);
        }
        // The phrase may begin without any input.
        ProcessStatus::KeepAlive
    }
}

impl Descant {
    /// What the parameters say about playing under `transport`.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn settings(&self, transport: &Transport) -> Settings {
        let call = self.task_builder.hear_meter(events::meter(transport)).bar_duration().to_beats();
        // Sticks count bars of the phrase that they lead into.
        let bars = Bars { call, count_in: self.player.bar().map_or(call, TickDuration::to_beats) };
        let is_offline = self.is_offline || self.rendered.is_ahead();
        Settings { is_offline, ..settings::read(&self.params, &self.grooves, bars) }
    }

    /// Takes in the events of the block.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn hear(&mut self, context: &mut impl ProcessContext<Self>, settings: &Settings) {
        let n_bound = self.params.bindings.0.n_changes();
        let programs = self.params.playing.programs.value();
        let were_down = self.controls.passed_pedals();
        self.programs.hear_transport(context.transport().playing);
        let beside = &mut self.beside;
        self.programs.tell(programs::wanted(&self.params, settings), |event| {
            beside.push(Beside { event, is_after_offs: false });
        });
        let n_told = beside.len();
        let mut last_off = None;
        while let Some(event) = context.next_event() {
            let event = self.controls.resolve(event);
            if self.is_sent_back(&event) {
                continue;
            }
            if let NoteEvent::NoteOff { timing, .. } | NoteEvent::Choke { timing, .. } = event {
                last_off = Some(timing);
            }
            if let NoteEvent::Choke { key, .. } = event {
                self.choked |=
                    key.number().map_or(u128::MAX, |number| 1_u128.checked_shl(number.into()).unwrap_or(0));
            }
            let is_after_offs = last_off == Some(event.timing());
            let message = match self.controls.route(&event, settings, programs) {
                InputRoute::Note => {
                    let room = MAX_INPUTS - self.inputs.len();
                    self.inputs.extend(events::from_host(&event).take(room));
                    if room == 0 {
                        // More than hands play; a note-off among them must not be missed.
                        self.player.panic();
                    }
                    continue;
                }
                InputRoute::Input(message) => message,
                InputRoute::Command(Command::Panic) => {
                    self.silence(event.timing(), settings);
                    Message::Release
                }
                InputRoute::Command(Command::Restart) => Message::Restart,
                InputRoute::Command(command) => {
                    self.act(command, settings);
                    continue;
                }
                InputRoute::Preset(number) => {
                    self.raise(Trigger::Preset(number));
                    continue;
                }
                InputRoute::Passes => {
                    self.pass(Beside { event, is_after_offs });
                    continue;
                }
                InputRoute::PedalUp => {
                    self.pass(Beside { event, is_after_offs });
                    Message::Hold { is_down: false }
                }
                InputRoute::Done => continue,
            };
            if message == Message::Release {
                self.lift_pedals(event.timing());
            }
            if self.inputs.len() < MAX_INPUTS {
                self.inputs.push(InputEvent { offset: event.timing(), message });
            } else if message == Message::Release {
                self.player.panic();
            }
        }
        self.drop_floods(n_told, were_down);
        if self.params.bindings.0.n_changes() != n_bound {
            // What was learnt is to be seen.
            self.repaint.request_repaint();
        }
    }

    /// Passes nothing on that a host has set all at once, from the place `first` of what leaves beside the notes; but pedals
    /// of `were_down`, a bit for each channel, go up.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn drop_floods(&mut self, first: usize, were_down: u16) {
        let flooded = |beside: &[Beside]| {
            let mut runs = beside.get(first..)?.windows(MAX_AT_ONCE + 1);
            let flood = runs.find(|run| run.first().map(Beside::timing) == run.last().map(Beside::timing))?;
            flood.first().map(Beside::timing)
        };
        let mut is_flooded = false;
        while let Some(timing) = flooded(&self.beside) {
            let mut idx = 0;
            self.beside.retain(|event| {
                idx += 1;
                idx <= first || event.timing() != timing
            });
            is_flooded = true;
        }
        if is_flooded {
            let last = self.beside.last().map_or(0, Beside::timing);
            let lifted = midi_input::lifted(were_down & !self.controls.passed_pedals(), last);
            self.add(lifted);
        }
    }

    /// Whether `event` would do something here, but left here and was sent back by the host.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn is_sent_back(&mut self, event: &NoteEvent<RealTime>) -> bool {
        match *event {
            NoteEvent::MidiProgramChange { channel, program, .. } => {
                self.programs.has_just_told(channel, program)
            }
            _ if self.controls.wants(event) => {
                let player = &mut self.player;
                events::from_host(event).any(|input| player.is_own(&input))
            }
            _ => false,
        }
    }

    /// Passes `event` through.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn pass(&mut self, beside: Beside) {
        if self.beside.len() < EVENT_CAPACITY {
            self.beside.push(beside);
        }
    }

    /// Has `events` leave beside the player's notes, as far as there is room.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn add(&mut self, events: impl Iterator<Item = NoteEvent<RealTime>>) {
        let room = MAX_BESIDE - self.beside.len();
        self.beside.extend(events.take(room).map(|event| Beside { event, is_after_offs: false }));
    }

    /// Lifts the pedals that were passed through, at `timing` of the block.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn lift_pedals(&mut self, timing: u32) {
        let lifted = self.controls.lift_pedals(timing);
        self.add(lifted);
    }

    /// Tells whoever plays the parts to be silent, at `timing` of the block: their channels may hang for others' reasons.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn silence(&mut self, timing: u32, settings: &Settings) {
        self.lift_pedals(timing);
        let channels = Part::ALL.iter().fold(0, |bits, part| bits | 1 << settings.channel(*part));
        self.add(midi_input::silenced(channels, timing));
    }

    /// Lets go of all that sounds.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn panic(&mut self, settings: &Settings) {
        self.silence(0, settings);
        self.player.panic();
        if let Some(synth) = &mut self.synth {
            synth.all_notes_off();
        }
    }

    /// Does what was switched on since the last block.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn act_on_switches(&mut self, settings: &Settings) {
        let before = std::mem::replace(&mut self.switches, Switches::read(&self.params, &self.shared));
        if self.switches.n_restores != before.n_restores {
            // Another project: what is on in it was switched on long ago.
            return;
        }
        let now = self.switches;
        for command in Command::ALL.into_iter().filter(|command| now.n(*command) != before.n(*command)) {
            self.act(command, settings);
        }
        if self.switches.slot != before.slot {
            let slot_idx = self.switches.slot.checked_sub(1);
            self.player.set_slot(slot_idx);
            slot_idx.into_iter().for_each(|slot_idx| self.raise(Trigger::Choose(Choice::Slot(slot_idx))));
        }
    }

    /// Does `command`.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn act(&mut self, command: Command, settings: &Settings) {
        match command {
            Command::Compose(verb) => self.raise(Trigger::Compose(verb)),
            Command::PreviousTake => self.raise(Trigger::Choose(Choice::Previous)),
            Command::NextTake => self.raise(Trigger::Choose(Choice::Next)),
            Command::Restart => self.inputs.push(InputEvent { offset: 0, message: Message::Restart }),
            Command::Panic => self.panic(settings),
        }
    }

    /// Asks the worker. What is rendered offline is what was composed before, and the worker only says so.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn raise(&self, trigger: Trigger) {
        if self.is_offline {
            self.triggers.refuse(trigger);
        } else {
            self.triggers.raise(trigger, self.switches.n_restores);
        }
    }
}

impl ClapPlugin for Descant {
    const CLAP_ID: &'static str = "free.descant.descant";
    const CLAP_DESCRIPTION: Option<&'static str> =
        Some("Composes phrases with a small transformer, offline, and plays them as MIDI");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] =
        &[ClapFeature::Instrument, ClapFeature::Synthesizer, ClapFeature::Stereo];

    fn remote_controls(&self, context: &mut impl RemoteControlsContext) {
        remote_controls::add(context, &self.params);
    }
}

impl Vst3Plugin for Descant {
    const VST3_CLASS_ID: [u8; 16] = *b"DescantComposer1";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Instrument, Vst3SubCategory::Synth, Vst3SubCategory::Generator];
}
