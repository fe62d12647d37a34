//! The table of all parameters, one row for each, where knobs are added. Parameters of parts are in
//! [`super::part_table`].
//!
//! # Adding a knob
//!
//! 1. Add a row at the end of its group, since hosts see parameters in the order of the rows, and its id to
//!    `src/params/ids.txt`.
//! 2. Name it in the lists below the rows: in which group of the editor's tabs it is shown, and whether presets set it.
//! 3. Have it act. A knob of playing is a field of [`crate::player::Settings`], which the row names as `player`. A knob of
//!    composing is a field of [`crate::knobs::Knobs`], which the row names as `knob`, or a [`Dial`] if it asks for a share of
//!    something: `src/knobs/to_task.rs` says what it asks of a task. What is neither is read where it acts, by its field here.
//!
//! A preset can name any row. On the command line a knob has a flag, in `src/bin/cli/settings_args.rs`, and what presets say of it is
//! read in `src/knobs/from_preset.rs`, but for dials, which need no line there. Words for it are in `src/words/lexicon`.
//!
//! # Rows
//!
//! ```text
//! /// How far notes stray in time and loudness.
//! Humanise "humanise" humanise: IntParam = percent("Humanise", 0, 0..=100), player humanise = fraction;
//! ```
//!
//! - What it does, as the editor says it to its user.
//! - `Humanise`: its name in [`ParamId`].
//! - `"humanise"`: what hosts, projects and presets know it by, for ever.
//! - `humanise: IntParam`: the field of its group.
//! - `percent("Humanise", 0, 0..=100)`: the parameter itself: name, first value, range and texts.
//! - `player humanise = fraction`: the player's setting that it stands for, and what makes that of its value, unless they are
//!   the same.
//! - `knob density` or `knob dials[Dial::Density]`: the knob of composing that it stands for. Their values are turned into each
//!   other, both ways, by [`StandsFor`].

use std::sync::Arc;

use nice_plug::prelude::{BoolParam, EnumParam, FloatParam, FloatRange, IntParam, IntRange, Params};

use super::actions::ActionParams;
use super::choice::{
    AnswerChoice, CountInChoice, EndingChoice, FormChoice, GrooveChoice, KeySwitchChoice, MeterChoice,
    ModeChoice, ProgramsChoice, StyleChoice, TonicChoice, VelocityCurveChoice,
};
use super::number::{auto_percent, decibels, percent};
use super::part_table::{PartParam, PartParams};
use super::rows::parameters;
use super::stands_for::{StandsFor, fraction, place};
use super::stored::{StoredBindings, StoredOthers, StoredProject};
use super::tabs::{Group, Widget};
use super::text;
use super::visitor::ParamVisitor;
use crate::knobs::Dial;
use crate::music::Part;
use crate::player::{KeyTrigger, Mode as PlayMode, Quantum, SwingUnit, TempoSource};
use crate::session::{Command, Keep, ScaleRule, Verb};
use crate::worker::Shared;

/// Every parameter.
#[derive(Params)]
#[expect(missing_docs, reason = "they are groups of parameters, by their names")]
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

