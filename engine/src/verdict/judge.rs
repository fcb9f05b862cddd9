//! Every cause of every playbook, for every subject.

use std::collections::{BTreeMap, BTreeSet};

use super::alike::alike;
use super::answer::stands_for;
use super::env::{Env, Whose, envs, is_for, starts};
use super::sign::{gaps, sign};
use super::subject::{self, Subject};
use super::world::World;
use super::{
    Considered, Finding, Looked, Recognised, Report, Role, Shown, SignSeen, SubjectSeen, Truth,
    Verdict, Well, chain, gone, lone, open, rank, rivals, subjects, symptoms,
};
use crate::diagnose::offsets;
use crate::evidence::{Body, Document, Evidence, Gap, Given, GivenKind, Scope};
use crate::playbook::{Cause, Id, Origin, Playbook, Test};
use crate::system::Source;
use crate::text::secret::redact;
use crate::value::Value;

/// A pure function of all that is known: same playbooks, scope and evidence, same report.
pub fn judge(playbooks: &[Playbook], scope: &Scope, evidence: &Evidence) -> Report {
    let mut report = Report { selection: scope.selection.clone(), ..Report::default() };
    let mut stands: Vec<Vec<String>> = vec![Vec::new(); scope.given.len()];
    let mut worlds = Vec::new();
    let mut left = 0;
    for (playbook, offsets) in playbooks.iter().zip(offsets(playbooks)) {
        let world = World::new(playbook, offsets, scope, evidence);
        for (piece, stands) in scope.given.iter().zip(&mut stands) {
            stands
                .extend(stands_for(&world, piece).iter().map(|it| format!("{}/{it}", playbook.id)));
        }
        let (mut considered, mut findings) = consider(&world);
        let lone = lone::shown(&world);
        findings.retain(|it| {
            !it.subjects.is_empty() || !lone.findings.iter().any(|other| other.cause == it.cause)
        });
        findings.extend(lone.findings);
        considered.join(lone.symptoms);
        left = left.max(lone.left);
        considered.fits |= findings.iter().any(Finding::is_strong);
        if considered.fits {
            report.looked.extend(looked(&world));
            report.findings.extend(findings);
        } else {
            // Of subjects that it is not about it was seen that these are not so.
            let dismissed = findings.into_iter().filter(|it| it.verdict == Verdict::NotIndicated);
            report.findings.extend(dismissed.filter(|it| !it.subjects.is_empty()));
        }
        report.playbooks.push(considered);
        worlds.push(world);
    }
    report.subjects = subjects::subjects(&worlds);
    let lone = (left > 0).then(|| Gap::TooMany { left: left.to_string() });
    let cut = worlds.iter().find_map(subjects::cut).or(lone);
    report.selection.gap = report.selection.gap.take().or(cut);
    report.warnings = subjects::nobodys(&worlds, &report.subjects);
    for considered in &mut report.playbooks {
        let unread =
            |it: &SubjectSeen| it.playbooks.contains(&considered.id) && !it.unread.is_empty();
        // Where nobody looked there may be a symptom.
        if considered.trouble_now == Truth::No && report.subjects.iter().any(unread) {
            considered.trouble_now = Truth::Unknown;
        }
    }
    report.findings = rank::rank(playbooks, report.findings);
    report.unchecked = open::unchecked(&worlds, &report.findings);
    // Of what was never seen nobody says that it was.
    report
        .findings
        .iter_mut()
        .filter(|it| it.verdict > Verdict::Possible)
        .for_each(|it| it.past = false);
    let kinds = report.subjects.iter().map(|it| it.object.kind.to_lowercase()).collect();
    let recognised = |(piece, stands)| recognised(piece, stands, &kinds);
    report.recognised = scope.given.iter().zip(stands).map(recognised).collect();
    report.alike = alike(&report);
    report
}

