//! One thing to do, in words.

use super::{Claim, Words, command, readable};
use crate::playbook::{Argument, Playbook, Remedy};
use crate::verdict::Finding;

/// One thing to do, in words.
#[derive(Clone, Debug, Default)]
pub struct RemedyWords {
    /// What to do.
    pub does: String,
    /// What it changes, an id.
    pub changes: String,
    /// Who does it, an id.
    pub owner: String,
    /// When it takes effect.
    pub takes_effect: Option<String>,
    /// The command, for the reader's shell.
    pub command: Option<String>,
    /// The command as arguments.
    pub argv: Option<Vec<String>>,
    /// Nothing is left for the reader to fill in.
    pub complete: bool,
    /// It lets somebody in.
    pub opens: bool,
    /// It deletes or overwrites something.
    pub removes: bool,
    /// What only messages tell of blanks that let somebody in: to be compared, never copied unseen.
    pub claims: Vec<Claim>,
    /// Why what was read stands in the command as a blank all the same.
    pub notes: Vec<String>,
}

/// A step in words; `base` is the id of its messages.
pub(super) fn words(
    words: &Words,
    playbook: &Playbook,
    finding: &Finding,
    base: &str,
    step: &Remedy,
) -> RemedyWords {
    let what = |name: &str| {
        let cause = playbook.cause(&finding.cause);
        let fact = cause.and_then(|it| it.speaks_of.get(name));
        fact.map_or_else(|| readable(name), |it| words.noun(playbook, it))
    };
    let say =
        |id: String, english: &str| words.render(playbook, &id, english, &finding.facts, &what);
    let fill =
        |run: &Vec<Argument>| command::fill(words, playbook, &finding.facts, base, step.opens, run);
    let filled = step.run.as_ref().map(fill);
    RemedyWords {
        does: say(format!("{base}.do"), &step.does),
        changes: step.changes.name().to_owned(),
        owner: step.owner.clone(),
        takes_effect: step.takes_effect.as_ref().map(|it| say(format!("{base}.takes-effect"), it)),
        command: filled.as_ref().map(|it| words.command(&it.argv)),
        complete: filled.as_ref().is_none_or(|it| it.complete),
        opens: step.opens,
        removes: step.removes,
        notes: filled.as_ref().map(|it| it.notes.clone()).unwrap_or_default(),
        claims: filled.as_ref().map(|it| it.claims.clone()).unwrap_or_default(),
        argv: filled.map(|it| it.argv),
    }
}

/// Whether a step belongs to what was seen, and its tool to the cluster; where nothing was looked at, each does. For what was,
/// and is no more, nobody is let in and nothing is deleted.
pub(crate) fn belongs(playbook: &Playbook, step: &Remedy, finding: &Finding) -> bool {
    let seen = |it: &String| finding.has_seen(it);
    let begins = |with: &[String]| {
        let mut run = step.run.iter().flatten();
        with.iter().all(|it| matches!(run.next(), Some(Argument::Literal(text)) if text == it))
    };
    let useless = playbook.tools.iter().any(|it| begins(&it.begins) && seen(&it.unless));
    finding.signs.is_empty()
        || step.only_when.as_ref().is_none_or(seen)
            && !step.unless.as_ref().is_some_and(seen)
            && !useless
            && !(finding.past && (step.opens || step.removes))
}
