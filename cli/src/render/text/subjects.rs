//! The subjects themselves: how each stands, and what it was warned of last, whichever cause knows it.

use std::io;

use anstyle::Style;
use triagem_engine::given::Standing;
use triagem_engine::playbook::Playbook;
use triagem_engine::text::Warning;
use triagem_engine::value::Type;
use triagem_engine::verdict::{Finding, SubjectSeen};
use triagem_engine::words::Words;
use triagem_engine::words::argument::is_plain;

use super::{LIST, Page};
use crate::render::ink::{one_line, wrap};
use crate::render::proof;

/// Subjects that seem well and whose warnings are told all the same.
const WELL: usize = 3;
/// Letters of a quote that was cut by which a warning is known to be quoted.
const KNOWN_BY: usize = 60;

impl Page<'_> {
    /// Every subject that has something to tell which no finding has told; `well`: also that it is well, where they are few.
    pub(super) fn subjects(&mut self, well: bool) -> io::Result<()> {
        let report = self.report;
        let few = report.subjects.len() <= WELL;
        let mut left = if self.how.all { usize::MAX } else { LIST };
        let mut untold = 0;
        for subject in &report.subjects {
            let accounted = self.accounts_for(subject);
            let warnings: Vec<&Warning> =
                subject.warnings.iter().filter(|it| !self.quotes(it)).collect();
            let odd = !subject.is_well();
            let silent = warnings.is_empty() && !well;
            if accounted && warnings.is_empty() || !odd && (silent || !few) {
                continue;
            }
            if left == 0 {
                untold += 1;
                continue;
            }
            left -= 1;
            self.subject(subject, &warnings, accounted)?;
        }
        self.more(untold, 0)
    }

    /// What was handed over warns of, where nothing that was found tells it.
    pub(super) fn warnings(&mut self) -> io::Result<()> {
        let report = self.report;
        let untold: Vec<&Warning> =
            report.warnings.iter().filter(|it| !self.found() && !self.quotes(it)).collect();
        if untold.is_empty() {
            return Ok(());
        }
        let bold = Style::new().bold();
        writeln!(self.out, "{bold}{}{bold:#}", self.words.get("label.warnings"))?;
        for warning in untold {
            self.warning(warning)?;
        }
        writeln!(self.out)
    }

    fn warning(&mut self, warning: &Warning) -> io::Result<()> {
        let reason = match one_line(&warning.reason) {
            reason if reason.is_empty() => reason,
            reason => format!("{reason} · "),
        };
        proof::quote(&warning.quote, &reason, self.words, &mut self.quoted, self.out)
    }

    fn subject(
        &mut self,
        subject: &SubjectSeen,
        warnings: &[&Warning],
        accounted: bool,
    ) -> io::Result<()> {
        let bold = Style::new().bold();
        let words = self.words;
        let what = format!("{}/{}", subject.object.kind.to_lowercase(), subject.name());
        let said = match &subject.standing {
            Some(Standing::Ready) => words.say("subject.ready", &[("what", &what)]),
            Some(Standing::Ended) => words.say("subject.ended", &[("what", &what)]),
            Some(Standing::Leaving) => words.say("subject.leaving", &[("what", &what)]),
            Some(Standing::Trouble(why)) => {
                words.say("subject.trouble", &[("what", &what), ("why", why)])
            }
            None => words.say("subject.unknown", &[("what", &what)]),
        };
        writeln!(self.out, "{bold}{}{bold:#}", one_line(&said))?;
        // What a warning quotes is not said twice.
        let own = subject.said.as_deref().filter(|it| !accounted && !repeats(warnings, it));
        if let Some(said) = own {
            writeln!(
                self.out,
                "{}",
                wrap(&format!("{}: {said}", words.get("subject.said")), 2, 4)
            )?;
        }
        if subject.is_in_trouble() && !accounted && subject.playbooks.is_empty() {
            for playbook in self.playbooks {
                writeln!(self.out, "{}", wrap(&self.nobodys(playbook), 2, 4))?;
            }
        }
        if !warnings.is_empty() {
            writeln!(self.out, "  {}", words.get("subject.warnings"))?;
        }
        for warning in warnings {
            self.warning(warning)?;
        }
        if !accounted && let Some(command) = look(self.words, subject, warnings.is_empty()) {
            writeln!(self.out, "  {}", words.get("subject.look"))?;
            writeln!(self.out, "      {command}")?;
            self.typed.insert(command);
        }
        if !subject.unread.is_empty() {
            writeln!(self.out, "  {}", words.get("subject.unread"))?;
        }
        for gap in &subject.unread {
            let step = self
                .playbooks
                .iter()
                .find(|it| it.steps.iter().any(|step| step.id == gap.step))
                .map_or_else(|| gap.step.clone(), |it| words.step(it, &gap.step));
            let text = format!("- {step}: {}", words.gap(&gap.gap));
            writeln!(self.out, "{}", wrap(&text, 4, 6))?;
            self.typed.insert(text);
        }
        writeln!(self.out)
    }

    /// That a playbook is about others, and about which.
    fn nobodys(&self, playbook: &Playbook) -> String {
        let fact = playbook.subject().and_then(|it| it.or_from.as_ref());
        let told = fact.filter(|it| playbook.facts.get(*it).is_some_and(|it| it.asks.is_some()));
        match told {
            Some(fact) => self.words.say(
                "subject.nobodys",
                &[("playbook", &playbook.id), ("noun", &self.words.noun(playbook, fact))],
            ),
            None => self.words.say("subject.nobodys-bare", &[("playbook", &playbook.id)]),
        }
    }

    /// Whether a cause of now is known of it.
    fn accounts_for(&self, subject: &SubjectSeen) -> bool {
        let name = subject.name();
        let is_about =
            |it: &Finding| it.subjects.iter().any(|it| it.values().any(|it| *it == name));
        self.strong().any(|it| !it.past && is_about(it))
    }

    /// Whether some finding that is told shows it already.
    fn quotes(&self, warning: &Warning) -> bool {
        let warned = squashed(&warning.quote.text);
        let warned = warned.split('…').next().unwrap_or_default();
        self.strong()
            .chain(self.open_causes())
            .flat_map(|it| &it.signs)
            .flat_map(|it| it.quotes.iter().chain(it.parts.iter().flat_map(|it| &it.quotes)))
            .any(|it| {
                let quoted = squashed(&it.text);
                // Either may be cut where it is long.
                let begun = quoted.split('…').next().unwrap_or_default();
                quoted.starts_with(warned) || begun.len() >= KNOWN_BY && warned.starts_with(begun)
            })
    }
}

