//! The report for people: what happened, how we know, what to do.

mod compare;
mod open;
mod possible;
mod ruled_out;
mod standing;
mod subjects;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use triagem_engine::playbook::Playbook;
use triagem_engine::verdict::{Finding, Report, Role, SignSeen, Truth, Verdict};
use triagem_engine::words::{self, FindingWords, Words};

use super::ink::{plain, wrap};
use super::proof::{Quoted, seen, subjects};
use super::recognised;
use super::remedy::remedy;

/// Findings told in full; the others in one line each.
const FULL: usize = 4;
/// Of what is over, where nothing is of now.
const FULL_PAST: usize = 1;
/// Lines of a list.
const LIST: usize = 12;

/// How much of it is shown.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct How {
    /// Every cause, also those that are not indicated.
    pub(crate) all: bool,
    /// Every line of a quote.
    pub(crate) verbose: bool,
}

/// Writes the report as text.
pub(crate) fn render(
    report: &Report,
    playbooks: &[Playbook],
    words: &Words,
    how: How,
    out: &mut dyn Write,
) -> io::Result<()> {
    let quoted = Quoted::new(how.verbose);
    let mut page = Page { report, playbooks, words, how, out, quoted, typed: BTreeSet::new() };
    recognised::render(report, words, page.out)?;
    if report.interrupted {
        let bold = Style::new().bold();
        writeln!(page.out, "{bold}{}{bold:#}\n", words.get("interrupted"))?;
    }
    page.selection()?;
    page.unanswered()?;
    page.alike()?;
    if !report.playbooks.iter().any(|it| it.fits) {
        page.subjects(true)?;
        let told = report.selection.well + report.selection.leaving + report.subjects.len() > 0;
        return if told { Ok(()) } else { page.no_fit() };
    }
    page.head()?;
    page.findings()?;
    page.subjects(false)?;
    page.warnings()?;
    page.possible()?;
    if how.all {
        page.rest()?;
    }
    page.open()?;
    page.ruled_out()
}

struct Page<'a> {
    report: &'a Report,
    playbooks: &'a [Playbook],
    words: &'a Words,
    how: How,
    out: &'a mut dyn Write,
    quoted: Quoted,
    /// Commands, links and sentences that stand in the report.
    typed: BTreeSet<String>,
}

