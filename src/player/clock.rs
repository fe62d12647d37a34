//! Position of the phrase, from the host's transport or from a clock of our own. Every quirk of a host is handled here.
//!
//! Positions are beats: the host's, or those since our own clock began. A [`Line`] maps the samples of a block to
//! beats.
//!
//! # Invariants
//!
//! Every position is played once: while time goes on, each block begins exactly where the last one ended, however the
//! host rounds its figures. A position belongs to the sample nearest to it, in whichever block that sample is.

use super::event::ClockMessage;
use super::midi_clock::{Change, MidiClock};
use super::settings::{Mode, Settings, TempoSource};
use super::tempi::Tempi;

/// Tempos accepted from a host, in beats per minute: the range hosts can be set to.
const TEMPOS: std::ops::RangeInclusive<f64> = 0.1..=10_000.0;

/// Tempos accepted when derived from positions, in beats per minute; outside, the host jumped.
const SEEN_TEMPOS: std::ops::RangeInclusive<f64> = 5.0..=1000.0;

/// Positions further from the start are rejected, in beats: up to here a sample is many times larger than rounding
/// errors.
const MAX_BEATS: f64 = 1e7;

/// Bars off by less than this are in place, in beats, since hosts count in ticks.
const BAR_TOLERANCE: f64 = 1.0 / 960.0;

/// Positions closer than this are equal, in beats: more than rounding, less than any tick.
const SAME_BEAT: f64 = 1e-6;

/// How far before a sample its share of positions begins, in samples: half a sample, so that a position belongs to the
/// nearest sample, plus a margin for rounding.
const REACH: f64 = 0.500_17;

/// Samples by which a jump may land late, since some hosts round up where they start: what begins there still plays.
const LOOK_BACK_SAMPLES: f64 = 2.0;

/// Differences between the host's position and ours up to this are not a jump: in samples, or in beats if those are
/// more (hosts count in ticks, some in coarse ones).
const TOLERANCE_SAMPLES: f64 = 4.0;
const TOLERANCE_BEATS: f64 = 1.0 / 480.0;

/// The shortest loop accepted, in samples.
const MIN_LOOP_SAMPLES: f64 = 16.0;

/// The host's time at the first sample of a block. All of it is optional; implausible values count as missing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HostTime {
    /// Whether the transport runs.
    pub is_playing: bool,
    /// Beats (quarter notes) per minute.
    pub tempo: Option<f64>,
    /// Position in beats; negative in a pre-roll.
    pub beat: Option<f64>,
    /// Start and end in beats, while the transport loops.
    pub loop_range: Option<(f64, f64)>,
    /// Where the bar began, in beats.
    pub bar_start: Option<f64>,
    /// Length of its bars, in beats.
    pub bar_length: Option<f64>,
}

impl HostTime {
    /// The plausible values; all others become `None`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn believed(&self) -> Self {
        let place = |beat: &f64| beat.abs() <= MAX_BEATS;
        Self {
            is_playing: self.is_playing,
            tempo: self.tempo.filter(|tempo| TEMPOS.contains(tempo)),
            beat: self.beat.filter(place),
            loop_range: self.loop_range.filter(|(start, end)| place(start) && place(end) && start < end),
            bar_start: self.bar_start.filter(place),
            bar_length: self.bar_length.filter(|beats| (0.125..=64.0).contains(beats)),
        }
    }

    /// Whether the host has a transport at all.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn has_transport(&self) -> bool {
        self.is_playing || self.beat.is_some() || self.tempo.is_some()
    }

    /// Distance of the song's bar lines from the multiples of their length, in beats; not zero after a change of meter
    /// or an odd bar. `None` if the host gives no bars, or implausible ones.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn shift(&self) -> Option<f64> {
        let (beat, (start, length)) = self.beat.zip(self.bar_start.zip(self.bar_length))?;
        if !(-BAR_TOLERANCE..length + BAR_TOLERANCE).contains(&(beat - start)) {
            return None;
        }
        let shift = start.rem_euclid(length);
        Some(if shift.min(length - shift) < BAR_TOLERANCE { 0.0 } else { shift })
    }

    /// Whether a bar of the song begins at `beat`, given its current meter.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn has_bar_at(&self, beat: f64) -> bool {
        let Some((start, length)) = self.bar_start.zip(self.bar_length) else { return true };
        let off = (beat - start).rem_euclid(length);
        off.min(length - off) < BAR_TOLERANCE
    }
}

