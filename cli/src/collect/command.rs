//! Questions that a program answers: arguments only, reading only, with a time limit and a limit to what it may print.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value as Json;
use tokio::process::Command as Process;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use triagem_engine::budget::Budget;
use triagem_engine::evidence::recording::{Recorded, RecordedBody};
use triagem_engine::evidence::redact::redact_tree;
use triagem_engine::evidence::{Gap, Request};
use triagem_engine::system::{Command, Source, Tool};
use triagem_engine::text::secret::redact;

use super::process::{self, Ended, Stopped};
use crate::systems::{Systems, source};

/// Bytes of an answer.
const ANSWER: usize = 16 * 1024 * 1024;
/// Bytes of a text that is kept.
const TEXT: usize = 512 * 1024;
/// Bytes of memory that any answer may take as data, and for each byte of its text.
const ROOM: usize = 16 * 1024 * 1024;
const PER_BYTE: usize = 24;
/// Variables that every program is given, where they are set: where it is, who runs it, how it speaks and by which way
/// it reaches others.
const COMMON: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "TEMP",
    "TMP",
    "TZ",
    "SystemRoot",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "ProgramFiles",
    "ComSpec",
    "PATHEXT",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_RUNTIME_DIR",
];

/// What a program said and then printed, without secrets.
fn text(ended: &Ended, origin: String) -> Recorded {
    // It stands in the recording's manifest, which has its own limit.
    let beginning = |bytes: &[u8]| -> Vec<u8> {
        bytes.get(..TEXT.min(bytes.len())).unwrap_or_default().to_vec()
    };
    let of = |bytes: &[u8]| String::from_utf8_lossy(&beginning(bytes)).trim_end().to_owned();
    let cut = ended.cut || ended.out.len() > TEXT;
    let both = [of(&ended.said), of(&ended.out)];
    let text = both.iter().filter(|it| !it.is_empty()).cloned().collect::<Vec<_>>().join("\n");
    let body = Ok(RecordedBody::Text(format!("{}\n", redact(&text))));
    Recorded { body, partial: cut.then_some(Gap::CutOff), origin }
}

/// The data that a program printed, in memory in proportion to its text, and without secrets.
fn parse(text: &[u8], tool: &str) -> Result<Json, Gap> {
    let budget = Budget::for_all(ROOM.saturating_add(text.len().saturating_mul(PER_BYTE)));
    let failed = |_| Gap::Failed(format!("{tool} did not answer with JSON"));
    let read = budget.json(text).map_err(failed)?;
    let mut tree = read.tree.filter(|_| read.left_out == 0).ok_or(Gap::TooLarge)?;
    redact_tree(&mut tree);
    Ok(tree)
}

/// How a tool is started in place of what its system says.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The program; looked for as a shell does.
    pub program: OsString,
    /// Variables it is given besides.
    pub env: Vec<(OsString, OsString)>,
    /// How long one command may take.
    pub patience: Option<Duration>,
}

/// The programs of this run.
pub struct Commands {
    systems: &'static Systems,
    /// In place of a tool's own program.
    instead: BTreeMap<String, Program>,
    slots: BTreeMap<String, Semaphore>,
    until: Instant,
    /// What came with a list: source and what it is asked by, lower case.
    known: Mutex<BTreeMap<(String, String), Json>>,
    calls: AtomicU64,
}

impl Commands {
    /// Nothing is run yet.
    pub fn new(
        systems: &'static Systems,
        instead: BTreeMap<String, Program>,
        until: Instant,
    ) -> Self {
        let tools = systems.all().iter().flat_map(|it| it.tools.values());
        let slots = tools.map(|it| (it.name.clone(), Semaphore::new(it.at_once))).collect();
        Self { systems, instead, slots, until, known: Mutex::default(), calls: AtomicU64::new(0) }
    }

