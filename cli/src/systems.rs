//! The systems of this run: those that came with the program, and those of a folder that a person names.
//!
//! They are chosen once, before anything is read, and live as long as the program.

use std::path::Path;
use std::sync::OnceLock;

use triagem_engine::fault::{Fault, render};
use triagem_engine::system::{Loaded, Source, System, Tool, Vocabulary, load};

use crate::collect::files;
use crate::config::config;
use crate::exit::{Failure, Message};
use crate::load::{Folders, built_in_systems};

/// The folder of systems beside the playbooks.
pub(crate) const FOLDER: &str = "systems";
/// The file of a system.
pub(crate) const FILE: &str = "system.yaml";

static CHOSEN: OnceLock<Systems> = OnceLock::new();

/// Every system, and every source of them.
#[derive(Debug, Default)]
pub struct Systems {
    all: Vec<System>,
    /// Tools that a person switched on.
    allowed: Vec<String>,
}

impl Systems {
    /// A tool, by its name.
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        self.all.iter().find_map(|it| it.tools.get(name))
    }

    /// Whether a tool may be asked at all.
    pub fn may_ask(&self, tool: &Tool) -> bool {
        tool.always || self.allowed.contains(&tool.name)
    }

    /// The system of a source.
    pub fn of(&self, source: &Source) -> Option<&System> {
        self.all.iter().find(|it| it.sources.iter().any(|it| it.name == source.name))
    }

    /// Every system.
    pub fn all(&self) -> &[System] {
        &self.all
    }
}

/// The systems of this run; the built-in ones where nobody chose.
pub fn systems() -> &'static Systems {
    CHOSEN.get_or_init(|| Systems { all: built_in(), allowed: Vec::new() })
}

/// What playbooks may ask.
pub fn vocabulary() -> Vocabulary {
    Vocabulary::of(&systems().all)
}

/// The source of that name.
pub(crate) fn source(name: &str) -> Option<&'static Source> {
    vocabulary().iter().find(|it| it.name == name)
}

/// A tool, by its name.
pub(crate) fn tool(name: &str) -> Option<&'static Tool> {
    systems().tool(name)
}

fn built_in() -> Vec<System> {
    let folders = built_in_systems();
    folders.iter().filter_map(|(id, files)| loaded(id, files.get(FILE)?, true).system).collect()
}

/// Checks a system's file.
pub(crate) fn loaded(id: &str, bytes: &[u8], built_in: bool) -> Loaded {
    load(id, &String::from_utf8_lossy(bytes), built_in)
}

/// Chooses the systems of this run: the built-in ones, with those of a folder in their place or beside them.
pub(crate) fn choose(folder: Option<&Path>, allowed: &[String]) -> Result<(), Failure> {
    let mut all = built_in();
    for (id, files) in folder.map(self::folder).transpose()?.unwrap_or_default() {
        let Some(bytes) = files.get(FILE) else { continue };
        let Loaded { system, faults } = loaded(&id, bytes, false);
        let Some(system) = system else {
            let errors: Vec<Fault> = faults.into_iter().filter(|it| !it.warning).collect();
            let faults = render(&id, &errors, &files, false);
            let values = [("id", id.as_str()), ("faults", &*faults)];
            return Err(Failure::Usage(Message::said("error.system-does-not-check", &values)));
        };
        all.retain(|it| it.id != id);
        all.push(system);
    }
    let mut tools = std::collections::BTreeSet::new();
    let twice = all.iter().flat_map(|it| it.tools.keys()).find(|it| !tools.insert(*it));
    if let Some(name) = twice {
        return Err(Failure::Usage(Message::said("error.tool-twice", &[("name", name)])));
    }
    let mut chosen = Systems { all, allowed: allowed.to_vec() };
    if let Some(name) = allowed.iter().find(|it| chosen.tool(it).is_none()) {
        let known: Vec<&str> =
            chosen.all.iter().flat_map(|it| it.tools.keys().map(String::as_str)).collect();
        let values = [("name", name.as_str()), ("names", &*known.join(", "))];
        return Err(Failure::Usage(Message::said("error.no-tool", &values)));
    }
    // What a person decided once may be of a system that is not here today.
    chosen.allowed.extend(config()?.allow_commands);
    // Nothing has asked for them before.
    let _first = CHOSEN.set(chosen);
    Ok(())
}

/// The systems of a folder: each of its sub-folders, or itself if it holds a `system.yaml`.
pub(crate) fn folder(path: &Path) -> Result<Folders, Failure> {
    let read = files::whole(path).map_err(|error| {
        let (path, why) = (path.display().to_string(), error.to_string());
        Failure::Io(Message::said("error.cannot-read", &[("path", &path), ("why", &why)]))
    })?;
    let mut folders = Folders::new();
    if read.contains_key(FILE) {
        let id = path.canonicalize()?;
        let id = id.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        folders.insert(id, read);
        return Ok(folders);
    }
    for (name, bytes) in read {
        if let Some((id, FILE)) = name.split_once('/') {
            folders.entry(id.to_owned()).or_default().insert(FILE.to_owned(), bytes);
        }
    }
    if folders.is_empty() {
        let path = path.display().to_string();
        return Err(Failure::Usage(Message::said("error.no-system-in", &[("path", &path)])));
    }
    Ok(folders)
}
