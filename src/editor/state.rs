//! The editor's data: the state to show, the memory between frames, and the actions of the user.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::roll::View;
use super::routing::daw::{Daw, Program};
use crate::music::{Part, Phrase};
use crate::params::{Control, Learnable, Outcome, ParamId, PartParam, Setting};
use crate::player::{Conductor, TestNotes};
use crate::preset::Library;
use crate::session::{Ask, Bars, Edit, Entry, Excerpt, Selection};
use crate::token::Style;
use crate::words::{self, Understood, Unknown, Words};

/// Everything that a frame shows; cheap to build, since large data is shared.
#[derive(Debug, Clone, Default)]
pub struct ViewState {
    /// The parameters' values; a missing one is shown empty and cannot be changed.
    pub settings: BTreeMap<ParamId, Setting>,
    /// The values of parameters that are chosen from a list, lowest first: as many labels as the parameter has values.
    pub choices: BTreeMap<ParamId, Vec<String>>,
    /// The styles on offer, in the order shown. Each must be among the choices of [`ParamId::Style`] by its name.
    pub styles: Vec<Style>,
    /// The names of the models that can be chosen besides the built-in one.
    pub models: Vec<String>,
    /// The one of them that composes; `None` for the built-in one.
    pub model: Option<String>,
    /// The phrase that plays, or the bars composed so far of a new one.
    pub phrase: Option<Arc<Phrase>>,
    /// Whether `phrase` is still being composed.
    pub is_streaming: bool,
    /// Where the phrase plays, in beats (quarter notes) from its start, its pickup included; `None` if it does not play.
    pub playhead_beats: Option<f64>,
    /// Length after the playhead that a newly composed phrase does not change, in beats; 0 with launch off.
    pub frozen_beats: f64,
    /// Where the next take takes over, in beats from the start of the phrase; `None` if no take waits for its launch.
    pub next_beats: Option<f64>,
    /// The measured values of parameters in the take that plays, next to the values asked for.
    pub outcomes: BTreeMap<ParamId, Outcome>,
    /// The finished takes, newest first.
    pub takes: Vec<TakeCard>,
    /// What the worker is doing.
    pub activity: Activity,
    /// The message in the status line.
    pub status: Status,
    /// The words that were applied last.
    pub words: AppliedWords,
    /// The presets on offer.
    pub presets: Arc<Library>,
    /// The preset that was chosen last.
    pub preset: Option<CurrentPreset>,
    /// The step that undo takes back, in words; `None` if there is none.
    pub undo: Option<String>,
    /// The step that redo does again, in words; `None` if there is none.
    pub redo: Option<String>,
    /// Whose tempo the phrase is played at.
    pub tempo: Tempo,
    /// The MIDI controls that are bound to commands.
    pub bindings: Vec<(Learnable, Control)>,
    /// The command that MIDI learn binds to the next control that moves; `None` if it is not learning.
    pub learning: Option<Learnable>,
    /// Whether a VST3 host is given all controllers as parameters; `None` in formats that pass controllers on by
    /// themselves.
    pub lists_all_controllers: Option<bool>,
    /// Where the notes go.
    pub routing: Routing,
    /// Whether this is the standalone, which has no host.
    pub is_standalone: bool,
    /// Who starts and stops the phrase.
    pub transport: Transport,
    /// Whether files are held above the window, to be dropped on it.
    pub is_drop_above: bool,
}

/// Who starts and stops the phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// The host, or JACK's transport in the standalone.
    #[default]
    Host,
    /// Held keys.
    Keys,
    /// A MIDI clock.
    Clock,
    /// The user, with the editor's play button.
    Own,
}

/// Whose tempo the phrase is played at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tempo {
    /// The tempo that rules in place of the knob's, if there is one.
    pub ruling: Option<RulingTempo>,
    /// Whether the phrase is played on the host's beats, so that no other tempo can be chosen.
    pub is_on_host_beats: bool,
    /// The tempo that words or a preset asked for, if it is not the ruling one, in beats per minute.
    pub asked: Option<f32>,
}

/// A tempo that is not the knob's.
#[derive(Debug, Clone, PartialEq)]
pub struct RulingTempo {
    /// Its source.
    pub conductor: Conductor,
    /// In beats per minute.
    pub bpm: f32,
    /// The knob's place at this tempo, `0.0..=1.0`.
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
    /// Its name; there may be no preset of that name any more.
    pub name: String,
    /// Whether parameters that it governs were changed since.
    pub is_changed: bool,
}

/// A take, as its card shows it.
#[derive(Debug, Clone)]
pub struct TakeCard {
    /// Its number, counted from 1 in the order of composing.
    pub number: u32,
    /// Its notes.
    pub phrase: Arc<Phrase>,
    /// Whether it is the current take: it plays, or will play.
    pub is_current: bool,
    /// Whether it waits for its launch, until which the previous phrase goes on.
    pub is_next: bool,
    /// Its slot, counted from 1; `None` if it is in none.
    pub slot: Option<usize>,
    /// Whether its notes were changed by hand.
    pub is_edited: bool,
    /// The critique's remarks on it as composed, in words; empty for most takes.
    pub remarks: Vec<String>,
    /// The name of the model that composed it; `None` for the built-in one.
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
            // They do not apply to the edited notes.
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
    /// Loading the model; nothing can be composed yet.
    Loading,
    /// Composing.
    Composing {
        /// Bars that are finished.
        n_bars: u32,
        /// Bars in all, at least one.
        n_bars_total: u32,
    },
    /// Composing more takes to choose from while the phrase is ready; any request is accepted meanwhile.
    Choosing {
        /// Phrases that are finished.
        n_tried: u32,
    },
    /// Waiting for the end of a render to compose what was asked for; another request replaces it.
    Waiting,
}

