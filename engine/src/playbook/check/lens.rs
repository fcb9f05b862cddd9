//! How the records of a text fact are looked at: `slots`, `opaque`, `attempts`.

use std::collections::BTreeMap;

use super::super::{Origin, keys};
use super::{At, Checker, nearest};
use crate::text::{Attempts, Lens, Shape, Slot};
use crate::yaml::{Kind, Node};

impl Checker<'_> {
    /// The slots of the playbook.
    pub(super) fn slots(&mut self, at: At<'_>, node: &Node) {
        for (name, _, value) in self.faults.entries(at.file, node) {
            let keys = self.faults.keys(at.file, value, keys::SLOT);
            let after = keys.get("after").and_then(|it| self.faults.text(at.file, it));
            let before = self.faults.texts(at.file, keys.get("before"));
            let escaped = self.faults.flag(at.file, keys.get("escaped"));
            let but_names = self.faults.flag(at.file, keys.get("but-names"));
            let but = keys.get("but").and_then(|it| self.regex(at, it, false));
            let but = but.and_then(|it| Shape::new(it.as_str()).ok());
            let Some(after) = after else { continue };
            if after.split_whitespace().next().is_none() {
                self.advise(at, value, "P302", "this slot has no beginning".to_owned(), None);
            }
            let slot = Slot { name: name.clone(), after, before, escaped, but_names, but };
            self.playbook.slots.insert(name, slot);
        }
    }

    /// How the records of a text fact are looked at.
    pub(super) fn lens(&mut self, at: At<'_>, keys: &BTreeMap<&'static str, &Node>) -> Lens {
        let mut lens = Lens::default();
        let mut opaque = keys.get("opaque");
        if opaque.and_then(|it| it.text()) == Some("all") {
            lens.slots.extend(self.playbook.slots.values().cloned());
            opaque = None;
        }
        for node in self.faults.list(at.file, opaque) {
            let Some(name) = self.faults.text(at.file, node) else { continue };
            match self.playbook.slots.get(&name).cloned() {
                Some(slot) => lens.slots.push(slot),
                None => {
                    let help = nearest(&name, self.playbook.slots.keys().map(String::as_str));
                    self.advise(at, node, "P101", format!("unknown slot `{name}`"), help);
                }
            }
        }
        if let Some(node) = keys.get("attempts") {
            let keys = self.faults.keys(at.file, node, keys::ATTEMPTS);
            let begin = self.faults.texts(at.file, keys.get("begin"));
            let kinds = self.faults.list(at.file, keys.get("outweighs"));
            let outweighs = kinds
                .into_iter()
                .filter(|it| match it.kind {
                    Kind::Sequence(_) => true,
                    Kind::Scalar { .. } | Kind::Mapping(_) => {
                        self.faults.shape(at.file, it, "a list");
                        false
                    }
                })
                .collect::<Vec<_>>();
            let outweighs =
                outweighs.into_iter().map(|it| self.faults.texts(at.file, Some(&it))).collect();
            lens.attempts = Some(Attempts { begin, outweighs });
        }
        lens
    }

    /// Whether a text fact has a slot of that name.
    pub(super) fn hides(&self, fact: &str, slot: &str) -> bool {
        match self.playbook.facts.get(fact).map(|it| &it.from) {
            Some(Origin::Text { filter, .. }) => filter.lens.slots.iter().any(|it| it.name == slot),
            Some(_) | None => false,
        }
    }
}
