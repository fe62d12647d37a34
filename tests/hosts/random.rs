//! Random sequences of actions of hosts and musicians, played through the built bundles.
//!
//! What is promised of notes is checked where it can be checked: whatever interrupts the player, such as another sample rate,
//! is followed by a block that releases all that sounded; and at the end of each sequence time stops and the fingers go
//! up key by key, upon which nothing may sound that no key explains. Only then is Panic pressed, for the next sequence.
//!
//! `DESCANT_SEQUENCES=1000 cargo test -p descant-hosts-tests random -- --nocapture` runs as many and tells what was run.

use std::collections::BTreeSet;
use std::time::Duration;

use clack_host::events::Pckn;
use clack_host::events::event_types::{MidiEvent, NoteChokeEvent, NoteOffEvent, NoteOnEvent};
use fastrand::Rng;
use vst3_host::midi::MidiChannel;

use crate::clap_host::{ClapHost, MAX_BLOCK, clap_id};
use crate::host::Host;
use crate::recording::{Action, NoteEvent};
use crate::stored::{Stored, composed};
use crate::transport::Transport;
use crate::vst3_host::Vst3Host;

/// What happens in one sequence.
const EVENTS: usize = 120;

/// Every so many sequences one begins in time, with a stall: those take a few seconds.
const STALL_EVERY: u64 = 60;

/// Parameters that say how the phrase is played, each with some of its values.
const SETTINGS: [(&str, &[&str]); 30] = [
    ("playmode", &["Host", "Keys", "Free"]),
    ("play", &["On", "On", "Off"]),
    ("quantum", &["Off", "1/16", "1/8", "Beat", "Bar", "Phrase"]),
    ("commit", &["0", "1", "16"]),
    ("follow", &["Off", "On"]),
    ("evolve", &["Off", "On"]),
    ("answer", &["Off", "1 bar", "2 bars"]),
    ("keyswitch", &["Off", "C1", "C4"]),
    ("slot", &["Off", "1", "12"]),
    ("keytrig", &["Gate", "Latch"]),
    ("keydyn", &["0 %", "100 %"]),
    ("tempo", &["30", "300"]),
    ("temposrc", &["Host", "Own", "MIDI clock"]),
    ("countin", &["Off", "1 bar"]),
    ("hold", &["Off", "On"]),
    ("through", &["Off", "On"]),
    ("bass_program", &["None", "33"]),
    ("chords_sound", &["Auto", "Keys", "Pluck"]),
    ("swing", &["50 %", "75 %"]),
    ("groove", &["Off", "Funk", "Jazz"]),
    ("groovamt", &["0 %", "50 %", "100 %"]),
    ("humanise", &["0 %", "100 %"]),
    ("accent", &["0 %", "100 %"]),
    ("notelen", &["10 %", "100 %", "200 %"]),
    ("preview", &["Off", "0 dB"]),
    ("bypass", &["Off", "Off", "On"]),
    ("melody_channel", &["1", "2", "10"]),
    ("bass_octave", &["-3", "0", "3"]),
    ("chords_mute", &["Off", "On"]),
    ("drums_solo", &["Off", "Off", "On"]),
];

const SWITCHES: [&str; 9] =
    ["generate", "vary", "continue", "respond", "prevtake", "nexttake", "restart", "panic", "bypass"];

/// Sample rates that hosts have, and one that none has.
const RATES: [f64; 8] = [8_000.0, 22_050.0, 44_100.0, 47_999.5, 48_000.0, 88_200.0, 96_000.0, 192_000.0];

const METERS: [(u16, u16); 7] = [(4, 4), (3, 4), (5, 4), (2, 2), (6, 8), (7, 8), (15, 16)];

/// Channels that keys are played on.
const N_CHANNELS: u8 = 2;

fn n_sequences() -> u64 {
    std::env::var("DESCANT_SEQUENCES").ok().and_then(|n| n.parse().ok()).unwrap_or(40)
}

