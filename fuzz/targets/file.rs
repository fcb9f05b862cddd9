//! A file of any kind: packed or not it is the same text, and what is not read is told.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use triagem::collect::files::text;
use triagem_engine::evidence::Gap;

use super::parts::Slow;

pub(crate) fn run(bytes: &[u8]) {
    let plain = read(&mut &*bytes);
    assert_eq!(read(&mut Slow(bytes, 3)), plain, "chunks matter");
    let (found, gap) = &plain;
    match gap {
        Ok(None) if !bytes.starts_with(&[0x1f, 0x8b]) => assert_eq!(found, bytes),
        // What could not be read to its end may have a beginning.
        Ok(None | Some(Gap::TooLarge)) | Err(_) => {}
        Ok(Some(_)) => assert!(found.is_empty(), "{gap:?}"),
    }
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    let packed = packer.finish().unwrap();
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        assert_eq!(read(&mut packed.as_slice()), plain, "packed it is another text");
    }
    let cut = packed[..packed.len() - 1 - bytes.len() % 8].to_vec();
    assert!(read(&mut cut.as_slice()).1 != Ok(None), "a cut archive is whole");
}

fn read(from: &mut dyn std::io::Read) -> (Vec<u8>, Result<Option<Gap>, String>) {
    let mut found = Vec::new();
    let gap = text(from, &mut |it| found.extend_from_slice(it)).map_err(|it| it.to_string());
    (found, gap)
}
