//! Recorded answers: what a run saw, to be judged again.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Gap, Request};

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
}

impl Recording {
    /// Reads a recording from its files, by path relative to its folder.
    pub fn read(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, RecordingError> {
        let manifest = files.get(MANIFEST).ok_or(RecordingError::NoManifest)?;
        let text = String::from_utf8_lossy(manifest);
        let json: Json = serde_yaml::from_str(&text)
            .map_err(|error| RecordingError::Unreadable(error.to_string()))?;
        let word = |json: &Json, key: &str| json[key].as_str().unwrap_or_default().to_owned();
        let version = word(&json, "apiVersion");
        if version != API_VERSION {
            return Err(RecordingError::TooNew(version));
        }
        let file = |name: &str| {
            files.get(name).cloned().ok_or_else(|| RecordingError::Missing(name.to_owned()))
        };
        let mut recording = Self {
            playbook: word(&json, "playbook"),
            now: json["now"].as_str().and_then(crate::text::parse_rfc3339),
            seen: word(&json, "seen"),
            ..Self::default()
        };
        for (name, value) in json["inputs"].as_object().into_iter().flatten() {
            recording.inputs.insert(name.clone(), value.clone());
        }
        for name in json["given"].as_array().into_iter().flatten().filter_map(Json::as_str) {
            recording.given.insert(name.to_owned(), file(name)?);
        }
        for entry in json["answers"].as_array().into_iter().flatten() {
            let with = entry["request"]["with"].as_object().into_iter().flatten();
            let params = with.map(|(name, value)| (name.clone(), value.to_string())).collect();
            let request = Request { source: word(&entry["request"], "source"), params };
            let complete = entry["complete"].as_bool().unwrap_or(true);
            let origin = word(entry, "origin");
            let recorded = if let Some(name) = entry["gap"].as_str() {
                let gap = Gap::parse(name, &word(entry, "needs"));
                Recorded::Gap(
                    gap.ok_or_else(|| RecordingError::Unreadable(format!("unknown gap `{name}`")))?,
                )
            } else if let Some(name) = entry["log"].as_str() {
                Recorded::Text { text: file(name)?, complete, origin }
            } else if let Some(text) = entry["text"].as_str() {
                Recorded::Text { text: text.as_bytes().to_vec(), complete, origin }
            } else if let Some(name) = entry["file"].as_str() {
                let tree = serde_json::from_slice(&file(name)?);
                let tree =
                    tree.map_err(|error| RecordingError::Unreadable(format!("{name}: {error}")))?;
                Recorded::Tree { tree, complete, origin }
            } else {
                Recorded::Tree { tree: entry["tree"].clone(), complete, origin }
            };
            recording.answers.insert(request, recorded);
        }
        Ok(recording)
    }
}

/// What a run saw.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// The playbook the run was made for; empty: any.
    pub playbook: String,
    /// Inputs the run was given, by name.
    pub inputs: BTreeMap<String, serde_json::Value>,
    /// The moment of the run, microseconds since 1970; `now` is evidence too.
    pub now: Option<i64>,
    /// Request → what was answered.
    pub answers: BTreeMap<Request, Recorded>,
    /// Files that were handed over, by name: given evidence.
    pub given: BTreeMap<String, Vec<u8>>,
    /// Where the shapes were seen.
    pub seen: String,
}

/// A recorded answer. Text is kept raw: it is read when it is judged.
#[derive(Clone, Debug)]
pub enum Recorded {
    /// Data.
    Tree {
        /// The data.
        tree: serde_json::Value,
        /// Whether it was all.
        complete: bool,
        /// For quotes.
        origin: String,
    },
    /// Text.
    Text {
        /// The raw text.
        text: Vec<u8>,
        /// Whether it was all.
        complete: bool,
        /// For quotes.
        origin: String,
    },
    /// No answer.
    Gap(Gap),
}
