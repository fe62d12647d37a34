//! The plugin's parameters: what a host shows, automates and stores.
//!
//! Ids are for ever: projects name parameters by them. A parameter may get another name, range or place, never another
//! id; a test holds the list. Values that may be left to the model have *Auto* at the low end of their range.
//!
//! # Threads
//!
//! Values are atomics: the host sets them, every thread may read them.

pub mod actions;

pub mod bindings;

pub mod choice;

pub mod id;

pub mod measured;

pub mod press_counters;

pub mod stored;

pub mod text;

pub mod visit;

pub mod task_settings;

use std::sync::Arc;

use nice_plug::prelude::{BoolParam, EnumParam, FloatParam, FloatRange, IntParam, IntRange, Params};

use crate::knobs::Dial;
use crate::music::Part;
use crate::player::{KeyTrigger, Mode as PlayMode, Quantum, SwingUnit, TempoSource};
use crate::session::{Keep, ScaleRule};
use crate::worker::Shared;
use choice::{
    AnswerChoice, CountInChoice, EndingChoice, FormChoice, GrooveChoice, KeySwitchChoice, MeterChoice,
    ModeChoice, ProgramsChoice, SoundChoice, StyleChoice, TonicChoice, VelocityCurveChoice,
};

pub use actions::{ActionParams, MAX_REVISION};
pub use bindings::{Bindings, Control, Learnable, Purpose};
pub use id::{ParamId, PartParam, Setting};
pub use measured::Outcome;
pub use press_counters::PressCounters;
pub use stored::{StoredBindings, StoredOthers, StoredProject};
pub use task_settings::Brief;
pub use text::SILENCE_DB;
pub use visit::ParamVisitor;

/// Every parameter; see [`ParamId`] for what each does.
#[derive(Params)]
#[expect(missing_docs, reason = "each is described in `ParamId`")]
pub struct DescantParams {
    #[nested]
    pub project: StoredProject,
    #[nested]
    pub bindings: StoredBindings,
    #[nested]
    pub others: StoredOthers,
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
    pub scale: EnumParam<ScaleRule>,
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
    pub vary_keep: EnumParam<Keep>,
    #[id = "form"]
    pub form: EnumParam<FormChoice>,
    #[id = "ending"]
    pub ending: EnumParam<EndingChoice>,
}

/// How the phrase is played.
#[derive(Params)]
#[expect(missing_docs, reason = "each is described in `ParamId`")]
pub struct PlayingParams {
    #[id = "playmode"]
    pub mode: EnumParam<PlayMode>,
    #[id = "play"]
    pub play: BoolParam,
    #[id = "tempo"]
    pub tempo: FloatParam,
    #[id = "temposrc"]
    pub tempo_source: EnumParam<TempoSource>,
    #[id = "quantum"]
    pub quantum: EnumParam<Quantum>,
    #[id = "commit"]
    pub commit_beats: FloatParam,
    #[id = "swing"]
    pub swing: FloatParam,
    #[id = "swingunit"]
    pub swing_unit: EnumParam<SwingUnit>,
    #[id = "groove"]
    pub groove: EnumParam<GrooveChoice>,
    #[id = "groovamt"]
    pub groove_amount: IntParam,
    #[id = "perform"]
    pub performance: IntParam,
    #[id = "humanise"]
    pub humanise: IntParam,
    #[id = "accent"]
    pub accent: IntParam,
    #[id = "notelen"]
    pub note_length: IntParam,
    #[id = "keytrig"]
    pub key_trigger: EnumParam<KeyTrigger>,
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
    #[id = "hold"]
    pub hold: BoolParam,
    #[id = "through"]
    pub through: BoolParam,
    #[id = "programs"]
    pub programs: EnumParam<ProgramsChoice>,
    #[id = "countin"]
    pub count_in: EnumParam<CountInChoice>,
    #[id = "preview"]
    pub preview_level: FloatParam,
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
    #[id = "program"]
    pub program: IntParam,
    #[id = "bank"]
    pub bank: IntParam,
    #[id = "sound"]
    pub sound: EnumParam<SoundChoice>,
}

impl DescantParams {
    /// Parameters at their first values, stored together with the project on `desk`.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self {
            project: StoredProject(shared),
            bindings: StoredBindings::default(),
            others: StoredOthers::default(),
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

    /// How often something changed that is stored beside the parameters, but for restoring.
    pub fn n_changes(&self) -> u64 {
        self.project.0.n_edits().wrapping_add(self.bindings.0.n_changes().into())
    }

    /// Whether it has changed since this was asked last: then there is something to save, of which a host knows nothing.
    pub fn take_news(&self) -> bool {
        let (is_edited, is_bound) = (self.project.0.take_news(), self.bindings.0.take_news());
        is_edited || is_bound
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
            scale: EnumParam::new("Scale", ScaleRule::default()),
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
            vary_keep: EnumParam::new("Vary keeps", Keep::default()),
            form: EnumParam::new("Form", FormChoice::default()),
            ending: EnumParam::new("Ending", EndingChoice::default()),
        }
    }
}

