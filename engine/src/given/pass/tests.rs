//! What is passed over is what the slow way would have looked at for nothing.

use proptest::prelude::*;

use super::super::{Recogniser, SHORT};
use crate::evidence::{Body, Document, Given};
use crate::playbook::Filter;
use crate::text::{Attempts, Lens, Severity, Slot, Watch, Watchlist};

/// Watches of every kind: of some severities, through a lens, by pattern, weak, of fields alone.
fn list() -> Watchlist {
    let texts = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect::<Vec<String>>();
    let slot = Slot {
        name: "name".to_owned(),
        after: "objectName:".to_owned(),
        before: texts(&[", objectVersion"]),
        escaped: false,
        but_names: false,
        but: None,
    };
    let attempts = Attempts { begin: texts(&["failed to", "rpc error"]), outweighs: Vec::new() };
    let errors = Filter { severity: [Severity::Error].into(), ..Filter::default() };
    let lens = Lens { slots: vec![slot], attempts: Some(attempts) };
    let through = Filter { lens, ..Filter::default() };
    let fields = [("reason".to_owned(), ["Boom".to_owned()].into())].into();
    let pattern = |it: &str| vec![regex::Regex::new(it).unwrap()];
    Watchlist::new(
        vec![
            Watch { all: texts(&["mount failed"]), filter: errors, ..Watch::default() },
            Watch {
                all: texts(&["pull image: failed to pull"]),
                filter: through,
                ..Watch::default()
            },
            Watch { any: vec![texts(&["status=403", "code\" 403"])], ..Watch::default() },
            Watch { matches: pattern("(?:gone|lost) (?<value>[a-z]+)"), ..Watch::default() },
            Watch { all: texts(&["boom"]), also_seen_as: texts(&["Krach"]), ..Watch::default() },
            Watch { filter: Filter { fields, ..Filter::default() }, ..Watch::default() },
            Watch { all: texts(&["Image=\"x"]), ..Watch::default() },
            Watch { all: texts(&["err=\"y"]), ..Watch::default() },
        ],
        texts(&["server.go", "web pod"]),
    )
}

fn read(list: &Watchlist, text: &str, chunk: usize, passes: bool) -> Vec<Given> {
    let mut recogniser = Recogniser::new(list, "-");
    recogniser.looks_closer = if passes { 0 } else { usize::MAX };
    for bytes in text.as_bytes().chunks(chunk) {
        recogniser.push(bytes);
    }
    recogniser.finish()
}

fn head() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0..3u8, 10..60u8).prop_map(|(level, s)| format!("{}1123 21:17:{s}.978325       1 server.go:7] ", ["I", "W", "E"][usize::from(level)])),
        2 => (10..60u8).prop_map(|s| format!("2026-11-23T21:17:{s}.5Z stderr F I1123 21:17:46.978325       1 a.go:7] ")),
        1 => (10..60u8).prop_map(|s| format!("2026-11-23T21:17:{s}Z ")),
        2 => (10..60u8).prop_map(|s| format!("time=\"2026-11-23T21:17:{s}Z\" level=info msg=")),
        1 => Just("time=\"2026-13-23T21:17:46Z\" level=error msg=".to_owned()),
        1 => Just("2026-11-23T21:17:46.5Z stdout P I1123 21:17:46.978325       1 a.go:7] ".to_owned()),
        2 => Just("{\"level\":\"info\",\"ts\":\"2026-11-23T21:17:46Z\",\"msg\":\"x\",\"a\":\"".to_owned()),
        1 => Just("{\"ts\":1671613958670.3242,\"v\":0,\"msg\":\"x\",\"status\":403,\"a\":\"".to_owned()),
        1 => Just("{\"level\":\"error\",\"msg\":\"x\",\"a\":\"".to_owned()),
        3 => (proptest::sample::select(vec!["Image", "error", "err", "a", "msg", "pod"]), proptest::sample::select(vec!["\"v\":0", "\"v\":null", "\"err\":null", "\"b\":[1]"]))
            .prop_map(|(key, more)| format!("{{\"ts\":\"2026-11-23T21:17:46Z\",{more},\"msg\":\"mount failed\",\"{key}\":\"")),
        1 => Just(String::new()),
        1 => Just("\t".to_owned()),
        1 => Just("[pod/web-0/app] I1123 21:17:46.978325       1 a.go:7] ".to_owned()),
    ]
}

