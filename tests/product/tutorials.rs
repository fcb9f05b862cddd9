//! The tutorials of CONTRIBUTING.md, followed to the letter: their files are written, their commands run, and what they print is compared.

#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;

use triagem_engine::playbook::translation::DifferenceKind;
use triagem_engine::words::check;

/// A block: what stands behind its three marks, its first line in the document, and its text.
struct Block<'t> {
    info: &'t str,
    line: usize,
    text: String,
}

fn blocks(document: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for (line, text) in document.lines().enumerate() {
        match (text.strip_prefix("```"), &mut open) {
            (Some(info), None) => open = Some(Block { info, line: line + 1, text: String::new() }),
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some(block)) => block.text += &format!("{text}\n"),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// Puts a block where its head says: into a new file, below a line of one, or in its place.
fn put(folder: &Path, head: &str, text: &str) {
    let (file, place) = head.split_once(' ').unwrap_or((head, ""));
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let Some((how, line)) = place.split_once(' ') else {
        assert!(!path.exists(), "{file} is there already");
        return fs::write(path, text).unwrap();
    };
    let line = format!("{}\n", line.trim_matches('"'));
    let old = fs::read_to_string(&path).unwrap();
    assert_eq!(old.matches(&line).count(), 1, "{file} has no such line, or several: {line}");
    assert!(matches!(how, "below" | "replaces"), "{head}");
    let kept = if how == "below" { line.as_str() } else { "" };
    fs::write(path, old.replace(&line, &format!("{kept}{text}"))).unwrap();
}

/// Whether lines are those that are wanted.
fn fits(wanted: &[String], got: &[String]) -> bool {
    match wanted.split_first() {
        None => got.is_empty(),
        Some((line, rest)) if line == "…" => {
            (0..=got.len()).any(|it| got.get(it..).is_some_and(|got| fits(rest, got)))
        }
        Some((line, rest)) => {
            got.split_first().is_some_and(|(first, more)| first == line && fits(rest, more))
        }
    }
}

/// Whether a command printed what stands below it, where `…` stands for any lines.
fn is_printed(wanted: &str, got: &str) -> bool {
    let lines = |text: &'_ str| -> Vec<String> {
        text.trim_end().lines().map(|it| it.trim_end().to_owned()).collect()
    };
    fits(&lines(wanted), &lines(got))
}

#[test]
fn the_tutorials_do_what_they_say() {
    let document = fs::read_to_string("../CONTRIBUTING.md").unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_triagem")).parent().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut files, mut commands) = (0, 0);
    let (before, tutorials) = document.split_once("## Tutorials\n").unwrap();
    let (tutorials, _) = tutorials.split_once("\n## ").unwrap();
    let before = before.lines().count() + 1;
    for block in blocks(tutorials) {
        let place = format!("CONTRIBUTING.md:{}", before + block.line);
        if let Some((_, head)) = block.info.split_once(' ') {
            files += 1;
            put(folder.path(), head, &block.text);
            continue;
        }
        assert_eq!(block.info, "console", "{place}: what is this?");
        for told in block.text.split("$ ").skip(1) {
            let (command, wanted) = told.split_once('\n').unwrap();
            assert!(command.starts_with("triagem "), "{place}: {command}");
            commands += 1;
            let run = Command::new("sh")
                .args(["-c", &format!("{command} 2>&1")])
                .current_dir(folder.path())
                .env_clear()
                .env("PATH", format!("{}:/usr/bin:/bin", program.display()))
                .env("HOME", folder.path())
                .output()
                .unwrap();
            let got = String::from_utf8(run.stdout).unwrap();
            assert!(is_printed(wanted, &got), "{place}: {command}\nwanted\n{wanted}\ngot\n{got}");
        }
    }
    assert!(files > 12 && commands > 10, "{files} files, {commands} commands");
    // A language is found when the program is built: here its files are read as the build would.
    let of = |file: &str| fs::read_to_string(folder.path().join("engine/locales/fr").join(file));
    let lacks = check(&of("locale.yaml").unwrap(), &of("words.yaml").unwrap()).unwrap();
    assert!(lacks.iter().all(|it| it.kind == DifferenceKind::Missing), "{lacks:?}");
}

#[test]
fn what_a_tutorial_promises_is_compared() {
    for (wanted, got, same) in [
        ("a\nb\n", "a\nb\n", true),
        ("a\n", "a\nb\n", false),
        ("b\n", "a\nb\n", false),
        ("a\n…\nc\n", "a\nb\nc\n", true),
        ("a\n…\n", "a\nb\nc\n", true),
        ("…\nc\n", "a\nb\nc\n", true),
        ("…\nb\n", "a\nb\nc\n", false),
        ("a\n…\nd\n", "a\nb\nc\n", false),
        ("…\nb\n…\n", "a\nb\nc\n", true),
    ] {
        assert_eq!(is_printed(wanted, got), same, "{wanted:?} in {got:?}");
    }
}
