//! An archive, byte by byte or made of entries: it is whole or it is refused, and no name in it leads out.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};
use triagem::collect::recorded::unpacked;

use super::parts::parts;
use super::recording::replayed;

pub(crate) fn run(bytes: &[u8]) {
    let archive = if bytes.starts_with(&[0x1f, 0x8b]) { bytes.to_vec() } else { packed(bytes) };
    let opened = unpacked(archive.as_slice(), archive.len() as u64);
    let again = unpacked(archive.as_slice(), archive.len() as u64);
    assert_eq!(opened.is_ok(), again.is_ok());
    let Ok(recording) = opened else { return };
    let cut = &archive[..archive.len() - 1 - bytes.len() % 16];
    assert!(unpacked(cut, cut.len() as u64).is_err(), "a cut archive is opened");
    let twice = [archive.as_slice(), &archive].concat();
    assert!(unpacked(twice.as_slice(), twice.len() as u64).is_err(), "two archives are one");
    for name in &recording.given {
        assert!(!name.split('/').any(|it| it == ".."), "{name} leads out");
    }
    replayed(recording);
}

/// A `.tar.gz` of the files of the input.
pub(crate) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(&tar(bytes)).unwrap();
    packer.finish().unwrap()
}

/// A tar of them. What stands before the name of one tells its kind: `5:` a folder, `2:` a link.
pub(crate) fn tar(bytes: &[u8]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, body) in parts(bytes).1 {
        let (kind, name) = match name.split_once(':') {
            Some((kind, name)) => (kind.bytes().next().unwrap_or(b'0'), name),
            None => (b'0', name.as_str()),
        };
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::new(kind));
        header.set_mode(0o644);
        header.set_size(body.len() as u64);
        // As whoever writes the bytes would: `set_path` refuses what leads out.
        let field = &mut header.as_old_mut().name;
        let length = name.len().min(field.len());
        field[..length].copy_from_slice(&name.as_bytes()[..length]);
        header.set_cksum();
        builder.append(&header, body).unwrap();
    }
    builder.into_inner().unwrap()
}
