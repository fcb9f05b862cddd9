//! Who asks, and how they prove it, in addresses and before hosts.

use std::ops::Range;

use super::value::{is_guid, is_placeholder, looks};

/// Who asks, in an address: `scheme://user:secret@host`, `scheme://token@host`.
pub(super) fn address(text: &str, from: usize, percent: bool) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let ends = |it: &u8| {
        matches!(
            it,
            b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'|'
        )
    };
    let word = bytes.get(from..)?.iter().take(256).take_while(|it| !ends(it)).count();
    let rest = text.get(from..text.floor_char_boundary(from + word))?;
    let (at_sign, colon) = if percent { ("%40", "%3a") } else { ("@", ":") };
    let lower = rest.to_ascii_lowercase();
    let host = lower
        .find(['/', '?', '#'])
        .or_else(|| lower.find("%2f").filter(|_| percent))
        .unwrap_or(lower.len());
    // A password may hold a slash, unless what stands before it is a port.
    let port = || {
        lower.get(..host).is_some_and(|it| {
            it.rsplit(':').next().is_some_and(|it| it.bytes().all(|it| it.is_ascii_digit()))
        })
    };
    let who = match lower.get(..host)?.rfind(at_sign) {
        Some(it) => it,
        None if lower.get(..host)?.contains(colon) && !port() => {
            lower.get(..lower.find(['?', '#', ',']).unwrap_or(lower.len()))?.rfind(at_sign)?
        }
        None => return None,
    };
    let secret = match lower.get(..who)?.find(colon) {
        Some(it) => it + colon.len()..who,
        None if looks(rest.get(..who)?) && !is_guid(rest.get(..who)?) => 0..who,
        None => return None,
    };
    let shown = rest.get(secret.clone())?;
    (!shown.is_empty() && shown != super::REDACTED && !is_placeholder(shown))
        .then_some(from + secret.start..from + secret.end)
}

/// `user:secret@tcp(host)`.
pub(super) fn dsn(text: &str, at: usize, done: usize) -> Option<Range<usize>> {
    let head = text.get(done..at)?;
    let head = head.get(head.ceil_char_boundary(head.len().saturating_sub(256))..)?;
    let word = head.rsplit([' ', '\t', '\n', '"', '\'', '=']).next()?;
    let secret = word.split_once(':')?.1;
    (!is_placeholder(secret)).then_some(at - secret.len()..at)
}

/// `user:secret@host:5432` without a scheme, `scott/secret@//db:1521` as Oracle has it. Images have a digest there, and mail no port.
pub(super) fn login(text: &str, at: usize, done: usize) -> Option<Range<usize>> {
    let head = text.get(done..at)?;
    let head = head.get(head.ceil_char_boundary(head.len().saturating_sub(128))..)?;
    let part = |it: char| {
        it.is_whitespace() || matches!(it, '"' | '\'' | '`' | '=' | ',' | '(' | '<' | '[')
    };
    let word = head.rsplit(part).next()?.trim_start_matches(['+', '-', '>', '|']);
    let rest = text.get(at + 1..)?;
    let rest = rest.get(..rest.floor_char_boundary(128))?;
    let before = head.get(..head.len() - word.len())?;
    let oracle = word.strip_prefix("jdbc:oracle:thin:").or_else(|| {
        let before = before.trim_end();
        ["sqlplus", "sqlplus -s", "sqlplus -S", "rman target", "expdp", "impdp"]
            .iter()
            .any(|it| before.ends_with(it))
            .then_some(word)
    });
    let (user, secret) = match oracle {
        Some(word) => word.split_once('/')?,
        None => {
            let host = rest
                .bytes()
                .take_while(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'.' | b'_'))
                .count();
            let name = rest.get(..host)?;
            let port = rest.get(host..)?.strip_prefix(':')?;
            let digits = port.bytes().take_while(u8::is_ascii_digit).count();
            let ends = !port.get(digits..)?.starts_with(|it: char| it.is_ascii_alphanumeric());
            if name.is_empty() || name.starts_with("sha") || !(2..6).contains(&digits) || !ends {
                return None;
            }
            word.split_once(':')?
        }
    };
    let plain = !user.is_empty()
        && user.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'.' | b'_'));
    (plain && !secret.contains("://") && !is_placeholder(secret)).then_some(at - secret.len()..at)
}

/// `host:5432:database:user:secret`, a line of a file of passwords of Postgres; `at` is where its port begins.
pub(super) fn pgpass(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    let near = rest.get(..rest.floor_char_boundary(256))?;
    let word =
        near.split(|it: char| it.is_whitespace() || matches!(it, '"' | '\'' | '`')).next()?;
    let mut parts = word.splitn(4, ':');
    let mut name = || {
        parts.next().filter(|it| {
            !it.is_empty()
                && it
                    .bytes()
                    .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-' | b'*'))
        })
    };
    let port = name()?;
    let known =
        port == "*" || (4..6).contains(&port.len()) && port.bytes().all(|it| it.is_ascii_digit());
    let (database, user) = (name()?, name()?);
    let secret = word.get(port.len() + database.len() + user.len() + 3..)?;
    let words = database.bytes().chain(user.bytes()).any(|it| it.is_ascii_alphabetic());
    (known && words && secret.len() > 3 && !is_placeholder(secret))
        .then(|| at + word.len() - secret.len()..at + word.len())
}
