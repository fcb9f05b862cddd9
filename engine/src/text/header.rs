//! How a line begins: whose format is it, how grave, when - and what is the message.

use std::fmt::Write;

use serde_json::Value as Json;

use super::format::Format;
use super::moment::of_number;
use super::{Moment, Severity, parse_rfc3339};
use crate::budget::Budget;

/// The beginning of a record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Header {
    pub(super) severity: Option<Severity>,
    pub(super) at: Option<Moment>,
    /// The message, where it is not the line itself (JSON).
    pub(super) message: Option<String>,
}

/// What a line holds besides its message.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Prefix {
    /// Bytes to skip.
    pub(super) length: usize,
    pub(super) at: Option<Moment>,
    /// A container runtime cut the line here: the next one goes on.
    pub(super) goes_on: bool,
}

/// The prefix that kubectl, a container runtime or journald puts before each line.
pub(super) fn prefix(line: &str) -> Prefix {
    let mut found = Prefix::default();
    if line.starts_with("[pod/")
        && let Some(end) = line.find("] ")
    {
        found.length = end + 2;
    }
    let rest = line.get(found.length..).unwrap_or_default();
    if let Some((_, length)) = journal_prefix(rest) {
        found.length += length;
        let first = rest.split(' ').next().unwrap_or_default();
        found.at = journal_time(first).map(Moment::At);
    } else if rest.as_bytes().first().is_some_and(u8::is_ascii_digit)
        && let Some(end) = rest.find(' ').filter(|end| (20..=40).contains(end))
        && let Some(at) = rest.get(..end).and_then(parse_rfc3339)
    {
        found.length += end + 1;
        found.at = Some(Moment::At(at));
        let rest = line.get(found.length..).unwrap_or_default();
        for (mark, goes_on) in
            [("stdout F ", false), ("stderr F ", false), ("stdout P ", true), ("stderr P ", true)]
        {
            if rest.starts_with(mark) {
                found.length += mark.len();
                found.goes_on = goes_on;
            }
        }
    } else if let Some(at) = rest.find("kubelet[").filter(|at| *at < 120)
        && let Some(end) = rest.get(at..).and_then(|it| it.find("]: "))
    {
        found.length += at + end + 3;
    }
    found
}

/// The service that a line of the journal is of, and the bytes before its text: `Nov 23 21:17:46 host
/// kubelet[123]: text`, or with a time like `2026-11-23T21:17:46+0000` (journalctl, `-o short` and
/// `short-iso`).
pub fn journal_prefix(line: &str) -> Option<(&str, usize)> {
    let mut words =
        line.get(..line.floor_char_boundary(200))?.split(' ').filter(|it| !it.is_empty());
    let first = words.next()?;
    let clock = |it: &str| {
        let bytes = it.as_bytes();
        bytes.len() >= 8
            && bytes.first().is_some_and(u8::is_ascii_digit)
            && bytes.get(2) == Some(&b':')
    };
    let dated = if MONTHS.contains(&first) {
        words.next()?.bytes().all(|it| it.is_ascii_digit()) && clock(words.next()?)
    } else {
        journal_time(first).is_some()
    };
    let host = words.next().filter(|it| dated && !it.contains([':', '"', '=']))?;
    let service = words.next()?;
    let name = service.strip_suffix("]:").and_then(|it| it.split_once('['));
    let (unit, process) = match (name, service) {
        (Some(found), _) => found,
        (None, "kernel:") => ("kernel", ""),
        (None, _) => return None,
    };
    if !process.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let at = line.find(&format!(" {host} "))? + host.len() + 2;
    let end = at + line.get(at..)?.find(service)? + service.len();
    let space = usize::from(line.get(end..)?.starts_with(' '));
    Some((unit, end + space))
}

const MONTHS: &[&str] =
    &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A time whose zone may lack its colon: `2026-11-23T21:17:46+0000`.
fn journal_time(word: &str) -> Option<i64> {
    parse_rfc3339(word).or_else(|| {
        let at = word.len().checked_sub(2)?;
        let (head, minutes) = word.split_at_checked(at)?;
        parse_rfc3339(&format!("{head}:{minutes}"))
    })
}

/// The header of a record, if the line has one: of a logging library, or of a format that a system knows.
pub(super) fn header(line: &str, formats: &[Format]) -> Option<Header> {
    klog(line)
        .or_else(|| json(line))
        .or_else(|| logrus(line))
        .or_else(|| formats.iter().find_map(|it| it.header(line)))
}

