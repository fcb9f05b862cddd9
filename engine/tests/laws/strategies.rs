//! Random playbooks and random evidence, each made of throws of dice: fewer and lower throws make
//! simpler ones, so that a broken law shrinks to a small case.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use triagem_engine::diagnose::{diagnose, watchlist};
use triagem_engine::evidence::recording::Recorded;
use triagem_engine::evidence::{Answer, Collector, Gap, Request, Scope};
use triagem_engine::playbook::load::load;
use triagem_engine::playbook::{InputValue, Playbook};
use triagem_engine::proof::recognise;
use triagem_engine::text::Watchlist;
use triagem_engine::verdict::{Report, Truth, Verdict};

use super::sources::SOURCES;

/// Throws of dice; when they run out, each throw is 0.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    throws: Vec<u8>,
    at: usize,
}

impl Dice {
    pub(crate) fn new(throws: Vec<u8>) -> Self {
        Self { throws, at: 0 }
    }

    /// A number below `sides`.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        let throw = self.throws.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(throw) % sides.max(1)
    }

    /// True that often; false when the throws have run out.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent
    }

    pub(crate) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// Up to `most` of them, each once.
    pub(crate) fn some<T: Clone + Ord>(&mut self, of: &[T], most: usize) -> Vec<T> {
        let many = if of.is_empty() { 0 } else { self.below(most + 1) };
        let set: BTreeSet<T> = (0..many).map(|_| self.one(of)).collect();
        set.into_iter().collect()
    }

    /// The same things in another order.
    pub(crate) fn shuffled<T: Clone>(&mut self, of: &[T]) -> Vec<T> {
        let mut left = of.to_vec();
        let mut found = Vec::new();
        while !left.is_empty() {
            found.push(left.remove(self.below(left.len())));
        }
        found
    }
}

/// So many cases, or `PROPTEST_CASES` (for a long look).
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").map_or(cases, |it| it.parse().unwrap_or(cases));
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

pub(crate) fn dice(most: usize) -> impl Strategy<Value = Dice> {
    proptest::collection::vec(any::<u8>(), most / 2..most).prop_map(Dice::new)
}

/// Types with values of them; each list holds equal ones in other spellings, and one that is not
/// of the type.
const TYPES: &[(&str, &[&str])] = &[
    ("string", &["a", "b", "A"]),
    ("int", &["1", "2", "10", "x"]),
    ("bool", &["true", "false", "maybe"]),
    (
        "guid",
        &[
            "5e1d9f3a-0000-4e8d-a1f7-3b9c0d2e4f11",
            "5E1D9F3A-0000-4E8D-A1F7-3B9C0D2E4F11",
            "6e1d9f3a-0000-4e8d-a1f7-3b9c0d2e4f11",
            "no-guid",
        ],
    ),
    ("host", &["kv-a.vault.net", "KV-A.vault.net.", "kv-b.vault.net", "no host"]),
    ("ip", &["10.0.0.4", "192.168.1.1", "::1", "nowhere"]),
    ("version", &["1.2.0", "v1.10", "1.10.0", "new"]),
    ("duration", &["10m", "600s", "2h", "long"]),
    ("timestamp", &["2026-11-23T10:00:00Z", "2026-11-23T09:00:00Z", "late"]),
    ("quantity", &["500m", "0.5", "2Gi", "much"]),
    ("k8s-name", &["w-0", "w-1", "W 2"]),
    ("azure-resource-id", &["/subscriptions/s/resourceGroups/g/providers/p/t/n", "g/n"]),
];

/// What texts are made of, and what signs look for in them.
const PHRASES: &[&str] = &[
    "mount failed",
    "identity missing",
    "vault kv-a open",
    "vault kv-b open",
    "code=403 mount",
    "code=500 mount",
    "host 10.0.0.4 closed",
    "denied by policy",
];
const ABOUT: &[&str] = &["w-0", "w-1", "a", "ns/w-0"];
/// One hour after the timestamps above.
pub(crate) const NOW: i64 = 1_795_431_600_000_000;

/// A fact of a book.
#[derive(Clone, Debug)]
struct Known {
    name: String,
    kind: &'static str,
    many: bool,
}

