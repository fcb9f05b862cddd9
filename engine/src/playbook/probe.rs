//! What people do by hand: tests that tell causes apart, and commands that not every cluster has.

use super::{Id, Remedy};

/// A test that somebody makes by hand where several causes are possible.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Its name.
    pub id: String,
    /// What to do, and the command.
    pub step: Remedy,
    /// For each answer that tells something, the causes that it leaves; another answer leaves the rest.
    pub splits: Vec<Vec<String>>,
}

impl Probe {
    /// Whether some answer tells of this cause.
    pub(crate) fn tells_of(&self, cause: &str) -> bool {
        self.splits.iter().flatten().any(|it| it == cause)
    }
}

/// Commands of one tool, and when they are of no use.
#[derive(Clone, Debug)]
pub struct Tool {
    /// How they begin.
    pub begins: Vec<String>,
    /// They are left out where this sign was seen.
    pub unless: Id,
}