parameters! {
    /// What is asked of the model.
    composing: ComposingParams {
        /// Style, or auto.
        Style "style" style: EnumParam<StyleChoice> = EnumParam::new("Style", StyleChoice(None)), knob style;
        /// Sad to joyful, or auto.
        Valence "valence" valence: IntParam = auto_percent("Valence"), knob dials[Dial::Valence];
        /// Calm to energetic, or auto.
        Arousal "arousal" arousal: IntParam = auto_percent("Arousal"), knob dials[Dial::Arousal];
        /// Tonic of the next phrase.
        Tonic "tonic" tonic: EnumParam<TonicChoice> = EnumParam::new("Key", TonicChoice(None)), knob tonic;
        /// Mode of the next phrase; Auto suits the mood.
        Mode "mode" mode: EnumParam<ModeChoice> = EnumParam::new("Mode", ModeChoice(None)), knob mode;
        /// Which notes and chords are composed: those of the scale, any, or what the style has.
        Scale "scale" scale: EnumParam<ScaleRule> = EnumParam::new("Scale", ScaleRule::default()), knob scale;
        /// Time signature of the next phrase.
        Meter "meter" meter: EnumParam<MeterChoice> = EnumParam::new("Meter", MeterChoice::default()), knob meter;
        /// Length of the next phrase.
        Bars "bars" bars: IntParam = IntParam::new("Bars", 8, IntRange::Linear { min: 1, max: 16 })
            .with_value_to_string(text::bars())
            .with_string_to_value(text::from_bars()), knob n_bars;
        /// How many notes.
        Density "density" density: IntParam = auto_percent("Density"), knob dials[Dial::Density];
        /// How much weight off-beats take from strong beats.
        Syncopation "syncop" syncopation: IntParam = auto_percent("Syncopation"), knob dials[Dial::Syncopation];
        /// Moves syncopation, polyphony and leaps together.
        Complexity "complex" complexity: IntParam = auto_percent("Complexity"), knob dials[Dial::Complexity];
        /// How boldly notes are drawn.
        Surprise "surprise" surprise: IntParam = percent("Surprise", 50, 0..=100), knob surprise;
        /// How high.
        Register "register" register: IntParam = auto_percent("Register"), knob dials[Dial::Register];
        /// From steps to leaps.
        Leaps "leaps" leaps: IntParam = auto_percent("Leaps"), knob dials[Dial::Leaps];
        /// How much silence.
        Rests "rests" rests: IntParam = auto_percent("Rests"), knob dials[Dial::Rests];
        /// How much of the phrase Vary composes anew.
        VaryAmount "varyamt" vary_amount: IntParam = percent("Vary amount", 30, 5..=100);
        /// What the notes keep that Vary composes anew: nothing, their rhythm or their pitches in order.
        VaryKeep "varykeep" vary_keep: EnumParam<Keep> = EnumParam::new("Vary keeps", Keep::default());
        /// Whether Generate composes a phrase or a song form, whose sections are as long as the knob Bars says.
        Form "form" form: EnumParam<FormChoice> = EnumParam::new("Form", FormChoice::default()), knob form;
        /// How the next phrase ends: leading back to its beginning, with a cadence, open on the dominant, or as it comes. Auto:
        /// phrases lead back, songs close.
        Ending "ending" ending: EnumParam<EndingChoice> = EnumParam::new("Ending", EndingChoice::default()), knob ending;
    }
    /// How the phrase is played.
    playing: PlayingParams {
        /// What starts and stops the phrase.
        PlayMode "playmode" mode: EnumParam<PlayMode> = EnumParam::new("Play mode", PlayMode::default()), player mode;
        /// Whether the phrase runs in Free mode.
        Play "play" play: BoolParam = BoolParam::new("Play", true), player is_running;
        /// Beats per minute.
        Tempo "tempo" tempo: FloatParam = FloatParam::new("Tempo", 100.0, FloatRange::Linear { min: 30.0, max: 300.0 })
            .with_step_size(0.1)
            .with_unit(" BPM")
            .with_value_to_string(text::tempo())
            .with_string_to_value(text::from_number()), player tempo = f64::from, knob tempo;
        /// Whose tempo phrases are composed for and played at: the host's, the Tempo knob's, or that of the MIDI clock that comes
        /// in, whose start and stop Free mode follows.
        TempoSource "temposrc" tempo_source: EnumParam<TempoSource> =
            EnumParam::new("Tempo source", TempoSource::default()), player tempo_source;
        /// Where a new phrase takes over.
        Quantum "quantum" quantum: EnumParam<Quantum> = EnumParam::new("Launch", Quantum::default()), player quantum;
        /// How far ahead of the playhead a newly composed phrase changes nothing, unless Launch is off; shaded in the roll.
        Commit "commit" commit_beats: FloatParam =
            FloatParam::new("Commit", 1.0, FloatRange::Linear { min: 0.0, max: 16.0 })
                .with_step_size(0.25)
                .with_value_to_string(text::beats())
                .with_string_to_value(text::from_number()), player commit_beats = f64::from;
        /// How late off-beats come; 50 % is straight.
        Swing "swing" swing: FloatParam = FloatParam::new("Swing", 50.0, FloatRange::Linear { min: 50.0, max: 75.0 })
            .with_step_size(0.5)
            .with_value_to_string(text::swing())
            .with_string_to_value(text::from_number()), player swing = fine_fraction;
        /// Which off-beats swing.
        SwingUnit "swingunit" swing_unit: EnumParam<SwingUnit> =
            EnumParam::new("Swing unit", SwingUnit::default()), player swing_unit;
        /// How late and how loud drummers of a style play each sixteenth, for all parts; Amount says how much of it.
        Groove "groove" groove: EnumParam<GrooveChoice> = EnumParam::new("Groove", GrooveChoice::default());
        /// How much of the groove.
        GrooveAmount "groovamt" groove_amount: IntParam = percent("Groove amount", 100, 0..=100),
            player groove_amount = fraction;
        /// How much composed notes are played as people play: 0 % is straight, 50 % tight, 150 % loose. A groove's timing takes
        /// its place.
        Performance "perform" performance: IntParam = percent("Performance", 100, 0..=150),
            player performance = fraction, knob performance;
        /// How far notes stray in time and loudness.
        Humanise "humanise" humanise: IntParam = percent("Humanise", 0, 0..=100), player humanise = fraction;
        /// Louder on strong beats, softer between.
        Accent "accent" accent: IntParam = percent("Accent", 0, 0..=100), player accent = fraction;
        /// Staccato to legato: how long notes are held; drums stay.
        NoteLength "notelen" note_length: IntParam = percent("Note length", 100, 10..=200), player note_length = fraction;
        /// In Keys mode: Gate plays while a key is held, Latch until the same key is played again, or with Follow until Panic.
        KeyTrigger "keytrig" key_trigger: EnumParam<KeyTrigger> =
            EnumParam::new("Key trigger", KeyTrigger::default()), player key_trigger;
        /// In Keys mode: how much the velocity of the key that plays the phrase counts.
        KeyDynamics "keydyn" key_dynamics: IntParam = percent("Key dynamics", 50, 0..=100), player key_dynamics = fraction;
        /// In Keys mode: the lowest of twelve keys that play the takes in the slots; right-click a take to put it in one.
        KeySwitches "keyswitch" key_switches: EnumParam<KeySwitchChoice> =
            EnumParam::new("Key switches", KeySwitchChoice::default()), player key_switches = KeySwitchChoice::lowest;
        /// The phrase follows the chord that you hold, from the next half beat on; in Keys mode the chord starts it, too.
        Follow "follow" follow: BoolParam = BoolParam::new("Follow", false);
        /// While the phrase plays, compose a variation that takes over when it begins again; the knob Vary says how much.
        Evolve "evolve" evolve: BoolParam = BoolParam::new("Evolve", false);
        /// Listen to what you play for so many bars, and answer in the next; in Keys mode your first key begins the bars.
        Answer "answer" answer: EnumParam<AnswerChoice> = EnumParam::new("Answer", AnswerChoice::default());
        /// The MIDI channel that all parts play on, or each on its own as set below the roll.
        OneChannel "onechan" one_channel: IntParam =
            IntParam::new("Output channel", 0, IntRange::Linear { min: 0, max: 16 })
                .with_value_to_string(text::zero_as("Per part"))
                .with_string_to_value(text::from_zero_as("Per part")), player one_channel = channel_of_all;
        /// How loud notes leave: softer or harder than composed; the softest and the loudest stay.
        VelocityCurve "velcurve" velocity_curve: EnumParam<VelocityCurveChoice> =
            EnumParam::new("Velocity curve", VelocityCurveChoice::default()),
            player velocity_curve = VelocityCurveChoice::curve;
        /// Keys and chords that you release stay held; a sustain pedal does the same.
        Hold "hold" hold: BoolParam = BoolParam::new("Hold", false), player holds;
        /// Whether keys and controllers that come in go out again, where they do not play the phrase.
        Through "through" through: BoolParam = BoolParam::new("MIDI through", true), player passes;
        /// What program changes that come in do: pass through, play the takes in slots 1 to 12, or set the preset at that place
        /// of the menu and compose by it.
        Programs "programs" programs: EnumParam<ProgramsChoice> = EnumParam::new("Programs", ProgramsChoice::default());
        /// Where Descant's own clock starts, in Free mode: so many bars of sticks before the phrase begins.
        CountIn "countin" count_in: EnumParam<CountInChoice> = EnumParam::new("Count-in", CountInChoice::default());
        /// Level of the preview synth.
        PreviewLevel "preview" preview_level: FloatParam = decibels("Preview level");
    }
}

