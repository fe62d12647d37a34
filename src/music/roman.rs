//! Chords as degrees of a key: `ii7`, `bVII`, `vii°`, `V7/V`.
//!
//! A numeral in upper case has a major third, in lower case a minor one; a quality follows it as in chord names. A
//! numeral without accidental is a degree of the key's own scale: `VI` in A minor is F. An accidental alters the degree
//! of the major scale, so that `bVI` in A minor is F too. `vii°` of a minor key has the leading tone as its root. After
//! a slash follows the degree that the chord leads to: `V7/ii` of C major is A7.

use super::chord::{Chord, ChordQuality};
use super::pitch::PitchClass;
use super::scale::{Key, Mode};

/// Numerals, no one before another that begins with it.
const NUMERALS: [(&str, usize); 7] =
    [("VII", 6), ("III", 2), ("IV", 3), ("VI", 5), ("II", 1), ("V", 4), ("I", 0)];

/// The chord that the numeral `symbol` names in `key`; `None` for other text.
pub fn chord_of(symbol: &str, key: Key) -> Option<Chord> {
    let (symbol, key) = match symbol.rsplit_once('/') {
        None => (symbol, key),
        Some((symbol, target)) => {
            let target = Degree::read(target).filter(|target| target.rest.is_empty())?;
            let mode = if target.is_upper { Mode::Major } else { Mode::Minor };
            (symbol, Key::new(target.root(key), mode))
        }
    };
    let degree = Degree::read(symbol)?;
    Some(Chord::new(degree.root(key), degree.quality()?))
}

/// The numeral of `chord` in `key`, its bass left out: the shortest that [`chord_of`] reads as that chord.
pub fn numeral_of(chord: Chord, key: Key) -> String {
    let symbol = chord.quality.symbol();
    let is_lower = chord.quality.is_minor();
    let rest = if is_lower { symbol.strip_prefix('m').unwrap_or(symbol) } else { symbol };
    let rest = match chord.quality {
        ChordQuality::Diminished => "°",
        ChordQuality::DiminishedSeventh => "°7",
        ChordQuality::HalfDiminished => "ø7",
        ChordQuality::MinorMajorSeventh => "maj7",
        _ => rest,
    };
    let chord = Chord::new(chord.root, chord.quality);
    let mut numerals: Vec<&str> = NUMERALS.map(|(numeral, _)| numeral).to_vec();
    numerals.sort_by_key(|numeral| numeral.len());
    let names = ["", "b", "#"].into_iter().flat_map(|sign| {
        numerals.iter().map(move |numeral| {
            let numeral = if is_lower { numeral.to_lowercase() } else { (*numeral).to_owned() };
            format!("{sign}{numeral}{rest}")
        })
    });
    let mut names = names.filter(|name| chord_of(name, key) == Some(chord));
    // Every root is a degree, or one raised or lowered.
    names.next().unwrap_or_else(|| chord.to_string())
}

/// A numeral with its accidentals and what follows it.
struct Degree<'a> {
    /// Semitones that the accidentals raise it.
    raised: i32,
    /// Place in the scale, 0 to 6.
    place: usize,
    is_upper: bool,
    rest: &'a str,
}

impl<'a> Degree<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let numeral = text.trim_start_matches(['b', '♭', '#', '♯']);
        let accidentals = &text[..text.len() - numeral.len()];
        let raised = accidentals.chars().map(|sign| if matches!(sign, 'b' | '♭') { -1 } else { 1 }).sum();
        NUMERALS.iter().find_map(|&(name, place)| {
            let upper = numeral.strip_prefix(name).map(|rest| (true, rest));
            let either = upper.or_else(|| Some((false, numeral.strip_prefix(name.to_lowercase().as_str())?)));
            either.map(|(is_upper, rest)| Self { raised, place, is_upper, rest })
        })
    }

    fn root(&self, key: Key) -> PitchClass {
        let of_scale = i32::from(key.mode.degrees()[self.place]);
        let of_major = i32::from(Mode::Major.degrees()[self.place]);
        let leads = self.place == 6 && !self.is_upper && self.quality().is_some_and(is_diminished);
        let semitones = match self.raised {
            0 if leads => 11,
            0 => of_scale,
            raised if raised < 0 => of_major + raised,
            raised => of_scale.min(of_major) + raised,
        };
        key.tonic.up(u8::try_from(semitones.rem_euclid(12)).unwrap_or(0))
    }

    fn quality(&self) -> Option<ChordQuality> {
        let plain = || ChordQuality::from_symbol(self.rest);
        if self.is_upper {
            return plain();
        }
        match self.rest {
            "maj7" | "M7" | "Δ" | "Δ7" => Some(ChordQuality::MinorMajorSeventh),
            rest => ChordQuality::from_symbol(&format!("m{rest}")).or_else(plain),
        }
    }
}

fn is_diminished(quality: ChordQuality) -> bool {
    quality.tones().contains(&3) && quality.tones().contains(&6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_are_degrees_of_the_key() {
        let rows = [
            ("C major", "I vi IV V", "C Am F G"),
            ("C major", "ii7 V7 Imaj7 IVmaj9", "Dm7 G7 Cmaj7 Fmaj9"),
            ("C major", "vii° viiø7 bVII #iv°7 bIII+", "Bdim Bm7b5 Bb Gbdim7 Ebaug"),
            ("C major", "V7/V V/vi ii7/IV vii°7/ii", "D7 E Gm7 Dbdim7"),
            ("G major", "Isus4 V7sus4 vi9 iii11", "Gsus4 D7sus4 Em9 Bm11"),
            ("A minor", "i bVII bVI V7", "Am G F E7"),
            ("A minor", "i VI III VII iv", "Am F C G Dm"),
            ("A minor", "ii° viio7 imaj7 v7 #vi°", "Bdim Abdim7 AmMaj7 Em7 Gbdim"),
            ("D dorian", "i IV bVI", "Dm G Bb"),
        ];
        for (key, numerals, names) in rows {
            let key: Key = key.parse().unwrap();
            for (numeral, name) in numerals.split(' ').zip(names.split(' ')) {
                let chord = chord_of(numeral, key).map(|chord| chord.to_string());
                assert_eq!(chord.as_deref(), Some(name), "{numeral} in {key}");
            }
        }
    }

    #[test]
    fn every_chord_has_a_numeral_in_every_key() {
        for mode in [Mode::Major, Mode::Minor, Mode::Dorian, Mode::Lydian] {
            let key = Key::new(PitchClass::new(2), mode);
            for root in 0..12 {
                for quality in ChordQuality::ALL {
                    let chord = Chord::new(PitchClass::new(root), *quality);
                    let numeral = numeral_of(chord, key);
                    assert_eq!(chord_of(&numeral, key), Some(chord), "{chord} is {numeral} in {key}");
                }
            }
        }
        let minor: Key = "D minor".parse().unwrap();
        for (name, numeral) in
            [("Dm7", "i7"), ("Bbmaj7", "VImaj7"), ("F", "III"), ("C7", "VII7"), ("A7", "V7")]
        {
            assert_eq!(numeral_of(name.parse().unwrap(), minor), numeral);
        }
    }

    #[test]
    fn what_is_no_numeral_is_none() {
        for text in ["", "C", "Bb", "VIII", "Vi", "bX", "b", "IVx", "V7/", "V7/H", "V/V7", "Dm7"] {
            assert_eq!(chord_of(text, Key::C_MAJOR), None, "{text}");
        }
    }
}
