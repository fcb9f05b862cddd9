//! `kubectl describe pod`, read back into the pod's own shape. What it does not say stays unknown.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::evidence::redact::redact_tree;
use crate::evidence::{Body, Document, Gap, Given, GivenKind};

/// Lines of one description.
const LINES: usize = 5_000;

/// Whether a line begins a description.
pub(super) fn begins(line: &str) -> bool {
    line.strip_prefix("Name:").is_some_and(|rest| {
        rest.starts_with("  ") && !rest.trim().is_empty() && !rest.trim().contains(' ')
    })
}

/// A description under construction.
#[derive(Debug)]
pub(super) struct Description {
    from: u64,
    lines: Vec<(usize, String, String)>,
}

impl Description {
    pub(super) fn new(from: u64) -> Self {
        Self { from, lines: Vec::new() }
    }

    /// Adds a line: its indentation, key and value.
    pub(super) fn push(&mut self, line: &str) {
        let trimmed = line.trim();
        if trimmed.is_empty() || self.lines.len() >= LINES {
            return;
        }
        let indent = line.len() - line.trim_start().len();
        let (key, value) = trimmed.split_once(':').unwrap_or(("", trimmed));
        let is_key = !key.is_empty() && !key.contains('=') && !key.contains('/');
        let (key, value) = if is_key { (key, value.trim()) } else { ("", trimmed) };
        self.lines.push((indent, key.to_owned(), value.to_owned()));
    }

    fn top(&self, key: &str) -> Option<&str> {
        let found = self.lines.iter().find(|(indent, name, _)| *indent == 0 && name == key)?;
        Some(found.2.as_str()).filter(|it| !it.is_empty() && *it != "<none>")
    }

    fn is_pod(&self) -> bool {
        self.lines.iter().any(|(indent, key, _)| *indent == 0 && key == "Containers")
    }

    /// Kind, namespace and name, as far as they are told.
    pub(super) fn names(&self) -> BTreeMap<String, String> {
        let mut names = BTreeMap::new();
        if self.is_pod() {
            names.insert("kind".to_owned(), "Pod".to_owned());
        }
        for (key, name) in [("Name", "name"), ("Namespace", "namespace"), ("Kind", "kind")] {
            if let Some(value) = self.top(key) {
                names.insert(name.to_owned(), value.to_owned());
            }
        }
        names
    }

    /// The object, if it is a pod's description.
    pub(super) fn given(self, origin: &str) -> Option<Given> {
        if !self.is_pod() {
            return None;
        }
        let names = self.names();
        let name = self.top("Name").unwrap_or_default();
        let mut metadata = json!({ "name": name });
        if let Some(namespace) = self.top("Namespace") {
            metadata["namespace"] = namespace.into();
        }
        let labels = self.labels();
        if !labels.is_empty() {
            metadata["labels"] = Json::Object(labels);
        }
        let mut spec = json!({ "volumes": self.volumes() });
        if let Some(node) = self.top("Node").and_then(|it| it.split('/').next()) {
            spec["nodeName"] = node.into();
        }
        if let Some(account) = self.top("Service Account") {
            spec["serviceAccountName"] = account.into();
        }
        let mut status = json!({ "containerStatuses": self.containers() });
        if let Some(phase) = self.top("Status") {
            status["phase"] = phase.into();
        }
        let mut tree = json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status});
        redact_tree(&mut tree);
        Some(Given {
            kind: GivenKind::Object,
            names,
            answer: Ok(Document {
                body: Body::Tree(tree),
                partial: Some(Gap::HandedOver),
                origin: format!("pod/{name} ({origin})"),
            }),
            origin: origin.to_owned(),
            line: self.from,
        })
    }

    fn labels(&self) -> Map<String, Json> {
        let mut labels = Map::new();
        let mut inside = false;
        for (indent, key, value) in &self.lines {
            if *indent == 0 {
                inside = key == "Labels";
            }
            if inside && let Some((name, value)) = value.split_once('=') {
                labels.insert(name.to_owned(), value.into());
            }
        }
        labels
    }

    /// The lines of each part of a section (`Containers`, `Volumes`), by the part's name.
    fn parts(&self, section: &str) -> Vec<(&str, Vec<&(usize, String, String)>)> {
        let mut parts: Vec<(&str, Vec<&(usize, String, String)>)> = Vec::new();
        let mut inside = false;
        for line in &self.lines {
            let (indent, key, value) = line;
            if *indent == 0 {
                inside = key == section;
            } else if inside && *indent == 2 && value.is_empty() {
                parts.push((key, Vec::new()));
            } else if inside && let Some((_, lines)) = parts.last_mut() {
                lines.push(line);
            }
        }
        parts
    }

    fn containers(&self) -> Vec<Json> {
        self.parts("Containers").into_iter().map(|(name, lines)| container(name, &lines)).collect()
    }

    fn volumes(&self) -> Vec<Json> {
        self.parts("Volumes").into_iter().map(|(name, lines)| volume(name, &lines)).collect()
    }
}

fn container(name: &str, lines: &[&(usize, String, String)]) -> Json {
    let mut status = json!({ "name": name });
    let mut state: Option<(&str, String)> = None;
    for (indent, key, value) in lines {
        match key.as_str() {
            "State" => {
                let part = value.to_lowercase();
                status["state"] = json!({ part.clone(): {} });
                state = Some(("state", part));
            }
            "Last State" => {
                let part = value.to_lowercase();
                status["lastState"] = json!({ part.clone(): {} });
                state = Some(("lastState", part));
            }
            "Ready" => status["ready"] = (value == "True").into(),
            "Restart Count" => status["restartCount"] = value.parse::<u64>().unwrap_or(0).into(),
            "Image" => status["image"] = value.as_str().into(),
            "Reason" | "Message" | "Exit Code" if *indent >= 6 => {
                if let Some((slot, part)) = &state {
                    let field = match key.as_str() {
                        "Reason" => "reason",
                        "Message" => "message",
                        _ => "exitCode",
                    };
                    status[*slot][part.as_str()][field] = value.as_str().into();
                }
            }
            _ if *indent <= 4 => state = None,
            _ => {}
        }
    }
    status
}

fn volume(name: &str, lines: &[&(usize, String, String)]) -> Json {
    let text = |wanted: &str| {
        lines.iter().find(|(_, key, _)| key == wanted).map(|(_, _, value)| value.as_str())
    };
    let mut volume = json!({ "name": name });
    if text("Type").is_some_and(|it| it.starts_with("CSI")) {
        let mut attributes = Map::new();
        let mut inside = false;
        for (_, key, value) in lines {
            inside = key == "VolumeAttributes" || inside && key.is_empty();
            if inside && let Some((name, value)) = value.split_once('=') {
                attributes.insert(name.to_owned(), value.into());
            }
        }
        volume["csi"] = json!({
            "driver": text("Driver").unwrap_or_default(),
            "readOnly": text("ReadOnly") == Some("true"),
            "volumeAttributes": attributes,
        });
    }
    if let Some(secret) = text("SecretName") {
        volume["secret"] = json!({ "secretName": secret });
    }
    volume
}
