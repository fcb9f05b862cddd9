//! What is this text? Bytes → pieces of evidence, line by line, in bounded memory.
//!
//! A text may hold anything in any order: descriptions, tables of events, objects as JSON or YAML,
//! logs, bare messages, a tool's own errors. Only objects are held whole.

use std::collections::BTreeMap;

use crate::budget::{Budget, ROOM};
use crate::evidence::{Gap, Given, GivenKind};
use crate::text::{Block, Watchlist};

mod aside;
mod azure;
mod csv;
mod deleted;
mod describe;
mod diagnosis;
mod documents;
mod errors;
mod events;
mod frame;
mod goes_on;
mod held;
mod lines;
mod listing;
mod margin;
mod marks;
mod objects;
mod pass;
mod peel;
mod quoted;
mod rows;
mod scan;
mod shape;
mod standing;
mod table;
mod texts;

use csv::Csv;
use describe::Description;
use events::{EventRow, Events};
use frame::Frame;
use lines::Lines;
use listing::{Asked, Listing};
use marks::{is_fence, is_prompt, is_table};
use peel::Peeler;
use quoted::Quoted;
use scan::{Progress, Scan};
use table::Columns;
use texts::Texts;

pub use aside::{Aside, leave_out};
pub use events::EventReading;
pub(crate) use standing::is_well_pod;
pub use standing::{Standing, said, standing};

/// Objects of one text.
const OBJECTS: usize = 20_000;
/// Bytes of memory for a piece, besides its tree.
const PIECE: usize = 1_200;
/// Bytes of a text that is read line by line, whatever its lines hold.
const SHORT: usize = 256 * 1024;
/// Bytes in which is looked for quiet lines at once: what is found there is held.
const BLOCK: usize = 64 * 1024;
/// Bytes of a line that may be a row of its own.
const ONE_LINE: usize = 1024 * 1024;

/// Recognises one text. Any chunking of its bytes gives the same pieces.
#[derive(Debug)]
pub struct Recogniser<'w> {
    list: &'w Watchlist,
    lines: Lines,
    sorter: Sorter<'w>,
    /// Bytes that were read, and from how many on quiet lines are passed over.
    read: usize,
    looks_closer: usize,
}

/// What was found so far.
#[derive(Debug)]
struct Found<'w> {
    origin: String,
    events: Events<'w>,
    texts: Texts<'w>,
    pieces: Vec<Given>,
    /// Objects that were not kept: of which kind the first was, and how many.
    left_out: (BTreeMap<String, String>, u64),
    budget: Budget,
    /// Nothing tells whether the end of the objects is there: YAML has no closing bracket.
    may_be_cut: bool,
}

impl Found<'_> {
    /// Keeps room free for the pieces that a tree is taken apart into; how much.
    fn reserve(&self) -> usize {
        let part = self.budget.room() / 2;
        if self.budget.take(part) { part } else { 0 }
    }

    /// Adds an object, unless there are too many: the first that is not kept is told.
    fn add(&mut self, piece: Given) {
        if self.pieces.len() < OBJECTS && self.budget.take(PIECE) {
            self.pieces.push(piece);
        } else {
            let kind = piece.names.get_key_value("kind").map(|(key, it)| (key.clone(), it.clone()));
            self.leave_out(kind.into_iter().collect(), 1);
        }
    }

    fn leave_out(&mut self, names: BTreeMap<String, String>, count: u64) {
        let (first, all) = &mut self.left_out;
        if *all == 0 {
            *first = names;
        }
        *all += count;
    }
}

/// Tells what each line is.
#[derive(Debug)]
struct Sorter<'w> {
    number: u64,
    state: State,
    held: Held,
    description: Option<Description>,
    columns: Option<Columns>,
    row: Option<EventRow>,
    /// The width that a terminal wrapped the text at, once it is known.
    wrap: Option<usize>,
    /// What stands between rows of events is somebody's own text.
    beside: bool,
    listing: Option<Listing>,
    /// The object that another tool's report speaks of.
    diagnosed: Option<diagnosis::Object>,
    quoted: Quoted,
    frame: Frame,
    /// Columns that what is being read is indented by.
    shift: usize,
    /// This line is empty, and the one above it was.
    blank: bool,
    below_blank: bool,
    /// What the last command asked for.
    asked: Option<Asked>,
    csv: Option<Csv>,
    peeler: Peeler,
    /// The last line was an error of a tool.
    after_error: bool,
    found: Found<'w>,
}

