//! `--why CAUSE`: every sign of one cause, what it looked at and what it saw.

use std::io::{self, Write};

use triagem_engine::playbook::Playbook;
use triagem_engine::playbook::template::visible;
use triagem_engine::verdict::{Report, Truth};
use triagem_engine::words::{self, Words};

use super::text::{quotes, subjects};

/// Writes every sign of one cause, for each subject.
pub(crate) fn render(
    report: &Report,
    playbooks: &[Playbook],
    words: &Words,
    cause: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut any = false;
    for finding in report.findings.iter().filter(|it| it.cause == cause) {
        let Some(playbook) = playbooks.iter().find(|it| it.id == finding.playbook) else {
            continue;
        };
        any = true;
        let said = words::finding(words, playbook, finding);
        writeln!(
            out,
            "{}  {}",
            said.title,
            words.get(&format!("verdict.{}", finding.verdict.name()))
        )?;
        writeln!(out, "  {} / {}{}\n", finding.playbook, finding.cause, subjects(finding, words))?;
        for sign in &finding.signs {
            let truth = match sign.truth {
                Truth::Yes => "truth.yes",
                Truth::No => "truth.no",
                Truth::Unknown => "truth.unknown",
            };
            let role = format!("{:?}", sign.role).to_lowercase();
            let says = said.signs.get(&sign.sign).map_or(sign.sign.as_str(), String::as_str);
            writeln!(out, "  [{role}] {says}: {}", words.get(truth))?;
            for place in &sign.where_ {
                writeln!(out, "      {}", visible(place))?;
            }
            for (on, note) in [(sign.weak, "weak"), (sign.unattributed, "unattributed")] {
                if on {
                    writeln!(out, "      {}", words.get(note))?;
                }
            }
            quotes(sign, words, out)?;
            for gap in &sign.gaps {
                let says =
                    words.say(&format!("gap.{}", gap.gap.name()), &[("needs", gap.gap.detail())]);
                writeln!(out, "      {}: {says}", gap.step)?;
            }
        }
        writeln!(out)?;
    }
    if !any {
        writeln!(out, "{}", words.get("nothing"))?;
    }
    Ok(())
}
