//! Turns the call events of a musician into a phrase.

use crate::music::{
    Frame, Key, Meter, Note, Part, Phrase, Pitch, Progression, TickDuration, TickInstant, time::PPQ,
};
use crate::player::CallEvent;

/// The longest call, in beats.
const MAX_BEATS: f64 = 1024.0;

/// Collects the notes of a call.
#[derive(Debug, Default)]
pub struct Call {
    notes: Vec<Note>,
    /// Notes whose note-off is to come: onset in beats, key and velocity.
    held: Vec<(f64, Pitch, u8)>,
}

impl Call {
    /// Takes the next event; at the end of a call returns it as a phrase: a melody in whole bars, in C major and 4/4,
    /// as nothing more is known. `None` before the end, and for a call without notes.
    pub fn take(&mut self, event: CallEvent) -> Option<Phrase> {
        match event {
            CallEvent::Begin => *self = Self::default(),
            CallEvent::On { at, pitch, velocity } => {
                self.release(at, pitch);
                self.held.push((at, pitch, velocity));
            }
            CallEvent::Off { at, pitch } => self.release(at, pitch),
            CallEvent::End { beats } => return self.end(beats),
        }
        None
    }

    fn release(&mut self, at: f64, pitch: Pitch) {
        let (ended, held) = self.held.drain(..).partition(|(_, other, _)| *other == pitch);
        self.held = held;
        self.add(ended, at);
    }

    fn add(&mut self, ended: Vec<(f64, Pitch, u8)>, at: f64) {
        self.notes.extend(ended.into_iter().map(|(onset, pitch, velocity)| {
            let (onset, end) = (ticks(onset), ticks(at));
            Note::new(TickInstant(onset), TickDuration(end.saturating_sub(onset).max(1)), pitch, velocity)
        }));
    }

    fn end(&mut self, beats: f64) -> Option<Phrase> {
        let held = std::mem::take(&mut self.held);
        self.add(held, beats);
        let melody = std::mem::take(&mut self.notes);
        let n_bars = ticks(beats).div_ceil(Meter::COMMON.bar_duration().0);
        let mut parts: [Vec<Note>; 5] = Default::default();
        parts[Part::Melody.index()] = melody;
        let frame = Frame::new(Meter::COMMON, n_bars, Key::C_MAJOR, 120.0);
        let (phrase, _) = Phrase::repaired(frame, Progression::default(), parts).ok()?;
        Some(phrase).filter(|phrase| phrase.all_notes().next().is_some())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "held inside 0 to a million ticks"
)]
fn ticks(beats: f64) -> u32 {
    (beats.clamp(0.0, MAX_BEATS) * f64::from(PPQ)).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_the_notes_that_were_played() {
        let mut call = Call::default();
        let [c, e] = [60, 64].map(Pitch::clamped);
        for (event, _) in [
            (CallEvent::On { at: 0.1, pitch: e, velocity: 3 }, "of an earlier window"),
            (CallEvent::Begin, ""),
            (CallEvent::Off { at: 0.2, pitch: e }, "of a key that was down before"),
            (CallEvent::On { at: 0.5, pitch: c, velocity: 80 }, ""),
            (CallEvent::On { at: 1.0, pitch: e, velocity: 90 }, ""),
            (CallEvent::Off { at: 1.5, pitch: c }, ""),
            (CallEvent::On { at: 2.0, pitch: e, velocity: 70 }, "retriggered"),
        ] {
            assert_eq!(call.take(event), None);
        }
        let phrase = call.take(CallEvent::End { beats: 3.0 }).unwrap();
        let notes = phrase.notes(Part::Melody).iter();
        let notes: Vec<_> =
            notes.map(|note| (note.onset.0, note.duration.0, note.pitch, note.velocity)).collect();
        assert_eq!(notes, [(480, 960, c, 80), (960, 960, e, 90), (1920, 960, e, 70)]);
        assert_eq!(phrase.frame().n_bars, 1);
        assert_eq!(call.take(CallEvent::End { beats: 3.0 }), None, "nothing was played since");
    }

    #[test]
    fn silly_figures_make_no_silly_phrase() {
        let mut call = Call::default();
        for at in [f64::NAN, f64::INFINITY, -3.0, 1e300] {
            call.take(CallEvent::On { at, pitch: Pitch::MIDDLE_C, velocity: 80 });
        }
        for beats in [f64::INFINITY, f64::NAN, -1.0] {
            let phrase = call.take(CallEvent::End { beats });
            assert!(phrase.is_none_or(|phrase| phrase.frame().n_bars <= 256));
        }
    }
}
