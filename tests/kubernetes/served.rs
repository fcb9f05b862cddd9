//! A recorded cluster, served over HTTP as an API server: for everybody without the real one. Any one question can be
//! answered with a fault instead.
//!
//! What it serves was printed by kubectl: Kubernetes 1.34.4, driver v1.5.6, provider v1.7.2, in front of a stand-in for
//! Azure whose vault allows private access only.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};

use front::{Front, gone};

#[path = "clock.rs"]
pub mod clock;
#[path = "front.rs"]
pub mod front;

/// A server on loopback, until the test ends.
pub struct Served {
    front: Front,
    cluster: Arc<Cluster>,
}

impl Deref for Served {
    type Target = Front;

    fn deref(&self) -> &Front {
        &self.front
    }
}

/// What is served.
#[derive(Default)]
struct Cluster {
    /// Plural → objects.
    objects: Mutex<BTreeMap<String, Vec<Json>>>,
    /// Container → its log.
    logs: Mutex<BTreeMap<&'static str, String>>,
    /// Objects of a page, whatever the limit; one at first, so that everything is paged.
    page: AtomicUsize,
    /// How often a continue token has expired by the time it is used.
    expiries: AtomicUsize,
}

/// The folder of the recorded cluster.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/kubernetes/cluster")
}

/// Plural and objects of every file of a folder as kubectl prints them.
pub fn objects(folder: &Path) -> BTreeMap<String, Vec<Json>> {
    let mut objects: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "json") {
            continue;
        }
        // A file may hold kubectl's words that the object is not there.
        let Ok(tree) = serde_json::from_slice::<Json>(&fs::read(&path).unwrap()) else { continue };
        let items = match tree {
            Json::Object(ref list) if tree["kind"] == "List" => {
                list["items"].as_array().unwrap().clone()
            }
            other => vec![other],
        };
        for item in items {
            let kind = item["kind"].as_str().unwrap().to_lowercase();
            let plural = if kind.ends_with('s') { format!("{kind}es") } else { format!("{kind}s") };
            objects.entry(plural).or_default().push(item);
        }
    }
    objects
}

impl Served {
    /// Serves the recorded cluster.
    pub fn start() -> Self {
        let folder = folder();
        let log = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        let cluster = Arc::new(Cluster {
            objects: Mutex::new(objects(&folder)),
            logs: Mutex::new(BTreeMap::from([
                ("provider-azure-installer", log("provider.log")),
                ("secrets-store", log("driver.log")),
                ("node-driver-registrar", log("registrar.log")),
            ])),
            page: AtomicUsize::new(1),
            ..Cluster::default()
        });
        let behind = Arc::clone(&cluster);
        let front = Front::start(Arc::new(move |_, path| behind.answer(path)));
        Self { front, cluster }
    }

