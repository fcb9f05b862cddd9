//! Objects as JSON or YAML: pieces of evidence, without what must not become evidence.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::events::EventRow;
use super::{Found, azure, rows, shape};
use crate::budget::{Bounded, Budget};
use crate::evidence::redact::redact_tree;
use crate::evidence::{Body, Document, Gap, Given, GivenKind};
use crate::text::{Moment, parse_rfc3339};

/// Whether a line begins objects in YAML.
pub(super) fn begins(line: &str) -> bool {
    line.starts_with("apiVersion:")
        || line.starts_with("kind: ")
        || line.starts_with("- apiVersion:")
        || line.trim_end() == "---"
}

/// Whether a line can belong to the YAML begun above.
pub(super) fn goes_on(line: &str) -> bool {
    line.is_empty()
        || line.starts_with([' ', '\t', '#'])
        || line.starts_with("- ")
        || line.trim_end() == "---"
        || line.split_once(':').is_some_and(|(key, rest)| {
            !key.is_empty()
                && key.chars().all(|it| it.is_ascii_alphanumeric() || "._-/".contains(it))
                && (rest.is_empty() || rest.starts_with(' '))
                && key.starts_with(|it: char| it.is_ascii_lowercase())
        })
}

/// Every JSON value in a text that stands behind the other; none if one is broken.
pub(super) fn json(text: &str, budget: &Budget) -> Vec<Bounded> {
    let mut from = serde_json::Deserializer::from_str(text);
    let (mut all, before) = (Vec::new(), budget.room());
    loop {
        if from.end().is_ok() {
            return all;
        }
        match budget.read(&mut from) {
            Ok(bounded) => all.push(bounded),
            Err(_) => {
                budget.reset(before);
                return Vec::new();
            }
        }
    }
}

/// Takes apart lists, and turns events, objects, resources and rows of logs into pieces.
pub(super) fn take(tree: Json, line: u64, found: &mut Found<'_>) {
    match tree {
        Json::Array(items) => match shape::list(&items) {
            Some(cut_out) => {
                let piece = object(cut_out, line, found);
                found.add(piece);
            }
            None => items.into_iter().for_each(|item| one(item, line, found)),
        },
        Json::Object(mut list) if is_list(&list) => {
            let kind = list.get("kind").and_then(Json::as_str).unwrap_or_default();
            let of = kind.strip_suffix("List").unwrap_or_default().to_owned();
            let key = if list.contains_key("items") { "items" } else { "value" };
            let Some(Json::Array(mut items)) = list.remove(key) else { return };
            for item in items.iter_mut().filter_map(Json::as_object_mut).filter(|_| !of.is_empty())
            {
                item.entry("kind").or_insert_with(|| of.clone().into());
            }
            items.into_iter().for_each(|item| one(item, line, found));
        }
        Json::Object(answer) => match loki(&answer) {
            Some(rows) => {
                for row in rows {
                    found.texts.of(row.names, &row.text, line);
                }
            }
            None => one(Json::Object(answer), line, found),
        },
        _ => {}
    }
}

/// A list of Kubernetes, or a page of Azure's.
fn is_list(tree: &Map<String, Json>) -> bool {
    let told = kind_is_told(tree) || !tree.contains_key("kind");
    told && tree.get("items").is_some_and(Json::is_array)
        || !tree.contains_key("kind")
            && tree
                .get("value")
                .and_then(Json::as_array)
                .is_some_and(|it| it.iter().any(azure::is_resource))
}

fn kind_is_told(tree: &Map<String, Json>) -> bool {
    tree.get("kind").and_then(Json::as_str).is_some_and(|it| it.ends_with("List"))
}

/// The streams that Loki answers a query with.
fn loki(answer: &Map<String, Json>) -> Option<Vec<rows::Row>> {
    let streams = answer.get("data")?.get("result")?.as_array()?;
    let mut all = Vec::new();
    for stream in streams {
        let values = stream.get("values")?.as_array()?;
        // The newest comes first, unless it was asked otherwise.
        for value in values.iter().rev() {
            let mut row = Map::new();
            row.insert("stream".to_owned(), stream.get("stream")?.clone());
            row.insert("line".to_owned(), value.get(1)?.clone());
            all.extend(rows::of_json(&row));
        }
    }
    Some(all)
}

