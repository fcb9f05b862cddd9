//! Small tables: what belongs together, side by side; what differs is marked.

use std::io;

use anstyle::{AnsiColor, Style};
use triagem_engine::words::{FindingWords, Holds, RowWords};

use super::Page;
use crate::render::ink::{one_line, wrap};

/// Characters of a label that its row is lined up behind.
const LABEL: usize = 34;

impl Page<'_> {
    pub(super) fn compares(&mut self, said: &FindingWords) -> io::Result<()> {
        let bold = Style::new().bold();
        for table in &said.compares {
            writeln!(self.out, "  {bold}{}{bold:#}", one_line(&table.title))?;
            let longest = table.rows.iter().map(|it| it.label.chars().count()).max();
            let width = longest.unwrap_or_default().min(LABEL);
            for row in &table.rows {
                self.row(row, width)?;
            }
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn row(&mut self, row: &RowWords, width: usize) -> io::Result<()> {
        let told = match &row.holds {
            Holds::Nothing => self.words.get("compare.nothing").to_owned(),
            Holds::Unknown => self.words.get("compare.unknown").to_owned(),
            Holds::Values(values) => {
                let one = |(what, value): &(String, String)| match what.as_str() {
                    "" => one_line(value),
                    what => format!("{} {}", one_line(what), one_line(value)),
                };
                values.iter().map(one).collect::<Vec<_>>().join("; ")
            }
        };
        let behind = 4 + width + 2;
        let label = one_line(&row.label);
        let lines = wrap(&told, behind, behind);
        writeln!(self.out, "    {label:<width$}  {}", lines.trim_start())?;
        if let Some((same, says)) = &row.mark {
            let (mark, color) =
                if *same { ("=", AnsiColor::Green) } else { ("≠", AnsiColor::Red) };
            let ink = Style::new().bold().fg_color(Some(color.into()));
            let text = wrap(&format!("{mark} {says}"), behind, behind + 2);
            writeln!(self.out, "{ink}{text}{ink:#}")?;
        }
        Ok(())
    }
}
