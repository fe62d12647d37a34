//! What a composed song form is made of: for each section the receipt it came from, or the section that it copies.

use serde::{Deserialize, Serialize};

use super::{Form, Receipt, TaskError};
use crate::music::{Frame, TickInstant};

/// The sections of a song, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Song {
    /// Bars of every section.
    pub section_bars: u32,
    /// At least one.
    pub sections: Vec<SongSection>,
}

/// One section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SongSection {
    /// What it is called: `A`, `A'`, `B`.
    pub name: String,
    /// Where its notes came from.
    pub origin: Origin,
    /// How much it is like the section that it varies or contrasts with, `0.0..=1.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likeness: Option<f32>,
    /// What is added to the velocities of its takes, or of the section that it copies as it was composed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub louder: i8,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(n: &i8) -> bool {
    *n == 0
}

/// Where the notes of a section came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It is the last bars of a take.
    Composed(Box<Receipt>),
    /// It is a copy of the section of this place, an earlier one.
    Copy(usize),
}

impl Song {
    /// Where the sections begin in a song of `frame`, and their names.
    pub fn markers(&self, frame: &Frame) -> Vec<(TickInstant, String)> {
        let bars = (0..).map(|idx| idx * self.section_bars);
        bars.zip(&self.sections).map(|(bar, section)| (frame.bar_start(bar), section.name.clone())).collect()
    }

    /// Checks what a song read from a file may have wrong.
    ///
    /// # Errors
    ///
    /// Too many or no sections, a copy of none, or an impossible task.
    pub fn check(&self) -> Result<(), TaskError> {
        let n_bars = u64::from(self.section_bars) * u64::try_from(self.sections.len()).unwrap_or(u64::MAX);
        if !(1..=u64::from(Form::MAX_BARS)).contains(&n_bars) {
            return Err(TaskError::TooManyBars(u32::try_from(n_bars).unwrap_or(u32::MAX)));
        }
        for (idx, section) in self.sections.iter().enumerate() {
            match &section.origin {
                Origin::Composed(receipt) => receipt.task.check()?,
                Origin::Copy(of) if *of < idx => {}
                Origin::Copy(_) => return Err(TaskError::Outside),
            }
        }
        Ok(())
    }
}
