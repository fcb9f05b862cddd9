//! What random playbooks and random evidence are made of: throws of dice. Fewer and lower throws make
//! simpler ones, so that a broken law shrinks to a small case.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proptest::prelude::*;
use triagem_engine::system::{System, Vocabulary};
use triagem_engine::verdict::{Report, Truth, Verdict};

use super::sources::built_in;

/// Throws of dice; when they run out, each throw is 0.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    throws: Vec<u8>,
    at: usize,
}

impl Dice {
    pub(crate) fn new(throws: Vec<u8>) -> Self {
        Self { throws, at: 0 }
    }

    /// A number below `sides`.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        let throw = self.throws.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(throw) % sides.max(1)
    }

    /// True that often; false when the throws have run out.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent
    }

    pub(crate) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// Up to `most` of them, each once.
    pub(crate) fn some<T: Clone + Ord>(&mut self, of: &[T], most: usize) -> Vec<T> {
        let many = if of.is_empty() { 0 } else { self.below(most + 1) };
        let set: BTreeSet<T> = (0..many).map(|_| self.one(of)).collect();
        set.into_iter().collect()
    }

    /// The same things in another order.
    pub(crate) fn shuffled<T: Clone>(&mut self, of: &[T]) -> Vec<T> {
        let mut left = of.to_vec();
        let mut found = Vec::new();
        while !left.is_empty() {
            found.push(left.remove(self.below(left.len())));
        }
        found
    }
}

/// So many cases, or `PROPTEST_CASES` (for a long look).
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").map_or(cases, |it| it.parse().unwrap_or(cases));
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

pub(crate) fn dice(most: usize) -> impl Strategy<Value = Dice> {
    proptest::collection::vec(any::<u8>(), most / 2..most).prop_map(Dice::new)
}

/// The sources, none of them dear: every question is asked, whoever needs the answer.
pub(crate) fn sources() -> Vocabulary {
    static ALL: LazyLock<Vec<System>> = LazyLock::new(|| {
        let mut all = built_in().clone();
        for source in all.iter_mut().flat_map(|it| &mut it.sources) {
            source.dear = false;
        }
        all
    });
    Vocabulary::of(&ALL)
}

/// Types with values of them; each list holds equal ones in other spellings, and one that is not
/// of the type.
pub(crate) const TYPES: &[(&str, &[&str])] = &[
    ("string", &["a", "b", "A"]),
    ("int", &["1", "2", "10", "x"]),
    ("bool", &["true", "false", "maybe"]),
    (
        "guid",
        &[
            "5e1d9f3a-0000-4e8d-a1f7-3b9c0d2e4f11",
            "5E1D9F3A-0000-4E8D-A1F7-3B9C0D2E4F11",
            "6e1d9f3a-0000-4e8d-a1f7-3b9c0d2e4f11",
            "no-guid",
        ],
    ),
    ("host", &["kv-a.vault.net", "KV-A.vault.net.", "kv-b.vault.net", "no host"]),
    ("ip", &["10.0.0.4", "192.168.1.1", "::1", "nowhere"]),
    ("version", &["1.2.0", "v1.10", "1.10.0", "new"]),
    ("duration", &["10m", "600s", "2h", "long"]),
    ("timestamp", &["2026-11-23T10:00:00Z", "2026-11-23T09:00:00Z", "late"]),
    ("quantity", &["500m", "0.5", "2Gi", "much"]),
    ("k8s-name", &["w-0", "w-1", "W 2"]),
    ("azure-resource-id", &["/subscriptions/s/resourceGroups/g/providers/p/t/n", "g/n"]),
];

/// What texts are made of, and what signs look for in them.
pub(crate) const PHRASES: &[&str] = &[
    "mount failed",
    "identity missing",
    "vault kv-a open",
    "vault kv-b open",
    "code=403 mount",
    "code=500 mount",
    "host 10.0.0.4 closed",
    "denied by policy",
];
pub(crate) const ABOUT: &[&str] = &["w-0", "w-1", "a", "ns/w-0"];
/// One hour after the timestamps above.
pub(crate) const NOW: i64 = 1_795_431_600_000_000;

/// One cause, one subject.
pub(crate) type Key = (String, BTreeMap<String, String>);

/// What is told of it: verdict, past, and its signs, sorted.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Told {
    pub(crate) verdict: Verdict,
    pub(crate) past: bool,
    pub(crate) signs: Vec<(String, Truth, bool, u64)>,
}

/// What a report says of whom, whatever the order and the words.
pub(crate) fn told(report: &Report) -> BTreeMap<Key, BTreeSet<Told>> {
    let mut all: BTreeMap<Key, BTreeSet<Told>> = BTreeMap::new();
    for finding in &report.findings {
        let mut signs: Vec<_> = finding
            .signs
            .iter()
            .map(|it| (format!("{:?} {}", it.role, it.sign), it.truth, it.weak, it.count))
            .collect();
        signs.sort();
        let told = Told { verdict: finding.verdict, past: finding.past, signs };
        // What is possible of several is told of one of them, and named of the others.
        let mut subjects = [finding.subjects.clone(), finding.others.clone()].concat();
        if subjects.is_empty() {
            subjects.push(BTreeMap::new());
        }
        for subject in subjects {
            all.entry((finding.cause.clone(), subject)).or_default().insert(told.clone());
        }
    }
    all
}
