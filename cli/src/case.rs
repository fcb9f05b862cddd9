//! A case: from the bytes that were handed over to a report and its exit code, without arguments, a terminal or a cluster.
//!
//! `triagem diagnose` and whoever tries it on anything (`fuzz/`) share it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use triagem_engine::budget::{Budget, ROOM};
use triagem_engine::diagnose::{ask, diagnose};
use triagem_engine::evidence::recording::{MANIFEST, Recording};
use triagem_engine::evidence::{Gap, Given, GivenKind, Scope};
use triagem_engine::given::{Aside, Recogniser, leave_out};
use triagem_engine::playbook::Playbook;
use triagem_engine::proof;
use triagem_engine::text::Watchlist;
use triagem_engine::verdict::Report;
use triagem_engine::verdict::seen::{Sight, seen};
use triagem_engine::words::Words;

use crate::args::{Severity, Which};
use crate::collect::archive::{self, How, Room, Taker};
use crate::collect::files;
use crate::collect::live::Stop;
use crate::collect::pipe::Stoppable;
use crate::collect::recorded::Recorded;
use crate::commands::verdict_code;
use crate::render::{self, screen};
use crate::systems::vocabulary;
use crate::{exit, load};

/// Bytes that all archives of a case unpack to.
const UNPACKED: u64 = 64 << 30;

/// What was handed over so far.
#[derive(Debug)]
pub struct Case<'a> {
    playbooks: &'a [Playbook],
    list: &'a Watchlist,
    /// What was recognised, and what else is known of the question.
    pub scope: Scope,
    /// What was handed over shares it: ten thousand small files are one large one.
    budget: Budget,
    aside: Vec<Aside>,
    /// Bytes that all archives together may still unpack to.
    unpacks: u64,
    /// Why something was not read in which trouble may stand.
    unread: Option<Gap>,
    recording: Option<Recording>,
}

/// What is found in one file, which may be an archive.
struct Shelf<'s> {
    list: &'s Watchlist,
    origin: &'s str,
    stop: &'s Stop,
    budget: Budget,
    texts: Vec<(String, Vec<Given>, Vec<Aside>)>,
    missed: Vec<(String, Gap)>,
}

impl Taker for Shelf<'_> {
    fn take(&mut self, name: &str, from: &mut dyn Read) {
        let own = std::mem::replace(&mut self.budget, Budget::new(0));
        let mut recogniser = Recogniser::within(self.list, &of(self.origin, name), own);
        let gap = files::text(from, &mut |it| recogniser.push(it))
            .unwrap_or_else(|error| Some(archive::gap(&error, self.stop)));
        // What was read before it failed is evidence, too.
        let (given, aside, rest) = recogniser.end();
        self.budget = rest;
        self.texts.push((name.to_owned(), given, aside));
        if let Some(gap) = gap {
            self.miss(name, gap);
        }
        // Without what a recording says of them, its answers are not all that was seen.
        if Path::new(&of(self.origin, name)).file_name() == Some(OsStr::new(MANIFEST)) {
            let what = "it belongs to a recording: hand that over by itself";
            self.miss(name, Gap::Failed(what.to_owned()));
        }
    }

    fn miss(&mut self, name: &str, gap: Gap) {
        self.missed.push((name.to_owned(), gap));
    }
}

/// Where a text of an archive stands.
fn of(origin: &str, name: &str) -> String {
    if name.is_empty() { origin.to_owned() } else { format!("{origin}: {name}") }
}

impl<'a> Case<'a> {
    /// A case of which nothing is known. The watchlist must be the one of exactly these playbooks.
    pub fn new(playbooks: &'a [Playbook], list: &'a Watchlist) -> Self {
        let scope = Scope { vocabulary: vocabulary(), ..Scope::default() };
        Self {
            playbooks,
            list,
            scope,
            budget: Budget::new(ROOM),
            aside: Vec::new(),
            unpacks: UNPACKED,
            unread: None,
            recording: None,
        }
    }

    /// Reads a text or an archive, as far as it can be read.
    pub fn read(&mut self, from: &mut (dyn Read + Send), origin: &str, stop: &Stop) {
        self.walk(from, None, false, origin, stop);
    }

    /// Reads a file. `true`: it is a recording, which is to be replayed instead; nothing of it was kept.
    pub fn open(
        &mut self,
        file: io::Take<File>,
        origin: &str,
        stop: &Arc<Stop>,
        may_be_recording: bool,
    ) -> bool {
        let again = file.get_ref().try_clone().map(|it| Stoppable::new(it, Arc::clone(stop)));
        let mut file = Stoppable::new(file, Arc::clone(stop));
        self.walk(&mut file, again.ok(), may_be_recording, origin, stop)
    }

