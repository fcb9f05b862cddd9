//! Objects as JSON or YAML: pieces of evidence, without what must not become evidence.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::events::{EventRow, Events};
use crate::evidence::redact::redact_tree;
use crate::evidence::{Body, Document, Gap, Given, GivenKind};
use crate::text::{Moment, parse_rfc3339};

/// Whether a line begins objects in YAML.
pub(super) fn begins(line: &str) -> bool {
    line.starts_with("apiVersion:") || line.starts_with("kind: ") || line.trim_end() == "---"
}

/// Whether a line can belong to the YAML begun above.
pub(super) fn goes_on(line: &str) -> bool {
    line.is_empty()
        || line.starts_with([' ', '#'])
        || line.starts_with("- ")
        || line.trim_end() == "---"
        || line.split_once(':').is_some_and(|(key, rest)| {
            !key.is_empty()
                && key.chars().all(|it| it.is_ascii_alphanumeric() || "._-/".contains(it))
                && (rest.is_empty() || rest.starts_with(' '))
                && key.starts_with(|it: char| it.is_ascii_lowercase())
        })
}

/// Every JSON value in a text that stands behind the other; empty if one is broken.
pub(super) fn json(text: &str) -> Vec<Json> {
    let mut all = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Json>() {
        match value {
            Ok(value) => all.push(value),
            Err(_) => return Vec::new(),
        }
    }
    if all.iter().all(|it| it.is_object() || it.is_array()) { all } else { Vec::new() }
}

/// Every YAML document of a text; broken ones, and those with aliases, are left out.
pub(super) fn yaml(text: &str) -> Vec<Json> {
    let mut all = Vec::new();
    for part in text.split("\n---") {
        // Aliases can unfold to any size; no tool writes them into an object.
        let bomb = part.lines().any(|line| {
            let value = line
                .split_once(": ")
                .map_or(line, |(_, value)| value)
                .trim_start_matches(['-', ' ']);
            value.starts_with('*') && !value.starts_with("**")
        });
        let part = part.trim_start_matches("---");
        if bomb || part.trim().is_empty() {
            continue;
        }
        if let Ok(tree @ Json::Object(_)) = serde_yaml::from_str::<Json>(part) {
            all.push(tree);
        }
    }
    all
}

/// Takes apart lists, and turns events and objects into pieces.
pub(super) fn take(
    tree: Json,
    origin: &str,
    line: u64,
    events: &mut Events<'_>,
    pieces: &mut Vec<Given>,
) {
    let kind = tree["kind"].as_str().unwrap_or_default().to_owned();
    let items = match tree {
        Json::Array(items) => items,
        Json::Object(mut object) if kind.ends_with("List") => {
            let of = kind.trim_end_matches("List").to_owned();
            let Some(Json::Array(mut items)) = object.remove("items") else { return };
            for item in items.iter_mut().filter_map(Json::as_object_mut) {
                if !of.is_empty() {
                    item.entry("kind").or_insert_with(|| of.clone().into());
                }
            }
            items
        }
        other => vec![other],
    };
    for item in items {
        if item["kind"] == "Event" {
            let (row, names) = event(&item);
            events.add(&row, &names);
        } else if item.is_object() {
            pieces.push(object(item, origin, line));
        }
    }
}

fn object(mut tree: Json, origin: &str, line: u64) -> Given {
    let text =
        |pointer: &str| tree.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned();
    let mut names = BTreeMap::new();
    for (name, value) in [
        ("kind", text("/kind")),
        ("namespace", text("/metadata/namespace")),
        ("name", text("/metadata/name")),
        ("uid", text("/metadata/uid")),
    ] {
        if !value.is_empty() {
            names.insert(name.to_owned(), value);
        }
    }
    let whole = names.contains_key("uid") && !text("/metadata/resourceVersion").is_empty();
    let name = format!("{}/{}", text("/kind").to_lowercase(), text("/metadata/name"));
    if let Some(metadata) = tree.get_mut("metadata").and_then(Json::as_object_mut) {
        metadata.remove("managedFields");
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Json::as_object_mut) {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        }
    }
    redact_tree(&mut tree);
    Given {
        kind: GivenKind::Object,
        names,
        answer: Ok(Document {
            body: Body::Tree(tree),
            partial: (!whole).then_some(Gap::HandedOver),
            origin: format!("{name} ({origin})"),
        }),
        origin: origin.to_owned(),
        line,
    }
}

/// An event of either API (core/v1 and events.k8s.io/v1), and the names of its object.
pub(super) fn event(tree: &Json) -> (EventRow, BTreeMap<String, String>) {
    let text = |json: &Json, key: &str| json[key].as_str().unwrap_or_default().to_owned();
    let about = if tree["involvedObject"].is_object() {
        &tree["involvedObject"]
    } else {
        &tree["regarding"]
    };
    let mut names = BTreeMap::new();
    for key in ["kind", "namespace", "name", "uid"] {
        let value = text(about, key);
        if !value.is_empty() {
            names.insert(key.to_owned(), value);
        }
    }
    let time = |keys: &[&str]| {
        keys.iter().find_map(|key| tree[*key].as_str().and_then(parse_rfc3339)).map(Moment::At)
    };
    let message = text(tree, "message");
    let row = EventRow {
        kind: text(tree, "type"),
        reason: text(tree, "reason"),
        from: if tree["source"]["component"].is_string() {
            text(&tree["source"], "component")
        } else {
            text(tree, "reportingComponent")
        },
        object: String::new(),
        message: if message.is_empty() { text(tree, "note") } else { message },
        first: time(&["firstTimestamp", "deprecatedFirstTimestamp", "eventTime"]),
        last: time(&["lastTimestamp", "deprecatedLastTimestamp"])
            .or_else(|| {
                tree["series"]["lastObservedTime"].as_str().and_then(parse_rfc3339).map(Moment::At)
            })
            .or_else(|| time(&["eventTime"])),
        count: tree["count"].as_u64().or_else(|| tree["series"]["count"].as_u64()).unwrap_or(1),
        line: 0,
        cut: false,
    };
    (row, names)
}
