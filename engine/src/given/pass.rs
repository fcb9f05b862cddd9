//! Quiet lines of a log are passed over where nothing else is being read.

use super::{Sorter, State};
use crate::text::Block;

impl Sorter<'_> {
    /// Passes over the quiet lines that begin here in a block; how many bytes they are.
    pub(super) fn pass_over(&mut self, block: &Block<'_>, at: usize) -> usize {
        if !self.is_plain() {
            return 0;
        }
        let number = self.number;
        let Some(reading) = self.found.texts.log() else { return 0 };
        let Some(seen) = reading.between() else { return 0 };
        let run = block.run(at, seen);
        if run.lines == 0 {
            return 0;
        }
        reading.pass_over(&run, number + run.lines + 1);
        self.number += run.lines;
        self.blank = false;
        run.bytes
    }

    /// Whether lines are nothing but text: of no object, table or description, and as they stand.
    fn is_plain(&self) -> bool {
        self.state == State::Text
            && self.held.from == 0
            && self.description.is_none()
            && self.columns.is_none()
            && self.row.is_none()
            && self.listing.is_none()
            && self.diagnosed.is_none()
            && self.csv.is_none()
            && !self.beside
            && !self.after_error
            && self.shift == 0
            && self.quoted.is_none()
    }
}

#[cfg(test)]
mod tests;
