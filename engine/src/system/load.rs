//! `system.yaml` → a checked system: the one way in, for the run time, lint and tests alike.

use std::collections::BTreeMap;
use std::time::Duration;

use regex::Regex;

use super::keys;
use super::template::{How, Name, Text, Way, When, Word, Words};
use super::tool::{Refusal, Tool};
use super::{Localised, Role, Source, System, parts};
use crate::evidence::Gap;
use crate::fault::Fault;
use crate::playbook::load::API_VERSION;
use crate::reader::{Faults, Place, nearest};
use crate::text::{Format, Severity};
use crate::value::{Type, seconds};
use crate::words::SOURCE;
use crate::yaml::{Kind, Node, Span, tree};

mod source;

/// The file of a system.
pub const FILE: &str = "system.yaml";
/// What a word of a log may stand for.
const SEVERITIES: &[(&str, Severity)] = &[
    ("info", Severity::Info),
    ("warning", Severity::Warning),
    ("error", Severity::Error),
    ("fatal", Severity::Fatal),
];
/// Bytes of a compiled pattern.
const COMPILED: usize = 1024 * 1024;
/// Groups within groups of arguments.
const DEPTH: usize = 4;

/// A system, if nothing is wrong with it; and everything that is.
#[derive(Debug)]
pub struct Loaded {
    /// The system.
    pub system: Option<System>,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

/// Loads a system. `built_in`: it came with the program, so that its tools may be asked unbidden.
pub fn load(id: &str, text: &str, built_in: bool) -> Loaded {
    let mut checker = Checker {
        faults: Faults::default(),
        tables: BTreeMap::new(),
        formats: BTreeMap::new(),
        built_in,
    };
    let system = match tree(text) {
        Ok(root) => checker.system(id, &root),
        Err(problem) => {
            let place = Place { file: FILE, span: problem.span };
            checker.faults.note(&place, "P001", problem.message, problem.help);
            None
        }
    };
    let mut faults = checker.faults.all;
    faults.sort();
    let broken = faults.iter().any(|it| !it.warning);
    Loaded { system: system.filter(|_| !broken), faults }
}

type Keys<'n> = BTreeMap<&'static str, &'n Node>;

/// What names may stand in a template: parameters with their types, and values.
#[derive(Clone, Debug, Default)]
struct Known {
    params: BTreeMap<String, Type>,
    values: Vec<String>,
}

struct Checker {
    faults: Faults,
    tables: BTreeMap<String, BTreeMap<String, String>>,
    formats: BTreeMap<String, Format>,
    built_in: bool,
}

impl Checker {
    fn system(&mut self, id: &str, root: &Node) -> Option<System> {
        let keys = self.faults.keys(FILE, root, keys::SYSTEM);
        for (key, is) in [("apiVersion", API_VERSION), ("kind", "System")] {
            if let Some(node) = keys.get(key).filter(|it| it.text() != Some(is)) {
                let code = if key == "kind" { "P005" } else { "P009" };
                self.fault(node, code, format!("`{is}` belongs here"));
            }
        }
        let metadata = keys.get("metadata").map(|it| self.faults.keys(FILE, it, keys::METADATA));
        let metadata = metadata.unwrap_or_default();
        if let Some(node) = metadata.get("id").filter(|it| it.text() != Some(id)) {
            self.fault(node, "P801", format!("the id must be the folder's name, `{id}`"));
        }
        if let Some(tables) = keys.get("tables") {
            for (name, _, node) in self.faults.entries(FILE, tables) {
                let rows = self.texts(node);
                let rows = rows.into_iter().map(|(key, row)| (key.to_lowercase(), row)).collect();
                self.tables.insert(name, rows);
            }
        }
        if let Some(node) = keys.get("log-formats") {
            for (name, _, node) in self.faults.entries(FILE, node) {
                if let Some(format) = self.format(node) {
                    self.formats.insert(name, format);
                }
            }
        }
        let mut tools = BTreeMap::new();
        if let Some(node) = keys.get("tools") {
            for (name, _, node) in self.faults.entries(FILE, node) {
                if let Some(tool) = self.tool(&name, node) {
                    tools.insert(name, tool);
                }
            }
        }
        let owners = self.all_localised(keys.get("owners"));
        let changes = self.all_localised(keys.get("changes"));
        let mut phrases = Vec::new();
        for node in self.faults.list(FILE, keys.get("phrases")) {
            phrases.push(self.localised(node));
        }
        let role = keys.get("role").and_then(|it| self.role(it));
        let mut sources: Vec<Source> = Vec::new();
        if let Some(node) = keys.get("sources") {
            for (name, span, node) in self.faults.entries(FILE, node) {
                if let Some(source) = self.source(&name, node, &tools) {
                    let own = name.split_once('.').is_some_and(|(it, _)| it == id);
                    if !own && !source.is_in_hand() {
                        let place = Place { file: FILE, span };
                        let message = format!("the name of a source of this system is `{id}.…`");
                        self.faults.note(&place, "P102", message, None);
                    }
                    sources.push(source);
                }
            }
        }
        let title = metadata.get("title").and_then(|it| it.text()).unwrap_or_default().to_owned();
        Some(System { id: id.to_owned(), title, sources, tools, owners, changes, phrases, role })
    }

