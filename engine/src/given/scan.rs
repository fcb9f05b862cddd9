//! Where a JSON document ends: reads it line by line, without holding it.

/// Nested arrays and objects; the parser takes no more.
const DEPTH: usize = 127;

/// How far a document has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Progress {
    /// More of it must follow.
    Open,
    /// It is whole.
    Done,
    /// It is no JSON.
    Broken,
}

/// A document that is being read.
#[derive(Clone, Debug, Default)]
pub(super) struct Scan {
    /// The open brackets: `{` or `[`.
    open: Vec<u8>,
    next: Next,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Next {
    #[default]
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    /// Within a text; whether it is a key.
    Text(bool),
    /// A number, `true`, `false` or `null`.
    Word,
    Done,
    Broken,
}

impl Scan {
    /// Reads a line.
    pub(super) fn line(&mut self, line: &str) -> Progress {
        let mut rest = line.as_bytes();
        while let Some((byte, after)) = rest.split_first() {
            rest = after;
            match self.next {
                Next::Text(key) => match byte {
                    b'"' => self.next = if key { Next::Colon } else { Next::CommaOrEnd },
                    b'\\' if rest.is_empty() => self.next = Next::Broken,
                    b'\\' => rest = rest.get(1..).unwrap_or_default(),
                    _ => {
                        let end = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
                        rest = rest.get(end..).unwrap_or_default();
                    }
                },
                Next::Broken => return Progress::Broken,
                _ => self.byte(*byte),
            }
        }
        match self.next {
            // A text does not go on in the next line.
            Next::Broken | Next::Text(_) => {
                self.next = Next::Broken;
                Progress::Broken
            }
            Next::Done => Progress::Done,
            _ => {
                if self.next == Next::Word {
                    self.next = Next::CommaOrEnd;
                }
                Progress::Open
            }
        }
    }

    fn byte(&mut self, byte: u8) {
        if byte.is_ascii_whitespace() {
            if self.next == Next::Word {
                self.next = Next::CommaOrEnd;
            }
            return;
        }
        self.next = match (self.next, byte) {
            // A document may stand right behind another one.
            (Next::Value | Next::ValueOrEnd | Next::Done, b'{') => self.enter(b'{'),
            (Next::Value | Next::ValueOrEnd | Next::Done, b'[') => self.enter(b'['),
            (Next::Value | Next::ValueOrEnd, b'"') if !self.open.is_empty() => Next::Text(false),
            (Next::Value | Next::ValueOrEnd, b'0'..=b'9' | b'-' | b't' | b'f' | b'n')
                if !self.open.is_empty() =>
            {
                Next::Word
            }
            (Next::Word, b'0'..=b'9' | b'a'..=b'z' | b'.' | b'-' | b'+' | b'E') => Next::Word,
            (Next::Key | Next::KeyOrEnd, b'"') => Next::Text(true),
            (Next::Colon, b':') => Next::Value,
            (Next::Word | Next::CommaOrEnd, b',') => {
                if self.open.last() == Some(&b'{') {
                    Next::Key
                } else {
                    Next::Value
                }
            }
            (Next::Word | Next::CommaOrEnd | Next::KeyOrEnd, b'}') => self.leave(b'{'),
            (Next::Word | Next::CommaOrEnd | Next::ValueOrEnd, b']') => self.leave(b'['),
            _ => Next::Broken,
        };
    }

    fn enter(&mut self, bracket: u8) -> Next {
        if self.open.len() >= DEPTH {
            return Next::Broken;
        }
        self.open.push(bracket);
        if bracket == b'{' { Next::KeyOrEnd } else { Next::ValueOrEnd }
    }

    fn leave(&mut self, bracket: u8) -> Next {
        if self.open.pop() != Some(bracket) {
            return Next::Broken;
        }
        if self.open.is_empty() { Next::Done } else { Next::CommaOrEnd }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn progress(text: &str) -> Progress {
        let mut scan = Scan::default();
        text.lines().map(|line| scan.line(line)).last().unwrap_or(Progress::Open)
    }

    #[test]
    fn the_end_is_found_and_what_is_no_json_is_told() {
        for text in
            ["{}", "[]", "{\"a\": [1, \"}\\\"\", null],\n\"b\": -1.5e3}", "{} {}", "[\n1\n,2]"]
        {
            assert_eq!(progress(text), Progress::Done, "{text}");
        }
        for text in ["{", "{\"a\":", "[1", "{\"a\": {}", "[\n1\n"] {
            assert_eq!(progress(text), Progress::Open, "{text}");
        }
        for text in ["{a", "[x]", "{\"a\" 1", "[1}", "{\"a\n\"", "{} x", "{\"a\": tRUE}", "{,"] {
            assert_eq!(progress(text), Progress::Broken, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_the_parser_takes_is_done(depth in 0usize..5, words in proptest::collection::vec("[a-z\"\\\\\n{}\\[\\]é]{0,6}", 0..5)) {
            let mut tree = serde_json::json!({"words": words, "n": [1.5, -2, true, null]});
            for _ in 0..depth {
                tree = serde_json::json!([{"a": tree}]);
            }
            prop_assert_eq!(progress(&tree.to_string()), Progress::Done);
            prop_assert_eq!(progress(&format!("{tree:#}")), Progress::Done);
        }
    }
}
