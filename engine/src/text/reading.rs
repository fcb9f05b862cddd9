//! One stream: byte chunks → lines → records → sightings, in bounded memory.

use std::cell::{OnceCell, RefCell};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::merge::GROUPS;
use super::moment::keep;
use super::normal::{alters, normalise, squash, unmarked};
use super::quiet::Run;
use super::quote::Quotable;
use super::record::Record;
use super::warning::Newest;
use super::watchlist::{Lead, Literal, Prepared};
use super::{Excerpts, Lens, Moment, Oddity, Severity, Sighting, Subject, Tally, Times, Watchlist};

/// Bytes of a line; of a longer one the beginning and the end are kept.
const LINE_BYTES: usize = 64 * 1024;
/// Bytes of a record that is held until it is known to be the last of its kind; a longer one is quoted at once.
const LATEST_BYTES: usize = 16 * 1024;
/// Distinct subjects a watch tells apart.
const SUBJECTS: usize = 256;

/// Reads one text. Any chunking of its bytes gives the same result.
#[derive(Debug)]
pub struct Reading<'w> {
    list: &'w Watchlist,
    origin: String,
    repair: bool,
    next_line: u64,
    line: Vec<u8>,
    /// The end of an oversized line, while it is being read.
    tail: Vec<u8>,
    record: Record,
    leads: Vec<Lead>,
    excerpts: Excerpts,
    warnings: Newest,
    /// The latest record of each tally, as long as another may follow: making a quote of each costs more than all else.
    latest: BTreeMap<(usize, Subject, Slot), Arc<Quotable>>,
}

/// Which tally of a sighting.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Slot {
    Strong,
    Weak,
    Cut,
    Foreign,
}

impl Slot {
    fn of(self, sighting: &mut Sighting) -> &mut Option<Box<Tally>> {
        match self {
            Self::Strong => &mut sighting.strong,
            Self::Weak => &mut sighting.weak,
            Self::Cut => &mut sighting.cut,
            Self::Foreign => &mut sighting.foreign,
        }
    }
}

/// A ready record, such as an event.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The fields its format has.
    pub fields: &'a BTreeMap<String, String>,
    /// How grave it says it is.
    pub severity: Option<Severity>,
    /// The message.
    pub text: &'a str,
    /// When it happened first.
    pub first: Option<Moment>,
    /// When it happened last.
    pub last: Option<Moment>,
    /// How often.
    pub count: u64,
    /// Line it stands at, from 1; 0 where lines mean nothing.
    pub line: u64,
    /// Its end is not there.
    pub cut: bool,
}

impl<'w> Reading<'w> {
    /// Begins a text. `repair` is for text that somebody handed over: what editors and chats broke
    /// is mended.
    pub fn new(list: &'w Watchlist, origin: &str, first_line: u64, repair: bool) -> Self {
        let mut record = Record::default();
        record.clear();
        Self {
            list,
            origin: origin.to_owned(),
            repair,
            next_line: first_line,
            line: Vec::new(),
            tail: Vec::new(),
            record,
            leads: Vec::new(),
            excerpts: Excerpts::default(),
            warnings: Newest::default(),
            latest: BTreeMap::new(),
        }
    }

