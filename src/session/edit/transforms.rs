//! Notes in, changed notes out: the arithmetic of edits.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::music::nuance::Nuance;
use crate::music::{Frame, Note, Part, Pitch, TickDuration, TickInstant};

/// The shortest length that an edit gives a note: a step of the grid.
const SHORTEST: TickDuration = TickDuration::from_steps(1);

/// The largest change of a velocity by [`humanised`], in MIDI velocities.
const HUMAN_VELOCITY: i32 = 8;

/// The largest change of an onset by [`humanised`], in ticks: 10 ms at 120 beats per minute.
const HUMAN_TICKS: i32 = 19;

/// Notes with their parts.
pub(super) type PartNotes = Vec<(Part, Note)>;

pub(super) fn each(notes: PartNotes, change: impl Fn(Note) -> Note) -> PartNotes {
    notes.into_iter().map(|(part, note)| (part, change(note))).collect()
}

/// `notes` moved together, as far as all of them stay inside `frame` and MIDI's range.
pub(super) fn moved(notes: PartNotes, frame: &Frame, ticks: i32, semitones: i32) -> PartNotes {
    let last = notes.iter().map(|(_, note)| note.end().0).max().unwrap_or(0);
    shifted(notes, ticks.min(signed(frame.end().0.saturating_sub(last))), semitones)
}

/// As [`moved`], but any distance beyond the end.
pub(super) fn shifted(notes: PartNotes, ticks: i32, semitones: i32) -> PartNotes {
    let all = || notes.iter().map(|(_, note)| note);
    let ticks = ticks.max(-signed(all().map(|note| note.onset.0).min().unwrap_or(0)));
    let lowest = all().map(|note| note.pitch.number()).min().unwrap_or(0);
    let highest = all().map(|note| note.pitch.number()).max().unwrap_or(127);
    let semitones = semitones.clamp(-i32::from(lowest), i32::from(127 - highest));
    each(notes, |note| Note {
        onset: TickInstant(note.onset.0.saturating_add_signed(ticks)),
        pitch: Pitch::clamped(i32::from(note.pitch.number()) + semitones),
        ..note
    })
}

/// `note` longer by `ticks`, at least a step of the grid and at most to the end of `frame`.
pub(super) fn resized(note: Note, frame: &Frame, ticks: i32) -> Note {
    let longest = frame.end().since(note.onset);
    let wanted = TickDuration(note.duration.0.saturating_add_signed(ticks));
    Note { duration: wanted.max(SHORTEST).min(longest), ..note }
}

/// `note`, played at exactly this velocity.
pub(super) fn at_velocity(note: Note, velocity: u8) -> Note {
    Note { velocity: velocity.clamp(1, 127), ..note }.with_nuance(Nuance::new(note.nuance.late(), 0))
}

/// `note`, played this many ticks after the written onset.
pub(super) fn at_lateness(note: Note, late: i16) -> Note {
    note.with_nuance(Nuance::new(late, note.nuance.louder()))
}

/// `note` begun on the nearest line of `grid` and played without a deviation in time; it keeps its length as far as `frame`
/// goes.
pub(super) fn quantised(note: Note, frame: &Frame, grid: TickDuration) -> Note {
    let grid = grid.max(SHORTEST).0;
    let nearest = (note.onset.0 + grid / 2) / grid * grid;
    let onset = TickInstant(if nearest < frame.end().0 { nearest } else { nearest.saturating_sub(grid) });
    at_lateness(Note { onset, duration: note.duration.min(frame.end().since(onset)), ..note }, 0)
}

/// Each of `notes` held until the next one of its part begins; those that begin last stay.
pub(super) fn legato(notes: PartNotes) -> PartNotes {
    let next = |part: Part, after: TickInstant| {
        let later = notes.iter().filter(|(other, note)| *other == part && note.onset > after);
        later.map(|(_, note)| note.onset).min()
    };
    let held = notes.iter().map(|(part, note)| {
        let duration = next(*part, note.onset).map_or(note.duration, |next| next.since(note.onset));
        (*part, Note { duration, ..*note })
    });
    held.collect()
}

/// `notes` of the same part and pitch joined into one, from the first onset to the last end.
pub(super) fn joined(notes: PartNotes) -> PartNotes {
    let mut lines: BTreeMap<(Part, Pitch), Note> = BTreeMap::new();
    let mut notes = notes;
    notes.sort_by_key(|(_, note)| note.onset);
    for (part, note) in notes {
        let first = lines.entry((part, note.pitch)).or_insert(note);
        first.duration = first.duration.max(note.end().since(first.onset));
    }
    lines.into_iter().map(|((part, _), note)| (part, note)).collect()
}

/// `notes` cut in two at `at`, where they sound; others stay.
pub(super) fn split(notes: PartNotes, at: TickInstant) -> PartNotes {
    let cut = |(part, note): (Part, Note)| {
        let sounds = note.onset < at && at < note.end();
        let first = Note { duration: if sounds { at.since(note.onset) } else { note.duration }, ..note };
        let second = sounds.then(|| Note { onset: at, duration: note.end().since(at), ..note });
        [Some((part, first)), second.map(|second| (part, second))].into_iter().flatten()
    };
    notes.into_iter().flat_map(cut).collect()
}

/// `note` with a velocity and a moment that differ a little, other for each note and seed.
pub(super) fn humanised(part: Part, note: Note, seed: u64) -> Note {
    let mut hasher = DefaultHasher::new();
    (part, note.onset, note.pitch, seed).hash(&mut hasher);
    let [a, b, c, d, ..] = hasher.finish().to_le_bytes();
    // The sum of two even distributions: small deviations are likelier.
    let deviation = |one: u8, other: u8, most: i32| (i32::from(one) + i32::from(other) - 255) * most / 255;
    let louder = i32::from(note.played_velocity()) + deviation(a, b, HUMAN_VELOCITY);
    let late = i32::from(note.nuance.late()) + deviation(c, d, HUMAN_TICKS);
    let late = i16::try_from(late).unwrap_or(note.nuance.late());
    at_lateness(at_velocity(note, u8::try_from(louder.clamp(1, 127)).unwrap_or(note.velocity)), late)
}

fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
