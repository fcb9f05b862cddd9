//! Zips whose list, sizes or flags are not what is in them.

use super::hostile::{TEXT, holds};
use super::packed::{file, tar, zip, zip_by};
use super::read;
use zip::CompressionMethod;

const FILE: &[u8] = b"PK\x03\x04";
const LISTED: &[u8] = b"PK\x01\x02";
const SPOILT: &str = "failed what follows is spoilt: it does not unpack to what its checksum says";
const LIST: &str = "failed its list of files does not fit what is in it";

/// Where a mark stands for the so-manieth time.
fn place(bytes: &[u8], mark: &[u8], which: usize) -> usize {
    bytes.windows(mark.len()).enumerate().filter(|(_, it)| *it == mark).nth(which).unwrap().0
}

fn two() -> Vec<u8> {
    zip_by(&[file("a", TEXT), file("o", TEXT)], CompressionMethod::Stored)
}

#[test]
fn what_is_encrypted_or_packed_in_another_way_is_told() {
    let mut encrypted = two();
    for (mark, flags) in [(FILE, 6), (LISTED, 8)] {
        let at = place(&encrypted, mark, 0);
        encrypted[at + flags] |= 1;
    }
    let came = read(&encrypted);
    assert_eq!(came.gap("b: a"), "failed it is encrypted");
    assert!(holds(&came, "b: o"));
    let mut other = two();
    for (mark, method) in [(FILE, 8), (LISTED, 10)] {
        let at = place(&other, mark, 0);
        other[at + method] = 12;
    }
    let came = read(&other);
    assert!(came.gap("b: a").starts_with("failed it is packed in a way that is not read"));
    assert!(holds(&came, "b: o"));
}

#[test]
fn what_does_not_come_to_its_checksum_or_size_is_told() {
    for (of_list, told) in [(16, SPOILT), (24, SPOILT), (20, SPOILT)] {
        let mut lies = two();
        let at = place(&lies, LISTED, 0) + of_list;
        lies[at] ^= 4;
        let came = read(&lies);
        assert_eq!(came.gap("b: a"), told, "{of_list}");
        assert!(holds(&came, "b: o"));
    }
}

#[test]
fn links_in_a_zip_are_told() {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer.add_symlink("l", "../../etc/passwd", options).unwrap();
    writer.add_directory("d/", options).unwrap();
    writer.start_file("d/o", options).unwrap();
    std::io::Write::write_all(&mut writer, TEXT).unwrap();
    let came = read(&writer.finish().unwrap().into_inner());
    assert_eq!(came.gap("b: l"), "link");
    assert_eq!(came.gaps.len(), 1);
    assert!(holds(&came, "b: d/o"));
}

#[test]
fn files_that_share_their_bytes_are_told() {
    let mut shared = two();
    let second = place(&shared, LISTED, 1);
    shared[second + 42..second + 46].copy_from_slice(&[0; 4]);
    let came = read(&shared);
    assert_eq!(came.gap("b"), LIST);
    assert_ne!(came.code, triagem::case::HEALTHY);
}

#[test]
fn a_file_that_the_list_does_not_name_is_told() {
    for missing in [0, 1] {
        let mut hidden = two();
        let list = place(&hidden, LISTED, 0);
        let one = place(&hidden, LISTED, 1) - list;
        let at = list + missing * one;
        hidden.drain(at..at + one);
        let end = hidden.len() - 22;
        hidden[end + 8] = 1;
        hidden[end + 10] = 1;
        let size = u32::try_from(one).unwrap().to_le_bytes();
        hidden[end + 12..end + 16].copy_from_slice(&size);
        let came = read(&hidden);
        assert!(holds(&came, ["b: o", "b: a"][missing]));
        assert_eq!(came.gap("b"), LIST);
    }
}

#[test]
fn a_zip_that_is_cut_is_read_from_its_beginning() {
    let whole = zip(&[file("a", &TEXT.repeat(20)), file("o", &TEXT.repeat(20))]);
    for cut in [1, 30, 90] {
        let came = read(&whole[..whole.len() - cut]);
        assert!(holds(&came, "b: a") && holds(&came, "b: o"), "{cut}: {:?}", came.gaps);
        assert_eq!(came.gap("b"), "cut-off");
    }
    let second = place(&whole, FILE, 1);
    let came = read(&whole[..second + 40]);
    assert!(holds(&came, "b: a"));
    assert_eq!(came.gap("b"), "cut-off");
    let came = read(&tar(&[file("z", &whole[..second]), file("o.txt", TEXT)]));
    assert!(holds(&came, "b: z: a") && holds(&came, "b: o.txt"));
    assert_eq!(came.gap("b: z"), "cut-off");
}
