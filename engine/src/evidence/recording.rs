//! Recorded answers: what a run saw, to be judged again.
//!
//! A recording is a folder: `recording.yaml`, and beside it the answers that are too large for it. Texts are
//! read when they are judged, piece by piece, and never held.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::{Answer, Body, Document, Gap, Given, Request, Selection};
use crate::budget::{Bounded, Budget};
use crate::given::{EventReading, Recogniser};
use crate::playbook::Playbook;
use crate::text::{Reading, Watchlist};

mod event;
mod manifest;

/// The apiVersion this program reads and writes.
pub const API_VERSION: &str = "triagem/v1";
/// The file that says what a recording holds.
pub const MANIFEST: &str = "recording.yaml";
/// The key of a manifest, and of each answer in a file of its own, that says what its SHA-256 is.
pub const DIGEST: &str = "sha256";
/// Bytes of a file with data, besides as many as the whole recording has.
const DATA: u64 = 8 * 1024 * 1024;

/// Why files are not a recording.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// There is no manifest.
    #[error("there is no {MANIFEST} in it")]
    NoManifest,
    /// The manifest cannot be read.
    #[error("{MANIFEST} cannot be read: {0}")]
    Unreadable(String),
    /// A newer program wrote it.
    #[error(
        "this recording needs a newer triagem: it is written in `{0}`, and this version reads `{API_VERSION}`"
    )]
    TooNew(String),
    /// A file that the manifest names is not there.
    #[error("{MANIFEST} names `{0}`, which is not there")]
    Missing(String),
    /// Whoever wrote it was stopped before the end.
    #[error("its capture was killed before it ended: capture it again")]
    Unfinished,
    /// It is not as it was written.
    #[error(
        "{MANIFEST} is not as it was captured: capture it again (if you have changed it on purpose, take `{DIGEST}` out of it)"
    )]
    Changed,
}

/// The files of a recording, by path relative to its manifest.
pub trait Files: Debug + Send + Sync {
    /// Bytes of one file; `None`: it is not there.
    fn size(&self, name: &str) -> Option<u64>;
    /// Hands over a file piece by piece; `false`: it could not be read to its end.
    fn stream(&self, name: &str, sink: &mut dyn FnMut(&[u8])) -> bool;
    /// Bytes of what was handed over, packed as it was.
    fn bytes(&self) -> u64;
}

impl Files for BTreeMap<String, Vec<u8>> {
    fn size(&self, name: &str) -> Option<u64> {
        self.get(name).map(|it| it.len() as u64)
    }

    fn stream(&self, name: &str, sink: &mut dyn FnMut(&[u8])) -> bool {
        self.get(name).inspect(|it| sink(it)).is_some()
    }

    fn bytes(&self) -> u64 {
        self.values().map(|it| it.len() as u64).sum()
    }
}

/// What a run saw.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The playbooks the run was made with: id → version and digest; both empty where the recording
    /// was written by hand. Empty: any.
    pub playbooks: BTreeMap<String, Made>,
    /// Version of the program that captured it; empty: it was written by hand.
    pub triagem: String,
    /// It has a digest of its own, and is as it was written.
    pub sealed: bool,
    /// Inputs the run was given, by name.
    pub inputs: BTreeMap<String, Json>,
    /// The moment of the run, microseconds since 1970; `now` is evidence too.
    pub now: Option<i64>,
    /// Request → what was answered.
    pub answers: BTreeMap<Request, Recorded>,
    /// Names of files that were handed over: given evidence.
    pub given: Vec<String>,
    /// Where the shapes were seen.
    pub seen: String,
    /// The run was stopped by its reader.
    pub interrupted: bool,
    /// How its subjects were chosen.
    pub selection: Selection,
    files: Arc<dyn Files>,
}

/// A playbook as a recording knows it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Made {
    /// Its version.
    pub version: String,
    /// SHA-256 of its files.
    pub digest: String,
}

/// A recorded answer.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What came back, or nothing but the gap.
    pub body: Result<RecordedBody, Gap>,
    /// Why something may be missing.
    pub partial: Option<Gap>,
    /// For quotes.
    pub origin: String,
}

