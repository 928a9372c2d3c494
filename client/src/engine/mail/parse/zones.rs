//! Time zones in dates of mail.

/// The names of zones, and their minutes east of Greenwich. Those of RFC 5322 §4.3 come first.
const NAMES: [(&str, i64); 47] = [
    ("ut", 0),
    ("gmt", 0),
    ("est", -300),
    ("edt", -240),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
    ("utc", 0),
    ("z", 0),
    ("acdt", 630),
    ("acst", 570),
    ("adt", -180),
    ("aedt", 660),
    ("aest", 600),
    ("akdt", -480),
    ("akst", -540),
    ("art", -180),
    ("ast", -240),
    ("awst", 480),
    ("brt", -180),
    ("bst", 60),
    ("cat", 120),
    ("cest", 120),
    ("cet", 60),
    ("eat", 180),
    ("eest", 180),
    ("eet", 120),
    ("hkt", 480),
    ("hst", -600),
    ("ist", 330),
    ("jst", 540),
    ("kst", 540),
    ("mest", 120),
    ("met", 60),
    ("msk", 180),
    ("ndt", -150),
    ("nst", -210),
    ("nzdt", 780),
    ("nzst", 720),
    ("pkt", 300),
    ("sast", 120),
    ("sgt", 480),
    ("west", 60),
    ("wet", 0),
];

/// Parses a zone: a name, an offset, or both, as in `GMT+0200`. Returns seconds east of Greenwich.
pub(super) fn parse(token: &str) -> Option<i64> {
    let sign = token.find(['+', '-']);
    let (name, offset) = token.split_at(sign.unwrap_or(token.len()));
    if offset.is_empty() {
        let name = name.to_ascii_lowercase();
        let (_, minutes) = NAMES.iter().find(|(known, _)| *known == name)?;
        return Some(minutes * 60);
    }
    let is_name = name.chars().all(|c| c.is_ascii_alphabetic());
    let digits: String = offset
        .chars()
        .skip(1)
        .filter(|c| *c != ':')
        .take_while(char::is_ascii_digit)
        .collect();
    let number: i64 = digits.parse().ok().filter(|_| is_name)?;
    let (hours, minutes) = match digits.len() {
        1 | 2 => (number, 0),
        3 | 4 => (number / 100, number % 100),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = hours * 3_600 + minutes * 60;
    Some(if offset.starts_with('-') {
        -seconds
    } else {
        seconds
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn names_and_offsets_are_parsed() {
        let table = [
            ("+0200", Some(7_200)),
            ("-0330", Some(-12_600)),
            ("+02:00", Some(7_200)),
            ("+2", Some(7_200)),
            ("+530", Some(19_800)),
            ("GMT-5", Some(-18_000)),
            ("Est", Some(-18_000)),
            ("-0000", Some(0)),
            ("+9999", None),
            ("xyz", None),
            ("+", None),
        ];
        for (zone, seconds) in table {
            assert_eq!(parse(zone), seconds, "{zone}");
        }
    }
}
