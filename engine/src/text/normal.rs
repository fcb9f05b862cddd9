//! The view that patterns are matched on: quoting undone, terminal codes gone, white space folded.

/// Undoes go-quoting and JSON escapes, strips terminal codes and folds white space to one space.
/// With `repair`, also what editors and chats do to text: entities, smart quotes, Markdown.
pub fn normalise(text: &str, repair: bool) -> String {
    let mut text = strip_terminal_codes(text);
    if repair {
        text = mend(&text);
    }
    // A message that was quoted twice needs undoing twice; three levels are the most seen.
    for _ in 0..3 {
        if !text.contains('\\') {
            break;
        }
        text = unescape(&text, repair);
    }
    fold(&text)
}

/// Whether normalising may change more than white space, and what stands before a line.
pub(super) fn alters(text: &str, repair: bool) -> bool {
    let bytes = text.as_bytes();
    !text.is_ascii()
        || memchr::memchr2(b'\\', 0x1b, bytes).is_some()
        || repair && memchr::memchr3(b'*', b'&', b'`', bytes).is_some()
}

/// White space folded to one space, none at the ends.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

/// No white space at all: equal however the text was wrapped.
pub(super) fn squash(text: &str) -> String {
    text.chars().filter(|it| !it.is_whitespace()).collect()
}

fn strip_terminal_codes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\u{1b}' {
            plain.push(letter);
            continue;
        }
        if letters.peek() == Some(&'[') {
            letters.next();
            while letters.next().is_some_and(|it| !it.is_ascii_alphabetic()) {}
        }
    }
    plain
}

fn unescape(text: &str, repair: bool) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            plain.push(letter);
            continue;
        }
        match letters.peek().copied() {
            Some('n' | 'r' | 't') => {
                letters.next();
                plain.push(' ');
            }
            Some(next @ ('"' | '\\' | '\'' | '/')) => {
                letters.next();
                plain.push(next);
            }
            Some('u') => {
                let code: String = letters.clone().skip(1).take(4).collect();
                let decoded =
                    u32::from_str_radix(&code, 16).ok().filter(|it| (0x20..0x7f).contains(it));
                if let (4, Some(decoded)) = (code.len(), decoded.and_then(char::from_u32)) {
                    letters.nth(4);
                    plain.push(decoded);
                } else {
                    plain.push('\\');
                }
            }
            Some(next) if repair && next.is_ascii_punctuation() => {
                letters.next();
                plain.push(next);
            }
            Some(_) | None => plain.push('\\'),
        }
    }
    plain
}

const ENTITIES: &[(&str, &str)] = &[
    ("&quot;", "\""),
    ("&#34;", "\""),
    ("&#39;", "'"),
    ("&apos;", "'"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&nbsp;", " "),
    ("&amp;", "&"),
    ("```", " "),
    ("**", ""),
    ("\u{201c}", "\""),
    ("\u{201d}", "\""),
    ("\u{2018}", "'"),
    ("\u{2019}", "'"),
    ("\u{a0}", " "),
    ("\u{200b}", ""),
];

fn mend(text: &str) -> String {
    let mut text = text.to_owned();
    for (broken, whole) in ENTITIES {
        if text.contains(broken) {
            text = text.replace(broken, whole);
        }
    }
    if text.lines().any(|line| unmarked(line).len() < line.len()) {
        let lines: Vec<&str> = text.lines().map(unmarked).collect();
        text = lines.join("\n");
    }
    text
}

/// What stands before each line of a quotation, a comment, a diff or a framed terminal.
const MARKS: &[&str] = &["> ", "# ", "// ", "+ ", "| ", "\u{2502} "];

/// The line without the marks before it.
pub(super) fn unmarked(line: &str) -> &str {
    let mut rest = line.trim_start();
    let mut plain = line;
    while let Some(after) = MARKS.iter().find_map(|mark| rest.strip_prefix(mark)) {
        rest = after.trim_start();
        plain = rest;
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quoting_is_undone_at_every_level() {
        assert_eq!(normalise(r#"err="a \"b\"\nc""#, false), r#"err="a "b" c""#);
        assert_eq!(
            normalise(r#"InnerError={\\\"code\\\":\\\"X\\\"}"#, false),
            r#"InnerError={"code":"X"}"#
        );
        assert_eq!(normalise("a\u{1b}[31mb\u{1b}[0m\tc\r\n d", false), "ab c d");
        assert_eq!(normalise(r"a \u003cnil\u003e", false), "a <nil>");
    }

    #[test]
    fn what_a_chat_broke_is_mended() {
        assert_eq!(
            normalise("> &quot;a&quot; \u{201c}b\u{201d} **c** \\<d>", true),
            "\"a\" \"b\" c <d>"
        );
        for mark in ["> ", "#   ", "  // ", "+ ", "| ", "\u{2502} ", "> > "] {
            assert_eq!(normalise(&format!("{mark}no get\n{mark}right"), true), "no get right");
        }
        assert_eq!(normalise("a > b\nc#1 + d", true), "a > b c#1 + d");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>(), repair in any::<bool>()) {
            let once = normalise(&text, repair);
            prop_assert!(!once.contains("  "));
        }
    }
}
