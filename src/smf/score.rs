//! The contents of a file, before it becomes phrases.

use midly::MidiMessage;

use crate::music::{Key, Note, PPQ, Part, Progression, TickDuration, TickInstant};

use super::Warning;

/// Last tick of a score: the largest delta time of a file.
pub(super) const MAX_TICK: u32 = 0x0FFF_FFFF;

/// Tempo of a file that states none, in microseconds a beat: 120 beats per minute.
const DEFAULT_MICROS_PER_BEAT: u32 = 500_000;

/// The contents of a file, times in ticks of [`PPQ`].
///
/// Events that are not modelled here (controllers, lyrics, system exclusive data …) are kept as they are and written
/// back by [`Score::write`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Score {
    /// In file order; a track with several channels is split into one for each.
    pub tracks: Vec<Track>,
    /// Sorted, at most one at a tick.
    pub tempos: Vec<TempoMark>,
    /// Sorted, at most one at a tick.
    pub meters: Vec<MeterMark>,
    /// Sorted, at most one at a tick.
    pub keys: Vec<KeyMark>,
    /// Chord markers; each chord lasts until the next or the end.
    pub chords: Progression,
    /// Markers other than chords and keys, sorted: rehearsal marks, `verse` …
    pub sections: Vec<(TickInstant, String)>,
    /// Where the last track or note ends.
    pub end: TickInstant,
    /// Repairs and losses while reading.
    pub warnings: Vec<Warning>,
    /// Whether a marker says that the first bar is a pickup.
    pub has_pickup: bool,
    /// Events of no track: title, texts, section markers.
    pub(super) conductor: Vec<Event>,
}

/// One instrument: the notes of one channel of a file's track.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Track {
    /// As the file names it, perhaps empty.
    pub name: String,
    /// `0..=15`; 9 is General MIDI percussion.
    pub channel: u8,
    /// First program (instrument), `0..=127`.
    pub program: Option<u8>,
    /// The part it plays; none if it has no notes.
    pub part: Option<Part>,
    /// From note-on to note-off, sorted by onset, pitch and duration; the sustain pedal is not applied, see
    /// [`Score::sounding`].
    pub notes: Vec<Note>,
    /// Everything but the notes, in order.
    pub(super) events: Vec<Event>,
    /// Whether the file states the part, so that measures of the notes do not change it.
    pub(super) part_is_stated: bool,
}

impl Track {
    /// Whether pitches are percussion keys.
    pub fn is_drums(&self) -> bool {
        self.channel == 9 || self.part == Some(Part::Drums)
    }
}

/// A tempo change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TempoMark {
    /// From where on.
    pub at: TickInstant,
    /// Microseconds a beat (quarter note), above zero, below 2²⁴.
    pub micros_per_beat: u32,
}

impl TempoMark {
    /// Beats per minute to a hundredth, which a file can always express, clamped to `20.0..=400.0`.
    pub fn bpm(self) -> f32 {
        to_bpm(self.micros_per_beat)
    }
}

/// Beats per minute to a hundredth, clamped to `20.0..=400.0`.
fn to_bpm(micros_per_beat: u32) -> f32 {
    let hundredths = (6_000_000_000.0 / f64::from(micros_per_beat)).round().clamp(2_000.0, 40_000.0);
    #[expect(clippy::cast_possible_truncation, reason = "at most 400, and the nearest f32 is wanted")]
    let bpm = (hundredths / 100.0) as f32;
    bpm
}

/// A time signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeterMark {
    /// From where on.
    pub at: TickInstant,
    /// Upper figure, above zero.
    pub numerator: u8,
    /// Lower figure as a power of two, `0..=7`.
    pub denominator_log2: u8,
    /// MIDI clocks a metronome click, as the file says.
    pub(super) clocks_per_click: u8,
    /// Thirty-second notes a quarter, as the file says.
    pub(super) thirty_seconds_per_beat: u8,
}

impl MeterMark {
    /// A time signature with the usual metronome.
    pub const fn new(at: TickInstant, numerator: u8, denominator_log2: u8) -> Self {
        Self { at, numerator, denominator_log2, clocks_per_click: 24, thirty_seconds_per_beat: 8 }
    }

    /// Lower figure.
    pub const fn denominator(self) -> u32 {
        1 << self.denominator_log2
    }

    /// Length of a bar.
    pub const fn bar_duration(self) -> TickDuration {
        TickDuration(self.numerator as u32 * 4 * PPQ / self.denominator())
    }
}

/// A key signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyMark {
    /// From where on.
    pub at: TickInstant,
    /// The key.
    pub key: Key,
    /// Sharps, or flats if negative, `-7..=7`, as the file spells it.
    pub(super) n_sharps: i8,
}

/// An event that is kept as it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    pub(super) at: TickInstant,
    pub(super) kind: EventKind,
}

/// Contents of an event that is kept as it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum EventKind {
    /// To a channel.
    Midi(u8, MidiMessage),
    /// Type and contents.
    Meta(u8, Vec<u8>),
    /// Without the leading F0.
    SysEx(Vec<u8>),
    /// Without the leading F7.
    Escape(Vec<u8>),
}

