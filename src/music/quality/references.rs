//! Reference distributions: quantiles of each quality among real phrases, by style and part.
//!
//! A value is compared with phrases of its style and part where there are enough of them, else with all phrases of its
//! part. Phrases made by rule are counted too, since in styles of which there are only loops whole bands would be flawed
//! otherwise. [`Usual::typicality`] is one number for how usual a phrase is in an aspect; its place among phrases with
//! as many parts is the percentile of the aspect. Distances between phrases and values of controls are counted from
//! real phrases alone wherever there are enough.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::nearness::{self, Nearest, Neighbour, Origin, PartSet, part_set};
use super::quantiles::{Place, Quantiles, rounded};
use super::ratio::real;
use super::{Aspect, Qualities, Quality};
use crate::music::measure::{PartMeasures, measure_part};
use crate::music::phrase::{Part, Phrase};

/// Lower bound of the probability of a tail.
const RAREST: f64 = 0.005;

/// Fewest families of pieces of a table.
const FEWEST_FAMILIES: usize = 20;

/// Phrases with more sounding parts are counted with those of this number.
const MOST_PARTS: usize = 3;

/// Most phrases of a style and part whose controls are stored.
const N_MEASURED: usize = 32;

/// The table of all styles.
const ALL: &str = "all";

/// Distributions of real phrases; written by the corpus tool, shipped with a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct References {
    /// Version of this format.
    format: u32,
    /// Indexed by style, or [`ALL`].
    styles: BTreeMap<String, Tables>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Tables {
    n_phrases: usize,
    /// Distribution of each quality, by part.
    parts: BTreeMap<Part, BTreeMap<Quality, Quantiles>>,
    /// Distribution of typicality by aspect and number of sounding parts, `1..=`[`MOST_PARTS`].
    typicality: BTreeMap<Aspect, BTreeMap<usize, Quantiles>>,
    /// By set of parts.
    #[serde(default)]
    nearest: BTreeMap<PartSet, Nearest>,
    /// By part: the controls measured in some of the phrases.
    #[serde(default)]
    measures: BTreeMap<Part, Vec<PartMeasures>>,
}

/// Text that holds no references.
#[derive(Debug, thiserror::Error)]
pub enum ReferencesError {
    /// Not what the corpus tool writes.
    #[error("references.json is damaged ({0}); install the model again")]
    Unreadable(#[from] serde_json::Error),
    /// Of a later version.
    #[error("references.json has format {0}, which this version does not know; use a newer Descant")]
    Newer(u32),
}

impl References {
    const FORMAT: u32 = 1;

    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// Other text, or that of a later version.
    pub fn from_json(text: &str) -> Result<Self, ReferencesError> {
        let references: Self = serde_json::from_str(text)?;
        if references.format > Self::FORMAT {
            Err(ReferencesError::Newer(references.format))
        } else {
            Ok(references)
        }
    }

    /// As JSON in one line.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("references have only string keys and finite numbers")
    }

    /// The distributions of `style`, with those of all music where it has none.
    pub fn usual(&self, style: Option<&str>) -> Usual<'_> {
        let of_style = style.and_then(|style| self.styles.get(style));
        Usual { tables: [of_style, self.styles.get(ALL)] }
    }

    /// The styles that have tables of their own, each with its number of phrases.
    pub fn styles(&self) -> impl Iterator<Item = (&str, usize)> {
        self.styles.iter().map(|(name, tables)| (name.as_str(), tables.n_phrases))
    }
}

/// The distributions of one style.
#[derive(Debug, Clone, Copy)]
pub struct Usual<'a> {
    /// The tables of the style, then those of all music.
    tables: [Option<&'a Tables>; 2],
}

