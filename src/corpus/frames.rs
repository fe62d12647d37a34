//! Counts the keys and tempi of styles: the table from which those on auto are drawn.
//!
//! Every family of pieces has one vote, divided among its files. Tempi outside the usual range of the style are left
//! out, and so is 120, the default of files without a tempo. Where few families or few different tempi are left, the
//! table has the usual tempi (`USUAL`). The share of minor is the mean of the counted and the usual share, since
//! music that is free to use is more often in major than music at large. Tonics are weighted by the square root of
//! their votes, so that rare ones are drawn too; where few keys are known, by the mean over the styles with many,
//! without folk music, whose keys are those of its instruments.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::CorpusError;
use super::manifest::{self, Entry};
use crate::music::frames::{ANY, FrameTable, StyleFrames};
use crate::music::{Key, counted};
use crate::token::Style;

/// Fewest families with a tempo, and fewest different tempi, for which the tempi of a style are counted.
const FEWEST_TEMPI: (usize, usize) = (40, 10);

/// Fewest families with a key for which the keys of a style are counted.
const FEWEST_KEYS: usize = 40;

/// The tempo of files that have none.
const NO_TEMPO: f32 = 120.0;

/// Least and greatest share of music with a minor third.
const MINOR: (f64, f64) = (0.1, 0.9);

/// Votes that are added to those of a style in the proportions of all styles, so that its own prevail where it has many.
const PRIOR_VOTES: f64 = 20.0;

/// Votes that are added to every tonic, as a share of all.
const EVERY_TONIC: f64 = 0.01;

/// Usual values of a style: slowest tempo, quartiles and fastest tempo in beats per minute, and the share of minor.
type Usual = (Style, [f32; 5], f64);

/// The usual values of each style by musicians' common knowledge, not from data.
const USUAL: [Usual; 26] = [
    (Style::Pop, [76.0, 92.0, 104.0, 118.0, 132.0], 0.35),
    (Style::Rock, [84.0, 104.0, 120.0, 134.0, 160.0], 0.35),
    (Style::Jazz, [90.0, 112.0, 132.0, 152.0, 180.0], 0.35),
    (Style::Blues, [66.0, 84.0, 100.0, 116.0, 136.0], 0.2),
    (Style::Folk, [80.0, 96.0, 108.0, 120.0, 144.0], 0.25),
    (Style::Celtic, [90.0, 104.0, 114.0, 124.0, 144.0], 0.3),
    (Style::Hymn, [66.0, 76.0, 88.0, 100.0, 116.0], 0.15),
    (Style::Classical, [66.0, 84.0, 100.0, 120.0, 144.0], 0.35),
    (Style::Baroque, [63.0, 76.0, 92.0, 108.0, 126.0], 0.45),
    (Style::Romantic, [54.0, 66.0, 80.0, 100.0, 126.0], 0.45),
    (Style::Electronic, [96.0, 112.0, 122.0, 130.0, 140.0], 0.6),
    (Style::House, [118.0, 121.0, 123.0, 125.0, 128.0], 0.6),
    (Style::Techno, [125.0, 128.0, 131.0, 135.0, 140.0], 0.8),
    (Style::HipHop, [80.0, 85.0, 89.0, 93.0, 98.0], 0.7),
    (Style::LoFi, [70.0, 75.0, 79.0, 83.0, 88.0], 0.5),
    (Style::Latin, [88.0, 98.0, 108.0, 118.0, 130.0], 0.45),
    (Style::Afro, [96.0, 104.0, 112.0, 118.0, 126.0], 0.35),
    (Style::Funk, [88.0, 96.0, 103.0, 110.0, 120.0], 0.45),
    (Style::Soul, [66.0, 78.0, 90.0, 102.0, 116.0], 0.35),
    (Style::Reggae, [68.0, 73.0, 77.0, 81.0, 86.0], 0.35),
    (Style::Chiptune, [110.0, 125.0, 140.0, 154.0, 180.0], 0.4),
    (Style::Game, [90.0, 110.0, 126.0, 142.0, 168.0], 0.45),
    (Style::Ambient, [56.0, 64.0, 72.0, 80.0, 92.0], 0.45),
    (Style::Cinematic, [60.0, 74.0, 88.0, 104.0, 130.0], 0.5),
    (Style::Country, [84.0, 98.0, 110.0, 120.0, 136.0], 0.15),
    (Style::Ragtime, [72.0, 84.0, 94.0, 104.0, 116.0], 0.1),
];

