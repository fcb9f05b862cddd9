//! YAML documents within a budget: a long list is read element by element, and never held twice.

use serde_json::{Map, Value as Json};

use crate::budget::{Bounded, Budget};
use crate::evidence::Gap;

/// Brackets within brackets.
const DEPTH: usize = 128;
/// Bytes of a document from which on its list is read element by element.
const LONG: usize = 256 * 1024;
/// What the parser makes of one document before there is a tree: at most so many events.
const EVENTS: usize = 150_000;
/// Bytes of room with which no further element is tried.
const ENOUGH: usize = 64 * 1024;

/// A document of a YAML text.
#[derive(Debug)]
pub(super) struct Part<'t> {
    /// Lines before it.
    pub(super) skipped: u64,
    /// What it holds, as far as it fits; the gap: it says that it is an object, and cannot be read.
    pub(super) tree: Result<Bounded, Gap>,
    /// Elements of its list that cannot be read.
    pub(super) broken: u64,
    /// How it was written.
    pub(super) text: &'t str,
}

/// Every YAML document of a text. One that is broken takes none of the others with it; those with
/// aliases count as broken.
pub(super) fn yaml<'t>(text: &'t str, budget: &Budget) -> Vec<Part<'t>> {
    let mut parts: Vec<(u64, usize, usize)> = vec![(0, 0, 0)];
    let mut at = 0;
    for (number, line) in (0_u64..).zip(text.split_inclusive('\n')) {
        at += line.len();
        if line.trim_end() == "---" {
            parts.push((number + 1, at, at));
        } else if let Some((_, _, end)) = parts.last_mut() {
            *end = at;
        }
    }
    let of = |(skipped, start, end)| (skipped, text.get(start..end).unwrap_or_default());
    parts
        .into_iter()
        .map(of)
        .filter(|(_, part)| !part.trim().is_empty())
        .filter_map(|(skipped, text)| part(skipped, text, budget))
        .collect()
}

fn part<'t>(skipped: u64, text: &'t str, budget: &Budget) -> Option<Part<'t>> {
    let (tree, broken) = match long_list(text, budget) {
        Some((bounded, broken)) => (Ok(bounded), broken),
        None => (document(text, budget), 0),
    };
    let is_told = match &tree {
        Ok(Bounded { tree: Some(tree), .. }) => tree.is_object() || tree.is_array(),
        Ok(_) => true,
        Err(_) => text.lines().any(|it| it.starts_with("apiVersion:") || it.starts_with("kind:")),
    };
    is_told.then_some(Part { skipped, tree, broken, text })
}

fn document(part: &str, budget: &Budget) -> Result<Bounded, Gap> {
    // Aliases can unfold to any size; no tool writes them into an object.
    let bomb = part.lines().any(|line| {
        let value =
            line.split_once(": ").map_or(line, |(_, value)| value).trim_start_matches(['-', ' ']);
        value.starts_with('*') && !value.starts_with("**")
    });
    if bomb || is_too_deep(part) {
        return Err(Gap::Malformed);
    }
    if events(part) > EVENTS {
        return Ok(Bounded::NOTHING);
    }
    let read = |text: &str| budget.read(serde_yaml::Deserializer::from_str(text));
    let before = budget.room();
    read(part).or_else(|_| {
        budget.reset(before);
        // YAML knows no tabs before a key; editors write them.
        let again = part.contains('\t').then(|| read(&untabbed(part)).ok()).flatten();
        again.ok_or_else(|| {
            budget.reset(before);
            Gap::Malformed
        })
    })
}

/// About as many events as the parser makes of a text: it holds them all before it begins.
fn events(text: &str) -> usize {
    let bytes = text.as_bytes();
    let pairs = bytes.windows(2).filter(|it| matches!(*it, b"- " | b": " | b":\n" | b"? ")).count();
    let others = bytes.iter().filter(|it| matches!(it, b'\n' | b',')).count();
    let brackets = bytes.iter().filter(|it| matches!(it, b'[' | b'{')).count();
    pairs + others + 2 * brackets
}

