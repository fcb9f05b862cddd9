//! The pure engine of triagem: three nouns - playbook, evidence, verdict - and the verbs between them.
//!
//! It never touches the world: no IO, clock, environment, async, threads or printing. It asks
//! with data ([`evidence::Request`]) and judges what it is given.
//!
//! ```
//! # use std::collections::{BTreeMap, BTreeSet};
//! use triagem_engine::evidence::{Answer, Collector, Request, Scope};
//! use triagem_engine::{diagnose, given::Recogniser, playbook, system, text::Watchlist};
//!
//! /// Nobody answers: what was handed over is all there is.
//! struct Nobody;
//! impl Collector for Nobody {
//!     fn collect(&self, _: &BTreeSet<Request>, _: &Watchlist) -> BTreeMap<Request, Answer> {
//!         BTreeMap::new()
//!     }
//! }
//!
//! let system = "{apiVersion: triagem/v1, kind: System, metadata: {id: door, title: A door}, sources: {door.log: {says: Its log., parameters: {}, answers: text, given: [message], answered-by: handed-over, permission: none}}}";
//! let systems = vec![system::load("door", system, true).system.expect("a system")].leak();
//! let vocabulary = system::Vocabulary::of(systems);
//! let book = "{apiVersion: triagem/v1, kind: Playbook, metadata: {id: door, version: 1.0.0, title: A door is stuck}, steps: [{id: log, says: Read the log, uses: door.log}], facts: {said: {from: log, type: text}}, signs: {stuck: {says: It is stuck, fact: said, contains: door is stuck}}, symptoms: [stuck]}";
//! let cause = "{apiVersion: triagem/v1, kind: Cause, id: rust, title: It has rusted, severity: low, signs: {rust: {says: It is rusty, fact: said, contains: hinge is rusty}}, requires: [rust], explains: Water came in., remedy: [{do: Oil it., changes: nothing, owner: anyone}], tests: [{name: a log, paste: the hinge is rusty, expect: {rust: confirmed}}]}";
//! let files = [("playbook.yaml", book), ("causes/rust.yaml", cause)];
//! let files = files.into_iter().map(|(path, text)| (path.to_owned(), text.into())).collect();
//! let playbooks = [playbook::load::load("door", &files, vocabulary).playbook.expect("a playbook")];
//!
//! let watchlist = diagnose::watchlist(&playbooks);
//! let mut recogniser = Recogniser::new(&watchlist, "-");
//! recogniser.push(b"the door is stuck: the hinge is rusty\n");
//! let scope = Scope { given: recogniser.finish(), vocabulary, ..Scope::default() };
//! let report = diagnose::diagnose(&playbooks, &watchlist, &scope, &Nobody);
//! assert_eq!(report.findings[0].cause, "rust");
//! assert_eq!(report.findings[0].verdict, triagem_engine::verdict::Verdict::Confirmed);
//! ```
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
