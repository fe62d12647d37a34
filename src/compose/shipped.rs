//! The model that ships inside the program, and what it can be asked for.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::critique::Critic;
use super::harmonist::{Harmonist, ProgressionTable};
use super::judge::Judge;
use super::novelty::Novelty;
use super::originality::Fingerprints;
use super::plan::PlanTable;
use crate::model::{ModelError, Network, Weights};
use crate::music::Part;
use crate::music::frames::FrameTable;
use crate::music::performance::PerformanceTable;
use crate::music::quality::References;
use crate::session::{Take, Task};
use crate::token::{Style, vocab_hash};

const CONFIG: &str = include_str!("../../models/descant-1/config.json");
const WEIGHTS: &[u8] = include_bytes!("../../models/descant-1/model.safetensors");
const FINGERPRINTS: &[u8] = include_bytes!("../../models/descant-1/fingerprints.bin");
const STATS: &str = include_str!("../../models/descant-1/stats.json");
const STYLES: &str = include_str!("../../models/descant-1/styles.json");
const PERFORMANCES: &str = include_str!("../../assets/performances.json");
const FRAMES: &str = include_str!("../../models/descant-1/frames.json");
const PROGRESSIONS: &str = include_str!("../../models/descant-1/progressions.json");
const PLANS: &str = include_str!("../../models/descant-1/plans.json");
const REFERENCES: &str = include_str!("../../models/descant-1/references.json");

/// The shipped network; all instances in a process share its weights.
///
/// # Errors
///
/// Only if the program was built with weights of another vocabulary.
pub fn network() -> Result<Network, ModelError> {
    Ok(Network::new(Weights::shared(CONFIG, WEIGHTS, &vocab_hash())?))
}

/// What finds runs of notes that a phrase shares with the training set of the shipped model.
pub fn fingerprints() -> &'static Fingerprints {
    static READ: LazyLock<Fingerprints> = LazyLock::new(|| {
        Fingerprints::from_bytes(FINGERPRINTS).expect("a test reads the shipped fingerprints")
    });
    &READ
}

/// What is usual among the real phrases that the shipped model has learned from.
pub fn references() -> &'static References {
    static READ: LazyLock<References> =
        LazyLock::new(|| References::from_json(REFERENCES).expect("a test reads the shipped references"));
    &READ
}

/// How people play, as it was measured.
pub fn performances() -> &'static PerformanceTable {
    static READ: LazyLock<PerformanceTable> = LazyLock::new(|| {
        PerformanceTable::from_json(PERFORMANCES).expect("a test reads the shipped performances")
    });
    &READ
}

/// The keys and tempi of styles, from which what is left on auto is drawn.
pub fn frames() -> &'static FrameTable {
    static READ: LazyLock<FrameTable> = LazyLock::new(|| {
        FrameTable::from_json(FRAMES).expect("a test reads the shipped table of keys and tempi")
    });
    &READ
}

/// Which bars take up which in the music that the shipped model has learned from.
pub fn plans() -> &'static PlanTable {
    static READ: LazyLock<PlanTable> =
        LazyLock::new(|| PlanTable::from_json(PLANS).expect("a test reads the shipped plans"));
    &READ
}

/// What finds chords for a melody, by the music that the shipped model has learned from.
pub fn harmonist() -> &'static Harmonist {
    static READ: LazyLock<Harmonist> = LazyLock::new(|| {
        let table = ProgressionTable::from_json(PROGRESSIONS).expect("a test reads the shipped progressions");
        Harmonist::new(table)
    });
    &READ
}

/// Who judges what the shipped model composes for `task`.
///
/// `earlier` — takes that there are already, with their numbers.
pub fn judges<'a>(task: &Task, earlier: impl IntoIterator<Item = (u64, &'a Take)>) -> Vec<Box<dyn Judge>> {
    let critic = Critic(Cow::Borrowed(references()));
    vec![Box::new(critic), Box::new(fingerprints()), Box::new(Novelty::new(references(), task, earlier))]
}

