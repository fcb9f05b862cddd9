//! Every fault that a playbook can have, as its author reads it: `tests/faults/<name>/` is a playbook with
//! one kind of fault, `expected.txt` what `triagem playbook lint` says of it (of one called `proof-…`, what
//! `triagem playbook test` says). `UPDATE_FAULTS=1` rewrites them.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use triagem_engine::fault::CODES;

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
        // Systems come from whoever runs it, never with a playbook.
        .args(
            root().join(name).join("systems").is_dir().then(|| format!("--systems={name}/systems")),
        )
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
        let several = name.ends_with("all-at-once") || name == "more-than-are-told";
        assert!(codes.len() == 1 || several, "{name} has several: {codes:?}");
        seen.extend(codes);
    }
    let known: BTreeSet<String> = CODES.iter().map(|(code, ..)| (*code).to_owned()).collect();
    assert_eq!(known.len(), CODES.len(), "a code stands for one thing");
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

/// A playbook of one pattern, written out many times.
fn many(folder: &Path, causes: usize, facts: &str, signs: &str, of_cause: &str) {
    let at = |id: &str| folder.join(id);
    std::fs::create_dir_all(at("causes")).unwrap();
    let id = folder.file_name().unwrap().to_string_lossy();
    let playbook = format!(
        "apiVersion: triagem/v1\nkind: Playbook\nmetadata: {{id: {id}, version: 1.0.0, title: A pod does not start}}\nsteps:\n  - {{id: pod, says: Read the pod, uses: kubernetes.get, with: {{kind: Pod, name: web}}}}\n  - {{id: log, says: Read the log, uses: kubernetes.node-logs, with: {{node: a, unit: kubelet}}}}\nfacts:\n  errors: {{from: log, type: text, many: true, severity: [error]}}\n{facts}signs:\n  missing: {{says: The image is not there, fact: errors, contains: manifest unknown}}\n{signs}symptoms: [missing]\n"
    );
    std::fs::write(at("playbook.yaml"), playbook).unwrap();
    for number in 0..causes {
        let cause = format!(
            "apiVersion: triagem/v1\nkind: Cause\nid: c{number}\ntitle: The image does not exist\nseverity: high\n{of_cause}requires: [missing]\nexplains: The registry does not know it.\nremedy:\n  - {{do: Correct its name., changes: manifest, owner: application}}\ntests:\n  - {{name: a log, paste: \"E1123 18:32:22.978325 7088 x.go:7] manifest unknown\", expect: {{c{number}: confirmed}}}}\n"
        );
        std::fs::write(at(&format!("causes/c{number}.yaml")), cause).unwrap();
    }
}

fn written(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

/// What a playbook's author can write down a thousand times: checking it ends, without a crash, and says what is wrong.
#[test]
fn what_is_written_many_times_is_checked() {
    let fact = |it| format!("  f{it}: {{from: pod, type: string, path: $.metadata.name}}\n");
    let chain = |it: usize| match it.checked_sub(1) {
        None => fact(0),
        Some(before) => format!("  f{it}: {{join: [$f{before}], type: string}}\n"),
    };
    let sign = |it| format!("  s{it}: {{says: It is so, fact: errors, contains: manifest {it}}}\n");
    let unknown = |it| format!("  s{it}: {{says: It is so, fact: fact-of-mime-{it}, is: a}}\n");
    let known = |it| format!("  fact-of-mine-{it}: {{from: pod, type: string, path: $.a}}\n");
    let long = |it| format!("  {}{it}: {{from: pod, type: string, path: $.a}}\n", "a".repeat(900));
    let large = |it| {
        format!(
            "  s{it}: {{says: It is so, fact: errors, matches: 'manifest (\\w{{100}}){{100}} {it}'}}\n"
        )
    };
    let of_cause = format!("signs:\n{}", written(30, sign));
    let comments = "# lint: x\n".repeat(50_000);
    for (name, causes, facts, signs, of_cause, code) in [
        ("chain", 1, written(5_000, chain), String::new(), "", "P006"),
        ("facts", 1, written(10_000, fact), String::new(), "", "P103"),
        ("unknown", 1, written(3_000, known), written(3_000, unknown), "", "P101"),
        ("long", 1, written(3, long), String::new(), "", "P102"),
        ("large", 1, String::new(), written(300, large), "", "P301"),
        ("keys", 1, written(40_000, |it| format!("k{it}: 1\n")), String::new(), "", "P003"),
        ("doubled", 1, written(40_000, |_| "a: 1\n".to_owned()), String::new(), "", "P002"),
        ("comments", 1, comments, String::new(), "", "P010"),
        ("signs", 2_000, String::new(), String::new(), of_cause.as_str(), "P006"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join(name);
        many(&place, causes, &facts, &signs, of_cause);
        let run = Command::new(env!("CARGO_BIN_EXE_triagem"))
            .args(["playbook", "lint"])
            .arg(&place)
            .output()
            .unwrap();
        let text = String::from_utf8(run.stdout).unwrap();
        assert_eq!(String::from_utf8(run.stderr).unwrap(), "", "{name}");
        let broken = run.status.code() == Some(2);
        assert!(broken || code == "P103" && run.status.success(), "{name}: {text}");
        assert!(text.contains(&format!("[{code}]")), "{name}: {text}");
        let faults = text.lines().filter(|it| it.starts_with("error[")).count();
        assert!(faults <= 201, "{name}: {faults} faults are told");
        assert!(text.len() < 400_000, "{name}: {} bytes are printed", text.len());
    }
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
