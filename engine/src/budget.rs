//! Trees within a budget: the memory that a tree takes follows its shape, not the length of its text.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};

use crate::given::is_well_pod;

/// Bytes of memory for trees, whatever the size of what is read; each byte of input gives some more.
pub const ROOM: usize = 16 * 1024 * 1024;
/// Bytes of memory that each byte of input gives.
pub const PER_BYTE: usize = 2;
/// Bytes of input that give memory: what a small archive unpacks to has no end, memory has.
const GIVES: usize = 1 << 30;
/// Bytes of memory for a record that is one line, besides its own.
const LINE: usize = 4 * 1024 * 1024;
/// Bytes for what stands beside the elements of a list that was cut.
const BESIDE: usize = 64 * 1024;
/// An element where it stands, with the room that a growing list keeps free.
const VALUE: usize = 64;
/// A text: its allocation.
const TEXT: usize = 24;
/// The first entry of an object allocates a node.
const NODE: usize = 640;
/// Entries that fit into the first node, whatever comes behind them.
const FIRST: usize = 6;
/// Of pods in one list that are well so many are read like any other object; of more only the text is kept.
const FEW: u64 = 20;
/// An entry of a further node that is as full as it becomes on average.
const ENTRY: usize = 110;

/// What may still be held.
#[derive(Debug)]
pub struct Budget {
    room: Cell<usize>,
    /// Bytes of input that may still give some.
    gives: Cell<usize>,
    spent: Cell<bool>,
    /// Elements of the list that were read before.
    skip: Cell<u64>,
    left_out: Cell<u64>,
    /// Pods that are well, and the texts of those that are only kept until it is known whether something else names them.
    well: Cell<u64>,
    aside: RefCell<Vec<String>>,
    doubled: Cell<bool>,
    /// Nothing is set aside.
    keeps_all: bool,
}

/// A tree, as far as the budget went.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounded {
    /// The tree; `None`: it did not fit.
    pub tree: Option<Json>,
    /// Elements of its list that were read: of the tree itself, or of its `items` or `value`.
    pub read: u64,
    /// Elements of its list that did not fit.
    pub left_out: u64,
}

impl Bounded {
    /// What did not fit at all.
    pub const NOTHING: Self = Self { tree: None, read: 0, left_out: 0 };

    /// A tree, and how many elements of its list did not fit.
    pub fn new(tree: Json, left_out: u64) -> Self {
        let list = [Some(&tree), tree.get("items"), tree.get("value")];
        let read = list.into_iter().flatten().find_map(Json::as_array).map_or(0, Vec::len);
        Self { read: read as u64, left_out, tree: Some(tree) }
    }
}

impl Budget {
    /// A budget of so many bytes.
    pub fn new(room: usize) -> Self {
        Self {
            room: Cell::new(room),
            gives: Cell::new(GIVES),
            spent: Cell::new(false),
            skip: Cell::new(0),
            left_out: Cell::new(0),
            well: Cell::new(0),
            aside: RefCell::default(),
            doubled: Cell::new(false),
            keeps_all: false,
        }
    }

    /// A budget of so many bytes, of which no element is set aside.
    pub fn for_all(room: usize) -> Self {
        Self { keeps_all: true, ..Self::new(room) }
    }

    /// Whether an object that was read gave one key two values: of two readers each may take another.
    pub fn has_doubled_keys(&self) -> bool {
        self.doubled.get()
    }

    /// The objects that were set aside since this was asked last.
    pub fn take_aside(&self) -> Vec<String> {
        self.well.set(0);
        self.aside.take()
    }

    /// Keeps of an element nothing but its text, if it is one of many pods that are well.
    pub(crate) fn sets_aside(&self, item: &Json, before: usize) -> bool {
        if self.keeps_all || !is_well_pod(item) {
            return false;
        }
        self.well.set(self.well.get() + 1);
        if self.well.get() <= FEW {
            return false;
        }
        let text = item.to_string();
        let tree = self.room.replace(before);
        if !self.take(TEXT + text.len()) {
            self.room.set(tree);
            return false;
        }
        self.aside.borrow_mut().push(text);
        true
    }

