//! As written → checked: names resolved, types fitting, patterns compiled; every fault at once.

use std::collections::{BTreeMap, BTreeSet};

use super::keys;
use super::{Id, Input, Origin, Playbook, Reference, Sign, Test};
use crate::reader::{Faults, Place, nearest};
use crate::system::Vocabulary;
use crate::value::Type;
use crate::yaml::{Kind, Node, Span};

mod causes;
mod facts;
mod lens;
mod order;
mod signs;
mod steps;
mod tables;

/// Steps, facts, signs and causes of a playbook.
const NAMES: usize = 50_000;
/// Steps, facts and signs of one cause.
const OF_CAUSE: usize = 200;
/// Letters of a name.
const NAME: usize = 80;

/// The trees of one playbook, and what has been made of them so far.
pub(super) struct Checker<'a> {
    pub(super) faults: Faults,
    vocabulary: Vocabulary,
    names: BTreeMap<&'static str, BTreeSet<Id>>,
    used: BTreeSet<(&'static str, Id)>,
    /// Text facts that are named together, by the group's name.
    groups: BTreeMap<String, Vec<Id>>,
    /// Names of the formats that its sources have.
    formats: BTreeSet<String>,
    pub(super) playbook: Playbook,
    causes: &'a [(String, Node)],
    /// The recordings that tests name, each with its place.
    pub(super) recordings: Vec<(String, Span, String)>,
}

/// The beginning of a file.
const START: Span = Span { line: 1, column: 1, start: 0, end: 0 };

/// What checking needs of a tree, besides the tree.
#[derive(Clone, Copy)]
struct At<'a> {
    file: &'a str,
    /// The cause whose file it is.
    cause: Option<&'a str>,
}

impl<'a> Checker<'a> {
    /// Checks `playbook.yaml` and every cause's file.
    pub(super) fn check(
        id: &str,
        root: &Node,
        causes: &'a [(String, Node)],
        vocabulary: Vocabulary,
        faults: Faults,
    ) -> Self {
        let playbook = Playbook {
            id: id.to_owned(),
            version: String::new(),
            digest: String::new(),
            title: String::new(),
            references: Vec::new(),
            locales: Vec::new(),
            speaks_of: Vec::new(),
            inputs: Vec::new(),
            steps: Vec::new(),
            facts: BTreeMap::new(),
            signs: BTreeMap::new(),
            symptoms: Vec::new(),
            well_needs: Vec::new(),
            gone_when: Vec::new(),
            causes: Vec::new(),
            compares: BTreeMap::new(),
            probes: Vec::new(),
            tools: Vec::new(),
            slots: BTreeMap::new(),
            watches: Vec::new(),
            formats: Vec::new(),
            told: super::told::Told::default(),
            translations: BTreeMap::new(),
            recordings: BTreeMap::new(),
        };
        let mut it = Self {
            faults,
            vocabulary,
            names: BTreeMap::new(),
            used: BTreeSet::new(),
            groups: BTreeMap::new(),
            formats: BTreeSet::new(),
            playbook,
            causes,
            recordings: Vec::new(),
        };
        it.all(root);
        it
    }

