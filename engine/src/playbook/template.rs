//! Handlebars, only in prose, and only its harmless part.

use std::collections::{BTreeMap, BTreeSet};

use handlebars::{Handlebars, Template, no_escape};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::verdict::Shown;

mod tags;
mod visible;

pub use visible::{deceives, deceptive, visible, visible_name};

use tags::{BLOCKS, NAMES};

/// Bytes of a template.
const SOURCE: usize = 16 * 1024;
/// Nested blocks: deeper templates overflow the stack of the library.
const DEPTH: usize = 16;
/// Bytes of a rendered message.
const RENDERED: usize = 64 * 1024;

/// A fact that a template names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Variable {
    /// The fact's name.
    pub name: String,
    /// It stands inside `{{#known name}}` (or opens such a block).
    pub guarded: bool,
}

/// How a language writes lists, numbers and dates.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manner {
    /// The word before the last of a list.
    and: String,
    /// How many more there are in a list than it names: `{n} more`.
    more: String,
    /// What stands before tenths.
    decimal: String,
    /// A moment in UTC, of `{year}`, `{month}`, `{day}` and `{clock}`.
    date: String,
    /// The numbers of which its nouns are in the singular (CLDR's category one).
    one: Vec<usize>,
}

impl Manner {
    /// Whether a noun beside this number is in the singular.
    pub fn is_one(&self, n: usize) -> bool {
        self.one.contains(&n)
    }
}

/// The facts a template names, in order; the error says what is wrong with it.
pub fn variables(text: &str) -> Result<Vec<Variable>, String> {
    if text.len() > SOURCE {
        return Err(format!("this text is longer than {} KiB", SOURCE / 1024));
    }
    let mut found = Vec::new();
    let mut open: Vec<(String, String)> = Vec::new();
    let mut rest = text;
    // Single braces that are open, such as those of JSON around a tag.
    let mut braces = 0;
    while let Some(start) = rest.find("{{") {
        half_open(rest.get(..start).unwrap_or_default(), &mut braces)?;
        let tag = rest.get(start + 2..).unwrap_or_default();
        if tag.starts_with(['{', '>', '*', '!', '&', '~']) {
            return Err("only variables and blocks are allowed in a text".to_owned());
        }
        let end = tag.find("}}").ok_or("a tag is not closed: `}}` is missing")?;
        let inner = tag.get(..end).unwrap_or_default().trim();
        rest = tag.get(end + 2..).unwrap_or_default();
        tag_of(inner, &mut open, &mut found)?;
        if open.len() > DEPTH {
            return Err(format!("blocks are nested deeper than {DEPTH} levels"));
        }
    }
    half_open(rest, &mut braces)?;
    if let Some((block, _)) = open.last() {
        return Err(format!("the block `{block}` is not closed"));
    }
    Template::compile(text)
        .map_err(|error| error.to_string().lines().next().unwrap_or_default().to_owned())?;
    Ok(found)
}

/// `{name}}`: a brace is missing. What ends in two braces otherwise, such as `{a: {b: c}}`, is what it looks like; where none is open,
/// `}}` closes nothing.
fn half_open(text: &str, braces: &mut usize) -> Result<(), String> {
    let mut parts = text.split("}}").collect::<Vec<_>>();
    parts.pop();
    for part in parts {
        let word = part.rsplit('{').next().filter(|it| it.len() < part.len()).unwrap_or_default();
        let letters =
            |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || "-#/ ".contains(it);
        if !word.is_empty() && word.chars().all(letters) {
            return Err(format!("`{{{word}}}}}` is half a tag: write `{{{{{word}}}}}`"));
        }
    }
    let mut twice = false;
    for letter in text.chars() {
        match letter {
            '{' => *braces += 1,
            '}' if *braces == 0 && twice => return Err("`}}` closes nothing".to_owned()),
            '}' => *braces = braces.saturating_sub(1),
            _ => {}
        }
        twice = letter == '}' && *braces == 0;
    }
    Ok(())
}

fn tag_of(
    inner: &str,
    open: &mut Vec<(String, String)>,
    found: &mut Vec<Variable>,
) -> Result<(), String> {
    if inner.contains("../")
        || inner.contains('@')
        || inner.contains("lookup")
        || inner.contains('(')
    {
        return Err(format!("`{inner}` is not allowed in a text"));
    }
    let mut words = inner.split_whitespace();
    let first = words.next().ok_or("an empty tag")?;
    match first {
        "else" if open.is_empty() => return Err("`else` stands in no block".to_owned()),
        "this" if open.iter().all(|(block, _)| block != "each") => {
            return Err("`this` stands inside `each` alone".to_owned());
        }
        "else" | "this" => return Ok(()),
        _ => {}
    }
    if let Some(closed) = first.strip_prefix('/') {
        return match open.pop() {
            Some((block, _)) if block == closed => Ok(()),
            _ => Err(format!("`{{{{/{closed}}}}}` closes nothing")),
        };
    }
    let (head, block) = match first.strip_prefix('#') {
        Some(head) => (head, true),
        None => (first, false),
    };
    if open.iter().any(|(block, _)| block == "each") {
        return Err(format!("inside `each` there is only `this`, not `{inner}`"));
    }
    if !block && words.clone().next().is_none() {
        let guarded = open.iter().any(|(_, name)| name == head);
        found.push(Variable { name: head.to_owned(), guarded });
        return Ok(());
    }
    if !NAMES.contains(&head) || block != BLOCKS.contains(&head) {
        return Err(format!("unknown helper `{head}`; there are {}", NAMES.join(", ")));
    }
    let name = words.next().ok_or_else(|| format!("`{head}` of what?"))?.to_owned();
    // `known` and `each` make their own guard; the others need one.
    let guarded = block || open.iter().any(|(_, it)| *it == name);
    if name != "this" {
        found.push(Variable { name: name.clone(), guarded });
    }
    if block {
        open.push((head.to_owned(), name));
    }
    Ok(())
}

