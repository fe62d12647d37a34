//! A phrase as numbers that distinguish composed music from music by people.
//!
//! A [`Facet`] is one part, the recognised harmony, or the relation of the parts to each other. Its traits are numbers
//! with names, by themselves neither good nor bad. Time is read on the grid of [`STEPS_PER_BEAT`] steps, velocity is
//! not read, and chords are recognised from the notes, so that phrases with symbols and without can be compared.

mod drumming;

mod ensemble;

mod harmony;

mod line;

mod repetition;

mod rhythm;

mod sample;

mod voicing;

use serde::{Deserialize, Serialize};

use super::STEPS_PER_BEAT;
use super::analysis::recognise_chords;
use super::phrase::{Part, Phrase};
use super::progression::Progression;
use super::quality::Line;

pub use sample::Trait;

use sample::Sample;

/// The aspect of a phrase that a group of traits describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Facet {
    /// The drums.
    Drums,
    /// The bass.
    Bass,
    /// The chord part.
    Chords,
    /// The arpeggio.
    Arpeggio,
    /// The melody.
    Melody,
    /// The chords recognised from all pitched parts.
    Harmony,
    /// The pitched parts in relation to each other.
    Ensemble,
}

impl Facet {
    /// Every facet; the place is the facet's index.
    pub const ALL: [Self; 7] =
        [Self::Drums, Self::Bass, Self::Chords, Self::Arpeggio, Self::Melody, Self::Harmony, Self::Ensemble];

    /// The place in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Lower-case English name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Harmony => "harmony",
            Self::Ensemble => "ensemble",
            Self::Drums | Self::Bass | Self::Chords | Self::Arpeggio | Self::Melody => self.parts()[0].name(),
        }
    }

    /// The parts that the facet is measured from.
    pub const fn parts(self) -> &'static [Part] {
        match self {
            Self::Drums => &[Part::Drums],
            Self::Bass => &[Part::Bass],
            Self::Chords => &[Part::Chords],
            Self::Arpeggio => &[Part::Arpeggio],
            Self::Melody => &[Part::Melody],
            Self::Harmony => &[Part::Bass, Part::Chords, Part::Arpeggio],
            Self::Ensemble => &[Part::Bass, Part::Chords, Part::Arpeggio, Part::Melody],
        }
    }
}

/// The traits of a phrase, indexed by `[facet_idx]`. A facet always has the same traits in the same order; it is `None`
/// where there is too little to measure: less than a note a bar, or two of drums, or more than one empty bar of eight.
pub type Traits = [Option<Vec<Trait>>; Facet::ALL.len()];

/// Measures the traits of `phrase`.
pub fn traits(phrase: &Phrase) -> Traits {
    let lines = Part::ALL.map(|part| Line::new(phrase, part).map(snapped).filter(is_enough));
    let has_harmony = [Part::Chords, Part::Arpeggio].iter().any(|part| lines[part.index()].is_some());
    let chords = if has_harmony {
        Progression::new(recognise_chords(phrase).into_iter().map(|chord| chord.span).collect())
    } else {
        Progression::default()
    };
    let sample = Sample { key: phrase.frame().key, chords, lines };
    Facet::ALL.map(|facet| match facet {
        Facet::Harmony => harmony::traits(&sample),
        Facet::Ensemble => ensemble::traits(&sample),
        _ => sample.line(facet.parts()[0]).map(|line| of_line(&sample, line)),
    })
}

/// Drums quantised to the coarser grid that fits best, all sixteenths or all eighth triplets, since drummers are early
/// and late by more than a step.
fn snapped(mut line: Line) -> Line {
    if !line.part.is_drums() {
        return line;
    }
    let off = |step: u32, grid: u32| (step % grid).min(grid - step % grid);
    let error = |grid: &u32| line.notes.iter().map(|note| off(note.step, *grid)).sum::<u32>();
    let grid = [STEPS_PER_BEAT / 4, STEPS_PER_BEAT / 3].into_iter().min_by_key(error).unwrap_or(1);
    let last = line.n_bars * line.meter.bar_steps() - 1;
    for note in &mut line.notes {
        let step = (note.step + grid / 2) / grid * grid;
        note.step = if step > last { step - grid } else { step };
        note.end = note.step + 1;
    }
    line.notes.sort_by_key(|note| (note.step, note.pitch));
    line.notes.dedup();
    line
}

/// Whether `line` has enough notes and few enough empty bars to be measured.
fn is_enough(line: &Line) -> bool {
    let least = if line.part.is_drums() { 2 * line.n_bars } else { line.n_bars };
    let n_empty = (0..line.n_bars).filter(|bar| line.bar(*bar).is_empty()).count();
    u32::try_from(line.notes.len()).is_ok_and(|n| n >= least)
        && u32::try_from(n_empty).is_ok_and(|n| 8 * n <= line.n_bars)
}

fn of_line(sample: &Sample, line: &Line) -> Vec<Trait> {
    let mut traits = rhythm::traits(line);
    traits.extend(repetition::traits(line));
    if line.part.is_drums() {
        traits.extend(drumming::traits(line));
        return traits;
    }
    traits.extend(line::traits(sample, line));
    match line.part {
        Part::Chords | Part::Arpeggio => traits.extend(voicing::traits(line)),
        Part::Bass => traits.extend(harmony::bass_traits(sample, line)),
        Part::Melody | Part::Drums => {}
    }
    traits
}

#[cfg(test)]
mod tests;
