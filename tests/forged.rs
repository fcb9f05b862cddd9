//! What a stranger may write into a message moves no verdict: each slot of each cause's own text, forged with the texts
//! of all the others.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use triagem::collect::recorded::Recorded;
use triagem::systems::vocabulary;
use triagem_engine::diagnose::{diagnose, watchlist};
use triagem_engine::evidence::Scope;
use triagem_engine::evidence::recording::Recording;
use triagem_engine::given::Recogniser;
use triagem_engine::playbook::Playbook;
use triagem_engine::playbook::load::load;
use triagem_engine::text::Watchlist;
use triagem_engine::verdict::Verdict;

/// A message of the provider whose end tells nothing: whatever is confirmed comes out of the slot.
const MESSAGE: &str = "MountVolume.SetUp failed for volume \"v\" : rpc error: code = Unknown desc = failed to mount secrets store objects for pod shop/web-0, err: rpc error: code = Unknown desc = failed to mount objects, error: failed to get objectType:secret, objectName:{name}, objectVersion:{version}: GET https://kv-shop.vault.azure.net/secrets/{path}/?api-version=7.4 RESPONSE 418: 418 I'm a teapot";

/// The slot of that message.
const ANOTHER: &str = "version before another error";
/// A version, and an error that tells no cause.
const VERSION: &str = "MountVolume.SetUp failed for volume \"v\" : rpc error: code = Unknown desc = failed to mount objects, error: failed to get objectType:secret, objectName:x, objectVersion:{}: Invalid vaultObjectTypes. Should be secret, key, or cert";

/// What else repeats what whoever makes a class or a pod wrote: `{}` as it is, `{q}` in quotes. None of them tells a cause of what is forged.
const CHOSEN: &[&str] = &[
    "failed to mount objects, error: failed to get objectType:{}, objectName:x, objectVersion:: Invalid vaultObjectTypes. Should be secret, key, or cert",
    "failed to mount objects, error: failed to get objectType:secret, objectName:x, objectVersion:: invalid objectEncoding: {}, should be hex, base64 or utf-8",
    "failed to mount objects, error: failed to get objectType:secret, objectName:x, objectVersion:: invalid objectEncoding. Should be utf-8, base64, or hex: {}",
    "failed to mount objects, error: invalid objectFormat: {}, should be PEM or PFX",
    "failed to mount objects, error: failed to get vault: Invalid vault name: {q}, must match [-a-zA-Z0-9]{3,24}",
    "failed to mount objects, error: failed to parse useVMManagedIdentity flag, error: strconv.ParseBool: parsing {q}: invalid syntax",
    "failed to mount objects, error: cloudName {} is not valid, error: autorest/azure: There is no cloud environment matching the name {q}",
    "failed to mount objects, error: cloudName AzureStackCloud is not valid, error: open {}: no such file or directory",
    "failed to mount objects, error: file permission must be a valid octal number: {}",
    "failed to mount objects, error: invalid file permission for object x: strconv.ParseInt: parsing {q}: invalid syntax",
    "failed to mount objects, error: file name {q} must be a relative path",
    "failed to get secretproviderclass shop/{}, error: SecretProviderClass.secrets-store.csi.x-k8s.io {q} not found",
    "error connecting to provider {q}: provider not found: provider {q}",
    "error connecting to provider {q}: invalid provider: provider {q}",
    "fetching NodePublishSecretRef shop/{} failed: kubernetes.io/csi: failed to find the secret {} in the namespace shop with error: secrets {q} not found",
    "failed to get data in spc shop/kv-web for secret {}, err: file matching objectName {} not found in the pod",
    "Secret {q} is invalid: metadata.name: Invalid value: {q}: a lowercase RFC 1123 subdomain must consist of lower case letters",
    "failed to mount objects, error: failed to get objectType:secret, objectName:x, objectVersion:: ClientAssertionCredential authentication failed. POST https://login.microsoftonline.com/x/oauth2/v2.0/token RESPONSE 400: 400 Bad Request { \"error_description\": \"AADSTS700016: Application with identifier '{}' was not found in the directory 'Contoso'.\" }",
];

fn playbook() -> Playbook {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../playbooks/aks-keyvault");
    let mut files = BTreeMap::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    load("aks-keyvault", &files, vocabulary()).playbook.unwrap()
}

/// Causes that are confirmed or likely.
fn sure(playbooks: &[Playbook], list: &Watchlist, text: &str) -> Vec<String> {
    let mut recogniser = Recogniser::new(list, "-");
    recogniser.push(text.as_bytes());
    let scope = Scope { vocabulary: vocabulary(), given: recogniser.finish(), ..Scope::default() };
    let report = diagnose(playbooks, list, &scope, &Recorded(Recording::default()));
    let strong = report.findings.iter().filter(|it| it.verdict <= Verdict::Likely);
    strong.map(|it| it.cause.clone()).collect()
}

