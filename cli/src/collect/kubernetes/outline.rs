//! What a question would ask the API server, for people: nothing is sent.

use serde_json::Value as Json;
use triagem_engine::evidence::Request;

use super::http::{encode, segment};
use super::kinds::{Resource, guessed_plural};
use super::logs::{ONE, seconds};
use super::target::Target;
use super::{object, text};

/// The requests that answer a question; what is not known yet stands in `<…>`.
pub fn lines(request: &Request) -> Vec<String> {
    let word = |name: &str| text(request, name);
    match request.source.as_str() {
        "kubernetes.get" => {
            let whole = word("ref").filter(|it| it.starts_with('<'));
            let asked = object(request, "ref").unwrap_or_default();
            let or =
                |part: String, name: &str| if part.is_empty() { word(name) } else { Some(part) };
            let path = match whole {
                Some(placeholder) => format!("/api/… {placeholder}"),
                None => format!(
                    "{}/{}",
                    root(
                        request,
                        &or(asked.kind, "kind").unwrap_or_default(),
                        or(asked.namespace, "namespace").as_deref()
                    ),
                    or(asked.name, "name").unwrap_or_default()
                ),
            };
            vec![format!("GET {path}")]
        }
        "kubernetes.list" => {
            let all = word("namespaces").is_some();
            let namespace = word("namespace").filter(|_| !all);
            let mut path = format!(
                "{}?limit=500",
                root(request, &word("kind").unwrap_or_default(), namespace.as_deref())
            );
            if let Some(selector) = word("selector") {
                path = format!("{path}&labelSelector={selector}");
            }
            if let Some(node) = word("node") {
                path = format!("{path}&fieldSelector=spec.nodeName={node}");
            }
            vec![format!("GET {path}")]
        }
        "kubernetes.events" => {
            let about = object(request, "about").filter(|it| !it.name.is_empty());
            let namespace = about.map_or_else(|| "<namespace>".to_owned(), |it| it.namespace);
            let of = |api: &str, field: &str| {
                format!(
                    "GET {api}/namespaces/{namespace}/events?limit=500&fieldSelector={field}.uid=<uid>"
                )
            };
            vec![of("/api/v1", "involvedObject"), of("/apis/events.k8s.io/v1", "regarding")]
        }
        "kubernetes.logs" => {
            let mut path = format!(
                "/api/v1/namespaces/<namespace>/pods/{}/log?timestamps=true&limitBytes={ONE}",
                word("pods").unwrap_or_default()
            );
            if let Some(container) = word("container") {
                path = format!("{path}&container={container}");
            }
            if let Some(since) = word("since") {
                let seconds = seconds(&since).map_or(since, |it| it.to_string());
                path = format!("{path}&sinceSeconds={seconds}");
            }
            if request.params.get("previous").is_some_and(|it| it == "true") {
                path.push_str("&previous=true");
            }
            vec![format!("GET {path}")]
        }
        "kubernetes.discover" => vec!["GET /apis".to_owned()],
        _ => Vec::new(),
    }
}

/// What is asked before any playbook is: whether the cluster answers, for the pods in a namespace or in all of them, and
/// which versions it serves.
pub fn first(target: &Target, namespace: Option<&str>) -> Vec<String> {
    let of = |kind: &str, name: Option<&str>| {
        let path = Resource::known(kind).and_then(|it| it.path(namespace).ok()).unwrap_or_default();
        match name.map(segment) {
            Some(name) => format!("GET {path}/{}", name.unwrap_or_default()),
            None => format!("GET {path}?limit=500"),
        }
    };
    let mut all = vec!["GET /version".to_owned()];
    match target {
        Target::Pod(name) => all.push(of("Pod", Some(name))),
        Target::Workload(kind, name) => {
            all.push(of(kind, Some(name)));
            all.push(format!("{}&labelSelector=<labels>", of("Pod", None)));
        }
        Target::Labels(labels) => {
            all.push(format!("{}&labelSelector={}", of("Pod", None), encode(labels)));
        }
        Target::All => all.push(of("Pod", None)),
    }
    if !matches!(target, Target::Pod(_)) {
        all.push(format!("{}&fieldSelector=type%3DWarning", of("Event", None)));
    }
    all.push("GET /apis".to_owned());
    all
}

fn root(request: &Request, kind: &str, namespace: Option<&str>) -> String {
    let resource = Resource::known(kind).unwrap_or_else(|| Resource {
        group: text(request, "group").unwrap_or_else(|| "<group>".to_owned()),
        version: "<version>".to_owned(),
        plural: guessed_plural(kind),
        kind: kind.to_owned(),
        namespaced: true,
    });
    let base = if resource.group.is_empty() {
        format!("/api/{}", resource.version)
    } else {
        format!("/apis/{}/{}", resource.group, resource.version)
    };
    match namespace.filter(|_| resource.namespaced) {
        Some(namespace) => format!("{base}/namespaces/{namespace}/{}", resource.plural),
        None => format!("{base}/{}", resource.plural),
    }
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
