//! What a person gives by `--input name=value`, checked against what the playbooks ask for.

use std::collections::BTreeMap;

use triagem_engine::playbook::{InputValue, Playbook};
use triagem_engine::value::{ObjectRef, Type, Value};

use crate::exit::{Failure, Message};

/// The inputs that a person gave, each once.
pub(super) fn inputs(
    texts: &[String],
    playbooks: &[Playbook],
) -> Result<BTreeMap<String, InputValue>, Failure> {
    let mut inputs = BTreeMap::new();
    for text in texts {
        let (name, value) = input(text, playbooks)?;
        if inputs.insert(name.clone(), value).is_some() {
            return Err(Failure::Usage(Message::said("error.input-twice", &[("name", &name)])));
        }
    }
    Ok(inputs)
}

fn input(text: &str, playbooks: &[Playbook]) -> Result<(String, InputValue), Failure> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| Failure::Usage(Message::said("error.input-form", &[("text", text)])))?;
    let known: BTreeMap<&str, Type> =
        playbooks.iter().flat_map(|it| &it.inputs).map(|it| (it.name.as_str(), it.kind)).collect();
    let Some(kind) = known.get(name) else {
        let names: Vec<&str> = known.keys().copied().collect();
        let values = [("name", name), ("names", &*names.join(", "))];
        return Err(Failure::Usage(Message::said("error.no-input", &values)));
    };
    if *kind != Type::ObjectRef {
        return match Value::parse(*kind, value) {
            Some(read) if read.well_formed() => {
                Ok((name.to_owned(), InputValue::Text(value.to_owned())))
            }
            _ => {
                let values = [("name", name), ("type", kind.name()), ("value", value)];
                Err(Failure::Usage(Message::said("error.input-type", &values)))
            }
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
        _ => {
            let values = [("name", name), ("value", value)];
            Err(Failure::Usage(Message::said("error.input-object", &values)))
        }
    }
}
