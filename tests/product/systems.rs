//! A source is one declaration: everything that it is, is asked of it.

use serde_json::{Value as Json, json};
use triagem::collect::kubernetes::outline;
use triagem::systems::{systems, vocabulary};
use triagem_engine::evidence::Request;
use triagem_engine::system::{Door, Errors, Lookup, Permission, Source, Words};
use triagem_engine::value::Type;

/// A value of each type, as a run would know it.
fn sample(kind: Type) -> Json {
    match kind {
        Type::ObjectRef => json!({"kind": "Pod", "namespace": "shop", "name": "web", "uid": "u"}),
        Type::AzureResourceId => {
            json!("/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv")
        }
        Type::Guid => json!("00000000-0000-4000-8000-000000000001"),
        Type::Duration => json!("1h"),
        Type::Bool => json!(true),
        Type::Int => json!(443),
        _ => json!("web"),
    }
}

/// A question with everything that it must have, and what it cannot do without.
fn asked(source: &Source) -> Request {
    let known = |name: &str| match name {
        "kind" => Some(json!("Pod")),
        "type" => Some(json!("Microsoft.KeyVault/vaults")),
        "group" => Some(json!("apps")),
        _ => None,
    };
    let needed = source.params.iter().filter(|it| it.required || it.pins);
    // A list stands somewhere, and a role is of a type.
    let besides = ["subscription", "type"].into_iter().filter_map(|it| source.param(it));
    let params = needed
        .chain(besides)
        .map(|it| (it.name.clone(), known(&it.name).unwrap_or_else(|| sample(it.kind)).to_string()))
        .collect();
    Request { source: source.name.clone(), params }
}

#[test]
fn every_source_has_its_five_faces() {
    assert!(vocabulary().iter().count() >= 11);
    for source in vocabulary().iter() {
        let name = &source.name;
        let request = asked(source);
        let lookup: &Lookup<'_> = &|name, part| {
            let param = source.param(name).filter(|_| request.params.contains_key(name))?;
            let json = sample(param.kind);
            let text = |it: &Json| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
            Some(match (param.kind, part) {
                (Type::ObjectRef, Some("selector")) => return None,
                (Type::ObjectRef, Some(part)) => text(&json[part]),
                _ => text(&json),
            })
        };
        assert!(source.summary.ends_with('.'), "{name}: {}", source.summary);
        assert!(source.params.iter().all(|it| it.summary.ends_with('.')), "{name}");
        // Who answers, and what `plan` prints of it.
        let answered = match &source.door {
            Door::Kubernetes(verb) => {
                let lines = outline::lines(*verb, &request).unwrap();
                assert!(
                    !lines.is_empty() && lines.iter().all(|it| it.starts_with("GET /")),
                    "{name}"
                );
                true
            }
            Door::Command(command) => {
                let argv = command.argv(source, &request).unwrap();
                let tool = systems().tool(&command.tool).unwrap();
                assert!(tool.runs(&argv), "{name}: {argv:?}");
                true
            }
            Door::ObjectsInHand | Door::HandedOver | Door::NotYet => false,
        };
        // Which permission it needs.
        match &source.permission {
            Permission::Nothing => {}
            Permission::Kind(verb) | Permission::Resource { verb, .. } => {
                assert!(["get", "list"].contains(&verb.as_str()), "{name}: {verb}");
            }
            Permission::Role(action) => {
                assert!(action.fill(lookup).is_some(), "{name}");
                assert!(systems().of(source).unwrap().role.is_some(), "{name} has no role");
            }
        }
        // What a person would type, and whose errors speak of it.
        let typed = Words::first(&source.by_hand, lookup);
        let by_name = name == "kubernetes.discover";
        assert_eq!(typed.is_some(), answered && !by_name, "{name}: {typed:?}");
        assert_eq!(source.errors != Errors::Nobody, answered && !by_name, "{name}");
    }
}
