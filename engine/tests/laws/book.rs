//! Random playbooks, as an author writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use triagem_engine::playbook::Playbook;
use triagem_engine::playbook::load::load;

use super::sources::vocabulary;
use super::strategies::{Dice, PHRASES, TYPES, dice};

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
    /// requires, requires-any, supports, refutes, over-when, excluded-by
    pub(crate) lists: [Vec<String>; 6],
    pub(crate) hides: Vec<String>,
    /// Title and explanation.
    pub(crate) words: [String; 2],
    /// Facts its command names.
    names: Vec<String>,
    /// It brings a step, a fact and a sign of its own.
    own: bool,
}

const LISTS: [&str; 6] =
    ["requires", "requires-any", "supports", "refutes", "over-when", "excluded-by"];

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
    /// One sign more.
    pub(crate) fn signs(&mut self, name: &str, test: &str) {
        self.signs.push((name.to_owned(), test.to_owned()));
    }

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
            "{id: tree, says: s, uses: azure.get, with: {id: /subscriptions/tree}}".to_owned(),
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
            if dice.chance(15) {
                line.push_str(", holds-any: [vault, identity]");
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
            // What excludes has a law of its own: it yields to what proves.
            let mut lists = [2, 2, 2, 2, 1, 0].map(|most| dice.some(&names, most));
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
                text.push_str("steps:\n  - {id: mine, says: s, uses: azure.get, with: {id: /subscriptions/own}}\nfacts:\n  my-fact: {from: mine, type: string, path: $.spec.string0}\nsigns:\n  my-sign: {says: Mine, fact: my-fact, is: a}\n");
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
        let loaded = load("book", &self.files(), vocabulary());
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
