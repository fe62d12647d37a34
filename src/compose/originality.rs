//! Originality: the longest run of notes that a phrase shares with the training set, in any key.
//!
//! The grams ([`mod@line`]) of all training pieces are in an approximate set that ships with the model. Consecutive
//! grams of a phrase that are all in the set make a run; a run of `h` grams is `h + n - 1` notes. The grams of a run
//! may come from several pieces, so it is an upper bound of what any one piece shares.
//!
//! A repeated figure counts once: in a run that goes round in circles, as an ostinato does, each gram counts once.
//!
//! # What is left out
//!
//! Grams that many families of pieces share, such as scales, repeated notes and cadences, are common property and not
//! in the set. Drums are left out, since their patterns are common property and repeat, so that long runs mean nothing.
//! So are textures, whose idioms are our own.
//!
//! # What was chosen, and why
//!
//! Measured on the corpus of the shipped model, at most four windows of eight bars of each held-out piece, 2,174 with a
//! melody; longest runs of a melody at 50 / 95 / 99 % of them:
//!
//! | notes of a gram | left out if more families share it | grams | left out | run, in notes |
//! | --- | --- | --- | --- | --- |
//! | 6 | 10 | 1,364,931 | 5,613 | 8 / 14 / 18 |
//! | 8 | 3 | 1,739,503 | 10,643 | 8 / 13 / 20 |
//! | **8** | **10** | 1,748,322 | 1,824 | 8 / 15 / 23 |
//! | 8 | 30 | 1,749,843 | 303 | 8 / 17 / 29 |
//! | 10 | 10 | 1,915,948 | 731 | 0 / 16 / 26 |
//!
//! With six notes nearly every window shares something; with ten, a shared phrase of nine notes is missed. A gram in
//! more than ten families is a scale or an ornament; one in four may still be a single tune under four names.
//!
//! # Limit
//!
//! People write alike without knowing of each other. So a part may share a run as long as the 95th percentile of
//! windows of held-out pieces, and no longer.

pub mod file;

pub mod line;

mod run_counts;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::{Range, RangeInclusive};

use serde::Serialize;

use self::file::{FORMAT, GramFilter};
pub use self::file::{FingerprintError, Header};
use self::line::{LineNote, grams, line};
pub use self::run_counts::RunCounts;
use super::judge::{Judge, Judgement};
use crate::music::{Cell, Cells, Part, Phrase, counted, numbered};
use crate::session::Task;

/// The parts that are checked.
pub const PARTS: [Part; 4] = [Part::Bass, Part::Chords, Part::Arpeggio, Part::Melody];

/// The quantile of held-out windows that is the limit.
const LIMIT_QUANTILE: f64 = 0.95;

/// The training set's grams, and what held-out pieces share with them.
///
/// # Thread model
///
/// Immutable; share it by reference.
#[derive(Debug, Clone)]
pub struct Fingerprints {
    header: Header,
    filter: GramFilter,
}

/// The notes that a phrase shares with the training set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Originality {
    /// Notes checked: those of composed lines of pitched parts.
    pub n_notes: usize,
    /// Number of these in shared runs.
    pub n_shared: usize,
    /// The longest shared run of each checked part that has one.
    pub runs: Vec<SharedRun>,
}

/// Consecutive notes that are in the training set too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SharedRun {
    /// Their part.
    pub part: Part,
    /// Number of them that count: composed notes, without repetitions of a figure.
    pub n_notes: u32,
    /// The bars that they begin in, as bar numbers for users.
    pub bars: RangeInclusive<u32>,
    /// Longest run allowed, in notes.
    pub limit: u32,
}

impl Fingerprints {
    /// Fingerprints of `grams`, without a limit until held-out pieces are measured.
    ///
    /// `grams` — of `n_notes` notes each, sorted, without duplicates. `max_families`, `n_common` — as in [`Header`].
    ///
    /// # Errors
    ///
    /// Too few grams.
    pub fn new(
        n_notes: usize,
        max_families: u32,
        corpus: String,
        grams: &[u64],
        n_common: usize,
    ) -> Result<Self, FingerprintError> {
        let filter = GramFilter::new(grams)?;
        let header = Header {
            format: FORMAT,
            n_notes,
            max_families,
            corpus,
            n_grams: grams.len(),
            n_common,
            sha256: filter.sha256(),
            limits: BTreeMap::new(),
            held_out: BTreeMap::new(),
        };
        Ok(Self { header, filter })
    }

