//! The events about one object, and whether these are all there ever were.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use triagem_engine::evidence::recording::{Recorded, RecordedBody};
use triagem_engine::evidence::redact::redact_tree;
use triagem_engine::evidence::{Gap, Request};
use triagem_engine::text::parse_rfc3339;
use triagem_engine::value::ObjectRef;

use super::objects::{Listing, MANY};
use super::paths::For;
use super::{Kubernetes, called, object};

/// The two names under which the same events are served.
pub(super) const EVENTS: (&str, &str) = ("/api/v1", "/apis/events.k8s.io/v1");
/// API servers keep events for an hour unless told otherwise, in microseconds.
const KEPT: i64 = 3600 * 1_000_000;
/// The kubelet tries a failed mount again within about two minutes: what fails now has said so by then.
const REPEATED: i64 = 180 * 1_000_000;

/// The events of a namespace by the uid of what they are about, and what is missing of them.
pub(super) type ByUid = (BTreeMap<String, Vec<Json>>, Option<Gap>);

impl Kubernetes {
    /// `kubernetes.events`
    pub(super) async fn events(&self, request: &Request) -> Result<Recorded, Gap> {
        let about = object(request, "about").ok_or(Gap::DependsOnUnknown)?;
        let (items, missing) = match self.events_listed(&about) {
            Some(found) => found,
            None => self.events_of(&about).await?,
        };
        let partial = missing.or_else(|| self.forgotten(&about, &items));
        let origin = format!("events of {}", called(&about.kind, &about.namespace, &about.name));
        Ok(Recorded { body: Ok(RecordedBody::Events(items)), partial, origin })
    }

    async fn events_of(&self, about: &ObjectRef) -> Result<(Vec<Json>, Option<Gap>), Gap> {
        self.list_events(&about.namespace, Some(&fields_of(about))).await
    }

    /// The uids of what events warn about, in a namespace or in all of them, and why there may be more.
    pub(super) async fn warned(
        &self,
        namespace: &str,
    ) -> Result<(BTreeSet<String>, Option<Gap>), Gap> {
        let mut uids = BTreeSet::new();
        let partial = self
            .each_event(namespace, Some("type=Warning"), &mut |event| {
                uids.insert(about(&event).to_owned());
            })
            .await?;
        Ok((uids, partial))
    }

    async fn list_events(
        &self,
        namespace: &str,
        fields: Option<&str>,
    ) -> Result<(Vec<Json>, Option<Gap>), Gap> {
        let mut items = Vec::new();
        let partial = self
            .each_event(namespace, fields, &mut |mut event| {
                if let Some(metadata) = event["metadata"].as_object_mut() {
                    metadata.remove("managedFields");
                }
                redact_tree(&mut event);
                items.push(event);
            })
            .await?;
        // Same events, same bytes, whatever the order they came in.
        items.sort_by_cached_key(|it| {
            let text = |pointer: &str| {
                it.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned()
            };
            (text("/lastTimestamp"), text("/eventTime"), text("/metadata/name"))
        });
        Ok((items, partial))
    }

    /// The same events are served under two names, and a role may allow only one of them.
    async fn each_event(
        &self,
        namespace: &str,
        fields: Option<&str>,
        take: &mut (dyn FnMut(Json) + Send),
    ) -> Result<Option<Gap>, Gap> {
        let core = listing(EVENTS.0, namespace, fields.map(str::to_owned))?;
        match self.pages(&core, take).await {
            Err(Gap::Denied { needs }) => {
                let fields = fields.map(newer);
                let newer = listing(EVENTS.1, namespace, fields)?;
                self.pages(&newer, take).await.map_err(|_| Gap::Denied { needs })
            }
            other => other,
        }
    }

    /// Why there may have been more.
    fn forgotten(&self, about: &ObjectRef, items: &[Json]) -> Option<Gap> {
        let created = self.recall(&about.namespace, &about.name).and_then(|it| it.created);
        let young = created.is_some_and(|it| self.now - it < KEPT);
        let latest = items.iter().filter(|it| it["type"] != "Normal").filter_map(last).max();
        let failing = latest.is_some_and(|it| self.now - it < REPEATED);
        (!young && !failing).then_some(Gap::Expired)
    }

    /// Reads the events of a whole namespace where many questions of a batch ask for some of them.
    pub(super) async fn list_many_events(&self, wanted: &BTreeSet<Request>) {
        let mut namespaces: BTreeMap<String, usize> = BTreeMap::new();
        for request in wanted.iter().filter(|it| super::asks(it, super::Verb::Events)) {
            let Some(about) = object(request, "about").filter(|it| !it.uid.is_empty()) else {
                continue;
            };
            *namespaces.entry(about.namespace).or_default() += 1;
        }
        for (namespace, _) in namespaces.into_iter().filter(|(_, count)| *count > MANY) {
            let Ok((items, partial)) = self.list_events(&namespace, None).await else {
                continue;
            };
            let mut by_uid: BTreeMap<String, Vec<Json>> = BTreeMap::new();
            for item in items {
                by_uid.entry(about(&item).to_owned()).or_default().push(item);
            }
            if let Ok(mut events) = self.events.lock() {
                events.insert(namespace, (by_uid, partial));
            }
        }
    }

    fn events_listed(&self, about: &ObjectRef) -> Option<(Vec<Json>, Option<Gap>)> {
        let events = self.events.lock().ok()?;
        let (by_uid, partial) = events.get(&about.namespace).filter(|_| !about.uid.is_empty())?;
        Some((by_uid.get(&about.uid).cloned().unwrap_or_default(), partial.clone()))
    }
}

/// What selects the events about an object.
pub(super) fn fields_of(about: &ObjectRef) -> String {
    if about.uid.is_empty() {
        format!("involvedObject.kind={},involvedObject.name={}", about.kind, about.name)
    } else {
        format!("involvedObject.uid={}", about.uid)
    }
}

/// The same under the newer name of events.
pub(super) fn newer(fields: &str) -> String {
    fields.replace("involvedObject.", "regarding.")
}

fn listing(root: &str, namespace: &str, fields: Option<String>) -> Result<Listing, Gap> {
    let path = For::Server.events(root, namespace)?;
    let place =
        if namespace.is_empty() { String::new() } else { format!(" in namespace {namespace}") };
    Ok(Listing {
        path,
        kind: "Event".to_owned(),
        selector: None,
        fields,
        needs: format!("list on events{place}"),
    })
}

/// The uid of what an event is about, under either name of events.
fn about(event: &Json) -> &str {
    let uid = event["involvedObject"]["uid"].as_str();
    uid.or(event["regarding"]["uid"].as_str()).unwrap_or_default()
}

/// When an event happened last.
fn last(event: &Json) -> Option<i64> {
    [
        &event["lastTimestamp"],
        &event["series"]["lastObservedTime"],
        &event["deprecatedLastTimestamp"],
        &event["eventTime"],
    ]
    .into_iter()
    .filter_map(Json::as_str)
    .filter_map(parse_rfc3339)
    .max()
}
