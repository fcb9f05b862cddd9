//! What the reader is shown of a record: its original lines, bounded, without secrets.

use super::record::Record;
use super::{Quote, secret};

/// Bytes of a quote.
const QUOTE_BYTES: usize = 1_600;

/// Quotes a record; of a long one the header and the lines around the evidence.
pub(super) fn quote(record: &Record, origin: &str, evidence: Option<&str>) -> Quote {
    let text = secret::redact(&record.text);
    let text = if text.len() <= QUOTE_BYTES { text.into_owned() } else { excerpt(&text, evidence) };
    Quote {
        origin: origin.to_owned(),
        line: record.line,
        text,
        at: record.last,
        count: record.count.max(1),
    }
}

fn excerpt(text: &str, evidence: Option<&str>) -> String {
    let at = evidence.and_then(|it| text.find(it)).unwrap_or(0);
    let head = text.floor_char_boundary(200.min(text.len()));
    if at <= head {
        let end = text.floor_char_boundary(QUOTE_BYTES);
        return format!("{}…", text.get(..end).unwrap_or_default());
    }
    let from = text.ceil_char_boundary(at.saturating_sub(400).max(head));
    let to = text.floor_char_boundary((from + QUOTE_BYTES - 250).min(text.len()));
    let end = if to < text.len() { "…" } else { "" };
    format!(
        "{} … {}{end}",
        text.get(..head).unwrap_or_default(),
        text.get(from..to).unwrap_or_default()
    )
}
