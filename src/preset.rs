//! Presets: named parameter settings, from the factory or by the user, each a file that people can read and edit.
//!
//! A preset maps parameter ids, which never change, to values as a host shows them. It holds no notes. This module does not
//! check ids and values: the code that sets the parameters does.
//!
//! # Format
//!
//! TOML, a preset a file:
//!
//! ```toml
//! format = 1
//! name = "Late-night keys"
//! about = "Sparse, swung and a little sad"
//! category = "Beats"
//!
//! [values]
//! style = "Lo-fi"
//! density = "30 %"
//! ```
//!
//! `about` and `category` may be left out. A value may also be a number, `true` or `false`. Unknown keys are ignored;
//! a file of a later `format` is an error.

pub mod factory;

pub mod folder;

pub mod library;

mod value;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use library::{Library, SaveError, UnknownPreset, Unreadable};
pub use value::{number, whole};

/// A preset: named parameter settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preset {
    /// Its name: one line, not empty.
    pub name: String,
    /// Its use, in a few words; may be empty.
    pub about: String,
    /// The heading that it is listed under; may be empty.
    pub category: String,
    /// Values as a host shows them, by parameter id.
    pub values: BTreeMap<String, String>,
}

/// Why a file could not be read as a preset. The message continues a sentence that begins with the file's name.
#[derive(Debug, thiserror::Error)]
pub enum PresetError {
    /// The system could not read it.
    #[error("cannot be read ({0}); give yourself the right to read it, or move it away")]
    Io(#[from] std::io::Error),
    /// Larger than [`folder::MAX_BYTES`].
    #[error("is too large for a preset; move it away")]
    TooLarge,
    /// Written by a later version.
    #[error("was saved by a newer Descant (format {0}); install it to use this preset")]
    Newer(i64),
    /// Not TOML, or without a required value.
    #[error("is damaged ({0}); mend it in a text editor, or move it away")]
    Damaged(String),
}

/// The contents of a preset's file.
#[derive(Serialize, Deserialize)]
struct Stored {
    format: i64,
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    about: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    category: String,
    #[serde(default)]
    values: toml::Table,
}

impl Preset {
    /// The format written by this version.
    pub const FORMAT: i64 = 1;

    /// Parses the text of a preset's file.
    ///
    /// # Errors
    ///
    /// [`PresetError::Newer`]; [`PresetError::Damaged`], which says what is wrong and, if known, in which line.
    pub fn from_toml(text: &str) -> Result<Self, PresetError> {
        let table: toml::Table = toml::from_str(text).map_err(|error| damaged(text, &error))?;
        let format = table.get("format").and_then(toml::Value::as_integer);
        if let Some(newer) = format.filter(|format| *format > Self::FORMAT) {
            return Err(PresetError::Newer(newer));
        }
        let stored: Stored = toml::from_str(text).map_err(|error| damaged(text, &error))?;
        let name = stored.name.trim();
        if name.is_empty() || name.contains(char::is_control) {
            return Err(PresetError::Damaged("its name is not a line of text".to_owned()));
        }
        let values = stored.values.into_iter().map(|(id, value)| match value_text(&value) {
            Some(text) => Ok((id, text)),
            None => Err(PresetError::Damaged(format!("the value of {id} is neither a text nor a number"))),
        });
        Ok(Self {
            name: name.to_owned(),
            about: stored.about,
            category: stored.category,
            values: values.collect::<Result<_, _>>()?,
        })
    }

    /// The text of the preset's file.
    ///
    /// # Errors
    ///
    /// None in practice: every text can be written as TOML.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        let Self { name, about, category, values } = self.clone();
        let values = values.into_iter().map(|(id, text)| (id, toml::Value::String(text))).collect();
        toml::to_string(&Stored { format: Self::FORMAT, name, about, category, values })
    }
}

/// A value as a host shows it.
fn value_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(is_on) => Some(if *is_on { "On" } else { "Off" }.to_owned()),
        toml::Value::Datetime(_) | toml::Value::Array(_) | toml::Value::Table(_) => None,
    }
}

/// What is wrong with `text`, and in which line, counted from 1.
fn damaged(text: &str, error: &toml::de::Error) -> PresetError {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map(|before| format!("line {}: ", before.matches('\n').count() + 1));
    PresetError::Damaged(format!("{}{}", line.unwrap_or_default(), error.message().replace('\n', " ")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_preset() -> impl Strategy<Value = Preset> {
        let name = "[^\\p{Cc}]{1,40}".prop_map(|name| name.trim().to_owned());
        let values = prop::collection::btree_map(any::<String>(), any::<String>(), 0..12);
        (name.prop_filter("a name", |name| !name.is_empty()), any::<String>(), any::<String>(), values)
            .prop_map(|(name, about, category, values)| Preset { name, about, category, values })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(preset in any_preset()) {
            let text = preset.to_toml().unwrap();
            prop_assert_eq!(Preset::from_toml(&text).unwrap(), preset);
        }

        #[test]
        fn no_text_panics(text in "(format = 1\n)?(name = \"a\"\n)?(\\[values\\]\n)?.{0,60}") {
            let _ = Preset::from_toml(&text);
        }
    }

    #[test]
    fn numbers_and_switches_may_be_written_as_such() {
        let text =
            "format = 1\nname = \" Mine \"\n[values]\ntempo = 82.5\nbars = 4\ndrums_on = false\nlater = '?'";
        let preset = Preset::from_toml(text).unwrap();
        assert_eq!(preset.name, "Mine");
        let values: Vec<_> = preset.values.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
        assert_eq!(values, [("bars", "4"), ("drums_on", "Off"), ("later", "?"), ("tempo", "82.5")]);
    }

    #[test]
    fn damage_is_named() {
        for (text, words) in [
            ("format = 1\nname = ", "line 2"),
            ("name = 'a'", "format"),
            ("format = 'one'\nname = 'a'", "line 1"),
            ("format = 1", "name"),
            ("format = 1\nname = ' '", "not a line of text"),
            ("format = 1\nname = 'a'\n[values]\nstyle = ['Jazz']", "the value of style"),
            ("format = 2\nnames = ['a']", "newer Descant (format 2)"),
        ] {
            let error = Preset::from_toml(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
