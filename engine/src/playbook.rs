//! A checked playbook: it exists, therefore it is valid. Names are resolved, patterns compiled.
//!
//! `parse` makes a playbook as written out of located YAML trees, `check` makes this out of it.
//! Nothing here is re-validated later.

pub mod allow;
mod check;
pub mod fault;
mod keys;
pub mod load;
mod needs;
pub mod path;
pub mod projection;
mod reader;
pub mod schema;
pub mod template;
pub mod translation;
pub mod vocabulary;

use std::collections::{BTreeMap, BTreeSet};

use crate::text::{Severity, Watch};
use crate::value::{ObjectRef, Type};

/// Resolved name of a step, fact or sign. Shared ones bear the name as written, those of one
/// cause are prefixed with the cause and a slash: `spc-not-found/class-elsewhere`.
pub type Id = String;

/// A playbook that has been checked.
#[derive(Clone, Debug)]
pub struct Playbook {
    /// Folder and metadata id.
    pub id: String,
    /// Semantic version of the playbook.
    pub version: String,
    /// SHA-256 over all files of the playbook, hexadecimal.
    pub digest: String,
    /// What the playbook is about, English.
    pub title: String,
    /// Articles it encodes.
    pub references: Vec<Reference>,
    /// Locales that must be complete; `en` stands inline.
    pub locales: Vec<String>,
    /// Literals of which a text that it is about holds at least one.
    pub speaks_of: Vec<String>,
    /// In written order.
    pub inputs: Vec<Input>,
    /// In display order: shared first, then those of causes.
    pub steps: Vec<Step>,
    /// Facts by resolved id. Inputs are facts too, under their own name ([`Origin::Input`]).
    pub facts: BTreeMap<Id, Fact>,
    /// Signs by resolved id.
    pub signs: BTreeMap<Id, Sign>,
    /// Signs that the trouble exists now.
    pub symptoms: Vec<Id>,
    /// In file order (by id).
    pub causes: Vec<Cause>,
    /// Everything to look for in text; [`WatchId`] is an index into this list.
    pub watches: Vec<Watch>,
    /// locale → message id (`causes.<id>.title`, `signs.<id>.says`, …) → translated template.
    /// Stale and missing translations are not in it.
    pub translations: BTreeMap<String, BTreeMap<String, Translated>>,
    /// Recorded answers by name, for tests and demonstrations.
    pub recordings: BTreeMap<String, crate::evidence::recording::Recording>,
}

/// Index into [`Playbook::watches`].
pub type WatchId = usize;

/// One translated message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Translated {
    /// The template in the target language.
    pub text: String,
    /// The English it was made from is not today's: shown in English, with a footnote.
    pub stale: bool,
}

/// A link for readers.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize)]
pub struct Reference {
    /// What the link leads to.
    pub title: String,
    /// An absolute URL.
    pub url: String,
}

/// Something a person may give.
#[derive(Clone, Debug)]
pub struct Input {
    /// Name, also the id of the fact it fills.
    pub name: String,
    /// What it holds.
    pub kind: Type,
    /// A live run cannot start without it.
    pub required_live: bool,
    /// The fact it is read from when nobody gives it.
    pub or_from: Option<Id>,
    /// One value at a time.
    pub each: bool,
    /// What to ask for, English.
    pub asks: String,
}

/// One question to the world.
#[derive(Clone, Debug)]
pub struct Step {
    /// Resolved id.
    pub id: Id,
    /// One sentence, English template.
    pub says: String,
    /// Name of the source.
    pub uses: String,
    /// Parameters by name.
    pub with: BTreeMap<String, Param>,
    /// Literals that tell a log of this step from others.
    pub looks_like: Vec<String>,
    /// What asking does to the world.
    pub effect: Effect,
    /// The consent question of a step that does more than read, English template.
    pub asks: Option<String>,
}

/// A parameter of a step.
#[derive(Clone, Debug)]
pub enum Param {
    /// Written as it is.
    Literal(serde_json::Value),
    /// The value (or each value) of a fact.
    Ref(Id),
    /// Several, each literal or reference: one request a value where the source wants one.
    List(Vec<Self>),
}

/// What a source does to the world.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Effect {
    /// Reads only.
    #[default]
    Reads,
    /// Sends traffic that somebody else may notice.
    SendsTraffic,
    /// Starts a short-lived pod.
    CreatesPod,
    /// Changes the cluster (no source of v1 does).
    ChangesCluster,
    /// Changes Azure (no source of v1 does).
    ChangesAzure,
}

impl Effect {
    /// Every effect with the name playbooks use.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("reads", Self::Reads),
        ("sends-traffic", Self::SendsTraffic),
        ("creates-pod", Self::CreatesPod),
        ("changes-cluster", Self::ChangesCluster),
        ("changes-azure", Self::ChangesAzure),
    ];

    /// The name playbooks use.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, it)| *it == self).map_or("reads", |(name, _)| name)
    }
}

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
    /// How it is read.
    pub from: Origin,
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
        /// Whose record is it?
        about: Option<About>,
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
    /// A part of an Azure resource id or of an object reference.
    Take {
        /// The fact to take it from.
        of: Id,
        /// Which part.
        part: Take,
    },
}

/// A part of [`Origin::Join`].
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
}

