//! Small readers: values and how they compare, patterns, paths, templates, arguments of shells, targets.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use regex::Regex;
use triagem::collect::kubernetes::kinds::{Resource, guessed_plural};
use triagem::collect::kubernetes::target::Target;
use triagem_engine::playbook::path::path;
use triagem_engine::playbook::template::{deceives, render, variables, visible, visible_name};
use triagem_engine::text::{journal_prefix, required_literal};
use triagem_engine::value::{Type, Value, compare, contains_address, seconds};
use triagem_engine::verdict::Shown;
use triagem_engine::words::argument::is_plain;
use triagem_engine::words::manner;
use triagem_engine::words::shell::Shell;

pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (left, right) = text.split_once('\n').unwrap_or((&text, ""));
    for (_, kind) in Type::ALL {
        values(*kind, left, right);
    }
    let _ = (seconds(left), contains_address(left, right), journal_prefix(left), path(left));
    let _ = (
        is_plain(Type::String, left),
        Target::parse(left),
        Resource::known(left),
        guessed_plural(left),
    );
    pattern(left, right);
    template(left, right);
    assert!(!deceives(&visible(&text)), "{:?}", visible(&text));
    assert!(!deceives(&visible_name(left)));
    for shell in [Shell::Posix, Shell::PowerShell, Shell::Cmd] {
        assert!(!shell.quote(left).is_empty(), "an empty word is none");
    }
}

/// A value reads the same from what it was printed as, and an order has two sides.
fn values(kind: Type, left: &str, right: &str) {
    if let Some(value) = Value::parse(kind, left) {
        assert!(value.same(&value) || !value.well_formed(), "{value:?}");
        let read = Value::read(kind, &value.to_json());
        assert!(read.is_none_or(|it| it.text() == value.text()), "{value:?}");
    }
    let (there, back) = (compare(kind, left, right), compare(kind, right, left));
    assert_eq!(there, back.map(Ordering::reverse), "{kind:?}: {left:?} {right:?}");
}

/// Whatever a pattern matches holds the literal that it is looked for by.
fn pattern(pattern: &str, text: &str) {
    let Ok(regex) = Regex::new(pattern) else { return };
    if let Some(literal) = required_literal(pattern)
        && regex.is_match(text)
    {
        assert!(text.to_lowercase().contains(&literal.to_lowercase()), "{literal:?}");
    }
}

/// A template that is accepted is rendered, and takes nothing for a template of its own that a value holds.
fn template(template: &str, value: &str) {
    let Ok(variables) = variables(template) else { return };
    let known = |name: &str| (name.to_owned(), Shown::Known(vec![value.to_owned()]));
    let facts: BTreeMap<String, Shown> = variables.iter().map(|it| known(&it.name)).collect();
    for facts in [facts, BTreeMap::new()] {
        let _ = render(template, &facts, &manner("en"), &str::to_owned);
    }
}
