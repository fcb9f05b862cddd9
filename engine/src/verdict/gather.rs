//! What the texts of a fact say of one subject, and what they say of nobody in particular.

use std::collections::{BTreeMap, BTreeSet};

use super::env::{Env, Whose};
use super::fact::FactState;
use super::world::{World, gap};
use super::{Place, StepGap};
use crate::evidence::{Body, Gap};
use crate::playbook::{About, Id, Origin, WatchId};
use crate::text::{Oddity, Sighting, Tally};
use crate::value::{Type, Value};

/// What one watch saw in the texts of one fact.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathered {
    /// In records about the subject.
    pub(super) own: Sighting,
    /// In records that do not say whose they are.
    pub(super) unattributed: Sighting,
    /// Why there may be more.
    pub(super) gaps: Vec<StepGap>,
    /// Where the texts came from.
    pub(super) origins: BTreeSet<String>,
    /// Whose records there are, where nobody knows the subject.
    pub(super) strangers: BTreeSet<Whose>,
}

/// Gathers what a watch saw in a text fact, for one subject.
pub(super) fn gather(world: &World<'_>, fact: &str, watch: WatchId, env: &Env) -> Gathered {
    let mut gathered = Gathered::default();
    let Some(Origin::Text { steps, about, .. }) = world.playbook.facts.get(fact).map(|it| &it.from)
    else {
        return gathered;
    };
    for step in steps {
        let answers = world.answers(step, env);
        if answers.is_empty() {
            gathered.gaps.push(gap(step, &Gap::NotCaptured));
        }
        for answered in answers.iter() {
            let document = match &answered.answer {
                Ok(document) => document,
                Err(Gap::Absent) => continue,
                Err(reason) => {
                    gathered.gaps.push(gap(step, reason));
                    continue;
                }
            };
            if let Some(reason) = &document.partial {
                gathered.gaps.push(gap(step, reason));
            }
            let Body::Text(text) = &document.body else { continue };
            if text.oddities.contains(&Oddity::OversizedRecord)
                || text.subjects_cut.contains(&(world.offsets.watches + watch))
            {
                gathered.gaps.push(gap(step, &Gap::TooLarge));
            }
            let Some(seen) = text.sightings.get(&(world.offsets.watches + watch)) else { continue };
            gathered.origins.insert(document.origin.clone());
            let about = Attribution {
                world,
                about: about.as_ref(),
                given: answered.given,
                object: answered.about.as_deref(),
            };
            about.sort(seen, env, &mut gathered);
        }
    }
    gathered.gaps.sort();
    gathered.gaps.dedup();
    gathered
}

/// Tells whose a record is.
struct Attribution<'w, 'a> {
    world: &'w World<'a>,
    about: Option<&'w About>,
    given: bool,
    object: Option<&'w str>,
}

impl Attribution<'_, '_> {
    fn sort(&self, seen: &BTreeMap<Option<String>, Sighting>, env: &Env, into: &mut Gathered) {
        for foreign in seen.values().filter_map(|it| it.foreign.as_ref()) {
            let nobodys = Sighting { strong: Some(foreign.clone()), ..Sighting::default() };
            add(&mut into.unattributed, &nobodys);
        }
        if let Some(object) = self.object {
            into.strangers.insert(Whose::Object(object.to_owned()));
            let mine = env.whose == Whose::Object(object.to_owned());
            for sighting in seen.values() {
                match (&env.whose, mine) {
                    (_, true) => add(&mut into.own, sighting),
                    (Whose::Own, false) => add(&mut into.unattributed, sighting),
                    (Whose::Captured(..) | Whose::Unnamed | Whose::Object(_), false) => {}
                }
            }
            return;
        }
        let Some(about) = self.about else {
            let nobodys = matches!(env.whose, Whose::Own | Whose::Unnamed);
            for sighting in seen.values().filter(|_| nobodys) {
                add(&mut into.own, sighting);
            }
            return;
        };
        let base = Env { whose: Whose::Own, ..env.clone() };
        let subject = self.world.fact(&about.is, &base);
        let known = !subject.values.is_empty();
        for (captured, sighting) in seen {
            match captured {
                None if known && env.whose == Whose::Own => add(&mut into.unattributed, sighting),
                None if !known && subject.complete() && env.whose == Whose::Own => {
                    add(&mut into.own, sighting);
                }
                None if !known && !subject.complete() => {
                    self.stranger(Whose::Unnamed, sighting, env, into);
                }
                None => {}
                Some(name) if known => {
                    let mine = subject.values.iter().any(|it| it.text().eq_ignore_ascii_case(name));
                    if mine && env.whose == Whose::Own {
                        add(&mut into.own, sighting);
                    }
                }
                Some(_) if subject.complete() => {}
                Some(name) => {
                    self.stranger(
                        Whose::Captured(about.is.clone(), name.clone()),
                        sighting,
                        env,
                        into,
                    );
                }
            }
        }
    }

    /// In given text each captured value is a subject of its own; live, nobody's.
    fn stranger(&self, whose: Whose, sighting: &Sighting, env: &Env, into: &mut Gathered) {
        if env.whose == whose {
            add(&mut into.own, sighting);
        } else if env.whose == Whose::Own {
            add(&mut into.unattributed, sighting);
        }
        if self.given {
            into.strangers.insert(whose);
        }
    }
}

fn add(into: &mut Sighting, more: &Sighting) {
    for (slot, tally) in
        [(&mut into.strong, &more.strong), (&mut into.weak, &more.weak), (&mut into.cut, &more.cut)]
    {
        if let Some(tally) = tally {
            match slot {
                Some(slot) => slot.merge((**tally).clone()),
                None => *slot = Some(tally.clone()),
            }
        }
    }
}

/// The values of the group `value` in messages.
pub(super) fn captures(
    world: &World<'_>,
    kind: Type,
    texts: &[(Id, WatchId)],
    env: &Env,
) -> FactState {
    let mut state = FactState::default();
    for (fact, watch) in texts {
        let gathered = world.gather(fact, *watch, env);
        for tally in [&gathered.own.strong, &gathered.own.weak].into_iter().flatten() {
            for tuple in tally.groups.keys() {
                if let Some(value) = tuple.get("value").and_then(|it| Value::parse(kind, it))
                    && !state.values.contains(&value)
                {
                    state.values.push(value);
                }
            }
            if tally.groups_cut {
                state.gaps.push(StepGap { step: fact.clone(), gap: Gap::TooLarge });
            }
        }
        // Whose these are nobody knows: they may hold a value, or more of them.
        let stray = [&gathered.unattributed.strong, &gathered.unattributed.weak];
        if stray.into_iter().flatten().any(|it| !it.groups.is_empty()) {
            state.gaps.push(StepGap { step: fact.clone(), gap: Gap::DependsOnUnknown });
        }
        state.read_at.extend(gathered.origins.iter().cloned().map(of_text));
        state.gaps.extend(gathered.gaps.iter().cloned());
    }
    state.gaps.sort();
    state.gaps.dedup();
    state
}

/// A text that was read.
pub(super) fn of_text(origin: String) -> Place {
    Place { at: origin, path: String::new(), there: true }
}

/// How often a tally's records say it happened.
pub(super) fn count(tally: &Tally) -> u64 {
    tally.records.values().sum::<u64>().saturating_add(tally.more)
}
