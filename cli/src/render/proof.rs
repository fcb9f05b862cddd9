//! What a sign saw: where, when, how often, and in which words; and whom a finding is about.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::Style;
use triagem_engine::playbook::Playbook;
use triagem_engine::playbook::template::visible;
use triagem_engine::text::{Moment, Quote, show_moment};
use triagem_engine::verdict::{Place, SignSeen};
use triagem_engine::words::Words;

use super::ink::one_line;

/// Subjects that are named.
const SUBJECTS: usize = 10;
/// Places that are named.
const PLACES: usize = 3;

/// The proof of a sign: so many quotes in full, the others by their place.
pub(super) fn seen(
    sign: &SignSeen,
    words: &Words,
    full: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let dim = Style::new().dimmed();
    for quote in sign.quotes.iter().take(full) {
        writeln!(out, "{dim}      {}{dim:#}", head(quote, words))?;
        for line in visible(&quote.text).lines() {
            writeln!(out, "{dim}      > {line}{dim:#}")?;
        }
    }
    let others: Vec<String> = sign.quotes.iter().skip(full).map(|it| head(it, words)).collect();
    if !others.is_empty() {
        writeln!(out, "{dim}      {}: {}{dim:#}", words.get("also-in"), others.join("; "))?;
    }
    // The place of a text stands with its quote.
    let places: Vec<&Place> = sign
        .where_
        .iter()
        .filter(|it| sign.quotes.is_empty() || !it.path.is_empty() || !it.there)
        .collect();
    for place in places.iter().take(PLACES) {
        let text = one_line(&place.text());
        let text = if place.there { text } else { words.say("not-there", &[("place", &text)]) };
        writeln!(out, "{dim}      {text}{dim:#}")?;
    }
    Ok(())
}

/// Where a quote stands, how often and when it was said last.
pub(super) fn head(quote: &Quote, words: &Words) -> String {
    let mut place = origin(&quote.origin, words);
    if quote.line > 0 {
        place = format!("{place}, {}", words.say("line", &[("n", &quote.line.to_string())]));
    }
    let mut parts = vec![place];
    if quote.count > 1 {
        parts.push(words.say("count", &[("n", &quote.count.to_string())]));
    }
    match quote.at {
        Some(Moment::Ago(seconds)) => parts.push(words.say("last-ago", &[("age", &age(seconds))])),
        Some(at) => parts.push(words.say("last", &[("at", &show_moment(at))])),
        None => {}
    }
    parts.join(" · ")
}

fn origin(origin: &str, words: &Words) -> String {
    if origin == "-" { words.get("pasted").to_owned() } else { one_line(origin) }
}

/// An age as kubectl writes it.
fn age(seconds: i64) -> String {
    match seconds {
        ..=119 => format!("{seconds}s"),
        120..=7_199 => format!("{}m", seconds / 60),
        7_200..=172_799 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// Whom a finding is about, in words.
pub(super) fn subjects(
    words: &Words,
    playbook: &Playbook,
    all: &[BTreeMap<String, String>],
) -> String {
    let one = |subject: &BTreeMap<String, String>| {
        let named = subject.iter().map(|(fact, value)| {
            let noun = match fact.as_str() {
                "object" => words.get("subject.object").to_owned(),
                fact => words.noun(playbook, fact),
            };
            format!("{noun} {}", one_line(value))
        });
        named.collect::<Vec<_>>().join(", ")
    };
    let mut texts: Vec<String> = all.iter().take(SUBJECTS).map(one).collect();
    let more = all.len().saturating_sub(SUBJECTS);
    if more > 0 {
        texts.push(format!("… +{more}"));
    }
    texts.join("; ")
}
