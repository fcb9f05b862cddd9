//! One question to the API server: deadline, few retries, and which gap an answer is.

use std::time::Duration;

use http::header::{ACCEPT, RETRY_AFTER};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use serde_json::Value as Json;
use tokio::time::{Instant, sleep, timeout_at};
use triagem_engine::budget::{Budget, ROOM};
use triagem_engine::evidence::Gap;
use triagem_engine::text::secret::redact;

use super::connect::chain;

/// Bytes of one answer that is held whole.
const ANSWER: usize = 64 * 1024 * 1024;
/// Bytes of memory that each byte of an answer may take as data: pods with all that their managers note take 10, nothing but such
/// notes 15, and `{"":0},` nearly 400.
const PER_BYTE: usize = 24;
/// Bytes of an answer that tells of an error.
const ERROR: usize = 64 * 1024;
/// Times a question is asked again.
const RETRIES: u32 = 2;
/// The longest the server may ask us to wait.
const PATIENCE: Duration = Duration::from_secs(10);

/// A question, and what a refusal of it means.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    /// Path and query.
    pub(super) path: String,
    /// What comes back.
    pub(super) accept: &'static str,
    /// What it needs: `get on csinodes.storage.k8s.io`.
    pub(super) needs: String,
    /// The name of the object that may be absent; none: absence is no answer.
    pub(super) name: Option<String>,
}

pub(super) const JSON: &str = "application/json";

/// Asks, and reads the answer whole.
pub(super) async fn json(client: &Client, ask: &Ask, until: Instant) -> Result<Json, Refusal> {
    let mut tries = 0;
    loop {
        let read = async {
            let response = send(client, ask, until).await?;
            let bytes = body(response, ANSWER, until).await?;
            tree(&bytes)
        };
        match read.await {
            Err(refusal) if refusal.again.is_some() && tries < RETRIES => {
                tries += 1;
                let wait = refusal.again.unwrap_or_default();
                if Instant::now() + wait >= until {
                    return Err(refusal);
                }
                sleep(wait).await;
            }
            other => return other,
        }
    }
}

/// The data of an answer, in memory in proportion to its text.
fn tree(bytes: &[u8]) -> Result<Json, Refusal> {
    let budget = Budget::for_all(ROOM.saturating_add(bytes.len().saturating_mul(PER_BYTE)));
    let read = budget.json(bytes).map_err(|_| Refusal::passing("the answer is not JSON"))?;
    if budget.has_doubled_keys() {
        return Err(Refusal::passing("the answer gives one key two values"));
    }
    read.tree.filter(|_| read.left_out == 0).ok_or_else(|| Gap::TooLarge.into())
}

/// Asks for a text; the body is the caller's to read.
pub(super) async fn stream(
    client: &Client,
    ask: &Ask,
    until: Instant,
) -> Result<Response<Body>, Refusal> {
    let mut tries = 0;
    loop {
        match send(client, ask, until).await {
            Err(refusal) if refusal.again.is_some() && tries < RETRIES => {
                tries += 1;
                let wait = refusal.again.unwrap_or_default();
                if Instant::now() + wait >= until {
                    return Err(refusal);
                }
                sleep(wait).await;
            }
            other => return other,
        }
    }
}

/// Why there is no answer, and whether to ask again.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) gap: Gap,
    /// The continue token has expired (410).
    pub(super) expired: bool,
    again: Option<Duration>,
}

impl From<Gap> for Refusal {
    fn from(gap: Gap) -> Self {
        Self { gap, expired: false, again: None }
    }
}

impl Refusal {
    fn passing(what: &str) -> Self {
        let again = Some(Duration::from_millis(200));
        Self { gap: Gap::Failed(what.to_owned()), expired: false, again }
    }
}

async fn send(client: &Client, ask: &Ask, until: Instant) -> Result<Response<Body>, Refusal> {
    let request = Request::get(&ask.path)
        .header(ACCEPT, ask.accept)
        .body(Body::empty())
        .map_err(|error| Gap::Failed(error.to_string()))?;
    let response = match timeout_at(until, client.send(request)).await {
        Err(_) => return Err(Gap::Timeout.into()),
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return Err(failed(&error)),
    };
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let wait = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|it| it.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    let bytes = body(response, ERROR, until).await.unwrap_or_default();
    let said: Json = serde_json::from_slice(&bytes).unwrap_or_default();
    Err(refused(status, &said, wait, ask))
}

