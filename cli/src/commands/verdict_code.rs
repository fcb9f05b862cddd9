//! The exit code of a report: nothing is called well of which not everything was seen.

use triagem_engine::verdict::{Finding, Report, SubjectSeen, Truth};

use crate::args::Severity;
use crate::exit::{FOUND, HEALTHY, UNDECIDED};

/// The exit code of a report, where causes that are less severe than `least` do not count.
pub(crate) fn code(report: &Report, least: Severity) -> u8 {
    let least = match least {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    };
    let rank = |name: &str| ["low", "medium", "high", "critical"].iter().position(|it| *it == name);
    let found: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|it| it.is_strong() && !it.past && !is_of_leaving(report, it))
        .collect();
    if found.iter().any(|it| rank(it.severity.name()) >= rank(least)) {
        return FOUND;
    }
    // Who was not looked at, or what, may be worse.
    if report.selection.gap.is_some() || report.interrupted || !report.unanswered.is_empty() {
        return UNDECIDED;
    }
    let counted = || report.subjects.iter().filter(|it| !it.is_leaving());
    let accounted = |it: &SubjectSeen| found.iter().any(|finding| is_about(finding, it));
    if counted().any(|it| !it.is_well() && !accounted(it)) {
        return UNDECIDED;
    }
    if !found.is_empty() {
        return HEALTHY;
    }
    let fits: Vec<_> = report.playbooks.iter().filter(|it| it.fits).collect();
    let looked = if report.subjects.is_empty() {
        !fits.is_empty() || report.selection.well > 0
    } else {
        counted().next().is_some() || report.selection.well > 0
    };
    let quiet = fits.iter().all(|it| it.trouble_now == Truth::No);
    if looked && quiet { HEALTHY } else { UNDECIDED }
}

fn is_about(finding: &Finding, subject: &SubjectSeen) -> bool {
    let name = subject.name();
    finding.subjects.iter().any(|it| it.values().any(|it| *it == name))
}

/// Whether it is only about those who are being deleted.
fn is_of_leaving(report: &Report, finding: &Finding) -> bool {
    let of = |leaving: bool| {
        report.subjects.iter().any(|it| it.is_leaving() == leaving && is_about(finding, it))
    };
    of(true) && !of(false)
}

#[cfg(test)]
mod tests {
    use triagem_engine::evidence::{Gap, Selection};
    use triagem_engine::given::Standing;
    use triagem_engine::value::ObjectRef;
    use triagem_engine::verdict::StepGap;

    use super::*;

    fn pod(name: &str, standing: Option<Standing>) -> SubjectSeen {
        let object = ObjectRef {
            kind: "Pod".to_owned(),
            namespace: "shop".to_owned(),
            name: name.to_owned(),
            uid: String::new(),
        };
        SubjectSeen { object, standing, ..SubjectSeen::default() }
    }

    fn of(subjects: Vec<SubjectSeen>) -> u8 {
        code(&Report { subjects, ..Report::default() }, Severity::Low)
    }

    #[test]
    fn only_who_was_seen_to_be_well_is_well() {
        let trouble = || Some(Standing::Trouble("Unschedulable".to_owned()));
        assert_eq!(
            of(vec![pod("a", Some(Standing::Ready)), pod("b", Some(Standing::Ended))]),
            HEALTHY
        );
        assert_eq!(of(vec![pod("a", Some(Standing::Ready)), pod("b", trouble())]), UNDECIDED);
        assert_eq!(of(vec![pod("a", None)]), UNDECIDED);
        assert_eq!(of(Vec::new()), UNDECIDED);
        let gap = StepGap { step: "class".to_owned(), gap: Gap::Timeout };
        let unread = SubjectSeen { unread: vec![gap], ..pod("a", Some(Standing::Ready)) };
        assert_eq!(of(vec![unread]), UNDECIDED);
    }

    #[test]
    fn who_is_being_deleted_does_not_count() {
        assert_eq!(
            of(vec![pod("a", Some(Standing::Leaving)), pod("b", Some(Standing::Ready))]),
            HEALTHY
        );
        // Nobody else was looked at.
        assert_eq!(of(vec![pod("a", Some(Standing::Leaving))]), UNDECIDED);
    }

    #[test]
    fn a_run_that_was_cut_short_or_missed_somebody_is_undecided() {
        let well = || vec![pod("a", Some(Standing::Ready))];
        let cut = Report { subjects: well(), interrupted: true, ..Report::default() };
        assert_eq!(code(&cut, Severity::Low), UNDECIDED);
        let selection = Selection { gap: Some(Gap::Timeout), ..Selection::default() };
        let missed = Report { subjects: well(), selection, ..Report::default() };
        assert_eq!(code(&missed, Severity::Low), UNDECIDED);
    }
}
