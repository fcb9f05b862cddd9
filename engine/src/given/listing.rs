//! Tables of objects, as `kubectl get` prints them: of each row an object, with the little that a row tells.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value as Json, json};

use crate::text::parse_age;

/// What stands in tables by name: data, for it is of the programs that print and run there.
const NAMES: &str = include_str!("listing.yaml");

static KNOWN: LazyLock<Names> = LazyLock::new(|| serde_yaml::from_str(NAMES).unwrap_or_default());

#[derive(Debug, Default, serde::Deserialize)]
struct Names {
    /// Kind → the names that people type for it.
    kinds: BTreeMap<String, Vec<String>>,
    /// Programs whose pods are known by their names.
    programs: Vec<Program>,
}

/// What a pod's name holds, and the label that such a pod has.
#[derive(Debug, serde::Deserialize)]
struct Program {
    name: String,
    label: String,
    value: String,
}

/// Columns that only one kind has.
const TELLING: &[(&[&str], &str)] = &[
    (&["READY", "STATUS", "RESTARTS"], "Pod"),
    (&["STATUS", "ROLES", "VERSION"], "Node"),
    (&["ATTACHREQUIRED", "PODINFOONMOUNT"], "CSIDriver"),
    (&["NAME", "DRIVERS"], "CSINode"),
    (&["DESIRED", "CURRENT", "NODE SELECTOR"], "DaemonSet"),
];
/// Reasons why a container ended, among what stands in the column of the status.
const ENDED: &[&str] =
    &["Error", "OOMKilled", "ContainerCannotRun", "DeadlineExceeded", "ContainerStatusUnknown"];
/// Containers of a pod.
const CONTAINERS: usize = 64;

/// What a command asked for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Asked {
    kind: Option<&'static str>,
    namespace: Option<String>,
}

impl Asked {
    /// What stands in a command line: `kubectl -n shop get pods`.
    pub(super) fn of(line: &str) -> Option<Self> {
        let (_, rest) = line.split_once("kubectl ").or_else(|| line.split_once("oc "))?;
        let mut asked = Self::default();
        let mut verb = false;
        let mut words = rest.split_whitespace();
        while let Some(word) = words.next() {
            if matches!(word, "-n" | "--namespace") {
                asked.namespace = words.next().map(str::to_owned);
            } else if let Some(name) =
                word.strip_prefix("--namespace=").or_else(|| word.strip_prefix("-n="))
            {
                asked.namespace = Some(name.to_owned());
            } else if matches!(word, "get" | "describe" | "logs" | "events") {
                verb = true;
            } else if verb && asked.kind.is_none() && !word.starts_with('-') {
                asked.kind = kind_of(word.split('/').next().unwrap_or_default());
            }
        }
        verb.then_some(asked)
    }

    /// The namespace that was asked, where it was named.
    pub(super) fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}

/// The kind of a resource: `ds`, `daemonsets.apps`.
fn kind_of(resource: &str) -> Option<&'static str> {
    let name = resource.split('.').next().unwrap_or_default().to_lowercase();
    KNOWN.kinds.iter().find(|(_, names)| names.contains(&name)).map(|(kind, _)| kind.as_str())
}

/// A table under construction.
#[derive(Debug)]
pub(super) struct Listing {
    kind: &'static str,
    namespace: Option<String>,
    /// Each column, and the character it begins at.
    columns: Vec<(usize, String)>,
}

impl Listing {
    /// The table that a header begins, if it is of a kind that is read.
    pub(super) fn begin(line: &str, asked: Option<&Asked>) -> Option<Self> {
        let columns = columns(line)?;
        let has = |wanted: &str| columns.iter().any(|(_, it)| it == wanted);
        let told = TELLING.iter().find(|(all, _)| all.iter().all(|it| has(it)));
        let kind = told.map(|(_, kind)| *kind).or_else(|| asked?.kind)?;
        Some(Self { kind, namespace: asked.and_then(|it| it.namespace.clone()), columns })
    }

