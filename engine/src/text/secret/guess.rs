//! Whether a word is more likely a secret than a word or a name, where only what stands beside it speaks of secrets.

use super::shapes::is_random;
use super::value::{is_typed, looks};

/// What words of a sentence begin with that look like secrets: they name what is done with one.
const JARGON: &[&str] = &[
    "aadsts", "akv", "base64", "http", "idx", "ipv", "oauth", "rfc", "rs256", "sha", "utf", "x509",
];

/// What stands around a word of a sentence.
fn bare(word: &str) -> &str {
    word.trim_matches(|it: char| {
        matches!(it, ',' | ';' | '.' | ':' | '!' | '?' | '"' | '\'' | '`' | '\\')
            || matches!(it, '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '*' | '|')
    })
}

fn is_jargon(word: &str) -> bool {
    let begins = word.get(..word.floor_char_boundary(8)).unwrap_or_default().to_ascii_lowercase();
    JARGON.iter().any(|it| begins.starts_with(it))
}

/// Neither a word nor a name: it has capitals behind a hyphen, or marks that no name has.
pub(super) fn is_strange(word: &str) -> bool {
    let word = bare(word);
    let whole =
        |it: char| !it.is_whitespace() && !matches!(it, '(' | ')' | '[' | ']' | '<' | '>' | ',');
    if word.len() < 6
        || is_typed(word)
        || is_jargon(word)
        || word.contains("://")
        || word.contains("{{")
        || word.starts_with(['$', '%', '-', '/'])
        || !word.chars().all(whole)
        || !word.bytes().any(|it| it.is_ascii_alphabetic())
    {
        return false;
    }
    let capitals = word.bytes().any(|it| it.is_ascii_uppercase());
    let small = word.bytes().any(|it| it.is_ascii_lowercase());
    let parts = word.split('-').filter(|it| it.len() > 2).count();
    capitals && small && parts > 1
        || small && word.contains(['!', '#', '$', '%', '^', '*', '~']) && !word.contains('=')
}

/// Digits among letters as no name of a thing has them.
pub(super) fn is_strong(word: &str) -> bool {
    let word = bare(word);
    let capitals = word.bytes().any(|it| it.is_ascii_uppercase());
    word.len() >= 8
        && looks(word)
        && !is_jargon(word)
        && (is_random(word)
            || is_key(word)
            || !word.contains(['/', ':', '=', '@', '\\', '<', '>', ',', '#'])
                && (capitals || !word.contains(['-', '.', '_'])))
}

/// Whether what stands where a thing may be named is a secret: names of things are small, or of one piece.
pub(crate) fn is_no_name(word: &str) -> bool {
    is_strange(word) || word.bytes().any(|it| it.is_ascii_uppercase()) && is_strong(word)
}

/// The letters of a key in base64: many, of all kinds.
pub(super) fn is_key(word: &str) -> bool {
    let has = |of: fn(&u8) -> bool| word.bytes().any(|it| of(&it));
    word.len() >= 32
        && word.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/' | b'='))
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && !word.starts_with('/')
}

/// A token that a node joins a cluster with: `abcdef.0123456789abcdef`.
pub(super) fn joins(word: &str) -> bool {
    bare(word).split_once('.').is_some_and(|(id, secret)| {
        id.len() == 6
            && secret.len() == 16
            && [id, secret]
                .iter()
                .all(|it| it.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_names_are_no_secrets() {
        for word in ["Maple-Otter", "correct!horse", "Quiet-River-Lantern"] {
            assert!(is_strange(word), "{word}");
        }
        for word in ["Qx7kP2m9", "q7xk2m9p"] {
            assert!(is_strong(word), "{word}");
        }
        for word in [
            "Forbidden",
            "ManagedIdentityCredential",
            "invalid_grant",
            "kv-web",
            "db-password-2",
            "context.DeadlineExceeded",
            "contoso.azurecr.io/shop/web:2",
            "https://Login-X.example/a!b",
            "AADSTS700016:",
            "oauth2/exchange",
            "Base64-encoded",
            "aks-nodepool1-12345-vmss000000",
            "$PASSWORD",
            "wrong!",
        ] {
            assert!(!is_strange(word) && !is_strong(word), "{word}");
        }
        assert!(joins("abcdef.0123456789abcdef") && !joins("nginx.0123456789abcdef"));
    }
}
