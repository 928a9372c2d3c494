//! Dates of header fields ([RFC 5322 §3.3] and §4.3), and the other forms in which senders write them.

use super::zones;

/// The maximum number of bytes that are looked at.
const LONGEST: usize = 200;
const DAY: i64 = 86_400;

/// Parses a date. Returns seconds since 1970, which are negative for earlier dates.
pub(in crate::engine) fn parse(text: &str) -> Option<i64> {
    let text = text.get(..text.floor_char_boundary(LONGEST))?;
    let (text, comment) = without_comments(text);
    let mut found = DateParts::default();
    let separators = |c: char| c.is_whitespace() || matches!(c, ',' | ';');
    for token in text.split(separators).filter(|token| !token.is_empty()) {
        found.token(token);
    }
    if found.zone.is_none() {
        found.zone = zones::parse(comment.trim());
    }
    found.seconds()
}

/// Removes comments. Returns the last one too, because it may name the zone.
fn without_comments(text: &str) -> (String, String) {
    let (mut kept, mut comment) = (String::new(), String::new());
    let mut depth = 0;
    for character in text.chars() {
        match character {
            '(' => {
                depth += 1;
                comment.clear();
            }
            ')' if depth > 0 => {
                depth -= 1;
                kept.push(' ');
            }
            _ if depth > 0 => comment.push(character),
            _ => kept.push(character),
        }
    }
    (kept, comment)
}

/// The parts of a date that were found so far.
#[derive(Debug, Default)]
struct DateParts {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    /// Seconds since midnight.
    time: Option<i64>,
    /// True after `pm`, false after `am`.
    afternoon: Option<bool>,
    /// Seconds east of Greenwich.
    zone: Option<i64>,
}

impl DateParts {
    fn token(&mut self, token: &str) {
        if token.contains(':') && !token.starts_with(['+', '-']) && self.time.is_none() {
            return self.date_and_time(token);
        }
        if let Some(month) = month(token) {
            self.month = self.month.or(Some(month));
        } else if token.bytes().all(|octet| octet.is_ascii_digit()) {
            self.number(token);
        } else if let Some(afternoon) = half_of_day(token) {
            self.afternoon = Some(afternoon);
        } else if token.starts_with(|c: char| c.is_ascii_digit()) {
            self.joined(token);
        } else if !is_day_of_week(token) {
            // A number of hours wins over a name, as in `GMT +0200`.
            self.zone = zones::parse(token).or(self.zone);
        }
    }

    /// Reads a time, possibly with a date before it ([ISO 8601]) and a zone after it.
    fn date_and_time(&mut self, token: &str) {
        let (date, rest) = match token.split_once(['T', 't']) {
            Some((date, rest)) if date.contains('-') || date.len() == 8 => (date, rest),
            _ => ("", token),
        };
        if !date.is_empty() {
            self.joined(date);
        }
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.'))
            .unwrap_or(rest.len());
        let (time, behind) = rest.split_at(end);
        self.time = clock(time.split(':'));
        match half_of_day(behind) {
            Some(afternoon) => self.afternoon = Some(afternoon),
            None if !behind.is_empty() => self.zone = zones::parse(behind).or(self.zone),
            None => {}
        }
    }

    /// Reads a date whose parts are joined with dashes, slashes or dots, or one of digits only with
    /// a time after it, or a time with dots.
    fn joined(&mut self, token: &str) {
        let parts: Vec<&str> = token
            .split(['-', '/', '.'])
            .filter(|p| !p.is_empty())
            .collect();
        let number = |text: &str| text.parse::<i64>().ok();
        match parts.as_slice() {
            [first, second, third] if first.len() == 4 => {
                self.year = number(first);
                self.month = number(second).or_else(|| month(second));
                self.day = number(third);
            }
            [first, second, third] if month(second).is_some() => {
                self.day = number(first);
                self.month = month(second);
                self.year = year(third);
            }
            [first, second, third] if self.month.is_some() && third.len() == 2 => {
                self.time = clock([*first, *second, *third].into_iter());
            }
            [first, second, third] => {
                let (mut day, mut month) = (number(first), number(second));
                // Only Americans use slashes between numbers in mail, and put the month first.
                let is_month = |value: Option<i64>| value.is_some_and(|value| value <= 12);
                if token.contains('/') && is_month(day) || !is_month(month) {
                    (day, month) = (month, day);
                }
                (self.day, self.month, self.year) = (day, month, year(third));
            }
            [date] if date.len() >= 8 && self.year.is_none() => self.digits(date),
            // `5th`
            [first] => {
                let digits = first.trim_end_matches(|c: char| c.is_ascii_alphabetic());
                self.number(digits);
            }
            _ => {}
        }
    }

