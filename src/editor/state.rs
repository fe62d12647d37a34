//! The editor's data: the state to show, the memory between frames, and the actions of the user.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::roll::{Alternatives, Hand, View};
use super::routing::daw::{Daw, Program};
use super::theme::Appearance;
use crate::music::{Part, Phrase, Pitch};
use crate::params::tabs::Tab;
use crate::params::{Control, Learnable, Outcome, ParamId, PartParam, Setting};
use crate::player::{Conductor, TestNotes};
use crate::preset::Library;
use crate::session::{Ask, Bars, Edit, Entry, Excerpt, Mark, Selection, TaskKind, Verb};
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
    /// All steps that can be undone and redone; empty while the list of them is closed.
    pub history: Steps,
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

/// Steps in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Steps {
    /// Those that can be undone, the latest first.
    pub done: Vec<String>,
    /// Those that can be redone, the next first.
    pub undone: Vec<String>,
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
    /// Whether the user likes it.
    pub is_favourite: bool,
    /// The number of the take that it goes on from, or changes; `None` for a new phrase.
    pub parent: Option<u32>,
    /// Where it comes from, in words: "bars 3-4 of take 6"; empty for a new phrase.
    pub origin: String,
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
            is_favourite: entry.mark == Mark::Favourite,
            parent: entry.parent.and_then(|parent| u32::try_from(parent).ok()),
            origin: origin(entry),
            // They do not apply to the edited notes.
            remarks: if entry.is_edited() { Vec::new() } else { entry.take.remarks.clone() },
            model: entry.take.receipt.model.clone(),
        }
    }
}

/// Where a take comes from, in words; empty for a new phrase.
fn origin(entry: &Entry) -> String {
    let Some(parent) = entry.parent else { return String::new() };
    let task = &entry.take.receipt.task;
    match task.kind {
        TaskKind::Generate | TaskKind::Import => String::new(),
        TaskKind::Continue => format!("goes on from {parent}"),
        TaskKind::AddParts | TaskKind::Accompany => format!("accompanies {parent}"),
        TaskKind::Respond => format!("answers {parent}"),
        TaskKind::Vary => format!("varies {parent}"),
        TaskKind::Recompose => format!("{} of {parent} anew", bars_of(entry)),
    }
}

/// The bars that a take composed, in words: "bars 3-4".
fn bars_of(entry: &Entry) -> String {
    let frame = entry.take.phrase.frame();
    let bars = || entry.take.receipt.task.compose.iter().map(|cell| cell.bar);
    let Some((first, last)) = bars().min().zip(bars().max()) else { return "bars".to_owned() };
    frame.bars_in_words(first, last)
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
    /// Let notes of this part, at these pitches and this velocity, sound for a moment.
    Audition(Part, Vec<Pitch>, u8),
    /// Stop composing.
    Cancel,
    /// Play the take at this place of [`ViewState::takes`].
    SelectTake(usize),
    /// Put the take at this place of [`ViewState::takes`] into this slot, counted from 1.
    PutInSlot(usize, usize),
    /// Take the take at this place of [`ViewState::takes`] out of its slot.
    TakeOutOfSlot(usize),
    /// Mark the take at this place of [`ViewState::takes`].
    MarkTake(usize, Mark),
    /// Play the take composed before the current one.
    PreviousTake,
    /// Play the take composed after the current one.
    NextTake,
    /// Undo the last step: of parameters, words, presets, takes, slots or locks.
    Undo,
    /// Redo the step undone last.
    Redo,
    /// Undo so many steps.
    UndoSteps(usize),
    /// Redo so many steps.
    RedoSteps(usize),
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
    /// Keep for the user the colours that were chosen.
    ChooseAppearance(Appearance),
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

/// The selected bars, in the parts that verbs mean; `None` if no bar is selected.
pub fn selected(state: &ViewState, memory: &Memory) -> Option<Selection> {
    let (first_bar, n_bars) = memory.bars?.within(state.phrase.as_ref()?)?;
    Some(Selection { first_bar, n_bars, parts: meant_parts(state, memory) })
}

/// The parts that verbs mean, indexed by `[part_idx]`: the one in focus, else those that are on.
pub fn meant_parts(state: &ViewState, memory: &Memory) -> [bool; 5] {
    Part::ALL.map(|part| match memory.focus {
        Some(focus) => part == focus,
        None => state.is_on(ParamId::Part(part, PartParam::On)),
    })
}

/// What `verb` asks for: with a part in focus, *Vary* varies that part alone.
pub fn ask_of(verb: Verb, state: &ViewState, memory: &Memory) -> Ask {
    match (verb, memory.focus, &state.phrase) {
        (Verb::Vary, Some(_), Some(phrase)) => Ask::Vary(selected(state, memory).unwrap_or(Selection {
            first_bar: 0,
            n_bars: phrase.frame().n_bars_total(),
            parts: meant_parts(state, memory),
        })),
        _ => Ask::Verb(verb),
    }
}

/// The parts whose notes the hand reaches, indexed by `[part_idx]`: the one in focus, else all.
pub fn parts_in_hand(memory: &Memory) -> [bool; 5] {
    Part::ALL.map(|part| memory.focus.is_none_or(|focus| part == focus))
}

/// The take that plays and the one before, to go to and fro between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compared {
    current: Option<u32>,
    before: Option<u32>,
}

impl Compared {
    /// Notes that take number `current` plays.
    pub fn note(&mut self, current: Option<u32>) {
        if current.is_some() && current != self.current {
            self.before = self.current.or(self.before);
            self.current = current;
        }
    }

    /// The place among `takes` of the one that played before; `None` if it is not there any more.
    pub fn other(self, takes: &[TakeCard]) -> Option<usize> {
        takes.iter().position(|take| Some(take.number) == self.before && !take.is_current)
    }
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
    /// The open tab of the left column.
    pub(super) tab: Tab,
    /// The bars that are selected.
    pub(super) bars: Option<BarRange>,
    /// The part in focus, which verbs mean and whose notes the hand reaches; `None` for all.
    pub(super) focus: Option<Part>,
    /// What the hand holds over the roll.
    pub(super) hand: Hand,
    /// The alternatives among which the user chooses for a selection.
    pub(super) alternatives: Option<Alternatives>,
    /// Whether the list of steps was open in the last frame.
    pub(super) is_history_open: bool,
    /// The numbers of the take that plays, and of the one that played before, to compare them.
    pub(super) compared: Compared,
    /// The text in the open field of a chord.
    pub(super) chord_typed: String,
    /// Zoom and scroll of the roll.
    pub(super) view: View,
    /// The parameters that are being dragged, each with its place before rounding to a step.
    pub(super) held: Vec<(ParamId, f32)>,
}

impl Memory {
    /// Takes the focus to `part`, or from it if it is there.
    pub(super) fn take_up(&mut self, part: Part) {
        self.focus = if self.focus == Some(part) { None } else { Some(part) };
    }
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
