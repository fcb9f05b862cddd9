//! The product as its users meet it: the binary, from arguments to report.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

#[path = "product/deceive.rs"]
mod deceive;
#[path = "product/languages.rs"]
mod languages;
#[path = "product/portuguese.rs"]
mod portuguese;
#[path = "product/read.rs"]
mod read;
#[path = "product/shells.rs"]
mod shells;
#[path = "product/systems.rs"]
mod systems;
#[path = "product/tutorials.rs"]
mod tutorials;

fn triagem(args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_triagem"))
        .args(args)
        .env("LANG", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A run that refuses its arguments does not read: its pipe is closed.
    let _closed = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn report(args: &[&str], input: &str) -> serde_json::Value {
    let mut all = vec!["diagnose", "-", "--output", "json"];
    all.extend(args);
    serde_json::from_slice(&triagem(&all, input).stdout).unwrap()
}

const NOT_FOUND: &str = "Warning  FailedMount  2s (x5 over 10s)  kubelet  MountVolume.SetUp failed for volume \"x\" : rpc error: code = Unknown desc = failed to get secretproviderclass shop/kv-web, error: SecretProviderClass.secrets-store.csi.x-k8s.io \"kv-web\" not found";

#[test]
fn the_demo_finds_its_cause_in_both_languages() {
    for (lang, words) in [("en", "private access only"), ("pt-BR", "só aceita acesso privado")] {
        let run = triagem(&["demo", "--lang", lang, "--color", "never"], "");
        assert_eq!(run.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&run.stdout).contains(words));
    }
}

#[test]
fn a_pasted_event_gives_its_cause_and_the_report_keeps_to_its_schema() {
    let report = report(&[], NOT_FOUND);
    assert_eq!(report["findings"][0]["cause"], "spc-not-found");
    assert_eq!(report["findings"][0]["verdict"], "confirmed");
    let schema: serde_json::Value =
        serde_json::from_slice(&triagem(&["schema", "report.v1"], "").stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&report).map(|it| it.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn every_means_of_the_language_does_what_its_playbook_expects() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/language");
    for command in ["lint", "test"] {
        let run = triagem(&["playbook", command, folder.to_str().unwrap()], "");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    }
}

#[test]
fn the_right_playbook_is_picked() {
    let text = "Warning  Failed  4s  kubelet  Failed to pull image \"r.example.com/a:1\": failed to authorize: 401 Unauthorized";
    assert_eq!(report(&[], text)["findings"][0]["cause"], "image-unauthorized");
}

#[test]
fn bad_input_gets_a_clear_error_and_its_exit_code() {
    for (args, input, code, words) in [
        (&["diagnose", "-"][..], "  \n", 2, "nothing to read"),
        (
            &["diagnose", "-", "--playbook", "aks-keyvoult"][..],
            NOT_FOUND,
            2,
            "there is no playbook",
        ),
        (&["diagnose", "-", "--lang", "xx"][..], NOT_FOUND, 2, "there is no locale"),
        (&["diagnose", "/does/not/exist"][..], "", 2, "cannot read"),
        // Why there is nothing is not lost.
        (&["diagnose", "-"][..], "\u{7f}ELF\u{2}", 2, "-: not text"),
        (&["diagnose", "-", "--input", "vault=x"][..], NOT_FOUND, 2, "there is no input `vault`"),
        (&["diagnose", "-", "--input", "cluster=x"][..], NOT_FOUND, 2, "of type azure-resource-id"),
        (&["diagnose", "-", "--input", "cluster="][..], NOT_FOUND, 2, "of type azure-resource-id"),
        (
            &["diagnose", "-", "--input", "pod=pod/a/b", "--input", "pod=pod/a/c"][..],
            NOT_FOUND,
            2,
            "given twice",
        ),
        (
            &["diagnose", "pod/web-0", "--kubeconfig", "/does/not/exist"][..],
            "",
            4,
            "kubeconfig cannot be used",
        ),
        (&["diagnose"][..], "", 2, "what is to be diagnosed?"),
        // Nothing in an answer's place must not read as “we looked, and it is not there”.
        (
            &["diagnose", "../tests/recordings/answer-without-a-body"][..],
            "",
            2,
            "an answer has neither a gap nor",
        ),
    ] {
        let run = triagem(args, input);
        assert_eq!(run.status.code(), Some(code), "{args:?}");
        assert!(String::from_utf8_lossy(&run.stderr).contains(words), "{args:?}");
    }
    let nobody = triagem(&["diagnose", "-"], "the coffee machine is broken");
    assert_eq!(nobody.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&nobody.stdout).contains("No playbook fits"));
}

#[test]
fn a_new_cause_is_one_file() {
    let folder = std::env::temp_dir().join(format!("triagem-new-cause-{}", std::process::id()));
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../playbooks/image-pull");
    std::fs::create_dir_all(folder.join("image-pull/causes")).unwrap();
    for file in std::fs::read_dir(source.join("causes")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), folder.join("image-pull/causes").join(file.file_name()))
            .unwrap();
    }
    let playbook = std::fs::read_to_string(source.join("playbook.yaml"))
        .unwrap()
        .replace("locales: [en, pt-BR]", "locales: [en]");
    std::fs::write(folder.join("image-pull/playbook.yaml"), playbook).unwrap();
    std::fs::write(
        folder.join("image-pull/causes/disk-full.yaml"),
        "apiVersion: triagem/v1\nkind: Cause\nid: disk-full\ntitle: The node's disk is full\nseverity: high\nsteps:\n  - {id: node, says: Read the node, uses: kubernetes.get, with: {kind: Node, name: n}}\nfacts:\n  the-node: {from: node, type: k8s-name, path: $.metadata.name}\nsigns:\n  no-space: {says: There is no space left, fact: pull-errors, contains: no space left on device}\n  node-there: {says: The node is there, fact: the-node, exists: true}\nrequires: [no-space]\nsupports: [node-there]\nexplains: The disk is full.\nremedy: [{do: Make room., changes: nothing, owner: cluster}]\ntests: [{name: t, paste: \"Warning  Failed  4s  kubelet  no space left on device\", expect: {disk-full: confirmed}}]\n",
    )
    .unwrap();
    let dir = folder.to_string_lossy().into_owned();
    let text =
        "Warning  Failed  4s  kubelet  Failed to pull image \"a\": write: no space left on device";
    let report = report(&["--playbooks", &dir, "--playbook", "image-pull"], text);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(report["findings"][0]["cause"], "disk-full");
}

