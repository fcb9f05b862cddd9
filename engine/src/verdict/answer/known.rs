//! Whether a piece that was handed over can be the answer to a question: what is known of the question contradicts it, or
//! it does not.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Resolved;
use crate::evidence::{Body, Document, Gap, Given, GivenKind};
use crate::system::{Errors, Output, Source, Tells};
use crate::value::{ObjectRef, Type, Value};
use crate::verdict::selector;

/// What is known of a step's parameters, ready to be held against many pieces.
pub(super) struct Known<'p> {
    source: &'static Source,
    params: &'p BTreeMap<String, Resolved>,
    /// Of each parameter, what a piece must not differ from; any of the values will do.
    tells: Vec<Vec<Tell<'p>>>,
    /// The resource that is meant is named by lists that were handed over, and they name none.
    is_not_among: bool,
}

enum Tell<'p> {
    Name(&'static str, &'p str),
    Object(ObjectRef),
    Labels(&'p str),
    Scope(String),
    At(String, &'p Json),
    Nothing,
}

impl<'p> Known<'p> {
    pub(super) fn of(source: &'static Source, params: &'p BTreeMap<String, Resolved>) -> Self {
        let tells = source
            .params
            .iter()
            .filter(|it| it.tells != Tells::Nothing)
            .filter_map(|it| match params.get(&it.name) {
                Some(Resolved::Known(values)) if !values.is_empty() => {
                    Some(values.iter().map(|value| Tell::new(&it.tells, value)).collect())
                }
                Some(Resolved::Known(_) | Resolved::Absent | Resolved::Unknown(_)) | None => None,
            })
            .collect();
        let is_not_among = source.params.iter().any(|it| {
            it.tells.is_name("id")
                && matches!(params.get(&it.name), Some(Resolved::Unknown(Gap::HandedOver)))
        });
        Self { source, params, tells, is_not_among }
    }

    /// The names of the objects that are asked for, where they are known: a piece about one of another name contradicts that.
    pub(super) fn names(&self) -> Option<Vec<String>> {
        let name = |it: &Tell<'p>| match it {
            Tell::Name("name", name) if !name.is_empty() => Some((*name).to_owned()),
            Tell::Object(object) if !object.name.is_empty() => Some(object.name.clone()),
            _ => None,
        };
        self.tells.iter().find_map(|any| any.iter().map(name).collect())
    }

    /// Whether what can be read from a piece contradicts a parameter that is known.
    pub(super) fn contradicts(&self, piece: &Given) -> bool {
        piece.kind == GivenKind::Error && !error_fits(self.source, self.params, piece)
            || piece.kind == GivenKind::Resource && self.is_not_among
            || self.tells.iter().any(|any| any.iter().all(|it| it.differs(piece)))
    }
}

impl<'p> Tell<'p> {
    fn new(tells: &'static Tells, value: &'p Json) -> Self {
        match tells {
            Tells::Nothing => Self::Nothing,
            Tells::Name(key) => value.as_str().map_or(Self::Nothing, |it| Self::Name(key, it)),
            Tells::Object => Value::read(Type::ObjectRef, value)
                .and_then(|it| it.as_object().cloned())
                .map_or(Self::Nothing, Self::Object),
            Tells::Labels => value.as_str().map_or(Self::Nothing, Self::Labels),
            Tells::Scope => {
                value.as_str().map_or(Self::Nothing, |it| Self::Scope(it.to_lowercase()))
            }
            Tells::Path(path) => Self::At(path.trim_start_matches('$').replace('.', "/"), value),
        }
    }

    fn differs(&self, piece: &Given) -> bool {
        let tree = match &piece.answer {
            Ok(Document { body: Body::Tree(tree), .. }) => Some(tree),
            Ok(Document { body: Body::Text(_), .. }) | Err(_) => None,
        };
        // Parts that one side does not know cannot differ; an error speaks of a resource, not of a kind.
        let other = |key: &str, wanted: &str| {
            !(wanted.is_empty() || key == "kind" && piece.kind == GivenKind::Error)
                && piece
                    .names
                    .get(key)
                    .is_some_and(|mine| !mine.is_empty() && !mine.eq_ignore_ascii_case(wanted))
        };
        match self {
            Self::Nothing => false,
            // A service of the node writes no container's log, nor the other way round.
            Self::Name("unit", _) if piece.names.contains_key("container") => true,
            Self::Name("container", _) if piece.names.contains_key("unit") => true,
            Self::Name(key, wanted) => other(key, wanted),
            Self::Object(wanted) => {
                other("name", &wanted.name)
                    || other("namespace", &wanted.namespace)
                    || other("uid", &wanted.uid)
                    || other("kind", &wanted.kind)
            }
            Self::Scope(scope) => {
                piece.names.get("id").is_some_and(|id| !is_near(&id.to_lowercase(), scope))
            }
            Self::Labels(selector) => tree.is_some_and(|it| {
                selector::matches(selector, &it["metadata"]["labels"]) == Some(false)
            }),
            Self::At(pointer, wanted) => {
                tree.and_then(|it| it.pointer(pointer)).is_some_and(|mine| mine != *wanted)
            }
        }
    }
}

/// Whether what has this id stands on or in the scope, or on what the scope is in.
fn is_near(id: &str, scope: &str) -> bool {
    let scope = scope.trim_end_matches('/');
    let parent = id.rsplitn(3, '/').nth(2).unwrap_or_default();
    let on = id.rsplit_once("/providers/microsoft.authorization/").map_or(parent, |(on, _)| on);
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|it| it.is_empty() || it.starts_with('/'))
    };
    within(on, scope) || within(scope, on)
}

/// An error message speaks of a resource (`csidrivers.storage.k8s.io`, `pods/log`), a question of a kind.
fn error_fits(source: &Source, params: &BTreeMap<String, Resolved>, piece: &Given) -> bool {
    if source.output != Output::Object && piece.answer == Err(Gap::Absent) {
        return false;
    }
    let known = |name: &str| params.get(name).is_some_and(|it| matches!(it, Resolved::Known(_)));
    if let Some(tool) = piece.names.get("tool").filter(|_| !piece.names.contains_key("resource")) {
        // A name without its type answers only who asks by name.
        let by_name = piece.names.contains_key("name") && !piece.names.contains_key("type");
        let speaks = matches!(&source.errors, Errors::Tool(it) if it == tool);
        return speaks && (!by_name || known("name"));
    }
    let Some(resource) = piece.names.get("resource") else { return false };
    let plural = resource.split('.').next().unwrap_or_default();
    match &source.errors {
        Errors::Resource(it) => return resource == it || !it.contains('/') && plural == it,
        Errors::Nobody | Errors::Tool(_) => return false,
        Errors::Kind => {}
    }
    let kind = match (params.get("kind"), params.get("ref")) {
        (Some(Resolved::Known(values)), _) => {
            values.first().and_then(Json::as_str).map(str::to_lowercase)
        }
        (_, Some(Resolved::Known(values))) => {
            values.first().and_then(|it| it["kind"].as_str()).map(str::to_lowercase)
        }
        _ => None,
    };
    // An error about one object says nothing about a question whose object is not known, nor about
    // one for all of them.
    let named = !piece.names.contains_key("name") || known("name") || known("ref");
    named
        && kind.is_some_and(|kind| {
            plural == format!("{kind}s")
                || plural == format!("{kind}es")
                || kind.strip_suffix('y').is_some_and(|stem| plural == format!("{stem}ies"))
                || plural == kind
        })
}