    /// Bytes that are left.
    pub fn room(&self) -> usize {
        self.room.get()
    }

    /// Input of so many bytes was read.
    pub fn read_more(&self, bytes: usize) {
        let gives = bytes.min(self.gives.get());
        self.gives.set(self.gives.get() - gives);
        self.grow(gives.saturating_mul(PER_BYTE));
    }

    /// Nothing that was read since then is held.
    pub fn reset(&self, room: usize) {
        self.room.set(room);
    }

    /// There is room for so many bytes more.
    pub fn grow(&self, bytes: usize) {
        self.room.set(self.room.get().saturating_add(bytes));
    }

    /// Takes out of the budget; `false`: there is not enough left, and it stays as it is.
    pub fn take(&self, bytes: usize) -> bool {
        let rest = self.room.get().checked_sub(bytes);
        self.room.set(rest.unwrap_or_else(|| self.room.get()));
        rest.is_some()
    }

    /// Reads one JSON document.
    pub fn json(&self, text: &[u8]) -> Result<Bounded, serde_json::Error> {
        let before = self.room.get();
        let mut from = serde_json::Deserializer::from_slice(text);
        let read = self.read(&mut from).and_then(|it| from.end().map(|()| it));
        // What is not held takes no room.
        read.inspect_err(|_| self.room.set(before))
    }

    /// Reads one JSON document whose list is read from this element on.
    pub fn json_from(&self, text: &[u8], skip: u64) -> Result<Bounded, serde_json::Error> {
        self.skip.set(skip);
        let read = self.json(text);
        self.skip.set(0);
        read
    }

    /// Reads one document of any format. What does not fit is still read to its end, and held nowhere.
    pub fn read<'de, D: Deserializer<'de>>(&self, from: D) -> Result<Bounded, D::Error> {
        let before = self.room.get();
        let aside = self.aside.borrow().len();
        self.spent.set(false);
        self.left_out.set(0);
        let tree = Seed { budget: self, level: Level::Root }.deserialize(from)?;
        if self.spent.get() {
            // What was dropped takes no room.
            self.room.set(before);
            self.aside.borrow_mut().truncate(aside);
            return Ok(Bounded::NOTHING);
        }
        let aside = self.aside.borrow().len() - aside;
        let bounded = Bounded::new(tree, self.left_out.get());
        Ok(Bounded { read: bounded.read + aside as u64, ..bounded })
    }

    /// A line that is one JSON document; `None`: it is none, or nothing that a line should hold.
    pub fn line(line: &str) -> Option<Json> {
        Self::new(LINE.saturating_add(line.len())).json(line.as_bytes()).ok()?.tree
    }

    fn charge(&self, bytes: usize) {
        if !self.take(bytes) {
            self.spent.set(true);
        }
    }
}

/// Whether a list may be cut here.
#[derive(Clone, Copy, PartialEq)]
enum Level {
    Root,
    /// The value of `items` or `value` of the root.
    List,
    Deeper,
}

struct Seed<'b> {
    budget: &'b Budget,
    level: Level,
}

