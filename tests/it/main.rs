//! The integration tests, one binary: each module is one subject.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod layering;
mod project;

use std::path::Path;

/// The repository root.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file, by its path from the repository root.
fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
