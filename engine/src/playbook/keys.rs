//! The keys of every mapping a playbook may hold: decoding, did-you-mean and the schemas read this
//! one table.

use crate::reader::{Holds, Key};

pub(super) const PLAYBOOK: &[Key] = &[
    ("apiVersion", true, Holds::Text, "triagem/v1"),
    ("kind", true, Holds::Text, "Playbook"),
    ("metadata", true, Holds::Map, "Id, version, title, locales and references."),
    ("inputs", false, Holds::Map, "What a person may give."),
    ("steps", true, Holds::List, "Questions to the world, in display order."),
    ("facts", false, Holds::Map, "Typed values, by name."),
    (
        "texts",
        false,
        Holds::Map,
        "Groups of text facts, by name: a sign or a capture names one like a fact.",
    ),
    ("signs", false, Holds::Map, "What is seen, not seen or unknown, by name."),
    ("symptoms", false, Holds::List, "Signs that the trouble exists now."),
    (
        "well-needs",
        false,
        Holds::List,
        "Steps without whose answers no subject is called well, whatever else was seen.",
    ),
    ("compares", false, Holds::Map, "Small tables that causes show, by name."),
    (
        "probes",
        false,
        Holds::List,
        "Tests by hand that tell causes apart, for reports that are undecided.",
    ),
    ("tools", false, Holds::List, "Commands that are left out where a sign was seen."),
    (
        "gone-when",
        false,
        Holds::List,
        "Signs made of records which tell that the subject is there no more: what was said of it before is over.",
    ),
    (
        "slots",
        false,
        Holds::Map,
        "Parts of messages that whoever makes an object chooses, by name: no sign looks into them.",
    ),
];

pub(super) const COMPARE: &[Key] = &[
    ("title", true, Holds::Text, "What the table is about."),
    ("rows", true, Holds::List, "Its rows, from top to bottom."),
];

pub(super) const ROW: &[Key] = &[
    ("label", true, Holds::Text, "What the row tells."),
    ("facts", false, Holds::List, "Facts: all that are known are shown."),
    (
        "signs",
        false,
        Holds::List,
        "Signs: where no fact is known, the first that was seen is told in its words.",
    ),
    ("same-when", false, Holds::Text, "A sign that the row agrees with what was meant."),
    ("differs-when", false, Holds::Text, "A sign that it does not: the row is marked."),
];

pub(super) const PROBE: &[Key] = &[
    ("id", true, Holds::Text, "Its name."),
    ("do", true, Holds::Text, "What to do, and what each answer means."),
    ("changes", true, Holds::Text, "nothing, cluster, azure or manifest."),
    ("owner", true, Holds::Text, "Who does it."),
    ("run", true, Holds::List, "The command as arguments."),
    (
        "splits",
        true,
        Holds::List,
        "For each answer that tells something the causes that it leaves; another answer leaves the rest.",
    ),
    ("only-when", false, Holds::Text, "A sign: offered only where it was seen."),
    ("unless", false, Holds::Text, "A sign: not offered where it was seen."),
];

pub(super) const TOOL: &[Key] = &[
    ("begins", true, Holds::List, "How its commands begin, as arguments."),
    (
        "unless",
        true,
        Holds::Text,
        "A sign: steps with these commands are left out where it was seen.",
    ),
];

pub(super) const SLOT: &[Key] = &[
    ("after", true, Holds::Text, "What stands before it."),
    (
        "before",
        true,
        Holds::Any,
        "What stands behind it, or several: it reaches to the last of them.",
    ),
    (
        "escaped",
        false,
        Holds::Flag,
        "Neither white space nor an end mark can stand in it, as in a URL: it ends at the first.",
    ),
    (
        "but-names",
        false,
        Holds::Flag,
        "What has the shape of an object's name (lower case, digits, `-`, `.`, one `/`) is not hidden: no words can stand in it.",
    ),
    (
        "but",
        false,
        Holds::Text,
        "A pattern: what is of this shape, up to the first of `before`, is not hidden. Choose it so narrow that no words fit.",
    ),
];

pub(super) const ATTEMPTS: &[Key] = &[
    ("begin", true, Holds::List, "How each error of a list `[E1, E2]` begins."),
    (
        "outweighs",
        false,
        Holds::List,
        "Lists of literals, the weightiest first: an error of a later one is left out beside one of an earlier.",
    ),
];

pub(super) const METADATA: &[Key] = &[
    ("id", true, Holds::Text, "The folder's name."),
    ("version", true, Holds::Text, "Semantic version."),
    ("title", true, Holds::Text, "What the playbook is about."),
    ("locales", false, Holds::List, "Locales that must be complete."),
    ("references", false, Holds::List, "Articles it encodes."),
    ("speaks-of", false, Holds::List, "Literals: a text that holds one of them is about this."),
];

