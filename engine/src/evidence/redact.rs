//! Takes secrets out of what came back, before it becomes evidence or is written anywhere.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::text::secret::keys::{Tells, tells};
use crate::text::secret::lines::Lines;
use crate::text::secret::{
    REDACTED, holds_secret, is_coded, is_no_name, is_typed, redact, redact_line,
};

/// Bytes of a line that are held to look for secrets; a longer one is cut where no secret can stand.
const LINE_BYTES: usize = 256 * 1024;
/// Lists of names with values, of which the values may be secrets: variables of containers, headers of probes.
const NAMED: &[&str] = &["env", "environment", "Environment", "httpHeaders"];
/// Where kubectl keeps what was applied: everything that an object holds, once more, as text.
const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Takes secrets out of data: values under telling names, values of environment variables, the contents of a
/// Secret, and whatever has a secret's shape.
pub fn redact_tree(tree: &mut Json) {
    walk(tree);
}

fn walk(tree: &mut Json) {
    match tree {
        Json::String(text) => {
            if let Cow::Owned(redacted) = redact(text) {
                *text = redacted;
            }
        }
        Json::Array(items) => arguments(items),
        Json::Object(object) => {
            let kind = object.get("kind").and_then(Json::as_str);
            // What lost its kind on the way here is known by what it holds.
            let cut = kind.is_none()
                && object.get("data").and_then(Json::as_object).is_some_and(is_contents);
            if cut || kind.is_some_and(|it| it.eq_ignore_ascii_case("Secret")) {
                object.get_mut("data").into_iter().for_each(hide_all);
            }
            object.get_mut("stringData").into_iter().for_each(hide_all);
            // The body of a Key Vault secret: `{"value": …, "id": "https://…/secrets/…"}`.
            let of_vault = ["id", "kid"].iter().any(|key| {
                object.get(*key).and_then(Json::as_str).is_some_and(|it| it.contains("/secrets/"))
            });
            if let Some(value) = object.get_mut("value").filter(|it| of_vault && it.is_string()) {
                hide(value);
            }
            entry(object);
            for (key, value) in object.iter_mut() {
                if value.is_string() && key == APPLIED {
                    hide(value);
                } else if !hide_telling(key, value) {
                    if NAMED.contains(&key.as_str()) {
                        named(value);
                    } else if key == "secrets" || key.ends_with("Secrets") {
                        handed(value);
                    } else if key == "secretGenerator" {
                        generated(value);
                    }
                    walk(value);
                }
            }
            // Names are somebody's words, too.
            let names: Vec<String> =
                object.keys().filter(|it| redact(it) != it.as_str()).cloned().collect();
            for name in names {
                if let Some(value) = object.remove(&name) {
                    object.insert(redact(&name).into_owned(), value);
                }
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// Hides the value of a key that tells of secrets: a text, or a list of texts. What else stands there has keys of its own.
fn hide_telling(key: &str, value: &mut Json) -> bool {
    // A sentence that was read as a key and its value is a sentence still.
    if key.contains(' ')
        && let Json::String(text) = value
        && !text.is_empty()
        && !redact(&format!("{key}: {text}")).ends_with(text.as_str())
    {
        hide(value);
        return true;
    }
    let Some(tells) = tells(key) else { return false };
    let secret = |text: &str| match tells {
        Tells::Always | Tells::Talk | Tells::Header | Tells::Cookie => !text.is_empty(),
        Tells::Named => is_no_name(text),
        Tells::Looks | Tells::Form => holds_secret(text),
        Tells::Query => false,
    };
    match value {
        Json::String(text) if secret(text) => hide(value),
        Json::Array(items) if tells == Tells::Always && items.iter().all(Json::is_string) => {
            items.iter_mut().for_each(hide);
        }
        _ => return false,
    }
    true
}

/// Hides the value of an entry that has its key beside it (`{"name": "token", "val": "…"}`), and the private numbers of a key.
fn entry(object: &mut serde_json::Map<String, Json>) {
    let named = ["name", "key", "Name", "Key"].iter().any(|it| {
        let name = object.get(*it).and_then(Json::as_str);
        matches!(name.and_then(tells), Some(Tells::Always | Tells::Talk))
    });
    let hidden: &[&str] = if named {
        &["val", "Val", "data"]
    } else if object.contains_key("kty") {
        &["d", "k", "p", "q", "dp", "dq", "qi"]
    } else {
        return;
    };
    for key in hidden {
        object.get_mut(*key).filter(|it| it.is_string()).into_iter().for_each(hide);
    }
}

/// What a driver is handed: a map of texts, or one that was printed. Names of Secrets are lists, and stay.
fn handed(secrets: &mut Json) {
    match secrets {
        Json::String(text) if text.starts_with(['{', '<']) || text.starts_with("map[") => {
            hide(secrets);
        }
        Json::Object(map) if !map.contains_key("name") && map.values().all(Json::is_string) => {
            hide_all(secrets);
        }
        _ => {}
    }
}

/// What kustomize makes a Secret of: `literals: [name=…]`.
fn generated(secrets: &mut Json) {
    for secret in secrets.as_array_mut().into_iter().flatten() {
        let literals = secret.get_mut("literals").and_then(Json::as_array_mut);
        for literal in literals.into_iter().flatten() {
            let name = literal.as_str().and_then(|it| it.split_once('='));
            if let Some((name, _)) = name {
                *literal = format!("{name}={REDACTED}").into();
            }
        }
    }
}

/// Whether an object holds what a Secret does: texts in base64 and nothing else.
fn is_contents(object: &serde_json::Map<String, Json>) -> bool {
    !object.is_empty() && object.values().all(|it| it.as_str().is_some_and(is_coded))
}

/// Hides every text of a map.
fn hide_all(map: &mut Json) {
    map.as_object_mut().into_iter().flat_map(|it| it.values_mut()).for_each(hide);
}

/// A list; where it is a command, what follows an option may be its secret.
fn arguments(items: &mut [Json]) {
    let mut secret = false;
    for item in items {
        let option = item.as_str().and_then(|it| it.strip_prefix("--"));
        let telling = |it: &str| matches!(tells(it), Some(Tells::Always | Tells::Talk));
        let next = option.is_some_and(|it| !it.contains(['=', ' ']) && telling(it));
        if secret && item.is_string() && option.is_none() {
            hide(item);
        }
        secret = next;
        walk(item);
    }
}

/// Names with values, in a list or a map: the names stay, and what a map says of numbers and addresses.
fn named(entries: &mut Json) {
    for value in entries.as_object_mut().into_iter().flat_map(|it| it.values_mut()) {
        if value.as_str().is_some_and(|it| !is_typed(it)) {
            hide(value);
        }
    }
    for entry in entries.as_array_mut().into_iter().flatten() {
        if let Some(value) = entry.get_mut("value") {
            hide(value);
        }
    }
}

fn hide(value: &mut Json) {
    *value = REDACTED.into();
}

/// Takes secrets out of a text as it streams by: any chunking of its bytes gives the same.
#[derive(Debug, Default)]
pub struct Redactor {
    line: Vec<u8>,
    lines: Lines,
}

impl Redactor {
    /// Takes the next bytes, and hands over what can be told to be free of secrets.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(&[u8])) {
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = rest.split_at(end);
            self.keep(line, sink);
            self.end_line(sink);
            sink(b"\n");
            rest = after.get(1..).unwrap_or_default();
        }
        self.keep(rest, sink);
    }

    /// Ends the text.
    pub fn finish(mut self, sink: &mut dyn FnMut(&[u8])) {
        if !self.line.is_empty() {
            self.end_line(sink);
        }
    }

    fn keep(&mut self, bytes: &[u8], sink: &mut dyn FnMut(&[u8])) {
        for part in bytes.chunks(LINE_BYTES) {
            self.line.extend_from_slice(part);
            if self.line.len() < 2 * LINE_BYTES {
                continue;
            }
            // Only white space cannot be part of a token; of a line without any nothing is shown.
            let at = self.line.iter().rposition(u8::is_ascii_whitespace);
            match at.filter(|at| *at > 0) {
                Some(at) => {
                    let rest = self.line.split_off(at);
                    self.end_line(sink);
                    self.line = rest;
                }
                None => {
                    self.line.clear();
                    sink(REDACTED.as_bytes());
                }
            }
        }
    }

    fn end_line(&mut self, sink: &mut dyn FnMut(&[u8])) {
        let bytes = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&bytes);
        match redact_line(&mut self.lines, &text) {
            // What is not text is shown as it is only where nothing in it looks like a secret.
            Cow::Borrowed(same) if same == text => sink(&bytes),
            redacted => sink(redacted.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn redacted(chunks: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut redactor = Redactor::default();
        for chunk in chunks {
            redactor.push(chunk, &mut |it| out.extend_from_slice(it));
        }
        redactor.finish(&mut |it| out.extend_from_slice(it));
        out
    }

    #[test]
    fn data_loses_its_secrets_and_keeps_the_rest() {
        let mut tree = json!({
            "kind": "Pod",
            "spec": {"containers": [{"env": [{"name": "PASSWORD", "value": "hunter2"}, {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}}}]}]},
            "metadata": {"annotations": {"x": "Bearer eyJhbGciOi.eyJhdWQiOi.c2lnbmF0"}},
            "clientSecret": "hunter2",
            "parameters": {"secretProviderClass": "kv-web", "clientID": "1"},
        });
        redact_tree(&mut tree);
        let text = tree.to_string();
        assert!(!text.contains("hunter2") && !text.contains("c2lnbmF0"), "{text}");
        assert!(
            text.contains("kv-web") && text.contains("PASSWORD") && text.contains("\"s\""),
            "{text}"
        );
        let mut tree = json!({
            "metadata": {"annotations": {
                APPLIED: "{\"env\":[{\"value\":\"hunter2\"}]}",
                "vault.example/token": "hunter2", "web/client-secret": "hunter2", "x/tokens": "kept",
            }},
            "spec": {"args": ["--password", "hunter2", "--client-secret=hunter2", "--token", "hunter2", "--verbose", "kept"],
                "probe": {"httpHeaders": [{"name": "Authorization", "value": "Basic hunter2"}, {"name": "X", "value": "hunter2"}]}},
            "data": {"DB_PASSWORD": "hunter2", "a.b": "kept"},
            "inner": {"kind": "Secret", "data": {"a": "hunter2"}},
        });
        redact_tree(&mut tree);
        let text = tree.to_string();
        assert!(!text.contains("hunter2"), "{text}");
        assert_eq!(text.matches("kept").count(), 3, "{text}");
        let mut body =
            json!([{"value": "hunter2", "id": "https://kv-web.vault.azure.net/secrets/a/1"}]);
        redact_tree(&mut body);
        assert_eq!(body[0]["value"], REDACTED);
        let mut secret = json!({"kind": "Secret", "data": {"a": "aHVudGVyMg=="}, "type": "Opaque"});
        redact_tree(&mut secret);
        assert_eq!(secret, json!({"kind": "Secret", "data": {"a": REDACTED}, "type": "Opaque"}));
    }

    #[test]
    fn a_secret_may_span_lines() {
        let text = b"a\n-----BEGIN RSA PRIVATE KEY-----\nhunter2\nhunter2\n-----END RSA PRIVATE KEY-----\nb\nin secrets(map[x:1\nclientsecret:a])hunter2])\nI1123 18:32:22.978325       1 main.go:7] c\n";
        let shown = String::from_utf8(redacted(&[text])).unwrap();
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(
            shown.starts_with("a\n") && shown.ends_with("] c\n") && shown.contains("\nb\n"),
            "{shown}"
        );
    }

    #[test]
    fn a_line_without_end_is_bounded_and_shows_nothing() {
        let long = vec![b'x'; 3 * LINE_BYTES];
        assert!(redacted(&[&long]).len() < long.len());
    }

    /// Lines with secrets as people and programs leave them.
    const LINES: &[&str] = &[
        "token eyJhbGciOiJS.eyJhdWQiOiJo.hunter2 end",
        "Authorization: Bearer hunter2",
        r#"err="{\"access_token\":\"hunter2\"}""#,
        "https://web.blob.core.windows.net/a?sv=1&sig=hunter2%3D&se=2",
        "AccountName=web;AccountKey=hunter2/hunter3==;EndpointSuffix=x",
        "-----BEGIN PRIVATE KEY-----\nMIIEhunter2\nhunter3=\n-----END PRIVATE KEY-----",
        "in secrets(map[clientid:x clientsecret:hunter2])\nI1123 18:32:22.978325       1 main.go:7] on",
        r#"{"apiVersion":"v1","data":{"a":"hunter2"},"kind":"Secret"}"#,
        "--token=hunter2",
    ];

    proptest! {
        #[test]
        fn no_chunk_border_shows_a_secret(lines in prop::collection::vec(0..LINES.len(), 1..6), size in 1_usize..64) {
            let text = lines.iter().map(|it| LINES[*it]).collect::<Vec<_>>().join("\n");
            let chunks: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
            let shown = redacted(&chunks);
            prop_assert_eq!(&shown, &redacted(&[text.as_bytes()]));
            let shown = String::from_utf8(shown).unwrap();
            prop_assert!(!shown.contains("hunter"), "{}", shown);
        }
        #[test]
        fn chunks_do_not_matter(cut in 0_usize..80, more in "[a-z \n]{0,20}") {
            let text = format!("{more}POST client_secret=hunter2&x {more}\n token eyJhbGciOiJS.eyJhdWQiOiJo.c2lnbmF0 end{more}");
            let cut = text.floor_char_boundary(cut.min(text.len()));
            let (head, tail) = text.split_at(cut);
            let whole = redacted(&[text.as_bytes()]);
            prop_assert_eq!(&redacted(&[head.as_bytes(), tail.as_bytes()]), &whole);
            prop_assert!(!String::from_utf8(whole).unwrap().contains("hunter2"));
        }
    }
}
