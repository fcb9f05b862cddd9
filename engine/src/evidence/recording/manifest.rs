//! The manifest: bounded before anything is held, and every field of its type.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::{
    API_VERSION, DIGEST, Files, Holds, MANIFEST, Made, Part, Recorded, RecordedBody, Recording,
    RecordingError, digest_of,
};
use crate::budget::{Budget, ROOM};
use crate::evidence::{Gap, Request, Selection};
use crate::text::parse_rfc3339;
use crate::yaml::{self, Kind, Limits, Node};

/// How large a manifest may be: two thousand answers take half of it.
const LIMITS: Limits = Limits { bytes: 4 * 1024 * 1024, nodes: 150_000 };

type Read<T> = Result<T, RecordingError>;

pub(super) fn read(files: &dyn Files) -> Read<Recording> {
    let json = json(files)?;
    let all = Fields::of(&json, "the manifest")?;
    let version = all.text("apiVersion")?;
    if version.is_empty() {
        return Err(unreadable(format!(
            "it does not say `apiVersion: {API_VERSION}`, as recordings do"
        )));
    }
    if version != API_VERSION {
        return Err(RecordingError::TooNew(version));
    }
    if all.flag("unfinished")? {
        return Err(RecordingError::Unfinished);
    }
    if !matches!(all.text("kind")?.as_str(), "" | "Recording") {
        return Err(all.wrong("kind", "`Recording`"));
    }
    all.known(&[
        "apiVersion",
        "kind",
        "triagem",
        "unfinished",
        "interrupted",
        "now",
        "seen",
        "selection",
        "playbook",
        "playbooks",
        "inputs",
        "given",
        "answers",
        DIGEST,
    ])?;
    if !all.is_null(DIGEST) && all.text(DIGEST)? != digest_of(&json) {
        return Err(RecordingError::Changed);
    }
    let now = match all.text("now")?.as_str() {
        "" => None,
        text => Some(parse_rfc3339(text).ok_or_else(|| all.wrong("now", "a moment (RFC 3339)"))?),
    };
    let mut recording = Recording {
        now,
        seen: all.text("seen")?,
        triagem: all.text("triagem")?,
        sealed: !all.is_null(DIGEST),
        interrupted: all.flag("interrupted")?,
        selection: selection(&all)?,
        ..Recording::default()
    };
    if !all.is_null("playbook") {
        recording.playbooks.insert(all.text("playbook")?, Made::default());
    }
    for entry in all.list("playbooks")? {
        let entry = Fields::of(entry, "`playbooks`")?;
        let made = Made { version: entry.text("version")?, digest: entry.text("digest")? };
        recording.playbooks.insert(entry.text("id")?, made);
    }
    for (name, value) in all.map("inputs")?.into_iter().flatten() {
        recording.inputs.insert(name.clone(), value.clone());
    }
    for name in all.list("given")? {
        let name = name.as_str().ok_or_else(|| all.wrong("given", "a list of names"))?;
        recording.given.push(held(files, name)?);
    }
    // What one answer takes, the ones behind it lack.
    let budget = Budget::new(ROOM);
    budget.read_more(usize::try_from(files.bytes()).unwrap_or(usize::MAX));
    for entry in all.list("answers")? {
        let entry = Fields::of(entry, "an answer")?;
        entry.known(&[
            "request", "origin", "partial", "gap", "log", "text", "events", "file", "tree", DIGEST,
        ])?;
        let request = request(&entry)?;
        let answer = recorded(&entry, files, &budget)?;
        if recording.answers.insert(request.clone(), answer).is_some() {
            return Err(unreadable(format!("a question to {} has two answers", request.source)));
        }
    }
    Ok(recording)
}

/// The manifest as data.
fn json(files: &dyn Files) -> Read<Json> {
    let size = files.size(MANIFEST).ok_or(RecordingError::NoManifest)?;
    if size > LIMITS.bytes as u64 {
        return Err(unreadable(format!("it is larger than {} MiB", LIMITS.bytes >> 20)));
    }
    let mut bytes = Vec::new();
    if !files.stream(MANIFEST, &mut |more| bytes.extend_from_slice(more)) {
        return Err(unreadable("it cannot be read to its end".to_owned()));
    }
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it is no text".to_owned()))?;
    let node = yaml::bounded(&text, LIMITS)
        .map_err(|it| unreadable(format!("line {}: {}", it.span.line, it.message)))?;
    if let Some(key) = doubled(&node) {
        return Err(unreadable(format!("`{key}` stands in it twice")));
    }
    drop(node);
    // As it was written: by the same library.
    serde_yaml::from_str(&text).map_err(|error| unreadable(error.to_string()))
}

/// A key that an object of the tree has twice: nobody can tell which one is meant.
fn doubled(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Scalar { .. } => None,
        Kind::Sequence(items) => items.iter().find_map(doubled),
        Kind::Mapping(entries) => {
            let mut keys: Vec<&str> = entries.iter().filter_map(|(key, _)| key.text()).collect();
            keys.sort_unstable();
            let twice = keys.windows(2).find_map(|it| match it {
                [one, other] if one == other => Some(*one),
                _ => None,
            });
            twice.or_else(|| entries.iter().find_map(|(_, value)| doubled(value)))
        }
    }
}