pub(super) fn consider(world: &World<'_>) -> (Considered, Vec<Finding>) {
    let playbook = world.playbook;
    let foreign = Foreign::of(world);
    let mut findings = Vec::new();
    let mut of_now = Vec::new();
    let mut of_causes: Vec<(Vec<(Env, Finding)>, rank::Dull)> = Vec::new();
    of_causes.resize_with(playbook.causes.len(), Default::default);
    let starts = starts(world);
    let chains: BTreeSet<&Vec<Id>> = playbook.causes.iter().map(|it| &it.binders).collect();
    // Somebody after somebody: what was worked out for one is of no use for the next.
    for start in &starts {
        for binders in &chains {
            if !is_for(world, binders, start) {
                continue;
            }
            let all = envs(world, binders, start);
            for env in &all {
                let of_chain = playbook.causes.iter().zip(&mut of_causes);
                for (cause, (of_cause, dull)) in of_chain.filter(|(it, _)| it.binders == **binders)
                {
                    for env in subjects(world, cause, env.clone()) {
                        let finding = finding(world, cause, &env);
                        // Of somebody whom the playbook is not about only what was seen of himself counts.
                        if !foreign.holds(&env) || speaks_for_itself(&finding) {
                            dull.add(env, finding, of_cause);
                        }
                    }
                }
                if all.len() > 1 {
                    world.forget(start.each.len());
                }
            }
        }
        symptoms::note(world, &foreign, start, &mut of_now);
        if starts.len() > 1 {
            world.forget(0);
        }
    }
    for (of_cause, _) in of_causes {
        let told: Vec<Env> = of_cause
            .iter()
            .filter(|(env, it)| env.whose != Whose::Unnamed && it.is_strong())
            .map(|(env, _)| env.clone())
            .collect();
        let twice = |env: &Env| match &env.whose {
            // What a known subject shows need not be told once more of nobody in particular,
            Whose::Unnamed => !told.is_empty(),
            // nor of somebody whom its own records name.
            Whose::Captured(fact, name) => {
                told.iter().any(|it| it.whose == Whose::Own && names(world, fact, name, it))
            }
            Whose::Own | Whose::Object(_) => false,
        };
        findings.extend(of_cause.into_iter().filter(|(env, _)| !twice(env)));
    }
    rivals::weigh(world, &mut findings);
    let findings: Vec<Finding> = findings.into_iter().map(|(_, it)| it).collect();
    let symptoms = symptoms::in_order(playbook, of_now);
    let bound = playbook.inputs.iter().any(|it| {
        let state = world.fact(&it.name, &Env::default());
        state.values.iter().any(|value| !foreign.is(&it.name, value))
    });
    let seen = symptoms.iter().any(|it| it.truth == Truth::Yes)
        || findings.iter().any(|it| it.verdict <= Verdict::Possible);
    let trouble_now = Truth::any(symptoms.iter().map(|it| it.truth));
    let considered = Considered {
        id: playbook.id.clone(),
        version: playbook.version.clone(),
        digest: playbook.digest.clone(),
        fits: seen || bound || is_spoken_of(world) || is_in_hand(world),
        well: well(world, &findings),
        trouble_now: if symptoms.is_empty() { Truth::Unknown } else { trouble_now },
        symptoms,
    };
    (considered, findings)
}

/// The subjects that a playbook is not about.
pub(super) struct Foreign<'w> {
    input: Option<&'w Id>,
    values: BTreeSet<Value>,
}

impl<'w> Foreign<'w> {
    fn of(world: &World<'w>) -> Self {
        let input = world.playbook.subject().map(|it| &it.name);
        let all =
            input.map(|it| world.fact(it, &Env::default()).values.clone()).unwrap_or_default();
        let values = all.into_iter().filter(|it| subjects::is_foreign(world, it)).collect();
        Self { input, values }
    }

    fn is(&self, input: &Id, value: &Value) -> bool {
        self.input == Some(input) && self.values.contains(value)
    }

    pub(super) fn holds(&self, env: &Env) -> bool {
        self.input.is_some_and(|it| env.each.get(it).is_some_and(|it| self.values.contains(it)))
    }
}

/// Whether something that is surely the subject's own speaks for a cause, or against it.
fn speaks_for_itself(finding: &Finding) -> bool {
    !matches!(finding.verdict, Verdict::Possible | Verdict::Undetermined)
        || finding.verdict == Verdict::Possible
            && finding.clues().any(|it| it.truth == Truth::Yes && !it.quotes.is_empty())
}

