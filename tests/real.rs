//! A live cluster with the real API server: RBAC, selectors, paging, discovery, both events APIs and logs are its own.

#![allow(
    clippy::too_many_lines,
    clippy::print_stderr,
    clippy::manual_assert,
    clippy::duration_suboptimal_units,
    clippy::manual_let_else,
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a failed test may panic"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;
use serde_json::{Value as Json, json};

use real::{Real, root};

#[path = "kubernetes/real.rs"]
mod real;
#[path = "kubernetes/served.rs"]
mod served;

const CAUSE: &str = "kv-forbidden-by-connection";

fn triagem(args: &[&str]) -> Output {
    let empty = std::env::temp_dir();
    Command::new(env!("CARGO_BIN_EXE_triagem"))
        .args(args)
        .env_clear()
        .env("PATH", &empty)
        .env("HOME", &empty)
        .output()
        .unwrap()
}

fn pod(folder: &Path) -> (String, String) {
    let pod: Json =
        serde_json::from_slice(&std::fs::read(folder.join("pod.json")).unwrap()).unwrap();
    let part = |key: &str| pod["metadata"][key].as_str().unwrap().to_owned();
    (format!("pod/{}", part("name")), part("namespace"))
}

fn diagnose(real: &Real, user: &str, folder: &Path) -> Json {
    let (pod, namespace) = pod(folder);
    let config = real.kubeconfig(user);
    let output = triagem(&[
        "diagnose",
        &pod,
        "-n",
        &namespace,
        "--all",
        "--output",
        "json",
        "--kubeconfig",
        &config,
    ]);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn first(report: &Json) -> String {
    report["findings"][0]["cause"].as_str().unwrap_or_default().to_owned()
}

/// What `access` prints, bound to `reader`.
fn roles(namespace: &str) -> Vec<Json> {
    let output = triagem(&["access", "aks-keyvault", "-n", namespace, "--bind", "reader"]);
    let text = String::from_utf8(output.stdout).unwrap();
    serde_yaml::Deserializer::from_str(&text)
        .map(|it| Json::deserialize(it).unwrap())
        .filter(Json::is_object)
        .collect()
}

fn plural(object: &Json) -> String {
    format!("{}s", object["kind"].as_str().unwrap().to_lowercase())
}

/// The needs of every gap of a report.
fn needs(report: &Json) -> String {
    report.to_string()
}

#[test]
fn the_derived_role_is_enough_and_nothing_of_it_is_too_much() {
    let Some(real) = Real::start() else { return };
    let folder = served::folder();
    real.load(&folder);
    let (_, namespace) = pod(&folder);
    assert_eq!(first(&diagnose(&real, "admin", &folder)), CAUSE);

    let roles = roles(&namespace);
    for object in &roles {
        real.write(&plural(object), object);
    }
    // Roles take effect a moment after they are written.
    std::thread::sleep(std::time::Duration::from_secs(2));
    let report = diagnose(&real, "reader", &folder);
    assert_eq!(first(&report), CAUSE);
    assert!(!needs(&report).contains("\"denied\""), "{report:#}");

    for role in roles.iter().filter(|it| it["rules"].is_array()) {
        for (at, rule) in role["rules"].as_array().unwrap().iter().enumerate() {
            for resource in rule["resources"].as_array().unwrap() {
                let mut less = role.clone();
                less["rules"][at]["resources"].as_array_mut().unwrap().retain(|it| it != resource);
                if less["rules"][at]["resources"] == json!([]) {
                    less["rules"].as_array_mut().unwrap().remove(at);
                }
                real.replace(&plural(role), &less);
                std::thread::sleep(std::time::Duration::from_secs(1));
                let report = diagnose_or_error(&real, &folder);
                let group = rule["apiGroups"][0].as_str().unwrap();
                let name = resource.as_str().unwrap();
                let named =
                    if group.is_empty() { name.to_owned() } else { format!("{name}.{group}") };
                let verb = rule["verbs"][0].as_str().unwrap();
                assert!(
                    report.contains(&format!("{verb} on {named}")),
                    "without {verb} on {named}: {report}"
                );
                real.replace(&plural(role), role);
            }
        }
    }
}

/// The report, or why there is none.
fn diagnose_or_error(real: &Real, folder: &Path) -> String {
    let (pod, namespace) = pod(folder);
    let config = real.kubeconfig("reader");
    let output = triagem(&[
        "diagnose",
        &pod,
        "-n",
        &namespace,
        "--all",
        "--output",
        "json",
        "--kubeconfig",
        &config,
    ]);
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn lists_are_paged_and_events_have_two_names() {
    let Some(real) = Real::start() else { return };
    let folder = served::folder();
    real.load(&folder);
    let (_, namespace) = pod(&folder);
    let class: Json =
        serde_json::from_slice(&std::fs::read(folder.join("secretproviderclass.json")).unwrap())
            .unwrap();
    for number in 0..520 {
        let mut more = class.clone();
        more["metadata"]["name"] = format!("more-{number:03}").into();
        real.write("secretproviderclasses", &more);
    }
    let capture = real.folder.path().join("paged");
    let (target, _) = pod(&folder);
    let output = triagem(&[
        "capture",
        &target,
        "-n",
        &namespace,
        "--to",
        capture.to_str().unwrap(),
        "--kubeconfig",
        &real.kubeconfig("admin"),
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = std::fs::read_dir(&capture).unwrap().map(|it| it.unwrap().path()).find(|it| {
        let name = it.to_string_lossy().into_owned();
        name.contains("kubernetes-list") && name.contains("SecretProviderClass")
    });
    let listed: Json = serde_json::from_slice(&std::fs::read(listed.unwrap()).unwrap()).unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 521);

    // Who may read events only under their newer name still sees them.
    let mut roles = roles(&namespace);
    for role in &mut roles {
        for rule in role["rules"].as_array_mut().into_iter().flatten() {
            if rule["resources"] == json!(["events"]) {
                rule["apiGroups"] = json!(["events.k8s.io"]);
            }
        }
        real.write(&plural(role), role);
    }
    std::thread::sleep(std::time::Duration::from_secs(2));
    let report = diagnose(&real, "reader", &folder);
    assert!(!needs(&report).contains("list on events"), "{report:#}");
    assert_eq!(first(&report), CAUSE);
}

/// Recorded clusters, live, give the answer that their files give. `TRIAGEM_CLUSTERS` names a folder of more of them.
#[test]
fn a_live_cluster_gives_the_answer_of_its_files() {
    let Some(real) = Real::start() else { return };
    let mut folders = vec![served::folder()];
    if let Some(more) = std::env::var_os("TRIAGEM_CLUSTERS") {
        let more = root().join(more);
        let mut found: Vec<PathBuf> = std::fs::read_dir(more)
            .unwrap()
            .map(|it| it.unwrap().path().join("evidence"))
            .filter(|it| it.join("pod.json").is_file())
            .collect();
        found.sort();
        folders.extend(found);
    }
    let mut wrong = Vec::new();
    for folder in &folders {
        real.load(folder);
        // Whoever left a file away did not say that there is no such object. Live, what one may not look at is as unknown.
        let whole = folder.join("secretproviderclass.json").exists();
        let live = diagnose(&real, if whole { "admin" } else { "classless" }, folder);
        let files = triagem(&["diagnose", folder.to_str().unwrap(), "--all", "--output", "json"]);
        let files: Json = serde_json::from_slice(&files.stdout).unwrap();
        let told = |report: &Json| {
            let first = &report["findings"][0];
            matches!(first["verdict"].as_str(), Some("confirmed" | "likely"))
                .then(|| first["cause"].to_string())
        };
        if told(&live) != told(&files) {
            wrong.push(format!(
                "{}: live {:?}, files {:?}",
                folder.parent().unwrap().file_name().unwrap().to_string_lossy(),
                told(&live),
                told(&files)
            ));
        }
        real.unload(folder);
    }
    eprintln!("{} recorded clusters", folders.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}
