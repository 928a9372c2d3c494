//! Detection of the charset of text that nothing declares.
//!
//! `chardetng` would need `encoding_rs`, whose tables are as large as half of the client. This
//! detector looks at the structure of the bytes and at the frequency of letters, and decides
//! between the charsets of which much undeclared mail exists.

use super::labels::MailCharset;

/// The number of bytes that are looked at.
const SAMPLE: usize = 8 * 1024;

/// Returns the most likely charset of text that is not UTF-8.
pub(super) fn detect(octets: &[u8]) -> MailCharset {
    let octets = octets.get(..SAMPLE).unwrap_or(octets);
    let pairs = Pairs::count(octets);
    pairs
        .verdict()
        .or_else(|| by_letters(octets))
        .unwrap_or(MailCharset::SingleByte("windows-1252"))
}

/// Counts of the characters of two bytes.
#[derive(Debug, Default)]
struct Pairs {
    /// Pairs of two bytes from 0xA1, the form of EUC, and bytes that break this form.
    euc: usize,
    euc_errors: usize,
    /// Of these: rows of kana in EUC-JP, rows of Hangul, rows of frequent Chinese characters.
    kana: usize,
    hangul: usize,
    chinese: usize,
    /// Pairs of Shift_JIS, hiragana and katakana among them, and bytes that break this form.
    shift_jis: usize,
    shift_jis_kana: usize,
    shift_jis_errors: usize,
    /// Pairs of Big5 in its rows of frequent characters, all pairs, and bytes that break this form.
    big5_frequent: usize,
    big5: usize,
    big5_errors: usize,
}

impl Pairs {
    fn count(octets: &[u8]) -> Self {
        let mut counts = Self::default();
        counts.count_euc(octets);
        counts.count_shift_jis(octets);
        counts.count_big5(octets);
        counts
    }

    fn count_euc(&mut self, octets: &[u8]) {
        each_pair(octets, |lead, trail| match (lead, trail) {
            (0xA1..=0xFE, Some(0xA1..=0xFE)) => {
                self.euc += 1;
                self.kana += usize::from(matches!(lead, 0xA4 | 0xA5));
                self.hangul += usize::from(matches!(lead, 0xB0..=0xC8));
                self.chinese += usize::from(matches!(lead, 0xB0..=0xD7));
                true
            }
            _ => {
                self.euc_errors += 1;
                false
            }
        });
    }

    fn count_shift_jis(&mut self, octets: &[u8]) {
        each_pair(octets, |lead, trail| match (lead, trail) {
            // Half-width katakana.
            (0xA1..=0xDF, _) => false,
            (0x81..=0x9F | 0xE0..=0xFC, Some(0x40..=0x7E | 0x80..=0xFC)) => {
                self.shift_jis += 1;
                self.shift_jis_kana += usize::from(matches!(lead, 0x82 | 0x83));
                true
            }
            _ => {
                self.shift_jis_errors += 1;
                false
            }
        });
    }

    fn count_big5(&mut self, octets: &[u8]) {
        each_pair(octets, |lead, trail| match (lead, trail) {
            (0xA1..=0xF9, Some(0x40..=0x7E | 0xA1..=0xFE)) => {
                self.big5 += 1;
                self.big5_frequent += usize::from(matches!(lead, 0xA4..=0xC6));
                true
            }
            _ => {
                self.big5_errors += 1;
                false
            }
        });
    }

