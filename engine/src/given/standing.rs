//! How a pod stands, as its own object tells.

use serde_json::Value as Json;

use crate::text::secret::redact;

/// Characters of a reason.
const REASON: usize = 80;

/// Characters of what is said beside it.
const SAID: usize = 300;

/// How a subject stands.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Standing {
    /// It runs, with all its containers ready.
    Ready,
    /// It has ended well.
    Ended,
    /// It is being deleted.
    Leaving,
    /// None of these, and why, in the word of whoever runs it: `CrashLoopBackOff`, `Unschedulable`.
    Trouble(String),
}

impl Standing {
    /// The name that reports use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Ended => "ended",
            Self::Leaving => "leaving",
            Self::Trouble(_) => "trouble",
        }
    }

    /// Nothing is wrong with it.
    pub fn is_well(&self) -> bool {
        matches!(self, Self::Ready | Self::Ended)
    }
}

/// How the object of a pod says that it stands; none: it is no pod, or does not say.
pub fn standing(object: &Json) -> Option<Standing> {
    if object["kind"].as_str().is_some_and(|it| it != "Pod") {
        return None;
    }
    let status = &object["status"];
    let phase = status["phase"].as_str()?;
    if !is_a_pods(object) {
        return None;
    }
    // A description says so in the place of the phase.
    if !object["metadata"]["deletionTimestamp"].is_null() || phase.starts_with("Terminating") {
        return Some(Standing::Leaving);
    }
    let trouble = || Standing::Trouble(reason(object, phase));
    match phase {
        "Succeeded" if !waits(status) && !failed(status) => Some(Standing::Ended),
        "Running" => {
            let containers = status["containerStatuses"].as_array().filter(|it| !it.is_empty())?;
            let may_end = object["spec"]["restartPolicy"]
                .as_str()
                .is_some_and(|it| matches!(it, "Never" | "OnFailure"));
            let ended = |it: &Json| may_end && ended_well(it);
            let ready = containers.iter().all(|it| it["ready"] == true || ended(it));
            let wanted = object["spec"]["containers"].as_array().map_or(0, Vec::len);
            // A pod can wait for more than its containers, unless one of them has simply done its work. Who lost the node does not know.
            let gates = ["Ready", "ContainersReady", "PodScheduled", "Initialized"];
            let gated =
                gates.iter().any(|it| conditions(object, it).any(|it| it["status"] != "True"));
            let known = containers.len() >= wanted && !waits(status) && status["reason"].is_null();
            let fine = ready && known && (!gated || containers.iter().any(ended));
            Some(if fine { Standing::Ready } else { trouble() })
        }
        _ => Some(trouble()),
    }
}

/// Whether an element of a list is a pod that runs well, or has ended well.
pub(crate) fn is_well_pod(object: &Json) -> bool {
    object["spec"]["containers"].is_array()
        && object["metadata"]["name"].is_string()
        && standing(object).is_some_and(|it| it.is_well())
}

fn ended_well(container: &Json) -> bool {
    let code = &container["state"]["terminated"]["exitCode"];
    code.as_u64() == Some(0) || code.as_str() == Some("0")
}

/// Whether what tells how it stands has the shape that it has of a pod.
fn is_a_pods(object: &Json) -> bool {
    let (spec, status) = (&object["spec"], &object["status"]);
    let lists = |it: &Json| {
        it.is_null() || it.as_array().is_some_and(|all| all.iter().all(Json::is_object))
    };
    (spec.is_object() || object.get("spec").is_none())
        && lists(&spec["volumes"])
        && lists(&spec["containers"])
        && ["conditions", "initContainerStatuses", "containerStatuses"]
            .iter()
            .all(|it| lists(&status[*it]))
        && all_of(&status["containerStatuses"]).all(|it| {
            // A server says of each container what it does; a description may leave it out.
            it.get("state").is_none_or(Json::is_object)
                && (it["restartCount"].is_null() || it["restartCount"].is_u64())
        })
        && all_of(&spec["volumes"]).all(|it| it["csi"].is_null() || it["csi"]["driver"].is_string())
}

fn all_of(list: &Json) -> impl Iterator<Item = &Json> {
    list.as_array().into_iter().flatten()
}

/// Whether a container has ended, and not well.
fn failed(status: &Json) -> bool {
    all_of(&status["containerStatuses"])
        .any(|it| it["state"]["terminated"].is_object() && !ended_well(it))
}

