//! What is redacted once is redacted, and a secret goes wherever it stands.

use serde_json::{Value as Json, json};
use triagem_engine::evidence::redact::{Redactor, redact_tree};
use triagem_engine::text::secret::redact;

use super::report::CANARY;

pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let once = redact(&text).into_owned();
    assert_eq!(redact(&once), once, "twice is not once");
    let planted = planted(&text, bytes.len());
    assert!(!redact(&planted).contains(CANARY), "{:?}", redact(&planted));
    let mut shown = Vec::new();
    let mut redactor = Redactor::default();
    redactor.push(planted.as_bytes(), &mut |it| shown.extend_from_slice(it));
    redactor.finish(&mut |it| shown.extend_from_slice(it));
    let shown = String::from_utf8_lossy(&shown);
    assert!(!shown.contains(CANARY), "streamed: {shown:?}");
    let mut tree = serde_json::from_slice(bytes).unwrap_or(Json::Null);
    redact_tree(&mut tree);
    let mut again = tree.clone();
    redact_tree(&mut again);
    assert_eq!(again, tree, "a tree twice is not once");
    let mut tree = json!({"kind": "Secret", "data": {text: CANARY}, "a": [tree, planted]});
    redact_tree(&mut tree);
    assert!(!tree.to_string().contains(CANARY), "{tree}");
}

/// The text with a secret in it, a word of its own, at a place that depends on its length alone.
pub(crate) fn planted(text: &str, dice: usize) -> String {
    let at = text.ceil_char_boundary((dice * 7919) % (text.len() + 1));
    format!("{} {CANARY} {}", &text[..at], &text[at..])
}