/// A playbook as its author writes it, in parts that may stand in any order.
#[derive(Clone)]
pub(crate) struct Book {
    inputs: Vec<String>,
    steps: Vec<String>,
    facts: Vec<String>,
    /// Name, and the rest of the line.
    signs: Vec<(String, String)>,
    symptoms: Vec<String>,
    pub(crate) causes: Vec<Part>,
    /// Signs that may be *not seen* although only a part is known.
    pub(crate) negative: BTreeSet<String>,
}

/// A cause.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) id: String,
    pub(crate) severity: &'static str,
    /// requires, requires-any, supports, refutes, over-when
    pub(crate) lists: [Vec<String>; 5],
    pub(crate) hides: Vec<String>,
    /// Title and explanation.
    pub(crate) words: [String; 2],
    /// Facts its command names.
    names: Vec<String>,
    /// It brings a step, a fact and a sign of its own.
    own: bool,
}

const LISTS: [&str; 5] = ["requires", "requires-any", "supports", "refutes", "over-when"];

impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, bytes) in self.files() {
            writeln!(f, "\n--- {name}\n{}", String::from_utf8_lossy(&bytes))?;
        }
        Ok(())
    }
}

pub(crate) fn book() -> impl Strategy<Value = Book> {
    dice(260).prop_map(|mut dice| Book::new(&mut dice, true))
}

/// No text of it says whose records it holds: nobody becomes a subject by being named in one.
pub(crate) fn book_without_about() -> impl Strategy<Value = Book> {
    dice(260).prop_map(|mut dice| Book::new(&mut dice, false))
}

/// One cause that requires one sign on these facts.
pub(crate) fn minimal(facts: &[&str], test: &str) -> Book {
    let mut book = Book::new(&mut Dice::new(Vec::new()), false);
    book.facts.extend(facts.iter().map(|it| (*it).to_owned()));
    book.signs.push(("wanted".to_owned(), test.to_owned()));
    book.causes.truncate(1);
    book.causes[0].lists = Default::default();
    book.causes[0].lists[0].push("wanted".to_owned());
    book
}

impl Book {
    fn new(dice: &mut Dice, about: bool) -> Self {
        let mut book = Self {
            // Whoever gives it makes the playbook fit, whatever is seen.
            inputs: vec!["who: {type: string, asks: Who?}".to_owned()],
            steps: Vec::new(),
            facts: Vec::new(),
            signs: Vec::new(),
            symptoms: Vec::new(),
            causes: Vec::new(),
            negative: BTreeSet::new(),
        };
        let (texts, facts) = book.steps_and_facts(dice, about);
        book.make_signs(dice, &texts, &facts);
        book.make_causes(dice, &facts);
        book
    }

