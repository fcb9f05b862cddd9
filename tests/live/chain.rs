//! One pod whose cause changes while it waits, until it runs, and another one by its name: in every form, in both languages, the newest
//! failure is of now, and what was mended is past.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value as Json;

use super::served::Served;
use super::served::front::Fault;
use super::triagem;

#[derive(Deserialize)]
struct Stage {
    expect: BTreeMap<String, String>,
    now: BTreeSet<String>,
    exit: i32,
}

/// Name of the stage, what it must come to, and its evidence.
fn stages(form: &str) -> Vec<(String, Stage, PathBuf)> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases");
    let mut all = Vec::new();
    for entry in fs::read_dir(cases).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some(stage) = name.strip_prefix("one-pod-").and_then(|it| it.strip_suffix(form)) else {
            continue;
        };
        let case = fs::read_to_string(path.join("case.yaml")).unwrap();
        let evidence = ["evidence.tar.gz", "evidence"].map(|it| path.join(it));
        let evidence = evidence.into_iter().find(|it| it.exists()).unwrap();
        all.push((stage.to_owned(), serde_yaml::from_str(&case).unwrap(), evidence));
    }
    all.sort_by(|left, right| left.0.cmp(&right.0));
    assert_eq!(all.len(), 9, "{form}");
    all
}

fn unpacked(archive: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let packed = flate2::read::GzDecoder::new(fs::File::open(archive).unwrap());
    tar::Archive::new(packed).unpack(folder.path()).unwrap();
    folder
}

/// Cause → verdict and time, of all that are confirmed or likely; and which comes first.
fn told(report: &Json) -> (BTreeMap<String, (String, String)>, Option<String>) {
    let text = |it: &Json, key: &str| it[key].as_str().unwrap().to_owned();
    let strong: Vec<&Json> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| matches!(it["verdict"].as_str(), Some("confirmed" | "likely")))
        .collect();
    let first = strong.first().map(|it| text(it, "cause"));
    let all = strong.iter().rev();
    (all.map(|it| (text(it, "cause"), (text(it, "verdict"), text(it, "when")))).collect(), first)
}

/// Runs it in both languages, and holds what comes against the stage.
fn check(what: &str, stage: &Stage, exit: i32, args: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let run = |lang: &str, form: &[&str]| {
        let output = triagem(folder.path(), &[&["diagnose", "--lang", lang], args, form].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(exit), "{what}, {lang}: {said}");
        String::from_utf8(output.stdout).unwrap()
    };
    let mut before = None;
    for lang in ["en", "pt-BR"] {
        let report: Json = serde_json::from_str(&run(lang, &["-o", "json", "--all"])).unwrap();
        let (causes, first) = told(&report);
        let wanted: BTreeSet<&str> = stage.expect.keys().map(String::as_str).collect();
        let came: BTreeSet<&str> = causes.keys().map(String::as_str).collect();
        let odd = report["findings"].as_array().unwrap().iter().find(|it| {
            let cause = it["cause"].as_str().unwrap();
            came.contains(cause) && !wanted.contains(cause)
        });
        assert_eq!(came, wanted, "{what}: {:#}", odd.unwrap_or(&Json::Null));
        let now: BTreeSet<String> =
            causes.iter().filter(|(_, it)| it.1 == "now").map(|(cause, _)| cause.clone()).collect();
        assert_eq!(now, stage.now, "{what}: {causes:?}");
        // What is of now stands first.
        if let Some(now) = stage.now.first() {
            assert_eq!(first.as_ref(), Some(now), "{what}");
        }
        assert_eq!(
            before.get_or_insert(causes.clone()),
            &causes,
            "{what}: {lang} tells something else"
        );
        let over = if lang == "en" { "it was so, and is over" } else { "aconteceu e já passou" };
        let text = run(lang, &["--color", "never", "--all"]);
        let past = causes.values().any(|it| it.1 == "past");
        let says = text.to_lowercase().contains(&over.to_lowercase());
        assert_eq!(says, past, "{what}, {lang}:\n{text}");
        let other = if lang == "en" { "aconteceu" } else { "it was so" };
        assert!(!text.to_lowercase().contains(other), "{what}, {lang}:\n{text}");
    }
}

#[test]
fn the_walk_from_a_description_a_recording_and_its_files() {
    for (name, stage, evidence) in stages("-described") {
        check(&format!("{name} described"), &stage, stage.exit, &[evidence.to_str().unwrap()]);
    }
    for (name, stage, archive) in stages("-recorded") {
        let folder = unpacked(&archive);
        check(&format!("{name} recorded"), &stage, stage.exit, &[archive.to_str().unwrap()]);
        fs::remove_file(folder.path().join("recording/recording.yaml")).unwrap();
        // Who hands over files does not say that these are all there is.
        let exit = if stage.exit == 0 { 3 } else { stage.exit };
        check(&format!("{name} unpacked"), &stage, exit, &[folder.path().to_str().unwrap()]);
    }
}

#[test]
fn the_walk_live() {
    let mut well = 0;
    for (name, stage, archive) in stages("-recorded") {
        let folder = unpacked(&archive);
        let served = Served::replay(&folder.path().join("recording"));
        let own = tempfile::tempdir().unwrap();
        let config = served.kubeconfig(own.path());
        let target = ["pod/notify-307", "-n", "team-307", "--kubeconfig", config.to_str().unwrap()];
        check(&format!("{name} live"), &stage, stage.exit, &target);
        if stage.exit != 0 {
            continue;
        }
        // A pod that runs is well only where the log tells that its secrets are renewed.
        well += 1;
        let log = served.asked().into_iter().find(|it| it.contains("container=secrets-store&"));
        let blind = Served::replay(&folder.path().join("recording"));
        blind.fail(&log.unwrap(), Fault::Forbidden);
        let config = blind.kubeconfig(own.path());
        let target = ["pod/notify-307", "-n", "team-307", "--kubeconfig", config.to_str().unwrap()];
        check(&format!("{name} live, and the log is denied"), &stage, 3, &target);
    }
    assert_eq!(well, 2, "the stages in which the pod runs");
}
