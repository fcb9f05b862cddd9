//! Memory follows the size of what is read, not its shape: for n bytes at most 64 MB and 4 n.
//!
//! One test, so that nothing else allocates beside it.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;
use std::sync::Arc;

use peak_alloc::PeakAlloc;
use triagem_engine::budget::Budget;
use triagem_engine::evidence::Request;
use triagem_engine::evidence::recording::Recording;
use triagem_engine::proof::recognise;
use triagem_engine::text::Watchlist;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const MB: usize = 1024 * 1024;

/// Texts of about so many bytes, each of a shape that costs more than its length.
fn shapes(bytes: usize) -> Vec<(&'static str, String)> {
    let filled = |piece: &str| piece.repeat(bytes / piece.len());
    let object = |name: &str| {
        format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{{\"name\":\"{name}\",\"labels\":{{\"a\":\"\",\"b\":\"\",\"c\":\"\"}}}}}}"
        )
    };
    let pods: Vec<String> = (0..bytes / 120).map(|it| object(&it.to_string())).collect();
    vec![
        ("objects in a list", format!("[{}0]", filled("{\"\":0},"))),
        ("lists in a list", format!("[{}0]", filled("[],"))),
        ("numbers", format!("[{}0]", filled("0,"))),
        (
            "a nested list",
            format!("{{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"a\":[{}0]}}", filled("{\"\":0},")),
        ),
        ("lines of JSON", filled("{\"log\":\"a\",\"stream\":\"s\",\"time\":\"t\"}\n")),
        (
            "a long row",
            format!("{{\"log\":[{}0],\"msg\":\"\"}}\n", "{\"\":0},".repeat(140_000.min(bytes / 7))),
        ),
        ("many objects", pods.join("\n")),
        ("a list of objects", format!("{{\"kind\":\"List\",\"items\":[{}]}}", pods.join(","))),
        (
            "objects line by line",
            format!("{{\"kind\":\"List\",\"items\":[\n{}\n]}}", pods.join(",\n")),
        ),
        (
            "a list in YAML",
            format!("kind: List\nitems:\n{}", filled("- kind: Pod\n  metadata: {name: a}\n")),
        ),
        ("zeros in YAML", format!("kind: Pod\na:\n{}", filled("- 0\n"))),
        ("empty objects in YAML", format!("kind: Pod\na: [{}0]\n", filled("{a: 0},"))),
        ("documents in YAML", filled("---\nkind: Pod\nmetadata: {name: a}\n")),
        ("brackets", filled("[")),
        ("one line", filled("x")),
        ("lines", filled("x\n")),
        (
            "noted",
            format!(
                "{{\"kind\":\"Pod\",\"metadata\":{{\"annotations\":{{\"kubectl.kubernetes.io/last-applied-configuration\":\"[{}0]\"}}}}}}",
                filled("{},")
            ),
        ),
    ]
}

/// The peak of what it does, beside what was there before; bytes.
fn peak<T>(work: impl FnOnce() -> T) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    drop(work());
    MEMORY.peak_usage().saturating_sub(before)
}

fn tampered(tree: &str) -> Recording {
    let manifest = "apiVersion: triagem/v1\nkind: Recording\nanswers:\n- {file: a.json, request: {source: s, with: {}}}\n";
    let files = BTreeMap::from([
        ("recording.yaml".to_owned(), manifest.as_bytes().to_vec()),
        ("a.json".to_owned(), tree.as_bytes().to_vec()),
    ]);
    Recording::read(Arc::new(files)).unwrap()
}

#[test]
fn memory_follows_the_size_and_not_the_shape() {
    let list = Watchlist::new(Vec::new(), Vec::new());
    let mut worst = Vec::new();
    for bytes in [MB, 8 * MB] {
        for (name, text) in shapes(bytes) {
            let limit = 64 * MB + 4 * text.len();
            let read = peak(|| {
                // As a file is read: piece by piece.
                recognise(&list, "-", text.as_bytes())
            });
            worst.push((100 * read / limit, name, text.len(), read));
            let held = peak(|| Budget::new(MB).json(text.as_bytes()));
            assert!(held <= 3 * MB, "{name}: {held} bytes in a budget of one MB");
            let request = Request { source: "s".to_owned(), params: BTreeMap::new() };
            let recorded = peak(|| tampered(&text).answer(&request, &list));
            worst.push((100 * recorded / limit, name, text.len(), recorded));
        }
    }
    worst.sort_by_key(|it| std::cmp::Reverse(it.0));
    for (share, name, bytes, peak) in worst.iter().take(8) {
        println!("{share} % of the limit: {name}, {bytes} bytes, peak {} MB", peak / MB);
    }
    let (share, name, bytes, peak) = &worst[0];
    assert!(*share <= 100, "{name} of {bytes} bytes takes {peak} bytes");
}
