//! Every message of a playbook by id, and what a translation lacks.

use std::collections::{BTreeMap, BTreeSet};

use super::{Argument, JsonArgument, Playbook, Remedy, template};
use crate::reader::nearest;

/// A difference between the English and a translation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// The message.
    pub id: String,
    /// What differs.
    pub kind: DifferenceKind,
}

/// What differs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DifferenceKind {
    /// Not translated.
    Missing,
    /// The English has changed since.
    Stale,
    /// There is no such message.
    Unknown,
    /// Other variables than the English.
    Placeholders,
}

impl Difference {
    /// Fault code and message.
    pub(crate) fn say(&self, locale: &str) -> (&'static str, String) {
        let id = &self.id;
        match self.kind {
            DifferenceKind::Missing => ("P701", format!("`{id}` has no text in {locale}")),
            DifferenceKind::Stale => ("P702", format!("the English of `{id}` has changed since")),
            DifferenceKind::Unknown => ("P703", format!("there is no message `{id}`")),
            DifferenceKind::Placeholders => {
                ("P704", format!("`{id}` uses other variables than the English"))
            }
        }
    }
}

impl Difference {
    /// What to do about it.
    pub(crate) fn help(
        &self,
        english: &BTreeMap<String, String>,
        translated: &BTreeMap<String, (String, String)>,
    ) -> Option<String> {
        let id = &self.id;
        let text = english.get(id).map_or("", String::as_str);
        match self.kind {
            DifferenceKind::Missing => {
                Some(format!("add `{id}: {{from: …, text: …}}`; the English is: {}", shown(text)))
            }
            DifferenceKind::Stale => Some(format!(
                "correct the text, then write into `from` what the English is now: {}",
                shown(text)
            )),
            DifferenceKind::Unknown => nearest(id, english.keys().map(String::as_str))
                .or_else(|| Some("take it away".to_owned())),
            DifferenceKind::Placeholders => {
                let list = |text: &str| match names(text) {
                    None => "cannot be read".to_owned(),
                    Some(names) if names.is_empty() => "names none".to_owned(),
                    Some(names) => {
                        format!("names {}", names.into_iter().collect::<Vec<_>>().join(", "))
                    }
                };
                let other = translated.get(id).map_or("", |(_, text)| text);
                Some(format!("the English {}, the translation {}", list(text), list(other)))
            }
        }
    }
}

/// The beginning of a text, on one line.
fn shown(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 100 {
        return line;
    }
    format!("{}…", line.chars().take(99).collect::<String>())
}

/// Message id → English template, trimmed.
pub fn messages(playbook: &Playbook) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut add = |id: String, text: &str| {
        all.insert(id, text.trim().to_owned());
    };
    add("playbook.title".to_owned(), &playbook.title);
    for input in &playbook.inputs {
        add(format!("inputs.{}.asks", input.name), &input.asks);
    }
    for fact in playbook.facts.values() {
        if let Some(asks) = &fact.asks {
            add(format!("facts.{}.asks", fact.id), asks);
        }
    }
    for step in &playbook.steps {
        add(format!("steps.{}.says", step.id), &step.says);
        if let Some(asks) = &step.asks {
            add(format!("steps.{}.asks", step.id), asks);
        }
    }
    for sign in playbook.signs.values() {
        add(format!("signs.{}.says", sign.id), &sign.says);
    }
    for compare in playbook.compares.values() {
        let id = format!("compares.{}", compare.name);
        add(format!("{id}.title"), &compare.title);
        for (at, row) in compare.rows.iter().enumerate() {
            add(format!("{id}.rows.{}.label", at + 1), &row.label);
        }
    }
    let mut step = |id: String, step: &Remedy| {
        add(format!("{id}.do"), &step.does);
        if let Some(text) = &step.takes_effect {
            add(format!("{id}.takes-effect"), text);
        }
        let mut asks = Vec::new();
        step.run.iter().flatten().for_each(|it| asked(it, &mut asks));
        for (at, ask) in asks.iter().enumerate() {
            add(format!("{id}.ask.{}", at + 1), ask);
        }
    };
    for probe in &playbook.probes {
        step(format!("probes.{}", probe.id), &probe.step);
    }
    for cause in &playbook.causes {
        for (at, remedy) in cause.remedy.iter().enumerate() {
            step(format!("causes.{}.remedy.{}", cause.id, at + 1), remedy);
        }
    }
    for cause in &playbook.causes {
        add(format!("causes.{}.title", cause.id), &cause.title);
        add(format!("causes.{}.explains", cause.id), &cause.explains);
    }
    all
}

fn asked(argument: &Argument, into: &mut Vec<String>) {
    match argument {
        Argument::Ask(text) => into.push(text.clone()),
        Argument::Join(parts) => parts.iter().for_each(|it| asked(it, into)),
        Argument::Json(json) => asked_json(json, into),
        Argument::Literal(_) | Argument::Ref(_) => {}
    }
}

fn asked_json(json: &JsonArgument, into: &mut Vec<String>) {
    match json {
        JsonArgument::Object(entries) => entries.iter().for_each(|(_, it)| asked_json(it, into)),
        JsonArgument::Array(items) => items.iter().for_each(|it| asked_json(it, into)),
        JsonArgument::Argument(argument) => asked(argument, into),
        JsonArgument::Leaf(_) => {}
    }
}

/// What a translation (id → English it was made from, text) lacks.
pub fn compare(
    english: &BTreeMap<String, String>,
    translated: &BTreeMap<String, (String, String)>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut note = |id: &String, kind| found.push(Difference { id: id.clone(), kind });
    for (id, text) in english {
        match translated.get(id) {
            None => note(id, DifferenceKind::Missing),
            Some((_, translation)) if translation.is_empty() => note(id, DifferenceKind::Missing),
            Some((from, _)) if from != text => note(id, DifferenceKind::Stale),
            Some((_, translation)) if names(text) != names(translation) => {
                note(id, DifferenceKind::Placeholders);
            }
            Some(_) => {}
        }
    }
    for id in translated.keys().filter(|it| !english.contains_key(*it)) {
        note(id, DifferenceKind::Unknown);
    }
    found
}

fn names(text: &str) -> Option<BTreeSet<String>> {
    Some(template::variables(text).ok()?.into_iter().map(|it| it.name).collect())
}
