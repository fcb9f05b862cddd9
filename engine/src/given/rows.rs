//! Rows of log stores: Docker's json-file, journald, Azure Monitor, Loki, stern - as JSON or CSV.

use serde_json::{Map, Value as Json};

use super::events::EventRow;
use super::peel::{names, of_pod};
use super::texts::Names;
use crate::budget::Budget;
use crate::text::{Moment, is_header, parse_rfc3339};

/// Columns that hold what was logged. The last ones are names that others use, too.
const MESSAGE: &[&str] =
    &["logmessage", "logentry", "syslogmessage", "log", "line", "message", "textpayload"];
/// How many of them only a log store uses.
const SURE: usize = 3;
const TIME: &[&str] = &["timegenerated", "timestamp", "time", "ts", "date"];
const POD: &[&str] = &["podname", "pod_name", "pod"];
const CONTAINER: &[&str] = &["containername", "container_name", "container"];
const NAMESPACE: &[&str] = &["podnamespace", "namespace_name", "namespace"];
/// Where the labels of a row may stand.
const LABELS: &[&str] = &["kubernetes", "labels", "fields", "stream", "metric"];

/// One logged line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Row {
    /// Whose it is.
    pub(super) names: Names,
    /// Its text, with its time as a container runtime would put it.
    pub(super) text: String,
}

/// Whether a line of JSON is worth a closer look.
pub(super) fn may_be_row(line: &str) -> bool {
    let holds = |key: &str| line.contains(&format!("\"{key}\""));
    ["LogMessage", "LogEntry", "SyslogMessage", "log", "line", "MESSAGE", "message", "textPayload"]
        .iter()
        .any(|it| holds(it))
}

/// Whether a line is a row of JSON.
pub(super) fn is_row(line: &str) -> bool {
    let text = line.trim();
    text.starts_with("{\"")
        && may_be_row(text)
        && matches!(Budget::line(text), Some(Json::Object(row)) if of_json(&row).is_some())
}

/// A row of JSON, if it is one.
pub(super) fn of_json(row: &Map<String, Json>) -> Option<Row> {
    if let Some(Json::String(text)) = row.get("MESSAGE") {
        let word = |key: &str| row.get(key).and_then(Json::as_str);
        let unit = word("_SYSTEMD_UNIT").or_else(|| word("SYSLOG_IDENTIFIER"))?;
        let names = names(&[("unit", unit.trim_end_matches(".service"))]);
        return Some(Row { names, text: text.clone() });
    }
    if row.contains_key("level") && row.contains_key("caller") || row.contains_key("ts") {
        return None;
    }
    // Collectors add whose it is to a row of Docker's.
    let labels: Vec<&Map<String, Json>> = row
        .iter()
        .filter(|(key, _)| LABELS.contains(&key.as_str()))
        .filter_map(|(_, value)| value.as_object())
        .collect();
    let cell = |keys: &[&str]| -> Option<&Json> {
        keys.iter().find_map(|wanted| {
            std::iter::once(row).chain(labels.iter().copied()).find_map(|part| {
                part.iter()
                    .find(|(key, _)| key.eq_ignore_ascii_case(wanted))
                    .map(|(_, value)| value)
            })
        })
    };
    let word = |keys: &[&str]| cell(keys).and_then(Json::as_str).unwrap_or_default();
    let (pod, container) = (word(POD), word(CONTAINER));
    if let (Some(Json::String(log)), Some(Json::String(stream)), Some(Json::String(time))) =
        (row.get("log"), row.get("stream"), row.get("time"))
    {
        let (text, mark) = log.strip_suffix('\n').map_or((log.as_str(), 'P'), |it| (it, 'F'));
        return Some(Row {
            names: of_pod(word(NAMESPACE), pod, container),
            text: format!("{time} {stream} {mark} {text}"),
        });
    }
    let sure = cell(MESSAGE.get(..SURE).unwrap_or_default()).is_some();
    if !sure && pod.is_empty() && container.is_empty() {
        return None;
    }
    let text = match cell(MESSAGE)? {
        // A record of its own is no row of a store, whatever it says of pods.
        Json::String(text) if !sure && row.contains_key("level") && !is_header(text) => {
            return None;
        }
        Json::String(text) => text.clone(),
        // Azure Monitor takes JSON records apart.
        tree @ Json::Object(_) => tree.to_string(),
        _ => return None,
    };
    let text = timed(word(TIME), &text);
    Some(Row { names: of_pod(word(NAMESPACE), pod, container), text })
}

