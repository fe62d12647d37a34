//! Converts presets to edits of parameters, and parameters to presets.
//!
//! A preset sets how phrases are composed and played. Parameters of the setup and of the moment are not governed by
//! presets: bypass, play, launch and commit, the keys of slots, the preview's level, MIDI channels, mute and solo, and
//! switches that trigger a command. All other parameters are governed: those that a preset does not name return to their
//! defaults, so that its result does not depend on earlier settings. Exceptions are the parameters that keep the phrase
//! playing and answering, which stay unless the preset names them: choosing a preset on stage stops nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use nice_plug::prelude::Param;

use super::words_to_params::Edits;
use crate::params::table::{KEPT_BY_PRESETS, NOT_FOR_PRESETS};
use crate::params::{DescantParams, ParamId, ParamVisitor, PartParam};
use crate::preset::{Library, Preset, SaveError, folder, number};

/// Places in a range that differ by less are the same value.
const SAME_PLACE: f32 = 1e-4;

/// The library of presets, with the edits of the last one looked up as a cache.
#[derive(Debug, Default)]
pub struct Presets {
    library: Arc<Library>,
    /// The name looked up last, and the edits of that preset; no edits if there is none of that name.
    known: Option<(String, Edits)>,
}

impl Presets {
    /// The library of presets.
    pub fn library(&self) -> Arc<Library> {
        Arc::clone(&self.library)
    }

    /// Reads the user's presets from their folder.
    pub fn read_folder(&mut self) {
        let library = Library::read(folder::user_folder());
        if *self.library != library {
            (self.library, self.known) = (Arc::new(library), None);
        }
    }

    /// Whether `params` differ from the values of the preset called `name`; `false` if there is no such preset any more.
    pub fn is_changed(&mut self, name: &str, params: &DescantParams) -> bool {
        let (_, edits) = match self.known.take() {
            Some(known) if known.0 == name => self.known.insert(known),
            _ => {
                let preset = self.library.find(name);
                let edits = preset.map(|preset| edits_of_preset(preset, params).0).unwrap_or_default();
                self.known.insert((name.to_owned(), edits))
            }
        };
        edits.iter().any(|(id, place)| !is_at(params, *id, *place))
    }

    /// The edits that set the preset called `name`, and remarks on values that cannot be set. `None` if there is no such
    /// preset.
    pub fn choose(&mut self, name: &str, params: &DescantParams) -> Option<(Edits, Vec<String>)> {
        let (edits, remarks) = edits_of_preset(self.library.find(name)?, params);
        let before = self.known.replace((name.to_owned(), edits.clone()));
        // The host may not have applied the previous preset yet, so its edits do not show in `params`.
        let coming = before.map(|(_, edits)| edits).unwrap_or_default();
        let is_needed = |(id, place): &(ParamId, f32)| {
            let is_coming = coming.iter().any(|(other, coming)| other == id && coming != place);
            is_coming || !is_at(params, *id, *place)
        };
        Some((edits.into_iter().filter(is_needed).collect(), remarks))
    }

    /// The tempo that the preset called `name` asks for, in beats per minute; `None` if it names none.
    pub fn tempo(&self, name: &str, params: &DescantParams) -> Option<f32> {
        let tempo = &params.playing.tempo;
        let named = params.by_id().into_iter().find(|(_, id)| *id == ParamId::Tempo)?.0;
        let text = self.library.find(name)?.values.get(&named)?;
        Some(tempo.preview_plain(tempo.string_to_normalized_value(text)?))
    }

    /// Saves `params` as a preset of the user's called `name`; returns the name it got.
    ///
    /// # Errors
    ///
    /// [`SaveError`], which says what to do.
    pub fn save(&mut self, name: &str, params: &DescantParams) -> Result<String, SaveError> {
        self.read_folder();
        self.known = None;
        Arc::make_mut(&mut self.library).save(name, values(params))
    }
}

/// Whether presets govern `id`.
fn is_governed(id: ParamId) -> bool {
    match id {
        ParamId::Part(
            _,
            PartParam::Channel | PartParam::Mute | PartParam::Solo | PartParam::Program | PartParam::Bank,
        ) => false,
        // Drums have no octave, and one kit as their only sound.
        ParamId::Part(part, PartParam::Octave | PartParam::Sound) => !part.is_drums(),
        _ => !id.is_command() && !NOT_FOR_PRESETS.contains(&id),
    }
}

