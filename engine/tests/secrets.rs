//! What secrets look like where people and programs leave them (`tests/secrets/shapes.yaml`), in everything that carries a text: none
//! comes out.
#![allow(clippy::unwrap_used, missing_docs, reason = "a failed test may panic")]

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use triagem_engine::evidence::redact::{Redactor, redact_tree};
use triagem_engine::text::secret::redact;

#[derive(Deserialize)]
struct Shape {
    what: String,
    text: String,
    hides: Vec<String>,
}

impl Shape {
    fn is_in(&self, shown: &str) -> bool {
        self.hides.iter().any(|it| shown.contains(it))
    }
}

fn shapes() -> Vec<Shape> {
    serde_yaml::from_str(include_str!("../../tests/secrets/shapes.yaml")).unwrap()
}

fn streamed(text: &str, size: usize) -> String {
    let mut shown = Vec::new();
    let mut redactor = Redactor::default();
    for chunk in text.as_bytes().chunks(size) {
        redactor.push(chunk, &mut |it| shown.extend_from_slice(it));
    }
    redactor.finish(&mut |it| shown.extend_from_slice(it));
    String::from_utf8(shown).unwrap()
}

const KLOG: &str =
    r#"E1123 22:05:51.978325       1 server.go:131] "failed to process mount request""#;

/// The shape as texts carry it.
fn texts(shape: &Shape) -> Vec<(&'static str, String)> {
    let text = &shape.text;
    // What has lines begins with one.
    let below = if text.contains('\n') { format!("\n{text}") } else { text.clone() };
    let behind = |margin: &str| {
        text.lines().map(|it| format!("{margin}{it}")).collect::<Vec<_>>().join("\n")
    };
    vec![
        ("alone", text.clone()),
        ("a log's line", format!("{KLOG} err=\"failed to get x: {below} end\"")),
        ("a log's quotation", format!("{KLOG} err={} pod=\"a/b\"", json!(text))),
        ("a log in JSON", json!({"level": "error", "msg": format!("x {below}")}).to_string()),
        (
            "a description",
            format!("  Warning  FailedMount  2m (x4 over 3m)  kubelet  failed: {below}"),
        ),
        (
            "a message in YAML",
            format!("- kind: Event\n  message: |-\n{}\n  reason: x", behind("    ")),
        ),
        ("a mail", format!("hello,\n{}\nany idea?", behind("> "))),
        ("a diff", format!("@@ -1 +1 @@\n{}\n same", behind("+"))),
        ("a chat", format!("ana: look: `{below}` what is it?")),
    ]
}

#[test]
fn no_secret_comes_out_of_a_text() {
    let mut leaks = Vec::new();
    for shape in shapes() {
        for (carrier, text) in texts(&shape) {
            let shown = redact(&text);
            if shape.is_in(&shown) {
                leaks.push(format!("{} in {carrier}: {shown}", shape.what));
            }
            assert_eq!(redact(&shown), shown, "once is enough: {} in {carrier}", shape.what);
        }
    }
    assert!(leaks.is_empty(), "{} leaks: {leaks:#?}", leaks.len());
}

#[test]
fn no_secret_comes_out_of_data() {
    let mut leaks = Vec::new();
    for shape in shapes() {
        let text = &shape.text;
        let mut trees = vec![
            json!({"kind": "Event", "message": text}),
            json!({"kind": "Pod", "metadata": {"annotations": {"x/y": format!("note {text}")}}}),
            json!({"spec": {"containers": [{"command": ["sh", "-c", text]}]}}),
            json!({"status": {"conditions": [{"message": format!("failed:\n{text}")}]}}),
        ];
        // Data that the shape itself is.
        trees.extend(serde_json::from_str::<Json>(text).ok());
        // YAML folds lines: where a wrapped one went on can no longer be told.
        let folds = matches!(shape.what.as_str(), "wrapped" | "heredoc" | "markdown table");
        trees.extend(serde_yaml::from_str::<Json>(text).ok().filter(|_| !folds));
        for mut tree in trees {
            redact_tree(&mut tree);
            let shown = serde_yaml::to_string(&tree).unwrap();
            if shape.is_in(&shown) {
                leaks.push(format!("{}: {shown}", shape.what));
            }
        }
    }
    assert!(leaks.is_empty(), "{} leaks: {leaks:#?}", leaks.len());
}

