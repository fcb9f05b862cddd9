//! The command of a remedy: arguments filled in with what is known, and blanks for the reader where nothing is, or where
//! what was read may not stand in a command.

use std::collections::BTreeMap;

use super::argument::is_plain;
use super::{Claim, Words};
use crate::playbook::message::word_name;
use crate::playbook::{Argument, JsonArgument, Origin, Playbook};
use crate::value::Type;
use crate::verdict::Shown;

/// A command with its blanks.
#[derive(Clone, Debug, Default)]
pub(super) struct Filled {
    /// The arguments.
    pub(super) argv: Vec<String>,
    /// Nothing is left for the reader to fill in.
    pub(super) complete: bool,
    /// Why a value that was read is a blank all the same; each once.
    pub(super) notes: Vec<String>,
    /// What only messages tell of blanks that let somebody in.
    pub(super) claims: Vec<Claim>,
}

/// Fills in a command. `base` is the message id of its remedy: what a reader is asked for is translated below it.
/// Where the command `opens` something, what only messages tell is left as a blank.
pub(super) fn fill(
    words: &Words,
    playbook: &Playbook,
    facts: &BTreeMap<String, Shown>,
    base: &str,
    opens: bool,
    run: &[Argument],
) -> Filled {
    let mut asks = Asks {
        words,
        playbook,
        facts,
        base,
        opens,
        complete: true,
        notes: Vec::new(),
        claims: Vec::new(),
    };
    let argv = run.iter().map(|it| asks.argument(it)).collect();
    Filled { argv, complete: asks.complete, notes: asks.notes, claims: asks.claims }
}

struct Asks<'a> {
    words: &'a Words,
    playbook: &'a Playbook,
    facts: &'a BTreeMap<String, Shown>,
    base: &'a str,
    complete: bool,
    /// The command lets somebody in.
    opens: bool,
    notes: Vec<String>,
    claims: Vec<Claim>,
}

impl Asks<'_> {
    fn argument(&mut self, argument: &Argument) -> String {
        match argument {
            Argument::Literal(text) => text.clone(),
            Argument::Ref(id) => {
                let mut others = self.playbook.stand_ins(id);
                match others.find(|it| !self.is_known(id) && self.is_known(it)) {
                    Some(other) => self.value(other),
                    None => self.value(id),
                }
            }
            Argument::Ask(what) => {
                let id = format!("{}.ask.{}", self.base, word_name(what));
                let (text, _) = self.words.template(self.playbook, &id, what);
                self.ask(text)
            }
            Argument::Join(parts) => parts.iter().map(|it| self.argument(it)).collect(),
            Argument::Json(json) => self.json(json).to_string(),
        }
    }

    fn is_known(&self, fact: &str) -> bool {
        matches!(self.facts.get(fact), Some(Shown::Known(_)))
    }

    fn value(&mut self, fact: &str) -> String {
        if self.opens && self.playbook.is_claimed(fact) {
            return self.claimed(fact);
        }
        match self.facts.get(fact) {
            Some(Shown::Known(values)) => match values.as_slice() {
                [only] if self.may_stand(fact, only) => only.clone(),
                [only] => {
                    let only = only.clone();
                    self.refused(fact, &only)
                }
                _ => self.blank(fact),
            },
            Some(Shown::Absent | Shown::Unknown) | None => self.blank(fact),
        }
    }

    fn json(&mut self, json: &JsonArgument) -> serde_json::Value {
        match json {
            JsonArgument::Object(entries) => serde_json::Value::Object(
                entries.iter().map(|(key, it)| (key.clone(), self.json(it))).collect(),
            ),
            JsonArgument::Array(items) => items.iter().map(|it| self.json(it)).collect(),
            JsonArgument::Leaf(leaf) => leaf.clone(),
            JsonArgument::Argument(argument) => self.argument(argument).into(),
        }
    }

    /// What a table of the playbook gives is the author's own text; all else is evidence.
    fn may_stand(&self, fact: &str, value: &str) -> bool {
        let fact = self.playbook.facts.get(fact);
        fact.is_some_and(|it| matches!(it.from, Origin::Map { .. }))
            || is_plain(fact.map_or(Type::String, |it| it.kind), value)
    }

    fn refused(&mut self, fact: &str, value: &str) -> String {
        let blank = self.blank(fact);
        let note = self.words.refused(&blank, value);
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
        blank
    }

    fn blank(&mut self, fact: &str) -> String {
        self.complete = false;
        self.words.blank(self.playbook, fact)
    }

    /// Whoever can write into a message must not choose whom a command lets in.
    fn claimed(&mut self, fact: &str) -> String {
        let blank = self.blank(fact);
        if let Some(Shown::Known(values)) = self.facts.get(fact)
            && !self.claims.iter().any(|it| it.blank == blank)
        {
            self.claims.push(Claim { blank: blank.clone(), values: values.clone() });
        }
        blank
    }

    fn ask(&mut self, what: &str) -> String {
        self.complete = false;
        format!("<{what}>")
    }
}
