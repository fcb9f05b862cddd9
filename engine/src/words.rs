//! Words in the reader's language: the program's own, and those of playbooks, rendered.

use std::collections::BTreeMap;
use std::iter;

use crate::evidence::Gap;
use crate::playbook::template::{Manner, render, visible, visible_name};
use crate::playbook::{Playbook, Reference};
use crate::system::System;
use crate::verdict::{Finding, Shown};

pub use beside::{CompareWords, Holds, ProbeWords, RowWords, probes};
pub use locale::{SOURCE, check, is_complete, lacks, locales, manner};
pub use step::RemedyWords;
pub(crate) use step::belongs;

pub mod argument;
mod beside;
mod command;
mod locale;
mod phrase;
pub mod shell;
mod step;

/// Letters of a value that a sentence quotes.
const QUOTED: usize = 80;

/// Words of one locale, with English where it has none.
#[derive(Clone, Debug)]
pub struct Words {
    locale: &'static str,
    own: BTreeMap<String, String>,
    phrases: phrase::Phrases,
    manner: Manner,
    shell: shell::Shell,
}

/// There are no words for this locale.
#[derive(Debug, thiserror::Error)]
#[error("there is no locale `{0}`; there are {known}", known = locales().join(", "))]
pub struct UnknownLocale(String);

impl Words {
    /// The words of a locale, by its name, or as an environment writes it (`pt_BR.UTF-8`, `C`).
    pub fn new(locale: &str) -> Result<Self, UnknownLocale> {
        locale::named(locale).map(Self::of).ok_or_else(|| UnknownLocale(locale.to_owned()))
    }

    /// The words that all others are made from.
    pub fn source() -> Self {
        Self::of(SOURCE)
    }

    fn of(locale: &'static str) -> Self {
        Self {
            locale,
            own: locale::words(locale),
            phrases: phrase::Phrases::new(locale::phrases(locale)),
            manner: manner(locale),
            shell: shell::Shell::default(),
        }
    }

    /// With the words that these systems bring.
    #[must_use]
    pub fn knowing(mut self, systems: &[System]) -> Self {
        for system in systems {
            for (what, all) in [("owner", &system.owners), ("changes", &system.changes)] {
                for (name, it) in all {
                    let text = it.get(self.locale).or_else(|| it.get(SOURCE));
                    self.own.insert(format!("{what}.{name}"), text.cloned().unwrap_or_default());
                }
            }
            for it in &system.phrases {
                if let (Some(from), Some(text)) = (it.get(SOURCE), it.get(self.locale))
                    && self.locale != SOURCE
                {
                    self.phrases.add(from.clone(), text.clone());
                }
            }
        }
        self
    }

    /// With commands written for this shell; else for POSIX.
    #[must_use]
    pub fn for_shell(self, shell: shell::Shell) -> Self {
        Self { shell, ..self }
    }

    /// A command on one line, for the reader's shell.
    pub fn command(&self, argv: &[String]) -> String {
        self.shell.command(argv)
    }

