//! Times and days in UTC, as reports and downloaded transcripts show them.

/// The seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// The days of 400 years, after which the Gregorian calendar repeats.
const ERA: i64 = 146_097;

/// Formats a time in seconds since 1970: `2026-11-22T03:40:12Z`.
pub(super) fn utc(seconds: i64) -> String {
    let time = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", utc_day(seconds))
}

/// Formats the day of a time in seconds since 1970: `2026-11-22`.
pub(super) fn utc_day(seconds: i64) -> String {
    // Counts from 1 March of the year 0, so that a leap day is the last day of its year.
    let days = seconds.div_euclid(DAY) + 719_468;
    let (era, day_of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let leap_days = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / (ERA - 1);
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months + 2) / 5 + 1;
    let month = if months < 10 { months + 3 } else { months - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_formatted_as_rfc_3339_requires() {
        for (seconds, time) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (1_740_787_200, "2025-03-01T00:00:00Z"),
            (1_795_318_812, "2026-11-22T03:40:12Z"),
            (2_556_143_999, "2050-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(utc(seconds), time);
        }
        assert_eq!(utc_day(1_795_318_812), "2026-11-22");
    }
}