/// Maps the samples of a block to beats.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// Start of sample 0's share of positions, in beats.
    base: f64,
    /// Beats per sample.
    pace: f64,
    /// Everything before this position has been played.
    pub reached: f64,
    /// Start and end of the loop around the position, in beats.
    loop_range: Option<(f64, f64)>,
    /// The loop start, if the block wrapped around to it.
    wrapped_to: Option<f64>,
    /// Subtracted from the host's beats, so that the song's bar lines lie on multiples of their length.
    shift: f64,
    /// The shift from the start of the loop on.
    loop_shift: f64,
}

impl Line {
    /// Creates a map with `beat` at sample `offset`, of which nothing has been played.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn new(beat: f64, offset: u32, pace: f64) -> Self {
        let base = beat - (f64::from(offset) + REACH) * pace;
        Self {
            base,
            pace,
            reached: beat - REACH * pace,
            loop_range: None,
            wrapped_to: None,
            shift: 0.0,
            loop_shift: 0.0,
        }
    }

    /// Start of the share of positions of the sample at `offset`, in beats.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn edge(&self, offset: u32) -> f64 {
        self.base + f64::from(offset) * self.pace
    }

    /// The position of the sample at `offset`, in beats.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn beat_at(&self, offset: u32) -> f64 {
        self.edge(offset) + REACH * self.pace
    }

    /// The sample offset that `position`, in beats, belongs to; 0 for those before the block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn offset_of(&self, position: f64) -> u32 {
        to_offset((position - self.base) / self.pace)
    }

    /// The sample offset, from `offset` on, at which the position wraps to the start of the loop.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn loop_point(&self, offset: u32) -> Option<u32> {
        let (_, end) = self.loop_range?;
        (self.edge(offset) < end).then(|| self.offset_of(end).max(offset))
    }

    /// Wraps to the start of the loop; returns by how many beats.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn wrap(&mut self) -> f64 {
        let Some((start, end)) = self.loop_range else { return 0.0 };
        self.base -= end - start;
        self.reached = start;
        self.wrapped_to = Some(start);
        self.loop_range = Some((start, end + self.shift - self.loop_shift));
        self.shift = self.loop_shift;
        end - start
    }
}

/// How a block begins.
#[derive(Debug, Clone, Copy)]
pub enum Start {
    /// Time stands still.
    Stopped,
    /// Time continues from the last block.
    GoesOn(Line),
    /// Time reached the end of the loop and continues from its start.
    Wraps(Line),
    /// Time begins, or continues elsewhere.
    Jumps(Line),
}

/// What moves time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Nothing.
    Stopped,
    /// The host's beats.
    Host,
    /// Our own clock, while a host that gives no beats plays.
    HostStart,
    /// Our own clock, always.
    Free,
    /// Our own clock, driven by an incoming MIDI clock.
    MidiClock,
    /// Our own clock, started by a note-on.
    Keys,
}

impl Source {
    fn of(host: &HostTime, settings: &Settings) -> Self {
        let has_transport = host.has_transport();
        let free = match settings.tempo_source {
            TempoSource::MidiClock => Self::MidiClock,
            _ if settings.is_running => Self::Free,
            _ => Self::Stopped,
        };
        match settings.mode {
            Mode::Keys => Self::Keys,
            Mode::Free => free,
            Mode::Host if !has_transport => free,
            Mode::Host if !host.is_playing => Self::Stopped,
            Mode::Host if host.beat.is_some() => Self::Host,
            Mode::Host => Self::HostStart,
        }
    }
}

/// Tracks the position from block to block.
#[derive(Debug)]
pub struct Clock {
    /// Hertz.
    sample_rate: f64,
    source: Source,
    own: OwnClock,
    midi: MidiClock,
    /// Whether the `Keys` mode takes its tempo from the MIDI clock.
    keeps_midi_tempo: bool,
    /// Count-in beats before our own clock reaches position 0.
    count_in: f64,
    /// End of the last block, in the host's beats or ours; `None` after an interruption.
    reached: Option<f64>,
    /// The host's last block.
    last: Option<HostBlock>,
    /// Start of the loop in the host's beats, and the bar shift there, if the position was there before.
    loop_start: Option<(f64, f64)>,
}

impl Clock {
    /// A clock that stands still.
    pub fn new() -> Self {
        Self {
            sample_rate: 48_000.0,
            source: Source::Stopped,
            own: OwnClock::default(),
            midi: MidiClock::default(),
            keeps_midi_tempo: false,
            count_in: 0.0,
            reached: None,
            last: None,
            loop_start: None,
        }
    }

