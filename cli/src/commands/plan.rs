//! `triagem plan`: what a diagnosis would ask. Sends nothing.

use std::collections::BTreeMap;
use std::io::{self, Write};

use triagem_engine::evidence::plan::{Preview, preview};
use triagem_engine::evidence::{Request, Scope};
use triagem_engine::playbook::InputValue;
use triagem_engine::value::{ObjectRef, Type};
use triagem_engine::words::shell;

use super::inputs::inputs;
use crate::args::Plan;
use crate::collect::kubernetes::target::Target;
use crate::collect::{SOURCES, azure, kubernetes};
use crate::exit::{Failure, HEALTHY};
use crate::{commands, load};

pub(crate) fn run(args: &Plan) -> Result<u8, Failure> {
    let Some(Target::Pod(name)) = Target::parse(&args.target) else {
        return Err(Failure::usage(format!("`{}` is not pod/NAME", args.target)));
    };
    let words = commands::words(args.lang.as_deref())?;
    let playbooks = load::playbooks(&args.which)?;
    let mut inputs = inputs(&args.inputs, &playbooks)?;
    let pod = ObjectRef {
        kind: "Pod".to_owned(),
        namespace: args.namespace.clone(),
        name,
        uid: String::new(),
    };
    for input in playbooks.iter().flat_map(|it| &it.inputs) {
        if input.required_live && input.kind == Type::ObjectRef {
            inputs.entry(input.name.clone()).or_insert_with(|| InputValue::Object(pod.clone()));
        }
    }
    let scope = Scope { inputs, vocabulary: SOURCES, ..Scope::default() };
    let mut out = io::stdout().lock();
    writeln!(out, "{}", words.get("plan.first"))?;
    for line in kubernetes::outline::first(&pod.namespace, &pod.name) {
        writeln!(out, "      {line}")?;
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
            let asked = question(&step);
            if !asked.is_empty() {
                writeln!(out, "  {says}")?;
            }
            for line in asked {
                writeln!(out, "      {line}")?;
            }
        }
    }
    writeln!(out, "\n{}", words.get("plan.note"))?;
    Ok(HEALTHY)
}

/// What goes over the wire, or what is run; nothing where nothing is asked.
fn question(step: &Preview) -> Vec<String> {
    let request = Request { source: step.source.clone(), params: step.params.clone() };
    match step.source.split('.').next() {
        Some("kubernetes") => kubernetes::outline::lines(&request),
        Some("azure") => {
            let argv = azure::argv(&request).unwrap_or_default();
            if argv.is_empty() { Vec::new() } else { vec![format!("az {}", shell::command(&argv))] }
        }
        _ => Vec::new(),
    }
}