/// What is known of a sequence.
#[derive(Debug, Default)]
struct Known {
    /// Keys that somebody holds down, by channel and key.
    held: BTreeSet<(u8, u8)>,
    /// Notes that sounded when the player was interrupted.
    n_interrupted: usize,
}

impl Known {
    /// The keys that go up if those of `channel` and `key` do; `None` for any.
    fn lift(&mut self, channel: Option<u8>, key: Option<u8>) {
        let is_meant = |(its_channel, its_key): &(u8, u8)| {
            channel.is_none_or(|channel| channel == *its_channel) && key.is_none_or(|key| key == *its_key)
        };
        self.held.retain(|held| !is_meant(held));
    }
}

/// A host that a random run can play.
trait AtRandom: Host {
    /// Performs a random action that only this format has.
    fn act(&mut self, known: &mut Known, rng: &mut Rng);

    /// Activates anew, at `rate` hertz.
    fn restart(&mut self, rate: f64);

    /// Releases a key.
    fn release_key(&mut self, channel: u8, key: u8);

    /// Lifts all pedals.
    fn lift_pedals(&mut self);

    /// Releases all keys at once, as hosts do on stopping.
    fn let_all_go(&mut self);

    /// Takes the parameter `id` to its first value, which is off if it has one.
    fn set_first(&mut self, id: &str);

    /// How the parameter `id` is worded.
    fn words(&mut self, id: &str) -> String;

    /// An instance with `state` that has played nothing.
    fn fresh(state: &Stored, rng: &mut Rng) -> Self;
}

/// Performs a random action that any host can perform.
fn act_as_any(host: &mut impl AtRandom, known: &mut Known, rng: &mut Rng) {
    let beat = f64::from(rng.i32(-400..4000)) / 100.0;
    match rng.u8(0..24) {
        0 | 1 => host.transport().is_playing ^= true,
        2 => host.transport().beat = beat,
        3 => host.transport().tempo = f64::from(rng.u32(2000..40_000)) / 100.0,
        4 => host.transport().tempo_step = if rng.bool() { 0.0 } else { (rng.f64() - 0.5) / 100.0 },
        5 => host.transport().meter = METERS[rng.usize(..METERS.len())],
        6 => host.transport().loop_range = Some((beat, beat + 0.001 + rng.f64() * 8.0)),
        7 => host.transport().loop_range = None,
        8 => {
            // The end of the loop is dragged, maybe to before where it plays.
            if let Some((start, end)) = &mut host.transport().loop_range {
                *end = (*end + rng.f64() * 2.0 - 1.0).max(*start + 0.001);
            }
        }
        9 => {
            let id = SWITCHES[rng.usize(..SWITCHES.len())];
            host.switch(id, rng.bool());
        }
        10 if rng.u8(0..8) == 0 => host.load(&composed()),
        11 if rng.u8(0..3) == 0 => {
            let rate = RATES[rng.usize(..RATES.len())];
            interrupt(host, known, rng, |host| host.restart(rate));
        }
        11 if rng.u8(0..12) == 0 => replace(host, rng),
        12 if rng.u8(0..4) == 0 => {
            // The host stalls for a moment, and may then catch up.
            let seconds = rng.f64() * 0.01;
            std::thread::sleep(Duration::from_secs_f64(seconds));
            if rng.bool() {
                host.run(seconds, &[64]);
            }
        }
        _ => {
            for _ in 0..rng.u32(1..6) {
                let n_samples = block(rng);
                host.run_block(n_samples);
            }
        }
    }
}

/// A host that plays in time stalls, catches up, and has Generate pressed, which must not be lost.
fn press_after_a_stall(host: &mut impl AtRandom, rng: &mut Rng) {
    *host.transport() = Transport { is_playing: rng.bool(), ..Transport::default() };
    host.switch("generate", false);
    // What was played faster than time before is forgotten.
    host.run_in_time(3.0);
    let next = host.project().takes.next_number();
    host.stall(0.2 + 2.0 * rng.f64());
    host.run_in_time(0.5 * rng.f64());
    host.press("generate");
    host.await_new(next);
}

