//! Code pages of DOS that the Encoding standard lacks.

/// The characters of the bytes 0x80 to 0xFF.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::engine) struct CodePage {
    number: usize,
    /// U+FFFD stands for bytes without a character.
    characters: &'static str,
}

impl CodePage {
    /// Decodes a text.
    pub(in crate::engine) fn decode(&self, octets: &[u8]) -> String {
        let upper: Vec<char> = self.characters.chars().collect();
        let decode = |octet: &u8| match octet.checked_sub(0x80) {
            None => char::from(*octet),
            Some(place) => *upper.get(usize::from(place)).unwrap_or(&'\u{FFFD}'),
        };
        octets.iter().map(decode).collect()
    }
}

/// Returns the code page of a number.
pub(in crate::engine) fn find(number: usize) -> Option<&'static CodePage> {
    // 858 is 850 with the euro sign.
    let number = if number == 858 { 850 } else { number };
    PAGES.iter().find(|page| page.number == number)
}

static PAGES: [CodePage; 9] = [
    CodePage {
        number: 437,
        characters: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
             └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}",
    },
    CodePage {
        number: 737,
        characters: "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρσςτυφχψ░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
             └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀ωάέήϊίόύϋώΆΈΉΊΌΎΏ±≥≤ΪΫ÷≈°∙·√ⁿ²■\u{A0}",
    },
    CodePage {
        number: 775,
        characters: "ĆüéāäģåćłēŖŗīŹÄÅÉæÆōöĢ¢ŚśÖÜø£Ø×¤ĀĪóŻżź”¦©®¬½¼Ł«»░▒▓│┤ĄČĘĖ╣║╗╝ĮŠ┐\
             └┴┬├─┼ŲŪ╚╔╩╦╠═╬Žąčęėįšųūž┘┌█▄▌▐▀ÓßŌŃõÕµńĶķĻļņĒŅ’\u{AD}±“¾¶§÷„°∙·¹³²■\u{A0}",
    },
    CodePage {
        number: 850,
        characters: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
             └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{AD}±‗¾¶§÷¸°¨·¹³²■\u{A0}",
    },
    CodePage {
        number: 852,
        characters: "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐\
             └┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{AD}˝˛ˇ˘§÷¸°¨˙űŘř■\u{A0}",
    },
    CodePage {
        number: 855,
        characters: "ђЂѓЃёЁєЄѕЅіІїЇјЈљЉњЊћЋќЌўЎџЏюЮъЪаАбБцЦдДеЕфФгГ«»░▒▓│┤хХиИ╣║╗╝йЙ┐\
             └┴┬├─┼кК╚╔╩╦╠═╬¤лЛмМнНоОп┘┌█▄Пя▀ЯрРсСтТуУжЖвВьЬ№\u{AD}ыЫзЗшШэЭщЩчЧ§■\u{A0}",
    },
    CodePage {
        number: 857,
        characters: "ÇüéâäàåçêëèïîıÄÅÉæÆôöòûùİÖÜø£ØŞşáíóúñÑĞğ¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
             └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ºªÊËÈ\u{FFFD}ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµ\u{FFFD}×ÚÛÙìÿ¯´\u{AD}±\u{FFFD}¾¶§÷¸°¨·¹³²■\u{A0}",
    },
    CodePage {
        number: 862,
        characters: "אבגדהוזחטיךכלםמןנסעףפץצקרשת¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
             └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}",
    },
    CodePage {
        number: 865,
        characters: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø₧ƒáíóúñÑªº¿⌐¬½¼¡«¤░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
             └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_page_has_a_character_for_each_byte() {
        for page in &PAGES {
            assert_eq!(page.characters.chars().count(), 128, "{}", page.number);
        }
    }

    #[test]
    fn texts_of_dos_are_decoded() {
        let table: [(usize, &[u8], &str); 7] = [
            (437, b"gr\x81n \xC9\xCD\xBB", "grün ╔═╗"),
            (850, b"caf\x82 \xD5", "café €"),
            (858, b"\xD5", "€"),
            (852, b"\xBD\xA2\xE4", "Żóń"),
            (737, b"\x80\x98", "Αα"),
            (857, b"\x9F\x8D", "şı"),
            (862, b"\x99\x8C\x85\x8D", "שלום"),
        ];
        for (number, octets, text) in table {
            assert_eq!(find(number).unwrap().decode(octets), text, "{number}");
        }
        assert_eq!(find(999), None);
    }
}
