//! What the editor shows, what it remembers between frames, and what its user asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::roll::View;
use super::routing::daw::{Daw, Program};
use crate::music::{Part, Phrase};
use crate::params::{Control, Learnable, Outcome, ParamId, PartParam, Setting};
use crate::player::{Conductor, TestNotes};
use crate::preset::Library;
use crate::session::{Ask, Edit, Entry, Selection};
use crate::token::Style;
use crate::words::{self, Understood, Unknown, Words};

/// Everything that a frame shows; cheap to build, as what is large is shared.
#[derive(Debug, Clone, Default)]
pub struct ViewState {
    /// The parameters as they are; one that is missing is shown as nothing and cannot be changed.
    pub settings: BTreeMap<ParamId, Setting>,
    /// The values of parameters that are chosen from a list, lowest first: as many labels as the parameter has values.
    pub choices: BTreeMap<ParamId, Vec<String>>,
    /// The styles on offer, in the order shown. Each must be among the choices of [`ParamId::Style`] by its name.
    pub styles: Vec<Style>,
    /// The models that can be chosen beside the one that ships, by name.
    pub models: Vec<String>,
    /// The one of them that composes; `None` if it is the one that ships.
    pub model: Option<String>,
    /// The phrase that plays, or as much of the coming one as is composed.
    pub phrase: Option<Arc<Phrase>>,
    /// Whether `phrase` is still being composed.
    pub is_streaming: bool,
    /// Where the phrase plays, in beats (quarter notes) from its start, its pickup included; `None` if it does not play.
    pub playhead_beats: Option<f64>,
    /// How far ahead of there nothing changes when a phrase was composed, in beats; 0 with launch off.
    pub frozen_beats: f64,
    /// Where the take that waits takes over, in beats from the start of the phrase; `None` if none waits for a place.
    pub next_beats: Option<f64>,
    /// What the take that plays has of the parameters, beside what was asked of it.
    pub outcomes: BTreeMap<ParamId, Outcome>,
    /// The finished takes, newest first.
    pub takes: Vec<TakeCard>,
    /// What the worker is doing.
    pub activity: Activity,
    /// What there is to say.
    pub status: Status,
    /// The words that were applied last.
    pub words: AppliedWords,
    /// The presets on offer.
    pub presets: Arc<Library>,
    /// The preset that was chosen last.
    pub preset: Option<CurrentPreset>,
    /// What undo takes back, in words; `None` if there is nothing.
    pub undo: Option<String>,
    /// What redo does again, in words; `None` if there is nothing.
    pub redo: Option<String>,
    /// Whose tempo the phrase is played at.
    pub tempo: Tempo,
    /// What controls of the user's gear do.
    pub bindings: Vec<(Learnable, Control)>,
    /// What the next control that is moved will do.
    pub learning: Option<Learnable>,
    /// Whether the host is told of all controllers; `None` if it has them anyway.
    pub lists_all_controllers: Option<bool>,
    /// Where the notes go.
    pub routing: Routing,
    /// Whether this is a program of its own: there is no host to speak of.
    pub is_standalone: bool,
    /// Who starts and stops the phrase.
    pub transport: Transport,
}

/// Who starts and stops the phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// The host, or JACK's transport in the standalone.
    #[default]
    Host,
    /// Keys.
    Keys,
    /// A MIDI clock.
    Clock,
    /// The user, here.
    Own,
}

/// Whose tempo the phrase is played at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tempo {
    /// Who sets it in place of the knob, if anybody does.
    pub ruling: Option<RulingTempo>,
    /// Whether the phrase is played on the host's beats, so that no other tempo can be chosen.
    pub is_on_host_beats: bool,
    /// The tempo that words or a preset asked for and that is not the one that rules, in beats per minute.
    pub asked: Option<f32>,
}

/// A tempo that is not the knob's.
#[derive(Debug, Clone, PartialEq)]
pub struct RulingTempo {
    /// Whose it is.
    pub conductor: Conductor,
    /// In beats per minute.
    pub bpm: f32,
    /// Where the knob would stand, `0.0..=1.0`.
    pub place: f32,
}

impl RulingTempo {
    /// "120 BPM".
    pub(super) fn text(&self) -> String {
        bpm(self.bpm)
    }
}

/// "82.5 BPM".
pub(super) fn bpm(tempo: f32) -> String {
    format!("{} BPM", number_of_bpm(tempo))
}

/// "82.5".
pub(super) fn number_of_bpm(tempo: f32) -> String {
    let tenths = format!("{tempo:.1}");
    tenths.strip_suffix(".0").map(str::to_owned).unwrap_or(tenths)
}

