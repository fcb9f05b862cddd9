//! Secrets that were planted wherever a cluster, a log, `az` or a folder of files can hold text: none is ever shown or written down.

#![cfg(unix)]
#![allow(
    clippy::manual_let_else,
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a failed test may panic"
)]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use served::Served;
use served::front::{FAULTS, Fault};

#[path = "kubernetes/served.rs"]
mod served;

/// Every planted secret is made of this.
const CANARY: &str = "hunter";

/// What secrets look like where people leave them.
const DRESSES: &[&str] = &[
    "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0hunter2.hunter3_x-hunter4",
    "grant_type=client_credentials&client_secret=hunter2&scope=x",
    "client_secret: 'hunter2~hunter3'",
    r#"{"clientSecret":"hunter2\"hunter3"}"#,
    "Authorization: Bearer hunter2",
    "Cookie: session=hunter2; csrf=hunter3",
    r#"{"Set-Cookie":"sid=hunter2; Path=/"}"#,
    "Authorization: Basic aHVudGVyMg==hunter2",
    "headers=map[Authorization:[Bearer hunter2] Accept:[*/*]]",
    r#"{"Authorization":"Bearer hunter2","x":1}"#,
    r#"{\"authorization\":\"Bearer hunter2\"}"#,
    "https://web.blob.core.windows.net/a?sv=2024-11-04&se=2026-11-24&sr=b&sp=r&sig=hunter2%2Fhunter3%2Bhunter4%3D",
    "SharedAccessSignature=sv=2024-11-04&sig=hunter2%3D&se=2026",
    "DefaultEndpointsProtocol=https;AccountName=web;AccountKey=hunter2/hunter3+hunter4==;EndpointSuffix=core.windows.net",
    "Endpoint=sb://web.servicebus.windows.net/;SharedAccessKeyName=all;SharedAccessKey=hunter2+hunter3/hunter4=",
    "Server=tcp:web.database.windows.net;User ID=web;Password=hunter2!hunter3;Encrypt=True",
    "-----BEGIN PRIVATE KEY-----\nMIIEhunter2\nhunter3/hunter4=\n-----END PRIVATE KEY-----",
    r"-----BEGIN RSA PRIVATE KEY-----\nMIIEhunter2\nhunter3\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blhunter2\n-----END OPENSSH PRIVATE KEY-----",
    r#"{"apiVersion":"v1","data":{"clientsecret":"hunter2","other":"hunter3"},"kind":"Secret"}"#,
    r#"{"spec":{"containers":[{"env":[{"name":"DB","value":"hunter2"}]}]}}"#,
    "failed to read in secrets(map[clientid:x clientsecret:hunter2])",
    r#"tokens={"api://AzureADTokenExchange":{"token":"hunter2","expirationTimestamp":"2026-11-23T23:00:00Z"}}"#,
    r#"{"access_token":"hunter2","refresh_token":"hunter3"}"#,
    "az login --service-principal -u web -p hunter2 --tenant x",
    "--client-secret hunter2",
    "--token=hunter2",
    "AZURE_CLIENT_SECRET=hunter2",
    r#"{"value":"hunter2","id":"https://kv-web.vault.azure.net/secrets/db/1"}"#,
];

/// These, and the shapes that every secret may have (`secrets/shapes.yaml`): of one line, for what is told line by line.
static DRESSED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let shapes: Vec<Json> = serde_yaml::from_str(include_str!("secrets/shapes.yaml")).unwrap();
    let shapes = shapes.iter().filter_map(|it| it["text"].as_str().map(str::to_owned));
    let told = shapes.filter(|it| it.contains(CANARY) && !it.contains('\n'));
    DRESSES.iter().map(|it| (*it).to_owned()).chain(told).collect()
});

/// Fields that say what and whose an object is: changed now and then, for then the run sees another cluster.
const IDENTITY: &[&str] = &[
    "name",
    "namespace",
    "uid",
    "kind",
    "apiVersion",
    "phase",
    "reason",
    "type",
    "ready",
    "driver",
    "id",
    "providerID",
    "nodeName",
    "secretProviderClass",
    "app",
    "creationTimestamp",
    "lastTimestamp",
    "firstTimestamp",
    "startedAt",
    "container",
];

