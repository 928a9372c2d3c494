//! The text of RTF, as Outlook puts it into `winmail.dat` ([MS-OXRTFCP], [MS-OXRTFEX]).

use super::charset::decode;

/// The maximum size of a decompressed text, in bytes.
const LONGEST: usize = 8 * 1024 * 1024;
/// The maximum depth of groups.
const DEEPEST: usize = 100;

/// The initial content of the dictionary of compressed RTF ([MS-OXRTFCP §2.1.3.1.4]).
const DICTIONARY: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \
\\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\
\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// Decompresses RTF. Damaged input is decompressed as far as possible.
pub(in crate::engine) fn decompressed(octets: &[u8]) -> Option<Vec<u8>> {
    let (header, packed) = octets.split_at_checked(16)?;
    match header.get(8..12)? {
        b"MELA" => return Some(packed.to_vec()),
        b"LZFu" => {}
        _ => return None,
    }
    let mut ring = [b' '; 4096];
    ring.get_mut(..DICTIONARY.len())?
        .copy_from_slice(DICTIONARY);
    let mut write = DICTIONARY.len();
    let mut text = Vec::new();
    let mut rest = packed.iter().copied();
    while let Some(flags) = rest.next() {
        for bit in 0..8 {
            if text.len() >= LONGEST {
                return Some(text);
            }
            let mut push = |octet: u8| {
                text.push(octet);
                if let Some(slot) = ring.get_mut(write) {
                    *slot = octet;
                }
                write = (write + 1) % ring.len();
            };
            let Some(first) = rest.next() else {
                return Some(text);
            };
            if flags >> bit & 1 == 0 {
                push(first);
                continue;
            }
            let Some(second) = rest.next() else {
                return Some(text);
            };
            let offset = usize::from(first) << 4 | usize::from(second >> 4);
            if offset == write {
                return Some(text);
            }
            for step in 0..usize::from(second & 15) + 2 {
                let at = (offset + step) % ring.len();
                let octet = ring.get(at).copied().unwrap_or(b' ');
                text.push(octet);
                if let Some(slot) = ring.get_mut(write) {
                    *slot = octet;
                }
                write = (write + 1) % ring.len();
            }
        }
    }
    Some(text)
}

/// The text in an RTF document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct RtfText {
    /// The text, or the HTML from which Outlook made the document.
    pub(in crate::engine) text: String,
    pub(in crate::engine) is_html: bool,
}

/// Returns the text of an RTF document.
pub(in crate::engine) fn text(rtf: &[u8]) -> RtfText {
    let mut reader = Reader {
        out: String::new(),
        octets: Vec::new(),
        charset: "windows-1252".to_owned(),
        is_html: false,
        skipped: 0,
    };
    reader.read(rtf);
    reader.flush();
    RtfText {
        text: reader.out,
        is_html: reader.is_html,
    }
}

/// The state of a group.
#[derive(Debug, Clone, Copy)]
struct Group {
    /// True if its text is not part of the document: fonts, colours, pictures.
    hidden: bool,
    /// True inside a piece of the original HTML.
    is_tag: bool,
    /// True for text that only the RTF has, and not the original HTML.
    only_rtf: bool,
    /// The number of characters that follow a Unicode character for readers without Unicode.
    substitutes: u32,
}

struct Reader {
    out: String,
    /// Bytes in the charset of the document.
    octets: Vec<u8>,
    charset: String,
    is_html: bool,
    /// The number of substitutes still to skip.
    skipped: u32,
}

impl Reader {
    fn read(&mut self, rtf: &[u8]) {
        let mut group = Group {
            hidden: false,
            is_tag: false,
            only_rtf: false,
            substitutes: 1,
        };
        let mut outer = Vec::new();
        let mut rest = rtf;
        while let Some((&octet, behind)) = rest.split_first() {
            rest = behind;
            match octet {
                b'{' if outer.len() < DEEPEST => outer.push(group),
                b'}' => group = outer.pop().unwrap_or(group),
                b'\\' => rest = self.control(behind, &mut group),
                b'{' | b'\r' | b'\n' | 0 => {}
                octet => self.octet(octet, group),
            }
        }
    }