    fn all_localised(&mut self, node: Option<&&Node>) -> BTreeMap<String, Localised> {
        let Some(node) = node else { return BTreeMap::new() };
        let entries = self.faults.entries(FILE, node);
        entries.into_iter().map(|(name, _, node)| (name, self.localised(node))).collect()
    }

    /// Words in every language that they have; English always.
    fn localised(&mut self, node: &Node) -> Localised {
        let words: Localised = self.texts(node).into_iter().collect();
        if !words.contains_key(SOURCE) {
            self.fault(node, "P004", format!("the key `{SOURCE}` is missing"));
        }
        words
    }

    fn format(&mut self, node: &Node) -> Option<Format> {
        let keys = self.faults.keys(FILE, node, keys::FORMAT);
        let header = self.pattern(keys.get("header")?, false)?;
        let mut severities = BTreeMap::new();
        if let Some(node) = keys.get("severities") {
            for (word, _, node) in self.faults.entries(FILE, node) {
                if let Some(severity) = self.one(node, SEVERITIES) {
                    severities.insert(word, severity);
                }
            }
        }
        Regex::new(&format!("^(?:{})", header.as_str())).ok().map(|it| Format::new(it, severities))
    }

    fn role(&mut self, node: &Node) -> Option<Role> {
        let keys = self.faults.keys(FILE, node, keys::ROLE);
        let text = |key: &str| Some(keys.get(key)?.text()?.to_owned());
        Some(Role {
            says: text("says")?,
            create: text("create")?,
            document: keys.get("document")?.to_json(),
        })
    }

    fn tool(&mut self, name: &str, node: &Node) -> Option<Tool> {
        let keys = self.faults.keys(FILE, node, keys::TOOL);
        let program = self.faults.text(FILE, keys.get("program")?)?;
        let always = match keys.get("asked").map(|it| (it, it.text())) {
            None => false,
            Some((_, Some("always"))) if self.built_in => true,
            Some((node, Some("always"))) => {
                let message = "only a built-in system's tool is asked unbidden".to_owned();
                self.fault(node, "P005", message);
                false
            }
            Some((node, _)) => {
                self.fault(node, "P005", "`always` belongs here".to_owned());
                false
            }
        };
        let within = |it: i64, most: i64| (1..=most).contains(&it).then_some(it);
        let long = |it: &str| seconds(it).and_then(|it| within(it, 600));
        let patience = self.number(&keys, "patience", long, "a length of time up to 10m");
        let many = |it: &str| it.parse().ok().and_then(|it| within(it, 16));
        let at_once = self.number(&keys, "at-once", many, "a number from 1 to 16");
        if program.trim().is_empty()
            || program.contains(char::is_whitespace) && !program.contains(['/', '\\'])
        {
            let node = keys.get("program").copied().unwrap_or(node);
            self.fault(node, "P005", "the name of one program belongs here".to_owned());
        }
        let mut runs = Vec::new();
        for item in self.faults.list(FILE, keys.get("runs")) {
            let begins = self.faults.texts(FILE, Some(&item));
            if begins.is_empty() {
                self.fault(item, "P005", "a list of arguments belongs here".to_owned());
            }
            runs.push(begins);
        }
        if runs.is_empty() {
            let message = "nothing is ever run: say how its commands begin".to_owned();
            self.fault(keys.get("runs").copied().unwrap_or(node), "P005", message);
        }
        let environment = keys.get("environment").map_or_else(Vec::new, |it| self.texts(it));
        let is_name = |it: &str| {
            !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
        };
        let kept = self.faults.texts(FILE, keys.get("keeps"));
        for (key, names) in [
            ("environment", environment.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()),
            ("keeps", kept.clone()),
        ] {
            for name in names.iter().filter(|it| !is_name(it)) {
                let node = keys.get(key).copied().unwrap_or(node);
                self.fault(node, "P102", format!("`{name}` names no variable"));
            }
        }
        let known = None;
        let mut refusals = Vec::new();
        for item in self.faults.list(FILE, keys.get("refusals")) {
            refusals.extend(self.refusal(item, known));
        }
        let windows = keys.get("windows").and_then(|it| it.text()).unwrap_or(&program).to_owned();
        Some(Tool {
            name: name.to_owned(),
            program,
            windows,
            always,
            patience: Duration::from_secs(patience.unwrap_or(30).clamp(1, 600).unsigned_abs()),
            at_once: usize::try_from(at_once.unwrap_or(2)).unwrap_or(2).clamp(1, 16),
            environment,
            keeps: kept,
            runs,
            refusals,
        })
    }

