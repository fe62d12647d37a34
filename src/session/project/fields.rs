//! The fields of a stored project. They are read one by one, so that nothing is allocated by sizes in a file, and
//! unknown fields are kept.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::error::StateError;
use crate::session::History;

/// More fields than any version has.
const MAX_FIELDS: usize = 256;

/// The texts of the fields of an object, by name.
pub(super) struct Texts<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Texts<'a> {
    /// Splits the JSON object `text` into its fields.
    pub fn read(text: &'a str) -> Result<Self, StateError> {
        serde_json::from_str(text).map_err(|error| {
            let is_no_object = error.is_data() && !text.trim_start().starts_with('{');
            if is_no_object { no_format() } else { damaged(error) }
        })
    }

    /// The text of the field `name`.
    pub fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(name).copied()
    }

    /// Removes and returns the field `name`.
    pub fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        self.0.remove(name)
    }

    /// Removes the field with the format's number and reads it.
    pub fn take_format(&mut self) -> Result<u64, StateError> {
        let format = self.take("format").and_then(|format| format.get().parse().ok());
        format.ok_or_else(no_format)
    }

    /// Removes the field `name` and reads it; a missing field has the default value.
    pub fn take_as<T: DeserializeOwned + Default>(&mut self, name: &str) -> Result<T, StateError> {
        let Some(text) = self.take(name) else { return Ok(T::default()) };
        serde_json::from_str::<Finite>(text.get()).map_err(damaged)?;
        let mut unknown = None;
        let mut json = serde_json::Deserializer::from_str(text.get());
        let value = serde_ignored::deserialize(&mut json, |path| {
            unknown.get_or_insert_with(|| format!("{name}.{path}"));
        });
        match (value, unknown) {
            (Err(error), _) => Err(damaged(error)),
            (Ok(_), Some(path)) => {
                Err(StateError::Damaged(format!("it holds {path}, which this version does not know")))
            }
            (Ok(value), None) => Ok(value),
        }
    }

    /// Whether no fields are left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The remaining fields, to be kept.
    pub fn into_others(self) -> BTreeMap<String, Box<RawValue>> {
        self.0.into_iter().map(|(name, text)| (name, text.to_owned())).collect()
    }
}

impl<'de> Deserialize<'de> for Texts<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TextsVisitor)
    }
}

struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = Texts<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fields of a project")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Texts<'de>, A::Error> {
        let mut texts = BTreeMap::new();
        while let Some((name, text)) = fields.next_entry::<String, &RawValue>()? {
            if texts.len() == MAX_FIELDS {
                return Err(A::Error::custom("it has too many fields"));
            }
            if texts.contains_key(&name) {
                return Err(A::Error::custom(format_args!("it has the field {name:?} twice")));
            }
            texts.insert(name, text);
        }
        Ok(Texts(texts))
    }
}

fn damaged(error: serde_json::Error) -> StateError {
    StateError::Damaged(error.to_string())
}

fn no_format() -> StateError {
    StateError::Damaged("it names no format".to_owned())
}

/// The fields to write: those of this version, and unknown ones unchanged.
pub(super) struct Fields<'a, T> {
    pub format: u64,
    /// The takes, with notes in lists or in columns.
    pub takes: &'a T,
    pub window: Option<(f32, f32)>,
    pub preset: Option<&'a str>,
    pub words: &'a str,
    pub history: &'a History,
    pub others: &'a BTreeMap<String, Box<RawValue>>,
}

impl<T: Serialize> Serialize for Fields<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("format", &self.format)?;
        map.serialize_entry("takes", self.takes)?;
        map.serialize_entry("window", &self.window)?;
        if let Some(preset) = self.preset {
            map.serialize_entry("preset", preset)?;
        }
        if !self.words.is_empty() {
            map.serialize_entry("words", self.words)?;
        }
        if !self.history.is_empty() {
            map.serialize_entry("history", self.history)?;
        }
        let stays = |name: &str| name != "history" || self.history.is_empty();
        for (name, text) in self.others.iter().filter(|(name, _)| stays(name)) {
            map.serialize_entry(name, text)?;
        }
        map.end()
    }
}

/// Any JSON without numbers that overflow to infinity, which could not be stored again.
struct Finite;

impl<'de> Deserialize<'de> for Finite {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FiniteVisitor)
    }
}

struct FiniteVisitor;

impl<'de> Visitor<'de> for FiniteVisitor {
    type Value = Finite;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Finite, E> {
        if number.abs() <= f64::from(f32::MAX) {
            Ok(Finite)
        } else {
            Err(E::custom("it holds a number that is too large"))
        }
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Finite, E> {
        Ok(Finite)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Finite, E> {
        Ok(Finite)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Finite, E> {
        Ok(Finite)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Finite, E> {
        Ok(Finite)
    }

    fn visit_unit<E: Error>(self) -> Result<Finite, E> {
        Ok(Finite)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Finite, A::Error> {
        while list.next_element::<Finite>()?.is_some() {}
        Ok(Finite)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Finite, A::Error> {
        while map.next_entry::<serde::de::IgnoredAny, Finite>()?.is_some() {}
        Ok(Finite)
    }
}
