//! Diagnosing pods of a live cluster, and writing down what was seen.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value as Json, json};
use tokio::time::Instant;
use triagem_engine::diagnose::{diagnose as run, watchlist};
use triagem_engine::evidence::{Gap, Request, Scope, Selection};
use triagem_engine::playbook::projection::Projection;
use triagem_engine::playbook::{Input, InputValue, Playbook};
use triagem_engine::value::{ObjectRef, Type};
use triagem_engine::words::Words;

use super::diagnose::show;
use super::inputs::inputs;
use super::interrupt;
use crate::args::{Capture, Diagnose, Live as Args, Show, Which};
use crate::collect::kubernetes::Kubernetes;
use crate::collect::kubernetes::connect::Connect;
use crate::collect::kubernetes::target::{Found, Target};
use crate::collect::live::{Live, Stop};
use crate::collect::tape::Tape;
use crate::exit::{Failure, Message};
use crate::systems::vocabulary;
use crate::{failure, load};

/// Pods of one run.
const PODS: usize = 1_000;

/// Whether a person points at a live cluster.
pub(crate) fn is_meant(args: &Diagnose) -> bool {
    match args.targets.as_slice() {
        [] => true,
        [target] => !Path::new(target).exists() && Target::parse(target).is_some(),
        _ => false,
    }
}

pub(crate) fn diagnose(args: &Diagnose, words: &Words) -> Result<u8, Failure> {
    let target = args.targets.first().map(String::as_str);
    let ask = Ask {
        live: &args.live,
        which: &args.which,
        inputs: &args.inputs,
        show: &args.show,
        to: None,
        words,
    };
    ask.run(target)
}

pub(crate) fn capture(args: &Capture, words: &Words) -> Result<u8, Failure> {
    let ask = Ask {
        live: &args.live,
        which: &args.which,
        inputs: &args.inputs,
        show: &args.show,
        to: Some(&args.to),
        words,
    };
    ask.run(args.target.as_deref())
}

/// What a person asked for.
struct Ask<'a> {
    live: &'a Args,
    which: &'a Which,
    inputs: &'a [String],
    show: &'a Show,
    to: Option<&'a PathBuf>,
    words: &'a Words,
}

