//! A `.tar.gz`, unpacked into one file without a name: nothing of it is left, however the run ends.
//!
//! Every bit of it counts: the checksum, the mark of the end, what stands behind it, and each name once.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Component;

use flate2::read::MultiGzDecoder;
use tar::{EntryType, PaxExtensions};

/// Files of an archive.
const FILES: usize = 10_000;
/// Bytes that an archive unpacks to.
const UNPACKED: u64 = 2 << 30;
/// Bytes of a name that has an entry of its own, with what else stands there.
const NAME: u64 = 16 * 1024;
/// A block of a tar; two of zeros end it.
const BLOCK: u64 = 512;

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
    // A name that is too long for a header stands in an entry before it.
    let mut long: Option<String> = None;
    for entry in from.entries()?.raw(true) {
        let mut entry = entry?;
        let kind = entry.header().entry_type();
        let named = match kind {
            EntryType::GNULongName => Some(long_name(&mut entry)?),
            EntryType::XHeader => pax_name(&mut entry)?,
            EntryType::GNUSparse => return Err(odd("it holds a file with holes")),
            _ => None,
        };
        if matches!(kind, EntryType::GNULongName | EntryType::XHeader) {
            long = named.or(long);
            continue;
        }
        if matches!(kind, EntryType::GNULongLink | EntryType::XGlobalHeader) {
            continue;
        }
        let own = entry.path()?.to_string_lossy().into_owned();
        let name = inside(&long.take().unwrap_or(own))?;
        if !kind.is_file() {
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

fn long_name(entry: &mut impl Read) -> io::Result<String> {
    let bytes = short(entry)?;
    let end = bytes.iter().position(|it| *it == 0).unwrap_or(bytes.len());
    Ok(String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned())
}

fn pax_name(entry: &mut impl Read) -> io::Result<Option<String>> {
    let bytes = short(entry)?;
    let mut name = None;
    for extension in PaxExtensions::new(&bytes) {
        let extension = extension?;
        match extension.key_bytes() {
            b"path" => name = Some(String::from_utf8_lossy(extension.value_bytes()).into_owned()),
            key if key == b"size" || key.starts_with(b"GNU.sparse") => {
                return Err(odd("a file in it is larger than its header says"));
            }
            _ => {}
        }
    }
    Ok(name)
}

fn short(entry: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    entry.take(NAME + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > NAME { Err(odd("a name in it is too long")) } else { Ok(bytes) }
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

/// Reads a tar, and remembers whether it ended as one does.
struct Tail<R> {
    from: R,
    bytes: u64,
    /// Zeros since the last byte that is none.
    zeros: u64,
}

impl<R: Read> Tail<R> {
    fn new(from: R) -> Self {
        Self { from, bytes: 0, zeros: 0 }
    }

    /// Reads what stands behind the last file: zeros, two blocks at least, and then the checksum.
    fn end(mut self) -> io::Result<()> {
        let mut chunk = vec![0; 64 * 1024];
        let mut rest = 0;
        loop {
            match self.read(&mut chunk)? {
                0 => break,
                length => rest += length as u64,
            }
            if rest > UNPACKED {
                return Err(odd("there is too much behind its end"));
            }
        }
        // The first block of the mark was read already.
        if rest >= BLOCK && rest <= self.zeros && self.bytes.is_multiple_of(BLOCK) {
            Ok(())
        } else {
            Err(odd("its end is missing, or something stands behind it"))
        }
    }
}

impl<R: Read> Read for Tail<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(to)?;
        let read = to.get(..length).unwrap_or_default();
        self.bytes += length as u64;
        match read.iter().rposition(|it| *it != 0) {
            Some(last) => self.zeros = (length - last - 1) as u64,
            None => self.zeros += length as u64,
        }
        Ok(length)
    }
}
