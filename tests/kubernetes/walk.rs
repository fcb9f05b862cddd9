//! Every fault at every question of a diagnosis, and what a fault may do to a report: make it say *could not check*, and
//! nothing else.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::served::front::{Fault, Front};

/// A question, and how often it was asked before.
pub type Position = (String, usize);

/// What was asked, in order.
pub fn positions(front: &Front) -> Vec<Position> {
    let asked = front.asked_each_time();
    asked
        .iter()
        .enumerate()
        .map(|(at, path)| (path.clone(), asked[..at].iter().filter(|it| *it == path).count()))
        .collect()
}

/// Causes of which nothing is told any more: ruled out, or not indicated.
pub fn dismissed(report: &Json) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut told = BTreeSet::new();
    for finding in report["findings"].as_array().into_iter().flatten() {
        let cause = finding["cause"].as_str().unwrap().to_owned();
        if !matches!(finding["verdict"].as_str(), Some("ruled-out" | "not-indicated")) {
            told.insert(cause.clone());
        }
        all.insert(cause);
    }
    all.difference(&told).cloned().collect()
}

/// Takes every step, some of them at once.
pub fn walk<Step: Sync>(steps: &[Step], take: impl Fn(&Step) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(step) = steps.get(next.fetch_add(1, Ordering::Relaxed)) {
                    take(step);
                }
            });
        }
    });
}

/// One fault at one question: what `run` gives then, with its exit code, is no better and tells nothing else than the
/// report without a fault, whose cause is `cause` and which dismissed `clean`.
pub fn judge(
    (front, (path, times), fault): (&Front, &Position, Fault),
    run: impl FnOnce() -> (Json, Option<i32>),
    cause: &str,
    clean: &BTreeSet<String>,
) {
    front.fail_from(path, *times, fault);
    let begun = Instant::now();
    let (report, code) = run();
    let told = format!("{fault:?} at {path} ({times}): exit {code:?}");
    // Its deadline is 4 s; the rest is for a busy machine.
    assert!(begun.elapsed() < Duration::from_secs(90), "{told} took {:?}", begun.elapsed());
    assert!(matches!(code, Some(1 | 3 | 4)), "{told}");
    if code == Some(4) {
        return;
    }
    let findings = report["findings"].as_array().unwrap();
    for finding in findings {
        let strong = finding["verdict"] == "confirmed" || finding["verdict"] == "likely";
        let own = finding["cause"] == cause;
        assert!(own || !strong, "{told}: {finding:#}");
        assert!(!own || finding["when"] != "past", "{told}: it is told as past");
    }
    let less: Vec<String> = dismissed(&report).difference(clean).cloned().collect();
    assert!(less.is_empty(), "{told}: dismissed for want of an answer: {less:?}");
}