#[test]
fn of_more_objects_than_are_kept_one_says_so() {
    let one = |number: usize| {
        format!(
            r#"{{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {{"name": "c{number}", "namespace": "n"}}}}"#
        )
    };
    let items: Vec<String> = (0..20_010).map(one).collect();
    let list = format!(r#"{{"apiVersion": "v1", "kind": "List", "items": [{}]}}"#, items.join(","));
    let run = triagem(&["diagnose", "-"], &list);
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    assert_eq!(run.status.code(), Some(3));
    let number = |before: &str| {
        let rest = said.split(before).nth(1).unwrap_or_default();
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().unwrap_or_default()
    };
    let left = said.split(" more were not judged").next().and_then(|it| it.rsplit(' ').next());
    let left: usize = left.and_then(|it| it.parse().ok()).unwrap_or_default();
    let judged = number("configmap × ");
    assert!(said.contains("more were not judged"), "{said}");
    assert!(judged > 5_000 && judged + left == 20_010, "{judged} + {left}: {said}");
}

#[test]
fn whoever_asks_for_json_gets_errors_as_json_in_the_reports_schema() {
    let schema: serde_json::Value =
        serde_json::from_slice(&triagem(&["schema", "report.v1"], "").stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (args, exit, code, message, help) in [
        (&["diagnose", "/does/not/exist"][..], 2, "io", "cannot read", false),
        (&["diagnose", "-", "--playbook", "x"], 2, "usage", "there is no playbook `x`", false),
        (&["diagnose"], 2, "usage", "what is to be diagnosed?", true),
        (&["diagnose", "--nonsense"], 2, "usage", "unexpected argument", true),
        (
            &["diagnose", "pod/a", "--kubeconfig", "/does/not/exist"],
            4,
            "unreachable",
            "kubeconfig cannot be used",
            false,
        ),
    ] {
        for form in [&["-o", "json"][..], &["--output=json"], &["-ojson"]] {
            let run = triagem(&[args, form].concat(), "");
            let said = String::from_utf8_lossy(&run.stdout).into_owned();
            assert_eq!(run.status.code(), Some(exit), "{args:?}: {said}");
            let error: serde_json::Value = serde_json::from_str(&said).unwrap();
            assert_eq!(error["error"]["code"], code, "{args:?}");
            let told = error["error"]["message"].as_str().unwrap();
            assert!(told.contains(message) && !told.contains('\n'), "{args:?}: {told}");
            assert_eq!(error["error"]["help"].is_string(), help, "{args:?}: {error}");
            assert!(validator.is_valid(&error), "{error}");
            assert!(run.stderr.is_empty(), "{args:?}: {}", String::from_utf8_lossy(&run.stderr));
        }
    }
    // Neither is one, and then also the other.
    assert!(!validator.is_valid(&serde_json::json!({})));
    let half =
        serde_json::json!({"error": {"code": "io", "message": "", "help": null}, "lang": "en"});
    assert!(!validator.is_valid(&half));
}

#[test]
fn errors_are_in_the_language_that_was_asked_for() {
    for (args, words) in [
        (&["diagnose", "/does/not/exist", "--lang", "pt-BR"][..], "erro: não foi possível ler"),
        (&["diagnose", "--lang=pt-BR"], "o que deve ser diagnosticado?"),
        (&["plan", "pod/a", "--playbook", "x", "--lang", "pt-BR"], "não existe o playbook `x`"),
        (&["access", "x", "--lang", "pt-BR"], "não existe o playbook `x`"),
    ] {
        let run = triagem(args, "");
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.code() == Some(2) && said.contains(words), "{args:?}: {said}");
    }
}

/// What is planned of a target, without anybody's kubeconfig.
fn plan(target: &[&str]) -> String {
    let args = [&["plan", "--kubeconfig", "/dev/null"], target].concat();
    let run = triagem(&args, "");
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8_lossy(&run.stdout).into_owned()
}

#[test]
fn a_plan_is_made_for_whatever_can_be_diagnosed() {
    for (target, lines) in [
        (&["pod/web-0", "-n", "shop"][..], &["GET /api/v1/namespaces/shop/pods/web-0"][..]),
        (
            &["deploy/web", "-n", "shop"],
            &[
                "GET /apis/apps/v1/namespaces/shop/deployments/web",
                "GET /api/v1/namespaces/shop/pods?limit=500&labelSelector=",
                "GET /api/v1/namespaces/shop/events?limit=500&fieldSelector=type%3DWarning",
            ],
        ),
        (&["sts/web", "-n", "shop"], &["/statefulsets/web"]),
        (&["ds/web", "-n", "shop"], &["/daemonsets/web"]),
        (&["job/web", "-n", "shop"], &["GET /apis/batch/v1/namespaces/shop/jobs/web"]),
        (&["-l", "app=web", "-n", "shop"], &["/pods?limit=500&labelSelector=app%3Dweb"]),
        (&["-n", "shop"], &["GET /api/v1/namespaces/shop/pods?limit=500"]),
        (&["-A"], &["GET /api/v1/pods?limit=500", "GET /api/v1/events?limit=500"]),
        // What is printed is what would be sent.
        (&["pod/../../secrets/x"], &[]),
    ] {
        if lines.is_empty() {
            assert_eq!(triagem(&[&["plan"], target].concat(), "").status.code(), Some(2));
            continue;
        }
        let said = plan(target);
        for line in lines {
            assert!(said.contains(line), "{target:?}: no {line} in\n{said}");
        }
    }
}

#[test]
fn access_covers_every_target_of_several_playbooks_once() {
    let roles = |args: &[&str]| {
        let run = triagem(&[&["access"], args].concat(), "");
        assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8_lossy(&run.stdout).into_owned()
    };
    let all = roles(&["--all", "-n", "shop", "--bind", "me"]);
    for part in [
        "deployments",
        "statefulsets",
        "daemonsets",
        "jobs",
        "pods",
        "events",
        "secretproviderclasses",
    ] {
        assert!(all.contains(part), "no {part} in\n{all}");
    }
    assert!(!all.contains("- secrets\n"), "{all}");
    let kinds = |kind: &str| all.matches(&format!("kind: {kind}\n")).count();
    // One role of the pods' namespace, one of the components', and one of the cluster; and who has them.
    assert!(kinds("ClusterRole") == 2, "{all}");
    assert_eq!(all.matches("role definition create").count(), 1, "{all}");
    let mut rules: Vec<&str> = Vec::new();
    for document in all.split("---\n") {
        let name = document.lines().find(|it| it.starts_with("  name:")).unwrap_or_default();
        let kind = document.lines().find(|it| it.starts_with("kind:")).unwrap_or_default();
        let place = document.lines().find(|it| it.starts_with("  namespace:")).unwrap_or_default();
        let own = Box::leak(format!("{kind}{name}{place}").into_boxed_str());
        assert!(own.is_empty() || !rules.contains(&&*own), "{own} twice in\n{all}");
        rules.push(own);
    }
    // Everywhere: no role of one namespace but the components'.
    let everywhere = roles(&["--all"]);
    assert!(
        everywhere.contains("- deployments") && everywhere.contains("kind: ClusterRole"),
        "{everywhere}"
    );
    let minimal = roles(&["aks-keyvault", "--only-pods"]);
    assert!(!minimal.contains("- deployments"), "{minimal}");
    assert!(roles(&["--all", "--lang", "pt-BR"]).contains("salve isto como role.json"));
}

#[cfg(target_os = "linux")]
#[test]
fn whatever_cannot_be_written_is_told_by_the_exit_code() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for args in [
        &["--help"][..],
        &["diagnose", "--help"],
        &["--version"],
        &["--help", "--lang", "pt-BR"],
        &["demo"],
        &["demo", "-o", "json"],
        &["plan", "pod/a", "--kubeconfig", "/dev/null"],
        &["access", "--all"],
        &["playbook", "list"],
        &["playbook", "show", "image-pull"],
        &["playbook", "lint"],
        &["explain", "P101"],
        &["explain", "spc-not-found"],
        &["schema", "report.v1"],
        &["completions", "bash"],
    ] {
        let run = Command::new(env!("CARGO_BIN_EXE_triagem"))
            .args(args)
            .env("LANG", "C")
            .stdout(full())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(run.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains("error: ") || said.contains("erro: "), "{args:?}: {said}");
    }
}

