//! The descriptions of a node, and of the CSI drivers that are registered on it.

use serde_json::{Value as Json, json};

use super::Description;

pub(super) fn read(description: &Description) -> Json {
    let mut info = json!({});
    for (label, field) in [
        ("Kubelet Version", "kubeletVersion"),
        ("Operating System", "operatingSystem"),
        ("OS Image", "osImage"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
    ] {
        if let Some(line) = description.section("System Info").find(|it| it.key == label) {
            info[field] = line.value.as_str().into();
        }
    }
    let mut spec = json!({});
    if let Some(id) = description.top("ProviderID") {
        spec["providerID"] = id.into();
    }
    if description.has("Taints") {
        spec["taints"] = taints(description);
    }
    json!({"apiVersion": "v1", "kind": "Node", "metadata": description.metadata(), "spec": spec, "status": {"nodeInfo": info}})
}

/// `key=value:Effect`, or `key:Effect`.
fn taints(description: &Description) -> Json {
    description
        .section("Taints")
        .enumerate()
        .filter_map(|(at, line)| {
            let whole = match (at, line.key.is_empty()) {
                (0, _) | (_, true) => line.value.clone(),
                (_, false) => format!("{}:{}", line.key, line.value),
            };
            let (taint, effect) = whole.rsplit_once(':')?;
            let (key, value) = taint.split_once('=').unwrap_or((taint, ""));
            Some(json!({"key": key, "value": value, "effect": effect}))
        })
        .collect()
}

/// The drivers of a `CSINode`; `None`: it is no description of one.
pub(super) fn drivers(description: &Description) -> Option<Json> {
    let mut drivers: Vec<Json> = Vec::new();
    let mut lines = description.section("Spec").skip(1);
    lines.next().filter(|it| it.indent == 2 && it.key == "Drivers")?;
    for line in lines {
        if line.indent == 4 && line.value.is_empty() {
            drivers.push(json!({ "name": line.key }));
        } else if line.key == "Node ID"
            && let Some(driver) = drivers.last_mut()
        {
            driver["nodeID"] = line.value.as_str().into();
        }
    }
    drivers.iter().any(|it| it["nodeID"].is_string()).then(|| drivers.into())
}

pub(super) fn csi(description: &Description) -> Json {
    let drivers = drivers(description).unwrap_or_default();
    json!({"apiVersion": "storage.k8s.io/v1", "kind": "CSINode", "metadata": description.metadata(), "spec": {"drivers": drivers}})
}
