//! A recording: what is refused has no report, and what was asked for and is spoilt is never called well.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use triagem::case::{Case, HEALTHY};
use triagem::collect::live::Stop;
use triagem::collect::recorded::Recorded;
use triagem_engine::diagnose::diagnose;
use triagem_engine::evidence::recording::{MANIFEST, RecordedBody, Recording};
use triagem_engine::evidence::{Answer, Collector, Gap, Request};
use triagem_engine::playbook::Playbook;
use triagem_engine::text::Watchlist;

use super::parts::files;
use super::report::{LIST, PLAYBOOKS, said, told};

type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn run(bytes: &[u8]) {
    let (_, files) = files(bytes);
    let Ok(recording) = read(&files) else { return };
    let parts = sealed(&recording);
    let (asked, code) = replayed(recording);
    for (request, name) in parts.into_iter().filter(|(it, _)| asked.contains(it)) {
        let mut spoilt = files.clone();
        match spoilt.get_mut(&name).and_then(|it| it.last_mut()) {
            Some(last) => *last ^= 1,
            None => continue,
        }
        let recording = read(&spoilt).unwrap();
        assert_eq!(recording.answer(&request, &LIST), Err(Gap::Spoilt), "{name}");
        if code == HEALTHY {
            assert_ne!(replayed(recording).1, HEALTHY, "{name} is spoilt, and all is well");
        }
    }
    let mut none = files;
    none.remove(MANIFEST);
    assert!(read(&none).is_err(), "a recording without a manifest");
}

fn read(files: &Files) -> Result<Recording, String> {
    Recording::read(Arc::new(files.clone())).map_err(|it| it.to_string())
}

/// The answers in files whose digests the manifest tells.
fn sealed(recording: &Recording) -> Vec<(Request, String)> {
    let part = |(request, it): (&Request, &triagem_engine::evidence::recording::Recorded)| match &it
        .body
    {
        Ok(RecordedBody::Part(part)) => {
            part.digest.as_ref().map(|_| (request.clone(), part.name.clone()))
        }
        _ => None,
    };
    recording.answers.iter().filter_map(part).collect()
}

/// What was asked of a recording, and the exit code of its report, which is the same each time.
pub(crate) fn replayed(recording: Recording) -> (BTreeSet<Request>, u8) {
    let stop = Stop::default();
    let report = || {
        let mut case = Case::new(&PLAYBOOKS, &LIST);
        case.replay(recording.clone());
        case.report(&stop).unwrap()
    };
    let (first, code) = told(&report(), &PLAYBOOKS);
    assert_eq!(said(&report(), &PLAYBOOKS), first, "another report each time");
    let mut case = Case::new(&PLAYBOOKS, &LIST);
    case.replay(recording.clone());
    let asking = Asking(Recorded(recording), Mutex::default());
    diagnose(&PLAYBOOKS, &LIST, &case.scope, &asking);
    (asking.1.into_inner().unwrap(), code)
}

/// Answers, and remembers what was asked.
struct Asking(Recorded, Mutex<BTreeSet<Request>>);

impl Collector for Asking {
    fn collect(&self, wanted: &BTreeSet<Request>, list: &Watchlist) -> BTreeMap<Request, Answer> {
        self.1.lock().unwrap().extend(wanted.iter().cloned());
        self.0.collect(wanted, list)
    }

    fn owes(&self, request: &Request, playbooks: &[Playbook]) -> bool {
        self.0.owes(request, playbooks)
    }
}
