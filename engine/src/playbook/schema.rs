//! JSON Schemas for editors: completion and hover only; checking is `load`'s.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::keys;
use crate::reader::{Holds, Key};
use crate::system::keys as system_keys;

/// Schema file name → text, ending in a newline.
pub fn schemas() -> BTreeMap<&'static str, String> {
    let playbook = object(
        "A playbook of triagem.",
        keys::PLAYBOOK,
        &[
            ("metadata", object("", keys::METADATA, &[])),
            ("inputs", map_of(object("", keys::INPUT, &[]))),
            ("steps", list_of(object("", keys::STEP, &[]))),
            ("facts", map_of(fact())),
            ("signs", map_of(object("", keys::SIGN, &[]))),
            (
                "compares",
                map_of(object("", keys::COMPARE, &[("rows", list_of(object("", keys::ROW, &[])))])),
            ),
            ("probes", list_of(object("", keys::PROBE, &[]))),
            ("tools", list_of(object("", keys::TOOL, &[]))),
        ],
    );
    let cause = object(
        "A cause of a playbook.",
        keys::CAUSE,
        &[
            ("references", list_of(object("", keys::REFERENCE, &[]))),
            ("steps", list_of(object("", keys::STEP, &[]))),
            ("facts", map_of(fact())),
            ("signs", map_of(object("", keys::SIGN, &[]))),
            ("remedy", list_of(object("", keys::REMEDY, &[]))),
            ("verify", object("", keys::VERIFY, &[])),
            ("tests", list_of(object("", keys::TEST, &[]))),
        ],
    );
    let translation = object(
        "A translation of a playbook.",
        keys::TRANSLATION,
        &[("messages", map_of(object("", keys::MESSAGE, &[])))],
    );
    [
        ("playbook.v1", playbook),
        ("cause.v1", cause),
        ("translation.v1", translation),
        ("system.v1", system()),
    ]
    .into_iter()
    .map(|(name, mut schema)| {
        if let Some(root) = schema.as_object_mut() {
            root.insert("$schema".to_owned(), "http://json-schema.org/draft-07/schema#".into());
        }
        (name, format!("{schema:#}\n"))
    })
    .collect()
}

fn system() -> Json {
    let words = || list_of(object("", system_keys::WORDS, &[]));
    let answered_by = object(
        "",
        system_keys::ANSWERED_BY,
        &[("run", words()), ("answer", object("", system_keys::ANSWER, &[]))],
    );
    let source = object(
        "",
        system_keys::SOURCE,
        &[
            ("parameters", map_of(object("", system_keys::PARAMETER, &[]))),
            ("answered-by", or_text(answered_by)),
            ("errors", object("", system_keys::ERRORS, &[])),
            ("permission", or_text(object("", system_keys::PERMISSION, &[]))),
            ("by-hand", words()),
        ],
    );
    let refusals = list_of(object("", system_keys::REFUSAL, &[]));
    object(
        "A system of triagem: what can be looked at.",
        system_keys::SYSTEM,
        &[
            ("metadata", object("", system_keys::METADATA, &[])),
            ("tools", map_of(object("", system_keys::TOOL, &[("refusals", refusals)]))),
            ("tables", map_of(map_of(json!({"type": "string"})))),
            ("role", object("", system_keys::ROLE, &[])),
            ("sources", map_of(source)),
        ],
    )
}

/// A word may stand in its place.
fn or_text(mut schema: Json) -> Json {
    schema["type"] = json!(["object", "string"]);
    schema
}

fn fact() -> Json {
    object(
        "",
        keys::FACT,
        &[
            ("where", object("", keys::WHERE, &[])),
            ("about", one_or_list_of(object("", keys::ABOUT, &[]))),
            ("chain", object("", keys::CHAIN, &[("of", object("", keys::ABOUT, &[]))])),
        ],
    )
}

fn map_of(schema: Json) -> Json {
    json!({"type": "object", "additionalProperties": schema})
}

/// Editors pick an arbitrary branch of `oneOf`: both shapes stand side by side.
fn one_or_list_of(mut schema: Json) -> Json {
    let item = schema.clone();
    if let Some(object) = schema.as_object_mut() {
        object.insert("type".to_owned(), json!(["object", "array"]));
        object.insert("items".to_owned(), item);
    }
    schema
}

fn list_of(schema: Json) -> Json {
    json!({"type": "array", "items": schema})
}

fn object(description: &str, keys: &[Key], inner: &[(&str, Json)]) -> Json {
    let mut properties = Map::new();
    for (name, _, holds, meaning) in keys {
        let mut schema = match (inner.iter().find(|(it, _)| it == name), holds) {
            (Some((_, schema)), _) => schema.clone(),
            (None, Holds::Text) => json!({"type": ["string", "number", "boolean"]}),
            (None, Holds::Flag) => json!({"type": "boolean"}),
            (None, Holds::List) => json!({"type": "array"}),
            (None, Holds::Map) => json!({"type": "object"}),
            (None, Holds::Any) => json!({}),
        };
        if let Some(object) = schema.as_object_mut() {
            object.insert("description".to_owned(), (*meaning).into());
        }
        properties.insert((*name).to_owned(), schema);
    }
    let required: Vec<&str> =
        keys.iter().filter(|(_, required, ..)| *required).map(|(name, ..)| *name).collect();
    json!({
        "type": "object",
        "description": description,
        "additionalProperties": false,
        "properties": properties,
        "required": required,
    })
}
