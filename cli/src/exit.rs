//! Exit codes: documented, never renumbered. And what ends a run before it has a report.

use std::io;

/// Looked, and nothing is wrong.
pub(crate) const HEALTHY: u8 = 0;
/// A cause of now was found.
pub(crate) const FOUND: u8 = 1;
/// Usage, or a playbook that does not check.
pub(crate) const USAGE: u8 = 2;
/// Undecided.
pub(crate) const UNDECIDED: u8 = 3;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Nobody reads the output any more: quiet.
    #[error("the reader of the output has gone")]
    Pipe,
    /// What to do about it stands in the text.
    #[error("{0}")]
    Usage(String),
}

impl Failure {
    /// A failure with this text.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::Pipe
        } else {
            Self::Usage(error.to_string())
        }
    }
}
