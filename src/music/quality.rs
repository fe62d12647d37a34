//! How well made a phrase is, as measured from its notes.
//!
//! A [`Quality`] is a number computed from one part; by itself it is neither good nor bad. [`References`] are the
//! distributions of the qualities among real phrases: a value in either tail of the distribution of its style is a flaw.
//! An [`Aspect`] is a group of qualities, and a [`Fault`] is a flaw that a musician would name.
//!
//! Time is read on the grid of [`STEPS_PER_BEAT`](super::STEPS_PER_BEAT) steps; velocity is not read at all. Chords are
//! recognised from the notes ([`recognise_chords`]), never read from symbols, so that phrases with symbols and without
//! can be compared. Values are rounded to four decimals, so that equal values stay equal after they are stored.

mod fault;

mod harmonic;

mod line;

mod melodic;

mod nearness;

mod outer;

mod quantiles;

mod ratio;

mod references;

mod rhythmic;

mod structural;

use super::analysis::recognise_chords;
use super::phrase::{Part, Phrase};
use super::progression::Progression;

pub use fault::{Fault, faults};
pub use nearness::{N_BARS as N_COMPARED_BARS, Nearest, Origin};
pub use quantiles::Place;
pub use references::{Counter, References, ReferencesError, Usual};

pub(super) use line::{GridNote, Line};
pub(super) use ratio::{likeness, real};

use ratio::share;

/// A group of qualities, for each of which a phrase gets one percentile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Do the pitches fit the chords, the key and each other?
    Harmonic,
    /// Do the onsets fit the grid, the bars before and the other parts?
    Rhythmic,
    /// Is there a line: neither frozen nor wandering?
    Melodic,
    /// Are there bars that answer each other, none of them a hole, and an end?
    Structural,
}

impl Aspect {
    /// Every aspect; the place is the aspect's index.
    pub const ALL: [Self; 4] = [Self::Harmonic, Self::Rhythmic, Self::Melodic, Self::Structural];

    /// The place in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Lower-case English name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Harmonic => "harmony",
            Self::Rhythmic => "rhythm",
            Self::Melodic => "melody",
            Self::Structural => "structure",
        }
    }
}

/// A number measured from one part of a phrase. Shares are `0.0..=1.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Share of the notes that begin on a felt beat which are tones of the recognised chord.
    ChordTones,
    /// Share of the sounding time whose pitch classes belong to the key.
    ScaleTones,
    /// Mean roughness against the other pitched parts while they sound together: 1 for a minor second or ninth, a
    /// quarter for a major seventh, 0 for all else (the tritone has its place in every dominant).
    Roughness,
    /// Share of onsets on the finer grid that fits best: all sixteenths, or all eighth triplets.
    OnGrid,
    /// Mean Dice coefficient of the onset sets of neighbouring bars; of drums each key by itself.
    Groove,
    /// Share of onsets at which another part has an onset too.
    Agreement,
    /// Onsets per felt beat.
    Density,
    /// Mean notes of an onset.
    Voices,
    /// Share of the moves from onset to onset that repeat the same pitches.
    Repeats,
    /// Longest run of bars with at most two different pitches, as a share of the bars.
    Freeze,
    /// Share of leaps of a fourth or more that are followed by a repetition, a step, or a move back.
    LeapsRecovered,
    /// Share of the sounding time on tones of the tonic triad.
    Stability,
    /// Share of the three-note figures (direction and size class of both moves, both distances in time) that come more
    /// than once.
    Figures,
    /// Semitones from the lowest to the highest pitch.
    Span,
    /// Mean over the bars after the first of the similarity to the most similar bar before: the mean of the Dice
    /// coefficients of onsets and of onsets with pitches.
    SelfSimilarity,
    /// Share of bars in which nothing sounds.
    EmptyBars,
    /// Onsets of the last bar divided by those of a mean bar, at most 2.
    Ending,
    /// Of a melody: share of its moves over another lowest pitch in which both go the same way and keep a fifth or an
    /// octave between them.
    Parallels,
    /// Of a melody: share of its onsets under chords at which it is lower than all of their notes.
    Buried,
    /// Of a bass: share of its notes that sound on through two changes of the recognised chord.
    HeldOver,
    /// Of drums: share of the bars with drums in which a snare or clap sounds on an even beat.
    Backbeat,
    /// Of drums: share of the bars with drums in which a kick sounds on every felt beat.
    FourFloor,
    /// Share of the bars in the silence at the end.
    Quits,
}

impl Quality {
    /// Every quality; the place is the quality's index.
    pub const ALL: [Self; 23] = [
        Self::ChordTones,
        Self::ScaleTones,
        Self::Roughness,
        Self::OnGrid,
        Self::Groove,
        Self::Agreement,
        Self::Density,
        Self::Voices,
        Self::Repeats,
        Self::Freeze,
        Self::LeapsRecovered,
        Self::Stability,
        Self::Figures,
        Self::Span,
        Self::SelfSimilarity,
        Self::EmptyBars,
        Self::Ending,
        Self::Parallels,
        Self::Buried,
        Self::HeldOver,
        Self::Backbeat,
        Self::FourFloor,
        Self::Quits,
    ];

