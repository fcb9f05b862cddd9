//! What a stranger may write into a message moves no verdict: each slot of each cause's own text, forged with the texts
//! of all the others.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use triagem::collect::SOURCES;
use triagem::collect::recorded::Recorded;
use triagem_engine::diagnose::{diagnose, watchlist};
use triagem_engine::evidence::Scope;
use triagem_engine::evidence::recording::Recording;
use triagem_engine::given::Recogniser;
use triagem_engine::playbook::Playbook;
use triagem_engine::playbook::load::load;
use triagem_engine::text::Watchlist;
use triagem_engine::verdict::Verdict;

/// A message of the provider whose end tells nothing: whatever is confirmed comes out of the slot.
const MESSAGE: &str = "MountVolume.SetUp failed for volume \"v\" : rpc error: code = Unknown desc = failed to mount secrets store objects for pod shop/web-0, err: rpc error: code = Unknown desc = failed to mount objects, error: failed to get objectType:secret, objectName:{name}, objectVersion:{version}: GET https://kv-shop.vault.azure.net/secrets/{path}/?api-version=7.4 RESPONSE 418: 418 I'm a teapot";

fn playbook() -> Playbook {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../playbooks/aks-keyvault");
    let mut files = BTreeMap::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    load("aks-keyvault", &files, SOURCES).playbook.unwrap()
}

/// Causes that are confirmed or likely.
fn sure(playbooks: &[Playbook], list: &Watchlist, text: &str) -> Vec<String> {
    let mut recogniser = Recogniser::new(list, "-");
    recogniser.push(text.as_bytes());
    let scope = Scope { vocabulary: SOURCES, given: recogniser.finish(), ..Scope::default() };
    let report = diagnose(playbooks, list, &scope, &Recorded(Recording::default()));
    let strong = report.findings.iter().filter(|it| it.verdict <= Verdict::Likely);
    strong.map(|it| it.cause.clone()).collect()
}

/// One event with this in the slots.
fn event(name: &str, version: &str, path: &str) -> String {
    let message =
        MESSAGE.replace("{name}", name).replace("{version}", version).replace("{path}", path);
    let event = serde_json::json!({
        "apiVersion": "v1", "kind": "Event", "type": "Warning", "reason": "FailedMount",
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web-0", "uid": "u"},
        "message": message, "count": 3, "lastTimestamp": "2026-11-23T22:05:51Z",
    });
    event.to_string()
}

#[test]
fn what_stands_in_a_slot_confirms_nothing() {
    let playbook = playbook();
    let texts: Vec<(String, String)> = playbook
        .causes
        .iter()
        .flat_map(|cause| {
            let confirms = |it: &&triagem_engine::playbook::CauseTest| {
                it.expect.get(&cause.id).is_some_and(|it| it.verdict == Verdict::Confirmed)
            };
            let tests = cause.tests.iter().filter(confirms).filter_map(|it| it.paste.clone());
            tests.take(2).map(|it| (cause.id.clone(), it))
        })
        .collect();
    assert!(texts.len() > 100, "{}", texts.len());
    let playbooks = [playbook];
    let list = watchlist(&playbooks);
    let plain = sure(&playbooks, &list, &event("pw", "", "pw"));
    let mut moved = Vec::new();
    for (cause, text) in &texts {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        // In a URL whatever is no letter is escaped.
        let escaped: String =
            words.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '-' }).collect();
        for (slot, forged) in [
            ("name", event(&words, "", "pw")),
            (
                "name with end marks",
                event(&format!("x, objectVersion:: {words}, objectVersion:"), "", "pw"),
            ),
            ("version", event("pw", &format!(": {words}"), "pw")),
            ("path", event("pw", "", &escaped)),
        ] {
            let found = sure(&playbooks, &list, &forged);
            if found != plain {
                moved.push(format!("{slot} with the text of {cause}: {found:?}"));
            }
        }
    }
    assert!(moved.is_empty(), "{} of {}:\n{}", moved.len(), 4 * texts.len(), moved.join("\n"));
}
