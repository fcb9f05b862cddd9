//! Random evidence: what was asked, and what was handed over.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use triagem_engine::diagnose::{diagnose, watchlist};
use triagem_engine::evidence::{Answer, Body, Collector, Document, Gap, Request, Scope};
use triagem_engine::playbook::{InputValue, Playbook};
use triagem_engine::proof::recognise;
use triagem_engine::system::Vocabulary;
use triagem_engine::text::{Reading, Watchlist};
use triagem_engine::verdict::Report;

use super::strategies::{ABOUT, Dice, NOW, PHRASES, TYPES, dice, sources};

/// What can be seen: an answer for each question, and what was handed over.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) answers: BTreeMap<&'static str, Seen>,
    pub(crate) given: Vec<String>,
    pub(crate) now: Option<i64>,
}

/// What a question comes to.
#[derive(Clone, Debug)]
pub(crate) enum Seen {
    Gap(Gap),
    Tree { tree: Json, complete: bool },
    Text { records: Vec<String>, complete: bool },
}

/// Every question that a [`Book`] asks.
const QUESTIONS: &[(&str, fn(&mut Dice) -> Seen)] = &[
    ("tree", |dice| tree(dice, "w-0")),
    ("own", |dice| tree(dice, "w-0")),
    ("chained", |dice| tree(dice, "w-1")),
    ("object w-0", |dice| tree(dice, "w-0")),
    ("object w-1", |dice| tree(dice, "w-1")),
    ("list", |dice| {
        let items: Vec<Json> =
            (0..dice.below(4)).map(|it| object(dice, ["w-0", "w-1", "w-3"][it])).collect();
        Seen::Tree { tree: json!({ "items": items }), complete: dice.chance(60) }
    }),
    ("log", text),
    ("other-log", text),
    ("events", text),
];

pub(crate) fn world() -> impl Strategy<Value = World> {
    dice(640).prop_map(|mut dice| World::new(&mut dice, 70, 3))
}

/// Only what was handed over.
pub(crate) fn paste() -> impl Strategy<Value = World> {
    dice(400).prop_map(|mut dice| World::new(&mut dice, 0, 4))
}

/// Only what was asked.
pub(crate) fn live() -> impl Strategy<Value = World> {
    dice(640).prop_map(|mut dice| World::new(&mut dice, 65, 0))
}

impl World {
    fn new(dice: &mut Dice, answered: usize, pieces: usize) -> Self {
        let mut answers = BTreeMap::new();
        for (name, make) in QUESTIONS {
            let seen = if answered == 0 {
                Seen::Gap(Gap::NotCaptured)
            } else if dice.chance(answered) {
                make(dice)
            } else {
                Seen::Gap(gap(dice))
            };
            answers.insert(*name, seen);
        }
        let given = (0..if pieces == 0 { 0 } else { dice.below(pieces + 1) })
            .map(|_| piece(dice))
            .collect();
        Self { answers, given, now: dice.chance(70).then_some(NOW) }
    }

    fn scope(&self, list: &Watchlist, vocabulary: Vocabulary) -> Scope {
        let mut scope = Scope { vocabulary, now: self.now, ..Scope::default() };
        scope.inputs.insert("who".to_owned(), InputValue::Text("somebody".to_owned()));
        for (at, text) in self.given.iter().enumerate() {
            scope.given.extend(recognise(list, &format!("file{at}"), text.as_bytes()));
        }
        scope
    }

    /// The whole run.
    pub(crate) fn report(&self, playbook: &Playbook) -> Report {
        self.report_with(playbook, sources())
    }

    /// The whole run with these sources.
    pub(crate) fn report_with(&self, playbook: &Playbook, vocabulary: Vocabulary) -> Report {
        let alone = std::slice::from_ref(playbook);
        let list = watchlist(alone);
        diagnose(alone, &list, &self.scope(&list, vocabulary), self)
    }

