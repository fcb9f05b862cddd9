//! Text filtered by the prefilter gives the same as text that is looked at whole.

use std::sync::LazyLock;

use proptest::prelude::*;
use triagem_engine::playbook::Playbook;
use triagem_engine::text::{Excerpts, Reading, Watchlist};

use super::book::book;
use super::hostile::{real, text_of};
use super::strategies::{config, dice};

fn lists(playbook: &Playbook) -> (Watchlist, Watchlist) {
    let looks: Vec<String> =
        playbook.steps.iter().flat_map(|it| it.looks_like.iter().cloned()).collect();
    (
        Watchlist::new(playbook.watches.clone(), looks.clone()),
        Watchlist::unfiltered(playbook.watches.clone(), looks),
    )
}

fn read(list: &Watchlist, text: &[u8], repair: bool, cut: usize) -> Excerpts {
    let mut reading = Reading::new(list, "-", 1, repair);
    let (left, right) = text.split_at(cut.min(text.len()));
    reading.push(left);
    reading.push(right);
    reading.finish()
}

/// The watches of a real playbook, filtered and not.
static REAL: LazyLock<(Watchlist, Watchlist)> = LazyLock::new(|| lists(real()));

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn filtered_is_unfiltered(book in book(), mut dice in dice(300), repair in any::<bool>(), cut in 0usize..400) {
        let (filtered, whole) = lists(&book.load());
        let text = text_of(&mut dice, &["vault kv-a open", "code=500 mount", "montagem falhou", "about w-0"]);
        prop_assert_eq!(read(&filtered, &text, repair, cut), read(&whole, &text, repair, 0));
    }

    #[test]
    fn filtered_is_unfiltered_for_what_really_is_looked_for(mut dice in dice(300), repair in any::<bool>(), cut in 0usize..400) {
        let text = text_of(&mut dice, &[
            "Identity not found", "169.254.169.254", "code = DeadlineExceeded desc = context deadline exceeded",
            "AADSTS700213: no match", "failed to get objectType:secret", "https://kv-a.vault.azure.net/secrets/x",
            "client_id=5e1d9f3a-0000-4e8d-a1f7-3b9c0d2e4f11",
        ]);
        prop_assert_eq!(read(&REAL.0, &text, repair, cut), read(&REAL.1, &text, repair, 0));
    }
}
