//! Arguments → one line for a POSIX shell. A value is always one word, and never more than data.

/// Quotes an argument where the shell would not take it as it is.
pub fn quote(argument: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_./:=@%+,".contains(it);
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_owned();
    }
    if argument.chars().any(char::is_control) {
        let mut quoted = String::from("$'");
        for letter in argument.chars() {
            match letter {
                '\'' => quoted.push_str("\\'"),
                '\\' => quoted.push_str("\\\\"),
                _ if letter.is_control() => {
                    let mut bytes = [0; 4];
                    for byte in letter.encode_utf8(&mut bytes).bytes() {
                        quoted.push_str(&format!("\\{byte:03o}"));
                    }
                }
                _ => quoted.push(letter),
            }
        }
        quoted.push('\'');
        return quoted;
    }
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
        assert_eq!(quote("a\nb"), r"$'a\012b'");
        assert_eq!(quote(""), "''");
    }
}
