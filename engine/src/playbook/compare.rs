//! Small tables: what belongs together, side by side, so that a reader sees what differs.

use super::Id;

/// A table that causes show.
#[derive(Clone, Debug)]
pub struct Compare {
    /// Its name.
    pub name: String,
    /// What it is about, English.
    pub title: String,
    /// From top to bottom.
    pub rows: Vec<Row>,
}

/// One line of a table.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it tells, English.
    pub label: String,
    /// All of these that are known are told.
    pub facts: Vec<Id>,
    /// Where none of the facts is known, the first of these that was seen is told in its own words.
    pub signs: Vec<Id>,
    /// Where this was seen, the row agrees with what was meant.
    pub same_when: Option<Id>,
    /// Where this was seen, it does not.
    pub differs_when: Option<Id>,
}

impl Row {
    /// The signs that decide what it tells.
    pub(crate) fn asks(&self) -> impl Iterator<Item = &Id> {
        self.signs.iter().chain(&self.same_when).chain(&self.differs_when)
    }
}
