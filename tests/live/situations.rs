//! What happens to pods and nodes while somebody looks.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::served::Served;
use super::served::front::Fault;
use super::{CAUSE, NAMESPACE, served_objects, sure, triagem};

type Objects = BTreeMap<String, Vec<Json>>;

fn serve(change: impl FnOnce(&mut Objects)) -> Served {
    let served = Served::start();
    served.page(500);
    served.change(change);
    served
}

fn pod(objects: &mut Objects) -> &mut Json {
    let pods = objects.get_mut("pods").unwrap();
    pods.iter_mut().find(|it| it["metadata"]["name"] == "notify-43").unwrap()
}

fn run(served: &Served, target: &[&str]) -> (Json, Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let config = served.kubeconfig(folder.path());
    let mut args = vec!["diagnose"];
    args.extend(target);
    args.extend(["--all", "--output", "json", "--kubeconfig", config.to_str().unwrap()]);
    let output = triagem(folder.path(), &args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (serde_json::from_slice(&output.stdout).unwrap_or_default(), output.status.code(), said)
}

/// It runs, with every container ready.
fn runs(pod: &mut Json) {
    pod["status"]["phase"] = "Running".into();
    for condition in pod["status"]["conditions"].as_array_mut().unwrap() {
        condition["status"] = "True".into();
    }
    for status in pod["status"]["containerStatuses"].as_array_mut().unwrap() {
        status["ready"] = true.into();
        status["state"] = json!({"running": {"startedAt": "2026-11-23T22:06:30Z"}});
    }
}

fn one(served: &Served) -> (Json, Option<i32>, String) {
    run(served, &["pod/notify-43", "-n", NAMESPACE])
}

fn now() -> String {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap().as_micros();
    let moment = triagem_engine::text::Moment::At(i64::try_from(since).unwrap());
    triagem_engine::text::show_moment(moment)
}

fn verdicts<'r>(report: &'r Json, cause: &str) -> Vec<&'r Json> {
    let all = report["findings"].as_array().unwrap();
    all.iter()
        .filter(|it| {
            it["cause"] == cause && matches!(it["verdict"].as_str(), Some("confirmed" | "likely"))
        })
        .collect()
}

#[test]
fn a_pod_that_vanished_is_not_healthy() {
    let served = Served::start();
    let path = format!("/api/v1/namespaces/{NAMESPACE}/pods/notify-43");
    // It is found, and gone when it is read.
    served.vanish(&path, 1);
    let (report, code, said) = one(&served);
    assert_eq!(code, Some(3), "{said}");
    assert!(sure(&report).is_empty(), "{:?}", sure(&report));
    assert!(report.to_string().contains("notify-43 was there a moment ago, and is gone"));
}

#[test]
fn events_of_the_pod_that_had_the_name_before_do_not_count() {
    let renewed = |objects: &mut Objects| {
        pod(objects)["metadata"]["uid"] = "00000000-0000-4000-8000-000000000043".into();
    };
    let served = serve(renewed);
    served.change_logs(|_| String::new());
    let (report, code, _) = one(&served);
    assert_eq!(code, Some(3), "{:?}", sure(&report));
    assert!(sure(&report).is_empty(), "{:?}", sure(&report));
    let events: Vec<String> =
        served.asked().into_iter().filter(|it| it.contains("/events?")).collect();
    assert!(
        !events.is_empty() && events.iter().all(|it| it.contains("000000000043")),
        "{events:?}"
    );
    // While it was looked up it was replaced: neither the old nor the new one is told to be well.
    let served = Served::start();
    let (path, new) = (
        format!("/api/v1/namespaces/{NAMESPACE}/pods/notify-43"),
        "00000000-0000-4000-8000-000000000044",
    );
    served.replace(&path, 1, |pod| pod["metadata"]["uid"] = new.into());
    let (report, code, _) = one(&served);
    assert_eq!(code, Some(3));
    assert!(sure(&report).is_empty(), "{:?}", sure(&report));
}

#[test]
fn a_pod_that_runs_meanwhile_had_trouble() {
    let served = serve(|objects| runs(pod(objects)));
    let (report, code, _) = one(&served);
    assert_eq!(code, Some(0), "{:?}", sure(&report));
    let told = verdicts(&report, CAUSE);
    assert!(!told.is_empty() && told.iter().all(|it| it["when"] == "past"), "{told:#?}");
}