/// Whether a container waits, whatever else is said.
fn waits(status: &Json) -> bool {
    status["containerStatuses"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|it| it["state"]["waiting"].is_object())
}

fn conditions<'j>(object: &'j Json, kind: &str) -> impl Iterator<Item = &'j Json> {
    let all = object["status"]["conditions"].as_array().into_iter().flatten();
    all.filter(move |it| it["type"] == kind)
}

fn condition<'j>(object: &'j Json, kind: &str) -> Option<&'j Json> {
    conditions(object, kind).next()
}

/// What its own object says of what it waits for, or why it ended, the most telling first; none: nothing, or it is well.
pub fn said(object: &Json) -> Option<String> {
    match standing(object)? {
        Standing::Trouble(_) => {}
        Standing::Ready | Standing::Ended | Standing::Leaving => return None,
    }
    let status = &object["status"];
    let containers = ["initContainerStatuses", "containerStatuses"]
        .into_iter()
        .flat_map(|it| status[it].as_array().into_iter().flatten());
    let of = |state: &'static str| {
        containers.clone().filter_map(move |it| it["state"][state]["message"].as_str())
    };
    let gate = |kind: &str| {
        condition(object, kind).filter(|it| it["status"] == "False")?["message"].as_str()
    };
    let mut all = of("waiting")
        .chain(of("terminated"))
        .chain(gate("PodScheduled"))
        .chain(status["message"].as_str())
        .map(str::trim);
    let told = all.find(|it| !it.is_empty())?;
    let line: String = redact(told).split_whitespace().collect::<Vec<_>>().join(" ");
    Some(line.chars().take(SAID).collect())
}

