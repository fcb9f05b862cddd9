//! What a playbook sees of what was handed over, before it judges: for whoever asks why a text was taken for what it was.

use std::collections::BTreeMap;

use super::env::{Env, Whose, envs, is_for, starts};
use super::gather::{Gathered, count};
use super::world::World;
use super::{Place, Shown, StepGap};
use crate::diagnose::offsets;
use crate::evidence::{Evidence, Scope};
use crate::playbook::{Fact, Id, Origin, Playbook, Test};
use crate::text::{Moment, Quote, Tally};
use crate::value::Type;

/// What one playbook sees.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The playbook.
    pub playbook: String,
    /// The value of every fact that has one, for each subject.
    pub facts: Vec<FactSeen>,
    /// What the patterns of every sign found in texts, and whose it is.
    pub records: Vec<RecordsSeen>,
    /// Subjects that are not shown: of a long list the first tell what all are like.
    pub left: usize,
}

/// Subjects that are shown.
const SUBJECTS: usize = 20;

/// The value of a fact.
#[derive(Clone, Debug)]
pub struct FactSeen {
    /// The fact.
    pub fact: Id,
    /// What it holds.
    pub kind: Type,
    /// Of whom, where there are several: fact → value.
    pub of: BTreeMap<Id, String>,
    /// Its values, without secrets.
    pub shown: Shown,
    /// Where they were read, or looked for.
    pub read_at: Vec<Place>,
    /// Why there may be more.
    pub gaps: Vec<StepGap>,
}

/// Records in which the pattern of a sign was found.
#[derive(Clone, Debug)]
pub struct RecordsSeen {
    /// The sign.
    pub sign: Id,
    /// The text fact.
    pub fact: Id,
    /// Of whom, where there are several: fact → value.
    pub of: BTreeMap<Id, String>,
    /// Whose they are, and what that means.
    pub whose: Belongs,
    /// How often what they tell happened.
    pub count: u64,
    /// Time of the earliest.
    pub first: Option<Moment>,
    /// Time of the latest.
    pub last: Option<Moment>,
    /// The first and the last of them.
    pub quotes: Vec<Quote>,
}

/// Whose records are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Belongs {
    /// The subject's: they count.
    Subject,
    /// The subject's, in words that prove less.
    Weak,
    /// They were cut: what they may lack nobody can tell.
    Cut,
    /// They do not say whose they are.
    Nobody,
    /// They name somebody else: they are left out.
    Another,
}

impl Belongs {
    /// The name that outputs use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Weak => "weak",
            Self::Cut => "cut",
            Self::Nobody => "nobody",
            Self::Another => "another",
        }
    }
}

/// What each playbook sees.
pub fn seen(playbooks: &[Playbook], scope: &Scope, evidence: &Evidence) -> Vec<Sight> {
    let worlds = playbooks.iter().zip(offsets(playbooks));
    worlds
        .map(|(playbook, offsets)| {
            let world = World::new(playbook, offsets, scope, evidence);
            // The first start is nobody in particular.
            let mut all = starts(&world);
            let left = all.len().saturating_sub(SUBJECTS + 1);
            all.truncate(SUBJECTS + 1);
            let (facts, records) = (facts(&world, &all), records(&world, &all));
            Sight { playbook: playbook.id.clone(), facts, records, left }
        })
        .collect()
}

/// Everybody of whom something that depends on these facts can be told.
fn everybody(world: &World<'_>, binders: &[Id], all: &[Env]) -> Vec<Env> {
    let of = all.iter().filter(|it| is_for(world, binders, it));
    of.flat_map(|it| envs(world, binders, it)).collect()
}

fn whom(env: &Env, binders: &[Id]) -> BTreeMap<Id, String> {
    let told = env.each.iter().filter(|(id, _)| binders.contains(id));
    told.map(|(id, value)| (id.clone(), value.text().to_owned())).collect()
}

/// Whom only a text names.
fn named(whose: &Whose) -> BTreeMap<Id, String> {
    match whose {
        Whose::Captured(fact, value) => BTreeMap::from([(fact.clone(), value.clone())]),
        Whose::Object(object) => BTreeMap::from([("object".to_owned(), object.clone())]),
        Whose::Own | Whose::Unnamed => BTreeMap::new(),
    }
}

fn facts(world: &World<'_>, starts: &[Env]) -> Vec<FactSeen> {
    let is_value = |it: &&Fact| !matches!(it.from, Origin::Text { .. });
    let mut all = Vec::new();
    for fact in world.playbook.facts.values().filter(is_value) {
        for env in everybody(world, &fact.binders, starts) {
            let state = world.fact(&fact.id, &env);
            all.push(FactSeen {
                fact: fact.id.clone(),
                kind: fact.kind,
                of: whom(&env, &fact.binders),
                shown: (*world.shown(&fact.id, &env)).clone(),
                read_at: state.read_at.clone(),
                gaps: state.gaps.clone(),
            });
        }
    }
    all
}

fn records(world: &World<'_>, starts: &[Env]) -> Vec<RecordsSeen> {
    let mut all = Vec::new();
    for sign in world.playbook.signs.values() {
        let Test::Text { texts, .. } = &sign.test else { continue };
        for env in everybody(world, &sign.binders, starts) {
            for (fact, watch) in texts {
                let gathered = world.gather(fact, *watch, &env);
                let mut add = |of: BTreeMap<Id, String>, gathered: &Gathered, named: bool| {
                    // Of somebody whom only a text names: nobody else's.
                    let told = tallies(gathered).filter(|(whose, _)| {
                        !named || matches!(whose, Belongs::Subject | Belongs::Weak | Belongs::Cut)
                    });
                    for (whose, tally) in told {
                        all.push(RecordsSeen {
                            sign: sign.id.clone(),
                            fact: fact.clone(),
                            of: of.clone(),
                            whose,
                            count: count(tally),
                            first: tally.first,
                            last: tally.last,
                            quotes: tally.quotes.clone(),
                        });
                    }
                };
                if env.each.is_empty() && !gathered.strangers.is_empty() {
                    for whose in &gathered.strangers {
                        let env = Env { whose: whose.clone(), ..env.clone() };
                        add(named(whose), &world.gather(fact, *watch, &env), true);
                    }
                    continue;
                }
                add(whom(&env, &sign.binders), &gathered, false);
            }
        }
    }
    all
}

fn tallies(gathered: &Gathered) -> impl Iterator<Item = (Belongs, &Tally)> {
    [
        (Belongs::Subject, &gathered.own.strong),
        (Belongs::Weak, &gathered.own.weak),
        (Belongs::Cut, &gathered.own.cut),
        (Belongs::Nobody, &gathered.unattributed.strong),
        (Belongs::Another, &gathered.others.strong),
    ]
    .into_iter()
    .filter_map(|(whose, tally)| Some((whose, tally.as_deref()?)))
}
