//! What is this text? Bytes → pieces of evidence, line by line, in bounded memory.
//!
//! A text may hold anything in any order: descriptions, tables of events, objects as JSON or YAML,
//! logs, bare messages, a tool's own errors. Only objects are held whole.

use std::collections::BTreeMap;

use crate::evidence::{Body, Document, Gap, Given, GivenKind};
use crate::text::{Reading, Watchlist};

mod describe;
mod errors;
mod events;
mod objects;

use describe::Description;
use events::{Columns, EventRow, Events};

pub use events::EventReading;

/// Bytes of a JSON or YAML document.
const TREE_BYTES: usize = 64 * 1024 * 1024;
/// Bytes of a line that are looked at to tell what it is.
const LINE_BYTES: usize = 256 * 1024;

/// Recognises one text. Any chunking of its bytes gives the same pieces.
#[derive(Debug)]
pub struct Recogniser<'w> {
    origin: String,
    line: Vec<u8>,
    number: u64,
    state: State,
    /// Lines of an object under construction.
    held: String,
    held_from: u64,
    too_large: bool,
    description: Option<Description>,
    columns: Option<Columns>,
    row: Option<EventRow>,
    events: Events<'w>,
    text: Reading<'w>,
    text_from: u64,
    text_lines: u64,
    headers: u64,
    pieces: Vec<Given>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// Nothing has been seen but white space.
    Start,
    /// One JSON document from the first byte.
    Json,
    /// JSON within other text, from a `{` to a `}` at the beginning of a line.
    JsonBlock,
    Yaml,
    Describe,
    Events,
    Text,
    /// A table of something else.
    Table,
}

