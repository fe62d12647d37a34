//! The player's state and counters, read by other threads.
//!
//! # Threads
//!
//! Written by the audio thread once per block, readable by any thread: atomics only. Values are single readings; two of
//! them may stem from neighbouring blocks. In the other direction only the switches of the test
//! notes and of auditions are set.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use super::audition::AuditionSwitch;
use super::call_response::Turn;
use super::tempi::Tempi;
use super::test_notes::{Probe, ProbeSwitch, TestNotes};
use crate::music::phrase::Part;
use crate::music::pitch::Pitch;

/// The player's state and counters.
#[derive(Debug)]
pub struct Monitor {
    /// Bits of an `f64` in beats; NaN while nothing plays.
    playhead: AtomicU64,
    is_playing: AtomicBool,
    /// Whether a call is being recorded.
    is_listening: AtomicBool,
    playing_id: AtomicId,
    pending_id: AtomicId,
    /// Bits of an `f64` in beats; NaN while nothing is pending.
    next_launch: AtomicU64,
    has_transport: AtomicBool,
    /// Bits of an `f64` in beats per minute; NaN if the host gives none.
    host_tempo: AtomicU64,
    /// Bits of an `f64` in beats per minute; NaN without a MIDI clock.
    clock_tempo: AtomicU64,
    n_sounding: AtomicU32,
    n_note_ons: AtomicU64,
    n_launches: AtomicU64,
    n_jumps: AtomicU64,
    n_passes: AtomicU64,
    n_echoes: AtomicU64,
    n_dropped: AtomicU64,
    most_dropped: AtomicU32,
    n_blocks: AtomicU32,
    pub(super) probe: ProbeSwitch,
    pub(super) audition: AuditionSwitch,
}

/// What one block reports to the monitor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Report<'a> {
    /// Beats from the start of the phrase, while one plays.
    pub playhead: Option<f64>,
    /// Whether time moves.
    pub is_playing: bool,
    /// Id of the take that plays, or would play if time moved.
    pub playing_id: Option<u64>,
    /// Id of the pending take.
    pub pending_id: Option<u64>,
    /// Where it takes over, in beats from the start of the phrase that plays.
    pub next_launch: Option<f64>,
    /// Tempos of the host and the MIDI clock.
    pub tempi: Tempi,
    /// Whose turn it is.
    pub turn: Turn,
    /// Notes that sound after the block.
    pub n_sounding: usize,
    /// Note-ons of the block.
    pub n_note_ons: u32,
    /// Phrases that took over in the block.
    pub n_launches: u32,
    /// Jumps of the position in the block.
    pub n_jumps: u32,
    /// Passes of a phrase that began in the block.
    pub n_passes: u32,
    /// Events of the block that came back and were ignored.
    pub n_echoes: u32,
    /// Notes of the block dropped for lack of room.
    pub n_dropped: u32,
    /// Progress of the test notes.
    pub probe: &'a Probe,
}

impl Monitor {
    /// Creates a monitor of a player that has not played.
    pub fn new() -> Self {
        Self {
            playhead: AtomicU64::new(f64::NAN.to_bits()),
            is_playing: AtomicBool::new(false),
            is_listening: AtomicBool::new(false),
            playing_id: AtomicId::default(),
            pending_id: AtomicId::default(),
            next_launch: AtomicU64::new(f64::NAN.to_bits()),
            has_transport: AtomicBool::new(false),
            host_tempo: AtomicU64::new(f64::NAN.to_bits()),
            clock_tempo: AtomicU64::new(f64::NAN.to_bits()),
            n_sounding: AtomicU32::new(0),
            n_note_ons: AtomicU64::new(0),
            n_launches: AtomicU64::new(0),
            n_jumps: AtomicU64::new(0),
            n_passes: AtomicU64::new(0),
            n_echoes: AtomicU64::new(0),
            n_dropped: AtomicU64::new(0),
            most_dropped: AtomicU32::new(0),
            n_blocks: AtomicU32::new(0),
            probe: ProbeSwitch::default(),
            audition: AuditionSwitch::default(),
        }
    }

    /// Position where the next block begins, in beats from the start of the phrase; `None` while no phrase plays.
    pub fn playhead(&self) -> Option<f64> {
        number(&self.playhead)
    }

    /// Whether time moves: the transport runs, a key is held, or the clock is our own.
    pub fn is_playing(&self) -> bool {
        self.is_playing.load(Relaxed)
    }

    /// Whether a call is being recorded, to be answered.
    pub fn is_listening(&self) -> bool {
        self.is_listening.load(Relaxed)
    }

    /// Id of the take that plays, or would play if time moved.
    pub fn playing_id(&self) -> Option<u64> {
        self.playing_id.load()
    }

    /// Id of the take that waits for launch quantization.
    pub fn pending_id(&self) -> Option<u64> {
        self.pending_id.load()
    }

    /// Where the pending take takes over, in beats from the start of the phrase that plays; `None` while none is
    /// pending, time does not move or launch quantization is off.
    pub fn next_launch(&self) -> Option<f64> {
        number(&self.next_launch)
    }