#[test]
fn no_secret_comes_out_of_a_log_that_streams_by() {
    // What was wrapped is put together only where a text is known whole; a log is never wrapped.
    for shape in shapes().iter().filter(|it| it.what != "wrapped") {
        let below = if shape.text.contains('\n') {
            format!("\n{}", shape.text)
        } else {
            shape.text.clone()
        };
        let log = format!("2026-11-23T21:17:46.123456789Z {KLOG} {below} end\n{KLOG} next\n");
        let shown = streamed(&log, usize::MAX);
        assert!(!shape.is_in(&shown), "{}: {shown}", shape.what);
        assert!(shown.ends_with(" next\n"), "{}: {shown}", shape.what);
        assert_eq!(streamed(&log, 7), shown, "{}", shape.what);
    }
}

#[test]
fn a_key_without_its_first_line_goes_whole_beside_other_secrets() {
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQhunter2CanaryAb";
    let key = format!("{line}\\n{line}\\nhunter3Ab4=\\n-----END PRIVATE KEY-----");
    let others = "; 0 accessToken=hunter2Canary; 0a пароль: hunter2Canary ";
    for text in [format!("a {key}{others}"), format!("a {key}"), format!("{key}{others}")] {
        let shown = redact(&text);
        assert!(!shown.contains("hunter") && !shown.contains("MIIE"), "{shown}");
        assert_eq!(redact(&shown), shown.as_ref());
    }
}

/// What stands between two secrets.
const BETWEEN: &[&str] =
    &[" ", "\n", "; ", " | ", "\t", "\n\n", " end\nI1123 22:05:51.978325       1 a.go:1] \"x\" "];

/// What stands beside secrets, or sounds like one, and what signs need of it.
const STAYS: &[&str] = &[
    // Addresses that end with a telling word, in quotes as Go writes them.
    r#"Post "https://login.microsoftonline.com/x/oauth2/token": dial tcp: lookup login.microsoftonline.com: Try again"#,
    r#"err="Post \"https://contoso.azurecr.io/oauth2/token\": dial tcp: lookup contoso.azurecr.io: no such host""#,
    r#"Get "https://kv-web.vault.azure.net/secrets/db-password": dial tcp 10.0.0.1:443: i/o timeout"#,
    // Names of Secrets, of objects of a vault, and of their keys.
    r#"failed to create Kubernetes secret secret="default/db-creds2" spc="b/a""#,
    r#"failed to get secret secret="b/DbPassword""#,
    "secretName: x",
    "secretProviderClass: kv-web",
    "objectName: x",
    "secret: db-creds",
    "volumes: [{name: creds, secret: {secretName: db-creds-2}}]",
    "nodePublishSecretRef: {name: kv-creds}",
    r#"{"nodePublishSecretRef":{"name":"kv-creds"},"secrets":[{"name":"regcred"}]}"#,
    r#""secrets":"***stripped***""#,
    "failed to get objectType:secret, objectName:pw, objectVersion:: Secret was not found",
    "A secret with (name/id) Sql-Password was not found in this key vault",
    "Secret Sql-Password not found",
    r#"secrets "db-password" is forbidden: User "system:serviceaccount:b:a" cannot get resource "secrets""#,
    "couldn't find key db-password in Secret b/creds",
    r#"the password "db-password" was not found"#,
    "existingSecretPasswordKey: admin-pw",
    "passwordSecretRef: {name: creds, key: pw}",
    // Errors and what they say of passwords and tokens.
    "token: unexpected status 401",
    "failed to fetch oauth token: unexpected status: 401 Unauthorized",
    "failed to acquire token: ManagedIdentityCredential authentication failed",
    "failed to request token for https://vault.azure.net/.default",
    "Error validating token: S2S12086.",
    "invalid token 'b' at line 3",
    "found character that cannot start any token",
    r#"FATAL: password authentication failed for user "web""#,
    "the password is incorrect",
    "a senha expirou; a senha foi recusada",
    "AADSTS7000222: The provided client secret keys for app 'b1c7e0de-5a0a-4f0e-9d3a-6f1f2c3d4e5f' are expired.",
    "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value",
    "AADSTS70021: No matching federated identity record found for presented assertion issuer",
    "using token audience https://vault.azure.net and tenant b1c7e0de-5a0a-4f0e-9d3a-6f1f2c3d4e5f",
    "docker login --password-stdin contoso.azurecr.io",
    "the option --secret must be given",
    // Images, hosts, ports, people, quantities, ids.
    "unauthorized: contoso.azurecr.io/shop/web@sha256:5432aabb",
    "image: reg:5000/app:1.2@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "user:ana@contoso.com signed in",
    "dial tcp 10.0.0.1:5432: connect: connection refused",
    "nginx1.17a3b2c4d5e6f708 is an event",
    "labels map[app:frontend tier:backends]",
    "requests: {cpu: 100m, memory: 128Mi, ephemeral-storage: 1Gi}",
    r#"spec.containers[0].env[0].name: Invalid value: "MyApp""#,
    "/subscriptions/b1c7e0de-5a0a-4f0e-9d3a-6f1f2c3d4e5f/resourceGroups/rg-web/providers/Microsoft.KeyVault/vaults/kv-web",
    "--set image.tag=1.2.3 --set replicas=2",
    "az keyvault secret show --vault-name kv-web --name db-password",
    "az keyvault secret list --vault-name kv-web",
    "kubectl create secret generic creds -n b",
    "kubectl get secret db-creds -n b -o yaml",
    "| name | ready |\n|---|---|\n| web-0 | 1/1 |",
    "Args:\n  --vault-name\n  kv-web",
    "MountVolume.SetUp failed for volume \"creds\" : secret \"db-creds\" not found",
    r#"{"kty":"EC-HSM","kid":"https://kv-web.vault.azure.net/keys/sign/1"}"#,
];

