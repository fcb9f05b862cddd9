//! What secrets look like where people and programs leave them (`tests/secrets/shapes.yaml`), in everything that carries a text: none
//! comes out.
#![allow(clippy::unwrap_used, missing_docs, reason = "a failed test may panic")]

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use triagem_engine::evidence::redact::{Redactor, redact_tree};
use triagem_engine::text::secret::redact;

#[derive(Deserialize)]
struct Shape {
    what: String,
    text: String,
    hides: Vec<String>,
}

impl Shape {
    fn is_in(&self, shown: &str) -> bool {
        self.hides.iter().any(|it| shown.contains(it))
    }
}

fn shapes() -> Vec<Shape> {
    serde_yaml::from_str(include_str!("../../tests/secrets/shapes.yaml")).unwrap()
}

fn streamed(text: &str, size: usize) -> String {
    let mut shown = Vec::new();
    let mut redactor = Redactor::default();
    for chunk in text.as_bytes().chunks(size) {
        redactor.push(chunk, &mut |it| shown.extend_from_slice(it));
    }
    redactor.finish(&mut |it| shown.extend_from_slice(it));
    String::from_utf8(shown).unwrap()
}

const KLOG: &str =
    r#"E1123 22:05:51.978325       1 server.go:131] "failed to process mount request""#;

/// The shape as texts carry it.
fn texts(shape: &Shape) -> Vec<(&'static str, String)> {
    let text = &shape.text;
    // What has lines begins with one.
    let below = if text.contains('\n') { format!("\n{text}") } else { text.clone() };
    let behind = |margin: &str| {
        text.lines().map(|it| format!("{margin}{it}")).collect::<Vec<_>>().join("\n")
    };
    vec![
        ("alone", text.clone()),
        ("a log's line", format!("{KLOG} err=\"failed to get x: {below} end\"")),
        ("a log's quotation", format!("{KLOG} err={} pod=\"a/b\"", json!(text))),
        ("a log in JSON", json!({"level": "error", "msg": format!("x {below}")}).to_string()),
        (
            "a description",
            format!("  Warning  FailedMount  2m (x4 over 3m)  kubelet  failed: {below}"),
        ),
        (
            "a message in YAML",
            format!("- kind: Event\n  message: |-\n{}\n  reason: x", behind("    ")),
        ),
        ("a mail", format!("hello,\n{}\nany idea?", behind("> "))),
        ("a diff", format!("@@ -1 +1 @@\n{}\n same", behind("+"))),
        ("a chat", format!("ana: look: `{below}` what is it?")),
    ]
}

#[test]
fn no_secret_comes_out_of_a_text() {
    let mut leaks = Vec::new();
    for shape in shapes() {
        for (carrier, text) in texts(&shape) {
            let shown = redact(&text);
            if shape.is_in(&shown) {
                leaks.push(format!("{} in {carrier}: {shown}", shape.what));
            }
            assert_eq!(redact(&shown), shown, "once is enough: {} in {carrier}", shape.what);
        }
    }
    assert!(leaks.is_empty(), "{} leaks: {leaks:#?}", leaks.len());
}

#[test]
fn no_secret_comes_out_of_data() {
    let mut leaks = Vec::new();
    for shape in shapes() {
        let text = &shape.text;
        let mut trees = vec![
            json!({"kind": "Event", "message": text}),
            json!({"kind": "Pod", "metadata": {"annotations": {"x/y": format!("note {text}")}}}),
            json!({"spec": {"containers": [{"command": ["sh", "-c", text]}]}}),
            json!({"status": {"conditions": [{"message": format!("failed:\n{text}")}]}}),
        ];
        // Data that the shape itself is.
        trees.extend(serde_json::from_str::<Json>(text).ok());
        // YAML folds lines: where a wrapped one went on can no longer be told.
        let folds = shape.what == "wrapped";
        trees.extend(serde_yaml::from_str::<Json>(text).ok().filter(|_| !folds));
        for mut tree in trees {
            redact_tree(&mut tree);
            let shown = serde_yaml::to_string(&tree).unwrap();
            if shape.is_in(&shown) {
                leaks.push(format!("{}: {shown}", shape.what));
            }
        }
    }
    assert!(leaks.is_empty(), "{} leaks: {leaks:#?}", leaks.len());
}

#[test]
fn no_secret_comes_out_of_a_log_that_streams_by() {
    // What was wrapped is put together only where a text is known whole; a log is never wrapped.
    for shape in shapes().iter().filter(|it| it.what != "wrapped") {
        let below = if shape.text.contains('\n') {
            format!("\n{}", shape.text)
        } else {
            shape.text.clone()
        };
        let log = format!("2026-11-23T21:17:46.123456789Z {KLOG} {below} end\n{KLOG} next\n");
        let shown = streamed(&log, usize::MAX);
        assert!(!shape.is_in(&shown), "{}: {shown}", shape.what);
        assert!(shown.ends_with(" next\n"), "{}: {shown}", shape.what);
        assert_eq!(streamed(&log, 7), shown, "{}", shape.what);
    }
}

#[test]
fn a_key_without_its_first_line_goes_whole_beside_other_secrets() {
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQhunter2CanaryAb";
    let key = format!("{line}\\n{line}\\nhunter3Ab4=\\n-----END PRIVATE KEY-----");
    let others = "; 0 accessToken=hunter2Canary; 0a пароль: hunter2Canary ";
    for text in [format!("a {key}{others}"), format!("a {key}"), format!("{key}{others}")] {
        let shown = redact(&text);
        assert!(!shown.contains("hunter") && !shown.contains("MIIE"), "{shown}");
        assert_eq!(redact(&shown), shown.as_ref());
    }
}

/// What stands between two secrets.
const BETWEEN: &[&str] =
    &[" ", "\n", "; ", " | ", "\t", "\n\n", " end\nI1123 22:05:51.978325       1 a.go:1] \"x\" "];

proptest! {
    #[test]
    fn no_neighbour_brings_a_secret_out(picks in prop::collection::vec((0_usize..1_000, 0..BETWEEN.len(), "[a-z0-9 ._/-]{0,12}"), 1..5)) {
        let shapes = shapes();
        let mut text = String::new();
        let mut picked = Vec::new();
        for (at, between, noise) in picks {
            let shape = &shapes[at % shapes.len()];
            // What is told by the line it stands on stands on one of its own.
            text.push_str(&noise);
            text.push_str(if shape.text.contains('\n') { "\n" } else { " " });
            text.push_str(&shape.text);
            text.push_str(if shape.text.contains('\n') { "\n" } else { BETWEEN[between] });
            picked.push(shape);
        }
        let shown = redact(&text);
        for shape in picked {
            prop_assert!(!shape.is_in(&shown), "{}:\n{}\n{}", shape.what, text, shown);
        }
        prop_assert_eq!(redact(&shown), shown.as_ref());
    }

    #[test]
    fn no_text_panics(text in "(?s).{0,80}", at in 0_usize..1_000, cut in 0_usize..120) {
        let shapes = shapes();
        let shape = &shapes[at % shapes.len()].text;
        let from = shape.ceil_char_boundary(cut.min(shape.len()));
        let text = format!("{text}{}{text}", &shape[from..]);
        let shown = redact(&text).into_owned();
        prop_assert_eq!(redact(&shown), shown.as_str());
        prop_assert_eq!(streamed(&text, 3), streamed(&text, usize::MAX));
    }
}
