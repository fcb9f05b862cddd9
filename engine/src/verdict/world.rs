//! What one playbook can see: its facts, and the answers of its steps, for one subject at a time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::env::Env;
use super::fact::{self, FactState};
use super::{SignSeen, StepGap};
use crate::diagnose::Offsets;
use crate::evidence::{Evidence, Scope};
use crate::playbook::{Id, Param, Playbook, Step};

/// A playbook, and all that is known.
pub(crate) struct World<'a> {
    pub(crate) playbook: &'a Playbook,
    pub(crate) offsets: Offsets,
    pub(crate) scope: &'a Scope,
    pub(crate) evidence: &'a Evidence,
    facts: RefCell<BTreeMap<(Id, Env), Rc<FactState>>>,
    pub(super) signs: RefCell<BTreeMap<(Id, Env), Rc<SignSeen>>>,
}

impl<'a> World<'a> {
    pub(crate) fn new(
        playbook: &'a Playbook,
        offsets: Offsets,
        scope: &'a Scope,
        evidence: &'a Evidence,
    ) -> Self {
        Self {
            playbook,
            offsets,
            scope,
            evidence,
            facts: RefCell::default(),
            signs: RefCell::default(),
        }
    }

    /// The step of that id.
    pub(crate) fn step(&self, id: &str) -> Option<&'a Step> {
        self.playbook.steps.iter().find(|step| step.id == id)
    }

    /// What a fact comes to.
    pub(crate) fn fact(&self, id: &str, env: &Env) -> Rc<FactState> {
        let key = (id.to_owned(), env.clone());
        if let Some(known) = self.facts.borrow().get(&key) {
            return Rc::clone(known);
        }
        let state = Rc::new(fact::read(self, id, env));
        self.facts.borrow_mut().insert(key, Rc::clone(&state));
        state
    }

    /// The `each` facts that a step's parameters depend on, outermost first.
    pub(crate) fn step_binders(&self, step: &Step) -> Vec<Id> {
        let mut binders = Vec::new();
        for param in step.with.values() {
            self.param_binders(param, &mut binders);
        }
        binders
    }

    fn param_binders(&self, param: &Param, binders: &mut Vec<Id>) {
        match param {
            Param::Literal(_) => {}
            Param::Ref(id) => {
                for binder in self.playbook.facts.get(id).iter().flat_map(|it| &it.binders) {
                    if !binders.contains(binder) {
                        binders.push(binder.clone());
                    }
                }
            }
            Param::List(parts) => {
                for part in parts {
                    self.param_binders(part, binders);
                }
            }
        }
    }
}

/// Why a step has no (whole) answer.
pub(super) fn gap(step: &str, gap: &crate::evidence::Gap) -> StepGap {
    StepGap { step: step.to_owned(), gap: gap.clone() }
}
