//! Programs that systems run, under attack: whatever is asked and whatever they do, there is no shell, a bound, no secret
//! that comes out, and a gap that says what happened.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test may panic")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

const SYSTEM: &str = r#"
apiVersion: triagem/v1
kind: System
metadata: {id: db, title: A database}
tools:
  tool:
    program: tool
    patience: 3s
    keeps: [TOOL_HOME]
    runs: [[--read]]
    refusals:
      - {says: no such thing, exit: 3, gap: absent}
      - {says: not allowed, gap: denied, needs: to read}
sources:
  db.data:
    says: Data of a name.
    parameters:
      name: {type: string, required: true, pattern: '[a-z./-]+', says: The name.}
      free: {type: string, free: true, says: Any words.}
      server: {type: host, reaches: true, says: The server.}
    answers: tree
    permission: none
    by-hand: [{words: [tool, --read, "{name}"]}]
    answered-by:
      tool: tool
      run:
        - {needs: [free], words: [--read, "{name}", "{free}"]}
        - {needs: [server], words: [--read, "{name}", "--server={server}"]}
        - {words: [--read, "{name}"]}
      answer: {origin: "{name}"}
  db.more:
    says: More of it.
    parameters:
      id: {type: azure-resource-id, says: Its id.}
      host: {type: host, pattern: '[a-z]+\.example\.org', says: Its host.}
      word: {type: string, pattern: '[a-z]+', says: A word.}
      number: {type: int, says: A number.}
      query: {type: string, free: true, says: A query.}
    answers: tree
    permission: none
    by-hand: [{words: [tool, --read, more]}]
    answered-by:
      tool: tool
      values:
        rest: [{match: "{query}", pattern: "^rest:(?<value>.*)"}]
      run:
        - words:
            - --read
            - more
            - {needs: [id], words: ["{id}"]}
            - {needs: [host], words: ["https://{host}/"]}
            - {needs: [word], words: ["{word}"]}
            - {needs: [number], words: ["{number}"]}
            - {needs: [rest], words: ["{rest}"]}
            - {needs: [query.query], words: ["?q={query.query}"]}
      answer: {origin: more}
"#;

const PLAYBOOK: &str = r#"
apiVersion: triagem/v1
kind: Playbook
metadata: {id: book, version: 1.0.0, title: A thing is broken}
inputs:
  name: {type: string, required: live, asks: The name}
  free: {type: string, asks: Any words}
  server: {type: host, asks: The server}
steps:
  - {id: data, says: Read the data, uses: db.data, with: {name: $name, free: $free, server: $server}}
  - {id: more, says: Read more, uses: db.more, with: {id: $id, host: $host, word: $word, number: $number, query: $query}}
facts:
  id: {from: data, type: azure-resource-id, path: $.id}
  host: {from: data, type: host, path: $.host}
  word: {from: data, type: string, many: true, path: "$.word[*]"}
  number: {from: data, type: int, path: $.number}
  query: {from: data, type: string, path: $.query}
  state: {from: data, type: string, path: $.state}
  words: {from: data, type: string, path: $.words}
  done: {from: more, type: string, path: $.state}
signs:
  is-broken: {says: The state is broken, fact: state, is: broken}
  was-written: {says: It was written, fact: done, is: broken}
symptoms: [is-broken]
"#;

const CAUSE: &str = r#"
apiVersion: triagem/v1
kind: Cause
id: broken
title: It is broken
severity: high
requires: [is-broken]
supports: [was-written]
explains: "It says so{{#known words}}: {{words}}{{/known}}."
remedy: [{do: Mend it., changes: nothing, owner: anyone}]
tests: [{name: none, paste: "nothing", expect: {broken: undetermined}}]
"#;

struct Place(tempfile::TempDir);

