//! What playbooks may ask in these tests: what the program itself comes with.

use std::sync::LazyLock;

use triagem_engine::system::{Source, Vocabulary, load};

/// Every source of the built-in systems.
pub(crate) fn vocabulary() -> Vocabulary {
    static ALL: LazyLock<Vec<Source>> = LazyLock::new(|| {
        let written = [
            ("azure", include_str!("../../../playbooks/systems/azure/system.yaml")),
            ("kubernetes", include_str!("../../../playbooks/systems/kubernetes/system.yaml")),
        ];
        let one = |(id, text): (&str, &str)| load(id, text, true).system.unwrap().sources;
        written.into_iter().flat_map(one).collect()
    });
    &ALL
}
