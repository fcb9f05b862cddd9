//! What is wrong with a playbook, and where; shown with the line and a caret.

use std::collections::BTreeMap;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use crate::playbook::template::visible;
use crate::yaml::Span;

/// One thing that is wrong.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Fault {
    /// File, relative to the playbook's folder.
    pub file: String,
    /// Where in the file.
    pub span: Span,
    /// Stable code, such as `P101`.
    pub code: &'static str,
    /// The playbook can be used all the same.
    pub warning: bool,
    /// What is wrong, one line.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// Every code: title, and what to do about it.
pub const CODES: &[(&str, &str, &str)] = &[
    (
        "P001",
        "not readable as YAML",
        "The file is not YAML, or uses a part of YAML that playbooks do not have (aliases, tags, several documents), or is too large or too deep.",
    ),
    (
        "P002",
        "a key stands twice",
        "A mapping holds the same key twice. YAML libraries would keep one of them without a word.",
    ),
    (
        "P003",
        "unknown key",
        "Nothing unknown is ever ignored: a misspelt key would silently not count.",
    ),
    ("P004", "missing key", "A key that is always needed is not there."),
    (
        "P005",
        "wrong shape",
        "A value is not of the shape that belongs here: a text, a list, a mapping, true or false.",
    ),
    (
        "P006",
        "too much",
        "A playbook has its limits, so that whoever is handed one can check it: how many names it defines, how long a chain of facts is, how much a path may search.",
    ),
    (
        "P009",
        "made for a newer triagem",
        "The apiVersion is newer than this program reads. Nothing else of the playbook was looked at. Use a newer triagem.",
    ),
    (
        "P010",
        "a lint comment that does nothing",
        "`# lint: allow P604 because …` allows one code, of those that are a matter of judgement, on its line or the next one, with a reason. This one is not understood, or there is nothing left that it allows.",
    ),
    (
        "P011",
        "more faults than are told",
        "Only the first faults are told, and the rest of the playbook was not checked. Mend these first.",
    ),
    ("P101", "unknown name", "A step, fact, sign or cause is named that does not exist."),
    (
        "P102",
        "not a name",
        "Names of steps, facts, signs, causes and inputs are small letters, digits and hyphens: they stand in file names, in reports and in commands.",
    ),
    ("P103", "never used", "A shared step, fact or sign is used by nothing."),
    ("P104", "a circle", "Facts, steps, signs or folded causes depend on each other in a circle."),
    (
        "P105",
        "a shared name is taken",
        "A cause defines a name that the playbook already has. Use another.",
    ),
    (
        "P106",
        "two independent each-facts",
        "A cause depends on two facts marked `each` of which neither depends on the other: which value belongs to which nobody could say.",
    ),
    (
        "P201",
        "the operator does not fit the fact",
        "An operator was given a fact whose type it cannot test, or the name of an operator that does not exist.",
    ),
    (
        "P202",
        "several values where one is expected",
        "A path can give several values, but the fact is not marked `many` or `each`; or an operator needs a single value.",
    ),
    (
        "P203",
        "unknown source or parameter",
        "A step names a source, or a parameter of it, that does not exist, or leaves out a required one.",
    ),
    (
        "P301",
        "bad pattern",
        "A regular expression or JSONPath cannot be compiled, is too long, or lacks its group `value`.",
    ),
    (
        "P302",
        "nothing to look for",
        "A text test has no literal of four characters that every match contains: each record would have to be looked at.",
    ),
    (
        "P303",
        "JSONPath that never matches",
        "The library answers ` in ` inside a filter with nothing and without an error. Write `||` instead.",
    ),
    (
        "P401",
        "bad template",
        "A message is not a template that can be rendered: unknown helper, forbidden construct, too long, or nested too deep.",
    ),
    (
        "P402",
        "a variable that may be unknown",
        "A message names a fact that `requires` does not guarantee. Put it inside {{#known name}}…{{/known}}.",
    ),
    ("P501", "effect not declared", "A step's effect must say the same as its source."),
    (
        "P502",
        "deletes, and does not say so",
        "The command of a remedy deletes or overwrites something (delete, remove, purge, reset, --overwrite, null in a patch). Say `removes: true`: `playbook test` then proves that what confirms the cause pins each quoted part of its message (P605).",
    ),
    (
        "P503",
        "lets somebody in unseen",
        "A step that `opens` something must be shown only where a sign was seen (`only-when`, `unless`), or stand behind a step that changes nothing: who is let in must be compared first.",
    ),
    ("P504", "never asked", "A step asks for what no run ever asks for, such as Secrets."),
    (
        "P505",
        "evidence says where to connect",
        "A parameter of a source says where to connect, and this step fills it in from evidence. A host that a log names could be handed the password that is kept for another: such a parameter comes from an input that a person gives.",
    ),
    (
        "P601",
        "no test",
        "A cause needs at least one test in which it is confirmed, likely or possible.",
    ),
    (
        "P602",
        "a test names something unknown",
        "A test names a recording, a step or a cause that does not exist.",
    ),
    (
        "P603",
        "never refused",
        "`playbook test`: no test expects this cause not to be found. A cause that holds for everything would pass all of them.",
    ),
    (
        "P604",
        "nobody would notice",
        "`playbook test`: every test would still pass if this sign were left out. Add a test that depends on it, or leave it out.",
    ),
    (
        "P605",
        "the message could say anything here",
        "`playbook test`: a step of this cause deletes, overwrites or opens something, and with another text in this quoted part of the message the cause would still be confirmed, and the step shown. Pin the part in the sign's pattern, contradict it with a fact, read it into a fact that the command names, or leave the step out.",
    ),
    ("P701", "missing translation", "A locale of the playbook has no text for a message."),
    (
        "P702",
        "stale translation",
        "The English has changed since it was translated. Correct the translation, then its `from`.",
    ),
    ("P703", "translation of nothing", "A locale translates a message that does not exist."),
    ("P704", "placeholders differ", "A translation uses other variables than the English."),
    (
        "P705",
        "translations in one file",
        "One file holds the translations of several causes: two authors would always touch it. Each cause has its own, `locales/<locale>/<cause>.yaml`; what is not a cause's stands in `locales/<locale>/playbook.yaml`.",
    ),
    (
        "P706",
        "two steps of one name",
        "Translations call a step of a cause by its `id`, else by the first five words of what it says. Two steps of this cause are called alike: give one of them an `id`, or its translation is never shown.",
    ),
    (
        "P707",
        "messages called by their place",
        "A translation calls steps, blanks of commands or rows of tables by their number, as it was done before; a step that is put between moves all below it. Call a step by its `id`, else by the first five words of what it says (`causes.x.remedy.see-the-vaults-tenant.do`), a blank or a row by all its words (`ask.client-id`).",
    ),
    ("P801", "metadata", "The id differs from the folder or file, or the version is not one."),
];

