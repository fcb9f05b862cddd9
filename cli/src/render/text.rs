//! The report for people: what happened, how we know, what to do.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use triagem_engine::evidence::GivenKind;
use triagem_engine::playbook::Playbook;
use triagem_engine::playbook::template::visible;
use triagem_engine::text::show_moment;
use triagem_engine::verdict::{Finding, Report, Role, SignSeen, Truth, Verdict};
use triagem_engine::words::{self, Words};

/// Characters of a line.
const WIDTH: usize = 100;
/// Possible findings shown in full lines.
const POSSIBLE: usize = 12;
/// Lines of a quote.
const QUOTE_LINES: usize = 14;

/// Writes the report as text.
pub(crate) fn render(
    report: &Report,
    playbooks: &[Playbook],
    words: &Words,
    all: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let bold = Style::new().bold();
    recognised(report, words, out)?;
    if report.interrupted {
        writeln!(out, "{bold}{}{bold:#}\n", words.get("interrupted"))?;
    }
    let of = |finding: &Finding| playbooks.iter().find(|it| it.id == finding.playbook);
    let fits: Vec<_> = report.playbooks.iter().filter(|it| it.fits).collect();
    if fits.is_empty() {
        writeln!(out, "{}", words.get("no-fit"))?;
        for playbook in playbooks {
            let title =
                words.message(playbook, "playbook.title", &playbook.title, &BTreeMap::new());
            writeln!(out, "  {}  {title}", playbook.id)?;
        }
        return Ok(());
    }
    if fits.iter().all(|it| it.trouble_now == Truth::No) {
        writeln!(out, "{}\n", words.get("no-trouble"))?;
    }
    let strong: Vec<&Finding> =
        report.findings.iter().filter(|it| it.verdict <= Verdict::Likely).collect();
    for finding in strong.iter().filter(|it| it.under.is_none()) {
        let Some(playbook) = of(finding) else { continue };
        whole(finding, playbook, words, out)?;
        let folded = strong.iter().filter(|it| {
            it.under.as_deref() == Some(&finding.cause) && it.playbook == finding.playbook
        });
        let mut first = true;
        for under in folded {
            if first {
                writeln!(out, "  {}:", words.get("label.also"))?;
                first = false;
            }
            writeln!(
                out,
                "    {}  ({})",
                words::finding(words, playbook, under).title,
                under.cause
            )?;
        }
        if !first {
            writeln!(out)?;
        }
    }
    if strong.is_empty() {
        writeln!(out, "{}\n", words.get("nothing"))?;
    }
    let possible: Vec<&Finding> =
        report.findings.iter().filter(|it| it.verdict == Verdict::Possible).collect();
    if !possible.is_empty() {
        writeln!(out, "{bold}{}{bold:#}", words.get("label.possible"))?;
        for finding in possible.iter().take(if all { usize::MAX } else { POSSIBLE }) {
            let Some(playbook) = of(finding) else { continue };
            let said = words::finding(words, playbook, finding);
            writeln!(out, "  ? {}  ({}{})", said.title, finding.cause, subjects(finding, words))?;
            if strong.is_empty() {
                possible_signs(finding, &said.signs, words, out)?;
            }
        }
        if !all && possible.len() > POSSIBLE {
            writeln!(out, "  … +{} (--all)", possible.len() - POSSIBLE)?;
        }
        writeln!(out)?;
    }
    if all {
        for finding in report.findings.iter().filter(|it| it.verdict > Verdict::Possible) {
            let Some(playbook) = of(finding) else { continue };
            let said = words::finding(words, playbook, finding);
            let verdict = words.get(&format!("verdict.{}", finding.verdict.name())).to_owned();
            writeln!(out, "  - {}  ({}) {verdict}", said.title, finding.cause)?;
        }
        writeln!(out)?;
    }
    closing(report, playbooks, words, out)
}

