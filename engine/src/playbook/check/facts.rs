//! Facts: how each is read.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{About, Chain, Fact, Filter, Id, Inner, Origin, Part, Path, Take, Where, keys};
use super::{At, Checker, qualified};
use crate::text::{Severity, Watch, required_literal};
use crate::value::Type;
use crate::yaml::Kind;
use crate::yaml::Node;

impl Checker<'_> {
    pub(super) fn fact(&mut self, at: At<'_>, name: &str, node: &Node) {
        if self.faults.is_full() {
            return;
        }
        let keys = self.faults.keys(at.file, node, keys::FACT);
        let kind = self.kind(at, keys.get("type"));
        let many = self.faults.flag(at.file, keys.get("many"));
        let each = self.faults.flag(at.file, keys.get("each"));
        let id = qualified(at.cause, name);
        self.belongs(at, kind, &keys);
        let before = self.faults.all.len();
        let from = if let Some(parts) = keys.get("join") {
            Some(self.join(at, parts))
        } else if let Some(key) = keys.get("map") {
            self.map(at, key, &keys)
        } else if let Some(of) = keys.get("nearest") {
            self.nearest_fact(at, of, &keys)
        } else if let Some(part) = keys.get("take") {
            self.take(at, part, &keys)
        } else if keys.contains_key("capture") || keys.contains_key("slot") {
            self.capture(at, &keys)
        } else if kind == Type::Text {
            self.text_fact(at, &keys)
        } else {
            self.path_fact(at, &keys, many || each)
        };
        let stand_in = keys.get("else").and_then(|it| self.name(at, it, "fact"));
        let without = keys.get("without").map(|it| self.parts_of(at, it)).unwrap_or_default();
        let inner = self.inner(at, &keys, from.as_ref(), many || each);
        if let Some(node) = keys.get("without").filter(|_| kind == Type::Text) {
            self.fault(at, node, "P201", "`without` leaves out values, not messages".to_owned());
        }
        if let Some(from) = from {
            let fact = Fact {
                id: id.clone(),
                kind,
                many: many || kind == Type::Text,
                each,
                sensitive: self.faults.flag(at.file, keys.get("sensitive")),
                asks: keys.get("asks").and_then(|it| it.text()).map(str::to_owned),
                stand_in,
                from,
                inner,
                without,
                binders: Vec::new(),
            };
            self.playbook.facts.insert(id, fact);
        } else if self.faults.all.len() == before {
            let message = format!("nothing says how the fact `{name}` is read");
            let help = if kind == Type::Text {
                "a text needs `from`: the steps whose answers it reads"
            } else {
                "it needs `from` and `path`, `from` and `capture` or `slot`, `join`, `map` and `of`, `nearest` and `of`, or `take` and `of`"
            };
            self.advise(at, node, "P004", message, help.to_owned());
        }
    }

    /// A key that means nothing beside the others would silently not count.
    fn belongs(&mut self, at: At<'_>, kind: Type, keys: &BTreeMap<&'static str, &Node>) {
        let shape = keys::FACT_SHAPES.iter().find(|(it, _)| keys.contains_key(it));
        let (how, beside) = match shape {
            Some((how, beside)) => (format!("with `{how}`"), *beside),
            None if kind == Type::Text => ("of type `text`".to_owned(), keys::TEXT_FACT),
            None => ("that is read by a path".to_owned(), keys::PATH_FACT),
        };
        let known = |key: &str| {
            keys::ANY_FACT.contains(&key)
                || beside.contains(&key)
                || shape.is_some_and(|(it, _)| *it == key)
        };
        for (key, node) in keys.iter().filter(|(key, _)| !known(key)) {
            // The table of a `map` is told by whoever reads it.
            let message = format!("`{key}` means nothing in a fact {how}");
            let help = format!("beside what every fact may say, it has {}", beside.join(", "));
            let help = Some(help).filter(|_| !beside.is_empty());
            self.advise(at, node, "P003", message, help);
        }
    }

    fn path_of(&mut self, at: At<'_>, node: &Node) -> Option<Path> {
        let text = self.faults.text(at.file, node)?;
        match super::super::path::path(&text) {
            Ok(path) => Some(path),
            Err(message) => {
                let (code, help) = if message.starts_with("` in `") {
                    ("P303", Some("write `?@.name == 'a' || @.name == 'b'`".to_owned()))
                } else if message == super::super::path::SEARCHES {
                    let help = "use `..` once at most, and name each step where you can";
                    ("P006", Some(help.to_owned()))
                } else {
                    ("P301", None)
                };
                self.advise(at, node, code, message, help);
                None
            }
        }
    }

    fn path_fact(
        &mut self,
        at: At<'_>,
        keys: &BTreeMap<&'static str, &Node>,
        several: bool,
    ) -> Option<Origin> {
        let step = self.name(at, keys.get("from")?, "step")?;
        let written = keys.get("path")?;
        let path = self.path_of(at, written)?;
        let where_ = match keys.get("where") {
            None => None,
            Some(condition) => {
                let keys = self.faults.keys(at.file, condition, keys::WHERE);
                let path = self.path_of(at, keys.get("path")?)?;
                Some(Where { path, same_as: self.name(at, keys.get("same-as")?, "fact")? })
            }
        };
        let value = match keys.get("value") {
            None => None,
            Some(node) => Some(self.path_of(at, node)?),
        };
        if !path.singular && !several && where_.is_none() {
            self.advise(
                at,
                written,
                "P202",
                "this path can give several values".to_owned(),
                "mark the fact `many: true`, or `each: true` to judge them one at a time"
                    .to_owned(),
            );
        }
        Some(Origin::Path { step, path, where_, value })
    }

    fn text_fact(&mut self, at: At<'_>, keys: &BTreeMap<&'static str, &Node>) -> Option<Origin> {
        let steps = self.names_of(at, keys.get("from"), "step");
        let mut filter = Filter::default();
        if let Some(fields) = keys.get("fields") {
            for (name, _, accepted) in self.faults.entries(at.file, fields) {
                let accepted: BTreeSet<String> =
                    self.faults.texts(at.file, Some(&accepted)).into_iter().collect();
                filter.fields.insert(name, accepted);
            }
        }
        for node in self.faults.list(at.file, keys.get("severity")) {
            match node.text() {
                Some("info") => filter.severity.insert(Severity::Info),
                Some("warning") => filter.severity.insert(Severity::Warning),
                // Whoever wants errors wants the fatal ones too.
                Some("error") => {
                    filter.severity.insert(Severity::Error)
                        | filter.severity.insert(Severity::Fatal)
                }
                _ => {
                    self.unlisted(at, node, "severity of a record", &["info", "warning", "error"]);
                    false
                }
            };
        }
        filter.holds_any = self.faults.texts(at.file, keys.get("holds-any"));
        let nodes = match keys.get("about") {
            Some(node) if matches!(node.kind, Kind::Sequence(_)) => {
                self.faults.list(at.file, Some(node))
            }
            one => one.copied().into_iter().collect(),
        };
        let mut about = Vec::new();
        for node in nodes {
            about.push(self.about(at, node)?);
        }
        filter.lens = self.lens(at, keys);
        let path = match keys.get("path") {
            None => None,
            Some(node) => Some(self.path_of(at, node)?),
        };
        let not_before = keys.get("not-before").and_then(|it| self.name(at, it, "fact"));
        let chain =
            keys.get("chain").and_then(|it| self.chain(at, it, &filter, &about)).map(Box::new);
        (!steps.is_empty()).then_some(Origin::Text {
            steps,
            filter,
            about,
            not_before,
            chain,
            path,
        })
    }

    fn about(&mut self, at: At<'_>, node: &Node) -> Option<About> {
        let keys = self.faults.keys(at.file, node, keys::ABOUT);
        let capture = self.regex(at, keys.get("capture")?, true)?;
        Some(About { capture, is: self.names_of(at, keys.get("is"), "fact") })
    }

    fn chain(
        &mut self,
        at: At<'_>,
        node: &Node,
        filter: &Filter,
        about: &[About],
    ) -> Option<Chain> {
        let keys = self.faults.keys(at.file, node, keys::CHAIN);
        let name = self.faults.text(at.file, keys.get("name")?)?;
        let of = match keys.get("of") {
            None => None,
            Some(node) => Some(self.about(at, node)?),
        };
        let thing = of.as_ref().map(|it| it.capture.clone());
        let watch = |this: &mut Self, key: &str, filter: Filter, lacks: Vec<String>| {
            let node = keys.get(key)?;
            let literals = this.faults.texts(at.file, Some(node));
            let long = |it: &String| it.chars().filter(|it| !it.is_whitespace()).count() >= 4;
            if !literals.iter().all(long) {
                this.needs_literal(at, node);
            }
            let about = about.iter().map(|it| it.capture.clone()).collect();
            let any = vec![literals];
            let of = thing.clone();
            this.playbook.watches.push(Watch { filter, about, any, lacks, of, ..Watch::default() });
            Some(this.playbook.watches.len() - 1)
        };
        let silent = self.faults.texts(at.file, keys.get("silent"));
        let attempts =
            if silent.is_empty() { None } else { watch(self, "tries", filter.clone(), Vec::new()) };
        let tries = watch(self, "tries", filter.clone(), silent);
        // What succeeds is no error, and need not hold what an error holds.
        let unsifted = Filter { fields: filter.fields.clone(), ..Filter::default() };
        let succeeds = watch(self, "succeeds", unsifted, Vec::new());
        let every = match keys.get("every") {
            None => None,
            Some(node) => {
                let text = self.faults.text(at.file, node)?;
                let seconds = crate::value::seconds(&text);
                if seconds.is_none() {
                    self.fault(at, node, "P201", format!("`{text}` is not a duration"));
                }
                seconds
            }
        };
        let mut moment = |key: &str| keys.get(key).and_then(|it| self.name(at, it, "fact"));
        let (succeeded_at, works_since) = (moment("succeeded-at"), moment("works-since"));
        Some(Chain { name, of, tries, attempts, succeeds, succeeded_at, works_since, every })
    }

    fn capture(&mut self, at: At<'_>, keys: &BTreeMap<&'static str, &Node>) -> Option<Origin> {
        let (node, watch) = match keys.get("slot") {
            Some(node) => {
                (*node, Watch { slot: self.faults.text(at.file, node), ..Watch::default() })
            }
            None => {
                let node = keys.get("capture")?;
                let pattern = self.regex(at, node, true)?;
                if required_literal(pattern.as_str()).is_none() {
                    self.needs_literal(at, node);
                }
                (*node, Watch { matches: vec![pattern], ..Watch::default() })
            }
        };
        let mut texts = Vec::new();
        for fact in self.names_of(at, keys.get("from"), "fact") {
            if !self.is_text(&fact) {
                let help = "only a fact of type `text` holds messages to capture from".to_owned();
                let from = keys.get("from").copied().unwrap_or(node);
                self.advise(at, from, "P201", format!("`{fact}` is not a text"), help);
                continue;
            }
            if let Some(slot) = watch.slot.as_ref().filter(|it| !self.hides(&fact, it)) {
                let help = "add it to the fact's `opaque`".to_owned();
                self.advise(at, node, "P101", format!("`{fact}` has no slot `{slot}`"), help);
                continue;
            }
            texts.push((fact.clone(), self.watch(&fact, watch.clone())));
        }
        Some(Origin::Capture { texts })
    }

    /// What is read of each element that a path finds.
    fn inner(
        &mut self,
        at: At<'_>,
        keys: &BTreeMap<&'static str, &Node>,
        from: Option<&Origin>,
        several: bool,
    ) -> Inner {
        let within = self.faults.list(at.file, keys.get("within"));
        let inner = Inner {
            within: within.into_iter().filter_map(|it| self.path_of(at, it)).collect(),
            keys: self.faults.flag(at.file, keys.get("keys")),
        };
        let Some(node) = ["within", "keys"].iter().find_map(|it| keys.get(it)) else {
            return inner;
        };
        if !matches!(from, None | Some(Origin::Path { .. })) {
            let message = "only what a `path` finds has keys or holds documents".to_owned();
            self.fault(at, node, "P201", message);
        } else if !several && (inner.keys || inner.within.iter().any(|it| !it.singular)) {
            let help = "mark the fact `many: true`, or `each: true` to judge them one at a time";
            let message = "this can give several values".to_owned();
            self.advise(at, node, "P202", message, help.to_owned());
        }
        inner
    }

    fn nearest_fact(
        &mut self,
        at: At<'_>,
        of: &Node,
        keys: &BTreeMap<&'static str, &Node>,
    ) -> Option<Origin> {
        let of = self.name(at, of, "fact")?;
        Some(Origin::Nearest { of, among: self.parts_of(at, keys.get("of")?) })
    }

    fn join(&mut self, at: At<'_>, node: &Node) -> Origin {
        Origin::Join(self.parts_of(at, node))
    }

    /// Values as written, and `$name` for those of a fact.
    fn parts_of(&mut self, at: At<'_>, node: &Node) -> Vec<Part> {
        let mut parts = Vec::new();
        for part in self.faults.list(at.file, Some(&node)) {
            match part.text() {
                Some(text) if text.starts_with('$') => {
                    parts.extend(self.name(at, part, "fact").map(Part::Ref));
                }
                Some(text) => parts.push(Part::Literal(text.to_owned())),
                None => self.faults.shape(at.file, part, "a text"),
            }
        }
        parts
    }

    fn map(
        &mut self,
        at: At<'_>,
        key: &Node,
        keys: &BTreeMap<&'static str, &Node>,
    ) -> Option<Origin> {
        let key = self.name(at, key, "fact")?;
        let mut table = BTreeMap::new();
        for (name, _, value) in self.faults.entries(at.file, keys.get("of")?) {
            table.insert(name, self.faults.text(at.file, value)?);
        }
        let absent = keys.get("absent").and_then(|it| self.faults.text(at.file, it));
        Some(Origin::Map { key, table, absent })
    }

    fn take(
        &mut self,
        at: At<'_>,
        part: &Node,
        keys: &BTreeMap<&'static str, &Node>,
    ) -> Option<Origin> {
        let of = self.name(at, keys.get("of")?, "fact")?;
        let part = match part.text() {
            Some("parent") => Take::Parent,
            Some("name") => Take::Name,
            Some("resource-group") => Take::ResourceGroup,
            Some("subscription") => Take::Subscription,
            Some("namespace") => Take::Namespace,
            Some("kind") => Take::Kind,
            Some("uid") => Take::Uid,
            _ => {
                let known = [
                    "parent",
                    "name",
                    "resource-group",
                    "subscription",
                    "namespace",
                    "kind",
                    "uid",
                ];
                self.unlisted(at, part, "part", &known);
                return None;
            }
        };
        Some(Origin::Take { of, part })
    }

    /// Adds what to look for in a text fact: its filter and subject are the fact's.
    pub(super) fn watch(&mut self, fact: &Id, mut watch: Watch) -> usize {
        if let Some(Origin::Text { filter, about, chain, .. }) =
            self.playbook.facts.get(fact).map(|it| &it.from)
        {
            let tries = chain.as_ref().and_then(|it| self.playbook.watches.get(it.tries?));
            watch.tries = tries.map(|it| it.any.concat()).unwrap_or_default();
            watch.of = chain.as_ref().and_then(|it| Some(it.of.as_ref()?.capture.clone()));
            watch.filter = filter.clone();
            watch.about = about.iter().map(|it| it.capture.clone()).collect();
        }
        self.playbook.watches.push(watch);
        self.playbook.watches.len() - 1
    }
}
