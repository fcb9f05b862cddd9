//! What was handed over, as it was understood.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use anstyle::Style;
use triagem_engine::evidence::GivenKind;
use triagem_engine::playbook::template::visible;
use triagem_engine::text::Oddity;
use triagem_engine::verdict::{Recognised, Report};
use triagem_engine::words::Words;

use super::by_hand;
use super::ink::{one_line, wrap};

/// Files of what was handed over.
const FILES: usize = 10;
/// Parts of one file.
const LIST: usize = 12;

/// What was handed over, as it was understood: file by file.
pub(super) fn render(report: &Report, words: &Words, out: &mut dyn Write) -> io::Result<()> {
    let mut files: Vec<(&str, Vec<String>)> = Vec::new();
    let of_files = report.recognised.iter().filter(|it| it.what != GivenKind::Unread);
    let origins: BTreeSet<&str> = of_files.clone().map(|it| it.origin.as_str()).collect();
    for piece in of_files.clone() {
        // Of many files only what is odd is told by name.
        if origins.len() > FILES && piece.gap.is_none() {
            continue;
        }
        let part = piece_of(words, piece);
        match files.iter_mut().find(|(origin, _)| *origin == piece.origin) {
            Some((_, parts)) if parts.contains(&part) => {}
            Some((_, parts)) => parts.push(part),
            None => files.push((&piece.origin, vec![part])),
        }
    }
    let mut texts: Vec<String> = Vec::new();
    if origins.len() > FILES {
        texts.push(words.plural("given.files", origins.len()));
        texts.extend(counts(words, of_files.clone().filter(|it| it.gap.is_none())));
    }
    for piece in report.recognised.iter().filter(|it| it.what == GivenKind::Unread) {
        let part = piece_of(words, piece);
        files.push((&piece.origin, vec![part]));
    }
    if files.is_empty() && texts.is_empty() {
        return Ok(());
    }
    let more = files.len().saturating_sub(FILES);
    let told: Vec<String> = files
        .into_iter()
        .take(FILES)
        .map(|(origin, mut parts)| {
            if parts.len() > LIST {
                let own = of_files.clone().filter(|it| it.origin == origin);
                parts = counts(words, own.clone().filter(|it| it.gap.is_none()));
                // What could not be read is not one of many.
                let odd = own.filter(|it| it.gap.is_some()).map(|it| piece_of(words, it));
                parts.extend(odd.take(LIST));
            }
            let parts = parts.join(", ");
            if origin == "-" { parts } else { format!("{} ({parts})", one_line(origin)) }
        })
        .collect();
    texts.extend(told);
    if more > 0 {
        texts.push(format!("… +{more}"));
    }
    let dim = Style::new().dimmed();
    let text = format!("{}: {}", words.get("label.recognised"), texts.join(", "));
    writeln!(out, "{dim}{}{dim:#}\n", wrap(&text, 0, 2))?;
    aside(report, words, out)?;
    cut(report, words, out)
}

/// Whose warnings nothing was judged by.
fn aside(report: &Report, words: &Words, out: &mut dyn Write) -> io::Result<()> {
    let named = report.recognised.iter().filter(|it| it.aside);
    let names: BTreeSet<String> =
        named.filter_map(|it| it.names.get("name")).map(|it| one_line(it)).collect();
    if names.is_empty() {
        return Ok(());
    }
    let mut list = names.iter().take(LIST).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > LIST {
        list.push_str(&format!(", … +{}", names.len() - LIST));
    }
    let text = words.say("left-aside", &[("names", &list)]);
    writeln!(out, "{}\n", wrap(&text, 0, 2))
}

/// Whose rows kubectl cut, and what prints them whole.
fn cut(report: &Report, words: &Words, out: &mut dyn Write) -> io::Result<()> {
    let is_cut = |it: &&Recognised| it.oddities.contains(&Oddity::CutRow);
    let commands: BTreeSet<String> = report
        .recognised
        .iter()
        .filter(is_cut)
        .map(|it| by_hand::describe(words, &it.names))
        .collect();
    if commands.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", wrap(words.get("cut-rows"), 0, 2))?;
    for command in commands.iter().take(LIST) {
        writeln!(out, "  {}", visible(command))?;
    }
    if commands.len() > LIST {
        writeln!(out, "  … +{}", commands.len() - LIST)?;
    }
    writeln!(out)
}

/// Pieces by what they are: `pod × 12`, `3 logs`.
fn counts<'p>(words: &Words, pieces: impl Iterator<Item = &'p Recognised>) -> Vec<String> {
    let mut objects: BTreeMap<String, usize> = BTreeMap::new();
    let mut others: BTreeMap<&str, usize> = BTreeMap::new();
    for piece in pieces {
        let name = |key: &str| piece.names.get(key).map(|it| one_line(it));
        let of = match piece.what {
            GivenKind::Object | GivenKind::Resource => {
                let kind = name("kind").map(|it| it.to_lowercase()).or_else(|| name("type"));
                let kind = kind.unwrap_or_else(|| words.get("given.object").to_owned());
                *objects.entry(kind).or_default() += 1;
                continue;
            }
            GivenKind::Events => "given.events",
            GivenKind::Log => "given.logs",
            GivenKind::Message => "given.messages",
            GivenKind::Error | GivenKind::Unread => "given.errors",
        };
        let records = usize::try_from(piece.records).unwrap_or(usize::MAX);
        *others.entry(of).or_default() += if of == "given.events" { records } else { 1 };
    }
    let objects = objects.into_iter().map(|(kind, n)| format!("{kind} × {n}"));
    objects.chain(others.into_iter().map(|(of, n)| words.plural(of, n))).collect()
}

fn piece_of(words: &Words, piece: &Recognised) -> String {
    let name = |key: &str| piece.names.get(key).map(|it| one_line(it));
    let records = usize::try_from(piece.records).unwrap_or(usize::MAX);
    let mut part = match (piece.what, name("kind"), name("resource")) {
        (GivenKind::Object, Some(kind), _) => kind.to_lowercase(),
        (GivenKind::Error, _, Some(resource)) => resource,
        (GivenKind::Events, ..) => words.plural("given.events", records),
        (GivenKind::Log, ..) => words.plural("given.log", records),
        (GivenKind::Resource, ..) => name("type").unwrap_or_default(),
        (what, ..) => words.get(&format!("given.{}", what.name())).to_owned(),
    };
    if let Some(name) = name("name") {
        let text = matches!(piece.what, GivenKind::Events | GivenKind::Log);
        let of = if text { words.get("given.of") } else { " " };
        part = format!("{part}{of}{name}");
    }
    if let Some(gap) = &piece.gap {
        part = format!("{part}: {}", words.gap(gap));
    }
    for oddity in &piece.oddities {
        part = format!("{part} - {}", words.get(&format!("odd.{}", oddity.name())));
    }
    part
}
