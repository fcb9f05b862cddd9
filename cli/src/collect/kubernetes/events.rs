//! The events about one object, and whether these are all there ever were.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use triagem_engine::evidence::recording::{Recorded, RecordedBody};
use triagem_engine::evidence::redact::redact_tree;
use triagem_engine::evidence::{Gap, Request};
use triagem_engine::text::parse_rfc3339;
use triagem_engine::value::ObjectRef;

use super::http::segment;
use super::objects::{Listing, MANY};
use super::{Kubernetes, called, object};

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
        let fields = if about.uid.is_empty() {
            format!("involvedObject.kind={},involvedObject.name={}", about.kind, about.name)
        } else {
            format!("involvedObject.uid={}", about.uid)
        };
        self.some_events(&about.namespace, &fields).await
    }

    /// The uids of what events warn about, in a namespace or in all of them, and why there may be more.
    pub(super) async fn warned(
        &self,
        namespace: &str,
    ) -> Result<(BTreeSet<String>, Option<Gap>), Gap> {
        let (items, partial) = self.some_events(namespace, "type=Warning").await?;
        let about = |it: &Json| {
            let uid = it["involvedObject"]["uid"].as_str().or(it["regarding"]["uid"].as_str());
            uid.map(str::to_owned)
        };
        Ok((items.iter().filter_map(about).collect(), partial))
    }

    async fn some_events(
        &self,
        namespace: &str,
        fields: &str,
    ) -> Result<(Vec<Json>, Option<Gap>), Gap> {
        match self.list_events(namespace, Some(fields.to_owned()), false).await {
            // The same events are served under two names, and a role may allow only one of them.
            Err(Gap::Denied { needs }) => {
                let other = fields.replace("involvedObject.", "regarding.");
                let second = self.list_events(namespace, Some(other), true).await;
                second.map_err(|_| Gap::Denied { needs })
            }
            other => other,
        }
    }

    async fn list_events(
        &self,
        namespace: &str,
        fields: Option<String>,
        newer: bool,
    ) -> Result<(Vec<Json>, Option<Gap>), Gap> {
        let root = if newer { "/apis/events.k8s.io/v1" } else { "/api/v1" };
        let (path, place) = if namespace.is_empty() {
            (format!("{root}/events"), String::new())
        } else {
            (
                format!("{root}/namespaces/{}/events", segment(namespace)?),
                format!(" in namespace {namespace}"),
            )
        };
        let listing =
            Listing { path, selector: None, fields, needs: format!("list on events{place}") };
        let mut items = Vec::new();
        let partial = self
            .pages(&listing, &mut |mut event| {
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
        for request in wanted.iter().filter(|it| it.source == "kubernetes.events") {
            let Some(about) = object(request, "about").filter(|it| !it.uid.is_empty()) else {
                continue;
            };
            *namespaces.entry(about.namespace).or_default() += 1;
        }
        for (namespace, _) in namespaces.into_iter().filter(|(_, count)| *count > MANY) {
            let Ok((items, partial)) = self.list_events(&namespace, None, false).await else {
                continue;
            };
            let mut by_uid: BTreeMap<String, Vec<Json>> = BTreeMap::new();
            for item in items {
                let uid = item["involvedObject"]["uid"].as_str().unwrap_or_default().to_owned();
                by_uid.entry(uid).or_default().push(item);
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
