//! The pure engine of triagem: three nouns - playbook, evidence, verdict - and the verbs between them.
//!
//! It never touches the world: no IO, clock, environment, async, threads or printing. It asks
//! with data ([`evidence::Request`]) and judges what it is given.
#![warn(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the engine never touches the world"
)]

pub mod budget;
pub mod diagnose;
pub mod evidence;
pub mod fault;
pub mod given;
pub mod playbook;
pub mod proof;
mod reader;
pub mod system;
pub mod text;
pub mod value;
pub mod verdict;
pub mod words;
pub mod yaml;
