//! `triagem diagnose` and `triagem demo`.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

use triagem_engine::diagnose::{diagnose, watchlist};
use triagem_engine::evidence::recording::{MANIFEST, Recording, RecordingError};
use triagem_engine::evidence::{Gap, Given, Scope};
use triagem_engine::playbook::Playbook;
use triagem_engine::proof;
use triagem_engine::text::Watchlist;
use triagem_engine::verdict::Report;
use triagem_engine::words::Words;

use crate::args::{Color, Demo, Diagnose, Output, Show};
use crate::case::Case;
use crate::collect::files::{self, Named};
use crate::collect::live::Stop;
use crate::collect::pipe::Pipe;
use crate::collect::recorded::{self, Recorded};
use crate::commands::inputs::inputs;
use crate::commands::verdict_code::code;
use crate::commands::{interrupt, live};
use crate::exit::{Failure, HEALTHY, Message};
use crate::render::ink::one_line;
use crate::render::screen;
use crate::systems::vocabulary;
use crate::{load, render};

/// Reasons of one error.
const UNREAD: usize = 10;

pub(crate) fn run(args: &Diagnose, words: &Words) -> Result<u8, Failure> {
    if live::is_meant(args) {
        return live::diagnose(args, words);
    }
    let stop = interrupt::beside();
    let playbooks = load::for_run(&args.which, words.locale())?;
    let list = watchlist(&playbooks);
    let case = handed(&args.targets, &args.inputs, &playbooks, &list, words, &stop)?;
    let report = case.report(&stop).map_err(|given| nothing(&given, &stop, words))?;
    show(&report, &playbooks, &args.show, words)
}

/// Why there is no report.
pub(super) fn nothing(given: &[Given], stop: &Stop, words: &Words) -> Failure {
    if stop.asked() { Failure::Interrupted } else { nothing_to_read(given, words) }
}

/// The case that standard input, files, folders or a recording make.
pub(super) fn handed<'a>(
    targets: &[String],
    given: &[String],
    playbooks: &'a [Playbook],
    list: &'a Watchlist,
    words: &Words,
    stop: &Arc<Stop>,
) -> Result<Case<'a>, Failure> {
    let mut case = Case::new(playbooks, list);
    for target in targets {
        // A folder of that name has a path: `./-`.
        let is_recording = target != "-" && Path::new(target).join(MANIFEST).is_file();
        if is_recording || hand_over(&mut case, target, words, stop)? {
            if targets.len() > 1 {
                return Err(Failure::Usage(Message::said("error.alone", &[])));
            }
            // Of an archive, what was read before its manifest is no loose file.
            case = Case::new(playbooks, list);
            case.replay(recording_of(target)?);
        }
    }
    case.scope.inputs.extend(inputs(given, playbooks)?);
    Ok(case)
}

pub(crate) fn demo(args: &Demo, words: &Words) -> Result<u8, Failure> {
    let which = crate::args::Which { playbook: Some("aks-keyvault".to_owned()), playbooks: None };
    let playbooks = load::for_run(&which, words.locale())?;
    let recording = playbooks
        .iter()
        .find_map(|it| it.recordings.get("demo"))
        .cloned()
        .ok_or_else(|| Failure::Usage(Message::said("error.no-demo", &[])))?;
    let list = watchlist(&playbooks);
    let mut scope = Scope { vocabulary: vocabulary(), now: recording.now, ..Scope::default() };
    for (name, value) in &recording.inputs {
        scope.inputs.extend(proof::input(value).map(|it| (name.clone(), it)));
    }
    scope.given.extend(recording.recognise(&list));
    let report = diagnose(&playbooks, &list, &scope, &Recorded(recording));
    show(&report, &playbooks, &args.show, words)
}

/// The recording that a target is.
fn recording_of(target: &str) -> Result<Recording, Failure> {
    let opened = recorded::open(Path::new(target));
    let opened = opened.and_then(|it| it.ok_or_else(|| RecordingError::NoManifest.into()));
    opened.map_err(|error| {
        let why = error.to_string();
        let message = Message::said("error.recording", &[("path", target), ("why", &why)]);
        if matches!(error, recorded::OpenError::Io(_)) {
            Failure::Io(message)
        } else {
            Failure::Usage(message)
        }
    })
}

/// Reads what was handed over: standard input, a file or archive, or every file of a folder. `true`: it is a recording.
fn hand_over(
    case: &mut Case<'_>,
    target: &str,
    words: &Words,
    stop: &Arc<Stop>,
) -> Result<bool, Failure> {
    if target == "-" {
        if io::stdin().is_terminal() {
            writeln!(io::stderr(), "{}", words.get("paste"))?;
        }
        let mut pipe = Pipe::open(|| Ok(io::stdin()), Arc::clone(stop))?;
        case.read(&mut pipe, "-", stop);
        return Ok(false);
    }
    let path = Path::new(target);
    let cannot = |error: io::Error| {
        let why = error.to_string();
        Failure::Io(Message::said("error.cannot-read", &[("path", target), ("why", &why)]))
    };
    if !path.is_dir() {
        return match files::named(path, stop).map_err(cannot)? {
            Named::File(file) => Ok(case.open(file, target, stop, true)),
            Named::Pipe(mut pipe) => {
                case.read(&mut pipe, target, stop);
                Ok(false)
            }
        };
    }
    let (found, others) = files::handed_over(path).map_err(cannot)?;
    let name = |file: &Path| file.strip_prefix(path).unwrap_or(file).to_string_lossy().into_owned();
    for file in found {
        if stop.asked() {
            case.miss(target.to_owned(), Gap::Interrupted);
            break;
        }
        let name = name(&file);
        match files::open(&file) {
            Ok(file) => {
                case.open(file, &name, stop, false);
            }
            Err(error) => case.miss(name, Gap::Failed(error.to_string())),
        }
    }
    for (file, gap) in others {
        let name = name(&file);
        case.miss(if name.is_empty() { target.to_owned() } else { name }, gap);
    }
    Ok(false)
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
    let written = match show.output {
        // It has escaped what could deceive in its own way.
        Output::Json => out.write_all(&text),
        Output::Text => out.write_all(screen::inked(&String::from_utf8_lossy(&text)).as_bytes()),
    };
    match written.and_then(|()| out.flush()) {
        // Who read enough of it (`| head`) is told the rest by the exit code: no trouble becomes well by that.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written?,
    }
    Ok(if show.exit_zero { HEALTHY } else { code(report, show.fail_on) })
}
