//! Azure through `az`: the real one against a stand-in for ARM on loopback, and scripts in its place for what it does when it fails.

#![cfg(unix)]
#![allow(
    clippy::duration_suboptimal_units,
    clippy::manual_let_else,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a failed test may panic"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use triagem::collect::command::{Commands, Program};
use triagem::systems::{systems, vocabulary};
use triagem_engine::evidence::recording::RecordedBody;
use triagem_engine::evidence::{Gap, Request};
use triagem_engine::playbook::{Origin, Playbook};
use triagem_engine::system::Door;

use arm::{Arm, SUBSCRIPTION, TENANT};

#[path = "azure/arm.rs"]
mod arm;
#[path = "kubernetes/served.rs"]
mod served;

fn request(source: &str, params: &[(&str, &str)]) -> Request {
    let params =
        params.iter().map(|(name, value)| ((*name).to_owned(), json!(value).to_string())).collect();
    Request { source: source.to_owned(), params }
}

/// What the collector makes of it.
fn ask(az: &Program, request: &Request) -> Result<Json, Gap> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let until = tokio::time::Instant::now() + Duration::from_secs(120);
    let instead = BTreeMap::from([("az".to_owned(), az.clone())]);
    let source = vocabulary().iter().find(|it| it.name == request.source).unwrap();
    let Door::Command(command) = &source.door else { panic!("{source:?}") };
    let commands = Commands::new(systems(), instead, until);
    let recorded = runtime.block_on(commands.answer(command, request))?;
    assert_eq!(recorded.partial, None);
    match recorded.body? {
        RecordedBody::Tree(tree) => Ok(tree),
        other => panic!("{other:?}"),
    }
}

fn id(group: &str, rest: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/{rest}")
}

fn cluster() -> Request {
    request("azure.get", &[("id", &id("rg", "Microsoft.ContainerService/managedClusters/aks"))])
}

fn vault() -> Request {
    request("azure.find", &[("type", "Microsoft.KeyVault/vaults"), ("name", "kv-web")])
}

fn credentials() -> Request {
    let identity = id("rg", "Microsoft.ManagedIdentity/userAssignedIdentities/web");
    let kind = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials";
    request("azure.list", &[("type", kind), ("scope", &identity)])
}

/// Every step of the playbook that asks Azure, with what it asks once everything is known.
fn questions() -> BTreeMap<&'static str, Request> {
    let list =
        |kind: &str, key: &str, value: &str| request("azure.list", &[("type", kind), (key, value)]);
    let kv = id("rg", "Microsoft.KeyVault/vaults/kv-web");
    let zone = "Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net";
    let scale_set = "Microsoft.Compute/virtualMachineScaleSets/aks-np1-12345678-vmss";
    BTreeMap::from([
        (
            "cluster-list",
            list("Microsoft.ContainerService/managedClusters", "subscription", SUBSCRIPTION),
        ),
        ("cluster-object", cluster()),
        (
            "scale-set",
            request(
                "azure.get",
                &[
                    ("id", &id("mc_rg_aks_westeurope", scale_set)),
                    ("type", "Microsoft.Compute/virtualMachineScaleSets"),
                ],
            ),
        ),
        (
            "identities",
            list("Microsoft.ManagedIdentity/userAssignedIdentities", "subscription", SUBSCRIPTION),
        ),
        ("federated-credentials", credentials()),
        ("vault", vault()),
        (
            "private-dns-zone",
            request(
                "azure.find",
                &[
                    ("type", "Microsoft.Network/privateDnsZones"),
                    ("name", "privatelink.vaultcore.azure.net"),
                ],
            ),
        ),
        (
            "private-dns-links",
            list("Microsoft.Network/privateDnsZones/virtualNetworkLinks", "scope", &id("rg", zone)),
        ),
        ("role-assignments", list("Microsoft.Authorization/roleAssignments", "scope", &kv)),
        ("vault-secrets", list("Microsoft.KeyVault/vaults/secrets", "scope", &kv)),
    ])
}

