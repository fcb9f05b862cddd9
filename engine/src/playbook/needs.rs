//! What depends on what: facts on steps and facts, steps on facts, signs on facts.

use std::collections::BTreeSet;

use super::{Cause, Id, Input, Operator, Origin, Param, Part, Playbook, Row, Step, Test};
use crate::value::Type;

/// Facts that stand in for one: one that stands in for itself ends.
const STAND_INS: usize = 4;

impl Playbook {
    /// The facts a fact is made from, also by way of a step's parameters.
    pub(crate) fn fact_needs(&self, id: &str) -> Vec<Id> {
        let mut needs = self.origin_needs(id);
        needs.extend(self.facts.get(id).into_iter().flat_map(|it| named(&it.without)));
        needs
    }

    fn origin_needs(&self, id: &str) -> Vec<Id> {
        match self.facts.get(id).map(|it| &it.from) {
            None => Vec::new(),
            Some(Origin::Input { or_from }) => or_from.iter().cloned().collect(),
            Some(Origin::Path { step, where_, .. }) => {
                let mut needs = self.step_needs(step);
                needs.extend(where_.iter().map(|it| it.same_as.clone()));
                needs
            }
            Some(Origin::Text { steps, about, not_before, chain, .. }) => {
                let mut needs: Vec<Id> = steps.iter().flat_map(|it| self.step_needs(it)).collect();
                needs.extend(about.iter().flat_map(|it| it.is.clone()));
                needs.extend(not_before.clone());
                let moments = chain.iter().flat_map(|it| [&it.succeeded_at, &it.works_since]);
                needs.extend(moments.flatten().cloned());
                let of = chain.as_ref().and_then(|it| it.of.as_ref());
                needs.extend(of.into_iter().flat_map(|it| it.is.clone()));
                needs
            }
            Some(Origin::Capture { texts }) => texts.iter().map(|(fact, _)| fact.clone()).collect(),
            Some(Origin::Join(parts)) => named(parts).collect(),
            Some(Origin::Nearest { of, among }) => {
                std::iter::once(of.clone()).chain(named(among)).collect()
            }
            Some(Origin::Map { key, .. }) => vec![key.clone()],
            Some(Origin::Take { of, .. }) => vec![of.clone()],
        }
    }

    /// The facts that a step's parameters name.
    pub(crate) fn step_needs(&self, step: &str) -> Vec<Id> {
        fn refs(param: &Param, into: &mut Vec<Id>) {
            match param {
                Param::Literal(_) => {}
                Param::Ref(id) => into.push(id.clone()),
                Param::List(parts) => parts.iter().for_each(|it| refs(it, into)),
            }
        }
        let mut needs = Vec::new();
        for step in self.steps.iter().filter(|it| it.id == step) {
            step.with.values().for_each(|it| refs(it, &mut needs));
        }
        needs
    }

    /// The facts a sign looks at, and the signs it is made of.
    fn sign_needs(&self, id: &str) -> (Vec<Id>, Vec<Id>) {
        let (mut facts, mut signs) = (Vec::new(), Vec::new());
        match self.signs.get(id).map(|it| &it.test) {
            Some(Test::Text { texts, groups, later_than, .. }) => {
                facts.extend(texts.iter().map(|(fact, _)| fact.clone()));
                facts.extend(groups.iter().filter_map(|(_, it)| it.other_side().cloned()));
                signs.extend(later_than.clone());
            }
            Some(Test::Value { fact, operators }) => {
                facts.push(fact.clone());
                facts.extend(operators.iter().filter_map(|it| it.other_side().cloned()));
            }
            Some(Test::AnyOf(parts) | Test::AllOf(parts)) => signs.extend(parts.iter().cloned()),
            None => {}
        }
        (facts, signs)
    }