impl<'a> Page<'a> {
    fn playbook(&self, id: &str) -> Option<&'a Playbook> {
        self.playbooks.iter().find(|it| it.id == id)
    }

    fn said(&self, finding: &Finding) -> FindingWords {
        self.playbook(&finding.playbook)
            .map(|it| words::finding(self.words, it, finding))
            .unwrap_or_default()
    }

    fn strong(&self) -> impl Iterator<Item = &'a Finding> + use<'a> {
        self.report.findings.iter().filter(|it| it.is_strong())
    }

    fn found(&self) -> bool {
        self.strong().any(|it| !it.past)
    }

    /// Whether the report speaks of more than one subject.
    fn many_subjects(&self) -> bool {
        let mut values: BTreeMap<&str, &str> = BTreeMap::new();
        let subjects = self.report.findings.iter().flat_map(|it| &it.subjects);
        subjects
            .flatten()
            .any(|(fact, value)| values.insert(fact, value).is_some_and(|before| before != value))
    }

    /// What is possible now and no confirmed cause accounts for.
    fn open_causes(&self) -> Vec<&'a Finding> {
        let all = self.how.all;
        self.report
            .findings
            .iter()
            .filter(|it| it.verdict == Verdict::Possible)
            .filter(|it| all || !it.past && it.under.is_none())
            .collect()
    }

    fn findings(&mut self) -> io::Result<()> {
        let heads = self.strong().filter(|it| it.under.is_none() && (self.how.all || !it.again));
        // What was once another's trouble is worth a line.
        let every = self.how.all || self.how.verbose;
        let (bygone, heads): (Vec<&Finding>, Vec<&Finding>) =
            heads.partition(|it| it.elsewhere && it.past && !every);
        // And what is over, where something else is of now, or may be.
        let (past, now): (Vec<&Finding>, Vec<&Finding>) = heads.into_iter().partition(|it| it.past);
        let full = if every { usize::MAX } else { FULL };
        let alone = now.is_empty() && self.open_causes().is_empty();
        let full_past = match (every, alone) {
            (true, _) => usize::MAX,
            (false, true) => FULL_PAST,
            (false, false) => 0,
        };
        for finding in now.iter().take(full).chain(past.iter().take(full_past)) {
            self.whole(finding)?;
        }
        let rest: Vec<&&Finding> =
            now.iter().skip(full).chain(past.iter().skip(full_past)).chain(&bygone).collect();
        for finding in rest.iter().take(3 * LIST) {
            self.brief("✗", finding, true)?;
        }
        self.more(rest.len(), 3 * LIST)?;
        if rest.is_empty() { Ok(()) } else { writeln!(self.out) }
    }

    fn brief(&mut self, mark: &str, finding: &Finding, whom: bool) -> io::Result<()> {
        let said = self.said(finding);
        let whom = self
            .playbook(&finding.playbook)
            .filter(|_| whom)
            .map(|it| subjects(self.words, it, &finding.subjects))
            .filter(|it| !it.is_empty())
            .map(|it| format!(" · {it}"))
            .unwrap_or_default();
        let past = if finding.past && finding.verdict <= Verdict::Possible {
            format!(" · {}", self.words.get("past"))
        } else {
            String::new()
        };
        writeln!(self.out, "  {mark} {}  ({}{whom}{past})", plain(&said.title), finding.cause)
    }

    fn more(&mut self, there: usize, shown: usize) -> io::Result<()> {
        match there.saturating_sub(shown) {
            0 => Ok(()),
            more => writeln!(self.out, "  … +{more} (--all)"),
        }
    }

    fn whole(&mut self, finding: &Finding) -> io::Result<()> {
        let Some(playbook) = self.playbook(&finding.playbook) else { return Ok(()) };
        let words = self.words;
        let said = self.said(finding);
        let color = if finding.past { AnsiColor::Yellow } else { AnsiColor::Red };
        let head = Style::new().bold().fg_color(Some(color.into()));
        let dim = Style::new().dimmed();
        let verdict = words.get(&format!("verdict.{}", finding.verdict.name())).to_owned();
        let severity = words.get(&format!("severity.{}", finding.severity.name())).to_owned();
        let title = plain(&said.title);
        writeln!(self.out, "{head}✗ {title}{head:#}   {verdict} · {severity}")?;
        let whom = subjects(words, playbook, &finding.subjects);
        let whom = if whom.is_empty() { whom } else { format!("{whom} · ") };
        writeln!(self.out, "{dim}  {whom}{} / {}{dim:#}\n", finding.playbook, finding.cause)?;
        if finding.past {
            writeln!(self.out, "{}\n", wrap(words.get("past.note"), 2, 2))?;
        }
        writeln!(self.out, "{}\n", wrap(&said.explains, 2, 2))?;
        self.again(finding, playbook)?;
        self.compares(&said)?;
        self.signs(finding, &said)?;
        remedy(&said, self.words, &mut self.typed, self.out)?;
        self.folded(finding)?;
        writeln!(self.out)
    }

    /// The others of whom the same is true, in other names.
    fn again(&mut self, finding: &Finding, playbook: &Playbook) -> io::Result<()> {
        let others: Vec<_> = self
            .strong()
            .filter(|it| !self.how.all && it.again && it.under.is_none())
            .filter(|it| it.cause == finding.cause && it.playbook == finding.playbook)
            .filter(|it| it.verdict == finding.verdict && it.past == finding.past)
            .filter(|it| it.elsewhere == finding.elsewhere)
            .flat_map(|it| it.subjects.clone())
            .collect();
        if others.is_empty() {
            return Ok(());
        }
        let whom = subjects(self.words, playbook, &others);
        let text = format!("{} {whom}", self.words.plural("again", others.len()));
        writeln!(self.out, "{}\n", wrap(&text, 2, 2))
    }

    fn signs(&mut self, finding: &Finding, said: &FindingWords) -> io::Result<()> {
        let bold = Style::new().bold();
        for (label, truth) in [
            ("label.seen", Truth::Yes),
            ("label.not-seen", Truth::No),
            ("label.unknown", Truth::Unknown),
        ] {
            let signs: Vec<&SignSeen> = finding
                .signs
                .iter()
                .filter(|it| it.truth == truth)
                // What was not seen or is not known matters where it could have made the verdict.
                .filter(|it| truth == Truth::Yes || it.role == Role::Refutes)
                // What would exclude it has yielded to what proves it.
                .filter(|it| it.role != Role::Excludes)
                .collect();
            if signs.is_empty() {
                continue;
            }
            writeln!(self.out, "  {bold}{}{bold:#}", self.words.get(label))?;
            for sign in signs {
                let says = said.signs.get(&sign.sign).map_or(sign.sign.as_str(), String::as_str);
                let weak = if sign.weak {
                    format!(" ({})", self.words.get("weak"))
                } else {
                    String::new()
                };
                let above = if truth == Truth::Yes {
                    self.quoted.note(sign, self.words)
                } else {
                    String::new()
                };
                writeln!(self.out, "{}", wrap(&format!("{says}{weak}{above}"), 4, 6))?;
                if truth == Truth::Yes {
                    seen(sign, self.words, &mut self.quoted, 1, self.out)?;
                }
            }
        }
        Ok(())
    }

    /// What the finding explains besides.
    fn folded(&mut self, finding: &Finding) -> io::Result<()> {
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for under in self.strong().filter(|it| {
            it.under.as_deref() == Some(&finding.cause) && it.playbook == finding.playbook
        }) {
            if told.is_empty() {
                writeln!(self.out, "\n  {}:", self.words.get("label.also"))?;
            }
            if told.insert(&under.cause) {
                let title = plain(&self.said(under).title);
                writeln!(self.out, "    {title}  ({})", under.cause)?;
            }
        }
        Ok(())
    }

    fn rest(&mut self) -> io::Result<()> {
        let many = self.many_subjects();
        for finding in self
            .report
            .findings
            .iter()
            .filter(|it| it.verdict > Verdict::Possible && it.verdict != Verdict::RuledOut)
        {
            let verdict = self.words.get(&format!("verdict.{}", finding.verdict.name())).to_owned();
            self.brief(&format!("- {verdict}:"), finding, many)?;
        }
        writeln!(self.out)
    }
}
