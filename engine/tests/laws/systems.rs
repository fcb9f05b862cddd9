//! Systems: whatever stands in their file, and whatever a question asks, nothing panics and nothing becomes an option.

use std::collections::BTreeMap;

use proptest::prelude::*;
use triagem_engine::evidence::{Gap, Request};
use triagem_engine::system::{Door, load};

use super::sources::vocabulary;
use super::strategies::config;

const WRITTEN: [&str; 2] = [
    include_str!("../../../playbooks/systems/azure/system.yaml"),
    include_str!("../../../tests/postgres/systems/postgres/system.yaml"),
];

/// What a value may be that somebody hostile chose, or half chose.
fn value() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "-x",
        "--output=/tmp/x",
        "@/etc/passwd",
        "https://evil.example/",
        "//evil.example",
        "..",
        "/../",
        "a b",
        "\n",
        "?",
        "&",
        "#",
        "%2f",
        "<x>",
        "/subscriptions/",
        "Microsoft.KeyVault/vaults",
        "providers",
        "\\",
        "+",
        "/providers/",
        "resourceGroups/",
        "$(id)",
        "",
        "2023-07-01",
        "kv-web",
    ]);
    prop::collection::vec(prop_oneof![nasty.prop_map(str::to_owned), "[ -~]{0,6}"], 0..4)
        .prop_map(|it| it.concat())
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn no_value_becomes_an_option_or_another_host(
        which in 0_usize..64,
        values in prop::collection::vec(value(), 6),
        lists in any::<bool>(),
    ) {
        let commands: Vec<_> = vocabulary()
            .iter()
            .filter_map(|it| match &it.door { Door::Command(command) => Some((it, command)), _ => None })
            .collect();
        let (source, command) = &commands[which % commands.len()];
        let mut params = BTreeMap::new();
        for (param, value) in source.params.iter().zip(&values).filter(|(_, it)| !it.is_empty()) {
            let json = if lists { serde_json::json!([value]) } else { serde_json::json!(value) };
            params.insert(param.name.clone(), json.to_string());
        }
        let request = Request { source: source.name.clone(), params };
        let _ = command.preview(source, &request);
        let _ = command.nothing_asked(source, &request);
        if let Ok(argv) = command.argv(source, &request) {
            prop_assert!(!lists || request.params.is_empty(), "{argv:?}");
            let url = argv.iter().position(|it| it == "--url").and_then(|at| argv.get(at + 1));
            let id = argv.iter().position(|it| it == "--ids").and_then(|at| argv.get(at + 1));
            for place in url.into_iter().chain(id) {
                prop_assert!(place.to_lowercase().starts_with("/subscriptions/"), "{argv:?}");
                prop_assert!(!place.contains("..") && !place.contains(char::is_whitespace), "{argv:?}");
            }
            let own = ["--ids", "--api-version", "-o", "--method", "--url", "--name", "--resource-type"];
            for word in argv.iter().filter(|it| it.starts_with(['-', '@'])) {
                prop_assert!(own.contains(&word.as_str()), "{argv:?}");
            }
        }
    }

    #[test]
    fn no_broken_system_panics(
        which in 0_usize..2,
        cuts in prop::collection::vec((0_usize..400, 0_usize..3, value()), 0..6),
    ) {
        let mut lines: Vec<String> = WRITTEN[which].lines().map(str::to_owned).collect();
        for (at, how, text) in cuts {
            let at = at % lines.len();
            match how {
                0 => { lines.remove(at); }
                1 => lines[at] = format!("{}{text}", lines[at]),
                _ => lines.insert(at, text),
            }
            if lines.is_empty() { break; }
        }
        let loaded = load("azure", &lines.join("\n"), false);
        // What is no system has a fault that says so.
        prop_assert!(loaded.system.is_some() || !loaded.faults.is_empty());
    }
}

/// What a program says when it fails is any text.
#[test]
fn whatever_a_tool_says_is_a_gap_of_bounded_length() {
    let system = load("azure", WRITTEN[0], true).system.unwrap();
    let tool = system.tools.get("az").unwrap();
    let long = "x".repeat(100_000);
    for said in [
        String::new(),
        long.clone(),
        format!("ERROR: (AuthorizationFailed) perform action '{long}'"),
        "ERROR: (AuthorizationFailed) perform action 'password=hunter2hunter2'".to_owned(),
    ] {
        let gap = tool.refused(Some(1), &said, &|_, _| None);
        prop_assert_bounded(&gap);
    }
}

fn prop_assert_bounded(gap: &Gap) {
    assert!(gap.detail().chars().count() <= 400, "{}", gap.detail().len());
    assert!(!gap.detail().contains("hunter2"), "{gap:?}");
}
