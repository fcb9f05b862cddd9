//! Playbooks: built in, or from a folder.

use std::collections::BTreeMap;
use std::path::Path;

use triagem_engine::fault::{Fault, render};
use triagem_engine::playbook::Playbook;
use triagem_engine::playbook::load::{Loaded, digest, load, part};

use crate::args::Which;
use crate::collect::files;
use crate::exit::{Failure, Message};
use crate::systems::{self, vocabulary};

/// The files of the built-in playbooks, by path.
const BUILT_IN: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/playbooks.rs"));

/// Files by relative path.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;
/// Playbook id → its files.
pub(crate) type Folders = BTreeMap<String, Files>;

/// The built-in playbooks.
pub(crate) fn built_in() -> Folders {
    let playbooks = BUILT_IN.iter().filter(|(path, _)| !path.starts_with(systems::FOLDER));
    folders(playbooks.map(|(path, bytes)| (*path, *bytes)))
}

/// The built-in systems.
pub(crate) fn built_in_systems() -> Folders {
    let below = |path: &'static str| path.strip_prefix(systems::FOLDER)?.strip_prefix('/');
    folders(BUILT_IN.iter().filter_map(|(path, bytes)| Some((below(path)?, *bytes))))
}

fn folders<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Folders {
    let mut folders = Folders::new();
    for (path, bytes) in files {
        if let Some((id, rest)) = path.split_once('/') {
            folders.entry(id.to_owned()).or_default().insert(rest.to_owned(), bytes.to_vec());
        }
    }
    folders
}

/// The playbooks of a folder: each of its sub-folders, or itself if it holds a `playbook.yaml`.
pub(crate) fn folder(path: &Path) -> Result<Folders, Failure> {
    let read = files::whole(path).map_err(|error| {
        let (path, why) = (path.display().to_string(), error.to_string());
        Failure::Io(Message::said("error.cannot-read", &[("path", &path), ("why", &why)]))
    })?;
    let mut folders = Folders::new();
    if read.contains_key("playbook.yaml") {
        let path = path.canonicalize()?;
        let id = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        folders.insert(id, read);
        return Ok(folders);
    }
    for (name, bytes) in read {
        if let Some((id, rest)) = name.split_once('/') {
            folders.entry(id.to_owned()).or_default().insert(rest.to_owned(), bytes);
        }
    }
    folders.retain(|_, files| files.contains_key("playbook.yaml"));
    if folders.is_empty() {
        let path = path.display().to_string();
        return Err(Failure::Usage(Message::said("error.no-playbook-in", &[("path", &path)])));
    }
    Ok(folders)
}

/// The playbooks that somebody names, whole; one with an error ends the run.
pub(crate) fn playbooks(which: &Which) -> Result<Vec<Playbook>, Failure> {
    chosen(which, |id, files| load(id, files, vocabulary()))
}

/// The playbooks of a run, as far as it needs them: of those that came with the program not the tests, and no words but these.
pub(crate) fn for_run(which: &Which, locale: &str) -> Result<Vec<Playbook>, Failure> {
    let built_in = built_in();
    chosen(which, |id, files| match built_in.get(id) {
        Some(own) if own == files => {
            part(id, &needed(files, locale), vocabulary(), Some(digest(files)))
        }
        Some(_) | None => load(id, files, vocabulary()),
    })
}

/// The files without the tests of causes and the words of other locales.
fn needed(files: &Files, locale: &str) -> Files {
    let of_other = |path: &str| {
        path.strip_prefix("locales/").is_some_and(|it| it.split('/').next() != Some(locale))
    };
    let wanted = files.iter().filter(|(path, _)| !of_other(path));
    wanted
        .map(|(path, bytes)| {
            let is_cause = path.starts_with("causes/");
            (path.clone(), if is_cause { untested(bytes) } else { bytes.clone() })
        })
        .collect()
}

/// A cause without its tests: the key at the beginning of a line, up to the next.
fn untested(cause: &[u8]) -> Vec<u8> {
    let mut tests = false;
    let lines = cause.split_inclusive(|it| *it == b'\n').filter(|line| {
        if line.first().is_some_and(u8::is_ascii_lowercase) {
            tests = line.starts_with(b"tests:");
        }
        !tests
    });
    lines.flatten().copied().collect()
}

fn chosen(which: &Which, read: impl Fn(&str, &Files) -> Loaded) -> Result<Vec<Playbook>, Failure> {
    let mut folders = built_in();
    if let Some(path) = &which.playbooks {
        folders.extend(folder(path)?);
    }
    if let Some(id) = &which.playbook {
        if !folders.contains_key(id) {
            let known: Vec<&str> = folders.keys().map(String::as_str).collect();
            let values = [("id", id.as_str()), ("ids", &*known.join(", "))];
            return Err(Failure::Usage(Message::said("error.no-playbook", &values)));
        }
        folders.retain(|it, _| it == id);
    }
    let mut playbooks = Vec::new();
    for (id, files) in &folders {
        let loaded = read(id, files);
        if let Some(playbook) = loaded.playbook {
            playbooks.push(playbook);
        } else {
            let errors: Vec<Fault> = loaded.faults.into_iter().filter(|it| !it.warning).collect();
            let faults = render(id, &errors, files, false);
            let values = [("id", id.as_str()), ("faults", &*faults)];
            return Err(Failure::Usage(Message::said("error.does-not-check", &values)));
        }
    }
    Ok(playbooks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_needs_judges_as_the_whole() {
        let which = Which { playbook: None, playbooks: None };
        let whole = playbooks(&which).unwrap();
        for locale in ["en", "pt-BR"] {
            let lean = for_run(&which, locale).unwrap();
            assert_eq!(lean.len(), whole.len());
            for (mut whole, lean) in whole.clone().into_iter().zip(lean) {
                assert!(lean.causes.iter().all(|it| it.tests.is_empty()));
                whole.causes.iter_mut().for_each(|it| it.tests.clear());
                whole.translations.retain(|it, _| it == locale);
                assert_eq!(format!("{lean:?}"), format!("{whole:?}"));
            }
        }
    }
}
