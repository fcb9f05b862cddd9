//! Logs and messages: one reading for each component that a text tells apart.

use std::collections::BTreeMap;

use crate::evidence::{Body, Document, Gap, Given, GivenKind};
use crate::text::{Reading, Watchlist};

/// Components that are told apart; the records of others are nobody's.
const COMPONENTS: usize = 256;

/// What can be read from a line's prefix: `kind`, `name`, `namespace`, `container`, `unit`.
pub(super) type Names = BTreeMap<String, String>;

/// The texts under construction, by whose they are.
#[derive(Debug)]
pub(super) struct Texts<'w> {
    list: &'w Watchlist,
    origin: String,
    parts: BTreeMap<Names, Part<'w>>,
}

#[derive(Debug)]
struct Part<'w> {
    reading: Reading<'w>,
    from: u64,
    is_log: bool,
}

impl<'w> Texts<'w> {
    pub(super) fn new(list: &'w Watchlist, origin: &str) -> Self {
        Self { list, origin: origin.to_owned(), parts: BTreeMap::new() }
    }

    /// Reads a line of nobody in particular.
    pub(super) fn plain(&mut self, line: &str, number: u64, is_log: bool) {
        let names = Names::new();
        if line.trim().is_empty() && !self.parts.contains_key(&names) {
            return;
        }
        let part = self.part(names, number);
        part.is_log |= is_log;
        part.reading.at_line(number);
        part.reading.push(line.as_bytes());
        part.reading.push(b"\n");
    }

    /// Reads a line of a component. What other components said in between does not end its record.
    pub(super) fn of(&mut self, mut names: Names, text: &str, number: u64) {
        if self.parts.len() >= COMPONENTS && !self.parts.contains_key(&names) {
            names.clear();
        }
        let part = self.part(names, number);
        part.is_log = true;
        for line in text.lines() {
            part.reading.count_from(number);
            part.reading.push(line.as_bytes());
            part.reading.push(b"\n");
        }
    }

    fn part(&mut self, names: Names, number: u64) -> &mut Part<'w> {
        self.parts.entry(names).or_insert_with(|| Part {
            reading: Reading::new(self.list, &self.origin, 1, true),
            from: number,
            is_log: false,
        })
    }

    /// Ends all records: something else begins.
    pub(super) fn interrupt(&mut self) {
        self.parts.values_mut().for_each(|it| it.reading.interrupt());
    }

    pub(super) fn finish(self) -> Vec<Given> {
        let origin = self.origin;
        self.parts
            .into_iter()
            .map(|(names, part)| Given {
                kind: if part.is_log { GivenKind::Log } else { GivenKind::Message },
                names,
                answer: Ok(Document {
                    body: Body::Text(part.reading.finish()),
                    partial: Some(Gap::HandedOver),
                    origin: origin.clone(),
                }),
                origin: origin.clone(),
                line: part.from,
            })
            .collect()
    }
}