    /// The object of a row.
    pub(super) fn row(&self, line: &str) -> Option<Json> {
        if self.kind == "Pod" {
            let mut pod = pod(line)?;
            if let Some(labels) = self.cells(line).and_then(|it| it.get("LABELS").cloned()) {
                pod["metadata"]["labels"] = pairs(&labels);
            }
            return Some(self.placed(pod));
        }
        let cells = self.cells(line)?;
        let cell = |name: &str| {
            cells
                .get(name)
                .map(String::as_str)
                .filter(|it| !matches!(*it, "" | "<none>" | "<unset>"))
        };
        let name = cell("NAME").map(|it| it.rsplit('/').next().unwrap_or(it))?;
        let age = cells.get("AGE").map_or("<unknown>", String::as_str);
        if !is_name(name) || age != "<unknown>" && parse_age(age).is_none() {
            return None;
        }
        let mut tree = json!({"kind": self.kind, "metadata": {"name": name}});
        if let Some(namespace) = cell("NAMESPACE") {
            tree["metadata"]["namespace"] = namespace.into();
        }
        if let Some(labels) = cell("LABELS") {
            tree["metadata"]["labels"] = pairs(labels);
        }
        match self.kind {
            "Node" => {
                for (column, field) in [
                    ("VERSION", "kubeletVersion"),
                    ("OS-IMAGE", "osImage"),
                    ("CONTAINER-RUNTIME", "containerRuntimeVersion"),
                ] {
                    if let Some(text) = cell(column) {
                        tree["status"]["nodeInfo"][field] = text.into();
                    }
                }
            }
            "CSIDriver" => {
                for (column, field) in [
                    ("ATTACHREQUIRED", "attachRequired"),
                    ("PODINFOONMOUNT", "podInfoOnMount"),
                    ("STORAGECAPACITY", "storageCapacity"),
                    ("REQUIRESREPUBLISH", "requiresRepublish"),
                ] {
                    if let Some(it) = cell(column).and_then(|it| it.parse::<bool>().ok()) {
                        tree["spec"][field] = it.into();
                    }
                }
                if let Some(modes) = cell("MODES") {
                    tree["spec"]["volumeLifecycleModes"] = modes.split(',').collect();
                }
                if let Some(audiences) = cell("TOKENREQUESTS") {
                    let each = audiences.split(',').map(|it| json!({ "audience": it }));
                    tree["spec"]["tokenRequests"] = each.collect();
                }
            }
            "DaemonSet" => {
                for (column, field) in [
                    ("DESIRED", "desiredNumberScheduled"),
                    ("CURRENT", "currentNumberScheduled"),
                    ("READY", "numberReady"),
                    ("AVAILABLE", "numberAvailable"),
                ] {
                    if let Some(it) = cell(column).and_then(|it| it.parse::<u64>().ok()) {
                        tree["status"][field] = it.into();
                    }
                }
                if let Some(selector) = cell("NODE SELECTOR") {
                    tree["spec"]["template"]["spec"]["nodeSelector"] = pairs(selector);
                }
            }
            _ => {}
        }
        Some(self.placed(tree))
    }

    /// The object in the namespace that was asked for, if the row tells none.
    fn placed(&self, mut tree: Json) -> Json {
        let cluster = matches!(self.kind, "Node" | "CSIDriver" | "CSINode");
        if let Some(namespace) = self.namespace.as_ref().filter(|_| !cluster)
            && tree["metadata"]["namespace"].is_null()
        {
            tree["metadata"]["namespace"] = namespace.as_str().into();
        }
        tree
    }

