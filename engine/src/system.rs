//! A system: what can be looked at, as data. A cluster is one, Azure is one, a database may be one.
//!
//! A playbook asks a [`Source`] with parameters. Everything that a source is stands in one declaration
//! (`systems/<name>/system.yaml`) and is asked of it: what it answers, who answers, what `plan` prints, which
//! permission it needs, what a person would type, and which tool's errors speak of it. Systems are trusted: they are
//! built in, or a person names their folder; a playbook cannot bring one.

use std::collections::BTreeMap;

use crate::evidence::GivenKind;
use crate::playbook::{Changes, Effect};
use crate::text::Format;
use crate::value::Type;

pub use command::{Command, Read};
pub use load::{FILE, Loaded, load};
pub use template::{Lookup, Text, Words};
pub use tool::{Refusal, Tool};

pub(crate) mod keys;

mod command;
mod load;
mod parts;
mod template;
mod tool;

/// Everything that systems bring: sources to ask, who does what, what can be changed. Systems live as long as the program.
#[derive(Clone, Copy, Debug, Default)]
pub struct Vocabulary(&'static [System]);

impl Vocabulary {
    /// That of these systems.
    pub const fn of(systems: &'static [System]) -> Self {
        Self(systems)
    }

    /// Every source.
    pub fn iter(self) -> impl Iterator<Item = &'static Source> + Clone {
        self.0.iter().flat_map(|it| &it.sources)
    }

    /// Who can be told to do something.
    pub fn owners(self) -> Vec<&'static str> {
        let named = self.0.iter().flat_map(|it| it.owners.keys().map(String::as_str));
        ["anyone"].into_iter().chain(named).collect()
    }

    /// What doing something can change.
    pub fn changes(self) -> Vec<&'static str> {
        let named = self.0.iter().flat_map(|it| it.changes.keys().map(String::as_str));
        [Changes::NOTHING].into_iter().chain(named).collect()
    }
}

/// A text in several languages: locale → text.
pub type Localised = BTreeMap<String, String>;

/// What can be looked at in one place, and how.
#[derive(Clone, Debug)]
pub struct System {
    /// The folder's name; its sources begin with it.
    pub id: String,
    /// What it is.
    pub title: String,
    /// Its sources, in written order.
    pub sources: Vec<Source>,
    /// The programs that its sources run, by name.
    pub tools: BTreeMap<String, Tool>,
    /// Who can be told to do something, by name.
    pub owners: BTreeMap<String, Localised>,
    /// What doing something can change, by name.
    pub changes: BTreeMap<String, Localised>,
    /// What is worded in English where it arises.
    pub phrases: Vec<Localised>,
    /// The role that grants what its sources need, where permissions are granted by name.
    pub role: Option<Role>,
}

/// A role as a document, with `{name}` and `{permissions}` in it.
#[derive(Clone, Debug)]
pub struct Role {
    /// The program's word that introduces it.
    pub says: String,
    /// The command that makes it.
    pub create: String,
    /// The document.
    pub document: serde_json::Value,
}

/// One kind of question.
#[derive(Clone, Debug)]
pub struct Source {
    /// Name in `uses`.
    pub name: String,
    /// One sentence for help and docs.
    pub summary: String,
    /// Its parameters.
    pub params: Vec<Parameter>,
    /// What comes back.
    pub output: Output,
    /// What asking does to the world; a step must say the same.
    pub effect: Effect,
    /// Costs seconds: asked last, and only where the answer can change what was found.
    pub dear: bool,
    /// Kinds of handed-over evidence that stand for its answer.
    pub given: Vec<GivenKind>,
    /// How the records of its texts begin, by name; besides those of logging libraries.
    pub formats: Vec<(String, Format)>,
    /// Who answers.
    pub door: Door,
    /// Whose error messages speak of it.
    pub errors: Errors,
    /// What it needs to be allowed.
    pub permission: Permission,
    /// What a person types for the same, the first that fits.
    pub by_hand: Vec<Words>,
}

