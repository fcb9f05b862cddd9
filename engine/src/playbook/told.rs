//! Texts that stand in trees, such as what the state of an object says of itself: each is read like a record.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Origin, Playbook, Test, WatchId};
use crate::text::{Excerpts, Message, Reading, Watchlist};

/// What a playbook looks for in the texts of trees.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// Index in the list → watch of the playbook.
    watches: Vec<WatchId>,
    list: Option<Arc<Watchlist>>,
}

impl Told {
    /// The watches of the text facts that have a path.
    pub(super) fn of(playbook: &Playbook) -> Self {
        let in_trees = |fact: &str| {
            let origin = playbook.facts.get(fact).map(|it| &it.from);
            matches!(origin, Some(Origin::Text { path: Some(_), .. }))
        };
        let captured = playbook.facts.values().filter_map(|it| match &it.from {
            Origin::Capture { texts } => Some(texts),
            _ => None,
        });
        let tested = playbook.signs.values().filter_map(|it| match &it.test {
            Test::Text { texts, .. } => Some(texts),
            Test::Value { .. } | Test::AnyOf(_) | Test::AllOf(_) => None,
        });
        let watches: BTreeSet<WatchId> = captured
            .chain(tested)
            .flatten()
            .filter(|(fact, _)| in_trees(fact))
            .map(|(_, watch)| *watch)
            .collect();
        let watches: Vec<WatchId> = watches.into_iter().collect();
        if watches.is_empty() {
            return Self::default();
        }
        let list = watches.iter().filter_map(|it| playbook.watches.get(*it).cloned()).collect();
        Self { watches, list: Some(Arc::new(Watchlist::new(list, Vec::new()))) }
    }

    /// What the texts say; sightings are keyed by the playbook's watch.
    pub(crate) fn read<'t>(&self, origin: &str, texts: impl Iterator<Item = &'t str>) -> Excerpts {
        let Some(list) = &self.list else { return Excerpts::default() };
        let mut reading = Reading::new(list, origin, 1, true);
        let fields = BTreeMap::new();
        for text in texts {
            reading.message(&Message {
                fields: &fields,
                severity: None,
                text,
                first: None,
                last: None,
                count: 1,
                line: 0,
                cut: false,
            });
        }
        let mut read = reading.finish();
        let watch = |at: usize| self.watches.get(at).copied();
        read.sightings = std::mem::take(&mut read.sightings)
            .into_iter()
            .filter_map(|(at, seen)| Some((watch(at)?, seen)))
            .collect();
        read.subjects_cut = read.subjects_cut.iter().filter_map(|at| watch(*at)).collect();
        read
    }
}
