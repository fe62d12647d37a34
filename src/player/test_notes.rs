//! Test notes: a figure that shows a user which instrument each part reaches.
//!
//! The audible parts play four notes each, in turn, each on its channel; parts that share a channel play once. Time is
//! counted in samples, independent of transport and mode. Meanwhile the phrase is silent, so that only these notes
//! sound. An incoming note with key and velocity of a test note sent shortly before is taken as that note, sent back by
//! the host. Such notes are counted, and ignored with their note-offs.
//!
//! # Threads
//!
//! [`Probe`] belongs to the audio thread. [`ProbeSwitch`] is shared: the main thread starts and stops the notes, and
//! the audio thread applies this and reports once per block.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::event::Action;
use super::note_table::{NoteTable, Origin};
use super::settings::Settings;
use crate::music::phrase::Part;
use crate::music::pitch::Pitch;

/// The notes of a part: a chord upwards, as MIDI note numbers.
pub const FIGURE: [u8; N_NOTES] = [60, 64, 67, 72];

/// The notes of the drums, in General MIDI: kick, snare, closed and open hat.
pub const DRUM_FIGURE: [u8; N_NOTES] = [36, 38, 42, 46];

const N_NOTES: usize = 4;

/// Identifies test notes: players and sequencers seldom send exactly this velocity.
pub const VELOCITY: u8 = 101;

/// Seconds between onsets.
const STEP_SECONDS: f64 = 0.25;

/// Seconds that a note sounds.
const SOUND_SECONDS: f64 = 0.2;

/// The rest after each part, and the wait for returned notes after the last, in seconds.
const REST_SECONDS: f64 = 0.5;

/// The longest delay of a returned note, in seconds: more than the longest block.
const WINDOW_SECONDS: f64 = 1.0;

const _: () = assert!(SOUND_SECONDS < STEP_SECONDS, "a note ends before the next");
const _: () = assert!(
    WINDOW_SECONDS < 4.0 * STEP_SECONDS + REST_SECONDS,
    "a note has come back, or does not, when the next part plays it"
);

/// Parts in playing order, as the editor lists them.
const TURNS: [Part; 5] = [Part::Melody, Part::Chords, Part::Bass, Part::Arpeggio, Part::Drums];

/// Stage of the test notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TestStage {
    /// They were not started.
    #[default]
    Idle,
    /// They were started, and no block was played since.
    Awaited,
    /// This part plays.
    Sounding(Part),
    /// All were sent; the last may still come back.
    Listening,
    /// All were sent.
    Done,
    /// They were stopped: by the user, by a panic, by a reset or by bypass.
    Stopped,
}

impl TestStage {
    /// Whether more notes are sent or awaited.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Awaited | Self::Sounding(_) | Self::Listening)
    }
}

/// Progress of the test notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TestNotes {
    /// Their stage.
    pub stage: TestStage,
    /// Notes sent.
    pub n_sent: u8,
    /// Sent notes that came back to the input.
    pub n_back: u8,
}

/// Starts and stops the test notes, and holds their progress.
#[derive(Debug, Default)]
pub(super) struct ProbeSwitch {
    /// Number of switches, with on or off in the lowest bit; a start that is stopped before the next block does
    /// nothing.
    asked: AtomicU32,
    /// The value of `asked` that the audio thread applied last.
    seen: AtomicU32,
    /// A [`TestNotes`], packed into one atomic so that its fields are consistent.
    progress: AtomicU32,
}

impl ProbeSwitch {
    /// Starts the test notes from the beginning, or stops them.
    pub fn ask(&self, is_on: bool) {
        let n_asked = self.asked.load(Relaxed) >> 1;
        self.asked.store(n_asked.wrapping_add(1) << 1 | u32::from(is_on), Relaxed);
    }

