//! What is asked and what came of it: tasks, takes, the receipts that reproduce them, and what a project stores.

pub mod skeleton;

pub mod task;

mod respond;

pub mod form;

pub mod command;

pub mod commission;

pub mod ideas;

pub mod performance;

pub mod edit;

mod bounded;

mod vocabulary;

pub mod decoding;

pub mod receipt;

pub mod history;

pub mod takes;

pub mod state;

pub use command::{Ask, Choice, Command, Selection, Verb};
pub use commission::{Commission, Variation};
pub use decoding::Decoding;
pub use edit::{Edit, EditError, NoteName, NotesChange};
pub use form::{Form, FormError, Step};
pub use history::{Change, History, HistoryStep, Moment};
pub use ideas::{Idea, Ideas};
pub use performance::{Performance, UnknownPerformance};
pub use receipt::{Origin, Receipt, ReceiptError, Song, SongSection, Take};
pub use skeleton::{Keep, Skeleton};
pub use state::{Project, StateError};
pub use takes::{Entry, Occasion, Takes};
pub use task::{
    Around, GridRule, PlanRule, Rules, Sampling, ScaleRule, SilenceRule, Task, TaskError, TaskKind,
    VoicingRule, Wishes,
};
