//! Functions for the audio thread neither allocate nor free.
//!
//! The allocator of the whole test binary counts, per thread, what happens between [`begin`] and [`end`].

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use descant::music::groove::{GroovePlace, N_PLACES};
use descant::music::{
    Frame, Groove, Key, Meter, Note, Phrase, Pitch, Progression, TickDuration, TickInstant,
};
use descant::player::{
    Action, Cause, Clip, ClockMessage, HostTime, InputEvent, KeyTrigger, Message, Mode, Monitor, Player,
    Quantum, Settings, clip_channel,
};
#[cfg(feature = "synth")]
use descant::{
    music::Part,
    synth::{Sound, Synth},
};

thread_local! {
    /// Calls of the allocator since [`begin`]; `None` outside.
    static N_CALLS: Cell<Option<usize>> = const { Cell::new(None) };
}

struct Counting;

/// Counts a call. Threads that are being torn down are past caring.
fn count() {
    let _ = N_CALLS.try_with(|calls| calls.set(calls.get().map(|n| n + 1)));
}

#[expect(
    unsafe_code,
    reason = "an allocator is an unsafe trait; this one hands everything on to the system's"
)]
// SAFETY: every call goes to `System` with the caller's own arguments; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: as above; `pointer` came from `System`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, n_bytes: usize) -> *mut u8 {
        count();
        // SAFETY: as above; `pointer` came from `System`.
        unsafe { System.realloc(pointer, layout, n_bytes) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// From here on the calls of this thread's allocator are counted.
pub fn begin() {
    N_CALLS.set(Some(0));
}

/// How often it was called.
pub fn end() -> usize {
    N_CALLS.take().unwrap_or(0)
}

#[test]
fn the_guard_sees_allocations() {
    begin();
    drop(std::hint::black_box(vec![1_u8; 100]));
    assert_eq!(end(), 2);
}

#[test]
fn the_player_does_not_allocate() {
    let dense = |id: u64, first: u32| {
        let mut parts: [Vec<Note>; 5] = Default::default();
        for (octave, notes) in (0..).zip(&mut parts) {
            for idx in 0..400 {
                let pitch = Pitch::clamped(i32::try_from(idx * 7 % 61 + 12 * octave).unwrap());
                notes.push(Note::new(TickInstant(first + idx * 19), TickDuration(400), pitch, 90));
            }
        }
        let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 120.0);
        let cause = [Cause::Chosen, Cause::Composed, Cause::Evolved, Cause::Composed]
            [usize::try_from(id).unwrap() % 4];
        Clip::new(id, cause, &Phrase::repaired(frame, Progression::default(), parts).unwrap().0)
    };
    let (mut sender, receiver) = clip_channel();
    let monitor = Arc::new(Monitor::new());
    let mut player = Player::new(receiver, Arc::clone(&monitor));
    let mut settings = Settings::default();
    let input = |offset, action| InputEvent::note(offset, 0, Pitch::MIDDLE_C, action);
    let mut n_calls = 0;
    for round in 0..300_u16 {
        // More clips than fit, and spent ones that nobody collects for a while.
        if round % 7 < 5 {
            let _ = sender.send(dense(u64::from(round % 4), u32::from(round)));
        }
        settings.mode = [Mode::Host, Mode::Keys, Mode::Free][usize::from(round / 40 % 3)];
        settings.quantum = [Quantum::Off, Quantum::Sixteenth, Quantum::Bar][usize::from(round % 3)];
        settings.is_bypassed = round % 31 == 0;
        settings.swing = 0.5 + f32::from(round % 20) / 100.0;
        let late = GroovePlace { late_ticks: f64::from(round % 97), velocity: 1.5 };
        settings.groove = Groove::new([late; N_PLACES]).unwrap();
        settings.groove_amount = f32::from(round % 11) / 10.0;
        settings.humanise = f32::from(round % 5) / 4.0;
        settings.accent = f32::from(round % 4) / 3.0;
        settings.note_length = 0.1 + f32::from(round % 9) / 5.0;
        settings.key_dynamics = f32::from(round % 6) / 5.0;
        settings.key_trigger = [KeyTrigger::Gate, KeyTrigger::Latch][usize::from(round / 20 % 2)];
        settings.commit_beats = f64::from(round % 8) / 4.0;
        settings.follows = round % 4 < 2;
        settings.velocity_curve = f32::from(round % 3) - 1.0;
        settings.one_channel = (round % 6 == 0).then_some(2);
        settings.call_beats = (round % 5 == 0).then_some(1.5);
        settings.key_switches = (round % 9 == 0).then_some(50);
        let host = HostTime {
            is_playing: round % 17 != 0,
            tempo: Some(60.0 + f64::from(round)),
            beat: Some(f64::from(round % 50) * 0.3),
            loop_range: (round % 3 == 0).then_some((0.0, 1.0)),
            bar_start: None,
            bar_length: None,
        };
        let key = Pitch::clamped(40 + i32::from(round % 40));
        let other = |message| InputEvent { offset: 200, message };
        let clock = [
            ClockMessage::Tick,
            ClockMessage::Start,
            ClockMessage::Continue,
            ClockMessage::Stop,
            ClockMessage::Position(round),
        ];
        let inputs = [
            input(0, Action::On { velocity: 1 }),
            input(99, Action::Off),
            input(99, Action::On { velocity: 9 }),
            other(Message::Hold { is_down: round % 2 == 0 }),
            other(if round % 5 == 0 { Message::Release } else { Message::Slot(3) }),
            other(Message::Slot(u8::try_from(round % 14).unwrap())),
            other(Message::Clock(clock[usize::from(round % 5)])),
            InputEvent::note(300, 0, key, Action::On { velocity: 9 }),
            other(Message::Clock(ClockMessage::Tick)),
            InputEvent::note(7000, 0, key, Action::Off),
        ];
        match round % 13 {
            0 => monitor.send_test_notes(),
            9 => monitor.stop_test_notes(),
            _ => {}
        }
        begin();
        std::hint::black_box(player.process(&host, &settings, &inputs, 8192));
        std::hint::black_box(player.process(&host, &settings, &[], 1));
        if round % 41 == 0 {
            player.set_sample_rate(44_100.0 + f32::from(round));
            player.panic();
            std::hint::black_box(player.release_all());
        }
        n_calls += end();
    }
    assert_eq!(n_calls, 0);
    assert!(monitor.n_note_ons() > 10_000 && monitor.n_launches() > 20, "{monitor:?}");
}

