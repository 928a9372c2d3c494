//! Media types that the first bytes of a file show, whatever its sender calls it.
//!
//! A file is displayed only as one of these types. None of them can run a script in the origin of
//! the page: HTML, SVG and XML are not among them.

/// The longest part of a `ftyp` box that is searched for a brand, in bytes.
const LONGEST_BRANDS: usize = 256;

/// Returns the media type of a picture that is safe in an `<img>`: PNG, JPEG, GIF, WebP or AVIF.
#[must_use]
pub fn picture_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("image/webp"),
        [a, b, c, d, b'f', b't', b'y', b'p', rest @ ..] => {
            let size = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            let end = size.saturating_sub(8).min(LONGEST_BRANDS).min(rest.len());
            let brands = rest.get(..end).unwrap_or_default();
            let is_avif = brands
                .chunks(4)
                .any(|brand| matches!(brand, b"avif" | b"avis"));
            is_avif.then_some("image/avif")
        }
        _ => None,
    }
}

/// Returns the media type of a file that is safe in a tab of its own without an opener: a picture
/// or a PDF.
#[must_use]
pub fn document_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("application/pdf"),
        _ => picture_type(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTS: [(&[u8], &str); 8] = [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"GIF87a\x01\0", "image/gif"),
        (b"GIF89a\x01\0", "image/gif"),
        (b"RIFF\x1a\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "image/avif"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "image/avif"),
        (b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
    ];

    #[test]
    fn each_type_is_recognised_by_its_signature_and_not_by_less() {
        for (bytes, expected) in DOCUMENTS {
            assert_eq!(document_type(bytes), Some(expected));
            let picture = expected.starts_with("image/").then_some(expected);
            assert_eq!(picture_type(bytes), picture);
            for cut in 0..3 {
                assert_eq!(document_type(&bytes[..cut]), None);
            }
            // A signature counts only at the first byte.
            assert_eq!(document_type(&[b" ", bytes].concat()), None);
        }
    }

    #[test]
    fn documents_that_can_run_scripts_have_no_type() {
        let table: [&[u8]; 8] = [
            b"<html><script>alert(1)</script>",
            b"<!DOCTYPE html>",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            b"<?xml version='1.0'?><x/>",
            b"\xef\xbb\xbf<html>",
            b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
            // The brand lies after the end of its box.
            b"\0\0\0\x10ftypmif1\0\0\0\0avif",
            b"",
        ];
        for bytes in table {
            assert_eq!(document_type(bytes), None, "{bytes:?}");
        }
    }
}
