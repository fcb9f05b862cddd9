//! `triagem read`: how an author finds out why a paste went wrong.

use serde_json::Value as Json;

use super::triagem;

const POD: &str = r#"{"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web-0", "namespace": "shop"}, "spec": {"volumes": [{"name": "s", "csi": {"driver": "secrets-store.csi.k8s.io", "volumeAttributes": {"secretProviderClass": "web-kv"}}}], "containers": [{"name": "app", "env": [{"name": "TOKEN", "value": "hunter2hunter2"}]}]}, "status": {"phase": "Pending"}}"#;
const LOG: &str = r#"E1123 18:32:22.978325       1 nodeserver.go:241] "failed to mount secrets store object content" err="rpc error: code = Unknown desc = failed to mount objects, error: failed to get objectType:secret, objectName:a, objectVersion:: GET https://kv-a.vault.azure.net/secrets/a/: RESPONSE 404: 404 Not Found ERROR CODE: SecretNotFound" pod="shop/web-0"
E1123 18:32:23.978325       1 nodeserver.go:241] "failed to mount secrets store object content" err="rpc error: code = Unknown desc = failed to mount objects, error: failed to get objectType:secret, objectName:b, objectVersion:: GET https://kv-b.vault.azure.net/secrets/b/: RESPONSE 404: 404 Not Found ERROR CODE: SecretNotFound" pod="shop/other-1"
"#;

fn read(args: &[&str], input: &str) -> String {
    let run = triagem(&[&["read", "-"], args].concat(), input);
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn what_was_read_and_whose_it_is_can_be_seen() {
    let input = format!("{POD}\n{LOG}");
    let json: Json =
        serde_json::from_str(&read(&["-o", "json", "--playbook", "aks-keyvault"], &input)).unwrap();
    let pieces = json["pieces"].as_array().unwrap();
    let what: Vec<&str> = pieces.iter().map(|it| it["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["object", "log"], "{json:#}");
    assert_eq!(pieces[0]["tree"]["metadata"]["name"], "web-0");
    assert_eq!(pieces[1]["records"], 2);
    let sight = &json["playbooks"][0];
    let facts = sight["facts"].as_array().unwrap();
    let class = facts.iter().find(|it| it["fact"] == "class-name").unwrap();
    assert_eq!(class["values"][0], "web-kv", "{class:#}");
    assert!(class["readAt"][0]["path"].as_str().unwrap().starts_with("$.spec.volumes"));
    let unknown = facts.iter().find(|it| it["fact"] == "cluster-issuer").unwrap();
    assert!(unknown["values"].is_null() && !unknown["gaps"].as_array().unwrap().is_empty());
    let whose = |sign: &str| -> Vec<&str> {
        let records = sight["records"].as_array().unwrap().iter();
        let of = records.filter(|it| it["sign"].as_str().unwrap().ends_with(sign));
        of.map(|it| it["whose"].as_str().unwrap()).collect()
    };
    let sign = sight["records"].as_array().unwrap().iter().find(|it| {
        it["whose"] == "another" && it["sign"].as_str().unwrap().starts_with("kv-object-not-found/")
    });
    let sign = sign.unwrap_or_else(|| panic!("{:#}", sight["records"]))["sign"].as_str().unwrap();
    assert_eq!(whose(sign), ["subject", "another"], "{sign}");
}

#[test]
fn it_tells_people_the_same_in_both_languages_and_no_secret() {
    let input = format!("{POD}\n{LOG}");
    for (lang, words) in [
        (
            "en",
            ["What was handed over was taken for", "of another: left out", "answers aks-keyvault/"],
        ),
        (
            "pt-BR",
            ["O que foi entregue foi entendido como", "de outro: deixado de fora", "responde a"],
        ),
    ] {
        let said = read(&["--lang", lang], &input);
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
        assert!(!said.contains("hunter2"), "{said}");
    }
    assert!(!read(&["-o", "json"], &input).contains("hunter2"));
}

#[test]
fn who_is_only_named_in_a_text_is_told() {
    let said = read(
        &["--playbook", "aks-keyvault"],
        "Warning  FailedMount  2s  kubelet  MountVolume.SetUp failed for volume \"x\" : rpc error: code = Unknown desc = failed to get secretproviderclass shop/kv-web, error: SecretProviderClass.secrets-store.csi.x-k8s.io \"kv-web\" not found\n",
    );
    assert!(said.contains("of the subject: it counts"), "{said}");
}

#[test]
fn of_a_long_list_the_first_are_shown_and_the_rest_is_told() {
    let pods: Vec<Json> = (0..30)
        .map(|number| {
            let mut pod: Json = serde_json::from_str(POD).unwrap();
            pod["metadata"]["name"] = format!("web-{number}").into();
            pod
        })
        .collect();
    let list = serde_json::json!({"kind": "List", "apiVersion": "v1", "items": pods}).to_string();
    let json: Json =
        serde_json::from_str(&read(&["-o", "json", "--playbook", "aks-keyvault"], &list)).unwrap();
    assert_eq!(json["pieces"].as_array().unwrap().len(), 30);
    assert_eq!(json["playbooks"][0]["left"], 10);
}