/// The preset that was chosen last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentPreset {
    /// What it is called; it may not be there any more.
    pub name: String,
    /// Whether parameters that it governs stand elsewhere now.
    pub is_changed: bool,
}

/// A take, as its card shows it.
#[derive(Debug, Clone)]
pub struct TakeCard {
    /// What it is called: counted from 1 in the order of composing.
    pub number: u32,
    /// Its notes.
    pub phrase: Arc<Phrase>,
    /// Whether it is the one that plays, or will.
    pub is_current: bool,
    /// Whether it is the one that plays next: the phrase before goes on until it may take over.
    pub is_next: bool,
    /// The slot that it lies in, counted from 1.
    pub slot: Option<usize>,
    /// Whether its notes were changed by hand.
    pub is_edited: bool,
    /// What the critique has against it as it was composed, in words; most have nothing.
    pub remarks: Vec<String>,
    /// The model that composed it; the one that ships has no name.
    pub model: Option<String>,
}

impl TakeCard {
    /// The card of a take that neither plays nor lies in a slot.
    pub(super) fn of(entry: &Entry) -> Self {
        Self {
            number: u32::try_from(entry.number).unwrap_or(u32::MAX),
            phrase: Arc::clone(&entry.take.phrase),
            is_current: false,
            is_next: false,
            slot: None,
            is_edited: entry.is_edited(),
            // They are not of what was made of it.
            remarks: if entry.is_edited() { Vec::new() } else { entry.take.remarks.clone() },
            model: entry.take.receipt.model.clone(),
        }
    }
}

/// What the worker is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Activity {
    /// Nothing.
    #[default]
    Idle,
    /// Reading the model; nothing can be composed yet.
    Loading,
    /// Composing.
    Composing {
        /// Bars that are finished.
        n_bars: u32,
        /// Bars in all, at least one.
        n_bars_total: u32,
    },
    /// Composing others beside the phrase that is there; everything can be asked for meanwhile.
    Choosing {
        /// Phrases that are finished.
        n_tried: u32,
    },
    /// Nothing, until a render is done; then what was asked for is composed. Anything else can be asked for instead.
    Waiting,
}

/// A sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// "8 bars in 61 ms"; of a problem also the next step.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

/// How a status is meant: the colour of its dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// All is well.
    #[default]
    Good,
    /// Something is under way.
    Working,
    /// Something went wrong.
    Problem,
}

/// Words that became settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppliedWords {
    /// As they were typed.
    pub text: String,
    /// What they did.
    pub understood: Vec<Understood>,
    /// What was not understood.
    pub unknown: Vec<Unknown>,
}

impl AppliedWords {
    /// What `text` did.
    pub fn read(text: String) -> Self {
        let Words { understood, unknown, .. } = words::read(&text);
        Self { text, understood, unknown }
    }
}

/// What the user asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The user took hold of a parameter.
    BeginEdit(ParamId),
    /// A parameter's new place in its range, `0.0..=1.0`. Always between its begin and its end.
    Edit(ParamId, f32),
    /// The user let go of a parameter.
    EndEdit(ParamId),
    /// Back to the value that a parameter has at first. Comes without begin and end.
    Reset(ParamId),
    /// Compose.
    Compose(Ask),
    /// Change notes of the phrase by hand.
    EditNotes(Edit),
    /// Stop composing.
    Cancel,
    /// Play the take at this place of [`ViewState::takes`].
    SelectTake(usize),
    /// Put the take at this place of [`ViewState::takes`] into this slot, counted from 1.
    PutInSlot(usize, usize),
    /// Take the take at this place of [`ViewState::takes`] out of its slot.
    TakeOutOfSlot(usize),
    /// Play the take composed before the current one.
    PreviousTake,
    /// Play the take composed after the current one.
    NextTake,
    /// Undo the last step: of parameters, words, presets, takes, slots or locks.
    Undo,
    /// Do again what was undone.
    Redo,
    /// Play at the tempo that was asked for, whoever sets it now.
    UseTempo,
    /// Stay at the tempo that rules.
    KeepTempo,
    /// Start the phrase over.
    Restart,
    /// Let the phrase run, or stop it.
    TogglePlay,
    /// Put the session aside and begin a new one.
    BeginSession,
    /// Release every note.
    Panic,
    /// Have the next control that is moved do this.
    Learn(Learnable),
    /// Give up learning.
    StopLearning,
    /// Have no control do this.
    Forget(Learnable),
    /// Have the host told of all controllers, in this and every project from now on, or of the usual ones.
    ListAllControllers(bool),
    /// Send test notes.
    SendTest,
    /// Send no more test notes.
    StopTest,
    /// Set what a text asks for.
    ApplyWords(String),
    /// Write the phrase to a file.
    Export,
    /// Look which presets there are.
    ListPresets,
    /// Compose with the model of this name, or with the one that ships.
    ChooseModel(Option<String>),
    /// Set what the preset of this name says.
    ChoosePreset(String),
    /// Save what is set as a preset of this name.
    SavePreset(String),
}

