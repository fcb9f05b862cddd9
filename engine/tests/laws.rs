//! The laws of the playbook language, as properties over random playbooks and random evidence.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

#[path = "laws/book.rs"]
mod book;
#[path = "laws/chain.rs"]
mod chain;
#[path = "laws/hostile.rs"]
mod hostile;
#[path = "laws/prefilter.rs"]
mod prefilter;
#[path = "laws/sources.rs"]
mod sources;
#[path = "laws/strategies.rs"]
mod strategies;
#[path = "laws/systems.rs"]
mod systems;
#[path = "laws/verdicts.rs"]
mod verdicts;
#[path = "laws/world.rs"]
mod world;
