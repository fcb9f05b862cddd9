//! Texts whose end somebody may not want to wait for: a pipe that nobody closes, a file of many gigabytes.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
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

impl<R: Seek> Seek for Stoppable<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.from.seek(to)
    }
}

/// A pipe or a terminal. Another thread reads it, for to read it, and even to open it, may take for ever.
pub struct Pipe {
    pieces: Pieces,
    stop: Arc<Stop>,
}

impl Pipe {
    /// Opens it, and reads ahead a little.
    pub fn open<R: Read>(
        open: impl FnOnce() -> io::Result<R> + Send + 'static,
        stop: Arc<Stop>,
    ) -> io::Result<Self> {
        let (send, pieces) = sync_channel(AHEAD);
        std::thread::Builder::new().name("pipe".to_owned()).spawn(move || match open() {
            Ok(from) => pass_on(from, &send),
            Err(error) => {
                let _gone = send.send(Err(error));
            }
        })?;
        Ok(Self { pieces: Pieces::new(pieces), stop })
    }
}

impl Read for Pipe {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.pieces.read(to, &self.stop)
    }
}

/// Reads what another thread makes meanwhile: who unpacks a text and who looks at it need not wait for each other.
pub fn ahead<R: Read + Send, T>(
    from: R,
    stop: &Stop,
    read: impl FnOnce(&mut dyn Read) -> T,
) -> io::Result<T> {
    let (send, pieces) = sync_channel(AHEAD);
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("ahead".to_owned());
        thread.spawn_scoped(scope, move || pass_on(from, &send))?;
        // Whoever makes more of it than is read ends with this.
        Ok(read(&mut Ahead { pieces: Pieces::new(pieces), stop }))
    })
}

struct Ahead<'s> {
    pieces: Pieces,
    stop: &'s Stop,
}

impl Read for Ahead<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.pieces.read(to, self.stop)
    }
}

/// Reads to the end, an error, or until nobody wants more.
fn pass_on(mut from: impl Read, send: &SyncSender<io::Result<Vec<u8>>>) {
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
}

/// What came of it so far.
struct Pieces {
    from: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    read: usize,
}

impl Pieces {
    fn new(from: Receiver<io::Result<Vec<u8>>>) -> Self {
        Self { from, piece: Vec::new(), read: 0 }
    }

    fn read(&mut self, to: &mut [u8], stop: &Stop) -> io::Result<usize> {
        while self.read == self.piece.len() {
            if stop.asked() {
                return Err(stopped());
            }
            match self.from.recv_timeout(WAIT) {
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
    fn what_is_made_meanwhile_is_read_as_far_as_anybody_wants() {
        let text: Vec<u8> = (0..1_000_000_u32).map(|it| (it % 251) as u8).collect();
        let mut found = Vec::new();
        ahead(text.as_slice(), &Stop::default(), |from| from.read_to_end(&mut found))
            .unwrap()
            .unwrap();
        assert!(found == text);
        // It has no end.
        let read = ahead(io::repeat(b'x'), &Stop::default(), |from| from.read(&mut [0; 10]));
        assert_eq!(read.unwrap().unwrap(), 10);
        let stop = Stop::default();
        stop.ask();
        assert!(ahead(text.as_slice(), &stop, |from| from.read(&mut [0])).unwrap().is_err());
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
