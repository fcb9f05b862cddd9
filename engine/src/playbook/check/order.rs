//! What depends on what: circles are faults, and each thing knows the `each` facts it depends on.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Id, Operator, Test};
use super::{At, Checker, Place, parts_of};
use crate::yaml::Node;

impl Checker<'_> {
    pub(super) fn order(&mut self, at: At<'_>, root: &Node) {
        let facts: Vec<Id> = self.playbook.facts.keys().cloned().collect();
        let mut binders: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        for id in &facts {
            self.bind(at, root, id, &mut Vec::new(), &mut binders);
        }
        for (id, found) in &binders {
            if let Some(fact) = self.playbook.facts.get_mut(id) {
                fact.binders.clone_from(found);
            }
        }
        let signs: Vec<Id> = self.playbook.signs.keys().cloned().collect();
        for id in signs {
            let found = self.sign_binders(&id, 0, &binders);
            if let Some(sign) = self.playbook.signs.get_mut(&id) {
                sign.binders = found;
            }
        }
        let mut causes = std::mem::take(&mut self.playbook.causes);
        for cause in &mut causes {
            for sign in cause
                .requires
                .iter()
                .chain(&cause.requires_any)
                .chain(&cause.supports)
                .chain(&cause.refutes)
                .chain(&cause.over_when)
            {
                join(
                    &mut cause.binders,
                    self.playbook.signs.get(sign).map_or(&[], |it| &it.binders),
                );
            }
            let chain = cause.binders.clone();
            let apart = chain.iter().enumerate().find_map(|(at, one)| {
                chain
                    .iter()
                    .skip(at + 1)
                    .find(|other| {
                        let known = |left: &Id, right: &Id| {
                            binders.get(left).is_some_and(|it| it.contains(right))
                        };
                        !known(one, other) && !known(other, one)
                    })
                    .map(|other| (one.clone(), other.clone()))
            });
            if let Some((one, other)) = apart {
                let place = Place {
                    file: &cause.file,
                    span: crate::yaml::Span { line: 1, column: 1, ..Default::default() },
                };
                self.faults.note(
                    &place,
                    "P106",
                    format!(
                        "`{one}` and `{other}` are both `each`, and neither depends on the other"
                    ),
                    None,
                );
            }
        }
        self.playbook.causes = causes;
        self.circles(at, root);
    }

    /// The `each` facts that a fact depends on, itself last if it is one.
    fn bind(
        &mut self,
        at: At<'_>,
        root: &Node,
        id: &str,
        path: &mut Vec<Id>,
        done: &mut BTreeMap<Id, Vec<Id>>,
    ) -> Vec<Id> {
        if let Some(known) = done.get(id) {
            return known.clone();
        }
        if path.iter().any(|it| it == id) {
            self.fault(
                at,
                root,
                "P104",
                format!("the fact `{id}` depends on itself: {}", path.join(" → ")),
            );
            return Vec::new();
        }
        path.push(id.to_owned());
        let mut found = Vec::new();
        for other in self.playbook.fact_needs(id) {
            let more = self.bind(at, root, &other, path, done);
            join(&mut found, &more);
        }
        path.pop();
        if self.playbook.facts.get(id).is_some_and(|it| it.each) {
            join(&mut found, &[id.to_owned()]);
        }
        done.insert(id.to_owned(), found.clone());
        found
    }

    fn sign_binders(&self, id: &str, depth: usize, facts: &BTreeMap<Id, Vec<Id>>) -> Vec<Id> {
        let mut found = Vec::new();
        let of = |fact: &Id| facts.get(fact).cloned().unwrap_or_default();
        match self.playbook.signs.get(id).map(|it| &it.test) {
            Some(Test::Text { texts, groups, later_than, .. }) => {
                texts.iter().for_each(|(fact, _)| join(&mut found, &of(fact)));
                groups
                    .iter()
                    .filter_map(|(_, it)| it.other_side())
                    .for_each(|it| join(&mut found, &of(it)));
                if let Some(other) = later_than.as_ref().filter(|_| depth < 4) {
                    join(&mut found, &self.sign_binders(other, depth + 1, facts));
                }
            }
            Some(Test::Value { fact, operators }) => {
                join(&mut found, &of(fact));
                operators
                    .iter()
                    .filter_map(Operator::other_side)
                    .for_each(|it| join(&mut found, &of(it)));
            }
            Some(Test::AnyOf(parts) | Test::AllOf(parts)) if depth < 4 => {
                parts
                    .iter()
                    .for_each(|it| join(&mut found, &self.sign_binders(it, depth + 1, facts)));
            }
            Some(Test::AnyOf(_) | Test::AllOf(_)) | None => {}
        }
        found
    }

    /// Signs of signs are one level; folded causes are no circle.
    fn circles(&mut self, at: At<'_>, root: &Node) {
        let nested: Vec<Id> = self
            .playbook
            .signs
            .values()
            .filter(|sign| {
                parts_of(&sign.test).iter().any(|it| {
                    self.playbook.signs.get(it).is_some_and(|part| {
                        parts_of(&part.test).iter().any(|deep| {
                            deep == &sign.id
                                || self
                                    .playbook
                                    .signs
                                    .get(deep)
                                    .is_some_and(|it| !parts_of(&it.test).is_empty())
                        })
                    })
                })
            })
            .map(|it| it.id.clone())
            .collect();
        for id in nested {
            self.fault(
                at,
                root,
                "P104",
                format!(
                    "the sign `{id}` is made of signs that are made of signs: one level is allowed"
                ),
            );
        }
        let hides: BTreeMap<Id, Vec<String>> =
            self.playbook.causes.iter().map(|it| (it.id.clone(), it.hides.clone())).collect();
        let mut clean = BTreeSet::new();
        for start in hides.keys() {
            let mut open = vec![start.clone()];
            let mut seen = BTreeSet::new();
            while let Some(id) = open.pop() {
                for next in hides.get(&id).into_iter().flatten() {
                    if next == start && clean.insert(start.clone()) {
                        self.fault(
                            at,
                            root,
                            "P104",
                            format!("the cause `{start}` hides itself in a circle"),
                        );
                    }
                    if seen.insert(next.clone()) {
                        open.push(next.clone());
                    }
                }
            }
        }
    }
}

fn join(into: &mut Vec<Id>, more: &[Id]) {
    for id in more {
        if !into.contains(id) {
            into.push(id.clone());
        }
    }
}
