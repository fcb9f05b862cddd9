//! Lines that are no evidence themselves: fences, prompts, heads of tables of something else.

/// The fence of a block in Markdown.
pub(super) fn is_fence(line: &str) -> bool {
    line.strip_prefix("```").is_some_and(|it| it.bytes().all(|it| it.is_ascii_alphanumeric()))
}

/// A command that was typed, at a prompt or without one: what follows is something new.
pub(super) fn is_prompt(line: &str) -> bool {
    let command = |it: &str| {
        ["kubectl ", "k ", "az ", "oc ", "stern "].iter().any(|tool| it.starts_with(tool))
    };
    let bare = line.strip_prefix("kubectl ").is_some_and(|rest| {
        let first = rest.split_whitespace().next().unwrap_or_default();
        let verbs = ["get", "describe", "logs", "events", "-n", "--namespace", "--context"];
        verbs.contains(&first) && !rest.contains(": ") && rest.split_whitespace().count() < 14
    });
    bare || ["$ ", "# ", "> ", "% ", ">"].iter().any(|mark| {
        line.split_once(mark).is_some_and(|(before, after)| {
            let shell = !before.contains(' ') || before.starts_with("PS ");
            command(after) && shell && before.len() < 100
        })
    })
}

/// The header of a table that kubectl prints: capital words in columns.
pub(super) fn is_table(line: &str) -> bool {
    let columns: Vec<&str> = line.split("  ").map(str::trim).filter(|it| !it.is_empty()).collect();
    columns.len() >= 2
        && columns.first().is_some_and(|it| matches!(*it, "NAME" | "NAMESPACE" | "CURRENT"))
        && columns.iter().all(|it| {
            it.chars().all(|letter| letter.is_ascii_uppercase() || " -()_/".contains(letter))
        })
}
