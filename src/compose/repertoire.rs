//! The repertoire of a model: the styles that it has learned, and the parts of each.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::music::Part;
use crate::token::Style;

/// Statistics of a model's training data, by style.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Repertoire {
    styles: BTreeMap<Style, StyleData>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct StyleData {
    /// Number of files by tempo in tens of beats per minute.
    tempi: BTreeMap<u32, u64>,
    parts: BTreeMap<Part, PartData>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct PartData {
    n_files: usize,
    n_families: usize,
}

/// The model's card, as far as it lists the styles that a classifier can distinguish.
#[derive(Deserialize)]
struct Card {
    styles: StylesOfCard,
}

#[derive(Deserialize)]
struct StylesOfCard {
    told_apart: BTreeSet<Style>,
}

/// Why a style is not offered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOffered {
    /// There is too little music of the style, or a classifier cannot distinguish it.
    #[error(
        "{0} is not composed: there is too little music of it, or it cannot be distinguished from other styles; styles on offer: \
         {names}",
        names = list(.1)
    )]
    Style(Style, Vec<Style>),
    /// Some parts have too little music of the style.
    #[error(
        "there is no {style} music to learn {} from, only {}; compose those in the style, then add the others with \
         `descant-cli recompose FILE --part PARTS` and no --style",
        list(missing),
        list(offered)
    )]
    Parts {
        /// The requested style.
        style: Style,
        /// The missing parts.
        missing: Vec<Part>,
        /// The offered parts.
        offered: Vec<Part>,
    },
}

fn list(items: &[impl ToString]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Repertoire {
    /// Fewest families of pieces from which a part of a style is learned well enough to be offered.
    const FEWEST_FAMILIES: usize = 5;

    /// Keeps only the styles that a classifier distinguishes according to `card`, JSON of `descant-cli eval --only
    /// styles --json`.
    ///
    /// # Errors
    ///
    /// A text that is not such a card.
    pub fn distinguished_by(mut self, card: &str) -> Result<Self, serde_json::Error> {
        let card: Card = serde_json::from_str(card)?;
        self.styles.retain(|style, _| card.styles.told_apart.contains(style));
        Ok(self)
    }

    /// Reads a model's `stats.json`.
    ///
    /// # Errors
    ///
    /// A text that is not such a file.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The parts of `style` with enough training data, in stream order.
    pub fn parts(&self, style: Style) -> Vec<Part> {
        let data = self.styles.get(&style);
        let enough = |part: &Part| {
            data.and_then(|data| data.parts.get(part))
                .is_some_and(|part| part.n_families >= Self::FEWEST_FAMILIES)
        };
        Part::ALL.into_iter().filter(enough).collect()
    }

    /// The parts composed if none is named: those that music of `style` usually has. Drums are left out if few pieces
    /// have them, and an arpeggio if not many do.
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

    /// Checks that there is enough music of `style` to learn each of `parts`.
    ///
    /// # Errors
    ///
    /// [`NotOffered`], with the missing and the offered parts.
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

    /// The styles with at least one offered part.
    pub fn styles(&self) -> impl Iterator<Item = Style> {
        Style::ALL.into_iter().filter(|style| !self.parts(*style).is_empty())
    }

    /// At most `n_most` styles with the most training data of `part`, most first.
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

    #[test]
    fn what_there_is_no_music_for_is_not_offered() {
        let text = r#"{"styles": {"funk": {"tempi": {"10": 9}, "parts": {
            "drums": {"n_files": 9, "n_families": 9}, "bass": {"n_files": 4, "n_families": 4}}}}}"#;
        let repertoire = Repertoire::from_json(text).unwrap();
        assert_eq!(repertoire.check(Style::Funk, &[Part::Drums]), Ok(()));
        let missing = repertoire.check(Style::Funk, &[Part::Drums, Part::Bass]).unwrap_err();
        assert!(missing.to_string().contains("no funk music to learn bass from, only drums"), "{missing}");
        let apart = repertoire.clone().distinguished_by(r#"{"styles": {"told_apart": ["funk"]}}"#).unwrap();
        assert_eq!(apart, repertoire);
        let alike = repertoire.clone().distinguished_by(r#"{"styles": {"told_apart": ["jazz"]}}"#).unwrap();
        assert!(alike.check(Style::Funk, &[Part::Drums]).is_err(), "indistinguishable from other styles");
        let unknown = repertoire.check(Style::Jazz, &[Part::Drums]).unwrap_err();
        assert!(unknown.to_string().contains("styles on offer: funk"), "{unknown}");
    }
}
