//! `triagem plan`: what a diagnosis would ask. Sends nothing.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use tokio::time::Instant;
use triagem_engine::evidence::plan::{Preview, preview};
use triagem_engine::evidence::{Gap, Request, Scope};
use triagem_engine::playbook::InputValue;
use triagem_engine::playbook::template::visible;
use triagem_engine::value::{ObjectRef, Type};
use triagem_engine::words::Words;

use super::inputs::inputs;
use super::live;
use crate::args::Plan;
use crate::collect::kubernetes::connect::told;
use crate::collect::kubernetes::target::Target;
use crate::collect::{SOURCES, azure, kubernetes};
use crate::exit::{Failure, HEALTHY, Message};
use crate::load;
use crate::render::screen::Plain;

/// The longest that a kubeconfig is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &Plan, words: &Words) -> Result<u8, Failure> {
    let target = live::target(args.target.as_deref(), &args.live)?;
    let playbooks = load::playbooks(&args.which)?;
    let mut inputs = inputs(&args.inputs, &playbooks)?;
    // The context's namespace and its plugin stand in a file: nothing is asked of anybody.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let how = live::how(&args.live);
    let (plugin, of_context) = runtime.block_on(told(&how, Instant::now() + PATIENCE));
    runtime.shutdown_background();
    let namespace = args.live.namespace.clone().or(of_context);
    let namespace = namespace.unwrap_or_else(|| "default".to_owned());
    let place = (!args.live.all_namespaces).then_some(namespace.as_str());
    let pod = ObjectRef {
        kind: "Pod".to_owned(),
        namespace: place.unwrap_or("<namespace>").to_owned(),
        name: match &target {
            Target::Pod(name) => name.clone(),
            Target::Workload(..) | Target::Labels(_) | Target::All => "<pod>".to_owned(),
        },
        uid: String::new(),
    };
    for input in playbooks.iter().flat_map(|it| &it.inputs) {
        if input.required_live && input.kind == Type::ObjectRef {
            inputs.entry(input.name.clone()).or_insert_with(|| InputValue::Object(pod.clone()));
        }
    }
    let scope = Scope { inputs, vocabulary: SOURCES, ..Scope::default() };
    let mut out = Plain(io::stdout().lock());
    if let Some(plugin) = plugin {
        writeln!(out, "{}", words.say("plan.plugin", &[("name", &plugin)]))?;
    }
    writeln!(out, "{}", words.get("plan.first"))?;
    let first = kubernetes::outline::first(&target, place).map_err(|gap| {
        let why = words.gap(&gap);
        Failure::Usage(Message::said("error.not-planned", &[("why", &why)]))
    })?;
    for line in first {
        writeln!(out, "      {}", visible(&line))?;
    }
    for playbook in &playbooks {
        writeln!(out, "{} {}", playbook.id, playbook.version)?;
        for step in preview(playbook, &scope) {
            let says =
                playbook.steps.iter().find(|it| it.id == step.step).map_or("", |it| &it.says);
            let says = words.message(
                playbook,
                &format!("steps.{}.says", step.step),
                says,
                &BTreeMap::new(),
            );
            let asked = question(words, &step).unwrap_or_else(|gap| {
                // What the run itself would not ask.
                vec![words.say("plan.never", &[("why", &words.gap(&gap))])]
            });
            if !asked.is_empty() {
                writeln!(out, "  {says}")?;
            }
            for line in asked {
                writeln!(out, "      {}", visible(&line))?;
            }
        }
    }
    writeln!(out, "\n{}", words.get("plan.note"))?;
    Ok(HEALTHY)
}

/// What goes over the wire, or what is run; nothing where nothing is asked.
fn question(words: &Words, step: &Preview) -> Result<Vec<String>, Gap> {
    let request = Request { source: step.source.clone(), params: step.params.clone() };
    match step.source.split('.').next() {
        Some("kubernetes") => kubernetes::outline::lines(&request),
        Some("azure") => match azure::argv(&request) {
            Ok(argv) => Ok(vec![format!("az {}", words.command(&argv))]),
            Err(gap @ Gap::Failed(_)) => Err(gap),
            // It depends on what was not asked yet.
            Err(_) => Ok(Vec::new()),
        },
        _ => Ok(Vec::new()),
    }
}
