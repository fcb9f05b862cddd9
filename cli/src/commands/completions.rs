//! `triagem completions`

use std::io::{self, Write};

use triagem_engine::words::Words;

use crate::exit::{Failure, HEALTHY};
use crate::usage;

pub(crate) fn run(shell: clap_complete::Shell, words: &Words) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut usage::command(words), "triagem", &mut script);
    io::stdout().write_all(&script)?;
    Ok(HEALTHY)
}