    /// The cells of a row by their columns, aligned or two spaces apart.
    fn cells(&self, line: &str) -> Option<BTreeMap<String, String>> {
        let names = || self.columns.iter().map(|(_, name)| name.clone());
        let apart: Vec<&str> =
            line.split("  ").map(str::trim).filter(|it| !it.is_empty()).collect();
        if apart.len() == self.columns.len() {
            return Some(names().zip(apart.into_iter().map(str::to_owned)).collect());
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.len() == self.columns.len() {
            return Some(names().zip(words.into_iter().map(str::to_owned)).collect());
        }
        let letters: Vec<char> = line.chars().collect();
        let mut cells = BTreeMap::new();
        for (at, (start, name)) in self.columns.iter().enumerate() {
            let end = self.columns.get(at + 1).map_or(letters.len(), |(next, _)| *next);
            let cell: String =
                letters.get(*start.min(&letters.len())..end.min(letters.len()))?.iter().collect();
            if cell.starts_with(' ') && !cell.trim().is_empty() {
                return None;
            }
            cells.insert(name.clone(), cell.trim().to_owned());
        }
        Some(cells)
    }
}

/// The columns of a header: words in capitals, two spaces apart.
fn columns(line: &str) -> Option<Vec<(usize, String)>> {
    let plain = |it: &str| {
        it.chars().all(|it| it.is_ascii_uppercase() || " -()_/".contains(it)) && !it.is_empty()
    };
    let mut found = Vec::new();
    let mut at = 0;
    for part in line.trim_end().split("  ") {
        let name = part.trim();
        if !name.is_empty() {
            if !plain(name) {
                return None;
            }
            let lead = part.chars().count() - part.trim_start().chars().count();
            found.push((at + lead, name.to_owned()));
        }
        at += part.chars().count() + 2;
    }
    // The columns of a chat stand one space apart.
    if let [(start, all)] = found.as_slice() {
        let words: Vec<&str> = all.split(' ').collect();
        let start = *start;
        if words.len() < 2 {
            return None;
        }
        found = words.into_iter().map(|it| (start, it.to_owned())).collect();
    }
    matches!(found.first()?.1.as_str(), "NAME" | "NAMESPACE").then_some(found)
}

fn pairs(text: &str) -> Json {
    let pairs = text.split(',').filter_map(|it| it.trim().split_once('='));
    Json::Object(pairs.map(|(name, value)| (name.to_owned(), value.into())).collect())
}

fn is_name(word: &str) -> bool {
    word.starts_with(|it: char| it.is_ascii_lowercase() || it.is_ascii_digit())
        && word.len() <= 253
        && word
            .bytes()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || b"-.".contains(&it))
}

/// A row of a table of pods, with its header or without: `[namespace] name 1/2 Status 7 [(3m ago)] 5d [ip node …]`.
pub(super) fn pod(line: &str) -> Option<Json> {
    if line.len() > 2_048 || !line.contains('/') {
        return None;
    }
    let words: Vec<&str> =
        line.trim_start_matches(['>', '|', '*', '`', ' ', '\t']).split_whitespace().collect();
    let at = words.iter().take(3).position(|it| counts(it).is_some())?;
    let (ready, all) = counts(words.get(at)?)?;
    let name = words.get(at.checked_sub(1)?)?;
    let name = name.strip_prefix("pod/").unwrap_or(name);
    let namespace = at.checked_sub(2).and_then(|it| words.get(it)).copied();
    let status =
        words.get(at + 1).filter(|it| it.starts_with(|it: char| it.is_ascii_uppercase()))?;
    let restarts: u64 = words.get(at + 2)?.parse().ok()?;
    let ago = usize::from(words.get(at + 3).is_some_and(|it| it.starts_with('(')));
    let age = words.get(at + 3 + 2 * ago)?;
    let is_age = *age == "<unknown>" || *age == "<invalid>" || parse_age(age).is_some();
    if !is_age || !is_name(name) || namespace.is_some_and(|it| !is_name(it)) || ready > all {
        return None;
    }
    let mut tree = json!({"kind": "Pod", "metadata": {"name": name}, "status": status_of(status, ready, all, restarts)});
    if let Some(namespace) = namespace {
        tree["metadata"]["namespace"] = namespace.into();
    }
    let node = words.get(at + 5 + 2 * ago).filter(|it| is_name(it));
    let ip = words
        .get(at + 4 + 2 * ago)
        .filter(|it| it.parse::<std::net::IpAddr>().is_ok() || **it == "<none>");
    if let (Some(node), Some(_)) = (node, ip) {
        tree["spec"]["nodeName"] = (*node).into();
    }
    let begins = |part: &str| name.starts_with(part) || name.contains(&format!("-{part}"));
    let program = KNOWN.programs.iter().find(|it| begins(&it.name));
    if let Some(Program { label, value, .. }) = program {
        tree["metadata"]["labels"] = json!({ label.as_str(): value });
    }
    Some(tree)
}

