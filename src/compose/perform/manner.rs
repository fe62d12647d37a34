//! How each style is performed: its kit of drummers, and how much of people's dynamics and timing it has.

use crate::music::Part;
use crate::token::Style;

/// How a style is performed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Manner {
    /// The kit among the measured performances.
    pub kit: &'static str,
    /// The style's share of people's dynamics.
    pub dynamics: f64,
    /// The style's share of people's timing.
    pub timing: f64,
    /// The machine that plays the drums; `None` where people play.
    pub machine: Option<Machine>,
    /// Delay of melody and chords behind the beat, in milliseconds.
    behind_ms: f64,
}

/// A machine that plays drums.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Machine {
    /// What is added to the velocity of hi-hats, rides and other timekeepers, by quarter of the beat.
    pub accents: [f64; 4],
    /// Standard deviation of the velocity of its notes.
    pub stray: f64,
}

/// Sixteenths of a drum machine, with an emphasised off-beat.
const CLUB: Machine = Machine { accents: [-2.0, -16.0, 6.0, -12.0], stray: 4.0 };

/// Sixteenths of a sound chip, with an emphasised beat and fixed velocities: the drums of game music have 5 velocities in eight
/// bars on average, those of chiptune 2.
const CHIP: Machine = Machine { accents: [6.0, -10.0, 0.0, -10.0], stray: 0.0 };

impl Manner {
    /// How `style` is performed.
    pub const fn of(style: Option<Style>) -> Self {
        let Some(style) = style else { return played("any", 1.0, 0.9, 0.0) };
        match style {
            Style::Rock => played("rock", 1.0, 1.0, 0.0),
            Style::Pop => played("rock", 0.9, 0.9, 0.0),
            Style::Country => played("rock", 0.9, 1.0, 0.0),
            Style::Jazz => played("jazz", 1.0, 1.0, 4.0),
            Style::Blues => played("any", 1.0, 1.0, 4.0),
            Style::Funk => played("funk", 1.0, 1.0, 0.0),
            Style::Soul => played("soul", 1.0, 1.0, 4.0),
            Style::HipHop => played("hip-hop", 1.0, 1.0, 2.0),
            Style::LoFi => played("hip-hop", 0.9, 1.1, 6.0),
            Style::Latin => played("latin", 1.0, 1.0, 0.0),
            Style::Afro => played("afro", 1.0, 1.0, 0.0),
            Style::Reggae => played("any", 0.9, 1.0, 4.0),
            Style::Folk | Style::Celtic | Style::Classical | Style::Romantic => played("any", 1.0, 1.0, 0.0),
            Style::Hymn | Style::Baroque => played("any", 0.8, 0.8, 0.0),
            Style::Ragtime | Style::Cinematic | Style::Ambient => played("any", 0.9, 0.8, 0.0),
            Style::Game => machine(0.5, 0.2, CHIP),
            Style::Electronic => machine(0.6, 0.25, CLUB),
            Style::House => machine(0.6, 0.2, CLUB),
            Style::Techno => machine(0.6, 0.1, CLUB),
            Style::Chiptune => machine(0.5, 0.0, CHIP),
        }
    }

    /// Delay of melody, chords and arpeggio behind the beat, in milliseconds.
    pub const fn behind_ms(&self, part: Part) -> f64 {
        match part {
            Part::Drums | Part::Bass => 0.0,
            Part::Chords | Part::Arpeggio => self.behind_ms * 0.5,
            Part::Melody => self.behind_ms,
        }
    }

    /// Share of a line's timing that is independent of the shared clock.
    pub const fn line_timing(&self) -> f64 {
        if self.machine.is_some() { 0.5 } else { 1.0 }
    }
}

const fn played(kit: &'static str, dynamics: f64, timing: f64, behind_ms: f64) -> Manner {
    Manner { kit, dynamics, timing, machine: None, behind_ms }
}

const fn machine(dynamics: f64, timing: f64, machine: Machine) -> Manner {
    Manner { kit: "any", dynamics, timing, machine: Some(machine), behind_ms: 0.0 }
}

/// How closely `part` follows the clock of the kit.
pub const fn clock_share(part: Part) -> f64 {
    match part {
        Part::Drums => 1.0,
        Part::Bass => 0.9,
        Part::Chords | Part::Arpeggio => 0.7,
        Part::Melody => 0.5,
    }
}
