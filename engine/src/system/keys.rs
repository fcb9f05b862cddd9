//! The keys of a system's file: decoding, did-you-mean and the schema read this one table.

use crate::reader::{Holds, Key};

pub(crate) const SYSTEM: &[Key] = &[
    ("apiVersion", true, Holds::Text, "triagem/v1"),
    ("kind", true, Holds::Text, "System"),
    ("metadata", true, Holds::Map, "Id and title."),
    ("tools", false, Holds::Map, "The programs that its sources run, by name."),
    ("tables", false, Holds::Map, "Small tables that values are looked up in, by name."),
    ("owners", false, Holds::Map, "Who can be told to do something: name → locale → words."),
    ("changes", false, Holds::Map, "What doing something can change: name → locale → words."),
    (
        "phrases",
        false,
        Holds::List,
        "What it words in English, in other languages: locale → words.",
    ),
    ("log-formats", false, Holds::Map, "How the records of logs begin, by name."),
    ("role", false, Holds::Map, "The role that grants what its sources need."),
    ("sources", true, Holds::Map, "What can be asked, by name."),
];

pub(crate) const METADATA: &[Key] = &[
    ("id", true, Holds::Text, "The folder's name."),
    ("title", true, Holds::Text, "What the system is."),
];

pub(crate) const TOOL: &[Key] = &[
    ("program", true, Holds::Text, "The program; looked for as a shell does."),
    ("windows", false, Holds::Text, "The same on Windows."),
    (
        "asked",
        false,
        Holds::Text,
        "`always`: wherever it is installed. Else only where a person switched it on. Built-in systems only.",
    ),
    ("patience", false, Holds::Text, "How long one command may take: 30s."),
    ("at-once", false, Holds::Text, "Commands at once: 2."),
    ("environment", false, Holds::Map, "Variables it is given."),
    ("keeps", false, Holds::List, "Variables of the reader's that it needs, such as PGSERVICE."),
    (
        "runs",
        true,
        Holds::List,
        "How its commands may begin, as lists of arguments: nothing else is ever run.",
    ),
    ("refusals", false, Holds::List, "What its failures mean, the first that fits."),
];

pub(crate) const REFUSAL: &[Key] = &[
    ("says", true, Holds::Text, "A pattern of what it says on standard error."),
    ("exit", false, Holds::Text, "Its exit code."),
    ("names", false, Holds::Text, "What must stand in it, such as the name that was asked for."),
    ("gap", true, Holds::Text, "What that means: absent, denied, throttled, signed-out, failed…"),
    ("needs", false, Holds::Text, "The gap's detail: what is needed, or what failed."),
    ("needs-from", false, Holds::Text, "A pattern whose group `value` tells it better."),
];

pub(crate) const ROLE: &[Key] = &[
    ("says", true, Holds::Text, "The program's word that introduces it."),
    ("create", true, Holds::Text, "The command that makes it."),
    ("document", true, Holds::Any, "The document, with {name} and {permissions}."),
];

pub(crate) const FORMAT: &[Key] = &[
    (
        "header",
        true,
        Holds::Text,
        "How a record begins: a pattern with the groups `severity` and `time`.",
    ),
    ("severities", false, Holds::Map, "What a word stands for: info, warning, error or fatal."),
];

pub(crate) const SOURCE: &[Key] = &[
    ("says", true, Holds::Text, "One sentence."),
    ("parameters", true, Holds::Map, "Its parameters, by name."),
    ("answers", true, Holds::Text, "object, list, tree or text."),
    ("effect", false, Holds::Text, "What asking does to the world; a step must say the same."),
    ("cost", false, Holds::Text, "`seconds`: asked last, and only where the answer matters."),
    ("given", false, Holds::List, "Kinds of handed-over evidence that stand for its answer."),
    (
        "formats",
        false,
        Holds::List,
        "How the records of its texts begin, besides those of klog, JSON and logrus.",
    ),
    ("answered-by", true, Holds::Any, "Who answers."),
    ("errors", false, Holds::Map, "Whose error messages speak of it."),
    ("permission", true, Holds::Any, "What it needs to be allowed, or `none`."),
    ("by-hand", false, Holds::List, "What a person types for the same, the first that fits."),
];

