//! Text → located tree: every node with its place. Only what playbooks need of YAML: no aliases, no
//! tags, one document, bounded size and depth.

use granit_parser::{Event, Parser, ScalarStyle};

/// Bytes of a file.
pub const FILE_BYTES: usize = 1024 * 1024;
/// Nested collections.
pub const DEPTH: usize = 32;

/// How large a document may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of its text.
    pub bytes: usize,
    /// Scalars and collections in it.
    pub nodes: usize,
}

/// A file of a playbook.
const FILE: Limits = Limits { bytes: FILE_BYTES, nodes: 200_000 };

/// A range of characters in a file.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Span {
    /// Line of the first character, from 1.
    pub line: usize,
    /// Column of the first character, from 1.
    pub column: usize,
    /// Byte offset of the first character.
    pub start: usize,
    /// Byte offset behind the last character.
    pub end: usize,
}

/// A node of the tree, with its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a node is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A scalar; `plain` if it was written without quotes.
    Scalar {
        /// Its text, escapes undone.
        text: String,
        /// Written without quotes: may be a number, a boolean or null.
        plain: bool,
    },
    /// A sequence.
    Sequence(Vec<Node>),
    /// A mapping, in written order.
    Mapping(Vec<(Node, Node)>),
}

/// Why a text is not such a tree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What, as a lowercase fragment.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Node {
    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            Kind::Sequence(_) | Kind::Mapping(_) => None,
        }
    }

    /// The node as plain data.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.kind {
            Kind::Scalar { text, plain: true } => plain(text),
            Kind::Scalar { text, plain: false } => text.clone().into(),
            Kind::Sequence(items) => items.iter().map(Self::to_json).collect(),
            Kind::Mapping(entries) => serde_json::Value::Object(
                entries
                    .iter()
                    .filter_map(|(key, value)| Some((key.text()?.to_owned(), value.to_json())))
                    .collect(),
            ),
        }
    }
}

/// YAML's core schema for scalars without quotes.
fn plain(text: &str) -> serde_json::Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => serde_json::Value::Null,
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        _ => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(number), _) => number.into(),
            (Err(_), Ok(number))
                if text.starts_with(|it: char| it.is_ascii_digit() || it == '-') =>
            {
                number.into()
            }
            _ => text.into(),
        },
    }
}

/// Reads one document: a file of a playbook.
pub fn tree(text: &str) -> Result<Node, Problem> {
    bounded(text, FILE)
}

/// Reads one document within limits.
pub fn bounded(text: &str, limits: Limits) -> Result<Node, Problem> {
    if text.len() > limits.bytes {
        return Err(problem(
            Span { line: 1, column: 1, ..Span::default() },
            &format!("this file is larger than {} KiB", limits.bytes / 1024),
        ));
    }
    let mut nodes = 0_usize;
    let mut open: Vec<(Node, Option<Node>)> = Vec::new();
    let mut root: Option<Node> = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let mark = error.marker();
            let start = mark.byte_offset().unwrap_or(0).min(text.len());
            let here = Span { line: mark.line(), column: mark.col() + 1, start, end: start };
            let help = "look here and just before: a bracket or quote that is not closed, an indent, \
                        or a text with `: ` in it that needs quotes";
            Problem { help: Some(help.to_owned()), ..problem(here, &error.info()) }
        })?;
        let start = span.start.byte_offset().unwrap_or(0).min(text.len());
        let end = span.end.byte_offset().unwrap_or(start).clamp(start, text.len());
        let here = Span { line: span.start.line(), column: span.start.col() + 1, start, end };
        nodes += 1;
        if nodes > limits.nodes {
            return Err(problem(
                here,
                &format!("there is more in this file than {} values", limits.nodes),
            ));
        }
        let done = match event {
            Event::Scalar(value, style, anchor, tag) => {
                refuse(anchor, tag.is_some(), here)?;
                let plain = style == ScalarStyle::Plain;
                Some(Node { span: here, kind: Kind::Scalar { text: value.into_owned(), plain } })
            }
            Event::SequenceStart(_, anchor, tag) => {
                refuse(anchor, tag.is_some(), here)?;
                enter(&mut open, Node { span: here, kind: Kind::Sequence(Vec::new()) })?;
                None
            }
            Event::MappingStart(_, anchor, tag) => {
                refuse(anchor, tag.is_some(), here)?;
                enter(&mut open, Node { span: here, kind: Kind::Mapping(Vec::new()) })?;
                None
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(|(mut node, _)| {
                node.span.end = end.max(node.span.start);
                node
            }),
            Event::Alias(_) => {
                return Err(problem(here, "aliases are not allowed here: write it out"));
            }
            Event::DocumentStart(..) if root.is_some() => {
                return Err(problem(here, "only one document a file is allowed"));
            }
            _ => None,
        };
        if let Some(node) = done {
            place(&mut open, &mut root, node);
        }
    }
    root.ok_or_else(|| {
        problem(Span { line: 1, column: 1, ..Span::default() }, "this file is empty")
    })
}

fn problem(span: Span, message: &str) -> Problem {
    Problem { span, message: message.to_owned(), help: None }
}

fn refuse(anchor: usize, tagged: bool, here: Span) -> Result<(), Problem> {
    if anchor != 0 {
        return Err(problem(here, "anchors are not allowed here: write it out"));
    }
    if tagged {
        return Err(problem(here, "tags are not allowed here"));
    }
    Ok(())
}

fn enter(open: &mut Vec<(Node, Option<Node>)>, node: Node) -> Result<(), Problem> {
    if open.len() >= DEPTH {
        return Err(problem(node.span, &format!("this is nested deeper than {DEPTH} levels")));
    }
    open.push((node, None));
    Ok(())
}

fn place(open: &mut [(Node, Option<Node>)], root: &mut Option<Node>, node: Node) {
    match open.last_mut() {
        None => *root = Some(node),
        Some((parent, key)) => match &mut parent.kind {
            Kind::Sequence(items) => items.push(node),
            Kind::Mapping(entries) => match key.take() {
                None => *key = Some(node),
                Some(name) => entries.push((name, node)),
            },
            Kind::Scalar { .. } => {}
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_node_knows_its_place() {
        let root = tree("a:\n  b: [x, \"1\"]\n").unwrap();
        let Kind::Mapping(entries) = &root.kind else { panic!("a mapping") };
        let Kind::Mapping(inner) = &entries[0].1.kind else { panic!("a mapping") };
        let Kind::Sequence(items) = &inner[0].1.kind else { panic!("a sequence") };
        assert_eq!((items[0].span.line, items[0].span.column), (2, 7));
        assert_eq!(root.to_json(), serde_json::json!({"a": {"b": ["x", "1"]}}));
    }

    #[test]
    fn bombs_are_refused() {
        for text in ["a: &x [1]\nb: *x", "a: !!python/object x", "", "a: 1\n---\nb: 2"] {
            assert!(tree(text).is_err(), "{text}");
        }
        assert!(tree(&"[".repeat(100)).is_err());
        assert!(tree(&" ".repeat(FILE_BYTES + 1)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = tree(&text);
        }
    }
}
