//! Sightings of several texts, put together. Equal records of two files are one.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::moment::keep;
use super::{Excerpts, Quote, Sighting, Subject, Tally, Times};

/// Distinct records of a tally that are told apart.
pub(super) const RECORDS: usize = 1_024;
/// Distinct tuples of named groups.
pub(super) const GROUPS: usize = 256;
/// Quotes of a tally: the first ones, and the last.
const QUOTES: usize = 3;

impl Excerpts {
    /// Nobody knows whose this is: it can make something possible, and proves nothing.
    pub(crate) fn disown(&mut self) {
        for subjects in self.sightings.values_mut() {
            let mut nobodys: BTreeMap<Subject, Sighting> = BTreeMap::new();
            for (subject, sighting) in std::mem::take(subjects) {
                let slot = &mut nobodys.entry(vec![None; subject.len()]).or_default().foreign;
                let Sighting { strong, weak, cut, foreign } = sighting;
                for tally in [strong, weak, cut, foreign].into_iter().flatten() {
                    match slot {
                        Some(slot) => slot.merge(*tally),
                        None => *slot = Some(tally),
                    }
                }
            }
            *subjects = nobodys;
        }
    }
}

impl Excerpts {
    /// Gives records that leave out the namespace of whom they are about the whole name that the same text has for it, where it has
    /// only one: a kubelet writes `pod "web-0"` here, and `pod="shop/web-0"` there. `pattern`: what a watch reads such names with.
    pub(super) fn name_whole(&mut self, pattern: impl Fn(usize) -> Option<usize>) {
        let mut whole: BTreeMap<(usize, String), Option<String>> = BTreeMap::new();
        for (watch, subjects) in &self.sightings {
            let Some(pattern) = pattern(*watch) else { continue };
            for name in subjects.keys().filter_map(|it| it.first()?.as_ref()) {
                let Some((place, bare)) = name.split_once('/') else { continue };
                // What stands before the name of an image is a host.
                if bare.contains('/') || place.contains(['.', ':']) {
                    continue;
                }
                let known = whole.entry((pattern, bare.to_owned()));
                let known = known.or_insert_with(|| Some(name.clone()));
                if known.as_ref() != Some(name) {
                    *known = None;
                }
            }
        }
        if whole.is_empty() {
            return;
        }
        for (watch, subjects) in &mut self.sightings {
            let Some(pattern) = pattern(*watch) else { continue };
            let named = |it: &Subject| whole.get(&(pattern, it.first()?.clone()?))?.clone();
            let bare: Vec<Subject> =
                subjects.keys().filter(|it| named(it).is_some()).cloned().collect();
            for mut subject in bare {
                let Some(sighting) = subjects.remove(&subject) else { continue };
                let name = named(&subject);
                if let Some(first) = subject.first_mut() {
                    *first = name;
                }
                subjects.entry(subject).or_default().merge(sighting);
            }
        }
    }
}

impl Sighting {
    fn merge(&mut self, other: Self) {
        join(&mut self.strong, other.strong);
        join(&mut self.weak, other.weak);
        join(&mut self.cut, other.cut);
        join(&mut self.foreign, other.foreign);
    }
}

impl Times {
    /// Adds what was written at other times.
    pub(super) fn merge(&mut self, other: &Self) {
        keep(&mut self.first, other.first, Ordering::Less);
        keep(&mut self.last, other.last, Ordering::Greater);
        self.count = self.count.saturating_add(other.count);
        self.tried |= other.tried;
    }
}

impl Tally {
    /// Adds a record; whether it was new.
    pub(super) fn note(&mut self, hash: u64, count: u64) -> bool {
        if let Some(known) = self.records.get_mut(&hash) {
            // The same record again: what happened more often is the later count.
            *known = (*known).max(count);
            return false;
        }
        if self.records.len() < RECORDS {
            self.records.insert(hash, count);
        } else {
            self.more = self.more.saturating_add(count);
        }
        true
    }

    /// Whether its first records are quoted: of the others only the last one is.
    pub(super) fn has_first_quotes(&self) -> bool {
        self.quotes.len() >= QUOTES
    }

    /// Keeps a quote: the first ones, and the last.
    pub(super) fn show(&mut self, quote: Quote) {
        if self.quotes.iter().any(|it| it.text == quote.text) {
            return;
        }
        if self.quotes.len() >= QUOTES {
            self.quotes.pop();
        }
        self.quotes.push(quote);
    }

    /// The times of one thing that is tried. Of those that do not fit nobody can tell which they are.
    pub(super) fn of(&mut self, thing: Option<String>) -> &mut Times {
        let fits = self.of.len() < GROUPS || self.of.contains_key(&thing);
        self.of.entry(thing.filter(|_| fits)).or_default()
    }

    /// Puts two tallies together.
    pub fn merge(&mut self, other: Self) {
        for (hash, count) in other.records {
            if self.records.len() < RECORDS || self.records.contains_key(&hash) {
                self.records.entry(hash).and_modify(|it| *it = (*it).max(count)).or_insert(count);
            } else {
                self.more = self.more.saturating_add(count);
            }
        }
        self.more = self.more.saturating_add(other.more);
        keep(&mut self.first, other.first, Ordering::Less);
        keep(&mut self.last, other.last, Ordering::Greater);
        for quote in other.quotes {
            self.show(quote);
        }
        self.groups_cut |= other.groups_cut;
        self.tried |= other.tried;
        for (thing, times) in other.of {
            self.of(thing).merge(&times);
        }
        for (tuple, at) in other.groups {
            if self.groups.len() < GROUPS || self.groups.contains_key(&tuple) {
                keep(self.groups.entry(tuple).or_default(), at, Ordering::Greater);
            } else {
                self.groups_cut = true;
            }
        }
    }
}

fn join(slot: &mut Option<Box<Tally>>, other: Option<Box<Tally>>) {
    if let Some(other) = other {
        slot.get_or_insert_default().merge(*other);
    }
}

impl Excerpts {
    /// Puts two readings together.
    pub fn merge(&mut self, other: Self) {
        for (watch, subjects) in other.sightings {
            let mine = self.sightings.entry(watch).or_default();
            for (subject, sighting) in subjects {
                mine.entry(subject).or_default().merge(sighting);
            }
        }
        self.subjects_cut.extend(other.subjects_cut);
        self.looks_like.extend(other.looks_like);
        for warning in other.warnings {
            super::place(&mut self.warnings, warning);
        }
        self.records += other.records;
        self.bytes += other.bytes;
        keep(&mut self.oldest, other.oldest, Ordering::Less);
        keep(&mut self.newest, other.newest, Ordering::Greater);
        self.oddities.extend(other.oddities);
    }
}