fn playbook() -> Playbook {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../playbooks/aks-keyvault");
    let mut files = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    triagem_engine::playbook::load::load("aks-keyvault", &files, vocabulary()).playbook.unwrap()
}

#[test]
fn every_question_of_the_playbook_is_answered_in_the_shape_it_reads() {
    let Some(arm) = Arm::start() else { return };
    let playbook = playbook();
    let questions = questions();
    let own = |step: &str| step.rsplit(['.', '/']).next().unwrap_or_default().to_owned();
    let asked: BTreeSet<String> = playbook
        .steps
        .iter()
        .filter(|it| it.uses.starts_with("azure."))
        .map(|it| own(&it.id))
        .collect();
    let known: BTreeSet<String> = questions.keys().map(|it| (*it).to_owned()).collect();
    assert_eq!(asked, known, "steps that ask Azure, and questions of this test");

    let mut facts = 0;
    for (step, request) in &questions {
        let begun = Instant::now();
        let tree = ask(&arm.az(), request).unwrap_or_else(|gap| panic!("{step}: {gap:?}"));
        eprintln!("{step}: {} ms", begun.elapsed().as_millis());
        for fact in playbook.facts.values() {
            let Origin::Path { step: from, path, where_, value } = &fact.from else { continue };
            if own(from) != *step {
                continue;
            }
            let found = jsonpath_rust::query::js_path_process(&path.compiled, &tree).unwrap();
            assert!(!found.is_empty(), "{}: nothing at {} in {tree:#}", fact.id, path.text);
            for element in found {
                let element = element.val();
                let below = where_.as_ref().map(|it| &it.path).into_iter().chain(value);
                for below in below {
                    let found =
                        jsonpath_rust::query::js_path_process(&below.compiled, element).unwrap();
                    assert!(
                        !found.is_empty(),
                        "{}: nothing at {} in {element:#}",
                        fact.id,
                        below.text
                    );
                }
            }
            facts += 1;
        }
    }
    assert!(facts >= 15, "only {facts} facts were tried");
    let seen = arm.asked();
    assert!(seen.iter().all(|it| it.starts_with("GET ")), "{seen:#?}");
}

#[test]
fn every_failure_of_azure_is_the_right_gap() {
    let Some(arm) = Arm::start() else { return };
    let denied = Gap::Denied { needs: "Microsoft.Sample/things/read".to_owned() };
    let signed_out = Gap::SignedOut { needs: "az login".to_owned() };
    for (fault, request, want) in [
        ("denied", cluster(), Some(denied.clone())),
        ("denied", credentials(), Some(denied.clone())),
        ("denied", vault(), Some(denied)),
        ("throttled", cluster(), Some(Gap::Throttled)),
        ("throttled", credentials(), Some(Gap::Throttled)),
        ("signed-out", cluster(), Some(signed_out.clone())),
        ("signed-out", credentials(), Some(signed_out.clone())),
        ("no-group", cluster(), Some(Gap::Absent)),
        // These fail somehow: none of them says that something is absent.
        ("no-group", credentials(), None),
        ("no-subscription", cluster(), None),
        ("proxy", cluster(), None),
        ("proxy", credentials(), None),
        ("broken", credentials(), None),
        ("garbage", cluster(), None),
        ("garbage", credentials(), None),
        ("empty", cluster(), None),
        ("empty", vault(), None),
        ("huge", cluster(), Some(Gap::TooLarge)),
    ] {
        arm.fail(&[
            ("/managedClusters/", fault),
            ("/federated", fault),
            ("/resources", fault),
            ("kv-web", fault),
        ]);
        let gap = ask(&arm.az(), &request).unwrap_err();
        let right = want.map_or(matches!(gap, Gap::Failed(_)), |want| gap == want);
        assert!(right, "{fault} at {request:?}: {gap:?}");
        eprintln!("{fault} at {}: {gap:?}", request.source);
    }
    arm.fail(&[]);
    let missing = id("rg", "Microsoft.ContainerService/managedClusters/missing");
    assert_eq!(ask(&arm.az(), &request("azure.get", &[("id", &missing)])), Err(Gap::Absent));
    // Not in this subscription is not nowhere.
    let nowhere =
        request("azure.find", &[("type", "Microsoft.KeyVault/vaults"), ("name", "kv-none")]);
    let gap = ask(&arm.az(), &nowhere).unwrap_err();
    assert!(
        matches!(&gap, Gap::Failed(said) if said.contains("there is no kv-none in the subscription")),
        "{gap:?}"
    );

    arm.fail(&[("/managedClusters/", "hang")]);
    let begun = Instant::now();
    let hurried = Program { patience: Some(Duration::from_secs(8)), ..arm.az() };
    assert_eq!(ask(&hurried, &cluster()), Err(Gap::Timeout));
    assert!(begun.elapsed() < Duration::from_secs(90), "{:?}", begun.elapsed());

    arm.fail(&[]);
    assert_eq!(ask(&arm.signed_out(), &cluster()), Err(signed_out.clone()));
    // Whoever signed in long ago.
    arm.forget_tokens();
    arm.fail(&[("/token", "expired")]);
    assert_eq!(ask(&arm.az(), &cluster()), Err(signed_out));
}

