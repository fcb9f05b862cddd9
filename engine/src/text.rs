//! Text is read once, in bounded memory: byte chunks → records → what the watches saw.
//!
//! A [`Reading`] is made for one stream (a log, a pasted text, a list of events) from a
//! [`Watchlist`], which holds every pattern of every playbook, compiled before the first byte.

use std::collections::{BTreeMap, BTreeSet};

use crate::playbook::Filter;

pub(crate) use extent::{Extent, unwrapped};
pub use format::Format;
pub use header::journal_prefix;
pub use lens::{Attempts, Lens, Shape, Slot};
pub use literal::required_literal;
pub(crate) use moment::{chronological, is_before, keep};
pub use moment::{parse_age, parse_rfc3339, show_moment};
pub(crate) use prose::{
    announces_another_time, is_not_of_now, is_over, is_told_aside, quotes_aside, sentences,
};
pub(crate) use quiet::Block;
pub use reading::{Message, Reading};
pub use warning::Warning;
pub(crate) use warning::place;
pub use watchlist::Watchlist;

mod announce;
mod extent;
mod format;
mod header;
mod lens;
mod literal;
mod merge;
mod moment;
pub mod normal;
mod prose;
mod quiet;
mod quote;
mod reading;
mod record;
pub mod secret;
mod warning;
mod watchlist;

/// Whether a line begins a record of a logging library (klog, JSON, logrus), behind whatever
/// prefix kubectl or a runtime put before it.
pub fn is_header(line: &str) -> bool {
    is_header_of(line, &[])
}

/// The same, also of these formats.
fn is_header_of(line: &str, formats: &[Format]) -> bool {
    let body = line.get(header::prefix(line).length..).unwrap_or(line);
    header::header(body, formats).is_some()
}

/// Bytes of what kubectl, a container runtime or journald puts before a line.
fn prefix_length(line: &str) -> usize {
    header::prefix(line).length
}

/// How grave a record says it is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Debugging and information.
    Info,
    /// A warning.
    Warning,
    /// An error.
    Error,
    /// The process ends.
    Fatal,
}

/// One thing to look for in the records of a text fact.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Which records count.
    pub filter: Filter,
    /// Tell whose record it is; each has a group `value`.
    pub about: Vec<regex::Regex>,
    /// All of these literals, in one and the same record.
    pub all: Vec<String>,
    /// At least one of each of these groups of literals.
    pub any: Vec<Vec<String>>,
    /// None of these literals.
    pub lacks: Vec<String>,
    /// All of these match, unanchored, on the normalised view; their named groups are kept.
    pub matches: Vec<regex::Regex>,
    /// Texts that mean the same but prove less; any of them is a weak sighting.
    pub also_seen_as: Vec<String>,
    /// The slot of the filter's lens whose text is the group `value`; nothing else is looked for then.
    pub slot: Option<String>,
    /// Literals of which one shows that a record is an attempt of a chain; empty: all are.
    pub tries: Vec<String>,
    /// Tells what is tried, where a subject has several such things; has a group `value`.
    pub of: Option<regex::Regex>,
}

/// When something happened, as far as the text says.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Moment {
    /// Microseconds since 1970-01-01T00:00:00Z.
    At(i64),
    /// Month, day and microseconds of the day, of an unknown year (klog).
    Yearless {
        /// 1 to 12.
        month: u8,
        /// 1 to 31.
        day: u8,
        /// Microseconds since midnight UTC.
        micros: i64,
    },
    /// Seconds before the text was printed (`3m` in a table of events).
    Ago(i64),
}

/// A piece of the original text.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Quote {
    /// Where the text came from: a file, `-`, a container.
    pub origin: String,
    /// Line in that text, from 1; 0 where lines mean nothing.
    pub line: u64,
    /// The original lines around the match, secrets redacted, cut to a bounded length.
    pub text: String,
    /// Which of those lines holds most of what was looked for, from 0.
    pub decides: usize,
    /// The record's time.
    pub at: Option<Moment>,
    /// How often the record says it happened (an event's count).
    pub count: u64,
}

/// When records were written, and how often what they tell happened.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Times {
    /// Time of the earliest record.
    pub first: Option<Moment>,
    /// Time of the latest record.
    pub last: Option<Moment>,
    /// How often.
    pub count: u64,
    /// An attempt of a chain is among the records.
    pub tried: bool,
}

/// What a watch saw of one subject.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Records by a hash of their normalised text → how often; equal records of two files are one.
    /// Bounded; `more` counts what did not fit.
    pub records: BTreeMap<u64, u64>,
    /// Records beyond the bound.
    pub more: u64,
    /// Time of the earliest record.
    pub first: Option<Moment>,
    /// Time of the latest record.
    pub last: Option<Moment>,
    /// The first and the last few, in order.
    pub quotes: Vec<Quote>,
    /// Distinct tuples of named groups (name → text), up to 256, each with the time of its latest record.
    pub groups: BTreeMap<BTreeMap<String, String>, Option<Moment>>,
    /// There were more than 256 distinct tuples.
    pub groups_cut: bool,
    /// An attempt of a chain is among the records.
    pub tried: bool,
    /// The same of each thing that is tried (what [`Watch::of`] captured), up to 256; `None`: of what does not tell.
    pub of: BTreeMap<Option<String>, Times>,
}

/// What a watch saw.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Sighting {
    /// Records that satisfy everything.
    pub strong: Option<Box<Tally>>,
    /// Records that only say so in the words of `also-seen-as`.
    pub weak: Option<Box<Tally>>,
    /// Records that would satisfy it, but were cut: whether they lack a text nobody can tell.
    pub cut: Option<Box<Tally>>,
    /// Records that would satisfy it, but nothing ties them to the component: they are nobody's.
    pub foreign: Option<Box<Tally>>,
}

/// Whose record it is: what each `about` of the watch captured, in order; `None` where the record does not say.
pub type Subject = Vec<Option<String>>;

/// What was read from one stream.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Excerpts {
    /// Watch (index in the watchlist) → whose record → what was seen.
    pub sightings: BTreeMap<usize, BTreeMap<Subject, Sighting>>,
    /// Watches whose distinct subjects did not fit (256).
    pub subjects_cut: BTreeSet<usize>,
    /// Indexes of the watchlist's `looks_like` literals that occurred.
    pub looks_like: BTreeSet<usize>,
    /// The newest events that warn of something, the newest first.
    pub warnings: Vec<Warning>,
    /// Records read.
    pub records: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Time of the earliest record that has one.
    pub oldest: Option<Moment>,
    /// Time of the latest record that has one.
    pub newest: Option<Moment>,
    /// What was odd: invalid UTF-8, NUL bytes, an oversized line, a cut last record.
    pub oddities: BTreeSet<Oddity>,
}

/// Something odd in a text. Reported, never fatal.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Oddity {
    /// Bytes that are not UTF-8 were replaced.
    InvalidUtf8,
    /// NUL bytes were dropped.
    NulBytes,
    /// A line was longer than a record may be; its middle was not kept.
    OversizedLine,
    /// A record had more lines than a record may have.
    OversizedRecord,
    /// The text ends within a record.
    CutAtEnd,
    /// A table row ends in `...`.
    CutRow,
}

impl Oddity {
    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidUtf8 => "invalid-utf8",
            Self::NulBytes => "nul-bytes",
            Self::OversizedLine => "oversized-line",
            Self::OversizedRecord => "oversized-record",
            Self::CutAtEnd => "cut-at-end",
            Self::CutRow => "cut-row",
        }
    }
}
