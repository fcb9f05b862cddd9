//! Lines of a log that hold nothing of what is looked for: told in raw bytes, without being framed, normalised or sorted.
//!
//! A line is quiet only where the slow way is known to make a record of it that nobody looks at: it has the head of a logging
//! library with its time, no byte that is more than plain text, and no literal of a watch that its severity matters to. Whatever
//! is not so plain is left to the slow way; that both see the same is held by a test that gives them the same texts.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::AhoCorasick;
use memchr::{memchr, memchr_iter, memchr2, memmem};

use super::announce::Hit;
use super::header::{header, prefix};
use super::moment::keep;
use super::watchlist::Lead;
use super::{Excerpts, Moment, Severity, Watchlist};

mod json;

/// Bytes of a line that may be quiet.
const LINE: usize = 4 * 1024;
/// How klog heads a line, behind the letter: a `0` stands for any digit.
const KLOG: &[u8] = b"0000 00:00:00.000000 ";
/// How RFC 3339 writes a time, before its fraction.
const TIME: &[u8] = b"0000-00-00T00:00:00";
/// Words of rows of events, and what may begin the line of another program within a record.
const MARKS: &[&str] =
    &["Warning", "Normal", "Aviso", "\"I", "\"W", "\"E", "\"F", "\\nI", "\\nW", "\\nE", "\\nF"];

/// What finds in raw bytes what keeps a line from being quiet, besides literals.
#[derive(Debug)]
pub(super) struct Marks {
    searcher: Option<AhoCorasick>,
}

impl Marks {
    /// For literals of which these are the words. A record of JSON is flattened to `key="value"`: there a word that ends a key, and begins a
    /// value, stands nowhere in the line.
    pub(super) fn new<'w>(words: impl Iterator<Item = &'w String>) -> Self {
        let mut keys = BTreeSet::new();
        for (key, _) in words.filter_map(|it| it.split_once('=')) {
            keys.insert(format!("{key}\":"));
            // Flattened, `error` is `err`.
            if "err".ends_with(key) {
                keys.insert("error\":".to_owned());
            }
        }
        let all = MARKS.iter().map(|it| (*it).to_owned()).chain(keys);
        // Words are known in small letters.
        Self { searcher: AhoCorasick::builder().ascii_case_insensitive(true).build(all).ok() }
    }

    /// Each of them, in the order of their ends: one may begin within another.
    fn hits(&self, bytes: &[u8]) -> Vec<Hit> {
        let all = self.searcher.iter().flat_map(|it| it.find_overlapping_iter(bytes));
        all.map(Hit::from).collect()
    }
}

/// Quiet lines that follow each other.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub(crate) lines: u64,
    pub(crate) bytes: usize,
    /// The first and the last moment of each kind of clock, in the order in which the kinds came.
    pub(super) times: Vec<(Moment, Moment)>,
}

/// Bytes that came together, and where in them something stands that is looked for.
#[derive(Debug)]
pub(crate) struct Block<'b> {
    list: &'b Watchlist,
    bytes: &'b [u8],
    hits: OnceCell<(Vec<Hit>, Vec<Hit>)>,
}

impl<'b> Block<'b> {
    pub(crate) fn new(list: &'b Watchlist, bytes: &'b [u8]) -> Self {
        Self { list, bytes, hits: OnceCell::new() }
    }

