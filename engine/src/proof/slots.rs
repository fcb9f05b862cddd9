//! What must be pinned: a step that deletes, overwrites or opens something may rest on no message that could say anything
//! in one of its quoted parts.
//!
//! Each quoted part of what proves a cause is replaced by something else, and the test judged again. Parts that a fact reads,
//! or that tell whose the record is, are names: the command acts on that very thing. The body of an answer (JSON) is left alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::fault::Fault;
use crate::playbook::{Cause, CauseTest, Change, Origin, Playbook};
use crate::text::normal::normalise;
use crate::verdict::{Finding, Report, Role, Truth};
use crate::words;
use crate::yaml::{Kind, Span, tree};

/// Letters of a quoted part.
const PART: usize = 64;
/// Quoted parts of a test that are replaced.
const PARTS: usize = 12;

/// Steps of a cause that some test shows to rest on a part that could say anything: index → those parts.
pub(super) type Unpinned = BTreeMap<usize, BTreeSet<String>>;

/// The parts of a test's messages with which a step of the cause would be shown whatever they said.
pub(super) fn unpinned(
    playbook: &Playbook,
    cause: &Cause,
    test: &CauseTest,
    report: &Report,
    judge: &dyn Fn(&CauseTest) -> Report,
) -> Unpinned {
    let mut found = Unpinned::new();
    let Some(finding) = strong(report, cause) else { return found };
    let steps = dangerous(playbook, cause, finding);
    if steps.is_empty() {
        return found;
    }
    let named = names(playbook, test);
    let is_named = |part: &String| named.iter().any(|it| it.contains(part) || part.contains(it));
    for part in parts(finding).into_iter().filter(|it| !is_named(it)).take(PARTS) {
        let report = judge(&replaced(test, &part));
        let Some(still) = strong(&report, cause).filter(|it| it.verdict == finding.verdict) else {
            continue;
        };
        for step in dangerous(playbook, cause, still).intersection(&steps) {
            found.entry(*step).or_default().insert(part.clone());
        }
    }
    found
}

/// As warnings at the steps.
pub(super) fn faults(
    cause: &Cause,
    unpinned: &Unpinned,
    files: &BTreeMap<String, Vec<u8>>,
) -> Vec<Fault> {
    let text = files.get(&cause.file).map(|it| String::from_utf8_lossy(it).into_owned());
    let spans = text.map(|it| spans(&it)).unwrap_or_default();
    let fault = |(step, parts): (&usize, &BTreeSet<String>)| {
        let parts: Vec<String> = parts.iter().map(|it| format!("“{it}”")).collect();
        Fault {
            file: cause.file.clone(),
            span: spans.get(*step).copied().unwrap_or_default(),
            code: "P605",
            warning: true,
            message: format!(
                "this step would be shown, too, if the message said something else than {}",
                parts.join(", ")
            ),
            help: Some(
                "pin it in the sign's pattern, contradict it with a fact, or read it into one"
                    .to_owned(),
            ),
        }
    };
    unpinned.iter().map(fault).collect()
}

/// Where each step of a remedy stands.
fn spans(text: &str) -> Vec<Span> {
    let Ok(root) = tree(text) else { return Vec::new() };
    let Kind::Mapping(entries) = &root.kind else { return Vec::new() };
    let remedy = entries.iter().find(|(key, _)| key.text() == Some("remedy"));
    match remedy.map(|(_, it)| &it.kind) {
        Some(Kind::Sequence(steps)) => steps.iter().map(|it| it.span).collect(),
        _ => Vec::new(),
    }
}

fn strong<'r>(report: &'r Report, cause: &Cause) -> Option<&'r Finding> {
    report.findings.iter().find(|it| it.cause == cause.id && it.is_strong())
}

/// The steps that a report shows and that delete, overwrite or open something.
fn dangerous(playbook: &Playbook, cause: &Cause, finding: &Finding) -> BTreeSet<usize> {
    let steps = cause.remedy.iter().enumerate();
    let shown = steps.filter(|(_, it)| words::belongs(playbook, it, finding));
    shown.filter(|(_, it)| it.opens || it.removes).map(|(at, _)| at).collect()
}

/// The quoted parts of the messages that prove a finding.
fn parts(finding: &Finding) -> BTreeSet<String> {
    let proves = finding
        .signs
        .iter()
        .filter(|it| matches!(it.role, Role::Requires | Role::RequiresAny))
        .filter(|it| it.truth == Truth::Yes);
    proves.flat_map(|it| &it.quotes).flat_map(|it| quoted(&it.text)).collect()
}

/// What stands in quotes on one line: no key or value of JSON, and not the message of a log's record.
fn quoted(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut rest = line;
        let mut before = String::new();
        while let Some(at) = rest.find(['"', '\'']) {
            let (head, tail) = rest.split_at(at);
            before.push_str(head);
            let (mark, inner) = tail.split_at(1);
            let end = inner.find(mark).filter(|it| *it <= PART);
            let apostrophe = mark == "'" && before.ends_with(char::is_alphanumeric);
            let Some(end) = end.filter(|_| !apostrophe) else {
                before.push_str(mark);
                rest = inner;
                continue;
            };
            let (part, after) = inner.split_at(end);
            let after = after.get(1..).unwrap_or_default();
            let is_key = mark == "\"" && after.trim_start_matches('\\').starts_with(':');
            let before_it = before.trim_end_matches('\\');
            let is_value = before_it.trim_end().ends_with("\":") || before_it.ends_with("] ");
            let part = part.trim_end_matches('\\');
            // What begins or ends with a space stands between two quoted parts.
            let says = part.contains(char::is_alphanumeric) && part.trim() == part;
            if says && !is_key && !is_value {
                found.push(part.to_owned());
                found.extend(quoted(part));
            }
            before.push_str(tail.get(..end + 2).unwrap_or_default());
            rest = after;
        }
    }
    found
}

