//! The values that are filled into the messages at the start.
//!
//! | placeholder | becomes |
//! |---|---|
//! | `{{date:-3d 09:14 +0100}}` | a date of [RFC 5322 §3.3]: three days ago at that time in that zone (UTC without one) |
//! | `{{date:-2m}}`, `{{date:-3h}}` | minutes and hours ago |
//! | `{{day:+9d}}` | a readable day: `Tuesday, 1 December` |
//! | `{{calendar:+3d 15:00}}` | a UTC time of [RFC 5545 §3.3.5]: `20261201T150000Z` |
//! | `{{picture}}` | the large picture in base64 |

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;
use time::format_description::well_known::Rfc2822;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, Time, UtcOffset};

use crate::picture;

/// The bytes in one line of base64: 76 characters ([RFC 2045 §6.8]).
const OCTETS_A_LINE: usize = 57;

/// The error for an unknown placeholder.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("unknown placeholder {{{{{0}}}}}")]
pub(crate) struct Unknown(String);

/// Fills in all placeholders of a message.
pub(crate) fn fill(template: &[u8], now: OffsetDateTime) -> Result<Vec<u8>, Unknown> {
    let mut filled = Vec::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, name, after)) = next_placeholder(rest) {
        filled.extend_from_slice(before);
        let unknown = || Unknown(String::from_utf8_lossy(name).into_owned());
        let value = value(name, now).ok_or_else(unknown)?;
        filled.extend_from_slice(value.as_bytes());
        rest = after;
    }
    filled.extend_from_slice(rest);
    Ok(filled)
}

/// Splits at the first `{{…}}`.
fn next_placeholder(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let position = |bytes: &[u8], pair: &[u8]| bytes.windows(2).position(|two| two == pair);
    let begin = position(bytes, b"{{")?;
    let (before, rest) = bytes.split_at_checked(begin)?;
    let inside = rest.get(2..)?;
    let (name, after) = inside.split_at_checked(position(inside, b"}}")?)?;
    Some((before, name, after.get(2..)?))
}

fn value(name: &[u8], now: OffsetDateTime) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    if name == "picture" {
        return Some(base64_lines(&picture::bmp()));
    }
    let (kind, when) = name.split_once(':')?;
    let moment = moment(when, now)?;
    match kind {
        "date" => moment.format(&Rfc2822).ok(),
        "day" => moment
            .format(format_description!(
                "[weekday], [day padding:none] [month repr:long]"
            ))
            .ok(),
        "calendar" => moment
            .format(format_description!(
                "[year][month][day]T[hour][minute][second]Z"
            ))
            .ok(),
        _ => None,
    }
}

/// Parses `-3d 09:14 +0100`, `+9d`, `-2m` or `-3h`.
fn moment(text: &str, now: OffsetDateTime) -> Option<OffsetDateTime> {
    let mut words = text.split(' ');
    let offset = words.next()?;
    let (count, unit) = offset.split_at_checked(offset.len().checked_sub(1)?)?;
    let count: i64 = count.parse().ok()?;
    let moment = now.checked_add(match unit {
        "d" => Duration::days(count),
        "h" => Duration::hours(count),
        "m" => Duration::minutes(count),
        _ => return None,
    })?;
    let moment = moment.replace_nanosecond(0).ok()?;
    let Some(clock) = words.next() else {
        return Some(moment);
    };
    let (hour, minute) = clock.split_once(':')?;
    let clock = Time::from_hms(hour.parse().ok()?, minute.parse().ok()?, 0).ok()?;
    let moment = moment.replace_time(clock);
    match words.next() {
        None => Some(moment),
        Some(zone) => {
            let (hours, minutes) = zone.split_at_checked(3)?;
            let zone = UtcOffset::from_hms(hours.parse().ok()?, minutes.parse().ok()?, 0).ok()?;
            Some(moment.replace_offset(zone))
        }
    }
}

fn base64_lines(bytes: &[u8]) -> String {
    let mut lines = String::with_capacity(bytes.len() / OCTETS_A_LINE * 78 + 78);
    for line in bytes.chunks(OCTETS_A_LINE) {
        STANDARD.encode_string(line, &mut lines);
        lines.push_str("\r\n");
    }
    lines
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn filled(template: &str) -> Result<String, Unknown> {
        let now = datetime!(2026-11-22 00:20:30 UTC);
        fill(template.as_bytes(), now).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn every_placeholder_is_filled_in_as_documented() {
        for (template, expected) in [
            (
                "{{date:-3d 09:14 +0100}}",
                "Thu, 19 Nov 2026 09:14:00 +0100",
            ),
            ("{{date:-3d 09:14}}", "Thu, 19 Nov 2026 09:14:00 +0000"),
            ("{{date:-2m}}", "Sun, 22 Nov 2026 00:18:30 +0000"),
            ("{{date:-3h}}", "Sat, 21 Nov 2026 21:20:30 +0000"),
            (
                "on {{day:+9d}}, or {{day:+10d}}",
                "on Tuesday, 1 December, or Wednesday, 2 December",
            ),
            ("{{calendar:+3d 15:00}}", "20261125T150000Z"),
        ] {
            assert_eq!(filled(template).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn a_misspelt_placeholder_is_named() {
        for name in [
            "dat:-3d",
            "date:3",
            "date:-3d 9.14",
            "date:-3d 25:00",
            "",
            "picture:",
        ] {
            assert_eq!(
                filled(&format!("a {{{{{name}}}}} b")),
                Err(Unknown(name.to_owned()))
            );
        }
    }

    #[test]
    fn other_braces_stay() {
        assert_eq!(filled("p { } {{ and {").as_deref(), Ok("p { } {{ and {"));
    }

    #[test]
    fn base64_lines_have_76_characters() {
        let lines = base64_lines(&[0; 58]);
        let lengths: Vec<usize> = lines.split("\r\n").map(str::len).collect();
        assert_eq!(lengths, [76, 4, 0]);
    }
}
