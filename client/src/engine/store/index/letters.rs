//! Classes of characters, for search.

/// Returns true for marks that search ignores: accents, vowel points, joiners, variation selectors
/// and skin tones. Writers leave them out, and keyboards differ in them.
pub(super) fn is_mark(c: char) -> bool {
    match c {
        // Soft hyphen; combining marks of Latin, Greek and Cyrillic.
        '\u{AD}' | '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}'
        // Hebrew points.
        | '\u{591}'..='\u{5BD}' | '\u{5BF}' | '\u{5C1}' | '\u{5C2}' | '\u{5C4}' | '\u{5C5}'
        | '\u{5C7}'
        // Arabic vowels, the letter stretcher, and signs of the Quran; Syriac vowels.
        | '\u{610}'..='\u{61A}' | '\u{61C}' | '\u{640}' | '\u{64B}'..='\u{65F}' | '\u{670}'
        | '\u{6D6}'..='\u{6DC}' | '\u{6DF}'..='\u{6E4}' | '\u{6E7}' | '\u{6E8}'
        | '\u{6EA}'..='\u{6ED}' | '\u{711}' | '\u{730}'..='\u{74A}' | '\u{898}'..='\u{89F}'
        | '\u{8CA}'..='\u{8E1}' | '\u{8E3}'..='\u{8FF}'
        // Devanagari accents, the killer of Sinhala, and marks of Tibetan, Ethiopic and Mongolian.
        | '\u{951}'..='\u{954}' | '\u{DCA}' | '\u{F39}' | '\u{F84}' | '\u{135D}'..='\u{135F}'
        | '\u{180B}'..='\u{180F}'
        // Inherent vowels of Khmer.
        | '\u{17B4}' | '\u{17B5}'
        // More combining marks, and tone marks of Chinese.
        | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
        | '\u{2DE0}'..='\u{2DFF}' | '\u{302A}'..='\u{302F}' | '\u{FE20}'..='\u{FE2F}'
        // Invisible: joiners, directions, variation selectors, tags. Skin tones.
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{1F3FB}'..='\u{1F3FF}'
        | '\u{E0000}'..='\u{E01EF}' => true,
        // In the scripts of India: the dot below and the vowel killer, at the same place of each
        // block of 128.
        '\u{900}'..='\u{DFF}' => matches!(u32::from(c) & 0x7F, 0x3C | 0x4D),
        _ => false,
    }
}

/// Returns true for the characters of scripts that do not separate words by spaces, or not
/// reliably: Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese and their neighbours.
pub(super) fn is_unspaced(c: char) -> bool {
    match c {
        // Han with its radicals, Kana, Bopomofo, and their iteration and length marks. The block
        // of Kana also has two signs and a dot between words.
        '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}'
        | '\u{3031}'..='\u{3035}' | '\u{303B}' | '\u{3041}'..='\u{3096}' | '\u{309D}'..='\u{309F}'
        | '\u{30A1}'..='\u{30FA}' | '\u{30FC}'..='\u{312F}' | '\u{31A0}'..='\u{31BF}'
        | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{1B000}'..='\u{1B16F}' | '\u{20000}'..='\u{323AF}'
        // Korean, in letters and syllables.
        | '\u{1100}'..='\u{11FF}' | '\u{3131}'..='\u{318E}' | '\u{A960}'..='\u{A97C}'
        | '\u{AC00}'..='\u{D7FB}' => true,
        // Thai, Lao, Burmese, Khmer, Tai scripts and Javanese: letters, and marks that are no
        // letters in Unicode.
        '\u{E01}'..='\u{EDF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17DD}'
        | '\u{1950}'..='\u{19DF}' | '\u{1A20}'..='\u{1AAF}' | '\u{A980}'..='\u{A9FF}'
        | '\u{AA60}'..='\u{AADF}' => {
            c.is_alphanumeric()
                || matches!(c, '\u{E47}'..='\u{E4E}' | '\u{EBA}' | '\u{EC8}'..='\u{ECE}'
                    | '\u{1037}' | '\u{1039}' | '\u{103A}' | '\u{17C9}'..='\u{17D3}' | '\u{17DD}'
                    | '\u{1A60}' | '\u{1A75}'..='\u{1A7F}' | '\u{A9B3}' | '\u{A9C0}'
                    | '\u{AABF}' | '\u{AAC1}')
        }
        _ => false,
    }
}