/// A text with its time before it, where the time is one.
fn timed(time: &str, text: &str) -> String {
    let text = text.trim_end_matches('\n');
    match parse_rfc3339(time) {
        Some(_) if (20..=40).contains(&time.len()) && !time.contains(' ') => {
            format!("{time} stdout F {text}")
        }
        _ => text.to_owned(),
    }
}

/// An event as Azure Monitor keeps it (the table `KubeEvents`), and the names of its object.
pub(super) fn event(row: &Map<String, Json>) -> Option<(EventRow, Names)> {
    let word = |key: &str| row.get(key).and_then(Json::as_str).unwrap_or_default();
    let (kind, reason, message) = (word("ObjectKind"), word("Reason"), word("Message"));
    if reason.is_empty() || message.is_empty() {
        return own_event(row);
    }
    if kind.is_empty() {
        return None;
    }
    let time = |key: &str| parse_rfc3339(word(key)).map(Moment::At);
    let count = row.get("Count").and_then(|it| match it {
        Json::Number(number) => number.as_f64(),
        other => other.as_str()?.parse().ok(),
    });
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
    let row = EventRow {
        kind: word("KubeEventType").to_owned(),
        reason: reason.to_owned(),
        from: word("SourceComponent").to_owned(),
        message: message.to_owned(),
        first: time("FirstSeen"),
        last: time("LastSeen").or_else(|| time("TimeGenerated")),
        count: count.map_or(1, |it| it.clamp(1.0, 1e9) as u64),
        ..EventRow::default()
    };
    Some((row, names(&[("kind", kind), ("namespace", word("Namespace")), ("name", word("Name"))])))
}

/// An event in columns of one's own, such as an export to CSV: `time,type,reason,object,message`.
fn own_event(row: &Map<String, Json>) -> Option<(EventRow, Names)> {
    let cell = |wanted: &[&str]| -> &str {
        row.iter()
            .find(|(key, _)| wanted.iter().any(|it| key.eq_ignore_ascii_case(it)))
            .and_then(|(_, value)| value.as_str())
            .unwrap_or_default()
            .trim()
    };
    let (reason, message) = (cell(&["reason"]), cell(&["message", "note"]));
    let object =
        cell(&["object", "involvedObject", "pod", "podName", "name", "involvedObject.name"]);
    if reason.is_empty() || reason.contains(' ') || message.is_empty() || object.is_empty() {
        return None;
    }
    let (kind, name) = object.split_once('/').unwrap_or(("", object));
    let kind = if kind.is_empty() { cell(&["kind", "involvedObject.kind"]) } else { kind };
    let kind = if kind.is_empty() || kind.eq_ignore_ascii_case("pod") { "Pod" } else { kind };
    let time = |wanted: &[&str]| parse_rfc3339(cell(wanted)).map(Moment::At);
    let last = time(&["lastTimestamp", "lastSeen", "last", "time", "timestamp", "eventTime"]);
    let row = EventRow {
        kind: cell(&["type"]).to_owned(),
        reason: reason.to_owned(),
        from: cell(&["component", "source", "source.component"]).to_owned(),
        message: message.to_owned(),
        first: time(&["firstTimestamp", "firstSeen", "first"]).or(last),
        last,
        count: cell(&["count"]).parse().unwrap_or(1),
        ..EventRow::default()
    };
    let namespace = cell(&["namespace", "ns", "involvedObject.namespace"]);
    Some((row, names(&[("kind", kind), ("namespace", namespace), ("name", name)])))
}