/// What the training data of a model had of each style.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Repertoire {
    styles: BTreeMap<Style, StyleData>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct StyleData {
    /// Files by tempo in tens of beats per minute.
    tempi: BTreeMap<u32, u64>,
    parts: BTreeMap<Part, PartData>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct PartData {
    n_files: usize,
    n_families: usize,
}

/// The card of a model, as far as it says which styles can be told apart.
#[derive(Deserialize)]
struct Card {
    styles: StylesOfCard,
}

#[derive(Deserialize)]
struct StylesOfCard {
    told_apart: BTreeSet<Style>,
}

/// Why a style is not composed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOffered {
    /// There is no music of the style, or it is told from no other.
    #[error(
        "{0} is not composed: there is too little music of it, or it cannot be told from other styles; styles on offer: \
         {names}",
        names = list(.1)
    )]
    Style(Style, Vec<Style>),
    /// There is none of some parts.
    #[error(
        "there is no {style} music to learn {} from, only {}; compose those in the style, then add the others with \
         `descant-cli recompose FILE --part PARTS` and no --style",
        list(missing),
        list(offered)
    )]
    Parts {
        /// The style asked for.
        style: Style,
        /// Parts that it lacks.
        missing: Vec<Part>,
        /// Parts that it has.
        offered: Vec<Part>,
    },
}

