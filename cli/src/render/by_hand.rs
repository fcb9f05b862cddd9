//! What a person types to get what a step would have asked for. Only what reads.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value as Json;
use triagem_engine::playbook::{Origin, Param, Playbook, Step};
use triagem_engine::value::Type;
use triagem_engine::words::Words;
use triagem_engine::words::argument::is_plain;

/// Where components are that are looked for by label in all namespaces.
const SYSTEM: &str = "kube-system";

/// A command to type, and why something that was read is a blank in it.
pub(super) struct ByHand {
    /// For a POSIX shell.
    pub(super) command: String,
    /// One sentence for each such blank.
    pub(super) notes: Vec<String>,
}

/// The command of a step, with blanks for what is not known; `None` where there is none that only
/// reads.
pub(super) fn command(
    words: &Words,
    playbook: &Playbook,
    step: &Step,
    known: &BTreeMap<String, Json>,
) -> Option<ByHand> {
    let of = Asked { words, playbook, step, known, notes: RefCell::default() };
    let argv = match step.uses.as_str() {
        "kubernetes.get" => of.get(),
        "kubernetes.list" => of.list()?,
        "kubernetes.events" => {
            let (_, namespace, name) = of.object("about");
            line(&["kubectl", "-n", &namespace, "describe", "pod", &name])
        }
        "kubernetes.logs" => of.logs(),
        "azure.get" => line(&["az", "resource", "show", "--ids", &of.text("id")?]),
        "azure.find" => line(&[
            "az",
            "resource",
            "list",
            "--resource-type",
            &of.text("type")?,
            "--name",
            &of.text("name")?,
        ]),
        "azure.list" => of.azure()?,
        _ => return None,
    };
    Some(ByHand { command: words.command(&argv), notes: of.notes.take() })
}

/// The command that prints an object's events whole, for what a table tells of it: kind, namespace and name.
pub(super) fn describe(words: &Words, names: &BTreeMap<String, String>) -> String {
    let part =
        |key: &str| names.get(key).map(String::as_str).filter(|it| is_plain(Type::K8sName, it));
    let kind = names.get("kind").map_or_else(|| "pod".to_owned(), |it| it.to_lowercase());
    let kind = if is_plain(Type::K8sName, &kind) { kind } else { "pod".to_owned() };
    let namespace = part("namespace").unwrap_or_else(|| words.get("blank.namespace"));
    let name = part("name").unwrap_or_else(|| words.get("blank.pod"));
    words.command(&line(&["kubectl", "-n", namespace, "describe", &kind, name]))
}

fn line(words: &[&str]) -> Vec<String> {
    words.iter().map(|it| (*it).to_owned()).collect()
}

struct Asked<'a> {
    words: &'a Words,
    playbook: &'a Playbook,
    step: &'a Step,
    known: &'a BTreeMap<String, Json>,
    notes: RefCell<Vec<String>>,
}

