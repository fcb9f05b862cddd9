//! `triagem access`: the smallest roles that everything a playbook asks works with. They follow from its steps.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde_json::{Value as Json, json};
use triagem_engine::playbook::{Effect, Origin, Param, Playbook, Step};

use triagem_engine::system::Permission;
use triagem_engine::words::Words;

use crate::args::{Access, Which};
use crate::collect::kubernetes::kinds::{Resource, guessed_plural};
use crate::collect::kubernetes::outline::kind_of;
use crate::exit::{Failure, HEALTHY, Message};
use crate::load;
use crate::render::screen::Plain;
use crate::systems::{source, systems};

/// What finds the pods of whatever a person points at: group, resources and verbs.
const TARGETS: &[(&str, &[&str], &[&str])] = &[
    ("", &["pods"], &["get", "list"]),
    ("", &["events"], &["list"]),
    ("apps", &["daemonsets", "deployments", "replicasets", "statefulsets"], &["get"]),
    ("batch", &["jobs"], &["get"]),
];

pub(crate) fn run(args: &Access, words: &Words) -> Result<u8, Failure> {
    let which = Which { playbook: None, playbooks: args.playbooks.clone() };
    let mut playbooks = load::for_run(&which, words.locale())?;
    if let Some(id) = args.ids.iter().find(|id| playbooks.iter().all(|it| it.id != **id)) {
        let known: Vec<&str> = playbooks.iter().map(|it| it.id.as_str()).collect();
        let values = [("id", id.as_str()), ("ids", &*known.join(", "))];
        return Err(Failure::Usage(Message::said("error.no-playbook", &values)));
    }
    playbooks.retain(|it| args.all || args.ids.contains(&it.id));
    let name = match playbooks.as_slice() {
        [only] => format!("triagem-{}", only.id),
        _ => "triagem".to_owned(),
    };
    let mut needs = Needs::default();
    for (group, resources, verbs) in TARGETS.iter().filter(|_| !args.only_pods) {
        for (resource, verb) in
            resources.iter().flat_map(|it| verbs.iter().map(move |verb| (it, verb)))
        {
            needs.need(Place::Pods, group, resource, verb);
        }
    }
    for playbook in &playbooks {
        for step in playbook.steps.iter().filter(|it| it.effect == Effect::Reads) {
            needs.add(playbook, step);
        }
    }
    let mut out = Plain(io::stdout().lock());
    for document in needs.documents(args, &name) {
        let text = serde_yaml::to_string(&document).map_err(io::Error::other)?;
        write!(out, "---\n{text}")?;
    }
    for (system, actions) in &needs.roles {
        let system = systems().all().iter().find(|it| it.id == *system);
        let Some(role) = system.and_then(|it| it.role.as_ref()) else { continue };
        let document = granting(&role.document, &name.replacen('-', " ", 1), actions);
        let text = serde_json::to_string_pretty(&document).map_err(io::Error::other)?;
        writeln!(out, "---\n# {}", words.get(&role.says))?;
        writeln!(out, "#   {}", role.create)?;
        for line in text.lines() {
            writeln!(out, "# {line}")?;
        }
    }
    needs.unclear.sort();
    needs.unclear.dedup();
    for step in &needs.unclear {
        writeln!(out, "# {}", words.say("access.unclear", &[("step", step)]))?;
    }
    Ok(HEALTHY)
}

/// Where a permission is needed.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Place {
    /// In the whole cluster.
    Cluster,
    /// In the namespace of the pods that are diagnosed.
    Pods,
    /// In the namespace of the components whose logs are read.
    Components,
}

/// What the steps need.
#[derive(Debug, Default)]
struct Needs {
    /// Place, API group, resource → verbs.
    kubernetes: BTreeMap<(Place, String, String), BTreeSet<String>>,
    /// System → actions of its role.
    roles: BTreeMap<String, BTreeSet<String>>,
    unclear: Vec<String>,
}

impl Needs {
    fn add(&mut self, playbook: &Playbook, step: &Step) {
        let kind = || match (step.with.get("kind"), step.with.get("ref")) {
            (Some(Param::Literal(Json::String(kind))), _) => Some(kind.clone()),
            (_, Some(Param::Ref(fact))) => kind_of(playbook, fact),
            _ => None,
        };
        let resource = || {
            let kind = kind()?;
            let group = match step.with.get("group") {
                Some(Param::Literal(Json::String(group))) => Some(group.clone()),
                _ => None,
            };
            Resource::known(&kind).or_else(|| {
                Some(Resource {
                    group: group?,
                    version: String::new(),
                    plural: guessed_plural(&kind),
                    kind,
                    namespaced: true,
                })
            })
        };
        let place = |resource: &Resource| {
            let all = step.with.contains_key("namespaces");
            if resource.namespaced && !all { Place::Pods } else { Place::Cluster }
        };
        let Some(source) = source(&step.uses) else { return };
        match &source.permission {
            Permission::Nothing => {}
            Permission::Kind(verb) => {
                let Some(resource) = resource() else { return self.unclear.push(step.id.clone()) };
                self.need(place(&resource), &resource.group, &resource.plural, verb);
            }
            Permission::Resource { verb, resource, of_components } => {
                let place = if *of_components { Place::Components } else { Place::Pods };
                self.need(place, "", resource, verb);
            }
            Permission::Role(action) => {
                let lookup = |name: &str, _: Option<&str>| match name {
                    "type" => resource_type(playbook, step),
                    _ => None,
                };
                let system = systems().of(source).map(|it| it.id.clone());
                match action.fill(&lookup).zip(system) {
                    Some((action, system)) => {
                        self.roles.entry(system).or_default().insert(action);
                    }
                    None => self.unclear.push(step.id.clone()),
                }
            }
        }
    }