/// Lines of an object under construction.
#[derive(Debug, Default)]
struct Held {
    text: String,
    from: u64,
    too_large: bool,
    scan: Scan,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// Nothing has been seen but white space.
    Start,
    Yaml,
    Describe,
    Events,
    Text,
    /// A table of something else.
    Table,
    Csv,
}

impl<'w> Recogniser<'w> {
    /// Begins a text that came from `origin` (a file's name, or `-`).
    pub fn new(list: &'w Watchlist, origin: &str) -> Self {
        Self::within(list, origin, Budget::new(ROOM))
    }

    /// Begins a text whose objects share a budget with those of others.
    pub fn within(list: &'w Watchlist, origin: &str, budget: Budget) -> Self {
        let found = Found {
            origin: origin.to_owned(),
            events: Events::new(list, origin),
            texts: Texts::new(list, origin),
            pieces: Vec::new(),
            left_out: (BTreeMap::new(), 0),
            budget,
            may_be_cut: false,
        };
        Self {
            list,
            lines: Lines::default(),
            read: 0,
            looks_closer: SHORT,
            sorter: Sorter {
                number: 0,
                state: State::Start,
                held: Held::default(),
                description: None,
                columns: None,
                row: None,
                wrap: None,
                beside: false,
                listing: None,
                diagnosed: None,
                quoted: Quoted::default(),
                frame: Frame::default(),
                shift: 0,
                blank: false,
                below_blank: false,
                asked: None,
                csv: None,
                peeler: Peeler::default(),
                after_error: false,
                found,
            },
        }
    }

    /// Reads the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.sorter.found.budget.read_more(bytes.len());
        self.read = self.read.saturating_add(bytes.len());
        if self.read < self.looks_closer {
            return self.take(bytes);
        }
        bytes.chunks(BLOCK).for_each(|it| self.block(it));
    }

    /// Reads bytes in which quiet lines are passed over.
    fn block(&mut self, bytes: &[u8]) {
        let block = Block::new(self.list, bytes);
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|it| !it.is_empty()) {
            if self.lines.is_between() {
                let passed = self.sorter.pass_over(&block, at);
                if passed > 0 {
                    at += passed;
                    continue;
                }
            }
            let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |it| it + 1);
            self.take(rest.get(..end).unwrap_or_default());
            at += end;
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        let sorter = &mut self.sorter;
        self.lines.push(bytes, &mut |line, too_large| sorter.line(line, too_large));
    }

    /// Ends the text and hands over its pieces.
    pub fn finish(self) -> Vec<Given> {
        let list = self.list;
        let (mut pieces, aside, mut budget) = self.end();
        for one in aside {
            let (more, rest) = one.pieces(list, budget);
            pieces.extend(more);
            budget = rest;
        }
        pieces.sort_by_key(|it| it.line);
        pieces
    }

    /// Ends the text and hands over its pieces, the objects that were set aside, and what is left of the budget.
    pub fn end(mut self) -> (Vec<Given>, Vec<Aside>, Budget) {
        let sorter = &mut self.sorter;
        self.lines.finish(&mut |line, too_large| sorter.line(line, too_large));
        let origin = self.sorter.found.origin.clone();
        let (pieces, budget) = self.sorter.finish();
        let aside = Aside::of(&origin, budget.take_aside());
        (pieces, aside, budget)
    }
}

