//! Texts whose end somebody may not want to wait for: a pipe that nobody closes, a file of many gigabytes.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use super::live::Stop;

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;
/// Pieces that wait to be read.
const AHEAD: usize = 4;
/// How often somebody who waits looks up.
const WAIT: Duration = Duration::from_millis(100);

/// A text, until the reader wants the run to end.
pub struct Stoppable<R> {
    from: R,
    stop: Arc<Stop>,
}

impl<R: Read> Stoppable<R> {
    /// Reads from a file.
    pub fn new(from: R, stop: Arc<Stop>) -> Self {
        Self { from, stop }
    }
}

impl<R: Read> Read for Stoppable<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.stop.asked() { Err(stopped()) } else { self.from.read(to) }
    }
}

/// A pipe or a terminal. Another thread reads it, for to read it, and even to open it, may take for ever.
pub struct Pipe {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    read: usize,
    stop: Arc<Stop>,
}

impl Pipe {
    /// Opens it, and reads ahead a little.
    pub fn open<R: Read>(
        open: impl FnOnce() -> io::Result<R> + Send + 'static,
        stop: Arc<Stop>,
    ) -> io::Result<Self> {
        let (send, pieces) = sync_channel(AHEAD);
        std::thread::Builder::new().name("pipe".to_owned()).spawn(move || {
            let mut from = match open() {
                Ok(from) => from,
                Err(error) => {
                    let _gone = send.send(Err(error));
                    return;
                }
            };
            loop {
                let mut piece = vec![0; CHUNK];
                let read = match from.read(&mut piece) {
                    Ok(length) => {
                        piece.truncate(length);
                        Ok(piece)
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => Err(error),
                };
                let last = read.as_ref().map_or(true, Vec::is_empty);
                // Whoever waited may have gone.
                if send.send(read).is_err() || last {
                    return;
                }
            }
        })?;
        Ok(Self { pieces, piece: Vec::new(), read: 0, stop })
    }
}

impl Read for Pipe {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.read == self.piece.len() {
            if self.stop.asked() {
                return Err(stopped());
            }
            match self.pieces.recv_timeout(WAIT) {
                Ok(piece) => (self.piece, self.read) = (piece?, 0),
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
            if self.piece.is_empty() {
                return Ok(0);
            }
        }
        let rest = self.piece.get(self.read..).unwrap_or_default();
        let length = rest.len().min(to.len());
        if let (Some(to), Some(from)) = (to.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        self.read += length;
        Ok(length)
    }
}

fn stopped() -> io::Error {
    io::Error::other("the run was stopped")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_is_read_whole_and_its_end_is_its_end() {
        let text: Vec<u8> = (0..300_000_u32).map(|it| (it % 251) as u8).collect();
        let whole = text.clone();
        let mut pipe = Pipe::open(move || Ok(io::Cursor::new(text)), Arc::default()).unwrap();
        let mut found = Vec::new();
        pipe.read_to_end(&mut found).unwrap();
        assert!(found == whole);
        assert_eq!(pipe.read(&mut [0]).unwrap(), 0);
    }

    #[test]
    fn who_does_not_want_to_wait_does_not() {
        struct Never;
        impl Read for Never {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                loop {
                    std::thread::sleep(WAIT);
                }
            }
        }
        let stop = Arc::new(Stop::default());
        let mut pipe = Pipe::open(|| Ok(Never), Arc::clone(&stop)).unwrap();
        let asking = std::thread::spawn({
            let stop = Arc::clone(&stop);
            move || {
                std::thread::sleep(WAIT);
                stop.ask();
            }
        });
        assert!(pipe.read(&mut [0]).is_err());
        asking.join().unwrap();
        assert!(Stoppable::new(io::repeat(b'x'), stop).read(&mut [0]).is_err());
    }
}
