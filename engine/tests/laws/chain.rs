//! Of what is tried again and again only the newest record speaks of now.

use proptest::prelude::*;
use serde_json::json;
use triagem_engine::verdict::Finding;

use super::book::minimal;
use super::strategies::{NOW, config};
use super::world::{Seen, World};

/// What a record of the chain says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Says {
    This,
    Another,
    NothingNew,
    Success,
    SomethingElse,
}

impl Says {
    fn text(self) -> &'static str {
        match self {
            Self::This => "mount failed: vault kv-a",
            Self::Another => "mount failed: vault kv-b",
            Self::NothingNew => "mount failed: out of time",
            Self::Success => "mount complete",
            Self::SomethingElse => "hello",
        }
    }
}

/// Minute and second, and what was said then, in order; no two at once.
fn records() -> impl Strategy<Value = Vec<(u32, Says)>> {
    let says = prop::sample::select(vec![
        Says::This,
        Says::Another,
        Says::NothingNew,
        Says::Success,
        Says::SomethingElse,
    ]);
    prop::collection::btree_map(0_u32..1_800, says, 1..8).prop_map(|it| it.into_iter().collect())
}

/// The first finding of a log with these records; `runs`: what ends most causes is there, since that minute and second.
fn found(records: &[(u32, Says)], runs: Option<u32>) -> Finding {
    let mut book = minimal(
        &[
            "said: {type: text, from: log, chain: {name: mount, tries: [mount failed], silent: [out of time], succeeds: [mount complete], succeeded-at: $since, every: 2m}}",
            "since: {type: timestamp, from: tree, path: $.spec.since}",
        ],
        "fact: said, contains: kv-a",
    );
    book.causes[0].lists[4].push("runs".to_owned());
    book.signs("runs", "fact: since, exists: true");
    let line = |(at, says): &(u32, Says)| {
        let clock = format!("{:02}:{:02}", at / 60, at % 60);
        let text = says.text();
        format!("2026-11-23T08:{clock}.000000Z E1123 08:{clock}.000000 1 x.go:1] \"{text}\"\n")
    };
    let log = Seen::Text { records: records.iter().map(line).collect(), complete: true };
    let since = runs.map(|at| format!("2026-11-23T08:{:02}:{:02}Z", at / 60, at % 60));
    let tree = Seen::Tree { tree: json!({ "spec": { "since": since } }), complete: true };
    let answers = [("log", log), ("tree", tree)].into_iter().collect();
    let world = World { answers, given: Vec::new(), now: runs.map_or(Some(NOW), |_| None) };
    world.report(&book.load()).findings.remove(0)
}

/// Which of several things a record is about; none: it does not tell.
type Thing = Option<&'static str>;

/// Minute and second, of what, and what was said then, in order; no two at once.
fn records_of_several() -> impl Strategy<Value = Vec<(u32, Thing, Says)>> {
    let thing = prop::sample::select(vec![Some("a"), Some("b"), Some("gone"), None]);
    let says = prop::sample::select(vec![Says::This, Says::Another, Says::Success]);
    prop::collection::btree_map(0_u32..1_800, (thing, says), 1..8)
        .prop_map(|it| it.into_iter().map(|(at, (thing, says))| (at, thing, says)).collect())
}