/// `1/2`
fn counts(word: &str) -> Option<(usize, usize)> {
    let (ready, all) = word.split_once('/')?;
    let number = |it: &str| it.parse::<usize>().ok().filter(|_| it.len() < 3);
    Some((number(ready)?, number(all).filter(|it| *it <= CONTAINERS)?))
}

/// The status that a row shows, in the shape of the object's own. Which container it is of a row does not tell.
fn status_of(shown: &str, ready: usize, all: usize, restarts: u64) -> Json {
    if let Some(init) = shown.strip_prefix("Init:") {
        let mut status = json!({ "phase": "Pending" });
        if !init.contains('/') {
            status["initContainerStatuses"] = json!([container(init, false, restarts)]);
        }
        status["containerStatuses"] =
            (0..all).map(|_| container("PodInitializing", false, 0)).collect();
        return status;
    }
    let phase = match shown {
        "Running" | "CrashLoopBackOff" | "NotReady" => Some("Running"),
        "Pending" | "ContainerCreating" | "PodInitializing" | "SchedulingGated" => Some("Pending"),
        "Completed" | "Succeeded" => Some("Succeeded"),
        "Failed" | "Evicted" => Some("Failed"),
        // As a description says it.
        "Terminating" => Some("Terminating"),
        "ImagePullBackOff" | "ErrImagePull" | "CreateContainerConfigError"
            if ready == 0 && restarts == 0 && all == 1 =>
        {
            Some("Pending")
        }
        _ => None,
    };
    let mut status = Map::new();
    if let Some(phase) = phase {
        status.insert("phase".to_owned(), phase.into());
    }
    // Of a pod that goes, or of whose node nobody hears, the row tells no more.
    if !matches!(
        shown,
        "Pending" | "Terminating" | "Unknown" | "Evicted" | "NodeLost" | "SchedulingGated"
    ) {
        let unready = (ready..all).enumerate().map(|(at, _)| {
            // A row shows one reason; the others may be well.
            let told = if at == 0 || matches!(shown, "ContainerCreating" | "PodInitializing") {
                shown
            } else {
                ""
            };
            container(told, false, if at == 0 { restarts } else { 0 })
        });
        let well = (0..ready).map(|_| container("Running", true, 0));
        status.insert("containerStatuses".to_owned(), well.chain(unready).collect());
    }
    Json::Object(status)
}

