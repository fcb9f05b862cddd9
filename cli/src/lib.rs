//! The command line of triagem: the only code that touches the world.

use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

pub mod collect;

mod args;
mod commands;
mod exit;
mod failure;
mod load;
mod render;

use args::{Args, Command};
use exit::Failure;

/// As a plugin of kubectl its help says how it is called.
fn parse() -> Result<Args, clap::Error> {
    let name = std::env::args_os().next().unwrap_or_default();
    let plugin =
        Path::new(&name).file_stem().is_some_and(|it| it.to_string_lossy().starts_with("kubectl-"));
    let command = Args::command();
    let command = if plugin { command.bin_name("kubectl triagem") } else { command };
    Args::from_arg_matches(&command.try_get_matches()?)
}

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    let asked: Vec<String> =
        std::env::args_os().map(|it| it.to_string_lossy().into_owned()).collect();
    let args = match parse() {
        Ok(args) => args,
        Err(error) if error.use_stderr() && failure::is_for_programs(&asked) => {
            failure::tell_usage(&error);
            return exit::USAGE.into();
        }
        Err(error) => {
            let code = if error.use_stderr() { exit::USAGE } else { exit::HEALTHY };
            let _ = error.print();
            return code.into();
        }
    };
    let outcome = match &args.command {
        Command::Diagnose(diagnose) => commands::diagnose::run(diagnose),
        Command::Capture(capture) => commands::live::capture(capture),
        Command::Plan(plan) => commands::plan::run(plan),
        Command::Access(access) => commands::access::run(access),
        Command::Demo(demo) => commands::diagnose::demo(demo),
        Command::Playbook(playbook) => commands::playbook::run(playbook),
        Command::Explain(explain) => commands::explain::run(explain),
        Command::Schema { name } => commands::schema::run(name),
        Command::Completions { shell } => commands::completions::run(*shell),
    };
    match outcome {
        Ok(code) => code.into(),
        Err(Failure::Pipe) => exit::HEALTHY.into(),
        Err(failure) => {
            failure::tell(&failure, &asked);
            failure.code().into()
        }
    }
}