/// The usual values where no style is set.
const USUAL_ANYWHERE: ([f32; 5], f64) = ([72.0, 90.0, 104.0, 118.0, 136.0], 0.35);

/// Votes for each tonic, of major and of minor.
type Tonics = [[f64; 12]; 2];

/// The files of one style.
#[derive(Debug, Clone, Default)]
struct Counted {
    tempi: Vec<(f32, f64)>,
    tempo_families: BTreeSet<u32>,
    key_families: BTreeSet<u32>,
    tonics: Tonics,
}

/// Counts the table from the manifests in `dirs`.
///
/// # Errors
///
/// A folder or manifest that cannot be read.
pub fn count(dirs: &[PathBuf]) -> Result<FrameTable, CorpusError> {
    let mut entries = Vec::new();
    for dir in dirs {
        entries.extend(manifest::read(dir)?);
    }
    Ok(table(&entries))
}

fn table(entries: &[Entry]) -> FrameTable {
    let mut n_files: BTreeMap<u32, f64> = BTreeMap::new();
    for entry in entries {
        *n_files.entry(entry.family).or_default() += 1.0;
    }
    let mut by_style: BTreeMap<usize, Counted> = BTreeMap::new();
    for entry in entries {
        let vote = 1.0 / n_files.get(&entry.family).copied().unwrap_or(1.0);
        for style in &entry.styles {
            let counted = by_style.entry(style.index()).or_default();
            counted.add_key(entry, vote);
            counted.add_tempo(entry, vote);
        }
    }
    let mut all = Tonics::default();
    let of_folk = [Style::Folk.index(), Style::Celtic.index()];
    for (_, counted) in
        by_style.iter().filter(|(style, counted)| counted.has_keys() && !of_folk.contains(style))
    {
        for (sums, votes) in all.iter_mut().zip(&counted.tonics) {
            let total = votes.iter().sum::<f64>().max(1e-9);
            sums.iter_mut().zip(votes).for_each(|(sum, vote)| *sum += vote / total);
        }
    }
    let mut styles = BTreeMap::new();
    for (style, tempi, minor) in USUAL {
        let counted = by_style.remove(&style.index()).unwrap_or_default();
        styles.insert(style.name().to_owned(), counted.frames(&all, tempi, minor));
    }
    let (tempi, minor) = USUAL_ANYWHERE;
    styles.insert(ANY.to_owned(), Counted::default().frames(&all, tempi, minor));
    let sources: BTreeSet<&str> = entries.iter().map(|entry| entry.source.as_str()).collect();
    FrameTable {
        about: "Keys and tempi by style, for what is left on auto. tempi: beats per minute that 0, 25, 50, 75 and 100 % of \
                the music are at most at. minor: share with a minor third. Tonics: weights of C, Db, D ... B."
            .to_owned(),
        sources: vec![
            format!(
                "Counted from what the manifest says of the files of {}: tempo and key of each, no notes. The model card \
                 names them with their licences",
                counted(sources.len(), "source")
            ),
            "Where it says usual: Descant's own, what musicians take for usual, no data of others".to_owned(),
        ],
        styles,
    }
}

impl Counted {
    fn add_tempo(&mut self, entry: &Entry, vote: f64) {
        if let Some(tempo) = entry.tempo.filter(|tempo| *tempo != NO_TEMPO) {
            self.tempi.push((tempo, vote));
            self.tempo_families.insert(entry.family);
        }
    }

    fn add_key(&mut self, entry: &Entry, vote: f64) {
        if let Some(Key { tonic, mode }) = entry.key {
            self.tonics[usize::from(mode.is_minor())][usize::from(tonic.number())] += vote;
            self.key_families.insert(entry.family);
        }
    }

    fn has_keys(&self) -> bool {
        self.key_families.len() >= FEWEST_KEYS
    }

