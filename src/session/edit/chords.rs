//! Another chord under a stretch of a phrase, and the parts that follow it.

use super::transforms::PartNotes;
use crate::music::{Chord, ChordChange, ChordSpan, Note, Part, Phrase, Pitch, Progression, TickInstant};

/// The parts that follow a chord; a melody stays as it is.
const FOLLOWING: [Part; 3] = [Part::Chords, Part::Bass, Part::Arpeggio];

/// The span of chords at `at`: that which sounds there, else the bar, as far as no other span sounds in it. `None` outside
/// the phrase.
pub(super) fn span_at(phrase: &Phrase, at: TickInstant) -> Option<ChordSpan> {
    let frame = phrase.frame();
    if at >= frame.end() {
        return None;
    }
    if let Some(span) = phrase.progression().at(at) {
        return Some(*span);
    }
    let bar = frame.bar_of(at);
    let spans = phrase.progression().spans();
    let before = spans.iter().map(ChordSpan::end).filter(|end| *end <= at).max();
    let after = spans.iter().map(|span| span.onset).filter(|onset| *onset > at).min();
    let start = frame.bar_start(bar).max(before.unwrap_or(TickInstant::ZERO));
    let end = frame.bar_start(bar + 1).min(after.unwrap_or(frame.end()));
    Some(ChordSpan { onset: start, duration: end.since(start), chord: None })
}

/// The chords of `phrase` with `chord` in `span`.
pub(super) fn with(phrase: &Phrase, span: ChordSpan, chord: Option<Chord>) -> Progression {
    let only = Progression::new(vec![ChordSpan { chord, ..span }]);
    phrase.progression().spliced(&only, &[span.onset..span.end()])
}

/// The notes that begin in `span` and follow from its chord to `chord`, taken out of `parts`; voices of a chord stay apart.
pub(super) fn followed(
    parts: &mut [Vec<Note>; 5],
    phrase: &Phrase,
    span: ChordSpan,
    chord: Option<Chord>,
) -> PartNotes {
    let Some(change) = ChordChange::between(span.chord, chord) else { return Vec::new() };
    let key = phrase.frame().key;
    let mut followed = Vec::new();
    for part in FOLLOWING {
        let is_inside = |note: &mut Note| !note.locked && (span.onset..span.end()).contains(&note.onset);
        let mut notes: Vec<Note> = parts[part.index()].extract_if(.., is_inside).collect();
        notes.sort_by_key(|note| (note.onset, note.pitch));
        let mut below: Option<(TickInstant, Pitch)> = None;
        for note in notes {
            let above = below.filter(|(onset, _)| *onset == note.onset).map(|(_, pitch)| pitch);
            let pitch = change.adapt(part, note.pitch, key, true, above);
            below = Some((note.onset, pitch));
            followed.push((part, Note { pitch, ..note }));
        }
    }
    followed
}
