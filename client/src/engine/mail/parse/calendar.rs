//! Invitations: the first event of an iCalendar file ([RFC 5545]).

use super::calendar_zones::Zones;
use crate::api::mail::{Address, CalendarEvent};

/// The maximum number of characters of a value. A longer one is cut.
const LONGEST: usize = 4_000;
/// The maximum number of people of an event that are shown.
const MOST_PEOPLE: usize = 200;
/// The maximum length of a calendar in bytes.
const LONGEST_CALENDAR: usize = 1024 * 1024;

/// A line of a calendar.
pub(in crate::engine) struct ContentLine {
    pub(in crate::engine) name: String,
    parameters: String,
    pub(in crate::engine) value: String,
}

impl ContentLine {
    fn parse(line: &str) -> Option<Self> {
        let mut quoted = false;
        let colon = line.find(|c| {
            quoted ^= c == '"';
            c == ':' && !quoted
        })?;
        let (head, value) = (line.get(..colon)?, line.get(colon + 1..)?);
        let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
        Some(Self {
            name: name.trim().to_ascii_uppercase(),
            parameters: parameters.to_owned(),
            value: value.chars().take(LONGEST).collect(),
        })
    }

    /// Returns the parameter with this name.
    fn parameter(&self, name: &str) -> Option<&str> {
        let mut quoted = false;
        let parameters = self.parameters.split(|c| {
            quoted ^= c == '"';
            c == ';' && !quoted
        });
        parameters.into_iter().find_map(|parameter| {
            let (found, value) = parameter.split_once('=')?;
            found
                .eq_ignore_ascii_case(name)
                .then(|| value.trim_matches('"'))
        })
    }

    /// Returns the value as text, without escapes ([RFC 5545 §3.3.11]).
    fn text(&self) -> String {
        let mut text = String::new();
        let mut characters = self.value.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' => match characters.next() {
                    Some('n' | 'N') => text.push('\n'),
                    Some(escaped) => text.push(escaped),
                    None => {}
                },
                character => text.push(character),
            }
        }
        text.trim().to_owned()
    }

    /// Returns the value as a person.
    fn person(&self) -> Address {
        let value = self.value.trim();
        let address = match value.split_once(':') {
            Some((scheme, address)) if scheme.eq_ignore_ascii_case("mailto") => address,
            _ => value,
        };
        Address {
            name: self.parameter("CN").unwrap_or_default().to_owned(),
            address: address.to_owned(),
        }
    }
}

/// A time of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moment {
    /// Seconds since 1970, in UTC or on the clock at the place of the event.
    seconds: i64,
    is_utc: bool,
    is_day: bool,
}

/// An event, and the text about it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Invitation {
    pub(in crate::engine) event: CalendarEvent,
    pub(in crate::engine) description: String,
}

/// Returns the first event of a calendar.
pub(in crate::engine) fn invitation(calendar: &str) -> Option<Invitation> {
    let calendar = calendar.get(..calendar.floor_char_boundary(LONGEST_CALENDAR))?;
    let lines = unfolded(calendar);
    let zones = Zones::of(&lines);
    let mut event = CalendarEvent::default();
    let mut description = String::new();
    let mut duration = 0;
    let mut start = None;
    let mut end = None;
    // The components that contain the line.
    let mut open: Vec<String> = Vec::new();
    for line in &lines {
        match line.name.as_str() {
            "BEGIN" => open.push(line.value.trim().to_ascii_uppercase()),
            "END" if open.pop().as_deref() == Some("VEVENT") => break,
            "END" => {}
            "METHOD" if open.len() == 1 => {
                event.cancelled = line.value.trim().eq_ignore_ascii_case("CANCEL");
            }
            _ if open.last().is_none_or(|last| last != "VEVENT") => {}
            "SUMMARY" => event.summary = line.text(),
            "LOCATION" => event.place = line.text(),
            "DESCRIPTION" => description = line.text(),
            "STATUS" => event.cancelled |= line.value.trim().eq_ignore_ascii_case("CANCELLED"),
            "RRULE" | "RDATE" => event.repeats = true,
            "ORGANIZER" => event.people.insert(0, line.person()),
            "ATTENDEE" if event.people.len() < MOST_PEOPLE => event.people.push(line.person()),
            "DTSTART" => {
                start = moment(line, &zones);
                event.zone = match (start, line.parameter("TZID")) {
                    (Some(start), Some(zone)) if !start.is_utc && !start.is_day => zone.to_owned(),
                    _ => String::new(),
                };
            }
            "DTEND" => end = moment(line, &zones),
            "DURATION" => duration = seconds_of(&line.value).unwrap_or(0),
            _ => {}
        }
    }
    let start = start?;
    event.start = start.seconds;
    event.end = end.map_or(start.seconds + duration, |end| end.seconds);
    event.all_day = start.is_day;
    event.local = !start.is_utc;
    if event.all_day && event.end > event.start {
        // The end is the first day without the event.
        event.end -= 24 * 60 * 60;
    }
    event.end = event.end.max(event.start);
    // The organizer is usually a guest, too.
    if let Some(organizer) = event.people.first().cloned() {
        let mut is_first = true;
        let is_other = |person: &Address| !person.address.eq_ignore_ascii_case(&organizer.address);
        event
            .people
            .retain(|person| std::mem::take(&mut is_first) || is_other(person));
    }
    Some(Invitation { event, description })
}

