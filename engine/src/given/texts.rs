//! Logs and messages: one reading for each component that a text tells apart.

use std::collections::BTreeMap;

use crate::evidence::{Body, Document, Gap, Given, GivenKind};
use crate::text::{Reading, Watchlist, announces_another_time, is_of_another_time};

/// Components that are told apart; the records of others are nobody's.
const COMPONENTS: usize = 256;

/// What can be read from a line's prefix: `kind`, `name`, `namespace`, `container`, `unit`.
pub(super) type Names = BTreeMap<String, String>;

/// The texts under construction, by whose they are.
#[derive(Debug)]
pub(super) struct Texts<'w> {
    list: &'w Watchlist,
    origin: String,
    parts: BTreeMap<(Names, Voice), Part<'w>>,
    /// What the last line of nobody in particular was of.
    last: Voice,
    /// Who told of another time announced what follows.
    aside: Option<Aside>,
}

/// What somebody shows of another time or place: what follows the announcement, up to an empty line or the end of its fence.
#[derive(Clone, Copy, Debug, Default)]
struct Aside {
    begun: bool,
    fenced: bool,
}

/// How a text of nobody in particular speaks.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
enum Voice {
    /// A program writes, and heads its records.
    Log,
    /// Nobody says who speaks.
    #[default]
    Bare,
    /// The words are those of one program (its index among the `looks-like` literals).
    Of(usize),
    /// Somebody tells of another time or place.
    Elsewhere,
}

#[derive(Debug)]
struct Part<'w> {
    reading: Reading<'w>,
    from: u64,
}

impl<'w> Texts<'w> {
    pub(super) fn new(list: &'w Watchlist, origin: &str) -> Self {
        Self {
            list,
            origin: origin.to_owned(),
            parts: BTreeMap::new(),
            last: Voice::default(),
            aside: None,
        }
    }

    /// Whether a line holds something that is looked for.
    pub(super) fn is_of_interest(&self, line: &str) -> bool {
        self.list.is_of_interest(line)
    }

    /// Reads a line that is shown of another time or place; whether it is one.
    pub(super) fn is_aside(&mut self, line: &str, number: u64, is_fence: bool) -> bool {
        let Some(aside) = &mut self.aside else { return false };
        let empty = line.trim().is_empty();
        let ends = match aside {
            Aside { fenced: true, .. } => is_fence,
            Aside { begun, .. } => *begun && (empty || is_fence),
        };
        if ends {
            self.aside = None;
            return is_fence;
        }
        if is_fence {
            aside.fenced = true;
        } else if !empty {
            aside.begun = true;
            self.read(Voice::Elsewhere, line, number);
        }
        true
    }

    /// Reads a line of nobody in particular.
    pub(super) fn plain(&mut self, line: &str, number: u64, is_log: bool) {
        let last = self.parts.get(&(Names::new(), self.last));
        if line.trim().is_empty() && last.is_none() {
            return;
        }
        let goes_on = line.trim().is_empty() || last.is_some_and(|it| it.reading.goes_on(line));
        let voice = match is_log {
            true => Voice::Log,
            false if goes_on => self.last,
            false => self.voice(line),
        };
        self.read(voice, line, number);
        if voice == Voice::Elsewhere && announces_another_time(line) {
            self.aside = Some(Aside::default());
        }
    }

    fn read(&mut self, voice: Voice, line: &str, number: u64) {
        self.keep_torn(voice);
        self.last = voice;
        let part = self.part(Names::new(), voice, number);
        part.reading.at_line(number);
        part.reading.push(line.as_bytes());
        part.reading.push(b"\n");
    }

    /// Whether the last record of nobody in particular may go on.
    pub(super) fn is_open(&self) -> bool {
        self.parts.get(&(Names::new(), self.last)).is_some_and(|it| it.reading.is_open())
    }

    /// Whose words a record begins with that has no header.
    fn voice(&self, line: &str) -> Voice {
        if is_of_another_time(line) {
            return Voice::Elsewhere;
        }
        self.list.looks_like(line).map_or(Voice::Bare, Voice::Of)
    }

    /// A log that was cut begins within a record: what stands right before its first header is of it.
    fn keep_torn(&mut self, voice: Voice) {
        let torn = (Names::new(), self.last);
        if voice != Voice::Log
            || self.last == Voice::Log
            || self.parts.contains_key(&(Names::new(), voice))
        {
            return;
        }
        if self.parts.get(&torn).is_some_and(|it| it.reading.is_one_open())
            && let Some(part) = self.parts.remove(&torn)
        {
            self.parts.insert((Names::new(), voice), part);
        }
    }

    /// Reads a line of a component. What other components said in between does not end its record.
    pub(super) fn of(&mut self, mut names: Names, text: &str, number: u64) {
        if self.parts.len() >= COMPONENTS && !self.parts.contains_key(&(names.clone(), Voice::Log))
        {
            names.clear();
        }
        let part = self.part(names, Voice::Log, number);
        for line in text.lines() {
            part.reading.count_from(number);
            part.reading.push(line.as_bytes());
            part.reading.push(b"\n");
        }
    }

    fn part(&mut self, names: Names, voice: Voice, number: u64) -> &mut Part<'w> {
        self.parts.entry((names, voice)).or_insert_with(|| Part {
            reading: Reading::new(self.list, &self.origin, 1, true),
            from: number,
        })
    }

    /// Ends all records: something else begins.
    pub(super) fn interrupt(&mut self) {
        self.aside = None;
        self.parts.values_mut().for_each(|it| it.reading.interrupt());
    }

    /// Ends the texts. `told`: what stands beside them tells a cause by itself, and whose it is.
    pub(super) fn finish(self, told: bool) -> Vec<Given> {
        let origin = self.origin;
        self.parts
            .into_iter()
            .map(|((names, voice), part)| {
                let mut text = part.reading.finish();
                let proves = match voice {
                    Voice::Log => true,
                    Voice::Bare | Voice::Of(_) => !told,
                    // Alone or not: what was so is not what is so.
                    Voice::Elsewhere => false,
                };
                if !proves {
                    text.disown();
                }
                Given {
                    kind: if voice == Voice::Log { GivenKind::Log } else { GivenKind::Message },
                    names,
                    answer: Ok(Document {
                        body: Body::Text(text),
                        partial: Some(Gap::HandedOver),
                        origin: origin.clone(),
                    }),
                    origin: origin.clone(),
                    line: part.from,
                }
            })
            .collect()
    }
}
