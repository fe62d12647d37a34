//! Writes scores and phrases to the bytes of a file.

use midly::num::{u4, u7, u15, u24, u28};
use midly::{Format, Header, MetaMessage, MidiMessage, Timing, TrackEvent, TrackEventKind};

use crate::music::{Key, Mode, PPQ, Part, Phrase, Spelling, TickInstant};

use super::SmfError;
use super::read::signature_of_key;
use super::score::{
    Event, EventKind, KeyMark, META_MARKER, META_NAME, META_TEXT, MeterMark, Score, TempoMark, Track,
    sort_notes,
};

/// The contents of a file in addition to the phrase.
#[derive(Debug, Clone, Default)]
pub struct WriteOptions {
    /// Name of the piece.
    pub title: Option<String>,
    /// Text events at the start, such as a receipt; [`Score::texts`] reads them.
    pub texts: Vec<String>,
    /// Where sections begin, in ascending order, and their names: markers.
    pub sections: Vec<(TickInstant, String)>,
    /// General MIDI programs, `0..=127`, indexed by `[part_idx]`; `None` is the usual one. Drums have none.
    pub programs: [Option<u8>; 5],
}

/// Writes a phrase as a type 1 file of [`PPQ`] ticks a beat, a track for each part that has notes.
///
/// Locks are not part of a MIDI file. [`read`](super::read) restores everything else, the tempo to a hundredth.
///
/// # Errors
///
/// A title or text beyond what a file can hold (256 MiB).
pub fn write(phrase: &Phrase, options: &WriteOptions) -> Result<Vec<u8>, SmfError> {
    let frame = phrase.frame();
    let start = TickInstant::ZERO;
    let title = options.title.iter().map(|title| (META_NAME, title));
    let texts = title.chain(options.texts.iter().map(|text| (META_TEXT, text)));
    let texts = texts.map(|(kind, text)| (start, kind, text));
    let sections = options.sections.iter().map(|(at, name)| (*at, META_MARKER, name));
    let tracks = phrase.parts().map(|part| {
        let program = options.programs[part.index()].unwrap_or(usual_program(part));
        let mut track = part_track(part, part.usual_channel(), program);
        track.notes = phrase.notes(part).to_vec();
        track
    });
    let score = Score {
        tracks: tracks.collect(),
        tempos: vec![TempoMark { at: start, micros_per_beat: to_micros_per_beat(frame.tempo) }],
        meters: vec![MeterMark::new(
            start,
            frame.meter.numerator(),
            u8::try_from(frame.meter.denominator().ilog2()).unwrap_or(2),
        )],
        keys: vec![KeyMark { at: start, key: frame.key, n_sharps: signature_of_key(frame.key).0 }],
        chords: phrase.progression().clone(),
        end: frame.end(),
        has_pickup: frame.has_pickup,
        conductor: texts
            .chain(sections)
            .map(|(at, kind, text)| Event { at, kind: EventKind::Meta(kind, text.clone().into_bytes()) })
            .collect(),
        ..Score::default()
    };
    score.write()
}

/// A track of ours, without notes yet. `program` is not used for drums.
pub(super) fn part_track(part: Part, channel: u8, program: u8) -> Track {
    let message = MidiMessage::ProgramChange { program: u7::from_int_lossy(program) };
    let program_change = Event { at: TickInstant::ZERO, kind: EventKind::Midi(channel, message) };
    let mut name = part.name().to_owned();
    name[..1].make_ascii_uppercase();
    Track {
        name,
        channel,
        program: (!part.is_drums()).then_some(program),
        part: Some(part),
        notes: Vec::new(),
        events: if part.is_drums() { Vec::new() } else { vec![program_change] },
        part_is_stated: true,
    }
}

/// The default General MIDI program of a part; those of the pitched parts differ.
pub(super) const fn usual_program(part: Part) -> u8 {
    match part {
        // Flute.
        Part::Melody => 73,
        // Acoustic grand piano; drums have none.
        Part::Chords | Part::Drums => 0,
        // Fingered electric bass.
        Part::Bass => 33,
        // Harp.
        Part::Arpeggio => 46,
    }
}

/// `bpm` — `20.0..=400.0`.
fn to_micros_per_beat(bpm: f32) -> u32 {
    let micros = (60_000_000.0 / f64::from(bpm)).round().clamp(1.0, 16_777_215.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 24 bits, above zero"
    )]
    let micros = micros as u32;
    micros
}

/// The order of events at one tick, so that a pitch ends before it is retriggered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Off,
    Other,
    On,
}

/// Events with their times and turns, not yet sorted.
#[derive(Default)]
struct Lane<'a>(Vec<(TickInstant, Turn, TrackEventKind<'a>)>);

impl<'a> Lane<'a> {
    fn push(&mut self, at: TickInstant, meta: MetaMessage<'a>) {
        self.0.push((at, Turn::Other, TrackEventKind::Meta(meta)));
    }

    fn push_kept(&mut self, events: &'a [Event]) {
        for event in events {
            let kind = match &event.kind {
                EventKind::Midi(channel, message) => {
                    TrackEventKind::Midi { channel: u4::from_int_lossy(*channel), message: *message }
                }
                EventKind::Meta(kind, data) => TrackEventKind::Meta(MetaMessage::Unknown(*kind, data)),
                EventKind::SysEx(data) => TrackEventKind::SysEx(data),
                EventKind::Escape(data) => TrackEventKind::Escape(data),
            };
            self.0.push((event.at, Turn::Other, kind));
        }
    }

