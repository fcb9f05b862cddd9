//! A table of comma-separated values, as a log store exports it: rows may span lines.

use serde_json::{Map, Value as Json};

/// Bytes of a row.
const ROW: usize = 1024 * 1024;
/// Columns that say that a table is an export of logs or events.
const TELLING: &[&str] = &["logmessage", "logentry", "message", "syslogmessage", "line"];

/// A table under construction.
#[derive(Debug)]
pub(super) struct Csv {
    columns: Vec<String>,
    row: String,
    from: u64,
}

impl Csv {
    /// The table that a header line begins.
    pub(super) fn of(line: &str) -> Option<Self> {
        if !line.contains(',') || line.len() > 4_096 {
            return None;
        }
        let columns: Vec<String> = cells(line)?
            .into_iter()
            // The Azure portal names the time zone.
            .map(|it| it.split(" [").next().unwrap_or_default().trim().to_owned())
            .collect();
        let simple = |it: &String| {
            !it.is_empty() && it.chars().all(|it| it.is_ascii_alphanumeric() || "_.@-".contains(it))
        };
        let tells = columns.iter().any(|it| TELLING.contains(&it.to_lowercase().as_str()));
        (columns.len() > 1 && tells && columns.iter().all(simple)).then_some(Self {
            columns,
            row: String::new(),
            from: 0,
        })
    }

    /// Reads a line; gives the row that it ends, and the line that row began at. `Err`: it is no row.
    pub(super) fn line(
        &mut self,
        line: &str,
        number: u64,
    ) -> Result<Option<(Map<String, Json>, u64)>, ()> {
        if self.row.is_empty() {
            self.from = number;
        } else {
            self.row.push('\n');
        }
        if self.row.len() + line.len() > ROW {
            self.row.clear();
            return Err(());
        }
        self.row.push_str(line);
        let Some(cells) = cells(&self.row) else { return Ok(None) };
        self.row.clear();
        if cells.len() != self.columns.len() {
            return Err(());
        }
        let row = self.columns.iter().cloned().zip(cells.into_iter().map(Json::String)).collect();
        Ok(Some((row, self.from)))
    }
}

/// The cells of a row (RFC 4180); `None` where a quoted cell is still open.
fn cells(row: &str) -> Option<Vec<String>> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut letters = row.chars().peekable();
    while let Some(letter) = letters.next() {
        let cell = cells.last_mut()?;
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            ',' if !quoted => cells.push(String::new()),
            other => cell.push(other),
        }
    }
    (!quoted).then_some(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_may_span_lines_and_hold_quotes() {
        let mut csv = Csv::of("\"TimeGenerated [UTC]\",PodName,LogMessage").unwrap();
        assert_eq!(csv.line("t,p,\"E1123 \"\"failed\"\" err=<", 2), Ok(None));
        let (row, from) = csv.line("more\"", 3).unwrap().unwrap();
        assert_eq!((row["LogMessage"].as_str(), from), (Some("E1123 \"failed\" err=<\nmore"), 2));
        assert_eq!(row["TimeGenerated"], "t");
        assert_eq!(csv.line("a sentence, and more", 4), Err(()));
        assert!(Csv::of("Hello, this is a message").is_none());
    }
}
