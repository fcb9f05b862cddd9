//! How the records of a text are looked at: several errors in one message, and what a stranger may have written.

use std::collections::BTreeMap;
use std::ops::Range;

use regex::{Regex, RegexBuilder};

use super::normal::{fold, squash};

/// What a masked slot looks like to patterns: nothing that a pattern would look for.
const MASK: &str = "\u{25a1}";
/// Errors of one list that are told apart; more stay with the last.
const ATTEMPTS: usize = 64;
/// Bytes of a compiled shape, and of a text that may be of it.
const SHAPE_BYTES: usize = 1 << 18;
const SHAPED: usize = 512;

/// How the records of one text fact are looked at. The default looks at them as they are.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Lens {
    /// Parts of a message that somebody else chooses: hidden before any pattern looks.
    pub slots: Vec<Slot>,
    /// How several errors stand in one message.
    pub attempts: Option<Attempts>,
}

/// A part of a message that whoever made the object chooses, such as a name of his own.
///
/// It reaches from the first `after` to the last `before`: whoever writes the slot writes end marks, too, so hiding
/// too much is the safe side. Without an end mark it reaches to the end of the message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Slot {
    /// Its name in the playbook.
    pub name: String,
    /// What stands before it.
    pub after: String,
    /// What may stand behind it.
    pub before: Vec<String>,
    /// It is written so that neither white space nor an end mark can stand in it, as in a URL: it ends at the first.
    pub escaped: bool,
    /// What has the shape of an object's name stays: no words can stand in it.
    pub but_names: bool,
    /// So does what is of this shape up to the first end mark.
    pub but: Option<Shape>,
}

/// A pattern that a whole text is of.
#[derive(Clone, Debug)]
pub struct Shape(Regex);

impl Shape {
    /// The pattern, to be found in the whole text; an error is the pattern's.
    pub fn new(pattern: &str) -> Result<Self, regex::Error> {
        RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(SHAPE_BYTES).build().map(Self)
    }

    fn is_of(&self, text: &str) -> bool {
        text.len() <= SHAPED && self.0.is_match(text)
    }
}

impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Shape {}

/// Several errors in one message: `[E1, E2]`. What stands before the list stands before each.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Attempts {
    /// How each of the errors begins.
    pub begin: Vec<String>,
    /// Kinds of answers, the weightiest first: an error that holds a literal of one kind is left out where another of
    /// the same list holds a literal of an earlier kind.
    pub outweighs: Vec<Vec<String>>,
}

impl Lens {
    /// Whether it looks at records as they are.
    pub(super) fn is_plain(&self) -> bool {
        self.slots.is_empty() && self.attempts.is_none()
    }

    /// The text with every slot hidden, and what stood in them by name.
    pub(super) fn mask(&self, text: &str) -> (String, BTreeMap<String, String>) {
        let mut held = BTreeMap::new();
        let mut hidden: Vec<Range<usize>> = Vec::new();
        let squashed = Squashed::of(text);
        // Each is looked for in the whole text: who writes two slots could end one within the other, and so show what stands behind.
        for slot in &self.slots {
            let Some((inside, range)) = slot.range(&squashed) else { continue };
            held.insert(slot.name.clone(), inside.trim().to_owned());
            hidden.extend(range);
        }
        hidden.sort_by_key(|it| it.start);
        let mut masked = String::with_capacity(text.len());
        let mut shown = 0;
        for range in hidden {
            if range.start >= shown {
                masked.push_str(text.get(shown..range.start).unwrap_or_default());
                masked.push_str(MASK);
            }
            shown = shown.max(range.end);
        }
        masked.push_str(text.get(shown..).unwrap_or_default());
        (masked, held)
    }

    /// The errors of a message, each with what stands before the list; the message itself where it holds no list.
    pub(super) fn split(&self, text: &str) -> Vec<String> {
        let whole = || vec![text.to_owned()];
        let Some(attempts) = &self.attempts else { return whole() };
        let Some((before, errors)) = attempts.list(text) else { return whole() };
        let weights: Vec<Option<usize>> = errors.iter().map(|it| attempts.weight(it)).collect();
        let Some(most) = weights.iter().flatten().min() else {
            return errors.iter().map(|it| format!("{before}{it}")).collect();
        };
        errors
            .iter()
            .zip(&weights)
            .filter(|(_, weight)| weight.is_none_or(|it| it == *most))
            .map(|(error, _)| format!("{before}{error}"))
            .collect()
    }
}

