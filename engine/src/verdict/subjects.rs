//! The subjects themselves: how each stands, what it was warned of last, and what was not read of it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::StepGap;
use super::env::{Env, envs};
use super::subject;
use super::world::{World, gap};
use crate::evidence::{Body, Document, Gap, GivenKind};
use crate::given::{Standing, said, standing};
use crate::system::{Output, Tells};
use crate::text::{Excerpts, Warning, place};
use crate::value::{ObjectRef, Type, Value};

/// Warnings of one subject.
const WARNINGS: usize = 3;

/// What is known of a subject, whatever a playbook makes of it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SubjectSeen {
    /// Which object it is.
    pub object: ObjectRef,
    /// How it stands; unknown where its object was not read, or does not say.
    pub standing: Option<Standing>,
    /// What its own object says of its trouble.
    pub said: Option<String>,
    /// Ids of the playbooks that are about it, as far as anybody can tell.
    pub playbooks: Vec<String>,
    /// The newest events that warn of it, the newest first.
    pub warnings: Vec<Warning>,
    /// What was not read and could hide trouble of a subject that seems well.
    pub unread: Vec<StepGap>,
}

impl SubjectSeen {
    /// Nothing is wrong with it, and everything was read that could tell otherwise.
    pub fn is_well(&self) -> bool {
        self.unread.is_empty() && self.standing.as_ref().is_some_and(Standing::is_well)
    }

    /// Something is wrong with it, whoever knows what.
    pub fn is_in_trouble(&self) -> bool {
        matches!(self.standing, Some(Standing::Trouble(_)))
    }

    /// It is being deleted: whatever is wrong with it ends by itself.
    pub fn is_leaving(&self) -> bool {
        self.standing == Some(Standing::Leaving)
    }

    /// As findings name it.
    pub fn name(&self) -> String {
        Value::object(self.object.clone()).text().to_owned()
    }
}

/// Every subject of these playbooks, by name.
pub(super) fn subjects(worlds: &[World<'_>]) -> Vec<SubjectSeen> {
    let Some(first) = worlds.first() else { return Vec::new() };
    let texts = texts(first);
    let mut all: BTreeMap<(String, ObjectRef), SubjectSeen> = BTreeMap::new();
    for world in worlds {
        let Some(input) = world.playbook.subject() else { continue };
        for value in &world.fact(&input.name, &Env::default()).values {
            let Some(object) = value.as_object() else { continue };
            let seen = all.entry((value.text().to_owned(), object.clone())).or_insert_with(|| {
                let (standing, said) = stands(first, object);
                SubjectSeen {
                    object: object.clone(),
                    standing,
                    said,
                    warnings: warnings(&texts, object),
                    ..SubjectSeen::default()
                }
            });
            if !is_foreign(world, value) {
                seen.playbooks.push(world.playbook.id.clone());
                // Nothing goes on in who has ended.
                if matches!(seen.standing, Some(Standing::Ended | Standing::Leaving)) {
                    continue;
                }
                for gap in unread(world, &input.name, value) {
                    if !seen.unread.contains(&gap) {
                        seen.unread.push(gap);
                    }
                }
            }
        }
    }
    let named: Vec<ObjectRef> =
        all.keys().map(|(_, it)| it.clone()).filter(|it| !it.uid.is_empty()).collect();
    // A description does not tell the uid of whom an object tells it.
    let twice = |it: &ObjectRef| {
        it.uid.is_empty()
            && named.iter().any(|other| {
                (&it.kind, &it.namespace, &it.name) == (&other.kind, &other.namespace, &other.name)
            })
    };
    all.into_values().filter(|it| !twice(&it.object)).collect()
}

/// Texts about one object, by whom they are about: kind, in small letters, and name; with the namespace, as far as known.
type Texts<'w> = BTreeMap<(String, String), Vec<(String, &'w Excerpts)>>;

