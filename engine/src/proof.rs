//! The embedded tests of a playbook: evidence in, verdicts out, through the run time's own code.

use std::collections::BTreeMap;

use crate::diagnose::{Offsets, watchlist};
use crate::evidence::plan::{ROUNDS, wanted};
use crate::evidence::recording::{Recorded, RecordedBody, Recording};
use crate::evidence::{Answer, Evidence, Gap, Given, Scope};
use crate::fault::Fault;
use crate::given::Recogniser;
use crate::playbook::allow::allowed;
use crate::playbook::{CauseTest, Change, InputValue, Playbook};
use crate::system::Vocabulary;
use crate::text::Watchlist;
use crate::value::{Type, Value};
use crate::verdict::judge::judge;
use crate::verdict::world::World;
use crate::verdict::{Finding, Report};
use crate::words::{self, Holds, Words};

mod coverage;
mod slots;

use coverage::Coverage;

/// What an embedded test came to.
#[derive(Clone, Debug)]
pub struct TestOutcome {
    /// The cause whose file holds it.
    pub cause: String,
    /// Its name.
    pub test: String,
    /// Line in that file, from 1.
    pub line: usize,
    /// What was expected and did not come; empty: it passed.
    pub failures: Vec<Failure>,
    /// What the evidence came to, where something did not come as expected.
    pub report: Option<Report>,
}

/// One thing that was expected of a test and did not come.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What was wanted, and what came.
    pub said: String,
    /// The cause whose verdict is another than the one that was expected.
    pub cause: Option<String>,
}

/// What the embedded tests of a playbook prove.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// Every test, in file order.
    pub outcomes: Vec<TestOutcome>,
    /// What no test would notice, as warnings (P603, P604, P605), and allowances that allow nothing (P010).
    pub faults: Vec<Fault>,
}

/// Codes that running the tests tells, and that may be allowed.
const PROVED: &[&str] = &["P603", "P604", "P605"];

/// Runs every embedded test of a playbook. `files` are those it was loaded from.
pub fn run(
    playbook: &Playbook,
    files: &BTreeMap<String, Vec<u8>>,
    vocabulary: Vocabulary,
) -> Proof {
    let alone = std::slice::from_ref(playbook);
    let list = watchlist(alone);
    let empty = judge(alone, &Scope { vocabulary, ..Scope::default() }, &Evidence::default());
    let mut coverage = Coverage::default();
    let mut unpinned: BTreeMap<&str, slots::Unpinned> = BTreeMap::new();
    let outcomes = playbook
        .causes
        .iter()
        .flat_map(|cause| cause.tests.iter().map(move |test| (cause, test)))
        .map(|(cause, test)| {
            let report = report(playbook, &list, test, vocabulary);
            coverage.add(playbook, test, &report);
            let judge = |test: &CauseTest| self::report(playbook, &list, test, vocabulary);
            for (step, parts) in slots::unpinned(playbook, cause, test, &report, &judge) {
                unpinned.entry(&cause.id).or_default().entry(step).or_default().extend(parts);
            }
            let mut failures = unmet(test, &report);
            failures.extend(unshown(playbook, &cause.id, test, &report));
            if failures.is_empty()
                && unmet(test, &empty).is_empty()
                && test.shows.is_empty()
                && test.expect.values().any(|it| it.verdict <= crate::verdict::Verdict::Possible)
            {
                let said = "passes without any evidence: it cannot fail".to_owned();
                failures.push(Failure { said, cause: None });
            }
            TestOutcome {
                cause: cause.id.clone(),
                test: test.name.clone(),
                line: test.line,
                report: failures.iter().any(|it| it.cause.is_some()).then_some(report),
                failures,
            }
        })
        .collect();
    let mut faults = coverage.missing(playbook, files);
    for (cause, unpinned) in &unpinned {
        let cause = playbook.cause(cause);
        faults.extend(cause.into_iter().flat_map(|it| slots::faults(it, unpinned, files)));
    }
    Proof { outcomes, faults: allowed(faults, files, PROVED) }
}

/// What a test's evidence comes to.
fn report(
    playbook: &Playbook,
    list: &Watchlist,
    test: &CauseTest,
    vocabulary: Vocabulary,
) -> Report {
    let nothing = Recording::default();
    let recording =
        test.given.as_ref().and_then(|name| playbook.recordings.get(name)).unwrap_or(&nothing);
    let mut scope = Scope { vocabulary, now: recording.now, ..Scope::default() };
    for (name, value) in recording.inputs.iter().chain(&test.inputs) {
        scope.inputs.extend(input(value).map(|it| (name.clone(), it)));
    }
    scope.given.extend(recording.recognise(list));
    if let Some(paste) = &test.paste {
        scope.given.extend(recognise(list, "-", paste.as_bytes()));
    }
    let mut evidence = Evidence::default();
    for _ in 0..ROUNDS {
        let world = World::new(playbook, Offsets::default(), &scope, &evidence);
        let open = wanted(&world, |_| true);
        if open.is_empty() {
            break;
        }
        let answers: Vec<_> = open
            .into_iter()
            .map(|(request, steps)| {
                let change =
                    steps.iter().find_map(|step| test.change.get(step).map(|it| (step, it)));
                let answer = match change {
                    Some((step, change)) => changed(change, step, list),
                    None => recording.answer(&request, list),
                };
                (request, answer)
            })
            .collect();
        evidence.answers.extend(answers);
    }
    judge(std::slice::from_ref(playbook), &scope, &evidence)
}

