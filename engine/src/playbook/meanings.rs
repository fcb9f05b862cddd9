//! One meaning, many wordings: what every platform says when a connection is refused, a name is not known, …
//!
//! Signs refer to a meaning, so that a wording nobody thought of is added in one place.

use std::collections::BTreeMap;
use std::sync::LazyLock;

const WRITTEN: &str = include_str!("meanings.yaml");

static MEANINGS: LazyLock<BTreeMap<String, Vec<String>>> =
    LazyLock::new(|| serde_yaml::from_str(WRITTEN).unwrap_or_default());

/// Every meaning's name, such as `socket.refused`.
pub fn names() -> impl Iterator<Item = &'static str> {
    MEANINGS.keys().map(String::as_str)
}

/// The literals that say it, in the spelling of each platform; `None` where there is no such meaning.
pub fn wordings(name: &str) -> Option<&'static [String]> {
    MEANINGS.get(name).map(Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_meaning_has_wordings_and_no_wording_has_two() {
        let all: Vec<&String> = names().flat_map(|it| wordings(it).unwrap()).collect();
        assert!(names().count() > 10);
        for one in &all {
            let holding = all.iter().filter(|it| **it == *one).count();
            assert!(holding == 1 && one.len() >= 6, "{one}");
        }
    }
}
