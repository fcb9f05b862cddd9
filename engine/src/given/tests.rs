//! Made-up texts of every form, and what they are.

use proptest::prelude::*;

use super::*;
use crate::evidence::{Body, Document};

mod pieces;

fn pieces(text: &str) -> Vec<Given> {
    let list = Watchlist::new(Vec::new(), Vec::new());
    let mut recogniser = Recogniser::new(&list, "-");
    recogniser.push(text.as_bytes());
    recogniser.finish()
}

fn kinds(text: &str) -> Vec<(GivenKind, String)> {
    pieces(text)
        .into_iter()
        .map(|it| (it.kind, it.names.get("name").cloned().unwrap_or_default()))
        .collect()
}

const DESCRIBE: &str = "Name:             web-0\nNamespace:        shop\nService Account:  web\nNode:             aks-np1-vmss000000/10.224.0.4\nStatus:           Pending\nContainers:\n  app:\n    State:          Waiting\n      Reason:       ContainerCreating\n    Ready:          False\nVolumes:\n  secrets:\n    Type:              CSI (a volume)\n    Driver:            secrets-store.csi.k8s.io\n    VolumeAttributes:      secretProviderClass=kv-web\nEvents:\n  Type     Reason       Age              From     Message\n  ----     ------       ----             ----     -------\n  Warning  FailedMount  1s (x4 over 5s)  kubelet  MountVolume.SetUp failed\nsecond line\n";

#[test]
fn a_description_is_an_object_and_its_events() {
    let found = pieces(DESCRIBE);
    assert_eq!(found.len(), 2);
    let Ok(Document { body: Body::Tree(pod), .. }) = &found[0].answer else { panic!("an object") };
    assert_eq!(pod["spec"]["nodeName"], "aks-np1-vmss000000");
    assert_eq!(
        pod["spec"]["volumes"][0]["csi"]["volumeAttributes"]["secretProviderClass"],
        "kv-web"
    );
    assert_eq!(
        pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"],
        "ContainerCreating"
    );
    assert_eq!(found[1].kind, GivenKind::Events);
    assert_eq!(found[1].names["name"], "web-0");
    let Ok(Document { body: Body::Text(events), .. }) = &found[1].answer else { panic!("events") };
    assert_eq!(events.records, 1);
}

#[test]
fn a_description_tells_images_init_containers_and_conditions() {
    let found = pieces(
        "Name:       web-0\nNamespace:  shop\nStatus:     Pending\nInit Containers:\n  setup:\n    Image:  a.example/b/setup:1\n    State:  Waiting\n      Reason:  ImagePullBackOff\nContainers:\n  app:\n    Image:       a.example/b/app:2\n    State:       Waiting\n      Reason:    PodInitializing\n    Last State:  Terminated\n      Exit Code:  255\nConditions:\n  Type           Status\n  Initialized    False \n  Ready          False \nQoS Class:  BestEffort\n",
    );
    let Ok(Document { body: Body::Tree(pod), .. }) = &found[0].answer else { panic!("an object") };
    assert_eq!(pod["spec"]["initContainers"][0]["image"], "a.example/b/setup:1");
    assert_eq!(pod["spec"]["containers"][0]["image"], "a.example/b/app:2");
    let status = &pod["status"];
    assert_eq!(
        status["initContainerStatuses"][0]["state"]["waiting"]["reason"],
        "ImagePullBackOff"
    );
    assert_eq!(status["containerStatuses"][0]["lastState"]["terminated"]["exitCode"], 255);
    assert_eq!(
        status["conditions"],
        serde_json::json!([
            {"type": "Initialized", "status": "False"},
            {"type": "Ready", "status": "False"}
        ])
    );
}

