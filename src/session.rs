//! What is asked and what came of it: tasks, takes and the receipts that reproduce them.

pub mod task;

pub mod receipt;

pub use receipt::{Receipt, ReceiptError, Take};
pub use task::{GridRule, Rules, Sampling, ScaleRule, Task, TaskError, TaskKind, Wishes};
