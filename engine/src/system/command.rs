//! A question that a program answers: its arguments, made of typed parameters and of nothing else, and how its answer
//! is read. There is no shell.

use std::cell::RefCell;

use serde_json::{Value as Json, json};

use super::parts::part;
use super::template::{Text, Way, Words};
use super::{Lookup, Parameter, Source};
use crate::evidence::{Gap, Request};
use crate::value::Type;

/// How a program answers a question.
#[derive(Clone, Debug)]
pub struct Command {
    /// The tool.
    pub tool: String,
    pub(super) values: Vec<(String, Vec<Way>)>,
    pub(super) run: Vec<Words>,
    /// What to give where no command fits.
    pub(super) otherwise: String,
    pub(super) answer: Answer,
}

/// How a program's JSON is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    /// What it said and printed is the answer, as it is.
    pub(super) is_text: bool,
    /// Exit codes with which it has answered; none: 0 alone.
    pub(super) exits: Vec<i32>,
    /// Where the list stands, the first that is there (JSON Pointers); none: the answer is one thing.
    pub(super) items: Vec<String>,
    /// Where it says that there is more.
    pub(super) more: Option<String>,
    /// A list must hold one thing; what to say where it is empty.
    pub(super) only: Option<Text>,
    /// The thing must say that it is the one that was asked for.
    pub(super) same: Option<Exactly>,
    /// What quotes call it: where it says so itself, and else.
    pub(super) origin_at: Option<String>,
    pub(super) origin: Text,
    /// What its items answer besides.
    pub(super) knows: Option<Knows>,
}

/// What an answer must say of itself.
#[derive(Clone, Debug)]
pub(super) struct Exactly {
    pub(super) at: String,
    pub(super) is: Text,
}

/// What the items of a list answer besides.
#[derive(Clone, Debug)]
pub(super) struct Knows {
    /// The source whose answer an item is.
    pub(super) source: String,
    pub(super) by: String,
    pub(super) having: Option<String>,
}

/// An answer as it was read.
#[derive(Debug)]
pub struct Read {
    /// The tree.
    pub tree: Json,
    /// Why there is more than that.
    pub partial: Option<Gap>,
    /// What quotes call it.
    pub origin: String,
    /// Items that answer other questions: the source, and what they are asked by, lower case.
    pub known: Vec<((String, String), Json)>,
}

// Texts and patterns have no equality that is worth having; two commands are never compared.
impl PartialEq for Command {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Command {}

impl Command {
    /// The arguments that ask, or why there are none. What is not known in a request is its own text.
    pub fn argv(&self, source: &Source, request: &Request) -> Result<Vec<String>, Gap> {
        let refused = RefCell::new(None);
        let strict = |name: &str, of: Option<&str>| {
            let value = self.lookup(source, request, name, of)?;
            let checked = source.param(name).filter(|_| of != Some("query"));
            // What `plan` does not know yet stands in `<…>`.
            let shown = value.starts_with('<') && value.ends_with('>');
            let fits = |it: &Parameter| {
                may_stand(&value, it.free)
                    && (shown || it.pattern.as_ref().is_none_or(|it| it.is_match(&value)))
            };
            if checked.is_some_and(|it| !fits(it)) {
                refused.borrow_mut().get_or_insert(value);
                return None;
            }
            Some(value)
        };
        let lookup = |name: &str, of: Option<&str>| self.value(&strict, name, of);
        let argv = Words::first(&self.run, &lookup);
        match (refused.take(), argv) {
            (Some(value), _) => {
                Err(Gap::Failed(format!("{value:?} cannot be asked of {}", self.tool)))
            }
            (None, Some(argv)) => Ok(argv),
            (None, None) => Err(Gap::Unsupported),
        }
    }

    /// Why nothing can be asked with these parameters, whatever the unknown ones turn out to be: the key that a
    /// table does not know, and what to give.
    pub fn nothing_asked(&self, source: &Source, request: &Request) -> Option<String> {
        if self.argv(source, request).is_ok() {
            return None;
        }
        let plain = |name: &str, of: Option<&str>| self.lookup(source, request, name, of);
        let lookup = |name: &str, of: Option<&str>| self.value(&plain, name, of);
        let missing = self
            .values
            .iter()
            .filter(|(name, _)| self.value(&plain, name, None).is_none())
            .find_map(|(_, ways)| ways.iter().find_map(|it| it.not_in_table(&lookup)));
        let unknown = request.params.values().any(|it| it.starts_with("\"<"));
        match missing {
            Some(key) => Some(format!("nothing is known of `{key}`")),
            None if !unknown => Some("these parameters ask nothing".to_owned()),
            None => None,
        }
    }

    /// What to give where no command fits.
    pub fn otherwise(&self) -> &str {
        &self.otherwise
    }

    /// Whether a program that ended so has answered.
    pub fn has_answered(&self, code: Option<i32>) -> bool {
        match (code, self.answer.exits.as_slice()) {
            (Some(code), []) => code == 0,
            (Some(code), exits) => exits.contains(&code),
            (None, _) => false,
        }
    }

    /// What it said and printed is the answer, as it is.
    pub fn answers_in_text(&self) -> bool {
        self.answer.is_text
    }

