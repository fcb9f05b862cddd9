//! What a playbook concludes: causes, with what to do about each.

use std::collections::BTreeMap;

use super::{CauseTest, Id, Reference};

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
    /// Any of these excludes it, as long as nothing proves it.
    pub excluded_by: Vec<Id>,
    /// Any of these tells that the trouble has ended since.
    pub over_when: Vec<Id>,
    /// Causes folded under this one when it is confirmed or likely.
    pub hides: Vec<String>,
    /// What happened, English template.
    pub explains: String,
    /// Names of the tables that it shows.
    pub compares: Vec<String>,
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
    /// What it is called in the ids of its messages: its `id`, else the first words of its English.
    pub name: String,
    /// What to do, English template.
    pub does: String,
    /// What it changes.
    pub changes: Changes,
    /// Who does it: `anyone`, or whom a system names.
    pub owner: String,
    /// When it takes effect, English template.
    pub takes_effect: Option<String>,
    /// The command, as argv.
    pub run: Option<Vec<Argument>>,
    /// Shown only where this sign was seen.
    pub only_when: Option<Id>,
    /// Left out where this sign was seen.
    pub unless: Option<Id>,
    /// It lets somebody in: what only a message tells is asked for.
    pub opens: bool,
    /// It deletes or overwrites something.
    pub removes: bool,
}

impl Remedy {
    /// Whether the literals of its command say that it deletes something.
    pub(crate) fn deletes(&self) -> bool {
        self.run.iter().flatten().any(Argument::deletes)
    }
}

/// What a remedy changes: nothing, or what a system says can be changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Changes(String);

impl Changes {
    /// It only looks.
    pub const NOTHING: &'static str = "nothing";

    pub(crate) fn new(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The name playbooks and reports use.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// It only looks.
    pub fn is_nothing(&self) -> bool {
        self.0 == Self::NOTHING
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

/// Verbs of commands and options that delete or overwrite.
const VERBS: &[&str] = &["delete", "remove", "overwrite", "purge", "destroy", "reset", "replace"];

impl Argument {
    fn deletes(&self) -> bool {
        match self {
            Self::Literal(text) => {
                let word = text.trim_start_matches('-').split(['-', '=']).next();
                word.is_some_and(|it| VERBS.contains(&it))
            }
            Self::Join(parts) => parts.first().is_some_and(Self::deletes),
            Self::Json(json) => json.deletes(),
            Self::Ref(_) | Self::Ask(_) => false,
        }
    }
}

impl JsonArgument {
    /// In a patch, nothing in the place of a value takes it away.
    fn deletes(&self) -> bool {
        match self {
            Self::Object(entries) => entries.iter().any(|(_, it)| it.deletes()),
            Self::Array(items) => items.iter().any(Self::deletes),
            Self::Leaf(leaf) => leaf.is_null(),
            Self::Argument(_) => false,
        }
    }
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
