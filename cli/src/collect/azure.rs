//! Azure, through the user's own `az`: argv only, reading only, with a time limit.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use triagem_engine::evidence::recording::{Recorded, RecordedBody};
use triagem_engine::evidence::redact::redact_tree;
use triagem_engine::evidence::{Gap, Request};

use super::process::{self, Stopped};
use argv::text;

mod argv;
mod said;

pub use argv::argv;

/// One command takes about a second or two; a cold one ten.
const ONE: Duration = Duration::from_secs(45);
/// Bytes of an answer.
const ANSWER: usize = 32 * 1024 * 1024;
/// Commands at once.
const IN_FLIGHT: usize = 2;

/// Which `az`, and with what environment besides ours.
#[derive(Clone, Debug)]
pub struct Az {
    /// The program; looked for as a shell does.
    pub program: OsString,
    /// Variables it is given.
    pub env: Vec<(OsString, OsString)>,
    /// How long one command may take.
    pub patience: Duration,
}

impl Default for Az {
    fn default() -> Self {
        let program = if cfg!(windows) { "az.cmd" } else { "az" };
        Self { program: program.into(), env: Vec::new(), patience: ONE }
    }
}

/// The user's `az`.
pub struct Azure {
    az: Az,
    slots: Semaphore,
    until: Instant,
    /// Resources that came with a list: by id, lower case.
    known: Mutex<BTreeMap<String, Json>>,
    calls: AtomicU64,
}

impl Azure {
    /// Nothing is run yet.
    pub fn new(az: Az, until: Instant) -> Self {
        Self {
            az,
            slots: Semaphore::new(IN_FLIGHT),
            until,
            known: Mutex::default(),
            calls: AtomicU64::new(0),
        }
    }

    /// Commands run so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Asks, and says why an answer is missing.
    pub async fn answer(&self, request: &Request) -> Result<Recorded, Gap> {
        let argv = argv(request)?;
        match request.source.as_str() {
            "azure.get" => {
                let id = text(request, "id").unwrap_or_default();
                let known =
                    self.known.lock().ok().and_then(|it| it.get(&id.to_lowercase()).cloned());
                let found = match known {
                    Some(found) => found,
                    None => self.az(&argv, Some(&id)).await?,
                };
                let same = found["id"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(&id));
                if !same {
                    return Err(Gap::Failed("az answered with something else".to_owned()));
                }
                Ok(document(found, id))
            }
            "azure.list" => {
                let found = self.az(&argv, None).await?;
                let items = match found {
                    Json::Array(items) => items,
                    mut other => match (other["value"].take(), &other["nextLink"]) {
                        (Json::Array(items), Json::Null) => items,
                        (Json::Array(items), _) => {
                            return Ok(self.list(request, items, Some(Gap::TooLarge)));
                        }
                        _ => return Err(Gap::Failed("az answered with something else".to_owned())),
                    },
                };
                Ok(self.list(request, items, None))
            }
            "azure.find" => self.find(request, &argv).await,
            _ => Err(Gap::Unsupported),
        }
    }

    fn list(&self, request: &Request, items: Vec<Json>, partial: Option<Gap>) -> Recorded {
        if let Ok(mut known) = self.known.lock() {
            for item in items.iter().filter(|it| it["properties"].is_object()) {
                known.insert(item["id"].as_str().unwrap_or_default().to_lowercase(), item.clone());
            }
        }
        let origin = text(request, "type").unwrap_or_default();
        Recorded { partial, ..document(json!({"items": items}), origin) }
    }

    /// That a name is not found where `az` looks does not say that it is nowhere: it may be another
    /// subscription's.
    async fn find(&self, request: &Request, argv: &[String]) -> Result<Recorded, Gap> {
        let name = text(request, "name").unwrap_or_default();
        let elsewhere = || {
            Gap::Failed(format!("there is no {name} in the subscription that az is signed in to"))
        };
        let found = match self.az(argv, None).await {
            Ok(found) => found,
            Err(gap) if said::not_in_subscription(&gap) => return Err(elsewhere()),
            Err(gap) => return Err(gap),
        };
        let one = match found {
            Json::Array(items) => match items.as_slice() {
                [] => return Err(elsewhere()),
                [only] => only.clone(),
                _ => return Err(Gap::Ambiguous),
            },
            other => other,
        };
        if !one["name"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(&name)) {
            return Err(Gap::Failed("az answered with something else".to_owned()));
        }
        let origin = one["id"].as_str().unwrap_or(&name).to_owned();
        Ok(document(one, origin))
    }

    async fn az(&self, argv: &[String], about: Option<&str>) -> Result<Json, Gap> {
        if !argv::reads_only(argv) {
            return Err(Gap::Unsupported);
        }
        let _slot = self.slots.acquire().await.map_err(|_| Gap::Interrupted)?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let mut command = Command::new(&self.az.program);
        command
            .args(argv)
            .env("AZURE_CORE_ONLY_SHOW_ERRORS", "true")
            .env("AZURE_CORE_NO_COLOR", "true")
            .env("AZURE_CORE_COLLECT_TELEMETRY", "false")
            .env("AZURE_CORE_LOGIN_EXPERIENCE_V2", "off")
            .env("AZURE_EXTENSION_USE_DYNAMIC_INSTALL", "no")
            .envs(self.az.env.iter().map(|(name, value)| (name, value)))
            .stderr(Stdio::piped());
        let until = self.until.min(Instant::now() + self.az.patience);
        let ended =
            process::run(command, until, ANSWER).await.map_err(|stopped| match stopped {
                Stopped::Missing => Gap::NoTool { needs: "az".to_owned() },
                Stopped::Start(error) => Gap::Failed(format!("az cannot be run: {error}")),
                Stopped::Deadline => Gap::Timeout,
                Stopped::TooLarge => Gap::TooLarge,
            })?;
        if !ended.status.success() {
            let said = String::from_utf8_lossy(&ended.said);
            return Err(said::refused(ended.status.code(), &said, about));
        }
        let mut tree = serde_json::from_slice(&ended.out)
            .map_err(|_| Gap::Failed("az did not answer with JSON".to_owned()))?;
        redact_tree(&mut tree);
        Ok(tree)
    }
}

fn document(tree: Json, origin: String) -> Recorded {
    Recorded { body: Ok(RecordedBody::Tree(tree)), partial: None, origin }
}
