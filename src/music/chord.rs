//! Chords, their symbols and progressions.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::pitch::{PitchClass, Spelling, split_pitch_class};
use super::roman;
use super::scale::Key;
use super::time::{Meter, TickDuration, TickInstant};

/// Declares [`ChordQuality`] from one table, so that symbol, tones and aliases stand in one place.
macro_rules! chord_qualities {
    ($($name:ident, $symbol:literal, [$($tone:literal),+], [$($alias:literal),*], $count:literal;)+) => {
        /// The kind of a chord: a closed table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ChordQuality {
            $(
                #[doc = concat!("`", $symbol, "` after the root: ", $count, " symbols in the training corpus.")]
                $name,
            )+
        }

        impl ChordQuality {
            /// Every quality; the place is the quality's index.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// What follows the root in a symbol.
            pub const fn symbol(self) -> &'static str {
                match self { $(Self::$name => $symbol,)+ }
            }

            /// Semitones above the root of each chord tone, ascending from 0, taken modulo 12.
            pub const fn tones(self) -> &'static [u8] {
                match self { $(Self::$name => &[$($tone),+],)+ }
            }

            /// The quality written `symbol`, aliases included.
            pub fn from_symbol(symbol: &str) -> Option<Self> {
                match symbol {
                    $($symbol $(| $alias)* => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    };
}

// The number at the end of each line counts the symbols of that quality in the training corpus (79,810 in all,
// besides 534 N.C.). The 17 symbols rarer than those of the table are aliases of the nearest quality.
chord_qualities! {
    Major, "", [0, 4, 7], ["maj", "M", "add4"], "40,601 + 1";
    Minor, "m", [0, 3, 7], ["min", "-", "m#5"], "9,781 + 3";
    Seventh, "7", [0, 4, 7, 10], ["dom7"], "9,486";
    MinorSeventh, "m7", [0, 3, 7, 10], ["min7", "-7"], "6,030";
    Power, "5", [0, 7], [], "3,083";
    MajorSeventh, "maj7", [0, 4, 7, 11], ["M7", "Δ", "Δ7"], "2,081";
    SeventhSus4, "7sus4", [0, 5, 7, 10], ["sus4add7", "7sus", "sus4add7add9"], "1,224 + 32";
    Sixth, "6", [0, 4, 7, 9], ["maj6"], "1,038";
    Sus4, "sus4", [0, 5, 7], ["sus"], "1,017";
    AddNinth, "add9", [0, 2, 4, 7], ["add2"], "863";
    Diminished, "dim", [0, 3, 6], ["o", "°"], "608";
    MinorNinth, "m9", [0, 2, 3, 7, 10], ["min9", "-9"], "521";
    Ninth, "9", [0, 2, 4, 7, 10], ["9#11"], "508 + 3";
    MajorNinth, "maj9", [0, 2, 4, 7, 11], ["M9"], "487";
    MinorSixth, "m6", [0, 3, 7, 9], ["min6"], "348";
    Eleventh, "11", [0, 2, 5, 7, 10], ["9sus4"], "222";
    Sus2, "sus2", [0, 2, 7], [], "218";
    HalfDiminished, "m7b5", [0, 3, 6, 10], ["ø", "ø7", "min7b5", "m7♭5"], "213";
    Augmented, "aug", [0, 4, 8], ["+"], "193";
    MinorEleventh, "m11", [0, 2, 3, 5, 7, 10], ["min11"], "191";
    SeventhSharpNinth, "7#9", [0, 3, 4, 7, 10], [], "188";
    SeventhFlatNinth, "7b9", [0, 1, 4, 7, 10], ["13b9", "7♭9"], "178 + 2";
    SixNine, "69", [0, 2, 4, 7, 9], ["6/9", "6add9"], "172";
    DiminishedSeventh, "dim7", [0, 3, 6, 9], ["o7", "°7"], "165";
    AugmentedSeventh, "aug7", [0, 4, 8, 10], ["7#5", "+7", "9#5"], "132 + 1";
    MinorAddNinth, "madd9", [0, 2, 3, 7], ["madd2"], "98";
    Thirteenth, "13", [0, 2, 4, 7, 9, 10], [], "57";
    SeventhFlatFifth, "7b5", [0, 4, 6, 10], ["9b5", "7♭5", "7#11"], "38 + 2";
    MinorMajorSeventh, "mMaj7", [0, 3, 7, 11], ["mM7", "minmaj7"], "25";
}

impl ChordQuality {
    /// The place in [`Self::ALL`].
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|&quality| quality == self).unwrap_or(0)
    }

    /// Whether the third is minor.
    pub fn is_minor(self) -> bool {
        self.tones().contains(&3) && !self.tones().contains(&4)
    }
}

