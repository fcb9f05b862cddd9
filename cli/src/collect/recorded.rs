//! Answers out of a recording; what it does not hold was not captured.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use triagem_engine::evidence::recording::{Files, MANIFEST, Recording, RecordingError};
use triagem_engine::evidence::{Answer, Collector, Request};
use triagem_engine::playbook::Playbook;
use triagem_engine::text::Watchlist;

use super::files;
use super::unpack::{Spool, unpack};

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

/// A recording as a collector. An empty one answers for pasted text and loose files.
#[derive(Clone, Debug, Default)]
pub struct Recorded(pub Recording);

impl Collector for Recorded {
    fn collect(
        &self,
        wanted: &BTreeSet<Request>,
        watchlist: &Watchlist,
    ) -> BTreeMap<Request, Answer> {
        wanted.iter().map(|it| (it.clone(), self.0.answer(it, watchlist))).collect()
    }

    fn owes(&self, request: &Request, playbooks: &[Playbook]) -> bool {
        self.0.owes(request, playbooks)
    }
}

/// Why a recording cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file system or the archive.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What is in it.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// Nobody can tell which one is meant.
    #[error("there are {0} recordings in it: unpack it, and hand over one of them")]
    Several(usize),
}

/// The recording at a path, if it is a folder with one; a file has to be one, packed.
pub fn open(path: &Path) -> Result<Option<Recording>, OpenError> {
    if path.join(MANIFEST).is_file() {
        return Ok(Some(Recording::read(Arc::new(Folder { root: path.to_owned() }))?));
    }
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = path.metadata()?.len();
    unpacked(files::open(path)?, bytes).map(Some)
}

/// The recording in an archive of so many bytes.
pub fn unpacked(archive: impl Read, bytes: u64) -> Result<Recording, OpenError> {
    let Spool { file, parts } = unpack(archive)?;
    // An archive usually has one folder at its root.
    let roots: Vec<&str> = parts
        .keys()
        .filter_map(|it| it.strip_suffix(MANIFEST))
        .filter(|it| it.is_empty() || it.ends_with('/'))
        .collect();
    let root = match roots.as_slice() {
        [] => return Err(RecordingError::NoManifest.into()),
        [one] => (*one).to_owned(),
        several => return Err(OpenError::Several(several.len())),
    };
    let parts = parts
        .into_iter()
        .filter_map(|(name, place)| Some((name.strip_prefix(&root)?.to_owned(), place)))
        .collect();
    Ok(Recording::read(Arc::new(Packed { file: Mutex::new(file), parts, bytes }))?)
}

/// A recording's files in a folder.
#[derive(Debug)]
struct Folder {
    root: PathBuf,
}

impl Files for Folder {
    fn size(&self, name: &str) -> Option<u64> {
        // Links lead out of the recording, wherever on the way they stand.
        let mut path = self.root.clone();
        let real = Path::new(name).components().all(|it| {
            path.push(it);
            path.symlink_metadata().is_ok_and(|it| !it.is_symlink())
        });
        let metadata = path.metadata().ok().filter(|it| real && it.is_file())?;
        Some(metadata.len())
    }

    fn stream(&self, name: &str, sink: &mut dyn FnMut(&[u8])) -> bool {
        let opened = files::open(&self.root.join(name));
        opened.is_ok_and(|mut it| pass_on(&mut it, sink))
    }

    fn bytes(&self) -> u64 {
        let found = files::below(&self.root).unwrap_or_default();
        found.iter().filter_map(|it| it.metadata().ok()).map(|it| it.len()).sum()
    }
}

/// A recording's files in an archive, unpacked into one file.
#[derive(Debug)]
struct Packed {
    file: Mutex<File>,
    /// Name → where it begins, and its bytes.
    parts: BTreeMap<String, (u64, u64)>,
    bytes: u64,
}

impl Files for Packed {
    fn size(&self, name: &str) -> Option<u64> {
        self.parts.get(name).map(|(_, bytes)| *bytes)
    }

    fn stream(&self, name: &str, sink: &mut dyn FnMut(&[u8])) -> bool {
        let (Some((start, bytes)), Ok(mut file)) = (self.parts.get(name), self.file.lock()) else {
            return false;
        };
        file.seek(SeekFrom::Start(*start)).is_ok()
            && pass_on(&mut Read::by_ref(&mut *file).take(*bytes), sink)
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }
}

fn pass_on(from: &mut dyn Read, sink: &mut dyn FnMut(&[u8])) -> bool {
    let mut chunk = vec![0; CHUNK];
    loop {
        match from.read(&mut chunk) {
            Ok(0) => return true,
            Ok(length) => sink(chunk.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn no_link_leads_out_of_a_recording() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("own")).unwrap();
        for to in [folder.path().join("own/a.log"), outside.path().join("a.log")] {
            std::fs::write(to, "a").unwrap();
        }
        std::os::unix::fs::symlink(outside.path(), folder.path().join("far")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("a.log"), folder.path().join("a.log"))
            .unwrap();
        let files = Folder { root: folder.path().to_owned() };
        assert_eq!(files.size("own/a.log"), Some(1));
        for name in ["far/a.log", "a.log", "own", "nobody"] {
            assert_eq!(files.size(name), None, "{name}");
        }
    }
}