    fn refusal(&mut self, node: &Node, known: Option<&Known>) -> Option<Refusal> {
        let keys = self.faults.keys(FILE, node, keys::REFUSAL);
        let gap = self.faults.text(FILE, keys.get("gap")?)?;
        if Gap::parse(&gap, "").is_none() {
            self.fault(keys.get("gap")?, "P101", format!("there is no gap `{gap}`"));
        }
        let needs_from = keys.get("needs-from").and_then(|it| self.pattern(it, true));
        Some(Refusal {
            says: self.pattern(keys.get("says")?, false)?,
            exit: self
                .number(&keys, "exit", |it| it.parse().ok(), "an exit code")
                .and_then(|it| i32::try_from(it).ok()),
            names: keys.get("names").and_then(|it| self.text(it, known)),
            gap,
            needs: keys.get("needs").and_then(|it| self.text(it, known)).unwrap_or_default(),
            needs_from,
        })
    }

    fn number(
        &mut self,
        keys: &Keys<'_>,
        key: &str,
        read: impl Fn(&str) -> Option<i64>,
        what: &str,
    ) -> Option<i64> {
        let node = keys.get(key)?;
        let number = node.text().and_then(read);
        if number.is_none() {
            self.faults.shape(FILE, node, what);
        }
        number
    }

    fn pattern(&mut self, node: &Node, captures: bool) -> Option<Regex> {
        let text = self.faults.text(FILE, node)?;
        match regex::RegexBuilder::new(&text).size_limit(COMPILED).build() {
            Ok(it) if captures && !it.capture_names().flatten().any(|it| it == "value") => {
                self.fault(node, "P301", "this pattern has no group `value`".to_owned());
                None
            }
            Ok(it) => Some(it),
            Err(error) => {
                let last = error.to_string().lines().last().unwrap_or_default().to_owned();
                let last = last.trim_start_matches("error: ");
                self.fault(node, "P301", format!("not a pattern: {last}"));
                None
            }
        }
    }

    /// A pattern that a whole value must fit.
    fn whole(&mut self, node: &Node) -> Option<Regex> {
        let text = self.pattern(node, false)?;
        // The line's end closes a comment that the pattern may end with.
        let whole = Regex::new(&format!("^(?:{}\n)$", text.as_str().trim_end_matches('\n')));
        let whole = match whole {
            Ok(_) if !text.as_str().contains("(?x") => {
                Regex::new(&format!("^(?:{})$", text.as_str()))
            }
            whole => whole,
        };
        if whole.is_err() {
            self.fault(
                node,
                "P301",
                "this pattern cannot be held against a whole value".to_owned(),
            );
        }
        whole.ok()
    }

    /// A text with names in it; of a tool, whose sources have other names each, any may stand.
    fn text(&mut self, node: &Node, known: Option<&Known>) -> Option<Text> {
        let written = self.faults.text(FILE, node)?;
        match Text::parse(&written) {
            Ok(text) => {
                for name in text.names() {
                    self.name(node, name, known);
                }
                Some(text)
            }
            Err(message) => {
                self.fault(node, "P401", message);
                None
            }
        }
    }

    fn name(&mut self, node: &Node, name: &Name, known: Option<&Known>) {
        let Some(known) = known else { return };
        let kind = match known.params.get(&name.name) {
            Some(kind) => *kind,
            None if known.values.contains(&name.name) => Type::String,
            None => {
                let names = known.params.keys().chain(&known.values).map(String::as_str);
                let help = nearest(&name.name, names);
                let message = format!("there is no parameter `{}`", name.name);
                let place = Place { file: FILE, span: node.span };
                return self.faults.note(&place, "P101", message, help);
            }
        };
        let Some(part) = &name.part else { return };
        let parts = parts::known(kind);
        if !parts.contains(&part.as_str()) {
            let message = format!("`{}` has no part `{part}`", name.name);
            let help = Some(format!("it has {}", parts.join(", ")));
            self.faults.note(&Place { file: FILE, span: node.span }, "P101", message, help);
        }
    }

