//! Files and folders: read with limits, links not followed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use triagem_engine::evidence::Gap;
use triagem_engine::yaml::FILE_BYTES;

use super::live::Stop;
use super::pipe::Pipe;

/// Files of a folder.
const FILES: usize = 10_000;
/// Bytes of a playbook's file, and one: whoever reads it says that it is too large.
const YAML: u64 = FILE_BYTES as u64 + 1;
/// Bytes of all files of a folder of playbooks.
const BYTES: u64 = 256 * 1024 * 1024;

/// Bytes read at once; the first tell what a file is.
const CHUNK: usize = 64 * 1024;
/// Bytes of a file's beginning that are looked at.
const HEAD: usize = 8 * 1024;

/// Opens a file, to be read as far as it goes now: one that grows meanwhile is not chased.
pub fn open(path: &Path) -> io::Result<io::Take<File>> {
    if !path.metadata()?.is_file() {
        // To open a pipe may take for ever.
        return Err(io::Error::other("it is not a file"));
    }
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    Ok(file.take(bytes))
}

/// What a person named.
pub enum Named {
    /// A file, to be read as far as it goes now.
    File(io::Take<File>),
    /// A pipe that a shell made of a command.
    Pipe(Pipe),
}

/// Opens what a person named. A device has no end.
pub fn named(path: &Path, stop: &Arc<Stop>) -> io::Result<Named> {
    let kind = path.metadata()?;
    if kind.is_file() {
        return open(path).map(Named::File);
    }
    if is_device(&kind) {
        return Err(io::Error::other("it is a device, and has no end"));
    }
    let path = path.to_owned();
    Pipe::open(move || File::open(path), Arc::clone(stop)).map(Named::Pipe)
}

#[cfg(unix)]
fn is_device(kind: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    kind.file_type().is_char_device() || kind.file_type().is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: &fs::Metadata) -> bool {
    false
}

/// What is below a folder that somebody handed over: its files, and what else there is, with the reason why it
/// is not read. Only a folder that cannot be read at all is an error.
pub fn handed_over(folder: &Path) -> io::Result<(Vec<PathBuf>, Vec<(PathBuf, Gap)>)> {
    let (mut found, mut others) = (Vec::new(), Vec::new());
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        let entries = match fs::read_dir(&next).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
            Ok(entries) => entries,
            Err(error) if next == folder => return Err(error),
            Err(error) => {
                others.push((next, Gap::Failed(error.to_string())));
                continue;
            }
        };
        let mut paths: Vec<_> = entries.iter().map(|it| (it.path(), it.file_type())).collect();
        paths.sort_by(|(left, _), (right, _)| left.cmp(right));
        for (path, kind) in paths {
            if found.len() + others.len() + open.len() >= FILES {
                // The rest of it is as unknown as the rest of a text that is too long.
                others.push((folder.to_owned(), Gap::TooLarge));
                found.sort();
                return Ok((found, others));
            }
            match kind {
                Ok(kind) if kind.is_dir() => open.push(path),
                Ok(kind) if kind.is_file() => found.push(path),
                Ok(kind) if kind.is_symlink() => others.push((path, Gap::Link)),
                // To open a pipe may take for ever.
                Ok(_) => others.push((path, Gap::NotAFile)),
                Err(error) => others.push((path, Gap::Failed(error.to_string()))),
            }
        }
    }
    found.sort();
    others.sort();
    Ok((found, others))
}

