//! Three truth values, strong Kleene: the order of the enum is the logic.

/// Seen, unknown or not seen.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Truth {
    /// We looked, and it is not so.
    No,
    /// We could not look.
    #[default]
    Unknown,
    /// It is so.
    Yes,
}

impl Truth {
    /// The least of the parts; of nothing, `Yes`.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().min().unwrap_or(Self::Yes)
    }

    /// The greatest of the parts; of nothing, `No`.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().max().unwrap_or(Self::No)
    }
}
