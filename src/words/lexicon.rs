//! The lexicon: tables of names with their meanings, and the search of a word of the text in them.
//!
//! A row has names and their meanings. Names are separated by `|`; a hyphen or space inside a name matches a hyphen, a
//! space or nothing, so that `lo-fi` is also found as "lo fi" and "lofi". Endings (`-er`, `-est`, `-ly`, `-ness`, `-s`)
//! are understood without a row of their own, and so are typing errors in longer words.

mod fillers;

mod frames;

mod levels;

mod moods;

mod parts;

mod performances;

mod sense;

mod styles;

mod tempi;

use std::collections::HashMap;
use std::sync::LazyLock;

pub(super) use fillers::{BOUNDARIES, COPULAS, NUMERALS};
pub(super) use sense::{Sense, Stance};

/// One name and what it means.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// As the table spells it.
    pub name: &'static str,
    /// What it means, never empty.
    pub senses: Vec<Sense>,
}

/// Every name of the lexicon, in the order of the tables.
#[cfg(test)]
pub(super) fn entries() -> &'static [Entry] {
    &LEXICON.entries
}

/// The entry that has the words of `run`, in lower case, as its name.
pub(super) fn entry_of(run: &[&str]) -> Option<&'static Entry> {
    let idx = *LEXICON.by_name.get(&run.concat())?;
    let entry = LEXICON.entries.get(idx)?;
    (run.len() == 1 || entry.name.contains(SEPARATORS)).then_some(entry)
}

/// The entry of `word`, in lower case, as it stands or, unless it is a filler, with an ending taken off.
pub(super) fn entry_of_word(word: &str) -> Option<&'static Entry> {
    entry_of(&[word]).or_else(|| {
        let mut stems = stems(word).filter(|_| !is_filler(word));
        stems.find_map(|stem| entry_of(&[&stem]))
    })
}

/// The entry that `word`, in lower case, surely means with a typing error in it: a long word that begins like the name
/// and is closer to it than to any name that means something else.
pub(super) fn entry_mistyped(word: &str) -> Option<&'static Entry> {
    const SHORTEST: usize = 5;
    const SHORTEST_WITH_TWO_ERRORS: usize = 8;
    let n_chars = word.chars().count();
    if n_chars < SHORTEST || !word.chars().all(char::is_alphabetic) {
        return None;
    }
    let furthest = if n_chars < SHORTEST_WITH_TWO_ERRORS { 1 } else { 2 };
    let near: Vec<(usize, &Entry)> = neighbours(word, furthest).collect();
    let nearest = near.iter().map(|&(distance, _)| distance).min()?;
    let mut found = near.iter().filter(|&&(distance, _)| distance == nearest).map(|&(_, entry)| entry);
    let entry = found.next()?;
    let begins_alike = entry.name.chars().next() == word.chars().next();
    (begins_alike && found.all(|other| other.senses == entry.senses)).then_some(entry)
}

/// The name nearest to `word` that a typing error could have missed: one letter off in short words, and not the first;
/// two in longer ones.
pub(super) fn nearest_name(word: &str) -> Option<&'static str> {
    let furthest = match word.chars().count() {
        0..=2 => return None,
        3..=5 => 1,
        _ => 2,
    };
    neighbours(word, furthest)
        .filter(|(_, entry)| furthest > 1 || entry.name.chars().next() == word.chars().next())
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, entry)| entry.name)
}

/// Whether `word`, in lower case, sets nothing by itself.
pub(super) fn is_filler(word: &str) -> bool {
    fillers::FILLERS.contains(&word) || BOUNDARIES.contains(&word)
}

struct Lexicon {
    entries: Vec<Entry>,
    /// The names without separators, in the order of `entries`.
    compact: Vec<String>,
    /// From names without separators to places in `entries`.
    by_name: HashMap<String, usize>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let rows = [styles::STYLES, frames::FRAMES, parts::PARTS, levels::LEVELS, performances::PERFORMANCES]
        .into_iter()
        .flatten();
    let rows = rows.map(|&(names, senses)| (names, senses.to_vec()));
    let moods =
        moods::MOODS.iter().map(|&(names, valence, arousal)| (names, vec![Sense::Mood(valence, arousal)]));
    let tempi =
        tempi::TEMPI.iter().map(|&(names, slowest, fastest)| (names, vec![Sense::Pace(slowest, fastest)]));
    let entries: Vec<Entry> = rows
        .chain(moods)
        .chain(tempi)
        .flat_map(|(names, senses)| names.split('|').map(move |name| Entry { name, senses: senses.clone() }))
        .collect();
    let compact: Vec<String> = entries
        .iter()
        .map(|entry| entry.name.chars().filter(|c| !SEPARATORS.contains(c)).collect())
        .collect();
    let by_name = compact.iter().cloned().zip(0..).collect();
    Lexicon { entries, compact, by_name }
});

const SEPARATORS: [char; 2] = [' ', '-'];

/// The entries at most `furthest` errors away from `word`, with their distance.
///
/// # Source
///
/// F. J. Damerau, "A technique for computer detection and correction of spelling errors", CACM 7(3), 1964: letters left
/// out, put in, mistaken, or two exchanged.
fn neighbours(word: &str, furthest: usize) -> impl Iterator<Item = (usize, &'static Entry)> {
    let n_chars = word.chars().count();
    LEXICON.compact.iter().zip(&LEXICON.entries).filter_map(move |(name, entry)| {
        let is_like = name.chars().count().abs_diff(n_chars) <= furthest;
        let distance = is_like.then(|| strsim::damerau_levenshtein(name, word))?;
        (distance <= furthest).then_some((distance, entry))
    })
}

/// What `word` may be an inflection of: "happier" → "happy", "sadder" → "sad", "looser" → "loose".
fn stems(word: &str) -> impl Iterator<Item = String> {
    ["er", "est", "ly", "ness", "s"].into_iter().filter_map(|ending| word.strip_suffix(ending)).flat_map(
        |stem| {
            let with_y = stem.strip_suffix('i').map(|short| format!("{short}y"));
            let last = stem.chars().next_back();
            let undoubled = last
                .and_then(|last| stem.strip_suffix(last))
                .filter(|short| short.ends_with(last.as_slice()));
            [Some(stem.to_owned()), with_y, Some(format!("{stem}e")), undoubled.map(str::to_owned)]
                .into_iter()
                .flatten()
                .filter(|stem| stem.len() >= 3)
        },
    )
}
