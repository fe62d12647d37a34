//! Scripts of actions of hosts and musicians, timed in samples, which can be played in blocks of any size.

use std::fmt;

use descant::music::groove::{GroovePlace, N_PLACES};
use descant::music::{
    Frame, Groove, Key, Meter, Note, Phrase, Pitch, Progression, TickDuration, TickInstant,
};
use descant::player::{
    Action, Cause, Clip, ClockMessage, HostTime, InputEvent, KeyTrigger, Message, Mode, N_SLOTS, Quantum,
    Settings, SwingUnit, TempoSource,
};
use proptest::prelude::*;

use super::rig::{Host, Rig};

/// How long a script is, in samples.
pub const N_SAMPLES: u32 = 200_000;

/// Notes as onset and duration in ticks, key and part.
pub type Notes = Vec<(u32, u32, u8, usize)>;

/// A setting that is changed to one of 256 values.
#[derive(Clone, Copy)]
pub struct Setter {
    name: &'static str,
    set: fn(&mut Settings, u8),
}

impl Setter {
    pub fn set(self, settings: &mut Settings, n: u8) {
        (self.set)(settings, n);
    }
}

impl fmt::Debug for Setter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Everything that can be set, under the name that a failure tells.
const SETTERS: [Setter; 29] = [
    Setter { name: "mode", set: |s, n| s.mode = [Mode::Host, Mode::Keys, Mode::Free][usize::from(n % 3)] },
    Setter { name: "is_running", set: |s, n| s.is_running = n % 3 != 0 },
    Setter { name: "is_bypassed", set: |s, n| s.is_bypassed = n % 3 == 0 },
    Setter { name: "is_muted", set: |s, n| s.parts[usize::from(n % 5)].is_muted ^= true },
    Setter { name: "is_soloed", set: |s, n| s.parts[usize::from(n % 5)].is_soloed ^= true },
    Setter { name: "channel", set: |s, n| s.parts[usize::from(n % 5)].channel = n / 5 % 3 },
    Setter {
        name: "octave",
        set: |s, n| s.parts[usize::from(n % 5)].octave = i8::try_from(n / 5 % 9).unwrap() - 4,
    },
    Setter { name: "swing", set: |s, n| s.swing = 0.5 + f32::from(n) / 1000.0 },
    Setter {
        name: "swing_unit",
        set: |s, n| {
            s.swing_unit = [SwingUnit::Eighth, SwingUnit::Sixteenth][usize::from(n % 2)];
        },
    },
    Setter { name: "groove", set: |s, n| s.groove = groove(n) },
    Setter { name: "groove_amount", set: |s, n| s.groove_amount = f32::from(n) / 200.0 },
    Setter { name: "humanise", set: |s, n| s.humanise = f32::from(n) / 255.0 },
    Setter { name: "accent", set: |s, n| s.accent = f32::from(n) / 255.0 },
    Setter { name: "note_length", set: |s, n| s.note_length = f32::from(n) / 100.0 },
    Setter { name: "key_dynamics", set: |s, n| s.key_dynamics = f32::from(n) / 255.0 },
    Setter {
        name: "key_trigger",
        set: |s, n| s.key_trigger = if n % 2 == 0 { KeyTrigger::Gate } else { KeyTrigger::Latch },
    },
    Setter { name: "key_switches", set: |s, n| s.key_switches = (n % 3 != 0).then_some(40 + n % 30) },
    Setter { name: "follows", set: |s, n| s.follows = n % 3 != 0 },
    Setter { name: "one_channel", set: |s, n| s.one_channel = (n % 2 == 0).then_some(n / 16) },
    Setter { name: "holds", set: |s, n| s.holds = n % 2 == 0 },
    Setter { name: "passes", set: |s, n| s.passes = n % 2 == 0 },
    Setter { name: "is_offline", set: |s, n| s.is_offline = n % 2 == 0 },
    Setter { name: "count_in_beats", set: |s, n| s.count_in_beats = f64::from(n) / 10.0 - 5.0 },
    Setter { name: "tempo_source", set: |s, n| s.tempo_source = TEMPO_SOURCES[usize::from(n % 3)] },
    Setter { name: "velocity_curve", set: |s, n| s.velocity_curve = f32::from(n) / 64.0 - 2.0 },
    Setter { name: "call_beats", set: |s, n| s.call_beats = (n % 3 != 0).then_some(f64::from(n) / 20.0) },
    Setter { name: "commit_beats", set: |s, n| s.commit_beats = f64::from(n) / 12.0 },
    Setter { name: "tempo", set: |s, n| s.tempo = 20.0 + 2.0 * f64::from(n) },
    Setter { name: "quantum", set: |s, n| s.quantum = QUANTA[usize::from(n % 6)] },
];

