//! What a run saw, written down as it comes: a recording.
//!
//! The manifest says `unfinished` until the end, so that a killed capture is never taken for a whole one. What goes
//! into an archive stands in a file without a name until then: of a killed capture nothing is left.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use triagem_engine::evidence::recording::{
    API_VERSION, DIGEST, Holds, MANIFEST, Recorded, RecordedBody, digest, digest_of, hex,
};
use triagem_engine::evidence::{Gap, Request, Selection};
use triagem_engine::playbook::Playbook;
use triagem_engine::verdict::Report;

/// Writes a recording.
pub struct Tape {
    to: To,
    entries: Mutex<BTreeMap<Request, Json>>,
    /// Why it can no longer be written: what was seen is judged all the same.
    failed: Mutex<Option<io::Error>>,
}

/// Where it is written to.
enum To {
    Folder(PathBuf),
    /// The parts, one behind the other, until they are packed.
    Archive {
        archive: PathBuf,
        spool: Mutex<Spool>,
    },
}

/// Files without names.
struct Spool {
    file: File,
    /// Name of a part → where it begins, and its bytes.
    parts: BTreeMap<String, (u64, u64)>,
}

/// A log that is being written.
pub(super) struct Log {
    file: File,
    hash: Sha256,
}

impl Log {
    /// Writes the next bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.file.write_all(bytes)
    }
}

impl Tape {
    /// Begins a recording in a new or empty folder.
    pub fn folder(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        if fs::read_dir(folder)?.next().is_some() {
            return Err(io::Error::other(format!("{} is not empty", folder.display())));
        }
        let tape = Self::new(To::Folder(folder.to_owned()));
        tape.manifest(
            &json!({"apiVersion": API_VERSION, "kind": "Recording", "unfinished": true}),
        )?;
        Ok(tape)
    }

    /// Begins a recording that becomes a `.tar.gz`.
    pub fn archive(archive: &Path) -> io::Result<Self> {
        fs::create_dir_all(beside(archive))?;
        let spool = Spool { file: tempfile::tempfile_in(beside(archive))?, parts: BTreeMap::new() };
        Ok(Self::new(To::Archive { archive: archive.to_owned(), spool: Mutex::new(spool) }))
    }

    fn new(to: To) -> Self {
        Self { to, entries: Mutex::default(), failed: Mutex::default() }
    }

    /// Notes an answer that is data, events, or a gap.
    pub(super) fn note(&self, request: &Request, recorded: &Recorded) {
        let mut entry = self.entry(request);
        match &recorded.body {
            Err(gap) => entry["gap"] = gap.to_json(),
            Ok(body) => {
                entry["origin"] = recorded.origin.clone().into();
                if let Some(gap) = &recorded.partial {
                    entry["partial"] = gap.to_json();
                }
                let data = match body {
                    RecordedBody::Tree(tree) => Some(("file", serde_json::to_vec_pretty(tree))),
                    RecordedBody::Events(items) => {
                        Some(("events", serde_json::to_vec_pretty(items)))
                    }
                    RecordedBody::Text(text) => {
                        entry["text"] = text.clone().into();
                        None
                    }
                    RecordedBody::Part(part) => {
                        let key = match part.holds {
                            Holds::Log => "log",
                            Holds::Tree => "file",
                            Holds::Events => "events",
                        };
                        entry[key] = part.name.clone().into();
                        None
                    }
                };
                if let Some((key, bytes)) = data {
                    let name = self.name(request, "json");
                    let written = bytes.map_err(io::Error::other).and_then(|bytes| {
                        entry[DIGEST] = digest(&bytes).into();
                        self.part(&name, &mut bytes.as_slice())
                    });
                    if let Err(error) = written {
                        return self.fail(error);
                    }
                    entry[key] = name.into();
                }
            }
        }
        self.add(request, entry);
    }

    /// What a log goes to while it is read; `None`: it cannot be written.
    pub(super) fn log(&self, request: &Request) -> Option<Log> {
        let file = match &self.to {
            To::Folder(folder) => File::create(folder.join(self.name(request, "log"))),
            To::Archive { archive, .. } => tempfile::tempfile_in(beside(archive)),
        };
        file.map(|file| Log { file, hash: Sha256::new() }).map_err(|error| self.fail(error)).ok()
    }

    /// Notes a log whose text was written.
    pub(super) fn note_log(
        &self,
        request: &Request,
        log: Log,
        origin: &str,
        partial: Option<&Gap>,
    ) {
        let name = self.name(request, "log");
        let mut entry = self.entry(request);
        entry["origin"] = origin.into();
        entry["log"] = name.clone().into();
        entry[DIGEST] = hex(log.hash).into();
        if let Some(gap) = partial {
            entry["partial"] = gap.to_json();
        }
        if let To::Archive { .. } = self.to {
            let mut file = log.file;
            if let Err(error) = file.rewind().and_then(|()| self.part(&name, &mut file)) {
                return self.fail(error);
            }
        }
        self.add(request, entry);
    }

    /// Notes that it can no longer be written; the first reason is the one to tell.
    pub(super) fn fail(&self, error: io::Error) {
        if let Ok(mut failed) = self.failed.lock() {
            failed.get_or_insert(error);
        }
    }

    fn part(&self, name: &str, from: &mut dyn Read) -> io::Result<()> {
        match &self.to {
            To::Folder(folder) => {
                io::copy(from, &mut File::create(folder.join(name))?)?;
            }
            To::Archive { spool, .. } => {
                let mut spool = spool.lock().map_err(|_| broken())?;
                let start = spool.file.seek(io::SeekFrom::End(0))?;
                let bytes = io::copy(from, &mut spool.file)?;
                spool.parts.insert(name.to_owned(), (start, bytes));
            }
        }
        Ok(())
    }

