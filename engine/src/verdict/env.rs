//! One subject at a time: what the `each` facts are bound to, and whose records count.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::world::World;
use crate::playbook::Id;
use crate::value::Value;

/// What a judgement is bound to.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Env {
    /// `each` fact → the one value it has here.
    pub(crate) each: BTreeMap<Id, Value>,
    /// Whose records count, where given text is about somebody nobody has named.
    pub(crate) whose: Whose,
}

impl Env {
    /// As far as what depends on these `each` facts can tell subjects apart.
    pub(super) fn only(&self, binders: &[Id]) -> Cow<'_, Self> {
        if self.each.keys().all(|it| binders.contains(it)) {
            return Cow::Borrowed(self);
        }
        let each = self.each.iter().filter(|(id, _)| binders.contains(id));
        Cow::Owned(Self {
            each: each.map(|(id, value)| (id.clone(), value.clone())).collect(),
            whose: self.whose.clone(),
        })
    }
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
        if world.superseded.contains(binder) {
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