pub(super) const REFERENCE: &[Key] = &[
    ("title", true, Holds::Text, "What the link leads to."),
    ("url", true, Holds::Text, "An absolute URL."),
];

pub(super) const INPUT: &[Key] = &[
    ("type", true, Holds::Text, "What it holds."),
    ("required", false, Holds::Text, "`live`: a live run cannot start without it."),
    ("or-from", false, Holds::Text, "The fact that fills it when nobody does."),
    ("each", false, Holds::Flag, "One value at a time."),
    ("asks", true, Holds::Text, "What to ask for."),
];

pub(super) const STEP: &[Key] = &[
    ("id", true, Holds::Text, "Its name."),
    ("says", true, Holds::Text, "One sentence."),
    ("uses", true, Holds::Text, "The source."),
    ("with", false, Holds::Map, "Parameters of the source; `$name` is a fact or an input."),
    ("looks-like", false, Holds::List, "Literals that tell a log of this step from others."),
    ("effect", false, Holds::Text, "What asking does to the world."),
    ("asks", false, Holds::Text, "The consent question."),
];

pub(super) const FACT: &[Key] = &[
    ("from", false, Holds::Any, "The step (or text facts) it is read from."),
    ("type", true, Holds::Text, "What it holds."),
    ("many", false, Holds::Flag, "Several values are expected."),
    ("each", false, Holds::Flag, "One value at a time."),
    ("sensitive", false, Holds::Flag, "Never rendered."),
    ("asks", false, Holds::Text, "What it is in one or two words: what a reader fills in."),
    (
        "else",
        false,
        Holds::Text,
        "The fact whose value stands in commands where this one is not known, such as what a message tells. It judges nothing.",
    ),
    ("path", false, Holds::Text, "RFC 9535 JSONPath."),
    ("where", false, Holds::Map, "Keeps elements whose value at `path` is `same-as` a fact."),
    ("value", false, Holds::Text, "Path within what is left."),
    (
        "within",
        false,
        Holds::List,
        "Paths, each read in the YAML that a text found by the one before holds.",
    ),
    ("keys", false, Holds::Flag, "The keys of the mappings that were found, not their values."),
    ("without", false, Holds::List, "Values, or facts, whose values are left out."),
    ("fields", false, Holds::Map, "Accepted values of a record's fields."),
    ("severity", false, Holds::List, "Accepted severities of a record."),
    (
        "holds-any",
        false,
        Holds::List,
        "Literals of which one shows that a record is this component's; without any it is nobody's.",
    ),
    (
        "about",
        false,
        Holds::Any,
        "Whose record it is: `capture` with a group `value`, `is` a fact or several; or a list, of which the first says and the others only contradict.",
    ),
    (
        "not-before",
        false,
        Holds::Text,
        "The fact that tells since when the subject is there: older records are of another by its name.",
    ),
    (
        "chain",
        false,
        Holds::Map,
        "What the records try again and again: only the newest of a chain and subject speaks of now.",
    ),
    ("opaque", false, Holds::Any, "Slots of its messages that no sign looks into, or `all`."),
    ("attempts", false, Holds::Map, "How several errors stand in one message: each is a record."),
    ("capture", false, Holds::Text, "Pattern with a group `value`."),
    ("slot", false, Holds::Text, "The slot whose text it is."),
    ("join", false, Holds::List, "Strings and references, concatenated."),
    ("map", false, Holds::Text, "The key fact of a small table (`of`)."),
    ("nearest", false, Holds::Text, "The fact for whose values the most alike of `of` are found."),
    (
        "of",
        false,
        Holds::Any,
        "The table of `map`, the fact of `take`, or the values and facts of `nearest`.",
    ),
    ("absent", false, Holds::Text, "The value of `map` where the key is absent."),
    ("take", false, Holds::Text, "A part of `of`."),
];

/// Of a fact: those that every one may have.
pub(super) const ANY_FACT: &[&str] =
    &["type", "many", "each", "sensitive", "asks", "else", "without"];

/// Of a fact: how it is read, by the key that says so, and what may stand beside that. The first that is there decides;
/// a text without any is read from the answers of steps, and everything else by a path.
pub(super) const FACT_SHAPES: &[(&str, &[&str])] = &[
    ("join", &[]),
    ("map", &["of", "absent"]),
    ("nearest", &["of"]),
    ("take", &["of"]),
    ("capture", &["from"]),
    ("slot", &["from"]),
];
/// The same of a text.
pub(super) const TEXT_FACT: &[&str] = &[
    "from",
    "fields",
    "severity",
    "holds-any",
    "about",
    "not-before",
    "chain",
    "opaque",
    "attempts",
    "path",
];
/// The same of a value in an answer.
pub(super) const PATH_FACT: &[&str] = &["from", "path", "where", "value", "within", "keys"];

