//! `JSONPath` (RFC 9535), compiled at load, with what its library does not say.

use super::Path;

/// Characters of a path.
const LONGEST: usize = 512;

/// Compiles a path; the error is a lowercase fragment.
pub fn path(text: &str) -> Result<Path, String> {
    if text.len() > LONGEST {
        return Err(format!("this path is longer than {LONGEST} characters"));
    }
    if outside_quotes(text).contains(" in ") {
        return Err("` in ` is not JSONPath: the library would answer with nothing".to_owned());
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
    }
}
