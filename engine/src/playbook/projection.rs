//! What of a listed object any path reads: the rest need not be held.
//!
//! It follows from the compiled paths. Where that is not plain, more is kept: what is left out here would
//! look absent.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::{Origin, Param, Path, Playbook};
use crate::system::{Output, Vocabulary};
use crate::value::Type;

/// What every object keeps.
const IDENTITY: &[&[&str]] = &[
    &["apiVersion"],
    &["kind"],
    &["metadata", "name"],
    &["metadata", "namespace"],
    &["metadata", "uid"],
    &["metadata", "creationTimestamp"],
    &["metadata", "deletionTimestamp"],
    &["metadata", "ownerReferences"],
    &["metadata", "labels"],
];

/// What of the objects of each kind is read by some playbook.
#[derive(Clone, Debug, Default)]
pub struct Projection {
    kinds: BTreeMap<String, Fields>,
}

/// A tree of names; one without branches keeps everything below it.
#[derive(Clone, Debug, Default)]
struct Fields(BTreeMap<String, Self>, bool);

impl Fields {
    fn keep<'n>(&mut self, chain: impl IntoIterator<Item = &'n str>) {
        let mut here = self;
        for name in chain {
            here = here.0.entry(name.to_owned()).or_default();
        }
        here.1 = true;
    }

    fn of(&self, tree: &Json) -> Json {
        if self.1 {
            return tree.clone();
        }
        match tree {
            Json::Object(object) => {
                let kept = self.0.iter().filter_map(|(name, fields)| {
                    Some((name.clone(), fields.of(object.get(name)?)))
                });
                Json::Object(kept.collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }
}

impl Projection {
    /// What these playbooks read of listed objects.
    pub fn of(playbooks: &[Playbook], vocabulary: Vocabulary) -> Self {
        let mut projection = Self::default();
        for playbook in playbooks {
            let lists = |uses: &str| {
                vocabulary.iter().any(|it| it.name == uses && it.output == Output::List)
            };
            for fact in playbook.facts.values() {
                let (steps, path, where_, value) = match &fact.from {
                    Origin::Path { step, path, where_, value } => (vec![step], path, where_, value),
                    Origin::Text { steps, path: Some(path), .. } => {
                        (steps.iter().collect(), path, &None, &None)
                    }
                    _ => continue,
                };
                for kind in playbook.steps.iter().filter(|it| steps.contains(&&it.id)) {
                    let Some(Param::Literal(Json::String(kind))) =
                        kind.with.get("kind").filter(|_| lists(&kind.uses))
                    else {
                        continue;
                    };
                    let fields = projection.kinds.entry(kind.clone()).or_default();
                    let inner = where_.iter().map(|it| &it.path).chain(value);
                    read(path, inner, value.is_none() && fact.kind != Type::ObjectRef, fields);
                }
            }
        }
        projection
    }

    /// The object without what nobody reads; of a kind that no playbook lists, only what identifies it.
    pub fn apply(&self, kind: &str, object: &Json) -> Json {
        let mut fields = self.kinds.get(kind).cloned().unwrap_or_default();
        for chain in IDENTITY {
            fields.keep(chain.iter().copied());
        }
        fields.of(object)
    }
}

/// Notes what a path below `$.items` reads, and what the paths within its elements read.
fn read<'p>(
    path: &Path,
    inner: impl Iterator<Item = &'p Path>,
    element: bool,
    fields: &mut Fields,
) {
    let brackets = ["['", "[\"", "@[", ".."].iter().any(|it| path.text.contains(it));
    let Some(rest) = path.text.strip_prefix("$.items").filter(|_| !brackets) else {
        return fields.keep([]);
    };
    let (filter, tail) = match rest.strip_prefix("[*]") {
        Some(tail) => ("", tail),
        None => rest.rfind(']').map_or(("", rest), |at| rest.split_at(at + 1)),
    };
    for tested in filter.split("@.").skip(1) {
        fields.keep(names(tested).0);
    }
    let (chain, plain) = names(tail.trim_start_matches('.'));
    let mut deeper = false;
    for path in inner {
        let (more, _) = names(path.text.trim_start_matches('$').trim_start_matches('.'));
        if plain {
            fields.keep(chain.iter().copied().chain(more));
        } else {
            fields.keep(chain.iter().copied());
        }
        deeper = true;
    }
    if element && (!deeper || !chain.is_empty()) || !chain.is_empty() && !deeper {
        fields.keep(chain);
    }
}

/// The plain names a path begins with, and whether it has nothing else.
fn names(path: &str) -> (Vec<&str>, bool) {
    let name = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.');
    let plain = path.find(|it| !name(it)).map_or(path, |at| path.get(..at).unwrap_or_default());
    (plain.split('.').filter(|it| !it.is_empty()).collect(), plain.len() == path.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kept(path: &str, inner: &[&str], element: bool) -> Json {
        let path = super::super::path::path(path).unwrap();
        let inner: Vec<Path> =
            inner.iter().map(|it| super::super::path::path(it).unwrap()).collect();
        let mut fields = Fields::default();
        read(&path, inner.iter(), element, &mut fields);
        fields.of(&json!({"a": {"b": 1, "c": {"d": 2}}, "e": [{"f": 3}], "g": 4}))
    }

    #[test]
    fn what_a_path_reads_is_kept() {
        assert_eq!(kept("$.items[*].a.b", &[], true), json!({"a": {"b": 1}}));
        assert_eq!(kept("$.items[*].e[*].f", &[], true), json!({"e": [{"f": 3}]}));
        assert_eq!(kept("$.items[?@.a.b == 1].g", &[], true), json!({"a": {"b": 1}, "g": 4}));
        assert_eq!(kept("$.items[*]", &["$.a.b", "$.g"], false), json!({"a": {"b": 1}, "g": 4}));
        assert_eq!(kept("$.items[?@.e[?@.f == 3]]", &[], false), json!({"e": [{"f": 3}]}));
        // Where it is not plain, all of it.
        assert_eq!(kept("$.items[*]", &[], true)["g"], 4);
        assert_eq!(kept("$..g", &[], true)["g"], 4);
        assert_eq!(kept("$.items[?@['a'].b == 1].g", &[], true)["e"], json!([{"f": 3}]));
    }
}
