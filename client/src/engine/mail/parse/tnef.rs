//! `winmail.dat`: the format in which Outlook wraps a text and its attachments ([MS-OXTNEF]).

use super::charset::decode;
use super::mapi::{Properties, Value};
use super::rtf;

const SIGNATURE: [u8; 4] = [0x78, 0x9F, 0x3E, 0x22];
/// The maximum number of files that are read.
const MOST_FILES: usize = 500;

const BODY: u16 = 0x800C;
const MESSAGE_PROPERTIES: u16 = 0x9003;
const CODE_PAGE: u16 = 0x9007;
const ATTACHMENT_START: u16 = 0x9002;
const ATTACHMENT_TITLE: u16 = 0x8010;
const ATTACHMENT_DATA: u16 = 0x800F;
const ATTACHMENT_PROPERTIES: u16 = 0x9005;

const PLAIN_TEXT: u16 = 0x1000;
const COMPRESSED_RTF: u16 = 0x1009;
const HTML: u16 = 0x1013;
const ATTACHED_DATA: u16 = 0x3701;
const DISPLAY_NAME: u16 = 0x3001;
const SHORT_NAME: u16 = 0x3704;
const LONG_NAME: u16 = 0x3707;
const MEDIA_TYPE: u16 = 0x370E;
const CONTENT_ID: u16 = 0x3712;
const INTERNET_CODE_PAGE: u16 = 0x3FDE;

/// The contents of a TNEF stream.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Tnef {
    pub(in crate::engine) plain: Option<String>,
    pub(in crate::engine) html: Option<String>,
    pub(in crate::engine) files: Vec<TnefFile>,
}

/// A file in a TNEF stream.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct TnefFile {
    pub(in crate::engine) name: String,
    pub(in crate::engine) media_type: String,
    pub(in crate::engine) content_id: String,
    pub(in crate::engine) octets: Vec<u8>,
    /// True if the file is the TNEF stream of an attached message.
    pub(in crate::engine) is_message: bool,
}

/// Reads a TNEF stream, also if its end is missing. `None` if it is none.
pub(in crate::engine) fn tnef(octets: &[u8]) -> Option<Tnef> {
    // The signature and a key that only the sender uses.
    let mut rest = octets.strip_prefix(&SIGNATURE)?.get(2..)?;
    let mut read = Tnef::default();
    let mut charset = "windows-1252".to_owned();
    while let Some((id, data, behind)) = attribute(rest) {
        rest = behind;
        let file = read.files.last_mut();
        match (id, file) {
            (CODE_PAGE, _) => {
                if let Some(page) = data.first_chunk() {
                    charset = charset_of(u32::from_le_bytes(*page));
                }
            }
            (BODY, _) => {
                let text = decode(&charset, data);
                read.plain
                    .get_or_insert(text.trim_end_matches('\0').to_owned());
            }
            (MESSAGE_PROPERTIES, _) => read.add_texts(data, &charset),
            (ATTACHMENT_START, _) => {
                if read.files.len() >= MOST_FILES {
                    break;
                }
                read.files.push(TnefFile::default());
            }
            (ATTACHMENT_TITLE, Some(file)) if file.name.is_empty() => {
                file.name = decode(&charset, data).trim_end_matches('\0').to_owned();
            }
            (ATTACHMENT_DATA, Some(file)) => file.octets = data.to_vec(),
            (ATTACHMENT_PROPERTIES, Some(file)) => file.add_properties(data, &charset),
            _ => {}
        }
    }
    read.files
        .retain(|file| !file.octets.is_empty() || !file.name.is_empty());
    Some(read)
}

/// Splits off an attribute ([MS-OXTNEF §2.1.3.3]): its id, its data, and what follows it.
fn attribute(octets: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (_level, rest) = octets.split_first()?;
    let (id, rest) = rest.split_first_chunk()?;
    let (_kind, rest) = rest.split_at_checked(2)?;
    let (length, rest) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (data, rest) = rest.split_at_checked(length).unwrap_or((rest, &[]));
    // A checksum follows.
    Some((
        u16::from_le_bytes(*id),
        data,
        rest.get(2..).unwrap_or_default(),
    ))
}

impl Tnef {
    fn add_texts(&mut self, data: &[u8], charset: &str) {
        let mut charset = charset.to_owned();
        let mut html = None;
        let mut compressed = None;
        for (id, value) in Properties::new(data) {
            match id {
                INTERNET_CODE_PAGE => {
                    if let Value::Integer(page) = value {
                        charset = charset_of(page);
                    }
                }
                PLAIN_TEXT => self.plain = value.text(&charset).or(self.plain.take()),
                HTML => html = Some(value),
                COMPRESSED_RTF => compressed = Some(value),
                _ => {}
            }
        }
        self.html = html.and_then(|html| html.text(&charset));
        let has_text =
            self.html.is_some() || self.plain.as_ref().is_some_and(|p| !p.trim().is_empty());
        if let (false, Some(Value::Octets(compressed))) = (has_text, compressed)
            && let Some(document) = rtf::decompressed(compressed)
        {
            let found = rtf::text(&document);
            if found.is_html {
                self.html = Some(found.text);
            } else {
                self.plain = Some(found.text);
            }
        }
    }
}

