//! Commands to copy, run in real shells: each argument arrives as it was meant.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use triagem_engine::words::shell::Shell;

/// What means something to some shell, and what is plain.
const ARGUMENTS: &[&str] = &[
    "shop",
    "",
    " ",
    "a b",
    "'",
    "''",
    "\"",
    "a\"b",
    "it's",
    "\\",
    "\\\\",
    "a\\",
    "\\'",
    "a\\'b",
    "'\\''",
    "$HOME",
    "${HOME}",
    "$(id)",
    "`id`",
    "%PATH%",
    "%self",
    "%1",
    "!1",
    "!!",
    "^a^b",
    "&",
    "&& id",
    "|",
    "; id",
    "> /dev/null",
    "< /etc/passwd",
    "#",
    "# a",
    "~",
    "~root",
    "=ls",
    "a=ls",
    "*",
    "?",
    "[a-z]",
    "{a,b}",
    "(id)",
    "\\n",
    "$'a'",
    "-n",
    "--",
    "-o.x",
    "-a:b",
    "@a",
    "a,b",
    "jsonpath={.items[*].metadata.name}",
    "{range .items[*]}{\" [\"}{\"]\\n\"}{end}",
    "$.a.b\\.c/d",
    "kubernetes\\.io/x",
    "name=='a' || b!='c'",
    "‘a’",
    "‚a‛",
    "“a”",
    "ção",
    "app in (a, b)",
];

#[test]
fn each_argument_arrives_as_it_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    let tool = folder.path().join("tool");
    fs::write(&tool, "#!/bin/sh\nprintf '%s\\0' \"$@\"\nprintf '\\001\\0'\n").unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let tool = tool.to_str().unwrap().to_owned();

    let pairs = ARGUMENTS.iter().flat_map(|a| ARGUMENTS.iter().map(move |b| [*a, *b]));
    let mut script = String::new();
    let mut meant = Vec::new();
    for pair in pairs.filter(|it| it[0] < it[1] || it[0].len() == it[1].len()) {
        let argv = [&tool, pair[0], pair[1]].map(str::to_owned);
        script.push_str(&Shell::Posix.command(&argv));
        script.push('\n');
        meant.extend(pair.map(str::to_owned));
        meant.push("\u{1}".to_owned());
    }
    let mut ran = Vec::new();
    // Interactive ones keep a history, which `!` asks.
    for (shell, flags) in
        [("sh", &[][..]), ("bash", &["--norc", "-i"]), ("zsh", &["-f"]), ("fish", &["--no-config"])]
    {
        let child = Command::new(shell)
            .args(flags)
            .env("HOME", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        // Not every machine has each; the gate says which it has.
        let Ok(mut child) = child else { continue };
        let (mut into, script) = (child.stdin.take().unwrap(), script.clone());
        let writer = std::thread::spawn(move || into.write_all(script.as_bytes()));
        let printed = child.wait_with_output().unwrap().stdout;
        let _ = writer.join();
        let printed = String::from_utf8(printed).unwrap();
        let came: Vec<&str> = printed.split('\0').filter(|it| *it != "\n").collect();
        let came: Vec<&str> = came.strip_suffix(&[""]).unwrap_or(&came).to_vec();
        for (at, (came, meant)) in came.iter().zip(&meant).enumerate() {
            assert_eq!(came, meant, "{shell}, word {at}");
        }
        assert_eq!(came.len(), meant.len(), "{shell}");
        ran.push(shell);
    }
    assert!(ran.contains(&"sh") && ran.contains(&"bash"), "{ran:?}");
}
