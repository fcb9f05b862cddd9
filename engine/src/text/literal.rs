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

/// Literals of four characters or more of which every match of the pattern contains one; of several such sets the one whose shortest
/// is the longest.
pub(super) fn required_literals(pattern: &str) -> Option<Vec<String>> {
    let found = sets(&regex_syntax::parse(pattern).ok()?, 0);
    let shortest = |it: &Vec<String>| it.iter().map(|it| it.chars().count()).min().unwrap_or(0);
    found.into_iter().filter(|it| shortest(it) >= SHORTEST).max_by_key(shortest)
}

/// Sets of which every match contains a literal of each.
fn sets(hir: &Hir, depth: u8) -> Vec<Vec<String>> {
    if depth > 60 {
        return Vec::new();
    }
    let alone = |hir: &Hir| runs(hir, depth).into_iter().map(|it| vec![it]).collect::<Vec<_>>();
    match hir.kind() {
        HirKind::Alternation(branches) => {
            // One of each branch; of a branch that has none nothing is known.
            let of = |branch: &Hir| {
                let shortest = |it: &Vec<String>| it.iter().map(String::len).min();
                sets(branch, depth + 1).into_iter().max_by_key(shortest)
            };
            let all: Option<Vec<Vec<String>>> = branches.iter().map(of).collect();
            all.map(|it| vec![it.concat()]).unwrap_or_default()
        }
        HirKind::Capture(group) => sets(&group.sub, depth + 1),
        HirKind::Repetition(repeated) if repeated.min >= 1 => sets(&repeated.sub, depth + 1),
        HirKind::Concat(parts) => {
            let inner = parts.iter().filter(|it| !matches!(it.kind(), HirKind::Literal(_)));
            let mut all = alone(hir);
            all.extend(inner.flat_map(|it| sets(it, depth + 1)));
            all
        }
        _ => alone(hir),
    }
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
        let all = |pattern: &str| required_literals(pattern).unwrap_or_default();
        assert_eq!(all(r"(?:RESPONSE|StatusCode=)(\d{3})"), ["RESPONSE", "StatusCode="]);
        assert_eq!(all(r"x(?:(?:first|second) \d+|third) longest"), [" longest"]);
        assert_eq!(all(r"(?:(?:first|second)\d+|third)x"), ["first", "second", "third"]);
        assert_eq!(all(r"first|\d+"), Vec::<String>::new());
        assert_eq!(all(r"(?i)first"), Vec::<String>::new());
        assert_eq!(safe(r#"InnerError={"code":"X"}"#), Some("InnerError={"));
    }
}