/// The edits that set every governed parameter to `preset`, and remarks on values that cannot be set.
pub fn edits_of_preset(preset: &Preset, params: &DescantParams) -> (Edits, Vec<String>) {
    let by_id = params.by_id();
    let mut places: BTreeMap<ParamId, f32> =
        by_id.values().filter(|id| is_governed(**id)).map(|id| (*id, params.setting(*id).default)).collect();
    let mut remarks = Vec::new();
    for (name, text) in &preset.values {
        let Some(place) = by_id.get(name).and_then(|id| places.get_mut(id)) else {
            remarks.push(if by_id.contains_key(name) {
                format!("{name} is not for presets and stays as it is")
            } else {
                format!("{name} is skipped, as only another version of Descant knows it")
            });
            continue;
        };
        let reading = params.visit(by_id[name], Reading(text));
        match reading {
            Some(Read::As(read)) => *place = read,
            Some(Read::Nearest(nearest, shown)) => {
                *place = nearest;
                remarks.push(format!("{name} cannot be {text} and is {shown}; mend it in the preset's file"));
            }
            None => {
                remarks.push(format!(
                    "{name} cannot be {text} and is as at first; mend it in the preset's file"
                ));
            }
        }
    }
    let is_named = |id: &ParamId| preset.values.keys().any(|name| by_id.get(name) == Some(id));
    places.retain(|id, _| !KEPT_BY_PRESETS.contains(id) || is_named(id));
    (places.into_iter().collect(), remarks)
}

/// The values of all governed parameters as a host shows them, by parameter id.
fn values(params: &DescantParams) -> BTreeMap<String, String> {
    let governed = params.by_id().into_iter().filter(|(_, id)| is_governed(*id));
    governed.map(|(name, id)| (name, params.setting(id).text)).collect()
}

fn is_at(params: &DescantParams, id: ParamId, place: f32) -> bool {
    (params.setting(id).normalized - place).abs() < SAME_PLACE
}

/// A text read as a place in a parameter's range, `0.0..=1.0`.
enum Read {
    As(f32),
    /// Not a value of the parameter; the nearest one, and its text.
    Nearest(f32, String),
}

struct Reading<'a>(&'a str);

impl ParamVisitor for Reading<'_> {
    type Output = Option<Read>;

    /// Reads the text that is shown for a value; any other number is rounded to the nearest value.
    fn visit<P: Param>(self, param: &P) -> Option<Read> {
        let place = param.string_to_normalized_value(self.0)?;
        let place = param.preview_normalized(param.preview_plain(place));
        let shown = param.normalized_value_to_string(place, true);
        if shown.eq_ignore_ascii_case(self.0.trim()) {
            return Some(Read::As(place));
        }
        // Numbers are rounded by less than a half.
        let is_rounded = (number(self.0)?.abs() - number(&shown)?.abs()).abs() <= 0.5;
        Some(if is_rounded { Read::As(place) } else { Read::Nearest(place, shown) })
    }
}

#[cfg(test)]
mod tests {
    use nice_plug::prelude::Params;
    use proptest::prelude::*;

    use super::*;
    use crate::preset::factory;

    fn params() -> DescantParams {
        DescantParams::new(Arc::default())
    }

