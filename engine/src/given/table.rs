//! Rows of events as kubectl prints them: `get events` of every version and width, `events`, `describe`,
//! custom columns, and rows that were pasted without their header or lost their alignment.

use super::events::EventRow;
use crate::text::{Moment, parse_age, parse_rfc3339};

/// What a column holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Column {
    Namespace,
    Last,
    First,
    Count,
    Name,
    Kind,
    Object,
    /// May be empty.
    Part,
    Type,
    Reason,
    Source,
    Message,
    Other,
}

/// Headers as kubectl writes them, and as people name their own columns.
const HEADERS: &[(&str, Column)] = &[
    ("age", Column::Last),
    ("component", Column::Source),
    ("count", Column::Count),
    ("first", Column::First),
    ("firstseen", Column::First),
    ("from", Column::Source),
    ("involved", Column::Object),
    ("involvedobject", Column::Object),
    ("firsttimestamp", Column::First),
    ("eventtime", Column::Last),
    ("kind", Column::Kind),
    ("last", Column::Last),
    ("lastseen", Column::Last),
    ("lasttimestamp", Column::Last),
    ("message", Column::Message),
    ("msg", Column::Message),
    ("name", Column::Name),
    ("namespace", Column::Namespace),
    ("ns", Column::Namespace),
    ("obj", Column::Object),
    ("object", Column::Object),
    ("pod", Column::Object),
    ("reason", Column::Reason),
    ("source", Column::Source),
    ("subobject", Column::Part),
    ("subobjectpath", Column::Part),
    ("time", Column::Last),
    ("timestamp", Column::Last),
    ("type", Column::Type),
];
/// Rows that were pasted without their header.
const BARE: &[&[Column]] = &[
    &[Column::Type, Column::Reason, Column::Last, Column::Source, Column::Message],
    &[Column::Last, Column::Type, Column::Reason, Column::Object, Column::Message],
    &[
        Column::Namespace,
        Column::Last,
        Column::Type,
        Column::Reason,
        Column::Object,
        Column::Message,
    ],
    &[
        Column::First,
        Column::Last,
        Column::Count,
        Column::Source,
        Column::Part,
        Column::Type,
        Column::Reason,
        Column::Message,
    ],
];
/// Cells of a row with tabs between.
const TABBED: usize = 9;
/// Columns of one's own.
const OTHERS: usize = 2;

/// The columns of a table of events, and where each begins, in characters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Columns(Vec<(usize, Column)>);

impl Columns {
    /// The columns of a header line.
    pub(super) fn of(line: &str) -> Option<Self> {
        let mut found: Vec<(usize, Column)> = Vec::new();
        let mut words = words(line).peekable();
        while let Some((at, word)) = words.next() {
            if !word.starts_with(|it: char| it.is_ascii_uppercase()) {
                return None;
            }
            let mut name = word.to_lowercase();
            if matches!(name.as_str(), "last" | "first")
                && words.peek().is_some_and(|(_, it)| it.eq_ignore_ascii_case("seen"))
            {
                words.next();
                name.push_str("seen");
            }
            let column = HEADERS.iter().find(|(header, _)| *header == name);
            let start = line.get(..at)?.chars().count();
            found.push((start, column.map_or(Column::Other, |(_, column)| *column)));
        }
        let has = |column: Column| found.iter().any(|(_, it)| *it == column);
        let others = found.iter().filter(|(_, it)| *it == Column::Other).count();
        (has(Column::Reason)
            && has(Column::Message)
            && (has(Column::Type) || has(Column::Last) || has(Column::Object) || has(Column::Name))
            && others <= OTHERS)
            .then_some(Self(found))
    }
}

/// Reads a row of a table, or one that was pasted without its header.
pub(super) fn row(line: &str, columns: Option<&Columns>, number: u64) -> Option<EventRow> {
    if let Some(cells) = piped(line) {
        return of_cells(tabbed(&cells)?, number);
    }
    let bare = line.trim_start_matches(['>', '*', '`', ' ', '\t']);
    let cells = columns.and_then(|it| {
        let plain = |it: &Columns| it.0.iter().map(|(_, column)| *column).collect::<Vec<_>>();
        aligned(line, it).or_else(|| worded(bare, &plain(it)))
    });
    // No object is called as reasons are: the row has columns of its own.
    let cells = cells
        .filter(|it| !it.iter().any(|(column, cell)| *column == Column::Object && is_reason(cell)));
    let cells = cells.or_else(|| without_header(bare))?;
    of_cells(cells, number)
}

