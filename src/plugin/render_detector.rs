//! Detects a render faster than real time by the speed of processing, for hosts whose announcement does not arrive in
//! time.
//!
//! A VST3 host announces a render when it sets up processing, but nice-plug 0.4.2 forwards the announcement of the
//! setup before: a bounce would be taken for playback, and playback after it for a bounce. So the worker compares the
//! time played with the time passed.
//!
//! A host that stalls and catches up is faster than real time for a moment, too, but only makes up for an earlier lag.
//! So the lag is measured, and only a lead beyond it counts. Activation, a start of the transport and a jump reset the
//! lag: a render begins with one of them, while a host that catches up continues at its position. An unexplained lead
//! right after one of these is a render at once, otherwise only when it exceeds all stalls; until then the state is
//! unknown, and requests wait.
//!
//! # Threads
//!
//! The audio thread adds to [`Rendered`]; the worker owns the [`Pace`], since the audio thread reads no clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::player::HostTime;
use crate::worker::HostPace;

/// The largest lead of a host in playback, in seconds: hosts process some blocks ahead, up to a third of a second.
const MAX_LEAD: f64 = 0.6;

/// The limit of the measured lead, in seconds, so that playback after a render is soon recognised.
const MOST_LEAD: f64 = 2.0 * MAX_LEAD;

/// The limit of the measured lag, in seconds: after a longer stall a host does not make up for all of it.
const MOST_LAG: f64 = 5.0;

/// The lead from which it is a render even without a start, in seconds: more than a stall leaves unexplained.
const SURE_LEAD: f64 = 4.0;

/// The window of a measurement in seconds: longer than a host's blocks.
const WINDOW: f64 = 0.2;

/// The largest gain or loss per second of a host in real time: clocks differ, and blocks come in steps.
const STEADY: f64 = 0.08;

/// The time constant, in seconds, by which the lead decays while the host keeps real time or gains.
const MEMORY: (f64, f64) = (1.0, 10.0);

/// The time constant, in seconds, by which the lag decays while the host keeps real time: it may catch up later.
const LAG_MEMORY: f64 = 20.0;

/// The time in seconds after a start within which a render begun by it shows.
const SETTLED: f64 = 1.0;

/// The largest difference, in beats, between the end of a block and the start of the next that is no jump.
const JUMP: f64 = 0.25;

/// The time played so far and the host's starts: the audio thread's half of the detector.
#[derive(Debug, Default)]
pub struct Rendered {
    /// Whether detection is needed.
    is_watched: AtomicBool,
    /// Whether the host announced a render in time.
    is_rendering: AtomicBool,
    nanoseconds: AtomicU64,
    n_activations: AtomicU32,
    /// The number of starts of the transport and jumps.
    n_jumps: AtomicU32,
    /// Whether a render was detected.
    is_ahead: AtomicBool,
}

impl Rendered {
    /// The host activates without a reliable announcement: starts detection.
    pub fn watch(&self) {
        self.is_watched.store(true, Relaxed);
        self.n_activations.fetch_add(1, Relaxed);
    }

    /// The host activates with a reliable announcement of whether it renders.
    pub fn set(&self, is_offline: bool) {
        self.is_watched.store(false, Relaxed);
        self.is_rendering.store(is_offline, Relaxed);
        self.n_activations.fetch_add(1, Relaxed);
    }

    /// Whether a render faster than real time was detected.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn is_ahead(&self) -> bool {
        self.is_ahead.load(Relaxed)
    }

    /// Adds a played block of `n_samples` at `sample_rate` hertz. Called by one thread at a time.
    ///
    /// *Real-time:* wait-free, no allocation.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
    pub fn add(&self, n_samples: u32, sample_rate: f32) {
        let nanoseconds = f64::from(n_samples) / f64::from(sample_rate.max(1.0)) * 1e9;
        self.nanoseconds.store(self.nanoseconds.load(Relaxed).wrapping_add(nanoseconds as u64), Relaxed);
    }

    /// Counts a start or jump of the host's transport. Called by one thread at a time.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn jump(&self) {
        self.n_jumps.store(self.n_jumps.load(Relaxed).wrapping_add(1), Relaxed);
    }
}

/// Follows the host's transport from block to block.
#[derive(Debug, Default)]
pub struct Course {
    was_playing: bool,
    /// The expected start of the next block, in beats.
    next_beat: Option<f64>,
}

