//! Answers out of a recording; what it does not hold was not captured.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use triagem_engine::evidence::recording::{Files, MANIFEST, Recording, RecordingError};
use triagem_engine::evidence::{Answer, Collector, Request};
use triagem_engine::text::Watchlist;

use super::files;

/// Bytes of a file that is held whole: the manifest, data.
const WHOLE: u64 = 256 * 1024 * 1024;
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
}

/// Why a recording cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file system or the archive.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// What is in it.
    #[error(transparent)]
    Recording(#[from] RecordingError),
}

/// The recording at a path, a folder or a `.tar.gz`, if it is one.
pub fn open(path: &Path) -> Result<Option<Recording>, OpenError> {
    let name = path.to_string_lossy();
    if path.join(MANIFEST).is_file() {
        return Ok(Some(Recording::read(Arc::new(Folder {
            root: path.to_owned(),
            _unpacked: None,
        }))?));
    }
    if !path.is_file() || !(name.ends_with(".tar.gz") || name.ends_with(".tgz")) {
        return Ok(None);
    }
    let unpacked = tempfile::Builder::new().prefix("triagem-").tempdir()?;
    files::unpack(path, unpacked.path())?;
    // An archive usually has one folder at its root.
    let root = files::below(unpacked.path())?
        .into_iter()
        .find(|it| it.file_name().is_some_and(|it| it == MANIFEST))
        .and_then(|it| it.parent().map(Path::to_owned))
        .ok_or(RecordingError::NoManifest)?;
    Ok(Some(Recording::read(Arc::new(Folder { root, _unpacked: Some(unpacked) }))?))
}

/// A recording's files in a folder, which is removed afterwards if it was unpacked for this.
#[derive(Debug)]
struct Folder {
    root: PathBuf,
    _unpacked: Option<TempDir>,
}

impl Files for Folder {
    fn whole(&self, name: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let read =
            File::open(self.root.join(name)).ok()?.take(WHOLE + 1).read_to_end(&mut bytes).ok()?;
        (read as u64 <= WHOLE).then_some(bytes)
    }

    fn holds(&self, name: &str) -> bool {
        // Links lead out of the recording, wherever on the way they stand.
        let mut path = self.root.clone();
        let real = Path::new(name).components().all(|it| {
            path.push(it);
            path.symlink_metadata().is_ok_and(|it| !it.is_symlink())
        });
        real && path.is_file()
    }

    fn stream(&self, name: &str, sink: &mut dyn FnMut(&[u8])) -> bool {
        let Ok(mut file) = File::open(self.root.join(name)) else { return false };
        let mut chunk = vec![0; CHUNK];
        loop {
            match file.read(&mut chunk) {
                Ok(0) => return true,
                Ok(length) => sink(chunk.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
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
        let files = Folder { root: folder.path().to_owned(), _unpacked: None };
        assert!(files.holds("own/a.log"));
        for name in ["far/a.log", "a.log", "own", "nobody"] {
            assert!(!files.holds(name), "{name}");
        }
    }
}
