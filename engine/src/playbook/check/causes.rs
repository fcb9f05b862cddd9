//! Causes: what speaks for and against each, what to do, and its tests.

use std::collections::BTreeMap;

use super::super::{
    Argument, Cause, CauseTest, Change, Changes, Expectation, Gravity, JsonArgument, Remedy,
    Verify, keys, message,
};
use super::{At, Checker};
use crate::evidence::Gap;
use crate::reader::Place;
use crate::verdict::Verdict;
use crate::yaml::{Kind, Node};

impl Checker<'_> {
    pub(super) fn cause(&mut self, at: At<'_>, keys: &BTreeMap<&'static str, &Node>) {
        let Some(id) = at.cause.filter(|_| !self.faults.is_full()) else { return };
        let text = |key: &str| {
            keys.get(key).and_then(|it| it.text()).unwrap_or_default().trim().to_owned()
        };
        let severity = match text("severity").as_str() {
            "low" => Gravity::Low,
            "medium" => Gravity::Medium,
            "critical" => Gravity::Critical,
            "high" => Gravity::High,
            _ => {
                if let Some(node) = keys.get("severity") {
                    let known = ["low", "medium", "high", "critical"];
                    self.unlisted(at, node, "severity", &known);
                }
                Gravity::High
            }
        };
        let before = self.faults.all.len();
        let mut cause = Cause {
            id: id.to_owned(),
            title: text("title"),
            severity,
            references: self.references(at, keys.get("references")),
            requires: self.names_of(at, keys.get("requires"), "sign"),
            requires_any: self.names_of(at, keys.get("requires-any"), "sign"),
            supports: self.names_of(at, keys.get("supports"), "sign"),
            refutes: self.names_of(at, keys.get("refutes"), "sign"),
            excluded_by: self.names_of(at, keys.get("excluded-by"), "sign"),
            over_when: self.names_of(at, keys.get("over-when"), "sign"),
            hides: self.names_of(at, keys.get("hides"), "cause"),
            explains: text("explains"),
            compares: self.names_of(at, keys.get("compares"), "compare"),
            remedy: Vec::new(),
            verify: None,
            tests: Vec::new(),
            binders: Vec::new(),
            speaks_of: BTreeMap::new(),
            file: at.file.to_owned(),
        };
        if cause.requires.is_empty()
            && cause.requires_any.is_empty()
            && self.faults.all.len() == before
            && let Some(node) = keys.get("id")
        {
            let message = "a cause needs `requires` or `requires-any`".to_owned();
            let help = "name the signs that prove it".to_owned();
            self.advise(at, node, "P004", message, help);
        }
        for node in self.faults.list(at.file, keys.get("remedy")) {
            let remedy = self.remedy(at, node, &cause.remedy);
            cause.remedy.extend(remedy);
        }
        cause.verify = keys.get("verify").and_then(|it| self.verify(at, it));
        for node in self.faults.list(at.file, keys.get("tests")) {
            cause.tests.extend(self.test(at, node));
        }
        if cause.tests.is_empty()
            && let Some(node) = keys.get("id")
        {
            let help = "add to `tests` a text as it is printed, and the verdict it must come to";
            let message = "this cause has no test".to_owned();
            self.advise(at, node, "P601", message, help.to_owned());
        }
        self.words(at, keys, &mut cause);
        self.playbook.causes.push(cause);
    }

    /// Every variable of every message must be a fact, and known where it stands bare.
    fn words(&mut self, at: At<'_>, keys: &BTreeMap<&'static str, &Node>, cause: &mut Cause) {
        let mut spoken: Vec<(&Node, &str)> = Vec::new();
        for key in ["title", "explains"] {
            spoken.extend(keys.get(key).and_then(|it| Some((*it, it.text()?))));
        }
        for node in self.faults.list(at.file, keys.get("remedy")) {
            if let Kind::Mapping(entries) = &node.kind {
                spoken.extend(
                    entries
                        .iter()
                        .filter(|(key, _)| matches!(key.text(), Some("do" | "takes-effect")))
                        .filter_map(|(_, value)| Some((value, value.text()?))),
                );
            }
        }
        for (node, text) in spoken {
            let found = self.spoken(at, node, text);
            cause.speaks_of.extend(found);
        }
        for argument in cause.remedy.iter().filter_map(|it| it.run.as_ref()).flatten() {
            speaks(argument, &mut cause.speaks_of);
        }
    }

    fn remedy(&mut self, at: At<'_>, node: &Node, before: &[Remedy]) -> Option<Remedy> {
        let keys = self.faults.keys(at.file, node, keys::REMEDY);
        let step = self.step_of(at, &keys)?;
        if step.deletes() && !step.removes {
            let help = "say `removes: true`: the tests then show that what proves the cause pins its message";
            let message = "this command deletes or overwrites something".to_owned();
            self.advise(at, node, "P502", message, help.to_owned());
        }
        let place = Place { file: at.file, span: node.span };
        if keys.contains_key("id") {
            self.well_named(&place, "step", &step.name);
        }
        let one = |a: &Remedy, b: &Remedy| (&a.does, &a.takes_effect) == (&b.does, &b.takes_effect);
        if before.iter().any(|it| it.name == step.name && !one(it, &step)) {
            let message = format!("another step of this cause is called `{}`, too", step.name);
            let help = "give it an `id`: translations of both go by it".to_owned();
            self.faults.warn(&place, "P706", message, Some(help));
        }
        let compared = |it: &Remedy| it.changes.is_nothing();
        let guarded = step.only_when.is_some() || step.unless.is_some();
        if step.opens && !guarded && !before.iter().any(compared) {
            let help =
                "show it `only-when` a sign was seen, or let a step before it look and compare";
            let message = "this lets somebody in unseen".to_owned();
            self.advise(at, node, "P503", message, help.to_owned());
        }
        Some(step)
    }

    /// A step that somebody takes by hand.
    pub(super) fn step_of(
        &mut self,
        at: At<'_>,
        keys: &BTreeMap<&'static str, &Node>,
    ) -> Option<Remedy> {
        let text =
            |key: &str| keys.get(key).and_then(|it| it.text()).map(|it| it.trim().to_owned());
        let changes = text("changes")?;
        let known = self.vocabulary.changes();
        if let Some(node) = keys.get("changes").filter(|_| !known.contains(&changes.as_str())) {
            self.unlisted(at, node, "change", &known);
        }
        let owner = text("owner").unwrap_or_default();
        let owners = self.vocabulary.owners();
        if let Some(node) = keys.get("owner").filter(|_| !owners.contains(&owner.as_str())) {
            self.unlisted(at, node, "owner", &owners);
        }
        let run = keys.get("run").map(|run| {
            self.faults
                .list(at.file, Some(run))
                .into_iter()
                .filter_map(|it| self.argument(at, it))
                .collect()
        });
        let opens = self.faults.flag(at.file, keys.get("opens"));
        let removes = self.faults.flag(at.file, keys.get("removes"));
        let takes_effect = text("takes-effect");
        let only_when = keys.get("only-when").and_then(|it| self.name(at, it, "sign"));
        let unless = keys.get("unless").and_then(|it| self.name(at, it, "sign"));
        let does = text("do")?;
        // What translations call it.
        let name = text("id").unwrap_or_else(|| message::step_name(&does));
        let changes = Changes::new(&changes);
        Some(Remedy {
            name,
            does,
            changes,
            owner,
            takes_effect,
            run,
            only_when,
            unless,
            opens,
            removes,
        })
    }

    fn argument(&mut self, at: At<'_>, node: &Node) -> Option<Argument> {
        match &node.kind {
            Kind::Scalar { text, .. } if text.starts_with('$') && text.len() > 1 => {
                self.name(at, node, "fact").map(Argument::Ref)
            }
            Kind::Scalar { text, .. } => Some(Argument::Literal(text.clone())),
            Kind::Mapping(entries) => match entries.as_slice() {
                [(key, value)] if key.text() == Some("ask") => {
                    self.faults.text(at.file, value).map(Argument::Ask)
                }
                [(key, value)] if key.text() == Some("json") => {
                    self.json(at, value).map(Argument::Json)
                }
                [(key, value)] if key.text() == Some("join") => {
                    let parts = self.faults.list(at.file, Some(&value));
                    Some(Argument::Join(
                        parts.into_iter().filter_map(|it| self.argument(at, it)).collect(),
                    ))
                }
                _ => {
                    self.faults.shape(
                        at.file,
                        node,
                        "a text, a $name, {ask: …}, {json: …} or {join: […]}",
                    );
                    None
                }
            },
            Kind::Sequence(_) => {
                self.faults.shape(
                    at.file,
                    node,
                    "a text, a $name, {ask: …}, {json: …} or {join: […]}",
                );
                None
            }
        }
    }

    fn json(&mut self, at: At<'_>, node: &Node) -> Option<JsonArgument> {
        Some(match &node.kind {
            Kind::Scalar { text, .. } if text.starts_with('$') && text.len() > 1 => {
                JsonArgument::Argument(Box::new(self.argument(at, node)?))
            }
            Kind::Scalar { .. } => JsonArgument::Leaf(node.to_json()),
            Kind::Sequence(items) => {
                JsonArgument::Array(items.iter().filter_map(|it| self.json(at, it)).collect())
            }
            Kind::Mapping(entries) => match entries.as_slice() {
                [(key, _)] if key.text() == Some("ask") => {
                    JsonArgument::Argument(Box::new(self.argument(at, node)?))
                }
                _ => JsonArgument::Object(
                    entries
                        .iter()
                        .filter_map(|(key, value)| {
                            Some((key.text()?.to_owned(), self.json(at, value)?))
                        })
                        .collect(),
                ),
            },
        })
    }

    fn verify(&mut self, at: At<'_>, node: &Node) -> Option<Verify> {
        let keys = self.faults.keys(at.file, node, keys::VERIFY);
        let sign = self.name(at, keys.get("symptom")?, "sign")?;
        Some(Verify { sign, becomes_seen: keys.get("becomes")?.text()? == "seen" })
    }

    fn test(&mut self, at: At<'_>, node: &Node) -> Option<CauseTest> {
        let keys = self.faults.keys(at.file, node, keys::TEST);
        let text = |key: &str| keys.get(key).and_then(|it| it.text()).map(str::to_owned);
        let mut test = CauseTest {
            name: text("name")?,
            given: text("given"),
            paste: text("paste"),
            inputs: BTreeMap::new(),
            change: BTreeMap::new(),
            expect: BTreeMap::new(),
            shows: BTreeMap::new(),
            line: node.span.line,
        };
        if let Some((node, name)) = keys.get("given").and_then(|it| Some((it, it.text()?))) {
            self.recordings.push((at.file.to_owned(), node.span, name.to_owned()));
        }
        if let Some(inputs) = keys.get("inputs") {
            for (name, _, value) in self.faults.entries(at.file, inputs) {
                test.inputs.insert(name, value.to_json());
            }
        }
        if let Some(change) = keys.get("change") {
            for (name, span, value) in self.faults.entries(at.file, change) {
                let step = self.resolve(at, span, &name, "step");
                let json = value.to_json();
                let change = change_of(&json);
                match (step, change) {
                    (Some(step), Some(change)) => {
                        test.change.insert(step, change);
                    }
                    (_, None) => self.faults.shape(
                        at.file,
                        value,
                        "{tree: …}, {text: …}, {events: […]}, {absent: true} or {gap: …}",
                    ),
                    (None, _) => {}
                }
            }
        }
        if let Some(expect) = keys.get("expect") {
            for (name, span, value) in self.faults.entries(at.file, expect) {
                let Some(cause) = self.resolve(at, span, &name, "cause") else { continue };
                let json = value.to_json();
                let verdict =
                    json.as_str().or_else(|| json["verdict"].as_str()).unwrap_or_default();
                let found = Verdict::ALL.iter().find(|(known, _)| *known == verdict);
                let Some((_, verdict)) = found else {
                    let known: Vec<&str> = Verdict::ALL.iter().map(|(name, _)| *name).collect();
                    self.unlisted(at, value, "verdict", &known);
                    continue;
                };
                let past = json["when"].as_str().map(|it| it == "past");
                test.expect.insert(cause, Expectation { verdict: *verdict, past });
            }
        }
        if let Some(shows) = keys.get("shows") {
            for (locale, _, value) in self.faults.entries(at.file, shows) {
                test.shows.extend(self.faults.text(at.file, value).map(|it| (locale, it)));
            }
        }
        Some(test)
    }
}

