//! Folding and order: what the reader should read first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::env::{Env, Whose};
use super::judge::{ends_alike, playbook};
use super::{Finding, Role, Shown, SignSeen, Truth, Verdict};
use crate::playbook::Playbook;

/// Groups equal findings, folds what another hides, and puts the best first.
pub(super) fn rank(playbooks: &[Playbook], findings: Vec<Finding>) -> Vec<Finding> {
    let mut findings = of_one_record(group(findings));
    sort(&mut findings);
    fold(playbooks, &mut findings);
    account(playbooks, &mut findings);
    sort(&mut findings);
    repeat(&mut findings);
    once(findings)
}

/// The best first; of equals, by whom they are about, whatever the order of what was handed over.
fn sort(findings: &mut [Finding]) {
    findings.sort_by(|left, right| {
        key(left).cmp(&key(right)).then_with(|| left.subjects.cmp(&right.subjects))
    });
}

/// What is possible is told once, of whomever it is most telling; of the others it is only said that it is possible, too.
fn once(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        let same = |it: &&mut Finding| {
            finding.verdict == Verdict::Possible
                && it.verdict == Verdict::Possible
                && (&it.playbook, &it.cause) == (&finding.playbook, &finding.cause)
        };
        match kept.iter_mut().find(same) {
            // What is possible now says nothing of whom it was once possible of.
            Some(first) if first.past != finding.past => {}
            Some(first) => {
                let known = |it: &BTreeMap<String, String>| {
                    first.subjects.contains(it) || first.others.contains(it)
                };
                let more: Vec<_> = finding.subjects.into_iter().filter(|it| !known(it)).collect();
                first.others.extend(more);
            }
            None => kept.push(finding),
        }
    }
    kept
}

type Key<'f> = (
    bool,
    bool,
    u8,
    bool,
    usize,
    Reverse<usize>,
    Reverse<usize>,
    u8,
    Reverse<crate::playbook::Gravity>,
    &'f str,
    &'f str,
);

fn key(finding: &Finding) -> Key<'_> {
    let tier = match finding.verdict {
        Verdict::Confirmed | Verdict::Likely => 0,
        Verdict::Possible => 1,
        Verdict::Undetermined => 2,
        Verdict::RuledOut => 3,
        Verdict::NotIndicated => 4,
    };
    let told = tier <= 1;
    let seen = finding.clues().filter(|it| tier == 1 || it.truth == Truth::Yes).count();
    // What a possible cause requires tells more of it than what only goes with it.
    let required = finding.clues().filter(|it| tier == 1 && it.role != Role::Supports).count();
    let unsure = u8::from(finding.verdict != Verdict::Confirmed);
    (
        // What is neither now nor past, being only open or dismissed, comes after both.
        told && finding.past || !told,
        // In a namespace's events there is always some other trouble too.
        finding.elsewhere,
        tier,
        finding.under.is_some(),
        if finding.rivals.is_empty() { usize::MAX } else { finding.place },
        Reverse(seen),
        Reverse(required),
        unsure,
        Reverse(finding.severity),
        &finding.cause,
        &finding.playbook,
    )
}

/// Findings that say nothing of somebody: each kind is kept once, from the start. A cluster has many of them.
#[derive(Default)]
pub(super) struct Dull {
    kinds: BTreeMap<Says, (usize, BTreeSet<BTreeMap<String, String>>)>,
}

impl Dull {
    /// Adds a finding to those of one cause, or whom it is about to one of them that says the same.
    pub(super) fn add(&mut self, env: Env, finding: Finding, to: &mut Vec<(Env, Finding)>) {
        if finding.verdict <= Verdict::Possible || env.whose != Whose::Own {
            to.push((env, finding));
            return;
        }
        // What is known of each tells nothing where the finding does not.
        let kind = Says::of(&finding);
        match self.kinds.get_mut(&kind).and_then(|(at, known)| Some((to.get_mut(*at)?, known))) {
            Some(((_, first), known)) => {
                let new = |it: &BTreeMap<String, String>| known.insert(it.clone());
                first.subjects.extend(finding.subjects.into_iter().filter(new));
            }
            None => {
                let known = finding.subjects.iter().cloned().collect();
                self.kinds.insert(kind, (to.len(), known));
                to.push((env, finding));
            }
        }
    }
}

