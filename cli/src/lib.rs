//! The command line of triagem: the only code that touches the world.

use std::process::ExitCode;

use triagem_engine::words::Words;

pub mod case;
pub mod collect;

mod args;
mod commands;
mod config;
mod exit;
mod failure;
mod load;
mod render;
pub mod systems;
mod usage;

use args::{Args, Command};
use exit::Failure;

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    let asked: Vec<String> =
        std::env::args_os().map(|it| it.to_string_lossy().into_owned()).collect();
    // Also what is wrong with the arguments is told in the language that they ask for.
    let spoken = failure::words(&asked);
    let outcome = match usage::parse(&spoken) {
        Ok(args) => commands::words(args.lang.as_deref()).and_then(|words| {
            systems::choose(args.systems.as_deref(), &args.allow_commands)?;
            let words = words.for_shell(args.shell.into()).knowing(systems::systems().all());
            run_one(&args, &words)
        }),
        Err(error) => usage::instead(&error, &spoken),
    };
    match outcome {
        Ok(code) => code.into(),
        Err(Failure::Pipe) => exit::HEALTHY.into(),
        Err(failure) => {
            failure::tell(&failure, &spoken, failure::is_for_programs(&asked));
            failure.code().into()
        }
    }
}

fn run_one(args: &Args, words: &Words) -> Result<u8, Failure> {
    match &args.command {
        Command::Diagnose(diagnose) => commands::diagnose::run(diagnose, words),
        Command::Capture(capture) => commands::live::capture(capture, words),
        Command::Plan(plan) => commands::plan::run(plan, words),
        Command::Access(access) => commands::access::run(access, words),
        Command::Read(read) => commands::read::run(read, words),
        Command::Demo(demo) => commands::diagnose::demo(demo, words),
        Command::Playbook(playbook) => commands::playbook::run(playbook, words),
        Command::Explain(explain) => commands::explain::run(explain, words),
        Command::Schema { name } => commands::schema::run(name),
        Command::Completions { shell } => commands::completions::run(*shell, words),
    }
}
