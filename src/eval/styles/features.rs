//! The features of a phrase by which styles are classified.
//!
//! Tempo, which the user sets together with a style, chord symbols and velocities are not read. The features of silent
//! parts are zeros.

use super::super::real;
use crate::music::analysis::recognise_chords;
use crate::music::measure::{PartControl, measure_part};
use crate::music::{ChordQuality, Meter, Note, Part, Phrase, STEPS_PER_BEAT};

/// Number of places of a bar.
const N_PLACES: usize = 16;

/// Steps of a beat.
const N_STEPS: usize = 12;

/// Number of sizes of a move in semitones, without direction; larger moves count as the largest.
const N_MOVES: usize = 13;

/// Groups of percussion keys by their role; the last is all others.
const DRUM_GROUPS: [&[u8]; 9] = [
    &[35, 36],
    &[38, 40],
    &[37, 39, 56, 75, 76, 77],
    &[42, 44],
    &[46],
    &[51, 53, 59],
    &[49, 52, 55, 57],
    &[41, 43, 45, 47, 48, 50],
    &[],
];

/// Upper bounds of the classes of durations, in steps: a sixteenth, an eighth, a beat, two, four; longer ones are a
/// class too.
const LENGTHS: [u32; 5] = [3, 6, 12, 24, 48];

/// Number of features of a part: whether it sounds, its controls, steps of the beat, places of the bar, durations.
const N_PART: usize = 1 + PartControl::ALL.len() + N_STEPS + N_PLACES + LENGTHS.len() + 1;

/// Number of further features of a pitched part: moves of its top line, and pitch classes over the tonic.
const N_PITCHED: usize = N_MOVES + 12;

/// Number of features of a phrase.
pub const N_TRAITS: usize =
    5 * N_PART + 4 * N_PITCHED + DRUM_GROUPS.len() * N_PLACES + ChordQuality::ALL.len() + 2 + Meter::COUNT;

/// The features of `phrase`: [`N_TRAITS`] numbers, most of them shares.
pub fn portrait(phrase: &Phrase) -> Vec<f64> {
    let mut traits = Vec::with_capacity(N_TRAITS);
    for part in Part::ALL {
        traits.extend(part_traits(phrase, part));
        if !part.is_drums() {
            traits.extend(pitched_traits(phrase, part));
        }
    }
    traits.extend(drum_traits(phrase));
    traits.extend(harmony_traits(phrase));
    traits.extend(Meter::all().map(|meter| f64::from(u8::from(meter == phrase.frame().meter))));
    debug_assert_eq!(traits.len(), N_TRAITS, "the count of traits is their sum");
    traits
}

fn part_traits(phrase: &Phrase, part: Part) -> Vec<f64> {
    let notes = phrase.notes(part);
    let bars: Vec<u32> = (0..phrase.frame().n_bars_total()).collect();
    let measures = measure_part(phrase, part, &bars);
    let control = |control| measures.as_ref().map_or(0.0, |measures| f64::from(measures.get(control)));
    let mut traits = vec![f64::from(u8::from(!notes.is_empty()))];
    traits.extend(PartControl::ALL.map(control));
    traits.extend(histogram(N_STEPS, notes, |note| {
        usize::try_from(note.onset.to_nearest_step() % STEPS_PER_BEAT).unwrap_or(0)
    }));
    traits.extend(histogram(N_PLACES, notes, |note| place(phrase, note)));
    traits.extend(histogram(LENGTHS.len() + 1, notes, |note| {
        let steps = note.duration.to_nearest_steps();
        LENGTHS.iter().position(|&longest| steps <= longest).unwrap_or(LENGTHS.len())
    }));
    traits
}

fn pitched_traits(phrase: &Phrase, part: Part) -> Vec<f64> {
    let notes = phrase.notes(part);
    // Sorted by onset then pitch: the last of an onset is its highest.
    let top: Vec<&Note> =
        notes.chunk_by(|a, b| a.onset == b.onset).filter_map(|together| together.last()).collect();
    let mut traits = histogram(N_MOVES, top.windows(2), |pair| {
        usize::from(pair[0].pitch.number().abs_diff(pair[1].pitch.number())).min(N_MOVES - 1)
    });
    let tonic = phrase.frame().key.tonic;
    traits.extend(histogram(12, notes, |note| usize::from(note.pitch.class().above(tonic))));
    traits
}

