//! The project's own cases: a folder of evidence as somebody would hand it over, and what the binary must make of it.
//!
//! `tests/cases/<name>/case.yaml` says what is expected, `evidence/` (or `evidence.tar.gz`, a recording) is what is handed over. A case that says `golden: true` also keeps
//! the text reports, word for word; `UPDATE_CASES=1` writes those anew.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;
use serde_json::Value as Json;

const LOCALES: [&str; 2] = ["en", "pt-BR"];
const THREADS: usize = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// One sentence: what went wrong, or why nothing did.
    what: String,
    /// Where the shape of the messages was seen.
    seen: String,
    /// The provider's era, or the version that matters.
    era: String,
    /// Cause → the verdict of its best finding. A cause that is confirmed or likely and does not stand here fails the case.
    #[serde(default)]
    expect: BTreeMap<String, Expected>,
    /// The cause of the first finding.
    first: Option<String>,
    /// What every confirmed and likely finding is about, and nothing else: fact → value.
    #[serde(default)]
    about: BTreeMap<String, String>,
    /// When the confirmed and likely ones were; all of them alike.
    when: Option<When>,
    /// Those of the confirmed and likely causes that are of now, and no others: what was mended since is past.
    now: Option<BTreeSet<String>>,
    /// Neighbours that may be neither confirmed nor likely.
    #[serde(default)]
    never: Vec<String>,
    /// Step → the reason why it could not be looked at, as the report must name it.
    #[serde(default)]
    gaps: BTreeMap<String, String>,
    /// Texts of the evidence that no report may hold.
    #[serde(default)]
    secrets: Vec<String>,
    /// Texts that the English report must hold.
    #[serde(default)]
    shows: Vec<String>,
    /// The exit code.
    exit: i32,
    /// Whether a playbook has something to say.
    #[serde(default = "yes")]
    fits: bool,
    /// Whether the text reports stand beside it.
    #[serde(default)]
    golden: bool,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Expected {
    Confirmed,
    Likely,
    Possible,
    Undetermined,
    RuledOut,
    NotIndicated,
}

impl Expected {
    fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Likely => "likely",
            Self::Possible => "possible",
            Self::Undetermined => "undetermined",
            Self::RuledOut => "ruled-out",
            Self::NotIndicated => "not-indicated",
        }
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum When {
    Now,
    Past,
}

impl When {
    fn name(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Past => "past",
        }
    }
}

#[test]
fn every_case_comes_out_as_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let causes = causes(&root.join("playbooks"));
    let update = std::env::var_os("UPDATE_CASES").is_some();
    let folders = below(&root.join("tests/cases"));
    assert!(!folders.is_empty());
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(folder) = folders.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let wrong = check(folder, &causes, update);
                    if !wrong.is_empty() {
                        failures.lock().unwrap().insert(name(folder), wrong);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    let mut told = String::new();
    for (case, wrong) in &failures {
        write!(told, "\n{case}\n    {}\n", wrong.join("\n").replace('\n', "\n    ")).unwrap();
    }
    assert!(failures.is_empty(), "{} of {} cases:\n{told}", failures.len(), folders.len());
}

/// What is wrong with one case; empty: nothing.
fn check(folder: &Path, causes: &BTreeSet<String>, update: bool) -> Vec<String> {
    let case: Case = match fs::read_to_string(folder.join("case.yaml"))
        .map_err(|error| error.to_string())
        .and_then(|text| serde_yaml::from_str(&text).map_err(|error| error.to_string()))
    {
        Ok(case) => case,
        Err(error) => return vec![format!("case.yaml: {error}")],
    };
    let mut wrong = malformed(folder, &case, causes);
    if !wrong.is_empty() {
        return wrong;
    }
    let run = diagnose(folder, &["--output", "json", "--all"]);
    let Ok(report) = serde_json::from_slice(&run.stdout) else {
        return vec![format!("no report: {}", String::from_utf8_lossy(&run.stderr))];
    };
    wrong.extend(unmet(&case, &report, run.status.code()));
    if !case.secrets.is_empty() {
        wrong.extend(told(&case, &[run, diagnose(folder, &["--output", "text", "--all"])]));
    }
    if !case.shows.is_empty() {
        let run = diagnose(folder, &["--output", "text", "--color", "never", "--lang", "en"]);
        let report = String::from_utf8_lossy(&run.stdout);
        let unsaid = case.shows.iter().filter(|it| !report.contains(it.as_str()));
        wrong.extend(unsaid.map(|it| format!("- shows: {it}")));
    }
    if case.golden {
        wrong.extend(LOCALES.iter().filter_map(|locale| golden(folder, locale, update)));
    }
    wrong
}

