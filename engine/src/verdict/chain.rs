//! What is tried again and again: of the records of one chain only the newest speaks of now.
//!
//! A finding is over where every record that shows it is older than a later attempt of the same chain and subject, one that failed
//! otherwise or that succeeded; or where for three intervals its log went on without another attempt, or no attempt said anything.
//! Moments that cannot be compared end nothing.

use std::collections::BTreeSet;

use super::env::Env;
use super::gather::{Gathered, count};
use super::sign::sign;
use super::world::World;
use super::{Role, SignSeen, Truth};
use crate::evidence::Gap;
use crate::playbook::{Chain, Id, Origin, Test, WatchId};
use crate::text::{Moment, Tally, Times};

/// Microseconds by which two texts may differ about one attempt: events have no fractions of a second.
const APART: i64 = 2_000_000;
/// Microseconds after which what succeeded once, and failed later, is held to have succeeded again; and within which attempts may
/// be of two things.
const LATELY: i64 = 360_000_000;
/// Intervals of silence after which nothing is tried any more.
const INTERVALS: i64 = 3;

/// When something of a chain was said last, in one kind of text.
struct Point<'w> {
    steps: &'w [Id],
    scale: Scale,
    micros: i64,
    /// Microseconds between the attempts that said it.
    rhythm: i64,
    /// The chain tries one of several things, and this does not say which.
    vague: bool,
}

/// Moments of one scale can be compared.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Scale {
    Clock,
    Yearless,
    /// Before this text was printed.
    Before(String),
}

impl Point<'_> {
    /// Whether it was said not long before the moment of the run; where that is not known, it may have been.
    fn is_lately(&self, now: Option<i64>) -> bool {
        match (&self.scale, now) {
            (Scale::Clock, Some(now)) => now.saturating_sub(self.micros) <= LATELY,
            _ => true,
        }
    }

    /// Whether this was said of a later attempt.
    fn is_after(&self, other: &Self) -> bool {
        // Of one thing all may speak; of two things each is tried in its turn, one after the other.
        let apart = match (self.vague != other.vague, self.steps == other.steps) {
            (true, _) => LATELY,
            (false, false) => APART,
            (false, true) => 0,
        };
        self.scale == other.scale && self.micros.saturating_sub(other.micros) > apart
    }
}

/// What the chains of a finding tell of it.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Course {
    /// A later attempt said something else, or nothing is tried any more.
    Over,
    /// Nothing.
    #[default]
    Untold,
    /// It was said after an attempt had succeeded, and not long ago: that it succeeded once does not end it.
    GoesOn,
}

/// How what these signs show stands to the attempts of its chains: the one that goes on longest counts.
pub(super) fn course(world: &World<'_>, signs: &[SignSeen], env: &Env) -> Course {
    let mut texts = BTreeSet::new();
    for seen in signs.iter().filter(|it| matches!(it.role, Role::Requires | Role::RequiresAny)) {
        said(world, &seen.sign, env, &mut texts);
    }
    let links: Vec<(Link<'_>, WatchId)> = texts
        .into_iter()
        .filter_map(|(fact, watch)| Some((Link::of(world, fact, env)?, watch)))
        .collect();
    let names: BTreeSet<&Id> = links.iter().map(|(it, _)| &it.chain.name).collect();
    let told = names.into_iter().flat_map(|name| {
        strands(world, name, &links, env)
            .into_iter()
            .map(|strand| has_gone_on(world, name, &strand, &links, env))
            .collect::<Vec<_>>()
    });
    told.max().unwrap_or_default()
}

/// One thing of those that a chain tries of one subject.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Strand {
    /// The chain tries only one thing, or only one was ever told.
    Only,
    /// One of several, by the name that records give it.
    Of(String),
    /// Its records do not tell which of several.
    Any,
}

impl Strand {
    /// What a tally tells of it; none: nothing.
    fn times(&self, tally: &Tally) -> Option<Times> {
        let all = || Times {
            first: tally.first,
            last: tally.last,
            count: count(tally),
            tried: tally.tried,
        };
        match self {
            Self::Only => Some(all()),
            Self::Of(name) => tally.of.get(&Some(name.clone())).cloned(),
            Self::Any => tally.of.get(&None).cloned(),
        }
    }
}

