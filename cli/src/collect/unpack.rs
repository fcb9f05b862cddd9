//! A `.tar.gz`, unpacked into one file without a name: nothing of it is left, however the run ends.
//!
//! Every bit of it counts: the checksum, the mark of the end, what stands behind it, and each name once.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Component;

use flate2::read::MultiGzDecoder;
use tar::EntryType;

use super::archive::before::Before;
use super::archive::tail::Tail;

/// Files of an archive.
const FILES: usize = 10_000;
/// Bytes that an archive unpacks to.
const UNPACKED: u64 = 2 << 30;

/// The files of an archive.
#[derive(Debug)]
pub(super) struct Spool {
    /// One behind the other.
    pub(super) file: File,
    /// Name → where it begins, and its bytes.
    pub(super) parts: BTreeMap<String, (u64, u64)>,
}

/// Unpacks an archive. Links are left out; names that lead out of it are refused, and so is whatever is not whole.
pub(super) fn unpack(archive: impl Read) -> io::Result<Spool> {
    let file = tempfile::tempfile().map_err(|error| {
        odd(&format!("there is no room to unpack it: no temporary file can be made: {error}"))
    })?;
    let mut spool = Spool { file, parts: BTreeMap::new() };
    let mut from = tar::Archive::new(Tail::new(MultiGzDecoder::new(archive)));
    let mut next = 0_u64;
    let mut before = Before::default();
    for entry in from.entries()?.raw(true) {
        let mut entry = entry?;
        if entry.header().entry_type() == EntryType::GNUSparse {
            return Err(odd("it holds a file with holes"));
        }
        let named = before.name_of(&mut entry)?;
        if before.is_odd {
            return Err(odd("a name in it cannot be read"));
        }
        let Some(own) = named else { continue };
        let name = inside(&own)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        if spool.parts.len() >= FILES {
            return Err(odd(&format!("there are more than {FILES} files in it")));
        }
        let bytes = entry.header().entry_size()?;
        if bytes > UNPACKED - next {
            return Err(odd(&format!("it unpacks to more than {} GiB", UNPACKED >> 30)));
        }
        if io::copy(&mut entry, &mut spool.file)? != bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if spool.parts.insert(name.clone(), (next, bytes)).is_some() {
            return Err(odd(&format!("`{name}` is in it twice")));
        }
        next += bytes;
    }
    spool.file.flush()?;
    from.into_inner().end()?;
    Ok(spool)
}

/// The name with `/` between its parts.
fn inside(name: &str) -> io::Result<String> {
    let mut parts = Vec::new();
    for part in std::path::Path::new(name).components() {
        match part {
            Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
            Component::CurDir => {}
            _ => return Err(odd(&format!("`{name}` leaves the archive"))),
        }
    }
    Ok(parts.join("/"))
}

fn odd(what: &str) -> io::Error {
    io::Error::other(what.to_owned())
}