/// A number that depends on the seed and the place alone.
fn dice(seed: u64, place: &str) -> usize {
    let mut number = seed ^ 0xcbf2_9ce4_8422_2325;
    for byte in place.bytes() {
        number = (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        number ^= number >> 29;
    }
    usize::try_from(number >> 8 & 0xffff).unwrap()
}

fn plant(tree: &mut Json, seed: u64, place: &str, key: &str) {
    match tree {
        // What follows an option there is told by the option.
        _ if key == "args" => {}
        Json::String(text) => {
            let thrown = dice(seed, place);
            let rare = IDENTITY.contains(&key);
            if (rare && thrown.is_multiple_of(64)) || (!rare && !thrown.is_multiple_of(4)) {
                let dress = &DRESSED[thrown / 64 % DRESSED.len()];
                // Beside what was there, or in its place; now and then bare, where the place itself is a secret.
                *text = if thrown.is_multiple_of(3) {
                    dress.clone()
                } else {
                    format!("{text} {dress}")
                };
            }
        }
        Json::Array(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                plant(item, seed, &format!("{place}/{at}"), key);
            }
        }
        Json::Object(object) => {
            for (key, value) in object.iter_mut() {
                plant(value, seed, &format!("{place}/{key}"), key);
            }
        }
        _ => {}
    }
}

/// Where Kubernetes keeps secrets by design: environment, arguments, headers of probes, annotations.
fn furnish(object: &mut Json) {
    let annotation = r#"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"env":[{"name":"DB","value":"hunter2"}],"args":["--password","hunter3"]}]}}"#;
    if object["metadata"].is_object() {
        let kept = json!({"kubectl.kubernetes.io/last-applied-configuration": annotation, "vault.example/token": "hunter2", "web/client-secret": "hunter2"});
        for (key, value) in kept.as_object().unwrap() {
            object["metadata"]["annotations"][key] = value.clone();
        }
    }
    for list in ["/spec/containers", "/spec/initContainers", "/spec/template/spec/containers"] {
        for container in object.pointer_mut(list).and_then(Json::as_array_mut).into_iter().flatten()
        {
            container["env"] = json!([{"name": "DB", "value": "hunter2"}, {"name": "X_CLIENT_SECRET", "value": "hunter2"}]);
            container["args"] =
                json!(["--password", "hunter2", "--client-secret=hunter3", "--token", "hunter4"]);
            container["livenessProbe"]["httpGet"] = json!({"path": "/", "port": 80, "httpHeaders": [{"name": "Authorization", "value": "Basic hunter2"}, {"name": "X-Api-Key", "value": "hunter2"}]});
        }
    }
}

fn planted_log(log: &str, seed: u64) -> String {
    let mut planted = String::new();
    for (at, line) in log.lines().enumerate() {
        let thrown = dice(seed, &format!("log{at}"));
        planted.push_str(line);
        if thrown.is_multiple_of(3) {
            planted.push(' ');
            planted.push_str(&DRESSED[thrown / 64 % DRESSED.len()]);
        }
        planted.push('\n');
    }
    planted
}

/// An `az` that answers with secrets, or fails with them.
fn fake_az(folder: &Path, seed: u64) {
    let state =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/azure/state.json")).unwrap();
    let mut state: Json = serde_json::from_slice(&state).unwrap();
    plant(&mut state["resources"], seed, "az", "");
    let all: Vec<Json> = state["resources"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(id, it)| {
            let mut it = it.clone();
            it["id"] = id.clone().into();
            it
        })
        .collect();
    fs::write(folder.join("list.json"), json!({"value": all}).to_string()).unwrap();
    fs::write(folder.join("one.json"), all[dice(seed, "one") % all.len()].to_string()).unwrap();
    let fails = if dice(seed, "fails").is_multiple_of(3) { "exit 1" } else { "" };
    let dress = DRESSED[dice(seed, "said") % DRESSED.len()].replace('\'', "");
    let script = format!(
        "#!/bin/sh\necho 'ERROR: something {dress}' >&2\n{fails}\ncase \"$1\" in rest) /bin/cat {0}/list.json;; *) /bin/cat {0}/one.json;; esac\n",
        folder.display()
    );
    fs::write(folder.join("az"), script).unwrap();
    fs::set_permissions(folder.join("az"), fs::Permissions::from_mode(0o755)).unwrap();
}

