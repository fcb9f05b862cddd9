//! Literals that a match must contain: what lets a scanner skip a record without looking twice.

use regex_syntax::hir::{Hir, HirKind};

/// The shortest literal that is worth looking for.
const SHORTEST: usize = 4;

/// The longest literal that every match of the pattern contains, or `None` if there is none of four
/// characters or more.
pub fn required_literal(pattern: &str) -> Option<String> {
    let hir = regex_syntax::parse(pattern).ok()?;
    best(runs(&hir, 0)).filter(|it| it.chars().count() >= SHORTEST)
}

/// The longest part of a literal that no normalisation touches, whatever its length.
pub(super) fn safe(literal: &str) -> Option<&str> {
    literal
        .split(|it: char| {
            it.is_whitespace() || it.is_control() || !it.is_ascii() || "\"'\\<>&*`".contains(it)
        })
        .max_by_key(|it| it.len())
        .filter(|it| !it.is_empty())
}

fn best(runs: Vec<String>) -> Option<String> {
    runs.into_iter().max_by_key(String::len)
}

/// Literals that every match contains, each contiguous.
fn runs(hir: &Hir, depth: u8) -> Vec<String> {
    if depth > 60 {
        return Vec::new();
    }
    match hir.kind() {
        HirKind::Literal(literal) => {
            String::from_utf8(literal.0.to_vec()).map(|it| vec![it]).unwrap_or_default()
        }
        HirKind::Capture(group) => runs(&group.sub, depth + 1),
        HirKind::Repetition(repeated) if repeated.min >= 1 => runs(&repeated.sub, depth + 1),
        HirKind::Concat(parts) => {
            let mut all = Vec::new();
            let mut open = String::new();
            for part in parts {
                if let HirKind::Literal(literal) = part.kind() {
                    open.push_str(&String::from_utf8_lossy(&literal.0));
                    continue;
                }
                if !open.is_empty() {
                    all.push(std::mem::take(&mut open));
                }
                all.extend(runs(part, depth + 1));
            }
            all.push(open);
            all.retain(|it| !it.is_empty());
            all
        }
        HirKind::Empty
        | HirKind::Class(_)
        | HirKind::Look(_)
        | HirKind::Repetition(_)
        | HirKind::Alternation(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_literal_of_every_match_is_found() {
        for (pattern, want) in [
            (r"AADSTS700213\b", Some("AADSTS700213")),
            (r"client_id=(?<value>[0-9a-f-]{36})", Some("client_id=")),
            (r"(?:RESPONSE|StatusCode=)(\d{3})", None),
            (r"\d+", None),
            (r"a.b", None),
        ] {
            assert_eq!(required_literal(pattern).as_deref(), want, "{pattern}");
        }
        assert_eq!(safe(r#"InnerError={"code":"X"}"#), Some("InnerError={"));
    }
}
