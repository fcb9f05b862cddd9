//! What no test of a playbook would notice: a cause that nothing refuses, a sign that could be left out.
//!
//! Leaving a sign out changes no sign's truth, so nothing is judged again: the table of verdicts is asked once more
//! without it.

use std::collections::{BTreeMap, BTreeSet};

use crate::fault::Fault;
use crate::playbook::{Cause, CauseTest, Expectation, Id, Playbook};
use crate::verdict::judge::verdict;
use crate::verdict::{Finding, Report, Role, SignSeen, Truth, Verdict};
use crate::yaml::{Kind, Node, Span, tree};

/// What the tests that were run so far would notice.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// Causes that some test expects not to be found.
    refused: BTreeSet<String>,
    /// Cause, key and sign that some test would miss.
    noticed: BTreeSet<(String, &'static str, Id)>,
}

impl Coverage {
    /// Adds what a test would notice of the causes that it expects something of.
    pub(super) fn add(&mut self, playbook: &Playbook, test: &CauseTest, report: &Report) {
        for (id, wanted) in &test.expect {
            if wanted.verdict > Verdict::Possible {
                self.refused.insert(id.clone());
            }
            let Some(cause) = playbook.causes.iter().find(|it| it.id == *id) else { continue };
            let found: Vec<&Finding> =
                report.findings.iter().filter(|it| it.cause == *id).collect();
            for (key, role, sign) in parts(cause) {
                if !found.is_empty() && !meets(wanted, &found, role, sign) {
                    self.noticed.insert((id.clone(), key, sign.clone()));
                }
            }
        }
    }

    /// What no test would notice, as warnings at the place where it stands.
    pub(super) fn missing(
        &self,
        playbook: &Playbook,
        files: &BTreeMap<String, Vec<u8>>,
    ) -> Vec<Fault> {
        let mut faults = Vec::new();
        for cause in &playbook.causes {
            let text = files.get(&cause.file).map(|it| String::from_utf8_lossy(it));
            let root = text.and_then(|it| tree(&it).ok());
            let mut warn = |code, at: &[&str], message: String, help: &str| {
                let span = root.as_ref().and_then(|it| place(it, at)).unwrap_or(START);
                let (file, help) = (cause.file.clone(), Some(help.to_owned()));
                faults.push(Fault { file, span, code, warning: true, message, help });
            };
            if !self.refused.contains(&cause.id) {
                let help = "add a test of a neighbour, or of a healthy pod, that expects it undetermined, ruled-out or not-indicated";
                warn("P603", &["id"], "no test refuses this cause".to_owned(), help);
            }
            for (key, _, sign) in parts(cause) {
                if self.noticed.contains(&(cause.id.clone(), key, sign.clone())) {
                    continue;
                }
                let name = sign.rsplit('/').next().unwrap_or(sign);
                let message = format!("no test would notice if `{name}` were left out of `{key}`");
                let help = "add a test whose verdict (or `when`) depends on it";
                warn("P604", &[key, name], message, help);
            }
        }
        faults
    }
}

/// What decides about a cause. What ends every cause of the playbook alike is proved by one of them.
fn parts(cause: &Cause) -> impl Iterator<Item = (&'static str, Role, &Id)> {
    let own = |it: &&Id| it.contains('/');
    cause
        .requires
        .iter()
        .map(|it| ("requires", Role::Requires, it))
        .chain(cause.requires_any.iter().map(|it| ("requires-any", Role::RequiresAny, it)))
        .chain(cause.refutes.iter().map(|it| ("refutes", Role::Refutes, it)))
        .chain(cause.excluded_by.iter().map(|it| ("excluded-by", Role::Excludes, it)))
        .chain(cause.over_when.iter().filter(own).map(|it| ("over-when", Role::OverWhen, it)))
}

/// Whether a test would pass all the same without that sign.
fn meets(wanted: &Expectation, found: &[&Finding], role: Role, sign: &Id) -> bool {
    let without = found.iter().map(|finding| {
        let is_it = |it: &&SignSeen| it.role == role && it.sign == *sign;
        let left: Vec<SignSeen> = finding.signs.iter().filter(|it| !is_it(it)).cloned().collect();
        let over = |signs: &[SignSeen]| {
            signs.iter().any(|it| it.role == Role::OverWhen && it.truth == Truth::Yes)
        };
        let past = over(&left) || finding.past && !over(&finding.signs);
        (verdict(&left), past)
    });
    without.min().is_some_and(|(verdict, past)| {
        verdict == wanted.verdict && wanted.past.is_none_or(|it| it == past)
    })
}

/// The beginning of a file.
const START: Span = Span { line: 1, column: 1, start: 0, end: 0 };

/// Where the value of a key stands, or one of the names in it.
fn place(root: &Node, path: &[&str]) -> Option<Span> {
    let Kind::Mapping(entries) = &root.kind else { return None };
    let (key, rest) = path.split_first()?;
    let (_, value) = entries.iter().find(|(it, _)| it.text() == Some(*key))?;
    match (&value.kind, rest.first()) {
        (Kind::Sequence(items), Some(name)) => {
            items.iter().find(|it| it.text() == Some(*name)).map(|it| it.span)
        }
        _ => Some(value.span),
    }
}
