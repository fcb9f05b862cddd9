//! The report for people: what happened, how we know, what to do.

mod standing;
mod subjects;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use triagem_engine::evidence::Gap;
use triagem_engine::playbook::Playbook;
use triagem_engine::playbook::template::visible;
use triagem_engine::verdict::{Finding, Report, Role, SignSeen, Truth, Unchecked, Verdict};
use triagem_engine::words::{self, FindingWords, Words};

use super::by_hand;
use super::ink::{plain, wrap};
use super::proof::{self, subjects};
use super::recognised;
use super::remedy::remedy;

/// Findings told in full; the others in one line each.
const FULL: usize = 10;
/// Lines of a list.
const LIST: usize = 12;
/// Commands that would settle what is open.
const COMMANDS: usize = 4;

/// Writes the report as text.
pub(crate) fn render(
    report: &Report,
    playbooks: &[Playbook],
    words: &Words,
    all: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page { report, playbooks, words, all, out };
    recognised::render(report, words, page.out)?;
    if report.interrupted {
        let bold = Style::new().bold();
        writeln!(page.out, "{bold}{}{bold:#}\n", words.get("interrupted"))?;
    }
    page.selection()?;
    page.unanswered()?;
    if !report.playbooks.iter().any(|it| it.fits) {
        page.subjects()?;
        let told = report.selection.well + report.selection.leaving + report.subjects.len() > 0;
        return if told { Ok(()) } else { page.no_fit() };
    }
    page.head()?;
    page.findings()?;
    page.subjects()?;
    page.possible()?;
    if all {
        page.rest()?;
    }
    page.open()?;
    page.ruled_out()
}