/// A row of a table in Markdown, with tabs between its cells.
fn piped(line: &str) -> Option<String> {
    let text = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let cells: Vec<&str> = text.split('|').map(str::trim).collect();
    (cells.len() > 2).then(|| cells.join("\t"))
}

/// The rest of a message whose row began above: the only cell of a row in Markdown that is not empty.
pub(super) fn continued(line: &str) -> Option<&str> {
    let text = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let mut cells = text.rsplit('|').map(str::trim);
    let last = cells.next().filter(|it| !it.is_empty())?;
    let mut others = cells.peekable();
    (others.peek().is_some() && others.all(str::is_empty)).then_some(last)
}

/// Whether a line heads a table of events in Markdown.
pub(super) fn is_piped_head(line: &str) -> bool {
    piped(line).is_some_and(|it| {
        let has = |wanted: &str| it.split('\t').any(|it| it.eq_ignore_ascii_case(wanted));
        has("reason") && has("message")
    })
}

fn of_cells(cells: Cells<'_>, number: u64) -> Option<EventRow> {
    let mut row = EventRow { count: 1, line: number, ..EventRow::default() };
    for (column, cell) in cells {
        fill(&mut row, column, cell);
    }
    row.cut = row.message.ends_with("...");
    (!row.reason.is_empty() && !row.reason.contains(' ')).then_some(row)
}

type Cells<'l> = Vec<(Column, &'l str)>;

/// The cells of a row that was pasted without its header. Most lines are none.
fn without_header(line: &str) -> Option<Cells<'_>> {
    if let Some(cells) = tabbed(line) {
        return Some(cells);
    }
    if !["Warning", "Normal", "Aviso"].iter().any(|it| line.contains(it)) {
        return None;
    }
    let of_object = |cells: &Cells<'_>| {
        cells.iter().all(|(column, cell)| *column != Column::Object || cell.contains('/'))
    };
    let found = BARE.iter().find_map(|it| worded(line, it).filter(of_object));
    found.or_else(|| spaced(line))
}

/// What a template of one's own printed: cells with a tab between, a time or a type and a reason among them, and the
/// message at the end.
fn tabbed(line: &str) -> Option<Cells<'_>> {
    let parts: Vec<&str> =
        line.split('\t').map(str::trim).filter(|it| !it.is_empty()).take(TABBED + 1).collect();
    let (message, before) = parts.split_last()?;
    if !(2..TABBED).contains(&before.len()) || !message.contains(' ') {
        return None;
    }
    let mut cells: Cells<'_> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let has = |cells: &Cells<'_>, wanted: Column| cells.iter().any(|(it, _)| *it == wanted);
    for part in before {
        let column = match *part {
            it if is_type(it) => Column::Type,
            it if is_age(it) && !has(&cells, Column::Last) => Column::Last,
            it if is_age(it) => Column::Other,
            it if it.parse::<u64>().is_ok() => Column::Count,
            it if is_reason(it) && !has(&cells, Column::Reason) => Column::Reason,
            it if it.contains(' ') => return None,
            it => {
                names.push(it);
                continue;
            }
        };
        cells.push((column, part));
    }
    match names.as_slice() {
        [] => {}
        [object] => cells.push((Column::Object, object)),
        [namespace, object, ..] => {
            cells.extend([(Column::Namespace, *namespace), (Column::Object, *object)]);
        }
    }
    cells.push((Column::Message, message));
    let anchored = has(&cells, Column::Type) || has(&cells, Column::Last);
    (anchored && has(&cells, Column::Reason)).then_some(cells)
}

/// A word in the form that reasons of events have: `FailedMount`.
fn is_reason(word: &str) -> bool {
    word.len() > 3
        && word.starts_with(|it: char| it.is_ascii_uppercase())
        && word.bytes().all(|it| it.is_ascii_alphanumeric())
        && word.bytes().any(|it| it.is_ascii_lowercase())
}

