//! A real etcd and kube-apiserver on loopback, with a stand-in for the kubelet's logs. Objects are written as they were
//! recorded, status included: no controller runs.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use kube::client::Body;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Client, Config};
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;
use triagem_engine::text::parse_rfc3339;

use super::served::clock::{klog_later, now, rfc3339};
use super::served::front::Front;
use super::served::objects;

/// Plurals in the order they are written, with group, version and kind.
const ORDER: &[(&str, &str, &str, &str)] = &[
    ("namespaces", "", "v1", "Namespace"),
    ("serviceaccounts", "", "v1", "ServiceAccount"),
    ("nodes", "", "v1", "Node"),
    ("csidrivers", "storage.k8s.io", "v1", "CSIDriver"),
    ("csinodes", "storage.k8s.io", "v1", "CSINode"),
    ("daemonsets", "apps", "v1", "DaemonSet"),
    ("secretproviderclasses", "secrets-store.csi.x-k8s.io", "v1", "SecretProviderClass"),
    (
        "secretproviderclasspodstatuses",
        "secrets-store.csi.x-k8s.io",
        "v1",
        "SecretProviderClassPodStatus",
    ),
    ("pods", "", "v1", "Pod"),
    ("events", "", "v1", "Event"),
    ("roles", "rbac.authorization.k8s.io", "v1", "Role"),
    ("rolebindings", "rbac.authorization.k8s.io", "v1", "RoleBinding"),
    ("clusterroles", "rbac.authorization.k8s.io", "v1", "ClusterRole"),
    ("clusterrolebindings", "rbac.authorization.k8s.io", "v1", "ClusterRoleBinding"),
    ("customresourcedefinitions", "apiextensions.k8s.io", "v1", "CustomResourceDefinition"),
];

/// The servers, until the test ends.
pub struct Real {
    children: Vec<Child>,
    pub folder: tempfile::TempDir,
    runtime: Runtime,
    client: Client,
    kubelet: u16,
    pub port: u16,
}

impl Drop for Real {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _gone = child.kill();
            let _gone = child.wait();
        }
    }
}

