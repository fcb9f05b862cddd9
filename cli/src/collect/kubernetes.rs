//! A live cluster: asks the API server, read-only, and says why an answer is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kube::Client;
use serde_json::Value as Json;
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::Instant;
use triagem_engine::evidence::recording::Recorded;
use triagem_engine::evidence::redact::redact_tree;
use triagem_engine::evidence::{Gap, Request};
use triagem_engine::playbook::projection::Projection;
use triagem_engine::system::{Door, Verb};
use triagem_engine::value::ObjectRef;

use connect::{Connect, ConnectError};
use http::Ask;
use kinds::Served;

pub mod connect;
mod credentials;
mod events;
mod http;
pub mod kinds;
mod kubeconfig;
mod logs;
mod objects;
pub mod outline;
mod paths;
pub mod target;

pub(super) use logs::Log;
pub use logs::log_origin;

/// Requests in flight to one API.
pub const IN_FLIGHT: usize = 4;

/// One cluster, for one run.
pub struct Kubernetes {
    client: Client,
    /// The namespace of the context.
    pub namespace: String,
    projection: Projection,
    discovery: OnceCell<Result<Served, Gap>>,
    slots: Semaphore,
    until: Instant,
    /// How long one request may take; none: as long as the run.
    each: Option<Duration>,
    /// The moment of the run, microseconds since 1970.
    now: i64,
    /// Objects that were listed because many of them were asked for: kind and namespace → by name.
    lists: Mutex<BTreeMap<(String, String), BTreeMap<String, Json>>>,
    /// Events that were listed because many were asked for: by namespace.
    events: Mutex<BTreeMap<String, events::ByUid>>,
    /// What is known of pods that were read: for what makes their events and logs complete.
    pods: Mutex<BTreeMap<(String, String), PodTimes>>,
    logs_left: AtomicU64,
    bytes_left: AtomicU64,
    requests: AtomicU64,
}

/// What a pod's object says of its past.
#[derive(Clone, Debug, Default)]
struct PodTimes {
    /// Microseconds since 1970.
    created: Option<i64>,
    /// Container → restarts, and when it was started last.
    containers: BTreeMap<String, (u64, Option<i64>)>,
}

impl Kubernetes {
    /// Connects. Nothing is asked of the API server yet.
    pub async fn new(
        how: &Connect,
        projection: Projection,
        until: Instant,
        each: Option<Duration>,
        now: i64,
    ) -> Result<Self, ConnectError> {
        let (client, namespace) = connect::connect(how, until).await?;
        Ok(Self {
            client,
            namespace,
            projection,
            discovery: OnceCell::new(),
            slots: Semaphore::new(IN_FLIGHT),
            until,
            each,
            now,
            lists: Mutex::default(),
            events: Mutex::default(),
            pods: Mutex::default(),
            logs_left: AtomicU64::new(logs::STREAMS),
            bytes_left: AtomicU64::new(logs::BYTES),
            requests: AtomicU64::new(0),
        })
    }

    /// When a request that begins now has to be answered.
    fn by(&self) -> Instant {
        self.each.map_or(self.until, |it| self.until.min(Instant::now() + it))
    }

    /// Requests sent so far.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Whether the API server answers at all; asks for what needs no permission.
    pub async fn reach(&self) -> Result<(), Gap> {
        let ask = Ask {
            path: "/version".to_owned(),
            accept: http::JSON,
            needs: "get on /version".to_owned(),
            name: None,
        };
        match self.json(&ask).await {
            // Who may not ask for the version may still ask for the rest.
            Ok(_) | Err(Gap::Denied { .. }) => Ok(()),
            Err(gap) => Err(gap),
        }
    }

    /// Answers a question whose answer is data or events; logs have their own way.
    pub(super) async fn answer(&self, verb: Verb, request: &Request) -> Result<Recorded, Gap> {
        match verb {
            Verb::Get => self.get(request).await,
            Verb::List => self.list(request).await,
            Verb::Events => self.events(request).await,
            Verb::Discover => {
                let group = text(request, "group").unwrap_or_default();
                let mut found = self.discover(&group).await?;
                redact_tree(&mut found);
                Ok(objects::tree(found, None, format!("API group {group}")))
            }
            Verb::Logs => Err(Gap::Unsupported),
        }
    }

    /// Reads at once what many questions of a batch would ask for one by one.
    pub(super) async fn prepare(&self, wanted: &BTreeSet<Request>) {
        self.list_many(wanted).await;
        self.list_many_events(wanted).await;
    }

    async fn json(&self, ask: &Ask) -> Result<Json, Gap> {
        self.page(ask).await.map_err(|it| it.gap)
    }

    async fn page(&self, ask: &Ask) -> Result<Json, http::Refusal> {
        let _slot = self.slots.acquire().await.map_err(|_| Gap::Interrupted)?;
        self.requests.fetch_add(1, Ordering::Relaxed);
        http::json(&self.client, ask, self.by()).await
    }

    fn remember(&self, pod: &Json) {
        let text = |pointer: &str| {
            pod.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned()
        };
        let time = |json: &Json| json.as_str().and_then(triagem_engine::text::parse_rfc3339);
        let mut times = PodTimes {
            created: time(&pod["metadata"]["creationTimestamp"]),
            ..PodTimes::default()
        };
        for list in ["containerStatuses", "initContainerStatuses"] {
            for status in pod["status"][list].as_array().into_iter().flatten() {
                let name = status["name"].as_str().unwrap_or_default().to_owned();
                let restarts = status["restartCount"].as_u64().unwrap_or(0);
                times
                    .containers
                    .insert(name, (restarts, time(&status["state"]["running"]["startedAt"])));
            }
        }
        if let Ok(mut pods) = self.pods.lock() {
            pods.insert((text("/metadata/namespace"), text("/metadata/name")), times);
        }
    }

    fn recall(&self, namespace: &str, name: &str) -> Option<PodTimes> {
        self.pods.lock().ok()?.get(&(namespace.to_owned(), name.to_owned())).cloned()
    }
}

/// Whether the API server is asked this of it.
fn asks(request: &Request, verb: Verb) -> bool {
    crate::systems::source(&request.source).is_some_and(|it| it.door == Door::Kubernetes(verb))
}

/// A parameter that is a text.
fn text(request: &Request, name: &str) -> Option<String> {
    match serde_json::from_str(request.params.get(name)?).ok()? {
        Json::String(text) => Some(text).filter(|it| !it.is_empty()),
        _ => None,
    }
}

/// A parameter that is an object.
fn object(request: &Request, name: &str) -> Option<ObjectRef> {
    let json: Json = serde_json::from_str(request.params.get(name)?).ok()?;
    let part = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    Some(ObjectRef {
        kind: part("kind"),
        namespace: part("namespace"),
        name: part("name"),
        uid: part("uid"),
    })
}

/// How quotes name an object.
fn called(kind: &str, namespace: &str, name: &str) -> String {
    let kind = kind.to_lowercase();
    if namespace.is_empty() {
        format!("{kind}/{name}")
    } else {
        format!("{kind}/{namespace}/{name}")
    }
}