/// A container whose name nobody tells.
fn container(shown: &str, ready: bool, restarts: u64) -> Json {
    let mut container = json!({"name": "?", "ready": ready});
    match shown {
        "" | "NotReady" | "Failed" => {}
        "Running" => container["state"] = json!({"running": {}}),
        "Completed" | "Succeeded" => {
            container["state"] = json!({"terminated": {"reason": "Completed"}});
        }
        _ if ENDED.contains(&shown) => {
            container["state"] = json!({"terminated": {"reason": shown}});
        }
        _ => container["state"] = json!({"waiting": {"reason": shown}}),
    }
    if restarts > 0 {
        container["restartCount"] = restarts.into();
    }
    container
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_pods_is_read_in_every_width() {
        for (line, namespace, node, waits) in [
            (
                "aks-secrets-store-csi-driver-a2xk1   2/3   CrashLoopBackOff   708 (3m44s ago)   2d17h",
                "",
                "",
                "CrashLoopBackOff",
            ),
            ("kube-system  nmi-x7k2p  0/1  ErrImagePull  0  5m", "kube-system", "", "ErrImagePull"),
            (
                "web-0 0/1 ContainerCreating 0 34m <none> aks-np1-vmss000000 <none> <none>",
                "",
                "aks-np1-vmss000000",
                "ContainerCreating",
            ),
            (
                "pod/web-0   0/1     ImagePullBackOff   3 (5m ago)   34m   10.1.2.3   n-1   <none>   <none>",
                "",
                "n-1",
                "ImagePullBackOff",
            ),
        ] {
            let pod = pod(line).unwrap();
            assert_eq!(
                pod["metadata"]["namespace"].as_str().unwrap_or_default(),
                namespace,
                "{line}"
            );
            assert_eq!(pod["spec"]["nodeName"].as_str().unwrap_or_default(), node, "{line}");
            let all = pod["status"]["containerStatuses"].as_array().unwrap();
            assert_eq!(all.last().unwrap()["state"]["waiting"]["reason"], waits, "{line}");
        }
        let driver =
            pod("aks-secrets-store-csi-driver-a2xk1 2/3 CrashLoopBackOff 708 (3m44s ago) 2d17h")
                .unwrap();
        assert_eq!(driver["metadata"]["labels"]["app"], "secrets-store-csi-driver");
        assert_eq!(driver["status"]["containerStatuses"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn prose_is_no_row() {
        for line in [
            "it is 1/2 Done 3 days",
            "we have 0/1 pods",
            "a 1/2",
            "x 1/1 Running yes 3d",
            "HEAD a/b Running 0 3d",
        ] {
            assert!(pod(line).is_none(), "{line}");
        }
    }

    #[test]
    fn a_table_is_of_the_kind_that_its_columns_or_its_command_tell() {
        let asked = Asked::of("$ kubectl -n shop get secretproviderclass");
        let table = Listing::begin("NAME      AGE", asked.as_ref()).unwrap();
        let class = table.row("kv-web    6m11s").unwrap();
        assert_eq!(
            class,
            json!({"kind": "SecretProviderClass", "metadata": {"name": "kv-web", "namespace": "shop"}})
        );
        assert!(Listing::begin("NAME      AGE", None).is_none());
        let table = Listing::begin("NAME                       ATTACHREQUIRED   PODINFOONMOUNT   STORAGECAPACITY   TOKENREQUESTS                REQUIRESREPUBLISH   MODES       AGE", None).unwrap();
        let driver = table.row("secrets-store.csi.k8s.io   false            true             false             api://AzureADTokenExchange   true                Ephemeral   6d").unwrap();
        assert_eq!(driver["spec"]["tokenRequests"][0]["audience"], "api://AzureADTokenExchange");
        assert_eq!(driver["spec"]["volumeLifecycleModes"][0], "Ephemeral");
        let table = Listing::begin("NAMESPACE     NAME     DESIRED   CURRENT   READY   UP-TO-DATE   AVAILABLE   NODE SELECTOR            AGE", None).unwrap();
        let set = table.row("kube-system   driver   3         3         2       3            2           kubernetes.io/os=linux   6d").unwrap();
        assert_eq!(
            (set["status"]["numberReady"].as_u64(), &set["metadata"]["namespace"]),
            (Some(2), &"kube-system".into())
        );
        assert_eq!(set["spec"]["template"]["spec"]["nodeSelector"]["kubernetes.io/os"], "linux");
        let table = Listing::begin("NAME   STATUS   ROLES    AGE   VERSION", None).unwrap();
        assert_eq!(
            table.row("n-1    Ready    <none>   6d    v1.34.4").unwrap()["status"]["nodeInfo"]["kubeletVersion"],
            "v1.34.4"
        );
        assert!(table.row("and then it failed").is_none());
    }
}
