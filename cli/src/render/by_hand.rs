//! What a person types to get what a step would have asked for. Only what reads.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value as Json;
use triagem_engine::playbook::{Origin, Param, Playbook, Step};
use triagem_engine::system::Words as Arguments;
use triagem_engine::value::Type;
use triagem_engine::words::Words;
use triagem_engine::words::argument::is_plain;

use crate::systems::source;

/// A command to type, and why something that was read is a blank in it.
pub(super) struct ByHand {
    /// For a POSIX shell.
    pub(super) command: String,
    /// One sentence for each such blank.
    pub(super) notes: Vec<String>,
}

/// The command of a step, with blanks for what is not known; `None` where there is none that only
/// reads.
pub(super) fn command(
    words: &Words,
    playbook: &Playbook,
    step: &Step,
    known: &BTreeMap<String, Json>,
) -> Option<ByHand> {
    let source = source(&step.uses)?;
    let of = Asked { words, playbook, step, known, notes: RefCell::default() };
    let lookup = |name: &str, part: Option<&str>| of.part(source.param(name)?.kind, name, part);
    let argv = Arguments::first(&source.by_hand, &lookup)?;
    let mut notes = of.notes.take();
    notes.sort();
    notes.dedup();
    Some(ByHand { command: words.command(&argv), notes })
}

/// The command that prints an object's events whole, for what a table tells of it: kind, namespace and name.
pub(super) fn describe(words: &Words, names: &BTreeMap<String, String>) -> String {
    let part =
        |key: &str| names.get(key).map(String::as_str).filter(|it| is_plain(Type::K8sName, it));
    let kind = names.get("kind").map_or_else(|| "pod".to_owned(), |it| it.to_lowercase());
    let kind = if is_plain(Type::K8sName, &kind) { kind } else { "pod".to_owned() };
    let namespace = part("namespace").unwrap_or_else(|| words.get("blank.namespace"));
    let name = part("name").unwrap_or_else(|| words.get("blank.pod"));
    words.command(&line(&["kubectl", "-n", namespace, "describe", &kind, name]))
}

fn line(words: &[&str]) -> Vec<String> {
    words.iter().map(|it| (*it).to_owned()).collect()
}

struct Asked<'a> {
    words: &'a Words,
    playbook: &'a Playbook,
    step: &'a Step,
    known: &'a BTreeMap<String, Json>,
    notes: RefCell<Vec<String>>,
}

impl Asked<'_> {
    /// A parameter as it is known, or a blank; `None` where the step has none of that name.
    fn text(&self, name: &str) -> Option<String> {
        let param = self.step.with.get(name)?;
        let plain = |json: &Json| match json {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        match param {
            Param::Literal(value) => Some(plain(value)),
            Param::Ref(fact) => {
                let kind = self.playbook.facts.get(fact).map_or(Type::String, |it| it.kind);
                let blank = self.words.blank(self.playbook, fact);
                Some(self.filled(kind, self.known.get(name).map(plain), blank))
            }
            Param::List(_) => {
                self.known.get(name).map(plain).filter(|it| is_plain(Type::String, it))
            }
        }
    }

    /// A value that may stand in a command, or else a blank.
    fn filled(&self, kind: Type, value: Option<String>, blank: String) -> String {
        match value {
            Some(value) if is_plain(kind, &value) => value,
            Some(value) if !value.is_empty() => {
                self.notes.borrow_mut().push(self.words.refused(&blank, &value));
                blank
            }
            Some(_) | None => blank,
        }
    }

    /// Kind, namespace and name of an object; blanks for what is not known.
    fn object(&self, name: &str) -> (String, String, String) {
        let known = self.known.get(name);
        let part = |key: &str, blank: &str| {
            let value = known.and_then(|it| it[key].as_str()).map(str::to_owned);
            self.filled(Type::K8sName, value, self.words.get(blank).to_owned())
        };
        let kind = known
            .and_then(|it| it["kind"].as_str())
            .map(str::to_lowercase)
            .filter(|it| is_plain(Type::K8sName, it))
            .unwrap_or_else(|| "pod".to_owned());
        (kind, part("namespace", "blank.namespace"), part("name", "blank.pod"))
    }

    /// What a template names: a parameter, or a part of it.
    fn part(&self, kind: Type, name: &str, part: Option<&str>) -> Option<String> {
        if kind != Type::ObjectRef {
            let text = self.text(name)?;
            return Some(if part == Some("lower") { text.to_lowercase() } else { text });
        }
        if !self.step.with.contains_key(name) {
            return None;
        }
        match part {
            Some("kind") => Some(self.object(name).0),
            Some("namespace") => Some(self.object(name).1),
            Some("selector") if self.known.contains_key(name) => None,
            Some("selector") => self.selector(name),
            Some(_) | None => Some(self.object(name).2),
        }
    }

    /// The label selector of the step that finds the objects.
    fn selector(&self, name: &str) -> Option<String> {
        let Param::Ref(fact) = self.step.with.get(name)? else { return None };
        let Origin::Path { step, .. } = &self.playbook.facts.get(fact)?.from else { return None };
        let step = self.playbook.steps.iter().find(|it| it.id == *step)?;
        match step.with.get("selector")? {
            Param::Literal(selector) => selector.as_str().map(str::to_owned),
            Param::Ref(_) | Param::List(_) => None,
        }
    }
}