#[test]
fn what_signs_need_stays() {
    let lost: Vec<_> = STAYS
        .iter()
        .flat_map(|text| [(*text).to_owned(), json!(text).to_string(), format!("x: {text}; y")])
        .filter_map(|text| {
            let shown = redact(&text);
            (shown != text).then(|| format!("{text}\n{shown}"))
        })
        .collect();
    assert!(lost.is_empty(), "{} lost: {lost:#?}", lost.len());
    for text in STAYS {
        assert_eq!(streamed(text, 7), *text);
    }
}

proptest! {
    #[test]
    fn no_neighbour_brings_a_secret_out(picks in prop::collection::vec((0_usize..1_000, 0..BETWEEN.len(), "[a-z0-9 ._/-]{0,12}"), 1..5)) {
        let shapes = shapes();
        let mut text = String::new();
        let mut picked = Vec::new();
        for (at, between, noise) in picks {
            let shape = &shapes[at % shapes.len()];
            // What is told by the line it stands on stands on one of its own.
            text.push_str(&noise);
            text.push_str(if shape.text.contains('\n') { "\n" } else { " " });
            text.push_str(&shape.text);
            text.push_str(if shape.text.contains('\n') { "\n" } else { BETWEEN[between] });
            picked.push(shape);
        }
        let shown = redact(&text);
        for shape in picked {
            prop_assert!(!shape.is_in(&shown), "{}:\n{}\n{}", shape.what, text, shown);
        }
        prop_assert_eq!(redact(&shown), shown.as_ref());
    }

    #[test]
    fn no_text_panics(text in "(?s).{0,80}", at in 0_usize..1_000, cut in 0_usize..120) {
        let shapes = shapes();
        let shape = &shapes[at % shapes.len()].text;
        let from = shape.ceil_char_boundary(cut.min(shape.len()));
        let text = format!("{text}{}{text}", &shape[from..]);
        let shown = redact(&text).into_owned();
        prop_assert_eq!(redact(&shown), shown.as_str());
        prop_assert_eq!(streamed(&text, 3), streamed(&text, usize::MAX));
    }
}
