//! Segments: stretches of a score in one meter, and their conversion to phrases.

use crate::music::{ChordSpan, Frame, Key, Meter, Note, PPQ, Phrase, Progression, TickDuration, TickInstant};

use super::score::{MeterMark, Score};
use super::{SmfError, Warning};

/// Time after a bar line, in ticks, that does not count as another bar at the end of a file, such as a late end mark.
const END_SLACK: u32 = PPQ / 4;

/// Meters outside the table, each with one of the table whose bar is as long.
const SAME_BAR: [((u8, u32), (u8, u8)); 8] = [
    ((1, 4), (2, 8)),
    ((1, 2), (2, 4)),
    ((1, 1), (4, 4)),
    ((2, 1), (4, 2)),
    ((8, 4), (4, 2)),
    ((4, 16), (2, 8)),
    ((6, 16), (3, 8)),
    ((8, 16), (4, 8)),
];

/// A stretch of a score in one supported meter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Where it begins in the score: a bar line, or the onset of the first note of a short pickup bar.
    pub start: TickInstant,
    /// Where it ends in the score.
    pub end: TickInstant,
    /// Missing beginning of a short pickup bar: the silence before `start` in the phrase.
    pub lead: TickDuration,
    /// Time signature.
    pub meter: Meter,
    /// Bars, without the pickup, `1..=`[`Frame::MAX_BARS`].
    pub n_bars: u32,
    /// Whether the first bar is a pickup.
    pub has_pickup: bool,
    /// Key at the start, where the file states one.
    pub key: Option<Key>,
    /// Beats per minute at the start.
    pub tempo: f32,
}

impl Segment {
    /// The frame of its phrase.
    pub const fn frame(&self, key: Key) -> Frame {
        Frame { meter: self.meter, n_bars: self.n_bars, has_pickup: self.has_pickup, key, tempo: self.tempo }
    }

    /// Converts time of the score to time of the phrase; times before the segment become its start.
    pub fn to_phrase_time(&self, at: TickInstant) -> TickInstant {
        TickInstant::ZERO + at.since(self.start) + self.lead
    }

    /// Converts time of the phrase to time of the score; times in the missing part of a pickup become the start.
    pub fn to_score_time(&self, at: TickInstant) -> TickInstant {
        self.start + at.since(TickInstant::ZERO + self.lead)
    }
}

/// A stretch of one time signature.
#[derive(Clone, Copy)]
struct Run {
    start: TickInstant,
    end: TickInstant,
    mark: MeterMark,
}

impl Run {
    fn meter(&self) -> Option<Meter> {
        supported(self.mark)
    }
}

fn supported(mark: MeterMark) -> Option<Meter> {
    let written = (mark.numerator, mark.denominator());
    let same_bar = SAME_BAR.iter().find(|(from, _)| *from == written).map(|&(_, to)| to);
    let (numerator, denominator) = same_bar.or_else(|| Some((written.0, u8::try_from(written.1).ok()?)))?;
    Meter::new(numerator, denominator)
}

impl Score {
    /// The stretches of one supported meter, in order. A first bar shorter than the rest, under a meter of its own,
    /// is a pickup of what follows.
    pub fn segments(&self) -> Vec<Segment> {
        let mut segments = Vec::new();
        let mut pickup: Option<Run> = None;
        let runs = self.runs();
        for (idx, run) in runs.iter().enumerate() {
            let length = run.end.since(run.start);
            let next = runs.get(idx + 1).and_then(Run::meter);
            if idx == 0
                && length <= run.mark.bar_duration()
                && next.is_some_and(|next| length < next.bar_duration())
            {
                pickup = Some(*run);
                continue;
            }
            segments.extend(self.segment(run, pickup.take(), idx == 0 && self.has_pickup));
        }
        segments
    }