    /// Reads `20200505`, and `20200505T090807Z`.
    fn digits(&mut self, text: &str) {
        let number = |range| text.get(range).and_then(|part: &str| part.parse().ok());
        self.year = number(0..4);
        self.month = number(4..6);
        self.day = number(6..8);
        if text.get(8..9).is_some_and(|t| t.eq_ignore_ascii_case("t")) {
            let parts = [text.get(9..11), text.get(11..13), text.get(13..15)];
            self.time = clock(parts.into_iter().flatten());
            self.zone = text.get(15..).and_then(zones::parse);
        }
    }

    fn number(&mut self, token: &str) {
        if self.day.is_none() && token.len() <= 2 {
            self.day = token.parse().ok();
        } else if self.year.is_none() && token.len() <= 4 {
            self.year = year(token);
        } else if self.year.is_none() && self.month.is_none() && token.len() == 8 {
            self.digits(token);
        }
    }

    fn seconds(&self) -> Option<i64> {
        let (year, month, day) = (self.year?, self.month?, self.day?);
        let is_valid = (1900..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day);
        let mut time = self.time.unwrap_or_default();
        let hour = time / 3_600;
        match self.afternoon {
            Some(true) if hour < 12 => time += 12 * 3_600,
            Some(false) if hour == 12 => time -= 12 * 3_600,
            _ => {}
        }
        is_valid.then(|| days(year, month, day) * DAY + time - self.zone.unwrap_or_default())
    }
}

/// Returns the seconds since midnight of hours, minutes and perhaps seconds, which may be 60.
fn clock<'a>(mut parts: impl Iterator<Item = &'a str>) -> Option<i64> {
    let mut part = |most: i64| -> Option<Option<i64>> {
        let Some(text) = parts.next() else {
            return Some(None);
        };
        // Fractions of seconds are left out.
        let whole = text.split('.').next().unwrap_or_default();
        let number = whole.parse().ok().filter(|number| *number <= most)?;
        Some(Some(number))
    };
    let (hours, minutes, seconds) = (part(24)??, part(59)??, part(60)?);
    Some(hours * 3_600 + minutes * 60 + seconds.unwrap_or_default())
}

/// Returns a year of two, three or four digits ([RFC 5322 §4.3]).
fn year(text: &str) -> Option<i64> {
    let year: i64 = text.parse().ok()?;
    Some(match text.len() {
        1 | 2 if year < 50 => year + 2000,
        1..=3 => year + 1900,
        _ => year,
    })
}

/// Returns the number of a month by its name, in full or shortened.
fn month(token: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let name = token.trim_end_matches('.').to_ascii_lowercase();
    let is_month = |month: &&str| name.len() >= 3 && month.starts_with(&name);
    (1..)
        .zip(MONTHS)
        .find(|(_, month)| is_month(month))
        .map(|(number, _)| number)
}

fn is_day_of_week(token: &str) -> bool {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let name = token.to_ascii_lowercase();
    DAYS.iter().any(|day| name.starts_with(day))
}