impl DescantParams {
    /// Parameters at their defaults, stored together with the project in `shared`.
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
}

/// Converts per cent to a fraction of one.
fn fine_fraction(percent: f32) -> f32 {
    percent / 100.0
}

/// Converts a channel counted from 1 to one from 0; 0 is none.
fn channel_of_all(number: i32) -> Option<u8> {
    u8::try_from(number - 1).ok()
}

/// A parameter in the editor's left column: its name, the short form of it there, its group, and what it is shown as.
pub type Shown = (ParamId, &'static str, &'static str, Group, Widget);

/// The controls of the editor's left column by their groups, whose tabs [`super::tabs`] names; style, mood and what each part has
/// are shown besides.
pub const SHOWN: &[Shown] = &[
    (ParamId::Density, "Density", "Density", Group::Shape, Widget::Slider),
    (ParamId::Complexity, "Complexity", "Complexity", Group::Shape, Widget::Slider),
    (ParamId::Surprise, "Surprise", "Surprise", Group::Shape, Widget::Slider),
    (ParamId::Syncopation, "Syncopation", "Syncopation", Group::Shape, Widget::Slider),
    (ParamId::Register, "Register", "Register", Group::Shape, Widget::Slider),
    (ParamId::Rests, "Rests", "Rests", Group::Shape, Widget::Slider),
    (ParamId::Leaps, "Leaps", "Leaps", Group::Shape, Widget::Slider),
    (ParamId::Tonic, "Key", "Key", Group::Frame, Widget::Menu),
    (ParamId::Mode, "Mode", "Mode", Group::Frame, Widget::Menu),
    (ParamId::Meter, "Meter", "Meter", Group::Frame, Widget::Menu),
    (ParamId::Bars, "Bars", "Bars", Group::Frame, Widget::Number),
    (ParamId::Tempo, "Tempo", "Tempo", Group::Frame, Widget::Number),
    (ParamId::Form, "Form", "Form", Group::Frame, Widget::Menu),
    (ParamId::Ending, "Ending", "Ending", Group::Frame, Widget::Menu),
    (ParamId::Scale, "Scale strictness", "Scale", Group::Frame, Widget::WideMenu),
    (ParamId::Performance, "Performance", "Played", Group::Timing, Widget::Slider),
    (ParamId::Swing, "Swing", "Swing", Group::Timing, Widget::Slider),
    (ParamId::GrooveAmount, "Groove amount", "Groove", Group::Timing, Widget::Slider),
    (ParamId::Humanise, "Humanise", "Humanise", Group::Timing, Widget::Slider),
    (ParamId::Groove, "Groove", "Groove of", Group::Timing, Widget::Menu),
    (ParamId::SwingUnit, "Swing unit", "Swing of", Group::Timing, Widget::Menu),
    (ParamId::Accent, "Accent", "Accent", Group::Dynamics, Widget::Slider),
    (ParamId::NoteLength, "Note length", "Note length", Group::Dynamics, Widget::Slider),
    (ParamId::KeyDynamics, "Key dynamics", "Key dynamics", Group::Dynamics, Widget::Slider),
    (ParamId::VelocityCurve, "Velocity curve", "Velocity", Group::Dynamics, Widget::Menu),
    (ParamId::Follow, "Follow", "Follow", Group::Live, Widget::Switch),
    (ParamId::Evolve, "Evolve", "Evolve", Group::Live, Widget::Switch),
    (ParamId::Hold, "Hold", "Hold", Group::Live, Widget::Switch),
    (ParamId::Answer, "Answer", "Answer", Group::Live, Widget::Menu),
    (ParamId::CountIn, "Count-in", "Count-in", Group::Live, Widget::Menu),
    (ParamId::KeyTrigger, "Key trigger", "Keys", Group::Live, Widget::Menu),
    (ParamId::Commit, "Commit horizon", "Commit", Group::Launch, Widget::Slider),
    (ParamId::Quantum, "Launch quantum", "Launch", Group::Launch, Widget::Menu),
    (ParamId::TempoSource, "Tempo source", "Tempo from", Group::Launch, Widget::Menu),
    (ParamId::KeySwitches, "Key switches", "Slot keys", Group::Launch, Widget::Menu),
    (ParamId::VaryAmount, "Vary amount", "Vary", Group::Variation, Widget::Slider),
    (ParamId::VaryKeep, "Vary keeps", "Vary keeps", Group::Variation, Widget::Menu),
    (ParamId::Through, "MIDI through", "Through", Group::Midi, Widget::Menu),
    (ParamId::Programs, "Program changes", "Programs", Group::Midi, Widget::Menu),
    (ParamId::OneChannel, "Output channel", "Channel", Group::Midi, Widget::Menu),
];

