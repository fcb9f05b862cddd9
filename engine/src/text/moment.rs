//! Times as logs and tables write them.

use std::cmp::Ordering;

use super::Moment;

/// Microseconds since 1970 of an RFC 3339 time (`2026-11-23T21:17:46.224080Z`, `…+01:00`, or with
/// a space for the `T`).
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let text = text.trim();
    let number = |from: usize, to: usize| -> Option<i64> {
        let part = text.get(from..to)?;
        part.bytes().all(|it| it.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let is = |at: usize, want: &str| text.get(at..=at).is_some_and(|it| want.contains(it));
    if !(is(4, "-") && is(7, "-") && is(10, "Tt ") && is(13, ":") && is(16, ":")) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut micros = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.find(|it: char| !it.is_ascii_digit()).unwrap_or(fraction.len());
        for at in 0..6 {
            let digit = fraction.get(at..=at).filter(|_| at < digits);
            micros = micros * 10 + digit.map_or(0, |it| it.parse::<i64>().unwrap_or(0));
        }
        rest = fraction.get(digits..)?;
    }
    let offset = match rest {
        "Z" | "z" => 0,
        zone => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
            let part = |text: &str, below: i64| {
                text.parse::<i64>().ok().filter(|it| text.len() == 2 && (0..below).contains(it))
            };
            sign * (part(hours, 24)? * 60 + part(minutes, 60)?)
        }
    };
    let seconds =
        days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset * 60;
    Some(seconds * 1_000_000 + micros)
}

/// Microseconds since 1970 of a number that does not say what it counts: seconds (zap), milliseconds (klog's JSON),
/// microseconds or nanoseconds. Its size tells: those of this era are a thousand times apart.
pub(super) fn of_number(since: f64) -> Option<i64> {
    let micros = match since {
        0.0..1e11 => since * 1e6,
        1e11..1e14 => since * 1e3,
        1e14..1e17 => since,
        1e17..1e19 => since / 1e3,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, reason = "below 1e17")]
    Some(micros as i64)
}

/// Seconds of an age as kubectl prints it: `91s`, `2m3s`, `3d4h`, `<unknown>` is none.
pub fn parse_age(text: &str) -> Option<i64> {
    let years =
        text.split_once('y').and_then(|(years, rest)| Some((years.parse::<i64>().ok()?, rest)));
    match years {
        Some((years, "")) => years.checked_mul(31_536_000),
        Some((years, rest)) => {
            years.checked_mul(31_536_000)?.checked_add(crate::value::seconds(rest)?)
        }
        None => crate::value::seconds(text),
    }
}

/// A moment for readers: `2026-11-23T21:17:46Z`, `11-23 21:17:46` (year unknown), `7s before`.
pub fn show_moment(moment: Moment) -> String {
    let clock = |micros: i64| {
        let seconds = micros.div_euclid(1_000_000).rem_euclid(86_400);
        format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
    };
    match moment {
        Moment::At(micros) => {
            let (year, month, day) = date(micros.div_euclid(86_400_000_000));
            format!("{year:04}-{month:02}-{day:02}T{}Z", clock(micros))
        }
        Moment::Yearless { month, day, micros } => {
            format!("{month:02}-{day:02} {}", clock(micros))
        }
        Moment::Ago(seconds) => match seconds {
            0..=119 => format!("-{seconds}s"),
            120..=7_199 => format!("-{}m", seconds / 60),
            7_200..=172_799 => format!("-{}h", seconds / 3_600),
            _ => format!("-{}d", seconds / 86_400),
        },
    }
}

/// Which moment comes first; `None` where the two cannot be compared.
pub(crate) fn chronological(left: Moment, right: Moment) -> Option<Ordering> {
    match (left, right) {
        (Moment::At(left), Moment::At(right)) => Some(left.cmp(&right)),
        (Moment::Ago(left), Moment::Ago(right)) => Some(right.cmp(&left)),
        (Moment::Yearless { .. }, Moment::Yearless { .. }) => Some(left.cmp(&right)),
        (Moment::At(_) | Moment::Ago(_) | Moment::Yearless { .. }, _) => None,
    }
}

