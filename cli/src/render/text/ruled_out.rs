//! What was read and speaks against a cause: a line for each reason, with all that it excludes.

use std::collections::BTreeSet;
use std::io;

use triagem_engine::verdict::{Finding, Role, SignSeen, Truth, Verdict};

use super::{LIST, Page};
use crate::render::ink::wrap;

/// Causes that one reason names.
const NAMED: usize = 3;
/// Reasons that are told beside a cause that was found.
const FEW: usize = 4;

impl Page<'_> {
    pub(super) fn ruled_out(&mut self) -> io::Result<()> {
        let report = self.report;
        let mut causes: BTreeSet<&str> = BTreeSet::new();
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for finding in report.findings.iter().filter(|it| is_excluded(it) && !it.again) {
            if !causes.insert(&finding.cause) {
                continue;
            }
            let said = self.said(finding);
            // One reason is enough; those that share it stand together.
            let mut against = finding.signs.iter().filter(|it| speaks_against(it));
            let why = against.find_map(|it| said.signs.get(&it.sign).cloned());
            let why = why.unwrap_or_default();
            match groups.iter_mut().find(|(reason, _)| *reason == why) {
                Some((_, titles)) => titles.push(said.title),
                None => groups.push((why, vec![said.title])),
            }
        }
        if causes.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "{}", self.words.plural("ruled-out", causes.len()))?;
        // Beside what was found it is an aside.
        let (groups_told, named) = if self.found() { (FEW, 1) } else { (LIST / 2, NAMED) };
        let limit = if self.how.all { usize::MAX } else { groups_told };
        let named = if self.how.all { usize::MAX } else { named };
        for (why, titles) in groups.iter().take(limit) {
            let more = titles.len().saturating_sub(named);
            let more = if more > 0 { format!("; … +{more}") } else { String::new() };
            let titles: Vec<&str> = titles.iter().take(named).map(String::as_str).collect();
            let text = format!("- {why} ⇒ {}{more}", titles.join("; "));
            writeln!(self.out, "{}", wrap(&text, 2, 4))?;
        }
        self.more(groups.len(), limit)
    }
}

/// Something was seen that speaks against it, whether or not what it needs was looked for in vain.
fn is_excluded(finding: &Finding) -> bool {
    matches!(finding.verdict, Verdict::RuledOut | Verdict::NotIndicated)
        && finding.signs.iter().any(speaks_against)
}

fn speaks_against(sign: &SignSeen) -> bool {
    matches!(sign.role, Role::Refutes | Role::Excludes) && sign.truth == Truth::Yes
}
