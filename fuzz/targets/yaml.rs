//! YAML: every node stands where it says, within what holds it; and no document is deeper or larger than is allowed.

use triagem_engine::yaml::{DEPTH, FILE_BYTES, Kind, Node, tree};

pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match tree(&text) {
        Ok(node) => {
            assert!(text.len() <= FILE_BYTES);
            stands(&text, &node, 0);
            let _ = node.to_json();
        }
        Err(problem) => {
            assert!(problem.span.start <= problem.span.end && problem.span.end <= text.len());
            assert!(!problem.message.is_empty());
        }
    }
}

fn stands(text: &str, node: &Node, depth: usize) {
    let span = node.span;
    assert!(depth <= DEPTH);
    assert!(span.line >= 1 && span.column >= 1, "{node:?}");
    assert!(text.get(span.start..span.end).is_some(), "{node:?}");
    let within = |it: &Node| {
        assert!(it.span.start >= span.start, "{it:?} before {span:?}");
        stands(text, it, depth + 1);
    };
    match &node.kind {
        Kind::Scalar { .. } => {}
        Kind::Sequence(items) => items.iter().for_each(within),
        Kind::Mapping(entries) => {
            entries.iter().for_each(|(key, value)| {
                within(key);
                within(value);
            });
        }
    }
}
