//! `triagem completions`

use std::io::{self, Write};

use clap::CommandFactory;

use crate::args::Args;
use crate::exit::{Failure, HEALTHY};

pub(crate) fn run(shell: clap_complete::Shell) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "triagem", &mut script);
    io::stdout().write_all(&script)?;
    Ok(HEALTHY)
}