    fn when(&mut self, keys: &Keys<'_>, known: &Known) -> When {
        let mut names = |key: &str| -> Vec<Name> {
            let node = keys.get(key);
            let texts = self.faults.texts(FILE, node);
            let names: Vec<Name> = texts.iter().map(|it| Name::parse(it)).collect();
            for name in &names {
                if let Some(node) = node {
                    self.name(node, name, Some(known));
                }
            }
            names
        };
        let (needs, lacks) = (names("needs"), names("lacks"));
        let mut is = Vec::new();
        if let Some(node) = keys.get("is") {
            for (name, value) in self.texts(node) {
                let name = Name::parse(&name);
                self.name(node, &name, Some(known));
                is.push((name, value));
            }
        }
        When { needs, lacks, is }
    }

    fn way(&mut self, node: &Node, known: &Known) -> Option<Way> {
        if node.text().is_some() {
            let how = How::Text(self.text(node, Some(known))?);
            return Some(Way { when: When::default(), how });
        }
        let keys = self.faults.keys(FILE, node, keys::WAY);
        let when = self.when(&keys, known);
        let mut text = |key: &str| keys.get(key).and_then(|it| self.text(it, Some(known)));
        let (plain, key, cut) = (text("text"), text("look-up"), text("cut"));
        let (beginning, matched) = (text("beginning"), text("match"));
        let table = keys.get("in").and_then(|it| {
            let name = self.faults.text(FILE, it)?;
            let table = self.tables.get(&name).cloned();
            if table.is_none() {
                self.fault(it, "P101", format!("there is no table `{name}`"));
            }
            table
        });
        let pattern = keys.get("pattern").and_then(|it| self.pattern(it, true));
        let how = match (plain, key.zip(table), cut.zip(beginning), matched.zip(pattern)) {
            (Some(text), None, None, None) => How::Text(text),
            (None, Some((key, table)), None, None) => How::LookUp { key, table },
            (None, None, Some((text, beginning)), None) => How::Cut { text, beginning },
            (None, None, None, Some((text, pattern))) => How::Match { text, pattern },
            _ => {
                let message = "a `text`, a `look-up` and its `in`, a `cut` and its `beginning`, or a `match` and its `pattern` belongs here";
                self.fault(node, "P005", message.to_owned());
                return None;
            }
        };
        Some(Way { when, how })
    }

    fn all_words(&mut self, node: Option<&&Node>, known: &Known) -> Vec<Words> {
        let list = self.faults.list(FILE, node);
        list.into_iter().filter_map(|it| self.words(it, known, DEPTH)).collect()
    }

    fn words(&mut self, node: &Node, known: &Known, depth: usize) -> Option<Words> {
        let keys = self.faults.keys(FILE, node, keys::WORDS);
        if depth == 0 {
            self.fault(node, "P006", format!("groups stand within each other up to {DEPTH} times"));
            return None;
        }
        let when = self.when(&keys, known);
        let mut list = |key: &str| {
            let nodes = self.faults.list(FILE, keys.get(key));
            let word = |it: &Node| match &it.kind {
                Kind::Mapping(_) => self.words(it, known, depth - 1).map(Word::Group),
                Kind::Scalar { .. } | Kind::Sequence(_) => {
                    self.text(it, Some(known)).map(Word::One)
                }
            };
            nodes.into_iter().filter_map(word).collect()
        };
        let (all, otherwise): (Vec<Word>, Vec<Word>) = (list("words"), list("else"));
        if all.is_empty() {
            self.fault(node, "P005", "some arguments belong here".to_owned());
        }
        Some(Words { when, all, otherwise })
    }

    /// The entries of a mapping of texts.
    fn texts(&mut self, node: &Node) -> Vec<(String, String)> {
        let entries = self.faults.entries(FILE, node);
        let text = |(name, _, node): (String, Span, &Node)| {
            let text = self.faults.text(FILE, node)?;
            Some((name, text))
        };
        entries.into_iter().filter_map(text).collect()
    }

    fn fault(&mut self, node: &Node, code: &'static str, message: String) {
        self.faults.note(&Place { file: FILE, span: node.span }, code, message, None);
    }

    /// One of a table of names.
    fn one<T: Copy>(&mut self, node: &Node, of: &[(&'static str, T)]) -> Option<T> {
        let text = self.faults.text(FILE, node)?;
        let found = of.iter().find(|(name, _)| *name == text).map(|(_, it)| *it);
        if found.is_none() {
            let known: Vec<&str> = of.iter().map(|(name, _)| *name).collect();
            let help = Some(format!("it is one of {}", known.join(", ")));
            let place = Place { file: FILE, span: node.span };
            self.faults.note(&place, "P101", format!("`{text}` means nothing here"), help);
        }
        found
    }
}
