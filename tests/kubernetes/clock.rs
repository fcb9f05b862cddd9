//! Moments as the API server and klog write them, and how a recording's become later.

use serde_json::Value as Json;
use triagem_engine::text::parse_rfc3339;

/// Microseconds since 1970.
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_micros()).unwrap()
}

/// A moment in microseconds since 1970, as the server writes it.
pub fn rfc3339(at: i64) -> String {
    let (days, micros) = (at.div_euclid(86_400_000_000), at.rem_euclid(86_400_000_000));
    // Howard Hinnant's `civil_from_days`.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let part = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * part + 2) / 5 + 1;
    let month = if part < 10 { part + 3 } else { part - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let seconds = micros / 1_000_000;
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let fraction = micros % 1_000_000;
    if fraction == 0 {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}Z")
    }
}

/// A line of a log, so many microseconds later where it begins as klog begins it (`E1123 18:32:22.978325`).
pub fn klog_later(line: &str, later: i64) -> String {
    let moved = || {
        let (head, rest) = line.split_at_checked(21)?;
        let (date, time) = head.get(1..)?.split_once(' ')?;
        let (month, day) = date.split_at_checked(2).filter(|_| date.len() == 4)?;
        let at = parse_rfc3339(&format!("2026-{month}-{day}T{time}Z"))?;
        let moved = rfc3339(at + later);
        let (month, day) = (moved.get(5..7)?, moved.get(8..10)?);
        let time = moved.get(11..)?.trim_end_matches('Z');
        let time = if time.contains('.') { time.to_owned() } else { format!("{time}.000000") };
        Some(format!("{}{month}{day} {time}{rest}", line.get(..1)?))
    };
    moved().unwrap_or_else(|| line.to_owned())
}

/// A line of a log as the API server hands it over, with its time before it; both become later.
pub fn line_later(line: &str, later: i64) -> String {
    match line.split_once(' ').and_then(|(at, rest)| Some((parse_rfc3339(at)?, rest))) {
        Some((at, rest)) => format!("{} {}", rfc3339(at + later), klog_later(rest, later)),
        None => klog_later(line, later),
    }
}

/// Every moment of an object becomes later.
pub fn object_later(object: &mut Json, later: i64) {
    match object {
        Json::String(text) => {
            // A date alone is some other text.
            if let Some(at) = parse_rfc3339(text).filter(|_| text.contains('T')) {
                *text = rfc3339(at + later);
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|it| object_later(it, later)),
        Json::Object(entries) => entries.values_mut().for_each(|it| object_later(it, later)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// A moment as klog writes it, with letter and date: `E1123 18:32:22.978325`.
pub fn klog(letter: char, at: i64) -> String {
    let text = rfc3339(at);
    let time = text.split(['T', 'Z']).nth(1).unwrap();
    let time = if time.contains('.') { time.to_owned() } else { format!("{time}.000000") };
    format!("{letter}{}{} {time}", &text[5..7], &text[8..10])
}
