//! The world as it is now: a cluster, and what programs tell of others. Async lives and dies here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use futures::StreamExt;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::time::Instant;
use triagem_engine::evidence::recording::Recorded;
use triagem_engine::evidence::{Answer, Body, Collector, Document, Gap, Request};
use triagem_engine::system::{Door, Verb};
use triagem_engine::text::{Reading, Watchlist};

use super::command::Commands;
use super::kubernetes::{Kubernetes, Log, log_origin};
use super::tape::Tape;
use crate::systems::{source, systems};

/// Questions that are prepared at once; how many are in flight each API limits itself.
const AT_ONCE: usize = 16;

/// A cluster, programs, and what stops a run.
pub struct Live {
    runtime: Runtime,
    /// The cluster, where one was meant.
    kubernetes: Option<Kubernetes>,
    commands: Commands,
    tape: Option<Tape>,
    until: Instant,
    stop: Arc<Stop>,
    /// Called with what is being asked, for a progress line.
    progress: Mutex<Box<dyn FnMut(&Request) + Send>>,
}

/// The reader wants the run to end.
#[derive(Debug, Default)]
pub struct Stop {
    asked: AtomicBool,
    now: Notify,
}

impl Stop {
    /// Ends the run with what is known so far.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::SeqCst);
        self.now.notify_waiters();
    }

    /// Somebody has asked.
    pub fn asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// Until somebody asks.
    pub async fn wait(&self) {
        let now = self.now.notified();
        if !self.asked() {
            now.await;
        }
    }
}

impl Live {
    /// A collector over programs and, where one was meant, a connected cluster.
    pub fn new(
        runtime: Runtime,
        kubernetes: Option<Kubernetes>,
        until: Instant,
        stop: Arc<Stop>,
        progress: Box<dyn FnMut(&Request) + Send>,
    ) -> Self {
        let progress = Mutex::new(progress);
        Self {
            runtime,
            kubernetes,
            commands: Commands::new(systems(), BTreeMap::new(), until),
            tape: None,
            until,
            stop,
            progress,
        }
    }

    /// Writes down what is seen.
    pub fn record(&mut self, tape: Tape) {
        self.tape = Some(tape);
    }

    /// The recording, if one is made.
    pub fn tape(&self) -> Option<&Tape> {
        self.tape.as_ref()
    }

    /// Requests to the API server, and commands, so far.
    pub fn cost(&self) -> (u64, u64) {
        (self.kubernetes.as_ref().map_or(0, Kubernetes::requests), self.commands.calls())
    }

    /// Ends without waiting for what still hangs.
    pub fn end(self) {
        self.runtime.shutdown_background();
    }

    async fn one(&self, request: &Request, list: &Watchlist) -> Answer {
        if let Ok(mut progress) = self.progress.lock() {
            progress(request);
        }
        let door = source(&request.source).map(|it| &it.door);
        if door == Some(&Door::Kubernetes(Verb::Logs)) {
            return self.log(request, list).await;
        }
        let answered = async {
            let recorded = match door {
                Some(Door::Kubernetes(verb)) => match &self.kubernetes {
                    Some(kubernetes) => kubernetes.answer(*verb, request).await,
                    None => Err(Gap::NotAsked),
                },
                Some(Door::Command(command)) => self.commands.answer(command, request).await,
                Some(Door::ObjectsInHand | Door::HandedOver | Door::NotYet) | None => {
                    Err(Gap::Unsupported)
                }
            };
            let recorded = recorded.unwrap_or_else(Recorded::gap);
            self.keep(request, &recorded);
            recorded.answer(list, &BTreeMap::<String, Vec<u8>>::new())
        };
        // What came in time counts, whoever else is ready.
        tokio::select! {
            biased;
            answer = answered => answer,
            () = tokio::time::sleep_until(self.until) => self.given_up(request, Gap::Timeout),
            () = self.stop.wait() => self.given_up(request, Gap::Interrupted),
        }
    }

    fn given_up(&self, request: &Request, gap: Gap) -> Answer {
        self.keep(request, &Recorded::gap(gap.clone()));
        Err(gap)
    }

    fn keep(&self, request: &Request, recorded: &Recorded) {
        if let Some(tape) = &self.tape {
            tape.note(request, recorded);
        }
    }

    async fn log(&self, request: &Request, list: &Watchlist) -> Answer {
        let Some(kubernetes) = &self.kubernetes else { return Err(Gap::NotAsked) };
        let mut file = self.tape.as_ref().and_then(|it| it.log(request));
        // The origin is known before the first byte, and it is the same in a replay.
        let mut reading = Reading::new(list, &log_origin(request), 1, false);
        let mut came = false;
        let mut sink = |bytes: &[u8]| {
            came = true;
            reading.push(bytes);
            if let (Some(log), Some(tape)) = (&mut file, &self.tape)
                && let Err(error) = log.write(bytes)
            {
                tape.fail(error);
                file = None;
            }
        };
        let ended = tokio::select! {
            biased;
            ended = kubernetes.log(request, &mut sink) => ended,
            () = tokio::time::sleep_until(self.until) => Err(Gap::Timeout),
            () = self.stop.wait() => Err(Gap::Interrupted),
        };
        let ended = match ended {
            // What came so far is there all the same.
            Err(gap) if came => Ok(Log { partial: Some(gap), origin: log_origin(request) }),
            ended => ended,
        };
        match ended {
            Err(gap) => {
                self.keep(request, &Recorded::gap(gap.clone()));
                Err(gap)
            }
            Ok(log) => {
                if let (Some(tape), Some(file)) = (&self.tape, file) {
                    tape.note_log(request, file, &log.origin, log.partial.as_ref());
                }
                Ok(Document {
                    body: Body::Text(reading.finish()),
                    partial: log.partial,
                    origin: log.origin,
                })
            }
        }
    }
}

impl Collector for Live {
    fn collect(
        &self,
        wanted: &BTreeSet<Request>,
        watchlist: &Watchlist,
    ) -> BTreeMap<Request, Answer> {
        self.runtime.block_on(async {
            if let Some(kubernetes) = &self.kubernetes {
                tokio::select! {
                    () = kubernetes.prepare(wanted) => {}
                    () = tokio::time::sleep_until(self.until) => {}
                    () = self.stop.wait() => {}
                }
            }
            futures::stream::iter(wanted)
                .map(|request| async move { (request.clone(), self.one(request, watchlist).await) })
                .buffer_unordered(AT_ONCE)
                .collect()
                .await
        })
    }
}
