//! The count-in: before position 0 of a clock of our own, sticks are struck on the drums' channel and nothing else.

use super::Player;
use super::clock::{Line, Source};
use super::note_table::NewNote;
use super::settings::Settings;
use crate::music::phrase::Part;
use crate::music::pitch::Pitch;

/// General MIDI's side stick.
const STICK: i32 = 37;

/// MIDI velocities of the first beat of a bar and of the others.
const VELOCITIES: (u8, u8) = (118, 92);

/// How long a stick is held, in beats.
const LENGTH_BEATS: f64 = 0.25;

impl Player {
    /// Whether the sample at `offset` of `line` is counted in.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn is_counting_in(&self, line: &Line, offset: u32) -> bool {
        self.clock.source() == Source::Free && line.edge(offset + 1) <= 0.0
    }

    /// Strikes the sticks of the stretch, where a bar and a beat have these lengths in beats.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn count_in(
        &mut self,
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
                    self.strike_stick(settings, line, (beat, velocity), (from, to));
                }
                beat += felt;
            }
            bar_start += bar;
        }
    }

    fn strike_stick(
        &mut self,
        settings: &Settings,
        line: &Line,
        (beat, velocity): (f64, u8),
        (from, to): (u32, u32),
    ) {
        let offset = line.offset_of(beat).clamp(from, to - 1);
        self.table.release_ended(Some(line), (from, offset + 1));
        let note = NewNote {
            part: Some(Part::Drums),
            channel: settings.channel(Part::Drums),
            pitch: Pitch::clamped(STICK),
            velocity: settings.curved(velocity),
            end: beat + LENGTH_BEATS,
            tone: None,
        };
        self.table.strike(offset, note);
    }
}
