//! How the pods themselves stand: nothing is called well that is not, whichever playbook is about it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::served::front::Fault;
use super::served::{Served, clock};
use super::{NAMESPACE, POD, served_objects, sure, triagem};

#[derive(Deserialize)]
struct Situation {
    what: String,
    volumes: Option<String>,
    pod: Json,
    events: Vec<Json>,
    exit: i32,
    standing: String,
    reason: Option<String>,
    about: Vec<String>,
    #[serde(default)]
    says: Vec<String>,
    #[serde(default)]
    never: Vec<String>,
    /// A merge patch of the pod's class.
    #[serde(default)]
    class: Json,
    /// More objects, by plural.
    #[serde(default)]
    objects: BTreeMap<String, Vec<Json>>,
    /// Container → what it wrote; `E[6]` begins a record of six seconds ago.
    #[serde(default)]
    logs: BTreeMap<String, String>,
    /// Causes of now that are confirmed or likely.
    #[serde(default)]
    now: Vec<String>,
}

/// What a container wrote, with the moments of its records.
fn written(text: &str) -> String {
    let line = |line: &str| {
        let begin = line.split_once('[').filter(|(letter, _)| letter.len() == 1);
        let timed = begin.and_then(|(letter, rest)| Some((letter, rest.split_once(']')?)));
        let Some((letter, (ago, rest))) = timed else { return line.to_owned() };
        let at = clock::now() - ago.parse::<i64>().unwrap() * 1_000_000;
        let klog = clock::klog(letter.chars().next().unwrap(), at);
        format!("{} {klog}{rest}", clock::rfc3339(at))
    };
    text.lines().map(|it| line(it) + "\n").collect()
}

fn situations() -> Vec<Situation> {
    serde_yaml::from_str(include_str!("standings.yaml")).unwrap()
}

/// As RFC 7396 says.
fn merge(onto: &mut Json, patch: &Json) {
    let Json::Object(patch) = patch else {
        onto.clone_from(patch);
        return;
    };
    if !onto.is_object() {
        *onto = json!({});
    }
    for (key, value) in patch {
        if value.is_null() {
            onto.as_object_mut().unwrap().remove(key);
        } else {
            merge(&mut onto[key], value);
        }
    }
}

fn serve(situation: &Situation) -> Served {
    let served = Served::start();
    served.page(500);
    served.change_logs(|_| String::new());
    served.change(|objects| {
        let pods = objects.get_mut("pods").unwrap();
        let pod = pods.iter_mut().find(|it| it["metadata"]["name"] == "notify-43").unwrap();
        if situation.volumes.is_some() {
            pod["spec"]["volumes"] = json!([]);
        }
        merge(pod, &situation.pod);
        if !situation.class.is_null() {
            let classes = objects.get_mut("secretproviderclasses").unwrap();
            classes.iter_mut().for_each(|it| merge(it, &situation.class));
        }
        for (plural, more) in &situation.objects {
            objects.entry(plural.clone()).or_default().extend(more.iter().cloned());
        }
        let pods = objects.get_mut("pods").unwrap();
        let pod = pods.iter_mut().find(|it| it["metadata"]["name"] == "notify-43").unwrap();
        let whose = json!({"kind": "Pod", "namespace": NAMESPACE, "name": "notify-43", "uid": pod["metadata"]["uid"]});
        let events = situation.events.iter().enumerate().map(|(at, event)| {
            let mut whole = json!({"kind": "Event", "apiVersion": "v1", "type": "Warning", "count": 3, "involvedObject": whose, "metadata": {"name": format!("e{at}"), "namespace": NAMESPACE, "uid": format!("e{at}")}, "firstTimestamp": "2026-11-23T22:05:00Z", "lastTimestamp": "2026-11-23T22:06:00Z"});
            merge(&mut whole, event);
            // So many seconds ago, for the last time.
            if let Some(ago) = whole.as_object_mut().unwrap().remove("ago") {
                let at = clock::now() - ago.as_i64().unwrap() * 1_000_000;
                whole["lastTimestamp"] = clock::rfc3339(at).into();
                whole["firstTimestamp"] = clock::rfc3339(at - 60_000_000).into();
            }
            whole
        });
        objects.insert("events".to_owned(), events.collect());
    });
    for (container, text) in &situation.logs {
        served.write_log(container.clone().leak(), &written(text));
    }
    served
}

fn run(served: &Served, folder: &Path, args: &[&str]) -> Output {
    let config = served.kubeconfig(folder);
    triagem(folder, &[args, &["--kubeconfig", config.to_str().unwrap()][..]].concat())
}