#[test]
fn names_that_look_alike_are_marked() {
    let class = |name: &str| {
        format!(
            "apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{provider: azure, parameters: {{keyvaultName: kv-shop}}}}\n"
        )
    };
    let seen = |names: &[&str]| {
        let all: Vec<String> = names.iter().map(|it| class(it)).collect();
        let text = all.join("---\n");
        let marked = report(&[], &text)["alike"].clone();
        let said = triagem(&["diagnose", "-", "--color", "never"], &text).stdout;
        (marked, String::from_utf8_lossy(&said).into_owned())
    };
    for (one, other, shown) in [
        ("orders-kv-0", "orders-kv-o", "orders-kv-o"),
        ("mail-1", "mail-l", "mail-l"),
        ("kv-prod", "kv-pr\u{43e}d", "kv-pr\\u{43e}d"),
    ] {
        let (marked, said) = seen(&[one, other]);
        assert_eq!(marked.as_array().unwrap().len(), 1, "{one} {other}: {marked}");
        assert!(said.contains("Look twice") && said.contains(shown), "{said}");
    }
    let (marked, said) = seen(&["orders-kv", "orders-kvs", "orders-kv2"]);
    assert_eq!(marked, serde_json::json!([]));
    assert!(!said.contains("Look twice"), "{said}");
}
