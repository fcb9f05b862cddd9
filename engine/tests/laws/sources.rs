//! A vocabulary with the names of the real one: the engine has none of its own.

use triagem_engine::evidence::GivenKind::{Error, Events, Log, Message, Object};
use triagem_engine::playbook::Effect;
use triagem_engine::playbook::vocabulary::{Output, Parameter, Source, Tells, Vocabulary};
use triagem_engine::value::Type;

/// Every source.
pub(crate) const SOURCES: Vocabulary = &[
    source("given", &[required("kind", Tells::Name("kind"))], Output::List, &[Object]),
    source(
        "kubernetes.get",
        &[
            optional("ref", Tells::Object),
            optional("kind", Tells::Name("kind")),
            optional("namespace", Tells::Name("namespace")),
            optional("name", Tells::Name("name")),
        ],
        Output::Object,
        &[Object, Error],
    ),
    source(
        "kubernetes.list",
        &[
            required("kind", Tells::Name("kind")),
            optional("namespace", Tells::Name("namespace")),
            optional("namespaces", Tells::Nothing),
            optional("selector", Tells::Labels),
            optional("fields", Tells::Nothing),
            optional("node", Tells::Path("$.spec.nodeName")),
        ],
        Output::List,
        &[Object],
    ),
    source(
        "kubernetes.events",
        &[required("about", Tells::Object)],
        Output::Text,
        &[Events, Message],
    ),
    source(
        "kubernetes.logs",
        &[
            Parameter { spread: true, ..required("pods", Tells::Nothing) },
            optional("container", Tells::Name("container")),
            optional("since", Tells::Nothing),
            optional("previous", Tells::Nothing),
        ],
        Output::Text,
        &[Log, Message],
    ),
    source(
        "kubernetes.node-logs",
        &[required("node", Tells::Nothing), required("unit", Tells::Nothing)],
        Output::Text,
        &[Log, Message],
    ),
    source("kubernetes.discover", &[required("group", Tells::Nothing)], Output::Tree, &[]),
    Source {
        effect: Effect::CreatesPod,
        ..source(
            "kubernetes.node-probe",
            &[
                required("node", Tells::Nothing),
                required("host", Tells::Nothing),
                required("port", Tells::Nothing),
            ],
            Output::Tree,
            &[],
        )
    },
    source(
        "azure.get",
        &[required("id", Tells::Nothing), optional("api-version", Tells::Nothing)],
        Output::Tree,
        &[],
    ),
    source(
        "azure.list",
        &[
            required("type", Tells::Nothing),
            optional("subscription", Tells::Nothing),
            optional("scope", Tells::Nothing),
            optional("filter", Tells::Nothing),
        ],
        Output::List,
        &[],
    ),
    source(
        "azure.find",
        &[required("type", Tells::Nothing), required("name", Tells::Nothing)],
        Output::Tree,
        &[],
    ),
];

const fn source(
    name: &'static str,
    params: &'static [Parameter],
    output: Output,
    given: &'static [triagem_engine::evidence::GivenKind],
) -> Source {
    Source { name, summary: "", params, output, effect: Effect::Reads, dear: false, given }
}

const fn required(name: &'static str, tells: Tells) -> Parameter {
    Parameter { name, kind: Type::String, required: true, spread: false, tells, summary: "" }
}

const fn optional(name: &'static str, tells: Tells) -> Parameter {
    Parameter { required: false, ..required(name, tells) }
}