/// A long list, read element by element; and how many of them are broken. `None`: it is none.
fn long_list(text: &str, budget: &Budget) -> Option<(Bounded, u64)> {
    if text.len() < LONG {
        return None;
    }
    let (mut head, mut elements, mut indent) = (String::new(), Vec::new(), None);
    let bare = text.starts_with("- ");
    let mut within = bare;
    let (mut at, mut start) = (0, None);
    for line in text.split_inclusive('\n') {
        let begin = at;
        at += line.len();
        let spaces = line.len() - line.trim_start_matches(' ').len();
        let dash = line.get(spaces..).is_some_and(|it| it.starts_with("- "));
        if within && dash && *indent.get_or_insert(spaces) == spaces {
            elements.extend(start.replace(begin).and_then(|start| text.get(start..begin)));
        } else if within && spaces == 0 && !line.trim().is_empty() && !line.starts_with('#') {
            // The list has ended.
            elements.extend(start.take().and_then(|start| text.get(start..begin)));
            within = false;
            head.push_str(line);
        } else if !within {
            within = elements.is_empty() && line.trim_end() == "items:";
            if !within {
                head.push_str(line);
            }
        }
    }
    elements.extend(start.and_then(|start| text.get(start..)));
    if elements.is_empty() {
        return None;
    }
    let around = match document(&head, budget).ok().and_then(|it| it.tree) {
        Some(Json::Object(around)) if !bare && !around.contains_key("items") => around,
        _ if bare && head.trim().is_empty() => Map::new(),
        _ => return None,
    };
    let (mut items, mut left_out, mut broken) = (Vec::new(), 0, 0);
    for element in elements {
        if budget.room() < ENOUGH {
            left_out += 1;
            continue;
        }
        let before = budget.room();
        match document(&element.replacen("- ", "  ", 1), budget) {
            Ok(Bounded { tree: Some(tree), .. }) if budget.sets_aside(&tree, before) => {}
            Ok(Bounded { tree: Some(tree), .. }) => items.push(tree),
            Ok(_) => left_out += 1,
            Err(_) => broken += 1,
        }
    }
    let tree = if bare {
        Json::Array(items)
    } else {
        let mut all = around;
        all.insert("items".to_owned(), Json::Array(items));
        Json::Object(all)
    };
    Some((Bounded::new(tree, left_out), broken))
}

/// Whether brackets stand within brackets deeper than any object does: reading that takes time with the square of it.
fn is_too_deep(text: &str) -> bool {
    let mut depth = 0_usize;
    text.bytes().any(|it| {
        match it {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > DEPTH
    })
}

/// The text with two spaces for each tab that stands before a line's own text.
fn untabbed(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    for line in text.lines() {
        let rest = line.trim_start_matches([' ', '\t']);
        for space in line.get(..line.len() - rest.len()).unwrap_or_default().chars() {
            out.push_str(if space == '\t' { "  " } else { " " });
        }
        out.push_str(rest);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::budget::ROOM;

    fn list(items: usize, indent: &str) -> String {
        let body = "x".repeat(200);
        let item = |it: usize| {
            format!(
                "{indent}- apiVersion: v1\n{indent}  kind: Pod\n{indent}  metadata:\n{indent}    name: p{it}\n{indent}  notes:\n{indent}  - |\n{indent}    - {body}\n{indent}  - b\n"
            )
        };
        let items: String = (0..items).map(item).collect();
        format!("apiVersion: v1\nitems:\n{items}kind: List\nmetadata:\n  resourceVersion: \"\"\n")
    }

    #[test]
    fn a_long_list_is_the_list_that_the_parser_reads() {
        for indent in ["", "  "] {
            let text = list(1_200, indent);
            assert!(text.len() > LONG);
            let whole: Json = serde_yaml::from_str(&text).unwrap();
            let found = yaml(&text, &Budget::new(ROOM));
            assert_eq!((found.len(), found[0].broken), (1, 0));
            assert_eq!(found[0].tree, Ok(Bounded::new(whole, 0)));
        }
        let bare = list(1_200, "")
            .lines()
            .filter(|it| it.starts_with([' ', '-']))
            .collect::<Vec<_>>()
            .join("\n");
        let bare = bare.strip_suffix("  resourceVersion: \"\"").unwrap();
        let whole: Json = serde_yaml::from_str(bare).unwrap();
        let found = yaml(bare, &Budget::new(ROOM));
        assert_eq!(found[0].tree, Ok(Bounded::new(whole, 0)));
    }

    #[test]
    fn one_broken_element_takes_no_other_with_it() {
        let text = list(1_200, "").replace("name: p7\n", "name: [p7\n");
        let found = yaml(&text, &Budget::new(ROOM));
        assert_eq!(found[0].broken, 1);
        let tree = found[0].tree.clone().unwrap().tree.unwrap();
        assert_eq!(tree["items"].as_array().unwrap().len(), 1_199);
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let found = yaml(&list(1_200, ""), &Budget::new(1024 * 1024)).remove(0).tree.unwrap();
        let held = found.tree.unwrap()["items"].as_array().unwrap().len() as u64;
        assert!(held > 100 && held + found.left_out == 1_200, "{held}");
        let dense = "- 0\n".repeat(300_000);
        let found = yaml(&dense, &Budget::new(ROOM)).remove(0).tree.unwrap();
        assert!(found.left_out > 0 || found.tree.is_some());
        let nested = format!("a:\n{}", "  - 0\n".repeat(300_000));
        let found = yaml(&nested, &Budget::new(ROOM)).remove(0);
        assert_eq!(found.tree, Ok(Bounded::NOTHING));
        assert_eq!(
            yaml("a: {b: 1}\n", &Budget::new(ROOM))[0].tree.clone().unwrap().tree,
            Some(json!({"a": {"b": 1}}))
        );
    }
}
