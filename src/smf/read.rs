//! Reads the bytes of a file to a [`Score`].

use std::collections::BTreeMap;

use midly::{EventIter, Format, Fps, MetaMessage, MidiMessage, Timing, TrackEventKind};

use crate::music::{
    Chord, ChordSpan, Key, Mode, Note, PPQ, Part, Pitch, PitchClass, Progression, TickDuration, TickInstant,
};

use super::score::{
    Event, EventKind, KeyMark, MAX_TICK, META_MARKER, META_NAME, META_TEXT, MeterMark, Score, TempoMark,
    Track, sort_notes, to_text,
};
use super::{SmfError, Warning, roles};

/// Reads a Standard MIDI File of type 0 or 1, RIFF-wrapped or not.
///
/// Times are rounded from the file's ticks to ours, both ends of a note alike; they are not quantised to a grid.
/// Damaged tracks are read up to the damage; [`Score::warnings`] lists what is lost.
///
/// # Errors
///
/// A file that cannot be read at all: no MIDI header, type 2, or a division of zero.
pub fn read(bytes: &[u8]) -> Result<Score, SmfError> {
    if has_unreadable_timecode(bytes) {
        return Err(SmfError::Header("it counts 128 frames a second".to_owned()));
    }
    let (header, tracks) = midly::parse(bytes).map_err(|error| SmfError::Header(error.to_string()))?;
    if header.format == Format::Sequential {
        return Err(SmfError::Type2);
    }
    let clock = Clock::new(header.timing)?;
    let n_promised = tracks.size_hint().0;
    let mut reader = Reader { clock, score: Score::default(), chords: BTreeMap::new() };
    if !clock.counts_beats {
        reader.score.warnings.push(Warning::Smpte);
    }
    let mut n_tracks = 0;
    for events in tracks.flatten() {
        reader.read_track(n_tracks, events);
        n_tracks += 1;
    }
    if n_tracks < n_promised {
        reader.score.warnings.push(Warning::MissingTracks { expected: n_promised, found: n_tracks });
    }
    Ok(reader.finish())
}

/// Whether a header has the one division that midly 0.5 cannot negate, which panics where overflow is checked.
fn has_unreadable_timecode(bytes: &[u8]) -> bool {
    let file = match bytes.strip_prefix(b"RIFF") {
        // RIFF has a length and a form type before its chunks, one of which is the MIDI file.
        Some(riff) => {
            let mut chunks = Chunks { rest: riff.get(8..).unwrap_or_default(), wrapping: Wrapping::Riff };
            chunks.find(|(name, _)| *name == b"data").map_or(&[][..], |(_, file)| file)
        }
        None => bytes,
    };
    // The division follows the format and the number of tracks. A damaged file may have more than one header.
    Chunks { rest: file, wrapping: Wrapping::None }
        .any(|(name, header)| name == b"MThd" && header.len() >= 6 && header[4] == 0x80)
}

/// Names and contents of chunks, one after the other; the last may be cut off.
struct Chunks<'a> {
    rest: &'a [u8],
    wrapping: Wrapping,
}

/// The encoding of chunk lengths.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrapping {
    /// Standard MIDI File: big-endian.
    None,
    /// RIFF: little-endian, with a padding byte after a chunk of odd length.
    Riff,
}

impl<'a> Iterator for Chunks<'a> {
    type Item = (&'a [u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = self.rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = match self.wrapping {
            Wrapping::None => u32::from_be_bytes(*length),
            Wrapping::Riff => u32::from_le_bytes(*length),
        };
        let length = usize::try_from(length).map_or(rest.len(), |length| length.min(rest.len()));
        let (contents, rest) = rest.split_at(length);
        let is_padded = self.wrapping == Wrapping::Riff && length % 2 == 1;
        self.rest = rest.get(usize::from(is_padded)..).unwrap_or_default();
        Some((name, contents))
    }
}