    /// Sorts the events, ends them at `end` or after the last, and turns times into deltas.
    fn finish(mut self, end: TickInstant) -> Vec<TrackEvent<'a>> {
        self.0.sort_by_key(|&(at, turn, _)| (at, turn));
        let end = self.0.last().map_or(end, |&(at, ..)| at.max(end));
        self.0.push((end, Turn::On, TrackEventKind::Meta(MetaMessage::EndOfTrack)));
        let mut before = TickInstant::ZERO;
        let events = self.0.into_iter().map(|(at, _, kind)| {
            let delta = u28::from_int_lossy(at.since(before).0);
            before = at;
            TrackEvent { delta, kind }
        });
        events.collect()
    }
}

impl Score {
    /// Writes the score as a type 1 file of [`PPQ`] ticks a beat: a track of tempo, meters, keys and markers, then
    /// the tracks, each with the events it was read with.
    ///
    /// # Errors
    ///
    /// More than 65,534 tracks, or an event beyond 256 MiB.
    pub fn write(&self) -> Result<Vec<u8>, SmfError> {
        let markers = self.markers();
        let names: Vec<&[u8]> = self.tracks.iter().map(|track| track.name.as_bytes()).collect();
        let mut lanes = vec![self.conductor_lane(&markers).finish(self.end)];
        for (track, name) in self.tracks.iter().zip(names) {
            lanes.push(track_lane(track, name).finish(self.end));
        }
        let ppq = u15::try_from(u16::try_from(PPQ).unwrap_or(u16::MAX)).unwrap_or(u15::max_value());
        let header = Header::new(Format::Parallel, Timing::Metrical(ppq));
        let mut bytes = Vec::new();
        midly::write_std(&header, &lanes, &mut bytes).map_err(|error| SmfError::Write(error.to_string()))?;
        Ok(bytes)
    }

    /// Chords, modes and the pickup as marker texts.
    fn markers(&self) -> Vec<(TickInstant, String)> {
        let mut markers = Vec::new();
        if self.has_pickup {
            markers.push((TickInstant::ZERO, "pickup".to_owned()));
        }
        let only_major_minor = |key: Key| matches!(key.mode, Mode::Major | Mode::Minor);
        let modes = self.keys.iter().filter(|mark| !only_major_minor(mark.key));
        markers.extend(modes.map(|mark| (mark.at, format!("key:{}", mark.key))));
        let spans = self.chords.spans();
        for (idx, span) in spans.iter().enumerate() {
            let spelling = self.key_at(span.onset).map_or(Spelling::Flats, Key::spelling);
            let symbol = span.chord.map_or_else(|| "N.C.".to_owned(), |chord| chord.symbol(spelling));
            markers.push((span.onset, format!("chord:{symbol}")));
            let next = spans.get(idx + 1).map_or(self.end, |next| next.onset);
            if span.end() < next {
                markers.push((span.end(), "chord:?".to_owned()));
            }
        }
        markers
    }

    fn conductor_lane<'a>(&'a self, markers: &'a [(TickInstant, String)]) -> Lane<'a> {
        let mut lane = Lane::default();
        for mark in &self.meters {
            let (clocks, thirty_seconds) = (mark.clocks_per_click, mark.thirty_seconds_per_beat);
            let meter =
                MetaMessage::TimeSignature(mark.numerator, mark.denominator_log2, clocks, thirty_seconds);
            lane.push(mark.at, meter);
        }
        for mark in &self.tempos {
            lane.push(mark.at, MetaMessage::Tempo(u24::from_int_lossy(mark.micros_per_beat)));
        }
        for mark in &self.keys {
            lane.push(mark.at, MetaMessage::KeySignature(mark.n_sharps, mark.key.mode.is_minor()));
        }
        lane.push_kept(&self.conductor);
        for (at, text) in markers {
            lane.push(*at, MetaMessage::Marker(text.as_bytes()));
        }
        lane
    }
}

fn track_lane<'a>(track: &'a Track, name: &'a [u8]) -> Lane<'a> {
    let mut lane = Lane::default();
    let has_name = track.events.iter().any(|event| matches!(event.kind, EventKind::Meta(META_NAME, _)));
    if !has_name && !name.is_empty() {
        lane.push(TickInstant::ZERO, MetaMessage::TrackName(name));
    }
    lane.push_kept(&track.events);
    let channel = u4::from_int_lossy(track.channel);
    let mut notes = track.notes.clone();
    sort_notes(&mut notes);
    for note in notes {
        let key = u7::from_int_lossy(note.pitch.number());
        let on = MidiMessage::NoteOn { key, vel: u7::from_int_lossy(note.velocity) };
        // A release velocity in the middle of the range, which no instrument treats specially.
        let off = MidiMessage::NoteOff { key, vel: u7::from_int_lossy(64) };
        lane.0.push((note.onset, Turn::On, TrackEventKind::Midi { channel, message: on }));
        lane.0.push((note.end(), Turn::Off, TrackEventKind::Midi { channel, message: off }));
    }
    lane
}

/// The text event that states a track's part.
pub(super) fn part_event(part: Part) -> Event {
    Event { at: TickInstant::ZERO, kind: EventKind::Meta(META_TEXT, format!("part:{part}").into_bytes()) }
}