/// What the playbook's facts read from the texts of a test, and what tells whose a record is.
fn names(playbook: &Playbook, test: &CauseTest) -> BTreeSet<String> {
    let mut texts: Vec<String> = test.paste.iter().cloned().collect();
    for change in test.change.values() {
        match change {
            Change::Text(text) => texts.push(text.clone()),
            Change::Tree(tree) => strings(tree, &mut |it| texts.push(it.to_owned())),
            Change::Events(items) => {
                items.iter().for_each(|it| strings(it, &mut |it| texts.push(it.to_owned())));
            }
            Change::Absent | Change::Gap(_) => {}
        }
    }
    let texts: Vec<String> = texts.iter().map(|it| normalise(it, true)).collect();
    let mut found = BTreeSet::new();
    let mut read = |pattern: &regex::Regex| {
        for text in &texts {
            let values = pattern.captures_iter(text).filter_map(|it| it.name("value"));
            found.extend(values.map(|it| it.as_str().to_owned()));
        }
    };
    for fact in playbook.facts.values() {
        match &fact.from {
            Origin::Text { about, chain, .. } => {
                about.iter().for_each(|it| read(&it.capture));
                chain.iter().filter_map(|it| it.of.as_ref()).for_each(|it| read(&it.capture));
            }
            Origin::Capture { texts } => {
                let watches = texts.iter().filter_map(|(_, it)| playbook.watches.get(*it));
                watches.flat_map(|it| &it.matches).for_each(&mut read);
            }
            _ => {}
        }
    }
    found.retain(|it| !it.is_empty());
    found
}

fn strings(tree: &Json, each: &mut dyn FnMut(&str)) {
    match tree {
        Json::String(text) => each(text),
        Json::Array(items) => items.iter().for_each(|it| strings(it, each)),
        Json::Object(entries) => entries.values().for_each(|it| strings(it, each)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// The test with other letters in a quoted part.
fn replaced(test: &CauseTest, part: &str) -> CauseTest {
    let other = otherwise(part);
    let swap = |text: &str| {
        let marks = [("\"", "\""), ("'", "'"), ("\"", "\\\"")];
        marks.iter().fold(text.to_owned(), |text, (open, close)| {
            text.replace(&format!("{open}{part}{close}"), &format!("{open}{other}{close}"))
        })
    };
    let mut test = test.clone();
    test.paste = test.paste.as_deref().map(swap);
    for change in test.change.values_mut() {
        match change {
            Change::Text(text) => *text = swap(text),
            Change::Tree(tree) => swap_in(tree, &swap),
            Change::Events(items) => items.iter_mut().for_each(|it| swap_in(it, &swap)),
            Change::Absent | Change::Gap(_) => {}
        }
    }
    test
}

fn swap_in(tree: &mut Json, swap: &dyn Fn(&str) -> String) {
    match tree {
        Json::String(text) => *text = swap(text),
        Json::Array(items) => items.iter_mut().for_each(|it| swap_in(it, swap)),
        Json::Object(entries) => entries.values_mut().for_each(|it| swap_in(it, swap)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// Other letters and digits of the same kinds: what was a number, a hexadecimal one or a word is one still.
fn otherwise(text: &str) -> String {
    let next = |it: char, first: char, last: char| {
        if it == last { first } else { char::from_u32(u32::from(it) + 1).unwrap_or(it) }
    };
    let other = |it: char| match it {
        '0'..='9' => next(it, '0', '9'),
        'a'..='f' => next(it, 'a', 'f'),
        'g'..='z' => next(it, 'g', 'z'),
        'A'..='F' => next(it, 'A', 'F'),
        'G'..='Z' => next(it, 'G', 'Z'),
        _ => it,
    };
    text.chars().map(other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_parts_are_those_of_sentences() {
        assert_eq!(
            quoted(
                r#"volume mode "Ephemeral" not supported by driver x (only supports ["Persistent"])"#
            ),
            ["Ephemeral", "Persistent"]
        );
        assert_eq!(
            quoted(r#"E1123 1 a.go:1] "failed" pod="shop/web-0" err="no 'kv-a' here""#),
            ["shop/web-0", "no 'kv-a' here", "kv-a"]
        );
        assert_eq!(quoted(r#"{"code": "Forbidden", "n": 1}"#), [""; 0]);
        assert_eq!(quoted("the driver's log isn't the provider's"), [""; 0]);
    }

    #[test]
    fn what_is_replaced_stays_of_its_kind() {
        assert_eq!(otherwise("Persistent"), "Qfstjtufou");
        assert_eq!(otherwise("5e1d9f3a-0000"), "6f2e0a4b-1111");
    }
}
