//! What to do about a cause, and who: as a list of commands to copy.

use std::collections::BTreeSet;
use std::io::{self, Write};

use anstyle::Style;
use triagem_engine::playbook::template::visible;
use triagem_engine::words::{FindingWords, Words};

use super::ink::{one_line, plain, wrap};

/// The remedy, what to look at again, and what to read; `typed` is what stands in the report already.
pub(crate) fn remedy(
    said: &FindingWords,
    words: &Words,
    typed: &mut BTreeSet<String>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
    if !said.remedy.is_empty() {
        writeln!(out, "\n  {bold}{}{bold:#}", words.get("label.do"))?;
    }
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for (at, remedy) in said.remedy.iter().enumerate() {
        let changes = words.get(&format!("changes.{}", remedy.changes)).to_owned();
        let owner = words.get(&format!("owner.{}", remedy.owner)).to_owned();
        writeln!(out, "{}", wrap(&format!("{}. {}", at + 1, remedy.does), 4, 7))?;
        let mut changes = vec![changes];
        for (is_so, id) in [(remedy.removes, "removes"), (remedy.opens, "opens")] {
            changes.extend(is_so.then(|| words.get(id).to_owned()));
        }
        let changes = changes.join(" · ");
        let effect = remedy.takes_effect.as_ref().map(|it| format!(" · {it}")).unwrap_or_default();
        writeln!(out, "{dim}       {owner} · {changes}{}{dim:#}", plain(&effect))?;
        if let Some(command) = &remedy.command {
            // One that stands above is found there.
            let shown = if typed.insert(command.clone()) {
                visible(command)
            } else {
                words.get("typed-above").to_owned()
            };
            writeln!(out, "       {shown}")?;
        }
        for claim in &remedy.claims {
            let values = claim.values.join(", ");
            let text = words.say("claimed", &[("blank", &claim.blank), ("values", &values)]);
            writeln!(out, "{}", wrap(&text, 7, 7))?;
        }
        for note in remedy.notes.iter().filter(|it| told.insert(it.as_str())) {
            writeln!(out, "{dim}{}{dim:#}", wrap(note, 7, 7))?;
        }
    }
    if let Some(verify) = said.verify.as_ref().filter(|it| typed.insert((*it).clone())) {
        writeln!(out, "\n{}", wrap(verify, 2, 2))?;
    }
    for reference in said.references.iter().filter(|it| typed.insert(it.url.clone())) {
        let label = words.get("label.read-more");
        writeln!(out, "{dim}  {label}: {}{dim:#}", plain(&reference.title))?;
        writeln!(out, "{dim}    {}{dim:#}", one_line(&reference.url))?;
    }
    for note in &said.footnotes {
        writeln!(out, "{dim}  {note}{dim:#}")?;
    }
    Ok(())
}