impl<'w> Recogniser<'w> {
    /// Begins a text that came from `origin` (a file's name, or `-`).
    pub fn new(list: &'w Watchlist, origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            line: Vec::new(),
            number: 0,
            state: State::Start,
            held: String::new(),
            held_from: 0,
            too_large: false,
            description: None,
            columns: None,
            row: None,
            events: Events::new(list, origin),
            text: Reading::new(list, origin, 1, true),
            text_from: 0,
            text_lines: 0,
            headers: 0,
            pieces: Vec::new(),
        }
    }

    /// Reads the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = rest.split_at(end);
            self.keep(line);
            self.end_line();
            rest = after.get(1..).unwrap_or_default();
        }
        self.keep(rest);
    }

    /// Ends the text and hands over its pieces.
    pub fn finish(mut self) -> Vec<Given> {
        if !self.line.is_empty() {
            self.end_line();
        }
        self.close();
        let mut pieces = std::mem::take(&mut self.pieces);
        pieces.extend(self.events.finish());
        if self.text_lines > 0 {
            let kind = if self.headers > 0 { GivenKind::Log } else { GivenKind::Message };
            let excerpts = self.text.finish();
            pieces.push(Given {
                kind,
                names: BTreeMap::new(),
                answer: Ok(Document {
                    body: Body::Text(excerpts),
                    partial: Some(Gap::HandedOver),
                    origin: self.origin.clone(),
                }),
                origin: self.origin.clone(),
                line: self.text_from,
            });
        }
        pieces.sort_by_key(|it| it.line);
        pieces.iter_mut().for_each(hide_secrets);
        pieces
    }

    /// One JSON document may be one long line: it is held up to its own limit, others to theirs.
    fn keep(&mut self, bytes: &[u8]) {
        let start = self.line.iter().chain(bytes).find(|it| !it.is_ascii_whitespace()).copied();
        let tree = self.state == State::Json
            || self.state == State::Start && matches!(start, Some(b'{' | b'['));
        let limit = if tree { TREE_BYTES } else { LINE_BYTES };
        let room = limit.saturating_sub(self.line.len()).min(bytes.len());
        self.line.extend_from_slice(bytes.get(..room).unwrap_or_default());
        self.too_large |= tree && room < bytes.len();
    }

    fn end_line(&mut self) {
        let bytes = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_start_matches('\u{feff}').trim_end_matches('\r');
        self.number += 1;
        self.next(line);
        self.line = bytes;
        self.line.clear();
    }

    fn next(&mut self, line: &str) {
        match self.state {
            State::Json => return self.hold(line),
            State::JsonBlock => {
                self.hold(line);
                if line == "}" {
                    self.close();
                }
                return;
            }
            State::Yaml if objects::goes_on(line) => return self.hold(line),
            State::Start if line.trim().is_empty() => return,
            State::Start
                if line.trim_start().starts_with(['{', '['])
                    && !is_log(line)
                    && !line.trim_start().starts_with("[pod/") =>
            {
                self.state = State::Json;
                self.held_from = self.number;
                return self.hold(line);
            }
            State::Start
            | State::Yaml
            | State::Describe
            | State::Events
            | State::Text
            | State::Table => {}
        }
        if self.begins(line) {
            return;
        }
        match self.state {
            State::Describe => self.described(line),
            State::Events => self.event_line(line),
            State::Table if line.trim().is_empty() => self.state = State::Text,
            State::Table if line.contains("   ") || !line.contains(' ') => {}
            State::Start
            | State::Json
            | State::JsonBlock
            | State::Yaml
            | State::Text
            | State::Table => self.plain(line),
        }
    }

    /// Whether the line begins something of its own.
    fn begins(&mut self, line: &str) -> bool {
        let trimmed = line.trim();
        if let Some(error) = errors::error(trimmed) {
            self.close();
            self.pieces.push(error.given(&self.origin, self.number));
            self.state = State::Text;
            return true;
        }
        if trimmed.starts_with("No resources found") || trimmed.starts_with("No events found") {
            return true;
        }
        if objects::begins(line) {
            self.close();
            self.state = State::Yaml;
            self.held_from = self.number;
            self.hold(line);
            return true;
        }
        if line == "{" && !matches!(self.state, State::Events | State::Text) {
            self.close();
            self.state = State::JsonBlock;
            self.held_from = self.number;
            self.hold(line);
            return true;
        }
        if describe::begins(line) {
            self.close();
            self.state = State::Describe;
            self.description = Some(Description::new(self.number));
            self.described(line);
            return true;
        }
        if let Some(columns) = Columns::of(trimmed) {
            self.end_row();
            // The rows of a description belong to its object.
            if self.description.is_none() {
                self.close();
            }
            self.columns = Some(columns);
            self.state = State::Events;
            return true;
        }
        if self.state != State::Describe
            && let Some(row) = EventRow::parse(line, self.columns.as_ref(), self.number)
        {
            self.end_row();
            if self.state != State::Events && self.description.is_none() {
                let columns = self.columns.take();
                self.close();
                self.columns = columns;
                self.state = State::Events;
            }
            self.row = Some(row);
            return true;
        }
        if is_table(trimmed) {
            self.close();
            self.state = State::Table;
            return true;
        }
        false
    }

    fn described(&mut self, line: &str) {
        if line.trim_end() == "Events:" {
            self.state = State::Events;
            return;
        }
        if let Some(description) = &mut self.description {
            description.push(line);
        }
    }

    /// A line below a row goes on with its message, unless it is of another kind.
    fn event_line(&mut self, line: &str) {
        let rule = line.trim_start().starts_with("----") && self.row.is_none();
        if rule || line.trim().is_empty() && self.row.is_none() {
            return;
        }
        if is_log(line) || self.row.is_none() {
            self.close();
            self.state = State::Text;
            self.plain(line);
            return;
        }
        if let Some(row) = &mut self.row {
            row.more(line);
        }
    }

    fn plain(&mut self, line: &str) {
        if self.state != State::Text {
            self.close();
            self.state = State::Text;
        }
        if line.trim().is_empty() && self.text_lines == 0 {
            return;
        }
        if self.text_lines == 0 {
            self.text_from = self.number;
        }
        self.text_lines += 1;
        self.headers += u64::from(is_log(line));
        self.text.at_line(self.number);
        self.text.push(line.as_bytes());
        self.text.push(b"\n");
    }

    fn hold(&mut self, line: &str) {
        if self.held.len() + line.len() > TREE_BYTES {
            self.too_large = true;
            return;
        }
        self.held.push_str(line);
        self.held.push('\n');
    }

    fn end_row(&mut self) {
        if let Some(row) = self.row.take() {
            let names = self.description.as_ref().map(Description::names).unwrap_or_default();
            self.events.add(&row, &names);
        }
    }

    /// Ends what is under construction.
    fn close(&mut self) {
        self.end_row();
        self.columns = None;
        if let Some(description) = self.description.take() {
            self.pieces.extend(description.given(&self.origin));
        }
        self.text.interrupt();
        let held = std::mem::take(&mut self.held);
        if self.too_large {
            self.too_large = false;
            self.pieces.push(Given {
                kind: GivenKind::Object,
                names: BTreeMap::new(),
                answer: Err(Gap::TooLarge),
                origin: self.origin.clone(),
                line: self.held_from,
            });
        } else if !held.is_empty() {
            let json = matches!(self.state, State::Json | State::JsonBlock);
            let trees = if json { objects::json(&held) } else { objects::yaml(&held) };
            if trees.is_empty() {
                // It only looked like an object: it is text after all.
                self.state = State::Text;
                let from = self.held_from;
                let number = std::mem::replace(&mut self.number, from);
                for (at, line) in held.lines().enumerate() {
                    self.number = from + at as u64;
                    self.plain(line);
                }
                self.number = number;
                self.text.interrupt();
            } else {
                for tree in trees {
                    objects::take(
                        tree,
                        &self.origin,
                        self.held_from,
                        &mut self.events,
                        &mut self.pieces,
                    );
                }
            }
        }
        self.state = State::Text;
    }
}

