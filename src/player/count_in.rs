//! The count-in: before position 0 of our own clock only side sticks play, on the drums' channel.

use super::clock::Line;
use super::note_table::{NewNote, NoteTable};
use super::settings::Settings;
use crate::music::phrase::Part;
use crate::music::pitch::Pitch;

/// General MIDI's side stick.
const STICK: i32 = 37;

/// MIDI velocities of the first beat of a bar and of the others.
const VELOCITIES: (u8, u8) = (118, 92);

/// Length of a stick, in beats.
const LENGTH_BEATS: f64 = 0.25;

/// Writes the sticks of the stretch `from..to` to `notes`; bar and beat lengths are in beats.
///
/// *Real-time:* wait-free, no allocation.
pub fn play(
    notes: &mut NoteTable,
    settings: &Settings,
    (bar, felt): (f64, f64),
    line: &Line,
    (from, to): (u32, u32),
) {
    if !settings.is_audible(Part::Drums) {
        return;
    }
    let end = line.edge(to).min(0.0);
    let mut bar_start = (line.reached / bar).floor() * bar;
    while bar_start < end {
        let mut beat = bar_start;
        while beat + felt <= bar_start + bar + 1e-6 && beat < end {
            if beat >= line.reached {
                let velocity = if beat == bar_start { VELOCITIES.0 } else { VELOCITIES.1 };
                let offset = line.offset_of(beat).clamp(from, to - 1);
                notes.release_ended(Some(line), (from, offset + 1));
                notes.note_on(offset, stick(settings, beat, velocity));
            }
            beat += felt;
        }
        bar_start += bar;
    }
}

/// A stick at `beat`.
fn stick(settings: &Settings, beat: f64, velocity: u8) -> NewNote {
    NewNote {
        part: Some(Part::Drums),
        channel: settings.channel(Part::Drums),
        pitch: Pitch::clamped(STICK),
        velocity: settings.curved(velocity),
        end: beat + LENGTH_BEATS,
        tone: None,
    }
}