/// Whether a moment is known to be before one in microseconds since 1970. Of two that lie half a year apart, the year unknown,
/// nobody can tell which came first.
pub(crate) fn is_before(moment: Moment, at: i64) -> bool {
    match moment {
        Moment::At(micros) => micros < at,
        Moment::Yearless { month, day, micros } => {
            let (year, ..) = date(at.div_euclid(DAY));
            let then = days(year, i64::from(month), i64::from(day)) * DAY + micros;
            then < at && at - then < 180 * DAY
        }
        Moment::Ago(_) => false,
    }
}

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Keeps the earlier (or later) of two moments; of two that cannot be compared the one that tells
/// more: in whatever order they come.
pub(crate) fn keep(slot: &mut Option<Moment>, moment: Option<Moment>, wanted: Ordering) {
    let Some(moment) = moment else { return };
    let better = slot.is_none_or(|old| match chronological(moment, old) {
        Some(order) => order == wanted,
        None => tells(moment) > tells(old),
    });
    if better {
        *slot = Some(moment);
    }
}

/// How much a moment tells.
fn tells(moment: Moment) -> u8 {
    match moment {
        Moment::Yearless { .. } => 0,
        Moment::Ago(_) => 1,
        Moment::At(_) => 2,
    }
}

/// Days since 1970-01-01 (Howard Hinnant, `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of days since 1970-01-01 (Howard Hinnant, `civil_from_days`).
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_and_shown_again() {
        let micros = parse_rfc3339("2026-11-23T21:17:46.224080Z").unwrap();
        assert_eq!(show_moment(Moment::At(micros)), "2026-11-23T21:17:46Z");
        assert_eq!(parse_rfc3339("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse_rfc3339("1970-01-01T01:00:00+01:00"), Some(0));
        assert_eq!(parse_rfc3339("2026-13-01T00:00:00Z"), None);
        assert_eq!(parse_rfc3339("yesterday"), None);
        assert_eq!(parse_rfc3339("2026-11-23T21:17:46+99999999999999999:00"), None);
    }

    #[test]
    fn the_size_of_a_number_tells_what_it_counts() {
        for since in [1_700_776_363.0, 1_700_776_363_000.0, 1_700_776_363e6, 1_700_776_363e9] {
            let at = of_number(since).map(|it| show_moment(Moment::At(it)));
            assert_eq!(at.as_deref(), Some("2023-11-23T21:52:43Z"), "{since}");
        }
        assert_eq!(of_number(f64::NAN), None);
        assert_eq!(of_number(-1.0), None);
    }

    #[test]
    fn an_age_is_read_in_seconds() {
        assert_eq!(parse_age("2m3s"), Some(123));
        assert_eq!(parse_age("1y3d"), Some(31_536_000 + 3 * 86_400));
        assert_eq!(parse_age("<unknown>"), None);
    }

    #[test]
    fn what_cannot_be_compared_is_kept_in_any_order() {
        let (at, yearless) = (Moment::At(9), Moment::Yearless { month: 1, day: 1, micros: 9 });
        for (first, second) in [(at, yearless), (yearless, at)] {
            let mut slot = None;
            keep(&mut slot, Some(first), Ordering::Greater);
            keep(&mut slot, Some(second), Ordering::Greater);
            assert_eq!(slot, Some(at));
        }
    }

    #[test]
    fn a_moment_without_its_year_is_before_one_of_the_same_half_year() {
        let at = parse_rfc3339("2026-11-23T21:17:46Z").unwrap();
        let yearless = |month, day| Moment::Yearless { month, day, micros: 0 };
        assert!(is_before(yearless(11, 23), at) && !is_before(yearless(11, 24), at));
        assert!(!is_before(yearless(1, 3), at) && !is_before(Moment::Ago(9), at));
        assert!(is_before(Moment::At(at - 1), at) && !is_before(Moment::At(at), at));
    }

    #[test]
    fn more_ago_is_earlier() {
        assert_eq!(chronological(Moment::Ago(9), Moment::Ago(1)), Some(Ordering::Less));
        assert_eq!(chronological(Moment::At(9), Moment::Ago(1)), None);
    }
}
