//! The newest warnings of a list of events, and the newest errors of a log that speaks of what a playbook is about, whether or not
//! anybody knows what they mean.

use std::cmp::Ordering;

use super::moment::chronological;
use super::record::Record;
use super::{Quote, Severity, secret};

/// Warnings that are kept.
const KEPT: usize = 4;
/// Bytes of a message that are looked at.
const LOOKED_AT: usize = 4 * 1024;
/// Characters that are shown: what went wrong stands at the end of a message, where it was at its beginning.
const SHOWN: (usize, usize) = (110, 280);
/// Characters of a reason.
const REASON: usize = 75;

/// An event that warns of something.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Warning {
    /// Its reason: `FailedScheduling`; empty of a log's record.
    pub reason: String,
    /// Its message on one line, without secrets, cut to a bounded length.
    pub quote: Quote,
}

/// The newest of those that were read so far; messages as they came.
#[derive(Debug, Default)]
pub(super) struct Newest(Vec<Warning>);

impl Newest {
    /// Keeps a record if it is a warning that has a reason, and none of those that are kept is older.
    pub(super) fn note(&mut self, record: &Record, origin: &str) {
        let Some(reason) = record.fields.get("reason") else { return };
        if record.severity.is_some_and(|it| it >= Severity::Warning) {
            self.keep(record, reason, origin);
        }
    }

    /// Keeps a record of a log that tells of an error.
    pub(super) fn note_error(&mut self, record: &Record, origin: &str) {
        if record.severity.is_some_and(|it| it >= Severity::Error) {
            // What fails again and again is told once.
            self.0.retain(|it| !it.reason.is_empty());
            self.keep(record, "", origin);
        }
    }

    fn keep(&mut self, record: &Record, reason: &str, origin: &str) {
        let text =
            record.text.get(..record.text.floor_char_boundary(LOOKED_AT)).unwrap_or_default();
        if let Some(known) =
            self.0.iter_mut().find(|it| it.reason == reason && it.quote.text == text)
        {
            known.quote.count = known.quote.count.max(record.count);
            super::moment::keep(&mut known.quote.at, record.last, Ordering::Greater);
            return;
        }
        let warning = Warning {
            reason: reason.to_owned(),
            quote: Quote {
                origin: origin.to_owned(),
                line: record.line,
                text: text.to_owned(),
                decides: 0,
                at: record.last,
                count: record.count.max(1),
            },
        };
        place(&mut self.0, warning);
        self.0.truncate(KEPT);
    }

    /// As they may be shown, the newest first.
    pub(super) fn finish(self) -> Vec<Warning> {
        self.0.into_iter().map(shown).collect()
    }
}

/// Puts a warning before those that are no newer: of two that cannot be compared the one that comes later.
pub(crate) fn place(warnings: &mut Vec<Warning>, warning: Warning) {
    let newer = |it: &Warning| match (it.quote.at, warning.quote.at) {
        (Some(its), Some(mine)) => chronological(its, mine) == Some(Ordering::Greater),
        _ => false,
    };
    let at = warnings.iter().position(|it| !newer(it)).unwrap_or(warnings.len());
    warnings.insert(at, warning);
}

fn shown(mut warning: Warning) -> Warning {
    let whole = secret::redact(&warning.quote.text);
    let line = whole.split_whitespace().collect::<Vec<_>>().join(" ");
    let (first, last) = SHOWN;
    let count = line.chars().count();
    warning.quote.text = if count > first + last {
        let head: String = line.chars().take(first).collect();
        let tail: String = line.chars().skip(count - last).collect();
        format!("{head} … {tail}")
    } else {
        line
    };
    warning.reason = secret::redact(&warning.reason).chars().take(REASON).collect();
    warning
}
