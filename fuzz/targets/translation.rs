//! A translation of anybody's: it changes no English, and what it says is as plain as what we say.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::LazyLock;

use triagem::case::Case;
use triagem::collect::live::Stop;
use triagem_engine::diagnose::watchlist;
use triagem_engine::playbook::Playbook;
use triagem_engine::verdict::Report;

use super::playbook::checked;
use super::report::{said, told};

/// What the playbook finds.
const TEXT: &str = "E1123 18:32:22.978325    7088 x.go:7] manifest unknown\n";
const ID: &str = "stale-translation";

static FILES: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| {
    let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
    let cause = include_str!("../../tests/faults/stale-translation/causes/no-image.yaml");
    BTreeMap::from([
        file("playbook.yaml", include_str!("../../tests/faults/stale-translation/playbook.yaml")),
        file("causes/no-image.yaml", cause),
        file(
            "locales/pt-BR.yaml",
            &include_str!("../../tests/faults/stale-translation/locales/pt-BR.yaml")
                .replace(" any more, text", ", text"),
        ),
    ])
});

/// The English report of the playbook as it is.
static ENGLISH: LazyLock<String> = LazyLock::new(|| english(&checked(ID, &FILES).unwrap()));

pub(crate) fn run(bytes: &[u8]) {
    let mut files = FILES.clone();
    files.insert("locales/pt-BR.yaml".to_owned(), bytes.to_vec());
    let Some(playbook) = checked(ID, &files) else { return };
    told(&report(&playbook), std::slice::from_ref(&playbook));
    assert_eq!(english(&playbook), *ENGLISH);
}

fn english(playbook: &Playbook) -> String {
    let said = said(&report(playbook), std::slice::from_ref(playbook));
    assert!(said.contains("no-image"), "{said}");
    // It is told which files a playbook was made of.
    said.replace(&playbook.digest, "")
}

fn report(playbook: &Playbook) -> Report {
    let alone = std::slice::from_ref(playbook);
    let list = watchlist(alone);
    let stop = Stop::default();
    let mut case = Case::new(alone, &list);
    case.read(&mut Cursor::new(TEXT), "-", &stop);
    case.report(&stop).unwrap()
}