    /// The place in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The aspect that the quality belongs to.
    pub const fn aspect(self) -> Aspect {
        match self {
            Self::ChordTones
            | Self::ScaleTones
            | Self::Roughness
            | Self::Parallels
            | Self::Buried
            | Self::HeldOver => Aspect::Harmonic,
            Self::OnGrid
            | Self::Groove
            | Self::Agreement
            | Self::Density
            | Self::Voices
            | Self::Backbeat
            | Self::FourFloor => Aspect::Rhythmic,
            Self::Repeats
            | Self::Freeze
            | Self::LeapsRecovered
            | Self::Stability
            | Self::Figures
            | Self::Span => Aspect::Melodic,
            Self::SelfSimilarity | Self::EmptyBars | Self::Ending | Self::Quits => Aspect::Structural,
        }
    }
}

/// The qualities of one part; `None` where there is too little to measure. Indexed by `[quality_idx]`.
pub type PartQualities = [Option<f64>; Quality::ALL.len()];

/// The qualities of a phrase.
#[derive(Debug, Clone, PartialEq)]
pub struct Qualities {
    /// Indexed by `[part_idx]`; `None` where nothing sounds.
    parts: [Option<PartQualities>; 5],
}

impl Qualities {
    /// Measures every part that sounds.
    pub fn of(phrase: &Phrase) -> Self {
        let lines = Part::ALL.map(|part| Line::new(phrase, part));
        let chords = recognise_chords(phrase).into_iter().map(|chord| chord.span).collect();
        let ensemble = Ensemble { phrase, chords: Progression::new(chords), lines: &lines };
        let measured = |line: &Line| {
            Quality::ALL
                .map(|quality| ensemble.measure(line, quality).map(|value| (value * 1e4).round() / 1e4))
        };
        Self { parts: [0, 1, 2, 3, 4].map(|idx: usize| lines[idx].as_ref().map(measured)) }
    }

    /// The value of `quality` in `part`; `None` where there is too little to measure.
    pub fn get(&self, part: Part, quality: Quality) -> Option<f64> {
        self.parts[part.index()]?[quality.index()]
    }

    /// The parts that sound, in stream order.
    pub fn parts(&self) -> impl Iterator<Item = Part> + '_ {
        Part::ALL.into_iter().filter(|part| self.parts[part.index()].is_some())
    }
}

/// A phrase with what its qualities are measured against.
struct Ensemble<'a> {
    phrase: &'a Phrase,
    /// As recognised from the notes.
    chords: Progression,
    /// Indexed by `[part_idx]`; `None` where nothing sounds.
    lines: &'a [Option<Line>; 5],
}

impl Ensemble<'_> {
    fn measure(&self, line: &Line, quality: Quality) -> Option<f64> {
        let is_pitched = !line.part.is_drums();
        match quality {
            Quality::ChordTones if is_pitched => harmonic::chord_tones(self.phrase, &self.chords, line),
            Quality::ScaleTones if is_pitched => Some(harmonic::scale_tones(self.phrase, line)),
            Quality::Roughness if is_pitched => harmonic::roughness(line, self.others(line.part)),
            Quality::OnGrid => rhythmic::on_grid(line),
            Quality::Groove => rhythmic::groove(line),
            Quality::Agreement => rhythmic::agreement(line, self.others(line.part)),
            Quality::Density => Some(rhythmic::density(line)),
            Quality::Voices => share(line.notes.len(), line.onsets().len()),
            Quality::Repeats if is_pitched => melodic::repeats(line),
            Quality::Freeze if is_pitched => Some(melodic::freeze(line)),
            Quality::LeapsRecovered if is_pitched => melodic::leaps_recovered(line),
            Quality::Stability if is_pitched => Some(harmonic::stability(self.phrase, line)),
            Quality::Figures if is_pitched => melodic::figures(line),
            Quality::Span if is_pitched => Some(melodic::span(line)),
            Quality::SelfSimilarity => structural::self_similarity(line),
            Quality::EmptyBars => structural::empty_bars(line),
            Quality::Ending => structural::ending(line),
            Quality::Parallels if line.part == Part::Melody => outer::parallels(line, self.others(line.part)),
            Quality::Buried if line.part == Part::Melody => {
                outer::buried(line, self.lines[Part::Chords.index()].as_ref()?)
            }
            Quality::HeldOver if line.part == Part::Bass => outer::held_over(line, &self.chords),
            Quality::Backbeat if line.part.is_drums() => rhythmic::backbeat(line),
            Quality::FourFloor if line.part.is_drums() => rhythmic::four_floor(line),
            Quality::Quits => structural::quits(line),
            _ => None,
        }
    }

    fn others(&self, part: Part) -> impl Iterator<Item = &Line> + Clone {
        self.lines.iter().flatten().filter(move |line| line.part != part)
    }
}

#[cfg(test)]
mod tests;
