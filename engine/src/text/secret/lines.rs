//! What lines tell together: the contents of a Secret in YAML, a block of text, the environment of a container, a key. In whatever
//! column, and behind whatever a mail, a diff or a comment puts before each line.

use std::ops::Range;

use super::guess::is_no_name;
use super::keys::{Tells, tells};
use super::line::{
    Pair, alone, content, is_base64, is_block, is_nested, is_variable, margin, pair, unquoted,
};
use super::shapes::{is_readable, prints};
use super::table::{Column, cell, head};
use super::value::{is_placeholder, is_typed, looks};

/// Lines that a key or a block may have; what goes on after them is no longer one.
const LONGEST: usize = 2_000;

/// What the lines so far have begun.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    within: Option<Within>,
    /// The column of `kind: Secret`.
    secret: Option<usize>,
    /// The text is known to hold a Secret, before or behind.
    all: bool,
    /// The last line was one of a text in base64.
    coded: bool,
    /// Lines since it began.
    count: usize,
}

#[derive(Clone, Copy, Debug)]
enum Within {
    /// A private key: to its end.
    Key,
    /// A printed Secret, whose values may hold what looks like its end: to the next record.
    Printed,
    /// A text of several lines: all that stand further in.
    Block { column: usize, all: bool },
    /// The value of a telling name may stand on the next line.
    Next { column: usize },
    /// The contents of a Secret; of what may be another thing only what is in base64.
    Contents { column: usize, all: bool, entries: Option<usize> },
    /// The next item of a list is what an option takes; of a list without marks it stands in the same column.
    Item { column: usize, talk: bool },
    /// Rows of a table with a column of secrets.
    Rows(Column),
    /// A text that its own end ends: `<<EOF`, three quotes.
    Until,
    /// Variables.
    Environment { column: usize },
}

impl Lines {
    /// Before the first line of a text that is known whole.
    pub(super) fn of(of_secret: bool) -> Self {
        Self { all: of_secret, ..Self::default() }
    }

    /// Adds what of the next line must go; `at` is where it stands.
    pub(super) fn line(&mut self, line: &str, at: usize, hidden: &mut Vec<Range<usize>>) {
        let prefix = crate::text::prefix_length(line);
        let whole = line.get(prefix..).unwrap_or_default();
        let header = crate::text::is_header(line);
        if header || whole.trim_end() == "---" {
            *self = Self { all: self.all, ..Self::default() };
        }
        let body = margin(whole);
        let begin = prefix + whole.len() - body.len();
        let column = begin - prefix;
        let end = begin + body.trim_end().len();
        let body = line.get(begin..end).unwrap_or_default();
        let mut hide = |from: usize, to: usize| {
            if from < to {
                hidden.push(at + from..at + to);
            }
        };
        self.count += 1;
        if self.count > LONGEST {
            self.within = None;
        }
        match self.within {
            Some(Within::Key) => {
                let stop =
                    ["-----END", "---- END", "-----end "].iter().find_map(|it| line.find(it));
                hide(begin.min(stop.unwrap_or(begin)), stop.unwrap_or(end));
                if stop.is_some() {
                    self.within = None;
                }
                return;
            }
            Some(Within::Printed) => return hide(begin, end),
            _ if body.is_empty() => return,
            Some(Within::Block { column: of, all }) if column > of => {
                if all || is_base64(body, 4) {
                    hide(begin, end);
                }
                return;
            }
            Some(Within::Next { column: of }) => {
                self.within = None;
                if column > of
                    && pair(line, begin, end).is_none()
                    && !body.starts_with(['-', '{', '['])
                {
                    self.within = Some(Within::Block { column: of, all: true });
                    return hide(begin, end);
                }
            }
            Some(Within::Item { column: of, talk }) => {
                self.within = None;
                let head = line.get(..begin).unwrap_or_default();
                let option = head.ends_with("--") || column == of && head.ends_with('-');
                let item = head.contains('-') || column == of && !body.contains(": ");
                if item && !option && (!talk || is_no_name(body) || looks(body)) {
                    return hide(begin, end);
                }
            }
            Some(Within::Rows(column)) => {
                if let Some(secret) = cell(body, column) {
                    return hide(begin + secret.start, begin + secret.end);
                }
                self.within = None;
            }
            Some(Within::Until) => {
                let mark = body.starts_with("\"\"\"") || body.starts_with("'''");
                let name = body.len() < 24 && body.bytes().all(|it| it.is_ascii_uppercase());
                if mark || name {
                    self.within = None;
                    return;
                }
                return hide(begin, end);
            }
            Some(Within::Contents { column: of, all, entries }) if column > of => {
                let entries = entries.unwrap_or(column);
                self.within = Some(Within::Contents { column: of, all, entries: Some(entries) });
                if let Some(part) = content(line, begin..end, all, column > entries) {
                    hide(part.start, part.end);
                }
                return;
            }
            Some(Within::Environment { column: of }) if column > of => {
                if let Some(pair) = pair(line, begin, end) {
                    let value = line.get(pair.value.clone()).unwrap_or_default();
                    let sure = tells(pair.name) == Some(Tells::Always) && !is_placeholder(value);
                    if (sure || !is_typed(value))
                        && !value.trim_start().starts_with("<set to the key")
                    {
                        hide(pair.value.start, pair.value.end);
                    }
                }
                return;
            }
            Some(_) => self.within = None,
            None => {}
        }
        self.free(line, begin, end, column, &mut hide);
        self.opens(line);
    }