/// Conversion of the file's ticks to ours: multiply, then divide.
#[derive(Debug, Clone, Copy)]
struct Clock {
    multiplier: u64,
    divisor: u64,
    /// Whether the file counts beats; otherwise it counts seconds, and tempo events do not change its times.
    counts_beats: bool,
}

impl Clock {
    fn new(timing: Timing) -> Result<Self, SmfError> {
        let ppq = u64::from(PPQ);
        let clock = match timing {
            Timing::Metrical(division) => {
                Self { multiplier: ppq, divisor: u64::from(division.as_int()), counts_beats: true }
            }
            // At 120 beats per minute a second has two beats.
            Timing::Timecode(fps, subframes) => {
                let (frames, seconds) = match fps {
                    Fps::Fps24 => (24, 1),
                    Fps::Fps25 => (25, 1),
                    Fps::Fps29 => (30_000, 1_001),
                    Fps::Fps30 => (30, 1),
                };
                Self {
                    multiplier: 2 * ppq * seconds,
                    divisor: frames * u64::from(subframes),
                    counts_beats: false,
                }
            }
        };
        if clock.divisor == 0 { Err(SmfError::NoDivision) } else { Ok(clock) }
    }

    /// The nearest tick of ours, halves up, at most [`MAX_TICK`].
    fn to_ours(self, file_ticks: u64) -> TickInstant {
        let ours =
            (file_ticks.saturating_mul(self.multiplier).saturating_add(self.divisor / 2)) / self.divisor;
        TickInstant(u32::try_from(ours).unwrap_or(MAX_TICK).min(MAX_TICK))
    }
}

/// The contents of a chord marker.
enum ChordMark {
    Chord(Option<Chord>),
    NotStated,
}

struct Reader {
    clock: Clock,
    score: Score,
    chords: BTreeMap<TickInstant, ChordMark>,
}

/// Note-ons and note-offs of one pitch of one channel, in file order; `Some` is the velocity of a note-on.
type NoteEvents = Vec<(TickInstant, Option<u8>)>;

/// One track of the file while it is read.
#[derive(Default)]
struct Lane {
    name: Option<String>,
    part: Option<Part>,
    /// Events of no channel.
    texts: Vec<Event>,
    channels: BTreeMap<u8, Vec<Event>>,
    note_events: BTreeMap<(u8, u8), NoteEvents>,
    end: TickInstant,
}

impl Reader {
    fn read_track(&mut self, track: usize, events: EventIter<'_>) {
        let mut lane = Lane::default();
        let mut file_ticks: u64 = 0;
        let mut has_end = false;
        for event in events.flatten() {
            file_ticks = file_ticks.saturating_add(u64::from(event.delta.as_int()));
            let at = self.clock.to_ours(file_ticks);
            lane.end = at;
            match event.kind {
                TrackEventKind::Midi { channel, message } => lane.take_message(at, channel.as_int(), message),
                TrackEventKind::SysEx(data) => lane.keep(at, EventKind::SysEx(data.to_vec())),
                TrackEventKind::Escape(data) => lane.keep(at, EventKind::Escape(data.to_vec())),
                TrackEventKind::Meta(MetaMessage::EndOfTrack) => {
                    has_end = true;
                    break;
                }
                TrackEventKind::Meta(meta) => self.take_meta(at, meta, &mut lane),
            }
        }
        if !has_end {
            self.score.warnings.push(Warning::BrokenTrack { track, at: lane.end });
        }
        self.score.end = self.score.end.max(lane.end);
        self.add_tracks(track, lane);
    }

