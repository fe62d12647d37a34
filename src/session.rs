//! Tasks, takes, the receipts that reproduce them, and what a project stores.

pub mod skeleton;

pub mod task;

mod respond;

pub mod form;

pub mod command;

pub mod job;

mod mark;

pub mod diversity;

pub mod performance;

pub mod edit;

pub mod excerpt;

mod bounded;

mod vocabulary;

pub mod decoding;

pub mod receipt;

mod imported;

pub mod undo;

pub mod takes;

pub mod project;

pub use command::{Ask, Choice, Command, Selection, Verb};
pub use decoding::Decoding;
pub use diversity::{Idea, TakeTargets};
pub use edit::{Alteration, Edit, EditError, Edited, NoteName, NotesChange};
pub use excerpt::{Bars, Excerpt};
pub use form::{Form, FormError, Step};
pub use imported::imported;
pub use job::{Job, Variation};
pub use mark::Mark;
pub use performance::{Performance, UnknownPerformance};
pub use project::{Project, StateError};
pub use receipt::{Origin, Receipt, ReceiptError, Revision, Song, SongSection, Take};
pub use skeleton::{Keep, Skeleton};
pub use takes::{Entry, Occasion, Takes};
pub use task::{
    Around, GridRule, PlanRule, Rules, Sampling, ScaleRule, SilenceRule, Task, TaskError, TaskKind,
    TaskSettings, VoicingRule,
};
pub use undo::{Change, History, HistoryStep, UndoState};
