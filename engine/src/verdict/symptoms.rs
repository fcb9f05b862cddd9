//! The symptoms of a playbook, and where judging begins.

use super::env::{Env, envs};
use super::judge::Foreign;
use super::sign::sign;
use super::world::World;
use super::{Role, SignSeen, Truth};
use crate::evidence::Gap;
use crate::playbook::{Id, Playbook};

/// Where judging begins: at nobody in particular, and at each subject.
pub(super) fn starts(world: &World<'_>) -> Vec<Env> {
    let input = world.playbook.subject().and_then(|it| world.playbook.facts.get(&it.name));
    let of = input.map(|it| envs(world, &it.binders, &Env::default())).unwrap_or_default();
    let nobody = std::iter::once(Env::default());
    nobody.chain(of.into_iter().filter(|it| !it.each.is_empty())).collect()
}

/// Whether what depends on these `each` facts is judged from there: of somebody, where it depends on who that is and there is anybody.
pub(super) fn is_for(world: &World<'_>, binders: &[Id], start: &Env) -> bool {
    let depends = world.playbook.subject().is_some_and(|input| {
        binders.contains(&input.name) && !world.fact(&input.name, &Env::default()).values.is_empty()
    });
    depends != start.each.is_empty()
}

/// Each symptom once: the most certain of its subjects', the last of them.
pub(super) fn note(world: &World<'_>, foreign: &Foreign<'_>, start: &Env, all: &mut Vec<SignSeen>) {
    for id in &world.playbook.symptoms {
        let binders = world.playbook.signs.get(id).map_or(&[][..], |it| &it.binders);
        if !is_for(world, binders, start) {
            continue;
        }
        for env in envs(world, binders, start).into_iter().filter(|it| !foreign.holds(it)) {
            let seen = of_now((*sign(world, id, &env)).clone().in_role(Role::Symptom));
            match all.iter_mut().find(|it| it.sign == *id) {
                Some(known) if known.truth <= seen.truth => *known = seen,
                Some(_) => {}
                None => all.push(seen),
            }
        }
    }
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