/// Reads a text that was handed over.
pub fn recognise(list: &Watchlist, origin: &str, bytes: &[u8]) -> Vec<Given> {
    let mut recogniser = Recogniser::new(list, origin);
    recogniser.push(bytes);
    recogniser.finish()
}

/// An input as recordings and tests write it: a scalar, an object's names, or several of these.
pub fn input(value: &serde_json::Value) -> Option<InputValue> {
    if let Some(items) = value.as_array() {
        let objects = items.iter().map(|it| match input(it) {
            Some(InputValue::Object(object)) => Some(object),
            _ => None,
        });
        return objects.collect::<Option<Vec<_>>>().map(InputValue::Objects);
    }
    let kind = if value.is_object() { Type::ObjectRef } else { Type::String };
    let value = Value::read(kind, value)?;
    Some(match value.as_object() {
        Some(object) => InputValue::Object(object.clone()),
        None => InputValue::Text(value.text().to_owned()),
    })
}

fn changed(change: &Change, step: &str, list: &Watchlist) -> Answer {
    let body = match change {
        Change::Tree(tree) => Ok(RecordedBody::Tree(tree.clone())),
        Change::Text(text) => Ok(RecordedBody::Text(text.clone())),
        Change::Events(items) => Ok(RecordedBody::Events(items.clone())),
        Change::Absent => Err(Gap::Absent),
        Change::Gap(gap) => Err(gap.clone()),
    };
    let nothing = BTreeMap::<String, Vec<u8>>::new();
    Recorded { body, partial: None, origin: format!("change of {step}") }.answer(list, &nothing)
}

fn best<'r>(report: &'r Report, cause: &str) -> Option<&'r Finding> {
    report.findings.iter().find(|it| it.cause == cause)
}

fn unmet(test: &CauseTest, report: &Report) -> Vec<Failure> {
    let mut failures = Vec::new();
    let mut note = |cause: &str, wanted: &str, got: &str| {
        let said = format!("{cause}: expected {wanted}, got {got}");
        failures.push(Failure { said, cause: Some(cause.to_owned()) });
    };
    for (cause, wanted) in &test.expect {
        // A playbook that has nothing to say leaves all its causes undetermined.
        let (verdict, past) = best(report, cause)
            .map_or((crate::verdict::Verdict::Undetermined, false), |it| (it.verdict, it.past));
        if verdict != wanted.verdict {
            note(cause, wanted.verdict.name(), verdict.name());
        } else if wanted.past.is_some_and(|it| it != past) {
            let time = |past: bool| if past { "past" } else { "now" };
            note(cause, time(!past), time(past));
        }
    }
    failures
}

fn unshown(playbook: &Playbook, cause: &str, test: &CauseTest, report: &Report) -> Vec<Failure> {
    let rendered: BTreeMap<&String, String> = test
        .shows
        .keys()
        .filter_map(|locale| {
            let words = Words::new(locale).ok()?;
            let found = words::finding(&words, playbook, best(report, cause)?);
            let mut text = format!("{}\n{}", found.title, found.explains);
            for row in found.compares.iter().flat_map(|it| &it.rows) {
                if let Holds::Values(values) = &row.holds {
                    let values = values.iter().map(|(what, value)| format!("{what} {value}"));
                    text.push_str(&format!(
                        "\n{}: {}",
                        row.label,
                        values.collect::<Vec<_>>().join("; ")
                    ));
                }
                let says =
                    row.mark.iter().map(|(same, says)| (if *same { '=' } else { '≠' }, says));
                says.for_each(|(mark, says)| text.push_str(&format!("\n{mark} {says}")));
            }
            for remedy in &found.remedy {
                text.push_str(&format!(
                    "\n{}\n{}",
                    remedy.does,
                    remedy.command.clone().unwrap_or_default()
                ));
            }
            Some((locale, text))
        })
        .collect();
    test.shows
        .iter()
        .filter(|(locale, wanted)| {
            !rendered.get(locale).is_some_and(|it| it.contains(wanted.as_str()))
        })
        .map(|(locale, wanted)| format!("does not show {wanted:?} in {locale}"))
        .map(|said| Failure { said, cause: None })
        .collect()
}
