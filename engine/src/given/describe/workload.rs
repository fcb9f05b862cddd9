//! The descriptions of a `DaemonSet` and a `ServiceAccount`.

use serde_json::{Value as Json, json};

use super::Description;

pub(super) fn daemon_set(description: &Description) -> Json {
    let mut status = json!({});
    for (label, field) in [
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ] {
        if let Some(number) = description.top(label).and_then(|it| it.parse::<u64>().ok()) {
            status[field] = number.into();
        }
    }
    let mut spec = json!({});
    let selector = pairs(description.top("Selector"));
    if selector.as_object().is_some_and(|it| !it.is_empty()) {
        spec["selector"] = json!({ "matchLabels": selector });
    }
    if description.has("Node-Selector") {
        spec["template"] =
            json!({"spec": {"nodeSelector": pairs(description.top("Node-Selector"))}});
    }
    json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": description.metadata(), "spec": spec, "status": status})
}

/// `a=b,c=d`
fn pairs(text: Option<&str>) -> Json {
    let pairs = text.unwrap_or_default().split(',').filter_map(|it| it.trim().split_once('='));
    Json::Object(pairs.map(|(name, value)| (name.to_owned(), value.into())).collect())
}

pub(super) fn service_account(description: &Description) -> Json {
    json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": description.metadata()})
}
