//! Which questions are to be asked, given all that is known so far.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{Body, Document, Evidence, Gap, Request, Scope};
use crate::diagnose::offsets;
use crate::playbook::{Effect, Id, InputValue, Param, Playbook, Step};
use crate::system::Output;
use crate::verdict::env::{Env, envs};
use crate::verdict::judge::open_signs;
use crate::verdict::world::World;

/// Rounds of planning; a chain of steps is never longer in practice.
pub const ROUNDS: usize = 16;

/// Requests of one run. What does not fit stays unknown.
pub const REQUESTS: usize = 2_000;

/// Questions of one run to sources that take seconds.
pub const DEAR: usize = 4;

/// A pure function of all that is known: every request of reading steps that has no answer yet.
///
/// What is dear is asked when nothing else is left to ask, and only where the answer can change what was found.
pub fn plan(playbooks: &[Playbook], scope: &Scope, evidence: &Evidence) -> BTreeSet<Request> {
    let worlds: Vec<World<'_>> = playbooks
        .iter()
        .zip(offsets(playbooks))
        .map(|(playbook, offsets)| World::new(playbook, offsets, scope, evidence))
        .collect();
    let dear = |step: &Step| scope.source(&step.uses).is_some_and(|it| it.dear);
    let room = REQUESTS.saturating_sub(evidence.answers.len());
    let cheap: BTreeSet<Request> = worlds
        .iter()
        .flat_map(|world| wanted(world, |it| it.effect == Effect::Reads && !dear(it)).into_keys())
        .take(room)
        .collect();
    if !cheap.is_empty() {
        return cheap;
    }
    let asked = evidence
        .answers
        .keys()
        .filter(|it| scope.source(&it.source).is_some_and(|source| source.dear))
        .count();
    let mut open = BTreeSet::new();
    for world in &worlds {
        // What matters most is asked first, should not everything fit.
        for sign in open_signs(world) {
            let behind = world.playbook.steps_behind(&sign);
            let matters =
                |it: &Step| it.effect == Effect::Reads && dear(it) && behind.contains(&it.id);
            for request in wanted(world, matters).into_keys() {
                if asked + open.len() < DEAR {
                    open.insert(request);
                }
            }
        }
    }
    open
}

/// The open requests of some steps of a playbook, each with the steps that ask it.
pub(crate) fn wanted(
    world: &World<'_>,
    of: impl Fn(&Step) -> bool,
) -> BTreeMap<Request, BTreeSet<Id>> {
    let mut wanted: BTreeMap<Request, BTreeSet<Id>> = BTreeMap::new();
    for step in world.playbook.steps.iter().filter(|it| of(it)) {
        for env in envs(world, world.step_binders(step), &Env::default()) {
            for request in world.requests(step, &env).unwrap_or_default() {
                if wanted.len() < REQUESTS && !world.evidence.answers.contains_key(&request) {
                    wanted.entry(request).or_default().insert(step.id.clone());
                }
            }
        }
    }
    wanted
}

/// A step before anything is known of the world: what it would ask, with `<fact>` for what is still to be found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Preview {
    /// Resolved id.
    pub step: Id,
    /// Its source.
    pub source: String,
    /// Parameter → canonical JSON, as in a request.
    pub params: BTreeMap<String, String>,
}

/// The subject as far as its name tells: the object that is there before anything is asked.
fn subject_by_name(playbook: &Playbook, scope: &Scope) -> Evidence {
    let mut evidence = Evidence::default();
    let given = playbook.subject().and_then(|it| Some((&it.name, scope.inputs.get(&it.name)?)));
    let Some((name, InputValue::Object(object))) = given else { return evidence };
    let reads = |it: &&Step| it.with.values().any(|it| matches!(it, Param::Ref(id) if id == name));
    let world = World::new(playbook, crate::diagnose::Offsets::default(), scope, &evidence);
    let asked: Vec<Request> = playbook
        .steps
        .iter()
        .filter(reads)
        .filter(|it| scope.source(&it.uses).is_some_and(|it| it.output == Output::Object))
        .flat_map(|it| world.requests(it, &Env::default()).unwrap_or_default())
        .collect();
    let metadata = json!({ "name": object.name, "namespace": object.namespace });
    for request in asked {
        let document = Document {
            body: Body::Tree(json!({ "kind": object.kind, "metadata": metadata })),
            partial: Some(Gap::HandedOver),
            origin: String::new(),
        };
        evidence.answers.insert(request, Ok(document));
    }
    evidence
}

/// Every step of a playbook, in written order, as far as the inputs tell what it would ask.
pub fn preview(playbook: &Playbook, scope: &Scope) -> Vec<Preview> {
    let evidence = subject_by_name(playbook, scope);
    let world = World::new(playbook, crate::diagnose::Offsets::default(), scope, &evidence);
    let shown = |param: &Param| match param {
        Param::Literal(value) => value.to_string(),
        Param::Ref(id) => match world.fact(id, &Env::default()).values.first() {
            Some(value) => value.to_json().to_string(),
            None => serde_json::Value::from(format!("<{id}>")).to_string(),
        },
        Param::List(_) => "\"<several>\"".to_owned(),
    };
    playbook
        .steps
        .iter()
        .map(|step| Preview {
            step: step.id.clone(),
            source: step.uses.clone(),
            params: step
                .with
                .iter()
                .filter(|(name, param)| match param {
                    Param::Ref(id) => !world.is_left_out(step, name, id),
                    Param::Literal(_) | Param::List(_) => true,
                })
                .map(|(name, param)| (name.clone(), shown(param)))
                .collect(),
        })
        .collect()
}
