//! `triagem playbook`: list, show, lint, test.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use triagem_engine::fault;
use triagem_engine::playbook::Playbook as Checked;
use triagem_engine::playbook::load::load;
use triagem_engine::proof::{self, Failure as Failed, TestOutcome};
use triagem_engine::words::Words;

use crate::args::{Playbook, PlaybookCommand};
use crate::collect::files;
use crate::exit::{FOUND, Failure, HEALTHY, Message, USAGE};
use crate::load;
use crate::load::{Files, Folders};
use crate::render;
use crate::render::screen::Plain;
use crate::systems::{self, vocabulary};

pub(crate) fn run(args: &Playbook, words: &Words) -> Result<u8, Failure> {
    match &args.command {
        PlaybookCommand::List { which } => {
            let mut out = Plain(io::stdout().lock());
            for playbook in load::playbooks(which)? {
                let title = words.title(&playbook);
                let causes = words.plural("causes", playbook.causes.len());
                writeln!(out, "{} {}  {title} ({causes})", playbook.id, playbook.version)?;
            }
            Ok(HEALTHY)
        }
        PlaybookCommand::Show { id, which } => {
            let all = load::playbooks(which)?;
            let Some(playbook) = all.iter().find(|it| it.id == *id) else {
                let known: Vec<&str> = all.iter().map(|it| it.id.as_str()).collect();
                let values = [("id", id.as_str()), ("ids", &*known.join(", "))];
                return Err(Failure::Usage(Message::said("error.no-playbook", &values)));
            };
            let none = BTreeMap::new();
            let say = |id: String, english: &str| words.message(playbook, &id, english, &none);
            let mut out = Plain(io::stdout().lock());
            writeln!(
                out,
                "{} {}\n{}\n",
                playbook.id,
                playbook.version,
                say("playbook.title".to_owned(), &playbook.title)
            )?;
            for step in &playbook.steps {
                writeln!(
                    out,
                    "  {}  {} ({})",
                    step.id,
                    say(format!("steps.{}.says", step.id), &step.says),
                    step.uses
                )?;
            }
            writeln!(out)?;
            for cause in &playbook.causes {
                writeln!(
                    out,
                    "  {}  {}",
                    cause.id,
                    say(format!("causes.{}.title", cause.id), &cause.title)
                )?;
            }
            Ok(HEALTHY)
        }
        PlaybookCommand::Lint { folder } => lint(folder.as_deref(), words),
        PlaybookCommand::Test { folder } => test(folder.as_deref(), words),
    }
}

fn folders(folder: Option<&Path>) -> Result<Folders, Failure> {
    folder.map_or_else(|| Ok(load::built_in()), load::folder)
}

/// Where the files of a playbook are, as the reader called it.
fn place(folder: Option<&Path>, id: &str) -> String {
    match folder {
        None => id.to_owned(),
        Some(folder) if folder.join("playbook.yaml").is_file() => folder.display().to_string(),
        Some(folder) => folder.join(id).display().to_string(),
    }
}

/// Whether there is a playbook somewhere below, also where none is looked for.
fn holds_playbooks(folder: Option<&Path>) -> Result<bool, Failure> {
    let Some(folder) = folder else { return Ok(true) };
    let files = files::whole(folder).map_err(Failure::from)?;
    Ok(files.keys().any(|it| it.ends_with("playbook.yaml")))
}

/// The systems of a folder, or of the program: id → place and files.
fn systems(folder: Option<&Path>) -> Result<BTreeMap<String, (String, Files)>, Failure> {
    let below = Path::new(systems::FOLDER);
    let (place, found) = match folder {
        None => (below.to_owned(), load::built_in_systems()),
        Some(folder) if folder.join(systems::FILE).is_file() => {
            let found = systems::folder(folder)?.into_iter();
            let place = folder.display().to_string();
            return Ok(found.map(|(id, files)| (id, (place.clone(), files))).collect());
        }
        Some(folder) if folder.join(below).is_dir() => {
            (folder.join(below), systems::folder(&folder.join(below))?)
        }
        // A folder of playbooks; or one of systems.
        Some(folder) => match (load::folder(folder), systems::folder(folder)) {
            (Err(_), Ok(found)) => (folder.to_owned(), found),
            (_, _) => return Ok(BTreeMap::new()),
        },
    };
    let placed = |(id, files): (String, Files)| {
        let place = place.join(&id).display().to_string();
        (id, (place, files))
    };
    Ok(found.into_iter().map(placed).collect())
}

