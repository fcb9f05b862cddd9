//! A program that sources run: how it is started, and what its failures mean.

use std::time::Duration;

use regex::Regex;

use super::template::{Lookup, Text};
use crate::evidence::Gap;
use crate::text::secret::redact;

/// Characters of what a tool said that a gap tells.
const SAID: usize = 300;

/// A program that sources run.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Its name, as sources call it.
    pub name: String,
    /// The program; looked for as a shell does.
    pub program: String,
    /// The same on Windows.
    pub windows: String,
    /// It is asked wherever it is installed; else only where a person switched it on.
    pub always: bool,
    /// How long one command may take.
    pub patience: Duration,
    /// Commands at once.
    pub at_once: usize,
    /// Variables it is given.
    pub environment: Vec<(String, String)>,
    /// Variables of the person's that it needs, besides those that every program does.
    pub keeps: Vec<String>,
    /// How its commands may begin; nothing else is ever run.
    pub runs: Vec<Vec<String>>,
    /// What its failures mean, the first that fits.
    pub refusals: Vec<Refusal>,
}

/// A failure that is understood.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub(super) says: Regex,
    pub(super) exit: Option<i32>,
    /// What must stand in what it said, in any case of letters.
    pub(super) names: Option<Text>,
    pub(super) gap: String,
    pub(super) needs: Text,
    pub(super) needs_from: Option<Regex>,
}

impl Tool {
    /// Whether a command is one of those that are ever run.
    pub fn runs(&self, argv: &[String]) -> bool {
        self.runs.iter().any(|it| argv.starts_with(it))
    }

    /// The gap that a failure is: the exit code, what was said on standard error, and what was asked.
    pub fn refused(&self, code: Option<i32>, said: &str, lookup: &Lookup<'_>) -> Gap {
        self.refusals.iter().find_map(|it| it.gap(code, said, lookup)).unwrap_or_else(|| {
            let line =
                said.lines().map(str::trim).find(|it| !it.is_empty()).unwrap_or("no reason given");
            let code =
                code.map_or_else(|| "no exit code".to_owned(), |it| format!("exit code {it}"));
            let line: String = redact(line).chars().take(SAID).collect();
            Gap::Failed(format!("{} ended with {code}: {line}", self.name))
        })
    }
}

impl Refusal {
    fn gap(&self, code: Option<i32>, said: &str, lookup: &Lookup<'_>) -> Option<Gap> {
        if self.exit.is_some_and(|it| code != Some(it)) || !self.says.is_match(said) {
            return None;
        }
        if let Some(names) = &self.names {
            let names = names.fill(lookup)?.to_lowercase();
            if !said.to_lowercase().contains(&names) {
                return None;
            }
        }
        let told = self.needs_from.as_ref().and_then(|it| it.captures(said)?.name("value"));
        let needs = match told {
            // A server may say anything there.
            Some(told) => redact(told.as_str())
                .lines()
                .next()
                .unwrap_or_default()
                .chars()
                .take(SAID)
                .collect(),
            None => self.needs.fill(lookup)?,
        };
        Gap::parse(&self.gap, &needs)
    }
}
