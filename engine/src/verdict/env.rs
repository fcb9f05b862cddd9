//! One subject at a time: what the `each` facts are bound to, and whose records count.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::world::World;
use crate::playbook::Id;
use crate::value::Value;

/// What a judgement is bound to. Everything that is worked out is kept under one, so it is cheap to clone and to find.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Env {
    /// The one value that each `each` fact has here.
    pub(crate) each: Rc<Bound>,
    /// Whose records count, where given text is about somebody nobody has named.
    pub(crate) whose: Whose,
}

impl Ord for Env {
    fn cmp(&self, other: &Self) -> Ordering {
        let each = if Rc::ptr_eq(&self.each, &other.each) {
            Ordering::Equal
        } else {
            let hashes = self.each.hash.cmp(&other.each.hash);
            hashes.then_with(|| self.each.values.cmp(&other.each.values))
        };
        each.then_with(|| self.whose.cmp(&other.whose))
    }
}

impl PartialOrd for Env {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Env {
    /// As far as what depends on these `each` facts can tell subjects apart.
    pub(super) fn only(&self, binders: &[Id]) -> Cow<'_, Self> {
        if self.each.values.keys().all(|it| binders.contains(it)) {
            return Cow::Borrowed(self);
        }
        let each = self.each.iter().filter(|(id, _)| binders.contains(id));
        Cow::Owned(Self {
            each: Rc::new(Bound::of(each.map(|(id, value)| (id.clone(), value.clone())).collect())),
            whose: self.whose.clone(),
        })
    }
}

/// `each` fact → the one value it has.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Bound {
    values: BTreeMap<Id, Value>,
    /// Of the values: the names of many pods begin alike, and this tells them apart at once.
    hash: u64,
}

impl Bound {
    fn of(values: BTreeMap<Id, Value>) -> Self {
        let texts = values.values().flat_map(|it| it.text().bytes());
        Self { hash: crate::value::hash(texts), values }
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Value> {
        self.values.get(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Id, &Value)> {
        self.values.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
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
            if env.each.get(binder).is_some() {
                next.push(env);
                continue;
            }
            let state = world.fact(binder, &env);
            if state.values.is_empty() {
                next.push(env);
                continue;
            }
            for value in &state.values {
                let mut values = env.each.values.clone();
                values.insert(binder.clone(), value.clone());
                next.push(Env { each: Rc::new(Bound::of(values)), whose: env.whose.clone() });
            }
        }
        all = next;
    }
    all
}

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