/// Faults of the case itself.
fn malformed(folder: &Path, case: &Case, causes: &BTreeSet<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (key, text) in [("what", &case.what), ("seen", &case.seen), ("era", &case.era)] {
        if text.trim().is_empty() {
            wrong.push(format!("case.yaml: `{key}` says nothing"));
        }
    }
    for cause in case.expect.keys().chain(&case.never).chain(&case.first) {
        if !causes.contains(cause) {
            wrong.push(format!("case.yaml: no playbook has a cause `{cause}`"));
        }
    }
    let reports = LOCALES.map(golden_name);
    for file in below(folder).iter().map(|it| name(it)) {
        let known = matches!(file.as_str(), "case.yaml" | "evidence" | "evidence.tar.gz")
            || case.golden && reports.contains(&file);
        if !known {
            wrong.push(format!("{file} is not part of this case"));
        }
    }
    let evidence = evidence(folder);
    if evidence.is_dir() && below(&evidence).is_empty() {
        wrong.push("there is no evidence".to_owned());
    }
    wrong
}

/// What was expected and did not come, or came and was not expected.
fn unmet(case: &Case, report: &Json, exit: Option<i32>) -> Vec<String> {
    let mut wrong = Vec::new();
    let findings = list(report, "findings");
    let strong = |it: &&Json| matches!(text(it, "verdict"), "confirmed" | "likely");
    for (cause, wanted) in &case.expect {
        // A playbook that has nothing to say leaves all its causes undetermined.
        let came = findings
            .iter()
            .find(|it| text(it, "cause") == cause)
            .map_or("undetermined", |it| text(it, "verdict"));
        if came != wanted.name() {
            wrong.push(format!("- {cause}: {}\n+ {cause}: {came}", wanted.name()));
        }
    }
    let mut told = BTreeSet::new();
    for possible in findings.iter().filter(|it| text(it, "verdict") == "possible") {
        let cause = text(possible, "cause");
        if !told.insert((text(possible, "playbook"), cause)) {
            wrong.push(format!("+ {cause}: possible, once more"));
        }
    }
    let strong: Vec<&Json> = findings.iter().filter(strong).collect();
    for finding in &strong {
        let (cause, verdict, when) =
            (text(finding, "cause"), text(finding, "verdict"), text(finding, "when"));
        let expected = case
            .expect
            .get(cause)
            .is_some_and(|it| matches!(it, Expected::Confirmed | Expected::Likely));
        if case.never.iter().any(|it| it == cause) {
            wrong.push(format!("- {cause}: never\n+ {cause}: {verdict}"));
        } else if !case.expect.contains_key(cause) {
            wrong.push(format!("+ {cause}: {verdict} ({when}), and nobody expects it"));
        }
        if let Some(wanted) = case.when
            && expected
            && wanted.name() != when
        {
            wrong.push(format!("- {cause}: {}\n+ {cause}: {when}", wanted.name()));
        }
    }
    if let Some(wanted) = &case.now {
        let of_now = strong.iter().filter(|it| text(it, "when") == "now");
        let came: BTreeSet<String> = of_now.map(|it| text(it, "cause").to_owned()).collect();
        if came != *wanted {
            wrong.push(format!("- now: {wanted:?}\n+ now: {came:?}"));
        }
    }
    if let Some(wanted) = &case.first {
        let came = strong.first().map_or("nothing", |it| text(it, "cause"));
        if came != wanted {
            wrong.push(format!("- first: {wanted}\n+ first: {came}"));
        }
    }
    for finding in strong.iter().filter(|_| !case.about.is_empty()) {
        let subjects = list(finding, "subjects");
        let is_about = |it: &Json| case.about.iter().all(|(fact, value)| it[fact] == **value);
        if subjects.is_empty() || !subjects.iter().all(is_about) {
            let cause = text(finding, "cause");
            wrong
                .push(format!("- {cause} about {:?}\n+ about {}", case.about, finding["subjects"]));
        }
    }
    let gaps: BTreeSet<(&str, &str)> = list(report, "unchecked")
        .iter()
        .map(|it| &it["gap"])
        .chain(findings.iter().flat_map(|it| list(it, "gaps")))
        .map(|it| (text(it, "step"), text(it, "reason")))
        .collect();
    for (step, reason) in &case.gaps {
        if !gaps.contains(&(step.as_str(), reason.as_str())) {
            let came: Vec<&str> = gaps.iter().filter(|it| it.0 == step).map(|it| it.1).collect();
            wrong.push(format!("- gap of {step}: {reason}\n+ gaps of {step}: {}", came.join(", ")));
        }
    }
    if list(report, "playbooks").iter().any(|it| it["fits"] == true) != case.fits {
        wrong.push(format!("- fits: {}\n+ fits: {}", case.fits, !case.fits));
    }
    if exit != Some(case.exit) {
        wrong.push(format!("- exit: {}\n+ exit: {}", case.exit, exit.unwrap_or(-1)));
    }
    wrong
}

