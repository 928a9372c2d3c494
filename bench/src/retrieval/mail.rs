//! The maildrop to retrieve: the same bytes at every run, with the properties of mail that matter here.
//!
//! Sizes are spread evenly over their logarithm, as those of mail are. The frequencies of words fall as
//! in a language, so that a text index has a realistic amount of work. Everything beyond a few kilobytes
//! is an attachment in Base64.

use std::fmt::Write as _;

/// The contents of a maildrop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The number of messages.
    pub(crate) messages: u32,
    /// One message out of this number is [`LARGE`].
    pub(crate) large_every: u32,
}

impl Plan {
    /// 2,000 messages, some 115 MB.
    pub(crate) const WHOLE: Self = Self {
        messages: 2000,
        large_every: 333,
    };

    /// A tenth of that.
    pub(crate) const QUICK: Self = Self {
        messages: 200,
        large_every: 150,
    };
}

/// The sizes of ordinary messages, in bytes.
const SMALLEST: f64 = 2_000.0;
const LARGEST: f64 = 200_000.0;

/// The size of the others, in bytes.
const LARGE: f64 = 5_000_000.0;

/// The most bytes of text in a message.
const TEXT: f64 = 6_000.0;

/// The number of words of the language.
const WORDS: u32 = 12_000;

/// A word in the last message only: a search that finds it proves that all messages are indexed.
pub(crate) const LAST_WORD: &str = "zzyzxroad";

/// Makes the message with this number, 1 being the first, with `\n` line ends.
pub(crate) fn message(plan: Plan, number: u32) -> Vec<u8> {
    let mut dice = Dice::new(number);
    let size = if number.is_multiple_of(plan.large_every) {
        LARGE
    } else {
        SMALLEST * (LARGEST / SMALLEST).powf(dice.fraction())
    };
    let text_size = size.min(TEXT) * (0.2 + 0.8 * dice.fraction());
    let mut mail = head(&mut dice, number);
    let boundary = format!("=_part_{number:08x}");
    let has_attachment = size > TEXT;
    if has_attachment {
        let _ = write!(
            mail,
            "Content-Type: multipart/mixed; boundary=\"{boundary}\"\n\n--{boundary}\n"
        );
    }
    mail.push_str("Content-Type: text/plain; charset=utf-8\n\n");
    let end = mail.len() as f64 + if has_attachment { text_size } else { size };
    let mut word = match number == plan.messages {
        true => LAST_WORD.to_owned(),
        false => dice.word(),
    };
    while (mail.len() as f64) < end {
        paragraph(&mut mail, &mut dice, word);
        word = dice.word();
    }
    if has_attachment {
        let _ = write!(
            mail,
            "--{boundary}\nContent-Type: application/octet-stream; name=\"{word}.bin\"\n\
             Content-Disposition: attachment; filename=\"{word}.bin\"\n\
             Content-Transfer-Encoding: base64\n\n"
        );
        while (mail.len() as f64) < size {
            dice.base64_line(&mut mail);
        }
        let _ = writeln!(mail, "\n--{boundary}--");
    }
    mail.into_bytes()
}

fn head(dice: &mut Dice, number: u32) -> String {
    let (first, second, third) = (dice.word(), dice.word(), dice.word());
    let (day, hour, minute) = (1 + number / 80 % 28, number / 60 % 24, number % 60);
    let date = format!("{day} Oct 2026 {hour:02}:{minute:02}:00 +0000");
    format!(
        "Return-Path: <{first}@{second}.example>\n\
         Received: from mx.{second}.example (mx.{second}.example [192.0.2.7])\n\
         \tby mail.example.org with ESMTPS id {number:010x}; {date}\n\
         From: {first} {third} <{first}@{second}.example>\n\
         To: reader@example.org\n\
         Subject: {third} {second} {number}\n\
         Date: {date}\n\
         Message-ID: <{number}.{first}@{second}.example>\n\
         MIME-Version: 1.0\n"
    )
}

