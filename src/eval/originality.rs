//! Measures the runs of notes that composed phrases share with the training set, compared with those of held-out pieces.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;

use fastrand::Rng;
use serde::Serialize;

use super::{EvalError, drawn_task};
use crate::compose::originality::{Fingerprints, RunCounts};
use crate::compose::repertoire::Repertoire;
use crate::compose::{Model, compose};
use crate::corpus::fingerprint::count_longest;
use crate::music::Part;
use crate::token::Style;
use crate::training::window::HEADLINE_BARS;

/// The quantiles that are reported.
const QUANTILES: [f64; 6] = [0.5, 0.75, 0.9, 0.95, 0.99, 1.0];

/// Longest runs shared with the training set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OriginalityReport {
    /// Notes of a gram.
    pub n_gram_notes: usize,
    /// Grams of the training set.
    pub n_grams: usize,
    /// Phrases composed.
    pub n_phrases: usize,
    /// Phrases with a part over its limit.
    pub n_over_limit: usize,
    /// Share of the composed notes that lie in shared runs, `0.0..=1.0`.
    pub share: f64,
    /// By part.
    pub parts: Vec<PartRow>,
    /// The phrase with the longest shared run, relative to the limits.
    pub worst: Option<String>,
}

/// Longest runs of one part, in notes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartRow {
    /// Part.
    pub part: Part,
    /// Longest shared run that passes, in notes.
    pub limit: u32,
    /// Runs of composed phrases.
    pub composed: Quantiles,
    /// Runs of held-out windows.
    pub held_out: Quantiles,
    /// Share of the composed phrases over the limit, `0.0..=1.0`.
    pub over_limit: f64,
}

/// The 50th, 75th, 90th, 95th, 99th and 100th percentile of the longest runs of windows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quantiles {
    /// Windows.
    pub n_windows: u64,
    /// In notes; absent without windows.
    pub runs: [Option<u32>; QUANTILES.len()],
}

/// Composes `n_phrases` of eight bars in random styles and keys, each with the usual parts of its style, and finds the
/// runs that they share with the training set.
///
/// `progress` — called with the phrases done.
///
/// # Errors
///
/// A repertoire without styles, or a network that cannot compose.
pub fn measure(
    model: &Model,
    repertoire: &Repertoire,
    fingerprints: &Fingerprints,
    n_phrases: usize,
    seed: u64,
    mut progress: impl FnMut(usize),
) -> Result<OriginalityReport, EvalError> {
    let styles: Vec<Style> = repertoire.styles().collect();
    if styles.is_empty() {
        return Err(EvalError::NoStyles);
    }
    let mut rng = Rng::with_seed(seed);
    let mut counts: BTreeMap<Part, RunCounts> = BTreeMap::new();
    let mut report = OriginalityReport {
        n_gram_notes: fingerprints.header().n_notes,
        n_grams: fingerprints.header().n_grams,
        n_phrases,
        n_over_limit: 0,
        share: 0.0,
        parts: Vec::new(),
        worst: None,
    };
    let (mut n_notes, mut n_shared) = (0, 0);
    let mut worst = (false, 0);
    for n_done in 0..n_phrases {
        progress(n_done);
        let task = model.fitted(drawn_task(repertoire, styles[n_done % styles.len()], &mut rng)?);
        let takes = compose(model, &task, rng.u64(..), 0..1, |_| ControlFlow::Continue(()))?;
        for take in &takes {
            let found = count_longest(fingerprints, &take.phrase, &mut counts);
            n_notes += found.n_notes;
            n_shared += found.n_shared;
            report.n_over_limit += usize::from(found.is_over_limit());
            let rank = found.longest().map_or((false, 0), |run| (run.is_over_limit(), run.n_notes));
            if rank > worst {
                worst = rank;
                report.worst = Some(found.to_string());
            }
        }
    }
    report.share = super::real(n_shared) / super::real(n_notes.max(1));
    report.parts = counts.iter().map(|(part, runs)| row(fingerprints, *part, runs)).collect();
    Ok(report)
}

fn row(fingerprints: &Fingerprints, part: Part, composed: &RunCounts) -> PartRow {
    let limit = fingerprints.limit(part);
    let none = RunCounts::default();
    PartRow {
        part,
        limit,
        composed: quantiles(composed),
        held_out: quantiles(fingerprints.header().held_out.get(&part).unwrap_or(&none)),
        over_limit: composed.share_over(limit),
    }
}

fn quantiles(runs: &RunCounts) -> Quantiles {
    Quantiles { n_windows: runs.n_windows(), runs: QUANTILES.map(|share| runs.quantile(share)) }
}

impl fmt::Display for OriginalityReport {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## Originality\n")?;
        writeln!(
            f,
            "Longest run of notes shared with the training set, whatever the key: {} composed phrases of {HEADLINE_BARS} bars \
             compared with held-out pieces, by {} grams of {} notes. {} phrases are over the limit, the 95th percentile of held-out \
             pieces; {:.1} % of the composed notes lie in shared runs.\n",
            self.n_phrases,
            self.n_grams,
            self.n_gram_notes,
            self.n_over_limit,
            100.0 * self.share
        )?;
        let head = QUANTILES.map(|share| format!("{:.0} %", 100.0 * share)).join(" | ");
        writeln!(f, "| part | of | windows | {head} | over the limit |")?;
        writeln!(f, "| --- | --- | --- | {} | --- |", ["---"; QUANTILES.len()].join(" | "))?;
        for PartRow { part, limit, composed, held_out, over_limit } in &self.parts {
            let over = format!("{:.1} % over {limit}", 100.0 * over_limit);
            for (of, Quantiles { n_windows, runs }, over) in
                [("composed", composed, over.as_str()), ("held-out", held_out, "")]
            {
                let runs = runs.map(|run| run.map_or("–".to_owned(), |run| run.to_string())).join(" | ");
                writeln!(f, "| {part} | {of} | {n_windows} | {runs} | {over} |")?;
            }
        }
        if let Some(worst) = &self.worst {
            writeln!(f, "\nThe phrase that shares most: {worst}.")?;
        }
        writeln!(f)
    }
}
