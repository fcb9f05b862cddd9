//! What is worded in English where it arises - reasons that stand in recordings, errors of the system, the help of the
//! command line - in the reader's language.

use serde::Deserialize;

/// A phrase may stand in another's blank, and so on.
const DEPTH: usize = 4;

/// A phrase with `{blanks}`, in English and the reader's language; what stands in its blanks stays.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Phrase {
    from: String,
    text: String,
}

/// Every phrase that has a translation.
#[derive(Clone, Debug, Default)]
pub(super) struct Phrases(Vec<Phrase>);

impl Phrases {
    pub(super) fn new(all: Vec<Phrase>) -> Self {
        Self(all)
    }

    /// Adds one; of two for the same English the first counts.
    pub(super) fn add(&mut self, from: String, text: String) {
        self.0.push(Phrase { from, text });
    }

    /// The translation; a text that is no phrase of ours stands for itself.
    pub(super) fn translate(&self, english: &str) -> String {
        self.within(english, DEPTH)
    }

    fn within(&self, english: &str, depth: usize) -> String {
        // What more of is fixed fits better.
        let fits = self.0.iter().filter_map(|it| Some((it, blanks(&it.from, english)?)));
        let Some((phrase, values)) = fits.max_by_key(|(it, _)| it.from.len()) else {
            // Where something else stands before it, such as the path of a file.
            return match english.split_once(": ") {
                Some((what, why)) => format!("{what}: {}", self.within(why, depth)),
                None => english.to_owned(),
            };
        };
        let mut text = String::new();
        let mut rest = phrase.text.as_str();
        while let Some((before, name, after)) = next_blank(rest) {
            text.push_str(before);
            let value = values.iter().find(|it| it.0 == name).map_or("", |it| it.1);
            if depth > 0 {
                text.push_str(&self.within(value, depth - 1));
            } else {
                text.push_str(value);
            }
            rest = after;
        }
        text + rest
    }
}

/// What stands in the blanks of a phrase, if a text is this phrase.
fn blanks<'a>(phrase: &'a str, text: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let mut values = Vec::new();
    let Some((before, name, after)) = next_blank(phrase) else {
        return (phrase == text).then_some(values);
    };
    let mut rest = text.strip_prefix(before)?;
    let (mut name, mut after) = (name, after);
    while let Some((literal, next, more)) = next_blank(after) {
        let (value, left) = rest.split_once(literal)?;
        values.push((name, value));
        (rest, name, after) = (left, next, more);
    }
    values.push((name, rest.strip_suffix(after)?));
    Some(values)
}

/// The next `{name}`, with what stands before and behind it.
fn next_blank(phrase: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = phrase.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::locale;
    use super::*;

    #[test]
    fn a_phrase_is_known_with_whatever_stands_in_its_blanks() {
        let phrases = Phrases(vec![
            Phrase { from: "cannot use {what}: {why}".into(), text: "{why} - {what}".into() },
            Phrase { from: "no file {name}".into(), text: "{name} não existe".into() },
            Phrase { from: "no file {name} here".into(), text: "{name} não está aqui".into() },
        ]);
        assert_eq!(phrases.translate("cannot use a: no file b"), "b não existe - a");
        assert_eq!(phrases.translate("no file b here"), "b não está aqui");
        assert_eq!(phrases.translate("nothing of ours"), "nothing of ours");
        assert_eq!(phrases.translate("a: no file b"), "a: b não existe");
        assert_eq!(phrases.translate(""), "");
    }

    #[test]
    fn every_phrase_has_its_blanks_in_every_language_and_stands_once() {
        let names = |text: &str| {
            let mut names = BTreeSet::new();
            let mut rest = text;
            while let Some((_, name, after)) = next_blank(rest) {
                names.insert(name.to_owned());
                rest = after;
            }
            names
        };
        for locale in locale::locales() {
            let all = locale::phrases(locale);
            let mut seen = BTreeSet::new();
            assert!(!locale::is_complete(locale) || all.len() > 40);
            for phrase in &all {
                // A number of the system's need not be told.
                assert!(names(&phrase.text).is_subset(&names(&phrase.from)), "{}", phrase.from);
                assert!(seen.insert(&phrase.from), "twice: {}", phrase.from);
                // A phrase of blanks alone would be every text.
                let letters = phrase.from.chars().filter(|it| it.is_alphabetic()).count();
                assert!(letters > 3, "{}", phrase.from);
            }
        }
    }
}