/// Samples of a block.
fn block(rng: &mut Rng) -> u32 {
    let most = [4, 600, 4096, MAX_BLOCK][rng.usize(..4)];
    rng.u32(1..=most)
}

/// Does something after which the first block releases all that sounded.
fn interrupt<H: Host>(host: &mut H, known: &mut Known, rng: &mut Rng, what: impl FnOnce(&mut H)) {
    let before = host.recording().sounding();
    known.n_interrupted += before.len();
    what(host);
    let start = host.recording().n_samples();
    host.run_block(block(rng));
    let recording = host.recording();
    let still = recording.sounding();
    for note in before {
        assert!(!still.contains(&note), "{note:?} sounds on");
        let is_its_off =
            |event: &NoteEvent| (event.at, event.action, event.note_id) == (start, Action::Off, note.note_id);
        assert!(recording.events.iter().any(is_its_off), "{note:?} goes late");
    }
}

/// Removes the instance and makes another with its state.
fn replace(host: &mut impl AtRandom, rng: &mut Rng) {
    let state = host.save();
    let mut recording = host.take_recording();
    // Who is removed can say no more: what sounds is its host's to silence.
    let sounding = recording.check_so_far();
    recording.events.retain(|event| !sounding.contains(event));
    let transport = *host.transport();
    // The next one is there before this one goes.
    *host = AtRandom::fresh(&state, rng);
    (*host.transport(), *host.recording()) = (transport, recording);
}

/// A program, a controller, a pedal, a bend or something of the clock's.
fn message(rng: &mut Rng) -> [u8; 3] {
    let (channel, value) = (rng.u8(..N_CHANNELS), rng.u8(..128));
    match rng.u8(0..8) {
        0 => [0xc0 | channel, rng.u8(..14), 0],
        1 => [0xb0 | channel, rng.u8(..128), value],
        2 | 3 => [0xb0 | channel, 64, value],
        4 => [0xe0 | channel, value, value],
        5 => [0xfa + rng.u8(..3), 0, 0],
        _ => [0xf8, 0, 0],
    }
}

fn key(rng: &mut Rng) -> (u8, u8) {
    (rng.u8(..N_CHANNELS), rng.u8(20..80))
}

/// A key for a note event; `None` for any.
fn pckn(channel: Option<u8>, key: Option<u8>) -> Pckn {
    let number = |number: Option<u8>| number.map_or(-1, i16::from);
    Pckn::from_raw(0, number(channel), number(key), -1)
}

impl AtRandom for ClapHost {
    fn act(&mut self, known: &mut Known, rng: &mut Rng) {
        match rng.u8(0..16) {
            0..3 => {
                let (id, values) = SETTINGS[rng.usize(..SETTINGS.len())];
                self.set(id, values[rng.usize(..values.len())]);
            }
            3 | 4 => {
                let (channel, key) = key(rng);
                let velocity = rng.u8(1..128);
                // Notes come as either kind of event.
                if rng.bool() {
                    let pckn = pckn(Some(channel), Some(key));
                    self.send(&NoteOnEvent::new(0, pckn, f64::from(velocity) / 127.0));
                } else {
                    self.send(&MidiEvent::new(0, 0, [0x90 | channel, key, velocity]));
                }
                known.held.insert((channel, key));
            }
            5 => {
                // Most of the time the held keys are released.
                let held = known.held.iter().copied().nth(rng.usize(..known.held.len().max(1)));
                let (channel, key) = held.filter(|_| rng.u8(0..4) > 0).unwrap_or_else(|| key(rng));
                let is_any = |rng: &mut Rng| rng.u8(0..12) == 0;
                let channel = Some(channel).filter(|_| !is_any(rng));
                let key = Some(key).filter(|_| !is_any(rng));
                self.send(&NoteOffEvent::new(0, pckn(channel, key), 0.0));
                known.lift(channel, key);
            }
            6 if rng.bool() => {
                self.send(&NoteChokeEvent::new(0, Pckn::match_all()));
                known.lift(None, None);
            }
            6 => self.has_transport = rng.u8(0..4) != 0,
            7 => self.send(&MidiEvent::new(0, 0, message(rng))),
            8 if rng.u8(0..3) == 0 => interrupt(self, known, rng, |host| {
                host.room = usize::MAX;
                host.reset();
            }),
            9 if rng.bool() => self.room = [0, 1, 3, usize::MAX][rng.usize(..4)],
            _ => act_as_any(self, known, rng),
        }
    }

