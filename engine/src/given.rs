//! What is this text? Bytes → pieces of evidence, line by line, in bounded memory.
//!
//! A text may hold anything in any order: descriptions, tables of events, objects as JSON or YAML,
//! logs, bare messages, a tool's own errors. Only objects are held whole.

use std::collections::BTreeMap;

use crate::budget::{Bounded, Budget, ROOM};
use crate::evidence::{Gap, Given, GivenKind};
use crate::text::Watchlist;

mod azure;
mod csv;
mod describe;
mod diagnosis;
mod documents;
mod errors;
mod events;
mod lines;
mod listing;
mod objects;
mod peel;
mod rows;
mod scan;
mod shape;
mod standing;
mod table;
mod texts;

use csv::Csv;
use describe::Description;
use events::{EventRow, Events};
use lines::{Lines, TREE_BYTES};
use listing::{Asked, Listing};
use peel::Peeler;
use scan::{Progress, Scan};
use table::Columns;
use texts::Texts;

pub use events::EventReading;
pub use standing::{Standing, standing};

/// Objects of one text.
const OBJECTS: usize = 20_000;
/// Bytes of memory for a piece, besides its tree.
const PIECE: usize = 1_200;
/// Bytes of a line that may be a row of its own.
const ONE_LINE: usize = 1024 * 1024;

