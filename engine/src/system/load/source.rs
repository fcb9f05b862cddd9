//! One source: its parameters, and its faces.

use std::collections::BTreeMap;

use super::{Checker, FILE, Keys, Known, keys};
use crate::evidence::GivenKind;
use crate::playbook::Effect;
use crate::reader::{Place, nearest};
use crate::system::command::{Answer, Command, Exactly, Knows};
use crate::system::tool::Tool;
use crate::system::{Door, Errors, Output, Parameter, Permission, Source, Tells, Verb};
use crate::value::Type;
use crate::yaml::{Kind, Node};

/// Doors that need no words.
const DOORS: &[(&str, fn() -> Door)] = &[
    ("objects-in-hand", || Door::ObjectsInHand),
    ("handed-over", || Door::HandedOver),
    ("not-yet", || Door::NotYet),
];

impl Checker {
    pub(super) fn source(
        &mut self,
        name: &str,
        node: &Node,
        tools: &BTreeMap<String, Tool>,
    ) -> Option<Source> {
        let keys = self.faults.keys(FILE, node, keys::SOURCE);
        let mut params = Vec::new();
        for (name, _, node) in self.faults.entries(FILE, keys.get("parameters")?) {
            params.extend(self.parameter(&name, node));
        }
        let known = Known {
            params: params.iter().map(|it| (it.name.clone(), it.kind)).collect(),
            values: Vec::new(),
        };
        let effects: Vec<(&str, Effect)> = Effect::ALL.to_vec();
        let effect = keys.get("effect").and_then(|it| self.one(it, &effects)).unwrap_or_default();
        let dear = keys.get("cost").is_some_and(|it| {
            if it.text() != Some("seconds") {
                self.fault(it, "P005", "`seconds` belongs here, or nothing".to_owned());
            }
            true
        });
        let kinds: Vec<(&str, GivenKind)> =
            GivenKind::ALL.iter().map(|it| (it.name(), *it)).collect();
        let given = self.faults.list(FILE, keys.get("given"));
        let given = given.into_iter().filter_map(|it| self.one(it, &kinds)).collect();
        let mut formats = Vec::new();
        for node in self.faults.list(FILE, keys.get("formats")) {
            let Some(name) = self.faults.text(FILE, node) else { continue };
            match self.formats.get(&name) {
                Some(format) => formats.push((name, format.clone())),
                None => self.fault(node, "P101", format!("there is no log format `{name}`")),
            }
        }
        let by_hand = self.all_words(keys.get("by-hand"), &known);
        let permission = self.permission(keys.get("permission")?, &known);
        let door = keys.get("answered-by").and_then(|it| self.door(it, known, tools));
        if let Some(Door::Command(command)) = &door {
            let output = keys.get("answers").and_then(|it| it.text());
            if (output == Some("text")) != command.answers_in_text() {
                let message =
                    "`answers: text` and `answer: {text: true}` belong together".to_owned();
                self.fault(node, "P005", message);
            }
            if (output == Some("list")) != command.answers_a_list() {
                let message = "`answers: list` and `answer: {items: …}` belong together".to_owned();
                self.fault(node, "P005", message);
            }
            let loose =
                |it: &&Parameter| it.kind == Type::String && it.pattern.is_none() && !it.free;
            for param in params.iter().filter(loose) {
                let message = format!("`{}` reaches a program, and may hold anything", param.name);
                let help = "give its `pattern`, or say `free: true` where any words belong there";
                let place = Place { file: FILE, span: node.span };
                self.faults.note(&place, "P004", message, Some(help.to_owned()));
            }
        }
        Some(Source {
            name: name.to_owned(),
            summary: self.faults.text(FILE, keys.get("says")?)?,
            params,
            output: self.one(keys.get("answers")?, Output::ALL)?,
            effect,
            dear,
            given,
            formats,
            door: door?,
            errors: self.errors(&keys, tools),
            permission: permission?,
            by_hand,
        })
    }