/// The parameters that presets do not set, since they depend on the place and the moment of playing.
pub const NOT_FOR_PRESETS: &[ParamId] = &[
    ParamId::Bypass,
    ParamId::Play,
    ParamId::Quantum,
    ParamId::Commit,
    ParamId::KeySwitches,
    ParamId::OneChannel,
    ParamId::Hold,
    ParamId::Through,
    ParamId::Programs,
    ParamId::CountIn,
    ParamId::PreviewLevel,
];

/// The parameters that keep their values where a preset does not name them, so that choosing a preset on stage stops
/// nothing.
pub const KEPT_BY_PRESETS: &[ParamId] =
    &[ParamId::PlayMode, ParamId::TempoSource, ParamId::Follow, ParamId::Evolve, ParamId::Answer];

const GENERATE: ParamId = ParamId::Switch(Command::Compose(Verb::Generate));

/// Pages of composing parameters for hardware controllers with eight knobs.
pub const COMPOSING_PAGES: &[(&str, &[ParamId])] = &[
    (
        "Phrase",
        &[
            ParamId::Style,
            ParamId::Valence,
            ParamId::Arousal,
            ParamId::Density,
            ParamId::Complexity,
            ParamId::Surprise,
            ParamId::Bars,
            GENERATE,
        ],
    ),
    (
        "Frame",
        &[
            ParamId::Tonic,
            ParamId::Mode,
            ParamId::Scale,
            ParamId::Meter,
            ParamId::Syncopation,
            ParamId::Register,
            ParamId::Leaps,
            ParamId::Rests,
        ],
    ),
];

