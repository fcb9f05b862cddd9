//! What a person types to get what a step would have asked for. Only what reads.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use triagem_engine::playbook::{Origin, Param, Playbook, Step};
use triagem_engine::words::{Words, shell};

/// Where components are that are looked for by label in all namespaces.
const SYSTEM: &str = "kube-system";

/// The command of a step, with blanks for what is not known; `None` where there is none that only
/// reads.
pub(super) fn command(
    words: &Words,
    playbook: &Playbook,
    step: &Step,
    known: &BTreeMap<String, Json>,
) -> Option<String> {
    let of = Asked { words, playbook, step, known };
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
    Some(argv.iter().map(|it| shell::quote(it)).collect::<Vec<_>>().join(" "))
}

fn line(words: &[&str]) -> Vec<String> {
    words.iter().map(|it| (*it).to_owned()).collect()
}

struct Asked<'a> {
    words: &'a Words,
    playbook: &'a Playbook,
    step: &'a Step,
    known: &'a BTreeMap<String, Json>,
}

impl Asked<'_> {
    /// A parameter as it is known, or a blank; `None` where the step has none of that name.
    fn text(&self, name: &str) -> Option<String> {
        let param = self.step.with.get(name)?;
        let plain = |json: &Json| match json {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        // A value that looks like an option would be taken for one.
        if let Some(value) = self.known.get(name).map(plain).filter(|it| !it.starts_with('-')) {
            return Some(value);
        }
        match param {
            Param::Literal(value) => Some(plain(value)),
            Param::Ref(fact) => Some(self.words.blank(self.playbook, fact)),
            Param::List(_) => None,
        }
    }

    /// Kind, namespace and name of an object; blanks for what is not known.
    fn object(&self, name: &str) -> (String, String, String) {
        let known = self.known.get(name);
        let part = |key: &str, blank: &str| {
            known
                .and_then(|it| it[key].as_str())
                .filter(|it| !it.is_empty() && !it.starts_with('-'))
                .map_or_else(|| self.words.get(blank).to_owned(), str::to_owned)
        };
        let kind = known.and_then(|it| it["kind"].as_str()).unwrap_or("pod").to_lowercase();
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