    fn need(&mut self, place: Place, group: &str, resource: &str, verb: &str) {
        self.kubernetes
            .entry((place, group.to_owned(), resource.to_owned()))
            .or_default()
            .insert(verb.to_owned());
    }

    /// One role a place; in the pods' namespace also what finds the pods of a workload or a selector.
    fn documents(&self, args: &Access, named: &str) -> Vec<Json> {
        let pods = if args.namespace.is_some() { Place::Pods } else { Place::Cluster };
        let mut by_place: BTreeMap<Place, BTreeMap<(String, Vec<&str>), Vec<String>>> =
            BTreeMap::new();
        let mut merged: BTreeMap<(Place, String, String), BTreeSet<&str>> = BTreeMap::new();
        for ((place, group, resource), verbs) in &self.kubernetes {
            let place = if *place == Place::Pods { pods } else { *place };
            merged
                .entry((place, group.clone(), resource.clone()))
                .or_default()
                .extend(verbs.iter().map(String::as_str));
        }
        for ((place, group, resource), verbs) in merged {
            let verbs: Vec<&str> = verbs.into_iter().collect();
            by_place.entry(place).or_default().entry((group, verbs)).or_default().push(resource);
        }
        let mut documents = Vec::new();
        for (place, rules) in by_place {
            let rules: Vec<Json> = rules
                .into_iter()
                .map(|((group, verbs), resources)| json!({"apiGroups": [group], "resources": resources, "verbs": verbs}))
                .collect();
            let namespace = match place {
                Place::Cluster => None,
                Place::Pods => args.namespace.clone(),
                Place::Components => Some(args.components.clone()),
            };
            let kind = if namespace.is_some() { "Role" } else { "ClusterRole" };
            let name = match place {
                Place::Components => format!("{named}-logs"),
                Place::Cluster | Place::Pods => named.to_owned(),
            };
            let mut metadata = json!({"name": name});
            if let Some(namespace) = &namespace {
                metadata["namespace"] = namespace.clone().into();
            }
            documents.push(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata, "rules": rules}));
            if let Some(subject) = &args.bind {
                documents.push(json!({
                    "apiVersion": "rbac.authorization.k8s.io/v1",
                    "kind": format!("{kind}Binding"),
                    "metadata": metadata,
                    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
                    "subjects": [bound(subject)],
                }));
            }
        }
        documents
    }
}

/// A role's document, with its name and what it permits in their places.
fn granting(document: &Json, name: &str, actions: &BTreeSet<String>) -> Json {
    match document {
        Json::String(text) if text == "{permissions}" => json!(actions),
        Json::String(text) => text.replace("{name}", name).into(),
        Json::Array(items) => items.iter().map(|it| granting(it, name, actions)).collect(),
        Json::Object(entries) => Json::Object(
            entries.iter().map(|(key, it)| (key.clone(), granting(it, name, actions))).collect(),
        ),
        other => other.clone(),
    }
}

fn bound(subject: &str) -> Json {
    match subject.split_once(':') {
        Some((namespace, name)) if !namespace.is_empty() && !subject.starts_with("system:") => {
            json!({"kind": "ServiceAccount", "namespace": namespace, "name": name})
        }
        _ if subject.starts_with("system:") && !subject.starts_with("system:serviceaccount:") => {
            json!({"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": subject})
        }
        _ => json!({"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": subject}),
    }
}

/// The type of resource a step reads: as it says, or as the list says that its id comes from.
fn resource_type(playbook: &Playbook, step: &Step) -> Option<String> {
    if let Some(Param::Literal(Json::String(kind))) = step.with.get("type") {
        return Some(kind.clone());
    }
    let Some(Param::Ref(fact)) = step.with.get("id") else { return None };
    let mut fact = fact.clone();
    for _ in 0..16 {
        match &playbook.facts.get(&fact)?.from {
            Origin::Input { or_from: Some(from) } => fact.clone_from(from),
            Origin::Path { step, .. } => {
                return resource_type(playbook, playbook.steps.iter().find(|it| it.id == *step)?);
            }
            _ => return None,
        }
    }
    None
}
