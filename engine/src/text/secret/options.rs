//! Secrets that commands are given: `--password X`, `-u user:X`, `mysql -pX`.

use std::ops::Range;

use super::Scan;
use super::keys::{Tells, tells};
use super::value::{bare, is_placeholder, is_typed, looks, quotation, quoted, unblank};

/// Commands whose `-p` is a password.
const PASSWORD: &[&str] = &[
    "mysql",
    "mysqldump",
    "mysqladmin",
    "mariadb",
    "mariadb-dump",
    "mongo",
    "mongosh",
    "mongodump",
    "sshpass",
    "login",
    "influx",
    "cqlsh",
    "impala-shell",
    "rabbitmqadmin",
    "mosquitto_pub",
    "mosquitto_sub",
];
/// Other options that are one, of the commands that have them.
const OTHER: &[(&str, &str)] = &[
    ("sqlcmd", "-P"),
    ("bcp", "-P"),
    ("redis-cli", "-a"),
    ("ldapsearch", "-w"),
    ("ldapadd", "-w"),
    ("ldapmodify", "-w"),
    ("mosquitto_pub", "-P"),
    ("mosquitto_sub", "-P"),
    ("unzip", "-P"),
    ("zip", "-P"),
];
/// Letters of an option's name.
const LONGEST: usize = 64;
/// Bytes of a value that tell whether it is a secret.
const NEAR: usize = 256;

/// Adds where secrets of options stand.
pub(super) fn find(scan: &Scan<'_>, hidden: &mut Vec<Range<usize>>) {
    let bytes = scan.text.as_bytes();
    let mut commands = Vec::new();
    let mut at = 0;
    let mut begins = true;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'\n' {
            commands.clear();
        }
        let now = begins;
        begins = matches!(
            byte,
            b' ' | b'\t'
                | b'\n'
                | b'"'
                | b'\''
                | b'`'
                | b'['
                | b'('
                | b','
                | b'='
                | b'/'
                | b';'
                | b'|'
                | b'$'
                | b'+'
                | b'>'
                | b'#'
        );
        if !now || begins {
            at += 1;
            continue;
        }
        if *byte == b'-' {
            if let Some(found) = option(&scan.near(at + LONGEST + NEAR), at, &commands)
                .and_then(|_| option(scan, at, &commands))
            {
                at = found.end.max(at + 1);
                hidden.push(found);
                continue;
            }
        } else if byte.is_ascii_lowercase() {
            let length = bytes
                .iter()
                .skip(at)
                .take(16)
                .take_while(|it| it.is_ascii_lowercase() || matches!(it, b'-' | b'_'))
                .count();
            let word = scan.text.get(at..at + length).unwrap_or_default();
            let known = PASSWORD
                .iter()
                .chain(OTHER.iter().map(|(command, _)| command))
                .find(|it| **it == word);
            if let Some(known) = known.filter(|it| commands.len() < 4 && !commands.contains(*it)) {
                commands.push(known);
            }
        }
        at += 1;
    }
}

fn option(scan: &Scan<'_>, at: usize, commands: &[&str]) -> Option<Range<usize>> {
    let bytes = scan.text.as_bytes();
    let dashes = bytes.iter().skip(at).take(2).take_while(|it| **it == b'-').count();
    let begin = at + dashes;
    let length = bytes
        .iter()
        .skip(begin)
        .take(LONGEST)
        .take_while(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'.'))
        .count();
    let name = scan.text.get(begin..begin + length)?;
    let end = begin + length;
    if matches!(name, "u" | "U" | "user" | "proxy-user") {
        let (from, to) = argument(scan, end)?;
        return user(scan.text, from, to);
    }
    if dashes == 1
        && commands.iter().any(|it| PASSWORD.contains(it))
        && name.starts_with('p')
        && !is_long(name)
    {
        let attached = length > 1
            || !matches!(
                bytes.get(end),
                None | Some(b' ' | b'\t' | b'\n' | b'=' | b'"' | b'\'' | b'\\' | b',')
            );
        let (from, to) =
            if attached { (begin + 1, bare(scan, begin + 1, false)) } else { argument(scan, end)? };
        return shown(scan.text, from, to);
    }
    let short = |(command, option): &(&str, &str)| {
        commands.contains(command) && option.get(1..) == Some(name)
    };
    if dashes == 1 && OTHER.iter().any(short) {
        let (from, to) = argument(scan, end)?;
        return shown(scan.text, from, to);
    }
    if dashes == 1 && name.len() < 6 {
        return None;
    }
    let tells = tells(name)?;
    let (from, to) = argument(scan, end)?;
    let word = scan.text.get(from..to)?;
    let talk = from == unblank(bytes, end) && tells == Tells::Talk;
    let hide = match tells {
        Tells::Always => {
            !(is_word(word) && goes_on(bytes, to) && dashes == 2 && from == unblank(bytes, end))
        }
        Tells::Talk => {
            if talk {
                looks(word) || !goes_on(bytes, to) && word.len() >= 6 && !is_typed(word)
            } else {
                !is_typed(word)
            }
        }
        Tells::Looks | Tells::Form => looks(word),
        Tells::Header => !is_typed(word),
        Tells::Cookie | Tells::Query => false,
    };
    if hide { shown(scan.text, from, to) } else { None }
}

