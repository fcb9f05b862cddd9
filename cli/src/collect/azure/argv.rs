//! Which command of `az` answers a question. None of them changes anything.

use serde_json::Value as Json;
use triagem_engine::evidence::{Gap, Request};

/// Which version of its API a type is asked in: the newest that is stable and has what playbooks read.
const VERSIONS: &[(&str, &str)] = &[
    ("microsoft.authorization/roleassignments", "2022-04-01"),
    ("microsoft.compute/virtualmachines", "2024-07-01"),
    ("microsoft.compute/virtualmachinescalesets", "2024-07-01"),
    ("microsoft.containerservice/managedclusters", "2024-09-01"),
    ("microsoft.keyvault/vaults", "2023-07-01"),
    ("microsoft.keyvault/vaults/secrets", "2023-07-01"),
    ("microsoft.managedidentity/userassignedidentities", "2023-01-31"),
    ("microsoft.managedidentity/userassignedidentities/federatedidentitycredentials", "2023-01-31"),
    ("microsoft.network/privatednszones", "2024-06-01"),
    ("microsoft.network/privatednszones/virtualnetworklinks", "2024-06-01"),
    ("microsoft.network/virtualnetworks", "2024-05-01"),
];

/// The sub-commands that are ever run.
const ALLOWED: &[&[&str]] = &[
    &["resource", "show"],
    &["resource", "list"],
    &["rest", "--method", "get"],
    &["keyvault", "show"],
];

/// Whether a command is one of those that are ever run.
pub(super) fn reads_only(argv: &[String]) -> bool {
    ALLOWED
        .iter()
        .any(|it| argv.len() >= it.len() && it.iter().zip(argv).all(|(left, right)| left == right))
}

/// The command that answers a question; what is not known in it is the question's own text.
pub fn argv(request: &Request) -> Result<Vec<String>, Gap> {
    let value = |name: &str| text(request, name).unwrap_or_default();
    let words = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let json = ["-o", "json"];
    Ok(match request.source.as_str() {
        "azure.get" => {
            let id = value("id");
            let version = text(request, "api-version").or_else(|| version(&type_of(&id)));
            let mut argv = words(&["resource", "show", "--ids", &plain(&id)?]);
            for word in version.iter().flat_map(|it| ["--api-version", it.as_str()]) {
                argv.push(word.to_owned());
            }
            argv.extend(words(&json));
            argv
        }
        "azure.list" => {
            let kind = value("type");
            let version = version(&kind).ok_or(Gap::Unsupported)?;
            let within = match (text(request, "scope"), text(request, "subscription")) {
                (Some(scope), _) => plain(&scope)?,
                (None, Some(subscription)) => format!("/subscriptions/{}", plain(&subscription)?),
                (None, None) => return Err(Gap::DependsOnUnknown),
            };
            // What lives below a resource cannot be listed for a whole subscription.
            if kind.matches('/').count() > 1 && type_of(&within).is_empty() {
                return Err(Gap::Unsupported);
            }
            // A type below the type of its scope is a child, any other hangs on it as an extension.
            let child = kind
                .to_lowercase()
                .strip_prefix(&format!("{}/", type_of(&within)))
                .map(str::to_owned);
            let path = match child {
                Some(child) => format!("{within}/{child}"),
                None => format!("{within}/providers/{}", plain(&kind)?),
            };
            let mut url = format!("{path}?api-version={version}");
            if let Some(filter) = text(request, "filter") {
                url = format!("{url}&$filter={}", filter.replace([' ', '&', '#'], "%20"));
            }
            let mut argv = words(&["rest", "--method", "get", "--url", &url]);
            argv.extend(words(&json));
            argv
        }
        "azure.find" if value("type").eq_ignore_ascii_case("Microsoft.KeyVault/vaults") => {
            let mut argv = words(&["keyvault", "show", "--name", &plain(&value("name"))?]);
            argv.extend(words(&json));
            argv
        }
        "azure.find" => {
            let mut argv = words(&[
                "resource",
                "list",
                "--resource-type",
                &plain(&value("type"))?,
                "--name",
                &plain(&value("name"))?,
            ]);
            argv.extend(words(&json));
            argv
        }
        _ => return Err(Gap::Unsupported),
    })
}

/// A value that cannot be taken for an option, nor lead out of where it stands.
fn plain(value: &str) -> Result<String, Gap> {
    let bad = value.is_empty()
        || value.starts_with('-')
        || value.starts_with('@')
        || value.split('/').any(|it| it == "..")
        || value.chars().any(|it| it.is_control() || it.is_whitespace() || "?#&%\\".contains(it));
    if bad {
        Err(Gap::Failed(format!("{value:?} cannot be asked of az")))
    } else {
        Ok(value.to_owned())
    }
}

pub(super) fn text(request: &Request, name: &str) -> Option<String> {
    match serde_json::from_str(request.params.get(name)?).ok()? {
        Json::String(text) => Some(text).filter(|it| !it.is_empty()),
        _ => None,
    }
}

fn version(kind: &str) -> Option<String> {
    let kind = kind.to_lowercase();
    VERSIONS.iter().find(|(it, _)| *it == kind).map(|(_, version)| (*version).to_owned())
}

/// The type of a resource id, lower case: `microsoft.keyvault/vaults`.
fn type_of(id: &str) -> String {
    let lower = id.to_lowercase();
    let Some((_, last)) = lower.rsplit_once("/providers/") else { return String::new() };
    let mut parts = last.split('/');
    let mut kind = parts.next().unwrap_or_default().to_owned();
    let rest: Vec<&str> = parts.collect();
    for pair in rest.chunks(2) {
        if let [name, _] = pair {
            kind = format!("{kind}/{name}");
        }
    }
    kind
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(source: &str, params: &[(&str, &str)]) -> Request {
        let params = params
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value).to_string()))
            .collect();
        Request { source: source.to_owned(), params }
    }

    const VAULT: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv";

    #[test]
    fn a_question_is_one_reading_command() {
        let get = argv(&request("azure.get", &[("id", VAULT)])).unwrap();
        assert_eq!(
            get.join(" "),
            format!("resource show --ids {VAULT} --api-version 2023-07-01 -o json")
        );
        let roles = [("type", "Microsoft.Authorization/roleAssignments"), ("scope", VAULT)];
        let list = argv(&request("azure.list", &roles)).unwrap();
        assert_eq!(
            list.get(4).unwrap(),
            &format!(
                "{VAULT}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01"
            )
        );
        let identity = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i";
        let children = [
            (
                "type",
                "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
            ),
            ("scope", identity),
        ];
        let list = argv(&request("azure.list", &children)).unwrap();
        assert_eq!(
            list.get(4).unwrap(),
            &format!("{identity}/federatedidentitycredentials?api-version=2023-01-31")
        );
        for argv in [get, list] {
            assert!(reads_only(&argv));
        }
    }

    #[test]
    fn a_hostile_value_is_not_asked() {
        for id in ["--debug", "@/etc/passwd", "/subscriptions/../x", "a b", "a?b", ""] {
            assert!(argv(&request("azure.get", &[("id", id)])).is_err(), "{id}");
        }
    }
}
