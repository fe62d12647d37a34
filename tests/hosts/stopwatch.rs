//! Measures the CPU time of a thread, so that other load of the machine does not count.

use std::time::{Duration, Instant};

/// Measures what this thread does.
#[derive(Debug)]
pub struct Stopwatch {
    started: Instant,
    cpu: Option<Duration>,
}

impl Stopwatch {
    /// One that runs from now on.
    pub fn start() -> Self {
        Self { started: Instant::now(), cpu: cpu() }
    }

    /// For how long the thread was on a core since the start; where the system does not say, how long that is ago.
    pub fn elapsed(&self) -> Duration {
        let worked = self.cpu.zip(cpu()).map(|(before, now)| now.saturating_sub(before));
        worked.unwrap_or_else(|| self.started.elapsed())
    }
}

/// For how long this thread was on a core, as Linux tells.
fn cpu() -> Option<Duration> {
    // The system adds up what a thread has had when it gives the core to another.
    std::thread::yield_now();
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = stat.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
