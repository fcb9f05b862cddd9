//! What is asked, what came back, and what was handed over.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::playbook::{InputValue, Playbook};
use crate::system::{Source, Vocabulary};
use crate::text::{Excerpts, Watchlist};

pub mod plan;
pub mod recording;
pub mod redact;
pub(crate) mod shape;

/// What a run starts from.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Inputs a person gave, by name.
    pub inputs: BTreeMap<String, InputValue>,
    /// The moment of the run, microseconds since 1970; unknown for pasted text.
    pub now: Option<i64>,
    /// What was handed over.
    pub given: Vec<Given>,
    /// What may be asked.
    pub vocabulary: Vocabulary,
    /// How the subjects were chosen.
    pub selection: Selection,
}

/// What is not looked at of what a person pointed at.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Selection {
    /// Subjects that were seen to be well, and are left out.
    pub well: usize,
    /// Subjects that are being deleted, and are left out.
    pub leaving: usize,
    /// Why there may be more subjects that are not.
    pub gap: Option<Gap>,
    /// They were chosen among what was handed over, of which nobody says that it is all.
    pub handed_over: bool,
}

impl Scope {
    /// The source of that name.
    pub fn source(&self, name: &str) -> Option<&'static Source> {
        self.vocabulary.iter().find(|source| source.name == name)
    }
}

/// Everything that is known so far.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Request → what was answered.
    pub answers: BTreeMap<Request, Answer>,
}

/// Answers questions about the world. Reports what it saw and why it could not see; never decides.
pub trait Collector {
    /// Answers a batch of independent questions. Texts go through readings of the watchlist.
    /// A question that is not in the answer counts as [`Gap::NotCaptured`].
    fn collect(
        &self,
        wanted: &BTreeSet<Request>,
        watchlist: &Watchlist,
    ) -> BTreeMap<Request, Answer>;

    /// Whether it must have an answer to what these playbooks ask: a capture has, what was pasted has not.
    fn owes(&self, _request: &Request, _playbooks: &[Playbook]) -> bool {
        false
    }
}

/// A question to the world. Equal questions are one question.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Request {
    /// Name of the source.
    pub source: String,
    /// Resolved parameters by name; canonical JSON, so that they have an order.
    pub params: BTreeMap<String, String>,
}

/// A document, or the reason why there is none.
pub type Answer = Result<Document, Gap>;

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Data or text.
    pub body: Body,
    /// `None`: the whole of what was asked for. Otherwise why something may be missing.
    pub partial: Option<Gap>,
    /// Where it came from, for quotes: `secretproviderclass/shop/kv-web`, a file name.
    pub origin: String,
}

/// Data or text.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Data.
    Tree(Json),
    /// What the watches saw in a text.
    Text(Excerpts),
}

/// Why something could not be looked at. Only [`Gap::Absent`] is a fact.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Gap {
    /// We looked: it is not there.
    Absent,
    /// Not allowed; what it needs (`get on csinodes.storage.k8s.io`).
    Denied {
        /// The missing permission.
        needs: String,
    },
    /// Took too long.
    Timeout,
    /// The reader stopped the run.
    Interrupted,
    /// The reader said no.
    Refused,
    /// Nobody was asked yet.
    NeedsConsent,
    /// A paste, bundle or recording does not hold it.
    NotCaptured,
    /// This collector cannot ask that.
    Unsupported,
    /// It did not fit into a limit.
    TooLarge,
    /// It is an object or an archive whose end is missing.
    CutOff,
    /// It says that it is an object, and cannot be read as one.
    Malformed,
    /// It is not what was asked for, or no longer what was captured.
    Spoilt,
    /// More than is judged at once; how many are left out.
    TooMany {
        /// Their number.
        left: String,
    },
    /// It is no text: an image, a program, a dump of memory.
    NotText,
    /// It is an archive of a kind, or so deep within others, that what is in it was not read.
    Archive,
    /// It is a link, and links are not followed.
    Link,
    /// It is a pipe, a socket or a device.
    NotAFile,
    /// Several things, where one was expected.
    Ambiguous,
    /// What to ask for is itself unknown.
    DependsOnUnknown,
    /// Was handed over: nobody says that it is all there is.
    HandedOver,
    /// Older things are no longer kept where we looked.
    Expired,
    /// Nothing that was found depends on it, or the run had no more questions.
    NotAsked,
    /// Whom we asked wants fewer questions.
    Throttled,
    /// Nobody is signed in, or no longer; what to type.
    SignedOut {
        /// The command that signs in.
        needs: String,
    },
    /// The tool to ask with is not installed.
    NoTool {
        /// The tool.
        needs: String,
    },
    /// The tool to ask with runs only where a person switched it on.
    SwitchedOff {
        /// The tool.
        needs: String,
    },
    /// Anything else, in the words of what failed.
    Failed(String),
}

/// A pasted or loose piece of evidence: never asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// What it is.
    pub kind: GivenKind,
    /// What can be read from it: `kind`, `namespace`, `name`, `uid`, `container`, `unit`, `id`, `type`, …;
    /// `in` says `table` of what is only a row of one.
    pub names: BTreeMap<String, String>,
    /// The evidence: a document, or the gap that an error message tells of.
    pub answer: Answer,
    /// File (or `-`) and line it starts at.
    pub origin: String,
    /// From 1; 0 where lines mean nothing.
    pub line: u64,
}