    fn steps_and_facts(&mut self, dice: &mut Dice, about: bool) -> (Vec<String>, Vec<Known>) {
        // Whom is it all about: nobody in particular, each item of a list, each handed-over object.
        let subject = match dice.below(3) {
            1 => {
                self.facts.push("item: {from: list, type: k8s-name, each: true, path: '$.items[*].metadata.name'}".to_owned());
                "name: $item"
            }
            2 => {
                self.inputs.push(
                    "obj: {type: object-ref, or-from: given-obj, each: true, asks: Which?}"
                        .to_owned(),
                );
                self.facts.push(
                    "given-obj: {from: handed, type: object-ref, each: true, path: '$.items[*]'}"
                        .to_owned(),
                );
                "ref: $obj"
            }
            _ => "name: w-0",
        };
        let looks = |dice: &mut Dice, phrase: &str| {
            if dice.chance(25) { format!(", looks-like: [{phrase}]") } else { String::new() }
        };
        let (first, second) = (looks(dice, "mount failed"), looks(dice, "vault kv-a"));
        let node = dice.one(&["n-0", "$node"]);
        for step in [
            "{id: handed, says: s, uses: given, with: {kind: Widget}}".to_owned(),
            "{id: tree, says: s, uses: azure.get, with: {id: tree}}".to_owned(),
            format!(
                "{{id: object, says: s, uses: kubernetes.get, with: {{kind: Widget, {subject}}}}}"
            ),
            "{id: list, says: s, uses: kubernetes.list, with: {kind: Widget, namespaces: all}}"
                .to_owned(),
            "{id: chained, says: s, uses: azure.get, with: {id: $key}}".to_owned(),
            format!(
                "{{id: log, says: s, uses: kubernetes.node-logs, with: {{node: n, unit: log}}{first}}}"
            ),
            format!(
                "{{id: other-log, says: s, uses: kubernetes.node-logs, with: {{node: {node}, unit: other}}{second}}}"
            ),
            "{id: events, says: s, uses: kubernetes.events, with: {about: $ref}}".to_owned(),
        ] {
            self.steps.push(step);
        }
        let mut facts = vec![
            Known { name: "key".to_owned(), kind: "string", many: false },
            Known { name: "node".to_owned(), kind: "string", many: false },
            Known { name: "ref".to_owned(), kind: "object-ref", many: false },
        ];
        self.facts.push("key: {from: object, type: string, path: $.spec.key}".to_owned());
        self.facts.push("node: {from: tree, type: string, path: $.spec.node}".to_owned());
        self.facts.push("ref: {from: object, type: object-ref, path: $}".to_owned());
        for number in 0..=dice.below(5) {
            self.make_fact(dice, &format!("f{number}"), &mut facts);
        }
        let mut texts = Vec::new();
        for number in 0..=dice.below(3) {
            let mut steps = dice.some(&["log", "other-log", "events"], 3);
            if steps.is_empty() {
                steps.push("log");
            }
            let mut line =
                format!("t{number}: {{type: text, many: true, from: [{}]", steps.join(", "));
            if dice.chance(30) {
                line.push_str(", severity: [error, warning]");
            }
            if dice.chance(20) {
                line.push_str(", fields: {reason: [Failed]}");
            }
            let single: Vec<&Known> = facts.iter().filter(|it| !it.many).collect();
            if dice.chance(35) && about {
                let is = &dice.one(&single).name;
                write!(line, ", about: {{capture: 'about (?<value>[a-z0-9/-]+)', is: ${is}}}")
                    .unwrap();
            }
            self.facts.push(format!("{line}}}"));
            texts.push(format!("t{number}"));
        }
        if dice.chance(40) {
            let text = dice.one(&texts);
            self.facts.push(format!("caught: {{type: string, many: true, from: {text}, capture: 'vault (?<value>kv-[a-z])'}}"));
            facts.push(Known { name: "caught".to_owned(), kind: "string", many: true });
        }
        (texts, facts)
    }

    fn make_fact(&mut self, dice: &mut Dice, name: &str, facts: &mut Vec<Known>) {
        let (kind, values) = dice.one(TYPES);
        let field = format!("{}{}", kind.replace('-', ""), dice.below(2));
        let other = dice.one(facts).name;
        let mut known = Known { name: name.to_owned(), kind, many: false };
        let line = match dice.below(7) {
            1 => {
                known.many = true;
                format!("{{from: list, type: {kind}, many: true, path: '$.items[*].spec.{field}'}}")
            }
            2 => {
                known.many = dice.chance(50);
                let many = if known.many { ", many: true" } else { "" };
                format!(
                    "{{from: list, type: {kind}{many}, path: '$.items[*]', where: {{path: $.spec.string0, same-as: {other}}}, value: $.spec.{field}}}"
                )
            }
            3 => {
                known.kind = "string";
                format!("{{type: string, join: [${other}, '-x']}}")
            }
            4 => {
                let absent = if dice.chance(50) {
                    format!(", absent: '{}'", values[0])
                } else {
                    String::new()
                };
                format!(
                    "{{type: {kind}, map: ${other}, of: {{a: '{}', b: '{}'}}{absent}}}",
                    values[0], values[1]
                )
            }
            5 => {
                known.kind = "string";
                format!(
                    "{{type: string, take: {}, of: $ref}}",
                    dice.one(&["name", "namespace", "kind", "uid"])
                )
            }
            _ => {
                let step = dice.one(&["tree", "object", "chained"]);
                format!("{{from: {step}, type: {kind}, path: $.spec.{field}}}")
            }
        };
        self.facts.push(format!("{name}: {line}"));
        facts.push(known);
    }

