//! Marks that mails, chats and Markdown put before every line of what they quote: `> `, `| `, `&gt; `, one or several. They are
//! indentation.

/// How deep the lines are quoted that are being read.
#[derive(Debug, Default)]
pub(super) struct Quoted {
    depth: usize,
}

impl Quoted {
    /// Nothing that is being read is quoted.
    pub(super) fn is_none(&self) -> bool {
        self.depth == 0
    }

    /// The line without its marks, and whether it stands further to the left than the one above it. `holds`: what is being read,
    /// and is not quoted, may itself have a line that begins so, such as the end of a value (` >`).
    pub(super) fn strip<'l>(&mut self, line: &'l str, holds: bool) -> (&'l str, bool) {
        if line.trim().is_empty() || self.depth == 0 && holds || is_row(line) {
            return (line, false);
        }
        let before = self.depth;
        let (mut depth, mut rest) = (0, line);
        // Below a value that has begun a mark more may be its end.
        let limit = if before > 0 && holds { before } else { usize::MAX };
        while depth < limit
            && !is_row(rest)
            && let Some(inner) = unmarked(rest)
        {
            (depth, rest) = (depth + 1, inner);
        }
        if rest.trim().is_empty() {
            // An empty line of a quotation, however deep, ends nothing.
            return ("", false);
        }
        self.depth = depth;
        (rest, depth < before)
    }
}

/// A row of a table in Markdown, which has marks at both ends.
fn is_row(line: &str) -> bool {
    let text = line.trim();
    text.len() > 1 && text.starts_with('|') && text.ends_with('|')
}

/// What stands behind one mark.
fn unmarked(line: &str) -> Option<&str> {
    let text = line.trim_start();
    let (rest, apart) = match text.strip_prefix('|') {
        Some(rest) => (rest, true),
        None => (text.strip_prefix('>').or_else(|| text.strip_prefix("&gt;"))?, false),
    };
    match rest.strip_prefix(' ') {
        Some(rest) => Some(rest),
        None => (!apart || rest.is_empty() || rest.starts_with(['\t', '|', '>'])).then_some(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(lines: &[&str]) -> Vec<String> {
        let mut quoted = Quoted::default();
        let mut open = false;
        let mut all = Vec::new();
        for line in lines {
            let (line, _) = quoted.strip(line, open);
            open = line.ends_with("=<") || open && !line.starts_with(" >");
            all.push(line.to_owned());
        }
        all
    }

    #[test]
    fn marks_are_taken_off_in_every_form() {
        for (line, rest) in [
            ("> Name:  web-0", "Name:  web-0"),
            (">Name:  web-0", "Name:  web-0"),
            ("| Name:  web-0", "Name:  web-0"),
            ("  > > Name:  web-0", "Name:  web-0"),
            (">> Name:  web-0", "Name:  web-0"),
            ("&gt;   Name:  web-0", "  Name:  web-0"),
            (">\tmore", "\tmore"),
            ("| NAME | READY |", "| NAME | READY |"),
            ("|NAME", "|NAME"),
            ("> | NAME | READY |", "| NAME | READY |"),
            ("web-0 | text", "web-0 | text"),
        ] {
            assert_eq!(stripped(&[line]), [rest], "{line}");
        }
    }

    #[test]
    fn the_end_of_a_value_is_no_mark() {
        let record = ["err=<", "\tmore", " > pod=\"a/b\"", "next"];
        assert_eq!(stripped(&record), record);
        for mark in ["> ", "| ", "> > "] {
            let quoted: Vec<String> = record.iter().map(|it| format!("{mark}{it}")).collect();
            let quoted: Vec<&str> = quoted.iter().map(String::as_str).collect();
            assert_eq!(stripped(&quoted), record, "{mark}");
        }
    }

    #[test]
    fn an_empty_line_ends_no_quotation_and_a_line_further_left_does() {
        let mut quoted = Quoted::default();
        assert_eq!(quoted.strip("> a", false), ("a", false));
        assert_eq!(quoted.strip(">", false), ("", false));
        assert_eq!(quoted.strip("", false), ("", false));
        assert_eq!(quoted.strip("b", false), ("b", true));
        assert_eq!(quoted.strip("c", false), ("c", false));
    }
}