fn half_of_day(token: &str) -> Option<bool> {
    match token.to_ascii_lowercase().as_str() {
        "am" | "a.m." => Some(false),
        "pm" | "p.m." => Some(true),
        _ => None,
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns the days between the beginning of 1970 and a date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let before = year - 1;
    let years = before * 365 + before / 4 - before / 100 + before / 400;
    let months: i64 = (1..month).map(|month| days_in(year, month)).sum();
    // The days before 1970.
    years + months + day - 1 - 719_162
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn one_time_is_parsed_in_all_forms() {
        let forms = [
            "Tue, 14 Jul 2020 16:05:09 +0200",
            "14 Jul 2020 16:05:09 +0200",
            "Tue, 14 Jul 2020 16:05:09 GMT+0200",
            "Tue, 14 Jul 2020 16:05:09 UTC+2",
            "Tue, 14 Jul 2020 16:05:09 GMT +0200",
            "Tue, 14 Jul 2020 16:05:09 +02:00",
            "Tue, 14 Jul 2020 14:05:09 GMT",
            "tue, 14 jul 2020 14:05:09 gmt",
            "Tue, 14 Jul 2020 14:05:09 Z",
            "Tue, 14 Jul 2020 14:05:09",
            "Tue, 14 Jul 2020 10:05:09 EDT",
            "Tue, 14 Jul 2020 10:05:09 edt",
            "Tue, 14 Jul 2020 16:05:09 CEST",
            "Tue, 14 Jul 2020 16:05:09 (CEST)",
            "Tue, 14 Jul 2020 16:05:09 +0200 (CEST)",
            "Tue (day), 14 (of) Jul 2020 16:05:09 +0200 (a (nested) one)",
            "Tuesday, 14 July 2020 16:05:09 +0200",
            "Tuesday, July 14, 2020 04:05:09 PM +0200",
            "Tue, 14-Jul-2020 16:05:09 +0200",
            "Tue, 14-Jul-20 16:05:09 +0200",
            "Tue, 14 Jul 20 16:05:09 +0200",
            "Tue, 14 Jul 120 16:05:09 +0200",
            "Tue Jul 14 14:05:09 2020",
            "Tue Jul 14 16:05:09 CEST 2020",
            "Tue Jul 14 16:05:09 2020 +0200",
            "2020-07-14T16:05:09+02:00",
            "2020-07-14T14:05:09Z",
            "2020-07-14T14:05:09.123Z",
            "2020-07-14 16:05:09 +0200",
            "20200714T140509Z",
            "2020/07/14 14:05:09",
            "14/Jul/2020 16:05:09 +0200",
            "14.07.2020 14:05:09",
            "07/14/2020 14:05:09",
            "Tue, 14 Jul 2020 14.05.09 GMT",
            "Tue,14 Jul 2020 16:05:09 +0200",
            "Tue, 14 Jul 2020 16:05:09+0200",
            "Tue, 14 Jul 2020 16:05:09GMT+0200",
            "Tue, 14 Jul 2020 19:35:09 IST",
        ];
        for form in forms {
            assert_eq!(parse(form), Some(1_594_735_509), "{form}");
        }
    }

    #[test]
    fn seconds_may_be_missing_or_sixty() {
        assert_eq!(parse("14 Jul 2020 16:05 +0200"), Some(1_594_735_500));
        assert_eq!(
            parse("Sat, 31 Dec 2016 23:59:60 +0000"),
            Some(1_483_228_800)
        );
        assert_eq!(parse("14 Jul 2020"), Some(1_594_684_800));
        assert_eq!(parse("14 Jul 2020 12:10 am"), Some(1_594_685_400));
    }

    #[test]
    fn years_before_1970_and_of_two_digits_are_parsed() {
        assert_eq!(parse("1 Jan 1970 00:00:00 +0000"), Some(0));
        assert_eq!(parse("31 Dec 1969 23:59:59 +0000"), Some(-1));
        assert_eq!(parse("1 Mar 1900 00:00:00 +0000"), Some(-2_203_891_200));
        assert_eq!(parse("21 Nov 97 09:55:06 -0600"), Some(880_127_706));
        assert_eq!(parse("29 Feb 2000 00:00:00 GMT"), Some(951_782_400));
    }

    #[test]
    fn text_that_is_not_a_date_is_refused() {
        for text in [
            "",
            "yesterday",
            "99 99 99999 99:99:99 +9999",
            "-1 Jan 0000 00:00:00 -9999",
            "32 Jan 2020",
            "29 Feb 2021",
            "Jan 2020",
            "Tue, 14 Foo 2020 10:00:00",
            "é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
