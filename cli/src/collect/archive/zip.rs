//! The texts of a zip, by the list at its end; where that is missing, as far as they can be read from its beginning.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use triagem_engine::evidence::Gap;
use zip::read::{Config, read_zipfile_from_stream};
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;
use zip::{CompressionMethod, ZipReadOptions};

use super::{Walk, within};
use crate::collect::pipe::ahead;

/// Packed bytes of a file from which on a thread of its own unpacks it.
const LARGE: u64 = 256 * 1024;
/// Bytes read at once.
const CHUNK: usize = 64 * 1024;
/// Bytes of a zip that has to be written down first.
const SPOOLED: u64 = 4 << 30;
/// What may stand between two files: what was not known of the first when it began.
const BETWEEN: u64 = 24;
/// Bytes of what stands between two files that are looked at.
const LOOKED: u64 = 64 * 1024;
/// How a file begins, and the bytes before its name.
const FILE: &[u8] = b"PK\x03\x04";
const HEADER: u64 = 30;

/// Writes a zip down that cannot be read back and forth: in one file without a name, of which nothing is left.
pub(super) fn spooled(walk: &mut Walk<'_>, archive: &str, from: &mut dyn Read) -> Option<File> {
    match spool(walk, archive, &mut from.take(SPOOLED)) {
        Ok(file) if walk.goes_on(archive) => Some(file),
        Ok(_) => None,
        Err(error) => {
            walk.fail(archive, &error);
            None
        }
    }
}

fn spool(
    walk: &mut Walk<'_>,
    archive: &str,
    from: &mut io::Take<&mut dyn Read>,
) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    let mut chunk = vec![0; CHUNK];
    loop {
        match from.read(&mut chunk) {
            Ok(0) if from.limit() == 0 => return Err(io::ErrorKind::OutOfMemory.into()),
            Ok(0) => return Ok(file),
            Ok(length) => file.write_all(chunk.get(..length).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // What came before is read as far as it goes.
            Err(error) => {
                if walk.goes_on(archive) {
                    walk.fail(archive, &error);
                }
                return Ok(file);
            }
        }
    }
}

/// Hands over the files of a zip that is so deep within others, itself counted.
pub(super) fn read(
    walk: &mut Walk<'_>,
    archive: &str,
    mut file: impl Read + Seek + Send,
    depth: usize,
) {
    let Ok(mut listed) = ZipIterable::try_new(&mut file, Config::default()) else {
        return from_its_beginning(walk, archive, &mut file, depth);
    };
    let mut taken = Vec::new();
    let mut list = u64::MAX;
    let Ok(entries) = listed.files() else { return walk.taker.miss(archive, Gap::CutOff) };
    while let Some(entry) = entries.next() {
        if !walk.goes_on(archive) {
            return;
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return walk.fail(archive, &io_error(error)),
        };
        list = list.min(entry.central_header_start());
        let (start, packed) = (entry.header_start(), entry.compressed_size());
        let own = entry.name().map_or_else(|_| lossy(entry.name_raw()), Cow::into_owned);
        let least = start.saturating_add(HEADER + entry.name_raw().len() as u64);
        if entry.is_dir() {
            taken.push((start, least));
            continue;
        }
        if !walk.counts(archive) {
            return;
        }
        let shown = within(archive, &own);
        let gap = match entry.unix_mode().unwrap_or_default() & 0o170_000 {
            0o120_000 => Some(Gap::Link),
            0 | 0o100_000 if entry.encrypted() => Some(Gap::Failed("it is encrypted".to_owned())),
            0 | 0o100_000 => match entry.compression() {
                CompressionMethod::Stored | CompressionMethod::Deflated => None,
                _ => {
                    let what = "it is packed in a way that is not read: unpack it, and hand over the folder";
                    Some(Gap::Failed(what.to_owned()))
                }
            },
            _ => Some(Gap::NotAFile),
        };
        if let Some(gap) = gap {
            taken.push((start, least.saturating_add(packed)));
            walk.taker.miss(&shown, gap);
            continue;
        }
        match entry.with_reader(entries.reader_mut(), ZipReadOptions::new()) {
            Ok(file) => {
                let end = file.data_start().unwrap_or(start).saturating_add(packed);
                taken.push((start, end));
                content(walk, &shown, file, packed > LARGE, depth);
            }
            Err(error) => walk.fail(&shown, &io_error(error)),
        }
    }
    if !fits(&mut file, taken, list).unwrap_or(false) {
        let what = "its list of files does not fit what is in it";
        walk.taker.miss(archive, Gap::Failed(what.to_owned()));
    }
}

fn content(walk: &mut Walk<'_>, name: &str, file: impl Read + Send, large: bool, depth: usize) {
    let file = Checked(file);
    if !large {
        let mut file = walk.metered(file);
        return walk.file(name, &mut file, depth);
    }
    let stop = walk.stop;
    let read = ahead(file, stop, |file| {
        let mut file = walk.metered(file);
        walk.file(name, &mut file, depth);
    });
    if let Err(error) = read {
        walk.fail(name, &error);
    }
}

/// The files before the place where it is cut.
fn from_its_beginning(
    walk: &mut Walk<'_>,
    archive: &str,
    file: &mut (impl Read + Seek),
    depth: usize,
) {
    if file.seek(SeekFrom::Start(0)).is_ok() {
        while let Ok(Some(entry)) = read_zipfile_from_stream(file) {
            if !walk.goes_on(archive) || !entry.is_dir() && !walk.counts(archive) {
                return;
            }
            if entry.is_dir() {
                continue;
            }
            let name = within(archive, &lossy(entry.name_raw()));
            let mut content = walk.metered(Checked(entry));
            walk.file(&name, &mut content, depth);
        }
    }
    if walk.goes_on(archive) {
        walk.taker.miss(archive, Gap::CutOff);
    }
}

/// Whether no two files share their bytes, and no file stands between them that the list does not name.
fn fits(file: &mut (impl Read + Seek), mut taken: Vec<(u64, u64)>, list: u64) -> io::Result<bool> {
    taken.sort_unstable();
    // The list ends the last of them.
    if list < u64::MAX {
        taken.push((list, list));
    }
    let mut end = 0;
    for (start, next) in taken {
        if start < end {
            return Ok(false);
        }
        if start - end > BETWEEN {
            let mut between = Vec::new();
            file.seek(SeekFrom::Start(end))?;
            file.by_ref().take((start - end).min(LOOKED)).read_to_end(&mut between)?;
            if between.windows(FILE.len()).any(|it| it == FILE) {
                return Ok(false);
            }
        }
        end = end.max(next);
    }
    Ok(true)
}

fn lossy(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

fn io_error(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        error => io::Error::new(io::ErrorKind::InvalidData, error),
    }
}

/// Says in one way what is wrong with a file: that it could not be read is nothing that packing did.
struct Checked<R>(R);

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.0.read(to).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof => error,
            _ if error.raw_os_error().is_some() => error,
            _ => io::Error::new(io::ErrorKind::InvalidData, error),
        })
    }
}
