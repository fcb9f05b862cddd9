//! Operators on values, in three truth values.

use std::cmp::Ordering;

use super::env::Env;
use super::fact::FactState;
use super::world::World;
use super::{Place, StepGap, Truth};
use crate::playbook::Operator;
use crate::value::{Type, Value, compare, contains_address, seconds};

/// What a test of values came to.
pub(super) struct Outcome {
    pub(super) truth: Truth,
    pub(super) gaps: Vec<StepGap>,
    pub(super) read_at: Vec<Place>,
}

/// One and the same value of the fact must satisfy every operator.
pub(super) fn test(world: &World<'_>, fact: &str, operators: &[Operator], env: &Env) -> Outcome {
    let state = world.fact(fact, env);
    let mut gaps = state.gaps.clone();
    let (whole, single): (Vec<&Operator>, Vec<&Operator>) =
        operators.iter().partition(|it| about_all(it));
    let mut truth = Truth::Yes;
    for operator in whole {
        let (here, more) = list(world, &state, operator, env);
        truth = truth.min(here);
        gaps.extend(more);
    }
    if !single.is_empty() {
        let values = state.values.iter().map(|value| {
            Truth::all(single.iter().map(|it| {
                let (here, more) = one(world, value, it, env);
                gaps.extend(more);
                here
            }))
        });
        let mut any = Truth::any(values.collect::<Vec<_>>());
        if !state.complete() {
            any = any.max(Truth::Unknown);
        }
        truth = truth.min(any);
    }
    gaps.sort();
    gaps.dedup();
    let mut read_at = state.read_at.clone();
    if truth == Truth::Yes {
        read_at.extend(operators.iter().flat_map(|it| other_side(world, it, env)));
    }
    Outcome { truth, gaps, read_at }
}

/// Operators that speak of the whole list, or of its being there.
fn about_all(operator: &Operator) -> bool {
    matches!(
        operator,
        Operator::Exists
            | Operator::Missing
            | Operator::SharesAnyWith(_)
            | Operator::SharesNoneWith(_)
            | Operator::CoversAllOf(_)
    )
}

fn list(
    world: &World<'_>,
    state: &FactState,
    operator: &Operator,
    env: &Env,
) -> (Truth, Vec<StepGap>) {
    let there = !state.values.is_empty();
    let lack = if state.complete() { Truth::No } else { Truth::Unknown };
    let id = match operator {
        Operator::Exists => return (if there { Truth::Yes } else { lack }, Vec::new()),
        Operator::Missing => {
            let truth = match (there, state.complete()) {
                (true, _) => Truth::No,
                (false, true) => Truth::Yes,
                (false, false) => Truth::Unknown,
            };
            return (truth, Vec::new());
        }
        Operator::SharesAnyWith(id) | Operator::SharesNoneWith(id) | Operator::CoversAllOf(id) => {
            id
        }
        _ => return (Truth::Unknown, Vec::new()),
    };
    let other = world.fact(id, env);
    let both = state.complete() && other.complete();
    let common = state.values.iter().any(|mine| other.values.iter().any(|it| it.same(mine)));
    let truth = match operator {
        Operator::SharesAnyWith(_) if common => Truth::Yes,
        Operator::SharesAnyWith(_) => {
            if both {
                Truth::No
            } else {
                Truth::Unknown
            }
        }
        Operator::SharesNoneWith(_) if common => Truth::No,
        Operator::SharesNoneWith(_) if !both => Truth::Unknown,
        // With nothing on one side there is nothing to compare: an object that is not there has no list, either.
        Operator::SharesNoneWith(_) if !there || other.values.is_empty() => Truth::No,
        Operator::SharesNoneWith(_) => Truth::Yes,
        _ => {
            let missing =
                other.values.iter().any(|it| !state.values.iter().any(|mine| mine.same(it)));
            match (missing, state.complete(), other.complete()) {
                (true, true, _) => Truth::No,
                (true, false, _) | (false, _, false) => Truth::Unknown,
                (false, _, true) if other.values.is_empty() => Truth::No,
                (false, _, true) => Truth::Yes,
            }
        }
    };
    (truth, other.gaps.clone())
}