/// The signs that nobody could look at yet and that could change what was found, the most telling first.
pub(crate) fn open_signs(world: &World<'_>) -> Vec<Id> {
    let (_, mut findings) = consider(world);
    // For records that may be anybody's nobody is asked what takes long.
    let is_open = |it: &Finding| it.verdict <= Verdict::Possible && !it.past;
    findings.retain(|it| is_open(it) && !it.rests_on_others());
    findings.sort_by_key(|it| (it.verdict, std::cmp::Reverse(it.severity)));
    let mut open: Vec<Id> = Vec::new();
    for finding in &findings {
        let sure = finding.verdict <= Verdict::Likely;
        for sign in finding.signs.iter().filter(|it| it.truth == Truth::Unknown) {
            let decides = !sure || matches!(sign.role, Role::Refutes | Role::OverWhen);
            if decides && !open.contains(&sign.sign) {
                open.push(sign.sign.clone());
            }
        }
    }
    // Last, whether what is to be done is right here.
    let causes = findings.iter().filter(|it| it.is_strong());
    let causes = causes.filter_map(|it| Some((it, world.playbook.cause(&it.cause)?)));
    for (finding, cause) in causes {
        for step in cause.remedy.iter().filter(|it| !it.changes.is_nothing()) {
            let guards = step.only_when.iter().chain(&step.unless);
            for guard in guards.filter(|it| finding.asides.get(*it) == Some(&Truth::Unknown)) {
                if !open.contains(guard) {
                    open.push(guard.clone());
                }
            }
        }
    }
    open
}

/// Whether some handed-over text holds a literal of what the playbook is about.
fn is_spoken_of(world: &World<'_>) -> bool {
    let steps: usize = world.playbook.steps.iter().map(|it| it.looks_like.len()).sum();
    let start = world.offsets.looks_like + steps;
    let range = start..start + world.playbook.speaks_of.len();
    world.scope.given.iter().any(|piece| match &piece.answer {
        Ok(Document { body: Body::Text(text), .. }) => {
            text.looks_like.range(range.clone()).next().is_some()
        }
        Ok(_) | Err(_) => false,
    })
}

/// Whether an object was handed over that some fact picks out of those in hand, beside those that fill an input.
fn is_in_hand(world: &World<'_>) -> bool {
    let playbook = world.playbook;
    let in_hand = |uses: &str| world.scope.source(uses).is_some_and(Source::is_in_hand);
    let given = |id: &Id| playbook.steps.iter().any(|it| it.id == *id && in_hand(&it.uses));
    let fills = |id: &Id| playbook.inputs.iter().any(|it| it.or_from.as_ref() == Some(id));
    playbook
        .facts
        .values()
        .filter(|it| matches!(&it.from, Origin::Path { step, .. } if given(step)))
        .any(|it| !fills(&it.id) && !world.fact(&it.id, &Env::default()).values.is_empty())
}

/// Whether what is captured from a subject's own records names this value of that fact.
fn names(world: &World<'_>, fact: &str, name: &str, env: &Env) -> bool {
    let kind = world.playbook.facts.get(fact).map(|it| it.kind);
    world
        .playbook
        .facts
        .values()
        .filter(|it| Some(it.kind) == kind && matches!(it.from, Origin::Capture { .. }))
        .any(|it| {
            world.fact(&it.id, env).values.iter().any(|it| it.text().eq_ignore_ascii_case(name))
        })
}

/// The signs that end at least half of a playbook's causes.
pub(super) fn ends_alike(playbook: &Playbook) -> BTreeSet<&Id> {
    let causes = &playbook.causes;
    let ends = |id: &Id| causes.iter().filter(|it| it.over_when.contains(id)).count();
    let all: BTreeSet<&Id> = causes.iter().flat_map(|it| &it.over_when).collect();
    all.into_iter().filter(|it| ends(it) * 2 >= causes.len()).collect()
}

/// The shared signs that end at least half of the causes, where they were seen.
fn well(world: &World<'_>, findings: &[Finding]) -> Vec<Well> {
    let most = ends_alike(world.playbook);
    let mut all: Vec<Well> = Vec::new();
    for finding in findings.iter().filter(|it| !it.elsewhere) {
        for seen in &finding.signs {
            if seen.role != Role::OverWhen || seen.truth != Truth::Yes || !most.contains(&seen.sign)
            {
                continue;
            }
            // A sign of the pod tells nothing of one volume rather than another.
            let binders = world.playbook.signs.get(&seen.sign).map(|it| &it.binders);
            let subjects = finding.subjects.iter().map(|it| {
                let own = |id: &String| binders.is_some_and(|it| it.contains(id));
                it.iter().filter(|(id, _)| own(id)).map(|(k, v)| (k.clone(), v.clone())).collect()
            });
            let at = all.iter().position(|it| it.sign == seen.sign).unwrap_or_else(|| {
                all.push(Well { sign: seen.sign.clone(), subjects: Vec::new() });
                all.len() - 1
            });
            if let Some(well) = all.get_mut(at) {
                for subject in subjects {
                    if !well.subjects.contains(&subject) {
                        well.subjects.push(subject);
                    }
                }
            }
        }
    }
    all
}

