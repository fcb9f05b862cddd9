//! What is tried again and again: of the records of one chain only the newest speaks of now.
//!
//! A finding is over where every record that shows it is older than a later attempt of the same chain and subject, one that failed
//! otherwise or that succeeded; or where its log went on for three intervals without another attempt. Moments that cannot be
//! compared end nothing.

use std::collections::BTreeSet;

use super::env::Env;
use super::gather::{Gathered, count};
use super::sign::sign;
use super::world::World;
use super::{Role, SignSeen, Truth};
use crate::playbook::{Chain, Id, Origin, Test, WatchId};
use crate::text::{Moment, Tally};

/// Microseconds by which two texts may differ about one attempt: events have no fractions of a second.
const APART: i64 = 2_000_000;
/// Microseconds after which what succeeded once, and failed later, is held to have succeeded again.
const LATELY: i64 = 360_000_000;
/// Intervals of silence after which nothing is tried any more.
const INTERVALS: i64 = 3;

/// When something of a chain was said last, in one kind of text.
struct Point<'w> {
    steps: &'w [Id],
    scale: Scale,
    micros: i64,
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
        let apart = if self.steps == other.steps { 0 } else { APART };
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
    names.into_iter().map(|name| has_gone_on(world, name, &links, env)).max().unwrap_or_default()
}

/// The texts and watches of the signs that were seen, or that a sign that was seen is made of.
fn said<'w>(world: &World<'w>, id: &str, env: &Env, into: &mut BTreeSet<(&'w Id, WatchId)>) {
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

fn has_gone_on(world: &World<'_>, name: &Id, links: &[(Link<'_>, WatchId)], env: &Env) -> Course {
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
            for tally in [&sighting.strong, &sighting.weak, &sighting.cut].into_iter().flatten() {
                tried |= tally.tried;
                if let Some(tier) = tiers.get_mut(tier) {
                    tier.push(link.last(tally, &gathered));
                }
            }
        }
    }
    let Some(shown) = tiers.into_iter().find(|it| !it.is_empty()) else { return Course::Untold };
    // Of what has no time nobody can tell, and what is no attempt is of no chain.
    let shown = shown.into_iter().collect::<Option<Vec<_>>>().filter(|_| tried);
    let Some(shown) = shown else { return Course::Untold };
    let (failed, succeeded) = attempts(world, name, env);
    let open: Vec<&Point<'_>> =
        shown.iter().filter(|(_, silent)| !silent).map(|(point, _)| point).collect();
    let scales: BTreeSet<&Scale> = open.iter().map(|it| &it.scale).collect();
    let over = scales.into_iter().all(|scale| {
        failed.iter().chain(&succeeded).filter(|it| it.scale == *scale).any(|attempt| {
            open.iter().filter(|it| it.scale == *scale).all(|it| attempt.is_after(it))
        })
    });
    let goes_on = || {
        let lately = open.iter().filter(|it| it.is_lately(world.scope.now));
        lately.into_iter().any(|it| succeeded.iter().any(|once| it.is_after(once)))
    };
    if over {
        Course::Over
    } else if goes_on() {
        Course::GoesOn
    } else {
        Course::Untold
    }
}

/// The newest attempts of a chain that failed and say something, and the first that succeeded: a container that starts again
/// mounts nothing anew.
fn attempts<'w>(world: &World<'w>, name: &Id, env: &Env) -> (Vec<Point<'w>>, Vec<Point<'w>>) {
    let (mut failed, mut succeeded) = (Vec::new(), Vec::new());
    for link in world.playbook.facts.keys().filter_map(|it| Link::of(world, it, env)) {
        if link.chain.name != *name {
            continue;
        }
        let point = |watch: WatchId, of: fn(&Tally) -> Option<Moment>| {
            let gathered = world.gather(link.fact, watch, env);
            link.point(of(gathered.own.strong.as_ref()?)?, &gathered)
        };
        let tries = link.chain.tries.filter(|_| !link.is_ambiguous);
        failed.extend(tries.and_then(|it| point(it, |tally| tally.last)));
        // What says nothing of whose it is speaks of all.
        let succeeds = link.chain.succeeds.filter(|_| !link.is_ambiguous || link.of_all);
        succeeded.extend(succeeds.and_then(|it| point(it, |tally| tally.first)));
        succeeded.extend(link.chain.succeeded_at.as_ref().and_then(|it| {
            let times = world.fact(it, env);
            let first =
                times.values.iter().filter_map(|it| crate::text::parse_rfc3339(it.text())).min();
            Some(Point { steps: &[], scale: Scale::Clock, micros: first? })
        }));
    }
    (failed, succeeded)
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
        Some(Point { steps: self.steps, scale, micros })
    }

    /// When it was said last, and whether nothing was tried since; none where its time is not told.
    fn last(&self, tally: &Tally, gathered: &Gathered) -> Option<(Point<'a>, bool)> {
        let last = self.point(tally.last?, gathered)?;
        let silent = self.is_silent_since(&last, tally, gathered);
        Some((last, silent))
    }

    /// Whether the text went on long enough without another attempt. What was tried less often than is usual has its own interval.
    fn is_silent_since(&self, last: &Point<'_>, tally: &Tally, gathered: &Gathered) -> bool {
        let point =
            |it: Option<Moment>| self.point(it?, gathered).filter(|it| it.scale == last.scale);
        let (Some(every), Some(end)) = (self.chain.every, point(gathered.end)) else {
            return false;
        };
        let gaps = i64::try_from(count(tally)).unwrap_or(i64::MAX).saturating_sub(1);
        let rhythm = point(tally.first)
            .and_then(|first| last.micros.saturating_sub(first.micros).checked_div(gaps));
        let interval = every.saturating_mul(1_000_000).max(rhythm.unwrap_or_default());
        end.micros.saturating_sub(last.micros) > interval.saturating_mul(INTERVALS)
    }
}
