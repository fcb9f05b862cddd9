//! Which kind an object is that does not say so: parts of lists, and what `jq` or `jsonpath` cut out.

use serde_json::{Value as Json, json};

/// Fields that only one kind has: where they stand, and the kind.
const TELLING: &[(&[&str], &str)] = &[
    (&["/involvedObject"], "Event"),
    (&["/regarding", "/note"], "Event"),
    (&["/spec/containers"], "Pod"),
    (&["/status/nodeInfo"], "Node"),
    (&["/spec/podCIDR"], "Node"),
    (&["/spec/attachRequired"], "CSIDriver"),
    (&["/spec/podInfoOnMount"], "CSIDriver"),
    (&["/spec/template", "/status/numberReady"], "DaemonSet"),
    (&["/spec/template", "/status/desiredNumberScheduled"], "DaemonSet"),
    (&["/type", "/data"], "Secret"),
    (&["/type", "/stringData"], "Secret"),
];

/// The kind of an object: said, or the only one that can be meant. `None`: it is no object of Kubernetes.
pub(super) fn kind(tree: &Json) -> Option<String> {
    if !tree.is_object() {
        return None;
    }
    if let Some(kind) = tree["kind"].as_str() {
        // The API server's own log of what was asked is not what was there.
        let audit = tree["apiVersion"].as_str().is_some_and(|it| it.starts_with("audit."));
        let told = tree["apiVersion"].is_string() || tree["metadata"].is_object();
        return (told && !audit).then(|| kind.to_owned());
    }
    if !tree["metadata"].is_object() && !tree["involvedObject"].is_object() {
        return fragment(tree).map(str::to_owned);
    }
    let found =
        TELLING.iter().find(|(fields, _)| fields.iter().all(|it| tree.pointer(it).is_some()));
    let drivers = || tree.pointer("/spec/drivers/0/nodeID").map(|_| "CSINode");
    // Without a kind it answers no question that asks for one.
    found.map(|(_, kind)| *kind).or_else(drivers).map(str::to_owned).or_else(|| applied(tree))
}

/// Of what was applied nothing else is held: it is as large as the object, and may be larger.
#[derive(serde::Deserialize)]
struct Noted {
    kind: String,
}

/// The kind that `kubectl apply` noted in the object.
fn applied(tree: &Json) -> Option<String> {
    let noted = "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration";
    let text = tree.pointer(noted)?.as_str()?;
    serde_json::from_str::<Noted>(text).ok().map(|it| it.kind)
}

/// The kind whose `spec` this is, cut out of the object.
fn fragment(tree: &Json) -> Option<&'static str> {
    let has = |field: &str| !tree[field].is_null();
    if tree["containers"].is_array() && (has("volumes") || has("serviceAccountName")) {
        Some("Pod")
    } else {
        tree.pointer("/drivers/0/nodeID").map(|_| "CSINode")
    }
}

/// The object with its kind, and what was cut out of it put back.
pub(super) fn complete(mut tree: Json) -> Option<Json> {
    let kind = kind(&tree)?;
    if tree["kind"].is_null() && fragment(&tree).is_some() && !tree["metadata"].is_object() {
        tree = json!({"metadata": {}, "spec": tree});
    }
    tree["kind"] = kind.into();
    Some(tree)
}

/// A list that was cut out of an object: a pod's volumes, a node's drivers.
pub(super) fn list(items: &[Json]) -> Option<Json> {
    let all = |test: &dyn Fn(&Json) -> bool| !items.is_empty() && items.iter().all(test);
    let sources = ["csi", "secret", "configMap", "projected", "emptyDir", "hostPath"];
    let any_csi = items.iter().any(|it| it["csi"]["driver"].is_string());
    if any_csi
        && all(&|it| it["name"].is_string() && sources.iter().any(|key| it[*key].is_object()))
    {
        return Some(json!({"kind": "Pod", "metadata": {}, "spec": {"volumes": items}}));
    }
    if all(&|it| it["name"].is_string() && it["nodeID"].is_string()) {
        return Some(json!({"kind": "CSINode", "metadata": {}, "spec": {"drivers": items}}));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_without_its_kind_is_known_by_what_only_it_has() {
        for (tree, kind) in [
            (json!({"metadata": {"name": "a"}, "spec": {"containers": []}}), Some("Pod")),
            (
                json!({"metadata": {"name": "a", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{\"kind\":\"Widget\"}"}}, "spec": {}}),
                Some("Widget"),
            ),
            (json!({"metadata": {"name": "a"}, "status": {"nodeInfo": {}}}), Some("Node")),
            (
                json!({"metadata": {"name": "a"}, "spec": {"drivers": [{"nodeID": "n"}]}}),
                Some("CSINode"),
            ),
            (
                json!({"metadata": {"name": "a"}, "data": {"a": "b"}, "type": "Opaque"}),
                Some("Secret"),
            ),
            (json!({"containers": [], "volumes": []}), Some("Pod")),
            (json!({"metadata": {"name": "a"}, "data": {}}), None),
            (json!({"error": {"code": "Forbidden"}}), None),
            (json!({"kind": "x"}), None),
            (json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1"}), None),
            (json!([1]), None),
        ] {
            let found = complete(tree.clone());
            assert_eq!(found.as_ref().and_then(|it| it["kind"].as_str()), kind, "{tree}");
        }
    }

    #[test]
    fn a_list_that_was_cut_out_is_put_back() {
        let volumes = json!([{"name": "a", "csi": {"driver": "d"}}, {"name": "b", "emptyDir": {}}]);
        let pod = list(volumes.as_array().unwrap()).unwrap();
        assert_eq!((pod["kind"].as_str(), &pod["spec"]["volumes"]), (Some("Pod"), &volumes));
        assert!(list(&[json!({"name": "a"})]).is_none());
    }
}