    fn restart(&mut self, rate: f64) {
        // A host that refuses note-offs gets them later.
        self.room = usize::MAX;
        self.deactivate();
        self.activate(rate);
    }

    fn release_key(&mut self, channel: u8, key: u8) {
        self.send(&NoteOffEvent::new(0, pckn(Some(channel), Some(key)), 0.0));
    }

    fn lift_pedals(&mut self) {
        (0..N_CHANNELS).for_each(|channel| self.send(&MidiEvent::new(0, 0, [0xb0 | channel, 64, 0])));
    }

    fn let_all_go(&mut self) {
        self.send(&NoteOffEvent::new(0, Pckn::match_all(), 0.0));
    }

    fn set_first(&mut self, id: &str) {
        let (_, values) = SETTINGS.iter().find(|(name, _)| *name == id).expect("one of those that are set");
        self.set(id, values[0]);
    }

    fn words(&mut self, id: &str) -> String {
        self.text(id)
    }

    fn fresh(state: &Stored, rng: &mut Rng) -> Self {
        let mut host = Self::inactive();
        if rng.bool() {
            host.load(state);
            host.activate(48_000.0);
        } else {
            host.activate(48_000.0);
            host.load(state);
        }
        host
    }
}

impl AtRandom for Vst3Host {
    fn act(&mut self, known: &mut Known, rng: &mut Rng) {
        let (channel, key) = key(rng);
        match rng.u8(0..16) {
            0 | 1 => {
                let velocity = rng.u8(1..128);
                self.plugin.send_midi_note(key, velocity, midi_channel(channel)).expect("a note");
                known.held.insert((channel, key));
            }
            2 | 3 => {
                let held = known.held.iter().copied().nth(rng.usize(..known.held.len().max(1)));
                let (channel, key) = held.filter(|_| rng.u8(0..4) > 0).unwrap_or((channel, key));
                self.release_key(channel, key);
                known.lift(Some(channel), Some(key));
            }
            4 => self.controller(channel, 64, rng.u8(..128)),
            5 => self.controller(channel, rng.u8(..120), rng.u8(..128)),
            6..9 => {
                // A setting anywhere in its range, or at an end of it.
                let (id, _) = SETTINGS[rng.usize(..SETTINGS.len())];
                self.set(id, (rng.f64() * 2.0 - 0.5).clamp(0.0, 1.0));
            }
            _ => act_as_any(self, known, rng),
        }
    }

    fn restart(&mut self, rate: f64) {
        Self::restart(self, rate);
    }

    fn release_key(&mut self, channel: u8, key: u8) {
        self.plugin.send_midi_note_off(key, midi_channel(channel)).expect("a note");
    }

    fn lift_pedals(&mut self) {
        (0..N_CHANNELS).for_each(|channel| self.controller(channel, 64, 0));
    }

    fn let_all_go(&mut self) {
        (0..N_CHANNELS).for_each(|channel| self.controller(channel, 123, 0));
    }

    fn set_first(&mut self, id: &str) {
        self.set(id, 0.0);
    }

    fn words(&mut self, id: &str) -> String {
        let id = clap_id(id).get();
        let value = self.plugin.get_parameter(id).expect("the parameter is there");
        self.plugin.format_parameter(id, value).expect("it has words")
    }

    fn fresh(state: &Stored, rng: &mut Rng) -> Self {
        let mut host = Self::stopped();
        if rng.bool() {
            host.load(state);
            host.plugin.start_processing().expect("it starts");
        } else {
            host.plugin.start_processing().expect("it starts");
            host.load(state);
        }
        host
    }
}

