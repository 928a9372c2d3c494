//! Folding: the spellings that search does not distinguish become one.

use super::decompose::decomposed;
use super::letters::{composed, digit, hiragana, is_mark, is_symbol, is_unspaced, typed_as};

/// The largest number of bytes that are decomposed at a time. It bounds the memory for long texts.
const PIECE: usize = 64 * 1024;

/// Folds a text, both before it is indexed and before it is searched for.
///
/// The result consists of letters, digits and symbols, in lower case, without accents and in the
/// usual width and form. A space stands for everything between them. A line break within a script
/// that does not separate words is removed: the sender's program breaks lines there at any place.
pub(super) fn fold(text: &str) -> String {
    let mut folded = Folded {
        text: String::with_capacity(text.len() + 1),
        last: ' ',
        gap: Gap::None,
    };
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, behind) = split(rest);
        rest = behind;
        if piece.is_ascii() {
            piece.chars().for_each(|c| folded.plain(c));
        } else {
            decomposed(piece).chars().for_each(|c| folded.add(c));
        }
    }
    folded.text
}

/// Splits off at most [`PIECE`] bytes, if possible where no accent follows.
fn split(text: &str) -> (&str, &str) {
    if text.len() <= PIECE {
        return (text, "");
    }
    let most = text.floor_char_boundary(PIECE);
    let start = text.get(..most).unwrap_or_default();
    let space = start.rfind([' ', '\n']).filter(|space| *space > 0);
    text.split_at(space.unwrap_or(most))
}

/// The characters since the last one that was kept.
#[derive(PartialEq, Eq)]
enum Gap {
    None,
    /// One line break, and perhaps blanks.
    Line,
    Other,
}

struct Folded {
    text: String,
    /// The last character of the text.
    last: char,
    gap: Gap,
}

impl Folded {
    /// Adds an ASCII character.
    fn plain(&mut self, c: char) {
        if c.is_ascii_alphanumeric() {
            self.push(c.to_ascii_lowercase());
        } else {
            self.separate(c);
        }
    }

    /// Adds a character of a decomposed text.
    fn add(&mut self, c: char) {
        if c.is_ascii() {
            return self.plain(c);
        }
        if is_mark(c) {
            return;
        }
        if let Some(letters) = typed_as(c) {
            return letters.chars().for_each(|letter| self.push(letter));
        }
        let c = hiragana(digit(c).unwrap_or(c));
        if self.gap == Gap::None
            && let Some(both) = composed(self.last, c)
        {
            self.text.pop();
            self.push(both);
        } else if is_word(c) || is_unspaced(c) || is_symbol(c) {
            self.push(c);
        } else if !matches!(c, '\u{3099}' | '\u{309A}') {
            self.separate(c);
        }
    }

    fn push(&mut self, c: char) {
        let joins = match self.gap {
            Gap::None => true,
            Gap::Line => is_unspaced(self.last) && is_unspaced(c),
            Gap::Other => false,
        };
        if !joins && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.gap = Gap::None;
        self.text.push(c);
        self.last = c;
    }

    fn separate(&mut self, c: char) {
        self.gap = match (c, &self.gap) {
            ('\n', Gap::None) => Gap::Line,
            (' ' | '\t' | '\r', Gap::Line) => Gap::Line,
            _ => Gap::Other,
        };
    }
}