/// What a finding says, but for whom it says it of.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Says {
    playbook: String,
    cause: String,
    verdict: Verdict,
    past: bool,
    elsewhere: bool,
    of_somebody: bool,
    rivals: Vec<String>,
    signs: Vec<(Truth, bool, bool)>,
    asides: Vec<Truth>,
}

impl Says {
    fn of(finding: &Finding) -> Self {
        Self {
            playbook: finding.playbook.clone(),
            cause: finding.cause.clone(),
            verdict: finding.verdict,
            past: finding.past,
            elsewhere: finding.elsewhere,
            of_somebody: !finding.subjects.is_empty(),
            rivals: finding.rivals.clone(),
            signs: finding.signs.iter().map(|it| (it.truth, it.weak, it.unattributed)).collect(),
            asides: finding.asides.values().copied().collect(),
        }
    }
}

/// Equal findings about several subjects are one finding.
fn group(findings: Vec<Finding>) -> Vec<Finding> {
    let mut grouped: Vec<(Finding, BTreeSet<BTreeMap<String, String>>)> = Vec::new();
    let mut slots: BTreeMap<(Says, BTreeMap<String, Shown>), usize> = BTreeMap::new();
    for finding in findings {
        let slot = *slots
            .entry((Says::of(&finding), finding.facts.clone()))
            .or_insert_with(|| grouped.len());
        match grouped.get_mut(slot) {
            Some((first, known)) => {
                for subject in finding.subjects {
                    if known.insert(subject.clone()) {
                        first.subjects.push(subject);
                    }
                }
            }
            None => {
                let known = finding.subjects.iter().cloned().collect();
                grouped.push((finding, known));
            }
        }
    }
    grouped.into_iter().map(|(finding, _)| finding).collect()
}

/// Findings of one cause that rest on the very same records are one: each name in such a record is somebody's.
fn of_one_record(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        match kept.iter_mut().find(|it| is_the_same(it, &finding)) {
            Some(first) => {
                for subject in finding.subjects {
                    if !first.subjects.contains(&subject) {
                        first.subjects.push(subject);
                    }
                }
                for (name, value) in finding.facts {
                    let known = first.facts.entry(name).or_insert(Shown::Unknown);
                    if !matches!(known, Shown::Known(_)) {
                        *known = value;
                    }
                }
            }
            None => kept.push(finding),
        }
    }
    kept
}

/// Whether both say the same of the same records, and no name that one of them knows is another.
fn is_the_same(one: &Finding, other: &Finding) -> bool {
    let records = |it: &Finding| {
        let seen = it.signs.iter().filter(|it| it.truth == Truth::Yes);
        let quotes = seen.flat_map(|it| &it.quotes);
        quotes.map(|it| (it.origin.clone(), it.line, it.text.clone())).collect::<BTreeSet<_>>()
    };
    let differs = |(name, value): (&String, &Shown)| match (one.facts.get(name), value) {
        (Some(Shown::Known(one)), Shown::Known(other)) => one != other,
        (_, _) => false,
    };
    one.is_strong()
        && (&one.cause, &one.playbook) == (&other.cause, &other.playbook)
        && !other.facts.iter().any(differs)
        && Says::of(one) == Says::of(other)
        && !records(one).is_empty()
        && records(one) == records(other)
}

/// Marks what was said before of another subject: only the names in it differ.
fn repeat(findings: &mut [Finding]) {
    let mut said: BTreeSet<(Says, Option<String>, Vec<(String, u8)>)> = BTreeSet::new();
    for finding in findings.iter_mut() {
        let known = finding
            .facts
            .iter()
            .map(|(name, value)| {
                let how = match value {
                    Shown::Known(_) => 0,
                    Shown::Absent => 1,
                    Shown::Unknown => 2,
                };
                (name.clone(), how)
            })
            .collect();
        finding.again = !said.insert((Says::of(finding), finding.under.clone(), known));
    }
}

/// A cause that a finding may be folded under.
struct Head {
    playbook: String,
    cause: String,
    past: bool,
    subjects: Vec<BTreeMap<String, String>>,
    /// What was seen of it, and in which records.
    seen: BTreeSet<String>,
    records: BTreeSet<String>,
}

