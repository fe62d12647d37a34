//! Chords as pitches: voicings with voice leading, bass notes, steps of the scale.

use super::idiom::{Colour, Voicing};
use crate::music::{Chord, ChordQuality, ChordSpan, Key, Pitch, PitchClass, Progression, TickDuration};

/// `chord` with its quality changed by `colour`.
pub fn coloured(chord: Chord, key: Key, colour: Colour) -> Chord {
    use ChordQuality as Q;
    let is_triad = matches!(chord.quality, Q::Major | Q::Minor | Q::Diminished | Q::Power);
    let has = |semitones: u8| key.contains(chord.root.up(semitones));
    let quality = match (colour, chord.quality) {
        (Colour::Sevenths, Q::Major) if has(11) && !has(10) => Q::MajorSeventh,
        (Colour::Sevenths, Q::Major) => Q::Seventh,
        (Colour::Sevenths | Colour::Dominant, Q::Minor) => Q::MinorSeventh,
        (Colour::Sevenths, Q::Diminished) => Q::HalfDiminished,
        (Colour::Dominant, Q::Major | Q::Power) => Q::Seventh,
        (Colour::Triads, quality) if !is_triad => match quality.tones() {
            tones if tones.contains(&4) => Q::Major,
            tones if tones.contains(&3) && tones.contains(&6) => Q::Diminished,
            tones if tones.contains(&3) => Q::Minor,
            _ => quality,
        },
        (_, quality) => quality,
    };
    Chord { quality, ..chord }
}

/// `progression` with qualities changed by `colour`; the chord before replaces each that is shorter than `shortest`.
pub fn prepared(progression: &Progression, key: Key, colour: Colour, shortest: TickDuration) -> Progression {
    let mut spans: Vec<ChordSpan> = Vec::new();
    for span in progression.spans() {
        let chord = span.chord.map(|chord| coloured(chord, key, colour));
        match spans.last_mut() {
            Some(last) if last.end() >= span.onset && (span.duration < shortest || last.chord == chord) => {
                last.duration = span.end().since(last.onset);
            }
            _ => spans.push(ChordSpan { chord, ..*span }),
        }
    }
    Progression::new(spans)
}

/// The pitches of `chord` inside `range`, ascending, as near to `before` as possible.
///
/// `before` — the pitches of the chord before; empty at the start, which begins in the middle of the range.
pub fn voiced(chord: Chord, voicing: Voicing, n_voices: u32, range: [u8; 2], before: &[Pitch]) -> Vec<Pitch> {
    let classes = classes(chord, voicing, n_voices);
    let middle = f64::from(u16::from(range[0]) + u16::from(range[1])) / 2.0;
    let target = if before.is_empty() { middle } else { 0.7 * mean(before) + 0.3 * middle };
    let stack = |lowest: u8| -> Option<Vec<Pitch>> {
        let first =
            classes.iter().position(|&class| Pitch::new(lowest).is_some_and(|p| p.class() == class))?;
        let mut at = i32::from(lowest);
        let mut pitches = vec![Pitch::new(lowest)?];
        for idx in 1..usize::try_from(n_voices).ok()?.max(1) {
            let class = classes[(first + idx) % classes.len()];
            let above = i32::from(class.above(Pitch::clamped(at).class()));
            at += if above == 0 { 12 } else { above };
            pitches.push(Pitch::new(u8::try_from(at).ok()?)?);
        }
        if voicing == Voicing::Open && pitches.len() > 2 {
            let second = pitches.len() - 2;
            pitches[second] = pitches[second].transposed(-12)?;
            pitches.sort_unstable();
        }
        let fits = pitches.iter().all(|pitch| (range[0]..=range[1]).contains(&pitch.number()));
        fits.then_some(pitches)
    };
    let roots_below = voicing == Voicing::Power;
    let candidates = (range[0]..=range[1]).filter_map(stack);
    let candidates = candidates.filter(|pitches| !roots_below || pitches[0].class() == chord.root);
    let far = |pitches: &Vec<Pitch>| (mean(pitches) - target).abs();
    candidates.min_by(|a, b| far(a).total_cmp(&far(b))).unwrap_or_else(|| {
        let low = Pitch::clamped(i32::from(range[0]));
        vec![nearest_of(low, |class| chord.contains(class))]
    })
}

