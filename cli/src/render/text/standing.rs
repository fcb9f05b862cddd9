//! How things stand, before any cause is told: who was left out, that nothing fits, that all is well.

use std::collections::BTreeSet;
use std::io;

use anstyle::Style;
use triagem_engine::evidence::{Gap, Selection};
use triagem_engine::playbook::template::visible;
use triagem_engine::verdict::{SubjectSeen, Truth};

use super::{LIST, Page};
use crate::render::ink::{one_line, wrap};
use crate::render::proof::{self, subjects};

impl Page<'_> {
    /// Names that a reader would take for one another.
    pub(super) fn alike(&mut self) -> io::Result<()> {
        for names in &self.report.alike {
            let names: Vec<String> = names.iter().take(LIST).map(|it| one_line(it)).collect();
            let text = self.words.say("alike", &[("names", &names.join(", "))]);
            writeln!(self.out, "{}\n", wrap(&text, 0, 0))?;
        }
        Ok(())
    }

    /// Who was left out, and whether somebody was missed.
    pub(super) fn selection(&mut self) -> io::Result<()> {
        let Selection { well, leaving, gap, handed_over } = &self.report.selection;
        let mut texts = Vec::new();
        if *well > 0 {
            let id = if *handed_over { "left-out-of-list" } else { "left-out" };
            texts.push(self.words.plural(id, *well));
        }
        if *leaving > 0 {
            texts.push(self.words.plural("leaving", *leaving));
        }
        if let Some(gap) = gap {
            texts.push(self.words.say("more-pods", &[("why", &self.words.gap(gap))]));
        }
        if texts.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "{}\n", wrap(&texts.join(" "), 0, 0))
    }

    /// What was asked and has no answer, though it should; and that other playbooks asked it.
    pub(super) fn unanswered(&mut self) -> io::Result<()> {
        let report = self.report;
        if !report.other_playbooks.is_empty() {
            let ids = one_line(&report.other_playbooks.join(", "));
            let text = self.words.say("other-playbooks", &[("ids", &ids)]);
            writeln!(self.out, "{}\n", wrap(&text, 0, 0))?;
        }
        if report.unanswered.is_empty() {
            return Ok(());
        }
        let count = report.unanswered.len();
        let bold = Style::new().bold();
        writeln!(
            self.out,
            "{bold}{}{bold:#}",
            wrap(&self.words.plural("unanswered", count), 0, 0)
        )?;
        let limit = if self.how.all { usize::MAX } else { LIST };
        for it in report.unanswered.iter().take(limit) {
            let with: Vec<String> =
                it.request.params.iter().map(|(k, v)| format!("{k}={v}")).collect();
            let asked = one_line(&format!("{} {}", it.request.source, with.join(" ")));
            let text = format!("- {}: {}", visible(&asked), self.words.gap(&it.gap));
            writeln!(self.out, "{}", wrap(&text, 2, 4))?;
        }
        if count > limit {
            writeln!(self.out, "  … +{} (--all)", count - limit)?;
        }
        writeln!(self.out)
    }

    /// Nobody knows this text, or a tool only said why it could not look.
    pub(super) fn no_fit(&mut self) -> io::Result<()> {
        let recognised = &self.report.recognised;
        let needs: BTreeSet<&str> = recognised
            .iter()
            .filter_map(|it| match &it.gap {
                Some(Gap::Denied { needs }) => Some(needs.as_str()),
                _ => None,
            })
            .collect();
        for needs in &needs {
            let text = self.words.say("not-allowed", &[("needs", needs)]);
            writeln!(self.out, "{}", wrap(&text, 0, 0))?;
        }
        if !recognised.is_empty() && recognised.iter().all(|it| it.gap.is_some()) {
            let others: BTreeSet<String> = recognised
                .iter()
                .filter_map(|it| it.gap.as_ref())
                .filter(|it| !matches!(it, Gap::Denied { .. }))
                .map(|it| self.words.say("could-not-look", &[("why", &self.words.gap(it))]))
                .collect();
            for text in others {
                writeln!(self.out, "{}", wrap(&text, 0, 0))?;
            }
            return Ok(());
        }
        writeln!(self.out, "{}", self.words.get("no-fit"))?;
        for playbook in self.playbooks {
            let title = self.words.title(playbook);
            writeln!(self.out, "  {}  {title}", playbook.id)?;
        }
        Ok(())
    }

    /// Where no cause of now was found: how things stand.
    pub(super) fn head(&mut self) -> io::Result<()> {
        if self.found() {
            return Ok(());
        }
        let bold = Style::new().bold();
        let considered: Vec<_> = self.report.playbooks.iter().filter(|it| it.fits).collect();
        let others = self.report.subjects.iter().any(|it| !it.is_well() && !it.is_leaving());
        if !others && considered.iter().all(|it| it.trouble_now == Truth::No) {
            writeln!(self.out, "{bold}{}{bold:#}", self.words.get("no-trouble"))?;
        }
        let mut well = false;
        for playbook in &considered {
            let Some(of) = self.playbook(&playbook.id) else { continue };
            for sign in &playbook.well {
                let says = self.words.sign(of, &sign.sign);
                let whom = subjects(self.words, of, &sign.subjects);
                let whom = if whom.is_empty() { whom } else { format!("  ({whom})") };
                writeln!(self.out, "{bold}✓ {says}.{bold:#}{whom}")?;
                well = true;
            }
            for sign in playbook.symptoms.iter().filter(|it| it.truth == Truth::Yes) {
                writeln!(self.out, "{bold}{}.{bold:#}", self.words.sign(of, &sign.sign))?;
                if let Some(newest) = sign.quotes.last() {
                    proof::quote(newest, "", self.words, &mut self.quoted, self.out)?;
                }
            }
        }
        let open = self.open_causes().len();
        let subjects = &self.report.subjects;
        let all_well = !subjects.is_empty()
            && subjects.iter().all(SubjectSeen::is_well)
            && considered.iter().all(|it| it.trouble_now == Truth::No);
        let seen = considered.iter().any(|it| it.trouble_now == Truth::Yes);
        let text = if open > 0 {
            self.words.plural("undecided", open)
        } else if self.strong().any(|it| !it.elsewhere) {
            self.words.get("only-past").to_owned()
        } else if others && self.report.subjects.iter().any(SubjectSeen::is_in_trouble) {
            self.words.get("other-trouble").to_owned()
        } else if (well || all_well) && !others && !seen {
            self.words.get("well").to_owned()
        } else {
            self.words.get("nothing").to_owned()
        };
        writeln!(self.out, "{}\n", wrap(&text, 0, 0))?;
        if self.open_causes().iter().any(|it| !it.rivals.is_empty()) {
            writeln!(self.out, "{}\n", wrap(self.words.get("rivals"), 0, 0))?;
        }
        Ok(())
    }
}
