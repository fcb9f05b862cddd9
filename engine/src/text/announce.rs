//! What announces a watch in raw text: literals, found by one word of each, and then looked at whole.
//!
//! The word is what no normalisation touches; how white space stands around it is not known before a record was read.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Match, MatchKind};

use super::literal::{required_literals, safe};
use super::normal::{fold, squash};
use super::watchlist::Lead;
use super::{Lens, Watch};

/// Bytes of all words for which the fast automaton is made: each takes about 256 of memory.
const FAST: usize = 64 * 1024;

/// A literal that stands in every record which satisfies a watch.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Announced {
    /// Its longest part that no normalisation touches.
    word: String,
    /// What stands before the word, white space folded.
    before: String,
    /// What stands behind it.
    after: String,
    /// All of it, without white space.
    pub(super) squashed: String,
}

impl Announced {
    /// A word that stands for itself.
    pub(super) fn word(text: &str) -> Self {
        let (before, after) = (String::new(), String::new());
        Self { word: text.to_owned(), before, after, squashed: text.to_owned() }
    }

    /// A literal, if it has a word that no normalisation touches.
    pub(super) fn whole(literal: &str) -> Option<Self> {
        let squashed = squash(literal);
        Self::part(&fold(literal)).map(|it| Self { squashed, ..it })
    }

    /// The same where a lens may put it together of parts that stand apart in the record: what stands before a list of errors is put
    /// before each of them. Found by the part that has the longest word.
    fn through(literal: &str, lens: &Lens) -> Option<Self> {
        let folded = fold(literal);
        let begins = lens.attempts.iter().flat_map(|it| &it.begin).map(|it| fold(it));
        let begins: Vec<String> = begins.filter(|it| !it.is_empty()).collect();
        let is_seam =
            |tail: &str| begins.iter().any(|it| tail.starts_with(it) || it.starts_with(tail));
        let mut parts: Vec<&str> = Vec::new();
        let mut start = 0;
        for (at, _) in folded.char_indices().skip(1) {
            if folded.get(at..).is_some_and(is_seam) {
                parts.extend(folded.get(start..at));
                start = at;
            }
        }
        parts.extend(folded.get(start..));
        let found = parts.into_iter().filter_map(Self::part);
        let longest = found.max_by_key(|it| it.word.len())?;
        Some(Self { squashed: squash(literal), ..longest })
    }

    fn part(folded: &str) -> Option<Self> {
        let word = safe(folded)?;
        let (before, after) = folded.split_once(word)?;
        Some(Self {
            word: word.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
            squashed: String::new(),
        })
    }

    /// Whether it stands in a value of JSON as it does once the record was flattened to `key="value"`: within one text.
    pub(super) fn is_of_one_value(&self) -> bool {
        let whole = format!("{}{}{}", self.before, self.word, self.after);
        let ends = |before: &str| {
            before.ends_with(|it: char| it.is_ascii_digit() || "}]".contains(it))
                || ["true", "false", "null"].iter().any(|it| before.ends_with(it))
        };
        let is_seam = |(at, _)| whole.get(..at).is_some_and(ends);
        !whole.contains(['"', '=']) && !whole.match_indices(' ').any(is_seam)
    }

    /// Whether it may stand in a text where its word does. Of quotes that are escaped nothing is known but that they are none of
    /// its letters; an escape that may be white space may be anything.
    pub(super) fn may_stand(&self, before: &[u8], after: &[u8]) -> bool {
        ends_with(before, self.before.as_bytes()) && starts_with(after, self.after.as_bytes())
    }
}

/// Literals of which at least one stands in every record that satisfies the watch; `None` where nothing announces it.
pub(super) fn announced_by(watch: &Watch) -> Option<Vec<Announced>> {
    let lens = &watch.filter.lens;
    let whole = |literal: &String| Announced::through(literal, lens);
    if let Some(name) = &watch.slot {
        let slot = lens.slots.iter().find(|it| it.name == *name)?;
        return Some(vec![Announced::whole(&slot.after)?]);
    }
    let alone = watch.all.iter().filter_map(|it| Some(vec![whole(it)?]));
    let groups = watch.any.iter().filter_map(|it| it.iter().map(whole).collect());
    let patterns = watch
        .matches
        .iter()
        .filter_map(|it| required_literals(it.as_str())?.iter().map(whole).collect());
    // The longer the shortest of them, the rarer all of them are.
    let rare = |all: &Vec<Announced>| all.iter().map(|it| it.squashed.len()).min();
    let mut literals: Vec<Announced> = alone.chain(groups).chain(patterns).max_by_key(rare)?;
    for text in &watch.also_seen_as {
        let word = text.split_whitespace().filter_map(safe).max_by_key(|it| it.len())?;
        literals.push(Announced::word(word));
    }
    Some(literals)
}

