//! What looks like a secret wherever it stands: tokens of known makers, signed tokens, keys, texts in base64, random letters.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::Scan;
use super::guess::is_strange;
use super::logins::{address, dsn, login, pgpass};
use super::pem::{key, key_end};
use super::value::{bare, is_typed, looks, unblank};

/// How a header may say who asks.
pub(super) const SCHEMES: &[&str] = &[
    "api-key",
    "apikey",
    "aws4-hmac-sha256",
    "basic",
    "bearer",
    "digest",
    "gssapi",
    "hawk",
    "hmac",
    "hoba",
    "kerberos",
    "key",
    "mutual",
    "negotiate",
    "ntlm",
    "oauth",
    "pop",
    "scram-sha-256",
    "sharedaccesssignature",
    "sharedkey",
    "sharedkeylite",
    "ssws",
    "token",
    "vapid",
];

/// Marks that have a rule of their own, before the beginnings of known tokens.
const MARKS: &[(&str, Rule)] = &[
    ("eyj", Rule::Signed),
    ("-----begin ", Rule::Key),
    ("---- begin ", Rule::Key),
    ("-----end ", Rule::KeyEnd),
    ("-----begin+", Rule::Key),
    ("://", Rule::Address),
    ("%3a%2f%2f", Rule::Address),
    ("@tcp(", Rule::Dsn),
    ("@unix(", Rule::Dsn),
    ("@", Rule::Login),
    (":5432:", Rule::Pgpass),
    (":6432:", Rule::Pgpass),
    (":*:", Rule::Pgpass),
    ("$1$", Rule::Hash),
    ("$2a$", Rule::Hash),
    ("$2b$", Rule::Hash),
    ("$2y$", Rule::Hash),
    ("$5$", Rule::Hash),
    ("$6$", Rule::Hash),
    ("$y$", Rule::Hash),
    ("$apr1$", Rule::Hash),
    ("$argon2", Rule::Hash),
    ("$pbkdf2", Rule::Hash),
    ("{ssha}", Rule::Hash),
    ("{sha}", Rule::Hash),
    ("map[", Rule::Map),
    ("q~", Rule::Entra),
    ("bearer ", Rule::Scheme),
    ("basic ", Rule::Scheme),
    ("secrets", Rule::Printed),
];

#[derive(Clone, Copy)]
enum Rule {
    Signed,
    Key,
    KeyEnd,
    Address,
    Dsn,
    Login,
    Pgpass,
    Hash,
    Map,
    Entra,
    Scheme,
    Printed,
    Known {
        least: usize,
    },
    /// Hexadecimal digits only, so many.
    Digits {
        count: usize,
    },
}

/// The beginnings of known tokens.
static KNOWN: LazyLock<Vec<(&str, Rule)>> = LazyLock::new(|| {
    let known =
        include_str!("prefixes.txt").lines().filter(|it| !it.starts_with('#')).filter_map(|line| {
            let (begins, least) = line.rsplit_once(' ')?;
            let rule = match least.strip_suffix('x') {
                Some(count) => Rule::Digits { count: count.parse().ok()? },
                None => Rule::Known { least: least.parse().ok()? },
            };
            Some((begins, rule))
        });
    MARKS.iter().copied().chain(known).collect()
});

static MARKED: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(aho_corasick::MatchKind::LeftmostLongest)
        .build(KNOWN.iter().map(|it| it.0))
        .ok()
});