    /// Reads the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.excerpts.bytes += bytes.len() as u64;
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = rest.split_at(end);
            if self.line.is_empty() && line.len() <= LINE_BYTES {
                self.whole_line(line, false);
            } else {
                self.part(line);
                self.end_line();
            }
            rest = after.get(1..).unwrap_or_default();
        }
        self.part(rest);
    }

    /// Reads a ready record.
    pub fn message(&mut self, message: &Message<'_>) {
        self.end_record();
        let mut record = Record::default();
        record.line = message.line;
        record.lines = 1;
        let end =
            message.text.floor_char_boundary(super::record::RECORD_BYTES.min(message.text.len()));
        message.text.get(..end).unwrap_or_default().clone_into(&mut record.text);
        record.severity = message.severity;
        record.first = message.first.or(message.last);
        record.last = message.last;
        record.fields.clone_from(message.fields);
        record.count = message.count.max(1);
        record.cut = message.cut || end < message.text.len();
        self.warnings.note(&record, &self.origin);
        self.record = record;
        self.end_record();
    }

    /// What was seen so far, where a line that comes next may be passed over: it begins a record of its own.
    pub(crate) fn between(&self) -> Option<&Excerpts> {
        (self.line.is_empty() && self.tail.is_empty() && !self.record.is_broken_off())
            .then_some(&self.excerpts)
    }

    /// Passes over quiet lines: what follows them begins at this line.
    pub(crate) fn pass_over(&mut self, run: &Run, next_line: u64) {
        self.end_record();
        self.next_line = next_line;
        self.excerpts.records += run.lines;
        self.excerpts.bytes += run.bytes as u64;
        run.times(&mut self.excerpts.oldest, &mut self.excerpts.newest);
    }

    /// Says that the next bytes begin this line: what stood between is not of this text.
    pub fn at_line(&mut self, line: u64) {
        if self.next_line != line {
            self.interrupt();
            self.next_line = line;
        }
    }

    /// Says that the next bytes begin this line, and may go on with the record: what stood between was
    /// of somebody else.
    pub fn count_from(&mut self, line: u64) {
        self.next_line = line;
    }

    /// Whether a line would go on with the record.
    pub fn goes_on(&self, line: &str) -> bool {
        self.record.is_open() && !self.record.ends_before(line, &self.list.formats, self.repair)
    }

    /// Whether a record has begun that an indented line may go on with.
    pub fn is_open(&self) -> bool {
        self.record.is_in_value()
    }

    /// Whether it is nothing but one record, which may go on.
    pub fn is_one_open(&self) -> bool {
        self.excerpts.records == 0 && self.record.is_open() && !self.record.is_apart()
    }

    /// Ends the record: what follows does not belong to it.
    pub fn interrupt(&mut self) {
        if !self.line.is_empty() {
            self.end_line();
        }
        self.end_record();
    }

    /// Ends the text.
    pub fn finish(mut self) -> Excerpts {
        if !self.line.is_empty() {
            self.end_line();
        }
        if self.record.is_torn() {
            self.excerpts.oddities.insert(Oddity::CutAtEnd);
            self.record.cut = true;
        }
        self.end_record();
        for ((watch, subject, slot), record) in std::mem::take(&mut self.latest) {
            let sighting =
                self.excerpts.sightings.get_mut(&watch).and_then(|it| it.get_mut(&subject));
            if let Some(tally) = sighting.and_then(|it| slot.of(it).as_mut())
                && let Some(prepared) = self.list.watches.get(watch)
            {
                tally.show(record.quote(&self.origin, &prepared.watch));
            }
        }
        let list = self.list;
        self.excerpts.name_whole(|it| list.watches.get(it)?.about.first().copied());
        self.excerpts.warnings = self.warnings.finish();
        self.excerpts
    }

    fn part(&mut self, bytes: &[u8]) {
        let room = LINE_BYTES.saturating_sub(self.line.len()).min(bytes.len());
        let (now, later) = bytes.split_at(room);
        self.line.extend_from_slice(now);
        self.tail.extend_from_slice(later);
        if self.tail.len() > LINE_BYTES {
            self.tail.drain(..self.tail.len() - LINE_BYTES / 2);
        }
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        let oversized = !self.tail.is_empty();
        if oversized {
            line.truncate(LINE_BYTES / 2);
            let from = self.tail.len().saturating_sub(LINE_BYTES / 2);
            line.extend_from_slice(self.tail.get(from..).unwrap_or_default());
            self.tail.clear();
            self.excerpts.oddities.insert(Oddity::OversizedLine);
        }
        self.whole_line(&line, oversized);
        line.clear();
        self.line = line;
    }

    fn whole_line(&mut self, bytes: &[u8], cut: bool) {
        let number = self.next_line;
        self.next_line += 1;
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let cleaned: Vec<u8>;
        let bytes = if memchr::memchr(0, bytes).is_some() {
            self.excerpts.oddities.insert(Oddity::NulBytes);
            cleaned = bytes.iter().copied().filter(|it| *it != 0).collect();
            &cleaned
        } else {
            bytes
        };
        let text = String::from_utf8_lossy(bytes);
        if matches!(text, std::borrow::Cow::Owned(_)) {
            self.excerpts.oddities.insert(Oddity::InvalidUtf8);
        }
        if text.trim().is_empty() {
            self.record.blank();
            return;
        }
        if self.record.ends_before(&text, &self.list.formats, self.repair) {
            self.end_record();
        }
        self.record.push(&text, &self.list.formats, number, cut, self.repair);
    }

    fn end_record(&mut self) {
        if !self.record.is_open() {
            return;
        }
        let mut record = std::mem::take(&mut self.record);
        self.excerpts.records += 1;
        keep(&mut self.excerpts.oldest, record.first, Ordering::Less);
        keep(&mut self.excerpts.newest, record.last, Ordering::Greater);
        if record.oversized {
            self.excerpts.oddities.insert(Oddity::OversizedRecord);
        }
        if record.cut && !record.fields.is_empty() {
            self.excerpts.oddities.insert(Oddity::CutRow);
        }
        self.scan(&record);
        record.clear();
        self.record = record;
    }

    fn scan(&mut self, record: &Record) {
        let mut leads = std::mem::take(&mut self.leads);
        leads.clear();
        // One line of a log that has its header was not wrapped.
        let wrapped = self.repair
            && (record.lines > 1 || record.first.is_none() || !record.fields.is_empty());
        let mut views: Option<Views> = None;
        // A literal may also be broken by what normalising takes away.
        if wrapped || alters(&record.text, self.repair) {
            let made = Views::new(&record.text, self.repair, wrapped);
            self.list.leads_squashed(&made.squashed, &mut leads);
            views = Some(made);
        } else {
            self.list.leads_raw(&record.text, &mut leads);
        }
        leads.extend(self.list.always.iter().map(|index| Lead::Watch(*index)));
        if leads.iter().any(|it| matches!(it, Lead::LooksLike(_))) && record.fields.is_empty() {
            self.warnings.note_error(record, &self.origin);
        }
        // Most records have a severity nobody wants, and a log tells again and again whose it is.
        leads.retain(|lead| match lead {
            Lead::Watch(index) => {
                self.list.watches.get(*index).is_some_and(|it| passes(it, record))
            }
            Lead::LooksLike(index) => !self.excerpts.looks_like.contains(index),
        });
        leads.sort_unstable();
        leads.dedup();
        if !leads.is_empty() {
            let views = views.unwrap_or_else(|| Views::new(&record.text, self.repair, wrapped));
            let seen = Seen { list: self.list, plain: Rc::new(views), through: RefCell::default() };
            for lead in &leads {
                match *lead {
                    Lead::Watch(index) => {
                        let lens = self.list.watches.get(index).and_then(|it| it.lens);
                        seen.through(lens).iter().for_each(|it| self.look(index, record, it));
                    }
                    Lead::LooksLike(index) => {
                        if self.list.looks_like.get(index).is_some_and(|it| seen.plain.holds(it)) {
                            self.excerpts.looks_like.insert(index);
                        }
                    }
                }
            }
        }
        self.leads = leads;
    }

    fn look(&mut self, index: usize, record: &Record, views: &Views) {
        let Some(prepared) = self.list.watches.get(index) else { return };
        if prepared.lacks.iter().any(|it| views.holds(it)) {
            return;
        }
        let tuples = strong(prepared, views);
        let weak = tuples.is_none()
            && !prepared.weak.is_empty()
            && views.holds_in_any_case(&prepared.weak);
        if tuples.is_none() && !weak {
            return;
        }
        let foreign = prepared.ties.is_some_and(|it| !views.is_tied(self.list, it));
        // What is nobody's is nobody's, whoever it names.
        let captured = |it: &usize| if foreign { None } else { views.subject(self.list, *it) };
        let subject: Subject = prepared.about.iter().map(captured).collect();
        let subjects = self.excerpts.sightings.entry(index).or_default();
        if subjects.len() >= SUBJECTS && !subjects.contains_key(&subject) {
            self.excerpts.subjects_cut.insert(index);
            return;
        }
        // Nobody can tell that a record whose end is missing lacks a text.
        let slot = if foreign {
            Slot::Foreign
        } else if weak {
            Slot::Weak
        } else if record.cut && !prepared.lacks.is_empty() {
            Slot::Cut
        } else {
            Slot::Strong
        };
        let sighting: &mut Sighting = subjects.entry(subject.clone()).or_default();
        let tally = slot.of(sighting).get_or_insert_default();
        let count = record.count.max(1);
        let is_new = tally.note(views.hash, count);
        if is_new {
            let quotable = views.quotable(record);
            if tally.has_first_quotes() && quotable.len() <= LATEST_BYTES {
                self.latest.insert((index, subject, slot), Arc::clone(quotable));
            } else {
                self.latest.remove(&(index, subject, slot));
                tally.show(quotable.quote(&self.origin, &prepared.watch));
            }
        }
        let tried = prepared.tries.is_none_or(|it| views.is_tied(self.list, it));
        tally.tried |= tried;
        keep(&mut tally.first, record.first, Ordering::Less);
        keep(&mut tally.last, record.last, Ordering::Greater);
        if let Some(of) = prepared.of {
            let count = if is_new { count } else { 0 };
            let times = Times { first: record.first, last: record.last, count, tried };
            tally.of(views.subject(self.list, of)).merge(&times);
        }
        group(tally, tuples.unwrap_or_default(), record.last);
    }
}

