//! Benchmarks of a block of the preview synth: with notes, in the reverb's tail, and silent, compared with clearing the
//! block.

#![allow(clippy::unwrap_used, reason = "a benchmark fails as tests do")]

use descant::music::{Part, Pitch};
use descant::synth::Synth;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// Samples of a block.
const N_SAMPLES: usize = 512;

/// A chord, a drum and a note of each other part, sounding.
fn sounding() -> Synth {
    let mut synth = Synth::new(48_000.0);
    for pitch in [60, 64, 67, 71] {
        synth.note_on(Part::Chords, Pitch::clamped(pitch), 90);
    }
    for (part, pitch) in [(Part::Drums, 49), (Part::Bass, 36), (Part::Arpeggio, 72), (Part::Melody, 76)] {
        synth.note_on(part, Pitch::clamped(pitch), 90);
    }
    advance(&mut synth, 20);
    synth
}

/// The room alone, `n_blocks` after the last note ended.
fn tail(n_blocks: usize) -> Synth {
    let mut synth = Synth::new(48_000.0);
    synth.note_on(Part::Bass, Pitch::clamped(36), 127);
    advance(&mut synth, 20);
    synth.all_notes_off();
    advance(&mut synth, n_blocks);
    synth
}

fn advance(synth: &mut Synth, n_blocks: usize) {
    let (mut left, mut right) = ([0.0; N_SAMPLES], [0.0; N_SAMPLES]);
    (0..n_blocks).for_each(|_| synth.process(&mut left, &mut right));
}

/// Times the block that follows.
fn block(bencher: Bencher, make: impl Fn() -> Synth + Sync) {
    let (mut left, mut right) = ([0.0; N_SAMPLES], [0.0; N_SAMPLES]);
    bencher
        .with_inputs(make)
        .bench_local_refs(|synth| synth.process(black_box(&mut left), black_box(&mut right)));
}

#[divan::bench(sample_count = 200, sample_size = 1)]
fn five_parts(bencher: Bencher) {
    block(bencher, sounding);
}

/// The release is over, the room still loud.
#[divan::bench(sample_count = 200, sample_size = 1)]
fn early_tail(bencher: Bencher) {
    block(bencher, || tail(30));
}

/// The filters before the room have nothing left to do.
#[divan::bench(sample_count = 200, sample_size = 1)]
fn late_tail(bencher: Bencher) {
    block(bencher, || tail(100));
}

#[divan::bench]
fn asleep(bencher: Bencher) {
    let mut synth = tail(1000);
    assert!(synth.is_silent());
    let (mut left, mut right) = ([0.0; N_SAMPLES], [0.0; N_SAMPLES]);
    bencher.bench_local(|| synth.process(black_box(&mut left), black_box(&mut right)));
}

#[divan::bench]
fn clearing_the_block(bencher: Bencher) {
    let (mut left, mut right) = ([0.0; N_SAMPLES], [0.0; N_SAMPLES]);
    bencher.bench_local(|| {
        black_box(&mut left).fill(0.0);
        black_box(&mut right).fill(0.0);
    });
}
