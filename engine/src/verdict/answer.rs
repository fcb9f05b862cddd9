//! The answers of a step: what was handed over and stands for it, and what was asked.

mod known;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Value as Json, json};

use known::Known;

use super::env::{Env, Whose};
use super::subject;
use super::world::World;
use crate::evidence::{Body, Document, Gap, Given, GivenKind, Request};
use crate::playbook::{Effect, Id, Origin, Param, Playbook, Step};
use crate::system::{Output, Source, Tells};
use crate::value::Value;

/// What a parameter comes to.
#[derive(Clone, Debug)]
pub(crate) enum Resolved {
    /// These values (one, unless the source takes a list).
    Known(Vec<Json>),
    /// What it would name does not exist.
    Absent,
    /// Nobody knows.
    Unknown(Gap),
}

/// One answer of a step.
pub(crate) struct Answered<'a> {
    /// A document, or why there is none.
    pub(crate) answer: Result<Cow<'a, Document>, Gap>,
    /// It was handed over.
    pub(crate) given: bool,
    /// The object the piece is about, where the step does not know its own.
    pub(crate) about: Option<String>,
    /// It is a text in which a program, or whoever wrote it, may speak of several subjects.
    pub(crate) of_many: bool,
    /// It is one of several components' of one kind, and nobody knows which of them serves the subject: the driver of which node.
    pub(crate) of_one_of_several: bool,
}

impl<'a> World<'a> {
    /// The requests of a step for one subject; `None` where a parameter is not known.
    pub(crate) fn requests(&self, step: &Step, env: &Env) -> Option<Vec<Request>> {
        requests(step, self.scope.source(&step.uses)?, &self.params(step, env))
    }

    /// Every parameter of a step, resolved.
    pub(crate) fn params(&self, step: &Step, env: &Env) -> BTreeMap<String, Resolved> {
        let resolved = |(name, param): (&String, &Param)| {
            let resolved = match param {
                Param::Ref(id) if self.is_left_out(step, name, id) => Resolved::Absent,
                _ => self.resolve(param, env),
            };
            (name.clone(), resolved)
        };
        step.with.iter().map(resolved).collect()
    }

    /// Whether a parameter that may be missing is one that only a person could say, and nobody did.
    pub(crate) fn is_left_out(&self, step: &Step, name: &str, id: &Id) -> bool {
        let from = self.playbook.facts.get(id).map(|it| &it.from);
        matches!(from, Some(Origin::Input { or_from: None }))
            && !self.scope.inputs.contains_key(id)
            && self.scope.source(&step.uses).is_some_and(|it| !it.pins(name))
    }

    fn resolve(&self, param: &Param, env: &Env) -> Resolved {
        match param {
            Param::Literal(value) => Resolved::Known(vec![value.clone()]),
            Param::Ref(id) => {
                let state = self.fact(id, env);
                if !state.values.is_empty() {
                    return Resolved::Known(state.values.iter().map(Value::to_json).collect());
                }
                if state.gaps.is_empty() {
                    return Resolved::Absent;
                }
                // It is not among what was handed over, or nobody could look.
                let handed_over = state.gaps.iter().all(|it| it.gap == Gap::HandedOver);
                let gap = if handed_over { Gap::HandedOver } else { Gap::DependsOnUnknown };
                Resolved::Unknown(gap)
            }
            Param::List(parts) => {
                let mut values = Vec::new();
                for part in parts {
                    match self.resolve(part, env) {
                        Resolved::Known(more) => values.extend(more),
                        Resolved::Absent => {}
                        Resolved::Unknown(gap) => return Resolved::Unknown(gap),
                    }
                }
                Resolved::Known(values)
            }
        }
    }