/// In the names of events: the object that they are about was deleted since.
pub const GONE: &str = "gone";

impl Given {
    /// The object that it is about, as far as it tells: `namespace/name`.
    pub fn object(&self) -> Option<String> {
        let name = self.names.get("name")?;
        Some(match self.names.get("namespace") {
            Some(namespace) => format!("{namespace}/{name}"),
            None => name.clone(),
        })
    }
}

/// What a given piece is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum GivenKind {
    /// One object, as JSON or YAML (complete in its own fields) or read from a description (partial).
    Object,
    /// One Azure resource, as `az` prints it.
    Resource,
    /// A file that was not read: a gap.
    Unread,
    /// Events, from a description, a table or objects.
    Events,
    /// Log records of one or several components.
    Log,
    /// A bare message that may stand for an event or a log record.
    Message,
    /// A tool's own error message: a gap.
    Error,
}

impl Gap {
    /// The name that recordings, tests and reports use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Denied { .. } => "denied",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::Refused => "refused",
            Self::NeedsConsent => "needs-consent",
            Self::NotCaptured => "not-captured",
            Self::Unsupported => "unsupported",
            Self::TooLarge => "too-large",
            Self::CutOff => "cut-off",
            Self::Malformed => "malformed",
            Self::Spoilt => "spoilt",
            Self::TooMany { .. } => "too-many",
            Self::NotText => "not-text",
            Self::Archive => "archive",
            Self::Link => "link",
            Self::NotAFile => "not-a-file",
            Self::Ambiguous => "ambiguous",
            Self::DependsOnUnknown => "depends-on-unknown",
            Self::HandedOver => "handed-over",
            Self::Expired => "expired",
            Self::NotAsked => "not-asked",
            Self::Throttled => "throttled",
            Self::SignedOut { .. } => "signed-out",
            Self::NoTool { .. } => "no-tool",
            Self::SwitchedOff { .. } => "switched-off",
            Self::Failed(_) => "failed",
        }
    }

    /// What is missing, or what failed; empty where the name says it all.
    pub fn detail(&self) -> &str {
        match self {
            Self::Denied { needs }
            | Self::SignedOut { needs }
            | Self::NoTool { needs }
            | Self::SwitchedOff { needs } => needs,
            Self::Failed(text) | Self::TooMany { left: text } => text,
            Self::Absent
            | Self::Timeout
            | Self::Interrupted
            | Self::Refused
            | Self::NeedsConsent
            | Self::NotCaptured
            | Self::Unsupported
            | Self::TooLarge
            | Self::CutOff
            | Self::Malformed
            | Self::Spoilt
            | Self::NotText
            | Self::Archive
            | Self::Link
            | Self::NotAFile
            | Self::Ambiguous
            | Self::DependsOnUnknown
            | Self::HandedOver
            | Self::Expired
            | Self::NotAsked
            | Self::Throttled => "",
        }
    }

    /// The gap of that name, with its detail.
    pub fn parse(name: &str, detail: &str) -> Option<Self> {
        Some(match name {
            "absent" => Self::Absent,
            "denied" => Self::Denied { needs: detail.to_owned() },
            "timeout" => Self::Timeout,
            "interrupted" => Self::Interrupted,
            "refused" => Self::Refused,
            "needs-consent" => Self::NeedsConsent,
            "not-captured" => Self::NotCaptured,
            "unsupported" => Self::Unsupported,
            "too-large" => Self::TooLarge,
            "cut-off" => Self::CutOff,
            "malformed" => Self::Malformed,
            "spoilt" => Self::Spoilt,
            "too-many" => Self::TooMany { left: detail.to_owned() },
            "not-text" => Self::NotText,
            "archive" => Self::Archive,
            "link" => Self::Link,
            "not-a-file" => Self::NotAFile,
            "ambiguous" => Self::Ambiguous,
            "depends-on-unknown" => Self::DependsOnUnknown,
            "handed-over" => Self::HandedOver,
            "expired" => Self::Expired,
            "not-asked" => Self::NotAsked,
            "throttled" => Self::Throttled,
            "signed-out" => Self::SignedOut { needs: detail.to_owned() },
            "no-tool" => Self::NoTool { needs: detail.to_owned() },
            "switched-off" => Self::SwitchedOff { needs: detail.to_owned() },
            "failed" => Self::Failed(detail.to_owned()),
            _ => return None,
        })
    }
}

impl Given {
    /// Whether it is a row of a table: of its object little is told.
    pub(crate) fn is_listed(&self) -> bool {
        self.names.get("in").is_some_and(|it| it == "table")
    }
}

impl GivenKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Object,
        Self::Resource,
        Self::Unread,
        Self::Events,
        Self::Log,
        Self::Message,
        Self::Error,
    ];

    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Resource => "resource",
            Self::Unread => "unread",
            Self::Events => "events",
            Self::Log => "log",
            Self::Message => "message",
            Self::Error => "error",
        }
    }
}
