//! What comes out of packers, counted; and why they failed, however many readers stand between.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

use triagem_engine::evidence::Gap;

use super::gap;
use crate::collect::live::Stop;

/// What all packers of an archive may still give.
pub(super) struct Meter {
    /// In bytes.
    pub(super) room: Cell<u64>,
    /// There was more.
    pub(super) is_over: Cell<bool>,
    /// Why the last one failed: whoever reads a tar tells that in other words.
    pub(super) fault: RefCell<Option<Gap>>,
}

impl Meter {
    pub(super) fn new(bytes: u64) -> Rc<Self> {
        let (is_over, fault) = (Cell::new(false), RefCell::default());
        Rc::new(Self { room: Cell::new(bytes), is_over, fault })
    }

    fn count(&self, length: usize) -> Result<usize, Gap> {
        let rest = self.room.get().checked_sub(length as u64);
        let Some(rest) = rest else {
            self.is_over.set(true);
            return Err(Gap::TooLarge);
        };
        self.room.set(rest);
        Ok(length)
    }
}

/// Reads what comes out of a packer. Once it has failed it goes on to fail.
pub(super) struct Metered<R> {
    from: R,
    meter: Rc<Meter>,
    failed: Option<Gap>,
}

impl<R: Read> Metered<R> {
    pub(super) fn new(from: R, meter: &Rc<Meter>) -> Self {
        Self { from, meter: Rc::clone(meter), failed: None }
    }

    fn more(&mut self, to: &mut [u8]) -> Result<usize, Gap> {
        if let Some(gap) = &self.failed {
            return Err(gap.clone());
        }
        loop {
            match self.from.read(to) {
                Ok(length) => return self.meter.count(length),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Whether somebody asked for the end, whoever tells it looks up.
                Err(error) => return Err(gap(&error, &Stop::default())),
            }
        }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.more(to).map_err(|gap| {
            self.failed = Some(gap.clone());
            *self.meter.fault.borrow_mut() = Some(gap.clone());
            io::Error::other(Told(gap))
        })
    }
}

/// A gap on its way through readers.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0:?}")]
pub(super) struct Told(pub(super) Gap);