/// The subjects of a cause under one binding: the one that is known, and those only texts name.
fn subjects(world: &World<'_>, cause: &Cause, env: Env) -> Vec<Env> {
    let mut strangers: BTreeSet<Whose> = BTreeSet::new();
    let asks = cause.requires.iter().chain(&cause.requires_any).chain(&cause.supports);
    let mut queue: Vec<&Id> = asks.collect();
    while let Some(id) = queue.pop() {
        match world.playbook.signs.get(id).map(|it| &it.test) {
            Some(Test::Text { texts, .. }) => {
                for (fact, watch) in texts {
                    strangers.extend(world.gather(fact, *watch, &env).strangers.iter().cloned());
                }
            }
            Some(Test::AnyOf(parts) | Test::AllOf(parts)) => queue.extend(parts),
            Some(Test::Value { .. }) | None => {}
        }
    }
    let known = !env.each.is_empty() || strangers.is_empty();
    let mut all: Vec<Env> =
        strangers.into_iter().map(|whose| Env { whose, ..Env::default() }).collect();
    if known {
        all.insert(0, env);
    }
    all
}

fn finding(world: &World<'_>, cause: &Cause, env: &Env) -> Finding {
    let mut signs = Vec::new();
    for (role, ids) in [
        (Role::Requires, &cause.requires),
        (Role::RequiresAny, &cause.requires_any),
        (Role::Supports, &cause.supports),
        (Role::Refutes, &cause.refutes),
        (Role::Excludes, &cause.excluded_by),
        (Role::OverWhen, &cause.over_when),
    ] {
        signs.extend(ids.iter().map(|id| (*sign(world, id, env)).clone().in_role(role)));
    }
    let verdict = verdict(&signs);
    let course = if verdict <= Verdict::Possible {
        chain::course(world, &signs, env)
    } else {
        chain::Course::Untold
    };
    // What an object shows by itself no record ends.
    let shown = signs
        .iter()
        .filter(|it| it.role == Role::RequiresAny && it.truth == Truth::Yes)
        .any(|it| !is_told(world, &it.sign));
    let superseded = course == chain::Course::Over && !shown;
    let deleted = matches!(&env.whose, Whose::Object(object) if world.gone.contains(object));
    // What is told of a subject that is there no more is over; what objects show by themselves is not.
    let was = verdict <= Verdict::Possible && !shows_the_present(world, &signs);
    if was {
        signs.extend(gone::told(world, &signs, env));
    }
    let past = superseded
        || deleted
        || has_ended(world, &signs, env, course)
        || was && gone::is_gone(world, env);
    let asides = world.playbook.asides(cause).into_iter().filter(|_| verdict <= Verdict::Possible);
    let asides = asides.map(|id| (id.clone(), sign(world, id, env).truth)).collect();
    let facts = facts(world, cause, env);
    Finding {
        playbook: world.playbook.id.clone(),
        cause: cause.id.clone(),
        subjects: subject(world, env).into_iter().collect(),
        verdict,
        past,
        superseded,
        elsewhere: matches!(env.whose, Whose::Object(_)),
        under: None,
        again: false,
        rivals: Vec::new(),
        place: 0,
        severity: cause.severity,
        gaps: gaps(&signs),
        signs,
        asides,
        others: Vec::new(),
        facts,
    }
}

/// What a cause speaks of. Where nobody knows that: what the name of whom it is about tells, or what stands in for it.
fn facts(world: &World<'_>, cause: &Cause, env: &Env) -> BTreeMap<String, Shown> {
    let subject = Subject::of(world, env);
    let mut all = BTreeMap::new();
    for (name, id) in &cause.speaks_of {
        let mut shown = (*world.shown(id, env)).clone();
        let fact = world.playbook.facts.get(id);
        if shown == Shown::Unknown
            && let Some(told) = fact.and_then(|it| subject.and_then(|of| of.tells(world, it)))
        {
            shown = Shown::Known(vec![redact(&told).into_owned()]);
        }
        let stand_ins = world.playbook.stand_ins(id);
        for other in stand_ins.filter(|_| !matches!(shown, Shown::Known(_))) {
            all.insert(other.clone(), (*world.shown(other, env)).clone());
        }
        all.insert(name.clone(), shown);
    }
    all
}

