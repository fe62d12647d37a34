//! Receipts: what reproduces a take; of a song form that is, for each section, the receipt it came from or the section that
//! it copies.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::diversity::TakeTargets;
use super::form::Form;
use super::task::{Task, TaskError};
use crate::music::{Frame, Part, Phrase, TickInstant};
use crate::token::vocab_hash;

/// Everything that a take depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Version of this format.
    pub format: u32,
    /// Version of Descant.
    pub engine: String,
    /// The name of the model, for people; the one that ships with Descant has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Hash of the model's weights.
    pub model_hash: String,
    /// Hash of the vocabulary.
    pub vocab_hash: String,
    /// The user's seed.
    pub seed: u64,
    /// Index of the take.
    pub take: u32,
    /// What the take aims at of its own.
    #[serde(default, skip_serializing_if = "TakeTargets::is_empty")]
    pub ideas: TakeTargets,
    /// The parts that were composed anew once the take stood, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<Revision>,
    /// What was asked, with everything given; of a song form what was asked of its first section.
    pub task: Task,
    /// The sections of a song form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub song: Option<Song>,
}

/// A part that was composed anew, with the other parts of its take given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Which part.
    pub part: Part,
    /// Which of its candidates was chosen.
    pub take: u32,
}

/// Why a receipt cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// Not a receipt.
    #[error("this is not a receipt ({0}); give a .json receipt or a .mid file that Descant wrote")]
    Unreadable(#[from] serde_json::Error),
    /// From a later version.
    #[error("this receipt has format {0}, which this version does not know; use a newer Descant")]
    Newer(u32),
    /// Of another vocabulary.
    #[error("this receipt is of vocabulary {0}, this version has another; replay it with Descant {1}")]
    Vocabulary(String, String),
    /// A part that is revised twice.
    #[error("this receipt is damaged: it revises the {0} twice; compose the take again")]
    RevisedTwice(Part),
    /// A task that cannot be.
    #[error("this receipt is damaged: {0}")]
    Task(#[from] TaskError),
}

impl Receipt {
    /// The latest format that this version reads: that of receipts with revisions.
    pub const FORMAT: u32 = 2;

    /// The format of receipts without revisions, which older versions read too.
    const UNREVISED: u32 = 1;

    /// What precedes a receipt in a text event of a MIDI file.
    pub const TEXT_PREFIX: &'static str = "descant-receipt:";

    /// A receipt of this version, of a model without a name.
    pub fn new(model_hash: &str, seed: u64, take: u32, task: &Task) -> Self {
        Self {
            format: Self::UNREVISED,
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            model: None,
            model_hash: model_hash.to_owned(),
            vocab_hash: vocab_hash(),
            seed,
            take,
            ideas: TakeTargets::default(),
            revisions: Vec::new(),
            task: task.clone(),
            song: None,
        }
    }

    /// The same take after `revisions`, the first of them first.
    #[must_use]
    pub fn revised(self, revisions: Vec<Revision>) -> Self {
        let format = if revisions.is_empty() { Self::UNREVISED } else { Self::FORMAT };
        Self { format, revisions, ..self }
    }

    /// As a text event of a MIDI file.
    pub fn to_text(&self) -> String {
        format!("{}{}", Self::TEXT_PREFIX, self.to_json())
    }

    /// As JSON in one line.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a receipt has only string keys and finite numbers")
    }

    /// From JSON: a receipt alone, with [`Self::TEXT_PREFIX`] or without, or a report that has one as `receipt`.
    ///
    /// # Errors
    ///
    /// Text that is no receipt, or one of a later format or another vocabulary, or with an impossible task, or with a part that is
    /// revised twice.
    pub fn from_json(text: &str) -> Result<Self, ReceiptError> {
        let text = text.trim().trim_start_matches(Self::TEXT_PREFIX);
        let mut json: serde_json::Value = serde_json::from_str(text)?;
        if let Some(inner) = json.get_mut("receipt") {
            json = inner.take();
        }
        let Format { format, .. } = Format::deserialize(&json)?;
        if format > Self::FORMAT {
            return Err(ReceiptError::Newer(format));
        }
        let receipt: Self = serde_json::from_value(json)?;
        if receipt.vocab_hash != vocab_hash() {
            return Err(ReceiptError::Vocabulary(receipt.vocab_hash, receipt.engine));
        }
        receipt.check()?;
        Ok(receipt)
    }

    /// Checks what a receipt read from a file may have wrong, the receipts of its sections included.
    fn check(&self) -> Result<(), ReceiptError> {
        self.task.check()?;
        let is_twice =
            |part: &Part| self.revisions.iter().filter(|revision| revision.part == *part).count() > 1;
        if let Some(twice) = Part::ALL.into_iter().find(is_twice) {
            return Err(ReceiptError::RevisedTwice(twice));
        }
        let Some(song) = &self.song else { return Ok(()) };
        song.check()?;
        song.sections.iter().try_for_each(|section| match &section.origin {
            Origin::Composed(receipt) => receipt.check(),
            Origin::Copy(_) => Ok(()),
        })
    }
}

/// The one field that every format has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// A finished phrase and how it came to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Take {
    /// The stretch of the task, composed; a phrase of its own for Generate, the whole for a song form.
    pub phrase: Arc<Phrase>,
    /// What reproduces it.
    pub receipt: Receipt,
    /// What there is against it, in words such as "frozen bass in bars 3-6"; most have nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

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
