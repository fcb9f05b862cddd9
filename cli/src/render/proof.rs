//! What a sign saw: where, when, how often, and in which words; and whom a finding is about.

use std::collections::{BTreeMap, BTreeSet};
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

/// What has been told, and how much of a quote is shown. Nothing of it is told twice.
#[derive(Debug, Default)]
pub(super) struct Quoted {
    /// Every line of a quote; else the one that decides.
    pub(super) verbose: bool,
    texts: BTreeSet<String>,
    /// Lines that stand in the report: of quotes, and of where they stand.
    lines: BTreeSet<String>,
}

impl Quoted {
    pub(super) fn new(verbose: bool) -> Self {
        Self { verbose, ..Self::default() }
    }

    /// Whether all that a sign saw has been quoted.
    pub(super) fn holds_all(&self, sign: &SignSeen) -> bool {
        !sign.quotes.is_empty() && sign.quotes.iter().all(|it| self.holds(it))
    }

    /// What is said beside a sign of which nothing is quoted again.
    pub(super) fn note(&self, sign: &SignSeen, words: &Words) -> String {
        if self.holds_all(sign) {
            format!(" ({})", words.get("quoted-above"))
        } else {
            String::new()
        }
    }

    fn holds(&self, quote: &Quote) -> bool {
        self.texts.contains(&quote.text)
            || !self.verbose && self.lines.contains(decisive(&visible(&quote.text), quote.decides))
    }

    /// Whether a line is new; from now on it is not.
    fn is_new(&mut self, line: &str) -> bool {
        self.lines.insert(line.to_owned())
    }
}

/// The line that decides, of a text of several.
fn decisive(text: &str, decides: usize) -> &str {
    text.lines().nth(decides).or_else(|| text.lines().next()).unwrap_or_default().trim()
}

/// One quote: where it stands, and its words. What was quoted before is only named.
pub(super) fn quote(
    quote: &Quote,
    what: &str,
    words: &Words,
    quoted: &mut Quoted,
    out: &mut dyn Write,
) -> io::Result<()> {
    let dim = Style::new().dimmed();
    let head = format!("{what}{}", head(quote, words));
    if quoted.holds(quote) {
        let head = format!("{head} · {}", words.get("quoted-above"));
        return if quoted.is_new(&head) {
            writeln!(out, "{dim}      {head}{dim:#}")
        } else {
            Ok(())
        };
    }
    quoted.texts.insert(quote.text.clone());
    let text = visible(&quote.text);
    let line = decisive(&text, quote.decides);
    quoted.is_new(line);
    let all = text.lines().count();
    if quoted.verbose {
        writeln!(out, "{dim}      {head}{dim:#}")?;
        for line in text.lines() {
            writeln!(out, "{dim}      > {line}{dim:#}")?;
        }
        return Ok(());
    }
    let more = match all {
        0 | 1 => String::new(),
        all => format!(" · {}", words.plural("more-lines", all - 1)),
    };
    writeln!(out, "{dim}      {head}{more}{dim:#}")?;
    writeln!(out, "{dim}      > {line}{dim:#}")
}

/// The proof of a sign: so many quotes, the others by their place. Nothing is quoted twice.
pub(super) fn seen(
    sign: &SignSeen,
    words: &Words,
    quoted: &mut Quoted,
    full: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let dim = Style::new().dimmed();
    // That all of it stands above is said beside the sign.
    let full = if quoted.holds_all(sign) { 0 } else { full };
    for it in sign.quotes.iter().take(full) {
        quote(it, "", words, quoted, out)?;
    }
    let others = sign.quotes.iter().skip(full).map(|it| head(it, words));
    let others: Vec<String> = others.take_while(|_| full > 0).collect();
    let text = format!("{}: {}", words.get("also-in"), others.join("; "));
    if !others.is_empty() && quoted.is_new(&text) {
        writeln!(out, "{dim}      {text}{dim:#}")?;
    }
    // The place of a text stands with its quote.
    let places: Vec<&Place> = sign
        .where_
        .iter()
        .filter(|it| sign.quotes.is_empty() || !it.path.is_empty() || !it.there)
        .collect();
    for place in places.iter().take(PLACES) {
        let text = match place.path.as_str() {
            "" => origin(&place.at, words),
            path => format!("{} {}", origin(&place.at, words), one_line(path)),
        };
        let text = if place.there { text } else { words.say("not-there", &[("place", &text)]) };
        if quoted.is_new(&text) {
            writeln!(out, "{dim}      {text}{dim:#}")?;
        }
    }
    Ok(())
}

/// Where a quote stands: its text, and the line in it.
pub(super) fn place(quote: &Quote, words: &Words) -> String {
    let place = origin(&quote.origin, words);
    if quote.line == 0 {
        return place;
    }
    format!("{place}, {}", words.say("line", &[("n", &quote.line.to_string())]))
}

/// Where a quote stands, how often and when it was said last.
pub(super) fn head(quote: &Quote, words: &Words) -> String {
    let mut parts = vec![place(quote, words)];
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

/// Where a text came from. What we asked for bears a name of ours.
pub(super) fn origin(origin: &str, words: &Words) -> String {
    if origin == "-" {
        return words.get("pasted").to_owned();
    }
    let Some((what, of)) = origin.split_once(" of ") else { return one_line(origin) };
    let of = match of {
        "all namespaces" => words.get("origin.everywhere").to_owned(),
        of => one_line(of),
    };
    match what {
        "log" => words.say("origin.log", &[("of", &of)]),
        "events" => words.say("origin.events", &[("of", &of)]),
        // The plural of a kind; a file may be called anything else.
        what if what.chars().all(|it| it.is_ascii_lowercase()) => {
            words.say("origin.list", &[("what", what), ("of", &of)])
        }
        _ => one_line(origin),
    }
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