/// The pitch classes of the voices, in ascending order from the first.
fn classes(chord: Chord, voicing: Voicing, n_voices: u32) -> Vec<PitchClass> {
    let tones = chord.quality.tones();
    let mut kept: Vec<u8> = match voicing {
        Voicing::Power => tones.iter().copied().filter(|tone| matches!(tone, 0 | 6..=8)).collect(),
        Voicing::Shell if tones.len() > 3 => tones.iter().copied().filter(|&tone| tone != 0).collect(),
        _ => tones.to_vec(),
    };
    // The fifth is left out first, then tensions.
    while kept.len() > usize::try_from(n_voices).unwrap_or(1).max(1) {
        let fifth = kept.iter().position(|&tone| tone == 7);
        let colour = kept.iter().position(|tone| matches!(tone, 1 | 2 | 5 | 9));
        kept.remove(fifth.or(colour).unwrap_or(kept.len() - 1));
    }
    kept.into_iter().map(|tone| chord.root.up(tone)).collect()
}

/// Mean note number.
fn mean(pitches: &[Pitch]) -> f64 {
    let sum: f64 = pitches.iter().map(|pitch| f64::from(pitch.number())).sum();
    sum / f64::from(u32::try_from(pitches.len()).unwrap_or(1).max(1))
}

/// The pitch of `class` in the octave from `lowest` on.
pub fn above(class: PitchClass, lowest: u8) -> Pitch {
    let low = Pitch::clamped(i32::from(lowest));
    Pitch::clamped(i32::from(lowest) + i32::from(class.above(low.class())))
}

/// The nearest pitch to `pitch` for whose class `is_wanted` is true, the lower of two; `pitch` itself if there is none.
pub fn nearest_of(pitch: Pitch, is_wanted: impl Fn(PitchClass) -> bool) -> Pitch {
    let found =
        (0..12).flat_map(|by| [-by, by]).find_map(|by| pitch.transposed(by).filter(|p| is_wanted(p.class())));
    found.unwrap_or(pitch)
}

/// The next pitch above (`by` 1) or below (`by` -1) for whose class `is_wanted` is true.
pub fn next_of(pitch: Pitch, by: i32, is_wanted: impl Fn(PitchClass) -> bool) -> Pitch {
    (1..=12).find_map(|n| pitch.transposed(by * n).filter(|p| is_wanted(p.class()))).unwrap_or(pitch)
}

/// Whether `class` is of the scale over `chord`: a chord tone, or a note of the key that is not a half step from a
/// chord tone outside the key.
pub fn is_scale(class: PitchClass, key: Key, chord: Option<Chord>) -> bool {
    let Some(chord) = chord else { return key.contains(class) };
    if chord.contains(class) {
        return true;
    }
    let foreign = |semitones: u8| {
        let neighbour = class.up(semitones);
        chord.contains(neighbour) && !key.contains(neighbour)
    };
    key.contains(class) && !foreign(1) && !foreign(11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chord(symbol: &str) -> Chord {
        symbol.parse().unwrap()
    }

    #[test]
    fn voicings_stay_in_range_and_lead_on() {
        for symbols in [["C", "F", "G7", "Am"], ["Dm7", "G7", "Cmaj7", "A7b9"], ["C5", "F5", "G5", "A5"]] {
            for voicing in [Voicing::Close, Voicing::Open, Voicing::Shell, Voicing::Power] {
                let mut before: Vec<Pitch> = Vec::new();
                for symbol in symbols {
                    let pitches = voiced(chord(symbol), voicing, 3, [48, 76], &before);
                    assert!(pitches.is_sorted() && pitches.len() == 3, "{symbol} {voicing:?}");
                    assert!(pitches.iter().all(|p| (48..=76).contains(&p.number())));
                    assert!(
                        pitches.iter().all(|p| chord(symbol).contains(p.class())),
                        "{symbol} {voicing:?}"
                    );
                    if !before.is_empty() && voicing == Voicing::Close {
                        assert!((mean(&pitches) - mean(&before)).abs() <= 6.0, "{symbol} {voicing:?}");
                    }
                    before = pitches;
                }
            }
        }
    }

    #[test]
    fn colours() {
        let rows = [
            ("C", Colour::Sevenths, "Cmaj7"),
            ("G", Colour::Sevenths, "G7"),
            ("Dm", Colour::Sevenths, "Dm7"),
            ("F", Colour::Dominant, "F7"),
            ("Am9", Colour::Triads, "Am"),
            ("Bm7b5", Colour::Triads, "Bdim"),
            ("Gsus4", Colour::Triads, "Gsus4"),
            ("E7#9", Colour::Written, "E7#9"),
        ];
        for (from, colour, to) in rows {
            assert_eq!(coloured(chord(from), Key::C_MAJOR, colour), chord(to), "{from} {colour:?}");
        }
    }
}
