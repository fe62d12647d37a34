//! The audio thread's half of an instance: events and time in, events and sound out.
//!
//! # Threads
//!
//! The host lends [`AudioProcessor`] to its audio thread, and for activation to its main thread. Nothing in it waits for
//! another thread: that is checked by type, see [`LockFree`].

use std::sync::Arc;

use nice_plug::prelude::{Buffer, NoteEvent, Plugin, ProcessContext, ProcessStatus, Transport};

use super::call_meter::CallMeter;
use super::edge_detector::Switches;
use super::events;
use super::grooves::Grooves;
use super::lock_free::LockFree;
use super::midi_input::{self, Controls, InputRoute, RealTime};
use super::output_queue::Outbox;
use super::passthrough::SideEvent;
use super::programs::{self, Programs};
use super::render_detector::{Course, Rendered};
use super::settings::{self, Bars, BlockEvents, Preview};
use super::values::Values;
use crate::editor::RepaintNotifier;
use crate::music::{Part, TickDuration};
use crate::player::{HostTime, InputEvent, Message, Monitor, Player, PlayerEvent, Settings};
use crate::session::{Choice, Command};
use crate::synth::Synth;
use crate::worker::{Restores, Trigger, Triggers};

/// The largest number of note events handled in a block.
const MAX_INPUTS: usize = 1024;

/// Events that the framework has room for: when a VST3 host sets every parameter at once, as on loading, each of the hidden
/// ones that controllers come as is an event.
pub const EVENT_CAPACITY: usize = 16 * 130 + MAX_INPUTS;

/// More controllers than this at one sample were set by the host, not moved by hand: no MIDI cable carries so many.
const MAX_AT_ONCE: usize = 100;

/// The largest number of output events of a block besides the player's notes: events passed through, programs and
/// pedals.
const MAX_SIDE_EVENTS: usize = EVENT_CAPACITY + programs::MAX_DUE + 3 * 16;

/// The handles that the audio thread shares with other threads.
pub struct Handles {
    pub values: Values,
    pub triggers: Arc<Triggers>,
    pub monitor: Arc<Monitor>,
    pub restores: Restores,
    pub call_meter: Arc<CallMeter>,
    pub rendered: Arc<Rendered>,
    pub repaint: RepaintNotifier,
}

/// The audio thread's half of an instance.
pub struct AudioProcessor {
    handles: Handles,
    player: Player,
    /// Created on activation, when the sample rate is known.
    synth: Option<Synth>,
    preview: Preview,
    controls: Controls,
    /// The player's input events of the current block.
    inputs: Vec<InputEvent>,
    /// Output events of the current block besides the player's notes, in order.
    side_events: Vec<SideEvent>,
    /// Keys that the host chokes in the current block, one bit for each.
    choked: u128,
    programs: Programs,
    outbox: Outbox,
    switches: Switches,
    grooves: Grooves,
    course: Course,
    /// Hertz.
    sample_rate: f32,
    /// Whether the host announced a render faster than real time.
    is_offline: bool,
    /// Whether this is the standalone program, without a host.
    is_standalone: bool,
}

/// A compile-time check that each field is [`LockFree`]; new fields have to be listed.
const _: fn(&AudioProcessor) = |processor| {
    fn check(_: &impl LockFree) {}
    let AudioProcessor {
        handles,
        player,
        synth,
        preview,
        controls,
        inputs,
        side_events,
        choked,
        programs,
        outbox,
        switches,
        grooves,
        course,
        sample_rate,
        is_offline,
        is_standalone,
    } = processor;
    let Handles { values, triggers, monitor, restores, call_meter, rendered, repaint } = handles;
    check(values);
    check(triggers);
    check(monitor);
    check(restores);
    check(call_meter);
    check(rendered);
    check(repaint);
    check(player);
    check(synth);
    check(preview);
    check(controls);
    check(inputs);
    check(side_events);
    check(choked);
    check(programs);
    check(outbox);
    check(switches);
    check(grooves);
    check(course);
    check(sample_rate);
    check(is_offline);
    check(is_standalone);
};

