//! Every message that a report, the help or an error can hold, in Portuguese: none of it is English.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value as Json;
use triagem::systems::systems;
use triagem_engine::words::Words;

/// Words that no Portuguese sentence has.
const ENGLISH: &[&str] = &[
    "the", "of", "is", "are", "was", "were", "and", "not", "has", "have", "with", "from", "this",
    "that", "which", "it", "to", "on",
];
/// What quotes, names or runs something stays as it is.
const AS_IT_IS: &[&str] = &[
    "quotes",
    "warnings",
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
    for case in [
        "csi-missing-csidriver-denied",
        "keyvault-missing-timeout-names-no-host-e4",
        "image-pull-back-off-alone",
    ] {
        let (report, text) = report(case, "pt-BR");
        let mut all = Vec::new();
        sentences(&report, &mut all);
        assert!(all.len() > 100, "{case}: {}", all.len());
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

#[derive(Deserialize)]
struct Pair {
    from: String,
    text: String,
}

#[test]
fn the_programs_own_words_are_portuguese() {
    let read = |file: &str| fs::read_to_string(format!("../engine/locales/pt-BR/{file}")).unwrap();
    let own: std::collections::BTreeMap<String, Pair> =
        serde_yaml::from_str(&read("words.yaml")).unwrap();
    let phrases: Vec<Pair> = serde_yaml::from_str(&read("phrases.yaml")).unwrap();
    let all: Vec<&Pair> = own.values().chain(&phrases).collect();
    assert!(all.len() > 300);
    for pair in all {
        let told = english(&filled(&pair.text, ""));
        assert!(told.is_empty(), "{told:?} in {}", pair.text);
        // What is the same in both languages is a name, or a word of both.
        let words = pair.from.split(' ').filter(|it| it.chars().all(char::is_alphabetic)).count();
        assert!(pair.text != pair.from || words < 4, "{}", pair.from);
    }
}

fn help(of: &[&str]) -> String {
    let run = super::triagem(&[of, &["--help", "--lang", "pt-BR"]].concat(), "");
    assert_eq!(run.status.code(), Some(0), "{of:?}");
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn the_help_of_every_command_is_portuguese() {
    let mut open = vec![Vec::new()];
    let mut seen = 0;
    while let Some(command) = open.pop() {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let said = help(&words);
        assert!(said.contains("Uso: triagem") && said.contains("Mostra a ajuda"), "{said}");
        assert!(english(&said).is_empty(), "{:?} in {said}", english(&said));
        for word in ["Usage", "Options", "Commands", "Arguments", "default:", "possible values"] {
            assert!(!said.contains(word), "{word} in {said}");
        }
        seen += 1;
        let below = said.lines().skip_while(|it| *it != "Comandos:").skip(1);
        for line in below.take_while(|it| !it.is_empty()) {
            let Some(name) = line.strip_prefix("  ").filter(|it| !it.starts_with(' ')) else {
                continue;
            };
            let name = name.split(' ').next().unwrap().to_owned();
            if name != "help" {
                open.push([command.clone(), vec![name]].concat());
            }
        }
    }
    assert!(seen >= 14, "{seen}");
}

#[test]
fn what_is_wrong_with_the_arguments_is_told_in_portuguese() {
    for (args, words) in [
        (&["diagnose", "--nonsense"][..], "argumento inesperado '--nonsense'"),
        (&["diagnose", "--timeout", "0"], "valor inválido '0' para '--timeout <SEGUNDOS>'"),
        (&["diagnose", "--timeout", "x"], "não é um número"),
        (&["diagnose", "--request-timeout", "x"], "não é uma duração"),
        (&["diagnose", "-o", "xml"], "[valores possíveis: text, json]"),
        (&["diagnose", "--why"], "pede um valor"),
        (&["diagnose", "--timeout", "1", "--timeout", "2"], "várias vezes"),
        (&["diagnose", "-A", "-n", "x"], "não pode ser usado com"),
        (&["access"], "obrigatório, e ausente: <PLAYBOOK>"),
        (&["nonsense"], "não existe o comando 'nonsense'"),
        (&["playbook", "-q"], "argumento inesperado"),
        (&["schema", "a", "b"], "argumento inesperado 'b'"),
        (&["playbook", "show", "x"], "não existe o playbook `x`"),
        (&["schema", "x"], "não existe o esquema `x`"),
        (&["explain", "x"], "não é um código de falha"),
        (&["diagnose", "/does/not/exist"], "o arquivo ou a pasta não existe"),
        (
            &["diagnose", "pod/a", "--kubeconfig", "/does/not/exist"],
            "o arquivo ou a pasta não existe",
        ),
        (&["diagnose", "pod/a", "--kubeconfig", "/dev/null"], "contexto atual"),
        (
            &["diagnose", "../tests/recordings/answer-without-a-body"],
            "não foi possível ler a gravação",
        ),
        (&["plan", "pod/.."], "não é nome de um objeto"),
    ] {
        for before in [&["--lang", "pt-BR"][..], &["--lang=pt-BR", "-o", "json"]] {
            let to_programs = before.len() > 2;
            // Only a command that reports takes a form of the report, and each option once.
            if to_programs && (args[0] != "diagnose" || args.contains(&"-o")) {
                continue;
            }
            let mut all = args.to_vec();
            all.splice(1..1, before.iter().copied());
            let run = super::triagem(&all, "");
            let said = if to_programs {
                let error: Json = serde_json::from_slice(&run.stdout).unwrap();
                let part = |key: &str| error["error"][key].as_str().unwrap_or_default().to_owned();
                format!("{}\n\n{}", part("message"), part("help"))
            } else {
                String::from_utf8_lossy(&run.stderr).into_owned()
            };
            assert!(matches!(run.status.code(), Some(2 | 4)), "{args:?}: {said}");
            assert!(said.contains(words), "{args:?}: no {words:?} in {said}");
            assert!(english(&said).is_empty(), "{args:?}: {:?} in {said}", english(&said));
        }
    }
}

/// Where a phrase in English arises that a reader may see, and how it begins.
const ARISES: &[&str] = &[
    "Gap::Failed(\"",
    "Gap::Failed(format!(\"",
    "Refusal::passing(\"",
    "io::Error::other(\"",
    "io::Error::other(format!(\"",
    "#[error(\"",
    "failed(exec, \"",
    "failed(exec, format!(\"",
    "failed(exec, &format!(\"",
    "odd(\"",
    "odd(&format!(\"",
    "unreadable(format!(\"",
    "unreadable(\"",
    "cannot(\"",
    "let what = \"",
    "let what = format!(\"",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

/// A format string with something in its blanks.
fn filled(format: &str, with: &str) -> String {
    let mut text = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        text.push_str(with);
        rest = after.split_once('}').map_or("", |it| it.1);
    }
    text + rest
}

#[test]
fn every_phrase_that_arises_in_english_has_its_portuguese() {
    let mut files = Vec::new();
    sources(Path::new("src/collect"), &mut files);
    sources(Path::new("../engine/src/evidence"), &mut files);
    files.extend(["command", "tool"].map(|it| format!("../engine/src/system/{it}.rs").into()));
    let words = Words::new("pt-BR").unwrap().knowing(systems().all());
    let (mut seen, mut missing) = (0, Vec::new());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        // Long calls are broken after the bracket.
        let mut one: String = code.split('\n').map(str::trim).collect::<Vec<_>>().join(" ");
        while one.contains("( \"") {
            one = one.replace("( \"", "(\"");
        }
        for begin in ARISES {
            for rest in one.split(begin).skip(1) {
                let phrase = filled(rest.split('"').next().unwrap(), "x7");
                if phrase.chars().filter(|it| it.is_alphabetic()).count() < 6
                    || !phrase.contains(' ')
                {
                    continue;
                }
                seen += 1;
                if words.phrase(&phrase) == phrase {
                    missing.push(format!("{}: {phrase}", file.display()));
                }
            }
        }
    }
    assert!(seen > 50, "{seen}");
    assert!(missing.is_empty(), "no Portuguese: {missing:#?}");
}
