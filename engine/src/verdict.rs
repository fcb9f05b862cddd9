//! What follows from the evidence: a report of findings, best first.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;

use crate::evidence::{Gap, Request, Selection};
use crate::playbook::Gravity;
use crate::text::{Oddity, Quote, Warning};

pub use subjects::SubjectSeen;
pub use truth::Truth;

mod alike;
mod answer;
mod chain;
pub(crate) mod env;
mod fact;
mod gather;
mod gone;
pub mod judge;
mod lone;
mod narrow;
mod open;
mod operator;
mod rank;
mod rivals;
pub mod seen;
pub(crate) mod selector;
mod sign;
pub(crate) mod split;
mod subject;
mod subjects;
mod symptoms;
mod truth;
pub(crate) mod world;

/// What a run came to: ids and facts, no words. Same playbooks, scope and evidence, same report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Every playbook that was considered, in the order they were handed in.
    pub playbooks: Vec<Considered>,
    /// What was handed over, as it was understood, in the order it was handed over.
    pub recognised: Vec<Recognised>,
    /// Every cause of every playbook that fits, best first.
    pub findings: Vec<Finding>,
    /// What could not be looked at, one line a gap, most causes first.
    pub unchecked: Vec<Unchecked>,
    /// What was looked at.
    pub looked: Vec<Looked>,
    /// The run was stopped before it ended.
    pub interrupted: bool,
    /// What was not looked at of what the reader pointed at.
    pub selection: Selection,
    /// What was asked and should have been answered: it is not there, or it is not what was asked for.
    pub unanswered: Vec<Unanswered>,
    /// Ids of playbooks that the evidence was recorded with, and that are others now.
    pub other_playbooks: Vec<String>,
    /// What was: how each subject stands, by name.
    pub subjects: Vec<SubjectSeen>,
    /// What was handed over warns of, and is about no subject that is known: the newest first.
    pub warnings: Vec<Warning>,
    /// Groups of names that a reader would take for one another.
    pub alike: Vec<Vec<String>>,
}

/// A question without a usable answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unanswered {
    /// What was asked.
    pub request: Request,
    /// Why it has no answer.
    pub gap: Gap,
}

/// A playbook, and whether it has anything to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Considered {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its files.
    pub digest: String,
    /// Some sign was seen, its subject was found, or a text speaks of what it is about.
    pub fits: bool,
    /// Its symptoms, in written order, each once (the most certain of its subjects').
    pub symptoms: Vec<SignSeen>,
    /// `Yes`: a symptom is there now. `No`: all were looked for and none is.
    pub trouble_now: Truth,
    /// What tells that there is no trouble any more: it ends most of the playbook's causes.
    pub well: Vec<Well>,
}

/// A sign that tells that trouble has ended, and of whom.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Well {
    /// Resolved id.
    pub sign: String,
    /// Subjects of which it was seen; empty: of nobody in particular.
    pub subjects: Vec<BTreeMap<String, String>>,
}

/// A handed-over piece, as it was understood.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recognised {
    /// File, or `-`.
    pub origin: String,
    /// Line it starts at, from 1; 0 where lines mean nothing.
    pub line: u64,
    /// `object`, `events`, `log`, `message`, `error`.
    pub what: crate::evidence::GivenKind,
    /// What could be read from it: `kind`, `namespace`, `name`, `container`.
    pub names: BTreeMap<String, String>,
    /// Records, where it has records.
    pub records: u64,
    /// Ids of the steps (`playbook/step`) it stands for.
    pub stands_for: Vec<String>,
    /// It warns of an object of the kind that was looked at, and of another one: nothing was judged by it.
    pub aside: bool,
    /// What was odd about it.
    pub oddities: Vec<Oddity>,
    /// The gap an error message told of.
    pub gap: Option<Gap>,
}