/// Whether the present tells that a cause has ended: by what it says itself, or because no symptom is there.
fn has_ended(world: &World<'_>, signs: &[SignSeen], env: &Env, course: chain::Course) -> bool {
    let over = |it: &&SignSeen| it.role == Role::OverWhen && it.truth == Truth::Yes;
    if course == chain::Course::GoesOn {
        // What ends most causes alike, such as a pod that runs, does not end what was said of it since.
        let alike = ends_alike(world.playbook);
        return signs.iter().filter(over).any(|it| !alike.contains(&it.sign));
    }
    let symptoms = &world.playbook.symptoms;
    let gone = |id: &Id| symptoms::of_now((*sign(world, id, env)).clone()).truth == Truth::No;
    let well = !symptoms.is_empty() && symptoms.iter().all(gone);
    signs.iter().any(|it| over(&it)) || well && !shows_the_present(world, signs)
}

/// Whether all that was seen are objects as they are now, and no record of what happened.
pub(super) fn shows_the_present(world: &World<'_>, signs: &[SignSeen]) -> bool {
    let required = signs.iter().filter(|it| matches!(it.role, Role::Requires | Role::RequiresAny));
    let mut seen = required.filter(|it| it.truth == Truth::Yes).peekable();
    seen.peek().is_some() && seen.all(|it| !is_told(world, &it.sign))
}

/// Whether a sign is made of records.
fn is_told(world: &World<'_>, id: &Id) -> bool {
    match world.playbook.signs.get(id).map(|it| &it.test) {
        Some(Test::Text { .. }) => true,
        Some(Test::AnyOf(parts) | Test::AllOf(parts)) => parts.iter().any(|it| is_told(world, it)),
        Some(Test::Value { .. }) | None => false,
    }
}

/// The table of verdicts (language reference, "Verdicts").
pub(crate) fn verdict(signs: &[SignSeen]) -> Verdict {
    let of = |role: Role| signs.iter().filter(move |it| it.role == role);
    let truths = |role: Role| of(role).map(|it| it.truth).collect::<Vec<_>>();
    let any = truths(Role::RequiresAny);
    let required = Truth::all(
        truths(Role::Requires).into_iter().chain((!any.is_empty()).then(|| Truth::any(any))),
    );
    let refuted = Truth::any(truths(Role::Refutes));
    let excluded = Truth::any(truths(Role::Excludes));
    // Without the weak signs, would it still hold?
    let firm = |it: &SignSeen| if it.weak { Truth::Unknown } else { it.truth };
    let firm_any: Vec<Truth> = of(Role::RequiresAny).map(firm).collect();
    let firmly = Truth::all(
        of(Role::Requires).map(firm).chain((!firm_any.is_empty()).then(|| Truth::any(firm_any))),
    );
    let seen = signs.iter().any(|it| match it.role {
        Role::Requires | Role::RequiresAny => it.truth == Truth::Yes || it.unattributed,
        Role::Supports => it.truth == Truth::Yes,
        Role::Refutes | Role::Excludes | Role::OverWhen | Role::Symptom => false,
    });
    match (required, refuted) {
        (Truth::No, _) => Verdict::NotIndicated,
        (_, Truth::Yes) => Verdict::RuledOut,
        (Truth::Unknown, _) if excluded == Truth::Yes => Verdict::RuledOut,
        (Truth::Yes, Truth::No) if firmly == Truth::Yes => Verdict::Confirmed,
        (Truth::Yes, _) => Verdict::Likely,
        (Truth::Unknown, _) if seen => Verdict::Possible,
        (Truth::Unknown, _) => Verdict::Undetermined,
    }
}

