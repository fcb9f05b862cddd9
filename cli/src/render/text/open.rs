//! What would settle what is open, with what to type.

use std::io;

use anstyle::Style;
use triagem_engine::evidence::Gap;
use triagem_engine::playbook::Reference;
use triagem_engine::playbook::template::visible;
use triagem_engine::verdict::{Truth, Unchecked, Verdict};

use super::{LIST, Page};
use crate::render::by_hand::{self, ByHand};
use crate::render::ink::{one_line, plain, wrap};

/// Commands that would settle what is open.
const COMMANDS: usize = 4;

impl Page<'_> {
    pub(super) fn open(&mut self) -> io::Result<()> {
        let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
        let report = self.report;
        let limit = if self.how.all { usize::MAX } else { COMMANDS };
        let mut asked: Vec<(&Unchecked, ByHand)> = Vec::new();
        let mut others: Vec<&Unchecked> = Vec::new();
        for unchecked in &report.unchecked {
            match self.command(unchecked).filter(|_| missing(unchecked) && asked.len() < limit) {
                Some(by_hand)
                    if self.typed.contains(&by_hand.command)
                        || asked.iter().any(|(_, it)| it.command == by_hand.command) => {}
                Some(by_hand) => asked.push((unchecked, by_hand)),
                None => others.push(unchecked),
            }
        }
        // What can be typed as it stands comes first.
        asked.sort_by_key(|(it, by_hand)| (!it.can_be_given, by_hand.command.contains('<')));
        if !asked.is_empty() {
            let open =
                self.report.findings.iter().any(|it| {
                    matches!(it.verdict, Verdict::Likely | Verdict::Possible) && !it.past
                });
            let label = if open { "label.settle" } else { "label.look-further" };
            writeln!(self.out, "{bold}{}{bold:#}", self.words.get(label))?;
        }
        for (unchecked, by_hand) in asked {
            let note = if unchecked.can_be_given { "" } else { self.words.get("look-yourself") };
            writeln!(self.out, "  - {}{note}", plain(&self.step(unchecked)))?;
            self.type_it(&by_hand)?;
        }
        let barred =
            others.iter().filter(|it| !in_part(it) && !missing(it)).take(limit.saturating_mul(2));
        for (at, unchecked) in barred.enumerate() {
            let text =
                format!("- {}: {}", self.step(unchecked), self.words.gap(&unchecked.gap.gap));
            // Who has the tool, or the right, can look all the same.
            let by_hand = self.command(unchecked).filter(|_| at < limit);
            let by_hand = by_hand.filter(|it| !self.typed.contains(&it.command));
            if self.typed.insert(text.clone()) {
                writeln!(self.out, "{}", wrap(&text, 2, 4))?;
            } else if by_hand.is_some() {
                writeln!(self.out, "{}", wrap(&format!("- {}", self.step(unchecked)), 2, 4))?;
            }
            if let Some(by_hand) = by_hand {
                self.type_it(&by_hand)?;
            }
        }
        if !self.found() || self.how.all {
            self.names("label.unchecked", others.iter().copied().filter(|it| missing(it)))?;
            self.names("label.in-part", others.iter().copied().filter(|it| in_part(it)))?;
        }
        // Where not even a possible cause leads on, the article does.
        if !self.found() && self.open_causes().is_empty() {
            let articles: Vec<&Reference> = report
                .playbooks
                .iter()
                .filter(|it| it.fits && it.trouble_now != Truth::No)
                .filter_map(|it| self.playbook(&it.id)?.references.first())
                .collect();
            for article in articles.into_iter().filter(|it| self.typed.insert(it.url.clone())) {
                let label = self.words.get("label.read-more");
                writeln!(self.out, "{dim}{label}: {}{dim:#}", one_line(&article.url))?;
            }
        }
        Ok(())
    }

    /// A command, and why something is a blank in it.
    fn type_it(&mut self, by_hand: &ByHand) -> io::Result<()> {
        let dim = Style::new().dimmed();
        self.typed.insert(by_hand.command.clone());
        writeln!(self.out, "      {}", visible(&by_hand.command))?;
        for note in &by_hand.notes {
            writeln!(self.out, "{dim}{}{dim:#}", wrap(note, 6, 6))?;
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

    fn command(&self, unchecked: &Unchecked) -> Option<ByHand> {
        let playbook = self.playbook(&unchecked.playbook)?;
        let step = playbook.steps.iter().find(|it| it.id == unchecked.gap.step)?;
        by_hand::command(self.words, playbook, step, &unchecked.known)
    }
}

/// Nobody has looked yet.
fn missing(it: &Unchecked) -> bool {
    matches!(it.gap.gap, Gap::NotCaptured | Gap::DependsOnUnknown | Gap::Ambiguous)
}

/// It was looked at, as far as it was handed over.
fn in_part(it: &Unchecked) -> bool {
    it.gap.gap == Gap::HandedOver
}
