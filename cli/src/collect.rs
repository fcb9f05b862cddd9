//! Who answers: a cluster, programs, recordings, files.

pub mod archive;
pub mod command;
pub mod files;
pub mod kubernetes;
pub mod live;
pub mod pipe;
mod process;
pub mod recorded;
pub mod tape;
mod unpack;
