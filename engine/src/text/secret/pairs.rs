//! A name, a sign and a value, as forms, JSON, YAML, Go, XML, headers and sentences write them.

use std::ops::Range;

use super::entries::{changed, own_value, tag, variable};
use super::guess::{is_no_name, is_strange};
use super::keys::{LONGEST, Tells, tells};
use super::maps::contents;
use super::value::{
    Value, bare, is_placeholder, is_typed, looks, quotation, quoted, unblank, value,
};
use super::{Scan, shapes};

/// Words that a name may have (`chave de acesso`).
const WORDS: usize = 3;
/// Words that may say whose secret it is (`senha do banco de dados`), and what they begin with.
const WHOSE: usize = 5;
const OF: &[&str] = &[
    "for", "of", "do", "da", "de", "dos", "das", "del", "du", "di", "für", "para", "pour", "van",
    "voor",
];
/// Bytes of a value that tell whether it is a secret.
const NEAR: usize = 256;

/// A sign, and what stands around it.
pub(super) struct Sign {
    /// Where the value may begin.
    pub(super) after: usize,
    pub(super) equals: bool,
    pub(super) percent: bool,
    tag: bool,
}

/// A name before a sign.
pub(super) struct Name<'a> {
    pub(super) text: &'a str,
    from: usize,
    pub(super) quote: Option<u8>,
}

/// Adds where the values of telling names stand.
pub(super) fn find(scan: &Scan<'_>, hidden: &mut Vec<Range<usize>>) {
    let bytes = scan.text.as_bytes();
    let mut at = 0;
    while let Some(step) = bytes
        .get(at..)
        .and_then(|it| it.iter().position(|it| matches!(it, b'=' | b':' | b'%' | b'>')))
    {
        let here = at + step;
        at = here + 1;
        let Some(sign) = sign(bytes, here) else { continue };
        let Some(name) = name(scan.text, here) else { continue };
        at = at.max(sign.after);
        // What is no secret is looked at again from its next sign on: so only as far as it takes to tell.
        let near = scan.near(sign.after + NEAR);
        if secret(&near, &sign, &name).is_some()
            && let Some(found) = secret(scan, &sign, &name)
        {
            at = at.max(found.end);
            hidden.extend(changed(scan, found.end));
            hidden.push(found);
        }
    }
}

fn sign(bytes: &[u8], at: usize) -> Option<Sign> {
    let rest = bytes.get(at..)?;
    let plain = |length: usize| Sign {
        after: at + length,
        equals: rest.first() == Some(&b'='),
        percent: false,
        tag: false,
    };
    match rest.first()? {
        b'=' => Some(plain(
            1 + rest.iter().skip(1).take(2).take_while(|it| matches!(it, b'=' | b'>')).count(),
        )),
        // `:=` and `=>`, too.
        b':' => Some(Sign {
            equals: rest.get(1) == Some(&b'='),
            ..plain(1 + usize::from(rest.get(1) == Some(&b'=')))
        }),
        b'>' => Some(Sign { tag: true, ..plain(1) }),
        b'%' => {
            let code = rest.get(1..6).or_else(|| rest.get(1..3))?.to_ascii_lowercase();
            let twice = usize::from(code.starts_with(b"25")) * 2;
            let equals = code.get(twice..twice + 2)? == b"3d";
            (equals || code.get(twice..twice + 2)? == b"3a").then_some(Sign {
                after: at + 3 + twice,
                equals,
                percent: true,
                tag: false,
            })
        }
        _ => None,
    }
}

