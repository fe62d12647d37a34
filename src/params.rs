//! The plugin's parameters: what a host shows, automates and stores.
//!
//! Ids are for ever: projects name parameters by them. A parameter may get another name, range or place, never another
//! id; a test holds the list. Values that may be left to the model have *Auto* at the low end of their range.
//!
//! # Threads
//!
//! Values are atomics: the host sets them, every thread may read them.

pub mod choice;

pub mod id;

pub mod outcome;

pub mod press;

pub mod text;

pub mod wishes;

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use nice_plug::params::persist::PersistentField;
use nice_plug::plugin::ParamValue;
use nice_plug::prelude::{
    BoolParam, EnumParam, FloatParam, FloatRange, IntParam, IntRange, Param, ParamPtr, Params, PluginState,
};
use serde::de::IgnoredAny;

use crate::music::Part;
use crate::session::Project;
use crate::worker::Desk;
use choice::{
    AnswerChoice, FormChoice, GrooveChoice, KeepChoice, KeySwitchChoice, KeyTriggerChoice, MeterChoice,
    ModeChoice, PlayModeChoice, QuantumChoice, ScaleChoice, StyleChoice, SwingUnitChoice, TempoSourceChoice,
    TonicChoice, VelocityCurveChoice,
};

pub use id::{ParamId, PartParam, Setting};
pub use outcome::Outcome;
pub use press::{Press, Presses};
pub use wishes::Brief;

/// Every parameter; see [`ParamId`] for what each does.
#[derive(Params)]
#[expect(missing_docs, reason = "each is described in `ParamId`")]
pub struct DescantParams {
    #[persist = "project"]
    pub project: StoredDesk,
    #[id = "bypass"]
    pub bypass: BoolParam,
    #[nested(group = "Composing")]
    pub composing: ComposingParams,
    #[nested(group = "Playing")]
    pub playing: PlayingParams,
    #[nested(group = "Actions")]
    pub actions: ActionParams,
    #[nested(id_prefix = "drums", group = "Drums")]
    pub drums: PartParams,
    #[nested(id_prefix = "bass", group = "Bass")]
    pub bass: PartParams,
    #[nested(id_prefix = "chords", group = "Chords")]
    pub chords: PartParams,
    #[nested(id_prefix = "arp", group = "Arpeggio")]
    pub arpeggio: PartParams,
    #[nested(id_prefix = "melody", group = "Melody")]
    pub melody: PartParams,
}

/// What is asked of the model.
#[derive(Params)]
#[expect(missing_docs, reason = "each is described in `ParamId`")]
pub struct ComposingParams {
    #[id = "style"]
    pub style: EnumParam<StyleChoice>,
    #[id = "valence"]
    pub valence: IntParam,
    #[id = "arousal"]
    pub arousal: IntParam,
    #[id = "tonic"]
    pub tonic: EnumParam<TonicChoice>,
    #[id = "mode"]
    pub mode: EnumParam<ModeChoice>,
    #[id = "scale"]
    pub scale: EnumParam<ScaleChoice>,
    #[id = "meter"]
    pub meter: EnumParam<MeterChoice>,
    #[id = "bars"]
    pub bars: IntParam,
    #[id = "density"]
    pub density: IntParam,
    #[id = "syncop"]
    pub syncopation: IntParam,
    #[id = "complex"]
    pub complexity: IntParam,
    #[id = "surprise"]
    pub surprise: IntParam,
    #[id = "register"]
    pub register: IntParam,
    #[id = "leaps"]
    pub leaps: IntParam,
    #[id = "rests"]
    pub rests: IntParam,
    #[id = "varyamt"]
    pub vary_amount: IntParam,
    #[id = "varykeep"]
    pub vary_keep: EnumParam<KeepChoice>,
    #[id = "form"]
    pub form: EnumParam<FormChoice>,
}

