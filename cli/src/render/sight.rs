//! What was read, for whoever asks why a text was taken for what it was: pieces, facts, records and whose they are.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value as Json;
use triagem_engine::evidence::{Body, Gap, Given};
use triagem_engine::playbook::template::visible;
use triagem_engine::text::{Moment, Quote, show_moment};
use triagem_engine::verdict::seen::{FactSeen, RecordsSeen, Sight};
use triagem_engine::verdict::{Recognised, Shown};
use triagem_engine::words::Words;

use super::ink::one_line;
use super::json::escape;

/// A piece, and what it was recognised as.
pub(crate) type Piece<'a> = (&'a Given, &'a Recognised);

/// Lines of an object that a person is shown.
const LINES: usize = 30;
/// Letters of a value or line.
const LETTERS: usize = 160;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SightV1<'a> {
    api_version: &'static str,
    kind: &'static str,
    lang: &'a str,
    pieces: Vec<PieceV1<'a>>,
    playbooks: Vec<PlaybookV1<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PieceV1<'a> {
    origin: &'a str,
    line: u64,
    what: &'static str,
    names: &'a BTreeMap<String, String>,
    stands_for: &'a [String],
    gap: Option<&'static str>,
    records: u64,
    oldest: Option<String>,
    newest: Option<String>,
    tree: Option<&'a Json>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlaybookV1<'a> {
    id: &'a str,
    facts: Vec<FactV1<'a>>,
    records: Vec<RecordsV1<'a>>,
    /// Subjects that are not shown.
    left: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FactV1<'a> {
    fact: &'a str,
    r#type: &'static str,
    of: &'a BTreeMap<String, String>,
    /// `null`: nobody knows it; empty: it is known that there is none.
    values: Option<&'a [String]>,
    read_at: Vec<PlaceV1<'a>>,
    gaps: Vec<GapV1<'a>>,
}

#[derive(Serialize)]
struct PlaceV1<'a> {
    at: &'a str,
    path: &'a str,
}

#[derive(Serialize)]
struct GapV1<'a> {
    step: &'a str,
    reason: &'static str,
    detail: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordsV1<'a> {
    sign: &'a str,
    fact: &'a str,
    of: &'a BTreeMap<String, String>,
    whose: &'static str,
    count: u64,
    first: Option<String>,
    last: Option<String>,
    quotes: Vec<QuoteV1<'a>>,
}

#[derive(Serialize)]
struct QuoteV1<'a> {
    origin: &'a str,
    line: u64,
    time: Option<String>,
    text: &'a str,
}

/// For programs.
pub(crate) fn json(
    pieces: &[Piece<'_>],
    sights: &[Sight],
    words: &Words,
    out: &mut dyn Write,
) -> io::Result<()> {
    let sight = SightV1 {
        api_version: "triagem/v1",
        kind: "Sight",
        lang: words.locale(),
        pieces: pieces.iter().map(|it| piece(it)).collect(),
        playbooks: sights.iter().map(playbook).collect(),
    };
    escape::write(&sight, out)
}

fn when(moment: Option<Moment>) -> Option<String> {
    moment.map(show_moment)
}

fn piece<'a>((given, recognised): &Piece<'a>) -> PieceV1<'a> {
    let body = given.answer.as_ref().ok().map(|it| &it.body);
    let (text, tree) = match body {
        Some(Body::Text(text)) => (Some(text), None),
        Some(Body::Tree(tree)) => (None, Some(tree)),
        None => (None, None),
    };
    PieceV1 {
        origin: &recognised.origin,
        line: recognised.line,
        what: recognised.what.name(),
        names: &recognised.names,
        stands_for: &recognised.stands_for,
        gap: recognised.gap.as_ref().map(Gap::name),
        records: recognised.records,
        oldest: text.and_then(|it| when(it.oldest)),
        newest: text.and_then(|it| when(it.newest)),
        tree,
    }
}

fn playbook(sight: &Sight) -> PlaybookV1<'_> {
    PlaybookV1 {
        id: &sight.playbook,
        facts: sight.facts.iter().map(fact).collect(),
        records: sight.records.iter().map(records).collect(),
        left: sight.left,
    }
}

fn fact(it: &FactSeen) -> FactV1<'_> {
    FactV1 {
        fact: &it.fact,
        r#type: it.kind.name(),
        of: &it.of,
        values: match &it.shown {
            Shown::Known(values) => Some(values),
            Shown::Absent => Some(&[]),
            Shown::Unknown => None,
        },
        read_at: it.read_at.iter().map(|it| PlaceV1 { at: &it.at, path: &it.path }).collect(),
        gaps: it
            .gaps
            .iter()
            .map(|it| GapV1 { step: &it.step, reason: it.gap.name(), detail: it.gap.detail() })
            .collect(),
    }
}