impl Asked<'_> {
    /// A parameter as it is known, or a blank; `None` where the step has none of that name.
    fn text(&self, name: &str) -> Option<String> {
        let param = self.step.with.get(name)?;
        let plain = |json: &Json| match json {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        match param {
            Param::Literal(value) => Some(plain(value)),
            Param::Ref(fact) => {
                let kind = self.playbook.facts.get(fact).map_or(Type::String, |it| it.kind);
                let blank = self.words.blank(self.playbook, fact);
                Some(self.filled(kind, self.known.get(name).map(plain), blank))
            }
            Param::List(_) => {
                self.known.get(name).map(plain).filter(|it| is_plain(Type::String, it))
            }
        }
    }

    /// A value that may stand in a command, or else a blank.
    fn filled(&self, kind: Type, value: Option<String>, blank: String) -> String {
        match value {
            Some(value) if is_plain(kind, &value) => value,
            Some(value) if !value.is_empty() => {
                self.notes.borrow_mut().push(self.words.refused(&blank, &value));
                blank
            }
            Some(_) | None => blank,
        }
    }

    /// Kind, namespace and name of an object; blanks for what is not known.
    fn object(&self, name: &str) -> (String, String, String) {
        let known = self.known.get(name);
        let part = |key: &str, blank: &str| {
            let value = known.and_then(|it| it[key].as_str()).map(str::to_owned);
            self.filled(Type::K8sName, value, self.words.get(blank).to_owned())
        };
        let kind = known
            .and_then(|it| it["kind"].as_str())
            .map(str::to_lowercase)
            .filter(|it| is_plain(Type::K8sName, it))
            .unwrap_or_else(|| "pod".to_owned());
        (kind, part("namespace", "blank.namespace"), part("name", "blank.pod"))
    }

    fn get(&self) -> Vec<String> {
        let yaml = ["-o", "yaml"];
        if self.step.with.contains_key("ref") {
            let (kind, namespace, name) = self.object("ref");
            let mut argv = line(&["kubectl", "-n", &namespace, "get", &kind, &name]);
            argv.extend(line(&yaml));
            return argv;
        }
        let mut argv = line(&["kubectl"]);
        if let Some(namespace) = self.text("namespace") {
            argv.extend(["-n".to_owned(), namespace]);
        }
        argv.push("get".to_owned());
        argv.extend(self.text("kind").map(|it| it.to_lowercase()));
        argv.extend(self.text("name"));
        argv.extend(line(&yaml));
        argv
    }

    fn list(&self) -> Option<Vec<String>> {
        let mut argv = line(&["kubectl", "get", &self.text("kind")?.to_lowercase()]);
        match self.text("namespace") {
            Some(namespace) => argv.extend(["-n".to_owned(), namespace]),
            None => argv.push("-A".to_owned()),
        }
        for (name, option) in [("selector", "-l"), ("fields", "--field-selector")] {
            if let Some(value) = self.text(name) {
                argv.extend([option.to_owned(), value]);
            }
        }
        if let Some(node) = self.text("node") {
            argv.extend(["--field-selector".to_owned(), format!("spec.nodeName={node}")]);
        }
        argv.extend(line(&["-o", "yaml"]));
        Some(argv)
    }

    /// The log of one pod, or of all that the step which finds them would select.
    fn logs(&self) -> Vec<String> {
        let selector = self.selector();
        let mut argv = match (self.known.contains_key("pods"), selector) {
            (false, Some(selector)) => {
                line(&["kubectl", "-n", SYSTEM, "logs", "-l", &selector, "--tail=-1"])
            }
            _ => {
                let (_, namespace, name) = self.object("pods");
                line(&["kubectl", "-n", &namespace, "logs", &name])
            }
        };
        if let Some(container) = self.text("container") {
            argv.extend(["-c".to_owned(), container]);
        }
        argv.extend(self.text("since").map(|it| format!("--since={it}")));
        if self.text("previous").is_some_and(|it| it == "true") {
            argv.push("--previous".to_owned());
        }
        argv
    }

    /// The label selector of the step that finds the pods.
    fn selector(&self) -> Option<String> {
        let Param::Ref(fact) = self.step.with.get("pods")? else { return None };
        let Origin::Path { step, .. } = &self.playbook.facts.get(fact)?.from else { return None };
        let step = self.playbook.steps.iter().find(|it| it.id == *step)?;
        match step.with.get("selector")? {
            Param::Literal(selector) => selector.as_str().map(str::to_owned),
            Param::Ref(_) | Param::List(_) => None,
        }
    }

    fn azure(&self) -> Option<Vec<String>> {
        let kind = self.text("type")?;
        if let Some(scope) = self.text("scope") {
            if kind.eq_ignore_ascii_case("Microsoft.Authorization/roleAssignments") {
                return Some(line(&["az", "role", "assignment", "list", "--scope", &scope]));
            }
            return None;
        }
        Some(line(&["az", "resource", "list", "--resource-type", &kind]))
    }
}