struct Page<'a> {
    report: &'a Report,
    playbooks: &'a [Playbook],
    words: &'a Words,
    all: bool,
    out: &'a mut dyn Write,
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
        let all = self.all;
        self.report
            .findings
            .iter()
            .filter(|it| it.verdict == Verdict::Possible)
            .filter(|it| all || !it.past && it.under.is_none())
            .collect()
    }

    fn findings(&mut self) -> io::Result<()> {
        let heads = self.strong().filter(|it| it.under.is_none() && (self.all || !it.again));
        // What was once another's trouble is worth a line.
        let (bygone, heads): (Vec<&Finding>, Vec<&Finding>) =
            heads.partition(|it| it.elsewhere && it.past && !self.all);
        let full = if self.all { usize::MAX } else { FULL };
        for finding in heads.iter().take(full) {
            self.whole(finding)?;
        }
        let rest: Vec<&&Finding> = heads.iter().skip(full).chain(&bygone).collect();
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
        let past =
            if finding.past { format!(" · {}", self.words.get("past")) } else { String::new() };
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
        self.signs(finding, &said)?;
        remedy(&said, self.words, self.out)?;
        self.folded(finding)?;
        writeln!(self.out)
    }

    /// The others of whom the same is true, in other names.
    fn again(&mut self, finding: &Finding, playbook: &Playbook) -> io::Result<()> {
        let others: Vec<_> = self
            .strong()
            .filter(|it| !self.all && it.again && it.under.is_none())
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
                writeln!(self.out, "{}", wrap(&format!("{says}{weak}"), 4, 6))?;
                if truth == Truth::Yes {
                    proof::seen(sign, self.words, 1, self.out)?;
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

    /// What shares its clues is told together: the clues once, then the causes.
    fn possible(&mut self) -> io::Result<()> {
        let open = self.open_causes();
        if open.is_empty() {
            return Ok(());
        }
        let bold = Style::new().bold();
        let many = self.many_subjects();
        let known: BTreeSet<&str> = self
            .strong()
            .flat_map(|it| it.signs.iter().filter(|it| it.truth == Truth::Yes))
            .map(|it| it.sign.as_str())
            .collect();
        let shown: BTreeSet<&str> = self
            .strong()
            .flat_map(|it| it.signs.iter().flat_map(|it| &it.quotes))
            .map(|it| it.text.as_str())
            .collect();
        let clues = |finding: &'a Finding| -> Vec<&'a SignSeen> {
            finding.clues().filter(|it| !known.contains(it.sign.as_str())).collect()
        };
        let names =
            |signs: &[&SignSeen]| signs.iter().map(|it| it.sign.clone()).collect::<Vec<_>>();
        let mut groups: Vec<(Vec<&SignSeen>, Vec<&Finding>)> = Vec::new();
        for finding in open {
            let signs = clues(finding);
            match groups.iter_mut().find(|(known, _)| names(known) == names(&signs)) {
                Some((_, group)) => group.push(finding),
                None => groups.push((signs, vec![finding])),
            }
        }
        writeln!(self.out, "{bold}{}{bold:#}", self.words.get("label.possible"))?;
        let limit = if self.all { usize::MAX } else { LIST };
        let mut left = limit;
        let mut untold = 0;
        for (signs, group) in groups {
            if left == 0 {
                untold += group.len();
                continue;
            }
            self.clues(&signs, group.first().copied(), &shown)?;
            let mut causes: BTreeSet<&str> = BTreeSet::new();
            for finding in group {
                if !causes.insert(&finding.cause) && !self.all {
                    continue;
                }
                if left == 0 {
                    untold += 1;
                    continue;
                }
                left -= 1;
                self.brief("?", finding, many)?;
            }
        }
        self.more(untold, 0)?;
        writeln!(self.out)
    }

    fn clues(
        &mut self,
        signs: &[&SignSeen],
        of: Option<&Finding>,
        shown: &BTreeSet<&str>,
    ) -> io::Result<()> {
        let said = of.map(|it| self.said(it)).unwrap_or_default();
        for sign in signs {
            let says = said.signs.get(&sign.sign).map_or(sign.sign.as_str(), String::as_str);
            let note = if sign.unattributed {
                format!(" ({})", self.words.get("unattributed"))
            } else {
                String::new()
            };
            let text = format!("{}: {says}{note}", self.words.get("label.seen"));
            writeln!(self.out, "{}", wrap(&text, 2, 4))?;
            if !sign.quotes.iter().any(|it| shown.contains(it.text.as_str())) {
                proof::seen(sign, self.words, 1, self.out)?;
            }
        }
        Ok(())
    }

    fn rest(&mut self) -> io::Result<()> {
        let many = self.many_subjects();
        for finding in self.report.findings.iter().filter(|it| it.verdict > Verdict::Possible) {
            let verdict = self.words.get(&format!("verdict.{}", finding.verdict.name())).to_owned();
            self.brief(&format!("- {verdict}:"), finding, many)?;
        }
        writeln!(self.out)
    }

    /// What would settle what is open, with what to type.
    fn open(&mut self) -> io::Result<()> {
        let bold = Style::new().bold();
        let limit = if self.all { usize::MAX } else { COMMANDS };
        let mut asked: Vec<(&Unchecked, String)> = Vec::new();
        let mut others: Vec<&Unchecked> = Vec::new();
        for unchecked in &self.report.unchecked {
            let missing = matches!(
                unchecked.gap.gap,
                Gap::NotCaptured
                    | Gap::DependsOnUnknown
                    | Gap::Ambiguous
                    // Somebody else may have the tool.
                    | Gap::NoTool { .. }
                    | Gap::SignedOut { .. }
            );
            match self.command(unchecked).filter(|_| missing && asked.len() < limit) {
                Some(command) => asked.push((unchecked, command)),
                None => others.push(unchecked),
            }
        }
        asked.sort_by_key(|(it, _)| !it.can_be_given);
        if !asked.is_empty() {
            let open =
                self.report.findings.iter().any(|it| {
                    matches!(it.verdict, Verdict::Likely | Verdict::Possible) && !it.past
                });
            let label = if open { "label.settle" } else { "label.look-further" };
            writeln!(self.out, "{bold}{}{bold:#}", self.words.get(label))?;
        }
        for (unchecked, command) in asked {
            let note = if unchecked.can_be_given { "" } else { self.words.get("look-yourself") };
            writeln!(self.out, "  - {}{note}", plain(&self.step(unchecked)))?;
            writeln!(self.out, "      {}", visible(&command))?;
        }
        let in_part = |it: &&&Unchecked| it.gap.gap == Gap::HandedOver;
        let missing =
            |it: &&&Unchecked| matches!(it.gap.gap, Gap::NotCaptured | Gap::DependsOnUnknown);
        for unchecked in others.iter().filter(|it| !in_part(it) && !missing(it)).take(2 * limit) {
            let text =
                format!("- {}: {}", self.step(unchecked), self.words.gap(&unchecked.gap.gap));
            writeln!(self.out, "{}", wrap(&text, 2, 4))?;
        }
        if !self.found() || self.all {
            self.names("label.unchecked", others.iter().copied().filter(|it| missing(&it)))?;
            self.names("label.in-part", others.iter().copied().filter(|it| in_part(&it)))?;
        }
        Ok(())
    }

    fn names<'u>(
        &mut self,
        label: &str,
        of: impl Iterator<Item = &'u Unchecked>,
    ) -> io::Result<()> {
        let mut steps: Vec<String> = of.map(|it| self.step(it)).collect();
        if steps.is_empty() {
            return Ok(());
        }
        let more = steps.len().saturating_sub(LIST);
        steps.truncate(LIST);
        let more = if more > 0 { format!("; … +{more} (--all)") } else { String::new() };
        let text = format!("{}: {}{more}", self.words.get(label), steps.join("; "));
        writeln!(self.out, "{}", wrap(&text, 0, 2))
    }

    fn step(&self, unchecked: &Unchecked) -> String {
        self.playbook(&unchecked.playbook).map_or_else(
            || unchecked.gap.step.clone(),
            |it| self.words.step(it, &unchecked.gap.step),
        )
    }

    fn command(&self, unchecked: &Unchecked) -> Option<String> {
        let playbook = self.playbook(&unchecked.playbook)?;
        let step = playbook.steps.iter().find(|it| it.id == unchecked.gap.step)?;
        by_hand::command(self.words, playbook, step, &unchecked.known)
    }

    fn ruled_out(&mut self) -> io::Result<()> {
        let all: Vec<&Finding> = self
            .report
            .findings
            .iter()
            .filter(|it| it.verdict == Verdict::RuledOut && !it.again)
            .collect();
        if all.is_empty() {
            return Ok(());
        }
        let limit = if self.all { usize::MAX } else { LIST / 2 };
        writeln!(self.out, "{}", self.words.plural("ruled-out", all.len()))?;
        for finding in all.iter().take(limit) {
            let said = self.said(finding);
            let why: Vec<&str> = finding
                .signs
                .iter()
                .filter(|it| it.role == Role::Refutes && it.truth == Truth::Yes)
                .filter_map(|it| said.signs.get(&it.sign).map(String::as_str))
                .collect();
            let text = format!("- {}: {}", said.title, why.join("; "));
            writeln!(self.out, "{}", wrap(&text, 2, 4))?;
        }
        self.more(all.len(), limit)
    }
}