/// Strokes of each group at each place, by bar, at most two.
fn drum_traits(phrase: &Phrase) -> Vec<f64> {
    let mut strokes = vec![0.0; DRUM_GROUPS.len() * N_PLACES];
    let n_bars = f64::from(phrase.frame().n_bars_total());
    for note in phrase.notes(Part::Drums) {
        let key = note.pitch.number();
        let group = DRUM_GROUPS.iter().position(|keys| keys.contains(&key)).unwrap_or(DRUM_GROUPS.len() - 1);
        let stroke: &mut f64 = &mut strokes[group * N_PLACES + place(phrase, note)];
        *stroke = (*stroke + 1.0 / n_bars).min(2.0);
    }
    strokes
}

/// Share of the time of each kind of recognised chord; changes of chord a bar, divided by four; whether the mode is
/// minor.
fn harmony_traits(phrase: &Phrase) -> Vec<f64> {
    let mut traits = vec![0.0; ChordQuality::ALL.len()];
    let chords = recognise_chords(phrase);
    let whole = phrase.frame().duration().to_beats();
    for span in chords.iter().map(|chord| chord.span) {
        if let Some(chord) = span.chord {
            traits[chord.quality.index()] += span.duration.to_beats() / whole;
        }
    }
    traits.push(real(chords.len()) / f64::from(phrase.frame().n_bars_total()) / 4.0);
    traits.push(f64::from(u8::from(phrase.frame().key.mode.is_minor())));
    traits
}

/// Which of [`N_PLACES`] equal parts of its bar a note begins in, the nearest to its onset.
fn place(phrase: &Phrase, note: &Note) -> usize {
    let bar_steps = phrase.frame().meter.bar_steps();
    let step = note.onset.to_nearest_step() % bar_steps;
    usize::try_from(step).unwrap_or(0) * N_PLACES / usize::try_from(bar_steps).unwrap_or(1)
}

/// The share of `items` in each of `n` bins.
fn histogram<T>(n: usize, items: impl IntoIterator<Item = T>, bin: impl Fn(T) -> usize) -> Vec<f64> {
    let mut shares = vec![0.0; n];
    let mut n_items = 0.0;
    for item in items {
        shares[bin(item)] += 1.0;
        n_items += 1.0;
    }
    shares.iter_mut().for_each(|share| *share /= f64::max(n_items, 1.0));
    shares
}

const _: () = assert!(STEPS_PER_BEAT == 12, "the histogram of a beat has a bin for each step");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Frame, Key, Pitch, Progression, TickDuration, TickInstant};

    fn phrase(melody: &[(u32, i32)], drums: &[(u32, i32)]) -> Phrase {
        let note = |&(step, pitch): &(u32, i32)| {
            Note::new(TickInstant::from_steps(step), TickDuration::from_steps(6), Pitch::clamped(pitch), 80)
        };
        let notes = |places: &[(u32, i32)]| places.iter().map(note).collect();
        let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 100.0);
        let parts = [notes(drums), vec![], vec![], vec![], notes(melody)];
        Phrase::new(frame, Progression::default(), parts).unwrap()
    }

    #[test]
    fn portraits_are_finite_and_differ_between_phrases() {
        let tune: &[(u32, i32)] = &[(0, 60), (12, 64), (24, 67), (48, 72), (56, 71), (60, 69)];
        let beat: &[(u32, i32)] = &[(0, 36), (12, 38), (24, 36), (36, 38), (48, 36), (60, 38)];
        let portraits =
            [(tune, beat), (&tune[..5], beat), (tune, &beat[..5]), (&[], beat), (tune, &[]), (&[], &[])]
                .map(|(melody, drums)| portrait(&phrase(melody, drums)));
        for (idx, one) in portraits.iter().enumerate() {
            assert_eq!(one.len(), N_TRAITS);
            assert!(one.iter().all(|value| (0.0..=2.0).contains(value)), "{one:?}");
            assert!(portraits[..idx].iter().all(|other| other != one), "portrait {idx}");
        }
    }
}
