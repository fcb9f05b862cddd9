//! Which questions are to be asked, given all that is known so far.

use std::collections::{BTreeMap, BTreeSet};

use super::{Evidence, Request, Scope};
use crate::diagnose::offsets;
use crate::playbook::{Effect, Id, Playbook};
use crate::verdict::env::{Env, envs};
use crate::verdict::world::World;

/// Rounds of planning; a chain of steps is never longer in practice.
pub const ROUNDS: usize = 12;

/// Requests of one run. What does not fit stays unknown.
pub const REQUESTS: usize = 2_000;

/// A pure function of all that is known: every request of reading steps that has no answer yet.
pub fn plan(playbooks: &[Playbook], scope: &Scope, evidence: &Evidence) -> BTreeSet<Request> {
    playbooks
        .iter()
        .zip(offsets(playbooks))
        .flat_map(|(playbook, offsets)| {
            let world = World::new(playbook, offsets, scope, evidence);
            wanted(&world).into_keys().collect::<Vec<_>>()
        })
        .take(REQUESTS.saturating_sub(evidence.answers.len()))
        .collect()
}

/// The open requests of one playbook, each with the steps that ask it.
pub(crate) fn wanted(world: &World<'_>) -> BTreeMap<Request, BTreeSet<Id>> {
    let mut wanted: BTreeMap<Request, BTreeSet<Id>> = BTreeMap::new();
    for step in world.playbook.steps.iter().filter(|it| it.effect == Effect::Reads) {
        for env in envs(world, &world.step_binders(step), &Env::default()) {
            for request in world.requests(step, &env).unwrap_or_default() {
                if wanted.len() < REQUESTS && !world.evidence.answers.contains_key(&request) {
                    wanted.entry(request).or_default().insert(step.id.clone());
                }
            }
        }
    }
    wanted
}
