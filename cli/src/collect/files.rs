//! Files, folders and archives: read with limits, links not followed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// Files of a folder or archive.
const FILES: usize = 10_000;
/// Bytes of one file that is held whole, and of all of them.
const BYTES: u64 = 512 * 1024 * 1024;
/// Bytes that an archive unpacks to.
const UNPACKED: u64 = 8 << 30;

/// Every file below a folder, sorted; links are not followed.
pub fn below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
            if found.len() + open.len() > FILES {
                return Err(io::Error::other(format!("there are more than {FILES} files in it")));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Every file below a folder by its relative path, whole.
pub fn whole(folder: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut room = BYTES;
    for path in below(folder)? {
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let mut bytes = Vec::new();
        File::open(&path)?.take(room + 1).read_to_end(&mut bytes)?;
        room = room.checked_sub(bytes.len() as u64).ok_or_else(too_large)?;
        files.insert(name, bytes);
    }
    Ok(files)
}

/// Unpacks a `.tar.gz` into an empty folder. Links are left out; paths that leave it are refused.
pub fn unpack(archive: &Path, into: &Path) -> io::Result<()> {
    let mut room = UNPACKED;
    let mut count = 0;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(File::open(archive)?));
    for entry in archive.entries()? {
        let entry = entry?;
        let path = entry.path()?.into_owned();
        if path.components().any(|it| !matches!(it, Component::Normal(_) | Component::CurDir)) {
            return Err(io::Error::other(format!("`{}` leaves the archive", path.display())));
        }
        if !entry.header().entry_type().is_file() {
            continue;
        }
        count += 1;
        if count > FILES {
            return Err(io::Error::other(format!("there are more than {FILES} files in it")));
        }
        let to = into.join(&path);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        let written = io::copy(&mut entry.take(room + 1), &mut File::create(to)?)?;
        room = room.checked_sub(written).ok_or_else(|| {
            io::Error::other(format!("it unpacks to more than {} GiB", UNPACKED >> 30))
        })?;
    }
    Ok(())
}

fn too_large() -> io::Error {
    io::Error::other(format!("it is larger than {} MiB", BYTES / 1024 / 1024))
}