impl Usual<'_> {
    /// The place of `value` in the distribution of `quality` in `part`; `None` where there is no table.
    pub fn place(&self, part: Part, quality: Quality, value: f64) -> Option<Place> {
        let table = |tables: &&Tables| tables.parts.get(&part)?.get(&quality).map(|table| table.place(value));
        self.tables.iter().flatten().find_map(table)
    }

    /// How usual `qualities` are in `aspect`: the average of the mean and the lowest logarithm of the two-sided places
    /// of the parts and qualities that `counts` selects, so that one bad part cannot hide among four good ones. `None`
    /// where no place is known.
    pub fn typicality(
        &self,
        qualities: &Qualities,
        aspect: Aspect,
        counts: impl Fn(Part, Quality) -> bool,
    ) -> Option<f64> {
        let of_aspect = || Quality::ALL.into_iter().filter(|quality| quality.aspect() == aspect);
        let logs: Vec<f64> = qualities
            .parts()
            .flat_map(|part| of_aspect().map(move |quality| (part, quality)))
            .filter(|(part, quality)| counts(*part, *quality))
            .filter_map(|(part, quality)| self.place(part, quality, qualities.get(part, quality)?))
            .map(|place| place.two_sided().max(RAREST).ln())
            .collect();
        let worst = logs.iter().copied().reduce(f64::min)?;
        Some(0.5 * (logs.iter().sum::<f64>() / real(logs.len()) + worst))
    }

    /// The place of `typicality` in `aspect` among real phrases with as many parts.
    pub fn percentile(&self, aspect: Aspect, n_parts: usize, typicality: f64) -> Option<Place> {
        let n_parts = n_parts.min(MOST_PARTS);
        let table = |tables: &&Tables| tables.typicality.get(&aspect)?.get(&n_parts).cloned();
        self.tables.iter().flatten().find_map(table).map(|table| table.place(rounded(typicality)))
    }
}

impl Usual<'_> {
    /// How near phrases of `parts` come to each other, in the style or else in all; `None` where too few were compared.
    pub fn nearest(&self, parts: impl IntoIterator<Item = Part>) -> Option<Nearest> {
        let set = part_set(parts);
        self.tables.into_iter().flatten().find_map(|tables| tables.nearest.get(&set).copied())
    }

    /// The controls of `part` measured in real phrases of the style, or of any style where too few were counted; at
    /// most 32 phrases.
    pub fn measures(&self, part: Part) -> impl Iterator<Item = PartMeasures> {
        let tables = self.tables.into_iter().flatten();
        let mut measures = tables.filter_map(move |tables| tables.measures.get(&part));
        measures.next().into_iter().flatten().copied()
    }
}

/// Counts real phrases and makes [`References`] of them.
#[derive(Debug, Default)]
pub struct Counter {
    phrases: Vec<Counted>,
}

#[derive(Debug)]
struct Counted {
    family: u32,
    origin: Origin,
    styles: BTreeSet<String>,
    qualities: Qualities,
    neighbour: Option<Neighbour>,
    /// Indexed by `[part_idx]`.
    measures: [Option<PartMeasures>; 5],
}

impl Counter {
    /// Counts `phrase`, of `family`, once for each of `styles`.
    pub fn add(
        &mut self,
        family: u32,
        origin: Origin,
        styles: impl IntoIterator<Item = String>,
        phrase: &Phrase,
    ) {
        let bars: Vec<u32> = (0..phrase.frame().n_bars_total()).collect();
        self.phrases.push(Counted {
            family,
            origin,
            styles: styles.into_iter().collect(),
            qualities: Qualities::of(phrase),
            neighbour: Neighbour::new(family, origin, phrase),
            measures: Part::ALL.map(|part| measure_part(phrase, part, &bars)),
        });
    }

    /// The tables of every style that has enough phrases, and of all.
    pub fn finish(&self) -> References {
        let mut styles: BTreeSet<&str> = self.phrases.iter().flat_map(Counted::styles).collect();
        styles.insert(ALL);
        let mut references = References { format: References::FORMAT, styles: BTreeMap::new() };
        for style in &styles {
            let neighbours: Vec<&Neighbour> =
                self.of(style).filter_map(|phrase| phrase.neighbour.as_ref()).collect();
            let tables = Tables {
                n_phrases: self.of(style).count(),
                parts: self.parts(style),
                nearest: nearness::nearest(&neighbours),
                measures: self.measures(style),
                ..Tables::default()
            };
            references.styles.insert((*style).to_owned(), tables);
        }
        let typicality: Vec<(&str, _)> =
            styles.iter().map(|style| (*style, self.typicality(style, &references))).collect();
        for (style, typicality) in typicality {
            if let Some(tables) = references.styles.get_mut(style) {
                tables.typicality = typicality;
            }
        }
        if let Some(mut all) = references.styles.remove(ALL) {
            let of_styles = references.styles.values().map(|tables| &tables.nearest);
            all.nearest = nearness::of_any_style(of_styles, all.nearest);
            references.styles.insert(ALL.to_owned(), all);
        }
        for nearest in references.styles.values_mut().flat_map(|tables| tables.nearest.values_mut()) {
            nearest.distance = rounded(nearest.distance);
        }
        references.styles.retain(|_, tables| !tables.parts.is_empty());
        references
    }