impl Seed<'_> {
    fn text(&self, text: &str) -> Json {
        self.budget.charge(TEXT + text.len());
        if self.budget.spent.get() { Json::Null } else { Json::String(text.to_owned()) }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Json, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any data")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_none<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Json, D::Error> {
        from.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(self.text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let budget = self.budget;
        let is_list = matches!(self.level, Level::Root | Level::List);
        let mut items = Vec::new();
        let skipped = if is_list { budget.skip.take() } else { 0 };
        for _ in 0..skipped {
            if from.next_element::<IgnoredAny>()?.is_none() {
                return Ok(Json::Array(items));
            }
        }
        while !budget.spent.get() {
            let before = budget.room.get();
            let Some(item) = from.next_element_seed(Seed { budget, level: Level::Deeper })? else {
                return Ok(Json::Array(items));
            };
            budget.charge(VALUE);
            if !budget.spent.get() {
                if !(is_list && budget.sets_aside(&item, before)) {
                    items.push(item);
                }
            } else if is_list && (!items.is_empty() || !budget.aside.borrow().is_empty()) {
                budget.spent.set(false);
                budget.room.set(before);
                let mut left = 1;
                while from.next_element::<IgnoredAny>()?.is_some() {
                    left += 1;
                }
                budget.left_out.set(left);
                budget.grow(BESIDE.saturating_sub(budget.room.get()));
                return Ok(Json::Array(items));
            }
        }
        while from.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Json::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let budget = self.budget;
        let mut entries = Map::new();
        while !budget.spent.get() {
            let Some(key) = from.next_key_seed(Key)? else { return Ok(Json::Object(entries)) };
            let node = match entries.len() {
                0 => NODE,
                count if count < FIRST => 0,
                _ => ENTRY,
            };
            budget.charge(node + TEXT + key.len());
            let is_list = self.level == Level::Root && matches!(key.as_str(), "items" | "value");
            let level = if is_list { Level::List } else { Level::Deeper };
            let value = from.next_value_seed(Seed { budget, level })?;
            if !budget.spent.get() {
                let before = entries.insert(key, value);
                budget.doubled.set(budget.doubled.get() || before.is_some());
            }
        }
        while from.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Json::Null)
    }
}

/// A key: a text, or what YAML takes for one.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<String, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key that is a text")
    }

    fn visit_str<E>(self, value: &str) -> Result<String, E> {
        Ok(value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(room: usize, text: &str) -> Bounded {
        Budget::new(room).json(text.as_bytes()).unwrap()
    }

    #[test]
    fn what_fits_is_read_as_it_is() {
        let text = r#"{"a": [1, -2, 1.5, true, null, "b\n"], "c": {"d": {}}}"#;
        let plain: Json = serde_json::from_str(text).unwrap();
        assert_eq!(read(ROOM, text), Bounded::new(plain, 0));
        for text in ["{", "{} {}", "[1,]", "{\"a\" 1}", "\"\u{1}\""] {
            assert!(Budget::new(ROOM).json(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_still_checked() {
        let many = vec!["{\"\":0}"; 1_000].join(",");
        let list = read(100_000, &format!("{{\"kind\": \"List\", \"items\": [{many}], \"z\": 1}}"));
        let tree = list.tree.unwrap();
        let held = tree["items"].as_array().unwrap().len() as u64;
        assert!(held > 10 && held < 200 && held + list.left_out == 1_000, "{held}");
        assert_eq!((&tree["kind"], &tree["z"]), (&json!("List"), &json!(1)));
        let bare = read(100_000, &format!("[{many}]"));
        assert_eq!(bare.tree.unwrap().as_array().unwrap().len() as u64 + bare.left_out, 1_000);
        // Deeper, or beside a list, nothing is cut: half an object is none.
        for text in [
            format!("{{\"a\": [{many}]}}"),
            format!("[[{many}]]"),
            format!("{{\"items\": {{\"b\": [{many}]}}}}"),
        ] {
            let budget = Budget::new(100_000);
            assert_eq!(budget.json(text.as_bytes()).unwrap(), Bounded::NOTHING);
            assert_eq!(budget.room(), 100_000);
        }
        assert!(Budget::new(10_000).json(format!("[{many},").as_bytes()).is_err());
    }

    #[test]
    fn what_has_no_end_gives_no_memory_without_end() {
        let budget = Budget::new(1);
        (0..100).for_each(|_| budget.read_more(GIVES / 10));
        assert!(budget.room() <= 1 + GIVES * PER_BYTE);
    }

    proptest! {
        #[test]
        fn a_tree_within_budget_is_what_serde_reads(words in proptest::collection::vec(any::<String>(), 0..6), number in any::<i64>(), depth in 0usize..6) {
            let mut tree = json!({"words": words, "n": number, "items": [number, words]});
            for _ in 0..depth {
                tree = json!([{"a": tree}, null]);
            }
            prop_assert_eq!(read(ROOM, &tree.to_string()).tree, Some(tree));
        }
    }
}
