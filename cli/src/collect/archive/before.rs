//! What a tar says of a file in entries before it: a name that is too long for a header, and what we cannot read.

use std::io::{self, Read};

use tar::{Entry, EntryType, PaxExtensions};

/// Bytes of a name that has an entry of its own, with what else stands there.
const NAME: u64 = 16 * 1024;

/// What was said of the next file.
#[derive(Debug, Default)]
pub(in crate::collect) struct Before {
    name: Option<String>,
    /// Something there is none of what a pax header holds.
    pub(in crate::collect) is_odd: bool,
}

impl Before {
    /// The name of an entry; `None`: it only says something of the next.
    pub(in crate::collect) fn name_of(
        &mut self,
        entry: &mut Entry<'_, impl Read>,
    ) -> io::Result<Option<String>> {
        match entry.header().entry_type() {
            EntryType::GNULongName => self.name = Some(long_name(entry)?),
            EntryType::XHeader => self.pax(&short(entry)?)?,
            EntryType::GNULongLink | EntryType::XGlobalHeader => {}
            _ => {
                let own = || String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                return Ok(Some(self.name.take().unwrap_or_else(own)));
            }
        }
        Ok(None)
    }

    fn pax(&mut self, bytes: &[u8]) -> io::Result<()> {
        for extension in PaxExtensions::new(bytes) {
            let Ok(extension) = extension else {
                self.is_odd = true;
                continue;
            };
            match extension.key_bytes() {
                b"path" => {
                    let name = String::from_utf8_lossy(extension.value_bytes()).into_owned();
                    self.name = Some(name);
                }
                key if key == b"size" || key.starts_with(b"GNU.sparse") => {
                    return Err(odd("a file in it is larger than its header says"));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn long_name(entry: &mut impl Read) -> io::Result<String> {
    let bytes = short(entry)?;
    let end = bytes.iter().position(|it| *it == 0).unwrap_or(bytes.len());
    Ok(String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned())
}

fn short(entry: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    entry.take(NAME + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > NAME { Err(odd("a name in it is too long")) } else { Ok(bytes) }
}

fn odd(what: &str) -> io::Error {
    io::Error::other(what.to_owned())
}
