//! Whatever goes wrong with any one question: nothing is called healthy, and no other cause is found.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::served::Served;
use super::served::front::{FAULTS, Fault};
use super::walk::{Position, dismissed, judge, positions, walk};
use super::{CAUSE, NAMESPACE, triagem};

const CORE_EVENTS: &str =
    "/api/v1/namespaces/team-43/events?limit=500&fieldSelector=involvedObject.uid%3D";

/// What is asked, and how the cluster is before anything goes wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Walk {
    Pod,
    /// Who may read events only under their newer name.
    NewerEvents,
    Deployment,
    Labels,
    Everything,
}

const WALKS: &[Walk] =
    &[Walk::Pod, Walk::NewerEvents, Walk::Deployment, Walk::Labels, Walk::Everything];

impl Walk {
    fn target(self) -> &'static [&'static str] {
        match self {
            Self::Pod | Self::NewerEvents => &["pod/notify-43", "-n", NAMESPACE],
            Self::Deployment => &["deploy/notify", "-n", NAMESPACE],
            Self::Labels => &["-l", "app=notify", "-n", NAMESPACE],
            Self::Everything => &["-A"],
        }
    }

    fn serve(self) -> Served {
        let served = Served::start();
        let mut uid = String::new();
        served.change(|objects| {
            let pods = objects.get_mut("pods").unwrap();
            let pod = pods.iter_mut().find(|it| it["metadata"]["name"] == "notify-43").unwrap();
            pod["metadata"]["labels"] = json!({"app": "notify"});
            uid = pod["metadata"]["uid"].as_str().unwrap().to_owned();
            objects.insert("deployments".to_owned(), vec![json!({
                "kind": "Deployment", "metadata": {"name": "notify", "namespace": NAMESPACE, "uid": "d"},
                "spec": {"selector": {"matchLabels": {"app": "notify"}}},
            })]);
        });
        if self == Self::NewerEvents {
            served.fail(&format!("{CORE_EVENTS}{uid}"), Fault::Forbidden);
        }
        served
    }

    fn run(self, served: &Served) -> (Json, Option<i32>) {
        let folder = tempfile::tempdir().unwrap();
        let config = served.kubeconfig(folder.path());
        let mut args = vec!["diagnose"];
        args.extend(self.target());
        args.extend([
            "--all",
            "--output",
            "json",
            "--timeout",
            "4",
            "--kubeconfig",
            config.to_str().unwrap(),
        ]);
        let output = triagem(folder.path(), &args);
        (serde_json::from_slice(&output.stdout).unwrap_or_default(), output.status.code())
    }
}

#[test]
fn no_fault_turns_into_health_or_into_another_cause() {
    let mut steps: Vec<(Walk, Position, Fault)> = Vec::new();
    let mut known: BTreeSet<Position> = BTreeSet::new();
    let mut clean = Vec::new();
    for how in WALKS {
        let served = how.serve();
        let (report, code) = how.run(&served);
        assert_eq!(code, Some(1), "{how:?}: {report:#}");
        clean.push((*how, dismissed(&report)));
        for position in positions(&served) {
            // A fault that stands already is none of this test.
            if !(*how == Walk::NewerEvents && position.0.starts_with(CORE_EVENTS))
                && known.insert(position.clone())
            {
                steps.extend(FAULTS.iter().map(|fault| (*how, position.clone(), *fault)));
            }
        }
    }
    // Nothing that a diagnosis asks is left out.
    for part in [
        "/version",
        "/apis",
        "/pods/notify-43",
        "/log?",
        "&continue=",
        "/api/v1/namespaces/team-43/events?",
        "/apis/events.k8s.io/v1/namespaces/team-43/events?",
        "/deployments/notify",
        "labelSelector=app%3Dnotify",
        "/api/v1/pods?limit=500",
        "/csinodes/",
        "/nodes/",
        "/secretproviderclasses",
    ] {
        assert!(known.iter().any(|(path, _)| path.contains(part)), "{part} is never asked");
    }
    // The pod is looked up, and then read.
    assert!(known.iter().any(|(path, times)| path.ends_with("/pods/notify-43") && *times == 1));
    eprintln!("{} positions, {} faults", known.len(), steps.len());

    walk(&steps, |(how, position, fault)| {
        let clean = &clean.iter().find(|(it, _)| it == how).unwrap().1;
        let served = how.serve();
        judge((&served, position, *fault), || how.run(&served), CAUSE, clean);
    });
}

fn captured(served: &Served, named: &str) -> (Json, String) {
    let folder = tempfile::tempdir().unwrap();
    let config = served.kubeconfig(folder.path());
    let output = triagem(
        folder.path(),
        &[
            "capture",
            "pod/notify-43",
            "-n",
            NAMESPACE,
            "--kubeconfig",
            config.to_str().unwrap(),
            "--to",
            "case",
        ],
    );
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let manifest = std::fs::read_to_string(folder.path().join("case/recording.yaml")).unwrap();
    let manifest: Json = serde_yaml::from_str(&manifest).unwrap();
    let answer = manifest["answers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| {
            it["request"]["source"] == "kubernetes.list" && it["request"]["with"]["kind"] == named
        })
        .unwrap();
    let file = folder.path().join("case").join(answer["file"].as_str().unwrap());
    let list: Json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    (list["items"].clone(), answer["partial"].to_string())
}

#[test]
fn a_list_whose_token_has_expired_begins_again_or_is_not_whole() {
    let grown = || {
        let served = Served::start();
        served.page(2);
        served.change(|objects| {
            let classes = objects.get_mut("secretproviderclasses").unwrap();
            for number in 0..7 {
                let mut more = classes[0].clone();
                more["metadata"]["name"] = format!("more-{number}").into();
                more["metadata"]["uid"] = format!("uid-{number}").into();
                classes.push(more);
            }
        });
        served
    };
    let (whole, partial) = captured(&grown(), "SecretProviderClass");
    assert_eq!((whole.as_array().unwrap().len(), partial.as_str()), (8, "null"));

    let once = grown();
    once.expire(1);
    let (items, partial) = captured(&once, "SecretProviderClass");
    // Whichever list it met, it began again.
    assert_eq!((items, partial.as_str()), (whole, "null"));
    assert!(once.asked_each_time().len() > grown().asked_each_time().len());

    let ever = grown();
    ever.expire(1000);
    let (items, partial) = captured(&ever, "SecretProviderClass");
    assert_eq!(items.as_array().unwrap().len(), 2, "what came is there");
    assert!(partial.contains("410"), "and it is not whole: {partial}");
}
