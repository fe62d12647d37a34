//! Random hosts, and random ways to cut time into blocks.

use descant::music::groove::{GroovePlace, N_PLACES};
use descant::music::{
    Frame, Groove, Key, Meter, Note, Phrase, Pitch, Progression, TickDuration, TickInstant,
};
use descant::player::{
    Cause, Clip, ClockMessage, HostTime, InputEvent, KeyTrigger, Message, Mode, N_SLOTS, PlayerEvent,
    Quantum, Settings, TempoSource,
};
use proptest::prelude::*;

use super::rig::{Host, Rig, off, stopped, struck};
use crate::arbitrary;

/// Something that happens to a player.
#[derive(Debug, Clone)]
enum Event {
    Play(Vec<u32>),
    Stop,
    Seek(f64),
    Loop(Option<(f64, f64)>),
    /// Both ends of the loop are moved by so much.
    EditLoop(f64, f64),
    /// Beats a bar.
    Meter(f64),
    Tempo(f64),
    Transport(u8),
    Set(fn(&mut Settings, u8), u8),
    Rate(f32),
    /// Deactivated and activated at a rate by a host that takes note-offs in between, or not.
    Reactivate(f32, bool),
    Reset,
    Panic,
    ReleaseAll,
    /// Test notes are asked for, or stopped.
    Test(bool),
    /// A phrase by its id, meter, bars and notes.
    Send(u64, usize, u32, Vec<(u32, u32, u8, usize)>),
    /// Two bars of notes for a slot by their id, or nothing.
    SendToSlot(usize, Option<u64>, Vec<(u32, u32, u8, usize)>),
    SetSlot(Option<u8>),
    Input(Vec<InputEvent>),
}

/// Something that comes in within the first `n_samples`, keys above all.
fn input(n_samples: u32) -> impl Strategy<Value = InputEvent> {
    let clock = prop_oneof![
        8 => Just(ClockMessage::Tick),
        2 => Just(ClockMessage::Start),
        1 => Just(ClockMessage::Continue),
        1 => Just(ClockMessage::Stop),
        1 => (0_u16..200).prop_map(ClockMessage::Position),
    ];
    let message = prop_oneof![
        6 => (55_u8..70, 1_u8..128).prop_map(|(key, velocity)| struck(0, key, velocity).message),
        6 => (55_u8..70).prop_map(|key| off(0, key).message),
        2 => any::<bool>().prop_map(|is_down| Message::Hold { is_down }),
        2 => (0_u8..14).prop_map(Message::Slot),
        1 => Just(Message::Release),
        1 => Just(Message::Restart),
        4 => clock.prop_map(Message::Clock),
    ];
    (0..n_samples, message).prop_map(|(offset, message)| InputEvent { offset, message })
}

fn tempo_source() -> impl Strategy<Value = TempoSource> {
    prop_oneof![Just(TempoSource::Host), Just(TempoSource::Knob), Just(TempoSource::MidiClock)]
}

