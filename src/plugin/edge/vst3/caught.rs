//! Calls whose panics end at the edge: none may go on into a host.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What `call` gives; `None` if it panics, which no host is to notice.
pub fn caught<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}
