//! What the texts of a fact say of one subject, and what they say of nobody in particular.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::env::{Env, Whose};
use super::fact::{self, FactState};
use super::world::{World, gap};
use super::{Place, StepGap};
use crate::evidence::{Body, Document, Gap};
use crate::playbook::{About, Id, Origin, Path, WatchId};
use crate::text::{Excerpts, Moment, Oddity, Sighting, Subject, Tally, is_before, keep};
use crate::value::{Type, Value};

/// What one watch saw in the texts of one fact.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathered {
    /// In records about the subject.
    pub(super) own: Sighting,
    /// In records that do not say whose they are.
    pub(super) unattributed: Sighting,
    /// In records that name somebody else.
    pub(super) others: Sighting,
    /// Why there may be more.
    pub(super) gaps: Vec<StepGap>,
    /// Where the texts came from.
    pub(super) origins: BTreeSet<String>,
    /// Time of the newest record, whatever it says, of the text among them that ends first.
    pub(super) end: Option<Moment>,
    /// Every text that says it serves many subjects, such as a log: none of them is somebody's events.
    pub(super) of_many: bool,
    /// Whose records there are, where nobody knows the subject.
    pub(super) strangers: BTreeSet<Whose>,
}

/// Gathers what a watch saw in a text fact, for one subject.
pub(super) fn gather(world: &World<'_>, fact: &str, watch: WatchId, env: &Env) -> Gathered {
    let mut gathered = Gathered { of_many: true, ..Gathered::default() };
    let Some((fact, Origin::Text { steps, about, not_before, path, .. })) =
        world.playbook.facts.get_key_value(fact).map(|(id, it)| (id, &it.from))
    else {
        return gathered;
    };
    let since = not_before
        .as_ref()
        .and_then(|it| crate::text::parse_rfc3339(world.fact(it, env).values.first()?.text()));
    let in_trees = path.as_ref().map(|it| world.told(fact, steps, it, env));
    let mut in_trees = in_trees.iter().flat_map(|it| it.iter());
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
            let (text, watch) = match (&document.body, path) {
                (Body::Text(text), None) => (text, world.offsets.watches + watch),
                (Body::Tree(_), Some(_)) => match in_trees.next() {
                    Some(text) => (text, watch),
                    None => continue,
                },
                (Body::Text(_), Some(_)) | (Body::Tree(_), None) => continue,
            };
            if text.oddities.contains(&Oddity::OversizedRecord)
                || text.subjects_cut.contains(&watch)
            {
                gathered.gaps.push(gap(step, &Gap::TooLarge));
            }
            let Some(seen) = text.sightings.get(&watch) else { continue };
            gathered.origins.insert(document.origin.clone());
            gathered.of_many &= answered.of_many;
            keep(&mut gathered.end, text.newest, Ordering::Less);
            let about = Attribution {
                world,
                about,
                given: answered.given,
                of_one_of_several: answered.of_one_of_several,
                object: answered.about.as_deref(),
                since,
                of_subject: world.is_about_an_object(step),
            };
            about.sort(seen, env, &mut gathered);
        }
    }
    gathered.gaps.sort();
    gathered.gaps.dedup();
    gathered
}

impl World<'_> {
    /// What the texts at a path say, one reading for each tree that answers the steps, in order.
    fn told(&self, fact: &'_ Id, steps: &[Id], path: &Path, env: &Env) -> Rc<Vec<Excerpts>> {
        let Some((fact, _)) = self.playbook.facts.get_key_value(fact) else { return Rc::default() };
        self.told.get(fact, env, || {
            let answers = steps.iter().map(|it| self.answers(it, env)).collect::<Vec<_>>();
            let documents =
                answers.iter().flat_map(|it| it.iter()).filter_map(|it| it.answer.as_ref().ok());
            let read = |document: &Document| match &document.body {
                Body::Tree(tree) => {
                    let found = fact::nodes(path, tree);
                    let texts = found.iter().filter_map(|(_, it)| it.as_str());
                    Some(self.playbook.told.read(&document.origin, texts))
                }
                Body::Text(_) => None,
            };
            documents.filter_map(|it| read(it)).collect()
        })
    }
}

/// Tells whose a record is.
struct Attribution<'w, 'a> {
    world: &'w World<'a>,
    about: &'w [About],
    given: bool,
    of_one_of_several: bool,
    object: Option<&'w str>,
    /// Microseconds since 1970: what was said before is of another by the subject's name.
    since: Option<i64>,
    /// The whole text is about the subject, such as a pod's events: what it names is something of it.
    of_subject: bool,
}

