//! What lines tell together: the contents of a Secret in YAML, a block of text, the environment of a container, a key. In whatever
//! column, and behind whatever a mail, a diff or a comment puts before each line.

use std::ops::Range;

use super::keys::{Tells, tells};
use super::shapes::{is_coded, is_random, is_readable, prints};
use super::value::{is_placeholder, is_typed, looks, unblank};

/// Lines that a key or a block may have; what goes on after them is no longer one.
const LONGEST: usize = 2_000;
/// Letters of a margin.
const MARGIN: usize = 200;

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
    /// The next item of a list is what an option takes.
    Item,
    /// Variables.
    Environment { column: usize },
}

/// A line's margin, name and value.
struct Pair<'a> {
    name: &'a str,
    value: Range<usize>,
    equals: bool,
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
                let stop = line.find("-----END").or_else(|| line.find("---- END"));
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
            Some(Within::Item) => {
                self.within = None;
                if line.get(..begin).is_some_and(|it| it.contains('-')) {
                    return hide(begin, end);
                }
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
                    if !is_typed(value) && !value.trim_start().starts_with("<set to the key") {
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
            if line.get(..begin).is_some_and(|it| it.ends_with("--"))
                && tells(quoted) == Some(Tells::Always)
            {
                self.within = Some(Within::Item);
            }
            return self.trails(body, column);
        };
        let shown = line.get(value.clone()).unwrap_or_default();
        let empty = shown.is_empty() || shown == "{";
        let block = is_block(shown);
        self.count = 0;
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
                let secret = shown.trim_matches(['"', '\'', ',', ' ']).starts_with("Secret")
                    && !shown.contains("Provider")
                    && !shown.contains("Store");
                if secret {
                    self.secret = Some(column);
                } else if self.secret.is_some_and(|it| it >= column) {
                    self.secret = None;
                }
                return;
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
        let own = tells(name).filter(|it| matches!(it, Tells::Always | Tells::Talk | Tells::Looks));
        if !of_value && own.is_none() {
            return;
        }
        if block {
            self.within = Some(Within::Block { column, all: own != Some(Tells::Looks) });
        } else if empty {
            if own == Some(Tells::Always) && shown.is_empty() {
                self.within = Some(Within::Next { column });
            }
        } else if !is_nested(shown) && !is_placeholder(shown) {
            let first = shown.split([' ', '\t']).next().unwrap_or_default();
            let sentence = first.len() < shown.len();
            let goes = match own {
                None | Some(Tells::Always) => true,
                Some(Tells::Talk) => {
                    if sentence {
                        looks(first)
                    } else {
                        !is_typed(shown)
                    }
                }
                _ => looks(first) || is_readable(first.trim_matches(['"', '\'', ',']).as_bytes()),
            };
            if goes {
                let inner = unquoted(shown);
                hide(value.start + inner.start, value.start + inner.end);
            }
        }
    }

    /// What begins at the end of a line that says something else before.
    fn trails(&mut self, body: &str, column: usize) {
        let ends = |word: &str| {
            body.strip_suffix(word).is_some_and(|it| !it.ends_with(char::is_alphanumeric))
        };
        if ends("stringData:") {
            self.within = Some(Within::Contents { column, all: true, entries: None });
        } else if ends("data:") {
            self.within = Some(Within::Contents { column, all: self.all, entries: None });
        } else if ends("Environment:") {
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
        }
    }

    /// The lines that follow are those of a printed Secret.
    pub(super) fn print(&mut self) {
        self.within = Some(Within::Printed);
        self.count = 0;
    }
}

/// What must go of an entry of a Secret's contents, or of what may be some; `inner` lines go on from an entry.
fn content(line: &str, body: Range<usize>, all: bool, inner: bool) -> Option<Range<usize>> {
    let text = line.get(body.clone())?;
    let Some(Pair { name, value, .. }) =
        pair(line, body.start, body.end).filter(|_| !(inner && all))
    else {
        let closes = text.chars().all(|it| matches!(it, '}' | ']' | ',' | '"'));
        return (!closes && (all || is_base64(text, 4))).then_some(body);
    };
    let shown = line.get(value.clone())?;
    let part = unquoted(shown);
    let text = shown.get(part.clone())?;
    let hide = all || is_coded(text) || tells(name) == Some(Tells::Always);
    (hide && !is_block(shown) && !is_placeholder(text))
        .then_some(value.start + part.start..value.start + part.end)
}