    fn verdict(&self) -> Option<MailCharset> {
        // Fewer characters may be a coincidence.
        const ENOUGH: usize = 3;
        let most = |part: usize, all: usize| part * 10 >= all * 8;
        let some = |part: usize, all: usize| part * 10 >= all * 2;
        let few = |part: usize, all: usize| part * 20 < all.max(1);
        if self.euc >= ENOUGH && few(self.euc_errors, self.euc) {
            if some(self.kana, self.euc) {
                return Some(MailCharset::MultiByte("euc-jp"));
            }
            if most(self.hangul, self.euc) && few(self.chinese - self.hangul, self.euc) {
                return Some(MailCharset::MultiByte("euc-kr"));
            }
            // Words of Cyrillic or Greek are bytes from 0xC0, which are rare in Chinese.
            if most(self.chinese, self.euc) {
                return Some(MailCharset::MultiByte("gb18030"));
            }
        }
        if self.shift_jis >= ENOUGH
            && few(self.shift_jis_errors, self.shift_jis)
            && some(self.shift_jis_kana, self.shift_jis)
        {
            return Some(MailCharset::MultiByte("shift_jis"));
        }
        let is_big5 = self.big5 >= ENOUGH && few(self.big5_errors, self.big5);
        (is_big5 && most(self.big5_frequent, self.big5)).then_some(MailCharset::MultiByte("big5"))
    }
}

/// Calls `visit` with each high byte and the byte after it. If it returns true, both belong to one
/// character.
fn each_pair(octets: &[u8], mut visit: impl FnMut(u8, Option<u8>) -> bool) {
    let mut rest = octets;
    while let Some((&octet, behind)) = rest.split_first() {
        rest = behind;
        if octet.is_ascii() {
            continue;
        }
        // A character that is cut off at the end is no error.
        let Some((&trail, beyond)) = behind.split_first() else {
            return;
        };
        if visit(octet, Some(trail)) {
            rest = beyond;
        }
    }
}