    /// Sets the sample rate in hertz, held inside `1_000.0..=1_536_000.0`. Positions stay.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_sample_rate(&mut self, sample_rate: f64) {
        let rate = if sample_rate.is_nan() { 48_000.0 } else { sample_rate.clamp(1_000.0, 1_536_000.0) };
        self.own.set_pace(self.own.pace * self.sample_rate / rate, 0);
        self.midi.forget_period();
        self.sample_rate = rate;
        self.forget();
    }

    /// A tenth of a second, in samples.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn moment(&self) -> u64 {
        u64::from(to_offset(0.1 * self.sample_rate))
    }

    /// Makes the next block a jump.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn forget(&mut self) {
        self.reached = None;
        self.last = None;
    }

    /// Makes the next block a jump that restarts our own clock from its settings.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn begin_anew(&mut self) {
        self.source = Source::Stopped;
        self.forget();
    }

    /// What moves time in this block.
    pub fn source(&self) -> Source {
        self.source
    }

    /// Starts a block; `host` must be [believed](HostTime::believed).
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn begin(&mut self, host: &HostTime, settings: &Settings) -> Start {
        let source = Source::of(host, settings);
        self.keeps_midi_tempo = source == Source::Keys && settings.tempo_source == TempoSource::MidiClock;
        self.count_in = settings.count_in();
        if source != self.source {
            self.source = source;
            self.start_over(0);
            self.forget();
        }
        match (source, host.beat) {
            (Source::Stopped, _) => Start::Stopped,
            (Source::Host, Some(beat)) => self.begin_host(host, beat, settings),
            (Source::MidiClock, _) if !self.midi.is_running() => {
                // Until ticks give a better estimate.
                let pace = self
                    .midi
                    .pace()
                    .unwrap_or_else(|| self.pace(host.tempo.unwrap_or_else(|| knob(settings))));
                self.own.set_pace(pace, 0);
                Start::Stopped
            }
            (Source::MidiClock, _) => self.begin_line(Line::new(self.own.beat(), 0, self.own.pace)),
            _ => {
                let pace = match settings.tempo_source {
                    _ if source == Source::HostStart => None,
                    TempoSource::Host => None,
                    TempoSource::Knob => Some(self.pace(knob(settings))),
                    TempoSource::MidiClock => self.midi.pace(),
                };
                let pace = pace.unwrap_or_else(|| self.pace(host.tempo.unwrap_or_else(|| knob(settings))));
                self.own.set_pace(pace, 0);
                self.begin_line(Line::new(self.own.beat(), 0, self.own.pace))
            }
        }
    }

    /// Applies a message of the MIDI clock at sample `offset` of the block that is played along `line`, and updates
    /// `line`; returns whether the position jumps or time stops.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn take(&mut self, message: ClockMessage, offset: u32, line: &mut Option<Line>) -> bool {
        let change = self.midi.take(message, offset, self.own.beat_at(offset), self.sample_rate);
        if self.keeps_midi_tempo {
            self.midi.pace().into_iter().for_each(|pace| self.change_pace(pace, offset, line));
        }
        if self.source != Source::MidiClock {
            return false;
        }
        match change {
            Change::Nothing => false,
            Change::Stop => {
                *line = None;
                true
            }
            Change::Pace(pace) => {
                self.change_pace(pace, offset, line);
                false
            }
            Change::Jump { beat, pace } => {
                let pace = pace.unwrap_or(self.own.pace);
                self.own = OwnClock { anchor: beat, n_samples: -i64::from(offset), pace };
                *line = Some(Line::new(beat, offset, pace));
                true
            }
        }
    }

    /// Changes our own clock's pace from sample `offset` of the block on.
    fn change_pace(&mut self, pace: f64, offset: u32, line: &mut Option<Line>) {
        self.own.set_pace(pace, offset);
        if let Some(line) = line {
            let reached = line.reached;
            *line = Line { reached, ..Line::new(self.own.beat_at(offset), offset, pace) };
        }
    }

    /// The tempo of the MIDI clock, in beats per minute.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn midi_tempo(&self) -> Option<f64> {
        self.midi.pace().map(|pace| pace * self.sample_rate * 60.0)
    }

    /// The tempos of the host and the MIDI clock, where `host` started the current block. The tempo of a host that
    /// gives beats alone is derived from its progress in the block before.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn tempi(&self, host: &HostTime) -> Tempi {
        let last = self.last.filter(|_| self.source == Source::Host);
        let seen = last.map(|last| last.pace * self.sample_rate * 60.0);
        Tempi { has_transport: host.has_transport(), host: host.tempo.or(seen), clock: self.midi_tempo() }
    }

    /// Starts our own clock at position 0, at `offset`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn restart(&mut self, offset: u32) -> Line {
        self.own.restart(0.0, offset);
        Line::new(0.0, offset, self.own.pace)
    }

    /// Restarts our own clock at `offset`, at the count-in if there is one.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn start_over(&mut self, offset: u32) -> Line {
        let beat = if self.source == Source::Free { -self.count_in } else { 0.0 };
        self.own.restart(beat, offset);
        Line::new(beat, offset, self.own.pace)
    }

    /// Ends a block of `n_samples` that was played along `line`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn finish(&mut self, line: Option<&Line>, n_samples: u32) {
        self.own.advance(n_samples);
        self.midi.advance(n_samples);
        self.reached = line.map(|line| line.reached + line.shift);
        self.last = line.map(|line| HostBlock {
            start: line.beat_at(0) + line.shift,
            n_samples: f64::from(n_samples),
            pace: line.pace,
            wrapped_to: line.wrapped_to.map(|start| start + line.shift),
            loop_end: line.loop_range.map(|(_, end)| end + line.shift),
            shift: line.shift,
        });
    }

    fn begin_host(&mut self, host: &HostTime, beat: f64, settings: &Settings) -> Start {
        // For a host that gives beats alone, the tempo is its progress in the last block.
        let seen = self.last.map(|last| (beat - last.start) / last.n_samples * self.sample_rate * 60.0);
        let seen = seen.filter(|tempo| SEEN_TEMPOS.contains(tempo));
        let pace = self.pace(host.tempo.or(seen).unwrap_or_else(|| knob(settings)));
        let shift = host.shift().unwrap_or_else(|| self.last.map_or(0.0, |last| last.shift));
        let loop_range = host.loop_range.filter(|(start, end)| end - start >= MIN_LOOP_SAMPLES * pace);
        let loop_shift = loop_range.map_or(shift, |(start, _)| self.shift_at(start, shift, host));
        // A position past the end of a loop that was just set goes on from there; in a loop gone round before, it may
        // be past the end by rounding.
        let is_ahead = |end: f64| beat < end || self.last.is_some_and(|last| last.heads_for(end));
        let loop_ahead = loop_range.filter(|(_, end)| is_ahead(*end));
        let line_from = |beat: f64, shift: f64| Line {
            loop_range: loop_ahead.map(|(start, end)| (start - loop_shift, end - shift)),
            shift,
            loop_shift,
            ..Line::new(beat - shift, 0, pace)
        };
        let mut line = line_from(beat, shift);
        if let Some(last) = self.last
            && last.leads_to(beat, pace)
        {
            if (shift - last.shift).abs() <= BAR_TOLERANCE {
                return self.begin_line(line_from(beat, last.shift));
            }
            // The meter changed: the new bar begins here, or in the last block, and then a moment late.
            line.reached = line.reached.min(host.bar_start.unwrap_or(beat).max(last.start) - shift);
            self.reached = None;
            return Start::Jumps(line);
        }
        if let Some((start, end)) = loop_range
            && (beat - start).abs() <= tolerance(pace)
            && let Some(last) = self.last.filter(|last| last.leads_to(beat + (end - start), pace))
        {
            // The host went round between the blocks.
            return Start::Wraps(line_from(beat + (end - start), last.shift));
        }
        if self.last.is_some_and(|last| last.lags_to(beat, pace)) {
            return self.begin_line(line);
        }
        self.reached = None;
        // A host that starts at the end of the loop goes on from there.
        line.loop_range =
            line.loop_range.filter(|_| loop_range.is_some_and(|(_, end)| beat < end - SAME_BEAT));
        line.reached -= LOOK_BACK_SAMPLES * pace;
        if let Some((start, _)) = loop_range
            && line.edge(0) < start - shift
            && start - shift < line.edge(1)
        {
            line.reached = start - shift;
        }
        Start::Jumps(line)
    }

    /// The bar shift at the `start` of a loop, where it is `shift` at the position. If the meter changes in between, it
    /// is the one seen when the position was last there.
    fn shift_at(&mut self, start: f64, shift: f64, host: &HostTime) -> f64 {
        if host.has_bar_at(start) {
            self.loop_start = Some((start, shift));
        }
        let known = self.loop_start.filter(|(known, _)| (known - start).abs() <= BAR_TOLERANCE);
        known.map_or(shift, |(_, shift)| shift)
    }

    fn begin_line(&self, mut line: Line) -> Start {
        match self.reached {
            Some(reached) => {
                line.reached = reached - line.shift;
                Start::GoesOn(line)
            }
            None => Start::Jumps(line),
        }
    }

    /// Beats per sample.
    fn pace(&self, tempo: f64) -> f64 {
        tempo / 60.0 / self.sample_rate
    }
}