    /// The locale's name.
    pub fn locale(&self) -> &'static str {
        self.locale
    }

    /// Whether they are those that all others are made from.
    pub fn is_source(&self) -> bool {
        self.locale == SOURCE
    }

    /// One of the program's own words; an unknown id stands for itself.
    pub fn get<'w>(&'w self, id: &'w str) -> &'w str {
        self.known(id).unwrap_or(id)
    }

    /// One of the program's own words, if there is one of that id.
    pub fn known(&self, id: &str) -> Option<&str> {
        self.own.get(id).map(String::as_str)
    }

    /// One of the program's own sentences, with its values filled in.
    pub fn say(&self, id: &str, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.get(id).to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), &visible(value))
        })
    }

    /// What was worded in English where it arose, as an error of the system or a reason in a recording.
    pub fn phrase(&self, english: &str) -> String {
        self.phrases.translate(english)
    }

    /// The sentence for one or for several (CLDR categories one and other), with `{n}` filled in.
    pub fn plural(&self, id: &str, n: usize) -> String {
        let which = if self.manner.is_one(n) { "one" } else { "other" };
        self.say(&format!("{id}.{which}"), &[("n", &n.to_string())])
    }

    /// A message of a playbook as a template, and whether it had to stay English.
    fn template<'p>(&self, playbook: &'p Playbook, id: &str, english: &'p str) -> (&'p str, bool) {
        if self.is_source() {
            return (english, false);
        }
        match playbook.translations.get(self.locale).and_then(|it| it.get(id)) {
            Some(it) if it.from == english.trim() && !it.text.is_empty() => (&it.text, false),
            Some(_) | None => (english, true),
        }
    }

    /// A message of a playbook, rendered. One that cannot be rendered stands as it was written.
    pub fn message(
        &self,
        playbook: &Playbook,
        id: &str,
        english: &str,
        facts: &BTreeMap<String, Shown>,
    ) -> String {
        self.render(playbook, id, english, facts, &|name| readable(name))
    }

    fn render(
        &self,
        playbook: &Playbook,
        id: &str,
        english: &str,
        facts: &BTreeMap<String, Shown>,
        what: &dyn Fn(&str) -> String,
    ) -> String {
        let (template, _) = self.template(playbook, id, english);
        // A playbook is somebody else's text, too.
        visible(
            &render(template, facts, &self.manner, what).unwrap_or_else(|_| template.to_owned()),
        )
    }

    /// What a fact is, in a word or two: `asks` of the fact, or its id as words.
    pub fn noun(&self, playbook: &Playbook, fact: &str) -> String {
        match playbook.facts.get(fact).and_then(|it| it.asks.as_ref()) {
            Some(asks) => self.template(playbook, &format!("facts.{fact}.asks"), asks).0.to_owned(),
            None => readable(fact),
        }
    }

    /// What a reader is to fill in for a fact that is not known: `<what>`.
    pub fn blank(&self, playbook: &Playbook, fact: &str) -> String {
        let input = playbook.inputs.iter().find(|it| it.name == fact);
        let what = match input {
            Some(input) => {
                self.template(playbook, &format!("inputs.{fact}.asks"), &input.asks).0.to_owned()
            }
            None => self.noun(playbook, fact),
        };
        format!("<{what}>")
    }

    /// Why a blank is one, though this value was read.
    pub fn refused(&self, blank: &str, value: &str) -> String {
        let short: String = value.chars().take(QUOTED).collect();
        let more = if short.len() < value.len() { "…" } else { "" };
        let value = format!("{}{more}", visible_name(&short.replace(['\n', '\t'], " ")));
        self.say("blank.refused", &[("blank", blank), ("value", &value)])
    }

    /// What a playbook is about.
    pub fn title(&self, playbook: &Playbook) -> String {
        self.message(playbook, "playbook.title", &playbook.title, &BTreeMap::new())
    }

    /// What a step does, in one sentence.
    pub fn step(&self, playbook: &Playbook, step: &str) -> String {
        playbook.steps.iter().find(|it| it.id == step).map_or_else(
            || readable(step),
            |it| self.message(playbook, &format!("steps.{step}.says"), &it.says, &BTreeMap::new()),
        )
    }

    /// What a sign of a playbook says, where no finding gives it values.
    pub fn sign(&self, playbook: &Playbook, sign: &str) -> String {
        playbook.signs.get(sign).map_or_else(
            || readable(sign),
            |it| self.message(playbook, &format!("signs.{sign}.says"), &it.says, &BTreeMap::new()),
        )
    }

    /// Why something could not be looked at.
    pub fn gap(&self, gap: &Gap) -> String {
        // Whoever answered may have put lines into it: none of them begins a line of the report.
        let needs = gap.detail().split_whitespace().collect::<Vec<_>>().join(" ");
        // A right is named as "get on pods in namespace shop".
        let needs = match gap {
            Gap::Denied { .. } => [("needs.in-namespace", " in namespace "), ("needs.on", " on ")]
                .iter()
                .fold(needs, |text, (id, english)| text.replace(english, self.get(id))),
            Gap::Failed(_) => self.phrase(&needs),
            _ => needs,
        };
        self.say(&format!("gap.{}", gap.name()), &[("needs", &needs)])
    }
}