/// What was handed over, as it was understood: one line a kind.
fn recognised(report: &Report, words: &Words, out: &mut dyn Write) -> io::Result<()> {
    if report.recognised.is_empty() {
        return Ok(());
    }
    let dim = Style::new().dimmed();
    let mut parts: Vec<String> = Vec::new();
    for piece in &report.recognised {
        let mut part = words.get(&format!("given.{}", piece.what.name())).to_owned();
        if let (GivenKind::Object, Some(kind)) = (piece.what, piece.names.get("kind")) {
            part = kind.to_lowercase();
        }
        if let Some(name) = piece.names.get("name") {
            part = format!("{part} {}", visible(name));
        }
        if piece.records > 0 {
            let records = usize::try_from(piece.records).unwrap_or(usize::MAX);
            part = format!("{part} ({})", words.plural("records", records));
        }
        if let Some(gap) = &piece.gap {
            part = format!(
                "{part}: {}",
                words.say(&format!("gap.{}", gap.name()), &[("needs", gap.detail())])
            );
        }
        for oddity in &piece.oddities {
            part = format!("{part} - {}", words.get(&format!("odd.{}", oddity.name())));
        }
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    let more = parts.len().saturating_sub(12);
    parts.truncate(12);
    if more > 0 {
        parts.push(format!("… +{more}"));
    }
    writeln!(
        out,
        "{dim}{}{dim:#}\n",
        wrap(&format!("{}: {}", words.get("label.recognised"), parts.join(", ")), 0)
    )
}

fn whole(
    finding: &Finding,
    playbook: &Playbook,
    words: &Words,
    out: &mut dyn Write,
) -> io::Result<()> {
    let said = words::finding(words, playbook, finding);
    let color = if finding.past { AnsiColor::Yellow } else { AnsiColor::Red };
    let head = Style::new().bold().fg_color(Some(color.into()));
    let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
    let verdict = words.get(&format!("verdict.{}", finding.verdict.name())).to_owned();
    let severity = words.get(&format!("severity.{}", finding.severity.name())).to_owned();
    writeln!(out, "{head}✗ {}{head:#}   {verdict} · {severity}", said.title)?;
    writeln!(
        out,
        "{dim}  {} / {}{}{dim:#}\n",
        finding.playbook,
        finding.cause,
        subjects(finding, words)
    )?;
    if finding.past {
        writeln!(out, "  {}\n  {}\n", words.get("past"), words.get("past.note"))?;
    }
    writeln!(out, "{}\n", wrap(&said.explains, 2))?;
    for (label, truth) in [
        ("label.seen", Truth::Yes),
        ("label.not-seen", Truth::No),
        ("label.unknown", Truth::Unknown),
    ] {
        let signs: Vec<&SignSeen> = finding
            .signs
            .iter()
            .filter(|it| it.truth == truth)
            // That the trouble is not over is said by its being told as now.
            .filter(|it| it.role != Role::OverWhen || truth == Truth::Yes)
            .collect();
        if signs.is_empty() {
            continue;
        }
        writeln!(out, "  {bold}{}{bold:#}", words.get(label))?;
        for sign in signs {
            let says = said.signs.get(&sign.sign).map_or(sign.sign.as_str(), String::as_str);
            let weak = if sign.weak { format!(" ({})", words.get("weak")) } else { String::new() };
            writeln!(out, "    {says}{weak}")?;
            if truth == Truth::Yes {
                if sign.quotes.is_empty() {
                    for place in sign.where_.iter().take(2) {
                        writeln!(out, "{dim}      {}{dim:#}", visible(place))?;
                    }
                }
                quotes(sign, words, out)?;
            }
        }
    }
    writeln!(out, "\n  {bold}{}{bold:#}", words.get("label.do"))?;
    for (at, remedy) in said.remedy.iter().enumerate() {
        let changes = words.get(&format!("changes.{}", remedy.changes)).to_owned();
        let owner = words.get(&format!("owner.{}", remedy.owner)).to_owned();
        writeln!(out, "{}", wrap(&format!("{}. {}", at + 1, remedy.does), 4))?;
        let effect = remedy.takes_effect.as_ref().map(|it| format!(" · {it}")).unwrap_or_default();
        writeln!(out, "{dim}       {owner} · {changes}{effect}{dim:#}")?;
        if let Some(command) = &remedy.command {
            writeln!(out, "       {}", visible(command))?;
        }
    }
    if let Some(verify) = &said.verify {
        writeln!(out, "  {}: {verify}", words.get("label.then"))?;
    }
    for reference in &said.references {
        writeln!(
            out,
            "{dim}  {}: {} {}{dim:#}",
            words.get("label.read-more"),
            reference.title,
            reference.url
        )?;
    }
    for note in &said.footnotes {
        writeln!(out, "{dim}  {note}{dim:#}")?;
    }
    writeln!(out)
}

fn possible_signs(
    finding: &Finding,
    says: &BTreeMap<String, String>,
    words: &Words,
    out: &mut dyn Write,
) -> io::Result<()> {
    for sign in finding.signs.iter().filter(|it| it.truth == Truth::Yes || it.unattributed) {
        let note = if sign.unattributed {
            format!(" ({})", words.get("unattributed"))
        } else {
            String::new()
        };
        let text = says.get(&sign.sign).map_or(sign.sign.as_str(), String::as_str);
        writeln!(out, "      {}: {text}{note}", words.get("label.seen"))?;
    }
    Ok(())
}

/// What a sign saw: where, when, how often, and in which words.
pub(crate) fn quotes(sign: &SignSeen, words: &Words, out: &mut dyn Write) -> io::Result<()> {
    let dim = Style::new().dimmed();
    for quote in sign.quotes.iter().take(2) {
        let mut head = vec![visible(&quote.origin)];
        if quote.line > 0 {
            head.push(words.say("line", &[("n", &quote.line.to_string())]));
        }
        if quote.count > 1 {
            head.push(words.say("count", &[("n", &quote.count.to_string())]));
        }
        if let Some(at) = quote.at {
            head.push(words.say("last", &[("at", &show_moment(at))]));
        }
        writeln!(out, "{dim}      {}{dim:#}", head.join(" · "))?;
        for line in visible(&quote.text)
            .lines()
            .filter(|it| !it.trim_matches(['-', ' ', '\t']).is_empty())
            .take(QUOTE_LINES)
        {
            writeln!(out, "{dim}      > {}{dim:#}", cut(line))?;
        }
    }
    Ok(())
}

/// Whom a finding is about.
pub(crate) fn subjects(finding: &Finding, words: &Words) -> String {
    let texts: Vec<String> = finding
        .subjects
        .iter()
        .take(5)
        .map(|it| {
            it.iter()
                .map(|(name, value)| {
                    format!("{} {}", name.rsplit('/').next().unwrap_or(name), visible(value))
                })
                .collect::<Vec<_>>()
                .join(", ")
        })
        .collect();
    if texts.is_empty() {
        return String::new();
    }
    let more = finding.subjects.len().saturating_sub(5);
    let more = if more > 0 { format!(" … +{more}") } else { String::new() };
    format!(" · {}{more}", words.say("subjects", &[("what", &texts.join("; "))]))
}

fn closing(
    report: &Report,
    playbooks: &[Playbook],
    words: &Words,
    out: &mut dyn Write,
) -> io::Result<()> {
    let ruled_out = report.findings.iter().filter(|it| it.verdict == Verdict::RuledOut).count();
    if ruled_out > 0 {
        writeln!(out, "{}", words.plural("ruled-out", ruled_out))?;
        for finding in report.findings.iter().filter(|it| it.verdict == Verdict::RuledOut) {
            let Some(playbook) = playbooks.iter().find(|it| it.id == finding.playbook) else {
                continue;
            };
            let said = words::finding(words, playbook, finding);
            let why: Vec<&str> = finding
                .signs
                .iter()
                .filter(|it| it.role == Role::Refutes && it.truth == Truth::Yes)
                .filter_map(|it| said.signs.get(&it.sign).map(String::as_str))
                .collect();
            writeln!(out, "  - {}: {}", said.title, why.join("; "))?;
        }
    }
    if !report.unchecked.is_empty() {
        writeln!(out, "{}:", words.get("label.could-not-check"))?;
        for unchecked in report.unchecked.iter().take(12) {
            let step = playbooks
                .iter()
                .find(|it| it.id == unchecked.playbook)
                .and_then(|playbook| {
                    Some((playbook, playbook.steps.iter().find(|it| it.id == unchecked.gap.step)?))
                })
                .map_or_else(
                    || unchecked.gap.step.clone(),
                    |(playbook, step)| {
                        words.message(
                            playbook,
                            &format!("steps.{}.says", step.id),
                            &step.says,
                            &BTreeMap::new(),
                        )
                    },
                );
            let why = words.say(
                &format!("gap.{}", unchecked.gap.gap.name()),
                &[("needs", unchecked.gap.gap.detail())],
            );
            writeln!(
                out,
                "  - {step}: {why} ({})",
                words.plural("leaves-open", unchecked.causes.len())
            )?;
        }
    }
    Ok(())
}

fn cut(line: &str) -> String {
    const QUOTE: usize = 300;
    if line.chars().count() <= QUOTE {
        return line.to_owned();
    }
    format!("{}…", line.chars().take(QUOTE).collect::<String>())
}

/// Wraps a text at words, indented. A line goes on in the next, unless that is blank or a list's.
fn wrap(text: &str, indent: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut goes_on = false;
    for source in text.trim().lines().map(str::trim) {
        let item = source.starts_with("- ");
        if source.is_empty() || item || !goes_on {
            lines.push(String::new());
        }
        goes_on = !source.is_empty();
        for word in source.split_whitespace() {
            let Some(line) = lines.last_mut() else { continue };
            let width = line.chars().count() + 1 + word.chars().count() + indent;
            if line.is_empty() {
                line.push_str(word);
            } else if width > WIDTH {
                lines.push(if item { format!("  {word}") } else { word.to_owned() });
            } else {
                line.push(' ');
                line.push_str(word);
            }
        }
    }
    let pad = " ".repeat(indent);
    let padded =
        lines.iter().map(|it| if it.is_empty() { String::new() } else { format!("{pad}{it}") });
    padded.collect::<Vec<_>>().join("\n")
}
