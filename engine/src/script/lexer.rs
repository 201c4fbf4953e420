//! Words of a line: what is between spaces, with quotes and escapes taken away, and the way back.
//! What a word means is decided in [`super::parse`].
//!
//! `"..."` may hold anything; in it `\n \t \r \" \\ \xNN \u{N}` are escapes, so that every byte can
//! be said. `'...'` is taken as it is. Both may be part of a word: `key="Kim Minji"`.

use super::error::{ScriptError, ScriptProblem};
use bytes::Bytes;

/// One byte of a word, where its source stands, and whether it was quoted: a quoted `=` or `,` does
/// not divide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    byte: u8,
    quoted: bool,
    column: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    cells: Vec<Cell>,
    /// Where it begins, counted in characters from 1.
    pub column: u32,
}

impl Word {
    /// Whether it is exactly this, without quotes.
    pub fn is(&self, bare: &str) -> bool {
        self.cells.len() == bare.len()
            && self
                .cells
                .iter()
                .zip(bare.bytes())
                .all(|(cell, byte)| !cell.quoted && cell.byte == byte)
    }

    /// Whether it looks like `--option`.
    pub fn is_option(&self) -> bool {
        self.cells.len() > 2 && self.cells[..2].iter().all(|cell| !cell.quoted && cell.byte == b'-')
    }

    /// Whether an unquoted `=` divides it.
    pub fn is_assignment(&self) -> bool {
        self.find(b'=').is_some()
    }

    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    pub fn bytes(&self) -> Bytes {
        self.cells.iter().map(|cell| cell.byte).collect()
    }

    /// As text; `None` if it is not UTF-8.
    pub fn text(&self) -> Option<String> {
        String::from_utf8(self.cells.iter().map(|cell| cell.byte).collect()).ok()
    }

    /// As text to show to a person.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }

    fn find(&self, separator: u8) -> Option<usize> {
        self.cells.iter().position(|cell| !cell.quoted && cell.byte == separator)
    }

    fn part(&self, from: usize, to: usize) -> Word {
        let column = match self.cells.get(from) {
            Some(cell) => cell.column,
            None => self.cells.last().map_or(self.column, |cell| cell.column + 1),
        };
        Word { cells: self.cells[from..to].to_vec(), column }
    }

    /// The parts before and after the first unquoted `separator`.
    pub fn split_once(&self, separator: u8) -> Option<(Word, Word)> {
        let at = self.find(separator)?;
        Some((self.part(0, at), self.part(at + 1, self.cells.len())))
    }

    /// The parts between unquoted `separator`s that are not inside `[...]`.
    pub fn split(&self, separator: u8) -> Vec<Word> {
        let mut parts = Vec::new();
        let (mut from, mut depth) = (0, 0u32);
        for (at, cell) in self.cells.iter().enumerate().filter(|(_, cell)| !cell.quoted) {
            match cell.byte {
                b'[' => depth += 1,
                b']' => depth = depth.saturating_sub(1),
                byte if byte == separator && depth == 0 => {
                    parts.push(self.part(from, at));
                    from = at + 1;
                }
                _ => {}
            }
        }
        parts.push(self.part(from, self.cells.len()));
        parts
    }

    /// Without the unquoted `[` and `]` around it.
    pub fn without_brackets(&self) -> Word {
        let bare = |cell: Option<&Cell>, byte| cell.is_some_and(|c| !c.quoted && c.byte == byte);
        let bracketed = bare(self.cells.first(), b'[') && bare(self.cells.last(), b']');
        if bracketed { self.part(1, self.cells.len() - 1) } else { self.clone() }
    }
}

/// The words of a line.
pub fn words(line: u32, text: &str) -> Result<Vec<Word>, ScriptError> {
    let mut words: Vec<Word> = Vec::new();
    let mut open: Option<Word> = None;
    let mut chars = (1..).zip(text.chars()).peekable();
    while let Some((column, c)) = chars.next() {
        if c.is_whitespace() {
            words.extend(open.take());
            continue;
        }
        let word = open.get_or_insert_with(|| Word { cells: Vec::new(), column });
        if c != '"' && c != '\'' {
            push(word, c, false, column);
            continue;
        }
        let unclosed =
            ScriptError { line, column, what: ScriptProblem::UnclosedQuote { quote: c } };
        loop {
            let (column, inner) = chars.next().ok_or_else(|| unclosed.clone())?;
            if inner == c {
                break;
            }
            if inner == '\\' && c == '"' {
                let escape = escape(&mut chars);
                let what = ScriptProblem::BadEscape;
                match escape.ok_or(ScriptError { line, column, what })? {
                    Escape::Char(c) => push(word, c, true, column),
                    Escape::Byte(byte) => word.cells.push(Cell { byte, quoted: true, column }),
                }
            } else {
                push(word, inner, true, column);
            }
        }
    }
    words.extend(open);
    Ok(words)
}

