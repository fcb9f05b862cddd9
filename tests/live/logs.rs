//! Logs: of several pods at once, of a container before its restart, and more of them than is read.

use serde_json::Value as Json;

use super::served::Served;
use super::{NAMESPACE, POD, triagem};

/// A playbook whose one cause is a word in the log that a container wrote before it was restarted.
const PLAYBOOK: &str = r#"
apiVersion: triagem/v1
kind: Playbook
metadata: {id: logs, version: 1.0.0, title: A component has crashed, locales: [en]}
inputs:
  pod: {type: object-ref, required: live, each: true, asks: The pod}
steps:
  - {id: pod-object, says: Read the pod, uses: kubernetes.get, with: {ref: $pod}}
  - {id: components, says: Find the components, uses: kubernetes.list, with: {kind: Pod, namespaces: all, selector: "app in (secrets-store-csi-driver, secrets-store-provider-azure)"}}
  - {id: log, says: Read their logs, uses: kubernetes.logs, with: {pods: $components-refs, container: secrets-store, since: 1h}}
  - {id: previous-log, says: Read what they wrote before, uses: kubernetes.logs, with: {pods: $components-refs, container: secrets-store, previous: true}}
facts:
  pod-name: {from: pod-object, type: k8s-name, path: $.metadata.name}
  components-refs: {from: components, type: object-ref, many: true, path: "$.items[*]"}
  lines: {from: log, type: text, many: true}
  previous-lines: {from: previous-log, type: text, many: true}
signs:
  pod-there: {says: The pod is there, fact: pod-name, exists: true}
  crashed: {says: It had crashed, fact: previous-lines, contains: "panic: boom"}
  crashes: {says: It crashes, fact: lines, contains: "panic: boom"}
symptoms: [crashes]
"#;

const CAUSE: &str = r#"
apiVersion: triagem/v1
kind: Cause
id: crashed-before
title: It had crashed
severity: high
requires: [crashed]
supports: [crashes, pod-there]
explains: It had crashed.
remedy: [{do: Look at it., changes: nothing, owner: cluster}]
tests: [{name: t, paste: "panic: boom", expect: {crashed-before: possible}}]
"#;

fn run(served: &Served) -> Json {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("books/logs/causes");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(folder.path().join("books/logs/playbook.yaml"), PLAYBOOK).unwrap();
    std::fs::write(own.join("crashed-before.yaml"), CAUSE).unwrap();
    let config = served.kubeconfig(folder.path());
    let output = triagem(
        folder.path(),
        &[
            "diagnose",
            POD,
            "-n",
            NAMESPACE,
            "--playbooks",
            "books",
            "--playbook",
            "logs",
            "--all",
            "--output",
            "json",
            "--kubeconfig",
            config.to_str().unwrap(),
        ],
    );
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn sign<'r>(report: &'r Json, id: &str) -> &'r Json {
    let mut all = report["findings"][0]["signs"].as_array().unwrap().iter();
    all.find(|it| it["id"] == id).unwrap()
}

#[test]
fn the_log_before_a_restart_is_read_of_every_pod() {
    let served = Served::start();
    let report = run(&served);
    // A container that was never restarted wrote nothing before: that is known.
    assert_eq!(sign(&report, "crashed")["truth"], "no", "{report:#}");

    served.write_log("secrets-store before", "starting\npanic: boom\n");
    let report = run(&served);
    assert_eq!(report["findings"][0]["verdict"], "confirmed", "{report:#}");
    let asked: Vec<String> =
        served.asked().into_iter().filter(|it| it.contains("previous=true")).collect();
    assert!(asked.len() >= 2 && asked.iter().all(|it| it.contains("limitBytes=")), "{asked:?}");
    assert!(served.asked().iter().any(|it| it.contains("sinceSeconds=3600")));
}

#[test]
fn of_a_log_that_is_too_long_the_rest_is_unknown() {
    let served = Served::start();
    // Without what may be a secret or a match it is read fast.
    let line = format!("{}\n", "0123456789 ".repeat(5_000));
    let mut long = line.repeat(16 * 1024 * 1024 / line.len() + 2);
    long.push_str("panic: boom\n");
    served.write_log("secrets-store before", &long);
    let report = run(&served);
    let seen = sign(&report, "crashed");
    assert_eq!(seen["truth"], "unknown", "{report:#}");
    assert!(seen["gaps"].to_string().contains("too-large"), "{seen:#}");
}
