//! Objects: laid out on one line or on many they are the same, none of their secrets is kept, and a report of them holds none.

use std::io::Cursor;

use serde_json::{Value as Json, json};
use triagem::case::Case;
use triagem::collect::live::Stop;
use triagem_engine::budget::{Budget, ROOM};
use triagem_engine::evidence::{Body, Given};
use triagem_engine::given::{said, standing};
use triagem_engine::proof::{input, recognise};

use super::report::{CANARY, LIST, PLAYBOOKS, told};

pub(crate) fn run(bytes: &[u8]) {
    let read: Result<Json, _> = serde_json::from_slice(bytes);
    let bounded = Budget::new(ROOM).json(bytes);
    let Ok(tree) = read else {
        // A key twice is refused by neither; what serde takes the budget takes.
        let _ = (recognise(&LIST, "-", bytes), bounded);
        return;
    };
    let bounded = bounded.unwrap();
    assert!(bounded.left_out > 0 || bounded.tree.is_none_or(|it| it == tree));
    let _ = (standing(&tree), said(&tree), input(&tree));
    if tree.get("kind").is_none_or(|it| !it.is_string()) {
        return;
    }
    let compact = tree.to_string();
    let pretty = serde_json::to_string_pretty(&tree).unwrap();
    let (one, many) = (pieces(&compact), pieces(&pretty));
    assert_eq!(one, many, "{compact}");
    // The same beside a Secret.
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "namespace": "b"}, "data": {"x": CANARY}});
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [tree, secret]});
    let mut case = Case::new(&PLAYBOOKS, &LIST);
    let stop = Stop::default();
    case.read(&mut Cursor::new(list.to_string()), "-", &stop);
    for piece in &case.scope.given {
        assert!(!format!("{piece:?}").contains(CANARY), "{piece:?}");
    }
    if let Ok(report) = case.report(&stop) {
        told(&report, &PLAYBOOKS);
    }
}

/// What was recognised, but for its place. Quotes and what was counted of texts depend on the layout.
fn pieces(text: &str) -> Vec<(String, Option<Json>)> {
    let tree = |it: Given| match it.answer {
        Ok(document) => match document.body {
            Body::Tree(tree) => Some(tree),
            Body::Text(_) => None,
        },
        Err(gap) => Some(json!(format!("{gap:?}"))),
    };
    let of = |it: Given| (format!("{:?} {:?}", it.kind, it.names), tree(it));
    recognise(&LIST, "-", text.as_bytes()).into_iter().map(of).collect()
}