/// Hands over a text piece by piece. The gap: it is no text.
pub fn text(from: &mut dyn Read, sink: &mut dyn FnMut(&[u8])) -> io::Result<Option<Gap>> {
    let mut head = Vec::new();
    let failed = from.take(HEAD as u64).read_to_end(&mut head).err();
    if head.is_empty()
        && let Some(error) = failed
    {
        return Err(error);
    }
    if let Some(gap) = no_text(&head) {
        return Ok(Some(gap));
    }
    // What came before it failed is there all the same.
    sink(&head);
    if let Some(error) = failed {
        return Err(error);
    }
    let mut chunk = vec![0; CHUNK];
    loop {
        match from.read(&mut chunk) {
            Ok(0) => return Ok(None),
            Ok(length) => sink(chunk.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// What a file is by its first bytes, if it is no text.
fn no_text(head: &[u8]) -> Option<Gap> {
    const ARCHIVES: &[&[u8]] =
        &[b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd"];
    const OTHERS: &[&[u8]] =
        &[b"\x7fELF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF-", b"MZ\x90"];
    if ARCHIVES.iter().any(|it| head.starts_with(it)) || head.get(257..262) == Some(b"ustar") {
        return Some(Gap::Archive);
    }
    if OTHERS.iter().any(|it| head.starts_with(it)) {
        return Some(Gap::NotText);
    }
    // Every second byte of UTF-16 may be NUL.
    let wide = head.starts_with(&[0xff, 0xfe])
        || head.starts_with(&[0xfe, 0xff])
        || matches!(head, [_, 0, second, 0, ..] | [0, _, 0, second, ..] if *second != 0);
    if wide || head.len() < 32 {
        return None;
    }
    // A log whose beginning was cut away while it was written begins with NULs.
    let start = head.iter().position(|it| *it != 0)?;
    let rest = head.get(start..).unwrap_or_default();
    let odd = |it: &&u8| it.is_ascii_control() && !b"\t\n\r\x07\x08\x0b\x0c\x1b".contains(it);
    let invalid: usize = rest.utf8_chunks().map(|it| it.invalid().len()).sum();
    let strange = rest.iter().filter(odd).count() + invalid;
    (strange * 10 > rest.len()).then_some(Gap::NotText)
}

/// Every file below a folder, sorted. Links are not followed: one is an error, unless its name begins with a dot, as those
/// do that an editor locks with.
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
            } else if kind.is_symlink() && !entry.file_name().as_encoded_bytes().starts_with(b".") {
                let what =
                    format!("{} is a link, and links are not followed", entry.path().display());
                return Err(io::Error::other(what));
            } else if !kind.is_symlink() {
                let what = format!("{} is a pipe or a device", entry.path().display());
                return Err(io::Error::other(what));
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
        let limit = if name.ends_with(".yaml") { YAML.min(room + 1) } else { room + 1 };
        let file = open(&path)?;
        if file.limit() >= limit && limit > room {
            return Err(too_large());
        }
        file.take(limit).read_to_end(&mut bytes)?;
        room = room.checked_sub(bytes.len() as u64).ok_or_else(too_large)?;
        files.insert(name, bytes);
    }
    Ok(files)
}

fn too_large() -> io::Error {
    io::Error::other(format!("it is larger than {} MiB", BYTES / 1024 / 1024))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(bytes: &[u8]) -> (Vec<u8>, Option<Gap>) {
        let mut found = Vec::new();
        let gap = text(&mut &bytes[..], &mut |it| found.extend_from_slice(it)).unwrap();
        (found, gap)
    }

    #[cfg(unix)]
    #[test]
    fn a_link_among_playbooks_is_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "a").unwrap();
        std::os::unix::fs::symlink("nobody", folder.path().join(".#a")).unwrap();
        assert_eq!(below(folder.path()).unwrap(), [folder.path().join("a")]);
        std::os::unix::fs::symlink("a", folder.path().join("b")).unwrap();
        assert!(below(folder.path()).unwrap_err().to_string().contains("b is a link"));
    }

    #[test]
    fn a_file_is_read_as_far_as_it_went_when_it_was_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        fs::write(&path, "one\n").unwrap();
        let mut file = open(&path).unwrap();
        fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"two\n").unwrap();
        let mut found = String::new();
        file.read_to_string(&mut found).unwrap();
        assert_eq!(found, "one\n");
        assert!(open(folder.path()).is_err());
    }

    #[test]
    fn a_large_file_of_a_playbook_is_not_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        // It has no blocks on the disk.
        File::create(folder.path().join("a.yaml")).unwrap().set_len(600 << 20).unwrap();
        let files = whole(folder.path()).unwrap();
        assert_eq!(files["a.yaml"].len(), FILE_BYTES + 1);
        File::create(folder.path().join("a.log")).unwrap().set_len(600 << 20).unwrap();
        assert!(whole(folder.path()).unwrap_err().to_string().contains("larger than"));
    }

    #[test]
    fn what_is_no_text_is_told() {
        let noise: Vec<u8> = (0..4096_u32).map(|it| (it * 7919 % 251) as u8).collect();
        let mut tar = vec![0; 1024];
        tar[257..262].copy_from_slice(b"ustar");
        for (bytes, gap) in [
            (noise, Gap::NotText),
            (b"\x7fELF\x02\x01".to_vec(), Gap::NotText),
            (tar.clone(), Gap::Archive),
            (b"PK\x03\x04abc".to_vec(), Gap::Archive),
        ] {
            assert_eq!(read(&bytes), (Vec::new(), Some(gap)));
        }
        let mut cut_away = vec![0; 4096];
        cut_away.extend_from_slice(b"E1123 18:32:22.978325    7 main.go:7] a\n");
        let latin =
            b"A opera\xe7\xe3o n\xe3o foi conclu\xedda no tempo esperado, tente de novo".to_vec();
        let wide: Vec<u8> = "Name: web".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [cut_away, latin, wide, Vec::new(), b"\x1b[31mred\x1b[0m".to_vec()] {
            assert_eq!(read(&bytes).1, None);
        }
    }
}
