//! What packs one text: gzip, zstd, xz. However it is broken, why is told in one of a few ways.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// Bytes that unpacking looks back at, which it holds: as much as `zstd` takes unasked, and twice what `xz -9` needs.
const WINDOW: u32 = 128 << 20;
/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

/// Bytes of xz asked for at once: of a read that fails it gives nothing, however much came before in the same read.
const BIT: usize = 512;

/// Blocks of zstd at once.
const ONE: BlockDecodingStrategy = BlockDecodingStrategy::UptoBlocks(1);

/// What packed it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::collect) enum Pack {
    Gzip,
    Zstd,
    Xz,
}

impl Pack {
    /// By the first bytes.
    pub(in crate::collect) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // What other programs may have put before it is skipped.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            _ => None,
        }
    }

    /// Unpacks it: one text, or several one behind the other.
    pub(in crate::collect) fn open<R: Read>(self, from: R) -> Unpacker<R> {
        let end = Arc::new(End::default());
        let from = BufReader::with_capacity(CHUNK, Source { from, end: Arc::clone(&end) });
        let by = match self {
            Self::Gzip => By::Gzip(Box::new(MultiGzDecoder::new(from))),
            Self::Zstd => By::Zstd(Box::new(Frames {
                from,
                decoder: FrameDecoder::new(),
                within: false,
                failed: None,
            })),
            Self::Xz => By::Xz(Box::new(Bits {
                from: XzReader::new_mem_limit(from, true, WINDOW / 1024),
                failed: None,
            })),
        };
        Unpacker { by, end, failed: false }
    }
}

/// Unpacks, and says in one way what is wrong: it ends too early, it is not what was packed, it needs too much memory.
pub(in crate::collect) struct Unpacker<R: Read> {
    by: By<R>,
    end: Arc<End>,
    failed: bool,
}

enum By<R: Read> {
    Gzip(Box<MultiGzDecoder<BufReader<Source<R>>>>),
    Zstd(Box<Frames<BufReader<Source<R>>>>),
    Xz(Box<Bits<XzReader<BufReader<Source<R>>>>>),
}

impl<R: Read> Read for Unpacker<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        // Some may not be asked again.
        if self.failed {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let read = match &mut self.by {
            By::Gzip(by) => by.read(to),
            By::Zstd(by) => by.read(to),
            By::Xz(by) => by.read(to),
        };
        read.map_err(|error| {
            if error.kind() == io::ErrorKind::Interrupted {
                return error;
            }
            self.failed = true;
            let of_source = self.end.failed.lock().ok().and_then(|mut it| it.take());
            match of_source {
                Some(error) => error,
                None if error.kind() == io::ErrorKind::OutOfMemory => error,
                None if self.end.is_there.load(Ordering::Relaxed) => {
                    io::ErrorKind::UnexpectedEof.into()
                }
                None => io::Error::new(io::ErrorKind::InvalidData, error),
            }
        })
    }
}

/// How reading what is unpacked ended: whoever unpacks it tells that in other words.
#[derive(Default)]
struct End {
    is_there: AtomicBool,
    failed: Mutex<Option<io::Error>>,
}

/// What is unpacked.
struct Source<R> {
    from: R,
    end: Arc<End>,
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self.from.read(to) {
            Ok(length) => {
                self.end.is_there.store(length == 0, Ordering::Relaxed);
                Ok(length)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                if let Ok(mut failed) = self.end.failed.lock() {
                    *failed = Some(error);
                }
                Err(kind.into())
            }
        }
    }
}

/// Reads bit by bit, so that what came before a failure is handed over first.
struct Bits<R> {
    from: R,
    failed: Option<io::Error>,
}

impl<R: Read> Read for Bits<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let mut done = 0;
        for bit in to.chunks_mut(BIT) {
            match self.from.read(bit) {
                Ok(length) if length == bit.len() => done += length,
                Ok(length) => return Ok(done + length),
                Err(error) if done == 0 => return Err(error),
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            }
        }
        Ok(done)
    }
}

/// The frames of a zstd file.
struct Frames<R> {
    from: R,
    decoder: FrameDecoder,
    within: bool,
    /// Why there is no more, once all that came before it was read.
    failed: Option<io::Error>,
}

impl<R: BufRead> Frames<R> {
    /// Begins the next frame that holds something; `false`: there is none.
    fn begin(&mut self) -> io::Result<bool> {
        self.decoder.set_max_window_size(u64::from(WINDOW));
        while !self.from.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.from) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    let skipped = io::copy(&mut self.from.by_ref().take(length), &mut io::sink())?;
                    if skipped < length {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(FrameDecoderError::WindowSizeTooBig { .. }) => {
                    return Err(io::ErrorKind::OutOfMemory.into());
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.within && !self.begin()? {
                return Ok(0);
            }
            self.within = true;
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let read = self.decoder.decode_blocks(&mut self.from, ONE);
                if let Err(error) = read {
                    self.failed = Some(io::Error::other(error));
                    // What came before is kept to look back at; after a last block without bytes it is not.
                    self.decoder
                        .decode_blocks([1, 0, 0, 0, 0, 0, 0].as_slice(), ONE)
                        .map_err(io::Error::other)?;
                }
            }
            let length = self.decoder.read(to)?;
            if length > 0 || to.is_empty() {
                return Ok(length);
            }
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            let sum = self.decoder.get_checksum_from_data();
            if sum.is_some() && sum != self.decoder.get_calculated_checksum() {
                return Err(io::ErrorKind::InvalidData.into());
            }
            self.within = false;
        }
    }
}