    pub fn progress(&self) -> TestNotes {
        let [stage, part_idx, n_sent, n_back] = self.progress.load(Relaxed).to_le_bytes();
        let asked = self.asked.load(Relaxed);
        let stage = match (stage, Part::ALL.get(usize::from(part_idx))) {
            _ if asked != self.seen.load(Relaxed) && asked & 1 == 1 => TestStage::Awaited,
            (1, Some(part)) => TestStage::Sounding(*part),
            (2, _) => TestStage::Listening,
            (3, _) => TestStage::Done,
            (4, _) => TestStage::Stopped,
            _ => TestStage::Idle,
        };
        TestNotes { stage, n_sent, n_back }
    }

    /// *Real-time:* wait-free, no allocation.
    pub fn report(&self, probe: &Probe) {
        let TestNotes { stage, n_sent, n_back } = probe.notes;
        let (stage, part_idx) = match stage {
            TestStage::Idle | TestStage::Awaited => (0, 0),
            TestStage::Sounding(part) => (1, u8::try_from(part.index()).unwrap_or(0)),
            TestStage::Listening => (2, 0),
            TestStage::Done => (3, 0),
            TestStage::Stopped => (4, 0),
        };
        self.progress.store(u32::from_le_bytes([stage, part_idx, n_sent, n_back]), Relaxed);
        self.seen.store(probe.seen, Relaxed);
    }
}

/// The next step.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// Begins the turn at this index of [`TURNS`], or of the next audible part.
    Turn(usize),
    /// Plays a note of the figure: index in [`TURNS`], index in the figure.
    NoteOn(usize, usize),
    /// Ends that note.
    NoteOff(usize, usize),
    /// Ends the wait for returned notes.
    End,
}

/// `sample_rate` in hertz, as notes that are timed in samples can use it.
///
/// *Real-time:* wait-free, no allocation.
pub(super) fn usable_rate(sample_rate: f64) -> f64 {
    if sample_rate.is_nan() { 48_000.0 } else { sample_rate.clamp(1e3, 1e6) }
}

/// Plays the test notes, and recognises those that come back.
#[derive(Debug)]
pub struct Probe {
    /// Hertz.
    sample_rate: f64,
    /// The value of the switch that was applied last.
    seen: u32,
    notes: TestNotes,
    /// The next step and its time, in samples since the beginning.
    next: Option<(u64, Change)>,
    /// The channels that were played on, one bit each.
    channels: u16,
    /// Key and time of the notes that were sent and have not come back, by their index in the figure.
    sent: [Option<(u8, u64)>; N_NOTES],
    /// The keys that came back and were not released, one bit each.
    down: u128,
}

impl Probe {
    pub const fn new() -> Self {
        Self {
            sample_rate: 48_000.0,
            seen: 0,
            notes: TestNotes { stage: TestStage::Idle, n_sent: 0, n_back: 0 },
            next: None,
            channels: 0,
            sent: [None; N_NOTES],
            down: 0,
        }
    }