impl Real {
    /// Starts them; `None`, saying so, where `KUBEBUILDER_ASSETS` does not tell where they are.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same, with more flags of the API server.
    pub fn start_with(flags: &[&str]) -> Option<Self> {
        let Some(assets) = std::env::var_os("KUBEBUILDER_ASSETS").map(PathBuf::from) else {
            eprintln!(
                "skipped: KUBEBUILDER_ASSETS is not set; tests/kubernetes/build DIR makes what it needs"
            );
            return None;
        };
        let assets = if assets.is_relative() { root().join(assets) } else { assets };
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        run(Command::new("openssl").args(["genrsa", "-out", &at("sa.key"), "2048"]));
        run(Command::new("openssl").args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-keyout",
            &at("kubelet.key"),
            "-out",
            &at("kubelet.crt"),
        ]));
        fs::write(
            at("tokens"),
            "admin-token,admin,admin,system:masters\nreader-token,reader,reader\nclassless-token,classless,classless\n",
        )
        .unwrap();
        let (etcd, peer, port) = (free(), free(), free());
        let quiet = |name: &str| Stdio::from(fs::File::create(at(name)).unwrap());
        let mut children = vec![
            Command::new(assets.join("etcd"))
                .args(["--data-dir", &at("etcd"), "--unsafe-no-fsync", "--log-level", "error"])
                .args([
                    "--listen-client-urls",
                    &format!("http://127.0.0.1:{etcd}"),
                    "--advertise-client-urls",
                    &format!("http://127.0.0.1:{etcd}"),
                ])
                .args([
                    "--listen-peer-urls",
                    &format!("http://127.0.0.1:{peer}"),
                    "--initial-advertise-peer-urls",
                    &format!("http://127.0.0.1:{peer}"),
                ])
                .args(["--initial-cluster", &format!("default=http://127.0.0.1:{peer}")])
                .stderr(quiet("etcd.log"))
                .spawn()
                .unwrap(),
        ];
        children.push(
            Command::new(assets.join("kube-apiserver"))
                .args([
                    "--etcd-servers",
                    &format!("http://127.0.0.1:{etcd}"),
                    "--secure-port",
                    &port.to_string(),
                ])
                .args([
                    "--bind-address",
                    "127.0.0.1",
                    "--advertise-address",
                    "127.0.0.1",
                    "--endpoint-reconciler-type",
                    "none",
                ])
                .args([
                    "--cert-dir",
                    &at("certs"),
                    "--service-cluster-ip-range",
                    "10.0.0.0/24",
                    "--allow-privileged=true",
                    "--authorization-mode",
                    "RBAC",
                ])
                .args([
                    "--token-auth-file",
                    &at("tokens"),
                    "--service-account-issuer",
                    "https://localhost",
                ])
                .args([
                    "--service-account-key-file",
                    &at("sa.key"),
                    "--service-account-signing-key-file",
                    &at("sa.key"),
                ])
                .args([
                    "--disable-admission-plugins",
                    "ServiceAccount,Priority,TaintNodesByCondition",
                ])
                .args(flags)
                .stderr(quiet("apiserver.log"))
                .spawn()
                .unwrap(),
        );
        let logs = folder.path().join("logs");
        fs::create_dir(&logs).unwrap();
        let mut kubelet = Command::new("python3")
            .arg(root().join("tests/kubernetes/kubelet.py"))
            .args([&at("kubelet.crt"), &at("kubelet.key"), logs.to_str().unwrap()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(kubelet.stdout.take().unwrap()).read_line(&mut line).unwrap();
        children.push(kubelet);
        for user in ["admin", "reader", "classless"] {
            let config = format!(
                "apiVersion: v1\nkind: Config\ncurrent-context: real\nclusters: [{{name: real, cluster: {{server: \"https://127.0.0.1:{port}\", insecure-skip-tls-verify: true}}}}]\nusers: [{{name: it, user: {{token: {user}-token}}}}]\ncontexts: [{{name: real, context: {{cluster: real, user: it}}}}]\n"
            );
            fs::write(at(user), config).unwrap();
        }
        let runtime = Runtime::new().unwrap();
        let client = runtime.block_on(async {
            let read = Kubeconfig::read_from(at("admin")).unwrap();
            let config =
                Config::from_custom_kubeconfig(read, &KubeConfigOptions::default()).await.unwrap();
            Client::try_from(config).unwrap()
        });
        let real =
            Self { children, folder, runtime, client, kubelet: line.trim().parse().unwrap(), port };
        real.wait();
        for kind in ["SecretProviderClass", "SecretProviderClassPodStatus"] {
            real.write("customresourcedefinitions", &definition(kind));
        }
        real.wait();
        // May read everything but classes.
        real.write("clusterroles", &json!({"metadata": {"name": "classless"}, "rules": [
            {"apiGroups": ["", "apps", "batch", "storage.k8s.io", "apiextensions.k8s.io", "events.k8s.io"], "resources": ["*"], "verbs": ["get", "list"]},
            {"apiGroups": ["secrets-store.csi.x-k8s.io"], "resources": ["secretproviderclasspodstatuses"], "verbs": ["get", "list"]},
        ]}));
        real.write("clusterrolebindings", &json!({"metadata": {"name": "classless"}, "subjects": [{"kind": "User", "name": "classless", "apiGroup": "rbac.authorization.k8s.io"}],
            "roleRef": {"kind": "ClusterRole", "name": "classless", "apiGroup": "rbac.authorization.k8s.io"}}));
        Some(real)
    }

    /// The kubeconfig of `admin`, of `reader` (who may do nothing yet) or of `classless`.
    pub fn kubeconfig(&self, user: &str) -> String {
        self.folder.path().join(user).to_str().unwrap().to_owned()
    }

    fn wait(&self) {
        let begun = Instant::now();
        loop {
            let ready = self.runtime.block_on(async {
                let kinds = self
                    .client
                    .list_api_group_resources("secrets-store.csi.x-k8s.io/v1")
                    .await
                    .is_ok();
                let namespaces = self.api("namespaces", None).get_opt("kube-system").await;
                (namespaces.is_ok_and(|it| it.is_some()), kinds)
            });
            // The first wait is for the server, the second for the definition.
            if ready.0 && (ready.1 || begun.elapsed() > Duration::from_secs(3)) {
                return;
            }
            if begun.elapsed() > Duration::from_secs(60) {
                panic!(
                    "the API server does not start: {}",
                    fs::read_to_string(self.folder.path().join("apiserver.log")).unwrap()
                );
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn api(&self, plural: &str, namespace: Option<&str>) -> Api<DynamicObject> {
        let (_, group, version, kind) = ORDER.iter().find(|it| it.0 == plural).unwrap();
        let resource =
            ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, kind), plural);
        match namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        }
    }

    /// Writes an object as it was recorded, with its status; returns its new uid.
    pub fn write(&self, plural: &str, object: &Json) -> String {
        let mut plain = object.clone();
        let metadata = plain["metadata"].as_object_mut().unwrap();
        for server in [
            "uid",
            "resourceVersion",
            "creationTimestamp",
            "generation",
            "managedFields",
            "ownerReferences",
            "selfLink",
        ] {
            metadata.remove(server);
        }
        let (_, group, version, kind) = ORDER.iter().find(|it| it.0 == plural).unwrap();
        plain["apiVersion"] =
            if group.is_empty() { (*version).into() } else { format!("{group}/{version}").into() };
        plain["kind"] = (*kind).into();
        if plural == "pods" {
            let spec = plain["spec"].as_object_mut().unwrap();
            spec.remove("priority");
            spec.remove("priorityClassName");
        }
        // Of this one the status is a part like any other.
        let mut status = match plural {
            "secretproviderclasspodstatuses" => Json::Null,
            _ => plain.as_object_mut().unwrap().remove("status").unwrap_or_default(),
        };
        if plural == "nodes" {
            status = json!({"addresses": [{"type": "InternalIP", "address": "127.0.0.1"}], "daemonEndpoints": {"kubeletEndpoint": {"Port": self.kubelet}}, "conditions": status["conditions"]});
        }
        let namespace = plain["metadata"]["namespace"].as_str().map(str::to_owned);
        let name = plain["metadata"]["name"].as_str().unwrap().to_owned();
        let api = self.api(plural, namespace.as_deref());
        self.runtime.block_on(async {
            let object: DynamicObject = serde_json::from_value(plain).unwrap();
            let written = match api.create(&PostParams::default(), &object).await {
                Ok(written) => written,
                Err(kube::Error::Api(status)) if status.code == 409 => {
                    api.get(&name).await.unwrap()
                }
                Err(error) => panic!("{plural}/{name}: {error}"),
            };
            if status.is_object() && plural != "namespaces" {
                let patch = Patch::Merge(json!({"status": status}));
                api.patch_status(&name, &PatchParams::default(), &patch).await.unwrap();
            }
            written.metadata.uid.unwrap()
        })
    }

    /// Replaces an object that has no status.
    pub fn replace(&self, plural: &str, object: &Json) {
        let api = self.api(plural, object["metadata"]["namespace"].as_str());
        let name = object["metadata"]["name"].as_str().unwrap();
        self.runtime.block_on(async {
            api.patch(name, &PatchParams::default(), &Patch::Merge(object)).await.unwrap();
        });
    }

    /// Writes a recorded cluster, and serves its logs. Events speak of the pods by their new uids.
    pub fn load(&self, folder: &Path) {
        let mut all = objects(folder);
        let mut uids: BTreeMap<String, String> = BTreeMap::new();
        let mut namespaces: Vec<String> = all
            .values()
            .flatten()
            .filter_map(|it| it["metadata"]["namespace"].as_str().map(str::to_owned))
            .collect();
        namespaces.sort();
        namespaces.dedup();
        for name in namespaces {
            self.write("namespaces", &json!({"metadata": {"name": name}}));
        }
        // The server says that its pods were made now: what was recorded of them has happened since.
        let made = all.get("pods").into_iter().flatten();
        let made = made.filter_map(|it| it["metadata"]["creationTimestamp"].as_str());
        let later = made.filter_map(parse_rfc3339).max().map_or(0, |it| now() + 2_000_000 - it);
        for (plural, ..) in ORDER {
            for mut object in all.remove(*plural).unwrap_or_default() {
                for time in ["firstTimestamp", "lastTimestamp", "eventTime"] {
                    if let Some(at) = object[time].as_str().and_then(parse_rfc3339) {
                        object[time] = rfc3339(at + later).into();
                    }
                }
                let old = object["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
                let about = object["involvedObject"]["uid"].as_str().map(str::to_owned);
                if let Some(new) = about.and_then(|it| uids.get(&it)) {
                    object["involvedObject"]["uid"] = new.clone().into();
                }
                uids.insert(old, self.write(plural, &object));
            }
        }
        for log in ["provider.log", "driver.log", "registrar.log"] {
            let text = fs::read_to_string(folder.join(log)).unwrap_or_default();
            let text = text.lines().map(|it| klog_later(it, later) + "\n").collect::<String>();
            fs::write(self.folder.path().join("logs").join(log), text).unwrap();
        }
    }

    /// Stands in front of the server; `before` hears of every question before it is passed on.
    pub fn front(&self, before: impl Fn(&str) + Send + Sync + 'static) -> Front {
        let mut config = Config::new(format!("https://127.0.0.1:{}", self.port).parse().unwrap());
        config.accept_invalid_certs = true;
        let handle = self.runtime.handle().clone();
        let client = self.runtime.block_on(async { Client::try_from(config).unwrap() });
        Front::start(std::sync::Arc::new(move |head, path| {
            before(path);
            let mut request = http::Request::get(path);
            // Who asks says so itself.
            for (name, value) in head.lines().filter_map(|it| it.split_once(": ")) {
                if ["authorization", "accept"].contains(&name.to_lowercase().as_str()) {
                    request = request.header(name, value.trim_end());
                }
            }
            handle.block_on(async {
                let answer = client.send(request.body(Body::empty()).unwrap()).await.unwrap();
                let status = answer.status().as_u16();
                (status, answer.into_body().collect().await.unwrap().to_bytes().to_vec())
            })
        }))
    }

    /// Waits until the server has forgotten what this question continues: it compacts as time goes by and things happen.
    pub fn forgetting(&self) -> impl Fn(&str) + Send + Sync + use<> {
        let (client, handle) = (self.client.clone(), self.runtime.handle().clone());
        let accounts = self.api("serviceaccounts", Some("default"));
        move |path| {
            handle.block_on(async {
                for tick in 0..200 {
                    let request = http::Request::get(path).body(Body::empty()).unwrap();
                    if client.send(request).await.unwrap().status() == 410 {
                        return;
                    }
                    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": format!("tick-{tick}")}});
                    accounts
                        .create(&PostParams::default(), &serde_json::from_value(account).unwrap())
                        .await
                        .unwrap();
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
                panic!("{path} never expires");
            });
        }
    }

    /// A token of a service account, as a pod has it.
    pub fn token(&self, namespace: &str, account: &str) -> String {
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token");
        let asked = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}});
        let request = http::Request::post(path)
            .header("content-type", "application/json")
            .body(serde_json::to_vec(&asked).unwrap())
            .unwrap();
        let answer: Json = self.runtime.block_on(self.client.request(request)).unwrap();
        answer["status"]["token"].as_str().unwrap().to_owned()
    }

    /// Takes a recorded cluster away again.
    pub fn unload(&self, folder: &Path) {
        for (plural, objects) in objects(folder) {
            if !ORDER.iter().any(|it| it.0 == plural) {
                continue;
            }
            for object in objects {
                let api = self.api(&plural, object["metadata"]["namespace"].as_str());
                let name = object["metadata"]["name"].as_str().unwrap();
                let now = DeleteParams { grace_period_seconds: Some(0), ..DeleteParams::default() };
                let _gone = self.runtime.block_on(api.delete(name, &now));
            }
        }
    }
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn free() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The definition of one of the driver's kinds, as far as it matters here.
fn definition(kind: &str) -> Json {
    let singular = kind.to_lowercase();
    let plural = format!("{singular}es");
    json!({
        "metadata": {"name": format!("{plural}.secrets-store.csi.x-k8s.io")},
        "spec": {
            "group": "secrets-store.csi.x-k8s.io",
            "names": {"plural": plural, "singular": singular, "kind": kind, "listKind": format!("{kind}List")},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}],
        },
    })
}