    fn take_meta(&mut self, at: TickInstant, meta: MetaMessage<'_>, lane: &mut Lane) {
        match meta {
            MetaMessage::Tempo(micros) => match micros.as_int() {
                0 => self.score.warnings.push(Warning::BadEvent { at, what: "tempo" }),
                micros_per_beat if self.clock.counts_beats => {
                    self.score.tempos.push(TempoMark { at, micros_per_beat });
                }
                _ => {}
            },
            MetaMessage::TimeSignature(0, ..) => {
                self.score.warnings.push(Warning::BadEvent { at, what: "meter" })
            }
            MetaMessage::TimeSignature(numerator, denominator_log2 @ 0..=7, clocks, thirty_seconds) => {
                self.score.meters.push(MeterMark {
                    clocks_per_click: clocks,
                    thirty_seconds_per_beat: thirty_seconds,
                    ..MeterMark::new(at, numerator, denominator_log2)
                });
            }
            MetaMessage::TimeSignature(..) => {
                self.score.warnings.push(Warning::BadEvent { at, what: "meter" })
            }
            MetaMessage::KeySignature(n_sharps @ -7..=7, is_minor) => {
                self.score.keys.push(KeyMark { at, key: key_of_signature(n_sharps, is_minor), n_sharps });
            }
            MetaMessage::KeySignature(..) => self.score.warnings.push(Warning::BadEvent { at, what: "key" }),
            MetaMessage::Marker(data) => self.take_marker(at, data),
            MetaMessage::TrackName(data) => {
                lane.name.get_or_insert_with(|| to_text(data));
                lane.keep(at, EventKind::Meta(META_NAME, data.to_vec()));
            }
            MetaMessage::Text(data) => {
                let stated = to_text(data).strip_prefix("part:").and_then(|name| name.parse().ok());
                lane.part = stated.or(lane.part);
                lane.keep(at, EventKind::Meta(META_TEXT, data.to_vec()));
            }
            other => {
                if let Some(kind) = to_kept(other) {
                    lane.keep(at, kind);
                }
            }
        }
    }

    fn take_marker(&mut self, at: TickInstant, data: &[u8]) {
        let text = to_text(data);
        let keep = Event { at, kind: EventKind::Meta(META_MARKER, data.to_vec()) };
        if let Some(symbol) = text.strip_prefix("chord:") {
            let mark = match symbol.trim() {
                "?" => ChordMark::NotStated,
                "N.C." | "NC" | "N.C" => ChordMark::Chord(None),
                symbol => match symbol.parse() {
                    Ok(chord) => ChordMark::Chord(Some(chord)),
                    Err(_) => {
                        self.score.warnings.push(Warning::UnknownChord { at, symbol: symbol.to_owned() });
                        self.score.conductor.push(keep);
                        ChordMark::NotStated
                    }
                },
            };
            self.chords.insert(at, mark);
        } else if text == "pickup" {
            self.score.has_pickup = true;
        } else if let Some(key) = text.strip_prefix("key:").and_then(|name| name.parse::<Key>().ok()) {
            // The marker states modes that a key signature cannot; pushed after the signature, it takes precedence.
            let n_sharps = self.score.keys.iter().rev().find(|mark| mark.at == at).map(|mark| mark.n_sharps);
            let n_sharps = n_sharps.unwrap_or_else(|| signature_of_key(key).0);
            self.score.keys.push(KeyMark { at, key, n_sharps });
        } else {
            let name = text.strip_prefix("section:").unwrap_or(&text).trim();
            self.score.sections.push((at, name.to_owned()));
            self.score.conductor.push(keep);
        }
    }

