//! A file of any kind, a text or an archive: packed or in any chunks it is the same texts, they are bounded, and what is not read is told.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use triagem::collect::archive::{How, Room, Taker, gap, walk};
use triagem::collect::files::text;
use triagem::collect::live::Stop;
use triagem_engine::evidence::Gap;

use super::parts::Slow;

/// What an archive may come to here.
const ROOM: Room = Room { bytes: 1 << 20, files: 50 };

/// Texts by name, and what was not read.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Found {
    pub(crate) texts: Vec<(String, Vec<u8>)>,
    pub(crate) missed: Vec<(String, Gap)>,
}

impl Taker for Found {
    fn take(&mut self, name: &str, from: &mut dyn Read) {
        let mut found = Vec::new();
        let read = text(from, &mut |it| found.extend_from_slice(it));
        if let Some(gap) = read.unwrap_or_else(|error| Some(gap(&error, &Stop::default()))) {
            assert!(gap != Gap::NotText || found.is_empty());
            self.missed.push((name.to_owned(), gap));
        }
        self.texts.push((name.to_owned(), found));
    }

    fn miss(&mut self, name: &str, gap: Gap) {
        self.missed.push((name.to_owned(), gap));
    }
}

pub(crate) fn run(bytes: &[u8]) {
    let plain = read(&mut &*bytes, bytes.len());
    assert_eq!(read(&mut Slow(bytes, 3), bytes.len()), plain, "chunks matter");
    let is_packed =
        [&b"\x1f\x8b"[..], b"\x28\xb5\x2f\xfd", b"\xfd7zXZ"].iter().any(|it| bytes.starts_with(it));
    if let ([(name, found)], []) = (plain.texts.as_slice(), plain.missed.as_slice())
        && name.is_empty()
        && !is_packed
    {
        assert!(found == bytes || bytes.starts_with(b"\x50\x2a\x4d\x18"), "it is another text");
    }
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    let packed = packer.finish().unwrap();
    let whole = read(&mut packed.as_slice(), packed.len());
    let full =
        |it: &Found| it.missed.iter().any(|(_, gap)| matches!(gap, Gap::TooLarge | Gap::Archive));
    if !is_packed && !full(&plain) && !full(&whole) {
        assert_eq!(whole, plain, "packed it is another text");
    }
    let cut = &packed[..packed.len() - 1 - bytes.len() % 8];
    assert!(!read(&mut &*cut, cut.len()).missed.is_empty(), "a cut archive is whole");
}

/// What is found in so many bytes: no more than there are, and what packers may give.
pub(crate) fn read(from: &mut (dyn Read + Send), length: usize) -> Found {
    let mut found = Found::default();
    let (mut room, stop) = (ROOM, Stop::default());
    let how = How { room: &mut room, stop: &stop, file: None, may_be_recording: false };
    walk(from, how, &mut found);
    let all: usize = found.texts.iter().map(|(_, it)| it.len()).sum();
    assert!(all as u64 <= length as u64 + ROOM.bytes, "{length} bytes come to {all}");
    assert!(found.texts.len() <= ROOM.files + 1);
    assert!(found.missed.len() <= 3 * ROOM.files + 10, "{}", found.missed.len());
    found
}
