//! A live cluster, as far as a recorded one served over HTTP can stand for it.

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

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use served::Served;
use served::front::Fault;

#[path = "live/chain.rs"]
mod chain;
#[path = "live/ends.rs"]
mod ends;
#[path = "live/faults.rs"]
mod faults;
#[path = "live/manners.rs"]
mod manners;
#[path = "live/planned.rs"]
mod planned;
#[path = "kubernetes/served.rs"]
mod served;
#[path = "live/situations.rs"]
mod situations;
#[path = "live/sources.rs"]
mod sources;
#[path = "live/standing.rs"]
mod standing;
#[path = "kubernetes/walk.rs"]
mod walk;

const POD: &str = "pod/notify-43";
const NAMESPACE: &str = "team-43";
const CAUSE: &str = "kv-forbidden-by-connection";

/// The program, without anybody's `az` or kubeconfig.
fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_triagem"));
    command.args(args).current_dir(folder).env_clear().env("PATH", folder).env("HOME", folder);
    command
}

fn triagem(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

/// A capture of the pod whose disk is full after two kilobytes: the program learns of a file's limit as of a full disk.
fn capture_onto_a_full_disk(folder: &Path, config: &Path, more: &str) -> Output {
    let script = format!(
        "trap '' XFSZ; ulimit -f 4; exec {} capture {POD} -n {NAMESPACE} --kubeconfig {} {more}",
        env!("CARGO_BIN_EXE_triagem"),
        config.display(),
    );
    Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", folder)
        .output()
        .unwrap()
}

fn diagnose(served: &Served, folder: &Path, more: &[&str]) -> (Json, Output) {
    let config = served.kubeconfig(folder);
    let mut args = vec![
        "diagnose",
        POD,
        "-n",
        NAMESPACE,
        "--output",
        "json",
        "--kubeconfig",
        config.to_str().unwrap(),
    ];
    args.extend(more);
    let output = triagem(folder, &args);
    (serde_json::from_slice(&output.stdout).unwrap_or_default(), output)
}

/// The causes of now that are confirmed or likely.
fn sure(report: &Json) -> Vec<String> {
    report["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|it| {
            it["when"] != "past" && (it["verdict"] == "confirmed" || it["verdict"] == "likely")
        })
        .map(|it| it["cause"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_live_pod_is_diagnosed_politely() {
    let served = Served::start();
    served.delay(Duration::from_millis(100));
    let folder = tempfile::tempdir().unwrap();
    let (report, output) = diagnose(&served, folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(report["findings"][0]["cause"], CAUSE);
    assert_eq!(sure(&report), [CAUSE]);
    let asked = served.asked();
    assert!(asked.len() <= 30, "{} requests: {asked:#?}", asked.len());
    assert!(
        asked.iter().all(|it| !it.contains("secrets/") && !it.ends_with("/secrets")),
        "{asked:#?}"
    );
    // What does not depend on each other is asked together, but never more than four questions.
    assert!((3..=4).contains(&served.most_at_once()), "{} at once", served.most_at_once());
    // Paged, and put together again.
    assert!(asked.iter().any(|it| it.contains("continue=")), "{asked:#?}");
}

#[test]
fn a_recording_gives_the_same_report() {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    let config = served.kubeconfig(folder.path());
    for to in ["case.tar.gz", "case"] {
        let live = triagem(
            folder.path(),
            &[
                "capture",
                POD,
                "-n",
                NAMESPACE,
                "--kubeconfig",
                config.to_str().unwrap(),
                "--to",
                to,
                "--all",
                "--output",
                "json",
            ],
        );
        assert_eq!(live.status.code(), Some(1), "{}", String::from_utf8_lossy(&live.stderr));
        let again = triagem(folder.path(), &["diagnose", to, "--all", "--output", "json"]);
        assert!(live.stdout == again.stdout, "the report of {to} is another one");
        assert_eq!(again.status.code(), Some(1));
    }
    // A capture that was killed is not taken for a whole one.
    let manifest = folder.path().join("case/recording.yaml");
    std::fs::write(manifest, "apiVersion: triagem/v1\nkind: Recording\nunfinished: true\n")
        .unwrap();
    let killed = triagem(folder.path(), &["diagnose", "case"]);
    assert_eq!(killed.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&killed.stderr).contains("killed"));
}

#[test]
fn a_refusal_names_what_it_needs() {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    served.fail("/apis/storage.k8s.io/v1/csidrivers/secrets-store.csi.k8s.io", Fault::Forbidden);
    let (report, _) = diagnose(&served, folder.path(), &["--all"]);
    assert!(report.to_string().contains("get on csidrivers.storage.k8s.io"), "{report:#}");
}

#[test]
fn many_pods_of_one_deployment_cost_hardly_more_than_one() {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    diagnose(&served, folder.path(), &[]);
    let one = served.asked().len();
    served.change(|objects| {
        let pods = objects.get_mut("pods").unwrap();
        let at = pods.iter().position(|it| it["metadata"]["name"] == "notify-43").unwrap();
        let first = pods.remove(at);
        let events = objects.remove("events").unwrap();
        let mut more = Vec::new();
        for number in 0..200 {
            let name = format!("many-{number}");
            let uid = format!("00000000-0000-4000-8000-{number:012}");
            let mut pod = first.clone();
            pod["metadata"]["name"] = name.clone().into();
            pod["metadata"]["uid"] = uid.clone().into();
            pod["metadata"]["labels"] = json!({"app": "gateway"});
            objects.get_mut("pods").unwrap().push(pod);
            for (at, event) in events.iter().enumerate() {
                let mut event = event.clone();
                event["metadata"]["uid"] = format!("{uid}-{at}").into();
                event["involvedObject"]["name"] = name.clone().into();
                event["involvedObject"]["uid"] = uid.clone().into();
                more.push(event);
            }
        }
        objects.insert("events".to_owned(), more);
    });
    let many = Served::start();
    // As large as the client asks for: a thousand events are two pages more.
    many.page(500);
    many.change(|objects| *objects = served_objects(&served));
    let config = many.kubeconfig(folder.path());
    let begun = Instant::now();
    let output = triagem(
        folder.path(),
        &[
            "diagnose",
            "-l",
            "app=gateway",
            "-n",
            NAMESPACE,
            "--output",
            "json",
            "--kubeconfig",
            config.to_str().unwrap(),
            "--timeout",
            "300",
        ],
    );
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    let told: Vec<&Json> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["cause"] == CAUSE && it["verdict"] == "confirmed")
        .collect();
    assert_eq!(told.len(), 1, "one finding for all of them, not {}", told.len());
    assert_eq!(told[0]["subjects"].as_array().unwrap().len(), 200);
    // Pages are tiny here: what counts is how many different lists and objects were asked for.
    let questions: std::collections::BTreeSet<String> =
        many.asked().iter().map(|it| it.split('?').next().unwrap().to_owned()).collect();
    assert!(
        questions.len() <= one + 8,
        "{} questions after {one}: {questions:#?}",
        questions.len()
    );
    eprintln!(
        "200 pods: {} requests after {one} for one pod, {:?}",
        many.asked_each_time().len(),
        begun.elapsed()
    );
    assert!(many.asked_each_time().len() <= one + 8, "{}", many.asked_each_time().len());
}

fn served_objects(served: &Served) -> std::collections::BTreeMap<String, Vec<Json>> {
    let mut all = std::collections::BTreeMap::new();
    served.change(|objects| all.clone_from(objects));
    all
}

#[test]
fn a_pod_that_is_not_there_is_said() {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    let config = served.kubeconfig(folder.path());
    let output = triagem(
        folder.path(),
        &["diagnose", "pod/nobody", "-n", NAMESPACE, "--kubeconfig", config.to_str().unwrap()],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no pod nobody"));
    let nowhere = triagem(folder.path(), &["diagnose", POD, "--kubeconfig", "/dev/null"]);
    assert!(matches!(nowhere.status.code(), Some(4)), "{nowhere:?}");
}
