//! The command line in the reader's language: its help, and what is wrong with the arguments.

use std::io::{self, Write};
use std::path::Path;

use clap::builder::Str;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, CommandFactory, Error, FromArgMatches};
use triagem_engine::words::{Words, locales};

use crate::args::Args;
use crate::exit::{Failure, HEALTHY, Message, USAGE};

/// What clap writes into a usage and above a list, and its own word for it.
const HEADINGS: &[(&str, &str)] = &[
    ("Usage:", "usage.usage"),
    ("Commands:", "usage.commands"),
    ("Arguments:", "usage.arguments"),
    ("Options:", "usage.options"),
    ("[OPTIONS]", "usage.some-options"),
    ("<COMMAND>", "usage.a-command"),
    ("[COMMAND]", "usage.maybe-a-command"),
];

/// The commands, with their help in the reader's language.
pub(crate) fn command(words: &Words) -> Command {
    let name = std::env::args_os().next().unwrap_or_default();
    // As a plugin of kubectl its help says how it is called.
    let plugin =
        Path::new(&name).file_stem().is_some_and(|it| it.to_string_lossy().starts_with("kubectl-"));
    let command = Args::command();
    let mut command = if plugin { command.bin_name("kubectl triagem") } else { command };
    let languages = |it: Arg| {
        let help = it.get_help().map(ToString::to_string).unwrap_or_default();
        it.help(help.replace("{locales}", &locales().join(", ")))
    };
    command = command.mut_arg("lang", languages);
    if words.is_source() {
        return command;
    }
    // Only then are the flags there that clap adds.
    command.build();
    translated(command, words)
}

/// The arguments of the process; or what was asked for in their place, or what is wrong with them.
pub(crate) fn parse(words: &Words) -> Result<Args, Error> {
    Args::from_arg_matches(&command(words).try_get_matches()?)
}

/// Prints what was asked for in place of a run, or says what is wrong.
pub(crate) fn instead(error: &Error, words: &Words) -> Result<u8, Failure> {
    let text = || translate_headings(&error.render().ansi().to_string(), words);
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let mut out = anstream::AutoStream::auto(io::stdout().lock());
            out.write_all(text().as_bytes())?;
            out.flush()?;
            Ok(HEALTHY)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let mut err = anstream::AutoStream::auto(io::stderr().lock());
            err.write_all(text().as_bytes())?;
            Ok(USAGE)
        }
        _ => Err(Failure::Usage(Message::Whole(wrong(error, words)))),
    }
}

fn translated(command: Command, words: &Words) -> Command {
    let about = command.get_about().map(|it| words.phrase(&it.to_string()));
    let long = command.get_long_about().map(|it| words.phrase(&it.to_string()));
    let mut command = command.mut_args(|it| argument(it, words));
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(long) = long {
        command = command.long_about(long);
    }
    command.mut_subcommands(|it| translated(it, words))
}

fn argument(arg: Arg, words: &Words) -> Arg {
    let mut help = arg.get_help().map(|it| words.phrase(&it.to_string())).unwrap_or_default();
    let long = arg.get_long_help().map(|it| words.phrase(&it.to_string()));
    let heading = arg.get_help_heading().map(|it| words.phrase(it));
    let names: Vec<Str> = arg
        .get_value_names()
        .into_iter()
        .flatten()
        .map(|it| words.known(&format!("value.{it}")).unwrap_or(it).to_owned().into())
        .collect();
    let takes = arg.get_action().takes_values();
    let defaults: Vec<_> = arg.get_default_values().iter().map(|it| it.to_string_lossy()).collect();
    let possible: Vec<_> =
        arg.get_possible_values().iter().map(|it| it.get_name().to_owned()).collect();
    for (values, id) in
        [(defaults.join(", "), "usage.default"), (possible.join(", "), "usage.possible")]
    {
        if takes && !values.is_empty() {
            help = format!("{help} [{}: {values}]", words.get(id));
        }
    }
    let mut arg = arg.help(help).hide_default_value(true).hide_possible_values(true);
    if let Some(long) = long {
        arg = arg.long_help(long);
    }
    if let Some(heading) = heading {
        arg = arg.help_heading(heading);
    }
    if takes && !names.is_empty() { arg.value_names(names) } else { arg }
}

fn translate_headings(text: &str, words: &Words) -> String {
    HEADINGS.iter().fold(text.to_owned(), |text, (from, id)| text.replace(from, words.get(id)))
}

/// What is wrong with the arguments; how they are used follows after a blank line.
fn wrong(error: &Error, words: &Words) -> String {
    let text = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let arg = text(ContextKind::InvalidArg);
    let value = text(ContextKind::InvalidValue);
    let prior = text(ContextKind::PriorArg);
    let command = text(ContextKind::InvalidSubcommand);
    let id = match error.kind() {
        ErrorKind::UnknownArgument => "usage.unknown",
        ErrorKind::InvalidValue if value.is_empty() => "usage.no-value",
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => "usage.value",
        ErrorKind::TooManyValues => "usage.too-many",
        ErrorKind::ArgumentConflict if prior == arg || prior.is_empty() => "usage.twice",
        ErrorKind::ArgumentConflict => "usage.conflict",
        ErrorKind::MissingRequiredArgument => "usage.missing",
        ErrorKind::InvalidSubcommand => "usage.no-command",
        ErrorKind::MissingSubcommand => "usage.missing-command",
        ErrorKind::InvalidUtf8 => "usage.not-utf8",
        _ => "usage.other",
    };
    let values = [("arg", &*arg), ("value", &*value), ("prior", &*prior), ("command", &*command)];
    let mut said = words.say(id, &values);
    if let Some(why) = std::error::Error::source(error) {
        said = format!("{said}: {}", words.phrase(&why.to_string()));
    }
    let lists = [
        (ContextKind::ValidValue, "usage.possible"),
        (ContextKind::ValidSubcommand, "usage.possible"),
        (ContextKind::SuggestedArg, "usage.similar"),
        (ContextKind::SuggestedSubcommand, "usage.similar"),
        (ContextKind::SuggestedValue, "usage.similar"),
    ];
    for (kind, id) in lists {
        let list = text(kind);
        if !list.is_empty() {
            said = format!("{said} [{}: {list}]", words.get(id));
        }
    }
    let usage = text(ContextKind::Usage);
    if !usage.is_empty() {
        said = format!("{said}\n\n{}", translate_headings(usage.trim(), words));
    }
    format!("{said}\n\n{}", words.get("usage.more"))
}
