//! Tasks: the cells of a phrase to compose, with controls and rules.

use serde::{Deserialize, Serialize};

use super::decoding::{Decoding, DecodingTable, Spread};
use super::performance::Performance;
use super::skeleton::{Keep, Skeleton};
use super::vocabulary;
use crate::music::ending::Ending;
use crate::music::measure::PartControl;
use crate::music::{
    Cell, Cells, ChordSpan, Frame, Note, Part, Phrase, PhraseError, Pitch, Progression, TickInstant,
    Vocabulary, VocabularyTable, counted,
};
use crate::token::prompt::PromptError;
use crate::token::{Controls, Harmony, Prompt, Slot};

/// The user's command. It does not change how cells are composed; it is for display, and decides which tasks are
/// compared with earlier takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// A new phrase.
    Generate,
    /// Adds parts to a phrase.
    AddParts,
    /// Adds bars to a phrase.
    Continue,
    /// Composes cells of a phrase anew.
    Recompose,
    /// Composes some notes of a phrase anew.
    Vary,
    /// Answers bars that were played.
    Respond,
    /// Adds parts to bars that were played.
    Accompany,
    /// Nothing: the phrase is of a file.
    Import,
}

/// Which pitches may be composed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum ScaleRule {
    /// Any.
    Free,
    /// Those of the key and of the chord that sounds; composed chords are those of the key.
    Strict,
    /// Those of the key and of the chord that sounds, and what music of the style has outside the key: its chords, its blue
    /// notes, and passing notes of melody and bass.
    #[default]
    Style,
}

/// Where notes may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum GridRule {
    /// On any step of the grid.
    Free,
    /// On sixteenths and eighth triplets.
    #[default]
    Straight,
}

/// How much of a given chord sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoicingRule {
    /// Whatever the network plays of it.
    #[default]
    Free,
    /// All of its tones, in the chord part; the root may be in the bass.
    Whole,
}

impl VoicingRule {
    const fn is_free(&self) -> bool {
        matches!(self, Self::Free)
    }
}

/// How long a part that plays may be silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SilenceRule {
    /// Any length: the rule of tasks stored before there was one.
    #[default]
    Any,
    /// Less than a bar, unless rests are asked for.
    Short,
}

impl SilenceRule {
    fn is_any(&self) -> bool {
        *self == Self::Any
    }
}

/// Rules that composed notes must keep, whatever the network's probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Allowed pitches.
    pub scale: ScaleRule,
    /// Allowed onsets.
    pub grid: GridRule,
    /// Completeness of given chords in the chord part.
    #[serde(default, skip_serializing_if = "VoicingRule::is_free")]
    pub voicing: VoicingRule,
    /// Allowed silence.
    #[serde(default, skip_serializing_if = "SilenceRule::is_any")]
    pub silence: SilenceRule,
    /// Most notes that sound at a time, indexed by `[part_idx]`; at least 1.
    pub voices: [u8; 5],
    /// Lowest and highest pitch, indexed by `[part_idx]`; drums are not restricted.
    pub ranges: [(Pitch, Pitch); 5],
    /// Widest leap of a melody, in semitones; `None` for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub widest_leap: Option<u8>,
}

impl Default for Rules {
    /// In the key, on the grid, without empty bars, with voices and ranges that instruments of the part usually have.
    fn default() -> Self {
        let range = |low, high| (Pitch::clamped(low), Pitch::clamped(high));
        Self {
            scale: ScaleRule::default(),
            grid: GridRule::default(),
            voicing: VoicingRule::Whole,
            silence: SilenceRule::Short,
            voices: [6, 2, 6, 3, 3],
            ranges: [range(0, 127), range(28, 62), range(36, 88), range(36, 100), range(45, 100)],
            widest_leap: Some(16),
        }
    }
}

/// The distribution that boldness is relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Around {
    /// The network's own in every slot, as before there was a calibration.
    #[default]
    Network,
    /// The calibrated one of each slot of each part: [`Decoding`].
    Calibration,
}