    fn frames(mut self, all: &Tonics, usual: [f32; 5], usual_minor: f64) -> StyleFrames {
        self.tempi.retain(|(tempo, _)| (usual[0]..=usual[4]).contains(tempo));
        self.tempi.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut distinct: Vec<f32> = self.tempi.iter().map(|(tempo, _)| *tempo).collect();
        distinct.dedup();
        let n_families = self.tempo_families.len();
        let is_counted = n_families >= FEWEST_TEMPI.0 && distinct.len() >= FEWEST_TEMPI.1;
        let counted_tempi = [0.05, 0.25, 0.5, 0.75, 0.95].map(|share| self.tempo_at(share));
        let n_keys = self.key_families.len();
        let has_keys = self.has_keys();
        let mut tonics = *all;
        for (tonics, votes) in tonics.iter_mut().zip(&self.tonics) {
            let total = tonics.iter().sum::<f64>().max(1e-9);
            tonics.iter_mut().for_each(|tonic| *tonic *= PRIOR_VOTES / total);
            if has_keys {
                tonics.iter_mut().zip(votes).for_each(|(tonic, vote)| *tonic += vote);
            }
        }
        let votes = self.tonics.map(|votes| votes.iter().sum::<f64>());
        let counted_minor = if has_keys { votes[1] / (votes[0] + votes[1]) } else { usual_minor };
        let minor = f64::midpoint(counted_minor, usual_minor);
        StyleFrames {
            tempi: if is_counted { counted_tempi } else { usual },
            tempi_from: if is_counted {
                format!("counted, {} with a tempo", n_in_words(n_families))
            } else {
                "usual".to_owned()
            },
            minor: (minor.clamp(MINOR.0, MINOR.1) * 1000.0).round() / 1000.0,
            major_tonics: weights(&tonics[0]),
            minor_tonics: weights(&tonics[1]),
            keys_from: if has_keys {
                format!("counted, {} with a key", n_in_words(n_keys))
            } else {
                "tonics: mean of the styles that are counted; share of minor: usual".to_owned()
            },
        }
    }

    /// The tempo at the quantile `share` of the votes.
    fn tempo_at(&self, share: f64) -> f32 {
        let total: f64 = self.tempi.iter().map(|(_, vote)| vote).sum();
        let mut seen = 0.0;
        let reached = self.tempi.iter().find(|(_, vote)| {
            seen += vote;
            seen >= share * total
        });
        reached.or(self.tempi.last()).map_or(NO_TEMPO, |(tempo, _)| tempo.round())
    }
}

fn n_in_words(n_families: usize) -> String {
    let noun = if n_families == 1 { "family" } else { "families" };
    format!("{n_families} {noun}")
}

/// Square roots of votes, in thousandths of their sum.
fn weights(votes: &[f64; 12]) -> [u32; 12] {
    let total: f64 = votes.iter().sum::<f64>().max(1e-9);
    let roots = votes.map(|vote| (vote / total + EVERY_TONIC).sqrt());
    let sum: f64 = roots.iter().sum();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a thousand")]
    roots.map(|root| (1000.0 * root / sum).round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_vote_and_what_says_nothing_does_not() {
        let entry = |family: u32, tempo: f32, key: &str| Entry {
            path: PathBuf::from(format!("{family}.mid")),
            source: "source".to_owned(),
            family,
            family_name: family.to_string(),
            styles: [Style::Pop].into(),
            key: key.parse().ok(),
            tempo: Some(tempo),
        };
        let entries: Vec<Entry> = (0..120_u16)
            .flat_map(|n| {
                let own = entry(
                    u32::from(n),
                    80.0 + f32::from(n % 12) * 4.0,
                    if n % 4 == 0 { "A minor" } else { "G major" },
                );
                // Two of one family: one with the default tempo, one out of range.
                [own, entry(500, 120.0, "C major"), entry(501, 300.0, "C major")]
            })
            .collect();
        let table = table(&entries);
        let pop = &table.styles["pop"];
        assert!(
            pop.tempi_from.contains("counted") && pop.tempi.windows(2).all(|pair| pair[0] <= pair[1]),
            "{pop:?}"
        );
        assert!(pop.tempi[0] >= 80.0 && pop.tempi[4] <= 124.0, "{pop:?}");
        assert!(pop.major_tonics[7] > 5 * pop.major_tonics[0] && pop.minor_tonics[9] > 300, "{pop:?}");
        assert!((0.2..0.35).contains(&pop.minor), "{pop:?}");
        assert_eq!(table.styles["house"].tempi_from, "usual");
        assert_eq!(FrameTable::from_json(&table.to_json()).unwrap(), table);
    }

    #[test]
    fn every_style_has_usual_tempi_that_ascend() {
        for style in Style::ALL {
            let (_, tempi, minor) = USUAL.iter().find(|row| row.0 == style).unwrap();
            assert!(tempi.windows(2).all(|pair| pair[0] < pair[1]) && (0.0..1.0).contains(minor), "{style}");
        }
    }
}