fn group(tally: &mut Tally, tuples: Vec<BTreeMap<String, String>>, at: Option<Moment>) {
    for tuple in tuples.into_iter().filter(|it| !it.is_empty()) {
        if tally.groups.len() < GROUPS || tally.groups.contains_key(&tuple) {
            keep(tally.groups.entry(tuple).or_default(), at, Ordering::Greater);
        } else {
            tally.groups_cut = true;
        }
    }
}

/// A record that lacks a field, or whose severity nobody can tell, passes: its words decide. Where none are looked for, the field must be
/// there.
fn passes(prepared: &Prepared, record: &Record) -> bool {
    let filter = &prepared.watch.filter;
    let fits = |(name, accepted): (&String, &BTreeSet<String>)| match record.fields.get(name) {
        Some(it) => accepted.contains(it),
        None => !prepared.is_bare,
    };
    prepared.wants(record.severity) && filter.fields.iter().all(fits)
}

/// Whether the record satisfies the watch, with the tuples of its named groups.
fn strong(prepared: &Prepared, views: &Views) -> Option<Vec<BTreeMap<String, String>>> {
    if let Some(slot) = &prepared.watch.slot {
        let held = views.slots.get(slot)?;
        return Some(vec![BTreeMap::from([("value".to_owned(), held.clone())])]);
    }
    let literals = prepared.all.iter().all(|it| views.holds(it))
        && prepared.any.iter().all(|group| group.iter().any(|it| views.holds(it)));
    if !literals {
        return None;
    }
    let mut tuples: Vec<BTreeMap<String, String>> = vec![BTreeMap::new()];
    for pattern in &prepared.watch.matches {
        let text = if pattern.is_match(&views.folded) {
            &views.folded
        } else {
            views.joined.as_ref().filter(|it| pattern.is_match(it))?
        };
        let found: Vec<BTreeMap<String, String>> = pattern
            .captures_iter(text)
            .take(GROUPS)
            .map(|found| {
                pattern
                    .capture_names()
                    .flatten()
                    .filter_map(|name| {
                        Some((name.to_owned(), found.name(name)?.as_str().to_owned()))
                    })
                    .collect()
            })
            .collect();
        tuples = tuples
            .iter()
            .flat_map(|so_far| {
                found.iter().map(|more| {
                    so_far.iter().chain(more).map(|(k, v)| (k.clone(), v.clone())).collect()
                })
            })
            .take(GROUPS + 1)
            .collect();
    }
    Some(tuples)
}

