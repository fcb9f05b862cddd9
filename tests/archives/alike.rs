//! Every form of an archive gives what the folder gives, but for the names of its texts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use triagem::case::Case;
use triagem::collect::live::Stop;
use zip::CompressionMethod;

use super::packed::{Files, below, file, gzip, tar, xz, zip, zip_by, zstd};
use super::{Came, LIST, PLAYBOOKS, read, run, streamed};

/// Of one pod and of several, where all is well and where not, and where an order could matter.
pub(super) const CASES: &[&str] = &[
    "rotation-failed-role-removed-e4",
    "two-classes-one-identity-refused",
    "what-somebody-quotes-and-does-not-see",
];

pub(super) fn evidence(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases").join(case).join("evidence")
}

/// What comes of the files as a folder reads them, if each had what stands before its name there, too: some lists are sorted by it.
fn unpacked(files: &Files, before: &str) -> Came {
    let mut case = Case::new(&PLAYBOOKS, &LIST);
    for (name, bytes) in files {
        case.read(&mut bytes.as_slice(), &format!("{before}{name}"), &Stop::default());
    }
    Came::of(case)
}

/// The lines without the name of the archive before those of its texts, sorted, for some lists are sorted by it.
fn named_alike(json: &str, archive: &str) -> Vec<String> {
    let text = json.replace(&format!("{archive}: "), "");
    let mut lines: Vec<String> =
        text.lines().map(|it| it.trim_end_matches(',').to_owned()).collect();
    lines.sort();
    lines
}

#[test]
fn an_archive_gives_what_its_folder_gives() {
    for (which, name) in CASES.iter().enumerate() {
        let files = below(&evidence(name));
        assert!(unpacked(&files, "").gaps.is_empty(), "{name}");
        let mut turned = files.clone();
        turned.reverse();
        let each = |by: fn(&[u8]) -> Vec<u8>| -> Files {
            files.iter().map(|(name, it)| (name.clone(), by(it))).collect()
        };
        // A name that a header has no room for.
        let deep = "d".repeat(90) + "/" + &"e".repeat(90);
        let far: Files =
            files.iter().map(|(name, it)| (format!("{deep}/{name}"), it.clone())).collect();
        let within = |inner: Vec<u8>| vec![file("inner", &inner)];
        let far_name = format!("b: {deep}/");
        let forms: Vec<(&str, &str, Vec<u8>)> = vec![
            ("tar", "b: ", tar(&files)),
            ("tar, turned", "b: ", tar(&turned)),
            ("tar.gz", "b: ", gzip(&tar(&files))),
            ("tar.zst", "b: ", zstd(&tar(&files))),
            ("tar.xz, turned", "b: ", xz(&tar(&turned))),
            ("zip", "b: ", zip(&files)),
            ("zip, stored, turned", "b: ", zip_by(&turned, CompressionMethod::Stored)),
            ("long names", &far_name, gzip(&tar(&far))),
            ("gz in tar", "b: ", tar(&each(gzip))),
            ("zst in tar.xz", "b: ", xz(&tar(&each(zstd)))),
            ("xz in zip", "b: ", zip(&each(xz))),
            ("tar in zip", "b: inner: ", zip(&within(tar(&files)))),
            ("tar.gz in zip", "b: inner: ", zip(&within(gzip(&tar(&files))))),
            ("zip in tar.gz", "b: inner: ", gzip(&tar(&within(zip(&turned))))),
            ("tar.zst in tar", "b: inner: ", tar(&within(zstd(&tar(&files))))),
            ("zip in zip", "b: inner: ", zip(&within(zip(&files)))),
        ];
        let mut folders = BTreeMap::new();
        // Each form of one case, and each case in a few forms: a run takes its time in a debug build.
        for (at, (form, before, archive)) in forms.into_iter().enumerate() {
            if at % CASES.len() != which {
                continue;
            }
            let came = if form.starts_with("zip") { read(&archive) } else { streamed(&archive) };
            let folder = folders.entry(before).or_insert_with(|| unpacked(&files, before));
            assert!(came.json == folder.json && came.json.len() > 100, "{name} as {form}");
            assert_eq!((came.code, came.gaps), (folder.code, Vec::new()), "{name} as {form}");
        }
    }
}

#[test]
fn the_program_reads_an_archive_wherever_it_stands() {
    let args = |target: &'static str| ["diagnose", target, "-o", "json", "--all", "--lang", "en"];
    for name in [CASES[0]] {
        let files = below(&evidence(name));
        let here = tempfile::tempdir().unwrap();
        let folder = here.path().join("folder");
        std::fs::create_dir(&folder).unwrap();
        for (name, bytes) in &files {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
        let plain = run(here.path(), &args("folder"), b"");
        let plainly = String::from_utf8(plain.stdout).unwrap();
        let expected = named_alike(&plainly, "no archive");
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::create_dir(&folder).unwrap();
        for archive in [tar(&files), gzip(&tar(&files)), zip(&files)] {
            // What its name says is nothing to go by.
            for path in ["a.txt", "folder/a.txt"] {
                std::fs::write(here.path().join(path), &archive).unwrap();
            }
            for (target, name) in [("a.txt", "a.txt"), ("folder", "a.txt"), ("-", "-")] {
                let output = run(here.path(), &args(target), &archive);
                let json = String::from_utf8(output.stdout).unwrap();
                assert!(named_alike(&json, name) == expected, "{target}");
                assert_eq!(output.status, plain.status, "{target}");
                assert_ne!(json, plainly, "{target}");
            }
        }
    }
}

#[test]
fn read_shows_the_texts_of_an_archive() {
    let here = tempfile::tempdir().unwrap();
    let files = below(&evidence(CASES[0]));
    std::fs::write(here.path().join("a.tar.xz"), xz(&tar(&files))).unwrap();
    let output = run(here.path(), &["read", "a.tar.xz", "-o", "json"], b"");
    let read: Json = serde_json::from_slice(&output.stdout).unwrap();
    let origins: Vec<&str> =
        read["pieces"].as_array().unwrap().iter().filter_map(|it| it["origin"].as_str()).collect();
    assert!(origins.contains(&"a.tar.xz: pod.json"), "{origins:?}");
}
