//! Why there is no report, told to whoever asked: to people on standard error, to programs as JSON on standard output.

use std::io::{self, Write};

use serde_json::json;
use triagem_engine::playbook::template::visible;
use triagem_engine::words::Words;

use crate::commands;
use crate::exit::Failure;

/// Short flags without a value.
const FLAGS: &[char] = &['A', 'q', 'h', 'V'];

/// Tells a failure to whoever asked. It may hold a name that somebody else chose.
pub(crate) fn tell(failure: &Failure, words: &Words, to_programs: bool) {
    if !to_programs {
        return say(failure, words);
    }
    let text = visible(&failure.text(words));
    let (message, help) = match text.split_once("\n\n") {
        Some((message, help)) => (message, Some(help)),
        None => (text.as_str(), None),
    };
    let error = json!({"error": {"code": failure.name(), "message": message, "help": help}});
    let written = crate::render::json::escape::write(&error, &mut io::stdout());
    // Who cannot be told there may be told here.
    if written.and_then(|()| io::stdout().flush()).is_err() {
        say(failure, words);
    }
}

/// Tells a failure to people; also beside a report, which stands alone on standard output.
pub(crate) fn say(failure: &Failure, words: &Words) {
    let text = visible(&failure.text(words));
    let _ = writeln!(io::stderr(), "{}: {text}", words.get("error.label"));
}

/// Whether the report was asked for as JSON.
pub(crate) fn is_for_programs(args: &[String]) -> bool {
    option(args, "--output", "-o").is_some_and(|it| it == "json")
}

/// The words of the language asked for; of a language nobody knows, English.
pub(crate) fn words(args: &[String]) -> Words {
    let asked = option(args, "--lang", "--lang");
    commands::words(asked.as_deref()).unwrap_or_else(|_| Words::source())
}

/// The value of an option, as it was written last before a lone `--`.
fn option(args: &[String], long: &str, short: &str) -> Option<String> {
    let mut found = None;
    let mut args = args.iter().skip(1).take_while(|it| *it != "--");
    while let Some(arg) = args.next() {
        if arg == long || arg == short {
            found = args.next().cloned();
        } else if let Some(value) = arg.strip_prefix(long).and_then(|it| it.strip_prefix('=')) {
            found = Some(value.to_owned());
        } else if !short.starts_with("--") && arg.starts_with('-') && !arg.starts_with("--") {
            // Flags that have no value may stand before it, in one word.
            let word = arg.trim_start_matches('-').trim_start_matches(FLAGS);
            let value = word.strip_prefix(short.trim_start_matches('-'));
            match value.map(|it| it.trim_start_matches('=')) {
                Some("") => found = args.next().cloned(),
                Some(value) => found = Some(value.to_owned()),
                None => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_asks_for_json_in_every_spelling() {
        let asks =
            |text: &str| is_for_programs(&text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        for yes in [
            "t d -o json",
            "t d --output json",
            "t d --output=json x",
            "t d -ojson",
            "t d -o=json",
            "t d -Aojson",
            "t d -qo json",
        ] {
            assert!(asks(yes), "{yes}");
        }
        for no in ["t d", "t d -o text", "t d -- -o json", "t d --output=text", "t d -l=o json"] {
            assert!(!asks(no), "{no}");
        }
    }
}
