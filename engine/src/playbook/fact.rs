//! What a playbook reads out of answers: facts, and how each is read.

use std::collections::{BTreeMap, BTreeSet};

use super::{Id, WatchId};
use crate::text::{Lens, Severity};
use crate::value::Type;

/// A typed value, read from somewhere.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Resolved id.
    pub id: Id,
    /// What it holds.
    pub kind: Type,
    /// Several values are expected.
    pub many: bool,
    /// One value at a time: what depends on it is judged once a value.
    pub each: bool,
    /// Never rendered.
    pub sensitive: bool,
    /// What it is in one or two words, English: names a subject, and what a reader fills in.
    pub asks: Option<String>,
    /// The fact whose value stands in commands where this one is not known. It judges nothing.
    pub stand_in: Option<Id>,
    /// How it is read.
    pub from: Origin,
    /// What is read of each element that a path finds.
    pub inner: Inner,
    /// Values that are left out.
    pub without: Vec<Part>,
    /// The `each` facts it depends on (itself included if it is one), outermost first.
    pub binders: Vec<Id>,
}

/// How a fact is read.
#[derive(Clone, Debug)]
pub enum Origin {
    /// Given by a person, or from another fact.
    Input {
        /// The fact that fills it when nobody does.
        or_from: Option<Id>,
    },
    /// Read from a tree.
    Path {
        /// The step whose answer is read.
        step: Id,
        /// RFC 9535 path to the elements.
        path: Path,
        /// Keeps only elements whose value at the path equals (is a member of) the other side.
        where_: Option<Where>,
        /// Read from what is left of each element.
        value: Option<Path>,
    },
    /// The messages of text answers.
    Text {
        /// The steps whose answers are read.
        steps: Vec<Id>,
        /// Which records count.
        filter: Filter,
        /// Whose record is it? The first says; one that any of the others contradicts is another's.
        about: Vec<About>,
        /// The fact that tells since when the subject is there: an older record is of another by its name.
        not_before: Option<Id>,
        /// What its records try again and again.
        chain: Option<Box<Chain>>,
        /// The texts stand in trees, at this path: each string is a record.
        path: Option<Path>,
    },
    /// Values of the group `value` in messages.
    Capture {
        /// For each text fact, what to look for in it.
        texts: Vec<(Id, WatchId)>,
    },
    /// Strings and references, concatenated.
    Join(Vec<Part>),
    /// A value looked up in a small table.
    Map {
        /// The key.
        key: Id,
        /// Key → value.
        table: BTreeMap<String, String>,
        /// The value when the key fact is absent.
        absent: Option<String>,
    },
    /// The candidate that is spelled most like each value.
    Nearest {
        /// The fact whose values are compared.
        of: Id,
        /// The candidates.
        among: Vec<Part>,
    },
    /// A part of an Azure resource id or of an object reference.
    Take {
        /// The fact to take it from.
        of: Id,
        /// Which part.
        part: Take,
    },
}

/// What is read of an element, where it is not the element itself.
#[derive(Clone, Debug, Default)]
pub struct Inner {
    /// Each path is read in the document that a text of the one before holds.
    pub within: Vec<Path>,
    /// The keys of what is left.
    pub keys: bool,
}

/// A part of [`Origin::Join`], or one of several values.
#[derive(Clone, Debug)]
pub enum Part {
    /// As written.
    Literal(String),
    /// The value of a fact.
    Ref(Id),
}

/// Parts of an Azure resource id (`parent`, `name`, `resource-group`, `subscription`) or of an
/// object reference (`name`, `namespace`, `kind`, `uid`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Take {
    /// The id of the enclosing resource.
    Parent,
    /// The last segment.
    Name,
    /// The resource group's name.
    ResourceGroup,
    /// The subscription's GUID.
    Subscription,
    /// The namespace of an object reference.
    Namespace,
    /// The kind of an object reference.
    Kind,
    /// The uid of an object reference.
    Uid,
}

/// A compiled RFC 9535 `JSONPath`.
#[derive(Clone, Debug)]
pub struct Path {
    /// As written.
    pub text: String,
    /// Compiled.
    pub compiled: jsonpath_rust::parser::model::JpQuery,
    /// At most one node can match.
    pub singular: bool,
}

/// A look-up by key.
#[derive(Clone, Debug)]
pub struct Where {
    /// Path within the element.
    pub path: Path,
    /// The fact it must equal, or be a member of if that has many values.
    pub same_as: Id,
}

/// Which records of a text count. A record that lacks a field (or a severity) passes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Filter {
    /// Field → accepted values.
    pub fields: BTreeMap<String, BTreeSet<String>>,
    /// Accepted severities; empty accepts all.
    pub severity: BTreeSet<Severity>,
    /// Literals of which one ties a record to the component; a record without any is nobody's. Empty: all are.
    pub holds_any: Vec<String>,
    /// How a record is looked at.
    pub lens: Lens,
}

/// Records in which one thing is tried again and again, such as the mount of a volume. The text facts that name one chain are one,
/// for each subject: only its newest record speaks of now.
#[derive(Clone, Debug)]
pub struct Chain {
    /// What is tried.
    pub name: Id,
    /// Tells which of several things of the subject is tried, and what the subject has of them now. Each is a strand of its own.
    pub of: Option<About>,
    /// Sees the attempts that failed, but those that say nothing new.
    pub tries: Option<WatchId>,
    /// Sees those that say nothing new, too; none: each says something.
    pub attempts: Option<WatchId>,
    /// Sees the attempts that succeeded.
    pub succeeds: Option<WatchId>,
    /// The fact that tells when an attempt succeeded for the first time.
    pub succeeded_at: Option<Id>,
    /// The fact that tells since when the subject is as only a success makes it, be it the first or not.
    pub works_since: Option<Id>,
    /// Seconds after which the next attempt follows at the latest.
    pub every: Option<i64>,
}

/// How a record tells whose it is.
#[derive(Clone, Debug)]
pub struct About {
    /// Has a group `value`.
    pub capture: regex::Regex,
    /// The facts that it is compared with, when judging: the first of them that is not unknown.
    pub is: Vec<Id>,
}
