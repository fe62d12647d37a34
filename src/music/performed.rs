//! Phrases as they are played: onsets, ends and velocities with the nuances applied.

use super::nuance::Nuance;
use super::phrase::{Note, Part, Phrase};
use super::time::{TickDuration, TickInstant};

/// How many ticks later than written each of `notes` ends. A note that ends where the next of its part begins ends when
/// that one is played, so that no gap opens in a line; any other ends as late as it begins, but never inside the next
/// note of its pitch. No note ends after `end`, the end of the phrase.
///
/// `notes` — of one part, sorted by onset and pitch as those of a [`Phrase`].
pub fn end_lates(notes: &[Note], end: TickInstant) -> Vec<i16> {
    let room_before =
        |note: &Note, at: TickInstant| i16::try_from(at.since(note.end()).0).unwrap_or(i16::MAX);
    let late_of = |(idx, note): (usize, &Note)| {
        let own = note.nuance.late();
        let end = note.end();
        let first = notes.partition_point(|other| other.onset < end);
        let there = notes[first..].iter().take_while(|other| other.onset == end);
        let same = there.clone().find(|other| other.pitch == note.pitch);
        if let Some(next) = same.or_else(|| there.min_by_key(|other| other.nuance.late())) {
            return next.nuance.late();
        }
        // Only the notes within reach of the longest delay can be run into.
        let reach = end + TickDuration::from_steps(1);
        let near = notes[idx + 1..].iter().skip_while(|other| other.onset < end);
        let next = near.take_while(|other| other.onset < reach).find(|other| other.pitch == note.pitch);
        let room = |next: &Note| room_before(note, next.onset).saturating_add(next.nuance.late());
        next.map_or(own, |next| own.min(room(next)))
    };
    let late_of = |(idx, note)| late_of((idx, note)).min(room_before(note, end));
    notes.iter().enumerate().map(late_of).collect()
}

impl Note {
    /// The note with another nuance.
    #[must_use]
    pub const fn with_nuance(self, nuance: Nuance) -> Self {
        Self { nuance, ..self }
    }

    /// The velocity that the note is played with, `1..=127`.
    pub fn played_velocity(&self) -> u8 {
        self.velocity.saturating_add_signed(self.nuance.louder()).clamp(1, 127)
    }

    /// The note with its nuance applied and removed; `end_late` from [`end_lates`].
    fn performed(&self, end_late: i16) -> Self {
        let at =
            |written: TickInstant, late: i16| TickInstant(written.0.saturating_add_signed(i32::from(late)));
        let onset = at(self.onset, self.nuance.late());
        let duration = at(self.end(), end_late).since(onset).max(TickDuration(1));
        Self { onset, duration, velocity: self.played_velocity(), nuance: Nuance::NONE, ..*self }
    }
}

impl Phrase {
    /// The phrase as it is played and written to files: the nuances are applied to onsets, durations and velocities, and
    /// removed.
    #[must_use]
    pub fn performed(&self) -> Self {
        let parts = Part::ALL.map(|part| {
            let notes = self.notes(part);
            let lates = end_lates(notes, self.frame().end());
            notes.iter().zip(lates).map(|(note, end_late)| note.performed(end_late)).collect()
        });
        let performed = Self::repaired(*self.frame(), self.progression().clone(), parts);
        performed.map_or_else(|_| self.clone(), |(phrase, _)| phrase)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Frame, Key, Meter, Pitch, Progression};

    fn note(onset: u32, duration: u32, pitch: i32, late: i16, louder: i8) -> Note {
        Note::new(TickInstant(onset), TickDuration(duration), Pitch::clamped(pitch), 90)
            .with_nuance(Nuance::new(late, louder))
    }

    fn melody(notes: Vec<Note>) -> Phrase {
        let frame = Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 100.0);
        let parts = [Vec::new(), Vec::new(), Vec::new(), Vec::new(), notes];
        Phrase::new(frame, Progression::default(), parts).unwrap()
    }

    #[test]
    fn a_line_stays_whole_and_a_pitch_never_runs_into_itself() {
        let phrase = melody(vec![
            note(0, 480, 60, 20, 5),
            note(480, 480, 62, -10, -5),
            // Retriggered at once, then a step after its end.
            note(960, 160, 62, 30, 60),
            note(1200, 240, 62, -39, -100),
            note(3600, 240, 64, 35, 0),
        ]);
        let performed = phrase.performed();
        let played: Vec<_> = performed
            .notes(Part::Melody)
            .iter()
            .map(|note| (note.onset.0, note.end().0, note.velocity))
            .collect();
        assert_eq!(
            played,
            [(20, 470, 95), (470, 990, 85), (990, 1150, 127), (1161, 1401, 1), (3635, 3840, 90)]
        );
        assert!(performed.all_notes().all(|(_, note)| note.nuance.is_none()));
        assert_eq!(performed.performed(), performed);
        // What is written is where it was.
        for (written, played) in phrase.notes(Part::Melody).iter().zip(performed.notes(Part::Melody)) {
            assert_eq!(written.onset.to_nearest_step(), played.onset.to_nearest_step());
        }
    }
}
