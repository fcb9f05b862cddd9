//! The command line of triagem: the only code that touches the world.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

pub mod collect;

mod args;
mod commands;
mod exit;
mod load;
mod render;

use args::{Args, Command};
use exit::Failure;

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let code = if error.use_stderr() { exit::USAGE } else { exit::HEALTHY };
            let _ = error.print();
            return code.into();
        }
    };
    let outcome = match &args.command {
        Command::Diagnose(diagnose) => commands::diagnose::run(diagnose),
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
            let _ = writeln!(io::stderr(), "error: {failure}");
            exit::USAGE.into()
        }
    }
}