impl Ask<'_> {
    fn run(&self, target: Option<&str>) -> Result<u8, Failure> {
        let mut playbooks = load::for_run(self.which, self.words.locale())?;
        let mut inputs = inputs(self.inputs, &playbooks)?;
        let target = meant(target, self.live, &mut playbooks, &inputs)?;
        let begun = std::time::Instant::now();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let stop = Arc::new(Stop::default());
        runtime.spawn(interrupt::listen(Arc::clone(&stop)));
        let now = now();
        let until = Instant::now() + Duration::from_secs(self.live.timeout);
        let connected = runtime.block_on(async {
            tokio::select! {
                connected = self.connect(target.as_ref(), &playbooks, until, now) => connected,
                () = stop.wait() => Err(Failure::Interrupted),
            }
        });
        let (kubernetes, found) = match connected {
            Ok(connected) => connected,
            Err(failure) => {
                // What still hangs is not waited for.
                runtime.shutdown_background();
                return Err(failure);
            }
        };
        for (name, value) in pods(&playbooks, &found.pods) {
            inputs.entry(name).or_insert(value);
        }
        let recorded_inputs =
            inputs.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
        let scope = Scope {
            inputs,
            now: Some(now),
            vocabulary: vocabulary(),
            selection: found.selection,
            ..Scope::default()
        };
        let mut live = Live::new(runtime, kubernetes, until, Arc::clone(&stop), self.progress());
        if let Some(to) = self.to {
            live.record(tape(to)?);
        }
        let list = watchlist(&playbooks);
        let mut report = run(&playbooks, &list, &scope, &live);
        report.interrupted = stop.asked();
        if report.interrupted {
            report.doubt();
        }
        // What was found is told, also where it cannot be written down.
        let written = match (self.to, live.tape()) {
            (Some(to), Some(tape)) => tape
                .finish(now, &recorded_inputs, &playbooks, &report)
                .map_err(|error| cannot_write(to, &error)),
            (_, _) => Ok(()),
        };
        self.clear_progress();
        let (requests, commands) = live.cost();
        let code = show(&report, &playbooks, self.show, self.words);
        // Until here somebody may still not want to wait.
        live.end();
        let code = code?;
        if let Err(failure) = written {
            // The report stands alone on standard output.
            failure::say(&failure, self.words);
            return Ok(failure.code());
        }
        if !self.live.quiet {
            self.tell(requests, commands, begun.elapsed())?;
        }
        Ok(code)
    }

    async fn connect(
        &self,
        target: Option<&Target>,
        playbooks: &[Playbook],
        until: Instant,
        now: i64,
    ) -> Result<(Option<Kubernetes>, Found), Failure> {
        let Some(target) = target else { return Ok((None, Found::default())) };
        let before_plugin = (!self.live.quiet).then(|| self.words.get("plugin").to_owned());
        let how = Connect { before_plugin, ..how(self.live) };
        let projection = Projection::of(playbooks, vocabulary());
        let each = Some(self.live.request_timeout).filter(|it| !it.is_zero());
        let kubernetes = Kubernetes::new(&how, projection, until, each, now)
            .await
            .map_err(|error| Failure::Unreachable(Message::Plain(error.to_string())))?;
        kubernetes.reach().await.map_err(|gap| {
            let why = self.words.gap(&gap);
            Failure::Unreachable(Message::said("error.silent", &[("why", &why)]))
        })?;
        let namespace = self.live.namespace.clone().unwrap_or_else(|| kubernetes.namespace.clone());
        let place = (!self.live.all_namespaces).then_some(namespace.as_str());
        let mut found = kubernetes
            .find(target, place, &|object| is_anybodys(playbooks, object))
            .await
            .map_err(|gap| not_found(target, &namespace, &gap, self.words))?;
        if found.pods.is_empty() && found.selection == Selection::default() {
            return Err(Failure::Usage(match place {
                Some(place) => Message::said("error.no-pods", &[("namespace", place)]),
                None => Message::said("error.no-pods-at-all", &[]),
            }));
        }
        if found.pods.len() > PODS {
            found.pods.truncate(PODS);
            found.selection.gap.get_or_insert(Gap::TooLarge);
        }
        Ok((Some(kubernetes), found))
    }

    fn progress(&self) -> Box<dyn FnMut(&Request) + Send> {
        if self.live.quiet || !io::stderr().is_terminal() {
            return Box::new(|_| {});
        }
        let mut count = 0_u32;
        let words = self.words.clone();
        Box::new(move |request| {
            count += 1;
            let values = [("n", &*count.to_string()), ("source", &*request.source)];
            let _shown = write!(io::stderr(), "\r\u{1b}[2K{}", words.say("progress", &values));
        })
    }

    fn clear_progress(&self) {
        if !self.live.quiet && io::stderr().is_terminal() {
            let _shown = write!(io::stderr(), "\r\u{1b}[2K");
        }
    }

    fn tell(&self, requests: u64, commands: u64, took: Duration) -> io::Result<()> {
        let mut err = io::stderr();
        let (requests, commands) = (requests.to_string(), commands.to_string());
        let seconds = format!("{:.1}", took.as_secs_f64());
        let figures = [("requests", &*requests), ("commands", &*commands), ("seconds", &*seconds)];
        writeln!(err, "{}", self.words.say("cost", &figures))?;
        if let Some(to) = self.to {
            let to = to.display().to_string();
            writeln!(err, "{}", self.words.say("written-to", &[("path", &to)]))?;
        }
        Ok(())
    }
}

/// What a person points at in a cluster; `None` where they name by inputs what they mean, and only the playbooks that
/// are about that are left.
pub(super) fn meant(
    target: Option<&str>,
    live: &Args,
    playbooks: &mut Vec<Playbook>,
    inputs: &BTreeMap<String, InputValue>,
) -> Result<Option<Target>, Failure> {
    let in_cluster = target.is_some()
        || live.selector.is_some()
        || live.namespace.is_some()
        || live.all_namespaces;
    let missing = |it: &Playbook| {
        let missing = |it: &&Input| it.kind != Type::ObjectRef && !inputs.contains_key(&it.name);
        it.required_live().find(missing).map(|it| (it.name.clone(), it.asks.clone()))
    };
    let of_objects = |it: &Playbook| it.required_live().any(|it| it.kind == Type::ObjectRef);
    let of_inputs = |it: &Playbook| it.required_live().next().is_some() && !of_objects(it);
    let first = playbooks.iter().find_map(missing);
    if !in_cluster && playbooks.iter().any(|it| of_inputs(it) && missing(it).is_none()) {
        playbooks.retain(|it| of_inputs(it) && missing(it).is_none());
        return Ok(None);
    }
    let some = playbooks.len();
    playbooks.retain(|it| missing(it).is_none());
    match first {
        // Of those that were chosen each needs an input that nobody gave.
        Some((name, asks)) if playbooks.is_empty() && some > 0 => {
            let values = [("name", name.as_str()), ("asks", asks.as_str())];
            Err(Failure::Usage(Message::said("error.input-needed", &values)))
        }
        _ => self::target(target, live).map(Some),
    }
}