/// Adds some lines of prose. Now and then, one begins with a dot, which needs byte-stuffing.
fn paragraph(mail: &mut String, dice: &mut Dice, first: String) {
    let mut word = first;
    for _ in 0..2 + dice.below(5) {
        if dice.below(100) == 0 {
            mail.push('.');
        }
        let end = mail.len() + 62;
        while mail.len() < end {
            mail.push_str(&word);
            mail.push(' ');
            word = dice.word();
        }
        mail.push('\n');
    }
    mail.push('\n');
}

/// SplitMix64: small, fast, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn new(seed: u32) -> Self {
        Self(u64::from(seed) << 32)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// Returns a number from 0 up to 1.
    fn fraction(&mut self) -> f64 {
        f64::from((self.next() >> 32) as u32) / (f64::from(u32::MAX) + 1.0)
    }

    fn below(&mut self, limit: u32) -> u32 {
        ((u64::from((self.next() >> 32) as u32) * u64::from(limit)) >> 32) as u32
    }

    /// Returns a word. The first words of the language are much more frequent than the last.
    fn word(&mut self) -> String {
        const SYLLABLES: [&str; 24] = [
            "ba", "cer", "du", "fin", "gol", "ha", "jin", "ka", "lem", "mo", "nar", "os", "pe",
            "qui", "ras", "so", "tur", "ul", "ver", "wan", "xi", "yor", "zel", "an",
        ];
        let mut rank = WORDS;
        for _ in 0..3 {
            rank = self.below(rank) + 1;
        }
        let mut rank = rank as usize;
        let mut word = String::new();
        loop {
            word.push_str(SYLLABLES.get(rank % SYLLABLES.len()).unwrap_or(&""));
            rank /= SYLLABLES.len();
            if rank == 0 {
                return word;
            }
        }
    }

    fn base64_line(&mut self, mail: &mut String) {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for _ in 0..9 {
            for byte in self.next().to_le_bytes() {
                let digit = DIGITS.get(usize::from(byte % 64)).copied();
                mail.push(char::from(digit.unwrap_or(b'A')));
            }
        }
        mail.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_maildrop_is_as_large_as_it_says_and_the_same_every_time() {
        let sizes: Vec<usize> = (1..=Plan::WHOLE.messages)
            .map(|number| message(Plan::WHOLE, number).len())
            .collect();
        let total: usize = sizes.iter().sum();
        assert!((110_000_000..120_000_000).contains(&total), "{total}");
        assert_eq!(sizes.iter().filter(|size| **size > 4_000_000).count(), 6);
        let ordinary = sizes.iter().filter(|size| **size < 4_000_000);
        let (least, most) = (ordinary.clone().min(), ordinary.max());
        assert!(
            least.is_some_and(|size| (1_900..2_600).contains(size)),
            "{least:?}"
        );
        assert!(
            most.is_some_and(|size| (190_000..210_000).contains(size)),
            "{most:?}"
        );
        assert_eq!(message(Plan::WHOLE, 7), message(Plan::WHOLE, 7));
        assert_ne!(message(Plan::WHOLE, 7), message(Plan::WHOLE, 8));
    }

    #[test]
    fn a_message_is_mail_with_short_lines_and_balanced_parts() {
        for number in 1..=200 {
            let bytes = message(Plan::QUICK, number);
            let text = String::from_utf8(bytes).unwrap();
            let (head, body) = text.split_once("\n\n").unwrap();
            assert!(head.contains("\nMessage-ID: <"), "{head}");
            assert!(body.lines().all(|line| line.len() < 100));
            let parts = body.matches("--=_part_").count();
            assert_eq!(
                parts,
                if head.contains("multipart/mixed") {
                    3
                } else {
                    0
                }
            );
        }
    }

    #[test]
    fn only_the_last_message_has_the_last_word() {
        let has_it = |number: &u32| {
            let bytes = message(Plan::QUICK, *number);
            String::from_utf8(bytes).unwrap().contains(LAST_WORD)
        };
        let numbers: Vec<u32> = (1..=200).filter(has_it).collect();
        assert_eq!(numbers, [200]);
    }

    #[test]
    fn lines_begin_with_dots_here_and_there() {
        let stuffed = (1..=200)
            .map(|number| String::from_utf8(message(Plan::QUICK, number)).unwrap())
            .filter(|text| text.contains("\n."))
            .count();
        assert!((20..180).contains(&stuffed), "{stuffed}");
    }
}
