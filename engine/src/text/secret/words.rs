//! Secrets in sentences and in files of words: `the password "…" is wrong`, `senha → …`, `IDENTIFIED BY '…'`, `login … password …`.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::guess::{is_key, is_no_name, is_strange, is_strong, joins};
use super::keys::tells;
use super::line::is_said;
use super::value::{is_placeholder, is_typed};
use super::{REDACTED, Scan};

/// How sure the words before a value are.
#[derive(Clone, Copy, PartialEq)]
enum Sure {
    /// What follows is a secret, whatever it is.
    Always,
    /// What follows in quotes is one; of other words those that are no words.
    Password,
    /// Of it there is much talk: what follows is one only where it looks like one.
    Token,
    /// A thing may be named.
    Secret,
    /// `user:secret`.
    Login,
}

const WORDS: &[(&str, Sure)] = &[
    ("password", Sure::Password),
    ("passwd", Sure::Password),
    ("pwd", Sure::Password),
    ("passphrase", Sure::Password),
    ("passcode", Sure::Password),
    ("senha", Sure::Password),
    ("palavra-passe", Sure::Password),
    ("contraseña", Sure::Password),
    ("contrasena", Sure::Password),
    ("mot de passe", Sure::Password),
    ("passwort", Sure::Password),
    ("kennwort", Sure::Password),
    ("wachtwoord", Sure::Password),
    ("пароль", Sure::Password),
    ("密码", Sure::Password),
    ("パスワード", Sure::Password),
    ("token", Sure::Token),
    ("apikey", Sure::Token),
    ("api key", Sure::Token),
    ("api-key", Sure::Token),
    ("access key", Sure::Token),
    ("account key", Sure::Token),
    ("encryption key", Sure::Token),
    ("client secret", Sure::Token),
    ("secret key", Sure::Token),
    ("segredo", Sure::Secret),
    ("secret", Sure::Secret),
    ("authorization bearer", Sure::Password),
    ("identified by", Sure::Always),
    ("requirepass", Sure::Always),
    // MySQL, at its first start.
    ("generated for root@localhost:", Sure::Always),
    ("masterauth", Sure::Always),
    ("vault login", Sure::Always),
    ("enter the code", Sure::Always),
    ("digite o código", Sure::Always),
    ("auth", Sure::Secret),
    ("login with", Sure::Login),
    ("log in with", Sure::Login),
    ("logged in with", Sure::Login),
    ("credentials", Sure::Login),
];

/// What may stand between a name and its secret besides `=` and `:`.
const BETWEEN: &[&str] = &[
    "is ",
    "was set to ",
    "was changed to ",
    "has been set to ",
    "set to ",
    "provided: ",
    "was ",
    "é ",
    "es ",
    "ist ",
    "est ",
    "era ",
    "IS ",
    "-> ",
    "=> ",
    "→ ",
    "- ",
    "– ",
    "— ",
    "| ",
];
/// Bytes of a secret that is told by a sentence.
const NEAR: usize = 160;

static FOUND: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(aho_corasick::MatchKind::LeftmostLongest)
        .build(WORDS.iter().map(|it| it.0))
        .ok()
});

/// Adds where secrets stand that words tell.
pub(super) fn find(scan: &Scan<'_>, hidden: &mut Vec<Range<usize>>) {
    let Some(words) = FOUND.as_ref() else { return };
    for found in words.find_iter(scan.text) {
        let Some((_, sure)) = WORDS.get(found.pattern().as_usize()) else { continue };
        hidden.extend(secret(scan, found.start(), found.end(), *sure));
    }
}

