//! Bytes → lines, in bounded memory: UTF-8, or UTF-16 as PowerShell writes it.

/// Bytes of a line that may be a JSON document.
pub(super) const TREE_BYTES: usize = 64 * 1024 * 1024;
/// Bytes that are kept of another line's beginning, and as many of its end.
const HALF_LINE: usize = 128 * 1024;

/// Lines under construction. Any chunking of the bytes gives the same lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    encoding: Option<Encoding>,
    /// The first bytes until the encoding is known; then what is not yet a whole character.
    pending: Vec<u8>,
    line: Vec<u8>,
    /// The end of a long line, while it is being read.
    tail: Vec<u8>,
    too_large: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Encoding {
    Utf8,
    Utf16 { little: bool },
}

/// Whoever takes the lines: the text without its end, and whether it is a document too large to be held.
pub(super) type Sink<'a> = &'a mut dyn FnMut(&str, bool);

impl Lines {
    /// Reads the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8], sink: Sink<'_>) {
        let Some(encoding) = self.encoding else {
            self.pending.extend_from_slice(bytes);
            if self.pending.len() >= 4 {
                self.decide(sink);
            }
            return;
        };
        self.decoded(encoding, bytes, sink);
    }

    /// A line begins with the next byte, which is of UTF-8.
    pub(super) fn is_between(&self) -> bool {
        self.encoding == Some(Encoding::Utf8)
            && self.pending.is_empty()
            && self.line.is_empty()
            && self.tail.is_empty()
    }

    /// Ends the text.
    pub(super) fn finish(&mut self, sink: Sink<'_>) {
        if self.encoding.is_none() {
            self.decide(sink);
        }
        if !self.pending.is_empty() {
            self.pending.clear();
            self.utf8("\u{fffd}".as_bytes(), sink);
        }
        if !self.line.is_empty() {
            self.end_line(sink);
        }
    }

    /// A byte order mark tells, or that every second byte of the first four is NUL.
    fn decide(&mut self, sink: Sink<'_>) {
        let bytes = std::mem::take(&mut self.pending);
        let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
        let (encoding, mark) = match bytes.as_slice() {
            [0xff, 0xfe, ..] => (Encoding::Utf16 { little: true }, 2),
            [0xfe, 0xff, ..] => (Encoding::Utf16 { little: false }, 2),
            [first, 0, second, 0, ..] if is_text(first) && is_text(second) => {
                (Encoding::Utf16 { little: true }, 0)
            }
            [0, first, 0, second, ..] if is_text(first) && is_text(second) => {
                (Encoding::Utf16 { little: false }, 0)
            }
            _ => (Encoding::Utf8, 0),
        };
        self.encoding = Some(encoding);
        self.decoded(encoding, bytes.get(mark..).unwrap_or_default(), sink);
    }

    fn decoded(&mut self, encoding: Encoding, bytes: &[u8], sink: Sink<'_>) {
        let Encoding::Utf16 { little } = encoding else { return self.utf8(bytes, sink) };
        self.pending.extend_from_slice(bytes);
        let unit = |pair: &[u8]| match (pair, little) {
            ([low, high], true) | ([high, low], false) => u16::from_be_bytes([*high, *low]),
            _ => 0,
        };
        let mut whole = self.pending.len() / 2 * 2;
        // The first half of a pair waits for the second.
        let last = self.pending.get(whole.saturating_sub(2)..whole).unwrap_or_default();
        if (0xd800..0xdc00).contains(&unit(last)) {
            whole -= 2;
        }
        let rest = self.pending.split_off(whole);
        let text: String = char::decode_utf16(self.pending.chunks_exact(2).map(unit))
            .map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        self.pending = rest;
        self.utf8(text.as_bytes(), sink);
    }

    fn utf8(&mut self, bytes: &[u8], sink: Sink<'_>) {
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = rest.split_at(end);
            self.keep(line);
            self.end_line(sink);
            rest = after.get(1..).unwrap_or_default();
        }
        self.keep(rest);
    }

    /// One JSON document may be one long line: it is held up to its own limit. Of any other the
    /// beginning and the end are kept.
    fn keep(&mut self, bytes: &[u8]) {
        let mut seen = self.line.iter().chain(bytes).take(HALF_LINE);
        let first = seen.find(|it| !it.is_ascii_whitespace());
        let tree = self.tail.is_empty() && matches!(first, Some(b'{' | b'['));
        let limit = if tree { TREE_BYTES } else { HALF_LINE };
        let room = limit.saturating_sub(self.line.len()).min(bytes.len());
        let (now, later) = bytes.split_at(room);
        self.line.extend_from_slice(now);
        if tree {
            self.too_large |= !later.is_empty();
            return;
        }
        self.tail.extend_from_slice(later);
        if self.tail.len() > 2 * HALF_LINE {
            self.tail.drain(..self.tail.len() - HALF_LINE);
        }
    }

    fn end_line(&mut self, sink: Sink<'_>) {
        let mut bytes = std::mem::take(&mut self.line);
        let from = self.tail.len().saturating_sub(HALF_LINE);
        bytes.extend_from_slice(self.tail.get(from..).unwrap_or_default());
        self.tail.clear();
        let too_large = std::mem::take(&mut self.too_large);
        let line = String::from_utf8_lossy(&bytes);
        sink(line.trim_start_matches('\u{feff}').trim_end_matches('\r'), too_large);
        drop(line);
        bytes.clear();
        // The memory of a document is not kept for the lines behind it.
        if bytes.capacity() <= 4 * HALF_LINE {
            self.line = bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(chunks: &[&[u8]]) -> Vec<String> {
        let mut found = Vec::new();
        let mut lines = Lines::default();
        for chunk in chunks {
            lines.push(chunk, &mut |line, _| found.push(line.to_owned()));
        }
        lines.finish(&mut |line, _| found.push(line.to_owned()));
        found
    }

    #[test]
    fn utf16_of_both_ends_is_read_with_a_mark_and_without() {
        let text = "Name: wéb-0 😀\r\nb";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (mark, bytes) in
            [(&b"\xff\xfe"[..], &little), (b"\xfe\xff", &big), (b"", &little), (b"", &big)]
        {
            let all = [mark, bytes.as_slice()].concat();
            assert_eq!(lines(&[&all]), ["Name: wéb-0 😀", "b"]);
            for cut in 0..all.len() {
                let (left, right) = all.split_at(cut);
                assert_eq!(lines(&[left, right]), ["Name: wéb-0 😀", "b"], "cut at {cut}");
            }
        }
    }

    #[test]
    fn of_a_long_line_both_ends_are_kept_and_a_document_is_held_to_its_limit() {
        let long = [b"begin".as_slice(), &vec![b'x'; 1024 * 1024], b"end"].concat();
        let found = lines(&[&long]);
        assert!(found[0].starts_with("begin") && found[0].ends_with("end"));
        assert_eq!(found[0].len(), 2 * HALF_LINE);
        let document = [b"{".as_slice(), &vec![b' '; 1024 * 1024], b"}"].concat();
        assert_eq!(lines(&[&document])[0].len(), document.len());
        let mut too_large = Vec::new();
        let mut giant = Lines::default();
        giant.push(b"[1", &mut |_, it| too_large.push(it));
        for _ in 0..=64 {
            giant.push(&vec![b' '; 1024 * 1024], &mut |_, it| too_large.push(it));
        }
        assert!(giant.line.len() <= TREE_BYTES);
        giant.finish(&mut |_, it| too_large.push(it));
        assert_eq!(too_large, [true]);
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_lines(bytes in proptest::collection::vec(prop_oneof![Just(0u8), Just(0xffu8), Just(0xfeu8), Just(0xd8u8), Just(b'\n'), any::<u8>()], 0..60), cut in 0usize..60) {
            let (left, right) = bytes.split_at(cut.min(bytes.len()));
            prop_assert_eq!(lines(&[&bytes]), lines(&[left, right]));
        }
    }
}