/// A block as the host described it.
#[derive(Debug, Clone, Copy)]
struct HostBlock {
    /// Beats at its first sample, after any wrap.
    start: f64,
    n_samples: f64,
    /// Beats per sample.
    pace: f64,
    /// The start of the loop, if the block wrapped around to it.
    wrapped_to: Option<f64>,
    /// The end of the loop it was in.
    loop_end: Option<f64>,
    /// Bar shift at its end.
    shift: f64,
}

impl HostBlock {
    /// Whether time continues from this block to `beat`, at the new `pace`.
    ///
    /// The tempo may have stayed, changed at the boundary, or glided: any end between is accepted.
    fn leads_to(&self, beat: f64, pace: f64) -> bool {
        let (low, high) = self.end(pace);
        (low..=high).contains(&beat)
    }

    /// Whether it was in a loop that ends at `end`, in beats.
    fn heads_for(&self, end: f64) -> bool {
        self.loop_end.is_some_and(|known| (known - end).abs() < SAME_BEAT)
    }

    /// Whether `beat` falls short of the continuation after a loop: some hosts give the position reached, some the loop
    /// start.
    fn lags_to(&self, beat: f64, pace: f64) -> bool {
        let (_, high) = self.end(pace);
        self.wrapped_to.is_some_and(|start| (start - tolerance(pace)..=high).contains(&beat))
    }