impl<'w> Attribution<'w, '_> {
    fn sort(&self, seen: &BTreeMap<Subject, Sighting>, env: &Env, into: &mut Gathered) {
        for foreign in seen.values().filter_map(|it| it.foreign.as_ref()) {
            let nobodys = Sighting { strong: Some(foreign.clone()), ..Sighting::default() };
            self.add(&mut into.unattributed, &nobodys);
        }
        if let Some(object) = self.object {
            into.strangers.insert(Whose::Object(object.to_owned()));
            let mine = env.whose == Whose::Object(object.to_owned());
            for sighting in seen.values() {
                match (&env.whose, mine) {
                    (_, true) => self.add(&mut into.own, sighting),
                    (Whose::Own, false) => self.add(&mut into.unattributed, sighting),
                    (Whose::Captured(..) | Whose::Unnamed | Whose::Object(_), false) => {}
                }
            }
            return;
        }
        if self.about.is_empty() {
            // What a program says of itself holds for all whom it serves, also for somebody whom only a text names.
            let nobodys = matches!(env.whose, Whose::Own | Whose::Unnamed | Whose::Captured(..));
            let serves_another = self.of_one_of_several && !env.each.is_empty();
            let of = if serves_another { &mut into.unattributed } else { &mut into.own };
            for sighting in seen.values().filter(|_| nobodys) {
                self.add(of, sighting);
            }
            return;
        }
        let base = Env { whose: Whose::Own, ..env.clone() };
        let subjects: Vec<Known<'_>> =
            self.about.iter().filter_map(|it| self.known(it, &base)).collect();
        let own = env.whose == Whose::Own;
        for (captured, sighting) in seen {
            match whose(&subjects, captured) {
                Owner::Another => self.add(&mut into.others, sighting),
                Owner::Subject if own => self.add(&mut into.own, sighting),
                Owner::Nobody if own => self.add(&mut into.unattributed, sighting),
                Owner::Subject | Owner::Nobody => {}
                Owner::Stranger(whose) => self.stranger(whose, sighting, env, into),
            }
        }
    }

    fn known(&self, about: &'w About, env: &Env) -> Option<Known<'w>> {
        // The first that anybody could look at tells, also where it tells that there is none.
        let states = about.is.iter().map(|it| self.world.fact(it, env));
        let told = states.clone().find(|it| !it.values.is_empty() || it.complete());
        let bound = |id: &Id| {
            self.world.playbook.facts.get(id).is_some_and(|it| {
                it.binders.iter().any(|binder| binder != id && env.each.get(binder).is_some())
            })
        };
        Some(Known {
            values: told.as_ref().map(|it| it.values.clone()).unwrap_or_default(),
            complete: told.is_some_and(|it| it.complete()),
            fact: about.is.first()?,
            is_theirs: !self.of_subject && about.is.iter().any(bound),
            one_of_several: about.is.iter().any(|it| self.is_one_of_several(it, env)),
        })
    }

    /// Whether it tells apart what the first `about` does not, such as the volumes of one pod.
    fn is_one_of_several(&self, id: &Id, env: &Env) -> bool {
        let binders = |id: &Id| self.world.playbook.facts.get(id).map_or(&[][..], |it| &it.binders);
        let told: Vec<Id> = self
            .about
            .first()
            .into_iter()
            .flat_map(|it| it.is.iter().flat_map(|it| binders(it).iter().cloned()))
            .collect();
        binders(id).iter().filter(|it| !told.contains(it)).any(|binder| {
            env.each.get(binder).is_some()
                && self.world.fact(binder, &env.only(&told)).values.len() > 1
        })
    }

    fn add(&self, into: &mut Sighting, more: &Sighting) {
        for (slot, tally) in [
            (&mut into.strong, &more.strong),
            (&mut into.weak, &more.weak),
            (&mut into.cut, &more.cut),
        ] {
            let Some(tally) = tally.as_ref().and_then(|it| self.of_now(it)) else { continue };
            match slot {
                Some(slot) => slot.merge(tally),
                None => *slot = Some(Box::new(tally)),
            }
        }
    }

    /// Without the records that are older than the subject is. Counted are all, as nobody can tell them apart.
    fn of_now(&self, tally: &Tally) -> Option<Tally> {
        let is_old = |it: Option<Moment>| {
            self.since.is_some_and(|since| it.is_some_and(|it| is_before(it, since)))
        };
        if is_old(tally.last) {
            return None;
        }
        let mut tally = tally.clone();
        if is_old(tally.first) {
            tally.quotes.retain(|it| !is_old(it.at));
            tally.groups.retain(|_, at| !is_old(*at));
            tally.of.retain(|_, times| !is_old(times.last));
        }
        Some(tally)
    }

    /// In given text each captured value is a subject of its own; live, nobody's.
    fn stranger(&self, whose: Whose, sighting: &Sighting, env: &Env, into: &mut Gathered) {
        if env.whose == whose {
            self.add(&mut into.own, sighting);
        } else if env.whose == Whose::Own {
            self.add(&mut into.unattributed, sighting);
        }
        if self.given {
            into.strangers.insert(whose);
        }
    }
}