#[test]
fn each_kind_of_text_is_recognised() {
    use GivenKind::{Error, Events, Log, Message, Object};
    for (text, want) in [
        ("MountVolume.SetUp failed for volume \"x\" : boom", vec![(Message, "")]),
        ("E1123 18:32:22.978325    7088 main.go:7] \"failed\" err=<\n\ta\n >\n", vec![(Log, "")]),
        (
            "Error from server (NotFound): csidrivers.storage.k8s.io \"x\" not found",
            vec![(Error, "x")],
        ),
        ("apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n", vec![(Object, "web")]),
        ("{\"kind\": \"Node\", \"metadata\": {\"name\": \"n\"}}", vec![(Object, "n")]),
        (
            "Warning  FailedMount  1s (x4 over 5s)  kubelet  MountVolume.SetUp failed",
            vec![(Events, "")],
        ),
        (
            "LAST SEEN   TYPE      REASON        OBJECT      MESSAGE\n4s          Warning   FailedMount   pod/web-0   boom\n",
            vec![(Events, "web-0")],
        ),
        ("NAME    READY   STATUS\nweb-0   0/1     Pending\n", vec![]),
        ("No resources found in x namespace.", vec![]),
    ] {
        let want: Vec<(GivenKind, String)> =
            want.into_iter().map(|(kind, name)| (kind, name.to_owned())).collect();
        assert_eq!(kinds(text), want, "{text}");
    }
}

#[test]
fn an_object_with_uid_and_version_is_whole_and_others_are_not() {
    let found = pieces(
        "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"uid\":\"u\",\"resourceVersion\":\"1\"}}",
    );
    assert!(matches!(&found[0].answer, Ok(document) if document.partial.is_none()));
    let found = pieces("{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}");
    assert!(matches!(&found[0].answer, Ok(document) if document.partial == Some(Gap::HandedOver)));
}

#[test]
fn the_values_of_a_secret_never_become_evidence() {
    let found = pieces(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ndata:\n  clientsecret: aHVudGVyMg==\n",
    );
    assert!(!format!("{found:?}").contains("aHVudGVyMg"));
}

/// Kind, names and number of records of each piece.
fn told(text: &str) -> Vec<String> {
    pieces(text)
        .into_iter()
        .map(|it| {
            let names: Vec<String> =
                it.names.iter().map(|(key, value)| format!("{key}={value}")).collect();
            let what = match &it.answer {
                Ok(Document { body: Body::Text(text), .. }) => text.records.to_string(),
                Ok(Document { partial, .. }) => {
                    if partial.is_none() { "whole" } else { "part" }.to_owned()
                }
                Err(gap) => gap.name().to_owned(),
            };
            format!("{} {what} {}", it.kind.name(), names.join(" ")).trim_end().to_owned()
        })
        .collect()
}

/// The rows of events in a text: object, reason, source, message, count, last.
fn rows(text: &str) -> Vec<String> {
    let mut columns = None;
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(header) = Columns::of(line) {
            columns = Some(header);
        } else if let Some(row) = table::row(line, columns.as_ref(), 1) {
            found.push(format!(
                "{}|{}|{}|{}|{}|{}|{}|{}",
                row.namespace,
                row.object,
                row.kind,
                row.reason,
                row.from,
                row.count,
                row.last.map(crate::text::show_moment).unwrap_or_default(),
                row.message,
            ));
        }
    }
    found
}