impl Slot {
    /// What it holds, and where it is hidden; marks are found however the text is wrapped.
    fn range<'t>(&self, text: &Squashed<'t>) -> Option<(&'t str, Option<Range<usize>>)> {
        let mut from = text.find(&self.after, 0)?;
        if self.escaped {
            let rest = text.whole.get(text.place(from)..)?;
            let marks = self.before.iter().filter_map(|it| rest.find(it.as_str()));
            let end = marks.chain(rest.find(char::is_whitespace)).min().unwrap_or(rest.len());
            let range = text.place(from)..text.place(from) + end;
            return Some((rest.get(..end)?, (!range.is_empty()).then_some(range)));
        }
        let mut first = None;
        // The first that is no name, and all behind it, is hidden.
        let stays = |it: &str| {
            self.but_names && is_name(it) || self.but.as_ref().is_some_and(|shape| shape.is_of(it))
        };
        let mut next = (self.but_names || self.but.is_some()).then_some(from);
        while let Some(at) = next {
            from = at;
            let rest = text.rest(from)?;
            let ends = self.before.iter().filter_map(|it| rest.find(&squash(it)));
            let inside = text.between(from, from + ends.min().unwrap_or(rest.len()))?;
            first = first.or(Some(inside));
            if !stays(inside.trim()) {
                break;
            }
            next = text.find(&self.after, from);
            if next.is_none() {
                return Some((first.unwrap_or(inside), None));
            }
        }
        let marks = self.before.iter().map(|it| squash(it)).filter(|it| !it.is_empty());
        let rest = text.rest(from)?;
        let end = from + marks.filter_map(|it| rest.rfind(&it)).max().unwrap_or(rest.len());
        let range = text.place(from)..text.place(end);
        let inside = first.or_else(|| text.between(from, end))?;
        (!range.is_empty()).then_some((inside, Some(range)))
    }
}

/// Letters of a namespace, a slash and a name.
const NAME: usize = 317;

/// Whether it can be the name of an object, with its namespace (which may be empty) or without.
fn is_name(text: &str) -> bool {
    let letter = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || "-.".contains(it);
    let name = text.strip_prefix('/').unwrap_or(text);
    text.len() <= NAME
        && name.split('/').count() <= 2
        && name.split('/').all(|it| !it.is_empty() && it.chars().all(letter))
}

/// A text without white space, and where each of its bytes stands in the whole.
struct Squashed<'t> {
    whole: &'t str,
    text: String,
    places: Vec<usize>,
}

impl<'t> Squashed<'t> {
    fn of(whole: &'t str) -> Self {
        let mut text = String::with_capacity(whole.len());
        let mut places = Vec::with_capacity(whole.len());
        for (at, letter) in whole.char_indices().filter(|(_, it)| !it.is_whitespace()) {
            text.push(letter);
            places.extend((0..letter.len_utf8()).map(|byte| at + byte));
        }
        Self { whole, text, places }
    }

    fn place(&self, at: usize) -> usize {
        self.places.get(at).copied().unwrap_or(self.whole.len())
    }

    fn rest(&self, from: usize) -> Option<&str> {
        self.text.get(from..)
    }

    fn between(&self, from: usize, to: usize) -> Option<&'t str> {
        self.whole.get(self.place(from)..self.place(to))
    }

    /// Where a mark ends that begins there or later. `secret "` is not the end of `"no secret"`: a quote that stands apart in the mark
    /// stands apart in the text.
    fn find(&self, mark: &str, from: usize) -> Option<usize> {
        let squashed = squash(mark);
        if squashed.is_empty() {
            return None;
        }
        let apart = match mark.strip_suffix(['"', '\'']) {
            Some(before) => before.ends_with(' '),
            None => false,
        };
        let mut ends = self.rest(from)?.match_indices(squashed.as_str());
        ends.find_map(|(at, it)| {
            let end = from + at + it.len();
            let last = end.checked_sub(1)?;
            let stands_apart = last == 0 || self.place(last) > self.place(last - 1) + 1;
            (!apart || stands_apart).then_some(end)
        })
    }
}