impl Around {
    const fn is_network(&self) -> bool {
        matches!(self, Self::Network)
    }
}

/// Whether ideas return: which bars of a take repeat an earlier bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanRule {
    /// As the network decides.
    #[default]
    Free,
    /// By plans counted in real music of the style.
    Counted,
    /// By plans, but without repeating given bars: a section of its own.
    Apart,
}

impl PlanRule {
    /// Whether it is [`Self::Free`].
    pub fn is_free(&self) -> bool {
        *self == Self::Free
    }
}

/// Boldness of sampling: *surprise*.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// Factor of temperatures, above 0: below 1 is safer.
    pub temperature: f32,
    /// Keeps only this many of the likeliest values; 0 is no limit.
    pub top_k: usize,
    /// Factor of the nucleus's probability; the product is clamped to `0.0..=1.0`.
    pub top_p: f32,
    /// What the factors are relative to.
    #[serde(default, skip_serializing_if = "Around::is_network")]
    pub around: Around,
}

impl Default for Sampling {
    /// The calibrated distribution.
    fn default() -> Self {
        Self { temperature: 1.0, top_k: 0, top_p: 1.0, around: Around::Calibration }
    }
}

/// Everything but the cells; the same for every kind of task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskSettings {
    /// Controls given to the network.
    pub controls: Controls,
    /// The chord track.
    pub harmony: Harmony,
    /// Rules enforced on the network's choices.
    pub rules: Rules,
    /// Boldness.
    pub sampling: Sampling,
    /// How the composed notes are played.
    pub performance: Performance,
    /// How it ends.
    pub ending: Ending,
    /// Whether ideas return.
    pub plan: PlanRule,
}

impl Default for TaskSettings {
    /// No controls, and ideas that return.
    fn default() -> Self {
        Self {
            controls: Controls::default(),
            harmony: Harmony::default(),
            rules: Rules::default(),
            sampling: Sampling::default(),
            performance: Performance::default(),
            ending: Ending::default(),
            plan: PlanRule::Counted,
        }
    }
}

impl TaskSettings {
    /// The settings with given chords moved to the time of a stretch of `frame` that begins at `start`.
    fn seen_from(mut self, start: TickInstant, frame: &Frame) -> Self {
        if let Harmony::Given(progression) = &self.harmony {
            self.harmony = Harmony::Given(progression.window(start, start + frame.duration()));
        }
        self
    }
}

/// Cells to compose in a stretch of a phrase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// What the user did.
    pub kind: TaskKind,
    /// The stretch given to the network, with all given notes.
    pub base: Phrase,
    /// Index of the stretch's first bar in the user's phrase.
    pub first_bar: u32,
    /// What to compose, bars counted from the start of the stretch.
    pub compose: Cells,
    /// What is kept of the unlocked notes in these cells.
    #[serde(default, skip_serializing_if = "Keep::is_nothing")]
    pub keep: Keep,
    /// Controls given to the network.
    pub controls: Controls,
    /// The chord track.
    pub harmony: Harmony,
    /// Rules enforced on the network's choices.
    pub rules: Rules,
    /// What is allowed outside the key where the rules leave it to the style.
    #[serde(default, skip_serializing_if = "Vocabulary::is_empty")]
    pub vocabulary: Vocabulary,
    /// Boldness.
    pub sampling: Sampling,
    /// The calibrated sampling of each slot, before boldness is applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decoding: Option<Decoding>,
    /// How the composed notes are played.
    #[serde(default, skip_serializing_if = "Performance::is_straight")]
    pub performance: Performance,
    /// How it ends, if its last bar is composed.
    #[serde(default, skip_serializing_if = "Ending::is_any")]
    pub ending: Ending,
    /// The bar of the stretch, if composed, whose drums end with a fill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill: Option<u32>,
    /// Whether ideas return; tasks stored before there was a choice have no plan.
    #[serde(default, skip_serializing_if = "PlanRule::is_free")]
    pub plan: PlanRule,
}

