//! Tars and what packs them, made to deceive or to harm: told by a clear word, and what else is in them is read.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use tar::EntryType;
use triagem::case::{Case, HEALTHY};
use triagem::collect::live::Stop;
use triagem_engine::evidence::Gap;

use super::alike::{CASES, evidence};
use super::packed::{END, Files, below, entry, file, gzip, plain, tar, xz, zip, zstd};
use super::{Came, LIST, PLAYBOOKS, read, run, streamed};

const SPOILT: &str = "failed what follows is spoilt: it does not unpack to what its checksum says";
/// A cause of now was found.
const CAUSE: u8 = 1;
/// All is well as far as was seen, and not all was.
const UNDECIDED: u8 = 3;
/// A text that a playbook knows, so that it is seen whether it was read.
pub(super) const TEXT: &[u8] =
    b"Warning  Failed  4s  kubelet  Failed to pull image \"r.example.com/a:1\": failed to authorize: 401 Unauthorized\n";

/// Of pods that run well.
fn well() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases");
    let mut files = below(&root.join("many-pods-run/evidence"));
    files.push(file("z.txt", b"\n"));
    files
}

/// Whether the text of that name was read.
pub(super) fn holds(came: &Came, name: &str) -> bool {
    came.json.contains(&format!("\"origin\": {}", serde_json::Value::from(name)))
}

#[test]
fn names_that_lead_out_are_shown_and_nothing_is_written_under_them() {
    let names = ["../../../a.txt", "/tmp/triagem-a.txt", "C:\\a.txt", "a/../../b", "./c"];
    let tar: Vec<u8> = names.iter().flat_map(|it| plain(it, TEXT)).chain(END).collect();
    let came = read(&tar);
    assert!(came.gaps.is_empty(), "{:?}", came.gaps);
    for name in names {
        assert!(holds(&came, &format!("b: {}", name.trim_start_matches("./"))), "{name}");
    }
    let here = tempfile::tempdir().unwrap();
    let within = here.path().join("w/w/w");
    std::fs::create_dir_all(&within).unwrap();
    let output = run(&within, &["diagnose", "-"], &gzip(&tar));
    assert_eq!(output.status.code(), Some(1));
    assert!(within.read_dir().unwrap().next().is_none());
    assert_eq!(here.path().read_dir().unwrap().count(), 1);
    assert!(!Path::new("/tmp/triagem-a.txt").exists());
}

#[test]
fn no_name_steers_a_terminal() {
    let name = "\u{1b}[31mred\u{202e}\nRecognised: nothing";
    let tar = [plain(name, TEXT), END.to_vec()].concat();
    let output = run(&std::env::temp_dir(), &["diagnose", "-", "--color", "always"], &tar);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!said.contains("\u{1b}[31mred") && !said.contains('\u{202e}'), "{said}");
    assert!(!said.contains("\nRecognised: nothing"), "{said}");
}

#[test]
fn links_and_devices_are_told_as_in_a_folder() {
    let kinds = [
        (EntryType::Symlink, "link"),
        (EntryType::Link, "link"),
        (EntryType::Fifo, "not-a-file"),
        (EntryType::Char, "not-a-file"),
        (EntryType::Block, "not-a-file"),
    ];
    let cause = below(&evidence(CASES[0]));
    // Whoever was left out and counted may be what a link leads to: the program doubts it, of a folder as of an archive.
    for (files, before, code) in [(well(), HEALTHY, UNDECIDED), (cause, CAUSE, CAUSE)] {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in &files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        let plain = || run(folder.path(), &["diagnose", "."], b"").status.code();
        assert_eq!(plain(), Some(before.into()));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("nobody", folder.path().join("x0")).unwrap();
            assert_eq!(plain(), Some(code.into()), "the folder");
        }
        let mut all = tar(&files);
        all.truncate(all.len() - END.len());
        for (at, (kind, _)) in kinds.iter().enumerate() {
            all.extend(entry(*kind, &format!("x{at}"), 0, b""));
        }
        let came = read(&[all, END.to_vec()].concat());
        assert_eq!(came.code, code, "the archive");
        for (at, (_, told)) in kinds.iter().enumerate() {
            assert_eq!(came.gap(&format!("b: x{at}")), *told);
        }
    }
}

