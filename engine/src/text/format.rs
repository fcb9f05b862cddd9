//! How the lines of a log begin that no logging library of ours writes: a system says so, as data.

use std::collections::BTreeMap;

use regex::Regex;

use super::header::Header;
use super::{Moment, Severity, parse_rfc3339};

/// Bytes of a line's beginning in which its header stands.
const HEADER: usize = 400;

/// How a log's records begin.
#[derive(Clone, Debug)]
pub struct Format {
    /// Groups `severity` and `time`, each where it is told.
    header: Regex,
    severities: BTreeMap<String, Severity>,
}

impl Format {
    /// A header begins its line: the pattern is anchored. Words that stand for no severity are information.
    pub(crate) fn new(header: Regex, severities: BTreeMap<String, Severity>) -> Self {
        Self { header, severities }
    }

    pub(super) fn header(&self, line: &str) -> Option<Header> {
        let found = self.header.captures(line.get(..line.floor_char_boundary(HEADER))?)?;
        let severity = found
            .name("severity")
            .map(|it| self.severities.get(it.as_str()).copied().unwrap_or(Severity::Info));
        let at = found.name("time").and_then(|it| moment(it.as_str())).map(Moment::At);
        Some(Header { severity, at, message: None })
    }
}

/// `2026-11-26 02:00:01.123 UTC`, `2026-11-26T02:00:01+01:00`; a zone that is only named is known by nobody.
fn moment(text: &str) -> Option<i64> {
    let text = text.trim().replacen(' ', "T", 1);
    let zoned = text
        .strip_suffix(" UTC")
        .or_else(|| text.strip_suffix(" GMT"))
        .map_or_else(|| text.clone(), |it| format!("{it}Z"));
    parse_rfc3339(&zoned.replace(' ', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_tells_its_severity_and_time() {
        let pattern = r"^(?<time>\d{4}-\S+ \S+ [A-Z]+) \[\d+\] (?<severity>[A-Z]+):  ";
        let severities = BTreeMap::from([("FATAL".to_owned(), Severity::Fatal)]);
        let format = Format::new(Regex::new(pattern).unwrap(), severities);
        let of = |line: &str| format.header(line).map(|it| (it.severity, it.at));
        let at = parse_rfc3339("2026-11-26T02:00:01.123Z").map(Moment::At);
        let fatal = Some((Some(Severity::Fatal), at));
        assert_eq!(of("2026-11-26 02:00:01.123 UTC [1] FATAL:  no"), fatal);
        assert_eq!(
            of("2026-11-26 02:00:01.123 CET [1] LOG:  no"),
            Some((Some(Severity::Info), None))
        );
        assert_eq!(of(" 2026-11-26 02:00:01.123 UTC [1] FATAL:  no"), None);
    }
}
