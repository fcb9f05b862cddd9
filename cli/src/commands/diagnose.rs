//! `triagem diagnose` and `triagem demo`.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::sync::Arc;

use triagem_engine::budget::{Budget, ROOM};
use triagem_engine::diagnose::{diagnose, watchlist};
use triagem_engine::evidence::recording::{Recording, RecordingError};
use triagem_engine::evidence::{Gap, Given, GivenKind, Scope};
use triagem_engine::given::{Aside, Recogniser, leave_out};
use triagem_engine::playbook::Playbook;
use triagem_engine::proof;
use triagem_engine::text::Watchlist;
use triagem_engine::verdict::Report;
use triagem_engine::words::Words;

use crate::args::{Color, Demo, Diagnose, Output, Show};
use crate::collect::live::Stop;
use crate::collect::pipe::{Pipe, Stoppable};
use crate::collect::recorded::{self, Recorded};
use crate::collect::{SOURCES, files};
use crate::commands::inputs::inputs;
use crate::commands::verdict_code::code;
use crate::commands::{interrupt, live};
use crate::exit::{Failure, HEALTHY, Message};
use crate::render::ink::one_line;
use crate::render::screen;
use crate::{load, render};

/// Reasons of one error.
const UNREAD: usize = 10;

pub(crate) fn run(args: &Diagnose, words: &Words) -> Result<u8, Failure> {
    if live::is_meant(args) {
        return live::diagnose(args, words);
    }
    let stop = interrupt::beside();
    let playbooks = load::playbooks(&args.which)?;
    let list = watchlist(&playbooks);
    let mut scope = Scope { vocabulary: SOURCES, ..Scope::default() };
    let mut recording = Recording::default();
    let mut replayed = false;
    // What was handed over shares it: ten thousand small files are one large one.
    let mut budget = Budget::new(ROOM);
    let mut aside = Vec::new();
    for target in &args.targets {
        // A folder of that name has a path: `./-`.
        let found = if target == "-" { None } else { recording_of(target)? };
        match found {
            Some(found) if args.targets.len() == 1 => (recording, replayed) = (found, true),
            Some(_) => {
                return Err(Failure::Usage(Message::said("error.alone", &[])));
            }
            None => {
                let mut into = HandedOver {
                    list: &list,
                    scope: &mut scope,
                    budget: &mut budget,
                    aside: &mut aside,
                };
                into.hand_over(target, words, &stop)?;
            }
        }
    }
    scope.given.extend(recording.recognise(&list));
    for (name, value) in &recording.inputs {
        scope.inputs.extend(proof::input(value).map(|it| (name.clone(), it)));
    }
    scope.now = recording.now;
    scope.selection = recording.selection.clone();
    let left_out = leave_out(aside, &mut scope.given, &playbooks, &list, budget);
    if left_out > 0 {
        scope.selection.well += left_out;
        scope.selection.handed_over = true;
    }
    scope.inputs.extend(inputs(&args.inputs, &playbooks)?);
    // Who was left out may be worse than who was judged; and what could not be read may speak of those that were counted.
    let left = scope.given.iter().find_map(|it| match &it.answer {
        Err(gap @ Gap::TooMany { .. }) => Some(gap.clone()),
        Err(gap) if left_out > 0 && *gap != Gap::Absent => Some(gap.clone()),
        Ok(_) | Err(_) => None,
    });
    scope.selection.gap = scope.selection.gap.take().or(left);
    let unread = |it: &Given| it.kind == GivenKind::Unread;
    if !replayed && left_out == 0 && scope.given.iter().all(unread) {
        let stopped = stop.asked();
        let failure = || nothing_to_read(&scope.given, words);
        return Err(if stopped { Failure::Interrupted } else { failure() });
    }
    let interrupted = recording.interrupted || stop.asked();
    let other_playbooks = recording.other_playbooks(&playbooks);
    let mut report = diagnose(&playbooks, &list, &scope, &Recorded(recording));
    (report.interrupted, report.other_playbooks) = (interrupted, other_playbooks);
    if interrupted {
        report.doubt();
    }
    show(&report, &playbooks, &args.show, words)
}

pub(crate) fn demo(args: &Demo, words: &Words) -> Result<u8, Failure> {
    let which = crate::args::Which { playbook: Some("aks-keyvault".to_owned()), playbooks: None };
    let playbooks = load::playbooks(&which)?;
    let recording = playbooks
        .iter()
        .find_map(|it| it.recordings.get("demo"))
        .cloned()
        .ok_or_else(|| Failure::Usage(Message::said("error.no-demo", &[])))?;
    let list = watchlist(&playbooks);
    let mut scope = Scope { vocabulary: SOURCES, now: recording.now, ..Scope::default() };
    for (name, value) in &recording.inputs {
        scope.inputs.extend(proof::input(value).map(|it| (name.clone(), it)));
    }
    scope.given.extend(recording.recognise(&list));
    let report = diagnose(&playbooks, &list, &scope, &Recorded(recording));
    show(&report, &playbooks, &args.show, words)
}