impl Head {
    fn of(finding: &Finding) -> Self {
        Self {
            playbook: finding.playbook.clone(),
            cause: finding.cause.clone(),
            past: finding.past,
            subjects: finding.subjects.clone(),
            seen: finding.clues().map(|it| it.sign.clone()).collect(),
            records: finding
                .clues()
                .flat_map(|it| it.quotes.iter().map(|it| it.text.clone()))
                .collect(),
        }
    }

    /// What was seen of the other is seen of this one too, or stands in the same records.
    fn accounts_for(&self, clue: &SignSeen) -> bool {
        let mut quotes = clue.quotes.iter().peekable();
        self.seen.contains(&clue.sign)
            || quotes.peek().is_some() && quotes.all(|it| self.records.contains(&it.text))
    }

    /// Both are about one subject, and what was does not fold what is.
    fn may_fold(&self, finding: &Finding) -> bool {
        let shared = self.subjects.is_empty()
            || finding.subjects.is_empty()
            || self
                .subjects
                .iter()
                .any(|it| finding.subjects.iter().any(|mine| compatible(it, mine)));
        self.playbook == finding.playbook && (!self.past || finding.past) && shared
    }
}

fn hides(playbooks: &[Playbook], of: &str, head: &str, folded: &str) -> bool {
    playbook(playbooks, of)
        .and_then(|it| it.causes.iter().find(|cause| cause.id == head))
        .is_some_and(|cause| cause.hides.iter().any(|it| it == folded))
}

/// Whether something tells that a finding's trouble has ended which does not end most causes of its playbook alike.
fn ends_of_its_own(playbooks: &[Playbook], finding: &Finding) -> bool {
    let alike = playbook(playbooks, &finding.playbook).map(ends_alike).unwrap_or_default();
    let ended = |it: &&SignSeen| it.role == Role::OverWhen && it.truth == Truth::Yes;
    finding.signs.iter().filter(ended).any(|it| !alike.contains(&it.sign))
}

/// Folds a general or downstream cause under the cause that hides it, if both are about one subject.
fn fold(playbooks: &[Playbook], findings: &mut [Finding]) {
    let is_rival = |it: &Finding| !it.rivals.is_empty();
    let heads: Vec<(bool, Head)> = findings
        .iter()
        .filter(|it| it.is_strong() || is_rival(it))
        .map(|it| (is_rival(it), Head::of(it)))
        .collect();
    for finding in findings.iter_mut().filter(|it| it.is_strong() || is_rival(it)) {
        // What is only one of several folds none that is sure.
        let may = |rival: bool| !rival || is_rival(finding);
        let head =
            heads.iter().filter(|(rival, _)| may(*rival)).map(|(_, head)| head).find(|head| {
                hides(playbooks, &head.playbook, &head.cause, &finding.cause)
                    && head.may_fold(finding)
            });
        if let Some(head) = head {
            finding.under = Some(head.cause.clone());
            // What ends most causes alike, such as a pod that runs, does not end what goes on below this one.
            finding.past &= head.past || finding.superseded || ends_of_its_own(playbooks, finding);
        }
    }
}

/// Folds what is only possible under a confirmed cause that accounts for all that was seen of it,
/// unless it would tell more than that cause does.
fn account(playbooks: &[Playbook], findings: &mut [Finding]) {
    let heads: Vec<Head> = findings
        .iter()
        .filter(|it| it.verdict == Verdict::Confirmed && it.under.is_none())
        .map(Head::of)
        .collect();
    for finding in
        findings.iter_mut().filter(|it| it.verdict == Verdict::Possible && it.under.is_none())
    {
        finding.under = heads
            .iter()
            .find(|head| {
                (head.cause == finding.cause || finding.clues().all(|it| head.accounts_for(it)))
                    && !hides(playbooks, &head.playbook, &finding.cause, &head.cause)
                    && head.may_fold(finding)
            })
            .map(|head| head.cause.clone());
    }
}

/// Nothing that both name differs.
fn compatible(left: &BTreeMap<String, String>, right: &BTreeMap<String, String>) -> bool {
    left.iter().all(|(key, value)| right.get(key).is_none_or(|it| it == value))
}
