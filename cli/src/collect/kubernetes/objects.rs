//! One object, and lists of objects: paged, and without what nobody reads.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use triagem_engine::evidence::recording::{Recorded, RecordedBody};
use triagem_engine::evidence::redact::redact_tree;
use triagem_engine::evidence::{Gap, Request};

use super::http::{Ask, JSON};
use super::kinds::Resource;
use super::paths::For;
use super::{Kubernetes, called, object, text};

/// Objects of one list.
const OBJECTS: usize = 100_000;
/// From how many questions for objects of one kind on, they are listed instead.
pub(super) const MANY: usize = 5;

/// Where objects are listed, and which.
#[derive(Clone, Debug)]
pub(super) struct Listing {
    pub(super) path: String,
    /// The kind of each object.
    pub(super) kind: String,
    pub(super) selector: Option<String>,
    pub(super) fields: Option<String>,
    pub(super) needs: String,
}

impl Kubernetes {
    /// `kubernetes.get`
    pub(super) async fn get(&self, request: &Request) -> Result<Recorded, Gap> {
        let asked = object(request, "ref").unwrap_or_default();
        let or = |part: String, name: &str| {
            if part.is_empty() { text(request, name).unwrap_or_default() } else { part }
        };
        let (kind, namespace, name) =
            (or(asked.kind, "kind"), or(asked.namespace, "namespace"), or(asked.name, "name"));
        let resource = self.resource(&kind, text(request, "group").as_deref()).await?;
        // A pod that this run has seen is not absent, as if it had never been: it is gone, and says nothing any more.
        let seen = resource.kind == "Pod" && self.recall(&namespace, &name).is_some();
        let absent = |gap: Gap| match gap {
            Gap::Absent if seen => {
                Gap::Failed(format!("{name} was there a moment ago, and is gone"))
            }
            gap => gap,
        };
        let found = match self.listed(&resource.kind, &namespace, &name) {
            Some(found) => found.map_err(absent)?,
            None => {
                let ask = Ask {
                    path: For::Server.object(&resource, &namespace, &name)?,
                    accept: JSON,
                    needs: needs("get", &resource, &namespace),
                    name: Some(name.clone()),
                };
                self.json(&ask).await.map_err(absent)?
            }
        };
        let is_it = found["metadata"]["name"] == name.as_str()
            && found["kind"].as_str().is_none_or(|it| it == resource.kind);
        if !is_it {
            return Err(something_else());
        }
        // Another object of the same name is not the one that was asked for.
        if !asked.uid.is_empty() && found["metadata"]["uid"] != asked.uid.as_str() {
            return Err(absent(Gap::Absent));
        }
        if resource.kind == "Pod" {
            self.remember(&found);
        }
        let origin = called(&resource.kind, &namespace, &name);
        Ok(tree(plain(found, &resource.kind), None, origin))
    }

    /// `kubernetes.list`
    pub(super) async fn list(&self, request: &Request) -> Result<Recorded, Gap> {
        let kind = text(request, "kind").unwrap_or_default();
        let resource = self.resource(&kind, text(request, "group").as_deref()).await?;
        let all = text(request, "namespaces").is_some_and(|it| it == "all");
        let namespace = text(request, "namespace").filter(|_| !all).unwrap_or_default();
        let on_node = text(request, "node").map(|node| format!("spec.nodeName={node}"));
        let fields: Vec<String> = text(request, "fields").into_iter().chain(on_node).collect();
        let listing = Listing {
            path: resource.path(Some(&namespace))?,
            kind: resource.kind.clone(),
            selector: text(request, "selector"),
            fields: (!fields.is_empty()).then(|| fields.join(",")),
            needs: needs("list", &resource, &namespace),
        };
        let mut items = Vec::new();
        let partial = self
            .pages(&listing, &mut |item| {
                if resource.kind == "Pod" {
                    self.remember(&item);
                }
                let item = plain(item, &resource.kind);
                items.push(self.projection.apply(&resource.kind, &item));
            })
            .await?;
        let place = if namespace.is_empty() { "all namespaces".to_owned() } else { namespace };
        let origin = format!("{} of {place}", resource.plural);
        Ok(tree(json!({"items": items}), partial, origin))
    }

