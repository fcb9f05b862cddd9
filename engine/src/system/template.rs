//! Texts and arguments with `{parameter}`, `{parameter.part}` and `{value}` in them. What is not known makes its
//! text unknown, and a text that is unknown is left out with its group.

use std::collections::BTreeMap;

/// What stands for a name and its part; `None`: it is not known.
pub type Lookup<'a> = dyn Fn(&str, Option<&str>) -> Option<String> + 'a;

/// A text with names in it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Text(Vec<Part>);

/// A piece of a text.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Part {
    Plain(String),
    Name(Name),
}

/// A parameter or value, or a part of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Name {
    pub(super) name: String,
    pub(super) part: Option<String>,
}

impl Name {
    pub(super) fn parse(text: &str) -> Self {
        match text.split_once('.') {
            Some((name, part)) => Self { name: name.to_owned(), part: Some(part.to_owned()) },
            None => Self { name: text.to_owned(), part: None },
        }
    }

    fn of(&self, lookup: &Lookup<'_>) -> Option<String> {
        lookup(&self.name, self.part.as_deref()).filter(|it| !it.is_empty())
    }
}

impl Text {
    /// `{name}` stands for a value, `{{` for a brace. Or what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            if let Some(more) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                plain.push_str(from.get(..1).unwrap_or_default());
                rest = more;
                continue;
            }
            let inner = from.strip_prefix('{').and_then(|it| it.split_once('}'));
            let Some((name, more)) = inner.filter(|(name, _)| !name.is_empty()) else {
                return Err("a brace stands alone: write `{{` or `}}` for one".to_owned());
            };
            if !plain.is_empty() {
                parts.push(Part::Plain(std::mem::take(&mut plain)));
            }
            parts.push(Part::Name(Name::parse(name)));
            rest = more;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Plain(plain));
        }
        Ok(Self(parts))
    }

    /// With everything in its place; `None` where something is not known.
    pub fn fill(&self, lookup: &Lookup<'_>) -> Option<String> {
        self.0
            .iter()
            .map(|it| match it {
                Part::Plain(text) => Some(text.clone()),
                Part::Name(name) => name.of(lookup),
            })
            .collect()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &Name> {
        self.0.iter().filter_map(|it| match it {
            Part::Name(name) => Some(name),
            Part::Plain(_) => None,
        })
    }
}

/// When something is meant at all.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct When {
    pub(super) needs: Vec<Name>,
    pub(super) lacks: Vec<Name>,
    /// Equal, in any case of letters.
    pub(super) is: Vec<(Name, String)>,
}

impl When {
    fn holds(&self, lookup: &Lookup<'_>) -> bool {
        let equal = |(name, is): &(Name, String)| {
            name.of(lookup).is_some_and(|it| it.eq_ignore_ascii_case(is))
        };
        self.needs.iter().all(|it| it.of(lookup).is_some())
            && self.lacks.iter().all(|it| it.of(lookup).is_none())
            && self.is.iter().all(equal)
    }
}

/// Arguments of a command.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Words {
    pub(super) when: When,
    pub(super) all: Vec<Word>,
    /// Instead, where it is not meant.
    pub(super) otherwise: Vec<Word>,
}

/// One argument, or a group of them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Word {
    One(Text),
    Group(Words),
}

impl Words {
    /// The arguments, if they are meant and everything in them is known.
    pub fn fill(&self, lookup: &Lookup<'_>) -> Option<Vec<String>> {
        if self.when.holds(lookup) { filled(&self.all, lookup) } else { None }
    }

    /// The arguments that are as they are, up to the first that is not.
    pub(super) fn beginning(&self) -> Vec<&str> {
        fn text(it: &Word) -> Option<&str> {
            let Word::One(Text(parts)) = it else { return None };
            match parts.as_slice() {
                [Part::Plain(text)] => Some(text.as_str()),
                _ => None,
            }
        }
        self.all.iter().map_while(text).collect()
    }