/// One cause, judged for one subject or several equal ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Playbook id.
    pub playbook: String,
    /// Cause id.
    pub cause: String,
    /// The values of the `each` facts, one map a subject: fact id → value. Empty: no subject.
    pub subjects: Vec<BTreeMap<String, String>>,
    /// The verdict.
    pub verdict: Verdict,
    /// The trouble was, and is no more.
    pub past: bool,
    /// A later attempt of what was tried failed otherwise, or succeeded; or nothing is tried any more.
    pub superseded: bool,
    /// It is about somebody who was not handed over and whom only a text names, beside trouble of those who were.
    pub elsewhere: bool,
    /// Id of the cause that folds it: one that hides it, or, where it is only possible, a confirmed
    /// one that accounts for all that was seen of it.
    pub under: Option<String>,
    /// A finding before it says the same, in other names.
    pub again: bool,
    /// Ids of other causes that are as sure, in a text that serves many: which of them is of the trouble at hand it does not say,
    /// so each is only possible.
    pub rivals: Vec<String>,
    /// Of those that are each other's rivals: the newest is 0.
    pub place: usize,
    /// How bad it is.
    pub severity: Gravity,
    /// Its signs, in the order requires, requires-any, supports, refutes, excluded-by, over-when.
    pub signs: Vec<SignSeen>,
    /// The signs that decide what is shown of it, beside those that judge it.
    pub asides: BTreeMap<String, Truth>,
    /// Where it is only possible: subjects of whom it is possible, too, in other words.
    pub others: Vec<BTreeMap<String, String>>,
    /// Why the unknown signs are unknown; each once.
    pub gaps: Vec<StepGap>,
    /// The facts its messages and commands name: template variable → value.
    pub facts: BTreeMap<String, Shown>,
}

/// One sign, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct SignSeen {
    /// Resolved id.
    pub sign: String,
    /// What part it plays.
    pub role: Role,
    /// Seen, unknown or not seen.
    pub truth: Truth,
    /// Seen only in words that prove less (`also-seen-as`).
    pub weak: bool,
    /// Unknown, though seen in records that do not say whose they are.
    pub unattributed: bool,
    /// How often the records say it happened; 0 for signs on values.
    pub count: u64,
    /// What it looked at.
    pub where_: Vec<Place>,
    /// What it saw, quoted.
    pub quotes: Vec<Quote>,
    /// Why it is unknown.
    pub gaps: Vec<StepGap>,
    /// Unknown, though its words were read: what they must be compared with is not known.
    pub partly: bool,
    /// Unknown, and made of several signs: those that were seen or are unknown, each with what it saw.
    pub parts: Vec<Self>,
}

/// A place that was looked at.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// A file, or an object: `secretproviderclass/kv-web`.
    pub at: String,
    /// Where in it: `$.spec.parameters.userAssignedIdentityID`; empty for a text.
    pub path: String,
    /// Something was there.
    pub there: bool,
}

/// What part a sign plays in a cause.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Role {
    /// `requires`
    Requires,
    /// `requires-any`
    RequiresAny,
    /// `supports`
    Supports,
    /// `refutes`
    Refutes,
    /// `excluded-by`
    Excludes,
    /// `over-when`
    OverWhen,
    /// A symptom of the playbook.
    Symptom,
}

/// A step that could not be answered, and why.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct StepGap {
    /// Resolved id of the step.
    pub step: String,
    /// Why.
    pub gap: Gap,
}

/// A gap, and the causes it leaves open.
#[derive(Clone, Debug, PartialEq)]
pub struct Unchecked {
    /// Playbook id.
    pub playbook: String,
    /// The step and why.
    pub gap: StepGap,
    /// Causes that are likely or possible for want of it; where there are none of now, the
    /// undetermined ones.
    pub causes: Vec<String>,
    /// Parameters of the step, as far as they are known and the same for every subject.
    pub known: BTreeMap<String, serde_json::Value>,
    /// It can be handed over.
    pub can_be_given: bool,
}

