//! What a person gives by `--input name=value`, checked against what the playbooks ask for.

use std::collections::BTreeMap;

use triagem_engine::playbook::{InputValue, Playbook};
use triagem_engine::value::{ObjectRef, Type, Value};

use crate::exit::Failure;

/// The inputs that a person gave, each once.
pub(super) fn inputs(
    texts: &[String],
    playbooks: &[Playbook],
) -> Result<BTreeMap<String, InputValue>, Failure> {
    let mut inputs = BTreeMap::new();
    for text in texts {
        let (name, value) = input(text, playbooks)?;
        if inputs.insert(name.clone(), value).is_some() {
            return Err(Failure::usage(format!("the input `{name}` is given twice")));
        }
    }
    Ok(inputs)
}

fn input(text: &str, playbooks: &[Playbook]) -> Result<(String, InputValue), Failure> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| Failure::usage(format!("`{text}` is not name=value")))?;
    let known: BTreeMap<&str, Type> =
        playbooks.iter().flat_map(|it| &it.inputs).map(|it| (it.name.as_str(), it.kind)).collect();
    let Some(kind) = known.get(name) else {
        let names: Vec<&str> = known.keys().copied().collect();
        return Err(Failure::usage(format!(
            "there is no input `{name}`; there are {}",
            names.join(", ")
        )));
    };
    if *kind != Type::ObjectRef {
        return match Value::parse(*kind, value) {
            Some(read) if read.well_formed() => {
                Ok((name.to_owned(), InputValue::Text(value.to_owned())))
            }
            _ => Err(Failure::usage(format!(
                "the input `{name}` is of type {}, and `{value}` is none",
                kind.name()
            ))),
        };
    }
    match value.split('/').collect::<Vec<_>>().as_slice() {
        [kind, namespace, of] if !kind.is_empty() && !of.is_empty() => {
            let object = ObjectRef {
                kind: (*kind).to_owned(),
                namespace: (*namespace).to_owned(),
                name: (*of).to_owned(),
                uid: String::new(),
            };
            Ok((name.to_owned(), InputValue::Object(object)))
        }
        _ => Err(Failure::usage(format!(
            "the input `{name}` names an object as kind/namespace/name, and `{value}` is none"
        ))),
    }
}