impl AudioProcessor {
    /// A processor around `player`. Allocates.
    pub fn new(handles: Handles, player: Player, grooves: Grooves, is_standalone: bool) -> Self {
        Self {
            controls: Controls::new(Arc::clone(handles.values.bindings())),
            handles,
            player,
            synth: None,
            preview: Preview::default(),
            inputs: Vec::with_capacity(MAX_INPUTS),
            side_events: Vec::with_capacity(MAX_SIDE_EVENTS),
            choked: 0,
            programs: Programs::default(),
            outbox: Outbox::new(),
            switches: Switches::default(),
            grooves,
            course: Course::default(),
            sample_rate: 48_000.0,
            is_offline: false,
            is_standalone,
        }
    }

    /// Prepares for processing. `sample_rate` — hertz; `is_offline` — the host renders faster than real time.
    /// Allocates.
    pub fn activate(&mut self, sample_rate: f32, is_offline: bool) {
        self.is_offline = is_offline;
        self.course = Course::default();
        self.sample_rate = sample_rate;
        self.player.set_sample_rate(sample_rate);
        self.synth = Some(Synth::new(sample_rate));
        self.preview = Preview::default();
        self.controls.reset();
        self.programs.start(sample_rate);
        let (before, now) = (self.switches, Switches::read(&self.handles.values, &self.handles.restores));
        // A slot set while inactive is still chosen, unless a restored project set it.
        let slot = if now.n_restores == before.n_restores { before.slot } else { now.slot };
        self.switches = Switches { slot, ..now };
    }

