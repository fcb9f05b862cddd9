//! Where a value ends, and what it is: a secret, a name, or a word of a sentence.

use std::ops::Range;

use super::{REDACTED, Scan};

/// Bytes that are looked at to tell what comes next.
const NEAR: usize = 64;

/// A value and how it was written.
pub(super) struct Value {
    pub(super) span: Range<usize>,
    /// In quotes or brackets, which say where it ends.
    pub(super) enclosed: bool,
}

/// The quotation that begins here: its mark, the backslashes before it, and where it ends.
pub(super) fn quotation(bytes: &[u8], at: usize) -> Option<(u8, usize, usize)> {
    let slashes = bytes.get(at..)?.iter().take(NEAR).take_while(|it| **it == b'\\').count();
    let mark = *bytes.get(at + slashes)?;
    matches!(mark, b'"' | b'\'' | b'`').then_some((mark, slashes, at + slashes + 1))
}

/// Where the text in a quotation ends. A quotation that does not end takes all.
pub(super) fn quoted(bytes: &[u8], mark: u8, slashes: usize, from: usize) -> usize {
    let mut at = from;
    while let Some(found) = memchr::memchr(mark, bytes.get(at..).unwrap_or_default()) {
        let end = at + found;
        let before = bytes.get(at..end).unwrap_or_default();
        let here = before.iter().rev().take_while(|it| **it == b'\\').count();
        // A mark that was quoted once more than this quotation belongs to its text.
        let closes = here < slashes || (here - slashes).is_multiple_of(2 * (slashes + 1));
        let doubled = mark == b'\'' && slashes == 0 && bytes.get(end + 1) == Some(&b'\'');
        if closes && !doubled {
            return end - here.min(slashes);
        }
        at = end + 1 + usize::from(doubled);
    }
    bytes.len()
}

/// The bytes from which on there is no blank.
pub(super) fn unblank(bytes: &[u8], at: usize) -> usize {
    let blanks = bytes.get(at..).unwrap_or_default().iter();
    at + blanks.take_while(|it| matches!(it, b' ' | b'\t')).count()
}

/// The value that begins behind a name and its sign; `None` where none stands there.
pub(super) fn value(scan: &Scan<'_>, from: usize, percent: bool) -> Option<Value> {
    let bytes = scan.text.as_bytes();
    let mut at = unblank(bytes, from);
    // Markdown: `**password:** …`.
    for mark in ["** ", "* "] {
        if bytes.get(at..).is_some_and(|it| it.starts_with(mark.as_bytes())) {
            at = unblank(bytes, at + mark.len());
        }
    }
    let rest = bytes.get(at..)?;
    // Go and Python say what a text is made of.
    let typed = [
        "[]byte(",
        "[]byte{",
        "[]uint8(",
        "[]uint8{",
        "map[string]string{",
        "map[string][]uint8{",
        "map[string][]byte{",
    ];
    if let Some(typed) = typed.iter().find(|it| rest.starts_with(it.as_bytes())) {
        at += typed.len();
        let close = if typed.ends_with('(') { b')' } else { b'}' };
        return Some(enclosed(scan, at, close));
    }
    let letter = rest.first()?;
    if matches!(letter, b'b' | b'u' | b'r' | b'@' | b'$')
        && matches!(rest.get(1), Some(b'"' | b'\''))
    {
        at += 1;
    }
    if let Some((mark, slashes, begin)) = quotation(bytes, at) {
        let end = quoted(bytes, mark, slashes, begin);
        return Some(Value { span: begin..end, enclosed: true });
    }
    // More names and values.
    let nested = matches!(rest.get(1), None | Some(b'"' | b'\'' | b'\\' | b' ' | b'\n' | b'}'))
        || begins_pair(bytes, at + 1);
    if rest.first() == Some(&b'{') && nested {
        return None;
    }
    let done = scan.text.get(at..)?.starts_with(REDACTED);
    if rest.first() == Some(&b'[') && !done {
        let inner = unblank(bytes, at + 1);
        if let Some((mark, slashes, begin)) = quotation(bytes, inner) {
            let end = quoted(bytes, mark, slashes, begin);
            // A list of texts.
            let end = enclosed(scan, end, b']').span.end;
            return Some(Value { span: begin..end, enclosed: true });
        }
        return Some(enclosed(scan, at + 1, b']'));
    }
    let begin = if done { at + REDACTED.len() } else { at };
    let end = bare(scan, begin, percent);
    (end > begin).then_some(Value { span: at..end, enclosed: false })
}

