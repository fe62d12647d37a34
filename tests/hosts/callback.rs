//! How long the audio callback takes, compared with an empty plugin of the same framework, in one run:
//!
//! ```text
//! cargo xtask bundle
//! cargo build --release -p descant-empty
//! cargo bench -p descant-hosts-tests --bench callback
//! ```

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run should stop")]

#[expect(dead_code, reason = "the tests name bundles that no benchmark needs")]
mod bundles;

mod timed;

use std::time::{Duration, Instant};

use divan::Bencher;

use timed::{Rig, empty_library};

fn main() {
    divan::main();
}

/// Samples of a block.
const BLOCKS: [usize; 3] = [64, 512, 2048];

#[divan::bench(args = BLOCKS)]
fn a_empty_plugin(bencher: Bencher, n_samples: usize) {
    let mut rig = Rig::new(&empty_library(), c"free.descant.empty", n_samples);
    bencher.bench_local(|| rig.play(&[]));
}

#[divan::bench(args = BLOCKS)]
fn b_five_parts_without_preview(bencher: Bencher, n_samples: usize) {
    let mut rig = composed(n_samples, "preview", 0.0);
    bencher.bench_local(|| rig.play(&[]));
}

#[divan::bench(args = BLOCKS)]
fn c_five_parts_with_preview(bencher: Bencher, n_samples: usize) {
    let mut rig = composed(n_samples, "preview", 1.0);
    bencher.bench_local(|| rig.play(&[]));
}

/// Descant, playing a phrase of five parts that it has just composed, with a parameter of its own.
fn composed(n_samples: usize, id: &str, value: f64) -> Rig {
    let mut rig = Rig::new(&bundles::clap(), c"free.descant.descant", n_samples);
    // The continuous parameters of the framework go from 0 to 1.
    rig.play(&[("arp_on", 1.0), (id, value)]);
    rig.play(&[("generate", 1.0)]);
    let (pressed, mut n_notes) = (Instant::now(), 0);
    while pressed.elapsed() < Duration::from_millis(1500) {
        n_notes += rig.play(&[]);
        std::thread::sleep(Duration::from_micros(500));
    }
    assert!(n_notes > 0, "nothing was composed");
    rig
}