    /// Resets the player and the synth to silence.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn reset(&mut self) {
        self.player.reset();
        if let Some(synth) = &mut self.synth {
            synth.reset();
        }
    }

    /// Plays a block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn process<P: Plugin<SysExMessage = RealTime>>(
        &mut self,
        buffer: &mut Buffer,
        context: &mut impl ProcessContext<P>,
    ) -> ProcessStatus {
        let Ok(n_samples) = u32::try_from(buffer.samples()) else {
            return ProcessStatus::Error("blocks of more than four billion samples are not played");
        };
        let [left, right] = buffer.as_slice() else {
            return ProcessStatus::Error("the output has to be stereo");
        };
        self.begin_block(n_samples);
        let settings = self.settings(context.transport());
        self.act_on_switches(&settings);
        self.take_events(context, &settings);
        self.programs.advance(n_samples);
        let host = self.host_time(context.transport(), &settings, n_samples);
        let (was_playing, n_passes) = (self.handles.monitor.is_playing(), self.handles.monitor.n_passes());
        let played = self.player.process(&host, &settings, &self.inputs, n_samples);
        if let Some(synth) = &mut self.synth {
            let events = BlockEvents { played, side_events: &self.side_events, choked: self.choked };
            self.preview.render(synth, &self.handles.values, events, left, right);
        }
        send(&mut self.outbox, &mut self.side_events, played, context);
        self.notify(was_playing, n_passes);
        // The phrase may begin without any input.
        ProcessStatus::KeepAlive
    }

    /// Begins a block of `n_samples`.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn begin_block(&mut self, n_samples: u32) {
        self.handles.rendered.add(n_samples, self.sample_rate);
        self.inputs.clear();
        self.side_events.clear();
        self.choked = 0;
        // Clips sent before come first, so that this block's settings override them.
        self.player.receive();
    }

    /// The host's time for the block of `n_samples`, as the player needs it.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn host_time(&mut self, transport: &Transport, settings: &Settings, n_samples: u32) -> HostTime {
        let mut host = events::host_time(transport);
        if self.is_standalone {
            host = events::time_without_host(host, settings);
        }
        if self.course.has_jumped(&host, f64::from(n_samples) / f64::from(self.sample_rate.max(1.0))) {
            self.handles.rendered.jump();
        }
        if settings.is_offline {
            // A render ignores the loop.
            host.loop_range = None;
        }
        host
    }

    /// Notifies other threads of changes in the block. `was_playing`, `n_passes` — the monitor's values before the
    /// block.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn notify(&mut self, was_playing: bool, n_passes: u64) {
        if self.handles.monitor.is_playing() != was_playing {
            // The editor sleeps while nothing moves.
            self.handles.repaint.request_repaint();
        }
        if let Some(slot_idx) = self.player.take_slot_asked() {
            self.raise(Trigger::Choose(Choice::Slot(slot_idx)));
        }
        let begins =
            self.handles.monitor.n_passes() != n_passes && self.handles.monitor.pending_id().is_none();
        if begins && self.handles.values.playing().evolve.value() {
            self.raise(Trigger::Evolve);
        }
    }

    /// The player's settings by the parameters and `transport`.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn settings(&self, transport: &Transport) -> Settings {
        let values = &self.handles.values;
        let meter = self.handles.call_meter.follow(events::meter(transport), values);
        let call = meter.bar_duration().to_beats();
        // The count-in has bars of the phrase that it leads into.
        let bars = Bars { call, count_in: self.player.bar().map_or(call, TickDuration::to_beats) };
        let is_offline = self.is_offline || self.handles.rendered.is_ahead();
        Settings { is_offline, ..settings::read(values, &self.grooves, bars) }
    }

    /// Reads and routes the input events of the block.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn take_events<P: Plugin<SysExMessage = RealTime>>(
        &mut self,
        context: &mut impl ProcessContext<P>,
        settings: &Settings,
    ) {
        let n_bound = self.handles.values.bindings().n_changes();
        let were_down = self.controls.passed_pedals();
        self.programs.follow_transport(context.transport().playing);
        let side_events = &mut self.side_events;
        self.programs.update(programs::wanted(&self.handles.values, settings), |event| {
            side_events.push(SideEvent { event, is_after_offs: false });
        });
        let n_programs = side_events.len();
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
            self.take_event(SideEvent { event, is_after_offs }, settings);
        }
        self.drop_floods(n_programs, were_down);
        if self.handles.values.bindings().n_changes() != n_bound {
            // The editor shows what was learnt.
            self.handles.repaint.request_repaint();
        }
    }

    /// Handles one event by its route; an event that passes through is sent unchanged.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn take_event(&mut self, event: SideEvent, settings: &Settings) {
        let timing = event.timing();
        let programs = self.handles.values.playing().programs.value();
        match self.controls.route(&event.event, settings, programs) {
            InputRoute::Note => self.take_note(&event.event),
            InputRoute::Input(message) => self.take_message(timing, message),
            InputRoute::Command(Command::Panic) => {
                self.silence(timing, settings);
                self.take_message(timing, Message::Release);
            }
            InputRoute::Command(Command::Restart) => self.take_message(timing, Message::Restart),
            InputRoute::Command(command) => self.act(command, settings),
            InputRoute::Preset(number) => self.raise(Trigger::Preset(number)),
            InputRoute::Passes => self.pass(event),
            InputRoute::PedalUp => {
                self.pass(event);
                self.take_message(timing, Message::Hold { is_down: false });
            }
            InputRoute::Done => {}
        }
    }

    /// Gives a note to the player.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn take_note(&mut self, event: &NoteEvent<RealTime>) {
        let room = MAX_INPUTS - self.inputs.len();
        self.inputs.extend(events::from_host(event).take(room));
        if room == 0 {
            // The list is full. A note-off must not be lost.
            self.player.panic();
        }
    }

    /// Gives a message to the player. `offset` — samples from the start of the block.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn take_message(&mut self, offset: u32, message: Message) {
        if message == Message::Release {
            self.lift_pedals(offset);
        }
        if self.inputs.len() < MAX_INPUTS {
            self.inputs.push(InputEvent { offset, message });
        } else if message == Message::Release {
            self.player.panic();
        }
    }

    /// Drops controllers that the host set all at once, from the index `first` of the side events on. Pedals of the
    /// channels in `were_down`, one bit each, still go up.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn drop_floods(&mut self, first: usize, were_down: u16) {
        let flooded = |events: &[SideEvent]| {
            let mut runs = events.get(first..)?.windows(MAX_AT_ONCE + 1);
            let flood =
                runs.find(|run| run.first().map(SideEvent::timing) == run.last().map(SideEvent::timing))?;
            flood.first().map(SideEvent::timing)
        };
        let mut is_flooded = false;
        while let Some(timing) = flooded(&self.side_events) {
            let mut idx = 0;
            self.side_events.retain(|event| {
                idx += 1;
                idx <= first || event.timing() != timing
            });
            is_flooded = true;
        }
        if is_flooded {
            let last = self.side_events.last().map_or(0, SideEvent::timing);
            let lifted = midi_input::lifted(were_down & !self.controls.passed_pedals(), last);
            self.add(lifted);
        }
    }

    /// Whether `event` is our own output that the host sent back, and would have an effect.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn is_sent_back(&mut self, event: &NoteEvent<RealTime>) -> bool {
        match *event {
            NoteEvent::MidiProgramChange { channel, program, .. } => {
                self.programs.has_just_sent(channel, program)
            }
            _ if self.controls.wants(event) => {
                let player = &mut self.player;
                events::from_host(event).any(|input| player.is_own(&input))
            }
            _ => false,
        }
    }

    /// Adds `event` to the output.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn pass(&mut self, event: SideEvent) {
        if self.side_events.len() < EVENT_CAPACITY {
            self.side_events.push(event);
        }
    }

    /// Adds `events` to the output, as far as there is room.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn add(&mut self, events: impl Iterator<Item = NoteEvent<RealTime>>) {
        let room = MAX_SIDE_EVENTS - self.side_events.len();
        self.side_events.extend(events.take(room).map(|event| SideEvent { event, is_after_offs: false }));
    }

    /// Sends pedal up for all pedals passed through. `timing` — samples from the start of the block.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn lift_pedals(&mut self, timing: u32) {
        let lifted = self.controls.lift_pedals(timing);
        self.add(lifted);
    }

    /// Sends all notes off on the channels of all parts, whose instruments may hang for other reasons. `timing` —
    /// samples from the start of the block.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn silence(&mut self, timing: u32, settings: &Settings) {
        self.lift_pedals(timing);
        let channels = Part::ALL.iter().fold(0, |bits, part| bits | 1 << settings.channel(*part));
        self.add(midi_input::silenced(channels, timing));
    }

    /// Panic: releases everything that sounds.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn panic(&mut self, settings: &Settings) {
        self.silence(0, settings);
        self.player.panic();
        if let Some(synth) = &mut self.synth {
            synth.all_notes_off();
        }
    }

    /// Performs the commands of switches that went on since the last block.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn act_on_switches(&mut self, settings: &Settings) {
        let before = std::mem::replace(
            &mut self.switches,
            Switches::read(&self.handles.values, &self.handles.restores),
        );
        if self.switches.n_restores != before.n_restores {
            // A project was restored: its switches are states, not presses.
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

    /// Performs `command`.
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

    /// Sends a trigger to the worker. In an offline render the worker composes nothing and only reports that.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn raise(&self, trigger: Trigger) {
        if self.is_offline {
            self.handles.triggers.refuse(trigger);
        } else {
            self.handles.triggers.raise(trigger, self.switches.n_restores);
        }
    }
}

/// Sends a block's events to the host: first the note-offs that it refused before, then `played` merged with
/// `side_events`.
///
/// *Real-time:* wait-free, no allocation.
fn send<P: Plugin<SysExMessage = RealTime>>(
    outbox: &mut Outbox,
    side_events: &mut Vec<SideEvent>,
    played: &[PlayerEvent],
    context: &mut impl ProcessContext<P>,
) {
    outbox.send_kept(|off| context.try_send_event(events::to_host(off)).is_ok());
    let mut side_events = side_events.drain(..).peekable();
    for event in played {
        while let Some(side) = side_events.next_if(|side| side.precedes(event)) {
            // A refused side event is lost; at worst a step of a controller.
            let _ = context.try_send_event(side.event);
        }
        outbox.send(event, |event| context.try_send_event(events::to_host(event)).is_ok());
    }
    for side in side_events {
        let _ = context.try_send_event(side.event);
    }
}
