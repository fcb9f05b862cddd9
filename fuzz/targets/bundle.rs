//! An archive that is handed over, byte by byte or made of entries: its report is the same each time, deceives nobody, and of a cut one nothing is well.

use std::io::{Cursor, Write};

use triagem::case::{Case, HEALTHY};
use triagem::collect::live::Stop;
use triagem_engine::verdict::Report;
use zip::write::SimpleFileOptions;

use super::archive::{packed, tar};
use super::file::read;
use super::parts::parts;
use super::report::{LIST, PLAYBOOKS, said, told};

pub(crate) fn run(bytes: &[u8]) {
    let archive = made(bytes);
    let whole = archive.as_deref().unwrap_or(bytes);
    read(&mut &*whole, whole.len());
    let Some(report) = report(whole) else { return };
    let (told, code) = told(&report, &PLAYBOOKS);
    let again = self::report(whole).map(|it| said(&it, &PLAYBOOKS));
    assert_eq!(again.as_ref(), Some(&told), "another report each time");
    if archive.is_some() && code == HEALTHY {
        let cut = &whole[..whole.len() - 1 - bytes.len() % 64];
        let code = self::report(cut).map(|it| triagem::case::code(&it));
        assert_ne!(code, Some(HEALTHY), "a cut archive is well");
    }
}

/// The archive that an input describes: its first letter says of which form.
fn made(bytes: &[u8]) -> Option<Vec<u8>> {
    Some(match bytes.first()? {
        b't' => tar(bytes),
        b'g' => packed(bytes),
        b's' => {
            let level = ruzstd::encoding::CompressionLevel::Fastest;
            ruzstd::encoding::compress_to_vec(tar(bytes).as_slice(), level)
        }
        b'x' => {
            let options = lzma_rust2::XzOptions::with_preset(0);
            let mut packer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
            packer.write_all(&tar(bytes)).unwrap();
            packer.finish().unwrap()
        }
        b'z' => {
            let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
            for (name, body) in parts(bytes).1 {
                // Two of one name it does not write.
                if writer.start_file(name, SimpleFileOptions::default()).is_ok() {
                    writer.write_all(body).unwrap();
                }
            }
            writer.finish().unwrap().into_inner()
        }
        _ => return None,
    })
}

fn report(archive: &[u8]) -> Option<Report> {
    let stop = Stop::default();
    let mut case = Case::new(&PLAYBOOKS, &LIST);
    case.read(&mut &*archive, "b", &stop);
    case.report(&stop).ok()
}