    /// Tempos of the host and the MIDI clock in the last block.
    pub fn tempi(&self) -> Tempi {
        Tempi {
            has_transport: self.has_transport.load(Relaxed),
            host: number(&self.host_tempo),
            clock: number(&self.clock_tempo),
        }
    }

    /// Stores the tempos of the host and the MIDI clock.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(crate) fn set_tempi(&self, tempi: &Tempi) {
        self.has_transport.store(tempi.has_transport, Relaxed);
        self.host_tempo.store(tempi.host.unwrap_or(f64::NAN).to_bits(), Relaxed);
        self.clock_tempo.store(tempi.clock.unwrap_or(f64::NAN).to_bits(), Relaxed);
    }

    /// Sounding notes, those passed through included.
    pub fn n_sounding(&self) -> u32 {
        self.n_sounding.load(Relaxed)
    }

    /// Note-ons so far.
    pub fn n_note_ons(&self) -> u64 {
        self.n_note_ons.load(Relaxed)
    }

    /// Phrases that took over so far.
    pub fn n_launches(&self) -> u64 {
        self.n_launches.load(Relaxed)
    }

    /// Starts, seeks and loops so far.
    pub fn n_jumps(&self) -> u64 {
        self.n_jumps.load(Relaxed)
    }

    /// Passes of phrases so far: incremented each time a phrase takes over or repeats.
    pub fn n_passes(&self) -> u64 {
        self.n_passes.load(Relaxed)
    }

    /// Notes so far that left the player, came back to it and were ignored.
    pub fn n_echoes(&self) -> u64 {
        self.n_echoes.load(Relaxed)
    }

    /// Notes dropped for lack of room so far.
    pub fn n_dropped(&self) -> u64 {
        self.n_dropped.load(Relaxed)
    }

    /// Most notes dropped in one block.
    pub fn most_dropped(&self) -> u32 {
        self.most_dropped.load(Relaxed)
    }

    /// Blocks so far, wrapping around. It stands still while the host does not run the player.
    pub fn n_blocks(&self) -> u32 {
        self.n_blocks.load(Relaxed)
    }

    /// Progress of the test notes.
    pub fn test_notes(&self) -> TestNotes {
        self.probe.progress()
    }

    /// Starts test notes at the next block: each audible part plays four in turn, on its channel.
    pub fn send_test_notes(&self) {
        self.probe.ask(true);
    }

    /// Stops the test notes.
    pub fn stop_test_notes(&self) {
        self.probe.ask(false);
    }

    /// Lets at most five notes sound for a moment from the next block on, on their part's channel, `velocity` `1..=127`; they
    /// end those before.
    pub fn audition(&self, part: Part, pitches: &[Pitch], velocity: u8) {
        self.audition.ask(part, pitches, velocity);
    }

    /// Stores a block's report. Only the audio thread writes, so that adding needs no exchange.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn update(&self, report: &Report<'_>) {
        self.playhead.store(report.playhead.unwrap_or(f64::NAN).to_bits(), Relaxed);
        self.is_playing.store(report.is_playing, Relaxed);
        self.is_listening.store(report.turn == Turn::Listening, Relaxed);
        self.playing_id.store(report.playing_id);
        self.pending_id.store(report.pending_id);
        self.next_launch.store(report.next_launch.unwrap_or(f64::NAN).to_bits(), Relaxed);
        self.set_tempi(&report.tempi);
        self.n_sounding.store(u32::try_from(report.n_sounding).unwrap_or(u32::MAX), Relaxed);
        for (total, more) in [
            (&self.n_note_ons, report.n_note_ons),
            (&self.n_launches, report.n_launches),
            (&self.n_jumps, report.n_jumps),
            (&self.n_passes, report.n_passes),
            (&self.n_echoes, report.n_echoes),
            (&self.n_dropped, report.n_dropped),
        ] {
            if more > 0 {
                total.store(total.load(Relaxed).wrapping_add(u64::from(more)), Relaxed);
            }
        }
        self.most_dropped.store(self.most_dropped().max(report.n_dropped), Relaxed);
        self.n_blocks.store(self.n_blocks().wrapping_add(1), Relaxed);
        self.probe.report(report.probe);
    }
}

impl Default for Monitor {
    fn default() -> Self {
        Self::new()
    }
}

/// An `f64` by its bits; `None` for NaN.
fn number(bits: &AtomicU64) -> Option<f64> {
    Some(f64::from_bits(bits.load(Relaxed))).filter(|number| !number.is_nan())
}

/// The id of a take, or none.
#[derive(Debug, Default)]
struct AtomicId {
    is_some: AtomicBool,
    id: AtomicU64,
}

impl AtomicId {
    fn load(&self) -> Option<u64> {
        self.is_some.load(Relaxed).then(|| self.id.load(Relaxed))
    }

    fn store(&self, id: Option<u64>) {
        self.id.store(id.unwrap_or(0), Relaxed);
        self.is_some.store(id.is_some(), Relaxed);
    }
}