    /// Every page of a list; what is missing of it, if something is.
    pub(super) async fn pages(
        &self,
        listing: &Listing,
        take: &mut (dyn FnMut(Json) + Send),
    ) -> Result<Option<Gap>, Gap> {
        let mut more = String::new();
        let (mut count, mut restarted, mut spoilt) = (0, false, None);
        let mut seen: BTreeSet<String> = BTreeSet::new();
        loop {
            let path = For::Server.page(
                &listing.path,
                listing.selector.as_deref(),
                listing.fields.as_deref(),
                Some(more.as_str()).filter(|it| !it.is_empty()),
            );
            let ask = Ask { path, accept: JSON, needs: listing.needs.clone(), name: None };
            let page = match self.page(&ask).await {
                Ok(page) => page,
                Err(refusal) if refusal.expired && !restarted => {
                    // The list is older than the server remembers: once more from its beginning.
                    restarted = true;
                    more.clear();
                    continue;
                }
                // What came so far is there all the same.
                Err(refusal) if count > 0 => return Ok(Some(refusal.gap)),
                Err(refusal) => return Err(refusal.gap),
            };
            let whole = is_list_of(&page, &listing.kind);
            let items = match page.get("items") {
                Some(Json::Array(items)) if whole => items.clone(),
                Some(Json::Null) if whole => Vec::new(),
                _ => return Err(something_else()),
            };
            for item in items {
                // What has no name is none of these objects: the list is not what it says.
                if !item["metadata"]["name"].is_string() {
                    spoilt = Some(something_else());
                    continue;
                }
                let uid = item["metadata"]["uid"].as_str().unwrap_or_default();
                if uid.is_empty() || seen.insert(uid.to_owned()) {
                    count += 1;
                    take(item);
                }
            }
            let about = &page["metadata"];
            match &about["continue"] {
                Json::String(next) if !next.is_empty() && count < OBJECTS => {
                    next.clone_into(&mut more);
                }
                Json::String(next) if !next.is_empty() => return Ok(Some(Gap::TooLarge)),
                Json::String(_) | Json::Null
                    if about["remainingItemCount"].as_u64().is_none_or(|it| it == 0) =>
                {
                    return Ok(spoilt);
                }
                // More is there, and it does not say where.
                _ => return Ok(Some(something_else())),
            }
        }
    }

    /// Lists what many questions of one batch ask for one by one.
    pub(super) async fn list_many(&self, wanted: &BTreeSet<Request>) {
        let mut groups: BTreeMap<(String, String), usize> = BTreeMap::new();
        for request in wanted.iter().filter(|it| super::asks(it, super::Verb::Get)) {
            let asked = object(request, "ref").unwrap_or_default();
            let part = |own: String, name: &str| {
                if own.is_empty() { text(request, name).unwrap_or_default() } else { own }
            };
            *groups
                .entry((part(asked.kind, "kind"), part(asked.namespace, "namespace")))
                .or_default() += 1;
        }
        for ((kind, namespace), _) in groups.into_iter().filter(|(_, count)| *count > MANY) {
            let Ok(resource) = self.resource(&kind, None).await else { continue };
            let Ok(path) = resource.path(Some(&namespace)) else { continue };
            let listing = Listing {
                path,
                kind: resource.kind.clone(),
                selector: None,
                fields: None,
                needs: needs("list", &resource, &namespace),
            };
            let mut found = BTreeMap::new();
            let read = self
                .pages(&listing, &mut |item| {
                    let name = item["metadata"]["name"].as_str().unwrap_or_default().to_owned();
                    found.insert(name, item);
                })
                .await;
            // Who may not list may still get; a list that is not whole says nothing of what it lacks.
            if matches!(read, Ok(None))
                && let Ok(mut lists) = self.lists.lock()
            {
                lists.insert((resource.kind.clone(), namespace), found);
            }
        }
    }

    fn listed(&self, kind: &str, namespace: &str, name: &str) -> Option<Result<Json, Gap>> {
        let lists = self.lists.lock().ok()?;
        let list = lists.get(&(kind.to_owned(), namespace.to_owned()))?;
        Some(list.get(name).cloned().ok_or(Gap::Absent))
    }
}

/// Whether a page is a list of objects of this kind. A custom resource may call its lists as it likes, but its items say their kind.
fn is_list_of(page: &Json, kind: &str) -> bool {
    let Some(own) = page["kind"].as_str().and_then(|it| it.strip_suffix("List")) else {
        return false;
    };
    let says = |it: &Json| it["kind"].as_str().map(|it| it == kind);
    let items = page["items"].as_array();
    if own == kind {
        return items.is_none_or(|all| all.iter().all(|it| says(it).unwrap_or(true)));
    }
    items.is_some_and(|all| !all.is_empty() && all.iter().all(|it| says(it) == Some(true)))
}

fn something_else() -> Gap {
    Gap::Failed("the API server answered with something else".to_owned())
}

/// What a refusal would need, as an administrator writes it.
pub(super) fn needs(verb: &str, resource: &Resource, namespace: &str) -> String {
    let place = if namespace.is_empty() || !resource.namespaced {
        String::new()
    } else {
        format!(" in namespace {namespace}")
    };
    format!("{verb} on {}{place}", resource.in_roles())
}

/// The object without what must not, or need not, become evidence. Items of a list do not say their kind.
fn plain(mut object: Json, kind: &str) -> Json {
    if object["kind"].is_null() {
        object["kind"] = kind.into();
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("managedFields");
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Json::as_object_mut) {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        }
    }
    redact_tree(&mut object);
    object
}

pub(super) fn tree(tree: Json, partial: Option<Gap>, origin: String) -> Recorded {
    Recorded { body: Ok(RecordedBody::Tree(tree)), partial, origin }
}