/// What came back.
#[derive(Clone, Debug)]
pub enum RecordedBody {
    /// Data.
    Tree(Json),
    /// Events, as the server sent them.
    Events(Vec<Json>),
    /// Text that stands in the manifest.
    Text(String),
    /// A file of its own.
    Part(Part),
}

/// A file with an answer.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub holds: Holds,
    /// Its SHA-256, where the recording tells it.
    pub digest: Option<String>,
    /// Bytes of memory that its tree may take.
    pub room: usize,
}

/// What a file with an answer holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Holds {
    /// Text, read piece by piece.
    Log,
    /// Data, as JSON.
    Tree,
    /// A list of events, as JSON.
    Events,
}

impl Default for Recording {
    fn default() -> Self {
        Self {
            playbooks: BTreeMap::new(),
            triagem: String::new(),
            sealed: false,
            inputs: BTreeMap::new(),
            now: None,
            answers: BTreeMap::new(),
            given: Vec::new(),
            seen: String::new(),
            interrupted: false,
            selection: Selection::default(),
            files: Arc::new(BTreeMap::<String, Vec<u8>>::new()),
        }
    }
}

impl Recording {
    /// Reads a recording.
    pub fn read(files: Arc<dyn Files>) -> Result<Self, RecordingError> {
        let mut recording = manifest::read(files.as_ref())?;
        recording.files = files;
        Ok(recording)
    }

    /// Whether it must have an answer to what these playbooks ask: it says what a whole run saw. What another version
    /// of a playbook asks may be newer than it: its own digest tells that nothing was taken out of it; without one,
    /// only a question to a source that it knows nothing of counts as new.
    pub fn owes(&self, request: &Request, playbooks: &[Playbook]) -> bool {
        if self.triagem.is_empty() && self.answers.is_empty() {
            return false;
        }
        self.other_playbooks(playbooks).is_empty()
            || !self.sealed && self.answers.keys().any(|it| it.source == request.source)
    }

    /// Ids of the playbooks that it was made with, and that are others now, or not there.
    pub fn other_playbooks(&self, playbooks: &[Playbook]) -> Vec<String> {
        let same = |id: &String, made: &Made| {
            let here = playbooks.iter().find(|it| it.id == *id);
            here.is_some_and(|it| {
                (made.digest.is_empty() || made.digest == it.digest)
                    && (made.version.is_empty() || made.version == it.version)
            })
        };
        self.playbooks.iter().filter(|(id, it)| !same(id, it)).map(|(id, _)| id.clone()).collect()
    }

    /// The answer to a request, as the collector gave it; texts are read anew.
    pub fn answer(&self, request: &Request, list: &Watchlist) -> Answer {
        match self.answers.get(request) {
            Some(recorded) => recorded.answer(list, self.files.as_ref()),
            None => Err(Gap::NotCaptured),
        }
    }

    /// What was handed over, recognised anew.
    pub fn recognise(&self, list: &Watchlist) -> Vec<Given> {
        let read = |name: &String| {
            let mut recogniser = Recogniser::new(list, name);
            self.files.stream(name, &mut |bytes| recogniser.push(bytes));
            recogniser.finish()
        };
        self.given.iter().flat_map(read).collect()
    }
}

impl Recorded {
    /// A gap and nothing else.
    pub fn gap(gap: Gap) -> Self {
        Self { body: Err(gap), partial: None, origin: String::new() }
    }

