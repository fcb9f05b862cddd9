//! Languages: each is a folder of YAML in `engine/locales`, found when the program is built.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::phrase::Phrase;
use crate::playbook::template::Manner;
use crate::playbook::translation::{Difference, compare};

/// Language, file and text of every file.
const FILES: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/locales.rs"));

/// The language that everything is written in first: what another is silent about is told in it.
pub const SOURCE: &str = "en";

/// Languages by name.
static LOCALES: LazyLock<BTreeMap<&'static str, Locale>> = LazyLock::new(|| {
    let names = FILES.iter().filter(|(_, file, _)| *file == "locale.yaml").map(|(name, ..)| *name);
    names.map(|name| (name, read(name, "locale.yaml").unwrap_or_default())).collect()
});

/// What a language says of itself (`locale.yaml`).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Locale {
    /// How it may be asked for besides by its name, in small letters; `es-*` is all that begins so.
    #[serde(default)]
    answers_to: Vec<String>,
    /// Nothing may be missing or stale.
    #[serde(default)]
    complete: bool,
    /// How it writes lists, numbers and dates.
    manner: Manner,
}

/// A word of another language, and the English it was made from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    from: String,
    text: String,
}

/// A file of a language, if it has it and it can be read; a test proves that each can.
fn read<T: DeserializeOwned>(locale: &str, file: &str) -> Option<T> {
    let (_, _, text) = FILES.iter().find(|it| it.0 == locale && it.1 == file)?;
    serde_yaml::from_str(text).ok()
}

/// The names of all languages.
pub fn locales() -> Vec<&'static str> {
    LOCALES.keys().copied().collect()
}

/// How a language writes lists, numbers and dates; one that there is not writes as in English.
pub fn manner(locale: &str) -> Manner {
    let found = LOCALES.get(locale).or_else(|| LOCALES.get(SOURCE));
    found.map(|it| it.manner.clone()).unwrap_or_default()
}

/// Whether a language says that it has every word.
pub fn is_complete(locale: &str) -> bool {
    LOCALES.get(locale).is_some_and(|it| it.complete)
}

/// The language of a name, or of what an environment writes (`pt_BR.UTF-8`, `C`).
pub(super) fn named(asked: &str) -> Option<&'static str> {
    let plain = asked.split(['.', '@']).next().unwrap_or_default();
    let plain = plain.replace('_', "-").to_lowercase();
    let whole =
        |name: &str, it: &Locale| name.to_lowercase() == plain || it.answers_to.contains(&plain);
    let begins = |it: &Locale| {
        let patterns = it.answers_to.iter().filter_map(|it| it.strip_suffix('*'));
        patterns.filter(|it| plain.starts_with(*it)).map(str::len).max()
    };
    let found = LOCALES.iter().find(|(name, it)| whole(name, it)).or_else(|| {
        let fits = LOCALES.iter().filter_map(|it| Some((it, begins(it.1)?)));
        fits.max_by_key(|it| it.1).map(|it| it.0)
    });
    found.map(|(name, _)| *name)
}

/// The program's own words in a language; what it has not, or was made from other English, is English.
pub(super) fn words(locale: &str) -> BTreeMap<String, String> {
    let mut words = english();
    for (id, Pair { from, text }) in translated(locale) {
        if let Some(word) = words.get_mut(&id)
            && *word == from
            && !text.is_empty()
        {
            *word = text;
        }
    }
    words
}

/// What a language makes of what arises in English.
pub(super) fn phrases(locale: &str) -> Vec<Phrase> {
    read(locale, "phrases.yaml").unwrap_or_default()
}

/// What a language lacks of the program's own words.
pub fn lacks(locale: &str) -> Vec<Difference> {
    if locale == SOURCE {
        return Vec::new();
    }
    compared(translated(locale))
}

/// What a language that is not built in yet lacks; or which of its files cannot be read, and why.
pub fn check(locale: &str, words: &str) -> Result<Vec<Difference>, String> {
    let told = |file: &str, error: serde_yaml::Error| format!("{file}: {error}");
    let _: Locale = serde_yaml::from_str(locale).map_err(|it| told("locale.yaml", it))?;
    serde_yaml::from_str(words).map(compared).map_err(|it| told("words.yaml", it))
}