impl Default for PlayingParams {
    fn default() -> Self {
        Self {
            mode: EnumParam::new("Play mode", PlayMode::default()),
            play: BoolParam::new("Play", true),
            tempo: FloatParam::new("Tempo", 100.0, FloatRange::Linear { min: 30.0, max: 300.0 })
                .with_step_size(0.1)
                .with_unit(" BPM")
                .with_value_to_string(text::tempo())
                .with_string_to_value(text::from_number()),
            tempo_source: EnumParam::new("Tempo source", TempoSource::default()),
            quantum: EnumParam::new("Launch", Quantum::default()),
            commit_beats: FloatParam::new("Commit", 1.0, FloatRange::Linear { min: 0.0, max: 16.0 })
                .with_step_size(0.25)
                .with_value_to_string(text::beats())
                .with_string_to_value(text::from_number()),
            swing: FloatParam::new("Swing", 50.0, FloatRange::Linear { min: 50.0, max: 75.0 })
                .with_step_size(0.5)
                .with_value_to_string(text::swing())
                .with_string_to_value(text::from_number()),
            swing_unit: EnumParam::new("Swing unit", SwingUnit::default()),
            groove: EnumParam::new("Groove", GrooveChoice::default()),
            groove_amount: percent("Groove amount", 100, 0..=100),
            performance: percent("Performance", 100, 0..=150),
            humanise: percent("Humanise", 0, 0..=100),
            accent: percent("Accent", 0, 0..=100),
            note_length: percent("Note length", 100, 10..=200),
            key_trigger: EnumParam::new("Key trigger", KeyTrigger::default()),
            key_dynamics: percent("Key dynamics", 50, 0..=100),
            key_switches: EnumParam::new("Key switches", KeySwitchChoice::default()),
            follow: BoolParam::new("Follow", false),
            evolve: BoolParam::new("Evolve", false),
            answer: EnumParam::new("Answer", AnswerChoice::default()),
            one_channel: IntParam::new("Output channel", 0, IntRange::Linear { min: 0, max: 16 })
                .with_value_to_string(text::zero_as("Per part"))
                .with_string_to_value(text::from_zero_as("Per part")),
            velocity_curve: EnumParam::new("Velocity curve", VelocityCurveChoice::default()),
            hold: BoolParam::new("Hold", false),
            through: BoolParam::new("MIDI through", true),
            programs: EnumParam::new("Programs", ProgramsChoice::default()),
            count_in: EnumParam::new("Count-in", CountInChoice::default()),
            preview_level: FloatParam::new("Preview level", 0.0, decibels())
                .with_step_size(0.1)
                .with_value_to_string(text::decibels())
                .with_string_to_value(text::from_decibels()),
        }
    }
}

impl ComposingParams {
    /// The parameter that stands for `dial`.
    pub const fn dial(&self, dial: Dial) -> &IntParam {
        match dial {
            Dial::Valence => &self.valence,
            Dial::Arousal => &self.arousal,
            Dial::Density => &self.density,
            Dial::Syncopation => &self.syncopation,
            Dial::Complexity => &self.complexity,
            Dial::Register => &self.register,
            Dial::Leaps => &self.leaps,
            Dial::Rests => &self.rests,
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
        // Drums are a kit: theirs does nothing and is not shown.
        let sound = EnumParam::new(named("sound"), SoundChoice::default());
        // As people count them; 0 is none.
        let number = |what: &str| {
            IntParam::new(named(what), 0, IntRange::Linear { min: 0, max: 128 })
                .with_value_to_string(text::zero_as("None"))
                .with_string_to_value(text::from_zero_as("None"))
        };
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
            program: number("program"),
            bank: number("bank"),
            sound: if part.is_drums() { sound.hide() } else { sound },
        }
    }
}

fn percent(name: &str, default: i32, range: std::ops::RangeInclusive<i32>) -> IntParam {
    IntParam::new(name, default, IntRange::Linear { min: *range.start(), max: *range.end() })
        .with_value_to_string(text::percent())
        .with_string_to_value(text::from_percent())
}

/// 0 to 100 per cent with [`text::AUTO`] below, which it has at first.
fn auto_percent(name: &str) -> IntParam {
    IntParam::new(name, text::AUTO, IntRange::Linear { min: text::AUTO, max: 100 })
        .with_value_to_string(text::auto_percent())
        .with_string_to_value(text::from_auto_percent())
}

fn decibels() -> FloatRange {
    FloatRange::Linear { min: SILENCE_DB, max: 6.0 }
}

#[cfg(test)]
mod tests;