/// One record as each lens shows it; worked out when first asked for.
struct Seen<'s> {
    list: &'s Watchlist,
    plain: Rc<Views>,
    through: RefCell<BTreeMap<usize, Rc<Vec<Rc<Views>>>>>,
}

impl Seen<'_> {
    /// What a lens makes of the record: one record, or one for each error that it lists.
    fn through(&self, lens: Option<usize>) -> Rc<Vec<Rc<Views>>> {
        let known = lens.and_then(|at| Some((at, self.list.lenses.get(at)?)));
        let Some((at, lens)) = known else { return Rc::new(vec![Rc::clone(&self.plain)]) };
        let make = || Rc::new(self.plain.through(lens).into_iter().map(Rc::new).collect());
        Rc::clone(self.through.borrow_mut().entry(at).or_insert_with(make))
    }
}

/// One record, seen in every way that a pattern may need.
struct Views {
    folded: String,
    squashed: String,
    /// Lines joined by nothing: a word that was wrapped is whole again.
    joined: Option<String>,
    /// It may have been wrapped: white space means nothing.
    wrapped: bool,
    /// Of the folded view: equal records have equal ones.
    hash: u64,
    /// What stood in the slots that were hidden.
    slots: BTreeMap<String, String>,
    quotable: OnceCell<Arc<Quotable>>,
    /// Whose record it is, by each pattern that was asked for it.
    subjects: RefCell<BTreeMap<usize, Option<String>>>,
    /// Whether something ties it to a component, by each list of ties that was asked.
    tied: RefCell<BTreeMap<usize, bool>>,
}