fn triagem(folder: &Path, args: &[&str], paste: Option<&[u8]>) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_triagem"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("PATH", folder)
        .env("HOME", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let paste = paste.unwrap_or_default().to_owned();
    let writer = std::thread::spawn(move || {
        let _gone = stdin.write_all(&paste);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// Where a canary shows up, with what stands around it.
fn leaks(what: &str, bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    text.match_indices(CANARY)
        .map(|(at, _)| {
            let from = text.floor_char_boundary(at.saturating_sub(120));
            let to = text.ceil_char_boundary((at + 60).min(text.len()));
            format!("{what}: …{}…", &text[from..to])
        })
        .take(3)
        .collect()
}

fn shown(what: &str, output: &Output) -> Vec<String> {
    let mut found = leaks(&format!("{what}, stdout"), &output.stdout);
    found.extend(leaks(&format!("{what}, stderr"), &output.stderr));
    found
}

const WAYS: &[&[&str]] = &[
    &["--all", "--output", "json"],
    &["--all"],
    &["--all", "--lang", "pt-BR", "--why", "kv-forbidden-by-connection"],
];

fn live(seed: u64, fault: Option<(usize, Fault)>) -> Vec<String> {
    let served = Served::start();
    served.page(500);
    served.chunk(dice(seed, "chunk") % 900 + 13);
    served.fault_says(&DRESSED[dice(seed, "fault") % DRESSED.len()]);
    served.change(|objects| {
        for (plural, objects) in objects.iter_mut() {
            for (at, object) in objects.iter_mut().enumerate() {
                furnish(object);
                plant(object, seed, &format!("{plural}/{at}"), "");
            }
        }
    });
    served.change_logs(|log| planted_log(log, seed));
    let folder = tempfile::tempdir().unwrap();
    fake_az(folder.path(), seed);
    let config = served.kubeconfig(folder.path());
    if let Some((position, fault)) = fault {
        let asked = Served::start();
        let config = asked.kubeconfig(folder.path());
        triagem(
            folder.path(),
            &[
                "diagnose",
                "pod/notify-43",
                "-n",
                "team-43",
                "--kubeconfig",
                config.to_str().unwrap(),
            ],
            None,
        );
        served.kubeconfig(folder.path());
        let asked = asked.asked();
        served.fail(&asked[position % asked.len()], fault);
    }
    let config = config.to_str().unwrap();
    let captured = triagem(
        folder.path(),
        &[
            "capture",
            "pod/notify-43",
            "-n",
            "team-43",
            "--kubeconfig",
            config,
            "--to",
            "case",
            "--all",
            "--timeout",
            "20",
        ],
        None,
    );
    let mut found = shown("capture", &captured);
    if !folder.path().join("case").is_dir() {
        return found;
    }
    for entry in fs::read_dir(folder.path().join("case")).unwrap() {
        let path = entry.unwrap().path();
        found.extend(leaks(path.to_str().unwrap(), path.to_str().unwrap().as_bytes()));
        found.extend(leaks(path.to_str().unwrap(), &fs::read(&path).unwrap()));
    }
    for way in WAYS {
        let args: Vec<&str> = ["diagnose", "case"].iter().chain(*way).copied().collect();
        found.extend(shown(&format!("{way:?}"), &triagem(folder.path(), &args, None)));
    }
    let selected = triagem(
        folder.path(),
        &["diagnose", "-n", "team-43", "--kubeconfig", config, "--timeout", "20"],
        None,
    );
    found.extend(shown("a whole namespace", &selected));
    found
}

fn handed_over(seed: u64) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("files");
    fs::create_dir(&files).unwrap();
    let mut paste = Vec::new();
    for entry in fs::read_dir(served::folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let planted = if let Ok(mut tree) = serde_json::from_str::<Json>(&text) {
            if let Some(items) = tree["items"].as_array_mut() {
                items.iter_mut().for_each(furnish);
            } else {
                furnish(&mut tree);
            }
            plant(&mut tree, seed, &name, "");
            // As `-o json` and as `-o yaml` print it.
            if dice(seed, &name).is_multiple_of(2) {
                serde_json::to_string_pretty(&tree).unwrap()
            } else {
                serde_yaml::to_string(&tree).unwrap()
            }
        } else {
            planted_log(&text, seed)
        };
        paste.extend_from_slice(planted.as_bytes());
        paste.extend_from_slice(b"\n");
        fs::write(files.join(&name), planted).unwrap();
    }
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "team-43"}, "data": {"a": "aHVudGVyMg==hunter2"}, "stringData": {"b": "hunter2"}});
    fs::write(files.join("secret.yaml"), serde_yaml::to_string(&secret).unwrap()).unwrap();
    let mut found = Vec::new();
    for source in ["files", "-"] {
        for way in WAYS {
            let args: Vec<&str> = ["diagnose", source].iter().chain(*way).copied().collect();
            found.extend(shown(
                &format!("{source} {way:?}"),
                &triagem(folder.path(), &args, Some(&paste)),
            ));
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_secret_of_a_cluster_is_shown_or_written(seed: u64) {
        let found = live(seed, None);
        prop_assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn no_secret_of_an_error_is_shown_or_written(seed: u64, position: usize, at in 0..FAULTS.len()) {
        let fault = FAULTS[at];
        let found = if matches!(fault, Fault::Hang | Fault::Stall) { Vec::new() } else { live(seed, Some((position, fault))) };
        prop_assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn no_secret_of_what_was_handed_over_is_shown(seed: u64) {
        let found = handed_over(seed);
        prop_assert!(found.is_empty(), "{found:#?}");
    }
}
