//! Lists of MAPI properties, in the form of TNEF ([MS-OXTNEF §2.1.3.4]).

use super::charset::decode;

/// The value of a property. Of several values, only the last one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Value<'a> {
    Integer(u32),
    /// Text in the code page of the message.
    Text(&'a [u8]),
    /// Text in UTF-16.
    Unicode(&'a [u8]),
    Octets(&'a [u8]),
    Object(&'a [u8]),
    /// A value of another type.
    Other,
}

impl Value<'_> {
    /// Returns the text without its final NUL. Bytes are a text, too: that of HTML.
    pub(in crate::engine) fn text(self, charset: &str) -> Option<String> {
        let text = match self {
            Self::Text(octets) | Self::Octets(octets) => decode(charset, octets),
            Self::Unicode(octets) => decode("utf-16le", octets),
            Self::Integer(_) | Self::Object(_) | Self::Other => return None,
        };
        Some(text.trim_end_matches('\0').to_owned())
    }
}

/// The properties of a list, by their ids. A list without its end has the properties before it.
pub(in crate::engine) struct Properties<'a> {
    rest: &'a [u8],
    /// The number of properties that follow.
    left: u32,
}

impl<'a> Properties<'a> {
    pub(in crate::engine) fn new(data: &'a [u8]) -> Self {
        let mut properties = Self {
            rest: data,
            left: 0,
        };
        properties.left = properties.long().unwrap_or_default();
        properties
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn short(&mut self) -> Option<u16> {
        self.take(2)?.first_chunk().copied().map(u16::from_le_bytes)
    }

    fn long(&mut self) -> Option<u32> {
        self.take(4)?.first_chunk().copied().map(u32::from_le_bytes)
    }

    /// Reads bytes after their length. They end at a multiple of four.
    fn counted(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.long()?).ok()?;
        let taken = self.take(length)?;
        let padding = length.next_multiple_of(4) - length;
        self.take(padding.min(self.rest.len()))?;
        Some(taken)
    }

    fn property(&mut self) -> Option<(u16, Value<'a>)> {
        const SEVERAL: u16 = 0x1000;
        let kind = self.short()?;
        let id = self.short()?;
        if id >= 0x8000 {
            // A named property: a GUID, and a number or a name.
            self.take(16)?;
            match self.long()? {
                0 => drop(self.long()?),
                _ => drop(self.counted()?),
            }
        }
        let plain = kind & !SEVERAL;
        let is_variable = matches!(plain, 0x0D | 0x1E | 0x1F | 0x102);
        let count = if is_variable || kind & SEVERAL != 0 {
            self.long()?
        } else {
            1
        };
        let mut value = Value::Other;
        for _ in 0..count {
            value = match plain {
                0x1E => Value::Text(self.counted()?),
                0x1F => Value::Unicode(self.counted()?),
                0x102 => Value::Octets(self.counted()?),
                0x0D => Value::Object(self.counted()?),
                0x05 | 0x06 | 0x07 | 0x14 | 0x40 => {
                    self.take(8)?;
                    Value::Other
                }
                0x48 => {
                    self.take(16)?;
                    Value::Other
                }
                _ => Value::Integer(self.long()?),
            };
        }
        Some((id, value))
    }
}

impl<'a> Iterator for Properties<'a> {
    type Item = (u16, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        self.property()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_of_every_form_are_read() {
        let mut list = 6_u32.to_le_bytes().to_vec();
        // An integer, a time, and a named number.
        list.extend([3, 0, 1, 0, 9, 0, 0, 0]);
        list.extend([0x40, 0, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
        list.extend([3, 0, 0, 0x80]);
        list.extend([0; 16]);
        list.extend([0, 0, 0, 0, 5, 0, 0, 0, 7, 0, 0, 0]);
        // A named text with two values, and the padding of each.
        list.extend([0x1E, 0x10, 1, 0x80]);
        list.extend([0; 16]);
        list.extend([1, 0, 0, 0, 2, 0, 0, 0, b'n', 0, 0, 0, 2, 0, 0, 0]);
        list.extend([1, 0, 0, 0, b'a', 0, 0, 0, 2, 0, 0, 0, b'b', 0, 0, 0]);
        list.extend([0x1F, 0, 3, 0, 1, 0, 0, 0, 4, 0, 0, 0, b'c', 0, 0, 0]);
        list.extend([0x02, 1, 4, 0, 1, 0, 0, 0, 3, 0, 0, 0, b'd', b'e', b'f']);
        let read: Vec<_> = Properties::new(&list).collect();
        let expected = [
            (1, Value::Integer(9)),
            (2, Value::Other),
            (0x8000, Value::Integer(7)),
            (0x8001, Value::Text(b"b\0")),
            (3, Value::Unicode(b"c\0\0\0")),
            (4, Value::Octets(b"def")),
        ];
        assert_eq!(read, expected);
        for end in 0..list.len() {
            assert!(Properties::new(&list[..end]).count() <= 6);
        }
        assert_eq!(Value::Unicode(b"c\0\0\0").text("utf-8").unwrap(), "c");
    }
}