#[cfg(feature = "synth")]
#[test]
fn the_synth_does_not_allocate() {
    const SOUNDS: [Sound; 4] = [Sound::Keys, Sound::Pad, Sound::Bass, Sound::Pluck];
    let mut synth = Synth::new(44_100.0);
    let (mut left, mut right) = (vec![0.0_f32; 333], vec![0.0_f32; 333]);
    let mut loudest = 0.0_f32;
    begin();
    for round in 0..40_u8 {
        let pitch = |idx: u8| Pitch::clamped((i32::from(round) * 31 + i32::from(idx) * 7) % 128);
        for part in Part::ALL {
            // Far more notes than voices, over the whole range.
            (0..6).for_each(|idx| synth.note_on(part, pitch(idx), 100));
            synth.note_off(part, pitch(0));
            synth.choke(part, pitch(1));
            synth.set_gain(part, f32::from(round % 3) / 2.0);
            synth.set_pan(part, f32::from(round % 5) / 2.0 - 1.0);
            synth.set_sound(part, SOUNDS[usize::from(round / 3 % 4)]);
        }
        synth.live_note_on(pitch(2), 90);
        synth.set_pedal(round % 4 < 2);
        synth.live_note_off(pitch(2));
        synth.process(&mut left, &mut right);
        loudest = left.iter().fold(loudest, |loudest, x| loudest.max(x.abs()));
    }
    assert!(!synth.is_silent());
    synth.all_notes_off();
    let mut n_blocks = 0;
    while n_blocks < 1000 && !synth.is_silent() {
        synth.process(&mut left, &mut right);
        n_blocks += 1;
    }
    // One more, asleep.
    synth.process(&mut left, &mut right);
    let is_silent = synth.is_silent() && left.iter().chain(&right).all(|x| *x == 0.0);
    // And cut short.
    synth.note_on(Part::Chords, Pitch::MIDDLE_C, 100);
    synth.process(&mut left, &mut right);
    synth.reset();
    assert_eq!(end(), 0);
    assert!(loudest > 0.1, "{loudest}");
    // The release of the drums and the room's echo lie between.
    assert!(is_silent && (100..1000).contains(&n_blocks), "{n_blocks}");
    assert!(synth.is_silent(), "after a reset");
}
