//! Evidence that is spoilt, missing or hostile: it is told, and never makes a run that is called well.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value as Json, json};
use triagem::collect::recorded;
use triagem_engine::evidence::recording::{digest, digest_of};

/// What a capture of a pod that runs well wrote.
fn archive() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/cases/one-pod-5-running-recorded/evidence.tar.gz")
}

fn diagnose(target: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_triagem"))
        .args(["diagnose", "--lang", "en", target.to_str().unwrap()])
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// The manifest and the parts of the recording.
fn recording() -> (Json, BTreeMap<String, Vec<u8>>) {
    let packed = std::fs::File::open(archive()).unwrap();
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(flate2::read::GzDecoder::new(packed)).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        files.insert(name, bytes);
    }
    let manifest = files.remove("recording.yaml").unwrap();
    (serde_yaml::from_slice(&manifest).unwrap(), files)
}

/// As a capture writes it now: with what each part must come to.
fn sealed(mut manifest: Json, files: &BTreeMap<String, Vec<u8>>) -> Json {
    for answer in manifest["answers"].as_array_mut().unwrap() {
        if let Some(name) = part(answer) {
            answer["sha256"] = digest(&files[&name]).into();
        }
    }
    manifest["sha256"] = digest_of(&manifest).into();
    manifest
}

fn part(answer: &Json) -> Option<String> {
    ["file", "events", "log"].iter().find_map(|it| answer[*it].as_str()).map(str::to_owned)
}

fn write(manifest: &Json, files: &BTreeMap<String, Vec<u8>>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let text = serde_yaml::to_string(manifest).unwrap();
    std::fs::write(folder.path().join("recording.yaml"), text).unwrap();
    folder
}

fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(packer);
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn file(bytes: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.tar.gz"), bytes).unwrap();
    folder
}

#[test]
fn an_answer_that_is_missing_or_spoilt_is_told_and_nothing_is_called_well() {
    let (manifest, files) = recording();
    let count = manifest["answers"].as_array().unwrap().len();
    assert_eq!(diagnose(write(&manifest, &files).path()).status.code(), Some(0));
    let whole = sealed(manifest.clone(), &files);
    assert_eq!(diagnose(write(&whole, &files).path()).status.code(), Some(0));
    let told = |folder: tempfile::TempDir, what: &str| {
        let output = diagnose(folder.path());
        let said = said(&output);
        assert_eq!(output.status.code(), Some(3), "{what}: {said}");
        assert!(said.contains("no usable answer"), "{what}: {said}");
        assert!(!said.contains("No symptom now"), "{what}: {said}");
    };
    for at in 0..count {
        let mut dropped = manifest.clone();
        dropped["answers"].as_array_mut().unwrap().remove(at);
        let dropped_code = diagnose(write(&dropped, &files).path()).status.code();
        if dropped_code == Some(0) {
            // The only answer of its source: without digests it may be newer than the recording.
            let source = &manifest["answers"][at]["request"]["source"];
            assert_eq!(source, "kubernetes.node-logs");
            continue;
        }
        // A source of which nothing is left may be newer than the recording, but no symptom is known without it.
        if manifest["answers"][at]["request"]["source"] == "kubernetes.events" {
            assert_eq!(diagnose(write(&dropped, &files).path()).status.code(), Some(3));
        } else {
            told(write(&dropped, &files), &format!("answer {at} dropped"));
        }
        let answer = &manifest["answers"][at];
        let Some(name) = part(answer) else { continue };
        let mut spoilt = files.clone();
        spoilt.insert(name.clone(), b"null".to_vec());
        // What a log says nobody can tell without its digest.
        let source = if answer["log"].is_null() { &manifest } else { &whole };
        told(write(source, &spoilt), &format!("{name} is null"));
        let mut flipped = files.clone();
        if let Some(byte) = flipped.get_mut(&name).and_then(|it| it.last_mut()) {
            *byte ^= 1;
            told(write(&whole, &flipped), &format!("a bit of {name} is flipped"));
        }
    }
    let mut several = manifest;
    several["answers"].as_array_mut().unwrap().drain(3..12);
    told(write(&several, &files), "nine answers dropped");
}

