//! Frames that terminals draw around text (k9s, Lens, tables of other tools): borders are no text.

use std::borrow::Cow;

const SIDES: &[char] = &['│', '┃', '║'];
const EDGES: &[char] =
    &['┌', '╭', '╔', '┏', '└', '╰', '╚', '┗', '├', '╠', '┣', '╞', '╟', '─', '━', '═'];

/// What is known of the frame that is being read.
#[derive(Debug, Default)]
pub(super) struct Frame {
    /// Text has stood right beside a border: spaces there are the text's own.
    tight: bool,
}

impl Frame {
    /// The line without the borders of a frame; an edge is an empty line, a row of several cells one of Markdown.
    pub(super) fn strip<'l>(&mut self, line: &'l str) -> Cow<'l, str> {
        let text = line.trim();
        let Some(first) = text.chars().next() else { return line.into() };
        if EDGES.contains(&first)
            && text.ends_with(|it| EDGES.contains(&it) || "┐╮╗┓┘╯╝┛┤╣┫╡╢".contains(it))
        {
            self.tight = false;
            return "".into();
        }
        if is_ascii_edge(text) {
            return "".into();
        }
        let inner = text.strip_prefix(SIDES).and_then(|it| it.strip_suffix(SIDES));
        let Some(inner) = inner else { return line.into() };
        if inner.contains(SIDES) {
            return text.replace(SIDES, "|").into();
        }
        match inner.strip_prefix(' ').and_then(|it| it.strip_suffix(' ')) {
            Some(padded) if !self.tight => padded.trim_end().into(),
            Some(_) => inner.trim_end().into(),
            None => {
                self.tight |= !inner.trim().is_empty();
                inner.trim_end().into()
            }
        }
    }
}

/// `+-----+-----+`
fn is_ascii_edge(text: &str) -> bool {
    text.len() > 4
        && text.starts_with('+')
        && text.ends_with('+')
        && text.bytes().all(|it| b"+-=".contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(lines: &[&str]) -> Vec<String> {
        let mut frame = Frame::default();
        lines.iter().map(|it| frame.strip(it).into_owned()).collect()
    }

    #[test]
    fn borders_are_taken_off_with_their_padding() {
        let padded =
            ["┌── Describe(a/b) ──┐", "│ Warning  Set      │", "│ Up failed         │", "└───┘"];
        assert_eq!(stripped(&padded), ["", "Warning  Set", "Up failed", ""]);
        let tight = ["│  Warning  a for│", "│ volume \"kv\"    │", "│etprovider       │"];
        assert_eq!(stripped(&tight), ["  Warning  a for", " volume \"kv\"", "etprovider"]);
        let cells = ["┃ Warning ┃ Failed ┃ a b ┃", "+-----+----+", "| a | b |"];
        assert_eq!(stripped(&cells), ["| Warning | Failed | a b |", "", "| a | b |"]);
    }

    #[test]
    fn what_is_no_frame_stays() {
        for line in ["├─ a", "│ └─ b", "a │ b", "--------", "+1 for this", "", "- a -"]
        {
            assert_eq!(stripped(&[line]), [line]);
        }
    }
}