    fn all(&mut self, root: &Node) {
        let at = At { file: "playbook.yaml", cause: None };
        let keys = self.faults.keys(at.file, root, keys::PLAYBOOK);
        self.collect(at, &keys);
        let causes: Vec<(String, BTreeMap<&'static str, &'a Node>)> = self
            .causes
            .iter()
            .map(|(file, node)| (file.clone(), self.faults.keys(file, node, keys::CAUSE)))
            .collect();
        for (file, keys) in &causes {
            let id = cause_id(file);
            if let Some(written) = keys.get("id").filter(|it| it.text() != Some(id)) {
                let place = Place { file, span: written.span };
                self.faults.note(
                    &place,
                    "P801",
                    format!("the id must be the file's name, `{id}`"),
                    None,
                );
            }
            self.well_named(&Place { file, span: START }, "cause", id);
            self.names.entry("cause").or_default().insert(id.to_owned());
            self.collect(At { file, cause: Some(id) }, keys);
        }

        if let Some(metadata) = keys.get("metadata") {
            self.metadata(at, metadata);
        }
        if let Some(inputs) = keys.get("inputs") {
            self.inputs(at, inputs);
        }
        if let Some(slots) = keys.get("slots") {
            self.slots(at, slots);
        }
        if let Some(texts) = keys.get("texts") {
            self.groups(at, texts);
        }
        self.parts(at, &keys);
        for (file, keys) in &causes {
            self.parts(At { file, cause: Some(cause_id(file)) }, keys);
        }
        if let Some(texts) = keys.get("texts") {
            self.groups_of_texts(at, texts);
        }
        for node in self.faults.list(at.file, keys.get("symptoms")) {
            let symptom = self.name(at, node, "sign");
            self.playbook.symptoms.extend(symptom);
        }
        self.playbook.well_needs = self.names_of(at, keys.get("well-needs"), "step");
        self.playbook.gone_when = self.names_of(at, keys.get("gone-when"), "sign");
        self.tables(at, &keys);
        for (file, keys) in &causes {
            self.cause(At { file, cause: Some(cause_id(file)) }, keys);
        }
        self.spoken_beside(at, &keys);
        self.order(at, root);
        self.playbook.told = super::told::Told::of(&self.playbook);
        self.unused(at, &keys);
    }

