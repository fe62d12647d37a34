//! A request to the network: settings, given notes and cells to compose, and their encoding as tokens.

use serde::{Deserialize, Serialize};

use super::controls::{Controls, Harmony};
use super::encode::{self, VelocityView};
use super::plan::{Plan, PlanBar, PlanCell};
use super::vocab::{MAX_COUNT, Symbol, Token, level_of, nearest_duration, tempo_band};
use crate::music::measure::PartControl;
use crate::music::{
    Cell, Cells, Frame, Part, Phrase, Pitch, Progression, TickDuration, TickInstant, counted,
};

/// A note of a cell to compose of which only some values are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkeletonNote {
    /// The cell.
    pub cell: Cell,
    /// Start, in ticks from the start of the phrase, inside the cell's bar.
    pub onset: Option<TickInstant>,
    /// Pitch.
    pub pitch: Option<Pitch>,
    /// Length.
    pub duration: Option<TickDuration>,
}

/// Why cells of a phrase cannot be composed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PromptError {
    /// No cell to compose.
    #[error("nothing is selected to compose; select at least one part in one bar")]
    NothingToCompose,
    /// A cell outside the phrase.
    #[error("the selection reaches bar {0}, which the phrase does not have")]
    Outside(u32),
    /// Too long for one prompt.
    #[error(
        "one request holds up to {}, not {got}; ask for a shorter stretch",
        counted(Prompt::MAX_BARS, "bar"), got = .0
    )]
    TooLong(u32),
}

/// One request to the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// Settings of style, mood and parts.
    pub controls: Controls,
    /// The chord track of the body.
    pub harmony: Harmony,
    /// Partly known notes of the cells to compose, in stream order.
    pub skeleton: Vec<SkeletonNote>,
    given: Phrase,
    compose: Cells,
}

impl Prompt {
    /// Most bars, given and composed together.
    pub const MAX_BARS: u32 = 64;

    /// A request to compose the cells `compose` of `phrase`: their locked notes and all notes of the other cells are
    /// given.
    ///
    /// # Errors
    ///
    /// Nothing to compose, a cell outside the phrase, or too long a phrase.
    pub fn new(
        phrase: &Phrase,
        compose: Cells,
        controls: Controls,
        harmony: Harmony,
    ) -> Result<Self, PromptError> {
        let frame = phrase.frame();
        if frame.n_bars_total() > Self::MAX_BARS {
            return Err(PromptError::TooLong(frame.n_bars_total()));
        }
        let last = compose.iter().map(|cell| cell.bar).max().ok_or(PromptError::NothingToCompose)?;
        if last >= frame.n_bars_total() {
            return Err(PromptError::Outside(frame.bar_number(last)));
        }
        let mut parts = phrase.to_parts();
        for part in Part::ALL {
            parts[part.index()].retain(|note| {
                note.locked || !compose.contains(&Cell { bar: frame.bar_of(note.onset), part })
            });
        }
        let given = Phrase::new(*frame, phrase.progression().clone(), parts)
            .expect("a subset of a phrase's notes is a phrase");
        Ok(Self { controls, harmony, skeleton: Vec::new(), given, compose })
    }

    /// The given notes and chords, locked notes included.
    pub const fn given(&self) -> &Phrase {
        &self.given
    }

    /// The cells to compose.
    pub const fn compose(&self) -> &Cells {
        &self.compose
    }

    /// Meter, length, key and tempo.
    pub const fn frame(&self) -> &Frame {
        self.given.frame()
    }

    /// The parts of which at least one cell is to be composed, in stream order.
    pub fn composed_parts(&self) -> impl Iterator<Item = Part> {
        Part::ALL.into_iter().filter(|part| self.compose.iter().any(|cell| cell.part == *part))
    }

    /// The plan of the body.
    pub fn plan(&self) -> Plan {
        let mut bars: Vec<PlanBar> = Vec::new();
        for (number, cell) in (0..).zip(&self.compose) {
            if bars.last().is_none_or(|last| last.bar != cell.bar) {
                let bar_number = self.frame().bar_number(cell.bar);
                bars.push(PlanBar { bar: cell.bar, number: bar_number, cells: Vec::new() });
            }
            if let Some(bar) = bars.last_mut() {
                let level = |control| self.controls.part(cell.part, control).map(level_of);
                let levels = [level(PartControl::Register), level(PartControl::Density)];
                bar.cells.push(PlanCell { part: cell.part, number, levels });
            }
        }
        Plan {
            meter: self.frame().meter,
            style: self.controls.style,
            has_harmony: self.harmony != Harmony::Off,
            bars,
        }
    }