/// Every text about one object, such as its events.
fn texts<'w>(world: &World<'w>) -> Texts<'w> {
    let mut all = Texts::new();
    let mut add = |kind: &str, namespace: &str, name: &str, document: &'w Document| {
        if let Body::Text(text) = &document.body {
            let whose = (kind.to_lowercase(), name.to_owned());
            all.entry(whose).or_default().push((namespace.to_owned(), text));
        }
    };
    for (request, answer) in &world.evidence.answers {
        let (Ok(document), Some(source)) = (answer, world.scope.source(&request.source)) else {
            continue;
        };
        let about = source
            .params
            .iter()
            .find(|it| source.output == Output::Text && it.tells == Tells::Object && !it.spread);
        let object = about
            .and_then(|it| serde_json::from_str::<Json>(request.params.get(&it.name)?).ok())
            .and_then(|it| Value::read(Type::ObjectRef, &it));
        if let Some(object) = object.as_ref().and_then(Value::as_object) {
            add(&object.kind, &object.namespace, &object.name, document);
        }
    }
    for piece in world.scope.given.iter().filter(|it| it.kind == GivenKind::Events) {
        let name = |key: &str| piece.names.get(key).map(String::as_str).unwrap_or_default();
        if let Ok(document) = &piece.answer {
            add(name("kind"), name("namespace"), name("name"), document);
        }
    }
    all
}

/// How many were not judged, where there are more than fit.
pub(super) fn cut(world: &World<'_>) -> Option<Gap> {
    let state = world.fact(&world.playbook.subject()?.name, &Env::default());
    let mut gaps = state.gaps.iter().map(|it| &it.gap);
    gaps.find(|it| matches!(it, Gap::TooMany { .. })).cloned()
}