impl TnefFile {
    fn add_properties(&mut self, data: &[u8], charset: &str) {
        let mut names = [None, None, None];
        let [long, short, display] = &mut names;
        for (id, value) in Properties::new(data) {
            match (id, value) {
                (LONG_NAME, value) => *long = value.text(charset),
                (SHORT_NAME, value) => *short = value.text(charset),
                (DISPLAY_NAME, value) => *display = value.text(charset),
                (MEDIA_TYPE, value) => self.media_type = value.text(charset).unwrap_or_default(),
                (CONTENT_ID, value) => self.content_id = value.text(charset).unwrap_or_default(),
                (ATTACHED_DATA, Value::Octets(octets)) => self.octets = octets.to_vec(),
                // The id of an interface comes first.
                (ATTACHED_DATA, Value::Object(octets)) => {
                    let stream = octets.get(16..).unwrap_or_default();
                    self.is_message = stream.starts_with(&SIGNATURE);
                    self.octets = stream.to_vec();
                }
                _ => {}
            }
        }
        let found = names.into_iter().flatten().find(|name| !name.is_empty());
        if let Some(name) = found {
            self.name = name;
        }
    }
}

/// Returns the charset of a Windows code page.
fn charset_of(page: u32) -> String {
    match page {
        65001 => "utf-8".to_owned(),
        20127 => "us-ascii".to_owned(),
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        20866 => "koi8-r".to_owned(),
        21866 => "koi8-u".to_owned(),
        50220..=50222 => "iso-2022-jp".to_owned(),
        51932 => "euc-jp".to_owned(),
        54936 => "gb18030".to_owned(),
        28591..=28605 => format!("iso-8859-{}", page - 28590),
        _ => format!("windows-{page}"),
    }
}

#[cfg(test)]
pub(in crate::engine) mod tests {
    use super::*;

    fn attribute_of(id: u16, data: &[u8]) -> Vec<u8> {
        let mut attribute = vec![1];
        attribute.extend(id.to_le_bytes());
        attribute.extend([0, 0]);
        attribute.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        attribute.extend(data);
        attribute.extend([0, 0]);
        attribute
    }

    /// Returns a property with one value of variable length.
    fn property(kind: u16, id: u16, value: &[u8]) -> Vec<u8> {
        let mut property = [kind.to_le_bytes(), id.to_le_bytes()].concat();
        property.extend(1_u32.to_le_bytes());
        property.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
        property.extend(value);
        property.resize(property.len().next_multiple_of(4), 0);
        property
    }

    fn properties(all: &[Vec<u8>]) -> Vec<u8> {
        let count = u32::try_from(all.len()).unwrap().to_le_bytes();
        [count.to_vec(), all.concat()].concat()
    }

    fn stream(attributes: &[Vec<u8>]) -> Vec<u8> {
        [SIGNATURE.to_vec(), vec![7, 0], attributes.concat()].concat()
    }

    fn utf16(text: &str) -> Vec<u8> {
        let units = text.encode_utf16().chain([0]);
        units.flat_map(u16::to_le_bytes).collect()
    }

    /// Returns a stream with a text and a file.
    pub(in crate::engine) fn sample() -> Vec<u8> {
        let long_name = properties(&[
            property(0x1F, LONG_NAME, &utf16("Übersicht 2026.txt")),
            property(0x1E, MEDIA_TYPE, b"text/plain\0"),
            property(0x102, ATTACHED_DATA, b"rows"),
        ]);
        stream(&[
            attribute_of(CODE_PAGE, &1251_u32.to_le_bytes()),
            attribute_of(BODY, b"\xCF\xF0 words\0"),
            attribute_of(ATTACHMENT_START, &[0; 14]),
            attribute_of(ATTACHMENT_TITLE, b"UBERSI~1.TXT\0"),
            attribute_of(ATTACHMENT_PROPERTIES, &long_name),
        ])
    }

    #[test]
    fn text_and_files_are_read() {
        let read = tnef(&sample()).unwrap();
        assert_eq!(read.plain.unwrap(), "Пр words");
        let file = TnefFile {
            name: "Übersicht 2026.txt".to_owned(),
            media_type: "text/plain".to_owned(),
            octets: b"rows".to_vec(),
            ..TnefFile::default()
        };
        assert_eq!(read.files, [file]);
        assert_eq!(tnef(b"no TNEF"), None);
    }

    #[test]
    fn html_and_attached_messages_are_read() {
        let message = properties(&[
            property(0x102, HTML, "<p>grün".as_bytes()),
            [0x03, 0x00, 0xDE, 0x3F, 0xE9, 0xFD, 0, 0].to_vec(),
        ]);
        let inner = [vec![0; 16], sample()].concat();
        let attached = properties(&[
            property(0x0D, ATTACHED_DATA, &inner),
            property(0x1E, DISPLAY_NAME, b"Inner\0"),
        ]);
        let read = tnef(&stream(&[
            attribute_of(MESSAGE_PROPERTIES, &message),
            attribute_of(ATTACHMENT_START, &[]),
            attribute_of(ATTACHMENT_PROPERTIES, &attached),
            attribute_of(ATTACHMENT_START, &[]),
            attribute_of(ATTACHMENT_TITLE, b"a.bin\0"),
            attribute_of(ATTACHMENT_DATA, b"\x01\x02"),
        ]));
        let read = read.unwrap();
        assert_eq!(read.html.unwrap(), "<p>grün");
        assert!(read.files[0].is_message && read.files[0].name == "Inner");
        assert_eq!(read.files[0].octets, sample());
        assert_eq!(
            (read.files[1].name.as_str(), read.files[1].octets.as_slice()),
            ("a.bin", &[1, 2][..])
        );
    }

    #[test]
    fn every_truncated_stream_is_read_without_harm() {
        let sample = sample();
        for end in 6..sample.len() {
            assert!(tnef(&sample[..end]).unwrap().files.len() <= 1);
        }
        let huge = stream(&[vec![1, 0x0C, 0x80, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, b'x']]);
        assert_eq!(tnef(&huge).unwrap().plain.unwrap(), "x");
    }
}