#[test]
fn events_are_read_in_every_form_that_kubectl_prints() {
    let message = "MountVolume.SetUp failed for volume \"x\" : boom  twice";
    for (text, want) in [
        (
            format!("LAST SEEN   TYPE      REASON        OBJECT      MESSAGE\n4s          Warning   FailedMount   pod/web-0   {message}\n"),
            format!("|pod/web-0|Warning|FailedMount||1|-4s|{message}"),
        ),
        (
            format!("NAMESPACE   LAST SEEN   TYPE      REASON        OBJECT      MESSAGE\nshop        4s          Warning   FailedMount   pod/web-0   {message}\n"),
            format!("shop|pod/web-0|Warning|FailedMount||1|-4s|{message}"),
        ),
        (
            format!("LAST SEEN   TYPE      REASON        OBJECT      SUBOBJECT   SOURCE                        MESSAGE                                                 FIRST SEEN   COUNT   NAME\n4s          Warning   FailedMount   pod/web-0               kubelet, aks-np1-vmss000000   {message}   9m           7       web-0.17ab52c1d2e3f405\n"),
            format!("|pod/web-0|Warning|FailedMount|kubelet|7|-4s|{message}"),
        ),
        (
            format!("LAST SEEN              TYPE      REASON        OBJECT      MESSAGE\n2m5s (x3 over 5m10s)   Warning   FailedMount   Pod/web-0   {message}\n"),
            format!("|Pod/web-0|Warning|FailedMount||3|-2m|{message}"),
        ),
        (
            format!("LASTSEEN   FIRSTSEEN   COUNT     NAME                     KIND      SUBOBJECT   TYPE      REASON        SOURCE                        MESSAGE\n4s         9m          7         web-0.17ab52c1d2e3f405   Pod                   Warning   FailedMount   kubelet, aks-np1-vmss000000   {message}\n"),
            format!("|Pod/web-0|Warning|FailedMount|kubelet|7|-4s|{message}"),
        ),
        (
            format!("  FirstSeen\tLastSeen\tCount\tFrom\t\t\tSubObjectPath\tType\t\tReason\t\tMessage\n  ---------\t--------\t-----\t----\t\t\t-------------\t--------\t------\t\t-------\n  9m\t\t4s\t\t7\t{{kubelet aks-np1-0}}\t\t\tWarning\t\tFailedMount\t{message}\n"),
            format!("||Warning|FailedMount|kubelet|7|-4s|{message}"),
        ),
        (
            format!("LAST                   REASON        NAME                     MSG\n2026-11-23T21:17:46Z   FailedMount   web-0.17ab52c1d2e3f405   {message}\n"),
            format!("|/web-0||FailedMount||1|2026-11-23T21:17:46Z|{message}"),
        ),
        // Without a header, as grep leaves it; and with its columns lost.
        (
            format!("shop        4s          Warning   FailedMount   pod/web-0   {message}\n"),
            format!("shop|pod/web-0|Warning|FailedMount||1|-4s|{message}"),
        ),
        (
            format!("LAST SEEN TYPE REASON OBJECT MESSAGE\n4s Warning FailedMount pod/web-0 {message}\n"),
            format!("|pod/web-0|Warning|FailedMount||1|-4s|{message}"),
        ),
        (
            format!("Warning FailedMount 4s (x7 over 9m) kubelet {message}\n"),
            format!("||Warning|FailedMount|kubelet|7|-4s|{message}"),
        ),
        // In columns of one's own, without a type or a time; and in Markdown.
        (
            format!("NAMESPACE   NAME    REASON        MESSAGE\nshop        web-0   FailedMount   {message}\n"),
            format!("shop|/web-0||FailedMount||1||{message}"),
        ),
        (
            format!("POD     REASON        MESSAGE\nweb-0   FailedMount   {message}\n"),
            format!("|web-0||FailedMount||1||{message}"),
        ),
        (
            format!("| LAST SEEN | TYPE | REASON | OBJECT | MESSAGE |\n|---|---|---|---|---|\n| 4s | Warning | FailedMount | pod/web-0 | {message} |\n"),
            format!("|pod/web-0|Warning|FailedMount||1|-4s|{message}"),
        ),
        (
            "  Type     Reason       Age   From     Message\n  ----     ------       ----  ----     -------\n  Warning  FailedMount  4s             a message without a source\n".to_owned(),
            "||Warning|FailedMount||1|-4s|a message without a source".to_owned(),
        ),
    ] {
        assert_eq!(rows(&text), [want], "{text}");
    }
}

#[test]
fn a_row_that_was_wrapped_before_its_message_is_whole_again() {
    let text = "LAST SEEN   TYPE      REASON        OBJECT                    MESSAGE\n4s          Warning   FailedMount   pod/web-0\nMountVolume.SetUp failed for vol\nume \"x\" : boom\n9s          Normal    Scheduled     pod/web-1                 assigned\n";
    assert_eq!(told(text), ["events 1 kind=Pod name=web-0", "events 1 kind=Pod name=web-1"]);
}

#[test]
fn prose_is_no_row_of_events() {
    for line in [
        "the reason for this type of message",
        "Warning: the message",
        "Warning  ",
        "It is Normal that 4s pass",
        "Normal people wait 4s",
    ] {
        assert!(Columns::of(line).is_none() && table::row(line, None, 1).is_none(), "{line}");
    }
}