/// Up to a bracket, or the end of the line.
fn enclosed(scan: &Scan<'_>, from: usize, close: u8) -> Value {
    let done = scan.text.get(from..).is_some_and(|it| it.starts_with(REDACTED));
    let begin = from + if done { REDACTED.len() } else { 0 };
    let rest = scan.text.as_bytes().get(begin..).unwrap_or_default();
    let length = memchr::memchr2(close, b'\n', rest).unwrap_or(rest.len());
    Value { span: from..begin + length, enclosed: true }
}

/// Where a value without quotes ends. What may belong to it does: a password may hold any mark.
pub(super) fn bare(scan: &Scan<'_>, from: usize, percent: bool) -> usize {
    let text = scan.text;
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        if at >= from && scan.is_join(at) && begins_something(text, at) {
            return at;
        }
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b'&' => return at,
            b'[' if text.get(at..).is_some_and(|it| it.starts_with(REDACTED)) => {
                at += REDACTED.len();
                continue;
            }
            b'"' | b'\'' | b'`' if ends_here(bytes, at + 1) => return at,
            b'\\' => {
                let slashes =
                    bytes.iter().skip(at).take(NEAR).take_while(|it| **it == b'\\').count();
                let next = bytes.get(at + slashes);
                let ends = match next {
                    Some(b'n' | b'r' | b't') => true,
                    Some(b'"' | b'\'' | b'`') => ends_here(bytes, at + slashes + 1),
                    _ => false,
                };
                if ends {
                    return at;
                }
                at += slashes;
                // What was quoted belongs to the value.
                at += usize::from(matches!(next, Some(b'"' | b'\'' | b'`')));
                continue;
            }
            b',' | b';' if ends_here(bytes, at + 1) || begins_pair(bytes, at + 1) => return at,
            b')' | b']' | b'}' | b'>' => {
                let run = bytes
                    .iter()
                    .skip(at)
                    .take_while(|it| matches!(it, b')' | b']' | b'}' | b'>'))
                    .count();
                if ends_here(bytes, at + run) {
                    return at;
                }
                at += run;
                continue;
            }
            b'<' if bytes.get(at + 1) == Some(&b'/') => return at,
            b'%' if percent && coded_end(bytes, at) => return at,
            0x80..
                if text
                    .get(at..)
                    .and_then(|it| it.chars().next())
                    .is_some_and(char::is_whitespace) =>
            {
                return at;
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// `%26`, a blank, a quote or a line's end, as addresses write them.
fn coded_end(bytes: &[u8], at: usize) -> bool {
    let code = bytes.get(at + 1..at + 3).unwrap_or_default().to_ascii_lowercase();
    matches!(&code[..], b"26" | b"22" | b"20" | b"0a" | b"0d" | b"27")
}

/// Whether a mark here ends what stands before it: no letter follows.
fn ends_here(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at) {
        None => true,
        Some(b'\\') => bytes
            .iter()
            .skip(at)
            .take(NEAR)
            .find(|it| **it != b'\\')
            .is_none_or(|it| matches!(it, b'n' | b'r' | b't' | b'"' | b'\'')),
        Some(it) => matches!(
            it,
            b' ' | b'\t'
                | b'\n'
                | b'\r'
                | b','
                | b';'
                | b')'
                | b']'
                | b'}'
                | b'>'
                | b'<'
                | b'"'
                | b'\''
                | b'`'
                | b'&'
                | b'|'
        ),
    }
}

/// Whether a name and its sign stand here: `name=`, `"name":`.
fn begins_pair(bytes: &[u8], at: usize) -> bool {
    let at = unblank(bytes, at);
    let at = quotation(bytes, at).map_or(at, |it| it.2);
    let rest = bytes.get(at..).unwrap_or_default();
    let name = rest
        .iter()
        .take(NEAR)
        .take_while(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-' | b'.' | b'/'))
        .count();
    let letter = rest.first().is_some_and(|it| it.is_ascii_alphabetic() || *it == b'_');
    let mut after =
        rest.iter().skip(name).skip_while(|it| matches!(it, b'\\' | b'"' | b'\'' | b' '));
    // The padding of a text in base64 is no sign.
    letter
        && name > 1
        && match after.next() {
            Some(b':') => true,
            Some(b'=') => {
                after.next().is_some_and(|it| !matches!(it, b'=' | b'\n' | b' ' | b'"' | b'\''))
            }
            _ => false,
        }
}

/// Whether the line that goes on here is one of its own rather than the rest of what was wrapped.
fn begins_something(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let rest = text.get(at..).unwrap_or_default();
    let line = rest.get(..rest.floor_char_boundary(NEAR)).unwrap_or_default();
    let word = line.split([' ', '\t']).next().unwrap_or_default();
    begins_pair(bytes, at)
        || line.starts_with(['{', '}', '[', '-', '"', '\'', '<', '#', '('])
        || word.len() < line.len()
            && word.chars().all(|it| it.is_alphabetic() || matches!(it, ',' | '.'))
        || crate::text::is_header(line)
}

/// What stands in a secret's place, or says that there is none.
pub(super) fn is_placeholder(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'', '\\']);
    let plain = value.to_ascii_lowercase();
    let only = |marks: &[char]| value.len() >= 3 && value.chars().all(|it| marks.contains(&it));
    matches!(
        plain.as_str(),
        "" | "null"
            | "nil"
            | "none"
            | "true"
            | "false"
            | "undefined"
            | "~"
            | "{}"
            | "[]"
            | "|"
            | ">"
    ) || value == REDACTED
        || only(&['*', '•', '.'])
        || only(&['x', 'X'])
        || [("<", ">"), ("$(", ")"), ("${", "}"), ("{{", "}}")].iter().any(|(a, z)| {
            value
                .strip_prefix(a)
                .and_then(|it| it.strip_suffix(z))
                .is_some_and(|it| !it.contains(&['<', '>', '(', ')', '{', '}'][..]))
        })
}

