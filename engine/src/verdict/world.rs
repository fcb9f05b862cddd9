//! What one playbook can see: its facts, and the answers of its steps, for one subject at a time.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::answer::Answered;
use super::env::Env;
use super::fact::{self, FactState};
use super::gather::{self, Gathered};
use super::{Shown, SignSeen, StepGap};
use crate::diagnose::Offsets;
use crate::evidence::{Evidence, GONE, Given, Scope};
use crate::playbook::{Id, Origin, Param, Part, Playbook, Step, WatchId};
use crate::system::{Output, Tells};
use crate::text::Excerpts;

/// A playbook, and all that is known.
pub(crate) struct World<'a> {
    pub(crate) playbook: &'a Playbook,
    pub(crate) offsets: Offsets,
    pub(crate) scope: &'a Scope,
    pub(crate) evidence: &'a Evidence,
    /// Facts that only fill an input which somebody has given: they take no part.
    pub(super) superseded: BTreeSet<&'a Id>,
    /// Pieces that were handed over and are not meant here, by their place.
    pub(super) aside: BTreeSet<usize>,
    /// Places of the pieces by the name of the object that they are about, in small letters; of those without one, by none.
    named: BTreeMap<String, Vec<usize>>,
    /// Objects that the texts show deleted.
    pub(super) gone: BTreeSet<String>,
    binders: BTreeMap<&'a Id, Vec<Id>>,
    facts: Memo<&'a str, FactState>,
    shown: Memo<&'a str, Shown>,
    gathered: Memo<WatchId, Gathered>,
    pub(super) told: Memo<&'a str, Vec<Excerpts>>,
    pub(super) signs: Memo<&'a str, SignSeen>,
    pub(super) answered: Memo<&'a Id, Rc<Vec<Answered<'a>>>>,
    /// Answers by what is really asked: pods of one node ask the same about their node.
    pub(super) asked: RefCell<BTreeMap<Asked<'a>, Rc<Vec<Answered<'a>>>>>,
}

/// A step, whether the subject is known, and the parameters as they came to be.
pub(super) type Asked<'a> = (&'a Id, bool, String);

