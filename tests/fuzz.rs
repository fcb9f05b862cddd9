//! What fuzzing found and keeps, and random samples of it, through the same functions (`fuzz/targets.rs`).
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::{Index, select};

#[expect(unreachable_pub, reason = "cargo fuzz takes them from a library of its own")]
#[path = "../fuzz/targets.rs"]
mod targets;

use targets::{TARGETS, run};

/// Bytes of a kept input: a corpus is read by people, too.
const BYTES: usize = 96 * 1024;
/// What somebody reads in a special way.
const ODD: &[&[u8]] = &[
    b"\n",
    b"\x1e",
    b"\0",
    b"\xff",
    b"\r\n",
    b"\t",
    b": ",
    b"- ",
    b"> ",
    b"{",
    b"}",
    b"[",
    b"\"",
    b"\\",
    b"{{",
    b"}}",
    b"$",
    b"...",
    b"---\n",
    b"\x1b[31m",
    "\u{202e}".as_bytes(),
    "\u{feff}".as_bytes(),
    "\u{212a}".as_bytes(),
    b"&quot;",
    b"password: ",
    b"kind: Secret\n",
    b"Error from server (NotFound): ",
    b"E1123 18:32:22.978325    7088 x.go:7] ",
    b"18446744073709551616",
    b"1e400",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The kept inputs of a target, with their names.
fn kept(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = root().join("fuzz/corpus").join(target);
    let mut all: Vec<(String, Vec<u8>)> = std::fs::read_dir(&folder)
        .unwrap_or_else(|_| panic!("no corpus of `{target}`"))
        .map(|it| it.unwrap().path())
        .map(|it| {
            (it.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(it).unwrap())
        })
        .collect();
    all.sort();
    all
}

static CORPUS: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| {
    let of = |target: &'static str| kept(target).into_iter().map(move |(_, it)| (target, it));
    TARGETS.iter().flat_map(|(target, _)| of(target)).collect()
});

#[test]
fn every_target_has_a_corpus_and_a_binary() {
    let manifest = std::fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    let built: BTreeSet<&str> = manifest
        .split("[[bin]]\nname = \"")
        .skip(1)
        .filter_map(|it| it.split('"').next())
        .collect();
    let known: BTreeSet<&str> = TARGETS.iter().map(|(target, _)| *target).collect();
    assert_eq!(built, known);
    let folders = std::fs::read_dir(root().join("fuzz/corpus")).unwrap();
    let folders: BTreeSet<String> =
        folders.map(|it| it.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(folders, known.iter().map(|it| (*it).to_owned()).collect());
    for target in known {
        let kept = kept(target);
        assert!(kept.len() >= 4, "`{target}` keeps {} inputs", kept.len());
        for (name, bytes) in kept {
            assert!(bytes.len() <= BYTES, "{target}/{name} has {} bytes", bytes.len());
        }
    }
}

/// Readers that targets reach through others.
const WITHIN: &[(&str, &str)] = &[
    ("bounded", "yaml::tree"),
    ("deceptive", "template::visible"),
    ("digest", "it hashes"),
    ("goes_on", "Recogniser"),
    ("is_of_interest", "Recogniser"),
    ("json_from", "Budget::json"),
    ("line", "Recogniser"),
    ("looks_like", "Recogniser"),
];

/// Whoever reads what others wrote is called by a target: a reader that is added joins, or says who calls it.
#[test]
fn every_reader_is_tried_on_anything() {
    let sources = |folder: &str| {
        let (mut found, mut open) = (Vec::new(), vec![root().join(folder)]);
        while let Some(next) = open.pop() {
            for entry in std::fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    found.push(std::fs::read_to_string(path).unwrap());
                }
            }
        }
        found
    };
    let targets = sources("fuzz/targets").concat();
    let mut readers = BTreeSet::new();
    for file in ["engine/src", "cli/src"].iter().flat_map(|it| sources(it)) {
        for after in file.split("pub fn ").skip(1) {
            let Some((name, rest)) = after.split_once('(') else { continue };
            let name = name.split('<').next().unwrap();
            let taken = rest.split("{\n").next().unwrap();
            let takes = [
                "text: &str",
                "text: &[u8]",
                "bytes: &[u8]",
                "line: &str",
                "pattern: &str",
                "from: &mut dyn Read",
                "from: &mut (dyn Read + Send)",
                "impl Read",
            ];
            if takes.iter().any(|it| taken.contains(it)) {
                readers.insert(name.to_owned());
            }
        }
    }
    assert!(readers.len() > 25, "{readers:?}");
    let within: BTreeSet<String> = WITHIN.iter().map(|(it, _)| (*it).to_owned()).collect();
    assert!(within.is_subset(&readers), "{:?}", within.difference(&readers));
    let tried = |it: &&String| targets.contains(&format!("{it}(")) || within.contains(*it);
    let left: Vec<&String> = readers.iter().filter(|it| !tried(it)).collect();
    assert!(left.is_empty(), "no target calls {left:?}");
}

#[test]
fn the_kept_corpus_holds() {
    let broken = |target: &str, name: &str, bytes: &[u8]| {
        let ran = std::panic::catch_unwind(|| run(target, bytes));
        ran.is_err().then(|| format!("fuzz/corpus/{target}/{name}"))
    };
    // Every second one each: a whole run takes its time in a debug build.
    let all: Vec<(&str, String, Vec<u8>)> = TARGETS
        .iter()
        .flat_map(|(target, _)| kept(target).into_iter().map(|(name, it)| (*target, name, it)))
        .collect();
    let part = |from: usize| {
        let mine = all.iter().skip(from).step_by(2);
        mine.filter_map(|(target, name, it)| broken(target, name, it)).collect::<Vec<_>>()
    };
    let found = std::thread::scope(|scope| {
        let other = scope.spawn(|| part(1));
        [part(0), other.join().unwrap()].concat()
    });
    assert!(found.is_empty(), "{found:?}");
}

/// A change of an input: what, where, and how long or which.
type Change = (u8, Index, Index);

/// Flips, takes away, doubles and puts in.
fn changed(bytes: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (what, place, which) in changes {
        let at = place.index(bytes.len() + 1);
        let end = (at + 1 + which.index(40)).min(bytes.len());
        match what % 5 {
            0 if at < end => bytes[at] ^= 1 << which.index(8),
            1 => drop(bytes.drain(at.min(end)..end)),
            2 => bytes.truncate(at),
            3 => {
                let piece = bytes[at.min(end)..end].to_vec();
                drop(bytes.splice(at..at, piece));
            }
            _ => {
                let piece = ODD[which.index(ODD.len())].to_vec();
                drop(bytes.splice(at..at, piece));
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(std::env::var("PROPTEST_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(100)) })]

    #[test]
    fn what_is_like_the_corpus_holds((target, bytes) in select(CORPUS.as_slice()), changes in proptest::collection::vec(any::<Change>(), 1..4)) {
        run(target, &changed(&bytes, &changes));
    }
}
