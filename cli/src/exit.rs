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

/// Could not reach the cluster.
pub(crate) const UNREACHABLE: u8 = 4;
/// The reader did not want to wait.
pub(crate) const INTERRUPTED: u8 = 130;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Nobody reads the output any more: quiet.
    #[error("the reader of the output has gone")]
    Pipe,
    /// What to do about it stands in the text.
    #[error("{0}")]
    Usage(String),
    /// There is no cluster to ask.
    #[error("{0}")]
    Unreachable(String),
    /// The reader stopped it before anything was known.
    #[error("interrupted")]
    Interrupted,
}

impl Failure {
    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Pipe => HEALTHY,
            Self::Usage(_) => USAGE,
            Self::Unreachable(_) => UNREACHABLE,
            Self::Interrupted => INTERRUPTED,
        }
    }

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