/// Pages of playing parameters for hardware controllers with eight knobs.
pub const PLAYING_PAGES: &[(&str, &[ParamId])] = &[
    (
        "Stage",
        &[
            GENERATE,
            ParamId::Switch(Command::Compose(Verb::Continue)),
            ParamId::Switch(Command::Compose(Verb::Vary)),
            ParamId::Switch(Command::PreviousTake),
            ParamId::Switch(Command::NextTake),
            ParamId::Quantum,
            ParamId::PlayMode,
            ParamId::Switch(Command::Panic),
        ],
    ),
    (
        "Feel",
        &[
            ParamId::Tempo,
            ParamId::TempoSource,
            ParamId::Swing,
            ParamId::SwingUnit,
            ParamId::Humanise,
            ParamId::PreviewLevel,
            ParamId::VaryAmount,
            ParamId::VaryKeep,
        ],
    ),
    (
        "Groove",
        &[
            ParamId::Groove,
            ParamId::GrooveAmount,
            ParamId::Performance,
            ParamId::Swing,
            ParamId::Humanise,
            ParamId::Accent,
            ParamId::NoteLength,
            ParamId::VelocityCurve,
        ],
    ),
    (
        "Keys",
        &[
            ParamId::KeyTrigger,
            ParamId::KeyDynamics,
            ParamId::Accent,
            ParamId::NoteLength,
            ParamId::Switch(Command::Compose(Verb::Respond)),
            ParamId::Switch(Command::Compose(Verb::Accompany)),
            ParamId::Form,
            ParamId::Commit,
        ],
    ),
    (
        "Live",
        &[
            ParamId::Follow,
            ParamId::Evolve,
            ParamId::Answer,
            ParamId::OneChannel,
            ParamId::VelocityCurve,
            ParamId::Slot,
            ParamId::KeySwitches,
            ParamId::Hold,
        ],
    ),
    (
        "MIDI",
        &[
            ParamId::Through,
            ParamId::CountIn,
            ParamId::Part(Part::Drums, PartParam::Program),
            ParamId::Part(Part::Bass, PartParam::Program),
            ParamId::Part(Part::Chords, PartParam::Program),
            ParamId::Part(Part::Arpeggio, PartParam::Program),
            ParamId::Part(Part::Melody, PartParam::Program),
        ],
    ),
];
