//! What the playbooks of this repository do not ask: discovery, field selectors, the log of a container before its
//! restart; and a log that is longer than what is read of it.

use serde_json::Value as Json;

use super::served::Served;
use super::{NAMESPACE, POD, triagem};

/// A playbook that asks for it.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/kubernetes/sources");

fn run(served: &Served) -> Json {
    let folder = tempfile::tempdir().unwrap();
    let config = served.kubeconfig(folder.path());
    let config = config.to_str().unwrap();
    let which = ["--playbooks", SOURCES, "--playbook", "sources", "--kubeconfig", config];
    let show = ["diagnose", POD, "-n", NAMESPACE, "--all", "--output", "json"];
    let output = triagem(folder.path(), &[&show[..], &which[..]].concat());
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn finding<'r>(report: &'r Json, cause: &str) -> &'r Json {
    report["findings"].as_array().unwrap().iter().find(|it| it["cause"] == cause).unwrap()
}

fn crashed(report: &Json) -> &Json {
    let mut signs = finding(report, "crashed-before")["signs"].as_array().unwrap().iter();
    signs.find(|it| it["id"] == "crashed").unwrap()
}

#[test]
fn every_question_is_answered_as_it_is() {
    let served = Served::start();
    let report = run(&served);
    assert_eq!(finding(&report, "all-answered")["verdict"], "confirmed", "{report:#}");
}

#[test]
fn the_log_before_a_restart_is_read_of_every_pod() {
    let served = Served::start();
    let report = run(&served);
    // A container that was never restarted wrote nothing before: that is known.
    assert_eq!(crashed(&report)["truth"], "no", "{report:#}");

    served.write_log("secrets-store before", "starting\npanic: boom\n");
    let report = run(&served);
    assert_eq!(finding(&report, "crashed-before")["verdict"], "confirmed", "{report:#}");
    let asked: Vec<String> =
        served.asked().into_iter().filter(|it| it.contains("previous=true")).collect();
    assert!(asked.len() >= 2 && asked.iter().all(|it| it.contains("limitBytes=")), "{asked:?}");
    assert!(served.asked().iter().any(|it| it.contains("sinceSeconds=3600")));
}

#[test]
fn of_a_log_that_is_too_long_the_rest_is_unknown() {
    let served = Served::start();
    let line = format!("{}\n", "0123456789 ".repeat(5_000));
    let mut long = line.repeat(16 * 1024 * 1024 / line.len() + 2);
    long.push_str("panic: boom\n");
    served.write_log("secrets-store before", &long);
    let report = run(&served);
    let seen = crashed(&report);
    assert_eq!(seen["truth"], "unknown", "{report:#}");
    assert!(seen["gaps"].to_string().contains("too-large"), "{seen:#}");
}