fn records(it: &RecordsSeen) -> RecordsV1<'_> {
    let quote = |it: &Quote| when(it.at);
    RecordsV1 {
        sign: &it.sign,
        fact: &it.fact,
        of: &it.of,
        whose: it.whose.name(),
        count: it.count,
        first: when(it.first),
        last: when(it.last),
        quotes: it
            .quotes
            .iter()
            .map(|it| QuoteV1 {
                origin: &it.origin,
                line: it.line,
                time: quote(it),
                text: &it.text,
            })
            .collect(),
    }
}

/// For people.
pub(crate) fn text(
    pieces: &[Piece<'_>],
    sights: &[Sight],
    words: &Words,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{}", words.get("read.pieces"))?;
    for (given, recognised) in pieces {
        text_of_piece(given, recognised, words, out)?;
    }
    for sight in sights {
        writeln!(out, "\n{}", sight.playbook)?;
        facts_of(sight, words, out)?;
        records_of(sight, words, out)?;
        if sight.left > 0 {
            writeln!(out, "  {}", words.plural("read.left", sight.left))?;
        }
    }
    Ok(())
}

fn text_of_piece(
    given: &Given,
    recognised: &Recognised,
    words: &Words,
    out: &mut dyn Write,
) -> io::Result<()> {
    let names: Vec<String> = recognised
        .names
        .iter()
        .map(|(name, value)| format!("{name}={}", one_line(value)))
        .collect();
    let place = words.say(
        "read.at",
        &[("origin", &*recognised.origin), ("line", &*recognised.line.to_string())],
    );
    writeln!(out, "  {place}: {} {}", recognised.what.name(), names.join(" "))?;
    let stands = recognised.stands_for.join(", ");
    if stands.is_empty() {
        writeln!(out, "    {}", words.get("read.for-nothing"))?;
    } else {
        writeln!(out, "    {}", words.say("read.stands-for", &[("steps", &stands)]))?;
    }
    match given.answer.as_ref().map(|it| &it.body) {
        Err(gap) => writeln!(out, "    {}", words.gap(gap)),
        Ok(Body::Text(text)) => {
            let records = usize::try_from(text.records).unwrap_or(usize::MAX);
            let mut told = words.plural("read.records", records);
            if let (Some(oldest), Some(newest)) = (when(text.oldest), when(text.newest)) {
                told = format!("{told}, {oldest} - {newest}");
            }
            writeln!(out, "    {told}")
        }
        Ok(Body::Tree(tree)) => {
            let yaml = serde_yaml::to_string(tree).unwrap_or_default();
            for line in yaml.lines().take(LINES) {
                writeln!(out, "    {}", short(line))?;
            }
            let more = yaml.lines().count().saturating_sub(LINES);
            if more > 0 {
                writeln!(out, "    {}", words.plural("read.lines-more", more))?;
            }
            Ok(())
        }
    }
}

fn short(text: &str) -> String {
    let text = visible(text);
    match text.char_indices().nth(LETTERS) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

fn of_whom(of: &BTreeMap<String, String>) -> String {
    let all: Vec<String> = of.values().map(|it| one_line(it)).collect();
    if all.is_empty() { String::new() } else { format!(" [{}]", all.join(", ")) }
}

fn facts_of(sight: &Sight, words: &Words, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  {}", words.get("read.facts"))?;
    let mut unknown = 0;
    for fact in &sight.facts {
        let told = match &fact.shown {
            Shown::Unknown => {
                unknown += 1;
                continue;
            }
            Shown::Absent => words.get("read.none").to_owned(),
            Shown::Known(values) => values.join(", "),
        };
        let places: Vec<String> = fact
            .read_at
            .iter()
            .filter(|it| it.there)
            .take(2)
            .map(|it| format!("{} {}", it.at, it.path).trim().to_owned())
            .collect();
        let whom = of_whom(&fact.of);
        let place =
            if places.is_empty() { String::new() } else { format!("  ({})", places.join("; ")) };
        let line = format!("{}{whom} = {}{place}", fact.fact, one_line(&told));
        writeln!(out, "    {}", short(&line))?;
    }
    if unknown > 0 {
        writeln!(out, "    {}", words.plural("read.unknown", unknown))?;
    }
    Ok(())
}

fn records_of(sight: &Sight, words: &Words, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  {}", words.get("read.seen"))?;
    if sight.records.is_empty() {
        return writeln!(out, "    {}", words.get("read.none"));
    }
    for seen in &sight.records {
        let whose = words.get(match seen.whose.name() {
            "subject" => "read.whose.subject",
            "weak" => "read.whose.weak",
            "cut" => "read.whose.cut",
            "nobody" => "read.whose.nobody",
            _ => "read.whose.another",
        });
        let (sign, whom) = (&seen.sign, of_whom(&seen.of));
        let last = when(seen.last).map(|it| format!(", {it}")).unwrap_or_default();
        writeln!(out, "    {}", short(&format!("{sign}{whom}: ×{}{last} - {whose}", seen.count)))?;
        for quote in seen.quotes.iter().take(1) {
            let line = quote.text.lines().nth(quote.decides).unwrap_or_default();
            let place = format!("{}:{}", quote.origin, quote.line);
            writeln!(out, "      {}", short(&format!("{place} > {}", line.trim())))?;
        }
    }
    Ok(())
}