    /// Makes one track of each channel of a lane.
    fn add_tracks(&mut self, track: usize, lane: Lane) {
        let Lane { name, part, mut texts, channels, note_events, end } = lane;
        if channels.is_empty() && (track == 0 || texts.is_empty()) {
            self.score.conductor.append(&mut texts);
            return;
        }
        let name = name.unwrap_or_default();
        let mut new_track = |channel: u8, mut events: Vec<Event>, notes: Vec<Note>| {
            // The lane's texts go with its first channel.
            events.append(&mut texts);
            events.sort_by_key(|event| event.at);
            let program = events.iter().find_map(|event| match event.kind {
                EventKind::Midi(_, MidiMessage::ProgramChange { program }) => Some(program.as_int()),
                _ => None,
            });
            let part_is_stated = part.is_some();
            Track { name: name.clone(), channel, program, part, notes, events, part_is_stated }
        };
        if channels.is_empty() {
            self.score.tracks.push(new_track(0, Vec::new(), Vec::new()));
            return;
        }
        let mut n_hung = 0;
        let mut n_stray = 0;
        let mut n_late = 0;
        for (channel, events) in channels {
            let mut notes = Vec::new();
            for (&(_, number), note_events) in note_events.range((channel, 0)..=(channel, 127)) {
                let paired = pair(note_events, end);
                n_hung += paired.n_hung;
                n_stray += paired.n_stray;
                for (onset, end, velocity) in paired.notes {
                    if onset.0 >= MAX_TICK {
                        n_late += 1;
                        continue;
                    }
                    let duration = end.since(onset).max(TickDuration(1));
                    notes.push(Note::new(onset, duration, Pitch::clamped(i32::from(number)), velocity));
                }
            }
            sort_notes(&mut notes);
            self.score.tracks.push(new_track(channel, events, notes));
        }
        let warnings = [
            (n_hung, Warning::HungNotes { track, n_notes: n_hung }),
            (n_stray, Warning::StrayNoteOffs { track, n_offs: n_stray }),
            (n_late, Warning::TooLate { track, n_notes: n_late }),
        ];
        self.score.warnings.extend(warnings.into_iter().filter(|&(n, _)| n > 0).map(|(_, warning)| warning));
    }

    fn finish(self) -> Score {
        let Self { mut score, chords, .. } = self;
        let notes = score.tracks.iter().flat_map(|track| &track.notes);
        score.end = notes.map(Note::end).max().unwrap_or_default().max(score.end);
        keep_last_at(&mut score.tempos, |mark| mark.at);
        keep_last_at(&mut score.meters, |mark| mark.at);
        keep_last_at(&mut score.keys, |mark| mark.at);
        score.sections.sort_by_key(|&(at, _)| at);
        score.conductor.sort_by_key(|event| event.at);
        let ends = chords.keys().skip(1).copied().chain([score.end]);
        let spans = chords.iter().zip(ends).filter_map(|((&onset, mark), end)| match mark {
            ChordMark::Chord(chord) => Some(ChordSpan { onset, duration: end.since(onset), chord: *chord }),
            ChordMark::NotStated => None,
        });
        score.chords = Progression::new(spans.collect());
        score.warn_of_meters();
        roles::assign(&mut score);
        score
    }
}

impl Lane {
    fn keep(&mut self, at: TickInstant, kind: EventKind) {
        self.texts.push(Event { at, kind });
    }

    fn take_message(&mut self, at: TickInstant, channel: u8, message: MidiMessage) {
        let events = self.channels.entry(channel).or_default();
        let (key, velocity) = match message {
            MidiMessage::NoteOn { key, vel } => (key, Some(vel.as_int()).filter(|&velocity| velocity > 0)),
            MidiMessage::NoteOff { key, .. } => (key, None),
            message => {
                events.push(Event { at, kind: EventKind::Midi(channel, message) });
                return;
            }
        };
        self.note_events.entry((channel, key.as_int())).or_default().push((at, velocity));
    }
}

/// Notes of one pitch.
#[derive(Default)]
struct Paired {
    /// Onset, end and velocity.
    notes: Vec<(TickInstant, TickInstant, u8)>,
    n_hung: usize,
    n_stray: usize,
}