    fn make_signs(&mut self, dice: &mut Dice, texts: &[String], facts: &[Known]) {
        let mut plain: Vec<String> = Vec::new();
        let mut said: Vec<String> = Vec::new();
        for number in 0..2 + dice.below(6) {
            let name = format!("s{number}");
            let (test, text) = if dice.chance(45) {
                let of = dice.one(facts);
                (value_test(dice, &of, facts), false)
            } else {
                (text_test(dice, texts, facts), true)
            };
            if test.contains("missing") || test.contains("shares-none") {
                self.negative.insert(name.clone());
            }
            self.signs.push((name.clone(), test));
            if text {
                said.push(name.clone());
            }
            plain.push(name);
        }
        if dice.chance(30) && !said.is_empty() {
            let (text, than) = (dice.one(texts), dice.one(&said));
            self.signs.push((
                "later".to_owned(),
                format!("fact: {text}, contains: all is well, later-than: {than}"),
            ));
        }
        for number in 0..dice.below(3) {
            let name = format!("of{number}");
            let parts = [dice.one(&plain), dice.one(&plain)];
            if parts.iter().any(|it| self.negative.contains(it)) {
                self.negative.insert(name.clone());
            }
            let how = dice.one(&["any-of", "all-of"]);
            self.signs.push((name, format!("{how}: [{}]", parts.join(", "))));
        }
        self.symptoms = dice.some(&plain, 2);
    }

    fn make_causes(&mut self, dice: &mut Dice, facts: &[Known]) {
        let names: Vec<String> =
            self.signs.iter().map(|(name, _)| name.clone()).filter(|it| it != "later").collect();
        let causes = 2 + dice.below(3);
        for number in 0..causes {
            let mut lists = [2, 2, 2, 2, 1].map(|most| dice.some(&names, most));
            if lists[0].is_empty() && lists[1].is_empty() {
                lists[0].push(dice.one(&names));
            }
            // `later-than` tells only that trouble has ended.
            if self.signs.iter().any(|(name, _)| name == "later") && dice.chance(50) {
                lists[4].push("later".to_owned());
            }
            let fact = dice.one(facts).name;
            let earlier: Vec<String> = self.causes.iter().map(|it| it.id.clone()).collect();
            self.causes.push(Part {
                id: format!("c{number}"),
                severity: dice.one(&["low", "medium", "high", "critical"]),
                lists,
                hides: dice.some(&earlier, 1),
                words: [
                    "What".to_owned(),
                    format!("Why{{{{#known {fact}}}}} `{{{{{fact}}}}}`{{{{/known}}}}"),
                ],
                names: dice.some(&[fact], 1),
                own: number + 1 == causes,
            });
        }
    }

    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let list =
            |items: &[String]| items.iter().map(|it| format!("  - {it}\n")).collect::<String>();
        let map = |items: &[String]| items.iter().map(|it| format!("  {it}\n")).collect::<String>();
        let mut text = "apiVersion: triagem/v1\nkind: Playbook\nmetadata: {id: book, version: 1.0.0, title: A book, locales: [en]}\n".to_owned();
        write!(text, "inputs:\n{}", map(&self.inputs)).unwrap();
        write!(text, "steps:\n{}facts:\n{}", list(&self.steps), map(&self.facts)).unwrap();
        let signs: Vec<String> = self
            .signs
            .iter()
            .map(|(name, rest)| format!("{name}: {{says: It is so, {rest}}}"))
            .collect();
        write!(text, "signs:\n{}symptoms: [{}]\n", map(&signs), self.symptoms.join(", ")).unwrap();
        let mut files = BTreeMap::from([("playbook.yaml".to_owned(), text.into_bytes())]);
        for cause in &self.causes {
            let id = &cause.id;
            let mut text = format!(
                "apiVersion: triagem/v1\nkind: Cause\nid: {id}\ntitle: {}\nseverity: {}\n",
                cause.words[0], cause.severity
            );
            let mut lists = cause.lists.clone();
            if cause.own {
                text.push_str("steps:\n  - {id: mine, says: s, uses: azure.get, with: {id: own}}\nfacts:\n  my-fact: {from: mine, type: string, path: $.spec.string0}\nsigns:\n  my-sign: {says: Mine, fact: my-fact, is: a}\n");
                lists[2].push("my-sign".to_owned());
            }
            for (name, items) in LISTS.iter().zip(&lists).filter(|(_, it)| !it.is_empty()) {
                writeln!(text, "{name}: [{}]", items.join(", ")).unwrap();
            }
            if !cause.hides.is_empty() {
                writeln!(text, "hides: [{}]", cause.hides.join(", ")).unwrap();
            }
            let run: String = cause.names.iter().map(|it| format!(", ${it}")).collect();
            writeln!(text, "explains: {:?}\nremedy: [{{do: Mend it., changes: nothing, owner: anyone, run: [kubectl{run}, {{ask: what}}]}}]", cause.words[1]).unwrap();
            writeln!(text, "tests: [{{name: t, paste: x, expect: {{{id}: undetermined}}}}]")
                .unwrap();
            files.insert(format!("causes/{id}.yaml"), text.into_bytes());
        }
        files
    }

    /// The same, its parts written in another order.
    pub(crate) fn shuffled(&self, dice: &mut Dice) -> Self {
        let mut other = self.clone();
        other.steps = dice.shuffled(&self.steps);
        other.facts = dice.shuffled(&self.facts);
        other.signs = dice.shuffled(&self.signs);
        other.symptoms = dice.shuffled(&self.symptoms);
        for cause in &mut other.causes {
            cause.lists = cause.lists.clone().map(|it| dice.shuffled(&it));
        }
        for (_, rest) in &mut other.signs {
            for how in ["any-of: [", "all-of: ["] {
                if let Some((left, right)) =
                    rest.strip_prefix(how).and_then(|it| it.strip_suffix(']')?.split_once(", "))
                {
                    *rest = format!("{how}{right}, {left}]");
                    break;
                }
            }
        }
        other
    }

    /// Through the one loader; a book that does not load is a fault of this file.
    pub(crate) fn load(&self) -> Playbook {
        let loaded = load("book", &self.files(), SOURCES);
        let faults: Vec<_> = loaded.faults.iter().filter(|it| !it.warning).collect();
        loaded.playbook.unwrap_or_else(|| panic!("{faults:#?}\n{self:?}"))
    }
}

