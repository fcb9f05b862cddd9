//! What a playbook tests: signs, and the operators they are made of.

use super::{Id, WatchId};

/// One thing that is seen, not seen or unknown.
#[derive(Clone, Debug)]
pub struct Sign {
    /// Resolved id.
    pub id: Id,
    /// One sentence, English template.
    pub says: String,
    /// What must hold.
    pub test: Test,
    /// The `each` facts it depends on, outermost first.
    pub binders: Vec<Id>,
}

/// What a sign tests.
#[derive(Clone, Debug)]
pub enum Test {
    /// On messages: one and the same record must satisfy the watch and everything here.
    Text {
        /// For each text fact, what to look for in it.
        texts: Vec<(Id, WatchId)>,
        /// Tests of the watch's named groups, when judging.
        groups: Vec<(String, Operator)>,
        /// Tests of the record's time (`older-than`, `newer-than`), when judging.
        time: Vec<Operator>,
        /// Seen only if a record that satisfies this is later than every record of that sign.
        later_than: Option<Id>,
    },
    /// On values: one and the same value must satisfy every operator.
    Value {
        /// The fact.
        fact: Id,
        /// The operators.
        operators: Vec<Operator>,
    },
    /// At least one of these signs.
    AnyOf(Vec<Id>),
    /// All of these signs.
    AllOf(Vec<Id>),
}

/// An operator on values, checked against the type of its fact.
#[derive(Clone, Debug)]
pub enum Operator {
    /// Equals, by the fact's type.
    Is(String),
    /// Known and different.
    IsNot(String),
    /// One of these.
    IsOneOfValues(Vec<String>),
    /// Begins with.
    StartsWith(String),
    /// Ends with.
    EndsWith(String),
    /// Contains the string.
    Contains(String),
    /// Matches, unanchored.
    Matches(regex::Regex),
    /// Number, duration, quantity or version.
    GreaterThan(String),
    /// Number, duration, quantity or version.
    LessThan(String),
    /// Number, duration, quantity or version.
    AtLeast(String),
    /// Number, duration, quantity or version.
    AtMost(String),
    /// The address lies in one of these blocks.
    InCidr(Vec<String>),
    /// The moment is longer ago than this, measured from `now`.
    OlderThan(String),
    /// The moment is more recent than this, measured from `now`.
    NewerThan(String),
    /// Version is this or later.
    VersionAtLeast(String),
    /// Version is earlier.
    VersionBelow(String),
    /// A value is there that is not of the fact's type.
    Malformed,
    /// Equals the other fact's value (any of them, if it has many).
    SameAs(Id),
    /// Both known, and none of the other fact's values equals it.
    DiffersFrom(Id),
    /// Is among the other fact's values.
    IsOneOf(Id),
    /// At least one value in common.
    SharesAnyWith(Id),
    /// No value in common; needs both lists complete.
    SharesNoneWith(Id),
    /// Every value of the other fact is among these.
    CoversAllOf(Id),
    /// There is a value.
    Exists,
    /// We looked, and it is not there.
    Missing,
}