    /// Whether they begin like one of these, whatever the names in them stand for.
    pub(super) fn begins_as(&self, any: &[Vec<String>]) -> bool {
        let own = self.beginning();
        any.iter().any(|it| own.len() >= it.len() && it.iter().zip(&own).all(|(a, b)| a == b))
    }

    /// The arguments of the first that fits.
    pub fn first(all: &[Self], lookup: &Lookup<'_>) -> Option<Vec<String>> {
        all.iter().find_map(|it| it.fill(lookup))
    }
}

fn filled(words: &[Word], lookup: &Lookup<'_>) -> Option<Vec<String>> {
    let mut all = Vec::new();
    for word in words {
        match word {
            Word::One(text) => all.push(text.fill(lookup)?),
            Word::Group(group) if group.when.holds(lookup) => {
                all.extend(filled(&group.all, lookup)?);
            }
            Word::Group(group) => all.extend(filled(&group.otherwise, lookup)?),
        }
    }
    Some(all)
}

/// One way to come to a value.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) when: When,
    pub(super) how: How,
}

/// How a value is made of others.
#[derive(Clone, Debug)]
pub(super) enum How {
    /// A text.
    Text(Text),
    /// What a table says of it, in any case of letters.
    LookUp { key: Text, table: BTreeMap<String, String> },
    /// What is left of a text behind its beginning, in any case of letters.
    Cut { text: Text, beginning: Text },
    /// The group `value` of a pattern.
    Match { text: Text, pattern: regex::Regex },
}

impl Way {
    pub(super) fn value(&self, lookup: &Lookup<'_>) -> Option<String> {
        if !self.when.holds(lookup) {
            return None;
        }
        match &self.how {
            How::Text(text) => text.fill(lookup),
            How::LookUp { key, table } => table.get(&key.fill(lookup)?.to_lowercase()).cloned(),
            How::Cut { text, beginning } => {
                let (text, beginning) = (text.fill(lookup)?, beginning.fill(lookup)?);
                let begins = text.get(..beginning.len())?.eq_ignore_ascii_case(&beginning);
                begins.then(|| text.get(beginning.len()..).map(str::to_owned)).flatten()
            }
            How::Match { text, pattern } => {
                let text = text.fill(lookup)?;
                Some(pattern.captures(&text)?.name("value")?.as_str().to_owned())
            }
        }
    }

    /// The key that its table has no row for.
    pub(super) fn not_in_table(&self, lookup: &Lookup<'_>) -> Option<String> {
        let How::LookUp { key, table } = &self.how else { return None };
        key.fill(lookup).filter(|it| !table.contains_key(&it.to_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str, part: Option<&str>) -> Option<String> {
        match (name, part) {
            ("id", None) => Some("/a/b".to_owned()),
            ("id", Some("last")) => Some("b".to_owned()),
            ("empty", None) => Some(String::new()),
            _ => None,
        }
    }

    fn text(it: &str) -> Text {
        Text::parse(it).unwrap()
    }

    #[test]
    fn names_stand_for_what_is_known() {
        for (template, is) in [
            ("x{id}y", Some("x/a/by")),
            ("{id.last}", Some("b")),
            ("{{id}}", Some("{id}")),
            ("plain", Some("plain")),
            ("{other}", None),
            ("{empty}", None),
        ] {
            assert_eq!(text(template).fill(&lookup).as_deref(), is, "{template}");
        }
        for bad in ["{", "}", "{}", "a{b", "a}b"] {
            assert!(Text::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_group_is_left_out_whole() {
        let needs = |name: &str| When { needs: vec![Name::parse(name)], ..When::default() };
        let group = |name: &str| {
            Word::Group(Words {
                when: needs(name),
                all: vec![Word::One(text("-n")), Word::One(text("{id}"))],
                otherwise: vec![Word::One(text("-A"))],
            })
        };
        let words = |name: &str| Words {
            all: vec![Word::One(text("get")), group(name)],
            ..Words::default()
        };
        assert_eq!(words("id").fill(&lookup).unwrap(), ["get", "-n", "/a/b"]);
        assert_eq!(words("other").fill(&lookup).unwrap(), ["get", "-A"]);
    }
}
