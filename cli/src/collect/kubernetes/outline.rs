//! What a question would ask the API server, for people: nothing is sent.

use serde_json::Value as Json;
use triagem_engine::evidence::{Gap, Request};
use triagem_engine::system::Verb;
use triagem_engine::value::ObjectRef;

use super::events::{EVENTS, fields_of, newer};
use super::kinds::{Resource, guessed_plural};
use super::logs::{ONE, seconds};
use super::paths::{AskedLog, For};
use super::target::Target;
use super::{object, text};

/// The requests that answer a question; what is not known yet stands in `<…>`. Or why it is not asked.
pub fn lines(verb: Verb, request: &Request) -> Result<Vec<String>, Gap> {
    let word = |name: &str| text(request, name).unwrap_or_default();
    let gets = |path: String| format!("GET {path}");
    Ok(match verb {
        Verb::Get => {
            let asked = object(request, "ref").unwrap_or_default();
            let or = |part: String, name: &str| if part.is_empty() { word(name) } else { part };
            let whole = word("ref");
            if !whole.is_empty() {
                // Of an object that is not known yet, not even the kind is.
                return Ok(vec![format!("GET /api/… {}", For::Reader.value(&whole))]);
            }
            let resource = resource(request, &or(asked.kind, "kind"))?;
            let (namespace, name) = (or(asked.namespace, "namespace"), or(asked.name, "name"));
            vec![gets(For::Reader.object(&resource, &namespace, &name)?)]
        }
        Verb::List => {
            let resource = resource(request, &word("kind"))?;
            let all = word("namespaces") == "all";
            let namespace = if all { String::new() } else { word("namespace") };
            let node = word("node");
            let on_node = (!node.is_empty()).then(|| format!("spec.nodeName={node}"));
            let fields: Vec<String> = Some(word("fields"))
                .filter(|it| !it.is_empty())
                .into_iter()
                .chain(on_node)
                .collect();
            let fields = (!fields.is_empty()).then(|| fields.join(","));
            let list = For::Reader.objects(&resource, &namespace)?;
            let selector = text(request, "selector");
            vec![gets(For::Reader.page(&list, selector.as_deref(), fields.as_deref(), None))]
        }
        Verb::Events => {
            let known = object(request, "about").filter(|it| !it.name.is_empty());
            let known = known.unwrap_or_else(|| ObjectRef {
                namespace: "<namespace>".to_owned(),
                ..ObjectRef::default()
            });
            // It was found before its events are asked for.
            let about = ObjectRef { uid: "<uid>".to_owned(), ..known };
            let of = |root: &str, fields: &str| {
                let list = For::Reader.events(root, &about.namespace)?;
                Ok(gets(For::Reader.page(&list, None, Some(fields), None)))
            };
            let fields = fields_of(&about);
            vec![of(EVENTS.0, &fields)?, of(EVENTS.1, &newer(&fields))?]
        }
        Verb::Logs => {
            let pods = word("pods");
            let known = object(request, "pods").filter(|it| !it.name.is_empty());
            let since = Some(word("since")).filter(|it| !it.is_empty());
            let asked = AskedLog {
                namespace: known.as_ref().map_or("<namespace>", |it| &it.namespace),
                pod: known.as_ref().map_or(&pods, |it| &it.name),
                container: &word("container"),
                since: since.map(|it| seconds(&it)).transpose()?,
                previous: request.params.get("previous").is_some_and(|it| it == "true"),
                limit: ONE,
            };
            vec![gets(For::Reader.log(&asked)?)]
        }
        Verb::Discover => vec!["GET /apis".to_owned()],
    })
}

/// What is asked before any playbook is: whether the cluster answers, for the pods in a namespace or in all of them, and
/// which versions it serves.
pub fn first(target: &Target, namespace: Option<&str>) -> Result<Vec<String>, Gap> {
    let place = namespace.unwrap_or_default();
    let known = |kind: &str| Resource::known(kind).ok_or(Gap::Unsupported);
    let one = |kind: &str, name: &str| {
        Ok::<String, Gap>(format!("GET {}", For::Reader.object(&known(kind)?, place, name)?))
    };
    let pods = |selector: Option<&str>| {
        let list = For::Reader.objects(&known("Pod")?, place)?;
        Ok::<String, Gap>(format!("GET {}", For::Reader.page(&list, selector, None, None)))
    };
    let mut all = vec!["GET /version".to_owned()];
    match target {
        Target::Pod(name) => all.push(one("Pod", name)?),
        Target::Workload(kind, name) => {
            all.push(one(kind, name)?);
            all.push(pods(Some("<labels>"))?);
        }
        Target::Labels(labels) => all.push(pods(Some(labels))?),
        Target::All => all.push(pods(None)?),
    }
    if !matches!(target, Target::Pod(_)) {
        let list = For::Reader.events(EVENTS.0, place)?;
        all.push(format!("GET {}", For::Reader.page(&list, None, Some("type=Warning"), None)));
    }
    all.push("GET /apis".to_owned());
    Ok(all)
}

/// Where a kind is served; of one that discovery has to tell, as far as it can be guessed.
fn resource(request: &Request, kind: &str) -> Result<Resource, Gap> {
    super::kinds::allowed(kind)?;
    Ok(Resource::known(kind).unwrap_or_else(|| Resource {
        group: text(request, "group").unwrap_or_else(|| "<group>".to_owned()),
        version: "<version>".to_owned(),
        plural: guessed_plural(kind),
        kind: kind.to_owned(),
        namespaced: true,
    }))
}

/// The kind of object a reference leads to, as a role needs to know it: what a person points at is a pod.
pub fn kind_of(playbook: &triagem_engine::playbook::Playbook, fact: &str) -> Option<String> {
    use triagem_engine::playbook::{Origin, Param};
    let mut fact = fact.to_owned();
    for _ in 0..16 {
        let step = match &playbook.facts.get(&fact)?.from {
            Origin::Input { .. } => return Some("Pod".to_owned()),
            Origin::Path { step, .. } => playbook.steps.iter().find(|it| it.id == *step)?,
            Origin::Text { .. }
            | Origin::Capture { .. }
            | Origin::Join(_)
            | Origin::Map { .. }
            | Origin::Nearest { .. }
            | Origin::Take { .. } => {
                return None;
            }
        };
        match (step.with.get("kind"), step.with.get("ref")) {
            (Some(Param::Literal(Json::String(kind))), _) => return Some(kind.clone()),
            (_, Some(Param::Ref(next))) => fact.clone_from(next),
            _ => return None,
        }
    }
    None
}
