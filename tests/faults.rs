//! Every fault that a playbook can have, as its author reads it: `tests/faults/<name>/` is a playbook with
//! one kind of fault, `expected.txt` what `triagem playbook lint` says of it (of one called `proof-…`, what
//! `triagem playbook test` says). `UPDATE_FAULTS=1` rewrites them.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use triagem_engine::playbook::fault::CODES;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/faults")
}

fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(root())
        .unwrap()
        .map(|it| it.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert!(!names.is_empty());
    names
}

fn lint(name: &str) -> (String, Option<i32>) {
    let run = Command::new(env!("CARGO_BIN_EXE_triagem"))
        .args(["playbook", if name.starts_with("proof-") { "test" } else { "lint" }, name])
        .current_dir(root())
        .output()
        .unwrap();
    (String::from_utf8(run.stdout).unwrap(), run.status.code())
}

/// Each fault's code and place (file, line, column), in the order they were told.
fn told(text: &str) -> Vec<(String, String, usize, usize)> {
    let code = |line: &str| {
        let rest = line.strip_prefix("error[").or_else(|| line.strip_prefix("warning["))?;
        Some(rest.split_once(']')?.0.to_owned())
    };
    let place = |line: &str| {
        let mut parts = line.trim_start().strip_prefix("--> ")?.rsplitn(3, ':');
        let (column, line) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some((parts.next()?.to_owned(), line, column))
    };
    let codes: Vec<String> = text.lines().filter_map(code).collect();
    let places: Vec<(String, usize, usize)> = text.lines().filter_map(place).collect();
    assert_eq!(codes.len(), places.len(), "each fault has a place\n{text}");
    codes.into_iter().zip(places).map(|(code, (file, line, at))| (code, file, line, at)).collect()
}

#[test]
fn each_fault_is_told_as_it_was_agreed() {
    let update = std::env::var_os("UPDATE_FAULTS").is_some();
    let mut wrong = Vec::new();
    for name in names() {
        let file = root().join(&name).join("expected.txt");
        let (got, code) = lint(&name);
        if update {
            std::fs::write(&file, &got).unwrap();
        }
        let wanted = std::fs::read_to_string(&file).unwrap_or_default();
        if got != wanted {
            wrong.push(format!("--- {name}, wanted\n{wanted}\n--- {name}, got\n{got}"));
        }
        let broken = !got.contains("\n0 errors") && !got.starts_with("0 errors");
        assert_eq!(code, Some(if broken { 2 } else { 0 }), "{name}");
    }
    assert!(wrong.is_empty(), "UPDATE_FAULTS=1 writes them anew\n{}", wrong.join("\n"));
}

#[test]
fn each_code_is_told_and_each_told_code_can_be_explained() {
    let mut seen = BTreeSet::new();
    for name in names() {
        let codes: BTreeSet<String> = told(&lint(&name).0).into_iter().map(|it| it.0).collect();
        assert!(!codes.is_empty(), "{name} has no fault");
        assert!(codes.len() == 1 || name == "all-at-once", "{name} has several: {codes:?}");
        seen.extend(codes);
    }
    let known: BTreeSet<String> = CODES.iter().map(|(code, ..)| (*code).to_owned()).collect();
    assert_eq!(seen, known);
    for code in known {
        let run =
            Command::new(env!("CARGO_BIN_EXE_triagem")).args(["explain", &code]).output().unwrap();
        assert!(run.status.success(), "{code}");
        assert!(String::from_utf8_lossy(&run.stdout).starts_with(&format!("{code}: ")), "{code}");
    }
}

#[test]
fn faults_of_all_files_come_at_once_sorted_by_file_and_place() {
    let told = told(&lint("all-at-once").0);
    let places: Vec<_> = told.iter().map(|(_, file, line, at)| (file, line, at)).collect();
    assert!(places.is_sorted(), "{places:?}");
    let files: BTreeSet<&String> = told.iter().map(|it| &it.1).collect();
    assert_eq!(files.len(), 4, "{files:?}");
    let codes: BTreeSet<&String> = told.iter().map(|it| &it.0).collect();
    assert!(codes.len() >= 4, "{codes:?}");
}

/// A caret that shows nothing is a place that nobody finds.
#[test]
fn each_fault_shows_its_line() {
    for name in names() {
        let (text, _) = lint(&name);
        let carets = text.lines().filter(|it| it.contains('^')).count();
        assert!(carets >= told(&text).len(), "{name}\n{text}");
    }
}