/// What normalising folds to one space.
fn is_white(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

/// Whether a text ends with a literal, however much white space stands where the literal has one space.
fn ends_with(mut text: &[u8], literal: &[u8]) -> bool {
    for want in literal.iter().rev() {
        let Some((last, rest)) = text.split_last() else { return false };
        if rest.last() == Some(&b'\\') && b"nrt".contains(last) {
            return true;
        }
        if *want == b' ' && is_white(*last) {
            let end = rest.iter().rposition(|it| !is_white(*it)).map_or(0, |it| it + 1);
            text = rest.get(..end).unwrap_or_default();
        } else if last.eq_ignore_ascii_case(want) {
            text = rest;
        } else {
            return *last == b'\\';
        }
        let end = text.iter().rposition(|it| *it != b'\\').map_or(0, |it| it + 1);
        text = text.get(..end).unwrap_or_default();
    }
    true
}

/// The same at a text's beginning.
fn starts_with(mut text: &[u8], literal: &[u8]) -> bool {
    for want in literal {
        if text.first() == Some(&b'\\') {
            let from = text.iter().position(|it| *it != b'\\').unwrap_or(text.len());
            text = text.get(from..).unwrap_or_default();
            if *want == b'\\' || text.first().is_some_and(|it| b"nrt".contains(it)) {
                return true;
            }
        }
        let Some((first, rest)) = text.split_first() else { return false };
        if *want == b' ' && is_white(*first) {
            let from = rest.iter().position(|it| !is_white(*it)).unwrap_or(rest.len());
            text = rest.get(from..).unwrap_or_default();
        } else if first.eq_ignore_ascii_case(want) {
            text = rest;
        } else {
            return false;
        }
    }
    true
}

/// Where a word stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Hit {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its number.
    pub(super) word: usize,
}

impl From<Match> for Hit {
    fn from(it: Match) -> Self {
        Self { start: it.start(), end: it.end(), word: it.pattern().as_usize() }
    }
}

/// Words, and what each leads to.
#[derive(Debug, Default)]
pub(super) struct Automaton {
    words: BTreeMap<String, Vec<(Announced, Vec<Lead>)>>,
    all: Vec<String>,
    searcher: Option<AhoCorasick>,
    /// Faster, and dear to make: for long texts.
    fast: OnceLock<Option<AhoCorasick>>,
    /// By the number of the word.
    literals: Vec<Vec<(Announced, Vec<Lead>)>>,
}

impl Automaton {
    /// Adds what a literal leads to.
    pub(super) fn add(&mut self, literal: &Announced, lead: Lead) {
        if literal.word.is_empty() {
            return;
        }
        // The words of `also-seen-as` may be written in any case; the others are looked at again.
        let of_word = self.words.entry(literal.word.to_ascii_lowercase()).or_default();
        let same = |it: &Announced| it.before == literal.before && it.after == literal.after;
        match of_word.iter_mut().find(|(it, _)| same(it)) {
            Some((_, leads)) => leads.push(lead),
            None => of_word.push((literal.clone(), vec![lead])),
        }
    }