#[test]
fn of_two_classes_one_is_missing() {
    let served = serve(|objects| {
        let pod = pod(objects);
        let volume = json!({"name": "more-secrets", "csi": {"driver": "secrets-store.csi.k8s.io", "readOnly": true, "volumeAttributes": {"secretProviderClass": "nowhere-kv"}}});
        pod["spec"]["volumes"].as_array_mut().unwrap().push(volume);
        let events = objects.get_mut("events").unwrap();
        let mut event = events.iter().find(|it| it["reason"] == "FailedMount").unwrap().clone();
        event["metadata"]["name"] = "notify-43.second".into();
        event["metadata"]["uid"] = "second".into();
        event["message"] = format!(r#"MountVolume.SetUp failed for volume "more-secrets" : rpc error: code = Unknown desc = failed to get secretproviderclass {NAMESPACE}/nowhere-kv, error: SecretProviderClass.secrets-store.csi.x-k8s.io "nowhere-kv" not found"#).into();
        events.push(event);
    });
    let (report, code, _) = one(&served);
    assert_eq!(code, Some(1));
    let missing = verdicts(&report, "spc-not-found");
    assert_eq!(missing.len(), 1, "{missing:#?}");
    assert_eq!(missing[0]["subjects"].as_array().unwrap().len(), 1);
    assert!(
        missing[0]["subjects"].to_string().contains("more-secrets"),
        "{}",
        missing[0]["subjects"]
    );
    let refused = verdicts(&report, CAUSE);
    assert_eq!(refused.len(), 1, "{refused:#?}");
    assert!(
        !refused[0]["subjects"].to_string().contains("more-secrets"),
        "{}",
        refused[0]["subjects"]
    );
}

#[test]
fn a_node_that_disappeared_is_a_fact_and_no_health() {
    let served = serve(|objects| {
        objects.remove("nodes");
        objects.remove("csinodes");
    });
    let (report, code, _) = one(&served);
    assert_eq!(code, Some(1), "{:?}", sure(&report));
    assert_eq!(verdicts(&report, CAUSE).len(), 1);
    // Nothing about the node is left open, for it was looked at.
    for gap in report["unchecked"].as_array().into_iter().flatten() {
        assert!(!gap.to_string().contains("\"node\""), "{gap}");
    }
}

#[test]
fn a_windows_node_is_a_node() {
    let served = serve(|objects| {
        for node in objects.get_mut("nodes").unwrap() {
            node["status"]["nodeInfo"]["operatingSystem"] = "windows".into();
            node["metadata"]["labels"]["kubernetes.io/os"] = "windows".into();
        }
    });
    let (report, code, _) = one(&served);
    assert_eq!(code, Some(1));
    assert_eq!(sure(&report), [CAUSE]);
}

#[test]
fn however_pods_are_pointed_at_there_is_one_finding() {
    let served = serve(|objects| {
        let first = pod(objects).clone();
        let events = objects["events"].clone();
        for number in 0..3 {
            let (name, uid) =
                (format!("web-{number}"), format!("00000000-0000-4000-8000-{number:012}"));
            let mut pod = first.clone();
            pod["metadata"]["name"] = name.clone().into();
            pod["metadata"]["uid"] = uid.clone().into();
            pod["metadata"]["labels"] = json!({"app": "web", "tier": "front"});
            objects.get_mut("pods").unwrap().push(pod);
            for (at, event) in events.iter().enumerate() {
                let mut event = event.clone();
                event["metadata"]["name"] = format!("{name}.{at}").into();
                event["metadata"]["uid"] = format!("{uid}-{at}").into();
                event["involvedObject"]["name"] = name.clone().into();
                event["involvedObject"]["uid"] = uid.clone().into();
                objects.get_mut("events").unwrap().push(event);
            }
        }
        // Neither is well, and neither is meant by anything but a namespace.
        for (plural, kind) in [
            ("deployments", "Deployment"),
            ("daemonsets", "DaemonSet"),
            ("statefulsets", "StatefulSet"),
            ("replicasets", "ReplicaSet"),
            ("jobs", "Job"),
        ] {
            let owner = json!({"kind": kind, "metadata": {"name": "web", "namespace": NAMESPACE, "uid": plural}, "spec": {"selector": {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "In", "values": ["front"]}]}}});
            objects.entry(plural.to_owned()).or_default().push(owner);
        }
    });
    for (target, pods) in [
        (&["deploy/web", "-n", NAMESPACE][..], 3),
        (&["ds/web", "-n", NAMESPACE], 3),
        (&["sts/web", "-n", NAMESPACE], 3),
        (&["rs/web", "-n", NAMESPACE], 3),
        (&["job/web", "-n", NAMESPACE], 3),
        (&["-l", "app=web", "-n", NAMESPACE], 3),
        (&["-n", NAMESPACE], 4),
        (&["-A"], 4),
    ] {
        let before = served.asked_each_time().len();
        let (report, code, said) = run(&served, target);
        assert_eq!(code, Some(1), "{target:?}: {said}");
        let told = verdicts(&report, CAUSE);
        assert_eq!(told.len(), 1, "{target:?}: {:?}", sure(&report));
        let subjects = told[0]["subjects"].as_array().unwrap();
        assert_eq!(subjects.len(), pods, "{target:?}: {subjects:?}");
        let requests = served.asked_each_time().len() - before;
        eprintln!("{target:?}: {requests} requests for {pods} pods");
        assert!(requests <= 30, "{target:?}: {requests}");
    }
    let (_, code, said) = run(&served, &["deploy/nobody", "-n", NAMESPACE]);
    assert_eq!(code, Some(2), "{said}");
    let (_, code, said) = run(&served, &["-l", "app=nobody", "-n", NAMESPACE]);
    assert_eq!(code, Some(2), "{said}");
    assert!(!Path::new("deploy/nobody").exists());
}