fn event() -> impl Strategy<Value = Event> {
    let size = prop_oneof![0_u32..4, 1_u32..600, 1_u32..8193];
    let setters: Vec<fn(&mut Settings, u8)> = vec![
        |settings, n| settings.mode = [Mode::Host, Mode::Keys, Mode::Free][usize::from(n % 3)],
        |settings, n| settings.is_bypassed = n % 3 == 0,
        |settings, n| settings.parts[usize::from(n % 5)].is_muted ^= true,
        |settings, n| settings.parts[usize::from(n % 5)].is_soloed ^= true,
        |settings, n| settings.parts[usize::from(n % 5)].channel = n / 5 % 3,
        |settings, n| settings.parts[usize::from(n % 5)].octave = i8::try_from(n / 5 % 9).unwrap() - 4,
        |settings, n| settings.swing = 0.5 + f32::from(n) / 1000.0,
        |settings, n| settings.groove = groove(n),
        |settings, n| settings.groove_amount = f32::from(n) / 200.0,
        |settings, n| settings.humanise = f32::from(n) / 255.0,
        |settings, n| settings.accent = f32::from(n) / 255.0,
        |settings, n| settings.note_length = f32::from(n) / 100.0,
        |settings, n| settings.key_dynamics = f32::from(n) / 255.0,
        |settings, n| settings.key_trigger = if n % 2 == 0 { KeyTrigger::Gate } else { KeyTrigger::Latch },
        |settings, n| settings.key_switches = (n % 3 != 0).then_some(40 + n % 30),
        |settings, n| settings.follows = n % 3 != 0,
        |settings, n| settings.one_channel = (n % 2 == 0).then_some(n / 16),
        |settings, n| settings.holds = n % 2 == 0,
        |settings, n| settings.passes = n % 2 == 0,
        |settings, n| settings.is_offline = n % 2 == 0,
        |settings, n| settings.count_in_beats = f64::from(n) / 10.0 - 5.0,
        |settings, n| {
            let all = [TempoSource::Host, TempoSource::Knob, TempoSource::MidiClock];
            settings.tempo_source = all[usize::from(n % 3)];
        },
        |settings, n| settings.velocity_curve = f32::from(n) / 64.0 - 2.0,
        |settings, n| settings.call_beats = (n % 3 != 0).then_some(f64::from(n) / 20.0),
        |settings, n| settings.commit_beats = f64::from(n) / 12.0,
        |settings, n| settings.tempo = 20.0 + 2.0 * f64::from(n),
        |settings, n| {
            let all = [
                Quantum::Off,
                Quantum::Sixteenth,
                Quantum::Eighth,
                Quantum::Beat,
                Quantum::Bar,
                Quantum::Phrase,
            ];
            settings.quantum = all[usize::from(n % 6)];
        },
    ];
    let note = (0_u32..7680, 1_u32..4000, 0_u8..128, 0_usize..5);
    let slot_note = note.clone();
    prop_oneof![
        6 => prop::collection::vec(size, 1..12).prop_map(Event::Play),
        1 => Just(Event::Stop),
        1 => (-8.0..40.0).prop_map(Event::Seek),
        1 => prop::option::of((0.0..8.0, 0.001..9.0)).prop_map(|range| Event::Loop(range.map(|(start, length)| (start, start + length)))),
        1 => (-3.0..3.0, -3.0..3.0).prop_map(|(start, end)| Event::EditLoop(start, end)),
        1 => prop::sample::select(vec![4.0, 3.0, 3.5, 2.0, 5.0]).prop_map(Event::Meter),
        1 => (20.0..400.0).prop_map(Event::Tempo),
        1 => (0_u8..4).prop_map(Event::Transport),
        4 => (prop::sample::select(setters), any::<u8>()).prop_map(|(set, n)| Event::Set(set, n)),
        1 => (8000.0_f32..200_000.0).prop_map(Event::Rate),
        1 => (prop::sample::select(vec![22_050.0_f32, 44_100.0, 48_000.0, 96_000.0, 192_000.0]), any::<bool>())
            .prop_map(|(rate, takes)| Event::Reactivate(rate, takes)),
        1 => Just(Event::Reset),
        1 => Just(Event::Panic),
        1 => Just(Event::ReleaseAll),
        2 => prop::bool::weighted(0.8).prop_map(Event::Test),
        3 => (0_u64..4, 0..Meter::COUNT, 1_u32..4, prop::collection::vec(note, 0..60))
            .prop_map(|(id, meter, n_bars, notes)| Event::Send(id, meter, n_bars, notes)),
        1 => (0..N_SLOTS + 1, prop::option::of(0_u64..6), prop::collection::vec(slot_note, 0..20))
            .prop_map(|(slot_idx, id, notes)| Event::SendToSlot(slot_idx, id, notes)),
        1 => prop::option::of(0_u8..14).prop_map(Event::SetSlot),
        3 => prop::collection::vec(input(600), 1..12).prop_map(Event::Input),
    ]
}

/// One of 256 grooves, the first of them straight.
fn groove(n: u8) -> Groove {
    let mut places = [GroovePlace::STRAIGHT; N_PLACES];
    for (place, idx) in places.iter_mut().zip(1_u32..) {
        let late_ticks = f64::from(u32::from(n) * idx * 37 % 97);
        *place = GroovePlace { late_ticks, velocity: 0.5 + late_ticks / 96.0 };
    }
    if n == 0 { Groove::STRAIGHT } else { Groove::new(places).unwrap() }
}

