//! Steps: whether their source exists, is given what it needs, and can be asked at all.

use std::collections::{BTreeMap, BTreeSet};

use super::{At, Checker, qualified};
use crate::evidence::Request;
use crate::playbook::{Effect, Input, Param, Step, keys};
use crate::reader::{Place, nearest};
use crate::system::{Door, Source};
use crate::yaml::{Kind, Node};

impl Checker<'_> {
    pub(super) fn step(&mut self, at: At<'_>, node: &Node) -> Option<Step> {
        let keys = self.faults.keys(at.file, node, keys::STEP);
        let name = keys.get("id")?.text()?.to_owned();
        let uses = keys.get("uses")?.text()?.to_owned();
        let source = self.vocabulary.iter().find(|it| it.name == uses);
        if source.is_none() {
            let help = nearest(&uses, self.vocabulary.iter().map(|it| it.name.as_str()));
            if let Some(node) = keys.get("uses") {
                self.faults.note(
                    &Place { file: at.file, span: node.span },
                    "P203",
                    format!("unknown source `{uses}`"),
                    help,
                );
            }
        }
        let mut with = BTreeMap::new();
        let mut written = BTreeSet::new();
        if let Some(node) = keys.get("with") {
            for (name, span, value) in self.faults.entries(at.file, node) {
                if let Some(source) =
                    source.filter(|it| it.params.iter().all(|param| param.name != name))
                {
                    let help = nearest(&name, source.params.iter().map(|it| it.name.as_str()));
                    self.faults.note(
                        &Place { file: at.file, span },
                        "P203",
                        format!("`{uses}` has no parameter `{name}`"),
                        help,
                    );
                }
                written.insert(name.clone());
                let never = source
                    .and_then(|it| it.params.iter().find(|param| param.name == name))
                    .zip(value.text())
                    .filter(|(param, text)| {
                        param.never.iter().any(|it| it.eq_ignore_ascii_case(text.trim()))
                    });
                if let Some((param, text)) = never {
                    let message =
                        format!("`{uses}` is never asked for the {} `{text}`", param.name);
                    self.faults.note(&Place { file: at.file, span }, "P504", message, None);
                }
                let reaches = source.and_then(|it| it.param(&name)).is_some_and(|it| it.reaches);
                if reaches {
                    self.comes_from_a_person(at, value, &name);
                }
                if let Some(param) = self.param(at, value) {
                    with.insert(name, param);
                }
            }
        }
        for param in source
            .iter()
            .flat_map(|it| &it.params)
            .filter(|it| it.required && !written.contains(&it.name))
        {
            let node = keys.get("with").copied().unwrap_or(node);
            let message = format!("`{uses}` needs the parameter `{}`", param.name);
            let help = (!param.summary.is_empty())
                .then(|| format!("`{}` is: {}", param.name, param.summary));
            self.advise(at, node, "P203", message, help);
        }
        if let Some(source) = source {
            self.asks_something(at, keys.get("with").copied().unwrap_or(node), source, &with);
        }
        for (name, format) in source.iter().flat_map(|it| &it.formats) {
            if self.formats.insert(name.clone()) {
                self.playbook.formats.push(format.clone());
            }
        }
        let effect = self.effect(at, &keys, source);
        Some(Step {
            id: qualified(at.cause, &name),
            says: keys.get("says").and_then(|it| it.text()).unwrap_or_default().to_owned(),
            uses,
            with,
            looks_like: self.faults.texts(at.file, keys.get("looks-like")),
            effect,
            asks: keys.get("asks").and_then(|it| it.text()).map(str::to_owned),
        })
    }

    /// Where to connect is a person's to say: evidence that names a host would be handed what is kept for another.
    fn comes_from_a_person(&mut self, at: At<'_>, node: &Node, name: &str) {
        let asked = |it: &Input| format!("${}", it.name) == node.text().unwrap_or_default();
        let input = self.playbook.inputs.iter().find(|it| asked(it));
        if !input.is_some_and(|it| it.or_from.is_none()) {
            let message = format!("`{name}` says where to connect: only a person may say that");
            let help = "name an input that has no `or-from`".to_owned();
            self.advise(at, node, "P505", message, help);
        }
    }

    /// A program that answers needs to be told what to do, whatever the facts turn out to be.
    fn asks_something(
        &mut self,
        at: At<'_>,
        node: &Node,
        source: &'static Source,
        with: &BTreeMap<String, Param>,
    ) {
        let Door::Command(command) = &source.door else { return };
        let shown = |param: &Param| match param {
            Param::Literal(value) => value.to_string(),
            Param::Ref(id) => serde_json::Value::from(format!("<{id}>")).to_string(),
            Param::List(_) => "\"<several>\"".to_owned(),
        };
        let params = with.iter().map(|(name, param)| (name.clone(), shown(param))).collect();
        let request = Request { source: source.name.clone(), params };
        let missing = source.params.iter().any(|it| it.required && !with.contains_key(&it.name));
        let Some(why) = command.nothing_asked(source, &request).filter(|_| !missing) else {
            return;
        };
        let message = format!("`{}` cannot be asked like this: {why}", source.name);
        let help = Some(command.otherwise().to_owned()).filter(|it| !it.is_empty());
        self.advise(at, node, "P203", message, help);
    }

    /// What a step does to the world: what its source does.
    fn effect(
        &mut self,
        at: At<'_>,
        keys: &BTreeMap<&'static str, &Node>,
        source: Option<&Source>,
    ) -> Effect {
        let written = keys.get("effect").and_then(|it| it.text()).unwrap_or("reads");
        let known = Effect::ALL.iter().find(|(name, _)| *name == written).map(|(_, it)| *it);
        let node = keys.get("effect").or_else(|| keys.get("uses")).copied();
        match (known, source, node) {
            (Some(effect), Some(source), Some(node)) if effect != source.effect => {
                let name = source.effect.name();
                let message = format!(
                    "`{}` has the effect `{name}`, and this step says `{written}`",
                    source.name
                );
                self.advise(at, node, "P501", message, format!("write `effect: {name}`"));
            }
            (None, _, Some(node)) => {
                let help = nearest(written, Effect::ALL.iter().map(|(name, _)| *name));
                self.advise(at, node, "P501", format!("unknown effect `{written}`"), help);
            }
            _ => {}
        }
        known.unwrap_or_default()
    }

    fn param(&mut self, at: At<'_>, node: &Node) -> Option<Param> {
        match &node.kind {
            Kind::Scalar { text, .. } if text.starts_with('$') => {
                self.name(at, node, "fact").map(Param::Ref)
            }
            Kind::Scalar { .. } | Kind::Mapping(_) => Some(Param::Literal(node.to_json())),
            Kind::Sequence(items) => {
                Some(Param::List(items.iter().filter_map(|it| self.param(at, it)).collect()))
            }
        }
    }
}