    /// What stands in for a fact in commands where it is not known, the first that is known (`else`, and what that has for it).
    pub fn stand_ins<'p>(&'p self, id: &str) -> impl Iterator<Item = &'p Id> {
        let next = |id: &str| self.facts.get(id).and_then(|it| it.stand_in.as_ref());
        std::iter::successors(next(id), move |it| next(it)).take(STAND_INS)
    }

    /// Whether only messages tell a fact: no object and no person does.
    pub fn is_claimed(&self, id: &str) -> bool {
        let mut open = vec![id.to_owned()];
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            match self.facts.get(&id).map(|it| &it.from) {
                Some(Origin::Capture { .. }) => return true,
                Some(
                    Origin::Join(_)
                    | Origin::Take { .. }
                    | Origin::Nearest { .. }
                    | Origin::Input { .. },
                ) => {
                    open.extend(
                        self.fact_needs(&id).into_iter().filter(|it| seen.insert(it.clone())),
                    );
                }
                // A path reads an object; a table holds what the author wrote.
                Some(Origin::Path { .. } | Origin::Text { .. } | Origin::Map { .. }) | None => {}
            }
        }
        false
    }

    /// Every step that a sign's truth can depend on.
    pub(crate) fn steps_behind(&self, sign: &str) -> BTreeSet<Id> {
        let (mut steps, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut signs = vec![sign.to_owned()];
        let mut facts = Vec::new();
        while let Some(sign) = signs.pop() {
            if seen.insert(format!("sign {sign}")) {
                let (of, parts) = self.sign_needs(&sign);
                facts.extend(of);
                signs.extend(parts);
            }
        }
        while let Some(fact) = facts.pop() {
            if !seen.insert(format!("fact {fact}")) {
                continue;
            }
            match self.facts.get(&fact).map(|it| &it.from) {
                Some(Origin::Path { step, .. }) => {
                    steps.insert(step.clone());
                }
                Some(Origin::Text { steps: of, .. }) => steps.extend(of.iter().cloned()),
                Some(
                    Origin::Input { .. }
                    | Origin::Capture { .. }
                    | Origin::Join(_)
                    | Origin::Map { .. }
                    | Origin::Nearest { .. }
                    | Origin::Take { .. },
                )
                | None => {}
            }
            facts.extend(self.fact_needs(&fact));
        }
        steps
    }
}

impl Playbook {
    /// The signs that decide what is shown of a cause, beside those that judge it: of its steps, its tables, and the tests by
    /// hand that tell of it.
    pub(crate) fn asides<'p>(&'p self, cause: &'p Cause) -> BTreeSet<&'p Id> {
        let probes = self.probes.iter().filter(|it| it.tells_of(&cause.id)).map(|it| &it.step);
        let steps = cause.remedy.iter().chain(probes);
        let guards = steps.flat_map(|it| it.only_when.iter().chain(&it.unless));
        let tables = cause.compares.iter().filter_map(|it| self.compares.get(it));
        let rows = tables.flat_map(|it| &it.rows).flat_map(Row::asks);
        guards.chain(rows).chain(self.tools.iter().map(|it| &it.unless)).collect()
    }

    /// Whether an object is one that a playbook is about, as the fact tells that fills its input where nobody does;
    /// none: it does not say.
    pub fn is_about(&self, object: &serde_json::Value) -> Option<bool> {
        let fact = self.subject()?.or_from.as_ref()?;
        let Origin::Path { path, where_: None, .. } = &self.facts.get(fact)?.from else {
            return None;
        };
        let among = serde_json::json!({ "items": [object] });
        let found = jsonpath_rust::query::js_path_process(&path.compiled, &among).ok()?;
        Some(!found.is_empty())
    }

    /// Whether a pod is one that the playbook is about, or of those that a step of it lists.
    pub fn wants_pod(&self, pod: &serde_json::Value) -> bool {
        let of = |name: &str, step: &Step| match step.with.get(name) {
            Some(Param::Literal(value)) => value.as_str().map(str::to_owned),
            Some(Param::Ref(_) | Param::List(_)) | None => None,
        };
        let lists = |step: &Step| {
            let is_pods = of("kind", step).is_some_and(|it| it == "Pod");
            let by_labels = of("selector", step).is_none_or(|selector| {
                crate::verdict::selector::matches(&selector, &pod["metadata"]["labels"])
                    != Some(false)
            });
            is_pods && step.uses != "given" && by_labels
        };
        self.is_about(pod) == Some(true) || self.steps.iter().any(lists)
    }

    /// Inputs without which a live run cannot start.
    pub fn required_live(&self) -> impl Iterator<Item = &Input> {
        self.inputs.iter().filter(|it| it.required_live)
    }

    /// The input that a live run fills with what a person points at, one at a time.
    pub fn subject(&self) -> Option<&Input> {
        self.inputs.iter().find(|it| it.required_live && it.each && it.kind == Type::ObjectRef)
    }
}

/// The facts among some parts.
fn named(parts: &[Part]) -> impl Iterator<Item = Id> + '_ {
    parts.iter().filter_map(|it| match it {
        Part::Ref(id) => Some(id.clone()),
        Part::Literal(_) => None,
    })
}

impl Operator {
    /// The fact it compares with.
    pub(crate) fn other_side(&self) -> Option<&Id> {
        match self {
            Self::SameAs(id)
            | Self::DiffersFrom(id)
            | Self::IsOneOf(id)
            | Self::SharesAnyWith(id)
            | Self::SharesNoneWith(id)
            | Self::CoversAllOf(id) => Some(id),
            _ => None,
        }
    }
}
