//! What a person points at, `deploy/web` or a label selector, as pods.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use triagem_engine::evidence::{Gap, Selection};
use triagem_engine::given::{Standing, standing};
use triagem_engine::text::secret::redact;
use triagem_engine::value::ObjectRef;

use super::Kubernetes;
use super::http::{Ask, JSON};
use super::kinds::Resource;
use super::objects::{Listing, needs};
use super::paths::For;

/// What a person points at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Target {
    /// One pod.
    Pod(String),
    /// Whatever runs pods: kind and name.
    Workload(&'static str, String),
    /// Pods with these labels.
    Labels(String),
    /// Every pod.
    All,
}

/// Short and long names of what runs pods.
const WORKLOADS: &[(&str, &[&str])] = &[
    ("Deployment", &["deploy", "deployment", "deployments"]),
    ("DaemonSet", &["ds", "daemonset", "daemonsets"]),
    ("StatefulSet", &["sts", "statefulset", "statefulsets"]),
    ("ReplicaSet", &["rs", "replicaset", "replicasets"]),
    ("Job", &["job", "jobs"]),
];

impl Target {
    /// `pod/web-0`, `deploy/web`; nothing where it names no kind we know.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once('/')?;
        let lower = kind.to_lowercase();
        if name.is_empty() || name.contains('/') {
            return None;
        }
        if matches!(lower.as_str(), "pod" | "pods" | "po") {
            return Some(Self::Pod(name.to_owned()));
        }
        let found = WORKLOADS.iter().find(|(_, names)| names.contains(&lower.as_str()))?;
        Some(Self::Workload(found.0, name.to_owned()))
    }
}

/// The pods a person meant.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// They exist. Where many were meant, only those that do not run well, that some event warns about, or that a
    /// playbook is about: trouble of a pod that runs may be told by logs alone.
    pub pods: Vec<ObjectRef>,
    /// The others.
    pub selection: Selection,
}

impl Kubernetes {
    /// Finds the pods in a namespace, or in all of them. `about` tells of an object whether some playbook is about it.
    pub async fn find(
        &self,
        target: &Target,
        namespace: Option<&str>,
        about: &(dyn Fn(&Json) -> bool + Send + Sync),
    ) -> Result<Found, Gap> {
        let pod = Resource::known("Pod").ok_or(Gap::Unsupported)?;
        let place = namespace.unwrap_or_default();
        let mut workload = None;
        let selector = match target {
            Target::Pod(name) => {
                let ask = Ask {
                    path: For::Server.object(&pod, place, name)?,
                    accept: JSON,
                    needs: needs("get", &pod, place),
                    name: Some(name.clone()),
                };
                let found = self.json(&ask).await?;
                if found["metadata"]["name"] != name.as_str() {
                    return Err(Gap::Failed(
                        "the API server answered with something else".to_owned(),
                    ));
                }
                self.remember(&found);
                return Ok(Found { pods: vec![reference(&found)], ..Found::default() });
            }
            Target::Workload(kind, name) => {
                let resource = Resource::known(kind).ok_or(Gap::Unsupported)?;
                let ask = Ask {
                    path: For::Server.object(&resource, place, name)?,
                    accept: JSON,
                    needs: needs("get", &resource, place),
                    name: Some(name.clone()),
                };
                let found = self.json(&ask).await?;
                let own = selector(&found["spec"]["selector"]).ok_or_else(|| {
                    Gap::Failed(format!("{kind}/{name} does not say which pods are its own"))
                })?;
                workload = Some(found);
                Some(own)
            }
            Target::Labels(selector) => Some(selector.clone()),
            Target::All => None,
        };
        let listing = Listing {
            path: pod.path(namespace)?,
            kind: pod.kind.clone(),
            selector,
            fields: None,
            needs: needs("list", &pod, place),
        };
        let (mut pods, mut well, mut leaving) = (Vec::new(), Vec::new(), 0);
        let gap = self
            .pages(&listing, &mut |item| {
                self.remember(&item);
                match standing(&item) {
                    Some(Standing::Leaving) => leaving += 1,
                    Some(Standing::Ended) => well.push(reference(&item)),
                    Some(Standing::Ready) if !about(&item) => well.push(reference(&item)),
                    _ => pods.push(reference(&item)),
                }
            })
            .await?;
        // Trouble of a pod that runs may be told by events alone.
        let (warned, unseen) = if well.is_empty() {
            (BTreeSet::new(), None)
        } else {
            self.warned(place).await.unwrap_or_else(|gap| (BTreeSet::new(), Some(gap)))
        };
        let (warned, well): (Vec<_>, Vec<_>) =
            well.into_iter().partition(|it| warned.contains(&it.uid));
        pods.extend(warned);
        let there = well.len() + pods.len();
        let lacks = workload.as_ref().and_then(|it| lacks(it, there));
        let selection = Selection {
            well: well.len(),
            leaving,
            gap: gap.or(lacks).or(unseen),
            ..Selection::default()
        };
        Ok(Found { pods, selection })
    }
}

