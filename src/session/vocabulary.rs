//! What the styles use outside the key: `assets/vocabulary.json`, counted from the training corpus.

use std::sync::LazyLock;

use crate::music::{Mode, Vocabulary, VocabularyTable};
use crate::token::Style;

const SHIPPED: &str = include_str!("../../assets/vocabulary.json");

/// The vocabulary outside a key of `mode` in `style`, or in any style. Modes other than major and minor have none,
/// since a borrowed chord there soon sounds like another key.
pub fn of(style: Option<Style>, mode: Mode) -> Vocabulary {
    static READ: LazyLock<VocabularyTable> =
        LazyLock::new(|| VocabularyTable::from_json(SHIPPED).expect("a test reads the shipped table"));
    of_table(&READ, style, mode)
}

/// As [`of`], from `table`.
pub fn of_table(table: &VocabularyTable, style: Option<Style>, mode: Mode) -> Vocabulary {
    match mode {
        Mode::Major | Mode::Minor | Mode::HarmonicMinor => table.vocabulary(style.map(Style::name), mode),
        _ => Vocabulary::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::ChordQuality;

    #[test]
    fn styles_have_what_they_are_known_for() {
        let has = |style, mode, semitones, quality| of(Some(style), mode).has_chord(semitones, quality);
        for degree in [0, 5] {
            assert!(has(Style::Blues, Mode::Major, degree, ChordQuality::Seventh), "{degree}");
        }
        assert!(has(Style::Rock, Mode::Major, 10, ChordQuality::Major), "flat seven");
        assert!(has(Style::Pop, Mode::Major, 2, ChordQuality::Major), "the dominant of the dominant");
        assert!(has(Style::Jazz, Mode::Major, 9, ChordQuality::Seventh), "the dominant of the second");
        assert!(of(Some(Style::Blues), Mode::Major).notes.contains(&3), "the blue third");
        assert!(of(Some(Style::Hymn), Mode::Major).notes.is_empty());
        assert!(of(Some(Style::Jazz), Mode::Dorian).is_empty());
        assert!(!of(None, Mode::Minor).is_empty());
    }
}
