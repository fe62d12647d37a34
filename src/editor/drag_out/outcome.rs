//! How drags out of the window end.

/// How a drag ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only X11 has drags"))]
pub enum Outcome {
    /// The other program has the file.
    Taken,
    /// The button was released where nothing takes files.
    Refused,
    /// It was called off.
    Cancelled,
    /// It could not be done: why.
    Failed(String),
}
