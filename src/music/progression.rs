//! Progressions: chords in order of time, and how they are written.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::chord::{Chord, UnknownChord};
use super::roman;
use super::scale::Key;
use super::time::{Meter, TickDuration, TickInstant};

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

    /// The chords from `start` to `end`, in time from `start`; spans that reach out are cut.
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
