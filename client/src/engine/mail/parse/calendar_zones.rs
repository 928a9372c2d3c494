//! The time zones that a calendar defines ([RFC 5545 §3.6.5]).

use std::collections::HashMap;

use super::calendar::{ContentLine, clock_seconds, days};

/// The maximum number of rules of a calendar.
const MOST_RULES: usize = 200;
const DAY: i64 = 86_400;

/// The rules of the zones of a calendar, by the names of the zones.
#[derive(Debug, Default)]
pub(in crate::engine) struct Zones {
    zones: HashMap<String, Vec<ZoneRule>>,
}

/// A rule for the offset of a zone: standard time or daylight saving time.
#[derive(Debug, Clone, Default)]
struct ZoneRule {
    /// The first time at which the offset applies, on the clock of the zone.
    onset: i64,
    /// Seconds that the clock is ahead of UTC.
    offset: i64,
    /// The day of the onset in each year.
    yearly: Option<YearlyDay>,
}

/// A weekday of a month, such as the last Sunday of March.
#[derive(Debug, Clone, Copy)]
struct YearlyDay {
    month: i64,
    /// The weekday, 0 for Monday.
    weekday: i64,
    /// The first, second, … of the month; the last one is -1.
    nth: i64,
}

impl Zones {
    pub(in crate::engine) fn of(lines: &[ContentLine]) -> Self {
        let mut zones = Self::default();
        let mut name = String::new();
        let mut rule: Option<ZoneRule> = None;
        let mut rules = 0;
        for line in lines {
            let value = line.value.trim();
            match (line.name.as_str(), &mut rule) {
                ("TZID", _) => value.clone_into(&mut name),
                ("BEGIN", _) if is_rule(value) && rules < MOST_RULES => {
                    rules += 1;
                    rule = Some(ZoneRule::default());
                }
                ("END", Some(_)) if is_rule(value) => {
                    zones
                        .zones
                        .entry(name.clone())
                        .or_default()
                        .extend(rule.take());
                }
                ("DTSTART", Some(rule)) => rule.onset = clock_seconds(value).unwrap_or(0),
                ("TZOFFSETTO", Some(rule)) => rule.offset = offset(value).unwrap_or(0),
                ("RRULE", Some(rule)) => rule.yearly = YearlyDay::parse(value),
                _ => {}
            }
        }
        zones
    }

    /// Returns the seconds that the clock of a zone is ahead of UTC when it shows the time `local`,
    /// in seconds since 1970; `None` for a zone that the calendar does not define.
    pub(in crate::engine) fn offset(&self, zone: &str, local: i64) -> Option<i64> {
        let rules = self.zones.get(zone)?;
        let latest = rules.iter().max_by_key(|rule| rule.latest_onset(local))?;
        Some(latest.offset)
    }
}

fn is_rule(component: &str) -> bool {
    ["STANDARD", "DAYLIGHT"]
        .iter()
        .any(|name| component.eq_ignore_ascii_case(name))
}

/// Parses `+0200` or `-023000`.
fn offset(value: &str) -> Option<i64> {
    let (sign, digits) = match value.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<i64>().ok();
    Some(sign * (number(0, 2)? * 3_600 + number(2, 4)? * 60 + number(4, 6).unwrap_or(0)))
}

impl ZoneRule {
    /// Returns the latest onset at or before `local`; the least number if there is none.
    fn latest_onset(&self, local: i64) -> i64 {
        if local < self.onset {
            // Before all rules, the earliest one counts.
            return i64::MIN / 2 - self.onset;
        }
        let Some(yearly) = self.yearly else {
            return self.onset;
        };
        let time = self.onset.rem_euclid(DAY);
        // The year may be one too many near its end.
        let year = 1970 + local.div_euclid(DAY) * 400 / 146_097;
        [year + 1, year, year - 1]
            .into_iter()
            .map(|year| yearly.day(year) * DAY + time)
            .find(|onset| *onset <= local)
            .unwrap_or(self.onset)
            .max(self.onset)
    }
}

