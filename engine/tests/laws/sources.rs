//! What playbooks may ask in these tests: what the program itself comes with.

use std::sync::LazyLock;

use triagem_engine::system::{System, Vocabulary, load};

/// What the built-in systems bring.
pub(crate) fn vocabulary() -> Vocabulary {
    Vocabulary::of(built_in())
}

/// The built-in systems.
pub(crate) fn built_in() -> &'static Vec<System> {
    static ALL: LazyLock<Vec<System>> = LazyLock::new(|| {
        let written = [
            ("azure", include_str!("../../../playbooks/systems/azure/system.yaml")),
            ("kubernetes", include_str!("../../../playbooks/systems/kubernetes/system.yaml")),
        ];
        written.into_iter().map(|(id, text)| load(id, text, true).system.unwrap()).collect()
    });
    &ALL
}
