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
/// Lines of what may be one.
const UNTOLD: usize = 500;

/// Heads of a pod's description that no other description has, or few: any two of them tell that it is one.
const OF_A_POD: &[&str] = &[
    "Node",
    "Service Account",
    "Priority",
    "Start Time",
    "Status",
    "IP",
    "IPs",
    "Controlled By",
    "Containers",
    "Init Containers",
    "Conditions",
    "Volumes",
    "QoS Class",
    "Node-Selectors",
    "Tolerations",
];
/// Heads that any description may have.
const OF_ANY: &[&str] = &["Name", "Namespace", "Labels", "Annotations", "API Version", "Kind"];
/// Heads whose values stand one space behind them.
const NARROW: &[&str] = &[
    "Desired Number of Nodes Scheduled",
    "Current Number of Nodes Scheduled",
    "Number of Nodes Scheduled with Up-to-date Pods",
    "Number of Nodes Scheduled with Available Pods",
    "Number of Nodes Misscheduled",
    "Pods Status",
    "Pods Statuses",
];

/// The head that a line has at its beginning: `Name:   web-0`, `Volumes:`.
fn head(line: &str) -> Option<&str> {
    let (key, rest) = line.trim_start().split_once(':')?;
    let apart = rest.trim().is_empty() || rest.starts_with("  ") || rest.starts_with('\t');
    let plain = key.starts_with(|it: char| it.is_ascii_uppercase())
        && key.len() < 64
        && key.bytes().all(|it| it.is_ascii_alphanumeric() || b" -".contains(&it));
    (plain && (apart || NARROW.contains(&key))).then_some(key)
}

/// Whether a line begins a description: with the object's name, or within it.
pub(super) fn begins(line: &str) -> bool {
    match head(line) {
        Some("Name") => {
            let value = line.split_once(':').map_or("", |(_, value)| value).trim();
            !value.is_empty() && !value.contains(' ')
        }
        Some(key) => OF_A_POD.contains(&key) || OF_ANY.contains(&key),
        None => false,
    }
}

/// A line: its indentation, key and value. A line without a key has only a value.
#[derive(Debug)]
struct Line {
    indent: usize,
    key: String,
    value: String,
    /// Blanks behind the colon.
    gap: usize,
}

/// A description under construction.
#[derive(Debug)]
pub(super) struct Description {
    from: u64,
    /// Columns that all of it is indented by.
    base: usize,
    lines: Vec<Line>,
    /// As it was written, until two heads have told what it is.
    written: Vec<(u64, String)>,
    heads: usize,
}

impl Description {
    /// Begins with a line.
    pub(super) fn new(from: u64, line: &str) -> Self {
        let base = line.len() - line.trim_start().len();
        Self { from, base, lines: Vec::new(), written: Vec::new(), heads: 0 }
    }

    /// Whether a line that stands as far to the right as a head does is one.
    pub(super) fn is_of_it(&self, line: &str) -> bool {
        let inner = line.len() - line.trim_start().len() > self.base || head(line).is_some();
        inner && (self.is_told() || self.written.len() < UNTOLD)
    }

    /// Whether a line begins one with the object's name.
    pub(super) fn is_named(line: &str) -> bool {
        head(line) == Some("Name")
    }

    /// Whether a line may begin another description.
    pub(super) fn is_beside(&self, line: &str, below_blank: bool) -> bool {
        let outer = line.len() - line.trim_start().len() <= self.base;
        (outer || below_blank)
            && head(line).is_some_and(|it| it == "Name" || self.heads < 2 && self.top_has(it))
    }

    fn top_has(&self, key: &str) -> bool {
        self.lines.iter().any(|it| it.indent == 0 && it.key == key)
    }

    /// Whether two heads have told that it is one.
    pub(super) fn is_told(&self) -> bool {
        self.heads > 1
    }

    /// The lines of what turned out to be none.
    pub(super) fn written(self) -> Vec<(u64, String)> {
        self.written
    }

    /// Adds a line.
    pub(super) fn push(&mut self, line: &str, number: u64) {
        let trimmed = line.trim();
        if !self.is_told() {
            self.written.push((number, line.to_owned()));
        }
        if trimmed.is_empty() || self.lines.len() >= LINES {
            return;
        }
        let indent = (line.len() - line.trim_start().len()).saturating_sub(self.base);
        if indent == 0 && head(line).is_some_and(|it| !self.top_has(it)) {
            self.heads += 1;
            if self.is_told() {
                self.written.clear();
            }
        }
        let (key, value) = trimmed.split_once(':').unwrap_or(("", trimmed));
        let is_key = !key.is_empty() && !key.contains('=') && !key.contains('/');
        let gap = value.len() - value.trim_start().len();
        let (key, value) = if is_key { (key, value.trim()) } else { ("", trimmed) };
        self.lines.push(Line { indent, key: key.to_owned(), value: value.to_owned(), gap });
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
        let found = found.or_else(|| node::drivers(self).is_some().then_some("CSINode"));
        let of_a_pod = || OF_A_POD.iter().filter(|it| self.has(it)).count() > 1;
        found.or_else(|| of_a_pod().then_some("Pod"))
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
        let name = format!(
            "{}/{}",
            crate::text::secret::redact(part("kind")).to_lowercase(),
            part("name")
        );
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
