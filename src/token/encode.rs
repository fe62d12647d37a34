//! Encodes phrases as symbols.
//!
//! Onsets are rounded to the nearest grid step and durations to the table of the vocabulary; notes that become equal are
//! merged, notes longer than the table are split. Notes on the grid are unchanged.

use super::plan::Plan;
use super::vocab::{DRUM_KEYS, MAX_DURATION, Symbol, Tone, nearest_duration, velocity_band};
use crate::music::{Cell, Frame, Key, Note, Part, Phrase, Pitch, Progression, TickDuration, TickInstant};

/// Whether the velocities of each part are encoded, indexed by `[part_idx]`; else they are written as unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VelocityView(pub [bool; 5]);

impl VelocityView {
    /// The velocities of all parts are encoded.
    pub const ALL: Self = Self([true; 5]);

    /// Encodes the velocities of the parts with at least three different ones: fewer are a score's flat velocity or two
    /// dynamic marks.
    pub fn of(phrase: &Phrase) -> Self {
        Self(Part::ALL.map(|part| {
            let mut velocities: Vec<u8> = phrase.notes(part).iter().map(|note| note.velocity).collect();
            velocities.sort_unstable();
            velocities.dedup();
            velocities.len() >= 3
        }))
    }
}

/// A phrase on the grid of the vocabulary.
#[derive(Debug, Clone)]
pub struct Quantised {
    phrase: Phrase,
    velocities: VelocityView,
}

impl Quantised {
    /// Rounds `phrase` to the grid. Notes that round to the end of the phrase are left out.
    pub fn of(phrase: &Phrase, velocities: VelocityView) -> Self {
        let parts = Part::ALL.map(|part| phrase.notes(part).iter().flat_map(on_grid).collect());
        let (phrase, _) = Phrase::repaired(*phrase.frame(), phrase.progression().clone(), parts)
            .expect("the frame of a phrase is valid");
        Self { phrase, velocities }
    }

    /// The rounded phrase.
    pub const fn phrase(&self) -> &Phrase {
        &self.phrase
    }

    /// The notes of `cell`, by position then pitch.
    pub fn notes(&self, cell: Cell) -> Vec<Symbol> {
        let frame = self.phrase.frame();
        let start = frame.bar_start(cell.bar);
        let knows_velocity = self.velocities.0[cell.part.index()];
        let symbol = |note: &Note| Symbol::Note {
            position: Some(note.onset.since(start).0 / TickDuration::from_steps(1).0),
            tone: Some(to_tone(frame.key, cell.part, note.pitch)),
            duration: (!cell.part.is_drums()).then(|| nearest_duration(note.duration.to_nearest_steps())),
            velocity: knows_velocity.then(|| velocity_band(note.velocity)),
        };
        let mut symbols: Vec<Symbol> = self.phrase.cell(cell).iter().map(symbol).collect();
        // Percussion keys outside the table are clamped to its ends, so that two can become equal.
        symbols.dedup_by_key(|symbol| match symbol {
            Symbol::Note { position, tone, .. } => (*position, *tone),
            _ => (None, None),
        });
        symbols
    }

    /// The body that composes exactly this phrase under `plan`.
    pub fn body(&self, plan: &Plan) -> Vec<Symbol> {
        let mut symbols = Vec::new();
        for bar in &plan.bars {
            symbols.push(plan.opening(bar));
            if plan.has_harmony {
                symbols.extend(chords(self.phrase.frame(), self.phrase.progression(), bar.bar));
            }
            for cell in &bar.cells {
                symbols.push(cell.header());
                symbols.extend(self.notes(Cell { bar: bar.bar, part: cell.part }));
            }
        }
        symbols.push(Symbol::End);
        symbols
    }
}

/// The chord symbols of `progression` that begin in `bar`; spans longer than the table are continued in later bars.
pub fn chords(frame: &Frame, progression: &Progression, bar: u32) -> Vec<Symbol> {
    let bar_steps = frame.meter.bar_steps();
    let mut symbols = Vec::new();
    for span in progression.spans() {
        let mut onset = span.onset.to_nearest_step();
        let end = span.end().to_nearest_step();
        while onset < end {
            let steps = (end - onset).min(MAX_DURATION);
            if onset / bar_steps == bar {
                symbols.push(Symbol::Chord {
                    position: onset % bar_steps,
                    chord: span.chord.map(|chord| (relative_class(frame.key, chord.root), chord.quality)),
                    duration: Some(nearest_duration(steps)),
                });
                if let Some(chord) = span.chord.filter(|chord| chord.bass != chord.root) {
                    symbols.push(Symbol::Slash(relative_class(frame.key, chord.bass)));
                }
            }
            onset += steps;
        }
    }
    symbols
}

/// The pitch relative to the tonic, or the percussion key.
pub fn to_tone(key: Key, part: Part, pitch: Pitch) -> Tone {
    if part.is_drums() {
        Tone::Drum(pitch.number().clamp(*DRUM_KEYS.start(), *DRUM_KEYS.end()))
    } else {
        let shift = i16::try_from(key.shift_to_c()).unwrap_or(0);
        Tone::Pitched(i16::from(pitch.number()) + shift)
    }
}

fn relative_class(key: Key, class: crate::music::PitchClass) -> crate::music::PitchClass {
    crate::music::PitchClass::new(class.above(key.tonic))
}

/// The note rounded to the grid, split where it is longer than the table.
fn on_grid(note: &Note) -> impl Iterator<Item = Note> {
    let first = note.onset.to_nearest_step();
    let n_steps = note.duration.to_nearest_steps();
    (0..n_steps.div_ceil(MAX_DURATION)).map(move |piece| {
        let done = piece * MAX_DURATION;
        Note {
            onset: TickInstant::from_steps(first + done),
            duration: TickDuration::from_steps(nearest_duration((n_steps - done).min(MAX_DURATION))),
            ..*note
        }
    })
}
