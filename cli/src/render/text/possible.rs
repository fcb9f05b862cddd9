//! What is only possible: the nearest first, each with what to do next; what rests on records of others last, in a line.

use std::collections::BTreeSet;
use std::io;

use anstyle::Style;
use triagem_engine::playbook::template::visible;
use triagem_engine::verdict::{Finding, SignSeen, Truth};
use triagem_engine::words::{self, RemedyWords};

use super::Page;
use crate::render::ink::{one_line, plain, wrap};
use crate::render::proof::{place, seen};

/// Causes that are told with what happened, what to type and what to read.
const NEAREST: usize = 3;
/// Causes that are named.
const NAMED: usize = 8;
/// Tests by hand that are told.
const PROBES: usize = 4;
/// Causes that are named of those that rest on records of others.
const OTHERS: usize = 5;

impl<'a> Page<'a> {
    /// What shares its clues is told together: the clues once, then the causes.
    pub(super) fn possible(&mut self) -> io::Result<()> {
        let open = self.open_causes();
        if open.is_empty() {
            return Ok(());
        }
        let bold = Style::new().bold();
        writeln!(self.out, "{bold}{}{bold:#}", self.words.get("label.possible"))?;
        let anyones = |it: &&&Finding| it.rests_on_others();
        let (mut others, mut own): (Vec<_>, Vec<_>) = open.iter().partition(anyones);
        // Where nothing else is known, those records are what was handed over.
        if own.is_empty() && self.strong().next().is_none() {
            std::mem::swap(&mut others, &mut own);
        }
        self.near(&own)?;
        self.far(&others)?;
        writeln!(self.out)?;
        self.probes()
    }

    /// What somebody can test by hand, as long as nothing is known to be so.
    fn probes(&mut self) -> io::Result<()> {
        let probes = words::probes(self.words, self.playbooks, self.report);
        if probes.is_empty() {
            return Ok(());
        }
        let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
        writeln!(self.out, "{bold}{}{bold:#}", self.words.get("label.probes"))?;
        let limit = if self.how.all { usize::MAX } else { PROBES };
        for (at, probe) in probes.iter().take(limit).enumerate() {
            let step = &probe.step;
            writeln!(self.out, "{}", wrap(&format!("{}. {}", at + 1, step.does), 2, 5))?;
            let owner = self.words.get(&format!("owner.{}", step.owner)).to_owned();
            let changes = self.words.get(&format!("changes.{}", step.changes)).to_owned();
            writeln!(self.out, "{dim}     {owner} · {changes}{dim:#}")?;
            if let Some(command) = &step.command {
                self.typed.insert(command.clone());
                writeln!(self.out, "     {}", visible(command))?;
            }
            for note in &step.notes {
                writeln!(self.out, "{dim}{}{dim:#}", wrap(note, 5, 5))?;
            }
        }
        self.more(probes.len(), limit)?;
        writeln!(self.out)
    }

