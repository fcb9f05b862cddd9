//! Translations: `locales/<locale>/playbook.yaml`, and one file a cause, so that two authors never touch one file.

use std::collections::{BTreeMap, BTreeSet};

use super::super::translation::DifferenceKind;
use super::super::{Translated, keys, translation};
use super::{Checker, Place};
use crate::yaml::{Kind, Node, Span};

/// Moves of one file that are told.
const MOVES: usize = 12;

/// What the files of one locale say.
#[derive(Default)]
struct Locale<'f> {
    /// Message → English and translation.
    written: BTreeMap<String, (String, String)>,
    /// Message → where it stands.
    places: BTreeMap<String, (&'f str, Span)>,
    /// Each file, and where its messages begin.
    files: BTreeMap<&'f str, Span>,
}

/// Reads the translations of every locale, and notes what they lack.
pub(super) fn read(files: &[(String, Node)], checker: &mut Checker<'_>) {
    let english = translation::messages(&checker.playbook);
    let mut moved = translation::moved(&checker.playbook);
    moved.retain(|was, _| !english.contains_key(was));
    let mut locales: BTreeMap<String, Locale<'_>> = BTreeMap::new();
    for (path, node) in files {
        file(path, node, &moved, &mut locales, checker);
    }
    for (name, locale) in locales {
        // One that the playbook does not promise may have as much as somebody has translated.
        let promised = checker.playbook.locales.contains(&name);
        let differences = translation::compare(&english, &locale.written).into_iter();
        for difference in differences.filter(|it| promised || it.kind != DifferenceKind::Missing) {
            let (file, span) =
                locale.place(&name, difference.was.as_ref().unwrap_or(&difference.id));
            let (code, message) = difference.say(&name);
            let help = difference.help(&english, &locale.written);
            checker.faults.note(&Place { file, span }, code, message, help);
        }
        let written = locale.written.into_iter();
        let translated = written.map(|(id, (from, text))| (id, Translated { from, text }));
        checker.playbook.translations.insert(name, translated.collect());
    }
}

fn file<'f>(
    path: &'f str,
    node: &Node,
    moved: &BTreeMap<String, String>,
    locales: &mut BTreeMap<String, Locale<'f>>,
    checker: &mut Checker<'_>,
) {
    let keys = checker.faults.keys(path, node, keys::TRANSLATION);
    let Some(name) = keys.get("locale").and_then(|it| it.text()) else { return };
    // What is missing is missing below this key.
    let section = match &node.kind {
        Kind::Mapping(entries) => entries.iter().find(|(key, _)| key.text() == Some("messages")),
        Kind::Scalar { .. } | Kind::Sequence(_) => None,
    }
    .map_or(node.span, |(key, _)| key.span);
    let locale = locales.entry(name.to_owned()).or_default();
    locale.files.insert(path, section);
    let Some(messages) = keys.get("messages") else { return };
    let mut causes = BTreeSet::new();
    let mut by_place = Vec::new();
    for (written, span, value) in checker.faults.entries(path, messages) {
        let keys = checker.faults.keys(path, value, keys::MESSAGE);
        let id = moved.get(&written).unwrap_or(&written).clone();
        if id != written {
            by_place.push((written, id.clone(), span));
        }
        let text = |key: &str| {
            keys.get(key).and_then(|it| it.text()).unwrap_or_default().trim().to_owned()
        };
        if let Some((other, first)) = locale.places.get(&id) {
            let message = format!("`{id}` is translated twice");
            let help = Some(format!("it stands first in {other}, line {}", first.line));
            checker.faults.note(&Place { file: path, span }, "P002", message, help);
            continue;
        }
        causes.extend(cause_of(&id).map(str::to_owned));
        locale.written.insert(id.clone(), (text("from"), text("text")));
        locale.places.insert(id, (path, span));
    }
    if let Some((_, _, span)) = by_place.first() {
        let moves = by_place.iter().take(MOVES).map(|(was, id, _)| format!("`{was}` is `{id}`"));
        let more = by_place.len().saturating_sub(MOVES);
        let more = if more > 0 { format!(", and so on for {more} more") } else { String::new() };
        let help = format!("{}{more}", moves.collect::<Vec<_>>().join(", "));
        let message = "messages are called by their place, which changes".to_owned();
        checker.faults.warn(&Place { file: path, span: *span }, "P707", message, Some(help));
    }
    let one_for_all = path.strip_prefix("locales/").is_some_and(|it| !it.contains('/'));
    if one_for_all && causes.len() > 1 {
        let message = "one file holds the messages of several causes".to_owned();
        let help = format!(
            "put each cause's into locales/{name}/<cause>.yaml, and the rest into locales/{name}/playbook.yaml: then two authors never touch one file"
        );
        checker.faults.warn(&Place { file: path, span: section }, "P705", message, Some(help));
    }
}

/// The cause that a message is of.
fn cause_of(id: &str) -> Option<&str> {
    if let Some(rest) = id.strip_prefix("causes.") {
        return rest.split('.').next();
    }
    let (_, name) = id.split_once('.')?;
    name.split_once('/').map(|(cause, _)| cause)
}

impl<'f> Locale<'f> {
    /// Where a message stands, or would.
    fn place(&self, name: &str, id: &str) -> (&'f str, Span) {
        if let Some(place) = self.places.get(id) {
            return *place;
        }
        let of_cause = cause_of(id).map(|it| format!("locales/{name}/{it}.yaml"));
        let own = of_cause.and_then(|it| self.files.get_key_value(it.as_str()));
        let common = || self.files.get_key_value(&*format!("locales/{name}/playbook.yaml"));
        let found = own.or_else(common).or_else(|| self.files.first_key_value());
        found.map_or(("", Span::default()), |(file, span)| (*file, *span))
    }
}
