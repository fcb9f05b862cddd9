//! What stands in `playbook.yaml` beside facts and signs: tables that causes show, tests by hand, and tools.

use std::collections::BTreeMap;

use super::super::{Compare, Id, Probe, Row, Tool, keys, template};
use super::{At, Checker, Place};
use crate::yaml::{Kind, Node};

impl Checker<'_> {
    /// Tables, tests and tools; the causes that a test tells of are known by now.
    pub(super) fn tables(&mut self, at: At<'_>, keys: &BTreeMap<&'static str, &Node>) {
        if let Some(node) = keys.get("compares") {
            for (name, _, value) in self.faults.entries(at.file, node) {
                if let Some(compare) = self.compare(at, &name, value) {
                    self.playbook.compares.insert(name, compare);
                }
            }
        }
        for node in self.faults.list(at.file, keys.get("probes")) {
            let probe = self.probe(at, node);
            self.playbook.probes.extend(probe);
        }
        for node in self.faults.list(at.file, keys.get("tools")) {
            let keys = self.faults.keys(at.file, node, keys::TOOL);
            let begins = self.faults.texts(at.file, keys.get("begins"));
            let unless = keys.get("unless").and_then(|it| self.name(at, it, "sign"));
            self.playbook.tools.extend(unless.map(|unless| Tool { begins, unless }));
        }
    }

    fn compare(&mut self, at: At<'_>, name: &str, node: &Node) -> Option<Compare> {
        let keys = self.faults.keys(at.file, node, keys::COMPARE);
        let title = keys.get("title").and_then(|it| self.faults.text(at.file, it))?;
        let mut rows = Vec::new();
        for node in self.faults.list(at.file, keys.get("rows")) {
            let keys = self.faults.keys(at.file, node, keys::ROW);
            let label = keys.get("label").and_then(|it| self.faults.text(at.file, it));
            let facts = self.names_of(at, keys.get("facts"), "fact");
            let signs = self.names_of(at, keys.get("signs"), "sign");
            if facts.is_empty() && signs.is_empty() {
                let help = "name the `facts` that it shows, or the `signs` of which it tells one";
                let message = "a row shows facts or signs".to_owned();
                self.advise(at, node, "P004", message, help.to_owned());
            }
            let same_when = keys.get("same-when").and_then(|it| self.name(at, it, "sign"));
            let differs_when = keys.get("differs-when").and_then(|it| self.name(at, it, "sign"));
            rows.extend(label.map(|label| Row { label, facts, signs, same_when, differs_when }));
        }
        Some(Compare { name: name.to_owned(), title, rows })
    }

    fn probe(&mut self, at: At<'_>, node: &Node) -> Option<Probe> {
        let keys = self.faults.keys(at.file, node, keys::PROBE);
        let id = self.faults.text(at.file, keys.get("id")?)?;
        let mut splits = Vec::new();
        for part in self.faults.list(at.file, keys.get("splits")) {
            splits.push(self.names_of(at, Some(&part), "cause"));
        }
        let step = self.step_of(at, &keys)?;
        Some(Probe { id, step, splits })
    }

    /// What the tables and tests that a cause shows speak of is of the cause, too.
    pub(super) fn spoken_beside(&mut self, at: At<'_>, keys: &BTreeMap<&'static str, &Node>) {
        let mut of_probes: BTreeMap<String, BTreeMap<String, Id>> = BTreeMap::new();
        for node in self.faults.list(at.file, keys.get("probes")) {
            let Kind::Mapping(entries) = &node.kind else { continue };
            let find = |name: &str| {
                let found = entries.iter().find(|(key, _)| key.text() == Some(name));
                found.and_then(|(_, value)| Some((value, value.text()?)))
            };
            let Some((_, id)) = find("id") else { continue };
            let spoken = find("do").map(|(node, text)| self.spoken(at, node, text));
            of_probes.insert(id.to_owned(), spoken.unwrap_or_default());
        }
        let playbook = &mut self.playbook;
        for cause in &mut playbook.causes {
            let of = cause.compares.iter().filter_map(|it| playbook.compares.get(it));
            for fact in of.flat_map(|it| &it.rows).flat_map(|it| &it.facts) {
                cause.speaks_of.insert(fact.clone(), fact.clone());
            }
            for probe in playbook.probes.iter().filter(|it| it.tells_of(&cause.id)) {
                for argument in probe.step.run.iter().flatten() {
                    super::causes::speaks(argument, &mut cause.speaks_of);
                }
                cause.speaks_of.extend(of_probes.get(&probe.id).cloned().unwrap_or_default());
            }
        }
    }

    /// The variables of a message: each must be a fact, and known where it stands bare.
    pub(super) fn spoken(&mut self, at: At<'_>, node: &Node, text: &str) -> BTreeMap<String, Id> {
        let mut found = BTreeMap::new();
        let variables = match template::variables(text) {
            Ok(variables) => variables,
            Err(problem) => {
                let help = "a text may hold {{name}}, {{#known name}}…{{/known}}, {{#each name}}…{{/each}}, \
                            {{list name}}, {{code name}}, {{plural name}}, {{date name}}, {{bytes name}}";
                self.advise(at, node, "P401", problem, help.to_owned());
                return found;
            }
        };
        for variable in variables {
            let Some(fact) = self.resolve(at, node.span, &variable.name, "fact") else { continue };
            if !variable.guarded {
                let message = format!("`{}` may be unknown here", variable.name);
                let help =
                    format!("write {{{{#known {0}}}}}…{{{{/known}}}} around it", variable.name);
                let place = Place { file: at.file, span: node.span };
                self.faults.note(&place, "P402", message, Some(help));
            }
            found.insert(variable.name, fact);
        }
        found
    }
}
