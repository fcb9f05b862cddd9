//! A text read in any chunks gives the same.

use triagem_engine::evidence::Given;
use triagem_engine::evidence::redact::Redactor;
use triagem_engine::given::Recogniser;
use triagem_engine::proof::recognise;
use triagem_engine::text::normal::normalise;
use triagem_engine::text::{Excerpts, Reading, is_header, parse_age, parse_rfc3339};

use super::report::LIST;

/// Lengths of the chunks that a text is cut into.
const CHUNKS: &[usize] = &[1, 2, 7, 64];

pub(crate) fn run(bytes: &[u8]) {
    let length = CHUNKS[bytes.len() % CHUNKS.len()];
    let pieces = recognise(&LIST, "-", bytes);
    assert_eq!(recognised(bytes, length), pieces, "{length} bytes at a time");
    let repair = bytes.len().is_multiple_of(3);
    let whole = read(bytes, bytes.len(), repair);
    assert_eq!(read(bytes, length, repair), whole, "{length} bytes at a time");
    assert_eq!(whole.bytes, bytes.len() as u64);
    let shown = redacted(bytes, bytes.len());
    assert_eq!(redacted(bytes, length), shown, "{length} bytes at a time");
    assert!(pieces.windows(2).all(|it| it[0].line <= it[1].line), "{pieces:?}");
    let text = String::from_utf8_lossy(bytes);
    for line in text.lines() {
        // A view of a view is another one: each takes off so many layers of quoting.
        let _ = (is_header(line), parse_age(line), parse_rfc3339(line), normalise(line, repair));
    }
}

fn recognised(bytes: &[u8], length: usize) -> Vec<Given> {
    let mut recogniser = Recogniser::new(&LIST, "-");
    bytes.chunks(length.max(1)).for_each(|it| recogniser.push(it));
    recogniser.finish()
}

fn read(bytes: &[u8], length: usize, repair: bool) -> Excerpts {
    let mut reading = Reading::new(&LIST, "-", 1, repair);
    bytes.chunks(length.max(1)).for_each(|it| reading.push(it));
    reading.finish()
}

fn redacted(bytes: &[u8], length: usize) -> Vec<u8> {
    let mut redactor = Redactor::default();
    let mut shown = Vec::new();
    bytes
        .chunks(length.max(1))
        .for_each(|it| redactor.push(it, &mut |it| shown.extend_from_slice(it)));
    redactor.finish(&mut |it| shown.extend_from_slice(it));
    shown
}
