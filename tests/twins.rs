//! One meaning, every platform's words: a cause that looks for a meaning is found in each of its wordings alike.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use triagem::collect::recorded::Recorded;
use triagem::systems::vocabulary;
use triagem_engine::diagnose::{diagnose, watchlist};
use triagem_engine::evidence::Scope;
use triagem_engine::evidence::recording::Recording;
use triagem_engine::given::Recogniser;
use triagem_engine::playbook::load::load;
use triagem_engine::playbook::{Cause, Playbook, Test, meanings};
use triagem_engine::verdict::Verdict;

fn playbook(id: &str) -> Playbook {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../playbooks").join(id);
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
    load(id, &files, vocabulary()).playbook.unwrap()
}

/// The wordings of every meaning that a sign which the cause requires looks for.
fn meant(playbook: &Playbook, cause: &Cause) -> Vec<&'static [String]> {
    let mut open: Vec<&String> = cause.requires.iter().chain(&cause.requires_any).collect();
    let mut groups: Vec<&Vec<String>> = Vec::new();
    while let Some(id) = open.pop() {
        match playbook.signs.get(id).map(|it| &it.test) {
            Some(Test::AnyOf(parts) | Test::AllOf(parts)) => open.extend(parts),
            Some(Test::Text { texts, .. }) => {
                groups.extend(texts.iter().flat_map(|(_, it)| &playbook.watches[*it].any));
            }
            Some(Test::Value { .. }) | None => {}
        }
    }
    meanings::names()
        .filter_map(meanings::wordings)
        .filter(|all| groups.iter().any(|group| all.iter().all(|it| group.contains(it))))
        .collect()
}

#[test]
fn each_wording_of_a_meaning_is_as_good_as_another() {
    let mut twins = 0;
    let mut wrong = Vec::new();
    for playbook in ["aks-keyvault", "image-pull"].map(playbook) {
        let playbooks = [playbook];
        let list = watchlist(&playbooks);
        for cause in &playbooks[0].causes {
            for wordings in meant(&playbooks[0], cause) {
                for test in &cause.tests {
                    let confirmed = test.expect.get(&cause.id).map(|it| it.verdict);
                    let Some(text) = test.paste.as_ref() else { continue };
                    let Some(said) = wordings.iter().find(|it| text.contains(it.as_str())) else {
                        continue;
                    };
                    if confirmed != Some(Verdict::Confirmed) {
                        continue;
                    }
                    for twin in wordings {
                        let mut recogniser = Recogniser::new(&list, "-");
                        recogniser.push(text.replace(said.as_str(), twin).as_bytes());
                        let given = recogniser.finish();
                        let scope = Scope { vocabulary: vocabulary(), given, ..Scope::default() };
                        let none = Recorded(Recording::default());
                        let report = diagnose(&playbooks, &list, &scope, &none);
                        let best = report.findings.iter().filter(|it| it.cause == cause.id);
                        twins += 1;
                        if best.map(|it| it.verdict).min() != Some(Verdict::Confirmed) {
                            wrong.push(format!("{}, {}: {twin}", cause.id, test.name));
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {twins}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(twins > 50, "{twins}");
}