    /// Sets the sample rate in hertz.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_sample_rate(&mut self, sample_rate: f64) {
        self.sample_rate = usable_rate(sample_rate);
        self.sent = [None; N_NOTES];
    }

    /// Stops the notes; the caller releases those that sound.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn stop(&mut self) {
        if self.next.take().is_some() {
            self.notes.stage = TestStage::Stopped;
        }
    }

    /// Whether test notes play, and the phrase is silent.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn is_under_way(&self) -> bool {
        self.next.is_some()
    }

    /// Begins a block: starts or stops as switched. Bypassed or offline, no test notes are sent.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn update(&mut self, switch: &ProbeSwitch, settings: &Settings, table: &mut NoteTable) {
        let asked = switch.asked.load(Relaxed);
        let is_news = std::mem::replace(&mut self.seen, asked) != asked;
        let was_under_way = self.is_under_way();
        if is_news && asked & 1 == 1 {
            self.next = Some((table.time_of(0), Change::Turn(0)));
            (self.channels, self.sent) = (0, [None; N_NOTES]);
            self.notes = TestNotes::default();
        }
        if is_news && asked & 1 == 0 || settings.is_bypassed || settings.is_offline {
            self.stop();
        }
        let is_meant = was_under_way || self.is_under_way();
        if is_meant && (is_news || was_under_way != self.is_under_way()) {
            table.release_where(0, |note| note.part.is_some());
        }
    }

    /// Does the steps that are due by sample `at` of the block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn play(&mut self, at: u32, settings: &Settings, table: &mut NoteTable) {
        while let Some((time, change)) = self.next.filter(|(time, _)| *time <= table.time_of(at)) {
            self.next = match change {
                Change::Turn(turn) => Some(self.begin_turn(turn, time, settings)),
                Change::NoteOn(turn, note) if settings.is_audible(TURNS[turn]) => {
                    self.note_on((turn, note), at, settings, table);
                    Some((time + self.samples(SOUND_SECONDS), Change::NoteOff(turn, note)))
                }
                // Muted since.
                Change::NoteOn(turn, _) => Some((time, Change::Turn(turn + 1))),
                Change::NoteOff(turn, note) => {
                    table.release_where(at, |note| note.origin == Origin::Test);
                    let rest = self.samples(STEP_SECONDS) - self.samples(SOUND_SECONDS);
                    Some(if note + 1 < N_NOTES {
                        (time + rest, Change::NoteOn(turn, note + 1))
                    } else {
                        (time + rest + self.samples(REST_SECONDS), Change::Turn(turn + 1))
                    })
                }
                Change::End => {
                    self.notes.stage = TestStage::Done;
                    None
                }
            };
        }
    }

    /// The sample offset of the next step, after [`Self::play`].
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn next_change(&self, table: &NoteTable) -> u32 {
        let since = self.next.map(|(time, _)| time.saturating_sub(table.time_of(0)));
        since.and_then(|since| u32::try_from(since).ok()).unwrap_or(u32::MAX)
    }

    /// Whether a note at `time`, in samples since the beginning, is a test note that came back.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn takes_back(&mut self, time: u64, pitch: Pitch, action: Action) -> bool {
        let key = pitch.number();
        let bit = 1_u128.checked_shl(u32::from(key)).unwrap_or(0);
        let was_down = self.down & bit != 0;
        self.down &= !bit;
        let Action::On { velocity } = action else { return was_down };
        let window = self.samples(WINDOW_SECONDS);
        let is_same = |(sent_key, at): (u8, u64)| sent_key == key && at < time && time - at <= window;
        let same = self.sent.iter_mut().find(|sent| sent.is_some_and(is_same));
        let Some(sent) = same.filter(|_| velocity == VELOCITY) else { return false };
        *sent = None;
        self.down |= bit;
        self.notes.n_back = self.notes.n_back.saturating_add(1);
        true
    }

    /// The turn, from index `turn` on, of the next part that is audible on a channel of its own, or the end.
    fn begin_turn(&mut self, turn: usize, time: u64, settings: &Settings) -> (u64, Change) {
        let channel_bit = |part: Part| 1_u16 << settings.channel(part);
        let is_next = |part: Part| settings.is_audible(part) && self.channels & channel_bit(part) == 0;
        let Some(turn) = (turn..TURNS.len()).find(|turn| is_next(TURNS[*turn])) else {
            self.notes.stage = TestStage::Listening;
            return (time + self.samples(REST_SECONDS), Change::End);
        };
        self.notes.stage = TestStage::Sounding(TURNS[turn]);
        self.channels |= channel_bit(TURNS[turn]);
        (time, Change::NoteOn(turn, 0))
    }

    fn note_on(&mut self, (turn, note): (usize, usize), at: u32, settings: &Settings, table: &mut NoteTable) {
        let part = TURNS[turn];
        let key = if part.is_drums() { DRUM_FIGURE[note] } else { FIGURE[note] };
        table.extra_note_on(
            at,
            Origin::Test,
            part,
            (settings.channel(part), Pitch::clamped(i32::from(key)), VELOCITY),
        );
        self.sent[note] = Some((key, table.time_of(at)));
        self.notes.n_sent = self.notes.n_sent.saturating_add(1);
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
    fn samples(&self, seconds: f64) -> u64 {
        (seconds * self.sample_rate) as u64
    }
}