fn value_test(dice: &mut Dice, of: &Known, facts: &[Known]) -> String {
    let values = TYPES.iter().find(|(name, _)| *name == of.kind).map_or(&["a", "b"][..], |it| it.1);
    let value = dice.one(values);
    let other = dice.one(facts).name;
    let ordered = ["int", "duration", "version", "quantity", "timestamp"].contains(&of.kind);
    let mut tests = Vec::new();
    for _ in 0..=dice.below(2) {
        let test = match dice.below(21) {
            1 => "exists: true".to_owned(),
            2 => "missing: true".to_owned(),
            3 if !of.many => format!("is-not: '{value}'"),
            4 if !of.many => format!("differs-from: {other}"),
            5 => format!("is-one-of-values: ['{value}', '{}']", values[0]),
            6 => "starts-with: a".to_owned(),
            7 => "ends-with: a".to_owned(),
            8 if ordered => format!("greater-than: '{value}'"),
            9 if ordered => format!("at-most: '{value}'"),
            10 => "in-cidr: [10.0.0.0/8]".to_owned(),
            11 => "older-than: 90m".to_owned(),
            12 => "newer-than: 90m".to_owned(),
            13 => format!("version-at-least: {}", dice.one(&["1.9.0", "2.0.0"])),
            14 => "malformed: true".to_owned(),
            15 => format!("same-as: {other}"),
            16 => format!("is-one-of: {other}"),
            17 => format!("shares-any-with: {other}"),
            18 => format!("shares-none-with: {other}"),
            19 => format!("covers-all-of: {other}"),
            20 => "matches: '^[a-z]'".to_owned(),
            _ => format!("is: '{value}'"),
        };
        let key = test.split(':').next().unwrap_or_default().to_owned();
        if !tests.iter().any(|it: &String| it.starts_with(&format!("{key}:"))) {
            tests.push(test);
        }
    }
    format!("fact: {}, {}", of.name, tests.join(", "))
}

