//! Lines that go on with what has begun: a description, a row of events, rows of a table, a text.

use super::{Sorter, State, objects};

impl Sorter<'_> {
    pub(super) fn described(&mut self, line: &str) {
        if line.trim() == "Events:" {
            self.state = State::Events;
            return;
        }
        let Some(description) = &mut self.description else { return };
        let log = self.found.texts.is_log(line);
        if description.is_told() && (log || self.found.texts.is_open()) {
            // Such as the last words of a container.
            return self.found.texts.plain(line, self.number, log);
        }
        if description.is_of_it(line) || line.trim().is_empty() {
            description.push(line, self.number);
        } else if description.is_told() {
            // Somebody's own words; more of it may follow.
            self.found.texts.plain(line, self.number, false);
        } else {
            self.close();
            self.plain(line);
        }
    }

    /// A line below a row goes on with its message, or is somebody's own text.
    pub(super) fn event_line(&mut self, line: &str) {
        let empty = line.trim().is_empty();
        let own = match &mut self.row {
            Some(row) if empty => return row.extent.blank(),
            Some(row) if !self.found.texts.is_log(line) && row.holds(line) => {
                row.more(line);
                self.wrap = self.wrap.or(row.extent.wrap());
                return;
            }
            Some(row) => row.extent.is_blank(),
            None if empty && !self.beside => return,
            None if line.trim_start().starts_with("----") && !self.beside => return,
            // What stands beside rows goes on, also where it has empty lines.
            None if self.beside => {
                return self.found.texts.plain(line, self.number, self.found.texts.is_log(line));
            }
            None => true,
        };
        self.end_row();
        if own || self.found.texts.is_log(line) {
            self.close();
            return self.plain(line);
        }
        // More rows may follow.
        self.beside = true;
        self.found.texts.plain(line, self.number, false);
    }

    /// Whether the line is of the table.
    pub(super) fn csv_line(&mut self, line: &str) -> bool {
        let row = self.csv.as_mut().map_or(Err(()), |csv| csv.line(line, self.number));
        match row {
            Ok(Some((row, from))) => {
                objects::row(&row, from, &mut self.found);
                true
            }
            Ok(None) => true,
            Err(()) => {
                self.close();
                false
            }
        }
    }

    pub(super) fn plain(&mut self, line: &str) {
        if self.state != State::Text {
            self.close();
        }
        self.found.texts.plain(line, self.number, self.found.texts.is_log(line));
    }
}