/// The message in the status line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// Its text: "8 bars in 61 ms"; for a problem also what to do.
    pub text: String,
    /// Its tone.
    pub tone: Tone,
}

/// The tone of a status, shown as the colour of its dot.
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

/// The words that were applied to the controls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppliedWords {
    /// As they were typed.
    pub text: String,
    /// The words that were understood, with their effects.
    pub understood: Vec<Understood>,
    /// The words that were not understood.
    pub unknown: Vec<Unknown>,
}

impl AppliedWords {
    /// Reads `text`, as it is applied.
    pub fn read(text: String) -> Self {
        let Words { understood, unknown, .. } = words::read(&text);
        Self { text, understood, unknown }
    }
}

/// An action of the user.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Begin a gesture on a parameter.
    BeginEdit(ParamId),
    /// Move a parameter to a place in its range, `0.0..=1.0`. Always between the begin and the end of a gesture.
    Edit(ParamId, f32),
    /// End the gesture on a parameter.
    EndEdit(ParamId),
    /// Reset a parameter to its default. Comes without begin and end.
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
    /// Redo the step undone last.
    Redo,
    /// Play at the tempo that words or a preset asked for, in place of the ruling one.
    UseTempo,
    /// Stay at the ruling tempo.
    KeepTempo,
    /// Start the phrase over.
    Restart,
    /// Let the phrase run, or stop it.
    TogglePlay,
    /// Put the session aside and begin a new one.
    BeginSession,
    /// Release every note.
    Panic,
    /// Bind the next control that moves to this command.
    Learn(Learnable),
    /// Stop MIDI learn.
    StopLearning,
    /// Remove the binding of this command.
    Forget(Learnable),
    /// Give a VST3 host all controllers as parameters, or only the usual ones, in this and all later projects.
    ListAllControllers(bool),
    /// Send test notes.
    SendTest,
    /// Send no more test notes.
    StopTest,
    /// Set the controls to what a text asks for, and compose.
    ApplyWords(String),
    /// Write an excerpt of the phrase into the user's music folder.
    Export(Excerpt),
    /// Drag an excerpt of the phrase out of the window as a file, while the mouse button is held.
    DragOut(Excerpt),
    /// Read the folder of presets again.
    ListPresets,
    /// Compose with the model of this name from now on; `None` for the built-in one.
    ChooseModel(Option<String>),
    /// Set the preset of this name.
    ChoosePreset(String),
    /// Save the parameters as a preset of this name.
    SavePreset(String),
}

/// The state of the routing panel: the host, and the test notes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routing {
    /// The program that Descant runs in.
    pub program: Program,
    /// Whether the host has stopped playing blocks.
    pub is_stalled: bool,
    /// The progress of the test notes.
    pub notes: TestNotes,
}

/// Adjacent bars, from the bar where a drag began to the one where it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BarRange {
    pub(super) anchor: u32,
    pub(super) head: u32,
}

impl BarRange {
    /// The index of the first bar and the number of bars that are in `phrase`; `None` if none is.
    pub(super) fn within(self, phrase: &Phrase) -> Option<(u32, u32)> {
        let (first, last) = (self.anchor.min(self.head), self.anchor.max(self.head));
        let n_total = phrase.frame().n_bars_total();
        (first < n_total).then(|| (first, last.min(n_total - 1) + 1 - first))
    }
}

/// The selection: the bars of `range` in the parts that are on. `None` if no bar is selected.
pub fn selected(state: &ViewState, range: Option<BarRange>) -> Option<Selection> {
    let (first_bar, n_bars) = range?.within(state.phrase.as_ref()?)?;
    let parts = Part::ALL.map(|part| state.is_on(ParamId::Part(part, PartParam::On)));
    Some(Selection { first_bar, n_bars, parts })
}

/// The excerpt that is dragged out: `part`, or all parts, in the bars of `range` if any is selected.
pub(super) fn excerpt(state: &ViewState, range: Option<BarRange>, part: Option<Part>) -> Excerpt {
    let within = || range?.within(state.phrase.as_ref()?);
    Excerpt { part, bars: within().map(|(first, n_bars)| Bars { first, n_bars }) }
}

/// What the editor remembers from frame to frame; it may be dropped with the window.
#[derive(Debug, Default)]
pub struct Memory {
    /// The text in the box of words.
    pub(super) words: String,
    /// The applied words that the box was filled from last.
    pub(super) applied_words: String,
    /// The result of reading `words`, with the text it was read from.
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
    /// Zoom and scroll of the roll.
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

    /// The measured value of a parameter in the take that plays, as a line of a tooltip; empty if it is not measured.
    pub(super) fn outcome_text(&self, id: ParamId) -> String {
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