#[test]
fn an_archive_in_an_archive_in_an_archive_is_told() {
    let inner = tar(&[file("a.txt", TEXT)]);
    for packed in [tar as fn(&[(String, Vec<u8>)]) -> Vec<u8>, zip] {
        let middle = packed(&[file("m", &gzip(&inner)), file("o.txt", TEXT)]);
        let came = read(&packed(&[file("n", &middle)]));
        assert_eq!(came.gap("b: n: m"), "archive");
        assert!(holds(&came, "b: n: o.txt"));
    }
}

#[test]
fn what_is_cut_is_evidence_as_far_as_it_goes_and_never_all_well() {
    let all = tar(&well());
    assert_eq!(read(&all).code, HEALTHY);
    // Within a header, a file, between two, and within the mark of the end.
    let second = 512 + well()[0].1.len().next_multiple_of(512);
    for cut in
        [second + 100, second + 512 + 7, second, second + 512, all.len() - 1024, all.len() - 512]
    {
        let came = read(&all[..cut]);
        assert!(!came.json.is_empty() && came.code != HEALTHY, "{cut}");
        let told = came.gap("b");
        assert!(told == "cut-off" || told.contains("its end is missing"), "{cut}: {told}");
    }
    for packed in [gzip, zstd, xz] {
        let whole = packed(&all);
        assert_eq!(read(&whole).code, HEALTHY);
        for cut in [1, 3, whole.len() / 10] {
            let came = read(&whole[..whole.len() - cut]);
            assert_ne!(came.code, HEALTHY);
            assert_eq!(came.gap("b"), "cut-off", "{cut}");
        }
        let name = &well()[0].0;
        let text = packed(&well()[0].1);
        let came = read(&tar(&[file(name, &text[..text.len() - 1]), file("o.txt", TEXT)]));
        assert_eq!(came.gap(&format!("b: {name}")), "cut-off");
        assert!(holds(&came, "b: o.txt"));
    }
}

#[test]
fn what_does_not_come_to_its_checksum_is_told() {
    let all = tar(&well());
    for (packed, behind) in [(gzip as fn(&[u8]) -> Vec<u8>, 8), (zstd, 4)] {
        let mut flipped = packed(&all);
        let at = flipped.len() - behind;
        flipped[at] ^= 1;
        let came = read(&flipped);
        assert_eq!(came.gap("b"), SPOILT);
        assert_ne!(came.code, HEALTHY);
    }
    // A header of a tar: where the next begins nobody knows any more.
    let mut spoilt = [plain("a", TEXT), plain("b", TEXT), END.to_vec()].concat();
    spoilt[1024 + 3] ^= 1;
    let came = read(&spoilt);
    assert!(holds(&came, "b: a") && !holds(&came, "b: b"));
    assert_eq!(came.gap("b"), SPOILT);
    let twice = [all.clone(), all].concat();
    assert!(read(&twice).gap("b").contains("something stands behind it"));
}

#[test]
fn a_header_that_lies_about_its_size_is_told() {
    let long = TEXT.repeat(200);
    let size = long.len() as u64;
    let (less, more) = (size - 1024, size + (1 << 40));
    let came = read(&[entry(EntryType::Regular, "a", less, &long), END.to_vec()].concat());
    assert!(holds(&came, "b: a"));
    assert_eq!(came.gap("b"), SPOILT);
    let came = read(&[entry(EntryType::Regular, "a", more, &long), END.to_vec()].concat());
    assert!(holds(&came, "b: a"));
    assert_eq!((came.gap("b: a"), came.gap("b")), ("cut-off".to_owned(), "cut-off".to_owned()));
    let came = read(&[entry(EntryType::Regular, "a", u64::MAX, &long), END.to_vec()].concat());
    assert_ne!(came.gap("b"), "");
}

