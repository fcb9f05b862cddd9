//! Arguments → one line for a shell. A value is always one word, and never more than data.

use crate::playbook::template::visible;

/// The shell that commands are written for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Shell {
    /// What POSIX, bash, zsh and fish take alike.
    #[default]
    Posix,
    /// PowerShell 7.3 or later: earlier ones lose quotes within arguments.
    PowerShell,
    /// The command interpreter of Windows, as a person types into it (in a batch file `%` is written twice).
    Cmd,
}

impl Shell {
    /// A whole command on one line.
    pub fn command(self, argv: &[String]) -> String {
        argv.iter().map(|it| self.quote(it)).collect::<Vec<_>>().join(" ")
    }

    /// Quotes an argument where the shell would not take it as it is.
    pub fn quote(self, argument: &str) -> String {
        if self.is_plain(argument) {
            return argument.to_owned();
        }
        // No shell has a portable way to write these, and nobody should type them: the reader sees what was there.
        let argument = visible(argument).replace('\n', r"\u{a}").replace('\t', r"\u{9}");
        match self {
            Self::Posix => posix(&argument),
            Self::PowerShell => power_shell(&argument),
            Self::Cmd => cmd(&argument),
        }
    }

    fn is_plain(self, argument: &str) -> bool {
        let marks = match self {
            Self::Posix => "-_./:=@%+,",
            // `,` makes a list, `@` takes a variable apart; `-a.b` and `-a:b` are two words.
            Self::PowerShell => "-_./:=+",
            Self::Cmd => "-_./:@+",
        };
        let letters = |it: char| it.is_ascii_alphanumeric() || marks.contains(it);
        // zsh looks for a program behind `=`, fish for a job behind `%`.
        let begins = match self {
            Self::Posix => !argument.starts_with(['=', '%']),
            Self::PowerShell => !(argument.starts_with('-') && argument.contains(['.', ':'])),
            Self::Cmd => true,
        };
        !argument.is_empty() && begins && argument.chars().all(letters)
    }
}

/// In single quotes, with what ends them outside. fish takes `\\` and `\'` within them for one letter, so there such a backslash stands
/// outside, too.
fn posix(argument: &str) -> String {
    let mut quoted = String::from("'");
    let mut letters = argument.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('\'', _) => quoted.push_str(r"'\''"),
            ('\\', None | Some('\\' | '\'')) => quoted.push_str(r"'\\'"),
            (other, _) => quoted.push(other),
        }
    }
    quoted.push('\'');
    quoted
}

/// In single quotes; whichever of its single quotes, written twice, is one (`about_Quoting_Rules`).
fn power_shell(argument: &str) -> String {
    let mut quoted = String::from("'");
    for letter in argument.chars() {
        if ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'].contains(&letter) {
            quoted.push(letter);
        }
        quoted.push(letter);
    }
    quoted.push('\'');
    quoted
}

