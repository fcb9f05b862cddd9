//! Azure, through the user's own `az`: argv only, reading only, with a time limit.

use std::collections::BTreeMap;
use std::process::{ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use triagem_engine::evidence::recording::{Recorded, RecordedBody};
use triagem_engine::evidence::redact::redact_tree;
use triagem_engine::evidence::{Gap, Request};

/// One command takes about a second or two; a cold one ten.
const ONE: Duration = Duration::from_secs(45);
/// Bytes of an answer.
const ANSWER: u64 = 32 * 1024 * 1024;
/// Bytes of what is said on stderr.
const SAID: u64 = 64 * 1024;
/// Commands at once.
const IN_FLIGHT: usize = 2;

/// Which version of its API a type is asked in: the newest that is stable and has what playbooks read.
const VERSIONS: &[(&str, &str)] = &[
    ("microsoft.authorization/roleassignments", "2022-04-01"),
    ("microsoft.compute/virtualmachines", "2024-07-01"),
    ("microsoft.compute/virtualmachinescalesets", "2024-07-01"),
    ("microsoft.containerservice/managedclusters", "2024-09-01"),
    ("microsoft.keyvault/vaults", "2023-07-01"),
    ("microsoft.managedidentity/userassignedidentities", "2023-01-31"),
    ("microsoft.managedidentity/userassignedidentities/federatedidentitycredentials", "2023-01-31"),
    ("microsoft.network/privatednszones", "2024-06-01"),
    ("microsoft.network/privatednszones/virtualnetworklinks", "2024-06-01"),
    ("microsoft.network/virtualnetworks", "2024-05-01"),
];

/// The sub-commands that are ever run. None of them changes anything.
const ALLOWED: &[&[&str]] = &[
    &["resource", "show"],
    &["resource", "list"],
    &["rest", "--method", "get"],
    &["keyvault", "show"],
];

/// The user's `az`.
pub struct Azure {
    slots: Semaphore,
    until: Instant,
    /// Resources that came with a list: by id, lower case.
    known: Mutex<BTreeMap<String, Json>>,
    calls: AtomicU64,
}

impl Azure {
    /// Nothing is run yet.
    pub fn new(until: Instant) -> Self {
        Self {
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

    pub(super) async fn answer(&self, request: &Request) -> Result<Recorded, Gap> {
        let argv = argv(request)?;
        match request.source.as_str() {
            "azure.get" => {
                let id = text(request, "id").unwrap_or_default();
                let known =
                    self.known.lock().ok().and_then(|it| it.get(&id.to_lowercase()).cloned());
                let found = match known {
                    Some(found) => found,
                    None => self.az(&argv).await?,
                };
                let same = found["id"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(&id));
                if !same {
                    return Err(Gap::Failed("az answered with something else".to_owned()));
                }
                Ok(document(found, id))
            }
            "azure.list" => {
                let found = self.az(&argv).await?;
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
        let found = match self.az(argv).await {
            Ok(found) => found,
            Err(Gap::Absent) => return Err(elsewhere()),
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

    async fn az(&self, argv: &[String]) -> Result<Json, Gap> {
        if !ALLOWED.iter().any(|it| it.iter().zip(argv).all(|(left, right)| left == right)) {
            return Err(Gap::Unsupported);
        }
        let _slot = self.slots.acquire().await.map_err(|_| Gap::Interrupted)?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let mut command = Command::new("az");
        command
            .args(argv)
            .env("AZURE_CORE_ONLY_SHOW_ERRORS", "true")
            .env("AZURE_CORE_NO_COLOR", "true")
            .env("AZURE_CORE_COLLECT_TELEMETRY", "false")
            .env("AZURE_CORE_LOGIN_EXPERIENCE_V2", "off")
            .env("AZURE_EXTENSION_USE_DYNAMIC_INSTALL", "no")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let run = async {
            let mut child = match command.spawn() {
                Ok(child) => child,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    return Err(Gap::NoTool { needs: "az".to_owned() });
                }
                Err(error) => return Err(Gap::Failed(format!("az cannot be run: {error}"))),
            };
            let (out, said) =
                tokio::join!(up_to(child.stdout.take(), ANSWER), up_to(child.stderr.take(), SAID));
            let status = child.wait().await.map_err(|error| Gap::Failed(error.to_string()))?;
            read(status, &out, &String::from_utf8_lossy(&said))
        };
        let until = self.until.min(Instant::now() + ONE);
        tokio::time::timeout_at(until, run).await.unwrap_or(Err(Gap::Timeout))
    }
}

/// The command that answers a question; what is not known in it is the question's own text.
pub fn argv(request: &Request) -> Result<Vec<String>, Gap> {
    let value = |name: &str| text(request, name).unwrap_or_default();
    let words = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let json = ["-o", "json"];
    Ok(match request.source.as_str() {
        "azure.get" => {
            let id = value("id");
            let version = text(request, "api-version").or_else(|| version(&type_of(&id)));
            let mut argv = words(&["resource", "show", "--ids", &plain(&id)?]);
            for word in version.iter().flat_map(|it| ["--api-version", it.as_str()]) {
                argv.push(word.to_owned());
            }
            argv.extend(words(&json));
            argv
        }
        "azure.list" => {
            let kind = value("type");
            let version = version(&kind).ok_or(Gap::Unsupported)?;
            let within = match (text(request, "scope"), text(request, "subscription")) {
                (Some(scope), _) => plain(&scope)?,
                (None, Some(subscription)) => format!("/subscriptions/{}", plain(&subscription)?),
                (None, None) => return Err(Gap::DependsOnUnknown),
            };
            // What lives below a resource cannot be listed for a whole subscription.
            if kind.matches('/').count() > 1 && type_of(&within).is_empty() {
                return Err(Gap::Unsupported);
            }
            // A type below the type of its scope is a child, any other hangs on it as an extension.
            let child = kind
                .to_lowercase()
                .strip_prefix(&format!("{}/", type_of(&within)))
                .map(str::to_owned);
            let path = match child {
                Some(child) => format!("{within}/{child}"),
                None => format!("{within}/providers/{}", plain(&kind)?),
            };
            let mut url = format!("{path}?api-version={version}");
            if let Some(filter) = text(request, "filter") {
                url = format!("{url}&$filter={}", filter.replace([' ', '&', '#'], "%20"));
            }
            let mut argv = words(&["rest", "--method", "get", "--url", &url]);
            argv.extend(words(&json));
            argv
        }
        "azure.find" if value("type").eq_ignore_ascii_case("Microsoft.KeyVault/vaults") => {
            let mut argv = words(&["keyvault", "show", "--name", &plain(&value("name"))?]);
            argv.extend(words(&json));
            argv
        }
        "azure.find" => {
            let mut argv = words(&[
                "resource",
                "list",
                "--resource-type",
                &plain(&value("type"))?,
                "--name",
                &plain(&value("name"))?,
            ]);
            argv.extend(words(&json));
            argv
        }
        _ => return Err(Gap::Unsupported),
    })
}

/// A value that cannot be taken for an option, nor lead out of where it stands.
fn plain(value: &str) -> Result<String, Gap> {
    let bad = value.is_empty()
        || value.starts_with('-')
        || value.starts_with('@')
        || value.split('/').any(|it| it == "..")
        || value.chars().any(|it| it.is_control() || it.is_whitespace() || "?#&%\\".contains(it));
    if bad {
        Err(Gap::Failed(format!("{value:?} cannot be asked of az")))
    } else {
        Ok(value.to_owned())
    }
}

fn text(request: &Request, name: &str) -> Option<String> {
    match serde_json::from_str(request.params.get(name)?).ok()? {
        Json::String(text) => Some(text).filter(|it| !it.is_empty()),
        _ => None,
    }
}

fn version(kind: &str) -> Option<String> {
    let kind = kind.to_lowercase();
    VERSIONS.iter().find(|(it, _)| *it == kind).map(|(_, version)| (*version).to_owned())
}

/// The type of a resource id, lower case: `microsoft.keyvault/vaults`.
fn type_of(id: &str) -> String {
    let lower = id.to_lowercase();
    let Some((_, last)) = lower.rsplit_once("/providers/") else { return String::new() };
    let mut parts = last.split('/');
    let mut kind = parts.next().unwrap_or_default().to_owned();
    let rest: Vec<&str> = parts.collect();
    for pair in rest.chunks(2) {
        if let [name, _] = pair {
            kind = format!("{kind}/{name}");
        }
    }
    kind
}

async fn up_to(from: Option<impl AsyncRead + Unpin>, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        let mut from = from.take(limit + 1);
        // What could not be read is missing at the end, and the answer is then no JSON.
        let _read = from.read_to_end(&mut bytes).await;
        tokio::io::copy(&mut from.into_inner(), &mut tokio::io::sink()).await.ok();
    }
    bytes
}

/// What `az` answered: its exit code, and the code it says on stderr.
fn read(status: ExitStatus, out: &[u8], said: &str) -> Result<Json, Gap> {
    if status.success() {
        if out.len() as u64 > ANSWER {
            return Err(Gap::TooLarge);
        }
        let mut tree = serde_json::from_slice(out)
            .map_err(|_| Gap::Failed("az did not answer with JSON".to_owned()))?;
        redact_tree(&mut tree);
        return Ok(tree);
    }
    Err(refused(status.code(), said))
}

fn refused(code: Option<i32>, said: &str) -> Gap {
    let has = |text: &str| said.to_lowercase().contains(&text.to_lowercase());
    if [
        "az login",
        "AADSTS",
        "InvalidAuthenticationToken",
        "ExpiredAuthenticationToken",
        "no subscription found",
    ]
    .iter()
    .any(|it| has(it))
    {
        return Gap::SignedOut { needs: "az login".to_owned() };
    }
    if has("AuthorizationFailed") || has("LinkedAuthorizationFailed") || has("(Forbidden)") {
        let action = said.split("perform action '").nth(1).and_then(|it| it.split('\'').next());
        return Gap::Denied { needs: action.unwrap_or("Reader").to_owned() };
    }
    if has("TooManyRequests") || has("throttled") || has("429") {
        return Gap::Throttled;
    }
    // 3 is "not found", but only ResourceNotFound speaks of the thing itself.
    let named = has("ResourceNotFound")
        || has("(NotFound)")
        || has("was not found")
        || has("ResourceGroupNotFound");
    if code == Some(3) && !has("SubscriptionNotFound") && (named || said.trim().is_empty()) {
        return Gap::Absent;
    }
    let line = said.lines().map(str::trim).find(|it| !it.is_empty()).unwrap_or("no reason given");
    let code = code.map_or_else(|| "no exit code".to_owned(), |it| format!("exit code {it}"));
    let line: String = triagem_engine::text::secret::redact(line).chars().take(300).collect();
    Gap::Failed(format!("az ended with {code}: {line}"))
}

fn document(tree: Json, origin: String) -> Recorded {
    Recorded { body: Ok(RecordedBody::Tree(tree)), partial: None, origin }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(source: &str, params: &[(&str, &str)]) -> Request {
        let params = params
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value).to_string()))
            .collect();
        Request { source: source.to_owned(), params }
    }

    const VAULT: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv";

    #[test]
    fn a_question_is_one_reading_command() {
        let get = argv(&request("azure.get", &[("id", VAULT)])).unwrap();
        assert_eq!(
            get.join(" "),
            format!("resource show --ids {VAULT} --api-version 2023-07-01 -o json")
        );
        let roles = [("type", "Microsoft.Authorization/roleAssignments"), ("scope", VAULT)];
        let list = argv(&request("azure.list", &roles)).unwrap();
        assert_eq!(
            list.get(4).unwrap(),
            &format!(
                "{VAULT}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01"
            )
        );
        let identity = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i";
        let children = [
            (
                "type",
                "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
            ),
            ("scope", identity),
        ];
        let list = argv(&request("azure.list", &children)).unwrap();
        assert_eq!(
            list.get(4).unwrap(),
            &format!("{identity}/federatedidentitycredentials?api-version=2023-01-31")
        );
        for argv in [get, list] {
            assert!(
                ALLOWED.iter().any(|it| it.iter().zip(&argv).all(|(left, right)| left == right))
            );
        }
    }

    #[test]
    fn a_hostile_value_is_not_asked() {
        for id in ["--debug", "@/etc/passwd", "/subscriptions/../x", "a b", "a?b", ""] {
            assert!(argv(&request("azure.get", &[("id", id)])).is_err(), "{id}");
        }
    }

    #[test]
    fn az_says_why_in_a_code() {
        for (code, said, want) in [
            (3, "ERROR: (ResourceNotFound) The Resource 'x' was not found.", Gap::Absent),
            (
                1,
                "ERROR: Please run 'az login' to setup account.",
                Gap::SignedOut { needs: "az login".to_owned() },
            ),
            (
                1,
                "ERROR: (AuthorizationFailed) The client 'x' does not have authorization to perform action 'Microsoft.KeyVault/vaults/read' over scope",
                Gap::Denied { needs: "Microsoft.KeyVault/vaults/read".to_owned() },
            ),
            (1, "ERROR: (TooManyRequests) slow down", Gap::Throttled),
        ] {
            assert_eq!(refused(Some(code), said), want);
        }
        assert!(matches!(refused(Some(3), "ERROR: (SubscriptionNotFound) s"), Gap::Failed(_)));
        assert!(matches!(refused(Some(1), "ERROR: boom"), Gap::Failed(_)));
    }
}
