//! Follows a MIDI clock: 24 ticks per beat.
//!
//! Ticks jitter, so the tempo is a mean over many of them, and each tick corrects a part of the position error. Missing
//! ticks do not stop time, so that a loose cable on stage silences nobody; only *stop* does.
//!
//! # Source
//!
//! Messages as in the MIDI 1.0 Detailed Specification: *start* and *continue* take effect with the next tick.

use super::event::ClockMessage;

/// Ticks per beat.
const TICKS_PER_BEAT: f64 = 24.0;

/// Ticks per sixteenth, the unit of song positions.
const TICKS_PER_SIXTEENTH: u32 = 6;

/// Plausible seconds between ticks: 5 to 1,000 beats per minute.
const PERIODS: std::ops::Range<f64> = 0.0025..0.5;

/// Weight of a tick in the running mean.
const SHARE_OF_TICK: f64 = 0.125;

/// Factor by which a tick's length may differ from the mean; beyond, the tempo has changed.
const MAX_DEVIATION: f64 = 1.25;

/// Share of the position error that the next tick corrects.
const SHARE_OF_ERROR: f64 = 0.25;

/// A larger position error is a jump, in beats.
const MAX_ERROR_BEATS: f64 = 0.25;

/// The effect of a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// Nothing yet.
    Nothing,
    /// Time goes on at this pace, in beats per sample.
    Pace(f64),
    /// Time goes on from position `beat`, in beats, at `pace` in beats per sample if that is known.
    Jump { beat: f64, pace: Option<f64> },
    /// Time stops.
    Stop,
}

/// A followed clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct MidiClock {
    /// Whether it was started and not stopped since.
    is_started: bool,
    /// Whether a tick came since it was started.
    is_running: bool,
    /// Position of the next tick, in ticks.
    n_ticks: u32,
    /// Samples from the last tick to the start of the block.
    since_tick: Option<i64>,
    /// Mean samples between ticks.
    period: Option<f64>,
    /// Samples between the last two ticks, if that was unlike the mean.
    odd_length: Option<f64>,
}

impl MidiClock {
    /// Whether time moves.
    pub const fn is_running(&self) -> bool {
        self.is_running
    }

    /// Beats per sample, if known.
    pub fn pace(&self) -> Option<f64> {
        self.period.map(|period| 1.0 / (TICKS_PER_BEAT * period))
    }

    /// Ends a block of `n_samples`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn advance(&mut self, n_samples: u32) {
        self.since_tick = self.since_tick.map(|since| since.saturating_add(i64::from(n_samples)));
    }

    /// Forgets the length of ticks, after a change of the sample rate.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn forget_period(&mut self) {
        (self.since_tick, self.period, self.odd_length) = (None, None, None);
    }

    /// Applies `message` at sample `offset` of the block, where the position is `beat`; the sample rate is in hertz.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn take(&mut self, message: ClockMessage, offset: u32, beat: f64, sample_rate: f64) -> Change {
        match message {
            ClockMessage::Tick => self.tick(offset, beat, sample_rate),
            ClockMessage::Start => self.stop_until(Some(0)),
            ClockMessage::Continue => self.stop_until(None),
            ClockMessage::Position(sixteenths) => {
                let is_started = self.is_started;
                let change = self.stop_until(Some(u32::from(sixteenths) * TICKS_PER_SIXTEENTH));
                self.is_started = is_started;
                change
            }
            ClockMessage::Stop => {
                let change = self.stop_until(None);
                self.is_started = false;
                change
            }
        }
    }

    /// Updates the mean by the length of a tick, in samples.
    fn measure(&mut self, length: f64) {
        let is_like = |other: &f64| (other / MAX_DEVIATION..other * MAX_DEVIATION).contains(&length);
        let period = match self.period {
            Some(mean) if is_like(&mean) => mean + SHARE_OF_TICK * (length - mean),
            // A single odd tick was delayed; two in a row are another tempo.
            Some(_) if !self.odd_length.as_ref().is_some_and(is_like) => {
                self.odd_length = Some(length);
                return;
            }
            _ => length,
        };
        (self.period, self.odd_length) = (Some(period), None);
    }

    /// Stands still until the next tick, which is at position `n_ticks`, or at the current one.
    fn stop_until(&mut self, n_ticks: Option<u32>) -> Change {
        self.is_started = true;
        self.n_ticks = n_ticks.unwrap_or(self.n_ticks);
        if std::mem::replace(&mut self.is_running, false) { Change::Stop } else { Change::Nothing }
    }

    fn tick(&mut self, offset: u32, beat: f64, sample_rate: f64) -> Change {
        let length = self.since_tick.map(|since| to_f64(since + i64::from(offset)));
        self.since_tick = Some(-i64::from(offset));
        if let Some(length) = length.filter(|length| PERIODS.contains(&(length / sample_rate))) {
            self.measure(length);
        }
        if !self.is_started {
            return Change::Nothing;
        }
        let position = f64::from(self.n_ticks) / TICKS_PER_BEAT;
        self.n_ticks = self.n_ticks.wrapping_add(1);
        let pace = self.pace();
        let error = position - beat;
        if !self.is_running || error.abs() > MAX_ERROR_BEATS {
            self.is_running = true;
            return Change::Jump { beat: position, pace };
        }
        // Between half and one and a half times as fast: time never goes back.
        let factor = 1.0 + (SHARE_OF_ERROR * error * TICKS_PER_BEAT).clamp(-0.5, 0.5);
        pace.map_or(Change::Nothing, |pace| Change::Pace(pace * factor))
    }
}