/// A chord: root, quality and bass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Chord {
    /// The root.
    pub root: PitchClass,
    /// The quality over the root.
    pub quality: ChordQuality,
    /// The lowest pitch class: the root unless the chord is inverted or over a foreign bass.
    pub bass: PitchClass,
}

impl Chord {
    /// A chord in root position.
    pub const fn new(root: PitchClass, quality: ChordQuality) -> Self {
        Self { root, quality, bass: root }
    }

    /// Whether `class` is a chord tone or the bass.
    pub fn contains(self, class: PitchClass) -> bool {
        class == self.bass || self.quality.tones().contains(&class.above(self.root))
    }

    /// The chord moved up by `semitones`.
    pub const fn up(self, semitones: u8) -> Self {
        Self { root: self.root.up(semitones), quality: self.quality, bass: self.bass.up(semitones) }
    }

    /// The symbol, with black keys named as `spelling` says.
    pub fn symbol(self, spelling: Spelling) -> String {
        let slash =
            if self.bass == self.root { String::new() } else { format!("/{}", self.bass.name_in(spelling)) };
        format!("{}{}{slash}", self.root.name_in(spelling), self.quality.symbol())
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.symbol(Spelling::Flats))
    }
}

/// Text that is no chord symbol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a chord symbol; write a root and a quality such as Dm7, Bbmaj7, F/A or N.C., or a degree of the key \
     such as ii7, bVII or V7/V"
)]
pub struct UnknownChord(pub String);

impl FromStr for Chord {
    type Err = UnknownChord;

    fn from_str(text: &str) -> Result<Self, UnknownChord> {
        let unknown = || UnknownChord(text.to_owned());
        let (root, rest) = split_pitch_class(text.trim()).ok_or_else(unknown)?;
        if let Some(quality) = ChordQuality::from_symbol(rest) {
            return Ok(Self::new(root, quality));
        }
        let (symbol, bass) = rest.rsplit_once('/').ok_or_else(unknown)?;
        let quality = ChordQuality::from_symbol(symbol).ok_or_else(unknown)?;
        Ok(Self { root, quality, bass: bass.parse().map_err(|_| unknown())? })
    }
}

impl TryFrom<String> for Chord {
    type Error = UnknownChord;

    fn try_from(text: String) -> Result<Self, UnknownChord> {
        text.parse()
    }
}

impl From<Chord> for String {
    fn from(chord: Chord) -> Self {
        chord.to_string()
    }
}

/// A chord, or its absence, for a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChordSpan {
    /// Where it begins.
    pub onset: TickInstant,
    /// How long it lasts, at least one tick.
    pub duration: TickDuration,
    /// The chord; `None` is N.C. (no chord).
    pub chord: Option<Chord>,
}

impl ChordSpan {
    /// Where it ends.
    pub fn end(&self) -> TickInstant {
        self.onset + self.duration
    }
}

/// Chords in order of time, without overlaps; gaps mean that the harmony there is not stated.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<ChordSpan>", into = "Vec<ChordSpan>")]
pub struct Progression(Vec<ChordSpan>);

impl Progression {
    /// Sorts `spans` by onset, shortens what runs into the next span and drops what is left empty.
    pub fn new(mut spans: Vec<ChordSpan>) -> Self {
        spans.sort_by_key(|span| span.onset);
        for idx in 1..spans.len() {
            let next = spans[idx].onset;
            let span = &mut spans[idx - 1];
            span.duration = span.duration.min(next.since(span.onset));
        }
        spans.retain(|span| span.duration > TickDuration(0));
        Self(spans)
    }

    /// The spans in order.
    pub fn spans(&self) -> &[ChordSpan] {
        &self.0
    }

    /// Whether no harmony is stated at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The span sounding at `at`.
    pub fn at(&self, at: TickInstant) -> Option<&ChordSpan> {
        let next = self.0.partition_point(|span| span.onset <= at);
        self.0.get(next.checked_sub(1)?).filter(|span| at < span.end())
    }