/// Returns true for letters and digits. Modifier letters that stand for apostrophes are neither.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() && !matches!(c, '\u{2B9}'..='\u{2BF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asserts that each pair of spellings is one for search.
    #[track_caller]
    fn same(pairs: &[(&str, &str)]) {
        for (one, other) in pairs {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
    }

    /// Asserts that search distinguishes each pair.
    #[track_caller]
    fn different(pairs: &[(&str, &str)]) {
        for (one, other) in pairs {
            assert_ne!(fold(one), fold(other), "{one} {other}");
        }
    }

    #[test]
    fn only_words_and_single_spaces_remain() {
        assert_eq!(
            fold("  To: Ann_B <a@x.example>\0\r\n(2)  "),
            "to ann b a x example 2"
        );
        assert_eq!(fold("«Größe» — 5 €"), "grosse 5");
        assert_eq!(fold("!?"), "");
    }

    #[test]
    fn a_fold_is_folded() {
        for text in [
            "Ἀθῆναι ΣΟΦΟΣ",
            "ﾊﾟｿｺﾝ ガギグ",
            "한글 ㅋㅋ",
            "ẞ Ǿ ǆ ﬀ ½",
            "שָׁלוֹם",
            "हिन्दी क़",
            "👨‍👩‍👧 ❤️",
            "ใต้น้ำ",
        ] {
            let once = fold(text);
            assert_eq!(fold(&once), once, "{text}");
        }
    }

    #[test]
    fn accents_and_special_letters_of_latin_are_ignored() {
        same(&[
            ("Señor", "senor"),
            ("Zürich", "Zu\u{308}rich"),
            ("GROẞ", "gross"),
            ("Gdańsk Wrocław", "gdansk wroclaw"),
            ("Ångström Øresund Ærø", "angstrom oresund aero"),
            ("Đặng Đà", "dang da"),
            ("Þingvellir Ðað", "thingvellir dad"),
            ("İZMİR ısı", "izmir isi"),
            ("cœur Œdipe", "coeur oedipe"),
            ("ŋ ħ ŧ ĳ ŉ", "n h t ij n"),
            ("ﬁnance ﬂuﬀy ﬄ", "finance fluffy ffl"),
            ("Bakı şəhəri", "baki seheri"),
            ("co\u{AD}operate", "cooperate"),
        ]);
        different(&[("tent", "tint"), ("a", "ae")]);
    }

    #[test]
    fn accents_of_greek_and_cyrillic_are_ignored() {
        same(&[
            ("Ἀθῆναι", "αθηναι"),
            ("ΟΔΥΣΣΕΥΣ", "Ὀδυσσεύς"),
            ("ᾳ ΐ ϋ", "α ι υ"),
            ("ещё Ёж", "еще еж"),
            ("ґанок Її", "ганок іі"),
            ("м\u{2BC}ята", "м'ята"),
        ]);
    }

    #[test]
    fn points_vowels_and_forms_of_hebrew_and_arabic_are_ignored() {
        same(&[
            ("סֵפֶר", "ספר"),
            ("ארץ", "ארצ"),
            ("צה״ל", "צה\"ל"),
            ("مُحَمَّد", "محمد"),
            ("أحمد إلى آخر", "احمد الي اخر"),
            ("مدرسة", "مدرسه"),
            ("کتاب", "كتاب"),
            ("ســلام", "سلام"),
            ("ﻛﺘﺎﺏ", "كتاب"),
            ("می\u{200C}روم", "میروم"),
            ("٢٠٢٦ ۱۲", "2026 12"),
        ]);
    }

    #[test]
    fn width_and_kana_are_ignored_and_sound_marks_are_not() {
        same(&[
            ("ＡＢＣ１２３", "abc123"),
            ("ｶﾞｿﾘﾝ", "ガソリン"),
            ("ﾊﾟﾝ", "ぱん"),
            ("ヴァイオリン", "ウ\u{3099}ァイオリン"),
            ("㈱", "(株)"),
            ("⼈", "人"),
        ]);
        different(&[
            ("はん", "ぱん"),
            ("はん", "ばん"),
            ("びょういん", "びよういん"),
        ]);
    }

    #[test]
    fn korean_is_the_same_in_letters_and_syllables() {
        same(&[
            ("한국", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}"),
            ("ㅎㅎ", "\u{1112}\u{1112}"),
            ("ﾡ", "ㄱ"),
        ]);
        different(&[("한", "하")]);
    }

    #[test]
    fn vowels_and_tones_of_asian_scripts_stay() {
        different(&[("ข่าว", "ขาว"), ("ใกล้", "ไกล"), ("ເຂົ້າ", "ເຂາ"), ("ক", "কি")]);
        same(&[
            ("น้ำ", "น้\u{E4D}า"),
            ("हिन्दी", "हिन्\u{200D}दी"),
            ("ड़", "ड\u{93C}"),
        ]);
        assert_eq!(fold("हिन्दी भाषा"), "हिनदी भाषा");
        assert_eq!(fold("๒๕๖๙"), "2569");
    }

    #[test]
    fn emoji_are_the_same_in_every_style() {
        same(&[("❤️", "❤"), ("👍🏽", "👍"), ("1️⃣", "1"), ("👩‍🚀", "👩🚀")]);
        different(&[("🍏", "🍎")]);
        assert_eq!(fold("party🎉!"), "party🎉");
    }

    #[test]
    fn a_line_break_within_a_script_without_spaces_is_removed() {
        assert_eq!(fold("明日は図\n書館です"), "明日は図書館です");
        assert_eq!(fold("ห้อง\n  สมุด"), "ห้องสมุด");
        assert_eq!(fold("図\n\n書"), "図 書");
        assert_eq!(fold("図 書"), "図 書");
        assert_eq!(fold("two\nlines"), "two lines");
        assert_eq!(fold("図\nbook"), "図 book");
    }

    #[test]
    fn a_long_text_is_folded_as_a_whole() {
        let word = "Ёлка ";
        let count = 3 * PIECE / word.len();
        assert_eq!(fold(&word.repeat(count)), "елка ".repeat(count).trim_end());
        let run = "文".repeat(PIECE);
        assert_eq!(fold(&run), run);
    }
}