#[test]
fn what_a_manifest_says_is_of_its_type_or_it_is_refused() {
    let (manifest, files) = recording();
    for (key, value, code, words) in [
        ("unfinished", json!(true), 2, "killed before it ended"),
        ("unfinished", json!("true"), 2, "`unfinished`"),
        ("interrupted", json!(true), 3, "This report is partial"),
        ("interrupted", json!("true"), 2, "`interrupted`"),
        ("now", json!(7), 2, "`now`"),
        ("now", json!("yesterday"), 2, "`now`"),
        ("kind", json!("Pod"), 2, "`kind`"),
        ("kind", json!(["Recording"]), 2, "`kind`"),
        ("apiVersion", json!("triagem/v2"), 2, "newer triagem"),
        ("selection", json!("all"), 2, "`selection`"),
        ("selection", json!({"well": -1}), 2, "`well`"),
        ("selection", json!({"gap": "nothing"}), 2, "unknown gap"),
        ("playbooks", json!({}), 2, "`playbooks`"),
        ("inputs", json!([]), 2, "`inputs`"),
        ("answers", json!({}), 2, "`answers`"),
        ("answers", json!([null]), 2, "an answer"),
        ("given", json!([7]), 2, "`given`"),
        ("triagem", json!(1), 2, "`triagem`"),
        ("dihest", json!("x"), 2, "`dihest`"),
        ("sha256", json!("00"), 2, "not as it was captured"),
        (
            "playbooks",
            json!([{"id": "nobody", "version": "1", "digest": "x"}]),
            0,
            "another version of nobody",
        ),
    ] {
        let mut changed = manifest.clone();
        changed[key] = value.clone();
        let output = diagnose(write(&changed, &files).path());
        assert_eq!(output.status.code(), Some(code), "{key}: {value}: {}", said(&output));
        assert!(said(&output).contains(words), "{key}: {value}: {}", said(&output));
    }
    let mut twice = manifest;
    let first = twice["answers"][0].clone();
    twice["answers"].as_array_mut().unwrap().push(first);
    assert!(said(&diagnose(write(&twice, &files).path())).contains("two answers"));
    for (text, words) in [
        ("apiVersion: triagem/v1\nnow: null\nnow: null\n".to_owned(), "twice"),
        (format!("apiVersion: triagem/v1\nseen: {}\n", "[".repeat(100_000)), "limit"),
        (
            format!("apiVersion: triagem/v1\ngiven:\n{}", "- a\n".repeat(200_000)),
            "more in this file",
        ),
        (format!("apiVersion: triagem/v1\nseen: {}\n", "x".repeat(5 << 20)), "larger than 4 MiB"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("recording.yaml"), text).unwrap();
        let output = diagnose(folder.path());
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(words), "{}", said(&output));
    }
}

#[test]
fn no_flipped_bit_and_no_cut_of_an_archive_passes() {
    // What stands before the packed bytes says only when and where it was packed.
    const HEADER: usize = 10;
    let whole = std::fs::read(archive()).unwrap();
    assert!(recorded::open(&archive()).unwrap().is_some());
    let mut flips = 0;
    for at in (HEADER..whole.len())
        .step_by((whole.len() / 400).max(1))
        .chain(whole.len() - 8..whole.len())
    {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        let folder = file(&flipped);
        let opened = recorded::open(&folder.path().join("a.tar.gz"));
        assert!(opened.is_err(), "the flipped bit at {at} passes");
        flips += 1;
    }
    let mut cuts = 0;
    for at in
        (0..whole.len()).step_by((whole.len() / 300).max(1)).chain(whole.len() - 40..whole.len())
    {
        let folder = file(&whole[..at]);
        assert!(recorded::open(&folder.path().join("a.tar.gz")).is_err(), "the cut at {at} passes");
        cuts += 1;
    }
    println!("{flips} flipped bits, {cuts} cuts");
    for behind in [&b"x"[..], b"\x1f\x8b", &whole] {
        let folder = file(&[&whole, behind].concat());
        assert!(recorded::open(&folder.path().join("a.tar.gz")).is_err());
    }
}