/// How a record tells whose it is.
#[derive(Clone, Debug)]
pub struct About {
    /// Has a group `value`.
    pub capture: regex::Regex,
    /// The fact it is compared with, when judging.
    pub is: Id,
}

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

/// One cause, with what speaks for and against it.
#[derive(Clone, Debug)]
pub struct Cause {
    /// Id, also the file's name.
    pub id: String,
    /// One sentence, English template.
    pub title: String,
    /// How bad it is.
    pub severity: Gravity,
    /// Where to read more.
    pub references: Vec<Reference>,
    /// All of these signs.
    pub requires: Vec<Id>,
    /// Any of these signs; empty takes no part.
    pub requires_any: Vec<Id>,
    /// Only rank.
    pub supports: Vec<Id>,
    /// Any of these speaks against it.
    pub refutes: Vec<Id>,
    /// Any of these tells that the trouble has ended since.
    pub over_when: Vec<Id>,
    /// Causes folded under this one when it is confirmed or likely.
    pub hides: Vec<String>,
    /// What happened, English template.
    pub explains: String,
    /// What to do, in order.
    pub remedy: Vec<Remedy>,
    /// How to tell that it is over.
    pub verify: Option<Verify>,
    /// Embedded tests.
    pub tests: Vec<CauseTest>,
    /// The `each` facts its signs depend on, outermost first.
    pub binders: Vec<Id>,
    /// Facts its messages and commands name, as template variable → resolved id.
    pub speaks_of: BTreeMap<String, Id>,
    /// File it was read from, relative to the playbooks' folder.
    pub file: String,
}

/// How bad a cause is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Gravity {
    /// Worth knowing.
    Low,
    /// Something works badly.
    Medium,
    /// Something does not work.
    High,
    /// Many things do not work.
    Critical,
}

impl Gravity {
    /// The name playbooks and reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// One thing to do.
#[derive(Clone, Debug)]
pub struct Remedy {
    /// What to do, English template.
    pub does: String,
    /// What it changes.
    pub changes: Changes,
    /// Who does it: `application`, `cluster`, `identity`, `network`, `vault` or `anyone`.
    pub owner: String,
    /// When it takes effect, English template.
    pub takes_effect: Option<String>,
    /// The command, as argv.
    pub run: Option<Vec<Argument>>,
}

/// What a remedy changes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Changes {
    /// Only looks.
    Nothing,
    /// Objects of the cluster.
    Cluster,
    /// Resources of the cloud.
    Azure,
    /// The author's own files (manifests, charts).
    Manifest,
}

impl Changes {
    /// The name playbooks and reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Cluster => "cluster",
            Self::Azure => "azure",
            Self::Manifest => "manifest",
        }
    }
}

/// One argument of a command.
#[derive(Clone, Debug)]
pub enum Argument {
    /// As written.
    Literal(String),
    /// The value of a fact; asked for by that name where it is not known.
    Ref(Id),
    /// A visible `<what>` for the reader to fill in; English.
    Ask(String),
    /// Pieces that make one argument.
    Join(Vec<Self>),
    /// JSON built from the tree; strings in it may be arguments.
    Json(JsonArgument),
}

/// A JSON tree whose leaves may be arguments.
#[derive(Clone, Debug)]
pub enum JsonArgument {
    /// An object, in written order.
    Object(Vec<(String, Self)>),
    /// An array.
    Array(Vec<Self>),
    /// A leaf as written.
    Leaf(serde_json::Value),
    /// A string leaf made from an argument.
    Argument(Box<Argument>),
}

/// How to tell that it is over: a symptom (or sign) and what it becomes.
#[derive(Clone, Debug)]
pub struct Verify {
    /// The sign.
    pub sign: Id,
    /// Seen, or not seen.
    pub becomes_seen: bool,
}

/// An embedded test of a cause.
#[derive(Clone, Debug)]
pub struct CauseTest {
    /// What it shows.
    pub name: String,
    /// A recording's name.
    pub given: Option<String>,
    /// Pasted text.
    pub paste: Option<String>,
    /// Inputs a person gives.
    pub inputs: BTreeMap<String, serde_json::Value>,
    /// Answers of whole steps, replaced.
    pub change: BTreeMap<Id, Change>,
    /// Cause → what it must come to.
    pub expect: BTreeMap<String, Expectation>,
    /// locale → text that the rendered finding must contain.
    pub shows: BTreeMap<String, String>,
    /// Line of the test in its file, from 1.
    pub line: usize,
}

/// The answer that replaces a recorded one.
#[derive(Clone, Debug)]
pub enum Change {
    /// A complete tree.
    Tree(serde_json::Value),
    /// A complete text.
    Text(String),
    /// We looked, it is not there.
    Absent,
    /// We could not look: a gap's name, and what it needs.
    Gap(crate::evidence::Gap),
}

/// What a test expects of a cause.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Expectation {
    /// The verdict.
    pub verdict: crate::verdict::Verdict,
    /// Now or past; `None` accepts both.
    pub past: Option<bool>,
}

/// Inputs given by a person, by name.
pub type Given = BTreeMap<String, InputValue>;

/// The value of an input.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum InputValue {
    /// A scalar.
    Text(String),
    /// An object.
    Object(ObjectRef),
    /// Several objects: each is a subject of its own.
    Objects(Vec<ObjectRef>),
}