const TEMPO_SOURCES: [TempoSource; 3] = [TempoSource::Host, TempoSource::Knob, TempoSource::MidiClock];

const QUANTA: [Quantum; 6] =
    [Quantum::Off, Quantum::Sixteenth, Quantum::Eighth, Quantum::Beat, Quantum::Bar, Quantum::Phrase];

const CAUSES: [Cause; 4] = [Cause::Chosen, Cause::Composed, Cause::Answer, Cause::Evolved];

/// Any setting, and what it is set to.
pub fn setting() -> impl Strategy<Value = (Setter, u8)> {
    (prop::sample::select(SETTERS.to_vec()), any::<u8>())
}

/// One of 256 grooves, the first of them straight.
pub fn groove(n: u8) -> Groove {
    let mut places = [GroovePlace::STRAIGHT; N_PLACES];
    for (place, idx) in places.iter_mut().zip(1_u32..) {
        let late_ticks = f64::from(u32::from(n) * idx * 37 % 97);
        *place = GroovePlace { late_ticks, velocity: 0.5 + late_ticks / 96.0 };
    }
    if n == 0 { Groove::STRAIGHT } else { Groove::new(places).unwrap() }
}

/// Something that comes in within the first `n_samples`, keys above all.
pub fn input(n_samples: u32) -> impl Strategy<Value = InputEvent> {
    // Now and then the channel of the melody, and what the phrase itself sends.
    let channel = prop_oneof![4 => Just(5), 1 => Just(0)];
    let velocity = prop_oneof![3 => 1_u8..128, 1 => Just(100)];
    let note = |channel, key, action| Message::Note { channel, pitch: Pitch::new(key).unwrap(), action };
    let clock = prop_oneof![
        8 => Just(ClockMessage::Tick),
        2 => Just(ClockMessage::Start),
        1 => Just(ClockMessage::Continue),
        1 => Just(ClockMessage::Stop),
        1 => (0_u16..200).prop_map(ClockMessage::Position),
    ];
    let message = prop_oneof![
        6 => (channel.clone(), 55_u8..70, velocity).prop_map(move |(channel, key, velocity)| {
            note(channel, key, Action::On { velocity })
        }),
        6 => (channel, 55_u8..70).prop_map(move |(channel, key)| note(channel, key, Action::Off)),
        2 => any::<bool>().prop_map(|is_down| Message::Hold { is_down }),
        2 => (0_u8..14).prop_map(Message::Slot),
        1 => Just(Message::Release),
        1 => Just(Message::Restart),
        4 => clock.prop_map(Message::Clock),
    ];
    (0..n_samples, message).prop_map(|(offset, message)| InputEvent { offset, message })
}

/// A phrase of `n_bars` of `notes`.
pub fn phrase_of(meter: Meter, n_bars: u32, notes: &Notes) -> Phrase {
    let mut parts: [Vec<Note>; 5] = Default::default();
    for &(onset, duration, key, part) in notes {
        let note = Note::new(TickInstant(onset), TickDuration(duration), Pitch::new(key).unwrap(), 100);
        parts[part].push(note);
    }
    let frame = Frame::new(meter, n_bars, Key::C_MAJOR, 100.0);
    Phrase::repaired(frame, Progression::default(), parts).unwrap().0
}

/// The notes of a phrase of up to `n`.
pub fn notes(n: usize) -> impl Strategy<Value = Notes> {
    prop::collection::vec((0_u32..7680, 1_u32..4000, 0_u8..128, 0_usize..5), 0..n)
}

/// What the host says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Everything,
    /// That it plays, and how fast.
    NoBeat,
    /// That it plays.
    Playing,
    Nothing,
}

/// What happens between two blocks.
#[derive(Debug, Clone)]
pub enum Step {
    Start,
    Stop,
    Seek(f64),
    Loop(Option<(f64, f64)>),
    /// Both ends of the loop are moved by so many beats.
    EditLoop(f64, f64),
    /// Beats a bar.
    Meter(f64),
    Tempo(f64),
    Said(Said),
    Set(Setter, u8),
    /// Deactivated and activated at this rate.
    Reactivate(f32),
    Reset,
    Panic,
    /// Test notes are asked for, or stopped.
    Test(bool),
    /// A phrase by its id, cause, meter, bars and notes.
    Send(u64, Cause, usize, u32, Notes),
    /// Two bars for a slot, by their id, or nothing.
    SendToSlot(usize, Option<u64>, Notes),
    SetSlot(Option<u8>),
}