/// Why it is not ready, the most telling word first.
fn reason(object: &Json, phase: &str) -> String {
    let status = &object["status"];
    let containers = ["initContainerStatuses", "containerStatuses"]
        .into_iter()
        .flat_map(|it| status[it].as_array().into_iter().flatten());
    let waits = |it: &Json| it["state"]["waiting"]["reason"].as_str().map(str::to_owned);
    // Whoever waits for an init container only says that it waits.
    let telling = |it: &String| !matches!(it.as_str(), "PodInitializing" | "ContainerCreating");
    let fails = |it: &Json| {
        let terminated = &it["state"]["terminated"];
        (terminated.is_object() && !ended_well(it))
            .then(|| terminated["reason"].as_str().map(str::to_owned))?
    };
    let said = |kind: &str| {
        let found = condition(object, kind).filter(|it| it["status"] == "False")?;
        found["reason"].as_str().map(str::to_owned)
    };
    let word = containers
        .clone()
        .filter_map(waits)
        .find(telling)
        .or_else(|| containers.clone().find_map(fails))
        .or_else(|| said("PodScheduled"))
        .or_else(|| containers.clone().find_map(waits))
        .or_else(|| status["reason"].as_str().map(str::to_owned))
        .or_else(|| (phase == "Running").then(|| said("Ready"))?)
        .unwrap_or_else(|| phase.to_owned());
    redact(&word).chars().take(REASON).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn trouble(why: &str) -> Option<Standing> {
        Some(Standing::Trouble(why.to_owned()))
    }

    fn of(status: Json) -> Option<Standing> {
        standing(
            &json!({"kind": "Pod", "metadata": {}, "spec": {"restartPolicy": "Always"}, "status": status}),
        )
    }

    #[test]
    fn a_pod_is_ready_has_ended_or_is_in_trouble() {
        let ready = |ready: bool| json!([{"name": "a", "ready": ready, "state": {"running": {}}}]);
        assert_eq!(
            of(json!({"phase": "Running", "containerStatuses": ready(true)})),
            Some(Standing::Ready)
        );
        assert_eq!(of(json!({"phase": "Succeeded"})), Some(Standing::Ended));
        assert_eq!(
            of(
                json!({"phase": "Running", "containerStatuses": ready(false), "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}]})
            ),
            trouble("ContainersNotReady")
        );
        // Every container is ready, and a gate is not.
        assert_eq!(
            of(
                json!({"phase": "Running", "containerStatuses": ready(true), "conditions": [{"type": "Ready", "status": "False", "reason": "ReadinessGatesNotReady"}]})
            ),
            trouble("ReadinessGatesNotReady")
        );
        assert_eq!(of(json!({"phase": "Failed", "reason": "Evicted"})), trouble("Evicted"));
        assert_eq!(
            of(
                json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]})
            ),
            trouble("Unschedulable")
        );
        let init = json!({"phase": "Pending", "initContainerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}}], "containerStatuses": [{"state": {"waiting": {"reason": "PodInitializing"}}}]});
        assert_eq!(of(init), trouble("CrashLoopBackOff"));
        // What does not say it is not known.
        assert_eq!(of(json!({})), None);
        for contradicts in [
            json!({"phase": "Running", "containerStatuses": ready(true), "reason": "NodeLost"}),
            json!({"phase": "Running", "containerStatuses": ready(true), "conditions": [{"type": "Ready", "status": "Unknown"}]}),
            json!({"phase": "Running", "containerStatuses": ready(true), "conditions": [{"type": "Ready", "status": "True"}, {"type": "Ready", "status": "False"}]}),
            json!({"phase": "Running", "containerStatuses": ready(true), "conditions": [{"type": "Ready", "status": true}]}),
            json!({"phase": "Running", "containerStatuses": [{"ready": true, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}),
            json!({"phase": "Succeeded", "containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}),
        ] {
            assert!(matches!(of(contradicts), Some(Standing::Trouble(_))));
        }
        for shapeless in [
            json!({"phase": "Running", "containerStatuses": ready(true), "conditions": "True"}),
            json!({"phase": "Running", "containerStatuses": ready(true), "initContainerStatuses": "x"}),
            json!({"phase": "Running", "containerStatuses": [null]}),
        ] {
            assert_eq!(of(shapeless), None);
        }
        let well = json!({"phase": "Running", "containerStatuses": ready(true)});
        let with = |spec: Json| standing(&json!({"kind": "Pod", "spec": spec, "status": well}));
        assert_eq!(with(json!({"containers": [{}]})), Some(Standing::Ready));
        assert!(matches!(with(json!({"containers": [{}, {}]})), Some(Standing::Trouble(_))));
        assert_eq!(with(json!(null)), None);
        assert_eq!(with(json!({"volumes": "x"})), None);
        assert_eq!(of(json!({"phase": "Running"})), None);
        assert_eq!(standing(&json!({"kind": "Node", "status": {"phase": "Running"}})), None);
    }

    #[test]
    fn a_container_that_has_done_its_work_is_no_trouble_where_it_may_end() {
        let status = json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}], "containerStatuses": [{"ready": true, "state": {"running": {}}}, {"ready": false, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}]});
        let pod = |policy: &str| json!({"kind": "Pod", "spec": {"restartPolicy": policy}, "status": status});
        assert_eq!(standing(&pod("Never")), Some(Standing::Ready));
        assert!(matches!(standing(&pod("Always")), Some(Standing::Trouble(_))));
    }

    #[test]
    fn a_pod_that_is_being_deleted_is_leaving() {
        let pod = json!({"kind": "Pod", "metadata": {"deletionTimestamp": "2026-11-23T22:06:30Z"}, "status": {"phase": "Running"}});
        assert_eq!(standing(&pod), Some(Standing::Leaving));
        assert_eq!(of(json!({"phase": "Terminating (lasts 5s)"})), Some(Standing::Leaving));
    }

    #[test]
    fn what_a_pod_says_of_its_trouble_is_told_without_secrets() {
        let pod =
            |status: Json| json!({"kind": "Pod", "metadata": {"name": "web"}, "status": status});
        let waits = pod(json!({"phase": "Pending", "containerStatuses": [
            {"ready": false, "state": {"waiting": {"reason": "CreateContainerConfigError", "message": "couldn't find key pw in Secret shop/app-db"}}}
        ]}));
        assert_eq!(said(&waits).as_deref(), Some("couldn't find key pw in Secret shop/app-db"));
        let evicted = pod(
            json!({"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}),
        );
        assert_eq!(said(&evicted).as_deref(), Some("The node was low on resource: memory."));
        let unplaced = pod(json!({"phase": "Pending", "conditions": [
            {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available: 3 Insufficient cpu."}
        ]}));
        assert_eq!(
            said(&unplaced).as_deref(),
            Some("0/3 nodes are available: 3 Insufficient cpu.")
        );
        let leaks = pod(json!({"phase": "Failed", "message": "password: hunter2-hunter2"}));
        assert!(!said(&leaks).unwrap().contains("hunter2"));
        let well = pod(
            json!({"phase": "Running", "message": "x", "containerStatuses": [{"ready": true}]}),
        );
        assert_eq!(said(&well), None);
    }
}