/// Pairs every note-on with its note-off: the first note-on with the first note-off.
///
/// Note-ons without a possible note-off hang; they end where the pitch is retriggered, else at `track_end`. They are
/// found by pairing from the inside (a note-off ends the latest note-on), so that one hung note does not lengthen all
/// that follow.
fn pair(note_events: &[(TickInstant, Option<u8>)], track_end: TickInstant) -> Paired {
    let mut paired = Paired::default();
    let mut open = Vec::new();
    let mut is_stray = vec![false; note_events.len()];
    for (idx, &(_, velocity)) in note_events.iter().enumerate() {
        if velocity.is_some() {
            open.push(idx);
        } else if open.pop().is_none() {
            is_stray[idx] = true;
            paired.n_stray += 1;
        }
    }
    let hung = open;
    paired.n_hung = hung.len();
    let releases = (0..note_events.len()).filter(|&idx| note_events[idx].1.is_none() && !is_stray[idx]);
    let note_ons =
        note_events.iter().enumerate().filter_map(|(idx, &(at, velocity))| Some((idx, at, velocity?)));
    let mut releases = releases.map(|idx| note_events[idx].0);
    for (idx, onset, velocity) in note_ons {
        let end = if hung.binary_search(&idx).is_ok() {
            let next = note_events[idx + 1..].iter().find(|(at, velocity)| velocity.is_some() && *at > onset);
            next.map_or(track_end, |&(at, _)| at)
        } else {
            releases.next().unwrap_or(track_end)
        };
        paired.notes.push((onset, end, velocity));
    }
    paired
}

/// Sorts marks and keeps the last of those at one tick.
fn keep_last_at<T>(marks: &mut Vec<T>, at: impl Fn(&T) -> TickInstant) {
    marks.sort_by_key(|mark| at(mark));
    marks.reverse();
    marks.dedup_by_key(|mark| at(mark));
    marks.reverse();
}

/// The key of a signature with `n_sharps` sharps (flats if negative).
fn key_of_signature(n_sharps: i8, is_minor: bool) -> Key {
    // A fifth up for each sharp, from C, or from A in minor.
    let semitones = i32::from(n_sharps) * 7 + if is_minor { 9 } else { 0 };
    let tonic = u8::try_from(semitones.rem_euclid(12)).map(PitchClass::new).unwrap_or(PitchClass::C);
    Key::new(tonic, if is_minor { Mode::Minor } else { Mode::Major })
}

/// Sharps (flats if negative), `-7..=7`, and whether minor, of the signature nearest to `key`: that of the major or
/// minor key of the same tonic.
pub(super) fn signature_of_key(key: Key) -> (i8, bool) {
    let is_minor = key.mode.is_minor();
    let mode = if is_minor { Mode::Minor } else { Mode::Major };
    // Fewest accidentals first, flats before sharps on the tie of six: as `Key` spells names.
    let n_sharps = [0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5, -6, 6]
        .into_iter()
        .find(|&n_sharps| key_of_signature(n_sharps, is_minor) == Key::new(key.tonic, mode));
    (n_sharps.unwrap_or(0), is_minor)
}

/// A meta event that [`Score`] does not model, to be written back as it is.
fn to_kept(meta: MetaMessage<'_>) -> Option<EventKind> {
    let (kind, data) = match meta {
        MetaMessage::TrackNumber(number) => (0x00, number.map_or(Vec::new(), |n| n.to_be_bytes().to_vec())),
        MetaMessage::Copyright(data) => (0x02, data.to_vec()),
        MetaMessage::InstrumentName(data) => (0x04, data.to_vec()),
        MetaMessage::Lyric(data) => (0x05, data.to_vec()),
        MetaMessage::CuePoint(data) => (0x07, data.to_vec()),
        MetaMessage::ProgramName(data) => (0x08, data.to_vec()),
        MetaMessage::DeviceName(data) => (0x09, data.to_vec()),
        MetaMessage::MidiChannel(channel) => (0x20, vec![channel.as_int()]),
        MetaMessage::MidiPort(port) => (0x21, vec![port.as_int()]),
        MetaMessage::SequencerSpecific(data) => (0x7F, data.to_vec()),
        MetaMessage::Unknown(kind, data) => (kind, data.to_vec()),
        // An SMPTE start time is wrong for music that has moved; the others are modelled.
        _ => return None,
    };
    Some(EventKind::Meta(kind, data))
}