/// What one `about` compares with.
struct Known<'w> {
    values: Vec<Value>,
    /// There can be no other values.
    complete: bool,
    /// The fact that a value which only a text names would be one of.
    fact: &'w Id,
    /// Nobody knows it, but it is something of a subject that is known.
    is_theirs: bool,
    /// What the first `about` names has several of these: a record that names none may be of any.
    one_of_several: bool,
}

/// Whose a record is.
enum Owner {
    Subject,
    Another,
    Nobody,
    Stranger(Whose),
}

/// The first `about` says whose a record is; the others can only say that it is another's: the pods of a node call their
/// volumes alike.
fn whose(subjects: &[Known<'_>], captured: &[Option<String>]) -> Owner {
    let differs = |(subject, name): (&Known<'_>, &Option<String>)| {
        name.as_ref().is_some_and(|it| subject.is_sure() && !subject.is_named(it))
    };
    if subjects.iter().zip(captured).any(differs) {
        return Owner::Another;
    }
    let unsaid =
        |(subject, name): (&Known<'_>, &Option<String>)| subject.one_of_several && name.is_none();
    let of_any = subjects.iter().zip(captured).skip(1).any(unsaid);
    match (subjects.first(), captured.first().and_then(Option::as_ref)) {
        (None, _) => Owner::Subject,
        (Some(subject), Some(name)) if subject.is_named(name) => {
            if of_any {
                Owner::Nobody
            } else {
                Owner::Subject
            }
        }
        (Some(subject), _) if subject.is_theirs || !subject.values.is_empty() => Owner::Nobody,
        (Some(subject), None) if subject.complete => Owner::Subject,
        (Some(_), None) => Owner::Stranger(Whose::Unnamed),
        (Some(subject), Some(name)) => {
            Owner::Stranger(Whose::Captured(subject.fact.clone(), name.clone()))
        }
    }
}

impl Known<'_> {
    /// Whoever is not named here is somebody else.
    fn is_sure(&self) -> bool {
        !self.values.is_empty() || self.complete
    }

    /// A record may leave out the namespace.
    fn is_named(&self, name: &str) -> bool {
        self.values.iter().map(Value::text).any(|it| {
            it.eq_ignore_ascii_case(name)
                || it.split_once('/').is_some_and(|(namespace, bare)| {
                    // What stands before the name of an image is a host.
                    !namespace.contains(['.', ':']) && bare.eq_ignore_ascii_case(name)
                })
        })
    }
}

impl Gathered {
    /// Whether records that name somebody else tell of all that these tell of: at the same times, and as often. A driver repeats what its
    /// provider says, and names the pod.
    pub(super) fn is_of_others(&self, nobodys: &Tally) -> bool {
        let near = |mine: Option<Moment>, theirs: Option<Moment>| match (mine?, theirs?) {
            (Moment::At(mine), Moment::At(theirs)) => Some(mine.saturating_sub(theirs)),
            (
                Moment::Yearless { month, day, micros: mine },
                Moment::Yearless { month: of, day: on, micros: theirs },
            ) if (month, day) == (of, on) => Some(mine.saturating_sub(theirs)),
            _ => None,
        };
        self.others.strong.as_ref().is_some_and(|theirs| {
            count(theirs) >= count(nobodys)
                && near(theirs.first, nobodys.first).is_some_and(|it| it <= TOGETHER)
                && near(theirs.last, nobodys.last).is_some_and(|it| it >= -TOGETHER)
        })
    }
}

/// Microseconds within which two programs tell of the same.
const TOGETHER: i64 = 1_000_000;

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
                state.gaps.push(gap(world.step_of(fact), &Gap::TooLarge));
            }
        }
        // Whose these are nobody knows: they may hold a value, or more of them.
        let stray = [&gathered.unattributed.strong, &gathered.unattributed.weak];
        if stray.into_iter().flatten().any(|it| !it.groups.is_empty()) {
            state.gaps.push(gap(world.step_of(fact), &Gap::DependsOnUnknown));
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