#[test]
fn several_components_in_one_text_are_told_apart() {
    let text = "[pod/p-0/provider] E1123 18:32:22.978325    7088 main.go:7] \"failed\" err=<\n[pod/d-0/driver] I1123 18:32:22.978325    7088 main.go:7] \"fine\"\n[pod/p-0/provider] \tmore\n[pod/p-0/provider]  >\n";
    assert_eq!(
        told(text),
        ["log 1 container=provider kind=Pod name=p-0", "log 1 container=driver kind=Pod name=d-0"]
    );
    let found = pieces(text);
    let Ok(Document { body: Body::Text(log), .. }) = &found[0].answer else { panic!("a log") };
    assert!(log.oddities.is_empty(), "the record is whole: {:?}", log.oddities);
    let text = "{\"log\":\"E1123 18:32:22.978325    7088 main.go:7] \\\"failed\\\" err=\\u003c\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-23T18:32:22.978325Z\"}\n{\"log\":\"\\tmore\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-23T18:32:22.978326Z\"}\n{\"log\":\" \\u003e\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-23T18:32:22.978327Z\"}\n";
    assert_eq!(told(text), ["log 1"]);
}

#[test]
fn what_log_stores_export_is_read() {
    let record = "E1123 18:32:22.978325    7088 main.go:7] \\\"failed\\\"";
    for text in [
        format!(
            "[{{\"PodName\":\"p-0\",\"ContainerName\":\"c\",\"LogMessage\":\"{record}\",\"TimeGenerated\":\"2026-11-23T18:32:22Z\"}}]"
        ),
        format!(
            "{{\"labels\":{{\"pod\":\"p-0\",\"container\":\"c\"}},\"line\":\"{record}\",\"timestamp\":\"2026-11-23T18:32:22Z\"}}\n"
        ),
        format!(
            "{{\"status\":\"success\",\"data\":{{\"resultType\":\"streams\",\"result\":[{{\"stream\":{{\"pod\":\"p-0\",\"container\":\"c\"}},\"values\":[[\"1\",\"{record}\"]]}}]}}}}"
        ),
        format!(
            "\"TimeGenerated [UTC]\",PodName,ContainerName,LogMessage\n\"11/23/2026, 6:32:22.000 PM\",p-0,c,\"{}\"\n",
            record.replace("\\\"", "\"\"")
        ),
    ] {
        assert_eq!(told(&text), ["log 1 container=c kind=Pod name=p-0"], "{text}");
    }
    for text in [
        "lastTimestamp,type,reason,object,message\n2026-11-23T21:00:01Z,Warning,FailedMount,pod/web-0,\"MountVolume.SetUp failed, twice\"\n",
        "time,namespace,pod,reason,message\n2026-11-23T21:00:01Z,shop,web-0,FailedMount,boom\n",
    ] {
        let found = told(text);
        assert!(
            found.len() == 1 && found[0].starts_with("events 1 kind=Pod name=web-0"),
            "{found:?}"
        );
    }
    let event = r#"[{"TableName":"PrimaryResult","ObjectKind":"Pod","Name":"web-0","Namespace":"shop","Reason":"FailedMount","Message":"boom","Count":"3","LastSeen":"2026-11-23T18:32:22Z"}]"#;
    assert_eq!(told(event), ["events 1 kind=Pod name=web-0 namespace=shop"]);
}

#[test]
fn an_object_is_found_in_whatever_stands_around_it() {
    let json =
        "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Node\",\n  \"metadata\": {\"name\": \"n\"}\n}";
    for text in [
        format!("It looks so:\n```json\n{json}\n```\n"),
        format!("$ kubectl get node n -o json\n{json}\n"),
        format!("E1123 18:32:22.978325    7088 main.go:7] \"failed\"\n{json}\n"),
        format!("apiVersion: v1\nkind: Node\nmetadata:\n\tname: n\n{}", ""),
        "[{\"metadata\": {\"name\": \"n\"}, \"status\": {\"nodeInfo\": {}}}]".to_owned(),
        "{\"apiVersion\":\"v1\",\"items\":[{\"metadata\": {\"name\": \"n\"}, \"status\": {\"nodeInfo\": {}}}],\"kind\":\"List\"}".to_owned(),
        "{\"apiVersion\":\"v1\",\"items\":[{\"metadata\": {\"name\": \"n\"}}],\"kind\":\"NodeList\"}".to_owned(),
    ] {
        let objects: Vec<String> =
            told(&text).into_iter().filter(|it| it.starts_with("object")).collect();
        assert_eq!(objects, ["object part kind=Node name=n"], "{text}");
    }
    let around = told(&format!("E1123 18:32:22.978325    7088 main.go:7] \"failed\"\n{json}\n"));
    assert_eq!(around.len(), 2, "{around:?}");
}