impl Sorter<'_> {
    fn finish(mut self) -> (Vec<Given>, Budget) {
        if self.is_holding_json() {
            self.end_of_json(Progress::Open);
        }
        self.close();
        let Found { origin, events, texts, mut pieces, left_out: (names, left), budget, .. } =
            self.found;
        let (events, told) = events.finish();
        pieces.extend(events);
        pieces.extend(texts.finish(told));
        pieces.sort_by_key(|it| it.line);
        if left > 0 {
            let kind = if names.is_empty() { GivenKind::Unread } else { GivenKind::Object };
            let answer = Err(Gap::TooMany { left: left.to_string() });
            pieces.push(Given { kind, names, answer, origin, line: 0 });
        }
        pieces.iter_mut().for_each(hide_secrets);
        (pieces, budget)
    }

    fn line(&mut self, line: &str, too_large: bool) {
        self.number += 1;
        let line = self.unquoted(line);
        let framed = self.frame.strip(line);
        let line = &*framed;
        if too_large {
            if self.is_holding_json() {
                self.held.too_large = true;
                return self.end_of_json(Progress::Broken);
            }
            self.close();
            return self.gap(Gap::TooLarge, self.number, line);
        }
        if self.is_holding_json() {
            return self.more_json(line);
        }
        self.next(line, true);
    }

    fn next(&mut self, line: &str, may_be_json: bool) {
        let line = self.shifted(line);
        self.below_blank = std::mem::replace(&mut self.blank, line.trim().is_empty());
        let after_error = std::mem::take(&mut self.after_error);
        let shown = self.state == State::Text && !is_prompt(line.trim());
        if shown && self.found.texts.is_aside(line, self.number, is_fence(line.trim())) {
            return;
        }
        match self.state {
            State::Start if line.trim().is_empty() => return,
            State::Yaml if objects::goes_on(line) && !self.is_another(line) => {
                return self.hold(line);
            }
            State::Yaml => self.close(),
            State::Csv => {
                if self.csv_line(line) {
                    return;
                }
            }
            State::Start | State::Describe | State::Events | State::Text | State::Table => {}
        }
        if after_error && errors::goes_on(line) {
            self.after_error = true;
            return;
        }
        if line.len() <= ONE_LINE
            && let Some((names, text)) = self.peeler.peel(line)
        {
            self.end_row();
            if self.state != State::Text {
                self.close();
            }
            self.state = State::Text;
            return self.found.texts.of(names, &text, self.number);
        }
        if may_be_json && self.begins_json(line) {
            self.held = Held { from: self.number, ..Held::default() };
            return self.more_json(line);
        }
        // A cell that was wrapped: the others of its row are empty.
        if let (Some(row), Some(cell)) = (&mut self.row, table::continued(line)) {
            return row.more(cell);
        }
        if self.begins(line) {
            return;
        }
        match self.state {
            State::Describe => self.described(line),
            State::Events => self.event_line(line),
            State::Table if line.trim().is_empty() => {
                self.state = State::Text;
                self.listing = None;
            }
            // What a playbook looks for is read, also in a table of something else.
            State::Table
                if !self.found.texts.is_log(line)
                    && (line.contains("   ") || !line.contains(' '))
                    && !self.found.texts.is_of_interest(line) => {}
            _ => self.plain(line),
        }
    }

    /// Whether a line that YAML could hold begins something else.
    fn is_another(&self, line: &str) -> bool {
        !line.trim().is_empty()
            && (self.found.texts.is_log(line)
                || line.starts_with("error: ") && self.held.text.trim() != "---"
                || line.trim() == "{" && !self.held.text.trim_end().ends_with([':', '-', '|', '>'])
                || is_prompt(line.trim())
                || table::row(line, None, 1).is_some()
                || table::is_piped_head(line)
                || rows::is_row(line)
                || listing::pod(line).is_some()
                || Columns::of(line).is_some()
                || Listing::begin(line, self.asked.as_ref()).is_some()
                || errors::error(line.trim()).is_some()
                || Description::is_named(line) && describe::begins(line))
    }

    /// Whether the line begins something of its own.
    fn begins(&mut self, line: &str) -> bool {
        let trimmed = line.trim();
        if let Some(error) = errors::error(trimmed) {
            self.close();
            self.after_error = true;
            let mut piece = error.given(&self.found.origin, self.number);
            // Not every error repeats the namespace that was asked.
            if let Some(namespace) = self.asked.as_ref().and_then(Asked::namespace) {
                piece.names.entry("namespace".to_owned()).or_insert_with(|| namespace.to_owned());
            }
            self.found.pieces.push(piece);
            return true;
        }
        if trimmed.starts_with("No resources found") || trimmed.starts_with("No events found") {
            return true;
        }
        if is_fence(trimmed) {
            self.close();
            return true;
        }
        if is_prompt(trimmed) {
            self.close();
            self.asked = Asked::of(trimmed);
            return true;
        }
        if objects::begins(line) {
            self.close();
            self.state = State::Yaml;
            self.held = Held { from: self.number, ..Held::default() };
            self.hold(line);
            return true;
        }
        let inside = self.state == State::Describe || self.state == State::Events;
        let beside =
            self.description.as_ref().is_none_or(|it| it.is_beside(line, self.below_blank));
        let free =
            self.row.as_ref().is_none_or(|it| Description::is_named(line) || !it.holds(line));
        if (!inside || beside) && free && describe::begins(line) {
            self.close();
            self.state = State::Describe;
            self.description = Some(Description::new(self.number, line));
            self.described(line);
            return true;
        }
        if let Some(object) = diagnosis::object(line) {
            self.close();
            self.diagnosed = Some(object);
            return true;
        }
        if let Some(object) = &self.diagnosed
            && let Some(message) = diagnosis::message(line)
        {
            let mut row = EventRow {
                object: object.name.clone(),
                namespace: object.namespace.clone(),
                message: message.to_owned(),
                count: 1,
                line: self.number,
                ..EventRow::default()
            };
            self.end_row();
            row.begin(line, self.wrap);
            self.row = Some(row);
            self.state = State::Events;
            return true;
        }
        if let Some(columns) = Columns::of(line) {
            self.end_row();
            // The rows of a description belong to its object.
            if self.description.is_none() {
                self.close();
            }
            self.columns = Some(columns);
            self.state = State::Events;
            return true;
        }
        let told = self.description.as_ref().is_some_and(Description::is_told);
        if let Some(mut row) = table::row(line, self.columns.as_ref(), self.number) {
            self.end_row();
            row.begin(line, self.wrap);
            if self.state != State::Events && !told {
                self.close();
            }
            self.state = State::Events;
            self.row = Some(row);
            return true;
        }
        if self.begins_listing(line) {
            return true;
        }
        if let Some(csv) = Csv::of(trimmed) {
            self.close();
            self.csv = Some(csv);
            self.state = State::Csv;
            return true;
        }
        false
    }

    /// Whether the line is of a table of objects.
    fn begins_listing(&mut self, line: &str) -> bool {
        if let Some(listing) = Listing::begin(line, self.asked.as_ref()) {
            self.close();
            self.listing = Some(listing);
            self.state = State::Table;
            return true;
        }
        if is_table(line.trim()) {
            self.close();
            self.state = State::Table;
            return true;
        }
        let row = self.listing.as_ref().and_then(|it| it.row(line)).or_else(|| listing::pod(line));
        if let Some(object) = row.filter(|_| !self.found.texts.is_log(line)) {
            if self.state != State::Table {
                self.close();
            }
            objects::listed(object, self.number, &mut self.found);
            return true;
        }
        false
    }

    fn end_row(&mut self) {
        if std::mem::take(&mut self.beside) {
            self.found.texts.interrupt();
        }
        if let Some(mut row) = self.row.take().filter(|it| !it.message.is_empty()) {
            row.end(self.wrap);
            let names = self.description.as_ref().map(Description::names).unwrap_or_default();
            self.found.events.add(&row, &names);
        }
    }

    /// Ends what is under construction.
    fn close(&mut self) {
        self.end_row();
        self.columns = None;
        self.listing = None;
        self.diagnosed = None;
        self.csv = None;
        if let Some(description) = self.description.take() {
            if description.is_told() {
                self.found.pieces.extend(description.given(&self.found.origin));
            } else {
                for (number, line) in description.written() {
                    self.found.texts.plain(&line, number, false);
                }
            }
        }
        self.found.texts.interrupt();
        let was_yaml = self.state == State::Yaml;
        self.state = State::Text;
        if was_yaml {
            self.end_of_yaml();
        }
    }
}

/// Also a name may hold a secret that somebody pasted into it.
fn hide_secrets(piece: &mut Given) {
    let clean = |text: &mut String| {
        if let std::borrow::Cow::Owned(redacted) = crate::text::secret::redact(text) {
            *text = redacted;
        }
    };
    piece.names.values_mut().for_each(clean);
    match &mut piece.answer {
        Ok(document) => clean(&mut document.origin),
        Err(Gap::Denied { needs }) => clean(needs),
        Err(_) => {}
    }
}

#[cfg(test)]
mod tests;