    /// The earliest and latest position, in beats, where this block may have ended.
    fn end(&self, pace: f64) -> (f64, f64) {
        let (steady, changed) = (self.start + self.n_samples * self.pace, self.start + self.n_samples * pace);
        let (low, high) = (steady.min(changed), steady.max(changed));
        let tolerance = tolerance(pace) + 0.25 * (high - low);
        (low - tolerance, high + tolerance)
    }
}

/// Beats by which a host's figures may be off at `pace` beats per sample.
fn tolerance(pace: f64) -> f64 {
    TOLERANCE_BEATS.max(TOLERANCE_SAMPLES * pace)
}

/// A clock that counts samples.
#[derive(Debug, Clone, Copy, Default)]
struct OwnClock {
    /// Beats at the last change of pace.
    anchor: f64,
    /// Samples since then.
    n_samples: i64,
    /// Beats per sample.
    pace: f64,
}

impl OwnClock {
    /// The position where the block begins.
    fn beat(&self) -> f64 {
        self.beat_at(0)
    }

    fn beat_at(&self, offset: u32) -> f64 {
        self.anchor + to_f64(self.n_samples + i64::from(offset)) * self.pace
    }

    /// Changes the pace from `offset` of the block on.
    fn set_pace(&mut self, pace: f64, offset: u32) {
        if pace != self.pace {
            *self = Self { anchor: self.beat_at(offset), n_samples: -i64::from(offset), pace };
        }
    }

    /// Puts `beat` at `offset` of the block that begins here.
    fn restart(&mut self, beat: f64, offset: u32) {
        *self = Self { anchor: beat, n_samples: -i64::from(offset), pace: self.pace };
    }

    fn advance(&mut self, n_samples: u32) {
        self.n_samples = self.n_samples.saturating_add(i64::from(n_samples));
    }
}

fn knob(settings: &Settings) -> f64 {
    if settings.tempo.is_nan() { 120.0 } else { settings.tempo.clamp(5.0, 1000.0) }
}

#[expect(clippy::cast_precision_loss, reason = "2^53 samples are thousands of years")]
fn to_f64(samples: i64) -> f64 {
    samples as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounds down; a float cast saturates, and what lies past the block is past it all the same"
)]
fn to_offset(samples: f64) -> u32 {
    samples as u32
}