    /// Whether notes or a change of meter, even to an unsupported one, are at the segment's end or later.
    pub(super) fn is_followed(&self, segment: &Segment) -> bool {
        let notes = self.tracks.iter().flat_map(|track| &track.notes);
        let marks = self.changes_of_meter();
        notes.map(|note| note.onset).chain(marks.iter().map(|mark| mark.at)).any(|at| at >= segment.end)
    }

    fn segment(&self, run: &Run, pickup: Option<Run>, starts_with_pickup: bool) -> Option<Segment> {
        let meter = run.meter()?;
        let bar = meter.bar_duration();
        let start = pickup.map_or(run.start, |pickup| pickup.start);
        // A pickup comes on top of the bars that a phrase may have.
        let n_written = self.n_bars_of(run, bar).min(Frame::MAX_BARS + u32::from(starts_with_pickup));
        let n_bars = if starts_with_pickup { n_written.saturating_sub(1).max(1) } else { n_written };
        Some(Segment {
            start,
            end: run.end.min(run.start + TickDuration(bar.0 * n_written)),
            lead: pickup.map_or(TickDuration(0), |pickup| {
                bar.0.checked_sub(run.start.since(pickup.start).0).map_or(TickDuration(0), TickDuration)
            }),
            meter,
            n_bars,
            has_pickup: pickup.is_some() || (starts_with_pickup && n_written > 1),
            key: self.key_at(run.start).or_else(|| self.key_at(run.start + bar)),
            tempo: self.tempo_at(start),
        })
    }

    /// Bars of a run, at least one; a last bar without an onset that is no longer than [`END_SLACK`] does not count.
    fn n_bars_of(&self, run: &Run, bar: TickDuration) -> u32 {
        let notes = self.tracks.iter().flat_map(|track| &track.notes);
        let onsets = notes.map(|note| note.onset).filter(|&onset| run.start <= onset && onset < run.end);
        let with_onset = onsets.max().map_or(1, |last| last.since(run.start).0 / bar.0 + 1);
        let by_end = run.end.since(run.start).0.saturating_sub(END_SLACK).div_ceil(bar.0);
        with_onset.max(by_end).max(1)
    }

    /// The time signatures that differ from the one before; 4/4 before the first.
    fn changes_of_meter(&self) -> Vec<MeterMark> {
        let mut marks = self.meters.clone();
        if marks.first().is_none_or(|mark| mark.at > TickInstant::ZERO) {
            marks.insert(0, MeterMark::new(TickInstant::ZERO, 4, 2));
        }
        marks.dedup_by_key(|mark| (mark.numerator, mark.denominator_log2));
        marks
    }

    /// The stretches between changes of meter.
    fn runs(&self) -> Vec<Run> {
        let marks = self.changes_of_meter();
        let ends = marks.iter().skip(1).map(|mark| mark.at).chain([self.end.max(TickInstant(1))]);
        let runs = marks.iter().zip(ends).map(|(&mark, end)| Run { start: mark.at, end, mark });
        runs.filter(|run| run.start < run.end).collect()
    }

    /// Adds a warning for each stretch whose meter no phrase can have.
    pub(super) fn warn_of_meters(&mut self) {
        let unsupported = self.runs().into_iter().filter(|run| run.meter().is_none());
        let warnings = unsupported.map(|run| Warning::UnsupportedMeter {
            at: run.start,
            numerator: run.mark.numerator,
            denominator: run.mark.denominator(),
        });
        let warnings: Vec<Warning> = warnings.collect();
        self.warnings.extend(warnings);
    }

