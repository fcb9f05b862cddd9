//! Secrets that commands are given: `--password X`, `-u user:X`, `mysql -pX`.

use std::ops::Range;

use super::Scan;
use super::guess::{is_no_name, is_strange};
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
    ("osql", "-P"),
    ("openssl", "-k"),
    ("redis-cli", "-a"),
    ("ldapsearch", "-w"),
    ("ldapadd", "-w"),
    ("ldapmodify", "-w"),
    ("mosquitto_pub", "-P"),
    ("mosquitto_sub", "-P"),
    ("unzip", "-P"),
    ("zip", "-P"),
    ("secret", "--value"),
];
/// Options that take who asks: `user:secret`.
const USER: &[&str] =
    &["u", "U", "user", "proxy-user", "creds", "src-creds", "dest-creds", "credentials"];
/// Options of which every argument is a name and a value, and no value is shown.
const PAIRS: &[&str] = &[
    "appsettings",
    "env-vars",
    "environment-variables",
    "from-literal",
    "replace-env-vars",
    "secrets",
    "secure-environment-variables",
    "set-env-vars",
    "settings",
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
    // Behind an option that takes names with values, up to the next one.
    let mut pairs = false;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'\n' {
            commands.clear();
            pairs = false;
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
            let name = long(scan.text, at);
            pairs = name.is_some_and(|it| PAIRS.contains(&it));
            if name == Some("password-stdin") {
                hidden.extend(piped(scan.text, at));
            }
            if let Some(found) = option(&scan.near(at + LONGEST + NEAR), at, &commands)
                .and_then(|_| option(scan, at, &commands))
            {
                at = found.end.max(at + 1);
                hidden.push(found);
                continue;
            }
        } else if pairs
            && let Some(found) =
                pair(&scan.near(at + LONGEST + NEAR), at).and_then(|_| pair(scan, at))
        {
            at = found.end.max(at + 1);
            hidden.push(found);
            continue;
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
            let before = scan.text.get(..at).unwrap_or_default();
            pairs |= word == "env" && before.ends_with("set ");
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
    if USER.contains(&name) {
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
        // `sshpass -p'…'`: quoted, and no blank before it.
        let quoted_there = length == 1 && matches!(bytes.get(end), Some(b'"' | b'\''));
        let (from, to) = match quotation(bytes, end).filter(|_| quoted_there) {
            Some((mark, slashes, from)) => (from, quoted(bytes, mark, slashes, from)),
            None if attached => (begin + 1, bare(scan, begin + 1, false)),
            None => argument(scan, end)?,
        };
        return shown(scan.text, from, to);
    }
    let own = |(command, option): &(&str, &str)| {
        commands.contains(command)
            && option.get(dashes..) == Some(name)
            && option.starts_with("--") == (dashes == 2)
    };
    if OTHER.iter().any(own) {
        let (from, to) = argument(scan, end)?;
        return shown(scan.text, from, to);
    }
    if dashes == 1 && name.len() < 6 {
        return None;
    }
    let tells = if name == "key" { Tells::Named } else { tells(name)? };
    let (mut from, mut to) = argument(scan, end)?;
    // `pulumi config set --secret dbPassword …`: the name of the secret, and the secret.
    if scan.text.get(from..to).and_then(self::tells) == Some(Tells::Always) && goes_on(bytes, to) {
        from = unblank(bytes, to);
        to = bare(scan, from, false);
    }
    let word = scan.text.get(from..to)?;
    let talk = from == unblank(bytes, end) && tells == Tells::Talk;
    let hide = match tells {
        Tells::Always => {
            !(is_word(word) && goes_on(bytes, to) && dashes == 2 && from == unblank(bytes, end))
        }
        Tells::Talk => {
            if talk {
                looks(word)
                    || is_strange(word)
                    || !goes_on(bytes, to) && word.len() >= 6 && !is_typed(word)
            } else {
                !is_typed(word)
            }
        }
        Tells::Named => is_no_name(word),
        Tells::Looks | Tells::Form => looks(word),
        Tells::Header => !is_typed(word),
        Tells::Cookie | Tells::Query => false,
    };
    if hide { shown(scan.text, from, to) } else { None }
}

/// The name of an option with two dashes.
fn long(text: &str, at: usize) -> Option<&str> {
    let rest = text.get(at..)?.strip_prefix("--")?;
    let length = rest
        .bytes()
        .take(LONGEST)
        .take_while(|it| it.is_ascii_alphanumeric() || *it == b'-')
        .count();
    rest.get(..length)
}

/// What of `name=value` is the value.
fn pair(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let bytes = scan.text.as_bytes();
    let name = bytes
        .iter()
        .skip(at)
        .take(LONGEST)
        .take_while(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'.' | b':'))
        .count();
    if name == 0 || bytes.get(at + name) != Some(&b'=') {
        return None;
    }
    let from = at + name + 1;
    let (from, to) = match quotation(bytes, from) {
        Some((mark, slashes, begin)) => (begin, quoted(bytes, mark, slashes, begin)),
        None => (from, bare(scan, from, false)),
    };
    (!is_typed(scan.text.get(from..to)?)).then_some(from..to)
}

/// `echo … | docker login --password-stdin`.
fn piped(text: &str, at: usize) -> Option<Range<usize>> {
    let head = text.get(text.ceil_char_boundary(at.saturating_sub(NEAR))..at)?;
    let line = head.rsplit('\n').next()?;
    let pipe = line.rfind('|')?;
    let said = line.get(..pipe)?;
    let from = ["echo ", "printf "].iter().find_map(|it| said.rfind(it).map(|at| at + it.len()))?;
    let shown = said.get(from..)?.trim();
    let shown = shown.strip_prefix("-n ").unwrap_or(shown).trim_matches(['"', '\'']);
    let begin = at - line.len() + from + said.get(from..)?.find(shown)?;
    (!shown.is_empty() && !shown.starts_with('$') && !is_placeholder(shown))
        .then_some(begin..begin + shown.len())
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