#[test]
fn an_error_in_json_stays_with_its_message() {
    let text = "MountVolume.SetUp failed: RESPONSE 403\n{\n  \"error\": {\n    \"code\": \"Forbidden\"\n  }\n}\n--------\n";
    assert_eq!(told(text), ["message 1"]);
    let found = pieces(&format!("{DESCRIBE}{{\n  \"error\": {{}}\n}}\n"));
    assert_eq!(found.len(), 2);
}

#[test]
fn what_is_cut_or_broken_is_told_and_nothing_is_made_of_it() {
    for (text, want) in [
        (
            "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Pod\",\n  \"metadata\": {\"name\": \"a\"",
            vec!["object cut-off kind=Pod"],
        ),
        (
            "{\"apiVersion\":\"v1\",\"items\":[{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"",
            vec!["object cut-off kind=Pod"],
        ),
        (
            "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Pod\",\nNo resources found\n",
            vec!["object malformed kind=Pod"],
        ),
        (
            "kind: Node\nmetadata: {name: a}\n---\nkind: Node\nmetadata: [broken\n---\nkind: Node\nmetadata: {name: b}\n",
            vec![
                "object part kind=Node name=a",
                "object malformed kind=Node",
                "object part kind=Node name=b",
            ],
        ),
        ("---\nerror: something\n", vec!["message 1"]),
        ("[2026-11-23] it failed\n", vec!["message 1"]),
    ] {
        assert_eq!(told(text), want, "{text}");
    }
    let cut =
        "kind: Pod\nmetadata:\n  name: a\n  uid: u\n  resourceVersion: '1'\nspec:\n  nodeName: n\n";
    assert_eq!(told(cut), ["object part kind=Pod name=a uid=u"]);
}

#[test]
fn a_secret_that_does_not_say_so_loses_its_values_too() {
    let found = pieces(
        "[{\"metadata\":{\"name\":\"s\"},\"type\":\"Opaque\",\"data\":{\"a\":\"aHVudGVyMg==\"}}]",
    );
    assert_eq!(found[0].names["kind"], "Secret");
    assert!(!format!("{found:?}").contains("aHVudGVyMg"));
}

#[test]
fn azure_resources_are_no_objects_of_kubernetes() {
    let id = "/subscriptions/s/resourcegroups/g/providers/Microsoft.ContainerService/managedClusters/aks";
    let text = format!(
        "{{\"id\": \"{id}\", \"kind\": \"Base\", \"name\": \"aks\", \"nodeResourceGroup\": \"MC\"}}"
    );
    assert_eq!(
        told(&text),
        [format!("resource part id={id} name=aks type=Microsoft.ContainerService/managedClusters")]
    );
    let page = format!("{{\"value\": [{text}], \"nextLink\": null}}");
    assert_eq!(told(&page).len(), 1);
}

