//! Many runs, and poor surroundings: each run ends with its exit code and a clear word, leaves nothing behind, and never tells that
//! all is well in a report that nobody could read.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A cause of now.
const FOUND: i32 = 1;
/// What one log says.
const PASTE: &str = "Warning  Failed  4s  kubelet  Failed to pull image \"r.example.com/a:1\": failed to authorize: 401 Unauthorized\n";
/// Playbooks take most of a short run's time: one is enough here.
const SHORT: &[&str] = &["diagnose", "-", "--playbook", "image-pull"];
/// A run that panicked.
const PANICKED: i32 = 101;

/// A home, a place for temporary files and a working folder of a run's own, all empty.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for folder in ["home", "tmp", "here"] {
            fs::create_dir(place.0.path().join(folder)).unwrap();
        }
        place
    }

    fn at(&self, folder: &str) -> PathBuf {
        self.0.path().join(folder)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.at("home"))
            .env("TMPDIR", self.at("tmp"))
            .current_dir(self.at("here"));
        command
    }

    fn triagem(&self, args: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_triagem"));
        command.args(args);
        command
    }

    /// The same through a shell, which closes or bounds something first.
    fn behind(&self, words: &str, args: &[&str]) -> Command {
        let mut command = self.command("sh");
        command.args([
            "-c",
            &format!("{words}; exec \"$0\" \"$@\""),
            env!("CARGO_BIN_EXE_triagem"),
        ]);
        command.args(args);
        command
    }

    /// Whatever is in it now.
    fn left(&self) -> Vec<PathBuf> {
        let below = |it: &&str| fs::read_dir(self.at(it)).unwrap();
        ["home", "tmp", "here"].iter().flat_map(below).map(|it| it.unwrap().path()).collect()
    }
}

fn begin(mut command: Command, input: &str) -> Child {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Whoever does not read has closed it.
    let _closed = child.stdin.take().unwrap().write_all(input.as_bytes());
    child
}

fn run(command: Command, input: &str) -> Output {
    begin(command, input).wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// What a run came to: its code, and a word of why; nothing panicked on the way.
fn ends(output: &Output, code: i32, words: &str, what: &str) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(code), "{what}: {said}");
    assert!(said.contains(words), "{what}: {said}");
    assert!(!said.contains("panicked"), "{what}: {said}");
}

/// A recording that is unpacked, of a pod that runs well.
fn recording() -> String {
    let name = "../tests/cases/one-pod-5-running-recorded/evidence.tar.gz";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name).canonicalize().unwrap();
    path.to_string_lossy().into_owned()
}

fn full() -> File {
    OpenOptions::new().write(true).open("/dev/full").unwrap()
}

#[test]
fn eight_at_once_say_the_same_and_leave_nothing() {
    let place = Place::new();
    let archive = recording();
    let whole = ["diagnose", archive.as_str()];
    for (args, code) in [(SHORT, FOUND), (&whole[..], 0)] {
        let running: Vec<Child> = (0..8).map(|_| begin(place.triagem(args), PASTE)).collect();
        let ended: Vec<Output> =
            running.into_iter().map(|it| it.wait_with_output().unwrap()).collect();
        for one in &ended {
            ends(one, code, "", "one of eight");
            assert_eq!(one.stdout, ended[0].stdout);
        }
        assert_eq!(place.left(), Vec::<PathBuf>::new());
    }
}

/// `TRIAGEM_RUNS=1000` for a long look.
#[test]
fn many_in_a_row_say_the_same_and_leave_nothing() {
    let runs = std::env::var("TRIAGEM_RUNS").ok().and_then(|it| it.parse().ok()).unwrap_or(100);
    let place = Place::new();
    let first = run(place.triagem(SHORT), PASTE);
    ends(&first, FOUND, "401", "the first");
    for at in 1..runs {
        let next = run(place.triagem(SHORT), PASTE);
        assert!(
            next.stdout == first.stdout && next.status == first.status,
            "run {at}: {}",
            said(&next)
        );
    }
    assert_eq!(place.left(), Vec::<PathBuf>::new());
}

#[test]
fn a_disk_that_is_full_is_told_by_the_exit_code() {
    let place = Place::new();
    let archive = recording();
    for args in [&["diagnose", archive.as_str()][..], &["diagnose", &archive, "-o", "json"], SHORT]
    {
        let mut command = place.triagem(args);
        command.stdin(Stdio::null()).stdout(full()).stderr(full());
        assert_eq!(command.status().unwrap().code(), Some(2), "{args:?}");
        let mut command = place.triagem(args);
        command.stdin(Stdio::null()).stdout(full()).stderr(Stdio::piped());
        let want = if args == SHORT { "nothing to read" } else { "No space left on device" };
        ends(&command.output().unwrap(), 2, want, "no room for the report");
    }
    // Who reads the report all the same has it.
    let mut command = place.triagem(&["diagnose", &archive]);
    command.stdin(Stdio::null()).stderr(full());
    ends(&command.output().unwrap(), 0, "mounted", "no room for errors");
}

