//! Performances measured: how loud and how late people play, beside their own mean.
//!
//! Drums come from the one source whose timing is human; `kits` says how they are measured. Parts with pitches come from
//! sequenced pieces whose velocities somebody set by hand; `pitched` fits them. Held-out families are left out of both.

mod kits;
mod pitched;

use std::collections::BTreeMap;
use std::path::Path;

use super::CorpusError;
use super::manifest::{self, Split};
use crate::music::performance::{Drift, PerformanceTable};
use crate::smf;
use kits::{Drums, Kits};
use pitched::Fit;

/// The source in the manifest whose timing is human.
const DRUMMERS: &str = "groove_midi";

/// Sources of sequenced pieces that have dynamics, and whom to name for them.
const SEQUENCED: [(&str, &str); 4] = [
    ("freedoom", "Freedoom, music by the contributors to the Freedoom project: BSD-3-Clause"),
    ("blasphemer", "Blasphemer, music by the contributors to the Blasphemer project: BSD-3-Clause"),
    (
        "easyrpg_rtp",
        "EasyRPG RTP, pieces by Juan Manuel Nigretti: CC BY 4.0, https://creativecommons.org/licenses/by/4.0/",
    ),
    ("lofi_player", "Lo-Fi Player (Google Magenta): Apache-2.0"),
];

/// What the drummers' licence asks to be told.
const DRUMMERS_CREDIT: &str = "Groove MIDI Dataset v1.0.0 (Google Magenta): Jon Gillick, Adam Roberts, Jesse Engel, Douglas Eck \
     and David Bamman, \"Learning to Groove with Inverse Sequence Transformations\", ICML 2019: CC BY 4.0, \
     https://creativecommons.org/licenses/by/4.0/";

/// Measures the performances of the corpus in `dir`.
///
/// `progress` — called with files done and files in all.
///
/// # Errors
///
/// A corpus whose manifest cannot be read, or one without these sources.
pub fn measure(dir: &Path, mut progress: impl FnMut(usize, usize)) -> Result<PerformanceTable, CorpusError> {
    let mut entries = manifest::read(dir)?;
    let is_sequenced = |source: &str| SEQUENCED.iter().any(|(name, _)| *name == source);
    entries.retain(|entry| {
        entry.split() == Split::Train && (entry.source == DRUMMERS || is_sequenced(&entry.source))
    });
    if entries.is_empty() {
        return Err(CorpusError::Empty(dir.to_owned()));
    }
    let (mut kits, mut fits, mut n_pieces) = (Kits::default(), BTreeMap::<_, Fit>::new(), BTreeMap::new());
    for (n_done, entry) in entries.iter().enumerate() {
        progress(n_done, entries.len());
        let Ok(bytes) = manifest::read_file(&dir.join(&entry.path)) else { continue };
        let Ok(score) = smf::read(&bytes) else { continue };
        if entry.source == DRUMMERS {
            let name = entry.path.file_stem().map(|name| name.to_string_lossy().into_owned());
            let is_fill = name.is_some_and(|name| name.split('_').any(|word| word == "fill"));
            kits.extend(Drums::new(&score, &entry.styles, is_fill));
        } else {
            let is_new = pitched::measure(&score, &mut fits);
            *n_pieces.entry(entry.source.clone()).or_insert(0_usize) += usize::from(is_new);
        }
    }
    progress(entries.len(), entries.len());
    let used = SEQUENCED.iter().filter(|(name, _)| n_pieces.get(*name).is_some_and(|n| *n > 0));
    let sources = [DRUMMERS_CREDIT].into_iter().chain(used.map(|(_, credit)| *credit));
    Ok(PerformanceTable {
        sources: sources.map(str::to_owned).collect(),
        measured: "descant-cli corpus performances: drums by instrument, tier and place of a 4/4 bar (24 places), beside the \
                   mean of each take; tracks with pitches by least squares beside their own mean in four bars"
            .to_owned(),
        kits: kits.measured(),
        parts: fits.into_iter().filter_map(|(part, fit)| fit.solved(part)).collect(),
    })
}

/// Mean and standard deviation of `values`; `None` of none.
fn mean_and_sd(values: &[f64]) -> Option<(f64, f64)> {
    let n = real(values.len());
    if values.is_empty() {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
    Some((mean, variance.sqrt()))
}

/// `value` to a tenth.
fn rounded(value: f64) -> f64 {
    // No negative zero.
    (value * 10.0).round() / 10.0 + 0.0
}

/// `value` to a hundredth.
fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0 + 0.0
}

#[expect(clippy::cast_precision_loss, reason = "counts of notes are far below 2^53")]
fn real(n: usize) -> f64 {
    n as f64
}

/// A drift from values one after the other, those of a take in a list of their own: correlated over one step and over two.
fn drift(takes: &[Vec<f64>]) -> Drift {
    let correlation = |lag: usize| {
        let pairs = takes.iter().flat_map(|values| values.iter().zip(values.iter().skip(lag)));
        let products: Vec<f64> = pairs.map(|(before, after)| before * after).collect();
        mean_and_sd(&products).map_or(0.0, |(mean, _)| mean.max(0.0))
    };
    let (one, two) = (correlation(1), correlation(2));
    // What strays from one value to the next is no drift; what holds over two steps by the square of the hold is.
    let hold = if one > 0.0 { (two / one).clamp(0.1, 0.95) } else { 0.0 };
    let variance = if hold > 0.0 { one / hold } else { 0.0 };
    Drift { sd: rounded(variance.sqrt()), hold: hundredths(hold) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drift_is_told_from_noise() {
        // Values that hold for ten steps each, and such that change at every step.
        let slow: Vec<f64> = (0..2000).map(|idx| if (idx / 10) % 2 == 0 { 5.0 } else { -5.0 }).collect();
        let fast: Vec<f64> = (0..2000).map(|idx| if idx % 2 == 0 { 5.0 } else { -5.0 }).collect();
        let held = drift(&[slow]);
        assert!(held.hold > 0.7 && (4.0..6.5).contains(&held.sd), "{held:?}");
        assert_eq!(drift(&[fast]), Drift::default());
    }
}
