//! What the reader is shown of a record: its original lines around what was looked for, bounded,
//! without secrets.

use std::ops::Range;
use std::sync::OnceLock;

use super::literal::required_literal;
use super::record::Record;
use super::{Moment, Quote, Watch, secret};

/// Lines of a quote.
const LINES: usize = 12;
/// Characters of a line, more or less.
const LINE: usize = 240;
/// Characters that are kept of the beginning of a line that is too long.
const HEAD: usize = 70;
/// Spots that a line is cut around.
const SPOTS: usize = 3;
/// Characters of one spot.
const SPOT: usize = 120;

/// A record that may be quoted for many watches: its secrets are looked for once, and only if it is quoted. Of a log that
/// tells the same again and again only the first records and the last one are.
#[derive(Debug)]
pub(super) struct Quotable {
    /// As it was read.
    raw: String,
    /// Without secrets.
    clean: OnceLock<String>,
    line: u64,
    at: Option<Moment>,
    count: u64,
}

impl Quotable {
    pub(super) fn new(record: &Record) -> Self {
        Self {
            raw: record.text.clone(),
            clean: OnceLock::new(),
            line: record.line,
            at: record.last,
            count: record.count.max(1),
        }
    }

    /// Bytes it holds.
    pub(super) fn len(&self) -> usize {
        self.raw.len()
    }

    /// The record's header, and the lines that hold what the watch looks for.
    pub(super) fn quote(&self, origin: &str, watch: &Watch) -> Quote {
        let clean = self.clean.get_or_init(|| secret::redact(&self.raw).into_owned());
        let (text, decides) = excerpt(clean, &spots(clean, watch));
        Quote {
            origin: origin.to_owned(),
            line: self.line,
            text,
            decides,
            at: self.at,
            count: self.count,
        }
    }
}

/// Where in the text stands what the watch looks for, as far as the original spelling tells.
fn spots(text: &str, watch: &Watch) -> Vec<Range<usize>> {
    let literals = watch
        .all
        .iter()
        .filter_map(|it| find(text, it))
        .chain(watch.any.iter().filter_map(|group| group.iter().find_map(|it| find(text, it))));
    let patterns = watch.matches.iter().filter_map(|pattern| {
        pattern
            .find(text)
            .map(|it| it.range())
            .or_else(|| find(text, &required_literal(pattern.as_str())?))
    });
    let mut found: Vec<Range<usize>> = literals.chain(patterns).collect();
    if found.is_empty() {
        found.extend(watch.also_seen_as.iter().find_map(|it| find(text, it)));
    }
    found.sort_by_key(|it| it.start);
    found
}

/// A literal, or the longest of its words where a line breaks within it.
fn find(text: &str, literal: &str) -> Option<Range<usize>> {
    let at = |part: &str| text.find(part).map(|at| at..at + part.len());
    at(literal).or_else(|| at(literal.split_whitespace().max_by_key(|it| it.len())?))
}

/// The lines that matter, each cut around what matters in it; and which of them holds most of that.
fn excerpt(text: &str, spots: &[Range<usize>]) -> (String, usize) {
    let mut lines: Vec<(&str, Vec<Range<usize>>)> = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let end = start + line.len();
        // Rules and blank lines tell nothing.
        if !line.trim_matches(['-', ' ', '\t', '\r']).is_empty() {
            let here = spots.iter().filter(|it| it.start < end && it.end > start);
            let within = |at: usize| at.clamp(start, end) - start;
            lines.push((line, here.map(|it| within(it.start)..within(it.end)).collect()));
        }
        start = end + 1;
    }
    let matter: Vec<usize> = lines
        .iter()
        .enumerate()
        .filter(|(at, (_, here))| *at == 0 || !here.is_empty())
        .map(|(at, _)| at)
        .take(LINES)
        .collect();
    let mut nearest: Vec<usize> = (0..lines.len()).collect();
    nearest
        .sort_by_key(|line| (matter.iter().map(|it| it.abs_diff(*line)).min().unwrap_or(0), *line));
    nearest.truncate(LINES);
    nearest.sort_unstable();
    let mut shown: Vec<String> = Vec::new();
    let (mut decides, mut most) = (0, 0);
    let mut next = 0;
    for at in nearest {
        if at > next {
            shown.push("…".to_owned());
        }
        next = at + 1;
        let Some((line, here)) = lines.get(at) else { continue };
        let held: usize = here.iter().map(Range::len).sum();
        if held > 0 && held >= most {
            (decides, most) = (shown.len(), held);
        }
        shown.push(cut(line, here));
    }
    if next < lines.len() {
        shown.push("…".to_owned());
    }
    (shown.join("\n"), decides)
}

/// A long line's beginning, and what stands around the spots.
fn cut(line: &str, spots: &[Range<usize>]) -> String {
    let letters: Vec<char> = line.chars().collect();
    if letters.len() <= LINE {
        return line.to_owned();
    }
    let position =
        |byte: usize| line.get(..line.floor_char_boundary(byte)).map_or(0, |it| it.chars().count());
    let spots: Vec<Range<usize>> = spots
        .iter()
        .take(SPOTS)
        .map(|it| position(it.start)..position(it.end).min(position(it.start) + SPOT))
        .collect();
    let held: usize = spots.iter().map(Range::len).sum();
    let mut windows = vec![0..if spots.is_empty() { LINE } else { HEAD }];
    let around = LINE.saturating_sub(HEAD + held).max(60 * spots.len()) / (2 * spots.len().max(1));
    for spot in spots {
        let from = spot.start.saturating_sub(around);
        let to = (spot.end + around).min(letters.len());
        match windows.last_mut() {
            Some(last) if from <= last.end + 3 => last.end = last.end.max(to),
            _ => windows.push(from..to),
        }
    }
    let end = if windows.last().is_some_and(|it| it.end < letters.len()) { "…" } else { "" };
    let pieces: Vec<String> = windows
        .into_iter()
        .map(|it| letters.get(it).unwrap_or_default().iter().collect())
        .collect();
    format!("{}{end}", pieces.join(" … "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, watch: &Watch) -> String {
        excerpt(text, &spots(text, watch)).0
    }

    #[test]
    fn a_long_line_is_cut_around_what_was_looked_for() {
        let text = format!("head {}ForbiddenByConnection{} tail", "a".repeat(900), "b".repeat(900));
        let watch = Watch { all: vec!["ForbiddenByConnection".to_owned()], ..Watch::default() };
        let quote = shown(&text, &watch);
        assert!(quote.starts_with("head aaa") && quote.contains("aForbiddenByConnectionb"));
        assert!(quote.chars().count() < 260, "{quote}");
        let pattern = regex::Regex::new("By[A-Z][a-z]+n").unwrap();
        let watch = Watch { matches: vec![pattern], ..Watch::default() };
        assert!(shown(&text, &watch).contains("ForbiddenByConnection"));
    }

    #[test]
    fn of_many_lines_those_are_kept_that_hold_it() {
        let mut lines: Vec<String> = (0..60).map(|it| format!("line {it}")).collect();
        lines.insert(45, "-----".to_owned());
        let watch = Watch { all: vec!["line 50".to_owned()], ..Watch::default() };
        let (quote, decides) = excerpt(&lines.join("\n"), &spots(&lines.join("\n"), &watch));
        assert_eq!(quote.lines().nth(decides), Some("line 50"));
        assert!(quote.starts_with("line 0\n") && quote.contains("line 50\n"));
        assert!(!quote.contains("---") && quote.lines().count() <= LINES + 2, "{quote}");
    }
}
