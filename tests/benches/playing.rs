//! Benchmarks of the player: a second in blocks of several lengths, with a phrase of five parts straight, with groove
//! and humanise, under held chords, and without a phrase.

#![allow(clippy::unwrap_used, reason = "a benchmark fails as tests do")]

use std::sync::Arc;

use descant::music::{Frame, Key, Meter, Note, Part, Phrase, Pitch, Progression, TickDuration, TickInstant};
use descant::player::{
    Action, Cause, Clip, ClipSender, HostTime, InputEvent, Monitor, Player, Settings, clip_channel,
};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

const RATE: u32 = 48_000;

/// Samples of a block.
const BLOCKS: [u32; 3] = [32, 512, 4096];

/// Four bars of sixteenths in each part.
fn phrase() -> Phrase {
    let parts = Part::ALL.map(|part| {
        let key = |idx: u32| Pitch::clamped(40 + 8 * i32::try_from(part.index() + idx as usize % 5).unwrap());
        let note = |idx: u32| Note::new(TickInstant(idx * 240), TickDuration(240), key(idx), 90);
        (0..64).map(note).collect()
    });
    Phrase::new(Frame::new(Meter::COMMON, 4, Key::C_MAJOR, 120.0), Progression::default(), parts).unwrap()
}

/// A player, its clips, and what a host says at the next block.
struct Stage {
    player: Player,
    _clips: ClipSender,
    settings: Settings,
    inputs: Vec<InputEvent>,
    beat: f64,
}

impl Stage {
    fn new(settings: Settings, has_phrase: bool) -> Self {
        let (mut clips, receiver) = clip_channel();
        let mut player = Player::new(receiver, Arc::new(Monitor::new()));
        player.set_sample_rate(48_000.0);
        if has_phrase {
            clips.send(Clip::new(1, Cause::Chosen, &phrase())).unwrap();
        }
        Self { player, _clips: clips, settings, inputs: Vec::new(), beat: 0.0 }
    }

    /// Plays a second in blocks of `n_samples`; in each, the same keys come in.
    fn play(&mut self, n_samples: u32) -> usize {
        let mut n_events = 0;
        for _ in 0..RATE / n_samples {
            let host = HostTime {
                is_playing: true,
                tempo: Some(120.0),
                beat: Some(self.beat),
                bar_start: Some((self.beat / 4.0).floor() * 4.0),
                bar_length: Some(4.0),
                ..HostTime::default()
            };
            let events = self.player.process(black_box(&host), &self.settings, &self.inputs, n_samples);
            n_events += events.len();
            self.beat += f64::from(n_samples) / f64::from(RATE) * 2.0;
        }
        n_events
    }
}

fn bench(bencher: Bencher, n_samples: u32, make: impl Fn() -> Stage) {
    let mut stage = make();
    bencher.bench_local(|| stage.play(n_samples));
}

#[divan::bench(args = BLOCKS)]
fn straight(bencher: Bencher, n_samples: u32) {
    bench(bencher, n_samples, || Stage::new(Settings::default(), true));
}

#[divan::bench(args = BLOCKS)]
fn swung_and_humanised(bencher: Bencher, n_samples: u32) {
    let settings = Settings { swing: 0.6, humanise: 0.5, accent: 0.5, ..Settings::default() };
    bench(bencher, n_samples, || Stage::new(settings, true));
}

#[divan::bench(args = BLOCKS)]
fn under_chords(bencher: Bencher, n_samples: u32) {
    let key = |key| InputEvent::note(0, 5, Pitch::clamped(key), Action::On { velocity: 80 });
    let off = |key| InputEvent::note(16, 5, Pitch::clamped(key), Action::Off);
    bench(bencher, n_samples, || Stage {
        inputs: vec![key(60), key(63), key(67), off(60), off(63), off(67)],
        ..Stage::new(Settings { follows: true, ..Settings::default() }, true)
    });
}

#[divan::bench(args = BLOCKS)]
fn without_a_phrase(bencher: Bencher, n_samples: u32) {
    bench(bencher, n_samples, || Stage::new(Settings::default(), false));
}
