//! What a run saw, written down as it comes: a recording.
//!
//! The manifest says `unfinished` until the end, so that a killed capture is never taken for a whole one.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde_json::{Value as Json, json};
use triagem_engine::evidence::recording::{API_VERSION, MANIFEST, Recorded, RecordedBody};
use triagem_engine::evidence::{Gap, Request, Selection};
use triagem_engine::playbook::Playbook;
use triagem_engine::verdict::Report;

/// Writes a recording into a folder.
pub struct Tape {
    folder: PathBuf,
    entries: Mutex<BTreeMap<Request, Json>>,
}

impl Tape {
    /// Begins a recording in a new or empty folder.
    pub fn new(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        if fs::read_dir(folder)?.next().is_some() {
            return Err(io::Error::other(format!("{} is not empty", folder.display())));
        }
        let tape = Self { folder: folder.to_owned(), entries: Mutex::default() };
        tape.manifest(
            &json!({"apiVersion": API_VERSION, "kind": "Recording", "unfinished": true}),
        )?;
        Ok(tape)
    }

    /// Notes an answer that is data, events, or a gap.
    pub(super) fn note(&self, request: &Request, recorded: &Recorded) -> io::Result<()> {
        let mut entry = self.entry(request);
        match &recorded.body {
            Err(gap) => entry["gap"] = gap.to_json(),
            Ok(body) => {
                entry["origin"] = recorded.origin.clone().into();
                if let Some(gap) = &recorded.partial {
                    entry["partial"] = gap.to_json();
                }
                let (key, data) = match body {
                    RecordedBody::Tree(tree) => ("file", tree.clone()),
                    RecordedBody::Events(items) => ("events", Json::Array(items.clone())),
                    RecordedBody::Text(text) => ("text", text.clone().into()),
                    RecordedBody::Log(name) => ("log", name.clone().into()),
                };
                if matches!(body, RecordedBody::Tree(_) | RecordedBody::Events(_)) {
                    let name = self.name(request, "json");
                    let bytes = serde_json::to_vec_pretty(&data)?;
                    fs::write(self.folder.join(&name), bytes)?;
                    entry[key] = name.into();
                } else {
                    entry[key] = data;
                }
            }
        }
        self.add(request, entry);
        Ok(())
    }

    /// The file that a log goes to while it is read.
    pub(super) fn log(&self, request: &Request) -> io::Result<File> {
        File::create(self.folder.join(self.name(request, "log")))
    }

    /// Notes a log whose text was written.
    pub(super) fn note_log(&self, request: &Request, origin: &str, partial: Option<&Gap>) {
        let mut entry = self.entry(request);
        entry["origin"] = origin.into();
        entry["log"] = self.name(request, "log").into();
        if let Some(gap) = partial {
            entry["partial"] = gap.to_json();
        }
        self.add(request, entry);
    }

    /// Ends the recording.
    pub fn finish(
        &self,
        now: i64,
        inputs: &BTreeMap<String, Json>,
        playbooks: &[Playbook],
        report: &Report,
    ) -> io::Result<()> {
        let entries =
            self.entries.lock().map_err(|_| io::Error::other("the recording is broken"))?;
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
                "gap": report.selection.gap.as_ref().map(Gap::to_json),
            });
        }
        self.manifest(&manifest)
    }

    /// Whole, or not at all.
    fn manifest(&self, manifest: &Json) -> io::Result<()> {
        let text = serde_yaml::to_string(manifest).map_err(io::Error::other)?;
        let draft = self.folder.join(format!(".{MANIFEST}"));
        let mut file = File::create(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(draft, self.folder.join(MANIFEST))
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

/// Packs a finished recording; the archive appears whole, or not at all.
pub fn pack(folder: &Path, archive: &Path) -> io::Result<()> {
    let draft = archive.with_extension("partial");
    let file = File::create(&draft)?;
    let mut builder =
        tar::Builder::new(flate2::write::GzEncoder::new(file, flate2::Compression::default()));
    let mut names: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|it| it.map(|it| it.path())).collect::<io::Result<_>>()?;
    names.sort();
    for path in names {
        let name = path.file_name().unwrap_or_default();
        builder.append_path_with_name(&path, Path::new("recording").join(name))?;
    }
    builder.into_inner()?.finish()?.sync_all()?;
    fs::rename(draft, archive)
}
