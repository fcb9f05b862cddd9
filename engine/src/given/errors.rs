//! A tool's own error message: a gap with that reason.

use std::collections::BTreeMap;

use super::azure::type_of;
use super::peel::names;
use super::texts::Names;
use crate::evidence::{Gap, Given, GivenKind};
use crate::text::secret::redact;

/// Characters of a tool's words.
const WORDS: usize = 300;

/// What an error message says.
#[derive(Debug)]
pub(super) struct ToolError {
    gap: Gap,
    names: Names,
}

/// Reads an error line of kubectl (`Error from server (NotFound): pods "web-0" not found`) or az.
pub(super) fn error(line: &str) -> Option<ToolError> {
    server(line).or_else(|| client(line)).or_else(|| az(line))
}

/// Whether a line goes on with an error message of az.
pub(super) fn goes_on(line: &str) -> bool {
    line.starts_with("Code: ") || line.starts_with("Message: ")
}

/// What the API server answered.
fn server(line: &str) -> Option<ToolError> {
    let rest = line.strip_prefix("Error from server")?;
    let (reason, message) = match rest.strip_prefix(" (") {
        Some(rest) => rest.split_once("): ")?,
        None => ("", rest.strip_prefix(": ")?),
    };
    let mut names = BTreeMap::new();
    let mut quoted = message.split('"');
    let before = quoted.next().unwrap_or_default();
    // `pods "web-0" is forbidden`, or `events is forbidden`: nothing is named, and a quote follows.
    let (subject, named) = match before.split_once(" is forbidden") {
        Some((subject, _)) => (Some(subject), None),
        None => (None, quoted.next()),
    };
    let subject = subject.or_else(|| named.and(before.split_whitespace().last()));
    if let Some(resource) = subject {
        names.insert("resource".to_owned(), resource.to_owned());
    }
    if let Some(name) = named {
        names.insert("name".to_owned(), name.to_owned());
    }
    // `container "app" in pod "web-0" is waiting to start`
    if let (Some("container"), Some(pod)) = (subject, between(message, "in pod \"", '"')) {
        let container = names.insert("name".to_owned(), pod.to_owned());
        names.extend(container.map(|it| ("container".to_owned(), it)));
        names.insert("resource".to_owned(), "pods/log".to_owned());
    }
    if let Some(namespace) = between(message, "in the namespace \"", '"') {
        names.insert("namespace".to_owned(), namespace.to_owned());
    }
    let gap = match reason {
        "NotFound" if named.is_some() => Gap::Absent,
        "Forbidden" => {
            let verb = message
                .split("cannot ")
                .nth(1)
                .and_then(|it| it.split_whitespace().next())
                .unwrap_or("get");
            let asked = between(message, "resource \"", '"').unwrap_or_default();
            // What is asked for may be a part of what is named: `pods/log`.
            if let Some((whole, part)) = asked.split_once('/') {
                let resource = names.get("resource").map_or(whole, String::as_str);
                let resource = format!("{resource}/{part}");
                names.insert("resource".to_owned(), resource);
            }
            let resource = names.get("resource").cloned().unwrap_or_default();
            Gap::Denied { needs: format!("{verb} on {resource}") }
        }
        "Timeout" | "ServerTimeout" => Gap::Timeout,
        "TooManyRequests" => Gap::Throttled,
        _ => failed(message),
    };
    Some(ToolError { gap, names })
}

/// What kubectl says when no server answered, or not to the question.
fn client(line: &str) -> Option<ToolError> {
    let message = line.strip_prefix("error: ").unwrap_or(line);
    if let Some(resource) = between(line, "error: the server doesn't have a resource type \"", '"')
    {
        // Nobody knows whether the kind is not there or may not be seen: it is not "absent".
        let why =
            "the server does not know this kind: it is not installed, or it may not be listed";
        return Some(ToolError {
            gap: Gap::Failed(format!("{why} ({resource})")),
            names: names(&[("resource", resource)]),
        });
    }
    let signed_out = message.starts_with("You must be logged in to the server");
    let lost = message.starts_with("Unable to connect to the server")
        || message.starts_with("The connection to the server ") && message.contains("refused")
        || message.starts_with("couldn't get current server API group list");
    let gap = match (signed_out, lost) {
        (true, _) => Gap::Failed(
            "the API server did not accept who asked: sign in to the cluster again".to_owned(),
        ),
        (_, true) if message.contains("timeout") || message.contains("deadline") => Gap::Timeout,
        (_, true) => failed(message),
        _ => return None,
    };
    Some(ToolError { gap, names: names(&[("tool", "kubectl")]) })
}

