//! What must never be shown: tokens, passwords, credentials. Applied before text becomes evidence.
//!
//! By what its lines tell together (`lines`), by names and their values (`pairs`, `options`; `keys` is the one table of
//! names), by what looks like a secret (`shapes`). Each goes over the text once, and looks ahead a bounded way, or as far as it takes
//! away.

use std::borrow::Cow;
use std::ops::Range;

mod entries;
mod guess;
pub(crate) mod keys;
mod line;
pub(crate) mod lines;
mod logins;
mod maps;
mod options;
mod pairs;
mod pem;
mod shapes;
mod table;
mod value;
mod view;
mod words;

use lines::Lines;
use view::View;

pub(crate) use guess::is_no_name;
pub(crate) use shapes::is_coded;
pub(crate) use value::is_typed;

/// What stands in a secret's place.
pub const REDACTED: &str = "[redacted]";

/// Bytes of a text that is also looked at without what an editor put into it: more than a record has.
const VIEWED: usize = 1024 * 1024;

/// Times a text is looked at again.
const AGAIN: usize = 4;

/// A text that is looked through.
#[derive(Clone, Copy)]
struct Scan<'a> {
    text: &'a str,
    /// Where lines were joined.
    joins: &'a [usize],
    /// Lines were joined: where one ends is not known.
    joined: bool,
    /// It speaks of a Secret.
    of_secret: bool,
    /// It holds a key as JSON writes one.
    of_key: bool,
}

impl Scan<'_> {
    /// The text up to a place.
    fn near(&self, to: usize) -> Self {
        Self {
            text: self.text.get(..self.text.floor_char_boundary(to)).unwrap_or(self.text),
            ..*self
        }
    }

    fn is_join(&self, at: usize) -> bool {
        self.joined && self.joins.binary_search(&at).is_ok()
    }
}

/// The text with every secret replaced; what it gives, it gives again unchanged.
pub fn redact(text: &str) -> Cow<'_, str> {
    settled(text, |text| {
        let mut hidden = Vec::new();
        by_lines(text, &mut hidden);
        hidden
    })
}

/// Adds what must go by what the lines of a whole text tell together.
fn by_lines(text: &str, hidden: &mut Vec<Range<usize>>) {
    let mut lines = Lines::of(is_of_secret(text));
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        lines.line(line.trim_end_matches('\n'), at, hidden);
        at += line.len();
    }
}

/// Whether a value that is known to be one looks like a secret.
pub(crate) fn holds_secret(value: &str) -> bool {
    value::looks(value) || shapes::is_readable(value.as_bytes())
}

/// One line of a text that streams by. What the lines before it have begun is known; what follows is not.
pub(crate) fn redact_line<'a>(lines: &mut Lines, line: &'a str) -> Cow<'a, str> {
    let mut hidden = Vec::new();
    lines.line(line, 0, &mut hidden);
    if View::of(line).is_some_and(|it| shapes::prints(&it.text)) {
        lines.print();
    }
    let mut hidden = Some(hidden);
    settled(line, |_| hidden.take().unwrap_or_default())
}

/// Looks again until there is nothing more: where a secret was, what stood around it may look like the rest of one. A text that does
/// not come to rest was made to be hard to read, and nothing of it is shown.
fn settled(text: &str, mut by_lines: impl FnMut(&str) -> Vec<Range<usize>>) -> Cow<'_, str> {
    let mut shown = Cow::Borrowed(text);
    for _ in 0..AGAIN {
        let mut hidden = by_lines(&shown);
        inline(&shown, &mut hidden);
        let Some(less) = without(&shown, hidden) else { return shown };
        shown = Cow::Owned(less);
    }
    let mut hidden = by_lines(&shown);
    inline(&shown, &mut hidden);
    if without(&shown, hidden).is_none() { shown } else { Cow::Borrowed(REDACTED) }
}

/// Adds what must go wherever lines end.
fn inline(text: &str, hidden: &mut Vec<Range<usize>>) {
    let of_secret = is_of_secret(text);
    let of_key = text.contains("\"kty\"");
    find(&Scan { text, joins: &[], joined: false, of_secret, of_key }, hidden);
    if text.len() > VIEWED {
        return;
    }
    joined(text, of_secret, hidden);
    if let Some(view) = View::unquoted(text) {
        let mut found = Vec::new();
        by_lines(&view.text, &mut found);
        let of_key = view.text.contains("\"kty\"");
        let scan = Scan { text: &view.text, joins: &[], joined: false, of_secret, of_key };
        find(&scan, &mut found);
        joined(&view.text, of_secret, &mut found);
        hidden.extend(found.into_iter().filter_map(|it| view.original(it.start, it.end)));
    }
}

