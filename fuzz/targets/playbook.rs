//! A playbook of anybody's: its faults are known and printed the same twice; one that loads asks for no Secret, and its reports hold
//! what every report holds.

use std::collections::BTreeMap;
use std::io::Cursor;

use triagem::case::Case;
use triagem::collect::kubernetes::outline;
use triagem::collect::live::Stop;
use triagem::systems::vocabulary;
use triagem_engine::diagnose::watchlist;
use triagem_engine::evidence::plan::preview;
use triagem_engine::evidence::{Request, Scope};
use triagem_engine::fault::{CODES, render};
use triagem_engine::playbook::Playbook;
use triagem_engine::playbook::load::load;
use triagem_engine::playbook::translation::messages;
use triagem_engine::proof;
use triagem_engine::system::Door;

use super::parts::files;
use super::report::told;

/// Faults that are told of one playbook.
const TOLD: usize = 201;
/// Bytes of a playbook whose tests are run: each is a run of its own.
const TESTED: usize = 4_000;

pub(crate) fn run(bytes: &[u8]) {
    let (id, files) = files(bytes);
    let Some(playbook) = checked(&id, &files) else { return };
    for step in preview(&playbook, &Scope { vocabulary: vocabulary(), ..Scope::default() }) {
        let request = Request { source: step.source, params: step.params };
        let source = vocabulary().iter().find(|it| it.name == request.source);
        let Some(Door::Kubernetes(verb)) = source.map(|it| &it.door) else { continue };
        for line in outline::lines(*verb, &request).unwrap_or_default() {
            reads_only(&line);
        }
    }
    let alone = std::slice::from_ref(&playbook);
    let list = watchlist(alone);
    let stop = Stop::default();
    let mut case = Case::new(alone, &list);
    // Its own text is what is most likely to hold what it looks for.
    case.read(&mut Cursor::new(bytes), "-", &stop);
    if let Ok(report) = case.report(&stop) {
        told(&report, alone);
    }
    if bytes.len() <= TESTED {
        let proof = proof::run(&playbook, &files, vocabulary());
        render(&id, &proof.faults, &files, false);
    }
}

/// The playbook, if it loads. Whether or not, it does so each time, and what is printed of it is the same.
pub(crate) fn checked(id: &str, files: &BTreeMap<String, Vec<u8>>) -> Option<Playbook> {
    let printed = || {
        let loaded = load(id, files, vocabulary());
        let shown = render(id, &loaded.faults, files, false);
        let words = loaded.playbook.as_ref().map(messages);
        (loaded, shown, words)
    };
    let (loaded, shown, words) = printed();
    let (_, again, others) = printed();
    assert_eq!(shown, again, "printed twice, its faults differ");
    assert_eq!(words, others, "printed twice, its messages differ");
    assert!(loaded.faults.is_sorted(), "{shown}");
    assert!(loaded.faults.len() <= TOLD, "{} faults", loaded.faults.len());
    for fault in &loaded.faults {
        assert!(CODES.iter().any(|(code, ..)| *code == fault.code), "{fault:?}");
    }
    let broken = loaded.faults.iter().any(|it| !it.warning);
    assert_eq!(loaded.playbook.is_none(), broken, "{shown}");
    loaded.playbook
}

/// A request is read from the server, stays where it says, and is for no Secret.
fn reads_only(line: &str) {
    assert!(line.starts_with("GET ") || line.starts_with("az "), "{line}");
    if let Some(path) = line.strip_prefix("GET ") {
        let path = path.split(['?', ' ']).next().unwrap_or_default();
        let odd = |it: &str| it == ".." || it.eq_ignore_ascii_case("secrets");
        assert!(!path.split('/').any(odd), "{line}");
    }
}
