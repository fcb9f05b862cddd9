//! The texts of a tar, as they stream by.

use std::io::{self, Read};

use tar::{Archive, EntryType};
use triagem_engine::evidence::Gap;

use super::before::Before;
use super::tail::Tail;
use super::{Walk, within};

/// Hands over the files of a tar that is so deep within others, itself counted.
pub(super) fn read(walk: &mut Walk<'_>, archive: &str, from: &mut dyn Read, depth: usize) {
    let mut tar = Archive::new(Tail::new(from));
    let read = files(walk, archive, &mut tar, depth);
    if !walk.goes_on(archive) {
        return;
    }
    let mut tail = tar.into_inner();
    let is_cut = read.is_err() && tail.ended;
    let Err(error) = read.and_then(|()| tail.end()) else { return };
    if is_cut && walk.meter.fault.borrow().is_none() {
        walk.taker.miss(archive, Gap::CutOff);
    } else {
        walk.fail(archive, &error);
    }
}

fn files<R: Read>(
    walk: &mut Walk<'_>,
    archive: &str,
    tar: &mut Archive<Tail<R>>,
    depth: usize,
) -> io::Result<()> {
    let mut before = Before::default();
    for entry in tar.entries()?.raw(true) {
        let mut entry = entry.map_err(spoilt)?;
        if !walk.goes_on(archive) {
            return Ok(());
        }
        let own = match before.name_of(&mut entry) {
            Ok(Some(name)) => name,
            Ok(None) => continue,
            // The file that it belongs to has a name of its own, if a shorter one.
            Err(error) => {
                walk.fail(archive, &error);
                continue;
            }
        };
        let kind = entry.header().entry_type();
        if kind.is_dir() || own.ends_with('/') {
            continue;
        }
        if !walk.counts(archive) {
            return Ok(());
        }
        let name = within(archive, &own);
        match kind {
            EntryType::Regular | EntryType::Continuous => {
                let left = entry.header().entry_size().map_err(spoilt)?;
                walk.file(&name, &mut Whole { from: &mut entry, left }, depth);
            }
            EntryType::Link | EntryType::Symlink => walk.taker.miss(&name, Gap::Link),
            EntryType::GNUSparse => {
                let what = "it has holes, which are not read";
                walk.taker.miss(&name, Gap::Failed(what.to_owned()));
            }
            _ => walk.taker.miss(&name, Gap::NotAFile),
        }
    }
    Ok(())
}

/// What this reader says of a header is the same as nothing.
fn spoilt(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::Other => io::Error::new(io::ErrorKind::InvalidData, error),
        _ => error,
    }
}

/// A file of which as many bytes come as were promised; else it is cut.
struct Whole<'e> {
    from: &'e mut dyn Read,
    left: u64,
}

impl Read for Whole<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(to)?;
        if length == 0 && self.left > 0 && !to.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left = self.left.saturating_sub(length as u64);
        Ok(length)
    }
}
