//! Whom a finding is about, also where only records name them, and what that alone tells.

use serde_json::{Value as Json, json};

use super::env::{Env, Whose};
use super::world::World;
use crate::evidence::{Given, GivenKind};
use crate::playbook::{Fact, Origin, Param, Step};
use crate::system::{Source, Tells};

/// The kind of whom a playbook is about, as the step says that fills its input where nobody does.
pub(super) fn kind<'a>(world: &World<'a>) -> Option<&'a str> {
    let fact = world.playbook.facts.get(world.playbook.subject()?.or_from.as_ref()?)?;
    let Origin::Path { step, .. } = &fact.from else { return None };
    match world.step(step)?.with.get("kind")? {
        Param::Literal(kind) => kind.as_str(),
        Param::Ref(_) | Param::List(_) => None,
    }
}

/// Whether a handed-over object may be the one that a step reads of whom the playbook is about: it is of that kind.
pub(super) fn may_be(world: &World<'_>, step: &Step, source: &Source, piece: &Given) -> bool {
    let of = piece.names.get("kind").filter(|_| piece.kind == GivenKind::Object);
    let (Some(of), Some(input)) = (of, world.playbook.subject()) else { return true };
    let mut asked = source.params.iter().filter(|it| it.tells == Tells::Object);
    let is_subject = asked.any(|it| {
        matches!(step.with.get(&it.name), Some(Param::Ref(id)) if world.is_of_the_subject(id, &input.name))
    });
    !is_subject || kind(world).is_none_or(|it| it.eq_ignore_ascii_case(of))
}

/// Whom a finding is about, by name; an empty namespace is not known.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Subject<'a> {
    pub(super) kind: &'a str,
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
}

impl<'a> Subject<'a> {
    pub(super) fn of(world: &'a World<'_>, env: &'a Env) -> Option<Self> {
        let input = world.playbook.subject()?;
        if let Some(object) = env.each.get(&input.name).and_then(|it| it.as_object()) {
            let (kind, namespace, name) = (&object.kind, &object.namespace, &object.name);
            return Some(Self { kind, namespace, name });
        }
        let full = match &env.whose {
            Whose::Object(full) => full,
            // Such as `shop/web-0`.
            Whose::Captured(fact, full)
                if full.contains('/') && world.is_of_the_subject(fact, &input.name) =>
            {
                full
            }
            Whose::Captured(..) | Whose::Own | Whose::Unnamed => return None,
        };
        let (namespace, name) = full.split_once('/').unwrap_or(("", full));
        let kind = kind(world)?;
        Some(Self { kind, namespace, name })
    }

    /// The only one that the records of a playbook name; the same name in no namespace and in one is one.
    pub(super) fn only(world: &'a World<'_>, envs: &'a [Env]) -> Option<Self> {
        let mut all = envs.iter().filter_map(|it| Self::of(world, it));
        let first = all.next()?;
        all.try_fold(first, |known, it| {
            let same = (known.kind, known.name) == (it.kind, it.name);
            match (known.namespace, it.namespace) {
                _ if !same => None,
                (mine, other) if mine == other || other.is_empty() => Some(known),
                ("", _) => Some(it),
                (_, _) => None,
            }
        })
    }

    /// A reference to it.
    pub(super) fn reference(&self) -> Json {
        json!({ "kind": self.kind, "namespace": self.namespace, "name": self.name })
    }

    /// What a fact that is read from its object comes to, as far as its name tells.
    pub(super) fn tells(&self, world: &World<'_>, fact: &Fact) -> Option<String> {
        let Origin::Path { step, path, where_: None, value: None } = &fact.from else {
            return None;
        };
        let input = &world.playbook.subject()?.name;
        let mut params = world.step(step)?.with.values();
        params.find(|it| matches!(it, Param::Ref(id) if id == input))?;
        let mut metadata = json!({ "name": self.name });
        if !self.namespace.is_empty() {
            metadata["namespace"] = self.namespace.into();
        }
        let object = json!({ "kind": self.kind, "metadata": metadata });
        let found = jsonpath_rust::query::js_path_process(&path.compiled, &object).ok()?;
        match found.as_slice() {
            [only] => only.clone().val().as_str().map(str::to_owned),
            _ => None,
        }
    }
}