/// What stands before a sign.
fn name(text: &str, sign: usize) -> Option<Name<'_>> {
    let bytes = text.as_bytes();
    let back = |at: usize, most: usize, of: fn(u8) -> bool| {
        bytes
            .get(..at)
            .unwrap_or_default()
            .iter()
            .rev()
            .take(most)
            .take_while(|it| of(**it))
            .count()
    };
    let mut end = sign - back(sign, 40, |it| matches!(it, b' ' | b'\t'));
    // Markdown: `**password**: …`.
    end -= back(end, 2, |it| it == b'*');
    if end > 0 && bytes.get(end - 1) == Some(&b']') {
        end -= 1;
    }
    let mut quote = None;
    if let Some(mark) = end
        .checked_sub(1)
        .and_then(|it| bytes.get(it))
        .filter(|it| matches!(it, b'"' | b'\'' | b'`'))
    {
        quote = Some(*mark);
        end -= 1;
        end -= back(end, 16, |it| it == b'\\');
    }
    let letters = back(end, LONGEST, |it| {
        it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-' | b'.') || it >= 0x80
    });
    let from = text.ceil_char_boundary(end - letters);
    let name = text.get(from..end)?;
    // A mark that is no letter ends a name, in other scripts, too.
    let from = name
        .char_indices()
        .rev()
        .find(|(_, it)| {
            !(it.is_alphanumeric()
                || matches!(it, '_' | '-' | '.' | '\u{300}'..='\u{36f}' | '\u{900}'..='\u{e7f}'))
        })
        .map_or(from, |(at, it)| from + at + it.len_utf8());
    let name = text.get(from..end)?;
    (!name.is_empty()).then_some(Name { text: name, from, quote })
}

/// What a name tells, with the words before it where they make it surer.
fn told(text: &str, name: &Name<'_>) -> Option<(Tells, bool)> {
    let alone = tells(name.text);
    match alone {
        None | Some(Tells::Looks | Tells::Form | Tells::Query) => {
            told_by_words(text, name).or(alone.map(|it| (it, false)))
        }
        Some(tells) => Some((tells, false)),
    }
}

fn told_by_words(text: &str, name: &Name<'_>) -> Option<(Tells, bool)> {
    let mut from = name.from;
    let mut end = name.from + name.text.len();
    // `the password is: …`
    if ["is", "was", "é", "es", "ist", "est", "era"].contains(&name.text) {
        end = text.get(..from)?.trim_end().len();
        from = end;
    }
    let mut after = "";
    for count in 0..WHOSE {
        let head = text.get(..from)?;
        let head = if from == end { head } else { head.strip_suffix([' ', '-'])? };
        let start = text.ceil_char_boundary(head.len().saturating_sub(24));
        let word = text.get(start..head.len())?;
        let letters = word
            .chars()
            .rev()
            .take_while(|it| it.is_alphabetic())
            .map(char::len_utf8)
            .sum::<usize>();
        if letters == 0 {
            return None;
        }
        from = head.len() - letters;
        let words = text.get(from..end).filter(|_| count < WORDS);
        if let Some(found) = words.and_then(tells).filter(|it| *it == Tells::Always) {
            return Some((if name.quote.is_some() { found } else { Tells::Talk }, true));
        }
        let word = text.get(from..head.len())?;
        if OF.contains(&after) && tells(word) == Some(Tells::Always) {
            return Some((Tells::Talk, true));
        }
        after = word;
    }
    None
}

