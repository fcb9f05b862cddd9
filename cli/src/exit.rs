//! Exit codes: documented, never renumbered. And what ends a run before it has a report.

use std::io;

use triagem_engine::words::Words;

/// Looked, and nothing is wrong.
pub(crate) const HEALTHY: u8 = 0;
/// A cause of now was found.
pub(crate) const FOUND: u8 = 1;
/// Usage, a playbook that does not check, or a file that cannot be read or written.
pub(crate) const USAGE: u8 = 2;
/// Undecided.
pub(crate) const UNDECIDED: u8 = 3;

/// Could not reach the cluster.
pub(crate) const UNREACHABLE: u8 = 4;
/// The reader did not want to wait.
pub(crate) const INTERRUPTED: u8 = 130;

/// Why there is no report.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nobody reads the output any more: quiet.
    Pipe,
    /// What was asked for cannot be done; what to do about it stands in the text.
    Usage(Message),
    /// Something cannot be read or written.
    Io(Message),
    /// There is no cluster to ask.
    Unreachable(Message),
    /// The reader stopped it before anything was known.
    Interrupted,
}

/// A sentence for people; what to do about it may follow after a blank line.
#[derive(Debug)]
pub(crate) enum Message {
    /// As it was said in English where it arose.
    Plain(String),
    /// In the reader's language already.
    Whole(String),
    /// One of the program's own words, and what is filled in.
    Said(&'static str, Vec<(&'static str, String)>),
}

impl Failure {
    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Pipe => HEALTHY,
            Self::Usage(_) | Self::Io(_) => USAGE,
            Self::Unreachable(_) => UNREACHABLE,
            Self::Interrupted => INTERRUPTED,
        }
    }

    /// The name that programs know it by.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Pipe => "pipe",
            Self::Usage(_) => "usage",
            Self::Io(_) => "io",
            Self::Unreachable(_) => "unreachable",
            Self::Interrupted => "interrupted",
        }
    }

    /// What happened.
    pub(crate) fn text(&self, words: &Words) -> String {
        match self {
            Self::Pipe => String::new(),
            Self::Usage(message) | Self::Io(message) | Self::Unreachable(message) => {
                message.text(words)
            }
            Self::Interrupted => words.get("error.interrupted").to_owned(),
        }
    }
}

impl Message {
    /// One of the program's own words, and what is filled in.
    pub(crate) fn said(id: &'static str, values: &[(&'static str, &str)]) -> Self {
        Self::Said(id, values.iter().map(|(name, it)| (*name, (*it).to_owned())).collect())
    }

    fn text(&self, words: &Words) -> String {
        match self {
            Self::Plain(text) => words.phrase(text),
            Self::Whole(text) => text.clone(),
            Self::Said(id, values) => {
                // The reason arose elsewhere.
                let told = values.iter().map(|(name, it)| {
                    (*name, if *name == "why" { words.phrase(it) } else { it.clone() })
                });
                let told: Vec<(&str, String)> = told.collect();
                let told: Vec<(&str, &str)> =
                    told.iter().map(|(name, it)| (*name, it.as_str())).collect();
                words.say(id, &told)
            }
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::Pipe
        } else {
            Self::Io(Message::Plain(error.to_string()))
        }
    }
}