/// What these signs were seen in: each thing that a chain tries.
fn strands(
    world: &World<'_>,
    name: &Id,
    links: &[(Link<'_>, WatchId)],
    env: &Env,
) -> BTreeSet<Strand> {
    let mut shown: BTreeSet<Option<String>> = BTreeSet::new();
    for (link, watch) in links.iter().filter(|(it, _)| it.chain.name == *name) {
        let gathered = world.gather(link.fact, *watch, env);
        for sighting in [&gathered.own, &gathered.unattributed] {
            let tallies = [&sighting.strong, &sighting.weak, &sighting.cut];
            shown.extend(tallies.into_iter().flatten().flat_map(|it| it.of.keys().cloned()));
        }
    }
    let mut all: BTreeSet<String> = shown.iter().flatten().cloned().collect();
    for link in world.playbook.facts.keys().filter_map(|it| Link::of(world, it, env)) {
        for watch in [link.chain.tries, link.chain.succeeds].into_iter().flatten() {
            let gathered = world.gather(link.fact, watch, env);
            let own = gathered.own.strong.iter().filter(|_| link.chain.name == *name);
            all.extend(own.flat_map(|it| it.of.keys().flatten().cloned()));
        }
    }
    let several = all.len() > 1 || all.iter().any(|it| is_gone(world, name, it, env).is_some());
    if !several {
        return BTreeSet::from([Strand::Only]);
    }
    shown.into_iter().map(|it| it.map_or(Strand::Any, Strand::Of)).collect()
}

/// What the subject has no more is tried no more. Where only a part of the subject is known, that needs another thing that it has
/// (`Some(false)`).
fn is_gone(world: &World<'_>, name: &Id, thing: &str, env: &Env) -> Option<bool> {
    let mut chains = world.playbook.facts.keys().filter_map(|it| Link::of(world, it, env));
    let of = chains.find_map(|it| it.chain.of.as_ref().filter(|_| it.chain.name == *name))?;
    let mut states = of.is.iter().map(|it| world.fact(it, env));
    let now = states.find(|it| !it.values.is_empty())?;
    let has = now.values.iter().any(|it| it.text() == thing);
    (!has && now.gaps.iter().all(|it| it.gap == Gap::HandedOver)).then(|| now.complete())
}

/// The texts and watches of the signs that were seen, or that a sign that was seen is made of.
pub(super) fn said<'w>(
    world: &World<'w>,
    id: &str,
    env: &Env,
    into: &mut BTreeSet<(&'w Id, WatchId)>,
) {
    match world.playbook.signs.get(id).map(|it| &it.test) {
        Some(Test::Text { texts, .. }) => {
            let seen = sign(world, id, env);
            if seen.truth == Truth::Yes || seen.truth == Truth::Unknown && seen.count > 0 {
                into.extend(texts.iter().map(|(fact, watch)| (fact, *watch)));
            }
        }
        Some(Test::AnyOf(parts) | Test::AllOf(parts)) => {
            parts.iter().for_each(|it| said(world, it, env, into));
        }
        Some(Test::Value { .. }) | None => {}
    }
}

fn has_gone_on(
    world: &World<'_>,
    name: &Id,
    strand: &Strand,
    links: &[(Link<'_>, WatchId)],
    env: &Env,
) -> Course {
    // Where it only succeeds, nothing that failed is told.
    let mine = links
        .iter()
        .filter(|(it, _)| it.chain.name == *name)
        .filter(|(it, _)| it.chain.tries.is_some() || it.chain.every.is_some());
    // What names the subject of the attempt counts before what only serves it, and that before what is nobody's.
    let mut tiers: [Vec<Option<(Point<'_>, bool)>>; 3] = Default::default();
    let mut tried = false;
    for (link, watch) in mine {
        let gathered = world.gather(link.fact, *watch, env);
        let own = usize::from(link.chain.tries.is_none());
        let own = if link.is_ambiguous { 2 } else { own };
        for (tier, sighting) in [(own, &gathered.own), (2, &gathered.unattributed)] {
            let tallies = [&sighting.strong, &sighting.weak, &sighting.cut];
            let told = tallies.into_iter().flatten().filter_map(|it| Some((it, strand.times(it)?)));
            for (tally, times) in told {
                tried |= times.tried;
                if let Some(tier) = tiers.get_mut(tier) {
                    let last = link.last(&times, &gathered);
                    let vague = link.is_vague(tally);
                    tier.push(last.map(|(it, silent)| (Point { vague, ..it }, silent)));
                }
            }
        }
    }
    let Some(shown) = tiers.into_iter().find(|it| !it.is_empty()) else { return Course::Untold };
    // Of what has no time nobody can tell, and what is no attempt is of no chain.
    let shown = shown.into_iter().collect::<Option<Vec<_>>>().filter(|_| tried);
    let Some(shown) = shown else { return Course::Untold };
    let Attempts { failed, silent, succeeded } = attempts(world, name, strand, env);
    let open: Vec<&Point<'_>> =
        shown.iter().filter(|(_, silent)| !silent).map(|(point, _)| point).collect();
    let is_followed = |by: &[&Point<'_>]| {
        let scales: BTreeSet<&Scale> = open.iter().map(|it| &it.scale).collect();
        scales.into_iter().all(|scale| {
            by.iter().filter(|it| it.scale == *scale).any(|attempt| {
                open.iter().filter(|it| it.scale == *scale).all(|it| attempt.is_after(it))
            })
        })
    };
    // What was tried for long since, and ended in nothing but silence, does not fail as it did.
    let is_silent_for_long = || {
        let scales: BTreeSet<&Scale> = open.iter().map(|it| &it.scale).collect();
        !scales.is_empty()
            && scales.into_iter().all(|scale| {
                let mine = || open.iter().filter(|it| it.scale == *scale);
                silent.iter().filter(|it| it.scale == *scale).any(|attempt| {
                    mine().all(|it| {
                        let patience = it.rhythm.saturating_mul(INTERVALS).max(LATELY);
                        attempt.micros.saturating_sub(it.micros) > patience
                    })
                })
            })
    };
    // What failed well before the subject was as only a success makes it, and was silent since.
    let works_again = || {
        let works: Option<Vec<i64>> = links
            .iter()
            .filter(|(it, _)| it.chain.name == *name)
            .map(|(it, _)| works_since(world, it.chain, env))
            .collect();
        let since = works.and_then(|it| it.into_iter().max());
        !open.is_empty()
            && since.is_some_and(|since| {
                open.iter().all(|it| {
                    let patience = it.rhythm.saturating_mul(INTERVALS).max(LATELY);
                    match it.scale {
                        Scale::Clock => since.saturating_sub(it.micros) > patience,
                        // How long it was silent before the text of which nobody knows when it was printed.
                        Scale::Before(_) => it.micros.saturating_neg() > patience,
                        Scale::Yearless => false,
                    }
                })
            })
    };
    let goes_on = || {
        let lately = open.iter().filter(|it| it.is_lately(world.scope.now));
        lately.into_iter().any(|it| succeeded.iter().any(|once| it.is_after(once)))
    };
    let left = || match strand {
        Strand::Of(thing) => match is_gone(world, name, thing, env) {
            Some(true) => true,
            Some(false) => {
                let others = of_what_it_has(world, name, env);
                is_followed(&others.iter().collect::<Vec<_>>())
            }
            None => false,
        },
        Strand::Only | Strand::Any => false,
    };
    if is_followed(&failed.iter().chain(&succeeded).collect::<Vec<_>>())
        || left()
        || is_silent_for_long()
        || works_again()
    {
        Course::Over
    } else if goes_on() {
        Course::GoesOn
    } else {
        Course::Untold
    }
}

/// Since when, at the earliest, the subject is as only a success makes it.
fn works_since(world: &World<'_>, chain: &Chain, env: &Env) -> Option<i64> {
    let since = world.fact(chain.works_since.as_ref()?, env);
    since.values.iter().filter_map(|it| crate::text::parse_rfc3339(it.text())).min()
}

/// The newest attempts at things that the subject has.
fn of_what_it_has<'w>(world: &World<'w>, name: &Id, env: &Env) -> Vec<Point<'w>> {
    let mut all = Vec::new();
    for link in world.playbook.facts.keys().filter_map(|it| Link::of(world, it, env)) {
        let tries = link.chain.tries.filter(|_| link.chain.name == *name && !link.is_ambiguous);
        let Some(gathered) = tries.map(|it| world.gather(link.fact, it, env)) else { continue };
        let things = gathered.own.strong.iter().flat_map(|it| &it.of);
        let has = |thing: &Option<String>| {
            thing.as_ref().is_some_and(|it| is_gone(world, name, it, env).is_none())
        };
        let newest = things.filter(|(thing, _)| has(thing)).filter_map(|(_, times)| times.last);
        all.extend(newest.filter_map(|it| link.point(it, &gathered)));
    }
    all
}

/// When the attempts of a chain were.
struct Attempts<'w> {
    /// The newest that failed and say something.
    failed: Vec<Point<'w>>,
    /// The newest that failed, whatever they say, where some say nothing.
    silent: Vec<Point<'w>>,
    /// The first that succeeded: a container that starts again mounts nothing anew.
    succeeded: Vec<Point<'w>>,
}

fn attempts<'w>(world: &World<'w>, name: &Id, strand: &Strand, env: &Env) -> Attempts<'w> {
    let (mut failed, mut silent, mut succeeded) = (Vec::new(), Vec::new(), Vec::new());
    for link in world.playbook.facts.keys().filter_map(|it| Link::of(world, it, env)) {
        if link.chain.name != *name {
            continue;
        }
        let point = |watch: WatchId, of: fn(Times) -> Option<Moment>| {
            let gathered = world.gather(link.fact, watch, env);
            // An attempt of which nobody tells what was tried says nothing of one of several.
            let of_any = *strand == Strand::Any;
            let tally = gathered.own.strong.as_ref()?;
            let named = link.chain.of.is_some() && *strand == Strand::Only;
            let parts: Vec<(bool, Times)> = if named {
                tally.of.iter().map(|(thing, it)| (thing.is_none(), it.clone())).collect()
            } else {
                strand.times(tally).filter(|_| !of_any).map(|it| (false, it)).into_iter().collect()
            };
            let point =
                |(vague, times)| Some(Point { vague, ..link.point(of(times)?, &gathered)? });
            Some(parts.into_iter().filter_map(point).collect::<Vec<_>>())
        };
        let tries = link.chain.tries.filter(|_| !link.is_ambiguous);
        failed.extend(tries.and_then(|it| point(it, |times| times.last)).into_iter().flatten());
        let any = link.chain.attempts.filter(|_| !link.is_ambiguous);
        silent.extend(any.and_then(|it| point(it, |times| times.last)).into_iter().flatten());
        // What says nothing of whose it is speaks of all.
        let succeeds = link.chain.succeeds.filter(|_| !link.is_ambiguous || link.of_all);
        succeeded
            .extend(succeeds.and_then(|it| point(it, |times| times.first)).into_iter().flatten());
        succeeded.extend(link.chain.succeeded_at.as_ref().and_then(|it| {
            let times = world.fact(it, env);
            let first =
                times.values.iter().filter_map(|it| crate::text::parse_rfc3339(it.text())).min();
            Some(Point { steps: &[], scale: Scale::Clock, micros: first?, rhythm: 0, vague: false })
        }));
    }
    Attempts { failed, silent, succeeded }
}

/// A text fact of a chain, for one subject.
struct Link<'a> {
    fact: &'a Id,
    steps: &'a [Id],
    chain: &'a Chain,
    /// The chain is of one of several, and these records do not tell of which.
    is_ambiguous: bool,
    of_all: bool,
}