/// Adds where such secrets stand.
pub(super) fn find(scan: &Scan<'_>, hidden: &mut Vec<Range<usize>>) {
    runs(scan.text, hidden);
    numbers(scan.text, hidden);
    let Some(marked) = MARKED.as_ref() else { return };
    let mut done = 0;
    for found in marked.find_iter(scan.text) {
        let Some((mark, rule)) = KNOWN.get(found.pattern().as_usize()) else { continue };
        if found.start() < done {
            continue;
        }
        let part = match rule {
            Rule::Signed => signed(scan.text, found.start(), &mut done),
            Rule::Key => key(scan.text, found.end()),
            Rule::KeyEnd => key_end(scan.text, found.start(), done),
            Rule::Address => address(scan.text, found.end(), mark.starts_with('%')),
            Rule::Dsn => dsn(scan.text, found.start(), done),
            Rule::Login => login(scan.text, found.start(), done),
            Rule::Pgpass => pgpass(scan.text, found.start() + 1),
            Rule::Hash => hash(scan.text, found.start()),
            Rule::Map => coded_map(scan.text, found.end()),
            Rule::Entra => entra(scan.text, found.start(), done),
            Rule::Scheme => scheme(scan, found.start(), found.end()),
            Rule::Printed => printed(scan.text, found.end()),
            Rule::Known { least } => known(scan.text, mark, *least, found.start()),
            Rule::Digits { count } => digits(scan.text, mark, *count, found.start()),
        };
        if let Some(part) = part {
            done = done.max(part.end);
            hidden.push(part);
        }
    }
}

/// Letters of a token.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'~' | b'+' | b'/' | b'=')
}

/// How far such letters go; an address codes some of them.
fn run(bytes: &[u8], from: usize, of: fn(u8) -> bool) -> usize {
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        if of(*byte) {
            at += 1;
        } else if *byte == b'%'
            && bytes
                .get(at + 1..at + 3)
                .is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit) && coded(it).is_some_and(of))
        {
            at += 3;
        } else {
            break;
        }
    }
    at
}

fn coded(code: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok()
}

/// Whether a token may begin here: within a word none does, but behind what an address or a quotation codes.
fn may_begin(bytes: &[u8], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|it| bytes.get(it));
    match before(1) {
        None => true,
        Some(it) if it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-') => {
            before(3) == Some(&b'%')
                || before(2) == Some(&b'\\') && matches!(it, b'n' | b't' | b'r')
        }
        Some(_) => true,
    }
}

fn known(text: &str, mark: &str, least: usize, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let begin = at + mark.len();
    if text.get(at..begin)? != mark || !may_begin(bytes, at) {
        return None;
    }
    let end = run(bytes, begin, is_token);
    let rest = text.get(begin..end)?.trim_end_matches('.');
    // A name has words in it, a token has none.
    let plain = |it: u8| it.is_ascii_lowercase() || matches!(it, b'-' | b'_' | b'.');
    (rest.len() >= least && !(least > 10 && rest.bytes().all(plain)))
        .then_some(at..begin + rest.len())
}

/// A token of hexadecimal digits, which nothing goes on from.
fn digits(text: &str, mark: &str, count: usize, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let begin = at + mark.len();
    let length = bytes.get(begin..)?.iter().take(count + 1).take_while(|it| it.is_ascii_hexdigit());
    let whole = length.count() == count
        && !bytes
            .get(begin + count)
            .is_some_and(|it| matches!(it, b'-' | b'_') || it.is_ascii_alphanumeric());
    (text.get(at..begin)? == mark && whole && may_begin(bytes, at)).then_some(at..begin + count)
}

/// What a password was made into: `$6$salt$…`, `{SSHA}…`.
fn hash(text: &str, at: usize) -> Option<Range<usize>> {
    let of = |it: u8| {
        it.is_ascii_alphanumeric() || matches!(it, b'.' | b'/' | b'$' | b'=' | b',' | b'+' | b'-')
    };
    let bytes = text.as_bytes();
    let rest = text.get(at..)?;
    let from = at + if rest.starts_with('{') { rest.find('}')? + 1 } else { 0 };
    let end = run(bytes, from, of);
    (end - from >= 26).then_some(at..end)
}