pub(super) const WHERE: &[Key] = &[
    ("path", true, Holds::Text, "Path within the element."),
    ("same-as", true, Holds::Text, "The fact it must equal."),
];

pub(super) const ABOUT: &[Key] = &[
    ("capture", true, Holds::Text, "Pattern with a group `value`."),
    (
        "is",
        true,
        Holds::Any,
        "The fact it is compared with, or several: the first that is not unknown.",
    ),
];

pub(super) const CHAIN: &[Key] = &[
    ("name", true, Holds::Text, "The chain: text facts that name the same are one."),
    (
        "of",
        false,
        Holds::Map,
        "Which of several things of the subject is tried: `capture` with a group `value`, `is` the fact of what it has now.",
    ),
    (
        "tries",
        false,
        Holds::List,
        "Literals of which one shows that a record is an attempt that failed.",
    ),
    ("silent", false, Holds::List, "An attempt that holds one of these says nothing new."),
    (
        "succeeds",
        false,
        Holds::List,
        "Literals of which one shows that a record is an attempt that succeeded.",
    ),
    (
        "succeeded-at",
        false,
        Holds::Text,
        "The fact that tells when an attempt succeeded, the first time.",
    ),
    (
        "works-since",
        false,
        Holds::Text,
        "The fact that tells since when the subject is as only a success makes it: what failed well before, and was silent since, is over.",
    ),
    ("every", false, Holds::Text, "A duration: the next attempt follows within it."),
];

/// The operators of a sign, as they stand in `groups`.
pub(super) const SIGN_TEST: &[Key] = &[
    ("is", false, Holds::Text, "Equals."),
    ("is-not", false, Holds::Text, "Differs."),
    ("is-one-of-values", false, Holds::List, "One of these."),
    ("starts-with", false, Holds::Text, "Begins with."),
    ("ends-with", false, Holds::Text, "Ends with."),
    ("at-least", false, Holds::Text, "This number or more."),
    ("at-most", false, Holds::Text, "This number or less."),
    ("in-cidr", false, Holds::Any, "The address lies in one of these blocks."),
    ("version-at-least", false, Holds::Text, "This version or later."),
    ("version-below", false, Holds::Text, "An earlier version."),
    ("same-as", false, Holds::Text, "Equals the fact."),
    ("differs-from", false, Holds::Text, "Differs from the fact."),
    ("is-one-of", false, Holds::Text, "Is among the fact's values."),
];

pub(super) const SIGN: &[Key] = &[
    ("says", true, Holds::Text, "One sentence."),
    ("fact", false, Holds::Any, "The fact, or several text facts."),
    ("any-of", false, Holds::List, "At least one of these signs."),
    ("all-of", false, Holds::List, "All of these signs."),
    ("contains", false, Holds::Text, "The literal stands in the message or value."),
    ("contains-any", false, Holds::List, "One of the literals does."),
    ("contains-all", false, Holds::List, "All of the literals do, in one message."),
    ("lacks", false, Holds::Any, "None of these literals stands in the message."),
    (
        "means-any",
        false,
        Holds::List,
        "Meanings, such as `socket.refused`: one of their wordings stands in the message.",
    ),
    ("means-none", false, Holds::List, "Meanings of which no wording stands in the message."),
    ("matches", false, Holds::Any, "Regular expression, unanchored."),
    ("groups", false, Holds::Map, "Tests of named groups of `matches`."),
    ("also-seen-as", false, Holds::List, "Texts that mean the same but prove less."),
    ("later-than", false, Holds::Text, "Later than every record of that sign."),
    ("is", false, Holds::Text, "Equals."),
    ("is-not", false, Holds::Text, "Known and different."),
    ("is-one-of-values", false, Holds::List, "One of these."),
    ("starts-with", false, Holds::Text, "Begins with."),
    ("ends-with", false, Holds::Text, "Ends with."),
    ("greater-than", false, Holds::Text, "More than."),
    ("less-than", false, Holds::Text, "Less than."),
    ("at-least", false, Holds::Text, "This or more."),
    ("at-most", false, Holds::Text, "This or less."),
    ("in-cidr", false, Holds::Any, "The address lies in one of these blocks."),
    ("older-than", false, Holds::Text, "Longer ago than."),
    ("newer-than", false, Holds::Text, "More recent than."),
    ("version-at-least", false, Holds::Text, "This version or later."),
    ("version-below", false, Holds::Text, "An earlier version."),
    ("malformed", false, Holds::Flag, "There is a value that is not of the fact's type."),
    ("same-as", false, Holds::Text, "Equals the other fact."),
    ("differs-from", false, Holds::Text, "Both are known and differ."),
    ("is-one-of", false, Holds::Text, "Is among the other fact's values."),
    ("shares-any-with", false, Holds::Text, "A value in common."),
    ("shares-none-with", false, Holds::Text, "No value in common."),
    ("covers-all-of", false, Holds::Text, "Holds every value of the other fact."),
    ("exists", false, Holds::Flag, "There is a value."),
    ("missing", false, Holds::Flag, "We looked, and there is none."),
];

