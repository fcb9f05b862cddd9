//! Reading a typed value out of JSON, or out of a captured string.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{ObjectRef, Type, order};

/// One value of a fact: how it was spelled, and how it compares. Cheap to clone: it names subjects.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Value(Arc<Parts>);

#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Parts {
    /// Comparable form: lower case where case means nothing. Malformed values compare with nothing.
    key: String,
    kind: Type,
    text: String,
    object: Option<ObjectRef>,
    well_formed: bool,
}

impl Value {
    /// Reads a value of the type; `None` where there is none: `null`, or an empty string.
    pub fn read(kind: Type, json: &Json) -> Option<Self> {
        match json {
            Json::Null => None,
            Json::Object(_) if kind == Type::ObjectRef => Some(Self::object(object_of(json))),
            Json::String(text) => Self::parse(kind, text),
            Json::Bool(_) | Json::Number(_) => Self::parse(kind, &json.to_string()),
            Json::Array(_) | Json::Object(_) => Some(Self::of(Parts {
                key: json.to_string(),
                kind,
                text: json.to_string(),
                object: None,
                well_formed: kind == Type::String,
            })),
        }
    }

    /// Reads a value of the type out of its spelling; `None` if that is empty.
    pub fn parse(kind: Type, text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let key = order::canonical(kind, text);
        Some(Self::of(Parts {
            well_formed: key.is_some(),
            key: key.unwrap_or_default(),
            kind,
            text: text.to_owned(),
            object: None,
        }))
    }

    fn of(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// A reference to an object.
    pub fn object(object: ObjectRef) -> Self {
        let text = if object.namespace.is_empty() {
            object.name.clone()
        } else {
            format!("{}/{}", object.namespace, object.name)
        };
        let key = format!("{}/{text}/{}", object.kind.to_lowercase(), object.uid);
        Self::of(Parts {
            key,
            kind: Type::ObjectRef,
            text,
            well_formed: !object.name.is_empty(),
            object: Some(object),
        })
    }

    /// Its type.
    pub fn kind(&self) -> Type {
        self.0.kind
    }

    /// The original spelling.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The object meant, if it is a reference.
    pub fn as_object(&self) -> Option<&ObjectRef> {
        self.0.object.as_ref()
    }

    /// It is of its type.
    pub fn well_formed(&self) -> bool {
        self.0.well_formed
    }

    /// Both are of their type, and mean the same.
    pub fn same(&self, other: &Self) -> bool {
        if !self.0.well_formed || !other.0.well_formed {
            return false;
        }
        match (&self.0.object, &other.0.object) {
            (Some(mine), Some(theirs)) => same_object(mine, theirs),
            _ if self.0.kind == other.0.kind => self.0.key == other.0.key,
            _ => {
                order::canonical(self.0.kind, &other.0.text).as_deref() == Some(self.0.key.as_str())
                    || order::canonical(other.0.kind, &self.0.text).as_deref()
                        == Some(other.0.key.as_str())
            }
        }
    }

    /// As a request's parameter.
    pub fn to_json(&self) -> Json {
        match &self.0.object {
            Some(object) => {
                let mut map = serde_json::Map::new();
                for (key, part) in [
                    ("kind", &object.kind),
                    ("name", &object.name),
                    ("namespace", &object.namespace),
                    ("uid", &object.uid),
                ] {
                    if !part.is_empty() {
                        map.insert(key.to_owned(), Json::String(part.clone()));
                    }
                }
                Json::Object(map)
            }
            None => Json::String(self.0.text.clone()),
        }
    }
}

/// Parts that one side does not know cannot differ.
fn same_object(left: &ObjectRef, right: &ObjectRef) -> bool {
    let agree = |a: &str, b: &str| a.is_empty() || b.is_empty() || a.eq_ignore_ascii_case(b);
    agree(&left.kind, &right.kind)
        && agree(&left.namespace, &right.namespace)
        && agree(&left.name, &right.name)
        && agree(&left.uid, &right.uid)
}

/// Reads the names of an object, either of its own (`metadata`) or written as a reference.
fn object_of(json: &Json) -> ObjectRef {
    let text =
        |pointer: &str| json.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned();
    let part = |name: &str| {
        let own = text(&format!("/metadata/{name}"));
        if own.is_empty() { text(&format!("/{name}")) } else { own }
    };
    ObjectRef {
        kind: text("/kind"),
        namespace: part("namespace"),
        name: part("name"),
        uid: part("uid"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(kind: Type, text: &str) -> Value {
        Value::parse(kind, text).unwrap()
    }

    #[test]
    fn guids_and_hosts_compare_without_regard_to_case() {
        let one = value(Type::Guid, "5E1D9F3A-6c2b-4e8d-a1f7-3b9c0d2e4f11");
        assert!(one.same(&value(Type::Guid, "5e1d9f3a-6c2b-4e8d-a1f7-3b9c0d2e4f11")));
        assert!(
            value(Type::Host, "KV.vault.azure.net").same(&value(Type::Host, "kv.vault.azure.net"))
        );
        assert!(!value(Type::String, "a").same(&value(Type::String, "A")));
    }

    #[test]
    fn a_resource_id_where_a_guid_belongs_is_malformed_and_equals_nothing() {
        let wrong = value(Type::Guid, "/subscriptions/x");
        assert!(!wrong.well_formed());
        assert!(!wrong.same(&wrong));
    }

    #[test]
    fn an_empty_string_is_no_value() {
        assert_eq!(Value::parse(Type::String, ""), None);
        assert_eq!(Value::read(Type::Guid, &Json::Null), None);
    }

    #[test]
    fn two_pods_of_one_name_differ_by_uid() {
        let pod = |uid: &str| {
            Value::object(ObjectRef {
                kind: "Pod".into(),
                namespace: "shop".into(),
                name: "web-0".into(),
                uid: uid.into(),
            })
        };
        assert!(!pod("1").same(&pod("2")));
        assert!(pod("1").same(&pod("")));
    }
}
