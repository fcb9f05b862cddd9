//! Names and values that do not stand beside each other as elsewhere: variables, entries with a key each, elements of XML.

use std::ops::Range;

use super::Scan;
use super::keys::{Tells, tells};
use super::pairs::{Name, Sign};
use super::value::{is_placeholder, is_typed, value};

/// Bytes of a value that tell whether it is a secret.
const NEAR: usize = 256;
/// Bytes of an element's name and attributes.
const ELEMENT: usize = 160;

/// `<password>value</password>`, `<password hint="x">value<`, `<property name="password">value<`, `<key>password</key><string>value<`.
pub(super) fn tag(text: &str, sign: &Sign) -> Option<Range<usize>> {
    let before = text.get(..sign.after - 1)?;
    let head = before.get(before.floor_char_boundary(before.len().saturating_sub(ELEMENT))..)?;
    let open = head.rfind('<')?;
    let inner = head.get(open + 1..)?;
    if inner.contains('>') {
        return None;
    }
    let of = |it: &str| {
        tells(it.trim()).filter(|it| matches!(it, Tells::Always | Tells::Talk | Tells::Header))
    };
    let mut from = sign.after;
    let tells = if inner.starts_with('/') {
        // What the next element holds belongs to what the last one says.
        let told = of(head.get(..open)?.rsplit('>').next()?)?;
        let rest = text.get(from..)?;
        let next = rest.trim_start();
        let length = next.get(..next.floor_char_boundary(64))?.find('>')?;
        next.strip_prefix('<').filter(|it| !it.starts_with('/'))?;
        from += rest.len() - next.len() + length + 1;
        told
    } else {
        let element = inner.split([' ', '\t', '\n']).next()?;
        let attribute = ["name=", "key=", "id="].iter().find_map(|it| {
            let value = inner.split_once(*it)?.1;
            of(value.trim_start_matches('\\').get(1..)?.split(['"', '\'', '\\']).next()?)
        });
        of(element.rsplit(':').next()?).or(attribute)?
    };
    let rest = text.get(from..)?;
    let inner = rest.trim_start();
    let (inner, end) = inner.strip_prefix("<![CDATA[").map_or((inner, "<"), |inner| (inner, "]]>"));
    let from = from + rest.len() - inner.len();
    let length = memchr::memmem::find(inner.as_bytes(), end.as_bytes()).unwrap_or(inner.len());
    let shown = inner.get(..length)?.trim_end();
    let hide = !is_placeholder(shown) && (tells != Tells::Talk || !is_typed(shown));
    (hide && length > 0).then_some(from..from + shown.len())
}

/// What a secret is changed to: `password = "…" -> "…"`.
pub(super) fn changed(scan: &Scan<'_>, end: usize) -> Option<Range<usize>> {
    let rest = scan.text.get(end..)?;
    let near = rest.get(..rest.floor_char_boundary(64))?;
    let arrow = near.trim_start_matches(['"', '\'', '\\', ')', ' ']);
    let arrow = near.len() - arrow.strip_prefix("->").or_else(|| arrow.strip_prefix("=>"))?.len();
    let found = value(scan, end + arrow, false)?.span;
    (!is_placeholder(scan.text.get(found.clone())?)).then_some(found)
}

/// A variable of an environment: alone on its line, or behind the option that sets one.
pub(super) fn variable(
    scan: &Scan<'_>,
    sign: &Sign,
    name: &Name<'_>,
    before: &str,
) -> Option<Range<usize>> {
    let upper = name.text.len() > 1
        && name.text.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_');
    if !(upper && sign.equals && !sign.percent) {
        return None;
    }
    let open = before.trim_end_matches(['"', '\'', '\\']);
    // One of a list of texts, as a container has them: `"Env": ["A=…", "B=…"]`.
    let listed = open.len() < before.len() && open.trim_end().ends_with(['[', ',']);
    let sets =
        ["-e ", "--env ", "--env=", "-e", "--build-arg ", "--build-arg=", "export ", "declare -x "];
    if !listed && !sets.iter().any(|it| open.ends_with(it)) {
        return None;
    }
    let found = value(scan, sign.after, false)?.span;
    (!is_typed(scan.text.get(found.clone())?)).then_some(found)
}