    /// Ends the recording.
    pub fn finish(
        &self,
        now: i64,
        inputs: &BTreeMap<String, Json>,
        playbooks: &[Playbook],
        report: &Report,
    ) -> io::Result<()> {
        if let Some(error) = self.failed.lock().map_err(|_| broken())?.take() {
            return Err(error);
        }
        let entries = self.entries.lock().map_err(|_| broken())?;
        let playbooks: Vec<Json> = playbooks
            .iter()
            .map(|it| json!({"id": it.id, "version": it.version, "digest": it.digest}))
            .collect();
        let mut manifest = json!({
            "apiVersion": API_VERSION,
            "kind": "Recording",
            "triagem": env!("CARGO_PKG_VERSION"),
            "now": triagem_engine::text::show_moment(triagem_engine::text::Moment::At(now)),
            "playbooks": playbooks,
            "inputs": inputs,
            "answers": entries.values().collect::<Vec<_>>(),
        });
        if report.interrupted {
            manifest["interrupted"] = true.into();
        }
        if report.selection != Selection::default() {
            manifest["selection"] = json!({
                "well": report.selection.well,
                "leaving": report.selection.leaving,
                "gap": report.selection.gap.as_ref().map(Gap::to_json),
            });
        }
        manifest[DIGEST] = digest_of(&manifest).into();
        self.manifest(&manifest)
    }

    /// Whole, or not at all.
    fn manifest(&self, manifest: &Json) -> io::Result<()> {
        let text = serde_yaml::to_string(manifest).map_err(io::Error::other)?;
        match &self.to {
            To::Folder(folder) => {
                let draft = folder.join(format!(".{MANIFEST}"));
                let mut file = File::create(&draft)?;
                file.write_all(text.as_bytes())?;
                file.sync_all()?;
                fs::rename(draft, folder.join(MANIFEST))
            }
            To::Archive { archive, .. } => {
                self.part(MANIFEST, &mut text.as_bytes())?;
                self.pack(archive)
            }
        }
    }

    /// Packs what was written; the archive appears whole, or not at all.
    fn pack(&self, archive: &Path) -> io::Result<()> {
        let To::Archive { spool, .. } = &self.to else { return Ok(()) };
        let mut spool = spool.lock().map_err(|_| broken())?;
        let Spool { file, parts } = &mut *spool;
        // It has no name until it is whole: of a run that is killed nothing is left.
        let draft = tempfile::tempfile_in(beside(archive))?;
        let packer = flate2::write::GzEncoder::new(draft, flate2::Compression::default());
        let mut builder = tar::Builder::new(packer);
        for (name, (start, bytes)) in parts {
            file.seek(io::SeekFrom::Start(*start))?;
            let mut header = tar::Header::new_gnu();
            header.set_size(*bytes);
            header.set_mode(0o644);
            let path = Path::new("recording").join(name);
            builder.append_data(&mut header, path, file.take(*bytes))?;
        }
        let draft = builder.into_inner()?.finish()?;
        draft.sync_all()?;
        name(draft, archive)
    }

    fn entry(&self, request: &Request) -> Json {
        let with: BTreeMap<&String, Json> = request
            .params
            .iter()
            .map(|(name, value)| (name, serde_json::from_str(value).unwrap_or_default()))
            .collect();
        json!({"request": {"source": request.source, "with": with}})
    }

    fn add(&self, request: &Request, entry: Json) {
        if let Ok(mut entries) = self.entries.lock() {
            entries.insert(request.clone(), entry);
        }
    }

    /// A name that depends on the question alone, so that equal runs write equal files.
    fn name(&self, request: &Request, extension: &str) -> String {
        let words: Vec<String> = request
            .params
            .values()
            .filter_map(|it| serde_json::from_str::<Json>(it).ok())
            .filter_map(|it| it["name"].as_str().or(it.as_str()).map(str::to_owned))
            .map(|it| {
                it.chars()
                    .filter(|it| it.is_ascii_alphanumeric() || "-_".contains(*it))
                    .take(30)
                    .collect()
            })
            .collect();
        let mut digest: u64 = 0xcbf2_9ce4_8422_2325;
        for byte in format!("{request:?}").bytes() {
            digest = (digest ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
        let source = request.source.replace('.', "-");
        let words: String = words.join("-").chars().take(80).collect();
        format!("{source}-{words}-{:08x}.{extension}", digest >> 32)
    }
}

/// Gives a file without a name one, where there is none of that name.
fn name(mut draft: File, path: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use std::os::fd::AsRawFd;
        let own = format!("/proc/self/fd/{}", draft.as_raw_fd());
        let here = rustix::fs::CWD;
        match rustix::fs::linkat(here, &own, here, path, rustix::fs::AtFlags::SYMLINK_FOLLOW) {
            Ok(()) => return Ok(()),
            Err(rustix::io::Errno::EXIST) => return Err(io::ErrorKind::AlreadyExists.into()),
            // This file system, or this machine without /proc, cannot.
            Err(_) => {}
        }
    }
    let mut named = tempfile::Builder::new().prefix(".triagem-").tempfile_in(beside(path))?;
    draft.rewind()?;
    io::copy(&mut draft, named.as_file_mut())?;
    named.as_file().sync_all()?;
    named.persist_noclobber(path).map_err(|it| it.error)?;
    Ok(())
}

/// The folder that a file is in.
fn beside(file: &Path) -> &Path {
    file.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn broken() -> io::Error {
    io::Error::other("the recording is broken")
}
