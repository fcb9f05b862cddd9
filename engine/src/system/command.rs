//! A question that a program answers: its arguments, made of typed parameters and of nothing else, and how its answer
//! is read. There is no shell.

use std::cell::RefCell;

use serde_json::{Value as Json, json};

use super::parts::part;
use super::template::{Text, Way, Words};
use super::{Lookup, Parameter, Source};
use crate::evidence::{Gap, Request};
use crate::text::secret::redact;
use crate::value::{Type, Value};

/// Characters of a refused value that a gap tells.
const REFUSED: usize = 200;

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
    /// The arguments that ask, or why there are none. Every value in them is of its type, and can be taken for nothing
    /// but itself.
    pub fn argv(&self, source: &Source, request: &Request) -> Result<Vec<String>, Gap> {
        self.asked(source, request, false)
    }

    /// The same before everything is known: what is not stands in `<…>`.
    pub fn preview(&self, source: &Source, request: &Request) -> Result<Vec<String>, Gap> {
        self.asked(source, request, true)
    }

    fn asked(
        &self,
        source: &Source,
        request: &Request,
        is_preview: bool,
    ) -> Result<Vec<String>, Gap> {
        let refused = RefCell::new(None);
        let refuse = |value: &str| {
            refused.borrow_mut().get_or_insert_with(|| value.to_owned());
        };
        let strict = |name: &str, of: Option<&str>| {
            let param = source.param(name)?;
            let json: Json = serde_json::from_str(request.params.get(name)?).ok()?;
            let is_shown = |it: &str| is_preview && it.starts_with('<') && it.ends_with('>');
            let shown = json.as_str().is_some_and(is_shown);
            let value = if shown && of.is_some() { None } else { part(param.kind, &json, of) };
            if !shown && !is_of_its_type(param, &json) {
                refuse(&plain(&json));
                return None;
            }
            // What stands in a URL's query is written so that it cannot leave it.
            let free = param.free || of == Some("query");
            if value.as_ref().is_some_and(|it| !may_stand(it, free)) {
                refuse(value.as_deref().unwrap_or_default());
                return None;
            }
            value
        };
        let lookup = |name: &str, of: Option<&str>| {
            let value = self.value(&strict, name, of)?;
            // Also what was cut out of a parameter, or put together.
            let made = self.values.iter().any(|(it, _)| it == name);
            if made && !may_stand(&value, false) {
                refuse(&value);
                return None;
            }
            Some(value)
        };
        let argv = Words::first(&self.run, &lookup);
        match (refused.take(), argv) {
            (Some(value), _) => {
                let value: String = redact(&value).chars().take(REFUSED).collect();
                Err(Gap::Failed(format!("{value:?} cannot be asked of {}", self.tool)))
            }
            (None, Some(argv)) => Ok(argv),
            (None, None) => Err(Gap::Unsupported),
        }
    }

    /// Why nothing can be asked with these parameters, whatever the unknown ones turn out to be: the key that a
    /// table does not know, and what to give.
    pub fn nothing_asked(&self, source: &Source, request: &Request) -> Option<String> {
        match self.preview(source, request) {
            Ok(_) => return None,
            Err(Gap::Failed(why)) => return Some(why),
            Err(_) => {}
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

    /// Its answer is a list.
    pub(super) fn answers_a_list(&self) -> bool {
        !self.answer.items.is_empty()
    }

    /// What quotes call an answer.
    pub fn origin(&self, source: &Source, request: &Request) -> String {
        let plain = |name: &str, of: Option<&str>| self.lookup(source, request, name, of);
        let lookup = |name: &str, of: Option<&str>| self.value(&plain, name, of);
        let origin = self.answer.origin.fill(&lookup).unwrap_or_else(|| source.name.clone());
        redact(&origin).into_owned()
    }

    /// Reads an answer.
    pub fn read(&self, source: &Source, request: &Request, tree: Json) -> Result<Read, Gap> {
        let else_ = || Gap::Failed(format!("{} answered with something else", self.tool));
        let plain = |name: &str, of: Option<&str>| self.lookup(source, request, name, of);
        let lookup = |name: &str, of: Option<&str>| self.value(&plain, name, of);
        let answer = &self.answer;
        let origin = answer.origin.fill(&lookup).unwrap_or_default();
        let origin = redact(&origin).into_owned();
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

/// Whether a parameter's value is of its type and shape. A list is none: it would ask something else.
fn is_of_its_type(param: &Parameter, json: &Json) -> bool {
    let fits = |text: &str| param.pattern.as_ref().is_none_or(|it| it.is_match(text));
    match (param.kind, json) {
        (Type::ObjectRef, Json::Object(_)) => true,
        (_, Json::Object(_) | Json::Array(_) | Json::Null) => false,
        (kind, value) => {
            let text = plain(value);
            Value::parse(kind, &text).is_some_and(|it| it.well_formed()) && fits(&text)
        }
    }
}

fn plain(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

/// Whether a value can be taken for nothing but itself: no option, no file to read, nothing that leads out of where it
/// stands.
fn may_stand(value: &str, free: bool) -> bool {
    let forbidden =
        |it: char| it.is_control() || !free && (it.is_whitespace() || "?#&%\\".contains(it));
    !value.is_empty()
        && !value.starts_with(['-', '@', '+', '\\'])
        && !value.chars().any(forbidden)
        && (free || value.split('/').all(|it| it != ".."))
}