/// The cells of a row that stand where the header says.
fn aligned<'l>(line: &'l str, columns: &Columns) -> Option<Cells<'l>> {
    if line.contains('\t') {
        return None;
    }
    // Characters and bytes are the same in most rows.
    let byte = |at: usize| line.char_indices().nth(at).map_or(line.len(), |(byte, _)| byte);
    let starts: Vec<usize> = columns.0.iter().map(|(at, _)| byte(*at)).collect();
    let mut cells = Vec::new();
    for (index, (_, column)) in columns.0.iter().enumerate() {
        let start = *starts.get(index)?;
        let before = line.get(..start)?;
        if !(start == 0 || start == line.len() || before.ends_with(' ')) {
            return None;
        }
        let end = starts.get(index + 1).copied().unwrap_or(line.len());
        let cell = line.get(start..end)?;
        if cell.starts_with(' ') && !cell.trim().is_empty() {
            return None;
        }
        cells.push((*column, cell.trim_end()));
    }
    let indent = columns.0.first().map_or(0, |(at, _)| *at);
    (plausible(&cells) && line.get(..byte(indent))?.trim().is_empty()).then_some(cells)
}

/// The cells of a row whose columns are words: what stands before the message, and behind it.
fn worded<'l>(line: &'l str, columns: &[Column]) -> Option<Cells<'l>> {
    let message = columns.iter().position(|it| *it == Column::Message)?;
    let (before, after) = (columns.get(..message)?, columns.get(message + 1..)?);
    let mut rest = line.trim();
    let is_spaced = line.split_once("  ").is_some_and(|(first, _)| !first.trim().contains(' '));
    let mut cells = Vec::new();
    for column in before {
        let column_end = rest.get(word_end(rest)..).unwrap_or_default();
        let end = match column {
            // In a table that is still aligned, one space stands within the message only.
            Column::Source
                if is_spaced && !column_end.starts_with("  ") && !rest.contains("  ") =>
            {
                continue;
            }
            Column::Part if !rest.starts_with("spec.") => continue,
            Column::Source => source_end(rest),
            Column::Last | Column::First => age_end(rest),
            _ => word_end(rest),
        };
        let (cell, more) = rest.split_at_checked(end)?;
        cells.push((*column, cell));
        rest = more.trim_start();
    }
    for column in after.iter().rev() {
        let (more, cell) = rest.rsplit_once([' ', '\t'])?;
        cells.push((*column, cell));
        rest = more.trim_end();
    }
    cells.push((Column::Message, rest));
    (plausible(&cells) && !rest.is_empty()).then_some(cells)
}

/// `Warning  FailedMount  kubelet  message`: two spaces between, and no age.
fn spaced(line: &str) -> Option<Cells<'_>> {
    let mut parts = line.splitn(3, ['\t', ' ']).map(str::trim);
    let kind = parts.next().filter(|it| is_type(it))?;
    let rest = line.get(kind.len()..)?;
    if !rest.starts_with("  ") && !rest.starts_with('\t') {
        return None;
    }
    let rest = rest.trim_start();
    let end = rest.find("  ").or_else(|| rest.find('\t'))?;
    let (reason, rest) = rest.split_at(end);
    let rest = rest.trim();
    let source =
        rest.find("  ").or_else(|| rest.find('\t')).and_then(|at| rest.split_at_checked(at));
    let (from, message) = source.unwrap_or(("", rest));
    let cells = vec![
        (Column::Type, kind),
        (Column::Reason, reason),
        (Column::Source, from),
        (Column::Message, message.trim()),
    ];
    (!message.trim().is_empty()).then_some(cells)
}

/// Types, ages, counts and reasons look like such, and a row has a type, an age, or an object and what happened to it.
fn plausible(cells: &Cells<'_>) -> bool {
    let fits = cells.iter().all(|(column, cell)| match column {
        Column::Type => is_type(cell),
        Column::Last | Column::First => cell.is_empty() || is_age(cell),
        Column::Count => cell.parse::<u64>().is_ok() || matches!(*cell, "" | "<none>"),
        Column::Reason => {
            cell.starts_with(|it: char| it.is_ascii_alphanumeric()) && !cell.contains(' ')
        }
        Column::Object => cell.contains('/') || !cell.contains(' '),
        _ => true,
    });
    let anchored = cells.iter().any(|(column, cell)| match column {
        Column::Type => true,
        Column::Last => is_age(cell),
        _ => false,
    });
    let has = |wanted: Column, is: fn(&str) -> bool| {
        cells.iter().any(|(column, cell)| *column == wanted && is(cell))
    };
    let named = has(Column::Object, is_object) || has(Column::Name, is_object);
    fits && (anchored || named && has(Column::Reason, is_reason))
}