#[test]
fn who_has_read_enough_is_still_told_by_the_exit_code() {
    let place = Place::new();
    let archive = recording();
    for (args, code) in
        [(SHORT, FOUND), (&["diagnose", &archive], 0), (&["diagnose", "-", "-o", "json"], FOUND)]
    {
        let mut child = place
            .triagem(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Nobody reads any more before the first word.
        drop(child.stdout.take());
        child.stdin.take().unwrap().write_all(PASTE.as_bytes()).unwrap();
        ends(&child.wait_with_output().unwrap(), code, "", "a broken pipe");
    }
}

#[test]
fn what_is_closed_is_no_crash() {
    let place = Place::new();
    for (words, code, told) in [
        // There is nothing to read, and that is told.
        ("exec <&-", 2, "nothing to read"),
        ("exec <&- >&-", 2, "nothing to read"),
        ("exec 2>&-", FOUND, "401"),
        // As if to /dev/null: the exit code is what is left to tell.
        ("exec >&-", FOUND, ""),
        ("exec >&- 2>&-", FOUND, ""),
        ("exec <&- >&- 2>&-", 2, ""),
    ] {
        ends(&run(place.behind(words, SHORT), PASTE), code, told, words);
    }
    assert_eq!(place.left(), Vec::<PathBuf>::new());
}

#[test]
fn no_home_or_one_that_cannot_be_written_is_no_hindrance() {
    let place = Place::new();
    let archive = recording();
    // Nobody can write there, not even root.
    for home in [None, Some("/proc"), Some("/does/not/exist"), Some("")] {
        let poor = |args: &[&str]| {
            let mut command = place.triagem(args);
            match home {
                Some(home) => command.env("HOME", home),
                None => command.env_remove("HOME"),
            };
            command
        };
        let what = format!("home is {home:?}");
        ends(&run(poor(SHORT), PASTE), FOUND, "401", &what);
        ends(&run(poor(&["diagnose", &archive]), ""), 0, "mounted", &what);
        ends(&run(poor(&["plan", "pod/a", "-n", "shop"]), ""), 0, "GET /api/v1/", &what);
        ends(&run(poor(&["diagnose", "pod/a", "-n", "shop"]), ""), 4, "kubeconfig", &what);
    }
}

#[test]
fn no_room_for_temporary_files_is_told_as_what_it_is() {
    let place = Place::new();
    let archive = recording();
    for (lang, words) in
        [("en", "no temporary file can be made"), ("pt-BR", "nenhum arquivo temporário")]
    {
        let mut command = place.triagem(&["diagnose", &archive, "--lang", lang]);
        command.env("TMPDIR", "/proc");
        ends(&run(command, ""), 2, words, lang);
        // What needs none has none.
        let mut command = place.triagem(SHORT);
        command.env("TMPDIR", "/proc").args(["--lang", lang]);
        ends(&run(command, PASTE), FOUND, "401", lang);
    }
}

#[test]
fn few_open_files_are_enough() {
    let place = Place::new();
    let archive = recording();
    for at in 0..200 {
        fs::write(place.at("here").join(format!("{at}.txt")), PASTE).unwrap();
    }
    let bounded = |args: &[&str]| run(place.behind("ulimit -n 64", args), PASTE);
    ends(&bounded(SHORT), FOUND, "401", "a paste");
    ends(&bounded(&["diagnose", &archive]), 0, "mounted", "a recording");
    ends(&bounded(&["diagnose", ".", "--playbook", "image-pull"]), FOUND, "401", "200 files");
    let nobody = ["diagnose", "pod/a", "-n", "shop", "--kubeconfig", "/dev/null"];
    ends(&bounded(&nobody), 4, "kubeconfig", "a cluster");
}

#[test]
fn words_of_any_language_stay_whole_where_none_is_set() {
    let place = Place::new();
    for (name, value) in
        [("LC_ALL", "C"), ("LC_ALL", "POSIX"), ("LANG", "xx_XX.latin1"), ("LC_ALL", "")]
    {
        let mut command = place.triagem(SHORT);
        command.env(name, value);
        let run = run(command, PASTE);
        ends(&run, FOUND, "✗ ", value);
        assert!(str::from_utf8(&run.stdout).is_ok());
    }
    let mut command = place.triagem(&["demo"]);
    command.env("LC_ALL", "pt_BR.UTF-8");
    ends(&run(command, ""), FOUND, "só aceita acesso privado", "Portuguese");
    // A name that is no text is still a name.
    let mut command = place.triagem(&["diagnose"]);
    command.arg(OsStr::from_bytes(b"\xff.txt"));
    ends(&run(command, ""), 2, "error: ", "a name that is no text");
}

/// What was seen a day ago must not look like the future where a clock has lost its battery.
#[test]
fn a_clock_of_1970_changes_nothing_that_was_handed_over() {
    let place = Place::new();
    if place.command("faketime").arg("--version").output().is_err() {
        println!("skipped: there is no faketime");
        return;
    }
    let archive = recording();
    for args in
        [SHORT, &["diagnose", &archive], &["diagnose", "pod/a", "--kubeconfig", "/dev/null"]]
    {
        let mut command = place.command("faketime");
        command.args(["-f", "1970-01-01 00:00:10", env!("CARGO_BIN_EXE_triagem")]).args(args);
        let (then, now) = (run(command, PASTE), run(place.triagem(args), PASTE));
        assert_ne!(then.status.code(), Some(PANICKED));
        assert_eq!(said(&then), said(&now), "{args:?}");
        assert_eq!(then.status, now.status, "{args:?}");
    }
}