/// Where the notes go, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routing {
    /// What Descant runs in.
    pub program: Program,
    /// Whether the host has stopped playing blocks.
    pub is_stalled: bool,
    /// How the test notes go.
    pub notes: TestNotes,
}

/// Bars side by side, by the pointer's first and latest bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BarRange {
    pub(super) anchor: u32,
    pub(super) head: u32,
}

impl BarRange {
    /// The index of the first bar and how many there are; `None` if `phrase` has none of them.
    pub(super) fn within(self, phrase: &Phrase) -> Option<(u32, u32)> {
        let (first, last) = (self.anchor.min(self.head), self.anchor.max(self.head));
        let n_total = phrase.frame().n_bars_total();
        (first < n_total).then(|| (first, last.min(n_total - 1) + 1 - first))
    }
}

/// What is selected: the bars of the memory in the parts that are on. `None` if nothing is.
pub fn selected(state: &ViewState, range: Option<BarRange>) -> Option<Selection> {
    let (first_bar, n_bars) = range?.within(state.phrase.as_ref()?)?;
    let parts = Part::ALL.map(|part| state.is_on(ParamId::Part(part, PartParam::On)));
    Some(Selection { first_bar, n_bars, parts })
}

/// What the editor remembers from frame to frame; it may be dropped with the window.
#[derive(Debug, Default)]
pub struct Memory {
    /// The text in the box of words.
    pub(super) words: String,
    /// The applied words that the box was filled from last.
    pub(super) applied_words: String,
    /// What `words` would ask for, with the text that this was read from.
    pub(super) reading: Option<(String, Words)>,
    /// The name in the box for a new preset.
    pub(super) preset_name: String,
    /// The chosen preset that the open menu was scrolled to.
    pub(super) preset_in_view: Option<String>,
    /// The host whose steps are shown, if it is not the one recognised.
    pub(super) daw_shown: Option<Daw>,
    /// Whether the panel of test notes was open in the last frame.
    pub(super) is_routing_open: bool,
    /// The bars that are selected.
    pub(super) bars: Option<BarRange>,
    /// What of the phrase is in sight.
    pub(super) view: View,
    /// The parameters that are being dragged, each with its place before rounding to a step.
    pub(super) held: Vec<(ParamId, f32)>,
}

impl ViewState {
    /// Where a parameter stands; `0.0` if it is missing.
    pub(super) fn normalized(&self, id: ParamId) -> f32 {
        self.settings.get(&id).map_or(0.0, |setting| setting.normalized)
    }

    /// A parameter's value in words; empty if it is missing.
    pub(super) fn text(&self, id: ParamId) -> &str {
        self.settings.get(&id).map_or("", |setting| setting.text.as_str())
    }

    /// What the take that plays has of a parameter, as a line of its own; empty if it says nothing of it.
    pub(super) fn outcome_told(&self, id: ParamId) -> String {
        let percent = |share: f32| format!("{:.0} %", share * 100.0);
        let whose = match id {
            ParamId::Part(..) => "density of this part",
            ParamId::Valence => "valence",
            ParamId::Arousal => "arousal",
            _ => "mean of its parts",
        };
        match self.outcomes.get(&id) {
            None => String::new(),
            Some(Outcome { asked: Some(asked), got }) => {
                format!("\nThis take, {whose}: asked {}, got {}.", percent(*asked), percent(*got))
            }
            Some(Outcome { asked: None, got }) => format!("\nThis take, {whose}: {}.", percent(*got)),
        }
    }

    /// Whether a switch is on.
    pub(super) fn is_on(&self, id: ParamId) -> bool {
        self.normalized(id) >= 0.5
    }

    /// Whether a parameter leaves the choice to the model.
    pub(super) fn is_auto(&self, id: ParamId) -> bool {
        self.settings
            .get(&id)
            .is_some_and(|setting| setting.normalized <= 0.0 && setting.text.eq_ignore_ascii_case("auto"))
    }

    /// Whether the phrase is being composed.
    pub(super) fn is_composing(&self) -> bool {
        matches!(self.activity, Activity::Composing { .. })
    }

    /// Whether there is something to stop.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self.activity, Activity::Composing { .. } | Activity::Choosing { .. } | Activity::Waiting)
    }

    /// Whether something can be composed now.
    pub(super) fn can_compose(&self) -> bool {
        matches!(self.activity, Activity::Idle | Activity::Choosing { .. } | Activity::Waiting)
    }
}