#[test]
fn descriptions_of_other_kinds_are_read_into_their_shape() {
    let tree = |text: &str| match &pieces(text)[0].answer {
        Ok(Document { body: Body::Tree(tree), partial: Some(Gap::HandedOver), .. }) => tree.clone(),
        other => panic!("{other:?}"),
    };
    let node = tree(
        "Name:               aks-np1-vmss000000\nRoles:              <none>\nLabels:             kubernetes.io/os=linux\n                    type=virtual-kubelet\nTaints:             CriticalAddonsOnly=true:NoSchedule\nUnschedulable:      false\nSystem Info:\n  Machine ID:                 a1\n  Operating System:           linux\n  Kubelet Version:            v1.34.4\nProviderID:                   azure:///subscriptions/s/x\nEvents:              <none>\n",
    );
    assert_eq!(node["kind"], "Node");
    assert_eq!(node["status"]["nodeInfo"]["kubeletVersion"], "v1.34.4");
    assert_eq!(node["spec"]["providerID"], "azure:///subscriptions/s/x");
    assert_eq!(node["metadata"]["labels"]["type"], "virtual-kubelet");
    assert_eq!(node["spec"]["taints"][0]["effect"], "NoSchedule");
    let class = tree(
        "Name:         kv-web\nNamespace:    shop\nLabels:       <none>\nAnnotations:  <none>\nAPI Version:  secrets-store.csi.x-k8s.io/v1\nKind:         SecretProviderClass\nMetadata:\n  Creation Timestamp:  2026-11-23T21:00:00Z\n  Resource Version:    1\n  UID:                 u-1\nSpec:\n  Parameters:\n    Keyvault Name:  kv-web-7\n    Objects:        array:\n  - |\n    objectName: a\n\n    Tenant Id:                     t-1\n    Use VM Managed Identity:       true\n    User Assigned Identity ID:     i-1\n  Provider:                        azure\n  Secret Objects:\n    Data:\n      Key:          a\n      Object Name:  x\n      Key:          b\n      Object Name:  y\n    Secret Name:    one\n    Type:           Opaque\n    Data:\n      Key:          c\n      Object Name:  z\n    Secret Name:    two\n    Type:           kubernetes.io/tls\nEvents:                            <none>\n",
    );
    let secrets = serde_json::json!([
        {"secretName": "one", "type": "Opaque", "data": [{"key": "a", "objectName": "x"}, {"key": "b", "objectName": "y"}]},
        {"secretName": "two", "type": "kubernetes.io/tls", "data": [{"key": "c", "objectName": "z"}]},
    ]);
    assert_eq!(
        class["spec"],
        serde_json::json!({"provider": "azure", "secretObjects": secrets, "parameters": {"keyvaultName": "kv-web-7", "objects": "array:\n  - |\n    objectName: a", "tenantId": "t-1", "useVMManagedIdentity": "true", "userAssignedIdentityID": "i-1"}})
    );
    let deep = (0..200).map(|it| format!("{}Data:\n", " ".repeat(4 + 2 * it))).collect::<String>();
    let class = tree(&format!(
        "Name:         kv-web\nNamespace:    shop\nAPI Version:  secrets-store.csi.x-k8s.io/v1\nKind:         SecretProviderClass\nSpec:\n  Secret Objects:\n{deep}Events:  <none>\n"
    ));
    assert_eq!(class["spec"]["secretObjects"], serde_json::json!([{"data": []}]));
    let driver = tree(
        "Name:         secrets-store.csi.k8s.io\nNamespace:    \nAPI Version:  storage.k8s.io/v1\nKind:         CSIDriver\nMetadata:\n  UID:  u\nSpec:\n  Attach Required:     false\n  Pod Info On Mount:   true\n  Token Requests:\n    Audience:  api://AzureADTokenExchange\n  Volume Lifecycle Modes:\n    Ephemeral\nEvents:  <none>\n",
    );
    assert_eq!(
        driver["spec"],
        serde_json::json!({"attachRequired": false, "podInfoOnMount": true, "tokenRequests": [{"audience": "api://AzureADTokenExchange"}], "volumeLifecycleModes": ["Ephemeral"]})
    );
    let drivers = tree(
        "Name:               n\nLabels:             <none>\nCreationTimestamp:  Mon, 23 Nov 2026 21:00:00 +0000\nSpec:\n  Drivers:\n    disk.csi.azure.com:\n      Node ID:  n\n      Allocatables:\n        Count:        4\n    secrets-store.csi.k8s.io:\n      Node ID:  n\nEvents:  <none>\n",
    );
    assert_eq!(
        (&drivers["kind"], &drivers["spec"]["drivers"][1]["name"]),
        (&"CSINode".into(), &"secrets-store.csi.k8s.io".into())
    );
    let set = tree(
        "Name:           driver\nSelector:       app=csi-secrets-store\nNode-Selector:  kubernetes.io/os=linux\nDesired Number of Nodes Scheduled: 3\nNumber of Nodes Scheduled with Available Pods: 2\nPod Template:\n  Labels:           app=csi-secrets-store\n  Containers:\n   a:\n    Image:  x\nEvents:  <none>\n",
    );
    assert_eq!(
        (set["kind"].as_str(), set["status"]["numberAvailable"].as_u64()),
        (Some("DaemonSet"), Some(2))
    );
    let account = tree(
        "Name:                web\nNamespace:           shop\nLabels:              <none>\nAnnotations:         azure.workload.identity/client-id: c-1\nImage pull secrets:  <none>\nMountable secrets:   <none>\nTokens:              <none>\nEvents:              <none>\n",
    );
    assert_eq!(account["metadata"]["annotations"]["azure.workload.identity/client-id"], "c-1");
}

