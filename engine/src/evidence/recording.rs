//! Recorded answers: what a run saw, to be judged again.
//!
//! A recording is a folder: `recording.yaml`, and beside it the answers that are too large for it. Texts are
//! read when they are judged, piece by piece, and never held.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{Answer, Body, Document, Gap, Given, Request, Selection};
use crate::given::{EventReading, Recogniser};
use crate::text::{Reading, Watchlist};

/// The apiVersion this program reads and writes.
pub const API_VERSION: &str = "triagem/v1";
/// The file that says what a recording holds.
pub const MANIFEST: &str = "recording.yaml";

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
}

/// The files of a recording, by path relative to its manifest.
pub trait Files: Debug + Send + Sync {
    /// One file, whole; for the manifest and data.
    fn whole(&self, name: &str) -> Option<Vec<u8>>;
    /// Whether a file is there.
    fn holds(&self, name: &str) -> bool;
    /// Hands over a text piece by piece; `false`: it could not be read to its end.
    fn stream(&self, name: &str, sink: &mut dyn FnMut(&[u8])) -> bool;
}

impl Files for BTreeMap<String, Vec<u8>> {
    fn whole(&self, name: &str) -> Option<Vec<u8>> {
        self.get(name).cloned()
    }

    fn holds(&self, name: &str) -> bool {
        self.contains_key(name)
    }

    fn stream(&self, name: &str, sink: &mut dyn FnMut(&[u8])) -> bool {
        self.get(name).inspect(|it| sink(it)).is_some()
    }
}

/// What a run saw.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The playbooks the run was made with: id → digest; without digests where the recording was
    /// written by hand. Empty: any.
    pub playbooks: BTreeMap<String, String>,
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
    /// Text in a file of its own.
    Log(String),
}

impl Default for Recording {
    fn default() -> Self {
        Self {
            playbooks: BTreeMap::new(),
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
        let manifest = files.whole(MANIFEST).ok_or(RecordingError::NoManifest)?;
        let text = String::from_utf8_lossy(&manifest);
        let json: Json = serde_yaml::from_str(&text)
            .map_err(|error| RecordingError::Unreadable(error.to_string()))?;
        let version = word(&json, "apiVersion");
        if version.is_empty() {
            return Err(RecordingError::Unreadable(format!(
                "it does not say `apiVersion: {API_VERSION}`, as recordings do"
            )));
        }
        if version != API_VERSION {
            return Err(RecordingError::TooNew(version));
        }
        if json["unfinished"] == true {
            return Err(RecordingError::Unfinished);
        }
        let mut recording = Self {
            now: json["now"].as_str().and_then(crate::text::parse_rfc3339),
            seen: word(&json, "seen"),
            interrupted: json["interrupted"] == true,
            selection: Selection {
                well: json["selection"]["well"]
                    .as_u64()
                    .and_then(|it| it.try_into().ok())
                    .unwrap_or(0),
                gap: maybe_gap(&json["selection"]["gap"])?,
            },
            ..Self::default()
        };
        for entry in json["playbooks"].as_array().into_iter().flatten() {
            recording.playbooks.insert(word(entry, "id"), word(entry, "digest"));
        }
        for (name, value) in json["inputs"].as_object().into_iter().flatten() {
            recording.inputs.insert(name.clone(), value.clone());
        }
        for name in json["given"].as_array().into_iter().flatten().filter_map(Json::as_str) {
            recording.given.push(held(files.as_ref(), name)?);
        }
        for entry in json["answers"].as_array().into_iter().flatten() {
            let with = entry["request"]["with"].as_object().into_iter().flatten();
            let params = with.map(|(name, value)| (name.clone(), value.to_string())).collect();
            let request = Request { source: word(&entry["request"], "source"), params };
            recording.answers.insert(request, recorded(entry, files.as_ref())?);
        }
        recording.files = files;
        Ok(recording)
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
            RecordedBody::Events(items) => {
                let mut reading = EventReading::new(list, &self.origin);
                items.iter().for_each(|it| reading.push(it));
                Body::Text(reading.finish())
            }
            RecordedBody::Text(text) => {
                let mut reading = Reading::new(list, &self.origin, 1, false);
                reading.push(text.as_bytes());
                Body::Text(reading.finish())
            }
            RecordedBody::Log(name) => {
                let mut reading = Reading::new(list, &self.origin, 1, false);
                if !files.stream(name, &mut |bytes| reading.push(bytes)) {
                    partial = Some(Gap::Failed(format!("{name} cannot be read to its end")));
                }
                Body::Text(reading.finish())
            }
        };
        Ok(Document { body, partial, origin: self.origin.clone() })
    }
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

    fn from_json(json: &Json) -> Result<Self, RecordingError> {
        let name = json.as_str().map_or_else(|| word(json, "gap"), str::to_owned);
        Self::parse(&name, &word(json, "needs"))
            .ok_or_else(|| RecordingError::Unreadable(format!("unknown gap `{name}`")))
    }
}

fn maybe_gap(json: &Json) -> Result<Option<Gap>, RecordingError> {
    if json.is_null() { Ok(None) } else { Gap::from_json(json).map(Some) }
}

fn recorded(entry: &Json, files: &dyn Files) -> Result<Recorded, RecordingError> {
    let partial = maybe_gap(&entry["partial"])?;
    let body = if !entry["gap"].is_null() {
        Err(Gap::from_json(&entry["gap"])?)
    } else if let Some(name) = entry["log"].as_str() {
        Ok(RecordedBody::Log(held(files, name)?))
    } else if let Some(text) = entry["text"].as_str() {
        Ok(RecordedBody::Text(text.to_owned()))
    } else if let Some(name) = entry["events"].as_str() {
        match data(files, name)? {
            Json::Array(items) => Ok(RecordedBody::Events(items)),
            _ => return Err(RecordingError::Unreadable(format!("{name} is no list of events"))),
        }
    } else if let Some(name) = entry["file"].as_str() {
        Ok(RecordedBody::Tree(data(files, name)?))
    } else if let Some(tree @ (Json::Object(_) | Json::Array(_))) = entry.get("tree") {
        Ok(RecordedBody::Tree(tree.clone()))
    } else {
        // Nothing must not read as “we looked, and it is not there”.
        let message =
            "an answer has neither a gap nor a log, text, events, file or tree".to_owned();
        return Err(RecordingError::Unreadable(message));
    };
    Ok(Recorded { body, partial, origin: word(entry, "origin") })
}

fn word(json: &Json, key: &str) -> String {
    json[key].as_str().unwrap_or_default().to_owned()
}

fn held(files: &dyn Files, name: &str) -> Result<String, RecordingError> {
    let inside = !name.split('/').any(|it| matches!(it, "" | "." | ".."));
    if inside && files.holds(name) {
        Ok(name.to_owned())
    } else {
        Err(RecordingError::Missing(name.to_owned()))
    }
}

fn data(files: &dyn Files, name: &str) -> Result<Json, RecordingError> {
    let name = held(files, name)?;
    let bytes = files.whole(&name).ok_or_else(|| RecordingError::Missing(name.clone()))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| RecordingError::Unreadable(format!("{name}: {error}")))
}