    /// What sounds from `start` to `end`, in time from `start`; spans that reach out are cut.
    #[must_use]
    pub fn window(&self, start: TickInstant, end: TickInstant) -> Self {
        let moved =
            |span: ChordSpan| ChordSpan { onset: span.onset - start.since(TickInstant::ZERO), ..span };
        Self(self.0.iter().filter_map(|span| cut(span, start..end)).map(moved).collect())
    }

    /// The same, beginning `by` later.
    #[must_use]
    pub fn later(&self, by: TickDuration) -> Self {
        Self(self.0.iter().map(|span| ChordSpan { onset: span.onset + by, ..*span }).collect())
    }

    /// This progression with the stretches `ranges` taken from `other`. Spans that reach over an edge are cut there.
    ///
    /// `ranges` — ascending, apart from each other.
    #[must_use]
    pub fn spliced(&self, other: &Self, ranges: &[Range<TickInstant>]) -> Self {
        let mut spans = Vec::new();
        let mut from = TickInstant::ZERO;
        for range in ranges {
            spans.extend(self.0.iter().filter_map(|span| cut(span, from..range.start)));
            spans.extend(other.0.iter().filter_map(|span| cut(span, range.clone())));
            from = range.end;
        }
        spans.extend(self.0.iter().filter_map(|span| cut(span, from..TickInstant(u32::MAX))));
        Self::new(spans)
    }

    /// Reads a progression with `|` between bars, chords separated by spaces sharing their bar's felt beats
    /// evenly; fewer bars than `n_bars` are repeated. Without a single `|`, no more chords than bars are one a bar.
    ///
    /// A bar's chords start on the felt beats: two chords in a bar of four beats change on the third. `N.C.`
    /// and `-` are no chord and the chord before.
    ///
    /// # Errors
    ///
    /// An unknown symbol, more chords in a bar than it has steps, or no chord at all.
    pub fn parse(text: &str, meter: Meter, n_bars: u32) -> Result<Self, UnknownChord> {
        Self::parse_with(text, meter, n_bars, str::parse)
    }

    /// As [`Self::parse`], where a symbol may also be a degree of `key`: see [`super::roman`].
    ///
    /// # Errors
    ///
    /// As [`Self::parse`].
    pub fn parse_in(text: &str, key: Key, meter: Meter, n_bars: u32) -> Result<Self, UnknownChord> {
        Self::parse_with(text, meter, n_bars, |symbol| {
            roman::chord_of(symbol, key).map_or_else(|| symbol.parse(), Ok)
        })
    }

    fn parse_with(
        text: &str,
        meter: Meter,
        n_bars: u32,
        read: impl Fn(&str) -> Result<Chord, UnknownChord>,
    ) -> Result<Self, UnknownChord> {
        let unknown = || UnknownChord(text.to_owned());
        let symbols = |bar: &'_ str| bar.split_whitespace().map(str::to_owned).collect::<Vec<String>>();
        let mut bars: Vec<Vec<String>> =
            text.split('|').map(symbols).filter(|symbols| !symbols.is_empty()).collect();
        if let [only] = bars.as_slice()
            && !text.contains('|')
            && u32::try_from(only.len()).is_ok_and(|n_symbols| n_symbols <= n_bars)
        {
            bars = only.iter().map(|symbol| vec![symbol.clone()]).collect();
        }
        if bars.is_empty() {
            return Err(unknown());
        }
        let mut spans: Vec<ChordSpan> = Vec::new();
        for (bar_idx, symbols) in (0..n_bars).zip(bars.iter().cycle()) {
            let n_symbols = u32::try_from(symbols.len()).map_err(|_| unknown())?;
            if n_symbols > meter.bar_steps() {
                return Err(UnknownChord(symbols.join(" ")));
            }
            let onsets = chord_onsets(meter, n_symbols);
            for (idx, symbol) in symbols.iter().enumerate() {
                let end = onsets.get(idx + 1).copied().unwrap_or(meter.bar_steps());
                let duration = TickDuration::from_steps(end - onsets[idx]);
                let onset = TickInstant::from_steps(bar_idx * meter.bar_steps() + onsets[idx]);
                match (symbol.as_str(), spans.last_mut()) {
                    ("-" | "%", Some(last)) => last.duration = last.duration + duration,
                    ("N.C." | "NC" | "N.C", _) => spans.push(ChordSpan { onset, duration, chord: None }),
                    (symbol, _) => spans.push(ChordSpan { onset, duration, chord: Some(read(symbol)?) }),
                }
            }
        }
        Ok(Self::new(spans))
    }
}

