//! Pods that are well, of a long list: what nothing else names, and no playbook is about, is counted and not judged. A cluster
//! has thousands of them.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{Recogniser, is_well_pod};
use crate::budget::Budget;
use crate::evidence::{Body, Given, GivenKind};
use crate::playbook::Playbook;
use crate::text::{Excerpts, Watchlist};

/// A pod of which only its text was kept.
#[derive(Clone, Debug)]
pub struct Aside {
    origin: String,
    text: String,
}

impl Aside {
    pub(super) fn of(origin: &str, texts: Vec<String>) -> Vec<Self> {
        texts.into_iter().map(|text| Self { origin: origin.to_owned(), text }).collect()
    }

    /// Reads it like any other object.
    pub(super) fn pieces(&self, list: &Watchlist, budget: Budget) -> (Vec<Given>, Budget) {
        let mut recogniser = Recogniser::within(list, &self.origin, budget);
        recogniser.push(self.text.as_bytes());
        let (pieces, _, budget) = recogniser.end();
        (pieces, budget)
    }
}

/// Adds those that something names or a playbook is about to what was handed over. Of the others, and of those like them that
/// were read, nothing is kept; how many they are.
pub fn leave_out(
    aside: Vec<Aside>,
    given: &mut Vec<Given>,
    playbooks: &[Playbook],
    list: &Watchlist,
    mut budget: Budget,
) -> usize {
    if aside.is_empty() {
        return 0;
    }
    let told = told(given);
    let keeps = |pod: &Json| {
        let part = |key: &str| pod["metadata"][key].as_str().unwrap_or_default();
        let (namespace, name) = (part("namespace"), part("name"));
        told.contains(name)
            || told.contains(&format!("{namespace}/{name}"))
            || playbooks.iter().any(|it| it.wants_pod(pod))
    };
    let read = given.len();
    given.retain(|it| match &it.answer {
        Ok(document) if it.kind == GivenKind::Object && document.partial.is_none() => {
            match &document.body {
                Body::Tree(pod) => !is_well_pod(pod) || keeps(pod),
                Body::Text(_) => true,
            }
        }
        Ok(_) | Err(_) => true,
    });
    let mut left = read - given.len();
    for one in aside {
        // It was a tree before, and is one again.
        if serde_json::from_str(&one.text).is_ok_and(|it: Json| !keeps(&it)) {
            left += 1;
            continue;
        }
        let (pieces, rest) = one.pieces(list, budget);
        budget = rest;
        given.extend(pieces);
    }
    left
}

/// Every name that something other than a pod's own object tells.
fn told(given: &[Given]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for piece in given {
        let whole = matches!(&piece.answer, Ok(it) if it.partial.is_none());
        if piece.kind == GivenKind::Object && whole {
            continue;
        }
        all.extend(piece.names.get("name").cloned());
        if let Ok(document) = &piece.answer
            && let Body::Text(text) = &document.body
        {
            named_in(text, &mut all);
        }
    }
    all
}

/// What the records of a text name: whose they are, and what was captured in them.
fn named_in(text: &Excerpts, into: &mut BTreeSet<String>) {
    for (subject, sighting) in text.sightings.values().flatten() {
        into.extend(subject.iter().flatten().cloned());
        for tally in [&sighting.strong, &sighting.weak, &sighting.cut].into_iter().flatten() {
            into.extend(tally.of.keys().flatten().cloned());
            into.extend(tally.groups.keys().flat_map(|it| it.values().cloned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, ready: bool) -> Json {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop", "name": name, "uid": name, "resourceVersion": "1"},
            "spec": {"containers": [{"name": "web"}]},
            "status": {"phase": "Running", "containerStatuses": [{"name": "web", "ready": ready}]}})
    }

    fn read(text: &str) -> (Vec<Given>, usize) {
        let list = Watchlist::new(Vec::new(), Vec::new());
        let mut recogniser = Recogniser::new(&list, "-");
        recogniser.push(text.as_bytes());
        let (mut given, aside, budget) = recogniser.end();
        let left = leave_out(aside, &mut given, &[], &list, budget);
        (given, left)
    }

    #[test]
    fn of_many_pods_those_that_are_well_are_counted() {
        let mut all: Vec<Json> = (0..5_000).map(|it| pod(&format!("web-{it}"), true)).collect();
        all.push(pod("sick-0", false));
        all.push(pod("web-x", true));
        let list = json!({"kind": "List", "items": all}).to_string();
        let events = "\nNAMESPACE  LAST SEEN  TYPE  REASON  OBJECT  MESSAGE\nshop  5m  Warning  BackOff  pod/web-x  Back-off restarting failed container\n";
        let (given, left) = read(&format!("{list}{events}"));
        let names: Vec<&str> = given
            .iter()
            .filter(|it| it.kind == GivenKind::Object)
            .map(|it| it.names["name"].as_str())
            .collect();
        assert_eq!(left, 5_000);
        assert_eq!(names, ["sick-0", "web-x"]);
        let few: Vec<Json> = (0..20).map(|it| pod(&format!("web-{it}"), true)).collect();
        let (given, left) = read(&json!({"kind": "List", "items": few}).to_string());
        assert_eq!((given.len(), left), (20, 0), "a few are judged");
    }
}