/// Adds what must go of a text whose lines were wrapped, or in which an editor put something.
fn joined(text: &str, of_secret: bool, hidden: &mut Vec<Range<usize>>) {
    let Some(view) = View::of(text) else { return };
    let mut found = Vec::new();
    let of_key = view.text.contains("\"kty\"");
    let scan = Scan { text: &view.text, joins: &view.joins, joined: true, of_secret, of_key };
    find(&scan, &mut found);
    hidden.extend(found.into_iter().filter_map(|it| view.original(it.start, it.end)));
}

fn find(scan: &Scan<'_>, hidden: &mut Vec<Range<usize>>) {
    pairs::find(scan, hidden);
    options::find(scan, hidden);
    shapes::find(scan, hidden);
    words::find(scan, hidden);
}

/// The text without some of its parts; `None` where nothing is left to take.
fn without(text: &str, mut hidden: Vec<Range<usize>>) -> Option<String> {
    hidden.retain(|it| it.start < it.end && text.get(it.clone()).is_some_and(|it| it != REDACTED));
    hidden.sort_unstable_by_key(|it| (it.start, it.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for part in hidden {
        match merged.last_mut() {
            Some(last)
                if text
                    .get(last.end..part.start.max(last.end))
                    .is_some_and(|it| it.trim().is_empty()) =>
            {
                last.end = last.end.max(part.end);
            }
            _ => merged.push(part),
        }
    }
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    for part in merged {
        let mut from = part.start;
        let mut to = part.end;
        // What was taken before stays one with what goes now.
        if text.get(..from).is_some_and(|it| it.ends_with(REDACTED)) {
            from = (from - REDACTED.len()).max(at);
        }
        if text.get(to..).is_some_and(|it| it.starts_with(REDACTED)) {
            to += REDACTED.len();
        }
        shown.push_str(text.get(at..from)?);
        shown.push_str(REDACTED);
        at = to;
    }
    shown.push_str(text.get(at..)?);
    (shown != text).then_some(shown)
}

/// Whether a text speaks of a Secret: `kind: Secret` in whatever quotes, `Secret{` as Go prints one.
fn is_of_secret(text: &str) -> bool {
    text.match_indices("ecret").any(|(end, word)| {
        let Some(at) = end.checked_sub(1) else { return false };
        let Some(first @ ("S" | "s")) = text.get(at..end) else { return false };
        let after = text.get(end + word.len()..).unwrap_or_default();
        if after.starts_with('{') {
            return first == "S";
        }
        let before = text.get(..at).unwrap_or_default();
        let near = before
            .get(before.ceil_char_boundary(before.len().saturating_sub(24))..)
            .unwrap_or_default();
        let bare = near.trim_end_matches(['"', '\'', '\\', ' ', '\t', ':', '=', '>']);
        bare.len() < near.len()
            && bare
                .get(bare.len().saturating_sub(4)..)
                .is_some_and(|it| it.eq_ignore_ascii_case("kind"))
            && !after.starts_with(|it: char| {
                it.is_alphanumeric() && it != 'L'
                    || first == "s" && matches!(it, '-' | '_' | '/' | '.')
            })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secrets_go_and_what_was_there_stays_visible() {
        for (text, secret) in [
            ("could not find clientid in secrets(map[a:b clientsecret:hunter2])", "hunter2"),
            ("token eyJhbGciOiJSUzI1.eyJhdWQiOiJodHRw.c2lnbmF0dXJl end", "c2lnbmF0dXJl"),
            ("POST client_id=a&client_secret=hunter2&x=1", "hunter2"),
            ("Authorization: Bearer hunter2", "hunter2"),
            ("Cookie: session=hunter2; csrf=hunter3", "hunter"),
            ("headers=map[Set-Cookie:[sid=hunter2; Path=/; HttpOnly] Date:[x]]", "hunter2"),
            (r#"{"Cookie":"sid=hunter2","x":1}"#, "hunter2"),
            (r#"{"access_token":"hunter2","x":1}"#, "hunter2"),
            (r#"err="{\"access_token\":\"hunter2\"}""#, "hunter2"),
            ("-----BEGIN RSA PRIVATE KEY-----\nhunter2", "hunter2"),
            // Cut, wrapped, mended, escaped, or with what looks like the end.
            ("in secrets(map[a:b clientsecret:hunter2...", "hunter2"),
            ("in secrets(map[a:b clientsecret:x])hunter2])", "hunter2"),
            ("in secrets(map[a:b x:x]) more\n hunter2", "hunter2"),
            ("in secr\n> ets(m\n> ap[a:b x:hunter2])", "hunter2"),
            ("in secrets( map [a:b x:hunter2])", "hunter2"),
            ("in secrets(map&#91;a:b x:hunter2&#93;)", "hunter2"),
            (r"in secrets\(map\[a:b x:hunter2\]\)", "hunter2"),
            ("in sec\u{ad}rets(map[a:b x:hunter2])", "hunter2"),
            ("client_secret=hun\nter2", "ter2"),
            ("client_se\ncret=hunter2", "hunter2"),
            ("token eyJhbGciOiJSUzI1\nNiJ9.eyJhdWQiO\n > iJodHRw.c2ln\nbmF0dXJl end", "bmF0dXJl"),
            // Names, values and quotes in every dress.
            ("az ad sp --client-secret hunter2 --tenant t", "hunter2"),
            ("az login --service-principal -u a -p hunter2 --tenant t", "hunter2"),
            ("az login --service-principal -u a --password=hunter2", "hunter2"),
            ("clientsecret: hunter2", "hunter2"),
            ("clientSecret: \"hunt er2\"", "er2"),
            ("      AZURE_CLIENT_SECRET:  hunter2", "hunter2"),
            ("export ARM_CLIENT_SECRET='hunter2'", "hunter2"),
            ("password: |\n  hunter2", "hunter2"),
            (r#"{"password":"a\"hunter2"}"#, "hunter2"),
            (r#"{"value":"hunter2","id":"https://kv-web.vault.azure.net/secrets/a/1"}"#, "hunter2"),
            (
                r#"{\"value\":\"hunter2\",\"id\":\"https://kv-web.vault.azure.net/secrets/a/1\"}"#,
                "hunter2",
            ),
            ("- name: X\n  value: hunter2", "hunter2"),
            (r#"tokens={"api://AzureADTokenExchange":{"token":"hunter2"}}"#, "hunter2"),
            ("AccountName=x;AccountKey=hunter2==;", "hunter2"),
            ("proxy http://me:hunter2@proxy.corp:3128 refused", "hunter2"),
            ("passphrase = hunter2", "hunter2"),
            ("--token=hunter2", "hunter2"),
            (r#""args":["--password","hunter2"]"#, "hunter2"),
            (r#"{"data":{"a":"aA==","b":"hunter2"},"kind":"Secret"}"#, "hunter2"),
            (r#"{"kind":"Secret","stringData":{"a":"x}hunter2"}}"#, "hunter2"),
            ("https://x.blob.core.windows.net/a?sv=1&sig=hunter2%3D&se=1", "hunter2"),
        ] {
            let shown = redact(text);
            assert!(!shown.contains(secret), "{shown}");
            assert!(shown.contains(REDACTED), "{shown}");
            assert_eq!(redact(&shown), shown, "once is enough");
            // As a tool quotes it once more; wrapped text nobody quotes.
            let quoted = serde_json::to_string(text).unwrap();
            assert!(text.contains('\n') || !redact(&quoted).contains(secret), "{quoted}");
        }
    }

    #[test]
    fn what_only_sounds_like_a_secret_stays() {
        for text in [
            "client_id=abc&x=1",
            "clientID: 1234, useVMManagedIdentity: true",
            "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent",
            "must contain the following parameter: 'client_assertion' or 'client_secret'.",
            "failed to acquire token: no answer",
            "GET https://kv-web.vault.azure.net/secrets/db-password/?api-version=2025-07-01",
            "failed to get secret, key: tls.key",
            "objectName: db-password",
            "nodePublishSecretRef:\n  name: creds",
            r#"WWW-Authenticate: Bearer authorization="https://login.microsoftonline.com/x""#,
            "objectName:db-password, config=1",
            "failed to find token eyJhbGci",
            "the option --token must be given",
            r#"{"kind":"ConfigMap","data":{"a":"b"}}"#,
        ] {
            assert_eq!(redact(text), text);
        }
        assert_eq!(redact("POST client_secret=hunter2&x=1"), "POST client_secret=[redacted]&x=1");
        for hard in ["client_secret=0\n\u{a1}\u{feff}\t", "client_secret=a\n\u{a1}\\\n\""] {
            let once = redact(hard).into_owned();
            assert_eq!(redact(&once), once);
        }
        assert_eq!(redact(r#"{"password":"x","y":"z"}"#), r#"{"password":"[redacted]","y":"z"}"#);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_once_is_enough(text in "(?s)[a-z \\\\\n\"&=:;\u{a0}\u{ad}]{0,40}(client_secret=|in secrets\\(map\\[|eyJabcd\\.|\"value\":\")?.{0,40}") {
            let once = redact(&text).into_owned();
            prop_assert_eq!(redact(&once), once.as_str());
        }
    }
}