/// How the phrase is played.
#[derive(Params)]
#[expect(missing_docs, reason = "each is described in `ParamId`")]
pub struct PlayingParams {
    #[id = "playmode"]
    pub mode: EnumParam<PlayModeChoice>,
    #[id = "tempo"]
    pub tempo: FloatParam,
    #[id = "temposrc"]
    pub tempo_source: EnumParam<TempoSourceChoice>,
    #[id = "quantum"]
    pub quantum: EnumParam<QuantumChoice>,
    #[id = "commit"]
    pub commit_beats: FloatParam,
    #[id = "swing"]
    pub swing: FloatParam,
    #[id = "swingunit"]
    pub swing_unit: EnumParam<SwingUnitChoice>,
    #[id = "groove"]
    pub groove: EnumParam<GrooveChoice>,
    #[id = "groovamt"]
    pub groove_amount: IntParam,
    #[id = "humanise"]
    pub humanise: IntParam,
    #[id = "accent"]
    pub accent: IntParam,
    #[id = "notelen"]
    pub note_length: IntParam,
    #[id = "keytrig"]
    pub key_trigger: EnumParam<KeyTriggerChoice>,
    #[id = "keydyn"]
    pub key_dynamics: IntParam,
    #[id = "keyswitch"]
    pub key_switches: EnumParam<KeySwitchChoice>,
    #[id = "follow"]
    pub follow: BoolParam,
    #[id = "evolve"]
    pub evolve: BoolParam,
    #[id = "answer"]
    pub answer: EnumParam<AnswerChoice>,
    #[id = "onechan"]
    pub one_channel: IntParam,
    #[id = "velcurve"]
    pub velocity_curve: EnumParam<VelocityCurveChoice>,
    #[id = "preview"]
    pub preview_level: FloatParam,
}

/// What happens when a switch goes on, so that a controller or an automation lane can do it.
#[derive(Params)]
#[expect(missing_docs, reason = "each is described in `ParamId`")]
pub struct ActionParams {
    #[id = "generate"]
    pub generate: BoolParam,
    #[id = "continue"]
    pub continue_phrase: BoolParam,
    #[id = "vary"]
    pub vary: BoolParam,
    #[id = "respond"]
    pub respond: BoolParam,
    #[id = "accompany"]
    pub accompany: BoolParam,
    #[id = "prevtake"]
    pub previous_take: BoolParam,
    #[id = "nexttake"]
    pub next_take: BoolParam,
    #[id = "slot"]
    pub slot: IntParam,
    #[id = "panic"]
    pub panic: BoolParam,
    #[id = "revision"]
    pub revision: IntParam,
    /// How often each was switched.
    pub presses: Arc<Presses>,
}

/// What each part has.
#[derive(Params)]
#[expect(missing_docs, reason = "each is described in `PartParam`")]
pub struct PartParams {
    #[id = "on"]
    pub on: BoolParam,
    #[id = "level"]
    pub level: FloatParam,
    #[id = "pan"]
    pub pan: IntParam,
    #[id = "mute"]
    pub mute: BoolParam,
    #[id = "solo"]
    pub solo: BoolParam,
    #[id = "channel"]
    pub channel: IntParam,
    #[id = "density"]
    pub density: IntParam,
    #[id = "octave"]
    pub octave: IntParam,
}

/// The lowest preview level, which is silence, in decibels.
pub const SILENCE_DB: f32 = -60.0;

/// Slots that takes may lie in.
const N_SLOTS: i32 = 12;

/// The value that the revision goes back to 0 after.
pub const MAX_REVISION: i32 = 999;

impl DescantParams {
    /// The name under which the project is stored.
    pub const PROJECT_FIELD: &str = "project";

    /// Parameters at their first values, stored together with the project on `desk`.
    pub fn new(desk: Arc<Desk>) -> Self {
        Self {
            project: StoredDesk(desk),
            bypass: BoolParam::new("Bypass", false).make_bypass(),
            composing: ComposingParams::default(),
            playing: PlayingParams::default(),
            actions: ActionParams::default(),
            drums: PartParams::new(Part::Drums),
            bass: PartParams::new(Part::Bass),
            chords: PartParams::new(Part::Chords),
            arpeggio: PartParams::new(Part::Arpeggio),
            melody: PartParams::new(Part::Melody),
        }
    }
}

/// The project on a desk, as something that a host stores beside the parameters.
///
/// # Threads
///
/// A host that loads while it plays may have this done on its audio thread: the lock is held for moments only.
#[derive(Debug)]
pub struct StoredDesk(Arc<Desk>);

impl StoredDesk {
    /// Makes a text of `text` that is no JSON, so that it reaches the project, which keeps what it cannot read, and is
    /// not dropped before.
    pub fn keep_unreadable(text: &mut String) {
        if serde_json::from_str::<IgnoredAny>(text).is_err() {
            *text = serde_json::Value::from(std::mem::take(text)).to_string();
        }
    }
}

impl PersistentField<'_, Project> for StoredDesk {
    fn set(&self, project: Project) {
        self.0.restore(project);
    }

    fn map<F: Fn(&Project) -> R, R>(&self, look: F) -> R {
        look(&self.0.project())
    }
}