impl YearlyDay {
    /// Parses a rule such as `FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU`, the form of all zones in use.
    fn parse(rule: &str) -> Option<Self> {
        let field = |name: &str| {
            rule.split(';').find_map(|field| {
                let (found, value) = field.split_once('=')?;
                found
                    .trim()
                    .eq_ignore_ascii_case(name)
                    .then(|| value.trim())
            })
        };
        // A rule that has ended still tells the last onset best by its start.
        if field("UNTIL").is_some() {
            return None;
        }
        let by_day = field("BYDAY")?;
        let (nth, name) = by_day.split_at_checked(by_day.len().checked_sub(2)?)?;
        let weekday = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
            .iter()
            .position(|day| name.eq_ignore_ascii_case(day))?;
        Some(Self {
            month: field("BYMONTH")?
                .parse()
                .ok()
                .filter(|month| (1..=12).contains(month))?,
            weekday: i64::try_from(weekday).ok()?,
            nth: match nth {
                "" => 1,
                nth => nth.parse().ok().filter(|nth| (-5..=5).contains(nth))?,
            },
        })
    }

    /// Returns the day in a year, in days since 1970.
    fn day(self, year: i64) -> i64 {
        // 1 January 1970 was a Thursday.
        let weekday = |day: i64| (day + 3).rem_euclid(7);
        if self.nth > 0 {
            let first = days(year, self.month, 1);
            first + (self.weekday - weekday(first)).rem_euclid(7) + (self.nth - 1) * 7
        } else {
            let (next_year, next_month) = match self.month {
                12 => (year + 1, 1),
                month => (year, month + 1),
            };
            let last = days(next_year, next_month, 1) - 1;
            last - (weekday(last) - self.weekday).rem_euclid(7) + (self.nth + 1) * 7
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::mail::parse::calendar::invitation;

    /// Returns the start of an event in the zone of the Pier, in seconds since 1970.
    fn start(zone: &str, time: &str) -> i64 {
        let calendar = format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:Pier\r\n{zone}END:VTIMEZONE\r\n\
             BEGIN:VEVENT\r\nDTSTART;TZID=Pier:{time}\r\nEND:VEVENT\r\nEND:VCALENDAR"
        );
        let event = invitation(&calendar).unwrap().event;
        assert!(!event.local && event.zone.is_empty());
        event.start
    }

    const EUROPE: &str = "BEGIN:DAYLIGHT\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n\
        DTSTART:19700329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n\
        BEGIN:STANDARD\r\nTZOFFSETTO:+0100\r\nDTSTART:19701025T030000\r\n\
        RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n";
    const AMERICA: &str = "BEGIN:DAYLIGHT\r\nTZOFFSETTO:-0400\r\nDTSTART:20070311T020000\r\n\
        RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\nEND:DAYLIGHT\r\nBEGIN:STANDARD\r\n\
        TZOFFSETTO:-0500\r\nDTSTART:20071104T020000\r\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\r\n\
        END:STANDARD\r\n";
    const FIXED: &str = "BEGIN:STANDARD\r\nTZOFFSETTO:+0530\r\nDTSTART:16010101T000000\r\n\
        END:STANDARD\r\n";

    #[test]
    fn daylight_saving_time_follows_the_rules_of_the_calendar() {
        let noon = |day: i64| day * 86_400 + 12 * 3_600;
        // 28 March 2026, the Saturday before daylight saving time; the Sunday; and the autumn.
        assert_eq!(start(EUROPE, "20260328T120000"), noon(20_540) - 3_600);
        assert_eq!(start(EUROPE, "20260329T120000"), noon(20_541) - 7_200);
        assert_eq!(start(EUROPE, "20261024T120000"), noon(20_750) - 7_200);
        assert_eq!(start(EUROPE, "20261025T120000"), noon(20_751) - 3_600);
        assert_eq!(start(EUROPE, "20261231T120000"), noon(20_818) - 3_600);
        assert_eq!(start(EUROPE, "20260101T120000"), noon(20_454) - 3_600);
        assert_eq!(start(AMERICA, "20260307T120000"), noon(20_519) + 5 * 3_600);
        assert_eq!(start(AMERICA, "20260308T120000"), noon(20_520) + 4 * 3_600);
        assert_eq!(start(AMERICA, "20261101T120000"), noon(20_758) + 5 * 3_600);
        assert_eq!(start(FIXED, "20260101T120000"), noon(20_454) - 19_800);
    }

    #[test]
    fn odd_rules_are_read_without_harm() {
        for rule in [
            "FREQ=DAILY",
            "BYDAY=9SU;BYMONTH=3",
            "BYDAY=\u{e9};BYMONTH=3",
            "BYDAY=SU;BYMONTH=13",
        ] {
            let zone = FIXED.replace("END", &format!("RRULE:{rule}\r\nEND"));
            assert_eq!(
                start(&zone, "20260101T120000"),
                20_454 * 86_400 + 12 * 3_600 - 19_800
            );
        }
    }
}