    /// A line of its own.
    fn free(
        &mut self,
        line: &str,
        begin: usize,
        end: usize,
        column: usize,
        hide: &mut impl FnMut(usize, usize),
    ) {
        let body = line.get(begin..end).unwrap_or_default();
        // A long line of base64 is part of a key or of a coded text; so are the shorter ones after it.
        let quoted = body.trim_matches(['"', '\'', ',', '\\', '|', ' ']);
        self.coded = is_base64(quoted, if self.coded { 4 } else { 40 });
        if self.coded {
            return hide(begin, end);
        }
        let Some(Pair { name, value, equals }) = pair(line, begin, end) else {
            return self.unpaired(line, begin..end, column, hide);
        };
        let shown = line.get(value.clone()).unwrap_or_default();
        // What stands before a value in YAML, and a comment, are none: `data: &anchor`, `data: !!map`, `data: # here`.
        let first = shown.split(' ').next().unwrap_or_default();
        let before = first.starts_with(['&', '!']) && first.len() == shown.len();
        let empty = shown.is_empty() || shown == "{" || shown.starts_with("# ") || before;
        let block = is_block(shown);
        self.count = 0;
        let own = tells(name);
        if own == Some(Tells::Always)
            && (shown.starts_with("<<") || matches!(shown, "\"\"\"" | "'''"))
        {
            return self.within = Some(Within::Until);
        }
        if equals {
            if is_variable(name) && !is_typed(shown) {
                hide(value.start, value.end);
            }
            return;
        }
        // What stands before the last word is another's: `note stringData:`.
        let last = name.rsplit(' ').next().unwrap_or(name);
        match if empty { last } else { name } {
            "kind" => {
                let shown = shown.split(" #").next().unwrap_or_default();
                let shown = shown.trim_matches(['"', '\'', ',', ' ']);
                let secret = shown == "secret"
                    || shown.starts_with("Secret")
                        && !shown.contains("Provider")
                        && !shown.contains("Store");
                if secret {
                    self.secret = Some(column);
                } else if self.secret.is_some_and(|it| it >= column) {
                    self.secret = None;
                }
                return;
            }
            "secretGenerator" if empty => return self.secret = Some(column),
            "configMapGenerator" if empty => return self.secret = None,
            "literals" if empty && self.secret.is_some() => {
                return self.within = Some(Within::Environment { column });
            }
            "stringData" if empty => {
                return self.within = Some(Within::Contents { column, all: true, entries: None });
            }
            "data" if empty => {
                let all = self.all || self.secret.is_some();
                return self.within = Some(Within::Contents { column, all, entries: None });
            }
            "Environment" | "environment" if empty => {
                return self.within = Some(Within::Environment { column });
            }
            _ => {}
        }
        let of_value = matches!(name, "value" | "Value");
        let own = own
            .filter(|it| matches!(it, Tells::Always | Tells::Talk | Tells::Looks | Tells::Named));
        if !of_value && own.is_none() {
            return;
        }
        if block {
            let all = !matches!(own, Some(Tells::Looks | Tells::Named));
            self.within = Some(Within::Block { column, all });
        } else if empty {
            if own == Some(Tells::Always) && shown.is_empty() {
                self.within = Some(Within::Next { column });
            }
        } else if !is_nested(shown) && !is_placeholder(shown) && goes(own, shown) {
            let inner = unquoted(shown);
            hide(value.start + inner.start, value.start + inner.end);
            // A text in quotes that do not end here goes on further in.
            let open = |mark: char| shown.starts_with(mark) && shown.matches(mark).count() == 1;
            if inner.start == 0 && (open('"') || open('\'')) {
                self.within = Some(Within::Block { column, all: true });
            }
        }
    }