fn step() -> impl Strategy<Value = Step> {
    let said = [Said::Everything, Said::NoBeat, Said::Playing, Said::Nothing].to_vec();
    prop_oneof![
        2 => Just(Step::Start),
        1 => Just(Step::Stop),
        2 => (-8.0..40.0).prop_map(Step::Seek),
        // Loops so short that no player believes in them are for hosts to explain.
        2 => prop::option::weighted(0.7, (0.0..8.0, 0.25..9.0))
            .prop_map(|range| Step::Loop(range.map(|(start, length)| (start, start + length)))),
        1 => (-2.0..2.0, -2.0..2.0).prop_map(|(start, end)| Step::EditLoop(start, end)),
        1 => prop::sample::select(vec![4.0, 3.0, 3.5, 2.0, 5.0]).prop_map(Step::Meter),
        2 => (40.0..300.0).prop_map(Step::Tempo),
        1 => prop::sample::select(said).prop_map(Step::Said),
        12 => setting().prop_map(|(setter, n)| Step::Set(setter, n)),
        1 => prop::sample::select(vec![22_050.0_f32, 44_100.0, 48_000.0, 96_000.0]).prop_map(Step::Reactivate),
        1 => Just(Step::Reset),
        1 => Just(Step::Panic),
        1 => prop::bool::weighted(0.7).prop_map(Step::Test),
        5 => (0_u64..4, prop::sample::select(CAUSES.to_vec()), 0..Meter::COUNT, 1_u32..4, notes(24)).prop_map(
            |(id, cause, meter, n_bars, notes)| Step::Send(id, cause, meter, n_bars, notes)),
        2 => (0..N_SLOTS, prop::option::weighted(0.9, 0_u64..6), notes(20))
            .prop_map(|(slot_idx, id, notes)| Step::SendToSlot(slot_idx, id, notes)),
        1 => prop::option::of(0_u8..14).prop_map(Step::SetSlot),
    ]
}

/// Steps and inputs, each on its sample.
#[derive(Debug, Clone)]
pub struct Script {
    /// In order; those of one sample in the order in which they are done.
    pub steps: Vec<(u32, Step)>,
    /// In order; offsets are from the beginning.
    pub inputs: Vec<InputEvent>,
}

/// Any script at all.
pub fn script() -> impl Strategy<Value = Script> {
    let at = prop_oneof![1 => Just(0), 6 => 0..N_SAMPLES];
    let steps = prop::collection::vec((at, step()), 1..24);
    // Now and then all at once, as chords and clumsy hosts are.
    let crowd = (0..N_SAMPLES - 600, prop::collection::vec(input(600), 0..6));
    let crowd = crowd.prop_map(|(from, mut inputs)| {
        inputs.iter_mut().for_each(|input| input.offset += from);
        inputs
    });
    let inputs = (prop::collection::vec(input(N_SAMPLES), 0..24), crowd);
    (steps, inputs).prop_map(|(mut steps, (mut inputs, crowd))| {
        steps.sort_by_key(|(at, _)| *at);
        inputs.extend(crowd);
        inputs.sort_by_key(|input| input.offset);
        Script { steps, inputs }
    })
}

/// The host of a script.
struct Stage {
    host: Host,
    is_playing: bool,
    said: Said,
    /// Whether tempo or place were changed since the last block.
    is_moved: bool,
}

impl Script {
    /// Without what a render does not promise: phrases that are composed meanwhile, test notes, and a MIDI clock, which
    /// goes on while the player begins anew.
    pub fn without_composing(mut self) -> Self {
        self.steps.retain(|(_, step)| match step {
            Step::Send(..) | Step::SendToSlot(..) | Step::Test(_) => false,
            Step::Set(setter, n) => {
                let is_clock = setter.name == "tempo_source" && n % 3 == 2;
                !is_clock && setter.name != "is_offline"
            }
            _ => true,
        });
        self
    }

