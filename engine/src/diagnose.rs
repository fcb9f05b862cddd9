//! The whole run in one loop: plan, collect, until nothing is left to ask; then judge.

use crate::evidence::plan::{ROUNDS, plan};
use crate::evidence::shape::shaped;
use crate::evidence::{Collector, Evidence, Gap, Request, Scope};
use crate::playbook::Playbook;
use crate::text::Watchlist;
use crate::verdict::judge::judge;
use crate::verdict::{Report, Unanswered};

/// Every pattern of every playbook, compiled before the first byte of text.
///
/// Watches and literals (`looks-like` of the steps, then `speaks-of`) stand in playbook order;
/// [`Offsets`] tells where each begins.
pub fn watchlist(playbooks: &[Playbook]) -> Watchlist {
    let watches = playbooks.iter().flat_map(|it| it.watches.iter().cloned()).collect();
    let looks_like = playbooks
        .iter()
        .flat_map(|it| it.steps.iter().flat_map(|step| &step.looks_like).chain(&it.speaks_of))
        .cloned()
        .collect();
    let formats = playbooks.iter().flat_map(|it| it.formats.iter().cloned()).collect();
    Watchlist::new(watches, looks_like).reading(formats)
}

/// Where a playbook's watches and `looks-like` literals begin in the common watchlist.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Offsets {
    /// Index of its first watch.
    pub watches: usize,
    /// Index of its first `looks-like` or `speaks-of` literal.
    pub looks_like: usize,
}

/// The offsets of each playbook, in order.
pub fn offsets(playbooks: &[Playbook]) -> Vec<Offsets> {
    let mut next = Offsets::default();
    playbooks
        .iter()
        .map(|playbook| {
            let here = next;
            next.watches += playbook.watches.len();
            next.looks_like += playbook.steps.iter().map(|it| it.looks_like.len()).sum::<usize>()
                + playbook.speaks_of.len();
            here
        })
        .collect()
}

/// Asks what the playbooks want to know until nothing is left to ask, then judges.
///
/// `watchlist` must be the one of exactly these playbooks ([`watchlist`]).
pub fn diagnose(
    playbooks: &[Playbook],
    watchlist: &Watchlist,
    scope: &Scope,
    collector: &dyn Collector,
) -> Report {
    let evidence = ask(playbooks, watchlist, scope, collector);
    let mut report = judge(playbooks, scope, &evidence);
    report.unanswered = unanswered(&evidence, |it| collector.owes(it, playbooks));
    if !report.unanswered.is_empty() {
        report.doubt();
    }
    report
}

/// Asks what the playbooks want to know until nothing is left to ask.
pub fn ask(
    playbooks: &[Playbook],
    watchlist: &Watchlist,
    scope: &Scope,
    collector: &dyn Collector,
) -> Evidence {
    let mut evidence = Evidence::default();
    for _ in 0..ROUNDS {
        let wanted = plan(playbooks, scope, &evidence);
        if wanted.is_empty() {
            break;
        }
        let mut answers = collector.collect(&wanted, watchlist);
        for request in wanted {
            let answer = answers.remove(&request).unwrap_or(Err(Gap::NotCaptured));
            let answer = shaped(scope.source(&request.source), &request, answer);
            evidence.answers.insert(request, answer);
        }
    }
    evidence
}

/// What should have been answered, and was not.
fn unanswered(evidence: &Evidence, owed: impl Fn(&Request) -> bool) -> Vec<Unanswered> {
    let answers = evidence.answers.iter();
    answers
        .filter_map(|(request, answer)| match answer {
            Err(gap @ (Gap::Spoilt | Gap::TooLarge | Gap::CutOff | Gap::Malformed)) => {
                Some((request, gap))
            }
            Err(gap @ Gap::NotCaptured) if owed(request) => Some((request, gap)),
            Ok(_) | Err(_) => None,
        })
        .map(|(request, gap)| Unanswered { request: request.clone(), gap: gap.clone() })
        .collect()
}