/// A line that a logging library wrote.
fn is_log(line: &str) -> bool {
    crate::text::is_header(line)
}

/// The header of a table that kubectl prints: capital words in columns.
fn is_table(line: &str) -> bool {
    let columns: Vec<&str> = line.split("  ").map(str::trim).filter(|it| !it.is_empty()).collect();
    columns.len() >= 2
        && columns.first().is_some_and(|it| matches!(*it, "NAME" | "NAMESPACE" | "CURRENT"))
        && columns.iter().all(|it| {
            it.chars().all(|letter| letter.is_ascii_uppercase() || " -()_/".contains(letter))
        })
}

/// Also a name may hold a secret that somebody pasted into it.
fn hide_secrets(piece: &mut Given) {
    let clean = |text: &mut String| {
        if let std::borrow::Cow::Owned(redacted) = crate::text::secret::redact(text) {
            *text = redacted;
        }
    };
    piece.names.values_mut().for_each(clean);
    match &mut piece.answer {
        Ok(document) => clean(&mut document.origin),
        Err(Gap::Denied { needs }) => clean(needs),
        Err(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(text: &str) -> Vec<Given> {
        let list = Watchlist::new(Vec::new(), Vec::new());
        let mut recogniser = Recogniser::new(&list, "-");
        recogniser.push(text.as_bytes());
        recogniser.finish()
    }

    fn kinds(text: &str) -> Vec<(GivenKind, String)> {
        pieces(text)
            .into_iter()
            .map(|it| (it.kind, it.names.get("name").cloned().unwrap_or_default()))
            .collect()
    }

    const DESCRIBE: &str = "Name:             web-0\nNamespace:        shop\nService Account:  web\nNode:             aks-np1-vmss000000/10.224.0.4\nStatus:           Pending\nContainers:\n  app:\n    State:          Waiting\n      Reason:       ContainerCreating\n    Ready:          False\nVolumes:\n  secrets:\n    Type:              CSI (a volume)\n    Driver:            secrets-store.csi.k8s.io\n    VolumeAttributes:      secretProviderClass=kv-web\nEvents:\n  Type     Reason       Age              From     Message\n  ----     ------       ----             ----     -------\n  Warning  FailedMount  1s (x4 over 5s)  kubelet  MountVolume.SetUp failed\nsecond line\n";

    #[test]
    fn a_description_is_an_object_and_its_events() {
        let found = pieces(DESCRIBE);
        assert_eq!(found.len(), 2);
        let Ok(Document { body: Body::Tree(pod), .. }) = &found[0].answer else {
            panic!("an object")
        };
        assert_eq!(pod["spec"]["nodeName"], "aks-np1-vmss000000");
        assert_eq!(
            pod["spec"]["volumes"][0]["csi"]["volumeAttributes"]["secretProviderClass"],
            "kv-web"
        );
        assert_eq!(
            pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"],
            "ContainerCreating"
        );
        assert_eq!(found[1].kind, GivenKind::Events);
        assert_eq!(found[1].names["name"], "web-0");
        let Ok(Document { body: Body::Text(events), .. }) = &found[1].answer else {
            panic!("events")
        };
        assert_eq!(events.records, 1);
    }

    #[test]
    fn each_kind_of_text_is_recognised() {
        use GivenKind::{Error, Events, Log, Message, Object};
        for (text, want) in [
            ("MountVolume.SetUp failed for volume \"x\" : boom", vec![(Message, "")]),
            (
                "E1123 18:32:22.978325    7088 main.go:7] \"failed\" err=<\n\ta\n >\n",
                vec![(Log, "")],
            ),
            (
                "Error from server (NotFound): csidrivers.storage.k8s.io \"x\" not found",
                vec![(Error, "x")],
            ),
            (
                "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n",
                vec![(Object, "web")],
            ),
            ("{\"kind\": \"Node\", \"metadata\": {\"name\": \"n\"}}", vec![(Object, "n")]),
            (
                "Warning  FailedMount  1s (x4 over 5s)  kubelet  MountVolume.SetUp failed",
                vec![(Events, "")],
            ),
            (
                "LAST SEEN   TYPE      REASON        OBJECT      MESSAGE\n4s          Warning   FailedMount   pod/web-0   boom\n",
                vec![(Events, "web-0")],
            ),
            ("NAME    READY   STATUS\nweb-0   0/1     Pending\n", vec![]),
            ("No resources found in x namespace.", vec![]),
        ] {
            let want: Vec<(GivenKind, String)> =
                want.into_iter().map(|(kind, name)| (kind, name.to_owned())).collect();
            assert_eq!(kinds(text), want, "{text}");
        }
    }

    #[test]
    fn an_object_with_uid_and_version_is_whole_and_others_are_not() {
        let found = pieces(
            "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"uid\":\"u\",\"resourceVersion\":\"1\"}}",
        );
        assert!(matches!(&found[0].answer, Ok(document) if document.partial.is_none()));
        let found = pieces("{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}");
        assert!(
            matches!(&found[0].answer, Ok(document) if document.partial == Some(Gap::HandedOver))
        );
    }

    #[test]
    fn the_values_of_a_secret_never_become_evidence() {
        let found = pieces(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ndata:\n  clientsecret: aHVudGVyMg==\n",
        );
        assert!(!format!("{found:?}").contains("aHVudGVyMg"));
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_any_chunking_gives_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 0usize..300) {
            let list = Watchlist::new(Vec::new(), Vec::new());
            let mut whole = Recogniser::new(&list, "-");
            whole.push(&bytes);
            let mut parts = Recogniser::new(&list, "-");
            let (left, right) = bytes.split_at(cut.min(bytes.len()));
            parts.push(left);
            parts.push(right);
            prop_assert_eq!(whole.finish(), parts.finish());
        }
    }
}
