//! Rows of events, as `kubectl describe` and `kubectl get events` print them.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::deleted::Deleted;
use crate::evidence::{Body, Document, GONE, Gap, Given, GivenKind};
use crate::text::{Excerpts, Extent, Message, Moment, Reading, Severity, Watchlist, unwrapped};

/// Objects whose events are told apart.
const OBJECTS: usize = 256;
/// Bytes of one event's message.
const MESSAGE: usize = 128 * 1024;

/// One event.
#[derive(Clone, Debug, Default)]
pub(super) struct EventRow {
    pub(super) kind: String,
    pub(super) reason: String,
    pub(super) from: String,
    /// `kind/name`, as far as the table tells.
    pub(super) object: String,
    pub(super) namespace: String,
    pub(super) message: String,
    pub(super) first: Option<Moment>,
    pub(super) last: Option<Moment>,
    pub(super) count: u64,
    pub(super) line: u64,
    pub(super) cut: bool,
    /// Where it ends, and the column it begins at.
    pub(super) extent: Extent,
    pub(super) indent: usize,
    /// Characters of the line it begins on.
    pub(super) width: usize,
}

impl EventRow {
    /// Begins at a line of a text whose lines are wrapped at this width, if they are.
    pub(super) fn begin(&mut self, line: &str, wrap: Option<usize>) {
        self.indent = line.len() - line.trim_start().len();
        self.width = line.chars().count();
        self.extent = Extent::new(line, &self.message, wrap, self.kind == "Normal");
        // It names a node at its end.
        if self.reason == "Scheduled" && !self.message.contains(" to ") {
            self.extent.leave_open();
        }
    }

    /// Ends it, of a text whose lines are wrapped at this width, if they are.
    pub(super) fn end(&mut self, wrap: Option<usize>) {
        if let Some(whole) = unwrapped(&self.message, self.width, wrap) {
            self.message = whole;
        }
    }

    /// Whether the next line is of its message.
    pub(super) fn holds(&self, line: &str) -> bool {
        self.message.is_empty() || self.extent.holds(line, self.indent)
    }

    /// Goes on with the message.
    pub(super) fn more(&mut self, line: &str) {
        if self.message.is_empty() {
            self.width = line.chars().count();
            self.extent = Extent::wrapped(line);
        } else {
            self.extent.push(line);
        }
        if self.message.len() + line.len() > MESSAGE {
            self.cut = true;
            return;
        }
        // A table cuts a row only at the row's end.
        self.cut = line.ends_with("...") && self.cut;
        // A narrow terminal wraps before the message, too.
        if self.message.is_empty() {
            line.trim_start().clone_into(&mut self.message);
            self.cut = line.ends_with("...");
            return;
        }
        self.message.push('\n');
        self.message.push_str(line);
    }
}

/// Events about one object, as an API server sends them.
#[derive(Debug)]
pub struct EventReading<'w>(Reading<'w>);

impl<'w> EventReading<'w> {
    /// Begins a list of events that came from `origin`.
    pub fn new(list: &'w Watchlist, origin: &str) -> Self {
        Self(Reading::new(list, origin, 1, false))
    }

    /// Reads an event, of core/v1 or events.k8s.io/v1.
    pub fn push(&mut self, event: &Json) {
        add(&mut self.0, &super::objects::event(event).0);
    }

    /// Ends the list.
    pub fn finish(self) -> Excerpts {
        self.0.finish()
    }
}

fn add(reading: &mut Reading<'_>, row: &EventRow) {
    let fields: BTreeMap<String, String> =
        [("reason", &row.reason), ("type", &row.kind), ("component", &row.from)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect();
    let severity = match row.kind.as_str() {
        "Normal" => Severity::Info,
        _ => Severity::Warning,
    };
    reading.message(&Message {
        fields: &fields,
        severity: Some(severity),
        text: &row.message,
        first: row.first,
        last: row.last,
        count: row.count,
        line: row.line,
        cut: row.cut,
    });
}

/// Events, read per object.
#[derive(Debug)]
pub(super) struct Events<'w> {
    list: &'w Watchlist,
    origin: String,
    by_object: BTreeMap<String, (BTreeMap<String, String>, u64, Reading<'w>)>,
    deleted: Deleted,
}

impl<'w> Events<'w> {
    pub(super) fn new(list: &'w Watchlist, origin: &str) -> Self {
        Self {
            list,
            origin: origin.to_owned(),
            by_object: BTreeMap::new(),
            deleted: Deleted::default(),
        }
    }

    /// Reads an event about the object of these names.
    pub(super) fn add(&mut self, row: &EventRow, names: &BTreeMap<String, String>) {
        self.deleted.note(row);
        let mut names = names.clone();
        let (kind, name) = row.object.split_once('/').unwrap_or(("", &row.object));
        // `deployment.apps/web`
        let kind = kind.split('.').next().unwrap_or_default();
        let kind = if kind.eq_ignore_ascii_case("pod") { "Pod" } else { kind };
        for (key, value) in [("kind", kind), ("name", name), ("namespace", &row.namespace)] {
            if !value.is_empty() {
                names.insert(key.to_owned(), value.to_owned());
            }
        }
        let mut key = format!("{names:?}");
        if self.by_object.len() >= OBJECTS && !self.by_object.contains_key(&key) {
            key = String::new();
            names.clear();
        }
        let (_, _, reading) = self
            .by_object
            .entry(key)
            .or_insert_with(|| (names, row.line, Reading::new(self.list, &self.origin, 1, true)));
        add(reading, row);
    }

    /// The events of each object; and whether one of them tells a cause by itself.
    pub(super) fn finish(self) -> (Vec<Given>, bool) {
        let (origin, list, deleted) = (self.origin, self.list, self.deleted);
        let mut tells = false;
        let pieces = self
            .by_object
            .into_values()
            .map(|(mut names, line, reading)| {
                if deleted.holds(&names) {
                    names.insert(GONE.to_owned(), "true".to_owned());
                }
                let text = reading.finish();
                tells |= list.tells(&text);
                Given {
                    kind: GivenKind::Events,
                    names,
                    answer: Ok(Document {
                        body: Body::Text(text),
                        partial: Some(Gap::HandedOver),
                        origin: format!("events ({origin})"),
                    }),
                    origin: origin.clone(),
                    line,
                }
            })
            .collect();
        (pieces, tells)
    }
}