    /// What quotes call an answer.
    pub fn origin(&self, source: &Source, request: &Request) -> String {
        let plain = |name: &str, of: Option<&str>| self.lookup(source, request, name, of);
        let lookup = |name: &str, of: Option<&str>| self.value(&plain, name, of);
        self.answer.origin.fill(&lookup).unwrap_or_else(|| source.name.clone())
    }

    /// Reads an answer.
    pub fn read(&self, source: &Source, request: &Request, tree: Json) -> Result<Read, Gap> {
        let else_ = || Gap::Failed(format!("{} answered with something else", self.tool));
        let plain = |name: &str, of: Option<&str>| self.lookup(source, request, name, of);
        let lookup = |name: &str, of: Option<&str>| self.value(&plain, name, of);
        let answer = &self.answer;
        let origin = answer.origin.fill(&lookup).unwrap_or_default();
        if !answer.items.is_empty() {
            return self.list(tree, origin).ok_or_else(else_);
        }
        let one = match (&answer.only, tree) {
            (Some(none), Json::Array(mut items)) => match (items.pop(), items.is_empty()) {
                (None, _) => return Err(Gap::Failed(none.fill(&lookup).unwrap_or_default())),
                (Some(only), true) => only,
                (Some(_), false) => return Err(Gap::Ambiguous),
            },
            (_, other) => other,
        };
        if let Some(same) = &answer.same {
            let wanted = same.is.fill(&lookup).unwrap_or_default();
            let said = one.pointer(&same.at).and_then(Json::as_str);
            if !said.is_some_and(|it| it.eq_ignore_ascii_case(&wanted)) {
                return Err(else_());
            }
        }
        let told = answer.origin_at.as_ref().and_then(|it| one.pointer(it)?.as_str());
        let origin = told.map_or(origin, str::to_owned);
        Ok(Read { tree: one, partial: None, origin, known: Vec::new() })
    }

    fn list(&self, mut tree: Json, origin: String) -> Option<Read> {
        let more = self.answer.more.as_ref().and_then(|it| tree.pointer(it));
        let partial = more.is_some_and(|it| !it.is_null()).then_some(Gap::TooLarge);
        let at =
            self.answer.items.iter().find(|it| tree.pointer(it).is_some_and(Json::is_array))?;
        let Json::Array(items) = tree.pointer_mut(at)?.take() else { return None };
        let known = self.answer.knows.iter().flat_map(|knows| {
            let whole = |it: &&Json| {
                knows.having.as_ref().is_none_or(|at| it.pointer(at).is_some_and(Json::is_object))
            };
            let one = |it: &Json| {
                let by = it.pointer(&knows.by)?.as_str()?.to_lowercase();
                Some(((knows.source.clone(), by), it.clone()))
            };
            items.iter().filter(whole).filter_map(one)
        });
        let known = known.collect();
        Some(Read { tree: json!({ "items": items }), partial, origin, known })
    }

    /// By what an item of a list may already have answered this question.
    pub fn known_by(&self, source: &Source, request: &Request) -> Option<String> {
        let same = self.answer.same.as_ref()?;
        let lookup = |name: &str, of: Option<&str>| self.lookup(source, request, name, of);
        same.is.fill(&lookup).map(|it| it.to_lowercase())
    }

    /// What failures are told with.
    pub fn told<'a>(
        &'a self,
        source: &'a Source,
        request: &'a Request,
    ) -> impl Fn(&str, Option<&str>) -> Option<String> + 'a {
        move |name, of| self.lookup(source, request, name, of)
    }

    fn lookup(
        &self,
        source: &Source,
        request: &Request,
        name: &str,
        of: Option<&str>,
    ) -> Option<String> {
        let param = source.param(name)?;
        let json: Json = serde_json::from_str(request.params.get(name)?).ok()?;
        part(param.kind, &json, of)
    }

    /// A parameter, or a value that is made of some.
    fn value(&self, params: &Lookup<'_>, name: &str, of: Option<&str>) -> Option<String> {
        let Some(at) = self.values.iter().position(|(it, _)| it == name) else {
            return params(name, of);
        };
        let (_, ways) = self.values.get(at)?;
        // A value knows those before it: there is no circle.
        let before = |inner: &str, of: Option<&str>| {
            let earlier = self.values.get(..at)?.iter().any(|(it, _)| it == inner);
            let is_value = self.values.iter().any(|(it, _)| it == inner);
            if is_value && !earlier { None } else { self.value(params, inner, of) }
        };
        let value = ways.iter().find_map(|it| it.value(&before))?;
        match of {
            None => Some(value),
            Some(_) => part(Type::String, &Json::String(value), of),
        }
    }
}

/// Whether a value can be taken for nothing but itself: no option, no file to read, nothing that leads out of where it
/// stands.
fn may_stand(value: &str, free: bool) -> bool {
    let forbidden =
        |it: char| it.is_control() || !free && (it.is_whitespace() || "?#&%\\".contains(it));
    !value.is_empty()
        && !value.starts_with(['-', '@'])
        && !value.chars().any(forbidden)
        && (free || value.split('/').all(|it| it != ".."))
}
