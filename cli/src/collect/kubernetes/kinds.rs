//! Which API serves a kind: a table of what every cluster has, and discovery for the rest.

use serde_json::{Value as Json, json};
use triagem_engine::evidence::Gap;

use super::Kubernetes;
use super::http::{Ask, JSON};
use super::paths::For;

/// Where the objects of a kind are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Resource {
    /// API group; empty for the core group.
    pub group: String,
    /// Version.
    pub version: String,
    /// Plural, as in paths and roles.
    pub plural: String,
    /// Kind.
    pub kind: String,
    /// Its objects live in namespaces.
    pub namespaced: bool,
}

/// What discovery told.
#[derive(Clone, Debug, Default)]
pub(super) struct Served {
    resources: Vec<Resource>,
    /// Some group did not answer: what it serves nobody knows.
    silent: Option<Gap>,
}

/// Kinds that every cluster serves: kind, group, version, plural, in namespaces.
const KNOWN: &[(&str, &str, &str, &str, bool)] = &[
    ("ConfigMap", "", "v1", "configmaps", true),
    ("CronJob", "batch", "v1", "cronjobs", true),
    ("CSIDriver", "storage.k8s.io", "v1", "csidrivers", false),
    ("CSINode", "storage.k8s.io", "v1", "csinodes", false),
    ("CustomResourceDefinition", "apiextensions.k8s.io", "v1", "customresourcedefinitions", false),
    ("DaemonSet", "apps", "v1", "daemonsets", true),
    ("Deployment", "apps", "v1", "deployments", true),
    ("Event", "", "v1", "events", true),
    ("Job", "batch", "v1", "jobs", true),
    ("Namespace", "", "v1", "namespaces", false),
    ("Node", "", "v1", "nodes", false),
    ("PersistentVolumeClaim", "", "v1", "persistentvolumeclaims", true),
    ("Pod", "", "v1", "pods", true),
    ("ReplicaSet", "apps", "v1", "replicasets", true),
    ("Service", "", "v1", "services", true),
    ("ServiceAccount", "", "v1", "serviceaccounts", true),
    ("StatefulSet", "apps", "v1", "statefulsets", true),
    ("StorageClass", "storage.k8s.io", "v1", "storageclasses", false),
];

/// Both forms of discovery; the aggregated one answers everything at once.
const DISCOVERY: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
     application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

impl Resource {
    /// A kind of the table.
    pub fn known(kind: &str) -> Option<Self> {
        KNOWN.iter().find(|it| it.0.eq_ignore_ascii_case(kind)).map(
            |(kind, group, version, plural, namespaced)| Self {
                group: (*group).to_owned(),
                version: (*version).to_owned(),
                plural: (*plural).to_owned(),
                kind: (*kind).to_owned(),
                namespaced: *namespaced,
            },
        )
    }

