//! Why a stored project cannot be read.

/// Why a stored project cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Written by a later version.
    #[error(
        "this project's takes were stored by a newer Descant (format {0}); install it to use them: they are kept as \
         they are until you compose here"
    )]
    Newer(u64),
    /// Invalid data.
    #[error("this project's takes are damaged ({0}); they are kept as they are until you compose again")]
    Damaged(String),
}