fn secret(scan: &Scan<'_>, sign: &Sign, name: &Name<'_>) -> Option<Range<usize>> {
    let text = scan.text;
    let bytes = text.as_bytes();
    if sign.tag {
        return tag(text, sign);
    }
    let before = text.get(..name.from).unwrap_or_default();
    if name.quote.is_some() && ends_address(before) {
        return None;
    }
    if let Some(found) = contents(scan, sign, name) {
        return Some(found);
    }
    let told = told(text, name);
    // `kubectl create secret … --from-literal=name=value`.
    let open = before.trim_end_matches(['"', '\'', '\\']);
    let literal =
        sign.equals && (open.ends_with("from-literal=") || open.ends_with("from-literal "));
    let (tells, words) = match told {
        Some(it) => it,
        None if literal => (Tells::Always, false),
        None => {
            return variable(scan, sign, name, before)
                .or_else(|| own_value(scan, sign, name, before));
        }
    };
    let query = before.ends_with(['?', '&']) || ends_coded(before);
    let after = bytes.get(sign.after);
    // A sign that is quoted itself: `must hold "password=" and …`.
    let closes = |mark: u8| {
        name.quote.is_none()
            && before.as_bytes().last() == Some(&mark)
            && bytes
                .get(sign.after + 1)
                .is_none_or(|it| matches!(it, b' ' | b',' | b')' | b'.' | b'\n' | b';' | b']'))
    };
    if after.is_some_and(|it| matches!(it, b'"' | b'\'' | b'`') && closes(*it)) {
        return None;
    }
    match tells {
        Tells::Header => return header(scan, sign, name, before),
        Tells::Cookie => return cookie(scan, sign),
        Tells::Query if !(query && sign.equals) => return None,
        Tells::Form if !sign.equals => return None,
        _ => {}
    }
    let Value { span, enclosed } = value(scan, sign.after, sign.percent)?;
    let shown = text.get(span.clone())?;
    // A description says where a variable's value comes from instead.
    if is_placeholder(shown)
        || text.get(span.start..).is_some_and(|it| it.starts_with("<set to the key"))
    {
        return changed(scan, span.end);
    }
    // In a sentence a colon may stand behind the name of a thing: `GET https://vault/secrets/db-password: not found`.
    let pass = name.text == "pass" && !matches!(after, Some(b' ' | b'\t'));
    let sentence = name.quote.is_none() && !sign.equals && !sign.percent && !pass;
    let named = sentence && before.ends_with('/');
    let hide = match tells {
        Tells::Always => !named || looks(shown) || is_strange(shown),
        Tells::Talk if sentence => {
            looks(shown) && !shown.contains("://")
                || !words && told_alone(name.text) && is_last(bytes, &span, shown)
                || is_strange(shown) && (name.text != "token" || is_last(bytes, &span, shown))
        }
        // A number that is valid once.
        Tells::Talk => {
            let once = name.text == "token"
                && (6..9).contains(&shown.len())
                && shown.bytes().all(|it| it.is_ascii_digit());
            once || !is_typed(shown)
        }
        Tells::Named => is_no_name(shown),
        Tells::Looks => looks(shown) || enclosed && shapes::is_readable(shown.as_bytes()),
        Tells::Form | Tells::Query => !is_typed(shown) || tells == Tells::Form,
        Tells::Header | Tells::Cookie => true,
    };
    hide.then_some(span)
}

/// A name that is no word of a sentence: made of several.
fn told_alone(name: &str) -> bool {
    name.contains(['_', '-']) || name.chars().skip(1).any(char::is_uppercase)
}

/// Whether a value is the last of its line or text, and no word.
fn is_last(bytes: &[u8], span: &Range<usize>, shown: &str) -> bool {
    shown.len() >= 8 && !is_typed(shown) && !matches!(bytes.get(span.end), Some(b' ' | b'\t'))
}

/// Whether an address goes on here: `Post "https://host/oauth2/token": dial tcp`.
fn ends_address(before: &str) -> bool {
    before.ends_with('/') && {
        let near = before.get(before.floor_char_boundary(before.len().saturating_sub(NEAR))..);
        near.and_then(|it| it.rsplit([' ', '"', '\'', '`']).next())
            .is_some_and(|it| it.contains("://"))
    }
}

fn ends_coded(before: &str) -> bool {
    let tail = before
        .get(before.floor_char_boundary(before.len().saturating_sub(5))..)
        .unwrap_or_default()
        .to_ascii_lowercase();
    ["%26", "%3f", "&amp;", "\\u0026"].iter().any(|it| tail.ends_with(it))
}

