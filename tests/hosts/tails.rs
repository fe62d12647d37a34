//! Tables of the slowest audio callbacks, and of the cost of many instances:
//!
//! ```text
//! cargo xtask bundle
//! cargo build --release -p descant-empty
//! cargo bench -p descant-hosts-tests --bench tails
//! ```
//!
//! Every block is timed by itself, in turn with one of an empty plugin of the same framework.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run should stop")]
#![allow(clippy::print_stdout, reason = "its tables are what it is for")]

#[expect(dead_code, reason = "the tests name bundles that no benchmark needs")]
mod bundles;
mod timed;

use std::time::{Duration, Instant};

use timed::{RATE, Rig, empty_library};

/// Samples of a block.
const BLOCKS: [usize; 3] = [32, 64, 512];

/// Blocks that are timed of each size.
const N_BLOCKS: usize = 20_000;

const N_INSTANCES: u32 = 32;

fn main() {
    println!("| samples | plugin | median | 99.9th percentile | worst |\n| --- | --- | --- | --- | --- |");
    for n_samples in BLOCKS {
        tails(n_samples);
    }
    first_note();
    instances();
}

/// Microseconds of each block.
#[derive(Default)]
struct Times(Vec<f64>);

impl Times {
    fn time(&mut self, play: impl FnOnce() -> usize) {
        let began = Instant::now();
        std::hint::black_box(play());
        self.0.push(began.elapsed().as_secs_f64() * 1e6);
    }

    fn tell(mut self, n_samples: usize, name: &str) {
        self.0.sort_unstable_by(f64::total_cmp);
        let at = |part: usize, of: usize| self.0[(self.0.len() - 1) * part / of];
        let [median, tail, worst] = [at(1, 2), at(999, 1000), at(1, 1)];
        println!("| {n_samples} | {name} | {median:.1} us | {tail:.1} us | {worst:.0} us |");
    }
}

fn descant(n_samples: usize) -> Rig {
    Rig::new(&bundles::clap(), c"free.descant.descant", n_samples)
}

/// Descant with a phrase of five parts, and with its preview or without.
fn with_phrase(n_samples: usize, preview: f64) -> Rig {
    let mut rig = descant(n_samples);
    rig.play(&[("arp_on", 1.0), ("generate", 1.0), ("preview", preview)]);
    let pressed = Instant::now();
    while pressed.elapsed() < Duration::from_secs(12) {
        rig.play(&[]);
        std::thread::sleep(Duration::from_micros(500));
    }
    rig
}

/// Times `rig` while it composes without end on another thread, pressed by `switch`.
fn composing(rig: &mut Rig, switch: &str) -> Times {
    let mut times = Times::default();
    for block in 0..N_BLOCKS {
        let press = [(switch, if block % 200 < 100 { 1.0 } else { 0.0 })];
        let changes = if block % 100 == 0 { &press[..] } else { &[] };
        times.time(|| rig.play(changes));
        if block % 20 == 0 {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    times
}

fn tails(n_samples: usize) {
    let mut empty = Rig::new(&empty_library(), c"free.descant.empty", n_samples);
    let mut idle = descant(n_samples);
    let (mut quiet, mut playing) = (with_phrase(n_samples, 0.0), with_phrase(n_samples, 1.0));
    let mut times: [Times; 4] = Default::default();
    for block in 0..N_BLOCKS {
        times[0].time(|| empty.play(&[]));
        times[1].time(|| idle.play(&[]));
        times[2].time(|| quiet.play(&[]));
        times[3].time(|| playing.play(&[]));
        if block % 500 == 499 {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    let while_composing = [composing(&mut idle, "generate"), composing(&mut playing, "vary")];
    let names = [
        "empty",
        "Descant, idle",
        "five parts, preview off",
        "five parts",
        "composing its first phrases",
        "five parts while composing",
    ];
    for (times, name) in times.into_iter().chain(while_composing).zip(names) {
        times.tell(n_samples, name);
    }
}

/// How long it takes from a switch to the first note of what it has composed, in a host that plays in time.
fn first_note() {
    const N: usize = 9;
    let mut times: Vec<f64> = (0..N)
        .map(|_| {
            let mut rig = descant(64);
            let block = Duration::from_secs_f64(64.0 / RATE);
            rig.play(&[("quantum", 0.0)]);
            let began = Instant::now();
            while began.elapsed() < Duration::from_secs(2) {
                rig.play(&[]);
                std::thread::sleep(block);
            }
            let pressed = Instant::now();
            let mut n_notes = rig.play(&[("generate", 1.0)]);
            while n_notes == 0 && pressed.elapsed() < Duration::from_secs(30) {
                std::thread::sleep(block);
                n_notes = rig.play(&[]);
            }
            pressed.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_unstable_by(f64::total_cmp);
    println!("\n| from Generate to the first note, launch off | |\n| --- | --- |");
    println!("| median of {N} | {:.0} ms |\n| longest | {:.0} ms |", times[N / 2], times[N - 1]);
}

/// What many instances in one process take.
fn instances() {
    let before = (memory(), cpu(), Instant::now());
    let mut first = descant(512);
    first.play(&[("generate", 1.0)]);
    std::thread::sleep(Duration::from_secs(15));
    let one = memory();
    let began = Instant::now();
    let mut rigs: Vec<Rig> = (1..N_INSTANCES).map(|_| descant(512)).collect();
    let loaded = began.elapsed();
    for rig in &mut rigs {
        rig.play(&[]);
    }
    std::thread::sleep(Duration::from_secs(2));
    let all = memory();
    let (cpu_before, slept) = (cpu(), Instant::now());
    std::thread::sleep(Duration::from_secs(10));
    let (idle, slept) = (cpu() - cpu_before, slept.elapsed());
    let n_more = f64::from(N_INSTANCES - 1);
    println!("\n| {N_INSTANCES} instances at {RATE} Hz | |\n| --- | --- |");
    println!("| the first, which has composed | {:.1} MB |", one - before.0);
    println!("| each further one | {:.2} MB |", (all - one) / n_more);
    println!("| loading each further one | {:.1} ms |", loaded.as_secs_f64() * 1e3 / n_more);
    let (cpu_before, began) = (cpu(), Instant::now());
    while began.elapsed() < Duration::from_secs(10) {
        for rig in &mut rigs {
            rig.play(&[]);
        }
        std::thread::sleep(Duration::from_secs_f64(512.0 / RATE));
    }
    let (running, ran) = (cpu() - cpu_before, began.elapsed());
    println!(
        "| CPU of all while blocks of 512 are asked for in time, at rest | {:.2} % of a core |",
        100.0 * running / ran.as_secs_f64()
    );
    println!(
        "| CPU of all while no block is asked for | {:.2} % of a core |",
        100.0 * idle / slept.as_secs_f64()
    );
}

/// Resident memory of this process in megabytes; 0 where the system does not say.
fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// Seconds of CPU that this process has taken; 0 where the system does not say.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    // User and system time in hundredths of a second.
    fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}
