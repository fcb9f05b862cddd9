//! An answer has a shape: what is not of it was not answered, and says nothing about the world.

use serde_json::Value as Json;

use super::{Answer, Body, Document, Gap, Request};
use crate::system::{Output, Source, Tells};
use crate::value::{ObjectRef, Type, Value};

/// The answer, where it is what was asked for; otherwise the gap.
pub(crate) fn shaped(source: Option<&Source>, request: &Request, answer: Answer) -> Answer {
    let document = answer?;
    match source {
        Some(source) if !is_answer(source, request, &document) => Err(Gap::Spoilt),
        Some(_) | None => Ok(document),
    }
}

fn is_answer(source: &Source, request: &Request, document: &Document) -> bool {
    match (&document.body, source.output) {
        (Body::Text(_), Output::Text) => true,
        (Body::Tree(tree), Output::Object) => {
            tree.is_object() && is_object(tree, &asked(source, request))
        }
        (Body::Tree(tree), Output::List) => {
            let kind = asked(source, request).kind;
            tree["items"].as_array().is_some_and(|items| {
                items.iter().all(|it| it.is_object() && may_be(it["kind"].as_str(), &kind))
            })
        }
        (Body::Tree(tree), Output::Tree) => {
            let holder = tree.is_object() || tree.is_array();
            holder && source.params.iter().all(|it| is_same(&it.tells, &it.name, tree, request))
        }
        (Body::Text(_), _) | (Body::Tree(_), Output::Text) => false,
    }
}

/// The object that a request names, as far as it does.
fn asked(source: &Source, request: &Request) -> ObjectRef {
    let mut asked = ObjectRef::default();
    for param in source.params.iter().filter(|it| !it.spread) {
        let Some(json) = param_of(request, &param.name) else { continue };
        let text = || json.as_str().unwrap_or_default().to_owned();
        match &param.tells {
            Tells::Object => {
                let named = Value::read(Type::ObjectRef, &json);
                let Some(object) = named.as_ref().and_then(Value::as_object) else { continue };
                asked = object.clone();
            }
            Tells::Name(key) => match key.as_str() {
                "kind" => asked.kind = text(),
                "namespace" => asked.namespace = text(),
                "name" => asked.name = text(),
                _ => {}
            },
            Tells::Nothing | Tells::Labels | Tells::Scope | Tells::Path(_) => {}
        }
    }
    asked
}

/// An object always says its own name; its kind and its place it may leave out.
fn is_object(tree: &Json, asked: &ObjectRef) -> bool {
    let own = Value::read(Type::ObjectRef, tree);
    let Some(own) = own.as_ref().and_then(Value::as_object) else { return false };
    (asked.name.is_empty() || own.name == asked.name)
        && may_be(Some(&own.kind), &asked.kind)
        && may_be(Some(&own.namespace), &asked.namespace)
        && may_be(Some(&own.uid), &asked.uid)
}

/// What one side does not say cannot differ.
fn may_be(said: Option<&str>, asked: &str) -> bool {
    said.is_none_or(|it| it.is_empty() || asked.is_empty() || it.eq_ignore_ascii_case(asked))
}

fn is_same(tells: &Tells, name: &str, tree: &Json, request: &Request) -> bool {
    match tells {
        Tells::Name(key) if ["id", "name"].contains(&key.as_str()) => {
            let Some(Json::String(asked)) = param_of(request, name) else { return true };
            tree[key.as_str()].as_str().is_some_and(|it| it.eq_ignore_ascii_case(&asked))
        }
        _ => true,
    }
}

fn param_of(request: &Request, name: &str) -> Option<Json> {
    request.params.get(name).and_then(|it| serde_json::from_str(it).ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::playbook::Effect;
    use crate::system::{Door, Errors, Parameter, Permission};

    fn param(name: &str, kind: Type, tells: Tells) -> Parameter {
        Parameter {
            name: name.to_owned(),
            kind,
            required: false,
            spread: false,
            pins: false,
            free: false,
            reaches: false,
            pattern: None,
            tells,
            never: Vec::new(),
            summary: String::new(),
        }
    }

    fn source(output: Output, params: &[Parameter]) -> Source {
        Source {
            name: "s".to_owned(),
            summary: String::new(),
            params: params.to_vec(),
            output,
            effect: Effect::Reads,
            dear: false,
            given: Vec::new(),
            formats: Vec::new(),
            door: Door::NotYet,
            errors: Errors::Nobody,
            permission: Permission::Nothing,
            by_hand: Vec::new(),
        }
    }

    fn name(key: &str) -> Tells {
        Tells::Name(key.to_owned())
    }

    fn holds(source: &Source, with: &Json, tree: Json) -> bool {
        let params = with.as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.to_string()));
        let request = Request { source: "s".to_owned(), params: params.collect() };
        let document = Document { body: Body::Tree(tree), partial: None, origin: String::new() };
        match shaped(Some(source), &request, Ok(document)) {
            Ok(_) => true,
            Err(gap) => {
                assert_eq!(gap, Gap::Spoilt);
                false
            }
        }
    }

    #[test]
    fn what_is_not_of_the_shape_that_was_asked_for_is_a_gap() {
        let get = source(
            Output::Object,
            &[
                param("ref", Type::ObjectRef, Tells::Object),
                param("kind", Type::String, name("kind")),
                param("name", Type::String, name("name")),
            ],
        );
        let list = source(Output::List, &[param("kind", Type::String, name("kind"))]);
        let find = source(Output::Tree, &[param("id", Type::String, name("id"))]);
        let log = source(Output::Text, &[]);
        let web = json!({"kind": "Pod", "name": "web", "namespace": "shop", "uid": "1"});
        let pod = |kind: &str, name: &str, namespace: &str, uid: &str| json!({"kind": kind, "metadata": {"name": name, "namespace": namespace, "uid": uid}});
        let by_ref = json!({ "ref": web });
        assert!(holds(&get, &by_ref, pod("Pod", "web", "shop", "1")));
        assert!(holds(&get, &by_ref, json!({"metadata": {"name": "web"}})));
        for wrong in [
            Json::Null,
            json!({}),
            json!([]),
            json!("web"),
            json!({"metadata": null}),
            pod("Node", "web", "shop", "1"),
            pod("Pod", "other", "shop", "1"),
            pod("Pod", "web", "other", "1"),
            pod("Pod", "web", "shop", "2"),
        ] {
            assert!(!holds(&get, &by_ref, wrong.clone()), "{wrong}");
        }
        let by_name = json!({"kind": "Node", "name": "n"});
        assert!(holds(&get, &by_name, pod("Node", "n", "", "")));
        assert!(!holds(&get, &by_name, pod("Node", "m", "", "")));

        let pods = json!({"kind": "Pod"});
        assert!(holds(&list, &pods, json!({"items": []})));
        assert!(holds(&list, &pods, json!({"items": [{"metadata": {}}, {"kind": "Pod"}]})));
        for wrong in [
            Json::Null,
            json!([]),
            json!({}),
            json!({"items": null}),
            json!({"items": [null]}),
            json!({"items": [{"kind": "Node"}]}),
        ] {
            assert!(!holds(&list, &pods, wrong.clone()), "{wrong}");
        }

        let id = json!({"id": "/A/b"});
        assert!(holds(&find, &id, json!({"id": "/a/B"})));
        for wrong in [Json::Null, json!({}), json!({"id": "/a/c"}), json!(true)] {
            assert!(!holds(&find, &id, wrong.clone()), "{wrong}");
        }
        assert!(!holds(&log, &json!({}), json!({})));
    }
}