pub(super) const CAUSE: &[Key] = &[
    ("apiVersion", true, Holds::Text, "triagem/v1"),
    ("kind", true, Holds::Text, "Cause"),
    ("id", true, Holds::Text, "The file's name."),
    ("title", true, Holds::Text, "One sentence."),
    ("severity", true, Holds::Text, "low, medium, high or critical."),
    ("references", false, Holds::List, "Where to read more."),
    ("steps", false, Holds::List, "Its own steps."),
    ("facts", false, Holds::Map, "Its own facts."),
    ("signs", false, Holds::Map, "Its own signs."),
    ("requires", false, Holds::List, "All of these signs."),
    ("requires-any", false, Holds::List, "Any of these signs."),
    ("supports", false, Holds::List, "Only rank."),
    ("refutes", false, Holds::List, "Any of these speaks against it."),
    ("excluded-by", false, Holds::List, "Any of these excludes it, as long as nothing proves it."),
    ("over-when", false, Holds::List, "Any of these tells that it has ended since."),
    ("hides", false, Holds::List, "Causes folded under this one."),
    ("explains", true, Holds::Text, "What happened."),
    ("compares", false, Holds::List, "Tables of the playbook that its report shows."),
    ("remedy", true, Holds::List, "What to do, in order."),
    ("verify", false, Holds::Map, "How to tell that it is over."),
    ("tests", false, Holds::List, "Evidence in, verdicts out."),
];

pub(super) const REMEDY: &[Key] = &[
    (
        "id",
        false,
        Holds::Text,
        "What translations call it; else the first five words of `do`. Give it one where two steps begin alike.",
    ),
    ("do", true, Holds::Text, "What to do."),
    ("changes", true, Holds::Text, "nothing, cluster, azure or manifest."),
    ("owner", true, Holds::Text, "Who does it."),
    ("takes-effect", false, Holds::Text, "When it takes effect."),
    (
        "opens",
        false,
        Holds::Flag,
        "It lets somebody in: what only a message tells is not filled in, but asked for.",
    ),
    (
        "removes",
        false,
        Holds::Flag,
        "It deletes or overwrites something: what proves the cause must pin each quoted part of its message.",
    ),
    ("only-when", false, Holds::Text, "A sign: shown only where it was seen."),
    ("unless", false, Holds::Text, "A sign: left out where it was seen."),
    ("run", false, Holds::List, "The command as arguments."),
];

pub(super) const VERIFY: &[Key] = &[
    ("symptom", true, Holds::Text, "The sign."),
    ("becomes", true, Holds::Text, "seen or not-seen."),
];

pub(super) const TEST: &[Key] = &[
    ("name", true, Holds::Text, "What it shows."),
    ("given", false, Holds::Text, "A recording."),
    ("paste", false, Holds::Text, "Pasted text."),
    ("inputs", false, Holds::Map, "Inputs a person gives."),
    ("change", false, Holds::Map, "Answers of steps, replaced."),
    ("expect", true, Holds::Map, "Cause and verdict."),
    ("shows", false, Holds::Map, "Locale and text that the finding shows."),
];

pub(super) const TRANSLATION: &[Key] = &[
    ("apiVersion", true, Holds::Text, "triagem/v1"),
    ("kind", true, Holds::Text, "Translation"),
    ("playbook", true, Holds::Text, "The playbook's id."),
    ("locale", true, Holds::Text, "Such as pt-BR."),
    (
        "messages",
        true,
        Holds::Map,
        "Message id (`causes.CAUSE.remedy.STEP.do`: a step by its `id` or its first five words), with `from` (the English) and `text`.",
    ),
];

pub(super) const MESSAGE: &[Key] = &[
    ("from", true, Holds::Text, "The English it was made from."),
    ("text", true, Holds::Text, "The translation."),
];
