//! Chords that fit a melody at a place, for a user to choose from.

use super::chord::{Chord, ChordQuality};
use super::phrase::{Part, Phrase};
use super::scale::Key;
use super::time::TickInstant;

/// Intervals of the dominants of other degrees, in semitones above the tonic: of the second, the fifth and the sixth.
const DOMINANTS: [u8; 3] = [9, 2, 4];

/// What a chord of the key is worth in shares of the melody: others have to fit better.
const IN_KEY: f64 = 0.25;

/// The chords that fit best in `phrase` at `at`, the best first: those of the key as triads and sevenths, the dominants of
/// other degrees and the lowered seventh, ordered by the share of the melody that are chord tones.
///
/// The share counts the melody's ticks under the chord that sounds there, in a bar without chords those of the bar.
pub fn fitting(phrase: &Phrase, at: TickInstant) -> Vec<Chord> {
    let frame = phrase.frame();
    let bar = frame.bar_of(at);
    let (start, end) = match phrase.progression().at(at) {
        Some(span) => (span.onset, span.end()),
        None => (frame.bar_start(bar), frame.bar_start(bar + 1)),
    };
    let sounding =
        |onset: TickInstant, note_end: TickInstant| note_end.min(end).0.saturating_sub(onset.max(start).0);
    let notes = || {
        phrase.notes(Part::Melody).iter().map(|note| (note.pitch.class(), sounding(note.onset, note.end())))
    };
    let total: u32 = notes().map(|(_, ticks)| ticks).sum();
    let fit = |chord: &Chord| {
        let inside: u32 = notes().filter(|(class, _)| chord.contains(*class)).map(|(_, ticks)| ticks).sum();
        let share = if total == 0 { 0.0 } else { f64::from(inside) / f64::from(total) };
        share + if is_in_key(*chord, frame.key) { IN_KEY } else { 0.0 }
    };
    let now = phrase.progression().at(at).and_then(|span| span.chord);
    let mut chords: Vec<Chord> =
        candidates(frame.key).into_iter().filter(|chord| Some(*chord) != now).collect();
    chords.sort_by(|one, other| fit(other).total_cmp(&fit(one)));
    chords
}

/// Triads and sevenths on the degrees of `key`, dominants of other degrees and the major chord on the lowered seventh.
fn candidates(key: Key) -> Vec<Chord> {
    let mut chords = Vec::new();
    for qualities in [
        [ChordQuality::Major, ChordQuality::Minor, ChordQuality::Diminished].as_slice(),
        &[
            ChordQuality::MajorSeventh,
            ChordQuality::Seventh,
            ChordQuality::MinorSeventh,
            ChordQuality::HalfDiminished,
        ],
    ] {
        for degree in key.mode.degrees() {
            let of_degree = qualities.iter().map(|quality| Chord::new(key.tonic.up(degree), *quality));
            chords.extend(of_degree.filter(|chord| is_in_key(*chord, key)));
        }
    }
    // In minor the dominant has a raised third.
    let others =
        [7].into_iter().chain(DOMINANTS).map(|up| Chord::new(key.tonic.up(up), ChordQuality::Seventh));
    let lowered = Chord::new(key.tonic.up(10), ChordQuality::Major);
    for chord in others.chain([lowered]) {
        if !chords.contains(&chord) {
            chords.push(chord);
        }
    }
    chords
}

fn is_in_key(chord: Chord, key: Key) -> bool {
    chord.quality.tones().iter().all(|tone| key.contains(chord.root.up(*tone)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Frame, Meter, Note, Pitch, Progression, TickDuration};

    #[test]
    fn what_has_the_melodys_notes_comes_first_and_what_sounds_is_left_out() {
        let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 100.0);
        let note = |beat: u32, pitch: u8| {
            Note::new(TickInstant(beat * 960), TickDuration(960), Pitch::new(pitch).unwrap(), 90)
        };
        let melody = vec![note(0, 72), note(1, 69), note(2, 65), note(3, 65), note(4, 71), note(5, 74)];
        let parts = [vec![], vec![], vec![], vec![], melody];
        let chords = Progression::parse("C | G", Meter::COMMON, 2).unwrap();
        let phrase = Phrase::new(frame, chords, parts).unwrap();
        let names = |at: u32| -> Vec<String> {
            fitting(&phrase, TickInstant(at)).iter().take(3).map(Chord::to_string).collect()
        };
        assert_eq!(names(0), ["F", "Dm7", "Fmaj7"]);
        assert_eq!(names(4 * 960)[0], "Bdim");
        assert!(!fitting(&phrase, TickInstant(0)).contains(&"C".parse().unwrap()));
        // Dominants are on offer in minor, too, and no chord twice.
        let minor: Key = "A minor".parse().unwrap();
        let all = candidates(minor);
        assert!(all.contains(&"E7".parse().unwrap()));
        assert!((1..all.len()).all(|idx| !all[..idx].contains(&all[idx])));
    }
}
