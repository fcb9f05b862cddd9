//! The text without what editors and chats put into it, and where each letter of it came from.

/// Entities that stand within the marks of a secret.
const ENTITIES: &[(&str, char)] = &[
    ("&#91;", '['),
    ("&#93;", ']'),
    ("&#40;", '('),
    ("&#41;", ')'),
    ("&lbrack;", '['),
    ("&rbrack;", ']'),
    ("&lsqb;", '['),
    ("&rsqb;", ']'),
    ("&lpar;", '('),
    ("&rpar;", ')'),
    ("&equals;", '='),
    ("&#61;", '='),
    ("&colon;", ':'),
    ("&#58;", ':'),
    ("&#x3D;", '='),
    ("&#x5B;", '['),
    ("&quot;", '"'),
    ("&#34;", '"'),
    ("&apos;", '\''),
    ("&#39;", '\''),
    ("&amp;", '&'),
    ("\\u0026", '&'),
    ("\\u0022", '"'),
    ("\\u003d", '='),
];

/// A text in which nothing stands between what was written together.
pub(super) struct View {
    pub(super) text: String,
    /// Of each byte of the text: where its letter begins and ends in the original.
    from: Vec<(usize, usize)>,
}

impl View {
    /// The view of a text, where it is not the text itself.
    pub(super) fn of(text: &str) -> Option<Self> {
        let odd = |it: u8| matches!(it, b'\n' | b'\\' | b'&' | 0x1b | 0x80..);
        if !text.bytes().any(odd) {
            return None;
        }
        let mut view =
            Self { text: String::with_capacity(text.len()), from: Vec::with_capacity(text.len()) };
        let mut at = 0;
        while let Some(rest) = text.get(at..)
            && let Some(letter) = rest.chars().next()
        {
            let (shown, length) = view.next(rest, letter);
            if let Some(shown) = shown {
                view.text.push(shown);
                view.from.resize(view.text.len(), (at, at + length));
            }
            at += length;
        }
        Some(view)
    }

    /// What the next letter stands for, and how many bytes it takes.
    fn next(&self, rest: &str, letter: char) -> (Option<char>, usize) {
        let plain = (Some(letter), letter.len_utf8());
        match letter {
            // A wrapped line goes on with the next one, whatever a mail puts before it.
            '\n' | '\r' => {
                let next = rest.trim_start_matches(['\n', '\r', ' ', '\t', '>', '|']);
                (None, rest.len() - next.len())
            }
            // White space at the end of a line is part of the break.
            ' ' | '\t' if rest.trim_start_matches([' ', '\t']).starts_with(['\n', '\r']) => {
                (None, 1)
            }
            '&' | '\\' => {
                let entity = ENTITIES.iter().find(|(name, _)| {
                    rest.get(..name.len()).is_some_and(|it| it.eq_ignore_ascii_case(name))
                });
                if let Some((name, shown)) = entity {
                    return (Some(*shown), name.len());
                }
                // Markdown puts a backslash before a mark; quoting puts one before its own only.
                let marks =
                    rest.trim_start_matches('\\').starts_with(['[', ']', '(', ')', '_', '=']);
                if letter == '\\' && marks { (None, 1) } else { plain }
            }
            '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{ad}' | '\u{2060}' | '\u{feff}' => {
                (None, letter.len_utf8())
            }
            '\u{a0}' | '\u{202f}' => (Some(' '), letter.len_utf8()),
            '\u{201c}' | '\u{201d}' => (Some('"'), letter.len_utf8()),
            '\u{2018}' | '\u{2019}' => (Some('\''), letter.len_utf8()),
            '\u{2010}' | '\u{2011}' => (Some('-'), letter.len_utf8()),
            '\u{1b}' if rest.starts_with("\u{1b}[") => {
                let end = rest
                    .get(2..)
                    .and_then(|it| it.find(|it: char| it.is_ascii_alphabetic()))
                    .map_or(rest.len(), |it| it + 3);
                (None, end)
            }
            _ => plain,
        }
    }

    /// Where a part of the view stands in the original.
    pub(super) fn original(&self, from: usize, to: usize) -> Option<(usize, usize)> {
        Some((self.from.get(from)?.0, self.from.get(to.checked_sub(1)?)?.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_together_stands_together_again() {
        let view = View::of("sec\n> ret&#91;a\\]b\u{a0}c").unwrap();
        assert_eq!(view.text, "secret[a]b c");
        assert_eq!(view.original(3, 7), Some((6, 14)));
        assert!(View::of("one line").is_none());
    }
}