fn one(world: &World<'_>, value: &Value, operator: &Operator, env: &Env) -> (Truth, Vec<StepGap>) {
    if matches!(operator, Operator::Malformed) {
        return (yes(!value.well_formed()), Vec::new());
    }
    if !value.well_formed() {
        return (Truth::No, Vec::new());
    }
    match operator {
        Operator::SameAs(id) | Operator::IsOneOf(id) => {
            let other = world.fact(id, env);
            let truth = if other.values.iter().any(|it| it.same(value)) {
                Truth::Yes
            } else if other.complete() {
                Truth::No
            } else {
                Truth::Unknown
            };
            (truth, other.gaps.clone())
        }
        Operator::DiffersFrom(id) => {
            let other = world.fact(id, env);
            let truth = if other.values.iter().any(|it| it.same(value) || !it.well_formed()) {
                Truth::No
            } else if !other.complete() {
                Truth::Unknown
            } else {
                yes(!other.values.is_empty())
            };
            (truth, other.gaps.clone())
        }
        _ => (alone(world, value.kind(), value.text(), operator), Vec::new()),
    }
}

/// Where the other side of a comparison was read.
pub(super) fn other_side(world: &World<'_>, operator: &Operator, env: &Env) -> Vec<Place> {
    match operator {
        Operator::SameAs(id)
        | Operator::DiffersFrom(id)
        | Operator::IsOneOf(id)
        | Operator::SharesAnyWith(id)
        | Operator::SharesNoneWith(id)
        | Operator::CoversAllOf(id) => world.fact(id, env).read_at.clone(),
        _ => Vec::new(),
    }
}

/// Operators that compare with what is written in the playbook.
fn alone(world: &World<'_>, kind: Type, text: &str, operator: &Operator) -> Truth {
    let equals = |other: &str| match (Value::parse(kind, text), Value::parse(kind, other)) {
        (Some(mine), Some(theirs)) => mine.same(&theirs),
        _ => false,
    };
    let order =
        |other: &str, fits: fn(Ordering) -> bool| yes(compare(kind, text, other).is_some_and(fits));
    match operator {
        Operator::Is(other) => yes(equals(other)),
        Operator::IsNot(other) => yes(!equals(other)),
        Operator::IsOneOfValues(others) => yes(others.iter().any(|it| equals(it))),
        Operator::StartsWith(start) => yes(text.starts_with(start.as_str())),
        Operator::EndsWith(end) => yes(text.ends_with(end.as_str())),
        Operator::Contains(part) => yes(text.contains(part.as_str())),
        Operator::Matches(regex) => yes(regex.is_match(text)),
        Operator::GreaterThan(other) => order(other, Ordering::is_gt),
        Operator::LessThan(other) | Operator::VersionBelow(other) => order(other, Ordering::is_lt),
        Operator::AtLeast(other) | Operator::VersionAtLeast(other) => order(other, Ordering::is_ge),
        Operator::AtMost(other) => order(other, Ordering::is_le),
        Operator::InCidr(blocks) => {
            yes(blocks.iter().any(|it| contains_address(it, text) == Some(true)))
        }
        Operator::OlderThan(limit) | Operator::NewerThan(limit) => {
            let newer = matches!(operator, Operator::NewerThan(_));
            match (crate::text::parse_rfc3339(text), world.scope.now, seconds(limit)) {
                (Some(at), Some(now), Some(limit)) => {
                    yes((now.saturating_sub(at) / 1_000_000 <= limit) == newer)
                }
                _ => Truth::Unknown,
            }
        }
        Operator::Malformed
        | Operator::SameAs(_)
        | Operator::DiffersFrom(_)
        | Operator::IsOneOf(_)
        | Operator::SharesAnyWith(_)
        | Operator::SharesNoneWith(_)
        | Operator::CoversAllOf(_)
        | Operator::Exists
        | Operator::Missing => Truth::Unknown,
    }
}

/// A named group of a message, tested when judging.
pub(super) fn group(world: &World<'_>, env: &Env, text: &str, operator: &Operator) -> Truth {
    let kind = match operator {
        Operator::InCidr(_) => Type::Ip,
        Operator::SameAs(id) | Operator::DiffersFrom(id) | Operator::IsOneOf(id) => {
            world.playbook.facts.get(id).map_or(Type::String, |it| it.kind)
        }
        Operator::VersionAtLeast(_) | Operator::VersionBelow(_) => Type::Version,
        Operator::GreaterThan(_)
        | Operator::LessThan(_)
        | Operator::AtLeast(_)
        | Operator::AtMost(_) => Type::Int,
        _ => Type::String,
    };
    Value::parse(kind, text).map_or(Truth::No, |value| one(world, &value, operator, env).0)
}

/// Checking lets only times stand where this is called.
pub(super) fn not_a_time(_operator: &Operator) -> Truth {
    Truth::Unknown
}

fn yes(holds: bool) -> Truth {
    if holds { Truth::Yes } else { Truth::No }
}