fn words() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(vec![
        "mount",
        "failed",
        "Mount",
        "pull image:",
        "[failed to pull",
        "failed to pull",
        ", rpc error",
        "]",
        "status=403",
        "status",
        "code\" 403",
        "code\\\" 403",
        "gone",
        "lost web",
        "boom",
        "krach",
        "web",
        "pod",
        "web pod",
        "a\\nb",
        "\\nmount",
        "Warning",
        "Normal",
        "&quot;",
        "**",
        "\"I1123 21:17:46.978325 1 a.go:7] x",
        "é",
        "\u{1b}[31m",
        "\t",
        "err=<",
        " >",
        "objectName:",
        ", objectVersion",
        "Events:",
        "x",
        "y z",
        "\r",
        "> kubectl get pods",
        "```",
        "it is over",
        "\\/",
        "{",
        "}",
        "Name:  web",
    ]);
    (proptest::collection::vec(word, 0..5), any::<bool>())
        .prop_map(|(words, apart)| words.join(if apart { " " } else { "" }))
}

fn line() -> impl Strategy<Value = String> {
    (head(), words(), 0..3u8).prop_map(|(head, words, end)| {
        let tail = if head.starts_with('{') { ["\"}", "\"", "\"}}"] } else { ["", "\"", ""] };
        format!("{head}{words}{}", tail[usize::from(end)])
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]
    #[test]
    fn what_is_passed_over_would_have_told_nothing(lines in proptest::collection::vec(line(), 0..14), chunk in 20..600usize) {
        let list = list();
        let text = format!("{}\n", lines.join("\n"));
        prop_assert_eq!(read(&list, &text, chunk, true), read(&list, &text, text.len(), false), "{}", text);
    }
}

/// Each line among others, as both ways see it.
#[test]
fn a_line_of_json_is_looked_at_as_it_is_flattened() {
    let list = list();
    let at = "\"ts\":\"2026-11-23T21:17:46Z\"";
    for (more, seen) in [
        ("\"v\":0,\"msg\":\"m\",\"Image\":\"x\"", true),
        ("\"v\":0,\"msg\":\"m\",\"error\":\"y\"", true),
        ("\"v\":0,\"msg\":\"m\",\"err\":\"y\"", true),
        ("\"v\":0,\"msg\":\"mount failed\",\"err\":null", true),
        ("\"v\":null,\"msg\":\"mount failed\"", false),
        ("\"msg\":\"mount failed\"", true),
    ] {
        let text = format!("{{{at},\"v\":0,\"msg\":\"fine\"}}\n").repeat(3);
        let text = format!("{text}{{{at},{more}}}\n{text}");
        let slow = read(&list, &text, text.len(), false);
        let sightings = slow.iter().any(|it| match &it.answer {
            Ok(Document { body: Body::Text(it), .. }) => !it.sightings.is_empty(),
            Ok(_) | Err(_) => false,
        });
        assert_eq!(sightings, seen, "{more}");
        assert_eq!(read(&list, &text, text.len(), true), slow, "{more}");
    }
}

#[test]
fn of_a_log_that_holds_nothing_every_line_is_passed_over() {
    let list = list();
    let line =
        |it: usize| format!("I1123 21:17:{:02}.978325       1 a.go:7] \"fine\" n={it}\n", it % 60);
    let text: String = (0..50_000).map(line).collect();
    assert!(text.len() > SHORT);
    let (mut passed, mut recogniser) = (0, Recogniser::new(&list, "-"));
    for bytes in text.as_bytes().chunks(64 * 1024) {
        let before = recogniser.sorter.number;
        recogniser.push(bytes);
        passed += usize::from(recogniser.sorter.number > before + 100);
    }
    assert!(passed > 20);
    assert_eq!(recogniser.finish(), read(&list, &text, text.len(), false));
}