/// Meta event type of plain text.
pub(super) const META_TEXT: u8 = 0x01;
/// Meta event type of a track's name.
pub(super) const META_NAME: u8 = 0x03;
/// Meta event type of a marker.
pub(super) const META_MARKER: u8 = 0x06;

/// Controller number of the sustain pedal.
const SUSTAIN: u8 = 64;

impl Event {
    /// Channel and whether the pedal goes down, if this is the sustain pedal.
    pub(super) fn as_pedal(&self) -> Option<(u8, bool)> {
        match self.kind {
            EventKind::Midi(channel, MidiMessage::Controller { controller, value })
                if controller == SUSTAIN =>
            {
                Some((channel, value >= 64))
            }
            _ => None,
        }
    }
}

impl Score {
    /// Beats per minute at `at`, clamped to `20.0..=400.0`; 120 where the file states none.
    pub fn tempo_at(&self, at: TickInstant) -> f32 {
        let n_before = self.tempos.partition_point(|mark| mark.at <= at);
        let mark = n_before.checked_sub(1).and_then(|idx| self.tempos.get(idx));
        mark.map_or(to_bpm(DEFAULT_MICROS_PER_BEAT), |mark| mark.bpm())
    }

    /// The stated key at `at`.
    pub fn key_at(&self, at: TickInstant) -> Option<Key> {
        let n_before = self.keys.partition_point(|mark| mark.at <= at);
        n_before.checked_sub(1).and_then(|idx| self.keys.get(idx)).map(|mark| mark.key)
    }

    /// The file's plain text events that belong to no track, such as a receipt.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.conductor.iter().filter_map(|event| match &event.kind {
            EventKind::Meta(META_TEXT, text) => Some(to_text(text)),
            _ => None,
        })
    }

    /// The notes of a track as they sound: those released while the sustain pedal of the channel is down last until it
    /// rises or the pitch is retriggered.
    pub fn sounding(&self, track_idx: usize) -> Vec<Note> {
        let Some(track) = self.tracks.get(track_idx) else { return Vec::new() };
        let pedals = self.pedal_spans(track.channel);
        let mut notes = track.notes.clone();
        if pedals.is_empty() || track.is_drums() {
            return notes;
        }
        let mut next_onset = [None; 128];
        for note in notes.iter_mut().rev() {
            let next: &mut Option<TickInstant> = &mut next_onset[usize::from(note.pitch.number())];
            let n_before = pedals.partition_point(|&(down, _)| down < note.end());
            let up = n_before.checked_sub(1).map_or(TickInstant::ZERO, |idx| pedals[idx].1);
            if up > note.end() {
                let end = next.map_or(up, |next| up.min(next)).max(note.end());
                note.duration = end.since(note.onset);
            }
            *next = Some(note.onset);
        }
        notes
    }

    /// The spans in which the sustain pedal of `channel` is down, in order. A pedal that never rises is a fault and
    /// counts as not pressed.
    pub(super) fn pedal_spans(&self, channel: u8) -> Vec<(TickInstant, TickInstant)> {
        let events = self.tracks.iter().flat_map(|track| &track.events);
        let pedals = events.filter_map(|event| Some((event.at, event.as_pedal()?)));
        let mut moves: Vec<(TickInstant, bool)> =
            pedals.filter(|&(_, (of, _))| of == channel).map(|(at, (_, is_down))| (at, is_down)).collect();
        moves.sort_by_key(|&(at, _)| at);
        let mut spans = Vec::new();
        let mut down = None;
        for (at, is_down) in moves {
            match (down, is_down) {
                (None, true) => down = Some(at),
                (Some(since), false) => {
                    spans.push((since, at));
                    down = None;
                }
                _ => {}
            }
        }
        spans
    }

    /// Adds a text event at the start, such as a receipt, after those that are there.
    pub fn add_text(&mut self, text: &str) {
        let kind = EventKind::Meta(META_TEXT, text.as_bytes().to_vec());
        let place = self.conductor.partition_point(|event| event.at == TickInstant::ZERO);
        self.conductor.insert(place, Event { at: TickInstant::ZERO, kind });
    }

    /// All notes as they sound, in file time, indexed by `[part_idx]`; tracks of one part are joined.
    pub fn parts(&self) -> [Vec<Note>; 5] {
        let mut parts: [Vec<Note>; 5] = Default::default();
        for (idx, track) in self.tracks.iter().enumerate() {
            if let Some(part) = track.part {
                parts[part.index()].extend(self.sounding(idx));
            }
        }
        parts
    }

    /// How many notes all tracks have.
    pub fn n_notes(&self) -> usize {
        self.tracks.iter().map(|track| track.notes.len()).sum()
    }
}

/// Text of a meta event: UTF-8, else Latin-1.
pub(super) fn to_text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().copied().map(char::from).collect(), str::to_owned)
        .trim_end_matches('\0')
        .to_owned()
}

/// Sorts by onset and pitch, then the shorter first, as files pair their ends.
pub(super) fn sort_notes(notes: &mut [Note]) {
    notes.sort_by_key(|note| (note.onset, note.pitch, note.duration));
}
