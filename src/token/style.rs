//! The styles of the vocabulary.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A style that can be set for a phrase. A model's `stats.json` lists those that it was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[expect(missing_docs, reason = "the names are the styles' own")]
pub enum Style {
    Pop,
    Rock,
    Jazz,
    Blues,
    Folk,
    Celtic,
    Hymn,
    Classical,
    Baroque,
    Romantic,
    Electronic,
    House,
    Techno,
    HipHop,
    LoFi,
    Latin,
    Afro,
    Funk,
    Soul,
    Reggae,
    Chiptune,
    Game,
    Ambient,
    Cinematic,
    Country,
    Ragtime,
}

impl Style {
    /// Every style; the place is the style's index, below 32 so that a set fits in 32 bits.
    pub const ALL: [Self; 26] = [
        Self::Pop,
        Self::Rock,
        Self::Jazz,
        Self::Blues,
        Self::Folk,
        Self::Celtic,
        Self::Hymn,
        Self::Classical,
        Self::Baroque,
        Self::Romantic,
        Self::Electronic,
        Self::House,
        Self::Techno,
        Self::HipHop,
        Self::LoFi,
        Self::Latin,
        Self::Afro,
        Self::Funk,
        Self::Soul,
        Self::Reggae,
        Self::Chiptune,
        Self::Game,
        Self::Ambient,
        Self::Cinematic,
        Self::Country,
        Self::Ragtime,
    ];

    /// The place in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Lower-case English name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pop => "pop",
            Self::Rock => "rock",
            Self::Jazz => "jazz",
            Self::Blues => "blues",
            Self::Folk => "folk",
            Self::Celtic => "celtic",
            Self::Hymn => "hymn",
            Self::Classical => "classical",
            Self::Baroque => "baroque",
            Self::Romantic => "romantic",
            Self::Electronic => "electronic",
            Self::House => "house",
            Self::Techno => "techno",
            Self::HipHop => "hip-hop",
            Self::LoFi => "lo-fi",
            Self::Latin => "latin",
            Self::Afro => "afro",
            Self::Funk => "funk",
            Self::Soul => "soul",
            Self::Reggae => "reggae",
            Self::Chiptune => "chiptune",
            Self::Game => "game",
            Self::Ambient => "ambient",
            Self::Cinematic => "cinematic",
            Self::Country => "country",
            Self::Ragtime => "ragtime",
        }
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Text that names no style.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a style; did you mean {1:?}?")]
pub struct UnknownStyle(pub String, pub &'static str);

impl FromStr for Style {
    type Err = UnknownStyle;

    fn from_str(text: &str) -> Result<Self, UnknownStyle> {
        let plain = |name: &str| name.to_lowercase().replace(['-', ' ', '_'], "");
        let wanted = plain(text);
        let near = |style: &Self| strsim::damerau_levenshtein(&plain(style.name()), &wanted);
        let nearest = Self::ALL.into_iter().min_by_key(near).unwrap_or(Self::Pop);
        if plain(nearest.name()) == wanted {
            Ok(nearest)
        } else {
            Err(UnknownStyle(text.to_owned(), nearest.name()))
        }
    }
}

impl TryFrom<String> for Style {
    type Error = UnknownStyle;

    fn try_from(text: String) -> Result<Self, UnknownStyle> {
        text.parse()
    }
}

impl From<Style> for String {
    fn from(style: Style) -> Self {
        style.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_styles_get_the_nearest_one() {
        assert_eq!("LoFi".parse(), Ok(Style::LoFi));
        assert_eq!("hip hop".parse(), Ok(Style::HipHop));
        assert_eq!("jaz".parse::<Style>(), Err(UnknownStyle("jaz".to_owned(), "jazz")));
    }
}