/// What to type to see why a pod is in trouble of which no cause is known: what its last container said, or what warned of it.
fn look(words: &Words, subject: &SubjectSeen, unwarned: bool) -> Option<String> {
    let Some(Standing::Trouble(why)) = &subject.standing else { return None };
    let object = &subject.object;
    let named = [&object.namespace, &object.name].iter().all(|it| is_plain(Type::K8sName, it));
    if !named || !object.kind.eq_ignore_ascii_case("pod") {
        return None;
    }
    let line = |argv: &[&str]| {
        let argv: Vec<String> = argv.iter().map(|it| (*it).to_owned()).collect();
        words.command(&argv)
    };
    let (namespace, name) = (object.namespace.as_str(), object.name.as_str());
    let ended = ["CrashLoopBackOff", "Error", "OOMKilled", "ContainerCannotRun", "StartError"];
    if ended.contains(&why.as_str()) {
        let flags = ["--all-containers", "--previous"];
        return Some(line(&[&["kubectl", "-n", namespace, "logs", name][..], &flags].concat()));
    }
    unwarned.then(|| line(&["kubectl", "-n", namespace, "describe", "pod", name]))
}

/// Whether one of these warnings quotes what an object says itself.
fn repeats(warnings: &[&Warning], said: &str) -> bool {
    let start: String = squashed(said).chars().take(KNOWN_BY).collect();
    warnings.iter().any(|it| squashed(&it.quote.text).contains(&start))
}

fn squashed(text: &str) -> String {
    text.split_whitespace().collect()
}