/// What az says.
fn az(line: &str) -> Option<ToolError> {
    let signed_out = line.starts_with("Please run 'az login'")
        || line.starts_with("ERROR: ")
            && ["az login", "AADSTS", "AuthenticationToken)"].iter().any(|it| line.contains(it));
    if signed_out {
        return Some(ToolError {
            gap: Gap::SignedOut { needs: "az login".to_owned() },
            names: names(&[("tool", "az")]),
        });
    }
    let rest = line.strip_prefix("ERROR: ")?;
    let (code, message) = match rest.strip_prefix('(').and_then(|it| it.split_once(") ")) {
        Some((code, message)) if !code.contains(' ') => (code, message),
        _ if rest.starts_with("The Vault or HSM ") || rest.starts_with("The command failed") => {
            ("", rest)
        }
        _ => return None,
    };
    let scope = between(message, "over scope '", '\'').unwrap_or_default();
    let named = between(message, "The Resource '", '\'').unwrap_or_default();
    let (mut kind, mut name) = (type_of(scope), "");
    let id = if kind.is_empty() { "" } else { scope };
    if let Some((_, last)) = id.rsplit_once('/') {
        name = last;
    } else if let Some(action) = between(message, "perform action '", '\'') {
        // Refused for a whole group or subscription: the action tells the type.
        kind = action.rsplit_once('/').map_or("", |(of, _)| of).to_owned();
    }
    if let Some((of, last)) = named.rsplit_once('/') {
        (kind, name) = (of.to_owned(), last);
    }
    if let Some(vault) = between(message, "The Vault or HSM '", '\'') {
        name = vault;
    }
    let gap = match code {
        "AuthorizationFailed" | "LinkedAuthorizationFailed" | "Forbidden" => {
            let action = between(message, "perform action '", '\'').unwrap_or("Reader");
            Gap::Denied { needs: action.to_owned() }
        }
        "TooManyRequests" => Gap::Throttled,
        // That az does not find it says nothing about other subscriptions.
        _ => failed(rest),
    };
    let names = names(&[("tool", "az"), ("id", id), ("type", &kind), ("name", name)]);
    Some(ToolError { gap, names })
}

fn between<'a>(text: &'a str, before: &str, end: char) -> Option<&'a str> {
    Some(text.split_once(before)?.1.split_once(end)?.0)
}

fn failed(message: &str) -> Gap {
    Gap::Failed(redact(message).chars().take(WORDS).collect())
}

impl ToolError {
    pub(super) fn given(self, origin: &str, line: u64) -> Given {
        Given {
            kind: GivenKind::Error,
            names: self.names,
            answer: Err(self.gap),
            origin: origin.to_owned(),
            line,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (String, String, String) {
        let found = error(line).unwrap();
        let names: Vec<String> =
            found.names.iter().map(|(key, value)| format!("{key}={value}")).collect();
        (found.gap.name().to_owned(), found.gap.detail().to_owned(), names.join(" "))
    }

    #[test]
    fn what_the_server_answered_is_told_with_what_was_asked() {
        for (line, gap, detail, names) in [
            (
                "Error from server (NotFound): pods \"x\" not found",
                "absent",
                "",
                "name=x resource=pods",
            ),
            (
                "Error from server (Forbidden): csinodes.storage.k8s.io \"n\" is forbidden: User \"u\" cannot get resource \"csinodes\" in API group \"storage.k8s.io\" at the cluster scope",
                "denied",
                "get on csinodes.storage.k8s.io",
                "name=n resource=csinodes.storage.k8s.io",
            ),
            (
                "Error from server (Forbidden): pods \"p\" is forbidden: User \"u\" cannot get resource \"pods/log\" in API group \"\" in the namespace \"kube-system\"",
                "denied",
                "get on pods/log",
                "name=p namespace=kube-system resource=pods/log",
            ),
            (
                "Error from server (Forbidden): events is forbidden: User \"u\" cannot list resource \"events\" in API group \"\" in the namespace \"shop\"",
                "denied",
                "list on events",
                "namespace=shop resource=events",
            ),
            (
                "Error from server (NotFound): the server could not find the requested resource",
                "failed",
                "the server could not find the requested resource",
                "",
            ),
            (
                "Error from server: etcdserver: request timed out",
                "failed",
                "etcdserver: request timed out",
                "",
            ),
            (
                "Error from server (BadRequest): container \"app\" in pod \"web-0\" is waiting to start: ContainerCreating",
                "failed",
                "container \"app\" in pod \"web-0\" is waiting to start: ContainerCreating",
                "container=app name=web-0 resource=pods/log",
            ),
        ] {
            let found = read(line);
            assert_eq!(
                (found.0.as_str(), found.1.as_str(), found.2.as_str()),
                (gap, detail, names),
                "{line}"
            );
        }
    }

    #[test]
    fn what_could_not_be_asked_is_never_absent() {
        for (line, gap, names) in [
            ("error: You must be logged in to the server (Unauthorized)", "failed", "tool=kubectl"),
            (
                "Unable to connect to the server: dial tcp 10.0.0.1:443: i/o timeout",
                "timeout",
                "tool=kubectl",
            ),
            (
                "Unable to connect to the server: dial tcp: lookup a.example.com: no such host",
                "failed",
                "tool=kubectl",
            ),
            (
                "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
                "failed",
                "tool=kubectl",
            ),
            (
                "error: the server doesn't have a resource type \"secretproviderclass\"",
                "failed",
                "resource=secretproviderclass",
            ),
            (
                "ERROR: AADSTS700082: The refresh token has expired. Run `az login`",
                "signed-out",
                "tool=az",
            ),
            ("Please run 'az login' to setup account.", "signed-out", "tool=az"),
            (
                "ERROR: (ResourceNotFound) The Resource 'Microsoft.KeyVault/vaults/kv-web' under resource group 'rg-web' was not found.",
                "failed",
                "name=kv-web tool=az type=Microsoft.KeyVault/vaults",
            ),
            (
                "ERROR: (AuthorizationFailed) The client 'a' with object id 'b' does not have authorization to perform action 'Microsoft.KeyVault/vaults/read' over scope '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv-web' or the scope is invalid.",
                "denied",
                "id=/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv-web name=kv-web tool=az type=Microsoft.KeyVault/vaults",
            ),
        ] {
            let found = read(line);
            assert_eq!((found.0.as_str(), found.2.as_str()), (gap, names), "{line}");
        }
        for line in ["Error: x", "ERROR: it broke", "error: boom", "The connection was reset"] {
            assert!(error(line).is_none(), "{line}");
        }
    }
}
