//! Which tests by hand tell open causes apart, and in which order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::playbook::Probe;

/// The tests that split a list of causes, the one first that leaves least of it in the worst case, then what splits best
/// what that one leaves; a test that would split nothing any more is left out.
pub(crate) fn order<'p>(probes: &[&'p Probe], causes: &BTreeSet<&str>) -> Vec<&'p Probe> {
    let mut blocks = vec![causes.clone()];
    let mut left: Vec<&Probe> = probes.to_vec();
    let mut order = Vec::new();
    loop {
        let worth = |it: &&&'p Probe| {
            let parts = refined(&blocks, it);
            (parts.iter().map(BTreeSet::len).max(), Reverse(parts.len()))
        };
        let Some(best) = left.iter().min_by_key(worth).copied() else { return order };
        let parts = refined(&blocks, best);
        if parts.len() == blocks.len() {
            return order;
        }
        blocks = parts;
        left.retain(|it| it.id != best.id);
        order.push(best);
    }
}

/// What the answers of a test leave of each block.
fn refined<'c>(blocks: &[BTreeSet<&'c str>], probe: &Probe) -> Vec<BTreeSet<&'c str>> {
    let answer = |cause: &str| probe.splits.iter().position(|it| it.iter().any(|it| it == cause));
    let mut parts = Vec::new();
    for block in blocks {
        let mut by_answer: BTreeMap<Option<usize>, BTreeSet<&str>> = BTreeMap::new();
        for cause in block {
            by_answer.entry(answer(cause)).or_default().insert(cause);
        }
        parts.extend(by_answer.into_values());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::{Changes, Remedy};

    fn probe(id: &str, splits: &[&[&str]]) -> Probe {
        let step = Remedy {
            name: id.to_owned(),
            does: String::new(),
            changes: Changes::new(Changes::NOTHING),
            owner: String::new(),
            takes_effect: None,
            run: None,
            only_when: None,
            unless: None,
            opens: false,
            removes: false,
        };
        let splits =
            splits.iter().map(|it| it.iter().map(|it| (*it).to_owned()).collect()).collect();
        Probe { id: id.to_owned(), step, splits }
    }

    #[test]
    fn what_splits_the_list_best_comes_first_and_what_splits_nothing_not_at_all() {
        let all = [
            probe("one-of-six", &[&["a"]]),
            probe("halves", &[&["a", "b", "c"]]),
            probe("elsewhere", &[&["z"]]),
            probe("again", &[&["d", "e", "f"]]),
            probe("thirds-of-a-half", &[&["d"], &["e"]]),
        ];
        let probes: Vec<&Probe> = all.iter().collect();
        let causes = BTreeSet::from(["a", "b", "c", "d", "e", "f"]);
        let order = |causes: &BTreeSet<&str>| -> Vec<String> {
            order(&probes, causes).iter().map(|it| it.id.clone()).collect()
        };
        assert_eq!(order(&causes), ["halves", "thirds-of-a-half", "one-of-six"]);
        assert_eq!(order(&BTreeSet::from(["a"])), [""; 0]);
        assert_eq!(order(&BTreeSet::from(["d", "e"])), ["thirds-of-a-half"]);
    }
}
