//! Why `az` gave no answer: its exit code, and what it said on standard error.
//!
//! A command speaks of an error as `ERROR: (Code) message` and `Code: …`, `az rest` as `ERROR: Not Found({"error": {"code": …}})`.

use triagem_engine::evidence::Gap;

/// Nobody is signed in, or no longer.
const SIGNED_OUT: &[&str] = &[
    "AuthenticationFailed",
    "ExpiredAuthenticationToken",
    "InvalidAuthenticationToken",
    "InvalidAuthenticationTokenTenant",
];
/// The same, where no code is said.
const SIGN_IN: &[&str] = &["az login", "AADSTS", "No subscription found"];
/// What is asked is not allowed.
const DENIED: &[&str] = &[
    "AuthorizationFailed",
    "AuthorizationPermissionMismatch",
    "Forbidden",
    "LinkedAuthorizationFailed",
];

/// The gap that a failure of `az` is. `about` is the id of the resource that was asked for, if it was one: only what
/// is said of that very resource, or of its group, can tell that it is absent.
pub(super) fn refused(code: Option<i32>, said: &str, about: Option<&str>) -> Gap {
    let codes = codes(said);
    let is =
        |any: &[&str]| codes.iter().any(|code| any.iter().any(|it| it.eq_ignore_ascii_case(code)));
    if is(DENIED) {
        let action = said.split("perform action '").nth(1).and_then(|it| it.split('\'').next());
        return Gap::Denied { needs: action.unwrap_or("Reader").to_owned() };
    }
    let throttled = codes.iter().any(|it| *it == "TooManyRequests" || it.ends_with("Throttled"));
    if throttled || said.starts_with("ERROR: Too Many Requests(") {
        return Gap::Throttled;
    }
    if is(SIGNED_OUT) || SIGN_IN.iter().any(|it| said.contains(it)) {
        return Gap::SignedOut { needs: "az login".to_owned() };
    }
    if code == Some(3) && about.is_some_and(|id| absent(&codes, said, id)) {
        return Gap::Absent;
    }
    let line = said.lines().map(str::trim).find(|it| !it.is_empty()).unwrap_or("no reason given");
    let code = code.map_or_else(|| "no exit code".to_owned(), |it| format!("exit code {it}"));
    let line: String = triagem_engine::text::secret::redact(line).chars().take(300).collect();
    Gap::Failed(format!("az ended with {code}: {line}"))
}

/// `az keyvault show` looked through the subscription that it is signed in to.
pub(super) fn not_in_subscription(gap: &Gap) -> bool {
    matches!(gap, Gap::Failed(said) if said.contains("not found within subscription"))
}

fn absent(codes: &[&str], said: &str, id: &str) -> bool {
    let said = said.to_lowercase();
    let parts: Vec<String> = id.split('/').map(str::to_lowercase).collect();
    let named = |name: Option<&String>| {
        name.is_some_and(|it| said.contains(&format!("{it}'")) && !it.is_empty())
    };
    let group = parts.iter().position(|it| it == "resourcegroups").and_then(|at| parts.get(at + 1));
    codes.iter().any(|code| match *code {
        "ResourceNotFound" | "NotFound" => named(parts.last()),
        "ResourceGroupNotFound" => named(group),
        _ => false,
    })
}

/// The codes of the errors that are spoken of.
fn codes(said: &str) -> Vec<&str> {
    let ends = |it: char| !it.is_ascii_alphanumeric();
    ["ERROR: (", "Code: ", "\"code\": \"", "\"code\":\""]
        .iter()
        .flat_map(|begins| said.split(begins).skip(1))
        .filter_map(|rest| rest.split(ends).next())
        .filter(|it| !it.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KV: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv";

    fn denied(needs: &str) -> Gap {
        Gap::Denied { needs: needs.to_owned() }
    }

    #[test]
    fn az_says_why_in_a_code() {
        let signed_out = Gap::SignedOut { needs: "az login".to_owned() };
        for (code, said, want) in [
            (
                3,
                "ERROR: (ResourceNotFound) The Resource 'Microsoft.KeyVault/vaults/kv' under resource group 'rg' was not found.\nCode: ResourceNotFound",
                Gap::Absent,
            ),
            (
                3,
                "ERROR: (ResourceGroupNotFound) Resource group 'rg' could not be found.",
                Gap::Absent,
            ),
            (1, "ERROR: Please run 'az login' to setup account.", signed_out.clone()),
            (
                1,
                "ERROR: AADSTS700082: The refresh token has expired due to inactivity.",
                signed_out.clone(),
            ),
            (
                1,
                "ERROR: Unauthorized({\"error\": {\"code\": \"ExpiredAuthenticationToken\"}})",
                signed_out,
            ),
            (
                2,
                "ERROR: (AuthorizationFailed) The client 'x' does not have authorization to perform action 'Microsoft.KeyVault/vaults/read' over scope",
                denied("Microsoft.KeyVault/vaults/read"),
            ),
            (
                1,
                "ERROR: Forbidden({\"error\": {\"code\": \"AuthorizationFailed\", \"message\": \"… to perform action 'a/read' over\"}})",
                denied("a/read"),
            ),
            (1, "ERROR: (TooManyRequests) slow down", Gap::Throttled),
            (1, "ERROR: (ResourceCollectionRequestsThrottled) slow down", Gap::Throttled),
        ] {
            assert_eq!(refused(Some(code), said, Some(KV)), want, "{said}");
        }
    }

    #[test]
    fn only_the_thing_itself_can_be_told_to_be_absent() {
        for (code, said, about) in [
            // Somebody else's page, another thing, a wrong subscription, a list, no word at all.
            (3, "ERROR: JSON is invalid: Expecting value: line 1 column 1 (char 0)", Some(KV)),
            (
                3,
                "ERROR: (ResourceNotFound) The Resource 'Microsoft.KeyVault/vaults/other' was not found.",
                Some(KV),
            ),
            (
                3,
                "ERROR: (ResourceGroupNotFound) Resource group 'other' could not be found.",
                Some(KV),
            ),
            (3, "ERROR: (SubscriptionNotFound) The subscription 's' could not be found.", Some(KV)),
            (3, "ERROR: (ResourceNotFound) The Resource 'kv' was not found.", None),
            (
                1,
                "ERROR: Not Found({\"error\": {\"code\": \"ResourceNotFound\", \"message\": \"'kv'\"}})",
                Some(KV),
            ),
            (3, "", Some(KV)),
            // Numbers and words that only look like a code.
            (1, "ERROR: no vault 42900000-0000-4000-8000-000000000429", Some(KV)),
            (1, "ERROR: boom", Some(KV)),
        ] {
            assert!(matches!(refused(Some(code), said, about), Gap::Failed(_)), "{said}");
        }
    }
}
