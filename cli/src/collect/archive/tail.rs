//! The end of a tar, which reading it does not look at: its mark, what stands behind it, and with that the checksum of what packed it.

use std::io::{self, Read};

/// A block of a tar; two of zeros end it.
const BLOCK: u64 = 512;
/// Bytes of zeros that may stand behind the end.
const BEHIND: u64 = 2 << 30;

/// Reads a tar, and remembers whether it ended as one does.
pub(in crate::collect) struct Tail<R> {
    from: R,
    bytes: u64,
    /// Zeros since the last byte that is none.
    zeros: u64,
    /// It has no more bytes.
    pub(in crate::collect) ended: bool,
}

impl<R: Read> Tail<R> {
    pub(in crate::collect) fn new(from: R) -> Self {
        Self { from, bytes: 0, zeros: 0, ended: false }
    }

    /// Reads what stands behind the last file: zeros, two blocks at least, and then the checksum.
    pub(in crate::collect) fn end(&mut self) -> io::Result<()> {
        let mut chunk = vec![0; 64 * 1024];
        let mut rest = 0;
        loop {
            match self.read(&mut chunk)? {
                0 => break,
                length => rest += length as u64,
            }
            if rest > BEHIND {
                return Err(io::Error::other("there is too much behind its end"));
            }
        }
        // The first block of the mark was read already.
        if rest >= BLOCK && rest <= self.zeros && self.bytes.is_multiple_of(BLOCK) {
            Ok(())
        } else {
            Err(io::Error::other("its end is missing, or something stands behind it"))
        }
    }
}

impl<R: Read> Read for Tail<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(to)?;
        self.ended = length == 0 && !to.is_empty();
        let read = to.get(..length).unwrap_or_default();
        self.bytes += length as u64;
        match read.iter().rposition(|it| *it != 0) {
            Some(last) => self.zeros = (length - last - 1) as u64,
            None => self.zeros += length as u64,
        }
        Ok(length)
    }
}
