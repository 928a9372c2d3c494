//! Mail like that of people and newsletters, the same at every run.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The number of words of an invented language: some are common, most are rare.
const VOCABULARY: usize = 20_000;

/// The script of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    Latin,
    Han,
    Thai,
}

impl Script {
    /// Returns the text between two words.
    fn space(self) -> &'static str {
        match self {
            Self::Latin => " ",
            Self::Han | Self::Thai => "",
        }
    }

    /// Returns a common word and a rare one.
    pub(crate) fn examples(self) -> [&'static str; 2] {
        match self {
            Self::Latin => ["meeting", "budget"],
            Self::Han => ["会议", "预算"],
            Self::Thai => ["ประชุม", "งบประมาณ"],
        }
    }

    /// Builds a pronounceable word of three to ten letters, or of one to three signs.
    fn word(self, random: &mut Random) -> String {
        let sign = |random: &mut Random| {
            let place = random.below(60) * random.below(60);
            char::from_u32(0x4E00 + u32::try_from(place).unwrap_or_default())
        };
        match self {
            Self::Latin => (0..3 + random.below(8))
                .map(|_| char::from(b"etaoinshrdlucmwfgypbvk"[random.below(22)]))
                .collect(),
            Self::Han => (0..=random.below(3)).filter_map(|_| sign(random)).collect(),
            Self::Thai => (0..2 + random.below(3))
                .map(|_| {
                    let consonants: Vec<char> = "กขคงจชดตทนบปพมยรลวสหอ".chars().collect();
                    let vowels = ["า", "ิ", "ี", "ุ", "ั", "", "้", "่า"];
                    let consonant = consonants[random.below(consonants.len())];
                    format!("{consonant}{}", vowels[random.below(vowels.len())])
                })
                .collect(),
        }
    }
}

/// An endless series of messages.
#[derive(Debug)]
pub(crate) struct Corpus {
    script: Script,
    words: Vec<String>,
    random: Random,
    bytes: Option<usize>,
    number: usize,
}

impl Corpus {
    /// Builds messages of about `bytes` bytes, or else of 2 KB to 200 KB, with one in 333 of 5 MB.
    pub(crate) fn new(bytes: Option<usize>, script: Script) -> Self {
        let mut random = Random(7);
        let mut words: Vec<String> = (0..VOCABULARY).map(|_| script.word(&mut random)).collect();
        [words[40], words[400]] = script.examples().map(str::to_owned);
        Self {
            script,
            words,
            random,
            bytes,
            number: 0,
        }
    }

    /// Builds lines of words, of at least `bytes` bytes.
    fn text(&mut self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 100);
        let mut line = 0;
        while text.len() < bytes {
            // The product of two numbers below 1 is mostly small, so some words are common.
            let place = self.random.below(VOCABULARY) * self.random.below(VOCABULARY) / VOCABULARY;
            let place = place * self.random.below(VOCABULARY) / VOCABULARY;
            let word = &self.words[place];
            text.push_str(word);
            line += word.len() + 1;
            if line > 70 {
                text.push_str("\r\n");
                line = 0;
            } else {
                text.push_str(self.script.space());
            }
        }
        text.push_str("\r\n");
        text
    }

    /// Builds markup like that of newsletters: tables, styles and links around few words.
    fn html(&mut self, bytes: usize) -> String {
        let mut html = "<html><head><style>td{font:14px Arial;color:#333}</style></head>\
                        <body><table width=\"600\">\r\n"
            .to_owned();
        while html.len() < bytes {
            let words = self.text(150);
            html.push_str(
                "<tr><td align=\"left\" valign=\"top\" style=\"padding:0 18px 9px;line-height:150%;\
                 font-family:Helvetica,Arial,sans-serif\">\r\n<a href=\"https://news.example.org/\
                 track/click?u=0123456789abcdef&amp;id=99\" target=\"_blank\">",
            );
            html.push_str(&words);
            html.push_str("</a></td></tr>\r\n");
        }
        html.push_str("</table></body></html>\r\n");
        html
    }

    fn attachment(&mut self, bytes: usize) -> String {
        let raw: Vec<u8> = (0..bytes / 78 * 57).map(|_| self.random.byte()).collect();
        let mut encoded = String::with_capacity(bytes + 100);
        for line in raw.chunks(57) {
            STANDARD.encode_string(line, &mut encoded);
            encoded.push_str("\r\n");
        }
        encoded
    }

    fn size(&mut self) -> usize {
        match self.bytes {
            Some(bytes) => bytes / 2 + self.random.below(bytes),
            None if self.number.is_multiple_of(333) => 5_000_000,
            None => {
                let (least, most) =
                    [(2_000, 8_000), (8_000, 40_000), (40_000, 200_000)][self.random.below(3)];
                least + self.random.below(most - least)
            }
        }
    }
}

impl Iterator for Corpus {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        self.number += 1;
        let size = self.size();
        let number = self.number;
        let sender = number % 300;
        let (hour, minute) = (number / 60 % 24, number % 60);
        let (day, year) = (number / 1_440 % 28 + 1, 2000 + number / 40_320);
        let date = format!("{day} Jan {year} {hour:02}:{minute:02}:00 +0000");
        let subject = self.text(40).trim_end().replace("\r\n", " ");
        let mut message = format!(
            "Return-Path: <s{number}@example.org>\r\nReceived: from mx.example.org (mx.example.org \
             [192.0.2.7])\r\n\tby mail.example.net with ESMTPS id {number:08x};\r\n\t{date}\r\n\
             From: Sender {sender} <s{sender}@example.org>\r\nTo: me@example.net\r\n\
             Subject: {subject}\r\nDate: {date}\r\nMessage-ID: <{number:016x}@example.org>\r\n\
             MIME-Version: 1.0\r\n"
        );
        let room = size.saturating_sub(message.len());
        match self.random.below(10) {
            _ if room > 1_000_000 => self.mixed(&mut message, room),
            0..4 => {
                message.push_str("Content-Type: text/plain; charset=utf-8\r\n\r\n");
                message.push_str(&self.text(room));
            }
            4..7 => {
                let text = self.text(room / 10);
                let html = self.html(room - room / 10);
                message.push_str(&format!(
                    "Content-Type: multipart/alternative; boundary=\"=_b\"\r\n\r\n--=_b\r\n\
                     Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n--=_b\r\n\
                     Content-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--=_b--\r\n"
                ));
            }
            _ => self.mixed(&mut message, room),
        }
        Some(message.into_bytes())
    }
}

impl Corpus {
    /// Builds a message with a short text and a large attachment.
    fn mixed(&mut self, message: &mut String, room: usize) {
        let text = self.text(room.min(1_000));
        let file = self.attachment(room);
        message.push_str(&format!(
            "Content-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\n--=_b\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n--=_b\r\n\
             Content-Type: application/pdf; name=\"report.pdf\"\r\n\
             Content-Disposition: attachment; filename=\"report.pdf\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{file}\r\n--=_b--\r\n"
        ));
    }
}

/// A pseudo-random number generator (xorshift).
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[3]
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or_default() % end
    }
}
