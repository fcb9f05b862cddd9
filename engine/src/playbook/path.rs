//! `JSONPath` (RFC 9535), compiled at load, with what its library does not say.

use super::Path;

/// Characters of a path.
const LONGEST: usize = 512;
/// Parts that go over everything below a node: each costs what the one before found, times the tree.
const DESCENTS: usize = 1;
/// Parts that name several things at once: what they name may be one and the same, and is then found as often.
const UNIONS: usize = 2;
/// Commas in them.
const COMMAS: usize = 16;

/// Compiles a path; the error is a lowercase fragment.
pub fn path(text: &str) -> Result<Path, String> {
    if text.len() > LONGEST {
        return Err(format!("this path is longer than {LONGEST} characters"));
    }
    if outside_quotes(text).contains(" in ") {
        return Err("` in ` is not JSONPath: the library would answer with nothing".to_owned());
    }
    let plain = outside_quotes(text);
    let unions =
        plain.split('[').filter(|it| it.split(']').next().is_some_and(|it| it.contains(',')));
    if plain.matches("..").count() > DESCENTS
        || unions.count() > UNIONS
        || plain.matches(',').count() > COMMAS
    {
        return Err(SEARCHES.to_owned());
    }
    let compiled = jsonpath_rust::parser::parse_json_path(text).map_err(|error| {
        let said = error.to_string();
        let at = said
            .split_once("--> 1:")
            .map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
        match at {
            Some(at) => format!("not a JSONPath: it cannot be read from character {at} on"),
            None => format!("not a JSONPath: {}", said.lines().next().unwrap_or_default()),
        }
    })?;
    Ok(Path { text: text.to_owned(), compiled, singular: is_singular(text) })
}

/// What is said of a path that may search a tree more often than there are nodes in it.
pub(super) const SEARCHES: &str = "this path may search a tree many times over";

fn outside_quotes(text: &str) -> String {
    let mut quote = None;
    text.chars()
        .filter(|letter| {
            match quote {
                Some(open) if *letter == open => quote = None,
                Some(_) => return false,
                None if matches!(letter, '\'' | '"') => quote = Some(*letter),
                None => {}
            }
            quote.is_none()
        })
        .collect()
}

/// Only names and indexes: at most one node.
fn is_singular(text: &str) -> bool {
    let plain = outside_quotes(text);
    !(plain.contains('*')
        || plain.contains('?')
        || plain.contains("..")
        || plain.contains(',')
        || plain.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_whether_it_can_give_several() {
        assert!(path("$.spec.parameters['a,b']").unwrap().singular);
        assert!(!path("$.items[?@.spec.volumes[?@.csi.driver=='x']]").unwrap().singular);
        assert!(path("$.a[?@.b in ['x']]").is_err());
        assert!(path("$.[").is_err());
        for bomb in ["$..*..*..*..*..*", "$..[?@..a]", "$['a','a']['a','a']['a','a']"] {
            assert_eq!(path(bomb).unwrap_err(), SEARCHES, "{bomb}");
        }
        assert!(path("$.a['b','c'].d[?@.e == '..,..']").is_ok());
    }
}
