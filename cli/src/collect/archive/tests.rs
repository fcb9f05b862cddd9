//! What one archive may come to, with limits that a test can reach, and texts that are only packed.

use std::io::Write;

use super::*;
use crate::collect::files;

const SPOILT: &str = "what follows is spoilt: it does not unpack to what its checksum says";

#[derive(Default)]
struct Found {
    texts: Vec<(String, Vec<u8>)>,
    missed: Vec<(String, Gap)>,
}

impl Taker for Found {
    fn take(&mut self, name: &str, from: &mut dyn Read) {
        let mut found = Vec::new();
        let read = files::text(from, &mut |it| found.extend_from_slice(it));
        if let Some(gap) = read.unwrap_or_else(|error| Some(gap(&error, &Stop::default()))) {
            self.missed.push((name.to_owned(), gap));
        }
        self.texts.push((name.to_owned(), found));
    }

    fn miss(&mut self, name: &str, gap: Gap) {
        self.missed.push((name.to_owned(), gap));
    }
}

fn within_room(mut bytes: &[u8], mut room: Room) -> Found {
    let mut found = Found::default();
    let stop = Stop::default();
    let how = How { room: &mut room, stop: &stop, file: None, may_be_recording: false };
    walk(&mut bytes, how, &mut found);
    found
}

fn read(bytes: &[u8]) -> (Vec<u8>, Option<Gap>) {
    let found = within_room(bytes, Room::default());
    let text = found.texts.into_iter().next().map(|(_, it)| it).unwrap_or_default();
    (text, found.missed.into_iter().next().map(|(_, it)| it))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut packer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

const PACKERS: &[fn(&[u8]) -> Vec<u8>] = &[gzip, zstd, xz];

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn a_packed_text_is_a_text() {
    let long = "Warning  FailedMount  4s  kubelet  boom\n".repeat(10_000).into_bytes();
    assert_eq!(read(&long), (long.clone(), None));
    for packed in PACKERS {
        assert_eq!(read(&packed(&long)), (long.clone(), None));
        let two = [packed(b"a\n"), packed(b"b\n")].concat();
        assert_eq!(read(&two), (b"a\nb\n".to_vec(), None));
    }
    // What other programs put before it.
    let skipped = [&b"\x50\x2a\x4d\x18\x03\0\0\0abc"[..], &zstd(b"a\n")].concat();
    assert_eq!(read(&skipped), (b"a\n".to_vec(), None));
}

#[test]
fn what_came_before_a_cut_is_there() {
    let long: String =
        (0..160_000).map(|it| format!("{} Warning boom\n", it * 7919 % 999_983)).collect();
    for (which, packed) in PACKERS.iter().enumerate() {
        let whole = packed(long.as_bytes());
        let (found, gap) = read(&whole[..whole.len() - whole.len() / 4]);
        assert_eq!(gap, Some(Gap::CutOff));
        assert!(long.as_bytes().starts_with(&found), "{which}");
        // xz gives each of its pieces, of up to 64 KiB packed, as a whole: in a shorter text nothing comes before a cut.
        assert!(found.len() > long.len() / 4, "{which}: {} of {}", found.len(), long.len());
        for last in 1..12 {
            let (_, gap) = read(&whole[..whole.len() - last]);
            assert_eq!(gap, Some(Gap::CutOff), "{last}");
        }
    }
}

#[test]
fn what_is_not_what_was_packed_is_told() {
    let spoilt = Some(Gap::Failed(SPOILT.to_owned()));
    for (at, packed) in PACKERS.iter().enumerate() {
        let whole = packed("Warning  FailedMount  4s  kubelet  boom\n".repeat(100).as_bytes());
        // Where the checksum stands: xz has an index and a footer behind it.
        let place = whole.len() - [8, 4, 36][at];
        let mut flipped = whole.clone();
        flipped[place] ^= 1;
        assert_eq!(read(&flipped).1, spoilt, "{at}");
        assert_eq!(read(&[&whole[..], b"something else"].concat()).1, spoilt, "{at}");
    }
}

#[test]
fn what_is_packed_is_looked_at_too() {
    let noise: Vec<u8> = (0..4096_u32).map(|it| (it * 7919 % 251) as u8).collect();
    let mut broken = vec![0; 1024];
    broken[257..262].copy_from_slice(b"ustar");
    for packed in PACKERS {
        assert_eq!(read(&packed(&noise)), (Vec::new(), Some(Gap::NotText)));
        assert_eq!(read(&packed(&packed(b"a"))), (Vec::new(), Some(Gap::Archive)));
        let spoilt = Gap::Failed(SPOILT.to_owned());
        assert_eq!(read(&packed(&broken)), (Vec::new(), Some(spoilt)));
    }
}

#[test]
fn who_wants_too_much_memory_gets_none() {
    // Frames that look back two gibibytes, and four gibibytes.
    let frame = b"\x28\xb5\x2f\xfd\0\xa8\x09\0\0a";
    assert_eq!(read(frame), (Vec::new(), Some(Gap::TooLarge)));
    let block = [2, 0, 0x21, 1, 40, 0, 0, 0];
    let sum = |bytes: &[u8]| {
        let mut sum = flate2::Crc::new();
        sum.update(bytes);
        sum.sum().to_le_bytes()
    };
    let head = [b"\xfd7zXZ\0\0\x01".as_slice(), &sum(b"\0\x01"), &block, &sum(&block)].concat();
    assert_eq!(read(&head), (Vec::new(), Some(Gap::TooLarge)));
}

#[test]
fn an_archive_comes_to_no_more_than_its_room() {
    let long = "Warning  FailedMount  4s  kubelet  boom\n".repeat(50_000).into_bytes();
    for packed in PACKERS {
        let bombs = [packed(&long), packed(&tar(&[("a", &long)])), tar(&[("a", &packed(&long))])];
        for bomb in bombs {
            let room = Room { bytes: 1 << 20, ..Room::default() };
            let found = within_room(&bomb, room);
            assert!(
                found.missed.iter().all(|(_, gap)| *gap == Gap::TooLarge),
                "{:?}",
                found.missed
            );
            let length: usize = found.texts.iter().map(|(_, it)| it.len()).sum();
            assert!(!found.missed.is_empty() && length <= 1 << 20, "{length}");
        }
    }
    let files: Vec<(String, &[u8])> = (0..40).map(|it| (format!("f/{it}"), &b"a"[..])).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, it)| (name.as_str(), *it)).collect();
    let few = Room { files: 30, ..Room::default() };
    for archive in [tar(&files), gzip(&tar(&files)), tar(&[("a.tar", &tar(&files)), ("b", b"b")])] {
        let found = within_room(&archive, few);
        assert!(found.texts.len() <= 30 && found.texts.len() > 28);
        assert!(matches!(found.missed.as_slice(), [(_, Gap::TooLarge)]), "{:?}", found.missed);
    }
}

#[test]
fn a_name_is_shown_as_far_as_anybody_reads_it() {
    assert_eq!(within("", "./a/b.log"), "a/b.log");
    assert_eq!(within("a.tar", "/b"), "a.tar: /b");
    let long = within("", &"é".repeat(10_000));
    assert_eq!(long.chars().count(), SHOWN + 1);
}