fn is_type(word: &str) -> bool {
    matches!(word, "Warning" | "Normal" | "Aviso")
}

fn is_object(cell: &str) -> bool {
    !cell.is_empty()
        && cell.bytes().all(|it| it.is_ascii_alphanumeric() || b"-./".contains(&it))
        && cell.bytes().any(|it| it.is_ascii_lowercase())
}

fn is_age(cell: &str) -> bool {
    let word = cell.split_whitespace().next().unwrap_or_default();
    matches!(word, "<unknown>" | "<invalid>" | "<none>" | "<nil>")
        || parse_age(word).is_some()
        || parse_rfc3339(word).is_some()
}

fn word_end(text: &str) -> usize {
    text.find([' ', '\t']).unwrap_or(text.len())
}

/// `7s`, or `7s (x3 over 9s)`.
fn age_end(text: &str) -> usize {
    let end = word_end(text);
    let rest = text.get(end..).unwrap_or_default();
    let more = rest.trim_start();
    match more.find(')') {
        Some(close) if more.starts_with("(x") => end + (rest.len() - more.len()) + close + 1,
        _ => end,
    }
}

/// `kubelet`, `kubelet, node-1`, or `{kubelet node-1}`.
fn source_end(text: &str) -> usize {
    if text.starts_with('{') {
        return text.find('}').map_or_else(|| word_end(text), |at| at + 1);
    }
    let end = word_end(text);
    if text.get(..end).is_some_and(|it| it.ends_with(',')) {
        let rest = text.get(end..).unwrap_or_default();
        let more = rest.trim_start();
        return end + (rest.len() - more.len()) + word_end(more);
    }
    end
}

fn fill(row: &mut EventRow, column: Column, cell: &str) {
    if matches!(cell, "" | "<none>" | "<nil>" | "<unknown>") {
        return;
    }
    match column {
        Column::Namespace => cell.clone_into(&mut row.namespace),
        Column::Last => row.age(cell),
        Column::First => row.first = moment(cell).or(row.first),
        Column::Count => row.count = cell.parse().unwrap_or(1),
        // A whole table also names the event itself.
        Column::Name if row.object.contains('/') => {}
        Column::Name => row.object = format!("{}/{}", row.object, without_hash(cell)),
        Column::Kind => row.object = format!("{cell}{}", row.object),
        Column::Object => cell.clone_into(&mut row.object),
        Column::Type => cell.clone_into(&mut row.kind),
        Column::Reason => cell.clone_into(&mut row.reason),
        Column::Source => {
            let parts = cell.trim_matches(['{', '}']);
            let component = parts.split([',', ' ']).next().unwrap_or_default();
            component.clone_into(&mut row.from);
        }
        Column::Message => cell.clone_into(&mut row.message),
        Column::Part | Column::Other => {}
    }
}

/// The name of an event is that of its object and a hash: `web-0.17ab52c1d2e3f405`.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((object, hash))
            if hash.len() >= 14 && hash.bytes().all(|it| it.is_ascii_hexdigit()) =>
        {
            object
        }
        _ => name,
    }
}

fn moment(cell: &str) -> Option<Moment> {
    parse_age(cell).map(Moment::Ago).or_else(|| parse_rfc3339(cell).map(Moment::At))
}

impl EventRow {
    /// `7s`, or `7s (x3 over 9s)`, or a time.
    fn age(&mut self, cell: &str) {
        let mut words = cell.split(['(', ')', ' ']).filter(|it| !it.is_empty());
        self.last = words.next().and_then(moment);
        if let Some(times) = words.next().and_then(|it| it.strip_prefix('x')) {
            self.count = times.parse().unwrap_or(1);
        }
        let first = words.nth(1).and_then(moment);
        self.first = self.first.or(first).or(self.last);
    }
}

/// The words of a line, and the byte each begins at.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    line.split([' ', '\t'])
        .map(move |word| {
            let at = from;
            from += word.len() + 1;
            (at, word)
        })
        .filter(|(_, word)| !word.is_empty())
}
