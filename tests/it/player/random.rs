//! Random hosts, and random ways to cut time into blocks.

use std::collections::BTreeSet;

use descant::music::Meter;
use descant::player::{
    Action, CallEvent, Cause, Clip, HostTime, InputEvent, KeyTrigger, Mode, N_SLOTS, PlayerEvent, Settings,
    TempoSource,
};
use proptest::prelude::*;

use super::rig::{Host, Rig, stopped};
use super::script::{self, Notes, Script, Setter, groove, input, notes, phrase_of, setting};
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
    /// The tempo rises from block to block by so much a second.
    Glide(f64),
    Transport(u8),
    Set(Setter, u8),
    Rate(f32),
    /// Deactivated and activated at a rate by a host that takes note-offs in between, or not.
    Reactivate(f32, bool),
    Reset,
    Panic,
    ReleaseAll,
    /// Removed, and another put in its place.
    Replace,
    /// All keys and pedals are released, and the host stops.
    LetGo,
    /// Test notes are asked for, or stopped.
    Test(bool),
    /// A phrase by its id, meter, bars and notes.
    Send(u64, usize, u32, Notes),
    /// Two bars of notes for a slot by their id, or nothing.
    SendToSlot(usize, Option<u64>, Notes),
    SetSlot(Option<u8>),
    Input(Vec<InputEvent>),
}

fn tempo_source() -> impl Strategy<Value = TempoSource> {
    prop_oneof![Just(TempoSource::Host), Just(TempoSource::Knob), Just(TempoSource::MidiClock)]
}