    /// Serves what a recording holds, as if it had been recorded now.
    pub fn replay(recording: &Path) -> Self {
        let served = Self::start();
        served.page(500);
        let manifest = fs::read_to_string(recording.join("recording.yaml")).unwrap();
        let manifest: Json = serde_yaml::from_str(&manifest).unwrap();
        let then = triagem_engine::text::parse_rfc3339(manifest["now"].as_str().unwrap()).unwrap();
        let later = clock::now() - then;
        let mut objects: BTreeMap<String, Vec<Json>> = BTreeMap::new();
        let mut logs = Vec::new();
        let answers = manifest["answers"].as_array().unwrap();
        let read =
            |name: &Json| fs::read_to_string(recording.join(name.as_str().unwrap())).unwrap();
        // A list holds less of each object than the object itself does.
        let is_list = |it: &&Json| it["request"]["source"] == "kubernetes.list";
        let (lists, others): (Vec<&Json>, Vec<&Json>) = answers.iter().partition(is_list);
        for answer in others.into_iter().chain(lists) {
            if answer["log"].is_string() {
                let text = read(&answer["log"]);
                let text = text.lines().map(|it| clock::line_later(it, later) + "\n");
                let container = answer["request"]["with"]["container"].as_str().unwrap();
                logs.push((container.to_owned(), text.collect::<String>()));
                continue;
            }
            let events = answer["events"].is_string();
            let Some(file) =
                [&answer["file"], &answer["events"]].into_iter().find(|it| it.is_string())
            else {
                continue;
            };
            let tree: Json = serde_json::from_str(&read(file)).unwrap();
            let items = match tree {
                Json::Array(items) => items,
                Json::Object(ref list) if tree["kind"].is_null() && list.contains_key("items") => {
                    list["items"].as_array().unwrap().clone()
                }
                one => vec![one],
            };
            let with = &answer["request"]["with"];
            for mut item in items {
                clock::object_later(&mut item, later);
                // Of a list only what playbooks read was kept, and not what selects it.
                if let Some(node) = with["node"].as_str() {
                    item["spec"]["nodeName"] = node.into();
                }
                if let Some((key, values)) = with["selector"].as_str().and_then(selected) {
                    item["metadata"]["labels"][key] = values.into();
                }
                let kind = if events { "event" } else { item["kind"].as_str().unwrap() };
                let kind = kind.to_lowercase();
                let plural =
                    if kind.ends_with('s') { format!("{kind}es") } else { format!("{kind}s") };
                let all = objects.entry(plural).or_default();
                let name = |it: &Json| {
                    (it["metadata"]["namespace"].clone(), it["metadata"]["name"].clone())
                };
                if !all.iter().any(|it| name(it) == name(&item)) {
                    all.push(item);
                }
            }
        }
        served.change(|all| *all = objects);
        served.change_logs(|_| String::new());
        for (container, text) in logs {
            served.write_log(container.leak(), &text);
        }
        served
    }

    /// A kubeconfig for it.
    pub fn kubeconfig(&self, into: &Path) -> PathBuf {
        let path = into.join("kubeconfig");
        fs::write(&path, self.kubeconfig_of("reader-token")).unwrap();
        path
    }

    /// So many times from now on, a continue token has expired when it is used.
    pub fn expire(&self, times: usize) {
        self.cluster.expiries.store(times, Ordering::Relaxed);
    }

    /// Serves pages of this size.
    pub fn page(&self, size: usize) {
        self.cluster.page.store(size, Ordering::Relaxed);
    }

    /// What a container wrote; `<container> before`: before its last restart.
    pub fn write_log(&self, container: &'static str, text: &str) {
        self.cluster.logs.lock().unwrap().insert(container, text.to_owned());
    }

    /// Changes what containers wrote.
    pub fn change_logs(&self, with: impl Fn(&str) -> String) {
        for log in self.cluster.logs.lock().unwrap().values_mut() {
            *log = with(log);
        }
    }

    /// Changes what is served.
    pub fn change(&self, with: impl FnOnce(&mut BTreeMap<String, Vec<Json>>)) {
        with(&mut self.cluster.objects.lock().unwrap());
    }
}

