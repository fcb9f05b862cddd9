//! The log of a container, streamed, and whether it is whole.

use std::sync::atomic::Ordering;

use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};
use triagem_engine::evidence::redact::Redactor;
use triagem_engine::evidence::{Gap, Request};

use super::http::{Ask, stream};
use super::paths::{AskedLog, For};
use super::{Kubernetes, object, text};

/// Logs of one run. What does not fit stays unknown.
pub(super) const STREAMS: u64 = 64;
/// Bytes of all logs of one run.
pub(super) const BYTES: u64 = 128 * 1024 * 1024;
/// Bytes of one log.
pub(super) const ONE: u64 = 16 * 1024 * 1024;
/// The kubelet turns a log over at 10 MiB, and serves only the part since.
const TURNED_OVER: u64 = 9 * 1024 * 1024;

/// How every line of a log begins, for its times are asked for; a `d` is a digit.
const DATE: &[u8] = b"dddd-dd-ddT";

/// How a log ended.
pub(in crate::collect) struct Log {
    pub(in crate::collect) partial: Option<Gap>,
    pub(in crate::collect) origin: String,
}

impl Kubernetes {
    /// `kubernetes.logs`: hands the text over as it comes, without secrets.
    pub(in crate::collect) async fn log(
        &self,
        request: &Request,
        sink: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<Log, Gap> {
        let pod = object(request, "pods").ok_or(Gap::DependsOnUnknown)?;
        let container = text(request, "container").unwrap_or_default();
        let previous = request.params.get("previous").is_some_and(|it| it == "true");
        let since = text(request, "since").map(|it| seconds(&it)).transpose()?;
        let less = |left: u64| left.checked_sub(1);
        if self.logs_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_err() {
            return Err(Gap::TooLarge);
        }
        let limit = ONE.min(self.bytes_left.load(Ordering::Relaxed));
        let path = For::Server.log(&AskedLog {
            namespace: &pod.namespace,
            pod: &pod.name,
            container: &container,
            since,
            previous,
            limit,
        })?;
        let needs = format!("get on pods/log in namespace {}", pod.namespace);
        let ask = Ask { path, accept: "*/*", needs, name: Some(pod.name.clone()) };
        let origin = log_origin(request);
        let (bytes, cut) = {
            let _slot = self.slots.acquire().await.map_err(|_| Gap::Interrupted)?;
            self.requests.fetch_add(1, Ordering::Relaxed);
            let until = self.by();
            let response = match stream(&self.client, &ask, until).await {
                Ok(response) => response,
                Err(refusal) => return Err(wrote_nothing(refusal.gap)),
            };
            self.read(response.into_body(), until, sink).await?
        };
        self.bytes_left
            .fetch_sub(bytes.min(self.bytes_left.load(Ordering::Relaxed)), Ordering::Relaxed);
        let partial = cut.or_else(|| (bytes >= limit).then_some(Gap::TooLarge)).or_else(|| {
            let whole = bytes < TURNED_OVER
                && (previous || self.since_then(&pod.namespace, &pod.name, &container, since));
            (!whole).then_some(Gap::Expired)
        });
        Ok(Log { partial, origin })
    }

    /// How many bytes came, and why no more did.
    async fn read(
        &self,
        mut body: kube::client::Body,
        until: Instant,
        sink: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<(u64, Option<Gap>), Gap> {
        let mut redactor = Redactor::default();
        let mut bytes = 0;
        // What comes before it is known to be a log.
        let mut head = Some(Vec::new());
        let cut = loop {
            match timeout_at(until, body.frame()).await {
                Err(_) => break Some(Gap::Timeout),
                Ok(None) => break None,
                Ok(Some(Err(_))) => break Some(Gap::Failed("the log was cut off".to_owned())),
                Ok(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        bytes += data.len() as u64;
                        let Some(mut begun) = head.take() else {
                            redactor.push(&data, sink);
                            continue;
                        };
                        begun.extend_from_slice(&data);
                        if !is_dated(&begun) {
                            let what = "the API server answered with something else".to_owned();
                            return Err(Gap::Failed(what));
                        }
                        if begun.len() < DATE.len() {
                            head = Some(begun);
                        } else {
                            redactor.push(&begun, sink);
                        }
                    }
                }
            }
        };
        redactor.push(&head.unwrap_or_default(), sink);
        redactor.finish(sink);
        Ok((bytes, cut))
    }

    /// Whether one and the same container wrote all of it: it was not restarted within the time asked for.
    fn since_then(&self, namespace: &str, name: &str, container: &str, since: Option<i64>) -> bool {
        let Some(pod) = self.recall(namespace, name) else { return false };
        let of = pod.containers.iter().filter(|(it, _)| container.is_empty() || *it == container);
        let mut any = false;
        for (_, (restarts, started)) in of {
            any = true;
            let asked_from = since.map(|it| self.now - it * 1_000_000);
            let before =
                matches!((asked_from, started), (Some(from), Some(started)) if *started <= from);
            if *restarts > 0 && !before {
                return false;
            }
        }
        any
    }
}

/// Whether this may be the beginning of a log, and not a page that some proxy put in its place.
fn is_dated(begun: &[u8]) -> bool {
    begun.iter().zip(DATE).all(|(it, want)| match want {
        b'd' => it.is_ascii_digit(),
        want => it == want,
    })
}

/// How quotes name a log.
pub fn log_origin(request: &Request) -> String {
    let pod = object(request, "pods").unwrap_or_default();
    match text(request, "container") {
        Some(container) => format!("log of pod/{}/{} ({container})", pod.namespace, pod.name),
        None => format!("log of pod/{}/{}", pod.namespace, pod.name),
    }
}

/// A container that has not run, or has not run before, wrote nothing: that is known.
fn wrote_nothing(gap: Gap) -> Gap {
    match gap {
        Gap::Failed(text)
            if text.contains("is waiting to start")
                || text.contains("previous terminated container")
                || text.contains("is not valid for pod") =>
        {
            Gap::Absent
        }
        other => other,
    }
}

/// Seconds of a duration such as `1h`.
pub(super) fn seconds(text: &str) -> Result<i64, Gap> {
    triagem_engine::text::parse_age(text)
        .filter(|it| *it > 0)
        .ok_or_else(|| Gap::Failed(format!("{text:?} is no duration")))
}
