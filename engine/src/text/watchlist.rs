//! Every pattern of every playbook as one scanner: literals first, then only what they lead to.

use std::collections::BTreeSet;

use memchr::memmem::Finder;
use regex::Regex;

use super::announce::{Announced, Automaton, announced_by};
use super::normal::{fold, squash};
use super::quiet::Marks;
use super::{Excerpts, Format, Lens, Severity, Watch};

/// Watches, compiled before the first byte of text.
#[derive(Debug)]
pub struct Watchlist {
    pub(super) watches: Vec<Prepared>,
    pub(super) looks_like: Vec<Literal>,
    /// Literals as they stand in raw text.
    pub(super) raw: Automaton,
    /// What keeps a line from being quiet, besides literals.
    pub(super) marks: Marks,
    /// Literals without white space, for text that may have been wrapped.
    squashed: Automaton,
    /// Watches that no literal announces.
    pub(super) always: BTreeSet<usize>,
    /// Patterns that tell whose a record is; the watches of one fact share theirs.
    pub(super) abouts: Vec<Regex>,
    /// Literals that tie a record to a component; the watches of one fact share theirs.
    pub(super) ties: Vec<Vec<Literal>>,
    /// How records are looked at, where not as they are; the watches of one fact share theirs.
    pub(super) lenses: Vec<Lens>,
    /// How records begin, besides those of logging libraries.
    pub(super) formats: Vec<Format>,
}

/// A watch with its literals in both views.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) watch: Watch,
    pub(super) all: Vec<Literal>,
    pub(super) any: Vec<Vec<Literal>>,
    pub(super) lacks: Vec<Literal>,
    /// In lower case.
    pub(super) weak: Vec<Literal>,
    /// Indexes into the list's patterns.
    pub(super) about: Vec<usize>,
    /// Index into the list's ties.
    pub(super) ties: Option<usize>,
    /// Index into the list's lenses.
    pub(super) lens: Option<usize>,
    /// Index into the list's ties: what shows that a record is an attempt.
    pub(super) tries: Option<usize>,
    /// Index into the list's patterns: what tells which of several things is tried.
    pub(super) of: Option<usize>,
    /// Nothing is looked for in the words of a record: that it is there is all.
    pub(super) is_bare: bool,
    /// A bit for each severity that counts.
    severities: u8,
}

/// One literal, white space folded, and without any: prepared once, looked for in every candidate.
#[derive(Debug)]
pub(super) struct Literal {
    folded: Finder<'static>,
    squashed: Finder<'static>,
}

impl Literal {
    fn new(text: &str) -> Self {
        let finder = |text: String| Finder::new(text.as_bytes()).into_owned();
        Self { folded: finder(fold(text)), squashed: finder(squash(text)) }
    }

    /// Whether it stands in a text with its white space folded.
    pub(super) fn in_folded(&self, text: &str) -> bool {
        self.folded.find(text.as_bytes()).is_some()
    }

    /// Whether it stands in a text without white space.
    pub(super) fn in_squashed(&self, text: &str) -> bool {
        self.squashed.find(text.as_bytes()).is_some()
    }
}

/// What a hit of the automaton leads to.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Lead {
    Watch(usize),
    LooksLike(usize),
}

impl Watchlist {
    /// Compiles watches and the literals that tell one component's log from another's. Sightings
    /// are keyed by the index into `watches`.
    pub fn new(watches: Vec<Watch>, looks_like: Vec<String>) -> Self {
        Self::build(watches, looks_like, true)
    }

    /// Looks at every record for every watch: what the prefilter must agree with.
    #[doc(hidden)]
    pub fn unfiltered(watches: Vec<Watch>, looks_like: Vec<String>) -> Self {
        Self::build(watches, looks_like, false)
    }

    fn build(watches: Vec<Watch>, looks_like: Vec<String>, filtered: bool) -> Self {
        let (mut raw, mut squashed) = (Automaton::default(), Automaton::default());
        let mut always = BTreeSet::new();
        for (index, watch) in watches.iter().enumerate() {
            match announced_by(watch).filter(|_| filtered) {
                Some(literals) => {
                    for literal in literals {
                        squashed.add(&Announced::word(&literal.squashed), Lead::Watch(index));
                        raw.add(&literal, Lead::Watch(index));
                    }
                }
                None => {
                    always.insert(index);
                }
            }
        }
        for (index, literal) in looks_like.iter().enumerate() {
            if let Some(announced) = Announced::whole(literal) {
                raw.add(&announced, Lead::LooksLike(index));
            }
            squashed.add(&Announced::word(&squash(literal)), Lead::LooksLike(index));
        }
        let raw = raw.ready();
        let mut abouts: Vec<Regex> = Vec::new();
        let mut holds: Vec<Vec<String>> = Vec::new();
        let mut lenses: Vec<Lens> = Vec::new();
        let watches = watches
            .into_iter()
            .map(|watch| {
                let same = |one: &Regex, other: &Regex| one.as_str() == other.as_str();
                let about = watch.about.iter().map(|it| place(&mut abouts, it, same)).collect();
                let any = &watch.filter.holds_any;
                let ties = (!any.is_empty()).then(|| place(&mut holds, any, PartialEq::eq));
                let lens = &watch.filter.lens;
                let lens = (!lens.is_plain()).then(|| place(&mut lenses, lens, PartialEq::eq));
                let tries = (!watch.tries.is_empty())
                    .then(|| place(&mut holds, &watch.tries, PartialEq::eq));
                let of = watch.of.as_ref().map(|it| place(&mut abouts, it, same));
                Prepared { ties, lens, tries, of, ..Prepared::new(watch, about) }
            })
            .collect();
        Self {
            watches,
            looks_like: looks_like.iter().map(|it| Literal::new(it)).collect(),
            marks: Marks::new(raw.all_words()),
            raw,
            squashed: squashed.ready(),
            always,
            abouts,
            ties: holds.iter().map(|it| it.iter().map(|it| Literal::new(it)).collect()).collect(),
            lenses,
            formats: Vec::new(),
        }
    }

