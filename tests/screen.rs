//! What every report keeps to, whatever the evidence is: it fits a screen or two, nothing is quoted twice, and no line stands under
//! two headings.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Lines of a report that nobody asked to be longer.
const LINES: usize = 100;
/// Characters of a quoted line.
const QUOTE: usize = 400;
/// Short lines, such as who does a step, are alike by chance.
const SHORT: usize = 30;

/// What is wrong with the text of a report.
fn wrong(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let lines = text.lines().count();
    if lines > LINES {
        wrong.push(format!("{lines} lines"));
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut before = "";
    let next = text.lines().skip(1).map(str::trim).chain([""]);
    for (line, next) in text.lines().map(str::trim).zip(next) {
        let quoted = line.starts_with("> ");
        if quoted && before.starts_with("> ") {
            wrong.push(format!("more than the line that decides: {line}"));
        }
        if quoted && line.chars().count() > QUOTE {
            wrong.push(format!("{} characters: {line}", line.chars().count()));
        }
        before = line;
        // Who does a step, what it changes and when that takes effect is the same of many steps; of one record several things are
        // quoted.
        let of_step = line.contains(" · ") && !line.contains(|it: char| it.is_ascii_digit());
        let place = next.starts_with("> ");
        // A name that fills a line, where two sentences end with it, is no sentence.
        let name = !line.contains(' ');
        if quoted || line.chars().count() > SHORT && !of_step && !place && !name {
            *seen.entry(line).or_default() += 1;
        }
    }
    let twice = seen.iter().filter(|(_, times)| **times > 1);
    wrong.extend(twice.map(|(line, times)| format!("{times} times: {line}")));
    wrong
}

fn report(case: &Path, locale: &str) -> String {
    let packed = case.join("evidence.tar.gz");
    let evidence = if packed.exists() { packed } else { case.join("evidence") };
    let run = Command::new(env!("CARGO_BIN_EXE_triagem"))
        .arg("diagnose")
        .arg(evidence)
        .args(["--color", "never", "--lang", locale])
        .output()
        .unwrap();
    String::from_utf8_lossy(&run.stdout).into_owned()
}

#[test]
fn every_report_fits_and_says_nothing_twice() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(cases).unwrap().map(|it| it.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 100);
    let next = AtomicUsize::new(0);
    let found = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for locale in ["en", "pt-BR"] {
                        let wrong = wrong(&report(case, locale));
                        if !wrong.is_empty() {
                            let name = case.file_name().unwrap().to_string_lossy().into_owned();
                            found.lock().unwrap().insert((name, locale), wrong);
                        }
                    }
                }
            });
        }
    });
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{} of {}: {found:#?}", found.len(), 2 * cases.len());
}