/// What was handed over warns of, newest first, where it is about no subject that is known.
pub(super) fn nobodys(worlds: &[World<'_>], known: &[SubjectSeen]) -> Vec<Warning> {
    let Some(first) = worlds.first() else { return Vec::new() };
    let kinds: Vec<&str> = worlds.iter().filter_map(subject::kind).collect();
    let mut all = Vec::new();
    for piece in &first.scope.given {
        let name = |key: &str| piece.names.get(key).map(String::as_str);
        let is_known = || known.iter().any(|it| Some(it.object.name.as_str()) == name("name"));
        let of_such = || name("kind").is_none_or(|it| kinds.contains(&it));
        let speaks = match piece.kind {
            GivenKind::Events => of_such() && !is_known(),
            // A log serves many: beside somebody who is known, what it says of others is theirs.
            GivenKind::Log | GivenKind::Message => known.is_empty(),
            GivenKind::Object | GivenKind::Resource | GivenKind::Error | GivenKind::Unread => false,
        };
        let Ok(Document { body: Body::Text(text), .. }) = &piece.answer else { continue };
        for warning in text.warnings.iter().rev().filter(|_| speaks) {
            if !all.contains(warning) {
                place(&mut all, warning.clone());
                all.truncate(WARNINGS);
            }
        }
    }
    all
}

fn warnings(texts: &Texts<'_>, object: &ObjectRef) -> Vec<Warning> {
    let mut all = Vec::new();
    let whose = (object.kind.to_lowercase(), object.name.clone());
    let of = texts.get(&whose).into_iter().flatten();
    for (_, text) in
        of.filter(|(namespace, _)| namespace.is_empty() || *namespace == object.namespace)
    {
        // Each list has its newest first: the last that is placed stands before those that are no newer.
        for warning in text.warnings.iter().rev() {
            if !all.contains(warning) {
                place(&mut all, warning.clone());
            }
        }
    }
    all.truncate(WARNINGS);
    all
}

/// How its own object says that it stands, and what it says of that. Two that were handed over and do not agree tell nothing.
fn stands(world: &World<'_>, object: &ObjectRef) -> (Option<Standing>, Option<String>) {
    let told = |it: Vec<(bool, &Document)>| {
        let trees: Vec<&Json> = it.into_iter().filter_map(|(_, it)| tree_of(it)).collect();
        let mut all = trees.iter().filter_map(|it| standing(it));
        let first = all.next().filter(|first| all.all(|it| it == *first));
        let words = first.as_ref().and_then(|_| trees.iter().find_map(|it| said(it)));
        (first, words)
    };
    let (asked, given): (Vec<_>, Vec<_>) = documents(world, object).partition(|(asked, _)| *asked);
    let (whole, part): (Vec<_>, Vec<_>) =
        given.into_iter().partition(|(_, it)| it.partial.is_none());
    [asked, whole, part].into_iter().find(|it| !it.is_empty()).map(told).unwrap_or_default()
}

/// Whether the playbook is not about a subject: its object is known whole, and is none of those.
pub(super) fn is_foreign(world: &World<'_>, subject: &Value) -> bool {
    let Some(object) = subject.as_object() else { return false };
    documents(world, object)
        .filter(|(_, it)| it.partial.is_none())
        .find_map(|(_, it)| tree_of(it))
        .is_some_and(|it| world.playbook.is_about(it) == Some(false))
}

/// What the steps that `well-needs` names did not tell of a subject.
fn unread(world: &World<'_>, input: &str, subject: &Value) -> Vec<StepGap> {
    let asked = world.scope.inputs.contains_key(input);
    let mut all = Vec::new();
    for id in &world.playbook.well_needs {
        let Some(step) = world.step(id) else { continue };
        let binders = world.step_binders(step);
        // Where there is no text, nobody could read in it that something fails.
        let is_text = world.scope.source(&step.uses).is_some_and(|it| it.output == Output::Text);
        let silent = |it: &Gap| asked && is_text && *it == Gap::Absent;
        for env in envs(world, binders, &Env::default()) {
            if env.each.get(input).is_some_and(|it| it != subject) {
                continue;
            }
            let answers = world.answers(id, &env);
            if answers.is_empty() && asked {
                all.push(gap(id, &Gap::NotCaptured));
            }
            let gaps = answers.iter().filter_map(|it| match &it.answer {
                Ok(document) => document.partial.as_ref(),
                Err(reason) => Some(reason),
            });
            let hiding = gaps.filter(|it| hides(it, asked) || silent(it));
            all.extend(hiding.map(|it| gap(id, it)));
        }
    }
    all
}

/// Whether trouble may hide behind a gap. Of what was handed over nobody says that it is all there is.
fn hides(gap: &Gap, asked: bool) -> bool {
    match gap {
        // It was looked for, or what is older does not speak of now.
        Gap::Absent | Gap::Expired => false,
        Gap::HandedOver | Gap::NotCaptured | Gap::DependsOnUnknown | Gap::NotAsked => asked,
        _ => true,
    }
}

/// The documents that are this object, and whether they were asked for or handed over.
fn documents<'w, 'o>(
    world: &World<'w>,
    object: &'o ObjectRef,
) -> impl Iterator<Item = (bool, &'w Document)> + use<'w, 'o> {
    let asked = world.evidence.answers.values().filter_map(|it| Some((true, it.as_ref().ok()?)));
    let given = world.scope.given.iter().filter(|it| it.kind == GivenKind::Object);
    asked
        .chain(given.filter_map(|it| Some((false, it.answer.as_ref().ok()?))))
        .filter(move |(_, it)| tree_of(it).is_some_and(|it| is_it(it, object)))
}

fn is_it(tree: &Json, object: &ObjectRef) -> bool {
    let metadata = &tree["metadata"];
    let is = |key: &str, mine: &str| {
        metadata[key].as_str().is_none_or(|it| it.is_empty() || mine.is_empty() || it == mine)
    };
    metadata["name"] == object.name.as_str()
        && tree["kind"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(&object.kind))
        && is("namespace", &object.namespace)
        && is("uid", &object.uid)
}

fn tree_of(document: &Document) -> Option<&Json> {
    match &document.body {
        Body::Tree(tree) => Some(tree),
        Body::Text(_) => None,
    }
}
