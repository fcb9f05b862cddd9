//! What could not be looked at, and would settle what is still open.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::answer::Resolved;
use super::env::{Env, envs};
use super::subject::Subject;
use super::world::World;
use super::{Finding, Role, StepGap, Truth, Unchecked, Verdict};
use crate::evidence::Gap;
use crate::playbook::{Origin, Param, Part, Step, Test};
use crate::value::{Type, Value};

/// Each step once, with the gap that tells most: what leaves most causes open comes first.
pub(super) fn unchecked(worlds: &[World<'_>], findings: &[Finding]) -> Vec<Unchecked> {
    let some = |it: &Finding| it.verdict <= Verdict::Possible && !it.past;
    let found = findings.iter().any(some);
    // What rests on the records of others is followed where there is nothing else.
    let own = findings.iter().any(|it| some(it) && !it.rests_on_others());
    let mut steps: BTreeMap<(String, String), (Gap, BTreeSet<String>)> = BTreeMap::new();
    for finding in findings.iter().filter(|it| is_open(it, found) && !(own && it.rests_on_others()))
    {
        for StepGap { step, gap } in decisive(finding) {
            let (known, causes) = steps
                .entry((finding.playbook.clone(), step.clone()))
                .or_insert_with(|| (gap.clone(), BTreeSet::new()));
            if telling(gap) < telling(known) {
                *known = gap.clone();
            }
            causes.insert(finding.cause.clone());
        }
    }
    let named: BTreeMap<&str, (&World<'_>, Vec<Env>)> = worlds
        .iter()
        .filter(|world| steps.keys().any(|(playbook, _)| *playbook == world.playbook.id))
        .map(|world| (world.playbook.id.as_str(), (world, strangers(world))))
        .collect();
    let mut all: Vec<(bool, Unchecked)> = steps
        .into_iter()
        .map(|((playbook, step), (gap, causes))| {
            let world = named.get(playbook.as_str());
            let asked = world.and_then(|(world, all)| Some((world, world.step(&step)?, all)));
            let source = asked.and_then(|(world, step, _)| world.scope.source(&step.uses));
            let unchecked = Unchecked {
                known: asked.map(|(world, step, all)| known(world, step, all)).unwrap_or_default(),
                can_be_given: source.is_some_and(|it| !it.given.is_empty()),
                playbook,
                gap: StepGap { step, gap },
                causes: causes.into_iter().collect(),
            };
            (source.is_some_and(|it| it.dear), unchecked)
        })
        .collect();
    // What is at hand comes before what is dear, as a run asks.
    all.sort_by_key(|(dear, it)| (it.gap.gap == Gap::HandedOver, *dear, Reverse(it.causes.len())));
    all.into_iter().map(|(_, it)| it).collect()
}

/// Whether more evidence would tell the reader something about it.
fn is_open(finding: &Finding, found: bool) -> bool {
    match finding.verdict {
        Verdict::Likely | Verdict::Possible => !finding.past && finding.under.is_none(),
        // Of what nothing was seen nobody asks while there is something to follow.
        Verdict::Undetermined => !found && !finding.past,
        Verdict::Confirmed | Verdict::RuledOut | Verdict::NotIndicated => false,
    }
}

/// The gaps of the unknown signs that make the verdict.
fn decisive(finding: &Finding) -> impl Iterator<Item = &StepGap> {
    finding
        .signs
        .iter()
        .filter(|it| {
            matches!(it.role, Role::Requires | Role::RequiresAny | Role::Refutes | Role::Excludes)
        })
        .filter(|it| it.truth == Truth::Unknown)
        .flat_map(|sign| sign.gaps.iter().map(move |gap| (sign.role, gap)))
        // More of what was handed over would exclude no more.
        .filter(|(role, gap)| *role != Role::Excludes || gap.gap != Gap::HandedOver)
        .map(|(_, gap)| gap)
}

/// Of several gaps of one step the reader is told the one that they can do something about.
fn telling(gap: &Gap) -> u8 {
    match gap {
        Gap::Denied { .. }
        | Gap::SignedOut { .. }
        | Gap::NoTool { .. }
        | Gap::SwitchedOff { .. } => 0,
        Gap::Failed(_)
        | Gap::Timeout
        | Gap::Throttled
        | Gap::Refused
        | Gap::NeedsConsent
        | Gap::Interrupted
        | Gap::Ambiguous
        | Gap::TooLarge
        | Gap::CutOff
        | Gap::Malformed
        | Gap::Spoilt
        | Gap::TooMany { .. }
        | Gap::NotText
        | Gap::Archive
        | Gap::Link
        | Gap::NotAFile
        | Gap::Expired => 1,
        Gap::NotCaptured => 2,
        Gap::DependsOnUnknown | Gap::Unsupported | Gap::Absent | Gap::NotAsked => 3,
        Gap::HandedOver => 4,
    }
}

/// The parameters that are known, and the same whoever the subject is; of the others what records tell, if that is one.
fn known(world: &World<'_>, step: &Step, strangers: &[Env]) -> BTreeMap<String, Json> {
    let mut values: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for env in envs(world, world.step_binders(step), &Env::default()) {
        for (name, resolved) in world.params(step, &env) {
            let all = values.entry(name).or_default();
            match resolved {
                Resolved::Known(more) => {
                    all.extend(more.into_iter().filter(|it| !all.contains(it)).collect::<Vec<_>>());
                }
                Resolved::Absent | Resolved::Unknown(_) => {}
            }
        }
    }
    values
        .into_iter()
        .filter_map(|(name, all)| match (all.as_slice(), step.with.get(&name)?) {
            ([only], _) => Some((name, only.clone())),
            ([], Param::Ref(id)) => Some((name, told(world, id, strangers)?)),
            (_, _) => None,
        })
        .collect()
}

/// What records tell of a fact that nobody knows: by whom they name, or by what stands in for it.
fn told(world: &World<'_>, id: &str, strangers: &[Env]) -> Option<Json> {
    let fact = world.playbook.facts.get(id)?;
    let input = &world.playbook.subject()?.name;
    if let Some(subject) = Subject::only(world, strangers) {
        if fact.kind == Type::ObjectRef && world.is_of_the_subject(id, input) {
            return Some(subject.reference());
        }
        if let Some(told) = subject.tells(world, fact) {
            return Some(told.into());
        }
    }
    if fact.kind == Type::ObjectRef && world.is_of_the_subject(id, input) {
        return spelt(world, strangers);
    }
    let own = Env::default();
    world.playbook.stand_ins(id).find_map(|other| {
        let envs = std::iter::once(&own).chain(strangers);
        let values: BTreeSet<Value> =
            envs.flat_map(|it| world.fact(other, it).values.clone()).collect();
        match values.into_iter().collect::<Vec<_>>().as_slice() {
            [only] => Some(only.to_json()),
            _ => None,
        }
    })
}

/// Whom the playbook is about, by the name that it puts together where all its parts are told.
fn spelt(world: &World<'_>, strangers: &[Env]) -> Option<Json> {
    let input = &world.playbook.subject()?.name;
    let part = |it: &Part| match it {
        Part::Literal(text) => Some(text.clone()),
        Part::Ref(id) => told(world, id, strangers)?.as_str().map(str::to_owned),
    };
    let names = world.playbook.facts.iter().filter_map(|(id, fact)| match &fact.from {
        Origin::Join(parts) if world.is_of_the_subject(id, input) => Some(parts),
        Origin::Join(_)
        | Origin::Input { .. }
        | Origin::Path { .. }
        | Origin::Text { .. }
        | Origin::Capture { .. }
        | Origin::Map { .. }
        | Origin::Nearest { .. }
        | Origin::Take { .. } => None,
    });
    let full = names.map(|it| it.iter().map(part).collect::<Option<String>>()).find_map(|it| it)?;
    let (namespace, name) = full.split_once('/')?;
    Some(Subject { kind: super::subject::kind(world)?, namespace, name }.reference())
}

/// Whom records name that nobody knows: those that a sign matches, and those that tell what stands in for a fact.
fn strangers(world: &World<'_>) -> Vec<Env> {
    let playbook = world.playbook;
    let matched = playbook.signs.values().filter_map(|it| match &it.test {
        Test::Text { texts, .. } => Some(texts),
        Test::Value { .. } | Test::AnyOf(_) | Test::AllOf(_) => None,
    });
    let stand_ins = playbook.facts.values().filter_map(|it| it.stand_in.as_ref());
    let told = stand_ins.filter_map(|it| match &playbook.facts.get(it)?.from {
        Origin::Capture { texts } => Some(texts),
        Origin::Input { .. }
        | Origin::Path { .. }
        | Origin::Text { .. }
        | Origin::Join(_)
        | Origin::Map { .. }
        | Origin::Nearest { .. }
        | Origin::Take { .. } => None,
    });
    let mut all = BTreeSet::new();
    for (fact, watch) in matched.chain(told).flatten() {
        all.extend(world.gather(fact, *watch, &Env::default()).strangers.iter().cloned());
    }
    all.into_iter().map(|whose| Env { whose, ..Env::default() }).collect()
}