    /// Reads a file of fingerprints; embedded bytes are used in place.
    ///
    /// # Errors
    ///
    /// The bytes are not a complete file of this version.
    pub fn from_bytes(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, FingerprintError> {
        let (header, filter) = file::from_bytes(bytes.into())?;
        Ok(Self { header, filter })
    }

    /// The contents of a file, as read by [`Self::from_bytes`].
    pub fn to_bytes(&self) -> Vec<u8> {
        file::to_bytes(&self.header, &self.filter)
    }

    /// The header of the file.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The fingerprints with limits from the runs that pieces of `held_out` share.
    #[must_use]
    pub fn limited_by(mut self, held_out: BTreeMap<Part, RunCounts>) -> Self {
        self.header.limits = held_out
            .iter()
            .filter_map(|(part, runs)| Some((*part, runs.quantile(LIMIT_QUANTILE)?)))
            .collect();
        self.header.held_out = held_out;
        self
    }

    /// The notes of `composed` that are shared with the training set; locked notes there are the user's own and do not
    /// count.
    pub fn check(&self, phrase: &Phrase, composed: &Cells) -> Originality {
        let mut found = Originality { n_notes: 0, n_shared: 0, runs: Vec::new() };
        for part in PARTS {
            let line = line(phrase.notes(part));
            let bar_of = |note: &LineNote| phrase.frame().bar_of(note.note.onset);
            let is_own =
                |note: &LineNote| !note.note.locked && composed.contains(&Cell { bar: bar_of(note), part });
            let is_own: Vec<bool> = line.iter().map(is_own).collect();
            found.n_notes += is_own.iter().filter(|own| **own).count();
            let grams: Vec<u64> = grams(&line, self.header.n_notes).collect();
            let mut longest = 0..0;
            let mut n_longest = 0;
            let mut n_counted = 0;
            for run in self.runs(&grams) {
                let n_own = self.n_new(&grams, &is_own, &run);
                // Runs may overlap by less than a gram; each note is counted once.
                let fresh = run.start.max(n_counted)..run.end;
                found.n_shared += is_own[fresh].iter().filter(|own| **own).count();
                n_counted = run.end;
                if n_own > n_longest {
                    (longest, n_longest) = (run, n_own);
                }
            }
            let bar = |note: &LineNote| phrase.frame().bar_number(bar_of(note));
            if let Some((first, last)) = line.get(longest.clone()).and_then(|run| run.first().zip(run.last()))
            {
                found.runs.push(SharedRun {
                    part,
                    n_notes: u32::try_from(n_longest).unwrap_or(u32::MAX),
                    bars: bar(first)..=bar(last),
                    limit: self.limit(part),
                });
            }
        }
        found
    }

    /// The notes of all of `phrase` that are shared with the training set.
    pub fn check_all(&self, phrase: &Phrase) -> Originality {
        let bars = 0..phrase.frame().n_bars_total();
        let cells = bars.flat_map(|bar| PARTS.map(|part| Cell { bar, part })).collect();
        self.check(phrase, &cells)
    }

    /// Longest run allowed in `part`, in notes; the largest of all limits for a part that was not measured.
    pub fn limit(&self, part: Part) -> u32 {
        let limits = &self.header.limits;
        limits.get(&part).or(limits.values().max()).copied().unwrap_or(u32::MAX)
    }

    /// The shared runs of a line with these `grams`, as index ranges, in order.
    fn runs(&self, grams: &[u64]) -> Vec<Range<usize>> {
        let n_notes = self.header.n_notes;
        let mut runs: Vec<Range<usize>> = Vec::new();
        for (start, hit) in self.filter.hits(grams.iter().copied()).into_iter().enumerate() {
            let end = start + n_notes;
            match runs.last_mut() {
                _ if !hit => {}
                Some(run) if run.end + 1 == end => run.end = end,
                _ => runs.push(start..end),
            }
        }
        runs
    }

    /// Number of notes of `run` that count: composed ones, and each figure once. A note whose gram came before in the
    /// run continues a figure.
    fn n_new(&self, grams: &[u64], is_own: &[bool], run: &Range<usize>) -> usize {
        let tail = run.end - (self.header.n_notes - 1);
        let mut seen = BTreeSet::new();
        let n_begun = (run.start..tail).filter(|&idx| seen.insert(grams[idx]) && is_own[idx]).count();
        n_begun + is_own[tail..run.end].iter().filter(|own| **own).count()
    }
}

impl Originality {
    /// The most important run: the longest, one over its limit before any other.
    pub fn longest(&self) -> Option<&SharedRun> {
        self.runs.iter().max_by_key(|run| (run.is_over_limit(), run.n_notes))
    }

    /// Share of the checked notes in shared runs, `0.0..=1.0`.
    pub fn share(&self) -> f64 {
        let real = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        real(self.n_shared) / real(self.n_notes.max(1))
    }

    /// Whether some part shares a longer run than held-out pieces do.
    pub fn is_over_limit(&self) -> bool {
        self.runs.iter().any(SharedRun::is_over_limit)
    }
}

/// Objects to runs over the limit; below it, all phrases are equally original.
impl Judge for Fingerprints {
    fn judge(&self, task: &Task, phrase: &Phrase) -> Judgement {
        let found = self.check(phrase, &task.compose);
        let longest = found.longest().filter(|run| run.is_over_limit());
        let objection = longest.map(|SharedRun { part, n_notes, bars, .. }| {
            let (first, last) = (bars.start() + task.first_bar, bars.end() + task.first_bar);
            let bars = numbered("bar", first, last);
            format!("{} of the {part} in {bars} shared with the training set", counted(n_notes, "note"))
        });
        Judgement {
            score: if found.is_over_limit() { 0.0 } else { 1.0 },
            objections: objection.into_iter().collect(),
            ..Judgement::default()
        }
    }

    /// A copy is never a take.
    fn is_strict(&self) -> bool {
        true
    }
}

impl SharedRun {
    /// Whether it is longer than allowed.
    pub const fn is_over_limit(&self) -> bool {
        self.n_notes > self.limit
    }
}

impl fmt::Display for Originality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(run) = self.longest() else {
            return f.write_str("shares no run of notes with the training set");
        };
        let SharedRun { part, n_notes, bars, limit } = run;
        let (first, last) = (bars.start(), bars.end());
        let notes = counted(n_notes, "note");
        write!(f, "longest run shared with the training set: {notes} ({part}, bar {first}")?;
        if last > first {
            write!(f, " to {last}")?;
        }
        let verdict = if run.is_over_limit() { "over the limit of" } else { "limit" };
        write!(f, "; {verdict} {limit}); {:.0} % of the notes lie in shared runs", 100.0 * self.share())
    }
}