#[test]
fn az_errors_are_one_piece() {
    let text = "ERROR: (AuthorizationFailed) The client 'a' does not have authorization to perform action 'Microsoft.KeyVault/vaults/read' over scope '/subscriptions/s'.\nCode: AuthorizationFailed\nMessage: The client 'a' does not have authorization\n";
    assert_eq!(told(text), ["error denied tool=az type=Microsoft.KeyVault/vaults"]);
}

#[test]
fn a_line_of_64_mib_is_bounded() {
    let list = Watchlist::new(Vec::new(), Vec::new());
    for first in ["x", "{\"a\": \"", "[1, "] {
        let mut recogniser = Recogniser::new(&list, "-");
        recogniser.push(first.as_bytes());
        for _ in 0..65 {
            recogniser.push(&vec![b' '; 1024 * 1024]);
        }
        recogniser.push(b"\nWarning  FailedMount  4s  kubelet  boom\n");
        let found = recogniser.finish();
        assert_eq!(found.len(), 2, "{first}");
        assert_eq!(found[1].kind, GivenKind::Events);
    }
}

/// Beginnings of everything that is told apart.
const PARTS: &[&str] = &[
    "{\"log\":\"E1123 18:32:22.978325    7 main.go:7] a\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-23T18:32:22.978325Z\"}\n",
    "[pod/p-0/c] E1123 18:32:22.978325    7 main.go:7] \"a\" err=<\n",
    "[pod/p-0/c] \tmore\n",
    "p-0 c E1123 18:32:22.978325    7 main.go:7] a\n",
    "p-0 c more\n",
    "web-1  | E1123 18:32:22.978325    7 main.go:7] a\n",
    "2026-11-23T18:32:22.978325Z stderr P E1123 18:32:22.978325    7 main.go:7] a",
    "Nov 23 21:17:46 n kubelet[1]: E1123 18:32:22.978325    7 main.go:7] a\n",
    "{\n",
    "\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {}\n",
    "}\n",
    "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}\n",
    "[",
    "]\n",
    "apiVersion: v1\nkind: Node\n",
    "---\n",
    "\tname: é\n",
    "Name:   web-0\nNamespace:  shop\nContainers:\n  a:\n",
    "Spec:\n  Parameters:\n    Keyvault Name:  a\n",
    "Events:\n",
    "LAST SEEN   TYPE      REASON        OBJECT      MESSAGE\n",
    "4s          Warning   FailedMount   pod/web-0   é boom\n",
    "Warning  FailedMount  4s (x7 over 9m)  kubelet  boom\n",
    "TimeGenerated,PodName,LogMessage\n",
    "t,p,\"a\nb\"\n",
    "Error from server (NotFound): pods \"x\" not found\n",
    "ERROR: (ResourceNotFound) The Resource 'a/b/c' was not found\nCode: x\n",
    "```json\n",
    "$ kubectl get pods\n",
    "NAME    READY\n",
    "\r\n",
    "\u{feff}",
    "\u{0}",
    "é",
];

proptest! {
    #[test]
    fn no_bytes_panic_and_any_chunking_gives_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 0usize..300) {
        prop_assert_eq!(read(&[&bytes]), read(&[bytes.split_at(cut.min(bytes.len())).0, bytes.split_at(cut.min(bytes.len())).1]));
    }

    #[test]
    fn no_mixture_panics_and_any_chunking_gives_the_same(parts in proptest::collection::vec(0usize..PARTS.len(), 0..12), cuts in proptest::collection::vec(0usize..900, 0..4), wide in any::<bool>()) {
        let text: String = parts.iter().filter_map(|it| PARTS.get(*it).copied()).collect();
        let mut bytes = text.clone().into_bytes();
        if wide {
            bytes = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        }
        let mut cuts: Vec<usize> = cuts.into_iter().map(|it| it.min(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let chunks: Vec<&[u8]> = cuts.windows(2).map(|it| &bytes[it[0]..it[1]]).collect();
        prop_assert_eq!(read(&[&bytes]), read(&chunks));
    }
}

fn read(chunks: &[&[u8]]) -> Vec<Given> {
    let list = Watchlist::new(Vec::new(), Vec::new());
    let mut recogniser = Recogniser::new(&list, "-");
    chunks.iter().for_each(|it| recogniser.push(it));
    recogniser.finish()
}