    /// Handles the control word or symbol at the start of `rest`, and returns what follows it.
    fn control<'a>(&mut self, rest: &'a [u8], group: &mut Group) -> &'a [u8] {
        let length = rest
            .iter()
            .take_while(|octet| octet.is_ascii_alphabetic())
            .count();
        let (word, mut behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        if word.is_empty() {
            return self.symbol(rest, group);
        }
        let digits = behind
            .iter()
            .enumerate()
            .take_while(|(at, octet)| octet.is_ascii_digit() || (*at == 0 && **octet == b'-'))
            .count();
        let (number, after) = behind.split_at_checked(digits).unwrap_or((behind, &[]));
        let number: Option<i32> = std::str::from_utf8(number)
            .ok()
            .and_then(|n| n.parse().ok());
        behind = after.strip_prefix(b" ").unwrap_or(after);
        self.word(word, number, group);
        behind
    }

    fn symbol<'a>(&mut self, rest: &'a [u8], group: &mut Group) -> &'a [u8] {
        let Some((&symbol, behind)) = rest.split_first() else {
            return rest;
        };
        match (symbol, behind) {
            (b'\'', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                let hex = std::str::from_utf8(&digits).ok();
                if let Some(octet) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                    self.octet(octet, *group);
                }
                after
            }
            (b'*', _) => {
                let html = behind.starts_with(b"\\htmltag");
                group.hidden |= !html;
                behind
            }
            (b'\\' | b'{' | b'}', _) => {
                self.octet(symbol, *group);
                behind
            }
            (b'~', _) => {
                self.character('\u{A0}', *group);
                behind
            }
            (b'\r' | b'\n', _) => {
                self.character('\n', *group);
                behind
            }
            _ => behind,
        }
    }

    fn word(&mut self, word: &[u8], number: Option<i32>, group: &mut Group) {
        match word {
            b"fonttbl" | b"colortbl" | b"stylesheet" | b"info" | b"pict" | b"object" => {
                group.hidden = true;
            }
            b"fromhtml" => self.is_html = number != Some(0),
            b"htmltag" => group.is_tag = true,
            b"htmlrtf" => group.only_rtf = number != Some(0),
            b"ansicpg" => {
                if let Some(page) = number {
                    self.flush();
                    self.charset = format!("windows-{page}");
                }
            }
            b"uc" => group.substitutes = number.and_then(|n| n.try_into().ok()).unwrap_or(1),
            b"u" => {
                if let Some(unit) = number {
                    let code = u32::try_from(if unit < 0 { unit + 0x1_0000 } else { unit });
                    let character = code.ok().and_then(char::from_u32);
                    self.character(character.unwrap_or('\u{FFFD}'), *group);
                    self.skipped = group.substitutes.min(10);
                }
            }
            b"par" | b"line" | b"row" | b"sect" => self.character('\n', *group),
            b"tab" | b"cell" => self.character('\t', *group),
            b"lquote" => self.character('\u{2018}', *group),
            b"rquote" => self.character('\u{2019}', *group),
            b"ldblquote" => self.character('\u{201C}', *group),
            b"rdblquote" => self.character('\u{201D}', *group),
            b"endash" => self.character('\u{2013}', *group),
            b"emdash" => self.character('\u{2014}', *group),
            b"bullet" => self.character('\u{2022}', *group),
            _ => {}
        }
    }

    fn is_shown(&self, group: Group) -> bool {
        let is_of_html = !self.is_html || group.is_tag || !group.only_rtf;
        is_of_html && !group.hidden
    }

    fn octet(&mut self, octet: u8, group: Group) {
        if self.skipped > 0 {
            self.skipped -= 1;
        } else if self.is_shown(group) {
            self.octets.push(octet);
        }
    }

    fn character(&mut self, character: char, group: Group) {
        self.skipped = 0;
        if self.is_shown(group) {
            self.flush();
            self.out.push(character);
        }
    }

    fn flush(&mut self) {
        if !self.octets.is_empty() {
            self.out.push_str(&decode(&self.charset, &self.octets));
            self.octets.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_specification_are_decompressed() {
        // MS-OXRTFCP §4.1.1 and §4.1.2.
        let simple = b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125B2\x0a\xf3 hel\
            \x09\0\x20bw\x05\xb0ld}\x0a\x80\x0f\xa0";
        let text = decompressed(simple).unwrap();
        assert_eq!(text, b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        let crossing = b"\x1a\0\0\0\x1c\0\0\0LZFu\xe2\xd4\x4b\x51\x41\0\x04\x20WXYZ\x0d\x6e}\
            \x01\x0e\xb0";
        assert_eq!(
            decompressed(crossing).unwrap(),
            b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"
        );
        for end in 16..simple.len() {
            assert!(text.starts_with(&decompressed(&simple[..end]).unwrap()));
        }
        assert_eq!(decompressed(b"0123456789abcdefg"), None);
    }

    #[test]
    fn text_and_html_are_taken_out_of_rtf() {
        let plain = r"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0 Arial;}}\pard \'cf\'f0 \{a\}\par\uc1\u8364?\tab x}";
        let expected = RtfText {
            text: "Пр {a}\n€\tx".to_owned(),
            is_html: false,
        };
        assert_eq!(text(plain.as_bytes()), expected);
        let html = r"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}\htmlrtf \par\htmlrtf0 words{\*\htmltag72 </p>}{\*\other x}}";
        let expected = RtfText {
            text: "<p>words</p>".to_owned(),
            is_html: true,
        };
        assert_eq!(text(html.as_bytes()), expected);
    }

    #[test]
    fn damaged_rtf_is_read_without_harm() {
        let deep = "{".repeat(100_000);
        assert_eq!(text(deep.as_bytes()).text, "");
        for odd in [
            "\\",
            "\\'",
            "\\'z",
            "\\u",
            "\\u-99999999999 x",
            "}}}x",
            "\\uc99999\\u65 x",
        ] {
            text(odd.as_bytes());
        }
    }
}
