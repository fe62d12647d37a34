//! Replaces cells of a score and leaves the rest as it is.

use crate::music::{Cells, ChordSpan, Note, Part, Phrase, Progression, TickInstant};

use super::SmfError;
use super::score::{EventKind, Score, sort_notes};
use super::segment::Segment;
use super::write::{part_event, part_track, usual_program};

/// The result of replacing cells, in numbers of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Replaced {
    /// Notes of the score that were removed.
    pub n_removed: usize,
    /// Notes of the phrase that were added.
    pub n_added: usize,
    /// Notes of the phrase that end early or were left out because a kept note of their pitch sounds at the time.
    pub n_yielded: usize,
    /// Notes of the phrase that were left out because the segment lacks their place: the missing beginning of a short
    /// pickup, or the missing end of a last bar.
    pub n_outside: usize,
}

impl Score {
    /// Replaces the notes of this score in `cells` by those of `phrase`.
    ///
    /// `phrase` — begins where `segment` begins, of the same meter. Bars beyond the segment's last lengthen the
    /// score. Where the segment has chord symbols, the phrase's take their place in the bars of the cells.
    ///
    /// Locked notes of `phrase` are not added: the score's notes of their onset and pitch stay, each in its track.
    ///
    /// New notes go into the part's track with the most notes, or a new track if the part has none. Notes outside
    /// the cells keep onset and end, so a new note is shortened or left out where it would overlap a kept one of its
    /// pitch. Where the channel uses the sustain pedal, the notes get their sustained durations and the pedal is
    /// removed, so that it does not hold new notes.
    ///
    /// # Errors
    ///
    /// Cells beyond the end of a segment that notes or a change of meter follow; the score is then unchanged.
    pub fn splice(
        &mut self,
        segment: &Segment,
        phrase: &Phrase,
        cells: &Cells,
    ) -> Result<Replaced, SmfError> {
        let n_bars = segment.n_bars + u32::from(segment.has_pickup);
        let frame = phrase.frame();
        let is_beyond = cells.last().is_some_and(|cell| cell.bar >= n_bars);
        if is_beyond {
            if self.is_followed(segment) {
                return Err(SmfError::NotAtEnd(segment.end));
            }
            self.end = self.end.max(segment.to_score_time(frame.end()));
        }
        self.splice_chords(segment, phrase, cells);
        let mut replaced = Replaced::default();
        for part in Part::ALL {
            let cells_of_part = cells.iter().filter(|cell| cell.part == part);
            let bars: Vec<u32> = cells_of_part.map(|cell| cell.bar).collect();
            if bars.is_empty() {
                continue;
            }
            let is_of_cells = |at: TickInstant| bars.binary_search(&frame.bar_of(at)).is_ok();
            let of_cells = || phrase.notes(part).iter().filter(|note| is_of_cells(note.onset));
            let given: Vec<&Note> = of_cells().filter(|note| !note.locked).collect();
            let locked: Vec<_> =
                of_cells().filter(|note| note.locked).map(|note| (note.onset, note.pitch)).collect();
            let new: Vec<Note> = given
                .iter()
                .filter(|note| note.onset >= TickInstant::ZERO + segment.lead)
                .map(|note| Note { onset: segment.to_score_time(note.onset), ..**note })
                .filter(|note| is_beyond || note.onset < segment.end)
                .collect();
            replaced.n_outside += given.len() - new.len();
            let is_selected = |note: &Note| {
                let at = segment.to_phrase_time(note.onset);
                (segment.start..segment.end).contains(&note.onset)
                    && is_of_cells(at)
                    && !locked.contains(&(at, note.pitch))
            };
            let done = self.replace_where(part, is_selected, new);
            replaced.n_removed += done.n_removed;
            replaced.n_added += done.n_added;
            replaced.n_yielded += done.n_yielded;
        }
        let notes = self.tracks.iter().flat_map(|track| &track.notes);
        self.end = notes.map(Note::end).fold(self.end, TickInstant::max);
        Ok(replaced)
    }

