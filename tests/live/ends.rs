//! How a run ends whose evidence does not: pipes that nobody closes, requests that nobody answers, disks that are full.

#![cfg(unix)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::served::Served;
use super::served::front::Fault;
use super::{CAUSE, NAMESPACE, POD, capture_onto_a_full_disk, command, triagem};

const EVENT: &str = "Warning  FailedMount  2s (x5 over 10s)  kubelet  MountVolume.SetUp failed for volume \"x\" : rpc error: code = Unknown desc = failed to get secretproviderclass shop/kv-web, error: SecretProviderClass.secrets-store.csi.x-k8s.io \"kv-web\" not found\n";

fn start(folder: &Path, args: &[&str]) -> Child {
    command(folder, args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// How long a run takes until it waits for more of its evidence, on a machine as busy as this one is now.
fn patience(folder: &Path) -> Duration {
    let begun = Instant::now();
    let mut child = start(folder, &["diagnose", "-", "-o", "json"]);
    child.stdin.take().unwrap().write_all(EVENT.as_bytes()).unwrap();
    child.wait_with_output().unwrap();
    Duration::from_secs(5).max(begun.elapsed() * 6)
}

fn interrupt(mut child: Child) -> Output {
    // To wait for its output would close the pipe, and the end of what it reads may come before the signal is seen.
    let held = child.stdin.take();
    let sent = Command::new("/bin/kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let begun = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    drop(held);
    output
}

fn pipe(folder: &Path) -> String {
    let path = folder.join("pipe");
    assert!(Command::new("/usr/bin/mkfifo").arg(&path).status().unwrap().success());
    path.to_str().unwrap().to_owned()
}

#[test]
fn of_a_pipe_that_nobody_closes_an_interrupt_gives_what_came() {
    let folder = tempfile::tempdir().unwrap();
    let named = pipe(folder.path());
    let patience = patience(folder.path());
    for target in ["-", &named] {
        // It holds the pipe open until the run has ended.
        let mut child = start(folder.path(), &["diagnose", target, "-o", "json"]);
        let mut held: Box<dyn Write> = if target == "-" {
            Box::new(child.stdin.take().unwrap())
        } else {
            Box::new(fs::OpenOptions::new().write(true).open(&named).unwrap())
        };
        held.write_all(EVENT.as_bytes()).unwrap();
        held.flush().unwrap();
        std::thread::sleep(patience);
        let output = interrupt(child);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let report: Json =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
        assert_eq!(report["interrupted"], true, "{target}");
        assert_eq!(report["findings"][0]["cause"], "spc-not-found", "{target}: {report:#}");
        let unread = report["recognised"].to_string();
        assert!(unread.contains("\"interrupted\""), "{target}: {unread}");
        assert_eq!(output.status.code(), Some(1), "{target}: {said}");
        drop(held);
    }
}

#[test]
fn of_a_pipe_that_said_nothing_there_is_nothing_to_tell() {
    let folder = tempfile::tempdir().unwrap();
    let named = pipe(folder.path());
    let patience = patience(folder.path());
    // Nobody ever opens the named one.
    for target in ["-", &named] {
        let child = start(folder.path(), &["diagnose", target, "-o", "json"]);
        std::thread::sleep(patience);
        let output = interrupt(child);
        assert_eq!(output.status.code(), Some(130), "{target}");
        let error: Json = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(error["error"]["code"], "interrupted");
    }
}

#[test]
fn a_named_pipe_is_a_text() {
    let folder = tempfile::tempdir().unwrap();
    let named = pipe(folder.path());
    let child = start(folder.path(), &["diagnose", &named, "-o", "json"]);
    fs::write(&named, EVENT).unwrap();
    let output = child.wait_with_output().unwrap();
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["findings"][0]["cause"], "spc-not-found");
    assert_eq!((output.status.code(), &report["interrupted"]), (Some(1), &Json::Bool(false)));
}

#[test]
fn a_request_that_nobody_answers_ends_before_the_run_does() {
    let folder = tempfile::tempdir().unwrap();
    let clean = Served::start();
    let config = clean.kubeconfig(folder.path());
    let target = [POD, "-n", NAMESPACE, "--kubeconfig", config.to_str().unwrap(), "-o", "json"];
    triagem(folder.path(), &[&["diagnose"], &target[..]].concat());
    for part in ["container=secrets-store&", "/csinodes/", "/secretproviderclasses/"] {
        let path = clean.asked().into_iter().find(|it| it.contains(part)).unwrap();
        for fault in [Fault::Hang, Fault::Stall] {
            let served = Served::start();
            served.fail(&path, fault);
            served.kubeconfig(folder.path());
            let begun = Instant::now();
            let more = ["--request-timeout", "2s", "--timeout", "600", "--all"];
            let output = triagem(folder.path(), &[&["diagnose"], &target[..], &more].concat());
            assert!(begun.elapsed() < Duration::from_secs(90), "{path}: {:?}", begun.elapsed());
            let report: Json = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(report["findings"][0]["cause"], CAUSE, "{path}");
            assert!(report.to_string().contains("\"timeout\""), "{fault:?} at {path}: {report:#}");
        }
    }
    // Where even the first one is not answered, there is no cluster.
    let silent = Served::start();
    silent.fail("/version", Fault::Hang);
    silent.kubeconfig(folder.path());
    let output =
        triagem(folder.path(), &[&["diagnose"], &target[..], &["--request-timeout", "1"]].concat());
    assert_eq!(output.status.code(), Some(4));
}

#[test]
fn beside_a_report_for_programs_an_error_stands_on_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start();
    let config = served.kubeconfig(folder.path());
    let more = "--to case.tar.gz -o json";
    let output = capture_onto_a_full_disk(folder.path(), &config, more);
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["findings"][0]["cause"], CAUSE);
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write the recording"));
    assert_eq!(output.status.code(), Some(2));
    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|it| it.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|it| it != "kubeconfig")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_recording_takes_the_place_of_nothing_and_of_no_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start();
    let config = served.kubeconfig(folder.path());
    let capture = |to: &str| {
        let target = ["capture", POD, "-n", NAMESPACE, "--to", to, "--kubeconfig"];
        triagem(folder.path(), &[&target[..], &[config.to_str().unwrap()]].concat())
    };
    for (to, words) in [("-", "name a folder or a .tar.gz"), ("kubeconfig", "is there already")] {
        let output = capture(to);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(words), "{said}");
    }
    assert!(!folder.path().join("-").exists());
    let before = fs::read(folder.path().join("kubeconfig")).unwrap();
    assert_eq!(capture("case.tar.gz").status.code(), Some(1));
    assert_eq!(capture("case.tar.gz").status.code(), Some(2));
    assert!(fs::read(folder.path().join("kubeconfig")).unwrap() == before);
}