    fn parameter(&mut self, name: &str, node: &Node) -> Option<Parameter> {
        let keys = self.faults.keys(FILE, node, keys::PARAMETER);
        let tells = keys.get("tells").map_or(Tells::Nothing, |it| self.tells(it));
        Some(Parameter {
            name: name.to_owned(),
            kind: self.one(keys.get("type")?, Type::ALL)?,
            required: self.faults.flag(FILE, keys.get("required")),
            spread: self.faults.flag(FILE, keys.get("spread")),
            pins: self.faults.flag(FILE, keys.get("pins")),
            free: self.faults.flag(FILE, keys.get("free")),
            reaches: self.faults.flag(FILE, keys.get("reaches")),
            pattern: keys.get("pattern").and_then(|it| self.whole(it)),
            tells,
            never: self.faults.texts(FILE, keys.get("never")),
            summary: self.faults.text(FILE, keys.get("says")?)?,
        })
    }

    fn tells(&mut self, node: &Node) -> Tells {
        if let Kind::Mapping(_) = node.kind {
            let keys = self.faults.keys(FILE, node, keys::TELLS);
            let text = |key: &str| keys.get(key).and_then(|it| it.text()).map(str::to_owned);
            return match (text("name"), text("path")) {
                (Some(name), None) => Tells::Name(name),
                (None, Some(path)) => Tells::Path(path),
                _ => {
                    self.fault(node, "P005", "`name` or `path` belongs here".to_owned());
                    Tells::Nothing
                }
            };
        }
        match node.text() {
            Some("object") => Tells::Object,
            Some("labels") => Tells::Labels,
            Some("scope") => Tells::Scope,
            _ => {
                let what = "`object`, `labels`, `scope`, or a mapping with `name` or `path`";
                self.faults.shape(FILE, node, what);
                Tells::Nothing
            }
        }
    }

    fn errors(&mut self, keys: &Keys<'_>, tools: &BTreeMap<String, Tool>) -> Errors {
        let Some(node) = keys.get("errors") else { return Errors::Nobody };
        let keys = self.faults.keys(FILE, node, keys::ERRORS);
        let Some(of) = keys.get("of") else { return Errors::Nobody };
        if of.text() == Some("kind") {
            return Errors::Kind;
        }
        let keys = self.faults.keys(FILE, of, keys::ERRORS_OF);
        let text = |key: &str| keys.get(key).and_then(|it| it.text()).map(str::to_owned);
        match (text("tool"), text("resource")) {
            (Some(tool), None) => {
                if !tools.contains_key(&tool) {
                    self.fault(of, "P101", format!("there is no tool `{tool}`"));
                }
                Errors::Tool(tool)
            }
            (None, Some(resource)) => Errors::Resource(resource),
            _ => {
                self.fault(of, "P005", "`kind`, a `tool` or a `resource` belongs here".to_owned());
                Errors::Nobody
            }
        }
    }

    fn permission(&mut self, node: &Node, known: &Known) -> Option<Permission> {
        if node.text() == Some("none") {
            return Some(Permission::Nothing);
        }
        let keys = self.faults.keys(FILE, node, keys::PERMISSION);
        let text = |key: &str| keys.get(key).and_then(|it| it.text()).map(str::to_owned);
        let of_components = match keys.get("where") {
            Some(node) => self.one(node, &[("subjects", false), ("components", true)])?,
            None => false,
        };
        match (text("verb"), text("resource"), keys.get("role")) {
            (Some(verb), None, None) => Some(Permission::Kind(verb)),
            (Some(verb), Some(resource), None) => {
                Some(Permission::Resource { verb, resource, of_components })
            }
            (None, None, Some(role)) => self.text(role, Some(known)).map(Permission::Role),
            _ => {
                let what = "`none`, a `verb` (with a `resource`) or a `role`";
                self.faults.shape(FILE, node, what);
                None
            }
        }
    }

