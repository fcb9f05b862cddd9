//! What could deceive a reader is shown as what it is. One place decides, for every output there is.

use std::fmt::Write as _;

/// The text with every letter that could deceive a reader shown as what it is: `\u{202e}`. Lines and tabs stay.
pub fn visible(text: &str) -> String {
    spell(text, foreign)
}

/// A name, which somebody may have chosen so that it passes for another: besides, letters that only look like ASCII ones
/// are shown as what they are, also where the whole word is made of them.
pub fn visible_name(text: &str) -> String {
    spell(text, |word| foreign(word) || passes_for_ascii(word))
}

/// The letters of a text that [`visible`] shows as what they are, each with its place in bytes; lines and tabs among them.
pub fn deceptive(text: &str) -> Vec<(usize, char)> {
    suspects(text, foreign)
}

/// Whether a letter steers a terminal, turns the direction of what follows, cannot be seen, or means nothing to anybody else.
fn is_deceptive(letter: char) -> bool {
    letter.is_control() || turns(letter) || is_invisible(letter)
}

/// Whether a text holds anything that [`visible`] shows as what it is.
pub fn deceives(text: &str) -> bool {
    deceptive(text).iter().any(|(_, it)| !matches!(it, '\n' | '\t'))
}

/// Direction marks, overrides and isolates.
fn turns(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{061c}')
}

/// Letters without a shape of their own (Unicode's default ignorables, separators, fillers, private use).
fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200d}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{2060}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
            | '\u{f0000}'..='\u{10ffff}'
    )
}

/// Whether a word has letters of Latin and of a script whose letters look like Latin ones.
fn foreign(word: &str) -> bool {
    word.chars().any(is_latin) && word.chars().any(looks_latin)
}

/// Whether a word of another script could be read as one of ASCII letters.
fn passes_for_ascii(word: &str) -> bool {
    word.chars().all(|it| TWINS.contains(it) || is_wide(it))
}

fn is_latin(letter: char) -> bool {
    letter.is_ascii_alphabetic() || matches!(letter, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// Letters of scripts that share shapes with Latin: Greek, Cyrillic, Armenian, Cherokee, Coptic, Lisu; and Latin in disguise.
fn looks_latin(letter: char) -> bool {
    let shares = matches!(
        letter,
        '\u{250}'..='\u{2af}'
            | '\u{370}'..='\u{3ff}'
            | '\u{400}'..='\u{52f}'
            | '\u{531}'..='\u{58f}'
            | '\u{13a0}'..='\u{13ff}'
            | '\u{1c80}'..='\u{1c8f}'
            | '\u{1d00}'..='\u{1dbf}'
            | '\u{1f00}'..='\u{1fff}'
            | '\u{2c80}'..='\u{2cff}'
            | '\u{2de0}'..='\u{2dff}'
            | '\u{a4d0}'..='\u{a4ff}'
            | '\u{a640}'..='\u{a69f}'
            | '\u{ab30}'..='\u{abbf}'
    );
    shares || is_wide(letter)
}

/// ASCII letters in another width or face.
fn is_wide(letter: char) -> bool {
    matches!(letter, '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' | '\u{1d400}'..='\u{1d7ff}' | '\u{2160}'..='\u{2188}')
}

/// Greek and Cyrillic letters with the shape of an ASCII one.
const TWINS: &str = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρυικϳАВЕЅІЈКМНОРСТУХЅԚԜасеорѕухіјһԁԛԝѵӏ";

/// The text with its suspects written as `\u{…}`.
fn spell(text: &str, suspect: impl Fn(&str) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut plain = 0;
    for (at, letter) in suspects(text, suspect) {
        if matches!(letter, '\n' | '\t') {
            continue;
        }
        shown.push_str(text.get(plain..at).unwrap_or_default());
        let _ = write!(shown, "\\u{{{:x}}}", u32::from(letter));
        plain = at + letter.len_utf8();
    }
    shown.push_str(text.get(plain..).unwrap_or_default());
    shown
}

/// The letters that deceive by themselves, and those that do in such words, each with its place in bytes.
fn suspects(text: &str, suspect: impl Fn(&str) -> bool) -> Vec<(usize, char)> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let rest = text.get(start..).unwrap_or_default();
        let gap = rest.find(char::is_alphabetic).unwrap_or(rest.len());
        let (between, from) = rest.split_at(gap);
        let word = from.split(|it: char| !it.is_alphabetic()).next().unwrap_or_default();
        // ASCII deceives nobody.
        let of_word = !word.is_ascii() && suspect(word);
        let letters = between.char_indices().map(|(at, it)| (at, it, false));
        let letters = letters.chain(word.char_indices().map(|(at, it)| (gap + at, it, of_word)));
        found.extend(
            letters
                .filter(|(_, it, of_word)| is_deceptive(*it) || *of_word && looks_latin(*it))
                .map(|(at, it, _)| (start + at, it)),
        );
        start += gap + word.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_turns_or_hides_is_shown_as_what_it_is() {
        assert_eq!(
            visible("a\u{202e}b\u{1b}[2J\u{9b}\u{85}"),
            "a\\u{202e}b\\u{1b}[2J\\u{9b}\\u{85}"
        );
        for hidden in [
            0xad, 0x200b, 0x200d, 0x2060, 0xfeff, 0x2028, 0x2029, 0x3164, 0xffa0, 0x115f, 0xfe0f,
            0xe0041, 0xe0101, 0x2800, 0xe000,
        ] {
            let letter = char::from_u32(hidden).unwrap();
            assert_eq!(visible(&format!("a{letter}b")), format!("a\\u{{{hidden:x}}}b"));
        }
        assert_eq!(visible("line\n\tline"), "line\n\tline");
    }

    #[test]
    fn a_word_of_two_scripts_shows_which_letters_are_not_what_they_seem() {
        assert_eq!(visible("kv-pr\u{43e}d"), "kv-pr\\u{43e}d");
        assert_eq!(visible("\u{ff4b}v"), "\\u{ff4b}v");
        // What people write in their own language stays as it is.
        for text in ["É só uma ação", "URL-адрес", "10µs", "Ошибка", "日本語", "k8s αβγ"]
        {
            assert_eq!(visible(text), text);
            assert!(!deceives(text));
        }
        assert_eq!(visible_name("shop-\u{430}\u{441}\u{435}"), "shop-\\u{430}\\u{441}\\u{435}");
        assert_eq!(visible_name("Ошибка"), "Ошибка");
    }
}
