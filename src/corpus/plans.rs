//! Counts which bars of real music restate which, for the plans of composed phrases.
//!
//! Successive windows of 16 bars are counted, at most two of a family; the last of a piece if it has eight bars or
//! more. A part counts where it plays in three bars of four. Chords and bass that a rule rendered from symbols are left
//! out, since their repetition is not that of people.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::CorpusError;
use super::manifest::{self, Entry, Split};
use crate::compose::plan::{Group, PlanTable, Row, Strand};
use crate::music::analysis::Acts;
use crate::music::{Cell, Part, Phrase, counted};
use crate::training::window::Piece;

/// Bars of a window.
const N_BARS: u32 = 16;

/// Fewest bars of a window.
const FEWEST_BARS: u32 = 8;

/// Most windows of a family in a group.
const PER_FAMILY: usize = 2;

/// Most rows of a group for each part, spread evenly over the families, so that a table stays small.
const PER_PART: usize = 48;

/// Counts the plans of the training families of the corpora in `dirs`.
///
/// `progress` — called with files done and files in all.
///
/// # Errors
///
/// A corpus whose manifest cannot be read, or one without files.
pub fn count(dirs: &[PathBuf], mut progress: impl FnMut(usize, usize)) -> Result<PlanTable, CorpusError> {
    let mut files: Vec<(PathBuf, Entry)> = Vec::new();
    for dir in dirs {
        let entries = manifest::read(dir)?;
        if entries.is_empty() {
            return Err(CorpusError::Empty(dir.clone()));
        }
        let wanted = entries.into_iter().filter(|entry| entry.split() == Split::Train);
        files.extend(wanted.map(|entry| (dir.join(&entry.path), entry)));
    }
    // By hash, so that the order of families has no musical meaning.
    files.sort_by(|one, other| (one.1.family, &one.1.path).cmp(&(other.1.family, &other.1.path)));
    let mut n_of_family: HashMap<(u32, Group), usize> = HashMap::new();
    let mut windows: BTreeMap<Group, Vec<Row>> = BTreeMap::new();
    for (n_done, (path, entry)) in files.iter().enumerate() {
        progress(n_done, files.len());
        let mut groups: BTreeSet<Group> = entry.styles.iter().map(|style| Group::of(Some(*style))).collect();
        groups.insert(Group::All);
        groups.retain(|group| n_of_family.get(&(entry.family, *group)).is_none_or(|n| *n < PER_FAMILY));
        if groups.is_empty() {
            continue;
        }
        for row in rows(path, entry) {
            for &group in &groups {
                let n = n_of_family.entry((entry.family, group)).or_default();
                if *n < PER_FAMILY {
                    *n += 1;
                    windows.entry(group).or_default().push(row.clone());
                }
            }
        }
    }
    progress(files.len(), files.len());
    let sources: BTreeSet<&str> = files.iter().map(|(_, entry)| entry.source.as_str()).collect();
    Ok(PlanTable {
        source: format!("training families of: {}", sources.into_iter().collect::<Vec<_>>().join(", ")),
        licence: "counts, not music; licences of the sources in MODEL.md".to_owned(),
        counted: format!(
            "descant-cli corpus plans: of windows of {}, at most {} of a family and about {PER_PART} a part and \
             group, which bars take up which (harmony: have the chords of which): - nothing, =1 the notes of bar 1, <1 those of its first half, ^1 its rhythm and \
             contour moved, ~1 its rhythm; n counts windows with the same plans",
            counted(N_BARS, "bar"),
            counted(PER_FAMILY, "window"),
        ),
        groups: windows.into_iter().map(|(group, rows)| (group, thinned(rows))).collect(),
    })
}

/// The rows of the first windows of a file, none if it cannot be read.
fn rows(path: &Path, entry: &Entry) -> Vec<Row> {
    let Ok(bytes) = manifest::read_file(path) else { return Vec::new() };
    let Ok(piece) = Piece::read(&bytes, entry.key) else { return Vec::new() };
    let is_rule_rendered = manifest::RULE_RENDERED.contains(&entry.source.as_str());
    let counts = |part: &Part| !is_rule_rendered || matches!(part, Part::Melody | Part::Drums);
    let of_phrase = |phrase: &Phrase| {
        let parts = Part::ALL.into_iter().filter(counts).filter(|part| plays(phrase, *part));
        let first = u32::from(phrase.frame().has_pickup);
        let acts: BTreeMap<Part, Acts> =
            parts.map(|part| (part, Acts::of(phrase, part).from_bar(first))).collect();
        let harmony = (!phrase.progression().is_empty()).then(|| Acts::of_harmony(phrase).from_bar(first));
        (harmony.is_some() || !acts.is_empty()).then(|| Row::new(harmony, acts))
    };
    let long = piece.windows(N_BARS).into_iter().map(|window| window.phrase);
    long.filter(|phrase| phrase.frame().n_bars >= FEWEST_BARS)
        .filter_map(|phrase| of_phrase(&phrase))
        .take(PER_FAMILY)
        .collect()
}

/// Whether `part` plays in three bars of four or more.
fn plays(phrase: &Phrase, part: Part) -> bool {
    let n_bars = phrase.frame().n_bars_total();
    let n_played = (0..n_bars).filter(|&bar| !phrase.cell(Cell { bar, part }).is_empty()).count();
    4 * n_played >= 3 * usize::try_from(n_bars).unwrap_or(usize::MAX)
}

/// About [`PER_PART`] rows for each part, evenly spread, with equal ones counted together.
fn thinned(rows: Vec<Row>) -> Vec<Row> {
    let mut is_kept = vec![false; rows.len()];
    for strand in Part::ALL.map(Strand::Part).into_iter().chain([Strand::Harmony]) {
        let with_strand: Vec<usize> =
            (0..rows.len()).filter(|&idx| rows[idx].acts(strand).is_some()).collect();
        let n = with_strand.len().min(PER_PART);
        for idx in 0..n {
            is_kept[with_strand[idx * with_strand.len() / n]] = true;
        }
    }
    let mut kept: Vec<Row> = Vec::new();
    for (row, _) in rows.into_iter().zip(is_kept).filter(|(_, is_kept)| *is_kept) {
        match kept.iter_mut().find(|other| other.is_like(&row)) {
            Some(other) => other.n += 1,
            None => kept.push(row),
        }
    }
    kept
}