/// What a person points at.
pub(super) fn target(target: Option<&str>, live: &Args) -> Result<Target, Failure> {
    match (target, &live.selector) {
        (Some(target), None) => Target::parse(target)
            .ok_or_else(|| Failure::Usage(Message::said("error.no-target", &[("target", target)]))),
        (None, Some(selector)) => Ok(Target::Labels(selector.clone())),
        (None, None) if live.namespace.is_some() || live.all_namespaces => Ok(Target::All),
        (None, None) => Err(Failure::Usage(Message::said("error.nothing-meant", &[]))),
        (Some(_), Some(_)) => Err(Failure::Usage(Message::said("error.both-meant", &[]))),
    }
}

/// What a person said about the cluster.
pub(super) fn how(live: &Args) -> Connect {
    Connect {
        kubeconfig: live.kubeconfig.clone(),
        context: live.context.clone(),
        cluster: live.cluster.clone(),
        user: live.user.clone(),
        impersonate: live.impersonate.clone(),
        groups: live.groups.clone(),
        before_plugin: None,
    }
}

/// Microseconds since 1970.
fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|it| i64::try_from(it.as_micros()).ok())
        .unwrap_or_default()
}

/// The inputs of playbooks that pods fill.
fn pods(playbooks: &[Playbook], pods: &[ObjectRef]) -> BTreeMap<String, InputValue> {
    playbooks
        .iter()
        .flat_map(|it| &it.inputs)
        .filter(|it| it.required_live && it.kind == Type::ObjectRef)
        .map(|it| (it.name.clone(), InputValue::Objects(pods.to_vec())))
        .collect()
}

/// Whether some playbook is about an object; one that does not say which it is about is about none in particular.
fn is_anybodys(playbooks: &[Playbook], object: &Json) -> bool {
    playbooks.iter().any(|it| it.is_about(object) == Some(true))
}

/// An input as recordings write it.
fn plain(value: &InputValue) -> Json {
    let object = |it: &ObjectRef| json!({"kind": it.kind, "namespace": it.namespace, "name": it.name, "uid": it.uid});
    match value {
        InputValue::Text(text) => json!(text),
        InputValue::Object(one) => object(one),
        InputValue::Objects(all) => all.iter().map(object).collect(),
    }
}

fn not_found(target: &Target, namespace: &str, gap: &Gap, words: &Words) -> Failure {
    let what = match target {
        Target::Pod(name) => format!("pod {name}"),
        Target::Workload(kind, name) => format!("{} {name}", kind.to_lowercase()),
        Target::Labels(_) | Target::All => "pods".to_owned(),
    };
    let why = words.gap(gap);
    let values = [("what", what.as_str()), ("namespace", namespace), ("why", why.as_str())];
    match gap {
        Gap::Absent => Failure::Usage(Message::said("error.absent", &values)),
        _ => Failure::Unreachable(Message::said("error.unread", &values)),
    }
}

/// The recording that a capture writes.
fn tape(to: &Path) -> Result<Tape, Failure> {
    let name = to.to_string_lossy();
    if name == "-" {
        return Err(Failure::Usage(Message::said("error.no-recording", &[])));
    }
    if to.exists() && !to.is_dir() {
        let path = to.display().to_string();
        return Err(Failure::Usage(Message::said("error.there-already", &[("path", &path)])));
    }
    let archive = name.ends_with(".tar.gz") || name.ends_with(".tgz");
    let tape = if archive { Tape::archive(to) } else { Tape::folder(to) };
    tape.map_err(|error| cannot_write(to, &error))
}

fn cannot_write(to: &Path, error: &io::Error) -> Failure {
    let (path, why) = (to.display().to_string(), error.to_string());
    Failure::Io(Message::said("error.cannot-write", &[("path", &path), ("why", &why)]))
}
