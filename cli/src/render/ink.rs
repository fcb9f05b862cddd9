//! Words on lines: wrapped, with the little Markdown that playbooks write turned into ink.

use anstyle::Style;
use triagem_engine::playbook::template::visible_name;

/// Characters of a line.
const WIDTH: usize = 100;
/// Stand for `**` while lines are measured; no text can hold them.
const MARKS: [char; 2] = ['\u{e000}', '\u{e001}'];

/// Wraps a text at words: the first line is indented by `first`, the others by `rest`. A line goes on
/// in the next, unless that is blank or a list's.
pub(crate) fn wrap(text: &str, first: usize, rest: usize) -> String {
    let text = marked(text);
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for source in text.trim().lines().map(str::trim) {
        let item = source.starts_with("- ");
        if source.is_empty() || item || !goes_on {
            lines.push((if lines.is_empty() { first } else { rest }, String::new()));
        }
        goes_on = !source.is_empty();
        for word in source.split_whitespace() {
            let Some((indent, line)) = lines.last_mut() else { continue };
            if line.is_empty() {
                line.push_str(word);
            } else if *indent + length(line) + 1 + length(word) > WIDTH {
                lines.push((if item { rest + 2 } else { rest }, word.to_owned()));
            } else {
                line.push(' ');
                line.push_str(word);
            }
        }
    }
    let padded = lines.iter().map(|(indent, it)| {
        if it.is_empty() { String::new() } else { format!("{}{it}", " ".repeat(*indent)) }
    });
    inked(&padded.collect::<Vec<_>>().join("\n"))
}

/// A text that is not wrapped.
pub(super) fn plain(text: &str) -> String {
    inked(&marked(&one_line(text)))
}

/// A name that came from somewhere: nothing in it begins a line of its own.
pub(crate) fn one_line(text: &str) -> String {
    visible_name(text).replace('\n', "\\n").replace('\t', " ")
}

/// `**x**` becomes marks, `` `x` `` becomes x.
fn marked(text: &str) -> String {
    let bare: String = text.chars().filter(|it| !MARKS.contains(it) && *it != '`').collect();
    let parts: Vec<&str> = bare.split("**").collect();
    // A lone pair of asterisks is text.
    if parts.len().is_multiple_of(2) {
        return bare;
    }
    let mut shown = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            shown.push(if at % 2 == 1 { MARKS[0] } else { MARKS[1] });
        }
        shown.push_str(part);
    }
    shown
}

fn length(text: &str) -> usize {
    text.chars().filter(|it| !MARKS.contains(it)).count()
}

fn inked(text: &str) -> String {
    let bold = Style::new().bold();
    text.replace(MARKS[0], &bold.render().to_string())
        .replace(MARKS[1], &bold.render_reset().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_ink_and_a_name_stays_on_its_line() {
        assert_eq!(plain("the vault **kv-0** has `x`"), "the vault \u{1b}[1mkv-0\u{1b}[0m has x");
        assert_eq!(plain("2 ** 3"), "2 ** 3");
        assert_eq!(plain("a\nb"), "a\\nb");
    }

    #[test]
    fn lines_are_wrapped_and_lists_are_kept() {
        let text = format!("{}\n- one\n- two", "word ".repeat(30));
        let wrapped = wrap(&text, 2, 4);
        assert!(wrapped.lines().all(|it| it.chars().count() <= WIDTH));
        assert!(wrapped.ends_with("\n    - one\n    - two"), "{wrapped}");
    }
}
