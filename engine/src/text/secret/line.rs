//! One line: its margin, its name and value, and what they are.

use std::ops::Range;

use super::keys::{Tells, tells};
use super::shapes::{is_coded, is_random};
use super::value::{is_placeholder, unblank};

/// Letters of a margin.
const MARGIN: usize = 200;

/// A line's margin, name and value.
pub(super) struct Pair<'a> {
    pub(super) name: &'a str,
    pub(super) value: Range<usize>,
    pub(super) equals: bool,
}

/// What must go of an entry of a Secret's contents, or of what may be some; `inner` lines go on from an entry.
pub(super) fn content(
    line: &str,
    body: Range<usize>,
    all: bool,
    inner: bool,
) -> Option<Range<usize>> {
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
pub(super) fn margin(line: &str) -> &str {
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
pub(super) fn pair(line: &str, begin: usize, end: usize) -> Option<Pair<'_>> {
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
pub(super) fn is_block(value: &str) -> bool {
    let mark = value.split([' ', '#']).next().unwrap_or_default();
    mark.starts_with(['|', '>'])
        && mark.len() < 4
        && mark.chars().skip(1).all(|it| it.is_ascii_digit() || matches!(it, '+' | '-'))
}

/// More names and values, rather than a text.
pub(super) fn is_nested(value: &str) -> bool {
    value.starts_with(['{', '[', '&', '*', '!']) && !value.starts_with(super::REDACTED)
}

/// What stands within quotes that are the whole of a value.
pub(super) fn unquoted(value: &str) -> Range<usize> {
    let trimmed = value.trim_end_matches([',', ' ']);
    for mark in ['"', '\''] {
        if trimmed.len() > 1 && trimmed.starts_with(mark) && trimmed.ends_with(mark) {
            return 1..trimmed.len() - 1;
        }
    }
    0..value.len()
}

/// A name of a variable: `AZURE_CLIENT_ID`.
pub(super) fn is_variable(name: &str) -> bool {
    name.len() > 1
        && name.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_')
        && name.bytes().any(|it| it.is_ascii_uppercase())
}

/// Whether a line is letters of base64 and nothing else, and no word or number in hexadecimal.
pub(super) fn is_base64(body: &str, least: usize) -> bool {
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

/// A line that is the name of a secret and the secret, with nothing between: `password …`, as files of other programs have them. Where
/// the secret begins.
pub(super) fn alone(body: &str) -> Option<usize> {
    let (name, secret) = body.split_once(' ')?;
    let shown = secret.trim_start();
    let known = ["password", "passwd", "requirepass", "masterauth", "senha"].contains(&name);
    (known
        && !shown.contains(' ')
        && !shown.is_empty()
        && !is_placeholder(shown)
        && !is_said(shown))
    .then(|| body.len() - shown.len())
}

/// A word of a sentence that says something about a secret.
pub(super) fn is_said(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ',', ':', ';', '!', '?']).to_ascii_lowercase();
    [
        "authentication",
        "change",
        "changed",
        "credentials",
        "does",
        "empty",
        "expired",
        "failed",
        "field",
        "grant",
        "hash",
        "incorrect",
        "invalid",
        "is",
        "missing",
        "mismatch",
        "must",
        "needed",
        "not",
        "policy",
        "prompt",
        "rejected",
        "required",
        "reset",
        "rotation",
        "set",
        "was",
        "wrong",
    ]
    .contains(&word.as_str())
}
