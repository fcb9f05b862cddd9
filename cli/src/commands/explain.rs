//! `triagem explain`: a code or a cause, in full.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use triagem_engine::fault::CODES;
use triagem_engine::verdict::{Finding, Role, SignSeen, Verdict};
use triagem_engine::words::{self, Words};

use crate::args::Explain;
use crate::exit::{Failure, HEALTHY, Message};
use crate::load;
use crate::render::ink::wrap;
use crate::render::remedy::remedy;
use crate::render::screen;

pub(crate) fn run(args: &Explain, words: &Words) -> Result<u8, Failure> {
    if let Some((code, title, text)) =
        CODES.iter().find(|(code, ..)| code.eq_ignore_ascii_case(&args.what))
    {
        writeln!(io::stdout(), "{code}: {title}\n\n{text}")?;
        return Ok(HEALTHY);
    }
    for playbook in load::for_run(&args.which, words.locale())? {
        let Some(cause) = playbook.causes.iter().find(|it| it.id == args.what) else { continue };
        let roles = [
            (Role::Requires, "role.requires", &cause.requires),
            (Role::RequiresAny, "role.requires-any", &cause.requires_any),
            (Role::Supports, "role.supports", &cause.supports),
            (Role::Refutes, "role.refutes", &cause.refutes),
            (Role::Excludes, "role.excluded-by", &cause.excluded_by),
            (Role::OverWhen, "role.over-when", &cause.over_when),
        ];
        let finding = Finding {
            playbook: playbook.id.clone(),
            cause: cause.id.clone(),
            subjects: Vec::new(),
            verdict: Verdict::Undetermined,
            past: false,
            superseded: false,
            elsewhere: false,
            under: None,
            again: false,
            rivals: Vec::new(),
            place: 0,
            severity: cause.severity,
            signs: roles
                .iter()
                .flat_map(|(role, _, ids)| ids.iter().map(|id| SignSeen::unknown(id, *role)))
                .collect(),
            asides: BTreeMap::new(),
            others: Vec::new(),
            gaps: Vec::new(),
            facts: BTreeMap::new(),
        };
        let said = words::finding(words, &playbook, &finding);
        let mut out = Vec::new();
        writeln!(
            out,
            "{}\n{} / {} · {}\n\n{}",
            wrap(&said.title, 0, 0),
            playbook.id,
            cause.id,
            words.get(&format!("severity.{}", cause.severity.name())),
            wrap(&said.explains, 0, 0)
        )?;
        for (_, name, ids) in roles.iter().filter(|(.., ids)| !ids.is_empty()) {
            writeln!(out, "\n{}", words.get(name))?;
            for id in *ids {
                let says = said.signs.get(id).map_or(id.as_str(), String::as_str);
                writeln!(out, "{}", wrap(says, 2, 4))?;
            }
        }
        remedy(&said, words, &mut BTreeSet::new(), &mut out)?;
        let text = screen::inked(&String::from_utf8_lossy(&out));
        anstream::AutoStream::auto(io::stdout().lock()).write_all(text.as_bytes())?;
        return Ok(HEALTHY);
    }
    Err(Failure::Usage(Message::said("error.not-explained", &[("what", &args.what)])))
}
