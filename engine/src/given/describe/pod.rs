//! A pod's description.

use serde_json::{Map, Value as Json, json};

use super::{Description, Line};
use crate::text::parse_rfc3339;

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
    if description.has("Node-Selectors") {
        spec["nodeSelector"] = Json::Object(description.pairs("Node-Selectors", "="));
    }
    if description.has("Tolerations") {
        spec["tolerations"] = description.section("Tolerations").filter_map(toleration).collect();
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
    if let Some(ip) = description.top("IP") {
        status["podIP"] = ip.into();
    }
    let mut metadata = description.metadata();
    if let Some((kind, name)) = description.top("Controlled By").and_then(|it| it.split_once('/')) {
        metadata["ownerReferences"] = json!([{"kind": kind, "name": name}]);
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status})
}

fn containers(description: &Description, section: &str) -> Vec<Json> {
    let parts = description.parts(section);
    parts.into_iter().map(|(name, lines)| container(name, &lines)).collect()
}

/// What each container is to be.
fn specs(description: &Description, section: &str) -> Vec<Json> {
    description.parts(section).iter().map(|(name, lines)| wanted(name, lines)).collect()
}

/// What a container is to be: its image, its mounts, and which of its variables come from a Secret.
fn wanted(name: &str, lines: &[&Line]) -> Json {
    let mut container = json!({ "name": name });
    let (mut mounts, mut variables) = (Vec::new(), Vec::new());
    let mut part = "";
    for line in lines {
        let Line { indent, key, value, gap: _ } = line;
        if *indent <= 4 {
            part = key;
        }
        match part {
            "Image" if *indent <= 4 => container["image"] = value.as_str().into(),
            // `/mnt/secrets from secrets (ro)`
            "Mounts" => {
                if let Some((path, rest)) = value.split_once(" from ") {
                    let mut words = rest.split_whitespace();
                    let volume = words.next().unwrap_or_default();
                    let only = words.next().is_some_and(|it| it.contains("ro"));
                    mounts.push(json!({"mountPath": path, "name": volume, "readOnly": only}));
                }
            }
            // `PASSWORD:  <set to the key 'password' in secret 'db'>  Optional: false`
            "Environment" => {
                if let Some((key_of, rest)) = between(value, "<set to the key '")
                    && let Some((secret, _)) = between(rest, " in secret '")
                {
                    let of = json!({"secretKeyRef": {"name": secret, "key": key_of}});
                    variables.push(json!({"name": key, "valueFrom": of}));
                }
            }
            _ => {}
        }
    }
    for (field, list) in [("volumeMounts", mounts), ("env", variables)] {
        if !list.is_empty() {
            container[field] = list.into();
        }
    }
    container
}

/// What stands in quotes behind these words, and what follows.
fn between<'t>(text: &'t str, words: &str) -> Option<(&'t str, &'t str)> {
    text.split_once(words)?.1.split_once('\'')
}

/// `key=value:Effect op=Exists for 300s`, as far as it tells.
fn toleration(line: &Line) -> Option<Json> {
    let own = format!("{}:{}", line.key, line.value);
    let whole = if line.key.is_empty() || line.key == "Tolerations" { &line.value } else { &own };
    let mut words = whole.split_whitespace();
    let first = words.next().filter(|it| !it.starts_with('<'))?;
    let (taint, effect) = match first.rsplit_once(':') {
        Some((taint, effect)) => (taint, effect.trim()),
        None => (first, ""),
    };
    let (key, value) = taint.split_once('=').unwrap_or((taint, ""));
    let operator = words.find_map(|it| it.strip_prefix("op="));
    let operator = operator.unwrap_or(if value.is_empty() { "Exists" } else { "Equal" });
    let mut toleration = json!({"key": key, "operator": operator});
    for (field, text) in [("value", value), ("effect", effect)] {
        if !text.is_empty() {
            toleration[field] = text.into();
        }
    }
    Some(toleration)
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
    for Line { indent, key, value, gap: _ } in lines {
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
            "Reason" | "Message" | "Exit Code" | "Started" | "Finished" if *indent >= 6 => {
                if let Some((slot, part)) = &state {
                    let (field, value) = match key.as_str() {
                        "Reason" => ("reason", value.as_str().into()),
                        "Message" => ("message", value.as_str().into()),
                        "Started" => ("startedAt", moment(value).into()),
                        "Finished" => ("finishedAt", moment(value).into()),
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
    if let Some(claim) = text("ClaimName") {
        volume["persistentVolumeClaim"] =
            json!({"claimName": claim, "readOnly": text("ReadOnly") == Some("true")});
    }
    if text("Type").is_some_and(|it| it.starts_with("ConfigMap"))
        && let Some(name) = text("Name")
    {
        volume["configMap"] = json!({ "name": name });
    }
    if let Some(secret) = text("SecretName") {
        volume["secret"] = json!({ "secretName": secret });
    }
    volume
}

/// `Thu, 26 Nov 2026 09:00:30 +0000` as objects write it, with its offset; null: it is none.
fn moment(text: &str) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, text) = text.split_once(", ")?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let [day, month, year, clock, offset] = words[..] else { return None };
    let month = MONTHS.iter().position(|it| *it == month)? + 1;
    let (hours, minutes) = offset.split_at_checked(3)?;
    let written = format!("{year}-{month:02}-{day:0>2}T{clock}{hours}:{minutes}");
    parse_rfc3339(&written).map(|_| written)
}