#[test]
fn what_stands_before_a_file_is_bounded() {
    for kind in [EntryType::GNULongName, EntryType::XHeader] {
        let long = entry(kind, "x", 1 << 20, &vec![b'x'; 1 << 20]);
        let came = read(&[long, plain("a", TEXT), END.to_vec()].concat());
        assert_eq!(came.gap("b"), "failed a name in it is too long");
        assert!(holds(&came, "b: a"));
        let cut = entry(kind, "x", 1 << 30, &vec![b'x'; 1 << 20]);
        assert!(streamed(&cut).gaps.iter().any(|(_, it)| *it == Gap::CutOff));
    }
    let size = b"19 size=1000000000\n";
    let pax = entry(EntryType::XHeader, "x", size.len() as u64, size);
    let came = read(&[pax, plain("a", TEXT), END.to_vec()].concat());
    assert_eq!(came.gap("b"), "failed a file in it is larger than its header says");
    assert!(holds(&came, "b: a"));
    // What programs for backups put there is nothing to us.
    let odd = b"30 SCHILY.xattr.user.x=\n\xff\0ab\n";
    let pax = entry(EntryType::XHeader, "x", odd.len() as u64, odd);
    assert!(read(&[pax, plain("a", TEXT), END.to_vec()].concat()).gaps.is_empty());
    let holes = entry(EntryType::GNUSparse, "s", 0, b"");
    let came = read(&[holes, plain("a", TEXT), END.to_vec()].concat());
    assert_eq!(came.gap("b: s"), "failed it has holes, which are not read");
    assert!(holds(&came, "b: a"));
}

#[test]
fn more_files_than_a_folder_may_have_are_told() {
    let one = plain("a", b"");
    let many: Vec<u8> = one.repeat(20_000).into_iter().chain(END).collect();
    let came = streamed(&gzip(&[plain("w", TEXT), many].concat()));
    assert_eq!(came.gap("b"), "too-large");
    assert!(holds(&came, "b: w"));
}

#[test]
fn a_recording_in_a_bundle_is_told() {
    let manifest = b"apiVersion: triagem/v1\nkind: Recording\ngiven: [a.log]\n";
    let recording = [file("r/recording.yaml", manifest), file("r/a.log", TEXT)];
    let told = "failed it belongs to a recording: hand that over by itself";
    for (bytes, name) in [
        (zip(&recording), "b: r/recording.yaml"),
        (tar(&[file("c.tar.gz", &gzip(&tar(&recording)))]), "b: c.tar.gz: r/recording.yaml"),
    ] {
        let came = read(&bytes);
        assert_eq!(came.gap(name), told);
    }
    // By itself it is replayed, whatever it is called.
    let here = tempfile::tempdir().unwrap();
    std::fs::write(here.path().join("a"), gzip(&tar(&recording))).unwrap();
    let output = run(here.path(), &["diagnose", "a", "-o", "json"], b"");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("a.log") && !said.contains("belongs to a recording"), "{said}");
    assert_eq!(run(here.path(), &["diagnose", "a", "a"], b"").status.code(), Some(2));
}

/// Whoever has seen enough asks for the end while it is read.
struct Asks<'a>(&'a [u8], usize, Arc<Stop>);

impl Read for Asks<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.1 == 0 {
            self.2.ask();
            return Err(io::Error::other("the run was stopped"));
        }
        self.1 = self.1.saturating_sub(1);
        let most = to.len().min(512);
        self.0.read(&mut to[..most])
    }
}

#[test]
fn who_asks_for_the_end_gets_it() {
    let all = tar(&[file("a", &TEXT.repeat(3)), file("b", &TEXT.repeat(5_000))]);
    for bytes in [all.clone(), gzip(&all), zip(&[file("a", TEXT), file("b", &all)])] {
        let stop = Arc::new(Stop::default());
        let mut case = Case::new(&PLAYBOOKS, &LIST);
        case.read(&mut Asks(&bytes, 12, Arc::clone(&stop)), "b", &stop);
        let last = case.scope.given.last().unwrap();
        assert_eq!(last.answer.as_ref().err(), Some(&Gap::Interrupted), "{last:?}");
    }
}
