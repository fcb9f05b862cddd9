//! Report → text or JSON. Renderers never compute: they get a report and words.

pub(crate) mod json;
pub(crate) mod text;
pub(crate) mod why;
