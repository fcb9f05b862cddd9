//! What a person decided once: `triagem/config.yaml` below their own configuration folder (`XDG_CONFIG_HOME`, else
//! `~/.config`; `APPDATA` on Windows). A file of the folder that one works in is never read: it may be anybody's.

use std::path::PathBuf;
use std::{env, fs, io};

use crate::exit::{Failure, Message};

/// Bytes of the file.
const LIMIT: u64 = 64 * 1024;

/// What the file says.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Config {
    /// Programs of systems that may be run besides az.
    #[serde(default)]
    pub(crate) allow_commands: Vec<String>,
}

fn path() -> Option<PathBuf> {
    let folder = |name: &str| env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let own = if cfg!(windows) { folder("APPDATA") } else { folder("XDG_CONFIG_HOME") };
    let own = own.or_else(|| folder("HOME").map(|it| it.join(".config")));
    Some(own?.join("triagem").join("config.yaml"))
}

/// Reads it; nothing where there is none, or where it cannot be read: then nothing is allowed.
pub(crate) fn config() -> Result<Config, Failure> {
    let Some(path) = path() else { return Ok(Config::default()) };
    let told = |why: String| {
        let path = path.display().to_string();
        Failure::Usage(Message::said("error.config", &[("path", &path), ("why", &why)]))
    };
    match fs::metadata(&path) {
        Err(_) => return Ok(Config::default()),
        // What is no file may have no end.
        Ok(found) if !found.is_file() || found.len() > LIMIT => {
            return Err(told("it is no file of ours".to_owned()));
        }
        Ok(_) => {}
    }
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => String::new(),
        text => text.map_err(|it| told(it.to_string()))?,
    };
    if text.trim().is_empty() {
        return Ok(Config::default());
    }
    serde_yaml::from_str(&text).map_err(|it| told(it.to_string()))
}