#[test]
fn a_pod_is_told_as_it_stands_and_a_recording_tells_the_same() {
    for situation in situations() {
        let what = &situation.what;
        let served = serve(&situation);
        let folder = tempfile::tempdir().unwrap();
        let target = [POD, "-n", NAMESPACE];
        let live = run(
            &served,
            folder.path(),
            &[&["capture", "--to", "case", "--output", "json"], &target[..]].concat(),
        );
        let report: Json = serde_json::from_slice(&live.stdout)
            .unwrap_or_else(|_| panic!("{what}: {}", String::from_utf8_lossy(&live.stderr)));
        assert_eq!(
            live.status.code(),
            Some(situation.exit),
            "{what}: {:?} {report:#}",
            sure(&report)
        );
        assert_eq!(sure(&report), situation.now, "{what}");
        let subject = &report["subjects"][0];
        assert_eq!(subject["standing"], situation.standing, "{what}");
        assert_eq!(subject["reason"].as_str(), situation.reason.as_deref(), "{what}");
        assert_eq!(subject["playbooks"], json!(situation.about), "{what}");
        let again = triagem(folder.path(), &["diagnose", "case", "--output", "json"]);
        assert!(live.stdout == again.stdout, "{what}: the recording gives another report");
        assert_eq!(again.status.code(), Some(situation.exit), "{what}");

        let text = run(&served, folder.path(), &[&["diagnose"], &target[..]].concat());
        let text = String::from_utf8_lossy(&text.stdout).into_owned();
        for says in &situation.says {
            assert!(text.contains(says), "{what}: no {says:?} in\n{text}");
        }
        for never in &situation.never {
            assert!(
                !text.contains(never) && !report.to_string().contains(never),
                "{what}: {never:?} in\n{text}"
            );
        }
        let text =
            run(&served, folder.path(), &[&["diagnose", "--lang", "pt-BR"], &target[..]].concat());
        let text = String::from_utf8_lossy(&text.stdout).into_owned();
        assert!(!text.contains("is not ready") && !text.contains("newest"), "{what}:\n{text}");
    }
}

#[test]
fn of_a_namespace_who_leaves_is_told_and_who_is_in_trouble_counts() {
    let waiting = situations().remove(0);
    let served = serve(&waiting);
    let add = |name: &'static str, patch: Json| {
        served.change(|objects| {
            let pods = objects.get_mut("pods").unwrap();
            let mut pod =
                pods.iter().find(|it| it["metadata"]["name"] == "notify-43").unwrap().clone();
            merge(&mut pod, &json!({"metadata": {"name": name, "uid": name}}));
            merge(&mut pod, &patch);
            pods.push(pod);
        });
    };
    let ready = json!({"status": {"phase": "Running", "containerStatuses": [{"name": "app", "ready": true}], "conditions": []}});
    add("well", ready.clone());
    let mut leaving = ready;
    merge(&mut leaving, &json!({"metadata": {"deletionTimestamp": "2026-11-23T22:06:30Z"}}));
    add("leaving", leaving);
    let folder = tempfile::tempdir().unwrap();
    let look = |target: &[&str]| {
        let output =
            run(&served, folder.path(), &[&["diagnose", "--output", "json"], target].concat());
        let report: Json = serde_json::from_slice(&output.stdout).unwrap();
        (
            output.status.code(),
            report["selection"].clone(),
            report["subjects"].as_array().unwrap().len(),
        )
    };
    let left_out = json!({"well": 1, "leaving": 1, "gap": null});
    assert_eq!(look(&["-n", NAMESPACE]), (Some(3), left_out.clone(), 1));
    served.change(|objects| {
        objects.get_mut("pods").unwrap().retain(|it| it["metadata"]["name"] != "notify-43");
    });
    assert_eq!(look(&["-n", NAMESPACE]), (Some(0), left_out, 0));
}

#[test]
fn what_could_hide_trouble_of_a_pod_that_runs_is_read_or_nothing_is_called_well() {
    let situations = situations();
    let well = situations.iter().find(|it| it.what == "It is ready, and mounts a class").unwrap();
    let clean = serve(well);
    let folder = tempfile::tempdir().unwrap();
    let target = ["diagnose", POD, "-n", NAMESPACE, "--output", "json"];
    assert_eq!(run(&clean, folder.path(), &target).status.code(), Some(0));
    let needed = |path: &str| {
        ["/apis", "/version"].contains(&path)
            || path.contains("/pods/notify-43")
            || path.contains("/events?")
            || path.contains("/secretproviderclasses/")
            || path.contains("container=secrets-store&")
    };
    let mut seen = 0;
    for path in clean.asked() {
        for fault in
            [Fault::Forbidden, Fault::Unavailable, Fault::Garbage, Fault::OtherKind, Fault::Texts]
        {
            let served = serve(well);
            served.fail(&path, fault);
            let output = run(&served, folder.path(), &target);
            let code = output.status.code();
            assert!(matches!(code, Some(0 | 3 | 4)), "{fault:?} at {path}: {code:?}");
            // Who may not ask for the version, or events by their first name, asks for the rest.
            let spared = match fault {
                Fault::Forbidden => path == "/version" || path.contains("/events?"),
                // The version is of no kind.
                _ => matches!(fault, Fault::OtherKind | Fault::Texts) && path == "/version",
            };
            if needed(&path) && !spared {
                seen += 1;
                assert_ne!(code, Some(0), "{fault:?} at {path}");
                if code == Some(3) {
                    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
                    assert_ne!(report["subjects"][0]["unread"], json!([]), "{fault:?} at {path}");
                }
            }
        }
    }
    assert!(seen >= 12, "{seen}");
}

