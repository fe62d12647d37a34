//! Three statistics of a whole phrase by which symbolic music generators are compared.
//!
//! # Source
//!
//! H.-W. Dong, K. Chen, J. McAuley and T. Berg-Kirkpatrick, "MusPy: A toolkit for symbolic music generation", ISMIR
//! 2020, defines them; H.-W. Dong, K. Chen, S. Dubnov, J. McAuley and T. Berg-Kirkpatrick, "Multitrack Music
//! Transformer", ICASSP 2023, compares their means with those of held-out music: the closer, the better. The
//! implementation is our own.

use serde::Serialize;

use super::real;
use crate::music::{Mode, Part, Phrase, PitchClass};

/// The three statistics, of all parts together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Statistics {
    /// Entropy of the pitch classes of the notes in bits, `0.0..=log2(12)`; drums have none.
    pub pitch_class_entropy: f64,
    /// Share of notes in the major or minor scale that holds the most of them, `0.0..=1.0`.
    pub scale_consistency: f64,
    /// One minus the mean share of grid steps in which the onsets of neighbouring bars differ, `0.0..=1.0`.
    pub groove_consistency: f64,
}

impl Statistics {
    /// Their names, in order.
    pub const NAMES: [&str; 3] = ["pitch-class entropy", "scale consistency", "groove consistency"];

    /// Measures `phrase`; `None` without pitched notes or with a single bar.
    pub fn of(phrase: &Phrase) -> Option<Self> {
        Some(Self {
            pitch_class_entropy: pitch_class_entropy(phrase)?,
            scale_consistency: scale_consistency(phrase)?,
            groove_consistency: groove_consistency(phrase)?,
        })
    }

    /// In the order of [`Self::NAMES`].
    pub const fn as_array(&self) -> [f64; 3] {
        [self.pitch_class_entropy, self.scale_consistency, self.groove_consistency]
    }
}

fn pitch_class_entropy(phrase: &Phrase) -> Option<f64> {
    let counts = pitch_classes(phrase);
    let total: usize = counts.iter().sum();
    let shares = counts.iter().filter(|n| **n > 0).map(|n| real(*n) / real(total));
    (total > 0).then(|| -shares.map(|share| share * share.log2()).sum::<f64>())
}

fn scale_consistency(phrase: &Phrase) -> Option<f64> {
    let counts = pitch_classes(phrase);
    let total: usize = counts.iter().sum();
    let scales = (0..12).flat_map(|tonic| [Mode::Major, Mode::Minor].map(|mode| (tonic, mode)));
    let in_scale = |(tonic, mode): (u8, Mode)| -> usize {
        mode.degrees().iter().map(|degree| counts[usize::from((tonic + degree) % 12)]).sum()
    };
    (total > 0).then(|| real(scales.map(in_scale).max().unwrap_or(0)) / real(total))
}

fn groove_consistency(phrase: &Phrase) -> Option<f64> {
    let bar_steps = usize::try_from(phrase.frame().meter.bar_steps()).ok()?;
    let n_bars = usize::try_from(phrase.frame().n_bars_total()).ok()?;
    let mut has_onset = vec![false; bar_steps * n_bars];
    for (_, note) in phrase.all_notes() {
        let step = usize::try_from(note.onset.to_nearest_step()).ok()?;
        if let Some(has_onset) = has_onset.get_mut(step) {
            *has_onset = true;
        }
    }
    let bars: Vec<&[bool]> = has_onset.chunks(bar_steps).collect();
    let n_differing: usize = bars
        .windows(2)
        .map(|pair| pair[0].iter().zip(pair[1]).filter(|(one, other)| one != other).count())
        .sum();
    (n_bars > 1).then(|| 1.0 - real(n_differing) / real(bar_steps * (n_bars - 1)))
}

fn pitch_classes(phrase: &Phrase) -> [usize; 12] {
    let mut counts = [0; 12];
    let pitched = Part::ALL.into_iter().filter(|part| !part.is_drums());
    for note in pitched.flat_map(|part| phrase.notes(part)) {
        let class: PitchClass = note.pitch.class();
        counts[usize::from(class.number())] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::test_phrase::a_note_a_beat as phrase;

    #[test]
    fn statistics_are_those_worked_out_by_hand() {
        for (pitches, expected) in [
            (&[60, 60, 60, 60, 72, 72, 72, 72][..], [0.0, 1.0, 1.0]),
            (&[60, 62, 64, 65, 60, 62, 64, 65], [2.0, 1.0, 1.0]),
            (&[60, 61, 60, 61], [1.0, 1.0, 1.0 - 4.0 / 48.0]),
            (&[60, 61, 62, 63], [2.0, 0.75, 1.0 - 4.0 / 48.0]),
        ] {
            let found = Statistics::of(&phrase(pitches)).unwrap().as_array();
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-9, "{pitches:?}: {found} is not {expected}");
            }
        }
        assert_eq!(Statistics::of(&phrase(&[])), None);
    }
}