    /// The same, which also knows how the records of these logs begin.
    #[must_use]
    pub fn reading(self, formats: Vec<Format>) -> Self {
        Self { formats, ..self }
    }

    /// Whether a line begins a record of a log.
    pub(crate) fn is_header(&self, line: &str) -> bool {
        super::is_header_of(line, &self.formats)
    }

    /// Whether some record was the words of a component, and told something.
    pub fn tells(&self, text: &Excerpts) -> bool {
        text.sightings.iter().any(|(watch, seen)| {
            let tied = self.watches.get(*watch).is_some_and(|it| it.ties.is_some());
            tied && seen.values().any(|it| it.strong.is_some())
        })
    }

    /// The first of the `looks-like` literals that a line holds as it stands.
    pub fn looks_like(&self, line: &str) -> Option<usize> {
        let squashed = squash(line);
        let held = |lead: &Lead| match *lead {
            Lead::LooksLike(index) => {
                self.looks_like.get(index)?.in_squashed(&squashed).then_some(index)
            }
            Lead::Watch(_) => None,
        };
        self.raw.words(line).filter_map(held).min()
    }

    /// Whether a part of a literal that announces a watch stands in a line: it may go on in the next one.
    pub fn is_of_interest(&self, line: &str) -> bool {
        self.raw.words(line).any(|it| matches!(it, Lead::Watch(_)))
    }

    /// The leads in a raw text from which normalising takes nothing away.
    pub(super) fn leads_raw(&self, text: &str, found: &mut Vec<Lead>) {
        self.raw.search(text, found);
    }

    /// The leads in a text without white space.
    pub(super) fn leads_squashed(&self, text: &str, found: &mut Vec<Lead>) {
        self.squashed.search(text, found);
    }
}

/// Where a thing stands in a list, put there if it does not yet.
fn place<T: Clone>(list: &mut Vec<T>, it: &T, same: impl Fn(&T, &T) -> bool) -> usize {
    list.iter().position(|known| same(known, it)).unwrap_or_else(|| {
        list.push(it.clone());
        list.len() - 1
    })
}

impl Prepared {
    fn new(watch: Watch, about: Vec<usize>) -> Self {
        let severities = match watch.filter.severity.iter().map(|it| bit(*it)).fold(0, |a, b| a | b)
        {
            0 => u8::MAX,
            some => some,
        };
        let literal = |it: &String| Literal::new(it);
        Self {
            all: watch.all.iter().map(literal).collect(),
            any: watch.any.iter().map(|group| group.iter().map(literal).collect()).collect(),
            lacks: watch.lacks.iter().map(literal).collect(),
            weak: watch.also_seen_as.iter().map(|it| literal(&it.to_ascii_lowercase())).collect(),
            about,
            ties: None,
            lens: None,
            tries: None,
            of: None,
            is_bare: watch.all.is_empty()
                && watch.any.is_empty()
                && watch.matches.is_empty()
                && watch.also_seen_as.is_empty()
                && watch.slot.is_none(),
            severities,
            watch,
        }
    }

    /// Whether a record without fields, such as a line of a log, is looked at whatever it says.
    pub(super) fn looks_at_all(&self) -> bool {
        !self.is_bare || self.watch.filter.fields.is_empty()
    }

    /// Whether a record of this severity counts; one whose severity nobody can tell does.
    pub(super) fn wants(&self, severity: Option<Severity>) -> bool {
        severity.is_none_or(|it| self.severities & bit(it) != 0)
    }
}

fn bit(severity: Severity) -> u8 {
    1 << severity as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Reading;

    #[test]
    fn a_literal_is_found_however_it_is_coloured_escaped_or_written() {
        let watch = |watch: Watch| {
            move |text: &str, repair: bool| {
                let list = Watchlist::new(vec![watch.clone()], Vec::new());
                let mut reading = Reading::new(&list, "-", 1, repair);
                reading.push(text.as_bytes());
                !reading.finish().sightings.is_empty()
            }
        };
        let strong = watch(Watch { all: vec!["a/client_id".to_owned()], ..Watch::default() });
        let weak = watch(Watch {
            all: vec!["mount failed".to_owned()],
            also_seen_as: vec!["montagem Falhou".to_owned()],
            ..Watch::default()
        });
        let header = "E1123 21:17:46.476161 1 a.go:1] ";
        assert!(strong(&format!("{header}a/cli\u{1b}[31ment_id"), false));
        assert!(strong(&format!("{header}a\\/client_id"), false));
        assert!(strong(&format!("{header}a/client\\_id"), true));
        assert!(strong(&format!("{header}a/cli**ent**_id"), true));
        assert!(weak("MONTAGEM FALHOU", true));
        assert!(weak(&format!("{header}Montagem falhou"), false));
    }
}