/// Why a task is impossible.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TaskError {
    /// Nothing selected, or more than a prompt can ask.
    #[error(transparent)]
    Prompt(#[from] PromptError),
    /// A frame that no phrase has.
    #[error(transparent)]
    Phrase(#[from] PhraseError),
    /// More bars than the network composes at once.
    #[error(
        "up to {} can be composed at once, not {got}; ask for fewer at a time",
        counted(Task::MAX_BARS, "bar"), got = .0
    )]
    TooManyBars(u32),
    /// No bars to add, or so many that no context would be left.
    #[error("1 to {} can be added at a time, not {got}", counted(Task::MAX_ADDED_BARS, "bar"), got = .0)]
    AddedBars(u32),
    /// Chords outside the phrase.
    #[error("the chords reach outside the phrase; give as many bars of chords as there are bars")]
    Chords,
    /// A part without voices.
    #[error("a part needs at least one voice")]
    Voices,
    /// Cells outside the phrase.
    #[error("the selection reaches outside the phrase; select bars that it has")]
    Outside,
    /// No part to compose.
    #[error("no part is chosen; choose at least one of melody, chords, bass, arpeggio and drums")]
    NoParts,
}

impl Task {
    /// Most bars given to the network at once: the longest stretch it was trained on.
    pub const MAX_BARS: u32 = 16;

    /// Most bars added at once: a quarter of the stretch is kept as context.
    pub const MAX_ADDED_BARS: u32 = 12;

    /// If a part's rests are asked to be above this, `0.0..=1.0`, it may be silent for bars.
    const MOST_RESTS: f32 = 0.5;

    /// If a part's density is asked to be below this, `0.0..=1.0` (about an onset per bar), it may be silent for bars.
    const LEAST_DENSITY: f32 = 0.1;

    /// Number of bars with something to compose.
    pub fn n_composed_bars(&self) -> usize {
        self.compose.iter().map(|cell| cell.bar).collect::<std::collections::BTreeSet<u32>>().len()
    }

    /// A task to compose `parts` of a new phrase of `frame`.
    ///
    /// # Errors
    ///
    /// No parts, too many bars, or a frame out of range.
    pub fn generate(frame: Frame, parts: &[Part], settings: TaskSettings) -> Result<Self, TaskError> {
        let progression = match &settings.harmony {
            Harmony::Given(progression) => progression.clone(),
            _ => Progression::default(),
        };
        let base = Phrase::empty(frame)?.with_progression(progression);
        Self::new(TaskKind::Generate, base, 0, cells(0, frame.n_bars_total(), parts), settings)
    }

    /// A task to compose `n_bars` bars of `parts` after the end of `phrase`, with as many of its last bars as context
    /// as the network takes. Given chords are positioned in `phrase` and continue after its end.
    ///
    /// # Errors
    ///
    /// No parts, no or too many bars.
    pub fn continue_by(
        phrase: &Phrase,
        n_bars: u32,
        parts: &[Part],
        settings: TaskSettings,
    ) -> Result<Self, TaskError> {
        if !(1..=Self::MAX_ADDED_BARS).contains(&n_bars) {
            return Err(TaskError::AddedBars(n_bars));
        }
        let n_total = phrase.frame().n_bars_total();
        let n_context = n_total.min(Self::MAX_BARS - n_bars);
        let first_bar = n_total - n_context;
        let context = phrase.window(first_bar, n_context)?;
        let frame = Frame { n_bars: context.frame().n_bars + n_bars, ..*context.frame() };
        let settings = settings.seen_from(phrase.frame().bar_start(first_bar), &frame);
        let progression = match &settings.harmony {
            Harmony::Given(progression) => progression.clone(),
            _ => context.progression().clone(),
        };
        let base = Phrase::new(frame, progression, context.to_parts())?;
        Self::new(TaskKind::Continue, base, first_bar, cells(n_context, n_context + n_bars, parts), settings)
    }