impl Default for ComposingParams {
    fn default() -> Self {
        Self {
            style: EnumParam::new("Style", StyleChoice(None)),
            valence: auto_percent("Valence"),
            arousal: auto_percent("Arousal"),
            tonic: EnumParam::new("Key", TonicChoice(None)),
            mode: EnumParam::new("Mode", ModeChoice(None)),
            scale: EnumParam::new("Scale", ScaleChoice::default()),
            meter: EnumParam::new("Meter", MeterChoice::default()),
            bars: IntParam::new("Bars", 8, IntRange::Linear { min: 1, max: 16 })
                .with_value_to_string(text::bars())
                .with_string_to_value(text::from_bars()),
            density: auto_percent("Density"),
            syncopation: auto_percent("Syncopation"),
            complexity: auto_percent("Complexity"),
            surprise: percent("Surprise", 50, 0..=100),
            register: auto_percent("Register"),
            leaps: auto_percent("Leaps"),
            rests: auto_percent("Rests"),
            vary_amount: percent("Vary amount", 30, 5..=100),
            vary_keep: EnumParam::new("Vary keeps", KeepChoice::default()),
            form: EnumParam::new("Form", FormChoice::default()),
        }
    }
}

impl Default for PlayingParams {
    fn default() -> Self {
        Self {
            mode: EnumParam::new("Play mode", PlayModeChoice::default()),
            tempo: FloatParam::new("Tempo", 100.0, FloatRange::Linear { min: 30.0, max: 300.0 })
                .with_step_size(0.1)
                .with_unit(" BPM")
                .with_value_to_string(text::tempo())
                .with_string_to_value(text::from_number()),
            tempo_source: EnumParam::new("Tempo source", TempoSourceChoice::default()),
            quantum: EnumParam::new("Launch", QuantumChoice::default()),
            commit_beats: FloatParam::new("Commit", 1.0, FloatRange::Linear { min: 0.0, max: 16.0 })
                .with_step_size(0.25)
                .with_value_to_string(text::beats())
                .with_string_to_value(text::from_number()),
            swing: FloatParam::new("Swing", 50.0, FloatRange::Linear { min: 50.0, max: 75.0 })
                .with_step_size(0.5)
                .with_value_to_string(text::swing())
                .with_string_to_value(text::from_number()),
            swing_unit: EnumParam::new("Swing unit", SwingUnitChoice::default()),
            groove: EnumParam::new("Groove", GrooveChoice::default()),
            groove_amount: percent("Groove amount", 100, 0..=100),
            humanise: percent("Humanise", 0, 0..=100),
            accent: percent("Accent", 0, 0..=100),
            note_length: percent("Note length", 100, 10..=200),
            key_trigger: EnumParam::new("Key trigger", KeyTriggerChoice::default()),
            key_dynamics: percent("Key dynamics", 50, 0..=100),
            key_switches: EnumParam::new("Key switches", KeySwitchChoice::default()),
            follow: BoolParam::new("Follow", false),
            evolve: BoolParam::new("Evolve", false),
            answer: EnumParam::new("Answer", AnswerChoice::default()),
            one_channel: IntParam::new("Output channel", 0, IntRange::Linear { min: 0, max: 16 })
                .with_value_to_string(text::zero_as("Per part"))
                .with_string_to_value(text::from_zero_as("Per part")),
            velocity_curve: EnumParam::new("Velocity curve", VelocityCurveChoice::default()),
            preview_level: FloatParam::new("Preview level", 0.0, decibels())
                .with_step_size(0.1)
                .with_value_to_string(text::decibels())
                .with_string_to_value(text::from_decibels()),
        }
    }
}

impl Default for ActionParams {
    fn default() -> Self {
        let presses = Arc::new(Presses::default());
        let switch = |name: &str, press: Press| {
            let presses = Arc::clone(&presses);
            BoolParam::new(name, false).with_callback(Arc::new(move |is_on| presses.count(press, is_on)))
        };
        Self {
            generate: switch("Generate", Press::Generate),
            continue_phrase: switch("Continue", Press::Continue),
            vary: switch("Vary", Press::Vary),
            respond: switch("Respond", Press::Respond),
            accompany: switch("Accompany", Press::Accompany),
            previous_take: switch("Previous take", Press::PreviousTake),
            next_take: switch("Next take", Press::NextTake),
            slot: IntParam::new("Slot", 0, IntRange::Linear { min: 0, max: N_SLOTS })
                .with_value_to_string(text::zero_as("Off"))
                .with_string_to_value(text::from_zero_as("Off")),
            panic: switch("Panic", Press::Panic),
            revision: IntParam::new("Revision", 0, IntRange::Linear { min: 0, max: MAX_REVISION })
                .non_automatable()
                .hide(),
            presses,
        }
    }
}

