//! Archives, as they are: what one is, by its content, and a walk through the texts in it. Nothing in it gets a name on a disk.
//!
//! Whatever an archive says of itself is believed of nothing but its own texts: names are shown and never opened, sizes are counted.

use std::fs::File;
use std::io::{self, Read};
use std::rc::Rc;

use triagem_engine::evidence::Gap;
use triagem_engine::evidence::recording::MANIFEST;

use super::live::Stop;
use super::pipe::{Stoppable, ahead};

pub(super) mod before;
mod meter;
pub(super) mod pack;
mod peek;
pub(super) mod tail;
mod tar;
#[cfg(test)]
mod tests;
mod zip;

use meter::{Meter, Metered, Told};
use pack::Pack;
use peek::peek;

/// Files of an archive, and of those within it.
const FILES: usize = 10_000;
/// Bytes that an archive unpacks to, with those within it.
const UNPACKED: u64 = 8 << 30;
/// Archives within one another that are read.
const DEPTH: usize = 2;
/// Bytes of a name that are shown.
const SHOWN: usize = 300;

/// Who takes what is found. A name is that within the archive; it is empty where there is none, or all of it is meant.
pub trait Taker {
    /// Takes a text.
    fn take(&mut self, name: &str, from: &mut dyn Read);
    /// Notes what was not read, or not to its end.
    fn miss(&mut self, name: &str, gap: Gap);
}

/// What an archive may come to.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Bytes that come out of packers.
    pub bytes: u64,
    /// Files and whatever else is no folder.
    pub files: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { bytes: UNPACKED, files: FILES }
    }
}

/// How it is read.
pub struct How<'a> {
    /// What it may come to; what is left of that, afterwards.
    pub room: &'a mut Room,
    /// Whether to go on.
    pub stop: &'a Stop,
    /// The file that is read, where it is one: the list of a zip stands at its end.
    pub file: Option<Stoppable<File>>,
    /// Whoever reads it wants to know whether it is a recording, and then nothing else of it.
    pub may_be_recording: bool,
}

/// Hands over the texts of an archive, or the text that it is. `true`: it is a recording, and was read no further.
pub fn walk(from: &mut (dyn Read + Send), how: How<'_>, taker: &mut dyn Taker) -> bool {
    let How { room, stop, file, may_be_recording } = how;
    let meter = Meter::new(room.bytes);
    let mut walk =
        Walk { taker, stop, meter, files: room.files, may_be_recording, state: State::On };
    let (kind, mut whole) = peek(from);
    match (kind, file) {
        // Whoever unpacks has a thread of his own.
        (Kind::Pack(pack), _) => {
            walk.may_be_recording &= pack == Pack::Gzip;
            let read = ahead(pack.open(whole), stop, |from| walk.unpacked("", from));
            if let Err(error) = read {
                walk.fail("", &error);
            }
        }
        (Kind::Zip, Some(file)) => {
            walk.may_be_recording = false;
            zip::read(&mut walk, "", file, 1);
        }
        (kind, _) => {
            walk.may_be_recording = false;
            walk.found(kind, "", &mut whole, 0);
        }
    }
    *room = Room { bytes: walk.meter.room.get(), files: walk.files };
    walk.state == State::Recording
}

/// Why something was not read, or not to its end.
pub fn gap(error: &io::Error, stop: &Stop) -> Gap {
    if stop.asked() {
        return Gap::Interrupted;
    }
    if let Some(Told(gap)) = error.get_ref().and_then(|it| it.downcast_ref()) {
        return gap.clone();
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Gap::CutOff,
        io::ErrorKind::OutOfMemory => Gap::TooLarge,
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            let what = "what follows is spoilt: it does not unpack to what its checksum says";
            Gap::Failed(what.to_owned())
        }
        _ => Gap::Failed(error.to_string()),
    }
}

/// What something is by its first bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Text,
    Pack(Pack),
    Tar,
    Zip,
}

