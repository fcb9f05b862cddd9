//! What depends on what: circles are faults, and each thing knows the `each` facts it depends on.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Id, Operator, Test};
use super::{At, Checker, Place, START, parts_of};
use crate::yaml::{Kind, Node, Span};

/// Facts that are read one from the other.
const CHAIN: usize = 40;

/// The `each` facts that a fact depends on, and how many facts its longest chain has.
#[derive(Clone, Debug, Default)]
struct Bound {
    binders: Vec<Id>,
    depth: usize,
}

impl Checker<'_> {
    pub(super) fn order(&mut self, at: At<'_>, root: &Node) {
        let facts: Vec<Id> = self.playbook.facts.keys().cloned().collect();
        let mut bound = BTreeMap::new();
        for id in &facts {
            self.bind(at, root, id, &mut Vec::new(), &mut bound);
        }
        let binders: BTreeMap<Id, Vec<Id>> =
            bound.into_iter().map(|(id, it)| (id, it.binders)).collect();
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
                let (file, span) = self.key_of(&cause.id, "id");
                let message = format!(
                    "`{one}` and `{other}` are both `each`, and neither depends on the other"
                );
                let help = "read one of them with the help of the other (`where`), or make two causes of it"
                    .to_owned();
                self.faults.note(&Place { file: &file, span }, "P106", message, Some(help));
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
        done: &mut BTreeMap<Id, Bound>,
    ) -> Bound {
        if let Some(known) = done.get(id) {
            return known.clone();
        }
        if path.iter().any(|it| it == id) {
            let round: Vec<&str> =
                path.iter().map(String::as_str).skip_while(|it| *it != id).collect();
            let message =
                format!("the fact `{id}` depends on itself: {} → {id}", round.join(" → "));
            let help =
                "a fact may not be read from the answer to a question that needs it".to_owned();
            let (file, span) = self.defined(at, root, "facts", id);
            self.faults.note(&Place { file: &file, span }, "P104", message, Some(help));
            return Bound::default();
        }
        let mut found = Bound { depth: 1, ..Bound::default() };
        path.push(id.to_owned());
        // What is longer than a chain may be is not followed: following takes room on the stack.
        let needs = if path.len() > CHAIN { Vec::new() } else { self.playbook.fact_needs(id) };
        for other in needs {
            let more = self.bind(at, root, &other, path, done);
            join(&mut found.binders, &more.binders);
            found.depth = found.depth.max(more.depth + 1);
        }
        if path.len() > CHAIN || found.depth == CHAIN + 1 {
            let message = format!("the fact `{id}` ends a chain of more than {CHAIN} facts");
            let help = "read it from something nearer".to_owned();
            let (file, span) = self.defined(at, root, "facts", id);
            self.faults.note(&Place { file: &file, span }, "P006", message, Some(help));
        }
        path.pop();
        if self.playbook.facts.get(id).is_some_and(|it| it.each) {
            join(&mut found.binders, &[id.to_owned()]);
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
            let message = format!("the sign `{id}` is made of signs that are made of signs");
            let help = "one level is allowed: name the innermost signs".to_owned();
            let (file, span) = self.defined(at, root, "signs", &id);
            self.faults.note(&Place { file: &file, span }, "P104", message, Some(help));
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
                        let message = format!("the cause `{start}` hides itself in a circle");
                        let help = "only the more telling cause hides the other".to_owned();
                        let (file, span) = self.key_of(start, "hides");
                        self.faults.note(&Place { file: &file, span }, "P104", message, Some(help));
                    }
                    if seen.insert(next.clone()) {
                        open.push(next.clone());
                    }
                }
            }
        }
    }
}

impl Checker<'_> {
    /// Where a fact or sign is defined.
    fn defined(&self, at: At<'_>, root: &Node, section: &str, id: &str) -> (String, Span) {
        let (node, file, name) = match id.split_once('/') {
            None => (Some(root), at.file.to_owned(), id),
            Some((cause, name)) => {
                let found = self.causes.iter().find(|(file, _)| super::cause_id(file) == cause);
                (found.map(|it| &it.1), found.map_or_else(String::new, |it| it.0.clone()), name)
            }
        };
        let sections = [section, "inputs"];
        let span = node.and_then(|node| {
            sections.iter().find_map(|it| entry(entry(node, it)?.1, name)).map(|(key, _)| key.span)
        });
        (file, span.unwrap_or(START))
    }

    /// Where the value of a key of a cause's file stands.
    fn key_of(&self, cause: &str, key: &str) -> (String, Span) {
        let found = self.causes.iter().find(|(file, _)| super::cause_id(file) == cause);
        let span = found.and_then(|(_, node)| Some(entry(node, key)?.1.span));
        (found.map_or_else(String::new, |it| it.0.clone()), span.unwrap_or(START))
    }
}

fn entry<'n>(node: &'n Node, name: &str) -> Option<(&'n Node, &'n Node)> {
    let Kind::Mapping(entries) = &node.kind else { return None };
    entries.iter().find(|(key, _)| key.text() == Some(name)).map(|(key, value)| (key, value))
}

fn join(into: &mut Vec<Id>, more: &[Id]) {
    for id in more {
        if !into.contains(id) {
            into.push(id.clone());
        }
    }
}
