//! The product as its users meet it: the binary, from arguments to report.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

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
    for part in ["causes", "locales"] {
        std::fs::create_dir_all(folder.join("image-pull").join(part)).unwrap();
        for file in std::fs::read_dir(source.join(part)).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), folder.join("image-pull").join(part).join(file.file_name()))
                .unwrap();
        }
    }
    let playbook = std::fs::read_to_string(source.join("playbook.yaml"))
        .unwrap()
        .replace("locales: [en, pt-BR]", "locales: [en]");
    std::fs::write(folder.join("image-pull/playbook.yaml"), playbook).unwrap();
    std::fs::remove_dir_all(folder.join("image-pull/locales")).unwrap();
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
    assert!(
        said.contains("configmap × 20000, configmap c20000: too large to be read whole"),
        "{said}"
    );
}