#[test]
fn an_archive_holds_one_recording_and_each_name_once() {
    let manifest = &b"apiVersion: triagem/v1\nkind: Recording\ngiven: [a.log]\n"[..];
    let long = format!("{}/recording.yaml", "x".repeat(150));
    let long_log = long.replace("recording.yaml", "a.log");
    for (files, words) in [
        (vec![("r/recording.yaml", manifest), ("r/a.log", b"a")], ""),
        (vec![(long.as_str(), manifest), (&long_log, b"a")], ""),
        (vec![("r/recording.yaml", manifest), ("s/recording.yaml", manifest)], "2 recordings"),
        (vec![("r/recording.yaml", manifest), ("r/a.log", b"a"), ("r/a.log", b"b")], "twice"),
        (vec![("a.log", b"a")], "no recording.yaml"),
        (vec![("xrecording.yaml", manifest)], "no recording.yaml"),
    ] {
        let folder = file(&packed(&files));
        match recorded::open(&folder.path().join("a.tar.gz")) {
            Ok(found) => assert!(found.is_some() && words.is_empty(), "{words}"),
            Err(error) => {
                assert!(!words.is_empty() && error.to_string().contains(words), "{words}: {error}");
            }
        }
    }
    // Without the mark of its end.
    let whole = packed(&[("r/recording.yaml", manifest), ("r/a.log", b"a")]);
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(whole.as_slice()).read_to_end(&mut tar).unwrap();
    for (cut, words) in [(1024, "its end is missing"), (512, "its end is missing")] {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(&tar[..tar.len() - cut]).unwrap();
        let folder = file(&packer.finish().unwrap());
        let error = recorded::open(&folder.path().join("a.tar.gz")).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn a_name_of_a_gibibyte_is_refused_before_it_is_held() {
    for kind in [tar::EntryType::GNULongName, tar::EntryType::XHeader] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(1 << 30);
        header.set_path("x").unwrap();
        header.set_cksum();
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(header.as_bytes()).unwrap();
        packer.write_all(&vec![b'x'; 1 << 20]).unwrap();
        let folder = file(&packer.finish().unwrap());
        let error = recorded::open(&folder.path().join("a.tar.gz")).unwrap_err();
        assert!(error.to_string().contains("too long"), "{error}");
    }
}

#[test]
fn a_small_archive_with_a_big_tree_takes_little_memory() {
    let manifest = &b"apiVersion: triagem/v1\nkind: Recording\ntriagem: 0.1.0\ninputs: {pod: {kind: Pod, namespace: n, name: p}}\nanswers:\n- {file: a.json, request: {source: kubernetes.get, with: {ref: {kind: Pod, name: p, namespace: n}}}}\n"[..];
    let tree =
        format!("{{\"metadata\":{{\"name\":\"p\"}},\"a\":[{}0]}}", "{\"\":0},".repeat(1_000_000));
    let archive = packed(&[("r/recording.yaml", manifest), ("r/a.json", tree.as_bytes())]);
    assert!(archive.len() < 100_000);
    let folder = file(&archive);
    let output = diagnose(&folder.path().join("a.tar.gz"));
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(said(&output).contains("too large to be read whole"), "{}", said(&output));
}

#[cfg(unix)]
#[test]
fn only_files_are_read_and_a_hyphen_is_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_triagem"))
            .args(args)
            .current_dir(folder.path())
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let text = b"Warning  FailedMount  4s  kubelet  MountVolume.SetUp failed for volume \"a\"";
        // Whoever reads something else has gone.
        let _ = child.stdin.take().unwrap().write_all(text);
        child.wait_with_output().unwrap()
    };
    std::fs::create_dir(folder.path().join("-")).unwrap();
    std::fs::write(folder.path().join("-/recording.yaml"), "apiVersion: triagem/v9\n").unwrap();
    let output = run(&["diagnose", "-"]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let output = run(&["diagnose", "/dev/zero"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("it is a device"), "{}", said(&output));

    // A pipe among a playbook's causes.
    std::fs::create_dir_all(folder.path().join("p/causes")).unwrap();
    std::fs::write(folder.path().join("p/playbook.yaml"), "a: b\n").unwrap();
    let pipe = folder.path().join("p/causes/a.yaml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let output = run(&["playbook", "lint", "p"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("a pipe or a device"), "{}", said(&output));
}