fn push(word: &mut Word, c: char, quoted: bool, column: u32) {
    let mut buffer = [0; 4];
    let bytes = c.encode_utf8(&mut buffer).bytes();
    word.cells.extend(bytes.map(|byte| Cell { byte, quoted, column }));
}

enum Escape {
    Char(char),
    Byte(u8),
}

/// What follows a backslash.
fn escape(chars: &mut impl Iterator<Item = (u32, char)>) -> Option<Escape> {
    let mut next = || chars.next().map(|(_, c)| c);
    Some(match next()? {
        'n' => Escape::Char('\n'),
        't' => Escape::Char('\t'),
        'r' => Escape::Char('\r'),
        c @ ('"' | '\'' | '\\') => Escape::Char(c),
        'x' => {
            let (high, low) = (next()?.to_digit(16)?, next()?.to_digit(16)?);
            Escape::Byte((high * 16 + low) as u8)
        }
        'u' => {
            if next()? != '{' {
                return None;
            }
            let mut code = 0u32;
            loop {
                match next()? {
                    '}' => break,
                    digit => code = code.checked_mul(16)?.checked_add(digit.to_digit(16)?)?,
                }
            }
            Escape::Char(char::from_u32(code)?)
        }
        _ => return None,
    })
}

/// One word as it is typed: bare where that is plain, in quotes else. `separators` are the
/// characters that would divide it where it stands.
pub fn quote(bytes: &[u8], separators: &str) -> String {
    let plain = |c: char| {
        c.is_alphanumeric() || ("-_.:/,+=@%~*^!?&()[]{};|$#".contains(c) && !separators.contains(c))
    };
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && text.chars().all(plain) => text.to_string(),
        _ => format!("\"{}\"", escaped(bytes)),
    }
}

/// The text between the quotes. Also how record keys and values are shown: everything invisible
/// becomes visible, and it fits on one line.
pub fn escaped(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                c if c.is_ascii_control() => out.push_str(&format!("\\x{:02x}", c as u32)),
                c if c != ' ' && (c.is_whitespace() || c.is_control() || is_invisible(c)) => {
                    out.push_str(&format!("\\u{{{:x}}}", c as u32));
                }
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// Marks that take no room or turn the direction of what follows.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(line: &str) -> Vec<String> {
        words(1, line).unwrap().iter().map(Word::shown).collect()
    }

    #[test]
    fn quotes_hold_spaces_and_bytes() {
        assert_eq!(texts("  a  b\u{3000}c "), ["a", "b", "c"]);
        assert_eq!(texts(r#"key="Kim Minji" '' 'a\b'"#), ["key=Kim Minji", "", r"a\b"]);
        assert_eq!(texts(r#""\n\t\"\\\u{1f980}""#), ["\n\t\"\\\u{1f980}"]);
        let bytes = words(1, r#""\xff\x00A""#).unwrap()[0].bytes();
        assert_eq!(&bytes[..], b"\xff\0A");
    }

    #[test]
    fn what_is_quoted_does_not_divide() {
        let word = &words(1, r#""a=b"=c,[d,e],"f,g""#).unwrap()[0];
        let (name, rest) = word.split_once(b'=').unwrap();
        assert_eq!((name.shown().as_str(), name.column), ("a=b", 2));
        let parts: Vec<_> = rest.split(b',').iter().map(Word::shown).collect();
        assert_eq!(parts, ["c", "[d,e]", "f,g"]);
        assert_eq!(rest.split(b',')[1].without_brackets().shown(), "d,e");
        assert!(!words(1, r#""--x""#).unwrap()[0].is_option());
    }

    #[test]
    fn mistakes_say_where() {
        for (line, column) in
            [(r#"a "b"#, 3), (r#"a "\q""#, 4), (r#""\xg0""#, 2), (r#""\u{d800}""#, 2)]
        {
            assert_eq!(words(7, line).unwrap_err().column, column, "{line}");
        }
    }

    proptest! {
        #[test]
        fn quoted_words_read_back(bytes in any::<Vec<u8>>(), text in "\\PC*|[\\x00-\\x{ffff}]*") {
            for bytes in [&bytes[..], text.as_bytes()] {
                let read = words(1, &quote(bytes, "=,")).unwrap();
                prop_assert_eq!(read.len(), 1);
                prop_assert_eq!(&read[0].bytes()[..], bytes);
                prop_assert!(read[0].split_once(b'=').is_none());
                prop_assert_eq!(read[0].split(b',').len(), 1);
            }
        }
    }
}
