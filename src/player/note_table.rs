//! The sounding notes, and the events of a block: every note-on is written here, and so is its note-off.
//!
//! # Invariants
//!
//! On each channel a key sounds at most once, since hosts identify notes by channel and key whatever the ids. Every
//! note-on has exactly one note-off, at least a sample later. A note-on is written only if there is room for its
//! note-off in the same block, so that releasing never fails.

use std::cmp::Reverse;

use super::clock::Line;
use super::degree::Tone;
use super::event::{Action, PlayerEvent};
use crate::music::phrase::Part;
use crate::music::pitch::Pitch;

/// Most notes that sound at once.
const MAX_SOUNDING: usize = 256;

/// Most events of a block.
const MAX_EVENTS: usize = 4096;

const _: () = assert!(MAX_EVENTS > 2 * MAX_SOUNDING, "a block has room to release all notes");

const N_CHANNELS: usize = 16;
const N_KEYS: usize = 128;

/// A note to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewNote {
    /// The part that plays; `None` for one passed through.
    pub part: Option<Part>,
    /// MIDI channel, held inside `0..=15`.
    pub channel: u8,
    /// MIDI note number.
    pub pitch: Pitch,
    /// MIDI velocity, held inside `1..=127`.
    pub velocity: u8,
    /// Where it ends, in beats of the position; infinite until a note-off.
    pub end: f64,
    /// Its tone in the phrase; `None` for drums and notes passed through.
    pub tone: Option<Tone>,
}

/// A sounding note.
#[derive(Debug, Clone, Copy)]
pub struct Sounding {
    /// The part that plays; `None` for one passed through.
    pub part: Option<Part>,
    channel: u8,
    pitch: Pitch,
    velocity: u8,
    note_id: i32,
    end: f64,
    tone: Option<Tone>,
    /// Samples from the beginning of the table to its note-on.
    since: u64,
    /// Whether to release it as soon as it has sounded for a sample.
    is_due: bool,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a note comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From the phrase, or passed through.
    Music,
    /// It is a test note.
    Test,
    /// It is auditioned.
    Audition,
}

impl Sounding {
    /// Whether it belongs to the phrase: neither passed through nor a test note nor auditioned.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn is_generated(&self) -> bool {
        self.part.is_some() && matches!(self.origin, Origin::Music)
    }
}

/// The notes that sound, and the events of the current block.
#[derive(Debug)]
pub struct NoteTable {
    sounding: Vec<Sounding>,
    /// Index in `sounding` by channel and key.
    places: Box<[Option<u16>]>,
    events: Vec<PlayerEvent>,
    /// Notes that continue at another pitch.
    moved: Vec<NewNote>,
    /// Samples from the beginning of the table to the current block.
    block_start: u64,
    next_id: i32,
    /// Note-ons of the current block.
    pub n_note_ons: u32,
    /// Notes of the current block dropped for lack of room.
    pub n_dropped: u32,
}

impl NoteTable {
    /// An empty table. Allocates.
    pub fn new() -> Self {
        Self {
            sounding: Vec::with_capacity(MAX_SOUNDING),
            places: vec![None; N_CHANNELS * N_KEYS].into(),
            events: Vec::with_capacity(MAX_EVENTS),
            moved: Vec::with_capacity(MAX_SOUNDING),
            block_start: 0,
            next_id: 0,
            n_note_ons: 0,
            n_dropped: 0,
        }
    }

