//! Archives, read as they are: the same findings as from the folder that they were made of, and whatever is hostile in one is told.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, LazyLock};

use triagem::case::{self, Case};
use triagem::collect::files;
use triagem::collect::live::Stop;
use triagem::systems::systems;
use triagem_engine::diagnose::watchlist;
use triagem_engine::evidence::Gap;
use triagem_engine::playbook::Playbook;
use triagem_engine::text::Watchlist;
use triagem_engine::words::Words;

#[path = "archives/alike.rs"]
mod alike;
#[path = "archives/hostile.rs"]
mod hostile;
#[path = "archives/listed.rs"]
mod listed;
#[path = "archives/packed.rs"]
mod packed;

static PLAYBOOKS: LazyLock<Vec<Playbook>> = LazyLock::new(|| case::built_in().unwrap());
static LIST: LazyLock<Watchlist> = LazyLock::new(|| watchlist(&PLAYBOOKS));
static ENGLISH: LazyLock<Words> =
    LazyLock::new(|| Words::new("en").unwrap().knowing(systems().all()));

/// What came of something that was handed over.
#[derive(Debug, PartialEq)]
struct Came {
    /// The report, with names as a folder gives them.
    json: String,
    code: u8,
    /// What was not read, or not to its end, by name.
    gaps: Vec<(String, Gap)>,
}

impl Came {
    fn of(case: Case<'_>) -> Self {
        let gap = |it: &triagem_engine::evidence::Given| {
            it.answer.as_ref().err().map(|gap| (it.origin.clone(), gap.clone()))
        };
        let gaps = case.scope.given.iter().filter_map(gap).collect();
        let (json, code) = match case.report(&Stop::default()) {
            Ok(report) => {
                (case::json(&report, &PLAYBOOKS, &ENGLISH, true).unwrap(), case::code(&report))
            }
            Err(_) => (String::new(), 2),
        };
        Self { json, code, gaps }
    }

    /// The gap of a name, as programs are told of it, and what failed.
    fn gap(&self, name: &str) -> String {
        let own: Vec<&(String, Gap)> = self.gaps.iter().filter(|(it, _)| it == name).collect();
        match own.as_slice() {
            [(_, gap)] => format!("{} {}", gap.name(), gap.detail()).trim().to_owned(),
            _ => panic!("{name}: {:?}", self.gaps),
        }
    }
}

/// What comes of bytes from a pipe.
fn streamed(bytes: &[u8]) -> Came {
    let mut case = Case::new(&PLAYBOOKS, &LIST);
    case.read(&mut &*bytes, "b", &Stop::default());
    Came::of(case)
}

/// What comes of them as a file; and it is the same as from a pipe.
fn read(bytes: &[u8]) -> Came {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let mut case = Case::new(&PLAYBOOKS, &LIST);
    case.open(files::open(file.path()).unwrap(), "b", &Arc::default(), false);
    let came = Came::of(case);
    assert_eq!(came, streamed(bytes));
    came
}

/// Runs the program in a folder, with an empty one for temporary files that is empty afterwards, too.
fn run(here: &Path, args: &[&str], input: &[u8]) -> Output {
    let temporary = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_triagem"))
        .args(args)
        .current_dir(here)
        .env("TMPDIR", temporary.path())
        .env("LANG", "C")
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Whoever does not read has closed it.
    let _closed = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(temporary.path().read_dir().unwrap().count(), 0, "something is left");
    output
}
