//! Song forms: the sections of a song in order, and how each is derived from earlier ones.
//!
//! A form is written as letters, `AABA` or `A A' B A`: the same letter is the same section, a prime marks a variation
//! of it, and another letter contrasts. Words stand for letters, *verse* for A, *chorus* for B, *bridge* for C, and for
//! sections without a letter: *intro*, *break*, *ending*. Some forms have names.

use std::fmt;
use std::str::FromStr;

use super::Task;
use crate::music::counted;

/// One section of a form: `A`, `A'`, `B`, `intro`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Section {
    /// `A` to `Z`; `i`, `b` and `e` are intro, break and ending.
    pub letter: char,
    /// Number of primes: 0 is the section itself, each further one another variation.
    pub n_primes: usize,
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = UNLETTERED.iter().find(|(_, letter)| *letter == self.letter).map(|(name, _)| *name);
        match name {
            Some(name) => f.write_str(name)?,
            None => write!(f, "{}", self.letter)?,
        }
        f.write_str(&"'".repeat(self.n_primes))
    }
}

/// Sections without a letter, and the letters that stand for them in [`Section`].
const UNLETTERED: [(&str, char); 3] = [("intro", 'i'), ("break", 'b'), ("ending", 'e')];

/// Words for sections, and the letter each stands for.
const WORDS: [(&str, char); 8] = [
    ("intro", 'i'),
    ("break", 'b'),
    ("breakdown", 'b'),
    ("ending", 'e'),
    ("outro", 'e'),
    ("verse", 'A'),
    ("chorus", 'B'),
    ("bridge", 'C'),
];

/// How a section is composed. Indices count the sections of the form from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// From nothing.
    Compose,
    /// An exact copy of the section at this index.
    Copy(usize),
    /// A variation of the section at this index.
    Vary(usize),
    /// Continues the section before, in contrast to the section at this index.
    Contrast(usize),
    /// Continues with fewer parts, and all of them only at its end.
    Thin,
    /// Continues the section before and closes.
    End,
}

/// A song form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    sections: Vec<Section>,
    /// Bars of a section, if the form has its own.
    section_bars: Option<u32>,
    /// Chords of a section as degrees of a major and of a minor key, if the form has its own.
    chords: Option<[&'static str; 2]>,
}

/// Why a text or a length is not a form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The text is not a form.
    #[error(
        "{0:?} is not a form; write sections as letters with primes for variations, such as AABA or intro A A' B A ending, or \
         one of verse-chorus, song and 12-bar blues"
    )]
    Unreadable(String),
    /// A section without bars, or with more than are composed at once.
    #[error("a section has 1 to {}, not {got}", counted(Task::MAX_BARS, "bar"), got = .0)]
    SectionBars(u32),
    /// The whole is too long.
    #[error(
        "a song form may have up to {}, not {got}; use fewer or shorter sections",
        counted(Form::MAX_BARS, "bar"), got = .0
    )]
    TooLong(u32),
}

/// Name, sections, bars of a section, its chords in major and minor.
type NamedForm = (&'static str, &'static str, Option<u32>, Option<[&'static str; 2]>);

impl Form {
    /// Most bars of all sections together.
    pub const MAX_BARS: u32 = 64;

    /// Named forms.
    const NAMED: [NamedForm; 3] = [
        ("verse-chorus", "ABA'B", None, None),
        ("song", "intro A B A' B break B ending", None, None),
        (
            "12-bar blues",
            "A",
            Some(12),
            Some([
                "I7 | I7 | I7 | I7 | IV7 | IV7 | I7 | I7 | V7 | IV7 | I7 | V7",
                "i7 | i7 | i7 | i7 | iv7 | iv7 | i7 | i7 | V7 | iv7 | i7 | V7",
            ]),
        ),
    ];

    /// The sections in order.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// How each section is made, in order.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for (idx, section) in self.sections.iter().enumerate() {
            let before = &self.sections[..idx];
            let same = before.iter().position(|other| other == section);
            let kin = before.iter().position(|other| other.letter == section.letter);
            let first = before.iter().position(|other| other.letter.is_uppercase());
            steps.push(match (section.letter, same, kin, first) {
                (_, Some(same), ..) => Step::Copy(same),
                (_, None, Some(kin), _) => Step::Vary(kin),
                ('i' | 'b', ..) => Step::Thin,
                ('e', .., Some(_)) => Step::End,
                (_, None, None, Some(first)) => Step::Contrast(first),
                (_, None, None, None) => Step::Compose,
            });
        }
        steps
    }

    /// Bars of a section: those of the form, else `asked`, else 8.
    ///
    /// # Errors
    ///
    /// A section or the whole is too long.
    pub fn section_bars(&self, asked: Option<u32>) -> Result<u32, FormError> {
        let n_bars = self.section_bars.or(asked).unwrap_or(8);
        if !(1..=Task::MAX_BARS).contains(&n_bars) {
            return Err(FormError::SectionBars(n_bars));
        }
        let n_total = u32::try_from(self.sections.len()).unwrap_or(u32::MAX).saturating_mul(n_bars);
        if n_total > Self::MAX_BARS { Err(FormError::TooLong(n_total)) } else { Ok(n_bars) }
    }

    /// Bars of a section as close to `asked` as the form and the maximum length of the whole allow.
    pub fn nearest_section_bars(&self, asked: u32) -> u32 {
        let n_sections = u32::try_from(self.sections.len()).unwrap_or(u32::MAX);
        let nearest = || asked.min(Self::MAX_BARS / n_sections).clamp(1, Task::MAX_BARS);
        self.section_bars.unwrap_or_else(nearest)
    }

    /// Chords of a section as degrees of the key, if the form has its own.
    pub fn chords(&self, is_minor: bool) -> Option<&'static str> {
        self.chords.map(|chords| chords[usize::from(is_minor)])
    }
}