#[test]
fn pods_that_were_not_listed_are_not_well() {
    let served = serve(|objects| {
        let failing = pod(objects).clone();
        let pods = objects.get_mut("pods").unwrap();
        // The components stay.
        pods.retain(|it| it["metadata"]["namespace"] != NAMESPACE);
        for number in 0..3 {
            let mut well = failing.clone();
            well["metadata"]["name"] = format!("well-{number}").into();
            well["metadata"]["uid"] = format!("well-{number}").into();
            runs(&mut well);
            // Of these nobody needs to read a log.
            well["spec"]["volumes"] = json!([]);
            pods.push(well);
        }
        pods.push(failing);
    });
    let (report, code, said) = run(&served, &["-n", NAMESPACE]);
    assert_eq!((code, sure(&report)), (Some(1), vec![CAUSE.to_owned()]), "{said}");
    served.change(|objects| {
        objects.get_mut("pods").unwrap().pop();
    });
    let (report, code, said) = run(&served, &["-n", NAMESPACE]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(report["selection"], json!({"well": 3, "leaving": 0, "gap": null}));

    // What is not known of all of them is not known to be well.
    served.page(2);
    let second = format!("/api/v1/namespaces/{NAMESPACE}/pods?limit=500&continue=2");
    let warnings =
        format!("/api/v1/namespaces/{NAMESPACE}/events?limit=500&fieldSelector=type%3DWarning");
    for path in [second, warnings] {
        let blind = Served::start();
        blind.page(2);
        blind.change(|objects| *objects = served_objects(&served));
        blind.fail(&path, Fault::Unavailable);
        let folder = tempfile::tempdir().unwrap();
        let config = blind.kubeconfig(folder.path());
        let args = ["-n", NAMESPACE, "--kubeconfig", config.to_str().unwrap(), "--output", "json"];
        let live = triagem(folder.path(), &[&["capture", "--to", "case"], &args[..]].concat());
        assert_eq!(
            live.status.code(),
            Some(3),
            "{path}: {}",
            String::from_utf8_lossy(&live.stderr)
        );
        let report: Json = serde_json::from_slice(&live.stdout).unwrap();
        assert_eq!(report["selection"]["gap"]["reason"], "failed", "{path}: {report:#}");
        let again = triagem(folder.path(), &["diagnose", "case", "--output", "json"]);
        assert!(live.stdout == again.stdout && again.status.code() == Some(3), "{path}");
    }
}

#[test]
fn of_pods_that_run_those_with_warnings_are_looked_at() {
    let served = serve(|objects| {
        runs(pod(objects));
        let mut renewed = objects["events"][0].clone();
        renewed["type"] = "Warning".into();
        renewed["reason"] = "MountRotationFailed".into();
        renewed["lastTimestamp"] = now().into();
        renewed["message"] = "provider mount err: rpc error: code = Unknown desc = failed to mount objects, error: failed to get objectType:secret, objectName:db, objectVersion:: GET https://kv-notify-43.vault.azure.net/secrets/db/ RESPONSE 403: 403 Forbidden ERROR CODE: Forbidden { \"error\": { \"code\": \"Forbidden\", \"message\": \"Public network access is disabled and request is not from a trusted service nor via an approved private link.\", \"innererror\": { \"code\": \"ForbiddenByConnection\" } } }".into();
        objects.insert("events".to_owned(), vec![renewed]);
    });
    let targets = [&["-n", NAMESPACE][..], &["pod/notify-43", "-n", NAMESPACE]];
    let looked_at = || {
        for target in targets {
            let (report, code, said) = run(&served, target);
            assert_eq!(code, Some(1), "{target:?}: {said} {:?}", sure(&report));
            assert_eq!(report["playbooks"][0]["troubleNow"], "yes");
        }
    };
    looked_at();
    // Also by who may read events only under their newer name.
    for path in
        served.asked().iter().filter(|it| it.starts_with("/api/v1/") && it.contains("/events?"))
    {
        served.fail(path, Fault::Forbidden);
    }
    looked_at();
}

#[test]
fn a_pod_that_has_run_well_for_days_is_well() {
    let served = serve(|objects| {
        runs(pod(objects));
        objects.remove("events");
    });
    served.change_logs(|_| String::new());
    let (report, code, said) = one(&served);
    assert_eq!(code, Some(0), "{said} {:#}", report["playbooks"]);
    // Not so where its events could not be read.
    let uid = served_objects(&served)["pods"][0]["metadata"]["uid"].as_str().unwrap().to_owned();
    served.fail(
        &format!("/api/v1/namespaces/{NAMESPACE}/events?limit=500&fieldSelector=involvedObject.uid%3D{uid}"),
        Fault::Unavailable,
    );
    let (report, code, said) = one(&served);
    assert_eq!(code, Some(3), "{said} {:#}", report["playbooks"]);
}
