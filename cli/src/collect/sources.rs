//! The table of sources. It stands alone: the engine's own tests judge with it too.

use triagem_engine::evidence::GivenKind::{Error, Events, Log, Message, Object, Resource};
use triagem_engine::playbook::Effect;
use triagem_engine::playbook::vocabulary::{Output, Parameter, Source, Tells, Vocabulary};
use triagem_engine::value::Type;

/// What is never asked for, whoever wants it.
pub(crate) const SECRETS: &[&str] = &["Secret", "Secrets"];

/// Every source.
pub const SOURCES: Vocabulary = &[
    Source {
        name: "given",
        summary: "The objects of one kind that were handed over.",
        params: &[kind(true, "The kind.")],
        output: Output::List,
        effect: Effect::Reads,
        dear: false,
        given: &[Object],
    },
    Source {
        name: "kubernetes.get",
        summary: "One object.",
        params: &[
            optional("ref", Type::ObjectRef, Tells::Object, "The object."),
            kind(false, "Its kind."),
            optional("group", Type::String, Tells::Nothing, "The API group that serves the kind."),
            optional("namespace", Type::K8sName, Tells::Name("namespace"), "Its namespace."),
            optional("name", Type::K8sName, Tells::Name("name"), "Its name."),
        ],
        output: Output::Object,
        effect: Effect::Reads,
        dear: false,
        given: &[Object, Error],
    },
    Source {
        name: "kubernetes.list",
        summary: "Objects of one kind.",
        params: &[
            kind(true, "The kind."),
            optional("group", Type::String, Tells::Nothing, "The API group that serves the kind."),
            optional("namespace", Type::K8sName, Tells::Name("namespace"), "The namespace."),
            optional("namespaces", Type::String, Tells::Nothing, "`all` for every namespace."),
            optional("selector", Type::String, Tells::Labels, "A label selector."),
            optional("fields", Type::String, Tells::Nothing, "A field selector."),
            optional(
                "node",
                Type::K8sName,
                Tells::Path("$.spec.nodeName"),
                "Only what runs on this node.",
            ),
        ],
        output: Output::List,
        effect: Effect::Reads,
        dear: false,
        given: &[Object, Error],
    },
    Source {
        name: "kubernetes.events",
        summary: "The events about one object.",
        params: &[required("about", Type::ObjectRef, Tells::Object, "The object.")],
        output: Output::Text,
        effect: Effect::Reads,
        dear: false,
        given: &[Events, Message, Error],
    },
    Source {
        name: "kubernetes.logs",
        summary: "The logs of pods.",
        params: &[
            spread("pods", Type::ObjectRef, "The pods."),
            optional("container", Type::String, Tells::Name("container"), "The container."),
            optional("since", Type::Duration, Tells::Nothing, "How far back."),
            optional(
                "previous",
                Type::Bool,
                Tells::Nothing,
                "The log of the container before its last restart.",
            ),
        ],
        output: Output::Text,
        effect: Effect::Reads,
        dear: false,
        given: &[Log, Message, Error],
    },
    Source {
        name: "kubernetes.node-logs",
        summary: "The log of a service on a node.",
        params: &[
            required("node", Type::K8sName, Tells::Nothing, "The node."),
            required("unit", Type::String, Tells::Name("unit"), "The service, such as `kubelet`."),
        ],
        output: Output::Text,
        effect: Effect::Reads,
        dear: false,
        given: &[Log, Message],
    },
    Source {
        name: "kubernetes.discover",
        summary: "The kinds that an API group serves.",
        params: &[required("group", Type::String, Tells::Nothing, "The group.")],
        output: Output::Tree,
        effect: Effect::Reads,
        dear: false,
        given: &[],
    },
    Source {
        name: "kubernetes.node-probe",
        summary: "Whether a host can be resolved and reached from a node.",
        params: &[
            required("node", Type::K8sName, Tells::Nothing, "The node."),
            required("host", Type::Host, Tells::Nothing, "The host."),
            required("port", Type::Int, Tells::Nothing, "The port."),
        ],
        output: Output::Tree,
        effect: Effect::CreatesPod,
        dear: false,
        given: &[],
    },
    Source {
        name: "azure.get",
        summary: "One Azure resource.",
        params: &[
            required("id", Type::AzureResourceId, Tells::Name("id"), "Its id."),
            optional(
                "type",
                Type::String,
                Tells::Name("type"),
                "Its type, for the role that reads it.",
            ),
            optional("api-version", Type::String, Tells::Nothing, "The version of its API."),
        ],
        output: Output::Tree,
        effect: Effect::Reads,
        dear: true,
        given: &[Resource, Error],
    },
    Source {
        name: "azure.list",
        summary: "Azure resources of one type.",
        params: &[
            required("type", Type::String, Tells::Name("type"), "The type."),
            optional("subscription", Type::Guid, Tells::Nothing, "Within this subscription."),
            optional("scope", Type::AzureResourceId, Tells::Scope, "Within (or on) this resource."),
            optional("filter", Type::String, Tells::Nothing, "An OData filter."),
        ],
        output: Output::List,
        effect: Effect::Reads,
        dear: true,
        given: &[Resource, Error],
    },
    Source {
        name: "azure.find",
        summary: "The Azure resource of a type and name.",
        params: &[
            required("type", Type::String, Tells::Name("type"), "The type."),
            required("name", Type::String, Tells::Name("name"), "The name."),
        ],
        output: Output::Tree,
        effect: Effect::Reads,
        dear: true,
        given: &[Resource, Error],
    },
];

const fn required(
    name: &'static str,
    kind: Type,
    tells: Tells,
    summary: &'static str,
) -> Parameter {
    Parameter { name, kind, required: true, spread: false, tells, never: &[], summary }
}

const fn optional(
    name: &'static str,
    kind: Type,
    tells: Tells,
    summary: &'static str,
) -> Parameter {
    Parameter { name, kind, required: false, spread: false, tells, never: &[], summary }
}

/// The kind of Kubernetes objects; Secrets are nobody's.
const fn kind(required: bool, summary: &'static str) -> Parameter {
    let tells = Tells::Name("kind");
    Parameter {
        name: "kind",
        kind: Type::String,
        required,
        spread: false,
        tells,
        never: SECRETS,
        summary,
    }
}

const fn spread(name: &'static str, kind: Type, summary: &'static str) -> Parameter {
    Parameter {
        name,
        kind,
        required: true,
        spread: true,
        tells: Tells::Object,
        never: &[],
        summary,
    }
}