/// Returns true for emoji, arrows, check marks and the like. Each is a word.
pub(super) fn is_symbol(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{23FF}' | '\u{25A0}'..='\u{27BF}'
        | '\u{2B00}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}')
        && !c.is_alphanumeric()
}

/// Returns the letters that people type in place of a letter that does not decompose. Letters are
/// in lower case.
pub(super) fn typed_as(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ø' | 'ɔ' => "o",
        'đ' | 'ð' | 'ɖ' | 'ɗ' | 'ƌ' => "d",
        'ł' | 'ƚ' | 'ɫ' => "l",
        'ı' | 'ɨ' => "i",
        'ȷ' => "j",
        'ħ' => "h",
        'ŧ' | 'ƭ' => "t",
        'ŋ' | 'ɲ' | 'ƞ' => "n",
        'ĸ' | 'ƙ' => "k",
        'ƀ' | 'ɓ' => "b",
        'ƈ' => "c",
        'ə' | 'ǝ' | 'ɛ' => "e",
        'ƒ' => "f",
        'ɠ' | 'ɣ' | 'ǥ' => "g",
        'ƥ' => "p",
        'ʉ' => "u",
        'ʋ' => "v",
        'ƴ' => "y",
        'ƶ' => "z",
        'ґ' => "г",
        'ς' => "σ",
        // Hebrew: a letter at the end of a word.
        'ך' => "כ",
        'ם' => "מ",
        'ן' => "נ",
        'ף' => "פ",
        'ץ' => "צ",
        // Arabic: letters that keyboards and habits interchange, Persian and Urdu forms among them.
        '\u{671}' => "\u{627}",
        '\u{629}' | '\u{6BE}' | '\u{6C1}' | '\u{6C3}' | '\u{6D5}' => "\u{647}",
        '\u{649}' | '\u{6CC}' | '\u{6D2}' => "\u{64A}",
        '\u{6A9}' | '\u{6AA}' => "\u{643}",
        _ => return None,
    })
}

/// Returns the ASCII digit for a decimal digit of another script.
pub(super) fn digit(c: char) -> Option<char> {
    const ZEROS: [u32; 18] = [
        0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50,
        0xED0, 0xF20, 0x1040, 0x17E0, 0x1810,
    ];
    let value = ZEROS
        .iter()
        .find_map(|zero| u32::from(c).checked_sub(*zero).filter(|value| *value < 10))?;
    char::from_digit(value, 10)
}

/// Returns Hiragana for Katakana: search does not distinguish them, and a user who types sees
/// Hiragana first.
pub(super) fn hiragana(c: char) -> char {
    match c {
        '\u{30A1}'..='\u{30F6}' | '\u{30FD}' | '\u{30FE}' => {
            char::from_u32(u32::from(c) - 0x60).unwrap_or(c)
        }
        _ => c,
    }
}

/// Returns the character that a decomposed sequence of two stands for, if it has one and is Korean
/// ([Unicode §3.12.3]) or Hiragana with a sound mark.
pub(super) fn composed(first: char, second: char) -> Option<char> {
    let (a, b) = (u32::from(first), u32::from(second));
    let code = match (first, second) {
        ('\u{1100}'..='\u{1112}', '\u{1161}'..='\u{1175}') => {
            0xAC00 + ((a - 0x1100) * 21 + (b - 0x1161)) * 28
        }
        ('\u{AC00}'..='\u{D7A3}', '\u{11A8}'..='\u{11C2}') if (a - 0xAC00) % 28 == 0 => {
            a + (b - 0x11A7)
        }
        ('う', '\u{3099}') => 0x3094,
        ('か'..='と' | 'は'..='ほ' | 'ゝ', '\u{3099}') => a + 1,
        ('は'..='ほ', '\u{309A}') => a + 2,
        _ => return None,
    };
    char::from_u32(code)
}
