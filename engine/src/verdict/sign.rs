//! Whether a sign is seen, not seen or unknown, for one subject.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::env::Env;
use super::gather::{Gathered, count, of_text};
use super::operator;
use super::world::World;
use super::{Role, SignSeen, StepGap, Truth};
use crate::playbook::{Id, Operator, Sign, Test, WatchId};
use crate::text::{Moment, Tally, chronological};

/// Judges a sign; each sign is judged once for a subject.
pub(super) fn sign(world: &World<'_>, id: &str, env: &Env) -> Rc<SignSeen> {
    let Some((id, sign)) = world.playbook.signs.get_key_value(id) else {
        return Rc::new(SignSeen::unknown(id, Role::Requires));
    };
    let env = env.only(&sign.binders);
    world.signs.get(id, &env, || look(world, sign, &env))
}

fn look(world: &World<'_>, sign: &Sign, env: &Env) -> SignSeen {
    let mut seen = SignSeen::unknown(&sign.id, Role::Requires);
    match &sign.test {
        Test::Text { texts, groups, time, later_than } => {
            text(world, env, texts, groups, time, later_than.as_deref(), &mut seen);
        }
        Test::Value { fact, operators } => {
            let outcome = operator::test(world, fact, operators, env);
            seen.truth = outcome.truth;
            seen.gaps = outcome.gaps;
            seen.where_ = outcome.read_at;
        }
        Test::AnyOf(parts) => combine(world, parts, env, &mut seen, Truth::any),
        Test::AllOf(parts) => combine(world, parts, env, &mut seen, Truth::all),
    }
    if seen.truth != Truth::Unknown {
        seen.gaps.clear();
        seen.unattributed = false;
        seen.partly = false;
        seen.parts.clear();
    }
    seen
}

fn combine(
    world: &World<'_>,
    parts: &[Id],
    env: &Env,
    seen: &mut SignSeen,
    how: fn(Vec<Truth>) -> Truth,
) {
    let parts: Vec<Rc<SignSeen>> = parts.iter().map(|part| sign(world, part, env)).collect();
    seen.truth = how(parts.iter().map(|it| it.truth).collect());
    seen.weak = seen.truth == Truth::Yes
        && parts.iter().any(|it| it.truth == Truth::Yes && it.weak)
        && how(parts.iter().map(|it| if it.weak { Truth::No } else { it.truth }).collect())
            != Truth::Yes;
    for part in parts {
        if seen.truth == Truth::Unknown {
            // What was seen of it is told of the part that saw it: the whole was not seen.
            if part.parts.is_empty() && part.truth != Truth::No {
                seen.parts.push((*part).clone());
            }
            seen.parts.extend(part.parts.iter().cloned());
        } else if part.truth == seen.truth {
            seen.count += part.count;
            seen.where_.extend(part.where_.iter().cloned());
            seen.quotes.extend(part.quotes.iter().cloned());
        }
        seen.unattributed |= part.unattributed;
        seen.gaps.extend(part.gaps.iter().cloned());
    }
    tidy(seen);
}

fn text(
    world: &World<'_>,
    env: &Env,
    texts: &[(Id, WatchId)],
    groups: &[(String, Operator)],
    time: &[Operator],
    later_than: Option<&str>,
    seen: &mut SignSeen,
) {
    let mut truth = Truth::No;
    let mut strong = false;
    let mut sure = false;
    for (fact, watch) in texts {
        let gathered = world.gather(fact, *watch, env);
        let judge = |tally: &Tally| {
            Truth::all([
                in_groups(world, env, groups, tally),
                in_time(world, time, tally, gathered.gaps.is_empty()),
                later(world, env, later_than, texts, tally),
            ])
        };
        let anyones = of_one_of_several(world, env, texts, fact);
        let own = [(&gathered.own.strong, false), (&gathered.own.weak, true)];
        for (tally, weak) in own.into_iter().filter(|_| !anyones) {
            let Some(tally) = tally else { continue };
            let holds = judge(tally);
            if holds > Truth::No {
                show(seen, tally, &gathered);
                truth = truth.max(holds);
                strong |= !weak && holds == Truth::Yes;
                sure |= holds == Truth::Yes;
            }
        }
        if let Some(tally) = &gathered.own.cut {
            truth = truth.max(Truth::Unknown);
            show(seen, tally, &gathered);
        }
        let stray = [&gathered.unattributed.strong, &gathered.unattributed.weak];
        let own = [&gathered.own.strong, &gathered.own.weak];
        for tally in stray.into_iter().chain(own.into_iter().filter(|_| anyones)).flatten() {
            let elsewhere = || {
                let others = texts.iter().filter(|(other, _)| other != fact);
                others
                    .into_iter()
                    .any(|(it, watch)| world.gather(it, *watch, env).is_of_others(tally))
            };
            let holds = judge(tally);
            if truth < Truth::Yes && holds > Truth::No && !elsewhere() {
                sure |= holds == Truth::Yes;
                truth = truth.max(Truth::Unknown);
                seen.unattributed = true;
                show(seen, tally, &gathered);
            }
        }
        if !gathered.gaps.is_empty() {
            truth = truth.max(Truth::Unknown);
            seen.gaps.extend(gathered.gaps.iter().cloned());
        }
    }
    if truth == Truth::Yes {
        let others = groups.iter().flat_map(|(_, test)| operator::other_side(world, test, env));
        seen.where_.extend(others);
    }
    seen.truth = truth;
    seen.partly = !sure && !seen.quotes.is_empty();
    seen.weak = truth == Truth::Yes && !strong;
    tidy(seen);
}