    /// Commands run so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Asks, and says why an answer is missing.
    pub async fn answer(&self, command: &Command, request: &Request) -> Result<Recorded, Gap> {
        let source = source(&request.source).ok_or(Gap::Unsupported)?;
        let argv = command.argv(source, request)?;
        let tree = match self.known(command, source, request) {
            Some(known) => known,
            None => {
                let ended = self.run(command, source, request, &argv).await?;
                if command.answers_in_text() {
                    return Ok(text(&ended, command.origin(source, request)));
                }
                // That is hard work: whoever waits for the run's end goes on waiting meanwhile.
                let tool = command.tool.clone();
                let parsed = tokio::task::spawn_blocking(move || parse(&ended.out, &tool));
                parsed.await.map_err(|_| Gap::Interrupted)??
            }
        };
        let read = command.read(source, request, tree)?;
        if let Ok(mut known) = self.known.lock() {
            known.extend(read.known);
        }
        let body = Ok(RecordedBody::Tree(read.tree));
        Ok(Recorded { body, partial: read.partial, origin: read.origin })
    }

    fn known(&self, command: &Command, source: &Source, request: &Request) -> Option<Json> {
        let by = command.known_by(source, request)?;
        self.known.lock().ok()?.get(&(source.name.clone(), by)).cloned()
    }

    async fn run(
        &self,
        command: &Command,
        source: &Source,
        request: &Request,
        argv: &[String],
    ) -> Result<Ended, Gap> {
        let tool = self.systems.tool(&command.tool).ok_or(Gap::Unsupported)?;
        if !tool.runs(argv) {
            return Err(Gap::Unsupported);
        }
        if !self.systems.may_ask(tool) {
            return Err(Gap::SwitchedOff { needs: tool.name.clone() });
        }
        let slots = self.slots.get(&tool.name).ok_or(Gap::Unsupported)?;
        let _slot = slots.acquire().await.map_err(|_| Gap::Interrupted)?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let (process, patience) = self.process(tool, argv);
        let until = self.until.min(Instant::now() + patience);
        let ended =
            process::run(process, until, ANSWER).await.map_err(|stopped| match stopped {
                Stopped::Missing => Gap::NoTool { needs: tool.name.clone() },
                Stopped::Start(error) => {
                    Gap::Failed(format!("{} cannot be run: {error}", tool.name))
                }
                Stopped::Deadline => Gap::Timeout,
                Stopped::TooLarge => Gap::TooLarge,
            })?;
        if !command.has_answered(ended.status.code()) {
            let said = String::from_utf8_lossy(&ended.said);
            let told = command.told(source, request);
            return Err(tool.refused(ended.status.code(), &said, &told));
        }
        Ok(ended)
    }

    fn process(&self, tool: &Tool, argv: &[String]) -> (Process, Duration) {
        let own = if cfg!(windows) { &tool.windows } else { &tool.program };
        let instead = self.instead.get(&tool.name);
        let mut process = Process::new(instead.map_or(own.as_ref(), |it| it.program.as_os_str()));
        process.args(argv).stderr(Stdio::piped());
        // What a tool that was asked unbidden reads of the environment is the reader's own affair.
        if !tool.always {
            process.env_clear();
            // Many a program does as the folder it is started in says.
            if cfg!(unix) {
                process.current_dir("/");
            }
            for name in COMMON.iter().copied().chain(tool.keeps.iter().map(String::as_str)) {
                process.envs(std::env::var_os(name).map(|it| (name, it)));
            }
        }
        process.envs(tool.environment.iter().map(|(name, value)| (name, value)));
        process.envs(instead.into_iter().flat_map(|it| it.env.iter().map(|(k, v)| (k, v))));
        let patience = instead.and_then(|it| it.patience).unwrap_or(tool.patience);
        (process, patience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_was_cut_says_so() {
        let of = |out: Vec<u8>, cut| {
            let said = b"said\n".to_vec();
            text(
                &Ended { status: std::process::ExitStatus::default(), out, said, cut },
                String::new(),
            )
        };
        assert_eq!(of(b"out".to_vec(), false).partial, None);
        assert_eq!(of(b"out".to_vec(), true).partial, Some(Gap::CutOff));
        assert_eq!(of(vec![b'a'; TEXT + 1], false).partial, Some(Gap::CutOff));
        let Ok(RecordedBody::Text(text)) = of(b"out\n".to_vec(), false).body else { return };
        assert_eq!(text, "said\nout\n");
    }
}