impl<'a> Link<'a> {
    fn of(world: &World<'a>, fact: &str, env: &Env) -> Option<Self> {
        let (id, fact) = world.playbook.facts.get_key_value(fact)?;
        let Origin::Text { steps, about, chain: Some(chain), .. } = &fact.from else { return None };
        let of_chain = world.playbook.facts.values().filter(|it| {
            matches!(&it.from, Origin::Text { chain: Some(other), .. } if other.name == chain.name)
        });
        let told = &fact.binders;
        let several = |binder: &Id| {
            let bound = told.contains(binder) && env.each.get(binder).is_some();
            !bound
                && !world.superseded.contains(binder)
                && world.fact(binder, &env.only(told)).values.len() > 1
        };
        let is_ambiguous = of_chain.flat_map(|it| &it.binders).any(several);
        Some(Self { fact: id, steps, chain, is_ambiguous, of_all: about.is_empty() })
    }

    fn point(&self, moment: Moment, gathered: &Gathered) -> Option<Point<'a>> {
        let (scale, micros) = match moment {
            Moment::At(micros) => (Scale::Clock, micros),
            Moment::Yearless { month, day, micros } => {
                let days = i64::from(month) * 31 + i64::from(day);
                (Scale::Yearless, days * 86_400_000_000 + micros)
            }
            Moment::Ago(seconds) => {
                let mut origins = gathered.origins.iter();
                let (Some(only), None) = (origins.next(), origins.next()) else { return None };
                (Scale::Before(only.clone()), seconds.checked_mul(-1_000_000)?)
            }
        };
        Some(Point { steps: self.steps, scale, micros, rhythm: 0, vague: false })
    }

    /// Whether these records do not tell which of several things they are of, and the chain has several.
    fn is_vague(&self, tally: &Tally) -> bool {
        self.chain.of.is_some() && tally.of.keys().all(Option::is_none)
    }

    /// When it was said last, and whether nothing was tried since; none where its time is not told.
    fn last(&self, times: &Times, gathered: &Gathered) -> Option<(Point<'a>, bool)> {
        let mut last = self.point(times.last?, gathered)?;
        let first = times.first.and_then(|it| self.point(it, gathered));
        let gaps = i64::try_from(times.count).unwrap_or(i64::MAX).saturating_sub(1);
        last.rhythm = first
            .filter(|it| it.scale == last.scale)
            .and_then(|first| last.micros.saturating_sub(first.micros).checked_div(gaps))
            .unwrap_or_default();
        let silent = self.is_silent_since(&last, gathered);
        Some((last, silent))
    }

    /// Whether the text went on long enough without another attempt. What was tried less often than is usual has its own interval.
    fn is_silent_since(&self, last: &Point<'_>, gathered: &Gathered) -> bool {
        let end = gathered.end.and_then(|it| self.point(it, gathered));
        let (Some(every), Some(end)) = (self.chain.every, end.filter(|it| it.scale == last.scale))
        else {
            return false;
        };
        let interval = every.saturating_mul(1_000_000).max(last.rhythm);
        end.micros.saturating_sub(last.micros) > interval.saturating_mul(INTERVALS)
    }
}
