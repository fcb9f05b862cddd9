//! `triagem schema`

use std::io::{self, Write};

use triagem_engine::playbook::schema::schemas;

use crate::exit::{Failure, HEALTHY, Message};

/// The schema of the report is written by hand: it is what we promise.
const REPORT: &str = include_str!("../../../schema/report.v1.json");

pub(crate) fn run(name: &str) -> Result<u8, Failure> {
    let schemas = schemas();
    let text = match schemas.get(name) {
        Some(text) => text.as_str(),
        None if name == "report.v1" => REPORT,
        None => {
            let names: Vec<&str> = schemas.keys().copied().chain(["report.v1"]).collect();
            let values = [("name", name), ("names", &*names.join(", "))];
            return Err(Failure::Usage(Message::said("error.no-schema", &values)));
        }
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(HEALTHY)
}
