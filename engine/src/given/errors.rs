//! A tool's own error message: a gap with that reason.

use std::collections::BTreeMap;

use crate::evidence::{Gap, Given, GivenKind};
use crate::text::secret::redact;

/// What an error message says.
pub(super) struct ToolError {
    gap: Gap,
    names: BTreeMap<String, String>,
}

/// Reads an error line of kubectl (`Error from server (NotFound): pods "web-0" not found`) or az.
pub(super) fn error(line: &str) -> Option<ToolError> {
    let rest = line.strip_prefix("Error from server (")?;
    let (reason, message) = rest.split_once("): ")?;
    let mut names = BTreeMap::new();
    let mut quoted = message.split('"');
    let before = quoted.next().unwrap_or_default().trim();
    if let Some(resource) = before.split_whitespace().last() {
        names.insert("resource".to_owned(), resource.to_owned());
    }
    if let Some(name) = quoted.next() {
        names.insert("name".to_owned(), name.to_owned());
    }
    if let Some((_, rest)) = message.split_once("in the namespace \"")
        && let Some((namespace, _)) = rest.split_once('"')
    {
        names.insert("namespace".to_owned(), namespace.to_owned());
    }
    let gap = match reason {
        "NotFound" => Gap::Absent,
        "Forbidden" => {
            let verb = message
                .split("cannot ")
                .nth(1)
                .and_then(|it| it.split_whitespace().next())
                .unwrap_or("get");
            let resource = names.get("resource").cloned().unwrap_or_default();
            Gap::Denied { needs: format!("{verb} on {resource}") }
        }
        "Timeout" | "ServerTimeout" => Gap::Timeout,
        _ => Gap::Failed(redact(message).chars().take(300).collect()),
    };
    Some(ToolError { gap, names })
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

    #[test]
    fn not_found_is_absent_and_forbidden_is_not() {
        assert_eq!(
            error("Error from server (NotFound): pods \"x\" not found").unwrap().gap,
            Gap::Absent
        );
        let denied = error("Error from server (Forbidden): csinodes.storage.k8s.io \"n\" is forbidden: User \"u\" cannot get resource").unwrap();
        assert_eq!(denied.gap, Gap::Denied { needs: "get on csinodes.storage.k8s.io".to_owned() });
        assert!(error("Error: x").is_none());
    }
}
