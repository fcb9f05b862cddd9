//! What holds of whatever anybody may hand over: a function a reader, each of which stops where its property is broken.
//!
//! `cargo fuzz` (`fuzz/bins`), the kept corpus and random samples (`tests/fuzz.rs`) run these same functions.

#[path = "targets/archive.rs"]
mod archive;
#[path = "targets/bundle.rs"]
mod bundle;
#[path = "targets/diagnose.rs"]
mod diagnose;
#[path = "targets/file.rs"]
mod file;
#[path = "targets/objects.rs"]
mod objects;
#[path = "targets/parts.rs"]
mod parts;
#[path = "targets/playbook.rs"]
mod playbook;
#[path = "targets/recording.rs"]
mod recording;
#[path = "targets/redact.rs"]
mod redact;
#[path = "targets/report.rs"]
mod report;
#[path = "targets/text.rs"]
mod text;
#[path = "targets/translation.rs"]
mod translation;
#[path = "targets/values.rs"]
mod values;
#[path = "targets/yaml.rs"]
mod yaml;

/// A name, and what it does with the bytes that were drawn.
pub type Target = (&'static str, fn(&[u8]));

/// Every target. Each has a folder in `fuzz/corpus` and a binary in `fuzz/Cargo.toml`.
pub const TARGETS: &[Target] = &[
    ("archive", archive::run),
    ("bundle", bundle::run),
    ("diagnose", diagnose::run),
    ("file", file::run),
    ("objects", objects::run),
    ("playbook", playbook::run),
    ("recording", recording::run),
    ("redact", redact::run),
    ("text", text::run),
    ("translation", translation::run),
    ("values", values::run),
    ("yaml", yaml::run),
];

/// Runs the target of a name.
pub fn run(name: &str, bytes: &[u8]) {
    let found = TARGETS.iter().find(|(it, _)| *it == name);
    found.unwrap_or_else(|| panic!("there is no target `{name}`")).1(bytes);
}