fn secret(scan: &Scan<'_>, start: usize, end: usize, sure: Sure) -> Option<Range<usize>> {
    let text = scan.text;
    let bytes = text.as_bytes();
    let before = start.checked_sub(1).and_then(|it| bytes.get(it));
    // `/token`, `tokenToken` and `author` are other things.
    if before.is_some_and(|it| *it == b'/' || sure != Sure::Password && it.is_ascii_alphanumeric())
    {
        return None;
    }
    let rest = text.get(end..)?;
    let rest = rest.get(..rest.floor_char_boundary(NEAR))?;
    let line = rest.get(..rest.find(['\n', '\r']).unwrap_or(rest.len()))?;
    let marked = line.trim_start_matches('*');
    let blank = marked.trim_start_matches([' ', '\t']);
    if blank.len() == marked.len() || sure == Sure::Secret && text.get(start..end) == Some("auth") {
        return None;
    }
    let between = BETWEEN.iter().find_map(|it| blank.strip_prefix(it));
    let value = between.unwrap_or(blank).trim_start_matches([' ', '\t']);
    let at = end + (line.len() - value.len());
    let first = value.chars().next()?;
    if value.starts_with(REDACTED) {
        return None;
    }
    let close = match first {
        '"' | '\'' | '`' => first,
        '“' => '”',
        '‘' => '’',
        '[' => ']',
        '(' => ')',
        '<' => '>',
        '\\' if matches!(bytes.get(at + 1), Some(b'"' | b'\'')) => '\\',
        _ => return word(scan, start, value, at, sure, between.is_some()),
    };
    let opens = first.len_utf8() + usize::from(first == '\\');
    let inner = value.get(opens..)?;
    let inner = inner.get(..inner.find(close)?)?;
    let quoted = !matches!(first, '[' | '(' | '<');
    let goes = match sure {
        Sure::Always => quoted && !is_placeholder(inner),
        Sure::Password if quoted => is_quoted(inner),
        Sure::Password | Sure::Token => {
            !inner.contains(' ') && (is_strange(inner) || is_strong(inner))
        }
        Sure::Secret | Sure::Login => false,
    };
    goes.then_some(at + opens..at + opens + inner.len())
}

/// Whether what stands in quotes behind `password` is one. A field of that name may be quoted, and a thing that holds one.
fn is_quoted(inner: &str) -> bool {
    let name = inner.bytes().all(|it| it.is_ascii_lowercase() || matches!(it, b'-' | b'.' | b'_'))
        && inner.contains(['-', '.', '_']);
    let mut count = 0;
    let words = inner.split(' ').all(|it| {
        count += 1;
        it.chars().all(char::is_alphabetic) && !is_said(it) && it.len() > 2
    });
    !is_typed(inner)
        && !inner.starts_with(['$', '%', '{'])
        && tells(inner).is_none()
        && (count == 1 && !name && !is_said(inner) || count > 2 && words)
}

/// A word without quotes.
fn word(
    scan: &Scan<'_>,
    start: usize,
    value: &str,
    at: usize,
    sure: Sure,
    between: bool,
) -> Option<Range<usize>> {
    let word = value
        .split([' ', '\t', '"', '|'])
        .next()?
        .trim_end_matches([',', ';', '.', ')', '\\', '`', '\'']);
    if is_placeholder(word) {
        return None;
    }
    // `request with token …`.
    let before = scan.text.get(..start)?.trim_end();
    let handed = ["with", "using", "com", "usando"].iter().any(|it| before.ends_with(it));
    let goes = match sure {
        Sure::Always => {
            let next = value.get(word.len()..)?.trim_start();
            !word.starts_with(['-', '<', '$'])
                && !is_said(word)
                && (is_last(next) || is_no_name(word) || is_strong(word))
        }
        Sure::Password => {
            is_strange(word) || is_strong(word) || !between && is_netrc(scan.text, start)
        }
        // An option of that name is told by its own rules.
        Sure::Token => {
            joins(word)
                || is_strong(word)
                || handed && is_strange(word) && !word.contains(['/', '=', ':'])
        }
        Sure::Secret if scan.text.get(start..)?.starts_with("AUTH") => {
            is_strange(word) || is_strong(word)
        }
        Sure::Secret => is_key(word) && is_no_name(word) || between && is_no_name(word),
        Sure::Login => {
            let (user, secret) = word.split_once(':')?;
            let plain = !user.is_empty() && user.bytes().all(|it| it.is_ascii_alphanumeric());
            let goes = plain && (is_strange(secret) || is_strong(secret));
            return goes.then(|| at + word.len() - secret.len()..at + word.len());
        }
    };
    goes.then_some(at..at + word.len())
}

fn is_last(next: &str) -> bool {
    next.is_empty() || next.starts_with(['\\', '"', ';', '`'])
}

/// `machine host login user password …`.
fn is_netrc(text: &str, start: usize) -> bool {
    let head = text.get(..start).unwrap_or_default();
    let near =
        head.get(head.ceil_char_boundary(head.len().saturating_sub(96))..).unwrap_or_default();
    let mut words = near.trim_end().rsplit(' ').skip(1);
    words.next() == Some("login")
}