fn lint(folder: Option<&Path>, words: &Words) -> Result<u8, Failure> {
    let mut out = Plain(io::stdout().lock());
    let (mut errors, mut warnings) = (0, 0);
    let systems = systems(folder)?;
    // A folder may hold systems alone.
    let playbooks = match folders(folder) {
        Err(Failure::Usage(_)) if !systems.is_empty() && !holds_playbooks(folder)? => {
            Folders::new()
        }
        playbooks => playbooks?,
    };
    for (id, (place, files)) in systems {
        let bytes = files.get(systems::FILE).map(Vec::as_slice).unwrap_or_default();
        let built_in = load::built_in_systems().contains_key(&id);
        let faults = systems::loaded(&id, bytes, built_in).faults;
        errors += faults.iter().filter(|it| !it.warning).count();
        warnings += faults.iter().filter(|it| it.warning).count();
        if !faults.is_empty() {
            writeln!(out, "{}\n", fault::render(&place, &faults, &files, false))?;
        }
    }
    for (id, files) in playbooks {
        let place = place(folder, &id);
        let faults = load(&id, &files, vocabulary()).faults;
        errors += faults.iter().filter(|it| !it.warning).count();
        warnings += faults.iter().filter(|it| it.warning).count();
        if !faults.is_empty() {
            writeln!(out, "{}\n", fault::render(&place, &faults, &files, false))?;
        }
    }
    writeln!(out, "{}, {}", words.plural("errors", errors), words.plural("warnings", warnings))?;
    Ok(if errors > 0 { USAGE } else { HEALTHY })
}

/// Every sign of a cause of which something else was expected, as `--why` tells it.
fn why(
    failure: &Failed,
    outcome: &TestOutcome,
    playbook: &Checked,
    words: &Words,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (Some(cause), Some(report)) = (&failure.cause, &outcome.report) else { return Ok(()) };
    let mut told = Vec::new();
    render::why::render(report, std::slice::from_ref(playbook), words, cause, &mut told)?;
    let told = String::from_utf8_lossy(&told);
    for line in anstream::adapter::strip_str(&told).to_string().trim_end().lines() {
        let indent = if line.is_empty() { "" } else { "      " };
        writeln!(out, "{indent}{line}")?;
    }
    Ok(())
}

fn test(folder: Option<&Path>, words: &Words) -> Result<u8, Failure> {
    let mut out = Plain(io::stdout().lock());
    let (mut passed, mut failed, mut errors, mut warnings) = (0, 0, 0, 0);
    for (id, files) in folders(folder)? {
        let loaded = load(&id, &files, vocabulary());
        let Some(playbook) = loaded.playbook else {
            writeln!(
                out,
                "{}\n",
                fault::render(&place(folder, &id), &loaded.faults, &files, false)
            )?;
            return Ok(USAGE);
        };
        let proof = proof::run(&playbook, &files, vocabulary());
        errors += proof.faults.iter().filter(|it| !it.warning).count();
        warnings += proof.faults.iter().filter(|it| it.warning).count();
        if !proof.faults.is_empty() {
            let place = place(folder, &id);
            writeln!(out, "{}\n", fault::render(&place, &proof.faults, &files, false))?;
        }
        for outcome in proof.outcomes {
            if outcome.failures.is_empty() {
                passed += 1;
                continue;
            }
            failed += 1;
            writeln!(out, "{id}/causes/{}.yaml:{}: {}", outcome.cause, outcome.line, outcome.test)?;
            for failure in &outcome.failures {
                writeln!(out, "    {}", failure.said)?;
                why(failure, &outcome, &playbook, words, &mut out)?;
            }
        }
    }
    if errors + warnings > 0 {
        writeln!(
            out,
            "{}, {}",
            words.plural("errors", errors),
            words.plural("warnings", warnings)
        )?;
    }
    let (passes, failures) = (passed.to_string(), failed.to_string());
    let outcome = [("passed", passes.as_str()), ("failed", failures.as_str())];
    writeln!(out, "{}", words.say("tests.outcome", &outcome))?;
    Ok(match (errors, failed) {
        (0, 0) => HEALTHY,
        (0, _) => FOUND,
        (_, _) => USAGE,
    })
}