    /// A segment as a phrase in `key`, with the number of notes that were repaired.
    ///
    /// # Errors
    ///
    /// None for a segment of this score.
    pub fn phrase(&self, segment: &Segment, key: Key) -> Result<(Phrase, usize), SmfError> {
        let is_inside = |at: TickInstant| segment.start <= at && at < segment.end;
        let parts = self.parts().map(|notes| {
            let inside = notes.into_iter().filter(|note| is_inside(note.onset));
            inside.map(|note| Note { onset: segment.to_phrase_time(note.onset), ..note }).collect()
        });
        let frame = segment.frame(key);
        let spans = self.chords.spans().iter().filter_map(|span| {
            let (start, end) = (span.onset.max(segment.start), span.end().min(segment.end));
            let onset = segment.to_phrase_time(start);
            // The last chord of a bar that the file leaves short fills it.
            let end = if end == segment.end { frame.end() } else { segment.to_phrase_time(end) };
            (start < span.end() && onset < end).then_some(ChordSpan {
                onset,
                duration: end.since(onset),
                ..*span
            })
        });
        Ok(Phrase::repaired(frame, Progression::new(spans.collect()), parts)?)
    }

    /// The longest segment as a phrase, with all repairs and losses. `fallback_key` gives the key where the file states
    /// none.
    ///
    /// # Errors
    ///
    /// No bar in a supported meter.
    pub fn to_phrase(
        &self,
        fallback_key: impl FnOnce(&Segment) -> Key,
    ) -> Result<(Phrase, Vec<Warning>), SmfError> {
        let segments = self.segments();
        // Of equally long ones the first: `max_by_key` would take the last.
        let Some(segment) = segments.iter().rev().max_by_key(|segment| segment.n_bars) else {
            let meters = self.meters.iter().map(|mark| format!("{}/{}", mark.numerator, mark.denominator()));
            return Err(SmfError::Meter(meters.collect::<Vec<_>>().join(", ")));
        };
        let key = segment.key.unwrap_or_else(|| fallback_key(segment));
        let (phrase, n_repairs) = self.phrase(segment, key)?;
        let mut warnings = self.warnings.clone();
        let notes = self.tracks.iter().flat_map(|track| &track.notes);
        let n_outside = notes.filter(|note| note.onset < segment.start || segment.end <= note.onset).count();
        if n_outside > 0 {
            let (start, end) = (segment.start, segment.end);
            warnings.push(Warning::OutsideSegment { n_notes: n_outside, start, end });
        }
        if n_repairs > 0 {
            warnings.push(Warning::Repaired { n_notes: n_repairs });
        }
        Ok((phrase, warnings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bar counts and meters of a score's segments, `marks` being beats and time signatures.
    fn check(marks: &[(u32, u8, u8)], n_beats: u32, expected: &[(&str, u32, bool)]) {
        let meters =
            marks.iter().map(|&(beat, n, d)| MeterMark::new(TickInstant(beat * PPQ), n, d)).collect();
        let score = Score { meters, end: TickInstant(n_beats * PPQ), ..Score::default() };
        let segments = score.segments();
        let found: Vec<_> = segments.iter().map(|s| (s.meter.to_string(), s.n_bars, s.has_pickup)).collect();
        let found: Vec<_> = found.iter().map(|(meter, n, pickup)| (meter.as_str(), *n, *pickup)).collect();
        assert_eq!(found, expected, "{marks:?}");
    }

    #[test]
    fn pieces_are_cut_where_the_meter_changes() {
        check(&[], 16, &[("4/4", 4, false)]);
        check(&[], 17, &[("4/4", 5, false)]);
        check(&[], 0, &[("4/4", 1, false)]);
        check(&[(0, 3, 2)], 12, &[("3/4", 4, false)]);
        check(&[(0, 4, 2), (8, 3, 2), (14, 3, 2)], 20, &[("4/4", 2, false), ("3/4", 4, false)]);
        check(&[(0, 4, 2), (8, 9, 2), (17, 4, 2)], 21, &[("4/4", 2, false), ("4/4", 1, false)]);
        check(&[(0, 1, 2), (1, 4, 2)], 9, &[("4/4", 2, true)]);
        check(&[(0, 6, 4)], 3, &[("3/8", 2, false)]);
        check(&[(0, 9, 2)], 9, &[]);
    }
}