/// What was worked out once for a subject. Many pods ask the same of one playbook, so a subject is kept as far as
/// the answer depends on it.
pub(super) struct Memo<K, V>(RefCell<BTreeMap<K, BTreeMap<Env, Rc<V>>>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<K, V> Memo<K, V> {
    /// Forgets what depends on more than so many `each` facts.
    fn forget(&self, kept: usize) {
        for of_key in self.0.borrow_mut().values_mut() {
            of_key.retain(|env, _| env.each.len() <= kept);
        }
    }
}

impl<K: Ord + Copy, V> Memo<K, V> {
    /// What is known, or else what `make` comes to; `make` may ask the same memo for something else.
    pub(super) fn get(&self, key: K, env: &Env, make: impl FnOnce() -> V) -> Rc<V> {
        if let Some(known) = self.0.borrow().get(&key).and_then(|it| it.get(env)) {
            return Rc::clone(known);
        }
        let made = Rc::new(make());
        self.0.borrow_mut().entry(key).or_default().insert(env.clone(), Rc::clone(&made));
        made
    }
}

impl<'a> World<'a> {
    pub(crate) fn new(
        playbook: &'a Playbook,
        offsets: Offsets,
        scope: &'a Scope,
        evidence: &'a Evidence,
    ) -> Self {
        let given = |name: &Id| scope.inputs.contains_key(name);
        let superseded = playbook
            .facts
            .iter()
            .filter(|(name, _)| given(name))
            .filter_map(|(_, fact)| match &fact.from {
                Origin::Input { or_from } => or_from.as_ref(),
                _ => None,
            })
            .collect();
        let binders =
            playbook.steps.iter().map(|it| (&it.id, step_binders(playbook, it))).collect();
        Self {
            playbook,
            offsets,
            scope,
            evidence,
            superseded,
            aside: BTreeSet::new(),
            named: by_name(scope),
            gone: scope
                .given
                .iter()
                .filter(|it| it.names.contains_key(GONE))
                .filter_map(Given::object)
                .collect(),
            binders,
            facts: Memo::default(),
            shown: Memo::default(),
            gathered: Memo::default(),
            told: Memo::default(),
            signs: Memo::default(),
            answered: Memo::default(),
            asked: RefCell::default(),
        }
    }

    /// The same without some of the pieces that were handed over.
    pub(super) fn without(&self, aside: BTreeSet<usize>) -> Self {
        let world = Self::new(self.playbook, self.offsets, self.scope, self.evidence);
        Self { aside, ..world }
    }

    /// The pieces that were handed over, but for those that are not meant, and for those that are about an object of another name.
    pub(super) fn pieces(&self, names: Option<&[String]>) -> Vec<&'a Given> {
        let places: Vec<usize> = match names {
            None => (0..self.scope.given.len()).collect(),
            Some(names) => {
                let of = |name: &str| self.named.get(name).into_iter().flatten().copied();
                let named = names.iter().flat_map(|it| of(&it.to_lowercase()));
                named.chain(of("")).collect::<BTreeSet<_>>().into_iter().collect()
            }
        };
        let meant = places.into_iter().filter(|it| !self.aside.contains(it));
        meant.filter_map(|it| self.scope.given.get(it)).collect()
    }

    /// Forgets what was worked out for more than so many `each` facts: the next one asks for nothing of it.
    pub(super) fn forget(&self, kept: usize) {
        self.facts.forget(kept);
        self.shown.forget(kept);
        self.gathered.forget(kept);
        self.told.forget(kept);
        self.signs.forget(kept);
        self.answered.forget(kept);
    }

    /// The step of that id.
    pub(crate) fn step(&self, id: &str) -> Option<&'a Step> {
        self.playbook.steps.iter().find(|step| step.id == id)
    }

    /// Whether a step asks about one object, such as for its events.
    pub(super) fn is_about_an_object(&self, step: &str) -> bool {
        self.step(step).and_then(|it| self.scope.source(&it.uses)).is_some_and(|source| {
            source.output == Output::Text
                && source.params.iter().any(|it| it.tells == Tells::Object && !it.spread)
        })
    }

    /// Whether a fact is read from the subject's own object, such as its name, and not from what it only uses.
    pub(super) fn is_of_the_subject(&self, fact: &str, subject: &str) -> bool {
        match self.playbook.facts.get(fact).map(|it| &it.from) {
            Some(Origin::Input { .. }) => fact == subject,
            Some(Origin::Path { step, .. }) => {
                let of = |it: &Param| matches!(it, Param::Ref(of) if of == subject);
                self.step(step).is_some_and(|it| it.with.values().any(of))
            }
            Some(Origin::Join(parts)) => parts.iter().any(|it| match it {
                Part::Ref(of) => self.is_of_the_subject(of, subject),
                Part::Literal(_) => false,
            }),
            Some(_) | None => false,
        }
    }

    /// The step whose answer a fact is read from; of several, the first.
    pub(super) fn step_of<'f>(&'f self, fact: &'f str) -> &'f str {
        match self.playbook.facts.get(fact).map(|it| &it.from) {
            Some(Origin::Path { step, .. }) => step,
            Some(Origin::Text { steps, .. }) => steps.first().map_or(fact, String::as_str),
            Some(_) | None => fact,
        }
    }

    /// What a fact comes to.
    pub(crate) fn fact(&self, id: &str, env: &Env) -> Rc<FactState> {
        let Some((id, fact)) = self.playbook.facts.get_key_value(id) else {
            return Rc::new(FactState::default());
        };
        let env = env.only(&fact.binders);
        self.facts.get(id, &env, || fact::read(self, fact, &env))
    }

    /// What a reader may be told of a fact.
    pub(super) fn shown(&self, id: &str, env: &Env) -> Rc<Shown> {
        let Some((id, fact)) = self.playbook.facts.get_key_value(id) else {
            return Rc::new(Shown::Unknown);
        };
        let env = env.only(&fact.binders);
        self.shown.get(id, &env, || self.fact(id, &env).shown(fact))
    }

    /// What a watch saw in a text fact. Each watch belongs to one fact.
    pub(super) fn gather(&self, fact: &str, watch: WatchId, env: &Env) -> Rc<Gathered> {
        let env = env.only(self.playbook.facts.get(fact).map_or(&[], |it| &it.binders));
        self.gathered.get(watch, &env, || gather::gather(self, fact, watch, &env))
    }

    /// The `each` facts that a step's parameters depend on, outermost first.
    pub(crate) fn step_binders(&self, step: &Step) -> &[Id] {
        self.binders.get(&step.id).map_or(&[], Vec::as_slice)
    }
}

fn step_binders(playbook: &Playbook, step: &Step) -> Vec<Id> {
    fn collect(playbook: &Playbook, param: &Param, binders: &mut Vec<Id>) {
        match param {
            Param::Literal(_) => {}
            Param::Ref(id) => {
                for binder in playbook.facts.get(id).iter().flat_map(|it| &it.binders) {
                    if !binders.contains(binder) {
                        binders.push(binder.clone());
                    }
                }
            }
            Param::List(parts) => parts.iter().for_each(|it| collect(playbook, it, binders)),
        }
    }
    let mut binders = Vec::new();
    step.with.values().for_each(|it| collect(playbook, it, &mut binders));
    binders
}

fn by_name(scope: &Scope) -> BTreeMap<String, Vec<usize>> {
    let mut all: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, piece) in scope.given.iter().enumerate() {
        let name = piece.names.get("name").map(|it| it.to_lowercase()).unwrap_or_default();
        all.entry(name).or_default().push(at);
    }
    all
}

/// Why a step has no (whole) answer.
pub(super) fn gap(step: &str, gap: &crate::evidence::Gap) -> StepGap {
    StepGap { step: step.to_owned(), gap: gap.clone() }
}
