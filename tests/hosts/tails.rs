//! The slowest callbacks, and what many instances take, as tables:
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

fn tails(n_samples: usize) {
    let mut empty = Rig::new(&empty_library(), c"free.descant.empty", n_samples);
    let (mut idle, mut playing, mut composing) = (descant(n_samples), descant(n_samples), descant(n_samples));
    playing.play(&[("arp_on", 1.0), ("generate", 1.0)]);
    let pressed = Instant::now();
    while pressed.elapsed() < Duration::from_secs(12) {
        playing.play(&[]);
        std::thread::sleep(Duration::from_micros(500));
    }
    let mut times: [Times; 4] = Default::default();
    for block in 0..N_BLOCKS {
        times[0].time(|| empty.play(&[]));
        times[1].time(|| idle.play(&[]));
        times[2].time(|| playing.play(&[]));
        if block % 500 == 499 {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    // Composing all the time, on another thread.
    for block in 0..N_BLOCKS {
        let is_down = block % 200 < 100;
        let press = [("generate", if is_down { 1.0 } else { 0.0 })];
        let changes = if block % 100 == 0 { &press[..] } else { &[] };
        times[3].time(|| composing.play(changes));
        if block % 20 == 0 {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    for (times, name) in times.into_iter().zip(["empty", "Descant, idle", "playing five parts", "composing"])
    {
        times.tell(n_samples, name);
    }
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
