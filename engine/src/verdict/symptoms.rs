//! The symptoms of a playbook: what tells that something is wrong now, whatever the cause.

use super::env::{Env, envs, is_for};
use super::judge::Foreign;
use super::sign::sign;
use super::world::World;
use super::{Role, SignSeen, StepGap, Truth};
use crate::evidence::Gap;
use crate::playbook::{Id, Playbook};

/// Each symptom once: the most certain of its subjects', the last of them.
pub(super) fn note(world: &World<'_>, foreign: &Foreign<'_>, start: &Env, all: &mut Vec<SignSeen>) {
    for id in &world.playbook.symptoms {
        let binders = world.playbook.signs.get(id).map_or(&[][..], |it| &it.binders);
        if !is_for(world, binders, start) {
            continue;
        }
        let unlooked = unlooked(world, binders, start);
        for env in envs(world, binders, start).into_iter().filter(|it| !foreign.holds(it)) {
            let mut seen = of_now((*sign(world, id, &env)).clone().in_role(Role::Symptom));
            if seen.truth == Truth::No && !unlooked.is_empty() {
                seen.truth = Truth::Unknown;
                seen.gaps.extend(unlooked.iter().cloned());
            }
            match all.iter_mut().find(|it| it.sign == *id) {
                Some(known) if known.truth <= seen.truth => *known = seen,
                Some(_) => {}
                None => all.push(seen),
            }
        }
    }
}

/// Why there are more things of a subject than were looked at: nobody knows how those are.
fn unlooked(world: &World<'_>, binders: &[Id], start: &Env) -> Vec<StepGap> {
    let cut = |it: &StepGap| matches!(it.gap, Gap::TooMany { .. });
    let states = binders.iter().map(|it| world.fact(it, start));
    states.flat_map(|it| it.gaps.iter().filter(|it| cut(it)).cloned().collect::<Vec<_>>()).collect()
}

/// Symptoms as they are written.
pub(super) fn in_order(playbook: &Playbook, mut symptoms: Vec<SignSeen>) -> Vec<SignSeen> {
    symptoms.sort_by_key(|it| playbook.symptoms.iter().position(|id| *id == it.sign));
    symptoms
}

/// A symptom is of now: what is older than what is kept does not leave it open.
pub(super) fn of_now(seen: SignSeen) -> SignSeen {
    if seen.truth == Truth::Unknown
        && !seen.gaps.is_empty()
        && seen.gaps.iter().all(|it| it.gap == Gap::Expired)
    {
        return SignSeen { truth: Truth::No, gaps: Vec::new(), ..seen };
    }
    seen
}