/// The first finding of a log with these records, of somebody who has `a` and `b` now.
fn found_of_several(records: &[(u32, Thing, Says)], complete: bool) -> Finding {
    let book = minimal(
        &[
            "said: {type: text, from: log, chain: {name: pull, of: {capture: 'of (?<value>[a-z]+)!', is: $has}, tries: [mount failed], succeeds: [mount complete]}}",
            "has: {type: string, many: true, from: tree, path: '$.has[*]'}",
        ],
        "fact: said, contains: kv-a",
    );
    let line = |(at, thing, says): &(u32, Thing, Says)| {
        let clock = format!("{:02}:{:02}", at / 60, at % 60);
        let of = thing.map(|it| format!(" of {it}!")).unwrap_or_default();
        let text = format!("{}{of}", says.text());
        format!("2026-11-23T08:{clock}.000000Z E1123 08:{clock}.000000 1 x.go:1] \"{text}\"\n")
    };
    let log = Seen::Text { records: records.iter().map(line).collect(), complete: true };
    let tree = Seen::Tree { tree: json!({ "has": ["a", "b"] }), complete };
    let answers = [("log", log), ("tree", tree)].into_iter().collect();
    let world = World { answers, given: Vec::new(), now: Some(NOW) };
    world.report(&book.load()).findings.remove(0)
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn what_is_newer_of_one_thing_says_nothing_of_another(
        records in records_of_several(),
        complete in any::<bool>(),
    ) {
        let this = |it: &&(u32, Thing, Says)| it.2 == Says::This;
        let Some(_) = records.iter().find(this) else { return Ok(()) };
        let things: std::collections::BTreeSet<Thing> = records.iter().map(|it| it.1).collect();
        let named = things.iter().flatten().count();
        let is_gone = |it: Thing| complete && it == Some("gone");
        // Where only one is ever named, and is still there, what names none is of it.
        let only = named <= 1 && !things.iter().any(|it| is_gone(*it));
        let ended = |thing: Thing| {
            let mine = |it: &&(u32, Thing, Says)| only || it.1 == thing;
            let Some(last) = records.iter().filter(mine).rfind(this).map(|it| it.0) else {
                return true;
            };
            // Of what tells which it is, what does not tell it is only after a while: several may be tried in turn.
            let vague = records.iter().filter(mine).filter(this).all(|it| it.1.is_none());
            let is_after = |it: &(u32, Thing, Says)| {
                it.0 > last + if it.1.is_none() == vague { 0 } else { 360 }
            };
            let failed =
                records.iter().filter(mine).any(|it| it.2 == Says::Another && is_after(it));
            let succeeded = [true, false].into_iter().any(|told| {
                let mut of = records.iter().filter(mine).filter(|it| it.1.is_some() == told);
                of.find(|it| it.2 == Says::Success).is_some_and(is_after)
            });
            let followed = failed || succeeded;
            is_gone(thing) || followed && (only || thing.is_some())
        };
        let over = things.iter().all(|it| ended(*it));
        prop_assert_eq!(found_of_several(&records, complete).past, over, "{:?}", records);
    }

    #[test]
    fn what_the_newest_attempt_says_is_of_now_and_all_else_is_past(records in records()) {
        let Some((last, _)) = records.iter().rfind(|it| it.1 == Says::This) else { return Ok(()) };
        let later = |says: Says| records.iter().any(|(at, it)| at > last && *it == says);
        let tries: u32 = records.iter().map(|it| u32::from(it.1 == Says::This)).sum();
        let first = records.iter().find(|it| it.1 == Says::This).map_or(0, |it| it.0);
        let interval = (last - first).checked_div(tries - 1).unwrap_or(0).max(120);
        let end = records.last().map_or(0, |it| it.0);
        // A container that starts again mounts nothing anew: only the first success ends what was before it.
        let mounted = records.iter().find(|it| it.1 == Says::Success).is_some_and(|it| it.0 > *last);
        let over = later(Says::Another) || mounted || end - last > 3 * interval + 2;
        let open = !later(Says::Another) && !mounted && end - last <= 3 * interval;
        let finding = found(&records, None);
        prop_assert!(!over || finding.past, "{records:?}");
        prop_assert!(!open || !finding.past, "{records:?}");
    }

    #[test]
    fn what_is_younger_than_its_ending_is_not_over(records in records(), runs in 0_u32..1_800) {
        let Some((last, _)) = records.iter().rfind(|it| it.1 == Says::This) else { return Ok(()) };
        let ended = records.iter().any(|(at, it)| at > last && *it == Says::Another);
        let succeeded = records.iter().find(|it| it.1 == Says::Success).is_some_and(|it| it.0 > *last);
        let finding = found(&records, Some(runs));
        let silent = records.last().is_some_and(|it| it.0 - last > 360);
        if *last > runs + 2 && !ended && !succeeded && !silent {
            prop_assert!(!finding.past, "{records:?} {runs}");
        } else if *last + 2 < runs {
            prop_assert!(finding.past, "{records:?} {runs}");
        }
    }
}
