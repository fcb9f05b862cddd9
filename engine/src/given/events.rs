//! Rows of events, as `kubectl describe` and `kubectl get events` print them.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::evidence::{Body, Document, Gap, Given, GivenKind};
use crate::text::{Excerpts, Message, Moment, Reading, Severity, Watchlist, parse_age};

/// Objects whose events are told apart.
const OBJECTS: usize = 256;
/// Bytes of one event's message.
const MESSAGE: usize = 128 * 1024;

/// The columns of a table of events.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Columns(Vec<String>);

impl Columns {
    /// The columns of a header line.
    pub(super) fn of(line: &str) -> Option<Self> {
        let names: Vec<String> = cells(line).iter().map(|it| it.to_lowercase()).collect();
        let has = |name: &str| names.iter().any(|it| it == name);
        (has("reason") && has("message") && (has("type") || has("last seen") || has("lastseen")))
            .then_some(Self(names))
    }
}

/// One event.
#[derive(Clone, Debug, Default)]
pub(super) struct EventRow {
    pub(super) kind: String,
    pub(super) reason: String,
    pub(super) from: String,
    pub(super) object: String,
    pub(super) message: String,
    pub(super) first: Option<Moment>,
    pub(super) last: Option<Moment>,
    pub(super) count: u64,
    pub(super) line: u64,
    pub(super) cut: bool,
}

impl EventRow {
    /// Reads a row of a table, or one that was pasted without its header.
    pub(super) fn parse(line: &str, columns: Option<&Columns>, number: u64) -> Option<Self> {
        let bare = line.trim().trim_start_matches(['>', '*', '`', ' ']);
        let found = cells(bare);
        let is_type = |it: &str| matches!(it, "Warning" | "Normal" | "Aviso");
        let mut row = Self { count: 1, line: number, ..Self::default() };
        let columns = columns.filter(|it| it.0.first().is_some_and(|first| first != "type"));
        if let Some(columns) = columns.filter(|it| {
            found.len() + 1 >= it.0.len()
                && found.iter().any(|cell| is_type(cell))
                && it.0.len() > 2
        }) {
            let of_type = columns.0.iter().position(|it| it == "type")?;
            let at = found.iter().position(|it| is_type(it))?;
            // The optional cells (SubObjectPath) stand before the type.
            let skew = of_type.saturating_sub(at);
            for (index, name) in columns.0.iter().enumerate() {
                let cell = if index < of_type.saturating_sub(skew) {
                    found.get(index)
                } else if index >= of_type {
                    found.get(index - skew)
                } else {
                    None
                };
                let Some(cell) = cell else { continue };
                match name.as_str() {
                    "type" => row.kind = (*cell).to_owned(),
                    "reason" => row.reason = (*cell).to_owned(),
                    "object" => row.object = (*cell).to_owned(),
                    "from" | "source" => row.from = (*cell).to_owned(),
                    "last seen" | "lastseen" | "age" => row.age(cell),
                    "first seen" | "firstseen" => row.first = parse_age(cell).map(Moment::Ago),
                    "count" => row.count = cell.parse().unwrap_or(1),
                    "message" => {
                        row.message = found.get(index - skew..).unwrap_or_default().join("  ");
                    }
                    _ => {}
                }
            }
            row.cut = row.message.ends_with("...");
            return (!row.reason.is_empty() && !row.message.is_empty()).then_some(row);
        }
        if !found.first().is_some_and(|it| is_type(it)) || found.len() < 3 {
            return None;
        }
        row.kind = (*found.first()?).to_owned();
        row.reason = (*found.get(1)?).to_owned();
        if row.reason.contains(' ') {
            return None;
        }
        let mut rest = 2;
        if let Some(age) =
            found.get(rest).filter(|it| it.starts_with(|it: char| it.is_ascii_digit() || it == '<'))
        {
            row.age(age);
            rest += 1;
        }
        if let Some(from) = found.get(rest).filter(|_| found.len() > rest + 1) {
            row.from = (*from).to_owned();
            rest += 1;
        }
        row.message = found.get(rest..).unwrap_or_default().join("  ");
        row.cut = row.message.ends_with("...");
        (!row.message.is_empty()).then_some(row)
    }

    /// `7s`, or `7s (x3 over 9s)`.
    fn age(&mut self, cell: &str) {
        let mut words = cell.split(['(', ')', ' ']).filter(|it| !it.is_empty());
        self.last = words.next().and_then(parse_age).map(Moment::Ago);
        if let Some(times) = words.next().and_then(|it| it.strip_prefix('x')) {
            self.count = times.parse().unwrap_or(1);
        }
        let first = words.nth(1).and_then(parse_age).map(Moment::Ago);
        self.first = self.first.or(first).or(self.last);
    }

    /// Goes on with the message.
    pub(super) fn more(&mut self, line: &str) {
        if self.message.len() + line.len() > MESSAGE {
            self.cut = true;
            return;
        }
        // A table cuts a row only at the row's end.
        self.cut = line.ends_with("...") && self.cut;
        self.message.push('\n');
        self.message.push_str(line);
    }
}

/// Cells stand two spaces (or a tab) apart.
fn cells(line: &str) -> Vec<&str> {
    line.split("  ")
        .flat_map(|it| it.split('\t'))
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .collect()
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
}

impl<'w> Events<'w> {
    pub(super) fn new(list: &'w Watchlist, origin: &str) -> Self {
        Self { list, origin: origin.to_owned(), by_object: BTreeMap::new() }
    }

    /// Reads an event about the object of these names.
    pub(super) fn add(&mut self, row: &EventRow, names: &BTreeMap<String, String>) {
        let mut names = names.clone();
        if let Some((kind, name)) = row.object.split_once('/') {
            let kind =
                if kind.eq_ignore_ascii_case("pod") { "Pod".to_owned() } else { kind.to_owned() };
            names.insert("kind".to_owned(), kind);
            names.insert("name".to_owned(), name.to_owned());
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

    pub(super) fn finish(self) -> Vec<Given> {
        let origin = self.origin;
        self.by_object
            .into_values()
            .map(|(names, line, reading)| Given {
                kind: GivenKind::Events,
                names,
                answer: Ok(Document {
                    body: Body::Text(reading.finish()),
                    partial: Some(Gap::HandedOver),
                    origin: format!("events ({origin})"),
                }),
                origin: origin.clone(),
                line,
            })
            .collect()
    }
}