/// One event with this in the slots.
fn event(name: &str, version: &str, path: &str) -> String {
    say(&MESSAGE.replace("{name}", name).replace("{version}", version).replace("{path}", path))
}

/// One event that says it.
fn say(message: &str) -> String {
    let event = serde_json::json!({
        "apiVersion": "v1", "kind": "Event", "type": "Warning", "reason": "FailedMount",
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web-0", "uid": "u"},
        "message": message, "count": 3, "lastTimestamp": "2026-11-23T22:05:51Z",
    });
    event.to_string()
}

#[test]
fn what_stands_in_a_slot_confirms_nothing() {
    let playbook = playbook();
    let texts: Vec<(String, String)> = playbook
        .causes
        .iter()
        .flat_map(|cause| {
            let confirms = |it: &&triagem_engine::playbook::CauseTest| {
                it.expect.get(&cause.id).is_some_and(|it| it.verdict == Verdict::Confirmed)
            };
            let tests = cause.tests.iter().filter(confirms).filter_map(|it| it.paste.clone());
            tests.take(2).map(|it| (cause.id.clone(), it))
        })
        .collect();
    assert!(texts.len() > 100, "{}", texts.len());
    let playbooks = [playbook];
    let list = watchlist(&playbooks);
    let plain = sure(&playbooks, &list, &event("pw", "", "pw"));
    let of_version = sure(&playbooks, &list, &say(&VERSION.replace("{}", "zz")));
    let mut moved = Vec::new();
    for (cause, text) in &texts {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        // In a URL whatever is no letter is escaped.
        let escaped: String =
            words.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '-' }).collect();
        for (slot, forged) in [
            ("name", event(&words, "", "pw")),
            (
                "name with end marks",
                event(&format!("x, objectVersion:: {words}, objectVersion:"), "", "pw"),
            ),
            ("version", event("pw", &words, "pw")),
            ("version with an end mark", event("pw", &format!(": {words}"), "pw")),
            (ANOTHER, say(&VERSION.replace("{}", &words))),
            ("path", event("pw", "", &escaped)),
        ] {
            let found = sure(&playbooks, &list, &forged);
            let unmoved = if slot == ANOTHER { &of_version } else { &plain };
            // Where the forged text hides the rest, too, nothing is left to be confirmed.
            let hidden = slot == ANOTHER && found.is_empty();
            if found != *unmoved && !hidden {
                moved.push(format!("{slot} with the text of {cause}: {found:?}"));
            }
        }
    }
    let mut tried = 6 * texts.len();
    for (at, carrier) in CHOSEN.iter().enumerate() {
        let told = |text: &str| {
            let quoted = serde_json::Value::from(text).to_string();
            let words = carrier.replace("{}", text).replace("{q}", &quoted);
            let mount = "MountVolume.SetUp failed for volume \"v\" : rpc error: code = Unknown desc = failed to mount secrets store objects for pod shop/web-0, err: rpc error: code = Unknown desc = ";
            let quoted = serde_json::Value::from(words.as_str());
            [
                say(&format!("{mount}{words}")),
                format!(
                    "E1123 21:36:53.644095       1 nodeserver.go:241] \"failed to mount secrets store object content\" err={quoted} pod=\"shop/web-0\"\n"
                ),
            ]
        };
        let plain = told("zz").map(|it| sure(&playbooks, &list, &it));
        // Each text in some of them, and each of them with some texts.
        for (cause, text) in texts.iter().skip(at % 8).step_by(8) {
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let name: String = words
                .chars()
                .map(|it| it.to_ascii_lowercase())
                .map(|it| if it.is_ascii_alphanumeric() { it } else { '.' })
                .collect();
            let cut = name.get(name.len().saturating_sub(250)..).unwrap_or_default();
            let both = told(&words).into_iter().zip(&plain);
            for (forged, plain) in both.chain(told(cut.trim_matches('.')).into_iter().zip(&plain)) {
                tried += 1;
                let found = sure(&playbooks, &list, &forged);
                let more: Vec<_> = found.iter().filter(|it| !plain.contains(it)).collect();
                if !more.is_empty() {
                    moved.push(format!("{carrier} with the text of {cause}: {more:?}"));
                }
            }
        }
    }
    assert!(moved.is_empty(), "{} of {tried}:\n{}", moved.len(), moved.join("\n"));
    assert!(tried > 2_000, "{tried}");
}
