//! Arbitrary sequences of what hosts do, through the built bundles.
//!
//! `DESCANT_SEQUENCES=1000 cargo test -p descant-hosts-tests random -- --nocapture` runs as many and tells what was run.

use clack_host::events::Pckn;
use clack_host::events::event_types::{MidiEvent, NoteChokeEvent, NoteOffEvent, NoteOnEvent};
use fastrand::Rng;
use vst3_host::midi::MidiChannel;

use crate::clap_host::ClapHost;
use crate::host::Host;
use crate::stored::composed;
use crate::transport::Transport;
use crate::vst3_host::Vst3Host;

/// What happens in one sequence.
const EVENTS: usize = 120;

/// Parameters that say how the phrase is played, each with some of its values.
const SETTINGS: [(&str, &[&str]); 29] = [
    ("playmode", &["Host", "Keys", "Free"]),
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

fn n_sequences() -> u64 {
    std::env::var("DESCANT_SEQUENCES").ok().and_then(|n| n.parse().ok()).unwrap_or(40)
}

/// Does what any host may do.
fn act(host: &mut impl Host, rng: &mut Rng) {
    let beat = f64::from(rng.i32(-400..4000)) / 100.0;
    match rng.u8(0..16) {
        0 => host.transport().is_playing ^= true,
        1 => host.transport().beat = beat,
        2 => host.transport().tempo = f64::from(rng.u32(2000..40_000)) / 100.0,
        3 => host.transport().loop_range = Some((beat, beat + 0.001 + rng.f64() * 8.0)),
        4 => host.transport().loop_range = None,
        5 => {
            let id = SWITCHES[rng.usize(..SWITCHES.len())];
            host.switch(id, rng.bool());
        }
        6 if rng.u8(0..8) == 0 => host.load(&composed()),
        _ => {
            for _ in 0..rng.u32(1..6) {
                let most = [4, 600, 4097][rng.usize(..3)];
                host.run_block(rng.u32(1..most));
            }
        }
    }
}

/// A program, a controller, a pedal, a bend or something of the clock's.
fn message(rng: &mut Rng) -> [u8; 3] {
    let (channel, value) = (rng.u8(..2), rng.u8(..128));
    match rng.u8(0..8) {
        0 => [0xc0 | channel, rng.u8(..14), 0],
        1 => [0xb0 | channel, rng.u8(..128), value],
        2 | 3 => [0xb0 | channel, 64, value],
        4 => [0xe0 | channel, value, value],
        5 => [0xfa + rng.u8(..3), 0, 0],
        _ => [0xf8, 0, 0],
    }
}

/// Does what only the CLAP host here can do.
fn act_in_clap(host: &mut ClapHost, rng: &mut Rng) {
    let key = |rng: &mut Rng| Pckn::new(0_u16, rng.u16(..2), rng.u16(20..80), 0_u32);
    match rng.u8(0..16) {
        0..3 => {
            let (id, values) = SETTINGS[rng.usize(..SETTINGS.len())];
            host.set(id, values[rng.usize(..values.len())]);
        }
        3 | 4 => host.send(&NoteOnEvent::new(0, key(rng), rng.f64())),
        5 => host.send(&NoteOffEvent::new(0, key(rng), 0.0)),
        7 => host.send(&MidiEvent::new(0, 0, message(rng))),
        6 if rng.bool() => host.send(&NoteChokeEvent::new(0, Pckn::match_all())),
        6 => host.has_transport = rng.u8(0..4) != 0,
        _ if rng.u8(0..4) == 0 => {
            host.deactivate();
            host.activate([22_050.0, 44_100.0, 48_000.0, 96_000.0][rng.usize(..4)]);
        }
        _ => act(host, rng),
    }
}

/// Does what only the VST3 host here can do.
fn act_in_vst3(host: &mut Vst3Host, rng: &mut Rng) {
    let channel = MidiChannel::from_index(rng.u8(..2)).expect("a channel");
    let key = rng.u8(20..80);
    match rng.u8(0..16) {
        0 | 1 => host.plugin.send_midi_note(key, rng.u8(1..128), channel).expect("a note"),
        2 | 3 => host.plugin.send_midi_note_off(key, channel).expect("a note"),
        4 => host.plugin.send_midi_cc(64, rng.u8(..128), channel).expect("a pedal"),
        5 => host.plugin.send_midi_cc(rng.u8(..120), rng.u8(..128), channel).expect("a controller"),
        _ => act(host, rng),
    }
}

/// Plays sequences of [`EVENTS`], each followed by a stop after which nothing sounds.
fn run<H: Host>(
    mut host: H,
    act: impl Fn(&mut H, &mut Rng),
    come_to_rest: impl Fn(&mut H),
    tell: impl Fn(String),
) {
    let (mut n_notes, mut n_samples) = (0, 0);
    for seed in 0..n_sequences() {
        tell(format!("sequence {seed}"));
        let mut rng = Rng::with_seed(seed);
        for _ in 0..EVENTS {
            act(&mut host, &mut rng);
        }
        come_to_rest(&mut host);
        *host.transport() = Transport::default();
        for _ in 0..4 {
            host.run_block(64);
        }
        let heard = host.take_heard();
        heard.check();
        n_notes += heard.n_ons();
        n_samples += heard.n_samples();
    }
    let n = n_sequences();
    tell(format!("{n} sequences of {EVENTS} events, {n_notes} notes, {n_samples} samples, 0 failures"));
    assert!(n_notes > 0, "something was played");
}

#[test]
fn any_sequence_in_a_clap_host_hangs_nothing() {
    let come_to_rest = |host: &mut ClapHost| {
        host.has_transport = true;
        for (id, value) in
            [("playmode", "Host"), ("bypass", "Off"), ("evolve", "Off"), ("answer", "Off"), ("hold", "Off")]
        {
            host.set(id, value);
        }
        host.press("panic");
        host.send(&NoteOffEvent::new(0, Pckn::match_all(), 0.0));
    };
    let state = composed().with_slots(&[Some(2), Some(1), None, Some(3)]);
    run(ClapHost::restored(&state), act_in_clap, come_to_rest, |text| println!("CLAP: {text}"));
}

#[test]
fn any_sequence_in_a_vst3_host_hangs_nothing() {
    let mut host = Vst3Host::started();
    host.load(&composed());
    host.wait_until_heard();
    let come_to_rest = |host: &mut Vst3Host| {
        host.switch("bypass", false);
        host.press("panic");
        // Let everything go, on every channel.
        (0..2).filter_map(MidiChannel::from_index).for_each(|channel| {
            host.plugin.send_midi_cc(123, 0, channel).expect("a controller");
        });
    };
    run(host, act_in_vst3, come_to_rest, |text| println!("VST3: {text}"));
}