    fn preset(values: &[(&str, &str)]) -> Preset {
        let values = values.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned()));
        Preset { name: "mine".to_owned(), values: values.collect(), ..Preset::default() }
    }

    struct Text(f32);

    impl ParamVisitor for Text {
        type Output = String;

        fn visit<P: Param>(self, param: &P) -> String {
            param.normalized_value_to_string(self.0, true)
        }
    }

    #[test]
    fn factory_presets_name_what_there_is_as_it_is_shown() {
        let params = params();
        let by_id = params.by_id();
        for preset in factory::presets() {
            let (edits, remarks) = edits_of_preset(&preset, &params);
            assert_eq!(remarks, Vec::<String>::new(), "{}", preset.name);
            let mut n_named = 0;
            for (id, place) in edits {
                let setting = params.setting(id);
                let named = preset.values.iter().find(|(name, _)| by_id.get(*name) == Some(&id));
                let Some((_, text)) = named else {
                    assert_eq!(place, setting.default, "{}: {id:?}", preset.name);
                    continue;
                };
                n_named += 1;
                assert_eq!(*text, params.visit(id, Text(place)), "{}: {id:?}", preset.name);
            }
            assert_eq!(n_named, preset.values.len(), "{}", preset.name);
        }
    }

    #[test]
    fn what_a_preset_does_not_govern_it_never_sets() {
        let params = params();
        let (all, remarks) = edits_of_preset(&preset(&[("bypass", "On"), ("bass_channel", "4")]), &params);
        assert!(remarks.len() == 2 && remarks.iter().all(|remark| remark.contains("not for presets")));
        assert!(all.iter().all(|(id, _)| is_governed(*id)));
        let named = values(&params);
        assert_eq!(named.len(), all.len() + 5, "what is of the stage is stored");
        for id in [
            "bypass",
            "generate",
            "restart",
            "panic",
            "revision",
            "preview",
            "quantum",
            "commit",
            "bass_channel",
            "bass_mute",
            "bass_solo",
            "drums_octave",
        ] {
            assert!(!named.contains_key(id), "{id}");
        }
    }

    #[test]
    fn what_is_of_the_stage_is_set_by_presets_that_name_it_alone() {
        let params = params();
        for (values, expected) in [
            (&[("swing", "58 %")][..], &[][..]),
            (&[("playmode", "Free"), ("evolve", "On")], &[ParamId::PlayMode, ParamId::Evolve]),
        ] {
            let (edits, remarks) = edits_of_preset(&preset(values), &params);
            let of_the_stage = edits.iter().map(|(id, _)| *id).filter(|id| KEPT_BY_PRESETS.contains(id));
            assert_eq!((of_the_stage.collect::<Vec<_>>().as_slice(), remarks), (expected, vec![]));
        }
    }

    #[test]
    fn what_cannot_be_set_is_reported_and_the_rest_is_set() {
        for (id, text, words) in [
            ("glide", "3", "glide is skipped"),
            ("style", "Polka", "style cannot be Polka and is as at first"),
            ("tempo", "900 BPM", "tempo cannot be 900 BPM and is 300 BPM"),
            ("density", "-20 %", "density cannot be -20 % and is 0 %"),
            ("bass_octave", "-9", "bass_octave cannot be -9 and is -3"),
            ("drums_on", "perhaps", "drums_on cannot be perhaps"),
            ("bars", "", "bars cannot be "),
        ] {
            let params = params();
            let (edits, remarks) = edits_of_preset(&preset(&[("swing", "58 %"), (id, text)]), &params);
            assert!(remarks.len() == 1 && remarks[0].starts_with(words), "{id} = {text}: {remarks:?}");
            let swing = edits.iter().find(|(id, _)| *id == ParamId::Swing);
            assert!(swing.is_some_and(|(_, place)| (place - 0.32).abs() < 1e-3), "{id}: {swing:?}");
        }
    }

    #[test]
    fn what_people_write_instead_is_understood() {
        for (id, text) in
            [("style", "Lo-fi"), ("tempo", "82.04"), ("density", "30"), ("drums_on", "off"), ("bars", "4")]
        {
            assert_eq!(
                edits_of_preset(&preset(&[(id, text)]), &params()).1,
                Vec::<String>::new(),
                "{id} = {text}"
            );
        }
    }

    #[test]
    fn a_preset_that_is_chosen_changes_only_what_differs() {
        let params = params();
        let library = Library {
            factory: vec![preset(&[("swing", "58 %")]), named("plain", &[])],
            ..Library::default()
        };
        let mut presets = Presets { library: Arc::new(library), known: None };
        assert!(presets.choose("gone", &params).is_none());
        assert!(!presets.is_changed("gone", &params));
        assert!(!presets.is_changed("plain", &params));
        let (edits, _) = presets.choose("mine", &params).unwrap();
        assert_eq!(edits.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [ParamId::Swing]);
        assert!(presets.is_changed("mine", &params), "the host has not set it yet");
        // The pending edits are not in `params` yet, and must still be undone.
        let (edits, _) = presets.choose("plain", &params).unwrap();
        assert_eq!(edits.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [ParamId::Swing]);
    }

    fn named(name: &str, values: &[(&str, &str)]) -> Preset {
        Preset { name: name.to_owned(), ..preset(values) }
    }

    proptest! {
        #[test]
        fn what_is_saved_sets_the_same(place in 0.0_f32..=1.0) {
            let params = params();
            let saved: BTreeMap<String, String> = params.by_id().into_iter()
                .filter(|(_, id)| is_governed(*id))
                .map(|(name, id)| (name, params.visit(id, Shown(place))))
                .collect();
            prop_assert!(saved.len() < params.param_map().len());
            let preset = Preset { values: saved.clone(), ..preset(&[]) };
            let (edits, remarks) = edits_of_preset(&Preset::from_toml(&preset.to_toml().unwrap()).unwrap(), &params);
            prop_assert_eq!(remarks, Vec::<String>::new());
            let by_id = params.by_id();
            let again: BTreeMap<String, String> = by_id.into_iter()
                .filter_map(|(name, id)| {
                    let (_, place) = edits.iter().find(|(edited, _)| *edited == id)?;
                    Some((name, params.visit(id, Text(*place))))
                })
                .collect();
            prop_assert_eq!(again, saved);
        }
    }

    /// What is shown at the step nearest to a place.
    struct Shown(f32);

    impl ParamVisitor for Shown {
        type Output = String;

        fn visit<P: Param>(self, param: &P) -> String {
            param.normalized_value_to_string(param.preview_normalized(param.preview_plain(self.0)), true)
        }
    }
}
