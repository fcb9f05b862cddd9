//! How a quiet line of JSON begins: parsed for its time and severity alone.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, Visitor};

use super::{Clock, Time, utc};
use crate::text::Severity;
use crate::text::moment::of_number;

/// Brackets of a line: the parser takes no deeper trees, and need not be asked.
const BRACKETS: usize = 100;

/// A record as component-base and zap write it. What has another shape, or may be a row that a collector of logs wrote, is not read.
#[derive(Deserialize)]
struct Line<'l> {
    msg: Words,
    #[serde(borrow)]
    ts: Option<At<'l>>,
    #[serde(borrow)]
    timestamp: Option<At<'l>>,
    level: Option<Level>,
    #[serde(default)]
    err: Present,
    #[serde(default)]
    error: Present,
    #[serde(default)]
    v: Present,
    // Keys of rows.
    message: Option<Never>,
    log: Option<Never>,
    #[serde(rename = "line")]
    text: Option<Never>,
    #[serde(rename = "MESSAGE")]
    journal: Option<Never>,
    #[serde(rename = "LogMessage")]
    log_message: Option<Never>,
    #[serde(rename = "LogEntry")]
    log_entry: Option<Never>,
    #[serde(rename = "SyslogMessage")]
    syslog: Option<Never>,
    #[serde(rename = "textPayload")]
    payload: Option<Never>,
}

pub(super) fn head(line: &[u8]) -> Option<(Severity, Clock, Time<'_>)> {
    let brackets = line.iter().filter(|it| matches!(it, b'{' | b'[')).count();
    // What may be a prompt, or is written anew when it is flattened.
    let odd = line.iter().any(|it| b"<>$#%".contains(it))
        || [&b"\": "[..], b"\"namespace\"", b"\\r"]
            .iter()
            .any(|it| memchr::memmem::find(line, it).is_some());
    if odd || brackets > BRACKETS {
        return None;
    }
    let read: Line<'_> = serde_json::from_slice(line).ok()?;
    let rows = [
        &read.message,
        &read.log,
        &read.text,
        &read.journal,
        &read.log_message,
        &read.log_entry,
        &read.syslog,
        &read.payload,
    ];
    let Words = read.msg;
    if rows.iter().any(|it| it.is_some()) {
        return None;
    }
    let severity = match read.level {
        Some(Level(severity)) => severity,
        None if read.err.0 || read.error.0 || !read.v.0 => Severity::Error,
        None => Severity::Info,
    };
    match read.ts.or(read.timestamp)? {
        At::Text(text) => Some((severity, Clock::Utc, Time::Written(utc(text.as_bytes())?))),
        At::Number(since) => Some((severity, Clock::Counted, Time::Counted(of_number(since)?))),
    }
}

/// Whether a key is there, whatever it holds, also `null`.
#[derive(Default)]
struct Present(bool);

/// Some text.
struct Words;

/// Nothing has this shape.
enum Never {}

struct Level(Severity);

enum At<'l> {
    Text(&'l str),
    Number(f64),
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Words;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E>(self, _: &str) -> Result<Words, E> {
                Ok(Words)
            }
        }
        from.deserialize_str(Text)
    }
}

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(from).map(|_| Self(true))
    }
}

impl<'de> Deserialize<'de> for Never {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(de::Error::custom("this is read the slow way"))
    }
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let severity = match <&str>::deserialize(from)? {
            "error" => Severity::Error,
            "warn" | "warning" => Severity::Warning,
            "fatal" | "panic" | "dpanic" => Severity::Fatal,
            _ => Severity::Info,
        };
        Ok(Self(severity))
    }
}

impl<'de: 'l, 'l> Deserialize<'de> for At<'l> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = At<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<At<'de>, E> {
                Ok(At::Text(text))
            }

            fn visit_f64<E>(self, since: f64) -> Result<At<'de>, E> {
                Ok(At::Number(since))
            }
        }
        from.deserialize_any(Either)
    }
}
