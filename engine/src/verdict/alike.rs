//! Names that a reader would take for one another.

use std::collections::{BTreeMap, BTreeSet};

use super::{Report, Shown, Verdict};

/// Bytes of a name.
const NAME: usize = 253;
/// Letters of other scripts, and digits, with the ASCII letter whose shape they have.
const TWINS: &[(&str, char)] = &[
    ("0ОоΟοՕօ", 'o'),
    ("1IlІӏ|Ι", 'l'),
    ("АаΑ", 'a'),
    ("ВΒ", 'b'),
    ("СсϹϲ", 'c'),
    ("ԁ", 'd'),
    ("ЕеΕ", 'e'),
    ("НΗ", 'h'),
    ("іι", 'i'),
    ("Јјϳ", 'j'),
    ("КкΚκ", 'k'),
    ("МΜ", 'm'),
    ("ΝԚ", 'n'),
    ("РрΡρ", 'p'),
    ("ԛ", 'q'),
    ("Ѕѕ", 's'),
    ("ТτΤ", 't'),
    ("υս", 'u'),
    ("νѵ", 'v'),
    ("ԝԜ", 'w'),
    ("ХхΧχ", 'x'),
    ("УуΥγ", 'y'),
    ("ΖᴢZ", 'z'),
];

/// Groups of names in a report that differ only by letters which look alike.
pub(crate) fn alike(report: &Report) -> Vec<Vec<String>> {
    let mut shapes: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for name in names(report) {
        if name.len() <= NAME && !name.chars().any(char::is_whitespace) {
            shapes.entry(shape(name)).or_default().insert(name);
        }
    }
    let several = shapes.into_values().filter(|it| {
        // Names in capitals are the same names.
        it.iter().map(|it| it.to_lowercase()).collect::<BTreeSet<_>>().len() > 1
    });
    several.map(|it| it.into_iter().map(str::to_owned).collect()).collect()
}

fn names(report: &Report) -> impl Iterator<Item = &str> {
    let of_findings =
        report.findings.iter().filter(|it| it.verdict <= Verdict::Possible).flat_map(|it| {
            let known = it.facts.values().flat_map(|it| match it {
                Shown::Known(values) => values.as_slice(),
                Shown::Absent | Shown::Unknown => &[],
            });
            it.subjects.iter().flat_map(BTreeMap::values).chain(known)
        });
    let of_pieces = report
        .recognised
        .iter()
        .flat_map(|it| ["name", "namespace"].into_iter().filter_map(|key| it.names.get(key)));
    let of_subjects = report.subjects.iter().flat_map(|it| [&it.object.name, &it.object.namespace]);
    of_findings.chain(of_pieces).chain(of_subjects).map(String::as_str)
}

/// What is left of a name for an eye that looks once.
fn shape(name: &str) -> String {
    let twin = |letter: char| {
        // Full-width letters are ASCII ones in another width.
        let letter = match letter {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
            other => other,
        };
        TWINS.iter().find(|(all, _)| all.contains(letter)).map_or(letter, |(_, it)| *it)
    };
    let plain: String = name.chars().map(twin).flat_map(char::to_lowercase).collect();
    plain.replace("rn", "m").replace("vv", "w")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_eye_that_looks_once_takes_them_for_one() {
        for (left, right) in [
            ("kv-prod", "kv-pr0d"),
            ("kv-prod", "kv-pr\u{43e}d"),
            ("mail-1", "mail-l"),
            ("modern", "modem"),
            ("web", "vveb"),
            ("kv", "\u{ff4b}v"),
            ("shop", "\u{455}h\u{43e}\u{440}"),
        ] {
            assert_eq!(shape(left), shape(right), "{left} {right}");
        }
        for (left, right) in
            [("kv-1", "kv-2"), ("orders-kv", "orders-kvs"), ("web-5", "web-s"), ("mail", "mall")]
        {
            assert_ne!(shape(left), shape(right), "{left} {right}");
        }
    }
}
