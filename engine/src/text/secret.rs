//! What must never be shown: tokens, passwords, credentials. Applied before text becomes evidence.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::Regex;

mod view;

use view::View;

/// What stands in a secret's place.
pub const REDACTED: &str = "[redacted]";

/// What begins a secret that has no end of its own: the rest of the record goes.
pub(crate) const OPEN: &str = r"secrets\s*\(\s*map\s*\[";

/// Bytes of a text that is also looked at without what an editor put into it: more than a record has.
const VIEWED: usize = 1024 * 1024;

/// One of these stands in every text that has a secret.
const MARKS: &[&str] = &[
    "secret",
    "eyj",
    "assertion",
    "_token",
    "token\"",
    "token\\",
    "accesstoken",
    "passw",
    "passphrase",
    "://",
    "pwd",
    "sig=",
    "sig%3d",
    "key",
    "authorization",
    "cookie",
    "value",
    "az login",
    "token'",
    "--token",
];

/// Shapes of secrets. The group `secret` (or one of `a` to `e`) goes, the rest stays, so that a reader sees what was there.
#[expect(clippy::unwrap_used, reason = "the patterns are written here and compiled by a test")]
static SHAPES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    // A value in quotes, in quotes that were quoted, or up to white space; YAML may put it on the next line.
    let value = r#"(?:"(?P<a>(?:[^"\\]|\\.)+)|\\"(?P<b>(?:[^"\\]|\\\\\\"|\\\\|\\[^"\\])+)|\\{2,}"(?P<e>[^"]+)|'(?P<c>[^']+)|(?P<d>[|>][+-]?\s+\S+|(?:[^&\s'"\\]|\\[^nrt"'\\])+))"#;
    let named = r"client[_-]?secret|client[_-]?assertion|password|passwd|passphrase|pwd|account[_-]?key|shared[_-]?access[_-]?key|api[_-]?key|private[_-]?key";
    let quote = r#"\\*["']?"#;
    [
        // Provider versions up to v1.6.1 print the whole Secret. A value of it may hold what looks like its end.
        format!(r"(?is){OPEN}(?P<secret>.+)"),
        // A name and its value, as forms, JSON, YAML, Go and descriptions write them.
        format!(r"(?is)(?:{named}){quote}[ \t]*(?:=|%3D|:)\s*{value}"),
        format!(r"(?is)(?:refresh_token|access_token|id_token|\bsig|sharedaccesssignature)(?:=|%3D){value}"),
        format!(r#"(?is)["'](?:access|refresh|id)?[_-]?token{quote}\s*:\s*{value}"#),
        // The body of a Secret, of a Key Vault secret, of an environment variable.
        r#"(?is)"value"\s*:\s*"(?P<secret>(?:[^"\\]|\\.)+)"#.to_owned(),
        r#"(?is)\\"value\\+"\s*:\s*\\+"(?P<secret>[^"]+)"#.to_owned(),
        r"(?m)^\s*(?:-\s+)?value:[ \t]+(?P<secret>[^\r\n]+)".to_owned(),
        // Who asks, in an address.
        r#"(?i)\b[a-z][a-z0-9+.-]*://[^/\s:@"']*:(?P<secret>[^/\s@"'\[]+)@"#.to_owned(),
        // Options of commands.
        format!(r#"(?is)--(?:client-secret|password|sas-token|account-key)(?:\s+|=|\\*",\s*(?:\\*")?){value}"#),
        // Of a token there is much talk: only what looks like one.
        format!(r#"(?is)--(?:[a-z]+-)?token(?:=|\\*",\s*(?:\\*")?){value}"#),
        r"(?i)--(?:[a-z]+-)?token\s+(?P<secret>[a-z0-9_.~+/-]{20,}=*)".to_owned(),
        // A Secret within a text: its contents stand before its kind, or after it.
        r#"(?is)"(?:stringData|data)"\s*:\s*\{(?P<secret>(?:"(?:[^"\\]|\\.)*"|[^"{}])+)\}.*?"kind"\s*:\s*"Secret""#.to_owned(),
        r#"(?is)"kind"\s*:\s*"Secret".*?"(?:stringData|data)"\s*:\s*\{(?P<secret>(?:"(?:[^"\\]|\\.)*"|[^"{}])+)\}"#.to_owned(),
        r#"(?is)\\+"(?:stringData|data)\\+"\s*:\s*\{\s*(?P<secret>\\+".+?\\+")\s*\}.*?\\+"kind\\+"\s*:\s*\\+"Secret\\+""#.to_owned(),
        r#"(?is)\\+"kind\\+"\s*:\s*\\+"Secret\\+".*?\\+"(?:stringData|data)\\+"\s*:\s*\{\s*(?P<secret>\\+".+?\\+")\s*\}"#.to_owned(),
        format!(r"(?i)\baz\s+login\b[^\n]*?\s-p[\s=]*{value}"),
        r#"(?i)authorization\\*["']?\s*[:=]\s*\[?\\*["']?(?:bearer|basic|pop|token|negotiate|sharedkey)\s+(?P<secret>[^\s"\\,\]]+)"#
            .to_owned(),
        r#"(?i)cookie\\*["']?\s*[:=]\s*\[?\\*["']?(?P<secret>[^\s=;,"'\\]+=[^\r\n"'\\\]]+)"#.to_owned(),
        r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<secret>.+?)(?:-----END [A-Z ]*PRIVATE KEY-----|$)".to_owned(),
        r"\beyJ[\w-]{2,}".to_owned(),
    ]
    .iter()
    .map(|it| Regex::new(it).unwrap())
    .collect()
});