    /// A task to compose `selected` cells of `phrase` anew, except locked notes, with as much context around them as
    /// the network takes. This also adds parts. Given chords are positioned in `phrase`.
    ///
    /// # Errors
    ///
    /// No cells, cells outside the phrase, or cells too far apart.
    pub fn recompose(phrase: &Phrase, selected: &Cells, settings: TaskSettings) -> Result<Self, TaskError> {
        let bars = || selected.iter().map(|cell| cell.bar);
        let (first, last) = bars().min().zip(bars().max()).ok_or(PromptError::NothingToCompose)?;
        let n_total = phrase.frame().n_bars_total();
        if last >= n_total {
            return Err(PromptError::Outside(phrase.frame().bar_number(last)).into());
        }
        let n_selected = last - first + 1;
        if n_selected > Self::MAX_BARS {
            return Err(TaskError::TooManyBars(n_selected));
        }
        // Three bars before for each after: earlier bars matter more than later ones.
        let n_before = ((Self::MAX_BARS - n_selected) * 3 / 4).min(first);
        let n_seen = Self::MAX_BARS.min(n_total);
        let first_bar = (first - n_before).min(n_total - n_seen);
        let base = phrase.window(first_bar, n_seen)?;
        let compose = selected.iter().map(|cell| Cell { bar: cell.bar - first_bar, ..*cell }).collect();
        let settings = settings.seen_from(phrase.frame().bar_start(first_bar), base.frame());
        let is_new = |cell: &Cell| phrase.notes(cell.part).is_empty();
        let kind = if selected.iter().all(is_new) { TaskKind::AddParts } else { TaskKind::Recompose };
        Self::new(kind, base, first_bar, compose, settings)
    }

    fn new(
        kind: TaskKind,
        base: Phrase,
        first_bar: u32,
        compose: Cells,
        settings: TaskSettings,
    ) -> Result<Self, TaskError> {
        if compose.is_empty() {
            return Err(TaskError::NoParts);
        }
        let TaskSettings { controls, harmony, rules, sampling, performance, ending, plan } = settings;
        let vocabulary = match rules.scale {
            ScaleRule::Style => vocabulary::of(controls.style, base.frame().key.mode),
            ScaleRule::Free | ScaleRule::Strict => Vocabulary::default(),
        };
        let decoding = match sampling.around {
            Around::Network => None,
            Around::Calibration => Some(Decoding::of(controls.style)),
        };
        let task = Self {
            kind,
            base,
            first_bar,
            compose,
            keep: Keep::Nothing,
            controls,
            harmony,
            rules,
            vocabulary,
            sampling,
            decoding,
            performance,
            ending,
            fill: None,
            plan,
        };
        task.check()?;
        Ok(task)
    }

    /// The task with the calibration of `table`, if it is sampled by a calibration at all.
    pub fn calibrated_by(self, table: &DecodingTable) -> Self {
        let decoding = self.decoding.map(|_| table.decoding(self.controls.style));
        Self { decoding, ..self }
    }

    /// The task with what `table` has outside the key, if the rules allow anything outside.
    pub fn with_vocabulary_of(self, table: &VocabularyTable) -> Self {
        let (style, mode) = (self.controls.style, self.base.frame().key.mode);
        match self.rules.scale {
            ScaleRule::Style => Self { vocabulary: vocabulary::of_table(table, style, mode), ..self },
            ScaleRule::Free | ScaleRule::Strict => self,
        }
    }

    /// Checks a task read from a file.
    ///
    /// # Errors
    ///
    /// Too many bars, cells or chords outside them, or a part without voices.
    pub fn check(&self) -> Result<(), TaskError> {
        let frame = self.base.frame();
        if frame.n_bars_total() > Self::MAX_BARS {
            return Err(TaskError::TooManyBars(frame.n_bars_total()));
        }
        let given = match &self.harmony {
            Harmony::Given(progression) => progression.spans(),
            _ => &[],
        };
        let is_outside = |span: &ChordSpan| span.onset >= frame.end() || span.duration > frame.duration();
        if given.iter().chain(self.base.progression().spans()).any(is_outside) {
            return Err(TaskError::Chords);
        }
        if self.rules.voices.contains(&0) {
            return Err(TaskError::Voices);
        }
        if self.first_bar > Frame::MAX_BARS
            || self.compose.iter().any(|cell| cell.bar >= frame.n_bars_total())
        {
            return Err(TaskError::Outside);
        }
        self.prompt()?;
        Ok(())
    }