/// Joins folded lines ([RFC 5545 §3.1]), and splits each into its pieces.
fn unfolded(calendar: &str) -> Vec<ContentLine> {
    let mut lines: Vec<String> = Vec::new();
    for line in calendar.split('\n') {
        let line = line.trim_end_matches('\r');
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
        .iter()
        .filter_map(|line| ContentLine::parse(line))
        .collect()
}

fn moment(line: &ContentLine, zones: &Zones) -> Option<Moment> {
    let value = line.value.trim();
    let is_utc = value.ends_with(['Z', 'z']);
    let local = clock_seconds(value)?;
    let zoned = line
        .parameter("TZID")
        .filter(|_| !is_utc)
        .and_then(|zone| zones.offset(zone, local));
    Some(Moment {
        seconds: local - zoned.unwrap_or(0),
        is_utc: is_utc || zoned.is_some(),
        is_day: !value.contains(['T', 't']),
    })
}

/// Parses `20260412` or `20260412T090000` as seconds since 1970 on a clock.
pub(in crate::engine) fn clock_seconds(value: &str) -> Option<i64> {
    let number = |from: usize, to: usize| value.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let time = match value.get(8..9) {
        Some("T" | "t") => {
            number(9, 11)? * 3_600 + number(11, 13)? * 60 + number(13, 15).unwrap_or(0)
        }
        _ => 0,
    };
    Some(days(year, month, day) * 86_400 + time)
}

/// Returns the number of days from 1 January 1970 to a day of the Gregorian calendar.
pub(in crate::engine) fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March, so that the leap day is the last one.
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468
}

/// Parses a duration such as `PT1H30M` or `P2D` ([RFC 5545 §3.3.6]).
fn seconds_of(duration: &str) -> Option<i64> {
    let mut seconds: i64 = 0;
    let mut number = String::new();
    for character in duration.trim().strip_prefix('P')?.chars() {
        let unit = match character {
            'W' => 604_800,
            'D' => 86_400,
            'H' => 3_600,
            'M' => 60,
            'S' => 1,
            'T' => continue,
            digit => {
                number.push(digit);
                continue;
            }
        };
        let count: i64 = number.parse().ok()?;
        seconds = seconds.checked_add(count.checked_mul(unit)?)?;
        number.clear();
    }
    Some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(lines: &str) -> Option<Invitation> {
        invitation(&format!("BEGIN:VCALENDAR\r\n{lines}\r\nEND:VCALENDAR\r\n"))
    }

    fn times(lines: &str) -> (i64, i64, bool, bool, String) {
        let parsed = parse(&format!("BEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT"));
        let event = parsed.unwrap().event;
        (
            event.start,
            event.end,
            event.all_day,
            event.local,
            event.zone,
        )
    }

    #[test]
    fn an_invitation_is_read() {
        let invitation = parse(
            "METHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY;LANGUAGE=en:Tea\\, cake\r\n \u{e9} and\\n\r\n\
             \t more\r\nDTSTART:20260412T090000Z\r\nDTEND:20260412T100000Z\r\nLOCATION:Pier: 4\r\n\
             ORGANIZER;CN=\"Holt; Ada\":mailto:ada@example.org\r\n\
             ATTENDEE:mailto:ADA@example.org\r\nATTENDEE;CN=Bo;ROLE=CHAIR:MAILTO:bo@example.org\r\nRRULE:FREQ=DAILY\r\n\
             BEGIN:VALARM\r\nDESCRIPTION:alarm\r\nEND:VALARM\r\nDESCRIPTION:words\r\n\
             END:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:second\r\nEND:VEVENT",
        );
        let person = |name: &str, address: &str| Address {
            name: name.to_owned(),
            address: address.to_owned(),
        };
        let expected = CalendarEvent {
            summary: "Tea, cake\u{e9} and\n more".to_owned(),
            start: 1_775_984_400,
            end: 1_775_988_000,
            place: "Pier: 4".to_owned(),
            people: vec![
                person("Holt; Ada", "ada@example.org"),
                person("Bo", "bo@example.org"),
            ],
            repeats: true,
            ..CalendarEvent::default()
        };
        let invitation = invitation.unwrap();
        assert_eq!(invitation.event, expected);
        assert_eq!(invitation.description, "words");
    }

    #[test]
    fn times_are_read_in_every_form() {
        let hour = 3_600;
        let start = 1_775_984_400;
        let none = String::new;
        assert_eq!(
            times("DTSTART:20260412T090000Z\r\nDURATION:PT1H30M"),
            (start, start + hour * 3 / 2, false, false, none())
        );
        assert_eq!(
            times("DTSTART:20260412T090000"),
            (start, start, false, true, none())
        );
        assert_eq!(
            times("DTSTART;TZID=\"Pier/Time\":20260412T0900"),
            (start, start, false, true, "Pier/Time".to_owned())
        );
        let day = start - 9 * hour;
        let days = "DTSTART;VALUE=DATE:20260412\r\nDTEND;VALUE=DATE:20260414";
        assert_eq!(times(days), (day, day + 24 * hour, true, true, none()));
    }

    #[test]
    fn cancelled_events_are_marked() {
        let event = "BEGIN:VEVENT\r\nDTSTART:20260412T090000Z\r\nEND:VEVENT";
        assert!(
            parse(&format!("METHOD:CANCEL\r\n{event}"))
                .unwrap()
                .event
                .cancelled
        );
        let status = event.replace("END", "STATUS:CANCELLED\r\nEND");
        assert!(parse(&status).unwrap().event.cancelled);
        assert!(!parse(event).unwrap().event.cancelled);
    }

    #[test]
    fn a_calendar_without_an_event_has_none() {
        for odd in [
            "",
            "BEGIN:VEVENT",
            "BEGIN:VEVENT\r\nDTSTART:20261332",
            "DTSTART:x",
            ":",
            "BEGIN:VTODO\r\nDTSTART:20260412",
        ] {
            assert_eq!(parse(odd), None, "{odd}");
        }
    }
}
