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
    ("&#x2F;", '/'),
    ("&#47;", '/'),
    ("&sol;", '/'),
    ("&amp;", '&'),
    ("&lt;", '<'),
    ("&gt;", '>'),
];

/// A text in which nothing stands between what was written together.
pub(super) struct View {
    pub(super) text: String,
    /// Of each byte of the text: where its letter begins and ends in the original.
    from: Vec<(usize, usize)>,
    /// Where lines were joined.
    pub(super) joins: Vec<usize>,
}

impl View {
    /// The view of a text, where it is not the text itself.
    pub(super) fn of(text: &str) -> Option<Self> {
        let odd = |it: u8| matches!(it, b'\n' | b'\\' | b'&' | 0x1b | 0x80..);
        if !text.bytes().any(odd) {
            return None;
        }
        let mut view = Self {
            text: String::with_capacity(text.len()),
            from: Vec::with_capacity(text.len()),
            joins: Vec::new(),
        };
        let mut at = 0;
        // Of a run of blanks or backslashes what follows it decides: it is looked for once.
        let (mut run, mut joins) = (0, false);
        while let Some(rest) = text.get(at..)
            && let Some(letter) = rest.chars().next()
        {
            if matches!(letter, ' ' | '\t' | '\\') && at >= run {
                let of: &[char] = if letter == '\\' { &['\\'] } else { &[' ', '\t'] };
                let after = rest.trim_start_matches(of);
                run = at + rest.len() - after.len();
                // White space at the end of a line is part of the break. Markdown puts a backslash before a mark; quoting puts one
                // before its own only.
                joins = after.starts_with(if letter == '\\' {
                    &['[', ']', '(', ')', '_', '='][..]
                } else {
                    &['\n', '\r'][..]
                });
            }
            let (shown, length) = next(rest, letter, at < run && joins);
            if matches!(letter, '\n' | '\r') {
                view.joins.push(view.text.len());
            }
            if let Some(shown) = shown {
                view.text.push(shown);
                view.from.resize(view.text.len(), (at, at + length));
            }
            at += length;
        }
        Some(view)
    }

    /// The view of a text that was quoted, or coded as in an address: with its quotes and lines as they were before.
    pub(super) fn unquoted(text: &str) -> Option<Self> {
        if !text.contains('\\')
            && !text
                .match_indices('%')
                .any(|(at, _)| percent(text.get(at..).unwrap_or("")).is_some())
        {
            return None;
        }
        let mut view = Self {
            text: String::with_capacity(text.len()),
            from: Vec::with_capacity(text.len()),
            joins: Vec::new(),
        };
        let mut at = 0;
        while let Some(letter) = text.get(at..).and_then(|it| it.chars().next()) {
            let (mut shown, mut length) = (letter, letter.len_utf8());
            if letter == '\\' {
                let rest = text.get(at..).unwrap_or_default();
                let slashes = rest.len() - rest.trim_start_matches('\\').len();
                let next = rest.get(slashes..).and_then(|it| it.chars().next());
                let unicode = rest
                    .get(slashes..)
                    .and_then(|it| it.strip_prefix('u')?.get(..4))
                    .and_then(unicode);
                (shown, length) = match next {
                    _ if unicode.is_some() => (unicode.unwrap_or(letter), slashes + 5),
                    Some('n') => ('\n', slashes + 1),
                    Some('t') => ('\t', slashes + 1),
                    Some(mark @ ('"' | '\'' | '/')) => (mark, slashes + 1),
                    Some('x') => rest
                        .get(slashes + 1..slashes + 3)
                        .and_then(|it| u8::from_str_radix(it, 16).ok())
                        .filter(|it| matches!(it, b' '..=b'~'))
                        .map_or((letter, slashes), |it| (char::from(it), slashes + 3)),
                    _ => (letter, slashes),
                };
            } else if letter == '%'
                && let Some(coded) = percent(text.get(at..).unwrap_or_default())
            {
                (shown, length) = coded;
            }
            view.text.push(shown);
            view.from.resize(view.text.len(), (at, at + length));
            at += length;
        }
        Some(view)
    }

    /// Where a part of the view stands in the original.
    pub(super) fn original(&self, from: usize, to: usize) -> Option<std::ops::Range<usize>> {
        Some(self.from.get(from)?.0..self.from.get(to.checked_sub(1)?)?.1)
    }
}

/// What an address codes, once or more: `%3D`, `%253D`; and the bytes that it takes.
fn percent(rest: &str) -> Option<(char, usize)> {
    let mut length = 1;
    while length < 9 && rest.get(length..length + 2) == Some("25") {
        length += 2;
    }
    let code = rest.get(length..length + 2)?;
    let byte = u8::from_str_radix(code, 16).ok()?;
    matches!(byte, b'\n' | b' '..=b'~').then_some((char::from(byte), length + 2))
}

/// The letter that four digits stand for, as JSON writes it.
fn unicode(digits: &str) -> Option<char> {
    let number = u32::from_str_radix(digits, 16).ok().filter(|it| *it >= 0x20)?;
    char::from_u32(number)
}

/// What the next letter stands for, and how many bytes it takes; one that is dropped stands for nothing.
fn next(rest: &str, letter: char, dropped: bool) -> (Option<char>, usize) {
    let plain = (Some(letter), letter.len_utf8());
    match letter {
        // A wrapped line goes on with the next one, whatever a mail puts before it.
        '\n' | '\r' => {
            let next = rest.trim_start_matches(['\n', '\r', ' ', '\t', '>', '|', '+']);
            (None, rest.len() - next.len())
        }
        ' ' | '\t' if dropped => (None, 1),
        '&' | '\\' => {
            // What was quoted twice begins with the sign that quotes: `&amp;lt;`.
            let mut skip = 1;
            while skip < 16
                && rest.get(skip..skip + 4).is_some_and(|it| it.eq_ignore_ascii_case("amp;"))
            {
                skip += 4;
            }
            let of = |skip: usize| {
                ENTITIES.iter().find_map(|(name, shown)| {
                    let name = name.get(1..)?;
                    rest.get(skip..skip + name.len())?
                        .eq_ignore_ascii_case(name)
                        .then_some((*shown, skip + name.len()))
                })
            };
            let entity = of(skip).or_else(|| of(1)).filter(|_| letter == '&');
            if let Some((shown, length)) = entity {
                return (Some(shown), length);
            }
            if let Some(shown) =
                rest.strip_prefix("\\u").and_then(|it| it.get(..4)).and_then(unicode)
            {
                return (Some(shown), 6);
            }
            if letter == '\\' && dropped { (None, 1) } else { plain }
        }
        '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{ad}' | '\u{2060}' | '\u{feff}' => {
            (None, letter.len_utf8())
        }
        '\u{a0}' | '\u{202f}' => (Some(' '), letter.len_utf8()),
        '\u{201c}' | '\u{201d}' => (Some('"'), letter.len_utf8()),
        '\u{2018}' | '\u{2019}' => (Some('\''), letter.len_utf8()),
        // Wide letters and signs.
        '\u{ff01}'..='\u{ff5e}' => {
            (char::from_u32(u32::from(letter) - 0xff01 + 0x21), letter.len_utf8())
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_together_stands_together_again() {
        let view = View::of("sec\n> ret&#91;a\\]b\u{a0}c").unwrap();
        assert_eq!(view.text, "secret[a]b c");
        assert_eq!(view.original(3, 7), Some(6..14));
        assert!(View::of("one line").is_none());
    }
}
