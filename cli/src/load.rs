//! Playbooks: built in, or from a folder.

use std::collections::BTreeMap;
use std::path::Path;

use triagem_engine::fault::{Fault, render};
use triagem_engine::playbook::Playbook;
use triagem_engine::playbook::load::load;

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

/// The playbooks a run uses; one with an error ends it.
pub(crate) fn playbooks(which: &Which) -> Result<Vec<Playbook>, Failure> {
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
        let loaded = load(id, files, vocabulary());
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
