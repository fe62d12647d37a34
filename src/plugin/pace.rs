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

/// How long the host is looked at before its lead is judged, in seconds: longer than its blocks.
const WINDOW: f64 = 0.2;

/// A host that gains less than this in a second keeps time: clocks differ, and blocks come in steps.
const STEADY: f64 = 0.08;

/// The lead is forgotten in about so many seconds while the host keeps time, and while it gains.
const MEMORY: (f64, f64) = (1.0, 10.0);

/// What was played so far.
#[derive(Debug, Default)]
pub struct Rendered {
    /// Whether the host has to be watched.
    is_watched: AtomicBool,
    nanoseconds: AtomicU64,
    /// Whether it was found to render.
    is_ahead: AtomicBool,
}

impl Rendered {
    /// Whether the host has to be watched from now on.
    pub fn watch(&self, is_watched: bool) {
        self.is_watched.store(is_watched, Relaxed);
    }

    /// Whether the host was found to render faster than time.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn is_ahead(&self) -> bool {
        self.is_ahead.load(Relaxed)
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
        let (then, before) = *self.seen.get_or_insert((now, played));
        let passed = now.saturating_duration_since(then).as_secs_f64();
        let gained = Duration::from_nanos(played.wrapping_sub(before)).as_secs_f64() - passed;
        let is_ahead = self.rendered.is_watched.load(Relaxed) && self.lead + gained > MAX_LEAD;
        if passed >= WINDOW {
            let memory = if gained > STEADY * passed { MEMORY.1 } else { MEMORY.0 };
            self.lead = (self.lead * (-passed / memory).exp() + gained).clamp(0.0, MOST_LEAD);
            self.seen = Some((now, played));
        }
        self.rendered.is_ahead.store(is_ahead, Relaxed);
        is_ahead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a host renders that plays `tenths` tenths as fast as time for `seconds`, looked at each 50 ms, at each look.
    fn looks(pace: &mut Pace, now: &mut Instant, tenths: u32, seconds: u32) -> Vec<bool> {
        let look = |_| {
            *now += Duration::from_millis(50);
            // In blocks of 240 samples: ten of them take 50 ms at 48 kHz.
            (0..tenths).for_each(|_| pace.rendered.add(240, 48_000.0));
            pace.is_rendering(*now)
        };
        (0..20 * seconds).map(look).collect()
    }

    #[test]
    fn a_render_is_found_and_playback_after_it_soon_believed() {
        // Tenths of time's speed, and the seconds within which it is found.
        for (tenths, seconds) in [(12, 5), (15, 2), (30, 1), (200, 1), (5000, 1)] {
            let (mut pace, mut now) = (Pace::new(Arc::default()), Instant::now());
            pace.rendered.watch(true);
            assert!(!looks(&mut pace, &mut now, 10, 5).contains(&true));
            let render = looks(&mut pace, &mut now, tenths, seconds);
            let rest = looks(&mut pace, &mut now, tenths, 20);
            assert!(render.contains(&true) && !rest.contains(&false), "{tenths}");
            assert_eq!(render[0], tenths > 130);
            assert!(pace.rendered.is_ahead());
            let playback = looks(&mut pace, &mut now, 10, 3);
            assert!(!playback[40..].contains(&true), "{tenths}");
        }
    }

    #[test]
    fn who_plays_ahead_a_little_or_has_another_clock_does_not_render() {
        let (mut pace, mut now) = (Pace::new(Arc::default()), Instant::now());
        pace.rendered.watch(true);
        for _ in 0..10 {
            pace.rendered.add(16_000, 48_000.0);
            assert!(!pace.is_rendering(now));
            assert!(!looks(&mut pace, &mut now, 10, 3).contains(&true));
            assert!(!looks(&mut pace, &mut now, 0, 1).contains(&true));
        }
        // Three hours of a clock that is too fast by 200 parts in a million, in large blocks.
        for block in 1..60_000_u32 {
            now += Duration::from_nanos(170_632_533);
            pace.rendered.add(8192, 48_000.0);
            assert!(!pace.is_rendering(now), "{block}");
        }
    }

    #[test]
    fn a_host_that_says_it_itself_is_believed() {
        let (mut pace, mut now) = (Pace::new(Arc::default()), Instant::now());
        assert!(!looks(&mut pace, &mut now, 500, 1).contains(&true));
    }
}
