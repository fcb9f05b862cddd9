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
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;
use serde_json::{Value as Json, json};

use real::{Real, root};
use served::front::{FAULTS, Front};

#[path = "kubernetes/real.rs"]
mod real;
#[path = "kubernetes/served.rs"]
mod served;
#[path = "kubernetes/walk.rs"]
mod walk;

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

fn ask(config: &str, folder: &Path, more: &[&str]) -> Output {
    let (pod, namespace) = pod(folder);
    let args = ["diagnose", &pod, "-n", &namespace, "--all", "--output", "json"];
    triagem(&[&args[..], &["--kubeconfig", config], more].concat())
}

fn report(output: &Output) -> Json {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn diagnose(real: &Real, user: &str, folder: &Path) -> Json {
    report(&ask(&real.kubeconfig(user), folder, &[]))
}

fn first(report: &Json) -> String {
    report["findings"][0]["cause"].as_str().unwrap_or_default().to_owned()
}

/// What `access` prints, bound to `reader`.
fn roles(namespace: &str) -> Vec<Json> {
    let minimal = ["access", "aks-keyvault", "--only-pods"];
    documents(&triagem(&[&minimal[..], &["-n", namespace, "--bind", "reader"]].concat()))
}

fn documents(output: &Output) -> Vec<Json> {
    serde_yaml::Deserializer::from_str(std::str::from_utf8(&output.stdout).unwrap())
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
    let output = ask(&real.kubeconfig("reader"), folder, &[]);
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn every_question_is_answered_as_it_is() {
    let Some(real) = Real::start() else { return };
    let folder = served::folder();
    real.load(&folder);
    let sources = root().join("tests/kubernetes/sources");
    let which = ["--playbooks", sources.to_str().unwrap(), "--playbook", "sources"];
    let report = report(&ask(&real.kubeconfig("admin"), &folder, &which));
    assert_eq!(first(&report), "all-answered", "{report:#}");
    assert_eq!(report["findings"][0]["verdict"], "confirmed", "{report:#}");
}

#[test]
fn lists_are_paged_and_events_have_two_names() {
    let Some(real) = Real::start() else { return };
    let folder = served::folder();
    real.load(&folder);
    let (_, namespace) = pod(&folder);
    more_classes(&real, &folder);
    assert_eq!(classes_seen(&real, &folder, &real.kubeconfig("admin")), 521);

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

/// 520 more classes than the recorded cluster has: more than a page.
fn more_classes(real: &Real, folder: &Path) {
    let class = std::fs::read(folder.join("secretproviderclass.json")).unwrap();
    let class: Json = serde_json::from_slice(&class).unwrap();
    for number in 0..520 {
        let mut more = class.clone();
        more["metadata"]["name"] = format!("more-{number:03}").into();
        real.write("secretproviderclasses", &more);
    }
}

/// How many classes a capture has listed.
fn classes_seen(real: &Real, folder: &Path, config: &str) -> usize {
    let capture = real.folder.path().join("paged");
    let (target, namespace) = pod(folder);
    let output = triagem(&[
        "capture",
        &target,
        "-n",
        &namespace,
        "--to",
        capture.to_str().unwrap(),
        "--kubeconfig",
        config,
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = std::fs::read_dir(&capture).unwrap().map(|it| it.unwrap().path()).find(|it| {
        let name = it.to_string_lossy().into_owned();
        name.contains("kubernetes-list") && name.contains("SecretProviderClass")
    });
    let listed: Json = serde_json::from_slice(&std::fs::read(listed.unwrap()).unwrap()).unwrap();
    listed["items"].as_array().unwrap().len()
}

#[test]
fn a_list_that_the_server_has_forgotten_meanwhile_is_read_again() {
    let Some(real) = Real::start_with(&["--etcd-compaction-interval", "1s"]) else { return };
    let folder = served::folder();
    real.load(&folder);
    more_classes(&real, &folder);
    let (forgotten, once) = (real.forgetting(), AtomicBool::new(true));
    let front = real.front(move |path| {
        let second = path.contains("secretproviderclasses?") && path.contains("&continue=");
        if second && once.swap(false, Ordering::Relaxed) {
            forgotten(path);
        }
    });
    let config = real.folder.path().join("in-front");
    std::fs::write(&config, front.kubeconfig_of("admin-token")).unwrap();
    assert_eq!(classes_seen(&real, &folder, config.to_str().unwrap()), 521);
    let pages = front.asked_each_time();
    let pages = pages.iter().filter(|it| it.contains("secretproviderclasses?")).count();
    assert_eq!(pages, 4, "one page, one that had expired, and both once more");
}

#[test]
fn no_fault_in_front_of_it_turns_into_health_or_into_another_cause() {
    let Some(real) = Real::start() else { return };
    let folder = served::folder();
    real.load(&folder);
    let run = |front: &Front| {
        let own = tempfile::tempdir().unwrap();
        let config = own.path().join("kubeconfig");
        std::fs::write(&config, front.kubeconfig_of("admin-token")).unwrap();
        let output = ask(config.to_str().unwrap(), &folder, &["--timeout", "4"]);
        (serde_json::from_slice(&output.stdout).unwrap_or_default(), output.status.code())
    };
    let front = real.front(|_| {});
    let (report, code) = run(&front);
    assert_eq!((code, first(&report).as_str()), (Some(1), CAUSE));
    let clean = walk::dismissed(&report);
    let positions = walk::positions(&front);
    eprintln!("{} positions, {} faults", positions.len(), positions.len() * FAULTS.len());
    assert!(positions.len() > 15, "{positions:?}");
    let steps: Vec<_> =
        positions.iter().flat_map(|it| FAULTS.iter().map(move |fault| (it, *fault))).collect();
    walk::walk(&steps, |(position, fault)| {
        let front = real.front(|_| {});
        walk::judge((&front, position, *fault), || run(&front), CAUSE, &clean);
    });
}

/// A pod of the cluster asks: its token, the cluster's certificate and its namespace stand where the kubelet puts them.
#[test]
fn a_pod_of_the_cluster_asks_as_its_service_account() {
    // Where this user may have no mounts of its own, nothing can stand where the kubelet would put it.
    let own = ["--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/run"];
    if !Command::new("unshare").args(own).output().is_ok_and(|it| it.status.success()) {
        eprintln!("skipped: unshare --mount is not allowed here");
        return;
    }
    let Some(real) = Real::start() else { return };
    let folder = served::folder();
    real.load(&folder);
    let (target, namespace) = pod(&folder);
    real.write(
        "serviceaccounts",
        &json!({"metadata": {"name": "on-call", "namespace": namespace}}),
    );
    let account = real.folder.path().join("account");
    std::fs::create_dir(&account).unwrap();
    std::fs::write(account.join("token"), real.token(&namespace, "on-call")).unwrap();
    std::fs::write(account.join("namespace"), &namespace).unwrap();
    std::fs::copy(real.folder.path().join("certs/apiserver.crt"), account.join("ca.crt")).unwrap();
    let diagnose = || {
        Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-euc"])
            .arg("mount -t tmpfs none /run; mkdir -p /run/secrets/kubernetes.io; cp -r \"$0\" /run/secrets/kubernetes.io/serviceaccount; exec \"$@\"")
            .arg(&account)
            .args([env!("CARGO_BIN_EXE_triagem"), "diagnose", &target, "--output", "json", "--all"])
            .env("KUBERNETES_SERVICE_HOST", "127.0.0.1")
            .env("KUBERNETES_SERVICE_PORT", real.port.to_string())
            .env("HOME", real.folder.path())
            .env_remove("KUBECONFIG")
            .output()
            .unwrap()
    };
    let refused = diagnose();
    // Where the report would be JSON, the error is, too.
    let said = String::from_utf8_lossy(&refused.stdout);
    assert_eq!(refused.status.code(), Some(4), "{said}");
    assert!(said.contains("get on pods"), "{said}");
    let output = triagem(&[
        "access",
        "aks-keyvault",
        "-n",
        &namespace,
        "--bind",
        &format!("system:serviceaccount:{namespace}:on-call"),
    ]);
    for object in documents(&output) {
        real.write(&plural(&object), &object);
    }
    std::thread::sleep(std::time::Duration::from_secs(2));
    let allowed = diagnose();
    let said = String::from_utf8_lossy(&allowed.stderr);
    assert_eq!(allowed.status.code(), Some(1), "{said}");
    let report: Json = serde_json::from_slice(&allowed.stdout).unwrap();
    assert_eq!(first(&report), CAUSE);
    assert!(!report.to_string().contains("\"denied\""), "{report:#}");
}

/// Recorded clusters, live, give the answer that their files give: the same causes of now, the same first. A file may tell of more that is
/// over, such as of other pods'. `TRIAGEM_CLUSTERS` names a folder of more of them.
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
            let of_now = report["findings"].as_array().into_iter().flatten().filter(|it| {
                matches!(it["verdict"].as_str(), Some("confirmed" | "likely"))
                    && it["when"] == "now"
            });
            let mut causes: Vec<String> = of_now.map(|it| it["cause"].to_string()).collect();
            // Behind the first one, the order tells nothing.
            if let Some(rest) = causes.get_mut(1..) {
                rest.sort();
            }
            causes.dedup();
            causes
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