impl Views {
    fn new(text: &str, repair: bool, wrapped: bool) -> Self {
        let joined = (repair && text.contains('\n')).then(|| {
            let lines: Vec<&str> = text.lines().map(|line| unmarked(line).trim()).collect();
            normalise(&lines.concat(), true)
        });
        Self::of(normalise(text, repair), joined, wrapped)
    }

    fn of(folded: String, joined: Option<String>, wrapped: bool) -> Self {
        Self {
            squashed: squash(&folded),
            joined,
            wrapped,
            hash: crate::value::hash(folded.bytes()),
            folded,
            slots: BTreeMap::new(),
            quotable: OnceCell::new(),
            subjects: RefCell::default(),
            tied: RefCell::default(),
        }
    }

    /// The records that a lens makes of this one.
    fn through(&self, lens: &Lens) -> Vec<Self> {
        let parts = lens.split(&self.folded);
        let joined =
            self.joined.as_ref().map(|it| lens.split(it)).filter(|it| it.len() == parts.len());
        parts
            .iter()
            .enumerate()
            .map(|(at, part)| {
                let (folded, slots) = lens.mask(part);
                let joined = joined.as_ref().and_then(|it| Some(lens.mask(it.get(at)?).0));
                Self {
                    hash: crate::value::hash(part.bytes()),
                    slots,
                    ..Self::of(folded, joined, self.wrapped)
                }
            })
            .collect()
    }

    fn subject(&self, list: &Watchlist, about: usize) -> Option<String> {
        let find = || {
            let pattern = list.abouts.get(about)?;
            let found =
                |text: &str| Some(pattern.captures(text)?.name("value")?.as_str().to_owned());
            found(&self.folded).or_else(|| found(self.joined.as_deref()?))
        };
        self.subjects.borrow_mut().entry(about).or_insert_with(find).clone()
    }

    fn is_tied(&self, list: &Watchlist, ties: usize) -> bool {
        let find = || list.ties.get(ties).is_some_and(|it| it.iter().any(|it| self.holds(it)));
        *self.tied.borrow_mut().entry(ties).or_insert_with(find)
    }

    fn quotable(&self, record: &Record) -> &Arc<Quotable> {
        self.quotable.get_or_init(|| Arc::new(Quotable::new(record)))
    }

    fn holds(&self, literal: &Literal) -> bool {
        literal.in_folded(&self.folded) || self.wrapped && literal.in_squashed(&self.squashed)
    }

    fn holds_in_any_case(&self, literals: &[Literal]) -> bool {
        let lower = if self.wrapped { &self.squashed } else { &self.folded }.to_ascii_lowercase();
        let stands =
            |it: &Literal| if self.wrapped { it.in_squashed(&lower) } else { it.in_folded(&lower) };
        literals.iter().any(stands)
    }
}
