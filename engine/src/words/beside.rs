//! What a report shows beside a cause: small tables, and tests by hand where several causes are possible.

use std::collections::BTreeSet;

use super::{RemedyWords, Words, step};
use crate::playbook::message::word_name;
use crate::playbook::template::visible_name;
use crate::playbook::{Playbook, Probe, Row};
use crate::verdict::{Finding, Report, Shown, Truth, Verdict, split};

/// A table, in words.
#[derive(Clone, Debug)]
pub struct CompareWords {
    /// Its name.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// From top to bottom.
    pub rows: Vec<RowWords>,
}

/// One line of a table, in words.
#[derive(Clone, Debug)]
pub struct RowWords {
    /// What it tells.
    pub label: String,
    /// What is known of it.
    pub holds: Holds,
    /// It agrees with what was meant (`true`), or does not; and the sentence that says so.
    pub mark: Option<(bool, String)>,
}

/// What a row holds.
#[derive(Clone, Debug)]
pub enum Holds {
    /// These: what each is (empty where the row says it), and the value.
    Values(Vec<(String, String)>),
    /// Somebody looked, and there is nothing.
    Nothing,
    /// Nobody could look.
    Unknown,
}

/// The tables of a finding of which something is known.
pub(super) fn compares(words: &Words, playbook: &Playbook, finding: &Finding) -> Vec<CompareWords> {
    let Some(cause) = playbook.cause(&finding.cause) else { return Vec::new() };
    let tables = cause.compares.iter().filter_map(|it| playbook.compares.get(it));
    let told = tables.map(|it| {
        let id = format!("compares.{}", it.name);
        let say = |id: &str, english: &str| words.message(playbook, id, english, &finding.facts);
        CompareWords {
            id: it.name.clone(),
            title: say(&format!("{id}.title"), &it.title),
            rows: it
                .rows
                .iter()
                .map(|row| RowWords {
                    label: say(&format!("{id}.rows.{}.label", word_name(&row.label)), &row.label),
                    holds: holds(words, playbook, finding, row),
                    mark: mark(words, playbook, finding, row),
                })
                .collect(),
        }
    });
    let is_known =
        |it: &CompareWords| it.rows.iter().any(|it| matches!(it.holds, Holds::Values(_)));
    told.filter(is_known).collect()
}

fn holds(words: &Words, playbook: &Playbook, finding: &Finding, row: &Row) -> Holds {
    let mut values: Vec<(String, String)> = Vec::new();
    let mut open = row.signs.iter().any(|it| finding.asides.get(it) != Some(&Truth::No));
    for fact in &row.facts {
        match finding.facts.get(fact) {
            Some(Shown::Known(all)) => {
                let what =
                    if row.facts.len() > 1 { words.noun(playbook, fact) } else { String::new() };
                for value in all {
                    let entry = (what.clone(), visible_name(value));
                    if !values.contains(&entry) {
                        values.push(entry);
                    }
                }
            }
            Some(Shown::Absent) => {}
            Some(Shown::Unknown) | None => open = true,
        }
    }
    if values.is_empty()
        && let Some(seen) = row.signs.iter().find(|it| finding.has_seen(it))
    {
        return Holds::Values(vec![(String::new(), words.sign(playbook, seen))]);
    }
    match (values.is_empty(), open) {
        (false, _) => Holds::Values(values),
        (true, true) => Holds::Unknown,
        (true, false) => Holds::Nothing,
    }
}

fn mark(
    words: &Words,
    playbook: &Playbook,
    finding: &Finding,
    row: &Row,
) -> Option<(bool, String)> {
    let seen = |it: &Option<String>| it.as_ref().filter(|it| finding.has_seen(it)).cloned();
    let (same, sign) = match (seen(&row.differs_when), seen(&row.same_when)) {
        (Some(sign), _) => (false, sign),
        (None, Some(sign)) => (true, sign),
        (None, None) => return None,
    };
    Some((same, words.sign(playbook, &sign)))
}

/// A test by hand, in words.
#[derive(Clone, Debug)]
pub struct ProbeWords {
    /// Its playbook.
    pub playbook: String,
    /// Its name.
    pub id: String,
    /// What to do.
    pub step: RemedyWords,
    /// For each answer that tells something, the open causes that it leaves.
    pub splits: Vec<Vec<String>>,
}

/// The tests by hand that tell apart what is possible of each playbook of which nothing is known to be so now, those that
/// split the list best first.
pub fn probes(words: &Words, playbooks: &[Playbook], report: &Report) -> Vec<ProbeWords> {
    let mut all = Vec::new();
    for playbook in playbooks {
        let of_now = report.findings.iter().filter(|it| it.playbook == playbook.id && !it.past);
        let mut open: Vec<&Finding> = of_now.collect();
        if open.iter().any(|it| it.is_strong()) {
            continue;
        }
        open.retain(|it| it.verdict == Verdict::Possible && it.under.is_none());
        if open.iter().any(|it| !it.rests_on_others()) {
            open.retain(|it| !it.rests_on_others());
        }
        let causes: BTreeSet<&str> = open.iter().map(|it| it.cause.as_str()).collect();
        let of = |probe: &Probe| open.iter().find(|it| probe.tells_of(&it.cause)).copied();
        let fits =
            |probe: &&Probe| of(probe).is_some_and(|it| step::belongs(playbook, &probe.step, it));
        let probes: Vec<&Probe> = playbook.probes.iter().filter(fits).collect();
        for probe in split::order(&probes, &causes) {
            let Some(finding) = of(probe) else { continue };
            let id = format!("probes.{}", probe.id);
            let known = |it: &Vec<String>| -> Vec<String> {
                it.iter().filter(|it| causes.contains(it.as_str())).cloned().collect()
            };
            all.push(ProbeWords {
                playbook: playbook.id.clone(),
                id: probe.id.clone(),
                step: step::words(words, playbook, finding, &id, &probe.step),
                splits: probe.splits.iter().map(known).filter(|it| !it.is_empty()).collect(),
            });
        }
    }
    all
}