/// Whether a value is of a kind that names things or counts them: what signs need, and no secret.
pub(crate) fn is_typed(value: &str) -> bool {
    if is_placeholder(value) {
        return true;
    }
    let value = value
        .trim_matches(['"', '\'', '\\', ',', ';', '(', ')', '[', ']'])
        .trim_end_matches([':', '.']);
    is_placeholder(value)
        || is_number(value)
        || is_guid(value)
        || is_address(value)
        || is_path(value)
        || is_host(value)
        || is_code(value)
}

/// Numbers, versions, durations, times: digits and their marks, and a unit.
fn is_number(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let marks = value
        .bytes()
        .filter(|it| matches!(it, b'.' | b':' | b'-' | b'+' | b'/' | b'%' | b','))
        .count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    digits > 0
        && digits + marks + letters == value.len()
        && letters <= 3
        && value
            .bytes()
            .next()
            .is_some_and(|it| it.is_ascii_digit() || matches!(it, b'v' | b'-' | b'+'))
        && digits < 20
}

pub(super) fn is_guid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(at, it)| match at {
            8 | 13 | 18 | 23 => it == b'-',
            _ => it.is_ascii_hexdigit(),
        })
}

/// `scheme://host/path` without who asks.
fn is_address(value: &str) -> bool {
    value.split_once("://").is_some_and(|(scheme, rest)| {
        !scheme.is_empty()
            && scheme
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'-' | b'.'))
            && !rest.contains(['@', '?'])
    })
}

/// A file, or a resource of Azure.
fn is_path(value: &str) -> bool {
    let value = value.strip_prefix('.').unwrap_or(value);
    let parts = value.strip_prefix('/').map(|it| it.split('/'));
    // Random letters also have slashes between them.
    parts.is_some_and(|mut parts| {
        parts.all(|it| {
            !super::shapes::is_random(it)
                && it.chars().all(|it| {
                    it.is_alphanumeric() || matches!(it, '_' | '-' | '.' | ' ' | ':' | '@')
                })
        })
    }) && !value.ends_with('=')
}

/// `host.domain`, its port and path.
fn is_host(value: &str) -> bool {
    let host = value.split([':', '/']).next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let label = |it: &&str| {
        !it.is_empty()
            && it.len() < 64
            && it.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
    };
    labels.len() > 2
        && labels.iter().all(label)
        && labels
            .last()
            .is_some_and(|it| it.len() > 1 && it.bytes().all(|it| it.is_ascii_alphabetic()))
        && value.get(host.len()..).is_some_and(|it| {
            it.is_empty()
                || it.starts_with('/') && is_path(it)
                || it.get(1..).is_some_and(is_number)
        })
}

/// The number of an error: `AADSTS700016`, `S2S12086`.
fn is_code(value: &str) -> bool {
    let (value, least) = value.strip_prefix("S2S").map_or((value, 2), |it| (it, 0));
    let letters = value.bytes().take_while(u8::is_ascii_uppercase).count();
    letters >= least
        && value.len() > letters
        && value.len() < 20
        && value.bytes().skip(letters).all(|it| it.is_ascii_digit())
}

/// Whether a word looks like a secret rather than a word: digits among letters, or more cases than a name has.
pub(super) fn looks(word: &str) -> bool {
    let word = word.trim_end_matches([',', ';', '.', ':', ')']);
    let has = |of: fn(&u8) -> bool| word.bytes().any(|it| of(&it));
    let (digit, letter) = (has(u8::is_ascii_digit), has(u8::is_ascii_alphabetic));
    word.len() >= 6
        && !is_typed(word)
        && !word.contains('(')
        && (digit && letter
            || super::shapes::is_random(word)
            || word.len() >= 8 && word.ends_with('='))
}
