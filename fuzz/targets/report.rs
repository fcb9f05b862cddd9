//! What holds of every report, whoever wrote what it is made of.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value as Json;
use triagem::case;
use triagem::systems::systems;
use triagem_engine::diagnose::watchlist;
use triagem_engine::playbook::Playbook;
use triagem_engine::playbook::template::deceives;
use triagem_engine::text::Watchlist;
use triagem_engine::verdict::Report;
use triagem_engine::words::Words;

/// A token of a known maker: whatever stands around it, it is one.
pub(crate) const CANARY: &str = "ghp_Zx8Qw3Er5Ty7Ui9Op1As2Df4Gh6Jk8Lz0Xc3";

/// The built-in playbooks.
pub(crate) static PLAYBOOKS: LazyLock<Vec<Playbook>> = LazyLock::new(|| case::built_in().unwrap());
/// What they look for.
pub(crate) static LIST: LazyLock<Watchlist> = LazyLock::new(|| watchlist(&PLAYBOOKS));

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema: Json = serde_json::from_str(include_str!("../../schema/report.v1.json")).unwrap();
    jsonschema::validator_for(&schema).unwrap()
});
static ENGLISH: LazyLock<Words> =
    LazyLock::new(|| Words::new("en").unwrap().knowing(systems().all()));
static PORTUGUESE: LazyLock<Words> =
    LazyLock::new(|| Words::new("pt-BR").unwrap().knowing(systems().all()));

/// Tells a report to people and to programs, and gives the latter and its exit code: nothing deceives, no planted secret is in it, and the JSON keeps
/// to its schema.
pub(crate) fn told(report: &Report, playbooks: &[Playbook]) -> (String, u8) {
    let json = case::json(report, playbooks, &ENGLISH, false).unwrap();
    let plain = without_ink(&case::text(report, playbooks, &PORTUGUESE).unwrap());
    assert!(!deceives(&plain), "the report deceives: {plain:?}");
    assert!(!deceives(&json), "the JSON deceives: {json}");
    assert!(!plain.contains(CANARY), "the report holds a secret: {plain}");
    assert!(!json.contains(CANARY), "the JSON holds a secret: {json}");
    let read: Json = serde_json::from_str(&json).unwrap();
    if let Some(error) = SCHEMA.iter_errors(&read).next() {
        panic!("{}: {error}", error.instance_path());
    }
    let code = case::code(report);
    assert!(matches!(code, 0 | 1 | 3), "exit code {code}");
    if code == case::HEALTHY {
        assert!(!report.interrupted && report.unanswered.is_empty());
        assert!(report.selection.gap.is_none());
    }
    (json, code)
}

/// What programs are told of a report, to compare it with another.
pub(crate) fn said(report: &Report, playbooks: &[Playbook]) -> String {
    case::json(report, playbooks, &ENGLISH, false).unwrap()
}

/// The text without our own colours, which are the only letters that steer a terminal.
fn without_ink(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('m') {
            Some((ink, rest)) if ink.bytes().all(|it| it.is_ascii_digit() || it == b';') => {
                plain.push_str(rest);
            }
            _ => {
                plain.push_str("\u{1b}[");
                plain.push_str(part);
            }
        }
    }
    plain
}