    /// The quiet lines from here on, but for the last of them: lines that follow may go on with its record. `text`: what was
    /// seen so far of their log.
    pub(crate) fn run(&self, from: usize, text: &Excerpts) -> Run {
        let (hits, marks) = self
            .hits
            .get_or_init(|| (self.list.hits(self.bytes), self.list.marks.hits(self.bytes)));
        let behind = |all: &[Hit]| all.partition_point(|it| it.end <= from);
        let mut hits = hits.get(behind(hits)..).unwrap_or_default().iter().peekable();
        let mut marks = marks.get(behind(marks)..).unwrap_or_default().iter().peekable();
        let (mut run, mut times) = (Run::default(), Times::default());
        let mut last: Option<(usize, Head<'_>)> = None;
        let mut start = from;
        while let Some(length) = self.bytes.get(start..).and_then(|it| memchr(b'\n', it)) {
            let end = start + length;
            let Some(line) = self.bytes.get(start..end).filter(|it| is_plain(it)) else { break };
            let Some(head) = head(line).filter(|it| !self.list.looks_at_all(it.severity)) else {
                break;
            };
            let within = |it: &&Hit| it.end <= end;
            if std::iter::from_fn(|| marks.next_if(within)).any(|it| self.is_mark(it, &head)) {
                break;
            }
            let loud = |it: &Hit| self.list.is_loud(it, self.bytes, start..end, &head, text);
            if std::iter::from_fn(|| hits.next_if(within)).any(loud) {
                break;
            }
            if let Some((_, before)) = last.replace((start, head)) {
                run.lines += 1;
                times.note(&before);
            }
            start = end + 1;
        }
        run.bytes = last.map_or(0, |(at, _)| at - from);
        run.times = times.moments();
        run
    }

    /// Whether it is a mark as it stands there. Of a letter behind a quote only a header's digits tell of a line.
    fn is_mark(&self, hit: &Hit, head: &Head<'_>) -> bool {
        let Some(mark) = MARKS.get(hit.word) else { return head.is_json };
        let digits = self.bytes.get(hit.end..hit.end + 2);
        self.bytes.get(hit.start..hit.end) == Some(mark.as_bytes())
            && (mark.len() > 3 || digits.is_some_and(|it| it.iter().all(u8::is_ascii_digit)))
    }
}

/// How a quiet line begins.
struct Head<'l> {
    severity: Severity,
    clock: Clock,
    time: Time<'l>,
    line: &'l [u8],
    is_json: bool,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Clock {
    Yearless,
    Utc,
    Counted,
}

/// A time: of two on one clock the smaller is the earlier.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Time<'l> {
    Written(&'l [u8]),
    Counted(i64),
}

/// The lines with the smallest and the greatest time of each clock.
#[derive(Default)]
struct Times<'l>(Vec<(Clock, Time<'l>, &'l [u8], Time<'l>, &'l [u8])>);

impl<'l> Times<'l> {
    fn note(&mut self, head: &Head<'l>) {
        match self.0.iter_mut().find(|it| it.0 == head.clock) {
            Some((_, least, first, greatest, last)) => {
                if head.time < *least {
                    (*least, *first) = (head.time, head.line);
                }
                if head.time > *greatest {
                    (*greatest, *last) = (head.time, head.line);
                }
            }
            None => self.0.push((head.clock, head.time, head.line, head.time, head.line)),
        }
    }

    fn moments(&self) -> Vec<(Moment, Moment)> {
        let ends =
            self.0.iter().map(|(_, _, first, _, last)| Some((moment(first)?, moment(last)?)));
        ends.flatten().collect()
    }
}

impl Run {
    /// Notes its moments as those of the oldest and the newest record.
    pub(super) fn times(&self, oldest: &mut Option<Moment>, newest: &mut Option<Moment>) {
        for (first, last) in &self.times {
            keep(oldest, Some(*first), Ordering::Less);
            keep(newest, Some(*last), Ordering::Greater);
        }
    }
}

/// When a line was written, in the way in which any line is read.
fn moment(line: &[u8]) -> Option<Moment> {
    let line = std::str::from_utf8(line).ok()?;
    let prefix = prefix(line);
    prefix.at.or_else(|| header(line.get(prefix.length..)?, &[])?.at)
}

/// Whether no byte is more than text: nothing but what stands there is meant, and escapes of quotes and white space.
fn is_plain(line: &[u8]) -> bool {
    line.len() <= LINE
        && line.iter().all(|it| (0x20..0x7f).contains(it) && *it != b'*')
        && memchr_iter(b'\\', line)
            .all(|at| line.get(at + 1).is_some_and(|it| b"\"\\'nrt".contains(it)))
}

fn is_of(text: &[u8], shape: &[u8]) -> bool {
    text.len() >= shape.len()
        && text
            .iter()
            .zip(shape)
            .all(|(it, want)| if *want == b'0' { it.is_ascii_digit() } else { it == want })
}

fn head(line: &[u8]) -> Option<Head<'_>> {
    let is_json = line.first() == Some(&b'{');
    let written = |(severity, time)| (severity, Clock::Utc, Time::Written(time));
    let (severity, clock, time) = match line.first()? {
        b'I' | b'W' | b'E' | b'F' => {
            let (severity, time) = klog(line)?;
            (severity, Clock::Yearless, Time::Written(time))
        }
        b't' => logrus(line).map(written)?,
        b'{' => json::head(line)?,
        b'0'..=b'9' => {
            let head = line.get(..line.len().min(42))?;
            let length = memchr(b' ', head).filter(|it| (20..=40).contains(it))?;
            let (word, rest) = line.split_at_checked(length)?;
            let rest = rest.strip_prefix(b" ")?;
            let stream =
                rest.strip_prefix(b"stdout F ").or_else(|| rest.strip_prefix(b"stderr F "));
            let body = stream.unwrap_or(rest);
            let (severity, _) = klog(body).or_else(|| logrus(body))?;
            written((severity, utc(word)?))
        }
        _ => return None,
    };
    Some(Head { severity, clock, time, line, is_json })
}