impl FromStr for Form {
    type Err = FormError;

    fn from_str(text: &str) -> Result<Self, FormError> {
        let plain = |text: &str| -> String {
            text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        let named = Self::NAMED.iter().find(|(name, ..)| {
            plain(name) == plain(text)
                || (*name == "12-bar blues" && ["blues", "12bar"].contains(&plain(text).as_str()))
        });
        if let Some(&(_, sections, section_bars, chords)) = named {
            return Ok(Self { sections: sections_of(sections)?, section_bars, chords });
        }
        Ok(Self { sections: sections_of(text)?, section_bars: None, chords: None })
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_words = self.sections.iter().any(|section| section.letter.is_lowercase());
        for (idx, section) in self.sections.iter().enumerate() {
            if has_words && idx > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{section}")?;
        }
        Ok(())
    }
}

fn sections_of(text: &str) -> Result<Vec<Section>, FormError> {
    let mut sections: Vec<Section> = Vec::new();
    for word in text.split_inclusive([' ', '-', '|', ',', '–']) {
        let letters = word.trim_end_matches(|c: char| !c.is_alphabetic());
        let named = WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(letters));
        let marks = match named {
            Some(&(_, letter)) => {
                sections.push(Section { letter, n_primes: 0 });
                word.get(letters.len()..).unwrap_or_default()
            }
            None => word,
        };
        read_letters(marks, &mut sections).map_err(|()| FormError::Unreadable(text.to_owned()))?;
    }
    if sections.is_empty() { Err(FormError::Unreadable(text.to_owned())) } else { Ok(sections) }
}

/// Adds the sections that `text` writes as letters and primes.
fn read_letters(text: &str, sections: &mut Vec<Section>) -> Result<(), ()> {
    for character in text.chars() {
        match (character, sections.last_mut()) {
            ('A'..='Z' | 'a'..='z', _) => {
                sections.push(Section { letter: character.to_ascii_uppercase(), n_primes: 0 });
            }
            ('\'' | '’' | '′' | '`', Some(last)) => last.n_primes += 1,
            ('″', Some(last)) => last.n_primes += 2,
            (' ' | '-' | '|' | ',' | '–', _) => {}
            _ => return Err(()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_and_planned() {
        use Step::{Compose, Contrast, Copy, End, Thin, Vary};
        let rows: [(&str, &str, &[Step]); 9] = [
            ("AABA", "AABA", &[Compose, Copy(0), Contrast(0), Copy(0)]),
            ("A A' B A", "AA'BA", &[Compose, Vary(0), Contrast(0), Copy(0)]),
            ("a a’ b a″", "AA'BA''", &[Compose, Vary(0), Contrast(0), Vary(0)]),
            ("ABAB", "ABAB", &[Compose, Contrast(0), Copy(0), Copy(1)]),
            ("Verse-Chorus", "ABA'B", &[Compose, Contrast(0), Vary(0), Copy(1)]),
            ("verse chorus bridge chorus", "ABCB", &[Compose, Contrast(0), Contrast(0), Copy(1)]),
            (
                "song",
                "intro A B A' B break B ending",
                &[Thin, Compose, Contrast(1), Vary(1), Copy(2), Thin, Copy(2), End],
            ),
            ("12-bar blues", "A", &[Compose]),
            ("A'ABC", "A'ABC", &[Compose, Vary(0), Contrast(0), Contrast(0)]),
        ];
        for (text, shown, steps) in rows {
            let form: Form = text.parse().unwrap();
            assert_eq!(form.to_string(), shown, "{text}");
            assert_eq!(form.steps(), steps, "{text}");
        }
    }

    #[test]
    fn lengths_are_checked_and_the_blues_has_its_own() {
        let form = |text: &str| text.parse::<Form>().unwrap();
        assert_eq!(form("AABA").section_bars(None), Ok(8));
        assert_eq!(form("AABA").section_bars(Some(16)), Ok(16));
        assert_eq!(form("AABA").section_bars(Some(17)), Err(FormError::SectionBars(17)));
        assert_eq!(form("AABAC").section_bars(Some(16)), Err(FormError::TooLong(80)));
        assert_eq!(form("12 bar blues").section_bars(Some(8)), Ok(12));
        assert_eq!(form("12-bar blues").chords(true).unwrap().split('|').count(), 12);
        assert_eq!(form("AABA").chords(false), None);
    }

    #[test]
    fn what_is_no_form_is_refused_with_an_example() {
        for text in ["", "  ", "'A", "A1", "A+B"] {
            let error = text.parse::<Form>().unwrap_err().to_string();
            assert!(error.contains("AABA"), "{text}: {error}");
        }
    }
}