    fn replace_where(&mut self, part: Part, is_selected: impl Fn(&Note) -> bool, new: Vec<Note>) -> Replaced {
        self.state_parts();
        let of_part: Vec<usize> =
            (0..self.tracks.len()).filter(|&idx| self.tracks[idx].part == Some(part)).collect();
        for &idx in &of_part {
            self.write_out_pedal(self.tracks[idx].channel);
        }
        let main = of_part.iter().copied().rev().max_by_key(|&idx| self.tracks[idx].notes.len());
        let mut replaced = Replaced::default();
        let mut kept = Vec::new();
        for idx in of_part {
            let notes = &mut self.tracks[idx].notes;
            let n_before = notes.len();
            notes.retain(|note| !is_selected(note));
            replaced.n_removed += n_before - notes.len();
            kept.extend_from_slice(notes);
        }
        if new.is_empty() {
            return replaced;
        }
        let main = main.unwrap_or_else(|| self.add_track(part));
        let notes = &mut self.tracks[main].notes;
        for note in new {
            let fitted = note.yielding_to(&kept);
            replaced.n_yielded += usize::from(fitted != Some(note));
            replaced.n_added += usize::from(fitted.is_some());
            notes.extend(fitted);
        }
        sort_notes(notes);
        replaced
    }

    /// States every track's part in the track, so that composed notes do not change how a reader assigns parts.
    fn state_parts(&mut self) {
        for track in self.tracks.iter_mut().filter(|track| !track.part_is_stated) {
            if let Some(part) = track.part {
                track.events.insert(0, part_event(part));
                track.part_is_stated = true;
            }
        }
    }

    /// Gives the notes of a channel their sustained durations, and removes the pedal.
    fn write_out_pedal(&mut self, channel: u8) {
        if self.pedal_spans(channel).is_empty() {
            return;
        }
        for idx in 0..self.tracks.len() {
            if self.tracks[idx].channel == channel {
                self.tracks[idx].notes = self.sounding(idx);
            }
        }
        for track in &mut self.tracks {
            track.events.retain(|event| event.as_pedal().is_none_or(|(of, _)| of != channel));
        }
    }

    /// Adds an empty track for `part` on a channel of its own where one is free, and returns its place.
    fn add_track(&mut self, part: Part) -> usize {
        let is_used = |channel: u8| {
            let of_channel = |track: &&super::Track| track.channel == channel;
            let has_events = |kind: &EventKind| matches!(kind, EventKind::Midi(..));
            self.tracks.iter().filter(of_channel).any(|track| {
                !track.notes.is_empty() || track.events.iter().any(|event| has_events(&event.kind))
            })
        };
        let usual = part.usual_channel();
        let free = (0..16).filter(|&channel| channel != Part::Drums.usual_channel());
        let channel = if part.is_drums() {
            usual
        } else {
            [usual].into_iter().chain(free).find(|&channel| !is_used(channel)).unwrap_or(usual)
        };
        self.tracks.push(part_track(part, channel, usual_program(part)));
        self.tracks.len() - 1
    }

    /// Takes the chords of `phrase` in the bars of `cells`, if both have chords: a file without chord symbols stays
    /// without, since symbols in a few bars would make the others seem to have no harmony.
    fn splice_chords(&mut self, segment: &Segment, phrase: &Phrase, cells: &Cells) {
        let is_here = |span: &ChordSpan| span.onset < segment.end && segment.start < span.end();
        if phrase.progression().is_empty() || !self.chords.spans().iter().any(is_here) {
            return;
        }
        let spans = phrase.progression().spans().iter().map(|span| {
            let onset = segment.to_score_time(span.onset);
            ChordSpan { onset, duration: segment.to_score_time(span.end()).since(onset), ..*span }
        });
        let stretches: Vec<_> = phrase
            .frame()
            .stretches(cells)
            .into_iter()
            .map(|stretch| segment.to_score_time(stretch.start)..segment.to_score_time(stretch.end))
            .collect();
        self.chords = self.chords.spliced(&Progression::new(spans.collect()), &stretches);
    }
}