/// Settings that say what keys do.
fn keyboard_settings() -> impl Strategy<Value = Settings> {
    let mode = prop_oneof![1 => Just(Mode::Host), 1 => Just(Mode::Free), 4 => Just(Mode::Keys)];
    let trigger = prop_oneof![Just(KeyTrigger::Gate), Just(KeyTrigger::Latch)];
    let groove_and_count_in = (any::<u8>(), prop_oneof![Just(0.0), 0.0..9.0_f64]);
    let numbers = (0.0_f32..1.0, 0.1_f32..2.0, any::<bool>(), groove_and_count_in);
    (mode, trigger, tempo_source(), numbers).prop_map(|(mode, key_trigger, tempo_source, numbers)| Settings {
        mode,
        tempo_source,
        count_in_beats: numbers.3.1,
        key_trigger,
        groove: groove(numbers.3.0),
        humanise: numbers.0,
        note_length: numbers.1,
        follows: numbers.2,
        ..Settings::default()
    })
}

/// As many cases as `PROPTEST_CASES` says, and a few where it says nothing.
fn config() -> ProptestConfig {
    let is_said = std::env::var_os("PROPTEST_CASES").is_some();
    if is_said { ProptestConfig::default() } else { ProptestConfig::with_cases(2048) }
}

/// All that `rig` heard, released, without what depends on how time is cut.
fn events_by_sample(mut rig: Rig) -> Vec<(u64, PlayerEvent)> {
    rig.release_all();
    let mut events = rig.events;
    events.iter_mut().for_each(|(_, event)| (event.offset, event.note_id) = (0, 0));
    events.sort_unstable();
    events
}

/// A phrase of `n_bars` of these notes: onset and duration in ticks, key and part.
fn phrase_of(meter: Meter, n_bars: u32, notes: Vec<(u32, u32, u8, usize)>) -> Phrase {
    let mut parts: [Vec<Note>; 5] = Default::default();
    for (onset, duration, key, part) in notes {
        let note = Note::new(TickInstant(onset), TickDuration(duration), Pitch::new(key).unwrap(), 100);
        parts[part].push(note);
    }
    let frame = Frame::new(meter, n_bars, Key::C_MAJOR, 100.0);
    Phrase::repaired(frame, Progression::default(), parts).unwrap().0
}