    /// The prompt as at most `max_tokens` symbols, and the number of the earliest given bars that were left out to fit.
    /// Bars with a cell to compose are never left out, so a prompt with too many of them is longer than `max_tokens`.
    pub fn to_symbols(&self, max_tokens: usize) -> (Vec<Symbol>, u32) {
        let head = self.head();
        let plan = self.plan();
        let view = encode::Quantised::of(&self.given, VelocityView::of(&self.given));
        let mut bars: Vec<(bool, Vec<Symbol>)> = (0..self.frame().n_bars_total())
            .map(|bar| {
                let planned = plan.bars.iter().find(|planned| planned.bar == bar);
                (planned.is_some(), self.given_bar(&view, bar, planned))
            })
            .collect();
        let mut n_tokens = head.len() + 1 + bars.iter().map(|(_, symbols)| symbols.len()).sum::<usize>();
        let mut n_dropped = 0;
        for (is_planned, symbols) in &mut bars {
            if n_tokens <= max_tokens {
                break;
            }
            if !*is_planned && !symbols.is_empty() {
                n_tokens -= symbols.len();
                n_dropped += 1;
                symbols.clear();
            }
        }
        let given = bars.into_iter().flat_map(|(_, symbols)| symbols);
        (head.into_iter().chain(given).chain([Symbol::Compose]).collect(), n_dropped)
    }

    /// As [`Self::to_symbols`], as ids.
    pub fn to_tokens(&self, max_tokens: usize) -> (Vec<Token>, u32) {
        let (symbols, n_dropped) = self.to_symbols(max_tokens);
        (symbols.into_iter().map(Symbol::to_token).collect(), n_dropped)
    }

    /// The head of the prefix: the settings.
    fn head(&self) -> Vec<Symbol> {
        let frame = self.frame();
        let controls = &self.controls;
        let mut symbols = vec![
            Symbol::Begin,
            Symbol::Style(controls.style),
            Symbol::Mood { valence: controls.valence.map(level_of), arousal: controls.arousal.map(level_of) },
            Symbol::Frame {
                mode: controls.tells_frame.then_some(frame.key.mode),
                tempo_band: controls.tells_frame.then(|| tempo_band(frame.tempo)),
            },
            Symbol::Length {
                meter: frame.meter,
                n_bars: frame.n_bars,
                has_harmony: self.harmony != Harmony::Off,
            },
        ];
        for part in self.composed_parts() {
            let level = |control| controls.part(part, control).map(level_of);
            let shape = [PartControl::Register, PartControl::Range, PartControl::Leaps].map(level);
            let texture = level(PartControl::Polyphony);
            symbols.push(Symbol::Feel {
                part,
                levels: [PartControl::Density, PartControl::Syncopation, PartControl::Rests].map(level),
            });
            if shape.iter().any(Option::is_some) {
                symbols.push(Symbol::Shape { part, levels: shape });
            }
            if texture.is_some() {
                symbols.push(Symbol::Texture { part, level: texture });
            }
        }
        symbols
    }

    /// The given symbols of `bar`; empty if none of its cells has any.
    fn given_bar(&self, view: &encode::Quantised, bar: u32, planned: Option<&PlanBar>) -> Vec<Symbol> {
        let mut symbols = Vec::new();
        let mut has_notes = false;
        if planned.is_none() && self.harmony != Harmony::Off {
            symbols.extend(encode::chords(self.given.frame(), self.given_progression(), bar));
        }
        for part in Part::ALL {
            let cell = Cell { bar, part };
            let notes = view.notes(cell);
            let number =
                planned.and_then(|planned| planned.cells.iter().find(|composed| composed.part == part));
            let skeleton = self.skeleton.iter().filter(|note| note.cell == cell);
            match number {
                Some(&PlanCell { number, .. }) => {
                    symbols.push(Symbol::Mask { part, number });
                    let n_before = symbols.len();
                    symbols.extend(notes);
                    symbols.extend(skeleton.map(|note| self.skeleton_symbol(note)));
                    has_notes |= symbols.len() > n_before;
                }
                None if notes.is_empty() => {}
                None => {
                    symbols.push(Symbol::Cell { part, number: None, levels: [None; 2] });
                    symbols.extend(notes);
                    has_notes = true;
                }
            }
        }
        if !has_notes {
            return Vec::new();
        }
        let frame = self.frame();
        symbols.insert(0, Symbol::Bar { meter: frame.meter, number: frame.bar_number(bar).min(MAX_COUNT) });
        symbols
    }

    /// The given chords, including those of bars that are given whole.
    pub fn given_progression(&self) -> &Progression {
        match &self.harmony {
            Harmony::Given(progression) => progression,
            _ => self.given.progression(),
        }
    }

    fn skeleton_symbol(&self, note: &SkeletonNote) -> Symbol {
        let frame = self.frame();
        Symbol::Note {
            position: note.onset.map(|onset| onset.to_nearest_step() % frame.meter.bar_steps()),
            tone: note.pitch.map(|pitch| encode::to_tone(frame.key, note.cell.part, pitch)),
            duration: note.duration.map(|duration| nearest_duration(duration.to_nearest_steps())),
            velocity: None,
        }
    }
}