/// The whole program, a served cluster and the real `az`.
#[test]
fn a_pod_is_diagnosed_with_few_commands() {
    let Some(arm) = Arm::start() else { return };
    let served = served::Served::start();
    served.change(|objects| {
        for node in objects.get_mut("nodes").unwrap() {
            let machine = id(
                "mc_rg_aks_westeurope",
                "Microsoft.Compute/virtualMachineScaleSets/aks-np1-12345678-vmss/virtualMachines/0",
            );
            node["spec"]["providerID"] = format!("azure://{machine}").into();
        }
        for class in objects.get_mut("secretproviderclasses").unwrap() {
            class["spec"]["parameters"]["keyvaultName"] = "kv-web".into();
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let config = served.kubeconfig(folder.path());
    let mut command = Command::new(env!("CARGO_BIN_EXE_triagem"));
    let output = command
        .args([
            "capture",
            "pod/notify-43",
            "-n",
            "team-43",
            "--output",
            "json",
            "--all",
            "--timeout",
            "120",
        ])
        .args([
            "--to",
            folder.path().join("case").to_str().unwrap(),
            "--kubeconfig",
            config.to_str().unwrap(),
        ])
        .env_clear()
        .env("HOME", folder.path())
        .envs(arm.az().env)
        .env("PATH", arm.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    eprintln!("{said}");
    let commands: u64 =
        said.split("commands: ").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
    assert!((1..=4).contains(&commands), "{said}");
    let manifest = std::fs::read_to_string(folder.path().join("case/recording.yaml")).unwrap();
    assert!(manifest.contains("source: azure."), "{manifest}");
    let again = Command::new(env!("CARGO_BIN_EXE_triagem"))
        .args([
            "diagnose",
            folder.path().join("case").to_str().unwrap(),
            "--output",
            "json",
            "--all",
        ])
        .output()
        .unwrap();
    assert!(again.stdout == output.stdout, "the recording gives another report");
    assert!(arm.asked().iter().all(|it| it.starts_with("GET ")));
}

/// A resource that no line of this program knows: its type stands in a table of the system, its rules in a playbook.
#[test]
fn a_cause_about_network_security_groups_is_yaml_alone() {
    let Some(arm) = Arm::start() else { return };
    let served = served::Served::start();
    served.change(|objects| {
        for node in objects.get_mut("nodes").unwrap() {
            let machine = id("mc_rg_aks_westeurope", "Microsoft.Compute/virtualMachines/aks-np1-0");
            node["spec"]["providerID"] = format!("azure://{machine}").into();
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let config = served.kubeconfig(folder.path());
    let playbook = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/azure/nsg");
    let run = |args: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_triagem"))
            .args(args)
            .args(["--playbooks", playbook])
            .env_clear()
            .env("HOME", folder.path())
            .env("KUBECONFIG", &config)
            .envs(arm.az().env)
            .env("PATH", arm.path())
            .output()
            .unwrap()
    };
    let ask = ["pod/notify-43", "-n", "team-43", "--playbook", "nsg"];
    let output = run(&[&["diagnose", "-o", "json", "--timeout", "120"], &ask[..]].concat());
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    let found = &report["findings"][0];
    assert_eq!(found["cause"], "egress-denied", "{report:#}");
    assert_eq!(found["verdict"], "confirmed", "{report:#}");
    assert!(found["explains"].as_str().unwrap().contains("no-egress"), "{report:#}");

    let plan = run(&[&["plan"], &ask[..]].concat());
    let plan = String::from_utf8(plan.stdout).unwrap();
    assert!(plan.contains("networkSecurityGroups?api-version=2024-05-01"), "{plan}");
    let access = run(&["access", "nsg"]);
    let access = String::from_utf8(access.stdout).unwrap();
    assert!(access.contains("Microsoft.Network/networkSecurityGroups/read"), "{access}");
}

/// A script in the place of `az`.
fn script(folder: &Path, text: &str) -> Program {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("az");
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    Program { program: path.into(), patience: Some(Duration::from_secs(2)), ..Program::default() }
}

#[test]
fn whatever_az_does_the_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let good =
        json!({"id": id("rg", "Microsoft.ContainerService/managedClusters/aks"), "properties": {}});
    let warned =
        script(at, &format!("echo 'WARNING: this command is in preview' >&2; echo '{good}'"));
    assert_eq!(ask(&warned, &cluster()), Ok(good));

    let missing = Program { program: at.join("nothing").into(), ..Program::default() };
    assert_eq!(ask(&missing, &cluster()), Err(Gap::NoTool { needs: "az".to_owned() }));
    for (text, want) in [
        ("echo not json", None),
        ("exit 0", None),
        ("echo '[]'", None),
        ("echo '{\"id\": \"/subscriptions/other\"}'", None),
        ("kill -9 $$", None),
        ("yes", Some(Gap::TooLarge)),
        ("yes >&2", Some(Gap::Timeout)),
    ] {
        let gap = ask(&script(at, text), &cluster()).unwrap_err();
        assert!(want.map_or(matches!(gap, Gap::Failed(_)), |want| gap == want), "{text}: {gap:?}");
    }

    // It hangs, and so does what it started: nothing of it is left.
    let mark = at.join("alive");
    let hangs = script(at, &format!("(sleep 3; touch {}) & sleep 600", mark.display()));
    let begun = Instant::now();
    assert_eq!(ask(&hangs, &cluster()), Err(Gap::Timeout));
    assert!(begun.elapsed() < Duration::from_mins(1));
    std::thread::sleep(Duration::from_secs(2));
    assert!(!mark.exists(), "what az had started went on");

    // Nothing of what it is told ends up in a shell, and it has nothing to read.
    let told = at.join("told");
    let tells = script(at, &format!("printf '%s\\n' \"$@\" > {}; cat >> {0}", told.display()));
    let odd = |name: &str| {
        request("azure.find", &[("type", "Microsoft.KeyVault/vaults"), ("name", name)])
    };
    assert!(ask(&tells, &odd("kv$(touch${IFS}x)")).is_err());
    assert!(!told.exists(), "what is no name was asked");
    assert!(ask(&tells, &odd("kv(x)")).is_err());
    let told = std::fs::read_to_string(told).unwrap();
    assert_eq!(told, "keyvault\nshow\n--name\nkv(x)\n-o\njson\n");
    assert_eq!(TENANT.len(), SUBSCRIPTION.len());
}