/// The piece of `span` inside `range`.
fn cut(span: &ChordSpan, range: Range<TickInstant>) -> Option<ChordSpan> {
    let (onset, end) = (span.onset.max(range.start), span.end().min(range.end));
    (onset < end).then(|| ChordSpan { onset, duration: end.since(onset), ..*span })
}

/// Where each of `n` chords in a bar begins, in steps: on felt beats while there are enough of them.
fn chord_onsets(meter: Meter, n: u32) -> Vec<u32> {
    let beats = meter.felt_beats();
    (0..n)
        .map(|idx| {
            if n <= beats {
                (idx * beats).div_ceil(n) * meter.felt_beat_steps()
            } else {
                idx * meter.bar_steps() / n
            }
        })
        .collect()
}

impl From<Vec<ChordSpan>> for Progression {
    fn from(spans: Vec<ChordSpan>) -> Self {
        Self::new(spans)
    }
}

impl From<Progression> for Vec<ChordSpan> {
    fn from(progression: Progression) -> Self {
        progression.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_print_as_they_parse() {
        for root in 0..12 {
            for &quality in ChordQuality::ALL {
                let mut chord = Chord::new(PitchClass::new(root), quality);
                assert_eq!(chord.to_string().parse(), Ok(chord));
                chord.bass = chord.root.up(4);
                assert_eq!(chord.to_string().parse(), Ok(chord));
            }
        }
    }

    #[test]
    fn a_splice_cuts_at_its_edges_and_keeps_both_sides() {
        let one = Progression::parse("C | - | - | -", Meter::COMMON, 4).unwrap();
        let other = Progression::parse("G | - | Am | -", Meter::COMMON, 4).unwrap();
        let bar = |number: u32| TickInstant(Meter::COMMON.bar_duration().0 * number);
        let spliced = one.spliced(&other, &[bar(1)..bar(3)]);
        let shown: Vec<String> = spliced
            .spans()
            .iter()
            .map(|span| {
                format!("{} {}", span.chord.unwrap(), span.duration.0 / Meter::COMMON.bar_duration().0)
            })
            .collect();
        assert_eq!(shown, ["C 1", "G 1", "Am 1", "C 1"]);
        assert_eq!(
            spliced.window(bar(1), bar(3)).later(bar(1).since(bar(0))).spans(),
            &spliced.spans()[1..3]
        );
    }

    #[test]
    fn a_progression_fills_its_bars() {
        let four = Progression::parse("Dm7 | Bbmaj7 | F C/E | N.C.", Meter::COMMON, 8).unwrap();
        assert_eq!(four.spans().len(), 10);
        let total: u32 = four.spans().iter().map(|span| span.duration.0).sum();
        assert_eq!(total, 8 * Meter::COMMON.bar_duration().0);
        assert_eq!(four.at(TickInstant::from_steps(2 * 48 + 24)).unwrap().chord.unwrap().to_string(), "C/E");
        assert!(Progression::parse("Dm7 | Hx", Meter::COMMON, 2).is_err());
        assert!(Progression::parse(" | ", Meter::COMMON, 2).is_err());
    }

    #[test]
    fn names_and_degrees_stand_in_one_progression() {
        let rows = [
            ("C major", "I vi IV V", "C Am F G"),
            ("A minor", "i | bVII | bVI | V7", "Am G F E7"),
            ("C major", "ii7 V7 | Imaj7 | F/A | -", "Dm7 G7 Cmaj7 F/A"),
            ("C major", "I - V7/V V", "C D7 G"),
        ];
        for (key, text, names) in rows {
            let key = key.parse().unwrap();
            let progression = Progression::parse_in(text, key, Meter::COMMON, 4).unwrap();
            let shown: Vec<String> =
                progression.spans().iter().filter_map(|span| Some(span.chord?.to_string())).collect();
            assert_eq!(shown.join(" "), names, "{text}");
            assert_eq!(progression.spans().iter().map(|span| span.duration.0).sum::<u32>(), 4 * 3840);
        }
        let error = Progression::parse_in("I | VIIII", Key::C_MAJOR, Meter::COMMON, 4).unwrap_err();
        assert!(error.to_string().contains("\"VIIII\"") && error.to_string().contains("bVII"), "{error}");
    }
}
