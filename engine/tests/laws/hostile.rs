//! No input makes the engine panic: no text, no file of a playbook, no evidence.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use serde_json::Value as Json;
use triagem_engine::diagnose::{diagnose, watchlist};
use triagem_engine::evidence::recording::Recording;
use triagem_engine::evidence::{Body, Document, Evidence, Given, GivenKind, Request, Scope};
use triagem_engine::fault::{CODES, render};
use triagem_engine::playbook::load::load;
use triagem_engine::playbook::{InputValue, Playbook};
use triagem_engine::proof::{self, recognise};
use triagem_engine::text::{Reading, Watchlist};
use triagem_engine::verdict::Report;
use triagem_engine::verdict::judge::judge;
use triagem_engine::words::{Words, finding, locales};
use triagem_engine::{value, yaml};

use super::book::book;
use super::sources::vocabulary;
use super::strategies::{Dice, config, dice};
use super::world::{gap, world};

type Files = BTreeMap<String, Vec<u8>>;

/// The files of the real playbooks, by playbook.
static FILES: LazyLock<BTreeMap<String, Files>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../playbooks");
    let mut all: BTreeMap<String, Files> = BTreeMap::new();
    for folder in std::fs::read_dir(&root).unwrap() {
        let folder = folder.unwrap().path();
        let files =
            all.entry(folder.file_name().unwrap().to_string_lossy().into_owned()).or_default();
        let mut open = vec![folder.clone()];
        while let Some(here) = open.pop() {
            for entry in std::fs::read_dir(&here).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let name =
                        path.strip_prefix(&folder).unwrap().to_string_lossy().replace('\\', "/");
                    files.insert(name, std::fs::read(&path).unwrap());
                }
            }
        }
    }
    all
});

static REAL: LazyLock<BTreeMap<&String, Playbook>> = LazyLock::new(|| {
    FILES
        .iter()
        .filter(|(_, files)| files.contains_key("playbook.yaml"))
        .map(|(id, files)| {
            let loaded = load(id, files, vocabulary());
            (id, loaded.playbook.unwrap_or_else(|| panic!("{:#?}", loaded.faults)))
        })
        .collect()
});

/// The largest real playbook.
pub(crate) fn real() -> &'static Playbook {
    REAL.values().max_by_key(|it| it.causes.len()).unwrap()
}

/// Pieces of texts that somebody reads in a special way.
const ODD: &[&str] = &[
    "\n",
    " ",
    "\t",
    "\\n",
    "\\\"",
    "\\/",
    "\\_",
    "\u{1b}[31m",
    "\u{1b}",
    "**",
    "`",
    "> ",
    "&quot;",
    "&#39;",
    "\u{201c}",
    "\u{200b}",
    "\\u0041",
    "\0",
    "\r\n",
    "\u{feff}",
    "err=<",
    " >",
    "{",
    "}",
    "[",
    "...",
    "---",
    "$",
    "{{",
    "}}",
    "ç",
    "\u{212a}",
    "E1123 18:32:22.978325    7088 main.go:7] ",
    "I1123 99:99:99.999999 1 x.go:1] ",
    "2026-11-23T21:17:46.224080123Z stderr P ",
    "2026-11-23T21:17:46+99999999999999999:00 ",
    "0000-01-01T00:00:00Z ",
    "9999-12-31T23:59:60-23:59 ",
    "Warning  Failed  1s (x18446744073709551615 over 9223372036854775807d)  kubelet  ",
    "Normal  A  <unknown>  ",
    "LAST SEEN   TYPE   REASON   OBJECT   MESSAGE",
    "Name:  x\nNamespace: y\nEvents:\n",
    "Volumes:\n",
    "apiVersion: v1\n",
    "kind: List\nitems:\n- ",
    "Error from server (NotFound): pods \"x\" not found\n",
    "Error from server (Forbidden): ",
    "No resources found\n",
    "NAME   READY\n",
    "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"uid\":\"u\",\"resourceVersion\":\"1\"}}\n",
    "{\"kind\":\"PodList\",\"items\":[",
    "time=\"2020-05-07T08:16:29Z\" level=error msg=\"",
    "{\"level\":\"error\",\"ts\":1e308,\"msg\":\"",
    "{\"ts\":-9223372036854775808,\"msg\":1,\"err\":{",
    "eyJhbGciOiJSUzI1.eyJhdWQi",
    "-----BEGIN RSA PRIVATE KEY-----",
];

/// A text of odd pieces, and of what somebody looks for, whole or broken.
pub(crate) fn text_of(dice: &mut Dice, wanted: &[&str]) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..=dice.below(14) {
        if dice.chance(50) {
            text.extend_from_slice(dice.one(ODD).as_bytes());
            continue;
        }
        let mut piece = dice.one(wanted).to_owned();
        match dice.below(6) {
            1 => piece = piece.to_uppercase(),
            2 => {
                let at = piece.floor_char_boundary(dice.below(piece.len()));
                piece.insert_str(at, dice.one(ODD));
            }
            3 => piece.truncate(piece.floor_char_boundary(dice.below(piece.len()))),
            4 => text.extend(u8::try_from(dice.below(256))),
            _ => {}
        }
        text.extend_from_slice(piece.as_bytes());
    }
    text
}