/// `"value": "…"` of a variable or of a Key Vault secret, `EnvVar{Name:A,Value:…,}` as Go prints it.
pub(super) fn own_value(
    scan: &Scan<'_>,
    sign: &Sign,
    name: &Name<'_>,
    before: &str,
) -> Option<Range<usize>> {
    let text = scan.text;
    match (name.text, name.quote) {
        ("value" | "Value", Some(_)) if !sign.equals => {
            let found = value(scan, sign.after, false)?;
            let quotes =
                matches!(text.as_bytes().get(found.span.start.checked_sub(1)?), Some(b'"' | b'\''));
            (quotes && !is_placeholder(text.get(found.span.clone())?)).then_some(found.span)
        }
        // `{"name": "token", "val": "…"}`.
        ("val" | "Val" | "data", Some(_)) if !sign.equals => {
            let head = before.get(before.floor_char_boundary(before.len().saturating_sub(96))..)?;
            let mut parts = head.rsplit('"').skip(1);
            let between = parts.next()?;
            tells(parts.next()?).filter(|it| matches!(it, Tells::Always | Tells::Talk))?;
            if !between.trim().chars().all(|it| it == ',') {
                return None;
            }
            let found = value(scan, sign.after, false)?;
            (found.enclosed && !is_placeholder(text.get(found.span.clone())?)).then_some(found.span)
        }
        // The private numbers of a key in JSON.
        ("d" | "k" | "p" | "q" | "dp" | "dq" | "qi", Some(_)) if scan.of_key && !sign.equals => {
            let found = value(scan, sign.after, false)?;
            (found.enclosed && !is_placeholder(text.get(found.span.clone())?)).then_some(found.span)
        }
        // `{name: DB, value: …}`; a message of the API server says `name: Invalid value: …`.
        ("value", None) if !sign.equals => {
            let head = before.get(before.floor_char_boundary(before.len().saturating_sub(96))..)?;
            let (outer, named) = head.rsplit('\n').next()?.rsplit_once("name: ")?;
            let named = named.trim_end().trim_end_matches(',');
            let alone = outer.is_empty() || outer.ends_with([' ', '{', ',', '\t', '-']);
            let said = ["Invalid", "Unsupported", "Duplicate", "Required"].contains(&named);
            if !alone || named.is_empty() || named.contains([' ', ',']) || said {
                return None;
            }
            let found = value(scan, sign.after, false)?.span;
            (!is_typed(text.get(found.clone())?)).then_some(found)
        }
        // A secret of Key Vault, as Go prints it: `{Value:… ID:https://kv/secrets/…}`.
        ("Value", None) if !sign.equals && (before.ends_with('{') || before.is_empty()) => {
            let rest = text.get(sign.after..)?;
            let near = rest.get(..rest.floor_char_boundary(NEAR))?;
            let of_vault = before.ends_with("Secret{") || near.contains("/secrets/");
            let found = value(scan, sign.after, false)?.span;
            (of_vault && !is_placeholder(text.get(found.clone())?)).then_some(found)
        }
        // `<add key="ClientSecret" value="…"/>`.
        ("value", None) if sign.equals => {
            let head = before.get(before.floor_char_boundary(before.len().saturating_sub(96))..)?;
            let named = head.rsplit(['"', '\'']).nth(1)?;
            tells(named).filter(|it| matches!(it, Tells::Always | Tells::Talk))?;
            Some(value(scan, sign.after, false)?.span)
        }
        ("Value", None) if before.ends_with(',') && !sign.equals => {
            let rest = text.get(sign.after..)?;
            let near = rest.get(..rest.floor_char_boundary(NEAR))?;
            if is_placeholder(near.split([',', '}']).next()?) {
                return None;
            }
            let line = rest.get(..memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len()))?;
            let length = [",ValueFrom:", ",}", "}"]
                .iter()
                .find_map(|it| line.find(it))
                .unwrap_or(line.len());
            Some(sign.after..sign.after + length)
        }
        _ => None,
    }
}