fn compared(words: BTreeMap<String, Pair>) -> Vec<Difference> {
    compare(&english(), &words.into_iter().map(|(id, it)| (id, (it.from, it.text))).collect())
}

fn english() -> BTreeMap<String, String> {
    read(SOURCE, "words.yaml").unwrap_or_default()
}

fn translated(locale: &str) -> BTreeMap<String, Pair> {
    let found = (locale != SOURCE).then(|| read(locale, "words.yaml"));
    found.flatten().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::translation::DifferenceKind;

    #[test]
    fn a_language_is_known_in_every_spelling() {
        for (name, want) in [
            ("pt_BR.UTF-8", "pt-BR"),
            ("pt", "pt-BR"),
            ("PT-br", "pt-BR"),
            ("en_US", "en"),
            ("C", "en"),
            ("C.UTF-8", "en"),
            ("", "en"),
            ("es", "es"),
            ("es_MX.UTF-8", "es"),
            ("es_AR@euro", "es"),
        ] {
            assert_eq!(named(name), Some(want), "{name}");
        }
        for name in ["xx", "e", "pt-PT", "est", "*", "es-"] {
            assert_eq!(named(name).is_some(), name == "es-", "{name}");
        }
    }

    /// Every file of every language can be read, and there is no other file.
    #[test]
    fn every_file_is_what_it_should_be() {
        for (locale, file, text) in FILES {
            let wrong = match *file {
                "locale.yaml" => serde_yaml::from_str::<Locale>(text).err(),
                "phrases.yaml" => serde_yaml::from_str::<Vec<Phrase>>(text).err(),
                "words.yaml" if *locale == SOURCE => {
                    serde_yaml::from_str::<BTreeMap<String, String>>(text).err()
                }
                "words.yaml" => serde_yaml::from_str::<BTreeMap<String, Pair>>(text).err(),
                _ => panic!("{locale}/{file} belongs to no language"),
            };
            assert!(wrong.is_none(), "{locale}/{file}: {wrong:?}");
            assert!(LOCALES.contains_key(locale), "{locale} has no locale.yaml");
        }
        assert!(english().len() > 200);
    }

    /// A language that calls itself complete lacks nothing; another falls back to English, but says nothing of what there is not.
    #[test]
    fn a_complete_language_lacks_nothing() {
        for name in locales() {
            let mut wrong = lacks(name);
            let falls_back = |it: &Difference| {
                matches!(it.kind, DifferenceKind::Missing | DifferenceKind::Stale)
            };
            wrong.retain(|it| is_complete(name) || !falls_back(it));
            assert!(wrong.is_empty(), "{name}: {wrong:#?}");
        }
        assert!(is_complete("pt-BR") && !is_complete("es"));
    }

    #[test]
    fn what_is_filled_in_is_the_same_in_every_language() {
        let blanks = |text: &str| {
            let names = text.split('{').skip(1).filter_map(|it| it.split_once('}'));
            names.map(|it| it.0.to_owned()).collect::<std::collections::BTreeSet<_>>()
        };
        for locale in locales() {
            for (id, Pair { from, text }) in translated(locale) {
                assert_eq!(blanks(&from), blanks(&text), "{locale}: {id}");
            }
            let manner = format!("{:?}", manner(locale));
            for blank in ["{n}", "{year}", "{month}", "{day}", "{clock}"] {
                assert!(manner.contains(blank), "{locale}: {blank}");
            }
        }
    }

    #[test]
    fn what_a_language_is_silent_about_is_english() {
        let (english, spanish) = (english(), words("es"));
        assert_eq!(english.len(), spanish.len());
        assert_eq!(spanish.get("verdict.confirmed").unwrap(), "confirmada");
        assert!(english.iter().any(|(id, text)| spanish.get(id) == Some(text)));
    }
}