    /// The prompt for the network.
    ///
    /// # Errors
    ///
    /// A task read from a file may have cells outside its stretch.
    pub fn prompt(&self) -> Result<Prompt, PromptError> {
        let skeleton = self.skeleton();
        let base = skeleton.frozen(&self.base);
        let mut prompt =
            Prompt::new(&base, self.compose.clone(), self.controls.clone(), self.harmony.clone())?;
        prompt.skeleton = skeleton.to_prompt();
        Ok(prompt)
    }

    /// Temperature and nucleus of `slot` of `part`; `None` is the chord track.
    pub fn spread(&self, part: Option<Part>, slot: Slot) -> Spread {
        let spread = self.decoding.map(|decoding| decoding.spread(part, slot)).unwrap_or_default();
        Spread {
            temperature: spread.temperature * self.sampling.temperature,
            top_p: (spread.top_p * self.sampling.top_p).clamp(0.0, 1.0),
        }
    }

    /// The kept notes of the task.
    pub fn skeleton(&self) -> Skeleton {
        Skeleton::of(&self.base, &self.compose, self.keep)
    }

    /// The task, keeping `keep` of the notes that are composed anew.
    #[must_use]
    pub fn keeping(mut self, keep: Keep) -> Self {
        self.keep = keep;
        self
    }

    /// Whether `part` must not be silent for a bar or longer: the rule says so and no silence is asked for.
    pub fn plays_on(&self, part: Part) -> bool {
        let asked = |control: PartControl| self.controls.part(part, control);
        self.rules.silence == SilenceRule::Short
            && asked(PartControl::Rests).is_none_or(|rests| rests <= Self::MOST_RESTS)
            && asked(PartControl::Density).is_none_or(|density| density >= Self::LEAST_DENSITY)
    }

    /// The cells to compose, in bars of the user's phrase.
    pub fn cells_in_whole(&self) -> Cells {
        self.compose.iter().map(|cell| Cell { bar: cell.bar + self.first_bar, ..*cell }).collect()
    }

    /// `whole`, which contains the task's stretch, with the composed cells of `take` in place. It is longer by the bars
    /// that the take adds at its end; everything else is kept to the last tick.
    ///
    /// # Errors
    ///
    /// The result would have too many bars.
    pub fn merge_into(&self, whole: &Phrase, take: &Phrase) -> Result<Phrase, PhraseError> {
        let offset = whole.frame().bar_start(self.first_bar);
        let n_total = (self.first_bar + take.frame().n_bars_total()).max(whole.frame().n_bars_total());
        let frame = Frame { n_bars: n_total - u32::from(whole.frame().has_pickup), ..*whole.frame() };
        let compose = self.cells_in_whole();
        let mut parts = whole.to_parts();
        for part in Part::ALL {
            let kept = &mut parts[part.index()];
            kept.retain(|note| {
                note.locked || !compose.contains(&Cell { bar: frame.bar_of(note.onset), part })
            });
            let moved = take
                .notes(part)
                .iter()
                .map(|note| Note { onset: note.onset + offset.since(TickInstant::ZERO), ..*note });
            let composed = moved.filter(|note| {
                !note.locked && compose.contains(&Cell { bar: frame.bar_of(note.onset), part })
            });
            let fitted: Vec<Note> = composed.filter_map(|note| note.yielding_to(kept)).collect();
            kept.extend(fitted);
        }
        let progression = if take.progression().is_empty() {
            whole.progression().clone()
        } else {
            let moved = take.progression().later(offset.since(TickInstant::ZERO));
            whole.progression().spliced(&moved, &frame.stretches(&compose))
        };
        Phrase::new(frame, progression, parts)
    }
}

fn cells(from: u32, to: u32, parts: &[Part]) -> Cells {
    (from..to).flat_map(|bar| parts.iter().map(move |&part| Cell { bar, part })).collect()
}