    /// Begins a block, without events.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn begin(&mut self) {
        self.events.clear();
        (self.n_note_ons, self.n_dropped) = (0, 0);
    }

    /// Ends a block of `n_samples`; returns its events in order.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn finish(&mut self, n_samples: u32) -> &[PlayerEvent] {
        self.block_start = self.block_start.saturating_add(u64::from(n_samples));
        self.events.sort_unstable();
        &self.events
    }

    /// The events of the block so far, in the order they were written.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn events(&self) -> &[PlayerEvent] {
        &self.events
    }

    /// Samples from the beginning of the table to sample `offset` of the current block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn time_of(&self, offset: u32) -> u64 {
        self.block_start + u64::from(offset)
    }

    /// How many notes sound.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn n_sounding(&self) -> usize {
        self.sounding.len()
    }

    /// Writes a note-on of `note` at `offset`. An earlier note of the same key is released first. If that one began at
    /// the same sample, the two become one note: the key's if one of them was passed through and is still down, else
    /// with the later end.
    /// *Real-time:* wait-free, no allocation.
    pub fn note_on(&mut self, offset: u32, note: NewNote) {
        self.note_on_as(offset, note, Origin::Music);
    }

    /// Writes the note-on of a test note or an auditioned one at `offset`, as [`Self::note_on`] does; it sounds until it is
    /// released.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn extra_note_on(
        &mut self,
        offset: u32,
        origin: Origin,
        part: Part,
        (channel, pitch, velocity): (u8, Pitch, u8),
    ) {
        let note = NewNote { part: Some(part), channel, pitch, velocity, end: f64::INFINITY, tone: None };
        self.note_on_as(offset, note, origin);
    }

    fn note_on_as(&mut self, offset: u32, note: NewNote, origin: Origin) {
        let channel = note.channel.min(15);
        let place = place(channel, note.pitch);
        let now = self.block_start + u64::from(offset);
        if let Some(idx) = self.places[place].map(usize::from) {
            let earlier = &mut self.sounding[idx];
            if earlier.since < now {
                self.release(idx, offset);
            } else if earlier.is_due || earlier.part.is_some() && note.part.is_none() {
                // A note released within the sample is replaced, and a key wins over the phrase: its note-off is still
                // to come.
                return self.take_over(idx, note, origin);
            } else {
                earlier.end = earlier.end.max(note.end);
                return;
            }
        }
        // Room for the note-off of each sounding note is reserved.
        let has_room = self.events.len() + self.sounding.len() + 2 <= MAX_EVENTS;
        if self.sounding.len() >= MAX_SOUNDING || !has_room {
            self.n_dropped += 1;
            return;
        }
        let note_id = self.next_id;
        self.next_id = note_id.checked_add(1).unwrap_or(0);
        self.places[place] = u16::try_from(self.sounding.len()).ok();
        self.sounding.push(Sounding {
            part: note.part,
            channel,
            pitch: note.pitch,
            velocity: note.velocity,
            note_id,
            end: note.end,
            tone: note.tone,
            since: now,
            is_due: false,
            origin,
        });
        self.events.push(PlayerEvent {
            offset,
            action: Action::On { velocity: note.velocity.clamp(1, 127) },
            part: note.part,
            pitch: note.pitch,
            channel,
            note_id,
            is_test: origin == Origin::Test,
        });
        self.n_note_ons += 1;
    }

    /// Replaces the note at `idx`, which began at this very sample, by `note`.
    fn take_over(&mut self, idx: usize, note: NewNote, origin: Origin) {
        let NewNote { part, velocity, end, tone, .. } = note;
        let Some(sounding) = self.sounding.get_mut(idx) else { return };
        *sounding = Sounding { part, velocity, end, tone, is_due: false, origin, ..*sounding };
        let note_id = sounding.note_id;
        if let Some(on) = self.events.iter_mut().rev().find(|event| event.note_id == note_id) {
            *on = PlayerEvent {
                action: Action::On { velocity: velocity.clamp(1, 127) },
                part,
                is_test: origin == Origin::Test,
                ..*on
            };
        }
    }

    /// Releases the note passed through on `channel` and `pitch`, if it sounds.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn release_key(&mut self, offset: u32, channel: u8, pitch: Pitch) {
        let idx = self.places[place(channel.min(15), pitch)].map(usize::from);
        if let Some(idx) = idx.filter(|idx| self.sounding[*idx].part.is_none()) {
            self.release(idx, offset);
        }
    }

    /// Releases the notes for which `is_meant` is true.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn release_where(&mut self, offset: u32, is_meant: impl Fn(&Sounding) -> bool) {
        // Backwards, since the last note is moved to the index of a released one.
        for idx in (0..self.sounding.len()).rev() {
            if is_meant(&self.sounding[idx]) {
                self.release(idx, offset);
            }
        }
    }

    /// Moves tones of the phrase to the pitch that `pitch_of` now gives; a tone for which it gives `None` is released.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn move_tones(&mut self, offset: u32, pitch_of: impl Fn(Part, Tone) -> Option<Pitch>) {
        self.moved.clear();
        for idx in (0..self.sounding.len()).rev() {
            let Sounding { part, channel, pitch, velocity, end, tone, .. } = self.sounding[idx];
            let Some((part_of_tone, tone_there)) = part.zip(tone) else { continue };
            let there = pitch_of(part_of_tone, tone_there);
            if there != Some(pitch) {
                self.release(idx, offset);
                let moved = there.map(|pitch| NewNote { part, channel, pitch, velocity, end, tone });
                self.moved.extend(moved);
            }
        }
        // Of tones that meet on one key a single one sounds, whatever their order here.
        self.moved.sort_unstable_by_key(|note| {
            let written = note.tone.map(|tone| tone.pitch);
            (note.channel, note.pitch, note.part, Reverse(note.velocity), written, note.end.to_bits())
        });
        // Only now are all keys free.
        for idx in 0..self.moved.len() {
            self.note_on(offset, self.moved[idx]);
        }
    }

    /// Releases the notes that end at a sample in `from..to` or before; ends in beats are mapped by `line`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn release_ended(&mut self, line: Option<&Line>, (from, to): (u32, u32)) {
        for idx in (0..self.sounding.len()).rev() {
            let note = self.sounding[idx];
            let end = match line {
                _ if note.is_due => from,
                Some(line) if note.end.is_finite() => line.offset_of(note.end).max(from),
                _ => continue,
            };
            let end = end.max(self.earliest_release(&note));
            if end < to {
                self.release(idx, end);
            }
        }
    }

    /// The first sample offset at which `note` may be released.
    fn earliest_release(&self, note: &Sounding) -> u32 {
        let since = (note.since + 1).saturating_sub(self.block_start);
        u32::try_from(since).unwrap_or(u32::MAX)
    }

    /// Releases the note at `idx`; at the sample of its note-on, the release waits for the next one.
    fn release(&mut self, idx: usize, offset: u32) {
        let note = self.sounding[idx];
        if offset < self.earliest_release(&note) {
            self.sounding[idx].is_due = true;
            return;
        }
        self.events.push(PlayerEvent {
            offset,
            action: Action::Off,
            part: note.part,
            pitch: note.pitch,
            channel: note.channel,
            note_id: note.note_id,
            is_test: note.origin == Origin::Test,
        });
        self.places[place(note.channel, note.pitch)] = None;
        self.sounding.swap_remove(idx);
        if let Some(moved) = self.sounding.get(idx) {
            self.places[place(moved.channel, moved.pitch)] = u16::try_from(idx).ok();
        }
    }
}

fn place(channel: u8, pitch: Pitch) -> usize {
    usize::from(channel) * N_KEYS + usize::from(pitch.number())
}