    /// More is known: gaps are filled, and what was cut is there.
    pub(crate) fn grown(&self, dice: &mut Dice) -> Self {
        let mut grown = self.clone();
        for (name, make) in QUESTIONS {
            let Some(seen) = grown.answers.get_mut(name).filter(|_| dice.chance(60)) else {
                continue;
            };
            match seen {
                Seen::Gap(Gap::Absent) => {}
                Seen::Gap(_) if dice.chance(20) => *seen = Seen::Gap(Gap::Absent),
                Seen::Gap(_) => *seen = make(dice),
                Seen::Text { complete: true, .. } | Seen::Tree { complete: true, .. } => {}
                Seen::Text { records, complete } => {
                    let more = text(dice);
                    if let Seen::Text { records: more, .. } = more {
                        records.extend(more);
                    }
                    *complete = dice.chance(60);
                }
                Seen::Tree { tree, complete } => {
                    if let Seen::Tree { tree: more, .. } = make(dice) {
                        add(tree, more);
                    }
                    *complete = dice.chance(60);
                }
            }
        }
        grown
    }
}

/// Adds what the other tree has more: fields that are not there, elements of lists.
fn add(tree: &mut Json, more: Json) {
    match (tree, more) {
        (Json::Object(mine), Json::Object(more)) => {
            for (key, value) in more {
                match mine.get_mut(&key) {
                    Some(slot) => add(slot, value),
                    None => {
                        mine.insert(key, value);
                    }
                }
            }
        }
        (Json::Array(mine), Json::Array(more)) => mine.extend(more),
        _ => {}
    }
}

impl Collector for World {
    fn collect(&self, wanted: &BTreeSet<Request>, list: &Watchlist) -> BTreeMap<Request, Answer> {
        let answer = |request: &Request| {
            let param = |name: &str| request.params.get(name).map_or("", String::as_str);
            let question = match request.source.as_str() {
                "azure.get" if param("id") == "\"/subscriptions/tree\"" => "tree",
                "azure.get" if param("id") == "\"/subscriptions/own\"" => "own",
                "azure.get" => "chained",
                "kubernetes.get" if param("name").contains("w-1") => "object w-1",
                "kubernetes.get" if param("ref").contains("w-1") => "object w-1",
                "kubernetes.get" => "object w-0",
                "kubernetes.list" => "list",
                "kubernetes.events" => "events",
                _ if param("unit") == "\"log\"" => "log",
                _ => "other-log",
            };
            match self.answers.get(question) {
                None => Err(Gap::NotCaptured),
                Some(Seen::Gap(gap)) => Err(gap.clone()),
                Some(Seen::Tree { tree, complete }) => {
                    let mut tree = tree.clone();
                    // Whoever is asked for an id answers with it.
                    if let Some(id) = request.params.get("id") {
                        tree["id"] = serde_json::from_str(id).unwrap();
                    }
                    document(Body::Tree(tree), *complete, question)
                }
                Some(Seen::Text { records, complete }) => {
                    let mut reading = Reading::new(list, question, 1, false);
                    reading.push(records.concat().as_bytes());
                    document(Body::Text(reading.finish()), *complete, question)
                }
            }
        };
        wanted.iter().map(|request| (request.clone(), answer(request))).collect()
    }
}

fn document(body: Body, complete: bool, origin: &str) -> Answer {
    let partial = (!complete).then_some(Gap::TooLarge);
    Ok(Document { body, partial, origin: origin.to_owned() })
}

pub(crate) fn gap(dice: &mut Dice) -> Gap {
    dice.one(&[
        Gap::NotCaptured,
        Gap::Absent,
        Gap::Denied { needs: "get on widgets".to_owned() },
        Gap::Timeout,
        Gap::Interrupted,
        Gap::Refused,
        Gap::NeedsConsent,
        Gap::Unsupported,
        Gap::TooLarge,
        Gap::Ambiguous,
        Gap::DependsOnUnknown,
        Gap::HandedOver,
        Gap::Failed("boom".to_owned()),
    ])
}

fn tree(dice: &mut Dice, name: &str) -> Seen {
    Seen::Tree { tree: object(dice, name), complete: dice.chance(60) }
}

