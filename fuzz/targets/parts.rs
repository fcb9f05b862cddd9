//! One input, several files: each begins behind a record separator with its name on a line of its own, so that a corpus can be read.

use std::collections::BTreeMap;
use std::io::{self, Read};

/// Stands before each file; no text of ours holds it.
const SEPARATOR: u8 = 0x1e;

/// What stands before the first file, and the files.
pub(crate) fn parts(bytes: &[u8]) -> (&[u8], Vec<(String, &[u8])>) {
    let mut all = bytes.split(|it| *it == SEPARATOR);
    let head = all.next().unwrap_or_default();
    let named = |part| {
        let (name, body) = cut(part, b'\n');
        (String::from_utf8_lossy(name).into_owned(), body)
    };
    (head, all.map(named).collect())
}

/// The files by name; of two with one name the last.
pub(crate) fn files(bytes: &[u8]) -> (String, BTreeMap<String, Vec<u8>>) {
    let (head, files) = parts(bytes);
    let head = String::from_utf8_lossy(cut(head, b'\n').0).into_owned();
    (head, files.into_iter().map(|(name, body)| (name, body.to_vec())).collect())
}

fn cut(bytes: &[u8], at: u8) -> (&[u8], &[u8]) {
    match bytes.iter().position(|it| *it == at) {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}

/// Hands bytes over a few at a time.
pub(crate) struct Slow<'a>(pub(crate) &'a [u8], pub(crate) usize);

impl Read for Slow<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let most = self.1.min(to.len());
        self.0.read(&mut to[..most])
    }
}
