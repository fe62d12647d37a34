//! Access to parameters by id, independent of their types.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};

use nice_plug::plugin::ParamValue;
use nice_plug::prelude::{Param, ParamPtr, Params, PluginState};

use super::id::Setting;
use super::part_table::PartParams;
use super::stored::StoredBindings;
use super::table::{DescantParams, ParamId};
use super::visitor::ParamVisitor;
use crate::music::Part;

impl DescantParams {
    /// The parameters of `part`.
    pub const fn part(&self, part: Part) -> &PartParams {
        match part {
            Part::Drums => &self.drums,
            Part::Bass => &self.bass,
            Part::Chords => &self.chords,
            Part::Arpeggio => &self.arpeggio,
            Part::Melody => &self.melody,
        }
    }

    /// Adds to a stored state the parameters that it lacks, with their defaults. The framework would leave them, which
    /// an older version did not have, at their current values.
    pub fn complete(&self, state: &mut PluginState) {
        state.fields.entry(StoredBindings::FIELD.to_owned()).or_insert_with(|| "{}".to_owned());
        for (name, id) in self.by_id() {
            state.params.entry(name).or_insert_with(|| self.visit(id, ReadFirst));
        }
    }

    /// Every parameter's id and value, as they are stored.
    pub fn values(&self) -> impl Iterator<Item = (String, ParamValue)> {
        self.by_id().into_iter().map(|(name, id)| (name, self.visit(id, ReadNow)))
    }

    /// Everything that a host would store, as the framework gives it to one.
    pub fn to_state(&self) -> PluginState {
        PluginState {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            params: self.values().collect(),
            fields: self.serialize_fields(),
        }
    }

    /// Sets everything to the values in `state`. Only without a host, and before anything plays.
    pub fn take_state(&self, state: &PluginState) {
        for (name, id) in self.by_id() {
            if let Some(value) = state.params.get(&name) {
                self.visit(id, Put(value));
            }
        }
        self.deserialize_fields(&state.fields);
    }

    /// Sets the parameter `id` to `value`. Only without a host, and before anything plays.
    pub fn put(&self, id: ParamId, value: &ParamValue) {
        self.visit(id, Put(value));
    }

    /// Sets the parameter `id` to the normalised value `place`, `0.0..=1.0`. Only without a host, and before anything
    /// plays.
    pub fn put_at(&self, id: ParamId, place: f32) {
        self.visit(id, PutAt(place));
    }

    /// The value of the parameter `id` as an interface shows it.
    pub fn setting(&self, id: ParamId) -> Setting {
        self.visit(id, ReadSetting)
    }

    /// All parameters by their stored ids.
    pub fn by_id(&self) -> BTreeMap<String, ParamId> {
        let known: HashMap<ParamPtr, ParamId> =
            ParamId::all().map(|id| (self.visit(id, Identify), id)).collect();
        let named = self.param_map().into_iter();
        named.filter_map(|(name, param, _)| Some((name, *known.get(&param)?))).collect()
    }

    /// The names of all values of the parameter `id`, in order; empty if they are continuous or mere numbers.
    pub fn choices(&self, id: ParamId) -> Vec<String> {
        self.visit(id, ReadChoices)
    }
}

struct Identify;

impl ParamVisitor for Identify {
    type Output = ParamPtr;

    fn visit<P: Param>(self, param: &P) -> ParamPtr {
        param.as_ptr()
    }
}

/// Reads the default, in its stored form.
struct ReadFirst;

impl ParamVisitor for ReadFirst {
    type Output = ParamValue;

    fn visit<P: Param<Plain: 'static>>(self, param: &P) -> ParamValue {
        stored(param, &param.default_plain_value(), param.default_normalized_value())
    }
}

/// Reads the current value, in its stored form.
struct ReadNow;

impl ParamVisitor for ReadNow {
    type Output = ParamValue;

    fn visit<P: Param<Plain: 'static>>(self, param: &P) -> ParamValue {
        stored(param, &param.unmodulated_plain_value(), param.unmodulated_normalized_value())
    }
}

/// The value `plain` of `param`, which is `normalized` in its range, in its stored form.
fn stored<P: Param<Plain: 'static>>(param: &P, plain: &P::Plain, normalized: f32) -> ParamValue {
    let plain: &dyn Any = plain;
    let number = plain.downcast_ref().copied().map(ParamValue::F32);
    let count = || plain.downcast_ref().copied().map(ParamValue::I32);
    let switch = || plain.downcast_ref().copied().map(ParamValue::Bool);
    // Other types are choices, stored by their index.
    let place = || {
        let last = param.step_count().and_then(|n| u16::try_from(n).ok()).unwrap_or(0);
        let steps =
            (0..=last).find(|step| f32::from(*step) + 0.5 > normalized * f32::from(last)).unwrap_or(0);
        ParamValue::I32(i32::from(steps))
    };
    number.or_else(count).or_else(switch).unwrap_or_else(place)
}

/// Sets a parameter to a stored value; ignores a value of another type.
struct Put<'a>(&'a ParamValue);

impl ParamVisitor for Put<'_> {
    type Output = ();

    fn visit<P: Param<Plain: 'static>>(self, param: &P) {
        let plain: Box<dyn Any> = match *self.0 {
            ParamValue::F32(number) => Box::new(number),
            ParamValue::I32(count) => Box::new(count),
            ParamValue::Bool(is_on) => Box::new(is_on),
            ParamValue::String(_) => return,
        };
        let place = |step: &i32| {
            let last = param.step_count().and_then(|n| u16::try_from(n).ok()).filter(|last| *last > 0)?;
            Some(f32::from(u16::try_from(*step).ok()?.min(last)) / f32::from(last))
        };
        let normalized = match plain.downcast::<P::Plain>() {
            Ok(plain) => Some(param.preview_normalized(*plain)),
            Err(step) => step.downcast_ref().and_then(place),
        };
        if let Some(normalized) = normalized.filter(|place| place.is_finite()) {
            PutAt(normalized).visit(param);
        }
    }
}

/// Sets a parameter to a normalised value, `0.0..=1.0`.
struct PutAt(f32);

impl ParamVisitor for PutAt {
    type Output = ();

    #[expect(
        unsafe_code,
        reason = "the framework lets its own programs alone set a parameter without a host"
    )]
    fn visit<P: Param>(self, param: &P) {
        // SAFETY: the pointer is that of `param`, which is borrowed for the call, and values are atomics.
        unsafe {
            param.as_ptr()._internal_set_normalized_value(self.0);
        }
    }
}

struct ReadSetting;

impl ParamVisitor for ReadSetting {
    type Output = Setting;

    fn visit<P: Param>(self, param: &P) -> Setting {
        let normalized = param.unmodulated_normalized_value();
        Setting {
            normalized,
            default: param.default_normalized_value(),
            text: param.normalized_value_to_string(normalized, true),
            n_steps: param.step_count(),
        }
    }
}

struct ReadChoices;

impl ParamVisitor for ReadChoices {
    type Output = Vec<String>;

    fn visit<P: Param>(self, param: &P) -> Vec<String> {
        /// More values than a menu can hold are numbers.
        const MAX_CHOICES: u16 = 32;
        let n_steps = param.step_count().and_then(|n| u16::try_from(n).ok()).unwrap_or(u16::MAX);
        if !(1..MAX_CHOICES).contains(&n_steps) {
            return Vec::new();
        }
        let place = |step: u16| f32::from(step) / f32::from(n_steps);
        (0..=n_steps).map(|step| param.normalized_value_to_string(place(step), true)).collect()
    }
}
