//! The content of a CMS message, which opaque-signed S/MIME has instead of a text ([RFC 5652],
//! [RFC 8551 §3.5.2]). The signature is not checked.

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
const OCTET_STRING: u8 = 0x04;
const CONSTRUCTED_OCTET_STRING: u8 = 0x24;
const EXPLICIT_0: u8 = 0xA0;

const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2];
const ENVELOPED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 3];
const AUTH_ENVELOPED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 1, 23];

/// The content of a CMS message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) enum Cms {
    /// Signed, in the clear: a MIME entity.
    Signed(Vec<u8>),
    /// Encrypted.
    Encrypted,
}

/// Reads a CMS message, in DER or BER, also if its end is missing. `None` if it has another
/// content, or is none.
pub(in crate::engine) fn cms(octets: &[u8]) -> Option<Cms> {
    let mut info = Ber(octets).enter(SEQUENCE)?;
    let kind = info.enter(OBJECT_IDENTIFIER)?.0;
    if kind == ENVELOPED_DATA || kind == AUTH_ENVELOPED_DATA {
        return Some(Cms::Encrypted);
    }
    if kind != SIGNED_DATA {
        return None;
    }
    let mut signed = info.enter(EXPLICIT_0)?.enter(SEQUENCE)?;
    let _version = signed.next()?;
    let _digest_algorithms = signed.next()?;
    let mut encapsulated = signed.enter(SEQUENCE)?;
    let _kind = encapsulated.enter(OBJECT_IDENTIFIER)?;
    let content = encapsulated.enter(EXPLICIT_0)?.next()?;
    match content.tag {
        OCTET_STRING => Some(Cms::Signed(content.octets.to_vec())),
        CONSTRUCTED_OCTET_STRING => {
            let mut pieces = Ber(content.octets);
            let mut joined = Vec::new();
            while let Some(piece) = pieces.next().filter(|piece| piece.tag == OCTET_STRING) {
                joined.extend(piece.octets);
            }
            Some(Cms::Signed(joined))
        }
        _ => None,
    }
}

/// The elements that are not read yet.
struct Ber<'a>(&'a [u8]);

/// An element of BER ([X.690 §8.1]).
struct Element<'a> {
    tag: u8,
    octets: &'a [u8],
}

impl<'a> Ber<'a> {
    /// Reads the header of an element. Returns its tag, and its length if that is definite.
    fn header(&mut self) -> Option<(u8, Option<usize>)> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let length = match first {
            0x80 => None,
            0..0x80 => Some(usize::from(first)),
            _ => {
                let (digits, behind) = rest.split_at_checked(usize::from(first & 0x7F))?;
                rest = behind;
                let shifted = |length: usize, digit: &u8| {
                    length.checked_mul(256)?.checked_add(usize::from(*digit))
                };
                Some(digits.iter().try_fold(0, shifted)?)
            }
        };
        self.0 = rest;
        Some((tag, length))
    }

    fn skip(&mut self, length: usize) -> &'a [u8] {
        let (octets, rest) = self.0.split_at_checked(length).unwrap_or((self.0, &[]));
        self.0 = rest;
        octets
    }

    /// Reads the next element. One of indefinite length ends before the bytes that mark its end.
    fn next(&mut self) -> Option<Element<'a>> {
        let (tag, length) = self.header()?;
        if let Some(length) = length {
            let octets = self.skip(length);
            return Some(Element { tag, octets });
        }
        let start = self.0;
        let mut depth = 1_u32;
        let mut end = start.len();
        while depth > 0 {
            end = start.len() - self.0.len();
            match self.header() {
                None => break,
                Some((0, Some(0))) => depth -= 1,
                Some((_, None)) => depth += 1,
                Some((_, Some(length))) => {
                    self.skip(length);
                }
            }
        }
        let octets = start.get(..end).unwrap_or(start);
        Some(Element { tag, octets })
    }

    /// Reads the next element, which must have this tag, and returns its contents.
    fn enter(&mut self, tag: u8) -> Option<Self> {
        let element = self.next()?;
        (element.tag == tag).then_some(Self(element.octets))
    }
}

#[cfg(test)]
pub(in crate::engine) mod tests {
    use super::*;

    fn element(tag: u8, content: &[u8], definite: bool) -> Vec<u8> {
        let mut element = vec![tag];
        if definite {
            element.push(0x84);
            element.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        } else {
            element.push(0x80);
        }
        element.extend(content);
        if !definite {
            element.extend([0, 0]);
        }
        element
    }

    /// Returns a CMS message of a kind.
    fn message(kind: &[u8], content: &[u8], definite: bool) -> Vec<u8> {
        let string = if definite {
            element(OCTET_STRING, content, true)
        } else {
            let (first, second) = content.split_at(content.len() / 2);
            let pieces = [first, second].map(|piece| element(OCTET_STRING, piece, true));
            element(CONSTRUCTED_OCTET_STRING, &pieces.concat(), false)
        };
        let data = element(OBJECT_IDENTIFIER, &[0x2A, 3], true);
        let encapsulated = [data, element(EXPLICIT_0, &string, definite)].concat();
        let signed = [
            element(2, &[1], true),
            element(0x31, &element(SEQUENCE, &[], definite), definite),
            element(SEQUENCE, &encapsulated, definite),
            element(0x31, b"signers", true),
        ];
        let signed = element(SEQUENCE, &signed.concat(), definite);
        let kind = element(OBJECT_IDENTIFIER, kind, true);
        let info = [kind, element(EXPLICIT_0, &signed, definite)].concat();
        element(SEQUENCE, &info, definite)
    }

    /// Returns a signed CMS message.
    pub(in crate::engine) fn signed(content: &[u8]) -> Vec<u8> {
        message(SIGNED_DATA, content, true)
    }

    #[test]
    fn signed_content_is_read_from_der_and_ber() {
        for definite in [true, false] {
            let message = message(SIGNED_DATA, b"Subject: x\n\nwords", definite);
            let expected = Cms::Signed(b"Subject: x\n\nwords".to_vec());
            assert_eq!(cms(&message), Some(expected));
        }
    }

    #[test]
    fn encrypted_content_is_recognised() {
        for kind in [ENVELOPED_DATA, AUTH_ENVELOPED_DATA] {
            assert_eq!(cms(&message(kind, b"x", true)), Some(Cms::Encrypted));
        }
        assert_eq!(cms(&message(&[0x2A, 1], b"x", true)), None);
        assert_eq!(cms(b"no BER at all"), None);
    }

    #[test]
    fn every_truncated_message_is_read_without_harm() {
        for definite in [true, false] {
            let message = message(SIGNED_DATA, b"words", definite);
            for end in 0..message.len() {
                if let Some(Cms::Signed(content)) = cms(&message[..end]) {
                    assert!(b"words".starts_with(&content));
                }
            }
        }
        assert_eq!(cms(&[0x30, 0x80].repeat(100_000)), None);
        assert_eq!(cms(&[0x30, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1]), None);
    }
}
