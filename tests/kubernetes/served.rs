//! A recorded cluster, served over HTTP as an API server: for everybody without the real one. Any one question can be
//! answered with a fault instead.
//!
//! What it serves was printed by kubectl: Kubernetes 1.34.4, driver v1.5.6, provider v1.7.2, in front of a stand-in for
//! Azure whose vault allows private access only.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value as Json, json};

/// What is answered in place of an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    Forbidden,
    NotFound,
    TooMany,
    Broken,
    Unavailable,
    Hang,
    Cut,
    Slow,
    Garbage,
    Expired,
}

pub const FAULTS: &[Fault] = &[
    Fault::Forbidden,
    Fault::NotFound,
    Fault::TooMany,
    Fault::Broken,
    Fault::Unavailable,
    Fault::Hang,
    Fault::Cut,
    Fault::Slow,
    Fault::Garbage,
    Fault::Expired,
];

/// A server on loopback, until the test ends.
pub struct Served {
    pub port: u16,
    cluster: Arc<Cluster>,
}

/// What is served.
#[derive(Default)]
struct Cluster {
    /// Plural → objects.
    objects: Mutex<BTreeMap<String, Vec<Json>>>,
    /// Container → its log.
    logs: Mutex<BTreeMap<&'static str, String>>,
    /// Bytes that are written at once; 0: all of them.
    chunk: AtomicUsize,
    /// What Status answers say of a fault.
    fault_says: Mutex<String>,
    /// Objects of a page, whatever the limit; one at first, so that everything is paged.
    page: AtomicUsize,
    asked: Mutex<Vec<String>>,
    /// What came with each question.
    heads: Mutex<Vec<String>>,
    /// Questions (path and query) that are answered with a fault, from which time they are asked on.
    faults: Mutex<Vec<(String, usize, Fault)>>,
    /// What becomes of an object after so many reads: another one, or none.
    later: Mutex<Vec<(String, usize, Option<Json>)>>,
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
            fault_says: Mutex::new("a fault of this test".to_owned()),
            page: AtomicUsize::new(1),
            ..Cluster::default()
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::clone(&cluster);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let cluster = Arc::clone(&shared);
                thread::spawn(move || cluster.converse(stream));
            }
        });
        Self { port, cluster }
    }

    /// A kubeconfig for it.
    pub fn kubeconfig(&self, into: &Path) -> PathBuf {
        let path = into.join("kubeconfig");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: served\nclusters: [{{name: served, cluster: {{server: \"http://127.0.0.1:{}\"}}}}]\nusers: [{{name: reader, user: {{token: reader-token}}}}]\ncontexts: [{{name: served, context: {{cluster: served, user: reader}}}}]\n",
            self.port
        );
        fs::write(&path, text).unwrap();
        path
    }

    /// What was asked so far, each question once, in order.
    pub fn asked(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for path in self.cluster.asked.lock().unwrap().iter() {
            if !all.contains(path) {
                all.push(path.clone());
            }
        }
        all
    }

    /// What was asked, every time.
    pub fn asked_each_time(&self) -> Vec<String> {
        self.cluster.asked.lock().unwrap().clone()
    }

    /// The headers that came with the questions.
    pub fn heads(&self) -> Vec<String> {
        self.cluster.heads.lock().unwrap().clone()
    }

    /// From now on this question is answered with a fault.
    pub fn fail(&self, path: &str, fault: Fault) {
        self.fail_from(path, 0, fault);
    }

    /// This question is answered with a fault once it was answered so many times.
    pub fn fail_from(&self, path: &str, times: usize, fault: Fault) {
        self.cluster.faults.lock().unwrap().push((path.to_owned(), times, fault));
    }

    /// This object is gone once it was read so many times.
    pub fn vanish(&self, path: &str, times: usize) {
        self.cluster.later.lock().unwrap().push((path.to_owned(), times, None));
    }

    /// This object is another one once it was read so many times.
    pub fn replace(&self, path: &str, times: usize, with: impl FnOnce(&mut Json)) {
        let (_, body) = self.cluster.answer(path);
        let mut object = serde_json::from_str(&body).unwrap();
        with(&mut object);
        self.cluster.later.lock().unwrap().push((path.to_owned(), times, Some(object)));
    }

    /// So many times from now on, a continue token has expired when it is used.
    pub fn expire(&self, times: usize) {
        self.cluster.expiries.store(times, Ordering::Relaxed);
    }

    /// Serves pages of this size.
    pub fn page(&self, size: usize) {
        self.cluster.page.store(size, Ordering::Relaxed);
    }

    /// Writes answers in pieces of this many bytes.
    pub fn chunk(&self, size: usize) {
        self.cluster.chunk.store(size, Ordering::Relaxed);
    }

    /// What faults say.
    pub fn fault_says(&self, text: &str) {
        *self.cluster.fault_says.lock().unwrap() = text.to_owned();
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
    fn converse(&self, mut stream: TcpStream) {
        let _at_once = stream.set_nodelay(true);
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        loop {
            let mut head = String::new();
            loop {
                match reader.read_line(&mut head) {
                    Ok(0) | Err(_) => return,
                    Ok(2) => break,
                    Ok(_) => {}
                }
            }
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let before = {
                let mut asked = self.asked.lock().unwrap();
                asked.push(path.clone());
                asked.iter().filter(|it| **it == path).count() - 1
            };
            self.heads.lock().unwrap().push(head);
            let fault = self
                .faults
                .lock()
                .unwrap()
                .iter()
                .find(|(it, times, _)| *it == path && before >= *times)
                .map(|(_, _, fault)| *fault);
            let later = self
                .later
                .lock()
                .unwrap()
                .iter()
                .find(|it| it.0 == path && before >= it.1)
                .cloned();
            if let Some((_, _, object)) = later {
                let name = path.rsplit('/').next().unwrap();
                let (status, body) = match object {
                    Some(object) => (200, object.to_string()),
                    None => gone("pods", name),
                };
                let head = format!(
                    "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                );
                let _gone = stream.write_all(format!("{head}{body}").as_bytes());
                continue;
            }
            if self.respond(&mut stream, &path, fault).is_none() {
                return;
            }
        }
    }

    /// `None`: the connection is at its end.
    fn respond(&self, stream: &mut TcpStream, path: &str, fault: Option<Fault>) -> Option<()> {
        let (status, body) = self.answer(path);
        let code = |code: u16, reason: &str| {
            (code, json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": *self.fault_says.lock().unwrap(), "code": code}).to_string())
        };
        let (status, body) = match fault {
            Some(Fault::Forbidden) => code(403, "Forbidden"),
            Some(Fault::NotFound) => (404, "<html>404 page not found</html>".to_owned()),
            Some(Fault::TooMany) => code(429, "TooManyRequests"),
            Some(Fault::Broken) => code(500, "InternalError"),
            Some(Fault::Unavailable) => code(503, "ServiceUnavailable"),
            Some(Fault::Expired) => code(401, "Unauthorized"),
            Some(Fault::Garbage) => (200, "<html>sign in to the proxy</html>".to_owned()),
            Some(Fault::Hang) => {
                thread::sleep(Duration::from_secs(30));
                return None;
            }
            Some(Fault::Cut | Fault::Slow) | None => (status, body),
        };
        let retry = if fault == Some(Fault::TooMany) { "Retry-After: 1\r\n" } else { "" };
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{retry}Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        match fault {
            Some(Fault::Cut) => {
                stream.write_all(body.as_bytes().get(..body.len() / 2)?).ok()?;
                None
            }
            Some(Fault::Slow) => {
                for part in body.as_bytes().chunks(body.len() / 4 + 1) {
                    stream.write_all(part).ok()?;
                    thread::sleep(Duration::from_millis(100));
                }
                Some(())
            }
            _ => {
                let size = match self.chunk.load(Ordering::Relaxed) {
                    0 => body.len().max(1),
                    size => size,
                };
                for part in body.as_bytes().chunks(size) {
                    stream.write_all(part).ok()?;
                    stream.flush().ok()?;
                }
                Some(())
            }
        }
    }

    fn answer(&self, path: &str) -> (u16, String) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query: BTreeMap<&str, String> = query
            .split('&')
            .filter_map(|it| it.split_once('='))
            .map(|(key, value)| (key, decoded(value)))
            .collect();
        match path {
            "/version" => return (200, json!({"gitVersion": "v1.34.4"}).to_string()),
            "/apis" => return (200, discovery().to_string()),
            _ => {}
        }
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let rest = match parts.as_slice() {
            ["api", _, rest @ ..] | ["apis", _, _, rest @ ..] => rest,
            _ => return (404, "404 page not found".to_owned()),
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
            _ => (404, "404 page not found".to_owned()),
        }
    }

    fn log(&self, name: &str, query: &BTreeMap<&str, String>) -> (u16, String) {
        let container = query.get("container").map(String::as_str).unwrap_or_default();
        let pods = self.objects.lock().unwrap().get("pods").cloned().unwrap_or_default();
        let has = pods.iter().filter(|it| it["metadata"]["name"] == name).any(|it| {
            it["spec"]["containers"].as_array().unwrap().iter().any(|it| it["name"] == container)
        });
        match self.logs.lock().unwrap().get(container).filter(|_| has) {
            Some(log) => (200, log.lines().map(|it| format!("2026-11-23T22:06:00.000000000Z {it}\n")).collect()),
            None => (400, json!({"kind": "Status", "reason": "BadRequest", "message": format!("container {container} is not valid for pod {name}"), "code": 400}).to_string()),
        }
    }

    fn get(&self, plural: &str, namespace: Option<&str>, name: &str) -> (u16, String) {
        let objects = self.objects.lock().unwrap();
        let found = objects.get(plural).into_iter().flatten().find(|it| {
            it["metadata"]["name"] == name && it["metadata"]["namespace"].as_str() == namespace
        });
        match found {
            Some(found) => (200, found.to_string()),
            None => gone(plural, name),
        }
    }

    fn list(
        &self,
        plural: &str,
        namespace: Option<&str>,
        query: &BTreeMap<&str, String>,
        newer_events: bool,
    ) -> (u16, String) {
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
            return (410, json!({"kind": "Status", "status": "Failure", "reason": "Expired", "message": "The provided continue parameter is too old", "code": 410}).to_string());
        }
        let size = self.page.load(Ordering::Relaxed);
        let page: Vec<Json> = items.iter().skip(from).take(size).cloned().collect();
        let next =
            if from + size < items.len() { (from + size).to_string() } else { String::new() };
        (200, json!({"kind": "XList", "apiVersion": "v1", "metadata": {"resourceVersion": "1", "continue": next}, "items": page}).to_string())
    }
}

fn discovery() -> Json {
    let resource = |plural: &str, kind: &str| json!({"resource": plural, "responseKind": {"kind": kind}, "scope": "Namespaced", "verbs": ["get", "list"]});
    json!({"kind": "APIGroupDiscoveryList", "items": [{"metadata": {"name": "secrets-store.csi.x-k8s.io"}, "versions": [{"version": "v1", "freshness": "Current", "resources": [
        resource("secretproviderclasses", "SecretProviderClass"), resource("secretproviderclasspodstatuses", "SecretProviderClassPodStatus")]}]}]})
}

fn gone(plural: &str, name: &str) -> (u16, String) {
    (404, json!({"kind": "Status", "reason": "NotFound", "message": format!("{plural} {name:?} not found"), "details": {"name": name, "kind": plural}, "code": 404}).to_string())
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