    fn of<'a>(&'a self, style: &'a str) -> impl Iterator<Item = &'a Counted> {
        self.phrases.iter().filter(move |phrase| style == ALL || phrase.styles.contains(style))
    }

    fn parts(&self, style: &str) -> BTreeMap<Part, BTreeMap<Quality, Quantiles>> {
        let mut parts = BTreeMap::new();
        for part in Part::ALL {
            let with_part: Vec<&Counted> = self.of(style).filter(|phrase| phrase.has(part)).collect();
            if n_families(&with_part) < FEWEST_FAMILIES {
                continue;
            }
            let values =
                |quality| with_part.iter().filter_map(|phrase| phrase.qualities.get(part, quality)).collect();
            let tables: BTreeMap<Quality, Quantiles> = Quality::ALL
                .into_iter()
                .filter_map(|quality| Some((quality, Quantiles::of(values(quality))?)))
                .collect();
            if !tables.is_empty() {
                parts.insert(part, tables);
            }
        }
        parts
    }

    /// Of each part that enough families have, those of phrases taken evenly from all.
    fn measures(&self, style: &str) -> BTreeMap<Part, Vec<PartMeasures>> {
        let mut measures = BTreeMap::new();
        for part in Part::ALL {
            let with_part = self.of(style).filter(|phrase| phrase.has(part)).collect();
            let Some(with_part) = real_if_enough(with_part) else { continue };
            let with_part: Vec<PartMeasures> =
                with_part.iter().filter_map(|phrase| phrase.measures[part.index()]).collect();
            let n = with_part.len().min(N_MEASURED);
            let some = (0..n).map(|idx| with_part[idx * with_part.len() / n].rounded());
            measures.insert(part, some.collect());
        }
        measures
    }

    fn typicality(
        &self,
        style: &str,
        references: &References,
    ) -> BTreeMap<Aspect, BTreeMap<usize, Quantiles>> {
        let usual = references.usual(Some(style));
        let mut values: BTreeMap<(Aspect, usize), Vec<f64>> = BTreeMap::new();
        for phrase in self.of(style) {
            for aspect in Aspect::ALL {
                let typicality = usual.typicality(&phrase.qualities, aspect, |_, _| true);
                values.entry((aspect, phrase.n_parts())).or_default().extend(typicality);
            }
        }
        let mut tables: BTreeMap<Aspect, BTreeMap<usize, Quantiles>> = BTreeMap::new();
        for ((aspect, n_parts), values) in values {
            if let Some(table) = Quantiles::of(values) {
                tables.entry(aspect).or_default().insert(n_parts, table);
            }
        }
        tables
    }
}

/// The real ones of `phrases` if they are of enough families, else all; `None` of too few.
fn real_if_enough(phrases: Vec<&Counted>) -> Option<Vec<&Counted>> {
    let is_real = |phrase: &&Counted| phrase.origin == Origin::Real;
    let real: Vec<&Counted> = phrases.iter().copied().filter(is_real).collect();
    [real, phrases].into_iter().find(|phrases| n_families(phrases) >= FEWEST_FAMILIES)
}

fn n_families(phrases: &[&Counted]) -> usize {
    phrases.iter().map(|phrase| phrase.family).collect::<BTreeSet<_>>().len()
}

impl Counted {
    /// Parts sounding, at most [`MOST_PARTS`].
    fn n_parts(&self) -> usize {
        self.qualities.parts().count().min(MOST_PARTS)
    }

    fn has(&self, part: Part) -> bool {
        self.measures[part.index()].is_some()
    }

    fn styles(&self) -> impl Iterator<Item = &str> {
        self.styles.iter().map(String::as_str)
    }
}
