//! Logs and messages: one reading for each component that a text tells apart.

use std::collections::BTreeMap;

use super::peel::UNITS;
use crate::evidence::{Body, Document, Gap, Given, GivenKind};
use crate::text::{
    Reading, Watchlist, announces_another_time, is_header, is_not_of_now, is_over, is_told_aside,
    quotes_aside, sentences,
};

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
    /// Somebody said below all that is of interest that it is over.
    over: bool,
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
    /// Somebody tells of another time or place, or a program that nobody knows wrote it.
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
            over: false,
        }
    }

    /// Whether a line begins a record of a log.
    pub(super) fn is_log(&self, line: &str) -> bool {
        self.list.is_header(line)
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
            _ if wraps_a_record(line) => Voice::Elsewhere,
            true => Voice::Log,
            // A paragraph goes on, and a sentence of it tells of what is not so.
            false if goes_on && self.last != Voice::Log && self.tells_aside(line) => {
                Voice::Elsewhere
            }
            false if goes_on => self.last,
            false => self.voice(line),
        };
        self.over = match voice {
            Voice::Elsewhere => self.over || is_over(line),
            Voice::Log | Voice::Bare | Voice::Of(_) => self.over && !self.is_of_interest(line),
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
        if is_not_of_now(line) || is_of_an_application(line) || self.tells_aside(line) {
            return Voice::Elsewhere;
        }
        self.list.looks_like(line).map_or(Voice::Bare, Voice::Of)
    }

    /// Whether a sentence names an error only to rule it out, to ask for it or to quote it.
    fn tells_aside(&self, line: &str) -> bool {
        let aside = |it: &str| self.is_of_interest(it) && is_told_aside(it);
        sentences(line).any(aside)
            || self.is_of_interest(line) && quotes_aside(line, |it| self.is_of_interest(it))
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

    /// The log of nobody in particular, where it is being read and nothing else goes on.
    pub(super) fn log(&mut self) -> Option<&mut Reading<'w>> {
        let plain = self.last == Voice::Log && self.aside.is_none() && !self.over;
        let part = self.parts.get_mut(&(Names::new(), Voice::Log)).filter(|_| plain)?;
        Some(&mut part.reading)
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
        let (origin, told) = (self.origin, told || self.over);
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

/// How grave a record is, as logging libraries write it.
const LEVELS: &[&str] = &[
    "TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "SEVERE", "CRITICAL", "FATAL",
];

/// Whether a record quotes the line of another program: an application tells what it was told.
fn wraps_a_record(line: &str) -> bool {
    let line = line.trim_start();
    let is_record = line.starts_with("{\"") || line.starts_with("level=") || is_header(line);
    is_record
        && ["\"", "\\n"].iter().any(|mark| {
            line.match_indices(mark)
                .filter_map(|(at, it)| line.get(at + it.len()..))
                .any(|it| it.starts_with(['I', 'W', 'E', 'F']) && is_header(it))
        })
}

/// Whether a line has the head of a log whose program is none that is known: a time and a level (log4j, zap's console, Python), or
/// the number of a step (`BuildKit`). What an application says proves nothing of the platform.
fn is_of_an_application(line: &str) -> bool {
    let mut words = line
        .split_whitespace()
        .map(|it| it.trim_matches(['[', ']', '(', ')', ',', '|']))
        .peekable();
    let is_time = |it: &&str| {
        it.len() >= 8
            && it.starts_with(|it: char| it.is_ascii_digit())
            && it.bytes().all(|it| it.is_ascii_digit() || b"-:/.,+TZ".contains(&it))
            && it.contains([':', '-', '/'])
    };
    // Python's own: `ERROR:root:…`.
    if let Some((level, rest)) = line.split_once(':')
        && LEVELS.contains(&level)
        && rest
            .split_once(':')
            .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(is_of_a_name))
    {
        return true;
    }
    let step = words.peek().and_then(|it| it.strip_prefix('#'));
    if step.is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit())) {
        return words.nth(1).is_some_and(|it| it.trim_end_matches(':') == "ERROR");
    }
    let mut times = 0;
    while times < 2 && words.next_if(is_time).is_some() {
        times += 1;
    }
    let head: Vec<&str> = words.take(4).map(|it| it.trim_end_matches(':')).collect();
    times > 0
        && head.iter().take(2).any(|it| LEVELS.contains(it))
        && !head.iter().any(|it| UNITS.contains(it))
}

fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::{is_of_an_application, wraps_a_record};

    #[test]
    fn a_record_within_a_record_is_told_by_an_application() {
        let klog = "E1123 22:05:51.978325       1 server.go:131] x";
        assert!(wraps_a_record(&format!(r#"{{"level":"error","ts":"t","msg":"{klog}"}}"#)));
        assert!(wraps_a_record(&format!(r#"{{"level": "error", "message": "{klog}"}}"#)));
        assert!(wraps_a_record(&format!(r#"{{"level":"error","msg":"said\n{klog}"}}"#)));
        assert!(wraps_a_record(&format!(r#"level=error msg="said\n{klog}""#)));
        assert!(wraps_a_record(&format!(r#"{klog} "sent" body="{klog}""#)));
        assert!(!wraps_a_record(&format!("{klog} {klog}")));
        assert!(!wraps_a_record(r#"{"ts":1,"msg":"failed","err":"E1123"}"#));
        assert!(!wraps_a_record(klog));
    }

    #[test]
    fn a_time_and_a_level_head_the_log_of_an_application() {
        for line in [
            "2025-03-02T09:01:13.100Z\tERROR\tReconciler error\t{}",
            "2025-03-02 09:01:13,100 ERROR com.acme.Mirror - failed to pull image",
            "[2025-03-02 09:01:13] WARN: failed to pull image",
            "09:01:13.100 [main] ERROR failed to pull image",
            "2025-03-02T09:01:13.100Z renovate ERROR failed to pull image",
            "ERROR:myapp.store:failed to pull image",
            "#3 ERROR: failed to resolve source metadata",
        ] {
            assert!(is_of_an_application(line), "{line}");
        }
        for line in [
            "2025-03-02T09:01:13Z Warning Failed to pull image",
            "2025-03-02T09:01:13Z WARN kubelet Failed to pull image",
            "ERROR: failed to pull image",
            "Failed to pull image ERROR",
            "12 ERROR CODE: Forbidden",
            "# ERROR",
            "",
        ] {
            assert!(!is_of_an_application(line), "{line}");
        }
    }
}