fn list(items: &[impl ToString]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Repertoire {
    /// Fewest families of pieces that a style × part is learned from to be offered.
    const FEWEST_FAMILIES: usize = 5;

    /// That of the shipped model.
    pub fn shipped() -> Self {
        let repertoire = Self::from_json(STATS).expect("a test reads the shipped statistics");
        repertoire.told_apart(STYLES).expect("a test reads the shipped card of styles")
    }

    /// Only the styles that `card` says a classifier tells apart: what `descant-cli eval --only styles --json` writes.
    ///
    /// # Errors
    ///
    /// Text that is no such card.
    pub fn told_apart(mut self, card: &str) -> Result<Self, serde_json::Error> {
        let card: Card = serde_json::from_str(card)?;
        self.styles.retain(|style, _| card.styles.told_apart.contains(style));
        Ok(self)
    }

    /// Reads a model's `stats.json`.
    ///
    /// # Errors
    ///
    /// Text that is no such file.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The parts of `style` that there is enough to learn from, in stream order.
    pub fn parts(&self, style: Style) -> Vec<Part> {
        let data = self.styles.get(&style);
        let enough = |part: &Part| {
            data.and_then(|data| data.parts.get(part))
                .is_some_and(|part| part.n_families >= Self::FEWEST_FAMILIES)
        };
        Part::ALL.into_iter().filter(enough).collect()
    }

    /// The parts composed when none is named: those that the music of `style` usually has. Drums stay away where few
    /// pieces have them, and the arpeggio where not many do.
    pub fn usual_parts(&self, style: Option<Style>) -> Vec<Part> {
        let Some(style) = style else { return vec![Part::Bass, Part::Chords, Part::Melody] };
        let n_files = |part: Part| {
            let data = self.styles.get(&style).and_then(|data| data.parts.get(&part));
            data.map_or(0, |data| data.n_files)
        };
        let most = Part::ALL.into_iter().map(n_files).max().unwrap_or(0);
        let offered = self.parts(style);
        let usual = offered.iter().copied().filter(|&part| {
            let least = match part {
                Part::Drums => most / 10,
                Part::Arpeggio => most * 2 / 5,
                Part::Bass | Part::Chords | Part::Melody => 0,
            };
            n_files(part) > least
        });
        let usual: Vec<Part> = usual.collect();
        if usual.is_empty() { offered } else { usual }
    }

    /// Checks that there is music of `style` to learn each of `parts` from.
    ///
    /// # Errors
    ///
    /// The parts that there is not, with what there is.
    pub fn check(&self, style: Style, parts: &[Part]) -> Result<(), NotOffered> {
        let offered = self.parts(style);
        let missing: Vec<Part> = parts.iter().copied().filter(|part| !offered.contains(part)).collect();
        if missing.is_empty() {
            Ok(())
        } else if offered.is_empty() {
            Err(NotOffered::Style(style, self.styles().collect()))
        } else {
            Err(NotOffered::Parts { style, missing, offered })
        }
    }

    /// The styles of which at least one part can be offered.
    pub fn styles(&self) -> impl Iterator<Item = Style> {
        Style::ALL.into_iter().filter(|style| !self.parts(*style).is_empty())
    }

    /// The at most `n_most` styles with the most to learn `part` from, the best supplied first.
    pub fn best_supplied(&self, part: Part, n_most: usize) -> Vec<Style> {
        let n_families = |style: &Style| self.styles.get(style)?.parts.get(&part).map(|part| part.n_families);
        let mut styles: Vec<Style> =
            self.styles().filter(|style| self.parts(*style).contains(&part)).collect();
        styles.sort_by_key(|style| std::cmp::Reverse(n_families(style)));
        styles.truncate(n_most);
        styles
    }

    /// The median tempo of `style`, in beats per minute.
    pub fn tempo(&self, style: Style) -> Option<f32> {
        let tempi = &self.styles.get(&style)?.tempi;
        let n_files: u64 = tempi.values().sum();
        let mut n_seen = 0;
        let (tens, _) = tempi.iter().find(|(_, n)| {
            n_seen += **n;
            2 * n_seen >= n_files
        })?;
        u16::try_from(*tens).ok().map(|tens| f32::from(tens) * 10.0 + 5.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::originality;
    use crate::compose::plan::Strand;
    use crate::music::frames::KeyWish;

    #[test]
    fn what_ships_loads_and_offers() {
        let network = network().unwrap();
        assert_eq!(network.config().vocab_hash, vocab_hash());
        let repertoire = Repertoire::shipped();
        for style in Style::ALL {
            assert_eq!(repertoire.parts(style), Part::ALL, "{style} is whole");
            assert!(repertoire.usual_parts(Some(style)).contains(&Part::Melody), "{style} has a tune");
        }
        assert!(!repertoire.usual_parts(Some(Style::Hymn)).contains(&Part::Drums));
        assert!(repertoire.usual_parts(Some(Style::Jazz)).contains(&Part::Drums));
        assert!(originality::PARTS.iter().all(|part| fingerprints().limit(*part) < 64));
        assert!(Style::ALL.into_iter().all(|style| Part::ALL.into_iter().all(|part| {
            plans().rows(Some(style), Strand::Part(part), 8).1.len() >= PlanTable::FEWEST_ROWS
        })));
        assert!(references().styles().any(|(style, _)| style == Style::Pop.name()));
        let card: serde_json::Value = serde_json::from_str(STYLES).unwrap();
        assert_eq!(
            card["model_hash"],
            network.model_hash(),
            "the styles were told apart beside these weights"
        );
        assert!(repertoire.tempo(Style::Pop).is_some_and(|tempo| (60.0..180.0).contains(&tempo)));
    }

    #[test]
    fn twenty_seeds_of_a_style_have_many_keys_and_tempi_within_its_range() {
        for style in Style::ALL {
            let own = &frames().styles[style.name()];
            let tempi = (1..=20).map(|seed| frames().tempo(Some(style.name()), None, seed));
            let tempi: BTreeSet<String> = tempi
                .inspect(|tempo| assert!((own.tempi[0]..=own.tempi[4]).contains(tempo), "{style} at {tempo}"))
                .map(|tempo| tempo.to_string())
                .collect();
            let keys = (1..=20).map(|seed| frames().key(Some(style.name()), KeyWish::default(), seed));
            let keys: BTreeSet<String> = keys.map(|key| key.to_string()).collect();
            assert!(tempi.len() >= 5 && keys.len() >= 8, "{style}: {tempi:?} {keys:?}");
        }
    }

    #[test]
    fn what_there_is_no_music_for_is_not_offered() {
        let text = r#"{"styles": {"funk": {"tempi": {"10": 9}, "parts": {
            "drums": {"n_files": 9, "n_families": 9}, "bass": {"n_files": 4, "n_families": 4}}}}}"#;
        let repertoire = Repertoire::from_json(text).unwrap();
        assert_eq!(repertoire.check(Style::Funk, &[Part::Drums]), Ok(()));
        let missing = repertoire.check(Style::Funk, &[Part::Drums, Part::Bass]).unwrap_err();
        assert!(missing.to_string().contains("no funk music to learn bass from, only drums"), "{missing}");
        let apart = repertoire.clone().told_apart(r#"{"styles": {"told_apart": ["funk"]}}"#).unwrap();
        assert_eq!(apart, repertoire);
        let alike = repertoire.clone().told_apart(r#"{"styles": {"told_apart": ["jazz"]}}"#).unwrap();
        assert!(alike.check(Style::Funk, &[Part::Drums]).is_err(), "told from no other style");
        let unknown = repertoire.check(Style::Jazz, &[Part::Drums]).unwrap_err();
        assert!(unknown.to_string().contains("styles on offer: funk"), "{unknown}");
    }
}