impl Kind {
    fn of(head: &[u8]) -> Self {
        if let Some(pack) = Pack::of(head) {
            Self::Pack(pack)
        } else if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            Self::Zip
        } else if head.get(257..262) == Some(b"ustar") {
            Self::Tar
        } else {
            Self::Text
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    On,
    /// Nothing more is read, and it was told why.
    Over,
    Recording,
}

struct Walk<'a> {
    taker: &'a mut dyn Taker,
    stop: &'a Stop,
    meter: Rc<Meter>,
    files: usize,
    may_be_recording: bool,
    state: State,
}

impl Walk<'_> {
    /// A file within archives, so many around it.
    fn file(&mut self, name: &str, from: &mut dyn Read, depth: usize) {
        let manifest = name.rsplit(['/', ' ']).next() == Some(MANIFEST);
        if manifest && depth == 1 && self.may_be_recording {
            self.state = State::Recording;
            return;
        }
        let (kind, mut whole) = peek(from);
        self.found(kind, name, &mut whole, depth);
        // Whoever reads what is around it fails again where that is broken.
        self.meter.fault.take();
    }

    fn found(&mut self, kind: Kind, name: &str, from: &mut dyn Read, depth: usize) {
        match kind {
            Kind::Text => self.taker.take(name, from),
            Kind::Pack(pack) => {
                let mut from = self.metered(pack.open(from));
                let (kind, mut whole) = peek(&mut from);
                self.opened(kind, name, &mut whole, depth);
            }
            Kind::Tar | Kind::Zip => self.opened(kind, name, from, depth),
        }
    }

    /// What another thread unpacks.
    fn unpacked(&mut self, name: &str, from: &mut dyn Read) {
        let mut from = self.metered(from);
        let (kind, mut whole) = peek(&mut from);
        self.opened(kind, name, &mut whole, 0);
    }

    /// What was packed, or is not: a text or an archive.
    fn opened(&mut self, kind: Kind, name: &str, from: &mut dyn Read, depth: usize) {
        match kind {
            Kind::Text => self.taker.take(name, from),
            Kind::Pack(_) => self.taker.miss(name, Gap::Archive),
            Kind::Tar | Kind::Zip if depth >= DEPTH => self.taker.miss(name, Gap::Archive),
            Kind::Tar => tar::read(self, name, from, depth + 1),
            Kind::Zip => {
                if let Some(file) = zip::spooled(self, name, from) {
                    zip::read(self, name, file, depth + 1);
                }
            }
        }
    }

    fn metered<R: Read>(&self, from: R) -> Metered<R> {
        Metered::new(from, &self.meter)
    }

    /// Whether one more file is read; if not, the archive is told to be too large.
    fn counts(&mut self, archive: &str) -> bool {
        if self.files == 0 && self.state == State::On {
            self.state = State::Over;
            // As of a folder with too many files.
            self.taker.miss(archive, Gap::TooLarge);
        }
        self.files = self.files.saturating_sub(1);
        self.state == State::On
    }

    /// Whether reading goes on; if not, the archive is told.
    fn goes_on(&mut self, archive: &str) -> bool {
        let gap = match (self.stop.asked(), self.meter.is_over.get()) {
            (true, _) => Gap::Interrupted,
            (_, true) => Gap::TooLarge,
            (false, false) => return self.state == State::On,
        };
        if self.state == State::On {
            self.state = State::Over;
            self.taker.miss(archive, gap);
        }
        false
    }

    fn fail(&mut self, name: &str, error: &io::Error) {
        let fault = self.meter.fault.take().filter(|_| !self.stop.asked());
        self.taker.miss(name, fault.unwrap_or_else(|| gap(error, self.stop)));
    }
}

/// The name of a file within an archive, which may be within another.
fn within(archive: &str, name: &str) -> String {
    let name = name.strip_prefix("./").unwrap_or(name);
    let letters = name.chars().count();
    let name = if letters > SHOWN {
        let first: String = name.chars().take(SHOWN / 2).collect();
        let last: String = name.chars().skip(letters - SHOWN / 2).collect();
        format!("{first}…{last}")
    } else {
        name.to_owned()
    };
    if archive.is_empty() { name } else { format!("{archive}: {name}") }
}
