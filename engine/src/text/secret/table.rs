//! Tables whose head names a column of secrets: rows with `|` between their cells, or commas.

use std::ops::Range;

use super::keys::{Tells, tells};
use super::line::is_said;

/// Letters of a column's name.
const NAME: usize = 24;

/// A column of secrets, counted from the last: what stands before the first one may be a margin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    mark: char,
    back: usize,
}

/// The column of secrets that a line is the head of.
pub(super) fn head(body: &str) -> Option<Column> {
    ['|', ',', '\t'].into_iter().find_map(|mark| {
        let cells = row(body, mark)?;
        let tells = |it: &str| tells(it.trim()) == Some(Tells::Always);
        let back = cells.rsplit(mark).take(32).position(tells)?;
        // In a sentence blanks follow a comma.
        let words = if mark == '|' { 2 } else { 1 };
        let names = cells.split(mark).map(str::trim).all(|it| {
            (1..=NAME).contains(&it.len())
                && it.split(' ').count() <= words
                && it.chars().all(|it| it.is_alphanumeric() || matches!(it, ' ' | '_' | '-'))
                && !is_said(it)
        });
        (names && !(mark == ',' && cells.contains(", "))).then_some(Column { mark, back })
    })
}

/// Where a row of such a table has its secret.
pub(super) fn cell(body: &str, column: Column) -> Option<Range<usize>> {
    let cells = if column.mark == '|' {
        body.get(..body.rfind('|')?)?
    } else {
        body.contains(column.mark).then_some(body)?
    };
    let after: usize = cells.rsplit(column.mark).take(column.back).map(|it| it.len() + 1).sum();
    let cell = cells.rsplit(column.mark).nth(column.back)?;
    let from = cells.len() - after - cell.trim_start().len();
    Some(from..from + cell.trim().len())
}

/// The cells of a row; those of Markdown stand between marks, and what stands before the first is none of them where others follow.
fn row(body: &str, mark: char) -> Option<&str> {
    if mark != '|' {
        return body.contains(mark).then_some(body);
    }
    let cells = body.get(..body.rfind('|')?)?;
    Some(cells.split_once('|').filter(|(_, rest)| rest.contains('|')).map_or(cells, |it| it.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_secrets_is_found_in_each_row() {
        for (first, next, secret) in [
            ("user | password |", "web | Otter |", Some("Otter")),
            ("note | user | password |", "web | Otter |", Some("Otter")),
            ("user,password,host", "web,Otter,h", Some("Otter")),
            ("user,password,host", "no row", None),
            ("the user, the password", "a,b", None),
            ("name | ready |", "web | Otter |", None),
        ] {
            let found = head(first).and_then(|it| cell(next, it));
            assert_eq!(found.and_then(|it| next.get(it)), secret, "{first}");
        }
    }
}