fn klog(line: &[u8]) -> Option<(Severity, &[u8])> {
    let severity = match line.first()? {
        b'I' => Severity::Info,
        b'W' => Severity::Warning,
        b'E' => Severity::Error,
        b'F' => Severity::Fatal,
        _ => return None,
    };
    let fits = is_of(line.get(1..)?, KLOG)
        && memmem::find(line.get(21..line.len().min(222))?, b"] ").is_some();
    Some((severity, line.get(1..21).filter(|_| fits)?))
}

fn logrus(line: &[u8]) -> Option<(Severity, &[u8])> {
    let rest = line.strip_prefix(b"time=\"")?;
    let (time, rest) = rest.split_at_checked(memchr(b'"', rest)?)?;
    let level = rest.strip_prefix(b"\" level=")?;
    let word = level.split(|it| *it == b' ').next()?;
    let severity = match word {
        b"error" => Severity::Error,
        b"warning" | b"warn" => Severity::Warning,
        b"fatal" | b"panic" => Severity::Fatal,
        b"" => return None,
        _ if memmem::find(level, b" error=\"").is_some() => Severity::Error,
        _ => Severity::Info,
    };
    Some((severity, utc(time)?))
}

/// A time in UTC that is one, without its `Z`.
fn utc(word: &[u8]) -> Option<&[u8]> {
    let time = word.strip_suffix(b"Z").filter(|it| is_of(it, TIME))?;
    let fraction = time.get(TIME.len()..)?;
    let digits = fraction.is_empty()
        || fraction.strip_prefix(b".").is_some_and(|it| it.iter().all(u8::is_ascii_digit));
    let part = |at: usize, least: &[u8], most: &[u8]| {
        time.get(at..at + 2).is_some_and(|it| (least..=most).contains(&it))
    };
    let is_one = digits
        && part(5, b"01", b"12")
        && part(8, b"01", b"31")
        && part(11, b"00", b"23")
        && part(14, b"00", b"59")
        && part(17, b"00", b"60");
    is_one.then_some(time)
}

impl Watchlist {
    /// Whether the slow way would look closer at a line for what was hit in it.
    fn is_loud(
        &self,
        hit: &Hit,
        bytes: &[u8],
        line: Range<usize>,
        head: &Head<'_>,
        text: &Excerpts,
    ) -> bool {
        let severity = head.severity;
        let before = bytes.get(line.start..hit.start).unwrap_or_default();
        let after = bytes.get(hit.end..line.end).unwrap_or_default();
        let matters = |lead: &Lead| match *lead {
            Lead::Watch(index) => {
                self.watches.get(index).is_some_and(|it| it.wants(Some(severity)))
            }
            // Once it was seen, only the errors of such a log are noted.
            Lead::LooksLike(index) => {
                severity >= Severity::Error || !text.looks_like.contains(&index)
            }
        };
        let line = bytes.get(line).unwrap_or_default();
        let mended = memchr2(b'&', b'`', line).is_some();
        self.raw.literals(hit.word).iter().any(|(literal, leads)| {
            // Of what is written anew only the words are known.
            let anew = mended || head.is_json && !literal.is_of_one_value();
            leads.iter().any(matters) && (anew || literal.may_stand(before, after))
        })
    }

    /// Whether the slow way looks closer at every line of this severity.
    fn looks_at_all(&self, severity: Severity) -> bool {
        let mut all = self.always.iter().filter_map(|it| self.watches.get(*it));
        all.any(|it| it.looks_at_all() && it.wants(Some(severity)))
    }

    fn hits(&self, bytes: &[u8]) -> Vec<Hit> {
        self.raw.hits(bytes)
    }
}