impl PartParams {
    fn new(part: Part) -> Self {
        // People count channels from 1.
        let channel = i32::from(part.usual_channel()) + 1;
        let is_on = part != Part::Arpeggio;
        let named = |what: &str| format!("{} {what}", text::title(part.name()));
        // Drums have keys and no octaves: theirs does nothing and is not shown.
        let octave = IntParam::new(named("octave"), 0, IntRange::Linear { min: -3, max: 3 })
            .with_value_to_string(text::signed())
            .with_string_to_value(text::from_signed());
        Self {
            on: BoolParam::new(named("on"), is_on),
            level: FloatParam::new(named("level"), 0.0, decibels())
                .with_step_size(0.1)
                .with_value_to_string(text::decibels())
                .with_string_to_value(text::from_decibels()),
            pan: IntParam::new(named("pan"), 0, IntRange::Linear { min: -100, max: 100 })
                .with_value_to_string(text::pan())
                .with_string_to_value(text::from_pan()),
            mute: BoolParam::new(named("mute"), false),
            solo: BoolParam::new(named("solo"), false),
            channel: IntParam::new(named("channel"), channel, IntRange::Linear { min: 1, max: 16 })
                .with_string_to_value(text::from_signed()),
            density: IntParam::new(named("density"), 0, IntRange::Linear { min: -50, max: 50 })
                .with_value_to_string(text::signed_percent())
                .with_string_to_value(text::from_percent()),
            octave: if part.is_drums() { octave.hide() } else { octave },
        }
    }
}

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

    /// Does `visitor`'s work on the parameter `id`.
    pub fn visit<V: ParamVisitor>(&self, id: ParamId, visitor: V) -> V::Output {
        let (composing, playing, actions) = (&self.composing, &self.playing, &self.actions);
        match id {
            ParamId::Bypass => visitor.visit(&self.bypass),
            ParamId::Style => visitor.visit(&composing.style),
            ParamId::Valence => visitor.visit(&composing.valence),
            ParamId::Arousal => visitor.visit(&composing.arousal),
            ParamId::Tempo => visitor.visit(&playing.tempo),
            ParamId::TempoSource => visitor.visit(&playing.tempo_source),
            ParamId::Tonic => visitor.visit(&composing.tonic),
            ParamId::Mode => visitor.visit(&composing.mode),
            ParamId::Scale => visitor.visit(&composing.scale),
            ParamId::Meter => visitor.visit(&composing.meter),
            ParamId::Bars => visitor.visit(&composing.bars),
            ParamId::Density => visitor.visit(&composing.density),
            ParamId::Syncopation => visitor.visit(&composing.syncopation),
            ParamId::Complexity => visitor.visit(&composing.complexity),
            ParamId::Surprise => visitor.visit(&composing.surprise),
            ParamId::Register => visitor.visit(&composing.register),
            ParamId::Leaps => visitor.visit(&composing.leaps),
            ParamId::Rests => visitor.visit(&composing.rests),
            ParamId::VaryAmount => visitor.visit(&composing.vary_amount),
            ParamId::VaryKeep => visitor.visit(&composing.vary_keep),
            ParamId::Form => visitor.visit(&composing.form),
            ParamId::Commit => visitor.visit(&playing.commit_beats),
            ParamId::Swing => visitor.visit(&playing.swing),
            ParamId::SwingUnit => visitor.visit(&playing.swing_unit),
            ParamId::Groove => visitor.visit(&playing.groove),
            ParamId::GrooveAmount => visitor.visit(&playing.groove_amount),
            ParamId::Humanise => visitor.visit(&playing.humanise),
            ParamId::Accent => visitor.visit(&playing.accent),
            ParamId::NoteLength => visitor.visit(&playing.note_length),
            ParamId::KeyTrigger => visitor.visit(&playing.key_trigger),
            ParamId::KeyDynamics => visitor.visit(&playing.key_dynamics),
            ParamId::KeySwitches => visitor.visit(&playing.key_switches),
            ParamId::Follow => visitor.visit(&playing.follow),
            ParamId::Evolve => visitor.visit(&playing.evolve),
            ParamId::Answer => visitor.visit(&playing.answer),
            ParamId::OneChannel => visitor.visit(&playing.one_channel),
            ParamId::VelocityCurve => visitor.visit(&playing.velocity_curve),
            ParamId::Quantum => visitor.visit(&playing.quantum),
            ParamId::PlayMode => visitor.visit(&playing.mode),
            ParamId::Generate => visitor.visit(&actions.generate),
            ParamId::Continue => visitor.visit(&actions.continue_phrase),
            ParamId::Vary => visitor.visit(&actions.vary),
            ParamId::Respond => visitor.visit(&actions.respond),
            ParamId::Accompany => visitor.visit(&actions.accompany),
            ParamId::PreviousTake => visitor.visit(&actions.previous_take),
            ParamId::NextTake => visitor.visit(&actions.next_take),
            ParamId::Slot => visitor.visit(&actions.slot),
            ParamId::Panic => visitor.visit(&actions.panic),
            ParamId::PreviewLevel => visitor.visit(&playing.preview_level),
            ParamId::Revision => visitor.visit(&actions.revision),
            ParamId::Part(part, id) => self.visit_part(part, id, visitor),
        }
    }

    fn visit_part<V: ParamVisitor>(&self, part: Part, id: PartParam, visitor: V) -> V::Output {
        let params = self.part(part);
        match id {
            PartParam::On => visitor.visit(&params.on),
            PartParam::Level => visitor.visit(&params.level),
            PartParam::Pan => visitor.visit(&params.pan),
            PartParam::Mute => visitor.visit(&params.mute),
            PartParam::Solo => visitor.visit(&params.solo),
            PartParam::Channel => visitor.visit(&params.channel),
            PartParam::Density => visitor.visit(&params.density),
            PartParam::Octave => visitor.visit(&params.octave),
        }
    }

    /// Adds to a stored state what it does not name, at its first value: the framework would leave such a parameter, which
    /// an older version did not have, as it happens to be.
    pub fn complete(&self, state: &mut PluginState) {
        for (name, id) in self.by_id() {
            state.params.entry(name).or_insert_with(|| self.visit(id, ReadFirst));
        }
    }

    /// What an interface shows of the parameter `id`.
    pub fn setting(&self, id: ParamId) -> Setting {
        self.visit(id, ReadSetting)
    }

    /// Every parameter by the id that hosts and presets name it by.
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

