//! `kubectl describe`, read back into the object's own shape. What it does not say stays unknown.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::evidence::redact::redact_tree;
use crate::evidence::{Body, Document, Gap, Given, GivenKind};

mod generic;
mod node;
mod pod;
mod workload;

/// Lines of one description.
const LINES: usize = 5_000;

/// Whether a line begins a description.
pub(super) fn begins(line: &str) -> bool {
    line.strip_prefix("Name:").is_some_and(|rest| {
        (rest.starts_with("  ") || rest.starts_with('\t'))
            && !rest.trim().is_empty()
            && !rest.trim().contains(' ')
    })
}

/// A line: its indentation, key and value. A line without a key has only a value.
#[derive(Debug)]
struct Line {
    indent: usize,
    key: String,
    value: String,
}

/// A description under construction.
#[derive(Debug)]
pub(super) struct Description {
    from: u64,
    lines: Vec<Line>,
}

impl Description {
    pub(super) fn new(from: u64) -> Self {
        Self { from, lines: Vec::new() }
    }

    /// Adds a line.
    pub(super) fn push(&mut self, line: &str) {
        let trimmed = line.trim();
        if trimmed.is_empty() || self.lines.len() >= LINES {
            return;
        }
        let indent = line.len() - line.trim_start().len();
        let (key, value) = trimmed.split_once(':').unwrap_or(("", trimmed));
        let is_key = !key.is_empty() && !key.contains('=') && !key.contains('/');
        let (key, value) = if is_key { (key, value.trim()) } else { ("", trimmed) };
        self.lines.push(Line { indent, key: key.to_owned(), value: value.to_owned() });
    }

    fn top(&self, key: &str) -> Option<&str> {
        let found = self.lines.iter().find(|it| it.indent == 0 && it.key == key)?;
        Some(found.value.as_str()).filter(|it| !it.is_empty() && *it != "<none>")
    }

    fn has(&self, key: &str) -> bool {
        self.lines.iter().any(|it| it.indent == 0 && it.key == key)
    }

    /// The kind: said, or known by what only its description says.
    fn kind(&self) -> Option<&str> {
        if let Some(kind) = self.top("Kind") {
            return Some(kind);
        }
        let telling = [
            ("Containers", "Pod"),
            ("System Info", "Node"),
            ("Unschedulable", "Node"),
            ("Desired Number of Nodes Scheduled", "DaemonSet"),
            ("Mountable secrets", "ServiceAccount"),
            ("StrategyType", "Deployment"),
            ("Update Strategy", "StatefulSet"),
            ("Pods Statuses", "Job"),
        ];
        let found = telling.iter().find(|(key, _)| self.has(key)).map(|(_, kind)| *kind);
        found.or_else(|| node::drivers(self).is_some().then_some("CSINode"))
    }

    /// Kind, namespace and name, as far as they are told.
    pub(super) fn names(&self) -> BTreeMap<String, String> {
        let told = [
            ("kind", self.kind()),
            ("name", self.top("Name")),
            ("namespace", self.top("Namespace")),
        ];
        told.into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned())))
            .collect()
    }

    /// The object, if it is of a kind that can be read back.
    pub(super) fn given(self, origin: &str) -> Option<Given> {
        let mut tree = match self.kind()? {
            "Pod" => pod::read(&self),
            "Node" => node::read(&self),
            "CSINode" => node::csi(&self),
            "DaemonSet" => workload::daemon_set(&self),
            "ServiceAccount" => workload::service_account(&self),
            _ if self.top("API Version").is_some() => generic::read(&self),
            _ => return None,
        };
        redact_tree(&mut tree);
        let names = self.names();
        let part = |key: &str| names.get(key).map(String::as_str).unwrap_or_default();
        let name = format!("{}/{}", part("kind").to_lowercase(), part("name"));
        Some(Given {
            kind: GivenKind::Object,
            names,
            answer: Ok(Document {
                body: Body::Tree(tree),
                partial: Some(Gap::HandedOver),
                origin: format!("{name} ({origin})"),
            }),
            origin: origin.to_owned(),
            line: self.from,
        })
    }

    /// Name, namespace, labels and annotations.
    fn metadata(&self) -> Json {
        let mut metadata = json!({ "name": self.top("Name").unwrap_or_default() });
        if let Some(namespace) = self.top("Namespace") {
            metadata["namespace"] = namespace.into();
        }
        for (section, field, between) in
            [("Labels", "labels", "="), ("Annotations", "annotations", ": ")]
        {
            let pairs = self.pairs(section, between);
            if !pairs.is_empty() {
                metadata[field] = Json::Object(pairs);
            }
        }
        metadata
    }

    /// The lines of a section, its own first.
    fn section<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Line> {
        let from = self.lines.iter().position(|it| it.indent == 0 && it.key == name);
        let lines = from.and_then(|it| self.lines.get(it..)).unwrap_or_default();
        let end = lines.iter().skip(1).position(|it| it.indent == 0 && !it.key.is_empty());
        lines.iter().take(end.map_or(lines.len(), |it| it + 1))
    }

    /// The pairs of a section: `a=b` or `a: b`.
    fn pairs(&self, section: &str, between: &str) -> Map<String, Json> {
        let mut pairs = Map::new();
        for (at, line) in self.section(section).enumerate() {
            let own;
            let text = if at == 0 || line.key.is_empty() {
                &line.value
            } else {
                own = format!("{}: {}", line.key, line.value);
                &own
            };
            if let Some((name, value)) = text.split_once(between) {
                pairs.insert(name.to_owned(), value.trim().into());
            }
        }
        pairs
    }

    /// The lines of each part of a section (`Containers`, `Volumes`), by the part's name.
    fn parts<'a>(&'a self, section: &str) -> Vec<(&'a str, Vec<&'a Line>)> {
        let mut parts: Vec<(&str, Vec<&Line>)> = Vec::new();
        for line in self.section(section).skip(1) {
            if line.indent == 2 && line.value.is_empty() {
                parts.push((&line.key, Vec::new()));
            } else if let Some((_, lines)) = parts.last_mut() {
                lines.push(line);
            }
        }
        parts
    }
}