/// Whether there is anything in it that [`take`] takes.
pub(super) fn is_taken(tree: &Json) -> bool {
    match tree {
        Json::Array(items) => shape::list(items).is_some() || items.iter().any(is_one),
        Json::Object(list) if is_list(list) => {
            let items = list.get("items").or_else(|| list.get("value")).and_then(Json::as_array);
            kind_is_told(list) || items.is_some_and(|it| it.iter().any(is_one))
        }
        Json::Object(answer) => loki(answer).is_some() || is_one(tree),
        _ => false,
    }
}

fn is_one(item: &Json) -> bool {
    let is_row =
        |row: &Map<String, Json>| rows::event(row).is_some() || rows::of_json(row).is_some();
    azure::is_resource(item) || shape::kind(item).is_some() || item.as_object().is_some_and(is_row)
}

/// The kind that the beginning of a broken object tells.
pub(super) fn kind_in(text: &str) -> Option<String> {
    let head = text.get(..text.floor_char_boundary(64 * 1024)).unwrap_or_default();
    let json = head.split_once("\"kind\":").map(|(_, rest)| rest);
    let yaml = || head.lines().find_map(|it| it.trim_start_matches("- ").strip_prefix("kind:"));
    let rest = json.or_else(yaml)?.trim_start().trim_start_matches('"');
    let kind: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    let kind = kind.strip_suffix("List").unwrap_or(&kind);
    (!kind.is_empty()).then(|| kind.to_owned())
}

/// Whether a text that is no JSON begins as an object does.
pub(super) fn looks_like_json(text: &str) -> bool {
    let head = text.get(..text.floor_char_boundary(400)).unwrap_or_default();
    ["\"apiVersion\":", "\"metadata\":", "\"id\": \"/subscriptions/"]
        .iter()
        .any(|it| head.contains(it))
}

/// One object, event, resource or row.
fn one(item: Json, line: u64, found: &mut Found<'_>) {
    if azure::is_resource(&item) {
        let piece = azure::piece(item, &found.origin, line);
        return found.add(piece);
    }
    match item {
        Json::Object(ref own) if shape::kind(&item).is_none() => row(own, line, found),
        item => match shape::complete(item) {
            Some(item) if item["kind"] == "Event" => {
                let (row, names) = event(&item);
                found.events.add(&row, &names);
            }
            Some(item) => {
                let piece = object(item, line, found);
                found.add(piece);
            }
            None => {}
        },
    }
}

/// A row of a log store.
pub(super) fn row(row: &Map<String, Json>, line: u64, found: &mut Found<'_>) {
    if let Some((mut event, names)) = rows::event(row) {
        event.line = line;
        found.events.add(&event, &names);
    } else if let Some(row) = rows::of_json(row) {
        found.texts.of(row.names, &row.text, line);
    }
}

/// An object of which a table tells a row.
pub(super) fn listed(tree: Json, line: u64, found: &mut Found<'_>) {
    let mut piece = object(tree, line, found);
    piece.names.insert("in".to_owned(), "table".to_owned());
    found.add(piece);
}

fn object(mut tree: Json, line: u64, found: &Found<'_>) -> Given {
    let origin = &found.origin;
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
    // What has a status ends with it.
    let kept = ["Pod", "Node", "DaemonSet"].contains(&text("/kind").as_str());
    let whole = names.contains_key("uid")
        && !text("/metadata/resourceVersion").is_empty()
        && !(found.may_be_cut && kept && tree["status"].is_null());
    let name = format!(
        "{}/{}",
        crate::text::secret::redact(&text("/kind")).to_lowercase(),
        text("/metadata/name")
    );
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
        origin: origin.clone(),
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
        namespace: String::new(),
        message: if message.is_empty() { text(tree, "note") } else { message },
        first: time(&["firstTimestamp", "deprecatedFirstTimestamp", "eventTime"]),
        last: time(&["lastTimestamp", "deprecatedLastTimestamp"])
            .or_else(|| {
                tree["series"]["lastObservedTime"].as_str().and_then(parse_rfc3339).map(Moment::At)
            })
            .or_else(|| time(&["eventTime"])),
        count: tree["count"].as_u64().or_else(|| tree["series"]["count"].as_u64()).unwrap_or(1),
        ..EventRow::default()
    };
    (row, names)
}