fn selection(all: &Fields<'_>) -> Read<Selection> {
    if all.is_null("selection") {
        return Ok(Selection::default());
    }
    let own = Fields::of(all.get("selection"), "`selection`")?;
    let count = |key: &'static str| match own.get(key) {
        Json::Null => Ok(0),
        count => count
            .as_u64()
            .and_then(|it| it.try_into().ok())
            .ok_or_else(|| own.wrong(key, "a number of pods")),
    };
    let gap = maybe_gap(own.get("gap"))?;
    Ok(Selection { well: count("well")?, leaving: count("leaving")?, gap, handed_over: false })
}

fn request(entry: &Fields<'_>) -> Read<Request> {
    let own = Fields::of(entry.get("request"), "`request`")?;
    let source = own.text("source")?;
    if source.is_empty() {
        return Err(own.wrong("source", "the name of a source"));
    }
    let with = own.map("with")?.into_iter().flatten();
    let params: BTreeMap<String, String> =
        with.map(|(name, value)| (name.clone(), value.to_string())).collect();
    Ok(Request { source, params })
}

fn recorded(entry: &Fields<'_>, files: &dyn Files, budget: &Budget) -> Read<Recorded> {
    let partial = maybe_gap(entry.get("partial"))?;
    let origin = entry.text("origin")?;
    if !entry.is_null("gap") {
        return Ok(Recorded { body: Err(gap(entry.get("gap"))?), partial, origin });
    }
    let part = |holds: Holds, key: &str| -> Read<RecordedBody> {
        let digest = (!entry.is_null(DIGEST)).then(|| entry.text(DIGEST)).transpose()?;
        let name = held(files, &entry.text(key)?)?;
        let part = Part { name, holds, digest, room: budget.room() };
        if holds != Holds::Log {
            // Only what it takes is kept of it: it is read again when it is judged.
            drop(part.tree(files, budget));
        }
        Ok(RecordedBody::Part(part))
    };
    let body = if !entry.is_null("log") {
        part(Holds::Log, "log")?
    } else if !entry.is_null("text") {
        RecordedBody::Text(entry.text("text")?)
    } else if !entry.is_null("events") {
        part(Holds::Events, "events")?
    } else if !entry.is_null("file") {
        part(Holds::Tree, "file")?
    } else if let tree @ (Json::Object(_) | Json::Array(_)) = entry.get("tree") {
        RecordedBody::Tree(tree.clone())
    } else {
        // Nothing must not read as “we looked, and it is not there”.
        return Err(unreadable(
            "an answer has neither a gap nor a log, text, events, file or tree".to_owned(),
        ));
    };
    Ok(Recorded { body: Ok(body), partial, origin })
}

fn gap(json: &Json) -> Read<Gap> {
    let (name, needs) = match json {
        Json::String(name) => (name.clone(), String::new()),
        other => {
            let own = Fields::of(other, "a gap")?;
            (own.text("gap")?, own.text("needs")?)
        }
    };
    Gap::parse(&name, &needs).ok_or_else(|| unreadable(format!("unknown gap `{name}`")))
}

fn maybe_gap(json: &Json) -> Read<Option<Gap>> {
    if json.is_null() { Ok(None) } else { gap(json).map(Some) }
}

fn held(files: &dyn Files, name: &str) -> Read<String> {
    let inside = !name.split('/').any(|it| matches!(it, "" | "." | ".."));
    if inside && files.size(name).is_some() {
        Ok(name.to_owned())
    } else {
        Err(RecordingError::Missing(name.to_owned()))
    }
}

fn unreadable(why: String) -> RecordingError {
    RecordingError::Unreadable(why)
}

/// The fields of an object, each of its type or refused.
struct Fields<'j> {
    of: &'j str,
    fields: &'j Map<String, Json>,
}

impl<'j> Fields<'j> {
    fn of(json: &'j Json, of: &'j str) -> Read<Self> {
        let fields = json.as_object();
        let fields = fields.ok_or_else(|| unreadable(format!("{of} is no set of fields")))?;
        Ok(Self { of, fields })
    }

    fn get(&self, key: &str) -> &'j Json {
        self.fields.get(key).unwrap_or(&Json::Null)
    }

    fn is_null(&self, key: &str) -> bool {
        self.get(key).is_null()
    }

    fn wrong(&self, key: &str, wanted: &str) -> RecordingError {
        unreadable(format!("`{key}` of {} is not {wanted}", self.of))
    }

    /// A text; empty where there is none.
    fn text(&self, key: &str) -> Read<String> {
        match self.get(key) {
            Json::Null => Ok(String::new()),
            Json::String(text) => Ok(text.clone()),
            _ => Err(self.wrong(key, "a text")),
        }
    }

    fn flag(&self, key: &str) -> Read<bool> {
        match self.get(key) {
            Json::Null => Ok(false),
            Json::Bool(flag) => Ok(*flag),
            _ => Err(self.wrong(key, "`true` or `false`")),
        }
    }

    fn list(&self, key: &str) -> Read<&'j [Json]> {
        match self.get(key) {
            Json::Null => Ok(&[]),
            Json::Array(items) => Ok(items),
            _ => Err(self.wrong(key, "a list")),
        }
    }

    fn map(&self, key: &str) -> Read<Option<&'j Map<String, Json>>> {
        match self.get(key) {
            Json::Null => Ok(None),
            Json::Object(fields) => Ok(Some(fields)),
            _ => Err(self.wrong(key, "a set of fields")),
        }
    }

    fn known(&self, keys: &[&str]) -> Read<()> {
        match self.fields.keys().find(|it| !keys.contains(&it.as_str())) {
            Some(key) => {
                Err(unreadable(format!("{} has a key that nobody knows, `{key}`", self.of)))
            }
            None => Ok(()),
        }
    }
}