pub(crate) const PARAMETER: &[Key] = &[
    ("type", true, Holds::Text, "What it holds."),
    ("says", true, Holds::Text, "One sentence."),
    ("required", false, Holds::Flag, "Must be there."),
    ("spread", false, Holds::Flag, "A list is one request a value."),
    ("pins", false, Holds::Flag, "Says what is asked about: where it is absent, so is the answer."),
    ("free", false, Holds::Flag, "May hold spaces and signs in a command."),
    (
        "reaches",
        false,
        Holds::Flag,
        "Says where to connect: it comes from a person alone, never from evidence.",
    ),
    ("pattern", false, Holds::Text, "What its value must look like, as a whole."),
    ("tells", false, Holds::Any, "How a piece that was handed over contradicts it."),
    ("never", false, Holds::List, "Values that nobody may ask for."),
];

pub(crate) const TELLS: &[Key] = &[
    ("name", false, Holds::Text, "The piece's name of that key differs."),
    ("path", false, Holds::Text, "The object's value at this path differs."),
];

pub(crate) const ERRORS: &[Key] =
    &[("of", true, Holds::Any, "`kind`, or a mapping with `tool` or `resource`.")];

pub(crate) const ERRORS_OF: &[Key] = &[
    ("tool", false, Holds::Text, "Those of this tool."),
    ("resource", false, Holds::Text, "Those about this resource of the API."),
];

pub(crate) const PERMISSION: &[Key] = &[
    ("verb", false, Holds::Text, "The verb on the kind that is asked for."),
    ("resource", false, Holds::Text, "The resource, where it is not the kind that is asked for."),
    ("where", false, Holds::Text, "`subjects` or `components`: in whose namespace."),
    ("role", false, Holds::Text, "An action of the system's role."),
];

pub(crate) const ANSWERED_BY: &[Key] = &[
    ("kubernetes", false, Holds::Text, "get, list, events, logs or discover."),
    ("tool", false, Holds::Text, "The tool that is run."),
    (
        "values",
        false,
        Holds::Map,
        "Values that are made of parameters, each the first way that works.",
    ),
    ("run", false, Holds::List, "Its arguments, the first that fits."),
    ("otherwise", false, Holds::Text, "What to give where none fits."),
    ("answer", false, Holds::Map, "How its JSON is read."),
];

pub(crate) const WAY: &[Key] = &[
    ("needs", false, Holds::List, "Only where these are known."),
    ("lacks", false, Holds::List, "Only where these are not."),
    ("is", false, Holds::Map, "Only where these are equal, in any case of letters."),
    ("text", false, Holds::Text, "A text."),
    ("look-up", false, Holds::Text, "The key of a table."),
    ("in", false, Holds::Text, "The table."),
    ("cut", false, Holds::Text, "A text without its `beginning`."),
    ("beginning", false, Holds::Text, "What is cut off."),
    ("match", false, Holds::Text, "A text of which the group `value` of `pattern` counts."),
    ("pattern", false, Holds::Text, "The pattern."),
];

pub(crate) const WORDS: &[Key] = &[
    ("needs", false, Holds::List, "Only where these are known."),
    ("lacks", false, Holds::List, "Only where these are not."),
    ("is", false, Holds::Map, "Only where these are equal, in any case of letters."),
    (
        "words",
        true,
        Holds::List,
        "The arguments; a mapping among them is a group that is left out whole.",
    ),
    ("else", false, Holds::List, "The arguments instead."),
];

pub(crate) const ANSWER: &[Key] = &[
    (
        "text",
        false,
        Holds::Flag,
        "What it said on standard error, and then what it printed, are the answer: messages.",
    ),
    ("exits", false, Holds::List, "Exit codes with which it has answered; else 0 alone."),
    (
        "items",
        false,
        Holds::List,
        "Where the list stands, the first that is there (JSON Pointers).",
    ),
    ("more", false, Holds::Text, "Where it says that there is more."),
    ("only", false, Holds::Text, "A list must hold one thing; what to say where it is empty."),
    ("same", false, Holds::Map, "What it must say of itself: `at` a pointer, `as` a text."),
    ("origin", true, Holds::Text, "What quotes call it."),
    ("origin-at", false, Holds::Text, "Where it says that better itself."),
    ("knows", false, Holds::Map, "What its items answer besides."),
];

pub(crate) const SAME: &[Key] =
    &[("at", true, Holds::Text, "A JSON Pointer."), ("as", true, Holds::Text, "A text.")];

pub(crate) const KNOWS: &[Key] = &[
    ("source", true, Holds::Text, "The source whose answer an item is."),
    ("by", true, Holds::Text, "Where an item says what it is asked by."),
    ("having", false, Holds::Text, "Only items that have this."),
];
