//! Bytes as Java makes text of them.

/// The text that Java's UTF-8 decoder makes of bytes, so that dumps are equal for any bytes. It
/// differs from Rust's in one thing: a surrogate, which is no character, becomes one replacement
/// character, not one for each byte.
pub fn java_text(mut bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    while let Some(chunk) = bytes.utf8_chunks().next() {
        text.push_str(chunk.valid());
        let mut taken = chunk.valid().len() + chunk.invalid().len();
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        let follows = |at: usize, range: std::ops::RangeInclusive<u8>| {
            bytes.get(at).is_some_and(|byte| range.contains(byte))
        };
        if chunk.invalid() == [0xed] && follows(taken, 0xa0..=0xbf) {
            taken += 1;
            taken += usize::from(follows(taken, 0x80..=0xbf));
        }
        bytes = &bytes[taken..];
    }
    text
}
