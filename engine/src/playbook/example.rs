//! What a playbook proves: the tests that stand in its causes.

use std::collections::BTreeMap;

use super::Id;

/// An embedded test of a cause.
#[derive(Clone, Debug)]
pub struct CauseTest {
    /// What it shows.
    pub name: String,
    /// A recording's name.
    pub given: Option<String>,
    /// Pasted text.
    pub paste: Option<String>,
    /// Inputs a person gives.
    pub inputs: BTreeMap<String, serde_json::Value>,
    /// Answers of whole steps, replaced.
    pub change: BTreeMap<Id, Change>,
    /// Cause → what it must come to.
    pub expect: BTreeMap<String, Expectation>,
    /// locale → text that the rendered finding must contain.
    pub shows: BTreeMap<String, String>,
    /// Line of the test in its file, from 1.
    pub line: usize,
}

/// The answer that replaces a recorded one.
#[derive(Clone, Debug)]
pub enum Change {
    /// A complete tree.
    Tree(serde_json::Value),
    /// A complete text.
    Text(String),
    /// All events, as the API server gives them.
    Events(Vec<serde_json::Value>),
    /// We looked, it is not there.
    Absent,
    /// We could not look: a gap's name, and what it needs.
    Gap(crate::evidence::Gap),
}

/// What a test expects of a cause.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Expectation {
    /// The verdict.
    pub verdict: crate::verdict::Verdict,
    /// Now or past; `None` accepts both.
    pub past: Option<bool>,
}
