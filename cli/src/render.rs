//! Report → text or JSON. Renderers never compute: they get a report and words.

mod by_hand;
pub(crate) mod ink;
pub(crate) mod json;
mod proof;
mod recognised;
pub(crate) mod remedy;
pub(crate) mod screen;
pub(crate) mod sight;
pub(crate) mod text;
pub(crate) mod why;
