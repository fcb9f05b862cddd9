//! Signs: one sentence, one fact (or several texts), and what must hold.

use std::collections::BTreeMap;

use super::super::{Id, Operator, Test, keys, meanings};
use super::{At, Checker, nearest};
use crate::text::{Watch, required_literal};
use crate::value::Type;
use crate::yaml::{Kind, Node};

/// Characters of a regular expression.
const PATTERN: usize = 500;
/// Bytes of a compiled one.
const COMPILED: usize = 1 << 20;

impl Checker<'_> {
    pub(super) fn sign(&mut self, at: At<'_>, node: &Node) -> Option<(String, Test)> {
        if self.faults.is_full() {
            return None;
        }
        let keys = self.faults.keys(at.file, node, keys::SIGN);
        let says = keys.get("says")?.text()?.to_owned();
        if let Some(made) = ["any-of", "all-of"].into_iter().find(|it| keys.contains_key(it)) {
            for (key, node) in keys.iter().filter(|(key, _)| !["says", made].contains(key)) {
                let message = format!("`{key}` means nothing in a sign with `{made}`");
                self.advise(at, node, "P003", message, None);
            }
        }
        if keys.contains_key("any-of") {
            return Some((says, Test::AnyOf(self.names_of(at, keys.get("any-of"), "sign"))));
        }
        if keys.contains_key("all-of") {
            return Some((says, Test::AllOf(self.names_of(at, keys.get("all-of"), "sign"))));
        }
        let Some(fact) = keys.get("fact") else {
            let message = "a sign needs `fact`, `any-of` or `all-of`".to_owned();
            let help = "say what it looks at, as in `fact: events`".to_owned();
            self.advise(at, node, "P004", message, help);
            return None;
        };
        let facts = self.names_of(at, Some(fact), "fact");
        if facts.iter().any(|it| self.is_text(it)) {
            if let Some(other) = facts.iter().find(|it| !self.is_text(it)) {
                self.fault(at, fact, "P201", format!("`{other}` is not a text"));
                return None;
            }
            return Some((says, self.text_test(at, node, &keys, &facts)?));
        }
        let [fact_id] = facts.as_slice() else {
            if facts.len() > 1 {
                self.fault(at, fact, "P201", "only text facts may be several".to_owned());
            }
            return None;
        };
        let before = self.faults.all.len();
        let operators = self.operators(at, fact_id, &keys);
        if operators.is_empty() && self.faults.all.len() == before {
            let help =
                "say what must hold, as in `is: x`, `exists: true` or `missing: true`".to_owned();
            self.advise(at, node, "P201", "a sign needs an operator".to_owned(), help);
        }
        Some((says, Test::Value { fact: fact_id.clone(), operators }))
    }

    fn text_test(
        &mut self,
        at: At<'_>,
        node: &Node,
        keys: &BTreeMap<&'static str, &Node>,
        facts: &[Id],
    ) -> Option<Test> {
        let mut watch = Watch::default();
        let before = self.faults.all.len();
        for key in ["contains", "contains-all"] {
            watch.all.extend(self.faults.texts(at.file, keys.get(key)));
        }
        let any = self.faults.texts(at.file, keys.get("contains-any"));
        if !any.is_empty() {
            watch.any.push(any);
        }
        watch.lacks = self.faults.texts(at.file, keys.get("lacks"));
        let meant = self.meanings(at, keys.get("means-any"));
        if !meant.is_empty() {
            watch.any.push(meant);
        }
        watch.lacks.extend(self.meanings(at, keys.get("means-none")));
        watch.also_seen_as = self.faults.texts(at.file, keys.get("also-seen-as"));
        if let Some(written) = keys.get("matches") {
            let nodes = match &written.kind {
                Kind::Sequence(items) => items.iter().collect(),
                Kind::Scalar { .. } | Kind::Mapping(_) => vec![*written],
            };
            watch.matches = nodes.into_iter().filter_map(|it| self.regex(at, it, false)).collect();
        }
        let exists = keys.contains_key("exists");
        if let Some(node) = keys.get("exists").filter(|it| it.text() != Some("true")) {
            let help = "write `exists: true`, or name the sign where it must not be seen";
            self.advise(at, node, "P005", "`true` belongs here".to_owned(), help.to_owned());
        }
        let mut time = Vec::new();
        for (key, make) in [
            ("older-than", Operator::OlderThan as fn(String) -> Operator),
            ("newer-than", Operator::NewerThan),
        ] {
            time.extend(keys.get(key).and_then(|it| self.faults.text(at.file, it)).map(make));
        }
        let empty = watch.all.is_empty() && watch.any.is_empty() && watch.matches.is_empty();
        let told = self.faults.all.len() > before;
        for (key, value) in keys.iter().filter(|(key, _)| !TEXT_KEYS.contains(key)) {
            let help = format!("texts are tested with {}", TEXT_KEYS[2..].join(", "));
            self.advise(at, value, "P201", format!("`{key}` does not test texts"), help);
        }
        if empty && !exists && time.is_empty() && !told {
            let message = "a sign on texts needs what to look for".to_owned();
            let help = "add `contains`, or `exists: true` if any message will do".to_owned();
            self.advise(at, node, "P201", message, help);
        }
        let long = |it: &String| it.chars().filter(|letter| !letter.is_whitespace()).count() >= 4;
        let announced = watch.all.iter().any(long)
            || watch.any.iter().any(|group| group.iter().all(long))
            || watch.matches.iter().any(|it| required_literal(it.as_str()).is_some());
        if !empty && !announced && !told {
            let looked = ["contains", "contains-all", "contains-any", "means-any", "matches"];
            let node = looked.iter().find_map(|it| keys.get(it)).copied().unwrap_or(node);
            self.needs_literal(at, node);
        }
        let mut groups = Vec::new();
        if let Some(tests) = keys.get("groups") {
            for (name, span, value) in self.faults.entries(at.file, tests) {
                let known = watch
                    .matches
                    .iter()
                    .any(|it| it.capture_names().flatten().any(|it| it == name));
                if !known {
                    let groups: Vec<&str> =
                        watch.matches.iter().flat_map(|it| it.capture_names().flatten()).collect();
                    let help = nearest(&name, groups)
                        .or_else(|| Some(format!("name it in `matches`: (?<{name}>…)")));
                    let place = super::Place { file: at.file, span };
                    let message = format!("no pattern has a group `{name}`");
                    self.faults.note(&place, "P301", message, help);
                }
                let keys = self.faults.keys(at.file, value, keys::SIGN_TEST);
                groups
                    .extend(self.operators(at, "", &keys).into_iter().map(|it| (name.clone(), it)));
            }
        }
        let later_than = keys.get("later-than").and_then(|it| self.name(at, it, "sign"));
        let texts =
            facts.iter().map(|fact| (fact.clone(), self.watch(fact, watch.clone()))).collect();
        Some(Test::Text { texts, groups, time, later_than })
    }

    fn operators(
        &mut self,
        at: At<'_>,
        fact: &str,
        keys: &BTreeMap<&'static str, &Node>,
    ) -> Vec<Operator> {
        let many = self.playbook.facts.get(fact).is_some_and(|it| it.many);
        let kind = self.playbook.facts.get(fact).map_or(Type::String, |it| it.kind);
        let mut operators = Vec::new();
        for (key, node) in keys {
            if matches!(*key, "says" | "fact") {
                continue;
            }
            if many && matches!(*key, "is-not" | "differs-from") {
                self.advise(
                    at,
                    node,
                    "P202",
                    format!("`{key}` on many values: some value differs is never what was meant"),
                    "say which values are wanted, with `is-one-of-values`".to_owned(),
                );
            }
            let ordered = matches!(
                kind,
                Type::Int | Type::Duration | Type::Version | Type::Quantity | Type::Timestamp
            );
            if matches!(*key, "greater-than" | "less-than" | "at-least" | "at-most")
                && !ordered
                && !fact.is_empty()
            {
                self.fault(
                    at,
                    node,
                    "P201",
                    format!(
                        "`{key}` needs a number, a duration, a version or a quantity, not a {kind}"
                    ),
                );
            }
            // Whoever writes `exists: false` means the opposite, and there is a word for that.
            if matches!(*key, "exists" | "missing" | "malformed") && node.text() != Some("true") {
                let help = "write `exists: true` or `missing: true`".to_owned();
                self.advise(at, node, "P005", "`true` belongs here".to_owned(), help);
            }
            let text = |it: &mut Self| it.faults.text(at.file, node).unwrap_or_default();
            let operator = match *key {
                "is" => Operator::Is(text(self)),
                "is-not" => Operator::IsNot(text(self)),
                "is-one-of-values" => {
                    Operator::IsOneOfValues(self.faults.texts(at.file, Some(node)))
                }
                "starts-with" => Operator::StartsWith(text(self)),
                "ends-with" => Operator::EndsWith(text(self)),
                "contains" => Operator::Contains(text(self)),
                "matches" => match self.regex(at, node, false) {
                    Some(regex) => Operator::Matches(regex),
                    None => continue,
                },
                "greater-than" => Operator::GreaterThan(text(self)),
                "less-than" => Operator::LessThan(text(self)),
                "at-least" => Operator::AtLeast(text(self)),
                "at-most" => Operator::AtMost(text(self)),
                "in-cidr" => Operator::InCidr(self.faults.texts(at.file, Some(node))),
                "older-than" => Operator::OlderThan(text(self)),
                "newer-than" => Operator::NewerThan(text(self)),
                "version-at-least" => Operator::VersionAtLeast(text(self)),
                "version-below" => Operator::VersionBelow(text(self)),
                "malformed" => Operator::Malformed,
                "exists" => Operator::Exists,
                "missing" => Operator::Missing,
                _ => {
                    let Some(other) = RELATIONS.iter().find(|(name, _)| name == key) else {
                        let message = format!("`{key}` does not test values");
                        let help = "it is for facts of type `text`".to_owned();
                        self.advise(at, node, "P201", message, help);
                        continue;
                    };
                    match self.name(at, node, "fact") {
                        Some(id) => (other.1)(id),
                        None => continue,
                    }
                }
            };
            operators.push(operator);
        }
        operators
    }

    /// Compiles a pattern, within its limits.
    pub(super) fn regex(
        &mut self,
        at: At<'_>,
        node: &Node,
        captures: bool,
    ) -> Option<regex::Regex> {
        let text = self.faults.text(at.file, node)?;
        if text.len() > PATTERN {
            self.fault(
                at,
                node,
                "P301",
                format!("this pattern is longer than {PATTERN} characters"),
            );
            return None;
        }
        match regex::RegexBuilder::new(&text).size_limit(COMPILED).build() {
            Ok(regex) if captures && !regex.capture_names().flatten().any(|it| it == "value") => {
                self.advise(
                    at,
                    node,
                    "P301",
                    "this pattern has no group `value`".to_owned(),
                    "put the part to read into (?<value>…)".to_owned(),
                );
                None
            }
            Ok(regex) => Some(regex),
            Err(error) => {
                let last = error.to_string().lines().last().unwrap_or_default().to_owned();
                self.fault(
                    at,
                    node,
                    "P301",
                    format!("not a pattern: {}", last.trim_start_matches("error: ")),
                );
                None
            }
        }
    }

    /// The wordings of some meanings.
    fn meanings(&mut self, at: At<'_>, node: Option<&&Node>) -> Vec<String> {
        let mut wordings = Vec::new();
        let Some(written) = node else { return wordings };
        for name in self.faults.texts(at.file, node) {
            if let Some(found) = meanings::wordings(&name) {
                wordings.extend(found.iter().cloned());
            } else {
                let help = nearest(&name, meanings::names());
                self.advise(at, written, "P101", format!("unknown meaning `{name}`"), help);
            }
        }
        wordings
    }

    /// Nothing announces a match: each record would have to be looked at.
    pub(super) fn needs_literal(&mut self, at: At<'_>, node: &Node) {
        let message = "no literal of four characters stands in every match".to_owned();
        let help = "add words that are always there, such as `contains: failed to`".to_owned();
        self.advise(at, node, "P302", message, help);
    }
}

const TEXT_KEYS: &[&str] = &[
    "says",
    "fact",
    "contains",
    "contains-any",
    "contains-all",
    "lacks",
    "means-any",
    "means-none",
    "matches",
    "groups",
    "also-seen-as",
    "later-than",
    "older-than",
    "newer-than",
    "exists",
];

type Relation = (&'static str, fn(Id) -> Operator);

const RELATIONS: &[Relation] = &[
    ("same-as", Operator::SameAs),
    ("differs-from", Operator::DiffersFrom),
    ("is-one-of", Operator::IsOneOf),
    ("shares-any-with", Operator::SharesAnyWith),
    ("shares-none-with", Operator::SharesNoneWith),
    ("covers-all-of", Operator::CoversAllOf),
];