/// The recording that a target is, if it is one.
fn recording_of(target: &str) -> Result<Option<Recording>, Failure> {
    recorded::open(Path::new(target)).map_err(|error| match error {
        recorded::OpenError::Recording(RecordingError::NoManifest) => {
            Failure::Usage(Message::said("error.archive", &[("path", target)]))
        }
        error => {
            let why = error.to_string();
            let message = Message::said("error.recording", &[("path", target), ("why", &why)]);
            if matches!(error, recorded::OpenError::Io(_)) {
                Failure::Io(message)
            } else {
                Failure::Usage(message)
            }
        }
    })
}

/// Where what is read goes to.
struct HandedOver<'a> {
    list: &'a Watchlist,
    scope: &'a mut Scope,
    budget: &'a mut Budget,
    aside: &'a mut Vec<Aside>,
}

impl HandedOver<'_> {
    /// Reads what was handed over: standard input, a file, or every file of a folder.
    fn hand_over(&mut self, target: &str, words: &Words, stop: &Arc<Stop>) -> Result<(), Failure> {
        if target == "-" {
            if io::stdin().is_terminal() {
                writeln!(io::stderr(), "{}", words.get("paste"))?;
            }
            let mut pipe = Pipe::open(|| Ok(io::stdin()), Arc::clone(stop))?;
            self.read(&mut pipe, "-", stop);
            return Ok(());
        }
        let path = Path::new(target);
        let cannot = |error: io::Error| {
            let why = error.to_string();
            Failure::Io(Message::said("error.cannot-read", &[("path", target), ("why", &why)]))
        };
        if !path.is_dir() {
            let mut file = files::named(path, stop).map_err(cannot)?;
            self.read(&mut *file, target, stop);
            return Ok(());
        }
        let (found, others) = files::handed_over(path).map_err(cannot)?;
        let name =
            |file: &Path| file.strip_prefix(path).unwrap_or(file).to_string_lossy().into_owned();
        for file in found {
            if stop.asked() {
                self.scope.given.push(unread(target.to_owned(), Gap::Interrupted));
                break;
            }
            let name = name(&file);
            match files::open(&file) {
                Ok(file) => self.read(&mut Stoppable::new(file, Arc::clone(stop)), &name, stop),
                Err(error) => self.scope.given.push(unread(name, Gap::Failed(error.to_string()))),
            }
        }
        let others = others.into_iter().map(|(file, gap)| {
            let name = name(&file);
            unread(if name.is_empty() { target.to_owned() } else { name }, gap)
        });
        self.scope.given.extend(others);
        Ok(())
    }

    /// What a text says, as far as it can be read.
    fn read(&mut self, from: &mut dyn Read, origin: &str, stop: &Stop) {
        let own = std::mem::replace(self.budget, Budget::new(0));
        let mut recogniser = Recogniser::within(self.list, origin, own);
        let gap = files::text(from, &mut |it| recogniser.push(it)).unwrap_or_else(|error| {
            Some(if stop.asked() { Gap::Interrupted } else { Gap::Failed(error.to_string()) })
        });
        // What was read before it failed is evidence, too.
        let (given, aside, rest) = recogniser.end();
        *self.budget = rest;
        self.aside.extend(aside);
        self.scope.given.extend(given);
        self.scope.given.extend(gap.map(|gap| unread(origin.to_owned(), gap)));
    }
}

/// Why nothing came of what was handed over.
fn nothing_to_read(given: &[Given], words: &Words) -> Failure {
    let mut text = String::new();
    for piece in given.iter().take(UNREAD) {
        if let Err(gap) = &piece.answer {
            text = format!("{text}\n    {}: {}", one_line(&piece.origin), words.gap(gap));
        }
    }
    if given.len() > UNREAD {
        text = format!("{text}\n    … +{}", given.len() - UNREAD);
    }
    Failure::Usage(Message::said("error.nothing-to-read", &[("files", &text)]))
}

/// What was not read, or not to its end.
fn unread(origin: String, gap: Gap) -> Given {
    Given { kind: GivenKind::Unread, names: BTreeMap::new(), answer: Err(gap), origin, line: 0 }
}

pub(super) fn show(
    report: &Report,
    playbooks: &[Playbook],
    show: &Show,
    words: &Words,
) -> Result<u8, Failure> {
    let mut text = Vec::new();
    match (show.output, &show.why) {
        (Output::Json, _) => render::json::render(report, playbooks, words, show.all, &mut text)?,
        (Output::Text, Some(cause)) => {
            if !playbooks.iter().any(|it| it.causes.iter().any(|it| it.id == *cause)) {
                return Err(Failure::Usage(Message::said("error.no-cause", &[("cause", cause)])));
            }
            render::why::render(report, playbooks, words, cause, &mut text)?;
        }
        (Output::Text, None) => {
            let how = render::text::How { all: show.all, verbose: show.verbose };
            render::text::render(report, playbooks, words, how, &mut text)?;
        }
    }
    let choice = match show.color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    let mut out = anstream::AutoStream::new(io::stdout(), choice);
    match show.output {
        // It has escaped what could deceive in its own way.
        Output::Json => out.write_all(&text)?,
        Output::Text => out.write_all(screen::inked(&String::from_utf8_lossy(&text)).as_bytes())?,
    }
    out.flush()?;
    Ok(if show.exit_zero { HEALTHY } else { code(report, show.fail_on) })
}