/// A step that was asked or handed over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Looked {
    /// Playbook id.
    pub playbook: String,
    /// Resolved id of the step.
    pub step: String,
    /// Where the answer came from.
    pub origin: String,
    /// Why something, or everything, may be missing; `None`: it was all.
    pub missing: Option<Gap>,
    /// It was looked for, and is not there.
    pub absent: bool,
}

/// The value of a fact that a message or a command names.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Shown {
    /// Known; original spelling.
    Known(Vec<String>),
    /// We looked, it is not there.
    Absent,
    /// We could not look, or it must not be shown.
    Unknown,
}

/// What the evidence says of a cause (language reference, "Verdicts").
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Verdict {
    /// Everything it requires was seen, and nothing that refutes it was.
    Confirmed,
    /// Everything it requires was seen; whether something refutes it nobody could look.
    Likely,
    /// Something of it was seen, not everything could be looked at.
    Possible,
    /// Nothing of it was seen, not everything could be looked at.
    Undetermined,
    /// Something that refutes it was seen.
    RuledOut,
    /// Something that it requires was looked for and not seen.
    NotIndicated,
}

impl Report {
    /// Something that could tell of trouble was not seen: nothing is called well.
    pub fn doubt(&mut self) {
        for considered in self.playbooks.iter_mut().filter(|it| it.trouble_now == Truth::No) {
            considered.trouble_now = Truth::Unknown;
        }
    }
}

impl Place {
    /// The place in one line.
    pub fn text(&self) -> String {
        if self.path.is_empty() { self.at.clone() } else { format!("{} {}", self.at, self.path) }
    }
}

impl SignSeen {
    /// A sign that nobody has looked at.
    pub fn unknown(sign: &str, role: Role) -> Self {
        Self {
            sign: sign.to_owned(),
            role,
            truth: Truth::Unknown,
            weak: false,
            unattributed: false,
            count: 0,
            where_: Vec::new(),
            quotes: Vec::new(),
            gaps: Vec::new(),
            partly: false,
            parts: Vec::new(),
        }
    }

    /// The same in another role, with its parts.
    pub(crate) fn in_role(mut self, role: Role) -> Self {
        self.role = role;
        self.parts.iter_mut().for_each(|it| it.role = role);
        self
    }
}

impl Finding {
    /// What was seen that speaks for it, also where nobody can tell whose it is; each once. Of a sign made of several that is
    /// not known, only those parts that were seen.
    pub fn clues(&self) -> impl Iterator<Item = &SignSeen> {
        let mut told: BTreeSet<&str> = BTreeSet::new();
        self.signs
            .iter()
            .filter(|it| matches!(it.role, Role::Requires | Role::RequiresAny | Role::Supports))
            .filter(|it| it.truth == Truth::Yes || it.unattributed)
            .flat_map(|it| if it.parts.is_empty() { slice::from_ref(it) } else { &it.parts })
            .filter(|it| it.truth == Truth::Yes || it.unattributed)
            .filter(move |it| told.insert(&it.sign))
    }

    /// Only possible, and for nothing but records that do not say whose they are.
    pub fn rests_on_others(&self) -> bool {
        self.verdict == Verdict::Possible && self.clues().all(|it| it.unattributed)
    }

    /// Whether a sign that judges it, or that decides what is shown of it, was seen.
    pub fn has_seen(&self, sign: &str) -> bool {
        self.asides.get(sign) == Some(&Truth::Yes)
            || self.signs.iter().any(|it| it.sign == sign && it.truth == Truth::Yes)
    }

    /// Confirmed or likely.
    pub fn is_strong(&self) -> bool {
        self.verdict <= Verdict::Likely
    }
}

impl Verdict {
    /// Every verdict with the name that playbooks and reports use.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("confirmed", Self::Confirmed),
        ("likely", Self::Likely),
        ("possible", Self::Possible),
        ("undetermined", Self::Undetermined),
        ("ruled-out", Self::RuledOut),
        ("not-indicated", Self::NotIndicated),
    ];

    /// The name that playbooks and reports use.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, it)| *it == self).map_or("", |(name, _)| name)
    }
}