/// A line without what stands before its text.
fn margin(line: &str) -> &str {
    let near = line.get(..line.floor_char_boundary(MARGIN)).unwrap_or_default();
    let length: usize = near
        .chars()
        .take_while(|it| {
            matches!(
                it,
                ' ' | '\t'
                    | '>'
                    | '+'
                    | '-'
                    | '|'
                    | '#'
                    | '*'
                    | '/'
                    | '│'
                    | '┃'
                    | '\u{a0}'
                    | ';'
                    | '`'
            )
        })
        .map(char::len_utf8)
        .sum();
    // What a key begins with is no margin.
    let mut body = line.get(length..).unwrap_or_default();
    if near.get(..length).is_some_and(|it| it.ends_with("-----")) {
        body = line.get(length - 5..).unwrap_or_default();
    }
    body
}

/// A line that is a name and its value: `name: value`, `"name": "value",`, `export NAME=value`.
fn pair(line: &str, begin: usize, end: usize) -> Option<Pair<'_>> {
    let body = line.get(begin..end)?;
    let mut from = 0;
    for word in ["export ", "set ", "SET ", "ENV ", "declare -x ", "setx "] {
        if body.starts_with(word) {
            from = word.len();
        }
    }
    let rest = body.get(from..)?;
    let quote = rest.chars().next().filter(|it| matches!(it, '"' | '\'' | '`' | '?'));
    let rest = rest.get(quote.map_or(0, char::len_utf8)..)?;
    let near = rest.get(..rest.floor_char_boundary(160))?;
    let name = near.get(..near.find([':', '=', '"', '\'', ',', '{', '(', '`'])?)?;
    let mut at = begin + from + quote.map_or(0, char::len_utf8) + name.len();
    let name = name.trim_end();
    if name.is_empty() || name.split(' ').count() > 3 || name.contains("//") {
        return None;
    }
    at += usize::from(
        quote.is_some() && matches!(line.as_bytes().get(at), Some(b'"' | b'\'' | b'`')),
    );
    at = unblank(line.as_bytes(), at);
    let equals = match line.as_bytes().get(at)? {
        b'=' if !name.contains(' ') => true,
        b':' => false,
        _ => return None,
    };
    let after = line.as_bytes().get(at + 1);
    if !equals && quote.is_none() && !matches!(after, None | Some(b' ' | b'\t' | b'\r' | b'\n')) {
        return None;
    }
    let from = unblank(line.as_bytes(), at + 1).min(end);
    Some(Pair { name, value: from..end, equals })
}

/// `|`, `>-`, `|2+`: the text follows.
fn is_block(value: &str) -> bool {
    let mark = value.split([' ', '#']).next().unwrap_or_default();
    mark.starts_with(['|', '>'])
        && mark.len() < 4
        && mark.chars().skip(1).all(|it| it.is_ascii_digit() || matches!(it, '+' | '-'))
}

/// More names and values, rather than a text.
fn is_nested(value: &str) -> bool {
    value.starts_with(['{', '[', '&', '*', '!']) && !value.starts_with(super::REDACTED)
}

/// What stands within quotes that are the whole of a value.
fn unquoted(value: &str) -> Range<usize> {
    let trimmed = value.trim_end_matches([',', ' ']);
    for mark in ['"', '\''] {
        if trimmed.len() > 1 && trimmed.starts_with(mark) && trimmed.ends_with(mark) {
            return 1..trimmed.len() - 1;
        }
    }
    0..value.len()
}

/// A name of a variable: `AZURE_CLIENT_ID`.
fn is_variable(name: &str) -> bool {
    name.len() > 1
        && name.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_')
        && name.bytes().any(|it| it.is_ascii_uppercase())
}

/// Whether a line is letters of base64 and nothing else, and no word or number in hexadecimal.
fn is_base64(body: &str, least: usize) -> bool {
    let inner = body.trim_end_matches('=');
    let pads = body.len() - inner.len();
    let has = |of: fn(&u8) -> bool| inner.bytes().any(|it| of(&it));
    let letters = inner.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/'));
    let words = inner.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_'));
    let mixed =
        has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    let path = inner.starts_with('/') && inner.matches('/').count() > 1 && !is_random(inner);
    body.len() >= least
        && pads < 3
        && !path
        && (letters && (mixed || pads > 0) || least > 4 && words && is_random(inner))
}
