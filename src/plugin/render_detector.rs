//! Whether a host renders faster than time, where that is not said in time.
//!
//! A VST3 host says so when it sets up processing, but nice-plug 0.4.2 hands on what it said the time before: a bounce would
//! be taken for playback, and playback after it for a bounce. So there the worker compares how much was played with how
//! long it took.
//!
//! A host that stalls and catches up is ahead of time for a moment, too. What it plays then it had left out before, so a lag
//! is measured as the lead is, and a lead counts only beyond it. Activation, a start of the transport and a jump end a lag: a
//! render begins with one of them, a host that catches up goes on where it was. A lead that nothing explains is a render at
//! once after one of these, and otherwise when it has grown beyond all stalls; until then it is not known what it is, and what
//! is asked for meanwhile waits.
//!
//! # Threads
//!
//! The audio thread adds to [`Rendered`]; the worker owns the [`Pace`], since the audio thread asks no clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::player::HostTime;
use crate::worker::HostPace;

/// Seconds that a host may be ahead of time and not render: they play ahead by a block or some, up to a third of a second.
const MAX_LEAD: f64 = 0.6;

/// The lead that is remembered at most, in seconds: after a render, playback is soon believed again.
const MOST_LEAD: f64 = 2.0 * MAX_LEAD;

/// The lag that is remembered at most, in seconds: who was away for longer has no reason to make up for all of it.
const MOST_LAG: f64 = 5.0;

/// So many seconds are gained by a render only, be it never said to begin: more than a stall leaves unexplained.
const SURE_LEAD: f64 = 4.0;

/// How long the host is looked at before its lead is judged, in seconds: longer than its blocks.
const WINDOW: f64 = 0.2;

/// A host that gains or loses less than this in a second keeps time: clocks differ, and blocks come in steps.
const STEADY: f64 = 0.08;

/// The lead is forgotten in about so many seconds while the host keeps time, and while it gains.
const MEMORY: (f64, f64) = (1.0, 10.0);

/// The lag is forgotten in about so many seconds while the host keeps time: it may catch up later.
const LAG_MEMORY: f64 = 20.0;

/// A host that has kept time for so long after a start, in seconds, has not begun a render with it.
const SETTLED: f64 = 1.0;

/// The host's position may differ from where the last block ended by so many beats and be no jump.
const JUMP: f64 = 0.25;

/// What was played so far.
#[derive(Debug, Default)]
pub struct Rendered {
    /// Whether the host has to be watched.
    is_watched: AtomicBool,
    /// Whether the host said in time that it renders.
    is_rendering: AtomicBool,
    nanoseconds: AtomicU64,
    n_activations: AtomicU32,
    /// Starts of the transport, and jumps.
    n_jumps: AtomicU32,
    /// Whether it was found to render.
    is_ahead: AtomicBool,
}

impl Rendered {
    /// The host activates, and has to be watched from now on.
    pub fn watch(&self) {
        self.is_watched.store(true, Relaxed);
        self.n_activations.fetch_add(1, Relaxed);
    }

    /// The host activates, and says whether it renders.
    pub fn set(&self, is_offline: bool) {
        self.is_watched.store(false, Relaxed);
        self.is_rendering.store(is_offline, Relaxed);
        self.n_activations.fetch_add(1, Relaxed);
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

    /// The host's transport started or jumped. Called by one thread at a time.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn jump(&self) {
        self.n_jumps.store(self.n_jumps.load(Relaxed).wrapping_add(1), Relaxed);
    }
}

/// The host's transport, block by block.
#[derive(Debug, Default)]
pub struct Course {
    was_playing: bool,
    /// Where the next block begins if the host goes on, in beats.
    next_beat: Option<f64>,
}

impl Course {
    /// Whether the host begins anew with this block of `seconds`: its transport started, or jumped elsewhere than round its
    /// loop.
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

/// How far the host is ahead of time.
#[derive(Debug)]
pub struct Pace {
    rendered: Arc<Rendered>,
    /// When it was looked at last, and what was played by then.
    seen: Option<(Instant, u64)>,
    /// Seconds; of a lag less than none.
    lead: f64,
    /// Seconds gained since there is a lead that nothing explains.
    gained: f64,
    /// Whether the host gained in the last window.
    is_gaining: bool,
    n_activations: u32,
    n_jumps: u32,
    /// Seconds that the host has kept time since it activated, started or jumped.
    kept: f64,
    /// Whether nothing was played since it activated: there is nothing to lag behind.
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

    /// How the host takes time; to be asked often.
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
            // What was before has nothing to do with what comes, but counts for what was asked for until now.
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

    /// What it means that the host gained `gained` seconds since it was looked at last.
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

    /// How much of `gained` seconds makes up for no lag.
    fn unexplained(&self, gained: f64) -> f64 {
        gained.min(self.lead + gained).max(0.0)
    }

    /// `passed` seconds were looked at, in which the host gained `gained`.
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