/// Flips, cuts, doubles and splices bytes.
fn broken(dice: &mut Dice, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let place = |dice: &mut Dice, length: usize| {
        (dice.below(256) * 65536 + dice.below(256) * 256 + dice.below(256)) % length.max(1)
    };
    for _ in 0..=dice.below(4) {
        let (at, from) = (place(dice, bytes.len()), place(dice, other.len()));
        let length = 1 + dice.below(60);
        let end = (at + length).min(bytes.len());
        match dice.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 => drop(bytes.drain(at..end)),
            2 => bytes.truncate(at),
            3 => {
                let piece = bytes[at.min(end)..end].to_vec();
                drop(bytes.splice(at..at, piece));
            }
            4 => {
                let piece = other[from..(from + length).min(other.len())].to_vec();
                drop(bytes.splice(at..at.min(bytes.len()), piece));
            }
            _ => {
                let piece = dice.one(ODD).as_bytes().to_vec();
                drop(bytes.splice(at..at, piece));
            }
        }
    }
    bytes
}

/// Every way a text can come in.
fn read_in_every_way(list: &Watchlist, bytes: &[u8]) -> Vec<Given> {
    for repair in [false, true] {
        let mut reading = Reading::new(list, "-", 1, repair);
        reading.push(bytes);
        reading.finish();
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    let _ = yaml::tree(&text);
    let _ = value::seconds(&text);
    for (_, kind) in value::Type::ALL {
        if let Some(value) = value::Value::parse(*kind, &text) {
            let _ = value::compare(*kind, value.text(), "1");
        }
    }
    let _ =
        Recording::read(Arc::new(BTreeMap::from([("recording.yaml".to_owned(), bytes.to_vec())])));
    recognise(list, "-", bytes)
}

fn tell(playbook: &Playbook, report: &Report) {
    for locale in locales() {
        let words = Words::new(locale).unwrap();
        for it in &report.findings {
            let _ = finding(&words, playbook, it);
        }
    }
}

/// Data of any shape, with keys that playbooks ask for.
fn json(dice: &mut Dice, depth: usize) -> Json {
    const KEYS: &[&str] = &[
        "items",
        "spec",
        "metadata",
        "name",
        "namespace",
        "kind",
        "string0",
        "key",
        "node",
        "labels",
        "a",
    ];
    match dice.below(if depth == 0 { 6 } else { 10 }) {
        0 => Json::Null,
        1 => true.into(),
        2 => i64::MIN.into(),
        3 => 1e308.into(),
        4 => dice.one(ODD).into(),
        5 => dice
            .one(&[
                "w-0",
                "/subscriptions//",
                "",
                "::ffff:1.2.3.4/129",
                "99999999999999999999y",
                "1e400Ei",
                "v1.18446744073709551616",
            ])
            .into(),
        6 | 7 => (0..dice.below(4)).map(|_| json(dice, depth - 1)).collect(),
        _ => {
            (0..dice.below(5)).map(|_| (dice.one(KEYS).to_owned(), json(dice, depth - 1))).collect()
        }
    }
}

/// Evidence that no collector would give: any data, any text, for any question.
struct Wild(std::cell::RefCell<Dice>);

impl triagem_engine::evidence::Collector for Wild {
    fn collect(
        &self,
        wanted: &std::collections::BTreeSet<Request>,
        list: &Watchlist,
    ) -> BTreeMap<Request, triagem_engine::evidence::Answer> {
        let mut dice = self.0.borrow_mut();
        wanted.iter().map(|it| (it.clone(), wild(&mut dice, list))).collect()
    }
}

fn wild(dice: &mut Dice, list: &Watchlist) -> triagem_engine::evidence::Answer {
    let body = match dice.below(4) {
        0 => return Err(gap(dice)),
        1 => {
            let mut reading = Reading::new(list, "-", 1, false);
            reading.push(&text_of(dice, &["mount failed about w-0", "vault kv-a open"]));
            Body::Text(reading.finish())
        }
        _ => Body::Tree(json(dice, 5)),
    };
    let partial = dice.chance(50).then(|| gap(dice));
    Ok(Document { body, partial, origin: dice.one(ODD).to_owned() })
}

fn wild_scope(dice: &mut Dice, list: &Watchlist, playbook: &Playbook) -> Scope {
    let mut scope = Scope { vocabulary: vocabulary(), ..Scope::default() };
    scope.now = dice.one(&[None, Some(0), Some(i64::MAX), Some(i64::MIN)]);
    for _ in 0..dice.below(4) {
        let kind = dice.one(&[
            GivenKind::Object,
            GivenKind::Events,
            GivenKind::Log,
            GivenKind::Message,
            GivenKind::Error,
        ]);
        let names = dice.some(&["kind", "namespace", "name", "uid", "resource"], 5);
        let names = names.into_iter().map(|it| (it.to_owned(), dice.one(ODD).to_owned())).collect();
        scope.given.push(Given {
            kind,
            names,
            answer: wild(dice, list),
            origin: "-".to_owned(),
            line: 0,
        });
    }
    for input in &playbook.inputs {
        if dice.chance(40) {
            scope.inputs.insert(input.name.clone(), InputValue::Text(dice.one(ODD).to_owned()));
        }
    }
    scope
}

#[test]
fn the_real_playbooks_load_with_these_sources() {
    assert!(REAL.len() >= 2);
    assert!(real().causes.len() >= 20);
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn no_text_panics(text in any::<String>(), mut dice in dice(80)) {
        let list = Watchlist::new(Vec::new(), Vec::new());
        read_in_every_way(&list, text.as_bytes());
        read_in_every_way(&list, &text_of(&mut dice, &["apiVersion: triagem/v1\n", "a: [1, 2]\n", "- x: {y: z}\n"]));
    }

    #[test]
    fn no_broken_paste_panics(mut dice in dice(80)) {
        static LIST: LazyLock<Watchlist> = LazyLock::new(|| watchlist(std::slice::from_ref(real())));
        let texts: Vec<&Vec<u8>> = FILES.values().flat_map(|files| files.iter().filter(|(name, _)| name.starts_with("recordings/")).map(|(_, it)| it)).collect();
        let (text, other) = (dice.one(&texts), dice.one(&texts));
        let text = &text[..text.len().min(6_000)];
        let given = read_in_every_way(&LIST, &broken(&mut dice, text, other));
        let scope = Scope { given, vocabulary: vocabulary(), ..Scope::default() };
        if dice.chance(15) {
            let report = judge(std::slice::from_ref(real()), &scope, &Evidence::default());
            tell(real(), &report);
        }
    }

    #[test]
    fn no_evidence_panics(book in book(), mut dice in dice(300)) {
        let playbook = book.load();
        let alone = std::slice::from_ref(&playbook);
        let list = watchlist(alone);
        let scope = wild_scope(&mut dice, &list, &playbook);
        let report = diagnose(alone, &list, &scope, &Wild(dice.into()));
        tell(&playbook, &report);
    }

    #[test]
    fn no_broken_playbook_panics_and_each_fault_is_known(mut dice in dice(120), world in world()) {
        let folders: Vec<&String> = FILES.keys().collect();
        let id = dice.one(&folders);
        // A few causes are as good as all of them, and faster; what hides another goes with it.
        let names: Vec<&String> = FILES[id].keys().collect();
        let keep = [dice.one(&names), dice.one(&names), dice.one(&names)];
        let mut files: Files = FILES[id].iter()
            .filter(|(name, _)| *name == "playbook.yaml" || keep.contains(name) || name.starts_with("recordings/") && dice.chance(5))
            .map(|(name, it)| (name.clone(), it.clone()))
            .collect();
        files.insert("causes/whole.yaml".to_owned(), WHOLE.as_bytes().to_vec());
        let names: Vec<String> = files.keys().cloned().collect();
        for _ in 0..=dice.below(2) {
            let (name, other) = (dice.one(&names), dice.one(&names));
            let bytes = broken(&mut dice, &files[&name], &files[&other]);
            files.insert(name, bytes);
        }
        let loaded = load(id, &files, vocabulary());
        prop_assert!(loaded.faults.is_sorted());
        for fault in &loaded.faults {
            prop_assert!(CODES.iter().any(|(code, ..)| *code == fault.code), "{fault:?}");
        }
        render("here", &loaded.faults, &files, dice.chance(50));
        if let Some(playbook) = loaded.playbook {
            tell(&playbook, &world.report(&playbook));
            proof::run(&playbook, &files, vocabulary());
        }
    }

    #[test]
    fn no_broken_book_panics(book in book(), world in world(), mut dice in dice(160)) {
        let mut files = book.files();
        let names: Vec<String> = files.keys().cloned().collect();
        for _ in 0..=dice.below(2) {
            let (name, other) = (dice.one(&names), dice.one(&names));
            let bytes = broken(&mut dice, &files[&name], &files[&other]);
            files.insert(name, bytes);
        }
        let loaded = load("book", &files, vocabulary());
        render("here", &loaded.faults, &files, false);
        if let Some(playbook) = loaded.playbook {
            tell(&playbook, &world.report(&playbook));
            let alone = std::slice::from_ref(&playbook);
            let list = watchlist(alone);
            let scope = wild_scope(&mut dice, &list, &playbook);
            tell(&playbook, &diagnose(alone, &list, &scope, &Wild(dice.into())));
        }
    }
}

/// A cause that leans on nothing.
const WHOLE: &str = "apiVersion: triagem/v1\nkind: Cause\nid: whole\ntitle: Whole\nseverity: low\nsteps: [{id: s, says: s, uses: azure.get, with: {id: /subscriptions/x}}]\nfacts: {f: {from: s, type: string, path: $.a}}\nsigns: {seen: {says: Seen, fact: f, is: a}}\nrequires: [seen]\nexplains: Why\nremedy: [{do: x, changes: nothing, owner: anyone}]\ntests: [{name: t, paste: x, expect: {whole: undetermined}}]\n";
