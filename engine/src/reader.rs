//! Decoding the located tree by hand: every fault is noted with its place, and decoding goes on.

use std::collections::{BTreeMap, BTreeSet};

use crate::fault::Fault;
use crate::yaml::{Kind, Node, Span};

/// Faults that are told: behind them, one more tells that there may be others.
pub(crate) const TOLD: usize = 200;
/// Bytes of a name for which a similar one is looked for.
const SIMILAR: usize = 80;
/// Names that one is compared with.
const COMPARED: usize = 2_000;

/// What a key holds, for editors.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Holds {
    Text,
    Flag,
    List,
    Map,
    /// Anything: several shapes are accepted.
    Any,
}

/// A key, whether it must be there, what it holds, and what it means.
pub(crate) type Key = (&'static str, bool, Holds, &'static str);

/// Collects the faults of all files.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) all: Vec<Fault>,
}

impl Faults {
    pub(crate) fn note(
        &mut self,
        at: &Place<'_>,
        code: &'static str,
        message: String,
        help: Option<String>,
    ) {
        self.add(Fault {
            file: at.file.to_owned(),
            span: at.span,
            code,
            warning: false,
            message: shortened(message),
            help,
        });
    }

    fn add(&mut self, fault: Fault) {
        if self.is_full() || self.all.contains(&fault) {
            return;
        }
        let Fault { file, span, .. } = &fault;
        let last = Fault {
            file: file.clone(),
            span: *span,
            code: "P011",
            warning: false,
            message: format!("there are more than {TOLD} faults, and this is the last one told"),
            help: Some("mend these first, then look again".to_owned()),
        };
        self.all.push(fault);
        if self.all.len() == TOLD {
            self.all.push(last);
        }
    }

    /// So many faults that no other is told: nothing more needs to be checked.
    pub(crate) fn is_full(&self) -> bool {
        self.all.len() > TOLD
    }

    pub(crate) fn warn(
        &mut self,
        at: &Place<'_>,
        code: &'static str,
        message: String,
        help: Option<String>,
    ) {
        self.add(Fault {
            file: at.file.to_owned(),
            span: at.span,
            code,
            warning: true,
            message: shortened(message),
            help,
        });
    }

    /// The entries of a mapping with known keys: reports unknown, doubled and missing ones.
    pub(crate) fn keys<'n>(
        &mut self,
        file: &str,
        node: &'n Node,
        known: &[Key],
    ) -> BTreeMap<&'static str, &'n Node> {
        let mut found = BTreeMap::new();
        for (name, at, value) in self.entries(file, node) {
            if self.is_full() {
                break;
            }
            if let Some((key, ..)) = known.iter().find(|(key, ..)| *key == name) {
                found.insert(*key, value);
            } else {
                let help = nearest(&name, known.iter().map(|(key, ..)| *key));
                self.note(&Place { file, span: at }, "P003", format!("unknown key `{name}`"), help);
            }
        }
        for (key, ..) in
            known.iter().filter(|(key, required, ..)| *required && !found.contains_key(key))
        {
            self.note(
                &Place { file, span: node.span },
                "P004",
                format!("the key `{key}` is missing"),
                None,
            );
        }
        found
    }

    /// The entries of a mapping with free keys: reports doubled ones.
    pub(crate) fn entries<'n>(
        &mut self,
        file: &str,
        node: &'n Node,
    ) -> Vec<(String, Span, &'n Node)> {
        let Kind::Mapping(entries) = &node.kind else {
            self.shape(file, node, "a mapping");
            return Vec::new();
        };
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        let mut found = Vec::new();
        for (key, value) in entries {
            let Some(name) = key.text() else {
                self.shape(file, key, "a text as key");
                continue;
            };
            if let Some(first) = seen.get(name) {
                if self.is_full() {
                    continue;
                }
                let help = Some(format!("it stands first at line {}", first.line));
                self.note(
                    &Place { file, span: key.span },
                    "P002",
                    format!("the key `{name}` stands twice"),
                    help,
                );
                continue;
            }
            seen.insert(name, key.span);
            found.push((name.to_owned(), key.span, value));
        }
        found
    }

    pub(crate) fn text(&mut self, file: &str, node: &Node) -> Option<String> {
        let text = node.text().map(str::to_owned);
        if text.is_none() {
            self.shape(file, node, "a text");
        }
        text
    }

    pub(crate) fn flag(&mut self, file: &str, node: Option<&&Node>) -> bool {
        match node.map(|it| (it, it.text())) {
            None => false,
            Some((_, Some("true"))) => true,
            Some((_, Some("false"))) => false,
            Some((node, _)) => {
                self.shape(file, node, "`true` or `false`");
                false
            }
        }
    }

    pub(crate) fn list<'n>(&mut self, file: &str, node: Option<&&'n Node>) -> Vec<&'n Node> {
        match node.map(|it| &it.kind) {
            None => Vec::new(),
            Some(Kind::Sequence(items)) => items.iter().collect(),
            Some(Kind::Scalar { .. } | Kind::Mapping(_)) => {
                if let Some(node) = node {
                    self.shape(file, node, "a list");
                }
                Vec::new()
            }
        }
    }

    /// A text, or a list of texts.
    pub(crate) fn texts(&mut self, file: &str, node: Option<&&Node>) -> Vec<String> {
        match node {
            None => Vec::new(),
            Some(node) if node.text().is_some() => self.text(file, node).into_iter().collect(),
            some => {
                self.list(file, some).into_iter().filter_map(|it| self.text(file, it)).collect()
            }
        }
    }

    pub(crate) fn shape(&mut self, file: &str, node: &Node, wanted: &str) {
        self.note(&Place { file, span: node.span }, "P005", format!("{wanted} belongs here"), None);
    }
}

/// Where a fault is.
pub(crate) struct Place<'a> {
    pub(crate) file: &'a str,
    pub(crate) span: Span,
}

/// A message without the rest of what an author wrote at great length.
fn shortened(message: String) -> String {
    const LONGEST: usize = 400;
    if message.len() <= LONGEST {
        return message;
    }
    let kept = message.get(..message.floor_char_boundary(LONGEST)).unwrap_or_default();
    format!("{kept}…")
}

/// “did you mean …?”, if some known name is near.
pub(crate) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    if name.len() > SIMILAR {
        return None;
    }
    let known: BTreeSet<&str> =
        known.into_iter().filter(|it| it.len() <= SIMILAR).take(COMPARED).collect();
    known
        .into_iter()
        .map(|it| (strsim::damerau_levenshtein(name, it), it))
        .filter(|(distance, it)| *distance <= 2.max(it.len() / 3))
        .min()
        .map(|(_, it)| format!("did you mean `{it}`?"))
}
