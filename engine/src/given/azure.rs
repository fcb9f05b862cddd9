//! Azure resources as `az` prints them, brought into the shape of Azure's own API.
//!
//! `az resource show` and `az rest` print what the API answered: everything of a type's own stands in
//! `properties`. The commands of a service (`az aks show`, `az vmss show`, `az identity show`) print
//! those at the top; `az keyvault show` keeps them, but not those of what hangs on the vault.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::evidence::redact::redact_tree;
use crate::evidence::{Body, Document, Gap, Given, GivenKind};

/// What stands beside `properties` in every resource (Azure Resource Manager's envelope), and what `az` adds.
const ENVELOPE: &[&str] = &[
    "extendedLocation",
    "etag",
    "id",
    "identity",
    "kind",
    "location",
    "managedBy",
    "name",
    "plan",
    "properties",
    "resourceGroup",
    "sku",
    "systemData",
    "tags",
    "type",
    "zones",
];
/// Lists of sub-resources whose items have `properties` of their own, wherever they stand.
const NESTED: &[&str] =
    &["ipConfigurations", "networkInterfaceConfigurations", "privateEndpointConnections"];
/// Nested lists that are looked into.
const DEPTH: usize = 32;

/// Whether an object is an Azure resource.
pub(super) fn is_resource(tree: &Json) -> bool {
    tree["id"]
        .as_str()
        .is_some_and(|id| id.starts_with("/subscriptions/") && !type_of(id).is_empty())
        && !tree["metadata"].is_object()
}

/// The type of a resource id: `Microsoft.KeyVault/vaults`; empty for a subscription or a group.
pub(super) fn type_of(id: &str) -> String {
    let lower = id.to_ascii_lowercase();
    let Some(at) = lower.rfind("/providers/") else { return String::new() };
    let mut parts = id.get(at + "/providers/".len()..).unwrap_or_default().split('/');
    let namespace = parts.next().unwrap_or_default().to_owned();
    let rest: Vec<&str> = parts.collect();
    let kinds = rest.chunks_exact(2).filter_map(|it| it.first());
    let found = kinds.fold(namespace, |so_far, kind| format!("{so_far}/{kind}"));
    if rest.len() < 2 { String::new() } else { found }
}

/// A resource in the shape of Azure's own API, whichever command printed it.
fn as_the_api_says(mut tree: Json) -> Json {
    if tree["properties"].is_null()
        && let Json::Object(flat) = &mut tree
    {
        *flat = wrapped(std::mem::take(flat));
    }
    nested(&mut tree, 0);
    tree
}

/// Puts everything of a type's own into `properties`.
fn wrapped(flat: Map<String, Json>) -> Map<String, Json> {
    let (mut outer, own): (Map<String, Json>, Map<String, Json>) =
        flat.into_iter().partition(|(key, _)| ENVELOPE.contains(&key.as_str()));
    outer.insert("properties".to_owned(), Json::Object(own));
    outer
}

fn nested(tree: &mut Json, depth: usize) {
    if depth > DEPTH {
        return;
    }
    match tree {
        Json::Object(object) => {
            for (key, value) in object.iter_mut() {
                if NESTED.contains(&key.as_str()) {
                    let items = value.as_array_mut().into_iter().flatten();
                    for item in items.filter_map(Json::as_object_mut) {
                        if !item.contains_key("properties") {
                            *item = wrapped(std::mem::take(item));
                        }
                    }
                }
                nested(value, depth + 1);
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|it| nested(it, depth + 1)),
        _ => {}
    }
}

/// The resource as a piece of evidence. What `az … show` printed without `--query` is whole.
pub(super) fn piece(tree: Json, origin: &str, line: u64) -> Given {
    let text = |key: &str| tree[key].as_str().unwrap_or_default().to_owned();
    let id = text("id");
    let name = id.rsplit('/').next().unwrap_or_default().to_owned();
    let whole =
        ["name", "type", "location", "resourceGroup"].iter().all(|it| tree[*it].is_string());
    let kind = type_of(&id);
    let names = BTreeMap::from([
        ("id".to_owned(), id),
        ("type".to_owned(), kind.clone()),
        ("name".to_owned(), name.clone()),
    ]);
    let mut tree = as_the_api_says(tree);
    redact_tree(&mut tree);
    Given {
        kind: GivenKind::Resource,
        names,
        answer: Ok(Document {
            body: Body::Tree(tree),
            partial: (!whole).then_some(Gap::HandedOver),
            origin: format!("{kind}/{name} ({origin})"),
        }),
        origin: origin.to_owned(),
        line,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_tells_its_type() {
        let vault = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv";
        for (id, kind) in [
            (vault.to_owned(), "Microsoft.KeyVault/vaults"),
            (format!("{vault}/secrets/a"), "Microsoft.KeyVault/vaults/secrets"),
            (
                format!("{vault}/providers/Microsoft.Authorization/roleAssignments/r"),
                "Microsoft.Authorization/roleAssignments",
            ),
            ("/subscriptions/s/resourceGroups/g".to_owned(), ""),
        ] {
            assert_eq!(type_of(&id), kind);
        }
    }

    #[test]
    fn both_shapes_become_one() {
        let id = "/subscriptions/s/resourcegroups/g/providers/Microsoft.ContainerService/managedClusters/aks";
        let flat = json!({"id": id, "name": "aks", "identity": {"type": "SystemAssigned"}, "nodeResourceGroup": "MC"});
        let own = json!({"id": id, "name": "aks", "identity": {"type": "SystemAssigned"}, "properties": {"nodeResourceGroup": "MC"}});
        assert_eq!(as_the_api_says(flat), own);
        assert_eq!(as_the_api_says(own.clone()), own);
        let vault = json!({"properties": {"privateEndpointConnections": [{"id": "p", "privateLinkServiceConnectionState": {"status": "Approved"}}]}});
        assert_eq!(
            as_the_api_says(vault)["properties"]["privateEndpointConnections"][0]["properties"]["privateLinkServiceConnectionState"]
                ["status"],
            "Approved"
        );
        let scale_set = json!({"virtualMachineProfile": {"networkProfile": {"networkInterfaceConfigurations": [{"name": "n", "ipConfigurations": [{"name": "i", "subnet": {"id": "s"}}]}]}}});
        let shaped = as_the_api_says(scale_set);
        let nic = &shaped["properties"]["virtualMachineProfile"]["networkProfile"]["networkInterfaceConfigurations"]
            [0];
        assert_eq!(nic["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"], "s");
    }

    #[test]
    fn a_query_of_a_resource_is_not_the_whole_of_it() {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv";
        let some = json!({"id": id, "name": "kv", "properties": {}});
        let all = json!({"id": id, "name": "kv", "type": "Microsoft.KeyVault/vaults", "location": "l", "resourceGroup": "g", "properties": {}});
        for (tree, whole) in [(some, false), (all, true)] {
            assert!(is_resource(&tree));
            let found = piece(tree, "-", 1);
            assert!(matches!(&found.answer, Ok(it) if it.partial.is_none() == whole));
            assert_eq!(found.names["type"], "Microsoft.KeyVault/vaults");
        }
    }
}