    /// Plays all of it in blocks of the sizes that come round, cut before each step.
    pub fn play(&self, rig: &mut Rig, sizes: &[u32]) {
        let mut stage =
            Stage { host: Host::at(0.0), is_playing: true, said: Said::Everything, is_moved: false };
        let (mut steps, mut sizes) = (self.steps.iter().peekable(), sizes.iter().cycle());
        let mut at = 0;
        while at < N_SAMPLES {
            while let Some((_, step)) = steps.next_if(|(when, _)| *when <= at) {
                stage.take(step, rig);
            }
            let end = steps.peek().map_or(N_SAMPLES, |(when, _)| *when).min(N_SAMPLES);
            let end = end.min(at.saturating_add(*sizes.next().unwrap()));
            let end = self
                .inputs_from(at, end)
                .find(|input| acts_at_the_next_block(rig, input))
                .map_or(end, |input| input.offset + 1);
            let inputs: Vec<_> = self
                .inputs_from(at, end)
                .map(|input| InputEvent { offset: input.offset - at, ..*input })
                .collect();
            rig.block(&stage.time(), &inputs, end - at);
            if stage.is_playing {
                stage.host.advance(end - at);
            }
            stage.is_moved = false;
            at = end;
        }
    }

    fn inputs_from(&self, from: u32, to: u32) -> impl Iterator<Item = &InputEvent> {
        self.inputs.iter().filter(move |input| (from..to).contains(&input.offset))
    }
}

/// Whether `input` acts from the next block on by design: a slot that is chosen while launch is off.
fn acts_at_the_next_block(rig: &Rig, input: &InputEvent) -> bool {
    let settings = &rig.settings;
    let chooses = match input.message {
        Message::Slot(_) => true,
        Message::Note { pitch, action: Action::On { .. }, .. } => {
            settings.mode == Mode::Keys && settings.slot_of_key(pitch).is_some()
        }
        _ => false,
    };
    chooses && settings.quantum == Quantum::Off
}

/// Where a seek to `beat` ends: not between the start of the loop and here, which is where some hosts are that have gone
/// round it, and is taken for that as long as the block went round.
fn sought(host: &Host, beat: f64) -> f64 {
    let is_in_loop = |(start, _): &(f64, f64)| (start - 0.1..host.beat + 0.1).contains(&beat);
    host.loop_range.filter(is_in_loop).map_or(beat, |(start, _)| start - 1.0)
}

impl Stage {
    fn time(&self) -> HostTime {
        let time = HostTime { is_playing: self.is_playing, ..self.host.time() };
        match self.said {
            Said::Everything => time,
            Said::NoBeat => HostTime { beat: None, ..time },
            // Beats without a tempo are not here: how fast such a host is shows only from one block to the next.
            Said::Playing => HostTime { is_playing: self.is_playing, ..HostTime::default() },
            Said::Nothing => HostTime::default(),
        }
    }

    fn take(&mut self, step: &Step, rig: &mut Rig) {
        let host = &mut self.host;
        match step {
            Step::Start => self.is_playing = true,
            Step::Stop => self.is_playing = false,
            // A seek is known by the place where the last block ended. Where the tempo changed as well, any place that
            // either tempo leads to is believed, and the longer the block, the more these are.
            Step::Seek(_) | Step::Tempo(_) if std::mem::replace(&mut self.is_moved, true) => {}
            Step::Seek(beat) => host.beat = sought(host, *beat),
            Step::Tempo(tempo) => host.tempo = *tempo,
            Step::Loop(range) => host.loop_range = *range,
            Step::EditLoop(by_start, by_end) => {
                let edited = host.loop_range.map(|(start, end)| (start + by_start, end + by_end));
                host.loop_range = edited.filter(|(start, end)| end - start >= 0.25);
            }
            Step::Meter(bar) => host.bar = *bar,
            Step::Said(said) => self.said = *said,
            Step::Set(setter, n) => setter.set(&mut rig.settings, *n),
            Step::Reactivate(rate) => {
                rig.player.set_sample_rate(*rate);
                rig.player.reset();
                host.rate = f64::from(*rate);
            }
            Step::Reset => rig.player.reset(),
            Step::Panic => rig.player.panic(),
            Step::Test(true) => rig.monitor.send_test_notes(),
            Step::Test(false) => rig.monitor.stop_test_notes(),
            Step::Send(id, cause, meter, n_bars, notes) => {
                let phrase = phrase_of(Meter::from_index(*meter).unwrap(), *n_bars, notes);
                rig.sender.send(Clip::new(*id, *cause, &phrase)).unwrap();
            }
            Step::SendToSlot(slot_idx, id, notes) => {
                let clip = id.map(|id| Clip::new(id, Cause::Chosen, &phrase_of(Meter::COMMON, 2, notes)));
                assert!(rig.sender.send_to_slot(*slot_idx, clip));
            }
            Step::SetSlot(slot_idx) => rig.player.set_slot(*slot_idx),
        }
    }
}