impl Cluster {
    fn answer(&self, path: &str) -> (u16, Vec<u8>) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query: BTreeMap<&str, String> = query
            .split('&')
            .filter_map(|it| it.split_once('='))
            .map(|(key, value)| (key, decoded(value)))
            .collect();
        match path {
            "/version" => return (200, json!({"gitVersion": "v1.34.4"}).to_string().into_bytes()),
            "/apis" => return (200, discovery().to_string().into_bytes()),
            _ => {}
        }
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let rest = match parts.as_slice() {
            ["api", _, rest @ ..] | ["apis", _, _, rest @ ..] => rest,
            _ => return (404, b"404 page not found".to_vec()),
        };
        let (namespace, rest) = match rest {
            ["namespaces", namespace, rest @ ..] => (Some(*namespace), rest),
            rest => (None, rest),
        };
        match rest {
            [plural, name, "log"] if *plural == "pods" => self.log(name, &query),
            [plural, name] => self.get(plural, namespace, name),
            [plural] => {
                self.list(plural, namespace, &query, path.starts_with("/apis/events.k8s.io/"))
            }
            _ => (404, b"404 page not found".to_vec()),
        }
    }

    fn log(&self, name: &str, query: &BTreeMap<&str, String>) -> (u16, Vec<u8>) {
        let container = query.get("container").map(String::as_str).unwrap_or_default();
        let pods = self.objects.lock().unwrap().get("pods").cloned().unwrap_or_default();
        let has = pods.iter().filter(|it| it["metadata"]["name"] == name).any(|it| {
            it["spec"]["containers"].as_array().unwrap().iter().any(|it| it["name"] == container)
        });
        let before = query.get("previous").is_some_and(|it| it == "true");
        let named = if before { format!("{container} before") } else { container.to_owned() };
        let limit = query.get("limitBytes").and_then(|it| it.parse().ok()).unwrap_or(usize::MAX);
        match self.logs.lock().unwrap().get(named.as_str()).filter(|_| has) {
            Some(log) => {
                // What was recorded has its time already.
                let is_timed = |it: &str| {
                    it.split_once(' ').is_some_and(|(at, _)| triagem_engine::text::parse_rfc3339(at).is_some())
                };
                let timed = |it: &str| {
                    let time = if is_timed(it) { "" } else { "2026-11-23T22:06:00.000000000Z " };
                    format!("{time}{it}\n")
                };
                let mut bytes = log.lines().map(timed).collect::<String>().into_bytes();
                bytes.truncate(limit);
                (200, bytes)
            }
            None if has && before => (400, json!({"kind": "Status", "reason": "BadRequest", "message": format!("previous terminated container \"{container}\" in pod \"{name}\" not found"), "code": 400}).to_string().into_bytes()),
            None => (400, json!({"kind": "Status", "reason": "BadRequest", "message": format!("container {container} is not valid for pod {name}"), "code": 400}).to_string().into_bytes()),
        }
    }

    fn get(&self, plural: &str, namespace: Option<&str>, name: &str) -> (u16, Vec<u8>) {
        let objects = self.objects.lock().unwrap();
        let found = objects.get(plural).into_iter().flatten().find(|it| {
            it["metadata"]["name"] == name && it["metadata"]["namespace"].as_str() == namespace
        });
        match found {
            Some(found) => (200, found.to_string().into_bytes()),
            None => gone(plural, name),
        }
    }

    fn list(
        &self,
        plural: &str,
        namespace: Option<&str>,
        query: &BTreeMap<&str, String>,
        newer_events: bool,
    ) -> (u16, Vec<u8>) {
        let objects = self.objects.lock().unwrap();
        let none = Vec::new();
        let mut items: Vec<Json> = objects
            .get(plural)
            .unwrap_or(&none)
            .iter()
            .map(|it| if newer_events { newer(it) } else { it.clone() })
            .filter(|it| namespace.is_none() || it["metadata"]["namespace"].as_str() == namespace)
            .filter(|it| query.get("labelSelector").is_none_or(|selector| labelled(it, selector)))
            .filter(|it| query.get("fieldSelector").is_none_or(|selector| fielded(it, selector)))
            .collect();
        // As the server does: the items of a list do not say what they are.
        for item in &mut items {
            item.as_object_mut().unwrap().remove("kind");
            item.as_object_mut().unwrap().remove("apiVersion");
        }
        let from: usize = query.get("continue").and_then(|it| it.parse().ok()).unwrap_or(0);
        let less = |left: usize| left.checked_sub(1);
        if from > 0
            && self.expiries.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
        {
            return (410, json!({"kind": "Status", "status": "Failure", "reason": "Expired", "message": "The provided continue parameter is too old", "code": 410}).to_string().into_bytes());
        }
        let size = self.page.load(Ordering::Relaxed);
        let page: Vec<Json> = items.iter().skip(from).take(size).cloned().collect();
        let next =
            if from + size < items.len() { (from + size).to_string() } else { String::new() };
        let kind = kind_of(plural);
        (200, json!({"kind": format!("{kind}List"), "apiVersion": "v1", "metadata": {"resourceVersion": "1", "continue": next}, "items": page}).to_string().into_bytes())
    }
}