impl Source {
    /// The parameter of that name.
    pub fn param(&self, name: &str) -> Option<&Parameter> {
        self.params.iter().find(|it| it.name == name)
    }

    /// Lists the objects that were handed over, and asks nobody.
    pub(crate) fn is_in_hand(&self) -> bool {
        self.door == Door::ObjectsInHand
    }

    /// Where this parameter is known to be absent, so is the answer.
    pub(crate) fn pins(&self, name: &str) -> bool {
        self.param(name).is_some_and(|it| it.required || it.pins)
    }
}

/// Who answers a question.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Door {
    /// Nobody is asked: the objects that were handed over.
    ObjectsInHand,
    /// Nobody can be asked: what people hand over of it is read.
    HandedOver,
    /// Nobody answers yet.
    NotYet,
    /// The API server.
    Kubernetes(Verb),
    /// A program, read-only.
    Command(Box<Command>),
}

/// What the API server is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    /// One object.
    Get,
    /// Objects of a kind.
    List,
    /// Events about an object.
    Events,
    /// Logs of pods.
    Logs,
    /// The kinds that a group serves.
    Discover,
}

impl Verb {
    /// Every verb with its name.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("get", Self::Get),
        ("list", Self::List),
        ("events", Self::Events),
        ("logs", Self::Logs),
        ("discover", Self::Discover),
    ];
}

/// Whose error messages speak of a question.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Errors {
    /// Nobody's.
    Nobody,
    /// Those of a tool.
    Tool(String),
    /// Those about this resource of the API, such as `pods/log`.
    Resource(String),
    /// Those about the kind that is asked for.
    Kind,
}

/// What a question needs to be allowed.
#[derive(Clone, Debug)]
pub enum Permission {
    /// Nothing that anybody grants.
    Nothing,
    /// A verb on the kind that is asked for.
    Kind(String),
    /// A verb on a resource.
    Resource {
        /// The verb.
        verb: String,
        /// The resource, as roles name it.
        resource: String,
        /// In the namespace of the components, not of the subjects.
        of_components: bool,
    },
    /// An action of the system's role.
    Role(Text),
}

/// One parameter of a source.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Name in `with`.
    pub name: String,
    /// What it holds.
    pub kind: Type,
    /// Must be there.
    pub required: bool,
    /// A list is one request a value (`false`: the list is one parameter).
    pub spread: bool,
    /// Says what is asked about: where it is known to be absent, so is the answer.
    pub pins: bool,
    /// May hold spaces and signs in a command.
    pub free: bool,
    /// Says where to connect: it comes from a person alone, never from evidence. Else a host that a log names is handed
    /// the password that is kept for another.
    pub reaches: bool,
    /// What its value must look like, as a whole.
    pub pattern: Option<regex::Regex>,
    /// How a handed-over piece can contradict it.
    pub tells: Tells,
    /// Values that nobody may ask for, in any case of letters.
    pub never: Vec<String>,
    /// One sentence for help and docs.
    pub summary: String,
}

/// How a handed-over piece of evidence can contradict a known parameter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Tells {
    /// It cannot.
    Nothing,
    /// The piece's name of that key differs (`kind`, `namespace`, `name`, `container`).
    Name(String),
    /// The piece is about another object: its kind, namespace, name or uid differ.
    Object,
    /// The object's labels do not satisfy the selector.
    Labels,
    /// The resource stands neither within this scope nor around it.
    Scope,
    /// The object's value at this path differs.
    Path(String),
}

impl Tells {
    /// Whether it is the piece's name of this key.
    pub(crate) fn is_name(&self, key: &str) -> bool {
        matches!(self, Self::Name(it) if it == key)
    }
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

impl Output {
    /// Every output with its name.
    pub(crate) const ALL: &'static [(&'static str, Self)] = &[
        ("object", Self::Object),
        ("list", Self::List),
        ("tree", Self::Tree),
        ("text", Self::Text),
    ];
}