/// `map[user:d2Vi password:…]`: the contents of a Secret, as a column of a table shows them.
fn coded_map(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let count = |at: usize, of: fn(u8) -> bool| {
        bytes.get(at..).unwrap_or_default().iter().take_while(|it| of(**it)).count()
    };
    let mut at = from;
    // No further than the next that is none: no map is looked through twice.
    loop {
        at += count(at, |it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-' | b'_'));
        if bytes.get(at) != Some(&b':') {
            return None;
        }
        let value = at + 1;
        at = value
            + count(value, |it| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/' | b'='));
        if at < value + 8 || !is_coded(text.get(value..at)?) {
            return None;
        }
        match bytes.get(at)? {
            b']' => return Some(from..at),
            b' ' => at += 1,
            _ => return None,
        }
    }
}

/// A JSON web token, whole or cut: parts in base64 with dots between. Of one without a dot only the beginning is no secret.
fn signed(text: &str, at: usize, done: &mut usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    if text.get(at..at + 3)? != "eyJ" || !may_begin(bytes, at) {
        return None;
    }
    let end = run(bytes, at, is_token);
    *done = end;
    let token = text.get(at..end)?;
    let dots = token.contains('.') || token.contains("%2E") || token.contains("%2e");
    (token.len() >= 5 && dots || token.len() >= 20).then_some(at..end)
}

/// A client secret of Entra: `8Q~` in its midst.
fn entra(text: &str, at: usize, done: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let of = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-' | b'.' | b'~');
    if text.get(at..at + 2)? != "Q~"
        || !at.checked_sub(1).and_then(|it| bytes.get(it)).is_some_and(u8::is_ascii_digit)
    {
        return None;
    }
    let before = bytes.get(done..at)?.iter().rev().take(8).take_while(|it| of(**it)).count();
    let end = run(bytes, at, of);
    (end - at >= 8).then_some(at - before..end)
}

/// `Bearer secret`, `Basic secret` without the header's name.
fn scheme(scan: &Scan<'_>, at: usize, from: usize) -> Option<Range<usize>> {
    if !may_begin(scan.text.as_bytes(), at) {
        return None;
    }
    let from = unblank(scan.text.as_bytes(), from);
    let near = scan.near(from + 256);
    let word = scan.text.get(from..bare(&near, from, false))?;
    let basic = scan.text.get(at..)?.get(..5).is_some_and(|it| it.eq_ignore_ascii_case("basic"));
    let parameter = word
        .find('=')
        .is_some_and(|it| word.get(it + 1..).is_some_and(|it| !it.trim_matches('=').is_empty()));
    let secret = !parameter
        && !is_typed(word)
        && if basic {
            is_readable(word.as_bytes())
        } else {
            looks(word) || is_strange(word) || word.len() >= 24
        };
    secret.then(|| from..bare(scan, from, false))
}

/// Where versions of the provider up to v1.6.1 print the whole Secret: a value of it may hold what looks like its end, so all that
/// follows goes.
fn printed(text: &str, from: usize) -> Option<Range<usize>> {
    let begin = printed_at(text, from)?;
    (begin < text.len()).then_some(begin..text.len())
}

fn printed_at(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    for mark in ["(", "map", "["] {
        let rest = text.get(at..)?;
        let blanks = rest.len() - rest.trim_start().len();
        let found = rest.get(blanks.min(64)..)?.get(..mark.len())?;
        if !found.eq_ignore_ascii_case(mark) {
            return None;
        }
        at += blanks.min(64) + mark.len();
    }
    Some(at)
}

/// Whether a whole Secret begins to be printed in a text.
pub(super) fn prints(text: &str) -> bool {
    let found = |mark| {
        text.match_indices(mark).any(|(at, mark)| printed_at(text, at + mark.len()).is_some())
    };
    found("secrets") || found("Secrets")
}

fn is_coded_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Letters of base64 in a row: a text that was coded, or random ones.
fn runs(text: &str, hidden: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes.iter().skip(at).take_while(|it| is_coded_letter(**it)).count();
        if length < 6 {
            at += length + 1;
            continue;
        }
        let mut end = at + length;
        let rest = bytes.get(end..).unwrap_or_default();
        let pads = rest.iter().take(2).take_while(|it| **it == b'=').count();
        let run = bytes.get(at..end).unwrap_or_default();
        let skip = run.iter().take_while(|it| matches!(it, b'/' | b'-' | b'_' | b'+')).count();
        let inner = run.get(skip..).unwrap_or_default();
        let padded = inner.len() >= 6 && pads > 0 && (inner.len() + pads).is_multiple_of(4);
        let readable = (padded || inner.len() >= 12) && is_readable(inner);
        if readable || text.get(at + skip..end).is_some_and(is_random) {
            end += pads;
            hidden.push(at + skip..end);
        } else {
            // Of what a path holds each part may be random.
            let mut part = at;
            for piece in run.split(|it| *it == b'/') {
                let whole = part..part + piece.len();
                if piece.len() < run.len() && text.get(whole.clone()).is_some_and(is_random) {
                    hidden.push(whole);
                }
                part += piece.len() + 1;
            }
        }
        at = end.max(at + 1);
    }
}

/// Bytes of a text, as Go prints them: `[104 117 110 116 101 114]`.
fn numbers(text: &str, hidden: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'[', bytes.get(at..).unwrap_or_default()) {
        let from = at + found + 1;
        let length = bytes
            .iter()
            .skip(from)
            .take_while(|it| it.is_ascii_digit() || matches!(it, b' ' | b','))
            .count();
        at = from + length;
        let shown = text.get(from..at).unwrap_or_default();
        let mut count = 0;
        let letters = shown.split([' ', ',']).filter(|it| !it.is_empty()).all(|it| {
            count += 1;
            it.parse().is_ok_and(|it: u32| (32..127).contains(&it) || matches!(it, 9 | 10 | 13))
        });
        if letters && count >= 6 && bytes.get(at) == Some(&b']') {
            hidden.push(from..at);
        }
    }
}