/// What the finding is about, for the reader.
fn subject(world: &World<'_>, env: &Env) -> Option<BTreeMap<String, String>> {
    let mut about = BTreeMap::new();
    for (id, value) in env.each.iter() {
        let fills =
            world.playbook.facts.values().any(
                |fact| matches!(&fact.from, Origin::Input { or_from: Some(from) } if from == id),
            );
        if !fills {
            about.insert(id.clone(), value.text().to_owned());
        }
    }
    // Only a text names whom a record is about: what stands in a name's place there may be anything.
    let named = match &env.whose {
        Whose::Own | Whose::Unnamed => None,
        Whose::Captured(fact, value) => Some((fact.as_str(), value)),
        Whose::Object(object) => Some((of_whom(world, object), object)),
    };
    about.extend(named.map(|(id, it)| (id.to_owned(), redact(it).into_owned())));
    (!about.is_empty()).then_some(about)
}

/// What an object is that only its events tell of: whom the playbook is about, where nobody is known; else another one.
fn of_whom<'w>(world: &World<'w>, object: &str) -> &'w str {
    let Some(input) = world.playbook.subject() else { return "object" };
    let kind = subject::kind(world);
    let is_such = |it: &&Given| it.names.get("kind").map(String::as_str) == kind;
    let mut events = world.scope.given.iter().filter(|it| it.kind == GivenKind::Events);
    let is_one = events.any(|it| is_such(&it) && it.object().as_deref() == Some(object));
    if is_one && world.fact(&input.name, &Env::default()).values.is_empty() {
        &input.name
    } else {
        "object"
    }
}

fn looked(world: &World<'_>) -> Vec<Looked> {
    let mut all: Vec<Looked> = Vec::new();
    for step in &world.playbook.steps {
        for env in envs(world, world.step_binders(step), &Env::default()) {
            for answered in world.answers(&step.id, &env).iter() {
                let (origin, missing, absent) = match &answered.answer {
                    Ok(document) => (document.origin.clone(), document.partial.clone(), false),
                    Err(Gap::Absent) => (String::new(), None, true),
                    // A refusal is told, also where nothing that was found depends on it.
                    Err(reason) if was_asked(reason) => {
                        (String::new(), Some(reason.clone()), false)
                    }
                    Err(_) => continue,
                };
                let line = Looked {
                    playbook: world.playbook.id.clone(),
                    step: step.id.clone(),
                    origin,
                    missing,
                    absent,
                };
                if !all.contains(&line) {
                    all.push(line);
                }
            }
        }
    }
    all
}

/// Whether somebody was asked, and did not answer.
fn was_asked(gap: &Gap) -> bool {
    match gap {
        Gap::Denied { .. }
        | Gap::Timeout
        | Gap::Interrupted
        | Gap::Refused
        | Gap::TooLarge
        | Gap::TooMany { .. }
        | Gap::Spoilt
        | Gap::Expired
        | Gap::Throttled
        | Gap::SignedOut { .. }
        | Gap::NoTool { .. }
        | Gap::SwitchedOff { .. }
        | Gap::Failed(_) => true,
        Gap::Absent
        | Gap::NeedsConsent
        | Gap::NotCaptured
        | Gap::Unsupported
        | Gap::CutOff
        | Gap::Malformed
        | Gap::NotText
        | Gap::Archive
        | Gap::Link
        | Gap::NotAFile
        | Gap::Ambiguous
        | Gap::DependsOnUnknown
        | Gap::HandedOver
        | Gap::NotAsked => false,
    }
}

fn recognised(piece: &Given, stands_for: Vec<String>, kinds: &BTreeSet<String>) -> Recognised {
    let of_such = piece.names.get("kind").is_some_and(|it| kinds.contains(&it.to_lowercase()));
    let warns = match piece.answer.as_ref().map(|it| &it.body) {
        Ok(Body::Text(text)) => !text.warnings.is_empty(),
        Ok(Body::Tree(_)) | Err(_) => false,
    };
    let aside = stands_for.is_empty() && of_such && warns;
    let (records, oddities, gap) = match &piece.answer {
        Ok(document) => match &document.body {
            Body::Text(text) => (text.records, text.oddities.iter().copied().collect(), None),
            Body::Tree(_) => (0, Vec::new(), None),
        },
        Err(gap) => (0, Vec::new(), Some(gap.clone())),
    };
    Recognised {
        origin: piece.origin.clone(),
        line: piece.line,
        what: piece.kind,
        names: piece.names.clone(),
        records,
        stands_for,
        aside,
        oddities,
        gap,
    }
}

/// The playbook of that id.
pub(super) fn playbook<'p>(playbooks: &'p [Playbook], id: &str) -> Option<&'p Playbook> {
    playbooks.iter().find(|it| it.id == id)
}