    fn door(
        &mut self,
        node: &Node,
        mut known: Known,
        tools: &BTreeMap<String, Tool>,
    ) -> Option<Door> {
        if let Some(text) = node.text() {
            let door = DOORS.iter().find(|(name, _)| *name == text).map(|(_, it)| it());
            if door.is_none() {
                let names = DOORS.iter().map(|(name, _)| *name);
                let place = Place { file: FILE, span: node.span };
                let help = nearest(text, names);
                self.faults.note(&place, "P101", format!("nobody is called `{text}`"), help);
            }
            return door;
        }
        let keys = self.faults.keys(FILE, node, keys::ANSWERED_BY);
        if let Some(verb) = keys.get("kubernetes") {
            for (key, node) in keys.iter().filter(|(key, _)| **key != "kubernetes") {
                self.fault(node, "P003", format!("`{key}` means nothing beside `kubernetes`"));
            }
            return self.one(verb, Verb::ALL).map(Door::Kubernetes);
        }
        let tool = keys.get("tool").and_then(|it| self.faults.text(FILE, it));
        let Some(tool) = tool else {
            self.fault(node, "P004", "who answers: `kubernetes` or a `tool`?".to_owned());
            return None;
        };
        if !tools.contains_key(&tool) {
            let at = keys.get("tool").unwrap_or(&node);
            self.fault(at, "P101", format!("there is no tool `{tool}`"));
        }
        let mut values = Vec::new();
        if let Some(node) = keys.get("values") {
            for (name, _, node) in self.faults.entries(FILE, node) {
                let ways: Vec<&Node> = self.faults.list(FILE, Some(&node));
                let ways = ways.into_iter().filter_map(|it| self.way(it, &known)).collect();
                if known.params.contains_key(&name) {
                    self.fault(node, "P105", format!("`{name}` is a parameter already"));
                }
                values.push((name.clone(), ways));
                known.values.push(name);
            }
        }
        let run = self.all_words(keys.get("run"), &known);
        if let Some(tool) = tools.get(&tool) {
            for words in run.iter().filter(|it| !it.begins_as(&tool.runs)) {
                let message = format!("`{}` never runs this: it is none of its `runs`", tool.name);
                let begin = words.beginning().join(" ");
                let at = keys.get("run").copied().unwrap_or(node);
                self.fault(at, "P203", format!("{message} ({begin} …)"));
            }
        }
        if !keys.contains_key("answer") {
            self.fault(node, "P004", "the key `answer` is missing".to_owned());
        }
        if run.is_empty() {
            self.fault(node, "P004", "the key `run` is missing".to_owned());
        }
        let otherwise = keys.get("otherwise").and_then(|it| it.text()).unwrap_or_default();
        let answer = keys.get("answer").and_then(|it| self.answer(it, &known));
        Some(Door::Command(Box::new(Command {
            tool,
            values,
            run,
            otherwise: otherwise.to_owned(),
            answer: answer.unwrap_or_default(),
        })))
    }

    fn answer(&mut self, node: &Node, known: &Known) -> Option<Answer> {
        let keys = self.faults.keys(FILE, node, keys::ANSWER);
        let mut text = |key: &str| keys.get(key).and_then(|it| self.text(it, Some(known)));
        let (only, origin) = (text("only"), text("origin").unwrap_or_default());
        let pointer = |key: &str| keys.get(key).and_then(|it| it.text()).map(str::to_owned);
        let (more, origin_at) = (pointer("more"), pointer("origin-at"));
        let same = keys.get("same").and_then(|it| {
            let keys = self.faults.keys(FILE, it, keys::SAME);
            let at = keys.get("at")?.text()?.to_owned();
            Some(Exactly { at, is: self.text(keys.get("as")?, Some(known))? })
        });
        let knows = keys.get("knows").and_then(|it| {
            let keys = self.faults.keys(FILE, it, keys::KNOWS);
            let text = |key: &str| keys.get(key).and_then(|it| it.text()).map(str::to_owned);
            Some(Knows { source: text("source")?, by: text("by")?, having: text("having") })
        });
        let items = self.faults.texts(FILE, keys.get("items"));
        for pointer in items.iter().chain(&more).chain(&origin_at) {
            if !pointer.is_empty() && !pointer.starts_with('/') {
                self.fault(
                    node,
                    "P301",
                    format!("`{pointer}` is no JSON Pointer: they begin with `/`"),
                );
            }
        }
        let is_text = self.faults.flag(FILE, keys.get("text"));
        let mut exits = Vec::new();
        for node in self.faults.list(FILE, keys.get("exits")) {
            match node.text().and_then(|it| it.parse().ok()) {
                Some(code) => exits.push(code),
                None => self.faults.shape(FILE, node, "an exit code"),
            }
        }
        Some(Answer { is_text, exits, items, more, only, same, origin_at, origin, knows })
    }
}