    /// What roles call it: `pods`, `csinodes.storage.k8s.io`.
    pub fn in_roles(&self) -> String {
        if self.group.is_empty() {
            self.plural.clone()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    /// The path of its objects: of one namespace, or of all.
    pub(super) fn path(&self, namespace: Option<&str>) -> Result<String, Gap> {
        For::Server.objects(self, namespace.unwrap_or_default())
    }
}

/// What is never asked for, whoever wants it and whatever a system says.
const SECRETS: &[&str] = &["Secret", "Secrets"];

/// Whether objects of a kind may be asked for at all.
pub(super) fn allowed(kind: &str) -> Result<(), Gap> {
    if SECRETS.iter().any(|it| it.eq_ignore_ascii_case(kind)) {
        return Err(Gap::Failed("Secrets are never read".to_owned()));
    }
    Ok(())
}

/// The plural that Kubernetes' own tools guess for a kind.
pub fn guessed_plural(kind: &str) -> String {
    let lower = kind.to_lowercase();
    if lower.ends_with('s') {
        format!("{lower}es")
    } else if let Some(stem) = lower.strip_suffix('y') {
        format!("{stem}ies")
    } else {
        format!("{lower}s")
    }
}

impl Kubernetes {
    /// Which API serves a kind; absent where the whole of discovery came back without it.
    pub(super) async fn resource(&self, kind: &str, group: Option<&str>) -> Result<Resource, Gap> {
        allowed(kind)?;
        if let Some(known) =
            Resource::known(kind).filter(|it| group.is_none_or(|group| group == it.group))
        {
            return Ok(known);
        }
        let served = self.served().await?;
        let mut found = served.resources.iter().filter(|it| {
            it.kind.eq_ignore_ascii_case(kind) && group.is_none_or(|group| it.group == group)
        });
        let first = found.next().ok_or_else(|| served.silent.clone().unwrap_or(Gap::Absent))?;
        match found.find(|it| it.group != first.group) {
            Some(_) => Err(Gap::Ambiguous),
            None if first.plural == "secrets" && first.group.is_empty() => {
                Err(Gap::Failed("Secrets are never read".to_owned()))
            }
            None => Ok(first.clone()),
        }
    }

    /// Everything that API groups serve, the preferred version of each first; asked once.
    async fn served(&self) -> Result<&Served, Gap> {
        let ask = || async {
            let apis = self.json(&discovery("/apis")).await?;
            if apis["kind"] == "APIGroupDiscoveryList" {
                aggregated(&apis)
            } else {
                self.each_group(&apis).await
            }
        };
        let served = self.discovery.get_or_init(ask).await;
        served.as_ref().map_err(Clone::clone)
    }

    /// An older server answers group by group.
    async fn each_group(&self, apis: &Json) -> Result<Served, Gap> {
        let groups = apis["groups"].as_array().ok_or_else(unreadable)?;
        let mut served = Served::default();
        for group in groups {
            let Some(version) = group["preferredVersion"]["groupVersion"].as_str() else {
                continue;
            };
            let list = match self.json(&discovery(&format!("/apis/{version}"))).await {
                Ok(list) => list,
                Err(gap) => {
                    served.silent = Some(gap);
                    continue;
                }
            };
            let (name, version) = version.split_once('/').unwrap_or(("", version));
            for resource in list["resources"].as_array().ok_or_else(unreadable)? {
                served.resources.extend(one(
                    name,
                    version,
                    resource,
                    "name",
                    &resource["kind"],
                    &resource["namespaced"],
                ));
            }
        }
        Ok(served)
    }

    /// The kinds of one group, as data.
    pub(super) async fn discover(&self, group: &str) -> Result<Json, Gap> {
        let served = self.served().await?;
        let kinds: Vec<Json> = served
            .resources
            .iter()
            .filter(|it| it.group == group)
            .map(|it| json!({"kind": it.kind, "version": it.version, "plural": it.plural}))
            .collect();
        if kinds.is_empty() {
            Err(served.silent.clone().unwrap_or(Gap::Absent))
        } else {
            Ok(json!({"group": group, "kinds": kinds}))
        }
    }
}

fn discovery(path: &str) -> Ask {
    Ask {
        path: path.to_owned(),
        accept: if path == "/apis" { DISCOVERY } else { JSON },
        needs: format!("get on {path}"),
        name: None,
    }
}

fn unreadable() -> Gap {
    Gap::Failed("the answer to discovery is not what it should be".to_owned())
}

fn aggregated(apis: &Json) -> Result<Served, Gap> {
    let mut served = Served::default();
    for group in apis["items"].as_array().ok_or_else(unreadable)? {
        // A group without a name or versions tells of no kind that it is not served.
        let name = group["metadata"]["name"].as_str().ok_or_else(unreadable)?;
        for version in group["versions"].as_array().ok_or_else(unreadable)? {
            // What a dead aggregated API would serve nobody knows.
            if version["freshness"] == "Stale" {
                served.silent = Some(Gap::Failed(format!("the API group {name} does not answer")));
            }
            let number = version["version"].as_str().unwrap_or_default();
            for resource in version["resources"].as_array().into_iter().flatten() {
                let namespaced = json!(resource["scope"] == "Namespaced");
                served.resources.extend(one(
                    name,
                    number,
                    resource,
                    "resource",
                    &resource["responseKind"]["kind"],
                    &namespaced,
                ));
            }
        }
    }
    Ok(served)
}

fn one(
    group: &str,
    version: &str,
    resource: &Json,
    key: &str,
    kind: &Json,
    namespaced: &Json,
) -> Option<Resource> {
    let plural = resource[key].as_str().filter(|it| !it.contains('/'))?;
    Some(Resource {
        group: group.to_owned(),
        version: version.to_owned(),
        plural: plural.to_owned(),
        kind: kind.as_str()?.to_owned(),
        namespaced: namespaced.as_bool()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_are_guessed_as_kubectl_does() {
        for (kind, plural) in [
            ("SecretProviderClass", "secretproviderclasses"),
            ("Policy", "policies"),
            ("Pod", "pods"),
        ] {
            assert_eq!(guessed_plural(kind), plural);
        }
        assert!(KNOWN.iter().all(|it| guessed_plural(it.0) == it.3));
    }

    #[test]
    fn aggregated_discovery_is_read() {
        let apis = json!({"items": [{"metadata": {"name": "g"}, "versions": [{"version": "v1", "resources": [
            {"resource": "things", "responseKind": {"kind": "Thing"}, "scope": "Namespaced", "subresources": [{}]}]}]}]});
        assert_eq!(
            aggregated(&apis).unwrap().resources.first().unwrap().path(Some("a/b")).unwrap(),
            "/apis/g/v1/namespaces/a%2Fb/things"
        );
        let stale =
            json!({"items": [{"metadata": {"name": "g"}, "versions": [{"freshness": "Stale"}]}]});
        assert!(aggregated(&stale).unwrap().silent.is_some());
        assert!(aggregated(&json!({})).is_err());
    }
}
