//! What an event is, as an API server writes it.

use serde_json::Value as Json;

use crate::text::parse_rfc3339;

/// Whether it tells what happened, and when, and perhaps to whom, each as an API server writes it.
pub(super) fn is_event(item: &Json) -> bool {
    let is_text = |it: &Json| it.as_str().is_some_and(|it| !it.is_empty());
    let about = [&item["involvedObject"], &item["regarding"]];
    let says = ["message", "note"].iter().any(|it| is_text(&item[it])) || item["type"] == "Normal";
    let times = [
        &item["lastTimestamp"],
        &item["firstTimestamp"],
        &item["deprecatedLastTimestamp"],
        &item["deprecatedFirstTimestamp"],
        &item["eventTime"],
        &item["series"]["lastObservedTime"],
    ];
    let mut told = times.iter().filter(|it| !it.is_null()).peekable();
    let when = told.peek().is_some()
        && told.all(|it| it.as_str().is_some_and(|it| parse_rfc3339(it).is_some()));
    let counts = [&item["count"], &item["series"]["count"]];
    says && when
        && is_text(&item["reason"])
        && is_text(&item["type"])
        && about.iter().all(|it| it.is_null() || is_text(&it["kind"]) && is_text(&it["name"]))
        && counts.iter().all(|it| it.is_null() || it.is_u64())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_says_what_happened_and_when() {
        let core = json!({
            "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web-0", "uid": "u"},
            "type": "Warning", "reason": "FailedMount", "message": "m", "count": 2,
            "firstTimestamp": "2026-11-23T22:05:51Z", "lastTimestamp": "2026-11-23T22:05:51Z",
            "eventTime": null,
        });
        let newer = json!({
            "regarding": {"kind": "Pod", "namespace": "shop", "name": "web-0", "uid": "u"},
            "type": "Warning", "reason": "FailedMount", "note": "m",
            "eventTime": "2026-11-23T22:05:51.000001Z", "deprecatedLastTimestamp": null,
            "series": {"count": 3, "lastObservedTime": "2026-11-23T22:06:51.000001Z"},
        });
        assert!(is_event(&core) && is_event(&newer));
        for (key, value) in [
            ("involvedObject", json!({"kind": 5, "name": "web-0"})),
            ("type", Json::Null),
            ("type", json!(5)),
            ("reason", json!(5)),
            ("message", Json::Null),
            ("message", json!(["m"])),
            ("message", json!({"a": "m"})),
            ("count", json!("x")),
            ("lastTimestamp", json!("yesterday")),
            ("lastTimestamp", json!(5)),
        ] {
            let mut spoilt = core.clone();
            spoilt[key] = value;
            assert!(!is_event(&spoilt), "{spoilt}");
        }
        let mut timeless = core.clone();
        timeless["lastTimestamp"] = Json::Null;
        timeless["firstTimestamp"] = Json::Null;
        assert!(!is_event(&timeless));
        assert!(!is_event(&json!({"event": core})) && !is_event(&json!({})));
    }
}