/// `-password`, `-passin`: options of their own, not `-p` with a value.
fn is_long(name: &str) -> bool {
    ["port", "pass", "p-", "profile", "project"].iter().any(|it| name.starts_with(it))
        && tells(name).is_some()
        || matches!(name, "port" | "profile" | "project")
}

/// A word of the sentence that an option stands in: `--password must be given`.
fn is_word(word: &str) -> bool {
    [
        "is", "was", "must", "should", "can", "cannot", "may", "and", "or", "option", "flag",
        "has", "to", "for", "in", "with", "deve", "não", "e", "ou", "é", "foi",
    ]
    .contains(&word)
}

fn goes_on(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at), Some(b' ' | b'\t'))
        && bytes.get(unblank(bytes, at)).is_some_and(u8::is_ascii_alphanumeric)
}

/// Where the argument behind an option stands: after blanks or `=`, or the next text of a list.
fn argument(scan: &Scan<'_>, end: usize) -> Option<(usize, usize)> {
    let bytes = scan.text.as_bytes();
    let mut at = end;
    if let Some((mark, _, next)) = quotation(bytes, at) {
        // `"--password", "X"`, `- "--password"\n- "X"`.
        at = next;
        let list = unblank(bytes, at);
        if bytes.get(list) == Some(&b',') {
            at = list + 1;
        } else if bytes.get(list) != Some(&b'\n') && mark != b'`' {
            return None;
        }
    } else if matches!(bytes.get(at), Some(b',' | b'=')) {
        at += 1;
    } else if !matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n')) {
        return None;
    }
    at = unblank(bytes, at);
    if bytes.get(at) == Some(&b'\n') {
        // The next item of a list in YAML.
        let margin = bytes
            .iter()
            .skip(at + 1)
            .take(64)
            .take_while(|it| matches!(it, b' ' | b'\t' | b'>' | b'+' | b'|'))
            .count();
        let item = at + 1 + margin;
        if bytes.get(item..item + 2) != Some(b"- ") || scan.joined {
            return None;
        }
        at = unblank(bytes, item + 2);
    }
    let (from, to) = if let Some((mark, slashes, begin)) = quotation(bytes, at) {
        (begin, quoted(bytes, mark, slashes, begin))
    } else {
        (at, bare(scan, at, false))
    };
    (to > from && bytes.get(from) != Some(&b'-')).then_some((from, to))
}

/// `user:secret`; numbers are those of a container's user.
fn user(text: &str, from: usize, to: usize) -> Option<Range<usize>> {
    let (name, secret) =
        text.get(from..to)?.split_once(':').or_else(|| text.get(from..to)?.split_once('%'))?;
    let plain = name
        .bytes()
        .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-' | b'.' | b'@' | b'\\'));
    let number =
        secret.bytes().all(|it| it.is_ascii_digit()) && name.bytes().all(|it| it.is_ascii_digit());
    (plain && !number && !is_placeholder(secret)).then_some(to - secret.len()..to)
}

fn shown(text: &str, from: usize, to: usize) -> Option<Range<usize>> {
    let value = text.get(from..to)?;
    let ports = value.bytes().all(|it| it.is_ascii_digit() || it == b':')
        && value.len() < 12
        && value.contains(':');
    (!is_placeholder(value) && !ports).then_some(from..to)
}
