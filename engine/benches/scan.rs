//! How fast a provider's log is read, and in how much memory: the log is made chunk by chunk and never
//! held, and goes through every watch of the real playbooks.
//!
//! `cargo bench -p triagem-engine` prints the throughput and, for each size, how far the program's peak
//! of resident memory rose: it must not follow the size of the log.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and may stop where it stands"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use divan::counter::BytesCount;
use divan::{AllocProfiler, Bencher};
use triagem_engine::diagnose::watchlist;
use triagem_engine::playbook::load::load;
use triagem_engine::text::{Excerpts, Reading, Watchlist};

#[path = "../tests/laws/sources.rs"]
mod sources;

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

const MIB: usize = 1024 * 1024;
/// Bytes that come at once, as from a pipe.
const CHUNK: usize = 64 * 1024;

/// Every pattern of every real playbook.
static LIST: LazyLock<Watchlist> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../playbooks");
    let mut playbooks = Vec::new();
    for folder in std::fs::read_dir(root).unwrap() {
        let folder = folder.unwrap().path();
        let mut files = BTreeMap::new();
        files.insert(
            "playbook.yaml".to_owned(),
            std::fs::read(folder.join("playbook.yaml")).unwrap(),
        );
        for part in ["causes", "locales"] {
            for file in std::fs::read_dir(folder.join(part)).unwrap() {
                let file = file.unwrap();
                let name = format!("{part}/{}", file.file_name().to_string_lossy());
                files.insert(name, std::fs::read(file.path()).unwrap());
            }
        }
        let id = folder.file_name().unwrap().to_string_lossy().into_owned();
        let loaded = load(&id, &files, sources::vocabulary());
        // Tests of causes may name recordings, which nobody needs here.
        assert!(loaded.playbook.is_some(), "{id}: {:#?}", loaded.faults);
        playbooks.extend(loaded.playbook);
    }
    watchlist(&playbooks)
});

/// A provider's log: of a hundred records three are failed mounts, in klog's many-line form.
struct Log {
    record: usize,
    text: String,
}

impl Log {
    fn new() -> Self {
        Self { record: 0, text: String::with_capacity(2 * CHUNK) }
    }

    /// The next bytes.
    fn chunk(&mut self) -> &[u8] {
        self.text.clear();
        while self.text.len() < CHUNK {
            let n = self.record;
            self.record += 1;
            let (minute, second, micros) = (n / 60 % 60, n % 60, n % 1_000_000);
            let vault = n % 7;
            let header = |level: char, line: usize| {
                format!(
                    "{level}1123 21:{minute:02}:{second:02}.{micros:06}       1 server.go:{line}]"
                )
            };
            match n % 100 {
                31 | 64 => write!(
                    self.text,
                    "{} \"failed to process mount request\" err=<\n\tfailed to get objectType:secret, objectName:db-password, objectVersion:: GET https://kv-shop-{vault}.vault.azure.net/secrets/db-password/\n\t--------------------------------------------------------------------------------\n\tRESPONSE 403: 403 Forbidden\n\tERROR CODE: Forbidden\n\t--------------------------------------------------------------------------------\n\t{{\n\t  \"error\": {{\n\t    \"code\": \"Forbidden\",\n\t    \"message\": \"Caller is not authorized to perform action on resource.\\r\\nCaller: appid=5e1d9f3a-0000-4e8d-a1f7-3b9c0d2e4f11;oid=a7c3e5d1-0000-4c9e-8d26-71b8f3a9c512\\r\\nVault: kv-shop-{vault};location=westeurope\",\n\t    \"innererror\": {{\n\t      \"code\": \"ForbiddenByRbac\"\n\t    }}\n\t  }}\n\t}}\n >\n",
                    header('E', 60)
                ),
                90 => write!(
                    self.text,
                    "{} \"failed to process mount request\" err=<\n\tfailed to get objectType:secret, objectName:db-password, objectVersion:: ManagedIdentityCredential authentication failed. the requested identity isn't assigned to this resource\n\tGET http://169.254.169.254/metadata/identity/oauth2/token\n\tRESPONSE 400: 400 Bad Request\n\t{{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}}\n >\n",
                    header('E', 60)
                ),
                11 | 55 => writeln!(
                    self.text,
                    "{} \"retrying\" attempt={n} reason=\"a \\\"slow\\\" answer\"",
                    header('W', 71)
                ),
                0..25 => writeln!(
                    self.text,
                    "{} \"fetching object from key vault\" objectName=\"db-password\" objectType=\"secret\" keyvault=\"kv-shop-{vault}\" pod=\"shop/web-{n}\"",
                    header('I', 210)
                ),
                25..50 => writeln!(
                    self.text,
                    "{} \"unmarshaled key vault objects\" keyVaultObjects=[{{objectName:db-password objectType:secret}}] count=1 pod=\"shop/web-{n}\"",
                    header('I', 164)
                ),
                _ => writeln!(
                    self.text,
                    "{} \"mount response\" method=\"/v1alpha1.CSIDriverProvider/Mount\" duration=\"0.{micros:06}s\" code=0 pod=\"shop/web-{n}\"",
                    header('I', 84)
                ),
            }
            .unwrap();
        }
        self.text.as_bytes()
    }
}

fn scan(size: usize, repair: bool) -> Excerpts {
    let mut log = Log::new();
    let mut reading = Reading::new(&LIST, "provider.log", 1, repair);
    let mut left = size;
    while left > 0 {
        let chunk = log.chunk();
        let now = chunk.len().min(left);
        reading.push(&chunk[..now]);
        left -= now;
    }
    reading.finish()
}

/// As a collector reads it.
#[divan::bench(args = [1, 256], sample_count = 3, sample_size = 1)]
fn asked_mib(bencher: Bencher<'_, '_>, size: usize) {
    LazyLock::force(&LIST);
    bencher.counter(BytesCount::new(size * MIB)).bench(|| scan(size * MIB, false));
}

/// As it is read when it was handed over.
#[divan::bench(args = [1, 256], sample_count = 3, sample_size = 1)]
fn given_mib(bencher: Bencher<'_, '_>, size: usize) {
    LazyLock::force(&LIST);
    bencher.counter(BytesCount::new(size * MIB)).bench(|| scan(size * MIB, true));
}

/// What making the log costs: it is in the figures of the others.
#[divan::bench(args = [256], sample_count = 3, sample_size = 1)]
fn only_made_mib(bencher: Bencher<'_, '_>, size: usize) {
    bencher.counter(BytesCount::new(size * MIB)).bench(|| {
        let mut log = Log::new();
        (0..size * MIB / CHUNK).map(|_| log.chunk().len()).sum::<usize>()
    });
}

/// The peak of resident memory so far, KiB; `None` where the system does not say.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|it| it.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn main() {
    // `cargo test --all-targets` runs this too, and wants to know only that it builds.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    LazyLock::force(&LIST);
    for size in [1, 16, 256] {
        let before = peak();
        let seen = scan(size * MIB, false);
        if let (Some(before), Some(after)) = (before, peak()) {
            println!(
                "{size:>4} MiB: {:>8} records, {:>3} watches saw something; the peak rose by {} KiB to {after} KiB",
                seen.records,
                seen.sightings.len(),
                after - before
            );
        }
    }
    divan::main();
}