fn object(dice: &mut Dice, name: &str) -> Json {
    let mut spec = serde_json::Map::new();
    for (kind, values) in TYPES {
        for number in 0..2 {
            let value = match dice.below(8) {
                0 | 1 => continue,
                2 => Json::Null,
                3 => json!(""),
                4 => values[0].parse::<i64>().map_or_else(|_| json!(values[0]), Json::from),
                _ => json!(dice.one(values)),
            };
            spec.insert(format!("{}{number}", kind.replace('-', "")), value);
        }
    }
    if dice.chance(70) {
        spec.insert("key".to_owned(), json!("k"));
        spec.insert("node".to_owned(), json!("n"));
    }
    json!({"kind": "Widget", "metadata": {"name": name, "namespace": "ns"}, "spec": spec})
}

/// A record as a log holds it.
fn record(dice: &mut Dice) -> String {
    let mut words: Vec<&str> = (0..=dice.below(3)).map(|_| dice.one(PHRASES)).collect();
    if dice.chance(10) {
        words.push("Montagem falhou");
    }
    if dice.chance(10) {
        words.push("all is well");
    }
    let mut said = words.join(", ");
    if dice.chance(50) {
        write!(said, " about {}", dice.one(ABOUT)).unwrap();
    }
    let second = dice.below(60);
    let level = dice.one(&["E", "I", "W"]);
    match dice.below(5) {
        1 => format!(
            "{level}1123 09:30:{second:02}.000000       1 x.go:60] \"failed\" err=<\n\t{said}\n\tsecond line\n >\n"
        ),
        2 => format!(
            "2026-11-23T09:30:{second:02}.000000Z {level}1123 09:30:{second:02}.000000       1 x.go:60] \"{said}\"\n"
        ),
        3 => format!(
            "2026-11-23T07:30:{second:02}.000000Z {level}1123 07:30:{second:02}.000000       1 x.go:60] \"{said}\"\n"
        ),
        4 => format!(
            "{{\"level\":\"error\",\"timestamp\":\"2026-11-23T09:30:{second:02}.953313Z\",\"message\":\"{said}\"}}\n"
        ),
        _ => format!("{level}1123 09:30:{second:02}.000000       1 x.go:60] \"{said}\"\n"),
    }
}

fn text(dice: &mut Dice) -> Seen {
    let records = (0..dice.below(5)).map(|_| record(dice)).collect();
    Seen::Text { records, complete: dice.chance(60) }
}

/// Something that is handed over.
pub(crate) fn piece(dice: &mut Dice) -> String {
    match dice.below(8) {
        1 | 6 | 7 => {
            let name = dice.one(&["w-0", "w-1"]);
            let mut tree = object(dice, name);
            if dice.chance(50) {
                tree["metadata"]["uid"] = json!(format!("uid-{name}"));
                tree["metadata"]["resourceVersion"] = json!("1");
            }
            tree.to_string()
        }
        2 => {
            let mut table =
                "LAST SEEN   TYPE      REASON   OBJECT       MESSAGE\n".to_owned();
            for _ in 0..=dice.below(3) {
                let said: Vec<&str> = (0..=dice.below(2)).map(|_| dice.one(PHRASES)).collect();
                let (reason, name) = (dice.one(&["Failed", "Pulled"]), dice.one(&["w-0", "w-1"]));
                writeln!(table, "4s          Warning   {reason}   widget/{name}   {} about {}", said.join(", "), dice.one(ABOUT)).unwrap();
            }
            table
        }
        3 => "Error from server (NotFound): widgets \"w-0\" not found\n".to_owned(),
        4 => "Error from server (Forbidden): widgets \"w-0\" is forbidden: User \"u\" cannot get resource\n".to_owned(),
        5 => format!("MountVolume.SetUp failed: {} about {}\n", dice.one(PHRASES), dice.one(ABOUT)),
        _ => (0..=dice.below(4)).map(|_| record(dice)).collect(),
    }
}
