//! `triagem read`: what a text was taken for, and what each playbook sees of it. Judges nothing.

use std::io;

use triagem_engine::diagnose::watchlist;
use triagem_engine::words::Words;

use super::diagnose::{handed, nothing};
use super::interrupt;
use crate::args::{Output, Read};
use crate::exit::{Failure, HEALTHY};
use crate::load;
use crate::render::screen::Plain;
use crate::render::sight::{Piece, json, text};

pub(crate) fn run(args: &Read, words: &Words) -> Result<u8, Failure> {
    let stop = interrupt::beside();
    let playbooks = load::for_run(&args.which, words.locale())?;
    let list = watchlist(&playbooks);
    let case = handed(&args.targets, &args.inputs, &playbooks, &list, words, &stop)?;
    let seen = case.sight(&stop).map_err(|given| nothing(&given, &stop, words))?;
    let (sights, given, report) = seen;
    let pieces: Vec<Piece<'_>> = given.iter().zip(&report.recognised).collect();
    match args.output {
        Output::Json => json(&pieces, &sights, words, &mut io::stdout().lock())?,
        Output::Text => text(&pieces, &sights, words, &mut Plain(io::stdout().lock()))?,
    }
    Ok(HEALTHY)
}
