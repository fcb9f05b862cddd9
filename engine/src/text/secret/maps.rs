//! Maps that hold secrets whatever their names are: the contents of a Secret, and what a driver is handed.

use std::ops::Range;

use super::pairs::{Name, Sign};
use super::value::{is_placeholder, quotation, quoted, unblank};
use super::{Scan, shapes};

/// `Data:map[…]`, `"stringData":{…}`: what a Secret holds.
pub(super) fn contents(scan: &Scan<'_>, sign: &Sign, name: &Name<'_>) -> Option<Range<usize>> {
    let bytes = scan.text.as_bytes();
    let all = match name.text.rsplit(['.', '-', '_']).next()? {
        "stringData" | "StringData" => true,
        "data" | "Data" => scan.of_secret,
        it if it == "secrets" || it.ends_with("Secrets") => return handed(scan, sign),
        _ => return None,
    };
    let mut from = unblank(bytes, sign.after);
    let rest = scan.text.get(from..)?;
    let close = if let Some(typed) = rest.strip_prefix("map[") {
        // `map[string][]uint8{…}` is typed, `map[a:b]` is not.
        let head = typed.get(..typed.floor_char_boundary(24)).unwrap_or(typed);
        let brace = head.find('{').filter(|_| head.starts_with("string]"));
        from += 4 + brace.map_or(0, |it| it + 1);
        if brace.is_some() { b'}' } else { b']' }
    } else if rest.starts_with('{') {
        from += 1;
        b'}'
    } else {
        return None;
    };
    if !all && !first_is_coded(scan.text, from) {
        return None;
    }
    let end = balanced(bytes, from, close);
    let shown = scan.text.get(from..end)?.trim();
    let from = from + scan.text.get(from..end)?.find(|it: char| !it.is_whitespace())?;
    (!is_placeholder(shown)).then_some(from..from + shown.len())
}

/// `secrets:map[…]`, `"secrets":{"…":"…"}`, `secrets:<key:"…" value:"…">`: what a driver is handed. Names of Secrets are lists.
fn handed(scan: &Scan<'_>, sign: &Sign) -> Option<Range<usize>> {
    let text = scan.text;
    let bytes = text.as_bytes();
    let mut from = unblank(bytes, sign.after);
    // A map that was quoted once more.
    if let Some((_, _, begin)) = quotation(bytes, from) {
        from = begin;
    }
    let rest = text.get(from..)?;
    let (opens, close) = ["map[string]string{", "map[string][]uint8{", "map[string][]byte{"]
        .iter()
        .find(|it| rest.starts_with(**it))
        .map(|it| (it.len(), b'}'))
        .or_else(|| rest.starts_with("map[").then_some((4, b']')))
        .or_else(|| rest.starts_with('{').then_some((1, b'}')))
        .or_else(|| rest.starts_with("<key:").then_some((1, b'>')))?;
    from += opens;
    // Of a map only texts are secrets; what has names of its own tells them.
    let first = unblank(bytes, from);
    if close == b'}' {
        let name = if let Some((mark, slashes, begin)) = quotation(bytes, first) {
            let end = quoted(near(bytes, begin), mark, slashes, begin);
            text.get(begin..end).filter(|it| *it != "name")?;
            end + slashes + 1
        } else {
            text.get(first..)?.starts_with("key:").then_some(first + 3)?
        };
        let value = unblank(bytes, name);
        let value = (bytes.get(value) == Some(&b':')).then(|| unblank(bytes, value + 1))?;
        quotation(bytes, value)?;
    }
    let end = balanced(bytes, from, close);
    let shown = text.get(from..end)?.trim();
    (!is_placeholder(shown)).then_some(first..first + text.get(first..end)?.trim_end().len())
}

/// The bytes as far as a name goes.
fn near(bytes: &[u8], from: usize) -> &[u8] {
    bytes.get(..(from + 128).min(bytes.len())).unwrap_or_default()
}

/// Whether the first value of a map is a text in base64, as the contents of a Secret are.
fn first_is_coded(text: &str, from: usize) -> bool {
    let bytes = text.as_bytes();
    let begin = unblank(bytes, from);
    let begin = quotation(bytes, begin).map_or(begin, |it| it.2);
    let near = text
        .get(begin..text.floor_char_boundary((begin + 256).min(text.len())))
        .unwrap_or_default();
    let Some(colon) = near.find(':') else { return false };
    let at = unblank(bytes, begin + colon + 1);
    let at = quotation(bytes, at).map_or(at, |it| it.2);
    let length = bytes
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take_while(|it| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/' | b'='))
        .count();
    let ends = bytes
        .get(at + length)
        .is_none_or(|it| matches!(it, b'"' | b'\'' | b'\\' | b',' | b' ' | b'}' | b']' | b'\n'));
    ends && text.get(at..at + length).is_some_and(shapes::is_coded)
}

/// Where what a bracket opened is closed again; texts in quotes may hold brackets.
fn balanced(bytes: &[u8], from: usize, close: u8) -> usize {
    let open = match close {
        b'}' => b'{',
        b'>' => b'<',
        _ => b'[',
    };
    let mut depth = 0_usize;
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        if let Some((mark, slashes, begin)) = quotation(bytes, at).filter(|it| it.0 == b'"') {
            let end = quoted(bytes, mark, slashes, begin);
            at = end + slashes + 1;
            continue;
        }
        if *byte == open {
            depth += 1;
        } else if *byte == close {
            if depth == 0 {
                return at;
            }
            depth -= 1;
        }
        at += 1;
    }
    bytes.len()
}