    /// Everything that answers a step, for one subject.
    pub(crate) fn answers(&self, id: &str, env: &Env) -> Rc<Vec<Answered<'a>>> {
        let Some(step) = self.step(id) else { return Rc::default() };
        let env = env.only(self.step_binders(step));
        Rc::clone(&self.answered.get(&step.id, &env, || self.look(step, &env)))
    }

    /// Subjects whose parameters come to the same share one answer.
    fn look(&self, step: &'a Step, env: &Env) -> Rc<Vec<Answered<'a>>> {
        let params = self.params(step, env);
        let key = (&step.id, env.whose == Whose::Own, format!("{params:?}"));
        if let Some(known) = self.asked.borrow().get(&key) {
            return Rc::clone(known);
        }
        let found = Rc::new(self.found(step, &params, env));
        self.asked.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    fn found(
        &self,
        step: &Step,
        params: &BTreeMap<String, Resolved>,
        env: &Env,
    ) -> Vec<Answered<'a>> {
        let Some(source) = self.scope.source(&step.uses) else {
            return vec![gap(Gap::Unsupported)];
        };
        if env.whose != Whose::Own
            && source.output != Output::Text
            && !of_everybody(self.playbook, step, source)
        {
            // A subject that only a text names is judged on its records, and on what is nobody's in
            // particular, alone.
            return vec![gap(Gap::DependsOnUnknown)];
        }
        let mut found = self.given(step, source, params);
        let whole =
            |it: &Answered<'_>| matches!(&it.answer, Ok(document) if document.partial.is_none());
        if matches!(source.output, Output::Object | Output::Tree) && found.iter().any(whole) {
            return found;
        }
        found.extend(self.asked(step, source, params));
        if found.iter().any(|it| it.answer.is_ok()) {
            // Something is there: that one more question has no answer is what "partial" says already.
            found.retain(|it| {
                // So does the error message about another one.
                it.answer.is_ok()
                    || !it.given
                        && !matches!(
                            &it.answer,
                            Err(Gap::NotCaptured
                                | Gap::DependsOnUnknown
                                | Gap::Absent
                                | Gap::NotAsked)
                        )
            });
        } else if found.iter().any(|it| matches!(it.answer, Err(Gap::Absent))) {
            found.retain(|it| matches!(it.answer, Err(Gap::Absent)));
        }
        found
    }

    fn asked(
        &self,
        step: &Step,
        source: &Source,
        params: &BTreeMap<String, Resolved>,
    ) -> Vec<Answered<'a>> {
        if source.is_in_hand() {
            return Vec::new();
        }
        let Some(requests) = requests(step, source, params) else {
            let absent =
                params.iter().any(|(name, it)| matches!(it, Resolved::Absent) && source.pins(name));
            return vec![gap(if absent { Gap::Absent } else { Gap::DependsOnUnknown })];
        };
        requests
            .iter()
            .map(|request| match self.evidence.answers.get(request) {
                Some(Ok(document)) => Answered {
                    answer: Ok(Cow::Borrowed(document)),
                    given: false,
                    about: None,
                    of_many: false,
                    of_one_of_several: false,
                },
                Some(Err(reason)) => gap(reason.clone()),
                None if step.effect != Effect::Reads => gap(Gap::Unsupported),
                None if source.dear => gap(Gap::NotAsked),
                None => gap(Gap::NotCaptured),
            })
            .collect()
    }

    /// The handed-over pieces that stand for a step and do not contradict what it knows.
    fn given(
        &self,
        step: &Step,
        source: &'static Source,
        params: &BTreeMap<String, Resolved>,
    ) -> Vec<Answered<'a>> {
        let known = Known::of(source, params);
        let pieces: Vec<&'a Given> = self
            .pieces(known.names().as_deref())
            .into_iter()
            .filter(|piece| source.given.contains(&piece.kind))
            .filter(|piece| !known.contradicts(piece))
            .filter(|piece| self.fits_log(step, piece))
            .filter(|piece| subject::may_be(self, step, source, piece))
            .collect();
        let named = ["name", "ref"].iter().any(
            |it| matches!(params.get(*it), Some(Resolved::Known(values)) if !values.is_empty()),
        );
        let pieces = without_rows(pieces, source.output == Output::Object && !named);
        match source.output {
            Output::List => self.given_list(&pieces),
            Output::Object | Output::Tree => one_object(&pieces),
            Output::Text => {
                let several = is_one_of_several(source, params, &pieces);
                pieces
                    .into_iter()
                    .map(|piece| Answered {
                        answer: piece.answer.as_ref().map(Cow::Borrowed).map_err(Clone::clone),
                        given: true,
                        about: self.unknown_object(source, params, piece),
                        of_many: matches!(piece.kind, GivenKind::Log | GivenKind::Message),
                        of_one_of_several: several,
                    })
                    .collect()
            }
        }
    }

    /// Many objects that were handed over make a list; nobody says that it is all there is.
    fn given_list(&self, pieces: &[&'a Given]) -> Vec<Answered<'a>> {
        let items: Vec<Json> = pieces
            .iter()
            .filter_map(|piece| match piece.answer.as_ref().ok()?.body {
                Body::Tree(ref tree) => Some(tree.clone()),
                Body::Text(_) => None,
            })
            .collect();
        if items.is_empty() {
            return pieces
                .iter()
                .filter_map(|it| it.answer.as_ref().err())
                .filter(|it| **it != Gap::Absent)
                .map(|it| gap(it.clone()))
                .collect();
        }
        let origins: BTreeSet<&str> = pieces.iter().map(|it| it.origin.as_str()).collect();
        let document = Document {
            body: Body::Tree(json!({ "items": items })),
            partial: Some(Gap::HandedOver),
            origin: origins.into_iter().collect::<Vec<_>>().join(", "),
        };
        vec![Answered {
            answer: Ok(Cow::Owned(document)),
            given: true,
            about: None,
            of_many: false,
            of_one_of_several: false,
        }]
    }

    /// A log that fits some step's `looks-like` goes only there; one that fits none goes to all.
    fn fits_log(&self, step: &Step, piece: &Given) -> bool {
        let Ok(Document { body: Body::Text(text), .. }) = &piece.answer else { return true };
        if piece.kind == GivenKind::Events {
            return true;
        }
        let mut start = self.offsets.looks_like;
        let mut claimed = false;
        for other in &self.playbook.steps {
            let end = start + other.looks_like.len();
            let fits = text.looks_like.range(start..end).next().is_some();
            if fits && other.id == step.id {
                return true;
            }
            claimed |= fits;
            start = end;
        }
        !claimed
    }

    /// The object a piece is about, where the step has a parameter for it that is not known.
    fn unknown_object(
        &self,
        source: &Source,
        params: &BTreeMap<String, Resolved>,
        piece: &Given,
    ) -> Option<String> {
        let object = piece.object().filter(|_| piece.kind == GivenKind::Events)?;
        let asks = source.params.iter().find(|it| it.tells == Tells::Object)?;
        match params.get(&asks.name) {
            Some(Resolved::Known(_)) => None,
            Some(Resolved::Absent | Resolved::Unknown(_)) | None => Some(object),
        }
    }
}

/// The requests that these parameters make; `None` where one is not known.
fn requests(
    step: &Step,
    source: &Source,
    params: &BTreeMap<String, Resolved>,
) -> Option<Vec<Request>> {
    if source.is_in_hand() {
        return None;
    }
    let mut all = vec![BTreeMap::new()];
    for (name, resolved) in params {
        let values = match resolved {
            Resolved::Known(values) => values,
            Resolved::Absent if source.pins(name) => return None,
            Resolved::Absent => continue,
            Resolved::Unknown(_) => return None,
        };
        let spread = source.params.iter().any(|it| it.name == *name && it.spread);
        let choices: Vec<String> = if spread || values.len() == 1 {
            values.iter().map(Json::to_string).collect()
        } else {
            vec![Json::from(values.as_slice()).to_string()]
        };
        all = all
            .iter()
            .flat_map(|so_far: &BTreeMap<String, String>| {
                choices.iter().map(|value| {
                    let mut params = so_far.clone();
                    params.insert(name.clone(), value.clone());
                    params
                })
            })
            .collect();
    }
    Some(all.into_iter().map(|params| Request { source: step.uses.clone(), params }).collect())
}

/// Whether a step asks the same whoever the subject is, such as for an object of the cluster by name. What was handed
/// over is so, too, but for what says who the subject is.
fn of_everybody(playbook: &Playbook, step: &Step, source: &Source) -> bool {
    let says_who = |fact: &Id| match playbook.facts.get(fact).map(|it| &it.from) {
        Some(Origin::Path { step: from, .. }) => *from == step.id,
        Some(_) | None => false,
    };
    step.with.values().all(|it| matches!(it, Param::Literal(_)))
        && (!source.is_in_hand()
            || !playbook.inputs.iter().filter_map(|it| it.or_from.as_ref()).any(says_who))
}

/// Whether the pieces are of several components, such as the logs of the pods of a `DaemonSet`, and the step does not know which of them it asks.
fn is_one_of_several(
    source: &Source,
    params: &BTreeMap<String, Resolved>,
    pieces: &[&Given],
) -> bool {
    let asks = source.params.iter().find(|it| it.spread && it.tells == Tells::Object);
    let known = |it: &str| matches!(params.get(it), Some(Resolved::Known(all)) if !all.is_empty());
    let names: BTreeSet<&String> = pieces.iter().filter_map(|it| it.names.get("name")).collect();
    asks.is_some_and(|it| !known(&it.name)) && names.len() > 1
}

fn gap<'a>(reason: Gap) -> Answered<'a> {
    Answered {
        answer: Err(reason),
        given: false,
        about: None,
        of_many: false,
        of_one_of_several: false,
    }
}

/// A row of a table tells nothing of an object that is there itself, and nothing of one that nobody can name.
fn without_rows(pieces: Vec<&Given>, unnamed: bool) -> Vec<&Given> {
    let key = |it: &Given| -> Vec<Option<String>> {
        ["kind", "name"].iter().map(|key| it.names.get(*key).map(|it| it.to_lowercase())).collect()
    };
    if !pieces.iter().any(|it| it.is_listed()) {
        return pieces;
    }
    let there: BTreeSet<_> = pieces.iter().filter(|it| !it.is_listed()).map(|it| key(it)).collect();
    let keep = |it: &&Given| !it.is_listed() || !unnamed && !there.contains(&key(it));
    pieces.into_iter().filter(keep).collect()
}

/// Of several descriptions of one object the whole one counts.
fn one_object<'a>(pieces: &[&'a Given]) -> Vec<Answered<'a>> {
    let ids: BTreeSet<String> = pieces
        .iter()
        .filter(|it| it.kind == GivenKind::Resource)
        .filter_map(|it| Some(it.names.get("id")?.to_lowercase()))
        .collect();
    if ids.len() > 1 {
        return vec![gap(Gap::Ambiguous)];
    }
    let whole: Vec<&&Given> = pieces
        .iter()
        .filter(|it| matches!(&it.answer, Ok(document) if document.partial.is_none()))
        .collect();
    let same = |left: &Given, right: &Given| {
        ["kind", "namespace", "name"].iter().all(|key| {
            match (left.names.get(*key), right.names.get(*key)) {
                (Some(mine), Some(theirs)) => mine.eq_ignore_ascii_case(theirs),
                _ => true,
            }
        })
    };
    pieces
        .iter()
        .filter(|piece| {
            let partial = matches!(&piece.answer, Ok(document) if document.partial.is_some());
            !(partial && whole.iter().any(|it| same(it, piece)))
        })
        .map(|piece| Answered {
            answer: piece.answer.as_ref().map(Cow::Borrowed).map_err(Clone::clone),
            given: true,
            about: None,
            of_many: false,
            of_one_of_several: false,
        })
        .collect()
}

/// The steps of a playbook that a piece may stand for, whatever their parameters.
pub(crate) fn stands_for(world: &World<'_>, piece: &Given) -> Vec<Id> {
    world
        .playbook
        .steps
        .iter()
        .filter(|step| {
            world.scope.source(&step.uses).is_some_and(|source| {
                !source.is_in_hand()
                    && source.given.contains(&piece.kind)
                    && world.fits_log(step, piece)
                    && subject::may_be(world, step, source, piece)
                    && !Known::of(source, &world.params(step, &Env::default())).contradicts(piece)
            })
        })
        .map(|step| step.id.clone())
        .collect()
}