    /// A line that is no name and its value.
    fn unpaired(
        &mut self,
        line: &str,
        span: Range<usize>,
        column: usize,
        hide: &mut impl FnMut(usize, usize),
    ) {
        let body = line.get(span.clone()).unwrap_or_default();
        let name = body.trim_matches(['"', '\'', ',', '\\', '|', ' ']);
        let option = line.get(..span.start).is_some_and(|it| it.ends_with("--"));
        if let Some(tells) = tells(name).filter(|_| option && !name.contains(' ')) {
            let column = column.saturating_sub(2);
            match tells {
                Tells::Always => self.within = Some(Within::Item { column, talk: false }),
                Tells::Talk => self.within = Some(Within::Item { column, talk: true }),
                _ => {}
            }
            return;
        }
        if let Some(column) = head(body) {
            return self.within = Some(Within::Rows(column));
        }
        if let Some(secret) = alone(body) {
            return hide(span.start + secret, span.end);
        }
        self.trails(body, column);
    }

    /// What begins at the end of a line that says something else before.
    fn trails(&mut self, body: &str, column: usize) {
        let text = body.split(" #").next().unwrap_or_default().trim_end();
        let text = text.strip_suffix(':').map(|it| it.trim_end_matches(['"', '\'']));
        let ends = |word: &str| {
            text.and_then(|it| it.strip_suffix(word))
                .is_some_and(|it| !it.ends_with(char::is_alphanumeric))
        };
        if ends("stringData") {
            self.within = Some(Within::Contents { column, all: true, entries: None });
        } else if ends("data") {
            self.within = Some(Within::Contents { column, all: self.all, entries: None });
        } else if ends("secretGenerator") {
            self.secret = Some(column);
        } else if ends("Environment") || ends("environment") {
            self.within = Some(Within::Environment { column });
        }
    }

    /// What a line opens at its end.
    fn opens(&mut self, line: &str) {
        if !self.all && prints(line) {
            self.within = Some(Within::Printed);
            self.count = 0;
        } else if let Some(at) = line.rfind("PRIVATE KEY").or_else(|| line.rfind("PGP MESSAGE"))
            && line.get(..at).is_some_and(|it| it.contains("BEGIN"))
            && !line.get(at..).is_some_and(|it| it.contains("END"))
        {
            self.within = Some(Within::Key);
            self.count = 0;
        } else if line.contains("-----begin ") && line.trim_end().ends_with("private key-----")
            || line.contains("-----BEGIN ") && line.trim_end().ends_with("PRIVATE")
        {
            self.within = Some(Within::Key);
            self.count = 0;
        }
    }

    /// The lines that follow are those of a printed Secret.
    pub(super) fn print(&mut self) {
        self.within = Some(Within::Printed);
        self.count = 0;
    }
}

/// Whether the value of a line is a secret, by what its name tells.
fn goes(own: Option<Tells>, shown: &str) -> bool {
    let first = shown.split([' ', '\t']).next().unwrap_or_default();
    let sentence = first.len() < shown.len();
    match own {
        None | Some(Tells::Always) => true,
        Some(Tells::Talk) => {
            if sentence {
                looks(first)
            } else {
                !is_typed(shown)
            }
        }
        Some(Tells::Named) => !sentence && is_no_name(first),
        _ => looks(first) || is_readable(first.trim_matches(['"', '\'', ',']).as_bytes()),
    }
}
