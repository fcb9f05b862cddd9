//! `# lint: allow P604 because …`: what an author takes upon themselves, with a reason.
//!
//! The comment stands at the end of the line that it is about, or in a line of its own above it.

use std::collections::BTreeMap;

use crate::fault::{CODES, Fault};
use crate::reader::TOLD;
use crate::yaml::{Kind, Node, Span, tree};

/// Codes that are a matter of judgement: a playbook with them can be used.
pub const JUDGEMENT: &[&str] = &["P103", "P302", "P402", "P601", "P603", "P604", "P605"];

/// How such a comment begins.
const MARK: &str = "# lint:";

/// Takes away what the comments of these files allow. A comment that is not understood, or that allows what is not
/// there, is a fault itself; `told` are the codes that would have been told.
pub fn allowed(faults: Vec<Fault>, files: &BTreeMap<String, Vec<u8>>, told: &[&str]) -> Vec<Fault> {
    let mut left = faults;
    for (file, bytes) in files.iter().filter(|(file, _)| file.ends_with(".yaml")) {
        if file.starts_with("recordings/") {
            continue;
        }
        let text = String::from_utf8_lossy(bytes);
        let Some(root) = Some(&text).filter(|it| it.contains(MARK)).and_then(|it| tree(it).ok())
        else {
            continue;
        };
        for comment in comments(&text, &root) {
            if left.len() > TOLD {
                break;
            }
            let mut fault = |message: String, help: String| {
                let (file, span) = (file.clone(), comment.span);
                let help = Some(help);
                left.push(Fault { file, span, code: "P010", warning: false, message, help });
            };
            let Some((code, reason)) = parse(&comment.text) else {
                fault(
                    "this comment is not understood".to_owned(),
                    format!("write `{MARK} allow P604 because …`"),
                );
                continue;
            };
            if !JUDGEMENT.contains(&code) {
                let known = CODES.iter().any(|(it, ..)| *it == code);
                let what = if known { "cannot be allowed" } else { "is no code" };
                fault(format!("`{code}` {what}"), format!("there are {}", JUDGEMENT.join(", ")));
            } else if reason.is_empty() {
                fault(
                    format!("why `{code}` is allowed is not said"),
                    format!("write `{MARK} allow {code} because …`"),
                );
            } else if told.contains(&code) {
                let before = left.len();
                left.retain(|it| {
                    !(it.file == *file && it.code == code && it.span.line == comment.about)
                });
                if left.len() == before {
                    let (file, span) = (file.clone(), comment.span);
                    let message = format!("nothing of `{code}` is there to be allowed");
                    let help = Some(
                        "take the comment away, or put it above the line it is about".to_owned(),
                    );
                    left.push(Fault { file, span, code: "P010", warning: false, message, help });
                }
            }
        }
    }
    left.sort();
    left.dedup();
    left
}

/// A comment that begins as ours do.
struct Comment {
    span: Span,
    /// Behind the mark.
    text: String,
    /// The line it is about.
    about: usize,
}

fn comments(text: &str, root: &Node) -> Vec<Comment> {
    let mut texts = Vec::new();
    scalars(root, &mut texts);
    // For each line, the next one below that is no comment.
    let mut below = Vec::new();
    let mut next = None;
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate().rev() {
        below.push(next);
        if !line.trim().is_empty() && !line.trim().starts_with('#') {
            next = Some(at + 1);
        }
    }
    below.reverse();
    let mut found = Vec::new();
    let mut start = 0;
    for (at, line) in text.split_inclusive('\n').enumerate() {
        if let Some(column) = line.find(MARK) {
            let begins = start + column;
            // They stand in the order of the file, and none within another.
            let near = texts.partition_point(|it| it.start <= begins);
            let within =
                near.checked_sub(1).and_then(|it| texts.get(it)).is_some_and(|it| begins < it.end);
            let alone = line.get(..column).is_some_and(|it| it.trim().is_empty());
            let spaced = alone || line.get(..column).is_some_and(|it| it.ends_with(' '));
            if !within && spaced {
                let next = below.get(at).copied().flatten().filter(|_| alone);
                let about = next.unwrap_or(at + 1);
                let behind = line.get(column + MARK.len()..).unwrap_or_default();
                let end = begins + line.trim_end().len() - column;
                found.push(Comment {
                    span: Span { line: at + 1, column: column + 1, start: begins, end },
                    text: behind.trim().to_owned(),
                    about,
                });
            }
        }
        start += line.len();
    }
    found
}

/// Where the texts of a tree stand: what looks like a comment in them is none.
fn scalars(node: &Node, found: &mut Vec<Span>) {
    match &node.kind {
        Kind::Scalar { .. } => found.push(node.span),
        Kind::Sequence(items) => items.iter().for_each(|it| scalars(it, found)),
        Kind::Mapping(entries) => entries.iter().for_each(|(key, value)| {
            scalars(key, found);
            scalars(value, found);
        }),
    }
}

/// The code, and the reason.
fn parse(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("allow ")?.trim_start();
    let (code, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let rest = rest.trim();
    if rest.is_empty() {
        return Some((code, ""));
    }
    Some((code, rest.strip_prefix("because")?.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str, faults: &[(&'static str, usize)]) -> Vec<(&'static str, usize)> {
        let fault = |code, line| Fault {
            file: "a.yaml".to_owned(),
            span: Span { line, ..Span::default() },
            code,
            warning: true,
            message: String::new(),
            help: None,
        };
        let files = BTreeMap::from([("a.yaml".to_owned(), text.as_bytes().to_vec())]);
        let faults = faults.iter().map(|(code, line)| fault(*code, *line)).collect();
        allowed(faults, &files, &["P103", "P604"])
            .iter()
            .map(|it| (it.code, it.span.line))
            .collect()
    }

    #[test]
    fn a_reason_allows_what_stands_on_the_line_or_below() {
        let below = "# lint: allow P103 because it is for another\n# more\na: 1\n";
        assert_eq!(left(below, &[("P103", 3)]), []);
        assert_eq!(left("a: 1 # lint: allow P103 because so\n", &[("P103", 1)]), []);
        // Another code, or another line, stays; and the comment does nothing.
        assert_eq!(left(below, &[("P604", 3)]), [("P010", 1), ("P604", 3)]);
        assert_eq!(left(below, &[("P103", 4)]), [("P010", 1), ("P103", 4)]);
    }

    #[test]
    fn a_comment_that_says_too_little_is_a_fault() {
        for text in [
            "allow P103",
            "allow P103 because",
            "allow P001 because x",
            "allow Q1 because x",
            "deny P103",
        ] {
            let text = format!("# lint: {text}\na: 1\n");
            assert_eq!(left(&text, &[("P103", 2)]), [("P010", 1), ("P103", 2)], "{text}");
        }
    }

    #[test]
    fn what_stands_in_a_text_is_no_comment() {
        assert_eq!(left("a: 'x # lint: allow P103'\nb: |\n  # lint: deny\n", &[]), []);
    }
}