fn reference(pod: &Json) -> ObjectRef {
    // Names go where everything that is known goes.
    let text = |key: &str| redact(pod["metadata"][key].as_str().unwrap_or_default()).into_owned();
    ObjectRef {
        kind: "Pod".to_owned(),
        namespace: text("namespace"),
        name: text("name"),
        uid: text("uid"),
    }
}

/// Why a workload has fewer pods than it wants, in its own words: who is not there can be in no trouble that is seen.
fn lacks(workload: &Json, there: usize) -> Option<Gap> {
    let wanted = workload["spec"]["replicas"]
        .as_u64()
        .or_else(|| workload["status"]["desiredNumberScheduled"].as_u64())?;
    let wanted = usize::try_from(wanted).ok().filter(|it| there < *it)?;
    let mut conditions = workload["status"]["conditions"].as_array().into_iter().flatten();
    let failure = conditions
        .find(|it| it["type"] == "ReplicaFailure" && it["status"] == "True")
        .and_then(|it| it["message"].as_str());
    let text = match failure {
        Some(why) => format!("{there} of {wanted} pods are there: {}", redact(why)),
        None => format!("{there} of {wanted} pods are there"),
    };
    Some(Gap::Failed(text))
}

/// A label selector object as a query writes it.
fn selector(object: &Json) -> Option<String> {
    let mut parts = Vec::new();
    for (key, value) in object["matchLabels"].as_object().into_iter().flatten() {
        parts.push(format!("{key}={}", value.as_str()?));
    }
    for expression in object["matchExpressions"].as_array().into_iter().flatten() {
        let key = expression["key"].as_str()?;
        let values: Vec<&str> = expression["values"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        parts.push(match expression["operator"].as_str()? {
            "In" => format!("{key} in ({})", values.join(",")),
            "NotIn" => format!("{key} notin ({})", values.join(",")),
            "Exists" => key.to_owned(),
            "DoesNotExist" => format!("!{key}"),
            _ => return None,
        });
    }
    (!parts.is_empty()).then(|| parts.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn people_point_in_short_and_long_names() {
        assert_eq!(Target::parse("po/web-0"), Some(Target::Pod("web-0".to_owned())));
        assert_eq!(
            Target::parse("Deploy/web"),
            Some(Target::Workload("Deployment", "web".to_owned()))
        );
        assert_eq!(Target::parse("logs/provider.log"), None);
        assert_eq!(Target::parse("pod/a/b"), None);
    }

    #[test]
    fn a_workload_says_which_pods_are_its_own() {
        let both = json!({"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "t", "operator": "In", "values": ["x", "y"]}]});
        assert_eq!(selector(&both).unwrap(), "a=b,t in (x,y)");
        assert_eq!(selector(&json!({})), None);
    }

    #[test]
    fn a_workload_with_fewer_pods_than_it_wants_says_why() {
        let web = json!({"spec": {"replicas": 3}, "status": {"conditions": [
            {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota: pods"}
        ]}});
        let told = Gap::Failed("1 of 3 pods are there: exceeded quota: pods".to_owned());
        assert_eq!(lacks(&web, 1), Some(told));
        assert_eq!(lacks(&web, 3), None);
        assert_eq!(lacks(&web, 4), None, "an old pod beside the new ones");
        let agents = json!({"status": {"desiredNumberScheduled": 2}});
        assert_eq!(lacks(&agents, 0), Some(Gap::Failed("0 of 2 pods are there".to_owned())));
        assert_eq!(lacks(&json!({"spec": {"completions": 1}}), 0), None, "a job that is done");
    }
}
