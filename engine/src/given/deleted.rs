//! Pods that events of other objects show deleted: what was said of them is of no trouble now.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::events::EventRow;
use crate::text::{Moment, chronological};

/// Namespace and name of a pod.
type Name = (String, String);

/// What the controllers of pods say of those that they delete and make.
#[derive(Debug, Default)]
pub(super) struct Deleted {
    /// No other pod ever has such a name: the controller has made it up.
    for_ever: BTreeSet<Name>,
    /// Pods that have the name of the one before, and when one was deleted or made last.
    ended: BTreeMap<Name, Option<Moment>>,
    made: BTreeMap<Name, Option<Moment>>,
}

impl Deleted {
    /// Notes an event.
    pub(super) fn note(&mut self, row: &EventRow) {
        let of = |name: &str| {
            let name = name.split_whitespace().next().unwrap_or_default();
            (row.namespace.clone(), name.to_owned())
        };
        match row.reason.as_str() {
            "SuccessfulDelete" => {
                if let Some(name) = row.message.strip_prefix("Deleted pod: ") {
                    self.for_ever.insert(of(name));
                } else if let Some(name) = row.message.strip_prefix("delete Pod ") {
                    newer(&mut self.ended, of(name), row.last);
                }
            }
            "SuccessfulCreate" => {
                if let Some(name) = row.message.strip_prefix("create Pod ") {
                    newer(&mut self.made, of(name), row.last);
                }
            }
            _ => {}
        }
    }

    /// Whether the object of these names is a pod that was deleted, and none by its name was made since.
    pub(super) fn holds(&self, names: &BTreeMap<String, String>) -> bool {
        let part = |key: &str| names.get(key).cloned().unwrap_or_default();
        let name = (part("namespace"), part("name"));
        if part("kind") != "Pod" {
            return false;
        }
        let stays_away = match (self.ended.get(&name), self.made.get(&name)) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(Some(deleted)), Some(Some(made))) => {
                chronological(*made, *deleted) == Some(Ordering::Less)
            }
            (Some(_), Some(_)) => false,
        };
        stays_away || self.for_ever.contains(&name)
    }
}

fn newer(all: &mut BTreeMap<Name, Option<Moment>>, name: Name, at: Option<Moment>) {
    let known = all.entry(name).or_insert(at);
    *known = match (*known, at) {
        (Some(known), Some(at)) => match chronological(at, known) {
            Some(Ordering::Greater) => Some(at),
            Some(_) => Some(known),
            None => None,
        },
        // Of one of them nobody knows when it was.
        (_, _) => None,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(reason: &str, message: &str, ago: Option<i64>) -> EventRow {
        EventRow {
            reason: reason.to_owned(),
            message: message.to_owned(),
            namespace: "shop".to_owned(),
            last: ago.map(Moment::Ago),
            ..EventRow::default()
        }
    }

    fn gone(rows: &[EventRow], name: &str) -> bool {
        let mut deleted = Deleted::default();
        rows.iter().for_each(|it| deleted.note(it));
        let names = [("kind", "Pod"), ("namespace", "shop"), ("name", name)];
        deleted.holds(&names.map(|(key, value)| (key.to_owned(), value.to_owned())).into())
    }

    #[test]
    fn a_pod_that_was_deleted_is_gone_until_one_by_its_name_is_made() {
        let deleted = row("SuccessfulDelete", "Deleted pod: web-7d9f-x2", Some(60));
        assert!(gone(
            &[row("SuccessfulCreate", "Created pod: web-7d9f-x2", Some(60)), deleted.clone()],
            "web-7d9f-x2"
        ));
        assert!(!gone(&[deleted], "web-7d9f-x"));
        let away =
            |ago| row("SuccessfulDelete", "delete Pod db-0 in StatefulSet db successful", ago);
        let back =
            |ago| row("SuccessfulCreate", "create Pod db-0 in StatefulSet db successful", ago);
        assert!(gone(&[away(Some(60))], "db-0"));
        assert!(gone(&[back(Some(90)), away(Some(60)), back(Some(99))], "db-0"));
        for came in [back(Some(60)), back(Some(9)), back(None)] {
            assert!(!gone(&[away(Some(60)), came.clone()], "db-0"), "{came:?}");
        }
        assert!(!gone(&[away(None), back(Some(9))], "db-0"));
    }
}