    fn walk(
        &mut self,
        from: &mut (dyn Read + Send),
        file: Option<Stoppable<File>>,
        may_be_recording: bool,
        origin: &str,
        stop: &Stop,
    ) -> bool {
        let mut room = Room { bytes: Room::default().bytes.min(self.unpacks), ..Room::default() };
        let before = room.bytes;
        let budget = std::mem::replace(&mut self.budget, Budget::new(0));
        let (texts, missed) = (Vec::new(), Vec::new());
        let mut shelf = Shelf { list: self.list, origin, stop, budget, texts, missed };
        let how = How { room: &mut room, stop, file, may_be_recording };
        let is_recording = archive::walk(from, how, &mut shelf);
        let Shelf { budget, mut texts, mut missed, .. } = shelf;
        self.budget = budget;
        self.unpacks -= before - room.bytes;
        if is_recording {
            return true;
        }
        // As a folder is read: by name, and last what could not be read.
        texts.sort_by(|left, right| Path::new(&left.0).cmp(Path::new(&right.0)));
        missed.sort();
        for (_, given, aside) in texts {
            self.scope.given.extend(given);
            self.aside.extend(aside);
        }
        for (name, gap) in missed {
            self.miss(of(origin, &name), gap);
        }
        false
    }

    /// Notes what was not read, or not to its end.
    pub fn miss(&mut self, origin: String, gap: Gap) {
        // What is no text, or stands elsewhere, has nothing to say of anybody.
        if !matches!(gap, Gap::NotText | Gap::Link | Gap::NotAFile) {
            self.unread.get_or_insert_with(|| gap.clone());
        }
        let names = BTreeMap::new();
        let unread = Given { kind: GivenKind::Unread, names, answer: Err(gap), origin, line: 0 };
        self.scope.given.push(unread);
    }

    /// Takes the answers out of a recording.
    pub fn replay(&mut self, recording: Recording) {
        self.scope.given.extend(recording.recognise(self.list));
        for (name, value) in &recording.inputs {
            self.scope.inputs.extend(proof::input(value).map(|it| (name.clone(), it)));
        }
        self.scope.now = recording.now;
        self.scope.selection = recording.selection.clone();
        self.recording = Some(recording);
    }

    /// What each playbook sees of it, before it judges; and the report, with the pieces that it was made of.
    pub(crate) fn sight(
        mut self,
        stop: &Stop,
    ) -> Result<(Vec<Sight>, Vec<Given>, Report), Vec<Given>> {
        self.settle()?;
        let recorded = Recorded(self.recording.clone().unwrap_or_default());
        let evidence = ask(self.playbooks, self.list, &self.scope, &recorded);
        let sights = seen(self.playbooks, &self.scope, &evidence);
        let given = self.scope.given.clone();
        Ok((sights, given, self.judged(stop)))
    }

    /// Judges it. There is no report where there was nothing to read: the pieces say why.
    pub fn report(mut self, stop: &Stop) -> Result<Report, Vec<Given>> {
        self.settle()?;
        Ok(self.judged(stop))
    }

    /// Decides what of long lists is judged, once everything was handed over.
    fn settle(&mut self) -> Result<(), Vec<Given>> {
        let scope = &mut self.scope;
        let left_out = leave_out(
            std::mem::take(&mut self.aside),
            &mut scope.given,
            self.playbooks,
            self.list,
            std::mem::replace(&mut self.budget, Budget::new(0)),
        );
        if left_out > 0 {
            scope.selection.well += left_out;
            scope.selection.handed_over = true;
        }
        // Who was left out may be worse than who was judged; and what could not be read may speak of those that were counted.
        let left = scope.given.iter().find_map(|it| match &it.answer {
            Err(gap @ Gap::TooMany { .. }) => Some(gap.clone()),
            Err(gap) if left_out > 0 && *gap != Gap::Absent => Some(gap.clone()),
            Ok(_) | Err(_) => None,
        });
        let unread = self.unread.take();
        scope.selection.gap = scope.selection.gap.take().or(left).or(unread);
        let unread = |it: &Given| it.kind == GivenKind::Unread;
        if self.recording.is_none() && left_out == 0 && scope.given.iter().all(unread) {
            return Err(std::mem::take(&mut self.scope.given));
        }
        Ok(())
    }

    fn judged(self, stop: &Stop) -> Report {
        let recording = self.recording.unwrap_or_default();
        let interrupted = recording.interrupted || stop.asked();
        let other_playbooks = recording.other_playbooks(self.playbooks);
        let mut report = diagnose(self.playbooks, self.list, &self.scope, &Recorded(recording));
        (report.interrupted, report.other_playbooks) = (interrupted, other_playbooks);
        if interrupted {
            report.doubt();
        }
        report
    }
}

/// The built-in playbooks. An error is one of theirs.
pub fn built_in() -> Result<Vec<Playbook>, String> {
    load::playbooks(&Which { playbook: None, playbooks: None }).map_err(|it| format!("{it:?}"))
}

/// What is printed of a report, with ink.
pub fn text(report: &Report, playbooks: &[Playbook], words: &Words) -> io::Result<String> {
    let mut text = Vec::new();
    let how = render::text::How { all: false, verbose: true };
    render::text::render(report, playbooks, words, how, &mut text)?;
    Ok(screen::inked(&String::from_utf8_lossy(&text)))
}

/// The report as JSON; `all`: also causes of which nothing is known.
pub fn json(
    report: &Report,
    playbooks: &[Playbook],
    words: &Words,
    all: bool,
) -> io::Result<String> {
    let mut text = Vec::new();
    render::json::render(report, playbooks, words, all, &mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The exit code of a report.
pub fn code(report: &Report) -> u8 {
    verdict_code::code(report, Severity::Low)
}

/// The exit code of a run in which everything looked at is well.
pub const HEALTHY: u8 = exit::HEALTHY;
