//! Takes secrets out of what came back, before it becomes evidence or is written anywhere.

use serde_json::Value as Json;

use crate::text::secret::{REDACTED, redact};

/// Bytes of a line that are held to look for secrets; a longer one is cut where no secret can stand.
const LINE_BYTES: usize = 256 * 1024;
/// Lines that a secret which spans lines may have.
const SPAN_LINES: usize = 200;
/// Keys whose values are secrets, without case, `-` and `_`.
const KEYS: &[&str] = &[
    "accesstoken",
    "accountkey",
    "apikey",
    "authorization",
    "clientassertion",
    "clientkeydata",
    "clientsecret",
    "connectionstring",
    "idtoken",
    "passwd",
    "password",
    "privatekey",
    "refreshtoken",
    "sharedaccesskey",
    "token",
    "tokendata",
];

/// Takes secrets out of data: values under telling names, values of environment variables, the contents of a
/// Secret, and whatever has a secret's shape.
pub fn redact_tree(tree: &mut Json) {
    if tree["kind"] == "Secret" {
        for part in ["data", "stringData"] {
            let values = tree.get_mut(part).and_then(Json::as_object_mut);
            values.into_iter().flat_map(|it| it.values_mut()).for_each(hide);
        }
    }
    walk(tree);
}

fn walk(tree: &mut Json) {
    match tree {
        Json::String(text) => {
            if let std::borrow::Cow::Owned(redacted) = redact(text) {
                *text = redacted;
            }
        }
        Json::Array(items) => items.iter_mut().for_each(walk),
        Json::Object(object) => {
            for (key, value) in object.iter_mut() {
                let plain: String =
                    key.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
                if value.is_string() && KEYS.contains(&plain.to_ascii_lowercase().as_str()) {
                    hide(value);
                } else if key == "env" {
                    environment(value);
                    walk(value);
                } else {
                    walk(value);
                }
            }
            // Names are somebody's words, too.
            let named: Vec<String> =
                object.keys().filter(|it| redact(it) != it.as_str()).cloned().collect();
            for name in named {
                if let Some(value) = object.remove(&name) {
                    object.insert(redact(&name).into_owned(), value);
                }
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// The variables of a container: their names stay.
fn environment(variables: &mut Json) {
    for variable in variables.as_array_mut().into_iter().flatten() {
        if let Some(value) = variable.get_mut("value") {
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
    /// Within a secret that spans lines: what ends it, and how many lines it had.
    within: Option<(&'static str, usize)>,
}

/// What begins a secret that may span lines, and what ends it.
const SPANS: &[(&str, &str)] =
    &[("PRIVATE KEY-----", "-----END"), ("in secrets(map[", "])"), ("secrets(map[", "])")];

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
        if let Some((ends, lines)) = self.within.take() {
            let text = String::from_utf8_lossy(&bytes);
            match text.find(ends) {
                Some(at) => {
                    let rest = text.get(at + ends.len()..).unwrap_or_default();
                    sink(redact(rest).as_bytes());
                }
                None if lines < SPAN_LINES => self.within = Some((ends, lines + 1)),
                None => {}
            }
            return;
        }
        let Ok(text) = std::str::from_utf8(&bytes) else {
            // What is not text is shown as it is only where nothing in it looks like a secret.
            let text = String::from_utf8_lossy(&bytes);
            match redact(&text) {
                std::borrow::Cow::Borrowed(_) => sink(&bytes),
                std::borrow::Cow::Owned(redacted) => sink(redacted.as_bytes()),
            }
            return;
        };
        for (begins, ends) in SPANS {
            if let Some((_, after)) = text.rsplit_once(begins)
                && !after.contains(ends)
                && !text.contains("-----END")
            {
                self.within = Some((ends, 1));
                break;
            }
        }
        sink(redact(text).as_bytes());
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
        let mut secret = json!({"kind": "Secret", "data": {"a": "aHVudGVyMg=="}, "type": "Opaque"});
        redact_tree(&mut secret);
        assert_eq!(secret, json!({"kind": "Secret", "data": {"a": REDACTED}, "type": "Opaque"}));
    }

    #[test]
    fn a_secret_may_span_lines() {
        let text = b"a\n-----BEGIN RSA PRIVATE KEY-----\nhunter2\nhunter2\n-----END RSA PRIVATE KEY-----\nb\nin secrets(map[x:1\nclientsecret:hunter2])\nc\n";
        let shown = String::from_utf8(redacted(&[text])).unwrap();
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(
            shown.starts_with("a\n") && shown.ends_with("\nc\n") && shown.contains("\nb\n"),
            "{shown}"
        );
    }

    #[test]
    fn a_line_without_end_is_bounded_and_shows_nothing() {
        let long = vec![b'x'; 3 * LINE_BYTES];
        assert!(redacted(&[&long]).len() < long.len());
    }

    proptest! {
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
