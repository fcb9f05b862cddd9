//! House rules that no linter knows.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The engine's dependencies: none of them touches the world.
const ENGINE: &[&str] = &[
    "aho-corasick",
    "annotate-snippets",
    "granit-parser",
    "handlebars",
    "jsonpath-rust",
    "memchr",
    "regex",
    "regex-syntax",
    "serde",
    "serde_json",
    "serde_yaml",
    "sha2",
    "strsim",
    "thiserror",
];
/// Lines of a Rust file: it fits in one reading.
const LINES: usize = 600;
/// Lines of ARCHITECTURE.md.
const ARCHITECTURE: usize = 250;
/// Names that say nothing.
const EMPTY_NAMES: &[&str] =
    &["mod.rs", "utils.rs", "helpers.rs", "common.rs", "types.rs", "misc.rs"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !matches!(name.as_str(), "target" | ".git") {
            below(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

fn files(extension: &str) -> Vec<PathBuf> {
    let mut all = Vec::new();
    below(&root(), &mut all);
    all.retain(|it| it.extension().is_some_and(|it| it == extension));
    assert!(!all.is_empty());
    all
}

/// The keys of a table of a manifest.
fn keys(manifest: &Path, table: &str) -> BTreeSet<String> {
    fs::read_to_string(manifest)
        .unwrap()
        .lines()
        .skip_while(|it| *it != format!("[{table}]"))
        .skip(1)
        .take_while(|it| !it.starts_with('['))
        .filter_map(|it| it.split(['.', ' ', '=']).next())
        .filter(|it| !it.is_empty() && !it.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_engine_depends_on_nothing_that_touches_the_world() {
    let wanted: BTreeSet<String> = ENGINE.iter().map(|it| (*it).to_owned()).collect();
    assert_eq!(keys(&root().join("engine/Cargo.toml"), "dependencies"), wanted);
}

#[test]
fn the_cli_never_matches() {
    let all = keys(&root().join("cli/Cargo.toml"), "dependencies");
    for package in ["regex", "regex-automata", "jsonpath-rust", "aho-corasick"] {
        assert!(!all.contains(package), "{package} is the engine's");
    }
}

/// Only what reads handed-over text knows how Kubernetes writes it, and only the CLI knows Azure.
#[test]
fn the_engine_knows_no_product() {
    let engine = root().join("engine/src");
    let is_test = |it: &PathBuf| {
        it.ends_with("tests.rs")
            || it.strip_prefix(&engine).is_ok_and(|it| it.iter().any(|part| part == "tests"))
    };
    let of_engine = |it: &PathBuf| it.starts_with(&engine) && !is_test(it);
    for file in files("rs").into_iter().filter(of_engine) {
        let within = file.strip_prefix(&engine).unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (number, line) in code.lines().enumerate() {
            let said = line.trim_start().starts_with("//");
            let lower = line.to_lowercase();
            for word in
                ["keyvault", "key vault", "secrets-store", "secretproviderclass", "imds", " aks"]
            {
                assert!(said || !lower.contains(word), "{within}:{}: {word}", number + 1);
            }
        }
    }
}

/// A language is a folder: code knows the one that everything is written in first, in one place. (`es` is also a word of Spanish
/// logs, which secrets are looked for in.)
#[test]
fn no_code_knows_a_language() {
    let root = root();
    let (mut seen, mut lines) = (0, 0);
    let product =
        |it: &PathBuf| ["engine/src", "cli/src"].iter().any(|at| it.starts_with(root.join(at)));
    for file in files("rs").into_iter().filter(product) {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for line in code.lines().filter(|it| !it.trim_start().starts_with("//")) {
            lines += 1;
            let known = ["\"en\"", "\"pt\"", "\"pt-BR\"", "portuguese", "spanish"];
            if known.iter().any(|it| line.contains(it)) {
                seen += 1;
                assert!(file.ends_with("words/locale.rs"), "{}: {line}", file.display());
            }
        }
    }
    assert!(lines > 10_000 && seen == 1, "{lines} lines, {seen} of them know a language");
}

#[test]
fn a_file_fits_in_one_reading_and_has_a_name() {
    for file in files("rs") {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        assert!(!EMPTY_NAMES.contains(&name.as_str()), "{}", file.display());
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.lines().count();
        assert!(lines <= LINES, "{} has {lines} lines", file.display());
        assert!(text.starts_with("//!"), "{} does not say what it is", file.display());
        let unfinished = ["TO", "DO"].concat();
        assert!(!text.contains(&unfinished), "{} is not finished", file.display());
    }
    let lines = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap().lines().count();
    assert!(lines <= ARCHITECTURE, "ARCHITECTURE.md has {lines} lines");
}

/// The first sentence of a file's own words.
fn about(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let words = text.lines().map_while(|it| it.strip_prefix("//!"));
    let words = words.map(str::trim).take_while(|it| !it.is_empty()).collect::<Vec<_>>().join(" ");
    let end = words.find(". ").map_or(words.len(), |it| it + 1);
    words.get(..end).unwrap_or_default().trim_end_matches('.').to_owned()
}

/// A map of every file, made from what each says of itself. `UPDATE_MAP=1` writes it anew.
#[test]
fn the_map_is_of_this_tree() {
    let mut map = String::from(
        "# Map\n\nEvery file of Rust, in the words that it begins with.\nMade by `UPDATE_MAP=1 cargo test -p triagem --test tidy`.\n",
    );
    let mut room = PathBuf::new();
    let mut all = files("rs");
    all.sort_by(|a, b| (a.parent(), a.file_name()).cmp(&(b.parent(), b.file_name())));
    for file in all {
        let path = file.strip_prefix(root()).unwrap();
        let folder = path.parent().unwrap();
        if folder != room {
            map.push_str(&format!("\n## {}\n\n", folder.display()));
            folder.clone_into(&mut room);
        }
        let name = path.file_name().unwrap().to_string_lossy();
        map.push_str(&format!("* `{name}` - {}\n", about(&file)));
    }
    let place = root().join("MAP.md");
    if std::env::var_os("UPDATE_MAP").is_some() {
        fs::write(&place, &map).unwrap();
    }
    let written = fs::read_to_string(&place).unwrap_or_default();
    assert!(written == map, "UPDATE_MAP=1 writes it anew");
}

/// What is published stands alone.
#[test]
fn nothing_points_at_a_machine() {
    let words = [["/ho", "me/"], ["/Us", "ers/"], ["/wo", "rk/"]].map(|it| it.concat());
    for extension in ["rs", "md", "yaml", "toml", "json"] {
        for file in files(extension) {
            let Ok(text) = fs::read_to_string(&file) else { continue };
            for word in &words {
                assert!(!text.contains(word), "{} holds {word}", file.display());
            }
        }
    }
}

/// Every relative link of the documents leads somewhere.
#[test]
fn links_lead_somewhere() {
    for file in files("md") {
        let text = fs::read_to_string(&file).unwrap();
        for link in text.split("](").skip(1).filter_map(|it| it.split(')').next()) {
            let local = !link.contains("://") && !link.starts_with('#');
            let path = file.parent().unwrap().join(link.split('#').next().unwrap());
            assert!(!local || path.exists(), "{}: {link}", file.display());
        }
    }
}

/// Options of commands that say who is let in, to what, or from where.
const OPENERS: [&str; 11] = [
    "--assignee",
    "--assignee-object-id",
    "--scope",
    "--scopes",
    "--object-id",
    "--spn",
    "--ip-address",
    "--issuer",
    "--subject",
    "--principal-id",
    "--attach-acr",
];

#[test]
fn a_command_that_lets_somebody_in_says_so() {
    let mut opens = 0;
    let playbooks = root().join("playbooks");
    let is_cause = |it: &PathBuf| {
        it.starts_with(&playbooks) && it.parent().is_some_and(|it| it.ends_with("causes"))
    };
    for file in files("yaml").into_iter().filter(is_cause) {
        let cause: serde_yaml::Value =
            serde_yaml::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        for remedy in cause["remedy"].as_sequence().into_iter().flatten() {
            let run = remedy["run"].as_sequence().cloned().unwrap_or_default();
            let filled = |it: &[serde_yaml::Value]| match it {
                [option, value] => {
                    option.as_str().is_some_and(|it| OPENERS.contains(&it))
                        && value.as_str().is_some_and(|it| it.starts_with('$'))
                }
                _ => false,
            };
            if remedy["changes"].as_str() != Some("nothing") && run.windows(2).any(filled) {
                opens += 1;
                assert_eq!(remedy["opens"].as_bool(), Some(true), "{}", file.display());
            }
        }
    }
    assert!(opens > 3);
}
