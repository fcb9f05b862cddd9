//! The vocabulary: every source a playbook may ask, and who answers.
//!
//! Live sources stand here too: a playbook is complete today, and where nobody can ask them yet
//! their answers are unknown, never absent.

pub mod azure;
pub mod files;
pub mod kubernetes;
pub mod live;
pub mod pipe;
mod process;
pub mod recorded;
mod sources;
pub mod tape;
mod unpack;

pub use sources::SOURCES;