#[test]
fn a_ready_pod_that_mounts_a_class_is_looked_at_however_it_is_pointed_at() {
    let situations = situations();
    let well = situations.iter().find(|it| it.what == "It is ready, and mounts a class").unwrap();
    let served = serve(well);
    let folder = tempfile::tempdir().unwrap();
    let target = ["diagnose", "-n", NAMESPACE, "--output", "json"];
    let output = run(&served, folder.path(), &target);
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{report:#}");
    assert_eq!(report["subjects"][0]["name"], "notify-43");
    let log =
        served.asked().into_iter().find(|it| it.contains("container=secrets-store&")).unwrap();
    let blind = Served::start();
    blind.page(500);
    blind.change_logs(|_| String::new());
    blind.change(|objects| *objects = served_objects(&served));
    blind.fail(&log, Fault::Forbidden);
    let output = run(&blind, folder.path(), &target);
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn of_all_namespaces_any_pod_in_trouble_counts() {
    let all = situations();
    let well = all.iter().find(|it| it.what == "It is ready, and mounts a class").unwrap();
    let waiting = all.iter().find(|it| it.what == "It waits for a node").unwrap();
    let served = serve(well);
    let folder = tempfile::tempdir().unwrap();
    let look = || {
        let output = run(&served, folder.path(), &["diagnose", "-A", "-o", "json"]);
        let report: Json = serde_json::from_slice(&output.stdout).unwrap();
        let trouble: Vec<String> = report["subjects"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["standing"] == "trouble")
            .map(|it| it["name"].as_str().unwrap().to_owned())
            .collect();
        (output.status.code(), trouble)
    };
    assert_eq!(look(), (Some(0), Vec::new()));
    served.change(|objects| {
        let pods = objects.get_mut("pods").unwrap();
        let mut pod = pods.iter().find(|it| it["metadata"]["name"] == "notify-43").unwrap().clone();
        pod["spec"]["volumes"] = json!([]);
        merge(&mut pod, &waiting.pod);
        merge(&mut pod, &json!({"metadata": {"name": "other", "namespace": "far", "uid": "far"}}));
        pods.push(pod);
    });
    assert_eq!(look(), (Some(3), vec!["other".to_owned()]));
}

#[test]
fn of_a_recording_of_a_pod_that_is_well_no_answer_can_be_missing() {
    let all = situations();
    let well = all.iter().find(|it| it.what == "It is ready, and mounts a class").unwrap();
    let served = serve(well);
    let folder = tempfile::tempdir().unwrap();
    let live = run(&served, folder.path(), &["capture", POD, "-n", NAMESPACE, "--to", "case"]);
    assert_eq!(live.status.code(), Some(0), "{}", String::from_utf8_lossy(&live.stdout));
    let file = folder.path().join("case/recording.yaml");
    let whole: Json = serde_yaml::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let count = whole["answers"].as_array().unwrap().len();
    assert!(count > 10, "{count}");
    let without = |drop: &dyn Fn(usize) -> bool| {
        let mut changed = whole.clone();
        let answers = changed["answers"].as_array_mut().unwrap();
        let mut at = 0;
        answers.retain(|_| {
            at += 1;
            !drop(at - 1)
        });
        // Whoever takes something out on purpose can seal it anew.
        changed.as_object_mut().unwrap().remove("sha256");
        changed["sha256"] = triagem_engine::evidence::recording::digest_of(&changed).into();
        std::fs::write(&file, serde_yaml::to_string(&changed).unwrap()).unwrap();
        triagem(folder.path(), &["diagnose", "case"]).status.code()
    };
    assert_eq!(without(&|_| false), Some(0));
    for at in 0..count {
        let answer = &whole["answers"][at];
        // What this version cannot ask was not answered either.
        let asked = answer["gap"] != "unsupported";
        let code = without(&|it| it == at);
        assert!(!asked || code == Some(3), "{code:?} without {}", answer["request"]);
    }
    for first in 0..count - 9 {
        assert_eq!(without(&|it| (first..first + 9).contains(&it)), Some(3), "from {first}");
    }
    assert_eq!(without(&|_| true), Some(3));
}