/// The answer that replaces a step's.
fn change_of(json: &serde_json::Value) -> Option<Change> {
    let object = json.as_object().filter(|it| it.len() == 1)?;
    let (key, value) = object.iter().next()?;
    Some(match key.as_str() {
        "tree" => Change::Tree(value.clone()),
        "text" => Change::Text(value.as_str()?.to_owned()),
        "events" => Change::Events(value.as_array()?.clone()),
        "absent" => Change::Absent,
        "gap" => Change::Gap(Gap::parse(value.as_str()?, "")?),
        _ => return None,
    })
}

pub(super) fn speaks(argument: &Argument, of: &mut BTreeMap<String, String>) {
    match argument {
        Argument::Ref(id) => {
            of.insert(id.clone(), id.clone());
        }
        Argument::Join(parts) => parts.iter().for_each(|it| speaks(it, of)),
        Argument::Json(json) => speaks_json(json, of),
        Argument::Literal(_) | Argument::Ask(_) => {}
    }
}

fn speaks_json(json: &JsonArgument, of: &mut BTreeMap<String, String>) {
    match json {
        JsonArgument::Object(entries) => entries.iter().for_each(|(_, it)| speaks_json(it, of)),
        JsonArgument::Array(items) => items.iter().for_each(|it| speaks_json(it, of)),
        JsonArgument::Argument(argument) => speaks(argument, of),
        JsonArgument::Leaf(_) => {}
    }
}
