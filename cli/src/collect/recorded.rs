//! Answers out of a recording; what it does not hold was not captured.

use std::collections::{BTreeMap, BTreeSet};

use triagem_engine::evidence::recording::Recording;
use triagem_engine::evidence::{Answer, Collector, Gap, Request};
use triagem_engine::text::Watchlist;

/// A recording as a collector. An empty one answers for pasted text and loose files.
#[derive(Clone, Debug, Default)]
pub struct Recorded(pub Recording);

impl Collector for Recorded {
    fn collect(
        &self,
        wanted: &BTreeSet<Request>,
        watchlist: &Watchlist,
    ) -> BTreeMap<Request, Answer> {
        wanted
            .iter()
            .map(|request| {
                let answer = match self.0.answers.get(request) {
                    Some(recorded) => recorded.answer(watchlist),
                    None => Err(Gap::NotCaptured),
                };
                (request.clone(), answer)
            })
            .collect()
    }
}
