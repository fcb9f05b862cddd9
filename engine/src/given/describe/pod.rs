//! A pod's description.

use serde_json::{Map, Value as Json, json};

use super::{Description, Line};

pub(super) fn read(description: &Description) -> Json {
    let mut spec =
        json!({ "volumes": volumes(description), "containers": specs(description, "Containers") });
    if description.has("Init Containers") {
        spec["initContainers"] = specs(description, "Init Containers").into();
    }
    if let Some(node) = description.top("Node").and_then(|it| it.split('/').next()) {
        spec["nodeName"] = node.into();
    }
    if let Some(account) = description.top("Service Account") {
        spec["serviceAccountName"] = account.into();
    }
    let mut status = json!({ "containerStatuses": containers(description, "Containers") });
    if description.has("Init Containers") {
        status["initContainerStatuses"] = containers(description, "Init Containers").into();
    }
    if description.has("Conditions") {
        status["conditions"] = conditions(description);
    }
    if let Some(phase) = description.top("Status") {
        status["phase"] = phase.into();
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": description.metadata(), "spec": spec, "status": status})
}

fn containers(description: &Description, section: &str) -> Vec<Json> {
    let parts = description.parts(section);
    parts.into_iter().map(|(name, lines)| container(name, &lines)).collect()
}

/// Name and image of each container.
fn specs(description: &Description, section: &str) -> Vec<Json> {
    let parts = description.parts(section).into_iter();
    parts
        .map(|(name, lines)| {
            let mut spec = json!({ "name": name });
            if let Some(image) = lines.iter().find(|it| it.key == "Image") {
                spec["image"] = image.value.as_str().into();
            }
            spec
        })
        .collect()
}

/// The rows of the table, below its head: type and status.
fn conditions(description: &Description) -> Json {
    description
        .section("Conditions")
        .skip(1)
        .filter_map(|line| {
            let (kind, status) = line.value.split_once(char::is_whitespace)?;
            let status = status.trim();
            matches!(status, "True" | "False" | "Unknown")
                .then(|| json!({ "type": kind, "status": status }))
        })
        .collect()
}

fn volumes(description: &Description) -> Vec<Json> {
    let parts = description.parts("Volumes");
    parts.into_iter().map(|(name, lines)| volume(name, &lines)).collect()
}

fn container(name: &str, lines: &[&Line]) -> Json {
    let mut status = json!({ "name": name });
    let mut state: Option<(&str, String)> = None;
    for Line { indent, key, value } in lines {
        match key.as_str() {
            "State" => {
                let part = value.to_lowercase();
                status["state"] = json!({ part.clone(): {} });
                state = Some(("state", part));
            }
            "Last State" => {
                let part = value.to_lowercase();
                status["lastState"] = json!({ part.clone(): {} });
                state = Some(("lastState", part));
            }
            "Ready" => status["ready"] = (value == "True").into(),
            "Restart Count" => status["restartCount"] = value.parse::<u64>().unwrap_or(0).into(),
            "Image" => status["image"] = value.as_str().into(),
            "Reason" | "Message" | "Exit Code" if *indent >= 6 => {
                if let Some((slot, part)) = &state {
                    let (field, value) = match key.as_str() {
                        "Reason" => ("reason", value.as_str().into()),
                        "Message" => ("message", value.as_str().into()),
                        _ => ("exitCode", value.parse::<u64>().map_or(Json::Null, Json::from)),
                    };
                    status[*slot][part.as_str()][field] = value;
                }
            }
            _ if *indent <= 4 => state = None,
            _ => {}
        }
    }
    status
}

fn volume(name: &str, lines: &[&Line]) -> Json {
    let text = |wanted: &str| lines.iter().find(|it| it.key == wanted).map(|it| it.value.as_str());
    let mut volume = json!({ "name": name });
    if text("Type").is_some_and(|it| it.starts_with("CSI")) {
        let mut attributes = Map::new();
        let mut inside = false;
        for Line { key, value, .. } in lines {
            inside = key == "VolumeAttributes" || inside && key.is_empty();
            if inside && let Some((name, value)) = value.split_once('=') {
                attributes.insert(name.to_owned(), value.into());
            }
        }
        volume["csi"] = json!({
            "driver": text("Driver").unwrap_or_default(),
            "readOnly": text("ReadOnly") == Some("true"),
            "volumeAttributes": attributes,
        });
    }
    if let Some(secret) = text("SecretName") {
        volume["secret"] = json!({ "secretName": secret });
    }
    volume
}