static MARKED: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(MARKS).ok());

/// Times a text is looked at again.
const AGAIN: usize = 8;

/// The text with every secret replaced; what it gives, it gives again unchanged.
pub fn redact(text: &str) -> Cow<'_, str> {
    let Cow::Owned(mut shown) = once(text) else { return Cow::Borrowed(text) };
    // Where a secret was, what stood around it may look like the rest of one.
    for _ in 0..AGAIN {
        let Cow::Owned(more) = once(&shown) else { break };
        shown = more;
    }
    Cow::Owned(shown)
}

fn once(text: &str) -> Cow<'_, str> {
    let view = Some(text).filter(|it| it.len() <= VIEWED).and_then(View::of);
    let mut hidden = Vec::new();
    find(text, &mut hidden);
    if let Some(view) = &view {
        let mut found = Vec::new();
        find(&view.text, &mut found);
        hidden.extend(found.into_iter().filter_map(|(from, to)| view.original(from, to)));
    }
    hidden.retain(|(from, to)| {
        let done = text.get(*from..).is_some_and(|it| it.starts_with(REDACTED));
        from < to && !(done && to - from <= REDACTED.len())
    });
    if hidden.is_empty() {
        return Cow::Borrowed(text);
    }
    hidden.sort_unstable();
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    let mut open: Option<(usize, usize)> = None;
    for (from, to) in hidden.into_iter().chain([(text.len(), text.len())]) {
        match &mut open {
            Some((_, end)) if from <= *end && from < text.len() => *end = (*end).max(to),
            _ => {
                if let Some((from, to)) = open {
                    shown.push_str(text.get(at..from).unwrap_or_default());
                    shown.push_str(REDACTED);
                    at = to;
                }
                open = Some((from, to));
            }
        }
    }
    shown.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(shown)
}

/// Whether a text ends within a secret: what follows it may be more of it.
pub(crate) fn open_at_end(text: &str) -> bool {
    #[expect(clippy::unwrap_used, reason = "the pattern is written here and compiled by a test")]
    static OPENS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(&format!(r"(?is){OPEN}|-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<key>.*)")).unwrap()
    });
    let opens = |text: &str| {
        OPENS
            .captures_iter(text)
            .any(|it| it.name("key").is_none_or(|it| !it.as_str().contains("-----END")))
    };
    opens(text) || View::of(text).is_some_and(|it| opens(&it.text))
}

/// Adds where the secrets of a text stand.
fn find(text: &str, hidden: &mut Vec<(usize, usize)>) {
    if !MARKED.as_ref().is_none_or(|it| it.is_match(text)) {
        return;
    }
    for shape in SHAPES.iter() {
        for found in shape.captures_iter(text) {
            let parts = ["secret", "a", "b", "c", "d", "e"];
            let named = parts.iter().find_map(|it| found.name(it));
            match (named, found.get(0)) {
                (Some(part), _) => hidden.push((part.start(), part.end())),
                (None, Some(begins)) => hidden.extend(token(text, begins.start(), begins.end())),
                (None, None) => {}
            }
        }
    }
}

/// A JSON web token: two or more parts with dots between. Only its first part is no secret.
fn token(text: &str, from: usize, first: usize) -> Option<(usize, usize)> {
    let is_part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-');
    let rest = text.get(first..)?;
    let length = rest.find(|it: char| !is_part(it) && it != '.').unwrap_or(rest.len());
    rest.get(..length)?.contains('.').then_some((from, first + length))
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
            "failed to find token eyJhbGciOiJSUzI1",
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

    #[test]
    fn an_open_secret_is_known() {
        assert!(open_at_end("in secrets(map[a:b"));
        assert!(open_at_end("-----BEGIN PRIVATE KEY-----\nabc"));
        assert!(!open_at_end("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----"));
        assert!(!open_at_end("Secret a"));
    }

    proptest! {
        #[test]
        fn no_text_panics_and_once_is_enough(text in "(?s)[a-z \\\\\n\"&=:;\u{a0}\u{ad}]{0,40}(client_secret=|in secrets\\(map\\[|eyJabcd\\.|\"value\":\")?.{0,40}") {
            let once = redact(&text).into_owned();
            prop_assert_eq!(redact(&once), once.as_str());
        }
    }
}