impl Vst3Host {
    fn controller(&mut self, channel: u8, number: u8, value: u8) {
        self.plugin.send_midi_cc(number, value, midi_channel(channel)).expect("a controller");
    }
}

fn midi_channel(channel: u8) -> MidiChannel {
    MidiChannel::from_index(channel).expect("a channel")
}

/// Stops time and releases everything, step by step; checks after each step that only what is still held sounds.
fn come_to_rest(host: &mut impl AtRandom, known: &mut Known) {
    // Another mode releases everything, so it is not changed: the phrase of a clock of its own is bypassed instead, which
    // is nothing to the keys.
    *host.transport() = Transport::default();
    host.run_block(1);
    let mode = host.words("playmode");
    ["hold", "keytrig", "evolve", "answer"].into_iter().for_each(|id| host.set_first(id));
    host.switch("bypass", mode == "Free");
    host.lift_pedals();
    (0..4).for_each(|_| host.run_block(64));
    let is_held = |(channel, key): (u8, u8)| known.held.contains(&(channel, key));
    if mode == "Host" {
        let sounding = host.recording().check_so_far();
        let unheld: Vec<_> = sounding.iter().filter(|note| !is_held((note.channel, note.key))).collect();
        assert!(unheld.is_empty(), "with time at rest there sounds without a key: {unheld:?}");
    }
    for (channel, key) in std::mem::take(&mut known.held) {
        host.release_key(channel, key);
        host.run_block(2);
    }
    (0..4).for_each(|_| host.run_block(64));
    let sounding = host.recording().check_so_far();
    assert!(sounding.is_empty(), "in mode {mode} with all keys up there sounds {sounding:?}");
}

/// Starts over for the next sequence.
fn clean_up(host: &mut impl AtRandom) {
    host.set_first("playmode");
    host.switch("bypass", false);
    host.press("panic");
    host.let_all_go();
    (0..4).for_each(|_| host.run_block(64));
}

/// Plays sequences of [`EVENTS`], each followed by a stop after which nothing sounds.
fn run<H: AtRandom>(mut host: H, be_usual: impl Fn(&mut H), tell: impl Fn(String)) {
    let (mut n_notes, mut n_interrupted, mut n_samples, mut n_stalls) = (0, 0, 0, 0);
    for seed in 0..n_sequences() {
        tell(format!("sequence {seed}"));
        let (mut rng, mut known) = (Rng::with_seed(seed), Known::default());
        if seed % STALL_EVERY == STALL_EVERY / 2 {
            press_after_a_stall(&mut host, &mut rng);
            n_stalls += 1;
        }
        for _ in 0..EVENTS {
            host.act(&mut known, &mut rng);
        }
        be_usual(&mut host);
        come_to_rest(&mut host, &mut known);
        clean_up(&mut host);
        let recording = host.take_recording();
        recording.check();
        n_notes += recording.n_ons();
        n_interrupted += known.n_interrupted;
        n_samples += recording.n_samples();
    }
    let n = n_sequences();
    tell(format!(
        "{n} sequences of {EVENTS} events, {n_notes} notes, {n_interrupted} of them cut off, {n_samples} samples, {n_stalls} \
         stalls in time, each with a press of Generate after it, 0 failures"
    ));
    assert!(n_notes > 0 && n_interrupted > 0, "something was played, and interrupted");
}

#[test]
fn any_sequence_in_a_clap_host_hangs_nothing() {
    let state = composed().with_slots(&[Some(2), Some(1), None, Some(3)]);
    let be_usual = |host: &mut ClapHost| (host.has_transport, host.room) = (true, usize::MAX);
    run(ClapHost::restored(&state), be_usual, |text| println!("CLAP: {text}"));
}

#[test]
fn any_sequence_in_a_vst3_host_hangs_nothing() {
    let mut host = Vst3Host::started();
    host.load(&composed());
    host.wait_until_sounding();
    run(host, |_| {}, |text| println!("VST3: {text}"));
}