/// In double quotes as a C program's start takes its line apart (backslashes before a quote count twice). Where a mark is in it that cmd obeys
/// within quotes, too, a caret stands before each mark, the quotes among them, so that it never thinks itself within quotes.
fn cmd(argument: &str) -> String {
    let mut word = String::from("\"");
    let mut backslashes = 0;
    for letter in argument.chars() {
        match letter {
            '\\' => backslashes += 1,
            '"' => {
                word.push_str(&r"\".repeat(backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        word.push(letter);
    }
    word.push_str(&r"\".repeat(backslashes));
    word.push('"');
    if !argument.contains(['"', '%', '!', '^']) {
        return word;
    }
    let mut line = String::new();
    for letter in word.chars() {
        if "\"^%!&|<>()".contains(letter) {
            line.push('^');
        }
        line.push(letter);
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_value_stays_one_word() {
        for (argument, posix, power_shell, cmd) in [
            ("shop", "shop", "shop", "shop"),
            ("$(reboot)", "'$(reboot)'", "'$(reboot)'", r#""$(reboot)""#),
            ("it's", r"'it'\''s'", "'it''s'", r#""it's""#),
            // No `$'…'`: a shell that does not know it would end the word at the next quote.
            ("a\u{7}' #", r"'a\u{7}'\'' #'", r"'a\u{7}'' #'", r#""a\u{7}' #""#),
            (
                "a\nb\u{202e}c",
                r"'a\u{a}b\u{202e}c'",
                r"'a\u{a}b\u{202e}c'",
                r#""a\u{a}b\u{202e}c""#,
            ),
            ("", "''", "''", r#""""#),
            ("%PATH%", "'%PATH%'", "'%PATH%'", r#"^"^%PATH^%^""#),
            ("=ls", "'=ls'", "=ls", r#""=ls""#),
            ("a,b", "a,b", "'a,b'", r#""a,b""#),
            ("-o.x", "-o.x", "'-o.x'", "-o.x"),
            (r"a\", r"'a'\\''", r"'a\'", r#""a\\""#),
            (r#"["a"]"#, r#"'["a"]'"#, r#"'["a"]'"#, r#"^"[\^"a\^"]^""#),
        ] {
            assert_eq!(Shell::Posix.quote(argument), posix);
            assert_eq!(Shell::PowerShell.quote(argument), power_shell);
            assert_eq!(Shell::Cmd.quote(argument), cmd);
        }
    }

    /// What cmd hands to a program, by its published grammar: outside of quotes a caret takes its meaning from the mark behind it, within them
    /// it is a caret. A mark that it would obey is none of ours.
    fn carets(line: &str) -> Option<String> {
        let (mut handed, mut quoted) = (String::new(), false);
        let mut letters = line.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '^' if !quoted => {
                    handed.push(letters.next()?);
                    continue;
                }
                '"' => quoted = !quoted,
                '%' | '!' => return None,
                '&' | '|' | '<' | '>' | '(' | ')' if !quoted => return None,
                _ => {}
            }
            handed.push(letter);
        }
        (!quoted).then_some(handed)
    }

    /// How a C program's start takes its line apart (Microsoft, “Parsing C command-line arguments”).
    fn words(line: &str) -> Vec<String> {
        let mut all = Vec::new();
        let (mut word, mut open, mut quoted, mut backslashes) = (String::new(), false, false, 0);
        for letter in line.chars().chain([' ']) {
            if letter == '\\' {
                backslashes += 1;
                open = true;
                continue;
            }
            let halved = if letter == '"' { backslashes / 2 } else { backslashes };
            word.push_str(&r"\".repeat(halved));
            match letter {
                '"' if backslashes % 2 == 1 => word.push('"'),
                '"' => (quoted, open) = (!quoted, true),
                ' ' | '\t' if !quoted => {
                    if open {
                        all.push(std::mem::take(&mut word));
                    }
                    open = false;
                }
                other => {
                    word.push(other);
                    open = true;
                }
            }
            backslashes = 0;
        }
        all
    }

    /// How PowerShell takes a line apart that has plain words and single quotes only.
    fn single(line: &str) -> Option<Vec<String>> {
        let is_quote = |it: &char| "'\u{2018}\u{2019}\u{201a}\u{201b}".contains(*it);
        let mut all = Vec::new();
        let mut letters = line.chars().peekable();
        while letters.peek().is_some() {
            let mut word = String::new();
            if letters.next_if(is_quote).is_some() {
                loop {
                    let letter = letters.next()?;
                    match is_quote(&letter) {
                        true if letters.next_if(is_quote).is_some() => word.push(letter),
                        true => break,
                        false => word.push(letter),
                    }
                }
            } else {
                while let Some(letter) = letters.next_if(|it| *it != ' ') {
                    let plain = letter.is_ascii_alphanumeric() || "-_./:=+".contains(letter);
                    plain.then(|| word.push(letter))?;
                }
            }
            all.push(word);
            letters.next_if_eq(&' ');
        }
        Some(all)
    }

    proptest! {
        #[test]
        fn what_is_handed_over_is_what_was_meant(argv in prop::collection::vec(r#"[ a-c$'"`\\^%!&|<>(){}=,@~*?\[\]:.\-‘’‚‛#;]{0,9}"#, 1..4)) {
            prop_assert_eq!(single(&Shell::PowerShell.command(&argv)), Some(argv.clone()));
            let line = carets(&Shell::Cmd.command(&argv));
            prop_assert_eq!(line.map(|it| words(&it)), Some(argv));
        }

        #[test]
        fn whatever_it_holds_it_is_one_line(argument in any::<String>()) {
            for shell in [Shell::Posix, Shell::PowerShell, Shell::Cmd] {
                prop_assert!(!shell.quote(&argument).contains(char::is_control));
            }
        }
    }
}
