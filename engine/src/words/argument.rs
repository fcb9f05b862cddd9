//! Which values from evidence may stand in a command. All others are blanks: a value that is not of its type is a mistake, or
//! a trap, and in both cases nobody should run a command with it.

use crate::playbook::template::deceives;
use crate::value::{Type, Value};

/// Bytes of a value: the longest id of a resource is shorter.
const LENGTH: usize = 1024;

/// Whether a value is of its type, and has the shape that names of that type have. Such a value is one word, and plain data, in
/// any shell, and no tool takes it for an option or for the name of a file to be read.
pub fn is_plain(kind: Type, text: &str) -> bool {
    let well_formed = Value::parse(kind, text).is_some_and(|it| it.well_formed());
    let harmless = text.len() <= LENGTH
        && !text.starts_with(['-', '@'])
        && !text.split('/').any(|it| it == "..")
        && !deceives(text)
        && text.chars().all(is_harmless);
    well_formed
        && harmless
        && match kind {
            Type::K8sName => is_name(text),
            Type::ObjectRef => text.split('/').all(is_name),
            Type::Host => is_host(text),
            Type::Url => text.split_once("://").is_some_and(|(_, rest)| is_host_and_path(rest)),
            Type::AzureResourceId => text.starts_with('/') || text.starts_with("azure:///"),
            Type::String
            | Type::Text
            | Type::Int
            | Type::Bool
            | Type::Guid
            | Type::Ip
            | Type::Cidr
            | Type::Duration
            | Type::Timestamp
            | Type::Version
            | Type::Quantity => true,
        }
}

/// Letters that mean nothing to bash, zsh, fish, PowerShell or cmd. Names of resource groups have letters of any script.
fn is_harmless(letter: char) -> bool {
    letter.is_alphanumeric() || "-._:/@+=,()".contains(letter)
}

/// A DNS subdomain, as names of objects are.
fn is_name(text: &str) -> bool {
    let ends = |it: &str| it.starts_with(['-', '.']) || it.ends_with(['-', '.']);
    !text.is_empty() && !ends(text) && !text.contains("..")
}

fn is_host(text: &str) -> bool {
    text.trim_end_matches('.').split('.').all(|label| {
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
    })
}

fn is_host_and_path(text: &str) -> bool {
    let host = text.split('/').next().unwrap_or_default();
    let (host, port) = host.split_once(':').unwrap_or((host, "0"));
    is_host(host) && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_of_its_type_may_stand_in_a_command() {
        for (kind, text) in [
            (Type::K8sName, "web-0"),
            (Type::K8sName, "aks-nodepool1-12345678-vmss000000"),
            (Type::Host, "kv-web.vault.azure.net"),
            (Type::Guid, "5e1d9f3a-6c2b-4e8d-a1f7-3b9c0d2e4f11"),
            (Type::AzureResourceId, "/subscriptions/s/resourceGroups/Büro (1)_x"),
            (Type::String, "r.example.com:5000/team/web:1.0@sha256:00"),
            (Type::String, "secrets-store-inline"),
            (Type::ObjectRef, "shop/web-0"),
            (Type::Url, "https://oidc.example.com/a/b/"),
        ] {
            let wanted = !text.contains(' ');
            assert_eq!(is_plain(kind, text), wanted, "{text}");
        }
    }

    #[test]
    fn any_other_is_left_to_the_reader() {
        for (kind, text) in [
            (Type::K8sName, "-n"),
            (Type::K8sName, "Web"),
            (Type::K8sName, "web..0"),
            (Type::K8sName, " web"),
            (Type::K8sName, "../../secrets/x"),
            (Type::Host, "evil.example/?x=.vault.azure.net"),
            (Type::Host, "-kv.vault.azure.net"),
            (Type::Host, "kv..vault.azure.net"),
            (Type::Guid, "/subscriptions/x"),
            (Type::AzureResourceId, "/subscriptions/s/../x"),
            (Type::AzureResourceId, "@/subscriptions/s"),
            (Type::String, "@/etc/passwd"),
            (Type::String, "--debug"),
            (Type::String, "a b"),
            (Type::String, "a%PATH%"),
            (Type::String, "$(reboot)"),
            (Type::String, "a\nb"),
            (Type::String, "a\u{200b}b"),
            (Type::String, "kv-pr\u{43e}d"),
            (Type::String, ""),
            (Type::Url, "https://-x/"),
            (Type::Url, "https://user:secret@host/"),
        ] {
            assert!(!is_plain(kind, text), "{kind} {text:?}");
        }
        assert!(!is_plain(Type::String, &"a".repeat(LENGTH + 1)));
    }
}