fn text_test(dice: &mut Dice, texts: &[String], facts: &[Known]) -> String {
    let mut of = dice.some(texts, 2);
    if of.is_empty() {
        of.push(texts[0].clone());
    }
    let (first, second) = (dice.one(PHRASES), dice.one(PHRASES));
    let other = dice.one(facts).name;
    let mut test = match dice.below(6) {
        1 => format!("contains-any: [{first}, {second}]"),
        2 => format!("contains-all: [{first}, {second}]"),
        3 => "matches: 'code=(?<code>\\d+) mount', groups: {code: {at-least: 500}}".to_owned(),
        4 => format!(
            "matches: 'host (?<address>[0-9.]+) closed', groups: {{address: {{same-as: {other}}}}}"
        ),
        5 => "exists: true".to_owned(),
        _ => format!("contains: {first}"),
    };
    if !test.contains("exists") {
        if dice.chance(25) {
            write!(test, ", lacks: {}", dice.one(PHRASES)).unwrap();
        }
        if dice.chance(15) {
            test.push_str(", also-seen-as: [montagem Falhou]");
        }
    }
    if dice.chance(15) {
        write!(test, ", {}: 90m", dice.one(&["newer-than", "older-than"])).unwrap();
    }
    format!("fact: [{}], {test}", of.join(", "))
}

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

    pub(crate) fn scope(&self, list: &Watchlist) -> Scope {
        let mut scope = Scope { vocabulary: SOURCES, now: self.now, ..Scope::default() };
        scope.inputs.insert("who".to_owned(), InputValue::Text("somebody".to_owned()));
        for (at, text) in self.given.iter().enumerate() {
            scope.given.extend(recognise(list, &format!("file{at}"), text.as_bytes()));
        }
        scope
    }

    /// The whole run.
    pub(crate) fn report(&self, playbook: &Playbook) -> Report {
        let alone = std::slice::from_ref(playbook);
        let list = watchlist(alone);
        diagnose(alone, &list, &self.scope(&list), self)
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
                "azure.get" if param("id") == "\"tree\"" => "tree",
                "azure.get" if param("id") == "\"own\"" => "own",
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
                    let origin = question.to_owned();
                    Recorded::Tree { tree: tree.clone(), complete: *complete, origin }.answer(list)
                }
                Some(Seen::Text { records, complete }) => {
                    let (text, origin) = (records.concat().into_bytes(), question.to_owned());
                    Recorded::Text { text, complete: *complete, origin }.answer(list)
                }
            }
        };
        wanted.iter().map(|request| (request.clone(), answer(request))).collect()
    }
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
    match dice.below(6) {
        1 => {
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

/// One cause, one subject.
pub(crate) type Key = (String, BTreeMap<String, String>);

/// What is told of it: verdict, past, and its signs, sorted.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Told {
    pub(crate) verdict: Verdict,
    pub(crate) past: bool,
    pub(crate) signs: Vec<(String, Truth, bool, u64)>,
}

/// What a report says of whom, whatever the order and the words.
pub(crate) fn told(report: &Report) -> BTreeMap<Key, BTreeSet<Told>> {
    let mut all: BTreeMap<Key, BTreeSet<Told>> = BTreeMap::new();
    for finding in &report.findings {
        let mut signs: Vec<_> = finding
            .signs
            .iter()
            .map(|it| (format!("{:?} {}", it.role, it.sign), it.truth, it.weak, it.count))
            .collect();
        signs.sort();
        let told = Told { verdict: finding.verdict, past: finding.past, signs };
        let mut subjects = finding.subjects.clone();
        if subjects.is_empty() {
            subjects.push(BTreeMap::new());
        }
        for subject in subjects {
            all.entry((finding.cause.clone(), subject)).or_default().insert(told.clone());
        }
    }
    all
}