/// The bits of a letter of base64, of either alphabet.
fn bits(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

/// Whether letters of base64 stand for a text that can be read. Random ones hardly ever do.
pub(super) fn is_readable(coded: &[u8]) -> bool {
    let end = coded.iter().rposition(|it| *it != b'=').map_or(0, |it| it + 1);
    let coded = coded.get(..end).unwrap_or_default();
    if coded.len() < 6 || coded.len() % 4 == 1 {
        return false;
    }
    let mut wide = 0_u32;
    for group in coded.chunks(4) {
        let mut word = 0_u32;
        for byte in group {
            let Some(bits) = bits(*byte) else { return false };
            word = word << 6 | bits;
        }
        let count = group.len() * 6 / 8;
        word <<= 6 * (4 - group.len());
        for byte in word.to_be_bytes().iter().skip(1).take(count) {
            // Letters of other scripts follow their first byte.
            match byte {
                b'\n' | b'\r' | b'\t' | b' '..=b'~' if wide == 0 => {}
                0x80..0xc0 if wide > 0 => wide -= 1,
                0xc3..0xe0 if wide == 0 => wide = 1,
                0xe0..0xf0 if wide == 0 => wide = 2,
                _ => return false,
            }
        }
    }
    true
}

/// Whether a value is base64 as the contents of a Secret are, rather than a word.
pub(crate) fn is_coded(value: &str) -> bool {
    let inner = value.trim_end_matches('=');
    let pads = value.len() - inner.len();
    value.len() >= 4
        && pads < 3
        && value.len().is_multiple_of(4)
        && inner.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/'))
        && (pads > 0
            || is_readable(inner.as_bytes())
            || value.len() >= 16
                && inner.bytes().any(|it| it.is_ascii_digit())
                && inner.bytes().any(|it| it.is_ascii_uppercase()))
}

/// Whether letters look as if a machine had thrown them: many, of all kinds, and mixed. Names and hexadecimal numbers are none.
pub(super) fn is_random(word: &str) -> bool {
    let kind = |it: u8| match it {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        _ => 0,
    };
    if word.len() < 24 || word.len() > 24 && word.len() > 1 << 20 {
        return false;
    }
    let mut counts = [0_usize; 4];
    let mut changes = 0;
    let mut last = 0;
    for byte in word.bytes() {
        let kind = kind(byte);
        if let Some(count) = counts.get_mut(kind) {
            *count += 1;
        }
        if kind > 0 && last > 0 && kind != last {
            changes += 1;
        }
        last = kind;
    }
    let [marks, lower, upper, digits] = counts;
    let mixed = lower >= 3 && upper >= 3 && digits >= 2;
    mixed && marks * 6 <= word.len() && changes * 100 >= word.len() * 36
}