/// Returns a charset of an alphabet other than Latin: its words consist of high bytes.
fn by_letters(octets: &[u8]) -> Option<MailCharset> {
    let is_high = |octet: &u8| *octet >= 0xA0;
    let high = octets.iter().filter(|octet| is_high(octet)).count();
    let together: usize = octets
        .chunk_by(|a, b| is_high(a) == is_high(b))
        .filter(|run| run.len() >= 3 && run.first().is_some_and(is_high))
        .map(<[u8]>::len)
        .sum();
    // Words of Western languages have single high bytes.
    if high < 4 || together * 10 < high * 6 {
        return None;
    }
    // The most frequent letters of each language, and their share of its text.
    let candidates: [(&'static str, &[u8]); 5] = [
        ("windows-1251", b"\xEE\xE5\xE0\xE8\xED\xF2\xF1\xF0\xE2\xEB"),
        ("koi8-r", b"\xCF\xC5\xC1\xC9\xCE\xD4\xD3\xD2\xD7\xCC"),
        ("windows-1253", b"\xE1\xEF\xE9\xE5\xF4\xF3\xED\xE7\xF5\xF1"),
        ("windows-1255", b"\xE9\xE5\xE4\xEC\xE0\xF8\xFA\xE1\xEE\xF9"),
        ("windows-1256", b"\xC7\xE1\xED\xE3\xE6\xE4\xC8\xCA\xD1\xE5"),
    ];
    let score = |letters: &[u8]| {
        octets
            .iter()
            .filter(|octet| letters.contains(octet))
            .count()
    };
    let best = candidates
        .into_iter()
        .max_by_key(|(_, letters)| score(letters));
    let (label, letters) = best?;
    (score(letters) * 10 >= high * 4).then_some(MailCharset::SingleByte(label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_enough_to_detect_its_charset() {
        let table: [(&str, &[u8]); 12] = [
            // Завтра в школе собрание родителей
            ("windows-1251", b"\xC7\xE0\xE2\xF2\xF0\xE0 \xE2 \xF8\xEA\xEE\xEB\xE5 \xF1\xEE\xE1\xF0\xE0\xED\xE8\xE5 \xF0\xEE\xE4\xE8\xF2\xE5\xEB\xE5\xE9"),
            // Завтра в школе собрание родителей
            ("koi8-r", b"\xFA\xC1\xD7\xD4\xD2\xC1 \xD7 \xDB\xCB\xCF\xCC\xC5 \xD3\xCF\xC2\xD2\xC1\xCE\xC9\xC5 \xD2\xCF\xC4\xC9\xD4\xC5\xCC\xC5\xCA"),
            // Η συνάντηση μεταφέρθηκε για αύριο
            ("windows-1253", b"\xC7 \xF3\xF5\xED\xDC\xED\xF4\xE7\xF3\xE7 \xEC\xE5\xF4\xE1\xF6\xDD\xF1\xE8\xE7\xEA\xE5 \xE3\xE9\xE1 \xE1\xFD\xF1\xE9\xEF"),
            // הפגישה נדחתה ליום חמישי בבוקר
            ("windows-1255", b"\xE4\xF4\xE2\xE9\xF9\xE4 \xF0\xE3\xE7\xFA\xE4 \xEC\xE9\xE5\xED \xE7\xEE\xE9\xF9\xE9 \xE1\xE1\xE5\xF7\xF8"),
            // تم تأجيل الاجتماع إلى يوم الخميس
            ("windows-1256", b"\xCA\xE3 \xCA\xC3\xCC\xED\xE1 \xC7\xE1\xC7\xCC\xCA\xE3\xC7\xDA \xC5\xE1\xEC \xED\xE6\xE3 \xC7\xE1\xCE\xE3\xED\xD3"),
            // 会议改在星期五上午举行，请大家准时参加
            ("gb18030", b"\xBB\xE1\xD2\xE9\xB8\xC4\xD4\xDA\xD0\xC7\xC6\xDA\xCE\xE5\xC9\xCF\xCE\xE7\xBE\xD9\xD0\xD0\xA3\xAC\xC7\xEB\xB4\xF3\xBC\xD2\xD7\xBC\xCA\xB1\xB2\xCE\xBC\xD3"),
            // 會議改在星期五上午舉行，請大家準時參加
            ("big5", b"\xB7|\xC4\xB3\xA7\xEF\xA6b\xACP\xB4\xC1\xA4\xAD\xA4W\xA4\xC8\xC1|\xA6\xE6\xA1A\xBD\xD0\xA4j\xAEa\xB7\xC7\xAE\xC9\xB0\xD1\xA5["),
            // 모임이 금요일 아침으로 바뀌었습니다
            ("euc-kr", b"\xB8\xF0\xC0\xD3\xC0\xCC \xB1\xDD\xBF\xE4\xC0\xCF \xBE\xC6\xC4\xA7\xC0\xB8\xB7\xCE \xB9\xD9\xB2\xEE\xBE\xFA\xBD\xC0\xB4\xCF\xB4\xD9"),
            // 集まりは金曜日の朝に変わりました
            ("euc-jp", b"\xBD\xB8\xA4\xDE\xA4\xEA\xA4\xCF\xB6\xE2\xCD\xCB\xC6\xFC\xA4\xCE\xC4\xAB\xA4\xCB\xCA\xD1\xA4\xEF\xA4\xEA\xA4\xDE\xA4\xB7\xA4\xBF"),
            // 集まりは金曜日の朝に変わりました
            ("shift_jis", b"\x8FW\x82\xDC\x82\xE8\x82\xCD\x8B\xE0\x97j\x93\xFA\x82\xCC\x92\xA9\x82\xC9\x95\xCF\x82\xED\x82\xE8\x82\xDC\x82\xB5\x82\xBD"),
            // Das Treffen fällt leider aus – bis nächste Woche, schöne Grüße
            ("windows-1252", b"Das Treffen f\xE4llt leider aus \x96 bis n\xE4chste Woche, sch\xF6ne Gr\xFC\xDFe"),
            // Réunion décalée à jeudi, à bientôt
            ("windows-1252", b"R\xE9union d\xE9cal\xE9e \xE0 jeudi, \xE0 bient\xF4t"),
        ];
        for (label, octets) in table {
            let found = match detect(octets) {
                MailCharset::SingleByte(found) | MailCharset::MultiByte(found) => found,
                _ => "another",
            };
            assert_eq!(found, label);
        }
    }
}