/// `Lmmdd hh:mm:ss.uuuuuu threadid file:line] msg` (k8s.io/klog, `formatHeader`).
fn klog(line: &str) -> Option<Header> {
    let bytes = line.as_bytes();
    let severity = match bytes.first()? {
        b'I' => Severity::Info,
        b'W' => Severity::Warning,
        b'E' => Severity::Error,
        b'F' => Severity::Fatal,
        _ => return None,
    };
    let digits = |from: usize, to: usize| -> Option<i64> {
        let part = line.get(from..to)?;
        part.bytes().all(|it| it.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let (month, day) = (digits(1, 3)?, digits(3, 5)?);
    let micros = ((digits(6, 8)? * 60 + digits(9, 11)?) * 60 + digits(12, 14)?) * 1_000_000
        + digits(15, 21)?;
    // Not farther than a header reaches: a line may hold what looks like one very often.
    let place = bytes.get(21..bytes.len().min(222))?;
    place.windows(2).any(|it| it == b"] ").then_some(())?;
    Some(Header {
        severity: Some(severity),
        at: Some(Moment::Yearless {
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
            micros,
        }),
        message: None,
    })
}

/// Two dialects: component-base (`ts`, `msg`, `err`) and zap (`level`, `timestamp`, `message`).
fn json(line: &str) -> Option<Header> {
    let trimmed = line.trim_start();
    if !trimmed.starts_with("{\"")
        || !(trimmed.contains("\"msg\"") || trimmed.contains("\"message\""))
    {
        return None;
    }
    let Some(Json::Object(record)) = Budget::line(trimmed) else { return None };
    let text = |key: &str| record.get(key).and_then(Json::as_str);
    let message = text("msg").or_else(|| text("message"))?;
    if !["ts", "timestamp", "level"].iter().any(|it| record.contains_key(*it)) {
        return None;
    }
    let has_error = record.contains_key("err") || record.contains_key("error");
    let severity = match text("level") {
        Some("error") => Severity::Error,
        Some("warn" | "warning") => Severity::Warning,
        Some("fatal" | "panic" | "dpanic") => Severity::Fatal,
        Some(_) => Severity::Info,
        // This dialect has no level: an error is what has `err`, or lacks the verbosity.
        None if has_error || !record.contains_key("v") => Severity::Error,
        None => Severity::Info,
    };
    let at = ["ts", "timestamp", "time"].iter().find_map(|key| match record.get(*key)? {
        Json::Number(since) => of_number(since.as_f64()?),
        Json::String(text) => parse_rfc3339(text),
        _ => None,
    });
    let mut flat = format!("\"{message}\"");
    for (key, value) in &record {
        if matches!(
            key.as_str(),
            "msg" | "message" | "ts" | "timestamp" | "time" | "level" | "caller" | "v"
        ) {
            continue;
        }
        let key = if key == "error" { "err" } else { key };
        let _ = match (
            value,
            value.get("namespace").and_then(Json::as_str),
            value.get("name").and_then(Json::as_str),
        ) {
            (_, Some(namespace), Some(name)) => write!(flat, " {key}=\"{namespace}/{name}\""),
            (Json::String(text), ..) => write!(flat, " {key}=\"{text}\""),
            (other, ..) => write!(flat, " {key}={other}"),
        };
    }
    Some(Header { severity: Some(severity), at: at.map(Moment::At), message: Some(flat) })
}

/// `time="2020-05-07T08:16:29Z" level=error msg="…"` (sirupsen/logrus, text formatter). containerd tells at level `info` what a request of the
/// kubelet ended with: `level=info msg="PullImage … failed" error="…"`.
fn logrus(line: &str) -> Option<Header> {
    let rest = line.strip_prefix("time=\"")?;
    let (time, rest) = rest.split_once('"')?;
    let level = rest.trim_start().strip_prefix("level=")?;
    let severity = match level.split_whitespace().next()? {
        "error" => Severity::Error,
        "warning" | "warn" => Severity::Warning,
        "fatal" | "panic" => Severity::Fatal,
        _ if level.contains(" error=\"") => Severity::Error,
        _ => Severity::Info,
    };
    Some(Header {
        severity: Some(severity),
        at: parse_rfc3339(time).map(Moment::At),
        message: None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_format_tells_its_severity_and_time() {
        let klog =
            header(r#"E1123 18:32:22.978325    7088 main.go:7] "failed" err=<"#, &[]).unwrap();
        assert_eq!(klog.severity, Some(Severity::Error));
        assert!(matches!(klog.at, Some(Moment::Yearless { month: 11, day: 23, .. })));
        let mlog = header(r#"{"level":"error","timestamp":"2022-11-21T23:37:26.953313Z","message":"m","error":"e"}"#, &[]).unwrap();
        assert_eq!(mlog.message.as_deref(), Some(r#""m" err="e""#));
        let base = header(r#"{"ts":1671613958670.3242,"msg":"m","pod":{"name":"web-0","namespace":"shop"},"err":"e"}"#, &[]).unwrap();
        assert_eq!(base.severity, Some(Severity::Error));
        assert_eq!(base.message.as_deref(), Some(r#""m" err="e" pod="shop/web-0""#));
        assert_eq!(
            header(r#"time="2020-05-07T08:16:29Z" level=fatal msg="x""#, &[]).unwrap().severity,
            Some(Severity::Fatal)
        );
        assert_eq!(header("Events: none", &[]), None);
    }

    #[test]
    fn what_stands_before_each_line_is_skipped() {
        for (line, length) in [
            ("2026-11-23T21:17:46.224080123Z E1123 x", 31),
            ("2026-11-23T21:17:46.224080123Z stderr F E1123 x", 40),
            ("[pod/a/b] E1123 x", 10),
            ("Nov 23 21:17:46 aks-np1-vmss000000 kubelet[123]: E1123 x", 49),
            ("Nov  3 21:17:46 n kernel: E1123 x", 26),
            ("2026-11-23T21:17:46+0000 n kubelet[123]: E1123 x", 41),
            ("nov. 23 21:17:46 n kubelet[123]: E1123 x", 33),
            ("2026-11-23T21:17:46.224080123Z could not: [1]: x", 31),
            ("E1123 x", 0),
        ] {
            assert_eq!(prefix(line).length, length, "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_line_panics(line in any::<String>()) {
            let _ = header(&line, &[]);
            prop_assert!(prefix(&line).length <= line.len());
        }
    }
}
