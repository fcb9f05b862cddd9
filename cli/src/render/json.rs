//! Report v1: what we publish, mirrored from the report and never derived from it.

pub(crate) mod escape;
mod once;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::iter;

use serde::Serialize;
use triagem_engine::evidence::Gap;
use triagem_engine::given::Standing;
use triagem_engine::playbook::{Playbook, Reference};
use triagem_engine::text::{Quote, Warning, show_moment};
use triagem_engine::verdict::{
    Finding, Place, Report, Role, Shown, SignSeen, StepGap, SubjectSeen, Truth, Unanswered, Verdict,
};
use triagem_engine::words::{
    self, Claim, CompareWords, FindingWords, Holds, RemedyWords, RowWords, Words,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportV1 {
    api_version: &'static str,
    kind: &'static str,
    tool: String,
    lang: &'static str,
    interrupted: bool,
    selection: SelectionV1,
    unanswered: Vec<UnansweredV1>,
    other_playbooks: Vec<String>,
    subjects: Vec<SubjectV1>,
    warnings: Vec<WarningV1>,
    alike: Vec<Vec<String>>,
    playbooks: Vec<PlaybookV1>,
    recognised: Vec<RecognisedV1>,
    findings: Vec<FindingV1>,
    probes: Vec<ProbeV1>,
    unchecked: Vec<UncheckedV1>,
    evidence: Vec<LookedV1>,
}

#[derive(Serialize)]
struct SelectionV1 {
    well: usize,
    leaving: usize,
    gap: Option<GapV1>,
}

#[derive(Serialize)]
struct UnansweredV1 {
    source: String,
    with: BTreeMap<String, serde_json::Value>,
    gap: GapV1,
}

#[derive(Serialize)]
struct SubjectV1 {
    kind: String,
    namespace: String,
    name: String,
    uid: String,
    standing: &'static str,
    reason: Option<String>,
    said: Option<String>,
    playbooks: Vec<String>,
    warnings: Vec<WarningV1>,
    unread: Vec<GapV1>,
}

#[derive(Serialize)]
struct WarningV1 {
    reason: String,
    #[serde(flatten)]
    quote: QuoteV1,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlaybookV1 {
    id: String,
    version: String,
    digest: String,
    title: String,
    fits: bool,
    trouble_now: &'static str,
    symptoms: Vec<SignV1>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecognisedV1 {
    origin: String,
    line: u64,
    what: &'static str,
    names: BTreeMap<String, String>,
    records: u64,
    stands_for: Vec<String>,
    oddities: Vec<&'static str>,
    gap: Option<GapV1>,
}

#[derive(Serialize)]
struct FindingV1 {
    playbook: String,
    cause: String,
    title: String,
    subjects: Vec<BTreeMap<String, String>>,
    verdict: &'static str,
    when: &'static str,
    under: Option<String>,
    rivals: Vec<String>,
    severity: &'static str,
    explains: String,
    signs: Vec<SignV1>,
    gaps: Vec<GapV1>,
    facts: BTreeMap<String, Vec<String>>,
    others: Vec<BTreeMap<String, String>>,
    compares: Vec<CompareV1>,
    remedy: Vec<RemedyV1>,
    verify: Option<String>,
    references: Vec<Reference>,
    footnotes: Vec<String>,
}

#[derive(Serialize)]
struct SignV1 {
    id: String,
    says: String,
    role: &'static str,
    truth: &'static str,
    weak: bool,
    unattributed: bool,
    count: u64,
    #[serde(rename = "where")]
    where_: Vec<String>,
    quotes: Vec<QuoteV1>,
    #[serde(rename = "quotedIn")]
    quoted_in: Option<String>,
    gaps: Vec<GapV1>,
    partly: bool,
    parts: Vec<Self>,
}

#[derive(Serialize)]
struct QuoteV1 {
    text: String,
    decides: usize,
    origin: String,
    line: u64,
    time: Option<String>,
    count: u64,
}

#[derive(Serialize)]
struct GapV1 {
    step: String,
    reason: &'static str,
    detail: String,
    says: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RemedyV1 {
    #[serde(rename = "do")]
    does: String,
    changes: String,
    owner: String,
    takes_effect: Option<String>,
    argv: Option<Vec<String>>,
    command: Option<String>,
    complete: bool,
    opens: bool,
    removes: bool,
    claims: Vec<ClaimV1>,
    notes: Vec<String>,
}

/// What messages say that a blank of the command is: to be compared before it is filled in.
#[derive(Serialize)]
struct ClaimV1 {
    blank: String,
    values: Vec<String>,
}

/// A small table: what belongs together, side by side.
#[derive(Serialize)]
struct CompareV1 {
    id: String,
    title: String,
    rows: Vec<RowV1>,
}

#[derive(Serialize)]
struct RowV1 {
    label: String,
    known: bool,
    values: Vec<RowValueV1>,
    mark: Option<&'static str>,
    says: Option<String>,
}

#[derive(Serialize)]
struct RowValueV1 {
    what: String,
    value: String,
}

#[derive(Serialize)]
struct ProbeV1 {
    playbook: String,
    id: String,
    splits: Vec<Vec<String>>,
    #[serde(flatten)]
    step: RemedyV1,
}

#[derive(Serialize)]
struct UncheckedV1 {
    playbook: String,
    gap: GapV1,
    causes: Vec<String>,
}

#[derive(Serialize)]
struct LookedV1 {
    playbook: String,
    step: String,
    origin: String,
    complete: bool,
    absent: bool,
    gap: Option<GapV1>,
}

/// Writes the report as JSON.
pub(crate) fn render(
    report: &Report,
    playbooks: &[Playbook],
    words: &Words,
    all: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let of = |id: &str| playbooks.iter().find(|it| it.id == id);
    let shown =
        |it: &&Finding| all || !matches!(it.verdict, Verdict::NotIndicated | Verdict::Undetermined);
    let mut mirror = ReportV1 {
        api_version: "triagem/v1",
        kind: "Report",
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        lang: words.locale(),
        interrupted: report.interrupted,
        selection: SelectionV1 {
            well: report.selection.well,
            leaving: report.selection.leaving,
            gap: report.selection.gap.as_ref().map(|it| gap("", it, words)),
        },
        unanswered: report.unanswered.iter().map(|it| unanswered(it, words)).collect(),
        other_playbooks: report.other_playbooks.clone(),
        subjects: report.subjects.iter().map(|it| subject(it, words)).collect(),
        warnings: report.warnings.iter().map(warning).collect(),
        alike: report.alike.clone(),
        playbooks: report
            .playbooks
            .iter()
            .filter_map(|it| Some((it, of(&it.id)?)))
            .map(|(it, playbook)| PlaybookV1 {
                id: it.id.clone(),
                version: it.version.clone(),
                digest: it.digest.clone(),
                title: words.title(playbook),
                fits: it.fits,
                trouble_now: truth(it.trouble_now),
                symptoms: it
                    .symptoms
                    .iter()
                    .map(|seen| sign(seen, &symptom_words(words, playbook, seen), words))
                    .collect(),
            })
            .collect(),
        recognised: report
            .recognised
            .iter()
            .map(|it| RecognisedV1 {
                origin: it.origin.clone(),
                line: it.line,
                what: it.what.name(),
                names: it.names.clone(),
                records: it.records,
                stands_for: it.stands_for.clone(),
                oddities: it.oddities.iter().map(|it| it.name()).collect(),
                gap: it.gap.as_ref().map(|it| gap("", it, words)),
            })
            .collect(),
        findings: report
            .findings
            .iter()
            .filter(shown)
            .filter_map(|it| Some((it, of(&it.playbook)?)))
            .map(|(it, playbook)| finding(it, &words::finding(words, playbook, it), words))
            .collect(),
        probes: words::probes(words, playbooks, report)
            .into_iter()
            .map(|it| ProbeV1 {
                playbook: it.playbook,
                id: it.id,
                splits: it.splits,
                step: remedy(&it.step),
            })
            .collect(),
        unchecked: report
            .unchecked
            .iter()
            .map(|it| UncheckedV1 {
                playbook: it.playbook.clone(),
                gap: step_gap(&it.gap, words),
                causes: it.causes.clone(),
            })
            .collect(),
        evidence: report
            .looked
            .iter()
            .map(|it| LookedV1 {
                playbook: it.playbook.clone(),
                step: it.step.clone(),
                origin: it.origin.clone(),
                complete: it.missing.is_none(),
                absent: it.absent,
                gap: it.missing.as_ref().map(|missing| gap(&it.step, missing, words)),
            })
            .collect(),
    };
    once::quote(&mut mirror.findings);
    escape::write(&mirror, out)
}

fn subject(seen: &SubjectSeen, words: &Words) -> SubjectV1 {
    SubjectV1 {
        kind: seen.object.kind.clone(),
        namespace: seen.object.namespace.clone(),
        name: seen.object.name.clone(),
        uid: seen.object.uid.clone(),
        standing: seen.standing.as_ref().map_or("unknown", Standing::name),
        reason: match &seen.standing {
            Some(Standing::Trouble(why)) => Some(why.clone()),
            Some(Standing::Ready | Standing::Ended | Standing::Leaving) | None => None,
        },
        said: seen.said.clone(),
        playbooks: seen.playbooks.clone(),
        warnings: seen.warnings.iter().map(warning).collect(),
        unread: seen.unread.iter().map(|it| step_gap(it, words)).collect(),
    }
}

fn finding(finding: &Finding, said: &FindingWords, words: &Words) -> FindingV1 {
    FindingV1 {
        playbook: finding.playbook.clone(),
        cause: finding.cause.clone(),
        title: said.title.clone(),
        subjects: finding.subjects.clone(),
        verdict: finding.verdict.name(),
        when: if finding.past { "past" } else { "now" },
        under: finding.under.clone(),
        rivals: finding.rivals.clone(),
        severity: finding.severity.name(),
        explains: said.explains.clone(),
        signs: finding.signs.iter().map(|it| sign(it, &said.signs, words)).collect(),
        gaps: finding.gaps.iter().map(|it| step_gap(it, words)).collect(),
        facts: finding
            .facts
            .iter()
            .filter_map(|(name, value)| match value {
                Shown::Known(values) => Some((name.clone(), values.clone())),
                Shown::Absent => Some((name.clone(), Vec::new())),
                Shown::Unknown => None,
            })
            .collect(),
        others: finding.others.clone(),
        compares: said.compares.iter().map(compare).collect(),
        remedy: said.remedy.iter().map(remedy).collect(),
        verify: said.verify.clone(),
        references: said.references.clone(),
        footnotes: said.footnotes.clone(),
    }
}

fn remedy(it: &RemedyWords) -> RemedyV1 {
    let claim = |it: &Claim| ClaimV1 { blank: it.blank.clone(), values: it.values.clone() };
    RemedyV1 {
        does: it.does.clone(),
        changes: it.changes.clone(),
        owner: it.owner.clone(),
        takes_effect: it.takes_effect.clone(),
        argv: it.argv.clone(),
        command: it.command.clone(),
        complete: it.complete,
        opens: it.opens,
        removes: it.removes,
        claims: it.claims.iter().map(claim).collect(),
        notes: it.notes.clone(),
    }
}

fn compare(table: &CompareWords) -> CompareV1 {
    let row = |it: &RowWords| {
        let values = match &it.holds {
            Holds::Values(values) => values.as_slice(),
            Holds::Nothing | Holds::Unknown => &[],
        };
        RowV1 {
            label: it.label.clone(),
            known: !matches!(it.holds, Holds::Unknown),
            values: values
                .iter()
                .map(|(what, value)| RowValueV1 { what: what.clone(), value: value.clone() })
                .collect(),
            mark: it.mark.as_ref().map(|(same, _)| if *same { "same" } else { "differs" }),
            says: it.mark.as_ref().map(|(_, says)| says.clone()),
        }
    };
    CompareV1 {
        id: table.id.clone(),
        title: table.title.clone(),
        rows: table.rows.iter().map(row).collect(),
    }
}

/// What a symptom and its parts say.
fn symptom_words(words: &Words, playbook: &Playbook, seen: &SignSeen) -> BTreeMap<String, String> {
    let all = iter::once(seen).chain(&seen.parts);
    all.map(|it| (it.sign.clone(), words.sign(playbook, &it.sign))).collect()
}

fn sign(seen: &SignSeen, says: &BTreeMap<String, String>, words: &Words) -> SignV1 {
    SignV1 {
        id: seen.sign.clone(),
        says: says.get(&seen.sign).cloned().unwrap_or_default(),
        role: role(seen.role),
        truth: truth(seen.truth),
        weak: seen.weak,
        unattributed: seen.unattributed,
        count: seen.count,
        where_: seen.where_.iter().map(Place::text).collect(),
        quotes: seen.quotes.iter().map(quote).collect(),
        quoted_in: None,
        gaps: seen.gaps.iter().map(|it| step_gap(it, words)).collect(),
        partly: seen.partly,
        parts: seen.parts.iter().map(|it| sign(it, says, words)).collect(),
    }
}

fn warning(it: &Warning) -> WarningV1 {
    WarningV1 { reason: it.reason.clone(), quote: quote(&it.quote) }
}

fn quote(quote: &Quote) -> QuoteV1 {
    QuoteV1 {
        text: quote.text.clone(),
        decides: quote.decides,
        origin: quote.origin.clone(),
        line: quote.line,
        time: quote.at.map(show_moment),
        count: quote.count,
    }
}

fn unanswered(it: &Unanswered, words: &Words) -> UnansweredV1 {
    let value = |text: &String| serde_json::from_str(text).unwrap_or_default();
    UnansweredV1 {
        source: it.request.source.clone(),
        with: it.request.params.iter().map(|(name, it)| (name.clone(), value(it))).collect(),
        gap: gap("", &it.gap, words),
    }
}

fn step_gap(it: &StepGap, words: &Words) -> GapV1 {
    gap(&it.step, &it.gap, words)
}

fn gap(step: &str, gap: &Gap, words: &Words) -> GapV1 {
    GapV1 {
        step: step.to_owned(),
        reason: gap.name(),
        detail: gap.detail().to_owned(),
        says: words.gap(gap),
    }
}

fn truth(truth: Truth) -> &'static str {
    match truth {
        Truth::Yes => "yes",
        Truth::No => "no",
        Truth::Unknown => "unknown",
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Requires => "requires",
        Role::RequiresAny => "requires-any",
        Role::Supports => "supports",
        Role::Refutes => "refutes",
        Role::Excludes => "excluded-by",
        Role::OverWhen => "over-when",
        Role::Symptom => "symptom",
    }
}