/// The secrets that got into a report.
fn told(case: &Case, runs: &[Output]) -> Vec<String> {
    let texts: Vec<_> = runs.iter().map(|it| String::from_utf8_lossy(&it.stdout)).collect();
    let told = |secret: &&String| texts.iter().any(|it| it.contains(secret.as_str()));
    case.secrets.iter().filter(told).map(|it| format!("+ secret: {it}")).collect()
}

/// Compares the text report with the one that is kept, or keeps it.
fn golden(folder: &Path, locale: &str, update: bool) -> Option<String> {
    let run = diagnose(folder, &["--output", "text", "--color", "never", "--lang", locale]);
    let came = String::from_utf8_lossy(&run.stdout).into_owned();
    let file = folder.join(golden_name(locale));
    if update {
        fs::write(&file, came).unwrap();
        return None;
    }
    let name = golden_name(locale);
    let Ok(kept) = fs::read_to_string(&file) else {
        return Some(format!("there is no {name} (UPDATE_CASES=1 writes it)"));
    };
    (kept != came).then(|| {
        let difference = difference(&kept, &came);
        format!("{name} reads otherwise (UPDATE_CASES=1 keeps what came):\n{difference}")
    })
}

/// What is handed over.
fn evidence(folder: &Path) -> PathBuf {
    let packed = folder.join("evidence.tar.gz");
    if packed.exists() { packed } else { folder.join("evidence") }
}

fn golden_name(locale: &str) -> String {
    format!("report.{locale}.txt")
}

fn diagnose(folder: &Path, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_triagem"))
        .arg("diagnose")
        .arg(evidence(folder))
        .args(options)
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env("LANG", "C")
        .output()
        .unwrap()
}

/// The lines that differ, each after the last line that both have.
fn difference(kept: &str, came: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (kept.lines().collect(), came.lines().collect());
    // The longest common rest, from each pair of lines on.
    let mut rest = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            rest[i][j] = if old[i] == new[j] {
                rest[i + 1][j + 1] + 1
            } else {
                rest[i + 1][j].max(rest[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut told, mut out) = (0, 0, true, String::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j, told) = (i + 1, j + 1, false);
            continue;
        }
        if !told && i > 0 {
            writeln!(out, "  {i:>3} | {}", old[i - 1]).unwrap();
            told = true;
        }
        if j >= new.len() || i < old.len() && rest[i + 1][j] >= rest[i][j + 1] {
            writeln!(out, "- {:>3} | {}", i + 1, old[i]).unwrap();
            i += 1;
        } else {
            writeln!(out, "+ {:>3} | {}", j + 1, new[j]).unwrap();
            j += 1;
        }
    }
    out
}

/// The ids of all causes of all playbooks.
fn causes(playbooks: &Path) -> BTreeSet<String> {
    below(playbooks)
        .iter()
        .flat_map(|it| below(&it.join("causes")))
        .filter_map(|it| Some(it.file_stem()?.to_string_lossy().into_owned()))
        .collect()
}

/// What stands in a folder, sorted; nothing where there is none.
fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|it| it.unwrap().path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn list<'a>(of: &'a Json, key: &str) -> &'a [Json] {
    of[key].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(of: &'a Json, key: &str) -> &'a str {
    of[key].as_str().unwrap_or_default()
}
