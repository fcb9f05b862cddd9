//! `--why CAUSE`: every sign of one cause, what it looked at and what it saw.

use std::io::{self, Write};

use triagem_engine::playbook::Playbook;
use triagem_engine::verdict::{Report, Role, SignSeen, Truth};
use triagem_engine::words::{self, Words};

use super::ink::{plain, wrap};
use super::proof::{Quoted, seen, subjects};

/// Writes every sign of one cause, for each subject.
pub(crate) fn render(
    report: &Report,
    playbooks: &[Playbook],
    words: &Words,
    cause: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut any = false;
    let mut quoted = Quoted::new(true);
    for finding in report.findings.iter().filter(|it| it.cause == cause) {
        let Some(playbook) = playbooks.iter().find(|it| it.id == finding.playbook) else {
            continue;
        };
        any = true;
        let said = words::finding(words, playbook, finding);
        let verdict = words.get(&format!("verdict.{}", finding.verdict.name())).to_owned();
        let past = if finding.past { format!(" · {}", words.get("past")) } else { String::new() };
        writeln!(out, "{}  {verdict}{past}", plain(&said.title))?;
        let whom = subjects(words, playbook, &finding.subjects);
        let whom = if whom.is_empty() { whom } else { format!("{whom} · ") };
        writeln!(out, "  {whom}{} / {}\n", finding.playbook, finding.cause)?;
        for sign in &finding.signs {
            let says = said.signs.get(&sign.sign).map_or(sign.sign.as_str(), String::as_str);
            let text =
                format!("{}: {says}: {}", words.get(role(sign.role)), words.get(truth_of(sign)));
            let text = text + &quoted.note(sign, words);
            writeln!(out, "{}", wrap(&text, 2, 4))?;
            for (on, note) in
                [(sign.weak, "weak"), (sign.unattributed, "unattributed"), (sign.partly, "partly")]
            {
                if on {
                    writeln!(out, "      {}", words.get(note))?;
                }
            }
            seen(sign, words, &mut quoted, 2, out)?;
            for part in &sign.parts {
                let says = said.signs.get(&part.sign).map_or(part.sign.as_str(), String::as_str);
                let text = format!("- {says}: {}", words.get(truth_of(part)));
                let text = text + &quoted.note(part, words);
                writeln!(out, "{}", wrap(&text, 6, 8))?;
                seen(part, words, &mut quoted, 2, out)?;
            }
            for gap in &sign.gaps {
                let step = words.step(playbook, &gap.step);
                writeln!(out, "      {step}: {}", words.gap(&gap.gap))?;
            }
        }
        writeln!(out)?;
    }
    if !any {
        writeln!(out, "{}", words.get("nothing"))?;
    }
    Ok(())
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Requires => "role.requires",
        Role::RequiresAny => "role.requires-any",
        Role::Supports => "role.supports",
        Role::Refutes => "role.refutes",
        Role::Excludes => "role.excluded-by",
        Role::OverWhen => "role.over-when",
        Role::Symptom => "role.symptom",
    }
}

fn truth_of(sign: &SignSeen) -> &'static str {
    match sign.truth {
        Truth::Yes => "truth.yes",
        Truth::No => "truth.no",
        Truth::Unknown => "truth.unknown",
    }
}
