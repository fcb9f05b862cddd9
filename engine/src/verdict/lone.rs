//! Where several objects could be meant and nobody says which, such as two classes in hand and no pod: what each shows by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::env::Env;
use super::judge::{consider, shows_the_present};
use super::world::World;
use super::{Considered, Finding, SignSeen, Truth, Verdict};
use crate::evidence::GivenKind;
use crate::playbook::{Param, Step};
use crate::system::Output;

/// Objects of one kind that are looked at alone: each of them is held against all that was handed over.
const LONE: usize = 200;

/// What lone objects come to.
#[derive(Default)]
pub(super) struct Lone {
    pub(super) findings: Vec<Finding>,
    pub(super) symptoms: Vec<SignSeen>,
    /// How many were not looked at.
    pub(super) left: usize,
}

/// What objects that could be meant show by themselves, and the symptoms of each. What only a record and an object together
/// would show is not told: nobody says that the record is about this object.
pub(super) fn shown(world: &World<'_>) -> Lone {
    let mut lone = Lone::default();
    for (kind, group) in groups(world) {
        lone.left += group.len().saturating_sub(LONE);
        for object in group.keys().take(LONE) {
            let others = group.iter().filter(|(it, _)| *it != object).flat_map(|(_, at)| at);
            let alone = world.without(others.copied().collect());
            let (considered, found) = consider(&alone);
            let own = found.into_iter().filter(|it| {
                it.verdict <= Verdict::Likely
                    && it.subjects.is_empty()
                    && shows_the_present(&alone, &it.signs)
            });
            lone.findings.extend(own.map(|it| Finding {
                subjects: vec![BTreeMap::from([(kind.clone(), object.clone())])],
                ..it
            }));
            lone.symptoms.extend(considered.symptoms);
        }
    }
    lone
}

impl Considered {
    /// A symptom of one of several objects is one, too.
    pub(super) fn join(&mut self, symptoms: Vec<SignSeen>) {
        for seen in symptoms {
            match self.symptoms.iter_mut().find(|it| it.sign == seen.sign) {
                Some(known) if known.truth < seen.truth => *known = seen,
                Some(_) => {}
                None => self.symptoms.push(seen),
            }
        }
        if !self.symptoms.is_empty() {
            self.trouble_now = Truth::any(self.symptoms.iter().map(|it| it.truth));
        }
    }
}

/// Objects of one kind, by name.
type Group = BTreeMap<String, Vec<usize>>;

/// By kind, those that stand for one question, where nothing says which of them it asks for.
fn groups(world: &World<'_>) -> Vec<(String, Group)> {
    let is_known = |name: &String| !world.fact(name, &Env::default()).values.is_empty();
    if world.playbook.subject().is_some_and(|it| is_known(&it.name))
        || world.evidence.answers.values().any(Result::is_ok)
    {
        return Vec::new();
    }
    let asked: BTreeSet<String> =
        world.playbook.steps.iter().filter_map(|it| asks_by_name(world, it)).collect();
    let mut kinds: BTreeMap<String, (String, Group)> = BTreeMap::new();
    for (at, piece) in world.scope.given.iter().enumerate() {
        let is_one = piece.kind == GivenKind::Object && piece.answer.is_ok() && !piece.is_listed();
        if let (true, Some(kind), Some(object)) = (is_one, piece.names.get("kind"), piece.object())
        {
            let key = kind.to_lowercase();
            if asked.contains(&key) {
                let (_, all) = kinds.entry(key).or_insert_with(|| (kind.clone(), Group::new()));
                all.entry(object).or_default().push(at);
            }
        }
    }
    kinds.retain(|_, (_, all)| all.len() > 1);
    kinds.into_values().collect()
}

/// The kind of the one object that a step asks for, by a name that is read elsewhere.
fn asks_by_name(world: &World<'_>, step: &Step) -> Option<String> {
    let source = world.scope.source(&step.uses)?;
    let by_name = source.params.iter().any(|it| {
        it.tells.is_name("name") && matches!(step.with.get(&it.name), Some(Param::Ref(_)))
    });
    match step.with.get("kind")? {
        Param::Literal(kind) if by_name && source.output == Output::Object => {
            Some(kind.as_str()?.to_lowercase())
        }
        _ => None,
    }
}