impl Place {
    /// A system, a playbook, and a program that does this.
    fn new(script: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        let write = |file: &str, text: &str| {
            let path = place.at(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("systems/db/system.yaml", SYSTEM);
        write("playbooks/book/playbook.yaml", PLAYBOOK);
        write("playbooks/book/causes/broken.yaml", CAUSE);
        if !script.is_empty() {
            write("bin/tool", &format!("#!/bin/sh\n{script}\n"));
            let executable = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(place.at("bin/tool"), executable).unwrap();
        }
        std::fs::create_dir_all(place.at("home")).unwrap();
        place
    }

    fn at(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn command(&self, command: &str) -> Command {
        let mut run = Command::new(env!("CARGO_BIN_EXE_triagem"));
        run.arg(command)
            .args(["--playbook", "book", "--systems"])
            .arg(self.at("systems"))
            .arg("--playbooks")
            .arg(self.at("playbooks"))
            .env_clear()
            .env("TOOL_HOME", self.0.path())
            .env("PATH", format!("{}:/usr/bin:/bin", self.at("bin").display()))
            .env("HOME", self.at("home"))
            .current_dir(self.0.path());
        run
    }

    fn run(&self, inputs: &[&str], allowed: bool) -> Output {
        let mut command = self.command("diagnose");
        command.args(["-o", "json", "--all"]);
        if allowed {
            command.args(["--allow-commands", "tool"]);
        }
        for input in inputs {
            command.args(["--input", input]);
        }
        command.output().unwrap()
    }

    /// The report, and why the data could not be read.
    fn gap(&self, inputs: &[&str]) -> (String, String) {
        let output = self.run(inputs, true);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let report: Json = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{output:?}"));
        let gap = open(&report, "data");
        // That there is no such thing is an answer: it is not broken.
        let is_absent = report["evidence"][0]["absent"] == true;
        assert_eq!(output.status.code() == Some(0), is_absent, "{report:#}");
        let gap = if is_absent { "absent".to_owned() } else { gap };
        (said, gap)
    }

    fn arguments(&self) -> Vec<String> {
        let told = std::fs::read(self.at("arguments")).unwrap_or_default();
        let told = String::from_utf8(told).unwrap();
        told.split('\0').filter(|it| !it.is_empty()).map(str::to_owned).collect()
    }
}

/// Why a step has no answer: the gap's name and detail.
fn open(report: &Json, step: &str) -> String {
    fn find(json: &Json, step: &str, found: &mut Vec<String>) {
        let gap = if json["gap"].is_object() { &json["gap"] } else { json };
        if json["step"] == step && gap["reason"].is_string() {
            let word = |key: &str| gap[key].as_str().unwrap_or_default().to_owned();
            found.push(format!("{} {}", word("reason"), word("detail")));
        }
        let below: Vec<&Json> = match json {
            Json::Array(items) => items.iter().collect(),
            Json::Object(entries) => entries.values().collect(),
            _ => Vec::new(),
        };
        below.into_iter().for_each(|it| find(it, step, found));
    }
    let mut found = Vec::new();
    find(report, step, &mut found);
    found.into_iter().next().unwrap_or_default()
}

const TELLS: &str = r#"[ "$2" = more ] && { printf '{}'; exit; }
for it in "$@"; do printf '%s\0' "$it"; done > "$TOOL_HOME/arguments"
printf '{"state": "broken", "words": "as told"}'"#;

#[test]
fn parameters_are_arguments_and_nothing_else() {
    let place = Place::new(TELLS);
    for free in [
        "two words",
        "a'b",
        "a\"b",
        "$(touch $TOOL_HOME/hurt)",
        "`touch $TOOL_HOME/hurt`",
        "a;touch $TOOL_HOME/hurt",
        "a|b",
        "a&b",
        "*",
        "~",
        "${HOME}",
        "a\\b",
        "%PATH%",
        "ç e ã",
        "=x",
        "a--b",
    ] {
        let _gone = std::fs::remove_file(place.at("arguments"));
        let output = place.run(&["name=thing", &format!("free={free}")], true);
        assert_eq!(output.status.code(), Some(1), "{free}: {output:?}");
        assert_eq!(place.arguments(), ["--read", "thing", free], "{free}");
        assert!(!place.at("hurt").exists(), "{free} was run");
    }
    // What could be taken for an option, a file or the end of a line is not asked.
    for (name, value) in [
        ("free", "--write"),
        ("free", "-x"),
        ("free", "@/etc/passwd"),
        ("free", "a\nb"),
        ("free", "a\0b"),
        ("name", "a b"),
        ("name", "a?b"),
        ("name", "../x"),
        ("name", "--write"),
        ("name", "a\u{9b}b"),
    ] {
        if value.contains('\0') {
            continue;
        }
        let _gone = std::fs::remove_file(place.at("arguments"));
        let given = format!("{name}={value}");
        let inputs =
            if name == "name" { vec![given] } else { vec!["name=thing".to_owned(), given] };
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let output = place.run(&inputs, true);
        assert_ne!(output.status.code(), Some(0), "{value:?}");
        assert_ne!(output.status.code(), Some(1), "{value:?}");
        assert!(place.arguments().is_empty(), "{value:?}: {:?}", place.arguments());
    }
}

#[test]
fn nothing_runs_unbidden_and_nothing_but_what_the_tool_says() {
    let place = Place::new(TELLS);
    let output = place.run(&["name=thing"], false);
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(open(&report, "data"), "switched-off tool", "{report:#}");
    assert!(place.arguments().is_empty());
    place.run(&["name=thing"], true);
    assert_eq!(place.arguments(), ["--read", "thing"]);
    // Only what is there can be allowed, and a folder of the work place allows nothing.
    let refused = place.command("diagnose").args(["--allow-commands", "rm"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    std::fs::create_dir_all(place.at(".config/triagem")).unwrap();
    std::fs::write(place.at(".config/triagem/config.yaml"), "allow-commands: [tool]\n").unwrap();
    std::fs::write(place.at("triagem.yaml"), "allow-commands: [tool]\n").unwrap();
    let _gone = std::fs::remove_file(place.at("arguments"));
    place.run(&["name=thing"], false);
    assert!(place.arguments().is_empty());
    // The person's own file does.
    std::fs::create_dir_all(place.at("home/.config/triagem")).unwrap();
    std::fs::write(place.at("home/.config/triagem/config.yaml"), "allow-commands: [tool]\n")
        .unwrap();
    let output = place.run(&["name=thing"], false);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

/// What a first answer says becomes a parameter of the second question: of its type and shape, or nothing is asked.
#[test]
fn evidence_is_never_an_option_a_list_or_of_another_type() {
    let script = r#"[ "$2" = more ] && { for it in "$@"; do printf '%s\0' "$it"; done > "$TOOL_HOME/arguments"; }
cat "$TOOL_HOME/$2.json" 2>/dev/null || printf '{}'"#;
    let place = Place::new(script);
    for (answer, asked) in [
        (
            r#"{"id": "/subscriptions/s/resourceGroups/g"}"#,
            Some("/subscriptions/s/resourceGroups/g"),
        ),
        (r#"{"id": "https://management.azure.com.evil.example"}"#, None),
        (r#"{"id": "https://management.azure.com@evil.example/subscriptions/s"}"#, None),
        (r#"{"id": "http://169.254.169.254/metadata"}"#, None),
        (r#"{"host": "db.example.org"}"#, Some("https://db.example.org/")),
        (r#"{"host": "<@evil.example:80/>"}"#, None),
        (r#"{"host": "evil.example"}"#, None),
        (r#"{"word": ["one"]}"#, Some("one")),
        (r#"{"word": ["one", "two"]}"#, None),
        (r#"{"word": ["<x>"]}"#, None),
        (r#"{"number": -1}"#, None),
        (r#"{"number": "1 --output=x"}"#, None),
        (r#"{"query": "rest:well"}"#, Some("well")),
        (r#"{"query": "rest:--output=/tmp/x"}"#, None),
        (r#"{"query": "rest:@/etc/passwd"}"#, None),
        (r#"{"query": "a b&c=/../d"}"#, Some("?q=a%20b%26c%3D%2F..%2Fd")),
        (r#"{"query": "-K/tmp/evil"}"#, None),
    ] {
        let _gone = std::fs::remove_file(place.at("arguments"));
        std::fs::write(place.at("thing.json"), answer).unwrap();
        let mut command = place.command("diagnose");
        command.args(["-o", "json", "--all", "--allow-commands", "tool", "--input", "name=thing"]);
        let output = command.env("TOOL_HOME", place.0.path()).output().unwrap();
        let arguments = place.arguments();
        match asked {
            Some(asked) => {
                assert!(arguments.iter().any(|it| it == asked), "{answer}: {arguments:?}");
            }
            None => {
                // Without the parameter the question would be another one.
                assert!(arguments.is_empty(), "{answer}: {arguments:?} {output:?}");
            }
        }
    }
}

#[test]
fn a_playbook_cannot_bring_a_system() {
    let place = Place::new(TELLS);
    for file in ["playbooks/book/system.yaml", "playbooks/book/systems/db/system.yaml"] {
        std::fs::create_dir_all(place.at(file).parent().unwrap()).unwrap();
        std::fs::write(place.at(file), SYSTEM).unwrap();
        let output = place.run(&["name=thing"], true);
        assert_eq!(output.status.code(), Some(2), "{file}: {output:?}");
        std::fs::remove_file(place.at(file)).unwrap();
    }
    assert!(place.arguments().is_empty());
    // Beside the playbooks it is not looked at either.
    std::fs::create_dir_all(place.at("playbooks/systems/db")).unwrap();
    std::fs::write(place.at("playbooks/systems/db/system.yaml"), SYSTEM).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_triagem"))
        .args(["diagnose", "--playbook", "book", "--input", "name=a", "--playbooks"])
        .arg(place.at("playbooks"))
        .current_dir(place.0.path())
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(2), "{run:?}");
}

#[test]
fn whatever_the_program_does_the_run_goes_on() {
    let begun = Instant::now();
    for (script, gap) in [
        ("sleep 60", "timeout"),
        ("(sleep 60 & ) ; sleep 60", "timeout"),
        ("yes '{\"a\": 1}'", "too-large"),
        ("echo no such thing >&2; exit 3", "absent"),
        ("echo no such thing >&2; exit 1", "failed"),
        ("echo not allowed >&2; exit 1", "denied"),
        ("exit 7", "failed"),
        ("printf '{\"state\": \"well\"'; (sleep 2; printf '}') & exit 0", "failed"),
        ("kill -9 $$", "failed"),
        ("echo '<html>sign in</html>'", "failed"),
        ("printf '{\"state\": '", "failed"),
        ("printf 'null'", "spoilt"),
        ("printf '\"broken\"'", "spoilt"),
        ("exec 2>&1; head -c 100000 /dev/urandom", "failed"),
        ("", "no-tool"),
    ] {
        let place = Place::new(script);
        let (_, found) = place.gap(&["name=thing"]);
        assert!(found.starts_with(gap), "{script}: {found}");
    }
    assert!(begun.elapsed() < Duration::from_mins(2), "{:?}", begun.elapsed());
}

#[test]
fn what_was_started_ends_with_the_run() {
    for signal in ["-TERM", "-INT"] {
        let place = Place::new(
            "echo begun > \"$TOOL_HOME/begun\"; (sleep 4; touch \"$TOOL_HOME/alive\") & sleep 60",
        );
        let mut command = place.command("diagnose");
        command.args(["-o", "json", "--allow-commands", "tool", "--input", "name=thing", "-q"]);
        let mut run = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while !place.at("begun").exists() {
            assert!(begun.elapsed() < Duration::from_secs(20), "nothing was started");
            std::thread::sleep(Duration::from_millis(20));
        }
        let id = run.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let status = run.wait().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(3), "{signal}: {:?}", begun.elapsed());
        assert_ne!(status.code(), Some(0), "{signal}");
        std::thread::sleep(Duration::from_secs(5));
        assert!(!place.at("alive").exists(), "{signal}: what it had started went on");
    }
}

#[test]
fn its_surroundings_are_clean_and_its_secrets_stay() {
    let script = r#"env > "$TOOL_HOME/env"
echo "password=hunter2hunter2 Authorization: Bearer abcdefghijklmnopqrstuvwx" >&2
[ -e "$TOOL_HOME/fail" ] && exit 1
printf '{"state": "broken", "password": "hunter2hunter2", "words": "token=hunter2hunter2"}'"#;
    let place = Place::new(script);
    for fails in [false, true] {
        if fails {
            std::fs::write(place.at("fail"), "").unwrap();
        }
        let case = place.at("case");
        let _gone = std::fs::remove_dir_all(&case);
        let mut command = place.command("capture");
        command
            .args([
                "-o",
                "json",
                "--all",
                "--allow-commands",
                "tool",
                "--input",
                "name=thing",
                "--to",
            ])
            .arg(&case)
            .env("TOOL_HOME", place.0.path())
            .env("AWS_SECRET_ACCESS_KEY", "canary")
            .env("LD_PRELOAD", "")
            .env("PGPASSWORD", "canary")
            .env("KUBECONFIG", "/nonexistent");
        let output = command.output().unwrap();
        let all = [&output.stdout[..], &output.stderr[..]].concat();
        let mut all = String::from_utf8_lossy(&all).into_owned();
        all.push_str(&read_all(&case));
        assert!(!all.contains("hunter2") && !all.contains("abcdefghijklmnop"), "{all}");
        let env = std::fs::read_to_string(place.at("env")).unwrap();
        for name in ["AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "KUBECONFIG", "LD_PRELOAD"] {
            assert!(!env.contains(name), "{env}");
        }
        assert!(env.contains("PATH=") && env.contains("TOOL_HOME="), "{env}");
    }
}

fn read_all(folder: &Path) -> String {
    let files = std::fs::read_dir(folder).into_iter().flatten();
    files.map(|it| std::fs::read_to_string(it.unwrap().path()).unwrap_or_default()).collect()
}
