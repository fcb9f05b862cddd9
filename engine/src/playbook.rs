//! A checked playbook: it exists, therefore it is valid. Names are resolved, patterns compiled.
//!
//! `load` makes it out of located YAML trees, with the verbs of `check`. Nothing here is re-validated later.

pub mod allow;
mod cause;
mod check;
mod compare;
mod example;
mod fact;
mod keys;
pub mod load;
pub mod meanings;
pub(crate) mod message;
mod needs;
pub mod path;
mod probe;
pub mod projection;
pub mod schema;
mod sign;
pub mod template;
mod told;
pub mod translation;

use std::collections::BTreeMap;

pub use cause::{Argument, Cause, Changes, Gravity, JsonArgument, Remedy, Verify};
pub use compare::{Compare, Row};
pub use example::{CauseTest, Change, Expectation};
pub use fact::{About, Chain, Fact, Filter, Inner, Origin, Part, Path, Take, Where};
pub use probe::{Probe, Tool};
pub use sign::{Operator, Sign, Test};

use crate::text::{Format, Watch};
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
    /// Steps without whose answers no subject is called well.
    pub well_needs: Vec<Id>,
    /// Signs that the subject is there no more: what was said of it before is over.
    pub gone_when: Vec<Id>,
    /// In file order (by id).
    pub causes: Vec<Cause>,
    /// Tables that causes show, by name.
    pub compares: BTreeMap<String, Compare>,
    /// Tests by hand, in written order.
    pub probes: Vec<Probe>,
    /// Tools whose commands not every cluster has.
    pub tools: Vec<Tool>,
    /// Parts of messages that somebody else chooses, by name.
    pub slots: BTreeMap<String, crate::text::Slot>,
    /// Everything to look for in text; [`WatchId`] is an index into this list.
    pub watches: Vec<Watch>,
    /// How the records of its texts begin, besides those of logging libraries.
    pub formats: Vec<Format>,
    /// What is looked for in the texts of trees.
    pub(crate) told: told::Told,
    /// locale → message id (`causes.<id>.title`, `signs.<id>.says`, …) → translated template.
    /// Missing translations are not in it.
    pub translations: BTreeMap<String, BTreeMap<String, Translated>>,
    /// Recorded answers by name, for tests and demonstrations.
    pub recordings: BTreeMap<String, crate::evidence::recording::Recording>,
}

impl Playbook {
    /// The cause of that id.
    pub fn cause(&self, id: &str) -> Option<&Cause> {
        self.causes.iter().find(|it| it.id == id)
    }
}

/// Index into [`Playbook::watches`].
pub type WatchId = usize;

/// One translated message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Translated {
    /// The English it was made from: where that is not today's, English is shown, with a footnote.
    pub from: String,
    /// The template in the target language.
    pub text: String,
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
