//! What stands before all lines of a piece: the marks of a quotation, and indentation.

use super::{Sorter, State};

impl Sorter<'_> {
    /// The line without the marks of a quotation.
    pub(super) fn unquoted<'l>(&mut self, line: &'l str) -> &'l str {
        let indented = line.starts_with([' ', '\t']);
        let holds = self.is_holding_json()
            || self.found.texts.is_open()
            || match self.state {
                State::Yaml | State::Describe => indented,
                State::Csv => true,
                State::Start | State::Events | State::Text | State::Table => false,
            };
        let (line, ended) = self.quoted.strip(line, holds);
        if ended && self.state == State::Yaml && !line.is_empty() {
            self.shift = 0;
            self.close();
        }
        line
    }

    /// The line without the columns that all of an object or a log is indented by.
    pub(super) fn shifted<'l>(&mut self, line: &'l str) -> &'l str {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        let begins = text.starts_with("apiVersion: ")
            && self.state != State::Yaml
            && !self.found.texts.is_open()
            || self.found.texts.is_log(text) && !self.found.texts.is_log(line);
        if indent > 0 && begins {
            // What stands within a description does not move the rest of it.
            let inside = self.description.is_some() && self.found.texts.is_log(text);
            self.shift = if inside { 0 } else { indent };
            return text;
        }
        if text.is_empty() || self.shift == 0 {
            return line;
        }
        if indent < self.shift {
            // It ends with what stands further to the left.
            self.shift = 0;
            if self.state == State::Yaml {
                self.close();
            }
            return line;
        }
        line.get(self.shift..).unwrap_or(line)
    }
}
