//! `triagem plan`: what a diagnosis would ask. Sends nothing.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use tokio::time::Instant;
use triagem_engine::evidence::plan::{Preview, preview};
use triagem_engine::evidence::{Gap, Request, Scope};
use triagem_engine::playbook::template::visible;
use triagem_engine::playbook::{InputValue, Playbook};
use triagem_engine::system::Door;
use triagem_engine::value::{ObjectRef, Type};
use triagem_engine::words::Words;

use super::inputs::inputs;
use super::live;
use crate::args::Plan;
use crate::collect::kubernetes;
use crate::collect::kubernetes::connect::told;
use crate::collect::kubernetes::target::Target;
use crate::exit::{Failure, HEALTHY, Message};
use crate::load;
use crate::render::screen::Plain;
use crate::systems::{source, systems, tool, vocabulary};

/// The longest that a kubeconfig is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &Plan, words: &Words) -> Result<u8, Failure> {
    let mut playbooks = load::for_run(&args.which, words.locale())?;
    let mut inputs = inputs(&args.inputs, &playbooks)?;
    let target = live::meant(args.target.as_deref(), &args.live, &mut playbooks, &inputs)?;
    let mut out = Plain(io::stdout().lock());
    if let Some(target) = &target {
        let pod = of_cluster(args, target, words, &mut out)?;
        for input in playbooks.iter().flat_map(Playbook::required_live) {
            if input.kind == Type::ObjectRef {
                inputs.entry(input.name.clone()).or_insert_with(|| InputValue::Object(pod.clone()));
            }
        }
    }
    let scope = Scope { inputs, vocabulary: vocabulary(), ..Scope::default() };
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

/// What is asked of a cluster before any playbook is; and whom the playbooks will be about.
fn of_cluster(
    args: &Plan,
    target: &Target,
    words: &Words,
    out: &mut impl Write,
) -> Result<ObjectRef, Failure> {
    // The context's namespace and its plugin stand in a file: nothing is asked of anybody.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let how = live::how(&args.live);
    let (plugin, of_context) = runtime.block_on(told(&how, Instant::now() + PATIENCE));
    runtime.shutdown_background();
    let namespace = args.live.namespace.clone().or(of_context);
    let namespace = namespace.unwrap_or_else(|| "default".to_owned());
    let place = (!args.live.all_namespaces).then_some(namespace.as_str());
    if let Some(plugin) = plugin {
        writeln!(out, "{}", words.say("plan.plugin", &[("name", &plugin)]))?;
    }
    writeln!(out, "{}", words.get("plan.first"))?;
    let first = kubernetes::outline::first(target, place).map_err(|gap| {
        let why = words.gap(&gap);
        Failure::Usage(Message::said("error.not-planned", &[("why", &why)]))
    })?;
    for line in first {
        writeln!(out, "      {}", visible(&line))?;
    }
    Ok(ObjectRef {
        kind: "Pod".to_owned(),
        namespace: place.unwrap_or("<namespace>").to_owned(),
        name: match target {
            Target::Pod(name) => name.clone(),
            Target::Workload(..) | Target::Labels(_) | Target::All => "<pod>".to_owned(),
        },
        uid: String::new(),
    })
}

/// What goes over the wire, or what is run; or why neither is.
fn question(words: &Words, step: &Preview) -> Result<Vec<String>, Gap> {
    let request = Request { source: step.source.clone(), params: step.params.clone() };
    let Some(source) = source(&step.source) else { return Ok(Vec::new()) };
    let said = |id: &str| Ok(vec![words.get(id).to_owned()]);
    match &source.door {
        Door::Kubernetes(verb) => kubernetes::outline::lines(*verb, &request),
        Door::Command(command) => match (command.preview(source, &request), tool(&command.tool)) {
            (Ok(argv), Some(tool)) if !tool.runs(&argv) => Err(Gap::Unsupported),
            (Ok(argv), Some(tool)) if systems().may_ask(tool) => {
                let argv: Vec<String> = std::iter::once(tool.program.clone()).chain(argv).collect();
                Ok(vec![words.command(&argv)])
            }
            (Ok(_), Some(tool)) => Err(Gap::SwitchedOff { needs: tool.name.clone() }),
            (Err(gap @ Gap::Failed(_)), _) => Err(gap),
            // It depends on what was not asked yet.
            (Err(_), _) | (Ok(_), None) => {
                Ok(vec![words.say("plan.later", &[("tool", &command.tool)])])
            }
        },
        Door::NotYet => said("plan.not-yet"),
        Door::HandedOver => said("plan.handed-over"),
        Door::ObjectsInHand => Ok(Vec::new()),
    }
}