/// A label that a selector selects: `app in (a, b)` selects `app=a`.
fn selected(selector: &str) -> Option<(&str, &str)> {
    let (key, values) = selector.split_once(" in (").or_else(|| selector.split_once('='))?;
    Some((key.trim(), values.split([',', ')']).next()?.trim()))
}

/// The kind of what stands under this name.
fn kind_of(plural: &str) -> &'static str {
    let kinds = [
        ("pods", "Pod"),
        ("events", "Event"),
        ("nodes", "Node"),
        ("namespaces", "Namespace"),
        ("deployments", "Deployment"),
        ("replicasets", "ReplicaSet"),
        ("statefulsets", "StatefulSet"),
        ("daemonsets", "DaemonSet"),
        ("jobs", "Job"),
        ("csidrivers", "CSIDriver"),
        ("csinodes", "CSINode"),
        ("serviceaccounts", "ServiceAccount"),
        ("secretproviderclasses", "SecretProviderClass"),
        ("secretproviderclasspodstatuses", "SecretProviderClassPodStatus"),
    ];
    let found = kinds.iter().find(|it| it.0 == plural);
    found.unwrap_or_else(|| panic!("no kind of {plural}")).1
}

fn discovery() -> Json {
    let resource = |plural: &str, kind: &str| json!({"resource": plural, "responseKind": {"kind": kind}, "scope": "Namespaced", "verbs": ["get", "list"]});
    json!({"kind": "APIGroupDiscoveryList", "items": [{"metadata": {"name": "secrets-store.csi.x-k8s.io"}, "versions": [{"version": "v1", "freshness": "Current", "resources": [
        resource("secretproviderclasses", "SecretProviderClass"), resource("secretproviderclasspodstatuses", "SecretProviderClassPodStatus")]}]}]})
}

/// An event as events.k8s.io/v1 serves it.
fn newer(event: &Json) -> Json {
    let mut newer = event.clone();
    let object = newer.as_object_mut().unwrap();
    for (old, new) in [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"),
        ("source", "deprecatedSource"),
    ] {
        if let Some(value) = object.remove(old) {
            object.insert(new.to_owned(), value);
        }
    }
    newer
}

fn labelled(object: &Json, selector: &str) -> bool {
    let label =
        |key: &str| object["metadata"]["labels"][key].as_str().unwrap_or_default().to_owned();
    // The values of a list have commas between them, as the requirements have.
    let mut rest = selector;
    while !rest.is_empty() {
        let end = match (rest.find(" in ("), rest.find(',')) {
            (Some(list), comma) if comma.is_none_or(|comma| list < comma) => {
                rest.find(')').unwrap() + 1
            }
            (_, comma) => comma.unwrap_or(rest.len()),
        };
        let (one, more) = rest.split_at(end);
        let holds = match (one.split_once(" in ("), one.split_once('=')) {
            (Some((key, values)), _) => {
                values.trim_end_matches(')').split(',').any(|it| it.trim() == label(key))
            }
            (None, Some((key, value))) => label(key) == value,
            (None, None) => !label(one).is_empty(),
        };
        if !holds {
            return false;
        }
        rest = more.trim_start_matches(',');
    }
    true
}

fn fielded(object: &Json, selector: &str) -> bool {
    selector.split(',').filter_map(|it| it.split_once('=')).all(|(path, value)| {
        let pointer = format!("/{}", path.replace('.', "/"));
        object.pointer(&pointer).and_then(Json::as_str).unwrap_or_default() == value
    })
}

fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}
