//! Catches panics at the edge: none may unwind into a host.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// The result of `call`; `None` if it panics.
pub fn caught<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}
