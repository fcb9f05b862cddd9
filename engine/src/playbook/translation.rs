//! Every message of a playbook by id, and what a translation lacks.

use std::collections::{BTreeMap, BTreeSet};

use super::{Playbook, message, template};
use crate::reader::nearest;

/// Differences among which a message that was reworded is looked for.
const REWORDED: usize = 500;

/// A difference between the English and a translation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// The message.
    pub id: String,
    /// What differs.
    pub kind: DifferenceKind,
    /// What it is called in the translation, where its English has changed so far that it is called otherwise now.
    pub was: Option<String>,
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
            DifferenceKind::Stale => match &self.was {
                None => ("P702", format!("the English of `{id}` has changed since")),
                Some(was) => (
                    "P702",
                    format!("the English of `{was}` has changed since, and its name with it"),
                ),
            },
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
            DifferenceKind::Stale => {
                let name = self.was.as_ref().map(|_| format!("call it `{id}`, "));
                Some(format!(
                    "{}correct the text, then write into `from` what the English is now: {}",
                    name.unwrap_or_default(),
                    shown(text)
                ))
            }
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
    for it in message::all(playbook) {
        all.entry(it.id).or_insert(it.text);
    }
    all
}

/// The id of a message by its place, as translations had it before → its id.
pub(crate) fn moved(playbook: &Playbook) -> BTreeMap<String, String> {
    message::all(playbook).into_iter().filter_map(|it| Some((it.was?, it.id))).collect()
}

/// What a translation (id → English it was made from, text) lacks.
pub fn compare(
    english: &BTreeMap<String, String>,
    translated: &BTreeMap<String, (String, String)>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut note = |id: &String, kind| found.push(Difference { id: id.clone(), kind, was: None });
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
    reworded(english, translated, &mut found);
    found
}

/// What is called by its words is called otherwise once they have changed: of a message that is gone and one of the same place that
/// is new and much alike, the one became the other.
fn reworded(
    english: &BTreeMap<String, String>,
    translated: &BTreeMap<String, (String, String)>,
    found: &mut Vec<Difference>,
) {
    let gone: Vec<String> = found
        .iter()
        .filter(|it| it.kind == DifferenceKind::Unknown)
        .take(REWORDED)
        .map(|it| it.id.clone())
        .collect();
    for was in gone {
        let Some((from, _)) = translated.get(&was) else { continue };
        let likeness = |it: &Difference| {
            let text = english.get(&it.id)?;
            let same = it.kind == DifferenceKind::Missing && akin(&it.id, &was);
            same.then(|| strsim::normalized_levenshtein(&shown(from), &shown(text)))
        };
        let like = found.iter().take(REWORDED).enumerate();
        let like = like.filter_map(|(at, it)| Some((at, likeness(it)?)));
        let best = like.filter(|it| it.1 > 0.5).max_by(|a, b| a.1.total_cmp(&b.1));
        let Some(it) = best.and_then(|(at, _)| found.get_mut(at)) else { continue };
        it.kind = DifferenceKind::Stale;
        it.was = Some(was.clone());
        found.retain(|it| it.id != was);
    }
}

/// Whether two ids are of one place, and differ in a name of several: `causes.x.remedy.NAME.do`, or `….ask.NAME`.
fn akin(one: &str, other: &str) -> bool {
    let (one, other): (Vec<&str>, Vec<&str>) =
        (one.split('.').collect(), other.split('.').collect());
    let names = |it: &[&str]| match it {
        [kind, of, list @ ("remedy" | "rows"), _, rest @ ..] => {
            Some(format!("{kind}.{of}.{list}.{}", rest.first().unwrap_or(&"")))
        }
        ["probes", of, "ask", _] => Some(format!("probes.{of}.ask")),
        _ => None,
    };
    names(&one).is_some_and(|it| Some(it) == names(&other))
}

fn names(text: &str) -> Option<BTreeSet<String>> {
    Some(template::variables(text).ok()?.into_iter().map(|it| it.name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reworded_is_stale_and_neither_missing_nor_unknown() {
        let id = |name: &str| format!("causes.c.remedy.{name}.do");
        let english = BTreeMap::from([
            (id("look-at-the-class"), "Look at the class, and who made it.".to_owned()),
            (id("restart"), "Restart.".to_owned()),
        ]);
        let translated = BTreeMap::from([
            (
                id("see-the-class"),
                ("See the class, and who made it.".to_owned(), "Veja".to_owned()),
            ),
            (id("delete-the-pod"), ("Delete the pod.".to_owned(), "Exclua".to_owned())),
            (
                "causes.d.remedy.restart.do".to_owned(),
                ("Restart.".to_owned(), "Reinicie".to_owned()),
            ),
        ]);
        let found = compare(&english, &translated);
        let of = |kind| {
            let all = found.iter().filter(|it| it.kind == kind);
            all.map(|it| (it.id.as_str(), it.was.as_deref())).collect::<Vec<_>>()
        };
        let (new, was) = (id("look-at-the-class"), id("see-the-class"));
        assert_eq!(of(DifferenceKind::Stale), [(new.as_str(), Some(was.as_str()))]);
        assert_eq!(of(DifferenceKind::Missing), [(id("restart").as_str(), None)]);
        let (other, gone) = ("causes.d.remedy.restart.do", id("delete-the-pod"));
        assert_eq!(of(DifferenceKind::Unknown), [(gone.as_str(), None), (other, None)]);
    }
}