/// Whether the records of one text do not tell of which they speak, where those of another do: a driver's name the pod,
/// which has two volumes, while its events name the volume.
fn of_one_of_several(world: &World<'_>, env: &Env, texts: &[(Id, WatchId)], fact: &str) -> bool {
    let binders = |fact: &str| world.playbook.facts.get(fact).map_or(&[][..], |it| &it.binders);
    let told = binders(fact);
    texts.iter().flat_map(|(other, _)| binders(other)).any(|binder| {
        let bound = !told.contains(binder) && env.each.get(binder).is_some();
        bound && world.fact(binder, &env.only(told)).values.len() > 1
    })
}

fn show(seen: &mut SignSeen, tally: &Tally, gathered: &Gathered) {
    seen.count += count(tally);
    seen.quotes.extend(tally.quotes.iter().cloned());
    seen.where_.extend(gathered.origins.iter().cloned().map(of_text));
}

fn tidy(seen: &mut SignSeen) {
    let mut kept: Vec<crate::text::Quote> = Vec::new();
    for quote in std::mem::take(&mut seen.quotes) {
        if kept.len() < 4 && !kept.iter().any(|it| it.text == quote.text) {
            kept.push(quote);
        }
    }
    seen.quotes = kept;
    seen.where_.sort();
    seen.where_.dedup();
    seen.gaps.sort();
    seen.gaps.dedup();
}

/// One and the same record must satisfy every group test.
fn in_groups(world: &World<'_>, env: &Env, groups: &[(String, Operator)], tally: &Tally) -> Truth {
    if groups.is_empty() {
        return Truth::Yes;
    }
    let records = tally.groups.keys().map(|tuple: &BTreeMap<String, String>| {
        Truth::all(groups.iter().map(|(name, test)| match tuple.get(name) {
            Some(text) => operator::group(world, env, text, test),
            None => Truth::No,
        }))
    });
    let any = Truth::any(records);
    if tally.groups_cut { any.max(Truth::Unknown) } else { any }
}

/// Where something may be missing, a later record may be: nothing is known to be long ago.
fn in_time(world: &World<'_>, time: &[Operator], tally: &Tally, complete: bool) -> Truth {
    Truth::all(time.iter().map(|test| {
        let (limit, newer) = match test {
            Operator::NewerThan(limit) => (limit, true),
            Operator::OlderThan(limit) => (limit, false),
            other => return operator::not_a_time(other),
        };
        let Some(limit) = crate::value::seconds(limit) else { return Truth::Unknown };
        let Some(age) = tally.last.and_then(|last| age(last, world.scope.now)) else {
            return Truth::Unknown;
        };
        match ((age <= limit) == newer, newer || complete) {
            (true, true) => Truth::Yes,
            (true, false) => Truth::Unknown,
            (false, _) => Truth::No,
        }
    }))
}

/// Seconds between a moment and the moment of the run (or of the print-out it stands in).
fn age(moment: Moment, now: Option<i64>) -> Option<i64> {
    match (moment, now) {
        (Moment::Ago(seconds), _) => Some(seconds),
        (Moment::At(at), Some(now)) => Some(now.saturating_sub(at) / 1_000_000),
        (Moment::At(_), None) | (Moment::Yearless { .. }, _) => None,
    }
}

/// Whether this is later than all that another sign saw. What is told on another clock is compared with what these texts tell on that one.
fn later(
    world: &World<'_>,
    env: &Env,
    other: Option<&str>,
    texts: &[(Id, WatchId)],
    mine: &Tally,
) -> Truth {
    let is_later = |mine: Option<Moment>, theirs| {
        chronological(mine?, theirs).map(|it| it == Ordering::Greater)
    };
    let on_its_clock = |theirs| {
        texts.iter().any(|(fact, watch)| {
            let own = &world.gather(fact, *watch, env).own;
            let tallies = [&own.strong, &own.weak].into_iter().flatten();
            tallies.into_iter().any(|it| is_later(it.last, theirs) == Some(true))
        })
    };
    let Some(other) = other else { return Truth::Yes };
    let Some(Test::Text { texts, .. }) = world.playbook.signs.get(other).map(|it| &it.test) else {
        return Truth::Unknown;
    };
    let mut truth = Truth::Yes;
    for (fact, watch) in texts {
        let gathered = world.gather(fact, *watch, env);
        for tally in [&gathered.own.strong, &gathered.own.weak].into_iter().flatten() {
            let here = match tally.last.map(|it| (it, is_later(mine.last, it))) {
                Some((_, Some(true))) => Truth::Yes,
                Some((_, Some(false))) => Truth::No,
                Some((theirs, None)) if mine.last.is_some() && on_its_clock(theirs) => Truth::Yes,
                Some((_, None)) | None => Truth::Unknown,
            };
            truth = truth.min(here);
        }
    }
    truth
}

/// Why the unknown parts of a sign are unknown.
pub(super) fn gaps(signs: &[SignSeen]) -> Vec<StepGap> {
    let mut all: Vec<StepGap> = signs
        .iter()
        .filter(|it| it.truth == Truth::Unknown && it.role != Role::OverWhen)
        .flat_map(|it| it.gaps.iter().cloned())
        .collect();
    all.sort();
    all.dedup();
    all
}