/// Work on a parameter of any type.
pub trait ParamVisitor {
    /// What the work gives.
    type Output;

    /// Does it.
    fn visit<P: Param<Plain: 'static>>(self, param: &P) -> Self::Output;
}

struct Identify;

impl ParamVisitor for Identify {
    type Output = ParamPtr;

    fn visit<P: Param>(self, param: &P) -> ParamPtr {
        param.as_ptr()
    }
}

/// The value at first, as it is stored.
struct ReadFirst;

impl ParamVisitor for ReadFirst {
    type Output = ParamValue;

    fn visit<P: Param<Plain: 'static>>(self, param: &P) -> ParamValue {
        let first: &dyn Any = &param.default_plain_value();
        let number = first.downcast_ref().copied().map(ParamValue::F32);
        let count = || first.downcast_ref().copied().map(ParamValue::I32);
        let switch = || first.downcast_ref().copied().map(ParamValue::Bool);
        // What is none of these is one of several choices, stored by its place among them.
        let place = || {
            let last = param.step_count().and_then(|n| u16::try_from(n).ok()).unwrap_or(0);
            let place = param.default_normalized_value() * f32::from(last);
            let steps = (0..=last).find(|step| f32::from(*step) + 0.5 > place).unwrap_or(0);
            ParamValue::I32(i32::from(steps))
        };
        number.or_else(count).or_else(switch).unwrap_or_else(place)
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

fn percent(name: &str, default: i32, range: std::ops::RangeInclusive<i32>) -> IntParam {
    IntParam::new(name, default, IntRange::Linear { min: *range.start(), max: *range.end() })
        .with_value_to_string(text::percent())
        .with_string_to_value(text::from_percent())
}

/// 0 to 100 per cent with [`wishes::AUTO`] below, which it has at first.
fn auto_percent(name: &str) -> IntParam {
    IntParam::new(name, wishes::AUTO, IntRange::Linear { min: wishes::AUTO, max: 100 })
        .with_value_to_string(text::auto_percent())
        .with_string_to_value(text::from_auto_percent())
}

fn decibels() -> FloatRange {
    FloatRange::Linear { min: SILENCE_DB, max: 6.0 }
}

#[cfg(test)]
mod tests;
