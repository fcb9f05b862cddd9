//! Hostile names and values: nothing in any output steers a terminal, hides, or passes for something else, and none of it is
//! ready to be run.

use super::triagem;

/// Letters that no output may hold as they are: C1, a next line, directions, invisible ones, a filler, a tag.
const HIDDEN: &str = "\u{1b}[31m\u{9b}31m\u{9d}\u{85}\u{202e}\u{2066}\u{200b}\u{2060}\u{feff}\u{ad}\u{2028}\u{3164}\u{fe0f}\u{e0041}\u{2800}";

/// Values that are not of their type, each where a vault's name belongs.
const VALUES: &[&str] = &[
    "evil.example/?x=",
    "@/etc/passwd",
    "--debug",
    "kv web",
    "$(reboot)",
    "`id`",
    "a%PATH%",
    "../../secrets/x",
    "kv-pr\u{43e}d",
    "kv\u{200b}web",
    "kv'; id; '",
];

fn raw(text: &str) -> Vec<char> {
    text.chars()
        .filter(|it| *it != '\n' && (it.is_control() || HIDDEN.contains(*it) && !it.is_ascii()))
        .collect()
}

/// A pod that cannot start for a certificate that is not trusted, with its class.
fn evidence(pod: &str, vault: &str, message: &str) -> String {
    let objects = serde_json::json!([
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod, "namespace": "shop", "uid": "u", "resourceVersion": "1"},
         "spec": {"serviceAccountName": pod, "nodeName": pod, "volumes": [{"name": "v", "csi": {"driver": "secrets-store.csi.k8s.io", "volumeAttributes": {"secretProviderClass": "c"}}}]},
         "status": {"phase": "Pending", "containerStatuses": [{"name": pod, "ready": false, "state": {"waiting": {"reason": "ContainerCreating"}}}]}},
        {"apiVersion": "secrets-store.csi.x-k8s.io/v1", "kind": "SecretProviderClass", "metadata": {"name": "c", "namespace": "shop", "uid": "s", "resourceVersion": "1"},
         "spec": {"provider": "azure", "parameters": {"keyvaultName": vault, "tenantId": pod, "useVMManagedIdentity": "true", "objects": "array:\n  - |\n    objectName: x\n    objectType: secret\n"}}},
        {"apiVersion": "v1", "kind": "Event", "type": "Warning", "reason": "FailedMount", "count": 3, "lastTimestamp": "2026-11-23T22:05:51Z",
         "involvedObject": {"kind": "Pod", "namespace": "shop", "name": pod, "uid": "u", "resourceVersion": "1"},
         "message": format!("MountVolume.SetUp failed for volume \"v\" : rpc error: code = Unknown desc = failed to mount secrets store objects for pod shop/{pod}, err: rpc error: code = Unknown desc = failed to mount objects, error: failed to get objectType:secret, objectName:x{message}, objectVersion:: Get \"https://kv.vault.azure.net/secrets/x/?api-version=7.4\": tls: failed to verify certificate: x509: certificate signed by unknown authority")},
    ]);
    objects.as_array().unwrap().iter().map(|it| format!("{it}\n")).collect()
}

#[test]
fn no_output_holds_what_could_deceive() {
    let text = evidence(&format!("web{HIDDEN}"), &format!("kv{HIDDEN}"), HIDDEN);
    for lang in ["en", "pt-BR"] {
        for output in [
            &["-o", "json", "--all"][..],
            &["--all", "--verbose", "--color", "never"],
            &["--why", "tls-interception", "--color", "never"],
        ] {
            let run = triagem(&[&["diagnose", "-", "--lang", lang], output].concat(), &text);
            let said = String::from_utf8(run.stdout).unwrap();
            assert!(said.contains("web"), "{output:?}");
            assert_eq!(raw(&said), [], "{lang} {output:?}");
            if output[0] == "-o" {
                let report: serde_json::Value = serde_json::from_str(&said).unwrap();
                let names = format!("web{HIDDEN}");
                assert!(
                    report["recognised"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|it| it["names"]["name"] == *names)
                );
            }
        }
    }
}

#[test]
fn a_value_that_is_not_of_its_type_stands_in_no_command() {
    for value in VALUES {
        let report = super::report(&["--all"], &evidence("web-0", value, ""));
        let findings = report["findings"].as_array().unwrap();
        let of = |it: &&serde_json::Value| it["cause"] == "tls-interception";
        let remedy = findings.iter().find(of).unwrap()["remedy"].to_string();
        assert!(remedy.contains("cannot stand in a command"), "{value}: {remedy}");
        let steps = findings.iter().flat_map(|it| it["remedy"].as_array().unwrap());
        for step in steps {
            let held = |it: &serde_json::Value| it.as_str().unwrap().contains(value);
            assert!(
                !step["argv"].as_array().is_some_and(|it| it.iter().any(held)),
                "{value}: {step}"
            );
        }
    }
    let report = super::report(&[], &evidence("web-0", "kv-web", ""));
    assert!(report["findings"].to_string().contains("https://kv-web.vault.azure.net/healthstatus"));
}

#[test]
fn what_lint_test_list_and_plan_print_is_plain_too() {
    let folder = tempfile::tempdir().unwrap();
    let of = folder.path().join("odd\u{9b}\u{202e}");
    std::fs::create_dir_all(of.join("causes")).unwrap();
    std::fs::write(
        of.join("playbook.yaml"),
        format!("apiVersion: triagem/v1\nkind: Playbook\nid: \"odd{HIDDEN}\"\nversion: 1.0.0\ntitle: \"a{HIDDEN}\"\nreferences: [{{title: \"a{HIDDEN}\", url: \"https://example.com/{HIDDEN}\"}}]\nbogus{HIDDEN}: 1\n").replace('\u{1b}', "\\e"),
    )
    .unwrap();
    std::fs::write(
        of.join(format!("causes/x{}.yaml", "\u{9b}\u{202e}\u{200b}")),
        "id: [\u{202e}\u{200b}\n",
    )
    .unwrap();
    let dir = folder.path().to_string_lossy().into_owned();
    for args in [
        &["playbook", "lint", &dir][..],
        &["playbook", "test", &dir],
        &["playbook", "list", "--playbooks", &dir],
        &["plan", "pod/web\u{9b}\u{202e}\u{200b}", "-n", "shop\u{202e}"],
    ] {
        let run = triagem(args, "");
        for said in [run.stdout, run.stderr] {
            let said = String::from_utf8(said).unwrap();
            assert_eq!(raw(&said), [], "{args:?}: {said}");
        }
    }
}