/// `Authorization: scheme secret`, with any scheme or none.
fn header(scan: &Scan<'_>, sign: &Sign, name: &Name<'_>, before: &str) -> Option<Range<usize>> {
    let text = scan.text;
    let bytes = text.as_bytes();
    let mut from = unblank(bytes, sign.after);
    if bytes.get(from) == Some(&b'[') && !text.get(from..)?.starts_with(super::REDACTED) {
        from += 1;
    }
    let opener = before
        .as_bytes()
        .last()
        .filter(|it| name.quote.is_none() && matches!(it, b'"' | b'\'' | b'`'));
    let mut end = if let Some((mark, slashes, begin)) = quotation(bytes, from) {
        from = begin;
        Some(quoted(bytes, mark, slashes, begin))
    } else if let Some(mark) = opener {
        let slashes = before.bytes().rev().skip(1).take(32).take_while(|it| *it == b'\\').count();
        Some(quoted(bytes, *mark, slashes, from))
    } else {
        None
    };
    let scheme = text.get(from..)?.split([' ', '\t']).next().unwrap_or_default();
    let known = shapes::SCHEMES.iter().any(|it| scheme.eq_ignore_ascii_case(it));
    if known {
        from = unblank(bytes, from + scheme.len());
    }
    // A header is all of its line; within a sentence only its words: those of a list go on.
    let tail = before.get(before.floor_char_boundary(before.len().saturating_sub(40))..)?;
    let alone = tail
        .rsplit('\n')
        .next()
        .is_some_and(|it| it.len() < 40 && it.chars().all(|it| !it.is_alphanumeric()));
    let first = bare(scan, from, sign.percent);
    let word = text.get(from..first)?;
    let mut stop = first;
    if end.is_none() {
        if !known && (is_typed(word) || !looks(word) && !alone && !sign.equals)
            || is_placeholder(word)
        {
            return None;
        }
        loop {
            let marks = bytes
                .iter()
                .skip(stop)
                .take(8)
                .take_while(|it| matches!(it, b',' | b'"' | b' '))
                .count();
            let comma = bytes
                .get(stop.saturating_sub(1)..stop + marks)
                .is_some_and(|it| it.contains(&b','));
            let more = bare(scan, stop + marks, sign.percent);
            if !comma || more == stop + marks || !text.get(stop + marks..more)?.contains('=') {
                break;
            }
            stop = more;
        }
        if alone && !scan.joined {
            stop = memchr::memchr(b'\n', bytes.get(stop..)?).map_or(bytes.len(), |it| stop + it);
        }
        // A scheme that nobody knows, and what it needs.
        let next = unblank(bytes, first);
        let second = bare(scan, next, sign.percent);
        if !known && next > first && text.get(next..second).is_some_and(looks) {
            stop = stop.max(second);
        }
        end = Some(stop);
    }
    let end = end?.min(bytes.len());
    let shown = text.get(from..end)?.trim_end();
    let typed = is_placeholder(shown) || !known && is_typed(shown);
    (!shown.is_empty() && !typed).then_some(from..from + shown.len())
}

/// `Cookie: name=secret; name=secret`.
fn cookie(scan: &Scan<'_>, sign: &Sign) -> Option<Range<usize>> {
    let bytes = scan.text.as_bytes();
    let mut from = unblank(bytes, sign.after);
    if bytes.get(from) == Some(&b'[') {
        from += 1;
    }
    let from = quotation(bytes, from).map_or(from, |it| it.2);
    let rest = bytes.get(from..)?;
    // What was opened within closes within: a list that goes on here is none of the cookie's.
    let mut depth = 0_usize;
    let mut ends = |(at, it): (usize, &u8)| match it {
        b'[' => {
            depth += 1;
            false
        }
        b']' if depth > 0 => {
            depth -= 1;
            false
        }
        b'\n' | b'\r' | b'\\' | b']' => true,
        // A quote that closes stands before nothing that goes on, and behind a value.
        b'"' | b'\'' => {
            let before = rest.get(..at).unwrap_or_default().trim_ascii_end().last();
            let goes_on = rest.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
            before != Some(&b'=') && !goes_on
        }
        _ => false,
    };
    let length = rest.iter().enumerate().position(&mut ends).unwrap_or(rest.len());
    memchr::memchr(b'=', rest.get(..length)?)?;
    Some(from..from + length)
}
