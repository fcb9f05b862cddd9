//! One file a subcommand.

pub(crate) mod access;
pub(crate) mod completions;
pub(crate) mod diagnose;
pub(crate) mod explain;
mod inputs;
mod interrupt;
pub(crate) mod live;
pub(crate) mod plan;
pub(crate) mod playbook;
pub(crate) mod read;
pub(crate) mod schema;
pub(crate) mod verdict_code;

use triagem_engine::words::{Words, locales};

use crate::exit::{Failure, Message};

/// The words of the language asked for, or of the environment.
pub(crate) fn words(lang: Option<&str>) -> Result<Words, Failure> {
    let unknown = |_| {
        let locales = locales().join(", ");
        let values = [("locale", lang.unwrap_or_default()), ("locales", &*locales)];
        Failure::Usage(Message::said("error.no-locale", &values))
    };
    if let Some(lang) = lang {
        return Words::new(lang).map_err(unknown);
    }
    let from_environment = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|it| !it.is_empty()))
        .unwrap_or_default();
    // An environment in a language we do not speak is no mistake of the reader's.
    Ok(Words::new(&from_environment).unwrap_or_else(|_| Words::source()))
}