/// Recognises one text. Any chunking of its bytes gives the same pieces.
#[derive(Debug)]
pub struct Recogniser<'w> {
    lines: Lines,
    sorter: Sorter<'w>,
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
            lines: Lines::default(),
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
        let sorter = &mut self.sorter;
        sorter.found.budget.read_more(bytes.len());
        self.lines.push(bytes, &mut |line, too_large| sorter.line(line, too_large));
    }

    /// Ends the text and hands over its pieces.
    pub fn finish(self) -> Vec<Given> {
        self.end().0
    }

    /// Ends the text and hands over its pieces, and what is left of the budget.
    pub fn end(mut self) -> (Vec<Given>, Budget) {
        let sorter = &mut self.sorter;
        self.lines.finish(&mut |line, too_large| sorter.line(line, too_large));
        self.sorter.finish()
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
            State::Table if !is_log(line) && (line.contains("   ") || !line.contains(' ')) => {}
            _ => self.plain(line),
        }
    }

    /// The line without the columns that all of an object or a log is indented by.
    fn shifted<'l>(&mut self, line: &'l str) -> &'l str {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        let begins = text.starts_with("apiVersion: ")
            && self.state != State::Yaml
            && !self.found.texts.is_open()
            || is_log(text) && !is_log(line);
        if indent > 0 && begins {
            // What stands within a description does not move the rest of it.
            let inside = self.description.is_some() && is_log(text);
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

    /// Whether a line that YAML could hold begins something else.
    fn is_another(&self, line: &str) -> bool {
        !line.trim().is_empty()
            && (is_log(line)
                || line.starts_with("error: ") && self.held.text.trim() != "---"
                || line.trim() == "{" && !self.held.text.trim_end().ends_with([':', '-', '|', '>'])
                || is_prompt(line.trim())
                || table::row(line, None, 1).is_some()
                || listing::pod(line).is_some()
                || Columns::of(line).is_some()
                || Listing::begin(line, self.asked.as_ref()).is_some()
                || errors::error(line.trim()).is_some()
                || Description::is_named(line) && describe::begins(line))
    }

    /// A bracket at the beginning of a line. What stands in a description or a message of an event
    /// is given back if it is no object.
    fn begins_json(&self, line: &str) -> bool {
        line.trim_start().starts_with(['{', '[']) && !is_log(line)
    }

    fn is_holding_json(&self) -> bool {
        self.held.from > 0 && self.state != State::Yaml
    }

    fn more_json(&mut self, line: &str) {
        let progress = self.held.scan.line(line);
        self.hold(line);
        match progress {
            Progress::Open => {}
            Progress::Done | Progress::Broken => self.end_of_json(progress),
        }
    }

    /// Takes what was held as JSON, or gives it back as the text that it is.
    fn end_of_json(&mut self, progress: Progress) {
        let held = std::mem::take(&mut self.held);
        if held.too_large {
            self.close();
            return self.gap(Gap::TooLarge, held.from, &held.text);
        }
        let before = self.found.budget.room();
        let done = progress == Progress::Done;
        let found = if done { objects::json(&held.text, &self.found.budget) } else { Vec::new() };
        let is_taken = |it: &Bounded| it.tree.as_ref().is_none_or(objects::is_taken);
        // What is taken ends what stands before it; what is given back does not.
        if found.iter().any(is_taken) {
            self.close();
            let only = found.len() == 1;
            let kept = self.found.pieces.len();
            for bounded in found {
                let (mut read, mut left) = (bounded.read, bounded.left_out);
                self.take(bounded, held.from, &held.text);
                // Rows and events are not kept as they came: they make room for the others.
                while only && left > 0 && self.found.pieces.len() == kept {
                    self.found.budget.reset(before);
                    match self.found.budget.json_from(held.text.as_bytes(), read) {
                        Ok(more) if more.read > 0 => {
                            read += more.read;
                            left = more.left_out;
                            self.take(more, held.from, &held.text);
                        }
                        Ok(_) | Err(_) => break,
                    }
                }
                if left > 0 {
                    self.left_out(&held.text, left);
                }
            }
            return;
        }
        self.found.budget.reset(before);
        let lines: Vec<&str> = held.text.lines().collect();
        let broken = progress == Progress::Broken;
        let mut given_back = 0;
        if progress != Progress::Done && objects::looks_like_json(&held.text) {
            self.close();
            let gap = if broken { Gap::Malformed } else { Gap::CutOff };
            self.gap(gap, held.from, &held.text);
            // The line that broke it is of something else.
            given_back = if broken && lines.len() > 1 { lines.len() - 1 } else { lines.len() };
        }
        for (at, line) in lines.iter().enumerate().skip(given_back) {
            self.number = held.from + at as u64;
            self.next(line, broken && at > 0 && at + 1 == lines.len());
        }
    }

    fn take(&mut self, bounded: Bounded, line: u64, text: &str) {
        match bounded.tree {
            Some(tree) => objects::take(tree, line, &mut self.found),
            None => self.gap(Gap::TooLarge, line, text),
        }
    }

    fn left_out(&mut self, text: &str, count: u64) {
        let kind = objects::kind_in(text).map(|kind| ("kind".to_owned(), kind));
        self.found.leave_out(kind.into_iter().collect(), count);
    }

    /// Whether the line begins something of its own.
    fn begins(&mut self, line: &str) -> bool {
        let trimmed = line.trim();
        if let Some(error) = errors::error(trimmed) {
            self.close();
            self.after_error = true;
            self.found.pieces.push(error.given(&self.found.origin, self.number));
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
        if let Some(object) = row.filter(|_| !is_log(line)) {
            if self.state != State::Table {
                self.close();
            }
            objects::listed(object, self.number, &mut self.found);
            return true;
        }
        false
    }

    fn described(&mut self, line: &str) {
        if line.trim() == "Events:" {
            self.state = State::Events;
            return;
        }
        let Some(description) = &mut self.description else { return };
        let log = is_log(line);
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
    fn event_line(&mut self, line: &str) {
        let empty = line.trim().is_empty();
        let own = match &mut self.row {
            Some(row) if empty => return row.extent.blank(),
            Some(row) if !is_log(line) && row.holds(line) => {
                row.more(line);
                self.wrap = self.wrap.or(row.extent.wrap());
                return;
            }
            Some(row) => row.extent.is_blank(),
            None if empty && !self.beside => return,
            None if line.trim_start().starts_with("----") && !self.beside => return,
            None => empty || !self.beside,
        };
        self.end_row();
        if own || is_log(line) {
            self.close();
            return self.plain(line);
        }
        // More rows may follow.
        self.beside = true;
        self.found.texts.plain(line, self.number, false);
    }

    /// Whether the line is of the table.
    fn csv_line(&mut self, line: &str) -> bool {
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

    fn plain(&mut self, line: &str) {
        if self.state != State::Text {
            self.close();
        }
        self.found.texts.plain(line, self.number, is_log(line));
    }

    fn hold(&mut self, line: &str) {
        if self.held.text.len() + line.len() > TREE_BYTES {
            self.held.too_large = true;
            return;
        }
        self.held.text.push_str(line);
        self.held.text.push('\n');
    }

    /// An object that cannot be read. One that does not say its kind answers no question.
    fn gap(&mut self, gap: Gap, line: u64, text: &str) {
        let names: BTreeMap<String, String> =
            objects::kind_in(text).map(|kind| ("kind".to_owned(), kind)).into_iter().collect();
        let piece = Given {
            kind: if names.is_empty() { GivenKind::Unread } else { GivenKind::Object },
            names,
            answer: Err(gap),
            origin: self.found.origin.clone(),
            line,
        };
        // Of very many the number is told.
        self.found.add(piece);
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

    fn end_of_yaml(&mut self) {
        let held = std::mem::take(&mut self.held);
        if held.too_large {
            return self.gap(Gap::TooLarge, held.from, &held.text);
        }
        let before = self.found.budget.room();
        let parts = documents::yaml(&held.text, &self.found.budget);
        let is_object = |it: &documents::Part<'_>| match &it.tree {
            Ok(Bounded { tree: Some(tree), .. }) => objects::is_taken(tree),
            Ok(_) | Err(_) => true,
        };
        if parts.iter().any(is_object) {
            self.found.may_be_cut = true;
            for part in parts {
                let line = held.from + part.skipped;
                match part.tree {
                    Ok(bounded) => {
                        let left = bounded.left_out;
                        self.take(bounded, line, part.text);
                        if left > 0 {
                            self.left_out(part.text, left);
                        }
                    }
                    Err(gap) => self.gap(gap, line, part.text),
                }
                if part.broken > 0 {
                    self.gap(Gap::Malformed, line, part.text);
                }
            }
            self.found.may_be_cut = false;
            return;
        }
        self.found.budget.reset(before);
        // It only looked like an object: it is text after all.
        for (number, line) in (held.from..).zip(held.text.lines()) {
            self.found.texts.plain(line, number, is_log(line));
        }
        self.found.texts.interrupt();
    }
}

/// A line that a logging library wrote.
fn is_log(line: &str) -> bool {
    crate::text::is_header(line)
}

/// The fence of a block in Markdown.
fn is_fence(line: &str) -> bool {
    line.strip_prefix("```").is_some_and(|it| it.bytes().all(|it| it.is_ascii_alphanumeric()))
}

/// A command that was typed, at a prompt or without one: what follows is something new.
fn is_prompt(line: &str) -> bool {
    let command = |it: &str| {
        ["kubectl ", "k ", "az ", "oc ", "stern "].iter().any(|tool| it.starts_with(tool))
    };
    let bare = line.strip_prefix("kubectl ").is_some_and(|rest| {
        let first = rest.split_whitespace().next().unwrap_or_default();
        let verbs = ["get", "describe", "logs", "events", "-n", "--namespace", "--context"];
        verbs.contains(&first) && !rest.contains(": ") && rest.split_whitespace().count() < 14
    });
    bare || ["$ ", "# ", "> ", "% ", ">"].iter().any(|mark| {
        line.split_once(mark).is_some_and(|(before, after)| {
            let shell = !before.contains(' ') || before.starts_with("PS ");
            command(after) && shell && before.len() < 100
        })
    })
}

/// The header of a table that kubectl prints: capital words in columns.
fn is_table(line: &str) -> bool {
    let columns: Vec<&str> = line.split("  ").map(str::trim).filter(|it| !it.is_empty()).collect();
    columns.len() >= 2
        && columns.first().is_some_and(|it| matches!(*it, "NAME" | "NAMESPACE" | "CURRENT"))
        && columns.iter().all(|it| {
            it.chars().all(|letter| letter.is_ascii_uppercase() || " -()_/".contains(letter))
        })
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