    /// Those of which something was seen that is the subject's own.
    fn near(&mut self, findings: &[&'a Finding]) -> io::Result<()> {
        let many = self.many_subjects();
        let known: BTreeSet<&str> = self
            .strong()
            .flat_map(|it| it.signs.iter().filter(|it| it.truth == Truth::Yes))
            .map(|it| it.sign.as_str())
            .collect();
        // Several causes may each have a sign of their own that says the same.
        let mut groups: Vec<(Vec<(String, &SignSeen)>, Vec<&Finding>)> = Vec::new();
        let told = |clues: &[(String, &SignSeen)]| {
            clues.iter().map(|(says, _)| says.clone()).collect::<BTreeSet<String>>()
        };
        for finding in findings {
            let clues: Vec<(String, &SignSeen)> = finding
                .clues()
                .filter(|it| !known.contains(it.sign.as_str()))
                .map(|it| (self.says(it, finding), it))
                .collect();
            match groups.iter_mut().find(|(known, _)| told(known) == told(&clues)) {
                Some((_, group)) => group.push(finding),
                None => groups.push((clues, vec![finding])),
            }
        }
        let mut nearest = if self.found() || self.how.all { 0 } else { NEAREST };
        let mut left = if self.how.all { usize::MAX } else { NAMED };
        let mut untold = 0;
        let mut said: BTreeSet<String> = BTreeSet::new();
        let mut causes: BTreeSet<&str> = BTreeSet::new();
        for (clues, group) in groups {
            if left == 0 {
                untold += group.len();
                continue;
            }
            for (says, clue) in clues {
                if said.insert(says.clone()) {
                    self.clue(clue, &says)?;
                }
            }
            for finding in group {
                if !causes.insert(&finding.cause) && !self.how.all {
                    continue;
                }
                if left == 0 {
                    untold += 1;
                    continue;
                }
                left -= 1;
                self.brief("?", finding, many)?;
                if nearest > 0 {
                    nearest -= 1;
                    self.next(finding)?;
                }
            }
        }
        self.more(untold, 0)
    }

    /// What was seen, in words.
    fn says(&self, sign: &SignSeen, of: &'a Finding) -> String {
        let said = self.said(of);
        let says = said.signs.get(&sign.sign).map_or(sign.sign.as_str(), String::as_str);
        let label = if sign.partly { "label.seen-partly" } else { "label.seen" };
        let note = if sign.unattributed {
            format!(" ({})", self.words.get("unattributed"))
        } else {
            String::new()
        };
        format!("{}: {says}{note}", self.words.get(label))
    }

    fn clue(&mut self, sign: &SignSeen, says: &str) -> io::Result<()> {
        writeln!(self.out, "{}", wrap(says, 2, 4))?;
        if self.quoted.holds_all(sign) {
            return Ok(());
        }
        seen(sign, self.words, &mut self.quoted, 1, self.out)
    }

    /// What it would mean, what to type next, and what to read.
    fn next(&mut self, finding: &Finding) -> io::Result<()> {
        let dim = Style::new().dimmed();
        let said = self.said(finding);
        let sentence = first_sentence(&said.explains);
        if self.typed.insert(sentence.to_owned()) {
            writeln!(self.out, "{}", wrap(sentence, 6, 6))?;
        }
        // What stands there already need not be told again, so the next step is.
        let untyped = |it: &&RemedyWords| {
            it.changes == "nothing"
                && it.command.as_ref().is_some_and(|it| !self.typed.contains(it))
        };
        let looks = || said.remedy.iter().filter(untyped);
        let next = looks().find(|it| it.complete).or_else(|| looks().next()).cloned();
        if let Some(step) = next
            && let Some(command) = &step.command
        {
            self.typed.insert(command.clone());
            writeln!(self.out, "      {}", visible(command))?;
            for note in &step.notes {
                writeln!(self.out, "{dim}{}{dim:#}", wrap(note, 6, 6))?;
            }
        }
        let reference = said.references.first();
        if let Some(reference) = reference.filter(|it| self.typed.insert(it.url.clone())) {
            let label = self.words.get("label.read-more");
            writeln!(self.out, "{dim}      {label}: {}{dim:#}", one_line(&reference.url))?;
        }
        Ok(())
    }

    /// Those that rest on records which do not say whose they are: a line each.
    fn far(&mut self, findings: &[&'a Finding]) -> io::Result<()> {
        if findings.is_empty() {
            return Ok(());
        }
        let label = self.words.get("label.of-others");
        writeln!(self.out, "{}", wrap(label, 2, 4))?;
        let mut told: BTreeSet<&str> = BTreeSet::new();
        let limit = if self.how.all { usize::MAX } else { OTHERS };
        for finding in findings.iter().filter(|it| told.insert(&it.cause)).take(limit) {
            let at = finding.clues().find_map(|it| it.quotes.first());
            let at = at.map(|it| format!(" · {}", place(it, self.words))).unwrap_or_default();
            let title = plain(&self.said(finding).title);
            writeln!(self.out, "  ? {title}  ({}{at})", finding.cause)?;
        }
        let causes: BTreeSet<&str> = findings.iter().map(|it| it.cause.as_str()).collect();
        self.more(causes.len(), limit)
    }
}

/// A text up to its first full stop that ends a sentence.
fn first_sentence(text: &str) -> &str {
    let ends = text.match_indices(". ").find(|(at, _)| {
        let next = text.get(at + 2..).and_then(|it| it.trim_start().chars().next());
        next.is_some_and(|it| it.is_uppercase() || "*`“".contains(it))
    });
    ends.and_then(|(at, _)| text.get(..=at)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_where_another_begins() {
        assert_eq!(first_sentence("See v1.2, e.g. that one. Then go."), "See v1.2, e.g. that one.");
        assert_eq!(first_sentence("One"), "One");
    }
}
