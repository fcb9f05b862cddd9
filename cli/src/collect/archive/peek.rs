//! The beginning of something, looked at before it is read: bytes and a failure come again in their turn.

use std::io::{self, Cursor, Read};

use super::Kind;

/// Bytes of a beginning: what tells a tar stands behind 257 others.
const HEAD: u64 = 512;

/// What it is, and all of it.
pub(super) fn peek<R: Read>(mut from: R) -> (Kind, Peeked<R>) {
    let mut head = Vec::new();
    let failed = from.by_ref().take(HEAD).read_to_end(&mut head).err();
    (Kind::of(&head), Peeked { head: Cursor::new(head), failed, from })
}

pub(super) struct Peeked<R> {
    head: Cursor<Vec<u8>>,
    failed: Option<io::Error>,
    from: R,
}

impl<R: Read> Read for Peeked<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self.head.read(to)? {
            0 => match self.failed.take() {
                Some(error) => Err(error),
                None => self.from.read(to),
            },
            length => Ok(length),
        }
    }
}
