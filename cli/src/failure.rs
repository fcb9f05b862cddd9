//! Why there is no report, told to whoever asked: to people on standard error, to programs as JSON on standard output.

use std::io::{self, Write};

use serde_json::json;
use triagem_engine::playbook::template::visible;
use triagem_engine::words::Words;

use crate::commands;
use crate::exit::Failure;

/// Tells a failure. It may hold a name that somebody else chose.
pub(crate) fn tell(failure: &Failure, args: &[String]) {
    let words = words(args);
    let text = words.as_ref().map_or_else(String::new, |it| failure.text(it));
    let text = visible(&text);
    if is_for_programs(args) {
        let (message, help) = match text.split_once("\n\n") {
            Some((message, help)) => (message, Some(help)),
            None => (text.as_str(), None),
        };
        return print(failure.name(), message, help);
    }
    let label = words.as_ref().map_or("error", |it| it.get("error.label"));
    let _ = writeln!(io::stderr(), "{label}: {text}");
}

/// Tells that the arguments are not understood.
pub(crate) fn tell_usage(error: &clap::Error) {
    let text = visible(&error.to_string());
    let text = text.trim_start_matches("error: ").trim_end();
    let (message, help) = match text.split_once("\n\n") {
        Some((message, help)) => (message, Some(help)),
        None => (text, None),
    };
    print("usage", message, help);
}

/// Whether the report was asked for as JSON.
pub(crate) fn is_for_programs(args: &[String]) -> bool {
    option(args, "--output", "-o").is_some_and(|it| it == "json")
}

fn print(code: &str, message: &str, help: Option<&str>) {
    let error = json!({"error": {"code": code, "message": message, "help": help}});
    let _ = crate::render::json::escape::write(&error, &mut io::stdout());
}

/// The words of the language asked for; of a language nobody knows, English.
fn words(args: &[String]) -> Option<Words> {
    let asked = option(args, "--lang", "--lang");
    commands::words(asked.as_deref()).or_else(|_| Words::new("en")).ok()
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
        } else if !short.starts_with("--") && !arg.starts_with("--") {
            let value = arg.strip_prefix(short).filter(|it| !it.is_empty());
            found = value.map(|it| it.trim_start_matches('=').to_owned()).or(found);
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
        for yes in
            ["t d -o json", "t d --output json", "t d --output=json x", "t d -ojson", "t d -o=json"]
        {
            assert!(asks(yes), "{yes}");
        }
        for no in ["t d", "t d -o text", "t d -- -o json", "t d --output=text"] {
            assert!(!asks(no), "{no}");
        }
    }
}
