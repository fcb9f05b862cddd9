//! What a fact comes to: its values, and why there may be more.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::answer::Resolved;
use super::env::{Env, Whose};
use super::gather::captures;
use super::narrow::{alike, leaves, left};
use super::world::{World, gap};
use super::{Place, Shown, StepGap};
use crate::evidence::{Body, Gap};
use crate::playbook::{Fact, Id, Origin, Part, Path, Take, Where};
use crate::value::{Type, Value};

/// Bytes of a text that is put together of facts.
const JOINED: usize = 8 * 1024;
/// Values of an `each` fact that are judged, one at a time.
const EACH: usize = 64;
/// Of those whom a playbook is about.
const SUBJECTS: usize = 2_000;

/// Places that are told of where a fact was read.
const PLACES: usize = 256;

/// The values of a fact. No gaps: these are all of them, and none means absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FactState {
    /// Distinct values, in order of reading.
    pub(crate) values: Vec<Value>,
    /// Why there may be more.
    pub(crate) gaps: Vec<StepGap>,
    /// Where the values were read, or looked for.
    pub(crate) read_at: Vec<Place>,
    /// The same once more, so that a long list costs no more than its length.
    pub(super) seen: (BTreeSet<Value>, BTreeSet<Place>),
}

impl FactState {
    fn known(value: Value) -> Self {
        Self { values: vec![value], ..Self::default() }
    }

    fn unknown(step: &str, reason: Gap) -> Self {
        Self { gaps: vec![StepGap { step: step.to_owned(), gap: reason }], ..Self::default() }
    }

    /// Nothing is missing.
    pub(crate) fn complete(&self) -> bool {
        self.gaps.is_empty()
    }

    /// As a reader may see it.
    pub(super) fn shown(&self, fact: &Fact) -> Shown {
        if fact.sensitive || self.values.is_empty() && !self.complete() {
            return Shown::Unknown;
        }
        if self.values.is_empty() {
            return Shown::Absent;
        }
        let safe = |it: &Value| crate::text::secret::redact(it.text()).into_owned();
        Shown::Known(self.values.iter().map(safe).collect())
    }

    pub(super) fn push(&mut self, value: Value, at: Option<Place>) {
        let (values, places) = &mut self.seen;
        if values.len() != self.values.len() {
            values.extend(self.values.iter().cloned());
        }
        if values.insert(value.clone()) {
            self.values.push(value);
        }
        let Some(at) = at.filter(|_| self.read_at.len() < PLACES) else { return };
        if places.len() != self.read_at.len() {
            places.extend(self.read_at.iter().cloned());
        }
        if places.insert(at.clone()) {
            self.read_at.push(at);
        }
    }

    pub(super) fn note(&mut self, gap: StepGap) {
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }
}

/// Reads a fact for one subject.
pub(super) fn read(world: &World<'_>, fact: &Fact, env: &Env) -> FactState {
    let id = &fact.id;
    if let Some(bound) = env.each.get(id) {
        return FactState::known(bound.clone());
    }
    if let Whose::Captured(about, value) = &env.whose
        && about == id
    {
        return Value::parse(fact.kind, value).map(FactState::known).unwrap_or_default();
    }
    let mut state = match &fact.from {
        Origin::Input { or_from } => input(world, fact, or_from.as_ref(), env),
        Origin::Path { step, path, where_, value } => {
            tree(world, fact, step, path, where_.as_ref(), value.as_ref(), env)
        }
        Origin::Text { .. } => FactState::default(),
        Origin::Capture { texts } => captures(world, fact.kind, texts, env),
        Origin::Join(parts) => join(world, fact.kind, parts, env),
        Origin::Map { key, table, absent } => {
            let key = world.fact(key, env);
            let mut state = FactState { gaps: key.gaps.clone(), ..FactState::default() };
            for value in &key.values {
                let Some(found) = table.get(value.text()) else { continue };
                if let Some(value) = Value::parse(fact.kind, found) {
                    state.push(value, None);
                }
            }
            if key.values.is_empty() && key.complete() {
                state.values.extend(absent.as_ref().and_then(|it| Value::parse(fact.kind, it)));
            }
            state
        }
        Origin::Nearest { of, among } => alike(world, fact.kind, of, among, env),
        Origin::Take { of, part } => {
            let whole = world.fact(of, env);
            let mut state = FactState { gaps: whole.gaps.clone(), ..FactState::default() };
            for value in &whole.values {
                if let Some(taken) = take(value, *part).and_then(|it| Value::parse(fact.kind, &it))
                {
                    state.push(taken, None);
                }
            }
            state
        }
    };
    if !fact.without.is_empty() {
        state = left(world, state, &fact.without, env);
    }
    if !fact.many && !fact.each && state.values.len() > 1 {
        let step = step_of(fact).unwrap_or_default();
        return FactState::unknown(&step, Gap::Ambiguous);
    }
    let most = if tells_the_subject(world, id) { SUBJECTS } else { EACH };
    let left = state.values.len().saturating_sub(most);
    if fact.each && left > 0 {
        state.values.truncate(most);
        let step = step_of(fact).unwrap_or_default();
        state.note(gap(&step, &Gap::TooMany { left: left.to_string() }));
    }
    state.seen = Default::default();
    state
}

