//! What playbooks may ask: the shape of the table of sources.
//!
//! The table itself belongs to whoever answers (the CLI's `collect.rs`). Checking, help, docs,
//! schema and the matching of handed-over evidence all read that one list.

use super::Effect;
use crate::evidence::GivenKind;
use crate::value::Type;

/// Every source there is.
pub type Vocabulary = &'static [Source];

/// One kind of question.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Name in `uses`.
    pub name: &'static str,
    /// One sentence for help and docs.
    pub summary: &'static str,
    /// Its parameters.
    pub params: &'static [Parameter],
    /// What comes back.
    pub output: Output,
    /// What asking does to the world; a step must say the same.
    pub effect: Effect,
    /// Costs seconds: asked last, and only where the answer can change what was found.
    pub dear: bool,
    /// Kinds of handed-over evidence that stand for its answer.
    pub given: &'static [GivenKind],
}

/// One parameter of a source.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Name in `with`.
    pub name: &'static str,
    /// What it holds.
    pub kind: Type,
    /// Must be there.
    pub required: bool,
    /// A list is one request a value (`false`: the list is one parameter).
    pub spread: bool,
    /// How a handed-over piece can contradict it.
    pub tells: Tells,
    /// Values that nobody may ask for, in any case of letters.
    pub never: &'static [&'static str],
    /// One sentence for help and docs.
    pub summary: &'static str,
}

/// How a handed-over piece of evidence can contradict a known parameter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tells {
    /// It cannot.
    Nothing,
    /// The piece's name of that key differs (`kind`, `namespace`, `name`, `container`).
    Name(&'static str),
    /// The piece is about another object: its kind, namespace, name or uid differ.
    Object,
    /// The object's labels do not satisfy the selector.
    Labels,
    /// The resource stands neither within this Azure scope nor around it.
    Scope,
    /// The object's value at this path differs.
    Path(&'static str),
}

/// What a source answers with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Output {
    /// One object.
    Object,
    /// `{"items": [...]}`.
    List,
    /// Any JSON.
    Tree,
    /// Messages.
    Text,
}
