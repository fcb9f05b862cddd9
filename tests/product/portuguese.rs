//! Every message that a report can hold, in Portuguese: none of it is English.

use serde_json::Value as Json;

/// Words that no Portuguese sentence has.
const ENGLISH: &[&str] = &[
    "the", "of", "is", "are", "was", "were", "and", "not", "has", "have", "with", "from", "this",
    "that", "which", "it", "to", "on",
];
/// What quotes, names or runs something stays as it is.
const AS_IT_IS: &[&str] = &[
    "quotes",
    "references",
    "argv",
    "command",
    "facts",
    "detail",
    "subjects",
    "names",
    "origin",
    "where",
    "id",
    "step",
];
/// Names that are the same in both languages.
const NAMES: &[&str] = &["<SecretProviderClass>", "<namespace>"];

fn report(case: &str, lang: &str) -> (Json, String) {
    let folder = format!("../tests/cases/{case}/evidence");
    let run = |more: &[&str]| {
        super::triagem(&[&["diagnose", &folder, "--all", "--lang", lang], more].concat(), "").stdout
    };
    let text = String::from_utf8(run(&["--color", "never"])).unwrap();
    (serde_json::from_slice(&run(&["-o", "json"])).unwrap(), text)
}

/// The sentences of a report.
fn sentences(of: &Json, found: &mut Vec<String>) {
    match of {
        Json::Object(entries) => {
            entries
                .iter()
                .filter(|(key, _)| !AS_IT_IS.contains(&key.as_str()))
                .for_each(|(_, it)| sentences(it, found));
        }
        Json::Array(items) => items.iter().for_each(|it| sentences(it, found)),
        Json::String(text) => found.push(text.clone()),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// A sentence without what it quotes.
fn unquoted(text: &str) -> String {
    let mut open = None;
    text.chars()
        .filter(|it| match (open, *it) {
            (None, '“' | '`' | '"') => {
                open = Some(if *it == '“' { '”' } else { *it });
                false
            }
            (Some(end), it) => {
                if it == end {
                    open = None;
                }
                false
            }
            (None, _) => true,
        })
        .collect()
}

fn english(text: &str) -> Vec<String> {
    let words = unquoted(text);
    let words = words.split(|it: char| !it.is_alphanumeric() && !"-_./:'".contains(it));
    words.filter(|it| ENGLISH.contains(it)).map(str::to_owned).collect()
}

/// The blanks of a command.
fn blanks(text: &str) -> Vec<String> {
    let parts = text.split('<').skip(1).filter_map(|it| it.split_once('>'));
    parts.map(|(what, _)| format!("<{what}>")).collect()
}

#[test]
fn a_report_in_portuguese_is_portuguese() {
    // With `--all` a report tells every cause of its playbook, whatever the evidence is.
    for case in ["csi-missing-csidriver-denied", "keyvault-missing-timeout-names-no-host-e4"] {
        let (report, text) = report(case, "pt-BR");
        let mut all = Vec::new();
        sentences(&report, &mut all);
        assert!(all.len() > 500);
        for sentence in &all {
            assert!(english(sentence).is_empty(), "{:?} in {sentence}", english(sentence));
        }
        let (other, other_text) = self::report(case, "en");
        let of = |report: &Json, text: &str| {
            let mut all = blanks(text);
            let steps = report["findings"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|it| it["remedy"].as_array().unwrap());
            all.extend(steps.filter_map(|it| it["command"].as_str()).flat_map(blanks));
            all
        };
        let english = of(&other, &other_text);
        for blank in of(&report, &text) {
            assert!(NAMES.contains(&blank.as_str()) || !english.contains(&blank), "{blank}");
        }
    }
}
