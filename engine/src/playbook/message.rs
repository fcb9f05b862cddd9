//! Every message of a playbook by id. What is one of several is called by a name and never by its place, so that what is put between moves no other.

use super::{Argument, JsonArgument, Playbook, Remedy};

/// Words of its English that a step is called by: as many as tell the steps of a cause apart, and as few as seldom change.
const WORDS: usize = 5;

/// One message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Message {
    /// Its id.
    pub(crate) id: String,
    /// The id by its place, as translations had it before.
    pub(crate) was: Option<String>,
    /// Its English template, trimmed.
    pub(crate) text: String,
}

/// What a step is called that its author gave no `id`.
pub(crate) fn step_name(does: &str) -> String {
    slug(does, WORDS)
}

/// What a blank of a command, or a row of a table, is called: all its words. Two that are worded alike are one message.
pub(crate) fn word_name(text: &str) -> String {
    slug(text, usize::MAX)
}

/// The first words of a text without its tags, in small letters.
fn slug(text: &str, words: usize) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        plain.push_str(before);
        plain.push(' ');
        rest = after.split_once("}}").map_or("", |it| it.1);
    }
    plain.push_str(rest);
    let plain = plain.replace(['\'', '’'], "").to_lowercase();
    let parts = plain.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
    let name = parts.take(words).collect::<Vec<_>>().join("-");
    if name.is_empty() { "untitled".to_owned() } else { name }
}

/// Every message; of two that share an id the first counts.
pub(crate) fn all(playbook: &Playbook) -> Vec<Message> {
    let mut found = Vec::new();
    let mut add = |id: String, was: Option<String>, text: &str| {
        found.push(Message { id, was, text: text.trim().to_owned() });
    };
    add("playbook.title".to_owned(), None, &playbook.title);
    for input in &playbook.inputs {
        add(format!("inputs.{}.asks", input.name), None, &input.asks);
    }
    for fact in playbook.facts.values() {
        if let Some(asks) = &fact.asks {
            add(format!("facts.{}.asks", fact.id), None, asks);
        }
    }
    for step in &playbook.steps {
        add(format!("steps.{}.says", step.id), None, &step.says);
        if let Some(asks) = &step.asks {
            add(format!("steps.{}.asks", step.id), None, asks);
        }
    }
    for sign in playbook.signs.values() {
        add(format!("signs.{}.says", sign.id), None, &sign.says);
    }
    for compare in playbook.compares.values() {
        let id = format!("compares.{}", compare.name);
        add(format!("{id}.title"), None, &compare.title);
        for (at, row) in compare.rows.iter().enumerate() {
            let was = format!("{id}.rows.{}.label", at + 1);
            add(format!("{id}.rows.{}.label", word_name(&row.label)), Some(was), &row.label);
        }
    }
    let mut step = |id: &str, was: Option<&str>, step: &Remedy| {
        let was = |part: &str| was.map(|it| format!("{it}.{part}"));
        add(format!("{id}.do"), was("do"), &step.does);
        if let Some(text) = &step.takes_effect {
            add(format!("{id}.takes-effect"), was("takes-effect"), text);
        }
        let mut asks = Vec::new();
        step.run.iter().flatten().for_each(|it| asked(it, &mut asks));
        for (at, ask) in asks.into_iter().enumerate() {
            let place = format!("ask.{}", at + 1);
            let was = was(&place).or_else(|| Some(format!("{id}.{place}")));
            add(format!("{id}.ask.{}", word_name(ask)), was, ask);
        }
    };
    for probe in &playbook.probes {
        step(&format!("probes.{}", probe.id), None, &probe.step);
    }
    for cause in &playbook.causes {
        let base = format!("causes.{}.remedy", cause.id);
        for (at, remedy) in cause.remedy.iter().enumerate() {
            let was = format!("{base}.{}", at + 1);
            step(&format!("{base}.{}", remedy.name), Some(&was), remedy);
        }
    }
    for cause in &playbook.causes {
        add(format!("causes.{}.title", cause.id), None, &cause.title);
        add(format!("causes.{}.explains", cause.id), None, &cause.explains);
    }
    found
}

fn asked<'p>(argument: &'p Argument, into: &mut Vec<&'p str>) {
    match argument {
        Argument::Ask(text) => into.push(text),
        Argument::Join(parts) => parts.iter().for_each(|it| asked(it, into)),
        Argument::Json(json) => asked_json(json, into),
        Argument::Literal(_) | Argument::Ref(_) => {}
    }
}

fn asked_json<'p>(json: &'p JsonArgument, into: &mut Vec<&'p str>) {
    match json {
        JsonArgument::Object(entries) => entries.iter().for_each(|(_, it)| asked_json(it, into)),
        JsonArgument::Array(items) => items.iter().for_each(|it| asked_json(it, into)),
        JsonArgument::Argument(argument) => asked(argument, into),
        JsonArgument::Leaf(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_called_by_its_first_words() {
        for (text, name) in [
            ("See the vault's tenant.", "see-the-vaults-tenant"),
            ("See how often {{list x}} asks, and who else does.", "see-how-often-asks-and"),
            ("{{#known x}}Grant{{/known}} it", "grant-it"),
            ("{{x}}", "untitled"),
            ("{{x", "untitled"),
            ("Ação", "ação"),
            ("", "untitled"),
        ] {
            assert_eq!(step_name(text), name);
        }
        assert_eq!(word_name("a b c d e f (`g`)"), "a-b-c-d-e-f-g");
    }
}
