//! A log serves many subjects: of several causes that only it tells of, which is of the trouble at hand nobody can say.
//!
//! One cause alone is that of the trouble. Several that exclude each other are possible, each: what names the subject itself, or
//! stands in its events, settles it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::chain::said;
use super::env::{Env, Whose};
use super::world::World;
use super::{Finding, Role, Verdict};
use crate::playbook::Id;
use crate::text::{Moment, keep};

/// What a finding rests on.
struct Ground {
    /// Hashes of its records.
    records: BTreeSet<u64>,
    /// Nothing but texts that serve many, and none of its records names the subject.
    is_anyones: bool,
    /// When it was said last.
    last: Option<Moment>,
}

/// Makes possible what only a log tells of, where something else is as sure.
pub(super) fn weigh(world: &World<'_>, found: &mut [(Env, Finding)]) {
    let is_told = |it: &Finding| it.verdict <= Verdict::Possible && !it.past;
    let grounds: BTreeMap<usize, Ground> = found
        .iter()
        .enumerate()
        .filter(|(_, (_, it))| is_told(it))
        .map(|(at, (env, it))| (at, ground(world, it, env)))
        // What is only possible of a known subject leaves open what a log tells of.
        .filter(|(at, it)| it.is_anyones || found.get(*at).is_some_and(|(_, it)| it.is_strong()))
        .collect();
    let mut unsure: Vec<(usize, Vec<Id>)> = Vec::new();
    for (at, ground) in grounds.iter().filter(|(_, it)| it.is_anyones) {
        let Some((_, finding)) = found.get(*at).filter(|(_, it)| it.is_strong()) else { continue };
        let rivals: BTreeSet<Id> = grounds
            .iter()
            .filter_map(|(other, theirs)| Some((&found.get(*other)?.1, theirs)))
            .filter(|(other, theirs)| exclude(world, (finding, ground), (other, theirs)))
            .map(|(other, _)| other.cause.clone())
            .collect();
        if !rivals.is_empty() {
            unsure.push((*at, rivals.into_iter().collect()));
        }
    }
    // What goes on while the log ends is nearest to what its reader sees.
    unsure.sort_by(|(left, _), (right, _)| {
        let last = |at: &usize| grounds.get(at).and_then(|it| it.last);
        newest(last(left), last(right)).then(left.cmp(right))
    });
    for (place, (at, rivals)) in unsure.into_iter().enumerate() {
        if let Some((_, finding)) = found.get_mut(at) {
            finding.verdict = Verdict::Possible;
            finding.rivals = rivals;
            finding.place = place;
        }
    }
}

/// Whether two findings cannot both be the cause of one trouble: they are two causes, neither folds the other, and they rest on
/// other records.
fn exclude(world: &World<'_>, mine: (&Finding, &Ground), theirs: (&Finding, &Ground)) -> bool {
    let ((finding, ground), (other, others)) = (mine, theirs);
    let hides = |of: &str, what: &str| {
        let cause = world.playbook.causes.iter().find(|it| it.id == of);
        cause.is_some_and(|it| it.hides.iter().any(|it| it == what))
    };
    let one_subject = finding.subjects.is_empty()
        || other.subjects.is_empty()
        || finding.subjects.iter().any(|it| other.subjects.contains(it));
    let folds = hides(&finding.cause, &other.cause) || hides(&other.cause, &finding.cause);
    finding.cause != other.cause
        && !(folds && one_subject)
        && ground.records.is_disjoint(&others.records)
}

fn ground(world: &World<'_>, finding: &Finding, env: &Env) -> Ground {
    let mut ground = Ground {
        records: BTreeSet::new(),
        is_anyones: env.each.is_empty() && !names_a_subject(world, &env.whose),
        last: None,
    };
    let mut texts = BTreeSet::new();
    let needed = |it: &&super::SignSeen| matches!(it.role, Role::Requires | Role::RequiresAny);
    for seen in finding.signs.iter().filter(needed) {
        said(world, &seen.sign, env, &mut texts);
    }
    for (fact, watch) in texts {
        let gathered = world.gather(fact, watch, env);
        for tally in [&gathered.own.strong, &gathered.own.weak].into_iter().flatten() {
            ground.records.extend(tally.records.keys());
            keep(&mut ground.last, tally.last, Ordering::Greater);
            ground.is_anyones &= gathered.of_many;
        }
    }
    // What no record told an object did.
    ground.is_anyones &= !ground.records.is_empty();
    ground
}

/// Whether records were told apart by what is the subject's own, such as a pod's name, and not by what it only uses.
fn names_a_subject(world: &World<'_>, whose: &Whose) -> bool {
    match whose {
        Whose::Object(_) => true,
        Whose::Captured(fact, _) => {
            world.playbook.subject().is_some_and(|it| world.is_of_the_subject(fact, &it.name))
        }
        Whose::Own | Whose::Unnamed => false,
    }
}

/// The newest first; what has no time, or one that cannot be compared, last.
fn newest(left: Option<Moment>, right: Option<Moment>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => {
            crate::text::chronological(right, left).unwrap_or_else(|| left.cmp(&right))
        }
        (left, right) => right.is_some().cmp(&left.is_some()),
    }
}
