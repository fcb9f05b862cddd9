//! Whether the subject of a finding is there no more: what was said of it before is over, and nobody says that its trouble ended.
//!
//! Three things tell: its own object, which is being deleted; a server that does not find it, below what was handed over of it; and
//! the signs that a playbook names (`gone-when`), where no later record shows the finding.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::chain::said;
use super::env::{Env, Whose};
use super::sign::sign;
use super::subject::Subject;
use super::world::World;
use super::{Role, SignSeen, Truth};
use crate::evidence::{Body, Gap, Given, GivenKind};
use crate::given::{Standing, standing};
use crate::playbook::{Id, Test};
use crate::text::{Moment, chronological};

/// The signs of the playbook that tell it, as what ends the finding.
pub(super) fn told(world: &World<'_>, signs: &[SignSeen], env: &Env) -> Vec<SignSeen> {
    let shown = moments(world, signs, env);
    // Rows without an object's name are told apart by what they name, such as a volume; what ends them names the whole subject.
    let nobodys = matches!(&env.whose, Whose::Captured(..)) && names_a_part(world, env);
    let rows = Env { whose: Whose::Unnamed, ..env.clone() };
    let whole = whole_name(world, env);
    let envs = || std::iter::once(env).chain(nobodys.then_some(&rows)).chain(&whole);
    let seen = |id: &Id| envs().map(|it| sign(world, id, it)).find(|it| it.truth == Truth::Yes);
    let is_later = |id: &Id| {
        let ended: Vec<_> = envs().flat_map(|it| watched(world, [id.as_str()], it)).collect();
        let last = ended.iter().flatten().max();
        // What has no time, or one that cannot be compared, ends nothing.
        last.is_some_and(|last| {
            !shown.is_empty()
                && shown.iter().all(|it| {
                    let order = it.and_then(|it| chronological(*last, it));
                    matches!(order, Some(Ordering::Greater | Ordering::Equal))
                })
        })
    };
    world
        .playbook
        .gone_when
        .iter()
        .filter(|id| is_later(id))
        .filter_map(|id| Some((*seen(id)?).clone().in_role(Role::OverWhen)))
        .collect()
}

/// The subject by the whole name that what ends it gives it, where other records leave out its namespace: the only one of its name.
fn whole_name(world: &World<'_>, env: &Env) -> Option<Env> {
    let Whose::Captured(_, bare) = &env.whose else { return None };
    let signs = world.playbook.gone_when.iter().filter_map(|it| world.playbook.signs.get(it));
    let texts = signs.filter_map(|it| match &it.test {
        Test::Text { texts, .. } => Some(texts),
        Test::Value { .. } | Test::AnyOf(_) | Test::AllOf(_) => None,
    });
    let named: BTreeSet<Whose> = texts
        .flatten()
        .flat_map(|(fact, watch)| world.gather(fact, *watch, env).strangers.clone())
        .filter(|it| match it {
            Whose::Captured(_, name) => name.rsplit_once('/').is_some_and(|(_, it)| it == bare),
            Whose::Own | Whose::Unnamed | Whose::Object(_) => false,
        })
        .collect();
    let mut named = named.into_iter();
    let only = named.next().filter(|_| named.next().is_none())?;
    Some(Env { whose: only, ..env.clone() })
}

/// Whether records were told apart by what the subject has, such as a volume, and not by its name.
fn names_a_part(world: &World<'_>, env: &Env) -> bool {
    let (Whose::Captured(fact, name), Some(input)) = (&env.whose, world.playbook.subject()) else {
        return false;
    };
    !name.contains('/') && world.is_of_the_subject(fact, &input.name)
}

/// Whether its object is being deleted, or a server did not find it.
pub(super) fn is_gone(world: &World<'_>, env: &Env) -> bool {
    let Some(subject) = Subject::of(world, env) else { return false };
    let given = &world.scope.given;
    let asked = world.evidence.answers.values().filter_map(|it| it.as_ref().ok());
    let handed = given.iter().filter(|it| it.kind == GivenKind::Object);
    let mut trees = asked
        .chain(handed.filter_map(|it| it.answer.as_ref().ok()))
        .filter_map(|it| match &it.body {
            Body::Tree(tree) if subject.is(tree) => Some(tree),
            Body::Tree(_) | Body::Text(_) => None,
        })
        .filter_map(standing)
        .peekable();
    let leaves = trees.peek().is_some() && trees.all(|it| it == Standing::Leaving);
    leaves || given.iter().any(|it| subject.is_missed_by(it) && !subject.is_below(it, given))
}

impl Subject<'_> {
    fn is(&self, tree: &Json) -> bool {
        let metadata = &tree["metadata"];
        tree["kind"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(self.kind))
            && metadata["name"] == self.name
            && self.is_in(metadata["namespace"].as_str())
    }

    /// Whether the namespace, as far as both are told, is its own.
    fn is_in(&self, namespace: Option<&str>) -> bool {
        self.namespace.is_empty()
            || namespace.is_none_or(|it| it.is_empty() || it == self.namespace)
    }

    fn is_named_in(&self, piece: &Given) -> bool {
        let name = |key: &str| piece.names.get(key).map(String::as_str);
        name("name") == Some(self.name) && self.is_in(name("namespace"))
    }

    fn is_missed_by(&self, piece: &Given) -> bool {
        let plural = format!("{}s", self.kind.to_lowercase());
        piece.kind == GivenKind::Error
            && piece.answer == Err(Gap::Absent)
            && piece.names.get("resource").is_some_and(|it| *it == plural)
            && self.is_named_in(piece)
    }

    /// Whether something of it stands below an error of the same text, or in a text of which nobody knows whether it is older.
    fn is_below(&self, error: &Given, given: &[Given]) -> bool {
        let same = |it: &Given| it.origin == error.origin;
        let own =
            |it: &&Given| it.answer.is_ok() && it.kind != GivenKind::Log && self.is_named_in(it);
        given.iter().filter(own).any(|it| !same(it) || it.line > error.line)
    }
}

/// When each of the records that show these signs was last said.
fn moments(world: &World<'_>, signs: &[SignSeen], env: &Env) -> Vec<Option<Moment>> {
    let required = signs.iter().filter(|it| matches!(it.role, Role::Requires | Role::RequiresAny));
    watched(world, required.map(|it| it.sign.as_str()), env)
}

fn watched<'s>(
    world: &World<'_>,
    signs: impl IntoIterator<Item = &'s str>,
    env: &Env,
) -> Vec<Option<Moment>> {
    let mut texts = BTreeSet::new();
    signs.into_iter().for_each(|it| said(world, it, env, &mut texts));
    texts
        .into_iter()
        .map(|(fact, watch)| world.gather(fact, watch, env))
        .flat_map(|it| [it.own.strong.clone(), it.own.weak.clone()])
        .flatten()
        .map(|it| it.last)
        .collect()
}
