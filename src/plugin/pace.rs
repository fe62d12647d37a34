//! Whether a host renders faster than time, where that is not said in time.
//!
//! A VST3 host says so when it sets up processing, but nice-plug 0.4.2 hands on what it said the time before: a bounce would
//! be taken for playback, and playback after it for a bounce. So there the worker compares how much was played with how
//! long it took.
//!
//! # Threads
//!
//! The audio thread adds to [`Rendered`]; the worker owns the [`Pace`], since the audio thread asks no clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Seconds that a host may be ahead of time and not render: they play ahead by a block or some, up to a third of a second.
const MAX_LEAD: f64 = 0.6;

/// The lead that is remembered at most, in seconds: after a render, playback is soon believed again.
const MOST_LEAD: f64 = 2.0 * MAX_LEAD;

/// A lead is forgotten in about so many seconds.
const MEMORY: f64 = 1.0;

/// What was played so far.
#[derive(Debug, Default)]
pub struct Rendered {
    /// Whether the host has to be watched.
    is_watched: AtomicBool,
    nanoseconds: AtomicU64,
}

impl Rendered {
    /// Whether the host has to be watched from now on.
    pub fn watch(&self, is_watched: bool) {
        self.is_watched.store(is_watched, Relaxed);
    }

    /// A block of `n_samples` at `sample_rate` hertz was played. Called by one thread at a time.
    ///
    /// *Real-time:* wait-free, no allocation.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
    pub fn add(&self, n_samples: u32, sample_rate: f32) {
        let nanoseconds = f64::from(n_samples) / f64::from(sample_rate.max(1.0)) * 1e9;
        self.nanoseconds.store(self.nanoseconds.load(Relaxed).wrapping_add(nanoseconds as u64), Relaxed);
    }
}

/// How far the host is ahead of time.
#[derive(Debug)]
pub struct Pace {
    rendered: Arc<Rendered>,
    /// When it was looked at last, and what was played by then.
    seen: Option<(Instant, u64)>,
    /// Seconds.
    lead: f64,
}

impl Pace {
    pub const fn new(rendered: Arc<Rendered>) -> Self {
        Self { rendered, seen: None, lead: 0.0 }
    }

    /// Whether the host renders faster than time; to be asked often.
    pub fn is_rendering(&mut self, now: Instant) -> bool {
        let played = self.rendered.nanoseconds.load(Relaxed);
        let (then, before) = self.seen.replace((now, played)).unwrap_or((now, played));
        let passed = now.saturating_duration_since(then).as_secs_f64();
        let gained = Duration::from_nanos(played.wrapping_sub(before)).as_secs_f64() - passed;
        self.lead = (self.lead * (-passed / MEMORY).exp() + gained).clamp(0.0, MOST_LEAD);
        self.rendered.is_watched.load(Relaxed) && self.lead > MAX_LEAD
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a host renders that plays `speed` times as fast as time for `seconds`, looked at each 50 ms, at each look.
    fn looks(pace: &mut Pace, now: &mut Instant, speed: u32, seconds: u32) -> Vec<bool> {
        let look = |_| {
            *now += Duration::from_millis(50);
            // In blocks of 600 samples: four of them take 50 ms at 48 kHz.
            (0..4 * speed).for_each(|_| pace.rendered.add(600, 48_000.0));
            pace.is_rendering(*now)
        };
        (0..20 * seconds).map(look).collect()
    }

    #[test]
    fn a_render_is_found_at_once_and_playback_after_it_soon() {
        for speed in [3, 20, 500] {
            let (mut pace, mut now) = (Pace::new(Arc::default()), Instant::now());
            pace.rendered.watch(true);
            assert!(!looks(&mut pace, &mut now, 1, 5).contains(&true));
            let render = looks(&mut pace, &mut now, speed, 2);
            let first = render.iter().position(|is_rendering| *is_rendering).unwrap();
            assert!(first <= 12 && !render[first..].contains(&false), "{speed}: {first}");
            assert_eq!(render[0], speed > 12);
            let playback = looks(&mut pace, &mut now, 1, 2);
            assert!(!playback[20..].contains(&true), "{speed}");
        }
    }

    #[test]
    fn who_plays_ahead_by_a_third_of_a_second_does_not_render() {
        let (mut pace, mut now) = (Pace::new(Arc::default()), Instant::now());
        pace.rendered.watch(true);
        for _ in 0..10 {
            pace.rendered.add(16_000, 48_000.0);
            assert!(!pace.is_rendering(now));
            assert!(!looks(&mut pace, &mut now, 1, 3).contains(&true));
            assert!(!looks(&mut pace, &mut now, 0, 1).contains(&true));
        }
    }

    #[test]
    fn a_host_that_says_it_itself_is_believed() {
        let (mut pace, mut now) = (Pace::new(Arc::default()), Instant::now());
        assert!(!looks(&mut pace, &mut now, 500, 1).contains(&true));
    }
}
