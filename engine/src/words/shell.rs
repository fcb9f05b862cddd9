//! Arguments → one line for a POSIX shell. A value is always one word, and never more than data.

use crate::playbook::template::visible;

/// Quotes an argument where the shell would not take it as it is.
pub fn quote(argument: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_./:=@%+,".contains(it);
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_owned();
    }
    // A shell has no portable way to write these, and nobody should type them: the reader sees what was there.
    let argument = visible(argument).replace('\n', r"\u{a}").replace('\t', r"\u{9}");
    format!("'{}'", argument.replace('\'', r"'\''"))
}

/// A whole command on one line.
pub fn command(argv: &[String]) -> String {
    argv.iter().map(|it| quote(it)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_one_word() {
        assert_eq!(quote("shop"), "shop");
        assert_eq!(quote("$(reboot)"), "'$(reboot)'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        // No `$'…'`: a shell that does not know it would end the word at the next quote.
        assert_eq!(quote("a\u{7}' $(reboot) #"), r"'a\u{7}'\'' $(reboot) #'");
        assert_eq!(quote("a\nb\u{202e}c"), r"'a\u{a}b\u{202e}c'");
        assert_eq!(quote(""), "''");
    }
}