/// Bytes of a line that are shown.
const LINE: usize = 1_000;

/// Shows faults, sorted by place, with the line and a caret. `folder` is where the files are, as the
/// reader calls it.
pub fn render(
    folder: &str,
    faults: &[Fault],
    files: &BTreeMap<String, Vec<u8>>,
    color: bool,
) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut shown = Vec::new();
    for fault in faults {
        let source =
            files.get(&fault.file).map(|it| String::from_utf8_lossy(it)).unwrap_or_default();
        let start = source.floor_char_boundary(fault.span.start.min(source.len()));
        let first_line =
            source.get(start..).and_then(|it| it.find('\n')).unwrap_or(source.len() - start);
        let end = source.ceil_char_boundary(
            fault.span.end.clamp(start, (start + first_line).max(start)).min(source.len()),
        );
        let level = if fault.warning { Level::WARNING } else { Level::ERROR };
        let path = [folder, &fault.file].join(if folder.is_empty() { "" } else { "/" });
        let (path, message) = (on_one_line(&path), on_one_line(&fault.message));
        let line = source.get(..start).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
        let group = level.primary_title(&message).id(fault.code);
        let mut group = if end - line <= LINE {
            let cut = source.ceil_char_boundary((line + LINE).min(source.len()));
            let shown = source.get(..cut).unwrap_or_default();
            let mark = AnnotationKind::Primary.span(start..end);
            group.element(Snippet::source(shown).path(path).annotation(mark))
        } else {
            group.element(Origin::path(path).line(fault.span.line).char_column(fault.span.column))
        };
        if let Some(help) = &fault.help {
            group = group.element(Level::HELP.message(help));
        }
        shown.push(renderer.render(&[group]));
    }
    let shown = shown.join("\n\n");
    if color { shown } else { visible(&shown) }
}

/// What a file's author chose, with nothing in it that begins a line of its own.
fn on_one_line(text: &str) -> String {
    visible(text).replace('\n', "\\n")
}