    /// Ready to search.
    pub(super) fn ready(mut self) -> Self {
        let (words, literals): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.words).into_iter().unzip();
        self.searcher = searcher(&words, AhoCorasickKind::ContiguousNFA);
        self.all = words;
        self.literals = literals;
        self
    }

    /// The words.
    pub(super) fn all_words(&self) -> impl Iterator<Item = &String> {
        self.all.iter()
    }

    /// Where words stand in raw bytes, in the order of their ends.
    pub(super) fn hits(&self, bytes: &[u8]) -> Vec<Hit> {
        let is_small = || self.all.iter().map(String::len).sum::<usize>() <= FAST;
        let fast = || is_small().then(|| searcher(&self.all, AhoCorasickKind::DFA)).flatten();
        let fast = self.fast.get_or_init(fast);
        let Some(searcher) = fast.as_ref().or(self.searcher.as_ref()) else { return Vec::new() };
        searcher.find_overlapping_iter(bytes).map(Hit::from).collect()
    }

    /// The literals of a word, and what each leads to.
    pub(super) fn literals(&self, word: usize) -> &[(Announced, Vec<Lead>)] {
        self.literals.get(word).map_or(&[], Vec::as_slice)
    }

    /// What the literals lead to that stand in a text.
    pub(super) fn search(&self, text: &str, found: &mut Vec<Lead>) {
        let Some(searcher) = &self.searcher else { return };
        // A literal that stands there often leads nowhere else.
        let mut seen: Vec<(usize, usize)> = Vec::new();
        for hit in searcher.find_overlapping_iter(text) {
            let word = hit.pattern().as_usize();
            let (before, after) = text.as_bytes().split_at(hit.start());
            let after = after.get(hit.end() - hit.start()..).unwrap_or_default();
            for (at, (literal, leads)) in self.literals(word).iter().enumerate() {
                if !seen.contains(&(word, at)) && literal.may_stand(before, after) {
                    seen.push((word, at));
                    found.extend(leads);
                }
            }
        }
    }

    /// What the words lead to that stand in a text, with what else their literals hold or without.
    pub(super) fn words<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a Lead> {
        let hits = self.searcher.iter().flat_map(move |it| it.find_overlapping_iter(text));
        hits.flat_map(|it| self.literals(it.pattern().as_usize())).flat_map(|(_, leads)| leads)
    }
}

fn searcher(words: &[String], kind: AhoCorasickKind) -> Option<AhoCorasick> {
    let mut builder = AhoCorasick::builder();
    builder.ascii_case_insensitive(true).match_kind(MatchKind::Standard).kind(Some(kind));
    builder.build(words).ok().filter(|_| !words.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::lens::Attempts;

    fn found(literal: &str, text: &str) -> bool {
        let mut automaton = Automaton::default();
        automaton.add(&Announced::whole(literal).unwrap(), Lead::Watch(0));
        let mut leads = Vec::new();
        automaton.ready().search(text, &mut leads);
        !leads.is_empty()
    }

    #[test]
    fn a_literal_is_found_by_its_word_and_looked_at_whole() {
        assert!(found("unexpected response", "an Unexpected \t response of"));
        assert!(found("a \"b\" response", "x a  \"b\"\nresponse"));
        assert!(!found("unexpected response", "a response, unexpected"));
        assert!(!found("unexpected response", "unexpectedresponse"));
        assert!(found("response response b", "response response response b"));
        assert!(found("a \"b\" response", r#"x a \"b\" response"#));
        assert!(!found("unexpected response", r#"an unexpected\" response"#));
        assert!(found("unexpected response", r"an unexpected\nresponse"));
    }

    #[test]
    fn what_may_be_put_together_later_is_found_by_its_word() {
        let attempts =
            Attempts { begin: vec!["rpc error: code = ".to_owned()], outweighs: Vec::new() };
        let lens = Lens { attempts: Some(attempts), ..Lens::default() };
        let of = |literal: &str, lens: &Lens| {
            let it = Announced::through(literal, lens).unwrap();
            format!("{}<{}>{}", it.before, it.word, it.after)
        };
        assert_eq!(of("image: rpc error: code = NotFound", &lens), "rpc error: code = <NotFound>");
        assert_eq!(of("the image: rp", &lens), "the <image:> ");
        assert_eq!(of("code = NotFound desc", &lens), "code = <NotFound> desc");
        assert_eq!(of("image: rpc error", &Lens::default()), "<image:> rpc error");
    }

    proptest! {
        #[test]
        fn a_literal_that_stands_in_the_folded_text_is_found(text in "[ab \\n\\tX]{0,20}", literal in "[ab]{1,2} [abX]{1,3}( [ab]{1,2})?") {
            let folded = fold(&text).to_ascii_lowercase();
            prop_assert_eq!(found(&literal, &text), folded.contains(&literal.to_ascii_lowercase()));
        }
    }
}