/// Whether a fact tells whom the playbook is about.
fn tells_the_subject(world: &World<'_>, id: &Id) -> bool {
    world.playbook.subject().is_some_and(|it| it.name == *id || it.or_from.as_ref() == Some(id))
}

fn input(world: &World<'_>, fact: &Fact, or_from: Option<&Id>, env: &Env) -> FactState {
    use crate::playbook::InputValue;
    let kind = fact.kind;
    match (world.scope.inputs.get(&fact.id), or_from) {
        (Some(InputValue::Text(text)), _) => {
            Value::parse(kind, text).map(FactState::known).unwrap_or_default()
        }
        (Some(InputValue::Object(object)), _) => FactState::known(Value::object(object.clone())),
        (Some(InputValue::Objects(objects)), _) => FactState {
            values: objects.iter().cloned().map(Value::object).collect(),
            ..FactState::default()
        },
        (None, Some(fact)) => (*world.fact(fact, env)).clone(),
        (None, None) => FactState::unknown("", Gap::NotCaptured),
    }
}

fn tree(
    world: &World<'_>,
    fact: &Fact,
    step: &Id,
    path: &Path,
    where_: Option<&Where>,
    value: Option<&Path>,
    env: &Env,
) -> FactState {
    let mut state = FactState::default();
    let answers = world.answers(step, env);
    if answers.is_empty() {
        state.note(gap(step, &Gap::NotCaptured));
    }
    for answered in answers.iter() {
        let document = match &answered.answer {
            Ok(document) => document,
            Err(Gap::Absent) => {
                state.read_at.extend(looked_for(world, step, env));
                continue;
            }
            Err(reason) => {
                state.note(gap(step, reason));
                continue;
            }
        };
        if let Some(reason) = &document.partial {
            state.note(gap(step, reason));
        }
        let Body::Tree(tree) = &document.body else { continue };
        for (place, element) in nodes(path, tree) {
            let keep = match where_ {
                None => Keep::Yes,
                Some(condition) => keeps(world, condition, element, env),
            };
            match keep {
                Keep::No => continue,
                Keep::Unknown(reason) => {
                    state.note(gap(step, &reason));
                    continue;
                }
                Keep::Yes => {}
            }
            let at = Place { at: document.origin.clone(), path: plain(&place), there: true };
            let found = match value {
                None => vec![element],
                Some(inner) => nodes(inner, element).into_iter().map(|(_, it)| it).collect(),
            };
            for leaf in found {
                match leaves(&fact.inner, leaf) {
                    Ok(all) => all.iter().for_each(|it| state.values_of(fact.kind, it, &at)),
                    Err(reason) => state.note(gap(step, &reason)),
                }
            }
        }
        if state.read_at.is_empty() {
            state.read_at.push(Place {
                at: document.origin.clone(),
                path: path.text.clone(),
                there: false,
            });
        }
    }
    state
}

impl FactState {
    fn values_of(&mut self, kind: Type, json: &Json, at: &Place) {
        if let Some(value) = Value::read(kind, json) {
            self.push(value, Some(at.clone()));
        }
    }
}

/// The object that a step asked for and that is not there.
fn looked_for(world: &World<'_>, step: &Id, env: &Env) -> Option<Place> {
    let params = world.params(world.step(step)?, env);
    let only = |name: &str| match params.get(name) {
        Some(Resolved::Known(values)) => values.first().cloned(),
        Some(Resolved::Absent | Resolved::Unknown(_)) | None => None,
    };
    let text = |json: Option<Json>| json?.as_str().map(str::to_owned);
    let object = only("ref").and_then(|it| Value::read(Type::ObjectRef, &it));
    let (kind, namespace, name) = match object.as_ref().and_then(Value::as_object) {
        Some(it) => (it.kind.clone(), Some(it.namespace.clone()), it.name.clone()),
        None => (text(only("kind"))?, text(only("namespace")), text(only("name"))?),
    };
    let namespace =
        namespace.filter(|it| !it.is_empty()).map(|it| format!("{it}/")).unwrap_or_default();
    let at = format!("{}/{namespace}{name}", kind.to_lowercase());
    Some(Place { at, path: String::new(), there: false })
}