proptest! {
    #![proptest_config(config())]

    /// Whatever happens, every note-on has its note-off, in order and in its block, and silence is silent.
    #[test]
    fn nothing_hangs_under_any_sequence(events in prop::collection::vec(event(), 1..60)) {
        let mut rig = Rig::new();
        let (mut host, mut said) = (Host::at(0.0), 0);
        let mut waiting: Vec<InputEvent> = Vec::new();
        for event in events {
            match event {
                Event::Play(sizes) => {
                    let last = sizes.last().copied().unwrap_or(0);
                    for size in sizes {
                        let time = match said {
                            0 => host.time(),
                            1 => HostTime { beat: None, ..host.time() },
                            2 => HostTime { tempo: None, ..host.time() },
                            _ => HostTime::default(),
                        };
                        rig.block(&time, &waiting, size);
                        if size > 0 {
                            waiting.clear();
                        }
                        host.advance(size);
                    }
                    if rig.settings.is_bypassed && last > 0 {
                        prop_assert_eq!(rig.n_generated(), 0);
                    }
                }
                Event::Stop => {
                    let follows = rig.settings.mode == Mode::Host;
                    let at = rig.now;
                    rig.block(&stopped(), &[], 64);
                    if follows {
                        prop_assert_eq!(rig.n_generated(), 0);
                        let since = rig.events.iter().rev().take_while(|(when, _)| *when >= at);
                        let mut of_phrase = since.filter(|(_, event)| !event.is_test);
                        prop_assert!(of_phrase.all(|(when, _)| *when <= at + 1));
                    }
                }
                Event::Seek(beat) => host.beat = beat,
                Event::Loop(range) => host.loop_range = range,
                Event::EditLoop(by_start, by_end) => {
                    host.loop_range = host.loop_range.map(|(start, end)| (start + by_start, end + by_end));
                }
                Event::Meter(bar) => host.bar = bar,
                Event::Tempo(tempo) => host.tempo = tempo,
                Event::Transport(kind) => said = kind,
                Event::Set(set, n) => set(&mut rig.settings, n),
                Event::Rate(rate) => rig.player.set_sample_rate(rate),
                Event::Reactivate(rate, takes_note_offs) => {
                    if takes_note_offs {
                        rig.release_all();
                    }
                    rig.player.set_sample_rate(rate);
                    rig.player.reset();
                    host.rate = f64::from(rate);
                }
                Event::Reset => rig.player.reset(),
                Event::Panic => rig.player.panic(),
                Event::ReleaseAll => rig.release_all(),
                Event::Test(true) => rig.monitor.send_test_notes(),
                Event::Test(false) => rig.monitor.stop_test_notes(),
                Event::Send(id, meter, n_bars, notes) => {
                    let phrase = phrase_of(Meter::from_index(meter).unwrap(), n_bars, notes);
                    // The queue is full while nothing plays.
                    let all = [Cause::Chosen, Cause::Composed, Cause::Answer, Cause::Evolved];
                    let cause = all[(meter + n_bars as usize) % 4];
                    let _ = rig.sender.send(Clip::new(id, cause, &phrase));
                }
                Event::SendToSlot(slot_idx, id, notes) => {
                    let clip = id.map(|id| Clip::new(id, Cause::Chosen, &phrase_of(Meter::COMMON, 2, notes)));
                    rig.sender.send_to_slot(slot_idx, clip);
                }
                Event::SetSlot(slot_idx) => rig.player.set_slot(slot_idx),
                Event::Input(mut inputs) => {
                    inputs.sort_by_key(|input| input.offset);
                    waiting = inputs;
                }
            }
        }
        rig.release_all();
    }

    /// The same events at the same samples, however time is cut.
    #[test]
    fn events_do_not_depend_on_blocks(
        phrase in arbitrary::phrase_off_grid(3),
        sizes in prop::collection::vec(prop_oneof![1_u32..20, 1_u32..2000, 1_u32..8193], 1..12),
        tempo in 40.0..240.0_f64,
        beat in prop_oneof![Just(0.0), -4.0..40.0],
        loop_range in prop::option::of((0.0..8.0, 0.5..9.0)),
        feel in prop_oneof![Just((0.5, 0.0, 0)), (0.5_f32..0.75, 0.0_f32..1.0, any::<u8>())],
    ) {
        let loop_range = loop_range.map(|(start, length): (f64, f64)| (start, start + length));
        let play = |sizes: &[u32]| {
            let mut rig = Rig::with(&phrase);
            (rig.settings.swing, rig.settings.humanise) = (feel.0, feel.1);
            rig.settings.groove = groove(feel.2);
            Host { tempo, loop_range, ..Host::at(beat) }.play(&mut rig, 200_000, sizes);
            events_by_sample(rig)
        };
        let whole = play(&[200_000]);
        for cut in [&sizes[..], &[8192], &[64]] {
            prop_assert_eq!(&play(cut), &whole, "{:?}", cut);
        }
    }

    /// Keys as well, and all else that comes in, in every mode.
    #[test]
    fn keys_do_not_depend_on_blocks(
        phrase in arbitrary::phrase_off_grid(2),
        other in arbitrary::phrase_off_grid(1),
        mut keys in prop::collection::vec(input(150_000), 1..24),
        sizes in prop::collection::vec(prop_oneof![1_u32..20, 1_u32..2000, 1_u32..8193], 1..12),
        settings in keyboard_settings(),
        tempo in 40.0..240.0_f64,
    ) {
        keys.sort_by_key(|key| key.offset);
        let play = |sizes: &[u32]| {
            let mut rig = Rig::with(&phrase);
            rig.settings = settings;
            for (slot_idx, id) in [(0, 7), (1, 8), (11, 7)] {
                rig.sender.send_to_slot(slot_idx, Some(Clip::new(id, Cause::Chosen, &other)));
            }
            let (mut host, mut at) = (Host { tempo, ..Host::at(0.0) }, 0);
            for size in sizes.iter().cycle() {
                let size = (*size).min(200_000 - at);
                let inside = keys.iter().filter(|key| (at..at + size).contains(&key.offset));
                let inside: Vec<_> = inside.map(|key| InputEvent { offset: key.offset - at, ..*key }).collect();
                rig.block(&host.time(), &inside, size);
                host.advance(size);
                at += size;
                if at == 200_000 {
                    break;
                }
            }
            events_by_sample(rig)
        };
        let whole = play(&[200_000]);
        for cut in [&sizes[..], &[64]] {
            prop_assert_eq!(&play(cut), &whole, "{:?}", cut);
        }
    }
}