impl Attempts {
    /// What stands before the list, and its errors, where there are at least two.
    fn list<'t>(&self, text: &'t str) -> Option<(&'t str, Vec<&'t str>)> {
        let begins = |at: usize| {
            text.get(at..).is_some_and(|it| {
                self.begin.iter().any(|begin| !begin.is_empty() && it.starts_with(&fold(begin)))
            })
        };
        let open = text.match_indices('[').map(|(at, _)| at).find(|at| begins(at + 1))?;
        let end = text.rfind(']').filter(|it| *it > open).unwrap_or(text.len());
        let mut starts = vec![open + 1];
        let inside = text.get(open + 1..end)?;
        for (at, mark) in inside.match_indices(", ") {
            let next = open + 1 + at + mark.len();
            if starts.len() < ATTEMPTS && begins(next) {
                starts.push(next);
            }
        }
        if starts.len() < 2 {
            return None;
        }
        let ends = starts.iter().skip(1).map(|it| it - 2).chain([end]);
        let errors = starts.iter().zip(ends).filter_map(|(from, to)| text.get(*from..to)).collect();
        Some((text.get(..open)?, errors))
    }

    /// The first kind that an error shows.
    fn weight(&self, error: &str) -> Option<usize> {
        let squashed = squash(error);
        self.outweighs
            .iter()
            .position(|kind| kind.iter().any(|it| squashed.contains(squash(it).as_str())))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pulls() -> Lens {
        let literals = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect();
        Lens {
            attempts: Some(Attempts {
                begin: literals(&["rpc error: code = "]),
                outweighs: vec![literals(&[": not found"]), literals(&["401 Unauthorized"])],
            }),
            ..Lens::default()
        }
    }

    fn slots() -> Lens {
        let slot = Slot {
            name: "object-name".to_owned(),
            after: "objectName:".to_owned(),
            before: vec![", objectVersion".to_owned()],
            escaped: false,
            but_names: false,
            but: None,
        };
        Lens { slots: vec![slot], ..Lens::default() }
    }

    #[test]
    fn each_error_of_a_list_stands_behind_what_stood_before_it() {
        let parts = pulls().split("pull \"x\": [rpc error: code = A b, c, rpc error: code = D e]");
        assert_eq!(
            parts,
            ["pull \"x\": rpc error: code = A b, c", "pull \"x\": rpc error: code = D e"]
        );
        for whole in
            ["pull [a, b]", "[rpc error: code = A]", "rpc error: code = A, rpc error: code = B"]
        {
            assert_eq!(pulls().split(whole), [whole]);
        }
    }

    #[test]
    fn the_weightier_answer_counts_in_any_order() {
        let (found, denied, slow) = (
            "rpc error: code = NotFound desc = x: not found",
            "rpc error: code = Unknown desc = 401 Unauthorized",
            "rpc error: code = Unknown desc = i/o timeout",
        );
        for list in [[found, denied, slow], [denied, slow, found], [slow, found, denied]] {
            let parts = pulls().split(&format!("p: [{}]", list.join(", ")));
            assert_eq!(parts.len(), 2, "{parts:?}");
            assert!(!parts.iter().any(|it| it.contains("401")), "{parts:?}");
        }
        assert_eq!(pulls().split(&format!("p: [{denied}, {slow}]")).len(), 2);
    }

    #[test]
    fn an_escaped_slot_ends_at_the_first_mark_or_at_white_space() {
        let slot = Slot {
            name: "path".to_owned(),
            after: "/secrets/".to_owned(),
            before: vec!["?".to_owned()],
            escaped: true,
            but_names: false,
            but: None,
        };
        let lens = Lens { slots: vec![slot], ..Lens::default() };
        assert_eq!(lens.mask("GET /secrets/a?b=c ? d").0, "GET /secrets/\u{25a1}?b=c ? d");
        assert_eq!(lens.mask("GET /secrets/a/ 403 ?").0, "GET /secrets/\u{25a1} 403 ?");
    }

    #[test]
    fn two_slots_of_one_writer_hide_as_one() {
        let slot = |name: &str, after: &str, before: &str, but_names: bool| Slot {
            name: name.to_owned(),
            after: after.to_owned(),
            before: vec![before.to_owned()],
            escaped: false,
            but_names,
            but: None,
        };
        let lens = Lens {
            slots: vec![
                slot("cloud", "cloudName ", " is not valid", false),
                slot("object-name", "objectName:", ", objectVersion", false),
                slot("class", "class ", ", error", true),
            ],
            ..Lens::default()
        };
        // Were one hidden before the other is looked for, `403` would be left.
        let text = "type:cloudName , objectName:x is not valid 403, objectVersion:: 404";
        assert_eq!(lens.mask(text).0, "type:cloudName \u{25a1}, objectVersion:: 404");
        assert_eq!(lens.mask("class shop/kv-web, error: x").0, "class shop/kv-web, error: x");
        assert_eq!(lens.mask("class a/b 403, error: x").0, "class \u{25a1}, error: x");
        assert_eq!(lens.mask("class a/b 403, error: x").1["class"], "a/b 403");
        let twice = "class a/b, error: class a/b, error: 404";
        assert_eq!(lens.mask(twice).0, twice);
        let forged = "class a/b, error: class 403, error: 404";
        assert_eq!(lens.mask(forged).0, "class a/b, error: class 403, error: 404");
        assert_eq!(
            lens.mask("class A b, error: class c, error: 404").0,
            "class \u{25a1}, error: 404"
        );
        assert_eq!(lens.mask("class a/b 403").0, "class \u{25a1}");
    }

    #[test]
    fn what_is_of_its_shape_is_not_hidden_and_all_else_is_to_the_last_mark() {
        let slot = Slot {
            name: "version".to_owned(),
            after: ", objectVersion:".to_owned(),
            before: vec![":".to_owned()],
            escaped: false,
            but_names: false,
            but: Some(Shape::new("[0-9a-f]{0,32}").unwrap()),
        };
        let lens = Lens { slots: vec![slot], ..Lens::default() };
        for text in ["x, objectVersion:: GET https://a", "x, objectVersion:0a1b: GET https://a"] {
            assert_eq!(lens.mask(text).0, text);
        }
        // Nothing that stands before the last mark is the program's for sure.
        for (text, left) in [
            ("x, objectVersion:GET https://a 403: no", "x, objectVersion:\u{25a1}: no"),
            ("x, objectVersion:a 403: b 404: no", "x, objectVersion:\u{25a1}: no"),
            ("x, objectVersion:GET", "x, objectVersion:\u{25a1}"),
        ] {
            assert_eq!(lens.mask(text).0, left);
        }
    }

    #[test]
    fn a_slot_reaches_to_the_last_end_mark_and_without_one_to_the_end() {
        for (text, left, held) in [
            (
                "a objectName:pw, objectVersion:: b",
                "a objectName:\u{25a1}, objectVersion:: b",
                "pw",
            ),
            (
                "objectName:x, objectVersion:: 403 ForbiddenByRbac, objectVersion:: 404",
                "objectName:\u{25a1}, objectVersion:: 404",
                "x, objectVersion:: 403 ForbiddenByRbac",
            ),
            (
                "object Name:x, object Version: 404",
                "object Name:\u{25a1}, object Version: 404",
                "x",
            ),
            ("objectName:x 403", "objectName:\u{25a1}", "x 403"),
        ] {
            let (masked, slots) = slots().mask(text);
            assert_eq!(masked, left);
            assert_eq!(slots.get("object-name").map(String::as_str), Some(held));
        }
        assert_eq!(slots().mask("nothing here").0, "nothing here");
    }

    proptest! {
        #[test]
        fn what_stands_in_a_slot_never_changes_what_is_left(inside in any::<String>()) {
            let text = |inside: &str| format!("failed objectName:{inside}, objectVersion:: 404 Not Found");
            let left = |text: &str| squash(&slots().mask(text).0);
            prop_assume!(!squash(&inside).is_empty());
            prop_assert_eq!(left(&text(&inside)), left(&text("x")));
        }

        #[test]
        fn no_text_panics(text in "[\\[\\], a-zäé\u{2003}]{0,60}") {
            pulls().split(&text);
            slots().mask(&text);
        }
    }
}
