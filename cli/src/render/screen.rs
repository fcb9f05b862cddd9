//! The last gate before a terminal: whatever a command has to say, nothing in it steers one.

use std::io::{self, Write};

use triagem_engine::playbook::template::visible;

/// A writer of plain text: what could deceive a reader is shown as what it is, whoever wrote it.
pub(crate) struct Plain<W>(pub(crate) W);

impl<W: Write> Write for Plain<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(visible(&String::from_utf8_lossy(bytes)).as_bytes())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A text that we have inked: our own ink stays, all else is as in plain text.
pub(crate) fn inked(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut shown = visible(parts.next().unwrap_or_default());
    for part in parts {
        match part.split_once('m') {
            Some((ink, rest)) if ink.chars().all(|it| it.is_ascii_digit() || it == ';') => {
                shown.push_str("\u{1b}[");
                shown.push_str(ink);
                shown.push('m');
                shown.push_str(&visible(rest));
            }
            _ => shown.push_str(&visible(&format!("\u{1b}[{part}"))),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_ink_gets_through() {
        let text = "\u{1b}[1mbold\u{1b}[0m \u{1b}[2J \u{9b}31m \u{202e}";
        assert_eq!(inked(text), "\u{1b}[1mbold\u{1b}[0m \\u{1b}[2J \\u{9b}31m \\u{202e}");
        let mut out = Plain(Vec::new());
        writeln!(out, "{text}").unwrap();
        assert!(!String::from_utf8(out.0).unwrap().contains('\u{1b}'));
    }
}
