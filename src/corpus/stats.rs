//! Statistics of a corpus, by source and by style × part: written with the shards and shipped with the model.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::manifest::{Entry, Split};
use crate::music::Part;
use crate::music::measure::{PartControl, measure_mood, measure_part};
use crate::training::window::{Piece, Window};

/// Bins of a histogram over `0.0..=1.0`.
const N_BINS: usize = 8;

/// The whole of `stats.json`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Stats {
    /// By source.
    pub sources: BTreeMap<String, SourceStats>,
    /// By style.
    pub styles: BTreeMap<String, StyleStats>,
}

/// Statistics of a source.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SourceStats {
    /// Files read.
    pub n_files: u64,
    /// Files that could not be read.
    pub n_unread: u64,
    /// Notes in them.
    pub n_notes: u64,
    /// Notes that no window holds.
    pub n_lost_notes: u64,
    /// Files held out.
    pub n_held_out: u64,
}

/// Statistics of a style.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StyleStats {
    /// Tempi of its files in beats per minute, in tens: `tempi[9]` counts 90 up to 100.
    pub tempi: BTreeMap<u32, u64>,
    /// Histogram of the valence of its windows, in eighths of `0.0..=1.0`.
    pub valence: [u64; N_BINS],
    /// Histogram of the arousal of its windows, in eighths of `0.0..=1.0`.
    pub arousal: [u64; N_BINS],
    /// By part.
    pub parts: BTreeMap<String, PartStats>,
}

/// Statistics of a part in a style.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PartStats {
    /// Files.
    pub n_files: u64,
    /// Notes.
    pub n_notes: u64,
    /// Hashes of the training families; only in the reports of a build, in the end replaced by their number.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub families: BTreeSet<u32>,
    /// Hashes of the held-out families; likewise.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub held_out: BTreeSet<u32>,
    /// Number of training families.
    #[serde(default)]
    pub n_families: usize,
    /// Number of held-out families.
    #[serde(default)]
    pub n_held_out: usize,
    /// Histogram of each control in windows of eight bars, in eighths of `0.0..=1.0`.
    pub controls: BTreeMap<String, [u64; N_BINS]>,
}

impl Stats {
    /// Counts a file that could not be read.
    pub fn count_unread(&mut self, entry: &Entry) {
        self.sources.entry(entry.source.clone()).or_default().n_unread += 1;
    }

    /// Counts a piece and a few of its windows.
    pub fn count(&mut self, entry: &Entry, piece: &Piece, windows: &[Window]) {
        let source = self.sources.entry(entry.source.clone()).or_default();
        source.n_files += 1;
        source.n_notes += to_u64(piece.n_notes);
        source.n_lost_notes += to_u64(piece.n_lost_notes);
        source.n_held_out += u64::from(entry.split() == Split::Valid);
        for style in &entry.styles {
            let style = self.styles.entry(style.name().to_owned()).or_default();
            if let Some(first) = piece.phrases().first() {
                let tens =
                    (0u8..40).rfind(|&tens| first.frame().tempo >= f32::from(tens) * 10.0).unwrap_or(0);
                *style.tempi.entry(u32::from(tens)).or_default() += 1;
            }
            for mood in windows.iter().filter_map(|window| measure_mood(&window.phrase)) {
                style.valence[bin(mood.valence)] += 1;
                style.arousal[bin(mood.arousal)] += 1;
            }
            for part in Part::ALL {
                let n_notes: usize = piece.phrases().iter().map(|phrase| phrase.notes(part).len()).sum();
                if n_notes > 0 {
                    let stats = style.parts.entry(part.name().to_owned()).or_default();
                    stats.count(entry, part, n_notes, windows);
                }
            }
        }
    }

    /// Adds the statistics of another part of the corpus.
    pub fn merge(&mut self, other: Self) {
        for (name, source) in other.sources {
            let sum = self.sources.entry(name).or_default();
            sum.n_files += source.n_files;
            sum.n_unread += source.n_unread;
            sum.n_notes += source.n_notes;
            sum.n_lost_notes += source.n_lost_notes;
            sum.n_held_out += source.n_held_out;
        }
        for (name, style) in other.styles {
            let sum = self.styles.entry(name).or_default();
            for (tens, n) in style.tempi {
                *sum.tempi.entry(tens).or_default() += n;
            }
            add(&mut sum.valence, style.valence);
            add(&mut sum.arousal, style.arousal);
            for (name, part) in style.parts {
                let sum = sum.parts.entry(name).or_default();
                sum.n_files += part.n_files;
                sum.n_notes += part.n_notes;
                sum.families.extend(part.families);
                sum.held_out.extend(part.held_out);
                for (name, bins) in part.controls {
                    add(sum.controls.entry(name).or_default(), bins);
                }
            }
        }
    }

    /// Replaces the families by their number.
    #[must_use]
    pub fn finished(mut self) -> Self {
        for part in self.styles.values_mut().flat_map(|style| style.parts.values_mut()) {
            part.n_families = std::mem::take(&mut part.families).len();
            part.n_held_out = std::mem::take(&mut part.held_out).len();
        }
        self
    }
}

impl PartStats {
    fn count(&mut self, entry: &Entry, part: Part, n_notes: usize, windows: &[Window]) {
        self.n_files += 1;
        self.n_notes += to_u64(n_notes);
        match entry.split() {
            Split::Train => self.families.insert(entry.family),
            Split::Valid => self.held_out.insert(entry.family),
        };
        for window in windows {
            let bars: Vec<u32> = (0..window.phrase.frame().n_bars_total()).collect();
            let Some(measures) = measure_part(&window.phrase, part, &bars) else { continue };
            for control in PartControl::ALL {
                let bins = self.controls.entry(control.name().to_owned()).or_default();
                bins[bin(measures.get(control))] += 1;
            }
        }
    }
}

fn bin(value: f32) -> usize {
    usize::from(crate::token::vocab::level_of(value)).min(N_BINS - 1)
}

fn add(sum: &mut [u64; N_BINS], other: [u64; N_BINS]) {
    for (sum, n) in sum.iter_mut().zip(other) {
        *sum += n;
    }
}

fn to_u64(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