/// A finding in words.
#[derive(Clone, Debug, Default)]
pub struct FindingWords {
    /// What it is.
    pub title: String,
    /// What happened.
    pub explains: String,
    /// Sign id → its sentence.
    pub signs: BTreeMap<String, String>,
    /// Small tables that belong to it.
    pub compares: Vec<CompareWords>,
    /// What to do, in order.
    pub remedy: Vec<RemedyWords>,
    /// How to tell that it is over.
    pub verify: Option<String>,
    /// Where to read more.
    pub references: Vec<Reference>,
    /// What had to stay English.
    pub footnotes: Vec<String>,
}

/// What a message says that a blank is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claim {
    /// The blank, as it stands in the command.
    pub blank: String,
    /// What messages say.
    pub values: Vec<String>,
}

/// A finding in words. Never fails: what cannot be rendered is shown as it was written.
pub fn finding(words: &Words, playbook: &Playbook, finding: &Finding) -> FindingWords {
    let Some(cause) = playbook.causes.iter().find(|it| it.id == finding.cause) else {
        return FindingWords { title: finding.cause.clone(), ..FindingWords::default() };
    };
    let what = |name: &str| {
        cause.speaks_of.get(name).map_or_else(|| readable(name), |it| words.noun(playbook, it))
    };
    let say =
        |id: String, english: &str| words.render(playbook, &id, english, &finding.facts, &what);
    let base = format!("causes.{}", cause.id);
    let (_, english) = words.template(playbook, &format!("{base}.explains"), &cause.explains);
    FindingWords {
        title: say(format!("{base}.title"), &cause.title),
        explains: say(format!("{base}.explains"), &cause.explains),
        signs: finding
            .signs
            .iter()
            .flat_map(|it| iter::once(it).chain(&it.parts))
            .filter_map(|it| playbook.signs.get(&it.sign))
            .map(|sign| (sign.id.clone(), say(format!("signs.{}.says", sign.id), &sign.says)))
            .collect(),
        compares: beside::compares(words, playbook, finding),
        remedy: cause
            .remedy
            .iter()
            .filter(|it| belongs(playbook, it, finding))
            .map(|remedy| {
                let base = format!("{base}.remedy.{}", remedy.name);
                step::words(words, playbook, finding, &base, remedy)
            })
            .collect(),
        verify: cause.verify.as_ref().and_then(|it| {
            let sign = playbook.signs.get(&it.sign)?;
            let says = say(format!("signs.{}.says", sign.id), &sign.says);
            let id = if it.becomes_seen { "verify.seen" } else { "verify.not-seen" };
            Some(words.say(id, &[("sign", &says)]))
        }),
        references: cause.references.clone(),
        footnotes: english.then(|| words.get("footnote.english").to_owned()).into_iter().collect(),
    }
}

/// A fact's name as words.
fn readable(id: &str) -> String {
    id.rsplit('/').next().unwrap_or_default().replace('-', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_that_there_is_not_is_said_with_those_that_there_are() {
        assert!(Words::new("xx").unwrap_err().to_string().contains("en, es, pt-BR"));
    }

    #[test]
    fn a_gap_is_told_on_one_line() {
        let said = Words::new("en").unwrap().gap(&Gap::Failed("a\n\n✗ b".to_owned()));
        assert_eq!(said, "it failed: a ✗ b");
    }

    #[test]
    fn one_and_several_are_said_as_a_language_says_them() {
        for (locale, none, two) in [
            ("en", "0 causes ruled out", "2 causes ruled out"),
            ("pt-BR", "0 causa descartada", "2 causas descartadas"),
            ("es", "0 causas descartadas", "2 causas descartadas"),
        ] {
            let words = Words::new(locale).unwrap();
            assert_eq!(words.plural("ruled-out", 0), none);
            assert_eq!(words.plural("ruled-out", 2), two);
        }
    }
}
