//! Lines make records: a header, and what belongs to it.

use std::collections::BTreeMap;

use super::extent::Extent;
use super::format::Format;
use super::header::{header, prefix};
use super::prose::is_not_of_now;
use super::{Moment, Severity};

/// Bytes of a record; what goes beyond is not kept.
pub(super) const RECORD_BYTES: usize = 256 * 1024;
/// Lines of a record.
const RECORD_LINES: usize = 2_000;

/// A record under construction, and then whole. Reused, so that skipping one allocates nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    /// The lines, joined with `\n`, prefixes removed.
    pub(super) text: String,
    /// Line the record starts at.
    pub(super) line: u64,
    pub(super) lines: usize,
    pub(super) severity: Option<Severity>,
    pub(super) first: Option<Moment>,
    pub(super) last: Option<Moment>,
    pub(super) fields: BTreeMap<String, String>,
    pub(super) count: u64,
    /// Something of it was not kept.
    pub(super) cut: bool,
    /// It was too large.
    pub(super) oversized: bool,
    has_header: bool,
    goes_on: bool,
    /// A value of several lines has begun (`err=<`), and not ended (` >`).
    in_value: bool,
    /// Its format tells that nothing follows: it was JSON, or its value of several lines has ended.
    is_whole: bool,
    /// Where it ends, in text that was handed over.
    extent: Option<Extent>,
}

impl Record {
    /// There is something in it.
    pub(super) fn is_open(&self) -> bool {
        self.lines > 0
    }

    /// It ended in the middle of a multi-line value (`err=<` without its ` >`).
    pub(super) fn is_torn(&self) -> bool {
        self.has_header
            && self.text.lines().next().is_some_and(|it| it.trim_end().ends_with("=<"))
            && !self.text.lines().skip(1).any(|it| it.starts_with(" >"))
    }

    /// Forgets everything, keeps the memory.
    pub(super) fn clear(&mut self) {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        *self = Self { text, count: 1, ..Self::default() };
    }

    /// Whether a line begins the next record, rather than going on with this one.
    pub(super) fn ends_before(&self, line: &str, formats: &[Format], repair: bool) -> bool {
        if !self.is_open() || self.goes_on {
            return false;
        }
        let body = line.get(prefix(line).length..).unwrap_or(line);
        if header(body, formats).is_some() {
            return true;
        }
        if !repair {
            // A log's own text goes on in any column.
            return !self.has_header && !body.starts_with([' ', '\t']);
        }
        // In given text a bare message may follow a log, and what somebody writes about it.
        starts_message(body)
            || self.is_whole && !body.starts_with([' ', '\t'])
            || !self.in_value
                && (self.extent.as_ref().is_some_and(|it| it.is_blank() && !it.holds(body, 1))
                    || is_not_of_now(body))
    }

    /// Whether a value of several lines has begun in it.
    pub(super) fn is_in_value(&self) -> bool {
        self.is_open() && self.in_value
    }

    /// The line is not at its end: whatever comes next goes on with it.
    pub(super) fn is_broken_off(&self) -> bool {
        self.is_open() && self.goes_on
    }

    /// An empty line stands below it.
    pub(super) fn is_apart(&self) -> bool {
        self.extent.as_ref().is_some_and(Extent::is_blank)
    }

    /// Notes an empty line in text that was handed over.
    pub(super) fn blank(&mut self) {
        if let Some(extent) = &mut self.extent {
            extent.blank();
        }
    }

    /// Adds a line.
    pub(super) fn push(
        &mut self,
        line: &str,
        formats: &[Format],
        number: u64,
        cut: bool,
        repair: bool,
    ) {
        let prefix = prefix(line);
        let body = line.get(prefix.length..).unwrap_or(line);
        if repair {
            match &mut self.extent {
                Some(extent) => extent.push(body),
                None => self.extent = Some(Extent::new(body, body, None, false)),
            }
        }
        let in_value = self.in_value;
        self.in_value = if self.is_open() {
            self.in_value && !body.starts_with(" >") && body.trim() != ">"
        } else {
            body.trim_end().ends_with("=<")
        };
        self.is_whole |= in_value && !self.in_value;
        if self.is_open() && self.goes_on {
            self.append(body);
        } else if self.is_open() {
            self.append("\n");
            self.append(body);
        } else {
            self.line = number;
            self.first = prefix.at;
            match header(body, formats) {
                Some(header) => {
                    self.has_header = true;
                    self.severity = header.severity;
                    self.first = prefix.at.or(header.at);
                    self.is_whole = header.message.is_some();
                    self.append(header.message.as_deref().unwrap_or(body));
                }
                None => self.append(body),
            }
            self.last = self.first;
        }
        self.goes_on = prefix.goes_on;
        self.lines += 1;
        self.cut |= cut;
    }

    fn append(&mut self, text: &str) {
        if self.text.len() + text.len() > RECORD_BYTES || self.lines > RECORD_LINES {
            self.cut = true;
            self.oversized = true;
            return;
        }
        self.text.push_str(text);
    }
}

/// Beginnings of messages that stand on their own in a paste.
fn starts_message(line: &str) -> bool {
    let trimmed = line.trim_start_matches([' ', '\t', '>', '*', '-', '#', '`']);
    [
        "MountVolume.",
        "Warning  ",
        "Warning\t",
        "Normal  ",
        "Aviso  ",
        "Error: ",
        "Unable to attach or mount volumes",
        "Failed to pull image",
        "rpc error: code",
    ]
    .iter()
    .any(|it| trimmed.starts_with(it))
        && !(trimmed.starts_with("rpc error") && line.starts_with([' ', '\t']))
}
