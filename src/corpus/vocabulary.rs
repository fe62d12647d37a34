//! Counts the chords and notes outside the key that styles use, in the training phrases.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::CorpusError;
use super::manifest::Split;
use super::references::{self, RealPhrase};
use crate::music::vocabulary::{ChordName, CountedVocabulary};
use crate::music::{Chord, Mode, Part, Phrase, VocabularyTable};

/// Most chords of a style and mode in the table, the commonest.
const MOST_CHORDS: usize = 48;

/// Least share of the time with chords of a chord in the table.
const LEAST_SHARE: f64 = 0.001;

/// Fewest families with a chord: one piece alone does not make it part of the style.
const FEWEST_FAMILIES: usize = 3;

/// Counts chords and notes outside the key by style and mode, over all corpora in `dirs`.
///
/// `progress` — called with files done and files in all.
///
/// # Errors
///
/// A corpus whose manifest cannot be read, or one without files.
pub fn count(dirs: &[PathBuf], progress: impl FnMut(usize, usize)) -> Result<VocabularyTable, CorpusError> {
    let mut tallies: BTreeMap<(String, Mode), Tally> = BTreeMap::new();
    let add_phrase = |real: RealPhrase| {
        let mode = real.phrase.frame().key.mode;
        let styles = real.styles.iter().map(|style| style.name()).chain([VocabularyTable::ALL]);
        for style in styles {
            tallies.entry((style.to_owned(), mode)).or_default().add(real.family, &real.phrase);
        }
    };
    references::for_each_phrase(dirs, Split::Train, add_phrase, progress)?;
    let mut table = VocabularyTable {
        counted: "Chord symbols outside the key and their share of the time with chords; notes of melody and bass \
                  on felt beats outside key and chord and their share of all such notes. Phrases of the training corpus and of the textures, two of a \
                  file and four of a family at most, seen from a tonic of C."
            .to_owned(),
        ..VocabularyTable::default()
    };
    for ((style, mode), tally) in tallies {
        if tally.ticks > 0.0 {
            table.styles.entry(style).or_default().insert(mode, tally.finish());
        }
    }
    Ok(table)
}

/// The counts of one style and mode.
#[derive(Default)]
struct Tally {
    families: BTreeSet<u32>,
    /// Time with chords, in ticks.
    ticks: f64,
    /// Time with chords outside the key, in ticks.
    ticks_outside: f64,
    /// Chords outside the key: their time, and the families that have them.
    chords: BTreeMap<ChordName, (f64, BTreeSet<u32>)>,
    /// Notes on felt beats under a chord.
    n_notes: f64,
    /// Those of neither key nor chord: their number, and the families that have them.
    notes: BTreeMap<u8, (f64, BTreeSet<u32>)>,
}

impl Tally {
    fn add(&mut self, family: u32, phrase: &Phrase) {
        let key = phrase.frame().key;
        let over_c = |chord: Chord| Chord::new(chord.root.up(12 - key.tonic.number()), chord.quality);
        for span in phrase.progression().spans() {
            let Some(chord) = span.chord else { continue };
            let ticks = f64::from(span.duration.0);
            self.families.insert(family);
            self.ticks += ticks;
            if !is_of_key(over_c(chord), key.mode) {
                self.ticks_outside += ticks;
                let entry = self.chords.entry(ChordName::from(over_c(chord))).or_default();
                entry.0 += ticks;
                entry.1.insert(family);
            }
        }
        for part in [Part::Melody, Part::Bass] {
            for note in phrase.notes(part) {
                let span = phrase.progression().at(note.onset);
                let Some(chord) = span.and_then(|span| span.chord) else { continue };
                // Notes off the beat may be passing notes.
                if !note.onset.to_nearest_step().is_multiple_of(phrase.frame().meter.felt_beat_steps()) {
                    continue;
                }
                self.n_notes += 1.0;
                let class = note.pitch.class();
                if !key.contains(class) && !chord.contains(class) {
                    let entry = self.notes.entry(class.above(key.tonic)).or_default();
                    entry.0 += 1.0;
                    entry.1.insert(family);
                }
            }
        }
    }

    fn finish(self) -> CountedVocabulary {
        let share = |amount: f64, of: f64| if of > 0.0 { (amount / of * 1e4).round() / 1e4 } else { 0.0 };
        let is_common = |families: &BTreeSet<u32>| families.len() >= FEWEST_FAMILIES;
        let mut chords: Vec<(ChordName, f64)> = self
            .chords
            .into_iter()
            .filter(|(_, (_, families))| is_common(families))
            .map(|(name, (ticks, _))| (name, share(ticks, self.ticks)))
            .filter(|(_, share)| *share >= LEAST_SHARE)
            .collect();
        chords.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        chords.truncate(MOST_CHORDS);
        let notes = self.notes.into_iter().filter(|(_, (_, families))| is_common(families));
        CountedVocabulary {
            n_families: self.families.len(),
            outside: share(self.ticks_outside, self.ticks),
            chords: chords.into_iter().collect(),
            notes: notes.map(|(note, (n, _))| (note, share(n, self.n_notes))).collect(),
        }
    }
}

/// Whether all tones of `chord`, relative to a tonic of C, are of `mode`.
fn is_of_key(chord: Chord, mode: Mode) -> bool {
    let has = |semitones: u8| mode.degrees().contains(&(semitones % 12));
    chord.quality.tones().iter().all(|tone| has(chord.root.number() + tone))
}