    /// Notes the names that a file defines.
    fn collect(&mut self, at: At<'_>, keys: &BTreeMap<&'static str, &Node>) {
        let mut defined: Vec<(&'static str, String, Span)> = Vec::new();
        for (key, kind) in
            [("inputs", "fact"), ("facts", "fact"), ("signs", "sign"), ("compares", "compare")]
        {
            if let Some(node) = keys.get(key)
                && let Kind::Mapping(entries) = &node.kind
            {
                defined.extend(
                    entries
                        .iter()
                        .filter_map(|(name, _)| Some((kind, name.text()?.to_owned(), name.span))),
                );
            }
        }
        if let Some(Node { kind: Kind::Sequence(steps), .. }) = keys.get("steps") {
            for step in steps {
                if let Kind::Mapping(entries) = &step.kind {
                    defined.extend(
                        entries
                            .iter()
                            .filter(|(key, _)| key.text() == Some("id"))
                            .filter_map(|(_, id)| Some(("step", id.text()?.to_owned(), id.span))),
                    );
                }
            }
        }
        if let Some((_, _, span)) = defined.get(OF_CAUSE).filter(|_| at.cause.is_some()) {
            let message = format!("this cause has more than {OF_CAUSE} steps, facts and signs");
            let help = Some("make several causes of it".to_owned());
            self.faults.note(&Place { file: at.file, span: *span }, "P006", message, help);
        }
        let before: usize = self.names.values().map(BTreeSet::len).sum();
        if before + defined.len() > NAMES {
            let span = defined.first().map_or(START, |it| it.2);
            let message =
                format!("this playbook has more than {NAMES} steps, facts, signs and causes");
            let help = Some("make several playbooks of it".to_owned());
            self.faults.note(&Place { file: at.file, span }, "P006", message, help);
            return;
        }
        for (kind, name, span) in defined {
            if self.faults.is_full() {
                return;
            }
            self.well_named(&Place { file: at.file, span }, kind, &name);
            let shared = self.names.get(kind).is_some_and(|it| it.contains(&name));
            let id = qualified(at.cause, &name);
            if shared && at.cause.is_some() {
                let place = Place { file: at.file, span };
                self.faults.note(
                    &place,
                    "P105",
                    format!("the playbook has a {kind} `{name}` already"),
                    Some("use another name".to_owned()),
                );
            }
            if !self.names.entry(kind).or_default().insert(id) {
                let place = Place { file: at.file, span };
                self.faults.note(
                    &place,
                    "P002",
                    format!("the {kind} `{name}` is defined twice"),
                    None,
                );
            }
        }
    }

    /// A name has one shape, whatever it names: it stands in commands to type, in file names and in reports.
    fn well_named(&mut self, place: &Place<'_>, kind: &str, name: &str) {
        let letters =
            name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
        if !letters || name.is_empty() || name.len() > NAME || name.starts_with('-') {
            let message = format!("`{name}` cannot be the name of a {kind}");
            let help = format!(
                "use small letters, digits and hyphens, and no hyphen first, at most {NAME}"
            );
            self.faults.note(place, "P102", message, Some(help));
        }
    }

    /// Resolves a name: a cause's own first, then a shared one.
    fn resolve(&mut self, at: At<'_>, span: Span, name: &str, kind: &'static str) -> Option<Id> {
        let nothing = BTreeSet::new();
        let known = self.names.get(kind).unwrap_or(&nothing);
        let own = qualified(at.cause, name);
        let found = if known.contains(&own) { Some(own) } else { known.get(name).cloned() };
        if let Some(id) = found {
            self.used.insert((kind, id.clone()));
            return Some(id);
        }
        if self.faults.is_full() {
            return None;
        }
        let prefix = at.cause.map(|it| format!("{it}/")).unwrap_or_default();
        let visible: Vec<&str> = known
            .iter()
            .filter_map(|it| it.strip_prefix(prefix.as_str()).or(Some(it)))
            .filter(|it| !it.contains('/'))
            .collect();
        let help = nearest(name, visible);
        let place = Place { file: at.file, span };
        self.faults.note(&place, "P101", format!("unknown {kind} `{name}`"), help);
        None
    }

    /// A node that is a name.
    fn name(&mut self, at: At<'_>, node: &Node, kind: &'static str) -> Option<Id> {
        let text = self.faults.text(at.file, node)?;
        let name = text.strip_prefix('$').unwrap_or(&text).to_owned();
        self.resolve(at, node.span, &name, kind)
    }

    /// One name, or several; of facts also the name of a group.
    fn names_of(&mut self, at: At<'_>, node: Option<&&Node>, kind: &'static str) -> Vec<Id> {
        let nodes = match node {
            None => Vec::new(),
            Some(node) if node.text().is_some() => vec![*node],
            some => self.faults.list(at.file, some),
        };
        let mut all: Vec<Id> = Vec::new();
        for node in nodes {
            let group = node.text().filter(|_| kind == "fact");
            let group = group.and_then(|it| self.groups.get(it).cloned().map(|of| (it, of)));
            match group {
                Some((name, members)) => {
                    self.used.insert(("group", name.to_owned()));
                    all.extend(members);
                }
                None => all.extend(self.name(at, node, kind)),
            }
        }
        all
    }

    /// Text facts that are named together.
    fn groups(&mut self, at: At<'_>, node: &Node) {
        for (name, span, members) in self.faults.entries(at.file, node) {
            let place = Place { file: at.file, span };
            self.well_named(&place, "group", &name);
            if self.names.get("fact").is_some_and(|it| it.contains(&name)) {
                let message = format!("`{name}` is a fact already");
                self.faults.note(&place, "P105", message, None);
                continue;
            }
            let members = self.names_of(at, Some(&members), "fact");
            self.groups.insert(name, members);
        }
    }

    /// What is named together must be texts.
    fn groups_of_texts(&mut self, at: At<'_>, node: &Node) {
        for (name, span, _) in self.faults.entries(at.file, node) {
            let members = self.groups.get(&name).cloned().unwrap_or_default();
            let others = members.into_iter().filter(|it| !self.is_text(it));
            for other in others.collect::<Vec<_>>() {
                let place = Place { file: at.file, span };
                self.faults.note(&place, "P201", format!("`{other}` is not a text"), None);
            }
        }
    }

    fn fault(&mut self, at: At<'_>, node: &Node, code: &'static str, message: String) {
        self.faults.note(&Place { file: at.file, span: node.span }, code, message, None);
    }

    /// A fault with what to do about it.
    fn advise(
        &mut self,
        at: At<'_>,
        node: &Node,
        code: &'static str,
        message: String,
        help: impl Into<Option<String>>,
    ) {
        self.faults.note(&Place { file: at.file, span: node.span }, code, message, help.into());
    }

    /// A text that is none of these.
    fn unlisted(&mut self, at: At<'_>, node: &Node, what: &str, known: &[&str]) {
        let written = node.text().unwrap_or_default();
        let message = format!("`{written}` is no {what}: there are {}", known.join(", "));
        let help = nearest(written, known.iter().copied());
        self.advise(at, node, "P005", message, help);
    }

    fn metadata(&mut self, at: At<'_>, node: &Node) {
        let keys = self.faults.keys(at.file, node, keys::METADATA);
        if let Some(id) = keys.get("id").filter(|it| it.text() != Some(&self.playbook.id)) {
            let message = format!("the id must be the folder's name, `{}`", self.playbook.id);
            self.fault(at, id, "P801", message);
        }
        if let Some(version) = keys.get("version") {
            let text = self.faults.text(at.file, version).unwrap_or_default();
            if crate::value::Value::parse(Type::Version, &text).is_none_or(|it| !it.well_formed()) {
                self.fault(
                    at,
                    version,
                    "P801",
                    format!("`{text}` is not a version, such as 1.0.0"),
                );
            }
            self.playbook.version = text;
        }
        self.playbook.title =
            keys.get("title").and_then(|it| it.text()).unwrap_or_default().to_owned();
        self.playbook.locales = self.faults.texts(at.file, keys.get("locales"));
        self.playbook.speaks_of = self.faults.texts(at.file, keys.get("speaks-of"));
        self.playbook.references = self.references(at, keys.get("references"));
    }

    fn references(&mut self, at: At<'_>, node: Option<&&Node>) -> Vec<Reference> {
        let mut references = Vec::new();
        for item in self.faults.list(at.file, node) {
            let keys = self.faults.keys(at.file, item, keys::REFERENCE);
            let text =
                |key: &str| keys.get(key).and_then(|it| it.text()).unwrap_or_default().to_owned();
            let url = text("url");
            if !url.starts_with("https://") {
                let node = keys.get("url").copied().unwrap_or(item);
                self.fault(at, node, "P801", "a reference needs an https:// url".to_owned());
            }
            references.push(Reference { title: text("title"), url });
        }
        references
    }

    fn kind(&mut self, at: At<'_>, node: Option<&&Node>) -> Type {
        let Some(node) = node else { return Type::String };
        let text = self.faults.text(at.file, node).unwrap_or_default();
        if let Some((_, kind)) = Type::ALL.iter().find(|(name, _)| *name == text) {
            *kind
        } else {
            let help = nearest(&text, Type::ALL.iter().map(|(name, _)| *name));
            self.faults.note(
                &Place { file: at.file, span: node.span },
                "P005",
                format!("unknown type `{text}`"),
                help,
            );
            Type::String
        }
    }

    fn inputs(&mut self, at: At<'_>, node: &Node) {
        for (name, _, value) in self.faults.entries(at.file, node) {
            let keys = self.faults.keys(at.file, value, keys::INPUT);
            let kind = self.kind(at, keys.get("type"));
            let or_from = keys.get("or-from").and_then(|it| self.name(at, it, "fact"));
            let each = self.faults.flag(at.file, keys.get("each"));
            let fact = super::Fact {
                id: name.clone(),
                kind,
                many: false,
                each,
                sensitive: false,
                asks: None,
                from: Origin::Input { or_from: or_from.clone() },
                inner: super::Inner::default(),
                stand_in: None,
                without: Vec::new(),
                binders: Vec::new(),
            };
            self.playbook.facts.insert(name.clone(), fact);
            let required_live = self.is_required_live(at, &keys);
            self.playbook.inputs.push(Input {
                name,
                kind,
                required_live,
                or_from,
                each,
                asks: keys.get("asks").and_then(|it| it.text()).unwrap_or_default().to_owned(),
            });
        }
    }

    fn is_required_live(&mut self, at: At<'_>, keys: &BTreeMap<&'static str, &Node>) -> bool {
        let node = keys.get("required");
        if let Some(node) = node.filter(|it| it.text() != Some("live")) {
            self.faults.shape(at.file, node, "`live`");
        }
        node.is_some()
    }

    /// Steps, facts and signs of one file.
    fn parts(&mut self, at: At<'_>, keys: &BTreeMap<&'static str, &Node>) {
        for node in self.faults.list(at.file, keys.get("steps")) {
            if let Some(step) = self.step(at, node) {
                self.playbook.steps.push(step);
            }
        }
        if let Some(facts) = keys.get("facts") {
            // Texts first: what is captured from them needs to know their filters.
            let (texts, others): (Vec<_>, Vec<_>) = self
                .faults
                .entries(at.file, facts)
                .into_iter()
                .partition(|(_, _, value)| is_type_text(value));
            for (name, _, value) in texts.into_iter().chain(others) {
                self.fact(at, &name, value);
            }
        }
        if let Some(signs) = keys.get("signs") {
            for (name, _, value) in self.faults.entries(at.file, signs) {
                let id = qualified(at.cause, &name);
                if let Some((says, test)) = self.sign(at, value) {
                    self.playbook
                        .signs
                        .insert(id.clone(), Sign { id, says, test, binders: Vec::new() });
                }
            }
        }
    }

    /// Shared names that nothing uses.
    fn unused(&mut self, at: At<'_>, keys: &BTreeMap<&'static str, &Node>) {
        for (key, kind) in
            [("facts", "fact"), ("texts", "group"), ("signs", "sign"), ("compares", "compare")]
        {
            let Some(node) = keys.get(key) else { continue };
            for (name, span, _) in self.faults.entries(at.file, node) {
                let linked = kind == "fact" && self.is_linked(&name);
                if !linked && !self.used.contains(&(kind, name.clone())) {
                    self.faults.warn(
                        &Place { file: at.file, span },
                        "P103",
                        format!("the {kind} `{name}` is never used"),
                        Some("use it in a cause, or take it away".to_owned()),
                    );
                }
            }
        }
    }

    /// Whether other texts are of one chain with this one: what it holds may end what they show.
    fn is_linked(&self, id: &str) -> bool {
        let chain = |id: &str| match self.playbook.facts.get(id).map(|it| &it.from) {
            Some(Origin::Text { chain, .. }) => chain.as_ref().map(|it| &it.name),
            _ => None,
        };
        let others = self.playbook.facts.keys().filter(|it| *it != id);
        chain(id).is_some_and(|mine| others.into_iter().any(|it| chain(it) == Some(mine)))
    }

    /// Whether a fact is a text.
    fn is_text(&self, id: &str) -> bool {
        self.playbook.facts.get(id).is_some_and(|it| matches!(it.from, Origin::Text { .. }))
    }
}

/// The resolved id of a name that a file defines.
fn qualified(cause: Option<&str>, name: &str) -> Id {
    cause.map_or_else(|| name.to_owned(), |cause| format!("{cause}/{name}"))
}

fn cause_id(file: &str) -> &str {
    file.trim_start_matches("causes/").trim_end_matches(".yaml")
}

/// The signs that a sign is made of.
fn parts_of(test: &Test) -> &[Id] {
    match test {
        Test::AnyOf(parts) | Test::AllOf(parts) => parts,
        Test::Text { .. } | Test::Value { .. } => &[],
    }
}

/// Whether a fact says `type: text`.
fn is_type_text(node: &Node) -> bool {
    let Kind::Mapping(entries) = &node.kind else { return false };
    entries.iter().any(|(key, value)| key.text() == Some("type") && value.text() == Some("text"))
}
