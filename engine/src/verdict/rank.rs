//! Folding and order: what the reader should read first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::judge::playbook;
use super::{Finding, Role, Truth, Verdict};
use crate::playbook::Playbook;

/// Groups equal findings, folds what another hides, and puts the best first.
pub(super) fn rank(playbooks: &[Playbook], findings: Vec<Finding>) -> Vec<Finding> {
    let mut findings = group(findings);
    findings.sort_by(|left, right| key(left).cmp(&key(right)));
    fold(playbooks, &mut findings);
    findings.sort_by(|left, right| key(left).cmp(&key(right)));
    findings
}

type Key<'f> =
    (bool, bool, u8, bool, Reverse<usize>, u8, Reverse<crate::playbook::Gravity>, &'f str, &'f str);

fn key(finding: &Finding) -> Key<'_> {
    let tier = match finding.verdict {
        Verdict::Confirmed | Verdict::Likely => 0,
        Verdict::Possible => 1,
        Verdict::Undetermined => 2,
        Verdict::RuledOut => 3,
        Verdict::NotIndicated => 4,
    };
    let told = tier <= 1;
    let seen = finding
        .signs
        .iter()
        .filter(|it| matches!(it.role, Role::Requires | Role::RequiresAny | Role::Supports))
        .filter(|it| it.truth == Truth::Yes)
        .count();
    let unsure = u8::from(finding.verdict != Verdict::Confirmed);
    (
        // What is neither now nor past, being only open or dismissed, comes after both.
        told && finding.past || !told,
        // In a namespace's events there is always some other trouble too.
        finding.elsewhere,
        tier,
        finding.under.is_some(),
        Reverse(seen),
        unsure,
        Reverse(finding.severity),
        &finding.cause,
        &finding.playbook,
    )
}

/// Equal findings about several subjects are one finding.
fn group(findings: Vec<Finding>) -> Vec<Finding> {
    let mut grouped: Vec<Finding> = Vec::new();
    let mut seen: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for finding in findings {
        let slots = seen.entry(format!("{}/{}", finding.playbook, finding.cause)).or_default();
        let same = slots
            .iter()
            .copied()
            .find(|slot| grouped.get(*slot).is_some_and(|it| equal(it, &finding)));
        if let Some(first) = same.and_then(|slot| grouped.get_mut(slot)) {
            for subject in finding.subjects {
                if !first.subjects.contains(&subject) {
                    first.subjects.push(subject);
                }
            }
        } else {
            slots.push(grouped.len());
            grouped.push(finding);
        }
    }
    grouped
}

/// They say the same: only whom they say it of differs.
fn equal(left: &Finding, right: &Finding) -> bool {
    left.verdict == right.verdict
        && left.past == right.past
        && left.elsewhere == right.elsewhere
        && left.facts == right.facts
        && left.subjects.is_empty() == right.subjects.is_empty()
        && left.signs.len() == right.signs.len()
        && left.signs.iter().zip(&right.signs).all(|(mine, theirs)| {
            mine.truth == theirs.truth
                && mine.weak == theirs.weak
                && mine.unattributed == theirs.unattributed
        })
}

/// Folds a general or downstream cause under the cause that hides it, if both are about one subject.
fn fold(playbooks: &[Playbook], findings: &mut [Finding]) {
    let strong = |it: &Finding| it.verdict <= Verdict::Likely;
    let heads: Vec<(String, String, bool, Vec<BTreeMap<String, String>>)> = findings
        .iter()
        .filter(|it| strong(it))
        .map(|it| (it.playbook.clone(), it.cause.clone(), it.past, it.subjects.clone()))
        .collect();
    for finding in findings.iter_mut().filter(|it| strong(it)) {
        finding.under = heads
            .iter()
            .find(|(of, head, past, subjects)| {
                let hides = playbook(playbooks, of)
                    .and_then(|it| it.causes.iter().find(|cause| cause.id == *head))
                    .is_some_and(|cause| cause.hides.contains(&finding.cause));
                let shared = subjects.is_empty()
                    || finding.subjects.is_empty()
                    || subjects
                        .iter()
                        .any(|it| finding.subjects.iter().any(|mine| compatible(it, mine)));
                // What was does not fold what is.
                *of == finding.playbook && hides && shared && (!past || finding.past)
            })
            .map(|(_, head, ..)| head.clone());
    }
}

/// Nothing that both name differs.
fn compatible(left: &BTreeMap<String, String>, right: &BTreeMap<String, String>) -> bool {
    left.iter().all(|(key, value)| right.get(key).is_none_or(|it| it == value))
}
