//! What must never be shown: tokens, passwords, credentials. Applied before text becomes evidence.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// What stands in a secret's place.
pub const REDACTED: &str = "[redacted]";

/// Shapes of secrets. The part in the group `keep` stays, so that a reader sees what was there.
#[expect(clippy::unwrap_used, reason = "the patterns are written here and compiled by a test")]
static SHAPES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // Provider versions up to v1.6.1 print the whole Secret.
        r"(?s)(?P<keep>in secrets\(map\[).*?\](?:\)|$)",
        r"eyJ[\w-]{4,}\.[\w-]{4,}(?:\.[\w-]*)?",
        r"(?i)(?P<keep>(?:client_secret|client_assertion|refresh_token|access_token|password|passwd|sig|AccountKey|SharedAccessKey|clientsecret)(?:=|%3D))[^&\s'\x22;,\]]+",
        r"(?i)(?P<keep>\x22(?:client_secret|client_assertion|refresh_token|access_token|id_token|password|passwd|clientsecret)\\*\x22\s*:\s*\\*\x22)[^\x22\\]+",
        r"(?i)(?P<keep>authorization\\*\x22?\s*[:=]\s*\[?\\*\x22?(?:bearer|basic|pop)\s+)[^\s\x22\\,\]]+",
        r"(?s)(?P<keep>-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
    ]
    .iter()
    .map(|it| Regex::new(it).unwrap())
    .collect()
});

/// The text with every secret replaced.
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for shape in SHAPES.iter() {
        if shape.is_match(&text) {
            let replaced = shape
                .replace_all(&text, |found: &regex::Captures<'_>| {
                    format!("{}{REDACTED}", found.name("keep").map_or("", |it| it.as_str()))
                })
                .into_owned();
            text = Cow::Owned(replaced);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_and_what_was_there_stays_visible() {
        for (text, secret) in [
            ("could not find clientid in secrets(map[a:b clientsecret:hunter2])", "hunter2"),
            ("token eyJhbGciOiJSUzI1.eyJhdWQiOiJodHRw.c2lnbmF0dXJl end", "c2lnbmF0dXJl"),
            ("POST client_id=a&client_secret=hunter2&x=1", "hunter2"),
            ("Authorization: Bearer hunter2", "hunter2"),
            (r#"{"access_token":"hunter2","x":1}"#, "hunter2"),
            (r#"err="{\"access_token\":\"hunter2\"}""#, "hunter2"),
            ("-----BEGIN RSA PRIVATE KEY-----\nhunter2", "hunter2"),
        ] {
            let shown = redact(text);
            assert!(!shown.contains(secret), "{shown}");
            assert!(shown.contains(REDACTED), "{shown}");
        }
        assert!(redact("client_id=abc&x=1").contains("abc"));
        assert!(redact("clientID: 1234, useVMManagedIdentity: true").contains("1234"));
    }
}