/// Renders a text that [`variables`] accepts. A variable that is not known shows as `<what it is>`.
pub fn render(
    text: &str,
    facts: &BTreeMap<String, Shown>,
    manner: &Manner,
    what: &dyn Fn(&str) -> String,
) -> Result<String, String> {
    let named = variables(text)?;
    let bare: BTreeSet<&str> =
        named.iter().filter(|it| !it.guarded).map(|it| it.name.as_str()).collect();
    let mut data = serde_json::Map::new();
    for variable in &named {
        let value = match facts.get(&variable.name) {
            Some(Shown::Known(values)) => match values.as_slice() {
                [only] => Json::String(visible_name(only)),
                many => many.iter().map(|it| Json::String(visible_name(it))).collect(),
            },
            Some(Shown::Absent | Shown::Unknown) | None
                if bare.contains(variable.name.as_str()) =>
            {
                Json::String(format!("<{}>", what(&variable.name)))
            }
            Some(Shown::Absent | Shown::Unknown) | None => Json::Null,
        };
        data.insert(variable.name.clone(), value);
    }
    let mut engine = Handlebars::new();
    engine.register_escape_fn(no_escape);
    tags::register(&mut engine, manner);
    let shown =
        engine.render_template(text, &Json::Object(data)).map_err(|error| error.to_string())?;
    if shown.len() > RENDERED {
        return Err("the text is too long".to_owned());
    }
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn facts(value: Shown) -> BTreeMap<String, Shown> {
        BTreeMap::from([("class-name".to_owned(), value)])
    }

    fn render(text: &str, facts: &BTreeMap<String, Shown>, and: &str) -> Result<String, String> {
        let manner = Manner { and: and.to_owned(), ..crate::words::manner("en") };
        super::render(text, facts, &manner, &|name| name.replace('-', " "))
    }

    #[test]
    fn a_known_value_shows_and_an_unknown_one_leaves_its_block_out() {
        let text = "a{{#known class-name}} **{{class-name}}**{{else}} none{{/known}}";
        let known = facts(Shown::Known(vec!["{{x}} & <b>".to_owned()]));
        assert_eq!(render(text, &known, "and").unwrap(), "a **{{x}} & <b>**");
        assert_eq!(render(text, &facts(Shown::Unknown), "and").unwrap(), "a none");
        let bare = "a {{class-name}}";
        assert_eq!(render(bare, &facts(Shown::Absent), "and").unwrap(), "a <class name>");
        let many = facts(Shown::Known(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]));
        assert_eq!(render("{{list class-name}}", &many, "e").unwrap(), "a, b e c");
        let names = |count: usize| {
            let names = (1..=count).map(|it| it.to_string()).collect();
            render("{{list class-name}}", &facts(Shown::Known(names)), "and").unwrap()
        };
        assert!(names(13).ends_with("11, 12 and 13"));
        assert!(names(256).ends_with("11, 12 and 244 more"));
        assert_eq!(
            render("{{#each class-name}}[{{this}}]{{/each}}", &many, "e").unwrap(),
            "[a][b][c]"
        );
        let one = facts(Shown::Known(vec!["a".to_owned()]));
        assert_eq!(render("{{#each class-name}}[{{this}}]{{/each}}", &one, "e").unwrap(), "[a]");
    }

    #[test]
    fn what_could_do_harm_is_refused() {
        for text in [
            "{{> x}}",
            "{{{x}}}",
            "{{lookup a b}}",
            "{{@root.x}}",
            "{{#known x}}",
            "{{frob x}}",
            "{{../x}}",
            "{{x",
            "{class-name}} b",
            "a }} b",
            "{A: b}} c",
            "{{a}} {a}}",
            "{{this}}",
            "{{#known a}}{{this}}{{/known}}",
            "{{else}}",
            "{{#each a}}{{b}}{{/each}}",
        ] {
            assert!(variables(text).is_err(), "{text}");
        }
        assert!(variables(&"{{#known a}}".repeat(20)).is_err());
        assert!(variables("`csi: {driver: x, volumeAttributes: {class: a}}`").is_ok());
        assert!(variables("{\"a\": {\"b\": {{x}}}}").is_ok());
    }

    proptest! {
        #[test]
        fn no_text_and_no_value_panics(text in ".{0,60}", value in any::<String>()) {
            let _ = render(&text, &facts(Shown::Known(vec![value])), "and");
        }
    }
}