    /// Reads the answer; texts go through a reading of the watchlist.
    pub fn answer(&self, list: &Watchlist, files: &dyn Files) -> Answer {
        let mut partial = self.partial.clone();
        let body = match self.body.as_ref().map_err(Clone::clone)? {
            RecordedBody::Tree(tree) => Body::Tree(tree.clone()),
            RecordedBody::Events(items) => self.events(items, list, &mut partial)?,
            RecordedBody::Text(text) => {
                let mut reading = Reading::new(list, &self.origin, 1, false);
                reading.push(text.as_bytes());
                Body::Text(reading.finish())
            }
            RecordedBody::Part(part) => match part.holds {
                Holds::Log => {
                    let mut reading = Reading::new(list, &self.origin, 1, false);
                    match part.stream(files, &mut |bytes| reading.push(bytes)) {
                        Streamed::Whole => {}
                        Streamed::Failed => {
                            let failed = format!("{} cannot be read to its end", part.name);
                            partial = Some(Gap::Failed(failed));
                        }
                        Streamed::Changed => return Err(Gap::Spoilt),
                    }
                    Body::Text(reading.finish())
                }
                Holds::Tree | Holds::Events => {
                    let budget = Budget::new(part.room);
                    let Bounded { tree, left_out, .. } = part.tree(files, &budget)?;
                    let tree = tree.ok_or(Gap::TooLarge)?;
                    if left_out > 0 {
                        partial = Some(Gap::TooMany { left: left_out.to_string() });
                    }
                    match tree {
                        Json::Array(items) if part.holds == Holds::Events => {
                            self.events(&items, list, &mut partial)?
                        }
                        _ if part.holds == Holds::Events => return Err(Gap::Spoilt),
                        tree => Body::Tree(tree),
                    }
                }
            },
        };
        Ok(Document { body, partial, origin: self.origin.clone() })
    }

    fn events(
        &self,
        items: &[Json],
        list: &Watchlist,
        partial: &mut Option<Gap>,
    ) -> Result<Body, Gap> {
        if !items.iter().all(Json::is_object) {
            return Err(Gap::Spoilt);
        }
        // The others still tell what they tell; it outweighs what else is missing, which a pod that is well may lack.
        if !items.iter().all(event::is_event) {
            *partial = Some(Gap::Spoilt);
        }
        let mut reading = EventReading::new(list, &self.origin);
        items.iter().for_each(|it| reading.push(it));
        Ok(Body::Text(reading.finish()))
    }
}

/// How far a file was read.
enum Streamed {
    Whole,
    Failed,
    /// It is not what was captured.
    Changed,
}

impl Part {
    fn stream(&self, files: &dyn Files, sink: &mut dyn FnMut(&[u8])) -> Streamed {
        let mut hash = Sha256::new();
        let whole = files.stream(&self.name, &mut |bytes| {
            hash.update(bytes);
            sink(bytes);
        });
        match &self.digest {
            _ if !whole => Streamed::Failed,
            Some(digest) if *digest != hex(hash) => Streamed::Changed,
            Some(_) | None => Streamed::Whole,
        }
    }

    /// The data in it, within a budget.
    fn tree(&self, files: &dyn Files, budget: &Budget) -> Result<Bounded, Gap> {
        let size = files.size(&self.name).unwrap_or_default();
        if size > DATA.saturating_add(files.bytes()) {
            return Err(Gap::TooLarge);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        match self.stream(files, &mut |more| bytes.extend_from_slice(more)) {
            Streamed::Whole => {}
            Streamed::Failed | Streamed::Changed => return Err(Gap::Spoilt),
        }
        let read = budget.json(&bytes).map_err(|_| Gap::Spoilt)?;
        if budget.has_doubled_keys() { Err(Gap::Spoilt) } else { Ok(read) }
    }
}

/// The SHA-256 of a part, as manifests write it.
pub fn digest(bytes: &[u8]) -> String {
    hex(Sha256::new_with_prefix(bytes))
}

/// The SHA-256 of what was hashed so far, as manifests write it.
pub fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The SHA-256 of all that a manifest says but its own digest.
pub fn digest_of(manifest: &Json) -> String {
    let mut all = manifest.clone();
    if let Some(all) = all.as_object_mut() {
        all.remove(DIGEST);
    }
    digest(all.to_string().as_bytes())
}

impl Gap {
    /// The gap as recordings write it.
    pub fn to_json(&self) -> Json {
        if self.detail().is_empty() {
            json!(self.name())
        } else {
            json!({"gap": self.name(), "needs": self.detail()})
        }
    }
}
