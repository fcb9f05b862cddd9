//! The parts of a typed value that templates may name.

use serde_json::Value as Json;

use crate::value::Type;

/// Parts that values of a type have.
pub(super) fn known(kind: Type) -> &'static [&'static str] {
    match kind {
        // `selector`: of the step that finds it, where it is not known itself.
        Type::ObjectRef => &["kind", "namespace", "name", "uid", "selector"],
        Type::AzureResourceId => &["type", "name", "group", "lower", "query"],
        _ => &["lower", "query"],
    }
}

/// A value as text, or a part of it, if it has it.
pub(super) fn part(kind: Type, value: &Json, part: Option<&str>) -> Option<String> {
    let text = || match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(value.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    };
    match (kind, part) {
        (Type::ObjectRef, Some(part)) => value[part].as_str().map(str::to_owned),
        (_, None) => text(),
        (_, Some("lower")) => text().map(|it| it.to_lowercase()),
        (_, Some("query")) => text().map(|it| query(&it)),
        (Type::AzureResourceId, Some("type")) => type_of(&text()?),
        (Type::AzureResourceId, Some("name")) => {
            text()?.rsplit('/').next().filter(|it| !it.is_empty()).map(str::to_owned)
        }
        (Type::AzureResourceId, Some("group")) => {
            let text = text()?;
            let mut parts = text.split('/');
            parts.find(|it| it.eq_ignore_ascii_case("resourceGroups"))?;
            parts.next().map(str::to_owned)
        }
        _ => None,
    }
}

/// As it stands behind a `=` of a URL.
fn query(text: &str) -> String {
    let keeps = |it: u8| it.is_ascii_alphanumeric() || b"-._~'(),$*".contains(&it);
    let one = |it: u8| if keeps(it) { char::from(it).to_string() } else { format!("%{it:02X}") };
    text.bytes().map(one).collect()
}

/// The type of a resource id, lower case: `microsoft.keyvault/vaults`.
fn type_of(id: &str) -> Option<String> {
    let lower = id.to_lowercase();
    let (_, last) = lower.rsplit_once("/providers/")?;
    let mut parts = last.split('/');
    let mut kind = parts.next()?.to_owned();
    let rest: Vec<&str> = parts.collect();
    for pair in rest.chunks(2) {
        if let [name, _] = pair {
            kind = format!("{kind}/{name}");
        }
    }
    Some(kind)
}
