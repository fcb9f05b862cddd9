//! One subject at a time: what the `each` facts are bound to, and whose records count.

use std::collections::BTreeMap;

use super::world::World;
use crate::playbook::{Id, Origin};
use crate::value::Value;

/// What a judgement is bound to.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Env {
    /// `each` fact → the one value it has here.
    pub(crate) each: BTreeMap<Id, Value>,
    /// Whose records count, where given text is about somebody nobody has named.
    pub(crate) whose: Whose,
}

/// Whose records count where the subject of a given text is unknown.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Whose {
    /// The subject's own; records of unknown subjects are unattributed.
    #[default]
    Own,
    /// Only records about this captured value, compared with this fact.
    Captured(Id, String),
    /// Only records that name nobody.
    Unnamed,
    /// Only events about this object (`namespace/name`).
    Object(String),
}

/// Every binding of these `each` facts, outermost first. Unknown or absent, a fact stays unbound.
pub(crate) fn envs(world: &World<'_>, binders: &[Id], start: &Env) -> Vec<Env> {
    let mut all = vec![start.clone()];
    for binder in binders {
        if superseded(world, binder) {
            continue;
        }
        let mut next = Vec::new();
        for env in all {
            if env.each.contains_key(binder) {
                next.push(env);
                continue;
            }
            let state = world.fact(binder, &env);
            if state.values.is_empty() {
                next.push(env);
                continue;
            }
            for value in &state.values {
                let mut bound = env.clone();
                bound.each.insert(binder.clone(), value.clone());
                next.push(bound);
            }
        }
        all = next;
    }
    all
}

/// A fact that only fills an input which somebody has given takes no part.
fn superseded(world: &World<'_>, binder: &Id) -> bool {
    world.playbook.facts.iter().any(|(name, fact)| {
        matches!(&fact.from, Origin::Input { or_from: Some(from) } if from == binder)
            && world.scope.inputs.contains_key(name)
    })
}