#[expect(clippy::cast_precision_loss, reason = "2^53 samples are thousands of years")]
fn to_f64(samples: i64) -> f64 {
    samples as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 48_000.0;

    /// Ticks at `times` in samples, from started on, in blocks of one; the changes.
    fn take(clock: &mut MidiClock, times: &[u32], mut beat_at: impl FnMut(u32) -> f64) -> Vec<Change> {
        let mut now = 0;
        let tick = |&time: &u32| {
            clock.advance(time - now);
            now = time;
            clock.take(ClockMessage::Tick, 0, beat_at(time), RATE)
        };
        times.iter().map(tick).collect()
    }

    #[test]
    fn ticks_before_start_give_the_tempo_and_move_nothing() {
        let mut clock = MidiClock::default();
        let changes = take(&mut clock, &[0, 1000, 2000, 3000], |_| 0.0);
        assert_eq!(changes, [Change::Nothing; 4]);
        assert!(!clock.is_running());
        assert!((clock.pace().unwrap() - 1.0 / 24_000.0).abs() < 1e-12);
        clock.take(ClockMessage::Start, 0, 0.0, RATE);
        let changes = take(&mut clock, &[1000], |_| 7.0);
        assert_eq!(changes, [Change::Jump { beat: 0.0, pace: clock.pace() }]);
        assert!(clock.is_running());
        assert_eq!(clock.take(ClockMessage::Stop, 0, 0.0, RATE), Change::Stop);
        assert!(!clock.is_running());
        // It goes on from where it stopped, a tick further, or from where it is sent.
        clock.take(ClockMessage::Continue, 0, 0.0, RATE);
        let Change::Jump { beat, .. } = take(&mut clock, &[900], |_| 0.0)[0] else { panic!("no jump") };
        assert!((beat - 1.0 / 24.0).abs() < 1e-12);
        clock.take(ClockMessage::Position(8), 0, 0.0, RATE);
        let Change::Jump { beat, .. } = take(&mut clock, &[900], |_| 0.0)[0] else { panic!("no jump") };
        assert!((beat - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_clock_that_trembles_is_followed_smoothly_and_a_new_tempo_at_once() {
        let mut clock = MidiClock::default();
        clock.take(ClockMessage::Start, 0, 0.0, RATE);
        let late = |n: u32| (n * 37) % 48;
        let times: Vec<u32> = (0..480).map(|n| n * 1000 + late(n)).collect();
        let (mut beat, mut pace, mut last) = (0.0, 0.0, 0);
        let mut worst: f64 = 0.0;
        for (n, time) in times.iter().enumerate() {
            clock.advance(time - last);
            beat += f64::from(time - last) * pace;
            last = *time;
            match clock.take(ClockMessage::Tick, 0, beat, RATE) {
                Change::Jump { beat: position, pace: known } => {
                    (beat, pace) = (position, known.unwrap_or(1.0 / 24_000.0));
                }
                Change::Pace(now) => pace = now,
                Change::Nothing | Change::Stop => {}
            }
            if n > 48 {
                worst = worst.max((beat - f64::from(*time) / 24_000.0).abs());
            }
        }
        // Two milliseconds at most: the ticks are up to one late.
        assert!(worst < 96.0 / 24_000.0, "{worst}");
        let double: Vec<u32> = (1..4).map(|n| n * 500).collect();
        take(&mut clock, &double, |_| beat);
        assert!((clock.pace().unwrap() - 1.0 / 12_000.0).abs() < 1e-9);
    }
}