fn event() -> impl Strategy<Value = Event> {
    let size = prop_oneof![0_u32..4, 1_u32..600, 1_u32..8193];
    prop_oneof![
        6 => prop::collection::vec(size, 1..12).prop_map(Event::Play),
        1 => Just(Event::Stop),
        1 => (-8.0..40.0).prop_map(Event::Seek),
        1 => prop::option::of((0.0..8.0, 0.001..9.0)).prop_map(|range| Event::Loop(range.map(|(start, length)| (start, start + length)))),
        1 => (-3.0..3.0, -3.0..3.0).prop_map(|(start, end)| Event::EditLoop(start, end)),
        1 => prop::sample::select(vec![4.0, 3.0, 3.5, 2.0, 5.0]).prop_map(Event::Meter),
        1 => (20.0..400.0).prop_map(Event::Tempo),
        1 => prop_oneof![Just(0.0), -200.0..200.0].prop_map(Event::Glide),
        1 => (0_u8..4).prop_map(Event::Transport),
        4 => setting().prop_map(|(setter, n)| Event::Set(setter, n)),
        1 => (8000.0_f32..200_000.0).prop_map(Event::Rate),
        1 => (prop::sample::select(vec![22_050.0_f32, 44_100.0, 48_000.0, 96_000.0, 192_000.0]), any::<bool>())
            .prop_map(|(rate, takes)| Event::Reactivate(rate, takes)),
        1 => Just(Event::Reset),
        1 => Just(Event::Panic),
        1 => Just(Event::ReleaseAll),
        1 => Just(Event::Replace),
        1 => Just(Event::LetGo),
        2 => prop::bool::weighted(0.8).prop_map(Event::Test),
        3 => (0_u64..4, 0..Meter::COUNT, 1_u32..4, notes(60))
            .prop_map(|(id, meter, n_bars, notes)| Event::Send(id, meter, n_bars, notes)),
        1 => (0..N_SLOTS + 1, prop::option::of(0_u64..6), notes(20))
            .prop_map(|(slot_idx, id, notes)| Event::SendToSlot(slot_idx, id, notes)),
        1 => prop::option::of(0_u8..14).prop_map(Event::SetSlot),
        3 => prop::collection::vec(input(600), 1..12).prop_map(Event::Input),
    ]
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

/// All events of `rig`, with everything released, without what depends on the block sizes.
fn events_by_sample(mut rig: Rig) -> Vec<(u64, PlayerEvent)> {
    rig.release_all();
    let mut events = rig.events;
    events.iter_mut().for_each(|(_, event)| (event.offset, event.note_id) = (0, 0));
    events.sort_unstable();
    events
}

/// The notes that began at `start` samples or later, without what depends on the block sizes and without earlier notes' offs.
fn since(events: &[(u64, PlayerEvent)], start: u64) -> Vec<(u64, PlayerEvent)> {
    let mut started = BTreeSet::new();
    let is_news = |(_, event): &&(u64, PlayerEvent)| match event.action {
        Action::On { .. } => started.insert(event.note_id),
        Action::Off => started.remove(&event.note_id),
    };
    let mut events: Vec<_> = events.iter().filter(is_news).copied().collect();
    events.iter_mut().for_each(|(at, event)| (*at, event.offset, event.note_id) = (*at - start, 0, 0));
    events.sort_unstable();
    events
}

/// Whether both are the same but for what blocks round by.
fn is_alike((one, other): (&CallEvent, &CallEvent)) -> bool {
    let is_near = |one: f64, other: f64| (one - other).abs() < 1e-6;
    match (*one, *other) {
        (CallEvent::On { at, pitch, velocity }, CallEvent::On { at: there, .. }) if is_near(at, there) => {
            *other == CallEvent::On { at: there, pitch, velocity }
        }
        (CallEvent::Off { at, pitch }, CallEvent::Off { at: there, .. }) if is_near(at, there) => {
            *other == CallEvent::Off { at: there, pitch }
        }
        (one, other) => one == other,
    }
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
                Event::Glide(glide) => host.glide = glide,
                Event::Transport(kind) => said = kind,
                Event::Set(setter, n) => setter.set(&mut rig.settings, n),
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
                Event::Replace => rig.replace(),
                Event::LetGo => {
                    waiting.clear();
                    rig.release_keys();
                    let is_still = match rig.settings.mode {
                        Mode::Host => true,
                        Mode::Keys => rig.settings.key_trigger == KeyTrigger::Gate,
                        Mode::Free => false,
                    };
                    prop_assert!(!is_still || rig.sounding.is_empty(), "{:?}", rig.sounding);
                }
                Event::Test(true) => rig.monitor.send_test_notes(),
                Event::Test(false) => rig.monitor.stop_test_notes(),
                Event::Send(id, meter, n_bars, notes) => {
                    let phrase = phrase_of(Meter::from_index(meter).unwrap(), n_bars, &notes);
                    // The queue is full while nothing plays.
                    let all = [Cause::Chosen, Cause::Composed, Cause::Answer, Cause::Evolved];
                    let cause = all[(meter + n_bars as usize) % 4];
                    let _ = rig.sender.send(Clip::new(id, cause, &phrase));
                }
                Event::SendToSlot(slot_idx, id, notes) => {
                    let clip = id.map(|id| Clip::new(id, Cause::Chosen, &phrase_of(Meter::COMMON, 2, &notes)));
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

    /// Whatever hosts and musicians do, at whatever samples, the same notes play and the same call events come.
    #[test]
    fn a_sequence_does_not_depend_on_blocks(
        script in script::script(),
        sizes in prop::collection::vec(prop_oneof![1_u32..20, 1_u32..2000, 1_u32..8193], 1..12),
    ) {
        let play = |sizes: &[u32]| {
            let mut rig = Rig::new();
            script.play(&mut rig, sizes);
            let n_dropped = rig.monitor.n_dropped();
            let calls: Vec<_> = std::iter::from_fn(|| rig.sender.take_call_event()).collect();
            (events_by_sample(rig), calls, n_dropped)
        };
        let whole = play(&[script::N_SAMPLES]);
        // How much there is room for is counted by block.
        prop_assume!(whole.2 == 0);
        for cut in [&sizes[..], &[64]] {
            let (events, calls, _) = play(cut);
            prop_assert_eq!(&events, &whole.0, "{:?}", cut);
            let is_same = calls.len() == whole.1.len() && calls.iter().zip(&whole.1).all(is_alike);
            prop_assert!(is_same, "{:?}: {:?} is not {:?}", cut, calls, whole.1);
        }
    }

    /// A render faster than time is the same each time, and the same as in playback, whatever was played before.
    #[test]
    fn a_bounce_equals_playback(
        script in script::script().prop_map(Script::without_composing),
        stored in prop::option::weighted(0.9, arbitrary::phrase_off_grid(2)),
        slots in prop::collection::vec((0..N_SLOTS, arbitrary::phrase_off_grid(1)), 0..4),
        set in prop::option::of(0_u8..14),
        sizes in prop::collection::vec(prop_oneof![1_u32..2000, 1_u32..8193], 1..12),
    ) {
        let mut rig = Rig::new();
        for (id, (slot_idx, phrase)) in (100..).zip(&slots) {
            prop_assert!(rig.sender.send_to_slot(*slot_idx, Some(Clip::new(id, Cause::Chosen, phrase))));
        }
        if let Some(phrase) = &stored {
            rig.sender.send(Clip::new(1, Cause::Composed, phrase)).unwrap();
        }
        rig.block(&stopped(), &[], 64);
        let mut render = |is_offline, sizes: &[u32]| {
            rig.settings = Settings { is_offline, ..Settings::default() };
            rig.player.set_slot(set);
            rig.player.set_sample_rate(48_000.0);
            rig.player.reset();
            let (from, start) = (rig.events.len(), rig.now);
            script.play(&mut rig, sizes);
            (rig.monitor.n_dropped(), since(&rig.events[from..], start))
        };
        let playback = render(false, &sizes);
        let bounce = render(true, &[script::N_SAMPLES]);
        prop_assume!(bounce.0 == 0);
        prop_assert_eq!(&bounce.1, &playback.1, "a bounce differs from playback");
        let again = render(true, &[512]);
        prop_assert_eq!(&again.1, &bounce.1, "a bounce is not as the one before");
    }
}
