//! What is left of what was read: parts of texts that hold documents, keys, values of which others are left out, and
//! the spelling that was probably meant.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::env::Env;
use super::fact::{FactState, nodes};
use super::world::World;
use crate::evidence::Gap;
use crate::playbook::{Id, Inner, Part};
use crate::value::{Type, Value};
use crate::yaml;

/// Characters of a name that is compared with others.
const NAME: usize = 256;
/// Names that one name is compared with.
const CANDIDATES: usize = 1024;

/// What is read of an element, or why it cannot be.
pub(super) fn leaves<'j>(inner: &Inner, element: &'j Json) -> Result<Vec<Cow<'j, Json>>, Gap> {
    let mut found = vec![Cow::Borrowed(element)];
    for path in &inner.within {
        let mut next = Vec::new();
        for element in &found {
            let document = match element.as_ref() {
                Json::String(text) => {
                    Cow::Owned(yaml::tree(text).map_err(|_| Gap::Malformed)?.to_json())
                }
                other => Cow::Borrowed(other),
            };
            next.extend(nodes(path, &document).into_iter().map(|(_, it)| Cow::Owned(it.clone())));
        }
        found = next;
    }
    if inner.keys {
        let keys = found.iter().filter_map(|it| it.as_object()).flat_map(|it| it.keys());
        found = keys.map(|it| Cow::Owned(Json::String(it.clone()))).collect();
    }
    Ok(found)
}

/// A state without some values. Where those are not all known, what is left is not known either; but an object that
/// was handed over counts as read.
pub(super) fn left(world: &World<'_>, from: FactState, without: &[Part], env: &Env) -> FactState {
    let mut state = FactState { gaps: from.gaps, read_at: from.read_at, ..FactState::default() };
    let mut others = Vec::new();
    let mut open = Vec::new();
    for part in without {
        match part {
            Part::Literal(text) => {
                let kind = from.values.first().map_or(Type::String, Value::kind);
                others.extend(Value::parse(kind, text));
            }
            Part::Ref(id) => {
                let other = world.fact(id, env);
                others.extend(other.values.iter().cloned());
                open.extend(other.gaps.iter().filter(|it| it.gap != Gap::HandedOver).cloned());
            }
        }
    }
    let remain = from.values.into_iter().filter(|it| !others.iter().any(|other| other.same(it)));
    if open.is_empty() {
        remain.for_each(|it| state.push(it, None));
    } else if remain.count() > 0 {
        open.into_iter().for_each(|it| state.note(it));
    }
    state
}

/// For each value of a fact the candidate that is spelled most like it, if one is near.
pub(super) fn alike(
    world: &World<'_>,
    kind: Type,
    of: &Id,
    among: &[Part],
    env: &Env,
) -> FactState {
    let whole = world.fact(of, env);
    let mut state = FactState { gaps: whole.gaps.clone(), ..FactState::default() };
    let mut candidates: Vec<String> = Vec::new();
    for part in among {
        match part {
            Part::Literal(text) => candidates.push(text.clone()),
            Part::Ref(id) => {
                let other = world.fact(id, env);
                other.gaps.iter().for_each(|it| state.note(it.clone()));
                candidates.extend(other.values.iter().map(|it| it.text().to_owned()));
            }
        }
    }
    candidates.truncate(CANDIDATES);
    for value in &whole.values {
        let nearest = nearest(value.text(), &candidates).and_then(|it| Value::parse(kind, it));
        nearest.into_iter().for_each(|it| state.push(it, None));
    }
    state
}

/// The candidate that differs least, whatever the case; one that is the same is none.
fn nearest<'c>(name: &str, candidates: &'c [String]) -> Option<&'c str> {
    let plain = |it: &str| it.to_lowercase();
    let wanted = plain(name);
    candidates
        .iter()
        .filter(|it| it.as_str() != name && it.len() <= NAME && name.len() <= NAME)
        .map(|it| (strsim::damerau_levenshtein(&wanted, &plain(it)), it.as_str()))
        .filter(|(distance, it)| *distance <= 2.max(it.chars().count() / 4))
        .min()
        .map(|(_, it)| it)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::playbook::path::path;

    fn read(within: &[&str], keys: bool, element: &Json) -> Result<Vec<Json>, Gap> {
        let within = within.iter().map(|it| path(it).unwrap()).collect();
        leaves(&Inner { within, keys }, element)
            .map(|it| it.into_iter().map(Cow::into_owned).collect())
    }

    #[test]
    fn a_text_that_holds_documents_is_read_into() {
        let objects = json!(
            "array:\n  - |\n    objectName: a\n    objectType: secret\n  - |\n    objectName: b\n"
        );
        let paths = ["$.array[*]", "$.objectName"];
        assert_eq!(read(&paths, false, &objects), Ok(vec![json!("a"), json!("b")]));
        assert_eq!(
            read(&["$.array[0]", "$"], true, &objects),
            Ok(vec![json!("objectName"), json!("objectType")])
        );
        assert_eq!(read(&paths, false, &json!("array: [")), Err(Gap::Malformed));
        assert_eq!(read(&paths, false, &json!(null)), Ok(vec![]));
    }

    #[test]
    fn keys_are_those_of_mappings_alone() {
        assert_eq!(read(&[], true, &json!({"b": 1, "a": {}})), Ok(vec![json!("a"), json!("b")]));
        assert_eq!(read(&[], true, &json!(["a"])), Ok(vec![]));
    }

    #[test]
    fn the_nearest_spelling_is_near() {
        let known: Vec<String> =
            ["keyvaultName", "userAssignedIdentityID", "objects"].map(str::to_owned).into();
        assert_eq!(nearest("keyvaultNam", &known), Some("keyvaultName"));
        assert_eq!(nearest("keyvaultname", &known), Some("keyvaultName"));
        assert_eq!(nearest("userAssignedIdentityId", &known), Some("userAssignedIdentityID"));
        assert_eq!(nearest("resourceGroup", &known), None);
        assert_eq!(nearest("objects", &known), None);
        assert_eq!(nearest(&"a".repeat(300), &known), None);
    }
}