impl Course {
    /// Whether the transport started or jumped, other than round its loop, at this block of `seconds`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn has_jumped(&mut self, host: &HostTime, seconds: f64) -> bool {
        let is_expected = |beat: f64| {
            let is_in_loop = host.loop_range.is_some_and(|(start, end)| (start..end).contains(&beat));
            is_in_loop || self.next_beat.is_none_or(|next| (beat - next).abs() < JUMP)
        };
        let goes_on = self.was_playing && host.beat.is_none_or(is_expected);
        let has_jumped = host.is_playing && !goes_on;
        self.was_playing = host.is_playing;
        self.next_beat = host.beat.zip(host.tempo).map(|(beat, tempo)| beat + seconds * tempo / 60.0);
        has_jumped
    }
}

/// Measures how far the host is ahead of real time.
#[derive(Debug)]
pub struct Pace {
    rendered: Arc<Rendered>,
    /// The time of the last measurement, and the seconds played by then.
    seen: Option<(Instant, u64)>,
    /// The lead in seconds; negative for a lag.
    lead: f64,
    /// Seconds gained since the unexplained lead began.
    gained: f64,
    /// Whether the host gained in the last window.
    is_gaining: bool,
    n_activations: u32,
    n_jumps: u32,
    /// Seconds in real time since the host activated, started or jumped.
    kept: f64,
    /// Whether nothing was played since the activation, so that there is no lag.
    is_fresh: bool,
}

impl Pace {
    pub const fn new(rendered: Arc<Rendered>) -> Self {
        Self {
            rendered,
            seen: None,
            lead: 0.0,
            gained: 0.0,
            is_gaining: false,
            n_activations: 0,
            n_jumps: 0,
            kept: 0.0,
            is_fresh: true,
        }
    }

    /// Measures and returns the state of the host; to be called often.
    pub fn look(&mut self, now: Instant) -> HostPace {
        if !self.rendered.is_watched.load(Relaxed) {
            self.seen = None;
            self.rendered.is_ahead.store(false, Relaxed);
            let is_rendering = self.rendered.is_rendering.load(Relaxed);
            return if is_rendering { HostPace::Rendering } else { HostPace::InTime };
        }
        let played = self.rendered.nanoseconds.load(Relaxed);
        let (n_activations, n_jumps) =
            (self.rendered.n_activations.load(Relaxed), self.rendered.n_jumps.load(Relaxed));
        let is_activated = std::mem::replace(&mut self.n_activations, n_activations) != n_activations;
        if std::mem::replace(&mut self.n_jumps, n_jumps) != n_jumps || is_activated {
            (self.lead, self.kept) = (self.lead.max(0.0), 0.0);
        }
        let (then, before) = *self.seen.get_or_insert((now, played));
        let passed = now.saturating_duration_since(then).as_secs_f64();
        let gained = Duration::from_nanos(played.wrapping_sub(before)).as_secs_f64() - passed;
        let pace = self.judge(gained);
        if is_activated {
            // The earlier lead does not count from here on, only for requests made before.
            *self = Self { n_activations, n_jumps, ..Self::new(Arc::clone(&self.rendered)) };
        } else if self.is_fresh && played == before {
            self.seen = Some((now, played));
        } else if passed >= WINDOW {
            self.close_window(passed, gained, pace);
            self.seen = Some((now, played));
        }
        if played != before {
            self.is_fresh = false;
        }
        pace
    }

    /// The state after a gain of `gained` seconds since the last measurement.
    fn judge(&self, gained: f64) -> HostPace {
        let is_ahead = self.lead + gained > MAX_LEAD;
        let is_render =
            is_ahead && (self.kept < SETTLED || self.gained + self.unexplained(gained) > SURE_LEAD);
        self.rendered.is_ahead.store(is_render, Relaxed);
        if !is_ahead {
            HostPace::InTime
        } else if is_render && (self.is_gaining || gained > MAX_LEAD) {
            HostPace::Rendering
        } else {
            HostPace::Ahead
        }
    }

    /// The part of `gained` seconds that does not make up for a lag.
    fn unexplained(&self, gained: f64) -> f64 {
        gained.min(self.lead + gained).max(0.0)
    }

    /// Ends a window of `passed` seconds in which the host gained `gained` seconds.
    fn close_window(&mut self, passed: f64, gained: f64, pace: HostPace) {
        self.is_gaining = gained > STEADY * passed;
        let keeps_time = gained.abs() <= STEADY * passed;
        self.kept += if keeps_time { passed } else { 0.0 };
        let memory = if self.lead <= 0.0 {
            if keeps_time { LAG_MEMORY } else { f64::INFINITY }
        } else if self.is_gaining {
            MEMORY.1
        } else {
            MEMORY.0
        };
        self.gained = if pace == HostPace::InTime { 0.0 } else { self.gained + self.unexplained(gained) };
        self.lead = (self.lead * (-passed / memory).exp() + gained).clamp(-MOST_LAG, MOST_LEAD);
    }
}

#[cfg(test)]
mod tests;