/// A normalised path as people write it: `$['spec']['drivers'][0]` is `$.spec.drivers[0]`.
fn plain(path: &str) -> String {
    let mut shown = String::new();
    let mut rest = path;
    while let Some(start) = rest.find("['") {
        let (before, after) = rest.split_at(start);
        shown.push_str(before);
        let after = after.get(2..).unwrap_or_default();
        let Some(end) = after.find("']") else { return path.to_owned() };
        let (name, after) = after.split_at(end);
        if !name.is_empty() && name.chars().all(|it| it.is_alphanumeric() || it == '_') {
            shown.push('.');
            shown.push_str(name);
        } else {
            shown.push_str(&format!("['{name}']"));
        }
        rest = after.get(2..).unwrap_or_default();
    }
    shown.push_str(rest);
    shown
}

enum Keep {
    Yes,
    No,
    Unknown(Gap),
}

fn keeps(world: &World<'_>, condition: &Where, element: &Json, env: &Env) -> Keep {
    let other = world.fact(&condition.same_as, env);
    let kind = other.values.first().map_or(Type::String, Value::kind);
    let same = nodes(&condition.path, element)
        .iter()
        .filter_map(|(_, node)| Value::read(kind, node))
        .any(|mine| other.values.iter().any(|theirs| theirs.same(&mine)));
    match (same, other.complete()) {
        (true, _) => Keep::Yes,
        (false, true) => Keep::No,
        (false, false) => Keep::Unknown(Gap::DependsOnUnknown),
    }
}

pub(super) fn nodes<'j>(path: &Path, tree: &'j Json) -> Vec<(String, &'j Json)> {
    jsonpath_rust::query::js_path_process(&path.compiled, tree)
        .map(|found| found.into_iter().map(|it| (it.clone().path(), it.val())).collect())
        .unwrap_or_default()
}

fn join(world: &World<'_>, kind: Type, parts: &[Part], env: &Env) -> FactState {
    let mut state = FactState::default();
    let mut text = Some(String::new());
    for part in parts {
        match part {
            Part::Literal(literal) => {
                if let Some(text) = &mut text {
                    text.push_str(literal);
                }
            }
            Part::Ref(id) => {
                let other = world.fact(id, env);
                other.gaps.iter().for_each(|it| state.note(it.clone()));
                match (&mut text, other.values.as_slice()) {
                    (Some(joined), [only]) => {
                        joined.push_str(only.text());
                        // Facts that join facts double at each step.
                        if joined.len() > JOINED {
                            text = None;
                            state.note(gap(world.step_of(id), &Gap::TooLarge));
                        }
                    }
                    (_, [_, _, ..]) => {
                        text = None;
                        state.note(gap(world.step_of(id), &Gap::Ambiguous));
                    }
                    _ => text = None,
                }
            }
        }
    }
    if let Some(value) = text.and_then(|it| Value::parse(kind, &it)) {
        state.push(value, None);
    }
    state
}

fn take(value: &Value, part: Take) -> Option<String> {
    if let Some(object) = value.as_object() {
        return match part {
            Take::Name => Some(object.name.clone()),
            Take::Namespace => Some(object.namespace.clone()),
            Take::Kind => Some(object.kind.clone()),
            Take::Uid => Some(object.uid.clone()),
            Take::Parent | Take::ResourceGroup | Take::Subscription => None,
        };
    }
    let text = value.text();
    let path = text.strip_prefix("azure://").unwrap_or(text).trim_end_matches('/');
    let segment = |name: &str| {
        let mut segments = path.split('/');
        segments.find(|it| it.eq_ignore_ascii_case(name))?;
        segments.next().map(str::to_owned)
    };
    match part {
        Take::Name => path.rsplit('/').next().map(str::to_owned),
        Take::Parent => {
            let mut cut = path.rsplitn(3, '/');
            cut.nth(2).map(str::to_owned)
        }
        Take::ResourceGroup => segment("resourceGroups"),
        Take::Subscription => segment("subscriptions"),
        Take::Namespace | Take::Kind | Take::Uid => None,
    }
}

fn step_of(fact: &Fact) -> Option<Id> {
    match &fact.from {
        Origin::Path { step, .. } => Some(step.clone()),
        Origin::Input { .. }
        | Origin::Text { .. }
        | Origin::Capture { .. }
        | Origin::Join(_)
        | Origin::Map { .. }
        | Origin::Nearest { .. }
        | Origin::Take { .. } => None,
    }
}
