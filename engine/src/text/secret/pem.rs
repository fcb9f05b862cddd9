//! Keys between their lines, whole or cut.

use std::ops::Range;

/// A key between its lines; without the last of them, all that follows.
pub(super) fn key(text: &str, begin: usize) -> Option<Range<usize>> {
    let near = text.get(begin..text.floor_char_boundary((begin + 64).min(text.len())))?;
    let title = near.get(..near.find("----")?)?;
    let named = title.to_ascii_uppercase();
    if !named.contains("PRIVATE") && !named.contains("PGP MESSAGE") {
        return None;
    }
    let from = begin + title.len();
    let from = from + text.get(from..)?.find(|it| it != '-')?;
    let rest = text.get(from..)?;
    let ends = |at: &usize| {
        rest.get(*at..).is_some_and(|it| {
            let it = it.trim_start_matches(['-', ' ']);
            it.starts_with("END") || it.starts_with("end ")
        })
    };
    let length = rest.match_indices("----").map(|it| it.0).find(ends).unwrap_or(rest.len());
    (!rest.get(..length)?.trim().is_empty()).then_some(from..from + length)
}

/// What stands before the last line of a key whose first is missing.
pub(super) fn key_end(text: &str, at: usize, done: usize) -> Option<Range<usize>> {
    if !text.get(at..)?.get(..64.min(text.len() - at))?.contains("PRIVATE KEY") {
        return None;
    }
    let head = text.get(done..at)?;
    let mut from = head.len();
    let mut last = true;
    // Words from the last to the first, as long as they are parts of a key.
    while let Some(rest) = head.get(..from) {
        let trimmed = rest.trim_end_matches([' ', '\t', '\n', '\r', '>', '|', '\\']);
        let trimmed = trimmed.strip_suffix("\\n").map_or(trimmed, |it| it.trim_end_matches('\\'));
        // A line of it that was hidden before, by itself.
        if let Some(before) = trimmed.strip_suffix(super::REDACTED) {
            (last, from) = (false, before.len());
            continue;
        }
        let word = trimmed.len()
            - trimmed
                .bytes()
                .rev()
                .take_while(|it| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/' | b'='))
                .count();
        let part = trimmed.get(word..)?;
        // A line's end that was quoted leaves its letter.
        let quoted_end =
            trimmed.get(..word).is_some_and(|it| it.ends_with('\\')) && part.starts_with('n');
        let length = part.len() - usize::from(quoted_end);
        if length == 0 || !last && length < 16 {
            break;
        }
        last = false;
        from = word + usize::from(quoted_end);
        if quoted_end {
            from = from.saturating_sub(2);
        }
    }
    let begin = done + from;
    let shown = text.get(begin..at)?;
    (shown.len() > 8 && shown.trim() != super::REDACTED).then(|| {
        let skip = shown.len() - shown.trim_start_matches(['\\', 'n', ' ', '\n', '\t']).len();
        begin + if skip < shown.len() { skip } else { 0 }..at
    })
}
