//! Files → checked playbook: the one way in, for the run time, lint and tests alike.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::Playbook;
use super::allow::allowed;
use super::check::Checker;
use crate::evidence::recording::Recording;
use crate::fault::Fault;
use crate::reader::{Faults, Place, nearest};
use crate::system::Vocabulary;
use crate::words::SOURCE;
use crate::yaml::{Kind, Node, Span, tree};

mod locale;

/// The apiVersion this program reads.
pub const API_VERSION: &str = "triagem/v1";

/// Codes that checking tells, and that may be allowed.
const CHECKED: &[&str] = &["P103", "P302", "P402", "P601"];

/// The code of a cause without tests.
const UNTESTED: &str = "P601";

/// A playbook, if no fault is an error; and all its faults, sorted by place.
#[derive(Debug)]
pub struct Loaded {
    /// The playbook.
    pub playbook: Option<Playbook>,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

/// Loads the playbook of a folder: `playbook.yaml`, `causes/*.yaml`, `locales/<locale>/*.yaml` and
/// `recordings/<name>/…`, by path relative to the folder.
pub fn load(id: &str, files: &BTreeMap<String, Vec<u8>>, vocabulary: Vocabulary) -> Loaded {
    part(id, files, vocabulary, None)
}

/// Loads what a run needs of a playbook that is known to be right: files may have been left out that only tests or other readers need.
/// `whole`: the digest of all its files.
pub fn part(
    id: &str,
    files: &BTreeMap<String, Vec<u8>>,
    vocabulary: Vocabulary,
    whole: Option<String>,
) -> Loaded {
    let mut faults = Faults::default();
    let start = Span { line: 1, column: 1, ..Span::default() };
    let mut root = None;
    let mut causes = Vec::new();
    let mut locales = Vec::new();
    let mut newer = false;
    for (path, bytes) in files {
        if path.starts_with("recordings/") || !path.ends_with(".yaml") {
            continue;
        }
        let text = String::from_utf8_lossy(bytes);
        let node = match tree(&text) {
            Ok(node) => node,
            Err(problem) => {
                faults.note(
                    &Place { file: path, span: problem.span },
                    "P001",
                    problem.message,
                    problem.help,
                );
                continue;
            }
        };
        newer |= refuse_version(path, &node, &mut faults);
        if path == "playbook.yaml" {
            root = Some(node);
        } else if path.starts_with("causes/") {
            causes.push((path.clone(), node));
        } else if path.starts_with("locales/") {
            locales.push((path.clone(), node));
        } else {
            faults.note(
                &Place { file: path, span: start },
                "P003",
                "this file has no place in a playbook".to_owned(),
                Some("it has playbook.yaml, causes/, locales/ and recordings/".to_owned()),
            );
        }
    }
    if newer {
        faults.all.retain(|it| it.code == "P009");
        return Loaded { playbook: None, faults: faults.all };
    }
    let Some(root) = root else {
        if faults.all.is_empty() {
            faults.note(
                &Place { file: "playbook.yaml", span: start },
                "P004",
                "there is no playbook.yaml".to_owned(),
                None,
            );
        }
        return Loaded { playbook: None, faults: faults.all };
    };
    let mut checker = Checker::check(id, &root, &causes, vocabulary, faults);
    let is_whole = whole.is_none();
    checker.playbook.digest = whole.unwrap_or_else(|| digest(files));
    recordings(files, &mut checker);
    locale::read(&locales, &mut checker);
    if is_whole {
        missing_locales(&mut checker);
    } else {
        checker.faults.all.retain(|it| it.code != UNTESTED);
    }
    let faults = allowed(checker.faults.all, files, CHECKED);
    let broken = faults.iter().any(|it| !it.warning);
    Loaded { playbook: (!broken).then_some(checker.playbook), faults }
}

/// Compared before anything else: an old program says so, not “unknown key”.
fn refuse_version(path: &str, node: &Node, faults: &mut Faults) -> bool {
    let Kind::Mapping(entries) = &node.kind else { return false };
    let written = entries.iter().find(|(key, _)| key.text() == Some("apiVersion"));
    match written.map(|(_, it)| (it, it.text().unwrap_or_default())) {
        Some((node, text)) if text != API_VERSION => {
            let message = format!(
                "this needs a newer triagem: it is written in `{text}`, and this version reads `{API_VERSION}`"
            );
            faults.note(&Place { file: path, span: node.span }, "P009", message, None);
            true
        }
        Some(_) | None => false,
    }
}

/// SHA-256 over every path and file, hexadecimal.
pub fn digest(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in files {
        hash.update((path.len() as u64).to_le_bytes());
        hash.update(path.as_bytes());
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn recordings(files: &BTreeMap<String, Vec<u8>>, checker: &mut Checker<'_>) {
    let mut folders: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for (path, bytes) in files {
        if let Some((name, rest)) =
            path.strip_prefix("recordings/").and_then(|it| it.split_once('/'))
        {
            folders.entry(name.to_owned()).or_default().insert(rest.to_owned(), bytes.clone());
        }
    }
    for (name, files) in folders {
        match Recording::read(Arc::new(files)) {
            Ok(recording) => {
                checker.playbook.recordings.insert(name, recording);
            }
            Err(error) => {
                let file = format!("recordings/{name}/recording.yaml");
                let span = Span { line: 1, column: 1, ..Span::default() };
                checker.faults.note(&Place { file: &file, span }, "P001", error.to_string(), None);
            }
        }
    }
    for (file, span, name) in std::mem::take(&mut checker.recordings) {
        let known = &checker.playbook.recordings;
        if known.contains_key(&name) {
            continue;
        }
        let help = nearest(&name, known.keys().map(String::as_str))
            .unwrap_or_else(|| format!("put it into recordings/{name}/"));
        let message = format!("there is no recording `{name}`");
        checker.faults.note(&Place { file: &file, span }, "P602", message, Some(help));
    }
}

fn missing_locales(checker: &mut Checker<'_>) {
    let missing: Vec<String> = checker
        .playbook
        .locales
        .iter()
        .filter(|it| *it != SOURCE && !checker.playbook.translations.contains_key(*it))
        .cloned()
        .collect();
    for locale in missing {
        let span = Span { line: 1, column: 1, ..Span::default() };
        let message = format!("there is no locales/{locale}/");
        let help = format!("add it, or take `{locale}` from `locales`");
        checker.faults.note(&Place { file: "playbook.yaml", span }, "P701", message, Some(help));
    }
}