/// Which gap an answer is that is no success.
fn refused(status: StatusCode, said: &Json, wait: Option<Duration>, ask: &Ask) -> Refusal {
    let message = said["message"].as_str().unwrap_or_default();
    let is_status = said["kind"] == "Status";
    let again = |default: Duration| Some(wait.unwrap_or(default)).filter(|it| *it <= PATIENCE);
    let failed = || {
        // What a server says may be anything.
        let said: String = redact(message).chars().take(300).collect();
        let more = if said.is_empty() { String::new() } else { format!(": {said}") };
        Gap::Failed(format!("the API server answered {status}{more}"))
    };
    let (gap, again) = match status.as_u16() {
        401 => (Gap::SignedOut { needs: "kubectl auth whoami".to_owned() }, None),
        403 => (Gap::Denied { needs: ask.needs.clone() }, None),
        // Only the API server itself, speaking of that very object, can say that it is not there.
        404 if is_status
            && said["reason"] == "NotFound"
            && ask.name.is_some()
            && said["details"]["name"].as_str() == ask.name.as_deref() =>
        {
            (Gap::Absent, None)
        }
        410 => return Refusal { gap: failed(), expired: true, again: None },
        429 => (Gap::Throttled, again(Duration::from_secs(1))),
        500 | 502 | 503 | 504 => (failed(), again(Duration::from_millis(300))),
        _ => (failed(), None),
    };
    Refusal { gap, expired: false, again }
}

fn failed(error: &kube::Error) -> Refusal {
    if let kube::Error::Auth(error) = error {
        return Gap::Failed(chain(error)).into();
    }
    let text = chain(error);
    if text.contains("timed out") || text.contains("deadline has elapsed") {
        return Gap::Timeout.into();
    }
    Refusal::passing(&text)
}

/// Reads an answer, up to a limit.
async fn body(response: Response<Body>, limit: usize, until: Instant) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let mut body = response.into_body();
    loop {
        match timeout_at(until, body.frame()).await {
            Err(_) => return Err(Gap::Timeout.into()),
            Ok(None) => return Ok(bytes),
            Ok(Some(Err(error))) => return Err(failed(&error)),
            Ok(Some(Ok(frame))) => {
                let Ok(data) = frame.into_data() else { continue };
                if bytes.len() + data.len() > limit {
                    return Err(Gap::TooLarge.into());
                }
                bytes.extend_from_slice(&data);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn gap(status: u16, said: Json) -> Gap {
        let ask = Ask {
            path: String::new(),
            accept: JSON,
            needs: "get on pods".to_owned(),
            name: Some("web-0".to_owned()),
        };
        refused(StatusCode::from_u16(status).unwrap(), &said, None, &ask).gap
    }

    #[test]
    fn only_the_server_itself_can_say_that_something_is_absent() {
        let not_found = |name: &str| json!({"kind": "Status", "reason": "NotFound", "details": {"name": name, "kind": "pods"}});
        assert_eq!(gap(404, not_found("web-0")), Gap::Absent);
        assert!(matches!(gap(404, not_found("web-1")), Gap::Failed(_)));
        assert!(matches!(gap(404, Json::Null), Gap::Failed(_)));
        assert_eq!(gap(403, Json::Null), Gap::Denied { needs: "get on pods".to_owned() });
        assert_eq!(gap(429, Json::Null), Gap::Throttled);
    }
    #[test]
    fn data_that_is_too_large_or_has_two_meanings_is_no_answer() {
        assert_eq!(tree(br#"{"items": [1]}"#).ok(), Some(json!({"items": [1]})));
        assert!(tree(br#"{"items": [1], "items": []}"#).is_err());
        // What managers note of an object is the densest that a server sends by itself.
        let notes = r#"{".":{},"f:name":{},"f:value":{},"f:image":{}}"#;
        let honest = format!("{{\"items\": [{}0]}}", format!("{notes},").repeat(80_000));
        assert!(tree(honest.as_bytes()).is_ok());
        let many = format!("{{\"items\": [{}0]}}", "{\"\":0},".repeat(400_000));
        assert_eq!(tree(many.as_bytes()).map_err(|it| it.gap), Err(Gap::TooLarge));
    }
}
